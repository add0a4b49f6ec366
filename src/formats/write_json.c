/* JSON lines (design.md section 6; schemas/conflict.schema.json) and GeoJSON. Written by hand so that the order of the
 * keys is fixed and doubles have 17 significant digits. */
#include "formats/clean.h"
#include "formats/writer.h"

#include <math.h>
#include <string.h>

static void put_string(prl_buffer *out, const char *text)
{
	prl_buffer_append(out, "\"", 1);
	while (*text) {
		uint32_t character = 0xfffd;
		size_t length = prl_utf8_decode(text, &character);
		if (character == '"' || character == '\\')
			prl_buffer_printf(out, "\\%c", *text);
		else if (length == 0 || character < 0x20 || character == 0x7f)
			prl_buffer_printf(out, "\\u%04x", (unsigned)character);
		else
			prl_buffer_append(out, text, length);
		text += length ? length : 1;
	}
	prl_buffer_append(out, "\"", 1);
}

/* null where the value is not finite: JSON has no word for it. */
static void put_number(prl_buffer *out, double value)
{
	if (isfinite(value))
		prl_buffer_printf(out, "%.17g", value == 0 ? 0.0 : value); /* no -0 */
	else
		prl_buffer_append(out, "null", 4);
}

static void put_time(prl_buffer *out, prl_time t)
{
	char text[PRL_TIME_TEXT_MAX];
	if (prl_time_is_open(t)) {
		prl_buffer_append(out, "null", 4);
		return;
	}
	prl_time_format(t, text);
	prl_buffer_printf(out, "\"%s\"", text);
}

static void put_windows(prl_buffer *out, const prl_window *windows, size_t count)
{
	prl_buffer_append(out, "[", 1);
	for (size_t i = 0; i < count; i++) {
		prl_buffer_printf(out, "%s[", i ? ", " : "");
		put_time(out, windows[i].from);
		prl_buffer_append(out, ", ", 2);
		put_time(out, windows[i].to);
		prl_buffer_append(out, "]", 1);
	}
	prl_buffer_append(out, "]", 1);
}

/* ", " and a key. */
static void put_key(prl_buffer *out, const char *key)
{
	prl_buffer_printf(out, ", \"%s\": ", key);
}

static void put_closest(prl_buffer *out, const prl_closest *closest)
{
	prl_buffer_printf(out, "{\"time\": ");
	put_time(out, closest->time);
	put_key(out, "horizontal_m");
	put_number(out, closest->horizontal_m);
	put_key(out, "vertical_m");
	put_number(out, closest->vertical_m);
	put_key(out, "position");
	prl_buffer_append(out, "[", 1);
	put_number(out, closest->place.lng_deg);
	prl_buffer_append(out, ", ", 2);
	put_number(out, closest->place.lat_deg);
	prl_buffer_append(out, ", ", 2);
	put_number(out, closest->altitude_m);
	prl_buffer_append(out, "]", 1);
	if (isfinite(closest->altitude_m)) { /* no altitude without its datum (design.md, 5) */
		put_key(out, "datum");
		put_string(out, prl_datum_word(closest->datum));
	}
	prl_buffer_append(out, "}", 1);
}

static void put_times(prl_buffer *out, const prl_conflict *conflict)
{
	prl_window window = prl_conflict_window(conflict);
	put_key(out, "from");
	put_time(out, window.from);
	put_key(out, "to");
	put_time(out, window.to);
	put_key(out, "intervals");
	put_windows(out, conflict->intervals, conflict->interval_count);
}

static void put_possible(prl_buffer *out, const prl_conflict *conflict)
{
	if (conflict->possible_count == 0)
		return;
	put_key(out, "possible");
	put_windows(out, conflict->possible, conflict->possible_count);
}

static void line_conflict(prl_writer *writer, const prl_conflict *conflict)
{
	prl_buffer *out = &writer->text;
	prl_buffer_printf(out, "{\"a\": ");
	put_string(out, conflict->a->id);
	put_key(out, "b");
	put_string(out, conflict->b->id);
	put_times(out, conflict);
	put_key(out, "closest");
	put_closest(out, &conflict->closest);
	put_key(out, "vertical");
	put_string(out, prl_vertical_word(conflict->vertical));
	put_possible(out, conflict);
	prl_buffer_printf(out, "}\n");
}

const prl_format prl_format_jsonl = { .conflict = line_conflict };

/* ---- GeoJSON ------------------------------------------------------------------------------------------------- */

static void map_begin(prl_writer *writer)
{
	prl_buffer_printf(&writer->text, "{\"type\": \"FeatureCollection\", \"features\": [");
}

static void put_plan(prl_buffer *out, const char *key, const prl_plan *plan)
{
	prl_buffer_printf(out, "\"%s\": ", key);
	put_string(out, plan->id);
	prl_buffer_printf(out, ", \"%s_party\": ", key);
	put_string(out, plan->party);
	prl_buffer_printf(out, ", \"%s_kind\": ", key);
	put_string(out, prl_kind_word(plan->kind));
}

/* RFC 7946 section 4: a third number is a height above the WGS84 ellipsoid; other datums stay in the properties. */
static void put_point(prl_buffer *out, const prl_closest *closest)
{
	prl_buffer_printf(out, "{\"type\": \"Point\", \"coordinates\": [");
	put_number(out, closest->place.lng_deg);
	prl_buffer_append(out, ", ", 2);
	put_number(out, closest->place.lat_deg);
	if (closest->datum == PRL_DATUM_W84 && isfinite(closest->altitude_m)) {
		prl_buffer_append(out, ", ", 2);
		put_number(out, closest->altitude_m);
	}
	prl_buffer_append(out, "]}", 2);
}

static void map_conflict(prl_writer *writer, const prl_conflict *conflict)
{
	prl_buffer *out = &writer->text;
	const prl_closest *closest = &conflict->closest;
	prl_buffer_printf(out, "%s{\"type\": \"Feature\", \"geometry\": ", writer->count ? ",\n" : "\n");
	put_point(out, closest);
	prl_buffer_printf(out, ", \"properties\": {");
	put_plan(out, "a", conflict->a);
	prl_buffer_append(out, ", ", 2);
	put_plan(out, "b", conflict->b);
	put_times(out, conflict);
	put_key(out, "vertical");
	put_string(out, prl_vertical_word(conflict->vertical));
	put_possible(out, conflict);
	put_key(out, "closest_time");
	put_time(out, closest->time);
	put_key(out, "horizontal_m");
	put_number(out, closest->horizontal_m);
	put_key(out, "vertical_m");
	put_number(out, closest->vertical_m);
	put_key(out, "altitude_m");
	put_number(out, closest->altitude_m);
	put_key(out, "datum");
	put_string(out, prl_datum_word(closest->datum));
	prl_buffer_append(out, "}}", 2);
}

static void map_end(prl_writer *writer)
{
	prl_buffer_printf(&writer->text, "\n]}\n");
}

const prl_format prl_format_geojson = { .begin = map_begin, .conflict = map_conflict, .end = map_end };
