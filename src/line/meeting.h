/* Meetings, and calls by voice between rungs of the ladder: who asked whom, on which rung, when and where, about what,
 * and what became of it. (STOP, URGENT and DISTRESS are call.h.)
 *
 * kind             signed by       does
 * meeting.asked    key             asks parties ("to"; all others) for one; no member but its kind is required
 * meeting.changed  a side of it    what that side says of it ("says")
 *
 * Each side writes its own part and none decides for another. What follows is a function of what all sides have said,
 * of each the newest in its own log; sides are the party that asked and those asked that have not declined:
 *   asked                some side has not agreed
 *   agreed in principle  all have said so, or have fixed something
 *   declined             all that were asked have declined
 *   fixed                all have fixed the same instant and the same place (not stated counts as a place)
 *   fixed differently    two have fixed something, and not the same: both stand there
 *   held, not held       all that have said how it went say so
 *   told differently     one says held, another says not held
 * Minutes are the own ones of who wrote them until every other side has agreed to exactly these. An action is done when
 * the party that was to do it says so; until then it is open, and after its date overdue.
 *
 * Shown (GET /parley/v1/line/meetings): "state", "sides" [{"party", "says", "fixed", "held"}], "minutes" [{"id",
 * "party", "text", "agreed_by", "agreed"}], "actions" [{"id", "number", "by", "text", "due", "state", "late_s"}], and
 * "silent_s": seconds since a fixed time of which nobody has said whether it was held; null: none. */
#ifndef PRL_LINE_MEETING_H
#define PRL_LINE_MEETING_H

#include "line/part.h"

/* For people and programs; one term a language in docs/words.json. */
#define PRL_MEETING_STATES(X)                                                                                          \
	X(ASKED, "asked")                                                                                              \
	X(AGREED, "agreed in principle")                                                                               \
	X(DECLINED, "declined")                                                                                        \
	X(FIXED, "fixed")                                                                                              \
	X(FIXED_DIFFERENTLY, "fixed differently")                                                                      \
	X(HELD, "held")                                                                                                \
	X(NOT_HELD, "not held")                                                                                        \
	X(TOLD_DIFFERENTLY, "told differently")

#define X(id, text) PRL_MEETING_##id,
typedef enum prl_meeting_state { PRL_MEETING_STATES(X) PRL_MEETING_STATE_COUNT } prl_meeting_state;
#undef X
extern const char *const prl_meeting_states[PRL_MEETING_STATE_COUNT];

extern const prl_line_part prl_meeting_part;

prl_meeting_state prl_meeting_stands(const json_t *meeting);

#endif
