#include "dss/reach.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <stdio.h>
#include <string.h>

#define WORKING   PRL_VERSION_WORKING
#define COUNT_MAX (1u << 20)

static const char noun_name[] = "reach";

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static void reach_free(void *value)
{
	prl_reach *reach = value;
	if (!reach)
		return;
	for (size_t i = 0; i < reach->count; i++) {
		free(reach->items[i].manager);
		free(reach->items[i].why);
	}
	free(reach->items);
	free(reach);
}

/* With room for so many, none of them there yet. */
static prl_reach *reach_new(const prl_reach *head, size_t room)
{
	prl_reach *reach = malloc(sizeof *reach);
	if (!reach)
		return NULL;
	*reach = *head;
	reach->count = reach->missed = 0;
	reach->items = prl_array_new(room + 1, sizeof *reach->items);
	if (reach->items)
		return reach;
	free(reach);
	return NULL;
}

static bool add_item(prl_reach *reach, const prl_reach_one *of)
{
	prl_reach_one made = { strdup(of->manager), strdup(of->why), of->version, of->since };
	if (made.manager && made.why) {
		reach->items[reach->count++] = made;
		reach->missed += *made.why != 0;
		return true;
	}
	free(made.manager);
	free(made.why);
	return false;
}

static bool save_reach(const void *value, prl_buffer *to)
{
	const prl_reach *u = value;
	bool done = prl_pack_text(to, u->log) && prl_pack_bytes(to, (prl_bytes){ (const char *)u->id.bytes, 16 }) &&
		    prl_pack_hash(to, &u->notice) && prl_pack_number(to, (uint64_t)u->until) &&
		    prl_pack_number(to, u->over) && prl_pack_number(to, u->count);
	for (size_t i = 0; i < u->count && done; i++)
		done = prl_pack_text(to, u->items[i].manager) && prl_pack_text(to, u->items[i].why) &&
		       prl_pack_number(to, u->items[i].version) && prl_pack_number(to, (uint64_t)u->items[i].since);
	return done;
}

static void take_head(prl_unpack *from, prl_reach *head)
{
	prl_unpack_text(from, head->log, sizeof head->log);
	prl_bytes id = prl_unpack_bytes(from);
	from->bad = from->bad || id.size != sizeof head->id.bytes;
	if (!from->bad)
		memcpy(head->id.bytes, id.data, id.size);
	head->notice = prl_unpack_hash(from);
	head->until = (prl_time)prl_unpack_number(from, UINT64_MAX);
	head->over = prl_unpack_number(from, 1) != 0;
}

static bool take_item(prl_unpack *from, prl_reach *to)
{
	prl_bytes manager = prl_unpack_bytes(from), why = prl_unpack_bytes(from);
	prl_reach_one one = { .version = (uint32_t)prl_unpack_number(from, UINT32_MAX) };
	one.since = (prl_time)prl_unpack_number(from, UINT64_MAX);
	if (from->bad)
		return true;
	one.manager = prl_text_copy(manager.data, manager.size);
	one.why = prl_text_copy(why.data, why.size);
	bool done = one.manager && one.why && add_item(to, &one);
	free(one.manager);
	free(one.why);
	return done;
}

static void *load_reach(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_reach head = { .count = 0 };
	take_head(&from, &head);
	size_t count = (size_t)prl_unpack_number(&from, COUNT_MAX);
	from.bad = from.bad || count > bytes.size;
	prl_reach *reach = reach_new(&head, from.bad ? 0 : count);
	bool memory = reach != NULL;
	for (size_t i = 0; i < count && memory && !from.bad; i++)
		memory = take_item(&from, reach);
	if (!memory)
		(void)prl_error_memory(err);
	if (memory && prl_unpack_end(&from, noun_name, err))
		return reach;
	reach_free(reach);
	return NULL;
}

const prl_noun prl_reach_noun = { noun_name, true, save_reach, load_reach, reach_free };

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
static const prl_reach *find(prl_picture *picture, const place *at)
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
static prl_status put(prl_picture *picture, const place *at, prl_reach *reach, prl_error *err)
{
	if (!reach)
		return prl_error_memory(err);
	if (reach->count)
		return prl_picture_put(picture, at->table, (prl_bytes){ at->bytes, at->size }, reach, err);
	reach_free(reach);
	return drop(picture, at, err);
}

static prl_status id_of(const prl_act *act, prl_uuid *ret, prl_error *err)
{
	return prl_uuid_read(prl_body_text(act->body, "id"), ret)
		       ? PRL_OK
		       : prl_error_set(err, PRL_E_SYNTAX, "\"id\" is no UUID of version 4");
}

/* ---- how long it matters ----------------------------------------------------------------------------------------- */

static prl_status set_until(prl_picture *picture, const place *at, const prl_reach *old, const prl_reach *head,
			    prl_error *err)
{
	prl_reach *copy = reach_new(head, old->count);
	for (size_t i = 0; copy && i < old->count; i++)
		if (!add_item(copy, &old->items[i])) {
			reach_free(copy);
			copy = NULL;
		}
	return put(picture, at, copy, err);
}

prl_status prl_reach_put(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_uuid id;
	prl_status st = id_of(act, &id, err);
	if (st)
		return st;
	const place at = place_of(picture, &id, act->log);
	const prl_reach *old = find(picture, &at);
	if (!old)
		return PRL_OK;
	prl_reach head = *old;
	head.over = false;
	st = prl_body_time(act->body, "to", &head.until, err);
	return st ? st : set_until(picture, &at, old, &head, err);
}

prl_time prl_reach_after(prl_time time)
{
	return time > PRL_TIME_OPEN_END - PRL_REACH_AFTER ? PRL_TIME_OPEN_END : time + PRL_REACH_AFTER;
}

prl_status prl_reach_deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_uuid id;
	prl_status st = id_of(act, &id, err);
	if (st)
		return st;
	const place at = place_of(picture, &id, act->log);
	const prl_reach *old = find(picture, &at);
	if (!old)
		return PRL_OK;
	prl_reach head = *old;
	prl_time after = prl_reach_after(act->entry->time);
	head.over = true;
	head.until = after < old->until ? after : old->until;
	return set_until(picture, &at, old, &head, err);
}

prl_status prl_reach_ended(prl_picture *picture, const prl_act *act, prl_error *err)
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

static const prl_reach_one *listed(const prl_reach *reach, const char *manager)
{
	for (size_t i = 0; reach && i < reach->count; i++)
		if (strcmp(reach->items[i].manager, manager) == 0)
			return &reach->items[i];
	return NULL;
}

/* Those of a list, once each. Who could not be told before is so since then. */
static bool add_rows(prl_reach *to, const prl_reach *old, const prl_act *act, const char *name)
{
	const json_t *row, *rows = json_object_get(act->body, name);
	bool done = true;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		prl_bytes manager = prl_body_text(row, "uss"), why = prl_body_text(row, "why");
		prl_reach_one one = { .manager = (char *)(uintptr_t)manager.data,
				      .why = (char *)(uintptr_t)(why.data ? why.data : ""),
				      .version = (uint32_t)prl_body_number(act->body, "version", 1),
				      .since = act->entry->time };
		const prl_reach_one *before = listed(old, one.manager);
		if (*one.why && before && *before->why)
			one.since = before->since;
		done = done && (listed(to, one.manager) || add_item(to, &one));
	}
	return done;
}

/* Of those listed before, the ones of whom this says nothing. */
static bool keep_silent_ones(prl_reach *to, const prl_reach *old)
{
	bool done = true;
	for (size_t i = 0; old && done && i < old->count; i++)
		if (!listed(to, old->items[i].manager))
			done = add_item(to, &old->items[i]);
	return done;
}

/* A service with an address that could not be told, and one that was, could not. */
static prl_status list_all(prl_picture *picture, const prl_act *act, const place *at, const prl_reach *head,
			   prl_error *err)
{
	const prl_reach *old = find(picture, at);
	size_t more = json_array_size(json_object_get(act->body, "unreached")) +
		      json_array_size(json_object_get(act->body, "told"));
	prl_reach *made = reach_new(head, (old ? old->count : 0) + more);
	bool done = made && add_rows(made, old, act, "unreached") && add_rows(made, old, act, "told") &&
		    keep_silent_ones(made, old);
	if (done && made->over && !made->missed) { /* nothing of it matters any more */
		reach_free(made);
		return drop(picture, at, err);
	}
	if (done)
		return put(picture, at, made, err);
	reach_free(made);
	return prl_error_memory(err);
}

#define SWEPT       64u
#define SWEEP_EVERY 64u /* entries of a log: looking costs what there is */

typedef struct sweep {
	const char *log;
	prl_time now;
	prl_uuid ids[SWEPT];
	size_t count;
} sweep;

static bool find_past(void *context, const prl_reach *reach)
{
	sweep *s = context;
	if (strcmp(reach->log, s->log) == 0 && reach->over && reach->until < s->now)
		s->ids[s->count++] = reach->id;
	return s->count < SWEPT;
}

/* Those of constraints that were deleted are taken out with what the same log says later: of other logs nothing is
 * taken, so that it does not matter which comes first. */
static prl_status sweep_past(prl_picture *picture, const prl_act *act, prl_error *err)
{
	sweep s = { .log = act->log, .now = act->entry->time };
	prl_status st = prl_reach_each(picture, WORKING, find_past, &s, err);
	for (size_t i = 0; i < s.count && !st; i++) {
		const place at = place_of(picture, &s.ids[i], act->log);
		st = drop(picture, &at, err);
	}
	return st;
}

prl_status prl_reach_told(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_reach head = { .count = 0 };
	prl_status st = id_of(act, &head.id, err);
	if (!st)
		st = prl_body_hash(act->body, "notice", &head.notice, err);
	if (!st)
		st = prl_body_time(act->body, "until", &head.until, err);
	if (st)
		return st;
	(void)snprintf(head.log, sizeof head.log, "%s", act->log);
	const place at = place_of(picture, &head.id, act->log);
	head.over = json_is_true(json_object_get(act->body, "over"));
	st = list_all(picture, act, &at, &head, err);
	return st || act->index % SWEEP_EVERY ? st : sweep_past(picture, act, err);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

typedef struct each {
	prl_reach_fn *fn;
	void *context;
} each;

static bool call(void *context, prl_bytes key, const void *value)
{
	const each *to = context;
	(void)key;
	return to->fn(to->context, value);
}

prl_status prl_reach_each(prl_picture *picture, prl_version version, prl_reach_fn *fn, void *context, prl_error *err)
{
	unsigned table;
	each to = { fn, context };
	if (!prl_picture_table(picture, noun_name, &table) || !prl_picture_count(picture, version, table))
		return PRL_OK;
	return prl_picture_each(picture, version, table, call, &to, err);
}
