/* Meetings: asked, agreed in principle, fixed by all alike, held or not; minutes, actions; each side its own part. */
#include "line/meeting.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define UN "un.example/line"

static acts *begin(void)
{
	acts *a = acts_new("us@" US " ru@" RU " un@" UN, NULL);
	a->l->now = acts_time("2018-02-07T20:00:00Z");
	return a;
}

static const char *text_of(acts *a, prl_hash hash)
{
	return line_hash_text(a->l, &hash);
}

static prl_hash ask(acts *a)
{
	prl_hash id = acts_do(a, "us-ops/1", "meeting.asked",
			      "{\"kind\": \"meeting\", \"to\": [\"ru\", \"un\"], \"level\": \"chief\", \"agenda\": "
			      "[{\"words\": \"the river line\", \"language\": \"en\"}]}");
	acts_see_all(a);
	return id;
}

static prl_hash say(acts *a, const char *key, prl_hash meeting, const char *says, const char *rest)
{
	return acts_do(a, key, "meeting.changed",
		       line_text(a->l, "{\"meeting\": \"%s\", \"says\": \"%s\"%s}", text_of(a, meeting), says, rest));
}

static void refuse(acts *a, const char *key, prl_hash meeting, const char *says, const char *rest, prl_status status,
		   const char *text)
{
	acts_refused(a, key, "meeting.changed",
		     line_text(a->l, "{\"meeting\": \"%s\", \"says\": \"%s\"%s}", text_of(a, meeting), says, rest),
		     status, text);
}

/* How it stands, alike at all three. */
static void stands(acts *a, const char *state)
{
	static const char *const logs[] = { US, RU, UN };
	acts_see_all(a);
	for (size_t i = 0; i < 3; i++) {
		json_t *items = acts_show(a, logs[i], NULL, "meetings", NULL, a->l->now);
		assert_string_equal(acts_text(items, "0.state"), state);
		json_decref(items);
	}
}

#define AT_NINE ", \"at\": \"2018-02-09T09:00:00Z\""
#define AT_TEN  ", \"at\": \"2018-02-09T10:00:00Z\""

static void test_ladder(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash meeting = ask(a);
	stands(a, "asked");
	say(a, "ru-ops/1", meeting, "agreed in principle", "");
	stands(a, "asked");
	say(a, "un-ops/1", meeting, "agreed in principle", "");
	stands(a, "agreed in principle");
	say(a, "us-ops/1", meeting, "fixed", AT_NINE);
	say(a, "ru-ops/1", meeting, "fixed", AT_TEN);
	stands(a, "fixed differently");
	say(a, "ru-ops/1", meeting, "fixed", ", \"at\": \"2018-02-09T12:00:00+03:00\""); /* the same instant */
	stands(a, "agreed in principle");
	say(a, "un-ops/1", meeting, "fixed", AT_NINE);
	stands(a, "fixed");
	json_t *items = acts_show(a, RU, "ru", "meetings", NULL, acts_time("2018-02-09T09:00:30Z"));
	assert_int_equal(json_integer_value(acts_at(items, "0.silent_s")), 30);
	assert_string_equal(acts_text(items, "0.sides.1.says"), "agreed in principle");
	json_decref(items);
	say(a, "us-ops/1", meeting, "held", "");
	stands(a, "held");
	say(a, "ru-ops/1", meeting, "not held", "");
	stands(a, "told differently");
	acts_check_digests(a);
	acts_free(a);
}

/* Both fix something before either has seen the other's: the same at all, whoever comes first. */
static void test_crossing(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		acts *a = begin();
		prl_hash meeting = ask(a);
		say(a, "un-ops/1", meeting, "declined", "");
		say(a, turn ? "us-ops/1" : "ru-ops/1", meeting, "fixed", AT_NINE);
		say(a, turn ? "ru-ops/1" : "us-ops/1", meeting, "fixed", turn ? AT_NINE : AT_TEN);
		stands(a, turn ? "fixed" : "fixed differently");
		acts_check_digests(a);
		acts_free(a);
	}
}

static void test_declined(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash meeting = ask(a);
	say(a, "ru-ops/1", meeting, "declined", "");
	stands(a, "asked");
	say(a, "un-ops/1", meeting, "declined", "");
	stands(a, "declined");
	acts_free(a);
}

#define MINUTES ", \"minutes\": {\"words\": \"the river is the line\", \"language\": \"en\"}"

static void test_minutes(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash meeting = ask(a);
	prl_hash minutes = say(a, "us-ops/1", meeting, "minutes", MINUTES);
	acts_see_all(a);
	say(a, "ru-ops/1", meeting, "minutes agreed", line_text(a->l, ", \"of\": \"%s\"", text_of(a, minutes)));
	acts_see_all(a);
	json_t *items = acts_show(a, UN, "un", "meetings", NULL, a->l->now);
	assert_false(json_boolean_value(acts_at(items, "0.minutes.0.agreed"))); /* un has not said so */
	json_decref(items);
	say(a, "un-ops/1", meeting, "minutes agreed", line_text(a->l, ", \"of\": \"%s\"", text_of(a, minutes)));
	acts_see_all(a);
	items = acts_show(a, US, "us", "meetings", NULL, a->l->now);
	assert_true(json_boolean_value(acts_at(items, "0.minutes.0.agreed")));
	assert_int_equal(json_array_size(acts_at(items, "0.minutes.0.agreed_by")), 2);
	json_decref(items);
	refuse(a, "ru-ops/1", meeting, "minutes agreed",
	       line_text(a->l, ", \"of\": \"%s\"", text_of(a, line_hash("none"))), PRL_E_NOT_FOUND, "of");
	acts_free(a);
}

static void test_actions(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash meeting = ask(a);
	prl_hash action = say(a, "us-ops/1", meeting, "action",
			      ", \"actions\": [{\"by\": \"ru\", \"text\": {\"words\": \"send the map\", \"language\": "
			      "\"en\"}, \"due\": \"2018-02-12T09:00:00Z\"}]");
	acts_see_all(a);
	json_t *alarms = acts_alarms(a, "ru", acts_time("2018-02-12T08:00:00Z"));
	assert_null(acts_alarm(alarms, "action-due"));
	json_decref(alarms);
	alarms = acts_alarms(a, "ru", acts_time("2018-02-12T10:00:00Z"));
	assert_non_null(acts_alarm(alarms, "action-due"));
	json_decref(alarms);
	alarms = acts_alarms(a, "us", acts_time("2018-02-12T10:00:00Z"));
	assert_null(acts_alarm(alarms, "action-due"));
	json_decref(alarms);
	const char *done = line_text(a->l, ", \"action\": \"%s\", \"number\": 1", text_of(a, action));
	refuse(a, "us-ops/1", meeting, "action done", done, PRL_E_REFUSED, "only party ru");
	refuse(a, "ru-ops/1", meeting, "action done",
	       line_text(a->l, ", \"action\": \"%s\", \"number\": 2", text_of(a, action)), PRL_E_NOT_FOUND,
	       "1 actions");
	say(a, "ru-ops/1", meeting, "action done", done);
	acts_see_all(a);
	json_t *items = acts_show(a, US, "us", "meetings", NULL, acts_time("2018-02-12T10:00:00Z"));
	assert_string_equal(acts_text(items, "0.actions.0.state"), "done");
	json_decref(items);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash meeting = ask(a);
	acts_refused(a, "us-ops/1", "meeting.asked", "{}", PRL_E_SYNTAX, "kind");
	acts_refused(a, "us-ops/1", "meeting.asked",
		     "{\"kind\": \"call\"" AT_NINE ", \"window\": {\"from\": \"2018-02-09T09:00:00Z\"}}", PRL_E_SYNTAX,
		     "window");
	refuse(a, "ru-ops/1", meeting, "fixed", "", PRL_E_SYNTAX, "at: missing");
	refuse(a, "ru-ops/1", meeting, "minutes", "", PRL_E_SYNTAX, "minutes: missing");
	refuse(a, "ru-ops/1", meeting, "action", "", PRL_E_SYNTAX, "actions: missing");
	refuse(a, "ru-ops/1", meeting, "signed", "", PRL_E_RANGE, "");
	refuse(a, "us-ops/1", meeting, "declined", "", PRL_E_REFUSED, "asked for it");
	prl_hash small = acts_do(a, "us-ops/1", "meeting.asked", "{\"kind\": \"call\", \"to\": [\"ru\"]}");
	acts_see_all(a);
	refuse(a, "un-ops/1", small, "held", "", PRL_E_REFUSED, "not addressed");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ladder),  cmocka_unit_test(test_crossing), cmocka_unit_test(test_declined),
		cmocka_unit_test(test_minutes), cmocka_unit_test(test_actions),  cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
