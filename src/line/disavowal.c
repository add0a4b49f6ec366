#include "line/disavowal.h"

#include "base/error.h"
#include "line/details.h"
#include "line/said.h"

#include <string.h>

static const char noun_name[] = "disavowal";

#define X(id, text) text,
const char *const prl_disavowal_states[] = { PRL_DISAVOWAL_STATES(X) };
#undef X

static prl_status made(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_time from = prl_said_time(act->body, "from", PRL_TIME_OPEN_START);
	if (prl_said_time(act->body, "to_time", PRL_TIME_OPEN_END) < from)
		return prl_error_set(err, PRL_E_RANGE, "to_time: before from");
	return prl_said_begin(picture, act, noun_name, "to", NULL, err);
}

static prl_status disputed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return prl_said_add(picture, act, noun_name, "disavowal", PRL_SAID_BY_ANY, err);
}

/* The look at the door: each area can be read, and reads one way. */
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

static bool fill(const prl_show *show, const json_t *disavowal, json_t *to)
{
	const json_t *said = json_object_get(disavowal, "said"), *one;
	const char *author = prl_said_text(disavowal, "party");
	bool states[PRL_DISAVOWAL_STATE_COUNT] = { false };
	size_t i;
	json_array_foreach(said, i, one)
	{
		bool own = prl_said_is(one, "party", author);
		states[PRL_DISAVOWAL_OWN_WORDS] |= own || json_object_get(one, "cites");
		states[PRL_DISAVOWAL_DISPUTED] |= !own;
	}
	json_t *names = json_array();
	bool fits = names != NULL;
	for (i = 0; i < PRL_DISAVOWAL_STATE_COUNT; i++)
		if (states[i])
			fits = fits && json_array_append_new(names, json_string(prl_disavowal_states[i])) == 0;
	bool in_force = show->now >= prl_said_time(disavowal, "from", PRL_TIME_OPEN_START) &&
			show->now <= prl_said_time(disavowal, "to_time", PRL_TIME_OPEN_END);
	return json_object_set_new(to, "states", names) == 0 && fits &&
	       json_object_set_new(to, "in_force", json_boolean(in_force)) == 0;
}

static prl_status show_all(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, noun_name, fill, ret, err);
}

static const prl_noun noun = PRL_THING_NOUN(noun_name);
static const prl_act_kind kinds[] = {
	{ "disavowal.made", PRL_SIGNED_BY_KEY, false, made },
	{ "disavowal.disputed", PRL_SIGNED_BY_KEY, false, disputed },
};

const prl_line_part prl_disavowal_part = {
	.name = "disavowals",
	.nouns = &noun,
	.noun_count = 1,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.queries = prl_said_queries,
	.show = show_all,
};
