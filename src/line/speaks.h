/* Who answers for whom (D1): "party P answers for forces F, from when to when, under which instrument".
 *
 * kind               signed by  does
 * speaks_for.stated  key        without "statement": states it; of another party ("of") it is a claim
 *                               with "statement": another party attests or disputes it; its author ends it
 *
 * Shown (GET /parley/v1/line/speaks): "speaker" (the party that answers), "state", "until" (the earlier of to_time and
 * what its author ended it at), "in_force", "attested" and "disputed" (parties that said so last). */
#ifndef PRL_LINE_SPEAKS_H
#define PRL_LINE_SPEAKS_H

#include "line/part.h"

#define PRL_SPEAKS_STATES(X)                                                                                           \
	X(STATED, "stated")   /* by the party that answers for them */                                                 \
	X(CLAIMED, "claimed") /* by another, and the one that is to answer has not attested it */                      \
	X(ATTESTED, "attested")                                                                                        \
	X(DISPUTED, "disputed") /* by anybody, whoever else attests it */

#define X(id, text) PRL_SPEAKS_##id,
typedef enum prl_speaks_state { PRL_SPEAKS_STATES(X) PRL_SPEAKS_STATE_COUNT } prl_speaks_state;
#undef X
extern const char *const prl_speaks_states[PRL_SPEAKS_STATE_COUNT];

extern const prl_line_part prl_speaks_part;

#endif
