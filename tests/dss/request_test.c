/* Bodies, paths and words of F3548 requests: each case is the body that is taken, changed in up to three places, with
 * the code and the message that come of it. */
#include "dss/request.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID     "3f3cdc40-1d0a-4d5c-8a3b-0b0c6f5f8e11"
#define SUB    "aaaaaaaa-1d0a-4d5c-8a3b-0b0c6f5f8e11"
#define NULLS  "00000000-0000-4000-8000-000000000000"
#define CIRCLE "\"outline_circle\":{\"center\":{\"lat\":48.5,\"lng\":35.1},\"radius\":{\"value\":300,\"units\":\"M\"}}"
#define HEIGHT                                                                                                         \
	"\"altitude_lower\":{\"value\":100,\"reference\":\"W84\",\"units\":\"M\"},"                                    \
	"\"altitude_upper\":{\"value\":120,\"reference\":\"W84\",\"units\":\"M\"}"
#define TIMES                                                                                                          \
	"\"time_start\":{\"value\":\"2026-11-29T12:00:00Z\",\"format\":\"RFC3339\"},"                                  \
	"\"time_end\":{\"value\":\"2026-11-29T13:00:00Z\",\"format\":\"RFC3339\"}"
#define VOLUME "{\"volume\":{" CIRCLE "," HEIGHT "}," TIMES "}"
#define URL    "\"uss_base_url\":\"https://uss.example/f3548\""

static const char intent[] = "{\"extents\":[" VOLUME "],\"key\":[],\"state\":\"Accepted\"," URL
			     ",\"new_subscription\":{" URL ",\"notify_for_constraints\":true}}";
static const char constraint[] = "{\"extents\":[" VOLUME "]," URL "}";
static const char subscription[] = "{\"extents\":" VOLUME "," URL ",\"notify_for_operational_intents\":true}";
static const char availability[] = "{\"old_version\":\"\",\"availability\":\"Down\"}";
static const char report[] = "{\"exchange\":{\"url\":\"https://a.example/\",\"method\":\"GET\",\"headers\":[\"a: b\"],"
			     "\"recorder_role\":\"Client\",\"request_time\":{\"value\":\"2026-11-29T12:00:00Z\","
			     "\"format\":\"RFC3339\"},\"response_code\":500,\"problem\":\"none\"}}";
static const char query[] = "{\"area_of_interest\":" VOLUME "}";

static prl_time now;

static int set_up(void **state)
{
	static const char text[] = "2026-11-29T12:00:00Z";
	(void)state;
	return prl_time_parse(text, sizeof text - 1, &now, NULL);
}

/* ---- bodies with changes ----------------------------------------------------------------------------------------- */

static json_t *child(json_t *at, const char *name)
{
	json_t *found = json_is_array(at) ? json_array_get(at, (size_t)atoi(name)) : json_object_get(at, name);
	if (!found)
		fail_msg("the body has no \"%s\"", name);
	return found;
}

/* "extents.0.volume=JSON": set; "extents.0.volume-": taken away. */
static void change(json_t *body, const char *what)
{
	char path[200], *name = path, *dot;
	size_t length = strcspn(what, "=-");
	(void)snprintf(path, sizeof path, "%.*s", (int)length, what);
	for (; (dot = strchr(name, '.')); name = dot + 1) {
		*dot = 0;
		body = child(body, name);
	}
	if (what[length] == '-') {
		(void)child(body, name);
		assert_int_equal(json_object_del(body, name), 0);
		return;
	}
	json_t *value = json_loads(what + length + 1, JSON_DECODE_ANY, NULL);
	if (!value)
		fail_msg("no JSON: %s", what);
	assert_int_equal(json_is_array(body) ? json_array_set_new(body, (size_t)atoi(name), value)
					     : json_object_set_new(body, name, value),
			 0);
}

static char *changed(const char *body, const char *const changes[3])
{
	json_t *json = json_loads(body, 0, NULL);
	assert_non_null(json);
	for (size_t i = 0; i < 3 && changes[i]; i++)
		change(json, changes[i]);
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static void message_of(const prl_error *err, char *text, size_t room)
{
	(void)snprintf(text, room, "%s%s%s", err->where, err->where[0] ? ": " : "", err->text);
}

/* ---- refusals and what is taken ---------------------------------------------------------------------------------- */

enum { UPDATE = 1, MONITORS = 2, HTTP = 4 };

typedef struct request_case {
	const char *changes[3];
	unsigned how, code;
	const char *message;
} request_case;

static const prl_dss_act put_of[] = { PRL_DSS_PUT_INTENT, PRL_DSS_PUT_CONSTRAINT, PRL_DSS_PUT_SUBSCRIPTION,
				      PRL_DSS_SET_AVAILABILITY, PRL_DSS_REPORT };

static unsigned read_body(prl_dss_act act, const char *body, unsigned how, prl_dss_request **ret, prl_error *err)
{
	prl_dss_rules rules = prl_dss_rules_default();
	rules.http_urls = how & HTTP;
	prl_dss_call call = { .act = act,
			      .manager = "uss1",
			      .monitors = how & MONITORS,
			      .id = prl_bytes_of(act == PRL_DSS_SET_AVAILABILITY ? "uss2" : ID),
			      .stamp = how & UPDATE ? prl_bytes_of("the-version-that-was-read") : (prl_bytes){ 0 },
			      .body = prl_bytes_of(body),
			      .now = now };
	return prl_dss_request_read(&call, &rules, ret, err);
}

static void run_cases(prl_dss_act act, const char *body, const request_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const request_case *c = &cases[i];
		prl_dss_request *request = NULL;
		prl_error err = { 0 };
		char message[700];
		char *text = changed(body, c->changes);
		unsigned code = read_body(act, text, c->how, &request, &err);
		message_of(&err, message, sizeof message);
		if (code != c->code)
			fail_msg("act %d, case %zu (%s): %u %s, expected %u", (int)act, i,
				 c->changes[0] ? c->changes[0] : "", code, message, c->code);
		if (code && !strstr(message, c->message))
			fail_msg("act %d, case %zu (%s): \"%s\", expected \"%s\"", (int)act, i, c->changes[0], message,
				 c->message);
		assert_true(!code == (request != NULL));
		free(text);
		prl_dss_request_done(request);
	}
}
#define RUN(act, body, cases) run_cases(act, body, cases, sizeof cases / sizeof *cases)

/* What all three kinds share. */
static const request_case of_extents[] = {
	{ { "extents.0.volume-" }, 0, 400, "extents[0]" },
	{ { "extents.0.volume=7" }, 0, 400, "extents[0]" },
	{ { "extents.0.volume.outline_circle-" }, 0, 400, "extents[0].volume: Missing footprint" },
	{ { "extents.0.volume.outline_circle=null" }, 0, 400, "extents[0].volume: Missing footprint" },
	{ { "extents.0.volume.outline_circle.center-" }, 0, 400, "extents[0].volume.outline_circle.center" },
	{ { "extents.0.volume.outline_circle.radius-" }, 0, 400, "extents[0].volume.outline_circle.radius" },
	{ { "extents.0.volume.outline_circle.radius.value=0" }, 0, 400, "extents[0].volume.outline_circle.radius" },
	{ { "extents.0.volume.outline_circle.radius.value=-5" }, 0, 400, "extents[0].volume.outline_circle.radius" },
	{ { "extents.0.volume.outline_circle.radius.value=\"5\"" }, 0, 400, "extents[0].volume.outline_circle.radius" },
	{ { "extents.0.volume.outline_circle.radius.value=29000" }, 0, 400, "Area too large" },
	{ { "extents.0.volume.outline_circle.center.lat=91" }, 0, 400, "extents[0].volume.outline_circle.center" },
	{ { "extents.0.volume.outline_circle.center.lng=-180.5" }, 0, 400, "extents[0].volume.outline_circle.center" },
	{ { "extents.0.volume.outline_polygon={\"vertices\":[{\"lat\":0,\"lng\":0},{\"lat\":0,\"lng\":0.01},"
	    "{\"lat\":0.01,\"lng\":0}]}" },
	  0,
	  400,
	  "both outline_circle and outline_polygon" },
	{ { "extents.0.volume.altitude_lower.units=\"FT\"" }, 0, 400, "extents[0].volume.altitude_lower" },
	{ { "extents.0.volume.altitude_upper.reference=\"AGL\"" }, 0, 400, "extents[0].volume.altitude_upper" },
	{ { "extents.0.volume.altitude_lower.value=121" }, 0, 400, "altitude_lower" },
	{ { "extents.0.volume.altitude_lower.value=120" }, 0, 0, "" },
	{ { "extents.0.volume.altitude_lower=[]" }, 0, 400, "altitude_lower" },
	{ { "extents.0.time_start-" }, 0, 400, "extents[0]: \"time_start\" is missing" },
	{ { "extents.0.time_end=null" }, 0, 400, "extents[0]: \"time_end\" is missing" },
	{ { "extents.0.time_end.value=\"tomorrow\"" }, 0, 400, "extents[0].time_end" },
	{ { "extents.0.time_end.value=\"2026-11-29T13:00:00\"" }, 0, 400, "extents[0].time_end" },
	{ { "extents.0.time_end.value=17" }, 0, 400, "extents[0].time_end" },
	{ { "extents.0.time_end.value=\"2026-11-29T11:59:59Z\"" }, 0, 400, "time_start is after time_end" },
	{ { "extents.0.time_end.value=\"2026-11-29T12:00:00Z\"" }, 0, 400, "extents: the extents end when they begin" },
	{ { "extents.0.time_end.value=\"2026-11-29T12:00:00.000000001Z\"" },
	  0,
	  400,
	  "extents: the extents end when they begin" },
	{ { "extents.0.time_start.value=\"2020-01-01T00:00:00Z\"",
	    "extents.0.time_end.value=\"2026-11-29T11:59:59Z\"" },
	  0,
	  400,
	  "extents: the end of the extents is in the past" },
	{ { "extents.0.time_start.value=\"2020-01-01T00:00:00Z\"" }, 0, 0, "" },
	{ { "extents.0.time_start.value=\"2026-11-29T15:00:00+03:00\"" }, 0, 0, "" },
	{ { "extents=[]" }, 0, 400, "extents: Missing required extents" },
	{ { "extents-" }, 0, 400, "extents: Missing required extents" },
	{ { "extents=null" }, 0, 400, "extents: Missing required extents" },
	{ { "extents={}" }, 0, 400, "\"extents\" is an object, expected a list" },
	{ { "extents=\"here\"" }, 0, 400, "\"extents\" is a string, expected a list" },
	{ { "extents.0=null" }, 0, 400, "extents[0]" },
	{ { "uss_base_url-" }, 0, 400, "uss_base_url: Missing required uss_base_url" },
	{ { "uss_base_url=null" }, 0, 400, "uss_base_url: Missing required uss_base_url" },
	{ { "uss_base_url=\"\"" }, HTTP, 400, "uss_base_url: Missing required uss_base_url" },
	{ { "uss_base_url=5" }, 0, 400, "\"uss_base_url\" is a number, expected a string" },
	{ { "uss_base_url=\"http://uss.example\"" }, 0, 400, "uss_base_url: uss_base_url must use TLS" },
	{ { "uss_base_url=\"http://uss.example\"" }, HTTP, 0, "" },
	{ { "uss_base_url=\"HTTPS://uss.example:8082/a?b=c\"" }, 0, 0, "" },
	{ { "uss_base_url=\"https://\"" }, 0, 400, "uss_base_url: no address" },
	{ { "uss_base_url=\"https:///path\"" }, 0, 400, "uss_base_url: no address" },
	{ { "uss_base_url=\"https://a b\"" }, 0, 400, "uss_base_url: no address" },
	{ { "uss_base_url=\"https://a\\nb\"" }, 0, 400, "uss_base_url: no address" },
	{ { "uss_base_url=\"ftp://uss.example\"" }, HTTP, 400, "uss_base_url: no address" },
	{ { "uss_base_url=\"uss.example\"" }, HTTP, 400, "uss_base_url: no address" },
	{ { "who=\"unknown members are ignored\"", "extents.0.volume.colour=[1]" }, 0, 0, "" },
};

static const request_case of_intents[] = {
	{ { NULL }, 0, 0, "" },
	{ { "extents.0.volume.altitude_lower-" }, 0, 400, "extents[0].volume: \"altitude_lower\" is missing" },
	{ { "extents.0.volume.altitude_upper=null" }, 0, 400, "extents[0].volume: \"altitude_upper\" is missing" },
	{ { "key-" }, 0, 0, "" },
	{ { "key=null" }, 0, 0, "" },
	{ { "key={}" }, 0, 400, "\"key\" is an object, expected a list" },
	{ { "key=[\"a\",5]" }, 0, 400, "\"key[1]\" is a number, expected a string" },
	{ { "key=[null]" }, 0, 400, "\"key[0]\" is null, expected a string" },
	{ { "key=[\"\",\"b\"]" }, 0, 0, "" },
	{ { "state-" }, 0, 400, "state: Invalid state" },
	{ { "state=null" }, 0, 400, "state: Invalid state" },
	{ { "state=\"\"" }, 0, 400, "state: Invalid state" },
	{ { "state=\"accepted\"" }, 0, 400, "state: Invalid state" },
	{ { "state=\"Ended\"" }, UPDATE, 400, "state: Invalid state" },
	{ { "state=3" }, 0, 400, "\"state\" is a number, expected a string" },
	{ { "state=\"Activated\"" }, 0, 400, "state: Invalid state Activated of a new intent" },
	{ { "state=\"Nonconforming\"" }, 0, 400, "state: Invalid state Nonconforming of a new intent" },
	{ { "state=\"Contingent\"" }, MONITORS, 400, "state: Invalid state Contingent of a new intent" },
	{ { "state=\"Activated\"" }, UPDATE, 0, "" },
	{ { "state=\"Nonconforming\"" }, UPDATE, 403, "state: Missing scope utm.conformance_monitoring_sa" },
	{ { "state=\"Contingent\"" }, UPDATE, 403, "state: Missing scope utm.conformance_monitoring_sa" },
	{ { "state=\"Contingent\"" }, UPDATE | MONITORS, 0, "" },
	{ { "state=\"Activated\"", "new_subscription-" }, UPDATE, 400, "state Activated requires a subscription" },
	{ { "state=\"Contingent\"", "new_subscription=null" },
	  UPDATE,
	  400,
	  "state Contingent requires a subscription" },
	{ { "state=\"Activated\"", "new_subscription-", "subscription_id=\"" SUB "\"" }, UPDATE, 0, "" },
	{ { "new_subscription-" }, 0, 0, "" },
	{ { "new_subscription-" }, UPDATE, 0, "" },
	{ { "new_subscription=[]" }, 0, 400, "\"new_subscription\" is an empty list, expected an object" },
	{ { "new_subscription={}" }, 0, 400, "Missing required uss_base_url for new_subscription" },
	{ { "new_subscription.uss_base_url=\"\"" }, 0, 400, "Missing required uss_base_url for new_subscription" },
	{ { "new_subscription.uss_base_url=true" }, 0, 400, "new_subscription: \"uss_base_url\" is true or false" },
	{ { "new_subscription.uss_base_url=\"http://a\"" },
	  0,
	  400,
	  "new_subscription.uss_base_url: uss_base_url must" },
	{ { "new_subscription.uss_base_url=\"http://a\"" }, HTTP, 0, "" },
	{ { "new_subscription.notify_for_constraints=\"yes\"" }, 0, 400, "\"notify_for_constraints\" is a string" },
	{ { "new_subscription.notify_for_constraints=null" }, 0, 0, "" },
	{ { "subscription_id=\"" SUB "\"" }, 0, 400, "both subscription_id and new_subscription" },
	{ { "subscription_id=\"\"" }, 0, 0, "" },
	{ { "subscription_id=null" }, 0, 0, "" },
	{ { "subscription_id=12" }, 0, 400, "\"subscription_id\" is a number" },
	{ { "subscription_id=\"x\"" }, 0, 400, "subscription_id: Invalid ID format" },
	{ { "subscription_id=\"" NULLS "\"", "new_subscription-" }, 0, 0, "" },
	{ { "subscription_id=\"AAAAAAAA1D0A4D5C8A3B0B0C6F5F8E11\"", "new_subscription-" }, 0, 0, "" },
	{ { "requested_ovn_suffix=\"\"" }, 0, 400, "requested_ovn_suffix: not a UUID of version 7" },
	{ { "requested_ovn_suffix=\"" ID "\"" }, 0, 400, "requested_ovn_suffix: not a UUID of version 7" },
	{ { "requested_ovn_suffix=7" }, 0, 400, "\"requested_ovn_suffix\" is a number" },
	{ { "requested_ovn_suffix=\"01790000-0000-7000-8000-000000000000\"" }, 0, 400, "more than 5 minutes from now" },
	{ { "requested_ovn_suffix=null" }, 0, 0, "" },
	/* Which comes first. */
	{ { "uss_base_url-", "subscription_id=\"x\"" }, 0, 400, "Missing required uss_base_url" },
	{ { "subscription_id=\"x\"", "new_subscription={}" }, 0, 400, "subscription_id: Invalid ID" },
	{ { "subscription_id=\"" SUB "\"", "uss_base_url=\"http://a\"" }, 0, 400, "both subscription_id" },
	{ { "uss_base_url=\"http://a\"", "state=\"\"" }, 0, 400, "must use TLS" },
	{ { "state=\"\"", "extents=[]" }, 0, 400, "Invalid state" },
	{ { "state=\"Contingent\"", "extents=[]" }, 0, 400, "Missing required extents" },
	{ { "state=\"Contingent\"", "requested_ovn_suffix=\"\"" }, 0, 400, "of a new intent" },
	{ { "state=\"Contingent\"", "requested_ovn_suffix=\"\"" }, UPDATE, 400, "requested_ovn_suffix" },
	{ { "state=\"Contingent\"", "new_subscription-" }, UPDATE, 400, "requires a subscription" },
};

static void intents(void **state)
{
	(void)state;
	RUN(PRL_DSS_PUT_INTENT, intent, of_extents);
	RUN(PRL_DSS_PUT_INTENT, intent, of_intents);
}

static void constraints(void **state)
{
	static const request_case cases[] = {
		{ { NULL }, 0, 0, "" },
		{ { NULL }, UPDATE, 0, "" },
		{ { "extents.0.volume.altitude_lower-", "extents.0.volume.altitude_upper-" }, 0, 0, "" },
	};
	(void)state;
	RUN(PRL_DSS_PUT_CONSTRAINT, constraint, of_extents);
	RUN(PRL_DSS_PUT_CONSTRAINT, constraint, cases);
}

static void subscriptions(void **state)
{
	static const request_case cases[] = {
		{ { NULL }, 0, 0, "" },
		{ { NULL }, UPDATE, 0, "" },
		{ { "extents-" }, 0, 400, "\"extents\" is missing, expected a Volume4D" },
		{ { "extents=[]" }, 0, 400, "\"extents\" is an empty list, expected an object" },
		{ { "extents.volume=3" }, 0, 400, "extents" },
		{ { "extents.volume.outline_circle-" }, 0, 0, "" },
		{ { "extents.volume.outline_circle.radius.value=29000" }, 0, 400, "Area too large" },
		{ { "extents.volume.altitude_lower-" }, UPDATE, 0, "" },
		{ { "uss_base_url-" }, HTTP, 400, "Missing required uss_base_url" },
		{ { "uss_base_url=\"\"" }, HTTP, 0, "" },
		{ { "uss_base_url=\"\"" }, 0, 400, "uss_base_url: no address" },
		{ { "uss_base_url=\"http://a\"" }, 0, 400, "must use TLS" },
		{ { "uss_base_url=[]" }, 0, 400, "\"uss_base_url\" is an empty list" },
		{ { "notify_for_operational_intents-" }, 0, 400, "No notification triggers requested" },
		{ { "notify_for_operational_intents=false" }, UPDATE, 400, "No notification triggers requested" },
		{ { "notify_for_operational_intents-", "notify_for_constraints=true" }, 0, 0, "" },
		{ { "notify_for_operational_intents=1" }, 0, 400, "\"notify_for_operational_intents\" is a number" },
		{ { "notify_for_constraints=\"true\"" }, 0, 400, "\"notify_for_constraints\" is a string" },
		{ { "extents.time_start-" }, 0, 0, "" },
		{ { "extents.time_end-" }, 0, 0, "" },
		{ { "extents.time_start-", "extents.time_end-" }, 0, 0, "" },
		{ { "extents.time_start.value=\"2026-11-29T11:55:00Z\"" }, 0, 0, "" },
		{ { "extents.time_start.value=\"2026-11-29T11:54:59Z\"" },
		  0,
		  400,
		  "time_start must not be in the past" },
		{ { "extents.time_start.value=\"1700-01-01T00:00:00Z\"" },
		  0,
		  400,
		  "time_start must not be in the past" },
		{ { "extents.time_start.value=\"2026-11-29T11:57:00Z\"",
		    "extents.time_end.value=\"2026-11-29T11:58:00Z\"" },
		  0,
		  400,
		  "time_end must not be in the past" },
		{ { "extents.time_start-", "extents.time_end.value=\"2026-11-29T11:58:00Z\"" },
		  UPDATE,
		  400,
		  "time_end must not be in the past" },
		{ { "extents.time_end.value=\"2026-11-29T11:58:00Z\"" }, 0, 400, "time_start is after time_end" },
		{ { "extents.time_end.value=\"2026-11-29T12:00:00Z\"" }, 0, 400, "time_end must be after time_start" },
		{ { "extents.time_end.value=\"2026-11-30T12:00:00Z\"" }, 0, 0, "" },
		{ { "extents.time_end.value=\"2026-11-30T12:00:01Z\"" }, 0, 400, "exceeds 24 hours" },
		{ { "extents.time_start-", "extents.time_end.value=\"2026-11-30T12:00:01Z\"" }, 0, 400, "24 hours" },
		{ { "extents.time_start-", "extents.time_end.value=\"2026-11-30T12:00:01Z\"" }, UPDATE, 0, "" },
	};
	(void)state;
	RUN(PRL_DSS_PUT_SUBSCRIPTION, subscription, cases);
}

static void others(void **state)
{
	static const request_case words[] = {
		{ { NULL }, 0, 0, "" },
		{ { "availability=\"dOWN\"" }, 0, 0, "" },
		{ { "availability=\"\"" }, 0, 0, "" },
		{ { "availability-" }, 0, 400, "availability: Invalid availability state" },
		{ { "availability=null" }, 0, 400, "availability: Invalid availability state" },
		{ { "availability=\"Away\"" }, 0, 400, "availability: Invalid availability state" },
		{ { "availability=0" }, 0, 400, "\"availability\" is a number" },
		{ { "old_version-" }, 0, 400, "\"old_version\" is missing" },
		{ { "old_version=1" }, 0, 400, "\"old_version\" is a number" },
	};
	static const request_case reports[] = {
		{ { NULL }, 0, 0, "" },
		{ { "exchange-" }, 0, 0, "" },
		{ { "exchange=[]" }, 0, 400, "\"exchange\" is an empty list" },
		{ { "exchange.url=1" }, 0, 400, "exchange: \"url\" is a number" },
		{ { "exchange.method=1" }, 0, 400, "exchange: \"method\" is a number" },
		{ { "exchange.headers={}" }, 0, 400, "exchange: \"headers\" is an object" },
		{ { "exchange.headers=[\"a\",1]" }, 0, 400, "exchange: \"headers[1]\" is a number" },
		{ { "exchange.request_time=\"now\"" }, 0, 400, "exchange: \"request_time\" is a string" },
		{ { "exchange.request_time.value=9" }, 0, 400, "exchange.request_time: \"value\" is a number" },
		{ { "exchange.response_time={\"format\":1}" },
		  0,
		  400,
		  "exchange.response_time: \"format\" is a number" },
		{ { "exchange.response_code=1.5" }, 0, 400, "exchange: \"response_code\" is a number" },
		{ { "exchange.problem=[]" }, 0, 400, "exchange: \"problem\" is an empty list" },
		{ { "report_id=7" }, 0, 400, "\"report_id\" is a number" },
		{ { "exchange.request_time.value=\"any text\"" }, 0, 0, "" },
	};
	(void)state;
	RUN(PRL_DSS_SET_AVAILABILITY, availability, words);
	RUN(PRL_DSS_REPORT, report, reports);
}

/* ---- the text ---------------------------------------------------------------------------------------------------- */

static void texts(void **state)
{
	static const struct {
		const char *body, *message;
	} cases[] = {
		{ "", "nothing, expected JSON" },
		{ " ", "not JSON" },
		{ "{", "not JSON" },
		{ "[]", "the body is not an object" },
		{ "null", "the body is not an object" },
		{ "7", "the body is not an object" },
		{ "{} {}", "something follows the end of the JSON" },
		{ "{}x", "something follows the end of the JSON" },
		{ "{\"uss_base_url\":\"https://a\",\"uss_base_url\":\"https://b\"}", "a name stands twice" },
		{ "{\"a\":NaN}", "not JSON" },
		{ "{\"a\":1e999}", "a number out of range" },
		{ "{\"a\":99999999999999999999}", "a number out of range" },
		{ "{\"a\":\"\xff\"}", "not UTF-8" },
		{ "{\"a\":\"\\u0000\"}", "\\u0000" },
		{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
		  "nested deeper than 32" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_error err;
		char message[700];
		prl_dss_request *request = NULL;
		prl_dss_query asked;
		const prl_dss_rules rules = prl_dss_rules_default();
		for (size_t act = 0; act < sizeof put_of / sizeof *put_of; act++) {
			assert_int_equal(read_body(put_of[act], cases[i].body, 0, &request, &err), 400);
			message_of(&err, message, sizeof message);
			if (!strstr(message, cases[i].message))
				fail_msg("%s: \"%s\"", cases[i].body, message);
		}
		for (prl_entity_kind kind = 0; kind < PRL_ENTITY_KINDS; kind++)
			assert_int_equal(prl_dss_query_read(prl_bytes_of(cases[i].body), kind, &rules, &asked, &err),
					 400);
	}
}

/* A list of 50,001 OVNs, 10,001 vertices, a body of more than 4 MiB. */
static void much(void **state)
{
	(void)state;
	prl_buffer text = PRL_BUFFER(8u << 20);
	prl_dss_request *request = NULL;
	prl_error err;
	prl_buffer_printf(&text, "{\"key\":[");
	for (int i = 0; i < 50001; i++)
		prl_buffer_printf(&text, "%s\"\"", i ? "," : "");
	prl_buffer_printf(&text, "]}");
	assert_int_equal(read_body(PRL_DSS_PUT_INTENT, text.data, 0, &request, &err), 400);
	assert_string_equal(err.text, "50001 OVNs, at most 50000 are read");
	prl_buffer_clear(&text);
	prl_buffer_printf(&text, "{\"extents\":[{\"volume\":{\"outline_polygon\":{\"vertices\":[");
	for (int i = 0; i < 10001; i++)
		prl_buffer_printf(&text, "%s{\"lat\":1,\"lng\":%d.%04d}", i ? "," : "", i / 10000, i % 10000);
	prl_buffer_printf(&text, "]}," HEIGHT "}," TIMES "}],\"state\":\"Accepted\"," URL "}");
	assert_int_equal(read_body(PRL_DSS_PUT_INTENT, text.data, 0, &request, &err), 400);
	assert_non_null(strstr(err.text, "10000"));
	prl_buffer_clear(&text);
	prl_buffer_printf(&text, "{\"a\":\"");
	for (size_t i = 0; i < 5u * 65536; i++)
		prl_buffer_printf(&text, "0123456789abcdef");
	prl_buffer_printf(&text, "\"}");
	assert_int_equal(read_body(PRL_DSS_REPORT, text.data, 0, &request, &err), 400);
	prl_buffer_done(&text);
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static unsigned read_path(prl_dss_act act, const char *id, const char *stamp, prl_dss_request **ret, prl_error *err)
{
	static const char *const bodies[] = { [PRL_DSS_PUT_INTENT] = intent,
					      [PRL_DSS_PUT_CONSTRAINT] = constraint,
					      [PRL_DSS_PUT_SUBSCRIPTION] = subscription,
					      [PRL_DSS_SET_AVAILABILITY] = availability,
					      [PRL_DSS_REPORT] = report };
	const prl_dss_rules rules = prl_dss_rules_default();
	prl_dss_call call = { .act = act, .manager = "uss1", .now = now, .id = prl_bytes_of(id) };
	if (bodies[act])
		call.body = prl_bytes_of(bodies[act]);
	if (stamp)
		call.stamp = prl_bytes_of(stamp);
	return prl_dss_request_read(&call, &rules, ret, err);
}

static void ids(void **state)
{
	static const char *const good[] = { ID, "3F3CDC40-1D0A-4D5C-8A3B-0B0C6F5F8E11",
					    "3f3cdc401d0a4d5c8a3b0b0c6f5f8e11", "{" ID "}", "urn:uuid:" ID };
	static const char *const bad[] = { "",
					   "x",
					   "3f3cdc40-1d0a-1d5c-8a3b-0b0c6f5f8e11",
					   "3f3cdc40-1d0a-4d5c-0a3b-0b0c6f5f8e11",
					   "3f3cdc40-1d0a-4d5c-8a3b-0b0c6f5f8e1",
					   ID " " };
	static const prl_dss_act acts[] = { PRL_DSS_PUT_INTENT,       PRL_DSS_DELETE_INTENT,
					    PRL_DSS_PUT_CONSTRAINT,   PRL_DSS_DELETE_CONSTRAINT,
					    PRL_DSS_PUT_SUBSCRIPTION, PRL_DSS_DELETE_SUBSCRIPTION };
	(void)state;
	for (size_t a = 0; a < sizeof acts / sizeof *acts; a++) {
		prl_dss_request *request = NULL;
		prl_error err;
		for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
			char text[PRL_UUID_TEXT_MAX];
			assert_int_equal(read_path(acts[a], good[i], "v", &request, &err), 0);
			prl_uuid_write(&request->id, text);
			assert_string_equal(text, ID);
			assert_string_equal(request->stamp, "v");
			prl_dss_request_done(request);
		}
		for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
			assert_int_equal(read_path(acts[a], bad[i], "v", &request, &err), 400);
			assert_string_equal(err.text, "Invalid ID format, expected a UUID of version 4");
		}
		assert_int_equal(read_path(acts[a], ID, "", &request, &err), 400);
		assert_string_equal(err.text, "Missing OVN/version");
	}
}

static void names_of_uss(void **state)
{
	(void)state;
	prl_dss_request *request = NULL;
	prl_error err;
	char name[202];
	memset(name, 'u', sizeof name);
	name[201] = 0;
	assert_int_equal(read_path(PRL_DSS_SET_AVAILABILITY, "", NULL, &request, &err), 400);
	assert_int_equal(read_path(PRL_DSS_SET_AVAILABILITY, name, NULL, &request, &err), 400);
	assert_int_equal(read_path(PRL_DSS_SET_AVAILABILITY, name + 1, NULL, &request, &err), 0);
	assert_string_equal(request->uss, name + 1);
	prl_dss_request_done(request);
}

/* ---- what is read ------------------------------------------------------------------------------------------------ */

static void whole_intent(void **state)
{
	static const char *const changes[3] = { "key=[\"zz\",\"a\",\"m\",\"\"]",
						"extents.0.time_start.value=\"2026-11-29T12:30:00.123456789Z\"" };
	(void)state;
	char suffix[80], text[PRL_UUID_TEXT_MAX];
	const char *with_suffix[3] = { changes[0], changes[1], suffix };
	uint64_t ms = (uint64_t)(now / 1000000) + 5 * 60 * 1000;
	(void)snprintf(suffix, sizeof suffix, "requested_ovn_suffix=\"%08llx-%04llx-7abc-8def-0123456789ab\"",
		       (unsigned long long)(ms >> 16), (unsigned long long)(ms & 0xffff));
	char *body = changed(intent, with_suffix);
	prl_dss_request *q = NULL, *other = NULL;
	prl_error err;
	assert_int_equal(read_body(PRL_DSS_PUT_INTENT, body, UPDATE, &q, &err), 0);
	assert_int_equal(read_body(PRL_DSS_PUT_INTENT, body, UPDATE, &other, &err), 0);
	assert_int_equal(q->act, PRL_DSS_PUT_INTENT);
	assert_string_equal(q->manager, "uss1");
	assert_string_equal(q->stamp, "the-version-that-was-read");
	assert_true(q->now == now);
	assert_string_equal(q->url, "https://uss.example/f3548");
	assert_string_equal(q->new_url, "https://uss.example/f3548");
	assert_true(q->new_subscription && q->new_for_constraints && !q->has_subscription);
	assert_int_equal(q->state, PRL_ACCEPTED);
	assert_int_equal(q->key_count, 4);
	static const char *const sorted[] = { "", "a", "m", "zz" };
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(q->key[i], sorted[i]);
	assert_true(q->extent->from == now + 1800 * PRL_SECOND + 123456000);
	assert_true(q->extent->to == now + 3600 * PRL_SECOND);
	assert_true(q->extent->lower_m == 100 && q->extent->upper_m == 120);
	assert_ptr_equal(q->ready.extent, q->extent);
	json_t *kept = json_loadb(q->extents.data, q->extents.size, 0, NULL), *sent = json_loads(body, 0, NULL);
	assert_true(json_equal(kept, q->whole ? sent : json_object_get(sent, "extents")));
	assert_true(q->has_suffix);
	prl_uuid_write(&q->suffix, text);
	assert_memory_equal(text, strchr(suffix, '"') + 1, 36);
	assert_int_not_equal(memcmp(q->nonce, other->nonce, sizeof q->nonce), 0);
	assert_int_not_equal(memcmp(q->fresh_nonce, other->fresh_nonce, sizeof q->fresh_nonce), 0);
	assert_int_not_equal(memcmp(q->salt, other->salt, sizeof q->salt), 0);
	assert_false(prl_uuid_equal(&q->fresh, &other->fresh));
	json_decref(kept);
	json_decref(sent);
	free(body);
	prl_dss_request_done(q);
	prl_dss_request_done(other);
}

static void whole_others(void **state)
{
	static const char *const open[3] = { "extents.time_start-", "extents.time_end-",
					     "notify_for_constraints=true" };
	(void)state;
	prl_dss_request *q = NULL;
	prl_error err;
	char *body = changed(subscription, open), id[PRL_UUID_TEXT_MAX];
	assert_int_equal(read_body(PRL_DSS_PUT_SUBSCRIPTION, body, 0, &q, &err), 0);
	assert_null(q->stamp);
	assert_true(q->for_intents && q->for_constraints);
	assert_true(q->extent->from == PRL_TIME_OPEN_START && q->extent->to == PRL_TIME_OPEN_END);
	prl_dss_request_done(q);
	free(body);
	assert_int_equal(read_body(PRL_DSS_SET_AVAILABILITY, availability, 0, &q, &err), 0);
	assert_string_equal(q->uss, "uss2");
	assert_string_equal(q->old_version, "");
	assert_int_equal(q->availability, PRL_USS_DOWN);
	prl_dss_request_done(q);
	assert_int_equal(read_body(PRL_DSS_REPORT, report, 0, &q, &err), 0);
	json_t *kept = json_loads(q->report.data, 0, NULL), *sent = json_loads(report, 0, NULL);
	prl_uuid_write(&q->fresh, id);
	assert_string_equal(json_string_value(json_object_get(kept, "report_id")), id);
	assert_true(json_equal(json_object_get(kept, "exchange"), json_object_get(sent, "exchange")));
	json_decref(kept);
	json_decref(sent);
	prl_dss_request_done(q);
	prl_dss_request_done(NULL);
}

/* ---- limits as settings ------------------------------------------------------------------------------------------ */

static unsigned read_by(const prl_dss_rules *rules, prl_dss_act act, const char *body, prl_error *err)
{
	prl_dss_request *q = NULL;
	prl_dss_call call = {
		.act = act, .manager = "uss1", .id = prl_bytes_of(ID), .body = prl_bytes_of(body), .now = now
	};
	unsigned code = prl_dss_request_read(&call, rules, &q, err);
	prl_dss_request_done(q);
	return code;
}

static void limits(void **state)
{
	static const char *const wide[3] = { "extents.0.volume.outline_circle.radius.value=100000" };
	(void)state;
	prl_error err;
	prl_dss_rules rules = prl_dss_rules_default();
	char *body = changed(intent, wide);
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, body, &err), 400);
	rules.area_max_m2 = 0;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, body, &err), 0);
	rules.intent_horizon = rules.constraint_horizon = 3600 * PRL_SECOND; /* the end, exactly */
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, intent, &err), 0);
	rules.intent_horizon--;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, intent, &err), 400);
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_CONSTRAINT, constraint, &err), 0);
	rules.constraint_horizon--;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_CONSTRAINT, constraint, &err), 400);
	rules.intent_horizon = 0;
	rules.duration = 3600 * PRL_SECOND;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, intent, &err), 0);
	rules.duration--;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, intent, &err), 400);
	rules.duration = 0;
	rules.vertices_max = 2;
	assert_int_equal(read_by(&rules, PRL_DSS_PUT_INTENT, intent, &err), 0);
	free(body);
}

static void settings(void **state)
{
	static const struct {
		const char *text;
		prl_status status;
		const char *message;
	} wrong[] = {
		{ "[]", PRL_E_SYNTAX, "an empty list, expected an object" },
		{ "{\"area_max_km2\":-1}", PRL_E_RANGE, "\"area_max_km2\" -1 is out of range" },
		{ "{\"vertices_max\":2}", PRL_E_RANGE, "\"vertices_max\" 2 is out of range" },
		{ "{\"vertices_max\":\"9\"}", PRL_E_SYNTAX, "\"vertices_max\" is a string" },
		{ "{\"found_max\":0}", PRL_E_RANGE, "\"found_max\" 0 is out of range" },
		{ "{\"found_max\":100001}", PRL_E_RANGE, "out of range" },
		{ "{\"area_max\":1}", PRL_E_UNSUPPORTED, "area_max" },
	};
	(void)state;
	prl_dss_rules rules;
	prl_error err;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		json_t *json = json_loads(wrong[i].text, 0, NULL);
		prl_status status = prl_dss_rules_read(json, &rules, &err);
		if (status != wrong[i].status || !strstr(err.text, wrong[i].message))
			fail_msg("%s: %d %s", wrong[i].text, (int)status, err.text);
		assert_non_null(strstr(err.where, "node.json"));
		json_decref(json);
	}
	assert_int_equal(prl_dss_rules_read(NULL, &rules, &err), PRL_OK);
	const prl_dss_rules plain = prl_dss_rules_default();
	assert_true(rules.area_max_m2 == plain.area_max_m2 && rules.vertices_max == plain.vertices_max);
	assert_int_equal(rules.found_max, 20000);
	assert_true(!rules.intent_horizon && !rules.constraint_horizon && !rules.duration && !rules.http_urls);
	json_t *json = json_loads("{\"area_max_km2\":0,\"vertices_max\":100,\"found_max\":7,\"intent_horizon_days\":30,"
				  "\"constraint_horizon_days\":56,\"duration_hours\":1.5}",
				  0, NULL);
	assert_int_equal(prl_dss_rules_read(json, &rules, &err), PRL_OK);
	assert_true(rules.area_max_m2 == 0 && rules.vertices_max == 100 && rules.found_max == 7);
	assert_true(rules.intent_horizon == 30 * 86400 * PRL_SECOND);
	assert_true(rules.constraint_horizon == 56 * 86400 * PRL_SECOND);
	assert_true(rules.duration == 5400 * PRL_SECOND);
	json_decref(json);
}

/* ---- queries ----------------------------------------------------------------------------------------------------- */

static void queries(void **state)
{
	static const struct {
		const char *changes[3];
		unsigned intents, subscriptions;
		const char *message;
	} cases[] = {
		{ { NULL }, 0, 0, "" },
		{ { "area_of_interest-" }, 400, 400, "\"area_of_interest\" is missing, expected a Volume4D" },
		{ { "area_of_interest=[]" }, 400, 400, "\"area_of_interest\" is an empty list" },
		{ { "area_of_interest.volume-" }, 400, 400, "area_of_interest" },
		{ { "area_of_interest.volume.outline_circle-" },
		  400,
		  400,
		  "area_of_interest.volume: Missing footprint" },
		{ { "area_of_interest.volume.outline_circle.radius.value=29000" }, 400, 413, "Area too large" },
		{ { "area_of_interest.volume.outline_circle.radius-" }, 400, 400, "outline_circle" },
		{ { "area_of_interest.volume.altitude_lower-", "area_of_interest.volume.altitude_upper-" }, 0, 0, "" },
		{ { "area_of_interest.time_start-" }, 0, 0, "" },
		{ { "area_of_interest.time_start-", "area_of_interest.time_end=null" }, 0, 0, "" },
		{ { "area_of_interest.time_end.value=\"2026-11-29T12:00:00Z\"" }, 0, 0, "" },
		{ { "area_of_interest.time_end.value=\"2026-11-29T11:00:00Z\"" }, 400, 400, "time_start is after" },
		{ { "area_of_interest.time_end.value=false" }, 400, 400, "area_of_interest.time_end" },
	};
	(void)state;
	const prl_dss_rules rules = prl_dss_rules_default();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *body = changed(query, cases[i].changes), message[700];
		for (prl_entity_kind kind = 0; kind < PRL_ENTITY_KINDS; kind++) {
			prl_dss_query asked;
			prl_error err = { 0 };
			unsigned code = prl_dss_query_read(prl_bytes_of(body), kind, &rules, &asked, &err),
				 expected = kind == PRL_SUBSCRIPTION ? cases[i].subscriptions : cases[i].intents;
			message_of(&err, message, sizeof message);
			if (code != expected || (code && !strstr(message, cases[i].message)))
				fail_msg("case %zu: %u %s, expected %u", i, code, message, expected);
			if (!code) {
				assert_int_equal(asked.extent->outlines, 1);
				assert_ptr_equal(asked.ready.extent, asked.extent);
				prl_dss_query_done(&asked);
			}
		}
		free(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intents),      cmocka_unit_test(constraints),  cmocka_unit_test(subscriptions),
		cmocka_unit_test(others),       cmocka_unit_test(texts),        cmocka_unit_test(much),
		cmocka_unit_test(ids),          cmocka_unit_test(names_of_uss), cmocka_unit_test(whole_intent),
		cmocka_unit_test(whole_others), cmocka_unit_test(limits),       cmocka_unit_test(settings),
		cmocka_unit_test(queries),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
