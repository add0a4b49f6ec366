/* Notices: filed, changed, over; who may; what is kept and found again. */
#include "line/notice.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"
#include "support/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WORK PRL_VERSION_WORKING

static const char us_log[] = "us.example/line";

/* Two nodes that have begun and seen each other. */
typedef struct two {
	line *l;
	prl_picture *us;
} two;

static void two_begin(two *t, const char *extra)
{
	t->l = line_new("us@us.example/line ru@ru.example/line un@us.example/line", extra);
	t->us = line_picture(us_log);
	line_begin(t->l, t->us, us_log);
}

static void two_end(two *t)
{
	prl_picture_free(t->us);
	line_free(t->l);
}

static prl_hash hash_of(prl_bytes bytes)
{
	return prl_sha256(bytes.data, bytes.size);
}

static prl_bytes entry_by(two *t, const char *key, const char *kind, const char *body)
{
	return line_entry(t->l, &(line_act){ .kind = kind, .key = key, .body = body });
}

/* Applied at the end of its log; the entry's hash where it counts. */
static prl_status act(two *t, const char *key, const char *kind, const char *body, prl_hash *ret, prl_error *err)
{
	line_key *signer = line_key_of(t->l, key), before = *signer;
	prl_bytes entry = entry_by(t, key, kind, body);
	prl_status status = line_apply(t->us, us_log, entry, err);
	if (status)
		*signer = before;
	else
		line_append(t->l, us_log, entry);
	if (ret)
		*ret = hash_of(entry);
	return status;
}

static prl_hash file(two *t, const char *key, const char *body)
{
	prl_hash id;
	prl_error err;
	prl_status status = act(t, key, "notice.filed", body, &id, &err);
	if (status)
		print_error("%s: %s\n", err.where, err.text);
	assert_int_equal(status, PRL_OK);
	return id;
}

#define FLIGHT                                                                                                         \
	"{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T14:00:00Z\", \"to\": \"2016-09-17T15:00:00Z\", "  \
	"\"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": 5000, \"upper\": {\"value\": 20000, \"unit\": "    \
	"\"FT\", \"datum\": \"MSL\"}}]}}"

static const char *change(two *t, prl_hash id, prl_hash version, const char *rest)
{
	return line_text(t->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s}", line_hash_text(t->l, &id),
			 line_hash_text(t->l, &version), rest);
}

static void test_filed(void **state)
{
	(void)state;
	two t;
	two_begin(&t, "\"lead_times\": [{\"kind\": \"flight\", \"lead_s\": 10800, \"source\": \"MoU 4\"}]");
	prl_hash id = file(&t, "us-ops/1", FLIGHT), other = file(&t, "un-ops/1", FLIGHT);
	const prl_notice *n = prl_notice_find(t.us, WORK, &id);
	char name[PRL_NOTICE_NAME_MAX];
	assert_non_null(n);
	assert_int_equal(n->kind, PRL_KIND_FLIGHT);
	assert_int_equal(n->number, 1);
	assert_int_equal(n->to - n->from, 3600 * PRL_SECOND);
	assert_true(prl_notice_shortfall_s(n) > 0);
	prl_notice_name(n, name);
	assert_string_equal(name, "us#1");
	assert_ptr_equal(prl_notice_named(t.us, WORK, prl_bytes_of("us#1")), n);
	assert_ptr_equal(prl_notice_named(t.us, WORK, prl_bytes_of(line_hash_text(t.l, &id))), n);
	assert_non_null(prl_notice_named(t.us, WORK, prl_bytes_of("un#1")));
	assert_null(prl_notice_named(t.us, WORK, prl_bytes_of("us#2")));
	assert_null(prl_notice_named(t.us, WORK, prl_bytes_of("us#0")));
	assert_null(prl_notice_named(t.us, WORK, prl_bytes_of("us#")));
	assert_null(prl_notice_named(t.us, WORK, prl_bytes_of("")));
	assert_true(prl_notice_is_live(n, n->to));
	assert_false(prl_notice_is_live(n, n->to + 1));
	assert_int_equal(prl_notice_boxes_of(t.us, WORK, &id)->count, 1);
	assert_non_null(prl_notice_boxes_of(t.us, WORK, &other));
	two_end(&t);
}

static void test_changed(void **state)
{
	(void)state;
	two t;
	prl_error err;
	prl_hash newest;
	two_begin(&t, NULL);
	prl_hash id = file(&t, "us-ops/1", FLIGHT);
	const char *details = ", \"details\": {\"kind\": \"flight\"}";
	assert_int_equal(act(&t, "un-ops/1", "notice.updated", change(&t, id, id, details), NULL, &err), PRL_E_REFUSED);
	assert_int_equal(act(&t, "us-ops/2", "notice.updated", change(&t, id, id, details), &newest, &err), PRL_OK);
	const prl_notice *n = prl_notice_find(t.us, WORK, &id);
	assert_true(prl_hash_equal(&n->version, &newest));
	assert_int_equal(n->to, PRL_TIME_OPEN_END);
	assert_int_equal(n->number, 1);
	/* stale, with the newest */
	assert_int_equal(act(&t, "us-ops/1", "notice.cancelled", change(&t, id, id, ""), NULL, &err), PRL_E_STALE);
	assert_non_null(strstr(err.text, line_hash_text(t.l, &newest)));
	assert_string_equal(err.where, "/version");
	assert_int_equal(act(&t, "us-ops/1", "notice.ended",
			     change(&t, id, newest, ", \"counts\": [{\"what\": \"flights\", \"count\": 3}]"), &newest,
			     &err),
			 PRL_OK);
	assert_int_equal(prl_notice_find(t.us, WORK, &id)->state, PRL_NOTICE_ENDED);
	assert_int_equal(act(&t, "us-ops/1", "notice.cancelled", change(&t, id, newest, ""), NULL, &err),
			 PRL_E_REFUSED);
	two_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filed),
		cmocka_unit_test(test_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
