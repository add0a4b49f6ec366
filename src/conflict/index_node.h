/* NODES OF THE INDEX
 *
 * The index is a tree of bounding boxes with 16 entries a node, all leaves at the same depth. Coordinates lie
 * axis by axis ("lanes"), so that one node is compared with a box in 8 vector compares of 16 lanes:
 *
 *   leaf   576 bytes: min[4][16] max[4][16] | id[16]
 *   inner  768 bytes: min[4][16] max[4][16] | child[16] | number[16] | live[16]
 *
 * Which lanes of a node are in use is not written in the node but in its parent (live[], a bit a lane; the root's in
 * the version). This is what makes a version cheap: inner nodes never change once published, they are copied; but a
 * leaf is shared by many versions, each of which sees the lanes that its own live[] names. A box is removed by
 * clearing a bit in (a copy of) the parent, and added by filling a lane that no version sees.
 *
 * Lanes that are not live hold anything, but in a node that readers can see only the writer's fresh lanes change:
 * vector code reads them and drops the outcome, scalar code (which ThreadSanitizer checks) does not read them. */
#ifndef PRL_CONFLICT_INDEX_NODE_H
#define PRL_CONFLICT_INDEX_NODE_H

#include <parley/index.h>

#define PRL_FAN  16u /* lanes of a node */
#define PRL_LINE 64  /* bytes of a cache line; every row of 16 coordinates is one */
/* The root only splits when full, and among siblings nodes of fewer than 5 entries are kept rare (index_change.c), so
 * that nodes have 3 entries or more on average; 3^19 is over PRL_INDEX_MAX_BOXES. */
#define PRL_MAX_HEIGHT 24u

struct prl_lanes {
	_Alignas(PRL_LINE) int32_t min[4][PRL_FAN];
	int32_t max[4][PRL_FAN];
};

struct prl_leaf {
	struct prl_lanes at;
	uint32_t id[PRL_FAN];
};

struct prl_inner {
	struct prl_lanes at;      /* at: bounds of each child's live lanes; never too small */
	void *child[PRL_FAN];     /* struct prl_leaf at level 1, struct prl_inner above */
	uint32_t number[PRL_FAN]; /* the child's number; only the writer reads it */
	uint16_t live[PRL_FAN];   /* the child's lanes that this version sees; never 0 for a child that is live */
};

_Static_assert(sizeof(struct prl_leaf) == 576, "a leaf is nine cache lines");
_Static_assert(sizeof(struct prl_inner) == 768, "an inner node is twelve cache lines");

/* What readers need of a version: the root is always an inner node, at level height >= 1. */
struct prl_view {
	const struct prl_inner *root;
	uint32_t live; /* the root's lanes */
	uint32_t height;
};

static inline prl_box prl_lanes_get(const struct prl_lanes *at, unsigned lane)
{
	prl_box box;
	for (int a = 0; a < 4; a++) {
		box.min[a] = at->min[a][lane];
		box.max[a] = at->max[a][lane];
	}
	return box;
}

static inline void prl_lanes_set(struct prl_lanes *at, unsigned lane, const prl_box *box)
{
	for (int a = 0; a < 4; a++) {
		at->min[a][lane] = box->min[a];
		at->max[a][lane] = box->max[a];
	}
}

static inline bool prl_box_equal(const prl_box *a, const prl_box *b)
{
	int different = 0;
	for (int i = 0; i < 4; i++)
		different |= (a->min[i] ^ b->min[i]) | (a->max[i] ^ b->max[i]);
	return !different;
}

#endif
