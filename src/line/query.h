/* Queries: a question to parties, mostly about a movement that somebody observed, and their answers.
 *
 * kind            signed by            does
 * query.asked     key, or a program    asks parties ("to"; all others)
 * query.answered  a party asked        answers, or declines to
 *
 * Due after timers.query_s of the constitution in force in the asking log (urgent: timers.urgent_query_s). The first
 * thing that an asked party says ends its waiting; it may add to it later. Until then it is *no answer*, with its age:
 * silence is a state. Counting who was in time goes by the times of the entries, each by its author's clock.
 *
 * Shown (GET /parley/v1/line/queries): what was asked, "due", and "answers", one a party asked:
 *   {"party", "state": "answered" | "declined" | "no answer", "age_s", "late_s", "saying"}
 * age_s: from asking to the first answer, or to now; late_s: of that, beyond due (0: none). "state" of the query is
 * "answered" when nobody is waited for, "declined" where all declined, else "no answer"; "overdue": one is late and
 * still waited for. */
#ifndef PRL_LINE_QUERY_H
#define PRL_LINE_QUERY_H

#include "line/part.h"

#define PRL_DEFAULT_QUERY_S        172800 /* 48 h */
#define PRL_DEFAULT_URGENT_QUERY_S 7200   /* 2 h */

/* States for people and programs; one term a language in docs/words.json. */
#define PRL_QUERY_STATES(X)                                                                                            \
	X(ANSWERED, "answered")                                                                                        \
	X(DECLINED, "declined")                                                                                        \
	X(NO_ANSWER, "no answer")

#define X(id, text) PRL_QUERY_##id,
typedef enum prl_query_state { PRL_QUERY_STATES(X) PRL_QUERY_STATE_COUNT } prl_query_state;
#undef X
extern const char *const prl_query_states[PRL_QUERY_STATE_COUNT];

extern const prl_line_part prl_query_part;

/* How one asked party stands. first: the saying that ended its waiting; NULL: none yet, then age_s is until now. */
prl_query_state prl_query_stands(const json_t *query, const char *party, prl_time now, int64_t *ret_age_s,
				 const json_t **ret_first);

#endif
