/* The channel declared and observed, per rung, apart; recognition; persons who are there, tests asked and answered. */
#include "line/channel.h"

#include "line/person.h"
#include "line/recognition.h"
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

static prl_status close_channel(acts *a, const char *body, const char *second, prl_hash *ret, prl_error *err)
{
	line_act act = { .kind = "channel.closed", .key = "us-ops/1", .second = second, .body = body };
	return acts_try(a, &act, ret, err);
}

static json_t *channel(acts *a, const char *party)
{
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "channels", line_text(a->l, "party=%s", party), a->l->now);
	assert_int_equal(json_array_size(items), 1);
	return items;
}

static bool rings(acts *a, const char *party, const char *name)
{
	json_t *alarms = acts_alarms(a, party, a->l->now);
	bool is = acts_alarm(alarms, name) != NULL;
	json_decref(alarms);
	return is;
}

/* A shelf holds what it may until its end, and no longer; the next state of the same situation is still shelved. */
static void shelved(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "us-ops/1", "channel.declared", "{\"state\": \"limited\"}");
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "alarm.shelved",
		"{\"situation\": \"channel:us\", \"reason\": \"known\", \"until\": \"2016-09-18T00:00:00Z\"}");
	json_t *alarms = acts_alarms(a, "ru", acts_time("2016-09-17T23:59:59Z"));
	assert_string_equal(acts_text(acts_alarm(alarms, "channel-declared"), "shelved.reason"), "known");
	json_decref(alarms);
	alarms = acts_alarms(a, "ru", acts_time("2016-09-18T00:00:00Z"));
	assert_true(json_is_null(acts_at(acts_alarm(alarms, "channel-declared"), "shelved")));
	json_decref(alarms);
	/* of class 2 nothing is shelved, whatever the entry names */
	acts_do(a, "ru-ops/1", "alarm.shelved",
		"{\"situation\": \"watch:ru\", \"reason\": \"quiet\", \"until\": \"2016-09-18T00:00:00Z\"}");
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_true(json_is_null(acts_at(acts_alarm(alarms, "nobody-on-watch"), "shelved")));
	json_decref(alarms);
	acts_free(a);
}

/* A rung's telephone is in force as what declares it is: the next declaration without one takes it away. */
static void call_back(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "us-ops/1", "channel.declared",
		"{\"state\": \"open\", \"rungs\": [\"director\"], \"call_back\": \"+1 555 0199\"}");
	json_t *items = channel(a, "us");
	assert_string_equal(acts_text(items, "0.rungs.3.rung"), "director");
	assert_string_equal(acts_text(items, "0.rungs.3.declared.call_back"), "+1 555 0199");
	assert_null(json_object_get(acts_at(items, "0.rungs.0.declared"), "call_back"));
	json_decref(items);
	acts_do(a, "us-ops/1", "channel.declared", "{\"state\": \"open\"}");
	items = channel(a, "us");
	assert_null(json_object_get(acts_at(items, "0.rungs.3.declared"), "call_back"));
	json_decref(items);
	acts_refused(a, "us-ops/1", "channel.declared", "{\"state\": \"open\", \"call_back\": \"\"}", PRL_E_RANGE,
		     "call_back");
	acts_free(a);
}

/* mechanisms.md, 8.5: declared ended, tests still answered: observed open; STOP passes. */
static void ended_yet_open(void **state)
{
	(void)state;
	acts *a = begin();
	prl_error err;
	prl_hash closed;
	assert_int_not_equal(close_channel(a, "{\"state\": \"ended\", \"reason\": \"Ja'Din\"}", NULL, &closed, &err),
			     PRL_OK);
	assert_int_equal(close_channel(a, "{\"state\": \"ended\", \"reason\": \"Ja'Din\"}", "us-ops/2", &closed, &err),
			 PRL_OK);
	acts_see_all(a);
	a->l->now += 24 * 3600 * PRL_SECOND;
	prl_hash test = acts_do(a, "ru-ops/1", "person.present", "{\"ask\": [\"us\"]}");
	acts_see_all(a);
	acts_do(a, "us-ops/1", "person.present", line_text(a->l, "{\"answers\": \"%s\"}", line_hash_text(a->l, &test)));
	json_t *items = channel(a, "us");
	assert_string_equal(acts_text(items, "0.rungs.0.declared.state"), "ended");
	assert_string_equal(acts_text(items, "0.rungs.0.observed.state"), "open");
	assert_string_equal(acts_text(items, "0.rungs.6.declared.state"), "ended");
	assert_string_equal(acts_text(items, "0.rungs.6.observed.state"), "nothing seen");
	json_decref(items);
	assert_true(rings(a, "ru", "channel-declared"));
	assert_false(rings(a, "us", "channel-declared"));
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	assert_true(rings(a, "us", "call-stop"));
	acts_check_digests(a);
	acts_free(a);
}

static void by_rung_and_from(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "us-ops/1", "channel.declared", "{\"state\": \"open\"}");
	acts_do(a, "us-ops/1", "channel.declared",
		"{\"state\": \"limited\", \"rungs\": [\"director\"], \"from\": \"2016-09-18T00:00:00Z\"}");
	json_t *items = channel(a, "us");
	assert_string_equal(acts_text(items, "0.rungs.3.rung"), "director");
	assert_string_equal(acts_text(items, "0.rungs.3.declared.state"), "open");
	assert_string_equal(acts_text(items, "0.rungs.3.declared_next.state"), "limited");
	json_decref(items);
	a->l->now = acts_time("2016-09-18T00:00:01Z");
	items = channel(a, "us");
	assert_string_equal(acts_text(items, "0.rungs.3.declared.state"), "limited");
	assert_string_equal(acts_text(items, "0.rungs.0.declared.state"), "open");
	assert_string_equal(acts_text(items, "0.rungs.0.observed.state"), "silent");
	json_decref(items);
	items = channel(a, "ru");
	assert_string_equal(acts_text(items, "0.rungs.0.declared.state"), "not declared");
	json_decref(items);
	acts_free(a);
}

/* What was missed: how much of the other log had been seen when it was closed, and when it was open again. */
static void resumed(void **state)
{
	(void)state;
	acts *a = begin();
	prl_error err;
	prl_hash closed;
	assert_int_equal(
		close_channel(a, "{\"state\": \"suspended\", \"reason\": \"Su-22\"}", "us-ops/2", &closed, &err),
		PRL_OK);
	acts_see_all(a);
	for (int i = 0; i < 3; i++)
		acts_do(a, "ru-ops/1", "message.sent", "{\"text\": \"missed\", \"language\": \"en\"}");
	acts_see_all(a);
	acts_do(a, "us-ops/1", "channel.declared", "{\"state\": \"open\"}");
	json_t *items = channel(a, "us");
	const json_t *missed = json_object_get(acts_at(items, "0.rungs.0.resumed.missed"), RU);
	assert_string_equal(acts_text(items, "0.rungs.0.resumed.state"), "suspended");
	assert_true(json_integer_value(json_object_get(missed, "to")) >=
		    json_integer_value(json_object_get(missed, "from")) + 3);
	json_decref(items);
	assert_false(rings(a, "ru", "channel-declared"));
	acts_check_digests(a);
	acts_free(a);
}

static void bad_declarations(void **state)
{
	(void)state;
	acts *a = begin();
	prl_error err;
	prl_hash id;
	acts_refused(a, "us-ops/1", "channel.declared", "{}", PRL_E_SYNTAX, "state");
	acts_refused(a, "us-ops/1", "channel.declared", "{\"state\": \"ended\"}", PRL_E_RANGE, "ended");
	acts_refused(a, "us-ops/1", "channel.declared", "{\"state\": \"open\", \"rungs\": [\"king\"]}", PRL_E_RANGE,
		     "king");
	acts_refused(a, "us-ops/1", "channel.declared", "{\"state\": \"open\", \"rungs\": []}", PRL_E_RANGE, "");
	acts_refused(a, "us-ops/1", "channel.declared", "{\"state\": \"open\", \"from\": \"soon\"}", PRL_E_SYNTAX,
		     "soon");
	assert_int_equal(close_channel(a, "{\"state\": \"ended\"}", "us-ops/2", &id, &err), PRL_E_SYNTAX);
	assert_int_not_equal(close_channel(a, "{\"state\": \"ended\", \"reason\": \"r\"}", "ru-ops/1", &id, &err),
			     PRL_OK);
	assert_int_not_equal(close_channel(a, "{\"state\": \"ended\", \"reason\": \"r\"}", "us-ops/1", &id, &err),
			     PRL_OK);
	acts_free(a);
}

static void recognised_and_withdrawn(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "us-ops/1", "recognition.stated",
		"{\"party\": \"ru\", \"desk\": \"ru-ops\", \"state\": \"recognised\", \"number\": 2, \"of\": 3}");
	acts_do(a, "us-ops/1", "recognition.stated",
		"{\"party\": \"ru\", \"desk\": \"ru-ops\", \"state\": \"withdrawn\", \"from\": "
		"\"2016-09-18T00:00:00Z\"}");
	acts_see_all(a);
	prl_picture *picture = acts_picture(a, RU);
	prl_time before = acts_time("2016-09-17T23:59:59Z"), after = acts_time("2016-09-18T00:00:00Z");
	assert_false(prl_recognition_is_withdrawn(picture, PRL_VERSION_WORKING, "us", "ru", "ru-ops", before));
	assert_true(prl_recognition_is_withdrawn(picture, PRL_VERSION_WORKING, "us", "ru", "ru-ops", after));
	json_t *items = acts_show(a, RU, "ru", "recognitions", "by=us", before);
	assert_int_equal(json_integer_value(acts_at(items, "0.until_then.number")), 2);
	json_decref(items);
	/* what the other signs stays valid */
	a->l->now = after;
	acts_do(a, "ru-ops/1", "message.sent", "{\"text\": \"we are here\", \"language\": \"en\"}");
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	assert_true(rings(a, "us", "call-stop"));
	acts_check_digests(a);
	static const struct {
		const char *body, *text;
		prl_status status;
	} bad[] = {
		{ "{\"state\": \"recognised\", \"post\": \"p\"}", "party", PRL_E_SYNTAX },
		{ "{\"party\": \"ru\", \"post\": \"p\"}", "state", PRL_E_SYNTAX },
		{ "{\"party\": \"ru\", \"state\": \"recognised\"}", "exactly one", PRL_E_SYNTAX },
		{ "{\"party\": \"ru\", \"post\": \"p\", \"desk\": \"ru-ops\", \"state\": \"recognised\"}",
		  "exactly one", PRL_E_SYNTAX },
		{ "{\"party\": \"us\", \"post\": \"p\", \"state\": \"recognised\"}", "another party", PRL_E_REFUSED },
		{ "{\"party\": \"xx\", \"post\": \"p\", \"state\": \"recognised\"}", "not of this line",
		  PRL_E_NOT_FOUND },
		{ "{\"party\": \"ru\", \"desk\": \"us-ops\", \"state\": \"recognised\"}", "no desk of", PRL_E_REFUSED },
		{ "{\"party\": \"ru\", \"post\": \"p\", \"state\": \"recognised\", \"number\": 4, \"of\": 3}", "4 of 3",
		  PRL_E_RANGE },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		acts_refused(a, "us-ops/1", "recognition.stated", bad[i].body, bad[i].status, bad[i].text);
	acts_free(a);
}

static void tests_are_answered_once(void **state)
{
	(void)state;
	acts *a = begin();
	prl_time answered, asked;
	prl_hash test = acts_do(a, "ru-ops/1", "person.present", "{\"ask\": [\"us\"]}");
	const char *answer = line_text(a->l, "{\"answers\": \"%s\"}", line_hash_text(a->l, &test));
	acts_refused(a, "us-ops/1", "person.present", answer, PRL_E_NOT_FOUND, "answers"); /* not seen yet */
	acts_see_all(a);
	acts_refused(a, "ru-ops/2", "person.present", answer, PRL_E_REFUSED, "not asked");
	json_t *waiting = channel(a, "us");
	assert_string_equal(acts_text(waiting, "0.tests.0.waits"), line_hash_text(a->l, &test));
	json_decref(waiting);
	acts_do(a, "us-ops/1", "person.present", answer);
	acts_refused(a, "us-ops/2", "person.present", answer, PRL_E_DUPLICATE, "has answered");
	acts_refused(a, "us-ops/2", "person.present",
		     line_text(a->l, "{\"ask\": [\"ru\"], \"answers\": \"%s\"}", line_hash_text(a->l, &test)),
		     PRL_E_SYNTAX, "at most one");
	acts_refused(a, "us-ops/2", "person.present", "{\"ask\": [\"nobody\"]}", PRL_E_NOT_FOUND, "nobody");
	acts_see_all(a);
	prl_person_tested(acts_picture(a, RU), PRL_VERSION_WORKING, "ru", "us", &answered, &asked);
	assert_true(answered > asked && asked > 0);
	json_t *items = channel(a, "us");
	assert_string_equal(acts_text(items, "0.tests.0.asked_by"), "ru");
	assert_true(json_is_null(acts_at(items, "0.tests.0.waits")));
	assert_int_equal(acts_time(acts_text(items, "0.tests.0.next")), asked + PRL_TEST_S * PRL_SECOND);
	json_decref(items);
	items = channel(a, "ru"); /* by us, who never asked: nobody knows when */
	assert_true(json_is_null(acts_at(items, "0.tests.0.asked")) && json_is_null(acts_at(items, "0.tests.0.next")));
	json_decref(items);
	assert_false(rings(a, "ru", "test-missed"));
	a->l->now += 3700 * PRL_SECOND;
	assert_true(rings(a, "ru", "test-missed"));
	acts_check_digests(a);
	acts_free(a);
}

/* Nobody acts for 12 min while STOP waits: on screen, then sound, desk 2, director; one key ends it. */
static void person_silent(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "us-ops/1", "person.present", "{}");
	acts_see_all(a);
	a->l->now += 60 * PRL_SECOND;
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	assert_false(rings(a, "us", "person-silent"));
	a->l->now += 11 * 60 * PRL_SECOND;
	json_t *alarms = acts_alarms(a, "us", a->l->now);
	const json_t *alarm = acts_alarm(alarms, "person-silent");
	assert_non_null(alarm);
	prl_time since = acts_time(acts_text(alarm, "since"));
	assert_int_equal(acts_time(acts_text(alarm, "about.sound_at")), since + 15 * PRL_SECOND);
	assert_int_equal(acts_time(acts_text(alarm, "about.desk2_at")), since + 30 * PRL_SECOND);
	assert_int_equal(acts_time(acts_text(alarm, "about.director_at")), since + 120 * PRL_SECOND);
	json_decref(alarms);
	acts_do(a, "us-ops/2", "person.present", "{}");
	assert_false(rings(a, "us", "person-silent"));
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_back),
		cmocka_unit_test(ended_yet_open),

		cmocka_unit_test(shelved),
		cmocka_unit_test(by_rung_and_from),
		cmocka_unit_test(resumed),
		cmocka_unit_test(bad_declarations),
		cmocka_unit_test(recognised_and_withdrawn),
		cmocka_unit_test(tests_are_answered_once),
		cmocka_unit_test(person_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
