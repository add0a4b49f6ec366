/* Acts on what stands beside notices: which there are, what they need to be told, the entries that they become. */
#include "cli/watch_act.h"

#include "cli/ack.h"
#include "cli/draft.h"
#include "cli/moves.h"
#include "cli/seen.h"
#include "cli/typed.h"

#include "base/error.h"
#include "base/text.h"
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
static const watch_form test_form = { "TEST MESSAGE: somebody there is to answer", { "to (or nothing: all)" }, true };

/* ---- pieces of bodies -------------------------------------------------------------------------------------------- */

/* What a body is made of. */
typedef struct making {
	const json_t *item;
	char (*texts)[WATCH_TEXT_MAX];
	const char *own, *language, *folder;
	prl_time now;
	prl_error *err;
} making;

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

typedef struct watch_deed {
	unsigned part; /* 0: opened by a key of its own */
	const char *name, *kind;
	const watch_form *form; /* NULL: done at once */
	bool (*fits)(const json_t *item, const char *own);
	json_t *(*body)(making *m);
} watch_deed;

/* The digit is the place among those of its part: always the same, whether or not the others may be done. */
static const watch_deed deeds[] = {
	{ WATCH_QUERIES, "answer", "query.answered", &answer_form, is_asked, answer },
	{ WATCH_QUERIES, "decline", "query.answered", &decline_form, is_asked, decline },
	{ WATCH_BUNDLES, "take", "bundle.taken", NULL, to_take, take_bundle },
	{ WATCH_BUNDLES, "read back", "bundle.read", &read_back_form, to_read, read_movement },
	{ WATCH_HITS, "our account", "hit.reported", &account_form, is_there, account },
	{ WATCH_MOVEMENTS, "departed", "movement.reported", &report_form, is_own, departed },
	{ WATCH_MOVEMENTS, "check-in", "movement.reported", &report_form, is_own, checked_in },
	{ WATCH_MOVEMENTS, "late", "movement.reported", &late_form, is_own, late },
	{ WATCH_MOVEMENTS, "stopped", "movement.reported", &report_form, is_own, stopped },
	{ WATCH_MOVEMENTS, "arrived", "movement.reported", &report_form, is_own, arrived },
	{ WATCH_MOVEMENTS, "units told where it is", "receipt.given", NULL, of_another, units_told },
	{ WATCH_MOVEMENTS, "end its notice", "notice.ended", &end_form, is_own, end_notice },
	{ WATCH_MOVEMENTS, "cancel it", "notice.cancelled", &cancel_form, is_own, cancel_notice },
	{ WATCH_NOTICES, "end it", "notice.ended", &end_form, is_there, end_notice },
	{ WATCH_NOTICES, "cancel it", "notice.cancelled", &cancel_form, is_there, cancel_notice },
	{ WATCH_NOTICES, "another end", "notice.updated", &until_form, is_there, until },
	{ WATCH_TELL, "tell them that it overlaps", "overlap.told", &tell_form, is_there, tell },
	{ WATCH_MEETINGS, "agree", "meeting.changed", &words_form, of_another, agree },
	{ WATCH_MEETINGS, "decline", "meeting.changed", &words_form, of_another, not_now },
	{ WATCH_MEETINGS, "fix", "meeting.changed", &fix_form, is_there, fix },
	{ WATCH_MEETINGS, "held", "meeting.changed", &held_form, is_there, held },
	{ WATCH_MEETINGS, "not held", "meeting.changed", &words_form, is_there, not_held },
	{ WATCH_MEETINGS, "minutes", "meeting.changed", &minutes_form, is_there, minutes },
	{ WATCH_MEETINGS, "agree to minutes", "meeting.changed", NULL, has_minutes, agree_minutes },
	{ WATCH_MEETINGS, "action done", "meeting.changed", &words_form, has_action, done },
	{ WATCH_TESTS, "test message", "person.present", NULL, is_there, ask_test },
	{ WATCH_ASK, "a query", "query.asked", &query_form, is_there, ask_query },
	{ WATCH_ASK, "for a meeting", "meeting.asked", &meeting_form, is_there, ask_meeting },
	{ WATCH_ASK, "a test message", "person.present", &test_form, is_there, ask_test },
	{ 0, "read back", "receipt.given", &read_back_form, is_there, read_notice },
	{ 0, "hit reported", "hit.reported", &hit_form, is_there, report_hit },
};
#define DEEDS     (sizeof deeds / sizeof *deeds)
#define DEED_READ (&deeds[DEEDS - 2])
#define DEED_HIT  (&deeds[DEEDS - 1])

/* The deed of that digit, from 1, where it may be done. */
static const watch_deed *deed_at(unsigned part, int digit, const json_t *item, const char *own)
{
	int place = 0;
	for (size_t i = 0; i < DEEDS; i++)
		if (deeds[i].part == part && ++place == digit)
			return deeds[i].fits(item, own) ? &deeds[i] : NULL;
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
		return strcmp(alarm, "position-differs") == 0 ? "A" : "A report";
	case WATCH_MEETINGS:
		return "A done";
	default:
		return row->part == WATCH_TESTS ? "A test" : row->part == WATCH_TELL ? "A tell" : "";
	}
}

/* ---- opened, filed ----------------------------------------------------------------------------------------------- */

void watch_act_done(watch_ui *ui)
{
	json_decref(ui->act_item);
	ui->act_item = NULL;
	ui->deed = NULL;
	ui->panel = WATCH_NONE;
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
	const json_t *next = deed->body == read_movement ? watch_bundle_next(ui->act_item, own, &left) : ui->act_item;
	const char *name = prl_seen_text(next, "name");
	if (!*name)
		name = deed->part == WATCH_ASK ? "asked" : ui->about_text;
	snprintf(said, 80, "%.*s: %.30s", (int)prl_utf8_cut(prl_bytes_of(name), 40), name, deed->name);
	if (deed->body == read_notice || !*name)
		snprintf(said, 80, "%.40s%s%.30s", name, *name ? " " : "", deed->name);
}

static prl_mode mode_of(const watch_ui *ui, watch_state *state)
{
	const json_t *account = json_array_get(json_object_get(ui->act_item, "accounts"), 0);
	const json_t *from = account ? account : ui->act_item;
	return json_object_get(from, "mode") ? prl_ack_mode(from) : watch_state_mode(state);
}

/* Where a text cannot be read the form stays, to be put right. */
static void file(watch_ui *ui, watch_state *state)
{
	char said[80];
	prl_error err = { 0 };
	const char *own = watch_state_party(state);
	const watch_deed *deed = ui->deed;
	making m = { .item = ui->act_item,
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
	bool filed = deed->body == until ? watch_state_update(state, ui->act_item, body, NULL, mode, said)
					 : watch_state_act(state, deed->kind, body, mode, said);
	if (filed && deed->body == read_movement) {
		forget_first(ui->act_item, own);
		if (to_read(ui->act_item, own)) {
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
	if (deed->body == read_movement)
		say_next(ui, watch_state_party(state));
	else if (deed->body == departed && *prl_seen_text(ui->act_item, "not_read_text"))
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
	open_form(ui, DEED_HIT);
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
	bool own_notice =
		!row->part && notice && is_own(notice, own) && strcmp(prl_seen_text(notice, "state"), "live") == 0;
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
	if (bundle && to_read(bundle, watch_state_party(state))) {
		open_act(ui, row->part, json_deep_copy(bundle), WATCH_ACT, now_ms);
		start_deed(ui, state, deed_at(WATCH_BUNDLES, 2, bundle, watch_state_party(state)));
		return true;
	}
	if (!notice)
		return false;
	open_act(ui, 0, json_deep_copy(notice), WATCH_FORM, now_ms);
	open_form(ui, DEED_READ);
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
	const watch_deed *deed = key >= '1' && key <= '9'
					 ? deed_at(ui->act_part, key - '0', ui->act_item, watch_state_party(state))
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
	for (size_t i = 0; i < DEEDS; i++) {
		size_t used = strlen(text);
		if (deeds[i].part != ui->act_part)
			continue;
		place++;
		if (deeds[i].fits(ui->act_item, watch_state_party(state)))
			snprintf(text + used, sizeof text - used, " %d %s", place, deeds[i].name);
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
