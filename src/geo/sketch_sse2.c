#include "geo/sketch_simd.h"

#ifdef __x86_64__
#include <emmintrin.h>

#define LANES 4
#define LOOPS_TARGET
#define COMPARE prl_sketch_compare_sse2
#define V       __m128

#define SET1(x)            _mm_set1_ps(x)
#define LOAD(at)           _mm_loadu_ps(at)
#define STORE(at, v)       _mm_storeu_ps(at, v)
#define ADD(a, b)          _mm_add_ps(a, b)
#define SUB(a, b)          _mm_sub_ps(a, b)
#define MUL(a, b)          _mm_mul_ps(a, b)
#define DIV(a, b)          _mm_div_ps(a, b)
#define MIN(a, b)          _mm_min_ps(a, b)
#define MAX(a, b)          _mm_max_ps(a, b)
#define ABS(a)             _mm_andnot_ps(_mm_set1_ps(-0.0f), a)
#define LESS(a, b)         _mm_cmplt_ps(a, b)
#define ANDNOT(a, b)       _mm_andnot_ps(a, b)
#define XOR(a, b)          _mm_xor_ps(a, b)
#define SELECT(mask, a, b) _mm_or_ps(_mm_and_ps(mask, a), _mm_andnot_ps(mask, b))
#define BITS(a)            (unsigned)_mm_movemask_ps(a)
/* Lanes 1 to 3 of a, then the first of b. */
#define NEXT(a, b) _mm_shuffle_ps(_mm_move_ss(a, b), _mm_move_ss(a, b), _MM_SHUFFLE(0, 3, 2, 1))

#include "geo/sketch_loops.h"
#endif
