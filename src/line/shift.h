/* Shifts: who is on watch now, at which desk, in which role, with which languages, since when. Roles, never names: a
 * name stays in a content of the own party.
 *
 * kind               signed by        does
 * shift.begun        key of a desk    on watch from now on; one shift a key at a time
 * shift.ended        own party        no longer; by a colleague where somebody has left without a word
 * shift.handed_over  two              who leaves, then who comes: both have seen the list of open items, by its hash.
 *                                     Who comes is on watch from then on, in the same role, if not already
 *
 * All of a party's shifts stand in one log, so that their order is that log's: of two hand-overs the first counts, the
 * second is refused with PRL_E_STALE. A shift is in the mode of its entry and ends in the same; who is on watch in any
 * mode is a person who can take a STOP, and counts as present in the alarms. */
#ifndef PRL_LINE_SHIFT_H
#define PRL_LINE_SHIFT_H

#include "line/part.h"

/* Rungs of the ladder, lowest first: roles of shifts, rungs of channels. NULL last. */
#define PRL_RUNGS 7
extern const char *const prl_rungs[PRL_RUNGS + 1];

/* Calls fn for each shift of a party that is on now (NULL: of all parties), by key; false stops. */
PRL_MUST prl_status prl_shift_each_on(prl_picture *picture, prl_version version, const char *party,
				      bool (*fn)(void *context, const json_t *shift), void *context, prl_error *err);

/* GET /parley/v1/line/shifts?party=&all=1 ; items are shifts on watch now, with all also those that ended. */
extern const prl_line_part prl_shift_part;

#endif
