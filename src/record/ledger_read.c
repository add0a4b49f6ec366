/* Tiles, bundles and proofs of what a ledger has published. A tree only grows: what is in it at a size stays in it, so
 * a reader may take each tile from a newer tree than the one before without noticing. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "record/ledger_state.h"

#include <string.h>

prl_status prl_ledger_full_tile(const prl_ledger *ledger, prl_store_reader *reader, int level, uint64_t number,
				prl_hash hashes[PRL_TILE_WIDTH], prl_error *err)
{
	const size_t size = PRL_TILE_WIDTH * sizeof *hashes;
	prl_buffer buffer = PRL_BUFFER(2 * size);
	prl_error cause;
	prl_status status = prl_store_tile(reader, ledger->log.id, level, number, &buffer, &cause);
	if (!status && buffer.size != size)
		status = prl_error_set(&cause, PRL_E_IO, "it has %zu bytes, expected %zu", buffer.size, size);
	if (status == PRL_E_NOT_FOUND || status == PRL_E_IO) {
		char path[PRL_TILE_PATH_MAX];
		prl_tile_path_write(&(prl_tile){ level, number, PRL_TILE_WIDTH }, path);
		prl_error_set(err, PRL_E_IO, "log %s: the store is whole below index %llu: %s: %.200s", ledger->origin,
			      (unsigned long long)(number << 8 * (level + 1)), path, cause.text);
		status = PRL_E_IO;
	} else if (status && err)
		*err = cause;
	if (!status)
		memcpy(hashes, buffer.data, size);
	prl_buffer_done(&buffer);
	return status;
}

prl_status prl_ledger_checkpoint(const prl_ledger *ledger, prl_store_reader *reader, prl_checkpoint *ret,
				 prl_error *err)
{
	prl_buffer buffer = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_checkpoint checkpoint;
	prl_status status = prl_store_checkpoint(reader, ledger->log.id, &buffer, err);
	if (!status) {
		const char *end = buffer.size ? memmem(buffer.data, buffer.size, "\n\n", 2) : NULL;
		prl_bytes text = { buffer.data, end ? (size_t)(end + 1 - buffer.data) : buffer.size };
		status = prl_checkpoint_read(text, &checkpoint, err);
		if (status)
			status = prl_error_set(err, PRL_E_IO, "log %s: its checkpoint in the store cannot be read",
					       ledger->origin);
		else if (strcmp(checkpoint.origin, ledger->origin) != 0)
			status = prl_error_set(err, PRL_E_IO, "log %s: its checkpoint in the store is of log %s",
					       ledger->origin, checkpoint.origin);
	}
	if (!status)
		*ret = checkpoint;
	prl_buffer_done(&buffer);
	return status;
}

/* ---- tiles --------------------------------------------------------------------------------------------------- */

/* What the published tree has of a tile, at least width hashes: from memory while it is not full, then from the store.
 */
static prl_status read_tile(prl_ledger *ledger, prl_store_reader *reader, const prl_tile *tile,
			    prl_hash hashes[PRL_TILE_WIDTH], unsigned *ret_width, prl_error *err)
{
	pthread_rwlock_rdlock(&ledger->lock);
	const prl_edge *edge = &ledger->edges[ledger->published];
	unsigned width = prl_tile_width(tile->level, tile->number, edge->frontier.size);
	if (width < PRL_TILE_WIDTH)
		memcpy(hashes, edge->tiles[tile->level], width * sizeof *hashes);
	pthread_rwlock_unlock(&ledger->lock);
	if (width < tile->width)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the log has no such tile");
	prl_status status = PRL_OK;
	if (width == PRL_TILE_WIDTH)
		status = prl_ledger_full_tile(ledger, reader, tile->level, tile->number, hashes, err);
	if (!status)
		*ret_width = width;
	return status;
}

typedef struct comparing {
	prl_ledger *ledger;
	prl_store_reader *reader;
	prl_store_entry_fn *fn;
	void *context;
	prl_tile tile; /* width 0: none yet */
	prl_hash hashes[PRL_TILE_WIDTH];
} comparing;

static prl_status compare_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	comparing *at = context;
	unsigned place = (unsigned)(index % PRL_TILE_WIDTH);
	prl_tile want = { 0, index / PRL_TILE_WIDTH, place + 1 };
	if (at->tile.number != want.number || at->tile.width < want.width) {
		at->tile = want;
		at->tile.width = 0;
		prl_status status = read_tile(at->ledger, at->reader, &want, at->hashes, &at->tile.width, err);
		if (status)
			return status;
	}
	prl_hash leaf = prl_leaf_hash(entry);
	if (prl_hash_equal(&leaf, &at->hashes[place]))
		return at->fn(at->context, index, entry, err);
	return prl_error_set(err, PRL_E_IO,
			     "log %s: entry %llu is damaged: its bytes are not those that were logged; take it back from "
			     "a mirror or a copy",
			     at->ledger->origin, (unsigned long long)index);
}

prl_status prl_ledger_entries(prl_ledger *ledger, prl_store_reader *reader, uint64_t from, uint64_t to,
			      prl_store_entry_fn *fn, void *context, prl_error *err)
{
	comparing *at = malloc(sizeof *at);
	if (!at)
		return prl_error_memory(err);
	at->ledger = ledger;
	at->reader = reader;
	at->fn = fn;
	at->context = context;
	at->tile = (prl_tile){ 0 };
	prl_status status = prl_store_entries(reader, ledger->log.id, from, to, compare_entry, at, err);
	free(at);
	return status;
}

static prl_status append_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	prl_buffer *buffer = context;
	uint8_t length[2] = { (uint8_t)(entry.size >> 8), (uint8_t)entry.size };
	if (entry.size > PRL_ENTRY_MAX)
		return prl_error_set(err, PRL_E_IO, "entry %llu has %zu bytes, expected at most %d",
				     (unsigned long long)index, entry.size, PRL_ENTRY_MAX);
	if (!prl_buffer_append(buffer, length, 2) || !prl_buffer_append(buffer, entry.data, entry.size))
		return prl_error_set(err, PRL_E_TOO_LARGE, "a bundle of more than %zu bytes", buffer->max);
	return PRL_OK;
}

static prl_status read_bundle(prl_ledger *ledger, prl_store_reader *reader, const prl_tile *tile, prl_buffer *ret,
			      prl_error *err)
{
	uint64_t size, begin = tile->number * PRL_TILE_WIDTH;
	prl_ledger_head(ledger, &size, NULL);
	if (prl_tile_width(0, tile->number, size) < tile->width)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the log has no such bundle");
	prl_status status =
		prl_ledger_entries(ledger, reader, begin, begin + tile->width, append_entry, ret, err);
	if (status == PRL_E_NOT_FOUND)
		return prl_error_set(err, PRL_E_IO, "log %s: an entry is missing at or above index %llu",
				     ledger->origin, (unsigned long long)begin);
	return status;
}

prl_status prl_ledger_tile(prl_ledger *ledger, prl_store_reader *reader, const prl_tile *tile, prl_buffer *ret,
			   prl_error *err)
{
	prl_hash hashes[PRL_TILE_WIDTH];
	unsigned width;
	size_t before = ret->size;
	if (tile->level < PRL_TILE_ENTRIES || tile->level >= PRL_TILE_LEVELS || !tile->width ||
	    tile->width > PRL_TILE_WIDTH)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no tile has level %d and width %u", tile->level,
				     tile->width);
	prl_status status = tile->level == PRL_TILE_ENTRIES ? read_bundle(ledger, reader, tile, ret, err)
							    : read_tile(ledger, reader, tile, hashes, &width, err);
	if (!status && tile->level != PRL_TILE_ENTRIES && !prl_buffer_append(ret, hashes, tile->width * sizeof *hashes))
		status = prl_error_set(err, PRL_E_TOO_LARGE, "a tile of more than %zu bytes", ret->max);
	if (status && ret->data) {
		ret->size = before;
		ret->data[before] = 0;
	}
	return status;
}

/* ---- proofs -------------------------------------------------------------------------------------------------- */

/* One tile of each level is kept: a proof climbs through one tile a level, and goes down the edge once. */
typedef struct climber {
	prl_ledger *ledger;
	prl_store_reader *reader;
	prl_tile tiles[PRL_TILE_LEVELS]; /* width 0: none yet */
	prl_hash hashes[PRL_TILE_LEVELS][PRL_TILE_WIDTH];
} climber;

/* Node (level, index) lies in the tile of level / 8 that holds the 2^(level % 8) hashes below it. */
static prl_status read_node(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	climber *at = context;
	unsigned l = level / 8, up = level % 8, begin = (unsigned)(index << up) % PRL_TILE_WIDTH;
	prl_tile want = { (int)l, index >> (8 - up), begin + (1u << up) };
	prl_tile *have = &at->tiles[l];
	if (have->number != want.number || have->width < want.width) {
		have->width = 0;
		prl_status status = read_tile(at->ledger, at->reader, &want, at->hashes[l], &have->width, err);
		if (status)
			return status;
		have->number = want.number;
	}
	*ret = prl_tile_node(at->hashes[l] + begin, up);
	return PRL_OK;
}

/* NULL with *ret_status where the published tree has no such size. */
static climber *climber_new(prl_ledger *ledger, prl_store_reader *reader, uint64_t size, prl_status *ret_status,
			    prl_error *err)
{
	uint64_t published;
	prl_ledger_head(ledger, &published, NULL);
	climber *at = size > published ? NULL : malloc(sizeof *at);
	if (!at) {
		*ret_status = size > published ? prl_error_set(err, PRL_E_RANGE, "size %llu is above the log's %llu",
							       (unsigned long long)size, (unsigned long long)published)
					       : prl_error_memory(err);
		return NULL;
	}
	at->ledger = ledger;
	at->reader = reader;
	memset(at->tiles, 0, sizeof at->tiles);
	return at;
}

prl_status prl_ledger_inclusion(prl_ledger *ledger, prl_store_reader *reader, uint64_t index, uint64_t size,
				prl_proof *ret, prl_error *err)
{
	prl_status status;
	climber *at = climber_new(ledger, reader, size, &status, err);
	if (!at)
		return status;
	status = prl_inclusion_prove(index, size, read_node, at, ret, err);
	free(at);
	return status;
}

prl_status prl_ledger_consistency(prl_ledger *ledger, prl_store_reader *reader, uint64_t old_size, uint64_t new_size,
				  prl_proof *ret, prl_error *err)
{
	prl_status status;
	climber *at = climber_new(ledger, reader, new_size, &status, err);
	if (!at)
		return status;
	status = prl_consistency_prove(old_size, new_size, read_node, at, ret, err);
	free(at);
	return status;
}

prl_status prl_ledger_fork(prl_ledger *ledger, prl_store_reader *reader, uint64_t old_size, uint64_t new_size,
			   prl_proof *ret, prl_error *err)
{
	prl_status status;
	climber *at = climber_new(ledger, reader, new_size, &status, err);
	if (!at)
		return status;
	status = prl_fork_prove(old_size, new_size, read_node, at, ret, err);
	free(at);
	return status;
}

prl_status prl_ledger_root(prl_ledger *ledger, prl_store_reader *reader, uint64_t size, prl_hash *ret, prl_error *err)
{
	prl_status status;
	climber *at = climber_new(ledger, reader, size, &status, err);
	if (!at)
		return status;
	status = prl_tree_root(size, read_node, at, ret, err);
	free(at);
	return status;
}
