/* A truce is declared ended: one urgent bundle a recipient, taken once, its movements read back one by one. */
#include "line/bundle.h"

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

#define CONVOY                                                                                                         \
	"{\"details\": {\"kind\": \"convoy\", \"from\": \"2016-09-17T10:00:00Z\", \"to\": \"2016-09-18T16:00:00Z\", "  \
	"\"areas\": [{\"vertices\": [\"36.10000N 37.00000E\", \"36.10000N 36.90000E\"], \"half_width_m\": 500}]}}"
#define SITE "{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"36.15000N 36.85000E\", \"radius_m\": 100}]}}"
#define FLIGHT                                                                                                         \
	"{\"details\": {\"kind\": \"flight\", \"areas\": [{\"place\": \"36.15000N 36.85000E\", \"radius_m\": 100}]}}"

typedef struct truce {
	acts *a;
	prl_hash convoy, second, site, cause;
} truce;

static truce begin(void)
{
	truce t = { .a = acts_new("un@" UN " ru@" RU " us@" US, NULL) };
	t.convoy = acts_do(t.a, "un-ops/1", "notice.filed", CONVOY);
	t.second = acts_do(t.a, "un-ops/1", "notice.filed", CONVOY);
	for (int i = 0; i < 12; i++)
		t.site = acts_do(t.a, "un-ops/1", "notice.filed", SITE);
	acts_do(t.a, "us-ops/1", "notice.filed", SITE);
	acts_do(t.a, "us-ops/1", "notice.filed", FLIGHT); /* does not protect people by itself */
	acts_see_all(t.a);
	return t;
}

static void declare_ended(truce *t)
{
	prl_error err = { 0 };
	line_act ended = { .kind = "truce.ended",
			   .key = "ru-ops/1",
			   .second = "ru-ops/2",
			   .body = "{\"what\": \"arrangement of 9 September\", \"words\": \"The truce is over.\", "
				   "\"language\": \"en\"}" };
	if (acts_try(t->a, &ended, &t->cause, &err))
		fail_msg("%s", err.text);
	acts_see_all(t->a);
}

/* What the node of a log does each second. Returns how many entries it recorded. */
static size_t raise_at(truce *t, const char *log)
{
	prl_error err = { 0 };
	json_t *due = NULL;
	const json_t *one;
	size_t i;
	assert_int_equal(prl_bundle_due(acts_picture(t->a, log), PRL_VERSION_WORKING, t->a->l->now, &due, &err),
			 PRL_OK);
	json_array_foreach(due, i, one)
	{
		char *body = json_dumps(json_object_get(one, "body"), JSON_COMPACT);
		assert_int_equal(json_integer_value(json_object_get(one, "mode")), PRL_MODE_EXERCISE);
		line_act raised = { .kind = "bundle.raised", .log = log, .body = line_text(t->a->l, "%s", body) };
		if (acts_try(t->a, &raised, NULL, &err))
			fail_msg("%s", err.text);
		free(body);
	}
	size_t count = json_array_size(due);
	json_decref(due);
	return count;
}

static const char *about(truce *t, const char *rest)
{
	return line_text(t->a->l, "{\"bundle\": \"%s\"%s}", line_hash_text(t->a->l, &t->cause), rest);
}

static const char *item(truce *t, const prl_hash *notice, const char *rest)
{
	const char *id = line_hash_text(t->a->l, notice);
	return about(t, line_text(t->a->l, ", \"notice\": \"%s\", \"version\": \"%s\"%s", id, id, rest));
}

#define READ ", \"read_back\": {\"words\": \"trucks from the east to Urum\"}"

static void test_one_bundle(void **state)
{
	(void)state;
	truce t = begin();
	assert_int_equal(raise_at(&t, UN), 0);
	declare_ended(&t);
	assert_int_equal(raise_at(&t, UN), 1);
	assert_int_equal(raise_at(&t, UN), 0); /* once */
	assert_int_equal(raise_at(&t, US), 1);
	assert_int_equal(raise_at(&t, RU), 1); /* it has notified nothing, and says so */
	assert_int_equal(raise_at(&t, RU), 0);
	acts_see_all(t.a);

	/* one object, whoever raised it */
	json_t *items = acts_show(t.a, RU, "ru", "bundles", NULL, t.a->l->now);
	assert_int_equal(json_array_size(items), 1);
	assert_string_equal(acts_text(items, "0.why"), "ru declared arrangement of 9 September ended");
	assert_int_equal(json_array_size(acts_at(items, "0.movements")), 2);
	assert_string_equal(acts_text(items, "0.movements.0.name"), "un#1");
	assert_int_equal(json_integer_value(acts_at(items, "0.site_count")), 13);
	json_decref(items);

	/* one urgent alarm, until it is taken; then the movements, one by one */
	json_t *alarms = acts_alarms(t.a, "ru", t.a->l->now);
	const json_t *take = acts_alarm(alarms, "bundle-to-take");
	assert_non_null(take);
	assert_int_equal(json_integer_value(acts_at(take, "class")), 2);
	assert_non_null(strstr(acts_text(take, "text"), "Still protected: 2 movements, 13 sites"));
	json_decref(alarms);
	acts_do(t.a, "ru-ops/1", "bundle.taken", about(&t, ""));
	acts_do(t.a, "ru-ops/2", "bundle.taken", about(&t, "")); /* twice is once */
	alarms = acts_alarms(t.a, "ru", t.a->l->now);
	assert_null(acts_alarm(alarms, "bundle-to-take"));
	assert_non_null(strstr(acts_text(acts_alarm(alarms, "bundle-to-read"), "text"), "2 movements"));
	json_decref(alarms);
	acts_refused(t.a, "ru-ops/1", "bundle.read", item(&t, &t.convoy, ""), PRL_E_REFUSED, "/read_back");
	acts_do(t.a, "ru-ops/1", "bundle.read", item(&t, &t.convoy, READ));
	acts_do(t.a, "ru-ops/1", "bundle.read", item(&t, &t.site, "")); /* a site needs no read-back */
	alarms = acts_alarms(t.a, "ru", t.a->l->now);
	assert_non_null(strstr(acts_text(acts_alarm(alarms, "bundle-to-read"), "text"), "1 movements"));
	json_decref(alarms);
	acts_do(t.a, "ru-ops/1", "bundle.read", item(&t, &t.second, READ));
	acts_see_all(t.a);
	alarms = acts_alarms(t.a, "ru", t.a->l->now);
	assert_null(acts_alarm(alarms, "bundle-to-read"));
	json_decref(alarms);

	/* receipts by item, at the organisation; us has not taken it */
	items = acts_show(t.a, UN, "un", "bundles", NULL, t.a->l->now);
	assert_string_equal(acts_text(items, "0.movements.0.read.ru.read_back.words"), "trucks from the east to Urum");
	assert_string_equal(acts_text(items, "0.movements.0.not_read_by.0"), "us");
	assert_string_equal(acts_text(items, "0.parties.1.party"), "ru");
	assert_string_equal(acts_text(items, "0.parties.1.taken.key"), "ru-ops/1");
	assert_true(json_boolean_value(acts_at(items, "0.parties.1.served")));
	assert_true(json_is_null(acts_at(items, "0.parties.2.taken")));
	json_decref(items);
	acts_check_digests(t.a);
	acts_free(t.a);
}

/* What a second node adds after the bundle was taken does not ring again. */
static void test_taken_once(void **state)
{
	(void)state;
	truce t = begin();
	declare_ended(&t);
	raise_at(&t, UN);
	acts_see_all(t.a);
	acts_do(t.a, "ru-ops/1", "bundle.taken", about(&t, ""));
	raise_at(&t, US);
	acts_see_all(t.a);
	json_t *alarms = acts_alarms(t.a, "ru", t.a->l->now);
	assert_null(acts_alarm(alarms, "bundle-to-take"));
	json_decref(alarms);
	acts_check_digests(t.a);
	acts_free(t.a);
}

/* The channel declared ended is a cause like a truce; suspended is none: that is for now. */
static void test_channel_ended(void **state)
{
	(void)state;
	truce t = begin();
	prl_error err = { 0 };
	line_act closed = { .kind = "channel.closed",
			    .key = "ru-ops/1",
			    .second = "ru-ops/2",
			    .body = "{\"state\": \"suspended\", \"reason\": \"r\"}" };
	assert_int_equal(acts_try(t.a, &closed, NULL, &err), PRL_OK);
	acts_see_all(t.a);
	assert_int_equal(raise_at(&t, UN), 0);
	closed.body = "{\"state\": \"ended\", \"reason\": \"r\"}";
	assert_int_equal(acts_try(t.a, &closed, &t.cause, &err), PRL_OK);
	acts_see_all(t.a);
	assert_int_equal(raise_at(&t, UN), 1);
	acts_see_all(t.a);
	json_t *items = acts_show(t.a, US, "us", "bundles", NULL, t.a->l->now);
	assert_string_equal(acts_text(items, "0.why"), "ru declared the channel ended");
	json_decref(items);
	json_t *alarms = acts_alarms(t.a, "us", t.a->l->now);
	assert_non_null(acts_alarm(alarms, "bundle-to-take"));
	json_decref(alarms);
	acts_do(t.a, "us-ops/1", "bundle.taken", about(&t, ""));
	acts_see_all(t.a);
	acts_check_digests(t.a);
	acts_free(t.a);
}

static void test_many_sites(void **state)
{
	(void)state;
	truce t = begin();
	for (int i = 0; i < PRL_BUNDLE_SITES_MAX; i++)
		acts_do(t.a, "un-ops/1", "notice.filed", SITE);
	acts_see_all(t.a);
	declare_ended(&t);
	assert_int_equal(raise_at(&t, UN), 2);          /* in as many entries as it takes */
	acts_do(t.a, "un-ops/1", "notice.filed", SITE); /* after the cause: not in it */
	acts_see_all(t.a);
	json_t *items = acts_show(t.a, RU, "ru", "bundles", NULL, t.a->l->now);
	assert_int_equal(json_integer_value(acts_at(items, "0.site_count")), PRL_BUNDLE_SITES_MAX + 12);
	json_decref(items);
	acts_free(t.a);
}

static void test_refused(void **state)
{
	(void)state;
	truce t = begin();
	prl_error err = { 0 };
	acts_refused(t.a, "ru-ops/1", "truce.ended", "{\"what\": \"a\", \"words\": \"b\", \"language\": \"en\"}",
		     PRL_E_SIGNATURE, "expected 2"); /* two people sign */
	acts_refused(t.a, "ru-ops/1", "bundle.taken", about(&t, ""), PRL_E_NOT_FOUND, "bundle");
	declare_ended(&t);
	acts_refused(t.a, "ru-ops/1", "bundle.taken", about(&t, ""), PRL_E_NOT_FOUND, "bundle");
	/* a node does not raise what another party has notified, nor for what nobody declared */
	const char *convoy = line_hash_text(t.a->l, &t.convoy);
	line_act raised = { .kind = "bundle.raised",
			    .log = US,
			    .body = about(&t, line_text(t.a->l,
							", \"why\": \"x\", \"sites\": [], \"movements\": [[\"%s\", "
							"\"%s\"]]",
							convoy, convoy)) };
	raised.body = line_text(t.a->l, "{\"cause\"%s", raised.body + strlen("{\"bundle\""));
	assert_int_equal(acts_try(t.a, &raised, NULL, &err), PRL_E_REFUSED);
	t.cause = line_hash("none");
	raised.log = UN;
	raised.body = about(&t, ", \"why\": \"x\", \"sites\": [], \"movements\": []");
	raised.body = line_text(t.a->l, "{\"cause\"%s", raised.body + strlen("{\"bundle\""));
	assert_int_equal(acts_try(t.a, &raised, NULL, &err), PRL_E_NOT_FOUND);
	acts_free(t.a);
}

static void test_read_refused(void **state)
{
	(void)state;
	truce t = begin();
	declare_ended(&t);
	raise_at(&t, UN);
	prl_hash late = acts_do(t.a, "un-ops/1", "notice.filed", SITE);
	acts_refused(t.a, "un-ops/1", "bundle.read", item(&t, &t.convoy, READ), PRL_E_REFUSED, "own notice");
	acts_refused(t.a, "ru-ops/1", "bundle.read", item(&t, &t.convoy, READ), PRL_E_NOT_FOUND, "bundle");
	acts_see_all(t.a);
	acts_refused(t.a, "ru-ops/1", "bundle.read", item(&t, &late, READ), PRL_E_NOT_FOUND, "not in this bundle");
	acts_refused(t.a, "ru-ops/1", "bundle.read", about(&t, ""), PRL_E_SYNTAX, "is missing");
	acts_free(t.a);
}

static void test_another_mode_or_key(void **state)
{
	(void)state;
	truce t = begin();
	prl_error err;
	declare_ended(&t);
	raise_at(&t, UN);
	acts_see_all(t.a);
	line_act act = { .kind = "bundle.taken", .key = "ru-ops/1", .real = true, .body = about(&t, "") };
	assert_int_equal(acts_try(t.a, &act, NULL, &err), PRL_E_REFUSED);
	act.kind = "bundle.read";
	act.body = item(&t, &t.convoy, READ);
	assert_int_equal(acts_try(t.a, &act, NULL, &err), PRL_E_REFUSED);
	acts_do(t.a, "ru-ops", "key.revoked", "{\"key\": \"ru-ops/2\"}");
	acts_refused(t.a, "ru-ops/2", "bundle.taken", about(&t, ""), PRL_E_REFUSED, "");
	acts_free(t.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_bundle),
		cmocka_unit_test(test_taken_once),
		cmocka_unit_test(test_channel_ended),
		cmocka_unit_test(test_many_sites),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_read_refused),
		cmocka_unit_test(test_another_mode_or_key),
	};
	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
