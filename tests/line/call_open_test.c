/* Calls of which something is waited for: nobody takes it, it was passed on and nobody says that it ceased, it is meant
 * for nobody of the line; how many are kept; and what rang UNVERIFIED, as nodes say. */
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

static const char *of(acts *a, const prl_hash *id, const char *more)
{
	return line_text(a->l, "{\"call\": \"%s\"%s}", line_hash_text(a->l, id), more);
}

static bool count_one(void *context, prl_bytes key, const json_t *call)
{
	(void)key, (void)call;
	++*(size_t *)context;
	return true;
}

static size_t open_at(acts *a, const char *log, bool waiting)
{
	size_t count = 0;
	prl_error err;
	prl_picture *picture = acts_picture(a, log);
	assert_int_equal(waiting ? prl_call_each_waiting(picture, PRL_VERSION_WORKING, count_one, &count, &err)
				 : prl_call_each_open(picture, PRL_VERSION_WORKING, count_one, &count, &err),
			 PRL_OK);
	return count;
}

static bool has_alarm(acts *a, const char *party, prl_time now, const char *name, const char *rung_to)
{
	json_t *alarms = acts_alarms(a, party, now);
	const json_t *alarm = acts_alarm(alarms, name);
	bool has = alarm && (!rung_to || strcmp(acts_text(alarm, "rung_to"), rung_to) == 0);
	json_decref(alarms);
	return has;
}

/* ---- nobody takes it --------------------------------------------------------------------------------------------- */

static prl_time time_of(acts *a, const char *class)
{
	json_t *items = acts_show(a, US, NULL, "calls", NULL, a->l->now), *one;
	prl_time time = 0;
	size_t i;
	json_array_foreach(items, i, one) if (strcmp(acts_text(one, "class"), class) == 0) time =
		acts_time(acts_text(one, "time"));
	json_decref(items);
	return time;
}

static const char rings_fast[] = "\"timers\": {\"ring_s\": [7, 8, 9]}";

/* By the constitution's times, at both sides, until it is taken. */
static void nobody_takes_it(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", rings_fast);
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"URGENT\"}");
	acts_see_all(a);
	prl_time then = time_of(a, "STOP"), urgent = time_of(a, "URGENT");
	for (unsigned s = 0; s < 4; s++) {
		static const unsigned at_s[] = { 6, 7, 8, 30 };
		static const char *const rung_to[] = { "desk", "desk 2", "director", "director" };
		prl_time now = then + at_s[s] * PRL_SECOND;
		bool through = at_s[s] >= 9;
		assert_int_equal(has_alarm(a, "ru", now, "call-stop", rung_to[s]), !through);
		assert_int_equal(has_alarm(a, "ru", now, "call-unanswered", "director"), through);
		assert_int_equal(has_alarm(a, "us", now, "call-not-taken", NULL), through);
		/* URGENT rings onward by the same times, and stays of class 2 */
		assert_true(has_alarm(a, "us", urgent + at_s[s] * PRL_SECOND, "call-urgent", rung_to[s]));
		assert_int_equal(has_alarm(a, "ru", urgent + at_s[s] * PRL_SECOND, "call-not-taken", NULL), through);
	}
	prl_time day = then + 86400 * PRL_SECOND;
	assert_true(has_alarm(a, "ru", day, "call-unanswered", "director"));
	acts_do(a, "ru-ops/1", "call.taken", of(a, &id, ""));
	acts_see_all(a);
	assert_false(has_alarm(a, "ru", day, "call-unanswered", NULL));
	assert_true(has_alarm(a, "ru", day, "call-to-pass", NULL));
	acts_free(a);
}

/* One of two parties that it is for: at the raiser it is that party's alarm. */
static void one_of_two(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line un@un.example/line", rings_fast);
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	acts_do(a, "un-ops/1", "call.taken", of(a, &id, ""));
	acts_see_all(a);
	json_t *alarms = acts_alarms(a, "us", a->l->now + 10 * PRL_SECOND);
	const json_t *alarm = acts_alarm(alarms, "call-not-taken");
	assert_non_null(alarm);
	assert_string_equal(acts_text(alarm, "about.peer"), "ru");
	json_decref(alarms);
	acts_do(a, "us-ops/1", "call.withdrawn", of(a, &id, ""));
	assert_false(has_alarm(a, "us", a->l->now + 10 * PRL_SECOND, "call-not-taken", NULL));
	acts_free(a);
}

/* ---- passed on, and never reported ------------------------------------------------------------------------------- */

static void never_reported(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "call.taken", of(a, &id, ""));
	acts_do(a, "ru-ops/1", "call.passed", of(a, &id, ""));
	acts_see_all(a);
	prl_time soon = a->l->now + (PRL_CALL_REPORT_S - 60) * PRL_SECOND,
		 late = a->l->now + (PRL_CALL_REPORT_S + 5) * PRL_SECOND, year = a->l->now + 365 * 86400 * PRL_SECOND;
	assert_false(has_alarm(a, "ru", soon, "call-to-report", NULL));
	assert_true(has_alarm(a, "ru", late, "call-to-report", NULL));
	assert_true(has_alarm(a, "us", late, "call-not-ceased", NULL));
	/* it stays for as long as nobody says anything, with its age */
	assert_true(has_alarm(a, "ru", year, "call-to-report", NULL));
	json_t *items = acts_show(a, RU, "ru", "calls", "open=1", year);
	assert_int_equal(json_array_size(items), 1);
	assert_true(json_integer_value(acts_at(items, "0.parties.0.passed.age_s")) > 364 * 86400);
	json_decref(items);
	assert_int_equal(open_at(a, RU, false), 1);
	assert_int_equal(open_at(a, RU, true), 0);
	/* saying that it goes on begins the time anew; that it ceased ends it */
	a->l->now = late;
	acts_do(a, "ru-ops/1", "call.reported", of(a, &id, ", \"what\": \"continuing\""));
	acts_see_all(a);
	assert_false(has_alarm(a, "ru", late + PRL_SECOND, "call-to-report", NULL));
	assert_true(has_alarm(a, "ru", late + 700 * PRL_SECOND, "call-to-report", NULL));
	assert_true(has_alarm(a, "us", late + 700 * PRL_SECOND, "call-not-ceased", NULL));
	acts_do(a, "ru-ops/1", "call.reported", of(a, &id, ", \"what\": \"ceased\""));
	acts_see_all(a);
	assert_false(has_alarm(a, "ru", year, "call-to-report", NULL));
	assert_false(has_alarm(a, "us", year, "call-not-ceased", NULL));
	assert_int_equal(open_at(a, RU, false), 0);
	acts_check_digests(a);
	acts_free(a);
}

/* Of class 3: a desk may put it aside, with a reason and an end. */
static void may_be_shelved(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "call.passed", of(a, &id, ""));
	prl_time late = a->l->now + 700 * PRL_SECOND;
	char until[PRL_TIME_TEXT_MAX];
	prl_time_format(a->l->now + 7200 * PRL_SECOND, until);
	acts_do(a, "ru-ops/1", "alarm.shelved",
		line_text(a->l,
			  "{\"situation\": \"call:%s\", \"alarm\": \"call-to-report\", \"until\": \"%s\", \"reason\": "
			  "\"the unit reports at noon\"}",
			  line_hash_text(a->l, &id), until));
	json_t *alarms = acts_alarms(a, "ru", late);
	assert_non_null(acts_alarm(alarms, "call-to-report"));
	assert_true(json_is_object(acts_at(acts_alarm(alarms, "call-to-report"), "shelved")));
	json_decref(alarms);
	acts_free(a);
}

/* ---- for nobody of the line -------------------------------------------------------------------------------------- */

/* A name that is mistyped, the own one, one that is half right: somebody is rung. */
static void for_nobody(void **state)
{
	static const struct {
		const char *to;
		size_t parties;
	} rows[] = { { "[\"rus\"]", 2 },         { "[\"us\"]", 2 }, { "[]", 2 },
		     { "[\"ru\", \"unn\"]", 1 }, { "[\"\"]", 2 },   { "[\"un\", \"ru\"]", 2 } };
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line un@un.example/line", NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		acts_do(a, "us-ops/1", "call.raised",
			line_text(a->l, "{\"class\": \"STOP\", \"place\": \"%zu\", \"to\": %s}", i, rows[i].to));
	acts_see_all(a);
	assert_int_equal(open_at(a, RU, true), sizeof rows / sizeof *rows);
	json_t *items = acts_show(a, RU, "ru", "calls", NULL, a->l->now), *one;
	size_t i;
	assert_int_equal(json_array_size(items), sizeof rows / sizeof *rows);
	json_array_foreach(items, i, one)
	{
		size_t row = (size_t)(acts_text(one, "place")[0] - '0');
		assert_int_equal(json_array_size(acts_at(one, "parties")), rows[row].parties);
	}
	json_decref(items);
	acts_free(a);
}

/* ---- in another mode ----------------------------------------------------------------------------------------------
 */

static prl_hash in_mode(acts *a, const char *key, const char *kind, bool real, const char *body)
{
	line_act act = { .kind = kind, .key = key, .real = real, .body = body };
	prl_error err = { 0 };
	prl_hash hash;
	if (acts_try(a, &act, &hash, &err))
		fail_msg("%s: %s", err.where, err.text);
	return hash;
}

/* A real STOP is neither taken nor withdrawn by an exercise. */
static void exercise_answers_nothing(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = in_mode(a, "us-ops/1", "call.raised", true, "{\"class\": \"STOP\"}");
	acts_see_all(a);
	in_mode(a, "ru-ops/1", "call.taken", false, of(a, &id, ""));
	in_mode(a, "ru-ops/1", "call.reported", false, of(a, &id, ", \"what\": \"ceased\""));
	in_mode(a, "us-ops/1", "call.withdrawn", false, of(a, &id, ""));
	acts_see_all(a);
	assert_int_equal(open_at(a, RU, true), 1);
	assert_int_equal(open_at(a, US, true), 1);
	assert_true(has_alarm(a, "ru", a->l->now, "call-stop", NULL));
	json_t *items = acts_show(a, US, "us", "calls", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.parties.0.state"), "raised");
	assert_true(json_is_false(acts_at(items, "0.withdrawn")));
	json_decref(items);
	/* the same call again is that one still, and counts */
	in_mode(a, "us-ops/1", "call.raised", true, "{\"class\": \"STOP\"}");
	assert_int_equal(open_at(a, US, true), 1);
	in_mode(a, "ru-ops/1", "call.reported", true, of(a, &id, ", \"what\": \"ceased\""));
	acts_see_all(a);
	assert_int_equal(open_at(a, US, false), 0);
	acts_check_digests(a);
	acts_free(a);
}

/* ---- how many ---------------------------------------------------------------------------------------------------- */

#define MANY (PRL_CALL_OPEN_A_PARTY + 200u)

typedef struct names {
	bool has[MANY + 2];
} names;

static bool name_one(void *context, prl_bytes key, const json_t *call)
{
	names *n = context;
	size_t i = strtoul(json_string_value(json_object_get(call, "place")), NULL, 10);
	(void)key;
	assert_true(i < MANY + 2);
	n->has[i] = true;
	return true;
}

/* Of one party's there is an end: what was passed on goes first; the few of another party stay, and so does what nobody
 * has taken. */
static void one_party_has_very_many(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	static names open;
	prl_error err;
	prl_hash first = acts_do(a, "us-ops/1", "call.raised", "{\"class\": \"STOP\", \"place\": \"0\"}");
	acts_do(a, "ru-ops/1", "call.raised", line_text(a->l, "{\"class\": \"STOP\", \"place\": \"%u\"}", MANY + 1));
	for (unsigned i = 1; i < MANY; i++) {
		prl_hash id = acts_do(a, "us-ops/1", "call.raised",
				      line_text(a->l, "{\"class\": \"STOP\", \"place\": \"%u\"}", i));
		acts_see(a, RU, US);
		if (i > 1) /* the two oldest wait for somebody */
			acts_do(a, "ru-ops/1", "call.passed", of(a, &id, ""));
	}
	prl_picture *picture = acts_picture(a, RU);
	memset(&open, 0, sizeof open);
	assert_int_equal(prl_call_each_open(picture, PRL_VERSION_WORKING, name_one, &open, &err), PRL_OK);
	size_t count = 0;
	for (size_t i = 0; i < MANY; i++)
		count += open.has[i];
	assert_true(count <= PRL_CALL_OPEN_A_PARTY && count > PRL_CALL_OPEN_A_PARTY / 2);
	assert_true(open.has[0] && open.has[1] && open.has[MANY - 1] && open.has[MANY + 1]);
	assert_false(open.has[2]);
	assert_int_equal(open_at(a, RU, true), 3);
	/* what has gone is in the list of all, and comes back with its next answer */
	json_t *items = acts_show(a, RU, "ru", "calls", NULL, a->l->now);
	assert_int_equal(json_array_size(items), MANY + 1);
	json_decref(items);
	acts_do(a, "ru-ops/1", "call.reported", of(a, &first, ", \"what\": \"ceased\""));
	assert_int_equal(open_at(a, RU, true), 2);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

/* ---- rung UNVERIFIED --------------------------------------------------------------------------------------------- */

static void record_rung(acts *a, const char *log, size_t i)
{
	prl_hash id = line_hash(line_text(a->l, "call %zu", i));
	line_act act = { .kind = "call.rung",
			 .log = log,
			 .body = line_text(a->l,
					   "{\"call\": \"%s\", \"class\": \"STOP\", \"why\": \"the key is not valid "
					   "any more\", \"brought_by\": \"desk\", \"words\": \"%zu\", \"count\": 1}",
					   line_hash_text(a->l, &id), i) };
	prl_error err = { 0 };
	prl_hash hash;
	if (acts_try(a, &act, &hash, &err))
		fail_msg("%s: %s", err.where, err.text);
}

/* Of each node the newest; it is no call, and of no party. */
static void rung_is_nobodys_act(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	for (size_t i = 0; i < PRL_CALL_RUNG_A_LOG + 10; i++)
		record_rung(a, RU, i);
	record_rung(a, US, 1000);
	acts_see_all(a);
	json_t *items = acts_show(a, US, "us", "calls", "unverified=1", a->l->now), *one;
	bool has_first = false, has_last = false, has_own = false;
	size_t i;
	assert_int_equal(json_array_size(items), PRL_CALL_RUNG_A_LOG + 1);
	json_array_foreach(items, i, one)
	{
		unsigned long n = strtoul(acts_text(one, "words"), NULL, 10);
		assert_false(json_object_get(one, "party") && json_is_string(json_object_get(one, "party")) &&
			     *json_string_value(json_object_get(one, "party")));
		has_first = has_first || n == 0;
		has_last = has_last || n == PRL_CALL_RUNG_A_LOG + 9;
		has_own = has_own || n == 1000;
	}
	assert_true(!has_first && has_last && has_own);
	json_decref(items);
	items = acts_show(a, US, "us", "calls", NULL, a->l->now);
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	assert_int_equal(open_at(a, US, false), 0);
	json_t *alarms = acts_alarms(a, "us", a->l->now);
	assert_null(acts_alarm(alarms, "call-stop"));
	json_decref(alarms);
	acts_check_digests(a);
	acts_free(a);
}

/* No key may say it for a node. */
static void rung_is_recorded_only(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = line_hash("a call"), hash;
	prl_error err = { 0 };
	line_act act = { .kind = "call.rung",
			 .key = "us-ops/1",
			 .body = line_text(a->l,
					   "{\"call\": \"%s\", \"class\": \"STOP\", \"why\": \"x\", \"brought_by\": "
					   "\"desk\", \"count\": 1}",
					   line_hash_text(a->l, &id)) };
	assert_int_not_equal(acts_try(a, &act, &hash, &err), PRL_OK);
	act.key = NULL;
	act.log = US;
	act.recorded = "program/us-plan";
	assert_int_not_equal(acts_try(a, &act, &hash, &err), PRL_OK);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_takes_it),
		cmocka_unit_test(one_of_two),
		cmocka_unit_test(never_reported),
		cmocka_unit_test(may_be_shelved),
		cmocka_unit_test(for_nobody),
		cmocka_unit_test(exercise_answers_nothing),
		cmocka_unit_test(one_party_has_very_many),
		cmocka_unit_test(rung_is_nobodys_act),
		cmocka_unit_test(rung_is_recorded_only),
	};
	return cmocka_run_group_tests_name("open calls", tests, NULL, NULL);
}
