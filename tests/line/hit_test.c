/* The register of hits: what was notified, who had read it at that instant, ranges that are never sums. */
#include "line/hit.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UN "un.example/line"
#define RU "ru.example/line"
#define US "us.example/line"

static acts *begin(prl_hash *ret_site)
{
	acts *a = acts_new("un@" UN " ru@" RU " us@" US, NULL);
	a->l->now = acts_time("2016-09-19T08:00:00Z");
	*ret_site = acts_do(a, "un-ops/1", "notice.filed",
			    "{\"details\": {\"kind\": \"site\", \"title\": \"Warehouse\", \"areas\": [{\"place\": "
			    "\"36.15N 36.85E\", \"radius_m\": 100}]}}");
	acts_see_all(a);
	return a;
}

static const char *hit(acts *a, const prl_hash *notice, const prl_hash *event, const char *rest)
{
	const char *about = notice ? line_text(a->l, ", \"notice\": \"%s\"", line_hash_text(a->l, notice)) : "";
	const char *same = event ? line_text(a->l, ", \"event\": \"%s\"", line_hash_text(a->l, event)) : "";
	return line_text(a->l,
			 "{\"time\": \"2016-09-19T16:12:00Z\", \"words\": \"trucks hit from the air\", \"language\": "
			 "\"en\"%s%s%s}",
			 about, same, rest);
}

static void read_at(acts *a, const char *key, prl_hash notice, const char *at)
{
	a->l->now = acts_time(at);
	acts_do(a, key, "receipt.given",
		line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"understood\"}",
			  line_hash_text(a->l, &notice), line_hash_text(a->l, &notice)));
}

static void test_register(void **state)
{
	(void)state;
	prl_hash site;
	acts *a = begin(&site);
	read_at(a, "ru-ops/1", site, "2016-09-19T09:12:00Z");
	read_at(a, "us-ops/1", site, "2016-09-19T17:00:00Z"); /* after it */
	acts_see_all(a);
	acts_do(a, "un-ops/1", "hit.reported", hit(a, &site, NULL, ", \"damage\": \"17 trucks\""));
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "hits", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.notice.name"), "un#1");
	assert_true(json_boolean_value(acts_at(items, "0.notice.filed_before")));
	assert_int_equal(json_integer_value(acts_at(items, "0.notice.age_s")), 8 * 3600 + 12 * 60);
	assert_int_equal(json_array_size(acts_at(items, "0.notice.read_by")), 1);
	assert_string_equal(acts_text(items, "0.notice.read_by.0.party"), "ru");
	assert_int_equal(json_integer_value(acts_at(items, "0.notice.read_by.0.read_for_s")), 7 * 3600);
	assert_int_equal(json_array_size(acts_at(items, "0.notice.not_read_by")), 1);
	assert_string_equal(acts_text(items, "0.notice.not_read_by.0"), "us");
	json_decref(items);
	json_t *alarms = acts_alarms(a, "ru", a->l->now);
	assert_non_null(acts_alarm(alarms, "hit-reported"));
	json_decref(alarms);
	alarms = acts_alarms(a, "un", a->l->now);
	assert_null(acts_alarm(alarms, "hit-reported"));
	json_decref(alarms);
	/* ru gives its account: it waits there no longer, and at us it does */
	json_t *listed = acts_show(a, RU, "ru", "hits", NULL, a->l->now);
	acts_do(a, "ru-ops/1", "hit.reported",
		hit(a, &site, NULL, line_text(a->l, ", \"event\": \"%s\"", acts_text(listed, "0.event"))));
	json_decref(listed);
	acts_see_all(a);
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_null(acts_alarm(alarms, "hit-reported"));
	json_decref(alarms);
	alarms = acts_alarms(a, "us", a->l->now);
	assert_non_null(acts_alarm(alarms, "hit-reported"));
	json_decref(alarms);
	acts_check_digests(a);
	acts_free(a);
}

/* A read-back that the sender had answered CORRECTION by then was no reading of it. */
static void test_corrected_is_not_read(void **state)
{
	(void)state;
	prl_hash site;
	acts *a = begin(&site);
	const char *id = line_hash_text(a->l, &site);
	prl_hash back = acts_do(a, "ru-ops/1", "receipt.given",
				line_text(a->l,
					  "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"read back\", "
					  "\"read_back\": {\"name\": \"Idlib\"}}",
					  id, id));
	acts_see_all(a);
	a->l->now = acts_time("2016-09-19T12:00:00Z");
	acts_do(a, "un-ops/1", "receipt.judged",
		line_text(a->l,
			  "{\"notice\": \"%s\", \"receipt\": \"%s\", \"judgement\": \"CORRECTION\", "
			  "\"correction\": \"Urum\"}",
			  id, line_hash_text(a->l, &back)));
	a->l->now = acts_time("2016-09-19T17:00:00Z");
	acts_do(a, "un-ops/1", "hit.reported", hit(a, &site, NULL, ""));
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "hits", NULL, a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.notice.read_by")), 0);
	assert_int_equal(json_array_size(acts_at(items, "0.notice.not_read_by")), 2);
	json_decref(items);
	acts_free(a);
}

/* Urum al-Kubra: at least 10, 14, 18 killed; at least 22, 15, 15 hurt; one statement in two copies. */
static void test_one_event_is_no_sum(void **state)
{
	(void)state;
	prl_hash site;
	acts *a = begin(&site);
	a->l->now = acts_time("2016-09-19T17:00:00Z");
	prl_hash first = acts_do(
		a, "un-ops/1", "hit.reported",
		hit(a, &site, NULL, ", \"origin\": \"UN board\", \"killed\": {\"min\": 10}, \"hurt\": {\"min\": 22}"));
	acts_see_all(a);
	prl_hash second = acts_do(
		a, "us-ops/1", "hit.reported",
		hit(a, NULL, &first,
		    ", \"origin\": \"Commission\", \"killed\": {\"min\": 14}, \"hurt\": {\"min\": 15, \"max\": 15}"));
	acts_see_all(a);
	/* a further account may name any account of the event */
	acts_do(a, "un-ops/2", "hit.reported",
		hit(a, NULL, &second, ", \"origin\": \"UN spokesman\", \"killed\": {\"min\": 18, \"max\": 18}"));
	acts_do(a, "ru-ops/1", "hit.reported",
		hit(a, NULL, &first, ", \"origin\": \"UN spokesman\", \"killed\": {\"min\": 18, \"max\": 18}"));
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "hits", NULL, a->l->now);
	assert_int_equal(json_array_size(items), 1);
	assert_int_equal(json_integer_value(acts_at(items, "0.killed.min")), 10);
	assert_int_equal(json_integer_value(acts_at(items, "0.killed.max")), 18);
	assert_false(json_boolean_value(acts_at(items, "0.killed.or_more")));
	assert_int_equal(json_integer_value(acts_at(items, "0.hurt.min")), 15);
	assert_int_equal(json_integer_value(acts_at(items, "0.hurt.max")), 22);
	assert_true(json_boolean_value(acts_at(items, "0.hurt.or_more")));
	assert_int_equal(json_integer_value(acts_at(items, "0.origin_count")), 3);
	assert_int_equal(json_array_size(acts_at(items, "0.accounts")), 4);
	json_decref(items);
	items = acts_show(a, RU, "ru", "hits", "notice=un#1", a->l->now);
	assert_int_equal(json_array_size(items), 1);
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	prl_hash site, none = line_hash("none");
	acts *a = begin(&site);
	a->l->now = acts_time("2016-09-19T18:00:00Z");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, &none, NULL, ""), PRL_E_NOT_FOUND, "");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, NULL, &none, ""), PRL_E_NOT_FOUND, "event");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, NULL, NULL, ", \"killed\": {\"min\": 3, \"max\": 2}"),
		     PRL_E_RANGE, "killed");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, NULL, NULL, ", \"killed\": {\"min\": -1}"), PRL_E_RANGE,
		     "min");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, NULL, NULL, ", \"guilty\": \"us\""), PRL_E_SYNTAX, "guilty");
	acts_refused(a, "ru-ops/1", "hit.reported", "{}", PRL_E_SYNTAX, "is missing");
	a->l->now = acts_time("2016-09-19T10:00:00Z");
	acts_refused(a, "ru-ops/1", "hit.reported", hit(a, NULL, NULL, ""), PRL_E_RANGE, "/time");
	acts_free(a);
}

static void test_another_mode_or_key(void **state)
{
	(void)state;
	prl_hash site;
	prl_error err;
	acts *a = begin(&site);
	a->l->now = acts_time("2016-09-19T17:00:00Z");
	prl_hash first = acts_do(a, "un-ops/1", "hit.reported", hit(a, &site, NULL, ""));
	line_act act = { .kind = "hit.reported", .key = "un-ops/1", .real = true, .body = hit(a, &site, NULL, "") };
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_E_REFUSED);
	act.body = hit(a, NULL, &first, "");
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_E_REFUSED);
	acts_do(a, "un-ops", "key.revoked", "{\"key\": \"un-ops/2\"}");
	acts_refused(a, "un-ops/2", "hit.reported", act.body, PRL_E_REFUSED, "");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register),
		cmocka_unit_test(test_corrected_is_not_read),
		cmocka_unit_test(test_one_event_is_no_sum),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_another_mode_or_key),
	};
	return cmocka_run_group_tests_name("hit", tests, NULL, NULL);
}
