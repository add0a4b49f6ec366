#include "line/query.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/open.h"
#include "line/said.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char noun_name[] = "query", open_name[] = "query.open";

#define X(id, text) text,
const char *const prl_query_states[] = { PRL_QUERY_STATES(X) };
#undef X

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

/* Open while one of those who were asked has said nothing. What is said stays: once closed it is closed for good. */
static bool is_open(const json_t *query)
{
	const json_t *to = json_object_get(query, "to"), *one;
	size_t i;
	bool open = false;
	json_array_foreach(to, i, one) open = open || !prl_said_last(query, json_string_value(one), NULL);
	return open;
}

static prl_status follow(prl_picture *picture, const prl_hash *id, prl_error *err)
{
	const json_t *query = prl_thing_find(picture, PRL_VERSION_WORKING, noun_name, prl_hash_key(id));
	return prl_open_follow(picture, open_name, prl_hash_key(id), query && is_open(query), err);
}

static prl_status asked(prl_picture *picture, const prl_act *act, prl_error *err)
{
	char due[PRL_TIME_TEXT_MAX];
	const prl_constitution *constitution = prl_act_constitution(picture, act);
	const json_t *timers = json_object_get(constitution->body, "timers");
	uint64_t after_s = json_is_true(json_object_get(act->body, "urgent"))
				   ? prl_body_number(timers, "urgent_query_s", PRL_DEFAULT_URGENT_QUERY_S)
				   : prl_body_number(timers, "query_s", PRL_DEFAULT_QUERY_S);
	if (act->entry->time > INT64_MAX - (prl_time)after_s * PRL_SECOND - 1)
		return prl_error_set(err, PRL_E_RANGE, "its time is too late for an answer to be due");
	prl_time_format(act->entry->time + (prl_time)after_s * PRL_SECOND, due);
	prl_status status = prl_said_begin(picture, act, noun_name, "to", json_pack("{s:s}", "due", due), err);
	return status ? status : follow(picture, &act->entry->hash, err);
}

static prl_status answered(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (!strcmp(prl_said_says(act->body), "answered") && !json_object_get(act->body, "text"))
		return prl_error_set(err, PRL_E_SYNTAX, "text: an answer needs words");
	prl_hash id;
	prl_status status = prl_said_add(picture, act, noun_name, "query", PRL_SAID_BY_MEANT, err);
	if (!status)
		status = prl_body_hash(act->body, "query", &id, err);
	return status ? status : follow(picture, &id, err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

prl_query_state prl_query_stands(const json_t *query, const char *party, prl_time now, int64_t *ret_age_s,
				 const json_t **ret_first)
{
	const json_t *said = json_object_get(query, "said"), *one, *first = NULL, *last = NULL;
	size_t i;
	json_array_foreach(said, i, one)
	{
		if (!prl_said_is(one, "party", party))
			continue;
		first = first ? first : one;
		last = one;
	}
	*ret_age_s = prl_said_seconds(prl_said_time(query, "time", now), prl_said_time(first, "time", now));
	*ret_first = first;
	if (!last)
		return PRL_QUERY_NO_ANSWER;
	return strcmp(prl_said_says(last), "declined") == 0 ? PRL_QUERY_DECLINED : PRL_QUERY_ANSWERED;
}

static json_t *answer_of(const json_t *query, const char *party, prl_time now, prl_query_state *ret)
{
	const json_t *first;
	int64_t age_s;
	*ret = prl_query_stands(query, party, now, &age_s, &first);
	int64_t allowed_s =
		prl_said_seconds(prl_said_time(query, "time", now), prl_said_time(query, "due", PRL_TIME_OPEN_END));
	return json_pack("{s:s, s:s, s:I, s:I, s:O?}", "party", party, "state", prl_query_states[*ret], "age_s",
			 (json_int_t)age_s, "late_s", (json_int_t)(age_s > allowed_s ? age_s - allowed_s : 0), "saying",
			 (json_t *)(uintptr_t)first);
}

static bool fill(const prl_show *show, const json_t *query, json_t *to)
{
	json_t *answers = json_array();
	const json_t *asked_parties = json_object_get(query, "to"), *one;
	size_t i, counts[PRL_QUERY_STATE_COUNT] = { 0 }, size = json_array_size(asked_parties);
	bool fits = answers != NULL;
	json_array_foreach(asked_parties, i, one)
	{
		prl_query_state state;
		fits = fits &&
		       json_array_append_new(answers, answer_of(query, json_string_value(one), show->now, &state)) == 0;
		counts[fits ? state : PRL_QUERY_NO_ANSWER]++;
	}
	prl_query_state state = counts[PRL_QUERY_NO_ANSWER]          ? PRL_QUERY_NO_ANSWER
				: counts[PRL_QUERY_DECLINED] == size ? PRL_QUERY_DECLINED
								     : PRL_QUERY_ANSWERED;
	bool overdue = state == PRL_QUERY_NO_ANSWER && show->now > prl_said_time(query, "due", PRL_TIME_OPEN_END);
	return json_object_set_new(to, "answers", answers) == 0 && fits &&
	       json_object_set_new(to, "state", json_string(prl_query_states[state])) == 0 &&
	       json_object_set_new(to, "overdue", json_boolean(overdue)) == 0;
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

static json_t *about(const json_t *query, const char *peer)
{
	return json_pack("{s:s, s:O, s:O}", "peer", peer, "mode", json_object_get(query, "mode"), "query",
			 json_object_get(query, "id"));
}

/* To the party that was asked: answer. */
static void raise_due(const raising *r, const json_t *query, const char *situation)
{
	const char *peer = prl_said_text(query, "party");
	prl_bytes words = prl_body_text(json_object_get(query, "text"), "words");
	const json_t *first;
	int64_t age_s;
	if (prl_query_stands(query, r->to->party, r->show->now, &age_s, &first) == PRL_QUERY_NO_ANSWER)
		prl_alarm_raise(r->to, PRL_ALARM_QUERY_DUE, situation, about(query, peer),
				prl_said_time(query, "time", r->show->now), prl_said_time(query, "due", r->show->now),
				"%s asks: %.*s", peer, (int)prl_utf8_cut(words, 200), words.data ? words.data : "");
}

/* To the party that asked, once an answer was due: no answer, from whom. */
static void raise_no_answer(const raising *r, const json_t *query, const char *situation)
{
	prl_time due = prl_said_time(query, "due", PRL_TIME_OPEN_END);
	const json_t *to = json_object_get(query, "to"), *one, *first;
	size_t i;
	int64_t age_s;
	json_array_foreach(to, i, one)
	{
		const char *party = json_string_value(one);
		if (r->show->now <= due ||
		    prl_query_stands(query, party, r->show->now, &age_s, &first) != PRL_QUERY_NO_ANSWER)
			continue;
		prl_alarm_raise(r->to, PRL_ALARM_QUERY_NO_ANSWER, situation, about(query, party), due,
				due + 3600 * PRL_SECOND, "no answer of %s to a query", party);
		return;
	}
}

static bool raise_one(void *context, prl_bytes key, const json_t *query)
{
	const raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX];
	(void)key;
	(void)snprintf(situation, sizeof situation, "query:%s", prl_said_text(query, "id"));
	if (prl_said_is(query, "party", r->to->party))
		raise_no_answer(r, query, situation);
	else if (prl_body_has(json_object_get(query, "to"), prl_bytes_of(r->to->party)))
		raise_due(r, query, situation);
	return true;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, open_name, noun_name, raise_one, &r, err);
}

static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(open_name) };
static const prl_act_kind kinds[] = {
	{ "query.asked", PRL_SIGNED_OR_RECORDED, false, asked },
	{ "query.answered", PRL_SIGNED_OR_RECORDED, false, answered },
};

const prl_line_part prl_query_part = {
	.name = "queries",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.queries = prl_said_queries,
	.show = show_all,
	.alarms = alarms,
};
