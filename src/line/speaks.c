#include "line/speaks.h"

#include "base/error.h"
#include "base/text.h"
#include "line/details.h"
#include "line/said.h"
#include "picture/body.h"

#include <string.h>

static const char noun_name[] = "speaks";

#define X(id, text) text,
const char *const prl_speaks_states[] = { PRL_SPEAKS_STATES(X) };
#undef X

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static prl_status about(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const char *says = prl_said_says(act->body);
	if (!*says)
		return prl_error_set(err, PRL_E_SYNTAX, "says: missing; expected what is said of the statement");
	if (json_object_get(act->body, "for") || json_object_get(act->body, "of"))
		return prl_error_set(err, PRL_E_SYNTAX, "for, of: a statement is not made twice");
	return prl_said_add(picture, act, noun_name, "statement",
			    !strcmp(says, "ended") ? PRL_SAID_BY_AUTHOR : PRL_SAID_BY_OTHERS, err);
}

static prl_status begin(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes of = prl_body_text(act->body, "of");
	prl_time from = prl_said_time(act->body, "from", PRL_TIME_OPEN_START);
	if (!json_object_get(act->body, "for"))
		return prl_error_set(err, PRL_E_SYNTAX, "for: missing; expected whom it is answered for");
	if (!json_object_get(act->body, "from"))
		return prl_error_set(err, PRL_E_SYNTAX, "from: missing; expected from when on");
	if (json_object_get(act->body, "says"))
		return prl_error_set(err, PRL_E_SYNTAX, "statement: missing; expected the statement it is said of");
	if (prl_said_time(act->body, "to_time", PRL_TIME_OPEN_END) < from)
		return prl_error_set(err, PRL_E_RANGE, "to_time: before from");
	if (of.data && !prl_act_party(picture, act, of))
		return prl_error_set(err, PRL_E_NOT_FOUND, "of: party %.*s is not of this line", (int)of.size, of.data);
	return prl_said_begin(picture, act, noun_name, "to", NULL, err);
}

static prl_status stated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return json_object_get(act->body, "statement") ? about(picture, act, err) : begin(picture, act, err);
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	const json_t *areas = json_object_get(body, "areas");
	(void)picture, (void)version, (void)entry;
	if (!areas)
		return PRL_OK;
	json_t *details = json_pack("{s:O}", "areas", (json_t *)(uintptr_t)areas);
	prl_status status = details ? prl_details_check(details, err) : prl_error_memory(err);
	json_decref(details);
	return status;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

/* Parties whose newest word is this one; sorted. */
static json_t *parties_saying(const json_t *statement, const char *word)
{
	static const char *const words[] = { "attested", "disputed", NULL };
	json_t *parties = json_array();
	const json_t *said = json_object_get(statement, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		if (prl_said_is(one, "says", word) &&
		    prl_said_last(statement, prl_said_text(one, "party"), words) == one)
			json_array_append(parties, json_object_get(one, "party"));
	}
	json_t *sorted = parties ? prl_body_sorted(parties, (prl_bytes){ NULL, 0 }) : NULL;
	json_decref(parties);
	return sorted;
}

/* What its author ended it at (an end without a time: the time of saying so), or its own end; the earlier one. */
static prl_time until(const json_t *statement)
{
	prl_time end = prl_said_time(statement, "to_time", PRL_TIME_OPEN_END);
	const json_t *said = json_object_get(statement, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		if (!prl_said_is(one, "says", "ended"))
			continue;
		prl_time at = prl_said_time(one, "to_time", prl_said_time(one, "time", PRL_TIME_OPEN_END));
		end = at < end ? at : end;
	}
	return end;
}

static prl_speaks_state stands(const json_t *statement, const char *speaker, const json_t *attested,
			       const json_t *disputed)
{
	if (json_array_size(disputed))
		return PRL_SPEAKS_DISPUTED;
	if (!prl_said_is(statement, "party", speaker))
		return prl_body_has(attested, prl_bytes_of(speaker)) ? PRL_SPEAKS_ATTESTED : PRL_SPEAKS_CLAIMED;
	return json_array_size(attested) ? PRL_SPEAKS_ATTESTED : PRL_SPEAKS_STATED;
}

static bool fill(const prl_show *show, const json_t *statement, json_t *to)
{
	json_t *attested = parties_saying(statement, "attested"), *disputed = parties_saying(statement, "disputed");
	const char *of = prl_said_text(statement, "of"), *speaker = *of ? of : prl_said_text(statement, "party");
	prl_speaks_state state = stands(statement, speaker, attested, disputed);
	prl_time end = until(statement);
	bool in_force = show->now >= prl_said_time(statement, "from", PRL_TIME_OPEN_START) && show->now <= end;
	bool fits = json_object_set_new(to, "attested", attested) == 0;
	fits = json_object_set_new(to, "disputed", disputed) == 0 && fits;
	return fits && json_object_set_new(to, "speaker", json_string(speaker)) == 0 &&
	       json_object_set_new(to, "state", json_string(prl_speaks_states[state])) == 0 &&
	       json_object_set_new(to, "until", prl_show_time(end)) == 0 &&
	       json_object_set_new(to, "in_force", json_boolean(in_force)) == 0;
}

static prl_status show_all(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, noun_name, fill, ret, err);
}

static const prl_noun noun = PRL_THING_NOUN(noun_name);
static const prl_act_kind kind = { "speaks_for.stated", PRL_SIGNED_BY_KEY, false, stated };

const prl_line_part prl_speaks_part = {
	.name = "speaks",
	.nouns = &noun,
	.noun_count = 1,
	.kinds = &kind,
	.kind_count = 1,
	.check = check,
	.queries = prl_said_queries,
	.show = show_all,
};
