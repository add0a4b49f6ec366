/* The store's front: bounds of what is asked, the same for every backend, then on to the backend. */
#include "store/store.h"

#include "base/error.h"
#include "base/limits.h"
#include "store/backend.h"

#include <string.h>

prl_status prl_store_open(const char *path, unsigned flags, prl_store **ret, prl_error *err)
{
	return prl_sqlite_store_open(path, flags, ret, err);
}

void prl_store_close(prl_store *store)
{
	if (store)
		store->backend->close(store);
}

prl_status prl_store_check(prl_store *store, prl_error *err)
{
	return store->backend->check(store, err);
}

prl_status prl_store_backup(prl_store *store, const char *path, prl_error *err)
{
	return store->backend->backup(store, path, err);
}

/* ---- bounds of a batch ------------------------------------------------------------------------------------------- */

static prl_status too_large(const char *what, size_t size, size_t max, prl_error *err)
{
	return prl_error_set(err, PRL_E_TOO_LARGE, "%s has %zu bytes, at most %zu can be kept", what, size, max);
}

static prl_status looks_only(prl_error *err)
{
	return prl_error_set(err, PRL_E_REFUSED, "the store was opened to look only; nothing can be written to it");
}

static prl_status check_origin(const char *origin, prl_error *err)
{
	size_t size = strlen(origin);
	if (size == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "the origin of a log is empty");
	return size > PRL_MAX_ORIGIN_BYTES ? too_large("the origin of a log", size, PRL_MAX_ORIGIN_BYTES, err) : PRL_OK;
}

static prl_status check_tile(const struct prl_store_tile *tile, uint64_t size, prl_error *err)
{
	if (tile->level < 0 || tile->level > PRL_STORE_LEVEL_MAX || tile->hashes.size != PRL_STORE_TILE_BYTES)
		return prl_error_set(err, PRL_E_RANGE,
				     "tile of level %d and %zu bytes, expected level 0 to %d and %u bytes", tile->level,
				     tile->hashes.size, PRL_STORE_LEVEL_MAX, PRL_STORE_TILE_BYTES);
	if (tile->number >= size >> 8 * (tile->level + 1))
		return prl_error_set(err, PRL_E_RANGE, "tile %d/%llu does not lie in a log of %llu entries",
				     tile->level, (unsigned long long)tile->number, (unsigned long long)size);
	return PRL_OK;
}

static prl_status check_append(const prl_store_append *append, prl_error *err)
{
	uint64_t size;
	if (append->log == 0 || append->log > PRL_MAX_LOGS)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log %u in this store", append->log);
	if (__builtin_add_overflow(append->expected_size, append->entry_count, &size) || size > PRL_STORE_SIZE_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a log holds fewer than 2^%d entries", PRL_STORE_INDEX_BITS);
	if (append->checkpoint.size > PRL_MAX_CONTENT_BYTES)
		return too_large("a checkpoint", append->checkpoint.size, PRL_MAX_CONTENT_BYTES, err);
	for (size_t i = 0; i < append->entry_count; i++)
		if (append->entries[i].size > PRL_MAX_ENTRY_BYTES)
			return too_large("an entry", append->entries[i].size, PRL_MAX_ENTRY_BYTES, err);
	for (size_t i = 0; i < append->tile_count; i++) {
		prl_status status = check_tile(&append->tiles[i], size, err);
		if (status)
			return status;
	}
	return PRL_OK;
}

static prl_status check_cosigned(const prl_store_cosigned *cosigned, prl_error *err)
{
	if (cosigned->log == 0 || cosigned->log > PRL_MAX_LOGS)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log %u in this store", cosigned->log);
	if (cosigned->size > PRL_STORE_SIZE_MAX)
		return prl_error_set(err, PRL_E_RANGE, "a log holds fewer than 2^%d entries", PRL_STORE_INDEX_BITS);
	if (cosigned->checkpoint.size > PRL_MAX_CONTENT_BYTES)
		return too_large("a checkpoint", cosigned->checkpoint.size, PRL_MAX_CONTENT_BYTES, err);
	return PRL_OK;
}

static prl_status check_bodies(const prl_store_batch *batch, prl_error *err)
{
	for (size_t i = 0; i < batch->drop_count; i++)
		if (batch->drops[i].log == 0 || batch->drops[i].log > PRL_MAX_LOGS)
			return prl_error_set(err, PRL_E_NOT_FOUND, "no log %u in this store", batch->drops[i].log);
	for (size_t i = 0; i < batch->body_count; i++) {
		const prl_store_body *body = &batch->bodies[i];
		if (body->log == 0 || body->log > PRL_MAX_LOGS)
			return prl_error_set(err, PRL_E_NOT_FOUND, "no log %u in this store", body->log);
		if (body->index >= PRL_STORE_SIZE_MAX)
			return prl_error_set(err, PRL_E_RANGE, "a log holds fewer than 2^%d entries",
					     PRL_STORE_INDEX_BITS);
		if (body->bytes.size > PRL_MAX_BODY_BYTES)
			return too_large("a body", body->bytes.size, PRL_MAX_BODY_BYTES, err);
	}
	return PRL_OK;
}

static prl_status check_cell(const prl_store_cell *cell, prl_error *err)
{
	size_t size = strlen(cell->name);
	if (size > PRL_MAX_CELL_NAME_BYTES)
		return too_large("the name of a cell", size, PRL_MAX_CELL_NAME_BYTES, err);
	return cell->value.size > PRL_MAX_CONTENT_BYTES
		       ? too_large("a cell", cell->value.size, PRL_MAX_CONTENT_BYTES, err)
		       : PRL_OK;
}

static prl_status check_batch(const prl_store_batch *batch, prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < batch->append_count; i++)
		status = check_append(&batch->appends[i], err);
	for (size_t i = 0; !status && i < batch->cosigned_count; i++)
		status = check_cosigned(&batch->cosigned[i], err);
	for (size_t i = 0; !status && i < batch->content_count; i++)
		if (batch->contents[i].bytes.size > PRL_MAX_CONTENT_BYTES)
			status = too_large("a content", batch->contents[i].bytes.size, PRL_MAX_CONTENT_BYTES, err);
	for (size_t i = 0; !status && i < batch->cell_count; i++)
		status = check_cell(&batch->cells[i], err);
	return status ? status : check_bodies(batch, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

prl_status prl_store_log_open(prl_store *store, const char *origin, bool create, prl_store_log *ret, prl_error *err)
{
	prl_status status = check_origin(origin, err);
	if (!status)
		status = store->backend->log_open(store, origin, create && !store->look_only, ret, err);
	return status == PRL_E_NOT_FOUND && create ? looks_only(err) : status;
}

prl_status prl_store_take_log(prl_store *store, prl_store_log *log, prl_error *err)
{
	return store->look_only ? looks_only(err) : store->backend->take_log(store, log, err);
}

prl_status prl_store_commit(prl_store *store, const prl_store_batch *batch, prl_error *err)
{
	if (store->look_only)
		return looks_only(err);
	prl_status status = check_batch(batch, err);
	return status ? status : store->backend->commit(store, batch, err);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

prl_status prl_store_reader_new(prl_store *store, prl_store_reader **ret, prl_error *err)
{
	return store->backend->reader_new(store, ret, err);
}

void prl_store_reader_free(prl_store_reader *reader)
{
	if (reader)
		reader->backend->reader_free(reader);
}

prl_status prl_store_logs(prl_store_reader *reader, prl_store_log_fn *fn, void *context, prl_error *err)
{
	return reader->backend->logs(reader, fn, context, err);
}

prl_status prl_store_size(prl_store_reader *reader, uint32_t log, uint64_t *ret, prl_error *err)
{
	return reader->backend->size(reader, log, ret, err);
}

prl_status prl_store_entries(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			     void *context, prl_error *err)
{
	return reader->backend->entries(reader, log, from, to, fn, context, err);
}

prl_status prl_store_tile(prl_store_reader *reader, uint32_t log, int level, uint64_t number, prl_buffer *ret,
			  prl_error *err)
{
	if (log > PRL_MAX_LOGS || level < 0 || level > PRL_STORE_LEVEL_MAX || number > PRL_STORE_SIZE_MAX >> 8)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no tile %d/%llu of log %u", level,
				     (unsigned long long)number, log);
	return reader->backend->tile(reader, log, level, number, ret, err);
}

prl_status prl_store_checkpoint(prl_store_reader *reader, uint32_t log, prl_buffer *ret, prl_error *err)
{
	return reader->backend->checkpoint(reader, log, ret, err);
}

prl_status prl_store_cosigned_from(prl_store_reader *reader, uint32_t log, uint64_t at_least, uint64_t *ret_size,
				   prl_buffer *ret, prl_error *err)
{
	if (log > PRL_MAX_LOGS || at_least > PRL_STORE_SIZE_MAX)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no cosigned checkpoint of log %u from there on", log);
	return reader->backend->cosigned(reader, log, at_least, true, ret_size, ret, err);
}

prl_status prl_store_cosigned_to(prl_store_reader *reader, uint32_t log, uint64_t at_most, uint64_t *ret_size,
				 prl_buffer *ret, prl_error *err)
{
	if (log > PRL_MAX_LOGS)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log %u in this store", log);
	if (at_most > PRL_STORE_SIZE_MAX)
		at_most = PRL_STORE_SIZE_MAX;
	return reader->backend->cosigned(reader, log, at_most, false, ret_size, ret, err);
}

prl_status prl_store_content_get(prl_store_reader *reader, const prl_hash *hash, prl_time *ret_at, prl_buffer *ret,
				 prl_error *err)
{
	return reader->backend->content_get(reader, hash, ret_at, ret, err);
}

prl_status prl_store_contents(prl_store_reader *reader, prl_time from, prl_time to, prl_store_content_fn *fn,
			      void *context, prl_error *err)
{
	return reader->backend->contents(reader, from, to, fn, context, err);
}

prl_status prl_store_cell_get(prl_store_reader *reader, const char *name, prl_buffer *ret, prl_error *err)
{
	return reader->backend->cell_get(reader, name, ret, err);
}

prl_status prl_store_body_get(prl_store_reader *reader, uint32_t log, uint64_t index, prl_buffer *ret, prl_error *err)
{
	if (log > PRL_MAX_LOGS || index >= PRL_STORE_SIZE_MAX)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no body of entry %llu of log %u", (unsigned long long)index,
				     log);
	return reader->backend->body_get(reader, log, index, ret, err);
}

prl_status prl_store_bodies(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			    void *context, prl_error *err)
{
	if (to > PRL_STORE_SIZE_MAX)
		to = PRL_STORE_SIZE_MAX;
	return log > PRL_MAX_LOGS || from >= to ? PRL_OK
						: reader->backend->bodies(reader, log, from, to, fn, context, err);
}
