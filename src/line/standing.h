/* Standing bodies: a commission, a task force, a centre; who was invited, joined, declined, left, and was absent.
 *
 * kind         signed by  does
 * body.stated  key        without "body": a body begins, with the parties invited ("to"; all others)
 *                         with "body": what a party says of it; who is invited later only its beginner says
 *
 * How a party stands follows from its own newest word (joined, declined, left), else it is "invited". Who was absent or
 * present at a meeting anybody may write down, each in its own part: it is shown with who says so, never added up. One
 * may join without having been invited: then "invited" is false.
 *
 * Shown (GET /parley/v1/line/bodies): "members" [{"party", "state", "since", "invited"}], "absences" [{"party", "says",
 * "by", "time", "meeting"}]. */
#ifndef PRL_LINE_STANDING_H
#define PRL_LINE_STANDING_H

#include "line/part.h"

#define PRL_MEMBER_STATES(X)                                                                                           \
	X(INVITED, "invited")                                                                                          \
	X(JOINED, "joined")                                                                                            \
	X(DECLINED, "declined")                                                                                        \
	X(LEFT, "left")

#define X(id, text) PRL_MEMBER_##id,
typedef enum prl_member_state { PRL_MEMBER_STATES(X) PRL_MEMBER_STATE_COUNT } prl_member_state;
#undef X
extern const char *const prl_member_states[PRL_MEMBER_STATE_COUNT];

extern const prl_line_part prl_standing_part;

#endif
