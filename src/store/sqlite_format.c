/* THE FILE. A SQLite 3 database, application_id 0x50524C59 ("PRLY"), user_version the number of the format (2), with a
 * write-ahead log beside it (PATH-wal, PATH-shm: they belong to it, copy them with it) and PATH.lock (sqlite_lock.c).
 *
 *   log      one row a log. id from 1; origin its name; epoch counts its writers; size its entries; checkpoint the
 *            newest signed checkpoint (a note's bytes), NULL before the first.
 *   entry    id = log << 40 | index, index from 0 without a gap up to size - 1; bytes as received, 0 to 65,535.
 *   tile     id = log << 40 | level << 36 | number; hashes 8,192 bytes. Full tiles only (tlog-tiles v0.1.0): tile n of
 *            level l covers entries n × 256^(l+1) up to (n + 1) × 256^(l+1). What can be made again from the entries.
 *   cosigned id = log << 40 | size; note a checkpoint of that size with cosignatures.
 *   content  hash SHA-256 of bytes; bytes salt first, NULL once deleted; at when it arrived, or was deleted (prl_time).
 *            content_at finds those that are there by time. SQLite's secure_delete overwrites what is deleted; a copy
 *            stands in the write-ahead log until that has gone round (sqlite_wal.c).
 *   body     id = log << 40 | index of the entry that it lies beside; bytes up to 8 MiB. Since format 2.
 *   cell     small values by name.
 *   repair   one row; counts commits that failed at their last step (sqlite_commit.c, heal()).
 *
 * Keys grow with the log, so entries go to the right edge of their log's part of one B-tree. Measured with entries of
 * 500 bytes in batches of 1,000: 587 bytes of file an entry, whether one log grows or five at once; a table without
 * rowid with (log, index) as its key takes 585 to 596 and 15 to 20 % more processor time.
 *
 * Format 1 has no table body. A store of it is brought up to date when it is opened to be written; one that is only
 * looked at stays as it is and has no bodies.
 *
 * The store sees no damage inside the bytes of an entry, a body, a note or a cell: entries, tiles and notes are covered
 * by the hashes and signatures of the record (prl_ledger_check()), contents by their own hash (prl_store_check()), a
 * body by what its entry says of it, which whoever reads it compares. */
#include "base/error.h"
#include "store/sqlite.h"

#include <stdio.h>

#define APPLICATION_ID 0x50524C59
#define FORMAT_VERSION 2
#define BODIES_SINCE   2

#define BODY_TABLE "CREATE TABLE body (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"

static const char tables[] =
	"CREATE TABLE log (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL,"
	" size INTEGER NOT NULL, checkpoint BLOB) STRICT;"
	"CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
	"CREATE TABLE tile (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;"
	"CREATE TABLE cosigned (id INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;"
	"CREATE TABLE content (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, at INTEGER NOT NULL, bytes BLOB) "
	"STRICT;"
	"CREATE INDEX content_at ON content (at) WHERE bytes IS NOT NULL;" BODY_TABLE
	"CREATE TABLE cell (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE repair (count INTEGER NOT NULL) STRICT;"
	"INSERT INTO repair VALUES (0);";

/* In one transaction: statements, then both numbers. When it fails, closing the connection ends the transaction. */
static prl_status build(prl_sqlite_connection *c, const char *statements, const char *doing, prl_error *err)
{
	char numbers[100];
	snprintf(numbers, sizeof numbers, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		 FORMAT_VERSION);
	prl_status status = prl_sqlite_exec(c, "BEGIN IMMEDIATE", doing, err);
	if (!status)
		status = prl_sqlite_exec(c, statements, doing, err);
	if (!status)
		status = prl_sqlite_exec(c, numbers, doing, err);
	return status ? status : prl_sqlite_exec(c, "COMMIT", doing, err);
}

static prl_status version_error(const prl_sqlite_connection *c, int64_t version, prl_error *err)
{
	if (version > FORMAT_VERSION)
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "%s: a store of format %lld, this program knows up to %d; use the newer parley",
				     c->path, (long long)version, FORMAT_VERSION);
	return prl_error_set(err, PRL_E_UNSUPPORTED, "%s: a store of format %lld, which never was; expected 1 to %d",
			     c->path, (long long)version, FORMAT_VERSION);
}

prl_status prl_sqlite_format(prl_sqlite_connection *c, bool writable, bool create, prl_error *err)
{
	int64_t application = 0, version = 0, objects = 0;
	prl_status status = prl_sqlite_number(c, "PRAGMA application_id", &application, err);
	if (!status)
		status = prl_sqlite_number(c, "PRAGMA user_version", &version, err);
	if (!status)
		status = prl_sqlite_number(c, "SELECT count(*) FROM sqlite_schema", &objects, err);
	if (status)
		return status;
	if (application == 0 && version == 0 && objects == 0 && writable && create)
		return build(c, tables, "making it", err);
	if (application != APPLICATION_ID)
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "%s: not a store of parley (application id %llx, expected %x)", c->path,
				     (unsigned long long)application, APPLICATION_ID);
	if (version < 1 || version > FORMAT_VERSION)
		return version_error(c, version, err);
	/* under the writer's lock, so nobody else does it at the same time */
	bool old = version < FORMAT_VERSION && writable;
	return old ? build(c, BODY_TABLE, "bringing it up to date", err) : PRL_OK;
}

prl_status prl_sqlite_has_bodies(prl_sqlite_connection *c, bool *ret, prl_error *err)
{
	int64_t version = 0;
	prl_status status = prl_sqlite_number(c, "PRAGMA user_version", &version, err);
	*ret = version >= BODIES_SINCE;
	return status;
}
