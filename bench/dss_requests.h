/* Requests to the F3548 interface as bytes, made once and then changed in place: what differs from one to the next has
 * a place of a fixed width, filled up with spaces before a number, which JSON allows. */
#ifndef PRL_BENCH_DSS_REQUESTS_H
#define PRL_BENCH_DSS_REQUESTS_H

#include "base/memory.h"

typedef struct dss_volume {
	double lat, lng, radius_m, lower_m, upper_m;
	int64_t from_s, to_s; /* Unix time */
} dss_volume;

typedef enum dss_hole {
	HOLE_ID,
	HOLE_LNG,
	HOLE_LAT,
	HOLE_RADIUS,
	HOLE_LOWER,
	HOLE_UPPER,
	HOLE_FROM,
	HOLE_TO,
	HOLES
} dss_hole;

typedef struct dss_request {
	prl_buffer bytes;    /* head and body */
	size_t holes[HOLES]; /* where each begins; 0: it has none */
	size_t body, key;    /* where the body and, in it, the members of the key begin */
	char head[4096];     /* up to the number of Content-Length, for dss_request_with_key() */
} dss_request;

/* PUT of a new operational intent, Accepted, with an empty key. False where there is no memory. */
bool dss_request_create(dss_request *r, const char *token, bool new_subscription);
/* POST of operational_intent_references/query. */
bool dss_request_query(dss_request *r, const char *token);
void dss_request_done(dss_request *r);

void dss_request_volume(dss_request *r, const dss_volume *volume);
/* A UUID of version 4 from 128 bits. */
void dss_request_id(dss_request *r, uint64_t high, uint64_t low);
prl_bytes dss_request_bytes(const dss_request *r);

/* The same creation with a key: OVNs in quotes with commas between. False where there is no memory. */
bool dss_request_with_key(const dss_request *r, prl_bytes key, prl_buffer *ret);

#endif
