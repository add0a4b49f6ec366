/* Well clear, many pairs. On x86-64 with AVX2 four pairs at a time: division and square root are correctly rounded in
 * every lane and nothing is contracted, so a lane computes the bits of prl_wellclear_pair(). Where a lane hangs on an
 * almost-equal test (two times within 1e-11, a discriminant that rounded below 0), it is left to that function. */
#include "conflict/wellclear.h"

static void one_by_one(const prl_wellclear *volume, const prl_motion_pair *pairs, size_t count, double from, double to,
		       prl_wellclear_times *ret)
{
	for (size_t i = 0; i < count; i++)
		ret[i] = prl_wellclear_pair(volume, &pairs[i], from, to);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2  __attribute__((target("avx2")))
#define LANES 4

_Static_assert(sizeof(prl_motion_pair) == 12 * sizeof(double), "a pair is 12 doubles");
_Static_assert(sizeof(prl_wellclear_times) == 4 * sizeof(double), "an answer is 4 doubles");

typedef __m256d lanes; /* one number of each of four pairs; a truth value is all bits of a lane */

typedef struct constants {
	lanes d2, h, tt, tc, from, to;
	bool from_zero; /* the window [0, 1] of the violation then starts as the window asked for does */
} constants;

typedef struct relative4 {
	lanes sx, sy, sz, vx, vy, vz;
} relative4;

typedef struct span4 {
	lanes in, out;
	lanes some; /* in and out hold: else the span is empty */
	lanes odd;  /* an almost-equal test decides: ask the scalar function */
} span4;

AVX2 static inline lanes all(double x)
{
	return _mm256_set1_pd(x);
}

AVX2 static inline lanes less(lanes a, lanes b)
{
	return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}

AVX2 static inline lanes at_most(lanes a, lanes b)
{
	return _mm256_cmp_pd(a, b, _CMP_LE_OQ);
}

AVX2 static inline lanes pick(lanes no, lanes yes, lanes when)
{
	return _mm256_blendv_pd(no, yes, when);
}

AVX2 static inline lanes magnitude(lanes x)
{
	return _mm256_andnot_pd(all(-0.0), x);
}

AVX2 static inline lanes with_sign(lanes positive, lanes sign)
{
	return _mm256_or_pd(positive, _mm256_and_pd(all(-0.0), sign));
}

/* Columns of four rows of four. */
AVX2 static inline void transpose(lanes row[LANES])
{
	lanes a = _mm256_unpacklo_pd(row[0], row[1]), b = _mm256_unpackhi_pd(row[0], row[1]);
	lanes c = _mm256_unpacklo_pd(row[2], row[3]), d = _mm256_unpackhi_pd(row[2], row[3]);
	row[0] = _mm256_permute2f128_pd(a, c, 0x20);
	row[1] = _mm256_permute2f128_pd(b, d, 0x20);
	row[2] = _mm256_permute2f128_pd(a, c, 0x31);
	row[3] = _mm256_permute2f128_pd(b, d, 0x31);
}

AVX2 static inline relative4 load(const prl_motion_pair *pairs)
{
	lanes column[3][LANES];
	for (int part = 0; part < 3; part++) {
		for (int i = 0; i < LANES; i++)
			column[part][i] = _mm256_loadu_pd(&pairs[i].own.x_m + 4 * part);
		transpose(column[part]);
	}
	return (relative4){ column[0][0] - column[1][2], column[0][1] - column[1][3], column[0][2] - column[2][0],
			    column[0][3] - column[2][1], column[1][0] - column[2][2], column[1][1] - column[2][3] };
}

AVX2 static inline void store(prl_wellclear_times *ret, lanes violation, span4 span)
{
	lanes one = all(1);
	lanes row[LANES] = { _mm256_and_pd(violation, one), _mm256_and_pd(span.some, one),
			     pick(all(PRL_INFINITY), span.in, span.some),
			     pick(all(-PRL_INFINITY), span.out, span.some) };
	transpose(row);
	for (int i = 0; i < LANES; i++)
		_mm256_storeu_pd(&ret[i].violation, row[i]);
}

/* a < b so closely that a ~ b is possible: 16,348 units in the last place are below 3.7e-12 of a number. */
AVX2 static inline lanes close_to(lanes a, lanes b)
{
	return at_most(b - a, magnitude(b) * all(1e-11) + all(1e-12));
}

/* vertical_span() of wellclear.c: some is false where there is none. */
AVX2 static inline span4 vertical4(const constants *k, const relative4 *m)
{
	lanes climb = magnitude(m->vz), apart = magnitude(m->sz);
	lanes level = less(climb, all(PRL_WELLCLEAR_ZERO)), inside = at_most(apart, k->h);
	lanes h = _mm256_max_pd(climb * k->tc, k->h); /* k->h where the product is NaN */
	lanes minus = _mm256_xor_pd(m->vz, all(-0.0));
	lanes in = (with_sign(h, minus) - m->sz) / m->vz, out = (with_sign(k->h, m->vz) - m->sz) / m->vz;
	lanes finite = _mm256_and_pd(less(climb, all(PRL_INFINITY)), less(apart, all(PRL_INFINITY)));
	return (span4){ .in = pick(in, all(-PRL_INFINITY), level),
			.out = pick(out, all(PRL_INFINITY), level),
			.some = _mm256_and_pd(finite, pick(finite, inside, level)) };
}

/* vertical cut to [from, to]: step 1. */
AVX2 static inline span4 cut4(span4 vertical, lanes from, lanes to)
{
	lanes outside = _mm256_or_pd(less(to, vertical.in), less(vertical.out, from));
	lanes z0 = _mm256_max_pd(vertical.in, from), z1 = _mm256_min_pd(vertical.out, to);
	lanes some = _mm256_and_pd(_mm256_andnot_pd(outside, vertical.some), less(z0, z1));
	return (span4){ z0, z1, some, _mm256_and_pd(some, close_to(z0, z1)) };
}

/* horizontal_span() of wellclear.c with the limit left to finish4(). In near lanes in is 0; .odd where the last root
 * hangs on an almost-equal test. In lanes with no entry in is NaN (a root of a negative number) or some is false. */
AVX2 static inline span4 horizontal4(const constants *k, const relative4 *m, lanes z0)
{
	lanes px = m->vx * z0 + m->sx, py = m->vy * z0 + m->sy;
	lanes q = px * px + py * py;
	lanes r = px * m->vx + py * m->vy;
	lanes w = m->vx * m->vx + m->vy * m->vy;
	lanes near = at_most(q, k->d2), still = less(w, all(PRL_WELLCLEAR_ZERO));
	lanes b = all(2) * r + k->tt * w;
	lanes c = q + k->tt * r - k->d2;
	lanes disc = b * b - all(4) * w * c;
	lanes det = px * m->vy - py * m->vx;
	lanes meet = _mm256_and_pd(less(r, all(0)), at_most(all(0), k->d2 * w - det * det));
	lanes some = _mm256_or_pd(near, meet);
	lanes t = (_mm256_xor_pd(b, all(-0.0)) - _mm256_sqrt_pd(disc)) / (all(2) * w);
	lanes r2 = r * r, wc = w * (q - k->d2);
	lanes rest = _mm256_sqrt_pd(_mm256_max_pd(r2 - wc, all(0)));
	lanes last = (rest - r) / w;
	lanes rare = _mm256_or_pd(less(r2, wc), _mm256_andnot_pd(near, still));
	return (span4){ _mm256_andnot_pd(near, t), pick(last, all(PRL_INFINITY), _mm256_and_pd(near, still)), some,
			_mm256_and_pd(some, rare) };
}

/* Steps 3 and 4: the horizontal times h, counted from z.in, within the vertical window z. */
AVX2 static inline span4 finish4(span4 z, span4 h)
{
	lanes length = z.out - z.in;
	lanes in = _mm256_max_pd(h.in, all(0)) + z.in; /* 0 where h.in is NaN: some is false then */
	lanes out = _mm256_min_pd(h.out, length) + z.in;
	lanes some = _mm256_and_pd(_mm256_and_pd(z.some, h.some), at_most(h.in, length));
	lanes odd = _mm256_and_pd(some, _mm256_or_pd(_mm256_or_pd(z.odd, h.odd), close_to(in, out)));
	return (span4){ in, out, _mm256_and_pd(some, less(in, out)), _mm256_and_pd(odd, less(in, out)) };
}

/* Four pairs. Returns the lanes, as bits, that the scalar function must answer. */
AVX2 static inline int four_pairs(const constants *k, const prl_motion_pair *pairs, prl_wellclear_times *ret)
{
	relative4 m = load(pairs);
	span4 vertical = vertical4(k, &m);
	span4 asked = cut4(vertical, k->from, k->to), now = cut4(vertical, all(0), all(1));
	span4 h = horizontal4(k, &m, asked.in);
	asked = finish4(asked, h);
	now = finish4(now, k->from_zero ? h : horizontal4(k, &m, now.in));
	lanes starts = _mm256_and_pd(now.some, less(now.in, all(PRL_WELLCLEAR_ZERO)));
	store(ret, starts, asked);
	return _mm256_movemask_pd(_mm256_or_pd(asked.odd, now.odd));
}

AVX2 static void four_by_four(const prl_wellclear *volume, const prl_motion_pair *pairs, size_t count, double from,
			      double to, prl_wellclear_times *ret)
{
	constants k = { .d2 = all(volume->dthr_m * volume->dthr_m),
			.h = all(volume->zthr_m),
			.tt = all(volume->tthr_s),
			.tc = all(volume->tcoa_s),
			.from = all(from),
			.to = all(to),
			.from_zero = from == 0 };
	size_t i = 0;
	for (; count - i >= LANES; i += LANES) {
		int odd = four_pairs(&k, pairs + i, ret + i);
		for (size_t lane = 0; odd; odd >>= 1, lane++)
			if (odd & 1)
				ret[i + lane] = prl_wellclear_pair(volume, &pairs[i + lane], from, to);
	}
	one_by_one(volume, pairs + i, count - i, from, to, ret + i);
}
#endif

/* A window without end is left to the scalar function: the kernel reads "never" from times that are no number, and
 * infinity minus a time would be one. */
void prl_wellclear_batch(const prl_wellclear *volume, const prl_motion_pair *pairs, size_t count, double from,
			 double to, prl_wellclear_times *ret_times)
{
#if defined(__x86_64__)
	bool window = from >= 0 && from < to && isfinite(to);
	if (volume->model == PRL_WELLCLEAR_TAUMOD && window && __builtin_cpu_supports("avx2")) {
		four_by_four(volume, pairs, count, from, to, ret_times);
		return;
	}
#endif
	one_by_one(volume, pairs, count, from, to, ret_times);
}
