#include "conflict/index_simd.h"

#ifdef __SANITIZE_THREAD__
#define SCALAR_ONLY 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SCALAR_ONLY 1
#endif
#endif

/* Under ThreadSanitizer the scalar loops run: they read live lanes only, see index_node.h. */
const struct prl_index_simd *prl_index_simd(void)
{
#if defined(__x86_64__) && !defined(SCALAR_ONLY)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("bmi2"))
		return &prl_index_simd_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return &prl_index_simd_avx2;
	return &prl_index_simd_sse2;
#else
	return &prl_index_simd_scalar;
#endif
}
