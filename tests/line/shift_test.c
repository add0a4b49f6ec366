/* Shifts: begun once a key, ended once, handed over by two; nobody on watch is an alarm at both parties. */
#include "line/shift.h"

#include "base/text.h"
#include "line/alarm.h"
#include "support/acts.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

#define BEGIN "{\"role\": \"desk\", \"languages\": [\"en\"]}"

static const char *of(acts *a, const prl_hash *id, const char *more)
{
	return line_text(a->l, "{\"shift\": \"%s\"%s}", line_hash_text(a->l, id), more);
}

static prl_status hand_over(acts *a, const prl_hash *id, const char *from, const char *to, const char *second,
			    prl_hash *ret, prl_error *err)
{
	prl_hash open = line_hash("open items");
	line_act act = { .kind = "shift.handed_over",
			 .key = from,
			 .second = second,
			 .body = of(a, id,
				    line_text(a->l, ", \"to\": \"%s\", \"open\": {\"hash\": \"%s\", \"count\": 3}", to,
					      line_hash_text(a->l, &open))) };
	return acts_try(a, &act, ret, err);
}

static size_t on_watch(acts *a, const char *log, const char *query)
{
	json_t *items = acts_show(a, log, NULL, "shifts", query, a->l->now);
	size_t count = json_array_size(items);
	json_decref(items);
	return count;
}

static void begun_and_ended(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN);
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "shifts", "party=us", a->l->now);
	assert_string_equal(acts_text(items, "0.desk"), "us-ops");
	assert_string_equal(acts_text(items, "0.role"), "desk");
	assert_true(json_integer_value(acts_at(items, "0.age_s")) >= 0);
	json_decref(items);
	acts_refused(a, "us-ops/1", "shift.begun", BEGIN, PRL_E_DUPLICATE, "on watch since");
	acts_refused(a, "ru-ops/1", "shift.ended", of(a, &id, ""), PRL_E_REFUSED, "only party us");
	acts_do(a, "us-ops/2", "shift.ended", of(a, &id, ", \"reason\": \"has left\""));
	acts_refused(a, "us-ops/1", "shift.ended", of(a, &id, ""), PRL_E_STALE, "ended at");
	assert_int_equal(on_watch(a, US, NULL), 0);
	assert_int_equal(on_watch(a, US, "all=1"), 1);
	acts_do(a, "us-ops/1", "shift.begun", BEGIN);
	assert_int_equal(on_watch(a, US, NULL), 1);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

static void bad_bodies(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	acts_refused(a, "us-ops/1", "shift.begun", "{}", PRL_E_SYNTAX, "role");
	acts_refused(a, "us-ops/1", "shift.begun", "{\"role\": \"desk\"}", PRL_E_SYNTAX, "languages");
	acts_refused(a, "us-ops/1", "shift.begun", "{\"role\": \"general\", \"languages\": [\"en\"]}", PRL_E_RANGE,
		     "general");
	acts_refused(a, "us-ops/1", "shift.begun", "{\"role\": \"desk\", \"languages\": []}", PRL_E_RANGE, "");
	acts_refused(a, "us-ops/1", "shift.begun", "{\"role\": \"desk\", \"languages\": [\"!\"]}", PRL_E_SYNTAX,
		     "language");
	acts_refused(a, "us-ops/1", "shift.begun", "{\"role\": \"desk\", \"languages\": [\"en\"], \"name\": \"Jim\"}",
		     PRL_E_SYNTAX, "name");
	acts_refused(a, "us/root", "shift.begun", BEGIN, PRL_E_REFUSED, "a console or desk key");
	acts_refused(a, "us-ops/1", "shift.ended", "{}", PRL_E_SYNTAX, "shift");
	prl_hash nothing = line_hash("nothing");
	acts_refused(a, "us-ops/1", "shift.ended", of(a, &nothing, ""), PRL_E_NOT_FOUND, "shift");
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN);
	line_act real = { .kind = "shift.ended", .key = "us-ops/1", .body = of(a, &id, ""), .real = true };
	prl_error err;
	assert_int_equal(acts_try(a, &real, &nothing, &err), PRL_E_REFUSED);
	assert_non_null(strstr(err.text, "EXERCISE"));
	acts_free(a);
}

static void handed_over_by_two(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_error err;
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN), next, again;
	assert_int_not_equal(hand_over(a, &id, "us-ops/1", "us-ops/2", NULL, &next, &err), PRL_OK);
	assert_int_not_equal(hand_over(a, &id, "us-ops/1", "us-ops/1", "us-ops/1", &next, &err), PRL_OK);
	assert_int_equal(hand_over(a, &id, "us-ops/1", "us-ops", "us-ops/2", &next, &err), PRL_E_REFUSED);
	assert_int_equal(hand_over(a, &id, "us-ops/2", "us-ops/1", "us-ops/1", &next, &err), PRL_E_REFUSED);
	assert_int_equal(hand_over(a, &id, "us-ops/1", "us-ops/2", "us-ops/2", &next, &err), PRL_OK);
	assert_int_equal(hand_over(a, &id, "us-ops/1", "us-ops/2", "us-ops/2", &again, &err), PRL_E_STALE);
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "shifts", NULL, a->l->now);
	assert_int_equal(json_array_size(items), 1);
	assert_string_equal(acts_text(items, "0.key"), "us-ops/2");
	assert_string_equal(acts_text(items, "0.took_over"), line_hash_text(a->l, &id));
	json_decref(items);
	acts_do(a, "us-ops/2", "shift.ended", of(a, &next, ""));
	assert_int_equal(on_watch(a, US, NULL), 0);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

/* Who comes may have signed on first: then that shift goes on. */
static void handed_over_to_one_on_watch(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_error err;
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN), next;
	prl_hash other = acts_do(a, "us-ops/2", "shift.begun", BEGIN);
	assert_int_equal(hand_over(a, &id, "us-ops/1", "us-ops/2", "us-ops/2", &next, &err), PRL_OK);
	assert_int_equal(on_watch(a, US, NULL), 1);
	acts_do(a, "us-ops/2", "shift.ended", of(a, &other, ""));
	assert_int_equal(on_watch(a, US, NULL), 0);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

static bool rings(acts *a, const char *party, const char *name)
{
	json_t *alarms = acts_alarms(a, party, a->l->now);
	bool is = acts_alarm(alarms, name) != NULL;
	json_decref(alarms);
	return is;
}

static void nobody_on_watch_rings_at_both(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	assert_true(rings(a, "us", "nobody-on-watch"));
	assert_true(rings(a, "ru", "peer-nobody-on-watch"));
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN);
	acts_do(a, "ru-ops/1", "shift.begun", "{\"role\": \"desk\", \"languages\": [\"ru\"]}");
	acts_see_all(a);
	assert_false(rings(a, "us", "nobody-on-watch"));
	assert_false(rings(a, "ru", "peer-nobody-on-watch"));
	assert_true(rings(a, "us", "no-language"));
	acts_do(a, "us-ops/2", "shift.begun", "{\"role\": \"deputy\", \"languages\": [\"en\", \"ru\"]}");
	acts_see_all(a);
	assert_false(rings(a, "us", "no-language"));
	assert_false(rings(a, "ru", "no-language"));
	acts_do(a, "us-ops/1", "shift.ended", of(a, &id, ""));
	assert_false(rings(a, "us", "nobody-on-watch"));
	acts_free(a);
}

static prl_time since_of(acts *a, const char *party, const char *name, prl_time now)
{
	json_t *alarms = acts_alarms(a, party, now);
	const json_t *alarm = acts_alarm(alarms, name);
	assert_non_null(alarm);
	prl_time since = acts_time(json_string_value(json_object_get(alarm, "since")));
	json_decref(alarms);
	return since;
}

/* Where nobody ever came it is since the founding, and stays so whenever it is asked; later since the last one went. */
static void since_when_nobody(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	const prl_constitution *c = prl_picture_constitution(acts_picture(a, US), PRL_VERSION_WORKING);
	prl_time later = a->l->now + 86400 * PRL_SECOND;
	assert_true(c->founded > 0 && c->founded <= a->l->now);
	assert_int_equal(since_of(a, "us", "nobody-on-watch", a->l->now), c->founded);
	assert_int_equal(since_of(a, "us", "nobody-on-watch", later), c->founded);
	assert_int_equal(since_of(a, "ru", "peer-nobody-on-watch", later), c->founded);
	prl_hash id = acts_do(a, "us-ops/1", "shift.begun", BEGIN);
	acts_do(a, "us-ops/1", "shift.ended", of(a, &id, ""));
	acts_see_all(a);
	prl_time went = since_of(a, "us", "nobody-on-watch", later);
	assert_true(went > c->founded && went <= a->l->now);
	assert_int_equal(since_of(a, "ru", "peer-nobody-on-watch", later + PRL_SECOND), went);
	acts_check_digests(a); /* the founding is saved and loaded too */
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begun_and_ended),
		cmocka_unit_test(bad_bodies),
		cmocka_unit_test(handed_over_by_two),
		cmocka_unit_test(handed_over_to_one_on_watch),
		cmocka_unit_test(nobody_on_watch_rings_at_both),
		cmocka_unit_test(since_when_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
