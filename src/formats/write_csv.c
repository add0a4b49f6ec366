/* CSV as RFC 4180 has it: CRLF, a header line, quotes where a field needs them. An empty field: open, or not known. */
#include "formats/writer.h"

#include <math.h>
#include <string.h>

static void begin(prl_writer *writer)
{
	prl_buffer_printf(&writer->text, "a,a_party,a_kind,b,b_party,b_kind,from,to,intervals,vertical,closest_time,"
	                                 "horizontal_m,vertical_m,latitude,longitude,altitude_m,datum\r\n");
}

static void put_text(prl_buffer *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		prl_buffer_append(out, text, strlen(text));
		return;
	}
	prl_buffer_append(out, "\"", 1);
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			prl_buffer_append(out, "\"", 1);
		prl_buffer_append(out, p, 1);
	}
	prl_buffer_append(out, "\"", 1);
}

static void put_number(prl_buffer *out, double value)
{
	if (isfinite(value))
		prl_buffer_printf(out, ",%.17g", value == 0 ? 0.0 : value);
	else
		prl_buffer_append(out, ",", 1);
}

static void put_time(prl_buffer *out, prl_time t)
{
	char text[PRL_TIME_TEXT_MAX] = "";
	if (!prl_time_is_open(t))
		prl_time_format(t, text);
	prl_buffer_printf(out, ",%s", text);
}

static void put_plan(prl_buffer *out, const prl_plan *plan)
{
	put_text(out, plan->id);
	prl_buffer_append(out, ",", 1);
	put_text(out, plan->party);
	prl_buffer_append(out, ",", 1);
	put_text(out, prl_kind_word(plan->kind));
}

static void conflict_line(prl_writer *writer, const prl_conflict *conflict)
{
	prl_buffer *out = &writer->text;
	const prl_closest *closest = &conflict->closest;
	prl_window window = prl_conflict_window(conflict);
	put_plan(out, conflict->a);
	prl_buffer_append(out, ",", 1);
	put_plan(out, conflict->b);
	put_time(out, window.from);
	put_time(out, window.to);
	prl_buffer_printf(out, ",%zu,%s", conflict->interval_count, prl_vertical_word(conflict->vertical));
	put_time(out, closest->time);
	put_number(out, closest->horizontal_m);
	put_number(out, closest->vertical_m);
	put_number(out, closest->place.lat_deg);
	put_number(out, closest->place.lng_deg);
	put_number(out, closest->altitude_m);
	prl_buffer_printf(out, ",%s\r\n", prl_datum_word(closest->datum));
}

const prl_format prl_format_csv = { .begin = begin, .conflict = conflict_line };
