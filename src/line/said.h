/* Sayings: what parties say about a thing (thing.h) after it began: an answer to a query, a dispute of a disavowal, a
 * date for a meeting.
 *
 * A thing never changes what its author began it with. What is said of it stands in its member "said", an array of
 * objects as prl_thing_new() makes them, with the members of the act's body, sorted by log and index: so it is a
 * function of the set of entries, and one party's sayings stand in the order in which it said them. A party writes only
 * its own; what follows from all of them together (a meeting that is fixed) is found when it is read, never kept. */
#ifndef PRL_LINE_SAID_H
#define PRL_LINE_SAID_H

#include "line/thing.h"

/* By one party about one thing: bounds how large a thing can grow, so that 32 parties together stay below what a
 * snapshot takes of one value (PRL_PACK_JSON_MAX). Counted in the party's own log, so that all judge alike; bytes are
 * those of the bodies. */
#define PRL_SAID_BYTES_MAX (96u * 1024u)
#define PRL_SAID_MAX       200

/* ---- in the fold ------------------------------------------------------------------------------------------------- */

/* Begins a thing of this noun with all members of the act's body. `member` NULL: as it is; else that member becomes
 * the parties it names, sorted, without the author (prl_act_parties()): PRL_E_REFUSED where nobody is left. more: an
 * object of further members, taken over; NULL: none. */
PRL_MUST prl_status prl_said_begin(prl_picture *picture, const prl_act *act, const char *noun, const char *member,
				   json_t *more, prl_error *err);

/* Who may say it. */
typedef enum prl_said_by {
	PRL_SAID_BY_ANY,
	PRL_SAID_BY_AUTHOR, /* the party that began it */
	PRL_SAID_BY_OTHERS, /* any other */
	PRL_SAID_BY_MEANT,  /* those that its member "to" names */
} prl_said_by;

/* The act's body names a thing by its id under `member`: adds what is said to it. The act must have the thing's mode;
 * "against" in the body, where it is there, must be the id of the thing or of something said of it that the act's log
 * had seen. PRL_E_NOT_FOUND, PRL_E_REFUSED, PRL_E_TOO_LARGE. */
PRL_MUST prl_status prl_said_add(prl_picture *picture, const prl_act *act, const char *noun, const char *member,
				 prl_said_by by, prl_error *err);

/* ---- read -------------------------------------------------------------------------------------------------------- */

/* What is said in member "says"; "" where it has none. */
const char *prl_said_says(const json_t *saying);
/* The newest of a party's sayings whose "says" is one of these words (NULL last; words NULL: any); NULL: none. */
const json_t *prl_said_last(const json_t *thing, const char *party, const char *const *words);

bool prl_said_is(const json_t *thing, const char *member, const char *text);
const char *prl_said_text(const json_t *thing, const char *member); /* "" where it is not there */
/* The instant under that name; `otherwise` where there is none. */
prl_time prl_said_time(const json_t *thing, const char *member, prl_time otherwise);
/* Whole seconds from one instant to another, downwards. */
int64_t prl_said_seconds(prl_time from, prl_time to);

/* ---- shown ------------------------------------------------------------------------------------------------------- */

/* Adds what is found out when it is read to a copy of the thing, which has age_s already. False out of memory. */
typedef bool prl_said_fill(const prl_show *show, const json_t *thing, json_t *to);
/* All things of a noun that show->party may see: its own, those whose member "to" names it, those without "to". By
 * time, then id. Takes the arguments id, party and mode. */
PRL_MUST prl_status prl_said_show(const prl_show *show, const char *noun, prl_said_fill *fill, json_t **ret,
				  prl_error *err);
extern const char *const prl_said_queries[]; /* "id", "party", "mode" */

#endif
