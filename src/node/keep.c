/* Contents: kept by their salted hash beside the log; that one addressed to us has arrived is an entry. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

#define SALT 32u /* bytes in front of a content */

prl_status prl_contents_check(const prl_filing *filing, prl_error *err)
{
	for (size_t i = 0; i < filing->content_count; i++) {
		const prl_store_content *content = &filing->contents[i];
		if (content->bytes.size < SALT)
			return prl_error_set(err, PRL_E_RANGE, "a content of %zu bytes, expected a salt of %u in front",
					     content->bytes.size, SALT);
		prl_hash hash = prl_sha256(content->bytes.data, content->bytes.size);
		if (!prl_hash_equal(&hash, &content->hash))
			return prl_error_set(err, PRL_E_SIGNATURE,
					     "a content that does not have the hash under which it is filed");
	}
	return PRL_OK;
}

/* ---- what the picture says of a content ----------------------------------------------------------------------------- */

static bool addressed_here(const prl_clerk *clerk, const prl_content *content)
{
	size_t i;
	json_t *name;
	json_array_foreach(content->to, i, name)
	{
		const char *text = json_string_value(name);
		const prl_party *party =
			text ? prl_picture_party(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(text)) : NULL;
		if (party && !strcmp(party->log, clerk->own))
			return true;
	}
	return false;
}

static bool got_here(const prl_clerk *clerk, const prl_content *content)
{
	size_t i;
	json_t *log;
	json_array_foreach(content->got, i, log)
	{
		const char *text = json_string_value(log);
		if (text && !strcmp(text, clerk->own))
			return true;
	}
	return false;
}

static prl_status record_got(prl_clerk *clerk, const prl_hash *hash, prl_error *err)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	return prl_clerk_record(clerk, "content.got", json_pack("{s:s}", "hash", text), err);
}

/* ---- orphans -------------------------------------------------------------------------------------------------------- */

static bool orphan_known(const prl_clerk *clerk, const prl_hash *hash)
{
	for (size_t i = 0; i < clerk->orphans.count; i++)
		if (prl_hash_equal(&clerk->orphans.items[i].hash, hash))
			return true;
	return false;
}

static prl_status orphan_add(prl_clerk *clerk, const prl_hash *hash, uint64_t size, prl_error *err)
{
	if (clerk->orphans.count >= PRL_CONTENT_ORPHANS_MAX || size > PRL_CONTENT_ORPHAN_MAX - clerk->orphan_bytes)
		return prl_error_set(err, PRL_E_TOO_LARGE,
				     "%zu contents of %llu bytes wait for the entries that announce them already: "
				     "send the entry first",
				     clerk->orphans.count, (unsigned long long)clerk->orphan_bytes);
	prl_orphan *orphan = PRL_LIST_ADD(&clerk->orphans);
	if (!orphan)
		return prl_error_memory(err);
	*orphan = (prl_orphan){ *hash, size };
	clerk->orphan_bytes += size;
	return PRL_OK;
}

/* ---- keeping -------------------------------------------------------------------------------------------------------- */

static prl_status put(prl_clerk *clerk, const prl_store_content *content, prl_error *err)
{
	prl_store_content *slot = PRL_LIST_ADD(&clerk->batch->contents);
	if (!slot)
		return prl_error_memory(err);
	*slot = *content;
	slot->at = clerk->parts.now(clerk->parts.context);
	clerk->batch->work = true;
	return PRL_OK;
}

/* What comes with an entry is announced by that entry, or it is not kept. */
static prl_status keep(prl_clerk *clerk, const prl_store_content *content, bool alone, prl_error *err)
{
	const prl_content *known = prl_picture_content(clerk->parts.picture, PRL_VERSION_WORKING, &content->hash);
	if (known ? got_here(clerk, known) : orphan_known(clerk, &content->hash))
		return PRL_OK;
	if (!known && !alone)
		return PRL_OK;
	if (!known) {
		prl_status st = orphan_add(clerk, &content->hash, content->bytes.size, err);
		return st ? st : put(clerk, content, err);
	}
	bool record = clerk->open && addressed_here(clerk, known);
	prl_status st = put(clerk, content, err);
	if (!st && record)
		st = record_got(clerk, &content->hash, err);
	return st;
}

prl_status prl_contents_keep(prl_clerk *clerk, const prl_filing *filing, prl_error *err)
{
	bool alone = filing->what == PRL_FILING_CONTENT;
	for (size_t i = 0; i < filing->content_count; i++) {
		prl_status st = keep(clerk, &filing->contents[i], alone, err);
		if (st && !alone)
			prl_batch_break(clerk->batch, err); /* the entry is applied: both or none */
		if (st)
			return st;
	}
	return PRL_OK;
}

prl_status prl_contents_settle(prl_clerk *clerk, prl_error *err)
{
	for (size_t i = 0; i < clerk->orphans.count;) {
		prl_orphan *orphan = &clerk->orphans.items[i];
		const prl_content *known =
			prl_picture_content(clerk->parts.picture, PRL_VERSION_WORKING, &orphan->hash);
		if (!known) {
			i++;
			continue;
		}
		bool record = addressed_here(clerk, known) && !got_here(clerk, known);
		prl_status st = record ? record_got(clerk, &orphan->hash, err) : PRL_OK;
		if (st)
			return st;
		clerk->orphan_bytes -= orphan->size;
		*orphan = clerk->orphans.items[--clerk->orphans.count];
	}
	return PRL_OK;
}

/* ---- catching up ---------------------------------------------------------------------------------------------------- */

static prl_status find_orphan(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	prl_clerk *clerk = context;
	(void)at;
	if (prl_picture_content(clerk->parts.picture, PRL_VERSION_WORKING, hash) || orphan_known(clerk, hash))
		return PRL_OK;
	if (clerk->orphans.count >= PRL_CONTENT_ORPHANS_MAX)
		return PRL_OK; /* it stays kept, and is found again at the next start */
	prl_orphan *orphan = PRL_LIST_ADD(&clerk->orphans);
	if (!orphan)
		return prl_error_memory(err);
	*orphan = (prl_orphan){ *hash, size };
	clerk->orphan_bytes += size;
	return PRL_OK;
}

typedef struct missing {
	const prl_clerk *clerk;
	PRL_LIST(prl_hash) hashes;
	bool failed;
} missing;

static bool find_missing(void *context, prl_bytes key, const void *value)
{
	missing *find = context;
	const prl_content *content = value;
	(void)key;
	if (got_here(find->clerk, content) || !addressed_here(find->clerk, content))
		return true;
	prl_hash *hash = PRL_LIST_ADD(&find->hashes);
	if (hash)
		*hash = content->hash;
	find->failed = !hash;
	return hash != NULL;
}

static prl_status record_kept(prl_clerk *clerk, const prl_hash *hash, prl_buffer *bytes, prl_error *err)
{
	prl_time at;
	prl_error ignored;
	prl_buffer_clear(bytes);
	prl_status st = prl_store_content_get(clerk->reader, hash, &at, bytes, &ignored);
	if (st == PRL_E_NOT_FOUND || st == PRL_E_STALE)
		return PRL_OK; /* not here yet, or deleted */
	if (st) {
		*err = ignored;
		return st;
	}
	return record_got(clerk, hash, err);
}

prl_status prl_contents_catch_up(prl_clerk *clerk, prl_error *err)
{
	prl_status st = prl_store_contents(clerk->reader, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, find_orphan, clerk, err);
	missing find = { .clerk = clerk };
	if (!st)
		prl_picture_each(clerk->parts.picture, PRL_VERSION_WORKING, PRL_TABLE_CONTENT, find_missing, &find);
	if (find.failed)
		st = prl_error_memory(err);
	prl_buffer bytes = PRL_BUFFER(SIZE_MAX - 1);
	for (size_t i = 0; !st && i < find.hashes.count; i++)
		st = record_kept(clerk, &find.hashes.items[i], &bytes, err);
	prl_buffer_done(&bytes);
	free(find.hashes.items);
	return st;
}
