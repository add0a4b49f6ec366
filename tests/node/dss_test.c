/* The F3548-21 interface over HTTP, with tokens: every row of the tables of codes of f3548.md, and each bug of the Go
 * DSS. What is compared is the whole body (support/dss.h). Each test has places of its own on the earth. */
#include "support/dss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static dss_node *d;

static int set_up(void **state)
{
	(void)state;
	d = dss_new(false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dss_free(d);
	return 0;
}

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

#define URL(n)                "\"uss_base_url\":\"https://uss" n ".example\""
#define NO_SUB                "00000000-0000-4000-8000-000000000000"
#define OTHERS                "Available from USS"
#define OI(v, more)           "{\"extents\":[" v "],\"state\":\"Accepted\"," URL("1") more "}"
#define STATE(v, state, more) "{\"extents\":[" v "],\"state\":\"" state "\"," URL("1") more "}"
#define CR(v)                 "{\"extents\":[" v "]," URL("1") "}"
#define SUB(v, more)          "{\"extents\":" v "," URL("1") more "}"
#define FOR_OI                ",\"notify_for_operational_intents\":true"
#define FOR_CR                ",\"notify_for_constraints\":true"
#define NEW_SUB               ",\"new_subscription\":{" URL("1") "}"
#define NEW_SUB_CR            ",\"new_subscription\":{" URL("1") FOR_CR "}"
#define ASK(v)                "{\"area_of_interest\":" v "}"
#define KEY(list)             ",\"key\":[" list "]"

/* References as the answers have them; times are those of DSS_V(). */
#define REF_T(id, manager, version, state, ovn, sub, from, to)                                                         \
	"{\"id\":\"" id "\",\"manager\":\"" manager "\",\"uss_availability\":\"Unknown\",\"version\":" version         \
	",\"state\":\"" state "\",\"ovn\":\"" ovn "\"," DSS_TIMES(from, to) "," URL("1") ",\"subscription_id\":\"" sub \
											 "\"}"
#define REF(id, manager, version, state, ovn, sub) REF_T(id, manager, version, state, ovn, sub, "13:00:00", "14:00:00")
#define CREF(id, manager, version, ovn)                                                                                \
	"{\"id\":\"" id "\",\"manager\":\"" manager "\",\"uss_availability\":\"Unknown\",\"version\":" version         \
	",\"ovn\":\"" ovn "\"," DSS_TIMES("13:00:00", "14:00:00") "," URL("1") "}"
#define SUBSCRIPTION(id, version, index, oi, cr, implicit, dependents)                                                 \
	"{\"id\":\"" id "\",\"version\":\"" version "\",\"notification_index\":" index                                 \
	"," DSS_TIMES("13:00:00", "14:00:00") "," URL("1") ",\"notify_for_operational_intents\":" oi                   \
							   ",\"notify_for_constraints\":" cr                           \
							   ",\"implicit_subscription\":" implicit                      \
							   ",\"dependent_operational_intents\":[" dependents "]}"
#define CHANGED(ref, subscribers)  "{\"operational_intent_reference\":" ref ",\"subscribers\":[" subscribers "]}"
#define CCHANGED(ref, subscribers) "{\"constraint_reference\":" ref ",\"subscribers\":[" subscribers "]}"
#define TOLD(n, states)            "{" URL(n) ",\"subscriptions\":[" states "]}"
#define INDEX(id, index)           "{\"subscription_id\":\"" id "\",\"notification_index\":" index "}"
#define ONE(ref)                   "{\"operational_intent_reference\":" ref "}"
#define FOUND(refs)                "{\"operational_intent_references\":[" refs "]}"
#define CFOUND(refs)               "{\"constraint_references\":[" refs "]}"
#define SFOUND(subs)               "{\"subscriptions\":[" subs "]}"
#define SHOWN(sub)                 "{\"subscription\":" sub "}"

#define BAD_ID   "!Invalid ID format, expected a UUID of version 4"
#define NO_STAMP "!Missing OVN/version"
#define NOTHING  "!nothing of this kind has this id"

/* ---- scopes ------------------------------------------------------------------------------------------------------ */

/* Every endpoint with every scope alone: those listed get past the door, all others 403; nobody 401. */
static void scopes(void **state)
{
	static const struct {
		const char *method, *path, *scopes;
	} rows[] = {
		{ "POST", DSS_INTENT "query", "SC CMSA" },
		{ "GET", DSS_INTENT "x", "SC CMSA" },
		{ "PUT", DSS_INTENT "x", "SC CMSA" },
		{ "PUT", DSS_INTENT "x/y", "SC CMSA" },
		{ "DELETE", DSS_INTENT "x/y", "SC CMSA" },
		{ "POST", DSS_CONSTRAINT "query", "CM CP" },
		{ "GET", DSS_CONSTRAINT "x", "CM CP" },
		{ "PUT", DSS_CONSTRAINT "x", "CM" },
		{ "PUT", DSS_CONSTRAINT "x/y", "CM" },
		{ "DELETE", DSS_CONSTRAINT "x/y", "CM" },
		{ "POST", DSS_SUBSCRIPTION "query", "CP SC" },
		{ "GET", DSS_SUBSCRIPTION "x", "CP SC" },
		{ "PUT", DSS_SUBSCRIPTION "x", "CP SC" },
		{ "PUT", DSS_SUBSCRIPTION "x/y", "CP SC" },
		{ "DELETE", DSS_SUBSCRIPTION "x/y", "CP SC" },
		{ "POST", "/dss/v1/reports", "SC CM CP CMSA AA" },
		{ "GET", DSS_USS "uss9", "AA SC CMSA" },
		{ "PUT", DSS_USS "uss9", "AA" },
		{ "GET", "/aux/v1/validate_oauth", "RSA WSA" },
		{ "GET", "/aux/v1/pool", "POOL" },
		{ "GET", "/aux/v1/pool/dss_instances", "POOL" },
		{ "GET", "/versions/any", "VERSIONS" },
	};
	static const char *const names[] = { "SC", "CMSA", "CM", "CP", "AA", "RSA", "WSA", "POOL", "VERSIONS" };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned status;
		const char *body = rows[i].method[0] == 'P' ? "[" : NULL; /* refused once the caller is known */
		json_decref(dss_ask(d, NULL, rows[i].method, rows[i].path, body, &status));
		assert_int_equal(status, 401);
		json_decref(dss_ask(d, "=no.such.token", rows[i].method, rows[i].path, body, &status));
		assert_int_equal(status, 401);
		for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
			char who[40], list[60], word[20];
			(void)snprintf(who, sizeof who, "uss1 %s", names[k]);
			(void)snprintf(list, sizeof list, " %s ", rows[i].scopes);
			(void)snprintf(word, sizeof word, " %s ", names[k]);
			json_t *json = dss_ask(d, who, rows[i].method, rows[i].path, body, &status);
			bool listed = strstr(list, word) != NULL;
			if ((status == 403) == listed || (listed && status >= 401))
				fail_msg("%s %s with %s: %u", rows[i].method, rows[i].path, names[k], status);
			assert_non_null(json);
			json_decref(json);
		}
	}
	static const dss_step refusals[] = {
		{ NULL, "GET", DSS_USS "uss9", NULL, 401, "!no Authorization header, expected \"Bearer\" and a token" },
		{ "uss1 CM", "GET", DSS_USS "uss9", NULL, 403,
		  "!Missing scope, expected one of utm.strategic_coordination utm.conformance_monitoring_sa "
		  "utm.availability_arbitration" },
		{ "uss1 CM x.y SC", "GET", DSS_USS "uss9", NULL, 200, NULL },
		{ "uss1", "GET", DSS_USS "uss9", NULL, 403, NULL },
		{ "uss1 SC CP", "PUT", DSS_INTENT U("0100"), OI(DSS_V("-1"), ""), 201, NULL },
	};
	DSS_RUN(d, refusals);
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

#define NO_PATH "#no F3548 endpoint has this path and method\n"
#define NO_AUX  "#no endpoint has this path and method\n"

static void paths(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "GET", "/dss/v1/nothing", NULL, 404, NO_PATH },
		{ NULL, "GET", "/dss/v1/", NULL, 404, NO_PATH },
		{ NULL, "GET", "/dss/v2/subscriptions/query", NULL, 404, NO_PATH },
		{ NULL, "PATCH", DSS_INTENT U("0001"), NULL, 404, NO_PATH },
		{ NULL, "DELETE", DSS_INTENT U("0001"), NULL, 404, NO_PATH },
		{ NULL, "POST", DSS_INTENT U("0001"), "{}", 404, NO_PATH },
		{ NULL, "GET", DSS_INTENT U("0001") "/a/b", NULL, 404, NO_PATH },
		{ NULL, "DELETE", "/dss/v1/reports", NULL, 404, NO_PATH },
		{ NULL, "DELETE", DSS_USS "uss2", NULL, 404, NO_PATH },
		{ NULL, "POST", "/aux/v1/version", "{}", 404, NO_AUX },
		{ NULL, "GET", "/aux/v1/nothing", NULL, 404, NO_AUX },
		{ NULL, "PUT", "/versions/a", "{}", 404, NO_AUX },
		/* An empty last segment is a segment. */
		{ "uss1 SC", "GET", DSS_INTENT, NULL, 400, BAD_ID },
		{ "uss1 SC", "PUT", DSS_INTENT, OI(DSS_V("-1"), ""), 400, BAD_ID },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001") "/", OI(DSS_V("-1"), ""), 400, NO_STAMP },
		{ "uss1 SC", "DELETE", DSS_INTENT U("0001") "/", NULL, 400, NO_STAMP },
		{ "uss1 SC", "DELETE", DSS_INTENT "/x", NULL, 400, BAD_ID },
		{ "uss1 CM", "GET", DSS_CONSTRAINT, NULL, 400, BAD_ID },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0001") "/", CR(DSS_V("-1")), 400, NO_STAMP },
		{ "uss1 CM", "DELETE", DSS_CONSTRAINT U("0001") "/", NULL, 400, NO_STAMP },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION, NULL, 400, BAD_ID },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0001") "/", SUB(DSS_V("-1"), FOR_OI), 400, NO_STAMP },
		{ "uss1 SC", "DELETE", DSS_SUBSCRIPTION U("0001") "/", NULL, 400, NO_STAMP },
		{ "uss1 SC", "GET", DSS_USS, NULL, 400,
		  "!Missing or too long a name of a USS, expected 1 to 255 bytes" },
		/* Ids. */
		{ "uss1 SC", "GET", DSS_INTENT "0123", NULL, 400, BAD_ID },
		{ "uss1 SC", "GET", DSS_INTENT "a0000000-0000-1000-8000-000000000001", NULL, 400, BAD_ID },
		{ "uss1 SC", "GET", DSS_INTENT "a0000000-0000-4000-c000-000000000001", NULL, 400, BAD_ID },
		{ "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 404, NOTHING },
		{ "uss1 SC", "GET", DSS_INTENT NO_SUB, NULL, 404, NOTHING },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* The body is judged once the caller is known; a body too large is read and refused. */
static void large_bodies(void **state)
{
	(void)state;
	size_t size = 5u << 20;
	char *body = malloc(size + 1);
	assert_non_null(body);
	memset(body, ' ', size);
	body[size] = 0;
	prl_reply reply = PRL_REPLY(1000);
	assert_int_equal(dss_send(d, "uss1 SC", "PUT", DSS_INTENT U("0001"), (prl_bytes){ body, size }, &reply), 413);
	assert_string_equal(reply.type, "text/plain; charset=utf-8");
	assert_string_equal(reply.body.data, "the body is larger than 4194304 bytes\n");
	prl_reply_done(&reply);
	/* As large as it may be: blanks are no JSON; of a DELETE nobody looks at it. */
	static const struct {
		const char *method, *path;
		unsigned status;
	} fitting[] = { { "PUT", DSS_INTENT U("0001"), 400 }, { "DELETE", DSS_INTENT U("0001") "/x", 404 } };
	for (size_t i = 0; i < 2; i++) {
		prl_bytes bytes = { body, 4u << 20 };
		reply = PRL_REPLY(1000);
		assert_int_equal(dss_send(d, "uss1 SC", fitting[i].method, fitting[i].path, bytes, &reply),
				 fitting[i].status);
		prl_reply_done(&reply);
	}
	free(body);
}

/* ---- operational intents ----------------------------------------------------------------------------------------- */

static void intents(void **state)
{
	static const dss_step steps[] = {
		/* created */
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), OI(DSS_V("1"), ""), 201,
		  CHANGED(REF(U("0001"), "uss1", "1", "Accepted", ">ovn_a", NO_SUB), "") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), OI(DSS_V("1"), ""), 409,
		  "!the operational intent exists: its current OVN is needed" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0001"), OI(DSS_V("1"), ""), 403,
		  "!operational intent is managed by uss1" },
		/* seen: an OVN by its manager alone; the id in any form */
		{ "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 200,
		  ONE(REF(U("0001"), "uss1", "1", "Accepted", "$ovn_a", NO_SUB)) },
		{ "uss2 CMSA", "GET", DSS_INTENT "A0000000000040008000000000000001", NULL, 200,
		  ONE(REF(U("0001"), "uss1", "1", "Accepted", OTHERS, NO_SUB)) },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK(DSS_V("1")), 200,
		  FOUND(REF(U("0001"), "uss1", "1", "Accepted", "$ovn_a", NO_SUB)) },
		{ "uss2 SC", "POST", DSS_INTENT "query", ASK("{\"volume\":{" DSS_CIRCLE("1", "9000") "}}"), 200,
		  FOUND(REF(U("0001"), "uss1", "1", "Accepted", OTHERS, NO_SUB)) },
		/* changed */
		{ "uss2 SC", "PUT", DSS_INTENT U("0001") "/$ovn_a", OI(DSS_V("1"), ""), 403,
		  "!operational intent is managed by uss1" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0001") "/wrong", OI(DSS_V("1"), ""), 403,
		  "!operational intent is managed by uss1" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001") "/wrong", OI(DSS_V("1"), ""), 409,
		  "!the OVN is not that of the current version" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0002") "/$ovn_a", OI(DSS_V("1"), ""), 400,
		  "!there is no operational intent with this id: an OVN is for an update" },
		{ "uss1 SC", "PUT", DSS_INTENT "%7Ba0000000-0000-4000-8000-000000000001%7D/$ovn_a", OI(DSS_V("1"), ""),
		  200, CHANGED(REF(U("0001"), "uss1", "2", "Accepted", ">ovn_b", NO_SUB), "") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001") "/$ovn_a", OI(DSS_V("1"), ""), 409,
		  "!the OVN is not that of the current version" },
		/* deleted */
		{ "uss2 SC", "DELETE", DSS_INTENT U("0001") "/$ovn_b", NULL, 403,
		  "!operational intent is managed by uss1" },
		{ "uss1 SC", "DELETE", DSS_INTENT U("0001") "/$ovn_a", NULL, 409,
		  "!the OVN is not that of the current version" },
		{ "uss1 SC", "DELETE", DSS_INTENT U("0002") "/$ovn_b", NULL, 404,
		  "!there is no operational intent with this id" },
		{ "uss1 CMSA", "DELETE", DSS_INTENT U("0001") "/$ovn_b", NULL, 200,
		  CHANGED(REF(U("0001"), "uss1", "2", "Accepted", "$ovn_b", NO_SUB), "") },
		{ "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 404, NOTHING },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK(DSS_V("1")), 200, FOUND("") },
		/* and made again: another OVN */
		{ "uss2 SC", "PUT", DSS_INTENT U("0001"), OI(DSS_V("1"), ""), 201,
		  CHANGED(REF(U("0001"), "uss2", "1", "Accepted", ">ovn_c", NO_SUB), "") },
	};
	(void)state;
	DSS_RUN(d, steps);
	assert_string_not_equal(dss_kept(d, "ovn_a"), dss_kept(d, "ovn_b"));
	assert_string_not_equal(dss_kept(d, "ovn_a"), dss_kept(d, "ovn_c"));
	size_t length = strlen(dss_kept(d, "ovn_a"));
	assert_true(length >= 16 && length <= 128);
}

/* What a body alone decides is request_test.c's; here that it arrives, with the code and the place. */
static void intent_bodies(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"), "{", 400, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"), OI(DSS_V("2"), "") "x", 400, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"), "{\"state\":\"Accepted\"," URL("1") "}", 400,
		  "!extents: Missing required extents" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"), "{\"state\":7}", 400,
		  "!\"state\" is a number, expected a string" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"), STATE(DSS_V("2"), "Activated", NEW_SUB), 400,
		  "!state: Invalid state Activated of a new intent, expected Accepted" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"),
		  OI(DSS_VOLUME("2", "100", "100", "120", "13:00:00", "13:00:00"), ""), 400,
		  "!extents: the extents end when they begin, expected a later end" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"),
		  OI(DSS_VOLUME("2", "100", "100", "120", "10:00:00", "11:59:59"), ""), 400,
		  "!extents: the end of the extents is in the past" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"),
		  OI(DSS_VOLUME("2", "100000", "100", "120", "13:00:00", "14:00:00"), ""), 400, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"),
		  "{\"extents\":[{\"volume\":{\"outline_circle\":{}}," DSS_TIMES(
			  "13:00:00", "14:00:00") "}],\"state\":\"Accepted\"," URL("1") "}",
		  400, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0010"),
		  "{\"extents\":[" DSS_V("2") "],\"state\":\"Accepted\",\"uss_base_url\":\"http://uss1.example\"}", 400,
		  "!uss_base_url: uss_base_url must use TLS: the address is http, expected https:// and a host" },
		{ "uss1 SC", "POST", DSS_INTENT "query", "{}", 400,
		  "!\"area_of_interest\" is missing, expected a Volume4D" },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK("{\"volume\":{}}"), 400,
		  "!area_of_interest.volume: Missing footprint, expected outline_circle or outline_polygon" },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK("{\"volume\":{" DSS_CIRCLE("2", "100000") "}}"), 400,
		  NULL },
		{ "uss1 CP", "POST", DSS_CONSTRAINT "query", ASK("{\"volume\":{}}"), 400,
		  "!area_of_interest.volume: Missing footprint, expected outline_circle or outline_polygon" },
		{ "uss1 CP", "POST", DSS_CONSTRAINT "query", ASK("{\"volume\":{" DSS_CIRCLE("2", "100000") "}}"), 400,
		  NULL },
		{ "uss1 CP", "POST", DSS_SUBSCRIPTION "query", ASK("{\"volume\":{" DSS_CIRCLE("2", "100000") "}}"), 413,
		  NULL },
		{ "uss1 CP", "POST", DSS_SUBSCRIPTION "query", ASK("{\"volume\":{}}"), 400,
		  "!area_of_interest.volume: Missing footprint, expected outline_circle or outline_polygon" },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK(DSS_V("2")), 200, FOUND("") },
	};
	(void)state;
	DSS_RUN(d, steps);
}

static void states(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0020"), OI(DSS_V("3"), NEW_SUB), 201,
		  CHANGED(REF(U("0020"), "uss1", "1", "Accepted", ">a", ">sub"), TOLD("1", INDEX("$sub", "1"))) },
		{ "uss1 SC", "PUT", DSS_INTENT U("0020") "/$a", STATE(DSS_V("3"), "Activated", ""), 400,
		  "!state: Provided state Activated requires a subscription, expected subscription_id or "
		  "new_subscription" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0020") "/$a",
		  STATE(DSS_V("3"), "Activated", ",\"subscription_id\":\"$sub\""), 200,
		  CHANGED(REF(U("0020"), "uss1", "2", "Activated", ">a", "$sub"), TOLD("1", INDEX("$sub", "2"))) },
		{ "uss1 SC", "PUT", DSS_INTENT U("0020") "/$a",
		  STATE(DSS_V("3"), "Nonconforming", ",\"subscription_id\":\"$sub\""), 403,
		  "!state: Missing scope utm.conformance_monitoring_sa, without which no intent becomes "
		  "Nonconforming" },
		{ "uss1 SC CMSA", "PUT", DSS_INTENT U("0020") "/$a",
		  STATE(DSS_V("3"), "Nonconforming", ",\"subscription_id\":\"$sub\""), 200,
		  CHANGED(REF(U("0020"), "uss1", "3", "Nonconforming", ">a", "$sub"), TOLD("1", INDEX("$sub", "3"))) },
		{ "uss1 CMSA", "PUT", DSS_INTENT U("0020") "/$a",
		  STATE(DSS_V("3"), "Contingent", ",\"subscription_id\":\"$sub\""), 200,
		  CHANGED(REF(U("0020"), "uss1", "4", "Contingent", ">a", "$sub"), TOLD("1", INDEX("$sub", "4"))) },
		{ "uss1 SC", "PUT", DSS_INTENT U("0020") "/$a",
		  STATE(DSS_V("3"), "Accepted", ",\"subscription_id\":\"$sub\""), 200,
		  CHANGED(REF(U("0020"), "uss1", "5", "Accepted", ">a", "$sub"), TOLD("1", INDEX("$sub", "5"))) },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- the key ----------------------------------------------------------------------------------------------------- */

static void keys(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0030"), OI(DSS_V("4"), ""), 201,
		  CHANGED(REF(U("0030"), "uss1", "1", "Accepted", ">a", NO_SUB), "") },
		{ "uss2 SC", "PUT", DSS_INTENT U("0031"), OI(DSS_V("4"), ""), 409,
		  "{\"message\":\"*\",\"missing_operational_intents\":[" REF(U("0030"), "uss1", "1", "Accepted", OTHERS,
									     NO_SUB) "]}" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0031"), OI(DSS_V("4"), KEY("\"" OTHERS "\",\"x\"")), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0031"), OI(DSS_V("4"), KEY("\"zz\",\"$a\",\"more is passed over\"")),
		  201, CHANGED(REF(U("0031"), "uss2", "1", "Accepted", ">b", NO_SUB), "") },
		/* own ones count too, and are shown with their OVN; itself does not */
		{ "uss2 SC", "PUT", DSS_INTENT U("0032"), OI(DSS_V("4"), ""), 409,
		  "{\"message\":\"*\",\"missing_operational_intents\":[" REF(
			  U("0030"), "uss1", "1", "Accepted", OTHERS, NO_SUB) "," REF(U("0031"), "uss2", "1",
										      "Accepted", "$b", NO_SUB) "]}" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0031") "/$b", OI(DSS_V("4"), KEY("\"$a\"")), 200,
		  CHANGED(REF(U("0031"), "uss2", "2", "Accepted", ">c", NO_SUB), "") },
		/* the OVN of a version that is over is none */
		{ "uss1 SC", "PUT", DSS_INTENT U("0030") "/$a", OI(DSS_V("4"), KEY("\"$b\"")), 409, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0030") "/$a", OI(DSS_V("4"), KEY("\"$c\"")), 200, NULL },
	};
	/* Exact and closed: 201 m apart none; in time and altitude touching is meeting. */
	static const dss_step places[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0040"), OI(DSS_V("5"), ""), 201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0041"), OI(DSS_V("5.00182"), ""), 201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0042"), OI(DSS_V("5.0018"), ""), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0042"),
		  OI(DSS_VOLUME("4.9995", "100", "120", "140", "13:00:00", "14:00:00"), ""), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0042"),
		  OI(DSS_VOLUME("4.9995", "100", "120.5", "140", "13:00:00", "14:00:00"), ""), 201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0043"),
		  OI(DSS_VOLUME("4.9995", "100", "100", "120", "14:00:00", "15:00:00"), ""), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0043"),
		  OI(DSS_VOLUME("4.9995", "100", "100", "120", "14:00:01", "15:00:00"), ""), 201, NULL },
		/* envelopes, not volumes: low and high, and between them */
		{ "uss1 SC", "PUT", DSS_INTENT U("0044"),
		  OI(DSS_VOLUME("5.1", "100", "0", "10", "13:00:00",
				"14:00:00") "," DSS_VOLUME("5.1", "100", "500", "510", "13:00:00", "14:00:00"),
		     ""),
		  201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0045"),
		  OI(DSS_VOLUME("5.1", "100", "200", "210", "13:00:00", "14:00:00"), ""), 409, NULL },
	};
	(void)state;
	DSS_RUN(d, steps);
	DSS_RUN(d, places);
}

/* Constraints count for whoever asked for them; no key is needed once it does not conform. */
static void keys_of_constraints(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0050"), CR(DSS_V("6")), 201,
		  CCHANGED(CREF(U("0050"), "uss1", "1", ">c"), "") },
		{ "uss2 SC", "PUT", DSS_INTENT U("0051"), OI(DSS_V("6"), NEW_SUB_CR), 409,
		  "{\"message\":\"*\",\"missing_constraints\":[" CREF(U("0050"), "uss1", "1", OTHERS) "]}" },
		{ "uss2 SC", "POST", DSS_SUBSCRIPTION "query", ASK(DSS_V("6")), 200, SFOUND("") },
		{ "uss2 SC", "PUT", DSS_INTENT U("0051"), OI(DSS_V("6"), NEW_SUB), 201,
		  CHANGED(REF(U("0051"), "uss2", "1", "Accepted", ">a", ">s"), TOLD("1", INDEX("$s", "1"))) },
		{ "uss2 SC", "PUT", DSS_INTENT U("0052"), OI(DSS_V("6"), KEY("\"$c\"") NEW_SUB_CR), 409,
		  "{\"message\":\"*\",\"missing_operational_intents\":[" REF(U("0051"), "uss2", "1", "Accepted", "$a",
									     "$s") "]}" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0052"), OI(DSS_V("6"), NEW_SUB_CR), 409,
		  "{\"message\":\"*\",\"missing_operational_intents\":[" REF(
			  U("0051"), "uss2", "1", "Accepted", "$a",
			  "$s") "],\"missing_constraints\":[" CREF(U("0050"), "uss1", "1", OTHERS) "]}" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0052"), OI(DSS_V("6"), KEY("\"$a\",\"$c\"") NEW_SUB_CR), 201,
		  CHANGED(REF(U("0052"), "uss2", "1", "Accepted", ">b", ">t"), TOLD("1", "\"*\",\"*\"")) },
		{ "uss2 SC CMSA", "PUT", DSS_INTENT U("0052") "/$b",
		  STATE(DSS_V("6"), "Contingent", ",\"subscription_id\":\"$t\""), 200, NULL },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- subscriptions of intents ------------------------------------------------------------------------------------ */

static void implicit_subscriptions(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0060"), OI(DSS_V("7"), NEW_SUB), 201,
		  CHANGED(REF(U("0060"), "uss1", "1", "Accepted", ">a", ">s"), TOLD("1", INDEX("$s", "1"))) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200,
		  SHOWN(SUBSCRIPTION("$s", ">sv", "1", "true", "false", "true", "\"" U("0060") "\"")) },
		{ "uss2 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 403, "!the subscription is another USS's" },
		{ "uss1 SC", "DELETE", DSS_SUBSCRIPTION "$s/$sv", NULL, 400,
		  "!1 operational intents depend on the subscription" },
		/* a second intent hangs on it, larger: it is extended */
		{ "uss1 SC", "PUT", DSS_INTENT U("0061"),
		  OI(DSS_VOLUME("7", "300", "100", "120", "12:30:00", "14:30:00"),
		     KEY("\"$a\"") ",\"subscription_id\":\"$s\""),
		  201,
		  CHANGED(REF_T(U("0061"), "uss1", "1", "Accepted", ">b", "$s", "12:30:00", "14:30:00"),
			  TOLD("1", INDEX("$s", "2"))) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200,
		  "{\"subscription\":{\"id\":\"$s\",\"version\":\">sw\",\"notification_index\":2," DSS_TIMES(
			  "12:30:00",
			  "14:30:00") "," URL("1") ",\"notify_for_operational_intents\":true,"
						   "\"notify_for_constraints\":false,\"implicit_subscription\":true,"
						   "\"dependent_operational_intents\":[\"" U("0060") "\",\"" U(
							   "0061") "\"]}}" },
		/* the first parts with it: it stays for the second */
		{ "uss1 SC", "PUT", DSS_INTENT U("0060") "/$a", OI(DSS_V("7"), KEY("\"$b\"")), 200,
		  CHANGED(REF(U("0060"), "uss1", "2", "Accepted", ">a", NO_SUB), TOLD("1", INDEX("$s", "3"))) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200, NULL },
		/* the second gets a new one: the old is gone */
		{ "uss1 SC", "PUT", DSS_INTENT U("0061") "/$b", OI(DSS_V("7"), KEY("\"$a\"") NEW_SUB), 200,
		  CHANGED(REF(U("0061"), "uss1", "2", "Accepted", ">b", ">t"), "\"*\"") },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 404, NOTHING },
		/* deleted with its intent, yet told of it */
		{ "uss1 SC", "DELETE", DSS_INTENT U("0061") "/$b", NULL, 200,
		  CHANGED(REF(U("0061"), "uss1", "2", "Accepted", "$b", "$t"), TOLD("1", INDEX("$t", "2"))) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$t", NULL, 404, NOTHING },
		{ "uss1 SC", "POST", DSS_SUBSCRIPTION "query", ASK(DSS_V("7")), 200, SFOUND("") },
	};
	(void)state;
	DSS_RUN(d, steps);
	assert_string_not_equal(dss_kept(d, "sv"), dss_kept(d, "sw"));
}

static void explicit_subscriptions(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0070"), SUB(DSS_V("8"), FOR_OI), 200,
		  "{\"subscription\":" SUBSCRIPTION(U("0070"), ">v", "0", "true", "false", "false",
						    "") ",\"operational_intent_references\":[]}" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0071"), OI(DSS_V("8"), ",\"subscription_id\":\"" U("0079") "\""), 400,
		  "!there is no subscription with this subscription_id" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0071"), OI(DSS_V("8"), ",\"subscription_id\":\"" U("0070") "\""), 403,
		  "!the subscription is another USS's" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0071"), OI(DSS_V("8"), ",\"subscription_id\":\"" NO_SUB "\""), 400,
		  "!there is no subscription with this subscription_id" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0071"), OI(DSS_V("8.001"), ",\"subscription_id\":\"" U("0070") "\""),
		  400, "!the subscription does not cover the operational intent in place and time" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0071"),
		  OI(DSS_VOLUME("8", "100", "100", "120", "13:00:00", "14:00:01"),
		     ",\"subscription_id\":\"" U("0070") "\""),
		  400, "!the subscription does not cover the operational intent in place and time" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0071"),
		  OI(DSS_VOLUME("8", "100", "500", "520", "13:00:00", "14:00:00"),
		     ",\"subscription_id\":\"" U("0070") "\""),
		  201,
		  CHANGED(REF(U("0071"), "uss1", "1", "Accepted", ">a", U("0070")), TOLD("1", INDEX(U("0070"), "1"))) },
		/* kept where its intent goes */
		{ "uss1 SC", "DELETE", DSS_INTENT U("0071") "/$a", NULL, 200,
		  CHANGED(REF(U("0071"), "uss1", "1", "Accepted", "$a", U("0070")), TOLD("1", INDEX(U("0070"), "2"))) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION U("0070"), NULL, 200,
		  SHOWN(SUBSCRIPTION(U("0070"), "$v", "2", "true", "false", "false", "")) },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- subscriptions ----------------------------------------------------------------------------------------------- */

static void subscriptions(void **state)
{
	static const dss_step steps[] = {
		{ "uss2 SC", "PUT", DSS_INTENT U("0080"), OI(DSS_V("9"), ""), 201, NULL },
		{ "uss2 CM", "PUT", DSS_CONSTRAINT U("0081"), CR(DSS_V("9")), 201, NULL },
		/* lists are there where they were asked for; OVNs of others are not */
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0082"), SUB(DSS_V("9"), FOR_OI FOR_CR), 200,
		  "{\"subscription\":" SUBSCRIPTION(
			  U("0082"), ">v", "0", "true", "true", "false",
			  "") ",\"operational_intent_references\":[" REF(U("0080"), "uss2", "1", "Accepted", OTHERS,
									 NO_SUB) "],\"constraint_references\":"
										 "[" CREF(U("0081"), "uss2", "1",
											  OTHERS) "]}" },
		{ "uss1 CP", "PUT", DSS_SUBSCRIPTION U("0083"), SUB(DSS_V("9"), FOR_CR), 200,
		  "{\"subscription\":" SUBSCRIPTION(U("0083"), "*", "0", "false", "true", "false",
						    "") ",\"constraint_references\":[" CREF(U("0081"), "uss2", "1",
											    OTHERS) "]}" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0084"), SUB(DSS_V("9"), ""), 400,
		  "!No notification triggers requested, expected notify_for_operational_intents or "
		  "notify_for_constraints" },
		/* over an existing one; wrong version; another's; none */
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0082"), SUB(DSS_V("9"), FOR_OI), 409,
		  "!the subscription exists: its current version is needed" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0082") "/wrong", SUB(DSS_V("9"), FOR_OI), 409,
		  "!the version is not the current one" },
		{ "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0082") "/wrong", SUB(DSS_V("9"), FOR_OI), 409,
		  "!the version is not the current one" },
		{ "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0082") "/$v", SUB(DSS_V("9"), FOR_OI), 403,
		  "!the subscription is another USS's" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0084") "/$v", SUB(DSS_V("9"), FOR_OI), 400,
		  "!there is no subscription with this id" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0082") "/$v", SUB(DSS_V("9"), FOR_CR), 200,
		  "{\"subscription\":" SUBSCRIPTION(U("0082"), ">w", "0", "false", "true", "false",
						    "") ",\"constraint_references\":[" CREF(U("0081"), "uss2", "1",
											    OTHERS) "]}" },
		/* only the caller's are found */
		{ "uss1 CP", "POST", DSS_SUBSCRIPTION "query", ASK(DSS_V("9")), 200,
		  SFOUND(SUBSCRIPTION(U("0082"), "$w", "0", "false", "true", "false",
				      "") "," SUBSCRIPTION(U("0083"), "*", "0", "false", "true", "false", "")) },
		{ "uss2 CP", "POST", DSS_SUBSCRIPTION "query", ASK(DSS_V("9")), 200, SFOUND("") },
		{ "uss2 CP", "GET", DSS_SUBSCRIPTION U("0082"), NULL, 403, "!the subscription is another USS's" },
		{ "uss1 CP", "GET", DSS_SUBSCRIPTION U("0084"), NULL, 404, NOTHING },
		/* deleted */
		{ "uss1 CP", "DELETE", DSS_SUBSCRIPTION U("0082") "/$v", NULL, 409,
		  "!the version is not the current one" },
		{ "uss2 CP", "DELETE", DSS_SUBSCRIPTION U("0082") "/$w", NULL, 403,
		  "!the subscription is another USS's" },
		{ "uss1 CP", "DELETE", DSS_SUBSCRIPTION U("0084") "/$w", NULL, 404,
		  "!there is no subscription with this id" },
		{ "uss1 CP", "DELETE", DSS_SUBSCRIPTION U("0082") "/$w", NULL, 200,
		  SHOWN(SUBSCRIPTION(U("0082"), "$w", "0", "false", "true", "false", "")) },
		{ "uss1 CP", "GET", DSS_SUBSCRIPTION U("0082"), NULL, 404, NOTHING },
	};
	(void)state;
	DSS_RUN(d, steps);
	assert_string_not_equal(dss_kept(d, "v"), dss_kept(d, "w"));
}

#define S_TIMES(id, more)                                                                                              \
	"{\"subscription\":{\"id\":\"" id "\",\"version\":\">v\",\"notification_index\":0," more                       \
	"," URL("1") ",\"notify_for_operational_intents\":true,\"notify_for_constraints\":false,\"implicit_"           \
		     "subscription\":false,"                                                                           \
		     "\"dependent_operational_intents\":[]},\"operational_intent_references\":[]}"
#define S_AT(times) "{\"volume\":{" DSS_CIRCLE("10", "100") "}" times "}"
#define NEXT_DAY    "{\"value\":\"2026-11-30T12:00:00Z\",\"format\":\"RFC3339\"}"

static void subscription_times(void **state)
{
	static const dss_step steps[] = {
		/* from now, for a day */
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090"), SUB(S_AT(""), FOR_OI), 200,
		  S_TIMES(U("0090"), "\"time_start\":" DSS_TIME("12:00:00") ",\"time_end\":" NEXT_DAY) },
		/* an update without times keeps them; with one it keeps the other */
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090") "/$v", SUB(S_AT(""), FOR_OI), 200,
		  S_TIMES(U("0090"), "\"time_start\":" DSS_TIME("12:00:00") ",\"time_end\":" NEXT_DAY) },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090") "/$v",
		  SUB(S_AT(",\"time_end\":" DSS_TIME("15:00:00.5")), FOR_OI), 200,
		  S_TIMES(U("0090"), DSS_TIMES("12:00:00", "15:00:00.5")) },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090") "/$v",
		  SUB(S_AT(",\"time_start\":" DSS_TIME("11:55:00")), FOR_OI), 200,
		  S_TIMES(U("0090"), DSS_TIMES("11:55:00", "15:00:00.5")) },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090") "/$v",
		  SUB(S_AT(",\"time_end\":{\"value\":\"2026-11-30T11:55:01Z\",\"format\":\"RFC3339\"}"), FOR_OI), 400,
		  "!a subscription lasts 24 h at most" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0090") "/$v",
		  SUB(S_AT(",\"time_start\":" DSS_TIME("11:54:59")), FOR_OI), 400,
		  "!extents: Subscription time_start must not be in the past" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0091"),
		  SUB(S_AT("," DSS_TIMES("11:57:00", "11:59:00")), FOR_OI), 400,
		  "!extents: Subscription time_end must not be in the past" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0091"),
		  SUB(S_AT("," DSS_TIMES("13:00:00", "12:00:00")), FOR_OI), 400, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0091"),
		  SUB(S_AT(",\"time_end\":{\"value\":\"2026-11-30T12:00:01Z\",\"format\":\"RFC3339\"}"), FOR_OI), 400,
		  "!extents: Subscription window exceeds 24 hours" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0091"), SUB("{\"volume\":{\"outline_circle\":{}}}", FOR_OI),
		  400, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0091"),
		  "{\"extents\":" DSS_V("10") ",\"uss_base_url\":\"\"" FOR_OI "}", 400,
		  "!uss_base_url: no address, expected https:// and a host" },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* A subscription on which an intent depends must go on covering it; altitudes not stated reach everywhere. */
static void dependents(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0095"), OI(DSS_V("11"), NEW_SUB), 201,
		  CHANGED(REF(U("0095"), "uss1", "1", "Accepted", ">a", ">s"), "\"*\"") },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200,
		  SHOWN(SUBSCRIPTION("$s", ">v", "1", "true", "false", "true", "\"" U("0095") "\"")) },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION "$s/$v", SUB(DSS_V("11.01"), FOR_OI), 400,
		  "!the subscription would not cover operational intent " U("0095") ", which depends on it" },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION "$s/$v",
		  SUB(DSS_VOLUME("11", "100", "100", "110", "13:00:00", "14:00:00"), FOR_OI), 400, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION "$s/$v",
		  SUB(DSS_VOLUME("11", "100", "100", "120", "13:00:00", "13:59:59"), FOR_OI), 400, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION "$s/$v",
		  SUB(DSS_VOLUME("11", "100", "100", "120", "13:05:01", "14:00:00"), FOR_OI), 400, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION "$s/$v",
		  SUB("{\"volume\":{" DSS_CIRCLE("11", "100") "}," DSS_TIMES("13:00:00", "14:00:00") "}", FOR_OI), 200,
		  "{\"subscription\":" SUBSCRIPTION(
			  "$s", ">w", "1", "true", "false", "false",
			  "\"" U("0095") "\"") ",\"operational_intent_references\":[" REF(U("0095"), "uss1", "1",
											  "Accepted", "$a",
											  "$s") "]}" },
		/* it is explicit now: kept where the intent goes */
		{ "uss1 SC", "DELETE", DSS_INTENT U("0095") "/$a", NULL, 200, NULL },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200, NULL },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- whom to tell ------------------------------------------------------------------------------------------------ */

static void notifications(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0110"), SUB(DSS_V("12"), FOR_OI), 200, NULL },
		{ "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0111"), "{\"extents\":" DSS_V("12.01") "," URL("2") FOR_OI "}",
		  200, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0112"), SUB(DSS_V("12"), FOR_CR), 200, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0113"), SUB(DSS_V("12"), FOR_OI FOR_CR), 200, NULL },
		/* altitude is ignored; grouped by address */
		{ "uss2 SC", "PUT", DSS_INTENT U("0114"),
		  OI(DSS_VOLUME("12", "100", "900", "910", "13:00:00", "14:00:00"), ""), 201,
		  CHANGED(REF(U("0114"), "uss2", "1", "Accepted", ">a", NO_SUB),
			  TOLD("1", INDEX(U("0110"), "1") "," INDEX(U("0113"), "1"))) },
		/* moved: of where it was and where it is */
		{ "uss2 SC", "PUT", DSS_INTENT U("0114") "/$a", OI(DSS_V("12.01"), ""), 200,
		  CHANGED(REF(U("0114"), "uss2", "2", "Accepted", ">a", NO_SUB),
			  TOLD("1", INDEX(U("0110"), "2") "," INDEX(U("0113"), "2")) "," TOLD("2",
											      INDEX(U("0111"), "1"))) },
		{ "uss2 SC", "DELETE", DSS_INTENT U("0114") "/$a", NULL, 200,
		  CHANGED(REF(U("0114"), "uss2", "2", "Accepted", "$a", NO_SUB), TOLD("2", INDEX(U("0111"), "2"))) },
		{ "uss2 CM", "PUT", DSS_CONSTRAINT U("0115"), CR(DSS_V("12")), 201,
		  CCHANGED(CREF(U("0115"), "uss2", "1", ">c"),
			   TOLD("1", INDEX(U("0112"), "1") "," INDEX(U("0113"), "3"))) },
		/* a refused request tells nobody */
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0115") "/x", CR(DSS_V("12")), 403, NULL },
		{ "uss2 CM", "DELETE", DSS_CONSTRAINT U("0115") "/$c", NULL, 200,
		  CCHANGED(CREF(U("0115"), "uss2", "1", "$c"),
			   TOLD("1", INDEX(U("0112"), "2") "," INDEX(U("0113"), "4"))) },
		/* no longer at that time */
		{ "uss2 SC", "PUT", DSS_INTENT U("0116"),
		  OI(DSS_VOLUME("12", "100", "100", "120", "14:00:01", "15:00:00"), ""), 201,
		  CHANGED(REF_T(U("0116"), "uss2", "1", "Accepted", "*", NO_SUB, "14:00:01", "15:00:00"), "") },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- constraints ------------------------------------------------------------------------------------------------- */

static void constraints(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0120"), CR(DSS_V("13")), 201,
		  CCHANGED(CREF(U("0120"), "uss1", "1", ">a"), "") },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0120"), CR(DSS_V("13")), 409,
		  "!the constraint exists: its current OVN is needed" },
		{ "uss2 CM", "PUT", DSS_CONSTRAINT U("0120"), CR(DSS_V("13")), 403, "!constraint is managed by uss1" },
		{ "uss2 CM", "PUT", DSS_CONSTRAINT U("0120") "/wrong", CR(DSS_V("13")), 403,
		  "!constraint is managed by uss1" },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0120") "/wrong", CR(DSS_V("13")), 409,
		  "!the OVN is not that of the current version" },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0121") "/$a", CR(DSS_V("13")), 409,
		  "!there is no constraint with this id: an OVN is for an update" },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0120") "/$a", CR(DSS_V("13")), 200,
		  CCHANGED(CREF(U("0120"), "uss1", "2", ">a"), "") },
		{ "uss1 CP", "GET", DSS_CONSTRAINT U("0120"), NULL, 200,
		  "{\"constraint_reference\":" CREF(U("0120"), "uss1", "2", "$a") "}" },
		{ "uss2 CP", "GET", DSS_CONSTRAINT U("0120"), NULL, 200,
		  "{\"constraint_reference\":" CREF(U("0120"), "uss1", "2", OTHERS) "}" },
		{ "uss2 CM", "GET", DSS_CONSTRAINT U("0121"), NULL, 404, NOTHING },
		/* altitude is ignored in queries */
		{ "uss2 CP", "POST", DSS_CONSTRAINT "query",
		  ASK(DSS_VOLUME("13", "100", "900", "910", "13:00:00", "14:00:00")), 200,
		  CFOUND(CREF(U("0120"), "uss1", "2", OTHERS)) },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0121"),
		  CR("{\"volume\":{" DSS_CIRCLE("13.1", "100") "}," DSS_TIMES("13:00:00", "14:00:00") "}"), 201,
		  CCHANGED(CREF(U("0121"), "uss1", "1", "*"), "") },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0122"), CR("{\"volume\":{" DSS_CIRCLE("13.1", "100") "}}"), 400,
		  "!extents[0]: \"time_start\" is missing, expected a time in each volume" },
		{ "uss2 CM", "DELETE", DSS_CONSTRAINT U("0120") "/$a", NULL, 403, "!constraint is managed by uss1" },
		{ "uss1 CM", "DELETE", DSS_CONSTRAINT U("0120") "/wrong", NULL, 409,
		  "!the OVN is not that of the current version" },
		{ "uss1 CM", "DELETE", DSS_CONSTRAINT U("0123") "/$a", NULL, 404,
		  "!there is no constraint with this id" },
		{ "uss1 CM", "DELETE", DSS_CONSTRAINT U("0120") "/$a", NULL, 200,
		  CCHANGED(CREF(U("0120"), "uss1", "2", "$a"), "") },
		{ "uss1 CM", "GET", DSS_CONSTRAINT U("0120"), NULL, 404, NOTHING },
	};
	(void)state;
	DSS_RUN(d, steps);
}

/* ---- availability, reports, what stands beside ------------------------------------------------------------------- */

#define SAID(version, uss, word)                                                                                       \
	"{\"version\":\"" version "\",\"status\":{\"uss\":\"" uss "\",\"availability\":\"" word "\"}}"
#define SAY(version, word) "{\"old_version\":\"" version "\",\"availability\":\"" word "\"}"

static void availability(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "GET", DSS_USS "uss3", NULL, 200, SAID("", "uss3", "Unknown") },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("x", "Down"), 409,
		  "!old_version \"x\" is not the current version" },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("", "Away"), 400,
		  "!availability: Invalid availability state, expected Unknown, Normal or Down" },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("", "nORMAL"), 200, SAID(">v", "uss3", "Normal") },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("", "Down"), 409,
		  "!old_version \"\" is not the current version" },
		{ "uss1 CMSA", "GET", DSS_USS "uss3", NULL, 200, SAID("$v", "uss3", "Normal") },
		/* an intent of a USS that is then Down */
		{ "uss3 SC", "PUT", DSS_INTENT U("0130"), OI(DSS_V("14"), ""), 201,
		  "{\"operational_intent_reference\":\"*\",\"subscribers\":[]}" },
		{ "uss3 SC", "GET", DSS_INTENT U("0130"), NULL, 200,
		  "{\"operational_intent_reference\":{\"id\":\"" U(
			  "0130") "\",\"manager\":\"uss3\",\"uss_availability\":"
				  "\"Normal\",\"version\":1,\"state\":\"Accepted\",\"ovn\":\">a\"," DSS_TIMES(
					  "13:00:00", "14:00:00") "," URL("1") ",\"subscription_id\":\"" NO_SUB
									       "\"}}" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0131"), OI(DSS_V("14"), ""), 409, NULL },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("$v", "DOWN"), 200, SAID(">v", "uss3", "Down") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0131"), OI(DSS_V("14"), ""), 201, NULL },
		{ "uss3 SC", "PUT", DSS_INTENT U("0132"), OI(DSS_V("14.1"), ""), 403,
		  "!a USS that was declared Down makes no intent Accepted or Activated" },
		{ "uss3 SC", "PUT", DSS_INTENT U("0130") "/$a", OI(DSS_V("14"), ""), 403,
		  "!a USS that was declared Down makes no intent Accepted or Activated" },
		{ "uss3 SC", "DELETE", DSS_INTENT U("0130") "/$a", NULL, 403,
		  "!a USS that was declared Down deletes no intent" },
		{ "arbiter AA", "PUT", DSS_USS "uss3", SAY("$v", ""), 200, SAID(">v", "uss3", "Unknown") },
		{ "uss3 SC", "DELETE", DSS_INTENT U("0130") "/$a", NULL, 200, NULL },
		{ "arbiter AA", "PUT", DSS_USS "%D0%BC%20x", SAY("", "Down"), 200, SAID("*", "м x", "Down") },
	};
	(void)state;
	DSS_RUN(d, steps);
}

static void reports(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 CP", "POST", "/dss/v1/reports",
		  "{\"exchange\":{\"url\":\"https://uss2.example/uss/v1/operational_intents\",\"method\":\"POST\","
		  "\"recorder_role\":\"Client\",\"request_time\":" DSS_TIME("11:00:00") ",\"response_code\":500}}",
		  201,
		  "{\"report_id\":\"*\",\"exchange\":{\"url\":\"https://uss2.example/uss/v1/"
		  "operational_intents\",\"method\":"
		  "\"POST\",\"recorder_role\":\"Client\",\"request_time\":" DSS_TIME(
			  "11:00:00") ",\"response_code\":500}}" },
		{ "uss1 AA", "POST", "/dss/v1/reports", "{}", 201, "{\"report_id\":\"*\"}" },
		{ "uss1 SC", "POST", "/dss/v1/reports", "{\"exchange\":[]}", 400,
		  "!\"exchange\" is an empty list, expected an object" },
		{ "uss1 SC", "POST", "/dss/v1/reports", "[]", 400, "!the body is not an object" },
	};
	(void)state;
	DSS_RUN(d, steps);
}

static void beside(void **state)
{
	static const dss_step steps[] = {
		{ NULL, "GET", "/aux/v1/version", NULL, 200, "{\"version\":\">version\"}" },
		{ NULL, "GET", "/healthy", NULL, 200, "#ok" },
		{ "uss1 SC", "GET", "/healthy", NULL, 200, "#ok" },
		{ "uss1 SC", "GET", "/aux/v1/version", NULL, 200, "{\"version\":\"$version\"}" },
		{ "uss1 RSA", "GET", "/aux/v1/validate_oauth", NULL, 200, "{}" },
		{ "uss1 WSA", "GET", "/aux/v1/validate_oauth?owner=uss1", NULL, 200, "{}" },
		{ "uss1 WSA", "GET", "/aux/v1/validate_oauth?owner=uss2&other=1", NULL, 403,
		  "!owner is not the subject of the access token" },
		{ "uss1 POOL", "GET", "/aux/v1/pool", NULL, 200, "{\"dar_id\":\"us.example/line\"}" },
		{ "uss1 POOL", "GET", "/aux/v1/pool/dss_instances", NULL, 200,
		  "{\"dss_instances\":[{\"id\":\"us.example/line\",\"public_endpoint\":\"*\"}]}" },
		{ "uss1 VERSIONS", "GET", "/versions/org.example.dss", NULL, 200,
		  "{\"system_identity\":\"org.example.dss\",\"system_version\":\"$version\"}" },
	};
	(void)state;
	DSS_RUN(d, steps);
	assert_true(strlen(dss_kept(d, "version")) > 0);
}

/* ---- OVNs of a client's making ----------------------------------------------------------------------------------- */

#define SUFFIX(text) ",\"requested_ovn_suffix\":\"" text "\""
#define NOW_1        "01a2272d-2600-7000-8000-000000000001"
#define NOW_2        "01a2272d-2600-7000-8000-000000000002"
#define NOW_3        "01a2272d-2600-7000-8000-000000000003"

static void suffixes(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0140"), OI(DSS_V("15"), SUFFIX(NOW_1)), 201,
		  CHANGED(REF(U("0140"), "uss1", "1", "Accepted", U("0140") "_" NOW_1, NO_SUB), "") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_1, OI(DSS_V("15"), SUFFIX(NOW_1)), 400,
		  "!requested_ovn_suffix names a version of this intent already" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_1, OI(DSS_V("15"), SUFFIX(NOW_2)), 200,
		  CHANGED(REF(U("0140"), "uss1", "2", "Accepted", U("0140") "_" NOW_2, NO_SUB), "") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_2, OI(DSS_V("15"), SUFFIX(U("0001"))),
		  400, "!requested_ovn_suffix: not a UUID of version 7" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_2,
		  OI(DSS_V("15"), SUFFIX("01800000-0000-7000-8000-000000000001")), 400,
		  "!requested_ovn_suffix: the time of the UUID is more than 5 minutes from now" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_2, OI(DSS_V("15"), SUFFIX(NOW_1)), 400,
		  "!requested_ovn_suffix names a version of this intent already" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_2, OI(DSS_V("15"), ""), 200,
		  CHANGED(REF(U("0140"), "uss1", "3", "Accepted", ">third", NO_SUB), "") },
	};
	/* Nor that of any before it, whatever came between. */
	static const dss_step again[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/$third", OI(DSS_V("15"), SUFFIX(NOW_1)), 400,
		  "!requested_ovn_suffix names a version of this intent already" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/$third", OI(DSS_V("15"), SUFFIX(NOW_2)), 400,
		  "!requested_ovn_suffix names a version of this intent already" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/$third", OI(DSS_V("15"), SUFFIX(NOW_3)), 200,
		  CHANGED(REF(U("0140"), "uss1", "4", "Accepted", U("0140") "_" NOW_3, NO_SUB), "") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0140") "/" U("0140") "_" NOW_3, OI(DSS_V("15"), SUFFIX(NOW_2)), 400,
		  "!requested_ovn_suffix names a version of this intent already" },
		{ "uss1 SC", "DELETE", DSS_INTENT U("0140") "/" U("0140") "_" NOW_3, NULL, 200, NULL },
	};
	(void)state;
	DSS_RUN(d, steps);
	dss_stop(d);
	dss_start(d);
	DSS_RUN(d, again);
}

/* ---- restart, ending --------------------------------------------------------------------------------------------- */

static void after_a_restart(void **state)
{
	static const dss_step before[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0150"), OI(DSS_V("16"), NEW_SUB), 201,
		  CHANGED(REF(U("0150"), "uss1", "1", "Accepted", ">a", ">s"), TOLD("1", INDEX("$s", "1"))) },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0151"), CR(DSS_V("16")), 201,
		  CCHANGED(CREF(U("0151"), "uss1", "1", ">c"), "") },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200,
		  SHOWN(SUBSCRIPTION("$s", ">v", "1", "true", "false", "true", "\"" U("0150") "\"")) },
		{ "arbiter AA", "PUT", DSS_USS "uss5", SAY("", "Down"), 200, SAID(">u", "uss5", "Down") },
	};
	static const dss_step after[] = {
		{ "uss1 SC", "GET", DSS_INTENT U("0150"), NULL, 200,
		  ONE(REF(U("0150"), "uss1", "1", "Accepted", "$a", "$s")) },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK(DSS_V("16")), 200,
		  FOUND(REF(U("0150"), "uss1", "1", "Accepted", "$a", "$s")) },
		{ "uss1 CM", "POST", DSS_CONSTRAINT "query", ASK(DSS_V("16")), 200,
		  CFOUND(CREF(U("0151"), "uss1", "1", "$c")) },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200,
		  SHOWN(SUBSCRIPTION("$s", "$v", "1", "true", "false", "true", "\"" U("0150") "\"")) },
		{ "uss1 SC", "GET", DSS_USS "uss5", NULL, 200, SAID("$u", "uss5", "Down") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0150") "/$a", OI(DSS_V("16"), ",\"subscription_id\":\"$s\""), 200,
		  CHANGED(REF(U("0150"), "uss1", "2", "Accepted", "*", "$s"), TOLD("1", INDEX("$s", "2"))) },
	};
	(void)state;
	DSS_RUN(d, before);
	dss_stop(d);
	dss_start(d);
	DSS_RUN(d, after);
}

/* What has ended is found by nobody, and no key needs it. */
static void ended(void **state)
{
	static const dss_step before[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0160"),
		  OI(DSS_VOLUME("17", "100", "100", "120", "12:00:00", "12:00:30"), NEW_SUB), 201,
		  CHANGED("\"*\"", TOLD("1", INDEX(">s", "1"))) },
		{ "uss1 CM", "PUT", DSS_CONSTRAINT U("0161"),
		  CR(DSS_VOLUME("17", "100", "100", "120", "12:00:00", "12:00:30")), 201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0162"),
		  OI(DSS_VOLUME("17", "100", "100", "120", "12:00:00", "13:00:00"), ""), 409, NULL },
		{ "uss1 SC", "GET", DSS_INTENT U("0160"), NULL, 200, NULL },
	};
	static const dss_step after[] = {
		{ "uss1 SC", "GET", DSS_INTENT U("0160"), NULL, 404, NOTHING },
		{ "uss1 CM", "GET", DSS_CONSTRAINT U("0161"), NULL, 404, NOTHING },
		{ "uss1 SC", "GET", DSS_SUBSCRIPTION "$s", NULL, 200, NULL },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK("{\"volume\":{" DSS_CIRCLE("17", "100") "}}"), 200,
		  FOUND("") },
		{ "uss1 CM", "POST", DSS_CONSTRAINT "query", ASK("{\"volume\":{" DSS_CIRCLE("17", "100") "}}"), 200,
		  CFOUND("") },
		{ "uss1 SC", "POST", DSS_SUBSCRIPTION "query", ASK("{\"volume\":{" DSS_CIRCLE("17", "100") "}}"), 200,
		  SFOUND("") },
		{ "uss2 SC", "PUT", DSS_INTENT U("0162"),
		  OI(DSS_VOLUME("17", "100", "100", "120", "12:00:00", "13:00:00"), ""), 201, CHANGED("\"*\"", "") },
	};
	(void)state;
	DSS_RUN(d, before);
	dss_go_on(31);
	DSS_RUN(d, after);
}

/* ---- without settings -------------------------------------------------------------------------------------------- */

static void without_settings(void **state)
{
	static const char *const paths[] = { DSS_INTENT U("0001"), DSS_SUBSCRIPTION U("0001"), "/dss/v1/nothing",
					     "/aux/v1/pool" };
	(void)state;
	nodes_set *n = nodes_new("us", false);
	nodes_start_alone(n, 0);
	nodes_wait_open(n);
	prl_client *client = nodes_client(n, 0);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		prl_reply reply = PRL_REPLY(10000);
		assert_int_equal(nodes_status(client, "GET", paths[i], NULL, NULL, 0, &reply), 404);
		assert_string_equal(reply.type, "text/plain; charset=utf-8");
		assert_string_equal(reply.body.data,
				    "this node serves no F3548 region: it was started without keys to verify tokens "
				    "with (parley serve --help)\n");
		prl_reply_done(&reply);
	}
	assert_int_equal(nodes_status(client, "GET", "/aux/v1/version", NULL, NULL, 0, NULL), 200);
	prl_client_free(client);
	nodes_free(n);
}

/* Until a peer has said how far the own log had come: asked it answers, written to it says when to come again. */
static void not_open_yet(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK(DSS_V("1")), 200, FOUND("") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), OI(DSS_V("1"), ""), 503, "{\"error_message\":\"*\"}" },
		{ "uss1 SC", "POST", "/dss/v1/reports", "{}", 503, "{\"error_message\":\"*\"}" },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), "{}", 400, "!uss_base_url: Missing required uss_base_url" },
	};
	(void)state;
	dss_node *closed = dss_new_closed();
	DSS_RUN(closed, steps);
	dss_free(closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scopes),
		cmocka_unit_test(paths),
		cmocka_unit_test(large_bodies),
		cmocka_unit_test(intents),
		cmocka_unit_test(intent_bodies),
		cmocka_unit_test(states),
		cmocka_unit_test(keys),
		cmocka_unit_test(keys_of_constraints),
		cmocka_unit_test(implicit_subscriptions),
		cmocka_unit_test(explicit_subscriptions),
		cmocka_unit_test(subscriptions),
		cmocka_unit_test(subscription_times),
		cmocka_unit_test(dependents),
		cmocka_unit_test(notifications),
		cmocka_unit_test(constraints),
		cmocka_unit_test(availability),
		cmocka_unit_test(reports),
		cmocka_unit_test(beside),
		cmocka_unit_test(suffixes),
		cmocka_unit_test(after_a_restart),
		cmocka_unit_test(ended),
		cmocka_unit_test(not_open_yet),
		cmocka_unit_test(without_settings),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
