/* The loops, written once and included by each index_simd_*.c after it has defined for its instruction set:
 *
 *   LOOPS(name), LOOPS_TARGET       the function's name and target attribute
 *   asked, ask(), ask_lane()        a box ready to be compared
 *   meet(lanes, live, asked)        the live lanes that meet it
 *   put_ids(leaf, hits, sink)       appends the ids of hits to sink
 *   bounds_of(lanes, live, box)     bounds of the live lanes, of which there is at least one
 */

struct LOOPS(visit) {
	const void *node;
	uint32_t live, level;
};

LOOPS_TARGET static inline void LOOPS(prefetch)(const void *node)
{
	for (int line = 0; line < 9; line++)
		__builtin_prefetch((const char *)node + line * PRL_LINE);
}

/* Depth first. The stack holds at most 15 waiting siblings a level. */
LOOPS_TARGET static bool LOOPS(query)(const struct prl_view *view, const prl_box *box, struct prl_id_sink *sink)
{
	struct LOOPS(visit) stack[PRL_MAX_HEIGHT * PRL_FAN];
	unsigned top = 0;
	asked q = ask(box);
	stack[top++] = (struct LOOPS(visit)){ view->root, view->live, view->height };
	while (top) {
		struct LOOPS(visit) at = stack[--top];
		uint32_t hits = meet(at.node, at.live, &q);
		if (at.level) {
			const struct prl_inner *inner = at.node;
			for (; hits; hits &= hits - 1) {
				unsigned lane = (unsigned)__builtin_ctz(hits);
				LOOPS(prefetch)(inner->child[lane]);
				stack[top++] =
					(struct LOOPS(visit)){ inner->child[lane], inner->live[lane], at.level - 1 };
			}
		} else if (hits) {
			if (sink->room - sink->count < PRL_FAN && !sink->full(sink))
				return false;
			put_ids(at.node, hits, sink);
		}
	}
	return true;
}

LOOPS_TARGET static inline bool LOOPS(put_pairs)(uint32_t id, const struct prl_leaf *leaf, uint32_t hits,
						 struct prl_pair_sink *sink)
{
	if (sink->room - sink->count < PRL_FAN && !sink->full(sink))
		return false;
	for (; hits; hits &= hits - 1) {
		uint32_t other = leaf->id[__builtin_ctz(hits)];
		sink->pairs[sink->count++] = id < other ? (prl_pair){ id, other } : (prl_pair){ other, id };
	}
	return true;
}

/* Every pair of a box below a and one below b, two different nodes of the same level; both_b: the bounds of b. */
LOOPS_TARGET static bool LOOPS(cross)(const void *a, uint32_t live_a, const void *b, uint32_t live_b,
				      const asked *bounds_b, uint32_t level, struct prl_pair_sink *sink)
{
	const struct prl_lanes *lanes_a = a, *lanes_b = b;
	for (uint32_t left = meet(lanes_a, live_a, bounds_b); left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		asked q = ask_lane(lanes_a, lane);
		uint32_t hits = meet(lanes_b, live_b, &q);
		if (!level) {
			if (hits && !LOOPS(put_pairs)(((const struct prl_leaf *)a)->id[lane], b, hits, sink))
				return false;
			continue;
		}
		const struct prl_inner *inner_a = a, *inner_b = b;
		for (uint32_t more = hits; more; more &= more - 1)
			LOOPS(prefetch)(inner_b->child[__builtin_ctz(more)]);
		for (; hits; hits &= hits - 1) {
			unsigned other = (unsigned)__builtin_ctz(hits);
			asked bounds = ask_lane(lanes_b, other);
			if (!LOOPS(cross)(inner_a->child[lane], inner_a->live[lane], inner_b->child[other],
					  inner_b->live[other], &bounds, level - 1, sink))
				return false;
		}
	}
	return true;
}

/* Every pair of two boxes below node. */
LOOPS_TARGET static bool LOOPS(within)(const void *node, uint32_t live, uint32_t level, struct prl_pair_sink *sink)
{
	const struct prl_lanes *lanes = node;
	const struct prl_inner *inner = node;
	for (uint32_t left = live; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		asked q = ask_lane(lanes, lane);
		uint32_t hits = meet(lanes, left & (left - 1), &q);
		if (!level) {
			if (hits && !LOOPS(put_pairs)(((const struct prl_leaf *)node)->id[lane], node, hits, sink))
				return false;
			continue;
		}
		for (uint32_t more = hits; more; more &= more - 1)
			LOOPS(prefetch)(inner->child[__builtin_ctz(more)]);
		if (!LOOPS(within)(inner->child[lane], inner->live[lane], level - 1, sink))
			return false;
		for (; hits; hits &= hits - 1) {
			unsigned other = (unsigned)__builtin_ctz(hits);
			if (!LOOPS(cross)(inner->child[other], inner->live[other], inner->child[lane],
					  inner->live[lane], &q, level - 1, sink))
				return false;
		}
	}
	return true;
}

LOOPS_TARGET static bool LOOPS(join)(const struct prl_view *view, struct prl_pair_sink *sink)
{
	return LOOPS(within)(view->root, view->live, view->height, sink);
}

/* Plain loops over 16 lanes, which the compiler turns into vectors. Dead lanes are computed, then left out. */
LOOPS_TARGET static unsigned LOOPS(choose)(const struct prl_lanes *at, uint32_t live, const prl_box *box,
					   const struct prl_weigh *weigh)
{
	float before[PRL_FAN], after[PRL_FAN];
	for (unsigned i = 0; i < PRL_FAN; i++)
		before[i] = after[i] = 1;
	for (int a = 0; a < 4; a++) {
		float low = (float)box->min[a], high = (float)box->max[a], typical = weigh->typical[a],
		      scale = weigh->scale[a];
		for (unsigned i = 0; i < PRL_FAN; i++) {
			float from = (float)at->min[a][i], to = (float)at->max[a][i];
			before[i] *= (to - from + typical) * scale;
			after[i] *= ((to > high ? to : high) - (from < low ? from : low) + typical) * scale;
		}
	}
	/* Growth decides; the smaller wins only where growth is equal, as among lanes that need not grow: with as
	 * little as a thousandth of the size in the balance boxes crowd into small nodes that then overlap. The costs
	 * are positive, so their bits compare as they do; the last four bits make way for the lane. */
	static const uint32_t lanes[PRL_FAN] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	float cost[PRL_FAN];
	int32_t bid[PRL_FAN], least = INT32_MAX;
	for (unsigned i = 0; i < PRL_FAN; i++)
		cost[i] = after[i] - before[i] * 0.9999999f;
	memcpy(bid, cost, sizeof bid);
	for (unsigned i = 0; i < PRL_FAN; i++) {
		int32_t dead = (int32_t)(live >> lanes[i] & 1) - 1;
		bid[i] = (bid[i] & ~15) | (int32_t)lanes[i] | (dead & INT32_MAX);
	}
	for (unsigned i = 0; i < PRL_FAN; i++)
		least = bid[i] < least ? bid[i] : least;
	return (unsigned)least & 15;
}

LOOPS_TARGET static void LOOPS(bounds)(const struct prl_lanes *at, uint32_t live, prl_box *ret_box)
{
	bounds_of(at, live, ret_box);
}
