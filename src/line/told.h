/* Drone traffic services that are told of the own notices which are shown to them: whom the node has still to tell
 * (dss/telling.h), whom it told, so that they have the details, and whom it could not reach (dss/reach.h). For the
 * party whose notice it is.
 *
 * GET /parley/v1/line/told: an array, by constraint, of
 *   {"notice", "id", "constraint", "mode", "open": [{"uss", "subscriptions": count, "version", "over", "since"}],
 *    "told": [{"uss", "log", "version", "since"}], "unreached": [{"uss", "log", "version", "why", "since"}], "until"}
 * "open" is of this node; the others of every node that shows the notice, log is that node's: each service once, by the
 * last that is known of it. Constraints that are over are left out, but where a service was not told that they are. */
#ifndef PRL_LINE_TOLD_H
#define PRL_LINE_TOLD_H

#include "line/part.h"

extern const prl_line_part prl_told_part;

#endif
