/* THE INDEX: what its writer knows.
 *
 *   index_node.h     nodes, and why versions can share them
 *   index_simd*      the loops of readers
 *   index_split.c    which boxes to put together
 *   index_pool.c     memory of nodes; numbers of nodes; where each id is
 *   index_build.c    making the tree of many boxes at once
 *   index_change.c   insert and remove
 *   index_discard.c  going back to what is published
 *   index_version.c  publish, pin, unpin; freeing what no version sees
 *   index.c          the public functions
 *
 * Every node has a *number*, which stays while the node is copied from version to version; spots[number] says where
 * its newest copy is and where it hangs. ids[id] says leaf and lane. Both are the writer's alone. So removing a box
 * reads two tables, follows the parents up and touches no leaf.
 *
 * Invariants, between two calls of the writer:
 *   - spots[n].node is the newest copy of n; spots[n].born is the version in which that copy was made. It may be
 *     changed in place iff born is the working version; else it must be copied first (leaves: see `used`).
 *   - spots[n].up = parent's number * 16 + lane there; the root has none (UP_ROOT).
 *   - the parent's live[] for n is never 0 and is a part of spots[n].used.
 *   - used, of a leaf: lanes that some version may see, or that the working one does. A lane outside it may be written.
 *   - the lanes' bounds in a parent hold the child's live lanes. They may be larger after a removal, until the next
 *     insert below them.
 *   - while the queue is not empty: free nodes, spots and dead entries enough for all that it can hold, so that
 *     changes cannot fail half-way. */
#ifndef PRL_CONFLICT_INDEX_TREE_H
#define PRL_CONFLICT_INDEX_TREE_H

#include "conflict/index_split.h"

#include <stdatomic.h>

#define PRL_NO_NODE     UINT32_MAX
#define PRL_UP_ROOT     UINT32_MAX
#define PRL_NO_SLOT     UINT32_MAX
#define PRL_QUEUED_SLOT (UINT32_MAX - 1) /* inserted, waits in the queue */
#define PRL_QUEUE       32u
#define PRL_ID_PAGE     4096u

struct prl_spot {
	void *node;
	uint64_t born;
	uint32_t up; /* of a free number, or one given up: the next one */
	uint16_t used;
};

enum prl_dead_kind { PRL_DEAD_LEAF, PRL_DEAD_INNER, PRL_DEAD_LANE };

/* What a version sees and later ones do not: a copy of a node, or a lane of a leaf. */
struct prl_dead {
	void *node;
	uint64_t born;   /* first version that saw the node */
	uint32_t number; /* of the node, or of the lane's leaf */
	uint16_t lane;
	uint16_t kind;
};

struct prl_dead_list {
	struct prl_dead *items;
	size_t count, room;
};

/* A version. Its memory belongs to versions for as long as the index lives, so that a reader that comes late may
 * touch `pins` of a version that is gone. */
struct prl_snapshot {
	struct prl_view view;
	const struct prl_index_simd *simd;
	uint64_t number;
	size_t count;
	struct prl_dead_list dead;          /* last seen by this version */
	struct prl_snapshot *older, *newer; /* versions that are kept; of a free one: newer is the next free one */
	_Alignas(PRL_LINE) _Atomic uint32_t pins;
};

/* Nodes of one size. */
struct prl_pool {
	size_t node_bytes;
	void *free; /* freed nodes, linked through their first word */
	size_t free_count;
	char *fresh, *fresh_end; /* rest of the newest chunk */
};

/* Changes wait until there are 32 of a kind, the version is published or the writer looks at it. Each jumps through
 * memory that is in no cache; together they wait for it once. Removals come first when the queue is worked off, so an
 * id may be in both. */
struct prl_queue {
	uint32_t remove_count, insert_count;
	uint32_t removes[PRL_QUEUE]; /* slots; stay right since nothing moves before the queue is worked off */
	struct prl_item inserts[PRL_QUEUE];
	uint32_t leaves[PRL_QUEUE]; /* working space of the insert */
};

struct prl_index {
	const struct prl_index_simd *simd;
	struct prl_queue queue;
	struct prl_weigh weigh;
	double typical[4]; /* mean extents, of all boxes at first, then moving */
	struct prl_split *split;

	struct prl_pool leaves, inners;
	void **chunks;
	size_t chunk_count, chunk_room, chunk_bytes;

	struct prl_spot *spots;
	uint32_t spot_count, spot_room, free_spot, free_spot_count;
	/* Numbers given up in the working version, a list: free once it is published, lest it be discarded. */
	uint32_t given_first, given_last, given_count;
	uint32_t **ids; /* pages of PRL_ID_PAGE slots: leaf number * 16 + lane */
	size_t id_pages, id_bytes;

	uint32_t root;                /* number of the root */
	uint32_t published_root;      /* the same in the newest published version */
	struct prl_snapshot *working; /* not yet published; its dead list is what the newest published one sees last */
	struct prl_snapshot *oldest, *newest, *free_versions;
	_Atomic(struct prl_snapshot *) current; /* newest, for readers */
};

/* ---- index_pool.c ---- */

/* Makes sure that as many of each can be taken. */
PRL_MUST prl_status prl_tree_reserve(struct prl_index *ix, size_t leaves, size_t inners, size_t spots, size_t dead);
void prl_pool_done(struct prl_index *ix);
/* From what was reserved. Inner nodes come zeroed. */
struct prl_leaf *prl_leaf_take(struct prl_index *ix);
struct prl_inner *prl_inner_take(struct prl_index *ix);
void prl_leaf_give(struct prl_index *ix, void *leaf);
void prl_inner_give(struct prl_index *ix, void *inner);
uint32_t prl_spot_take(struct prl_index *ix);
/* Gives a number up; prl_spots_free() makes all that were given up free. */
void prl_spot_give(struct prl_index *ix, uint32_t number);
void prl_spots_free(struct prl_index *ix);
/* The slot of an id, or NULL where its page does not exist. */
uint32_t *prl_id_slot(const struct prl_index *ix, uint32_t id);
PRL_MUST prl_status prl_id_page(struct prl_index *ix, uint32_t id);
PRL_MUST bool prl_dead_reserve(struct prl_dead_list *list, size_t more);

/* ---- index_build.c ---- */

/* Fills an empty index; items are reordered. Reserves what it needs. */
PRL_MUST prl_status prl_tree_build(struct prl_index *ix, struct prl_item *items, size_t count);
/* Sets weigh from typical. */
void prl_tree_weigh(struct prl_index *ix);

/* ---- index_change.c ---- */

/* Puts a change into the queue, for which prl_change_reserve() has made sure that it cannot fail. Insert: the id is
 * in no slot and its page exists. Remove: it has a slot, which is not PRL_QUEUED_SLOT. */
void prl_change_insert(struct prl_index *ix, uint32_t id, const prl_box *box);
void prl_change_remove(struct prl_index *ix, uint32_t id);
PRL_MUST prl_status prl_change_reserve(struct prl_index *ix);
/* Works the queue off. */
void prl_change_flush(struct prl_index *ix);

/* ---- index_discard.c ---- */

/* Makes the working version what the newest published one is. The queue is empty. */
void prl_change_discard(struct prl_index *ix);

/* ---- index_version.c ---- */

/* Makes the first version and the working one after it. */
PRL_MUST prl_status prl_version_first(struct prl_index *ix);
PRL_MUST prl_status prl_version_publish(struct prl_index *ix);
/* The next working version, or the same once more, starts as the newest published one is. */
void prl_version_start(struct prl_index *ix, struct prl_snapshot *v);
void prl_version_done(struct prl_index *ix);

#endif
