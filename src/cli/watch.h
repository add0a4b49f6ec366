/* parley watch: the live screen of a desk on a terminal.
 *
 *   watch.c         the verb, the terminal, the loop: keys, clock, news; the bell
 *   watch_state.c   what is shown: threads that fetch, listen to events, file acts; STOP has one of its own
 *   watch_rows.c    "needs me": calls and alarms as rows
 *   watch_screen.c  the picture of a moment, and what of it has changed
 *   watch_keys.c    bytes of the terminal as keys; what keys do
 *
 * The threads of watch_state.c own the network, the loop owns the terminal. They share a watch_news, swapped whole
 * under a lock: a key never waits for the network, and the screen says by itself how old its picture is. */
#ifndef PRL_CLI_WATCH_H
#define PRL_CLI_WATCH_H

#include "cli/act.h"

#include <pthread.h>

#define WATCH_ROWS_MAX   200
#define WATCH_TEXT_MAX   400  /* bytes of a text that is typed */
#define WATCH_LOST_MS    5000 /* without an answer of the node: PICTURE OLD, acts disabled except STOP */
#define WATCH_STOP_MS    300  /* Enter sends no STOP this soon after the panel opened, or after another Enter */
#define WATCH_SILENCE_MS 30000

/* ---- news -------------------------------------------------------------------------------------------------------- */

/* Arrays as the node gives them; any may be NULL: not fetched, or not shown by this node. */
typedef struct watch_news {
	json_t *alarms, *calls, *peers, *channels, *shifts, *persons;
	json_t *notice, *receipts, *overlap; /* of what is selected */
	char last_notice[24];                /* when the newest notice was filed: "2016-09-17T02:41" */
} watch_news;

typedef struct watch_act {
	const char *kind; /* static; NULL: none */
	json_t *body;
	prl_mode mode;
	char said[80]; /* for the log of acts: "us#12 understood" */
} watch_act;

typedef struct watch_state watch_state;

typedef struct watch_options {
	const char *folder, *key;
	int wake;   /* a byte is written here when there is news */
	bool sound; /* told to the node: a screen without sound counts as unattended */
} watch_options;

PRL_MUST prl_status watch_state_start(const watch_options *options, watch_state **ret, prl_error *err);
void watch_state_stop(watch_state *s);

/* Copies of references; to be given back by watch_news_done(). */
void watch_state_news(watch_state *s, watch_news *ret);
void watch_news_done(watch_news *news);
/* What detail is wanted: a notice by name or id, an overlap; NULL: none. Any thread. */
void watch_state_select(watch_state *s, const char *notice, const char *overlap);
/* Files soon; false where too many wait, or the node has not answered for long. Takes body over. */
bool watch_state_act(watch_state *s, const char *kind, json_t *body, prl_mode mode, const char *said);
/* Never refused, never waiting: tried again every second until the node has taken it. */
void watch_state_call(watch_state *s, json_t *body, prl_mode mode, const char *said);
/* Milliseconds since the node last answered. */
int64_t watch_state_age_ms(watch_state *s);
/* The newest lines of what came of acts, newest first; returns how many. */
#define WATCH_LOG_LINES 6
#define WATCH_LINE_MAX  200
size_t watch_state_log(watch_state *s, char lines[WATCH_LOG_LINES][WATCH_LINE_MAX]);
void watch_state_say(watch_state *s, const char *format, ...) PRL_PRINTF(2, 3);
/* "us", "us-ops", "us-ops/console-1", and the mode of the constitution. */
const char *watch_state_party(const watch_state *s);
const char *watch_state_desk(const watch_state *s);
const char *watch_state_key(const watch_state *s);
prl_mode watch_state_mode(const watch_state *s);

/* ---- rows -------------------------------------------------------------------------------------------------------- */

typedef struct watch_row {
	int alarm_class; /* 1 to 4 */
	bool call, own, taken, unverified, not_logged;
	int count;
	const char *word; /* "STOP", "URGENT", "ACTION", "NOTE" */
	char id[120];     /* of the situation: the selection stays with it */
	char peer[40], text[160], place[80];
	char notice[140], overlap[60], call_id[60], next[16], stands[100];
	prl_mode mode;
	bool has_due;
	int64_t due_s; /* seconds from now; negative: past */
	prl_time due;
} watch_row;

size_t watch_rows_make(const watch_news *news, const char *party, watch_row rows[WATCH_ROWS_MAX]);

/* ---- screen ------------------------------------------------------------------------------------------------------ */

typedef enum watch_panel {
	WATCH_NONE,
	WATCH_STOP,
	WATCH_STOP_MODE,
	WATCH_STOP_PLACE,
	WATCH_READ_BACK,
	WATCH_CORRECTION,
	WATCH_HEARD,
	WATCH_SHIFT,
	WATCH_ANSWER,
	WATCH_HELP,
	WATCH_QUIT
} watch_panel;

typedef struct watch_ui {
	watch_panel panel;
	int64_t opened_ms, enter_ms, silent_until_ms;
	int stop_class, stop_reason; /* 0 STOP, 1 URGENT, 2 DISTRESS; reason 0: not stated */
	char place[WATCH_TEXT_MAX], text[WATCH_TEXT_MAX];
	char about[140], to[40]; /* what the panel is about, filled from the selection when it opened */
	char selected[120];
	size_t at, top;
	bool leave;
	watch_row rows[WATCH_ROWS_MAX];
	size_t count;
	watch_news news;
} watch_ui;

typedef struct watch_screen watch_screen;
watch_screen *watch_screen_new(void);
void watch_screen_free(watch_screen *screen);
/* Draws what changed since the last time, to standard output. */
void watch_screen_draw(watch_screen *screen, const watch_ui *ui, watch_state *state, int rows, int columns);
void watch_screen_forget(watch_screen *screen); /* all is drawn anew */

/* ---- keys -------------------------------------------------------------------------------------------------------- */

enum { KEY_NONE, KEY_UP = 0x110000, KEY_DOWN, KEY_F2, KEY_F8, KEY_ENTER, KEY_ESCAPE, KEY_BACKSPACE, KEY_TAB };

/* Takes one key from bytes; *ret_used 0: more bytes are needed (a lone escape is one after 50 ms). Characters are their
 * code point. */
int watch_key_read(const char *bytes, size_t size, bool whole, size_t *ret_used);
void watch_key_do(watch_ui *ui, watch_state *state, int key, int64_t now_ms);

extern const char *const watch_stop_classes[3], *const watch_stop_reasons[5];

#endif
