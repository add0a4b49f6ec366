/* What is open at a party's desks, as acts need it: the list that both see when a shift is handed over, and a situation
 * put off. Shared by `parley shift`, `parley alarms` and the screen. */
#ifndef PRL_CLI_OPEN_ITEMS_H
#define PRL_CLI_OPEN_ITEMS_H

#include <jansson.h>
#include <parley/base.h>

/* What the list is made of, arrays as the node gives them: {"alarms" (of all desks), "calls", "movements", "queries",
 * "meetings"}; the parts beside alarms and calls by these names. */
#define PRL_OPEN_PARTS 3
extern const char *const prl_open_parts[PRL_OPEN_PARTS];
/* Whether a call waits for a word of somebody: not withdrawn, and by this party not reported ceased or not its own; an
 * own one: not so by all. */
bool prl_open_is_call(const json_t *call, const char *party);
/* Whether an item of such a part is not over: a movement under way, a query without an answer of all, a meeting that
 * was not held, not declined. */
bool prl_open_is_thing(const char *part, const json_t *item);
/* Whether an alarm is listed: those of calls are the calls themselves. */
bool prl_open_is_alarm(const json_t *alarm, const json_t *calls, const char *party);

/* The names of all that is open, each once, sorted: the situation of an alarm ("overlap:…"), "call:ID", "movements:ID",
 * "queries:ID", "meetings:ID". NULL out of memory. */
json_t *prl_open_items(const json_t *all, const char *party);
/* {"hash", "count"} of such an array, as shift.handed_over has it: SHA-256 of the names, a line each. NULL out of
 * memory. */
json_t *prl_open_hash(const json_t *items);

/* The body of alarm.shelved; takes until over (a time, JSON). NULL where reason is no UTF-8, or out of memory. */
json_t *prl_open_shelved(const json_t *alarm, json_t *until, const char *reason);
/* The same situation no longer shelved. */
json_t *prl_open_unshelved(const json_t *alarm);

#endif
