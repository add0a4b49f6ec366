/* From what a client sent to a prl_dss_request (decide.h): everything that does not hang on the picture is judged here,
 * on the thread that received it, in the order that F3548 users know (f3548.md, 6 to 8):
 *   JSON and the types of all members that F3548 names (unknown members are ignored) · ids · addresses · state words ·
 *   extents · states of a creation · suffixes · what a state asks for · scopes that a state asks for.
 * null counts as absent. Required members ("bold" in f3548.md) must be there; what they say is judged afterwards. */
#ifndef PRL_DSS_REQUEST_H
#define PRL_DSS_REQUEST_H

#include "dss/decide.h"

/* Settings of a node. */
typedef struct prl_dss_rules {
	bool http_urls;          /* uss_base_url may be http://, and a subscription's may be "" */
	double area_max_m2;      /* of one outline, circles too; 0: no limit */
	uint32_t vertices_max;   /* of one entity; 0: PRL_DSS_VERTICES_MAX */
	uint32_t found_max;      /* objects of one answer: what finds more is refused, never cut */
	prl_time intent_horizon; /* how far ahead the end of an intent may lie, ns; 0: no limit */
	prl_time constraint_horizon;
	prl_time duration; /* of one intent or constraint, ns; 0: no limit */
} prl_dss_rules;

#define PRL_DSS_FOUND_MAX  20000u
#define PRL_DSS_FOUND_MOST 100000u /* that it can be set to: of 500 bytes each they fit PRL_DSS_ANSWER_MAX */

/* https only, 2,500 km², 10,000 vertices, PRL_DSS_FOUND_MAX, the rest without limit. */
prl_dss_rules prl_dss_rules_default(void);
/* {"area_max_km2", "vertices_max" (3 to 100,000), "found_max" (from 1), "intent_horizon_days",
 * "constraint_horizon_days", "duration_hours"}, 0 for no limit but that of vertices; what is absent is as by default;
 * NULL: all. What is no such setting is refused, err.where names it. http_urls is left false. */
PRL_MUST prl_status prl_dss_rules_read(const json_t *settings, prl_dss_rules *ret, prl_error *err);

#define PRL_DSS_SUBSCRIPTION_MAX  (24 * 3600 * PRL_SECOND) /* longest subscription; exactly so long is taken */
#define PRL_DSS_SUBSCRIPTION_PAST (5 * 60 * PRL_SECOND)    /* how long ago it may begin */
#define PRL_DSS_SUFFIX_APART      (5 * 60 * PRL_SECOND)    /* of a requested_ovn_suffix from now, either way */

/* What stands in a request, before it is read. */
typedef struct prl_dss_call {
	prl_dss_act act;
	const char *manager; /* `sub` of the token */
	bool monitors;       /* the token has utm.conformance_monitoring_sa */
	prl_bytes id;        /* in the path; SET_AVAILABILITY: the USS */
	prl_bytes stamp;     /* OVN or version in the path; .data NULL: the path has none */
	prl_bytes body;      /* DELETE: not looked at */
	prl_time now;
} prl_dss_call;

/* Returns 0 and fills *ret, or the HTTP code of the refusal: 400, 403 (a state that the token's scopes do not reach),
 * 503 (no memory), and err says what is wrong and where ("extents[0].volume"). */
PRL_MUST unsigned prl_dss_request_read(const prl_dss_call *call, const prl_dss_rules *rules, prl_dss_request **ret,
				       prl_error *err);
void prl_dss_request_done(prl_dss_request *request); /* frees it and all it points to; NULL is fine */

/* {"area_of_interest": Volume4D}: an outline, times and altitudes where stated. */
typedef struct prl_dss_query {
	prl_extent *extent;
	prl_extent_ready ready;
} prl_dss_query;
/* 0, 400, 413 (too large an area where subscriptions are asked for), 503. */
PRL_MUST unsigned prl_dss_query_read(prl_bytes body, prl_entity_kind of, const prl_dss_rules *rules, prl_dss_query *ret,
				     prl_error *err);
void prl_dss_query_done(prl_dss_query *query);

#endif
