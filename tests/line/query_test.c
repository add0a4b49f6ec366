/* Queries: who was asked, when an answer is due, who has answered, and silence with its age. */
#include "line/query.h"

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

#define ASK    "{%s\"text\": {\"words\": \"Whose is the column on the west bank?\", \"language\": \"en\"}%s}"
#define ANSWER "{\"query\": \"%s\", \"says\": \"%s\", \"text\": {\"words\": \"not ours\", \"language\": \"ru\"}}"

static prl_hash ask(acts *a, const char *before, const char *after)
{
	prl_hash id = acts_do(a, "us-ops/1", "query.asked", line_text(a->l, ASK, before, after));
	acts_see_all(a);
	return id;
}

static int64_t number(const json_t *items, const char *path)
{
	return json_integer_value(acts_at(items, path));
}

static void test_answered(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash query = ask(a, "\"to\": [\"ru\", \"un\"], ", "");
	a->l->now = acts_time("2018-02-07T20:27:00Z");
	acts_do(a, "ru-ops/1", "query.answered", line_text(a->l, ANSWER, text_of(a, query), "answered"));
	acts_see_all(a);
	json_t *items = acts_show(a, US, "us", "queries", NULL, acts_time("2018-02-07T21:00:00Z"));
	assert_string_equal(acts_text(items, "0.state"), "no answer");
	assert_string_equal(acts_text(items, "0.answers.0.party"), "ru");
	assert_string_equal(acts_text(items, "0.answers.0.state"), "answered");
	assert_int_equal(number(items, "0.answers.0.age_s"), 27 * 60);
	assert_string_equal(acts_text(items, "0.answers.0.saying.text.words"), "not ours");
	assert_string_equal(acts_text(items, "0.answers.1.state"), "no answer");
	assert_int_equal(number(items, "0.answers.1.age_s"), 3600);
	assert_false(json_boolean_value(acts_at(items, "0.overdue")));
	assert_string_equal(acts_text(items, "0.due"), "2018-02-09T20:00:00.000Z");
	json_decref(items);
	acts_do(a, "un-ops/1", "query.answered",
		line_text(a->l, "{\"query\": \"%s\", \"says\": \"declined\"}", text_of(a, query)));
	acts_see_all(a);
	items = acts_show(a, US, "us", "queries", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.state"), "answered");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* Urgent: two hours; then it is overdue, and the alarm goes from who was asked to who asked as well. */
static void test_silence(void **state)
{
	(void)state;
	acts *a = begin();
	ask(a, "\"to\": [\"ru\"], ", ", \"urgent\": true");
	json_t *alarms = acts_alarms(a, "ru", acts_time("2018-02-07T20:30:00Z"));
	assert_non_null(acts_alarm(alarms, "query-due"));
	json_decref(alarms);
	alarms = acts_alarms(a, "un", acts_time("2018-02-07T20:30:00Z"));
	assert_null(acts_alarm(alarms, "query-due"));
	json_decref(alarms);
	alarms = acts_alarms(a, "us", acts_time("2018-02-07T22:00:00Z"));
	assert_null(acts_alarm(alarms, "query-no-answer"));
	json_decref(alarms);
	alarms = acts_alarms(a, "us", acts_time("2018-02-07T22:00:02Z"));
	assert_non_null(acts_alarm(alarms, "query-no-answer"));
	json_decref(alarms);
	json_t *items = acts_show(a, US, "us", "queries", NULL, acts_time("2018-02-07T23:00:00Z"));
	assert_true(json_boolean_value(acts_at(items, "0.overdue")));
	assert_int_equal(number(items, "0.answers.0.late_s"), 3600);
	json_decref(items);
	items = acts_show(a, UN, "un", "queries", NULL, a->l->now);
	assert_int_equal(json_array_size(items), 0); /* it was not addressed to them */
	json_decref(items);
	acts_free(a);
}

static void test_times_of_the_constitution(void **state)
{
	(void)state;
	acts *a = acts_new("us@" US " ru@" RU, "\"timers\": {\"query_s\": 3600, \"urgent_query_s\": 60}");
	a->l->now = acts_time("2018-02-07T20:00:00Z");
	acts_do(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "", ""));
	a->l->now = acts_time("2018-02-07T20:00:10Z");
	acts_do(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "", ", \"urgent\": true"));
	json_t *items = acts_show(a, US, NULL, "queries", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.due"), "2018-02-07T21:00:00.000Z");
	assert_string_equal(acts_text(items, "1.due"), "2018-02-07T20:01:10.000Z");
	json_decref(items);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash query = ask(a, "\"to\": [\"ru\"], ", ""), none = line_hash("none");
	const char *id = text_of(a, query);
	acts_refused(a, "us-ops/1", "query.asked", "{}", PRL_E_SYNTAX, "text");
	acts_refused(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "\"to\": [\"us\"], ", ""), PRL_E_REFUSED,
		     "at least one other party");
	acts_refused(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "\"to\": [\"xx\"], ", ""), PRL_E_NOT_FOUND,
		     "xx");
	acts_refused(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "", ", \"notice\": \"x\""), PRL_E_SYNTAX, "");
	acts_refused(a, "un-ops/1", "query.answered", line_text(a->l, ANSWER, id, "answered"), PRL_E_REFUSED,
		     "not addressed to party un");
	acts_refused(a, "us-ops/1", "query.answered", line_text(a->l, ANSWER, id, "answered"), PRL_E_REFUSED,
		     "not addressed to party us");
	acts_refused(a, "ru-ops/1", "query.answered", line_text(a->l, ANSWER, text_of(a, none), "answered"),
		     PRL_E_NOT_FOUND, "no query of this id");
	acts_refused(a, "ru-ops/1", "query.answered", line_text(a->l, ANSWER, id, "maybe"), PRL_E_RANGE, "");
	acts_refused(a, "ru-ops/1", "query.answered",
		     line_text(a->l, "{\"query\": \"%s\", \"says\": \"answered\"}", id), PRL_E_SYNTAX,
		     "an answer needs words");
	acts_refused(a, "ru-ops/1", "query.answered",
		     line_text(a->l, "{\"query\": \"%s\", \"says\": \"declined\", \"against\": \"%s\"}", id,
			       text_of(a, none)),
		     PRL_E_NOT_FOUND, "against");
	acts_free(a);
}

/* An answer to what its log has not seen is refused, though the query may be there already. */
static void test_not_seen(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash query = acts_do(a, "us-ops/1", "query.asked", line_text(a->l, ASK, "", ""));
	acts_refused(a, "ru-ops/1", "query.answered", line_text(a->l, ANSWER, text_of(a, query), "answered"),
		     PRL_E_NOT_FOUND, "no query of this id");
	acts_free(a);
}

/* No party can make an object grow without end; what the others say of it is not touched by that. */
static void test_too_many(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash query = ask(a, "", "");
	const char *answer = line_text(a->l, ANSWER, text_of(a, query), "answered");
	for (int i = 0; i < 200; i++)
		acts_do(a, "ru-ops/1", "query.answered", answer);
	acts_refused(a, "ru-ops/2", "query.answered", answer, PRL_E_TOO_LARGE, "has said 200 things");
	acts_do(a, "un-ops/1", "query.answered", answer);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

/* Nor by few long words: a thing stays below what a snapshot takes of one value. */
static void test_too_long(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash query = ask(a, "", "");
	char words[8001];
	memset(words, 'w', sizeof words - 1);
	words[sizeof words - 1] = 0;
	const char *answer = line_text(a->l,
				       "{\"query\": \"%s\", \"says\": \"answered\", \"text\": {\"words\": \"%s\", "
				       "\"language\": \"ru\"}}",
				       text_of(a, query), words);
	for (int i = 0; i < 12; i++)
		acts_do(a, "ru-ops/1", "query.answered", answer);
	acts_refused(a, "ru-ops/1", "query.answered", answer, PRL_E_TOO_LARGE, "12 things of it");
	acts_do(a, "un-ops/1", "query.answered", answer);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_times_of_the_constitution),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_seen),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
