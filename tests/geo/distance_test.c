/* prl_distance_m() and prl_destination() against PROJ's geodesics (geodesic.h), to their stated bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/geo.h>

#include "support/hard_cases.h"

static double proj_distance(prl_latlng a, prl_latlng b)
{
	return oracle_distance_m(a, b);
}

/** A pair that is hard for the inverse problem: close, equatorial, meridional, polar, nearly antipodal, or any. */
static void hard_points(rnd *r, prl_latlng *a, prl_latlng *b)
{
	*a = hard_place(r);
	switch (rnd_below(r, 7)) {
	case 0:
		*b = oracle_destination(*a, rnd_between(r, 0, 360), rnd_log(r, 1e-6, 2e7));
		break;
	case 1:
		a->lat_deg = 0;
		*b = (prl_latlng){ 0, a->lng_deg + rnd_between(r, -180, 180) };
		break;
	case 2:
		*b = (prl_latlng){ rnd_between(r, -90, 90), a->lng_deg + (rnd_chance(r, 0.5) ? 180 : 0) };
		break;
	case 3:
		*b = oracle_destination((prl_latlng){ -a->lat_deg, a->lng_deg + 180 }, rnd_between(r, 0, 360),
					rnd_log(r, 1e-3, 3e5));
		break;
	case 4:
		*b = (prl_latlng){ rnd_chance(r, 0.5) ? 90 : -90, rnd_between(r, -180, 180) };
		break;
	case 5:
		*b = (prl_latlng){ -a->lat_deg * (1 + rnd_log(r, 1e-12, 1e-3)),
				   a->lng_deg + 180 - rnd_log(r, 1e-9, 1) };
		break;
	default:
		*b = hard_place(r);
	}
	b->lat_deg = fmin(90, fmax(-90, b->lat_deg));
}

static void test_distance(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("distance");
	size_t count = rnd_count(200000, 5000000), failures = 0;
	double worst_near = 0, worst_far = 0;
	for (size_t i = 0; i < count; i++) {
		prl_latlng a, b;
		rnd r = rnd_case(seed, i);
		hard_points(&r, &a, &b);
		double truth = proj_distance(a, b), ours = prl_distance_m(a, b), off = fabs(ours - truth);
		bool near = truth <= 19900e3;
		*(near ? &worst_near : &worst_far) = fmax(near ? worst_near : worst_far, off);
		if ((!(off <= (near ? 1e-4 : 1e-3)) || !(fabs(prl_distance_m(b, a) - ours) <= 1e-6)) && failures++ < 10)
			fprintf(stderr, "# case %zu: %.17g %.17g to %.17g %.17g: %.9f, PROJ %.9f, back %.9f\n", i,
				a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, ours, truth, prl_distance_m(b, a));
	}
	fprintf(stderr, "# distance: %zu pairs, worst %.3g m up to 19,900 km, %.3g m beyond\n", count, worst_near,
		worst_far);
	assert_int_equal(failures, 0);
}

static void test_destination(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("destination");
	size_t count = rnd_count(200000, 5000000), failures = 0;
	double worst = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng from = hard_place(&r);
		double azimuth = rnd_chance(&r, 0.3) ? 90.0 * (double)rnd_below(&r, 5) : rnd_between(&r, -360, 360);
		double distance = rnd_chance(&r, 0.1) ? 0 : rnd_log(&r, 1e-4, 2e7);
		prl_latlng truth = oracle_destination(from, azimuth, distance),
			   ours = prl_destination(from, azimuth, distance);
		double off = proj_distance(truth, ours);
		worst = fmax(worst, off);
		bool in_range = fabs(ours.lat_deg) <= 90 && fabs(ours.lng_deg) <= 180;
		if ((!(off <= 1e-4) || !in_range) && failures++ < 10)
			fprintf(stderr,
				"# case %zu: %.17g %.17g azimuth %.17g, %.17g m: %.17g %.17g, PROJ %.17g %.17g\n", i,
				from.lat_deg, from.lng_deg, azimuth, distance, ours.lat_deg, ours.lng_deg,
				truth.lat_deg, truth.lng_deg);
	}
	fprintf(stderr, "# destination: %zu, worst %.3g m\n", count, worst);
	assert_int_equal(failures, 0);
}

/** Equal places, places that are one place written twice, and the ends of the scale. */
static void test_same_place(void **state)
{
	(void)state;
	assert_true(prl_distance_m((prl_latlng){ 12.5, 180 }, (prl_latlng){ 12.5, -180 }) < 1e-8);
	assert_true(prl_distance_m((prl_latlng){ 12.5, 540 }, (prl_latlng){ 12.5, 180 }) < 1e-8);
	assert_true(prl_distance_m((prl_latlng){ 90, 20 }, (prl_latlng){ 90, -135 }) < 1e-8);
	assert_true(prl_distance_m((prl_latlng){ 0, 0 }, (prl_latlng){ 0, 0 }) == 0);
	assert_true(prl_distance_m((prl_latlng){ -90, 0 }, (prl_latlng){ -90, 0 }) == 0);
	/* a quarter of a meridian; half of one is the longest distance there is */
	assert_true(fabs(prl_distance_m((prl_latlng){ 0, 7 }, (prl_latlng){ 90, 7 }) - 10001965.729) < 0.001);
	assert_true(fabs(prl_distance_m((prl_latlng){ 90, 0 }, (prl_latlng){ -90, 0 }) - 20003931.4586) < 0.001);
	assert_true(fabs(prl_distance_m((prl_latlng){ 0, 0 }, (prl_latlng){ 0, 180 }) - 20003931.4586) < 0.001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_destination),
		cmocka_unit_test(test_same_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
