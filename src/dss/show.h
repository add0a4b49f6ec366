/* Objects as F3548 writes them (f3548.md, Fields): appended as JSON text. Each is false where memory or room is short.
 *
 * Text and not values of the JSON library: of a create's 130 µs of processor time 12 % went into making, writing and
 * freeing those of its answer (perf, 16 connections); this takes a tenth of that. What is read is the library's. */
#ifndef PRL_DSS_SHOW_H
#define PRL_DSS_SHOW_H

#include "dss/registry.h"

/* A JSON string of UTF-8 text. */
bool prl_show_text(const char *text, prl_buffer *to);
/* OperationalIntentReference, ConstraintReference: the OVN of another manager's is "Available from USS". */
bool prl_show_reference(prl_picture *picture, prl_version version, const prl_entity *entity, const char *viewer,
			prl_buffer *to);
/* Subscription, with all that F3548 has of it: only its owner gets to see one. */
bool prl_show_subscription(const prl_entity *subscription, prl_buffer *to);
/* An array of any of these. */
bool prl_show_list(prl_picture *picture, prl_version version, const prl_entity *const *entities, size_t count,
		   const char *viewer, prl_buffer *to);
/* One to be told, with the index that it gets. */
typedef struct prl_subscriber {
	prl_uuid id;
	const char *url;
	uint32_t index;
} prl_subscriber;
/* An array: SubscriberToNotify of each address; sorts them. */
bool prl_show_subscribers(prl_subscriber *subscribers, size_t count, prl_buffer *to);
/* UssAvailabilityStatusResponse; uss NULL: nothing was said of it. */
bool prl_show_availability(const char *name, const prl_uss *uss, prl_buffer *to);

#define PRL_OVN_OF_OTHERS "Available from USS"

#endif
