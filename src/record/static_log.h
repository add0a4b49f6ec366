/* A log as static files in the layout of tlog-tiles v0.1.0, which any web server can serve and any verifier read:
 *
 *   checkpoint                newest, with the cosignatures known
 *   key                       the log's vkey, for other people's programs; verify takes it from the constitution
 *   tile/0/000 … tile/entries/000 …
 *   cosigned/<size>           kept checkpoints of other sizes: who had seen what, when, by whose clock
 *
 * Writing into a folder that holds an older state of the same log adds what is new: full tiles never change. */
#ifndef PRL_RECORD_STATIC_LOG_H
#define PRL_RECORD_STATIC_LOG_H

#include "record/ledger.h"

/* Writes the published tree. folder is made where it is not there. PRL_E_STALE when what is there is newer than the
 * ledger, PRL_E_EARLY when another process has added to the log since the ledger was opened (open it again), PRL_E_IO
 * with the path. */
PRL_MUST prl_status prl_static_write(prl_ledger *ledger, prl_store_reader *reader, const prl_verifier *key,
				     const char *folder, prl_ledger_progress_fn *progress, void *context,
				     prl_error *err);

/* Reads entries in order, one at a time. Each full or partial hash tile that is there beside a bundle is checked
 * against the entries. What the entries hash to is the caller's to compare with the checkpoint, whose size says how
 * many there must be. */
typedef struct prl_static_cursor {
	const char *folder; /* the caller's, like all of it to look at only */
	uint64_t size, next;
	prl_frontier frontier; /* of the entries taken so far */
	prl_buffer bundle, tile;
	prl_bytes rest;
	prl_hash leaves[PRL_TILE_WIDTH];
} prl_static_cursor;

void prl_static_open(prl_static_cursor *cursor, const char *folder, uint64_t size);
/* *ret_entry lives until the next call. PRL_E_NOT_FOUND when a bundle is missing, PRL_E_SYNTAX when it is none,
 * PRL_E_SIGNATURE when a hash tile does not fit the entries, all naming the file. Not to be called at the end. */
PRL_MUST prl_status prl_static_next(prl_static_cursor *cursor, prl_bytes *ret_entry, prl_error *err);
void prl_static_close(prl_static_cursor *cursor);

/* Appends <folder>/checkpoint to ret. */
PRL_MUST prl_status prl_static_checkpoint(const char *folder, prl_buffer *ret, prl_error *err);

/* Calls fn for each file of cosigned/, smallest size first. */
typedef prl_status prl_static_cosigned_fn(void *context, uint64_t size, prl_bytes checkpoint, prl_error *err);
PRL_MUST prl_status prl_static_cosigned(const char *folder, prl_static_cosigned_fn *fn, void *context, prl_error *err);

#endif
