/* The public functions of the index; index_tree.h tells how it is made. */
#include "conflict/index_tree.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* ---- writer ---------------------------------------------------------------------------------------------------- */

static prl_status box_check(const prl_box *box, prl_error *err)
{
	for (int a = 0; a < 4; a++)
		if (box->min[a] > box->max[a])
			return prl_error_set(err, PRL_E_RANGE, "min %d is above max %d on axis %d", (int)box->min[a],
					     (int)box->max[a], a);
	return PRL_OK;
}

/* Items for the build, each id's slot marked as taken. */
static prl_status take_items(struct prl_index *ix, const prl_box *boxes, const uint32_t *ids, size_t count,
			     struct prl_item *items, prl_error *err)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t id = ids ? ids[i] : (uint32_t)i;
		prl_status status = box_check(&boxes[i], err);
		if (status)
			return prl_error_at(err, status, "box %zu", i);
		if (id > PRL_INDEX_MAX_ID)
			return prl_error_set(err, PRL_E_RANGE, "id %u is above %u", id, PRL_INDEX_MAX_ID);
		if (prl_id_page(ix, id))
			return prl_error_memory(err);
		uint32_t *slot = prl_id_slot(ix, id);
		if (*slot != PRL_NO_SLOT)
			return prl_error_set(err, PRL_E_DUPLICATE, "id %u comes twice", id);
		*slot = 0;
		items[i] = (struct prl_item){ boxes[i], id };
	}
	return PRL_OK;
}

static prl_status index_fill(struct prl_index *ix, const prl_box *boxes, const uint32_t *ids, size_t count,
			     prl_error *err)
{
	struct prl_item *items = prl_array_new(count, sizeof *items);
	if (!items)
		return prl_error_set(err, PRL_E_MEMORY, "out of memory for %zu boxes", count);
	prl_status status = take_items(ix, boxes, ids, count, items, err);
	if (!status && (prl_tree_build(ix, items, count) || prl_version_publish(ix)))
		status = prl_error_set(err, PRL_E_MEMORY, "out of memory for %zu boxes", count);
	free(items);
	return status;
}

prl_status prl_index_new(const prl_box *boxes, const uint32_t *ids, size_t count, prl_index **ret_index, prl_error *err)
{
	if (count > PRL_INDEX_MAX_BOXES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu boxes are more than %u", count, PRL_INDEX_MAX_BOXES);
	struct prl_index *ix = calloc(1, sizeof *ix);
	if (!ix)
		return prl_error_memory(err);
	ix->simd = prl_index_simd();
	ix->leaves.node_bytes = sizeof(struct prl_leaf);
	ix->inners.node_bytes = sizeof(struct prl_inner);
	ix->free_spot = ix->given_first = PRL_NO_NODE;
	ix->split = prl_split_new();
	prl_status status = ix->split && !prl_version_first(ix) ? PRL_OK : prl_error_memory(err);
	if (!status)
		status = index_fill(ix, boxes, ids, count, err);
	if (status)
		prl_index_free(ix);
	else
		*ret_index = ix;
	return status;
}

void prl_index_free(prl_index *index)
{
	if (!index)
		return;
	prl_version_done(index);
	prl_pool_done(index);
	prl_split_free(index->split);
	free(index);
}

prl_status prl_index_insert(prl_index *index, uint32_t id, const prl_box *box, prl_error *err)
{
	prl_status status = box_check(box, err);
	if (status)
		return status;
	if (id > PRL_INDEX_MAX_ID)
		return prl_error_set(err, PRL_E_RANGE, "id %u is above %u", id, PRL_INDEX_MAX_ID);
	if (index->working->count >= PRL_INDEX_MAX_BOXES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the index is full: %u boxes", PRL_INDEX_MAX_BOXES);
	const uint32_t *slot = prl_id_slot(index, id);
	if (slot && *slot != PRL_NO_SLOT)
		return prl_error_set(err, PRL_E_DUPLICATE, "id %u is in the index already", id);
	if ((!slot && prl_id_page(index, id)) || prl_change_reserve(index))
		return prl_error_memory(err);
	prl_change_insert(index, id, box);
	return PRL_OK;
}

/* Makes ready to remove id. An insert of it that still waits is done first, for what waits has no slot. */
static prl_status ready_to_remove(prl_index *index, uint32_t id, prl_error *err)
{
	const uint32_t *slot = prl_id_slot(index, id);
	if (!slot || *slot == PRL_NO_SLOT)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no id %u in the index", id);
	if (*slot == PRL_QUEUED_SLOT)
		prl_change_flush(index);
	return prl_change_reserve(index) ? prl_error_memory(err) : PRL_OK;
}

prl_status prl_index_remove(prl_index *index, uint32_t id, prl_error *err)
{
	prl_status status = ready_to_remove(index, id, err);
	if (!status)
		prl_change_remove(index, id);
	return status;
}

prl_status prl_index_update(prl_index *index, uint32_t id, const prl_box *box, prl_error *err)
{
	prl_status status = box_check(box, err);
	if (!status)
		status = ready_to_remove(index, id, err);
	if (status)
		return status;
	prl_change_remove(index, id);
	/* Should that have worked off the removals, what is reserved for inserts is still there. */
	prl_change_insert(index, id, box);
	return PRL_OK;
}

prl_status prl_index_publish(prl_index *index, uint64_t *ret_version, prl_error *err)
{
	prl_change_flush(index);
	if (prl_version_publish(index))
		return prl_error_memory(err);
	if (ret_version)
		*ret_version = index->newest->number;
	return PRL_OK;
}

void prl_index_discard(prl_index *index)
{
	prl_change_flush(index); /* what waits has changed slots; it is simplest undone once it is done */
	prl_change_discard(index);
}

const prl_snapshot *prl_index_working(prl_index *index)
{
	prl_change_flush(index);
	return index->working;
}

bool prl_index_get(prl_index *index, uint32_t id, prl_box *ret_box)
{
	const uint32_t *slot = prl_id_slot(index, id);
	if (!slot || *slot == PRL_NO_SLOT)
		return false;
	if (*slot == PRL_QUEUED_SLOT)
		prl_change_flush(index);
	const struct prl_leaf *leaf = index->spots[*slot / PRL_FAN].node;
	*ret_box = prl_lanes_get(&leaf->at, *slot % PRL_FAN);
	return true;
}

size_t prl_index_bytes(const prl_index *index)
{
	size_t bytes = sizeof *index + index->chunk_bytes + index->id_bytes + index->id_pages * sizeof *index->ids +
		       (size_t)index->spot_room * sizeof *index->spots + index->chunk_room * sizeof *index->chunks +
		       index->working->dead.room * sizeof(struct prl_dead);
	for (const struct prl_snapshot *v = index->oldest; v; v = v->newer)
		bytes += sizeof *v + v->dead.room * sizeof(struct prl_dead);
	return bytes;
}

/* ---- readers --------------------------------------------------------------------------------------------------- */

uint64_t prl_snapshot_version(const prl_snapshot *snapshot)
{
	return snapshot->number;
}

size_t prl_snapshot_count(const prl_snapshot *snapshot)
{
	return snapshot->count;
}

struct ids_out {
	struct prl_id_sink sink; /* first: full() gets a pointer to it */
	prl_ids_fn *on_ids;
	void *context;
};

static bool ids_out_flush(struct prl_id_sink *sink)
{
	struct ids_out *out = (struct ids_out *)sink;
	bool more = out->on_ids(sink->ids, sink->count, out->context);
	sink->count = 0;
	return more;
}

prl_status prl_snapshot_query(const prl_snapshot *snapshot, const prl_box *box, prl_ids_fn *on_ids, void *context)
{
	uint32_t ids[256];
	struct ids_out out = { { ids, 0, sizeof ids / sizeof *ids, ids_out_flush }, on_ids, context };
	bool done =
		snapshot->simd->query(&snapshot->view, box, &out.sink) && (!out.sink.count || ids_out_flush(&out.sink));
	return done ? PRL_OK : PRL_E_CALLBACK;
}

static bool ids_grow(struct prl_id_sink *sink)
{
	size_t room = 2 * sink->room + 256;
	uint32_t *ids = prl_array_resize(sink->ids, room, sizeof *ids);
	if (!ids)
		return false;
	sink->ids = ids;
	sink->room = room;
	return true;
}

prl_status prl_snapshot_find(const prl_snapshot *snapshot, const prl_box *box, prl_ids *ret_ids)
{
	struct prl_id_sink sink = { ret_ids->ids, 0, ret_ids->room, ids_grow };
	bool done = snapshot->simd->query(&snapshot->view, box, &sink);
	*ret_ids = (prl_ids){ sink.ids, sink.count, sink.room };
	return done ? PRL_OK : PRL_E_MEMORY;
}

void prl_ids_done(prl_ids *ids)
{
	free(ids->ids);
	*ids = (prl_ids){ 0 };
}

struct pairs_out {
	struct prl_pair_sink sink; /* first: full() gets a pointer to it */
	prl_pairs_fn *on_pairs;
	void *context;
};

static bool pairs_out_flush(struct prl_pair_sink *sink)
{
	struct pairs_out *out = (struct pairs_out *)sink;
	bool more = out->on_pairs(sink->pairs, sink->count, out->context);
	sink->count = 0;
	return more;
}

prl_status prl_snapshot_join(const prl_snapshot *snapshot, prl_pairs_fn *on_pairs, void *context)
{
	prl_pair pairs[1024];
	struct pairs_out out = { { pairs, 0, sizeof pairs / sizeof *pairs, pairs_out_flush }, on_pairs, context };
	bool done = snapshot->simd->join(&snapshot->view, &out.sink) && (!out.sink.count || pairs_out_flush(&out.sink));
	return done ? PRL_OK : PRL_E_CALLBACK;
}
