/* Shared by the files that decide: decide.c, decide_intent.c, decide_constraint.c, decide_subscription.c. */
#ifndef PRL_DSS_DECIDE_INSIDE_H
#define PRL_DSS_DECIDE_INSIDE_H

#include "dss/decide.h"
#include "dss/show.h"

/* A decision being made. Functions return PRL_OK with outcome->status 0 to go on, or with the code of the refusal;
 * anything else than PRL_OK is the machine's failure. */
typedef struct prl_deciding {
	prl_look look; /* the working version */
	const prl_dss_request *request;
	prl_dss_outcome *outcome;
	prl_error *err;
} prl_deciding;

prl_status prl_dss_refuse(prl_deciding *d, unsigned status, const char *format, ...) PRL_PRINTF(3, 4);
const prl_entity *prl_dss_entity(const prl_deciding *d, prl_entity_kind kind, const prl_uuid *id);
bool prl_dss_owns(const prl_deciding *d, const prl_entity *entity);
/* Whether the request names the version that the entity has; without one, that it is to be made. Its manager, who is
 * asked for first, is believed where the nonce is not here any more (PRL_ENTITY_HERE): it alone knows what it was
 * given. */
bool prl_dss_current(const prl_deciding *d, const prl_entity *entity);
/* The caller was declared Down: 403 (f3548.md, 6). */
bool prl_dss_is_down(const prl_deciding *d);
void prl_dss_touch(prl_deciding *d, prl_entity_kind kind, const prl_uuid *id);

/* Subscriptions with that flag that meet old and new extents (old NULL: none), each with its index one up, into
 * outcome->made.told and, as the answer has them, outcome->subscribers; also (id, url) as one that is only being made,
 * NULL: none. */
typedef struct prl_telling {
	uint8_t flag;
	const prl_extent *old, *new;
	const prl_uuid *fresh;
	const char *fresh_url;
} prl_telling;
prl_status prl_dss_tell(prl_deciding *d, const prl_telling *telling);

/* Body, and what is kept beside it. `body` is taken over (NULL: no memory). */
prl_status prl_dss_record(prl_deciding *d, const char *kind, json_t *body);
/* Members that intents and constraints have alike: id, manager, version, address, envelope. NULL: no memory. */
json_t *prl_dss_body(const prl_deciding *d, uint32_t version);
/* id and manager. */
json_t *prl_dss_short_body(const prl_deciding *d);

prl_status prl_decide_put_intent(prl_deciding *d);
prl_status prl_decide_delete_intent(prl_deciding *d);
prl_status prl_decide_put_constraint(prl_deciding *d);
prl_status prl_decide_delete_constraint(prl_deciding *d);
prl_status prl_decide_put_subscription(prl_deciding *d);
prl_status prl_decide_delete_subscription(prl_deciding *d);

/* The answer to a PUT of a subscription: with the references that it is to know of. most: prl_search. */
PRL_MUST prl_status prl_decide_subscription_answer(const prl_look *look, const prl_dss_request *request, size_t most,
						   prl_buffer *to, prl_error *err);

#endif
