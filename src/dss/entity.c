#include "dss/entity.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "picture/pack.h"

#include <string.h>

static const char *const nouns[PRL_ENTITY_KINDS] = { "dss.intent", "dss.constraint", "dss.subscription" };

/* ---- words ------------------------------------------------------------------------------------------------------- */

static const char *const state_words[] = { "Accepted", "Activated", "Nonconforming", "Contingent" };

const char *prl_intent_state_word(prl_intent_state state)
{
	return state_words[state];
}

bool prl_intent_state_read(const char *word, prl_intent_state *ret)
{
	for (unsigned i = 0; i < sizeof state_words / sizeof *state_words; i++) {
		if (strcmp(word, state_words[i]) == 0) {
			*ret = (prl_intent_state)i;
			return true;
		}
	}
	return false;
}

const char *prl_uss_state_word(prl_uss_state state)
{
	static const char *const words[] = { "Unknown", "Normal", "Down" };
	return words[state];
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

prl_shape *prl_shape_new(prl_extent *extent)
{
	prl_shape *shape = extent ? malloc(sizeof *shape) : NULL;
	if (!shape) {
		prl_extent_free(extent);
		return NULL;
	}
	*shape = (prl_shape){ .held = 1, .slot = PRL_NO_SLOT, .extent = extent };
	return shape;
}

prl_shape *prl_shape_hold(prl_shape *shape)
{
	shape->held++;
	return shape;
}

void prl_shape_drop(prl_shape *shape)
{
	if (!shape || --shape->held)
		return;
	prl_extent_free(shape->extent);
	free(shape);
}

/* ---- stamps ------------------------------------------------------------------------------------------------------ */

prl_stamp prl_stamp_make(const unsigned char nonce[16], const prl_uuid *id, uint32_t version)
{
	unsigned char bytes[16 + 16 + 4];
	prl_stamp stamp = { 0 };
	memcpy(bytes, nonce, 16);
	memcpy(bytes + 16, id->bytes, 16);
	for (unsigned i = 0; i < 4; i++)
		bytes[32 + i] = (unsigned char)(version >> (24 - 8 * i));
	prl_hash hash = prl_sha256(bytes, sizeof bytes);
	memcpy(stamp.bytes, hash.bytes, sizeof stamp.bytes);
	return stamp;
}

/* RFC 4648, 5: as it may stand in a path; without padding. */
static void write_base64url(const unsigned char bytes[32], char *text)
{
	prl_base64_write(bytes, 32, text);
	for (; *text && *text != '='; text++)
		*text = (char)(*text == '+' ? '-' : *text == '/' ? '_' : *text);
	*text = 0;
}

void prl_stamp_write(const prl_stamp *stamp, const prl_uuid *id, char text[PRL_STAMP_TEXT_MAX])
{
	prl_uuid suffix;
	if (!stamp->suffix) {
		write_base64url(stamp->bytes, text);
		return;
	}
	memcpy(suffix.bytes, stamp->bytes, sizeof suffix.bytes);
	prl_uuid_write(id, text);
	text[PRL_UUID_TEXT_MAX - 1] = '_';
	prl_uuid_write(&suffix, text + PRL_UUID_TEXT_MAX);
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

const char *prl_entity_manager(const prl_entity *entity)
{
	return entity->texts;
}

const char *prl_entity_url(const prl_entity *entity)
{
	return entity->texts + entity->manager_size + 1;
}

static prl_entity *entity_of(prl_bytes manager, prl_bytes url)
{
	prl_entity *entity = calloc(1, sizeof *entity + manager.size + url.size + 2);
	if (!entity)
		return NULL;
	entity->manager_size = (uint16_t)manager.size;
	memcpy(entity->texts, manager.data, manager.size);
	memcpy(entity->texts + manager.size + 1, url.data, url.size);
	return entity;
}

prl_entity *prl_entity_new(prl_entity_kind kind, const prl_uuid *id, const char *manager, const char *url)
{
	if (strlen(manager) > UINT16_MAX)
		return NULL;
	prl_entity *entity = entity_of(prl_bytes_of(manager), prl_bytes_of(url));
	if (!entity)
		return NULL;
	entity->kind = (uint8_t)kind;
	entity->id = *id;
	return entity;
}

prl_entity *prl_entity_copy(const prl_entity *from)
{
	prl_entity *copy =
		entity_of((prl_bytes){ from->texts, from->manager_size }, prl_bytes_of(prl_entity_url(from)));
	if (!copy)
		return NULL;
	memcpy(copy, from, sizeof *from);
	copy->dependents = NULL;
	if (from->dependent_count) {
		copy->dependents = prl_array_new(from->dependent_count, sizeof *copy->dependents);
		if (!copy->dependents) {
			free(copy);
			return NULL;
		}
		memcpy(copy->dependents, from->dependents, from->dependent_count * sizeof *copy->dependents);
	}
	copy->shape = from->shape ? prl_shape_hold(from->shape) : NULL;
	return copy;
}

void prl_entity_free(void *value)
{
	prl_entity *entity = value;
	if (!entity)
		return;
	prl_shape_drop(entity->shape);
	free(entity->dependents);
	free(entity);
}

/* ---- the node's own ---------------------------------------------------------------------------------------------- */

prl_uuid prl_notice_constraint_id(const prl_hash *notice)
{
	static const char prefix[] = "parley constraint\n";
	char text[sizeof prefix - 1 + sizeof notice->bytes];
	prl_uuid id;
	memcpy(text, prefix, sizeof prefix - 1);
	memcpy(text + sizeof prefix - 1, notice->bytes, sizeof notice->bytes);
	prl_hash hash = prl_sha256(text, sizeof text);
	memcpy(id.bytes, hash.bytes, sizeof id.bytes);
	id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x40);
	id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
	return id;
}

bool prl_entity_set_notice(prl_entity *constraint, const prl_hash *notice)
{
	prl_uuid *halves = prl_array_new(2, sizeof *halves);
	if (!halves)
		return false;
	memcpy(halves, notice->bytes, sizeof notice->bytes);
	free(constraint->dependents);
	constraint->dependents = halves;
	constraint->dependent_count = 2;
	constraint->flags |= PRL_ENTITY_OWN;
	return true;
}

bool prl_entity_notice(const prl_entity *constraint, prl_hash *ret)
{
	if (!(constraint->flags & PRL_ENTITY_OWN) || constraint->dependent_count != 2)
		return false;
	memcpy(ret->bytes, constraint->dependents, sizeof ret->bytes);
	return true;
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static bool put_stamp(prl_buffer *to, const prl_stamp *stamp)
{
	char suffix = stamp->suffix;
	return prl_buffer_append(to, &suffix, 1) && prl_buffer_append(to, stamp->bytes, sizeof stamp->bytes);
}

static bool save_entity(const void *value, prl_buffer *to)
{
	const prl_entity *e = value;
	const char marks[] = { (char)e->kind, (char)e->state, (char)e->flags };
	return prl_buffer_append(to, e->id.bytes, sizeof e->id) && prl_buffer_append(to, marks, sizeof marks) &&
	       prl_pack_number(to, (uint64_t)e->version << 32 | e->notified) &&
	       prl_buffer_append(to, e->subscription.bytes, sizeof e->subscription) && put_stamp(to, &e->stamp) &&
	       prl_pack_number(to, e->index) && prl_pack_number(to, (uint64_t)e->changed) &&
	       prl_pack_bytes(to, (prl_bytes){ e->texts, e->manager_size }) && prl_pack_text(to, prl_entity_url(e)) &&
	       prl_pack_bytes(to, (prl_bytes){ (const char *)e->dependents, e->dependent_count * sizeof(prl_uuid) }) &&
	       prl_extent_save(e->shape->extent, to);
}

static void take(prl_unpack *from, void *bytes, size_t size)
{
	from->bad = from->bad || from->rest.size < size;
	if (from->bad)
		return;
	memcpy(bytes, from->rest.data, size);
	from->rest.data += size;
	from->rest.size -= size;
}

static void take_stamp(prl_unpack *from, prl_stamp *stamp)
{
	unsigned char suffix = 0;
	take(from, &suffix, 1);
	take(from, stamp->bytes, sizeof stamp->bytes);
	from->bad = from->bad || suffix > 1;
	stamp->suffix = suffix;
}

static void take_head(prl_unpack *from, prl_entity *head)
{
	unsigned char marks[3] = { 0 };
	take(from, head->id.bytes, sizeof head->id);
	take(from, marks, sizeof marks);
	from->bad = from->bad || marks[0] >= PRL_ENTITY_KINDS || marks[1] > PRL_CONTINGENT || marks[2] > 63;
	head->kind = marks[0];
	head->state = marks[1];
	head->flags = marks[2];
	uint64_t versions = prl_unpack_number(from, UINT64_MAX);
	head->version = (uint32_t)(versions >> 32);
	head->notified = (uint32_t)versions;
	take(from, head->subscription.bytes, sizeof head->subscription);
	take_stamp(from, &head->stamp);
	head->index = prl_unpack_number(from, UINT64_MAX);
	head->changed = (prl_time)prl_unpack_number(from, UINT64_MAX);
}

static bool take_dependents(prl_unpack *from, prl_entity *entity, prl_bytes bytes)
{
	from->bad = from->bad || bytes.size % sizeof(prl_uuid) || bytes.size / sizeof(prl_uuid) > UINT32_MAX;
	if (from->bad || !bytes.size)
		return true;
	entity->dependents = malloc(bytes.size);
	if (!entity->dependents)
		return false;
	memcpy(entity->dependents, bytes.data, bytes.size);
	entity->dependent_count = (uint32_t)(bytes.size / sizeof(prl_uuid));
	return true;
}

static prl_status take_shape(prl_unpack *from, prl_entity *entity, prl_error *err)
{
	prl_extent *extent = NULL;
	prl_status st = prl_extent_load(&from->rest, &extent, err);
	if (st)
		return st;
	entity->shape = prl_shape_new(extent);
	return entity->shape ? PRL_OK : prl_error_memory(err);
}

static prl_status take_entity(prl_unpack *from, prl_entity **ret, prl_error *err)
{
	prl_entity head;
	memset(&head, 0, sizeof head);
	take_head(from, &head);
	prl_bytes manager = prl_unpack_bytes(from), url = prl_unpack_bytes(from), dependents = prl_unpack_bytes(from);
	from->bad = from->bad || manager.size > UINT16_MAX || memchr(manager.data, 0, manager.size) ||
		    memchr(url.data, 0, url.size);
	if (from->bad)
		return prl_error_set(err, PRL_E_SYNTAX, "an entity that cannot be");
	prl_entity *entity = entity_of(manager, url);
	if (!entity)
		return prl_error_memory(err);
	head.manager_size = entity->manager_size;
	memcpy(entity, &head, offsetof(prl_entity, texts));
	prl_status st = take_dependents(from, entity, dependents) ? PRL_OK : prl_error_memory(err);
	if (!st)
		st = take_shape(from, entity, err);
	if (st) {
		prl_entity_free(entity);
		return st;
	}
	*ret = entity;
	return PRL_OK;
}

static void *load_entity(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_entity *entity = NULL;
	if (take_entity(&from, &entity, err))
		return NULL;
	if (prl_unpack_end(&from, "entity", err))
		return entity;
	prl_entity_free(entity);
	return NULL;
}

static bool save_uss(const void *value, prl_buffer *to)
{
	const prl_uss *uss = value;
	return prl_pack_number(to, uss->state) && prl_pack_number(to, uss->version) && put_stamp(to, &uss->stamp);
}

static void *load_uss(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_uss *uss = calloc(1, sizeof *uss);
	if (!uss) {
		(void)prl_error_memory(err);
		return NULL;
	}
	uss->state = (uint8_t)prl_unpack_number(&from, PRL_USS_DOWN);
	uss->version = (uint32_t)prl_unpack_number(&from, UINT32_MAX);
	take_stamp(&from, &uss->stamp);
	if (prl_unpack_end(&from, "USS", err))
		return uss;
	free(uss);
	return NULL;
}

/* ---- in the picture ---------------------------------------------------------------------------------------------- */

static const char uss_noun[] = "dss.uss";

prl_status prl_entities_add(prl_picture *picture, prl_error *err)
{
	unsigned table;
	prl_status st = PRL_OK;
	for (unsigned i = 0; i < PRL_ENTITY_KINDS && !st; i++) {
		const prl_noun noun = { nouns[i], false, save_entity, load_entity, prl_entity_free };
		st = prl_picture_add_noun(picture, &noun, &table, err);
	}
	const prl_noun uss = { uss_noun, false, save_uss, load_uss, free };
	return st ? st : prl_picture_add_noun(picture, &uss, &table, err);
}

static prl_bytes key_of(const prl_uuid *id)
{
	return (prl_bytes){ (const char *)id->bytes, sizeof id->bytes };
}

const prl_entity *prl_entity_find(prl_picture *picture, prl_version version, prl_entity_kind kind, const prl_uuid *id)
{
	unsigned table;
	return prl_picture_table(picture, nouns[kind], &table) ? prl_picture_find(picture, version, table, key_of(id))
							       : NULL;
}

const prl_uss *prl_uss_find(prl_picture *picture, prl_version version, const char *name)
{
	unsigned table;
	return prl_picture_table(picture, uss_noun, &table)
		       ? prl_picture_find(picture, version, table, prl_bytes_of(name))
		       : NULL;
}

prl_uss_state prl_uss_state_of(prl_picture *picture, prl_version version, const char *name)
{
	const prl_uss *uss = prl_uss_find(picture, version, name);
	return uss ? (prl_uss_state)uss->state : PRL_USS_UNKNOWN;
}

prl_uuid prl_uss_id(const char *name)
{
	prl_uuid id;
	prl_hash hash = prl_sha256(name, strlen(name));
	memcpy(id.bytes, hash.bytes, sizeof id.bytes);
	return id;
}

static prl_status no_noun(prl_error *err, const char *name)
{
	return prl_error_set(err, PRL_E_UNSUPPORTED, "this picture has no noun %s", name);
}

prl_status prl_entity_put(prl_picture *picture, prl_entity *entity, prl_error *err)
{
	unsigned table;
	if (!entity)
		return prl_error_memory(err);
	const char *noun = nouns[entity->kind];
	if (!prl_picture_table(picture, noun, &table)) {
		prl_entity_free(entity);
		return no_noun(err, noun);
	}
	prl_uuid id = entity->id; /* on failure the entity is gone before its key is named */
	return prl_picture_put(picture, table, key_of(&id), entity, err);
}

prl_status prl_entity_remove(prl_picture *picture, prl_entity_kind kind, const prl_uuid *id, prl_error *err)
{
	unsigned table;
	if (!prl_picture_table(picture, nouns[kind], &table))
		return no_noun(err, nouns[kind]);
	return prl_picture_remove(picture, table, key_of(id), err);
}

prl_status prl_uss_put(prl_picture *picture, const char *name, prl_uss *uss, prl_error *err)
{
	unsigned table;
	if (!uss)
		return prl_error_memory(err);
	if (!prl_picture_table(picture, uss_noun, &table)) {
		free(uss);
		return no_noun(err, uss_noun);
	}
	return prl_picture_put(picture, table, prl_bytes_of(name), uss, err);
}

typedef struct each {
	prl_entity_fn *fn;
	void *context;
} each;

static bool call(void *context, prl_bytes key, const void *value)
{
	each *to = context;
	(void)key;
	return to->fn(to->context, value);
}

prl_status prl_entities_each(prl_picture *picture, prl_version version, prl_entity_kind kind, prl_entity_fn *fn,
			     void *context, prl_error *err)
{
	unsigned table;
	each to = { fn, context };
	return prl_picture_table(picture, nouns[kind], &table)
		       ? prl_picture_each(picture, version, table, call, &to, err)
		       : no_noun(err, nouns[kind]);
}

size_t prl_entities_count(prl_picture *picture, prl_version version, prl_entity_kind kind)
{
	unsigned table;
	return prl_picture_table(picture, nouns[kind], &table) ? prl_picture_count(picture, version, table) : 0;
}
