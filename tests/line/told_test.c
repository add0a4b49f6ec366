/* Services that could not be told of a notice: who is listed, for how long, and that all nodes say the same. */
#include "line/told.h"

#include "base/hash.h"
#include "base/text.h"
#include "dss/entity.h"
#include "dss/reach.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UN             "un.example/line"
#define RU             "ru.example/line"
#define SUB            "[\"a0000000-0000-4000-8000-000000000001\"]"
#define TOLD(uss)      "{\"uss\":\"" uss "\",\"subscriptions\":" SUB "}"
#define LOST(uss, why) "{\"uss\":\"" uss "\",\"subscriptions\":" SUB ",\"why\":\"" why "\"}"
#define END            "2016-09-19T12:00:00Z"

typedef struct fixture {
	acts *a;
	const char *notice, *id;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->a = acts_new("un@" UN " ru@" RU, NULL);
	f->a->l->now = acts_time("2016-09-19T08:00:00Z");
	prl_hash notice = acts_do(f->a, "ru-ops/1", "notice.filed",
				  "{\"details\": {\"kind\": \"exercise\", \"areas\": [{\"place\": \"36.15N 36.85E\", "
				  "\"radius_m\": 100}]}, \"uss\": \"area\"}");
	char id[PRL_UUID_TEXT_MAX];
	const prl_uuid constraint = prl_notice_constraint_id(&notice);
	prl_uuid_write(&constraint, id);
	f->notice = line_text(f->a->l, "%s", line_hash_text(f->a->l, &notice));
	f->id = line_text(f->a->l, "%s", id);
	acts_see_all(f->a);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	acts_check_digests(f->a);
	acts_free(f->a);
	free(f);
	return 0;
}

/* The node of un records; all see it. */
static void record(fixture *f, const char *kind, const char *recorded, const char *body)
{
	line_act_on(f->a->l, acts_picture(f->a, UN),
		    &(line_act){ .kind = kind, .recorded = recorded, .log = UN, .body = body, .real = true });
	acts_see_all(f->a);
}

static void told(fixture *f, const char *until, const char *those, const char *others)
{
	record(f, "constraint.told", NULL,
	       line_text(f->a->l,
			 "{\"entry\":7,\"id\":\"%s\",\"version\":1,\"notice\":\"%s\",\"until\":\"%s\",\"told\":[%s],"
			 "\"unreached\":[%s]}",
			 f->id, f->notice, until, those, others));
}

static void expect(fixture *f, const char *at, const char *text)
{
	json_t *alarms = acts_alarms(f->a, "ru", acts_time(at)), *others = acts_alarms(f->a, "un", acts_time(at));
	const json_t *alarm = acts_alarm(alarms, "drone-services-not-told");
	assert_string_equal(alarm ? acts_text(alarm, "text") : "", text);
	assert_null(acts_alarm(others, "drone-services-not-told")); /* the owner's alone */
	json_decref(alarms);
	json_decref(others);
}

static void listed_until_told(void **state)
{
	fixture *f = *state;
	told(f, END, TOLD("uss1"), "");
	expect(f, "2016-09-19T09:00:00Z", "");
	told(f, END, TOLD("uss1"), LOST("uss2", "status 404") "," LOST("uss3", "no answer"));
	expect(f, "2016-09-19T09:00:00Z", "ru#1: drone traffic services not told: uss2 and 1 more (status 404)");
	told(f, END, TOLD("uss2"), "");
	expect(f, "2016-09-19T09:00:00Z", "ru#1: drone traffic service not told: uss3 (no answer)");
	told(f, END, "", LOST("uss3", "status 500"));
	expect(f, "2016-09-19T09:00:00Z", "ru#1: drone traffic service not told: uss3 (status 500)");
	json_t *shown = acts_show(f->a, RU, "ru", "told", NULL, acts_time("2016-09-19T09:00:00Z"));
	assert_int_equal(json_array_size(shown), 1);
	assert_string_equal(acts_text(shown, "0.notice"), "ru#1");
	assert_string_equal(acts_text(shown, "0.constraint"), f->id);
	assert_string_equal(acts_text(shown, "0.unreached.0.uss"), "uss3");
	assert_string_equal(acts_text(shown, "0.unreached.0.log"), UN);
	assert_int_equal(json_array_size(acts_at(shown, "0.told")), 2);
	assert_string_equal(acts_text(shown, "0.told.0.uss"), "uss2");
	assert_string_equal(acts_text(shown, "0.told.1.uss"), "uss1");
	json_decref(shown);
	shown = acts_show(f->a, UN, "un", "told", NULL, acts_time("2016-09-19T09:00:00Z"));
	assert_int_equal(json_array_size(shown), 0);
	json_decref(shown);
	told(f, END, TOLD("uss3"), LOST("\\u001b[2J", "\\u202e"));
	expect(f, "2016-09-19T09:00:00Z", "ru#1: drone traffic service not told: ?[2J (?)");
}

static void until_the_constraint_is_over(void **state)
{
	fixture *f = *state;
	told(f, END, "", LOST("uss2", "x"));
	expect(f, "2016-09-19T11:59:59Z", "ru#1: drone traffic service not told: uss2 (x)");
	expect(f, "2016-09-19T12:00:01Z", "");
	record(f, "entities.ended", NULL, line_text(f->a->l, "{\"constraints\":[\"%s\"]}", f->id));
	expect(f, "2016-09-19T11:59:59Z", "");
}

static const char *home(fixture *f)
{
	prl_hash hash = line_hash("home");
	return line_text(f->a->l, "\"home\":{\"hash\":\"%s\",\"size\":100}", line_hash_text(f->a->l, &hash));
}

static void a_new_version_and_a_deletion_say_how_long(void **state)
{
	fixture *f = *state;
	told(f, END, "", LOST("uss2", "x"));
	record(f, "constraint.put", "uss/parley.un",
	       line_text(
		       f->a->l,
		       "{\"id\":\"%s\",\"manager\":\"parley.un\",\"version\":2,\"uss_base_url\":\"https://un.example\","
		       "\"from\":\"2016-09-19T08:00:00Z\",\"to\":\"2016-09-25T12:00:00Z\",\"bounds\":[36,36,37,37],"
		       "\"notice\":\"%s\",%s}",
		       f->id, f->notice, home(f)));
	expect(f, "2016-09-25T11:00:00Z", "ru#1: drone traffic service not told: uss2 (x)");
	f->a->l->now = acts_time("2016-09-19T10:00:00Z");
	record(f, "constraint.deleted", "uss/parley.un",
	       line_text(f->a->l, "{\"id\":\"%s\",\"manager\":\"parley.un\",%s}", f->id, home(f)));
	expect(f, "2016-09-20T09:59:00Z", "ru#1: drone traffic service not told: uss2 (x)");
	expect(f, "2016-09-20T10:01:00Z", "");
}

static bool count_one(void *context, const prl_reach *unreached)
{
	(void)unreached;
	++*(size_t *)context;
	return true;
}

static size_t listed(fixture *f, const char *log)
{
	size_t count = 0;
	assert_int_equal(prl_reach_each(acts_picture(f->a, log), PRL_VERSION_WORKING, count_one, &count, NULL), PRL_OK);
	return count;
}

static void told_over(fixture *f, const char *id, const char *until, const char *others)
{
	record(f, "constraint.told", NULL,
	       line_text(f->a->l,
			 "{\"entry\":9,\"id\":\"%s\",\"version\":1,\"over\":true,\"notice\":\"%s\",\"until\":\"%s\","
			 "\"told\":[" TOLD("uss1") "],\"unreached\":[%s]}",
			 id, f->notice, until, others));
}

static void what_is_over_and_told_goes(void **state)
{
	fixture *f = *state;
	told(f, END, TOLD("uss1"), LOST("uss2", "x"));
	assert_int_equal(listed(f, UN), 1);
	told_over(f, f->id, END, LOST("uss2", "x"));
	assert_int_equal(listed(f, RU), 1);
	record(f, "constraint.told", NULL,
	       line_text(f->a->l,
			 "{\"entry\":9,\"id\":\"%s\",\"version\":1,\"over\":true,\"notice\":\"%s\",\"until\":\"" END
			 "\",\"told\":[" TOLD("uss2") "],\"unreached\":[]}",
			 f->id, f->notice));
	assert_int_equal(listed(f, UN), 0);
	assert_int_equal(listed(f, RU), 0);
}

static void what_is_over_and_past_goes_later(void **state)
{
	fixture *f = *state;
	told_over(f, f->id, "2016-09-19T08:30:00Z", LOST("uss2", "x"));
	assert_int_equal(listed(f, UN), 1);
	f->a->l->now = acts_time("2016-09-19T09:00:00Z");
	for (unsigned i = 0; i < 64; i++)
		told_over(f, "a0000000-0000-4000-8000-000000000009", END, "");
	assert_int_equal(listed(f, UN), 0);
	assert_int_equal(listed(f, RU), 0);
}

/* What a node of another program might record. */
static void what_is_no_such_entry(void **state)
{
	fixture *f = *state;
	static const char *const bodies[] = {
		"{}",
		"{\"entry\":7,\"id\":\"x\",\"version\":1,\"notice\":\"%s\",\"until\":\"" END
		"\",\"told\":[],\"unreached\":[]}",
		"{\"entry\":7,\"id\":\"a0000000-0000-1000-8000-000000000009\",\"version\":1,\"notice\":\"%s\","
		"\"until\":\"" END "\",\"told\":[],\"unreached\":[]}",
		"{\"entry\":7,\"id\":\"a0000000-0000-4000-8000-000000000009\",\"version\":1,\"notice\":\"%s\","
		"\"until\":\"soon\","
		"\"told\":[],\"unreached\":[]}",
		"{\"entry\":7,\"id\":\"a0000000-0000-4000-8000-000000000009\",\"version\":1,\"notice\":\"%s\","
		"\"until\":\"" END "\",\"told\":[{\"uss\":\"a\"}],\"unreached\":[]}",
		"{\"entry\":7,\"id\":\"a0000000-0000-4000-8000-000000000009\",\"version\":1,\"notice\":\"%s\","
		"\"until\":\"" END "\",\"told\":[],\"unreached\":[" TOLD("a") "]}",
		"{\"entry\":-1,\"id\":\"a0000000-0000-4000-8000-000000000009\",\"version\":1,\"notice\":\"%s\","
		"\"until\":\"" END "\",\"told\":[],\"unreached\":[]}",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		prl_error err = { 0 };
		char body[1000];
		const char *slot = strstr(bodies[i], "%s");
		size_t before = slot ? (size_t)(slot - bodies[i]) : strlen(bodies[i]);
		(void)snprintf(body, sizeof body, "%.*s%s%s", (int)before, bodies[i], slot ? f->notice : "",
			       slot ? slot + 2 : "");
		prl_bytes entry = line_entry(f->a->l, &(line_act){ .kind = "constraint.told",
								   .log = UN,
								   .body = line_text(f->a->l, "%s", body),
								   .real = true });
		if (!line_apply(acts_picture(f->a, UN), UN, entry, &err))
			fail_msg("taken: %s", body);
	}
	assert_int_equal(listed(f, UN), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(listed_until_told),
		TEST(until_the_constraint_is_over),
		TEST(a_new_version_and_a_deletion_say_how_long),
		TEST(what_is_over_and_told_goes),
		TEST(what_is_over_and_past_goes_later),
		TEST(what_is_no_such_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
