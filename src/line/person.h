/* Persons: whether somebody is there. Two ages, never merged: LINE, when this node last heard from a party's node (what
 * the machine says, node/presence.h), and PERSON, when a key of the party last signed anything (what a person did).
 *
 * kind            signed by  does
 * person.present  key        somebody is there. With "ask": a test message (B6), which a person of each party named is
 *                            to answer by another with "answers"; how long that took is measured by the two entries'
 *                            own clocks, and shown with it
 *
 * One writer an object: the test is the asker's; an answer stands under "answer\nTEST\nPARTY", the answering party's
 * own, where the first of its log counts. */
#ifndef PRL_LINE_PERSON_H
#define PRL_LINE_PERSON_H

#include "line/part.h"

#define PRL_PERSON_SILENT_S 720  /* without an act while class 1 or 2 waits; then 15 s, 15 s, 90 s (MSC.128(75)) */
#define PRL_PERSON_SOUND_S  15   /* after that, sound */
#define PRL_PERSON_DESK2_S  30   /* and desk 2 */
#define PRL_PERSON_HEAD_S   120  /* and the director */
#define PRL_LINE_DOWN_S     10   /* nothing heard from a peer's node */
#define PRL_LINE_FLAPS      3    /* in 10 min: one alarm */
#define PRL_TEST_S          3600 /* a test message in each direction; agreed otherwise by timers.test_s */
#define PRL_UNATTENDED_S    60   /* a desk that does not report, or has no sound */

/* When a key of the party last signed anything, as far as this node can believe it (prl_key_heard()): a clock that is
 * ahead makes nobody younger than this node has known of the act; never later than now. 0: never. */
PRL_MUST prl_status prl_person_last(prl_picture *picture, prl_version version, const char *party, prl_time now,
				    prl_time *ret, prl_error *err);
/* When a test of `asker` was last answered by `party`; 0: never. *ret_asked: when one was last asked; 0: never. */
void prl_person_tested(prl_picture *picture, prl_version version, const char *asker, const char *party,
		       prl_time *ret_answered, prl_time *ret_asked);
/* The newest test of `asker` where `party` has not answered it: its id, as text of the picture; NULL: none waits. */
const char *prl_person_test_waits(prl_picture *picture, prl_version version, const char *asker, const char *party);
/* The agreed period of tests, seconds. */
int64_t prl_person_test_s(const prl_constitution *constitution);

/* GET /parley/v1/line/desks: parties with both ages, their desks, and the telephones that the
 * constitution states. Comes after all parts whose alarms may wait. */
extern const prl_line_part prl_person_part;

#endif
