/* What drone traffic services are shown of notices, and who of them read it: for the parties whose notices they are.
 *
 * kind                 recorded for  says
 * constraint.read      the USS       it was given the details of the constraint that shows a notice
 * constraint.unshown   the node      a notice that is to be shown cannot be, and why; without "why": it is again
 *
 * Recorded by a node that serves a region (src/node/bridge.h), of whichever party's notice; so the owner of the notice
 * reads it at its own node too. Of reads the fold keeps for each notice, node and USS the first, the last and how many:
 * each stands in the log. What a log says of a notice hangs on that log alone, so that the order in which entries of
 * several logs come does not matter; nothing is asked of the notice itself. */
#ifndef PRL_LINE_SHOWN_H
#define PRL_LINE_SHOWN_H

#include "line/part.h"

#define PRL_SHOWN_READERS_MAX 200u /* USSs of one notice and node that are named; the others are counted as one, "" */

/* GET /parley/v1/line/shown?notice=&count= */
extern const prl_line_part prl_shown_part;

/* What that log has said last of why the notice is not shown; NULL: nothing. */
const char *prl_shown_why_not(prl_picture *picture, prl_version version, const prl_hash *notice, const char *log);

#endif
