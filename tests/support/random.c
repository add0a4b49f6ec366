#include "support/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t rnd_u64(rnd *r)
{
	uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

rnd rnd_case(uint64_t seed, uint64_t index)
{
	rnd r = { seed ^ (index + 1) * UINT64_C(0xD1342543DE82EF95) };
	r.state = rnd_u64(&r);
	return r;
}

double rnd_unit(rnd *r)
{
	return (double)(rnd_u64(r) >> 11) * 0x1p-53;
}

double rnd_between(rnd *r, double lo, double hi)
{
	return lo + rnd_unit(r) * (hi - lo);
}

double rnd_log(rnd *r, double lo, double hi)
{
	return lo * pow(hi / lo, rnd_unit(r));
}

size_t rnd_below(rnd *r, size_t n)
{
	return (size_t)(rnd_unit(r) * (double)n);
}

bool rnd_chance(rnd *r, double probability)
{
	return rnd_unit(r) < probability;
}

uint64_t rnd_seed(const char *name)
{
	const char *text = getenv("PARLEY_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
	fprintf(stderr, "# %s: PARLEY_SEED=%llu\n", name, (unsigned long long)seed);
	return seed;
}

size_t rnd_count(size_t normal, size_t full)
{
	const char *count = getenv("PARLEY_COUNT");
	if (count)
		return (size_t)strtoull(count, NULL, 10);
	const char *all = getenv("PARLEY_LONG");
	return all && all[0] && all[0] != '0' ? full : normal;
}
