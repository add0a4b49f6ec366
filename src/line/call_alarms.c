/* What of calls needs a person: at those whom they are for, and at those who raised them. */
#include "line/call_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

typedef struct waiting {
	const prl_show *show;
	prl_alarms *to;
	const prl_constitution *constitution;
	bool failed;
} waiting;

static const json_t *view_of(const json_t *view, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(view, "parties"), i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "party"), party))
			return one;
	}
	return NULL;
}

static prl_time time_in(const json_t *object, const char *name)
{
	prl_time time = 0;
	prl_bytes text = prl_body_text(object, name);
	if (text.data && prl_time_parse(text.data, text.size, &time, NULL))
		time = 0;
	return time;
}

static bool is(const json_t *object, const char *name, const char *text)
{
	return prl_bytes_is(prl_body_text(object, name), text);
}

static json_t *about_of(const json_t *call, json_t *peer)
{
	return json_pack("{s:O, s:O, s:O}", "peer", peer, "mode", json_object_get(call, "mode"), "call",
			 json_object_get(call, "id"));
}

/* Times that somebody states may lie at the end of what can be said. */
static prl_time after(prl_time time, prl_time seconds)
{
	prl_time sum;
	return __builtin_add_overflow(time, seconds * PRL_SECOND, &sum) ? INT64_MAX : sum;
}

static bool rang_through(const waiting *w, prl_time since)
{
	return prl_time_apart(since, w->show->now) >= (prl_time)w->constitution->ring_s[2] * PRL_SECOND;
}

/* When a party last said what became of it. */
static prl_time last_said(const json_t *row)
{
	prl_time passed = time_in(json_object_get(row, "passed"), "time"),
		 reported = time_in(json_object_get(row, "reported"), "time");
	return passed > reported ? passed : reported;
}

static bool is_due(const waiting *w, prl_time since, unsigned after_s, prl_time *ret)
{
	if (prl_time_apart(since, w->show->now) < after_s * PRL_SECOND)
		return false;
	*ret = after(since, after_s);
	return true;
}

/* Of another party's call: which alarm it is at a party that it is for, since when, and what is due then; false: none.
 */
static bool which(const waiting *w, const json_t *call, const json_t *mine, prl_alarm_id *ret, prl_time *ret_since,
		  prl_time *ret_due)
{
	const char *state = json_string_value(json_object_get(mine, "state"));
	bool urgent = is(call, "class", "URGENT"), raised = strcmp(state, "raised") == 0;
	prl_time since = time_in(call, "time");
	*ret_since = since;
	*ret_due = after(since, w->constitution->ring_s[0]);
	if (raised && !urgent && rang_through(w, since)) {
		*ret = PRL_ALARM_CALL_UNANSWERED;
		*ret_due = after(since, w->constitution->ring_s[2]);
	} else if (raised || strcmp(state, "cannot reach units") == 0) {
		*ret = urgent ? PRL_ALARM_CALL_URGENT : PRL_ALARM_CALL_STOP;
	} else if (strcmp(state, "taken") == 0) {
		*ret = PRL_ALARM_CALL_TO_PASS;
		*ret_since = time_in(json_object_get(mine, "taken"), "time");
		*ret_due = after(*ret_since, PRL_CALL_PASS_S);
	} else if (strcmp(state, "passed") == 0 || strcmp(state, "continuing") == 0) {
		*ret = PRL_ALARM_CALL_TO_REPORT;
		*ret_due = *ret_since = 0;
		if (!is_due(w, last_said(mine), PRL_CALL_REPORT_S, ret_since))
			return false;
		*ret_due = after(*ret_since, PRL_CALL_REPORT_S);
	} else {
		return false;
	}
	return true;
}

static void raise_alarm(const waiting *w, const json_t *call, const json_t *mine)
{
	char situation[PRL_HASH_TEXT_MAX + 8], name[PRL_CALL_NAME_MAX];
	prl_bytes text = prl_body_text(call, "words");
	prl_alarm_id id;
	prl_time since, due;
	if (!which(w, call, mine, &id, &since, &due))
		return;
	(void)snprintf(situation, sizeof situation, "call:%s", json_string_value(json_object_get(call, "id")));
	prl_call_name(call, name);
	prl_alarm_raise(w->to, id, situation, about_of(call, json_object_get(call, "party")), since, due, "%s: %.*s",
			name, text.data ? (int)text.size : 10, text.data ? text.data : "not stated");
}

/* ---- at the raiser ----------------------------------------------------------------------------------------------- */

static void raise_at_raiser(const waiting *w, const json_t *call, const json_t *row)
{
	char situation[PRL_HASH_TEXT_MAX + PRL_KEY_NAME_MAX + 16], name[PRL_CALL_NAME_MAX];
	const char *party = json_string_value(json_object_get(row, "party")),
		   *state = json_string_value(json_object_get(row, "state"));
	bool raised = strcmp(state, "raised") == 0, goes_on = strcmp(state, "continuing") == 0;
	prl_time since = raised ? time_in(call, "time") : last_said(row), due;
	bool open = goes_on || strcmp(state, "passed") == 0 || strcmp(state, "cannot reach units") == 0;
	if (!(raised || open) || !is_due(w, since, raised ? w->constitution->ring_s[2] : PRL_CALL_REPORT_S, &due))
		return;
	(void)snprintf(situation, sizeof situation, "own-call:%s:%s", json_string_value(json_object_get(call, "id")),
		       party);
	prl_call_name(call, name);
	prl_alarm_raise(w->to, raised ? PRL_ALARM_CALL_NOT_TAKEN : PRL_ALARM_CALL_NOT_CEASED, situation,
			about_of(call, json_object_get(row, "party")), due, after(due, raised ? 0 : PRL_CALL_REPORT_S),
			"%s: %s", name,
			raised    ? "nobody there has taken it"
			: goes_on ? "they said that they continue"
				  : "they have not said that it ceased");
}

static bool alarm_one(void *context, prl_bytes key, const json_t *call)
{
	waiting *w = context;
	(void)key;
	if (!json_object_get(call, "log") || prl_call_is_withdrawn(call))
		return true;
	json_t *parties = prl_call_parties(call, w->constitution);
	json_t *view = parties ? prl_call_view(call, parties, w->show->now) : NULL;
	const json_t *mine = view ? view_of(view, w->to->party) : NULL, *row;
	size_t i;
	w->failed = !view;
	if (mine)
		raise_alarm(w, call, mine);
	if (is(call, "party", w->to->party))
		json_array_foreach(json_object_get(view, "parties"), i, row) raise_at_raiser(w, call, row);
	json_decref(view);
	json_decref(parties);
	return !w->failed;
}

prl_status prl_call_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	waiting w = { show, to, prl_picture_constitution(show->picture, show->version), false };
	if (!w.constitution)
		return PRL_OK;
	prl_status status = prl_call_each_open(show->picture, show->version, alarm_one, &w, err);
	return !status && w.failed ? prl_error_memory(err) : status;
}
