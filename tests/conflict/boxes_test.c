/* The boxes of the index never lose a pair: whatever prl_pair_check() finds has boxes that meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/conflict.h>

#include "support/hard_cases.h"
#include "support/plans.h"

static bool meet(const prl_box *a, const prl_box *b)
{
	for (int axis = 0; axis < 4; axis++)
		if (a->min[axis] > b->max[axis] || b->min[axis] > a->max[axis])
			return false;
	return true;
}

/** All boxes of a plan, a trajectory's legs a few to a box. */
static size_t boxes_of(rnd *r, const prl_plan *plan, const prl_check_options *options, prl_box ret[200])
{
	size_t n = 0;
	for (size_t i = 0; i < plan->volume_count; i++)
		n += prl_volume_boxes(&plan->volumes[i], options, ret + n);
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		size_t count = prl_trajectory_count(plan->trajectories[i]);
		for (size_t first = 0; first == 0 || first + 1 < count;) {
			size_t last = first + 1 + rnd_below(r, 8);
			last = last < count ? last : count - 1;
			n += prl_trajectory_boxes(plan->trajectories[i], first, last, options, ret + n);
			first = last ? last : 1;
		}
	}
	for (size_t i = 0; i < n; i++)
		for (int axis = 0; axis < 4; axis++)
			assert_true(ret[i].min[axis] <= ret[i].max[axis]);
	return n;
}

/** Air and ground as random as the plans. */
static prl_check_options random_options(rnd *r)
{
	prl_check_options o = prl_check_options_default();
	if (rnd_chance(r, 0.8))
		o.separation.horizontal_m = rnd_log(r, 1, 100e3);
	if (rnd_chance(r, 0.7))
		o.separation.vertical_m = rnd_log(r, 1, 2000);
	if (rnd_chance(r, 0.3)) {
		o.air.has_qnh = true;
		o.air.qnh_low_hpa = rnd_between(r, 950, 1030);
		o.air.qnh_high_hpa = o.air.qnh_low_hpa + rnd_between(r, 0, 20);
		o.air.isa_low_k = rnd_between(r, -30, 20);
		o.air.isa_high_k = o.air.isa_low_k + rnd_between(r, 0, 20);
	}
	if (rnd_chance(r, 0.5)) {
		o.air.has_terrain = true;
		o.air.terrain_low_m = rnd_between(r, -100, 2000);
		o.air.terrain_high_m = o.air.terrain_low_m + rnd_between(r, 0, 500);
	}
	if (rnd_chance(r, 0.1))
		o.window = plans_window(300, 1200);
	return o;
}

static bool check_pair(uint64_t seed, size_t index)
{
	rnd r = rnd_case(seed, index);
	prl_check_options options = random_options(&r);
	prl_latlng at = hard_place(&r);
	double reach = rnd_log(&r, 10, 200e3);
	prl_latlng there = oracle_destination(at, rnd_between(&r, 0, 360), rnd_unit(&r) * (reach + options.separation.horizontal_m));
	prl_plan *a = plans_random(&r, "a", at, reach), *b = plans_random(&r, "b", there, rnd_log(&r, 10, reach));
	prl_box of_a[200], of_b[200];
	size_t na = boxes_of(&r, a, &options, of_a), nb = boxes_of(&r, b, &options, of_b);
	bool found = false, near = false;
	prl_conflict c;
	assert_int_equal(prl_pair_check(a, b, &options, &found, &c, NULL), PRL_OK);
	for (size_t i = 0; i < na; i++)
		for (size_t k = 0; k < nb; k++)
			near |= meet(&of_a[i], &of_b[k]);
	if (found) {
		if (!near)
			fprintf(stderr, "# case %zu is lost: about %.9f %.9f, H %.3f V %.3f\n", index, at.lat_deg, at.lng_deg,
			        options.separation.horizontal_m, options.separation.vertical_m);
		assert_true(near);
		prl_conflict_done(&c);
	}
	prl_plan_free(a);
	prl_plan_free(b);
	return found;
}

static void test_no_pair_is_lost(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("boxes");
	size_t count = rnd_count(3000, 100000), found = 0;
	for (size_t i = 0; i < count; i++)
		found += check_pair(seed, i);
	fprintf(stderr, "# boxes: %zu of %zu pairs in conflict\n", found, count);
	assert_true(found > count / 50);
}

/** Two circles that just touch at the separation, in every direction: the hardest for boxes. */
static void test_at_the_limit(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("boxes at the limit");
	size_t count = rnd_count(20000, 1000000);
	prl_plan *plans[2];
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_check_options options = prl_check_options_default();
		options.separation = (prl_separation){ rnd_log(&r, 1, 1e6), rnd_log(&r, 1, 1000) };
		double ra = rnd_chance(&r, 0.3) ? 0 : rnd_log(&r, 1, 1e6), rb = rnd_chance(&r, 0.3) ? 0 : rnd_log(&r, 1, 1e6);
		double low = rnd_between(&r, 0, 9000), high = low + 100 + options.separation.vertical_m;
		prl_latlng at = hard_place(&r);
		prl_latlng there = oracle_destination(at, rnd_between(&r, 0, 360), ra + rb + options.separation.horizontal_m);
		prl_datum datum = (prl_datum)rnd_below(&r, 4);
		plans[0] = plans_volume("a", PRL_KIND_SITE, plans_circle(at.lat_deg, at.lng_deg, ra), prl_band_m(low, low + 100, datum),
		                        plans_window(0.25, 10.75));
		plans[1] = plans_volume("b", PRL_KIND_SITE, plans_circle(there.lat_deg, there.lng_deg, rb),
		                        prl_band_m(high, high + 10, datum), plans_window(10.75, 20));
		prl_box a[2], b[2];
		bool near = false, found = false;
		size_t na = prl_volume_boxes(plans[0]->volumes, &options, a), nb = prl_volume_boxes(plans[1]->volumes, &options, b);
		for (size_t k = 0; k < na * nb; k++)
			near |= meet(&a[k / nb], &b[k % nb]);
		prl_conflict c;
		assert_int_equal(prl_pair_check(plans[0], plans[1], &options, &found, &c, NULL), PRL_OK);
		if (found)
			prl_conflict_done(&c);
		if (!near || !found)
			fprintf(stderr, "# case %zu: %.9f %.9f r %.6f and %.9f %.9f r %.6f, H %.6f: found %d, boxes %d\n", i, at.lat_deg,
			        at.lng_deg, ra, there.lat_deg, there.lng_deg, rb, options.separation.horizontal_m, found, near);
		assert_true(near && found);
		plans_free_all(plans, 2);
	}
}

static void test_axes(void **state)
{
	(void)state;
	prl_check_options options = prl_check_options_default();
	prl_footprint *across = plans_box(-1, 179, 1, -179), *round = plans_circle(90, 0, 1000);
	prl_volume v = { across, prl_band_m(-HUGE_VAL, HUGE_VAL, PRL_DATUM_W84), plans_always() };
	prl_box b[2];
	assert_int_equal(prl_volume_boxes(&v, &options, b), 2);
	assert_true(b[0].max[0] == 1800000000 && b[0].min[0] < 1790000000 && b[0].min[0] > 1789000000);
	assert_true(b[1].min[0] == -1800000000 && b[1].max[0] > -1790000000 && b[1].max[0] < -1789000000);
	assert_true(b[0].min[2] == INT32_MIN && b[0].max[2] == INT32_MAX);
	assert_true(b[0].min[3] == INT32_MIN && b[0].max[3] == INT32_MAX);
	v = (prl_volume){ round, prl_band_m(100, 200, PRL_DATUM_W84), { 946684800 * PRL_SECOND - 1, 946684808 * PRL_SECOND + 1 } };
	assert_int_equal(prl_volume_boxes(&v, &options, b), 1);
	assert_true(b[0].min[0] == -1800000000 && b[0].max[0] == 1800000000 && b[0].max[1] == 900000000);
	assert_true(b[0].min[2] <= 1000 && b[0].min[2] > 900 && b[0].max[2] >= 2000 && b[0].max[2] < 2100);
	assert_true(b[0].min[3] == -1 && b[0].max[3] == 2);
	/* The first and the last instant there are do not saturate. */
	v.window = (prl_window){ PRL_TIME_OPEN_START + 1, PRL_TIME_OPEN_END - 1 };
	assert_int_equal(prl_volume_boxes(&v, &options, b), 1);
	assert_true(b[0].min[3] > INT32_MIN && b[0].max[3] < INT32_MAX);
	prl_footprint_free(across);
	prl_footprint_free(round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_pair_is_lost),
		cmocka_unit_test(test_at_the_limit),
		cmocka_unit_test(test_axes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
