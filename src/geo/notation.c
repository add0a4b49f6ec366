/* Reading a position: its datum, then its notation, then whether it reads one way and where it was expected. */
#include "base/error.h"
#include "geo/helmert.h"
#include "geo/notation_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- datum --------------------------------------------------------------------------------------------------- */

/* How a datum is written: a word and, after an optional dash, a number. */
static const struct datum_name {
	const char *word;
	int number;
	int reference; /* prl_reference; -1 for one that parley knows but does not convert */
} datum_names[] = {
	{ "WGS", 84, PRL_REFERENCE_WGS84 },
	{ "SK", 42, PRL_REFERENCE_SK42 },
	{ "СК", 42, PRL_REFERENCE_SK42 },
	{ "CK", 42, PRL_REFERENCE_SK42 }, /* Latin letters that look alike */
	{ "PULKOVO", 42, PRL_REFERENCE_SK42 },
	{ "PULKOVO", 1942, PRL_REFERENCE_SK42 },
	{ "ПУЛКОВО", 42, PRL_REFERENCE_SK42 },
	{ "ПУЛКОВО", 1942, PRL_REFERENCE_SK42 },
	{ "WGS", -1, -1 },
	{ "SK", -1, -1 },
	{ "СК", -1, -1 },
	{ "CK", -1, -1 },
	{ "PULKOVO", -1, -1 },
	{ "ПУЛКОВО", -1, -1 },
	{ "ED", -1, -1 },
	{ "NAD", -1, -1 },
	{ "PZ", -1, -1 },
	{ "ПЗ", -1, -1 },
	{ "GSK", -1, -1 },
	{ "ГСК", -1, -1 },
	{ "ETRS", -1, -1 },
	{ "GCJ", -1, -1 },
	{ "BD", -1, -1 },
};

/* Tokens of a datum at t, 0 for none; *ret is its entry. */
static size_t match_datum(const prl_token *t, const struct datum_name **ret)
{
	const prl_token *number = t + 1;
	if (t->mark != PRL_MARK_WORD)
		return 0;
	if (number->mark == PRL_MARK_DASH || number->mark == PRL_MARK_SLASH)
		number++;
	if (number->mark != PRL_MARK_NUMBER)
		number = NULL;
	for (size_t i = 0; i < sizeof datum_names / sizeof *datum_names; i++) {
		const struct datum_name *d = &datum_names[i];
		if (!prl_token_is(t, d->word))
			continue;
		if (d->number < 0 || (number && !number->decimals && fabs(number->value - d->number) < 0.5)) {
			*ret = d;
			return number ? (size_t)(number - t) + 1 : 1;
		}
	}
	return 0;
}

static prl_status use_datum(prl_position_reader *r, const prl_token *at, const struct datum_name *d, prl_error *err)
{
	if (d->reference < 0) {
		prl_error_set(err, PRL_E_UNSUPPORTED,
			      "datum %s without a number that parley converts; expected WGS-84 or SK-42", d->word);
		return prl_error_at(err, PRL_E_UNSUPPORTED, "column %zu", at->column);
	}
	if (r->reference_said && (int)r->reference != d->reference) {
		prl_error_set(err, PRL_E_SYNTAX, "two datums, WGS-84 and SK-42; expected one");
		return prl_error_at(err, PRL_E_SYNTAX, "column %zu", at->column);
	}
	r->reference = (prl_reference)d->reference;
	r->reference_said = true;
	return PRL_OK;
}

static bool is_any(const prl_token *t, prl_mark a, prl_mark b)
{
	return t->mark == a || t->mark == b;
}

/* Whether a position can have ended at end, so that what follows may be a datum: in "39S SK 42" and "49G CJ 75" the
 * letters are those of an MGRS square. Every position has two numbers but a polar MGRS reference, which has one. */
static bool numbers_suffice(const prl_token *t, const prl_token *end)
{
	int numbers = 0;
	t += prl_token_is(t, "MGRS");
	bool word_first = t->mark == PRL_MARK_WORD;
	for (; t < end; t++)
		numbers += t->mark == PRL_MARK_NUMBER;
	return numbers >= 2 - word_first;
}

/* Takes the datum off both ends of the tokens, with a colon, comma or brackets beside it. */
static prl_status take_datum(prl_position_reader *r, prl_tokens *tokens, prl_error *err)
{
	const struct datum_name *d = NULL;
	const prl_token *t = tokens->at;
	bool open = t->mark == PRL_MARK_OPEN;
	size_t size = match_datum(t + open, &d);
	r->tokens = t;
	if (size && (!open || t[open + size].mark == PRL_MARK_CLOSE)) {
		prl_status status = use_datum(r, t, d, err);
		if (status)
			return status;
		t += size + (open ? 2 : 0);
		t += is_any(t, PRL_MARK_COLON, PRL_MARK_COMMA) || is_any(t, PRL_MARK_SEMICOLON, PRL_MARK_SLASH);
		r->tokens = t;
	}
	prl_token *end = &tokens->at[tokens->count];
	for (prl_token *last = end; last-- > r->tokens;) {
		if (!numbers_suffice(r->tokens, last))
			break;
		bool close = end[-1].mark == PRL_MARK_CLOSE;
		size = match_datum(last, &d);
		if (!size || last + size + close != end || last == r->tokens)
			continue;
		if (close && last[-1].mark != PRL_MARK_OPEN)
			break;
		prl_status status = use_datum(r, last, d, err);
		last -= close;
		last -= last > r->tokens && is_any(last - 1, PRL_MARK_COMMA, PRL_MARK_SEMICOLON);
		*last = (prl_token){ .mark = PRL_MARK_END, .column = last->column };
		return status;
	}
	return PRL_OK;
}

/* ---- readings ------------------------------------------------------------------------------------------------ */

void prl_position_reader_add(prl_position_reader *r, prl_position position, const char *meaning)
{
	prl_readings *f = &r->found;
	position.reference = r->reference;
	if (r->reference == PRL_REFERENCE_SK42) {
		position.place = prl_sk42_to_wgs84(position.place);
		position.conversion_m += prl_sk42_error_m(position.place);
	}
	/* The shift, and a longitude of ±180 written with the other sign, never leave the range. */
	position.place.lng_deg = prl_longitude_wrap(position.place.lng_deg);
	position.error_m = position.precision_m + position.conversion_m;
	for (size_t i = 0; i < f->count; i++)
		if (prl_distance_m(f->readings[i].position.place, position.place) < 1e-6)
			return;
	if (f->count == PRL_MAX_READINGS)
		return;
	f->readings[f->count].position = position;
	snprintf(f->readings[f->count].meaning, sizeof f->readings[f->count].meaning, "%s", meaning);
	f->count++;
}

/* A place as people see it in an error: degrees to about 1 m. */
static void show_place(prl_latlng place, char text[PRL_POSITION_FORMAT_MAX])
{
	if (prl_position_format(place, PRL_NOTATION_DEGREES, PRL_REFERENCE_WGS84, 2, text, NULL, NULL))
		snprintf(text, PRL_POSITION_FORMAT_MAX, "nowhere");
}

static int show_distance(char *text, size_t size, double metres)
{
	return metres < 10000 ? snprintf(text, size, "%.0f m", metres) : snprintf(text, size, "%.0f km", metres / 1000);
}

static prl_status refuse_ambiguous(const prl_position_reader *r, prl_readings *ret_readings, prl_error *err)
{
	prl_readings f = r->found;
	char list[PRL_MAX_READINGS * 96] = "", apart[32], place[PRL_POSITION_FORMAT_MAX];
	size_t used = 0;
	for (size_t i = 0; i < f.count; i++) {
		struct prl_reading *one = &f.readings[i];
		char meaning[sizeof one->meaning];
		memcpy(meaning, one->meaning, sizeof meaning);
		show_place(one->position.place, place);
		snprintf(one->meaning, sizeof one->meaning, "%.50s: %.40s", meaning, place);
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? "; or " : "", one->meaning);
		for (size_t j = 0; j < i; j++)
			f.apart_m = fmax(f.apart_m, prl_distance_m(f.readings[j].position.place, one->position.place));
	}
	show_distance(apart, sizeof apart, f.apart_m);
	if (ret_readings)
		*ret_readings = f;
	return prl_error_set(err, PRL_E_AMBIGUOUS, "reads %s: %s; %s apart: %s",
			     f.count == 2 ? "two ways" : "several ways", list, apart,
			     r->advice ? r->advice : "write it in full");
}

/* ---- the expected place -------------------------------------------------------------------------------------- */

/* Width in degrees of the zones of a grid whose zone is written as a number, 0 for the rest. MGRS is left out: its
 * letters change with the zone, so that a wrong number rarely leaves a reference that exists. */
static int zone_width(prl_notation notation)
{
	return notation == PRL_NOTATION_UTM || notation == PRL_NOTATION_GK ? 6 : notation == PRL_NOTATION_GK3 ? 3 : 0;
}

/* The same numbers in the zone nearest to the expected place, when that fits: the commonest slip. */
static void suggest_zone(const prl_position *p, prl_latlng expected, double limit_m, char *text, size_t size)
{
	int width = zone_width(p->notation), zones = width ? 360 / width : 1;
	*text = 0;
	if (!width)
		return;
	int steps = (int)round(prl_longitude_wrap(expected.lng_deg - p->place.lng_deg) / width);
	prl_latlng there = { p->place.lat_deg, prl_longitude_wrap(p->place.lng_deg + steps * width) };
	/* Shifting the datum after the zone instead of before moves the place by less than 300 m, twice the shift. */
	if (steps && prl_distance_m(there, expected) <= limit_m + 300)
		snprintf(text, size, "; zone %d would fit, zone %d is written",
			 (p->zone - 1 + steps + zones) % zones + 1, p->zone);
}

static prl_status check_expected(const prl_position *p, const prl_position_options *o, prl_error *err)
{
	if (!o->expected)
		return PRL_OK;
	double off = prl_distance_m(p->place, *o->expected), limit = p->error_m + o->expected_error_m;
	if (off <= limit)
		return PRL_OK;
	char read[PRL_POSITION_FORMAT_MAX], want[PRL_POSITION_FORMAT_MAX], zone[64], far[32], near[32];
	show_place(p->place, read);
	show_place(*o->expected, want);
	show_distance(far, sizeof far, off);
	show_distance(near, sizeof near, limit);
	suggest_zone(p, *o->expected, limit, zone, sizeof zone);
	return prl_error_set(err, PRL_E_RANGE,
			     "reads as %s, which is %s from the expected place %s; expected within %s%s", read, far,
			     want, near, zone);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static prl_status read_notation(prl_position_reader *r, prl_error *err)
{
	if (r->tokens->mark == PRL_MARK_END)
		return prl_token_error(r->tokens, "a latitude and a longitude, or a grid reference", err);
	if (prl_looks_gk(r->tokens, r->reference == PRL_REFERENCE_SK42))
		return prl_read_gk(r, err);
	if (prl_looks_mgrs(r->tokens))
		return prl_read_mgrs(r, err);
	if (prl_looks_utm(r->tokens))
		return prl_read_utm(r, err);
	return prl_read_degrees(r, err);
}

static bool usable(prl_latlng p)
{
	return fabs(p.lat_deg) <= 90 && fabs(p.lng_deg) <= 540;
}

prl_status prl_position_parse(const char *text, size_t length, const prl_position_options *options,
			      prl_position *ret_position, prl_readings *ret_readings, prl_error *err)
{
	prl_tokens tokens;
	prl_position_reader r = { .options = options ? *options : (prl_position_options){ 0 } };
	if (ret_readings)
		ret_readings->count = 0;
	if (length > PRL_POSITION_TEXT_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu bytes are too long for a position; expected at most %d",
				     length, PRL_POSITION_TEXT_MAX);
	if (r.options.expected && !(usable(*r.options.expected) && r.options.expected_error_m >= 0))
		return prl_error_set(err, PRL_E_RANGE, "the expected place or its error is out of range");
	prl_status status = prl_tokens_read(length ? text : "", length, &tokens, err);
	if (!status)
		status = take_datum(&r, &tokens, err);
	if (!status)
		status = read_notation(&r, err);
	if (status)
		return status;
	if (r.found.count > 1)
		return refuse_ambiguous(&r, ret_readings, err);
	prl_position *found = &r.found.readings[0].position;
	status = check_expected(found, &r.options, err);
	if (status)
		return status;
	if (length)
		memcpy(found->text, text, length);
	found->text[length] = 0;
	*ret_position = *found;
	return PRL_OK;
}
