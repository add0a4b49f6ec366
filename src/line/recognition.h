/* Recognition: whom a party recognises as desk or post of another party, from when, how many of how many (a host and
 * the liaison teams at its command posts).
 *
 * kind                signed by  does
 * recognition.stated  key        recognised, or withdrawn, from an instant
 *
 * It is the stating party's own object: one a party, other party and desk or post; the newest of its log counts, and
 * until its `from` the one before it. It changes only what the stating party's node offers. What the other signs stays
 * valid, and STOP passes. Nobody states it of itself. */
#ifndef PRL_LINE_RECOGNITION_H
#define PRL_LINE_RECOGNITION_H

#include "line/part.h"

/* What party `by` says of a desk of another, in force at an instant: true where it is withdrawn. */
bool prl_recognition_is_withdrawn(prl_picture *picture, prl_version version, const char *by, const char *party,
				  const char *desk, prl_time now);

/* GET /parley/v1/line/recognitions?by=&party= */
extern const prl_line_part prl_recognition_part;

#endif
