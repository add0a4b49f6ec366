/* STOP, URGENT, DISTRESS in the record: never refused for what they say, the same on every node, repeats folded, the
 * first taker named and the others too. */
#include "line/call.h"
#include "line/thing.h"
#include "support/acts.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

static acts *begin(void)
{
	return acts_new("us@us.example/line ru@ru.example/line", NULL);
}

static const char *of(acts *a, const prl_hash *id, const char *more)
{
	return line_text(a->l, "{\"call\": \"%s\"%s}", line_hash_text(a->l, id), more);
}

/* The calls as one node shows them; one where `alone`. */
static json_t *calls(acts *a, const char *log, const char *party, size_t count)
{
	json_t *items = acts_show(a, log, party, "calls", NULL, a->l->now);
	assert_int_equal(json_array_size(items), count);
	return items;
}

static const char *state(const json_t *items, size_t i)
{
	return acts_text(json_array_get(items, i), "parties.0.state");
}

static void nothing_is_required(void **state_)
{
	static const char *const bodies[] = {
		"{}",
		"{\"class\": \"STOP\"}",
		"{\"class\": 7, \"words\": [], \"to\": \"x\", \"place\": {\"a\": 1}}",
		"{\"class\": \"DISTRESS\", \"place\": \"\", \"to\": []}",
		"{\"unknown\": true, \"to\": [\"nobody\"]}",
		"{\"class\": \"STOP\", \"at\": \"yesterday\", \"words\": null}",
	};
	(void)state_;
	acts *a = begin();
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		a->l->now += 120 * PRL_SECOND;
		acts_do(a, "us-ops/1", "call.raised", bodies[i]);
	}
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "us", "calls", NULL, a->l->now);
	assert_int_equal(json_array_size(items), sizeof bodies / sizeof *bodies);
	for (size_t i = 0; i < json_array_size(items); i++)
		assert_string_equal(acts_text(json_array_get(items, i), "place"), "not stated");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void from_raised_to_ceased(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}");
	acts_see_all(a);
	json_t *items = calls(a, RU, "ru", 1);
	assert_string_equal(acts_text(json_array_get(items, 0), "name"), "us STOP 1");
	assert_string_equal(acts_text(json_array_get(items, 0), "words"), "fire on our people");
	assert_string_equal(state(items, 0), "raised");
	json_decref(items);
	static const struct {
		const char *kind, *body, *state;
	} steps[] = {
		{ "call.taken", ", \"role\": \"battle director\"", "taken" },
		{ "call.passed", ", \"what\": \"cannot reach units\"", "cannot reach units" },
		{ "call.passed", ", \"what\": \"passed on\"", "passed" },
		{ "call.reported", ", \"what\": \"continuing\"", "continuing" },
		{ "call.reported", ", \"what\": \"ceased\"", "ceased" },
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		acts_do(a, "ru-ops/1", steps[i].kind, of(a, &id, steps[i].body));
		acts_see_all(a);
		items = calls(a, US, "us", 1);
		assert_string_equal(state(items, 0), steps[i].state);
		json_decref(items);
	}
	items = acts_show(a, US, "us", "calls", "open=1", a->l->now);
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void two_takers(void **state_)
{
	(void)state_;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	acts_do(a, "ru-ops/2", "call.taken", of(a, &id, ", \"role\": \"deputy\""));
	acts_do(a, "ru-ops/1", "call.taken", of(a, &id, ", \"role\": \"director\""));
	acts_see_all(a);
	json_t *items = calls(a, US, "us", 1);
	const json_t *call = json_array_get(items, 0);
	assert_string_equal(acts_text(call, "parties.0.taken.role"), "deputy");
	assert_string_equal(acts_text(call, "parties.0.also.0.role"), "director");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* A thousand repeats are one; after it has ceased, as the raiser has seen, the next is a new one. */
static void repeats_are_one(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_hash id = { 0 }, first = { 0 };
	for (size_t i = 0; i < 1000; i++) {
		id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\", \"place\": \"35.285N 40.176E\"}");
		first = i ? first : id;
	}
	acts_see_all(a);
	json_t *items = calls(a, RU, "ru", 1);
	assert_int_equal(json_integer_value(acts_at(json_array_get(items, 0), "repeats")), 999);
	json_decref(items);
	acts_do(a, "ru-ops/1", "call.taken", of(a, &id, "")); /* by the id of the last repeat */
	acts_do(a, "ru-ops/1", "call.reported", of(a, &first, ", \"what\": \"ceased\""));
	acts_see_all(a);
	items = calls(a, US, "us", 1);
	assert_string_equal(state(items, 0), "ceased");
	json_decref(items);
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\", \"place\": \"35.285N 40.176E\"}");
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"DISTRESS\", \"place\": \"35.285N 40.176E\"}");
	acts_see_all(a);
	items = calls(a, RU, "ru", 3);
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* An answer that stands in the record before the call that it answers: the raiser's disk was full. */
static void answers_may_come_first(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_hash none = line_hash("a call that is not recorded yet");
	acts_do(a, "ru-ops/1", "call.taken", of(a, &none, ""));
	acts_see_all(a);
	json_t *items = calls(a, US, "us", 0);
	json_decref(items);
	const json_t *waits = prl_call_find(acts_picture(a, US), PRL_VERSION_WORKING, &none);
	assert_non_null(waits);
	assert_int_equal(json_array_size(json_object_get(waits, "answers")), 1);
	acts_check_digests(a);
	acts_free(a);
}

static void withdrawn_by_the_raiser_only(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "call.withdrawn", of(a, &id, ""));
	acts_see_all(a);
	json_t *items = calls(a, US, "us", 1);
	assert_false(json_is_true(json_object_get(json_array_get(items, 0), "withdrawn")));
	json_decref(items);
	acts_do(a, "us-ops/2", "call.withdrawn", of(a, &id, ""));
	acts_see_all(a);
	items = calls(a, RU, "ru", 1);
	assert_true(json_is_true(json_object_get(json_array_get(items, 0), "withdrawn")));
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* Only whom it names is alarmed, by its class; the raiser never. */
static void alarms_ring(void **state_)
{
	(void)state_;
	acts *a = acts_new("us@us.example/line ru@ru.example/line un@un.example/line", NULL);
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"URGENT\", \"to\": [\"ru\"]}");
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"DISTRESS\", \"to\": [\"ru\"]}");
	acts_see_all(a);
	json_t *ru = acts_alarms(a, "ru", a->l->now), *us = acts_alarms(a, "us", a->l->now),
	       *un = acts_alarms(a, "un", a->l->now);
	assert_non_null(acts_alarm(ru, "call-stop"));
	assert_non_null(acts_alarm(ru, "call-urgent"));
	assert_null(acts_alarm(us, "call-stop"));
	assert_null(acts_alarm(un, "call-stop"));
	json_decref(ru);
	json_decref(us);
	json_decref(un);
	acts_free(a);
}

/* Both orders in which two takings and a withdrawal may reach a third node. */
static void any_order(void **state_)
{
	(void)state_;
	prl_hash digests[2];
	for (size_t order = 0; order < 2; order++) {
		acts *a = acts_new("us@us.example/line ru@ru.example/line un@un.example/line", NULL);
		prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{}");
		acts_see_all(a);
		acts_do(a, "ru-ops/1", "call.taken", of(a, &id, ""));
		acts_do(a, "us-ops/1", "call.withdrawn", of(a, &id, ""));
		acts_see(a, "un.example/line", order ? US : RU);
		acts_see(a, "un.example/line", order ? RU : US);
		unsigned table;
		assert_true(prl_picture_table(acts_picture(a, "un.example/line"), "call", &table));
		const json_t *call = prl_call_find(acts_picture(a, "un.example/line"), PRL_VERSION_WORKING, &id);
		prl_buffer bytes = PRL_BUFFER(1u << 20);
		char *text = json_dumps(json_object_get(call, "answers"), JSON_SORT_KEYS | JSON_COMPACT);
		digests[order] = line_hash(text);
		free(text);
		prl_buffer_done(&bytes);
		acts_free(a);
	}
	assert_memory_equal(&digests[0], &digests[1], sizeof *digests);
}

/* Times that somebody states may lie further apart than a number of nanoseconds can say. */
static void times_far_apart(void **state_)
{
	(void)state_;
	acts *a = begin();
	a->l->now = acts_time("1678-01-01T00:00:00Z");
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	a->l->now = acts_time("2261-01-01T00:00:00Z");
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	json_t *items = calls(a, RU, "ru", 2), *one;
	size_t i;
	json_array_foreach(items, i, one) assert_true(json_integer_value(acts_at(one, "age_s")) >= 0);
	json_decref(items);
	json_decref(acts_alarms(a, "ru", a->l->now));
	acts_free(a);
}

/* ---- what is open ------------------------------------------------------------------------------------------------ */

static bool count_one(void *context, prl_bytes key, const json_t *call)
{
	(void)key, (void)call;
	++*(size_t *)context;
	return true;
}

static size_t looked_at(acts *a, const char *log)
{
	size_t count = 0;
	prl_error err;
	assert_int_equal(prl_call_each_open(acts_picture(a, log), PRL_VERSION_WORKING, count_one, &count, &err),
			 PRL_OK);
	return count;
}

/* A call is looked at from when it is raised until it is over, and again where an answer opens it. */
static void open_until_over(void **state_)
{
	static const struct {
		const char *kind, *body;
		size_t open;
	} steps[] = {
		{ "call.taken", "", 1 },
		{ "call.reported", ", \"what\": \"ceased\"", 0 },
		{ "call.reported", ", \"what\": \"continuing\"", 1 },
		{ "call.passed", ", \"what\": \"cannot reach units\"", 1 },
		{ "call.passed", ", \"what\": \"not ours\"", 0 },
	};
	(void)state_;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	assert_int_equal(looked_at(a, RU), 1);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		acts_do(a, "ru-ops/1", steps[i].kind, of(a, &id, steps[i].body));
		acts_see_all(a);
		assert_int_equal(looked_at(a, RU), steps[i].open);
		assert_int_equal(looked_at(a, US), steps[i].open);
	}
	acts_check_digests(a);
	acts_free(a);
}

/* Answers to a call that is not known open nothing; it is open when it comes. */
static void unknown_is_not_open(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_hash none = line_hash("a call that is not recorded yet");
	acts_do(a, "ru-ops/1", "call.taken", of(a, &none, ""));
	assert_int_equal(looked_at(a, RU), 0);
	acts_free(a);
}

/* ---- beside the chain -------------------------------------------------------------------------------------------- */

/* What a second screen signs that has asked where the chain stood when the first one did. */
static line_act beside(acts *a, const char *key, const char *kind, const char *body, const line_key *then)
{
	(void)a;
	return (line_act){ .kind = kind,
			   .key = key,
			   .body = body,
			   .serial = then->serial + 1,
			   .previous = &then->last,
			   .aside = true };
}

/* Ten calls of one key on one previous: all of them count, each once; the chain goes on from the first. */
static void signed_at_once(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_error err = { 0 };
	const line_key then = *line_key_of(a->l, "us-ops/1");
	acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\", \"place\": \"0\"}");
	for (unsigned i = 1; i < 10; i++) {
		line_act act = beside(a, "us-ops/1", "call.raised",
				      line_text(a->l, "{\"class\": \"STOP\", \"place\": \"%u\"}", i), &then);
		if (acts_try(a, &act, NULL, &err))
			fail_msg("%u: %s", i, err.text);
	}
	acts_do(a, "us-ops/1", "message.sent", "{\"text\": \"the chain goes on\", \"language\": \"en\"}");
	acts_see_all(a);
	json_decref(calls(a, US, "us", 10));
	json_decref(calls(a, RU, "ru", 10));
	/* nothing else stands beside it */
	line_act act = beside(a, "us-ops/1", "message.sent", "{\"text\": \"late\", \"language\": \"en\"}", &then);
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_E_STALE);
	acts_check_digests(a);
	acts_free(a);
}

/* Answers as well: two calls taken at two screens of one key. */
static void taken_at_once(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_error err = { 0 };
	prl_hash one = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	prl_hash other = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"DISTRESS\"}");
	acts_see_all(a);
	const line_key then = *line_key_of(a->l, "ru-ops/1");
	acts_do(a, "ru-ops/1", "call.taken", of(a, &one, ""));
	line_act act = beside(a, "ru-ops/1", "call.taken", of(a, &other, ""), &then);
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_OK);
	acts_see_all(a);
	json_t *items = calls(a, US, "us", 2);
	assert_string_equal(state(items, 0), "taken");
	assert_string_equal(state(items, 1), "taken");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* The same bytes a second time in a log are nobody's act, whether the first stood in the chain or beside it. */
static void stands_once(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_error err = { 0 };
	const line_key then = *line_key_of(a->l, "us-ops/1");
	prl_bytes chained = line_entry(a->l, &(line_act){ .kind = "call.raised", .key = "us-ops/1", .body = "{}" });
	line_act act = beside(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}", &then);
	prl_bytes aside = line_entry(a->l, &act);
	act.body = "{\"class\": \"STOP\", \"words\": \"once more\"}"; /* folds into the one before */
	prl_bytes repeat = line_entry(a->l, &act);
	const prl_bytes entries[] = { chained, aside, repeat };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(line_apply(acts_picture(a, US), US, entries[i], &err), PRL_OK);
		line_append(a->l, US, entries[i]);
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(line_apply(acts_picture(a, US), US, entries[i], &err), PRL_E_STALE);
	json_decref(calls(a, US, "us", 2));
	/* a log that has them twice all the same: faults at whoever reads it, and nothing else */
	for (size_t i = 0; i < 3; i++)
		line_append(a->l, US, entries[i]);
	assert_int_equal(line_see(a->l, acts_picture(a, RU), RU, US, 0), 3);
	json_decref(calls(a, RU, "ru", 2));
	acts_free(a);
}

/* Beside the chain the key is asked for all the same: one that was revoked, or another's signature, is refused. */
static void beside_needs_its_key(void **state_)
{
	(void)state_;
	acts *a = begin();
	prl_error err = { 0 };
	const line_key then = *line_key_of(a->l, "us-ops/1");
	acts_do(a, "us-ops/1", "call.raised", "{}");
	acts_do(a, "us-ops", "key.revoked", "{\"key\": \"us-ops/1\", \"reason\": \"lost\"}");
	line_act act = beside(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}", &then);
	assert_int_equal(acts_try_apply(a, &act, NULL, &err), PRL_E_REFUSED);
	json_decref(calls(a, US, "us", 1));
	acts_free(a);
}

#define OLD 10000

/* What the alarms look at hangs on the calls that are open, not on those that ever were. */
static void old_calls_cost_nothing(void **state_)
{
	(void)state_;
	acts *a = begin();
	char body[100];
	unsigned table;
	prl_error err;
	for (size_t i = 0; i < OLD; i++) {
		(void)snprintf(body, sizeof body, "{\"class\": \"STOP\", \"place\": \"%zu\"}", i);
		prl_hash id = acts_do(a, "ru-ops/1", "call.raised", body);
		acts_do(a, "ru-ops/1", "call.withdrawn", of(a, &id, ""));
	}
	prl_hash open = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see(a, RU, US);
	prl_picture *picture = acts_picture(a, RU);
	assert_int_equal(prl_call_count(picture, PRL_VERSION_WORKING, "ru"), OLD);
	assert_int_equal(looked_at(a, RU), 1);
	json_t *alarms = acts_alarms(a, "ru", a->l->now);
	assert_non_null(acts_alarm(alarms, "call-stop"));
	json_decref(alarms);
	/* nothing else is looked at: without its place among the open ones it is not found */
	assert_true(prl_picture_table(picture, "call.open", &table));
	assert_int_equal(prl_picture_remove(picture, table, prl_hash_key(&open), &err), PRL_OK);
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_null(acts_alarm(alarms, "call-stop"));
	json_decref(alarms);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_required),
		cmocka_unit_test(from_raised_to_ceased),
		cmocka_unit_test(two_takers),
		cmocka_unit_test(repeats_are_one),
		cmocka_unit_test(answers_may_come_first),
		cmocka_unit_test(withdrawn_by_the_raiser_only),
		cmocka_unit_test(signed_at_once),
		cmocka_unit_test(taken_at_once),
		cmocka_unit_test(stands_once),
		cmocka_unit_test(beside_needs_its_key),
		cmocka_unit_test(alarms_ring),
		cmocka_unit_test(any_order),
		cmocka_unit_test(times_far_apart),
		cmocka_unit_test(open_until_over),
		cmocka_unit_test(unknown_is_not_open),
		cmocka_unit_test(old_calls_cost_nothing),
	};
	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
