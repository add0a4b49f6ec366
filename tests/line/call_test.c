/* STOP, URGENT, DISTRESS in the record: never refused for what they say, the same on every node, repeats folded, the
 * first taker named and the others too. */
#include "line/call.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_required),
		cmocka_unit_test(from_raised_to_ceased),
		cmocka_unit_test(two_takers),
		cmocka_unit_test(repeats_are_one),
		cmocka_unit_test(answers_may_come_first),
		cmocka_unit_test(withdrawn_by_the_raiser_only),
		cmocka_unit_test(alarms_ring),
		cmocka_unit_test(any_order),
	};
	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
