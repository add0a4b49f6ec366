#include "dss/unreached.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <stdio.h>
#include <string.h>

#define WORKING   PRL_VERSION_WORKING
#define COUNT_MAX (1u << 20)

static const char noun_name[] = "unreached";

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static void unreached_free(void *value)
{
	prl_unreached *unreached = value;
	if (!unreached)
		return;
	for (size_t i = 0; i < unreached->count; i++) {
		free(unreached->items[i].manager);
		free(unreached->items[i].why);
	}
	free(unreached->items);
	free(unreached);
}

/* With room for so many, none of them there yet. */
static prl_unreached *unreached_new(const prl_unreached *head, size_t room)
{
	prl_unreached *unreached = malloc(sizeof *unreached);
	if (!unreached)
		return NULL;
	*unreached = *head;
	unreached->count = 0;
	unreached->items = prl_array_new(room + 1, sizeof *unreached->items);
	if (unreached->items)
		return unreached;
	free(unreached);
	return NULL;
}

static bool add_item(prl_unreached *unreached, const char *manager, const char *why, prl_time since)
{
	prl_unreached_one made = { strdup(manager), strdup(why), since };
	if (made.manager && made.why) {
		unreached->items[unreached->count++] = made;
		return true;
	}
	free(made.manager);
	free(made.why);
	return false;
}

static bool save_unreached(const void *value, prl_buffer *to)
{
	const prl_unreached *u = value;
	bool done = prl_pack_text(to, u->log) && prl_pack_bytes(to, (prl_bytes){ (const char *)u->id.bytes, 16 }) &&
		    prl_pack_hash(to, &u->notice) && prl_pack_number(to, (uint64_t)u->until) &&
		    prl_pack_number(to, u->count);
	for (size_t i = 0; i < u->count && done; i++)
		done = prl_pack_text(to, u->items[i].manager) && prl_pack_text(to, u->items[i].why) &&
		       prl_pack_number(to, (uint64_t)u->items[i].since);
	return done;
}

static void take_head(prl_unpack *from, prl_unreached *head)
{
	prl_unpack_text(from, head->log, sizeof head->log);
	prl_bytes id = prl_unpack_bytes(from);
	from->bad = from->bad || id.size != sizeof head->id.bytes;
	if (!from->bad)
		memcpy(head->id.bytes, id.data, id.size);
	head->notice = prl_unpack_hash(from);
	head->until = (prl_time)prl_unpack_number(from, UINT64_MAX);
}

static bool take_item(prl_unpack *from, prl_unreached *to)
{
	prl_bytes manager = prl_unpack_bytes(from), why = prl_unpack_bytes(from);
	prl_time since = (prl_time)prl_unpack_number(from, UINT64_MAX);
	if (from->bad)
		return true;
	char *name = prl_text_copy(manager.data, manager.size), *text = prl_text_copy(why.data, why.size);
	bool done = name && text && add_item(to, name, text, since);
	free(name);
	free(text);
	return done;
}

static void *load_unreached(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_unreached head = { .count = 0 };
	take_head(&from, &head);
	size_t count = (size_t)prl_unpack_number(&from, COUNT_MAX);
	from.bad = from.bad || count > bytes.size;
	prl_unreached *unreached = unreached_new(&head, from.bad ? 0 : count);
	bool memory = unreached != NULL;
	for (size_t i = 0; i < count && memory && !from.bad; i++)
		memory = take_item(&from, unreached);
	if (!memory)
		(void)prl_error_memory(err);
	if (memory && prl_unpack_end(&from, noun_name, err))
		return unreached;
	unreached_free(unreached);
	return NULL;
}

const prl_noun prl_unreached_noun = { noun_name, true, save_unreached, load_unreached, unreached_free };

/* ---- in the picture ---------------------------------------------------------------------------------------------- */

/* Ids of constraints are a log's own. */
typedef struct place {
	unsigned table;
	size_t size;
	char bytes[sizeof(prl_uuid) + PRL_KEY_NAME_MAX];
} place;

static place place_of(prl_picture *picture, const prl_uuid *id, const char *log)
{
	place at = { .size = sizeof *id + strnlen(log, PRL_KEY_NAME_MAX) };
	(void)prl_picture_table(picture, noun_name, &at.table); /* registered with the kinds that call this */
	memcpy(at.bytes, id->bytes, sizeof *id);
	memcpy(at.bytes + sizeof *id, log, at.size - sizeof *id);
	return at;
}

/* Most nodes have none, and a busy one ends many entities. */
static const prl_unreached *find(prl_picture *picture, const place *at)
{
	return prl_picture_count(picture, WORKING, at->table)
		       ? prl_picture_find(picture, WORKING, at->table, (prl_bytes){ at->bytes, at->size })
		       : NULL;
}

static prl_status drop(prl_picture *picture, const place *at, prl_error *err)
{
	return find(picture, at) ? prl_picture_remove(picture, at->table, (prl_bytes){ at->bytes, at->size }, err)
				 : PRL_OK;
}

/* Takes it over; one without items is removed. */
static prl_status put(prl_picture *picture, const place *at, prl_unreached *unreached, prl_error *err)
{
	if (!unreached)
		return prl_error_memory(err);
	if (unreached->count)
		return prl_picture_put(picture, at->table, (prl_bytes){ at->bytes, at->size }, unreached, err);
	unreached_free(unreached);
	return drop(picture, at, err);
}

static prl_status id_of(const prl_act *act, prl_uuid *ret, prl_error *err)
{
	return prl_uuid_read(prl_body_text(act->body, "id"), ret)
		       ? PRL_OK
		       : prl_error_set(err, PRL_E_SYNTAX, "\"id\" is no UUID of version 4");
}

/* ---- how long it matters ----------------------------------------------------------------------------------------- */

static prl_status set_until(prl_picture *picture, const place *at, const prl_unreached *old, prl_time until,
			    prl_error *err)
{
	prl_unreached head = *old;
	head.until = until;
	prl_unreached *copy = unreached_new(&head, old->count);
	for (size_t i = 0; copy && i < old->count; i++)
		if (!add_item(copy, old->items[i].manager, old->items[i].why, old->items[i].since)) {
			unreached_free(copy);
			copy = NULL;
		}
	return put(picture, at, copy, err);
}

prl_status prl_unreached_put(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_uuid id;
	prl_time until;
	prl_status st = id_of(act, &id, err);
	if (st)
		return st;
	const place at = place_of(picture, &id, act->log);
	const prl_unreached *old = find(picture, &at);
	if (!old)
		return PRL_OK;
	st = prl_body_time(act->body, "to", &until, err);
	return st ? st : set_until(picture, &at, old, until, err);
}

prl_time prl_unreached_after(prl_time time)
{
	return time > PRL_TIME_OPEN_END - PRL_UNREACHED_AFTER ? PRL_TIME_OPEN_END : time + PRL_UNREACHED_AFTER;
}

prl_status prl_unreached_deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_uuid id;
	prl_status st = id_of(act, &id, err);
	if (st)
		return st;
	const place at = place_of(picture, &id, act->log);
	const prl_unreached *old = find(picture, &at);
	prl_time after = prl_unreached_after(act->entry->time);
	return old && after < old->until ? set_until(picture, &at, old, after, err) : PRL_OK;
}

prl_status prl_unreached_ended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *one, *ids = json_object_get(act->body, "constraints");
	prl_status st = PRL_OK;
	size_t i;
	json_array_foreach(ids, i, one)
	{
		prl_uuid id;
		if (st || !prl_uuid_read((prl_bytes){ json_string_value(one), json_string_length(one) }, &id))
			continue;
		const place at = place_of(picture, &id, act->log);
		st = drop(picture, &at, err);
	}
	return st;
}

/* ---- who is listed ----------------------------------------------------------------------------------------------- */

static bool names(const json_t *list, const char *manager)
{
	const json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "uss"), manager))
			return true;
	}
	return false;
}

/* Of those listed before, the ones of whom this says nothing. */
static bool keep_silent_ones(prl_unreached *to, const prl_unreached *old, const json_t *body)
{
	bool done = true;
	for (size_t i = 0; old && done && i < old->count; i++) {
		const prl_unreached_one *one = &old->items[i];
		if (!names(json_object_get(body, "told"), one->manager) &&
		    !names(json_object_get(body, "unreached"), one->manager))
			done = add_item(to, one->manager, one->why, one->since);
	}
	return done;
}

static const prl_unreached_one *listed(const prl_unreached *unreached, const char *manager)
{
	for (size_t i = 0; unreached && i < unreached->count; i++)
		if (strcmp(unreached->items[i].manager, manager) == 0)
			return &unreached->items[i];
	return NULL;
}

/* Who was not reached before is so since then. */
static bool add_unreached(prl_unreached *to, const prl_unreached *old, const json_t *row, prl_time now)
{
	const char *manager = json_string_value(json_object_get(row, "uss"));
	const prl_unreached_one *before = listed(old, manager);
	return listed(to, manager) ||
	       add_item(to, manager, json_string_value(json_object_get(row, "why")), before ? before->since : now);
}

static prl_status list_all(prl_picture *picture, const prl_act *act, const place *at, const prl_unreached *head,
			   prl_error *err)
{
	const prl_unreached *old = find(picture, at);
	const json_t *row, *rows = json_object_get(act->body, "unreached");
	if (!old && !json_array_size(rows))
		return PRL_OK;
	prl_unreached *made = unreached_new(head, (old ? old->count : 0) + json_array_size(rows));
	bool done = made && keep_silent_ones(made, old, act->body);
	size_t i;
	json_array_foreach(rows, i, row) done = done && add_unreached(made, old, row, act->entry->time);
	if (done)
		return put(picture, at, made, err);
	unreached_free(made);
	return prl_error_memory(err);
}

#define SWEPT 64u

typedef struct sweep {
	const char *log;
	prl_time now;
	prl_uuid ids[SWEPT];
	size_t count;
} sweep;

static bool find_past(void *context, const prl_unreached *unreached)
{
	sweep *s = context;
	if (strcmp(unreached->log, s->log) == 0 && unreached->until < s->now)
		s->ids[s->count++] = unreached->id;
	return s->count < SWEPT;
}

/* Those of constraints that were deleted are taken out with whatever the same log says next: of other logs nothing is
 * taken, so that it does not matter which comes first. */
static prl_status sweep_past(prl_picture *picture, const prl_act *act, prl_error *err)
{
	sweep s = { .log = act->log, .now = act->entry->time };
	prl_status st = prl_unreached_each(picture, WORKING, find_past, &s, err);
	for (size_t i = 0; i < s.count && !st; i++) {
		const place at = place_of(picture, &s.ids[i], act->log);
		st = drop(picture, &at, err);
	}
	return st;
}

prl_status prl_unreached_told(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_unreached head = { .count = 0 };
	prl_status st = id_of(act, &head.id, err);
	if (!st)
		st = prl_body_hash(act->body, "notice", &head.notice, err);
	if (!st)
		st = prl_body_time(act->body, "until", &head.until, err);
	if (st)
		return st;
	(void)snprintf(head.log, sizeof head.log, "%s", act->log);
	const place at = place_of(picture, &head.id, act->log);
	st = list_all(picture, act, &at, &head, err);
	return st ? st : sweep_past(picture, act, err);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

typedef struct each {
	prl_unreached_fn *fn;
	void *context;
} each;

static bool call(void *context, prl_bytes key, const void *value)
{
	const each *to = context;
	(void)key;
	return to->fn(to->context, value);
}

prl_status prl_unreached_each(prl_picture *picture, prl_version version, prl_unreached_fn *fn, void *context,
			      prl_error *err)
{
	unsigned table;
	each to = { fn, context };
	if (!prl_picture_table(picture, noun_name, &table) || !prl_picture_count(picture, version, table))
		return PRL_OK;
	return prl_picture_each(picture, version, table, call, &to, err);
}
