#include "record/edge.h"

#include <string.h>

/* As prl_frontier_append(), stopping at every eighth level: the node there is a hash of a tile. The node of level 8·l
 * comes out exactly when it is complete, so that no partial tile is ever hashed into the level above. */
prl_status prl_edge_append(prl_edge *edge, const prl_hash *leaf, prl_full_tile_fn *full, void *context, prl_error *err)
{
	prl_frontier *frontier = &edge->frontier;
	prl_hash hash = *leaf;
	for (unsigned level = 0;; level++) {
		uint64_t index = frontier->size >> level;
		if (level % 8 == 0) {
			prl_hash *tile = edge->tiles[level / 8];
			tile[index % PRL_TILE_WIDTH] = hash;
			prl_status status = PRL_OK;
			if (index % PRL_TILE_WIDTH == PRL_TILE_WIDTH - 1)
				status = full(context, (int)level / 8, index / PRL_TILE_WIDTH, tile, err);
			if (status)
				return status;
		}
		if (!(index & 1)) {
			frontier->peaks[level] = hash;
			frontier->size++;
			return PRL_OK;
		}
		hash = prl_node_hash(&frontier->peaks[level], &hash);
	}
}

unsigned prl_edge_width(const prl_edge *edge, int level)
{
	return (unsigned)(edge->frontier.size >> 8 * level & (PRL_TILE_WIDTH - 1));
}

prl_hash prl_tile_node(const prl_hash *hashes, unsigned level)
{
	prl_hash nodes[PRL_TILE_WIDTH / 2];
	if (!level)
		return hashes[0];
	for (size_t count = (size_t)1 << (level - 1); count; count /= 2, hashes = nodes)
		for (size_t i = 0; i < count; i++)
			nodes[i] = prl_node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
	return nodes[0];
}

void prl_edge_peaks(prl_edge *edge)
{
	for (int l = 0; l < PRL_TILE_LEVELS; l++) {
		unsigned width = prl_edge_width(edge, l), begin = 0;
		for (unsigned j = 8; j--;) {
			if (!(width >> j & 1))
				continue;
			edge->frontier.peaks[8 * l + (int)j] = prl_tile_node(&edge->tiles[l][begin], j);
			begin += 1u << j;
		}
	}
}

void prl_edge_copy(prl_edge *to, const prl_edge *from)
{
	to->frontier = from->frontier;
	for (int l = 0; l < PRL_TILE_LEVELS; l++)
		memcpy(to->tiles[l], from->tiles[l], prl_edge_width(from, l) * sizeof(prl_hash));
}
