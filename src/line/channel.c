/* Table "channel" by "PARTY\nRUNG": {"now": declaration, "before": the one before it, "resumed": {…}}, the last two
 * where they are. */
#include "line/channel.h"
#include "line/bundle.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "line/person.h"
#include "line/shift.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char channel_noun[] = "channel";

#define KEY_MAX (PRL_KEY_NAME_MAX + 32)
#define WORKING PRL_VERSION_WORKING

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static const json_t *find(prl_picture *picture, prl_version version, prl_bytes party, const char *rung,
			  char room[KEY_MAX], prl_bytes *ret_key)
{
	int length = snprintf(room, KEY_MAX, "%.*s\n%s", (int)party.size, party.data, rung);
	*ret_key = (prl_bytes){ room, (size_t)length };
	return prl_thing_find(picture, version, channel_noun, *ret_key);
}

static bool is_closed(const json_t *declaration)
{
	prl_bytes state = prl_body_text(declaration, "state");
	return prl_bytes_is(state, "suspended") || prl_bytes_is(state, "ended");
}

/* {log: entries of it that the log of the act had seen} */
static json_t *seen_sizes(prl_picture *picture, const prl_act *act)
{
	const prl_constitution *constitution = prl_act_constitution(picture, act);
	json_t *sizes = json_object();
	for (size_t i = 0; sizes && i < constitution->log_count; i++) {
		const char *log = constitution->logs[i].origin;
		const prl_peer *peer = prl_picture_peer_of(picture, WORKING, prl_bytes_of(act->log), prl_bytes_of(log));
		if (strcmp(log, act->log) != 0)
			(void)json_object_set_new(sizes, log, json_integer(peer ? (json_int_t)peer->size : 0));
	}
	return sizes;
}

static json_t *declaration_of(prl_picture *picture, const prl_act *act)
{
	static const char *const names[] = { "state", "instrument", "reason", "from", "call_back", NULL };
	json_t *declaration = prl_thing_new(act);
	if (declaration && prl_thing_take(declaration, act->body, names) &&
	    (json_object_get(declaration, "from") ||
	     json_object_set(declaration, "from", json_object_get(declaration, "time")) == 0) &&
	    json_object_set_new(declaration, "seen", seen_sizes(picture, act)) == 0)
		return declaration;
	json_decref(declaration);
	return NULL;
}

static json_t *resumption(const json_t *closed, const json_t *open)
{
	json_t *missed = json_object();
	const char *log;
	json_t *size;
	json_object_foreach(json_object_get(open, "seen"), log, size)
	{
		json_t *then = json_object_get(json_object_get(closed, "seen"), log);
		(void)json_object_set_new(missed, log,
					  json_pack("{s:I, s:O}", "from", json_integer_value(then), "to", size));
	}
	return json_pack("{s:O, s:O, s:O, s:o}", "closed", json_object_get(closed, "from"), "state",
			 json_object_get(closed, "state"), "resumed", json_object_get(open, "from"), "missed", missed);
}

static prl_status put_rung(prl_picture *picture, const prl_act *act, const char *rung, json_t *declaration,
			   prl_error *err)
{
	char room[KEY_MAX];
	prl_bytes key;
	const json_t *old = find(picture, WORKING, act->entry->party, rung, room, &key);
	const json_t *before = json_object_get(old, "now");
	json_t *thing = json_pack("{s:O, s:O*, s:O*}", "now", declaration, "before", before, "resumed",
				  json_object_get(old, "resumed"));
	if (thing && is_closed(before) && !is_closed(declaration))
		(void)json_object_set_new(thing, "resumed", resumption(before, declaration));
	return prl_thing_put(picture, channel_noun, key, thing, err);
}

static prl_status declared(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *rungs = json_object_get(act->body, "rungs");
	json_t *declaration = declaration_of(picture, act);
	prl_status status = declaration ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; i < (rungs ? json_array_size(rungs) : PRL_RUNGS) && !status; i++)
		status = put_rung(picture, act, rungs ? json_string_value(json_array_get(rungs, i)) : prl_rungs[i],
				  declaration, err);
	json_decref(declaration);
	/* What was notified to protect people goes on, and is said once more (bundle.h). */
	if (!status && prl_bytes_is(prl_body_text(act->body, "state"), "ended"))
		status = prl_truce_add(picture, act, "the channel", err);
	return status;
}

/* ---- in force ---------------------------------------------------------------------------------------------------- */

static prl_time time_in(const json_t *object, const char *name)
{
	prl_time time = 0;
	prl_bytes text = prl_body_text(object, name);
	if (text.data && prl_time_parse(text.data, text.size, &time, NULL))
		time = 0;
	return time;
}

const json_t *prl_channel_declared(prl_picture *picture, prl_version version, const char *party, const char *rung,
				   prl_time now)
{
	char room[KEY_MAX];
	prl_bytes key;
	const json_t *thing = find(picture, version, prl_bytes_of(party), rung, room, &key);
	const json_t *newest = json_object_get(thing, "now");
	return time_in(newest, "from") > now ? json_object_get(thing, "before") : newest;
}

/* ---- observed ---------------------------------------------------------------------------------------------------- */

/* The newest act, by rung, of a party's keys: a key is on the rung of its shift, else on the lowest. */
typedef struct observing {
	const prl_show *show;
	const char *party;
	prl_time newest[PRL_RUNGS];
	json_t *roles; /* key: rung */
} observing;

static bool role_of(void *context, const json_t *shift)
{
	observing *o = context;
	return json_object_set(o->roles, json_string_value(json_object_get(shift, "key")),
			       json_object_get(shift, "role")) == 0;
}

static size_t rung_of(const observing *o, const char *key)
{
	const char *role = json_string_value(json_object_get(o->roles, key));
	size_t i = 0;
	while (role && i < PRL_RUNGS && strcmp(prl_rungs[i], role) != 0)
		i++;
	return i < PRL_RUNGS && role ? i : 0;
}

static bool key_one(void *context, prl_bytes name, const void *value)
{
	observing *o = context;
	const prl_key *key = value;
	(void)name;
	if (strcmp(key->party, o->party) != 0)
		return true;
	size_t rung = rung_of(o, key->verifier.name);
	prl_time last = prl_key_heard(o->show->picture, o->show->version, key, o->show->now);
	if (last > o->newest[rung])
		o->newest[rung] = last;
	return true;
}

static prl_status observe(observing *o, prl_error *err)
{
	o->roles = json_object();
	prl_status status = o->roles ? prl_shift_each_on(o->show->picture, o->show->version, o->party, role_of, o, err)
				     : prl_error_memory(err);
	if (!status)
		status = prl_picture_each(o->show->picture, o->show->version, PRL_TABLE_KEY, key_one, o, err);
	json_decref(o->roles);
	return status;
}

static json_t *observed_json(const observing *o, size_t rung, int64_t period_s)
{
	prl_time last = o->newest[rung];
	if (!last)
		return json_pack("{s:s}", "state", "nothing seen");
	int64_t age_s = prl_time_apart(last, o->show->now) / PRL_SECOND;
	const char *state = age_s <= period_s ? "open" : age_s <= 2 * period_s ? "degraded" : "silent";
	return json_pack("{s:s, s:o, s:I}", "state", state, "last", prl_show_time(last), "age_s", (json_int_t)age_s);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static json_t *declared_json(const json_t *declaration)
{
	json_t *json =
		declaration ? json_copy((json_t *)(uintptr_t)declaration) : json_pack("{s:s}", "state", "not declared");
	if (json)
		(void)json_object_del(json, "seen");
	return json;
}

static json_t *rung_json(const observing *o, size_t rung, int64_t period_s)
{
	const prl_show *show = o->show;
	char room[KEY_MAX];
	prl_bytes key;
	const json_t *thing = find(show->picture, show->version, prl_bytes_of(o->party), prl_rungs[rung], room, &key);
	const json_t *declaration =
		prl_channel_declared(show->picture, show->version, o->party, prl_rungs[rung], show->now);
	const json_t *next = json_object_get(thing, "now");
	return json_pack("{s:s, s:o, s:o*, s:o, s:O*}", "rung", prl_rungs[rung], "declared", declared_json(declaration),
			 "declared_next", next && next != declaration ? declared_json(next) : NULL, "observed",
			 observed_json(o, rung, period_s), "resumed", json_object_get(thing, "resumed"));
}

static json_t *due_json(prl_time asked, int64_t period_s)
{
	prl_time due;
	bool over = !asked || __builtin_add_overflow(asked, period_s * PRL_SECOND, &due);
	return over ? json_null() : prl_show_time(due);
}

/* Tests of this party by each other: the newest, its id where it waits for an answer, and when the next is due by the
 * agreed period; null where nobody has asked yet, and so nobody knows when the period begins. */
static json_t *tests_json(const prl_show *show, const char *party, const prl_constitution *constitution)
{
	json_t *tests = json_array();
	int64_t period_s = prl_person_test_s(constitution);
	for (size_t i = 0; i < constitution->party_count; i++) {
		const char *other = constitution->parties[i].name;
		prl_time answered, asked;
		if (strcmp(other, party) == 0)
			continue;
		prl_person_tested(show->picture, show->version, other, party, &answered, &asked);
		(void)json_array_append_new(tests,
					    json_pack("{s:s, s:s?, s:o, s:o, s:o}", "asked_by", other, "waits",
						      prl_person_test_waits(show->picture, show->version, other, party),
						      "asked", asked ? prl_show_time(asked) : json_null(), "answered",
						      answered ? prl_show_time(answered) : json_null(), "next",
						      due_json(asked, period_s)));
	}
	return tests;
}

static prl_status party_json(const prl_show *show, const prl_constitution *constitution, const char *party,
			     json_t **ret, prl_error *err)
{
	observing o = { .show = show, .party = party };
	prl_status status = observe(&o, err);
	json_t *rungs = json_array();
	for (size_t i = 0; i < PRL_RUNGS && !status; i++)
		if (json_array_append_new(rungs, rung_json(&o, i, prl_person_test_s(constitution))) != 0)
			status = prl_error_memory(err);
	if (status) {
		json_decref(rungs);
		return status;
	}
	*ret = json_pack("{s:s, s:o, s:o, s:s}", "party", party, "rungs", rungs, "tests",
			 tests_json(show, party, constitution), "stop", "passes in any state");
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	const char *only = prl_show_query(show, "party");
	json_t *items = json_array();
	prl_status status = PRL_OK;
	for (size_t i = 0; constitution && i < constitution->party_count && !status; i++) {
		json_t *item = NULL;
		if (only && strcmp(only, constitution->parties[i].name) != 0)
			continue;
		status = party_json(show, constitution, constitution->parties[i].name, &item, err);
		if (!status && json_array_append_new(items, item) != 0)
			status = prl_error_memory(err);
	}
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

/* One a party: the worst it has declared of any rung. It ends when it is open again, or is shelved. */
static void raise_one(const prl_show *show, prl_alarms *to, const char *peer)
{
	char situation[PRL_ALARM_SITUATION_MAX];
	const json_t *worst = NULL;
	for (size_t i = 0; i < PRL_RUNGS; i++) {
		const json_t *d = prl_channel_declared(show->picture, show->version, peer, prl_rungs[i], show->now);
		if (d && !prl_bytes_is(prl_body_text(d, "state"), "open") &&
		    (!worst || (is_closed(d) && !is_closed(worst))))
			worst = d;
	}
	(void)snprintf(situation, sizeof situation, "channel:%s", peer);
	if (worst)
		prl_alarm_raise(to, PRL_ALARM_CHANNEL_DECLARED, situation,
				json_pack("{s:s, s:O, s:O}", "peer", peer, "state", json_object_get(worst, "state"),
					  "id", json_object_get(worst, "id")),
				time_in(worst, "from"), time_in(worst, "from") + 3600 * PRL_SECOND,
				"%s has declared the channel %s; STOP passes", peer,
				json_string_value(json_object_get(worst, "state")));
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	(void)err;
	for (size_t i = 0; constitution && i < constitution->party_count; i++)
		if (!constitution->parties[i].left)
			raise_one(show, to, constitution->parties[i].name);
	return PRL_OK;
}

static const prl_noun nouns[] = { PRL_THING_NOUN(channel_noun) };
static const prl_act_kind kinds[] = {
	{ "channel.declared", PRL_SIGNED_BY_KEY, false, declared },
	{ "channel.closed", PRL_SIGNED_BY_TWO, false, declared },
};
static const char *const queries[] = { "party", NULL };

const prl_line_part prl_channel_part = { .name = "channels",
					 .nouns = nouns,
					 .noun_count = 1,
					 .kinds = kinds,
					 .kind_count = 2,
					 .queries = queries,
					 .show = show,
					 .alarms = alarms };
