/* Rows of "needs me": what rings, then alarms, by class and deadline. */
#include "cli/watch_act.h"

#include "base/text.h"
#include "cli/open_items.h"
#include "cli/seen.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

static prl_mode mode_of(const char *mode)
{
	return strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
	       : strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
					       : PRL_MODE_REAL;
}

static void set(char *to, size_t room, const char *text)
{
	char shown[CLI_WORDS_MAX];
	prl_cli_words(text, shown);
	snprintf(to, room, "%.*s", (int)prl_utf8_cut(prl_bytes_of(shown), room - 1), shown);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static const json_t *party_in(const json_t *call, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(call, "parties"), i,
			   one) if (strcmp(prl_seen_text(one, "party"), party) == 0) return one;
	return NULL;
}

/* Which key is next, by what the own party has made of it. */
static const char *next_of(const char *state)
{
	if (strcmp(state, "raised") == 0 || !*state)
		return "F2 take";
	if (strcmp(state, "taken") == 0)
		return "1 2 3";
	if (strcmp(state, "passed") == 0 || strcmp(state, "cannot reach units") == 0)
		return "4 5";
	return "";
}

/* The sender's ladder: SENT · AT THEIR NODE · TAKEN BY … */
static void own_call(const json_t *call, watch_row *row)
{
	const json_t *one, *late = json_object_get(call, "not_delivered");
	const char *state = "SENT";
	char who[60] = "";
	size_t i;
	if (json_object_size(json_object_get(call, "nodes")))
		state = "RINGING at their node";
	json_array_foreach(json_object_get(call, "parties"), i, one)
	{
		const char *made = prl_seen_text(one, "state");
		if (*made && strcmp(made, "raised") != 0) {
			state = made;
			snprintf(who, sizeof who, "%.30s ", prl_seen_text(one, "party"));
		}
	}
	if (json_array_size(late) && !*who)
		state = "NOT DELIVERED – PHONE";
	snprintf(row->stands, sizeof row->stands, "%s%s", who, state);
}

static bool row_of_call(const json_t *call, const char *party, watch_row *row)
{
	const json_t *mine = party_in(call, party);
	const char *raised_by = prl_seen_text(call, "party"), *class = prl_seen_text(call, "class");
	char text[300];
	bool own = strcmp(raised_by, party) == 0;
	if (!prl_open_is_call(call, party))
		return false;
	*row = (watch_row){ .call = true, .own = own, .mode = mode_of(prl_seen_text(call, "mode")), .from = call };
	const char *state = prl_seen_text(mine, "state");
	row->alarm_class = strcmp(class, "URGENT") == 0 ? 2 : 1;
	row->word = strcmp(class, "URGENT") == 0 ? "URGENT" : strcmp(class, "DISTRESS") == 0 ? "DISTRESS" : "STOP";
	row->taken = own || (*state && strcmp(state, "raised") != 0);
	row->unverified = json_is_string(json_object_get(call, "unverified"));
	row->not_logged = json_is_false(json_object_get(call, "logged"));
	row->count = (int)json_integer_value(json_object_get(call, "count"));
	snprintf(row->id, sizeof row->id, "call:%.60s", prl_seen_text(call, "id"));
	snprintf(row->call_id, sizeof row->call_id, "%s", prl_seen_text(call, "id"));
	const char *words = prl_seen_text(call, "words"), *reason = prl_seen_text(call, "reason");
	bool has_words = *words && strcmp(words, "not stated") != 0,
	     has_reason = *reason && strcmp(reason, "not stated") != 0;
	snprintf(text, sizeof text, "%.60s: %.100s%s%.100s", prl_seen_text(call, "name"), has_reason ? reason : "",
		 has_reason && has_words ? ", " : "",
		 has_words    ? words
		 : has_reason ? ""
			      : "not stated");
	set(row->text, sizeof row->text, text);
	set(row->peer, sizeof row->peer, raised_by);
	set(row->place, sizeof row->place, prl_seen_text(call, "place"));
	set(row->notice, sizeof row->notice, prl_seen_text(call, "notice"));
	if (strcmp(row->notice, "not stated") == 0)
		row->notice[0] = 0;
	snprintf(row->next, sizeof row->next, "%s", own ? "W withdraw" : next_of(state));
	snprintf(row->stands, sizeof row->stands, "%.90s", state);
	if (own)
		own_call(call, row);
	return true;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

/* "us#12" of us: nobody reads an own notice back. */
static bool is_own(const char *notice, const char *party)
{
	size_t length = strlen(party);
	return strncmp(notice, party, length) == 0 && notice[length] == '#';
}

static const char *next_act(const char *alarm, const char *party, const watch_row *row)
{
	if (row->overlap[0] && row->part != WATCH_TELL)
		return "O answer";
	if (strcmp(alarm, "read-back-to-judge") == 0)
		return "M or C";
	if (strstr(alarm, "read-back"))
		return "B read back";
	if (strcmp(alarm, "notice-unread") == 0)
		return "U";
	if (strcmp(alarm, "place-to-update") == 0)
		return "U update";
	if (strcmp(alarm, "person-silent") == 0)
		return "T";
	if (strcmp(alarm, "nobody-on-watch") == 0)
		return "S";
	const char *hint = watch_act_hint(row, alarm);
	return *hint ? hint : !row->notice[0] ? "" : is_own(row->notice, party) ? "A" : "U or B";
}

/* An alarm that states no mode is about the line as a whole. */
static void row_of_alarm(const json_t *alarm, const char *party, prl_mode mode, watch_row *row)
{
	static const char *const words[] = { "STOP", "URGENT", "ACTION", "NOTE" };
	const json_t *about = json_object_get(alarm, "about");
	const char *first = json_string_value(json_array_get(json_object_get(about, "names"), 0));
	const char *stated = prl_seen_text(about, "mode");
	*row = (watch_row){ .mode = *stated ? mode_of(stated) : mode, .count = 1 };
	row->alarm_class = (int)json_integer_value(json_object_get(alarm, "class"));
	if (row->alarm_class < 1 || row->alarm_class > 4)
		row->alarm_class = 3;
	row->word = words[row->alarm_class - 1];
	row->from = alarm;
	row->shelved = json_is_object(json_object_get(alarm, "shelved"));
	snprintf(row->id, sizeof row->id, "%.199s", prl_seen_text(alarm, "situation"));
	set(row->text, sizeof row->text, prl_seen_text(alarm, "text"));
	set(row->peer, sizeof row->peer, prl_seen_text(about, "peer"));
	set(row->place, sizeof row->place, prl_seen_text(about, "place"));
	snprintf(row->overlap, sizeof row->overlap, "%.59s", prl_seen_text(about, "overlap"));
	set(row->notice, sizeof row->notice,
	    *prl_seen_text(about, "name")    ? prl_seen_text(about, "name")
	    : *prl_seen_text(about, "other") ? prl_seen_text(about, "other")
	    : first                          ? first
					     : prl_seen_text(about, "notice"));
	watch_thing_of_alarm(alarm, row);
	snprintf(row->next, sizeof row->next, "%s", next_act(prl_seen_text(alarm, "alarm"), party, row));
	row->has_due = json_is_integer(json_object_get(alarm, "due_in_s"));
	const char *due = prl_seen_text(alarm, "due");
	if (prl_time_parse(due, strlen(due), &row->due, NULL))
		row->due = PRL_TIME_OPEN_END;
	row->due_s = json_integer_value(json_object_get(alarm, "due_in_s"));
}

static int order(const void *a, const void *b)
{
	const watch_row *x = a, *y = b;
	if (x->shelved != y->shelved)
		return x->shelved - y->shelved;
	bool x_flood = x->in_flood || x->flood[0], y_flood = y->in_flood || y->flood[0];
	int x_class = x_flood ? 3 : x->alarm_class, y_class = y_flood ? 3 : y->alarm_class;
	if (x_class != y_class)
		return x_class - y_class;
	if (x->own != y->own)
		return x->own - y->own;
	if (x_flood != y_flood) /* a flood stands together, after what of class 3 has rows of its own */
		return x_flood - y_flood;
	if (x_flood && strcmp(x->peer, y->peer) != 0)
		return strcmp(x->peer, y->peer);
	if (x_flood && (x->flood[0] || y->flood[0]))
		return y->flood[0] - x->flood[0];
	if (x->call && y->call && strcmp(x->word, y->word) != 0)
		return strcmp(y->word, x->word); /* STOP before DISTRESS */
	if (x->has_due != y->has_due)
		return y->has_due - x->has_due;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* A call that was taken and of which nobody has said more in time is an alarm again: its own row sounds for it. */
static void add_to_call(const json_t *alarm, watch_row *rows, size_t count)
{
	const char *id = prl_seen_text(alarm, "situation") + strlen("call:");
	if (json_integer_value(json_object_get(alarm, "class")) > 2 ||
	    json_integer_value(json_object_get(alarm, "due_in_s")) > 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (rows[i].call && !rows[i].own && rows[i].taken && strcmp(rows[i].call_id, id) == 0)
			rows[i].waits = true;
}

/* One row for all of a peer's that are collapsed: as urgent as the most urgent of them, which comes first. */
static void row_of_flood(const watch_news *news, const watch_flood *flood, const json_t *first, const char *party,
			 prl_mode mode, watch_row *row)
{
	const char *peer = watch_flood_peer(first);
	const json_t *one;
	size_t i, count = 0;
	json_array_foreach(news->alarms, i, one) count += !json_is_object(json_object_get(one, "shelved")) &&
							  watch_flood_has(flood, one) &&
							  strcmp(watch_flood_peer(one), peer) == 0;
	bool own = strcmp(peer, "own") == 0;
	row_of_alarm(first, party, mode, row);
	row->from = NULL;
	row->part = 0;
	row->overlap[0] = row->notice[0] = row->thing[0] = row->place[0] = 0;
	row->flood_count = count;
	snprintf(row->flood, sizeof row->flood, "%.39s", peer);
	snprintf(row->id, sizeof row->id, "flood:%.100s:%d", peer, watch_flood_number(flood, peer));
	snprintf(row->text, sizeof row->text, "FLOOD: %zu more %s%.40s", count, own ? "of our own" : "from ",
		 own ? "" : peer);
	snprintf(row->next, sizeof row->next, "Enter %s", watch_flood_is_listed(flood, peer) ? "hides" : "lists");
}

/* Whether a row of that flood is there already. */
static bool has_row(const watch_row *rows, size_t count, const char *peer)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].flood, peer) == 0)
			return true;
	return false;
}

/* An alarm as its own row, or in the row of its flood; how many rows that makes. */
static size_t rows_of_alarm(const watch_news *news, const watch_flood *flood, const json_t *alarm, const char *party,
			    prl_mode mode, watch_row *rows, size_t count)
{
	size_t before = count;
	const char *peer = watch_flood_peer(alarm);
	bool in = !json_is_object(json_object_get(alarm, "shelved")) && watch_flood_has(flood, alarm);
	if (in && !has_row(rows, count, peer) && count < WATCH_ROWS_MAX)
		row_of_flood(news, flood, alarm, party, mode, &rows[count++]);
	if ((!in || watch_flood_is_listed(flood, peer)) && count < WATCH_ROWS_MAX) {
		row_of_alarm(alarm, party, mode, &rows[count]);
		rows[count++].in_flood = in;
	}
	return count - before;
}

size_t watch_rows_make(const watch_news *news, const watch_flood *flood, const char *party, prl_mode mode, bool shelved,
		       watch_row rows[WATCH_ROWS_MAX], size_t *ret_shelved)
{
	size_t count = 0, i;
	const json_t *one;
	*ret_shelved = 0;
	json_array_foreach(news->calls, i, one) if (count < WATCH_ROWS_MAX && row_of_call(one, party, &rows[count]))
		count++;
	json_array_foreach(news->alarms, i, one)
	{
		bool is_call = strncmp(prl_seen_text(one, "situation"), "call:", 5) == 0; /* they are there already */
		bool is_shelved = json_is_object(json_object_get(one, "shelved"));
		*ret_shelved += is_shelved;
		if (is_call)
			add_to_call(one, rows, count);
		if (!is_call && (!is_shelved || shelved))
			count += rows_of_alarm(news, flood, one, party, mode, rows, count);
	}
	qsort(rows, count, sizeof *rows, order);
	return count;
}
