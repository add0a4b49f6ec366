/* A log on a store: entries become leaves, leaves tiles, and every batch ends in a checkpoint (tlog-tiles v0.1.0). Our
 * own log and the mirrors of our peers' logs are both ledgers; only who signs the checkpoint differs.
 *
 * In memory: the frontier and, for each level, the hashes of the tile that is not full yet; only full tiles are stored,
 * the rest is made again from at most 255 entries and 255 tiles a level when the ledger is opened, and must agree with
 * the newest checkpoint (PRL_E_IO, naming the index below which the store is still whole, where it does not). That
 * checkpoint may be of fewer entries than the log has (a mirror that catches up stores entries first), never of more.
 *
 * One thread stages and publishes; any thread reads, with its own store reader. Readers see the published size only. */
#ifndef PRL_RECORD_LEDGER_H
#define PRL_RECORD_LEDGER_H

#include "store/store.h"

#include <parley/record.h>

typedef struct prl_ledger prl_ledger;
typedef struct prl_stage prl_stage;

/* Opens the ledger of origin; makes it where create is set and it is not there. */
PRL_MUST prl_status prl_ledger_open(prl_store *store, const char *origin, bool create, prl_ledger **ret,
				    prl_error *err);
void prl_ledger_free(prl_ledger *ledger);

const char *prl_ledger_origin(const prl_ledger *ledger);
const prl_store_log *prl_ledger_log(const prl_ledger *ledger); /* id and epoch; size as last published;
								   for the writer's thread */
/* Size and root as published; either may be NULL. */
void prl_ledger_head(prl_ledger *ledger, uint64_t *ret_size, prl_hash *ret_root);

/* Becomes the only writer of the log (prl_store_take_log()). PRL_E_STALE where another writer added to it since it was
 * opened: open it again. */
PRL_MUST prl_status prl_ledger_take(prl_ledger *ledger, prl_error *err);

/* Prepares to add entries: leaf hashes, new tiles, new root. Nothing is changed. The entries' bytes must live until the
 * stage is published or freed. Only one stage at a time, PRL_E_STALE else; PRL_E_TOO_LARGE for an entry above
 * PRL_ENTRY_MAX. */
PRL_MUST prl_status prl_ledger_stage(prl_ledger *ledger, const prl_bytes *entries, size_t count, prl_stage **ret,
				     prl_error *err);
uint64_t prl_stage_size(const prl_stage *stage); /* of the tree with the new entries */
prl_hash prl_stage_root(const prl_stage *stage);
/* What to hand to prl_store_commit(); the checkpoint is the caller's, it must live as long as the stage. */
const prl_store_append *prl_stage_append(prl_stage *stage, prl_bytes checkpoint);
/* After the commit: readers see the new size from here on. Frees the stage. */
void prl_stage_publish(prl_stage *stage);
/* After a failed commit, or instead of one. NULL is fine. */
void prl_stage_free(prl_stage *stage);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Appends the hashes of a tile, or the entries of a bundle (PRL_TILE_ENTRIES, u16be length ‖ bytes); PRL_E_NOT_FOUND
 * where the published tree has no such tile of that width. */
PRL_MUST prl_status prl_ledger_tile(prl_ledger *ledger, prl_store_reader *reader, const prl_tile *tile, prl_buffer *ret,
				    prl_error *err);
/* prl_store_entries(), with each entry held against its leaf hash in the tree: PRL_E_IO names the one that is not what
 * was logged, and fn never sees it. A bit that turned on the disk is found by whoever reads it, not by whom he tells.
 */
PRL_MUST prl_status prl_ledger_entries(prl_ledger *ledger, prl_store_reader *reader, uint64_t from, uint64_t to,
				       prl_store_entry_fn *fn, void *context, prl_error *err);
/* Proofs in the tree of size, at most the published one. PRL_E_RANGE where index or size is outside it. */
PRL_MUST prl_status prl_ledger_inclusion(prl_ledger *ledger, prl_store_reader *reader, uint64_t index, uint64_t size,
					 prl_proof *ret, prl_error *err);
PRL_MUST prl_status prl_ledger_consistency(prl_ledger *ledger, prl_store_reader *reader, uint64_t old_size,
					   uint64_t new_size, prl_proof *ret, prl_error *err);
/* The path of a fork proof (prl_fork_prove()) where this ledger holds the newer history. */
PRL_MUST prl_status prl_ledger_fork(prl_ledger *ledger, prl_store_reader *reader, uint64_t old_size, uint64_t new_size,
				    prl_proof *ret, prl_error *err);
/* Root of the tree of the first size entries. */
PRL_MUST prl_status prl_ledger_root(prl_ledger *ledger, prl_store_reader *reader, uint64_t size, prl_hash *ret,
				    prl_error *err);
/* Reads everything: entries against stored tiles against the checkpoint. progress may be NULL. */
typedef void prl_ledger_progress_fn(void *context, uint64_t done, uint64_t all);
PRL_MUST prl_status prl_ledger_check(prl_ledger *ledger, prl_store_reader *reader, prl_ledger_progress_fn *progress,
				     void *context, prl_error *err);

#endif
