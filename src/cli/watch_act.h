/* What is done at the screen with what stands beside notices: movements, bundles, queries, meetings, hits, tests. A row
 * names such an object by its part of the line and its id; A opens what can be done with it, a digit each; what needs
 * words opens a form. The form keeps a copy of the object as it was when it opened: it acts on that one, whatever the
 * list does meanwhile. */
#ifndef PRL_CLI_WATCH_ACT_H
#define PRL_CLI_WATCH_ACT_H

#include "cli/watch_draw.h"

/* ---- things (watch_things.c) ------------------------------------------------------------------------------------- */

/* The object that the row is about; NULL: none, or not fetched yet. Borrowed from the news. */
const json_t *watch_thing(const watch_ui *ui, const watch_row *row);
/* Part and id of what an alarm is about, into the row; nothing where it is about nothing such. */
void watch_thing_of_alarm(const json_t *alarm, watch_row *row);
/* The list of all that stands, from what was fetched: as rows of class 4. */
void watch_things_make(watch_things *things, const watch_news *news);
/* Keys of the list; false: it is none of them. */
bool watch_things_key(watch_things *things, int key);
/* The movement of a bundle that a party is to read back next; NULL: none. *ret_left: how many there are. */
const json_t *watch_bundle_next(const json_t *bundle, const char *party, size_t *ret_left);
/* What is known of it, from line to end. */
int watch_thing_draw(watch_screen *s, const watch_ui *ui, const watch_row *row, int line, int end);

/* ---- acts (watch_act.c, watch_deeds.c)
 * ------------------------------------------------------------------------------------------ */

/* Texts that are typed, one below the other. Tab and the arrows go from one to another, Enter files from any. */
typedef struct watch_form {
	const char *title;                    /* "ANSWER the query" */
	const char *labels[WATCH_FIELDS_MAX]; /* NULL after the last */
	bool bare;                            /* may be filed with nothing typed */
} watch_form;

/* What a body is made of. */
typedef struct watch_making {
	const json_t *item; /* what it is about */
	char (*texts)[WATCH_TEXT_MAX];
	const char *own, *language, *folder;
	prl_time now;
	prl_error *err;
} watch_making;

/* How a deed is done beyond its form and its body; each but the first is one deed's. */
typedef enum watch_way {
	WATCH_WAY_PLAIN,
	WATCH_WAY_NEXT,      /* one movement of a bundle, then the next */
	WATCH_WAY_DEPARTED,  /* who has not read the notice is said first */
	WATCH_WAY_UPDATE,    /* the body is the details of an UPDATE */
	WATCH_WAY_READ_BACK, /* of a notice, by the key B */
	WATCH_WAY_HIT        /* by the key I */
} watch_way;

typedef struct watch_deed {
	unsigned part; /* 0: opened by a key of its own */
	const char *name, *kind;
	const watch_form *form; /* NULL: done at once */
	bool (*fits)(const json_t *item, const char *own);
	json_t *(*body)(watch_making *m); /* NULL with m->err: a text cannot be read */
	watch_way way;
} watch_deed;

extern const watch_deed watch_deeds[];
extern const size_t watch_deed_count;
/* The deed of that digit, from 1, where it may be done. */
const watch_deed *watch_deed_at(unsigned part, int digit, const json_t *item, const char *own);

/* What may be done with the selected row is said, and a digit waited for. */
void watch_act_begin(watch_ui *ui, watch_state *state, int64_t now_ms);
/* A query, a meeting, a test message to others. */
void watch_act_ask(watch_ui *ui, int64_t now_ms);
/* A hit, of the selected notice where there is one. */
void watch_act_hit(watch_ui *ui, int64_t now_ms);
/* Reads the selected notice back, or the next movement of the selected bundle; false: the row is neither. */
bool watch_act_read_back(watch_ui *ui, watch_state *state, int64_t now_ms);
/* Keys while WATCH_ACT or WATCH_FORM is open. */
void watch_act_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms);
void watch_act_done(watch_ui *ui);
/* "1 answer  2 decline" */
void watch_act_draw(watch_screen *s, const watch_ui *ui, watch_state *state, int line);
void watch_form_draw(watch_screen *s, const watch_ui *ui, int line, int end);
/* "A answer": the hint of a row, by its part. */
const char *watch_act_hint(const watch_row *row, const char *alarm);

/* What people typed for a read-back as receipt.given has it: words, nearest name, bearing, distance, position, lowest
 * and highest level, start; "" where nothing was typed. NULL with err, which names the field. */
json_t *watch_read_back(char texts[WATCH_FIELDS_MAX][WATCH_TEXT_MAX], const char *folder, prl_time now, prl_error *err);

#endif
