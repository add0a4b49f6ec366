/* Errors, connections and statements. */
#include "store/sqlite.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

#define BUSY_MS 10000 /* another process may hold the file for the time of a recovery */

static prl_status damaged(const prl_sqlite_connection *c, const char *doing, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO,
			     "%s: damaged, found when %s (%s); keep the file aside, then bring back the newest backup "
			     "or take the log from a peer's mirror",
			     c->path, doing, c->db ? sqlite3_errmsg(c->db) : "cannot be opened");
}

static prl_status disk_failed(const prl_sqlite_connection *c, int code, const char *doing, prl_error *err)
{
	/* SQLite keeps errno of an open or a read, but not of a COMMIT; callers set it to 0 before they begin */
	int number = errno ? errno : c->db ? sqlite3_system_errno(c->db) : 0;
	const char *why = number ? strerror(number) : sqlite3_errstr(code);
	if ((code & 0xff) == SQLITE_FULL || number == ENOSPC || number == EDQUOT || number == EFBIG)
		return prl_error_set(err, PRL_E_IO,
				     "%s: no room when %s (%s); nothing of it was written; make room on the disk, what "
				     "is there is whole",
				     c->path, doing, number ? why : "the disk or the file is full");
	if ((code & 0xff) == SQLITE_READONLY || number == EROFS || number == EACCES)
		return prl_error_set(err, PRL_E_IO,
				     "%s: cannot be written when %s (%s); look at the owner of the file "
				     "and its folder and at how the disk is mounted",
				     c->path, doing, number ? why : "read-only");
	return prl_error_set(err, PRL_E_IO, "%s: the disk failed when %s (%s, SQLite %d); look at the system's log",
			     c->path, doing, why, code);
}

prl_status prl_sqlite_error(const prl_sqlite_connection *c, int code, const char *doing, prl_error *err)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return prl_error_memory(err);
	case SQLITE_TOOBIG:
		return prl_error_set(err, PRL_E_TOO_LARGE, "%s: too large when %s", c->path, doing);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return prl_error_set(err, PRL_E_IO, "%s: held by another program for %d s when %s; end that program",
				     c->path, BUSY_MS / 1000, doing);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table that is not there, a blob that is no blob: not our statements, they are tested */
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT: /* an entry beyond the size of its log */
	case SQLITE_MISMATCH:
	case SQLITE_FORMAT:
		return damaged(c, doing, err);
	default:
		return disk_failed(c, code, doing, err);
	}
}

static prl_status configure(prl_sqlite_connection *c, bool readonly, prl_error *err)
{
	/* The file may be hostile (restored from anywhere): nothing in its schema may run, cells are checked. */
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, BUSY_MS);
	return prl_sqlite_exec(
		c,
		readonly ? "PRAGMA cell_size_check = ON; PRAGMA query_only = ON; PRAGMA cache_size = -4000"
			 : "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;"
			   "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864",
		"opening it", err);
}

prl_status prl_sqlite_connect(const prl_sqlite_store *store, bool readonly, prl_sqlite_connection *ret, prl_error *err)
{
	prl_sqlite_connection c = { .path = store->path };
	int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	flags |= readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	errno = 0;
	int code = sqlite3_open_v2(store->uri, &c.db, flags, NULL);
	prl_status status = code ? prl_sqlite_error(&c, code, "opening it", err) : configure(&c, readonly, err);
	if (status)
		prl_sqlite_disconnect(&c);
	else
		*ret = c;
	return status;
}

void prl_sqlite_disconnect(prl_sqlite_connection *c)
{
	for (size_t i = 0; i < PRL_SQL_COUNT; i++)
		sqlite3_finalize(c->statements[i]);
	sqlite3_close_v2(c->db);
	memset(c->statements, 0, sizeof c->statements);
	c->db = NULL;
}

prl_status prl_sqlite_get(prl_sqlite_connection *c, prl_sqlite_statement which, sqlite3_stmt **ret, prl_error *err)
{
	static const char *const texts[] = {
#define X(name, sql) sql,
		PRL_SQLITE_MAP(X)
#undef X
	};
	if (!c->statements[which]) {
		errno = 0;
		int code = sqlite3_prepare_v3(c->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, &c->statements[which],
					      NULL);
		if (code)
			return prl_sqlite_error(c, code, "preparing", err);
	}
	*ret = c->statements[which];
	return PRL_OK;
}

prl_status prl_sqlite_step(prl_sqlite_connection *c, sqlite3_stmt *s, bool *ret_row, prl_error *err)
{
	errno = 0;
	int code = sqlite3_step(s);
	*ret_row = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return PRL_OK;
	/* the error's text and errno must be read before the statement is reset */
	prl_status status = prl_sqlite_error(c, code, "reading", err);
	sqlite3_reset(s);
	return status;
}

prl_status prl_sqlite_run(prl_sqlite_connection *c, sqlite3_stmt *s, const char *doing, prl_error *err)
{
	int code;
	errno = 0;
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		;
	/* the error's text and errno must be read before the statement is reset */
	prl_status status = code == SQLITE_DONE ? PRL_OK : prl_sqlite_error(c, code, doing, err);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return status;
}

prl_status prl_sqlite_run_named(prl_sqlite_connection *c, prl_sqlite_statement which, const char *doing, prl_error *err)
{
	sqlite3_stmt *s = NULL;
	prl_status status = prl_sqlite_get(c, which, &s, err);
	return status ? status : prl_sqlite_run(c, s, doing, err);
}

prl_status prl_sqlite_exec(prl_sqlite_connection *c, const char *sql, const char *doing, prl_error *err)
{
	errno = 0;
	int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
	return code ? prl_sqlite_error(c, code, doing, err) : PRL_OK;
}

prl_status prl_sqlite_number(prl_sqlite_connection *c, const char *sql, int64_t *ret, prl_error *err)
{
	sqlite3_stmt *s = NULL;
	errno = 0;
	int code = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);
	if (!code && (code = sqlite3_step(s)) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(s, 0);
		code = SQLITE_OK;
	}
	prl_status status = code ? prl_sqlite_error(c, code, "reading", err) : PRL_OK;
	sqlite3_finalize(s);
	return status;
}

void prl_sqlite_bind(sqlite3_stmt *s, int at, prl_bytes bytes)
{
	/* SQLITE_STATIC: all are run before the caller's bytes go. It can only fail for a wrong index. */
	sqlite3_bind_blob64(s, at, bytes.size ? bytes.data : "", bytes.size, SQLITE_STATIC);
}
