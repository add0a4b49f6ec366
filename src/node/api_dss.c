/* The F3548-21 interface: who calls, what is written. What is asked: api_dss_query.c. Beside it: api_dss_aux.c. */
#include "node/api_dss.h"

#include "base/error.h"
#include "base/text.h"
#include "node/dss_lists.h"

#include <stdio.h>
#include <string.h>

#define SC   PRL_SCOPE_STRATEGIC_COORDINATION
#define CMSA PRL_SCOPE_CONFORMANCE_MONITORING_SA
#define CM   PRL_SCOPE_CONSTRAINT_MANAGEMENT
#define CP   PRL_SCOPE_CONSTRAINT_PROCESSING
#define AA   PRL_SCOPE_AVAILABILITY_ARBITRATION

/* ---- answers ----------------------------------------------------------------------------------------------------- */

void prl_dss_answer_json(prl_request *request, unsigned status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
	static const char none[] = "{\"error_message\":\"out of memory\"}";
	json_decref(body);
	prl_answer_bytes(request, text ? status : 503, "application/json; charset=utf-8", text ? text : none,
			 text ? strlen(text) : sizeof none - 1);
	free(text);
}

json_t *prl_dss_message(unsigned status, const char *text)
{
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid uuid = prl_uuid_random();
	prl_uuid_write(&uuid, id);
	char clean[sizeof((prl_error *)0)->text + sizeof((prl_error *)0)->where];
	(void)snprintf(clean, sizeof clean, "%s", text);
	/* what came from outside may be cut inside a character */
	bool good = prl_utf8_check(prl_bytes_of(clean), true);
	for (char *p = clean; *p && !good; p++)
		*p = (char)(*p < 0 ? '?' : *p);
	json_t *whole = json_sprintf("%s (E:%s)", clean, id);
	return json_pack("{s:o}", status < 500 ? "message" : "error_message", whole);
}

void prl_dss_answer_bytes(prl_request *request, unsigned status, bool whole, const prl_buffer *body)
{
	if (whole)
		prl_answer_bytes(request, status, "application/json; charset=utf-8", body->data, body->size);
	else
		prl_dss_answer_json(request, 503, NULL);
}

/* The refusal of the key check has more members than its message. */
static void answer_refusal(prl_request *request, unsigned status, const char *why, const prl_buffer *more)
{
	json_t *message = prl_dss_message(status, why);
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	prl_buffer body = PRL_BUFFER(PRL_DSS_ANSWER_MAX + PRL_MIB);
	bool whole = text && prl_buffer_append(&body, text, strlen(text) - 1) &&
		     prl_buffer_append(&body, more->data, more->size) && prl_buffer_append(&body, "}", 1);
	prl_dss_answer_bytes(request, status, whole, &body);
	prl_buffer_done(&body);
	free(text);
	json_decref(message);
}

static void answer_message(prl_request *request, unsigned status, const char *text)
{
	if (status == 503)
		prl_answer_header(request, "Retry-After", "1");
	prl_dss_answer_json(request, status, prl_dss_message(status, text));
}

void prl_dss_answer_error(prl_request *request, unsigned status, const prl_error *err)
{
	char text[sizeof err->text + sizeof err->where + 4];
	(void)snprintf(text, sizeof text, "%s%s%s", err->where, err->where[0] ? ": " : "", err->text);
	answer_message(request, status, text);
}

void prl_dss_answer_text(prl_request *request, unsigned status, const char *text)
{
	prl_answer_bytes(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* ---- who calls --------------------------------------------------------------------------------------------------- */

static bool has_region(const prl_api *api, prl_request *request)
{
	if (api->bearer && api->registry)
		return true;
	prl_dss_answer_text(request, 404,
			    "this node serves no F3548 region: it was started without keys to verify tokens with "
			    "(parley serve --help)\n");
	return false;
}

/* {SC, CP} of a PUT of an intent asks for no more than {SC}: what is wanted is one scope of several everywhere. */
static bool has_scope(prl_request *request, const prl_dss_caller *caller, uint32_t scopes)
{
	char text[400] = "Missing scope, expected one of";
	if (!scopes || caller->scopes & scopes)
		return true;
	for (uint32_t bit = 1; bit && bit <= scopes; bit <<= 1) {
		size_t used = strlen(text);
		if (scopes & bit)
			(void)snprintf(text + used, sizeof text - used, " %s", prl_scope_text(bit));
	}
	answer_message(request, 403, text);
	return false;
}

bool prl_dss_ask(prl_api *api, prl_request *request, uint32_t scopes, prl_dss_asked *ret)
{
	prl_error err;
	if (!has_region(api, request))
		return false;
	*ret = (prl_dss_asked){ .api = api, .request = request, .now = api->now(api->now_context) };
	prl_status status = prl_bearer_verify(api->bearer, prl_request_header(request, "Authorization"), ret->now,
					      &ret->caller, &err);
	if (status) {
		unsigned code = prl_bearer_http_status(status);
		if (code == 401)
			prl_answer_header(request, "WWW-Authenticate", "Bearer");
		prl_dss_answer_error(request, code, &err);
		return false;
	}
	return has_scope(request, &ret->caller, scopes);
}

/* ---- what is written --------------------------------------------------------------------------------------------- */

/* A request on its way through the clerk; lives in the HTTP request's arena. */
typedef struct writing {
	prl_filing filing;
	prl_dss_request *dss;
	prl_api *api;
	prl_dss_listing list;
} writing;

unsigned prl_dss_status_of(const prl_filing *filing)
{
	unsigned status = prl_http_status(filing->status);
	return filing->status == PRL_E_TOO_LARGE || status == 503 ? 503 : 500;
}

/* On the thread that makes lists. */
static void on_listed(prl_dss_listing *list, bool whole)
{
	writing *w = (writing *)(void *)((char *)list - offsetof(writing, list));
	prl_buffer answer = list->answer; /* the list may be gone with the request */
	prl_dss_request_done(w->dss);
	prl_dss_answer_bytes(w->filing.context, w->filing.dss_status, whole, &answer);
	prl_buffer_done(&answer);
}

/* The version that the filing's batch has made is pinned before the committer publishes another one. */
static void list_later(writing *w)
{
	w->list = (prl_dss_listing){ .look = prl_registry_pin(w->api->registry), .request = w->dss, .done = on_listed };
	prl_dss_lists_add(w->api->dss_lists, &w->list);
}

static void on_decided(prl_filing *filing)
{
	writing *w = (writing *)filing;
	prl_request *request = filing->context;
	if (!filing->status && filing->dss_later) {
		prl_buffer_done(&filing->dss_answer);
		list_later(w);
		return;
	}
	prl_dss_request_done(w->dss);
	w->dss = NULL;
	filing->dss = NULL;
	prl_buffer answer = filing->dss_answer; /* the filing may be gone with the request */
	filing->dss_answer = (prl_buffer){ 0 };
	if (filing->status)
		prl_dss_answer_error(request, prl_dss_status_of(filing), &filing->err);
	else if (filing->dss_status >= 400)
		answer_refusal(request, filing->dss_status, filing->dss_why, &answer);
	else
		prl_dss_answer_bytes(request, filing->dss_status, true, &answer);
	prl_buffer_done(&answer);
}

static void submit(const prl_dss_asked *asked, prl_dss_request *dss)
{
	writing *w = prl_arena_alloc(prl_request_arena(asked->request), 1, sizeof *w);
	prl_error err;
	if (!w) {
		prl_dss_request_done(dss);
		(void)prl_error_memory(&err);
		prl_dss_answer_error(asked->request, 503, &err);
		return;
	}
	memset(w, 0, sizeof *w);
	w->dss = dss;
	w->api = asked->api;
	w->filing.what = PRL_FILING_DSS;
	w->filing.dss = dss;
	w->filing.done = on_decided;
	w->filing.context = asked->request;
	prl_request_take(asked->request);
	prl_clerk_submit(asked->api->clerk, &w->filing);
}

static void write_act(const prl_dss_asked *asked, prl_dss_act act, bool stamped)
{
	prl_request *request = asked->request;
	const prl_dss_call call = { .act = act,
				    .manager = asked->caller.subject,
				    .monitors = asked->caller.scopes & CMSA,
				    .id = prl_request_part(request, "id"),
				    .stamp = stamped ? prl_request_part(request, "stamp") : (prl_bytes){ 0 },
				    .body = prl_request_body(request),
				    .now = asked->now };
	prl_dss_request *dss = NULL;
	prl_error err;
	unsigned refused = prl_dss_request_read(&call, &asked->api->dss_rules, &dss, &err);
	if (!refused && act == PRL_DSS_PUT_SUBSCRIPTION) {
		refused = prl_dss_too_many(asked, dss, &err);
		if (refused)
			prl_dss_request_done(dss);
	}
	if (refused)
		prl_dss_answer_error(request, refused, &err);
	else
		submit(asked, dss);
}

/* ---- routes ------------------------------------------------------------------------------------------------------ */

/* What a handler does once the caller is known. */
#define SERVE(name, scopes, action)                                                                                    \
	void prl_api_dss_##name(void *node, prl_request *request)                                                      \
	{                                                                                                              \
		prl_dss_asked asked;                                                                                   \
		if (prl_dss_ask(node, request, scopes, &asked))                                                        \
			action;                                                                                        \
	}

SERVE(intents_query, SC | CMSA, prl_dss_find(&asked, PRL_INTENT))
SERVE(intent_get, SC | CMSA, prl_dss_get(&asked, PRL_INTENT))
SERVE(intent_put, SC | CMSA, write_act(&asked, PRL_DSS_PUT_INTENT, false))
SERVE(intent_update, SC | CMSA, write_act(&asked, PRL_DSS_PUT_INTENT, true))
SERVE(intent_delete, SC | CMSA, write_act(&asked, PRL_DSS_DELETE_INTENT, true))
SERVE(constraints_query, CM | CP, prl_dss_find(&asked, PRL_CONSTRAINT))
SERVE(constraint_get, CM | CP, prl_dss_get(&asked, PRL_CONSTRAINT))
SERVE(constraint_put, CM, write_act(&asked, PRL_DSS_PUT_CONSTRAINT, false))
SERVE(constraint_update, CM, write_act(&asked, PRL_DSS_PUT_CONSTRAINT, true))
SERVE(constraint_delete, CM, write_act(&asked, PRL_DSS_DELETE_CONSTRAINT, true))
SERVE(subscriptions_query, CP | SC, prl_dss_find(&asked, PRL_SUBSCRIPTION))
SERVE(subscription_get, CP | SC, prl_dss_get(&asked, PRL_SUBSCRIPTION))
SERVE(subscription_put, CP | SC, write_act(&asked, PRL_DSS_PUT_SUBSCRIPTION, false))
SERVE(subscription_update, CP | SC, write_act(&asked, PRL_DSS_PUT_SUBSCRIPTION, true))
SERVE(subscription_delete, CP | SC, write_act(&asked, PRL_DSS_DELETE_SUBSCRIPTION, true))
SERVE(report, SC | CM | CP | CMSA | AA, write_act(&asked, PRL_DSS_REPORT, false))
SERVE(availability_get, AA | SC | CMSA, prl_dss_get_availability(&asked))
SERVE(availability_put, AA, write_act(&asked, PRL_DSS_SET_AVAILABILITY, false))

/* ---- nothing is there -------------------------------------------------------------------------------------------- */

void prl_api_dss_nothing(void *node, prl_request *request)
{
	if (has_region(node, request))
		prl_dss_answer_text(request, 404, "no F3548 endpoint has this path and method\n");
}

void prl_api_dss_nothing_aux(void *node, prl_request *request)
{
	(void)node;
	prl_dss_answer_text(request, 404, "no endpoint has this path and method\n");
}

void prl_api_dss_nothing_versions(void *node, prl_request *request)
{
	prl_api_dss_nothing_aux(node, request);
}
