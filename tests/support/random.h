/**
 * @file random.h
 * Random numbers of the tests: splitmix64, the same on every machine, seeded from PARLEY_SEED and printed, so that a
 * failure can be run again.
 */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rnd {
	uint64_t state;
} rnd;

/** The generator of case @p index under @p seed: each case can be made alone. */
rnd rnd_case(uint64_t seed, uint64_t index);

uint64_t rnd_u64(rnd *r);
double rnd_unit(rnd *r);                          /**< uniform in [0, 1) */
double rnd_between(rnd *r, double lo, double hi); /**< uniform in [lo, hi) */
double rnd_log(rnd *r, double lo, double hi);     /**< log-uniform in [lo, hi); 0 < lo <= hi */
size_t rnd_below(rnd *r, size_t n);               /**< uniform in 0 … n - 1; n > 0 */
bool rnd_chance(rnd *r, double probability);

/** PARLEY_SEED where it is set, else one of the clock; printed to stderr with @p name. */
uint64_t rnd_seed(const char *name);

/** PARLEY_COUNT where it is set; @p full where PARLEY_LONG is set and not 0; else @p normal. */
size_t rnd_count(size_t normal, size_t full);

#endif
