/* The convex hull: no point lies outside of it, every corner is one of the points and turns left. */
#include "dss/hull.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 60

static bool is_left(prl_xy a, prl_xy b, prl_xy p, double spare)
{
	return prl_xy_cross(prl_xy_sub(b, a), prl_xy_sub(p, a)) >= -spare;
}

static bool is_one_of(prl_xy p, const prl_xy *points, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&p, &points[i], sizeof p) == 0)
			return true;
	return false;
}

static void random_points(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("hull");
	for (size_t round = 0; round < rnd_count(2000, 100000); round++) {
		rnd r = rnd_case(seed, round);
		prl_xy points[MOST], hull[MOST + 1];
		size_t count = 3 + rnd_below(&r, MOST - 3);
		bool grid = rnd_chance(&r, 0.5); /* many on one line, many twice */
		for (size_t i = 0; i < count; i++)
			points[i] = grid ? (prl_xy){ (double)rnd_below(&r, 4), (double)rnd_below(&r, 4) }
					 : (prl_xy){ rnd_between(&r, -1e4, 1e4), rnd_between(&r, -1e4, 1e4) };
		size_t corners = prl_hull(points, count, hull);
		if (corners < 3)
			continue;
		assert_true(corners <= count && prl_ring_area(hull, corners) > 0);
		for (size_t i = 0; i < corners; i++) {
			assert_true(is_one_of(hull[i], points, count));
			for (size_t k = 0; k < count; k++)
				assert_true(is_left(hull[i], hull[(i + 1) % corners], points[k], 1e-4));
		}
	}
}

static void by_hand(void **state)
{
	(void)state;
	prl_xy square[] = { { 0, 0 }, { 2, 2 }, { 2, 0 }, { 1, 1 }, { 0, 2 }, { 1, 0 } },
	       line[] = { { 0, 0 }, { 1, 1 }, { 2, 2 } }, hull[7];
	assert_int_equal(prl_hull(square, 6, hull), 4);
	assert_true(prl_ring_area(hull, 4) == 4);
	assert_true(prl_hull_depth(hull, 4, (prl_xy){ 0.5, 1 }) == 0.5 &&
		    prl_hull_depth(hull, 4, (prl_xy){ 2, 1 }) == 0 && prl_hull_depth(hull, 4, (prl_xy){ 3, 1 }) == -1);
	assert_true(prl_hull(line, 3, hull) < 3);
	assert_int_equal(prl_hull(line, 2, hull), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_points), cmocka_unit_test(by_hand) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
