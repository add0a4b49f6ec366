/* Drone traffic services that are told of the own notices which are shown to them (dss/telling.h): whom the node has
 * still to tell, and whom it could not reach. For the party whose notice it is.
 *
 * GET /parley/v1/line/told: an array, by constraint, of
 *   {"notice", "id", "constraint", "mode", "open": [{"uss", "subscriptions": count, "version", "over", "since"}],
 *    "unreached": [{"uss", "why", "since"}], "until"}
 * with those of whom nothing is open and none was missed left out. */
#ifndef PRL_LINE_TOLD_H
#define PRL_LINE_TOLD_H

#include "line/part.h"

extern const prl_line_part prl_told_part;

#endif
