/**
 * @file uss.h
 * F3548 requests made by a test, and what ought to become of them: by looking at all that there is, without an index.
 */
#ifndef TESTS_SUPPORT_USS_H
#define TESTS_SUPPORT_USS_H

#include "dss/decide.h"
#include "support/random.h"
#include "support/test_node.h"

/** A request with all that it points to. */
typedef struct uss_request {
	prl_dss_request request;
	char manager[32], url[64], stamp[PRL_STAMP_TEXT_MAX], extents[600];
	char *keys[256];
} uss_request;

/** One circle round (lat, lng) for a while; altitudes and times as given, seconds from `base`. */
typedef struct uss_place {
	double lat, lng, radius_m, lower_m, upper_m;
	prl_time from, to;
} uss_place;

/** A new request; free it with uss_request_free(). */
uss_request *uss_request_new(prl_dss_act act, const char *manager, const prl_uuid *id, const uss_place *place);
void uss_request_free(uss_request *request);
/** Names the version that there is, as its manager knows it. */
void uss_request_current(uss_request *request, prl_picture *picture);
/** Puts the OVN of every intent into the key. */
void uss_request_key_all(uss_request *request, prl_picture *picture);

/** Through the clerk; the answer's code. *ret_answer (may be NULL) is to be dropped. */
unsigned uss_submit(test_node *node, uss_request *request, json_t **ret_answer);

/** Of all objects of the picture's newest version: equal iff they are, to the byte. */
prl_hash uss_digest(prl_picture *picture);
/** Objects of a kind that meet a place, one by one; the ids are to be freed. */
prl_uuid *uss_meeting(prl_picture *picture, prl_version version, prl_entity_kind kind, const prl_extent *extent,
		      bool altitudes, prl_time now, size_t *ret_count);

#endif
