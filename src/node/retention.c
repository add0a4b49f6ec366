/* Contents past the constitution's rule of retention: recorded as deleted, and deleted in the same batch. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

#define DAY (86400 * PRL_SECOND)

/* Of one round; the table must not change while it is looked through. */
typedef struct due_list {
	const prl_clerk *clerk;
	int64_t days;
	prl_time now;
	PRL_LIST(prl_arrival) items; /* hash and the log that announced it */
	bool full, failed;
} due_list;

static bool names(const json_t *array, const char *name)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!strcmp(json_string_value(json_array_get(array, i)), name))
			return true;
	return false;
}

/* Kept here, as far as the record says: our own log announces it, or we have said that it arrived. */
static bool is_kept(const prl_content *content, const char *own)
{
	return (!strcmp(content->log, own) || names(content->got, own)) && !names(content->deleted, own);
}

/* The same days as the fold counts (kinds_content.c): whole ones. */
static bool is_due(const due_list *due, const prl_content *content)
{
	prl_time age;
	return content->time <= due->now && !__builtin_sub_overflow(due->now, content->time, &age) &&
	       age / DAY >= due->days;
}

static bool look_at(void *context, prl_bytes key, const void *value)
{
	due_list *due = context;
	const prl_content *content = value;
	(void)key;
	if (!is_kept(content, due->clerk->own) || !is_due(due, content))
		return true;
	due->full = due->items.count == PRL_RETENTION_MAX;
	prl_arrival *item = due->full ? NULL : PRL_LIST_ADD(&due->items);
	due->failed = !item && !due->full;
	if (!item)
		return false;
	item->hash = content->hash;
	memcpy(item->log, content->log, sizeof item->log);
	return true;
}

/* One entry for the contents that one log announced, at most as many as it may name. They leave the list's front part,
 * [0, *ret_left). */
static json_t *take_body(prl_arrival *items, size_t count, size_t *ret_left)
{
	char log[PRL_KEY_NAME_MAX + 1], text[PRL_HASH_TEXT_MAX];
	json_t *hashes = json_array();
	size_t left = 0;
	memcpy(log, items[0].log, sizeof log);
	for (size_t i = 0; i < count; i++) {
		prl_arrival item = items[i];
		if (strcmp(item.log, log) != 0 || json_array_size(hashes) == PRL_CONTENT_GOT_MAX) {
			items[left++] = item;
			continue;
		}
		prl_hash_write(&item.hash, text);
		json_array_append_new(hashes, json_string(text));
	}
	*ret_left = left;
	return json_pack("{s:s, s:o}", "log", log, "hashes", hashes);
}

/* The bytes go when no log's announcement keeps them any more: several may have announced the same. */
static bool is_still_kept(const prl_clerk *clerk, const prl_constitution *constitution, const prl_hash *hash)
{
	for (size_t i = 0; i < constitution->log_count; i++) {
		const prl_content *content = prl_picture_content_of(clerk->parts.picture, PRL_VERSION_WORKING, hash,
								    prl_bytes_of(constitution->logs[i].origin));
		if (content && is_kept(content, clerk->own))
			return true;
	}
	return false;
}

static prl_status drop(prl_clerk *clerk, const prl_hash *hash, prl_time now, prl_error *err)
{
	prl_store_content *slot = PRL_LIST_ADD(&clerk->batch->contents);
	if (!slot)
		return prl_error_memory(err);
	*slot = (prl_store_content){ .hash = *hash, .at = now };
	clerk->batch->work = true;
	return PRL_OK;
}

static prl_status record_all(prl_clerk *clerk, const due_list *due, prl_error *err)
{
	prl_arrival *items = prl_array_new(due->items.count, sizeof *items);
	if (!items)
		return prl_error_memory(err);
	memcpy(items, due->items.items, due->items.count * sizeof *items);
	prl_status st = PRL_OK;
	for (size_t left = due->items.count; !st && left;)
		st = prl_clerk_record(clerk, "content.deleted", take_body(items, left, &left), err);
	free(items);
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, PRL_VERSION_WORKING);
	for (size_t i = 0; !st && i < due->items.count; i++)
		if (!is_still_kept(clerk, constitution, &due->items.items[i].hash))
			st = drop(clerk, &due->items.items[i].hash, due->now, err);
	return st;
}

prl_status prl_clerk_retention(prl_clerk *clerk, prl_filing *filing)
{
	prl_error *err = &filing->err;
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, PRL_VERSION_WORKING);
	if (!constitution || constitution->contents_days < 0)
		return prl_error_set(err, PRL_E_REFUSED, "by the constitution contents are kept for good");
	const prl_node_state *state =
		prl_picture_node(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(clerk->own));
	if (state && state->clock_suspect) /* design.md, 4, Time: then nothing expires */
		return prl_error_set(err, PRL_E_REFUSED,
				     "the clock is suspect, and contents are deleted by their age: look at the clock, then "
				     "file clock.trusted");
	/* To the millisecond, as entries are recorded: the fold must not find them younger. */
	prl_time now = clerk->parts.now(clerk->parts.context);
	due_list due = { .clerk = clerk, .days = constitution->contents_days, .now = now - now % (PRL_SECOND / 1000) };
	prl_status st =
		prl_picture_each(clerk->parts.picture, PRL_VERSION_WORKING, PRL_TABLE_CONTENT, look_at, &due, err);
	if (!st && due.failed)
		st = prl_error_memory(err);
	if (!st && due.items.count) {
		st = record_all(clerk, &due, err);
		if (st)
			prl_batch_break(clerk->batch, err);
	}
	filing->size = due.items.count;
	free(due.items.items);
	return st;
}
