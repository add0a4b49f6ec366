/* Alarms: what needs a person at a desk now. An alarm has an act, a deadline and an owner; anything else is an item of
 * a list. They are computed when asked, from the picture and an instant; nothing of them is kept but the shelves
 * (alarm.shelved) and, in each node, what has rung (node/ringing.h).
 *
 * The table below is the whole list. docs/alarms.md has a row for each, word for word; tests/line/alarm_test.c fails
 * where page and table differ and where an alarm of the table is raised nowhere in src/.
 *
 * Rules:
 *   One situation, one alarm. The key of the situation says what it is about (the id of an overlap, of a notice), not
 *   how it stands: "overlap:<id>". Raised twice, the one of the lower class stays, of equal classes the one due first.
 *   Own against own is not raised: about.peer is the party that it is about, and never the one that it is for.
 *   An alarm that has rung rings again only where it begins earlier, comes closer or lasts longer: about may carry
 *   "begins" and "ends" (RFC 3339) and "closest_m" (integer, metres). No such member: it never rings again by itself.
 *   Shelving is for classes 3 and 4: a desk signs a reason and an end. It ends early where begins, closest_m or ends
 *   get worse than they were when it was shelved. Nobody can shelve or silence class 1 for longer than 30 s.
 *
 * kind           signed by   does
 * alarm.shelved  key         the party's desks do not show this situation until then, with the reason; {"until": null}
 *                            takes it back. The newest in the party's log is in force: one party, one log, one order.
 */
#ifndef PRL_LINE_ALARM_H
#define PRL_LINE_ALARM_H

#include "line/part.h"

/* Classes of watch-floor.md, Alarms. Sound and who is rung next hang on the class, in ALARM_CLASSES:
 * X(class, name, sound, seconds until desk 2 is rung, until the director is; -1: at the alarm's deadline; 0: never)
 * Those of class 1, and of another party's URGENT call, are the first two of the constitution's timers.ring_s where it
 * has them. */
#define PRL_ALARM_CLASSES(X)                                                                                           \
	X(1, "STOP", "two-tone, continuous", 30, 60)                                                                   \
	X(2, "URGENT", "three pips every 7 s", 120, 0)                                                                 \
	X(3, "ACTION", "one pip", -1, 0)                                                                               \
	X(4, "NOTE", "none", 0, 0)

/* X(ID, name, class, owner, cause, act, deadline). The name is what programs see, the rest what people read. */
#define PRL_ALARMS(X)                                                                                                  \
	X(NOTICE_UNREAD, "notice-unread", 3, "desk",                                                                   \
	  "notices of another party, each of which one key answers, are not read",                                     \
	  "read them, answer each: understood", "1 h after the first")                                                 \
	X(OPEN_ENDED, "open-ended", 3, "desk",                                                                         \
	  "a notice without an end has begun, and nothing was said of it for the constitution's open_ended_s (10 "     \
	  "min)",                                                                                                      \
	  "own: say when it ends, or END it; another party's: ask when it ends", "at once")                            \
	X(READ_BACK_DUE, "read-back-due", 3, "desk",                                                                   \
	  "a notice that needs a read-back (live fire, convoy, LATE, by voice) is not read back, or its sender has "   \
	  "answered CORRECTION",                                                                                       \
	  "read it back", "15 min before it begins")                                                                   \
	X(START_NOT_READ, "start-not-read", 2, "desk",                                                                 \
	  "a notice begins within 15 min, or has begun, and is not read back; at both sides",                          \
	  "read it back; at the sender: telephone", "at once")                                                         \
	X(JUDGE_DUE, "read-back-to-judge", 3, "desk", "another party has read back an own notice",                     \
	  "answer: as meant, or CORRECTION", "10 min")                                                                 \
	X(UNDELIVERED, "undelivered", 3, "desk",                                                                       \
	  "an own notice is not at another party's node after the constitution's undelivered_s (60 s)",                \
	  "telephone them: read it out", "at once")                                                                    \
	X(NOT_SHOWN, "notice-not-shown", 3, "desk",                                                                    \
	  "an own notice is to be shown to drone traffic services and cannot be: no area and no theatre, or an area "  \
	  "that F3548 cannot write",                                                                                   \
	  "state its area (UPDATE), or tell them on another way", "15 min")                                            \
	X(CONVOY_SILENT, "convoy-silent", 2, "desk",                                                                   \
	  "a movement under way has not been heard of, and a check-in is overdue by more than its tolerance",          \
	  "ask its contact; it is still protected", "at once")                                                         \
	X(POSITION_DIFFERS, "position-differs", 2, "desk",                                                             \
	  "a movement under way was reported outside its areas, by more than its accuracy; at another party: and it "  \
	  "has not said since that its units are told",                                                                \
	  "tell the units where it is; it is still protected", "at once")                                              \
	X(PLACE_TO_UPDATE, "place-to-update", 2, "desk",                                                               \
	  "an own movement under way was reported outside its areas, and its notice does not hold the place",          \
	  "update the notice with the place (one key); it is still protected", "at once")                              \
	X(BUNDLE_TO_TAKE, "bundle-to-take", 2, "desk",                                                                 \
	  "a truce or the channel was declared ended, and nobody has taken the bundle of what is still protected",     \
	  "take it, tell the units", "at once")                                                                        \
	X(BUNDLE_TO_READ, "bundle-to-read", 3, "desk", "movements of a bundle that was taken are not read back",       \
	  "read them back, one by one", "15 min")                                                                      \
	X(HIT_REPORTED, "hit-reported", 3, "director",                                                                 \
	  "another party reports a hit, within a day, and the own party has given no account of it",                   \
	  "read it; find out what is under way there; give an account", "15 min")                                      \
	X(CALL_STOP, "call-stop", 1, "desk",                                                                           \
	  "another party has raised STOP or DISTRESS, and nobody here has taken it",                                   \
	  "take it (one key), then pass it on", "30 s")                                                                \
	X(CALL_URGENT, "call-urgent", 2, "desk", "another party has raised URGENT, and nobody here has taken it",      \
	  "take it (one key)", "30 s")                                                                                 \
	X(CALL_UNANSWERED, "call-unanswered", 1, "director",                                                           \
	  "STOP or DISTRESS of another party has rung through every step of ring_s (120 s), and nobody here has "      \
	  "taken it",                                                                                                  \
	  "take it, whoever is there; call in somebody who can pass it on", "at once")                                 \
	X(CALL_NOT_TAKEN, "call-not-taken", 2, "desk",                                                                 \
	  "an own call has rung at another party through every step of ring_s (120 s), and nobody there has taken it", \
	  "telephone them, by every number there is; or withdraw it", "at once")                                       \
	X(CALL_NOT_CEASED, "call-not-ceased", 3, "desk",                                                               \
	  "an own call was taken, and for 10 min they have said nothing more, and not that it ceased",                 \
	  "ask them, by telephone; or withdraw it", "10 min")                                                          \
	X(CALL_TO_REPORT, "call-to-report", 3, "desk",                                                                 \
	  "another party's call was passed on, or continues, and for 10 min nobody here has said how it stands",       \
	  "ask the units; say ceased or continuing", "10 min")                                                         \
	X(CALL_TO_PASS, "call-to-pass", 2, "desk 2",                                                                   \
	  "a call was taken, and for 60 s nobody has said what became of it",                                          \
	  "pass it on to units; or say that it is not ours, or that units cannot be reached", "60 s")                  \
	X(PERSON_SILENT, "person-silent", 2, "desk 2, then the director",                                              \
	  "an alarm of class 1 or 2 waits at a party, and nobody there has acted for 12 min",                          \
	  "show that somebody is there (one key), then take what waits", "at once")                                    \
	X(NOBODY_ON_WATCH, "nobody-on-watch", 2, "director", "nobody of the own party is signed on at any desk",       \
	  "begin a shift", "at once")                                                                                  \
	X(PEER_NOBODY_ON_WATCH, "peer-nobody-on-watch", 3, "desk", "nobody of another party is signed on at any desk", \
	  "telephone them", "10 min")                                                                                  \
	X(NO_LANGUAGE, "no-language", 3, "director",                                                                   \
	  "nobody on watch of the own party has a language in which another party's watch writes",                     \
	  "call in somebody who has it", "10 min")                                                                     \
	X(DESK_UNATTENDED, "desk-unattended", 2, "desk 2",                                                             \
	  "somebody is signed on at a desk whose screen has been closed or without sound for 60 s",                    \
	  "open the screen, or hand the shift over", "at once")                                                        \
	X(LINE_DOWN, "line-down", 3, "desk",                                                                           \
	  "nothing has come from a peer's node for 10 s, or it went away three times in 10 min",                       \
	  "telephone them; have the network looked at", "5 min")                                                       \
	X(TEST_MISSED, "test-missed", 3, "desk",                                                                       \
	  "no test message of a peer has been answered, or none has come, for longer than the agreed period",          \
	  "send a test message, or telephone them", "10 min")                                                          \
	X(PROTECTED_UNDER_FIRE, "protected-under-fire", 2, "desk",                                                     \
	  "a protected place or movement and a live-fire area of two parties overlap, and the own party has not "      \
	  "answered",                                                                                                  \
	  "tell the units; answer the overlap", "at once")                                                             \
	X(OVERLAP_TO_ANSWER, "overlap-to-answer", 3, "desk",                                                           \
	  "an own notice overlaps with one of another party, and the own party has not answered",                      \
	  "answer the overlap", "15 min, or when it begins")                                                           \
	X(OVERLAP_TO_TELL, "overlap-to-tell", 3, "desk",                                                               \
	  "a notice of another party overlaps with an own object that it may not see, to be answered by hand",         \
	  "tell them that it overlaps, or shelve it", "15 min, or when it begins")                                     \
	X(OBJECT_ASKED, "object-asked", 2, "desk",                                                                     \
	  "another party has filed more notices that overlap with one hidden object than are answered in 24 h",        \
	  "look at its notices; tell them by hand, or telephone", "at once")                                           \
	X(QUERY_DUE, "query-due", 3, "desk", "another party asks something, and the own party has not answered",       \
	  "answer it, or decline to", "48 h, urgent 2 h")                                                              \
	X(QUERY_NO_ANSWER, "query-no-answer", 3, "desk", "an own query has no answer, and one was due",                \
	  "ask again, by telephone", "1 h")                                                                            \
	X(DECISION_ANNOUNCED, "decision-announced", 3, "desk",                                                         \
	  "another party has announced a decision whose time has not come", "read it; tell those whom it touches",     \
	  "its time")                                                                                                  \
	X(ACTION_DUE, "action-due", 3, "desk", "an action that a meeting gave to the own party is overdue",            \
	  "do it and say so, or say what became of it", "1 h")                                                         \
	X(USS_NOT_TOLD, "drone-services-not-told", 3, "desk",                                                          \
	  "a drone traffic service that asked to be told of constraints could not be told of an own notice",           \
	  "telephone the service, or shelve it; who asks the node sees the notice", "at once")                         \
	X(DRONES_NEAR, "drones-near", 3, "desk",                                                                       \
	  "drone flights are filed nearer to an own notice than the separation of the two",                            \
	  "tell the units; ask the service about them, at its address", "15 min, or when the first begins")            \
	X(CHANNEL_DECLARED, "channel-declared", 3, "director",                                                         \
	  "another party has declared the channel limited, suspended or ended",                                        \
	  "read the declaration; look through what is under way", "1 h")

#define X(id, name, alarm_class, owner, cause, act, deadline) PRL_ALARM_##id,
typedef enum prl_alarm_id { PRL_ALARMS(X) PRL_ALARM_COUNT } prl_alarm_id;
#undef X

#define PRL_ALARM_CLASS_COUNT 4

typedef struct prl_alarm_class {
	const char *name, *sound;
	int desk2_s, director_s;
} prl_alarm_class;
extern const prl_alarm_class prl_alarm_classes[PRL_ALARM_CLASS_COUNT]; /* [0]: class 1 */

typedef struct prl_alarm_kind {
	const char *name;
	int alarm_class; /* 1 to 4 */
	const char *owner, *cause, *act, *deadline;
} prl_alarm_kind;
extern const prl_alarm_kind prl_alarm_kinds[PRL_ALARM_COUNT];

#define PRL_ALARM_SITUATION_MAX 200   /* bytes of a key */
#define PRL_ALARM_TEXT_MAX      400   /* bytes of what it says; longer ones are cut */
#define PRL_ALARM_REST_MAX      10000 /* alarms of classes 3 and 4; more are counted. Classes 1 and 2 have no maximum */

typedef struct prl_alarm {
	prl_alarm_id id;
	char situation[PRL_ALARM_SITUATION_MAX];
	char text[PRL_ALARM_TEXT_MAX]; /* UTF-8; what it says to a person, in a few words */
	json_t *about;                 /* object; never NULL */
	prl_time since, due;
	const json_t *shelf; /* the shelf in force; NULL: none */
} prl_alarm;

/* What is raised, for one party and, where desk is not NULL, for what one of its desks is to see. */
typedef struct prl_alarms {
	const char *party, *desk;
	prl_alarm *items;
	size_t count, room;
	size_t left_out; /* of classes 3 and 4, beyond PRL_ALARM_REST_MAX */
	json_t *index;   /* situation: place in items */
	size_t rest;
	bool failed;        /* out of memory */
	uint32_t ring_s[2]; /* of class 1 and calls, by the constitution; 0: as the table of classes has it */
} prl_alarms;

int prl_alarm_class_of(prl_alarm_id id);
/* Who is to be rung by now, for as long as it is not taken: "desk", "desk 2", "director" (PRL_ALARM_CLASSES); class 4
 * rings nobody: "nobody". */
const char *prl_alarm_rung_to(const prl_alarms *alarms, const prl_alarm *alarm, prl_time now);

/* For a part's alarms(). situation: "overlap:<id>" (cut where too long: no two may share their first 199 bytes). about
 * is taken over; NULL is an empty object. Members that are known here: peer (party that it is about), mode, begins,
 * ends, closest_m; anything else is shown as it is. due: when it must have been acted upon. */
void prl_alarm_raise(prl_alarms *to, prl_alarm_id id, const char *situation, json_t *about, prl_time since,
		     prl_time due, const char *format, ...) PRL_PRINTF(7, 8);

/* Asks every part of the line; sorted by class, due, situation. party must be set: show->party is set to it meanwhile.
 * Free with prl_alarms_done(), also after a failure. */
PRL_MUST prl_status prl_alarms_collect(const prl_show *show, const char *party, const char *desk, prl_alarms *ret,
				       prl_error *err);
void prl_alarms_done(prl_alarms *alarms);

/* {"alarm", "class", "class_name", "sound", "owner", "act", "situation", "text", "party", "since", "due", "age_s",
 * "due_in_s", "rung_to", "about", "shelved": null or {"until", "reason", "desk"}}; NULL out of memory. */
json_t *prl_alarm_json(const prl_alarms *alarms, const prl_alarm *alarm, prl_time now);

/* Whether a situation stands worse than it did: begins earlier, comes closer or lasts longer. */
bool prl_alarm_is_worse(const json_t *about, const json_t *than);

/* GET /parley/v1/line/alarms?desk= ; kind alarm.shelved. */
extern const prl_line_part prl_alarm_part;

#endif
