/* Reading all of a ledger: the tree is made once more from the entries, and what the store keeps must be the same. */
#include "base/error.h"
#include "base/hash.h"
#include "record/ledger_state.h"
#include "record/merkle.h"

#include <string.h>

typedef struct checker {
	prl_ledger *ledger;
	prl_store_reader *reader;
	bool told; /* the error that ends the reading is ours, not the store's */
	prl_ledger_progress_fn *progress;
	void *context;
	prl_checkpoint checkpoint; /* origin "" where there is none */
	uint64_t size;
	prl_edge edge;
} checker;

static prl_status damaged(const checker *at, uint64_t index, const char *what, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO, "log %s: the store is whole below index %llu: %.200s", at->ledger->origin,
			     (unsigned long long)index, what);
}

/* A tile that the entries fill, against the stored one. */
static prl_status compare_tile(void *context, int level, uint64_t number, const prl_hash hashes[PRL_TILE_WIDTH],
			       prl_error *err)
{
	checker *at = context;
	prl_hash stored[PRL_TILE_WIDTH];
	prl_status status = prl_ledger_full_tile(at->ledger, at->reader, level, number, stored, err);
	if (status)
		return status;
	for (unsigned i = 0; i < PRL_TILE_WIDTH; i++)
		if (!prl_hash_equal(&stored[i], &hashes[i]))
			return damaged(at, (number * PRL_TILE_WIDTH + i) << 8 * level,
				       level ? "a tile does not match the tiles below it"
					     : "an entry does not match its tile",
				       err);
	return PRL_OK;
}

/* What is above the last full tile is covered by nothing but the checkpoint. */
static prl_status compare_root(const checker *at, const prl_hash *expected, prl_error *err)
{
	prl_hash root = prl_frontier_root(&at->edge.frontier);
	uint64_t size = at->edge.frontier.size;
	if (prl_hash_equal(&root, expected))
		return PRL_OK;
	return damaged(at, size - size % PRL_TILE_WIDTH, "the entries do not lead to the checkpoint's root", err);
}

static prl_status check_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	checker *at = context;
	prl_hash leaf = prl_leaf_hash(entry);
	prl_status status = prl_edge_append(&at->edge, &leaf, compare_tile, at, err);
	if (!status && at->checkpoint.origin[0] && at->checkpoint.size == index + 1)
		status = compare_root(at, &at->checkpoint.root, err);
	at->told = status;
	if (!status && at->progress && index % 4096 == 4095)
		at->progress(at->context, index + 1, at->size);
	return status;
}

/* How far to read: to the published size, or to a checkpoint that was committed just now and is published next. */
static prl_status begin(checker *at, prl_hash *ret_root, prl_error *err)
{
	prl_ledger_head(at->ledger, &at->size, ret_root);
	prl_status status = prl_ledger_checkpoint(at->ledger, at->reader, &at->checkpoint, err);
	if (status == PRL_E_NOT_FOUND)
		return PRL_OK;
	if (status)
		return status;
	uint64_t stored;
	status = prl_store_size(at->reader, at->ledger->log.id, &stored, err);
	if (status)
		return status;
	if (at->checkpoint.size > stored)
		return damaged(at, stored, "it has fewer entries than its checkpoint says", err);
	if (at->checkpoint.size > at->size) {
		at->size = at->checkpoint.size;
		*ret_root = at->checkpoint.root;
	}
	return PRL_OK;
}

static prl_status check_all(checker *at, prl_error *err)
{
	prl_hash root, empty = prl_empty_root();
	prl_status status = begin(at, &root, err);
	if (status)
		return status;
	if (at->checkpoint.origin[0] && !at->checkpoint.size && !prl_hash_equal(&at->checkpoint.root, &empty))
		return damaged(at, 0, "its checkpoint of size 0 does not have the empty tree's root", err);
	prl_error cause;
	status = prl_store_entries(at->reader, at->ledger->log.id, 0, at->size, check_entry, at, &cause);
	if (!at->told && (status == PRL_E_NOT_FOUND || status == PRL_E_IO))
		return damaged(at, at->edge.frontier.size, cause.text, err);
	if (status) {
		if (err)
			*err = cause;
		return status;
	}
	if (at->progress)
		at->progress(at->context, at->size, at->size);
	return compare_root(at, &root, err);
}

prl_status prl_ledger_check(prl_ledger *ledger, prl_store_reader *reader, prl_ledger_progress_fn *progress,
			    void *context, prl_error *err)
{
	checker *at = calloc(1, sizeof *at);
	if (!at)
		return prl_error_memory(err);
	at->ledger = ledger;
	at->reader = reader;
	at->progress = progress;
	at->context = context;
	prl_status status = check_all(at, err);
	free(at);
	return status;
}
