#include "line/standing.h"

#include "base/error.h"
#include "base/text.h"
#include "line/said.h"
#include "picture/body.h"

#include <string.h>

static const char noun_name[] = "body";

#define X(id, text) text,
const char *const prl_member_states[] = { PRL_MEMBER_STATES(X) };
#undef X

static const char *const own_words[] = { "joined", "declined", "left", NULL };

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static prl_status about(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes who = prl_body_text(act->body, "who");
	const char *says = prl_said_says(act->body);
	bool invites = strcmp(says, "invited") == 0;
	bool of_another = invites || !strcmp(says, "absent") || !strcmp(says, "present");
	if (!*says)
		return prl_error_set(err, PRL_E_SYNTAX, "says: missing; expected what is said of the body");
	if (json_object_get(act->body, "name") || json_object_get(act->body, "to"))
		return prl_error_set(err, PRL_E_SYNTAX, "name, to: a body is not begun twice");
	if (invites && !who.data)
		return prl_error_set(err, PRL_E_SYNTAX, "who: missing; expected the party that is invited");
	if (who.data && !of_another)
		return prl_error_set(err, PRL_E_REFUSED, "who: each party says \"%s\" for itself", says);
	if (who.data && !prl_act_party(picture, act, who))
		return prl_error_set(err, PRL_E_NOT_FOUND, "who: party %.*s is not of this line", (int)who.size,
				     who.data);
	return prl_said_add(picture, act, noun_name, "body", invites ? PRL_SAID_BY_AUTHOR : PRL_SAID_BY_ANY, err);
}

static prl_status stated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (json_object_get(act->body, "body"))
		return about(picture, act, err);
	if (!json_object_get(act->body, "name"))
		return prl_error_set(err, PRL_E_SYNTAX, "name: missing; a new body needs one");
	if (json_object_get(act->body, "says"))
		return prl_error_set(err, PRL_E_SYNTAX, "body: missing; expected the body of which that is said");
	return prl_said_begin(picture, act, noun_name, "to", NULL, err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static bool add_member(const json_t *body, const char *party, bool invited, json_t *members)
{
	const json_t *word = prl_said_last(body, party, own_words);
	bool founder = prl_said_is(body, "party", party);
	const char *state = word      ? prl_said_says(word)
			    : founder ? prl_member_states[PRL_MEMBER_JOINED]
				      : prl_member_states[PRL_MEMBER_INVITED];
	return json_array_append_new(members, json_pack("{s:s, s:s, s:O, s:b}", "party", party, "state", state, "since",
							json_object_get(word ? word : body, "time"), "invited",
							(int)(invited || founder))) == 0;
}

/* Parties that were invited: at the beginning, and later. Sorted. */
static json_t *invited(const json_t *body)
{
	json_t *all = json_copy(json_object_get(body, "to"));
	const json_t *said = json_object_get(body, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one) if (all && prl_said_is(one, "says", "invited"))
		json_array_append(all, json_object_get(one, "who"));
	json_t *sorted = all ? prl_body_sorted(all, (prl_bytes){ NULL, 0 }) : NULL;
	json_decref(all);
	return sorted;
}

/* All that have to do with it: the beginner, the invited, and whoever joined. Sorted. */
static json_t *everybody(const json_t *body, const json_t *invited_ones)
{
	json_t *all = json_copy((json_t *)(uintptr_t)invited_ones);
	const json_t *said = json_object_get(body, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one) if (all && (!strcmp(prl_said_says(one), "joined")))
		json_array_append(all, json_object_get(one, "party"));
	json_t *sorted = all ? prl_body_sorted(all, prl_body_text(body, "party")) : NULL;
	json_decref(all);
	return sorted;
}

static bool fill_members(const json_t *body, json_t *members)
{
	json_t *asked = invited(body), *all = asked ? everybody(body, asked) : NULL;
	bool fits = all != NULL;
	const json_t *one;
	size_t i;
	json_array_foreach(all, i, one) fits =
		fits && add_member(body, json_string_value(one),
				   prl_body_has(asked, prl_bytes_of(json_string_value(one))), members);
	json_decref(asked);
	json_decref(all);
	return fits;
}

static bool fill_absences(const json_t *body, json_t *absences)
{
	const json_t *said = json_object_get(body, "said"), *one;
	size_t i;
	bool fits = true;
	json_array_foreach(said, i, one)
	{
		const json_t *who = json_object_get(one, "who");
		if (strcmp(prl_said_says(one), "absent") != 0 && strcmp(prl_said_says(one), "present") != 0)
			continue;
		fits = fits && json_array_append_new(absences, json_pack("{s:O, s:O, s:O, s:O, s:O?}", "party",
									 who ? who : json_object_get(one, "party"),
									 "says", json_object_get(one, "says"), "by",
									 json_object_get(one, "party"), "time",
									 json_object_get(one, "time"), "meeting",
									 json_object_get(one, "meeting"))) == 0;
	}
	return fits;
}

static bool fill(const prl_show *show, const json_t *body, json_t *to)
{
	json_t *members = json_array(), *absences = json_array();
	bool fits = members && absences && fill_members(body, members) && fill_absences(body, absences);
	(void)show;
	fits = json_object_set_new(to, "members", members) == 0 && fits;
	return json_object_set_new(to, "absences", absences) == 0 && fits;
}

static prl_status show_all(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, noun_name, fill, ret, err);
}

static const prl_noun noun = PRL_THING_NOUN(noun_name);
static const prl_act_kind kind = { "body.stated", PRL_SIGNED_BY_KEY, false, stated };

const prl_line_part prl_standing_part = {
	.name = "bodies",
	.nouns = &noun,
	.noun_count = 1,
	.kinds = &kind,
	.kind_count = 1,
	.queries = prl_said_queries,
	.show = show_all,
};
