#include "conflict/index_simd.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LOOPS(name)  name##_avx2
#define LOOPS_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))

typedef struct asked {
	__m256i min[4], max[4];
} asked;

LOOPS_TARGET static inline asked ask(const prl_box *box)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm256_set1_epi32(box->min[a]);
		q.max[a] = _mm256_set1_epi32(box->max[a]);
	}
	return q;
}

LOOPS_TARGET static inline asked ask_lane(const struct prl_lanes *at, unsigned lane)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm256_set1_epi32(at->min[a][lane]);
		q.max[a] = _mm256_set1_epi32(at->max[a][lane]);
	}
	return q;
}

LOOPS_TARGET static inline __m256i load8(const int32_t *at)
{
	return _mm256_load_si256((const __m256i *)(const void *)at);
}

/* Lanes that do not meet: min > q.max or max < q.min on some axis. */
LOOPS_TARGET static inline uint32_t apart8(const struct prl_lanes *at, int from, const asked *q)
{
	__m256i apart = _mm256_setzero_si256();
	for (int a = 0; a < 4; a++) {
		apart = _mm256_or_si256(apart, _mm256_cmpgt_epi32(load8(at->min[a] + from), q->max[a]));
		apart = _mm256_or_si256(apart, _mm256_cmpgt_epi32(q->min[a], load8(at->max[a] + from)));
	}
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(apart));
}

LOOPS_TARGET static inline uint32_t meet(const struct prl_lanes *at, uint32_t live, const asked *q)
{
	return live & ~(apart8(at, 0, q) | apart8(at, 8, q) << 8);
}

LOOPS_TARGET static inline void put_ids(const struct prl_leaf *leaf, uint32_t hits, struct prl_id_sink *sink)
{
	for (; hits; hits &= hits - 1)
		sink->ids[sink->count++] = leaf->id[__builtin_ctz(hits)];
}

/* Dead lanes count as the empty box. */
LOOPS_TARGET static inline void bounds_of(const struct prl_lanes *at, uint32_t live, prl_box *box)
{
	unsigned first = (unsigned)__builtin_ctz(live);
	for (int a = 0; a < 4; a++) {
		int32_t min = at->min[a][first], max = at->max[a][first];
		for (unsigned i = 0; i < PRL_FAN; i++) {
			int32_t low = live >> i & 1 ? at->min[a][i] : INT32_MAX,
				high = live >> i & 1 ? at->max[a][i] : INT32_MIN;
			min = low < min ? low : min;
			max = high > max ? high : max;
		}
		box->min[a] = min;
		box->max[a] = max;
	}
}

#include "conflict/index_simd_loops.h"

const struct prl_index_simd prl_index_simd_avx2 = { "avx2", query_avx2, join_avx2, choose_avx2, bounds_avx2 };
#endif
