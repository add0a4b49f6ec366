/* The quick answer of sketches against the exact test: where it answers it must not answer otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "geo/sketch_simd.h"
#include "support/hard_cases.h"

#define CORNERS 16

/** A star, a rectangle whose sides run along those of others, a line or a point, up to 5 km. */
static prl_footprint *make_one(rnd *r, prl_latlng at, double size_m, double turn_deg)
{
	prl_latlng v[CORNERS];
	prl_footprint *f = NULL;
	prl_error err;
	size_t kind = rnd_below(r, 8), count = 3 + rnd_below(r, CORNERS - 2);
	double radius = rnd_chance(r, 0.5) ? 0 : rnd_log(r, 0.1, 2000), uneven = rnd_unit(r);
	double turn = rnd_chance(r, 0.5) ? turn_deg : rnd_between(r, 0, 360);
	count = rnd_chance(r, 0.5) ? 8 : count;
	if (kind == 0 && prl_footprint_circle(at, radius, 0, &f, &err) == PRL_OK)
		return f;
	for (size_t i = 0; i < count; i++) {
		double step = 360.0 / (double)count, away = size_m * (1 - uneven * rnd_unit(r));
		v[i] = oracle_destination(at, turn + step * ((double)i + uneven * rnd_unit(r)), away);
	}
	if (kind == 1 && prl_footprint_corridor(v, count, PRL_EDGES_GEODESIC, radius, 0, &f, &err) == PRL_OK)
		return f;
	if (kind < 5)
		count = 4;
	for (size_t i = 0; i < count && kind < 5; i++) /* corners of a grid: on the sides of the cells beside */
		v[i] = oracle_destination(at, turn_deg + 45 + 90 * (double)i, size_m);
	prl_ring ring = { v, count };
	if (prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, rnd_chance(r, 0.7) ? 0 : radius, &f, &err) != PRL_OK)
		return NULL;
	return f;
}

static bool exactly(const prl_footprint *a, const prl_footprint *b, double limit)
{
	prl_footprint bare = *a;
	bare.sketch.corner_count = 0;
	return prl_footprint_within(&bare, b, limit, NULL);
}

/** How far to shift the second so that it comes near the limit, by a tenth of a millimetre to a kilometre. */
static double way_to(rnd *r, const prl_footprint *a, const prl_footprint *b, double limit, double apart)
{
	prl_nearness near = { .distance_m = 0 };
	prl_footprint bare = *a;
	bare.sketch.corner_count = 0;
	double off = rnd_chance(r, 0.3) ? 0 : rnd_log(r, 1e-4, 1e3) * (rnd_chance(r, 0.5) ? 1 : -1);
	if (!prl_footprint_within(&bare, b, 30000, &near))
		return apart;
	return apart - near.distance_m + limit + off;
}

typedef struct counts {
	size_t pairs, unsure, near, wrong, differ;
} counts;

static void compare_one(counts *n, const prl_footprint *a, const prl_footprint *b, double limit, size_t index)
{
	double whole = limit + a->radius_m + b->radius_m;
	if (!a->sketch.corner_count || !b->sketch.corner_count || whole > PRL_SKETCH_LIMIT_M)
		return;
	prl_sketch_answer answer = prl_sketch_compare(a, b, whole);
	bool truth = exactly(a, b, limit);
	n->pairs++;
	n->unsure += answer == PRL_SKETCH_UNSURE;
	n->near += truth;
#ifdef __x86_64__
	n->differ += prl_sketch_compare_sse2(a, b, (float)whole) != answer;
#endif
	if (answer != PRL_SKETCH_UNSURE && (answer == PRL_SKETCH_NEAR) != truth && n->wrong++ < 10)
		fprintf(stderr, "# case %zu: sketch says %d, exactly %d; limit %.17g, %u and %u corners\n", index,
			answer, truth, whole, a->sketch.corner_count, b->sketch.corner_count);
	assert_int_equal(prl_footprint_within(a, b, limit, NULL), truth);
}

static void test_against_exact(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("sketches");
	size_t count = rnd_count(30000, 1500000);
	counts n = { 0 };
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double size_a = rnd_log(&r, 1, 4900), size_b = rnd_chance(&r, 0.3) ? size_a : rnd_log(&r, 1, 4900);
		double turn = rnd_between(&r, 0, 360), limit = rnd_chance(&r, 0.6) ? 0 : rnd_log(&r, 0.1, 2000);
		double way = rnd_chance(&r, 0.3) ? turn + 90 * (double)rnd_below(&r, 4) : rnd_between(&r, 0, 360);
		double apart = size_a + size_b + limit;
		rnd again = r;
		prl_footprint *a = make_one(&r, at, size_a, turn);
		again = r;
		prl_footprint *b = make_one(&r, oracle_destination(at, way, apart), size_b, turn);
		if (a && b) {
			double to = way_to(&r, a, b, limit, apart);
			prl_footprint *moved = make_one(
				&again, oracle_destination(at, to < 0 ? way + 180 : way, fabs(to)), size_b, turn);
			if (moved) {
				compare_one(&n, a, moved, limit, i);
				compare_one(&n, moved, a, limit, i);
			}
			prl_footprint_free(moved);
		}
		prl_footprint_free(a);
		prl_footprint_free(b);
	}
	fprintf(stderr, "# sketches: %zu pairs, %zu near, %zu unsure, %zu wrong\n", n.pairs, n.near, n.unsure, n.wrong);
	assert_int_equal(n.wrong, 0);
	assert_int_equal(n.differ, 0);
	assert_true(n.pairs > count / 4 && n.near > n.pairs / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_exact) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
