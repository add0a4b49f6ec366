/* What wellclear.c and wellclear_batch.c share: the formulas of include/parley/wellclear.h, one pair at a time. The
 * names are those of the sources: s and v are position and velocity of own relative to the intruder. */
#ifndef PRL_CONFLICT_WELLCLEAR_H
#define PRL_CONFLICT_WELLCLEAR_H

#include <parley/wellclear.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRL_WELLCLEAR_ZERO 1e-13 /* |x| below it is almost equal to 0 */
#define PRL_WELLCLEAR_ULPS 16348 /* doubles at most so far apart are almost equal */

/* As doubles: the macros of math.h are floats. */
#define PRL_NAN      ((double)NAN)
#define PRL_INFINITY (HUGE_VAL)

typedef struct prl_relative {
	double sx, sy, sz, vx, vy, vz;
} prl_relative;

/* Times from in to out; !(in <= out) is empty. */
typedef struct prl_span {
	double in, out;
} prl_span;

static inline prl_relative prl_relative_of(const prl_motion *o, const prl_motion *i)
{
	return (prl_relative){ o->x_m - i->x_m,       o->y_m - i->y_m,       o->z_m - i->z_m,
			       o->vx_mps - i->vx_mps, o->vy_mps - i->vy_mps, o->vz_mps - i->vz_mps };
}

/* a ~ b. Bit patterns of doubles are in sign-magnitude order, so units in the last place are differences of the
 * patterns on one side of zero and sums across it (both below 2^63: no overflow). */
static inline bool prl_almost_equal(double a, double b)
{
	if (a == b)
		return true;
	if (!isfinite(a) || !isfinite(b))
		return false;
	if ((a == 0 || b == 0) && fabs(a) < PRL_WELLCLEAR_ZERO && fabs(b) < PRL_WELLCLEAR_ZERO)
		return true;
	double size_a = fabs(a), size_b = fabs(b);
	uint64_t p, q;
	memcpy(&p, &size_a, sizeof p);
	memcpy(&q, &size_b, sizeof q);
	uint64_t apart = signbit(a) != signbit(b) ? p + q : p > q ? p - q : q - p;
	return apart <= PRL_WELLCLEAR_ULPS;
}

/* x ~ 0: a number 16,348 units from 0 is subnormal, so the first two rules decide. */
static inline bool prl_almost_zero(double x)
{
	return fabs(x) < PRL_WELLCLEAR_ZERO;
}

#endif
