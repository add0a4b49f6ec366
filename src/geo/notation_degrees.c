/* Latitude and longitude in degrees, degrees and minutes, or degrees, minutes and seconds. */
#include "geo/notation_read.h"

#include "base/error.h"
#include "geo/ellipsoid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One of the two angles, taken apart but not yet judged. */
struct angle {
	int axis;                    /* 1 latitude, 2 longitude, by a word in front; 0 for none */
	char letter;                 /* N, S, E, W; O for either east or west; 0 for none */
	int sign;                    /* as written: -1, 1; 0 for none */
	int count;                   /* numbers */
	bool degree_mark, last_mark; /* a mark after the degrees, after the last number */
	const prl_token *number[3], *first;
};

/* An angle as degrees. */
struct degrees {
	double value, half_unit;
	int parts;
};

double prl_degrees_radius_m(double lat_deg, double half_lat_deg, double half_lng_deg)
{
	/* A degree of latitude is at most 111,694 m (at the poles); one of longitude at most 111,320 · 1.00337 · cos of
	 * the latitude (N <= a / √(1 − e²)), taken at the edge nearest the equator. 0.2 % hold the curvature of a cell
	 * of up to 1° by 1°; 1 µm holds the arithmetic. */
	double edge = fmax(fabs(lat_deg) - half_lat_deg, 0);
	double radius = hypot(half_lat_deg, half_lng_deg * cos(edge / PRL_RADIAN)) * 111700;
	return radius * 1.002 + 1e-6;
}

/* ---- taking apart -------------------------------------------------------------------------------------------- */

static char letter_of(const prl_token *t)
{
	static const struct {
		const char *word;
		char letter;
	} words[] = { { "N", 'N' },     { "S", 'S' },     { "E", 'E' },    { "W", 'W' },   { "O", 'O' },
		      { "NORTH", 'N' }, { "SOUTH", 'S' }, { "EAST", 'E' }, { "WEST", 'W' } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (prl_token_is(t, words[i].word))
			return words[i].letter;
	return 0;
}

/* A word that names the axis: 1 latitude, 2 longitude. It says nothing of the hemisphere. */
static int axis_word(const prl_token *t)
{
	static const char *const words[2][5] = { { "LAT", "LATITUDE", "ШИРОТА", NULL },
						 { "LON", "LNG", "LONG", "LONGITUDE", "ДОЛГОТА" } };
	for (int axis = 0; axis < 2; axis++)
		for (int i = 0; i < 5 && words[axis][i]; i++)
			if (prl_token_is(t, words[axis][i]))
				return axis + 1;
	return 0;
}

static bool is_sign(const prl_token *t)
{
	return t->mark == PRL_MARK_PLUS || t->mark == PRL_MARK_DASH;
}

static bool is_separator(const prl_token *t)
{
	return t->mark == PRL_MARK_COMMA || t->mark == PRL_MARK_SEMICOLON || t->mark == PRL_MARK_SLASH;
}

/* A dash or colon that joins the parts of one angle: 35-17-06N, 35:17:06N; never with spaces round it. */
static bool is_joiner(const prl_token *t)
{
	return (t->mark == PRL_MARK_DASH || t->mark == PRL_MARK_COLON) && !t->spaced && !t[1].spaced &&
	       t[1].mark == PRL_MARK_NUMBER;
}

/* Reads tokens [t, end) as one angle; all of them. */
static prl_status take_angle(const prl_token *t, const prl_token *end, struct angle *a, prl_error *err)
{
	static const prl_mark marks[3] = { PRL_MARK_DEGREE, PRL_MARK_MINUTE, PRL_MARK_SECOND };
	*a = (struct angle){ .first = t };
	if (t < end && (a->axis = axis_word(t)))
		t += 1 + (t[1].mark == PRL_MARK_COLON || t[1].mark == PRL_MARK_EQUALS);
	if (t < end && (a->letter = letter_of(t)))
		t++;
	if (t < end && is_sign(t))
		a->sign = t++->mark == PRL_MARK_DASH ? -1 : 1;
	while (t < end && t->mark == PRL_MARK_NUMBER && a->count < 3) {
		a->number[a->count] = t++;
		a->last_mark = false;
		if (t < end && t->mark == marks[a->count]) {
			a->degree_mark |= a->count == 0;
			a->last_mark = true;
			t++;
		}
		a->count++;
		if (t + 1 < end && is_joiner(t))
			t++;
	}
	if (!a->count)
		return prl_token_error(t, "a number of degrees", err);
	if (t < end && !a->letter && (a->letter = letter_of(t)))
		t++;
	if (t < end)
		return prl_token_error(t,
				       a->letter ? "the end of the angle after its letter"
						 : "degrees, minutes, seconds and one of N, S, E, W",
				       err);
	if (a->letter && a->sign) {
		prl_error_set(err, PRL_E_SYNTAX, "both a sign and the letter %c; expected one of them", a->letter);
		return prl_error_at(err, PRL_E_SYNTAX, "column %zu", a->first->column);
	}
	return PRL_OK;
}

/* Where the second angle begins, its separator included; NULL and an error when nothing says so. */
static const prl_token *boundary(const prl_token *t, const prl_token **ret_end, prl_error *err)
{
	const prl_token *end = t, *letter[3] = { NULL }, *separator = NULL, *number[2] = { NULL },
			*degree[2] = { NULL };
	const prl_token *word = NULL;
	int letters = 0, numbers = 0, degrees = 0;
	for (; end->mark != PRL_MARK_END; end++) {
		if (letter_of(end) && letters < 3)
			letter[letters++] = end;
		if (axis_word(end) && end > t && !word)
			word = end;
		if (is_separator(end) && !separator)
			separator = end;
		if (end->mark == PRL_MARK_NUMBER && numbers++ < 2)
			number[numbers - 1] = end;
		if (end->mark == PRL_MARK_NUMBER && end[1].mark == PRL_MARK_DEGREE && degrees++ < 2)
			degree[degrees - 1] = end;
	}
	*ret_end = end;
	if (word)
		return word; /* lat 35.285 lon … */
	if (letters >= 1 && letter[0] != t && letter[0] + 1 < end)
		return letter[0] + 1; /* 35.285N … */
	if (letters >= 2 && letter[0] == t && letter[1] + 1 < end)
		return letter[1]; /* N35.285 E … */
	if (separator)
		return separator;
	const prl_token *second = degrees >= 2 ? degree[1] : numbers == 2 ? number[1] : NULL;
	if (second && second > t && is_sign(second - 1)) {
		second--;
		if (!second->spaced && !is_sign(t)) {
			prl_error_set(err, PRL_E_SYNTAX,
				      "this may be a sign or join two numbers; expected a space before a sign");
			prl_error_at(err, PRL_E_SYNTAX, "column %zu", second->column);
			return NULL;
		}
	}
	if (!second && numbers < 2)
		prl_token_error(end, "a latitude and a longitude", err);
	else if (!second)
		prl_error_set(err, PRL_E_SYNTAX,
			      "cannot tell where the first angle ends; expected letters N, S, E, W, a comma "
			      "or degree signs");
	return second;
}

/* ---- judging ------------------------------------------------------------------------------------------------- */

/* Four digits or more before the point are degrees with minutes, or with minutes and seconds. */
static bool is_packed(const struct angle *a)
{
	return a->count == 1 && !a->degree_mark && a->number[0]->digits > 3;
}

static prl_status check_part(const prl_token *t, double value, const char *what, prl_error *err)
{
	if (value < 60)
		return PRL_OK;
	prl_error_set(err, PRL_E_RANGE, "%s %.*f are out of range, expected less than 60", what,
		      t->decimals < 9 ? t->decimals : 9, value);
	return prl_error_at(err, PRL_E_RANGE, "column %zu", t->column);
}

/* 3517, 3517.1, 351706.5 …: the last two or four digits before the point are minutes and seconds. */
static prl_status unpack(const struct angle *a, bool latitude, struct degrees *d, prl_error *err)
{
	const prl_token *t = a->number[0];
	bool seconds = t->digits >= 6, known = latitude ? t->digits == 4 || t->digits == 6 : t->digits <= 7;
	if (!a->letter)
		return prl_token_error(t, "degrees up to 180, one of N, S, E, W with minutes, or a zone with a grid",
				       err);
	if (!known)
		return prl_token_error(
			t,
			latitude ? "a latitude of 2 digits (degrees), 4 (and minutes) or 6 (and seconds)"
				 : "a longitude of 3 digits (degrees), 5 (and minutes) or 7 (and seconds)",
			err);
	double scale = seconds ? 10000 : 100, whole = floor(t->value / scale), rest = t->value - whole * scale;
	double minutes = seconds ? floor(rest / 100) : rest, second = seconds ? rest - 100 * minutes : 0;
	prl_status status = check_part(t, minutes, "minutes", err);
	if (!status)
		status = check_part(t, second, "seconds", err);
	*d = (struct degrees){ .value = whole + minutes / 60 + second / 3600,
			       .half_unit = t->unit / (seconds ? 7200 : 120),
			       .parts = seconds ? 3 : 2 };
	return status;
}

/* The same digits read as decimal degrees whose point was lost: two digits of degrees, three where the width says so.
 */
static struct degrees without_point(const prl_token *t, bool latitude)
{
	int whole = latitude || t->digits % 2 == 0 ? 2 : 3;
	double power = pow(10, t->digits - whole);
	return (struct degrees){ .value = t->value / power, .half_unit = t->unit / power / 2, .parts = 1 };
}

static prl_status to_degrees(const struct angle *a, bool latitude, struct degrees *d, prl_error *err)
{
	static const char *const names[3] = { "degrees", "minutes", "seconds" };
	if (is_packed(a))
		return unpack(a, latitude, d, err);
	double value = 0, size = 1;
	for (int i = 0; i < a->count; i++, size *= 60) {
		const prl_token *t = a->number[i];
		if (i + 1 < a->count && t->decimals)
			return prl_token_error(t, "whole numbers before the last part of an angle", err);
		prl_status status = i ? check_part(t, t->value, names[i], err) : PRL_OK;
		if (status)
			return status;
		value += t->value / size;
	}
	*d = (struct degrees){ value, a->number[a->count - 1]->unit / (2 * size / 60), a->count };
	return PRL_OK;
}

static double signed_degrees(const struct angle *a, const struct degrees *d, bool west)
{
	bool negative = a->letter == 'S' || a->letter == 'W' || (a->letter == 'O' && west) || a->sign < 0;
	return negative ? -d->value : d->value;
}

static prl_status check_range(const struct angle *a, const struct degrees *d, bool latitude, prl_error *err)
{
	if (d->value <= (latitude ? 90 : 180))
		return PRL_OK;
	prl_error_set(err, PRL_E_RANGE, "%s %s%.9g is out of range, expected -%d to %d",
		      latitude ? "latitude" : "longitude", a->sign < 0 ? "-" : "", d->value, latitude ? 90 : 180,
		      latitude ? 90 : 180);
	return prl_error_at(err, PRL_E_RANGE, "column %zu", a->first->column);
}

static void add(prl_position_reader *r, const struct angle *lat, const struct angle *lng, const struct degrees d[2],
		bool west, const char *meaning)
{
	static const prl_notation notations[4] = { 0, PRL_NOTATION_DEGREES, PRL_NOTATION_MINUTES,
						   PRL_NOTATION_SECONDS };
	prl_position p = {
		.place = { signed_degrees(lat, &d[0], false), signed_degrees(lng, &d[1], west) },
		.notation = notations[d[0].parts > d[1].parts ? d[0].parts : d[1].parts],
		.precision_m = prl_degrees_radius_m(d[0].value, d[0].half_unit, d[1].half_unit),
	};
	prl_position_reader_add(r, p, meaning);
}

/* Whether digits without a point can be told from decimal degrees that lost theirs: by the widths of ICAO Annex 15 and
 * Doc 4444 (DDMM DDDMM, DDMMSS DDDMMSS), or by a point of their own. */
static bool packed_reads_one_way(const struct angle *lat, const struct angle *lng)
{
	const prl_token *a = lat->number[0], *b = lng->number[0];
	bool lat_packed = is_packed(lat), lng_packed = is_packed(lng);
	if (lat_packed && lng_packed && b->digits == a->digits + 1)
		return true;
	return !(lat_packed && !a->decimals) && !(lng_packed && !b->decimals);
}

/* "35°17′N 40.10E": the point may part degrees from minutes, as the other angle has them. Refused where the angle with
 * fewer parts has decimals and no mark after them. */
static prl_status check_same_form(const struct angle *a, const struct degrees *d, const struct degrees *other,
				  prl_error *err)
{
	if (d->parts >= other->parts || a->last_mark || !a->number[a->count - 1]->decimals)
		return PRL_OK;
	prl_error_set(
		err, PRL_E_SYNTAX,
		"one angle has %s and the other a decimal point in their place; expected the same form in both, or "
		"the mark ° or ′ after the decimals",
		other->parts == 3 ? "seconds" : "minutes");
	return prl_error_at(err, PRL_E_SYNTAX, "column %zu", a->first->column);
}

/* Both angles with their axes known: one reading, two where a point may be lost, twice that with the letter O. */
static prl_status read_axes(prl_position_reader *r, const struct angle *lat, const struct angle *lng,
			    const char *meaning, prl_error *err)
{
	struct degrees d[2];
	prl_status status = to_degrees(lat, true, &d[0], err);
	if (!status)
		status = to_degrees(lng, false, &d[1], err);
	if (!status)
		status = check_range(lat, &d[0], true, err);
	if (!status)
		status = check_range(lng, &d[1], false, err);
	bool one_way = packed_reads_one_way(lat, lng), o = lng->letter == 'O';
	if (!status && one_way)
		status = check_same_form(lat, &d[0], &d[1], err);
	if (!status && one_way)
		status = check_same_form(lng, &d[1], &d[0], err);
	if (status)
		return status;
	if (!one_way)
		r->advice = "write 35°17′N or 35.17°N, or 4 digits of latitude and 5 of longitude";
	if (o)
		r->advice = "write E or W";
	for (int west = 0; west <= o; west++)
		add(r, lat, lng, d, west,
		    o         ? west ? "O for west (ouest, oeste)" : "O for east (Ost)"
		    : one_way ? meaning
			      : "degrees and minutes");
	if (one_way)
		return PRL_OK;
	if (is_packed(lat))
		d[0] = without_point(lat->number[0], true);
	if (is_packed(lng) && !lng->number[0]->decimals)
		d[1] = without_point(lng->number[0], false);
	for (int west = 0; west <= o && d[0].value <= 90 && d[1].value <= 180; west++)
		add(r, lat, lng, d, west, "decimal degrees without their point");
	return PRL_OK;
}

/* Neither angle has a letter: the order given, else a value over 90, else both orders. */
static prl_status read_bare(prl_position_reader *r, const struct angle a[2], prl_error *err)
{
	struct degrees d[2];
	for (int i = 0; i < 2; i++) {
		prl_status status = to_degrees(&a[i], false, &d[i], err);
		if (status)
			return status;
	}
	prl_order order = r->options.order;
	if (order == PRL_ORDER_UNKNOWN && d[0].value > 90 && d[1].value <= 90)
		order = PRL_ORDER_LNG_LAT;
	if (order == PRL_ORDER_UNKNOWN && d[1].value > 90)
		order = PRL_ORDER_LAT_LNG;
	if (order != PRL_ORDER_UNKNOWN)
		return read_axes(r, &a[order == PRL_ORDER_LNG_LAT], &a[order != PRL_ORDER_LNG_LAT], "", err);
	r->advice = "write N or S, and E or W";
	prl_status status = read_axes(r, &a[0], &a[1], "latitude first", err);
	return status ? status : read_axes(r, &a[1], &a[0], "longitude first", err);
}

/* "35,285 40,176": decimal marks when both angles end so; one alone is refused. */
static prl_status check_commas(const struct angle a[2], prl_error *err)
{
	const prl_token *last[2] = { a[0].number[a[0].count - 1], a[1].number[a[1].count - 1] };
	for (int i = 0; i < 2; i++)
		if (last[i]->comma && !last[1 - i]->comma) {
			prl_error_set(
				err, PRL_E_SYNTAX,
				"the comma may be a decimal mark or a separator; expected a point as decimal mark");
			return prl_error_at(err, PRL_E_SYNTAX, "column %zu", last[i]->column);
		}
	return PRL_OK;
}

static int axis_of(const struct angle *a)
{
	return a->axis ? a->axis : !a->letter ? 0 : a->letter == 'N' || a->letter == 'S' ? 1 : 2;
}

/* The axes of both angles, 0 where nothing says; refused where the words and letters contradict each other. */
static prl_status find_axes(const struct angle a[2], int axis[2], prl_error *err)
{
	for (int i = 0; i < 2; i++) {
		axis[i] = axis_of(&a[i]);
		bool north_south = a[i].letter == 'N' || a[i].letter == 'S';
		if (a[i].axis && a[i].letter && north_south != (a[i].axis == 1)) {
			prl_error_set(err, PRL_E_SYNTAX, "the word says %s, the letter %c says otherwise",
				      a[i].axis == 1 ? "latitude" : "longitude", a[i].letter);
			return prl_error_at(err, PRL_E_SYNTAX, "column %zu", a[i].first->column);
		}
	}
	if (!axis[0] || axis[0] != axis[1])
		return PRL_OK;
	prl_error_set(err, PRL_E_SYNTAX, "two %s; expected one latitude and one longitude",
		      axis[0] == 1 ? "latitudes" : "longitudes");
	return prl_error_at(err, PRL_E_SYNTAX, "column %zu", a[1].first->column);
}

prl_status prl_read_degrees(prl_position_reader *r, prl_error *err)
{
	const prl_token *end, *second = boundary(r->tokens, &end, err), *first_end = second;
	struct angle a[2];
	if (!second)
		return PRL_E_SYNTAX;
	if (first_end > r->tokens && is_separator(first_end - 1))
		first_end--;
	else if (is_separator(second))
		second++;
	prl_status status = take_angle(r->tokens, first_end, &a[0], err);
	if (!status)
		status = take_angle(second, end, &a[1], err);
	if (!status)
		status = check_commas(a, err);
	int axis[2] = { 0 };
	if (!status)
		status = find_axes(a, axis, err);
	if (status)
		return status;
	if (!axis[0] && !axis[1])
		return read_bare(r, a, err);
	bool lng_first = axis[0] == 2 || axis[1] == 1;
	return read_axes(r, &a[lng_first], &a[!lng_first], "", err);
}
