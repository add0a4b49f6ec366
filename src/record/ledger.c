/* Opening a ledger, staging entries and publishing them. */
#include "base/error.h"
#include "base/hash.h"
#include "record/ledger_state.h"
#include "record/merkle.h"

#include <string.h>

struct prl_stage {
	prl_ledger *ledger;
	prl_edge *edge;
	prl_store_append append;
	struct prl_store_tile *tiles;
	size_t tile_room;
	prl_hash (*hashes)[PRL_TILE_WIDTH]; /* of tiles, in their order */
};

/* ---- opening ------------------------------------------------------------------------------------------------- */

static prl_status leaf_of_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)err;
	prl_hash *tile = context;
	tile[index % PRL_TILE_WIDTH] = prl_leaf_hash(entry);
	return PRL_OK;
}

/* Makes the tile of level that is not full yet from what the level below has in the store. */
static prl_status load_level(prl_ledger *ledger, prl_store_reader *reader, prl_edge *edge, int level, prl_error *err)
{
	uint64_t end = edge->frontier.size >> 8 * level, begin = end - end % PRL_TILE_WIDTH;
	if (level == 0) {
		prl_status status =
			prl_store_entries(reader, ledger->log.id, begin, end, leaf_of_entry, edge->tiles[0], err);
		if (status == PRL_E_NOT_FOUND)
			return prl_error_set(err, PRL_E_IO, "log %s: an entry is missing at or above index %llu",
					     ledger->origin, (unsigned long long)begin);
		return status;
	}
	for (uint64_t number = begin; number < end; number++) {
		prl_hash hashes[PRL_TILE_WIDTH];
		prl_status status = prl_ledger_full_tile(ledger, reader, level - 1, number, hashes, err);
		if (status)
			return status;
		edge->tiles[level][number % PRL_TILE_WIDTH] = prl_tile_node(hashes, 8);
	}
	return PRL_OK;
}

/* The newest checkpoint may be of a smaller tree: a mirror that catches up stores entries before it has a checkpoint
 * of just that size. */
static prl_status agree_with_checkpoint(prl_ledger *ledger, prl_store_reader *reader, const prl_checkpoint *checkpoint,
					prl_error *err)
{
	prl_hash root;
	if (checkpoint->size > ledger->log.size)
		return prl_error_set(
			err, PRL_E_IO,
			"log %s: the store has %llu entries, its checkpoint says %llu: whole below index %llu",
			ledger->origin, (unsigned long long)ledger->log.size, (unsigned long long)checkpoint->size,
			(unsigned long long)ledger->log.size);
	prl_status status = prl_ledger_root(ledger, reader, checkpoint->size, &root, err);
	if (status || prl_hash_equal(&root, &checkpoint->root))
		return status;
	return prl_error_set(err, PRL_E_IO, "log %s: the entries do not lead to the checkpoint of size %llu",
			     ledger->origin, (unsigned long long)checkpoint->size);
}

/* The edge of the tree as it is now. Beside a writer in another process the log grows between any two looks: the
 * checkpoint is read first, the size after it, so that a whole record never has a checkpoint beyond its size. */
static prl_status load_edge(prl_ledger *ledger, prl_store_reader *reader, prl_error *err)
{
	prl_edge *edge = &ledger->edges[ledger->published];
	prl_checkpoint checkpoint;
	prl_status status = prl_ledger_checkpoint(ledger, reader, &checkpoint, err);
	bool none = status == PRL_E_NOT_FOUND;
	if (!status || none)
		status = prl_store_size(reader, ledger->log.id, &ledger->log.size, err);
	if (!status && ledger->log.size >= PRL_TREE_MAX)
		status = prl_error_set(err, PRL_E_IO, "log %s: a size of 2^63 or more", ledger->origin);
	edge->frontier.size = ledger->log.size;
	for (int level = 0; level < PRL_TILE_LEVELS && !status; level++)
		status = load_level(ledger, reader, edge, level, err);
	if (status)
		return status;
	prl_edge_peaks(edge);
	return none ? PRL_OK : agree_with_checkpoint(ledger, reader, &checkpoint, err);
}

/* Makes the published edge from the store. Where that fails, the whole of it is read to say how far it can be used. */
static prl_status load(prl_ledger *ledger, prl_error *err)
{
	prl_store_reader *reader;
	prl_status status = prl_store_reader_new(ledger->store, &reader, err);
	if (status)
		return status;
	status = load_edge(ledger, reader, err);
	if (status == PRL_E_IO) {
		prl_error found;
		if (prl_ledger_check(ledger, reader, NULL, NULL, &found) == PRL_E_IO && err)
			*err = found;
	}
	prl_store_reader_free(reader);
	return status;
}

prl_status prl_ledger_open(prl_store *store, const char *origin, bool create, prl_ledger **ret, prl_error *err)
{
	prl_ledger *ledger = calloc(1, sizeof *ledger);
	if (!ledger)
		return prl_error_memory(err);
	ledger->store = store;
	ledger->origin = prl_text_copy(origin, strlen(origin));
	if (!ledger->origin || pthread_rwlock_init(&ledger->lock, NULL) != 0) {
		free(ledger->origin);
		free(ledger);
		return prl_error_memory(err);
	}
	prl_status status = prl_store_log_open(store, origin, create, &ledger->log, err);
	if (!status)
		status = load(ledger, err);
	if (status) {
		prl_ledger_free(ledger);
		return status;
	}
	*ret = ledger;
	return PRL_OK;
}

void prl_ledger_free(prl_ledger *ledger)
{
	if (!ledger)
		return;
	pthread_rwlock_destroy(&ledger->lock);
	free(ledger->origin);
	free(ledger);
}

const char *prl_ledger_origin(const prl_ledger *ledger)
{
	return ledger->origin;
}

const prl_store_log *prl_ledger_log(const prl_ledger *ledger)
{
	return &ledger->log;
}

void prl_ledger_head(prl_ledger *ledger, uint64_t *ret_size, prl_hash *ret_root)
{
	pthread_rwlock_rdlock(&ledger->lock);
	prl_frontier frontier = ledger->edges[ledger->published].frontier;
	pthread_rwlock_unlock(&ledger->lock);
	if (ret_size)
		*ret_size = frontier.size;
	if (ret_root)
		*ret_root = prl_frontier_root(&frontier);
}

prl_status prl_ledger_take(prl_ledger *ledger, prl_error *err)
{
	prl_store_log log = ledger->log;
	prl_status status = prl_store_take_log(ledger->store, &log, err);
	if (status)
		return status;
	if (log.size != ledger->log.size)
		return prl_error_set(err, PRL_E_STALE,
				     "log %s has grown from %llu to %llu entries since it was opened: open it again",
				     ledger->origin, (unsigned long long)ledger->log.size,
				     (unsigned long long)log.size);
	ledger->log = log;
	return PRL_OK;
}

/* ---- staging ------------------------------------------------------------------------------------------------- */

static prl_status keep_tile(void *context, int level, uint64_t number, const prl_hash hashes[PRL_TILE_WIDTH],
			    prl_error *err)
{
	(void)err;
	prl_stage *stage = context;
	size_t i = stage->append.tile_count++;
	memcpy(stage->hashes[i], hashes, sizeof stage->hashes[i]);
	stage->tiles[i] =
		(struct prl_store_tile){ level, number, { (const char *)stage->hashes[i], sizeof stage->hashes[i] } };
	return PRL_OK;
}

static prl_status check_entries(const prl_ledger *ledger, const prl_bytes *entries, size_t count, prl_error *err)
{
	if (ledger->staged)
		return prl_error_set(err, PRL_E_STALE, "log %s: a stage is open already", ledger->origin);
	if (count >= PRL_TREE_MAX - ledger->log.size)
		return prl_error_set(err, PRL_E_TOO_LARGE, "log %s: more than 2^63 entries", ledger->origin);
	for (size_t i = 0; i < count; i++)
		if (entries[i].size > PRL_ENTRY_MAX)
			return prl_error_set(err, PRL_E_TOO_LARGE,
					     "entry %zu of the batch has %zu bytes, expected at most %d", i,
					     entries[i].size, PRL_ENTRY_MAX);
	return PRL_OK;
}

/* A stage with room for just the tiles that the new entries fill. */
static prl_stage *new_stage(prl_ledger *ledger, size_t count)
{
	prl_stage *stage = calloc(1, sizeof *stage);
	if (!stage)
		return NULL;
	uint64_t old_size = ledger->log.size, size = old_size + count;
	for (unsigned level = 1; level < PRL_TILE_LEVELS; level++)
		stage->tile_room += (size_t)((size >> 8 * level) - (old_size >> 8 * level));
	stage->tiles = prl_array_new(stage->tile_room, sizeof *stage->tiles);
	stage->hashes = prl_array_new(stage->tile_room, sizeof *stage->hashes);
	if (!stage->tiles || !stage->hashes) {
		free(stage->tiles);
		free(stage->hashes);
		free(stage);
		return NULL;
	}
	stage->ledger = ledger;
	stage->edge = &ledger->edges[!ledger->published];
	prl_edge_copy(stage->edge, &ledger->edges[ledger->published]);
	ledger->staged = true;
	return stage;
}

prl_status prl_ledger_stage(prl_ledger *ledger, const prl_bytes *entries, size_t count, prl_stage **ret, prl_error *err)
{
	prl_status status = check_entries(ledger, entries, count, err);
	if (status)
		return status;
	prl_stage *stage = new_stage(ledger, count);
	if (!stage)
		return prl_error_memory(err);
	stage->append = (prl_store_append){ .log = ledger->log.id,
					    .epoch = ledger->log.epoch,
					    .expected_size = ledger->log.size,
					    .entries = entries,
					    .entry_count = count,
					    .tiles = stage->tiles };
	for (size_t i = 0; i < count && !status; i++) {
		prl_hash leaf = prl_leaf_hash(entries[i]);
		status = prl_edge_append(stage->edge, &leaf, keep_tile, stage, err);
	}
	if (status) {
		prl_stage_free(stage);
		return status;
	}
	*ret = stage;
	return PRL_OK;
}

uint64_t prl_stage_size(const prl_stage *stage)
{
	return stage->edge->frontier.size;
}

prl_hash prl_stage_root(const prl_stage *stage)
{
	return prl_frontier_root(&stage->edge->frontier);
}

const prl_store_append *prl_stage_append(prl_stage *stage, prl_bytes checkpoint)
{
	stage->append.checkpoint = checkpoint;
	return &stage->append;
}

void prl_stage_publish(prl_stage *stage)
{
	prl_ledger *ledger = stage->ledger;
	pthread_rwlock_wrlock(&ledger->lock);
	ledger->published = !ledger->published;
	ledger->log.size = stage->edge->frontier.size;
	pthread_rwlock_unlock(&ledger->lock);
	prl_stage_free(stage);
}

void prl_stage_free(prl_stage *stage)
{
	if (!stage)
		return;
	stage->ledger->staged = false;
	free(stage->tiles);
	free(stage->hashes);
	free(stage);
}
