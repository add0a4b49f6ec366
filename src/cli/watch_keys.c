#include "cli/watch_act.h"

#include "base/text.h"
#include "cli/ack.h"
#include "cli/draft.h"
#include "cli/heard.h"
#include "cli/moves.h"
#include "cli/open_items.h"
#include "cli/seen.h"
#include "cli/typed.h"
#include "formats/clean.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *const watch_stop_classes[3] = { "STOP", "URGENT", "DISTRESS" };
const char *const watch_stop_reasons[5] = { "not stated", "fire on our people", "aircraft in danger",
					    "convoy or protected place in danger", "people of neither side in danger" };

/* ---- bytes to keys ----------------------------------------------------------------------------------------------- */

static const struct sequence {
	const char *bytes;
	int key;
} sequences[] = {
	{ "[A", KEY_UP },    { "OA", KEY_UP },    { "[B", KEY_DOWN }, { "OB", KEY_DOWN },
	{ "[C", KEY_RIGHT }, { "OC", KEY_RIGHT }, { "[D", KEY_LEFT }, { "OD", KEY_LEFT },
	{ "OQ", KEY_F2 },    { "[12~", KEY_F2 },  { "[[B", KEY_F2 },  { "[19~", KEY_F8 },
};

static int escape_read(const char *bytes, size_t size, bool whole, size_t *ret_used)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		size_t length = strlen(sequences[i].bytes);
		if (size > length && memcmp(bytes + 1, sequences[i].bytes, length) == 0) {
			*ret_used = length + 1;
			return sequences[i].key;
		}
	}
	if (size == 1 || bytes[1] == 0x1b || (bytes[1] != '[' && bytes[1] != 'O')) {
		*ret_used = size == 1 && !whole ? 0 : 1;
		return *ret_used ? KEY_ESCAPE : KEY_NONE;
	}
	/* a sequence that means nothing here: to its last byte */
	for (size_t i = 2; i < size; i++)
		if (bytes[i] >= 0x40 && bytes[i] <= 0x7e && bytes[i] != '[') {
			*ret_used = i + 1;
			return KEY_NONE;
		}
	*ret_used = whole ? size : 0;
	return KEY_NONE;
}

int watch_key_read(const char *bytes, size_t size, bool whole, size_t *ret_used)
{
	char one[5] = { 0 };
	uint32_t character = 0;
	*ret_used = 1;
	switch (bytes[0]) {
	case 0x1b:
		return escape_read(bytes, size, whole, ret_used);
	case '\r':
	case '\n':
		return KEY_ENTER;
	case 0x7f:
	case 0x08:
		return KEY_BACKSPACE;
	case '\t':
		return KEY_TAB;
	default:
		break;
	}
	memcpy(one, bytes, size < 4 ? size : 4);
	size_t length = prl_utf8_decode(one, &character);
	if (!length) { /* half a character, or none */
		*ret_used = size < 4 && !whole && (unsigned char)bytes[0] >= 0xc2 ? 0 : 1;
		return KEY_NONE;
	}
	*ret_used = length;
	return character < 0x20 ? KEY_NONE : (int)character;
}

/* ---- typing ------------------------------------------------------------------------------------------------------ */

void watch_type(char *text, int key)
{
	size_t used = strlen(text);
	unsigned c = (unsigned)key;
	char b[5] = { 0 };
	if (key != KEY_BACKSPACE && (key < 0x20 || key >= KEY_UP))
		return;
	if (key == KEY_BACKSPACE) {
		while (used && ((unsigned char)text[used - 1] & 0xc0) == 0x80)
			used--;
		if (used)
			used--;
		text[used] = 0;
		return;
	}
	if (c < 0x80) {
		b[0] = (char)c;
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
	}
	if (used + strlen(b) < WATCH_TEXT_MAX)
		memcpy(text + used, b, strlen(b) + 1);
}

const watch_row *watch_selected(const watch_ui *ui)
{
	if (ui->things.open)
		return ui->things.at < ui->things.count ? &ui->things.rows[ui->things.at] : NULL;
	if (ui->time.open)
		return ui->time.at < ui->time.count ? &ui->time.row : NULL;
	return ui->at < ui->count ? &ui->rows[ui->at] : NULL;
}

/* What is typed is in the first language of who is on watch here. */
const char *watch_language(const watch_ui *ui, watch_state *state)
{
	const json_t *one;
	size_t i;
	json_array_foreach(ui->news.shifts, i, one)
	{
		const json_t *first = json_array_get(json_object_get(one, "languages"), 0);
		if (first && strcmp(prl_seen_text(one, "key"), watch_state_key(state)) == 0)
			return json_string_value(first);
	}
	return "en";
}

static const char *identity(const watch_row *row)
{
	return !row ? "" : row->id[0] ? row->id : row->notice;
}

void watch_panel_open(watch_ui *ui, watch_panel panel, int64_t now_ms)
{
	ui->panel = panel;
	ui->opened_ms = now_ms;
	ui->text[0] = 0;
	const watch_row *row = watch_selected(ui);
	snprintf(ui->meant, sizeof ui->meant, "%s", identity(row));
	snprintf(ui->about_text, sizeof ui->about_text, "%s", row ? row->text : "");
}

/* What the panel was opened for may have gone meanwhile, and something else have its place. */
static bool still_meant(const watch_ui *ui, watch_state *state)
{
	bool same = strcmp(ui->meant, identity(watch_selected(ui))) == 0;
	if (!same)
		watch_state_say(state, "NOT DONE: what was selected is no longer there");
	return same;
}

/* ---- STOP -------------------------------------------------------------------------------------------------------- */

/* Opens, filled from the selection; a second F8 changes nothing: one key alone never sends. */
static void stop_open(watch_ui *ui, int64_t now_ms)
{
	const watch_row *row = watch_selected(ui);
	if (ui->panel == WATCH_STOP || ui->panel == WATCH_STOP_PLACE || ui->panel == WATCH_STOP_MODE)
		return;
	watch_panel_open(ui, WATCH_STOP, now_ms);
	ui->stop_class = ui->stop_reason = 0;
	snprintf(ui->about, sizeof ui->about, "%s", row ? row->notice : "");
	snprintf(ui->to, sizeof ui->to, "%s", row ? row->peer : "");
	snprintf(ui->place, sizeof ui->place, "%s",
		 row && row->place[0] && strcmp(row->place, "not stated") != 0 ? row->place : "");
}

static void stop_send(watch_ui *ui, watch_state *state, prl_mode mode)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char said[80];
	bool all = !ui->to[0] || strcmp(ui->to, watch_state_party(state)) == 0;
	json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*, s:s}", "class", watch_stop_classes[ui->stop_class], "place",
				 ui->place[0] ? ui->place : NULL, "notice", ui->about[0] ? ui->about : NULL, "reason",
				 ui->stop_reason ? watch_stop_reasons[ui->stop_reason] : NULL, "role", "watch-keeper");
	if (body && !all)
		json_object_set_new(body, "to", json_pack("[s]", ui->to));
	snprintf(said, sizeof said, "%s%s%s to %s", mode == PRL_MODE_REAL ? "" : modes[mode],
		 mode == PRL_MODE_REAL ? "" : " ", watch_stop_classes[ui->stop_class], all ? "all" : ui->to);
	watch_state_call(state, body, mode, said);
	ui->panel = WATCH_NONE;
}

static bool enter_counts(const watch_ui *ui, int64_t before_ms, int64_t now_ms)
{
	return now_ms - ui->opened_ms >= WATCH_STOP_MS && now_ms - before_ms >= WATCH_STOP_MS;
}

static void stop_key(watch_ui *ui, watch_state *state, int key, int64_t before_ms, int64_t now_ms)
{
	if (key >= '1' && key <= '4')
		ui->stop_reason = key - '0';
	else if (key == KEY_TAB)
		ui->stop_class = (ui->stop_class + 1) % 3;
	else if (key == 'p' || key == 'P')
		ui->panel = WATCH_STOP_PLACE;
	else if (key == 'a' || key == 'A')
		ui->to[0] = ui->about[0] = 0;
	else if (key == KEY_ESCAPE)
		ui->panel = WATCH_NONE;
	else if (key == KEY_ENTER && enter_counts(ui, before_ms, now_ms)) {
		if (watch_state_mode(state) == PRL_MODE_REAL)
			stop_send(ui, state, PRL_MODE_REAL);
		else
			ui->panel = WATCH_STOP_MODE;
	}
}

/* On a desk in EXERCISE or TEST: real or not? No default. */
static void stop_mode_key(watch_ui *ui, watch_state *state, int key)
{
	if (key == 'r' || key == 'R')
		stop_send(ui, state, PRL_MODE_REAL);
	else if (key == 'e' || key == 'E')
		stop_send(ui, state, watch_state_mode(state));
	else if (key == KEY_ESCAPE)
		ui->panel = WATCH_NONE;
}

/* ---- acts on what is selected ------------------------------------------------------------------------------------ */

static void say_of(const watch_row *row, const char *what, char ret[80])
{
	const char *name = row->notice[0] ? row->notice : row->text;
	snprintf(ret, 80, "%.*s %.30s", (int)prl_utf8_cut(prl_bytes_of(name), 40), name, what);
}

static bool notice_is_here(const watch_ui *ui, const watch_row *row)
{
	const char *name = prl_seen_text(ui->news.notice, "name"), *id = prl_seen_text(ui->news.notice, "id");
	return row && row->notice[0] && (strcmp(name, row->notice) == 0 || strcmp(id, row->notice) == 0);
}

static void receipt(watch_ui *ui, watch_state *state, const char *rung)
{
	const watch_row *row = watch_selected(ui);
	char said[80];
	if (!notice_is_here(ui, row)) {
		watch_state_say(state, "nothing selected that can be %s", rung);
		return;
	}
	snprintf(said, sizeof said, "%.50s %.20s", prl_seen_text(ui->news.notice, "name"), rung);
	watch_state_act(state, "receipt.given", prl_ack_receipt(ui->news.notice, rung, NULL, NULL),
			prl_ack_mode(ui->news.notice), said);
}

/* An own movement is off route: the notice gets the place that was reported. False where the row is about nothing such.
 */
static bool update_place(watch_ui *ui, watch_state *state)
{
	const watch_row *row = watch_selected(ui);
	const json_t *alarm = row && !row->call ? row->from : NULL;
	char said[80];
	if (strcmp(prl_seen_text(alarm, "alarm"), "place-to-update") != 0)
		return false;
	const json_t *area = json_object_get(json_object_get(alarm, "about"), "area");
	json_t *details = notice_is_here(ui, row) ? prl_cli_details_with_area(ui->news.notice, area) : NULL;
	if (!details) {
		watch_state_say(state, "NOT DONE: %.40s is not here yet; press again", row->notice);
		return true;
	}
	snprintf(said, sizeof said, "%.40s updated with the place reported", row->notice);
	watch_state_update(state, ui->news.notice, details, CLI_REASON_DIFFERS, prl_ack_mode(ui->news.notice), said);
	return true;
}

static void judge(watch_ui *ui, watch_state *state, const char *correction)
{
	char said[80];
	prl_error err = { 0 };
	const watch_row *row = watch_selected(ui);
	if (!notice_is_here(ui, row))
		return;
	json_t *item = json_pack("[O]", ui->news.receipts),
	       *body = prl_ack_judged(item, NULL, correction, watch_language(ui, state), &err);
	json_decref(item);
	if (!body) {
		watch_state_say(state, "%.100s", err.text);
		return;
	}
	snprintf(said, sizeof said, "%.50s %s", prl_seen_text(ui->news.notice, "name"),
		 correction ? "CORRECTION" : "as meant");
	watch_state_act(state, "receipt.judged", body, prl_ack_mode(ui->news.notice), said);
}

static void answer_key(watch_ui *ui, watch_state *state, int key)
{
	static const char *const answers[] = { "understood", "passed on", "cannot accommodate", "changed plan" };
	const watch_row *row = watch_selected(ui);
	char said[80];
	ui->panel = key == KEY_ESCAPE || (key >= '1' && key <= '4') ? WATCH_NONE : ui->panel;
	if (key < '1' || key > '4' || !still_meant(ui, state) || !row || !ui->news.overlap ||
	    strcmp(prl_seen_text(ui->news.overlap, "id"), row->overlap) != 0)
		return;
	say_of(row, answers[key - '1'], said);
	watch_state_act(state, "overlap.answered", prl_ack_overlap(ui->news.overlap, answers[key - '1'], NULL, NULL),
			prl_ack_mode(ui->news.overlap), said);
}

const watch_row *watch_call_row(const watch_ui *ui, char stage)
{
	const watch_row *row = watch_selected(ui);
	if (stage != 'F' && row && row->call && !row->own && row->next[0] == stage)
		return row;
	for (size_t i = 0; i < ui->count; i++)
		if (ui->rows[i].call && !ui->rows[i].own && ui->rows[i].next[0] == stage)
			return &ui->rows[i];
	return NULL;
}

static void on_call(watch_state *state, const watch_row *row, const char *kind, const char *what, const char *as)
{
	char said[80];
	if (!row)
		return;
	snprintf(said, sizeof said, "%.40s: %.30s", row->text, as);
	watch_state_act(state, kind,
			json_pack("{s:s, s:s*, s:s}", "call", row->call_id, "what", what, "role", "watch-keeper"),
			row->mode, said);
}

static void call_key(watch_ui *ui, watch_state *state, int key)
{
	static const char *const passed[] = { "passed on", "not ours", "cannot reach units" };
	const watch_row *row = watch_call_row(ui, key <= '3' ? '1' : '4');
	if (!row)
		watch_state_say(state, "no call waits for that key");
	if (key <= '3')
		on_call(state, row, "call.passed", passed[key - '1'], passed[key - '1']);
	else
		on_call(state, row, "call.reported", key == '4' ? "ceased" : "continuing",
			key == '4' ? "ceased" : "continuing");
}

static void heard(watch_ui *ui, watch_state *state)
{
	struct timespec t;
	const watch_row *row = watch_selected(ui);
	clock_gettime(CLOCK_REALTIME, &t);
	prl_heard heard = { .words = ui->text,
			    .at = (prl_time)t.tv_sec * PRL_SECOND,
			    .heard_by = watch_state_key(state),
			    .party = row && row->peer[0] ? row->peer : NULL };
	const json_t *peer = json_array_get(ui->news.peers, 0);
	char party[64];
	if (!heard.party && json_array_size(ui->news.peers) == 1) { /* there is only one other side */
		snprintf(party, sizeof party, "%.*s", (int)strcspn(prl_seen_text(peer, "log"), "."),
			 prl_seen_text(peer, "log"));
		heard.party = party;
	}
	watch_state_act(state, "notice.filed", prl_heard_body(&heard), watch_state_mode(state),
			"heard: a relayed notice");
}

static void shift(watch_ui *ui, watch_state *state)
{
	json_t *languages = json_array();
	char *rest = NULL;
	for (char *one = strtok_r(ui->text, ", ", &rest); one; one = strtok_r(NULL, ", ", &rest))
		json_array_append_new(languages, json_string(one));
	watch_state_act(state, "shift.begun", json_pack("{s:s, s:o}", "role", "desk", "languages", languages),
			watch_state_mode(state), "shift begun");
}

/* ---- put off, ended ---------------------------------------------------------------------------------------------- */

/* The alarm of the selected row; NULL where there is none, and it is said. */
static const watch_row *to_shelve(const watch_ui *ui, watch_state *state)
{
	const watch_row *row = watch_selected(ui);
	bool fits = row && row->from && !row->call && row->alarm_class >= 3;
	if (!fits)
		watch_state_say(state, "%s",
				row && row->alarm_class < 3 ? "classes 1 and 2 are not shelved: somebody acts on them"
							    : "nothing selected that can be shelved");
	return fits ? row : NULL;
}

static void shelve_key(watch_ui *ui, watch_state *state, int64_t now_ms)
{
	char said[80];
	const watch_row *row = to_shelve(ui, state);
	if (row && row->shelved) {
		say_of(row, "shelved no longer", said);
		watch_state_act(state, "alarm.shelved", prl_open_unshelved(row->from), watch_state_mode(state), said);
	} else if (row) {
		watch_panel_open(ui, WATCH_SHELVE, now_ms);
	}
}

/* "+2h they repair it": until when, then why. */
static void shelve(watch_ui *ui, watch_state *state)
{
	char said[80], when[60];
	prl_error err = { 0 };
	json_t *until = NULL;
	const watch_row *row = to_shelve(ui, state);
	size_t length = strcspn(ui->text, " ");
	const char *why = ui->text + length + strspn(ui->text + length, " ");
	snprintf(when, sizeof when, "%.*s", (int)length, ui->text);
	if (!row)
		return;
	if (!*why || prl_typed_time_json(when, prl_draft_clock(), &until, &err)) {
		watch_state_say(state, "NOT SHELVED: %.100s", *why ? err.text : "expected until when, then why");
		return;
	}
	say_of(row, "shelved", said);
	watch_state_act(state, "alarm.shelved", prl_open_shelved(row->from, until, why), watch_state_mode(state), said);
}

static void end_shift(watch_ui *ui, watch_state *state)
{
	const json_t *one;
	size_t i;
	json_array_foreach(ui->news.shifts, i, one)
	{
		if (strcmp(prl_seen_text(one, "key"), watch_state_key(state)) == 0) {
			watch_state_act(state, "shift.ended", json_pack("{s:s}", "shift", prl_seen_text(one, "id")),
					watch_state_mode(state), "shift ended");
			return;
		}
	}
	watch_state_say(state, "no shift of %.60s is on", watch_state_key(state));
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void text_done(watch_ui *ui, watch_state *state)
{
	watch_panel panel = ui->panel;
	ui->panel = panel == WATCH_STOP_PLACE ? WATCH_STOP : WATCH_NONE;
	if (!ui->text[0] && panel != WATCH_STOP_PLACE)
		return;
	bool on_row = panel == WATCH_CORRECTION || panel == WATCH_SHELVE;
	if (on_row && !still_meant(ui, state))
		return;
	if (panel == WATCH_CORRECTION)
		judge(ui, state, ui->text);
	else if (panel == WATCH_HEARD)
		heard(ui, state);
	else if (panel == WATCH_SHIFT)
		shift(ui, state);
	else if (panel == WATCH_SHELVE)
		shelve(ui, state);
}

static void text_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	char *text = ui->panel == WATCH_STOP_PLACE ? ui->place : ui->text;
	if (key == KEY_ESCAPE)
		ui->panel = ui->panel == WATCH_STOP_PLACE ? WATCH_STOP : WATCH_NONE;
	else if (key == KEY_ENTER)
		text_done(ui, state);
	else
		watch_type(text, key);
	if (ui->panel == WATCH_STOP)
		ui->opened_ms = now_ms; /* the Enter that ends a place does not send */
}

static void move(watch_ui *ui, int by)
{
	if (by < 0 && ui->at)
		ui->at--;
	else if (by > 0 && ui->at + 1 < ui->count)
		ui->at++;
	snprintf(ui->selected, sizeof ui->selected, "%s", ui->at < ui->count ? ui->rows[ui->at].id : "");
}

static void withdraw(watch_ui *ui, watch_state *state)
{
	const watch_row *row = watch_selected(ui);
	if (row && row->call && row->own)
		on_call(state, row, "call.withdrawn", NULL, "we withdraw it");
}

/* An overlap that the other party may not see is told, not answered. */
static bool is_to_tell(const watch_row *row)
{
	return row && row->part == WATCH_TELL;
}

/* Answers the test messages that wait, where there are any. */
static void somebody_is_here(watch_ui *ui, watch_state *state)
{
	const json_t *channel, *test;
	size_t i, k, answered = 0;
	json_array_foreach(ui->news.channels, i, channel)
	{
		if (strcmp(prl_seen_text(channel, "party"), watch_state_party(state)) != 0)
			continue;
		json_array_foreach(json_object_get(channel, "tests"), k, test)
		{
			char said[80];
			const char *id = prl_seen_text(test, "waits");
			if (!*id)
				continue;
			snprintf(said, sizeof said, "test of %.40s: somebody is here", prl_seen_text(test, "asked_by"));
			answered += watch_state_act(state, "person.present", json_pack("{s:s}", "answers", id),
						    watch_state_mode(state), said);
		}
	}
	if (!answered)
		watch_state_act(state, "person.present", json_object(), watch_state_mode(state),
				"person test: somebody is here");
}

/* Keys that act, mostly on what is selected. False: it is none of them. */
static bool act_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	switch (key) {
	case 'u':
		if (!update_place(ui, state))
			receipt(ui, state, "understood");
		break;
	case 'p':
		receipt(ui, state, "units told");
		break;
	case 'x':
		receipt(ui, state, "cannot reach units");
		break;
	case 'b':
		if (!watch_act_read_back(ui, state, now_ms))
			watch_state_say(state, "nothing selected that can be read back");
		break;
	case 'a':
		watch_act_begin(ui, state, now_ms);
		break;
	case 'd':
		watch_act_ask(ui, now_ms);
		break;
	case 'i':
		watch_act_hit(ui, now_ms);
		break;
	case 'm':
		judge(ui, state, NULL);
		break;
	case 'c':
		watch_panel_open(ui, notice_is_here(ui, watch_selected(ui)) ? WATCH_CORRECTION : WATCH_NONE, now_ms);
		break;
	case 'o':
		if (is_to_tell(watch_selected(ui))) {
			watch_act_begin(ui, state, now_ms);
			break;
		}
		watch_panel_open(ui, ui->news.overlap ? WATCH_ANSWER : WATCH_NONE, now_ms);
		break;
	case 't':
		somebody_is_here(ui, state);
		break;
	case 'w':
		withdraw(ui, state);
		break;
	default:
		return false;
	}
	return true;
}

/* Keys of panels and views. */
static void view_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	switch (key) {
	case 'h':
		watch_panel_open(ui, WATCH_HEARD, now_ms);
		break;
	case 's':
		watch_panel_open(ui, WATCH_SHIFT, now_ms);
		break;
	case 'z':
		ui->silent_until_ms = now_ms + WATCH_SILENCE_MS;
		watch_state_silence(state);
		watch_state_say(state, "silent for 30 s; class 1 sounds on");
		break;
	case 'l':
		shelve_key(ui, state, now_ms);
		break;
	case 'r':
		ui->see_shelved = !ui->see_shelved;
		break;
	case 'g':
		watch_over_begin(ui, state, now_ms);
		break;
	case 'e':
		watch_panel_open(ui, WATCH_END, now_ms);
		break;
	case 'y':
		ui->things.open = !ui->things.open;
		ui->time.open = ui->flights_open = false;
		break;
	case 'f':
		ui->flights_open = !ui->flights_open;
		ui->time.open = ui->things.open = false;
		break;
	case 'v':
		ui->time.open = !ui->time.open;
		ui->things.open = ui->flights_open = false;
		break;
	case 'n':
		ui->at = 0;
		move(ui, 0);
		break;
	case 'q':
		watch_panel_open(ui, WATCH_QUIT, now_ms);
		break;
	default:
		break;
	}
}

static void letter_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	if (strchr("aiupxbmcolw", key) && ui->moved_ms && now_ms - ui->moved_ms < WATCH_MOVED_MS) {
		watch_state_say(state, "NOT DONE: the list has moved; look, and press again");
		return;
	}
	if (!act_key(ui, state, key, now_ms))
		view_key(ui, state, key, now_ms);
}

/* The row of a flood is opened, or closed again. */
static void list_flood(watch_ui *ui)
{
	const watch_row *row = watch_selected(ui);
	if (!row || !row->flood[0])
		return;
	watch_flood_toggle(&ui->flood, row->flood);
	ui->flood_changed = true;
}

/* The view over time has keys of its own; acts are on what is selected in it. */
static bool time_key(watch_ui *ui, watch_state *state, int key)
{
	if (!ui->time.open)
		return false;
	if (key == KEY_ESCAPE) {
		ui->time.open = false;
		return true;
	}
	if (key == KEY_TAB) {
		ui->time.by_kind = !ui->time.by_kind;
		watch_time_make(&ui->time, &ui->news, watch_state_party(state));
		return true;
	}
	return watch_time_key(&ui->time, key);
}

static void plain_key(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	if (time_key(ui, state, key) || (ui->things.open && watch_things_key(&ui->things, key)))
		return;
	if (key == KEY_UP || key == KEY_DOWN || key == 'k' || key == 'j')
		move(ui, key == KEY_UP || key == 'k' ? -1 : 1);
	else if (key == KEY_ENTER)
		list_flood(ui);
	else if (key == '?')
		watch_panel_open(ui, WATCH_HELP, now_ms);
	else if (key >= '1' && key <= '5')
		call_key(ui, state, key);
	else if (key < 0x80)
		letter_key(ui, state, key >= 'A' && key <= 'Z' ? key + 32 : key, now_ms);
}

void watch_key_do(watch_ui *ui, watch_state *state, int key, int64_t now_ms)
{
	int64_t before_ms = ui->enter_ms;
	if (key == KEY_ENTER)
		ui->enter_ms = now_ms;
	if (key == KEY_F8) {
		stop_open(ui, now_ms);
	} else if (key == KEY_F2) {
		on_call(state, watch_call_row(ui, 'F'), "call.taken", NULL, "taken");
	} else {
		switch (ui->panel) {
		case WATCH_STOP:
			stop_key(ui, state, key, before_ms, now_ms);
			break;
		case WATCH_STOP_MODE:
			stop_mode_key(ui, state, key);
			break;
		case WATCH_STOP_PLACE:
		case WATCH_CORRECTION:
		case WATCH_HEARD:
		case WATCH_SHIFT:
		case WATCH_SHELVE:
			text_key(ui, state, key, now_ms);
			break;
		case WATCH_OVER_LIST:
		case WATCH_OVER_KEY:
		case WATCH_OVER_LANGUAGES:
		case WATCH_OVER_NOTE:
		case WATCH_OVER_LEAVES:
		case WATCH_OVER_COMES:
			watch_over_key(ui, state, key, now_ms);
			break;
		case WATCH_END:
			ui->panel = WATCH_NONE;
			if (key == 'y' || key == 'Y')
				end_shift(ui, state);
			break;
		case WATCH_ACT:
		case WATCH_FORM:
			watch_act_key(ui, state, key, now_ms);
			break;
		case WATCH_ANSWER:
			answer_key(ui, state, key);
			break;
		case WATCH_QUIT:
			ui->leave = key == 'y' || key == 'Y';
			ui->panel = WATCH_NONE;
			break;
		case WATCH_HELP:
			ui->panel = WATCH_NONE;
			break;
		default:
			plain_key(ui, state, key, now_ms);
		}
	}
}
