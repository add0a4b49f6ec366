#include "conflict/index_simd.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LOOPS(name)  name##_avx512
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

/* Halves the 16 lanes of each of the eight rows in turn, two rows to a vector as soon as there is room, so that the
 * whole takes 8 + 4 + 2 + 1 + 1 minimums. Rows of max are complemented, which turns their order round. */
LOOPS_TARGET static inline void bounds_of(const struct prl_lanes *at, uint32_t live, prl_box *box)
{
	const __m512i ones = _mm512_set1_epi32(-1), most = _mm512_set1_epi32(INT32_MAX);
	__mmask16 mask = (__mmask16)live;
	__m256i half[8];
	for (int a = 0; a < 4; a++) {
		__m512i low = _mm512_mask_mov_epi32(most, mask, _mm512_load_si512(at->min[a]));
		__m512i high = _mm512_mask_xor_epi32(most, mask, _mm512_load_si512(at->max[a]), ones);
		half[a] = _mm256_min_epi32(_mm512_castsi512_si256(low), _mm512_extracti64x4_epi64(low, 1));
		half[a + 4] = _mm256_min_epi32(_mm512_castsi512_si256(high), _mm512_extracti64x4_epi64(high, 1));
	}
	__m256i pair[4], four[2];
	for (int i = 0; i < 4; i++) /* lanes of rows 2i and 2i + 1 take turns */
		pair[i] = _mm256_min_epi32(_mm256_unpacklo_epi32(half[2 * i], half[2 * i + 1]),
					   _mm256_unpackhi_epi32(half[2 * i], half[2 * i + 1]));
	for (int i = 0; i < 2; i++) /* rows 4i … 4i + 3 in turn, in each 128 bits */
		four[i] = _mm256_min_epi32(_mm256_unpacklo_epi64(pair[2 * i], pair[2 * i + 1]),
					   _mm256_unpackhi_epi64(pair[2 * i], pair[2 * i + 1]));
	for (int i = 0; i < 2; i++) {
		__m128i least = _mm_min_epi32(_mm256_castsi256_si128(four[i]), _mm256_extracti128_si256(four[i], 1));
		_mm_storeu_si128((__m128i *)(void *)(i ? box->max : box->min),
				 i ? _mm_xor_si128(least, _mm512_castsi512_si128(ones)) : least);
	}
}

#include "conflict/index_simd_loops.h"

const struct prl_index_simd prl_index_simd_avx512 = { "avx512", query_avx512, join_avx512, choose_avx512,
						      bounds_avx512 };
#endif
