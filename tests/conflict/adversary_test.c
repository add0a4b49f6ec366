/* What an attacker tried: each case once broke the engine, hung it or made it miss a conflict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/parley.h>
#include <stdlib.h>
#include <time.h>

#include "support/plans.h"

#define PATIENCE_S 120 /* with sanitizers on a busy machine; without the fix each takes minutes or for ever */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static prl_status polygon(const prl_latlng *v, size_t count, prl_edges edges, prl_footprint **ret)
{
	prl_ring ring = { v, count };
	return prl_footprint_polygon(&ring, 1, edges, 0, ret, NULL);
}

static prl_footprint *square(void)
{
	prl_footprint *f = NULL;
	const prl_latlng v[] = { { 10, 10 }, { 10, 11 }, { 11, 11 }, { 11, 10 } };
	assert_int_equal(polygon(v, 4, PRL_EDGES_GEODESIC, &f), PRL_OK);
	return f;
}

static prl_volume always(const prl_footprint *f, prl_band band)
{
	return (prl_volume){ f, band, { PRL_TIME_OPEN_START, PRL_TIME_OPEN_END } };
}

static prl_trajectory *flight(const prl_sample *samples, size_t count, prl_datum datum)
{
	prl_trajectory *t = NULL;
	assert_int_equal(prl_trajectory_new(samples, count, datum, &t, NULL), PRL_OK);
	return t;
}

static prl_plan plan_of(char *id, prl_volume *volume, prl_trajectory **trajectory)
{
	return (prl_plan){ .id = id, .kind = PRL_KIND_FLIGHT, .volumes = volume, .volume_count = volume ? 1 : 0,
		           .trajectories = trajectory, .trajectory_count = trajectory ? 1 : 0 };
}

static prl_check_options within(double horizontal_m, double vertical_m)
{
	prl_check_options o = prl_check_options_default();
	o.separation = (prl_separation){ horizontal_m, vertical_m };
	return o;
}

static bool meet(prl_volume volume, prl_trajectory *t, const prl_check_options *options)
{
	char ids[2][2] = { "a", "b" };
	prl_plan a = plan_of(ids[0], &volume, NULL), b = plan_of(ids[1], NULL, &t);
	prl_conflict c;
	bool found;
	assert_int_equal(prl_pair_check(&a, &b, options, &found, &c, NULL), PRL_OK);
	if (found)
		prl_conflict_done(&c);
	return found;
}

/* ---- rings ------------------------------------------------------------------------------------------------------- */

static void ring_without_vertices(void **state)
{
	(void)state;
	prl_latlng v[71]; /* with the closing one as many as the builder has room for without growing */
	for (int i = 0; i < 71; i++)
		v[i] = (prl_latlng){ 10 + sin(i * 0.0884956), 10 + cos(i * 0.0884956) };
	prl_ring rings[2] = { { v, 71 }, { v, 0 } };
	prl_footprint *f = NULL;
	prl_error err;
	assert_int_equal(prl_footprint_polygon(rings, 2, PRL_EDGES_GEODESIC, 0, &f, &err), PRL_E_RANGE);
	assert_string_equal(err.where, "ring 1");
}

static void ring_twice_round_a_pole(void **state)
{
	(void)state;
	const prl_latlng v[] = { { 80, 0 }, { 80, 120 }, { 80, -120 }, { 80, 0 }, { 85, 120 }, { 85, -120 } };
	prl_footprint *f = NULL;
	assert_int_equal(polygon(v, 6, PRL_EDGES_GEODESIC, &f), PRL_E_RANGE);
}

static void edges_all_on_each_other(void **state)
{
	(void)state;
	enum { COUNT = 100000 };
	prl_latlng *v = malloc(COUNT * sizeof *v);
	assert_non_null(v);
	for (int i = 0; i < COUNT; i++)
		v[i] = (prl_latlng){ 30 + i % 2 * 0.01, 40 + i % 2 * 0.01 + (i == 2 ? 0.001 : 0) };
	prl_footprint *f = NULL;
	double start = seconds();
	assert_int_equal(polygon(v, COUNT, PRL_EDGES_GEODESIC, &f), PRL_E_TOO_LARGE);
	assert_true(seconds() - start < PATIENCE_S);
	free(v);
}

static void edges_that_need_endless_cuts(void **state)
{
	(void)state;
	prl_latlng v[400];
	for (int i = 0; i < 400; i++)
		v[i] = (prl_latlng){ 89.6 + 1e-6 * i, i % 2 ? 179 : 0 };
	prl_footprint *f = NULL;
	double start = seconds();
	assert_int_equal(prl_footprint_corridor(v, 400, PRL_EDGES_LONLAT, 1, 0, &f, NULL), PRL_E_TOO_LARGE);
	assert_true(seconds() - start < PATIENCE_S);
}

/* ---- searches that must not walk every piece --------------------------------------------------------------------- */

static void edges_side_by_side(void **state)
{
	(void)state;
	enum { COUNT = 20000 };
	prl_latlng *v = malloc(2 * COUNT * sizeof *v), *u = v + COUNT;
	assert_non_null(v);
	for (int i = 0; i < COUNT; i++) {
		v[i] = (prl_latlng){ i * 1e-8, 0 };
		u[i] = (prl_latlng){ i * 1e-8, 0.009 };
	}
	prl_footprint *a = NULL, *b = NULL;
	assert_int_equal(prl_footprint_corridor(v, COUNT, PRL_EDGES_GEODESIC, 0, 0, &a, NULL), PRL_OK);
	assert_int_equal(prl_footprint_corridor(u, COUNT, PRL_EDGES_GEODESIC, 0, 0, &b, NULL), PRL_OK);
	prl_nearness near;
	double start = seconds();
	assert_true(prl_footprint_within(a, b, 1e5, &near));
	assert_true(seconds() - start < PATIENCE_S);
	assert_true(fabs(near.distance_m - 1001.8754) < 0.01);
	prl_footprint_free(a);
	prl_footprint_free(b);
	free(v);
}

static void track_about_a_detailed_place(void **state)
{
	(void)state;
	enum { COUNT = 200000, LEGS = 60 };
	prl_latlng *v = malloc(COUNT * sizeof *v);
	prl_sample s[LEGS + 1];
	assert_non_null(v);
	for (int i = 0; i < COUNT; i++) {
		double x = 6.283185307 * i / COUNT, r = 1 + 0.001 * (i % 2);
		v[i] = (prl_latlng){ 45 + 0.02 * sin(x) * r, 10 + 0.03 * cos(x) * r };
	}
	for (int i = 0; i <= LEGS; i++)
		s[i] = (prl_sample){ i * 10 * PRL_SECOND, 45 + 0.06 * sin(i * 0.05), 10 + 0.09 * cos(i * 0.05), 1000, 0, 0 };
	prl_footprint *f = NULL;
	assert_int_equal(polygon(v, COUNT, PRL_EDGES_GEODESIC, &f), PRL_OK);
	prl_trajectory *t = flight(s, LEGS + 1, PRL_DATUM_MSL);
	prl_check_options options = within(9260, 100);
	double start = seconds();
	assert_true(meet(always(f, prl_band_m(0, 2000, PRL_DATUM_MSL)), t, &options));
	assert_true(seconds() - start < PATIENCE_S);
	prl_trajectory_free(t);
	prl_footprint_free(f);
	free(v);
}

/* A leg that keeps 200 km from an area all the way, to the last bit. */
static void leg_at_the_limit_far_off(void **state)
{
	(void)state;
	const prl_latlng v[] = { { 40, 10 }, { 40, 20 }, { 40, 30 }, { 40, 40 }, { 30, 40 }, { 30, 10 } };
	prl_footprint *f = NULL;
	assert_int_equal(polygon(v, 6, PRL_EDGES_LONLAT, &f), PRL_OK);
	double lat = prl_destination((prl_latlng){ 40, 25 }, 0, 200e3).lat_deg;
	for (int i = -1; i <= 1; i += 2) {
		double off = i * 0.012 / 111e3;
		const prl_sample s[] = { { 0, lat + off, 20, 1000, 0, 0 }, { 60 * PRL_SECOND, lat + off, 20.1, 1000, 0, 0 } };
		prl_trajectory *t = flight(s, 2, PRL_DATUM_MSL);
		prl_check_options options = within(200e3, 10);
		double start = seconds();
		assert_int_equal(meet(always(f, prl_band_m(0, 2000, PRL_DATUM_MSL)), t, &options), i < 0);
		assert_true(seconds() - start < PATIENCE_S);
		prl_trajectory_free(t);
	}
	prl_footprint_free(f);
}

/* ---- altitudes --------------------------------------------------------------------------------------------------- */

static void below_the_ground(void **state)
{
	(void)state;
	prl_footprint *f = square();
	const prl_sample low[] = { { 0, 10.5, 10.1, -50, 0, 0 }, { PRL_SECOND, 10.5, 10.2, -50, 0, 0 } };
	prl_trajectory *t = flight(low, 2, PRL_DATUM_AGL);
	prl_check_options options = within(0, 10);
	/* "From the ground up" has no lower end: a height of -50 m above ground is an altimeter's error, not a tunnel. */
	assert_true(meet(always(f, prl_band_m(0, 100, PRL_DATUM_AGL)), t, &options));
	prl_trajectory_free(t);
	prl_footprint_free(f);
}

/* From 0 m above ground up through a band that does not reach the ground: between the ends it is in it, at them not. */
static void a_track_that_takes_off(void **state)
{
	(void)state;
	prl_check_options options = prl_check_options_default();
	prl_plan *climb = plans_new("climb", PRL_KIND_FLIGHT);
	prl_sample samples[2] = { plans_sample(0, 35, 40, 0), plans_sample(100, 35, 40.01, 500) };
	plans_add_trajectory(climb, samples, 2, PRL_DATUM_AGL);
	prl_plan *area = plans_volume("area", PRL_KIND_LIVE_FIRE, plans_circle(35, 40, 5000),
	                              prl_band_m(100, 200, PRL_DATUM_AGL), plans_always());
	prl_conflict conflict;
	bool found = false;
	assert_int_equal(prl_pair_check(climb, area, &options, &found, &conflict, NULL), PRL_OK);
	assert_true(found && conflict.vertical == PRL_VERTICAL_KNOWN && conflict.interval_count == 1);
	assert_in_range(conflict.intervals[0].from - plans_time(19.999), 0, 2000000);
	assert_in_range(conflict.intervals[0].to - plans_time(39.999), 0, 2000000);
	prl_conflict_done(&conflict);
	prl_plan_free(climb);
	prl_plan_free(area);
}

static void ends_not_stated(void **state)
{
	(void)state;
	prl_footprint *f = square();
	const prl_sample s[] = { { 0, 10.5, 10.1, 500, 0, 0 }, { PRL_SECOND, 10.5, 10.2, 500, 0, 0 } };
	prl_trajectory *t = flight(s, 2, PRL_DATUM_MSL);
	prl_check_options options = within(0, 10);
	const double none[] = { (double)INFINITY, -(double)INFINITY, (double)NAN };
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			assert_true(meet(always(f, prl_band_m(none[i], none[j], PRL_DATUM_MSL)), t, &options));
	prl_band band = prl_band_m(400, 600, PRL_DATUM_MSL);
	band.accuracy_m = -1000; /* counts as 0 */
	assert_true(meet(always(f, band), t, &options));
	prl_trajectory_free(t);
	prl_footprint_free(f);
}

/* The geoid here is no geoid 400 km away. */
static void geoid_of_another_place(void **state)
{
	(void)state;
	prl_geoid *geoid = NULL;
	if (prl_geoid_open("/usr/share/proj/egm96_15.gtx", &geoid, NULL))
		skip();
	prl_footprint *a = NULL, *b = NULL;
	prl_latlng here = { 5, 78 }, there = { 5, 81.6 };
	assert_int_equal(prl_footprint_circle(here, 10, 0, &a, NULL), PRL_OK);
	assert_int_equal(prl_footprint_circle(there, 10, 0, &b, NULL), PRL_OK);
	double n = prl_geoid_height_m(geoid, (prl_latlng){ 5, 79.8 });
	prl_volume one = always(a, prl_band_m(0, 10, PRL_DATUM_W84)), two = always(b, prl_band_m(-n, 10 - n, PRL_DATUM_MSL));
	char ids[2][2] = { "a", "b" };
	prl_plan p = plan_of(ids[0], &one, NULL), q = plan_of(ids[1], &two, NULL);
	prl_check_options options = within(500e3, 5);
	options.air.geoid = geoid;
	prl_conflict c;
	bool found;
	assert_int_equal(prl_pair_check(&p, &q, &options, &found, &c, NULL), PRL_OK);
	assert_true(found);
	assert_int_equal(c.vertical, PRL_VERTICAL_CANNOT_TELL);
	prl_conflict_done(&c);
	prl_footprint_free(a);
	prl_footprint_free(b);
	prl_geoid_free(geoid);
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

static void all_of_time(void **state)
{
	(void)state;
	prl_footprint *f = square();
	const prl_sample s[] = { { PRL_TIME_OPEN_START + 1, 10.5, 9, 500, 0, 0 }, { PRL_TIME_OPEN_END - 1, 10.5, 12, 500, 0, 0 } };
	prl_trajectory *t = flight(s, 2, PRL_DATUM_MSL);
	prl_volume v = always(f, prl_band_m(0, 1000, PRL_DATUM_MSL));
	char ids[2][2] = { "a", "b" };
	prl_plan a = plan_of(ids[0], &v, NULL), b = plan_of(ids[1], NULL, &t);
	prl_check_options options = within(0, 0);
	for (int i = 0; i < 2; i++) {
		prl_conflict c;
		bool found;
		assert_int_equal(prl_pair_check(&a, &b, &options, &found, &c, NULL), PRL_OK);
		assert_true(found);
		assert_int_equal(c.interval_count, 1);
		/* One third in to two thirds in, of 18.4e18 ns. */
		prl_time third = INT64_C(6148914691236517205);
		if (!i) {
			assert_true(llabs(c.intervals[0].from - (PRL_TIME_OPEN_START + 1 + third)) < PRL_SECOND * 1000);
			assert_true(llabs(c.intervals[0].to - (PRL_TIME_OPEN_END - 1 - third)) < PRL_SECOND * 1000);
		} else {
			assert_true(c.intervals[0].from == s[0].time && c.intervals[0].to == s[1].time);
		}
		prl_conflict_done(&c);
		options = within(1e6, 0); /* from end to end: not a nanosecond outside */
	}
	prl_trajectory_free(t);
	prl_footprint_free(f);
}

static void no_delay_beyond_the_end_of_time(void **state)
{
	(void)state;
	prl_footprint *f = square();
	prl_time last = PRL_TIME_OPEN_END - 100 * PRL_SECOND;
	const prl_sample s[] = { { last - 2 * PRL_SECOND, 10.5, 10.1, 500, 0, 0 }, { last, 10.5, 10.2, 500, 0, 0 } };
	prl_trajectory *t = flight(s, 2, PRL_DATUM_MSL);
	prl_volume v = { f, prl_band_m(0, 1000, PRL_DATUM_MSL), { last - 1000 * PRL_SECOND, PRL_TIME_OPEN_END - 1 } };
	char ids[2][2] = { "a", "b" };
	prl_plan rest = plan_of(ids[0], &v, NULL), moving = plan_of(ids[1], NULL, &t);
	const prl_plan *others[] = { &rest };
	prl_check_options options = within(0, 0);
	prl_advice advice;
	assert_int_equal(prl_advise(&moving, others, 1, &options, &advice, NULL), PRL_OK);
	assert_false(advice.has_delay);
	assert_true(advice.has_climb);
	assert_int_equal(advice.climb_m, 501);
	prl_trajectory_free(t);
	prl_footprint_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_track_that_takes_off),
		cmocka_unit_test(ring_without_vertices),
		cmocka_unit_test(ring_twice_round_a_pole),
		cmocka_unit_test(edges_all_on_each_other),
		cmocka_unit_test(edges_that_need_endless_cuts),
		cmocka_unit_test(edges_side_by_side),
		cmocka_unit_test(track_about_a_detailed_place),
		cmocka_unit_test(leg_at_the_limit_far_off),
		cmocka_unit_test(below_the_ground),
		cmocka_unit_test(ends_not_stated),
		cmocka_unit_test(geoid_of_another_place),
		cmocka_unit_test(all_of_time),
		cmocka_unit_test(no_delay_beyond_the_end_of_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
