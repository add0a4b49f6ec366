/**
 * @file dss.h
 * A node that serves the F3548 interface, and steps of calls to it as data: who asks what, and the whole of the answer.
 *
 *     static const dss_step steps[] = {
 *         { "uss1 SC", "PUT", DSS_INTENT U("0001"), OI(V("48", "100", "120", "13", "14"), ""), 201,
 *           "{\"subscribers\":[],\"operational_intent_reference\":{…,\"ovn\":\">ovn\"}}" },
 *         { "uss1 SC", "DELETE", DSS_INTENT U("0001") "/$ovn", NULL, 200, NULL },
 *         { "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 404, "!nothing of this kind has this id" },
 *     };
 *
 * The node's clocks stand still at 2026-11-29T12:00:00Z until dss_go_on() moves them.
 */
#ifndef TESTS_SUPPORT_DSS_H
#define TESTS_SUPPORT_DSS_H

#include "support/nodes.h"

#include <jansson.h>

#define DSS_INTENT       "/dss/v1/operational_intent_references/"
#define DSS_CONSTRAINT   "/dss/v1/constraint_references/"
#define DSS_SUBSCRIPTION "/dss/v1/subscriptions/"
#define DSS_USS          "/dss/v1/uss_availability/"

#define DSS_NOW_S INT64_C(1795953600) /* 2026-11-29T12:00:00Z */

/** Four digits make a UUID of version 4. */
#define U(digits) "a0000000-0000-4000-8000-00000000" digits

/** Volumes: circles at 35° east. */
#define DSS_CIRCLE(lat, radius)                                                                                        \
	"\"outline_circle\":{\"center\":{\"lat\":" lat ",\"lng\":35},\"radius\":{\"value\":" radius ",\"units\":"      \
	"\"M\"}}"
#define DSS_ALTITUDE(metres) "{\"value\":" metres ",\"reference\":\"W84\",\"units\":\"M\"}"
#define DSS_TIME(clock)      "{\"value\":\"2026-11-29T" clock "Z\",\"format\":\"RFC3339\"}"
#define DSS_TIMES(from, to)  "\"time_start\":" DSS_TIME(from) ",\"time_end\":" DSS_TIME(to)
#define DSS_VOLUME(lat, radius, lower, upper, from, to)                                                                \
	"{\"volume\":{" DSS_CIRCLE(lat, radius) ",\"altitude_lower\":" DSS_ALTITUDE(                                   \
		lower) ",\"altitude_upper\":" DSS_ALTITUDE(upper) "}," DSS_TIMES(from, to) "}"
/** 100 m round, from 100 to 120 m, from 13:00 to 14:00. */
#define DSS_V(lat) DSS_VOLUME(lat, "100", "100", "120", "13:00:00", "14:00:00")

typedef struct dss_step {
	const char *who; /**< "uss1 SC CMSA": subject and scopes; NULL: no token; "=TEXT": this token */
	const char *method, *path, *body; /**< $name: a text that was taken from an answer; body NULL: none */
	unsigned status;
	/** NULL: not compared. JSON: all of it is compared; "*" fits any value, ">name" any text, which is kept.
	 * "!TEXT":
	 * {"message": "TEXT (E:<uuid>)"}. "#TEXT": text/plain. */
	const char *answer;
} dss_step;

typedef struct dss_node dss_node;

dss_node *dss_new(bool http_urls);
/** One that calls services: takes http, and mints tokens of its own (development mode). */
dss_node *dss_new_calling(void);
/** Of two parties, the other of which does not run: it takes nothing that changes the record. */
dss_node *dss_new_closed(void);
void dss_free(dss_node *d);
nodes_set *dss_nodes(dss_node *d);
void dss_stop(dss_node *d);
void dss_start(dss_node *d);
void dss_go_on(unsigned seconds);
/** The desk us-ops, logged in, dating its entries by the node's clock. */
prl_client *dss_desk(dss_node *d);
/** A token of "uss1 SC CMSA"; lives as long as the node. Any thread once it has been made. */
const char *dss_token(dss_node *d, const char *who);
/** What a step kept; fails where there is nothing. */
const char *dss_kept(dss_node *d, const char *name);

void dss_run(dss_node *d, const char *title, const dss_step *steps, size_t count);
#define DSS_RUN(d, steps) dss_run(d, #steps, steps, sizeof(steps) / sizeof *(steps))

/** Fails where no answer came. */
unsigned dss_send(dss_node *d, const char *who, const char *method, const char *path, prl_bytes body, prl_reply *reply);
/** The answer as JSON, NULL where it is none; to be dropped. */
json_t *dss_ask(dss_node *d, const char *who, const char *method, const char *path, const char *body,
		unsigned *ret_status);

#endif
