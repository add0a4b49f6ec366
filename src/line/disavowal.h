/* Disavowals (D2): "forces in these areas during this time are not ours", signed and timed; what others say to it, and
 * what its own side says later. parley lines them up and says nothing of which is right.
 *
 * kind                signed by   does
 * disavowal.made      key         says so, with areas as a notice has them and a time
 * disavowal.disputed  key         another party: disputed; the own party: its later words are otherwise
 *
 * Shown (GET /parley/v1/line/disavowals): "in_force" (now is within its time), "states", those that apply, and beside
 * "said" nothing is left out: the disavowal and each dispute stay. */
#ifndef PRL_LINE_DISAVOWAL_H
#define PRL_LINE_DISAVOWAL_H

#include "line/part.h"

/* What has been said of it; both may be there. One term a language in docs/words.json. */
#define PRL_DISAVOWAL_STATES(X)                                                                                        \
	X(DISPUTED, "disputed")                /* by another party */                                                  \
	X(OWN_WORDS, "own later words differ") /* by the party that made it, or citing it */

#define X(id, text) PRL_DISAVOWAL_##id,
typedef enum prl_disavowal_state { PRL_DISAVOWAL_STATES(X) PRL_DISAVOWAL_STATE_COUNT } prl_disavowal_state;
#undef X
extern const char *const prl_disavowal_states[PRL_DISAVOWAL_STATE_COUNT];

extern const prl_line_part prl_disavowal_part;

#endif
