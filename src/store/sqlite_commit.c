/* Writing: each call is one transaction of the write connection. */
#include "base/error.h"
#include "base/limits.h"
#include "store/sqlite.h"

#include <string.h>

typedef prl_status transaction_fn(prl_sqlite_connection *c, void *context, prl_error *err);

/* A COMMIT that fails may have left its last page in the log, whole but for the sync: a crash now could bring the batch
 * back. Another, smaller transaction is written over it. Should that fail too, the next commit does the same, or
 * closing the store. */
static void heal(prl_sqlite_connection *c)
{
	if (prl_sqlite_run_named(c, PRL_SQL_BEGIN, "", NULL) || prl_sqlite_run_named(c, PRL_SQL_HEAL, "", NULL) ||
	    prl_sqlite_run_named(c, PRL_SQL_COMMIT, "", NULL))
		if (!sqlite3_get_autocommit(c->db))
			(void)!prl_sqlite_run_named(c, PRL_SQL_ROLLBACK, "", NULL);
}

/* SQLite may have rolled back by itself (a full disk): then it is in no transaction any more. */
static void roll_back(prl_sqlite_connection *c)
{
	if (!sqlite3_get_autocommit(c->db))
		(void)!prl_sqlite_run_named(c, PRL_SQL_ROLLBACK, "", NULL);
}

static prl_status transaction(prl_sqlite_store *store, transaction_fn *fn, void *context, prl_error *err)
{
	prl_sqlite_connection *c = &store->writer;
	pthread_mutex_lock(&store->mutex);
	prl_status status = prl_sqlite_run_named(c, PRL_SQL_BEGIN, "writing", err);
	if (!status)
		status = fn(c, context, err);
	if (status) {
		roll_back(c);
	} else if ((status = prl_sqlite_run_named(c, PRL_SQL_COMMIT, "writing", err))) {
		roll_back(c);
		heal(c);
	} else {
		prl_sqlite_mover_finish(store);
	}
	pthread_mutex_unlock(&store->mutex);
	return status;
}

/* ---- logs -------------------------------------------------------------------------------------------------------- */

static prl_status find_log(prl_sqlite_connection *c, const char *origin, prl_store_log *ret, prl_error *err)
{
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_BY_ORIGIN, &s, err);
	if (status)
		return status;
	sqlite3_bind_text(s, 1, origin, -1, SQLITE_STATIC);
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && row)
		*ret = (prl_store_log){ (uint32_t)sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1),
					(uint64_t)sqlite3_column_int64(s, 2) };
	else if (!status)
		status = prl_error_set(err, PRL_E_NOT_FOUND, "%s: holds no log %s", c->path, origin);
	sqlite3_reset(s);
	return status;
}

typedef struct make_log_context {
	const char *origin;
	prl_store_log log;
} make_log_context;

static prl_status make_log(prl_sqlite_connection *c, void *context, prl_error *err)
{
	make_log_context *make = context;
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_NEW, &s, err);
	if (status)
		return status;
	sqlite3_bind_text(s, 1, make->origin, -1, SQLITE_STATIC);
	status = prl_sqlite_run(c, s, "adding a log", err);
	if (status)
		return status;
	sqlite3_int64 id = sqlite3_last_insert_rowid(c->db);
	if (id < 1 || id > PRL_MAX_LOGS)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a store holds at most %u logs", PRL_MAX_LOGS);
	make->log = (prl_store_log){ .id = (uint32_t)id };
	return PRL_OK;
}

prl_status prl_sqlite_log_open(prl_store *base, const char *origin, bool create, prl_store_log *ret, prl_error *err)
{
	prl_sqlite_store *store = (prl_sqlite_store *)base;
	pthread_mutex_lock(&store->mutex);
	prl_status status = find_log(&store->writer, origin, ret, err);
	pthread_mutex_unlock(&store->mutex);
	if (status != PRL_E_NOT_FOUND || !create)
		return status;
	make_log_context make = { .origin = origin };
	status = transaction(store, make_log, &make, err);
	if (!status)
		*ret = make.log;
	return status;
}

static prl_status take_log(prl_sqlite_connection *c, void *context, prl_error *err)
{
	prl_store_log *log = context;
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_TAKE, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, log->id);
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && row) {
		log->epoch = (uint64_t)sqlite3_column_int64(s, 0);
		log->size = (uint64_t)sqlite3_column_int64(s, 1);
	} else if (!status) {
		status = prl_error_set(err, PRL_E_NOT_FOUND, "%s: holds no log %u", c->path, log->id);
	}
	sqlite3_reset(s);
	return status;
}

prl_status prl_sqlite_take_log(prl_store *base, prl_store_log *log, prl_error *err)
{
	prl_store_log taken = *log;
	prl_status status = transaction((prl_sqlite_store *)base, take_log, &taken, err);
	if (!status)
		*log = taken;
	return status;
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

static prl_status stale(const prl_store_append *append, uint64_t epoch, uint64_t size, prl_error *err)
{
	if (epoch != append->epoch)
		return prl_error_set(err, PRL_E_STALE, "log %u: another writer took it (epoch %llu, expected %llu)",
				     append->log, (unsigned long long)epoch, (unsigned long long)append->epoch);
	return prl_error_set(err, PRL_E_STALE, "log %u: has %llu entries, expected %llu", append->log,
			     (unsigned long long)size, (unsigned long long)append->expected_size);
}

static prl_status read_log(prl_sqlite_connection *c, uint32_t id, prl_store_log *ret, prl_error *err)
{
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_BY_ID, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, id);
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && row)
		*ret = (prl_store_log){ id, (uint64_t)sqlite3_column_int64(s, 0),
					(uint64_t)sqlite3_column_int64(s, 1) };
	else if (!status)
		status = prl_error_set(err, PRL_E_NOT_FOUND, "%s: holds no log %u", c->path, id);
	sqlite3_reset(s);
	return status;
}

static prl_status check_fence(prl_sqlite_connection *c, const prl_store_append *append, prl_error *err)
{
	prl_store_log log;
	prl_status status = read_log(c, append->log, &log, err);
	if (status)
		return status;
	bool fresh = log.epoch == append->epoch && log.size == append->expected_size;
	return fresh ? PRL_OK : stale(append, log.epoch, log.size, err);
}

/* One row of a number and bytes: entries, tiles, cosigned checkpoints, bodies. */
static prl_status put(prl_sqlite_connection *c, prl_sqlite_statement which, int64_t id, prl_bytes bytes, prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, which, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, id);
	prl_sqlite_bind(s, 2, bytes);
	return prl_sqlite_run(c, s, "writing", err);
}

static prl_status grow_log(prl_sqlite_connection *c, const prl_store_append *append, prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_GROW, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, append->log);
	sqlite3_bind_int64(s, 2, (int64_t)(append->expected_size + append->entry_count));
	if (append->checkpoint.size)
		prl_sqlite_bind(s, 3, append->checkpoint);
	return prl_sqlite_run(c, s, "writing", err);
}

static prl_status write_append(prl_sqlite_connection *c, const prl_store_append *append, prl_error *err)
{
	prl_status status = check_fence(c, append, err);
	for (size_t i = 0; !status && i < append->entry_count; i++)
		status = put(c, PRL_SQL_ENTRY_NEW, prl_sqlite_key(append->log, append->expected_size + i),
			     append->entries[i], err);
	for (size_t i = 0; !status && i < append->tile_count; i++) {
		const struct prl_store_tile *tile = &append->tiles[i];
		status = put(c, PRL_SQL_TILE_NEW, prl_sqlite_tile_key(append->log, tile->level, tile->number),
			     tile->hashes, err);
	}
	return status ? status : grow_log(c, append, err);
}

static prl_status write_cosigned(prl_sqlite_connection *c, const prl_store_cosigned *cosigned, prl_error *err)
{
	prl_store_log log;
	prl_status status = read_log(c, cosigned->log, &log, err);
	return status ? status
		      : put(c, PRL_SQL_COSIGNED_SET, prl_sqlite_key(cosigned->log, cosigned->size),
			    cosigned->checkpoint, err);
}

static prl_status write_content(prl_sqlite_connection *c, const prl_store_content *content, prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_CONTENT_SET, &s, err);
	if (status)
		return status;
	sqlite3_bind_blob(s, 1, content->hash.bytes, sizeof content->hash.bytes, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, content->at);
	if (content->bytes.data)
		prl_sqlite_bind(s, 3, content->bytes);
	return prl_sqlite_run(c, s, "writing", err);
}

static prl_status drop_bodies(prl_sqlite_connection *c, const prl_store_range *range, prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_BODY_DROP, &s, err);
	if (status)
		return status;
	uint64_t end = PRL_STORE_SIZE_MAX;
	sqlite3_bind_int64(s, 1, prl_sqlite_key(range->log, range->from < end ? range->from : end));
	sqlite3_bind_int64(s, 2, prl_sqlite_key(range->log, range->to < end ? range->to : end));
	return prl_sqlite_run(c, s, "writing", err);
}

/* After the appends, so that sizes are those of the batch. Most batches have the bodies of one log. */
static prl_status write_bodies(prl_sqlite_connection *c, const prl_store_batch *batch, prl_error *err)
{
	prl_store_log log = { .id = 0 };
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < batch->body_count; i++) {
		const prl_store_body *body = &batch->bodies[i];
		if (body->log != log.id)
			status = read_log(c, body->log, &log, err);
		if (!status && body->index >= log.size)
			status = prl_error_set(err, PRL_E_RANGE, "a body of entry %llu in a log of %llu entries",
					       (unsigned long long)body->index, (unsigned long long)log.size);
		if (!status)
			status = put(c, PRL_SQL_BODY_SET, prl_sqlite_key(body->log, body->index), body->bytes, err);
	}
	return status;
}

static prl_status write_cell(prl_sqlite_connection *c, const prl_store_cell *cell, prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, cell->value.data ? PRL_SQL_CELL_SET : PRL_SQL_CELL_REMOVE, &s, err);
	if (status)
		return status;
	sqlite3_bind_text(s, 1, cell->name, -1, SQLITE_STATIC);
	if (cell->value.data)
		prl_sqlite_bind(s, 2, cell->value);
	return prl_sqlite_run(c, s, "writing", err);
}

static prl_status write_batch(prl_sqlite_connection *c, void *context, prl_error *err)
{
	const prl_store_batch *batch = *(const prl_store_batch **)context;
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < batch->append_count; i++)
		status = write_append(c, &batch->appends[i], err);
	for (size_t i = 0; !status && i < batch->cosigned_count; i++)
		status = write_cosigned(c, &batch->cosigned[i], err);
	for (size_t i = 0; !status && i < batch->content_count; i++)
		status = write_content(c, &batch->contents[i], err);
	for (size_t i = 0; !status && i < batch->cell_count; i++)
		status = write_cell(c, &batch->cells[i], err);
	for (size_t i = 0; !status && i < batch->drop_count; i++)
		status = drop_bodies(c, &batch->drops[i], err);
	return status ? status : write_bodies(c, batch, err);
}

prl_status prl_sqlite_commit(prl_store *base, const prl_store_batch *batch, prl_error *err)
{
	return transaction((prl_sqlite_store *)base, write_batch, &batch, err);
}
