/* Details as they are shown: what was written stays as it was; beside it stands what it comes to, for display only.
 * Where a conversion is rounded, lower levels go down and upper levels go up (mechanisms.md, A6). */
#include "base/error.h"
#include "line/details.h"
#include "line/notice.h"
#include "line/place.h"

#include <parley/notation.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- conversions ------------------------------------------------------------------------------------------------- */

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* A micrometre is what the arithmetic may be off: 20,000 ft are 6,096 m, not 6,097. */
static double down(double x)
{
	return floor(x + 1e-6);
}

static double up(double x)
{
	return ceil(x - 1e-6);
}

static json_t *shown_level(const json_t *level, double (*rounded)(double))
{
	static const double metres_a_foot = 0.3048;
	char as_written[80];
	double value = json_number_value(json_object_get(level, "value"));
	const char *unit = text_in(level, "unit");
	bool is_fl = strcmp(unit, "FL") == 0;
	double m = is_fl ? value * 100 * metres_a_foot : strcmp(unit, "FT") == 0 ? value * metres_a_foot : value;
	if (!json_is_object(level) || !(fabs(value) <= 1e6)) /* the schema has less */
		return NULL;
	if (is_fl)
		(void)snprintf(as_written, sizeof as_written, "FL%.12g", value);
	else
		(void)snprintf(as_written, sizeof as_written, "%.12g %s %s", value, unit, text_in(level, "datum"));
	return json_pack("{s:s, s:I, s:I, s:s}", "as_written", as_written, "m", (json_int_t)rounded(m), "ft",
			 (json_int_t)rounded(m / metres_a_foot), "datum", is_fl ? "FL" : text_in(level, "datum"));
}

static json_t *shown_position(const char *text)
{
	prl_position position;
	prl_error err;
	char decimal[PRL_POSITION_FORMAT_MAX];
	if (!text)
		return json_null();
	if (prl_position_parse(text, strlen(text), NULL, &position, NULL, &err))
		return json_pack("{s:s, s:s}", "as_written", text, "wrong", err.text);
	if (prl_position_format(position.place, PRL_NOTATION_DEGREES, PRL_REFERENCE_WGS84, 1, decimal, NULL, NULL))
		decimal[0] = 0;
	return json_pack("{s:s, s:s, s:f, s:f, s:f}", "as_written", text, "wgs84", decimal, "lat_deg",
			 position.place.lat_deg, "lng_deg", position.place.lng_deg, "error_m",
			 ceil(position.error_m * 10) / 10);
}

static json_t *shown_positions(const json_t *texts)
{
	json_t *list = json_array();
	const json_t *text;
	size_t i;
	json_array_foreach(texts, i, text) json_array_append_new(list, shown_position(json_string_value(text)));
	return list;
}

static json_t *shown_length(const json_t *metres)
{
	double m = json_number_value(metres);
	return json_pack("{s:O, s:f, s:f}", "m", metres, "NM", ceil(m / 1852 * 100) / 100, "mi",
			 ceil(m / 1609.344 * 100) / 100);
}

static void set(json_t *to, const char *name, json_t *value)
{
	if (value)
		(void)json_object_set_new(to, name, value);
}

static json_t *shown_area(const json_t *area)
{
	json_t *shown = json_object();
	const char *place = json_string_value(json_object_get(area, "place"));
	const json_t *vertices = json_object_get(area, "vertices");
	const json_t *radius = json_object_get(area, "radius_m"), *width = json_object_get(area, "half_width_m");
	set(shown, "place", place ? shown_position(place) : NULL);
	set(shown, "vertices", vertices ? shown_positions(vertices) : NULL);
	set(shown, "radius", radius ? shown_length(radius) : NULL);
	set(shown, "half_width", width ? shown_length(width) : NULL);
	set(shown, "lower", shown_level(json_object_get(area, "lower"), down));
	set(shown, "upper", shown_level(json_object_get(area, "upper"), up));
	return shown;
}

json_t *prl_details_shown(const json_t *details)
{
	json_t *list = json_array();
	const json_t *area;
	size_t i;
	json_array_foreach(json_object_get(details, "areas"), i, area) json_array_append_new(list, shown_area(area));
	return list;
}

/* ---- what is not stated ------------------------------------------------------------------------------------------ */

bool prl_details_has_area(const json_t *details)
{
	const json_t *area;
	size_t i;
	json_array_foreach(json_object_get(details, "areas"), i, area)
	{
		if (!json_object_get(area, "geometry") && !json_object_get(area, "place") &&
		    !json_object_get(area, "vertices"))
			return false;
	}
	return i > 0 || json_object_get(json_object_get(details, "place"), "gazetteer");
}

bool prl_details_has_levels(const json_t *details)
{
	const json_t *areas = json_object_get(details, "areas"), *area;
	prl_kind kind = prl_details_kind(details);
	size_t i;
	if (kind != PRL_KIND_UNKNOWN && kind != PRL_KIND_FLIGHT && kind != PRL_KIND_LIVE_FIRE &&
	    kind != PRL_KIND_EXERCISE)
		return true;
	json_array_foreach(areas, i, area)
	{
		if (!json_object_get(area, "upper") && !json_object_get(area, "lower"))
			return false;
	}
	return json_array_size(areas) > 0;
}

json_t *prl_notice_questions(const json_t *details)
{
	const struct {
		const char *about, *text;
		bool stated;
	} all[] = {
		{ "kind", "What will be done?", json_object_get(details, "kind") != NULL },
		{ "area", "Which area? A position and a radius, or the corners.", prl_details_has_area(details) },
		{ "levels", "From which height to which height, above what?", prl_details_has_levels(details) },
		{ "from", "When does it begin, in UTC?", json_object_get(details, "from") != NULL },
		{ "to", "When does it end, in UTC?", json_object_get(details, "to") != NULL },
		{ "frequency", "On which frequency, with which call sign?",
		  json_object_get(details, "frequency") != NULL },
		{ "call_back", "Which number answers who can stop it?", json_object_get(details, "call_back") != NULL },
		{ "second place", "The same place once more in another way: a name, a bearing and a distance.",
		  !prl_details_has_area(details) || prl_place_is_twice(details) },
	};
	json_t *questions = json_array();
	for (size_t i = 0; questions && i < sizeof all / sizeof *all; i++)
		if (!all[i].stated)
			(void)json_array_append_new(
				questions, json_pack("{s:s, s:s}", "about", all[i].about, "text", all[i].text));
	return questions;
}
