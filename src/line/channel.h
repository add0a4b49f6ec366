/* The channel, declared and observed, two things apart, each per rung of the ladder (shift.h).
 *
 * kind              signed by  does
 * channel.declared  key        the party's own end is open or limited, on some rungs or all, from an instant
 * channel.closed    two        suspended or ended
 *
 * A declaration is its party's own, about its own end; all of a party's stand in one log, so that the newest there
 * counts, and until its `from` the one before it. It changes nothing that passes: entries go on to be exchanged, and
 * STOP, URGENT and DISTRESS pass in any state (C3). A rung about which nothing was declared is "not declared".
 *
 * A declaration may state the telephone number of its rungs: as everything in it, until the next one.
 *
 * Open (or limited) after suspended or ended is a resumption: it is kept with when the channel was closed, and for each
 * other log how much of it this party's node had seen then and has seen now: what was missed (C4).
 *
 * Observed is computed when read, from what passes: tests answered, acts signed, as far as this node has seen them
 * (C2). It is what the party does, not what its machine does: "open" where a person of it acted on that rung, or
 * answered a test, within the agreed period; "degraded" within twice that; "silent" after that; "nothing seen" before
 * the first. */
#ifndef PRL_LINE_CHANNEL_H
#define PRL_LINE_CHANNEL_H

#include "line/part.h"

/* What a party declared of a rung, in force at an instant; NULL: nothing. */
const json_t *prl_channel_declared(prl_picture *picture, prl_version version, const char *party, const char *rung,
				   prl_time now);

/* GET /parley/v1/line/channels?party= ; one item a party, with its rungs. */
extern const prl_line_part prl_channel_part;

#endif
