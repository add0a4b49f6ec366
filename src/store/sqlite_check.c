/* Checking a store and copying it. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADVICE "keep the file aside, then bring back the newest backup or take the log from a peer's mirror"

static prl_status damage(prl_sqlite_connection *c, const char *what, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO, "%s: damaged: %.200s; " ADVICE, c->path, what);
}

/* SQLite's own: every page, every index. Its answer is "ok" or a list of what is wrong. */
static prl_status check_pages(prl_sqlite_connection *c, prl_error *err)
{
	sqlite3_stmt *s = NULL;
	bool row = false;
	int code = sqlite3_prepare_v2(c->db, "PRAGMA integrity_check(3)", -1, &s, NULL);
	prl_status status = code ? prl_sqlite_error(c, code, "checking it", err) : prl_sqlite_step(c, s, &row, err);
	const char *answer = !status && row ? (const char *)sqlite3_column_text(s, 0) : NULL;
	if (!status && (!answer || strcmp(answer, "ok") != 0))
		status = damage(c, answer ? answer : "no answer to integrity_check", err);
	sqlite3_finalize(s);
	return status;
}

/* Each names what is wrong in its first row, and gives none in a whole store. */
static const char *const invariants[] = {
	"SELECT 'log ' || id || ' has a size, epoch or number that cannot be' FROM log"
	" WHERE size < 0 OR size >= 1 << 40 OR epoch < 0 OR id < 1 OR id > 65536",
	/* the keys of a log are distinct, so the count and both ends say that there is no gap */
	"SELECT 'log ' || l.id || ' says ' || l.size || ' entries and has ' || count(e.id) || ', '"
	" || coalesce(min(e.id) & 1099511627775, 0) || ' to ' || coalesce(max(e.id) & 1099511627775, 0)"
	" FROM log l LEFT JOIN entry e ON e.id >= l.id << 40 AND e.id < (l.id + 1) << 40 GROUP BY l.id"
	" HAVING count(e.id) <> l.size OR (l.size > 0 AND (min(e.id) <> l.id << 40"
	" OR max(e.id) <> (l.id << 40) + l.size - 1))",
	"SELECT 'entry ' || id || ' belongs to no log' FROM entry WHERE id < (SELECT coalesce(min(id), 1) << 40 FROM "
	"log)"
	" OR id >= (SELECT coalesce(max(id), 0) + 1 << 40 FROM log)",
	"SELECT 'an entry of log ' || (id >> 40) || ' is too large' FROM entry WHERE length(bytes) > 65535",
	"SELECT 'a tile of log ' || (t.id >> 40) || ' lies outside it or is too short' FROM tile t"
	" LEFT JOIN log l ON l.id = t.id >> 40 WHERE l.id IS NULL OR length(t.hashes) <> 8192"
	" OR t.id & 68719476735 >= l.size >> (8 * ((t.id >> 36 & 15) + 1))",
	"SELECT 'a cosigned checkpoint is of no log' FROM cosigned WHERE id >> 40 NOT IN (SELECT id FROM log)",
	"SELECT 'a content without a hash' FROM content WHERE length(hash) <> 32",
};

static const char bodies[] =
	"SELECT 'a body of log ' || (b.id >> 40) || ' lies beside no entry or is too large' FROM body b"
	" LEFT JOIN log l ON l.id = b.id >> 40 WHERE l.id IS NULL OR b.id & 1099511627775 >= l.size"
	" OR length(b.bytes) > 8388608";

static prl_status check_invariant(prl_sqlite_connection *c, const char *sql, prl_error *err)
{
	sqlite3_stmt *s = NULL;
	bool row = false;
	int code = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);
	prl_status status = code ? prl_sqlite_error(c, code, "checking it", err) : prl_sqlite_step(c, s, &row, err);
	if (!status && row) {
		const char *what = (const char *)sqlite3_column_text(s, 0);
		status = damage(c, what ? what : "it does not hold together", err);
	}
	sqlite3_finalize(s);
	return status;
}

static prl_status check_bodies(prl_sqlite_connection *c, prl_error *err)
{
	bool there;
	prl_status status = prl_sqlite_has_bodies(c, &there, err);
	return status || !there ? status : check_invariant(c, bodies, err);
}

static prl_status check_content(prl_sqlite_connection *c, sqlite3_stmt *s, prl_error *err)
{
	const void *hash = sqlite3_column_blob(s, 0), *bytes = sqlite3_column_blob(s, 1);
	int size = sqlite3_column_bytes(s, 1);
	if (size && !bytes)
		return prl_error_memory(err);
	prl_hash found = prl_sha256(bytes ? bytes : "", (size_t)size);
	if (hash && sqlite3_column_bytes(s, 0) == 32 && memcmp(hash, found.bytes, 32) == 0)
		return PRL_OK;
	char what[120], text[PRL_HASH_TEXT_MAX];
	prl_hash_write(&found, text);
	snprintf(what, sizeof what, "a content that hashes to %s is kept under another hash", text);
	return damage(c, what, err);
}

static prl_status check_contents(prl_sqlite_connection *c, prl_error *err)
{
	sqlite3_stmt *s = NULL;
	bool row = true;
	int code = sqlite3_prepare_v2(c->db, "SELECT hash, bytes FROM content WHERE bytes IS NOT NULL", -1, &s, NULL);
	prl_status status = code ? prl_sqlite_error(c, code, "checking it", err) : PRL_OK;
	while (!status && row) {
		status = prl_sqlite_step(c, s, &row, err);
		if (!status && row)
			status = check_content(c, s, err);
	}
	sqlite3_finalize(s);
	return status;
}

prl_status prl_sqlite_check(prl_store *base, prl_error *err)
{
	prl_sqlite_connection c = { 0 };
	prl_status status = prl_sqlite_connect((prl_sqlite_store *)base, true, &c, err);
	/* one transaction, so that a writer may go on while its sizes and entries are compared */
	if (!status)
		status = prl_sqlite_exec(&c, "BEGIN", "checking it", err);
	if (!status)
		status = check_pages(&c, err);
	for (size_t i = 0; !status && i < sizeof invariants / sizeof *invariants; i++)
		status = check_invariant(&c, invariants[i], err);
	if (!status)
		status = check_bodies(&c, err);
	if (!status)
		status = check_contents(&c, err);
	prl_sqlite_disconnect(&c);
	return status;
}

/* ---- backup ------------------------------------------------------------------------------------------------------ */

static prl_status copy_failed(const char *path, const char *why, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO, "%s: the backup cannot be written: %s", path, why);
}

/* All pages in one step: SQLite holds one version of the source for its time, and the writer goes on. */
static prl_status copy_pages(prl_sqlite_connection *from, const char *path, prl_error *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
				   NULL);
	if (!code)
		code = sqlite3_exec(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL);
	sqlite3_backup *backup = code ? NULL : sqlite3_backup_init(to, "main", from->db, "main");
	if (backup) {
		code = sqlite3_backup_step(backup, -1);
		int last = sqlite3_backup_finish(backup);
		code = code == SQLITE_DONE ? last : code;
	} else if (!code) {
		code = sqlite3_errcode(to);
	}
	int number = to ? sqlite3_system_errno(to) : 0;
	prl_status status = PRL_OK;
	if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
		status = prl_sqlite_error(from, code, "copying it", err);
	else if (code)
		status = copy_failed(path, number ? strerror(number) : sqlite3_errstr(code), err);
	sqlite3_close_v2(to);
	return status;
}

/* A file of that name that was not there before, with nothing in it. Its owner's alone: it holds contents that were
 * sealed or meant for some parties only, and it may be made outside of the node's folder. */
static prl_status make_file(const char *path, prl_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return copy_failed(path, strerror(errno), err);
	close(fd);
	return PRL_OK;
}

static prl_status sync_file(const char *path, prl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0) {
		prl_status status = copy_failed(path, strerror(errno), err);
		if (fd >= 0)
			close(fd);
		return status;
	}
	close(fd);
	return PRL_OK;
}

/* Not onto a file that is there; where the file system cannot promise that (FAT on a stick), look first. */
static prl_status move_into_place(const char *part, const char *path, prl_error *err)
{
	if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return PRL_OK;
	if (errno != EINVAL && errno != ENOSYS)
		return copy_failed(path, strerror(errno), err);
	if (access(path, F_OK) == 0)
		return copy_failed(path, strerror(EEXIST), err);
	return rename(part, path) == 0 ? PRL_OK : copy_failed(path, strerror(errno), err);
}

static prl_status copy_to(prl_sqlite_store *store, const char *part, const char *path, prl_error *err)
{
	prl_sqlite_connection c = { 0 };
	prl_status status = make_file(part, err);
	if (status)
		return status;
	status = prl_sqlite_connect(store, true, &c, err);
	if (!status)
		status = copy_pages(&c, part, err);
	prl_sqlite_disconnect(&c);
	if (!status)
		status = sync_file(part, err);
	if (!status)
		status = move_into_place(part, path, err);
	if (status)
		unlink(part);
	else
		status = prl_sqlite_sync_folder(path, err);
	return status;
}

prl_status prl_sqlite_backup(prl_store *base, const char *path, prl_error *err)
{
	char *part;
	if (access(path, F_OK) == 0)
		return prl_error_set(err, PRL_E_DUPLICATE, "%s: is there already; name a file that is not", path);
	if (asprintf(&part, "%s.part", path) < 0)
		return prl_error_memory(err);
	prl_status status = copy_to((prl_sqlite_store *)base, part, path, err);
	free(part);
	return status;
}
