/* Bulk building: top down, full nodes. A node of level h takes up to 16^(h+1) boxes, which prl_split_groups() cuts
 * into groups of 16^h, one a child; only the last leaf of all may be less than full. So there are exactly
 * ceil(n / 16) leaves, and at most ceil(n / 256) + ... inner nodes and one a level more. */
#include "conflict/index_tree.h"

#include <math.h>
#include <string.h>

/* Queries are taken to be this many times as large on each axis as the mean box. A mean is drawn down by many small
 * boxes while large ones are met more often, and a larger figure makes nodes of even proportions. Measured on 10^6
 * boxes of the city mix, nodes that a query visits: 16.6 at 0.5, 13.9 at 2, 11.1 at 8, 10.9 at 20; after half of them
 * were replaced: 33 at 2, 20.5 at 8, 20.6 at 20. */
#define ASKED_PER_MEAN 8.0

void prl_tree_weigh(struct prl_index *ix)
{
	for (int a = 0; a < 4; a++) {
		double typical = ASKED_PER_MEAN * ix->typical[a] + 1;
		ix->weigh.typical[a] = (float)typical;
		ix->weigh.scale[a] = (float)(1 / (256 * (typical + 1)));
	}
}

static void measure_typical(struct prl_index *ix, const struct prl_item *items, size_t count)
{
	double sum[4] = { 0 };
	for (size_t i = 0; i < count; i++)
		for (int a = 0; a < 4; a++)
			sum[a] += (double)items[i].box.max[a] - items[i].box.min[a];
	for (int a = 0; a < 4; a++)
		ix->typical[a] = count ? sum[a] / (double)count : 0;
	prl_tree_weigh(ix);
}

static size_t capacity(uint32_t level)
{
	size_t boxes = PRL_FAN;
	while (level--)
		boxes *= PRL_FAN;
	return boxes;
}

static uint32_t build_leaf(struct prl_index *ix, const struct prl_item *items, size_t count)
{
	struct prl_leaf *leaf = prl_leaf_take(ix);
	uint32_t number = prl_spot_take(ix);
	for (unsigned i = 0; i < count; i++) {
		prl_lanes_set(&leaf->at, i, &items[i].box);
		leaf->id[i] = items[i].id;
		*prl_id_slot(ix, items[i].id) = number * PRL_FAN + i;
	}
	ix->spots[number] =
		(struct prl_spot){ .node = leaf, .born = ix->working->number, .used = (uint16_t)((1u << count) - 1) };
	return number;
}

static uint32_t build_node(struct prl_index *ix, struct prl_item *items, size_t count, uint32_t level)
{
	if (!level)
		return build_leaf(ix, items, count);
	size_t unit = capacity(level - 1);
	prl_split_groups(ix->split, items, count, unit, &ix->weigh);
	struct prl_inner *inner = prl_inner_take(ix);
	uint32_t number = prl_spot_take(ix);
	memset(inner, 0, sizeof *inner);
	unsigned lane = 0;
	for (size_t from = 0; from < count; from += unit, lane++) {
		uint32_t child = build_node(ix, items + from, count - from < unit ? count - from : unit, level - 1);
		struct prl_spot *spot = &ix->spots[child];
		spot->up = number * PRL_FAN + lane;
		inner->child[lane] = spot->node;
		inner->number[lane] = child;
		inner->live[lane] = spot->used;
		prl_box bounds;
		ix->simd->bounds(spot->node, spot->used, &bounds);
		prl_lanes_set(&inner->at, lane, &bounds);
	}
	ix->spots[number] = (struct prl_spot){
		.node = inner, .born = ix->working->number, .up = PRL_UP_ROOT, .used = (uint16_t)((1u << lane) - 1)
	};
	return number;
}

prl_status prl_tree_build(struct prl_index *ix, struct prl_item *items, size_t count)
{
	uint32_t height = 1;
	while (capacity(height) < count)
		height++;
	size_t leaves = (count + PRL_FAN - 1) / PRL_FAN, inners = 0;
	for (size_t nodes = leaves; nodes > 1; nodes = (nodes + PRL_FAN - 1) / PRL_FAN)
		inners += (nodes + PRL_FAN - 1) / PRL_FAN;
	inners = inners < 1 ? 1 : inners;
	prl_status status = prl_tree_reserve(ix, leaves, inners, leaves + inners, 0);
	if (status)
		return status;
	measure_typical(ix, items, count);
	ix->root = build_node(ix, items, count, height);
	ix->working->view = (struct prl_view){ ix->spots[ix->root].node, ix->spots[ix->root].used, height };
	ix->working->count = count;
	return PRL_OK;
}
