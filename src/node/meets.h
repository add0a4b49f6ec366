/* Which drone flights notices meet, inside the clerk: after an intent was put or is gone, and after a notice changed,
 * what met.h says follows in the same batch. The clerk's thread only. Nothing is recorded.
 *
 * The rule: the engine's pair test of the notice's plan and the intent's extent (footprints, envelope of altitude above
 * the ellipsoid, envelope of time), at the separation in force between a flight and the notice's kind, as overlaps
 * have it; what cannot be told because of datums meets. No clock is asked: what has run out is left out by who looks.
 *
 * Bounded with each filing: an intent is held against PRL_MEETS_AT_ONCE notices, a notice against
 * PRL_MEETS_LOOKED_AT intents; the rest follows in quiet moments:
 *   - A change of an intent that touches more notices waits as one that is done up to a place in the board's order.
 *     Changes have numbers, and a row has the number of the change up to which it is counted: so a change counts in a
 *     row once, whatever order things are done in.
 *   - A notice that more intents lie near is counted by a walk over all intents by slots, one notice at a time. What is
 *     put meanwhile is passed by and counts as the change that it is; what is gone before the walk came to it was never
 *     counted, and its change is told so.
 *   - Where more waits than PRL_MEETS_WAITING_MAX, after a start without a snapshot of all there is, after a write that
 *     failed while something waited, and when the constitution changed, all notices are compared anew, one by one;
 * until then they say what they said. */
#ifndef PRL_NODE_MEETS_H
#define PRL_NODE_MEETS_H

#include "node/clerk.h"

typedef struct prl_meets prl_meets;

#define PRL_MEETS_AT_ONCE     64u
#define PRL_MEETS_LOOKED_AT   512u
#define PRL_MEETS_WAITING_MAX 4096u

PRL_MUST prl_status prl_meets_new(prl_clerk *clerk, prl_meets **ret, prl_error *err);
void prl_meets_free(prl_meets *meets);

/* A notice was filed, changed, is over, or its content arrived. */
PRL_MUST prl_status prl_meets_touch(prl_clerk *clerk, const prl_hash *notice, prl_error *err);

/* Round prl_registry_after(): what that does to an intent. Of other kinds nothing happens. */
typedef struct prl_meets_change {
	prl_uuid id;
	prl_shape *gone; /* held; NULL: none */
	uint32_t slot;   /* of that */
	bool comes;      /* there may be a new one */
} prl_meets_change;
prl_meets_change prl_meets_before(prl_clerk *clerk, const prl_touch *touch);
PRL_MUST prl_status prl_meets_after(prl_clerk *clerk, prl_meets_change *change, prl_error *err);

/* Compares what was touched. PRL_E_MEMORY: the batch must be broken; what cannot be compared otherwise meets. */
PRL_MUST prl_status prl_meets_settle(prl_clerk *clerk, prl_error *err);
/* In a quiet moment: a slice of what waits. Sets `behind` while there is more. */
PRL_MUST prl_status prl_meets_go_on(prl_clerk *clerk, prl_error *err);
void prl_meets_look_again(prl_clerk *clerk);  /* at all of it, in quiet moments */
void prl_meets_rolled_back(prl_clerk *clerk); /* the picture is what the disk has */

#endif
