/* The fold of calls. Tables:
 *   call      things by id: what was stated, "answers", "repeats", "number"; without "log" only answers are known yet
 *   call.at   small things by text: "party\nus" {"count"}, "number\nus\n41" and "key\nus-ops/1" {"id"}, and by
 *             "repeat\n" and 32 bytes {"id"} of the call that it repeats, "index" of the repeat
 *   call.rung what nodes say that rang UNVERIFIED, by "log\nn": n goes round through PRL_CALL_RUNG_A_LOG; "log\ncount"
 *   call.open small things by id, of calls of which something is waited for: "party", "ns", "waits" (for somebody to
 * take it, or to say what became of it); local, worked out from the others call.opened "count" by party: how many of
 * them stand in call.open; local */
#include "line/call_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define WORKING PRL_VERSION_WORKING

static const char call_noun[] = PRL_CALL_NOUN, at_noun[] = "call.at";

/* ---- small things by text ---------------------------------------------------------------------------------------- */

#define AT_MAX (2 * PRL_KEY_NAME_MAX + 64)

static const json_t *at_find(prl_picture *picture, prl_version version, const char *key)
{
	return prl_thing_find(picture, version, at_noun, prl_bytes_of(key));
}

static prl_status at_put(prl_picture *picture, const char *key, json_t *thing, prl_error *err)
{
	return prl_thing_put(picture, at_noun, prl_bytes_of(key), thing, err);
}

static void repeat_key(const prl_hash *id, char key[AT_MAX])
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(id, text);
	(void)snprintf(key, AT_MAX, "repeat\n%s", text);
}

static bool id_of(const json_t *thing, prl_hash *ret)
{
	prl_bytes text = prl_body_text(thing, "id");
	return text.data && prl_hash_read(text, ret);
}

/* ---- found ------------------------------------------------------------------------------------------------------- */

static void follow_repeat(prl_picture *picture, prl_version version, prl_hash *id)
{
	char key[AT_MAX];
	repeat_key(id, key);
	(void)id_of(at_find(picture, version, key), id);
}

const json_t *prl_call_find(prl_picture *picture, prl_version version, const prl_hash *id)
{
	prl_hash first = *id;
	follow_repeat(picture, version, &first);
	return prl_thing_find(picture, version, call_noun, prl_hash_key(&first));
}

static bool answer_is_recorded(const json_t *call, const prl_entry *entry, uint64_t *ret_index)
{
	char text[PRL_HASH_TEXT_MAX];
	const json_t *one;
	size_t i;
	prl_hash_write(&entry->hash, text);
	json_array_foreach(json_object_get(call, "answers"), i, one)
	{
		if (!prl_bytes_is(prl_body_text(one, "id"), text) || !json_object_get(one, "log"))
			continue;
		*ret_index = prl_body_number(one, "index", 0);
		return true;
	}
	return false;
}

bool prl_call_is_recorded(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			  uint64_t *ret_index)
{
	char key[AT_MAX];
	prl_hash id;
	if (!prl_call_is_raised(entry->kind))
		return prl_body_hash(body, "call", &id, NULL) == PRL_OK &&
		       answer_is_recorded(prl_call_find(picture, version, &id), entry, ret_index);
	repeat_key(&entry->hash, key);
	const json_t *known = at_find(picture, version, key);
	if (!known)
		known = prl_thing_find(picture, version, call_noun, prl_hash_key(&entry->hash));
	*ret_index = prl_body_number(known, "index", 0);
	return json_object_get(known, "index") != NULL;
}

uint64_t prl_call_count(prl_picture *picture, prl_version version, const char *party)
{
	char key[AT_MAX];
	(void)snprintf(key, sizeof key, "party\n%s", party);
	return prl_body_number(at_find(picture, version, key), "count", 0);
}

const json_t *prl_call_numbered(prl_picture *picture, prl_version version, const char *party, uint64_t number)
{
	char key[AT_MAX];
	prl_hash id;
	(void)snprintf(key, sizeof key, "number\n%s\n%llu", party, (unsigned long long)number);
	return id_of(at_find(picture, version, key), &id) ? prl_call_find(picture, version, &id) : NULL;
}

/* ---- raised ------------------------------------------------------------------------------------------------------ */

static prl_status put_number(prl_picture *picture, const prl_act *act, json_t *call, prl_error *err)
{
	char key[AT_MAX], party[PRL_KEY_NAME_MAX + 1];
	(void)snprintf(party, sizeof party, "%.*s", (int)act->entry->party.size, act->entry->party.data);
	uint64_t number = prl_call_count(picture, WORKING, party) + 1;
	json_object_set_new(call, "number", json_integer((json_int_t)number));
	(void)snprintf(key, sizeof key, "party\n%s", party);
	prl_status status = at_put(picture, key, json_pack("{s:I}", "count", (json_int_t)number), err);
	(void)snprintf(key, sizeof key, "number\n%s\n%llu", party, (unsigned long long)number);
	if (!status)
		status = at_put(picture, key, json_pack("{s:O}", "id", json_object_get(call, "id")), err);
	(void)snprintf(key, sizeof key, "key\n%.*s", (int)act->entry->key.size, act->entry->key.data);
	return status ? status : at_put(picture, key, json_pack("{s:O}", "id", json_object_get(call, "id")), err);
}

/* As far as the log of the act had seen: what has arrived here beside it must not matter. */
static bool has_ended(prl_picture *picture, const prl_act *act, const json_t *call)
{
	const json_t *answer;
	size_t i;
	json_array_foreach(json_object_get(call, "answers"), i, answer)
	{
		const char *what = json_string_value(json_object_get(answer, "what"));
		if (!what || !prl_call_counts(call, answer) ||
		    !prl_act_sees(picture, act, prl_body_text(answer, "log"), prl_body_number(answer, "index", 0)))
			continue;
		if (strcmp(what, "ceased") == 0 || strcmp(what, "not ours") == 0 ||
		    (strcmp(what, "withdrawn") == 0 && prl_call_is_withdrawn(call)))
			return true;
	}
	return false;
}

static const json_t *first_of(prl_picture *picture, const prl_act *act, const json_t *call)
{
	char key[AT_MAX];
	prl_hash id;
	(void)snprintf(key, sizeof key, "key\n%.*s", (int)act->entry->key.size, act->entry->key.data);
	if (!id_of(at_find(picture, WORKING, key), &id))
		return NULL;
	const json_t *first = prl_call_find(picture, WORKING, &id);
	return first && prl_call_repeats(first, call) && !has_ended(picture, act, first) ? first : NULL;
}

/* Answers that came before their call go over to it. */
static bool move_answers(json_t *to, const json_t *from)
{
	json_t *answer;
	size_t i;
	json_array_foreach(json_object_get(from, "answers"), i, answer)
	{
		if (!prl_call_add(to, json_deep_copy(answer)))
			return false;
	}
	return true;
}

static prl_status put_call(prl_picture *picture, const prl_hash *id, json_t *call, prl_error *err)
{
	json_incref(call);
	prl_status status = prl_thing_put(picture, call_noun, prl_hash_key(id), call, err);
	if (!status)
		status = prl_call_put_open(picture, id, call, err);
	json_decref(call);
	return status;
}

/* The first call once more: counted, and the id of the repeat leads to it. */
static prl_status repeat(prl_picture *picture, const prl_act *act, const json_t *first, const json_t *waiting,
			 prl_error *err)
{
	char key[AT_MAX];
	prl_hash id;
	json_t *call = json_deep_copy(first);
	if (!call || !id_of(first, &id) || !move_answers(call, waiting)) {
		json_decref(call);
		return prl_error_memory(err);
	}
	json_object_set_new(call, "repeats", json_integer((json_int_t)prl_body_number(first, "repeats", 0) + 1));
	json_object_set_new(call, "last", prl_show_time(act->entry->time));
	repeat_key(&act->entry->hash, key);
	prl_status status = at_put(
		picture, key,
		json_pack("{s:O, s:I}", "id", json_object_get(first, "id"), "index", (json_int_t)act->index), err);
	if (!status)
		status = put_call(picture, &id, call, err);
	else
		json_decref(call);
	return status || !waiting ? status
				  : prl_call_take_away(picture, call_noun, prl_hash_key(&act->entry->hash), err);
}

static prl_status raised(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_hash *id = &act->entry->hash;
	uint64_t index;
	if (prl_call_is_recorded(picture, WORKING, act->entry, act->body, &index))
		return prl_error_set(err, PRL_E_STALE, "this call is entry %llu already", (unsigned long long)index);
	const json_t *waiting = prl_thing_find(picture, WORKING, call_noun, prl_hash_key(id));
	json_t *call = prl_call_new(act->entry, act->body, act->log, act->index);
	if (!call)
		return prl_error_memory(err);
	const json_t *first = first_of(picture, act, call);
	if (first) {
		json_decref(call);
		return repeat(picture, act, first, waiting, err);
	}
	prl_status status = move_answers(call, waiting) ? put_number(picture, act, call, err) : prl_error_memory(err);
	if (!status)
		return put_call(picture, id, call, err);
	json_decref(call);
	return status;
}

/* ---- answered ---------------------------------------------------------------------------------------------------- */

static prl_status answered(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_hash id;
	prl_status status = prl_body_hash(act->body, "call", &id, err);
	if (status)
		return status;
	follow_repeat(picture, WORKING, &id);
	const json_t *known = prl_thing_find(picture, WORKING, call_noun, prl_hash_key(&id));
	json_t *call = known ? json_deep_copy(known) : json_pack("{s:o, s:[]}", "id", prl_show_hash(&id), "answers");
	json_t *answer = prl_call_answer(act->entry, act->body, act->log, act->index);
	if (call && answer && prl_call_add(call, json_incref(answer))) {
		json_decref(answer);
		return put_call(picture, &id, call, err);
	}
	json_decref(call);
	json_decref(answer);
	return prl_error_memory(err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

typedef struct listing {
	const prl_show *show;
	const prl_constitution *constitution;
	const char *id; /* NULL: all */
	bool open, failed;
	json_t *to;
} listing;

/* Calls are for whom they name; the raiser sees its own. */
static bool is_for(const listing *list, const json_t *call, const json_t *parties)
{
	const char *party = list->show->party;
	return !party || prl_bytes_is(prl_body_text(call, "party"), party) ||
	       prl_body_has(parties, prl_bytes_of(party));
}

static bool is_asked_for(const listing *list, const json_t *call)
{
	char name[PRL_CALL_NAME_MAX];
	prl_call_name(call, name);
	return !list->id || prl_bytes_is(prl_body_text(call, "id"), list->id) || strcmp(list->id, name) == 0;
}

static bool show_one(void *context, prl_bytes key, const json_t *call)
{
	listing *list = context;
	(void)key;
	if (!json_object_get(call, "log") || !is_asked_for(list, call))
		return true;
	json_t *parties = prl_call_parties(call, list->constitution);
	bool shown = parties && is_for(list, call, parties) && !(list->open && prl_call_is_over(call, parties));
	list->failed = !parties ||
		       (shown && json_array_append_new(list->to, prl_call_view(call, parties, list->show->now)) != 0);
	json_decref(parties);
	return !list->failed;
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *open = prl_show_query(show, "open"), *unverified = prl_show_query(show, "unverified");
	if (unverified && strcmp(unverified, "1") == 0)
		return prl_call_rung_show(show, ret, err);
	listing list = { .show = show,
			 .constitution = prl_picture_constitution(show->picture, show->version),
			 .id = prl_show_query(show, "id"),
			 .open = open && strcmp(open, "1") == 0,
			 .to = json_array() };
	prl_status status = list.to ? PRL_OK : prl_error_memory(err);
	if (!status && list.constitution)
		status = list.open ? prl_call_each_open(show->picture, show->version, show_one, &list, err)
				   : prl_thing_each(show->picture, show->version, call_noun, show_one, &list, err);
	if (!status && list.failed)
		status = prl_error_memory(err);
	if (status)
		json_decref(list.to);
	else
		*ret = list.to;
	return status;
}

/* ---- the part ---------------------------------------------------------------------------------------------------- */

#define LOCAL_NOUN(noun_name)                                                                                          \
	{                                                                                                              \
		.name = (noun_name), .shared = false, .save = prl_thing_save, .load = prl_thing_load,                  \
		.free = prl_thing_free                                                                                 \
	}
static const prl_noun nouns[] = {
	PRL_THING_NOUN(call_noun),      PRL_THING_NOUN(at_noun),          PRL_THING_NOUN(PRL_CALL_RUNG_NOUN),
	LOCAL_NOUN(PRL_CALL_OPEN_NOUN), LOCAL_NOUN(PRL_CALL_OPENED_NOUN),
};
static const prl_act_kind kinds[] = {
	{ "call.raised", PRL_SIGNED_BESIDE_OR_RECORDED, false, raised },
	{ "call.taken", PRL_SIGNED_BESIDE, false, answered },
	{ "call.passed", PRL_SIGNED_BESIDE, false, answered },
	{ "call.reported", PRL_SIGNED_BESIDE, false, answered },
	{ "call.withdrawn", PRL_SIGNED_BESIDE, false, answered },
	{ "call.rung", PRL_RECORDED, false, prl_call_rung },
};
static const char *const queries[] = { "id", "open", "unverified", NULL };

const prl_line_part prl_call_part = {
	.name = "calls",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.queries = queries,
	.show = show,
	.alarms = prl_call_alarms,
};
