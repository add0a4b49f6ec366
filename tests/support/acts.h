/**
 * @file acts.h
 * A line of several nodes in memory, on top of line.h: acts by key, what nodes see of each other, and what each node's
 * parts of the line show.
 *
 *     acts *a = acts_new("un@un.example/line ru@ru.example/line", NULL);
 *     prl_hash id = acts_do(a, "un-ops/1", "notice.filed", "{…}");
 *     acts_see_all(a);
 *     json_t *items = acts_show(a, "ru.example/line", "ru", "receipts", NULL, a->l->now);
 */
#ifndef TESTS_SUPPORT_ACTS_H
#define TESTS_SUPPORT_ACTS_H

#include "line/alarm.h"
#include "support/line.h"

typedef struct acts {
	line *l;
	prl_picture *pictures[LINE_LOGS]; /**< by the line's logs */
} acts;

/** All logs begun, all seen by all. */
acts *acts_new(const char *parties, const char *extra);
void acts_free(acts *a);

prl_picture *acts_picture(acts *a, const char *log);

/** Tries the act at the node of the key: looks at the door, then applies. Where it is refused nothing has happened. */
prl_status acts_try(acts *a, const line_act *act, prl_hash *ret, prl_error *err);
/** The same without the look at the door: what a peer of another program may send. */
prl_status acts_try_apply(acts *a, const line_act *act, prl_hash *ret, prl_error *err);
/** Fails the test where it is refused. Returns the entry's hash. */
prl_hash acts_do(acts *a, const char *key, const char *kind, const char *body);
/** Fails the test unless it is refused with this status and a text that holds this. */
void acts_refused(acts *a, const char *key, const char *kind, const char *body, prl_status status, const char *text);

void acts_see(acts *a, const char *by, const char *of);
void acts_see_all(acts *a); /**< each sees all of each, twice round, so that peer.seen is seen too */

/** Every picture saved and loaded: digests stay. And all that have seen the same are equal: fails the test if not. */
void acts_check_digests(acts *a);
/** The digest of the shared picture at a node. */
prl_hash acts_digest(acts *a, const char *log);

/** The items that a part shows there to a party (NULL: the node); query NULL or "notice=un#1". Fails where refused. */
json_t *acts_show(acts *a, const char *log, const char *party, const char *part, const char *query, prl_time now);
/** Alarms of a party at its node, as an array of prl_alarm_json(). */
json_t *acts_alarms(acts *a, const char *party, prl_time now);
/** The alarm of that name; NULL where there is none. Borrowed. */
const json_t *acts_alarm(const json_t *alarms, const char *name);

/** Member by a path "ladder.0.party"; fails the test where it is not there. */
const json_t *acts_at(const json_t *json, const char *path);
const char *acts_text(const json_t *json, const char *path);

prl_time acts_time(const char *text);

#endif
