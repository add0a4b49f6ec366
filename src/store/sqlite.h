/* The store in a SQLite file: what its parts share. The format of the file is described in sqlite_format.c.
 *
 * Connections: one that writes, under prl_sqlite_store.mutex; one of the thread that moves the write-ahead log into the
 * file (sqlite_wal.c); one for each reader. Each is used by one thread at a time. */
#ifndef PRL_STORE_SQLITE_H
#define PRL_STORE_SQLITE_H

#include "store/backend.h"

#include <pthread.h>
#include <sqlite3.h>

/* X(name, SQL): prepared when first used, kept until the connection is closed. */
#define PRL_SQLITE_MAP(X)                                                                                              \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                                    \
	X(COMMIT, "COMMIT")                                                                                            \
	X(ROLLBACK, "ROLLBACK")                                                                                        \
	X(HEAL, "UPDATE repair SET count = count + 1")                                                                 \
	X(LOG_BY_ORIGIN, "SELECT id, epoch, size FROM log WHERE origin = ?1")                                          \
	X(LOG_BY_ID, "SELECT epoch, size FROM log WHERE id = ?1")                                                      \
	X(LOG_AFTER, "SELECT id, epoch, size, origin FROM log WHERE id > ?1 ORDER BY id LIMIT 1")                      \
	X(LOG_NEW, "INSERT INTO log (origin, epoch, size) VALUES (?1, 0, 0)")                                          \
	X(LOG_TAKE, "UPDATE log SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch, size")                            \
	X(LOG_GROW, "UPDATE log SET size = ?2, checkpoint = coalesce(?3, checkpoint) WHERE id = ?1")                   \
	X(CHECKPOINT, "SELECT checkpoint FROM log WHERE id = ?1")                                                      \
	X(ENTRY_NEW, "INSERT INTO entry (id, bytes) VALUES (?1, ?2)")                                                  \
	X(ENTRIES, "SELECT id, bytes FROM entry WHERE id >= ?1 AND id < ?2 ORDER BY id")                               \
	X(TILE_NEW, "INSERT OR REPLACE INTO tile (id, hashes) VALUES (?1, ?2)")                                        \
	X(TILE, "SELECT hashes FROM tile WHERE id = ?1")                                                               \
	X(COSIGNED_SET, "INSERT INTO cosigned (id, note) VALUES (?1, ?2)"                                              \
			" ON CONFLICT (id) DO UPDATE SET note = excluded.note")                                        \
	X(COSIGNED_UP, "SELECT id, note FROM cosigned WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1")                 \
	X(COSIGNED_DOWN, "SELECT id, note FROM cosigned WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1")          \
	X(CONTENT_SET, "INSERT INTO content (hash, at, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO UPDATE"        \
		       " SET at = excluded.at, bytes = excluded.bytes"                                                 \
		       " WHERE (content.bytes IS NULL) <> (excluded.bytes IS NULL)")                                   \
	X(CONTENT, "SELECT at, bytes FROM content WHERE hash = ?1")                                                    \
	X(CONTENTS, "SELECT id, at, hash, length(bytes) FROM content INDEXED BY content_at"                            \
		    " WHERE bytes IS NOT NULL AND (at, id) > (?1, ?2) AND at >= ?1 AND at < ?3"                        \
		    " ORDER BY at, id LIMIT ?4")                                                                       \
	X(BODY_SET, "INSERT INTO body (id, bytes) VALUES (?1, ?2)"                                                     \
		    " ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes")                                          \
	X(BODY_DROP, "DELETE FROM body WHERE id >= ?1 AND id < ?2")                                                    \
	X(BODY, "SELECT bytes FROM body WHERE id = ?1")                                                                \
	X(BODIES, "SELECT id, bytes FROM body WHERE id >= ?1 AND id < ?2 ORDER BY id")                                 \
	X(CELL_SET, "INSERT INTO cell (name, value) VALUES (?1, ?2)"                                                   \
		    " ON CONFLICT (name) DO UPDATE SET value = excluded.value")                                        \
	X(CELL_REMOVE, "DELETE FROM cell WHERE name = ?1")                                                             \
	X(CELL, "SELECT value FROM cell WHERE name = ?1")

typedef enum prl_sqlite_statement {
#define X(name, sql) PRL_SQL_##name,
	PRL_SQLITE_MAP(X)
#undef X
		PRL_SQL_COUNT
} prl_sqlite_statement;

typedef struct prl_sqlite_connection {
	sqlite3 *db;
	const char *path; /* of the store, for messages */
	sqlite3_stmt *statements[PRL_SQL_COUNT];
} prl_sqlite_connection;

typedef struct prl_sqlite_reader {
	prl_store_reader base;
	prl_sqlite_connection connection;
} prl_sqlite_reader;

/* The thread that moves the write-ahead log into the file. */
typedef struct prl_sqlite_mover {
	pthread_t thread;
	bool running, stop, wanted; /* under mutex */
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	sqlite3 *db;
	int asked_at;       /* frames in the log when it was last woken; used by the writer only */
	_Atomic int finish; /* the next commit moves what little is left, so that the log can begin anew */
} prl_sqlite_mover;

typedef struct prl_sqlite_store {
	prl_store base;
	char *path;
	char *uri; /* what sqlite3_open_v2() gets for each further connection */
	int lock_fd;
	bool mutex_made, immutable;
	pthread_mutex_t mutex; /* guards writer */
	prl_sqlite_connection writer;
	prl_sqlite_mover mover;
} prl_sqlite_store;

/* ---- errors and statements (sqlite.c) ---------------------------------------------------------------------------- */

/* Turns SQLite's code into a status and a sentence that says what to do next; doing names the act ("writing"). */
prl_status prl_sqlite_error(const prl_sqlite_connection *c, int code, const char *doing, prl_error *err);
/* Opens a connection to store->uri with what all connections share. readonly: nothing can be written by it. */
PRL_MUST prl_status prl_sqlite_connect(const prl_sqlite_store *store, bool readonly, prl_sqlite_connection *ret,
				       prl_error *err);
void prl_sqlite_disconnect(prl_sqlite_connection *c);
/* The prepared statement, reset and without values. */
PRL_MUST prl_status prl_sqlite_get(prl_sqlite_connection *c, prl_sqlite_statement which, sqlite3_stmt **ret,
				   prl_error *err);
/* Steps; *ret_row says whether there is a row. On failure the statement is reset. */
PRL_MUST prl_status prl_sqlite_step(prl_sqlite_connection *c, sqlite3_stmt *s, bool *ret_row, prl_error *err);
/* Runs a statement that gives no row, and resets it. */
PRL_MUST prl_status prl_sqlite_run(prl_sqlite_connection *c, sqlite3_stmt *s, const char *doing, prl_error *err);
PRL_MUST prl_status prl_sqlite_run_named(prl_sqlite_connection *c, prl_sqlite_statement which, const char *doing,
					 prl_error *err);
PRL_MUST prl_status prl_sqlite_exec(prl_sqlite_connection *c, const char *sql, const char *doing, prl_error *err);
/* One number from a statement of one row. */
PRL_MUST prl_status prl_sqlite_number(prl_sqlite_connection *c, const char *sql, int64_t *ret, prl_error *err);
/* Binds bytes as a blob, empty ones too (data NULL with size 0 is the empty blob, not NULL). */
void prl_sqlite_bind(sqlite3_stmt *s, int at, prl_bytes bytes);

/* ---- keys: log and index in one number --------------------------------------------------------------------------- */

static inline int64_t prl_sqlite_key(uint32_t log, uint64_t index)
{
	return (int64_t)((uint64_t)log << PRL_STORE_INDEX_BITS | index);
}

/* Levels 0 to 5, numbers below 2^32. */
static inline int64_t prl_sqlite_tile_key(uint32_t log, int level, uint64_t number)
{
	return prl_sqlite_key(log, (uint64_t)level << 36 | number);
}

/* ---- the other parts --------------------------------------------------------------------------------------------- */

/* sqlite_open.c: a new name in a folder is on the disk once the folder is (fsync(2)). */
PRL_MUST prl_status prl_sqlite_sync_folder(const char *path, prl_error *err);
/* sqlite_lock.c: the one writer's lock, held until the descriptor is closed. */
PRL_MUST prl_status prl_sqlite_lock(const char *path, int *ret_fd, prl_error *err);
/* sqlite_format.c: makes or brings up to date the tables; writable says that it may. */
PRL_MUST prl_status prl_sqlite_format(prl_sqlite_connection *c, bool writable, bool create, prl_error *err);
/* Whether there is a table of bodies: not in a store of format 1 that is only looked at. */
PRL_MUST prl_status prl_sqlite_has_bodies(prl_sqlite_connection *c, bool *ret, prl_error *err);
/* sqlite_wal.c */
PRL_MUST prl_status prl_sqlite_mover_start(prl_sqlite_store *store, prl_error *err);
void prl_sqlite_mover_stop(prl_sqlite_store *store);
/* After a commit, under store->mutex. */
void prl_sqlite_mover_finish(prl_sqlite_store *store);
/* sqlite_commit.c */
prl_status prl_sqlite_log_open(prl_store *base, const char *origin, bool create, prl_store_log *ret, prl_error *err);
prl_status prl_sqlite_take_log(prl_store *base, prl_store_log *log, prl_error *err);
prl_status prl_sqlite_commit(prl_store *base, const prl_store_batch *batch, prl_error *err);
/* sqlite_check.c */
prl_status prl_sqlite_check(prl_store *base, prl_error *err);
prl_status prl_sqlite_backup(prl_store *base, const char *path, prl_error *err);
/* sqlite_read.c */
prl_status prl_sqlite_reader_new(prl_store *base, prl_store_reader **ret, prl_error *err);
void prl_sqlite_reader_free(prl_store_reader *base);
prl_status prl_sqlite_logs(prl_store_reader *base, prl_store_log_fn *fn, void *context, prl_error *err);
prl_status prl_sqlite_size(prl_store_reader *base, uint32_t log, uint64_t *ret, prl_error *err);
prl_status prl_sqlite_entries(prl_store_reader *base, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			      void *context, prl_error *err);
prl_status prl_sqlite_tile(prl_store_reader *base, uint32_t log, int level, uint64_t number, prl_buffer *ret,
			   prl_error *err);
prl_status prl_sqlite_checkpoint(prl_store_reader *base, uint32_t log, prl_buffer *ret, prl_error *err);
prl_status prl_sqlite_cosigned(prl_store_reader *base, uint32_t log, uint64_t size, bool upwards, uint64_t *ret_size,
			       prl_buffer *ret, prl_error *err);
prl_status prl_sqlite_content_get(prl_store_reader *base, const prl_hash *hash, prl_time *ret_at, prl_buffer *ret,
				  prl_error *err);
prl_status prl_sqlite_contents(prl_store_reader *base, prl_time from, prl_time to, prl_store_content_fn *fn,
			       void *context, prl_error *err);
prl_status prl_sqlite_body_get(prl_store_reader *base, uint32_t log, uint64_t index, prl_buffer *ret, prl_error *err);
prl_status prl_sqlite_bodies(prl_store_reader *base, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			     void *context, prl_error *err);
prl_status prl_sqlite_cell_get(prl_store_reader *base, const char *name, prl_buffer *ret, prl_error *err);

#endif
