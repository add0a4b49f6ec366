/* Deeds at the screen: the forms that they need, the bodies of the entries that they become, who may do them. */
#include "cli/watch_act.h"

#include "cli/ack.h"
#include "cli/draft.h"
#include "cli/seen.h"
#include "cli/typed.h"

#include "base/error.h"
#include "line/movement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- forms ------------------------------------------------------------------------------------------------------- */

static const watch_form read_back_form = { "READ BACK, in your own words",
					   { "words", "nearest name", "bearing from it, degrees",
					     "distance from it, as 4km", "or its position", "lowest level, as FL150",
					     "highest level", "starts, as 13:52Z" },
					   false };
static const watch_form answer_form = { "ANSWER the query", { "answer" }, false };
static const watch_form decline_form = { "DECLINE to answer", { "why (or nothing)" }, true };
static const watch_form account_form = { "OUR ACCOUNT of the hit",
					 { "what is known here", "who saw it (or nothing: we)", "killed, as 3 or 3..5",
					   "hurt", "damage" },
					 false };
static const watch_form hit_form = { "A HIT: what happened. If it goes on: F8",
				     { "what happened", "when (or nothing: now)", "position", "killed, as 3 or 3..5",
				       "hurt", "damage", "who saw it (or nothing: we)" },
				     false };
static const watch_form report_form = {
	"REPORT where it is", { "position (or nothing)", "accuracy, as 500m", "next check-in, as +1h", "words" }, true
};
static const watch_form late_form = { "LATE: the next check-in", { "next check-in, as +1h", "words" }, false };
static const watch_form words_form = { "IN WORDS, or nothing", { "words" }, true };
static const watch_form fix_form = { "FIX the meeting", { "when, as 13:52Z", "place", "words" }, false };
static const watch_form held_form = { "IT WAS HELD", { "from, as 13:00Z", "until", "words" }, true };
static const watch_form minutes_form = { "MINUTES, our own until the others agree to them", { "minutes" }, false };
static const watch_form query_form = { "ASK: about what was seen",
				       { "question", "to (or nothing: all)", "place by name",
					 "when it was seen, as -5min", "seen by what means", "urgent? y" },
				       false };
static const watch_form meeting_form = { "ASK for a meeting",
					 { "about what", "to (or nothing: all)", "when, as +60min", "place",
					   "level: desk, duty colonel, director …", "agenda" },
					 false };
static const watch_form end_form = { "IT HAS ENDED", { "when (or nothing: now)", "words" }, true };
static const watch_form cancel_form = { "IT WILL NOT BE DONE", { "why (or nothing)" }, true };
static const watch_form until_form = { "WHEN IT ENDS: everybody reads it again", { "ends, as 16:00Z or +2h" }, false };
static const watch_form tell_form = { "TELL THEM that it overlaps with something of ours: not with what, not where",
				      { "words (or nothing)" },
				      true };
static const watch_form statement_form = { "A STATEMENT: it asks for no answer",
					   { "words", "kind: position, warning, condition, decision",
					     "to (or nothing: all)", "takes effect, as 16:00Z",
					     "level: desk, duty colonel, director …" },
					   false };
static const watch_form test_form = { "TEST MESSAGE: somebody there is to answer", { "to (or nothing: all)" }, true };

/* ---- pieces of bodies -------------------------------------------------------------------------------------------- */

typedef struct watch_making making;

static const char *text_at(const making *m, size_t field)
{
	return m->texts[field];
}

static void put_text(json_t *body, const char *name, const char *text)
{
	if (body && *text)
		(void)json_object_set_new(body, name, json_string(text));
}

/* {"words", "language"} under that name. */
static void put_words(const making *m, json_t *body, const char *name, const char *words)
{
	if (body && *words)
		(void)json_object_set_new(body, name, json_pack("{s:s, s:s}", "words", words, "language", m->language));
}

/* The same as two members beside the others. */
static void put_plain_words(const making *m, json_t *body, const char *words)
{
	put_text(body, "words", words);
	if (*words)
		put_text(body, "language", m->language);
}

static void put_place(json_t *body, const char *name)
{
	if (body && *name)
		(void)json_object_set_new(body, "place", json_pack("{s:s}", "name", name));
}

/* Nothing where nothing is typed; false with err, which names the field. */
static bool put_time(const making *m, json_t *body, const char *name, const char *text)
{
	json_t *time = NULL;
	if (!*text)
		return true;
	prl_status st = prl_typed_time_json(text, m->now, &time, m->err);
	if (st)
		(void)prl_error_at(m->err, st, "%s", name);
	else
		(void)json_object_set_new(body, name, time);
	return !st;
}

static void put_to(json_t *body, const char *name, const char *parties)
{
	if (body && *parties)
		(void)json_object_set_new(body, name, prl_typed_list(parties));
}

/* "3", "3..5" as {"min", "max"?} */
static bool put_range(const making *m, json_t *body, const char *name, const char *text)
{
	char *end;
	if (!*text)
		return true;
	long min = strtol(text, &end, 10), max = min;
	bool good = end != text && min >= 0, has_max = good && strncmp(end, "..", 2) == 0;
	if (has_max) {
		const char *from = end + 2;
		max = strtol(from, &end, 10);
		good = end != from && max >= min;
	}
	if (!good || *end)
		return prl_error_set(m->err, PRL_E_SYNTAX, "%s: \"%.20s\" is no count; expected 10, or 10..18", name,
				     text) == PRL_OK;
	json_t *range = json_pack("{s:I}", "min", (json_int_t)min);
	if (has_max)
		(void)json_object_set_new(range, "max", json_integer(max));
	(void)json_object_set_new(body, name, range);
	return true;
}

/* The field where it went wrong is named. */
static prl_status in_field(prl_error *err, prl_status st, const char *field)
{
	return st ? prl_error_at(err, st, "%s", field) : PRL_OK;
}

static json_t *kept_if(json_t *body, bool good)
{
	if (good)
		return body;
	json_decref(body);
	return NULL;
}

/* ---- read back --------------------------------------------------------------------------------------------------- */

static prl_status put_level(json_t *to, const char *name, const char *text, prl_error *err)
{
	json_t *level = NULL;
	prl_status st = *text ? prl_typed_level(text, &level, err) : PRL_OK;
	if (level)
		(void)json_object_set_new(to, name, level);
	return in_field(err, st, name);
}

static prl_status put_bearing(json_t *to, const char *bearing, const char *distance, prl_error *err)
{
	double degrees, metres;
	prl_status st = PRL_OK;
	if (*bearing) {
		st = prl_cli_number(bearing, 0, 360, "degrees", &degrees, err);
		if (st)
			return in_field(err, st, "bearing");
		(void)json_object_set_new(to, "bearing_deg", json_real(degrees));
	}
	if (!*distance)
		return PRL_OK;
	st = prl_typed_distance(distance, &metres, err);
	if (!st)
		(void)json_object_set_new(to, "distance", json_pack("{s:f, s:s}", "value", metres, "unit", "m"));
	return in_field(err, st, "distance");
}

json_t *watch_read_back(char texts[WATCH_FIELDS_MAX][WATCH_TEXT_MAX], const char *folder, prl_time now, prl_error *err)
{
	json_t *to = json_object(), *start = NULL;
	put_text(to, "words", texts[0]);
	put_text(to, "name", texts[1]);
	put_text(to, "position", texts[4]);
	prl_status st = put_bearing(to, texts[2], texts[3], err);
	if (!st)
		st = put_level(to, "lower", texts[5], err);
	if (!st)
		st = put_level(to, "upper", texts[6], err);
	if (!st && texts[7][0])
		st = in_field(err, prl_typed_time_json(texts[7], now, &start, err), "starts");
	if (start)
		(void)json_object_set_new(to, "start", start);
	if (!st)
		st = in_field(err, prl_draft_resolve(folder, to, err), "nearest name");
	return kept_if(to, !st);
}

static json_t *read_notice(making *m)
{
	json_t *said = watch_read_back(m->texts, m->folder, m->now, m->err);
	return said ? prl_ack_receipt(m->item, "read back", said, *text_at(m, 0) ? m->language : NULL) : NULL;
}

/* Of the bundle; the movement that is next. */
static json_t *read_movement(making *m)
{
	size_t left;
	const json_t *next = watch_bundle_next(m->item, m->own, &left);
	json_t *said = next ? watch_read_back(m->texts, m->folder, m->now, m->err) : NULL;
	if (!said)
		return NULL;
	json_t *body =
		json_pack("{s:s, s:s, s:s, s:o}", "bundle", prl_seen_text(m->item, "bundle"), "notice",
			  prl_seen_text(next, "notice"), "version", prl_seen_text(next, "newest"), "read_back", said);
	if (*text_at(m, 0))
		put_text(body, "language", m->language);
	return body;
}

/* ---- other bodies ------------------------------------------------------------------------------------------------ */

static json_t *answer(making *m)
{
	json_t *body = json_pack("{s:s, s:s}", "query", prl_seen_text(m->item, "id"), "says", "answered");
	put_words(m, body, "text", text_at(m, 0));
	return body;
}

static json_t *decline(making *m)
{
	json_t *body = json_pack("{s:s, s:s}", "query", prl_seen_text(m->item, "id"), "says", "declined");
	put_words(m, body, "text", text_at(m, 0));
	return body;
}

static json_t *take_bundle(making *m)
{
	return json_pack("{s:s}", "bundle", prl_seen_text(m->item, "bundle"));
}

/* A further account of the same event: of the same time and notice, as its first account has them. */
static json_t *account(making *m)
{
	const json_t *first = json_array_get(json_object_get(m->item, "accounts"), 0);
	const char *at = watch_text_or(first, "at", prl_seen_text(first, "time"));
	json_t *body = json_pack("{s:s, s:s}", "event", prl_seen_text(m->item, "event"), "time", at);
	put_text(body, "notice", prl_seen_text(first, "notice"));
	put_plain_words(m, body, text_at(m, 0));
	put_text(body, "origin", text_at(m, 1));
	put_text(body, "damage", text_at(m, 4));
	return kept_if(body, put_range(m, body, "killed", text_at(m, 2)) && put_range(m, body, "hurt", text_at(m, 3)));
}

static json_t *report_hit(making *m)
{
	json_t *body = json_object();
	put_text(body, "notice", prl_seen_text(m->item, "id"));
	put_plain_words(m, body, text_at(m, 0));
	bool good = put_time(m, body, "time", *text_at(m, 1) ? text_at(m, 1) : "now") &&
		    put_range(m, body, "killed", text_at(m, 3)) && put_range(m, body, "hurt", text_at(m, 4));
	if (*text_at(m, 2))
		(void)json_object_set_new(body, "place", json_pack("{s:s}", "position", text_at(m, 2)));
	put_text(body, "damage", text_at(m, 5));
	put_text(body, "origin", text_at(m, 6));
	return kept_if(body, good);
}

static bool put_position(const making *m, json_t *body, const char *position, const char *accuracy)
{
	double accuracy_m = 0;
	json_t *place = NULL;
	prl_status st = PRL_OK;
	if (*accuracy)
		st = in_field(m->err, prl_typed_distance(accuracy, &accuracy_m, m->err), "accuracy");
	if (!st && *position)
		st = in_field(m->err,
			      prl_movement_round(position, accuracy_m, watch_text_or(m->item, "positions", "exact"),
						 &place, m->err),
			      "position");
	if (place)
		(void)json_object_set_new(body, "place", place);
	return !st;
}

static json_t *report(making *m, const char *state)
{
	json_t *body = json_pack("{s:s, s:s}", "notice", prl_seen_text(m->item, "notice"), "state", state);
	bool good = put_time(m, body, "at", "now") && put_position(m, body, text_at(m, 0), text_at(m, 1)) &&
		    put_time(m, body, "next", text_at(m, 2));
	put_plain_words(m, body, text_at(m, 3));
	return kept_if(body, good);
}

static json_t *departed(making *m)
{
	return report(m, "departed");
}

static json_t *checked_in(making *m)
{
	return report(m, "checked in");
}

static json_t *stopped(making *m)
{
	return report(m, "stopped");
}

static json_t *arrived(making *m)
{
	return report(m, "arrived");
}

/* Still under way; the next check-in is promised for later. */
static json_t *late(making *m)
{
	json_t *body = json_pack("{s:s, s:s}", "notice", prl_seen_text(m->item, "notice"), "state", "checked in");
	bool good = put_time(m, body, "at", "now") && put_time(m, body, "next", text_at(m, 0));
	put_plain_words(m, body, text_at(m, 1));
	return kept_if(body, good);
}

/* What the host says of a movement that is elsewhere than planned: its units know. */
static json_t *units_told(making *m)
{
	return json_pack("{s:s, s:s, s:s}", "notice", prl_seen_text(m->item, "notice"), "version",
			 prl_seen_text(m->item, "version"), "rung", "units told");
}

/* An act on the version of the notice that is on the screen, whether it is shown as a notice or as a movement. */
static json_t *on_notice(const making *m)
{
	return json_pack("{s:s, s:s}", "notice", watch_text_or(m->item, "notice", prl_seen_text(m->item, "id")),
			 "version", prl_seen_text(m->item, "version"));
}

static json_t *end_notice(making *m)
{
	json_t *body = on_notice(m);
	put_words(m, body, "text", text_at(m, 1));
	return kept_if(body, put_time(m, body, "at", text_at(m, 0)));
}

static json_t *cancel_notice(making *m)
{
	json_t *body = on_notice(m);
	put_words(m, body, "reason", text_at(m, 0));
	return body;
}

/* The details, with another end. */
static json_t *until(making *m)
{
	json_t *details = json_deep_copy(json_object_get(m->item, "details"));
	if (!details) {
		(void)!prl_error_set(m->err, PRL_E_NOT_FOUND, "its details are not here");
		return NULL;
	}
	return kept_if(details, put_time(m, details, "to", text_at(m, 0)));
}

static json_t *tell(making *m)
{
	json_t *body = on_notice(m);
	put_text(body, "text", text_at(m, 0));
	if (*text_at(m, 0))
		put_text(body, "language", m->language);
	return body;
}

static json_t *change(const making *m, const char *says, size_t words)
{
	json_t *body = json_pack("{s:s, s:s}", "meeting", prl_seen_text(m->item, "id"), "says", says);
	put_words(m, body, "text", text_at(m, words));
	return body;
}

static json_t *agree(making *m)
{
	return change(m, "agreed in principle", 0);
}

static json_t *not_now(making *m)
{
	return change(m, "declined", 0);
}

static json_t *fix(making *m)
{
	json_t *body = change(m, "fixed", 2);
	put_place(body, text_at(m, 1));
	return kept_if(body, put_time(m, body, "at", text_at(m, 0)));
}

static json_t *held(making *m)
{
	json_t *body = change(m, "held", 2);
	return kept_if(body, put_time(m, body, "from", text_at(m, 0)) && put_time(m, body, "to_time", text_at(m, 1)));
}

static json_t *not_held(making *m)
{
	return change(m, "not held", 0);
}

static json_t *minutes(making *m)
{
	json_t *body = json_pack("{s:s, s:s}", "meeting", prl_seen_text(m->item, "id"), "says", "minutes");
	put_words(m, body, "minutes", text_at(m, 0));
	return body;
}

/* The newest minutes of another side to which this one has not agreed. */
static const json_t *minutes_to_agree(const json_t *meeting, const char *own)
{
	const json_t *one, *name, *found = NULL;
	size_t i, k;
	json_array_foreach(json_object_get(meeting, "minutes"), i, one)
	{
		bool agreed = strcmp(prl_seen_text(one, "party"), own) == 0;
		json_array_foreach(json_object_get(one, "agreed_by"), k, name) agreed =
			agreed || strcmp(json_string_value(name), own) == 0;
		found = agreed ? found : one;
	}
	return found;
}

static json_t *agree_minutes(making *m)
{
	const json_t *of = minutes_to_agree(m->item, m->own);
	return of ? json_pack("{s:s, s:s, s:s}", "meeting", prl_seen_text(m->item, "id"), "says", "minutes agreed",
			      "of", prl_seen_text(of, "id"))
		  : NULL;
}

/* The first action that this party has still to do: the node gives them in the order in which they were given. */
static const json_t *action_to_do(const json_t *meeting, const char *own)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(meeting, "actions"), i, one)
	{
		if (strcmp(prl_seen_text(one, "by"), own) == 0 && strcmp(prl_seen_text(one, "state"), "done") != 0)
			return one;
	}
	return NULL;
}

static json_t *done(making *m)
{
	const json_t *action = action_to_do(m->item, m->own);
	json_t *body = action ? change(m, "action done", 0) : NULL;
	if (body) {
		put_text(body, "action", prl_seen_text(action, "id"));
		(void)json_object_set(body, "number", json_object_get(action, "number"));
	}
	return body;
}

static json_t *ask_query(making *m)
{
	json_t *body = json_object();
	put_words(m, body, "text", text_at(m, 0));
	put_to(body, "to", text_at(m, 1));
	put_place(body, text_at(m, 2));
	put_text(body, "seen_by", text_at(m, 4));
	if (*text_at(m, 5) == 'y' || *text_at(m, 5) == 'Y')
		(void)json_object_set_new(body, "urgent", json_true());
	return kept_if(body, put_time(m, body, "from", text_at(m, 3)));
}

static json_t *ask_meeting(making *m)
{
	json_t *body = json_pack("{s:s}", "kind", "meeting");
	put_words(m, body, "text", text_at(m, 0));
	put_to(body, "to", text_at(m, 1));
	put_place(body, text_at(m, 3));
	put_text(body, "level", text_at(m, 4));
	if (*text_at(m, 5))
		(void)json_object_set_new(body, "agenda",
					  json_pack("[{s:s, s:s}]", "words", text_at(m, 5), "language", m->language));
	return kept_if(body, put_time(m, body, "at", text_at(m, 2)));
}

static json_t *make_statement(making *m)
{
	json_t *body = json_object();
	put_words(m, body, "text", text_at(m, 0));
	put_text(body, "kind", *text_at(m, 1) ? text_at(m, 1) : "position");
	put_to(body, "to", text_at(m, 2));
	put_text(body, "level", text_at(m, 4));
	return kept_if(body, put_time(m, body, "takes_effect", text_at(m, 3)));
}

static json_t *ask_test(making *m)
{
	json_t *body = json_object();
	put_to(body, "ask", text_at(m, 0));
	if (!*text_at(m, 0))
		(void)json_object_set(body, "ask", json_object_get(m->item, "all"));
	return body;
}

/* ---- who may do what --------------------------------------------------------------------------------------------- */

static bool is_own(const json_t *item, const char *own)
{
	return strcmp(prl_seen_text(item, "party"), own) == 0;
}

static bool is_asked(const json_t *query, const char *own)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(query, "answers"), i, one)
	{
		if (is_own(one, own))
			return true;
	}
	return false;
}

static bool to_take(const json_t *bundle, const char *own)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(bundle, "parties"), i, one)
	{
		if (is_own(one, own))
			return !json_is_object(json_object_get(one, "taken"));
	}
	return false;
}

static bool to_read(const json_t *bundle, const char *own)
{
	size_t left;
	return watch_bundle_next(bundle, own, &left) != NULL;
}

static bool of_another(const json_t *item, const char *own)
{
	return !is_own(item, own);
}

static bool is_there(const json_t *item, const char *own)
{
	(void)own;
	return item != NULL;
}

static bool has_minutes(const json_t *meeting, const char *own)
{
	return minutes_to_agree(meeting, own) != NULL;
}

static bool has_action(const json_t *meeting, const char *own)
{
	return action_to_do(meeting, own) != NULL;
}

/* The digit is the place among those of its part: always the same, whether or not the others may be done. */
const watch_deed watch_deeds[] = {
	{ WATCH_QUERIES, "answer", "query.answered", &answer_form, is_asked, answer, WATCH_WAY_PLAIN },
	{ WATCH_QUERIES, "decline", "query.answered", &decline_form, is_asked, decline, WATCH_WAY_PLAIN },
	{ WATCH_BUNDLES, "take", "bundle.taken", NULL, to_take, take_bundle, WATCH_WAY_PLAIN },
	{ WATCH_BUNDLES, "read back", "bundle.read", &read_back_form, to_read, read_movement, WATCH_WAY_NEXT },
	{ WATCH_HITS, "our account", "hit.reported", &account_form, is_there, account, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "departed", "movement.reported", &report_form, is_own, departed, WATCH_WAY_DEPARTED },
	{ WATCH_MOVEMENTS, "check-in", "movement.reported", &report_form, is_own, checked_in, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "late", "movement.reported", &late_form, is_own, late, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "stopped", "movement.reported", &report_form, is_own, stopped, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "arrived", "movement.reported", &report_form, is_own, arrived, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "units told where it is", "receipt.given", NULL, of_another, units_told, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "end its notice", "notice.ended", &end_form, is_own, end_notice, WATCH_WAY_PLAIN },
	{ WATCH_MOVEMENTS, "cancel it", "notice.cancelled", &cancel_form, is_own, cancel_notice, WATCH_WAY_PLAIN },
	{ WATCH_NOTICES, "end it", "notice.ended", &end_form, is_there, end_notice, WATCH_WAY_PLAIN },
	{ WATCH_NOTICES, "cancel it", "notice.cancelled", &cancel_form, is_there, cancel_notice, WATCH_WAY_PLAIN },
	{ WATCH_NOTICES, "another end", "notice.updated", &until_form, is_there, until, WATCH_WAY_UPDATE },
	{ WATCH_TELL, "tell them that it overlaps", "overlap.told", &tell_form, is_there, tell, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "agree", "meeting.changed", &words_form, of_another, agree, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "decline", "meeting.changed", &words_form, of_another, not_now, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "fix", "meeting.changed", &fix_form, is_there, fix, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "held", "meeting.changed", &held_form, is_there, held, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "not held", "meeting.changed", &words_form, is_there, not_held, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "minutes", "meeting.changed", &minutes_form, is_there, minutes, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "agree to minutes", "meeting.changed", NULL, has_minutes, agree_minutes, WATCH_WAY_PLAIN },
	{ WATCH_MEETINGS, "action done", "meeting.changed", &words_form, has_action, done, WATCH_WAY_PLAIN },
	{ WATCH_TESTS, "test message", "person.present", NULL, is_there, ask_test, WATCH_WAY_PLAIN },
	{ WATCH_ASK, "a query", "query.asked", &query_form, is_there, ask_query, WATCH_WAY_PLAIN },
	{ WATCH_ASK, "for a meeting", "meeting.asked", &meeting_form, is_there, ask_meeting, WATCH_WAY_PLAIN },
	{ WATCH_ASK, "a test message", "person.present", &test_form, is_there, ask_test, WATCH_WAY_PLAIN },
	{ WATCH_ASK, "a statement", "statement.made", &statement_form, is_there, make_statement, WATCH_WAY_PLAIN },
	{ 0, "read back", "receipt.given", &read_back_form, is_there, read_notice, WATCH_WAY_READ_BACK },
	{ 0, "hit reported", "hit.reported", &hit_form, is_there, report_hit, WATCH_WAY_HIT },
};
const size_t watch_deed_count = sizeof watch_deeds / sizeof *watch_deeds;

/* The deed of that digit, from 1, where it may be done. */
const watch_deed *watch_deed_at(unsigned part, int digit, const json_t *item, const char *own)
{
	int place = 0;
	for (size_t i = 0; i < watch_deed_count; i++)
		if (watch_deeds[i].part == part && ++place == digit)
			return watch_deeds[i].fits(item, own) ? &watch_deeds[i] : NULL;
	return NULL;
}

const char *watch_act_hint(const watch_row *row, const char *alarm)
{
	switch (row->part) {
	case WATCH_QUERIES:
		return strcmp(alarm, "query-due") == 0 ? "A answer" : "A";
	case WATCH_BUNDLES:
		return strcmp(alarm, "bundle-to-read") == 0 ? "B read back" : "A take";
	case WATCH_HITS:
		return "A account";
	case WATCH_MOVEMENTS:
		return strcmp(alarm, "position-differs") == 0 && row->peer[0] ? "A told"
		       : row->peer[0]                                         ? "A"
									      : "A report";
	case WATCH_MEETINGS:
		return "A done";
	default:
		return row->part == WATCH_TESTS ? "A test" : row->part == WATCH_TELL ? "A tell" : "";
	}
}
