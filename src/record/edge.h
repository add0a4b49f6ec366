/* The right edge of a tree in tiles (tlog-tiles v0.1.0): its frontier and, of each level, the hashes of the tile that
 * is not full yet. All that appending needs, and all that is not in a stored tile. */
#ifndef PRL_RECORD_EDGE_H
#define PRL_RECORD_EDGE_H

#include <parley/record.h>

#define PRL_TILE_LEVELS 8 /* 256^8 entries */

/* Invariant: of tiles[l] the first (size >> 8·l) & 255 hashes are valid, size being the frontier's; hash i of them
 * covers 256^l leaves. */
typedef struct prl_edge {
	prl_frontier frontier;
	prl_hash tiles[PRL_TILE_LEVELS][PRL_TILE_WIDTH];
} prl_edge;

/* What to do with a tile that became full. */
typedef prl_status prl_full_tile_fn(void *context, int level, uint64_t number, const prl_hash hashes[PRL_TILE_WIDTH],
				    prl_error *err);

/* Adds a leaf; calls full for each tile that it fills, lowest level first. After a failure the edge is of no use. */
PRL_MUST prl_status prl_edge_append(prl_edge *edge, const prl_hash *leaf, prl_full_tile_fn *full, void *context,
				    prl_error *err);

/* Width of the tile of level that is not full yet. */
unsigned prl_edge_width(const prl_edge *edge, int level);

/* Makes the frontier's peaks again from the tiles. */
void prl_edge_peaks(prl_edge *edge);

/* Copies what is valid. */
void prl_edge_copy(prl_edge *to, const prl_edge *from);

/* The node over 2^level hashes of a tile, level at most 8. */
prl_hash prl_tile_node(const prl_hash *hashes, unsigned level);

#endif
