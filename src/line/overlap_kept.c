/* Overlaps as they are kept, and the lists of those of one notice: local, because they hang on arrival. */
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "line/overlap_inside.h"
#include "line/thing.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

#define FINDINGS_MAX 256u /* logs of a line are at most 32 at a time */

/* ---- overlap ----------------------------------------------------------------------------------------------------- */

void prl_overlap_free(void *value)
{
	prl_overlap *overlap = value;
	if (!overlap)
		return;
	json_decref(overlap->parties);
	json_decref(overlap->answers);
	for (size_t i = 0; i < overlap->finding_count; i++)
		free(overlap->findings[i].log);
	free(overlap);
}

static prl_overlap *overlap_new(size_t findings)
{
	return calloc(1, sizeof(prl_overlap) + findings * sizeof(prl_finding));
}

prl_overlap *prl_overlap_copy(const prl_overlap *from)
{
	prl_overlap *copy = overlap_new(from ? from->finding_count + 1 : 1);
	if (!copy || !from)
		return copy;
	memcpy(copy, from, sizeof *from);
	json_incref(copy->parties);
	json_incref(copy->answers);
	copy->finding_count = 0;
	for (size_t i = 0; i < from->finding_count; i++) {
		copy->findings[i] = from->findings[i];
		copy->findings[i].log = prl_text_copy(from->findings[i].log, strlen(from->findings[i].log));
		copy->finding_count++;
		if (!copy->findings[i].log) {
			prl_overlap_free(copy);
			return NULL;
		}
	}
	return copy;
}

prl_finding *prl_overlap_finding(prl_overlap *overlap, const char *log, bool *ret_new)
{
	size_t at = 0;
	int order = -1;
	while (at < overlap->finding_count && (order = strcmp(overlap->findings[at].log, log)) < 0)
		at++;
	*ret_new = at == overlap->finding_count || order != 0;
	if (!*ret_new)
		return &overlap->findings[at];
	char *name = overlap->finding_count < FINDINGS_MAX ? prl_text_copy(log, strlen(log)) : NULL;
	if (!name)
		return NULL;
	memmove(&overlap->findings[at + 1], &overlap->findings[at],
		(overlap->finding_count - at) * sizeof *overlap->findings);
	overlap->findings[at] = (prl_finding){ .log = name };
	overlap->finding_count++;
	return &overlap->findings[at];
}

static bool pack_signed(prl_buffer *to, int64_t number)
{
	return prl_pack_number(to, (uint64_t)number);
}

static bool save_finding(const prl_finding *f, prl_buffer *to)
{
	return prl_pack_text(to, f->log) && prl_pack_number(to, f->first) && prl_pack_number(to, f->newest) &&
	       prl_pack_number(to, f->rang) && pack_signed(to, f->found) && pack_signed(to, f->changed) &&
	       pack_signed(to, f->ringing_since) && prl_pack_hash(to, &f->versions[0]) &&
	       prl_pack_hash(to, &f->versions[1]) &&
	       prl_pack_number(to, (f->gone ? 1u : 0u) | (f->own ? 2u : 0u) | (f->cannot_tell ? 4u : 0u)) &&
	       pack_signed(to, f->from) && pack_signed(to, f->to) && pack_signed(to, f->horizontal_cm) &&
	       pack_signed(to, f->vertical_cm) && pack_signed(to, f->rang_from) && pack_signed(to, f->rang_length_s) &&
	       pack_signed(to, f->rang_horizontal_cm) && pack_signed(to, f->rang_vertical_cm);
}

static bool save(const void *value, prl_buffer *to)
{
	const prl_overlap *o = value;
	bool done = prl_pack_hash(to, &o->id) && prl_pack_hash(to, &o->notices[0]) &&
		    prl_pack_hash(to, &o->notices[1]) && prl_pack_number(to, o->told) && prl_pack_number(to, o->mode) &&
		    prl_pack_texts(to, o->parties) && prl_pack_number(to, o->answers != NULL) &&
		    (!o->answers || prl_pack_json(to, o->answers)) && prl_pack_number(to, o->finding_count);
	for (size_t i = 0; done && i < o->finding_count; i++)
		done = save_finding(&o->findings[i], to);
	return done;
}

static int64_t unpack_signed(prl_unpack *from)
{
	return (int64_t)prl_unpack_number(from, UINT64_MAX);
}

static bool load_finding(prl_unpack *from, prl_finding *f)
{
	char log[PRL_KEY_NAME_MAX + 1];
	prl_unpack_text(from, log, sizeof log);
	f->log = prl_text_copy(log, strlen(log));
	f->first = prl_unpack_number(from, UINT64_MAX);
	f->newest = prl_unpack_number(from, UINT64_MAX);
	f->rang = prl_unpack_number(from, UINT64_MAX);
	f->found = unpack_signed(from);
	f->changed = unpack_signed(from);
	f->ringing_since = unpack_signed(from);
	f->versions[0] = prl_unpack_hash(from);
	f->versions[1] = prl_unpack_hash(from);
	uint64_t marks = prl_unpack_number(from, 7);
	f->gone = marks & 1;
	f->own = marks & 2;
	f->cannot_tell = marks & 4;
	f->from = unpack_signed(from);
	f->to = unpack_signed(from);
	f->horizontal_cm = unpack_signed(from);
	f->vertical_cm = unpack_signed(from);
	f->rang_from = unpack_signed(from);
	f->rang_length_s = unpack_signed(from);
	f->rang_horizontal_cm = unpack_signed(from);
	f->rang_vertical_cm = unpack_signed(from);
	return f->log != NULL;
}

static void load_head(prl_unpack *from, prl_overlap *o)
{
	o->id = prl_unpack_hash(from);
	o->notices[0] = prl_unpack_hash(from);
	o->notices[1] = prl_unpack_hash(from);
	o->told = prl_unpack_number(from, 1);
	o->mode = (uint8_t)prl_unpack_number(from, PRL_MODE_TEST);
	o->parties = prl_unpack_texts(from);
	if (prl_unpack_number(from, 1))
		o->answers = prl_unpack_json(from);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_overlap head = { 0 };
	load_head(&from, &head);
	size_t count = (size_t)prl_unpack_number(&from, FINDINGS_MAX);
	prl_overlap *o = overlap_new(count);
	if (!o) {
		json_decref(head.parties);
		json_decref(head.answers);
		prl_error_memory(err);
		return NULL;
	}
	memcpy(o, &head, sizeof head);
	bool memory = true;
	for (size_t i = 0; memory && i < count; i++, o->finding_count++)
		memory = load_finding(&from, &o->findings[i]);
	if (memory && prl_unpack_end(&from, "overlap", err))
		return o;
	if (!memory)
		prl_error_memory(err);
	prl_overlap_free(o);
	return NULL;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

/* Newest overlap of a notice, and for each overlap the one before it in either notice's list. A hash of zeros ends a
 * list: no SHA-256 that anybody has seen is that. */
typedef struct chain {
	prl_hash at[2];
} chain;

static bool save_chain(const void *value, prl_buffer *to)
{
	return prl_buffer_append(to, value, sizeof(chain));
}

static void *load_chain(prl_bytes bytes, prl_error *err)
{
	chain *made = bytes.size == sizeof *made ? malloc(sizeof *made) : NULL;
	if (made)
		memcpy(made, bytes.data, sizeof *made);
	else
		(void)prl_error_set(err, bytes.size == sizeof *made ? PRL_E_MEMORY : PRL_E_SYNTAX,
				    "a list of overlaps of %zu bytes", bytes.size);
	return made;
}

const char prl_overlap_left_noun[] = "overlap.left", prl_overlap_home_open[] = "overlap.home_open";

const json_t *prl_overlap_left(prl_picture *picture, prl_version version, const char *log, const prl_hash *notice)
{
	char key[PRL_KEY_NAME_MAX + PRL_HASH_TEXT_MAX + 2], id[PRL_HASH_TEXT_MAX];
	prl_hash_write(notice, id);
	(void)snprintf(key, sizeof key, "%s\n%s", log, id);
	return prl_thing_find(picture, version, prl_overlap_left_noun, prl_bytes_of(key));
}

const prl_noun prl_overlap_nouns[PRL_OVERLAP_NOUNS] = {
	{ .name = "overlap", .shared = true, .save = save, .load = load, .free = prl_overlap_free },
	{ .name = "overlap.head", .save = save_chain, .load = load_chain, .free = free },
	{ .name = "overlap.link", .save = save_chain, .load = load_chain, .free = free },
	{ .name = "overlap.home", .save = prl_thing_save, .load = prl_thing_load, .free = prl_thing_free },
	{ .name = "overlap.home_head", .save = save_chain, .load = load_chain, .free = free },
	{ .name = "overlap.home_link", .save = save_chain, .load = load_chain, .free = free },
	{ .name = "overlap.open", .save = save_chain, .load = load_chain, .free = free },
	PRL_THING_NOUN(prl_overlap_left_noun),
	PRL_OPEN_NOUN(prl_overlap_home_open),
};
enum { OVERLAP, HEAD, LINK, HOME, HOME_HEAD, HOME_LINK, OPEN };

static prl_status table_of(prl_picture *picture, unsigned noun, unsigned *ret, prl_error *err)
{
	if (prl_picture_table(picture, prl_overlap_nouns[noun].name, ret))
		return PRL_OK;
	return prl_error_set(err, PRL_E_NOT_FOUND, "no table of overlaps");
}

static const chain *chain_at(prl_picture *picture, prl_version version, unsigned noun, const prl_hash *key)
{
	unsigned table;
	if (!prl_picture_table(picture, prl_overlap_nouns[noun].name, &table))
		return NULL;
	return prl_picture_find(picture, version, table, prl_hash_key(key));
}

static prl_status put_chain(prl_picture *picture, unsigned noun, const prl_hash *key, const chain *value,
			    prl_error *err)
{
	unsigned table;
	prl_status status = table_of(picture, noun, &table, err);
	if (status)
		return status;
	chain *made = malloc(sizeof *made);
	if (made)
		*made = *value;
	return prl_picture_put(picture, table, prl_hash_key(key), made, err);
}

/* head: HEAD or HOME_HEAD; the links are the noun after it. */
static prl_status link_up(prl_picture *picture, unsigned head_noun, const prl_hash *id, const prl_hash notices[2],
			  size_t count, prl_error *err)
{
	chain before = { 0 }, head = { { *id } };
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < count; i++) {
		const chain *old = chain_at(picture, PRL_VERSION_WORKING, head_noun, &notices[i]);
		if (old)
			before.at[i] = old->at[0];
		status = put_chain(picture, head_noun, &notices[i], &head, err);
	}
	return status ? status : put_chain(picture, head_noun + 1, id, &before, err);
}

/* Those that somebody has not answered have a list of their own, so that asking for them costs what they are. */
static prl_status keep_open(prl_picture *picture, const prl_overlap *overlap, prl_error *err)
{
	unsigned table;
	bool open = prl_overlap_anybody_rings(overlap);
	bool was = chain_at(picture, PRL_VERSION_WORKING, OPEN, &overlap->id) != NULL;
	if (open == was)
		return PRL_OK;
	chain value = { { overlap->notices[0], overlap->notices[1] } };
	if (open)
		return put_chain(picture, OPEN, &overlap->id, &value, err);
	prl_status status = table_of(picture, OPEN, &table, err);
	return status ? status : prl_picture_remove(picture, table, prl_hash_key(&overlap->id), err);
}

prl_status prl_overlap_put(prl_picture *picture, prl_overlap *overlap, bool fresh, prl_error *err)
{
	unsigned table;
	if (!overlap)
		return prl_error_memory(err);
	prl_status status = table_of(picture, OVERLAP, &table, err);
	if (!status)
		status = keep_open(picture, overlap, err);
	if (!status && fresh)
		status = link_up(picture, HEAD, &overlap->id, overlap->notices, overlap->told ? 1 : 2, err);
	if (status) {
		prl_overlap_free(overlap);
		return status;
	}
	prl_hash id = overlap->id;
	return prl_picture_put(picture, table, prl_hash_key(&id), overlap, err);
}

const prl_overlap *prl_overlap_find(prl_picture *picture, prl_version version, const prl_hash *id)
{
	unsigned table;
	if (!prl_picture_table(picture, prl_overlap_nouns[OVERLAP].name, &table))
		return NULL;
	return prl_picture_find(picture, version, table, prl_hash_key(id));
}

void prl_overlaps_of(prl_picture *picture, prl_version version, const prl_hash *notice, prl_overlap_fn *fn,
		     void *context)
{
	const chain *at = chain_at(picture, version, HEAD, notice);
	prl_hash id = at ? at->at[0] : (prl_hash){ 0 };
	const prl_overlap *overlap;
	while ((overlap = prl_overlap_find(picture, version, &id)) && fn(context, overlap)) {
		size_t side = prl_hash_equal(&overlap->notices[0], notice) ? 0 : 1;
		at = chain_at(picture, version, LINK, &id);
		id = at ? at->at[side] : (prl_hash){ 0 };
	}
}

/* ---- home -------------------------------------------------------------------------------------------------------- */

const json_t *prl_overlap_home(prl_picture *picture, prl_version version, const prl_hash *id)
{
	return prl_thing_find(picture, version, prl_overlap_nouns[HOME].name, prl_hash_key(id));
}

/* Somebody of the owner's may have to tell of it, or to know that it was asked for too often. */
static bool home_is_open(const json_t *home)
{
	return json_object_get(home, "owner") && !json_is_true(json_object_get(home, "gone")) &&
	       (prl_bytes_is(prl_body_text(home, "answer"), "by hand") ||
		json_is_true(json_object_get(home, "limited")));
}

prl_status prl_overlap_home_put(prl_picture *picture, const prl_hash *id, const prl_hash notices[2], json_t *home,
				prl_error *err)
{
	prl_status status = PRL_OK;
	if (!prl_overlap_home(picture, PRL_VERSION_WORKING, id))
		status = link_up(picture, HOME_HEAD, id, notices, 2, err);
	if (status) {
		json_decref(home);
		return status;
	}
	bool open = home_is_open(home);
	status = prl_thing_put(picture, prl_overlap_nouns[HOME].name, prl_hash_key(id), home, err);
	return status ? status : prl_open_follow(picture, prl_overlap_home_open, prl_hash_key(id), open, err);
}

void prl_overlap_homes_of(prl_picture *picture, prl_version version, const prl_hash *notice, prl_overlap_home_fn *fn,
			  void *context)
{
	const chain *at = chain_at(picture, version, HOME_HEAD, notice);
	prl_hash id = at ? at->at[0] : (prl_hash){ 0 }, first;
	const json_t *home;
	while ((home = prl_overlap_home(picture, version, &id))) {
		/* The next one first: fn may put another in this one's place. */
		const char *text = json_string_value(json_array_get(json_object_get(home, "notices"), 0));
		size_t side =
			text && prl_hash_read(prl_bytes_of(text), &first) && prl_hash_equal(&first, notice) ? 0 : 1;
		at = chain_at(picture, version, HOME_LINK, &id);
		prl_hash next = at ? at->at[side] : (prl_hash){ 0 };
		if (!fn(context, &id, home))
			return;
		id = next;
	}
}

/* ---- open -------------------------------------------------------------------------------------------------------- */

typedef struct opened {
	prl_picture *picture;
	prl_version version;
	prl_overlap_fn *fn;
	void *context;
} opened;

static bool open_one(void *context, prl_bytes key, const void *value)
{
	const opened *o = context;
	prl_hash id;
	(void)value;
	memcpy(&id, key.data, sizeof id);
	const prl_overlap *overlap = prl_overlap_find(o->picture, o->version, &id);
	return !overlap || o->fn(o->context, overlap);
}

prl_status prl_overlaps_open(prl_picture *picture, prl_version version, prl_overlap_fn *fn, void *context,
			     prl_error *err)
{
	unsigned table;
	opened o = { picture, version, fn, context };
	prl_status status = table_of(picture, OPEN, &table, err);
	return status ? status : prl_picture_each(picture, version, table, open_one, &o, err);
}

size_t prl_overlaps_open_count(prl_picture *picture)
{
	unsigned table;
	return prl_picture_table(picture, prl_overlap_nouns[OPEN].name, &table)
		       ? prl_picture_count(picture, PRL_VERSION_WORKING, table)
		       : 0;
}

/* Over since a while, by the clerk's clock: nothing that is shown hangs on it. */
typedef struct sweeping {
	prl_picture *picture;
	prl_time now;
	prl_hash *ids;
	size_t count, room;
} sweeping;

static bool sweep_one(void *context, const prl_overlap *overlap)
{
	sweeping *s = context;
	prl_show show = { .picture = s->picture, .version = PRL_VERSION_WORKING, .now = s->now };
	prl_overlap_state state = prl_overlap_state_of(&show, overlap);
	bool done = state == PRL_OVERLAP_CANCELLED || state == PRL_OVERLAP_ENDED || state == PRL_OVERLAP_PAST;
	if (done && s->count < s->room)
		s->ids[s->count++] = overlap->id;
	return s->count < s->room;
}

prl_status prl_overlaps_open_sweep(prl_picture *picture, prl_time now, prl_error *err)
{
	unsigned table;
	sweeping s = { .picture = picture, .now = now, .room = prl_overlaps_open_count(picture) };
	prl_status status = table_of(picture, OPEN, &table, err);
	if (status || !s.room)
		return status;
	s.ids = prl_array_new(s.room, sizeof *s.ids);
	if (!s.ids)
		return prl_error_memory(err);
	status = prl_overlaps_open(picture, PRL_VERSION_WORKING, sweep_one, &s, err);
	for (size_t i = 0; !status && i < s.count; i++)
		status = prl_picture_remove(picture, table, prl_hash_key(&s.ids[i]), err);
	free(s.ids);
	return status;
}
