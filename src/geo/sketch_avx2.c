#include "geo/sketch_simd.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LANES        8
#define LOOPS_TARGET __attribute__((target("avx2,popcnt")))
#define COMPARE      prl_sketch_compare_avx2
#define V            __m256

#define SET1(x)            _mm256_set1_ps(x)
#define LOAD(at)           _mm256_loadu_ps(at)
#define STORE(at, v)       _mm256_storeu_ps(at, v)
#define ADD(a, b)          _mm256_add_ps(a, b)
#define SUB(a, b)          _mm256_sub_ps(a, b)
#define MUL(a, b)          _mm256_mul_ps(a, b)
#define DIV(a, b)          _mm256_div_ps(a, b)
#define MIN(a, b)          _mm256_min_ps(a, b)
#define MAX(a, b)          _mm256_max_ps(a, b)
#define ABS(a)             _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a)
#define LESS(a, b)         _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define ANDNOT(a, b)       _mm256_andnot_ps(a, b)
#define XOR(a, b)          _mm256_xor_ps(a, b)
#define SELECT(mask, a, b) _mm256_blendv_ps(b, a, mask)
#define BITS(a)            (unsigned)_mm256_movemask_ps(a)
/* Lanes 1 to 7 of a, then the first of b. */
#define NEXT(a, b) _mm256_permutevar8x32_ps(_mm256_blend_ps(a, b, 1), _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 0))

#include "geo/sketch_loops.h"
#endif
