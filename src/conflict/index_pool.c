/* Memory of nodes comes in chunks of 2 MiB that start on a 2 MiB boundary, so that the kernel can map each with one
 * large page: a query jumps about in hundreds of megabytes and would otherwise miss the TLB at every node. */
#include "conflict/index_tree.h"

#include "base/memory.h"

#include <string.h>
#include <sys/mman.h>

#define CHUNK ((size_t)2 << 20)

static bool chunk_new(struct prl_index *ix, struct prl_pool *pool, size_t bytes)
{
	if (ix->chunk_count == ix->chunk_room) {
		size_t room = ix->chunk_room ? 2 * ix->chunk_room : 16;
		void **chunks = prl_array_resize(ix->chunks, room, sizeof *chunks);
		if (!chunks)
			return false;
		ix->chunks = chunks;
		ix->chunk_room = room;
	}
	char *chunk = aligned_alloc(bytes % CHUNK ? PRL_LINE : CHUNK, bytes);
	if (!chunk)
		return false;
	if (bytes % CHUNK == 0)
		madvise(chunk, bytes, MADV_HUGEPAGE); /* a wish; without it all works, slower */
	/* What is left of the chunk before joins the free nodes. */
	for (; (size_t)(pool->fresh_end - pool->fresh) >= pool->node_bytes; pool->fresh += pool->node_bytes) {
		*(void **)(void *)pool->fresh = pool->free;
		pool->free = pool->fresh;
		pool->free_count++;
	}
	pool->fresh = chunk;
	pool->fresh_end = chunk + bytes;
	ix->chunks[ix->chunk_count++] = chunk;
	ix->chunk_bytes += bytes;
	return true;
}

/* Chunks are as small as will do while the index is small. */
static bool pool_reserve(struct prl_index *ix, struct prl_pool *pool, size_t nodes)
{
	if (pool->free_count >= nodes ||
	    pool->free_count + (size_t)(pool->fresh_end - pool->fresh) / pool->node_bytes >= nodes)
		return true;
	size_t unit = ix->chunk_bytes + nodes * pool->node_bytes < 2 * CHUNK ? 1 << 16 : CHUNK;
	return chunk_new(ix, pool, (nodes * pool->node_bytes + unit - 1) / unit * unit);
}

static void *pool_take(struct prl_pool *pool)
{
	void *node = pool->free;
	if (node) {
		memcpy(&pool->free, node, sizeof pool->free);
		pool->free_count--;
		for (size_t at = 0; pool->free && at < pool->node_bytes; at += PRL_LINE)
			__builtin_prefetch((char *)pool->free + at, 1); /* the next to be taken is in no cache either */
		return node;
	}
	node = pool->fresh;
	pool->fresh += pool->node_bytes;
	return node;
}

static void pool_give(struct prl_pool *pool, void *node)
{
	memcpy(node, &pool->free, sizeof pool->free);
	pool->free = node;
	pool->free_count++;
}

struct prl_leaf *prl_leaf_take(struct prl_index *ix)
{
	return pool_take(&ix->leaves);
}

struct prl_inner *prl_inner_take(struct prl_index *ix)
{
	return pool_take(&ix->inners);
}

void prl_leaf_give(struct prl_index *ix, void *leaf)
{
	pool_give(&ix->leaves, leaf);
}

void prl_inner_give(struct prl_index *ix, void *inner)
{
	pool_give(&ix->inners, inner);
}

uint32_t prl_spot_take(struct prl_index *ix)
{
	if (ix->free_spot == PRL_NO_NODE)
		return ix->spot_count++;
	uint32_t number = ix->free_spot;
	ix->free_spot = ix->spots[number].up;
	ix->free_spot_count--;
	return number;
}

void prl_spot_give(struct prl_index *ix, uint32_t number)
{
	ix->spots[number] = (struct prl_spot){ .node = NULL, .up = ix->given_first };
	if (!ix->given_count++)
		ix->given_last = number;
	ix->given_first = number;
}

void prl_spots_free(struct prl_index *ix)
{
	if (!ix->given_count)
		return;
	ix->spots[ix->given_last].up = ix->free_spot;
	ix->free_spot = ix->given_first;
	ix->free_spot_count += ix->given_count;
	ix->given_first = PRL_NO_NODE;
	ix->given_count = 0;
}

static bool spots_reserve(struct prl_index *ix, size_t more)
{
	size_t need = (size_t)ix->spot_count + more;
	if (ix->free_spot_count >= more || need <= ix->spot_room)
		return true;
	size_t room = (size_t)ix->spot_room + ix->spot_room / 4;
	if (room < need)
		room = need;
	struct prl_spot *spots = room < PRL_NO_NODE / PRL_FAN ? prl_array_resize(ix->spots, room, sizeof *spots) : NULL;
	if (!spots)
		return false;
	ix->spots = spots;
	ix->spot_room = (uint32_t)room;
	return true;
}

bool prl_dead_reserve(struct prl_dead_list *list, size_t more)
{
	if (list->room - list->count >= more)
		return true;
	size_t room = 2 * list->room > list->count + more ? 2 * list->room : list->count + more + 32;
	struct prl_dead *items = prl_array_resize(list->items, room, sizeof *items);
	if (!items)
		return false;
	list->items = items;
	list->room = room;
	return true;
}

prl_status prl_tree_reserve(struct prl_index *ix, size_t leaves, size_t inners, size_t spots, size_t dead)
{
	bool all = pool_reserve(ix, &ix->leaves, leaves) && pool_reserve(ix, &ix->inners, inners) &&
		   spots_reserve(ix, spots) && prl_dead_reserve(&ix->working->dead, dead);
	return all ? PRL_OK : PRL_E_MEMORY;
}

uint32_t *prl_id_slot(const struct prl_index *ix, uint32_t id)
{
	size_t page = id / PRL_ID_PAGE;
	return page < ix->id_pages && ix->ids[page] ? &ix->ids[page][id % PRL_ID_PAGE] : NULL;
}

prl_status prl_id_page(struct prl_index *ix, uint32_t id)
{
	size_t page = id / PRL_ID_PAGE;
	if (page >= ix->id_pages) {
		size_t pages = page + 1 + ix->id_pages / 2;
		uint32_t **ids = prl_array_resize(ix->ids, pages, sizeof *ids);
		if (!ids)
			return PRL_E_MEMORY;
		for (size_t i = ix->id_pages; i < pages; i++)
			ids[i] = NULL;
		ix->ids = ids;
		ix->id_pages = pages;
	}
	if (!ix->ids[page]) {
		ix->ids[page] = prl_array_new(PRL_ID_PAGE, sizeof **ix->ids);
		if (!ix->ids[page])
			return PRL_E_MEMORY;
		memset(ix->ids[page], 0xFF, PRL_ID_PAGE * sizeof **ix->ids); /* PRL_NO_SLOT */
		ix->id_bytes += PRL_ID_PAGE * sizeof **ix->ids;
	}
	return PRL_OK;
}

void prl_pool_done(struct prl_index *ix)
{
	for (size_t i = 0; i < ix->chunk_count; i++)
		free(ix->chunks[i]);
	for (size_t i = 0; i < ix->id_pages; i++)
		free(ix->ids[i]);
	free(ix->chunks);
	free(ix->ids);
	free(ix->spots);
}
