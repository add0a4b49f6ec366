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

/* ---- what the picture says of a content -------------------------------------------------------------------------- */

static const prl_constitution *constitution_of(const prl_clerk *clerk)
{
	return prl_picture_constitution(clerk->parts.picture, PRL_VERSION_WORKING);
}

static bool names(const json_t *array, const char *name)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (text && !strcmp(text, name))
			return true;
	}
	return false;
}

/* A peer's entry announces it to a party that is at home here, and we have not said yet that it is here. */
static bool awaited(const prl_clerk *clerk, const prl_content *content)
{
	const prl_constitution *constitution = constitution_of(clerk);
	if (!strcmp(content->log, clerk->own) || names(content->got, clerk->own))
		return false;
	for (size_t i = 0; constitution && i < constitution->party_count; i++)
		if (!strcmp(constitution->parties[i].log, clerk->own) &&
		    names(content->to, constitution->parties[i].name))
			return true;
	return false;
}

/* ---- arrivals ---------------------------------------------------------------------------------------------------- */

static prl_status add_arrival(prl_clerk *clerk, const prl_content *content, prl_error *err)
{
	for (size_t i = 0; i < clerk->arrivals.count; i++)
		if (prl_hash_equal(&clerk->arrivals.items[i].hash, &content->hash) &&
		    !strcmp(clerk->arrivals.items[i].log, content->log))
			return PRL_OK;
	prl_arrival *arrival = PRL_LIST_ADD(&clerk->arrivals);
	if (!arrival)
		return prl_error_memory(err);
	arrival->hash = content->hash;
	memcpy(arrival->log, content->log, sizeof arrival->log);
	return PRL_OK;
}

/* The content with that hash is here: to be recorded for every log that announces it to us. */
static prl_status arrive(prl_clerk *clerk, const prl_hash *hash, bool *ret_known, prl_error *err)
{
	const prl_constitution *constitution = constitution_of(clerk);
	*ret_known = false;
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_content *content = prl_picture_content_of(clerk->parts.picture, PRL_VERSION_WORKING, hash,
								    prl_bytes_of(constitution->logs[i].origin));
		*ret_known |= content != NULL;
		prl_status st = content && awaited(clerk, content) ? add_arrival(clerk, content, err) : PRL_OK;
		if (st)
			return st;
	}
	return PRL_OK;
}

/* Takes the arrivals of one log, at most as many as one entry names, into an entry's body. */
static json_t *take_arrivals(prl_clerk *clerk)
{
	json_t *hashes = json_array();
	char log[PRL_KEY_NAME_MAX + 1], text[PRL_HASH_TEXT_MAX];
	memcpy(log, clerk->arrivals.items[0].log, sizeof log);
	for (size_t i = 0; i < clerk->arrivals.count && json_array_size(hashes) < PRL_CONTENT_GOT_MAX;) {
		prl_arrival *arrival = &clerk->arrivals.items[i];
		if (strcmp(arrival->log, log) != 0) {
			i++;
			continue;
		}
		prl_hash_write(&arrival->hash, text);
		json_array_append_new(hashes, json_string(text));
		*arrival = clerk->arrivals.items[--clerk->arrivals.count];
	}
	return json_pack("{s:s, s:o}", "log", log, "hashes", hashes);
}

/* ---- orphans ----------------------------------------------------------------------------------------------------- */

static bool is_orphan(const prl_clerk *clerk, const prl_hash *hash)
{
	for (size_t i = 0; i < clerk->orphans.count; i++)
		if (prl_hash_equal(&clerk->orphans.items[i].hash, hash))
			return true;
	return false;
}

static prl_status add_orphan(prl_clerk *clerk, const prl_hash *hash, uint64_t size, prl_error *err)
{
	prl_orphan *orphan = PRL_LIST_ADD(&clerk->orphans);
	if (!orphan)
		return prl_error_memory(err);
	*orphan = (prl_orphan){ *hash, size };
	clerk->orphan_bytes += size;
	return PRL_OK;
}

static prl_status check_room(const prl_clerk *clerk, uint64_t size, prl_error *err)
{
	if (clerk->orphans.count < PRL_CONTENT_ORPHANS_MAX && clerk->orphan_bytes <= PRL_CONTENT_ORPHAN_MAX &&
	    size <= PRL_CONTENT_ORPHAN_MAX - clerk->orphan_bytes)
		return PRL_OK;
	return prl_error_set(
		err, PRL_E_TOO_LARGE,
		"%zu contents of %llu bytes wait for the entries that announce them already: send the entry "
		"first",
		clerk->orphans.count, (unsigned long long)clerk->orphan_bytes);
}

/* ---- keeping ----------------------------------------------------------------------------------------------------- */

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

/* What the rule of retention took away stays away, whoever brings it again. */
static bool is_deleted(const prl_clerk *clerk, const prl_hash *hash)
{
	const prl_constitution *constitution = constitution_of(clerk);
	bool deleted = false;
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_content *content = prl_picture_content_of(clerk->parts.picture, PRL_VERSION_WORKING, hash,
								    prl_bytes_of(constitution->logs[i].origin));
		if (content && !names(content->deleted, clerk->own))
			return false;
		deleted |= content != NULL;
	}
	return deleted;
}

/* alone: it came without an entry; what comes with one is announced by that, or it is not kept. */
static prl_status keep(prl_clerk *clerk, const prl_store_content *content, bool alone, prl_error *err)
{
	bool known;
	if (is_orphan(clerk, &content->hash) || is_deleted(clerk, &content->hash))
		return PRL_OK;
	prl_status st = arrive(clerk, &content->hash, &known, err);
	if (st || (!known && !alone))
		return st;
	if (!known)
		st = check_room(clerk, content->bytes.size, err);
	if (!st)
		st = put(clerk, content, err);
	if (!st)
		st = prl_overlaps_arrived(clerk, &content->hash, err);
	if (!st && !known)
		st = add_orphan(clerk, &content->hash, content->bytes.size, err);
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

static prl_status adopt_orphans(prl_clerk *clerk, prl_error *err)
{
	for (size_t i = 0; i < clerk->orphans.count;) {
		bool known;
		prl_status st = arrive(clerk, &clerk->orphans.items[i].hash, &known, err);
		if (st)
			return st;
		if (!known) {
			i++;
			continue;
		}
		clerk->orphan_bytes -= clerk->orphans.items[i].size;
		clerk->orphans.items[i] = clerk->orphans.items[--clerk->orphans.count];
	}
	return PRL_OK;
}

prl_status prl_contents_settle(prl_clerk *clerk, prl_error *err)
{
	prl_status st = clerk->batch->work ? adopt_orphans(clerk, err) : PRL_OK;
	if (!st)
		st = prl_overlaps_came(clerk, err);
	while (!st && clerk->arrivals.count)
		st = prl_clerk_record(clerk, "content.got", take_arrivals(clerk), err);
	return st;
}

/* ---- catching up ------------------------------------------------------------------------------------------------- */

static prl_status find_orphan(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	prl_clerk *clerk = context;
	bool known;
	(void)at;
	prl_status st = arrive(clerk, hash, &known, err);
	/* Beyond the limit it stays kept, and is looked for again at the next start. */
	if (st || known || clerk->orphans.count >= PRL_CONTENT_ORPHANS_MAX)
		return st;
	return add_orphan(clerk, hash, size, err);
}

prl_status prl_contents_catch_up(prl_clerk *clerk, prl_error *err)
{
	clerk->arrivals.count = clerk->orphans.count = 0;
	clerk->orphan_bytes = 0;
	return prl_store_contents(clerk->reader, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, find_orphan, clerk, err);
}
