/* Notices: filed, changed, over; who may; what is kept and found again. */
#include "line/notice.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"
#include "support/line.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

/* A program of a party files for it, and changes what its people filed; another party's does not. */
static void test_program(void **state)
{
	(void)state;
	two t;
	prl_error err;
	two_begin(&t, NULL);
	const char *token = line_text(t.l, "%s", line_hash_text(t.l, &(prl_hash){ { 1 } }));
	line_act_on(t.l, t.us,
		    &(line_act){ .kind = "program.admitted",
				 .key = "us-ops",
				 .body = line_text(
					 t.l, "{\"program\": \"us-plan\", \"title\": \"Plans\", \"token\": \"%s\"}",
					 token) });
	prl_bytes entry =
		line_entry(t.l, &(line_act){ .kind = "notice.filed", .recorded = "program/us-plan", .body = FLIGHT });
	assert_int_equal(line_apply(t.us, us_log, entry, &err), PRL_OK);
	line_append(t.l, us_log, entry);
	const prl_notice *n = prl_notice_named(t.us, WORK, prl_bytes_of("us#1"));
	assert_non_null(n);
	prl_hash id = n->id, other = file(&t, "un-ops/1", FLIGHT);
	assert_int_equal(act(&t, "us-ops/1", "notice.cancelled", change(&t, id, id, ""), NULL, &err), PRL_OK);
	entry = line_entry(t.l, &(line_act){ .kind = "notice.cancelled",
					     .recorded = "program/us-plan",
					     .body = change(&t, other, other, "") });
	assert_int_equal(line_apply(t.us, us_log, entry, &err), PRL_E_REFUSED);
	two_end(&t);
}

/* ---- bad input and misuse ---------------------------------------------------------------------------------------- */

typedef struct bad {
	const char *body;
	prl_status status;
	const char *where, *text; /* part of it; NULL: whatever */
} bad;

/* As the door judges: form, then the look at the door, then the fold. */
static prl_status at_door(two *t, const line_act *act, prl_error *err)
{
	line_key *signer = line_key_of(t->l, act->key), before = *signer;
	prl_bytes bytes = line_entry(t->l, act);
	prl_entry entry;
	json_t *body = NULL;
	prl_status status = prl_entry_read(bytes, &entry, err);
	if (!status)
		status = prl_picture_body(t->us, &entry, &body, err);
	if (!status)
		status = prl_line_check(t->us, WORK, &entry, body, err);
	if (!status)
		status = line_apply(t->us, us_log, bytes, err);
	json_decref(body);
	if (status)
		*signer = before;
	else
		line_append(t->l, us_log, bytes);
	return status;
}

static void refused(two *t, const char *kind, const bad *b)
{
	prl_error err = { 0 };
	prl_status status = at_door(t, &(line_act){ .kind = kind, .key = "us-ops/1", .body = b->body }, &err);
	if (status != b->status || (b->where && strcmp(err.where, b->where) != 0) ||
	    (b->text && !strstr(err.text, b->text)))
		print_error("%s %s\n  gave %s at \"%s\": %s\n", kind, b->body, prl_status_text(status), err.where,
			    err.text);
	assert_int_equal(status, b->status);
	assert_true(err.text[0]);
	if (b->where)
		assert_string_equal(err.where, b->where);
	if (b->text)
		assert_non_null(strstr(err.text, b->text));
}

#define HASH    "\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\""
#define CONTENT "\"content\": {\"hash\": " HASH ", \"size\": 100}"
#define HEARD                                                                                                          \
	"\"relayed\": {\"said_by\": \"a general\", \"heard_by\": \"J. D.\", \"heard_at\": \"2016-09-17T12:00:00Z\", "  \
	"\"by\": \"walk-in\", \"language\": \"en\", \"words\": \"leave the airspace\""

static const bad bad_filings[] = {
	{ "{}", PRL_E_SYNTAX, "/details", "missing" },
	{ "{\"details\": {}}", PRL_E_SYNTAX, "/details/kind", "missing" },
	{ "{\"details\": {\"kind\": \"attack\"}}", PRL_E_RANGE, "/details/kind", NULL },
	{ "{\"details\": {\"kind\": 3}}", PRL_E_RANGE, "/details/kind", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"rank\": 1}}", PRL_E_SYNTAX, NULL, "rank" },
	{ "{\"details\": {\"kind\": \"site\", \"to\": \"2016-09-17T11:00:00Z\"}}", PRL_E_RANGE, "/details/to", "past" },
	{ "{\"details\": {\"kind\": \"site\", \"from\": \"2026-09-17T11:00:00Z\"}}", PRL_E_RANGE, "/details/from",
	  NULL },
	{ "{\"details\": {\"kind\": \"site\", \"from\": \"noon\"}}", PRL_E_SYNTAX, "/details/from", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-18T12:00:00Z\", \"to\": \"2016-09-17T13:00:00Z\"}}",
	  PRL_E_RANGE, "/details/to", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": []}}", PRL_E_RANGE, "/details/areas", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"35.285 40.176\", \"radius_m\": 10}]}}",
	  PRL_E_AMBIGUOUS, "/details/areas/0", "place" },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"35.285N 40.176E\"}]}}", PRL_E_SYNTAX,
	  "/details/areas/0", "radius_m" },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": -1}]}}",
	  PRL_E_RANGE, "/details/areas/0/radius_m", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"radius_m\": 5}]}}", PRL_E_SYNTAX, "/details/areas/0",
	  NULL },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": "
	  "[[[0,0],[1,1],[0,1],[1,0],[0,0]]]}}]}}",
	  PRL_E_RANGE, "/details/areas/0", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"areas\": [{\"geometry\": {\"type\": \"Point\", \"coordinates\": [40, "
	  "95]}, "
	  "\"radius_m\": 5}]}}",
	  PRL_E_RANGE, "/details/areas/0", NULL },
	{ "{\"details\": {\"kind\": \"flight\", \"areas\": [{\"upper\": {\"value\": 300, \"unit\": \"M\"}}]}}",
	  PRL_E_SYNTAX, "/details/areas/0", "datum" },
	{ "{\"details\": {\"kind\": \"flight\", \"areas\": [{\"upper\": {\"value\": 1e5, \"unit\": \"FL\"}}]}}",
	  PRL_E_RANGE, "/details/areas/0", NULL },
	{ "{\"details\": {\"kind\": \"flight\", \"areas\": [{\"from\": \"2016-09-17T13:00:00Z\"}], \"from\": "
	  "\"2016-09-17T14:00:00Z\"}}",
	  PRL_E_RANGE, "/details/areas/0", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"place\": {\"again\": {}}}}", PRL_E_SYNTAX, "/details/place/again",
	  NULL },
	{ "{\"details\": {\"kind\": \"site\", \"vehicles\": -1}}", PRL_E_RANGE, "/details/vehicles", NULL },
	{ "{\"details\": {\"kind\": \"site\", \"vehicles\": 1.5}}", PRL_E_SYNTAX, "/details/vehicles", NULL },
	{ "{\"details\": {\"kind\": \"site\"}, \"policy\": \"always\"}", PRL_E_RANGE, "/policy", NULL },
	{ "{\"details\": {\"kind\": \"site\"}, \"disclosure\": \"none\"}", PRL_E_RANGE, "/disclosure", NULL },
	/* who may read what */
	{ "{\"details\": {\"kind\": \"site\"}, \"audience\": [\"ru\"]}", PRL_E_SYNTAX, "/details", "all" },
	{ "{\"details\": {\"kind\": \"site\"}, \"disclosure\": \"sealed\"}", PRL_E_SYNTAX, "/details", NULL },
	{ "{\"audience\": [\"ru\"]}", PRL_E_SYNTAX, "/content", NULL },
	{ "{\"audience\": [], " CONTENT "}", PRL_E_RANGE, "/audience", NULL },
	{ "{\"audience\": [\"xx\"], " CONTENT "}", PRL_E_NOT_FOUND, "/audience", "xx" },
	{ "{\"disclosure\": \"sealed\", \"audience\": [\"ru\"], " CONTENT "}", PRL_E_SYNTAX, "/audience", NULL },
	{ "{" CONTENT "}", PRL_E_SYNTAX, "/details", NULL },
	{ "{\"details\": {\"kind\": \"site\"}, " CONTENT "}", PRL_E_SYNTAX, "/content", NULL },
	{ "{\"details\": {\"kind\": \"site\"}, \"disclosure\": \"area\"}", PRL_E_REFUSED, NULL, "kind" },
	{ "{\"details\": {\"areas\": [{\"name\": \"hospital\"}]}, \"disclosure\": \"area\"}", PRL_E_REFUSED, NULL,
	  "name" },
	{ "{\"disclosure\": \"sealed\", \"until\": \"2016-01-01T00:00:00Z\", " CONTENT "}", PRL_E_RANGE, "/until",
	  NULL },
	{ "{\"details\": {\"kind\": \"site\"}, \"until\": \"2017-01-01T00:00:00Z\"}", PRL_E_SYNTAX, "/until", NULL },
	/* what drone traffic services may be shown */
	{ "{\"details\": {\"kind\": \"site\"}, \"uss\": \"none\"}", PRL_E_RANGE, "/uss", NULL },
	{ "{\"details\": {\"kind\": \"site\"}, \"uss\": true}", PRL_E_RANGE, "/uss", NULL },
	{ "{\"audience\": [\"ru\"], \"uss\": \"area\", " CONTENT "}", PRL_E_REFUSED, "/uss", "all parties" },
	{ "{\"disclosure\": \"sealed\", \"uss\": \"area\", " CONTENT "}", PRL_E_REFUSED, "/uss", "all parties" },
	{ "{\"disclosure\": \"area\", \"uss\": \"full\", \"details\": {\"areas\": [{\"place\": \"35.2N 40.1E\", "
	  "\"radius_m\": 500}]}}",
	  PRL_E_REFUSED, "/uss", "kind" },
	/* what was heard */
	{ "{\"details\": {}, " HEARD ", \"party\": \"us\"}}", PRL_E_SYNTAX, "/relayed/party", NULL },
	{ "{\"details\": {}, \"relayed\": {}}", PRL_E_SYNTAX, "/relayed", NULL },
	{ "{\"details\": {}, \"relayed\": {\"said_by\": \"x\", \"heard_by\": \"y\", \"heard_at\": "
	  "\"2016-09-19T12:00:00Z\", \"by\": \"call\", \"language\": \"en\", \"words\": \"z\"}}",
	  PRL_E_RANGE, "/relayed/heard_at", "to come" },
	{ "{\"details\": {}, \"relayed\": {\"said_by\": \"x\", \"heard_by\": \"y\", \"heard_at\": "
	  "\"2016-09-17T12:00:00Z\", \"by\": \"pigeon\", \"language\": \"en\", \"words\": \"z\"}}",
	  PRL_E_RANGE, "/relayed/by", NULL },
};

static void test_bad_filings(void **state)
{
	(void)state;
	two t;
	two_begin(&t, NULL);
	for (size_t i = 0; i < sizeof bad_filings / sizeof *bad_filings; i++)
		refused(&t, "notice.filed", &bad_filings[i]);
	assert_int_equal(prl_notice_count(t.us, WORK, prl_bytes_of("us")), 0);
	two_end(&t);
}

static void test_bad_changes(void **state)
{
	(void)state;
	static const char *const kinds[] = { "notice.updated", "notice.cancelled", "notice.ended", "notice.adopted",
					     "notice.contradicted" };
	static const char *const rest[] = { ", \"details\": {\"kind\": \"site\"}", "", "", "", "" };
	two t;
	prl_error err;
	two_begin(&t, NULL);
	prl_hash id = file(&t, "us-ops/1", FLIGHT), other = file(&t, "us-ops/1", FLIGHT);
	prl_hash none = line_hash("nothing");
	for (size_t i = 0; i < 5; i++) {
		bool own = i < 3;
		refused(&t, kinds[i], &(bad){ "{}", PRL_E_SYNTAX, "", NULL });
		refused(&t, kinds[i],
			&(bad){ "{\"notice\": \"x\", \"version\": \"x\"}", PRL_E_SYNTAX, "/notice", NULL });
		refused(&t, kinds[i], &(bad){ change(&t, none, none, rest[i]), PRL_E_NOT_FOUND, NULL, "notice" });
		/* the version of another notice is none of this one's */
		refused(&t, kinds[i],
			&(bad){ change(&t, id, other, rest[i]), own ? PRL_E_STALE : PRL_E_NOT_FOUND, NULL, NULL });
		/* a signed notice is nobody's to adopt or contradict */
		if (!own)
			refused(&t, kinds[i], &(bad){ change(&t, id, id, ""), PRL_E_REFUSED, NULL, "not relayed" });
		/* another mode, another party */
		assert_int_equal(at_door(&t,
					 &(line_act){ .kind = kinds[i],
						      .key = "us-ops/1",
						      .real = true,
						      .body = change(&t, id, id, rest[i]) },
					 &err),
				 PRL_E_REFUSED);
		assert_non_null(strstr(err.text, "mode"));
		assert_int_equal(
			at_door(&t,
				&(line_act){ .kind = kinds[i], .key = "un-ops/1", .body = change(&t, id, id, rest[i]) },
				&err),
			PRL_E_REFUSED);
	}
	refused(&t, "notice.ended",
		&(bad){ change(&t, id, id, ", \"at\": \"2019-01-01T00:00:00Z\""), PRL_E_RANGE, "/at", NULL });
	refused(&t, "notice.ended", &(bad){ change(&t, id, id, ", \"counts\": []"), PRL_E_RANGE, "/counts", NULL });
	refused(&t, "notice.updated", &(bad){ change(&t, id, id, ""), PRL_E_SYNTAX, "/details", NULL });
	/* a revoked key */
	line_act_on(t.l, t.us,
		    &(line_act){ .kind = "key.revoked", .key = "us-ops", .body = "{\"key\": \"us-ops/2\"}" });
	assert_int_not_equal(
		at_door(&t, &(line_act){ .kind = "notice.filed", .key = "us-ops/2", .body = FLIGHT }, &err), PRL_OK);
	two_end(&t);
}

/* ---- who reads what ---------------------------------------------------------------------------------------------- */

static void test_disclosure(void **state)
{
	(void)state;
	two t;
	prl_error err;
	two_begin(&t, NULL);
	prl_hash limited = file(&t, "us-ops/1", "{\"audience\": [\"un\"], " CONTENT "}");
	const prl_notice *n = prl_notice_find(t.us, WORK, &limited);
	assert_true(n->has_content && n->kind == PRL_KIND_UNKNOWN && n->to == PRL_TIME_OPEN_END);
	assert_true(prl_notice_is_for(n, "us") && prl_notice_is_for(n, "un") && prl_notice_is_for(n, NULL));
	assert_false(prl_notice_is_for(n, "ru"));
	assert_null(prl_notice_boxes_of(t.us, WORK, &limited));
	const prl_content *content = prl_picture_content(t.us, WORK, &n->content);
	assert_int_equal(json_array_size(content->to), 2);
	/* the same content twice tells whoever sees the hash that two notices are one: salted anew */
	assert_int_equal(act(&t, "us-ops/1", "notice.filed", "{\"audience\": [\"un\"], " CONTENT "}", NULL, &err),
			 PRL_E_DUPLICATE);
	/* an update that says nothing of disclosure cannot tell all by mistake */
	const char *open = ", \"details\": {\"kind\": \"site\"}";
	assert_int_equal(act(&t, "us-ops/1", "notice.updated", change(&t, limited, limited, open), NULL, &err),
			 PRL_E_SYNTAX);
	prl_hash newest;
	assert_int_equal(act(&t, "us-ops/1", "notice.updated",
			     change(&t, limited, limited, ", \"audience\": [], \"details\": {\"kind\": \"site\"}"),
			     &newest, &err),
			 PRL_OK);
	n = prl_notice_find(t.us, WORK, &limited);
	assert_true(!n->has_content && n->kind == PRL_KIND_SITE && prl_notice_is_for(n, "ru"));
	assert_non_null(prl_notice_boxes_of(t.us, WORK, &limited));
	/* area: where and when for all, the rest for those named; sealed: the digest, and how long at most */
	prl_hash area =
		file(&t, "us-ops/1",
		     "{\"disclosure\": \"area\", \"policy\": \"automatic\", \"details\": {\"areas\": [{\"place\": "
		     "\"35.2N 40.1E\", \"radius_m\": 500}]}}");
	n = prl_notice_find(t.us, WORK, &area);
	assert_true(prl_notice_is_for(n, "ru") && n->kind == PRL_KIND_UNKNOWN && n->policy == PRL_ANSWER_AUTOMATIC);
	prl_hash hash = line_hash("another content");
	prl_hash sealed = file(&t, "us-ops/1",
			       line_text(t.l,
					 "{\"disclosure\": \"sealed\", \"until\": \"2016-09-18T00:00:00Z\", "
					 "\"content\": {\"hash\": \"%s\", \"size\": 9}}",
					 line_hash_text(t.l, &hash)));
	n = prl_notice_find(t.us, WORK, &sealed);
	assert_false(prl_notice_is_for(n, "ru") || prl_notice_is_for(n, "un"));
	assert_true(prl_notice_is_for(n, "us") && n->to != PRL_TIME_OPEN_END);
	two_end(&t);
}

/* Shown to drone traffic services: as stated last, never more than all parties may read. */
static void test_uss(void **state)
{
	(void)state;
	static const char area[] = "\"details\": {\"areas\": [{\"place\": \"35.2N 40.1E\", \"radius_m\": 500}]}",
			  site[] = "\"details\": {\"kind\": \"site\"}";
	static const struct {
		const char *terms, *details;
		prl_status status;
		prl_notice_uss then;
	} updates[] = {
		{ "", site, PRL_OK, PRL_NOTICE_USS_FULL },
		{ ", \"disclosure\": \"area\", \"uss\": \"full\"", area, PRL_E_REFUSED, PRL_NOTICE_USS_FULL },
		{ ", \"disclosure\": \"area\"", area, PRL_OK, PRL_NOTICE_USS_AREA },
		{ ", \"disclosure\": \"full\"", site, PRL_OK, PRL_NOTICE_USS_AREA },
		{ ", \"uss\": \"none\"", site, PRL_OK, PRL_NOTICE_USS_NONE },
		{ "", site, PRL_OK, PRL_NOTICE_USS_NONE },
		{ ", \"uss\": \"full\"", site, PRL_OK, PRL_NOTICE_USS_FULL },
		{ ", \"audience\": [\"un\"], \"uss\": \"area\"", CONTENT, PRL_E_REFUSED, PRL_NOTICE_USS_FULL },
		{ ", \"audience\": [\"un\"]", CONTENT, PRL_OK, PRL_NOTICE_USS_NONE },
	};
	two t;
	prl_error err;
	two_begin(&t, NULL);
	prl_hash id = file(&t, "us-ops/1", "{\"details\": {\"kind\": \"site\"}, \"uss\": \"full\"}"), newest = id;
	assert_int_equal(prl_notice_find(t.us, WORK, &id)->uss, PRL_NOTICE_USS_FULL);
	prl_hash other = file(&t, "us-ops/1", FLIGHT);
	assert_int_equal(prl_notice_find(t.us, WORK, &other)->uss, PRL_NOTICE_USS_NONE);
	for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
		prl_hash next;
		const char *rest = line_text(t.l, "%s, %s", updates[i].terms, updates[i].details);
		assert_int_equal(act(&t, "us-ops/1", "notice.updated", change(&t, id, newest, rest), &next, &err),
				 updates[i].status);
		newest = updates[i].status ? newest : next;
		assert_int_equal(prl_notice_find(t.us, WORK, &id)->uss, updates[i].then);
	}
	two_end(&t);
}

/* ---- lead times -------------------------------------------------------------------------------------------------- */

/* "In one hour, leave the airspace" (30 September 2015), and one minute (17 September 2018). */
static void test_lead(void **state)
{
	(void)state;
	two t;
	two_begin(&t, "\"lead_times\": [{\"kind\": \"flight\", \"lead_s\": 1800, \"source\": \"a test\"}]");
	prl_hash id = file(&t, "us-ops/1",
			   "{\"details\": {\"from\": \"2016-09-17T13:00:00Z\"}, " HEARD
			   ", \"party\": \"ru\", \"demand\": \"leave the airspace\"}}");
	const prl_notice *n = prl_notice_find(t.us, WORK, &id);
	assert_true(n->relayed && n->from - n->given == 3600 * PRL_SECOND && n->kind == PRL_KIND_UNKNOWN);
	assert_int_equal(prl_notice_shortfall_s(n), 0);
	assert_true(prl_notice_boxes_of(t.us, WORK, &id)->boxes[0].min[0] <= -1800000000);
	prl_time now = t.l->now;
	char from[PRL_TIME_TEXT_MAX];
	prl_time_format(now + 60 * PRL_SECOND, from);
	prl_hash late =
		file(&t, "us-ops/1", line_text(t.l, "{\"details\": {\"kind\": \"flight\", \"from\": \"%s\"}}", from));
	n = prl_notice_find(t.us, WORK, &late);
	assert_int_equal(prl_notice_shortfall_s(n), 29 * 60);
	/* no begin: it may have begun */
	prl_hash open = file(&t, "us-ops/1", "{\"details\": {\"kind\": \"flight\"}}");
	assert_int_equal(prl_notice_shortfall_s(prl_notice_find(t.us, WORK, &open)), 1800);
	/* in time, and then brought forward */
	prl_hash good =
		file(&t, "us-ops/1", "{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T18:00:00Z\"}}");
	assert_int_equal(prl_notice_shortfall_s(prl_notice_find(t.us, WORK, &good)), 0);
	prl_time_format(t.l->now + 600 * PRL_SECOND, from);
	prl_error err;
	assert_int_equal(act(&t, "us-ops/1", "notice.updated",
			     change(&t, good, good,
				    line_text(t.l, ", \"details\": {\"kind\": \"flight\", \"from\": \"%s\"}", from)),
			     NULL, &err),
			 PRL_OK);
	assert_int_equal(prl_notice_shortfall_s(prl_notice_find(t.us, WORK, &good)), 1200);
	two_end(&t);
}

/* ---- what is kept ------------------------------------------------------------------------------------------------ */

static bool count_one(void *context, const prl_notice *notice)
{
	(void)notice;
	++*(size_t *)context;
	return true;
}

static size_t count_live(prl_picture *picture, prl_time now)
{
	size_t count = 0;
	prl_notice_each(picture, WORK, prl_bytes_of("us"), 1, true, now, count_one, &count);
	return count;
}

static void test_many(void **state)
{
	(void)state;
	two t;
	prl_error err;
	prl_hash ids[100], newest;
	size_t all = 0;
	two_begin(&t, NULL);
	for (size_t i = 0; i < 100; i++)
		ids[i] = file(&t, "us-ops/1", FLIGHT);
	prl_time now = t.l->now, to = prl_notice_find(t.us, WORK, &ids[0])->to;
	assert_int_equal(count_live(t.us, now), 100);
	assert_int_equal(count_live(t.us, to + 1), 0);
	for (size_t i = 0; i < 100; i += 3)
		assert_int_equal(act(&t, "us-ops/1", i % 2 ? "notice.cancelled" : "notice.ended",
				     change(&t, ids[i], ids[i], ""), NULL, &err),
				 PRL_OK);
	assert_int_equal(count_live(t.us, now), 66);
	assert_int_equal(act(&t, "us-ops/1", "notice.updated",
			     change(&t, ids[1], ids[1], ", \"details\": {\"kind\": \"convoy\"}"), &newest, &err),
			 PRL_OK);
	assert_int_equal(count_live(t.us, to + 1), 1);
	prl_notice_each(t.us, WORK, prl_bytes_of("us"), 60, false, now, count_one, &all);
	assert_int_equal(all, 41);
	assert_int_equal(prl_notice_count(t.us, WORK, prl_bytes_of("us")), 100);
	for (size_t i = 0; i < 100; i++)
		assert_memory_equal(prl_notice_numbered(t.us, WORK, prl_bytes_of("us"), (uint32_t)i + 1)->id.bytes,
				    ids[i].bytes, 32);
	two_end(&t);
}

static void test_kept(void **state)
{
	(void)state;
	two t;
	prl_error err;
	prl_hash before, after, newest;
	prl_snapshot_head head = { 0 };
	char path[] = "/tmp/parley-notice-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	two_begin(&t, NULL);
	prl_hash id = file(&t, "us-ops/1", FLIGHT);
	file(&t, "us-ops/1", "{\"audience\": [\"un\"], " CONTENT "}");
	prl_hash heard = file(&t, "un-ops/1", "{\"details\": {}, " HEARD ", \"party\": \"us\"}}");
	assert_int_equal(act(&t, "us-ops/1", "notice.adopted", change(&t, heard, heard, ""), NULL, &err), PRL_OK);
	assert_int_equal(act(&t, "us-ops/1", "notice.contradicted", change(&t, heard, heard, ""), NULL, &err), PRL_OK);
	assert_int_equal(
		act(&t, "us-ops/1", "notice.updated",
		    change(&t, id, id,
			   ", \"details\": {\"kind\": \"exercise\"}, \"policy\": \"never\", \"uss\": \"area\""),
		    &newest, &err),
		PRL_OK);
	prl_picture_publish(t.us, prl_picture_seal(t.us));
	prl_version version = prl_picture_pin(t.us);
	assert_int_equal(prl_picture_digest(t.us, version, &before, &err), PRL_OK);
	assert_int_equal(prl_picture_save(t.us, version, &head, path, &err), PRL_OK);
	prl_picture_unpin(t.us, version);
	prl_picture *again = line_picture(us_log);
	assert_int_equal(prl_picture_load(again, path, &head, &err), PRL_OK);
	assert_int_equal(prl_picture_digest(again, WORK, &after, &err), PRL_OK);
	assert_memory_equal(before.bytes, after.bytes, 32);
	const prl_notice *n = prl_notice_named(again, WORK, prl_bytes_of("us#1")),
			 *was = prl_notice_find(t.us, WORK, &id);
	assert_memory_equal(n, was, offsetof(prl_notice, audience));
	assert_memory_equal(prl_notice_boxes_of(again, WORK, &id)->boxes, prl_notice_boxes_of(t.us, WORK, &id)->boxes,
			    sizeof(prl_box));
	assert_int_equal(count_live(again, n->to), 2);
	prl_picture_free(again);
	two_end(&t);
	unlink(path);
}

/* ---- in any order ------------------------------------------------------------------------------------------------ */

typedef struct told {
	line *l;
	rnd *r;
	prl_picture *nodes[2];
	prl_hash ids[2][40], versions[2][40]; /* of the notices of each party, newest version as its own node knows */
	size_t counts[2], right, wrong;
} told;

static const char *const logs[2] = { "us.example/line", "ru.example/line" };
static const char *const keys[2] = { "us-ops/1", "ru-ops/1" };
static const char *const names[2] = { "us", "ru" };

/* Applied at its own node, right or wrong; wrong acts stand in no log. */
static bool told_act(told *h, size_t by, const char *kind, const char *body, prl_hash *ret)
{
	line_key *signer = line_key_of(h->l, keys[by]), before = *signer;
	prl_bytes entry = line_entry(h->l, &(line_act){ .kind = kind, .key = keys[by], .body = body });
	*ret = hash_of(entry);
	if (line_apply(h->nodes[by], logs[by], entry, NULL)) {
		*signer = before;
		h->wrong++;
		return false;
	}
	line_append(h->l, logs[by], entry);
	h->right++;
	return true;
}

static void told_file(told *h, size_t by)
{
	prl_hash id;
	const char *body = rnd_chance(h->r, 0.5)
				   ? FLIGHT
				   : line_text(h->l, "{\"details\": {}, " HEARD ", \"party\": \"%s\"}}", names[1 - by]);
	if (h->counts[by] < 40 && told_act(h, by, "notice.filed", body, &id)) {
		h->ids[by][h->counts[by]] = id;
		h->versions[by][h->counts[by]++] = id;
	}
}

static void told_change(told *h, size_t by)
{
	static const char *const kinds[] = { "notice.updated", "notice.updated", "notice.updated", "notice.cancelled",
					     "notice.ended" };
	size_t kind = rnd_below(h->r, 5), of = rnd_chance(h->r, 0.9) ? by : 1 - by;
	if (!h->counts[of])
		return;
	size_t at = rnd_below(h->r, h->counts[of]);
	prl_hash newest, version = rnd_chance(h->r, 0.9) ? h->versions[of][at] : h->ids[of][at];
	const char *body =
		line_text(h->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s}", line_hash_text(h->l, &h->ids[of][at]),
			  line_hash_text(h->l, &version), kind < 3 ? ", \"details\": {\"kind\": \"repair\"}" : "");
	if (told_act(h, by, kinds[kind], body, &newest))
		h->versions[of][at] = newest;
}

static void told_say(told *h, size_t by)
{
	if (!h->counts[1 - by])
		return;
	size_t at = rnd_below(h->r, h->counts[1 - by]);
	prl_hash ignored, version = rnd_chance(h->r, 0.5) ? h->versions[1 - by][at] : h->ids[1 - by][at];
	(void)told_act(h, by, rnd_chance(h->r, 0.5) ? "notice.adopted" : "notice.contradicted",
		       line_text(h->l, "{\"notice\": \"%s\", \"version\": \"%s\"}",
				 line_hash_text(h->l, &h->ids[1 - by][at]), line_hash_text(h->l, &version)),
		       &ignored);
}

static void tell_story(told *h)
{
	for (size_t i = 0; i < 120; i++) {
		size_t by = rnd_below(h->r, 2), what = rnd_below(h->r, 10);
		if (what < 3)
			told_file(h, by);
		else if (what < 6)
			told_change(h, by);
		else if (what < 8)
			told_say(h, by);
		else if (line_log_of(h->l, logs[1 - by])->size > prl_picture_size(h->nodes[by], WORK, logs[1 - by]))
			assert_int_equal(line_see(h->l, h->nodes[by], logs[by], logs[1 - by], 0), 0);
	}
}

/* Both logs into an onlooker's picture, entry by entry from either as it comes; one that comes too early waits. */
static prl_hash merge(told *h, uint64_t seed)
{
	rnd r = rnd_case(seed, 7);
	prl_hash digest;
	prl_picture *all = line_picture(NULL);
	size_t at[2] = { 0, 0 };
	while (at[0] < line_log_of(h->l, logs[0])->size || at[1] < line_log_of(h->l, logs[1])->size) {
		size_t i = rnd_below(&r, 2);
		line_log *log = line_log_of(h->l, logs[i]);
		if (at[i] == log->size)
			continue;
		prl_error err;
		prl_status status = line_apply(all, logs[i], log->entries[at[i]], &err);
		if (status != PRL_E_EARLY && status)
			print_error("%s\n", err.text);
		assert_true(status == PRL_OK || status == PRL_E_EARLY);
		at[i] += status == PRL_OK;
	}
	assert_int_equal(prl_picture_digest(all, WORK, &digest, NULL), PRL_OK);
	prl_picture_free(all);
	return digest;
}

static void test_any_order(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("notice");
	size_t right = 0, wrong = 0;
	for (size_t i = 0; i < rnd_count(20, 500); i++) {
		rnd r = rnd_case(seed, i);
		told h = { .l = line_new("us@us.example/line ru@ru.example/line", NULL), .r = &r };
		for (size_t n = 0; n < 2; n++) {
			h.nodes[n] = line_picture(logs[n]);
			line_begin(h.l, h.nodes[n], logs[n]);
		}
		tell_story(&h);
		prl_hash first = merge(&h, seed + 3 * i), second = merge(&h, seed + 3 * i + 1);
		assert_memory_equal(first.bytes, second.bytes, 32);
		right += h.right;
		wrong += h.wrong;
		prl_picture_free(h.nodes[0]);
		prl_picture_free(h.nodes[1]);
		line_free(h.l);
	}
	print_message("# %zu acts that counted, %zu that were refused\n", right, wrong);
	assert_true(right > 100 && wrong > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filed),       cmocka_unit_test(test_program),
		cmocka_unit_test(test_changed),     cmocka_unit_test(test_bad_filings),
		cmocka_unit_test(test_bad_changes), cmocka_unit_test(test_disclosure),
		cmocka_unit_test(test_uss),         cmocka_unit_test(test_lead),
		cmocka_unit_test(test_many),        cmocka_unit_test(test_kept),
		cmocka_unit_test(test_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
