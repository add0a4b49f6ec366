/* Cutting a set of boxes into groups that a query seldom meets. */
#ifndef PRL_CONFLICT_INDEX_SPLIT_H
#define PRL_CONFLICT_INDEX_SPLIT_H

#include "conflict/index_simd.h"

struct prl_item {
	prl_box box;
	uint32_t id;
};

/* Working memory of a cut, 70 KiB; reused from cut to cut. */
struct prl_split;
struct prl_split *prl_split_new(void);
void prl_split_free(struct prl_split *split);

/* Reorders items so that consecutive groups of unit items (the last may be smaller) lie well apart. At most 16
 * groups: count <= 16 * unit. */
void prl_split_groups(struct prl_split *split, struct prl_item *items, size_t count, size_t unit,
		      const struct prl_weigh *weigh);

/* Reorders 2 <= count <= 17 items and returns how many of them, a third to two thirds, go into the first of two
 * groups. */
size_t prl_split_two(struct prl_split *split, struct prl_item *items, size_t count, const struct prl_weigh *weigh);

/* Moves the `left` items with the least middles on the axis to the front; called by itself in tests. */
void prl_split_select(struct prl_split *split, struct prl_item *items, size_t count, size_t left, int axis);

/* How many boxes selections have looked at since the split was made, passes added up; tests bound it. */
uint64_t prl_split_work(const struct prl_split *split);

#endif
