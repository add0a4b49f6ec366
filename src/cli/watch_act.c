/* Acts on what stands beside notices: opened, typed, filed, drawn. What there is to do: watch_deeds.c. */
#include "cli/watch_act.h"

#include "cli/ack.h"
#include "cli/draft.h"
#include "cli/seen.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- opened, filed ----------------------------------------------------------------------------------------------- */

void watch_act_done(watch_ui *ui)
{
	json_decref(ui->act_item);
	ui->act_item = NULL;
	ui->deed = NULL;
	ui->panel = WATCH_NONE;
}

static const watch_deed *deed_of(watch_way way)
{
	size_t i = 0;
	while (watch_deeds[i].way != way)
		i++;
	return &watch_deeds[i];
}

static bool is_to_read(const json_t *bundle, const char *own)
{
	size_t left;
	return watch_bundle_next(bundle, own, &left) != NULL;
}

static void open_form(watch_ui *ui, const watch_deed *deed)
{
	ui->deed = deed;
	ui->panel = WATCH_FORM;
	ui->field = 0;
	memset(ui->fields, 0, sizeof ui->fields);
}

/* Takes item over. */
static void open_act(watch_ui *ui, unsigned part, json_t *item, watch_panel panel, int64_t now_ms)
{
	watch_panel_open(ui, panel, now_ms);
	json_decref(ui->act_item);
	ui->act_item = item;
	ui->act_part = part;
	snprintf(ui->act_text, sizeof ui->act_text, "%s", ui->about_text);
}

/* "2 of 5: un#4, departed" */
static void say_next(watch_ui *ui, const char *own)
{
	size_t left;
	const json_t *next = watch_bundle_next(ui->act_item, own, &left);
	snprintf(ui->act_text, sizeof ui->act_text, "%zu left to read back, now %.60s: %.30s", left,
		 prl_seen_text(next, "name"), prl_seen_text(next, "state"));
}

static void forget_first(json_t *bundle, const char *own)
{
	size_t left, i;
	json_t *name;
	const json_t *next = watch_bundle_next(bundle, own, &left);
	json_t *names = json_object_get(next, "not_read_by");
	json_array_foreach(names, i, name)
	{
		if (strcmp(json_string_value(name), own) == 0) {
			(void)json_array_remove(names, i);
			return;
		}
	}
}

static void said_of(const watch_ui *ui, const watch_deed *deed, const char *own, char said[80])
{
	size_t left;
	const json_t *next = deed->way == WATCH_WAY_NEXT ? watch_bundle_next(ui->act_item, own, &left) : ui->act_item;
	const char *name = prl_seen_text(next, "name");
	if (!*name)
		name = deed->part == WATCH_ASK ? "asked" : ui->about_text;
	snprintf(said, 80, "%.*s: %.30s", (int)prl_utf8_cut(prl_bytes_of(name), 40), name, deed->name);
	if (deed->way == WATCH_WAY_READ_BACK || !*name)
		snprintf(said, 80, "%.40s%s%.30s", name, *name ? " " : "", deed->name);
}

static prl_mode mode_of(const watch_ui *ui, watch_state *state)
{
	const json_t *account = json_array_get(json_object_get(ui->act_item, "accounts"), 0);
	const json_t *from = account ? account : ui->act_item;
	return json_object_get(from, "mode") ? prl_ack_mode(from) : watch_state_mode(state);
}

/* How finely places are shared may have been chosen anew while the form was open. */
static void take_positions(watch_ui *ui)
{
	watch_row row = { .part = WATCH_MOVEMENTS };
	snprintf(row.thing, sizeof row.thing, "%s", prl_seen_text(ui->act_item, "notice"));
	json_t *positions = json_object_get(watch_thing(ui, &row), "positions");
	if (positions)
		(void)json_object_set(ui->act_item, "positions", positions);
}

/* Where a text cannot be read the form stays, to be put right. */
static void file(watch_ui *ui, watch_state *state)
{
	char said[80];
	prl_error err = { 0 };
	const char *own = watch_state_party(state);
	const watch_deed *deed = ui->deed;
	if (ui->act_part == WATCH_MOVEMENTS)
		take_positions(ui);
	watch_making m = { .item = ui->act_item,
			   .texts = ui->fields,
			   .own = own,
			   .language = watch_language(ui, state),
			   .folder = watch_state_folder(state),
			   .now = prl_draft_clock(),
			   .err = &err };
	json_t *body = deed->body(&m);
	if (!body) {
		watch_state_say(state, "NOT DONE: %.40s%s%.110s", err.where, err.where[0] ? ": " : "",
				err.text[0] ? err.text : "a text is not UTF-8");
		return;
	}
	said_of(ui, deed, own, said);
	prl_mode mode = mode_of(ui, state);
	bool filed = deed->way == WATCH_WAY_UPDATE ? watch_state_update(state, ui->act_item, body, NULL, mode, said)
						   : watch_state_act(state, deed->kind, body, mode, said);
	if (filed && deed->way == WATCH_WAY_NEXT) {
		forget_first(ui->act_item, own);
		if (is_to_read(ui->act_item, own)) {
			open_form(ui, deed);
			say_next(ui, own);
			return;
		}
	}
	watch_act_done(ui);
}

static void start_deed(watch_ui *ui, watch_state *state, const watch_deed *deed)
{
	ui->deed = deed;
	if (!deed->form) {
		memset(ui->fields, 0, sizeof ui->fields);
		file(ui, state);
		if (ui->panel == WATCH_ACT)
			watch_act_done(ui);
		return;
	}
	open_form(ui, deed);
	if (deed->way == WATCH_WAY_NEXT)
		say_next(ui, watch_state_party(state));
	else if (deed->way == WATCH_WAY_DEPARTED && *prl_seen_text(ui->act_item, "not_read_text"))
		snprintf(ui->act_text, sizeof ui->act_text, "%.150s", prl_seen_text(ui->act_item, "not_read_text"));
}

void watch_act_ask(watch_ui *ui, int64_t now_ms)
{
	json_t *all = json_array();
	const json_t *one;
	size_t i;
	json_array_foreach(ui->news.peers, i, one)
	{
		const char *log = prl_seen_text(one, "log");
		json_array_append_new(all, json_stringn(log, strcspn(log, ".")));
	}
	open_act(ui, WATCH_ASK, json_pack("{s:o}", "all", all), WATCH_ACT, now_ms);
	ui->about_text[0] = ui->act_text[0] = 0;
}

/* The notice of the row, where it is here. */
static const json_t *notice_of(const watch_ui *ui, const watch_row *row)
{
	const char *name = prl_seen_text(ui->news.notice, "name"), *id = prl_seen_text(ui->news.notice, "id");
	bool is = row && row->notice[0] && (strcmp(name, row->notice) == 0 || strcmp(id, row->notice) == 0);
	return is ? ui->news.notice : NULL;
}

void watch_act_hit(watch_ui *ui, int64_t now_ms)
{
	const json_t *notice = notice_of(ui, watch_selected(ui));
	open_act(ui, 0, notice ? json_deep_copy(notice) : json_object(), WATCH_FORM, now_ms);
	open_form(ui, deed_of(WATCH_WAY_HIT));
	if (notice)
		snprintf(ui->act_text, sizeof ui->act_text, "of %.60s", prl_seen_text(notice, "name"));
	else
		snprintf(ui->act_text, sizeof ui->act_text, "of no notice: select its row first where it has one");
}

/* What the row is about, a copy, and its part; NULL where that is nothing to act on, or has not come yet. */
static json_t *what_of(const watch_ui *ui, const watch_row *row, const char *own, unsigned *ret_part)
{
	const json_t *thing = watch_thing(ui, row), *notice = notice_of(ui, row);
	*ret_part = row->part ? row->part : thing ? WATCH_MOVEMENTS : WATCH_NOTICES;
	if (row->part == WATCH_TESTS)
		return json_pack("{s:[s]}", "all", row->thing);
	if (row->part == WATCH_TELL)
		return json_deep_copy(notice);
	if (thing)
		return json_deep_copy(thing);
	bool own_notice = !row->part && notice && strcmp(prl_seen_text(notice, "party"), own) == 0 &&
			  strcmp(prl_seen_text(notice, "state"), "live") == 0;
	return own_notice ? json_deep_copy(notice) : NULL;
}

void watch_act_begin(watch_ui *ui, watch_state *state, int64_t now_ms)
{
	const watch_row *row = watch_selected(ui);
	unsigned part = 0;
	json_t *item = row ? what_of(ui, row, watch_state_party(state), &part) : NULL;
	if (item)
		open_act(ui, part, item, WATCH_ACT, now_ms);
	else
		watch_state_say(state, "%s",
				row && (row->part || row->notice[0])
					? "NOT DONE: nothing there that A acts on, or it has not come yet"
					: "nothing selected that A acts on");
}

bool watch_act_read_back(watch_ui *ui, watch_state *state, int64_t now_ms)
{
	const watch_row *row = watch_selected(ui);
	const json_t *notice = notice_of(ui, row),
		     *bundle = row && row->part == WATCH_BUNDLES ? watch_thing(ui, row) : NULL;
	if (bundle && is_to_read(bundle, watch_state_party(state))) {
		open_act(ui, row->part, json_deep_copy(bundle), WATCH_ACT, now_ms);
		start_deed(ui, state, watch_deed_at(WATCH_BUNDLES, 2, bundle, watch_state_party(state)));
		return true;
	}
	if (!notice || strcmp(prl_seen_text(notice, "party"), watch_state_party(state)) == 0)
		return false;
	open_act(ui, 0, json_deep_copy(notice), WATCH_FORM, now_ms);
	open_form(ui, deed_of(WATCH_WAY_READ_BACK));
	return true;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static size_t field_count(const watch_form *form)
{
	size_t count = 0;
	while (count < WATCH_FIELDS_MAX && form->labels[count])
		count++;
	return count;
}

static bool is_empty(const watch_ui *ui, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ui->fields[i][0])
			return false;
	return true;
}

static void form_key(watch_ui *ui, watch_state *state, int key)
{
	const watch_form *form = ui->deed->form;
	size_t count = field_count(form);
	if (key == KEY_ESCAPE) {
		watch_act_done(ui);
	} else if (key == KEY_TAB || key == KEY_DOWN) {
		ui->field = (ui->field + 1) % count;
	} else if (key == KEY_UP) {
		ui->field = (ui->field + count - 1) % count;
	} else if (key != KEY_ENTER) {
		watch_type(ui->fields[ui->field], key);
	} else if (is_empty(ui, count) && !form->bare) {
		watch_act_done(ui);
	} else {
		file(ui, state);
	}
}

void watch_act_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	(void)now_ms;
	if (ui->panel == WATCH_FORM) {
		form_key(ui, state, key);
		return;
	}
	const watch_deed *deed = key >= '1' && key <= '9' ? watch_deed_at(ui->act_part, key - '0', ui->act_item,
									  watch_state_party(state))
							  : NULL;
	if (deed)
		start_deed(ui, state, deed);
	else if (key == KEY_ESCAPE)
		watch_act_done(ui);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

void watch_act_draw(watch_screen *s, const watch_ui *ui, watch_state *state, int line)
{
	char text[400] = "";
	int place = 0;
	for (size_t i = 0; i < watch_deed_count; i++) {
		size_t used = strlen(text);
		if (watch_deeds[i].part != ui->act_part)
			continue;
		place++;
		if (watch_deeds[i].fits(ui->act_item, watch_state_party(state)))
			snprintf(text + used, sizeof text - used, " %d %s", place, watch_deeds[i].name);
	}
	watch_addf(s, line, REVERSE, " %s %s  Esc back ", ui->act_part == WATCH_ASK ? "ASK" : "ACT",
		   *text ? text : " nothing here is ours to do");
}

void watch_form_draw(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const watch_form *form = ui->deed->form;
	size_t count = field_count(form);
	watch_addf(s, line++, REVERSE, " %s ", form->title);
	if (ui->act_text[0])
		line = watch_wrap(s, line, end, PLAIN, 0, ui->act_text);
	/* where there is no room for all, the field that is typed is there */
	size_t room = end - 1 > line ? (size_t)(end - 1 - line) : 1,
	       from = ui->field >= room ? ui->field - room + 1 : 0;
	for (size_t i = from; i < count && line < end - 1; i++) {
		char text[WATCH_TEXT_MAX + 80];
		bool here = i == ui->field;
		snprintf(text, sizeof text, "%s %s: %s%s", here ? ">" : " ", form->labels[i], ui->fields[i],
			 here ? "_" : "");
		line = watch_wrap(s, line, end - 1, here ? BOLD : PLAIN, 2, text);
	}
	watch_add(s, line, PLAIN, count > 1 ? "Tab next · Enter files it · Esc back" : "Enter files it · Esc back");
}
