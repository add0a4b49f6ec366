/* What is open: alarms of queries, meetings and decisions are those of a walk over all objects there ever were, while
 * the index that they go by holds what is open and nothing else, also after a snapshot. */
#include "line/open.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"
#include "line/query.h"
#include "line/said.h"
#include "picture/body.h"
#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define UN "un.example/line"

static const char *const parties[] = { "us", "ru", "un" }, *const logs[] = { US, RU, UN };

#define OBJECTS 40

typedef struct world {
	acts *a;
	rnd r;
	prl_hash queries[OBJECTS], meetings[OBJECTS], actions[OBJECTS];
	size_t action_meeting[OBJECTS], action_by[OBJECTS];
	bool action_done[OBJECTS];
	size_t query_count, meeting_count, action_count;
} world;

static const char *text_of(world *w, prl_hash hash)
{
	return line_hash_text(w->a->l, &hash);
}

static const char *time_from_now(world *w, uint64_t seconds)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(w->a->l->now + (prl_time)seconds * PRL_SECOND, text);
	return line_text(w->a->l, "%s", text);
}

static const char *key_of(size_t party)
{
	static const char *const keys[] = { "us-ops/1", "ru-ops/1", "un-ops/1" };
	return keys[party];
}

/* ---- what parties do --------------------------------------------------------------------------------------------- */

static void ask(world *w)
{
	size_t by = rnd_below(&w->r, 3), other = (by + 1 + rnd_below(&w->r, 2)) % 3;
	const char *to = rnd_below(&w->r, 2) ? line_text(w->a->l, "\"to\": [\"%s\"], ", parties[other]) : "";
	if (w->query_count < OBJECTS)
		w->queries[w->query_count++] =
			acts_do(w->a, key_of(by), "query.asked",
				line_text(w->a->l, "{%s\"text\": {\"words\": \"whose?\", \"language\": \"en\"}%s}", to,
					  rnd_below(&w->r, 2) ? ", \"urgent\": true" : ""));
}

/* By whom it may not be addressed to: then it is refused, and must change nothing. */
static void answer(world *w)
{
	if (!w->query_count)
		return;
	const char *query = text_of(w, w->queries[rnd_below(&w->r, w->query_count)]);
	line_act act = { .key = key_of(rnd_below(&w->r, 3)),
			 .kind = "query.answered",
			 .body = line_text(w->a->l, "{\"query\": \"%s\", \"says\": \"declined\"}", query) };
	prl_error err;
	(void)!acts_try(w->a, &act, NULL, &err);
}

static void meet(world *w)
{
	if (w->meeting_count < OBJECTS)
		w->meetings[w->meeting_count++] =
			acts_do(w->a, key_of(rnd_below(&w->r, 3)), "meeting.asked", "{\"kind\": \"call\"}");
}

static void give_action(world *w)
{
	if (!w->meeting_count || w->action_count == OBJECTS)
		return;
	size_t meeting = rnd_below(&w->r, w->meeting_count), by = rnd_below(&w->r, 3), i = w->action_count++;
	w->actions[i] = acts_do(
		w->a, key_of(rnd_below(&w->r, 3)), "meeting.changed",
		line_text(w->a->l,
			  "{\"meeting\": \"%s\", \"says\": \"action\", \"actions\": [{\"by\": \"%s\", \"text\": "
			  "{\"words\": \"send it\", \"language\": \"en\"}, \"due\": \"%s\"}]}",
			  text_of(w, w->meetings[meeting]), parties[by], time_from_now(w, rnd_below(&w->r, 7200))));
	w->action_meeting[i] = meeting;
	w->action_by[i] = by;
}

static void do_action(world *w)
{
	if (!w->action_count)
		return;
	size_t i = rnd_below(&w->r, w->action_count);
	acts_do(w->a, key_of(w->action_by[i]), "meeting.changed",
		line_text(w->a->l,
			  "{\"meeting\": \"%s\", \"says\": \"action done\", \"action\": \"%s\", \"number\": 1}",
			  text_of(w, w->meetings[w->action_meeting[i]]), text_of(w, w->actions[i])));
	w->action_done[i] = true;
}

static void announce(world *w)
{
	acts_do(w->a, key_of(rnd_below(&w->r, 3)), "statement.made",
		line_text(w->a->l, "{\"kind\": \"%s\", \"text\": {\"words\": \"so\", \"language\": \"en\"}%s}",
			  rnd_below(&w->r, 2) ? "decision" : "position",
			  line_text(w->a->l, ", \"takes_effect\": \"%s\"", time_from_now(w, rnd_below(&w->r, 7200)))));
}

/* ---- the plain walk ---------------------------------------------------------------------------------------------- */

/* Situations that must be raised, as members. */
typedef struct expecting {
	const char *party;
	prl_time now;
	json_t *to;
} expecting;

static bool unanswered_by(const json_t *query, const char *party, prl_time now)
{
	const json_t *first;
	int64_t age_s;
	return prl_query_stands(query, party, now, &age_s, &first) == PRL_QUERY_NO_ANSWER;
}

static bool expect_query(void *context, prl_bytes key, const json_t *query)
{
	expecting *e = context;
	const json_t *to = json_object_get(query, "to"), *one;
	char situation[PRL_ALARM_SITUATION_MAX];
	size_t i;
	bool own = prl_said_is(query, "party", e->party), raised = false;
	(void)key;
	json_array_foreach(to, i, one)
	{
		const char *party = json_string_value(one);
		bool counts = own ? e->now > prl_said_time(query, "due", 0) : strcmp(party, e->party) == 0;
		raised = raised || (counts && unanswered_by(query, party, e->now));
	}
	snprintf(situation, sizeof situation, "query:%s", prl_said_text(query, "id"));
	if (raised)
		json_object_set_new(e->to, situation, json_true());
	return true;
}

static void expect_shown(world *w, const expecting *e, const char *log)
{
	char situation[PRL_ALARM_SITUATION_MAX];
	json_t *meetings = acts_show(w->a, log, e->party, "meetings", NULL, e->now), *item, *action;
	json_t *statements = acts_show(w->a, log, e->party, "statements", NULL, e->now);
	size_t i, k;
	json_array_foreach(meetings, i, item) json_array_foreach(json_object_get(item, "actions"), k, action)
	{
		snprintf(situation, sizeof situation, "action:%s/%d", prl_said_text(action, "id"),
			 (int)json_integer_value(json_object_get(action, "number")));
		if (prl_said_is(action, "state", "overdue") && prl_said_is(action, "by", e->party))
			json_object_set_new(e->to, situation, json_true());
	}
	json_array_foreach(statements, i, item)
	{
		snprintf(situation, sizeof situation, "statement:%s", prl_said_text(item, "id"));
		if (prl_said_is(item, "kind", "decision") && prl_said_time(item, "takes_effect", 0) > e->now &&
		    prl_body_has(json_object_get(item, "to"), prl_bytes_of(e->party)))
			json_object_set_new(e->to, situation, json_true());
	}
	json_decref(meetings);
	json_decref(statements);
}

static void alarms_are_those_of_the_walk(world *w, size_t party, prl_time now)
{
	expecting e = { parties[party], now, json_object() };
	json_t *alarms = acts_alarms(w->a, parties[party], now), *one;
	size_t i, raised = 0;
	assert_int_equal(
		prl_thing_each(acts_picture(w->a, logs[party]), PRL_VERSION_WORKING, "query", expect_query, &e, NULL),
		PRL_OK);
	expect_shown(w, &e, logs[party]);
	json_array_foreach(alarms, i, one)
	{
		const char *situation = prl_said_text(one, "situation");
		if (strncmp(situation, "query:", 6) != 0 && strncmp(situation, "action:", 7) != 0 &&
		    strncmp(situation, "statement:", 10) != 0)
			continue;
		raised++;
		if (!json_object_get(e.to, situation))
			fail_msg("%s is raised to %s and should not be", situation, parties[party]);
	}
	assert_int_equal(raised, json_object_size(e.to));
	json_decref(alarms);
	json_decref(e.to);
}

/* ---- what the index holds ---------------------------------------------------------------------------------------- */

static size_t count_of(prl_picture *picture, const char *noun)
{
	unsigned table;
	assert_true(prl_picture_table(picture, noun, &table));
	return prl_picture_count(picture, PRL_VERSION_WORKING, table);
}

static bool count_open(void *context, prl_bytes key, const json_t *query)
{
	size_t *open = context, i;
	const json_t *to = json_object_get(query, "to"), *one;
	bool any = false;
	(void)key;
	json_array_foreach(to, i, one) any = any || unanswered_by(query, json_string_value(one), 0);
	*open += any;
	return true;
}

/* By what the test itself did, where it is known there. */
static void index_holds_what_is_open(world *w, const char *log)
{
	prl_picture *picture = acts_picture(w->a, log);
	size_t queries = 0, meetings = 0;
	for (size_t m = 0; m < w->meeting_count; m++) {
		bool open = false;
		for (size_t i = 0; i < w->action_count; i++)
			open = open || (w->action_meeting[i] == m && !w->action_done[i]);
		meetings += open;
	}
	assert_int_equal(prl_thing_each(picture, PRL_VERSION_WORKING, "query", count_open, &queries, NULL), PRL_OK);
	assert_int_equal(count_of(picture, "query.open"), queries);
	assert_int_equal(count_of(picture, "meeting.open"), meetings);
}

static void alarms_by_the_index(void **state)
{
	(void)state;
	void (*const acts_of_parties[])(
		world *) = { ask, answer, answer, answer, meet, give_action, do_action, announce };
	uint64_t seed = rnd_seed("open");
	for (size_t run = 0; run < rnd_count(3, 100); run++) {
		world w = { .a = acts_new("us@" US " ru@" RU " un@" UN, NULL), .r = rnd_case(seed, run) };
		w.a->l->now = acts_time("2018-02-07T20:00:00Z");
		for (size_t step = 0; step < 60; step++) {
			acts_of_parties[rnd_below(&w.r, sizeof acts_of_parties / sizeof *acts_of_parties)](&w);
			acts_see_all(w.a);
			w.a->l->now += (prl_time)rnd_below(&w.r, 600) * PRL_SECOND;
			size_t party = rnd_below(&w.r, 3);
			alarms_are_those_of_the_walk(&w, party,
						     w.a->l->now + (prl_time)rnd_below(&w.r, 3 * 86400) * PRL_SECOND);
			index_holds_what_is_open(&w, logs[party]);
			/* what is over by now is looked at no more, and nothing else changes */
			assert_int_equal(prl_open_sweep(acts_picture(w.a, logs[party]),
							prl_line_part_named(prl_bytes_of("statements"))->open,
							w.a->l->now, NULL),
					 PRL_OK);
		}
		acts_check_digests(w.a);
		acts_free(w.a);
	}
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static void marks_as_bytes(void **state)
{
	(void)state;
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(100);
	void *mark = prl_open_load((prl_bytes){ "", 0 }, &err);
	assert_non_null(mark);
	assert_true(prl_open_save(mark, &bytes));
	assert_int_equal(bytes.size, 0);
	free(mark);
	assert_null(prl_open_load((prl_bytes){ "x", 1 }, &err));
	assert_non_null(strstr(err.text, "open thing"));
	prl_buffer_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_by_the_index),
		cmocka_unit_test(marks_as_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
