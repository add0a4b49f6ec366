#include "line/statement.h"

#include "base/error.h"
#include "line/said.h"

static const char noun_name[] = "statement";

static prl_status made(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (prl_said_is(act->body, "kind", "decision") && !json_object_get(act->body, "takes_effect"))
		return prl_error_set(err, PRL_E_SYNTAX, "takes_effect: an announced decision needs its time");
	return prl_said_begin(picture, act, noun_name, "to", NULL, err);
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

static const prl_noun noun = PRL_THING_NOUN(noun_name);
static const prl_act_kind kind = { "statement.made", PRL_SIGNED_OR_RECORDED, false, made };

const prl_line_part prl_statement_part = {
	.name = "statements",
	.nouns = &noun,
	.noun_count = 1,
	.kinds = &kind,
	.kind_count = 1,
	.queries = prl_said_queries,
	.show = show_all,
};
