/* Lines of the screen of `parley watch`: text, style, columns. What others wrote is cleaned here: no escape on the
 * terminal ever comes from it. Lines out of the screen are nothing, text beyond the last column is cut. */
#ifndef PRL_CLI_WATCH_DRAW_H
#define PRL_CLI_WATCH_DRAW_H

#include "cli/watch.h"

#define WATCH_LINES_MAX   200
#define WATCH_BYTES_MAX   2400 /* of one line, escapes included */
#define WATCH_COLUMNS_MAX 400

/* Colour says nothing that word and shape do not: without colours RED is bold and reverse, AMBER reverse, GREY plain.
 */
typedef enum watch_style { PLAIN, BOLD, REVERSE, REVERSE_BOLD, RED, AMBER, GREY } watch_style;

/* Lines as they stand on the terminal, so that only what changed is drawn. */
struct watch_screen {
	char shown[WATCH_LINES_MAX][WATCH_BYTES_MAX], next[WATCH_LINES_MAX][WATCH_BYTES_MAX];
	int rows, columns, width[WATCH_LINES_MAX];
	bool known, colours;
};

void watch_add(watch_screen *s, int line, watch_style style, const char *text);
void watch_addf(watch_screen *s, int line, watch_style style, const char *format, ...) PRL_PRINTF(4, 5);
/* Spaces up to a column. */
void watch_fill(watch_screen *s, int line, int column, watch_style style);
/* Text in a field of that many columns, cut with "…". */
void watch_field(watch_screen *s, int line, watch_style style, const char *text, int columns);
/* Text over several lines, the first from the column where the line ends, the others from `indent`; not beyond `end`.
 * Returns the line after the last. */
int watch_wrap(watch_screen *s, int line, int end, watch_style style, int indent, const char *text);

/* "13:52Z", with its date where it is more than 20 h from now; "not stated" for a text that is no time. */
#define WATCH_WHEN_MAX 24
void watch_when(const char *time, char ret[WATCH_WHEN_MAX]);
/* Text of a member, or what stands for it where it is none. */
const char *watch_text_or(const json_t *object, const char *name, const char *otherwise);

/* ---- parts of the screen ----------------------------------------------------------------------------------------- */

extern const char *const watch_mode_names[3];

/* The panel that is open, from that line on; false: none, or one of a single line. */
bool watch_panel_draw(watch_screen *s, const watch_ui *ui, watch_state *state, int line, int end);
/* "telephone ru: +7 495 0100 (desk) · …": the constitution's, then those of rungs as declared, then the notice's own.
 * party NULL: of all others. At most `end` lines; says where none is stated. */
int watch_telephones(watch_screen *s, const watch_ui *ui, watch_state *state, const char *party, int line, int end);
/* What is selected, from that line on. */
int watch_detail(watch_screen *s, const watch_ui *ui, watch_state *state, const watch_row *row, int line, int end);
/* The view over time, from line to end. */
void watch_time_draw(watch_screen *s, const watch_ui *ui, int line, int end);
/* Drone flights, from line to end; and how many of them a notice meets, on one line where it meets any. */
void watch_intents_draw(watch_screen *s, const watch_ui *ui, int line, int end);
int watch_intents_line(watch_screen *s, const json_t *notice, int line, int end);
/* The list and the questions of a hand-over, from line to end. */
void watch_over_draw(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end);

#endif
