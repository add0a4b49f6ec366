/* Calls: STOP (cease or hold now: your act endangers lives), URGENT (a person to the line now), DISTRESS (our people
 * need help), and what becomes of them.
 *
 * kind            signed by             does
 * call.raised     key, or a program     a call; no member is required, what is missing reads "not stated"
 * call.taken      key                   a person at the other side has it
 * call.passed     key                   passed | not ours | cannot reach units
 * call.reported   key                   ceased | continuing
 * call.withdrawn  the raiser's party    "we withdraw STOP 41", and says nothing about resuming
 * call.rung       recorded by a node    a call rang there UNVERIFIED; nobody's act, and of it no call in the record
 *
 * The ringing itself is local and lives in memory (node/bell.h): it comes before the record. So an answer may stand in
 * the record before the call that it answers, while the disk of the raiser's node is full, and none of these kinds is
 * refused for what it names. State is a function of the set: answers are kept sorted by (time, hash) under the id of
 * the call (hash of its entry), known or not, and what they mean is worked out when they are read:
 *   taken     of each party the act with the least (time, hash); further takers are named beside it
 *   passed, reported   of each party the newest by (time, hash)
 *   withdrawn          by the raiser's party only
 * Acts of the raiser's own party other than withdrawing do not answer it, and withdrawing by anybody else is nothing.
 *
 * Beside the chain. These kinds count also where serial and previous are not the next of their key (picture.h): two
 * calls that one key signs at two screens, or while the disk is full, have the same previous, and neither waits for the
 * other or is anybody else's for it. A call stands once in its log: the same bytes again are refused, so that nobody
 * who keeps a log can make two calls of one. An answer that stands twice changes nothing, being of the same time and
 * hash; a node does not write it twice.
 *
 * Repeats. A call by the same key of the same class, mode, place, object and parties within PRL_CALL_REPEAT_S of the
 * call before is that call once more: it counts, and its id leads to the first one. Not after the call was withdrawn,
 * or after its log had seen that it has ceased or is not theirs: then it is a new one. All calls of a key stand in one
 * log, so that every node counts alike.
 *
 * People name a call by party, class and number, "us STOP 41"; numbers go on through all classes of a party. */
#ifndef PRL_LINE_CALL_H
#define PRL_LINE_CALL_H

#include "line/part.h"

#define PRL_CALL_REPEAT_S     60  /* seconds between two calls that are one */
#define PRL_CALL_PASS_S       60  /* from taken until it is passed on, or rings again */
#define PRL_CALL_REPORT_S     600 /* from passed on, or continuing, until somebody says again how it stands */
#define PRL_CALL_ANSWERS      16 /* acts of each kind kept of a party: the first ones of "taken", the newest of others */
#define PRL_CALL_LATE_S       5  /* not at their node by then: NOT DELIVERED – PHONE */
#define PRL_CALL_WORDS_MAX    2000
#define PRL_CALL_PARTIES_MAX  64
#define PRL_CALL_OPEN_A_PARTY 1024                    /* open calls that one party has raised */
#define PRL_CALL_RUNG_A_LOG   256                     /* call.rung of one node, the newest */
#define PRL_CALL_NAME_MAX     (PRL_KEY_NAME_MAX + 40) /* "us STOP 41" */

extern const prl_line_part prl_call_part;

/* The call of this id; of a repeat, the one that it repeats. NULL where nothing is known. May be one of which only
 * answers are known yet: without "log". */
const json_t *prl_call_find(prl_picture *picture, prl_version version, const prl_hash *id);
/* Whether the record has this very entry, a call or an answer, and where; body: the entry's. Not of an answer that many
 * newer ones of its party have pushed out (PRL_CALL_ANSWERS). */
bool prl_call_is_recorded(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			  uint64_t *ret_index);
/* How many calls a party has raised, and the n-th, counted from 1. */
uint64_t prl_call_count(prl_picture *picture, prl_version version, const char *party);
const json_t *prl_call_numbered(prl_picture *picture, prl_version version, const char *party, uint64_t number);

/* The recorded calls of which something is still waited for, in byte order of ids; false stops. What was over once is
 * not among them until an answer opens it again, so that the cost hangs on these and not on all that ever were.
 *
 * A call that was passed on, and whose end nobody reports, is waited for without an end: it stays among these, with its
 * age, and after PRL_CALL_REPORT_S is an alarm of class 3 at both sides (docs/alarms.md), which a desk may shelve with
 * a reason and an end. What takes it away is a report, or its raiser's withdrawal, never time: that nobody has said
 * that the fire has ceased is what people must see.
 *
 * Of one party PRL_CALL_OPEN_A_PARTY stand here: whoever raises more than that, all of them open, makes an eighth of
 * its own go, the oldest of what was passed on first, and of what nobody has taken only where nothing else is left.
 * Those are in the record and in the list of all calls, and are open again with their next answer. */
PRL_MUST prl_status prl_call_each_open(prl_picture *picture, prl_version version,
				       bool (*fn)(void *context, prl_bytes key, const json_t *call), void *context,
				       prl_error *err);
/* Of these, those that wait for somebody to take them, or to say what became of them. */
PRL_MUST prl_status prl_call_each_waiting(prl_picture *picture, prl_version version,
					  bool (*fn)(void *context, prl_bytes key, const json_t *call), void *context,
					  prl_error *err);
/* What nodes say that rang UNVERIFIED, as call.rung of schemas/entry has it; log: of that node's, NULL: all. */
PRL_MUST prl_status prl_call_each_rung(prl_picture *picture, prl_version version, const char *log,
				       bool (*fn)(void *context, prl_bytes key, const json_t *rung), void *context,
				       prl_error *err);

/* ---- what fold and bell share: a call as JSON -------------------------------------------------------------------- */

bool prl_call_is_kind(prl_bytes kind);   /* "call.raised" … */
bool prl_call_is_raised(prl_bytes kind); /* "call.raised" */

/* A call as an entry states it, whatever its body is: members of another type, too long, or not among those listed are
 * left out, and "left_out" says so. body may be NULL. NULL out of memory. */
json_t *prl_call_new(const prl_entry *entry, const json_t *body, const char *log, uint64_t index);
/* An answer: kind, who, when and what it says; log NULL: not in a log yet. NULL out of memory. */
json_t *prl_call_answer(const prl_entry *entry, const json_t *body, const char *log, uint64_t index);
/* Puts an answer among those of a call, in order; one that is there already gets its place in the log. Takes answer
 * over; false out of memory. */
bool prl_call_add(json_t *call, json_t *answer);

/* Whether calls of one key, as JSON, are one: same class, mode, place, object and parties, near in time. */
bool prl_call_repeats(const json_t *first, const json_t *next);

/* "us STOP 41"; without a number "us STOP". */
void prl_call_name(const json_t *call, char ret[PRL_CALL_NAME_MAX]);

/* Whom the call is for: what it names, else all parties of the line that have not left, without the raiser's own. All
 * as well where what it names is nobody of the line: a name mistyped in haste must not make it a call to nobody. */
json_t *prl_call_parties(const json_t *call, const prl_constitution *constitution);

/* The call for people's programs: what is not stated says so, and "parties" says what each of those has made of it:
 * {"party", "state", "taken", "also", "passed", "reported"}, where state is "raised", "taken", "passed", "not ours",
 * "cannot reach units", "ceased" or "continuing". NULL out of memory. */
json_t *prl_call_view(const json_t *call, const json_t *parties, prl_time now);
bool prl_call_is_withdrawn(const json_t *call);
/* Whether an answer has the call's mode: a STOP that is real is not taken, and not withdrawn, by an exercise. One that
 * has another mode stands in the record, and says nothing of the call. */
bool prl_call_counts(const json_t *call, const json_t *answer);
/* Some of these parties has not taken it, or has and not said what became of it. */
bool prl_call_waits(const json_t *call, const json_t *parties);
/* Nothing more is waited for: withdrawn, or all of these have reported that they ceased or that it is not theirs. */
bool prl_call_is_over(const json_t *call, const json_t *parties);

#endif
