/* Footprints as they are made: what is taken and what is refused, which side is inside, bounds, area, edges straight in
 * longitude and latitude. How near two of them come is the matter of tests/conflict/oracle_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "geo/footprint.h"
#include "support/hard_cases.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static prl_footprint *polygon(const prl_latlng *v, size_t n, prl_edges edges, double margin_m)
{
	prl_ring ring = { v, n };
	prl_footprint *f = NULL;
	prl_error err = { 0 };
	if (prl_footprint_polygon(&ring, 1, edges, margin_m, &f, &err))
		fprintf(stderr, "# refused: %s: %s\n", err.where, err.text);
	return f;
}

static bool contains_once(const prl_latlng *v, size_t n, prl_edges edges, double lat, double lng)
{
	prl_footprint *f = polygon(v, n, edges, 0);
	assert_non_null(f);
	bool yes = prl_footprint_contains(f, (prl_latlng){ lat, lng });
	prl_footprint_free(f);
	return yes;
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

typedef struct refusal {
	prl_latlng v[6];
	size_t count;
	prl_status status;
	const char *where, *text; /* parts of what must be said */
} refusal;

static void check_refusal(const refusal *c)
{
	prl_footprint *f = (prl_footprint *)(uintptr_t)8, *untouched = f;
	prl_error err = { 0 };
	prl_ring rings[2] = { { (prl_latlng[]){ { 10, 10 }, { 10, 20 }, { 20, 15 } }, 3 }, { c->v, c->count } };
	prl_status st = prl_footprint_polygon(rings, 2, PRL_EDGES_GEODESIC, 0, &f, &err);
	if (st != c->status || !strstr(err.where, c->where) || !strstr(err.text, c->text))
		fprintf(stderr, "# got %d \"%s\" \"%s\", wanted \"%s\" \"%s\"\n", st, err.where, err.text, c->where, c->text);
	assert_int_equal(st, c->status);
	assert_int_equal(err.status, c->status);
	assert_true(f == untouched);
	assert_non_null(strstr(err.where, c->where));
	assert_non_null(strstr(err.text, c->text));
	assert_int_equal(prl_footprint_polygon(rings, 2, PRL_EDGES_GEODESIC, 0, &f, NULL), c->status);
}

static void test_refused(void **state)
{
	(void)state;
	const double nan = (double)NAN, inf = (double)INFINITY;
	const refusal cases[] = {
		{ { { 12, 14 }, { 91, 15 }, { 13, 15 } }, 3, PRL_E_RANGE, "ring 1", "vertex 1: latitude 91 is out of range" },
		{ { { 12, 14 }, { nan, 15 }, { 13, 15 } }, 3, PRL_E_RANGE, "ring 1", "vertex 1: latitude" },
		{ { { 12, 14 }, { 12, 15 }, { 13, inf } }, 3, PRL_E_RANGE, "ring 1", "vertex 2: longitude inf is out of range" },
		{ { { 12, 541 }, { 12, 15 }, { 13, 15 } }, 3, PRL_E_RANGE, "ring 1", "vertex 0: longitude 541" },
		{ { { 12, 14 } }, 0, PRL_E_RANGE, "ring 1", "at least 3" },
		{ { { 12, 14 } }, 1, PRL_E_RANGE, "ring 1", "1 different vertices, expected at least 3" },
		{ { { 12, 14 }, { 12, 15 } }, 2, PRL_E_RANGE, "ring 1", "2 different vertices, expected at least 3" },
		{ { { 12, 14 }, { 12, 15 }, { 12, 15 }, { 12, 375 } }, 4, PRL_E_RANGE, "ring 1", "2 different vertices" },
		{ { { 12, 14 }, { 12, 15 }, { 12, 14 } }, 3, PRL_E_RANGE, "ring 1", "2 different vertices" },
		{ { { 12, 14 }, { 12, 14 }, { 12, 14 } }, 3, PRL_E_RANGE, "ring 1", "1 different vertices" },
		{ { { 12, 14 }, { -12, -165.5 }, { 13, 15 } }, 3, PRL_E_RANGE, "ring 1: vertex 0 to 1", "expected at most 19,000 km" },
		{ { { 12, 14 }, { 13, 15 }, { -12, -165.1 } }, 3, PRL_E_RANGE, "ring 1: vertex 1 to 2", "19,000 km" },
		{ { { 12, 14 }, { 13, 15 }, { 13, 14 }, { 12, 15 } }, 4, PRL_E_RANGE, "", "cross" },
		{ { { 40, 14 }, { 40, 15 }, { 41, 15 } }, 3, PRL_E_RANGE, "", "ring 1, a hole, lies outside ring 0" },
		{ { { 12, 14 }, { 12, 15 }, { 25, 15 } }, 3, PRL_E_RANGE, "", "cross" },
		{ { { 0, 0 }, { 0, 30 }, { 30, 15 } }, 3, PRL_E_RANGE, "", "ring 1, a hole, lies outside ring 0" },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		check_refusal(&cases[i]);
}

static void test_refused_hole_in_hole(void **state)
{
	(void)state;
	const prl_latlng outline[] = { { 0, 0 }, { 0, 9 }, { 9, 9 }, { 9, 0 } };
	const prl_latlng hole[] = { { 2, 2 }, { 2, 7 }, { 7, 7 }, { 7, 2 } }, inner[] = { { 3, 3 }, { 3, 4 }, { 4, 4 } };
	const prl_ring rings[] = { { outline, 4 }, { hole, 4 }, { inner, 3 } };
	prl_footprint *f = NULL;
	prl_error err = { 0 };
	assert_int_equal(prl_footprint_polygon(rings, 3, PRL_EDGES_GEODESIC, 0, &f, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "ring 2, a hole, lies in ring 1, another hole"));
	assert_int_equal(prl_footprint_polygon(NULL, 0, PRL_EDGES_GEODESIC, 0, &f, &err), PRL_E_TOO_LARGE);
	const prl_ring huge = { outline, PRL_MAX_VERTICES + 1u };
	assert_int_equal(prl_footprint_polygon(&huge, 1, PRL_EDGES_GEODESIC, 0, &f, &err), PRL_E_TOO_LARGE);
	assert_int_equal(prl_footprint_polygon(rings, 2, PRL_EDGES_GEODESIC, -1, &f, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "a margin of -1 m"));
	assert_int_equal(prl_footprint_polygon(rings, 2, PRL_EDGES_GEODESIC, (double)NAN, &f, &err), PRL_E_RANGE);
	assert_null(f);
}

static void test_refused_circles_and_corridors(void **state)
{
	(void)state;
	const prl_latlng at = { 10, 10 }, bad = { -90.001, 0 }, line[] = { { 1, 1 }, { 1, 2 }, { (double)NAN, 3 } };
	prl_footprint *f = NULL;
	prl_error err = { 0 };
	assert_int_equal(prl_footprint_circle(bad, 1, 0, &f, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "latitude -90.001 is out of range, expected -90 to 90"));
	const double wrong[] = { -1, 1.1e7, (double)NAN, (double)INFINITY };
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(prl_footprint_circle(at, wrong[i], 0, &f, &err), PRL_E_RANGE);
		assert_non_null(strstr(err.text, "a radius"));
		assert_int_equal(prl_footprint_circle(at, 1, wrong[i], &f, &err), PRL_E_RANGE);
		assert_non_null(strstr(err.text, "a margin"));
		assert_int_equal(prl_footprint_corridor(line, 2, PRL_EDGES_GEODESIC, wrong[i], 0, &f, &err), PRL_E_RANGE);
		assert_non_null(strstr(err.text, "a half-width"));
		assert_int_equal(prl_footprint_corridor(line, 2, PRL_EDGES_GEODESIC, 0, wrong[i], &f, &err), PRL_E_RANGE);
	}
	assert_int_equal(prl_footprint_corridor(line, 3, PRL_EDGES_GEODESIC, 1, 0, &f, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "vertex 2: latitude"));
	assert_int_equal(prl_footprint_corridor(line, 0, PRL_EDGES_GEODESIC, 1, 0, &f, &err), PRL_E_TOO_LARGE);
	assert_null(f);
}

/* ---- edges that cross -------------------------------------------------------------------------------------------- */

/* Two rings through the corners of a square of that size about a place: one round it, one across. Turned at will and
 * begun at any corner: the crossing lies in the middle of two edges, however they are cut. */
static void check_bow_tie(prl_latlng at, double size_m, double turn_deg, prl_edges edges)
{
	prl_latlng v[4];
	for (size_t i = 0; i < 4; i++)
		v[i] = oracle_destination(at, turn_deg + 90 * (double)i, size_m);
	prl_footprint *f = polygon(v, 4, edges, 0);
	assert_non_null(f);
	prl_footprint_free(f);
	for (size_t first = 0; first < 4; first++) {
		const prl_latlng w[4] = { v[first], v[(first + 2) % 4], v[(first + 1) % 4], v[(first + 3) % 4] };
		prl_ring ring = { w, 4 };
		prl_error err = { 0 };
		f = NULL;
		prl_status st = prl_footprint_polygon(&ring, 1, edges, 0, &f, &err);
		if (st != PRL_E_RANGE || !strstr(err.text, "cross"))
			fprintf(stderr, "# bow tie taken: %.17g %.17g, %.17g m, turned %.17g, edges %d, first %zu\n", at.lat_deg,
			        at.lng_deg, size_m, turn_deg, (int)edges, first);
		prl_footprint_free(f);
		assert_int_equal(st, PRL_E_RANGE);
		assert_non_null(strstr(err.text, "cross"));
	}
}

static void test_bow_ties(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("bow ties");
	size_t count = rnd_count(30, 20000);
	const prl_latlng equator = { 0, 20 }, line = { 0, -180 };
	for (size_t i = 0; i < 30; i++) { /* mirrored at the equator, sizes that are cut in two, four, … */
		check_bow_tie(equator, 20.0 * pow(1.3, (double)i), 45, PRL_EDGES_GEODESIC);
		check_bow_tie(equator, 20.0 * pow(1.3, (double)i), 45, PRL_EDGES_LONLAT);
		check_bow_tie(line, 20.0 * pow(1.3, (double)i), 0, PRL_EDGES_LONLAT);
	}
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double size = rnd_log(&r, 1, 2e6), turn = rnd_between(&r, 0, 360);
		check_bow_tie(at, size, turn, PRL_EDGES_GEODESIC);
		double room = 1e5 * (88 - fabs(at.lat_deg));
		if (room > 1)
			check_bow_tie(at, fmin(3e5, fmin(size, room)), turn, PRL_EDGES_LONLAT);
	}
}

/* The square of whole degrees with its corners in the wrong order, as files have it. */
static void test_bow_tie_of_whole_degrees(void **state)
{
	(void)state;
	prl_footprint *f = NULL;
	for (int size = 1; size < 30; size++)
		for (int south = -60 + size % 11; south + size <= 60; south += 23) {
			const prl_latlng v[] = { { south, 0 }, { south + size, size }, { south, size }, { south + size, 0 } };
			prl_ring ring = { v, 4 };
			prl_status st = prl_footprint_polygon(&ring, 1, PRL_EDGES_LONLAT, 0, &f, NULL);
			if (st != PRL_E_RANGE)
				fprintf(stderr, "# taken: %d degrees from %d\n", size, south);
			assert_int_equal(st, PRL_E_RANGE);
		}
}

/* A star of many corners; with two of them exchanged near the end it crosses itself. */
static prl_latlng *jagged(size_t n, double size_m)
{
	prl_latlng *v = malloc(n * sizeof *v);
	assert_non_null(v);
	for (size_t i = 0; i < n; i++) {
		double angle = 2 * M_PI * (double)i / (double)n, far = size_m * (1 - (double)(i % 2) / (double)n) / 111e3;
		v[i] = (prl_latlng){ 47 + far * sin(angle), 8 + 1.4 * far * cos(angle) };
	}
	return v;
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static void test_many_vertices(void **state)
{
	(void)state;
	struct timespec start;
	for (size_t n = 100000; n <= 1000000; n *= 10) {
		prl_latlng *v = jagged(n, 50e3);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
		prl_footprint *f = polygon(v, n, PRL_EDGES_GEODESIC, 0);
		assert_non_null(f);
		assert_true(prl_footprint_contains(f, (prl_latlng){ 47, 8 }));
		assert_false(prl_footprint_contains(f, (prl_latlng){ 48, 8 }));
		prl_footprint_free(f);
		double took = seconds_since(&start);
		prl_latlng moved = v[n - 9];
		v[n - 9] = v[n - 7];
		v[n - 7] = moved;
		prl_ring ring = { v, n };
		f = NULL;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
		assert_int_equal(prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, 0, &f, NULL), PRL_E_RANGE);
		fprintf(stderr, "# %zu vertices: made in %.2f s, refused in %.2f s\n", n, took, seconds_since(&start));
		assert_true(took < 20); /* n² would take hours */
		free(v);
	}
}

static void test_touching_is_taken(void **state)
{
	(void)state;
	/* a ring that comes back to a vertex; a vertex that stands on an edge; edges of no width; holes that touch */
	const prl_latlng eight[] = { { 0, 0 }, { 1, 1 }, { 0, 2 }, { 1, 2 }, { 1, 1 }, { 1, 0 } };
	const prl_latlng foot[] = { { 0, 0 }, { 0, 2 }, { 1, 2 }, { 1, 1.5 }, { 0, 1 }, { 1, 0.5 }, { 1, 0 } };
	const prl_latlng spike[] = { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 0, 1 }, { 1, 1 }, { 1, 0 } };
	assert_true(contains_once(eight, COUNT(eight), PRL_EDGES_LONLAT, 0.5, 0.2));
	assert_true(contains_once(eight, COUNT(eight), PRL_EDGES_LONLAT, 0.5, 1.8));
	assert_false(contains_once(eight, COUNT(eight), PRL_EDGES_LONLAT, 0.2, 1));
	assert_true(contains_once(foot, COUNT(foot), PRL_EDGES_LONLAT, 0.3, 0.4));
	assert_false(contains_once(foot, COUNT(foot), PRL_EDGES_LONLAT, 0.5, 1));
	assert_true(contains_once(spike, COUNT(spike), PRL_EDGES_LONLAT, 0, 1.5));
	assert_false(contains_once(spike, COUNT(spike), PRL_EDGES_LONLAT, 0.001, 1.5));
	const prl_latlng outline[] = { { 0, 0 }, { 0, 4 }, { 4, 4 }, { 4, 0 } };
	const prl_latlng left[] = { { 0, 2 }, { 2, 2 }, { 2, 1 } }, right[] = { { 2, 2 }, { 3, 2 }, { 3, 3 } };
	const prl_ring rings[] = { { outline, 4 }, { left, 3 }, { right, 3 } };
	prl_footprint *f = NULL;
	assert_int_equal(prl_footprint_polygon(rings, 3, PRL_EDGES_LONLAT, 0, &f, NULL), PRL_OK);
	prl_footprint_free(f);
}

/* ---- which side is inside ---------------------------------------------------------------------------------------- */

static void assert_same_inside(const prl_footprint *f, const prl_footprint *g, prl_latlng at)
{
	assert_int_equal(prl_footprint_contains(f, at), prl_footprint_contains(g, at));
}

/* Any winding, any first vertex, closed or not. */
static void test_winding(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("winding");
	size_t count = rnd_count(300, 20000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r), v[9], w[10];
		size_t n = 3 + rnd_below(&r, 7), first = rnd_below(&r, n);
		double size = rnd_log(&r, 10, 5e6);
		for (size_t k = 0; k < n; k++)
			v[k] = oracle_destination(at, 360 * (double)k / (double)n, size * rnd_between(&r, 0.5, 1));
		for (size_t k = 0; k <= n; k++)
			w[k] = v[(first + n - k % n) % n];
		prl_footprint *f = polygon(v, n, PRL_EDGES_GEODESIC, 0), *g = polygon(w, n + 1, PRL_EDGES_GEODESIC, 0);
		assert_non_null(f);
		assert_non_null(g);
		for (size_t k = 0; k < 10; k++) /* not so near an edge that either answer is right */
			assert_same_inside(f, g, oracle_destination(at, rnd_between(&r, 0, 360), size * rnd_between(&r, 0, 0.2)));
		for (size_t k = 0; k < 10; k++)
			assert_same_inside(f, g, oracle_destination(at, rnd_between(&r, 0, 360), size * rnd_between(&r, 1.1, 1.3)));
		double area = prl_footprint_area_m2(f);
		if (!(fabs(prl_footprint_area_m2(g) - area) <= 2e-5 * area))
			fprintf(stderr, "# case %zu: %zu corners %.3f m at %.9f %.9f: %.9g m2, other way %.9g\n", i, n, size,
			        at.lat_deg, at.lng_deg, area, prl_footprint_area_m2(g));
		assert_true(fabs(prl_footprint_area_m2(g) - area) <= 2e-5 * area);
		prl_bounds p = prl_footprint_bounds(f, 0), q = prl_footprint_bounds(g, 0);
		assert_true(fabs(p.south_deg - q.south_deg) < 1e-8 && fabs(p.north_deg - q.north_deg) < 1e-8);
		assert_true(fabs(prl_wrap_deg(p.west_deg - q.west_deg)) < 1e-8);
		prl_footprint_free(f);
		prl_footprint_free(g);
	}
}

static void test_poles(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		const prl_latlng round[] = { { sign * 70, 0 }, { sign * 70, 90 }, { sign * 70, 180 }, { sign * 70, -90 } };
		const prl_latlng wedge[] = { { sign * 80, 10 }, { sign * 80, 40 }, { sign * 90, 123 } };
		const prl_latlng over[] = { { sign * 80, -10 }, { sign * 80, 170 }, { sign * 85, 80 } };
		const prl_latlng first[] = { { sign * 90, 0 }, { sign * 80, 170 }, { sign * 80, -170 }, { sign * 90, 0 } };
		for (int e = PRL_EDGES_GEODESIC; e <= PRL_EDGES_LONLAT; e++) {
			prl_edges edges = (prl_edges)e;
			assert_true(contains_once(round, 4, edges, sign * 90, 77));
			assert_true(contains_once(round, 4, edges, sign * 80, 45));
			assert_false(contains_once(round, 4, edges, sign * 65, 45));
			assert_false(contains_once(round, 4, edges, -sign * 90, 0));
			assert_true(contains_once(wedge, 3, PRL_EDGES_GEODESIC, sign * 85, 25));
			assert_true(contains_once(wedge, 3, edges, sign * 90, -60));
			assert_false(contains_once(wedge, 3, PRL_EDGES_GEODESIC, sign * 89.9, 60));
			assert_false(contains_once(wedge, 3, PRL_EDGES_GEODESIC, sign * 89.9, -155));
			assert_true(contains_once(first, 4, PRL_EDGES_GEODESIC, sign * 85, 180));
			assert_true(contains_once(first, 4, edges, sign * 90, 0));
			assert_false(contains_once(first, 4, edges, sign * 85, 0));
		}
		/* from -10° over the pole to 170°: 80° lies on the side of the third vertex */
		assert_true(contains_once(over, 3, PRL_EDGES_GEODESIC, sign * 87, 80));
		assert_false(contains_once(over, 3, PRL_EDGES_GEODESIC, sign * 87, -100));
		assert_true(contains_once(over, 3, PRL_EDGES_GEODESIC, sign * 90, 0));
	}
}

/* A ring round a pole in longitude and latitude follows the parallel, with geodesics it cuts the corners. */
static void test_parallel_or_geodesic(void **state)
{
	(void)state;
	const prl_latlng round[] = { { 70, 0 }, { 70, 90 }, { 70, 180 }, { 70, -90 } };
	assert_true(contains_once(round, 4, PRL_EDGES_LONLAT, 70.0001, 45));
	assert_false(contains_once(round, 4, PRL_EDGES_LONLAT, 69.9999, 45));
	assert_false(contains_once(round, 4, PRL_EDGES_GEODESIC, 74, 45));
}

static void test_antimeridian(void **state)
{
	(void)state;
	const prl_latlng box[] = { { -10, 170 }, { -10, -170 }, { 10, -170 }, { 10, 170 } };
	const prl_latlng wide[] = { { -10, 170 }, { -10, 190 }, { 10, 190 }, { 10, -190 } };
	for (int e = PRL_EDGES_GEODESIC; e <= PRL_EDGES_LONLAT; e++) {
		prl_edges edges = (prl_edges)e;
		for (int i = -1; i <= 1; i++) {
			assert_true(contains_once(box, 4, edges, 0, 180 + 9.9 * i));
			assert_true(contains_once(wide, 4, edges, 0, -180 + 9.9 * i));
		}
		assert_false(contains_once(box, 4, edges, 0, 0));
		assert_false(contains_once(box, 4, edges, 0, 169.9));
		assert_false(contains_once(wide, 4, edges, 0, -169.9));
	}
	prl_footprint *f = polygon(box, 4, PRL_EDGES_LONLAT, 0);
	prl_bounds b = prl_footprint_bounds(f, 0);
	assert_true(b.west_deg > 169.99 && b.west_deg <= 170 && b.east_deg < -169.99 && b.east_deg >= -170);
	prl_footprint_free(f);
}

static void test_holes(void **state)
{
	(void)state;
	const prl_latlng outline[] = { { 0, 175 }, { 0, -175 }, { 9, -175 }, { 9, 175 } };
	const prl_latlng one[] = { { 2, 179 }, { 2, -179 }, { 4, -179 }, { 4, 179 } };
	const prl_latlng two[] = { { 5, 177 }, { 7, 177 }, { 7, 178 }, { 5, 178 } };
	const prl_ring rings[] = { { outline, 4 }, { one, 4 }, { two, 4 } };
	prl_footprint *f = NULL;
	assert_int_equal(prl_footprint_polygon(rings, 3, PRL_EDGES_LONLAT, 0, &f, NULL), PRL_OK);
	assert_false(prl_footprint_contains(f, (prl_latlng){ 3, 180 }));
	assert_false(prl_footprint_contains(f, (prl_latlng){ 6, 177.5 }));
	assert_true(prl_footprint_contains(f, (prl_latlng){ 3, 178.9 }));
	assert_true(prl_footprint_contains(f, (prl_latlng){ 6, -177.5 }));
	assert_true(prl_footprint_contains(f, (prl_latlng){ 4, 180 })); /* the edge belongs to it */
	prl_footprint_free(f);
	/* the margin grows into the holes too */
	assert_int_equal(prl_footprint_polygon(rings, 3, PRL_EDGES_LONLAT, 60e3, &f, NULL), PRL_OK);
	assert_true(prl_footprint_contains(f, (prl_latlng){ 6, 177.5 }));
	assert_false(prl_footprint_contains(f, (prl_latlng){ 3, 180 }));
	prl_footprint_free(f);
}

static void test_collinear_and_merged(void **state)
{
	(void)state;
	const prl_latlng line[] = { { 0, 0 }, { 0, 1 }, { 0, 2 } };
	prl_footprint *f = polygon(line, 3, PRL_EDGES_GEODESIC, 0);
	assert_true(prl_footprint_contains(f, (prl_latlng){ 0, 1.5 }));
	assert_true(prl_footprint_contains(f, (prl_latlng){ 0, 0 }));
	assert_false(prl_footprint_contains(f, (prl_latlng){ 0.001, 1.5 }));
	assert_false(prl_footprint_contains(f, (prl_latlng){ 0, 2.001 }));
	assert_true(prl_footprint_area_m2(f) < 1);
	prl_footprint_free(f);
	const prl_latlng twice[] = { { 0, 0 }, { 0, 0 }, { 0, 1 }, { 1e-13, 1 }, { 1, 1 }, { 1, 361 }, { 0, 0 } };
	const prl_latlng once[] = { { 0, 0 }, { 0, 1 }, { 1, 1 } };
	prl_footprint *g = polygon(once, 3, PRL_EDGES_GEODESIC, 0);
	f = polygon(twice, COUNT(twice), PRL_EDGES_GEODESIC, 0);
	assert_int_equal(f->point_count, g->point_count);
	assert_true(fabs(prl_footprint_area_m2(f) - prl_footprint_area_m2(g)) < 1);
	prl_footprint_free(f);
	prl_footprint_free(g);
	f = NULL;
	assert_int_equal(prl_footprint_corridor(line, 1, PRL_EDGES_GEODESIC, 100, 11, &f, NULL), PRL_OK); /* a circle */
	assert_true(prl_footprint_contains(f, oracle_destination(line[0], 33, 110.98)));
	assert_false(prl_footprint_contains(f, oracle_destination(line[0], 33, 111.02)));
	prl_footprint_free(f);
}

static void test_everywhere(void **state)
{
	(void)state;
	prl_footprint *f = NULL, *point = NULL;
	prl_nearness near;
	assert_int_equal(prl_footprint_everywhere(&f, NULL), PRL_OK);
	uint64_t seed = rnd_seed("everywhere");
	for (size_t i = 0; i < 100; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		assert_true(prl_footprint_contains(f, at));
		assert_int_equal(prl_footprint_circle(at, 0, 0, &point, NULL), PRL_OK);
		assert_true(prl_footprint_within(point, f, 0, &near) && near.distance_m == 0);
		assert_true(prl_footprint_within(f, point, 0, &near));
		assert_true(oracle_distance_m(near.place, at) < 0.001);
		prl_footprint_free(point);
	}
	prl_bounds b = prl_footprint_bounds(f, 1000);
	assert_true(b.south_deg == -90 && b.north_deg == 90 && b.west_deg == -180 && b.east_deg == 180);
	assert_true(prl_footprint_within(f, f, 0, NULL));
	assert_true(fabs(prl_footprint_area_m2(f) - 5.10065621724e14) < 1e6);
	prl_footprint_free(f);
	prl_footprint_free(NULL);
}

/* ---- contains, against azimuths summed by PROJ -------------------------------------------------------------------- */

static void check_contains(rnd *r, size_t index)
{
	static oracle_body body;
	hard_form form;
	oracle_shape shape;
	prl_error err = { 0 };
	double size = rnd_log(r, 1, 1e6);
	hard_form_make(r, size, 30, &form);
	hard_form_place(&form, hard_place(r), rnd_between(r, 0, 360), &shape);
	prl_footprint *f = oracle_engine_footprint(&shape, rnd_unit(r), &err);
	if (!f)
		fprintf(stderr, "# case %zu refused: %s: %s\n", index, err.where, err.text);
	assert_non_null(f);
	oracle_body_init(&body, &shape);
	for (size_t k = 0; k < 8; k++) {
		size_t v = rnd_below(r, oracle_vertex_count(&shape));
		prl_latlng p = oracle_destination(shape.vertices[v], rnd_between(r, 0, 360), rnd_log(r, 0.001, size));
		double depth = oracle_point_m(&body, p);
		bool inside = prl_footprint_contains(f, p);
		if (fabs(depth) > 0.01 && inside != (depth < 0))
			fprintf(stderr, "# case %zu: %.17g %.17g is %.6f m from it, contained %d\n", index, p.lat_deg, p.lng_deg,
			        depth, inside);
		assert_true(fabs(depth) <= 0.01 || inside == (depth < 0));
	}
	prl_footprint_free(f);
}

static void test_contains(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("contains");
	size_t count = rnd_count(300, 50000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		check_contains(&r, i);
	}
}

/* ---- edges straight in longitude and latitude ---------------------------------------------------------------------- */

/* How far the straight line from a to b leaves the geodesics that stand for it: for each piece of the footprint, at
 * quarters of its stretch, distance times the sine of the angle between the way there and the way along the piece. */
static double worst_sag(const prl_footprint *f, prl_latlng a, prl_latlng b)
{
	double span = prl_wrap_deg(b.lng_deg - a.lng_deg), worst = 0, rise = b.lat_deg - a.lat_deg;
	bool by_lng = fabs(span) > fabs(rise);
	for (size_t i = 0; i + 1 < f->point_count; i++) {
		prl_latlng p = { f->lat_deg[i], f->lng_deg[i] }, q = { f->lat_deg[i + 1], f->lng_deg[i + 1] };
		double t0 = by_lng ? prl_wrap_deg(p.lng_deg - a.lng_deg) / span : (p.lat_deg - a.lat_deg) / rise;
		double t1 = by_lng ? prl_wrap_deg(q.lng_deg - a.lng_deg) / span : (q.lat_deg - a.lat_deg) / rise;
		double along, to;
		geod_inverse(oracle_earth(), p.lat_deg, p.lng_deg, q.lat_deg, q.lng_deg, NULL, &along, NULL);
		for (int k = 1; k <= 3; k++) {
			double s, t = t0 + (t1 - t0) * k / 4;
			geod_inverse(oracle_earth(), p.lat_deg, p.lng_deg, a.lat_deg + t * rise, a.lng_deg + t * span, &s, &to,
			             NULL);
			worst = fmax(worst, fabs(s * sin((to - along) * M_PI / 180)));
		}
	}
	return worst;
}

static void test_lonlat_edges(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("lon/lat edges");
	size_t count = rnd_count(200, 20000);
	double worst = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		double high = rnd_chance(&r, 0.5) ? 90 - rnd_log(&r, 0.01, 20) : rnd_between(&r, 0, 89);
		prl_latlng v[2] = { { rnd_chance(&r, 0.5) ? high : -high, rnd_between(&r, -180, 180) } };
		double span = rnd_log(&r, 1e-4, 40);
		v[1].lat_deg = rnd_chance(&r, 0.3) ? v[0].lat_deg : fmin(89.99, fmax(-89.99, v[0].lat_deg + rnd_between(&r, -span, span)));
		v[1].lng_deg = v[0].lng_deg + rnd_between(&r, -span, span);
		prl_footprint *f = NULL;
		assert_int_equal(prl_footprint_corridor(v, 2, PRL_EDGES_LONLAT, 0, 0, &f, NULL), PRL_OK);
		double sag = worst_sag(f, v[0], v[1]);
		if (!(sag < 0.001))
			fprintf(stderr, "# case %zu: %.17g %.17g to %.17g %.17g: %.3g m\n", i, v[0].lat_deg, v[0].lng_deg,
			        v[1].lat_deg, v[1].lng_deg, sag);
		worst = fmax(worst, sag);
		prl_footprint_free(f);
	}
	fprintf(stderr, "# lon/lat edges: worst %.3g mm\n", 1e3 * worst);
	assert_true(worst < 0.001);
}

/* ---- area and bounds ------------------------------------------------------------------------------------------------ */

static double proj_area(const prl_latlng *v, size_t n)
{
	struct geod_polygon p;
	double area;
	geod_polygon_init(&p, 0);
	for (size_t i = 0; i < n; i++)
		geod_polygon_addpoint(oracle_earth(), &p, v[i].lat_deg, v[i].lng_deg);
	geod_polygon_compute(oracle_earth(), &p, 0, 1, &area, NULL);
	return fabs(area);
}

static void test_area(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("area");
	size_t count = rnd_count(1000, 100000);
	double worst = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r), v[9];
		size_t n = 3 + rnd_below(&r, 7);
		double size = rnd_log(&r, 10, 3e6);
		for (size_t k = 0; k < n; k++)
			v[k] = oracle_destination(at, 360 * (double)k / (double)n, size * rnd_between(&r, 0.5, 1));
		prl_footprint *f = polygon(v, n, PRL_EDGES_GEODESIC, 0);
		double truth = proj_area(v, n), off = fabs(prl_footprint_area_m2(f) - truth) / truth;
		off = fmax(0, off - 0.1 * (double)n / truth); /* PROJ's own rounding */
		if (!(off < 1e-4))
			fprintf(stderr, "# case %zu: %zu corners %.0f m about %.6f %.6f: %.9g m2, PROJ %.9g\n", i, n, size, at.lat_deg,
			        at.lng_deg, prl_footprint_area_m2(f), truth);
		worst = fmax(worst, off);
		prl_footprint_free(f);
	}
	fprintf(stderr, "# area: worst %.3g %%\n", 100 * worst);
	assert_true(worst < 1e-4);
}

static bool in_bounds(prl_bounds b, prl_latlng p)
{
	bool across = b.west_deg <= b.east_deg ? p.lng_deg >= b.west_deg && p.lng_deg <= b.east_deg
	                                       : p.lng_deg >= b.west_deg || p.lng_deg <= b.east_deg;
	return p.lat_deg >= b.south_deg && p.lat_deg <= b.north_deg && (across || fabs(p.lat_deg) == 90);
}

/* Points of the edges, and all round them at the margin. */
static void check_bounds(rnd *r, size_t index)
{
	static oracle_body body;
	hard_form form;
	oracle_shape shape;
	hard_form_make(r, rnd_log(r, 1, 2e6), 12, &form);
	hard_form_place(&form, hard_place(r), rnd_between(r, 0, 360), &shape);
	prl_footprint *f = oracle_engine_footprint(&shape, rnd_unit(r), NULL);
	assert_non_null(f);
	oracle_body_init(&body, &shape);
	double margin = rnd_chance(r, 0.3) ? 0 : rnd_log(r, 1, 1e6), out = margin + shape.radius_m;
	prl_bounds b = prl_footprint_bounds(f, margin);
	for (size_t k = 0; k < 60; k++) {
		prl_latlng p = shape.vertices[0];
		if (body.edge_count)
			p = oracle_edge_at(&body, rnd_below(r, body.edge_count), rnd_unit(r), NULL);
		p = oracle_destination(p, rnd_chance(r, 0.5) ? 90.0 * (double)rnd_below(r, 4) : rnd_between(r, 0, 360), out);
		p.lng_deg = prl_wrap_deg(p.lng_deg);
		if (!in_bounds(b, p))
			fprintf(stderr, "# case %zu: %.12g %.12g is outside %.12g…%.12g %.12g…%.12g, margin %.3f\n", index,
			        p.lat_deg, p.lng_deg, b.south_deg, b.north_deg, b.west_deg, b.east_deg, out);
		assert_true(in_bounds(b, p));
	}
	prl_footprint_free(f);
}

static void test_bounds(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("bounds");
	size_t count = rnd_count(2000, 200000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		check_bounds(&r, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_hole_in_hole),
		cmocka_unit_test(test_refused_circles_and_corridors),
		cmocka_unit_test(test_bow_ties),
		cmocka_unit_test(test_bow_tie_of_whole_degrees),
		cmocka_unit_test(test_many_vertices),
		cmocka_unit_test(test_touching_is_taken),
		cmocka_unit_test(test_winding),
		cmocka_unit_test(test_poles),
		cmocka_unit_test(test_parallel_or_geodesic),
		cmocka_unit_test(test_antimeridian),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_collinear_and_merged),
		cmocka_unit_test(test_everywhere),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_lonlat_edges),
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
