/* A ledger from inside: ledger.c writes, ledger_read.c reads, ledger_check.c checks. */
#ifndef PRL_RECORD_LEDGER_STATE_H
#define PRL_RECORD_LEDGER_STATE_H

#include "record/edge.h"
#include "record/ledger.h"

#include <pthread.h>

/* Invariants: edges[published] is the tree as readers see it and changes only with lock held for writing; the other one
 * belongs to the stage. Everything below the published size is committed, and its full tiles are in the store. */
struct prl_ledger {
	prl_store *store;
	char *origin;
	prl_store_log log;
	pthread_rwlock_t lock;
	int published;
	bool staged;
	prl_edge edges[2];
};

/* Reads one full tile from the store. PRL_E_IO where it is not there or of another size. */
PRL_MUST prl_status prl_ledger_full_tile(const prl_ledger *ledger, prl_store_reader *reader, int level, uint64_t number,
					 prl_hash hashes[PRL_TILE_WIDTH], prl_error *err);

/* The newest checkpoint that the store has of this log, unverified; PRL_E_NOT_FOUND where there is none, PRL_E_IO where
 * it cannot be read or is another log's. */
PRL_MUST prl_status prl_ledger_checkpoint(const prl_ledger *ledger, prl_store_reader *reader, prl_checkpoint *ret,
					  prl_error *err);

#endif
