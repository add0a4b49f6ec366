/* What every x86-64 processor has. */
#include "conflict/index_simd.h"

#ifdef __x86_64__
#include <emmintrin.h>

#define LOOPS(name) name##_sse2
#define LOOPS_TARGET

typedef struct asked {
	__m128i min[4], max[4];
} asked;

static inline asked ask(const prl_box *box)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm_set1_epi32(box->min[a]);
		q.max[a] = _mm_set1_epi32(box->max[a]);
	}
	return q;
}

static inline asked ask_lane(const struct prl_lanes *at, unsigned lane)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm_set1_epi32(at->min[a][lane]);
		q.max[a] = _mm_set1_epi32(at->max[a][lane]);
	}
	return q;
}

static inline __m128i load4(const int32_t *at)
{
	return _mm_load_si128((const __m128i *)(const void *)at);
}

/* Lanes that do not meet: min > q.max or max < q.min on some axis. */
static inline uint32_t apart4(const struct prl_lanes *at, int from, const asked *q)
{
	__m128i apart = _mm_setzero_si128();
	for (int a = 0; a < 4; a++) {
		apart = _mm_or_si128(apart, _mm_cmpgt_epi32(load4(at->min[a] + from), q->max[a]));
		apart = _mm_or_si128(apart, _mm_cmpgt_epi32(q->min[a], load4(at->max[a] + from)));
	}
	return (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(apart));
}

static inline uint32_t meet(const struct prl_lanes *at, uint32_t live, const asked *q)
{
	return live & ~(apart4(at, 0, q) | apart4(at, 4, q) << 4 | apart4(at, 8, q) << 8 | apart4(at, 12, q) << 12);
}

static inline void put_ids(const struct prl_leaf *leaf, uint32_t hits, struct prl_id_sink *sink)
{
	for (; hits; hits &= hits - 1)
		sink->ids[sink->count++] = leaf->id[__builtin_ctz(hits)];
}

/* Dead lanes count as the empty box. */
static inline void bounds_of(const struct prl_lanes *at, uint32_t live, prl_box *box)
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

const struct prl_index_simd prl_index_simd_sse2 = { "sse2", query_sse2, join_sse2, choose_sse2, bounds_sse2 };
#endif
