/* Objects as F3548 writes them (f3548.md, Fields). Each gives a new reference, NULL where out of memory. */
#ifndef PRL_DSS_SHOW_H
#define PRL_DSS_SHOW_H

#include "dss/registry.h"

/* OperationalIntentReference, ConstraintReference: the OVN of another manager's is "Available from USS". */
json_t *prl_show_reference(prl_picture *picture, prl_version version, const prl_entity *entity, const char *viewer);
/* Subscription, with all that F3548 has of it: only its owner gets to see one. */
json_t *prl_show_subscription(const prl_entity *subscription);
/* One to be told, with the index that it gets. */
typedef struct prl_subscriber {
	prl_uuid id;
	const char *url;
	uint32_t index;
} prl_subscriber;
/* SubscriberToNotify of each address; sorts them. */
json_t *prl_show_subscribers(prl_subscriber *subscribers, size_t count);
/* RFC3339 in UTC with a Z, zeros at the end dropped, as Go's RFC3339Nano. */
json_t *prl_show_instant(prl_time time);
/* UssAvailabilityStatusResponse; uss NULL: nothing was said of it. */
json_t *prl_show_availability(const char *name, const prl_uss *uss);

#define PRL_OVN_OF_OTHERS "Available from USS"

#endif
