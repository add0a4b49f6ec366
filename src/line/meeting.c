#include "line/meeting.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/open.h"
#include "line/said.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char noun_name[] = "meeting", open_name[] = "meeting.open";

#define X(id, text) text,
const char *const prl_meeting_states[] = { PRL_MEETING_STATES(X) };
#undef X

static const char *const answers[] = { "agreed in principle", "declined", NULL };
static const char *const fixes[] = { "fixed", NULL };
static const char *const outcomes[] = { "held", "not held", NULL };

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static prl_status asked(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (json_object_get(act->body, "at") && json_object_get(act->body, "window"))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "window: an instant is asked for already; expected one of both");
	return prl_said_begin(picture, act, noun_name, "to", NULL, err);
}

/* What a word needs, beyond its schema. */
static prl_status check_members(const json_t *body, prl_error *err)
{
	static const struct {
		const char *says, *member;
	} needs[] = {
		{ "fixed", "at" },       { "minutes", "minutes" },    { "minutes agreed", "of" },
		{ "action", "actions" }, { "action done", "action" }, { "action done", "number" },
	};
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (prl_said_is(body, "says", needs[i].says) && !json_object_get(body, needs[i].member))
			return prl_error_set(err, PRL_E_SYNTAX, "%s: missing; \"%s\" needs it", needs[i].member,
					     needs[i].says);
	return PRL_OK;
}

/* The saying of that id which says that word, as far as the log of the act had seen it. */
static prl_status said_before(prl_picture *picture, const prl_act *act, const json_t *meeting, const char *member,
			      const char *says, const json_t **ret, prl_error *err)
{
	prl_bytes id = prl_body_text(act->body, member);
	const json_t *said = json_object_get(meeting, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		if (prl_said_is(one, "says", says) && prl_bytes_equal(prl_body_text(one, "id"), id) &&
		    prl_act_sees(picture, act, prl_body_text(one, "log"), prl_body_number(one, "index", 0))) {
			*ret = one;
			return PRL_OK;
		}
	}
	return prl_error_set(err, PRL_E_NOT_FOUND, "%s: log %s knows no \"%s\" of this id", member, act->log, says);
}

static prl_status check_actions(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *actions = json_object_get(act->body, "actions"), *one;
	size_t i;
	json_array_foreach(actions, i, one)
	{
		if (!prl_act_party(picture, act, prl_body_text(one, "by")))
			return prl_error_set(err, PRL_E_NOT_FOUND, "actions: party %s is not of this line",
					     prl_said_text(one, "by"));
	}
	return PRL_OK;
}

/* An action is done when the party that was to do it says so. */
static prl_status check_done(prl_picture *picture, const prl_act *act, const json_t *meeting, prl_error *err)
{
	const json_t *saying;
	prl_status status = said_before(picture, act, meeting, "action", "action", &saying, err);
	if (status)
		return status;
	size_t number = (size_t)prl_body_number(act->body, "number", 1);
	const json_t *action = json_array_get(json_object_get(saying, "actions"), number - 1);
	if (!action)
		return prl_error_set(err, PRL_E_NOT_FOUND, "number: it has %zu actions",
				     json_array_size(json_object_get(saying, "actions")));
	if (!prl_bytes_equal(prl_body_text(action, "by"), act->entry->party))
		return prl_error_set(err, PRL_E_REFUSED, "number: only party %s, which is to do it, says that",
				     prl_said_text(action, "by"));
	return PRL_OK;
}

static bool is_done(const json_t *meeting, const json_t *saying, size_t number)
{
	const json_t *said = json_object_get(meeting, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		if (prl_said_is(one, "says", "action done") &&
		    prl_said_is(one, "action", prl_said_text(saying, "id")) &&
		    prl_body_number(one, "number", 0) == number)
			return true;
	}
	return false;
}

/* Open while an action of it is not done. */
static bool is_open(const json_t *meeting)
{
	const json_t *said = json_object_get(meeting, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		size_t actions =
			prl_said_is(one, "says", "action") ? json_array_size(json_object_get(one, "actions")) : 0;
		for (size_t number = 1; number <= actions; number++)
			if (!is_done(meeting, one, number))
				return true;
	}
	return false;
}

static prl_status follow(prl_picture *picture, const prl_hash *id, prl_error *err)
{
	const json_t *meeting = prl_thing_find(picture, PRL_VERSION_WORKING, noun_name, prl_hash_key(id));
	return prl_open_follow(picture, open_name, prl_hash_key(id), meeting && is_open(meeting), err);
}

static prl_status changed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *meeting, *minutes;
	prl_hash key;
	prl_status status = check_members(act->body, err);
	if (!status)
		status = prl_thing_meant(picture, act, noun_name, "meeting", &meeting, &key, err);
	if (status)
		return status;
	bool own = prl_bytes_equal(prl_body_text(meeting, "party"), act->entry->party);
	if (own && (prl_said_is(act->body, "says", "declined")))
		return prl_error_set(err, PRL_E_REFUSED, "says: party %s asked for it; \"not held\" takes it back",
				     prl_said_text(meeting, "party"));
	if (prl_said_is(act->body, "says", "minutes agreed"))
		status = said_before(picture, act, meeting, "of", "minutes", &minutes, err);
	else if (prl_said_is(act->body, "says", "action done"))
		status = check_done(picture, act, meeting, err);
	else
		status = check_actions(picture, act, err);
	if (!status)
		status = prl_said_add(picture, act, noun_name, "meeting", own ? PRL_SAID_BY_AUTHOR : PRL_SAID_BY_MEANT,
				      err);
	bool counts = prl_said_is(act->body, "says", "action") || prl_said_is(act->body, "says", "action done");
	return status || !counts ? status : follow(picture, &key, err);
}

/* ---- how it stands ----------------------------------------------------------------------------------------------- */

/* The sides: the party that asked is number 0, those asked follow. NULL past the last. */
static const char *side_of(const json_t *meeting, size_t number)
{
	return number == 0 ? prl_said_text(meeting, "party")
			   : json_string_value(json_array_get(json_object_get(meeting, "to"), number - 1));
}

static bool has_declined(const json_t *meeting, const char *party)
{
	return prl_said_is(prl_said_last(meeting, party, answers), "says", "declined");
}

static bool fixes_equal(const json_t *a, const json_t *b)
{
	const json_t *here = json_object_get(a, "place"), *there = json_object_get(b, "place");
	return prl_said_time(a, "at", 0) == prl_said_time(b, "at", 0) &&
	       ((!here && !there) || (here && there && json_equal(here, there)));
}

typedef struct tally {
	size_t sides, agreed, fixed, held, not_held;
	bool same; /* all that are fixed are fixed alike */
} tally;

static tally count(const json_t *meeting)
{
	tally t = { .same = true };
	const json_t *first = NULL;
	const char *party;
	for (size_t i = 0; (party = side_of(meeting, i)) != NULL; i++) {
		const json_t *outcome = prl_said_last(meeting, party, outcomes);
		t.held += prl_said_is(outcome, "says", "held");
		t.not_held += prl_said_is(outcome, "says", "not held");
		if (has_declined(meeting, party))
			continue;
		const json_t *fix = prl_said_last(meeting, party, fixes);
		t.sides++;
		t.agreed += i == 0 || fix || prl_said_last(meeting, party, answers);
		t.fixed += fix != NULL;
		t.same = t.same && (!fix || !first || fixes_equal(first, fix));
		first = first ? first : fix;
	}
	return t;
}

prl_meeting_state prl_meeting_stands(const json_t *meeting)
{
	tally t = count(meeting);
	if (t.held || t.not_held)
		return !t.not_held ? PRL_MEETING_HELD : !t.held ? PRL_MEETING_NOT_HELD : PRL_MEETING_TOLD_DIFFERENTLY;
	if (t.sides < 2)
		return PRL_MEETING_DECLINED;
	if (!t.same)
		return PRL_MEETING_FIXED_DIFFERENTLY;
	if (t.fixed == t.sides)
		return PRL_MEETING_FIXED;
	return t.agreed == t.sides ? PRL_MEETING_AGREED : PRL_MEETING_ASKED;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static bool put(json_t *list, json_t *item)
{
	return json_array_append_new(list, item) == 0;
}

/* json_pack's s:O?: NULL becomes null. */
static json_t *lent(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

static bool fill_sides(const json_t *meeting, json_t *list)
{
	const char *party;
	bool fits = true;
	for (size_t i = 0; fits && (party = side_of(meeting, i)) != NULL; i++) {
		const json_t *answer = prl_said_last(meeting, party, answers);
		const char *says = i == 0 ? "asked" : answer ? prl_said_says(answer) : "no answer";
		fits = put(list, json_pack("{s:s, s:s, s:O?, s:O?}", "party", party, "says", says, "fixed",
					   lent(prl_said_last(meeting, party, fixes)), "held",
					   lent(prl_said_last(meeting, party, outcomes))));
	}
	return fits;
}

/* Who has agreed to exactly these minutes; *ret_all: every other side that has not declined. */
static json_t *agreed_by(const json_t *meeting, const json_t *minutes, bool *ret_all)
{
	json_t *parties = json_array();
	const char *party;
	*ret_all = parties != NULL;
	for (size_t i = 0; parties && (party = side_of(meeting, i)) != NULL; i++) {
		const json_t *said = json_object_get(meeting, "said"), *one;
		bool agreed = false;
		size_t k;
		json_array_foreach(said, k, one) agreed =
			agreed || (prl_said_is(one, "says", "minutes agreed") && prl_said_is(one, "party", party) &&
				   prl_said_is(one, "of", prl_said_text(minutes, "id")));
		if (agreed)
			json_array_append_new(parties, json_string(party));
		else if (!prl_said_is(minutes, "party", party) && !has_declined(meeting, party))
			*ret_all = false;
	}
	return parties;
}

static bool fill_actions(const json_t *meeting, const json_t *saying, prl_time now, json_t *list)
{
	const json_t *actions = json_object_get(saying, "actions"), *one;
	size_t i;
	bool fits = true;
	json_array_foreach(actions, i, one)
	{
		int64_t late_s = prl_said_seconds(prl_said_time(one, "due", PRL_TIME_OPEN_END), now);
		bool done = is_done(meeting, saying, i + 1);
		const char *state = done ? "done" : late_s > 0 ? "overdue" : "open";
		fits = fits &&
		       put(list, json_pack("{s:O, s:I, s:O, s:O, s:O, s:s, s:I}", "id", json_object_get(saying, "id"),
					   "number", (json_int_t)(i + 1), "by", json_object_get(one, "by"), "text",
					   json_object_get(one, "text"), "due", json_object_get(one, "due"), "state",
					   state, "late_s", (json_int_t)(!done && late_s > 0 ? late_s : 0)));
	}
	return fits;
}

static bool fill_said(const json_t *meeting, prl_time now, json_t *minutes, json_t *actions)
{
	const json_t *said = json_object_get(meeting, "said"), *one;
	size_t i;
	bool fits = true, all;
	json_array_foreach(said, i, one)
	{
		if (prl_said_is(one, "says", "minutes")) {
			json_t *by = agreed_by(meeting, one, &all);
			fits = fits &&
			       put(minutes,
				   json_pack("{s:O, s:O, s:O, s:o, s:b}", "id", json_object_get(one, "id"), "party",
					     json_object_get(one, "party"), "text", json_object_get(one, "minutes"),
					     "agreed_by", by, "agreed", (int)all));
		} else if (prl_said_is(one, "says", "action"))
			fits = fits && fill_actions(meeting, one, now, actions);
	}
	return fits;
}

/* Seconds since the fixed time of a meeting of which nobody has said how it went; null: none. */
static json_t *silent(const json_t *meeting, prl_time now)
{
	const json_t *fix = prl_said_last(meeting, prl_said_text(meeting, "party"), fixes);
	prl_time at = prl_said_time(fix, "at", PRL_TIME_OPEN_END);
	return prl_meeting_stands(meeting) == PRL_MEETING_FIXED && now > at ? json_integer(prl_said_seconds(at, now))
									    : json_null();
}

static bool fill(const prl_show *show, const json_t *meeting, json_t *to)
{
	json_t *sides = json_array(), *minutes = json_array(), *actions = json_array();
	bool fits = sides && minutes && actions && fill_sides(meeting, sides) &&
		    fill_said(meeting, show->now, minutes, actions);
	fits = json_object_set_new(to, "sides", sides) == 0 && fits;
	fits = json_object_set_new(to, "minutes", minutes) == 0 && fits;
	fits = json_object_set_new(to, "actions", actions) == 0 && fits;
	return fits && json_object_set_new(to, "silent_s", silent(meeting, show->now)) == 0 &&
	       json_object_set_new(to, "state", json_string(prl_meeting_states[prl_meeting_stands(meeting)])) == 0;
}

static prl_status show_all(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, noun_name, fill, ret, err);
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static void raise_actions(const raising *r, const json_t *meeting, const json_t *actions)
{
	const json_t *one;
	size_t i;
	json_array_foreach(actions, i, one)
	{
		char situation[PRL_ALARM_SITUATION_MAX];
		if (!prl_said_is(one, "by", r->to->party) || !prl_said_is(one, "state", "overdue"))
			continue;
		prl_bytes words = prl_body_text(json_object_get(one, "text"), "words");
		prl_time due = prl_said_time(one, "due", r->show->now);
		(void)snprintf(situation, sizeof situation, "action:%s/%lld", prl_said_text(one, "id"),
			       (long long)json_integer_value(json_object_get(one, "number")));
		prl_alarm_raise(r->to, PRL_ALARM_ACTION_DUE, situation,
				json_pack("{s:O, s:O}", "mode", json_object_get(meeting, "mode"), "meeting",
					  json_object_get(meeting, "id")),
				due, due + 3600 * PRL_SECOND, "action of a meeting overdue: %.*s",
				(int)prl_utf8_cut(words, 200), words.data ? words.data : "");
	}
}

static bool raise_one(void *context, prl_bytes key, const json_t *meeting)
{
	const raising *r = context;
	json_t *minutes = json_array(), *actions = json_array();
	(void)key;
	if (minutes && actions && fill_said(meeting, r->show->now, minutes, actions))
		raise_actions(r, meeting, actions);
	json_decref(minutes);
	json_decref(actions);
	return true;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, open_name, noun_name, raise_one, &r, err);
}

static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(open_name) };
static const prl_act_kind kinds[] = {
	{ "meeting.asked", PRL_SIGNED_BY_KEY, false, asked },
	{ "meeting.changed", PRL_SIGNED_BY_KEY, false, changed },
};

const prl_line_part prl_meeting_part = {
	.name = "meetings",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.queries = prl_said_queries,
	.show = show_all,
	.alarms = alarms,
};
