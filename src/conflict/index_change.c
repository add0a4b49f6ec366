/* INSERT AND REMOVE
 *
 * Insert goes down to the leaf whose bounds grow least, takes a lane that no version sees, and tightens the bounds on
 * the way up. A leaf whose 16 lanes are all live is split in two; one whose dead lanes are still seen by some version
 * is copied without them. Remove clears a bit in the leaf's parent and looks at no box; bounds shrink with the next
 * insert. A node left with 4 entries or fewer joins a sibling that has room for them.
 *
 * Whatever is replaced goes on the dead list, even what no version has seen yet: a dead lane names its leaf's memory
 * and number, and must come off its list before these are used again. It does: it carries the leaf's `born`, so it
 * sinks to older versions' lists (index_version.c) exactly as far as the leaf itself would, and ahead of it. */
#include "conflict/index_tree.h"

#include <string.h>

#define FULL 0xFFFFu
#define FEW 4    /* entries at which a node looks for another to join */
#define ROOMY 12 /* entries at most after joining */

/* A lane, taken out of its node. */
struct entry {
	prl_box box;
	void *child;
	uint32_t number; /* of the child; in a leaf the id */
	uint16_t live;
};

/* Entries of an insert: height copies, a split and a new node a level, a new root; of a remove: height copies and as
 * many nodes dropped or joined. Twice the sum covers an update. */
prl_status prl_tree_reserve_change(struct prl_index *ix)
{
	size_t height = ix->working->view.height;
	return prl_tree_reserve(ix, 8, 6 * height + 8, 2 * height + 8, 10 * height + 16);
}

static void retire(struct prl_index *ix, const struct prl_spot *spot, enum prl_dead_kind kind)
{
	struct prl_dead_list *dead = &ix->working->dead;
	dead->items[dead->count++] = (struct prl_dead){ .node = spot->node, .born = spot->born, .kind = (uint16_t)kind };
}

/* ---- nodes that the working version may change ------------------------------------------------------------------ */

/* The inner node, copied if a published version may see it; then its ancestors are copied too, for they point to it.
 * If it needs no copy, neither do they. */
static struct prl_inner *own(struct prl_index *ix, uint32_t number)
{
	struct prl_spot *spot = &ix->spots[number];
	if (spot->born == ix->working->number)
		return spot->node;
	struct prl_inner *copy = prl_inner_take(ix);
	memcpy(copy, spot->node, sizeof *copy);
	retire(ix, spot, PRL_DEAD_INNER);
	spot->node = copy;
	spot->born = ix->working->number;
	if (spot->up == PRL_UP_ROOT)
		ix->working->view.root = copy;
	else
		own(ix, spot->up / PRL_FAN)->child[spot->up % PRL_FAN] = copy;
	return copy;
}

static void set_live(struct prl_index *ix, uint32_t inner, uint32_t live)
{
	struct prl_spot *spot = &ix->spots[inner];
	spot->used = (uint16_t)live;
	if (spot->up == PRL_UP_ROOT)
		ix->working->view.live = live;
	else
		own(ix, spot->up / PRL_FAN)->live[spot->up % PRL_FAN] = (uint16_t)live;
}

/* Sets the bounds of `number` in its parent, which is owned, and so on upwards until they are right already. */
static void tighten(struct prl_index *ix, uint32_t number, uint32_t live)
{
	for (;;) {
		const struct prl_spot *spot = &ix->spots[number];
		if (spot->up == PRL_UP_ROOT)
			return;
		uint32_t parent = spot->up / PRL_FAN;
		struct prl_inner *inner = ix->spots[parent].node;
		prl_box bounds, old = prl_lanes_get(&inner->at, spot->up % PRL_FAN);
		ix->simd->bounds(spot->node, live, &bounds);
		if (prl_box_equal(&bounds, &old))
			return;
		prl_lanes_set(&inner->at, spot->up % PRL_FAN, &bounds);
		number = parent;
		live = ix->spots[parent].used;
	}
}

/* ---- entries --------------------------------------------------------------------------------------------------- */

static unsigned gather(const void *node, bool leaf, uint32_t live, struct entry *entries)
{
	unsigned count = 0;
	for (; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		struct entry *e = &entries[count++];
		e->box = prl_lanes_get(node, lane);
		if (leaf) {
			e->number = ((const struct prl_leaf *)node)->id[lane];
		} else {
			const struct prl_inner *inner = node;
			e->child = inner->child[lane];
			e->number = inner->number[lane];
			e->live = inner->live[lane];
		}
	}
	return count;
}

static void put_inner(struct prl_index *ix, struct prl_inner *inner, uint32_t number, unsigned lane,
                      const struct entry *e)
{
	prl_lanes_set(&inner->at, lane, &e->box);
	inner->child[lane] = e->child;
	inner->number[lane] = e->number;
	inner->live[lane] = e->live;
	ix->spots[e->number].up = number * PRL_FAN + lane;
}

static void put_leaf(struct prl_index *ix, struct prl_leaf *leaf, uint32_t number, unsigned lane,
                     const struct entry *e)
{
	prl_lanes_set(&leaf->at, lane, &e->box);
	leaf->id[lane] = e->number;
	*prl_id_slot(ix, e->number) = number * PRL_FAN + lane;
}

/* Gives `number` new memory that holds the entries in lanes 0, 1, …; the old memory, if any, is retired. */
static void refill(struct prl_index *ix, uint32_t number, bool leaf, const struct entry *entries, unsigned count)
{
	struct prl_spot *spot = &ix->spots[number];
	if (spot->node)
		retire(ix, spot, leaf ? PRL_DEAD_LEAF : PRL_DEAD_INNER);
	spot->born = ix->working->number;
	spot->used = (uint16_t)((1u << count) - 1);
	if (leaf) {
		struct prl_leaf *node = prl_leaf_take(ix);
		memset(node, 0, sizeof *node);
		spot->node = node;
		for (unsigned i = 0; i < count; i++)
			put_leaf(ix, node, number, i, &entries[i]);
	} else {
		struct prl_inner *node = prl_inner_take(ix);
		memset(node, 0, sizeof *node);
		spot->node = node;
		for (unsigned i = 0; i < count; i++)
			put_inner(ix, node, number, i, &entries[i]);
	}
}

/* The entry that a node makes in its parent. */
static struct entry entry_of(const struct prl_index *ix, uint32_t number)
{
	const struct prl_spot *spot = &ix->spots[number];
	struct entry e = { .child = spot->node, .number = number, .live = spot->used };
	ix->simd->bounds(spot->node, spot->used, &e.box);
	return e;
}

/* Writes the entry of a node again, after its memory and lanes changed, and what follows from it above. */
static void renew(struct prl_index *ix, uint32_t number)
{
	uint32_t up = ix->spots[number].up;
	struct entry e = entry_of(ix, number);
	if (up == PRL_UP_ROOT) {
		ix->working->view.root = e.child;
		ix->working->view.live = e.live;
		return;
	}
	put_inner(ix, own(ix, up / PRL_FAN), up / PRL_FAN, up % PRL_FAN, &e);
	tighten(ix, up / PRL_FAN, ix->spots[up / PRL_FAN].used);
}

/* ---- insert ---------------------------------------------------------------------------------------------------- */

static void split(struct prl_index *ix, uint32_t number, bool leaf, const struct entry *extra);

static void add_child(struct prl_index *ix, uint32_t number, const struct entry *child)
{
	uint32_t live = ix->spots[number].used;
	if (live == FULL) {
		split(ix, number, false, child);
		return;
	}
	unsigned lane = (unsigned)__builtin_ctz(~live);
	put_inner(ix, own(ix, number), number, lane, child);
	set_live(ix, number, live | 1u << lane);
	tighten(ix, number, live | 1u << lane);
}

static void grow_root(struct prl_index *ix, uint32_t a, uint32_t b)
{
	uint32_t root = prl_spot_take(ix);
	struct entry children[2] = { entry_of(ix, a), entry_of(ix, b) };
	ix->spots[root] = (struct prl_spot){ .up = PRL_UP_ROOT };
	refill(ix, root, false, children, 2);
	ix->root = root;
	ix->working->view = (struct prl_view){ ix->spots[root].node, 3, ix->working->view.height + 1 };
}

/* Splits a full node and an entry more into the node and a new sibling. */
static void split(struct prl_index *ix, uint32_t number, bool leaf, const struct entry *extra)
{
	struct entry entries[PRL_FAN + 1], sorted[PRL_FAN + 1];
	struct prl_item items[PRL_FAN + 1];
	unsigned count = gather(ix->spots[number].node, leaf, FULL, entries);
	entries[count++] = *extra;
	for (unsigned i = 0; i < count; i++)
		items[i] = (struct prl_item){ entries[i].box, i };
	unsigned left = (unsigned)prl_split_two(ix->split, items, count, &ix->weigh);
	for (unsigned i = 0; i < count; i++)
		sorted[i] = entries[items[i].id];
	uint32_t sibling = prl_spot_take(ix);
	ix->spots[sibling] = (struct prl_spot){ .up = PRL_UP_ROOT };
	refill(ix, number, leaf, sorted, left);
	refill(ix, sibling, leaf, sorted + left, count - left);
	if (ix->spots[number].up == PRL_UP_ROOT) {
		grow_root(ix, number, sibling);
		return;
	}
	renew(ix, number);
	struct entry second = entry_of(ix, sibling);
	add_child(ix, ix->spots[number].up / PRL_FAN, &second);
}

/* Keeps `typical` in step with what is inserted, slowly: a few odd boxes must not change how the tree grows. */
static void note_typical(struct prl_index *ix, const prl_box *box)
{
	for (int a = 0; a < 4; a++)
		ix->typical[a] += ((double)box->max[a] - box->min[a] - ix->typical[a]) * 0x1p-12;
	prl_tree_weigh(ix);
}

/* Puts an entry into a lane that is not seen by any version; live: the leaf's lanes without it. */
static void fill_lane(struct prl_index *ix, uint32_t number, uint32_t live, const struct entry *e)
{
	struct prl_spot *spot = &ix->spots[number];
	uint32_t up = spot->up;
	struct prl_inner *parent = own(ix, up / PRL_FAN);
	if (spot->used == FULL) {
		struct prl_leaf *copy = prl_leaf_take(ix);
		memcpy(copy, spot->node, sizeof *copy);
		retire(ix, spot, PRL_DEAD_LEAF);
		spot->node = copy;
		spot->born = ix->working->number;
		spot->used = (uint16_t)live;
		parent->child[up % PRL_FAN] = copy;
	}
	unsigned lane = (unsigned)__builtin_ctz(~(uint32_t)spot->used);
	put_leaf(ix, spot->node, number, lane, e);
	spot->used |= (uint16_t)(1u << lane);
	live |= 1u << lane;
	parent->live[up % PRL_FAN] = (uint16_t)live;
	tighten(ix, number, live);
}

static void first_leaf(struct prl_index *ix, const struct entry *e)
{
	uint32_t number = prl_spot_take(ix);
	ix->spots[number] = (struct prl_spot){ .up = PRL_UP_ROOT };
	refill(ix, number, true, e, 1);
	struct entry child = entry_of(ix, number);
	add_child(ix, ix->root, &child);
}

void prl_tree_insert(struct prl_index *ix, uint32_t id, const prl_box *box)
{
	const struct prl_view *view = &ix->working->view;
	struct entry e = { .box = *box, .number = id };
	uint32_t number = ix->root, live = view->live;
	note_typical(ix, box);
	ix->working->count++;
	if (!live) {
		first_leaf(ix, &e);
		return;
	}
	for (uint32_t level = view->height; level; level--) {
		const struct prl_inner *inner = ix->spots[number].node;
		unsigned lane = ix->simd->choose(&inner->at, live, box, &ix->weigh);
		number = inner->number[lane];
		live = inner->live[lane];
		for (int line = 0; line < 12; line++)
			__builtin_prefetch((const char *)inner->child[lane] + line * PRL_LINE);
		__builtin_prefetch(&ix->spots[number]);
	}
	if (live == FULL)
		split(ix, number, true, &e);
	else
		fill_lane(ix, number, live, &e);
}

/* ---- remove ---------------------------------------------------------------------------------------------------- */

static void remove_entry(struct prl_index *ix, uint32_t number, bool leaf, uint32_t live);

/* Takes a node out of its parent and gives up its memory and number. */
static void drop(struct prl_index *ix, uint32_t number, bool leaf)
{
	uint32_t up = ix->spots[number].up;
	retire(ix, &ix->spots[number], leaf ? PRL_DEAD_LEAF : PRL_DEAD_INNER);
	prl_spot_give(ix, number);
	remove_entry(ix, up / PRL_FAN, false, ix->spots[up / PRL_FAN].used & ~(1u << up % PRL_FAN));
}

/* The lane of parent whose node can take `more` entries of the node in lane `except` and has the fewest; PRL_FAN
 * where there is none. */
static unsigned find_roomy(const struct prl_inner *parent, uint32_t lanes, unsigned except, unsigned more)
{
	unsigned best = PRL_FAN, fewest = ROOMY - more + 1;
	for (lanes &= ~(1u << except); lanes; lanes &= lanes - 1) {
		unsigned lane = (unsigned)__builtin_ctz(lanes), count = (unsigned)__builtin_popcount(parent->live[lane]);
		if (count < fewest) {
			fewest = count;
			best = lane;
		}
	}
	return best;
}

/* Moves the few entries of a node to a sibling, if one has room. */
static void join_sibling(struct prl_index *ix, uint32_t number, bool leaf, uint32_t live)
{
	uint32_t up = ix->spots[number].up, parent = up / PRL_FAN;
	const struct prl_inner *inner = ix->spots[parent].node;
	unsigned lane = find_roomy(inner, ix->spots[parent].used, up % PRL_FAN, (unsigned)__builtin_popcount(live));
	if (lane == PRL_FAN)
		return;
	struct entry entries[PRL_FAN];
	uint32_t sibling = inner->number[lane];
	unsigned count = gather(ix->spots[number].node, leaf, live, entries);
	count += gather(inner->child[lane], leaf, inner->live[lane], entries + count);
	refill(ix, sibling, leaf, entries, count);
	renew(ix, sibling);
	drop(ix, number, leaf);
}

/* A root with one child gives way to it, unless the child is a leaf. */
static void lower_root(struct prl_index *ix)
{
	struct prl_view *view = &ix->working->view;
	while (view->height > 1 && __builtin_popcount(view->live) == 1) {
		uint32_t old = ix->root, child = view->root->number[__builtin_ctz(view->live)];
		retire(ix, &ix->spots[old], PRL_DEAD_INNER);
		prl_spot_give(ix, old);
		ix->root = child;
		ix->spots[child].up = PRL_UP_ROOT;
		*view = (struct prl_view){ ix->spots[child].node, ix->spots[child].used, view->height - 1 };
	}
}

/* Leaves a node with the lanes live. */
static void remove_entry(struct prl_index *ix, uint32_t number, bool leaf, uint32_t live)
{
	uint32_t up = ix->spots[number].up;
	if (leaf)
		own(ix, up / PRL_FAN)->live[up % PRL_FAN] = (uint16_t)live;
	else
		set_live(ix, number, live);
	if (up == PRL_UP_ROOT)
		lower_root(ix);
	else if (!live)
		drop(ix, number, leaf);
	else if (__builtin_popcount(live) <= FEW)
		join_sibling(ix, number, leaf, live);
}

void prl_tree_remove(struct prl_index *ix, uint32_t id, uint32_t slot)
{
	uint32_t number = slot / PRL_FAN, up = ix->spots[number].up;
	const struct prl_inner *parent = ix->spots[up / PRL_FAN].node;
	uint32_t live = parent->live[up % PRL_FAN] & ~(1u << slot % PRL_FAN);
	struct prl_dead_list *dead = &ix->working->dead;
	dead->items[dead->count++] = (struct prl_dead){ .node = ix->spots[number].node,
		                                            .born = ix->spots[number].born,
		                                            .number = number,
		                                            .lane = (uint16_t)(slot % PRL_FAN),
		                                            .kind = PRL_DEAD_LANE };
	*prl_id_slot(ix, id) = PRL_NO_SLOT;
	ix->working->count--;
	remove_entry(ix, number, true, live);
}
