/* When this node heard of what keys have signed. Local: no two nodes hear at the same time. See nouns.h, heard.
 *
 * "heard" by key name: an integer, nanoseconds: when a person at that key acted last, as far as it can be believed.
 * "heard.log" by log. A peer's: {"batches": [[size, time], …]}, the own peer.seen entries whose part has not been
 * applied yet. The own one's: {"time": when the node recorded anything last, "ahead": [names of keys that have stated a
 * later time since]}. */
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "picture/nouns.h"

#include <stdio.h>

#define BATCHES_MAX 64 /* more of them wait for one of the first: the last is widened, its time stays the older */

static bool save(const void *value, prl_buffer *to)
{
	return prl_pack_json(to, value);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	json_t *json = prl_unpack_json(&from);
	if (prl_unpack_end(&from, "heard", err))
		return json;
	json_decref(json);
	return NULL;
}

static void free_value(void *value)
{
	json_decref(value);
}

const prl_noun prl_heard_noun = { .name = "heard", .shared = false, .save = save, .load = load, .free = free_value };
const prl_noun prl_heard_log_noun = {
	.name = "heard.log", .shared = false, .save = save, .load = load, .free = free_value
};

static prl_status put(prl_picture *picture, enum prl_core_table table, prl_bytes key, json_t *json, prl_error *err)
{
	return prl_picture_put(picture, table, key, json, err);
}

static const json_t *of_log(prl_picture *picture, prl_version version, prl_bytes log)
{
	return prl_picture_find(picture, version, PRL_TABLE_HEARD_LOG, log);
}

/* ---- peers ------------------------------------------------------------------------------------------------------- */

prl_status prl_heard_seen(prl_picture *picture, const prl_act *act, prl_bytes log, uint64_t size, prl_error *err)
{
	char origin[PRL_KEY_NAME_MAX + 1];
	if (!act->local || log.size > PRL_KEY_NAME_MAX)
		return PRL_OK;
	(void)snprintf(origin, sizeof origin, "%.*s", (int)log.size, log.data);
	uint64_t applied = prl_picture_size(picture, PRL_VERSION_WORKING, origin);
	const json_t *before = json_object_get(of_log(picture, PRL_VERSION_WORKING, log), "batches"), *one;
	json_t *batches = json_array();
	size_t i;
	json_array_foreach(before, i, one) if ((uint64_t)json_integer_value(json_array_get(one, 0)) > applied)(void)
		json_array_append(batches, (json_t *)(uintptr_t)one);
	json_int_t time = act->entry->time;
	size_t count = json_array_size(batches);
	if (count == BATCHES_MAX) {
		time = json_integer_value(json_array_get(json_array_get(batches, count - 1), 1));
		(void)json_array_remove(batches, count - 1);
	}
	(void)json_array_append_new(batches, json_pack("[I, I]", (json_int_t)size, time));
	return put(picture, PRL_TABLE_HEARD_LOG, log, json_pack("{s:o}", "batches", batches), err);
}

/* The time of the own peer.seen that covers the entry; PRL_TIME_OPEN_END where none is known (an onlooker has none). */
static prl_time covered_at(prl_picture *picture, const prl_act *act)
{
	const json_t *batches =
		json_object_get(of_log(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log)), "batches");
	const json_t *one;
	size_t i;
	json_array_foreach(batches, i, one) if ((uint64_t)json_integer_value(json_array_get(one, 0)) >
						act->index) return json_integer_value(json_array_get(one, 1));
	return PRL_TIME_OPEN_END;
}

/* ---- the own log ------------------------------------------------------------------------------------------------- */

static prl_time recorded_at(const json_t *own)
{
	const json_t *time = json_object_get(own, "time");
	return time ? json_integer_value(time) : PRL_TIME_OPEN_START;
}

prl_status prl_heard_recorded(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes log = prl_bytes_of(act->log);
	const json_t *own = of_log(picture, PRL_VERSION_WORKING, log), *name;
	prl_status status = PRL_OK;
	size_t i;
	json_array_foreach(json_object_get(own, "ahead"), i, name)
	{
		prl_bytes key = prl_bytes_of(json_string_value(name));
		const json_t *at = prl_picture_find(picture, PRL_VERSION_WORKING, PRL_TABLE_HEARD, key);
		if (!status && json_integer_value(at) > act->entry->time)
			status = put(picture, PRL_TABLE_HEARD, key, json_integer(act->entry->time), err);
	}
	return status ? status
		      : put(picture, PRL_TABLE_HEARD_LOG, log, json_pack("{s:I}", "time", (json_int_t)act->entry->time),
			    err);
}

static bool is_ahead(const json_t *own, prl_bytes key)
{
	return prl_body_has(json_object_get(own, "ahead"), key);
}

/* Nothing bounds it until the node records something: then prl_heard_recorded() does. */
static prl_status note_ahead(prl_picture *picture, const prl_act *act, const json_t *own, prl_error *err)
{
	json_t *copy = own ? json_deep_copy(own) : json_object();
	if (!json_object_get(copy, "ahead"))
		(void)json_object_set_new(copy, "ahead", json_array());
	(void)json_array_append_new(json_object_get(copy, "ahead"),
				    json_stringn(act->entry->key.data, act->entry->key.size));
	return put(picture, PRL_TABLE_HEARD_LOG, prl_bytes_of(act->log), copy, err);
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

prl_status prl_heard_key(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes key = act->entry->key;
	const json_t *before = prl_picture_find(picture, PRL_VERSION_WORKING, PRL_TABLE_HEARD, key);
	const json_t *own = act->local ? of_log(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log)) : NULL;
	prl_time at = act->entry->time, covered = act->local ? PRL_TIME_OPEN_END : covered_at(picture, act);
	bool was_ahead = act->local && is_ahead(own, key), ahead = act->local && at > recorded_at(own);
	if (at > covered)
		at = covered;
	if (before && !was_ahead && json_integer_value(before) > at)
		return PRL_OK;
	prl_status status = put(picture, PRL_TABLE_HEARD, key, json_integer(at), err);
	return !status && ahead && !was_ahead ? note_ahead(picture, act, own, err) : status;
}

prl_time prl_key_heard(prl_picture *picture, prl_version version, const prl_key *key, prl_time now)
{
	const json_t *at = prl_picture_find(picture, version, PRL_TABLE_HEARD, prl_bytes_of(key->verifier.name));
	prl_time time = at ? json_integer_value(at) : 0;
	if (time <= now)
		return time;
	if (prl_time_apart(now, time) <= PRL_HEARD_AHEAD_S * PRL_SECOND)
		return now;
	prl_time recorded = recorded_at(of_log(picture, version, prl_bytes_of(prl_picture_own_log(picture))));
	return recorded == PRL_TIME_OPEN_START || recorded > now ? 0 : recorded;
}
