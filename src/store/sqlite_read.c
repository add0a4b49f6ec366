/* Reading. No statement stays open while a caller's function runs: what is read is copied, a part at a time, so that a
 * slow reader never holds an old version and with it the write-ahead log. Entries never change, so the parts agree. */
#include "base/error.h"
#include "base/limits.h"
#include "store/sqlite.h"

#include <stdio.h>
#include <string.h>

#define PART_ENTRIES 256
#define PART_BYTES   (1u << 20)

prl_status prl_sqlite_reader_new(prl_store *base, prl_store_reader **ret, prl_error *err)
{
	prl_sqlite_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return prl_error_memory(err);
	reader->base.backend = base->backend;
	prl_status status = prl_sqlite_connect((prl_sqlite_store *)base, true, &reader->connection, err);
	if (status)
		free(reader);
	else
		*ret = &reader->base;
	return status;
}

void prl_sqlite_reader_free(prl_store_reader *base)
{
	prl_sqlite_reader *reader = (prl_sqlite_reader *)base;
	prl_sqlite_disconnect(&reader->connection);
	free(reader);
}

static prl_sqlite_connection *connection_of(prl_store_reader *base)
{
	return &((prl_sqlite_reader *)base)->connection;
}

static prl_status not_found(const prl_sqlite_connection *c, const char *what, prl_error *err)
{
	return prl_error_set(err, PRL_E_NOT_FOUND, "%s: holds no %s", c->path, what);
}

static prl_status broken(const prl_sqlite_connection *c, const char *what, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO,
			     "%s: damaged (%s); keep the file aside, then bring back the newest backup or "
			     "take the log from a peer's mirror",
			     c->path, what);
}

/* Appends the blob of a column. SQLite gives NULL for an empty blob and where memory ran out. */
static prl_status append_blob(prl_sqlite_connection *c, sqlite3_stmt *s, int column, prl_buffer *ret, prl_error *err)
{
	const void *data = sqlite3_column_blob(s, column);
	int size = sqlite3_column_bytes(s, column);
	if (size > 0 && !data)
		return prl_error_memory(err);
	if (!data && (sqlite3_errcode(c->db) & 0xff) != SQLITE_ROW && (sqlite3_errcode(c->db) & 0xff) != SQLITE_OK)
		return prl_sqlite_error(c, sqlite3_errcode(c->db), "reading", err);
	if (prl_buffer_append(ret, data ? data : "", (size_t)size))
		return PRL_OK;
	return prl_error_set(err, PRL_E_TOO_LARGE, "%s: %d bytes, more than the %zu there is room for", c->path, size,
			     ret->max);
}

/* ---- logs -------------------------------------------------------------------------------------------------------- */

static prl_status next_log(prl_sqlite_connection *c, prl_store_log *log, prl_buffer *origin, bool *ret_row,
			   prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_AFTER, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, log->id);
	status = prl_sqlite_step(c, s, ret_row, err);
	if (!status && *ret_row && sqlite3_column_int64(s, 0) <= log->id) {
		status = broken(c, "logs out of their order", err);
	} else if (!status && *ret_row) {
		*log = (prl_store_log){ (uint32_t)sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1),
					(uint64_t)sqlite3_column_int64(s, 2) };
		prl_buffer_clear(origin);
		status = append_blob(c, s, 3, origin, err);
	}
	sqlite3_reset(s);
	return status;
}

prl_status prl_sqlite_logs(prl_store_reader *base, prl_store_log_fn *fn, void *context, prl_error *err)
{
	prl_buffer origin PRL_CLEANUP(prl_buffer_done) = PRL_BUFFER(PRL_MAX_ORIGIN_BYTES);
	prl_store_log log = { 0 };
	bool row;
	for (;;) {
		prl_status status = next_log(connection_of(base), &log, &origin, &row, err);
		if (!status && row)
			status = fn(context, origin.data, &log, err);
		if (status || !row)
			return status;
	}
}

prl_status prl_sqlite_size(prl_store_reader *base, uint32_t log, uint64_t *ret, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, PRL_SQL_LOG_BY_ID, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, log);
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && row)
		*ret = (uint64_t)sqlite3_column_int64(s, 1);
	else if (!status)
		status = not_found(c, "log of that number", err);
	sqlite3_reset(s);
	return status;
}

/* ---- entries, and bodies beside them ----------------------------------------------------------------------------- */

typedef struct row_part {
	prl_buffer bytes;
	int64_t keys[PART_ENTRIES];
	size_t ends[PART_ENTRIES], count;
} row_part;

/* A damaged tree gives keys in any order, and some for ever: each must come after the one before it. */
static bool follows(const row_part *part, int64_t key, int64_t least, int64_t end)
{
	return key >= least && key < end && (!part->count || part->keys[part->count - 1] < key);
}

/* Rows of keys [key, end) as far as the part has room; without gaps, only as far as they follow one another. */
static prl_status read_rows(prl_sqlite_connection *c, sqlite3_stmt *s, int64_t key, int64_t end, bool gaps,
			    row_part *ret, prl_error *err)
{
	prl_status status = PRL_OK;
	bool row = true;
	while (!status && ret->count < PART_ENTRIES && ret->bytes.size < PART_BYTES) {
		status = prl_sqlite_step(c, s, &row, err);
		if (status || !row)
			break;
		int64_t found = sqlite3_column_int64(s, 0);
		if (!follows(ret, found, key, end))
			return broken(c, "rows out of their order", err);
		if (!gaps && found != key + (int64_t)ret->count)
			break;
		status = append_blob(c, s, 1, &ret->bytes, err);
		ret->keys[ret->count] = found;
		ret->ends[ret->count] = ret->bytes.size;
		ret->count += !status;
	}
	return status;
}

static prl_status read_range(prl_sqlite_connection *c, sqlite3_stmt *s, uint32_t log, uint64_t from, uint64_t to,
			     bool gaps, row_part *ret, prl_error *err)
{
	int64_t key = prl_sqlite_key(log, from), end = prl_sqlite_key(log, to);
	sqlite3_bind_int64(s, 1, key);
	sqlite3_bind_int64(s, 2, end);
	prl_buffer_clear(&ret->bytes);
	ret->count = 0;
	prl_status status = read_rows(c, s, key, end, gaps, ret, err);
	sqlite3_reset(s);
	return status;
}

/* Entries from one index on, as many as a part holds; all of them lie below the log's size, so one must be there. */
static prl_status read_part(prl_sqlite_connection *c, uint32_t log, uint64_t from, uint64_t to, row_part *ret,
			    prl_error *err)
{
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_ENTRIES, &s, err);
	if (!status)
		status = read_range(c, s, log, from, to, false, ret, err);
	if (!status && ret->count == 0) {
		char what[80];
		snprintf(what, sizeof what, "entry %llu of log %u is missing", (unsigned long long)from, log);
		status = broken(c, what, err);
	}
	return status;
}

static uint64_t index_at(const row_part *part, size_t at)
{
	return (uint64_t)part->keys[at] & PRL_STORE_SIZE_MAX;
}

static prl_status hand_out(const row_part *part, prl_store_entry_fn *fn, void *context, prl_error *err)
{
	size_t start = 0;
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < part->count; i++) {
		prl_bytes bytes = { part->bytes.data + start, part->ends[i] - start };
		status = fn(context, index_at(part, i), bytes, err);
		start = part->ends[i];
	}
	return status;
}

prl_status prl_sqlite_entries(prl_store_reader *base, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			      void *context, prl_error *err)
{
	row_part part = { .bytes = PRL_BUFFER(PART_BYTES + PRL_MAX_ENTRY_BYTES) };
	uint64_t size = 0;
	prl_status status = prl_sqlite_size(base, log, &size, err);
	if (!status && to > size)
		status = prl_error_set(err, PRL_E_NOT_FOUND, "log %u has %llu entries, entry %llu was asked for", log,
				       (unsigned long long)size, (unsigned long long)(to - 1));
	while (!status && from < to) {
		status = read_part(connection_of(base), log, from, to, &part, err);
		if (!status)
			status = hand_out(&part, fn, context, err);
		from += part.count;
	}
	prl_buffer_done(&part.bytes);
	return status;
}

/* The statement, where there is a table for it; else the end: *ret NULL. */
static prl_status body_statement(prl_sqlite_connection *c, prl_sqlite_statement which, sqlite3_stmt **ret,
				 prl_error *err)
{
	bool there = c->statements[which] != NULL;
	prl_status status = there ? PRL_OK : prl_sqlite_has_bodies(c, &there, err);
	*ret = NULL;
	return status || !there ? status : prl_sqlite_get(c, which, ret, err);
}

prl_status prl_sqlite_bodies(prl_store_reader *base, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			     void *context, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	row_part part = { .bytes = PRL_BUFFER(PART_BYTES + PRL_MAX_BODY_BYTES) };
	sqlite3_stmt *s;
	prl_status status = PRL_OK;
	while (!status && from < to) {
		/* fn may use the same reader, so the statement is set up anew for each part */
		status = body_statement(c, PRL_SQL_BODIES, &s, err);
		if (status || !s)
			break;
		status = read_range(c, s, log, from, to, true, &part, err);
		if (status || !part.count)
			break;
		status = hand_out(&part, fn, context, err);
		from = index_at(&part, part.count - 1) + 1;
	}
	prl_buffer_done(&part.bytes);
	return status;
}

/* ---- one row ----------------------------------------------------------------------------------------------------- */

/* The bytes of one column of the row that s finds; NULL bytes count as no row. Resets s. */
static prl_status read_bytes(prl_sqlite_connection *c, sqlite3_stmt *s, int column, const char *what, prl_buffer *ret,
			     prl_error *err)
{
	bool row;
	prl_status status = prl_sqlite_step(c, s, &row, err);
	if (!status && (!row || sqlite3_column_type(s, column) == SQLITE_NULL))
		status = not_found(c, what, err);
	else if (!status)
		status = append_blob(c, s, column, ret, err);
	sqlite3_reset(s);
	return status;
}

prl_status prl_sqlite_tile(prl_store_reader *base, uint32_t log, int level, uint64_t number, prl_buffer *ret,
			   prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_TILE, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, prl_sqlite_tile_key(log, level, number));
	return read_bytes(c, s, 0, "such tile", ret, err);
}

prl_status prl_sqlite_checkpoint(prl_store_reader *base, uint32_t log, prl_buffer *ret, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_CHECKPOINT, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, log);
	return read_bytes(c, s, 0, "checkpoint of that log", ret, err);
}

prl_status prl_sqlite_cosigned(prl_store_reader *base, uint32_t log, uint64_t size, bool upwards, uint64_t *ret_size,
			       prl_buffer *ret, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, upwards ? PRL_SQL_COSIGNED_UP : PRL_SQL_COSIGNED_DOWN, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, prl_sqlite_key(log, upwards ? size : 0));
	sqlite3_bind_int64(s, 2, prl_sqlite_key(log, upwards ? PRL_STORE_SIZE_MAX : size));
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && !row)
		status = not_found(c, "cosigned checkpoint of that log and size", err);
	uint64_t found = status ? 0 : (uint64_t)sqlite3_column_int64(s, 0) & PRL_STORE_SIZE_MAX;
	if (!status)
		status = append_blob(c, s, 1, ret, err);
	sqlite3_reset(s);
	if (!status)
		*ret_size = found;
	return status;
}

prl_status prl_sqlite_body_get(prl_store_reader *base, uint32_t log, uint64_t index, prl_buffer *ret, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	prl_status status = body_statement(c, PRL_SQL_BODY, &s, err);
	if (status)
		return status;
	if (!s)
		return not_found(c, "body of that entry", err);
	sqlite3_bind_int64(s, 1, prl_sqlite_key(log, index));
	return read_bytes(c, s, 0, "body of that entry", ret, err);
}

prl_status prl_sqlite_cell_get(prl_store_reader *base, const char *name, prl_buffer *ret, prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	prl_status status = prl_sqlite_get(c, PRL_SQL_CELL, &s, err);
	if (status)
		return status;
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	status = read_bytes(c, s, 0, "such cell", ret, err);
	sqlite3_clear_bindings(s);
	return status;
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

prl_status prl_sqlite_content_get(prl_store_reader *base, const prl_hash *hash, prl_time *ret_at, prl_buffer *ret,
				  prl_error *err)
{
	prl_sqlite_connection *c = connection_of(base);
	sqlite3_stmt *s;
	bool row;
	prl_status status = prl_sqlite_get(c, PRL_SQL_CONTENT, &s, err);
	if (status)
		return status;
	sqlite3_bind_blob(s, 1, hash->bytes, sizeof hash->bytes, SQLITE_STATIC);
	status = prl_sqlite_step(c, s, &row, err);
	if (!status && !row)
		status = not_found(c, "content of that hash", err);
	prl_time at = status ? 0 : sqlite3_column_int64(s, 0);
	if (!status && sqlite3_column_type(s, 1) == SQLITE_NULL)
		status = prl_error_set(err, PRL_E_STALE, "%s: the content was deleted", c->path);
	else if (!status)
		status = append_blob(c, s, 1, ret, err);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	if (ret_at && (!status || status == PRL_E_STALE))
		*ret_at = at;
	return status;
}

typedef struct content_row {
	int64_t id;
	prl_time at;
	prl_hash hash;
	size_t size;
} content_row;

static prl_status take_content(prl_sqlite_connection *c, sqlite3_stmt *s, content_row *ret, prl_error *err)
{
	const void *hash = sqlite3_column_blob(s, 2);
	if (!hash || sqlite3_column_bytes(s, 2) != sizeof ret->hash.bytes)
		return broken(c, "a content without a hash", err);
	memcpy(ret->hash.bytes, hash, sizeof ret->hash.bytes);
	ret->id = sqlite3_column_int64(s, 0);
	ret->at = sqlite3_column_int64(s, 1);
	ret->size = (size_t)sqlite3_column_int64(s, 3);
	return PRL_OK;
}

static prl_status read_contents(prl_sqlite_connection *c, const content_row *after, prl_time to,
				content_row rows[PART_ENTRIES], size_t *ret_count, prl_error *err)
{
	sqlite3_stmt *s;
	bool row = true;
	prl_status status = prl_sqlite_get(c, PRL_SQL_CONTENTS, &s, err);
	if (status)
		return status;
	sqlite3_bind_int64(s, 1, after->at);
	sqlite3_bind_int64(s, 2, after->id);
	sqlite3_bind_int64(s, 3, to);
	sqlite3_bind_int64(s, 4, PART_ENTRIES);
	*ret_count = 0;
	while (!status && *ret_count < PART_ENTRIES) {
		status = prl_sqlite_step(c, s, &row, err);
		if (status || !row)
			break;
		const content_row *last = *ret_count ? &rows[*ret_count - 1] : after;
		content_row *next = &rows[*ret_count];
		status = take_content(c, s, next, err);
		if (!status && (next->at < last->at || (next->at == last->at && next->id <= last->id)))
			status = broken(c, "contents out of their order", err);
		*ret_count += !status;
	}
	sqlite3_reset(s);
	return status;
}

prl_status prl_sqlite_contents(prl_store_reader *base, prl_time from, prl_time to, prl_store_content_fn *fn,
			       void *context, prl_error *err)
{
	content_row rows[PART_ENTRIES], after = { .id = 0, .at = from };
	size_t count = PART_ENTRIES;
	prl_status status = PRL_OK;
	while (!status && count == PART_ENTRIES) {
		status = read_contents(connection_of(base), &after, to, rows, &count, err);
		for (size_t i = 0; !status && i < count; i++)
			status = fn(context, &rows[i].hash, rows[i].at, rows[i].size, err);
		if (count)
			after = rows[count - 1];
	}
	return status;
}
