/* Notices of the line as constraints, at a real node with real tokens: a USS meets one, reads it, and has its OVN in
 * its key; the owner sees who read; what is not to be shown is not. */
#include "support/dss.h"
#include "support/full_disk.h"

#include "base/text.h"
#include "dss/entity.h"
#include "dss/extent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANAGER "parley.us.example/line"
#define URL     "\"uss_base_url\":\"https://uss1.example\""
/* An intent of uss1 at 48 N, with a subscription for constraints. */
#define INTENT(lat, more)                                                                                              \
	"{\"extents\":[" DSS_V(lat) "],\"state\":\"Accepted\"," URL ",\"new_subscription\":{" URL                      \
				    ",\"notify_for_constraints\":true}" more "}"
#define AREA(lat) "{\"place\":\"" lat "N 35E\",\"radius_m\":5000}"
#define WHEN      "\"from\":\"2026-11-29T12:30:00Z\",\"to\":\"2026-11-29T15:00:00Z\""
#define EXERCISE(lat, uss)                                                                                             \
	"{\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA(lat) "]," WHEN "},\"uss\":\"" uss "\"}"
#define REFERENCE(ovn)                                                                                                 \
	"{\"id\":\"$id\",\"manager\":\"" MANAGER "\",\"uss_availability\":\"Unknown\",\"version\":1,\"ovn\":\"" ovn    \
	"\",\"time_start\":" DSS_TIME("12:30:00") ",\"time_end\":" DSS_TIME("15:00:00") ",\"uss_base_url\":\"*\"}"
#define ANY_PLACE                                                                                                      \
	"{\"area_of_interest\":{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":48,\"lng\":35},\"radius\":{"       \
	"\"value\":20000,\"units\":\"M\"}}}}}"

typedef struct fixture {
	dss_node *d;
	prl_client *desk;
	const char *who; /* asks; tokens last an hour */
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->d = dss_new(false);
	f->desk = dss_desk(f->d);
	f->who = "uss1 CP";
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	prl_client_free(f->desk);
	dss_free(f->d);
	free(f);
	return 0;
}

/* Files in a mode; the id of its constraint, were it shown. */
static prl_uuid file_in(fixture *f, prl_mode mode, const char *kind, const char *body, prl_hash *ret)
{
	prl_error err = { 0 };
	prl_filed filed;
	prl_client_entry entry = { .kind = kind, .mode = mode, .body = prl_bytes_of(body) };
	prl_status st = prl_client_file(f->desk, &entry, &filed, &err);
	if (st)
		fail_msg("%s %s: %s: %s", kind, body, err.where, err.text);
	if (ret)
		*ret = filed.hash;
	return prl_notice_constraint_id(&filed.hash);
}

static prl_uuid file(fixture *f, const char *body, prl_hash *ret)
{
	return file_in(f, PRL_MODE_REAL, "notice.filed", body, ret);
}

static prl_hash change(fixture *f, const char *kind, const prl_hash *id, const prl_hash *version, const char *rest)
{
	char body[2000], notice[PRL_HASH_TEXT_MAX], newest[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	prl_hash_write(id, notice);
	prl_hash_write(version, newest);
	(void)snprintf(body, sizeof body, "{\"notice\":\"%s\",\"version\":\"%s\"%s}", notice, newest, rest);
	(void)file_in(f, PRL_MODE_REAL, kind, body, &hash);
	return hash;
}

/* Constraints that a query finds near 48 N 35 E. */
static size_t found(fixture *f)
{
	unsigned status;
	json_t *answer = dss_ask(f->d, "uss1 CP", "POST", DSS_CONSTRAINT "query", ANY_PLACE, &status);
	assert_int_equal(status, 200);
	size_t count = json_array_size(json_object_get(answer, "constraint_references"));
	json_decref(answer);
	return count;
}

/* GET of its reference or details. */
static json_t *get(fixture *f, const char *path, const prl_uuid *id, unsigned expected)
{
	char whole[200], text[PRL_UUID_TEXT_MAX];
	unsigned status;
	prl_uuid_write(id, text);
	(void)snprintf(whole, sizeof whole, "%s%s", path, text);
	json_t *answer = dss_ask(f->d, f->who, "GET", whole, NULL, &status);
	assert_int_equal(status, expected);
	return answer;
}

static int version_of(fixture *f, const prl_uuid *id)
{
	json_t *answer = get(f, DSS_CONSTRAINT, id, 200);
	int version =
		(int)json_integer_value(json_object_get(json_object_get(answer, "constraint_reference"), "version"));
	json_decref(answer);
	return version;
}

static void keep_id(fixture *f, const prl_uuid *id, const char *name)
{
	char text[PRL_UUID_TEXT_MAX], expected[40];
	const dss_step ask = { "uss1 CP", "GET", NULL, NULL, 200, NULL };
	static char path[100], answer[300];
	prl_uuid_write(id, text);
	(void)snprintf(expected, sizeof expected, "\">%s\"", name);
	(void)snprintf(path, sizeof path, DSS_CONSTRAINT "%s", text);
	(void)snprintf(answer, sizeof answer,
		       "{\"constraint_reference\":{\"id\":%s,\"manager\":\"" MANAGER
		       "\",\"uss_availability\":\"Unknown\",\"version\":\"*\",\"ovn\":\"Available from USS\",\"time_"
		       "start\":\"*\",\"time_end\":\"*\",\"uss_base_url\":\"*\"}}",
		       expected);
	dss_step step = ask;
	step.path = path;
	step.answer = answer;
	dss_run(f->d, "its id", &step, 1);
}

/* ---- what a USS goes through ------------------------------------------------------------------------------------- */

static void an_intent_meets_a_notice(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC CP", "PUT", DSS_INTENT U("0001"), INTENT("48", ""), 409,
		  "{\"message\":\"*\",\"missing_constraints\":[" REFERENCE("Available from USS") "]}" },
		{ "uss1 CP", "GET", "/uss/v1/constraints/$id", NULL, 200,
		  "{\"constraint\":{\"reference\":" REFERENCE(
			  ">ovn") ",\"details\":{\"volumes\":[{\"volume\":{"
				  "\"outline_circle\":{\"center\":{\"lat\":48.0,\"lng\":35.0},\"radius\":\"*\"}},"
				  "\"time_start\":{"
				  "\"value\":\"2026-11-29T12:30:00.000Z\",\"format\":\"RFC3339\"},\"time_end\":{"
				  "\"value\":"
				  "\"2026-11-29T15:00:00.000Z\",\"format\":\"RFC3339\"}}]}}}" },
		{ "uss1 SC CP", "PUT", DSS_INTENT U("0001"), INTENT("48", ",\"key\":[\"$ovn\"]"), 201,
		  "{\"operational_intent_reference\":\"*\",\"subscribers\":\"*\"}" },
		/* without notify_for_constraints nobody must know of it; away from it neither */
		{ "uss2 SC", "PUT", DSS_INTENT U("0002"),
		  "{\"extents\":[" DSS_VOLUME("48.01", "100", "200", "220", "13:00:00",
					      "14:00:00") "],\"state\":\"Accepted\"," URL "}",
		  201, NULL },
		{ "uss1 SC CP", "PUT", DSS_INTENT U("0003"), INTENT("49", ""), 201, NULL },
	};
	fixture *f = *state;
	prl_uuid id = file(f, EXERCISE("48", "area"), NULL);
	keep_id(f, &id, "id");
	DSS_RUN(f->d, steps);
}

/* Whose subscription is there when a notice comes, and changes, hears of it: its index rises by one each time. */
static void subscribers_hear(void **state)
{
	static const dss_step subscribe[] = {
		{ "uss1 CP", "PUT", DSS_SUBSCRIPTION U("0004"),
		  "{\"extents\":" DSS_VOLUME("48", "8000", "0", "500", "12:30:00",
					     "15:00:00") "," URL ",\"notify_for_constraints\":true}",
		  200, "{\"subscription\":\"*\",\"constraint_references\":[]}" },
	};
	static const char *const terms[] = {
		",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.02") "]," WHEN "}",
		",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.02") "]," WHEN "},\"uss\":\"none\""
	};
	fixture *f = *state;
	prl_hash id, version;
	unsigned status;
	DSS_RUN(f->d, subscribe);
	(void)file(f, EXERCISE("48", "area"), &id);
	version = change(f, "notice.updated", &id, &id, terms[0]);
	(void)change(f, "notice.updated", &id, &version, terms[1]);
	json_t *answer = dss_ask(f->d, "uss1 CP", "GET", DSS_SUBSCRIPTION U("0004"), NULL, &status);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(answer, "subscription"), "notification_index")), 3);
	json_decref(answer);
}

/* ---- codes of the details ---------------------------------------------------------------------------------------- */

static void codes_of_details(void **state)
{
	static const dss_step steps[] = {
		{ NULL, "GET", "/uss/v1/constraints/$id", NULL, 401, NULL },
		{ "=x", "GET", "/uss/v1/constraints/$id", NULL, 401, NULL },
		{ "uss1 SC", "GET", "/uss/v1/constraints/$id", NULL, 403,
		  "!Missing scope, expected one of utm.constraint_management utm.constraint_processing" },
		{ "uss1 CM", "GET", "/uss/v1/constraints/$id", NULL, 200, NULL },
		{ "uss1 CP", "GET", "/uss/v1/constraints/$bare", NULL, 200, NULL },
		{ "uss1 CP", "GET", "/uss/v1/constraints/x", NULL, 400,
		  "!Invalid ID format, expected a UUID of version 4" },
		{ "uss1 CP", "GET", "/uss/v1/constraints/", NULL, 400,
		  "!Invalid ID format, expected a UUID of version 4" },
		{ "uss1 CP", "GET", "/uss/v1/constraints/" U("0009"), NULL, 404,
		  "!this node shows no constraint with this id" },
		{ "uss2 CM", "PUT", DSS_CONSTRAINT U("0008"), "{\"extents\":[" DSS_V("46") "]," URL "}", 201, NULL },
		{ "uss2 CM", "GET", "/uss/v1/constraints/" U("0008"), NULL, 404,
		  "!this node shows no constraint with this id" },
		{ "uss1 CP", "POST", "/uss/v1/constraints/$id", "{}", 404,
		  "#no F3548 endpoint has this path and method\n" },
		{ "uss1 CP", "GET", "/uss/v1/constraints", NULL, 404, "#no F3548 endpoint has this path and method\n" },
	};
	fixture *f = *state;
	char text[PRL_UUID_TEXT_MAX], bare[40];
	size_t used = 0;
	prl_uuid id = file(f, EXERCISE("48", "area"), NULL);
	keep_id(f, &id, "id");
	prl_uuid_write(&id, text); /* as some write it */
	for (const char *p = text; *p; p++)
		if (*p != '-')
			bare[used++] = *p;
	bare[used] = 0;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		dss_step step = steps[i];
		char path[100];
		if (strstr(step.path, "$bare")) {
			(void)snprintf(path, sizeof path, "/uss/v1/constraints/%s", bare);
			step.path = path;
		}
		dss_run(f->d, "details", &step, 1);
	}
}

/* ---- nobody else's ----------------------------------------------------------------------------------------------- */

static void no_request_changes_it(void **state)
{
	static const char own[] = "!constraint is the node's own: it shows a notice of the line";
	static const char put[] = "{\"extents\":[" DSS_V("48") "]," URL "}";
	static const char *const callers[] = { "uss1 CM CP", MANAGER " CM CP" };
	fixture *f = *state;
	prl_uuid id = file(f, EXERCISE("48", "area"), NULL);
	static const dss_step take[] = { { "uss1 CM CP", "GET", "/uss/v1/constraints/$id", NULL, 200,
					   "{\"constraint\":{\"reference\":" REFERENCE(
						   ">ovn") ",\"details\":\"*\"}}" } };
	keep_id(f, &id, "id");
	DSS_RUN(f->d, take);
	for (size_t i = 0; i < 2; i++) {
		const dss_step steps[] = {
			{ callers[i], "PUT", DSS_CONSTRAINT "$id", put, 403, own },
			{ callers[i], "PUT", DSS_CONSTRAINT "$id/$ovn", put, 403, own },
			{ callers[i], "DELETE", DSS_CONSTRAINT "$id/$ovn", NULL, 403, own },
			{ callers[i], "DELETE", DSS_CONSTRAINT "$id/wrong", NULL, 403, own },
		};
		DSS_RUN(f->d, steps);
	}
	assert_int_equal(version_of(f, &id), 1);
}

/* Who learns of a notice can work out the id that it would have, and put something there first: the notice is shown all
 * the same. */
static void nobody_sits_in_its_place(void **state)
{
	fixture *f = *state;
	static const char details[] = "\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48") "]," WHEN "}";
	static const dss_step late[] = { { "uss2 CM", "DELETE", DSS_CONSTRAINT "$id/$ovn", NULL, 403,
					   "!constraint is the node's own: it shows a notice of the line" } };
	char body[400], text[PRL_UUID_TEXT_MAX], path[120];
	prl_hash id;
	(void)snprintf(body, sizeof body, "{%s}", details);
	prl_uuid uuid = file(f, body, &id);
	prl_uuid_write(&uuid, text);
	(void)snprintf(path, sizeof path, DSS_CONSTRAINT "%s", text);
	const dss_step first[] = {
		{ "uss2 CM", "PUT", path, "{\"extents\":[" DSS_V("46") "]," URL "}", 201,
		  "{\"constraint_reference\":{\"id\":\">id\",\"manager\":\"uss2\",\"uss_availability\":"
		  "\"Unknown\",\"version\":1,\"ovn\":\">ovn\",\"time_start\":\"*\",\"time_end\":\"*\","
		  "\"uss_base_url\":\"*\"},\"subscribers\":[]}" }
	};
	DSS_RUN(f->d, first);
	(void)snprintf(body, sizeof body, ",%s,\"uss\":\"area\"", details);
	(void)change(f, "notice.updated", &id, &id, body);
	assert_int_equal(version_of(f, &uuid), 2);
	assert_int_equal(found(f), 1);
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 200));
	DSS_RUN(f->d, late);
}

/* ---- what is shown ----------------------------------------------------------------------------------------------- */

static void what_is_not_to_be_shown(void **state)
{
	fixture *f = *state;
	static const char *const never[] = {
		"{\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48") "]," WHEN "}}",
		"{\"details\":{\"kind\":\"site\",\"areas\":[" AREA("48") "]}}",
		"{\"details\":{\"areas\":[" AREA("48") "]},\"disclosure\":\"area\"}",
	};
	for (size_t i = 0; i < 3; i++)
		(void)file(f, never[i], NULL);
	(void)file_in(f, PRL_MODE_EXERCISE, "notice.filed", EXERCISE("48", "area"), NULL);
	(void)file_in(f, PRL_MODE_TEST, "notice.filed", EXERCISE("48", "full"), NULL);
	prl_hash content;
	prl_error err;
	char text[PRL_HASH_TEXT_MAX], body[600];
	assert_int_equal(prl_client_content(f->desk, prl_bytes_of("{\"kind\":\"site\",\"areas\":[" AREA("48") "]}"),
					    &content, &err),
			 PRL_OK);
	prl_hash_write(&content, text);
	(void)snprintf(body, sizeof body, "{\"disclosure\":\"sealed\",\"content\":{\"hash\":\"%s\",\"size\":70}}",
		       text);
	(void)file(f, body, NULL);
	assert_int_equal(found(f), 0);
	/* the filer's word is asked for where all may read it, and nowhere else */
	(void)snprintf(body, sizeof body,
		       "{\"disclosure\":\"sealed\",\"uss\":\"area\",\"content\":{\"hash\":\"%s\",\"size\":70}}", text);
	prl_filed filed;
	prl_client_entry entry = { .kind = "notice.filed", .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	assert_int_equal(prl_client_file(f->desk, &entry, &filed, &err), PRL_E_REFUSED);
}

static const char *type_of(const json_t *answer)
{
	return json_string_value(
		json_object_get(json_object_get(json_object_get(answer, "constraint"), "details"), "type"));
}

static void kind_only_where_it_is_said(void **state)
{
	fixture *f = *state;
	prl_hash id;
	prl_uuid area = file(f,
			     "{\"disclosure\":\"area\",\"uss\":\"area\",\"details\":{\"areas\":[" AREA("48") "]," WHEN
													     "}}",
			     NULL),
		 full = file(f, EXERCISE("48.05", "full"), &id);
	json_t *answer = get(f, "/uss/v1/constraints/", &area, 200);
	assert_null(type_of(answer));
	json_decref(answer);
	answer = get(f, "/uss/v1/constraints/", &full, 200);
	assert_string_equal(type_of(answer), "exercise");
	json_decref(answer);
	/* taken back to the area alone: another version, since it says less */
	(void)change(f, "notice.updated", &id, &id,
		     ",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.05") "]," WHEN "},\"uss\":\"area\"");
	assert_int_equal(version_of(f, &full), 2);
	answer = get(f, "/uss/v1/constraints/", &full, 200);
	assert_null(type_of(answer));
	json_decref(answer);
}

/* ---- its life ---------------------------------------------------------------------------------------------------- */

static void it_changes_and_ends(void **state)
{
	fixture *f = *state;
	prl_hash id, version;
	prl_uuid uuid = file(f, EXERCISE("48", "area"), &id);
	assert_int_equal(found(f), 1);
	/* other words are no other version */
	version = change(f, "notice.updated", &id, &id,
			 ",\"details\":{\"kind\":\"exercise\",\"title\":\"x\",\"areas\":[" AREA("48") "]," WHEN "}");
	assert_int_equal(version_of(f, &uuid), 1);
	version = change(f, "notice.updated", &id, &version,
			 ",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.01") "]," WHEN "}");
	assert_int_equal(version_of(f, &uuid), 2);
	version =
		change(f, "notice.updated", &id, &version,
		       ",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.01") "]," WHEN "},\"uss\":\"none\"");
	assert_int_equal(found(f), 0);
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 404));
	version =
		change(f, "notice.updated", &id, &version,
		       ",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48.01") "]," WHEN "},\"uss\":\"area\"");
	assert_int_equal(found(f), 1);
	(void)change(f, "notice.cancelled", &id, &version, "");
	assert_int_equal(found(f), 0);
	prl_hash other;
	prl_uuid second = file(f, EXERCISE("48", "area"), &other);
	assert_int_equal(found(f), 1);
	(void)change(f, "notice.ended", &other, &other, "");
	assert_int_equal(found(f), 0);
	json_decref(get(f, DSS_CONSTRAINT, &second, 404));
}

static void it_runs_out(void **state)
{
	fixture *f = *state;
	prl_hash id, open;
	prl_uuid uuid = file(f, EXERCISE("48", "area"), &id);
	prl_uuid endless =
		file(f, "{\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48") "]},\"uss\":\"area\"}", &open);
	json_t *answer = get(f, DSS_CONSTRAINT, &endless, 200);
	json_t *reference = json_object_get(answer, "constraint_reference");
	assert_string_equal(json_string_value(json_object_get(json_object_get(reference, "time_end"), "value")),
			    "2200-01-01T00:00:00Z");
	assert_string_equal(json_string_value(json_object_get(json_object_get(reference, "time_start"), "value")),
			    "2026-11-29T12:00:00Z");
	json_decref(answer);
	assert_int_equal(found(f), 2);
	dss_go_on(3 * 3600 + 1);
	f->who = "uss9 CP";
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 404));
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 404));
	json_decref(get(f, DSS_CONSTRAINT, &endless, 200));
}

static void a_restart_changes_nothing(void **state)
{
	fixture *f = *state;
	prl_uuid uuid = file(f, EXERCISE("48", "full"), NULL);
	json_t *before = get(f, "/uss/v1/constraints/", &uuid, 200);
	for (int i = 0; i < 2; i++) {
		prl_client_free(f->desk);
		dss_stop(f->d);
		dss_start(f->d);
		f->desk = dss_desk(f->d);
		json_t *after = get(f, "/uss/v1/constraints/", &uuid, 200);
		assert_true(json_equal(before, after));
		json_decref(after);
	}
	json_decref(before);
}

/* A node that served no region when a notice was filed shows it once it does, before it takes anything; named another
 * way, it says so. */
static void shown_later(void **state)
{
	static const dss_step meets[] = {
		{ "uss1 SC CP", "PUT", DSS_INTENT U("0010"), INTENT("48.01", ""), 409,
		  "{\"message\":\"*\",\"missing_constraints\":[{\"id\":\"*\",\"manager\":\"our-uss\",\"uss_"
		  "availability\":"
		  "\"Unknown\",\"version\":1,\"ovn\":\"Available from USS\",\"time_start\":\"*\",\"time_end\":\"*\","
		  "\"uss_base_url\":\"https://parley.example/us\"}]}" },
	};
	fixture *f = *state;
	nodes_node *node = &dss_nodes(f->d)->nodes[0];
	prl_dss_options dss = node->dss;
	prl_hash gone;
	prl_uuid uuid = file(f, EXERCISE("48", "area"), &gone);
	prl_client_free(f->desk);
	dss_stop(f->d);
	node->dss = (prl_dss_options){ 0 };
	dss_start(f->d);
	f->desk = dss_desk(f->d);
	prl_uuid later = file(f, EXERCISE("48.01", "area"), NULL);
	(void)change(f, "notice.cancelled", &gone, &gone, "");
	prl_client_free(f->desk);
	dss_stop(f->d);
	node->dss = dss;
	node->dss.uss_id = "our-uss";
	node->dss.base_url = "https://parley.example/us";
	dss_start(f->d);
	DSS_RUN(f->d, meets); /* the first that the node is asked */
	f->desk = dss_desk(f->d);
	json_t *answer = get(f, DSS_CONSTRAINT, &later, 200),
	       *reference = json_object_get(answer, "constraint_reference");
	assert_string_equal(json_string_value(json_object_get(reference, "manager")), "our-uss");
	assert_string_equal(json_string_value(json_object_get(reference, "uss_base_url")), "https://parley.example/us");
	json_decref(answer);
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 404));
}

/* ---- the owner --------------------------------------------------------------------------------------------------- */

static json_t *shown(fixture *f, const char *query)
{
	return nodes_get(f->desk, "/parley/v1/line/shown%s", query);
}

static json_t *item(json_t *answer, const char *member)
{
	return json_object_get(json_array_get(json_object_get(answer, "items"), 0), member);
}

static void the_owner_sees_who_read(void **state)
{
	fixture *f = *state;
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid uuid = file(f, EXERCISE("48", "area"), NULL);
	prl_uuid_write(&uuid, text);
	json_t *answer = shown(f, "");
	assert_string_equal(json_string_value(item(answer, "constraint")), text);
	assert_string_equal(json_string_value(item(answer, "uss")), "area");
	assert_int_equal(json_array_size(item(answer, "readers")), 0);
	json_decref(answer);
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 200));
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 200));
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 200)); /* the reference says nothing more */
	answer = shown(f, "?notice=us%231");
	json_t *reader = json_array_get(item(answer, "readers"), 0);
	assert_int_equal(json_array_size(item(answer, "readers")), 1);
	assert_string_equal(json_string_value(json_object_get(reader, "uss")), "uss1");
	assert_int_equal(json_integer_value(json_object_get(reader, "count")), 2);
	assert_int_equal(json_integer_value(json_object_get(reader, "version")), 1);
	assert_string_equal(json_string_value(json_object_get(reader, "last")), "2026-11-29T12:00:00.000Z");
	json_decref(answer);
	json_decref(answer = shown(f, "?notice=us%239"));
	assert_int_equal(nodes_status(f->desk, "GET", "/parley/v1/line/shown?count=0", NULL, NULL, 0, NULL), 400);
}

/* Nothing is given to anybody of which the owner would not see that it was. */
static void what_cannot_be_recorded_is_not_given(void **state)
{
	fixture *f = *state;
	prl_uuid uuid = file(f, EXERCISE("48", "area"), NULL);
	full_disk(true);
	json_t *answer = get(f, "/uss/v1/constraints/", &uuid, 503);
	full_disk(false);
	assert_null(json_object_get(answer, "constraint"));
	assert_non_null(json_object_get(answer, "error_message"));
	json_decref(answer);
	json_decref(get(f, "/uss/v1/constraints/", &uuid, 200));
	answer = shown(f, "");
	json_t *reader = json_array_get(item(answer, "readers"), 0);
	assert_int_equal(json_integer_value(json_object_get(reader, "count")), 1);
	json_decref(answer);
}

static size_t alarms(fixture *f, const char *name)
{
	json_t *answer = nodes_get(f->desk, "/parley/v1/line/alarms"), *one;
	size_t i, count = 0;
	json_array_foreach(json_object_get(answer, "items"), i, one) count +=
		strcmp(json_string_value(json_object_get(one, "alarm")), name) == 0;
	json_decref(answer);
	return count;
}

static void what_cannot_be_shown_rings(void **state)
{
	fixture *f = *state;
	prl_hash id;
	prl_uuid uuid = file(f, "{\"details\":{\"kind\":\"exercise\"," WHEN "},\"uss\":\"area\"}", &id);
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 404));
	assert_int_equal(alarms(f, "notice-not-shown"), 1);
	json_t *answer = shown(f, "");
	assert_int_equal(json_array_size(item(answer, "why_not")), 1);
	json_decref(answer);
	prl_hash version = change(f, "notice.updated", &id, &id,
				  ",\"details\":{\"kind\":\"exercise\",\"areas\":[" AREA("48") "]," WHEN "}");
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 200));
	assert_int_equal(alarms(f, "notice-not-shown"), 0);
	/* and back: what stood is not left as it was */
	version = change(f, "notice.updated", &id, &version, ",\"details\":{\"kind\":\"exercise\"," WHEN "}");
	json_decref(get(f, DSS_CONSTRAINT, &uuid, 404));
	assert_int_equal(alarms(f, "notice-not-shown"), 1);
	(void)change(f, "notice.cancelled", &id, &version, "");
	assert_int_equal(alarms(f, "notice-not-shown"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		WITH(an_intent_meets_a_notice),
		WITH(subscribers_hear),
		WITH(codes_of_details),
		WITH(no_request_changes_it),
		WITH(nobody_sits_in_its_place),
		WITH(what_is_not_to_be_shown),
		WITH(kind_only_where_it_is_said),
		WITH(it_changes_and_ends),
		WITH(it_runs_out),
		WITH(a_restart_changes_nothing),
		WITH(shown_later),
		WITH(the_owner_sees_who_read),
		WITH(what_cannot_be_recorded_is_not_given),
		WITH(what_cannot_be_shown_rings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
