#include "conflict/index_simd.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LOOPS(name) name##_avx512
#define LOOPS_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi,bmi2,popcnt,lzcnt")))

typedef struct asked {
	__m512i min[4], max[4];
} asked;

LOOPS_TARGET static inline asked ask(const prl_box *box)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm512_set1_epi32(box->min[a]);
		q.max[a] = _mm512_set1_epi32(box->max[a]);
	}
	return q;
}

LOOPS_TARGET static inline asked ask_lane(const struct prl_lanes *at, unsigned lane)
{
	asked q;
	for (int a = 0; a < 4; a++) {
		q.min[a] = _mm512_set1_epi32(at->min[a][lane]);
		q.max[a] = _mm512_set1_epi32(at->max[a][lane]);
	}
	return q;
}

/* Two chains of four masked compares. */
LOOPS_TARGET static inline uint32_t meet(const struct prl_lanes *at, uint32_t live, const asked *q)
{
	__mmask16 low = (__mmask16)live, high = (__mmask16)live;
	for (int a = 0; a < 4; a++) {
		low = _mm512_mask_cmple_epi32_mask(low, _mm512_load_si512(at->min[a]), q->max[a]);
		high = _mm512_mask_cmpge_epi32_mask(high, _mm512_load_si512(at->max[a]), q->min[a]);
	}
	return (uint32_t)low & high;
}

LOOPS_TARGET static inline void put_ids(const struct prl_leaf *leaf, uint32_t hits, struct prl_id_sink *sink)
{
	_mm512_mask_compressstoreu_epi32(sink->ids + sink->count, (__mmask16)hits, _mm512_load_si512(leaf->id));
	sink->count += (unsigned)__builtin_popcount(hits);
}

LOOPS_TARGET static inline void bounds_of(const struct prl_lanes *at, uint32_t live, prl_box *box)
{
	__mmask16 mask = (__mmask16)live;
	for (int a = 0; a < 4; a++) {
		box->min[a] = _mm512_mask_reduce_min_epi32(mask, _mm512_load_si512(at->min[a]));
		box->max[a] = _mm512_mask_reduce_max_epi32(mask, _mm512_load_si512(at->max[a]));
	}
}

#include "conflict/index_simd_loops.h"

const struct prl_index_simd prl_index_simd_avx512 = { "avx512", query_avx512, join_avx512, choose_avx512,
	                                                  bounds_avx512 };
#endif
