/* INSERT AND REMOVE
 *
 * Insert goes down to the leaf whose bounds grow least, takes a lane that no version sees, and tightens the bounds on
 * the way up. A leaf whose 16 lanes are all live gives way to a sibling with room, if that grows little, or is split
 * in two; one whose dead lanes are still seen by some version is copied without them. Remove clears a bit in the leaf's
 * parent and looks at no box; bounds shrink with the next insert. A node left with 4 entries or fewer joins a sibling
 * that has room for them.
 *
 * What is replaced or dropped goes on the dead list if a published version may see it, and is free at once if not. A
 * dead lane names its leaf's memory and number, and must come off its list before these are used again. It does: it
 * carries the leaf's `born`, so it sinks to older versions' lists (index_version.c) as far as the leaf itself will,
 * and ahead of it; and lanes of a leaf that no published version sees are never listed. */
#include "conflict/index_tree.h"

#include <string.h>

#define FULL  0xFFFFu
#define FEW   4  /* entries at which a node looks for another to join */
#define ROOMY 12 /* entries at most after joining */

/* A lane, taken out of its node. */
struct entry {
	prl_box box;
	void *child;
	uint32_t number; /* of the child; in a leaf the id */
	uint16_t live;
};

/* The node must not be read afterwards. */
static void retire(struct prl_index *ix, const struct prl_spot *spot, bool leaf)
{
	struct prl_dead_list *dead = &ix->working->dead;
	if (spot->born < ix->working->number)
		dead->items[dead->count++] = (struct prl_dead){ spot->node, spot->born, (uint32_t)(spot - ix->spots), 0,
								leaf ? PRL_DEAD_LEAF : PRL_DEAD_INNER };
	else if (leaf)
		prl_leaf_give(ix, spot->node);
	else
		prl_inner_give(ix, spot->node);
}

static void retire_lane(struct prl_index *ix, uint32_t number, unsigned lane)
{
	struct prl_spot *spot = &ix->spots[number];
	struct prl_dead_list *dead = &ix->working->dead;
	if (spot->born < ix->working->number)
		dead->items[dead->count++] =
			(struct prl_dead){ spot->node, spot->born, number, (uint16_t)lane, PRL_DEAD_LANE };
	else
		spot->used &= (uint16_t) ~(1u << lane);
}

/* Into the second level of cache: there is room for all that a queue asks for, and the first takes fewer at a time. */
static void prefetch_inner(const void *node)
{
	for (size_t at = 0; at < sizeof(struct prl_inner); at += PRL_LINE)
		__builtin_prefetch((const char *)node + at, 0, 2);
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
	memcpy(copy, spot->node, ix->inners.node_bytes); /* a size unknown here: the library's copy is faster */
	retire(ix, spot, false);
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

static void put_leaf(struct prl_index *ix, struct prl_leaf *leaf, uint32_t number, unsigned lane, const struct entry *e)
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
		retire(ix, spot, leaf);
	spot->born = ix->working->number;
	spot->used = (uint16_t)((1u << count) - 1);
	if (leaf) {
		struct prl_leaf *node = prl_leaf_take(ix);
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

static void split_inner(struct prl_index *ix, uint32_t number, const struct entry *extra);

static void add_child(struct prl_index *ix, uint32_t number, const struct entry *child)
{
	uint32_t live = ix->spots[number].used;
	if (live == FULL) {
		split_inner(ix, number, child);
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

/* Makes the sibling that a split left, and gives its parent the new child. */
static void add_sibling(struct prl_index *ix, uint32_t number, uint32_t sibling)
{
	struct entry second = entry_of(ix, sibling);
	add_child(ix, ix->spots[number].up / PRL_FAN, &second);
}

/* Splits a full leaf and an entry more. The leaf keeps its memory and, in their lanes, the boxes that stay: only what
 * moves to the sibling is written, and only its ids are told. */
static void split_leaf(struct prl_index *ix, uint32_t number, const struct entry *extra)
{
	struct entry moved[PRL_FAN + 1];
	struct prl_item items[PRL_FAN + 1];
	const struct prl_leaf *leaf = ix->spots[number].node;
	for (unsigned lane = 0; lane < PRL_FAN; lane++)
		items[lane] = (struct prl_item){ prl_lanes_get(&leaf->at, lane), lane };
	items[PRL_FAN] = (struct prl_item){ extra->box, PRL_FAN };
	size_t left = prl_split_two(ix->split, items, PRL_FAN + 1, &ix->weigh), from = left, end = PRL_FAN + 1;
	for (size_t i = 0; i < left; i++)
		if (items[i].id == PRL_FAN)
			from = 0, end = left; /* the new box is never of those that stay */
	uint32_t sibling = prl_spot_take(ix), live = FULL, up = ix->spots[number].up;
	for (size_t i = from; i < end; i++) {
		uint32_t lane = items[i].id;
		moved[i - from] = (struct entry){ .box = items[i].box,
						  .number = lane == PRL_FAN ? extra->number : leaf->id[lane] };
		if (lane == PRL_FAN)
			continue;
		retire_lane(ix, number, lane);
		live &= ~(1u << lane);
	}
	ix->spots[sibling] = (struct prl_spot){ .up = PRL_UP_ROOT };
	refill(ix, sibling, true, moved, (unsigned)(end - from));
	own(ix, up / PRL_FAN)->live[up % PRL_FAN] = (uint16_t)live;
	tighten(ix, number, live);
	add_sibling(ix, number, sibling);
}

/* Splits a full inner node and an entry more into the node and a new sibling. */
static void split_inner(struct prl_index *ix, uint32_t number, const struct entry *extra)
{
	struct entry entries[PRL_FAN + 1], sorted[PRL_FAN + 1];
	struct prl_item items[PRL_FAN + 1];
	unsigned count = gather(ix->spots[number].node, false, FULL, entries);
	entries[count++] = *extra;
	for (unsigned i = 0; i < count; i++)
		items[i] = (struct prl_item){ entries[i].box, i };
	unsigned left = (unsigned)prl_split_two(ix->split, items, count, &ix->weigh);
	for (unsigned i = 0; i < count; i++)
		sorted[i] = entries[items[i].id];
	uint32_t sibling = prl_spot_take(ix);
	ix->spots[sibling] = (struct prl_spot){ .up = PRL_UP_ROOT };
	refill(ix, number, false, sorted, left);
	refill(ix, sibling, false, sorted + left, count - left);
	if (ix->spots[number].up == PRL_UP_ROOT) {
		grow_root(ix, number, sibling);
		return;
	}
	renew(ix, number);
	add_sibling(ix, number, sibling);
}

/* Puts an entry into a lane that is not seen by any version; live: the leaf's lanes without it. */
static void fill_lane(struct prl_index *ix, uint32_t number, uint32_t live, const struct entry *e)
{
	struct prl_spot *spot = &ix->spots[number];
	uint32_t up = spot->up;
	struct prl_inner *parent = own(ix, up / PRL_FAN);
	if (spot->used == FULL) {
		struct prl_leaf *copy = prl_leaf_take(ix);
		memcpy(copy, spot->node, ix->leaves.node_bytes);
		retire(ix, spot, true);
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

/* The chance that a query meets the box, and how much it grows with another box in it; see prl_weigh. */
static float chance(const prl_box *box, const struct prl_weigh *weigh)
{
	float product = 1;
	for (int a = 0; a < 4; a++)
		product *= ((float)box->max[a] - (float)box->min[a] + weigh->typical[a]) * weigh->scale[a];
	return product;
}

static float growth(prl_box box, const prl_box *more, const struct prl_weigh *weigh)
{
	float before = chance(&box, weigh);
	for (int a = 0; a < 4; a++) {
		box.min[a] = more->min[a] < box.min[a] ? more->min[a] : box.min[a];
		box.max[a] = more->max[a] > box.max[a] ? more->max[a] : box.max[a];
	}
	return chance(&box, weigh) - before;
}

/* A full leaf is not split where a sibling has room and grows less than by this part of the chance that a query meets
 * the leaf, for the second half of a split is met about as often. Of the inserts of 10^6 boxes' churn every thirteenth
 * split a leaf without this; with it memory stays at 59 bytes a box instead of 74, queries are as fast. */
#define SPLIT_COST 1.0f

static uint32_t live_lanes(const struct prl_index *ix, uint32_t leaf)
{
	uint32_t up = ix->spots[leaf].up;
	return ((const struct prl_inner *)ix->spots[up / PRL_FAN].node)->live[up % PRL_FAN];
}

/* The leaf, or the sibling that takes the box instead. */
static uint32_t spare_split(const struct prl_index *ix, uint32_t leaf, const prl_box *box)
{
	uint32_t up = ix->spots[leaf].up, parent = up / PRL_FAN, roomy = 0;
	const struct prl_inner *inner = ix->spots[parent].node;
	for (unsigned lane = 0; lane < PRL_FAN; lane++)
		roomy |= (uint32_t)(inner->live[lane] != FULL) << lane;
	roomy &= ix->spots[parent].used;
	if (!roomy)
		return leaf;
	unsigned lane = ix->simd->choose(&inner->at, roomy, box, &ix->weigh);
	prl_box whole = prl_lanes_get(&inner->at, up % PRL_FAN);
	float cost = growth(prl_lanes_get(&inner->at, lane), box, &ix->weigh);
	return cost < SPLIT_COST * chance(&whole, &ix->weigh) ? inner->number[lane] : leaf;
}

/* Leaves are chosen before any of the queue is inserted; since then a leaf may have been split (the half that kept
 * the number will do) or, by a split above it, hang elsewhere. It is still a leaf: inserting frees no number. */
static void insert_at(struct prl_index *ix, uint32_t leaf, const struct prl_item *item)
{
	struct entry e = { .box = item->box, .number = item->id };
	if (leaf == PRL_NO_NODE) {
		first_leaf(ix, &e);
		return;
	}
	uint32_t live = live_lanes(ix, leaf);
	if (live == FULL) {
		leaf = spare_split(ix, leaf, &item->box);
		live = live_lanes(ix, leaf);
	}
	if (live == FULL)
		split_leaf(ix, leaf, &e);
	else
		fill_lane(ix, leaf, live, &e);
}

static void prefetch_leaf(const void *node, const struct prl_spot *spot)
{
	__builtin_prefetch(spot, 1);
	for (size_t at = 0; at < sizeof(struct prl_leaf); at += PRL_LINE)
		__builtin_prefetch((const char *)node + at, 0, 2);
}

/* Goes down with all of the queue at once, a level at a time, asking for the next node of each meanwhile. */
static void choose_leaves(struct prl_index *ix)
{
	struct prl_queue *queue = &ix->queue;
	const void *node[PRL_QUEUE];
	uint32_t live[PRL_QUEUE];
	for (uint32_t i = 0; i < queue->insert_count; i++) {
		queue->leaves[i] = ix->root;
		node[i] = ix->working->view.root;
		live[i] = ix->working->view.live;
	}
	for (uint32_t level = ix->working->view.height; level; level--)
		for (uint32_t i = 0; i < queue->insert_count; i++) {
			const struct prl_inner *inner = node[i];
			unsigned lane = ix->simd->choose(&inner->at, live[i], &queue->inserts[i].box, &ix->weigh);
			if (level == 1)
				__builtin_prefetch(&ix->spots[queue->leaves[i]]);
			queue->leaves[i] = inner->number[lane];
			live[i] = inner->live[lane];
			node[i] = inner->child[lane];
			if (level == 1)
				prefetch_leaf(node[i], &ix->spots[queue->leaves[i]]);
			else
				prefetch_inner(node[i]);
		}
}

/* Keeps `typical` in step with what is inserted, slowly: a few odd boxes must not change how the tree grows. */
static void note_typical(struct prl_index *ix)
{
	for (uint32_t i = 0; i < ix->queue.insert_count; i++) {
		const prl_box *box = &ix->queue.inserts[i].box;
		for (int a = 0; a < 4; a++)
			ix->typical[a] += ((double)box->max[a] - box->min[a] - ix->typical[a]) * 0x1p-12;
	}
	prl_tree_weigh(ix);
}

static void flush_inserts(struct prl_index *ix)
{
	struct prl_queue *queue = &ix->queue;
	uint32_t i = 0;
	note_typical(ix);
	if (!ix->working->view.live && queue->insert_count)
		insert_at(ix, PRL_NO_NODE, &queue->inserts[i++]);
	choose_leaves(ix);
	for (; i < queue->insert_count; i++)
		insert_at(ix, queue->leaves[i], &queue->inserts[i]);
	queue->insert_count = 0;
}

/* ---- remove ---------------------------------------------------------------------------------------------------- */

static void thin_out(struct prl_index *ix, uint32_t number, bool leaf, uint32_t live);

/* Takes a node out of its parent and gives up its memory and number. */
static void drop(struct prl_index *ix, uint32_t number, bool leaf)
{
	uint32_t up = ix->spots[number].up, left = ix->spots[up / PRL_FAN].used & ~(1u << up % PRL_FAN);
	retire(ix, &ix->spots[number], leaf);
	prl_spot_give(ix, number);
	set_live(ix, up / PRL_FAN, left);
	thin_out(ix, up / PRL_FAN, false, left);
}

/* The lane of parent whose node can take `more` entries of the node in lane `except` and has the fewest; PRL_FAN
 * where there is none. */
static unsigned find_roomy(const struct prl_inner *parent, uint32_t lanes, unsigned except, unsigned more)
{
	unsigned best = PRL_FAN, fewest = ROOMY - more + 1;
	for (lanes &= ~(1u << except); lanes; lanes &= lanes - 1) {
		unsigned lane = (unsigned)__builtin_ctz(lanes),
			 count = (unsigned)__builtin_popcount(parent->live[lane]);
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
		retire(ix, &ix->spots[old], false);
		prl_spot_give(ix, old);
		ix->root = child;
		ix->spots[child].up = PRL_UP_ROOT;
		*view = (struct prl_view){ ix->spots[child].node, ix->spots[child].used, view->height - 1 };
	}
}

/* What follows from a node being left with the lanes live, which its parent says already. */
static void thin_out(struct prl_index *ix, uint32_t number, bool leaf, uint32_t live)
{
	if (ix->spots[number].up == PRL_UP_ROOT)
		lower_root(ix);
	else if (!live)
		drop(ix, number, leaf);
	else if (__builtin_popcount(live) <= FEW)
		join_sibling(ix, number, leaf, live);
}

static void flush_removes(struct prl_index *ix)
{
	struct prl_queue *queue = &ix->queue;
	for (uint32_t i = 0; i < queue->remove_count; i++)
		__builtin_prefetch(&ix->spots[ix->spots[queue->removes[i] / PRL_FAN].up / PRL_FAN]);
	for (uint32_t i = 0; i < queue->remove_count; i++)
		prefetch_inner(ix->spots[ix->spots[queue->removes[i] / PRL_FAN].up / PRL_FAN].node);
	for (uint32_t i = 0; i < queue->remove_count; i++) {
		uint32_t number = queue->removes[i] / PRL_FAN, lane = queue->removes[i] % PRL_FAN;
		uint32_t up = ix->spots[number].up;
		retire_lane(ix, number, lane);
		own(ix, up / PRL_FAN)->live[up % PRL_FAN] &= (uint16_t) ~(1u << lane);
	}
	/* Only now, since it moves boxes. A leaf of the queue may be gone by then, its number not yet used again. */
	for (uint32_t i = 0; i < queue->remove_count; i++) {
		uint32_t number = queue->removes[i] / PRL_FAN, up = ix->spots[number].up;
		if (ix->spots[number].node)
			thin_out(ix, number, true,
				 ((const struct prl_inner *)ix->spots[up / PRL_FAN].node)->live[up % PRL_FAN]);
	}
	queue->remove_count = 0;
}

/* ---- the queue ------------------------------------------------------------------------------------------------- */

/* Reserves for a full queue of both kinds whenever one of them is empty; so as long as neither is, there is enough.
 *
 * At each level an insert takes a copy and the two halves of a split, a remove a copy and a node with a sibling's
 * entries, and each of these retires what it replaces or drops. The height may grow by one meanwhile. */
prl_status prl_change_reserve(struct prl_index *ix)
{
	size_t height = ix->working->view.height + 1;
	if (ix->queue.insert_count && ix->queue.remove_count)
		return PRL_OK;
	return prl_tree_reserve(ix, 4 * PRL_QUEUE, (5 * height + 4) * PRL_QUEUE, (height + 2) * PRL_QUEUE,
				(7 * height + 8) * PRL_QUEUE);
}

void prl_change_flush(struct prl_index *ix)
{
	if (ix->queue.remove_count)
		flush_removes(ix);
	if (ix->queue.insert_count)
		flush_inserts(ix);
}

void prl_change_insert(struct prl_index *ix, uint32_t id, const prl_box *box)
{
	struct prl_queue *queue = &ix->queue;
	*prl_id_slot(ix, id) = PRL_QUEUED_SLOT;
	ix->working->count++;
	queue->inserts[queue->insert_count++] = (struct prl_item){ *box, id };
	if (queue->insert_count == PRL_QUEUE)
		prl_change_flush(ix);
}

void prl_change_remove(struct prl_index *ix, uint32_t id)
{
	struct prl_queue *queue = &ix->queue;
	uint32_t *slot = prl_id_slot(ix, id);
	__builtin_prefetch(&ix->spots[*slot / PRL_FAN]);
	queue->removes[queue->remove_count++] = *slot;
	*slot = PRL_NO_SLOT;
	ix->working->count--;
	if (queue->remove_count == PRL_QUEUE)
		flush_removes(ix);
}
