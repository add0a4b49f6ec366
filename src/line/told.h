/* Drone traffic services that are told of the own notices which are shown to them (dss/telling.h): whom the node has
 * still to tell, and whom it could not reach. For the party whose notice it is.
 *
 * GET /parley/v1/line/told: an array, by constraint, of
 *   {"notice", "id", "constraint", "mode", "open": [{"uss", "subscriptions": count, "version", "over", "since"}],
 *    "unreached": [{"uss", "log", "why", "since"}], "until"}
 * "open" is of this node; "unreached" of every node that shows the notice: log is that node's. Constraints of which
 * nothing is open and nobody was missed are left out. */
#ifndef PRL_LINE_TOLD_H
#define PRL_LINE_TOLD_H

#include "line/part.h"

extern const prl_line_part prl_told_part;

#endif
