/* Statements: who says what on which rung; only an announced decision whose time has not come rings, as class 3. */
#include "line/statement.h"

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

#define SAY "{\"kind\": \"%s\", \"text\": {\"words\": \"we track it as a target\", \"language\": \"en\"}%s}"

static void test_shown(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "ru-ops/1", "statement.made",
		line_text(a->l, SAY, "warning", ", \"by\": \"Ministry of Defence\", \"level\": \"minister\""));
	acts_see_all(a);
	json_t *items = acts_show(a, US, "us", "statements", NULL, acts_time("2018-02-07T20:10:00Z"));
	assert_string_equal(acts_text(items, "0.by"), "Ministry of Defence");
	assert_string_equal(acts_text(items, "0.level"), "minister");
	assert_int_equal(json_integer_value(acts_at(items, "0.age_s")), 600);
	json_decref(items);
	json_t *alarms = acts_alarms(a, "us", acts_time("2018-02-07T20:10:00Z"));
	assert_null(acts_alarm(alarms, "decision-announced"));
	json_decref(alarms);
	acts_check_digests(a);
	acts_free(a);
}

static void test_decision(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "ru-ops/1", "statement.made",
		line_text(a->l, SAY, "decision", ", \"takes_effect\": \"2018-02-08T00:00:00Z\""));
	acts_see_all(a);
	json_t *alarms = acts_alarms(a, "us", acts_time("2018-02-07T23:00:00Z"));
	const json_t *alarm = acts_alarm(alarms, "decision-announced");
	assert_non_null(alarm);
	assert_int_equal(json_integer_value(json_object_get(alarm, "class")), 3);
	json_decref(alarms);
	alarms = acts_alarms(a, "us", acts_time("2018-02-08T00:00:01Z"));
	assert_null(acts_alarm(alarms, "decision-announced"));
	json_decref(alarms);
	alarms = acts_alarms(a, "ru", acts_time("2018-02-07T23:00:00Z"));
	assert_null(acts_alarm(alarms, "decision-announced"));
	json_decref(alarms);
	json_t *items = acts_show(a, US, "us", "statements", NULL, acts_time("2018-02-07T23:00:00Z"));
	assert_int_equal(json_integer_value(acts_at(items, "0.takes_effect_in_s")), 3600);
	json_decref(items);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	acts_refused(a, "ru-ops/1", "statement.made", "{\"kind\": \"warning\"}", PRL_E_SYNTAX, "text");
	acts_refused(a, "ru-ops/1", "statement.made", line_text(a->l, SAY, "threat", ""), PRL_E_RANGE, "");
	acts_refused(a, "ru-ops/1", "statement.made", line_text(a->l, SAY, "decision", ""), PRL_E_SYNTAX,
		     "takes_effect");
	acts_refused(a, "ru-ops/1", "statement.made", line_text(a->l, SAY, "position", ", \"level\": \"corporal\""),
		     PRL_E_RANGE, "");
	acts_refused(a, "ru-ops/1", "statement.made", line_text(a->l, SAY, "position", ", \"more\": 1"), PRL_E_SYNTAX,
		     "more");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_decision),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
