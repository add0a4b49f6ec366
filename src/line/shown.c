#include "line/shown.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "dss/entity.h"
#include "line/alarm.h"
#include "line/notice.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define COUNT_DEFAULT 100
#define COUNT_MAX     1000
#define DUE_S         (15 * 60)

static const char noun_name[] = "shown";
static const char not_noun[] = "shown.not"; /* those of them that say why not: alarms are asked for every second */
static const char *const uss_words[] = { "none", "area", "full" };

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

typedef struct shown_key {
	char bytes[32 + PRL_KEY_NAME_MAX];
	size_t size;
} shown_key;

/* What one log says of one notice. */
static shown_key key_of(const prl_hash *notice, const char *log)
{
	shown_key key = { .size = 32 + strnlen(log, PRL_KEY_NAME_MAX) };
	memcpy(key.bytes, notice->bytes, 32);
	memcpy(key.bytes + 32, log, key.size - 32);
	return key;
}

static const json_t *find(prl_picture *picture, prl_version version, const prl_hash *notice, const char *log)
{
	shown_key key = key_of(notice, log);
	return prl_thing_find(picture, version, noun_name, (prl_bytes){ key.bytes, key.size });
}

/* A copy of what the log of the act has said, to be changed. */
static prl_status begin(prl_picture *picture, const prl_act *act, prl_hash *ret_notice, json_t **ret, prl_error *err)
{
	prl_status status = prl_body_hash(act->body, "notice", ret_notice, err);
	if (status)
		return status;
	const json_t *old = find(picture, PRL_VERSION_WORKING, ret_notice, act->log);
	*ret = old ? json_deep_copy(old)
		   : json_pack("{s:O, s:s, s:[]}", "notice", json_object_get(act->body, "notice"), "log", act->log,
			       "readers");
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_status put(prl_picture *picture, const prl_act *act, const prl_hash *notice, json_t *thing, prl_error *err)
{
	shown_key key = key_of(notice, act->log);
	return prl_thing_put(picture, noun_name, (prl_bytes){ key.bytes, key.size }, thing, err);
}

static json_t *reader_of(json_t *readers, const char *uss)
{
	for (size_t i = 0; i < json_array_size(readers); i++) {
		json_t *one = json_array_get(readers, i);
		if (prl_bytes_is(prl_body_text(one, "uss"), uss))
			return one;
	}
	return NULL;
}

/* The one that stands for this USS, made where there is room for its name. */
static json_t *take_reader(json_t *readers, const char *uss, const char *time)
{
	json_t *one = reader_of(readers, uss);
	if (!one && json_array_size(readers) >= PRL_SHOWN_READERS_MAX)
		one = reader_of(readers, uss = "");
	if (one)
		return one;
	one = json_pack("{s:s, s:s, s:s, s:i, s:i}", "uss", uss, "first", time, "last", time, "version", 0, "count", 0);
	return one && !json_array_append_new(readers, one) ? one : NULL;
}

static prl_status was_read(prl_picture *picture, const prl_act *act, prl_error *err)
{
	char time[PRL_TIME_TEXT_MAX];
	prl_hash notice;
	json_t *thing = NULL;
	prl_status status = begin(picture, act, &notice, &thing, err);
	if (status)
		return status;
	prl_time_format(act->entry->time, time);
	json_t *one = take_reader(json_object_get(thing, "readers"),
				  json_string_value(json_object_get(act->body, "manager")), time);
	if (one && !json_object_set_new(one, "last", json_string(time)) &&
	    !json_object_set(one, "version", json_object_get(act->body, "version")) &&
	    !json_object_set_new(one, "count", json_integer(json_integer_value(json_object_get(one, "count")) + 1)))
		return put(picture, act, &notice, thing, err);
	json_decref(thing);
	return prl_error_memory(err);
}

/* The index of what is not shown. */
static prl_status put_not(prl_picture *picture, const prl_act *act, const prl_hash *notice, bool is_not, prl_error *err)
{
	unsigned table;
	shown_key key = key_of(notice, act->log);
	prl_bytes bytes = { key.bytes, key.size };
	bool is_there = prl_thing_find(picture, PRL_VERSION_WORKING, not_noun, bytes) != NULL;
	if (is_not == is_there || !prl_picture_table(picture, not_noun, &table))
		return PRL_OK;
	if (is_there)
		return prl_picture_remove(picture, table, bytes, err);
	return prl_thing_put(picture, not_noun, bytes,
			     json_pack("{s:O, s:s}", "notice", json_object_get(act->body, "notice"), "log", act->log),
			     err);
}

static prl_status unshown(prl_picture *picture, const prl_act *act, prl_error *err)
{
	char time[PRL_TIME_TEXT_MAX];
	prl_hash notice;
	json_t *thing = NULL, *why = json_object_get(act->body, "why");
	prl_status status = begin(picture, act, &notice, &thing, err);
	if (status)
		return status;
	prl_time_format(act->entry->time, time);
	(void)json_object_del(thing, "why");
	(void)json_object_del(thing, "since");
	if (why && (json_object_set(thing, "why", why) || json_object_set_new(thing, "since", json_string(time))))
		status = prl_error_memory(err);
	if (!status)
		status = put_not(picture, act, &notice, why != NULL, err);
	if (!status)
		return put(picture, act, &notice, thing, err);
	json_decref(thing);
	return status;
}

const char *prl_shown_why_not(prl_picture *picture, prl_version version, const prl_hash *notice, const char *log)
{
	return json_string_value(json_object_get(find(picture, version, notice, log), "why"));
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

/* The constraint that this node itself has. */
static json_t *constraint_of(const prl_show *show, const prl_uuid *id)
{
	const prl_entity *c = prl_entity_find(show->picture, show->version, PRL_CONSTRAINT, id);
	if (!c || !(c->flags & PRL_ENTITY_OWN))
		return json_null();
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o}", "version", (json_int_t)c->version, "manager",
			 prl_entity_manager(c), "uss_base_url", prl_entity_url(c), "changed", prl_show_time(c->changed),
			 "from", prl_show_time(c->shape->extent->from), "to", prl_show_time(c->shape->extent->to));
}

static void add_from(const prl_show *show, const prl_notice *notice, const char *log, json_t *readers, json_t *why_not)
{
	const json_t *thing = find(show->picture, show->version, &notice->id, log), *one;
	size_t i;
	if (json_object_get(thing, "why"))
		json_array_append_new(why_not,
				      json_pack("{s:s, s:O, s:O}", "log", log, "why", json_object_get(thing, "why"),
						"since", json_object_get(thing, "since")));
	json_array_foreach(json_object_get(thing, "readers"), i, one)
	{
		json_t *copy = json_copy((json_t *)(uintptr_t)one);
		json_object_set_new(copy, "log", json_string(log));
		json_array_append_new(readers, copy);
	}
}

static json_t *show_one(const prl_show *show, const prl_notice *notice)
{
	char name[PRL_NOTICE_NAME_MAX], id[PRL_UUID_TEXT_MAX];
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	const prl_uuid uuid = prl_notice_constraint_id(&notice->id);
	json_t *readers = json_array(), *why_not = json_array();
	for (size_t i = 0; c && i < c->log_count; i++)
		add_from(show, notice, c->logs[i].origin, readers, why_not);
	prl_notice_name(notice, name);
	prl_uuid_write(&uuid, id);
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o}", "notice", name, "id", prl_show_hash(&notice->id), "uss",
			 uss_words[notice->uss], "constraint", id, "here", constraint_of(show, &uuid), "readers",
			 readers, "why_not", why_not);
}

typedef struct listing {
	const prl_show *show;
	json_t *items;
	uint64_t count;
	bool failed, named; /* named: one that is over too */
} listing;

/* Who read it is its owner's to know. */
static bool is_owned(const prl_show *show, const prl_notice *notice)
{
	return !show->party || strcmp(show->party, notice->party) == 0;
}

static bool list_one(void *context, const prl_notice *notice)
{
	listing *l = context;
	if (!is_owned(l->show, notice) || (!l->named && !prl_notice_is_live(notice, l->show->now)))
		return true;
	json_t *json = show_one(l->show, notice);
	l->failed = !json || json_array_append_new(l->items, json) != 0;
	return !l->failed && json_array_size(l->items) < l->count;
}

static prl_status shown_show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *count = prl_show_query(show, "count"), *name = prl_show_query(show, "notice");
	listing l = { .show = show, .items = json_array(), .count = COUNT_DEFAULT, .named = name != NULL };
	prl_status status = l.items ? PRL_OK : prl_error_memory(err);
	if (!status && count &&
	    (!prl_decimal_read(prl_bytes_of(count), &l.count) || l.count == 0 || l.count > COUNT_MAX))
		status = prl_error_set(err, PRL_E_RANGE, "count: expected 1 to %u", COUNT_MAX);
	const prl_notice *one =
		!status && name ? prl_notice_named(show->picture, show->version, prl_bytes_of(name)) : NULL;
	if (one)
		(void)list_one(&l, one);
	else if (!status && !name)
		status = prl_notice_each_shown(show->picture, show->version, list_one, &l, err);
	if (!status && l.failed)
		status = prl_error_memory(err);
	if (status)
		json_decref(l.items);
	else
		*ret = l.items;
	return status;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static void raise(const raising *r, const prl_notice *notice, const char *log)
{
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	const json_t *thing = find(r->show->picture, r->show->version, &notice->id, log);
	prl_time since;
	if (prl_body_time(thing, "since", &since, NULL))
		since = r->show->now;
	prl_hash_write(&notice->id, id);
	prl_notice_name(notice, name);
	(void)snprintf(situation, sizeof situation, "not-shown:%s:%.120s", id, log);
	prl_alarm_raise(r->to, PRL_ALARM_NOT_SHOWN, situation,
			json_pack("{s:s, s:s, s:s, s:s}", "notice", name, "id", id, "mode", "REAL", "log", log), since,
			since + DUE_S * PRL_SECOND, "%s is not shown to drone traffic services: %s", name,
			json_string_value(json_object_get(thing, "why")));
}

/* One that is over, or no longer to be shown, needs nobody. */
static bool consider(void *context, prl_bytes key, const json_t *thing)
{
	const raising *r = context;
	prl_hash id;
	(void)key;
	const prl_notice *notice = prl_hash_read(prl_body_text(thing, "notice"), &id)
					   ? prl_notice_find(r->show->picture, r->show->version, &id)
					   : NULL;
	if (notice && notice->uss && strcmp(notice->party, r->to->party) == 0 &&
	    prl_notice_is_live(notice, r->show->now))
		raise(r, notice, json_string_value(json_object_get(thing, "log")));
	return !r->to->failed;
}

static prl_status shown_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_thing_each(show->picture, show->version, not_noun, consider, &r, err);
}

/* ---- part -------------------------------------------------------------------------------------------------------- */

static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_THING_NOUN(not_noun) };
static const prl_act_kind kinds[] = {
	{ "constraint.read", PRL_RECORDED_FOR_USS, false, was_read },
	{ "constraint.unshown", PRL_RECORDED, false, unshown },
};
static const char *const queries[] = { "notice", "count", NULL };

const prl_line_part prl_shown_part = {
	.name = "shown",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.queries = queries,
	.show = shown_show,
	.alarms = shown_alarms,
};
