#include "dss/telling.h"

#include "base/error.h"
#include "base/text.h"
#include "dss/reach.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING

static const char untold_noun[] = "dss.untold";

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

/* ---- what opens -------------------------------------------------------------------------------------------------- */

/* The end of the constraint; of one that was deleted not long after that either. */
static prl_time matters_until(const prl_act *act, const prl_entity *constraint, bool over)
{
	prl_time end = constraint->shape->extent->to, after = prl_reach_after(act->entry->time);
	return over && after < end ? after : end;
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

/* Where what stood beside the entry is not here any more (a log taken back from a mirror) nothing is open. */
static prl_status check_names(const prl_act *act, const prl_untold *of, prl_error *err)
{
	prl_uuid id;
	if (!of || (prl_uuid_read(prl_body_text(act->body, "id"), &id) && prl_uuid_equal(&id, &of->id) &&
		    prl_body_number(act->body, "version", 0) == of->version))
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED, "\"entry\" is of another constraint, or of another version");
}

static prl_status constraint_told(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_untold *of = act->local ? find_untold(picture, prl_body_number(act->body, "entry", 0)) : NULL;
	prl_status st = act->local ? check_names(act, of, err) : PRL_OK;
	if (!st)
		st = prl_reach_told(picture, act, err);
	if (st || !of)
		return st;
	json_t *listed = listed_in(act->body);
	st = listed ? close_untold(picture, of, listed, err) : prl_error_memory(err);
	json_decref(listed);
	return st;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

size_t prl_untold_count(prl_picture *picture, prl_version version)
{
	unsigned table;
	return prl_picture_table(picture, untold_noun, &table) ? prl_picture_count(picture, version, table) : 0;
}

typedef struct each {
	prl_untold_fn *fn;
	void *context;
} each;

static bool call(void *context, prl_bytes key, const void *value)
{
	const each *to = context;
	(void)key;
	return to->fn(to->context, value);
}

prl_status prl_untold_each(prl_picture *picture, prl_version version, prl_untold_fn *fn, void *context, prl_error *err)
{
	unsigned table;
	each to = { fn, context };
	return prl_picture_table(picture, untold_noun, &table)
		       ? prl_picture_each(picture, version, table, call, &to, err)
		       : PRL_OK;
}

prl_status prl_telling_add(prl_picture *picture, prl_error *err)
{
	static const prl_act_kind kinds[] = {
		{ "constraint.told", PRL_RECORDED, false, constraint_told },
	};
	const prl_noun untold = { untold_noun, false, save_untold, load_untold, untold_free };
	unsigned table;
	prl_status st = prl_picture_add_noun(picture, &untold, &table, err);
	if (!st)
		st = prl_picture_add_noun(picture, &prl_reach_noun, &table, err);
	return st ? st : prl_picture_add_kinds(picture, kinds, sizeof kinds / sizeof *kinds, err);
}
