/* Top-down greedy cutting (after García, López and Leutenegger's TGS, 1998).
 *
 * A set of U groups' worth of boxes is cut in two at the axis and the multiple of the group size for which
 * (boxes on a side) * (chance that a query meets the side's bounds), summed over both sides, is least; then each side
 * likewise. The chance is prl_weigh's product of extent plus typical query extent, so axes of different units need no
 * scaling, and large flat groups, small deep ones and long ones are traded as queries see them.
 *
 * Boxes are ordered by their middles. What a cut at each place would cost is estimated from a sample of at most 1024
 * boxes, sorted once per call on each axis; the sorted lists are then split along with the boxes. Up to 1024 boxes
 * the sample is the set itself and the order of the boxes is read off the lists. Above, each cut moves the boxes by
 * selection (two passes on average, as the sample tells the pivots; at most 30 passes, however the boxes were chosen
 * and ordered: building is O(n log n) always).
 *
 * A random sample errs: with 1024 of n boxes the place of a cut is off by about 1.6 % of n, which only makes the
 * trees slightly worse than they could be. */
#include "conflict/index_split.h"

#include "base/memory.h"

#include <string.h>

enum { SAMPLE = 1024, PLACES = 17 };

struct bounds {
	float side[8]; /* -min[4], max[4]: larger is wider on all eight */
};

struct prl_split {
	struct bounds box[SAMPLE];
	int64_t key[4][SAMPLE];
	uint32_t sort[2][SAMPLE];
	uint16_t order[4][SAMPLE]; /* of the sample, by middle on each axis */
	uint16_t spare[SAMPLE];
	uint8_t right[SAMPLE]; /* side of the cut now being made */
	struct prl_item moved[SAMPLE];
	uint64_t work; /* boxes that selections looked at, ever */
};

struct prl_split *prl_split_new(void)
{
	struct prl_split *split = malloc(sizeof *split);
	if (split)
		split->work = 0;
	return split;
}

void prl_split_free(struct prl_split *split)
{
	free(split);
}

/* Twice the middle: 33 bits. */
static inline int64_t middle(const struct prl_item *item, int axis)
{
	return (int64_t)item->box.min[axis] + item->box.max[axis];
}

static inline void widen(struct bounds *all, const struct bounds *one)
{
	for (int i = 0; i < 8; i++)
		all->side[i] = all->side[i] > one->side[i] ? all->side[i] : one->side[i];
}

static const struct bounds nothing = { { -0x1p40f, -0x1p40f, -0x1p40f, -0x1p40f, -0x1p40f, -0x1p40f, -0x1p40f,
					 -0x1p40f } };

static float chance(const struct bounds *b, const struct prl_weigh *weigh)
{
	float product = 1;
	for (int a = 0; a < 4; a++)
		product *= (b->side[a] + b->side[a + 4] + weigh->typical[a]) * weigh->scale[a];
	return product;
}

/* ---- the sample and its order on one axis ---------------------------------------------------------------------- */

static size_t take_sample(struct prl_split *s, const struct prl_item *items, size_t count)
{
	size_t size = count < SAMPLE ? count : SAMPLE;
	for (size_t i = 0; i < size; i++) {
		const struct prl_item *item = &items[i * count / size];
		for (int a = 0; a < 4; a++) {
			s->box[i].side[a] = -(float)item->box.min[a];
			s->box[i].side[a + 4] = (float)item->box.max[a];
			s->key[a][i] = middle(item, a);
		}
	}
	return size;
}

/* How many bits of the middles' range must go so that the rest fits into `fit` bits; the least middle. */
static unsigned spare_bits(const int64_t *key, size_t size, unsigned fit, int64_t *ret_low)
{
	int64_t low = key[0], high = key[0];
	for (size_t i = 1; i < size; i++) {
		low = key[i] < low ? key[i] : low;
		high = key[i] > high ? key[i] : high;
	}
	unsigned bits = high > low ? 64 - (unsigned)__builtin_clzll((uint64_t)(high - low)) : 0;
	*ret_low = low;
	return bits > fit ? bits - fit : 0;
}

enum { FEW = 32 };

/* Up to 32: each one's place is how many are less, which takes no branch. The index makes all different. */
static void sort_few(struct prl_split *s, int axis, size_t size)
{
	int64_t low;
	unsigned drop = spare_bits(s->key[axis], size, 26, &low);
	int32_t rank[FEW];
	for (size_t i = 0; i < FEW; i++)
		rank[i] = i < size ? (int32_t)((s->key[axis][i] - low) >> drop << 5 | (int64_t)i) : INT32_MAX;
	for (size_t i = 0; i < size; i++) {
		int32_t less = 0, own = rank[i];
		for (size_t k = 0; k < FEW; k++)
			less += rank[k] < own;
		s->order[axis][less] = (uint16_t)i;
	}
}

/* One pass of a radix sort of words by bits [shift, shift + 8). */
static void sort_pass(const uint32_t *from, uint32_t *to, size_t size, unsigned shift)
{
	uint32_t start[257] = { 0 };
	for (size_t i = 0; i < size; i++)
		start[(from[i] >> shift & 255) + 1]++;
	for (int i = 0; i < 256; i++)
		start[i + 1] += start[i];
	for (size_t i = 0; i < size; i++)
		to[start[from[i] >> shift & 255]++] = from[i];
}

/* By the middle's upper 22 bits of its range within the sample: the order of closer ones does not matter. */
static void sort_sample(struct prl_split *s, int axis, size_t size)
{
	if (size <= FEW) {
		sort_few(s, axis, size);
		return;
	}
	int64_t low;
	unsigned drop = spare_bits(s->key[axis], size, 22, &low);
	for (size_t i = 0; i < size; i++)
		s->sort[0][i] = (uint32_t)((uint64_t)(s->key[axis][i] - low) >> drop) << 10 | (uint32_t)i;
	sort_pass(s->sort[0], s->sort[1], size, 10);
	sort_pass(s->sort[1], s->sort[0], size, 18);
	sort_pass(s->sort[0], s->sort[1], size, 24);
	for (size_t i = 0; i < size; i++)
		s->order[axis][i] = s->sort[1][i] & (SAMPLE - 1);
}

/* ---- where to cut ---------------------------------------------------------------------------------------------- */

/* A stretch of the set and the part of the sample that stands for it. */
struct stretch {
	struct prl_item *items;
	size_t count, unit;
	size_t first, size; /* of the sample: order[axis][first .. first + size) */
};

struct cut {
	int axis;
	size_t groups; /* to the left */
};

/* How much of the sample stands for the first groups of the stretch. */
static size_t sample_of(const struct stretch *at, size_t groups)
{
	return groups * at->unit >= at->count ? at->size : groups * at->unit * at->size / at->count;
}

/* Finds the cheapest cut across one of the axes (bit a for axis a) that leaves least to most groups on the left. */
static struct cut cheapest(const struct prl_split *s, const struct stretch *at, size_t groups, size_t least,
			   size_t most, unsigned axes, const struct prl_weigh *weigh)
{
	struct cut best = { __builtin_ctz(axes), least };
	float price = 0x1p127f;
	for (int axis = 0; axis < 4; axis++) {
		if (!(axes >> axis & 1))
			continue;
		struct bounds group[PLACES];
		float right[PLACES];
		const uint16_t *order = s->order[axis] + at->first;
		for (size_t g = 0, i = 0; g < groups; g++) {
			struct bounds all = nothing;
			for (size_t end = sample_of(at, g + 1); i < end; i++)
				widen(&all, &s->box[order[i]]);
			group[g] = all;
		}
		struct bounds all = nothing;
		for (size_t g = groups - 1; g >= least; g--) {
			widen(&all, &group[g]);
			right[g] = chance(&all, weigh) * (float)(at->count - g * at->unit);
		}
		all = nothing;
		for (size_t g = 1; g <= most; g++) {
			widen(&all, &group[g - 1]);
			if (g < least)
				continue;
			float cost = chance(&all, weigh) * (float)(g * at->unit) + right[g];
			if (cost < price) {
				price = cost;
				best = (struct cut){ axis, g };
			}
		}
	}
	return best;
}

/* Splits the sorted lists: the first `left` on the cut's axis go left on all axes. */
static void split_orders(struct prl_split *s, const struct stretch *at, int axis, size_t left)
{
	for (size_t i = 0; i < at->size; i++)
		s->right[s->order[axis][at->first + i]] = i >= left;
	for (int a = 0; a < 4; a++) {
		if (a == axis)
			continue;
		uint16_t *order = s->order[a] + at->first;
		size_t kept = 0, moved = 0;
		for (size_t i = 0; i < at->size; i++) {
			uint16_t one = order[i];
			order[kept] = one;
			s->spare[moved] = one;
			kept += !s->right[one];
			moved += s->right[one];
		}
		memcpy(order + kept, s->spare, moved * sizeof *order);
	}
}

/* ---- moving the boxes ------------------------------------------------------------------------------------------ */

static inline void swap_items(struct prl_item *a, struct prl_item *b)
{
	struct prl_item c = *a;
	*a = *b;
	*b = c;
}

/* Hoare's partition: afterwards keys of [0, result) are <= pivot and those of the rest are >= pivot. */
static size_t partition(struct prl_split *s, struct prl_item *items, size_t count, int axis, int64_t pivot)
{
	size_t left = 0, right = count;
	s->work += count;
	for (;;) {
		while (left < right && middle(&items[left], axis) < pivot)
			left++;
		while (left < right && middle(&items[right - 1], axis) > pivot)
			right--;
		if (right - left < 2)
			return left;
		swap_items(&items[left++], &items[--right]);
	}
}

/* Keys less than the pivot go to the front, greater ones to the back; those equal lie in [*ret_from, *ret_to). */
static void partition_three(struct prl_split *s, struct prl_item *items, size_t count, int axis, int64_t pivot,
			    size_t *ret_from, size_t *ret_to)
{
	size_t from = 0, to = count;
	s->work += count;
	for (size_t i = 0; i < to;) {
		int64_t key = middle(&items[i], axis);
		if (key < pivot)
			swap_items(&items[from++], &items[i++]);
		else if (key > pivot)
			swap_items(&items[i], &items[--to]);
		else
			i++;
	}
	*ret_from = from;
	*ret_to = to;
}

static void select_surely(struct prl_split *s, struct prl_item *items, size_t count, size_t left, int axis);

/* The median of the medians of fives: three tenths of the keys are not above it, three tenths not below. */
static int64_t sure_pivot(struct prl_split *s, struct prl_item *items, size_t count, int axis)
{
	size_t fives = count / 5;
	s->work += count;
	for (size_t g = 0; g < fives; g++) {
		struct prl_item *five = items + 5 * g;
		for (int i = 1; i < 5; i++)
			for (int k = i; k > 0 && middle(&five[k], axis) < middle(&five[k - 1], axis); k--)
				swap_items(&five[k], &five[k - 1]);
		swap_items(&items[g], &five[2]);
	}
	select_surely(s, items, fives, fives / 2, axis);
	return middle(&items[fives / 2], axis);
}

/* As select_items(), in linear time whatever the order: T(n) <= T(n / 5) + T(7 n / 10) + 2 n, so T(n) <= 20 n
 * (Blum, Floyd, Pratt, Rivest, Tarjan, 1973). Also moves the next key to items[left]. */
static void select_surely(struct prl_split *s, struct prl_item *items, size_t count, size_t left, int axis)
{
	while (count > 1) {
		size_t from, to;
		int64_t pivot = count < 5 ? middle(&items[0], axis) : sure_pivot(s, items, count, axis);
		partition_three(s, items, count, axis, pivot, &from, &to);
		if (left < from) {
			count = from;
		} else if (left < to) {
			return;
		} else {
			items += to;
			count -= to;
			left -= to;
		}
	}
}

/* Passes over the whole that quick selection may cost before sure selection takes over; it seldom needs three. */
enum { PASSES = 6 };

void prl_split_select(struct prl_split *s, struct prl_item *items, size_t count, size_t left, int axis)
{
	uint64_t limit = s->work + (uint64_t)PASSES * count;
	while (count > 1 && left > 0 && left < count) {
		if (s->work > limit) {
			select_surely(s, items, count, left, axis);
			return;
		}
		int64_t a = middle(&items[count / 4], axis), b = middle(&items[count / 2], axis),
			c = middle(&items[count - 1 - count / 4], axis);
		int64_t low = a < b ? a : b, high = a < b ? b : a;
		size_t at = partition(s, items, count, axis, c < low ? low : c > high ? high : c);
		if (at == 0)
			at = 1; /* items[0] is the pivot and none is less */
		if (left < at) {
			count = at;
		} else {
			items += at;
			count -= at;
			left -= at;
		}
	}
}

/* The same with pivots from the sample, a little to the right and to the left of the place. */
static void select_by_sample(struct prl_split *s, const struct stretch *at, int axis, size_t left, size_t in_sample)
{
	struct prl_item *items = at->items;
	size_t count = at->count, margin = at->size / 32 + 1;
	const uint16_t *order = s->order[axis] + at->first;
	if (count > 64 && in_sample + margin < at->size) {
		size_t got = partition(s, items, count, axis, s->key[axis][order[in_sample + margin]]);
		if (left <= got) {
			count = got;
		} else {
			items += got;
			count -= got;
			left -= got;
		}
	}
	if (count > 64 && in_sample > margin && items == at->items) {
		size_t got = partition(s, items, count, axis, s->key[axis][order[in_sample - margin]]);
		if (left >= got) {
			items += got;
			count -= got;
			left -= got;
		} else {
			count = got;
		}
	}
	prl_split_select(s, items, count, left, axis);
}

uint64_t prl_split_work(const struct prl_split *split)
{
	return split->work;
}

/* ---- cutting --------------------------------------------------------------------------------------------------- */

static void cut_stretch(struct prl_split *s, struct stretch at, bool whole, const struct prl_weigh *weigh)
{
	while (at.count > at.unit) {
		size_t groups = (at.count + at.unit - 1) / at.unit;
		struct cut cut = cheapest(s, &at, groups, 1, groups - 1, 15, weigh);
		size_t left = cut.groups * at.unit, in_sample = sample_of(&at, cut.groups);
		if (!whole)
			select_by_sample(s, &at, cut.axis, left, in_sample);
		split_orders(s, &at, cut.axis, in_sample);
		struct stretch first = at;
		first.count = left;
		first.size = in_sample;
		cut_stretch(s, first, whole, weigh);
		at.items += left;
		at.count -= left;
		at.first += in_sample;
		at.size -= in_sample;
	}
}

/* Puts the items into the order of the lists; only where the sample is the whole set. */
static void follow_orders(struct prl_split *s, struct prl_item *items, size_t count)
{
	memcpy(s->moved, items, count * sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = s->moved[s->order[0][i]];
}

void prl_split_groups(struct prl_split *split, struct prl_item *items, size_t count, size_t unit,
		      const struct prl_weigh *weigh)
{
	if (count <= unit)
		return;
	struct stretch all = { items, count, unit, 0, take_sample(split, items, count) };
	bool whole = all.size == count;
	for (int axis = 0; axis < 4; axis++)
		sort_sample(split, axis, all.size);
	cut_stretch(split, all, whole, weigh);
	if (whole)
		follow_orders(split, items, count);
}

/* Bit a is set for the two axes on which the boxes spread most, in typical extents. */
static unsigned widest_two(const struct prl_split *s, size_t count, const struct prl_weigh *weigh)
{
	struct bounds all = nothing;
	float wide[4];
	for (size_t i = 0; i < count; i++)
		widen(&all, &s->box[i]);
	for (int a = 0; a < 4; a++)
		wide[a] = (all.side[a] + all.side[a + 4]) * weigh->scale[a];
	unsigned axes = 0;
	for (int a = 0; a < 4; a++) {
		int wider = 0;
		for (int b = 0; b < 4; b++)
			wider += wide[b] > wide[a] || (wide[b] == wide[a] && b < a);
		axes |= (unsigned)(wider < 2) << a;
	}
	return axes;
}

size_t prl_split_two(struct prl_split *split, struct prl_item *items, size_t count, const struct prl_weigh *weigh)
{
	struct stretch all = { items, count, 1, 0, take_sample(split, items, count) };
	unsigned axes = widest_two(split, count, weigh);
	for (int axis = 0; axis < 4; axis++)
		if (axes >> axis & 1)
			sort_few(split, axis, count);
	size_t least = count < 3 ? 1 : count / 3;
	struct cut cut = cheapest(split, &all, count, least, count - least, axes, weigh);
	memcpy(split->moved, items, count * sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = split->moved[split->order[cut.axis][i]];
	return cut.groups;
}
