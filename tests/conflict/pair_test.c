/* What a conflict is, by design.md section 6: one pair at a time, on cases whose answer is known in closed form. Random
 * pairs against an oracle are in oracle_test.c and trajectory_oracle_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/conflict.h>
#include <stdlib.h>
#include <string.h>

#include "support/oracle_footprint.h"
#include "support/plans.h"

#define MS 1000000
#define DEGREE_M 111319.49079327357 /* of the equator */

static const prl_band low_band = { { 0, PRL_UNIT_M, PRL_DATUM_MSL }, { 100, PRL_UNIT_M, PRL_DATUM_MSL }, 0 };

static prl_check_options separated(double horizontal_m, double vertical_m)
{
	prl_check_options o = prl_check_options_default();
	o.separation = (prl_separation){ horizontal_m, vertical_m };
	return o;
}

/** Checks the pair both ways round, which must not matter. */
static bool check(const prl_plan *a, const prl_plan *b, const prl_check_options *o, prl_conflict *c)
{
	bool found = false, again = false;
	prl_conflict other;
	assert_int_equal(prl_pair_check(a, b, o, &found, c, NULL), PRL_OK);
	assert_int_equal(prl_pair_check(b, a, o, &again, &other, NULL), PRL_OK);
	assert_int_equal(found, again);
	if (!found)
		return false;
	assert_true(c->a == other.a && c->b == other.b && strcmp(c->a->id, c->b->id) < 0);
	assert_int_equal(c->interval_count, other.interval_count);
	assert_memory_equal(c->intervals, other.intervals, c->interval_count * sizeof *c->intervals);
	assert_true(c->closest.time == other.closest.time && c->vertical == other.vertical);
	assert_true(c->interval_count >= 1 && (c->vertical == PRL_VERTICAL_KNOWN || !c->possible_count));
	for (size_t i = 0; i < c->interval_count; i++)
		assert_true(c->intervals[i].from <= c->intervals[i].to && (!i || c->intervals[i - 1].to < c->intervals[i].from));
	prl_conflict_done(&other);
	return true;
}

static bool check_and_free(prl_plan *a, prl_plan *b, const prl_check_options *o)
{
	prl_conflict c;
	bool found = check(a, b, o, &c);
	if (found)
		prl_conflict_done(&c);
	prl_plan_free(a);
	prl_plan_free(b);
	return found;
}

static void assert_about(prl_time got, double seconds)
{
	prl_time off = got - plans_time(seconds);
	if (llabs(off) > MS)
		fprintf(stderr, "# %.6f s instead of %.6f\n", (double)(got - plans_time(0)) / 1e9, seconds);
	assert_true(llabs(off) <= MS);
}

static void assert_interval(const prl_conflict *c, size_t i, double from_s, double to_s)
{
	assert_true(i < c->interval_count);
	assert_about(c->intervals[i].from, from_s);
	assert_about(c->intervals[i].to, to_s);
}

/* ---- closed comparison ------------------------------------------------------------------------------------------ */

static prl_plan *block(const char *id, double lng_deg, double low_m, double high_m, double from_s, double to_s)
{
	return plans_volume(id, PRL_KIND_SITE, plans_box(-0.01, lng_deg, 0.01, lng_deg + 0.01),
	                    prl_band_m(low_m, high_m, PRL_DATUM_MSL), plans_window(from_s, to_s));
}

static void test_touching_volumes(void **state)
{
	(void)state;
	const prl_check_options o = separated(0, 0);
	const double cm = 0.0101 / DEGREE_M;
	assert_true(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0.01, 0, 100, 0, 10), &o));
	assert_false(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0.01 + cm, 0, 100, 0, 10), &o));
	assert_true(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0, 100, 200, 0, 10), &o));
	assert_false(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0, 100.0101, 200, 0, 10), &o));
	assert_true(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0, 0, 100, 10, 20), &o));
	assert_false(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0, 0, 100, 10.001, 20), &o));
	const prl_check_options far = separated(1000, 50);
	double metres = 1000 / DEGREE_M;
	assert_true(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0.01 + metres, 150, 200, 10, 20), &far));
	assert_false(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0.01 + metres + cm, 150, 200, 10, 20), &far));
	assert_false(check_and_free(block("a", 0, 0, 100, 0, 10), block("b", 0.01 + metres, 150.0101, 200, 10, 20), &far));
}

static void test_shared_instant(void **state)
{
	(void)state;
	prl_conflict c;
	const prl_check_options o = separated(0, 0);
	prl_plan *a = block("b", 0, 0, 100, 0, 10), *b = block("a", 0, 50, 150, 10, 20);
	assert_true(check(a, b, &o, &c));
	assert_true(c.a == b && c.b == a && c.interval_count == 1);
	assert_true(c.intervals[0].from == plans_time(10) && c.intervals[0].to == plans_time(10));
	assert_true(c.closest.time == plans_time(10) && c.closest.horizontal_m == 0 && c.closest.vertical_m == 0);
	assert_true(c.closest.altitude_m == 75 && c.closest.datum == PRL_DATUM_MSL);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

static void test_open_windows(void **state)
{
	(void)state;
	prl_conflict c;
	prl_check_options o = separated(0, 0);
	prl_plan *a = plans_volume("a", PRL_KIND_SITE, plans_circle(0, 0, 10), low_band, plans_always());
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_circle(0, 0, 10), low_band, plans_always());
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].from == PRL_TIME_OPEN_START && c.intervals[0].to == PRL_TIME_OPEN_END);
	assert_true(c.closest.time == PRL_TIME_OPEN_START);
	prl_conflict_done(&c);
	b->volumes[0].window.from = plans_time(5);
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].from == plans_time(5) && c.intervals[0].to == PRL_TIME_OPEN_END);
	assert_true(c.closest.time == plans_time(5));
	prl_conflict_done(&c);
	o.window = plans_window(7, 9); /* clipped at both ends */
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].from == plans_time(7) && c.intervals[0].to == plans_time(9));
	assert_true(c.closest.time == plans_time(7));
	prl_conflict_done(&c);
	o.window = plans_window(3, 4);
	assert_false(check(a, b, &o, &c));
	o.window = plans_window(4, 5);
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].from == plans_time(5) && c.intervals[0].to == plans_time(5));
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

/* ---- movements --------------------------------------------------------------------------------------------------- */

/** Along the equator or a meridian, where degrees are metres. */
static prl_plan *along_equator(const char *id, double from_m, double to_m, double lat_m, double altitude_m, double seconds)
{
	const prl_sample s[] = { plans_sample(0, lat_m / 110574.27582, from_m / DEGREE_M, altitude_m),
		                 plans_sample(seconds, lat_m / 110574.27582, to_m / DEGREE_M, altitude_m) };
	return plans_trajectory(id, PRL_KIND_FLIGHT, s, 2);
}

static void test_head_on(void **state)
{
	(void)state;
	prl_conflict c;
	/* 100 m/s each, 20 km apart, 200 m aside, 50 m above: closest after 100 s */
	prl_plan *a = along_equator("a", 0, 20000, 0, 1000, 200), *b = along_equator("b", 20000, 0, 200, 1050, 200);
	prl_check_options o = separated(1000, 100);
	double half = sqrt(1000.0 * 1000 - 200 * 200) / 200;
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.interval_count, 1);
	assert_interval(&c, 0, 100 - half, 100 + half);
	/* v/V is 0.5 all the while, h/H falls below it at h = 500: from there on it is a tie, the earliest counts */
	assert_about(c.closest.time, 100 - sqrt(500.0 * 500 - 200 * 200) / 200);
	assert_true(fabs(c.closest.horizontal_m - 500) < 0.3 && fabs(c.closest.vertical_m - 50) < 1e-6);
	assert_true(fabs(c.closest.altitude_m - 1025) < 1e-6);
	prl_conflict_done(&c);
	o = separated(1000, 1000);
	assert_true(check(a, b, &o, &c)); /* h/H decides now */
	assert_true(llabs(c.closest.time - plans_time(100)) < 20 * MS && fabs(c.closest.horizontal_m - 200) < 0.01);
	prl_conflict_done(&c);
	o.window = plans_window(0, 98);
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].to == plans_time(98));
	assert_about(c.closest.time, 98);
	prl_conflict_done(&c);
	o = separated(1000, 49.9);
	assert_false(check(a, b, &o, &c));
	o = separated(199.9, 100);
	assert_false(check(a, b, &o, &c));
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

/** Two in formation are at one distance all the time: the first instant. */
static void test_formation(void **state)
{
	(void)state;
	prl_conflict c;
	prl_plan *a = along_equator("a", 0, 20000, 0, 1000, 200), *b = along_equator("b", 0, 20000, 200, 1050, 200);
	prl_check_options o = separated(1000, 100);
	assert_true(check(a, b, &o, &c));
	assert_true(c.intervals[0].from == plans_time(0) && c.intervals[0].to == plans_time(200));
	assert_true(c.closest.time == plans_time(0));
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

/** With H or V 0 "closest" is the 3D distance; with both 0 only meeting counts. */
static void test_zero_separation(void **state)
{
	(void)state;
	prl_conflict c;
	prl_plan *a = along_equator("a", 0, 20000, 0, 1000, 200), *b = along_equator("b", 20000, 0, 0, 1000, 200);
	prl_check_options o = separated(0, 0);
	assert_true(check(a, b, &o, &c));
	assert_interval(&c, 0, 100, 100);
	assert_about(c.closest.time, 100);
	prl_conflict_done(&c);
	prl_plan_free(b);
	b = along_equator("b", 20000, 0, 30, 1000, 200);
	assert_false(check(a, b, &o, &c));
	o = separated(50, 0);
	assert_true(check(a, b, &o, &c));
	assert_interval(&c, 0, 100 - 0.2, 100 + 0.2);
	assert_true(llabs(c.closest.time - plans_time(100)) < 5 * MS && fabs(c.closest.horizontal_m - 30) < 0.005);
	prl_conflict_done(&c);
	prl_plan_free(b);
	b = along_equator("b", 20000, 0, 0, 1040, 200);
	o = separated(0, 50);
	assert_true(check(a, b, &o, &c));
	assert_about(c.closest.time, 100);
	assert_true(c.closest.horizontal_m < 0.005 && fabs(c.closest.vertical_m - 40) < 1e-6);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

/** In and out of a region, three times along a straight way and on the arms of a comb. */
static void test_several_crossings(void **state)
{
	(void)state;
	prl_conflict c;
	prl_check_options o = separated(0, 0);
	const prl_latlng comb[] = { { -0.1, 0.1 }, { 0.1, 0.1 }, { 0.1, 0.2 },   { -0.05, 0.2 }, { -0.05, 0.3 }, { 0.1, 0.3 }, { 0.1, 0.4 },
		                    { -0.05, 0.4 }, { -0.05, 0.5 }, { 0.1, 0.5 }, { 0.1, 0.6 }, { -0.1, 0.6 } };
	prl_plan *a = plans_volume("a", PRL_KIND_SITE, plans_polygon(comb, 12, PRL_EDGES_LONLAT), low_band, plans_window(0, 555));
	prl_plan *b = along_equator("b", 0, 0.7 * DEGREE_M, 0, 50, 700); /* 0.001° a second */
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.interval_count, 3);
	assert_interval(&c, 0, 100, 200);
	assert_interval(&c, 1, 300, 400);
	assert_interval(&c, 2, 500, 555); /* then the volume is over */
	assert_about(c.closest.time, 100);
	assert_true(c.closest.horizontal_m == 0 && c.closest.vertical_m == 0);
	prl_conflict_done(&c);
	o = separated(1113.1949, 0); /* 0.01° to either side: 10 s */
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.interval_count, 3);
	assert_about(c.intervals[0].from, 90);
	assert_about(c.intervals[1].to, 410);
	assert_about(c.closest.time, 100);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

/** A figure of eight: through the middle twice. */
static void test_figure_of_eight(void **state)
{
	(void)state;
	prl_conflict c;
	const prl_check_options o = separated(1000, 10);
	prl_sample s[5] = { plans_sample(0, 0, -0.1, 50), plans_sample(200, 0, 0.1, 50), plans_sample(300, 0.1, 0, 50),
		            plans_sample(500, -0.1, 0, 50), plans_sample(600, 0, -0.1, 50) };
	prl_plan *a = plans_trajectory("a", PRL_KIND_FLIGHT, s, 5);
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_circle(0, 0, 500), low_band, plans_always());
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.interval_count, 2);
	double east = 1500 / (0.001 * DEGREE_M), north = 1500 / (0.001 * 110574.27582);
	assert_interval(&c, 0, 100 - east, 100 + east);
	assert_interval(&c, 1, 400 - north, 400 + north);
	assert_about(c.closest.time, 100 - 500 / (0.001 * DEGREE_M)); /* first inside */
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

static void test_single_sample(void **state)
{
	(void)state;
	prl_conflict c;
	const prl_check_options o = separated(100, 0);
	const prl_sample s = plans_sample(50, 0, 0.5, 50), late = plans_sample(50.001, 0, 0.5, 50);
	prl_plan *a = plans_trajectory("a", PRL_KIND_FLIGHT, &s, 1), *b = along_equator("b", 0, DEGREE_M, 50, 50, 100);
	assert_true(check(a, b, &o, &c));
	assert_true(c.interval_count == 1 && c.intervals[0].from == plans_time(50) && c.intervals[0].to == plans_time(50));
	assert_true(fabs(c.closest.horizontal_m - 50) < 0.01);
	prl_conflict_done(&c);
	prl_plan *same = plans_trajectory("same", PRL_KIND_FLIGHT, &s, 1), *other = plans_trajectory("z", PRL_KIND_FLIGHT, &late, 1);
	assert_true(check(a, same, &o, &c));
	prl_conflict_done(&c);
	assert_false(check(a, other, &o, &c));
	prl_plan *site = plans_volume("site", PRL_KIND_SITE, plans_box(-1, 0, 1, 1), low_band, plans_window(50, 60));
	assert_true(check(a, site, &o, &c));
	prl_conflict_done(&c);
	site->volumes[0].window.from++;
	assert_false(check(a, site, &o, &c));
	plans_free_all((prl_plan *[]){ a, b, same, other, site }, 5);
}

/** How far off it may be grows by 1 m/s across and 0.5 m/s up. */
static void test_growing_uncertainty(void **state)
{
	(void)state;
	prl_conflict c;
	prl_sample s[2] = { plans_sample(0, 0, 0, 1000), plans_sample(1000, 0, 0, 1000) };
	s[1].horizontal_m = 1000;
	s[1].vertical_m = 500;
	prl_plan *a = plans_trajectory("a", PRL_KIND_FLIGHT, s, 2);
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_circle(0, 1000 / DEGREE_M, 300), prl_band_m(0, 1000, PRL_DATUM_MSL), plans_always());
	prl_check_options o = separated(100, 0);
	assert_true(check(a, b, &o, &c));
	assert_interval(&c, 0, 600, 1000);
	prl_conflict_done(&c);
	b->volumes[0].band = prl_band_m(0, 600, PRL_DATUM_MSL); /* 400 m below: after 800 s less V */
	o = separated(100, 50);
	assert_true(check(a, b, &o, &c));
	assert_interval(&c, 0, 700, 1000);
	prl_conflict_done(&c);
	s[0].lng_deg = s[1].lng_deg = 2500 / DEGREE_M;
	prl_plan *d = plans_trajectory("d", PRL_KIND_FLIGHT, s, 2); /* 2,500 m apart, 2 m/s nearer, 100 m to keep */
	o = separated(1000, 50);
	assert_true(check(a, d, &o, &c));
	assert_interval(&c, 0, 750, 1000);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b, d }, 3);
}

static void test_antimeridian_and_pole(void **state)
{
	(void)state;
	prl_conflict c;
	prl_check_options o = separated(0, 0);
	const prl_sample east[] = { plans_sample(0, 0, 179.5, 50), plans_sample(100, 0, -179.5, 50) };
	prl_plan *a = plans_trajectory("a", PRL_KIND_FLIGHT, east, 2);
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_box(-1, 179.9, 1, -179.8), low_band, plans_always());
	assert_true(check(a, b, &o, &c));
	assert_interval(&c, 0, 40, 70);
	assert_about(c.closest.time, 40);
	assert_true(oracle_distance_m(c.closest.place, (prl_latlng){ 0, 179.9 }) < 0.02);
	prl_conflict_done(&c);
	/* along the parallel of 89.9°, over the antimeridian, through a sector of longitude */
	const prl_sample polar[] = { plans_sample(0, 89.9, 150, 50), plans_sample(60, 89.9, -150, 50) };
	prl_plan *d = plans_trajectory("d", PRL_KIND_FLIGHT, polar, 2);
	const prl_latlng sector[] = { { 89, 170 }, { 89, -170 }, { 90, 0 } };
	prl_plan *e = plans_volume("e", PRL_KIND_SITE, plans_polygon(sector, 3, PRL_EDGES_GEODESIC), low_band, plans_always());
	assert_true(check(d, e, &o, &c));
	assert_interval(&c, 0, 20, 40);
	prl_conflict_done(&c);
	/* up a meridian to the pole, where another stands */
	const prl_sample up[] = { plans_sample(0, 89, 33, 50), plans_sample(100, 90, 33, 50) };
	const prl_sample stands[] = { plans_sample(0, 90, -120, 50), plans_sample(100, 90, -120, 50) };
	prl_plan *f = plans_trajectory("f", PRL_KIND_FLIGHT, up, 2), *g = plans_trajectory("g", PRL_KIND_FLIGHT, stands, 2);
	double degree = oracle_distance_m((prl_latlng){ 89, 0 }, (prl_latlng){ 90, 0 });
	o = separated(degree / 4, 0);
	assert_true(check(f, g, &o, &c));
	assert_interval(&c, 0, 75, 100);
	assert_about(c.closest.time, 100);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b, d, e, f, g }, 6);
}

/** Many volumes: the intervals of all, merged; through a hole nothing happens. */
static void test_many_volumes_and_holes(void **state)
{
	(void)state;
	prl_conflict c;
	const prl_check_options o = separated(0, 0);
	prl_plan *a = plans_volume("a", PRL_KIND_FLIGHT, plans_circle(0, 0, 10), low_band, plans_window(0, 10));
	plans_add_volume(a, plans_circle(0, 0, 10), low_band, plans_window(10, 20));
	plans_add_volume(a, plans_circle(0, 0.5, 10), low_band, plans_window(30, 40));
	plans_add_volume(a, plans_circle(0, 5, 10), low_band, plans_window(0, 400));
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_box(-1, -1, 1, 1), low_band, plans_window(5, 35));
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.interval_count, 2);
	assert_true(c.intervals[0].from == plans_time(5) && c.intervals[0].to == plans_time(20));
	assert_true(c.intervals[1].from == plans_time(30) && c.intervals[1].to == plans_time(35));
	prl_conflict_done(&c);
	prl_plan_free(b);
	const prl_latlng outline[] = { { -1, 0.1 }, { -1, 0.9 }, { 1, 0.9 }, { 1, 0.1 } };
	const prl_latlng hole[] = { { -0.5, 0.3 }, { -0.5, 0.7 }, { 0.5, 0.7 }, { 0.5, 0.3 } };
	const prl_ring rings[] = { { outline, 4 }, { hole, 4 } };
	prl_footprint *f = NULL;
	assert_int_equal(prl_footprint_polygon(rings, 2, PRL_EDGES_LONLAT, 0, &f, NULL), PRL_OK);
	b = plans_volume("b", PRL_KIND_SITE, f, low_band, plans_always());
	assert_false(check(a, b, &o, &c)); /* one of a stands in the hole, the others outside */
	prl_plan *d = along_equator("d", 0, DEGREE_M, 0, 50, 1000);
	assert_true(check(b, d, &o, &c));
	assert_int_equal(c.interval_count, 2);
	assert_interval(&c, 0, 100, 300);
	assert_interval(&c, 1, 700, 900);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b, d }, 3);
}

/* ---- altitudes of different datums --------------------------------------------------------------------------------- */

static prl_plan *banded(const char *id, double low, double high, prl_datum datum)
{
	return plans_volume(id, PRL_KIND_SITE, plans_circle(0, 0, 100), prl_band_m(low, high, datum), plans_window(0, 10));
}

/** 0: none, 1: cannot tell, 2: known. */
static int vertical_of(prl_plan *a, prl_plan *b, const prl_check_options *o)
{
	prl_conflict c;
	int answer = 0;
	if (check(a, b, o, &c)) {
		answer = c.vertical == PRL_VERTICAL_KNOWN ? 2 : 1;
		prl_conflict_done(&c);
	}
	prl_plan_free(a);
	prl_plan_free(b);
	return answer;
}

static void test_datums(void **state)
{
	(void)state;
	prl_check_options o = separated(0, 0);
	/* without a grid the geoid is -107…+86 m from the ellipsoid */
	assert_int_equal(vertical_of(banded("a", 0, 500, PRL_DATUM_MSL), banded("b", 200, 300, PRL_DATUM_W84), &o), 2);
	assert_int_equal(vertical_of(banded("a", 0, 100, PRL_DATUM_MSL), banded("b", 150, 200, PRL_DATUM_W84), &o), 1);
	assert_int_equal(vertical_of(banded("a", 0, 100, PRL_DATUM_MSL), banded("b", 187, 200, PRL_DATUM_W84), &o), 0);
	assert_int_equal(vertical_of(banded("a", 300, 400, PRL_DATUM_MSL), banded("b", 0, 192, PRL_DATUM_W84), &o), 0);
	assert_int_equal(vertical_of(banded("a", 300, 400, PRL_DATUM_MSL), banded("b", 0, 194, PRL_DATUM_W84), &o), 1);
	/* ground: nothing stated is unbounded; AGL against AGL is direct */
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 8000, 9000, PRL_DATUM_MSL), &o), 1);
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 101, 120, PRL_DATUM_AGL), &o), 0);
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 100, 120, PRL_DATUM_AGL), &o), 2);
	o.air.has_terrain = true;
	o.air.terrain_low_m = 200;
	o.air.terrain_high_m = 300;
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 8000, 9000, PRL_DATUM_MSL), &o), 0);
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 390, 500, PRL_DATUM_MSL), &o), 1);
	assert_int_equal(vertical_of(banded("a", 50, 100, PRL_DATUM_AGL), banded("b", 290, 360, PRL_DATUM_MSL), &o), 2);
	/* flight levels: 0.92 H - 600 … 1.08 H + 350 */
	assert_int_equal(vertical_of(banded("a", 3000, 3048, PRL_DATUM_FL), banded("b", 3049, 3100, PRL_DATUM_FL), &o), 0);
	assert_int_equal(vertical_of(banded("a", 3000, 3048, PRL_DATUM_FL), banded("b", 3500, 3600, PRL_DATUM_MSL), &o), 1);
	assert_int_equal(vertical_of(banded("a", 3000, 3048, PRL_DATUM_FL), banded("b", 3700, 3800, PRL_DATUM_MSL), &o), 0);
	assert_int_equal(vertical_of(banded("a", 3000, 3048, PRL_DATUM_FL), banded("b", 0, 9000, PRL_DATUM_MSL), &o), 2);
}

/** A climb by levels through a band above the sea: surely inside in the middle, perhaps before and after. */
static void test_possible_intervals(void **state)
{
	(void)state;
	prl_conflict c;
	const prl_check_options o = separated(0, 0);
	const prl_sample s[] = { plans_sample(0, 0, 0, 0), plans_sample(10000, 0, 0, 10000) };
	prl_plan *a = plans_new("a", PRL_KIND_FLIGHT);
	plans_add_trajectory(a, s, 2, PRL_DATUM_FL);
	prl_plan *b = plans_volume("b", PRL_KIND_SITE, plans_circle(0, 0, 100), prl_band_m(2000, 6000, PRL_DATUM_MSL), plans_always());
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.vertical, PRL_VERTICAL_KNOWN);
	assert_true(c.interval_count == 1 && c.possible_count == 2);
	/* surely: 0.92 H - 600 >= 2000 and 1.08 H + 350 <= 6000; perhaps: 1.08 H + 350 >= 2000, 0.92 H - 600 <= 6000; a metre
	 * is kept back for the conversion */
	const double from = 2600 / 0.92, to = 5650 / 1.08, first = 1650 / 1.08, last = 6600 / 0.92;
	assert_true(fabs((double)(c.intervals[0].from - plans_time(from)) / 1e9) < 1.5);
	assert_true(fabs((double)(c.intervals[0].to - plans_time(to)) / 1e9) < 1.5);
	assert_true(fabs((double)(c.possible[0].from - plans_time(first)) / 1e9) < 1.5);
	assert_true(c.possible[0].to == c.intervals[0].from && c.possible[1].from == c.intervals[0].to);
	assert_true(fabs((double)(c.possible[1].to - plans_time(last)) / 1e9) < 1.5);
	prl_conflict_done(&c);
	b->volumes[0].band = prl_band_m(2000, 2100, PRL_DATUM_MSL); /* too thin to be sure */
	assert_true(check(a, b, &o, &c));
	assert_int_equal(c.vertical, PRL_VERTICAL_CANNOT_TELL);
	assert_true(c.interval_count == 1 && !c.possible_count && !c.possible);
	prl_conflict_done(&c);
	plans_free_all((prl_plan *[]){ a, b }, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_touching_volumes),
		cmocka_unit_test(test_shared_instant),
		cmocka_unit_test(test_open_windows),
		cmocka_unit_test(test_head_on),
		cmocka_unit_test(test_formation),
		cmocka_unit_test(test_zero_separation),
		cmocka_unit_test(test_several_crossings),
		cmocka_unit_test(test_figure_of_eight),
		cmocka_unit_test(test_single_sample),
		cmocka_unit_test(test_growing_uncertainty),
		cmocka_unit_test(test_antimeridian_and_pole),
		cmocka_unit_test(test_many_volumes_and_holes),
		cmocka_unit_test(test_datums),
		cmocka_unit_test(test_possible_intervals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
