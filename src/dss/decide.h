/* What becomes of an F3548 request: refused with the code and the reason that F3548 has for it, or an entry.
 *
 * The clerk decides, one request after the other, against the working picture: so key checks are linear, and of 1,000
 * writers to one version one wins. What does not hang on the picture (forms, scopes, areas, addresses) is judged
 * before, on the thread that received the request (request.h), which makes ready all that costs time.
 *
 * All that is decided is in the entry or beside it (fold.h): which version, which OVN, whom to tell. Replay decides
 * nothing. */
#ifndef PRL_DSS_DECIDE_H
#define PRL_DSS_DECIDE_H

#include "base/limits.h"
#include "dss/fold.h"
#include "dss/registry.h"

typedef enum prl_dss_act {
	PRL_DSS_PUT_INTENT,
	PRL_DSS_DELETE_INTENT,
	PRL_DSS_PUT_CONSTRAINT,
	PRL_DSS_DELETE_CONSTRAINT,
	PRL_DSS_PUT_SUBSCRIPTION,
	PRL_DSS_DELETE_SUBSCRIPTION,
	PRL_DSS_SET_AVAILABILITY,
	PRL_DSS_REPORT,
} prl_dss_act;

/* A request as read. All that it points to lives as long as it does. */
typedef struct prl_dss_request {
	prl_dss_act act;
	const char *manager; /* the caller: `sub` of the token */
	prl_uuid id;
	const char *stamp; /* OVN or version in the path; NULL: it creates */
	prl_time now;      /* when it was received */

	/* PUT */
	const char *url;        /* uss_base_url */
	prl_extent *extent;     /* subscription: from, to may be open: not stated */
	prl_extent_ready ready; /* of extent */
	prl_bytes extents;      /* JSON text as it is kept */
	bool whole;             /* extents is the whole body, as it came */
	prl_intent_state state;
	bool has_subscription; /* subscription_id */
	prl_uuid subscription;
	bool new_subscription;
	const char *new_url;
	bool new_for_constraints;
	const char **key; /* sorted by strcmp() */
	size_t key_count;
	bool has_suffix; /* requested_ovn_suffix */
	prl_uuid suffix;
	bool for_intents, for_constraints; /* subscription */

	/* PUT, DELETE of a constraint of the node's own: the notice that it shows, and of what kind that is where that
	 * is shown too. Nobody's request: it is not asked whose the constraint is, nor for an OVN. NULL: a request. */
	const prl_hash *notice;
	const char *shows;

	/* SET_AVAILABILITY */
	const char *uss, *old_version;
	prl_uss_state availability;

	/* REPORT */
	prl_bytes report; /* JSON text as it is kept, the report's id in it */

	/* Random; made on the thread that received it. */
	prl_uuid fresh; /* of a subscription that is made, of a report */
	unsigned char nonce[16], fresh_nonce[16], salt[32];
} prl_dss_request;

#define PRL_DSS_TOUCHES 3u /* objects of which one act can change the extent */

/* What was decided. */
typedef struct prl_dss_outcome {
	unsigned status;   /* 0: to be recorded; else the code with which it is refused */
	char why[300];     /* for whoever called */
	prl_buffer answer; /* of a refusal that has more than a message (409 of the key check): further members of the
			      answer, as JSON text with a comma in front of each */
	const char *kind;  /* of the entry */
	json_t *body;      /* of the entry */
	prl_buffer home;   /* what is kept beside it, salt first */
	prl_dss_home made; /* the same, for the fold */
	prl_touch touches[PRL_DSS_TOUCHES];
	size_t touch_count;
	prl_buffer subscribers; /* JSON text, as the answer has them */
	prl_extent *extent;     /* of a subscription, with the times decided */
	prl_buffer before;      /* of a DELETE: what was there, as the answer has it */
} prl_dss_outcome;

/* PRL_OK with *ret; PRL_E_MEMORY. */
PRL_MUST prl_status prl_dss_decide(prl_registry *registry, const prl_dss_request *request, prl_dss_outcome *ret,
				   prl_error *err);
void prl_dss_outcome_done(prl_dss_outcome *outcome);

/* After the entry was applied: the answer's body as JSON text, from the working picture, and its code (200 or 201).
 * PRL_E_MEMORY; PRL_E_TOO_LARGE: a subscription meets more than PRL_DSS_LISTED_AT_ONCE, and nobody else is to wait for
 * such a list. Then its batch ends with this entry, so that the version in which that is published is the state that
 * the entry saw, and prl_dss_answer_later() makes the answer from it, on another thread. */
#define PRL_DSS_LISTED_AT_ONCE 256u
PRL_MUST prl_status prl_dss_answer(prl_registry *registry, const prl_dss_request *request,
				   const prl_dss_outcome *outcome, prl_buffer *ret, unsigned *ret_status,
				   prl_error *err);

/* Into an empty buffer; look has pinned that version. PRL_E_MEMORY. */
PRL_MUST prl_status prl_dss_answer_later(const prl_look *look, const prl_dss_request *request, prl_buffer *ret,
					 prl_error *err);

/* Room for one answer: a query or a subscription in a busy place finds 20,000 objects of 500 bytes. */
#define PRL_DSS_ANSWER_MAX (64u * PRL_MIB)

#endif
