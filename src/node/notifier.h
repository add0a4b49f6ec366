/* Tells drone traffic services of the node's own constraints (F3548-21, notifyConstraintDetailsChanged): each untold of
 * the picture (dss/telling.h) becomes POST {uss_base_url}/uss/v1/constraints with the node's own token, and what came
 * of it the entry constraint.told. Threads of its own; nothing else waits for it.
 *
 * What is sent is the constraint as it is at that moment, with every subscription of that address that is still to be
 * told of it: so an older version never comes after a newer one, one call stands for all changes that wait, and for a
 * constraint that is gone no details are sent. One call at a time for an address and a constraint.
 *
 * At least once: what is not recorded as told or as unreached is sent again after a restart. A service that has no
 * answer, answers with 5xx, 408 or 429, or for which there is no token just now, is tried again after 1 s, 2, 4 … 60 s,
 * and given up when it has not been reached for PRL_NOTIFIER_GIVE_UP_S; any other status but 2xx, and an address that
 * is not called (uss_client.h), is final. An address that is new or has failed gets one call at a time, those of one manager
 * together one, and all such together at most half of the threads: dead ones do not hold up the others.
 */
#ifndef PRL_NODE_NOTIFIER_H
#define PRL_NODE_NOTIFIER_H

#include "dss/telling.h"
#include "node/clerk.h"
#include "node/own_token.h"
#include "node/uss_client.h"

#define PRL_NOTIFIER_GIVE_UP_S 600
#define PRL_NOTIFIER_THREADS   8u
#define PRL_NOTIFIER_PAUSE_S   60 /* between two attempts, at most */

typedef struct prl_notifier prl_notifier;

typedef struct prl_notifier_parts {
	prl_picture *picture;
	prl_clerk *clerk;
	prl_own_tokens *tokens;
	prl_uss_client *client;
	/* Appends the F3548 Constraint (reference with its OVN, details) of an own constraint of a pinned version. */
	prl_status (*constraint)(void *context, prl_version version, const prl_entity *constraint, prl_buffer *to,
				 prl_error *err);
	bool (*open)(void *context);     /* whether the node takes entries by now; NULL: it does */
	prl_time (*boot)(void *context); /* since boot (clock.h): pauses and giving up go by it */
	void (*say)(void *context,
		    const char *line); /* an address that fails, and when it is well again; may be NULL */
	void *context;
} prl_notifier_parts;

/* All of parts outlives it. PRL_E_MEMORY. */
PRL_MUST prl_status prl_notifier_start(const prl_notifier_parts *parts, prl_notifier **ret, prl_error *err);
/* Something was published. Any thread; costs a look at a flag. */
void prl_notifier_grown(prl_notifier *notifier);
/* Before the clerk ends; calls under way are broken off: client and tokens take no more after it. NULL is fine. */
void prl_notifier_end(prl_notifier *notifier);
void prl_notifier_free(prl_notifier *notifier); /* after the end; NULL is fine */

/* Figures for /metrics; any thread, until it is freed. */
typedef struct prl_notifier_figures {
	uint64_t calls, failed, told, unreached; /* calls; subscriptions */
	uint64_t waiting;                        /* subscriptions that are to be told now */
} prl_notifier_figures;
prl_notifier_figures prl_notifier_read_figures(prl_notifier *notifier);

#endif
