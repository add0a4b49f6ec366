/* A shift handed over at the screen: both see every open item to the end of the list, then who leaves signs, then who
 * comes. The list is the one that was shown, whatever comes in meanwhile: that is on the screen of who comes. */
#include "cli/watch_draw.h"

#include "cli/home.h"
#include "cli/open_items.h"
#include "cli/seen.h"
#include "cli/typed.h"

#include <stdio.h>
#include <string.h>

/* The shift that is on by this key; "": none. */
static const char *own_shift(const watch_ui *ui, watch_state *state)
{
	const json_t *one;
	size_t i;
	json_array_foreach(ui->news.shifts, i, one)
	{
		if (strcmp(prl_seen_text(one, "key"), watch_state_key(state)) == 0)
			return prl_seen_text(one, "id");
	}
	return "";
}

bool watch_is_over(watch_panel panel)
{
	return panel >= WATCH_OVER_LIST && panel <= WATCH_OVER_COMES;
}

void watch_over_done(watch_ui *ui, watch_state *state)
{
	json_decref(ui->open);
	json_decref(ui->open_texts);
	ui->open = ui->open_texts = NULL;
	ui->panel = WATCH_NONE;
	watch_state_open(state, false);
}

void watch_over_begin(watch_ui *ui, watch_state *state, int64_t now_ms)
{
	if (!*own_shift(ui, state)) {
		watch_state_say(state, "no shift of %.60s is on: S begins one", watch_state_key(state));
		return;
	}
	watch_panel_open(ui, WATCH_OVER_LIST, now_ms);
	ui->open_top = ui->open_seen = 0;
	ui->to_key[0] = ui->to_languages[0] = ui->note[0] = 0;
	json_decref(ui->news.open); /* what is there is of another hand-over */
	ui->news.open = NULL;
	watch_state_open(state, true);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static void add_alarms(const json_t *all, const char *party, json_int_t of_class, json_t *to)
{
	const json_t *one, *alarms = json_object_get(all, "alarms"), *calls = json_object_get(all, "calls");
	size_t i;
	json_array_foreach(alarms, i, one)
	{
		char due[WATCH_WHEN_MAX], text[500];
		const json_t *shelf = json_object_get(one, "shelved");
		if (json_integer_value(json_object_get(one, "class")) != of_class ||
		    !prl_open_is_alarm(one, calls, party))
			continue;
		watch_when(prl_seen_text(one, "due"), due);
		snprintf(text, sizeof text, "%s · by %s%s · %.300s · who: %.20s", prl_seen_text(one, "class_name"), due,
			 json_is_object(shelf) ? " · SHELVED" : "", prl_seen_text(one, "text"),
			 prl_seen_text(one, "owner"));
		json_array_append_new(to, json_string(text));
	}
}

/* "un#1 departed · 31 trucks"; "un asks: …, no answer"; "meeting, fixed: …". */
static void add_things(const json_t *all, const char *part, json_t *to)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(all, part), i, one)
	{
		char text[500];
		const char *words = prl_seen_text(json_object_get(one, "text"), "words"),
			   *state = prl_seen_text(one, "state");
		if (!prl_open_is_thing(part, one))
			continue;
		if (strcmp(part, "movements") == 0)
			snprintf(text, sizeof text, "movement · %.60s %.20s · %.200s", prl_seen_text(one, "name"),
				 state, prl_seen_text(one, "title"));
		else
			snprintf(text, sizeof text, "%s of %.40s · %.40s · %.300s",
				 strcmp(part, "queries") == 0 ? "query" : "meeting", prl_seen_text(one, "party"), state,
				 words);
		json_array_append_new(to, json_string(text));
	}
}

/* All of what the list is made of, as it is now; NULL where not all has come. */
static json_t *all_of(const watch_ui *ui)
{
	json_t *all = ui->news.open ? json_pack("{s:O, s:O?}", "alarms", ui->news.open, "calls", ui->news.calls) : NULL;
	for (size_t i = 0; all && i < PRL_OPEN_PARTS; i++) {
		json_t *items = json_object_get(ui->news.things, prl_open_parts[i]);
		if (!items || json_object_set(all, prl_open_parts[i], items)) {
			json_decref(all);
			all = NULL;
		}
	}
	return all;
}

/* What is open when the answer has come. */
static void take_list(watch_ui *ui, const char *party)
{
	char text[300];
	json_t *all = ui->open ? NULL : all_of(ui);
	if (!all)
		return;
	ui->open = all;
	ui->open_texts = json_array();
	for (size_t i = 0; i < ui->count; i++) {
		const watch_row *row = &ui->rows[i];
		if (!row->call)
			continue;
		snprintf(text, sizeof text, "%s · %s%s%s", row->word, row->stands, row->stands[0] ? " · " : "",
			 row->text);
		json_array_append_new(ui->open_texts, json_string(text));
	}
	for (json_int_t c = 1; c <= 4; c++)
		add_alarms(ui->open, party, c, ui->open_texts);
	for (size_t i = 0; i < PRL_OPEN_PARTS; i++)
		add_things(ui->open, prl_open_parts[i], ui->open_texts);
}

static bool seen_to_end(const watch_ui *ui)
{
	return ui->open && ui->open_seen >= json_array_size(ui->open_texts);
}

static void draw_list(watch_screen *s, watch_ui *ui, const char *party, int line, int end)
{
	take_list(ui, party);
	size_t count = json_array_size(ui->open_texts);
	int lines = end - line - 2 > 1 ? end - line - 2 : 1;
	watch_addf(s, line, REVERSE_BOLD, " HAND OVER: all that is open, %zu items. Both of you read it to the end ",
		   count);
	if (!ui->open) {
		watch_add(s, line + 1, PLAIN, "  asking the node …");
		return;
	}
	if (!count)
		watch_add(s, line + 1, PLAIN, "  Nothing is open.");
	ui->open_lines = lines;
	for (int i = 0; i < lines && ui->open_top + (size_t)i < count; i++) {
		char text[520];
		size_t at = ui->open_top + (size_t)i;
		snprintf(text, sizeof text, "%3zu %s", at + 1, json_string_value(json_array_get(ui->open_texts, at)));
		watch_field(s, line + 1 + i, PLAIN, text, s->columns);
	}
	size_t last = ui->open_top + (size_t)lines < count ? ui->open_top + (size_t)lines : count;
	if (last > ui->open_seen)
		ui->open_seen = last;
	watch_addf(s, end - 1, REVERSE, " %zu–%zu of %zu · %s · Esc back ", count ? ui->open_top + 1 : 0, last, count,
		   seen_to_end(ui) ? "↑ ↓ · Enter goes on" : "↓ or Space: more; Enter only at the end");
}

/* ---- the questions ----------------------------------------------------------------------------------------------- */

void watch_over_draw(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	static const struct {
		const char *what, *how;
	} asked[] = { { "WHO COMES: the name of their key, or a file that ends in .key",
			"Enter · Esc back. A key that is not here: parley shift hand-over --out FILE" },
		      { "LANGUAGES of who comes, as en,ru; nothing: the same as now", "Enter · Esc back" },
		      { "WHAT THE NEXT ONE SHOULD KNOW; all parties read it; nothing: no words", "Enter · Esc back" } };
	size_t count = json_array_size(ui->open_texts);
	if (ui->panel == WATCH_OVER_LIST) {
		draw_list(s, ui, watch_state_party(state), line, end);
		return;
	}
	watch_addf(s, line++, REVERSE_BOLD, " HAND OVER: %zu open items seen ", count);
	if (ui->panel >= WATCH_OVER_KEY && ui->panel <= WATCH_OVER_NOTE) {
		watch_add(s, line, BOLD, asked[ui->panel - WATCH_OVER_KEY].what);
		watch_addf(s, line + 1, BOLD, "> %s_", ui->text);
		watch_add(s, line + 2, PLAIN, asked[ui->panel - WATCH_OVER_KEY].how);
		return;
	}
	watch_addf(s, line++, PLAIN, "from %s to %s", watch_state_key(state), ui->to_key);
	watch_addf(s, line++, PLAIN, "languages: %s · words: %s", ui->to_languages[0] ? ui->to_languages : "the same",
		   ui->note[0] ? ui->note : "none");
	if (ui->panel == WATCH_OVER_LEAVES)
		watch_addf(s, line, REVERSE, " WHO LEAVES (%s): Enter signs · Esc back ", watch_state_key(state));
	else
		watch_addf(s, line, REVERSE, " WHO COMES (%s): I have seen what is open. Y signs · Esc back ",
			   ui->to_key);
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void list_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	size_t count = json_array_size(ui->open_texts), page = ui->open_lines > 1 ? (size_t)ui->open_lines - 1 : 1;
	size_t last = count > (size_t)ui->open_lines ? count - (size_t)ui->open_lines : 0;
	if (key == KEY_ESCAPE)
		watch_over_done(ui, state);
	else if (key == KEY_UP || key == 'k')
		ui->open_top -= ui->open_top > 0;
	else if (key == KEY_DOWN || key == 'j')
		ui->open_top += ui->open_top < last;
	else if (key == ' ' || (key == KEY_ENTER && !seen_to_end(ui)))
		ui->open_top = ui->open_top + page < last ? ui->open_top + page : last;
	else if (key == KEY_ENTER)
		watch_panel_open(ui, WATCH_OVER_KEY, now_ms);
}

/* The private half must be here: two people stand at this screen. */
static void take_key(watch_ui *ui, watch_state *state, int64_t now_ms)
{
	prl_signer second = { 0 };
	prl_error err = { 0 };
	if (!ui->text[0])
		return;
	prl_status st = prl_home_signer(watch_state_folder(state), ui->text, &second, &err);
	bool same = !st && strcmp(second.verifier.name, watch_state_key(state)) == 0;
	prl_signer_wipe(&second);
	if (st || same) {
		watch_state_say(state, "%.100s", same ? "that is the key that leaves: two people sign" : err.text);
		return;
	}
	snprintf(ui->to_key, sizeof ui->to_key, "%s", ui->text);
	watch_panel_open(ui, WATCH_OVER_LANGUAGES, now_ms);
}

static void text_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	if (key != KEY_ENTER) {
		watch_type(ui->text, key);
	} else if (ui->panel == WATCH_OVER_KEY) {
		take_key(ui, state, now_ms);
	} else if (ui->panel == WATCH_OVER_LANGUAGES) {
		snprintf(ui->to_languages, sizeof ui->to_languages, "%s", ui->text);
		watch_panel_open(ui, WATCH_OVER_NOTE, now_ms);
	} else {
		snprintf(ui->note, sizeof ui->note, "%s", ui->text);
		watch_panel_open(ui, WATCH_OVER_LEAVES, now_ms);
	}
}

static void sign(watch_ui *ui, watch_state *state)
{
	char said[80];
	prl_signer second = { 0 };
	prl_error err = { 0 };
	if (prl_home_signer(watch_state_folder(state), ui->to_key, &second, &err)) {
		watch_state_say(state, "%.100s", err.text);
		return;
	}
	json_t *items = prl_open_items(ui->open, watch_state_party(state));
	json_t *body = json_pack("{s:s, s:s, s:o}", "shift", own_shift(ui, state), "to", second.verifier.name, "open",
				 prl_open_hash(items));
	if (body && ui->to_languages[0])
		json_object_set_new(body, "languages", prl_typed_list(ui->to_languages));
	if (body && ui->note[0])
		json_object_set_new(body, "note", json_pack("{s:s, s:s}", "words", ui->note, "language", "en"));
	snprintf(said, sizeof said, "shift handed over to %.50s", second.verifier.name);
	prl_signer_wipe(&second);
	json_decref(items);
	watch_state_act_two(state, "shift.handed_over", body, ui->to_key, said);
	watch_over_done(ui, state);
}

void watch_over_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	if (ui->panel == WATCH_OVER_LIST) {
		list_key(ui, state, key, now_ms);
	} else if (key == KEY_ESCAPE) {
		watch_over_done(ui, state);
	} else if (ui->panel <= WATCH_OVER_NOTE) {
		text_key(ui, state, key, now_ms);
	} else if (ui->panel == WATCH_OVER_LEAVES) {
		if (key == KEY_ENTER)
			ui->panel = WATCH_OVER_COMES;
	} else if (key == 'y' || key == 'Y') {
		sign(ui, state);
	}
}
