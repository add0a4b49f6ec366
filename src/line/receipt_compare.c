/* What was read back beside what was filed. Help for the sender's eye: every line says what it compared and within
 * what, and "cannot tell" where the words give nothing to compare. */
#include "line/receipt_inside.h"

#include "base/time.h"
#include "line/details.h"
#include "line/place.h"
#include "picture/body.h"

#include <parley/notation.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void add(json_t *all, const char *what, const char *said, const char *filed, const char *differs,
		const char *text)
{
	(void)json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s}", "what", what, "said", said, "filed",
						   filed, "differs", differs, "text", text));
}

/* ---- start ------------------------------------------------------------------------------------------------------- */

static void compare_start(json_t *all, const json_t *details, const json_t *said)
{
	char typed[PRL_TIME_TEXT_MAX], filed[PRL_TIME_TEXT_MAX], text[120];
	prl_time start, from = prl_details_window(details).from;
	if (!json_object_get(said, "start") || prl_body_time(said, "start", &start, NULL))
		return;
	prl_time_format(start, typed);
	if (from == PRL_TIME_OPEN_START) {
		add(all, "start", typed, "not stated", "cannot tell", "the notice does not say when it begins");
		return;
	}
	prl_time_format(from, filed);
	prl_time apart_s = (start > from ? prl_time_apart(from, start) : prl_time_apart(start, from)) / PRL_SECOND;
	bool same = apart_s <= PRL_RECEIPT_START_WITHIN_S;
	(void)snprintf(text, sizeof text, "%lld s apart, the same within %d s", (long long)apart_s,
		       PRL_RECEIPT_START_WITHIN_S);
	add(all, "start", typed, filed, same ? "no" : "yes", text);
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static bool altitude_of(const json_t *json, prl_altitude *ret)
{
	static const char *const units[] = { "M", "FT", "FL" }, *const datums[] = { "W84", "MSL", "AGL", "FL" };
	const char *unit = json_string_value(json_object_get(json, "unit"));
	const char *datum = json_string_value(json_object_get(json, "datum"));
	if (!unit || !json_is_number(json_object_get(json, "value")))
		return false;
	datum = datum ? datum : "FL";
	*ret = (prl_altitude){ .value = json_number_value(json_object_get(json, "value")) };
	for (int i = 0; i < 3; i++)
		if (strcmp(unit, units[i]) == 0)
			ret->unit = (prl_unit)i;
	for (int i = 0; i < 4; i++)
		if (strcmp(datum, datums[i]) == 0)
			ret->datum = (prl_datum)i;
	return true;
}

static void altitude_text(const json_t *json, char text[80])
{
	const char *datum = json_string_value(json_object_get(json, "datum"));
	(void)snprintf(text, 80, "%g %.4s%s%.4s", json_number_value(json_object_get(json, "value")),
		       json_string_value(json_object_get(json, "unit")), datum ? " " : "", datum ? datum : "");
}

/* The filed level of the same datum that comes nearest; NULL where none has that datum. */
static const json_t *nearest_level(const json_t *details, const char *end, prl_altitude said, double *ret_apart_m)
{
	const json_t *area, *found = NULL;
	size_t i;
	json_array_foreach(json_object_get(details, "areas"), i, area)
	{
		const json_t *level = json_object_get(area, end);
		prl_altitude filed;
		if (!altitude_of(level, &filed) || filed.datum != said.datum)
			continue;
		double apart_m = fabs(prl_altitude_m(filed) - prl_altitude_m(said));
		if (!found || apart_m < *ret_apart_m) {
			found = level;
			*ret_apart_m = apart_m;
		}
	}
	return found;
}

static void compare_level(json_t *all, const json_t *details, const json_t *said, const char *end)
{
	char typed[80], filed[80], text[120];
	double apart_m = 0;
	prl_altitude level;
	if (!altitude_of(json_object_get(said, end), &level))
		return;
	altitude_text(json_object_get(said, end), typed);
	const json_t *nearest = nearest_level(details, end, level, &apart_m);
	if (!nearest) {
		add(all, end, typed, "not stated from there", "cannot tell", "no such level of this datum was filed");
		return;
	}
	altitude_text(nearest, filed);
	(void)snprintf(text, sizeof text, "%.0f m apart, the same within %.0f m", apart_m, PRL_RECEIPT_LEVEL_WITHIN_M);
	add(all, end, typed, filed, apart_m <= PRL_RECEIPT_LEVEL_WITHIN_M ? "no" : "yes", text);
}

/* ---- place ------------------------------------------------------------------------------------------------------- */

static double metres_of(const json_t *distance)
{
	static const struct {
		const char *unit;
		double m;
	} units[] = {
		{ "m", 1 }, { "km", 1000 }, { "NM", 1852 }, { "mi", 1609.344 }, { "yd", 0.9144 }, { "ft", 0.3048 }
	};
	const char *unit = json_string_value(json_object_get(distance, "unit"));
	for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++)
		if (strcmp(unit, units[i].unit) == 0)
			return units[i].m * json_number_value(json_object_get(distance, "value"));
	return NAN;
}

static bool is_name(const json_t *object, const char *member, const char *name)
{
	const char *text = json_string_value(json_object_get(object, member));
	return text && strcasecmp(text, name) == 0;
}

/* Where a name lies, by what was filed under it; NULL where the notice does not know it. */
static const json_t *place_of(const json_t *details, const char *name)
{
	const json_t *place = json_object_get(details, "place"), *again = json_object_get(place, "again");
	const json_t *found = json_object_get(place, "gazetteer"), *second = json_object_get(again, "gazetteer");
	if (found &&
	    (is_name(place, "name", name) || is_name(place, "local_name", name) || is_name(found, "name", name)))
		return found;
	return second && (is_name(again, "name", name) || is_name(second, "name", name)) ? second : NULL;
}

/* Metres from a point to the nearest area; NAN where the areas are everywhere or cannot be read. */
static double to_areas_m(const json_t *details, prl_latlng point)
{
	char why[300] = "";
	prl_plan *plan = NULL;
	prl_footprint *dot = NULL;
	double least_m = NAN;
	if (!json_array_size(json_object_get(details, "areas")) ||
	    prl_details_plan(details, "filed", "filed", &plan, why, NULL))
		return NAN;
	if (!why[0] && prl_footprint_circle(point, 0, 0, &dot, NULL) == PRL_OK)
		for (size_t i = 0; i < plan->volume_count; i++) {
			prl_nearness near;
			if (prl_footprint_within(dot, plan->volumes[i].footprint, 20100000, &near) &&
			    !(near.distance_m >= least_m))
				least_m = near.distance_m;
		}
	prl_footprint_free(dot);
	prl_plan_free(plan);
	return least_m;
}

static void compare_name(json_t *all, const json_t *details, const json_t *said)
{
	const char *name = json_string_value(json_object_get(said, "name"));
	const json_t *bearing = json_object_get(said, "bearing_deg"), *distance = json_object_get(said, "distance");
	bool alone = !bearing && !distance;
	double typed_m = alone ? 0 : metres_of(distance);
	char typed[300], text[200];
	if (!name && alone)
		return;
	if (alone)
		(void)snprintf(typed, sizeof typed, "%.200s", name);
	else
		(void)snprintf(typed, sizeof typed, "%g m at %g° from %.200s", typed_m, json_number_value(bearing),
			       name ? name : "a name not stated");
	const json_t *from = json_object_get(said, "gazetteer");
	if (!from && name)
		from = place_of(details, name);
	double apart_m = NAN, within_m = PRL_RECEIPT_PLACE_WITHIN_M;
	if (name && from && (alone || (bearing && distance))) {
		const json_t *radius = json_object_get(from, "radius_m");
		prl_latlng at = { json_number_value(json_object_get(from, "lat_deg")),
				  json_number_value(json_object_get(from, "lng_deg")) };
		within_m += (radius ? json_number_value(radius) : 2000.0) + PRL_RECEIPT_PLACE_SHARE * typed_m;
		apart_m = to_areas_m(details, prl_destination(at, json_number_value(bearing), fmin(typed_m, 20000000)));
	}
	if (isnan(apart_m)) {
		add(all, "place", typed, "its areas", "cannot tell",
		    "no name that the reader's gazetteer or the notice knows, or no area to compare with");
		return;
	}
	(void)snprintf(text, sizeof text, "%.1f km from the areas filed, the same within %.1f km", apart_m / 1000,
		       within_m / 1000);
	add(all, "place", typed, "its areas", apart_m <= within_m ? "no" : "yes", text);
}

/* ---- positions --------------------------------------------------------------------------------------------------- */

/* The notice with what was read back as its second expression. NULL out of memory. */
static json_t *stated_again(const json_t *details, const char *position)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)details), *place = json_object_get(copy, "place");
	place = place ? json_copy(place) : json_object();
	(void)json_object_set_new(place, "again", json_pack("{s:s}", "position", position));
	if (copy && json_object_set_new(copy, "place", place) == 0)
		return copy;
	json_decref(copy);
	return NULL;
}

static void compare_position(json_t *all, const json_t *details, const char *position)
{
	char text[260];
	prl_place_check check;
	json_t *twice = stated_again(details, position);
	prl_status status = twice ? prl_place_compare(twice, &check, NULL) : PRL_E_MEMORY;
	json_decref(twice);
	if (status)
		return;
	if (!check.compared) {
		add(all, "place", position, "its areas", "cannot tell", check.why);
		return;
	}
	(void)snprintf(text, sizeof text, "%.1f km from the place filed, %.1f km would agree", check.apart_m / 1000,
		       check.allowed_m / 1000);
	add(all, "place", position, "its areas", check.doubtful ? "yes" : "no", text);
}

#define WORDS_MAX  256 /* of a read-back that are looked at */
#define WINDOW_MAX 8   /* words of one position: SK-42 GK X = … Y = … */

/* Enough of a position that it is none by chance: a letter that only a position has beside digits, or eight digits. */
static bool may_be_position(const char *text, size_t length)
{
	size_t digits = 0;
	bool letter = false;
	for (size_t i = 0; i < length; i++) {
		digits += isdigit((unsigned char)text[i]) != 0;
		letter = letter || strchr("NSEWXY", text[i]) || (unsigned char)text[i] >= 0x80;
	}
	return digits >= (letter ? 4 : 8);
}

/* Marks about a position that are none of it: brackets before, a comma or a full stop behind. */
static void trim(const char **from, const char **to)
{
	while (*from < *to && strchr("(,;:\"", **from))
		++*from;
	while (*from < *to && strchr("),.;:\"", (*to)[-1]))
		--*to;
}

/* A position that begins with the first of these words, as long as it can be; how many words it took, 0: none. One that
 * reads two ways is one too: whoever looks is told so. */
static size_t position_at(const char *const *begins, const char *const *ends, size_t count, char ret[200])
{
	for (size_t n = count < WINDOW_MAX ? count : WINDOW_MAX; n > 0; n--) {
		prl_position position;
		const char *from = begins[0], *to = ends[n - 1];
		trim(&from, &to);
		size_t length = (size_t)(to - from);
		if (length >= 200 || !may_be_position(from, length))
			continue;
		prl_status status = prl_position_parse(from, length, NULL, &position, NULL, NULL);
		if (status && status != PRL_E_AMBIGUOUS)
			continue;
		memcpy(ret, from, length);
		ret[length] = 0;
		return n;
	}
	return 0;
}

static void compare_words(json_t *all, const json_t *details, const char *words)
{
	const char *begins[WORDS_MAX], *ends[WORDS_MAX];
	size_t count = 0, found = 0;
	while (count < WORDS_MAX && *(words += strspn(words, " \t\n"))) {
		begins[count] = words;
		ends[count++] = words += strcspn(words, " \t\n");
	}
	for (size_t i = 0; i < count && found < PRL_RECEIPT_POSITIONS_MAX;) {
		char position[200];
		size_t taken = position_at(begins + i, ends + i, count - i, position);
		if (taken)
			compare_position(all, details, position);
		found += taken != 0;
		i += taken ? taken : 1;
	}
}

static void compare_place(json_t *all, const json_t *details, const json_t *said)
{
	const char *position = json_string_value(json_object_get(said, "position"));
	const char *words = json_string_value(json_object_get(said, "words"));
	if (position)
		compare_position(all, details, position);
	else if (words)
		compare_words(all, details, words);
	compare_name(all, details, said);
}

json_t *prl_receipt_compare(const json_t *details, const json_t *read_back)
{
	json_t *all = json_array();
	if (!all)
		return NULL;
	compare_place(all, details, read_back);
	compare_level(all, details, read_back, "lower");
	compare_level(all, details, read_back, "upper");
	compare_start(all, details, read_back);
	return all;
}
