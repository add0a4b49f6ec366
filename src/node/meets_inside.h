/* The inside of meets: meets.c (what is compared at once), meets_left.c (what waits for quiet moments). */
#ifndef PRL_NODE_MEETS_INSIDE_H
#define PRL_NODE_MEETS_INSIDE_H

#include "line/met.h"
#include "node/meets.h"
#include "node/overlaps_inside.h"

/* An intent that came or is gone, and how far notices have been told. */
typedef struct prl_meets_delta {
	prl_shape *shape; /* held */
	prl_met_flight flight;
	prl_time filed;
	uint64_t number;
	bool gone;
	bool begun; /* the notices up to `after` are done */
	prl_board_place after;
	bool has_unseen;
	prl_hash unseen; /* the walk for this notice never came to it */
} prl_meets_delta;

/* The walk over all intents for one notice. */
typedef struct prl_meets_walk {
	bool active;
	uint32_t at, end;
	unsigned char *born; /* by slot: what lies there came after the walk began */
	prl_met *met;        /* being counted */
} prl_meets_walk;

struct prl_meets {
	uint32_t at_once, looked_at, slots; /* PRL_MEETS_AT_ONCE, PRL_MEETS_LOOKED_AT; of one slice of a walk */
	uint64_t number;                    /* of the newest change */
	prl_met *room;                      /* scratch */
	PRL_LIST(prl_hash) touched;
	PRL_LIST(prl_hash) anew; /* thin ones: compared again in a quiet moment */
	PRL_LIST(prl_hash) left; /* notices that need a walk; the first is walked for */
	PRL_LIST(prl_meets_delta) queue;
	size_t queue_done; /* of the queue's front */
	prl_meets_walk walk;
	bool all, again; /* all notices are compared anew; and once more after that */
	uint32_t all_at;
	bool kept_empty; /* there are rows that say nothing, kept for what waits */
	bool changed;    /* a row was put or taken out */
	prl_hash constitution;
	bool has_constitution;
};

#define PRL_MEETS_SLOTS 1024u

/* Whether drone flights are compared with it: live, REAL, of a party at home here, on the board. */
bool prl_meets_wanted(prl_clerk *clerk, const prl_hash *notice, prl_board_item *ret);
PRL_MUST prl_status prl_meets_test(prl_clerk *clerk, const prl_plan *notice, uint8_t kind, const prl_plan *flight,
				   bool *ret, prl_error *err);
/* Adds the intent where it meets. */
PRL_MUST prl_status prl_meets_test_flight(prl_clerk *clerk, const prl_plan *plan, const prl_entity *intent, prl_met *to,
					  prl_error *err);
PRL_MUST prl_status prl_meets_put(prl_clerk *clerk, const prl_met *met, prl_error *err);
PRL_MUST prl_status prl_meets_compare(prl_clerk *clerk, const prl_hash *notice, size_t *ret_tests, prl_error *err);
/* Tells up to `most` notices of a change. */
PRL_MUST prl_status prl_meets_tell(prl_clerk *clerk, prl_meets_delta *delta, size_t most, bool *ret_done,
				   prl_error *err);
/* meets_left.c */
PRL_MUST prl_status prl_meets_wait(prl_clerk *clerk, const prl_meets_delta *delta, prl_error *err);
void prl_meets_drop_left(prl_meets *meets, const prl_hash *notice);
void prl_meets_forget(prl_meets *meets); /* all that waits */
bool prl_meets_has_left(const prl_meets *meets);
bool prl_meets_add_hash(prl_hash **items, size_t *count, size_t *room, const prl_hash *hash);

#endif
