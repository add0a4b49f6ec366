/* What nodes say of notices that drone traffic services are shown: who read, what cannot be shown; kept, in any order.
 */
#include "line/shown.h"

#include "line/notice.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US   "us.example/line"
#define RU   "ru.example/line"
#define UUID "a0000000-0000-4000-8000-000000000001"
#define SITE "{\"details\": {\"kind\": \"site\"}, \"uss\": \"area\"}"

static acts *begin(void)
{
	return acts_new("us@" US " ru@" RU, NULL);
}

/* As the clerk of that log records it. */
static prl_status record(acts *a, const char *log, const char *kind, const char *recorded, const char *body)
{
	prl_error err = { 0 };
	prl_bytes entry = line_entry(a->l, &(line_act){ .kind = kind, .log = log, .recorded = recorded, .body = body });
	prl_status st = line_apply(acts_picture(a, log), log, entry, &err);
	if (!st)
		line_append(a->l, log, entry);
	return st;
}

static prl_status read_by(acts *a, const char *log, const prl_hash *notice, const char *uss, int version)
{
	return record(a, log, "constraint.read", "uss/x",
		      line_text(a->l,
				"{\"id\": \"" UUID "\", \"version\": %d, \"manager\": \"%s\", \"notice\": \"%s\"}",
				version, uss, line_hash_text(a->l, notice)));
}

static prl_status unshown(acts *a, const char *log, const prl_hash *notice, const char *why)
{
	return record(a, log, "constraint.unshown", NULL,
		      line_text(a->l, "{\"notice\": \"%s\"%s%s%s}", line_hash_text(a->l, notice),
				why ? ", \"why\": \"" : "", why ? why : "", why ? "\"" : ""));
}

/* A filing in mode REAL. */
static prl_hash file(acts *a, const char *key, const char *body)
{
	prl_hash hash;
	prl_error err = { 0 };
	prl_status st =
		acts_try(a, &(line_act){ .kind = "notice.filed", .key = key, .body = body, .real = true }, &hash, &err);
	if (st)
		fail_msg("%s: %s", err.where, err.text);
	return hash;
}

static void readers_of_a_notice(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = file(a, "us-ops/1", SITE), other = file(a, "us-ops/1", SITE);
	acts_see_all(a);
	assert_int_equal(read_by(a, US, &id, "uss1", 1), PRL_OK);
	assert_int_equal(read_by(a, US, &id, "uss2", 1), PRL_OK);
	assert_int_equal(read_by(a, US, &id, "uss1", 2), PRL_OK);
	assert_int_equal(read_by(a, RU, &id, "uss1", 1), PRL_OK); /* at the other node it is shown too */
	acts_see_all(a);
	for (int at = 0; at < 2; at++) {
		json_t *items = acts_show(a, at ? RU : US, "us", "shown", NULL, a->l->now);
		assert_int_equal(json_array_size(items), 2);
		json_t *mine = acts_show(a, at ? RU : US, "us", "shown", "notice=us#1", a->l->now);
		assert_int_equal(json_array_size(mine), 1);
		assert_int_equal(json_array_size(acts_at(mine, "0.readers")), 3);
		assert_string_equal(acts_text(mine, "0.readers.0.uss"), "uss1");
		assert_int_equal(json_integer_value(acts_at(mine, "0.readers.0.count")), 2);
		assert_int_equal(json_integer_value(acts_at(mine, "0.readers.0.version")), 2);
		assert_string_equal(acts_text(mine, "0.readers.2.log"), RU);
		assert_true(json_is_null(acts_at(mine, "0.here")));
		json_decref(mine);
		json_decref(items);
	}
	/* whose notice it is not is not told */
	json_t *theirs = acts_show(a, US, "ru", "shown", NULL, a->l->now);
	assert_int_equal(json_array_size(theirs), 0);
	json_decref(theirs);
	json_decref(theirs = acts_show(a, US, "ru", "shown", "notice=us#1", a->l->now));
	(void)other;
	acts_check_digests(a);
	acts_free(a);
}

static void very_many_readers(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = file(a, "us-ops/1", SITE);
	for (unsigned i = 0; i < PRL_SHOWN_READERS_MAX + 20; i++) {
		char name[20];
		(void)snprintf(name, sizeof name, "uss%u", i);
		assert_int_equal(read_by(a, US, &id, name, 1), PRL_OK);
	}
	json_t *items = acts_show(a, US, "us", "shown", NULL, a->l->now);
	const json_t *readers = acts_at(items, "0.readers");
	assert_int_equal(json_array_size(readers), PRL_SHOWN_READERS_MAX + 1);
	const json_t *rest = json_array_get(readers, PRL_SHOWN_READERS_MAX);
	assert_string_equal(acts_text(rest, "uss"), "");
	assert_int_equal(json_integer_value(acts_at(rest, "count")), 20);
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static size_t rings(acts *a, const char *party)
{
	json_t *alarms = acts_alarms(a, party, a->l->now);
	size_t found = acts_alarm(alarms, "notice-not-shown") != NULL;
	json_decref(alarms);
	return found;
}

static void not_shown_rings_at_its_owner(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = file(a, "us-ops/1", SITE);
	acts_see_all(a);
	assert_int_equal(unshown(a, RU, &id, "its area is not stated"), PRL_OK); /* the node that would show it */
	assert_int_equal(rings(a, "us"), 0);                                     /* nobody there has heard */
	acts_see_all(a);
	assert_int_equal(rings(a, "us"), 1);
	assert_int_equal(rings(a, "ru"), 0);
	json_t *items = acts_show(a, US, "us", "shown", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.why_not.0.why"), "its area is not stated");
	assert_string_equal(acts_text(items, "0.why_not.0.log"), RU);
	json_decref(items);
	acts_check_digests(a);
	assert_int_equal(unshown(a, RU, &id, NULL), PRL_OK);
	acts_see_all(a);
	assert_int_equal(rings(a, "us"), 0);
	/* what is no longer to be shown needs nobody */
	assert_int_equal(unshown(a, RU, &id, "again"), PRL_OK);
	acts_see_all(a);
	assert_int_equal(rings(a, "us"), 1);
	prl_error err = { 0 };
	assert_int_equal(
		acts_try(a,
			 &(line_act){ .kind = "notice.cancelled",
				      .key = "us-ops/1",
				      .real = true,
				      .body = line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}",
							line_hash_text(a->l, &id), line_hash_text(a->l, &id)) },
			 NULL, &err),
		PRL_OK);
	assert_int_equal(rings(a, "us"), 0);
	acts_check_digests(a);
	acts_free(a);
}

static void bad_records(void **state)
{
	(void)state;
	static const char *const reads[] = {
		"{}",
		"{\"id\": \"" UUID "\", \"version\": 0, \"manager\": \"u\", \"notice\": \"x\"}",
		"{\"id\": \"" UUID "\", \"version\": 1, \"manager\": \"\", \"notice\": "
		"\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}",
		"{\"id\": \"x\", \"version\": 1, \"manager\": \"u\", \"notice\": "
		"\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}",
		"{\"id\": \"" UUID "\", \"version\": 1, \"manager\": \"u\", \"more\": 1, \"notice\": "
		"\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}",
	};
	acts *a = begin();
	prl_error err;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		assert_int_not_equal(record(a, US, "constraint.read", "uss/x", reads[i]), PRL_OK);
	/* neither people nor the node itself say that a USS read */
	prl_hash id = file(a, "us-ops/1", SITE);
	const char *good =
		line_text(a->l, "{\"id\": \"" UUID "\", \"version\": 1, \"manager\": \"u\", \"notice\": \"%s\"}",
			  line_hash_text(a->l, &id));
	assert_int_not_equal(record(a, US, "constraint.read", "node", good), PRL_OK);
	assert_int_not_equal(
		acts_try(a, &(line_act){ .kind = "constraint.read", .key = "us-ops/1", .body = good }, NULL, &err),
		PRL_OK);
	assert_int_not_equal(record(a, US, "constraint.unshown", NULL, "{\"why\": \"x\"}"), PRL_OK);
	assert_int_not_equal(
		acts_try(a,
			 &(line_act){ .kind = "constraint.unshown",
				      .key = "us-ops/1",
				      .body = line_text(a->l, "{\"notice\": \"%s\"}", line_hash_text(a->l, &id)) },
			 NULL, &err),
		PRL_OK);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_of_a_notice),
		cmocka_unit_test(very_many_readers),
		cmocka_unit_test(not_shown_rings_at_its_owner),
		cmocka_unit_test(bad_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
