/* GOING BACK TO WHAT IS PUBLISHED
 *
 * Nothing is logged while the tree changes; all that is needed is there:
 *   - published nodes never change, and those that are no longer current are all in the working dead list, with their
 *     numbers and the versions they were born in;
 *   - a node that changed has changed ancestors: a published node is retired only if its published parent is too, or
 *     it is the root. So going down from the published root through retired nodes meets all of them;
 *   - numbers given up since the last publish have not been used again, and any new number is in the working tree or
 *     among those given up.
 * The work is bounded by the nodes that the discarded changes copied, times 16.
 *
 * A leaf whose memory is replaced loses its `used`, which is set to all lanes. That is never wrong, for `used` only
 * says which lanes must not be written: the next insert into the leaf copies it.
 *
 * The mean extents of what was inserted stay: they steer the shape of the tree, not what is in it. */
#include "conflict/index_tree.h"

#define ALL_LANES   0xFFFFu
#define UP_RESTORED (PRL_UP_ROOT - 1) /* its node is restored, not yet what it hangs from */

static uint32_t live_of(const struct prl_index *ix, uint32_t leaf)
{
	uint32_t up = ix->spots[leaf].up;
	return ((const struct prl_inner *)ix->spots[up / PRL_FAN].node)->live[up % PRL_FAN];
}

static void forget_ids(struct prl_index *ix, const struct prl_leaf *leaf, uint32_t lanes)
{
	for (; lanes; lanes &= lanes - 1)
		*prl_id_slot(ix, leaf->id[__builtin_ctz(lanes)]) = PRL_NO_SLOT;
}

/* Below a retired node of the published tree: lanes that were filled since in leaves that are still the same. The
 * working tree is intact. */
static void empty_filled(struct prl_index *ix, const struct prl_inner *inner, uint32_t live, uint32_t level)
{
	for (; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		uint32_t number = inner->number[lane];
		struct prl_spot *spot = &ix->spots[number];
		if (level > 1) {
			if (spot->node != inner->child[lane])
				empty_filled(ix, inner->child[lane], inner->live[lane], level - 1);
		} else if (spot->node == inner->child[lane]) {
			uint32_t filled = live_of(ix, number) & ~(uint32_t)inner->live[lane];
			forget_ids(ix, spot->node, filled);
			spot->used &= (uint16_t)~filled;
		}
	}
}

/* Gives up the memory and number of a node if only the working version sees it, and so with those below it. */
static void drop_new(struct prl_index *ix, uint32_t number, uint32_t live, uint32_t level)
{
	void *node = ix->spots[number].node;
	const struct prl_inner *inner = node;
	if (ix->spots[number].born < ix->working->number)
		return;
	if (level) {
		for (uint32_t left = live; left; left &= left - 1) {
			unsigned lane = (unsigned)__builtin_ctz(left);
			drop_new(ix, inner->number[lane], inner->live[lane], level - 1);
		}
		prl_inner_give(ix, node);
	} else {
		forget_ids(ix, node, live);
		prl_leaf_give(ix, node);
	}
	prl_spot_give(ix, number);
}

/* Puts retired nodes back and sorts the numbers given up into those that the published tree has and free ones. Their
 * list is kept in `born` meanwhile. */
static void restore_nodes(struct prl_index *ix)
{
	const struct prl_dead_list *dead = &ix->working->dead;
	uint32_t number = ix->given_first, next;
	for (uint32_t n = number; n != PRL_NO_NODE; n = ix->spots[n].up)
		ix->spots[n].born = ix->spots[n].up;
	ix->given_first = PRL_NO_NODE;
	ix->given_count = 0;
	for (size_t i = 0; i < dead->count; i++)
		if (dead->items[i].kind != PRL_DEAD_LANE) {
			ix->spots[dead->items[i].number].node = dead->items[i].node;
			ix->spots[dead->items[i].number].up = UP_RESTORED;
		}
	for (; number != PRL_NO_NODE; number = next) {
		next = (uint32_t)ix->spots[number].born;
		if (!ix->spots[number].node)
			prl_spot_give(ix, number);
	}
	for (size_t i = 0; i < dead->count; i++)
		if (dead->items[i].kind != PRL_DEAD_LANE)
			ix->spots[dead->items[i].number].born = dead->items[i].born;
	prl_spots_free(ix);
}

static void restore_leaf(struct prl_index *ix, uint32_t number, uint32_t live)
{
	const struct prl_leaf *leaf = ix->spots[number].node;
	ix->spots[number].used = ALL_LANES;
	for (; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		*prl_id_slot(ix, leaf->id[lane]) = number * PRL_FAN + lane;
	}
}

/* What hangs from a restored node hangs there again. */
static void restore_below(struct prl_index *ix, uint32_t number, uint32_t live, uint32_t level)
{
	const struct prl_inner *inner = ix->spots[number].node;
	for (ix->spots[number].used = (uint16_t)live; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		uint32_t child = inner->number[lane];
		bool restored = ix->spots[child].up == UP_RESTORED;
		ix->spots[child].up = number * PRL_FAN + lane;
		if (restored && level > 1)
			restore_below(ix, child, inner->live[lane], level - 1);
		else if (restored)
			restore_leaf(ix, child, inner->live[lane]);
	}
}

/* Boxes taken out of leaves that stayed are back; lanes that were filled and emptied again are free. */
static void restore_lanes(struct prl_index *ix)
{
	const struct prl_dead_list *dead = &ix->working->dead;
	for (size_t i = 0; i < dead->count; i++) {
		const struct prl_dead *item = &dead->items[i];
		if (item->kind != PRL_DEAD_LANE)
			continue;
		if (live_of(ix, item->number) >> item->lane & 1)
			*prl_id_slot(ix, ((const struct prl_leaf *)item->node)->id[item->lane]) =
				item->number * PRL_FAN + item->lane;
		else
			ix->spots[item->number].used &= (uint16_t) ~(1u << item->lane);
	}
}

void prl_change_discard(struct prl_index *ix)
{
	const struct prl_view *was = &ix->newest->view, *now = &ix->working->view;
	if (was->root == now->root)
		return; /* every change copies the root */
	empty_filled(ix, was->root, was->live, was->height);
	drop_new(ix, ix->root, now->live, now->height);
	restore_nodes(ix);
	ix->root = ix->published_root;
	ix->spots[ix->root].up = PRL_UP_ROOT;
	restore_below(ix, ix->root, was->live, was->height);
	restore_lanes(ix);
	ix->working->dead.count = 0;
	prl_version_start(ix, ix->working);
}
