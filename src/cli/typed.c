#include "cli/typed.h"

#include "base/error.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAY_S  INT64_C(86400)
#define HALF_S (DAY_S / 2)

/* ---- times ------------------------------------------------------------------------------------------------------- */

typedef struct unit {
	const char *name;
	int64_t seconds;
} unit;

static const unit units[] = {
	{ "s", 1 },       { "sec", 1 },      { "second", 1 },  { "seconds", 1 },  { "min", 60 },
	{ "m", 60 },      { "mins", 60 },    { "minute", 60 }, { "minutes", 60 }, { "h", 3600 },
	{ "hour", 3600 }, { "hours", 3600 }, { "d", 86400 },   { "day", 86400 },  { "days", 86400 },
};

static int64_t unit_seconds(const char *name)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcasecmp(units[i].name, name) == 0)
			return units[i].seconds;
	return 0;
}

static prl_status relative(const char *text, prl_time now, prl_time *ret, prl_error *err)
{
	char name[16];
	unsigned value;
	int used = 0;
	if (sscanf(text + 1, "%7u %15[a-zA-Z]%n", &value, name, &used) != 2 || text[1 + used] ||
	    !isdigit((unsigned char)text[1]))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.40s\" is no time from now; expected +60min, +2h, +90s or +1d", text);
	int64_t seconds = unit_seconds(name);
	if (!seconds)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.15s\" is no unit of time; expected s, min, h or d", name);
	if ((int64_t)value * seconds > 3660 * DAY_S)
		return prl_error_set(err, PRL_E_RANGE, "\"%.40s\" is more than ten years", text);
	int64_t by = (int64_t)value * seconds * PRL_SECOND;
	*ret = text[0] == '-' ? now - by : now + by;
	return PRL_OK;
}

/* Digits "HH:MM" or "HHMM" at text; *ret_used characters. */
static bool clock_digits(const char *text, unsigned *ret_hour, unsigned *ret_minute, size_t *ret_used)
{
	size_t digits = strspn(text, "0123456789");
	bool colon =
		(digits == 1 || digits == 2) && text[digits] == ':' && strspn(text + digits + 1, "0123456789") == 2;
	if (!colon && digits != 4)
		return false;
	unsigned hour = colon ? (unsigned)atoi(text) : (unsigned)((text[0] - '0') * 10 + text[1] - '0');
	const char *minute = colon ? text + digits + 1 : text + 2;
	*ret_hour = hour;
	*ret_minute = (unsigned)((minute[0] - '0') * 10 + minute[1] - '0');
	*ret_used = colon ? digits + 3 : 4;
	return hour < 24 && *ret_minute < 60;
}

/* The nearest such time of day: at most 12 h away. */
static prl_time clock_near(unsigned hour, unsigned minute, prl_time now)
{
	int64_t now_s = now / PRL_SECOND, at_s = now_s - now_s % DAY_S + (int64_t)(hour * 3600 + minute * 60);
	if (now_s - at_s > HALF_S)
		at_s += DAY_S; /* "01:10Z" said at 23:00Z is tomorrow's */
	else if (at_s - now_s > HALF_S)
		at_s -= DAY_S; /* "23:50Z" said at 00:10Z is yesterday's */
	return at_s * PRL_SECOND;
}

prl_status prl_typed_time(const char *text, prl_time now, prl_time *ret, prl_error *err)
{
	unsigned hour, minute;
	size_t used;
	if (strcmp(text, "now") == 0) {
		*ret = now / PRL_SECOND * PRL_SECOND;
		return PRL_OK;
	}
	if (text[0] == '+' || text[0] == '-')
		return relative(text, now / PRL_SECOND * PRL_SECOND, ret, err);
	if (clock_digits(text, &hour, &minute, &used)) {
		if (strcmp(text + used, "Z") == 0 || strcmp(text + used, "z") == 0) {
			*ret = clock_near(hour, minute, now);
			return PRL_OK;
		}
		if (!text[used])
			return prl_error_set(err, PRL_E_AMBIGUOUS,
					     "\"%.20s\" does not say in which zone; expected UTC as %02u:%02uZ, or RFC "
					     "3339 with an offset",
					     text, hour, minute);
	}
	prl_status st = prl_time_parse(text, strlen(text), ret, err);
	if (st == PRL_E_SYNTAX)
		return prl_error_set(
			err, st, "\"%.40s\" is no time; expected +60min, 13:52Z, 2016-09-17T12:55:00Z or now", text);
	return st;
}

prl_status prl_typed_time_json(const char *text, prl_time now, json_t **ret, prl_error *err)
{
	char written[PRL_TIME_TEXT_MAX];
	prl_time time;
	prl_status st = prl_typed_time(text, now, &time, err);
	if (st)
		return st;
	prl_time_format(time, written);
	*ret = json_string(written);
	return *ret ? PRL_OK : prl_error_memory(err);
}

/* ---- levels and distances ---------------------------------------------------------------------------------------- */

/* Without spaces; commas inside numbers are dropped where three digits follow. */
static void squeeze(const char *text, char *to, size_t room)
{
	size_t used = 0;
	for (size_t i = 0; text[i] && used + 1 < room; i++) {
		bool thousands = text[i] == ',' && i && isdigit((unsigned char)text[i - 1]) &&
				 strspn(text + i + 1, "0123456789") == 3;
		if (text[i] != ' ' && !thousands)
			to[used++] = text[i];
	}
	to[used] = 0;
}

static prl_status level_bad(const char *text, prl_error *err)
{
	return prl_error_set(
		err, PRL_E_SYNTAX,
		"\"%.40s\" is no level; expected FL245, 300mAGL, 4500ftMSL or 120mW84 (unit and datum are needed)",
		text);
}

prl_status prl_typed_level(const char *text, json_t **ret, prl_error *err)
{
	static const char *const datums[] = { "AGL", "MSL", "W84" };
	char shown[64], *end;
	squeeze(text, shown, sizeof shown);
	bool flight = strncasecmp(shown, "FL", 2) == 0;
	const char *from = flight ? shown + 2 : shown;
	if (!isdigit((unsigned char)from[*from == '-' || *from == '+']))
		return level_bad(text, err);
	double value = strtod(from, &end);
	if (!isfinite(value))
		return level_bad(text, err);
	if (flight) {
		if (*end)
			return level_bad(text, err);
		*ret = json_pack("{s:o, s:s}", "value",
				 value == floor(value) ? json_integer((json_int_t)value) : json_real(value), "unit",
				 "FL");
		return *ret ? PRL_OK : prl_error_memory(err);
	}
	bool feet = strncasecmp(end, "ft", 2) == 0;
	if (!feet && tolower((unsigned char)*end) != 'm')
		return level_bad(text, err);
	end += feet ? 2 : 1;
	for (size_t i = 0; i < 3; i++)
		if (strcasecmp(end, datums[i]) == 0) {
			*ret = json_pack("{s:o, s:s, s:s}", "value",
					 value == floor(value) ? json_integer((json_int_t)value) : json_real(value),
					 "unit", feet ? "FT" : "M", "datum", datums[i]);
			return *ret ? PRL_OK : prl_error_memory(err);
		}
	return level_bad(text, err);
}

prl_status prl_typed_distance(const char *text, double *ret_m, prl_error *err)
{
	static const struct {
		const char *name;
		double metres;
	} lengths[] = { { "m", 1 }, { "km", 1000 }, { "NM", 1852 }, { "ft", 0.3048 }, { "mi", 1609.344 } };
	char shown[64], *end;
	squeeze(text, shown, sizeof shown);
	double value = isdigit((unsigned char)shown[0]) ? strtod(shown, &end) : -1;
	for (size_t i = 0; value >= 0 && isfinite(value) && i < sizeof lengths / sizeof *lengths; i++)
		if (strcasecmp(end, lengths[i].name) == 0) {
			*ret_m = value * lengths[i].metres;
			return PRL_OK;
		}
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is no distance; expected a number with m, km, NM, ft or mi",
			     text);
}

/* ---- words heard ------------------------------------------------------------------------------------------------- */

/* ASCII and Cyrillic letters made small; marks become spaces, so that words can be found between spaces. */
static void plain(const char *words, char *to, size_t room)
{
	size_t used = 1;
	to[0] = ' ';
	for (const unsigned char *c = (const unsigned char *)words; *c && used + 3 < room; c++) {
		if (c[0] == 0xd0 && c[1] >= 0x90 && c[1] <= 0x9f) { /* А-П */
			to[used++] = (char)0xd0;
			to[used++] = (char)(*++c + 0x20);
		} else if (c[0] == 0xd0 && c[1] >= 0xa0 && c[1] <= 0xaf) { /* Р-Я */
			to[used++] = (char)0xd1;
			to[used++] = (char)(*++c - 0x20);
		} else {
			bool mark = *c < 0x80 && !isalnum(*c) && *c != ':';
			to[used++] = mark ? ' ' : (char)tolower(*c);
		}
	}
	to[used++] = ' ';
	to[used] = 0;
}

static int64_t number_word(const char *word)
{
	static const struct {
		const char *name;
		int value;
	} numbers[] = {
		{ "one", 1 },     { "an", 1 },      { "a", 1 },           { "two", 2 },       { "three", 3 },
		{ "four", 4 },    { "five", 5 },    { "six", 6 },         { "seven", 7 },     { "eight", 8 },
		{ "nine", 9 },    { "ten", 10 },    { "twelve", 12 },     { "fifteen", 15 },  { "twenty", 20 },
		{ "thirty", 30 }, { "forty", 40 },  { "forty-five", 45 }, { "fifty", 50 },    { "sixty", 60 },
		{ "ninety", 90 }, { "один", 1 },    { "два", 2 },         { "две", 2 },       { "три", 3 },
		{ "пять", 5 },    { "десять", 10 }, { "пятнадцать", 15 }, { "двадцать", 20 }, { "тридцать", 30 },
	};
	size_t digits = strspn(word, "0123456789");
	if (digits && !word[digits] && digits <= 4)
		return atoi(word);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(numbers[i].name, word) == 0)
			return numbers[i].value;
	return -1;
}

static int64_t unit_word(const char *word)
{
	static const unit russian[] = { { "час", 3600 },  { "часа", 3600 }, { "часов", 3600 },
					{ "минуту", 60 }, { "минуты", 60 }, { "минут", 60 } };
	if (strcmp(word, "m") == 0 || strcmp(word, "s") == 0 || strcmp(word, "d") == 0)
		return 0; /* "20 m" is a distance as well */
	for (size_t i = 0; i < sizeof russian / sizeof *russian; i++)
		if (strcmp(russian[i].name, word) == 0)
			return russian[i].seconds;
	return unit_seconds(word);
}

typedef struct found_times {
	size_t count;
	int64_t lead_s;
	bool is_clock, differ;
	prl_time clock;
} found_times;

static void lead_found(found_times *f, int64_t lead_s)
{
	f->differ = f->differ || (f->count && (f->is_clock || f->lead_s != lead_s));
	f->lead_s = lead_s;
	f->count++;
}

static void clock_found(found_times *f, prl_time clock)
{
	f->differ = f->differ || (f->count && (!f->is_clock || f->clock != clock));
	f->is_clock = true;
	f->clock = clock;
	f->count++;
}

/* "in half an hour", "через полчаса": what stands after the word. */
static int64_t half_hour(char *const *word, size_t at, size_t count)
{
	if (at < count && strcmp(word[at], "полчаса") == 0)
		return 1800;
	if (at + 2 < count && strcmp(word[at], "half") == 0 && strncmp(word[at + 1], "a", 1) == 0 &&
	    strcmp(word[at + 2], "hour") == 0)
		return 1800;
	return at < count && strcmp(word[at], "час") == 0 ? 3600 : 0;
}

static void time_at(char *const *word, size_t at, size_t count, prl_time now, found_times *f)
{
	unsigned hour, minute;
	size_t used;
	bool in = strcmp(word[at], "in") == 0 || strcmp(word[at], "within") == 0 || strcmp(word[at], "через") == 0;
	if (in && half_hour(word, at + 1, count)) {
		lead_found(f, half_hour(word, at + 1, count));
	} else if (in && at + 2 < count && number_word(word[at + 1]) >= 0 && unit_word(word[at + 2])) {
		lead_found(f, number_word(word[at + 1]) * unit_word(word[at + 2]));
	} else if (strcmp(word[at], "now") == 0 || strcmp(word[at], "immediately") == 0 ||
		   strcmp(word[at], "сейчас") == 0 || strcmp(word[at], "немедленно") == 0) {
		lead_found(f, 0);
	} else if (clock_digits(word[at], &hour, &minute, &used) &&
		   (strcmp(word[at] + used, "z") == 0 ||
		    (!word[at][used] && at + 1 < count &&
		     (strcmp(word[at + 1], "z") == 0 || strcmp(word[at + 1], "utc") == 0 ||
		      strcmp(word[at + 1], "zulu") == 0)))) {
		clock_found(f, clock_near(hour, minute, now));
	}
}

static void times_in(char *text, prl_time now, found_times *f)
{
	char *word[256], *rest = NULL;
	size_t count = 0;
	for (char *w = strtok_r(text, " ", &rest); w && count < 256; w = strtok_r(NULL, " ", &rest))
		word[count++] = w;
	for (size_t i = 0; i < count; i++)
		time_at(word, i, count, now, f);
}

/* From the first word of a demand to the end of its sentence, as it was said. */
static void demand_in(const char *words, prl_heard_words *ret)
{
	static const char *const verbs[] = { "leave",    "clear",    "get out",    "stay away", "stay out",
					     "keep out", "withdraw", "move",       "покиньте",  "Покиньте",
					     "уйдите",   "Уйдите",   "освободите", "Освободите" };
	const char *first = NULL;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		const char *at = strcasestr(words, verbs[i]);
		bool begins = at && (at == words || at[-1] == ' ' || ispunct((unsigned char)at[-1]));
		unsigned char after = at ? (unsigned char)at[strlen(verbs[i])] : 0;
		if (begins && !isalpha(after) && after < 0x80 && (!first || at < first))
			first = at;
	}
	if (!first)
		return;
	size_t length = strcspn(first, ".!?;\n");
	while (length && first[length - 1] == ' ')
		length--;
	ret->demand = true;
	if (length >= sizeof ret->said) /* cut before a character, not in it */
		for (length = sizeof ret->said - 1; length && ((unsigned char)first[length] & 0xc0) == 0x80;)
			length--;
	memcpy(ret->said, first, length);
	ret->said[length] = 0;
}

void prl_heard_read(const char *words, prl_time now, prl_heard_words *ret)
{
	char text[2000];
	found_times f = { 0 };
	*ret = (prl_heard_words){ 0 };
	plain(words, text, sizeof text);
	times_in(text, now, &f);
	if (f.count && !f.differ) {
		ret->has_clock = f.is_clock;
		ret->has_lead = !f.is_clock;
		ret->lead_s = f.lead_s;
		ret->clock = f.clock;
	}
	demand_in(words, ret);
}

json_t *prl_typed_list(const char *text)
{
	json_t *parts = json_array();
	for (size_t length; text && *text; text += length + (text[length] == ',')) {
		length = strcspn(text, ",");
		json_array_append_new(parts, json_stringn(text, length));
	}
	return parts;
}
