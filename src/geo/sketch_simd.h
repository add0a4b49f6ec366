/* What the loops of the sketch share, one file for each instruction set. All give the same answers. */
#ifndef PRL_GEO_SKETCH_SIMD_H
#define PRL_GEO_SKETCH_SIMD_H

#include "geo/sketch.h"

prl_sketch_answer prl_sketch_compare_sse2(const prl_footprint *a, const prl_footprint *b, float limit);
prl_sketch_answer prl_sketch_compare_avx2(const prl_footprint *a, const prl_footprint *b, float limit);

static inline float prl_minf(float a, float b)
{
	return b < a ? b : a;
}
static inline float prl_maxf(float a, float b)
{
	return b > a ? b : a;
}

#ifdef __x86_64__
static const float lane_number[PRL_SKETCH_POINTS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
#endif

#define INLINE static inline __attribute__((always_inline))

#endif
