#include "line/stats.h"

#include "base/error.h"
#include "base/text.h"
#include "line/call.h"
#include "line/notice.h"
#include "line/query.h"
#include "line/receipt.h"
#include "line/said.h"
#include "picture/body.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400.0

typedef enum form { COUNT_A_DAY, SHARE, SPREAD } form;

static const struct {
	const char *name, *unit;
	form form;
	const char *definition, *denominator, *coverage;
} measures[PRL_MEASURE_COUNT] = {
#define X(id, name, unit, form, definition, denominator, coverage)                                                     \
	[PRL_MEASURE_##id] = { name, unit, form, definition, denominator, coverage },
	PRL_MEASURES(X)
#undef X
};

/* What one party recorded of one measure. */
typedef struct figure {
	uint64_t count, of, not_covered;
	int64_t *values;
	size_t size, room;
} figure;

typedef struct side {
	const char *party;
	figure figures[PRL_MEASURE_COUNT];
} side;

typedef struct stats {
	const prl_show *show;
	prl_time from, to;
	prl_mode mode;
	side *sides;
	size_t count;
	side *author; /* whose notices are walked */
	prl_status status;
	prl_error *err;
} stats;

static bool is_within(const stats *s, prl_time time)
{
	return time >= s->from && time < s->to;
}

static void add_value(stats *s, figure *f, int64_t value)
{
	if (f->size == f->room) {
		size_t room = f->room ? 2 * f->room : 64;
		int64_t *values = prl_array_resize(f->values, room, sizeof *values);
		if (!values) {
			s->status = prl_error_memory(s->err);
			return;
		}
		f->values = values;
		f->room = room;
	}
	f->values[f->size++] = value;
	f->count++;
	f->of++;
}

static void add_share(figure *f, bool counts)
{
	f->of++;
	f->count += counts;
}

/* ---- notices ----------------------------------------------------------------------------------------------------- */

static void take_lead_time(stats *s, const prl_notice *notice)
{
	figure *lead = &s->author->figures[PRL_MEASURE_LEAD_TIME], *late = &s->author->figures[PRL_MEASURE_LATE];
	if (notice->relayed)
		return;
	if (notice->from == PRL_TIME_OPEN_START) {
		lead->not_covered++;
		late->not_covered++;
		return;
	}
	add_value(s, lead, prl_said_seconds(notice->given, notice->from));
	if (notice->lead_required_s)
		add_share(late, prl_notice_shortfall_s(notice) > 0);
}

static void take_reading(stats *s, const prl_notice *notice)
{
	for (size_t i = 0; i < s->count; i++) {
		side *reader = &s->sides[i];
		if (reader == s->author || !prl_notice_is_for(notice, reader->party))
			continue;
		prl_time at = prl_receipt_read_by(s->show->picture, s->show->version, notice, NULL,
						  prl_bytes_of(reader->party), s->to);
		add_share(&reader->figures[PRL_MEASURE_NOTICES_UNREAD], at == PRL_TIME_OPEN_END);
		if (at != PRL_TIME_OPEN_END)
			add_value(s, &reader->figures[PRL_MEASURE_NOTICE_READ], prl_said_seconds(notice->filed, at));
	}
}

/* Read-backs that were answered, of all versions and by all parties. */
static void take_corrections(stats *s, const prl_notice *notice)
{
	const json_t *of = json_object_get(
		prl_thing_find(s->show->picture, s->show->version, "receipt", prl_hash_key(&notice->id)), "of");
	const char *hash, *party;
	json_t *parties, *slot, *one;
	size_t i;
	json_object_foreach((json_t *)(uintptr_t)of, hash, parties)
	{
		json_object_foreach(parties, party, slot)
		{
			json_array_foreach(json_object_get(slot, "read_backs"), i, one)
			{
				const json_t *judged = json_object_get(one, "judged");
				if (judged)
					add_share(&s->author->figures[PRL_MEASURE_CORRECTIONS],
						  prl_said_is(judged, "judgement", "CORRECTION"));
			}
		}
	}
}

/* What was declared under that name; false where nothing was. */
static bool declared(const json_t *counts, const char *what, uint64_t *ret)
{
	const json_t *one;
	size_t i;
	bool found = false;
	*ret = 0;
	json_array_foreach(counts, i, one)
	{
		if (!prl_said_is(one, "what", what))
			continue;
		*ret += prl_body_number(one, "count", 0);
		found = true;
	}
	return found;
}

static void take_counts(stats *s, const prl_notice *notice)
{
	figure *crossings = &s->author->figures[PRL_MEASURE_CROSSINGS_A_DAY],
	       *flights = &s->author->figures[PRL_MEASURE_FLIGHTS_A_DAY],
	       *both = &s->author->figures[PRL_MEASURE_CROSSINGS_PER_FLIGHT];
	const char *log = prl_notice_log(s->show->picture, s->show->version, notice);
	json_t *body = NULL;
	uint64_t crossed, flown;
	if (!s->show->body || !log || s->show->body(s->show->context, log, notice->version_index, &body, NULL)) {
		crossings->not_covered++;
		flights->not_covered++;
		both->not_covered++;
		return;
	}
	const json_t *counts = json_object_get(body, "counts");
	bool has_crossings = declared(counts, "crossings", &crossed), has_flights = declared(counts, "flights", &flown);
	crossings->count += crossed;
	flights->count += flown;
	if (has_crossings && has_flights) {
		both->count += crossed;
		both->of += flown;
	} else
		both->not_covered += has_crossings;
	json_decref(body);
}

static bool take_notice(void *context, const prl_notice *notice)
{
	stats *s = context;
	if ((prl_mode)notice->mode != s->mode || (s->show->party && strcmp(notice->party, s->show->party) != 0 &&
						  !prl_notice_is_for(notice, s->show->party)))
		return true;
	if (is_within(s, notice->filed)) {
		take_lead_time(s, notice);
		take_reading(s, notice);
		take_corrections(s, notice);
	}
	if (notice->state == PRL_NOTICE_ENDED && is_within(s, notice->changed))
		take_counts(s, notice);
	return !s->status;
}

static void take_notices(stats *s)
{
	for (size_t i = 0; i < s->count && !s->status; i++) {
		s->author = &s->sides[i];
		prl_notice_each(s->show->picture, s->show->version, prl_bytes_of(s->author->party), 1, false, s->to,
				take_notice, s);
	}
}

/* ---- calls and queries ------------------------------------------------------------------------------------------- */

static side *side_of(stats *s, const char *party)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->sides[i].party, party) == 0)
			return &s->sides[i];
	return NULL;
}

/* What the part shows of this mode and period: a new reference. */
static json_t *items_of(stats *s, const prl_line_part *part)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	prl_show show = *s->show;
	json_t *all = NULL, *found = json_array();
	show.query = NULL;
	s->status = found ? part->show(&show, &all, s->err) : prl_error_memory(s->err);
	const json_t *one;
	size_t i;
	json_array_foreach(all, i, one)
	{
		prl_time time = prl_said_time(one, "time", PRL_TIME_OPEN_END);
		if (prl_said_is(one, "mode", modes[s->mode]) && is_within(s, time))
			json_array_append(found, (json_t *)(uintptr_t)one);
	}
	json_decref(all);
	return found;
}

/* One party that was asked or called, and when it answered; PRL_TIME_OPEN_END: not, or later than the period. */
static void take_answer(stats *s, const char *party, prl_time asked, prl_time answered, prl_measure time_to,
			prl_measure unanswered)
{
	side *who = side_of(s, party);
	if (!who)
		return;
	bool in_time = answered < s->to;
	add_share(&who->figures[unanswered], !in_time);
	if (in_time)
		add_value(s, &who->figures[time_to], prl_said_seconds(asked, answered));
}

static void take_calls(stats *s)
{
	json_t *calls = items_of(s, &prl_call_part);
	const json_t *call, *one;
	size_t i, k;
	json_array_foreach(calls, i, call)
	{
		side *raiser = side_of(s, prl_said_text(call, "party"));
		if (raiser)
			raiser->figures[PRL_MEASURE_CALLS_A_DAY].count++;
		json_array_foreach(json_object_get(call, "parties"), k, one)
			take_answer(s, prl_said_text(one, "party"), prl_said_time(call, "time", s->from),
				    prl_said_time(json_object_get(one, "taken"), "time", PRL_TIME_OPEN_END),
				    PRL_MEASURE_CALL_ANSWER, PRL_MEASURE_CALLS_UNANSWERED);
	}
	json_decref(calls);
}

static void take_queries(stats *s)
{
	json_t *queries = items_of(s, &prl_query_part);
	const json_t *query, *one, *first;
	size_t i, k;
	int64_t age_s;
	json_array_foreach(queries, i, query)
	{
		json_array_foreach(json_object_get(query, "to"), k, one)
		{
			const char *party = json_string_value(one);
			(void)prl_query_stands(query, party, s->to, &age_s, &first);
			take_answer(s, party, prl_said_time(query, "time", s->from),
				    prl_said_time(first, "time", PRL_TIME_OPEN_END), PRL_MEASURE_QUERY_ANSWER,
				    PRL_MEASURE_QUERIES_UNANSWERED);
		}
	}
	json_decref(queries);
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

/* By nearest rank: the least value that so many hundredths of all do not exceed. */
static json_int_t rank(const figure *f, size_t hundredths)
{
	size_t place = (f->size * hundredths + 99) / 100;
	return (json_int_t)f->values[place ? place - 1 : 0];
}

static json_t *spread_json(const figure *f)
{
	if (!f->size)
		return json_null();
	qsort(f->values, f->size, sizeof *f->values, by_value);
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "least", rank(f, 0), "tenth", rank(f, 10), "half", rank(f, 50),
			 "nine_tenths", rank(f, 90), "greatest", rank(f, 100));
}

static json_t *figure_json(const side *who, prl_measure measure, double days)
{
	const figure *f = &who->figures[measure];
	const form kind = measures[measure].form;
	json_t *of = kind == COUNT_A_DAY ? json_real(days) : json_integer((json_int_t)f->of);
	json_t *value = kind == COUNT_A_DAY      ? json_real((double)f->count / days)
			: kind == SHARE && f->of ? json_real((double)f->count / (double)f->of)
						 : json_null();
	json_t *spread = kind == SPREAD ? spread_json(f) : json_null();
	if (kind == SPREAD && json_is_object(spread))
		value = json_incref(json_object_get(spread, "half"));
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:I}", "recorder", who->party, "count", (json_int_t)f->count, "of",
			 of, "value", value, "spread", spread, "not_covered", (json_int_t)f->not_covered);
}

static json_t *measure_json(const stats *s, prl_measure measure)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	double days = (double)prl_said_seconds(s->from, s->to) / DAY_S;
	json_t *by = json_array();
	for (size_t i = 0; by && i < s->count; i++)
		json_array_append_new(by, figure_json(&s->sides[i], measure, days));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:o, s:o, s:f}, s:o}", "measure", measures[measure].name,
			 "unit", measures[measure].unit, "definition", measures[measure].definition, "denominator",
			 measures[measure].denominator, "coverage", measures[measure].coverage, "mode", modes[s->mode],
			 "period", "from", prl_show_time(s->from), "to", prl_show_time(s->to), "days", days, "by", by);
}

static json_t *all_json(const stats *s)
{
	json_t *items = json_array();
	for (unsigned m = 0; items && m < PRL_MEASURE_COUNT; m++)
		if (json_array_append_new(items, measure_json(s, (prl_measure)m)) != 0) {
			json_decref(items);
			return NULL;
		}
	return items;
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

static prl_status begin(stats *s, const prl_constitution *constitution)
{
	s->count = constitution ? constitution->party_count : 0;
	s->sides = prl_array_new(s->count + 1, sizeof *s->sides);
	if (!s->sides)
		return prl_error_memory(s->err);
	memset(s->sides, 0, (s->count + 1) * sizeof *s->sides);
	for (size_t i = 0; i < s->count; i++)
		s->sides[i].party = constitution->parties[i].name;
	return PRL_OK;
}

static void end(stats *s)
{
	for (size_t i = 0; s->sides && i < s->count; i++)
		for (size_t m = 0; m < PRL_MEASURE_COUNT; m++)
			free(s->sides[i].figures[m].values);
	free(s->sides);
}

prl_status prl_stats(const prl_show *show, prl_time from, prl_time to, prl_mode mode, json_t **ret, prl_error *err)
{
	stats s = { .show = show, .from = from, .to = to, .mode = mode, .err = err };
	if (to <= from || prl_said_seconds(from, to) < 1)
		return prl_error_set(err, PRL_E_RANGE, "to: expected at least a second after from");
	s.status = begin(&s, prl_picture_constitution(show->picture, show->version));
	if (!s.status)
		take_notices(&s);
	if (!s.status)
		take_calls(&s);
	if (!s.status)
		take_queries(&s);
	json_t *items = s.status ? NULL : all_json(&s);
	prl_status status = s.status;
	end(&s);
	if (status)
		return status;
	if (!items)
		return prl_error_memory(err);
	*ret = items;
	return PRL_OK;
}

/* ---- the part ---------------------------------------------------------------------------------------------------- */

static prl_status time_asked(const prl_show *show, const char *name, prl_time otherwise, prl_time *ret, prl_error *err)
{
	const char *text = prl_show_query(show, name);
	*ret = otherwise;
	if (!text)
		return PRL_OK;
	prl_status status = prl_time_parse(text, strlen(text), ret, err);
	return status ? prl_error_at(err, status, "%s", name), status : PRL_OK;
}

static prl_status show_all(const prl_show *show, json_t **ret, prl_error *err)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	const char *text = prl_show_query(show, "mode");
	prl_time from, to;
	size_t mode = 0;
	while (text && mode < 3 && strcmp(text, modes[mode]) != 0)
		mode++;
	if (mode == 3)
		return prl_error_set(err, PRL_E_SYNTAX, "mode: expected REAL, EXERCISE or TEST");
	prl_status status = time_asked(show, "to", show->now, &to, err);
	if (!status)
		status = time_asked(show, "from", to - PRL_STATS_PERIOD_S * PRL_SECOND, &from, err);
	return status ? status : prl_stats(show, from, to, (prl_mode)mode, ret, err);
}

static const char *const queries[] = { "from", "to", "mode", NULL };

const prl_line_part prl_stats_part = { .name = "stats", .queries = queries, .show = show_all };
