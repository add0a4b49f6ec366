#include "line/statement.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/open.h"
#include "line/said.h"
#include "picture/body.h"

#include <stdio.h>

static const char noun_name[] = "statement", open_name[] = "statement.open";

/* Followed as open: announced decisions. That their time has come no entry says: they are swept. */
static prl_status made(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (prl_said_is(act->body, "kind", "decision") && !json_object_get(act->body, "takes_effect"))
		return prl_error_set(err, PRL_E_SYNTAX, "takes_effect: an announced decision needs its time");
	prl_status status = prl_said_begin(picture, act, noun_name, "to", NULL, err);
	if (status || !prl_said_is(act->body, "kind", "decision"))
		return status;
	return prl_open_follow(picture, open_name, prl_hash_key(&act->entry->hash), true, err);
}

static bool fill(const prl_show *show, const json_t *statement, json_t *to)
{
	prl_time effect = prl_said_time(statement, "takes_effect", PRL_TIME_OPEN_END);
	return effect == PRL_TIME_OPEN_END ||
	       json_object_set_new(to, "takes_effect_in_s", json_integer(prl_said_seconds(show->now, effect))) == 0;
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

static bool raise_one(void *context, prl_bytes key, const json_t *statement)
{
	const raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX];
	const char *peer = prl_said_text(statement, "party");
	prl_time now = r->show->now, effect = prl_said_time(statement, "takes_effect", now);
	prl_bytes words = prl_body_text(json_object_get(statement, "text"), "words");
	(void)key;
	if (effect <= now || !prl_body_has(json_object_get(statement, "to"), prl_bytes_of(r->to->party)))
		return true;
	(void)snprintf(situation, sizeof situation, "statement:%s", prl_said_text(statement, "id"));
	prl_alarm_raise(r->to, PRL_ALARM_DECISION_ANNOUNCED, situation,
			json_pack("{s:s, s:O, s:O}", "peer", peer, "mode", json_object_get(statement, "mode"),
				  "statement", json_object_get(statement, "id")),
			prl_said_time(statement, "time", now), effect, "%s announces: %.*s", peer,
			(int)prl_utf8_cut(words, 200), words.data ? words.data : "");
	return true;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, open_name, noun_name, raise_one, &r, err);
}

static bool is_over(const prl_show *show, prl_bytes key, const json_t *statement)
{
	(void)key;
	return prl_said_time(statement, "takes_effect", show->now) <= show->now;
}

static const prl_open_rule open_rule = { open_name, noun_name, is_over };
static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(open_name) };
static const prl_act_kind kind = { "statement.made", PRL_SIGNED_OR_RECORDED, false, made };

const prl_line_part prl_statement_part = {
	.name = "statements",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = &kind,
	.kind_count = 1,
	.queries = prl_said_queries,
	.show = show_all,
	.alarms = alarms,
	.open = &open_rule,
};
