/* The F3548-21 interface of a node: which paths there are, and what their handlers share. What each answers stands in
 * docs/dss.md; F3548's own description of the interface (astm-utm/Protocol, utm.yaml) is the reference, so that these
 * routes are not in schemas/openapi.json.
 *
 * A caller is known by a bearer token of an issuer that the node trusts (bearer.h), and has nothing to do with the
 * sessions of parley's own interface. Refusals are JSON with one member, "message" (up to 499) or "error_message" (from
 * 500 on), that ends with "(E:<uuid>)"; what the HTTP server itself refuses (413, nothing at this path) is text. */
#ifndef PRL_NODE_API_DSS_H
#define PRL_NODE_API_DSS_H

#include "node/api.h"
#include "node/bearer.h"

/* X(name, method, pattern) */
#define PRL_DSS_ROUTES(X)                                                                                              \
	X(intents_query, "POST", "/dss/v1/operational_intent_references/query")                                        \
	X(intent_get, "GET", "/dss/v1/operational_intent_references/{id?}")                                            \
	X(intent_put, "PUT", "/dss/v1/operational_intent_references/{id?}")                                            \
	X(intent_update, "PUT", "/dss/v1/operational_intent_references/{id?}/{stamp?}")                                \
	X(intent_delete, "DELETE", "/dss/v1/operational_intent_references/{id?}/{stamp?}")                             \
	X(constraints_query, "POST", "/dss/v1/constraint_references/query")                                            \
	X(constraint_get, "GET", "/dss/v1/constraint_references/{id?}")                                                \
	X(constraint_put, "PUT", "/dss/v1/constraint_references/{id?}")                                                \
	X(constraint_update, "PUT", "/dss/v1/constraint_references/{id?}/{stamp?}")                                    \
	X(constraint_delete, "DELETE", "/dss/v1/constraint_references/{id?}/{stamp?}")                                 \
	X(subscriptions_query, "POST", "/dss/v1/subscriptions/query")                                                  \
	X(subscription_get, "GET", "/dss/v1/subscriptions/{id?}")                                                      \
	X(subscription_put, "PUT", "/dss/v1/subscriptions/{id?}")                                                      \
	X(subscription_update, "PUT", "/dss/v1/subscriptions/{id?}/{stamp?}")                                          \
	X(subscription_delete, "DELETE", "/dss/v1/subscriptions/{id?}/{stamp?}")                                       \
	X(report, "POST", "/dss/v1/reports")                                                                           \
	X(availability_get, "GET", "/dss/v1/uss_availability/{id?}")                                                   \
	X(availability_put, "PUT", "/dss/v1/uss_availability/{id?}")                                                   \
	X(constraint_details, "GET", "/uss/v1/constraints/{id?}")                                                      \
	X(version, "GET", "/aux/v1/version")                                                                           \
	X(validate_oauth, "GET", "/aux/v1/validate_oauth")                                                             \
	X(pool, "GET", "/aux/v1/pool")                                                                                 \
	X(pool_instances, "GET", "/aux/v1/pool/dss_instances")                                                         \
	X(system_version, "GET", "/versions/{id?}")                                                                    \
	X(nothing, "*", "/dss/{rest*}")                                                                                \
	X(nothing_uss, "*", "/uss/{rest*}")                                                                            \
	X(nothing_aux, "*", "/aux/{rest*}")                                                                            \
	X(nothing_versions, "*", "/versions/{rest*}")

#define X(name, method, pattern) void prl_api_dss_##name(void *node, prl_request *request);
PRL_DSS_ROUTES(X)
#undef X

/* ---- shared by handlers ------------------------------------------------------------------------------------------ */

/* One request of a known caller. */
typedef struct prl_dss_asked {
	prl_api *api;
	prl_request *request;
	prl_dss_caller caller;
	prl_time now;
} prl_dss_asked;

/* Verifies the caller: a token, and one of these scopes (0: any known). False: has answered, 401, 403, or 404 where the
 * node serves no F3548 region. */
bool prl_dss_ask(prl_api *api, prl_request *request, uint32_t scopes, prl_dss_asked *ret);

void prl_dss_answer_json(prl_request *request, unsigned status, json_t *body /* taken over; NULL: no memory */);
/* JSON text; whole false: there was no memory for it. */
void prl_dss_answer_bytes(prl_request *request, unsigned status, bool whole, const prl_buffer *body);
/* err.where stands before err.text. */
void prl_dss_answer_error(prl_request *request, unsigned status, const prl_error *err);
void prl_dss_answer_text(prl_request *request, unsigned status, const char *text);
/* Of what the clerk did not take: 503 where its queue is full (it says "too large" of nothing else here), the node is
 * not open, memory or the disk fail; 500 for what ought not to be. */
unsigned prl_dss_status_of(const prl_filing *filing);

/* {"message": "… (E:<uuid>)"}, "error_message" from 500 on; NULL: no memory. */
json_t *prl_dss_message(unsigned status, const char *text);

/* api_dss_query.c */
void prl_dss_find(const prl_dss_asked *asked, prl_entity_kind kind);
void prl_dss_get(const prl_dss_asked *asked, prl_entity_kind kind);
/* 400 where a subscription that is asked for would be answered with more than found_max references of one kind,
 * as it is now; 503; else 0. Times that are not stated are taken as those of one that is made: now, for a day. */
unsigned prl_dss_too_many(const prl_dss_asked *asked, const prl_dss_request *request, prl_error *err);
void prl_dss_get_availability(const prl_dss_asked *asked);

#endif
