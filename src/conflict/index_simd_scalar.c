/* For processors without vectors, and for ThreadSanitizer: reads no lane that is not live. */
#include "conflict/index_simd.h"

#define LOOPS(name) name##_scalar
#define LOOPS_TARGET

typedef prl_box asked;

static inline asked ask(const prl_box *box)
{
	return *box;
}

static inline asked ask_lane(const struct prl_lanes *at, unsigned lane)
{
	return prl_lanes_get(at, lane);
}

static inline uint32_t meet(const struct prl_lanes *at, uint32_t live, const asked *q)
{
	uint32_t out = 0;
	for (uint32_t left = live; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		bool all = true;
		for (int a = 0; a < 4; a++)
			all &= at->min[a][lane] <= q->max[a] && at->max[a][lane] >= q->min[a];
		out |= (uint32_t)all << lane;
	}
	return out;
}

static inline void put_ids(const struct prl_leaf *leaf, uint32_t hits, struct prl_id_sink *sink)
{
	for (; hits; hits &= hits - 1)
		sink->ids[sink->count++] = leaf->id[__builtin_ctz(hits)];
}

static inline void bounds_of(const struct prl_lanes *at, uint32_t live, prl_box *box)
{
	*box = prl_lanes_get(at, (unsigned)__builtin_ctz(live));
	for (live &= live - 1; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		for (int a = 0; a < 4; a++) {
			box->min[a] = at->min[a][lane] < box->min[a] ? at->min[a][lane] : box->min[a];
			box->max[a] = at->max[a][lane] > box->max[a] ? at->max[a][lane] : box->max[a];
		}
	}
}

#include "conflict/index_simd_loops.h"

const struct prl_index_simd prl_index_simd_scalar = { "scalar", query_scalar, join_scalar, choose_scalar,
						      bounds_scalar };
