/* Plans made ready for the exact test, as many as there is room for: what was asked for last stays longest. A plan is
 * found by the hash of the entry (or content) that it was made of, so it is never out of date.
 *
 * Any thread. What is taken stays good until it is given back, whatever is thrown out meanwhile. Pinned plans are not
 * thrown out: those of notices whose entries are not on the disk yet, so that they can be made again only from there.
 */
#ifndef PRL_LINE_PLANS_H
#define PRL_LINE_PLANS_H

#include <parley/geo.h>
#include <parley/record.h>

typedef struct prl_plans prl_plans;
typedef struct prl_held prl_held; /* a plan that was taken */

/* most: bytes of plans that are kept, about. */
PRL_MUST prl_status prl_plans_new(size_t most, prl_plans **ret, prl_error *err);
void prl_plans_free(prl_plans *plans); /* everything must have been given back */

/* Takes the plan over, also on failure; where one of that hash is there already, that one is returned. pin: it is
 * pinned once more. */
PRL_MUST prl_status prl_plans_put(prl_plans *plans, const prl_hash *hash, prl_plan *plan, bool pin, prl_held **ret,
				  prl_error *err);
prl_held *prl_plans_take(prl_plans *plans, const prl_hash *hash); /* NULL: not here */
const prl_plan *prl_held_plan(const prl_held *held);
void prl_plans_give(prl_plans *plans, prl_held *held); /* NULL is fine */
void prl_plans_unpin(prl_plans *plans, const prl_hash *hash);

size_t prl_plans_bytes(prl_plans *plans);

#endif
