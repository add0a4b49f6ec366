#include "line/thing.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

bool prl_thing_save(const void *value, prl_buffer *to)
{
	return prl_pack_json(to, value);
}

void *prl_thing_load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	json_t *thing = prl_unpack_json(&from);
	if (prl_unpack_end(&from, "thing", err))
		return thing;
	json_decref(thing);
	return NULL;
}

void prl_thing_free(void *value)
{
	json_decref(value);
}

/* ---- made -------------------------------------------------------------------------------------------------------- */

static bool set_text(json_t *thing, const char *name, prl_bytes text)
{
	return !text.data || json_object_set_new(thing, name, json_stringn(text.data, text.size)) == 0;
}

json_t *prl_thing_new(const prl_act *act)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char hash[PRL_HASH_TEXT_MAX], time[PRL_TIME_TEXT_MAX];
	const prl_entry *entry = act->entry;
	prl_hash_write(&entry->hash, hash);
	prl_time_format(entry->time, time);
	json_t *thing = json_pack("{s:s, s:s, s:I, s:s, s:s}", "id", hash, "log", act->log, "index",
				  (json_int_t)act->index, "mode", modes[entry->mode], "time", time);
	if (thing && set_text(thing, "party", entry->party) && set_text(thing, "desk", entry->desk) &&
	    set_text(thing, "key", entry->key))
		return thing;
	json_decref(thing);
	return NULL;
}

bool prl_thing_take(json_t *thing, const json_t *from, const char *const *names)
{
	for (; *names; names++) {
		json_t *value = json_object_get(from, *names);
		if (value && json_object_set(thing, *names, value) != 0)
			return false;
	}
	return true;
}

/* ---- in the picture ---------------------------------------------------------------------------------------------- */

prl_bytes prl_hash_key(const prl_hash *hash)
{
	return (prl_bytes){ (const char *)hash->bytes, sizeof hash->bytes };
}

const json_t *prl_thing_find(prl_picture *picture, prl_version version, const char *noun, prl_bytes key)
{
	unsigned table;
	return prl_picture_table(picture, noun, &table) ? prl_picture_find(picture, version, table, key) : NULL;
}

prl_status prl_thing_put(prl_picture *picture, const char *noun, prl_bytes key, json_t *thing, prl_error *err)
{
	unsigned table;
	if (prl_picture_table(picture, noun, &table))
		return prl_picture_put(picture, table, key, thing, err);
	json_decref(thing);
	return prl_error_set(err, PRL_E_NOT_FOUND, "no table of %ss", noun);
}

prl_status prl_thing_meant(prl_picture *picture, const prl_act *act, const char *noun, const char *member,
			   const json_t **ret, prl_hash *ret_hash, prl_error *err)
{
	prl_status status = prl_body_hash(act->body, member, ret_hash, err);
	if (status)
		return status;
	const json_t *thing = prl_thing_find(picture, PRL_VERSION_WORKING, noun, prl_hash_key(ret_hash));
	if (!thing || !prl_act_sees(picture, act, prl_body_text(thing, "log"), prl_body_number(thing, "index", 0)))
		return prl_error_set(err, PRL_E_NOT_FOUND, "%s: log %s knows no %s of this id", member, act->log, noun);
	*ret = thing;
	return PRL_OK;
}

prl_status prl_thing_own(const json_t *thing, const prl_act *act, prl_error *err)
{
	prl_bytes party = prl_body_text(thing, "party");
	if (party.size == act->entry->party.size && memcmp(party.data, act->entry->party.data, party.size) == 0)
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED, "only party %.*s, which began it, changes it", (int)party.size,
			     party.data);
}

typedef struct each {
	prl_thing_fn *fn;
	void *context;
} each;

static bool each_one(void *context, prl_bytes key, const void *value)
{
	const each *e = context;
	return e->fn(e->context, key, value);
}

prl_status prl_thing_each(prl_picture *picture, prl_version version, const char *noun, prl_thing_fn *fn, void *context,
			  prl_error *err)
{
	unsigned table;
	each e = { fn, context };
	if (!prl_picture_table(picture, noun, &table))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of %ss", noun);
	return prl_picture_each(picture, version, table, each_one, &e, err);
}

/* ---- parties ----------------------------------------------------------------------------------------------------- */

static json_t *all_parties(const prl_constitution *constitution)
{
	json_t *all = json_array();
	for (size_t i = 0; i < constitution->party_count; i++)
		if (!constitution->parties[i].left)
			json_array_append_new(all, json_string(constitution->parties[i].name));
	json_t *sorted = all ? prl_body_sorted(all, (prl_bytes){ NULL, 0 }) : NULL;
	json_decref(all);
	return sorted;
}

prl_status prl_act_parties(prl_picture *picture, const prl_act *act, const char *member, json_t **ret, prl_error *err)
{
	const prl_constitution *constitution = prl_act_constitution(picture, act);
	const json_t *named = json_object_get(act->body, member);
	for (size_t i = 0; i < json_array_size(named); i++) {
		const char *name = json_string_value(json_array_get(named, i));
		const prl_party *party = prl_constitution_party(constitution, prl_bytes_of(name));
		if (!party || party->left)
			return prl_error_set(err, PRL_E_NOT_FOUND, "party %s is not of this line", name);
	}
	json_t *parties = named ? prl_body_sorted(named, (prl_bytes){ NULL, 0 }) : all_parties(constitution);
	if (!parties)
		return prl_error_memory(err);
	*ret = parties;
	return PRL_OK;
}
