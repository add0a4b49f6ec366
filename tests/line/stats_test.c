/* Statistics: each with its definition, period, recorder, denominator and coverage; each side's count beside the
 * other's. */
#include "line/stats.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

#define FLIGHT "{\"details\": {\"kind\": \"flight\", \"areas\": [{\"place\": \"35.3N 40.2E\", \"radius_m\": 1000}]%s}}"

static acts *begin(const char *now)
{
	acts *a = acts_new("us@" US " ru@" RU,
			   "\"lead_times\": [{\"kind\": \"flight\", \"lead_s\": 1800, \"source\": \"for tests\"}]");
	a->l->now = acts_time(now);
	return a;
}

static const char *text_of(acts *a, prl_hash hash)
{
	return line_hash_text(a->l, &hash);
}

static prl_hash file(acts *a, const char *key, const char *at, const char *rest)
{
	a->l->now = acts_time(at);
	return acts_do(a, key, "notice.filed", line_text(a->l, FLIGHT, rest));
}

static void ended(acts *a, const char *key, prl_hash notice, const char *at, const char *counts)
{
	a->l->now = acts_time(at);
	acts_do(a, key, "notice.ended",
		line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"counts\": [%s]}", text_of(a, notice),
			  text_of(a, notice), counts));
}

/* The day up to now, as the node of party us shows it. */
static json_t *stats_at(acts *a, const char *now)
{
	acts_see_all(a);
	return acts_show(a, US, "us", "stats", "mode=EXERCISE", acts_time(now));
}

static const json_t *figure(const json_t *stats, const char *measure, const char *recorder)
{
	const json_t *one, *row;
	size_t i, k;
	json_array_foreach(stats, i, one)
	{
		if (strcmp(acts_text(one, "measure"), measure) != 0)
			continue;
		json_array_foreach(acts_at(one, "by"), k,
				   row) if (!strcmp(acts_text(row, "recorder"), recorder)) return row;
	}
	fail_msg("no %s of %s", measure, recorder);
	return NULL;
}

static int64_t whole(const json_t *figure_of, const char *path)
{
	return json_integer_value(acts_at(figure_of, path));
}

static void is_near(const json_t *figure_of, double value)
{
	double found = json_number_value(acts_at(figure_of, "value"));
	if (found < value - 1e-9 || found > value + 1e-9)
		fail_msg("value %g, expected %g", found, value);
}

/* Deir ez-Zor: taken 27 min after it was raised; another is never taken. */
static void test_calls(void **state)
{
	(void)state;
	acts *a = begin("2016-09-17T13:25:00Z");
	prl_hash call = acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"URGENT\"}");
	acts_see_all(a);
	a->l->now = acts_time("2016-09-17T13:52:00Z");
	acts_do(a, "us-ops/1", "call.taken", line_text(a->l, "{\"call\": \"%s\"}", text_of(a, call)));
	a->l->now = acts_time("2016-09-17T20:00:00Z");
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	json_t *stats = stats_at(a, "2016-09-18T12:00:00Z");
	const json_t *taken = figure(stats, "call-time-to-answer", "us");
	assert_int_equal(whole(taken, "count"), 1);
	assert_int_equal(whole(taken, "spread.half"), 27 * 60);
	is_near(figure(stats, "calls-a-day", "ru"), 2);
	is_near(figure(stats, "calls-a-day", "us"), 0);
	is_near(figure(stats, "calls-unanswered", "us"), 0.5);
	assert_true(json_is_null(acts_at(figure(stats, "calls-unanswered", "ru"), "value"))); /* no share of nothing */
	json_decref(stats);
	stats = stats_at(a, "2016-09-19T12:00:00Z"); /* another day */
	assert_int_equal(whole(figure(stats, "calls-a-day", "ru"), "count"), 0);
	json_decref(stats);
	acts_free(a);
}

/* Latakia: 60 s of 30 min; beside it one in time, and one that states no beginning. */
static void test_lead_time(void **state)
{
	(void)state;
	acts *a = begin("2018-09-17T18:00:00Z");
	file(a, "us-ops/1", "2018-09-17T18:39:00Z", ", \"from\": \"2018-09-17T18:40:00Z\"");
	file(a, "us-ops/1", "2018-09-17T18:39:30Z", ", \"from\": \"2018-09-17T19:39:30Z\"");
	file(a, "us-ops/1", "2018-09-17T18:39:40Z", "");
	json_t *stats = stats_at(a, "2018-09-17T23:00:00Z");
	const json_t *lead = figure(stats, "lead-time", "us"), *late = figure(stats, "late", "us");
	assert_int_equal(whole(lead, "of"), 2);
	assert_int_equal(whole(lead, "not_covered"), 1);
	assert_int_equal(whole(lead, "spread.least"), 60);
	assert_int_equal(whole(lead, "spread.greatest"), 3600);
	assert_int_equal(whole(late, "count"), 1);
	is_near(late, 0.5);
	assert_int_equal(whole(figure(stats, "lead-time", "ru"), "of"), 0);
	json_decref(stats);
	acts_free(a);
}

static void test_read_and_corrected(void **state)
{
	(void)state;
	acts *a = begin("2018-09-17T18:00:00Z");
	prl_hash notice = file(a, "us-ops/1", "2018-09-17T18:39:00Z", ", \"from\": \"2018-09-17T18:40:00Z\"");
	file(a, "us-ops/1", "2018-09-17T18:39:10Z", ", \"from\": \"2018-09-17T20:00:00Z\"");
	acts_see_all(a);
	a->l->now = acts_time("2018-09-17T18:39:30Z");
	const char *id = text_of(a, notice),
		   *form = line_text(
			   a->l,
			   "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"read back\", \"read_back\": "
			   "{\"name\": \"Latakia\"}}",
			   id, id);
	prl_hash wrong = acts_do(a, "ru-ops/1", "receipt.given", form);
	acts_see_all(a);
	acts_do(a, "us-ops/1", "receipt.judged",
		line_text(a->l,
			  "{\"notice\": \"%s\", \"receipt\": \"%s\", \"judgement\": \"CORRECTION\", \"correction\": "
			  "\"the coast\"}",
			  id, text_of(a, wrong)));
	acts_see_all(a);
	a->l->now = acts_time("2018-09-17T18:41:00Z");
	prl_hash right = acts_do(a, "ru-ops/1", "receipt.given", form);
	acts_see_all(a);
	acts_do(a, "us-ops/1", "receipt.judged",
		line_text(a->l, "{\"notice\": \"%s\", \"receipt\": \"%s\", \"judgement\": \"as meant\"}", id,
			  text_of(a, right)));
	json_t *stats = stats_at(a, "2018-09-17T23:00:00Z");
	is_near(figure(stats, "corrections", "us"), 0.5);
	is_near(figure(stats, "notices-unread", "ru"), 0.5);
	assert_int_equal(whole(figure(stats, "notice-time-to-read", "ru"), "spread.half"), 120);
	json_decref(stats);
	acts_free(a);
}

static void test_queries(void **state)
{
	(void)state;
	acts *a = begin("2018-02-07T20:00:00Z");
	const char *ask = "{\"text\": {\"words\": \"whose?\", \"language\": \"en\"}}";
	prl_hash query = acts_do(a, "us-ops/1", "query.asked", ask);
	acts_do(a, "us-ops/1", "query.asked", ask);
	acts_see_all(a);
	a->l->now = acts_time("2018-02-07T21:00:00Z");
	acts_do(a, "ru-ops/1", "query.answered",
		line_text(a->l, "{\"query\": \"%s\", \"says\": \"declined\"}", text_of(a, query)));
	json_t *stats = stats_at(a, "2018-02-07T23:00:00Z");
	is_near(figure(stats, "queries-unanswered", "ru"), 0.5);
	assert_int_equal(whole(figure(stats, "query-time-to-answer", "ru"), "spread.half"), 3600);
	json_decref(stats);
	acts_free(a);
}

/* The river line, November 2017: 6 to 8 crossings a day at one in ten flights are 60 to 80 flights a day; the other
 * side declares less, and both stand there. A count without its flights is not covered by the share. */
static void test_river_line(void **state)
{
	(void)state;
	acts *a = begin("2017-11-28T00:10:00Z");
	const struct {
		unsigned crossings, flights;
	} days[] = { { 6, 60 }, { 8, 80 } };
	for (size_t i = 0; i < 2; i++) {
		prl_hash by_us = file(a, "us-ops/1", i ? "2017-11-29T01:00:00Z" : "2017-11-28T01:00:00Z", "");
		ended(a, "us-ops/1", by_us, i ? "2017-11-29T20:00:00Z" : "2017-11-28T20:00:00Z",
		      line_text(a->l,
				"{\"what\": \"crossings\", \"count\": %u}, {\"what\": \"flights\", \"count\": %u}",
				days[i].crossings, days[i].flights));
		prl_hash by_ru = file(a, "ru-ops/1", i ? "2017-11-29T21:00:00Z" : "2017-11-28T21:00:00Z", "");
		ended(a, "ru-ops/1", by_ru, i ? "2017-11-29T22:00:00Z" : "2017-11-28T22:00:00Z",
		      "{\"what\": \"crossings\", \"count\": 1}");
		json_t *stats = stats_at(a, i ? "2017-11-29T23:00:00Z" : "2017-11-28T23:00:00Z");
		is_near(figure(stats, "crossings-a-day", "us"), days[i].crossings);
		is_near(figure(stats, "crossings-per-flight", "us"), 0.1);
		is_near(figure(stats, "flights-a-day", "us"), days[i].flights);
		is_near(figure(stats, "crossings-a-day", "ru"), 1);
		const json_t *share = figure(stats, "crossings-per-flight", "ru");
		assert_true(json_is_null(acts_at(share, "value")));
		assert_int_equal(whole(share, "not_covered"), 1);
		json_decref(stats);
	}
	acts_free(a);
}

/* Modes never mix, and no number comes alone. */
static void test_form(void **state)
{
	(void)state;
	acts *a = begin("2016-09-17T13:25:00Z");
	acts_do(a, "ru-ops/1", "call.raised", "{}"); /* of mode EXERCISE */
	acts_see_all(a);
	json_t *stats = acts_show(a, US, "us", "stats", NULL, acts_time("2016-09-17T14:00:00Z"));
	static const char *const members[] = { "measure", "unit", "definition", "denominator", "coverage", NULL };
	const json_t *one;
	size_t i;
	assert_int_equal(json_array_size(stats), PRL_MEASURE_COUNT);
	json_array_foreach(stats, i, one)
	{
		for (const char *const *m = members; *m; m++)
			assert_true(*acts_text(one, *m) != 0);
		assert_string_equal(acts_text(one, "mode"), "REAL");
		assert_string_equal(acts_text(one, "period.from"), "2016-09-16T14:00:00.000Z");
		assert_int_equal(json_array_size(acts_at(one, "by")), 2);
	}
	assert_int_equal(whole(figure(stats, "calls-a-day", "ru"), "count"), 0);
	json_decref(stats);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_lead_time),
		cmocka_unit_test(test_read_and_corrected),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_river_line),
		cmocka_unit_test(test_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
