#include "dss/request.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "dss/member.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PATH_STAMP "Missing OVN/version"
/* A body of so many bytes is kept as it came, which costs nothing; of a larger one, whose key may be long, the extents,
 * written anew. */
#define WHOLE_MAX 4096u

/* A request with what it points to. */
typedef struct holder {
	prl_dss_request request; /* first: prl_dss_request_done() goes back from it */
	json_t *json;            /* the body: addresses, suffix and key lie in it */
	char *text;              /* extents or report, compact */
	char texts[];            /* manager, stamp, USS, each with its 0 */
} holder;

/* One request while it is read. */
typedef struct reading {
	const prl_dss_call *call;
	const prl_dss_rules *rules;
	prl_dss_request *to;
	holder *held;
	prl_error *err;
	/* Members of the body, their types checked; NULL: absent. */
	json_t *extents, *key, *new_subscription;
	const char *state, *subscription_id, *suffix;
} reading;

/* ---- small things ------------------------------------------------------------------------------------------------ */

static prl_status at(prl_error *err, prl_status status, const char *where)
{
	if (err)
		(void)snprintf(err->where, sizeof err->where, "%s", where);
	return status;
}

static int text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static prl_status write_compact(const json_t *json, char **ret, prl_bytes *ret_bytes, prl_error *err)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
	if (!text)
		return prl_error_memory(err);
	*ret = text;
	*ret_bytes = prl_bytes_of(text);
	return PRL_OK;
}

static prl_status body_read(prl_bytes body, json_t **ret, prl_error *err)
{
	json_t *json = NULL;
	if (body.size > PRL_DSS_BODY_MAX)
		return prl_error_set(err, PRL_E_RANGE, "a body of %zu bytes, at most %u are read", body.size,
				     PRL_DSS_BODY_MAX);
	prl_status status = prl_json_text_read(body, PRL_MAX_JSON_DEPTH_BODY, &json, err);
	if (status)
		return status;
	if (!json_is_object(json)) {
		json_decref(json);
		return prl_error_set(err, PRL_E_SYNTAX, "the body is not an object");
	}
	*ret = json;
	return PRL_OK;
}

/* ---- addresses --------------------------------------------------------------------------------------------------- */

static bool is_printable(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return true;
}

/* RFC 3986: a scheme, "//", and something for a host. */
static prl_status url_check(const reading *r, const char *url, const char *where)
{
	size_t scheme = !strncasecmp(url, "https://", 8) ? 8 : !strncasecmp(url, "http://", 7) ? 7 : 0;
	const char *expected = r->rules->http_urls ? "https:// or http:// and a host" : "https:// and a host";
	prl_status status = PRL_OK;
	if (strlen(url) > PRL_DSS_TEXT_MAX)
		status = prl_error_set(r->err, PRL_E_RANGE, "an address of more than %u bytes", PRL_DSS_TEXT_MAX);
	else if (scheme == 7 && !r->rules->http_urls)
		status = prl_error_set(r->err, PRL_E_RANGE,
				       "uss_base_url must use TLS: the address is http, expected %s", expected);
	else if (!scheme || !url[scheme] || strchr("/?#:@", url[scheme]) || !is_printable(url))
		status = prl_error_set(r->err, PRL_E_SYNTAX, "no address, expected %s", expected);
	return status ? at(r->err, status, where) : PRL_OK;
}

static prl_status url_member(reading *r)
{
	return prl_member_text(r->held->json, "", "uss_base_url", &r->to->url, r->err);
}

static prl_status url_there(const reading *r)
{
	if (r->to->url && *r->to->url)
		return PRL_OK;
	return at(r->err, prl_error_set(r->err, PRL_E_SYNTAX, "Missing required uss_base_url"), "uss_base_url");
}

/* ---- extents ----------------------------------------------------------------------------------------------------- */

static prl_time ahead(prl_time now, prl_time by)
{
	prl_time at_most;
	return !by || __builtin_add_overflow(now, by, &at_most) ? PRL_TIME_OPEN_END : at_most;
}

static prl_status extents_read(reading *r, const prl_extent_rules *rules)
{
	prl_dss_request *to = r->to;
	prl_status status = prl_extent_read(r->extents, rules, &to->extent, r->err);
	if (!status)
		status = prl_extent_prepare(to->extent, &to->ready, r->err);
	if (status)
		return status;
	to->whole = r->call->body.size <= WHOLE_MAX;
	if (!to->whole)
		return write_compact(r->extents, &r->held->text, &to->extents, r->err);
	to->extents = r->call->body;
	return PRL_OK;
}

/* Of intents and constraints: at least one volume, both ends of time, not over, longer than no time at all. */
static prl_status extents_of_entity(reading *r, prl_time horizon, bool altitudes)
{
	prl_time now = r->call->now;
	const prl_extent_rules rules = { .form = PRL_EXTENT_LIST,
					 .footprints = true,
					 .times = true,
					 .altitudes = altitudes,
					 .area_max_m2 = r->rules->area_max_m2,
					 .vertices_max = r->rules->vertices_max,
					 .horizon = ahead(now, horizon),
					 .duration = r->rules->duration };
	if (json_array_size(r->extents) == 0)
		return at(r->err, prl_error_set(r->err, PRL_E_RANGE, "Missing required extents"), "extents");
	prl_status status = extents_read(r, &rules);
	if (status)
		return status;
	if (r->to->extent->to < now)
		status = prl_error_set(r->err, PRL_E_RANGE, "the end of the extents is in the past");
	else if (r->to->extent->from >= r->to->extent->to)
		status = prl_error_set(r->err, PRL_E_RANGE, "the extents end when they begin, expected a later end");
	return status ? at(r->err, status, "extents") : PRL_OK;
}

/* ---- operational intents ----------------------------------------------------------------------------------------- */

static prl_status key_members(reading *r)
{
	prl_status status = prl_member_of(r->held->json, "", "key", JSON_ARRAY, &r->key, r->err);
	size_t i;
	json_t *ovn;
	if (status)
		return status;
	if (json_array_size(r->key) > PRL_DSS_KEY_MAX)
		return at(r->err,
			  prl_error_set(r->err, PRL_E_RANGE, "%zu OVNs, at most %u are read", json_array_size(r->key),
					PRL_DSS_KEY_MAX),
			  "key");
	json_array_foreach(r->key, i, ovn)
	{
		char name[32];
		(void)snprintf(name, sizeof name, "key[%zu]", i);
		if (!json_is_string(ovn))
			return prl_member_wrong(r->err, "", name, ovn, "a string");
	}
	return PRL_OK;
}

static prl_status implicit_members(reading *r)
{
	static const char name[] = "new_subscription";
	prl_status status = prl_member_of(r->held->json, "", name, JSON_OBJECT, &r->new_subscription, r->err);
	if (!status)
		status = prl_member_text(r->new_subscription, name, "uss_base_url", &r->to->new_url, r->err);
	return status ? status
		      : prl_member_bool(r->new_subscription, name, "notify_for_constraints",
					&r->to->new_for_constraints, r->err);
}

static prl_status intent_members(reading *r)
{
	const json_t *body = r->held->json;
	prl_status status = prl_member_of(body, "", "extents", JSON_ARRAY, &r->extents, r->err);
	if (!status)
		status = key_members(r);
	if (!status)
		status = prl_member_text(body, "", "state", &r->state, r->err);
	if (!status)
		status = url_member(r);
	if (!status)
		status = prl_member_text(body, "", "subscription_id", &r->subscription_id, r->err);
	if (!status)
		status = implicit_members(r);
	return status ? status : prl_member_text(body, "", "requested_ovn_suffix", &r->suffix, r->err);
}

static prl_status intent_subscription(reading *r)
{
	prl_dss_request *to = r->to;
	to->has_subscription = r->subscription_id && *r->subscription_id;
	to->new_subscription = r->new_subscription != NULL;
	if (to->has_subscription && !prl_uuid_read(prl_bytes_of(r->subscription_id), &to->subscription))
		return at(r->err,
			  prl_error_set(r->err, PRL_E_SYNTAX, "Invalid ID format, expected a UUID of version 4"),
			  "subscription_id");
	if (to->new_subscription && (!to->new_url || !*to->new_url))
		return at(r->err,
			  prl_error_set(r->err, PRL_E_SYNTAX, "Missing required uss_base_url for new_subscription"),
			  "new_subscription.uss_base_url");
	if (to->has_subscription && to->new_subscription)
		return prl_error_set(r->err, PRL_E_SYNTAX,
				     "Cannot provide both subscription_id and new_subscription, expected one at most");
	return PRL_OK;
}

static prl_status intent_urls(const reading *r)
{
	prl_status status = url_check(r, r->to->url, "uss_base_url");
	return status || !r->to->new_subscription ? status
						  : url_check(r, r->to->new_url, "new_subscription.uss_base_url");
}

static prl_status state_read(reading *r)
{
	if (r->state && prl_intent_state_read(r->state, &r->to->state))
		return PRL_OK;
	prl_status status = prl_error_set(r->err, PRL_E_RANGE,
					  "Invalid state, expected Accepted, Activated, Nonconforming or Contingent");
	return at(r->err, status, "state");
}

static prl_status suffix_read(reading *r)
{
	prl_time time;
	prl_status status = PRL_OK;
	if (!r->suffix)
		return PRL_OK;
	if (!prl_uuid_read_v7(prl_bytes_of(r->suffix), &r->to->suffix, &time)) {
		status = prl_error_set(r->err, PRL_E_SYNTAX, "not a UUID of version 7");
	} else {
		prl_time apart = prl_time_apart(r->call->now, time);
		if (apart > PRL_DSS_SUFFIX_APART || apart < -PRL_DSS_SUFFIX_APART)
			status = prl_error_set(r->err, PRL_E_RANGE,
					       "the time of the UUID is more than 5 minutes from now");
	}
	r->to->has_suffix = !status;
	return status ? at(r->err, status, "requested_ovn_suffix") : PRL_OK;
}

/* What a state asks for beyond being one. */
static prl_status state_judge(const reading *r)
{
	const prl_dss_request *to = r->to;
	prl_status status = PRL_OK;
	if (to->state != PRL_ACCEPTED && !to->has_subscription && !to->new_subscription)
		status = prl_error_set(r->err, PRL_E_SYNTAX,
				       "Provided state %s requires a subscription, expected "
				       "subscription_id or new_subscription",
				       r->state);
	else if (to->state >= PRL_NONCONFORMING && !r->call->monitors)
		status = prl_error_set(
			r->err, PRL_E_REFUSED,
			"Missing scope utm.conformance_monitoring_sa, without which no intent becomes %s", r->state);
	return status ? at(r->err, status, "state") : PRL_OK;
}

static prl_status key_sort(reading *r)
{
	size_t count = json_array_size(r->key);
	r->to->key = count ? prl_array_new(count, sizeof *r->to->key) : NULL;
	if (count && !r->to->key)
		return prl_error_memory(r->err);
	for (size_t i = 0; i < count; i++)
		r->to->key[i] = json_string_value(json_array_get(r->key, i));
	r->to->key_count = count;
	if (count)
		qsort(r->to->key, count, sizeof *r->to->key, text_order);
	return PRL_OK;
}

static prl_status put_intent(reading *r)
{
	prl_status status = url_there(r);
	if (!status)
		status = intent_subscription(r);
	if (!status)
		status = intent_urls(r);
	if (!status)
		status = state_read(r);
	if (!status)
		status = extents_of_entity(r, r->rules->intent_horizon, true);
	if (!status && !r->to->stamp && r->to->state != PRL_ACCEPTED)
		status = at(r->err,
			    prl_error_set(r->err, PRL_E_RANGE, "Invalid state %s of a new intent, expected Accepted",
					  r->state),
			    "state");
	if (!status)
		status = suffix_read(r);
	if (!status)
		status = state_judge(r);
	return status ? status : key_sort(r);
}

/* ---- constraints ------------------------------------------------------------------------------------------------- */

static prl_status constraint_members(reading *r)
{
	prl_status status = prl_member_of(r->held->json, "", "extents", JSON_ARRAY, &r->extents, r->err);
	return status ? status : url_member(r);
}

static prl_status put_constraint(reading *r)
{
	prl_status status = url_there(r);
	if (!status)
		status = url_check(r, r->to->url, "uss_base_url");
	return status ? status : extents_of_entity(r, r->rules->constraint_horizon, false);
}

/* ---- subscriptions ----------------------------------------------------------------------------------------------- */

static prl_status subscription_members(reading *r)
{
	const json_t *body = r->held->json;
	prl_status status = prl_member_of(body, "", "extents", JSON_OBJECT, &r->extents, r->err);
	if (!status)
		status = url_member(r);
	if (!status)
		status = prl_member_bool(body, "", "notify_for_operational_intents", &r->to->for_intents, r->err);
	return status ? status : prl_member_bool(body, "", "notify_for_constraints", &r->to->for_constraints, r->err);
}

/* Times that are stated; what is not stated the picture or the clock gives (decide.h). */
static prl_status subscription_times(const reading *r)
{
	const prl_extent *extent = r->to->extent;
	prl_time now = r->call->now, from = extent->from, to = extent->to;
	bool starts = from != PRL_TIME_OPEN_START, ends = to != PRL_TIME_OPEN_END;
	const char *wrong = NULL;
	if (!starts && !r->to->stamp) /* a new one without a start starts now */
		from = now, starts = true;
	if (starts && prl_time_apart(from, now) > PRL_DSS_SUBSCRIPTION_PAST)
		wrong = "Subscription time_start must not be in the past";
	else if (ends && to < now)
		wrong = "Subscription time_end must not be in the past";
	else if (starts && ends && to <= from)
		wrong = "Subscription time_end must be after time_start";
	else if (starts && ends && prl_time_apart(from, to) > PRL_DSS_SUBSCRIPTION_MAX)
		wrong = "Subscription window exceeds 24 hours";
	return wrong ? at(r->err, prl_error_set(r->err, PRL_E_RANGE, "%s", wrong), "extents") : PRL_OK;
}

static prl_status put_subscription(reading *r)
{
	const prl_extent_rules rules = { .form = PRL_EXTENT_ONE,
					 .area_max_m2 = r->rules->area_max_m2,
					 .vertices_max = r->rules->vertices_max };
	prl_dss_request *to = r->to;
	prl_status status = PRL_OK;
	if (!to->url)
		return url_there(r);
	if (*to->url || !r->rules->http_urls)
		status = url_check(r, to->url, "uss_base_url");
	if (status)
		return status;
	if (!to->for_intents && !to->for_constraints)
		return prl_error_set(r->err, PRL_E_SYNTAX,
				     "No notification triggers requested, expected "
				     "notify_for_operational_intents or notify_for_constraints");
	if (!r->extents)
		return prl_member_wrong(r->err, "", "extents", NULL, "a Volume4D");
	status = extents_read(r, &rules);
	return status ? status : subscription_times(r);
}

/* ---- availability, reports --------------------------------------------------------------------------------------- */

static prl_status availability_members(reading *r)
{
	prl_status status = prl_member_text(r->held->json, "", "old_version", &r->to->old_version, r->err);
	return status ? status : prl_member_text(r->held->json, "", "availability", &r->state, r->err);
}

static prl_status set_availability(reading *r)
{
	static const char *const words[] = {
		[PRL_USS_UNKNOWN] = "Unknown", [PRL_USS_NORMAL] = "Normal", [PRL_USS_DOWN] = "Down"
	};
	prl_dss_request *to = r->to;
	if (!to->old_version)
		return prl_member_wrong(r->err, "", "old_version", NULL, "a string, \"\" where there is none yet");
	to->availability = PRL_USS_UNKNOWN;
	if (r->state && !*r->state)
		return PRL_OK;
	for (size_t i = 0; r->state && i < sizeof words / sizeof *words; i++) {
		to->availability = (prl_uss_state)i;
		if (!strcasecmp(r->state, words[i]))
			return PRL_OK;
	}
	prl_status status =
		prl_error_set(r->err, PRL_E_RANGE, "Invalid availability state, expected Unknown, Normal or Down");
	return at(r->err, status, "availability");
}

static prl_status instant_members(const reading *r, const json_t *exchange, const char *name)
{
	json_t *time = NULL;
	const char *text;
	char under[64];
	(void)snprintf(under, sizeof under, "exchange.%s", name);
	prl_status status = prl_member_of(exchange, "exchange", name, JSON_OBJECT, &time, r->err);
	if (!status)
		status = prl_member_text(time, under, "value", &text, r->err);
	return status ? status : prl_member_text(time, under, "format", &text, r->err);
}

static prl_status header_members(const reading *r, const json_t *exchange)
{
	json_t *headers = NULL, *header;
	size_t i;
	prl_status status = prl_member_of(exchange, "exchange", "headers", JSON_ARRAY, &headers, r->err);
	json_array_foreach(headers, i, header)
	{
		char name[48];
		(void)snprintf(name, sizeof name, "headers[%zu]", i);
		if (!status && !json_is_string(header))
			status = prl_member_wrong(r->err, "exchange", name, header, "a string");
	}
	return status;
}

/* A report is kept, whatever it says: only types are looked at. */
static prl_status report_members(reading *r)
{
	static const char *const texts[] = { "url",          "method",        "recorder_role",
					     "request_body", "response_body", "problem" };
	json_t *exchange = NULL;
	const char *text;
	prl_status status = prl_member_text(r->held->json, "", "report_id", &text, r->err);
	if (!status)
		status = prl_member_of(r->held->json, "", "exchange", JSON_OBJECT, &exchange, r->err);
	for (size_t i = 0; !status && i < sizeof texts / sizeof *texts; i++)
		status = prl_member_text(exchange, "exchange", texts[i], &text, r->err);
	const json_t *code = prl_member(exchange, "response_code");
	if (!status && code && !json_is_integer(code))
		status = prl_member_wrong(r->err, "exchange", "response_code", code, "a whole number");
	if (!status)
		status = header_members(r, exchange);
	if (!status)
		status = instant_members(r, exchange, "request_time");
	return status ? status : instant_members(r, exchange, "response_time");
}

static prl_status put_report(reading *r)
{
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&r->to->fresh, id);
	if (json_object_set_new(r->held->json, "report_id", json_string(id)) != 0)
		return prl_error_memory(r->err);
	return write_compact(r->held->json, &r->held->text, &r->to->report, r->err);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

/* members: looks at the types of a body; NULL: the act has no body. judge: what follows. */
static const struct {
	prl_status (*members)(reading *), (*judge)(reading *);
	bool has_id;
} acts[] = {
	[PRL_DSS_PUT_INTENT] = { intent_members, put_intent, true },
	[PRL_DSS_DELETE_INTENT] = { .has_id = true },
	[PRL_DSS_PUT_CONSTRAINT] = { constraint_members, put_constraint, true },
	[PRL_DSS_DELETE_CONSTRAINT] = { .has_id = true },
	[PRL_DSS_PUT_SUBSCRIPTION] = { subscription_members, put_subscription, true },
	[PRL_DSS_DELETE_SUBSCRIPTION] = { .has_id = true },
	[PRL_DSS_SET_AVAILABILITY] = { availability_members, set_availability, false },
	[PRL_DSS_REPORT] = { report_members, put_report, false },
};

static prl_status path_read(reading *r)
{
	const prl_dss_call *call = r->call;
	if (call->stamp.data && !call->stamp.size)
		return prl_error_set(r->err, PRL_E_SYNTAX, PATH_STAMP);
	if (acts[call->act].has_id && !prl_uuid_read(call->id, &r->to->id))
		return prl_error_set(r->err, PRL_E_SYNTAX, "Invalid ID format, expected a UUID of version 4");
	if (call->act == PRL_DSS_SET_AVAILABILITY && (!call->id.size || call->id.size > 200))
		return prl_error_set(r->err, PRL_E_RANGE, "the name of a USS of %zu bytes, expected 1 to 200",
				     call->id.size);
	return PRL_OK;
}

static prl_status request_read(reading *r)
{
	prl_dss_act act = r->call->act;
	prl_status status = PRL_OK;
	if (acts[act].members)
		status = body_read(r->call->body, &r->held->json, r->err);
	if (!status && acts[act].members)
		status = acts[act].members(r);
	if (!status)
		status = path_read(r);
	return status || !acts[act].judge ? status : acts[act].judge(r);
}

static char *texts_put(char *to, prl_bytes text, const char **ret)
{
	if (text.size)
		memcpy(to, text.data, text.size);
	to[text.size] = 0;
	*ret = to;
	return to + text.size + 1;
}

static holder *holder_new(const prl_dss_call *call)
{
	prl_bytes manager = prl_bytes_of(call->manager);
	holder *held = malloc(sizeof *held + manager.size + call->stamp.size + call->id.size + 3);
	if (!held)
		return NULL;
	memset(held, 0, sizeof *held);
	prl_dss_request *request = &held->request;
	request->act = call->act;
	request->now = call->now;
	char *to = texts_put(held->texts, manager, &request->manager);
	to = texts_put(to, call->id, &request->uss);
	if (call->stamp.data)
		(void)texts_put(to, call->stamp, &request->stamp);
	if (call->act != PRL_DSS_SET_AVAILABILITY)
		request->uss = NULL;
	struct {
		prl_uuid fresh;
		unsigned char nonce[sizeof request->nonce], fresh_nonce[sizeof request->fresh_nonce],
			salt[sizeof request->salt];
	} random; /* one system call for all of it */
	randombytes_buf(&random, sizeof random);
	request->fresh = prl_uuid_of_random(random.fresh);
	memcpy(request->nonce, random.nonce, sizeof random.nonce);
	memcpy(request->fresh_nonce, random.fresh_nonce, sizeof random.fresh_nonce);
	memcpy(request->salt, random.salt, sizeof random.salt);
	return held;
}

static unsigned code_of(prl_status status)
{
	return !status ? 0 : status == PRL_E_MEMORY ? 503 : status == PRL_E_REFUSED ? 403 : 400;
}

unsigned prl_dss_request_read(const prl_dss_call *call, const prl_dss_rules *rules, prl_dss_request **ret,
			      prl_error *err)
{
	holder *held = holder_new(call);
	if (!held)
		return code_of(prl_error_memory(err));
	reading r = { .call = call, .rules = rules, .to = &held->request, .held = held, .err = err };
	prl_status status = request_read(&r);
	if (status)
		prl_dss_request_done(&held->request);
	else
		*ret = &held->request;
	return code_of(status);
}

void prl_dss_request_done(prl_dss_request *request)
{
	holder *held = (holder *)request;
	if (!held)
		return;
	prl_extent_ready_done(&request->ready);
	prl_extent_free(request->extent);
	free(request->key);
	json_decref(held->json);
	free(held->text);
	free(held);
}

/* ---- queries ----------------------------------------------------------------------------------------------------- */

static prl_status query_read(const json_t *body, const prl_dss_rules *rules, prl_dss_query *to, prl_error *err)
{
	const prl_extent_rules extent_rules = { .name = "area_of_interest",
						.form = PRL_EXTENT_ONE,
						.footprints = true,
						.area_max_m2 = rules->area_max_m2,
						.vertices_max = rules->vertices_max };
	json_t *area = NULL;
	prl_status status = prl_member_of(body, "", "area_of_interest", JSON_OBJECT, &area, err);
	if (!status && !area)
		status = prl_member_wrong(err, "", "area_of_interest", NULL, "a Volume4D");
	if (!status)
		status = prl_extent_read(area, &extent_rules, &to->extent, err);
	return status ? status : prl_extent_prepare(to->extent, &to->ready, err);
}

unsigned prl_dss_query_read(prl_bytes body, prl_entity_kind of, const prl_dss_rules *rules, prl_dss_query *ret,
			    prl_error *err)
{
	json_t *json = NULL;
	prl_dss_query query = { 0 };
	prl_status status = body_read(body, &json, err);
	if (status)
		return code_of(status);
	status = query_read(json, rules, &query, err);
	json_decref(json);
	if (status)
		prl_dss_query_done(&query);
	else
		*ret = query;
	return status == PRL_E_TOO_LARGE && of == PRL_SUBSCRIPTION ? 413 : code_of(status);
}

void prl_dss_query_done(prl_dss_query *query)
{
	prl_extent_ready_done(&query->ready);
	prl_extent_free(query->extent);
}
