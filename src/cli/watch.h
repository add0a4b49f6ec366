/* parley watch: the live screen of a desk on a terminal.
 *
 *   watch.c         the verb, the terminal, the loop: keys, clock, news
 *   watch_state.c   what is shown: threads that fetch, listen to events, file acts; STOP has one of its own
 *   watch_rows.c    "needs me": calls and alarms as rows; watch_flood.c  what of it is one row a peer
 *   watch_intents.c  drone flights near the selected notice, or of the next 24 h
 *   watch_time.c    the view over time: notices and overlaps as bars, in lanes
 *   watch_things.c  movements, bundles, queries, meetings, hits: as a list, and what is known of each
 *   watch_act.c     what is done with them, texts typed in several fields; watch_deeds.c  what there is to do
 *   watch_over.c    a shift handed over: every open item seen, two signatures
 *   watch_tone.c    what is heard: the bell, a program
 *   watch_draw.c    lines, styles, columns
 *   watch_screen.c  the picture of a moment, and what of it has changed; watch_panel.c  what opens over it
 *   watch_keys.c    bytes of the terminal as keys; what keys do
 *
 * The threads of watch_state.c own the network, the loop owns the terminal. They share a watch_news, swapped whole
 * under a lock: a key never waits for the network, and the screen says by itself how old its picture is. */
#ifndef PRL_CLI_WATCH_H
#define PRL_CLI_WATCH_H

#include "cli/act.h"
#include "cli/watch_flood.h"

#include <pthread.h>

#define WATCH_ROWS_MAX   200
#define WATCH_TEXT_MAX   400  /* bytes of a text that is typed */
#define WATCH_LOST_MS    5000 /* without an answer of the node: PICTURE OLD, acts disabled except STOP */
#define WATCH_STOP_MS    300  /* Enter sends no STOP this soon after the panel opened, or after another Enter */
#define WATCH_SILENCE_MS 30000
#define WATCH_MOVED_MS   700
#define WATCH_FIELDS_MAX 8 /* of a form */

/* ---- news -------------------------------------------------------------------------------------------------------- */

/* Arrays as the node gives them; any may be NULL: not fetched, or not shown by this node. */
typedef struct watch_news {
	json_t *alarms, *calls, *peers, *channels, *shifts, *persons;
	json_t *notice, *receipts, *overlap; /* of what is selected */
	json_t *movement;                    /* of the selected notice, where it is of a kind that moves */
	json_t *notices, *overlaps;          /* of the view over time, where it is open */
	json_t *open;                        /* alarms of all desks of the party, where a hand-over wants them */
	json_t *flights;                     /* an answer of GET intents, where they are wanted */
	json_t *things;                      /* {"queries": [items] …}: the parts that are wanted */
	char last_notice[24];                /* when the newest notice was filed: "2016-09-17T02:41" */
} watch_news;

typedef struct watch_act {
	const char *kind; /* static; NULL: none */
	json_t *body;
	prl_mode mode;
	char said[80];               /* for the log of acts: "us#12 understood" */
	char second[WATCH_TEXT_MAX]; /* key of the second signature; "": none */
	json_t *moved; /* {"notice", "details", "reason"?}: the body is made of these, its details brought first */
} watch_act;

typedef struct watch_state watch_state;

typedef struct watch_options {
	const char *folder, *key;
	int wake;   /* a byte is written here when there is news */
	bool sound; /* told to the node: a screen without sound counts as unattended; later watch_state_sound() */
} watch_options;

PRL_MUST prl_status watch_state_start(const watch_options *options, watch_state **ret, prl_error *err);
void watch_state_stop(watch_state *s);

/* Copies of references; to be given back by watch_news_done(). */
void watch_state_news(watch_state *s, watch_news *ret);
void watch_news_done(watch_news *news);
/* What detail is wanted: a notice by name or id, an overlap; NULL: none. Any thread. */
void watch_state_select(watch_state *s, const char *notice, const char *overlap);
/* Notices and overlaps of a window are wanted, seconds of the epoch; from == to: no longer. */
void watch_state_window(watch_state *s, int64_t from_s, int64_t to_s);
/* Parts of the line that stand beside notices, WATCH_QUERIES …: wanted as long as they are named. */
#define WATCH_MOVEMENTS  1u
#define WATCH_BUNDLES    2u
#define WATCH_QUERIES    4u
#define WATCH_MEETINGS   8u
#define WATCH_HITS       16u
#define WATCH_STATEMENTS 32u
#define WATCH_ALL_PARTS  63u
#define WATCH_PARTS      6
/* What nothing more is fetched for. */
#define WATCH_TESTS   64u  /* of who is there */
#define WATCH_ASK     128u /* what is not there yet */
#define WATCH_NOTICES 256u /* own ones that do not move */
#define WATCH_TELL    512u /* another party's, which overlaps with what it may not see */
extern const char *const watch_part_names[WATCH_PARTS];
void watch_state_parts(watch_state *s, unsigned parts);
/* The alarms of all desks are wanted, or no longer. */
void watch_state_open(watch_state *s, bool wanted);
/* Drone flights are wanted: those near an own notice; "": of the next 24 h; NULL: no longer. */
void watch_state_flights(watch_state *s, const char *notice);
void watch_state_sound(watch_state *s, bool sound);
/* What sounds at this desk is silent for 30 s, for the node too. */
void watch_state_silence(watch_state *s);
/* Files soon; false where too many wait, or the node has not answered for long. Takes body over. */
bool watch_state_act(watch_state *s, const char *kind, json_t *body, prl_mode mode, const char *said);
/* The UPDATE of a notice to these details (taken over); they are brought to the node first where they are for some
 * parties only. reason NULL: none. */
bool watch_state_update(watch_state *s, const json_t *notice, json_t *details, const char *reason, prl_mode mode,
			const char *said);
/* The same with a second signature, by the key of that name or file: a hand-over. When it is filed
 * watch_state_handed() tells that key once: the screen is theirs from then on. */
bool watch_state_act_two(watch_state *s, const char *kind, json_t *body, const char *second, const char *said);
bool watch_state_handed(watch_state *s, char ret[WATCH_TEXT_MAX]);
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
const char *watch_state_folder(const watch_state *s);
prl_mode watch_state_mode(const watch_state *s);

/* ---- rows -------------------------------------------------------------------------------------------------------- */

typedef struct watch_row {
	int alarm_class; /* 1 to 4 */
	bool call, own, taken, unverified, not_logged;
	int count;
	const char *word; /* "STOP", "URGENT", "ACTION", "NOTE" */
	char id[200];     /* of the situation: the selection stays with it */
	char peer[40], text[160], place[80];
	char notice[140], overlap[60], call_id[60], next[16], stands[100];
	prl_mode mode;
	bool has_due;
	int64_t due_s; /* seconds from now; negative: past */
	prl_time due;
	bool shelved;
	bool in_flood;      /* makes no sound of its own */
	char flood[40];     /* the row of a flood: whose; "": none */
	size_t flood_count; /* how many are in it */
	bool waits;     /* a call that was taken, and is an alarm again: nobody has said what became of it in time */
	unsigned part;  /* what it is about beside notices: WATCH_QUERIES …; 0: nothing such */
	char thing[64]; /* its id */
	const json_t *from; /* the call or the alarm; lives as long as the news */
} watch_row;

/* flood: what is collapsed; it has been looked at. shelved: what is shelved is shown too, last. *ret_shelved counts it.
 * mode is that of the line. */
size_t watch_rows_make(const watch_news *news, const watch_flood *flood, const char *party, prl_mode mode, bool shelved,
		       watch_row rows[WATCH_ROWS_MAX], size_t *ret_shelved);

/* ---- the view over time ------------------------------------------------------------------------------------------ */

#define WATCH_ITEMS_MAX  1000
#define WATCH_AWAY_MAX_S (30 * 86400) /* the middle of the view from now */

/* One notice. */
typedef struct watch_item {
	char name[140], party[40], kind[24], marks[80];
	prl_mode mode;
	prl_time from, to; /* open ends; of one that was ended: until then */
	bool over;         /* cancelled or ended */
} watch_item;

typedef struct watch_time {
	bool open, by_kind;
	int64_t away_s; /* of the middle from now; 0: it goes with the clock */
	int zoom;       /* place in watch_spans_s */
	char selected[140];
	size_t at, count, hidden, cut; /* hidden: not for this party; cut: more than there is room for */
	watch_item *items;             /* WATCH_ITEMS_MAX, by lane, then by begin */
	watch_row row;                 /* what is selected, for acts */
} watch_time;

extern const int64_t watch_spans_s[];
/* From what was fetched. */
void watch_time_make(watch_time *time, const watch_news *news, const char *party);
/* Seconds of the epoch at both edges. */
void watch_time_window(const watch_time *time, int64_t now_s, int64_t *ret_from, int64_t *ret_to);
/* Keys of the view; false: it is none of them. */
bool watch_time_key(watch_time *time, int key);
/* Where the selection stands, for acts on it. */
void watch_time_follow(watch_time *time, const watch_news *news, const char *party);

/* ---- what stands beside notices ---------------------------------------------------------------------------------- */

/* The list of it; acts on a row of it by the same keys (watch_act.h). */
typedef struct watch_things {
	bool open;
	char selected[200];
	size_t at, count, cut; /* cut: more than there is room for */
	watch_row rows[WATCH_ROWS_MAX];
} watch_things;

/* ---- drone flights (watch_intents.c) ----------------------------------------------------------------------------- */

struct watch_ui;
/* For watch_state_flights(), by what is selected. */
const char *watch_intents_wanted(const struct watch_ui *ui, const char *party);
/* What is to be asked for; false: it is too long. */
bool watch_intents_path(const char *notice, char *ret, size_t room);

/* ---- screen ------------------------------------------------------------------------------------------------------ */

typedef enum watch_panel {
	WATCH_NONE,
	WATCH_STOP,
	WATCH_STOP_MODE,
	WATCH_STOP_PLACE,
	WATCH_CORRECTION,
	WATCH_HEARD,
	WATCH_SHIFT,
	WATCH_SHELVE,
	WATCH_ANSWER,
	WATCH_ACT,  /* what can be done with a row, a digit each (watch_act.h) */
	WATCH_FORM, /* texts in several fields */
	WATCH_END,
	WATCH_OVER_LIST,      /* a hand-over: every open item, to the end */
	WATCH_OVER_KEY,       /* who comes */
	WATCH_OVER_LANGUAGES, /* of who comes */
	WATCH_OVER_NOTE,
	WATCH_OVER_LEAVES, /* who leaves signs */
	WATCH_OVER_COMES,  /* who comes signs */
	WATCH_HELP,
	WATCH_QUIT
} watch_panel;

typedef struct watch_ui {
	watch_panel panel;
	int64_t opened_ms, enter_ms, silent_until_ms;
	int stop_class, stop_reason; /* 0 STOP, 1 URGENT, 2 DISTRESS; reason 0: not stated */
	char place[WATCH_TEXT_MAX], text[WATCH_TEXT_MAX];
	char about[140], to[40]; /* what the panel is about, filled from the selection when it opened */
	char selected[200];
	char meant[200];      /* what was selected when the panel opened: it acts on nothing else */
	char about_text[160]; /* its words */
	int64_t moved_ms;     /* when the selection went elsewhere by itself: keys that act wait for WATCH_MOVED_MS */
	size_t at;
	bool leave, see_shelved;
	watch_row rows[WATCH_ROWS_MAX];
	size_t count, shelved;
	watch_news news;
	watch_flood flood;
	bool flood_changed; /* one was opened or closed: the rows are to be made anew */
	watch_time time;
	watch_things things;
	bool flights_open; /* the list of drone flights */
	/* an act (watch_act.c) */
	unsigned act_part;
	json_t *act_item;              /* a copy of what it is about */
	const struct watch_deed *deed; /* of the form */
	char fields[WATCH_FIELDS_MAX][WATCH_TEXT_MAX];
	size_t field;
	char act_text[160]; /* what is to be seen beside the form */
	/* a hand-over */
	json_t *open;       /* all that it is made of, as it was when the list opened (open_items.h): it is signed */
	json_t *open_texts; /* the lines shown: calls that are not over, then those alarms by class */
	size_t open_top, open_seen; /* first line shown; how many have been on the screen, from the first */
	int open_lines;             /* that fit */
	char to_key[WATCH_TEXT_MAX], to_languages[WATCH_TEXT_MAX], note[WATCH_TEXT_MAX];
} watch_ui;

/* What is selected, in the list or in the view over time; NULL: nothing. */
const watch_row *watch_selected(const watch_ui *ui);
/* The call that a key is for: 'F' F2, the worst that rings; '1' 1 to 3, '4' 4 and 5, the selected one where it is one,
 * else the first. What stands under the top bar is found by this too: what is shown is what the key acts on. */
const watch_row *watch_call_row(const watch_ui *ui, char stage);

typedef struct watch_screen watch_screen;
watch_screen *watch_screen_new(bool colours);
void watch_screen_free(watch_screen *screen);
/* Draws what changed since the last time, to standard output. */
void watch_screen_draw(watch_screen *screen, watch_ui *ui, watch_state *state, int rows, int columns);
void watch_screen_forget(watch_screen *screen); /* all is drawn anew */

/* ---- keys -------------------------------------------------------------------------------------------------------- */

enum {
	KEY_NONE,
	KEY_UP = 0x110000,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_F2,
	KEY_F8,
	KEY_ENTER,
	KEY_ESCAPE,
	KEY_BACKSPACE,
	KEY_TAB
};

/* Takes one key from bytes; *ret_used 0: more bytes are needed (a lone escape is one after 50 ms). Characters are their
 * code point. */
int watch_key_read(const char *bytes, size_t size, bool whole, size_t *ret_used);
void watch_key_do(watch_ui *ui, watch_state *state, int key, int64_t now_ms);

void watch_panel_open(watch_ui *ui, watch_panel panel, int64_t now_ms);
bool watch_is_over(watch_panel panel); /* one of a hand-over */
/* A hand-over: from its first key to the second signature. */
void watch_over_begin(watch_ui *ui, watch_state *state, int64_t now_ms);
void watch_over_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms);
void watch_over_done(watch_ui *ui, watch_state *state);
/* The first language of who is on watch here: texts that are typed are in it. */
const char *watch_language(const watch_ui *ui, watch_state *state);
/* A character, or backspace, at the end of a text of WATCH_TEXT_MAX. */
void watch_type(char *text, int key);

extern const char *const watch_stop_classes[3], *const watch_stop_reasons[5];

#endif
