/* What is open at a party's desks, as acts need it: the list that both see when a shift is handed over, and a situation
 * put off. Shared by `parley shift`, `parley alarms` and the screen. */
#ifndef PRL_CLI_OPEN_ITEMS_H
#define PRL_CLI_OPEN_ITEMS_H

#include <jansson.h>
#include <parley/base.h>

/* The situations of alarms, sorted: an array of texts. NULL out of memory. */
json_t *prl_open_items(const json_t *alarms);
/* {"hash", "count"} of such an array, as shift.handed_over has it: SHA-256 of the situations, a line each. NULL out of
 * memory. */
json_t *prl_open_hash(const json_t *situations);

/* The body of alarm.shelved; takes until over (a time, JSON). NULL where reason is no UTF-8, or out of memory. */
json_t *prl_open_shelved(const json_t *alarm, json_t *until, const char *reason);
/* The same situation no longer shelved. */
json_t *prl_open_unshelved(const json_t *alarm);

#endif
