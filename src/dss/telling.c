#include "dss/telling.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING

static const char untold_noun[] = "dss.untold", unreached_noun[] = "dss.unreached";

typedef struct entry_key {
	unsigned char bytes[8];
} entry_key;

static entry_key key_of_entry(uint64_t entry)
{
	entry_key key;
	for (size_t i = 0; i < sizeof key.bytes; i++)
		key.bytes[i] = (unsigned char)(entry >> (56 - 8 * i));
	return key;
}

static prl_bytes key_of_id(const prl_uuid *id)
{
	return (prl_bytes){ (const char *)id->bytes, sizeof id->bytes };
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static void untold_free(void *value)
{
	prl_untold *untold = value;
	if (!untold)
		return;
	for (size_t i = 0; i < untold->count; i++) {
		free(untold->targets[i].url);
		free(untold->targets[i].manager);
	}
	free(untold->targets);
	free(untold);
}

/* With room for so many targets, none of them there yet. */
static prl_untold *untold_new(const prl_untold *head, size_t room)
{
	prl_untold *untold = malloc(sizeof *untold);
	if (!untold)
		return NULL;
	*untold = *head;
	untold->count = 0;
	untold->targets = prl_array_new(room + 1, sizeof *untold->targets);
	if (untold->targets)
		return untold;
	free(untold);
	return NULL;
}

static bool add_target(prl_untold *untold, const char *url, const char *manager, const prl_uuid *id, uint32_t index)
{
	prl_untold_target made = { strdup(url), strdup(manager), *id, index };
	if (made.url && made.manager) {
		untold->targets[untold->count++] = made;
		return true;
	}
	free(made.url);
	free(made.manager);
	return false;
}

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

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static bool save_untold(const void *value, prl_buffer *to)
{
	const prl_untold *u = value;
	bool done = prl_pack_number(to, u->entry) && prl_pack_bytes(to, key_of_id(&u->id)) &&
		    prl_pack_hash(to, &u->notice) && prl_pack_number(to, u->version) && prl_pack_number(to, u->over) &&
		    prl_pack_number(to, (uint64_t)u->opened) && prl_pack_number(to, (uint64_t)u->until) &&
		    prl_pack_number(to, u->count);
	for (size_t i = 0; i < u->count && done; i++) {
		const prl_untold_target *t = &u->targets[i];
		done = prl_pack_text(to, t->url) && prl_pack_text(to, t->manager) &&
		       prl_pack_bytes(to, key_of_id(&t->subscription)) && prl_pack_number(to, t->index);
	}
	return done;
}

static prl_uuid take_id(prl_unpack *from)
{
	prl_uuid id = { { 0 } };
	prl_bytes bytes = prl_unpack_bytes(from);
	from->bad = from->bad || bytes.size != sizeof id.bytes;
	if (!from->bad)
		memcpy(id.bytes, bytes.data, sizeof id.bytes);
	return id;
}

/* To be freed; NULL where bad or out of memory. */
static char *take_text(prl_unpack *from)
{
	prl_bytes bytes = prl_unpack_bytes(from);
	from->bad = from->bad || (bytes.size && memchr(bytes.data, 0, bytes.size));
	return from->bad ? NULL : prl_text_copy(bytes.size ? bytes.data : "", bytes.size);
}

#define COUNT_MAX (1u << 24)

static void *load_untold(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_untold head = { .entry = prl_unpack_number(&from, UINT64_MAX), .id = take_id(&from) };
	head.notice = prl_unpack_hash(&from);
	head.version = (uint32_t)prl_unpack_number(&from, UINT32_MAX);
	head.over = prl_unpack_number(&from, 1) != 0;
	head.opened = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	head.until = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	size_t count = (size_t)prl_unpack_number(&from, COUNT_MAX);
	prl_untold *untold = untold_new(&head, from.bad || count > bytes.size ? 0 : count);
	bool memory = untold != NULL;
	for (size_t i = 0; i < count && memory && !from.bad; i++) {
		char *url = take_text(&from), *manager = take_text(&from);
		const prl_uuid id = take_id(&from);
		uint32_t index = (uint32_t)prl_unpack_number(&from, UINT32_MAX);
		memory = from.bad || (url && manager && add_target(untold, url, manager, &id, index));
		free(url);
		free(manager);
	}
	if (!memory)
		(void)prl_error_memory(err);
	if (memory && prl_unpack_end(&from, "untold", err))
		return untold;
	untold_free(untold);
	return NULL;
}

static bool save_unreached(const void *value, prl_buffer *to)
{
	const prl_unreached *u = value;
	bool done = prl_pack_bytes(to, key_of_id(&u->id)) && prl_pack_hash(to, &u->notice) &&
		    prl_pack_number(to, (uint64_t)u->until) && prl_pack_number(to, u->count);
	for (size_t i = 0; i < u->count && done; i++)
		done = prl_pack_text(to, u->items[i].manager) && prl_pack_text(to, u->items[i].why) &&
		       prl_pack_number(to, (uint64_t)u->items[i].since);
	return done;
}

static void *load_unreached(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_unreached head = { .id = take_id(&from) };
	head.notice = prl_unpack_hash(&from);
	head.until = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	size_t count = (size_t)prl_unpack_number(&from, COUNT_MAX);
	prl_unreached *unreached = unreached_new(&head, from.bad || count > bytes.size ? 0 : count);
	bool memory = unreached != NULL;
	for (size_t i = 0; i < count && memory && !from.bad; i++) {
		char *manager = take_text(&from), *why = take_text(&from);
		prl_time since = (prl_time)prl_unpack_number(&from, UINT64_MAX);
		memory = from.bad || (manager && why && add_item(unreached, manager, why, since));
		free(manager);
		free(why);
	}
	if (!memory)
		(void)prl_error_memory(err);
	if (memory && prl_unpack_end(&from, "unreached", err))
		return unreached;
	unreached_free(unreached);
	return NULL;
}

/* ---- in the picture ---------------------------------------------------------------------------------------------- */

static unsigned table_of(prl_picture *picture, const char *noun)
{
	unsigned table = 0;
	(void)prl_picture_table(picture, noun, &table); /* registered with the kinds that call this */
	return table;
}

static const prl_untold *find_untold(prl_picture *picture, uint64_t entry)
{
	const entry_key key = key_of_entry(entry);
	return prl_picture_find(picture, WORKING, table_of(picture, untold_noun),
				(prl_bytes){ (const char *)key.bytes, sizeof key.bytes });
}

/* Takes it over; one without targets is removed. */
static prl_status put_untold(prl_picture *picture, prl_untold *untold, prl_error *err)
{
	const unsigned table = table_of(picture, untold_noun);
	if (!untold)
		return prl_error_memory(err);
	const entry_key key = key_of_entry(untold->entry);
	const prl_bytes at = { (const char *)key.bytes, sizeof key.bytes };
	if (untold->count)
		return prl_picture_put(picture, table, at, untold, err);
	untold_free(untold);
	return prl_picture_find(picture, WORKING, table, at) ? prl_picture_remove(picture, table, at, err) : PRL_OK;
}

static const prl_unreached *find_unreached(prl_picture *picture, const prl_uuid *id)
{
	return prl_picture_find(picture, WORKING, table_of(picture, unreached_noun), key_of_id(id));
}

static prl_status remove_unreached(prl_picture *picture, const prl_uuid *id, prl_error *err)
{
	return find_unreached(picture, id)
		       ? prl_picture_remove(picture, table_of(picture, unreached_noun), key_of_id(id), err)
		       : PRL_OK;
}

/* Takes it over; one without items is removed. */
static prl_status put_unreached(prl_picture *picture, prl_unreached *unreached, prl_error *err)
{
	if (!unreached)
		return prl_error_memory(err);
	const prl_uuid id = unreached->id;
	if (unreached->count)
		return prl_picture_put(picture, table_of(picture, unreached_noun), key_of_id(&id), unreached, err);
	unreached_free(unreached);
	return remove_unreached(picture, &id, err);
}

/* ---- what opens -------------------------------------------------------------------------------------------------- */

static prl_time soon_after(prl_time time)
{
	return time > PRL_TIME_OPEN_END - PRL_UNREACHED_AFTER ? PRL_TIME_OPEN_END : time + PRL_UNREACHED_AFTER;
}

static prl_time matters_until(const prl_act *act, const prl_entity *constraint, bool over)
{
	prl_time end = constraint->shape->extent->to, after = soon_after(act->entry->time);
	return over && after < end ? after : end;
}

/* Those who are listed go on being so, for as long as the constraint as it is now lasts. */
static prl_status prolong(prl_picture *picture, const prl_uuid *id, prl_time until, prl_error *err)
{
	const prl_unreached *old = find_unreached(picture, id);
	if (!old || old->until == until)
		return PRL_OK;
	prl_unreached head = *old;
	head.until = until;
	prl_unreached *copy = unreached_new(&head, old->count);
	for (size_t i = 0; copy && i < old->count; i++)
		if (!add_item(copy, old->items[i].manager, old->items[i].why, old->items[i].since)) {
			unreached_free(copy);
			copy = NULL;
		}
	return put_unreached(picture, copy, err);
}

prl_status prl_untold_open(prl_picture *picture, const prl_act *act, const prl_entity *constraint,
			   const prl_dss_home *home, bool over, prl_error *err)
{
	prl_untold head = { .entry = act->index,
			    .id = constraint->id,
			    .version = constraint->version,
			    .over = over,
			    .opened = act->entry->time,
			    .until = matters_until(act, constraint, over) };
	if (!prl_entity_notice(constraint, &head.notice))
		return PRL_OK;
	prl_status st = prolong(picture, &head.id, head.until, err);
	if (st)
		return st;
	prl_untold *untold = untold_new(&head, home->told_count);
	bool done = untold != NULL;
	for (size_t i = 0; done && i < home->told_count; i++) {
		const prl_dss_told *told = &home->told[i];
		const prl_entity *to = prl_entity_find(picture, WORKING, PRL_SUBSCRIPTION, &told->id);
		if (to && *prl_entity_url(to))
			done = add_target(untold, prl_entity_url(to), prl_entity_manager(to), &told->id, told->index);
	}
	if (done)
		return put_untold(picture, untold, err);
	untold_free(untold);
	return prl_error_memory(err);
}

prl_status prl_untold_ended(prl_picture *picture, const prl_uuid *id, prl_error *err)
{
	return remove_unreached(picture, id, err);
}

/* ---- what closes ------------------------------------------------------------------------------------------------- */

/* Whether a list of {"uss", "subscriptions": […]} names a subscription. */
static json_t *listed_in(const json_t *body)
{
	json_t *all = json_object();
	static const char *const names[] = { "told", "unreached" };
	for (size_t k = 0; all && k < sizeof names / sizeof *names; k++) {
		const json_t *one, *list = json_object_get(body, names[k]);
		size_t i;
		json_array_foreach(list, i, one)
		{
			const json_t *id, *ids = json_object_get(one, "subscriptions");
			size_t j;
			json_array_foreach(ids, j, id)(void)
				json_object_set_new(all, json_string_value(id), json_true());
		}
	}
	return all;
}

static prl_status close_untold(prl_picture *picture, const prl_untold *old, const json_t *listed, prl_error *err)
{
	prl_untold *rest = untold_new(old, old->count);
	bool done = rest != NULL;
	for (size_t i = 0; done && i < old->count; i++) {
		const prl_untold_target *t = &old->targets[i];
		char id[PRL_UUID_TEXT_MAX];
		prl_uuid_write(&t->subscription, id);
		if (!json_object_get(listed, id))
			done = add_target(rest, t->url, t->manager, &t->subscription, t->index);
	}
	if (done)
		return put_untold(picture, rest, err);
	untold_free(rest);
	return prl_error_memory(err);
}

static const json_t *find_manager(const json_t *list, const char *manager)
{
	const json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "uss")), manager) == 0)
			return one;
	}
	return NULL;
}

/* Of those listed before, the ones of whom this says nothing. */
static bool keep_silent_ones(prl_unreached *to, const prl_unreached *old, const json_t *body)
{
	bool done = true;
	for (size_t i = 0; old && done && i < old->count; i++) {
		const prl_unreached_one *one = &old->items[i];
		if (!find_manager(json_object_get(body, "told"), one->manager) &&
		    !find_manager(json_object_get(body, "unreached"), one->manager))
			done = add_item(to, one->manager, one->why, one->since);
	}
	return done;
}

static bool is_listed(const prl_unreached *unreached, const char *manager)
{
	for (size_t i = 0; i < unreached->count; i++)
		if (strcmp(unreached->items[i].manager, manager) == 0)
			return true;
	return false;
}

static prl_status list_unreached(prl_picture *picture, const prl_act *act, const prl_untold *of, prl_error *err)
{
	const prl_unreached *old = find_unreached(picture, &of->id);
	const json_t *one, *list = json_object_get(act->body, "unreached");
	const prl_unreached head = { .id = of->id, .notice = of->notice, .until = old ? old->until : of->until };
	prl_unreached *made = unreached_new(&head, (old ? old->count : 0) + json_array_size(list));
	bool done = made && keep_silent_ones(made, old, act->body);
	size_t i;
	json_array_foreach(list, i, one)
	{
		const char *manager = json_string_value(json_object_get(one, "uss"));
		if (done && !is_listed(made, manager))
			done = add_item(made, manager, json_string_value(json_object_get(one, "why")),
					act->entry->time);
	}
	if (done)
		return put_unreached(picture, made, err);
	unreached_free(made);
	return prl_error_memory(err);
}

#define SWEPT 64u

typedef struct sweep {
	prl_time now;
	prl_uuid ids[SWEPT];
	size_t count;
} sweep;

static bool find_past(void *context, const prl_unreached *unreached)
{
	sweep *s = context;
	if (unreached->until < s->now)
		s->ids[s->count++] = unreached->id;
	return s->count < SWEPT;
}

/* Those of constraints that were deleted are taken out with whatever is told next. */
static prl_status sweep_past(prl_picture *picture, prl_time now, prl_error *err)
{
	sweep s = { .now = now };
	prl_status st = prl_unreached_each(picture, WORKING, find_past, &s, err);
	for (size_t i = 0; i < s.count && !st; i++)
		st = remove_unreached(picture, &s.ids[i], err);
	return st;
}

static prl_status check_names(const prl_act *act, const prl_untold *of, prl_error *err)
{
	prl_uuid id;
	if (of && prl_uuid_read(prl_body_text(act->body, "id"), &id) && prl_uuid_equal(&id, &of->id) &&
	    prl_body_number(act->body, "version", 0) == of->version)
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED,
			     "\"entry\": nobody is to be told of it, or it is of another constraint");
}

static prl_status constraint_told(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (!act->local)
		return PRL_OK;
	const prl_untold *of = find_untold(picture, prl_body_number(act->body, "entry", 0));
	prl_status st = check_names(act, of, err);
	if (!st)
		st = list_unreached(picture, act, of, err);
	if (st)
		return st;
	json_t *listed = listed_in(act->body);
	st = listed ? close_untold(picture, of, listed, err) : prl_error_memory(err);
	json_decref(listed);
	return st ? st : sweep_past(picture, act->entry->time, err);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

size_t prl_untold_count(prl_picture *picture, prl_version version)
{
	unsigned table;
	return prl_picture_table(picture, untold_noun, &table) ? prl_picture_count(picture, version, table) : 0;
}

typedef struct each {
	prl_untold_fn *untold;
	prl_unreached_fn *unreached;
	void *context;
} each;

static bool call(void *context, prl_bytes key, const void *value)
{
	const each *to = context;
	(void)key;
	return to->untold ? to->untold(to->context, value) : to->unreached(to->context, value);
}

static prl_status each_of(prl_picture *picture, prl_version version, const char *noun, each *to, prl_error *err)
{
	unsigned table;
	return prl_picture_table(picture, noun, &table) ? prl_picture_each(picture, version, table, call, to, err)
							: PRL_OK;
}

prl_status prl_untold_each(prl_picture *picture, prl_version version, prl_untold_fn *fn, void *context, prl_error *err)
{
	each to = { .untold = fn, .context = context };
	return each_of(picture, version, untold_noun, &to, err);
}

prl_status prl_unreached_each(prl_picture *picture, prl_version version, prl_unreached_fn *fn, void *context,
			      prl_error *err)
{
	each to = { .unreached = fn, .context = context };
	return each_of(picture, version, unreached_noun, &to, err);
}

prl_status prl_telling_add(prl_picture *picture, prl_error *err)
{
	static const prl_act_kind kinds[] = {
		{ "constraint.told", PRL_RECORDED, false, constraint_told },
	};
	static const prl_noun nouns[] = {
		{ untold_noun, false, save_untold, load_untold, untold_free },
		{ unreached_noun, false, save_unreached, load_unreached, unreached_free },
	};
	unsigned table;
	prl_status st = PRL_OK;
	for (size_t i = 0; i < sizeof nouns / sizeof *nouns && !st; i++)
		st = prl_picture_add_noun(picture, &nouns[i], &table, err);
	return st ? st : prl_picture_add_kinds(picture, kinds, sizeof kinds / sizeof *kinds, err);
}
