/* Floods at the screen, by the rule of watch-floor.md, Alarms, and the numbers of docs/alarms.md: after
 * WATCH_FLOOD_ROWS new rows of classes 3 and 4 within 10 min, what is new then goes into one row a peer, which says how
 * many; opened, they are listed below it. Classes 1 and 2 and what is shelved are never collapsed. A situation that was
 * collapsed stays so until it is gone; one that was gone for less than 10 min is the same one. What waits when the
 * screen opens is new to it: the eight that are most urgent have rows, the rest are in groups.
 *
 * No clock in here: every call says what time it is, in milliseconds that never go back. */
#ifndef PRL_CLI_WATCH_FLOOD_H
#define PRL_CLI_WATCH_FLOOD_H

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATCH_FLOOD_ROWS    8
#define WATCH_FLOOD_MS      600000
#define WATCH_FLOOD_GONE_MS 600000

/* Zeros to begin with. */
typedef struct watch_flood {
	json_t *known;                     /* situation: {"seen": ms, "in": true where it has no row of its own} */
	json_t *listed;                    /* peers whose flood is open */
	json_t *floods;                    /* peer: {"number", "on"} */
	int64_t rows_ms[WATCH_FLOOD_ROWS]; /* when the newest rows began, in a ring */
	size_t rows;
} watch_flood;

void watch_flood_done(watch_flood *f);
/* The alarms as the node gives them now, the most urgent first; about every second. */
void watch_flood_look(watch_flood *f, const json_t *alarms, int64_t now_ms);
/* Whether it is in the row of its peer's flood. */
bool watch_flood_has(const watch_flood *f, const json_t *alarm);
/* Whose flood an alarm would be in: "ru"; "own" for what is about no peer. */
const char *watch_flood_peer(const json_t *alarm);
/* Which flood of that peer it is, from 1: one that is over and begins again is another, and sounds again. */
int watch_flood_number(const watch_flood *f, const char *peer);
/* Opened, or closed again. */
void watch_flood_toggle(watch_flood *f, const char *peer);
bool watch_flood_is_listed(const watch_flood *f, const char *peer);

#endif
