/* Where a record lives: logs of entries, the newest checkpoint of each, full tiles, cosigned checkpoints, contents by
 * their hash, bodies beside entries, small cells. Nothing above this header may know which store it is; nothing here
 * knows what an entry says.
 *
 * Threads: one thread may commit at a time (the store serialises commits); any number of readers, each with its own
 * prl_store_reader, read at the same time and are never blocked by a commit. A reader sees what was committed before
 * its call began.
 *
 * Durable: when prl_store_commit() returns PRL_OK everything in the batch is on the disk (fsync) and stays there
 * through power loss and kill -9; when it returns anything else nothing of the batch is there, now or after a restart.
 */
#ifndef PRL_STORE_STORE_H
#define PRL_STORE_STORE_H

#include "base/memory.h"

#include <parley/base.h>

typedef struct prl_store prl_store;
typedef struct prl_store_reader prl_store_reader;

#define PRL_STORE_CREATE 1u /* make it where it is not there */
#define PRL_STORE_READ   2u /* look only: works on a read-only disk and beside a writer, commits are PRL_E_REFUSED */

/* Opens the store at path (SQLite: a file, with PATH-wal, PATH-shm and PATH.lock beside it). Takes a lock so that a
 * second store that would write, in this process or another, is refused with PRL_E_STALE naming the other's pid.
 * PRL_E_NOT_FOUND where there is no such file and PRL_STORE_CREATE is not set. Checks the application id and the
 * version of the format; another program's file or a newer format is refused with PRL_E_UNSUPPORTED, an older one is
 * brought up to date in one transaction. PRL_E_IO for a damaged file, saying what to do next. */
PRL_MUST prl_status prl_store_open(const char *path, unsigned flags, prl_store **ret, prl_error *err);
/* Readers first. NULL is fine. */
void prl_store_close(prl_store *store);

/* Reads every page and checks the store's own structure: sizes, no gap, contents against their hashes. PRL_E_IO names
 * the damage. What is inside an entry, a tile or a note is the record's to check (prl_ledger_check()). */
PRL_MUST prl_status prl_store_check(prl_store *store, prl_error *err);

/* Writes a consistent copy, one file, while the store is in use and commits go on; it is on the disk on return. path
 * must not exist (PRL_E_DUPLICATE). */
PRL_MUST prl_status prl_store_backup(prl_store *store, const char *path, prl_error *err);

/* ---- logs ------------------------------------------------------------------------------------------------------ */

/* One log kept here, ours or a peer's. */
typedef struct prl_store_log {
	uint32_t id;    /* from 1, of this store only */
	uint64_t epoch; /* counts the writers: prl_store_take_log() adds one */
	uint64_t size;  /* entries */
} prl_store_log;

/* Finds the log of that origin, or makes it with size 0 where create is set; PRL_E_NOT_FOUND else. */
PRL_MUST prl_status prl_store_log_open(prl_store *store, const char *origin, bool create, prl_store_log *ret,
				       prl_error *err);
/* Becomes the log's only writer: epoch + 1, durable. Whoever wrote before gets PRL_E_STALE from now on. */
PRL_MUST prl_status prl_store_take_log(prl_store *store, prl_store_log *log, prl_error *err);
/* Calls fn for each log, by id. */
typedef prl_status prl_store_log_fn(void *context, const char *origin, const prl_store_log *log, prl_error *err);
PRL_MUST prl_status prl_store_logs(prl_store_reader *reader, prl_store_log_fn *fn, void *context, prl_error *err);

/* ---- commits ----------------------------------------------------------------------------------------------------- */

/* Entries added to the end of one log, with the checkpoint that covers them. PRL_E_NOT_FOUND for a log that is not
 * here; PRL_E_TOO_LARGE for an entry over 65,535 bytes or a log of 2^40; PRL_E_RANGE for a tile that is not 8,192 bytes
 * or lies outside the log as it is with these entries. */
typedef struct prl_store_append {
	uint32_t log;
	uint64_t epoch, expected_size; /* both must match, else PRL_E_STALE and nothing is done */
	const prl_bytes *entries;
	size_t entry_count;
	const struct prl_store_tile {
		int level;
		uint64_t number;
		prl_bytes hashes; /* 8,192 bytes: full tiles only */
	} * tiles;
	size_t tile_count;
	prl_bytes checkpoint; /* the note; replaces the newest; size 0 leaves it */
} prl_store_append;

/* A checkpoint with cosignatures, kept by log and size: replaces what is kept for that size. */
typedef struct prl_store_cosigned {
	uint32_t log;
	uint64_t size;
	prl_bytes checkpoint;
} prl_store_cosigned;

/* A content, kept by its salted hash. bytes.data NULL deletes the bytes and keeps the row as deleted. One that is there
 * (or deleted) already stays with its first time; one that was deleted may come back. */
typedef struct prl_store_content {
	prl_hash hash;
	prl_time at;     /* when it arrived, or was deleted */
	prl_bytes bytes; /* salt first, as hashed */
} prl_store_content;

/* Bytes kept beside one entry, found by that entry alone: what a node needs again and hands to nobody, such as a
 * request whose salted hash its entry names. Written with the entry or later, index below the log's size with this
 * batch (PRL_E_RANGE); replaces what is there. At most PRL_MAX_BODY_BYTES (PRL_E_TOO_LARGE). Unlike contents they lie
 * in the order of the log, so that as many as are appended can be written. */
typedef struct prl_store_body {
	uint32_t log;
	uint64_t index;
	prl_bytes bytes; /* may be empty, which is not the same as none */
} prl_store_body;

/* Entries [from, to) of a log, whose bodies are deleted; the commit takes as long as there are many of them, and others
 * wait for it: a thousand at a time is a good number. to may lie beyond the end. */
typedef struct prl_store_range {
	uint32_t log;
	uint64_t from, to;
} prl_store_range;

/* A small named value; value.data NULL removes it. */
typedef struct prl_store_cell {
	const char *name;
	prl_bytes value;
} prl_store_cell;

typedef struct prl_store_batch {
	const prl_store_append *appends;
	size_t append_count;
	const prl_store_cosigned *cosigned;
	size_t cosigned_count;
	const prl_store_content *contents;
	size_t content_count;
	const prl_store_cell *cells;
	size_t cell_count;
	const prl_store_range *drops; /* bodies deleted, before those of the batch are written */
	size_t drop_count;
	const prl_store_body *bodies;
	size_t body_count;
} prl_store_batch;

/* All of it or nothing, durable on return. PRL_E_IO with errno's text for a full or read-only disk: the next commit
 * works when there is room again. (Should the disk fail to sync a whole batch, fail again to write over it and the
 * machine then stop, the batch may be there after the restart; the caller was told that it is not.) */
PRL_MUST prl_status prl_store_commit(prl_store *store, const prl_store_batch *batch, prl_error *err);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

PRL_MUST prl_status prl_store_reader_new(prl_store *store, prl_store_reader **ret, prl_error *err);
void prl_store_reader_free(prl_store_reader *reader);

/* Size of a log as committed. */
PRL_MUST prl_status prl_store_size(prl_store_reader *reader, uint32_t log, uint64_t *ret, prl_error *err);

/* Calls fn for entries [from, to) in order; bytes live until fn returns. PRL_E_NOT_FOUND, before the first call, when
 * to is beyond the log's size; PRL_E_IO when the store is damaged; fn's own status ends it. fn may use the same reader
 * and may take its time: nothing is held while it runs. */
typedef prl_status prl_store_entry_fn(void *context, uint64_t index, prl_bytes entry, prl_error *err);
PRL_MUST prl_status prl_store_entries(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to,
				      prl_store_entry_fn *fn, void *context, prl_error *err);

/* These append what they find to ret, PRL_E_NOT_FOUND where there is nothing. */
PRL_MUST prl_status prl_store_tile(prl_store_reader *reader, uint32_t log, int level, uint64_t number, prl_buffer *ret,
				   prl_error *err);
PRL_MUST prl_status prl_store_checkpoint(prl_store_reader *reader, uint32_t log, prl_buffer *ret, prl_error *err);
/* The kept cosigned checkpoint of the smallest size >= at_least (newest: of the greatest size <= at_most). */
PRL_MUST prl_status prl_store_cosigned_from(prl_store_reader *reader, uint32_t log, uint64_t at_least,
					    uint64_t *ret_size, prl_buffer *ret, prl_error *err);
PRL_MUST prl_status prl_store_cosigned_to(prl_store_reader *reader, uint32_t log, uint64_t at_most, uint64_t *ret_size,
					  prl_buffer *ret, prl_error *err);
/* PRL_E_NOT_FOUND never heard of; PRL_E_STALE deleted (at *ret_at). */
PRL_MUST prl_status prl_store_content_get(prl_store_reader *reader, const prl_hash *hash, prl_time *ret_at,
					  prl_buffer *ret, prl_error *err);
/* Calls fn for contents that arrived in [from, to) and are not deleted, oldest first. */
typedef prl_status prl_store_content_fn(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err);
PRL_MUST prl_status prl_store_contents(prl_store_reader *reader, prl_time from, prl_time to, prl_store_content_fn *fn,
				       void *context, prl_error *err);
PRL_MUST prl_status prl_store_cell_get(prl_store_reader *reader, const char *name, prl_buffer *ret, prl_error *err);
/* The body beside an entry; PRL_E_NOT_FOUND where none is, or not any more. */
PRL_MUST prl_status prl_store_body_get(prl_store_reader *reader, uint32_t log, uint64_t index, prl_buffer *ret,
				       prl_error *err);
/* Calls fn for the bodies that are there beside entries [from, to), by index, as prl_store_entries() does; to may lie
 * beyond the end. What is deleted meanwhile may still come. */
PRL_MUST prl_status prl_store_bodies(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to,
				     prl_store_entry_fn *fn, void *context, prl_error *err);

#endif
