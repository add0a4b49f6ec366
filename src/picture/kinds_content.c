/* Contents: announced by the entry that carries them, got and deleted by nodes. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <string.h>

#define DAY (86400 * PRL_SECOND)

/* ---- noun -------------------------------------------------------------------------------------------------------- */

static bool save(const void *value, prl_buffer *to)
{
	const prl_content *content = value;
	return prl_pack_hash(to, &content->hash) && prl_pack_number(to, content->size) &&
	       prl_pack_text(to, content->log) && prl_pack_number(to, content->index) &&
	       prl_pack_number(to, (uint64_t)content->time) && prl_pack_texts(to, content->to) &&
	       prl_pack_texts(to, content->got) && prl_pack_texts(to, content->deleted);
}

static void free_value(void *value)
{
	prl_content *content = value;
	if (!content)
		return;
	json_decref(content->to);
	json_decref(content->got);
	json_decref(content->deleted);
	free(content);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_content *content = calloc(1, sizeof *content);
	if (!content) {
		prl_error_memory(err);
		return NULL;
	}
	content->hash = prl_unpack_hash(&from);
	content->size = prl_unpack_number(&from, UINT64_MAX);
	prl_unpack_text(&from, content->log, sizeof content->log);
	content->index = prl_unpack_number(&from, UINT64_MAX);
	content->time = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	content->to = prl_unpack_texts(&from);
	content->got = prl_unpack_texts(&from);
	content->deleted = prl_unpack_texts(&from);
	if (prl_unpack_end(&from, "content", err))
		return content;
	free_value(content);
	return NULL;
}

const prl_noun prl_content_noun = { .name = "content", .shared = true, .save = save, .load = load, .free = free_value };

/* Hash and origin of the log. */
typedef struct place {
	char bytes[32 + PRL_KEY_NAME_MAX];
	size_t size;
} place;

static place place_of(const prl_hash *hash, prl_bytes log)
{
	place at = { .size = 32 };
	memcpy(at.bytes, hash->bytes, 32);
	if (log.size <= PRL_KEY_NAME_MAX) {
		memcpy(at.bytes + 32, log.data, log.size);
		at.size += log.size;
	}
	return at;
}

const prl_content *prl_picture_content_of(prl_picture *picture, prl_version version, const prl_hash *hash,
					  prl_bytes log)
{
	place at = place_of(hash, log);
	return prl_picture_find(picture, version, PRL_TABLE_CONTENT, (prl_bytes){ at.bytes, at.size });
}

const prl_content *prl_picture_content(prl_picture *picture, prl_version version, const prl_hash *hash)
{
	const prl_constitution *constitution = prl_picture_constitution(picture, version);
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_content *content =
			prl_picture_content_of(picture, version, hash, prl_bytes_of(constitution->logs[i].origin));
		if (content)
			return content;
	}
	return NULL;
}

/* Takes the value over. */
static prl_status put(prl_picture *picture, prl_content *content, prl_error *err)
{
	if (!content || !content->to || !content->got || !content->deleted) {
		free_value(content);
		return prl_error_memory(err);
	}
	place at = place_of(&content->hash, prl_bytes_of(content->log));
	return prl_picture_put(picture, PRL_TABLE_CONTENT, (prl_bytes){ at.bytes, at.size }, content, err);
}

prl_status prl_picture_add_content(prl_picture *picture, const prl_act *act, const prl_hash *hash, uint64_t size,
				   json_t *to, prl_error *err)
{
	const prl_content *before = prl_picture_content_of(picture, PRL_VERSION_WORKING, hash, prl_bytes_of(act->log));
	if (before)
		return prl_error_set(err, PRL_E_DUPLICATE,
				     "entry %llu carries the content with this hash; salt it anew",
				     (unsigned long long)before->index);
	prl_content *content = calloc(1, sizeof *content);
	if (!content)
		return prl_error_memory(err);
	content->hash = *hash;
	content->size = size;
	content->index = act->index;
	content->time = act->entry->time;
	memcpy(content->log, act->log, strlen(act->log)); /* at most PRL_KEY_NAME_MAX: the fold looked */
	content->to = prl_body_sorted(to, (prl_bytes){ NULL, 0 });
	content->got = json_array();
	content->deleted = json_array();
	return put(picture, content, err);
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/* A content that the log of the act had seen announced. */
static const prl_content *find_seen(prl_picture *picture, const prl_act *act, const prl_hash *hash)
{
	prl_bytes log = prl_body_text(act->body, "log");
	const prl_content *content = prl_picture_content_of(picture, PRL_VERSION_WORKING, hash, log);
	return content && prl_act_sees(picture, act, log, content->index) ? content : NULL;
}

/* Some party to whom the content goes is at home in the log. */
static bool goes_to(const prl_constitution *constitution, const prl_content *content, const char *log)
{
	for (size_t i = 0; i < constitution->party_count; i++)
		if (strcmp(constitution->parties[i].log, log) == 0 &&
		    prl_body_has(content->to, prl_bytes_of(constitution->parties[i].name)))
			return true;
	return false;
}

static prl_content *copy_with(const prl_content *content, const char *got, const char *deleted)
{
	prl_content *copy = malloc(sizeof *copy);
	if (!copy)
		return NULL;
	*copy = *content;
	copy->to = json_incref(content->to);
	copy->got = got ? prl_body_sorted(content->got, prl_bytes_of(got)) : json_incref(content->got);
	copy->deleted =
		deleted ? prl_body_sorted(content->deleted, prl_bytes_of(deleted)) : json_incref(content->deleted);
	return copy;
}

static prl_status got_one(prl_picture *picture, const prl_act *act, const prl_content *content, prl_error *err)
{
	if (strcmp(content->log, act->log) == 0)
		return prl_error_set(err, PRL_E_REFUSED, "a content that this log itself carries does not arrive here");
	if (!goes_to(prl_act_constitution(picture, act), content, act->log))
		return prl_error_set(err, PRL_E_REFUSED, "the content goes to no party of log %s", act->log);
	if (prl_body_has(content->got, prl_bytes_of(act->log)))
		return prl_error_set(err, PRL_E_REFUSED, "that the content has arrived at log %s was recorded before",
				     act->log);
	return put(picture, copy_with(content, act->log, NULL), err);
}

/* Both times are the entries' own, so that every replay decides alike. */
static prl_status delete_one(prl_picture *picture, const prl_act *act, const prl_content *content, prl_error *err)
{
	int64_t days = prl_act_constitution(picture, act)->contents_days;
	prl_time age;
	if (days < 0)
		return prl_error_set(err, PRL_E_REFUSED, "by the constitution contents are kept for good");
	if (!__builtin_sub_overflow(act->entry->time, content->time, &age) && age / DAY < days)
		return prl_error_set(err, PRL_E_REFUSED,
				     "the content is %lld days old, by the constitution it is kept for %lld",
				     (long long)(age / DAY), (long long)days);
	if (act->entry->time < content->time)
		return prl_error_set(err, PRL_E_REFUSED, "the content is of a later time than this entry");
	if (prl_body_has(content->deleted, prl_bytes_of(act->log)))
		return prl_error_set(err, PRL_E_REFUSED, "that log %s deleted the content was recorded before",
				     act->log);
	return put(picture, copy_with(content, NULL, act->log), err);
}

typedef prl_status one_fn(prl_picture *picture, const prl_act *act, const prl_content *content, prl_error *err);

static prl_status each_hash(prl_picture *picture, const prl_act *act, one_fn *one, prl_error *err)
{
	const json_t *hashes = json_object_get(act->body, "hashes");
	for (size_t i = 0; i < json_array_size(hashes); i++) {
		prl_hash hash;
		const char *text = json_string_value(json_array_get(hashes, i));
		const prl_content *content =
			text && prl_hash_read(prl_bytes_of(text), &hash) ? find_seen(picture, act, &hash) : NULL;
		prl_status status =
			content ? one(picture, act, content, err)
				: prl_error_set(err, PRL_E_NOT_FOUND, "log %s knows no such content", act->log);
		if (status)
			return prl_error_at(err, status, "/hashes/%zu", i), status;
	}
	return PRL_OK;
}

static prl_status got(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return each_hash(picture, act, got_one, err);
}

static prl_status deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return each_hash(picture, act, delete_one, err);
}

static const prl_act_kind kinds[] = {
	{ "content.got", PRL_RECORDED, false, got },
	{ "content.deleted", PRL_RECORDED, false, deleted },
};
const prl_kinds prl_content_kinds = PRL_KINDS_OF(kinds);
