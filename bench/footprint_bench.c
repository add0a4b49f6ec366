/*
 * Polygon against polygon, 8 vertices each, about 1 km, in and out of contact by 1 m to 1 km: parley on the ellipsoid,
 * to the centimetre, against GEOS in plane degrees as its users have it. Prints nanoseconds a pair and the ratios.
 *
 * "prepare and test": made from coordinates, tested once, freed. "prepared": both made before (GEOS: the first of the
 * two prepared, GEOSPreparedIntersects), the same pairs tested.
 */
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>
#include <math.h>
#include <parley/geo.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAIRS    4096
#define VERTICES 8
#define ROUNDS   5

typedef struct pair {
	prl_latlng a[VERTICES], b[VERTICES];
} pair;

static uint64_t state = 20161;

static double unit(void)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** A star of 8 corners, 250 to 500 m from @p center. */
static void make_ring(prl_latlng center, prl_latlng ring[VERTICES])
{
	double turn = unit() * 360;
	for (int i = 0; i < VERTICES; i++)
		ring[i] = prl_destination(center, turn + 45 * (i + 0.6 * unit()), 250 + 250 * unit());
}

/** Moves a second ring towards or from the first until they meet or part by about 1 m to 1 km, log-uniform. */
static void make_pair(pair *p)
{
	prl_latlng center = { -60 + 120 * unit(), -170 + 340 * unit() };
	double azimuth = unit() * 360, by = pow(1000, unit()) * (unit() < 0.5 ? 1 : -1);
	double far = 1000 + (by > 0 ? by : 0);
	make_ring(center, p->a);
	uint64_t shape = state;
	for (int i = 0; i < 12; i++) { /* far enough that the gap, not the centres' distance, is what was asked */
		prl_ring ring_a = { p->a, VERTICES }, ring_b = { p->b, VERTICES };
		prl_footprint *fa, *fb;
		prl_nearness near;
		prl_error err;
		state = shape;
		make_ring(prl_destination(center, azimuth, far), p->b);
		if (prl_footprint_polygon(&ring_a, 1, PRL_EDGES_GEODESIC, 0, &fa, &err) ||
		    prl_footprint_polygon(&ring_b, 1, PRL_EDGES_GEODESIC, 0, &fb, &err))
			exit(2);
		if (!prl_footprint_within(fa, fb, 10000, &near))
			near.distance_m = 10000;
		prl_footprint_free(fa);
		prl_footprint_free(fb);
		if (by < 0 && near.distance_m < 0.01)
			break;
		far += by > 0 ? by - near.distance_m : -near.distance_m;
	}
	if (by < 0)
		make_ring(prl_destination(center, azimuth, fmax(0, far + by)), p->b);
}

static prl_footprint *ours(const prl_latlng *vertices)
{
	prl_ring ring = { vertices, VERTICES };
	prl_footprint *footprint = NULL;
	prl_error err;
	if (prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, 0, &footprint, &err) != PRL_OK) {
		fprintf(stderr, "footprint_bench: %s\n", err.text);
		exit(2);
	}
	return footprint;
}

static GEOSGeometry *theirs(GEOSContextHandle_t geos, const prl_latlng *vertices)
{
	double xy[2 * (VERTICES + 1)];
	for (int i = 0; i <= VERTICES; i++) {
		xy[2 * i] = vertices[i % VERTICES].lng_deg;
		xy[2 * i + 1] = vertices[i % VERTICES].lat_deg;
	}
	GEOSCoordSequence *sequence = GEOSCoordSeq_copyFromBuffer_r(geos, xy, VERTICES + 1, 0, 0);
	return GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, sequence), NULL, 0);
}

static double time_ours_whole(const pair *pairs, size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++) {
		prl_footprint *a = ours(pairs[i].a), *b = ours(pairs[i].b);
		*hits += prl_footprint_within(a, b, 0, NULL);
		prl_footprint_free(a);
		prl_footprint_free(b);
	}
	return (seconds() - start) / PAIRS;
}

static double time_geos_whole(GEOSContextHandle_t geos, const pair *pairs, size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++) {
		GEOSGeometry *a = theirs(geos, pairs[i].a), *b = theirs(geos, pairs[i].b);
		const GEOSPreparedGeometry *prepared = GEOSPrepare_r(geos, a);
		*hits += GEOSPreparedIntersects_r(geos, prepared, b) == 1;
		GEOSPreparedGeom_destroy_r(geos, prepared);
		GEOSGeom_destroy_r(geos, a);
		GEOSGeom_destroy_r(geos, b);
	}
	return (seconds() - start) / PAIRS;
}

/* Both made before; GEOS prepares the first of them for this one test. */
static double time_geos_prepare(GEOSContextHandle_t geos, GEOSGeometry *const (*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++) {
		const GEOSPreparedGeometry *prepared = GEOSPrepare_r(geos, made[i][0]);
		*hits += GEOSPreparedIntersects_r(geos, prepared, made[i][1]) == 1;
		GEOSPreparedGeom_destroy_r(geos, prepared);
	}
	return (seconds() - start) / PAIRS;
}

static double time_geos_plain(GEOSContextHandle_t geos, const pair *pairs, size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++) {
		GEOSGeometry *a = theirs(geos, pairs[i].a), *b = theirs(geos, pairs[i].b);
		*hits += GEOSIntersects_r(geos, a, b) == 1;
		GEOSGeom_destroy_r(geos, a);
		GEOSGeom_destroy_r(geos, b);
	}
	return (seconds() - start) / PAIRS;
}

static double time_ours_prepared(prl_footprint *const (*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++)
		*hits += prl_footprint_within(made[i][0], made[i][1], 0, NULL);
	return (seconds() - start) / PAIRS;
}

static double time_geos_prepared(GEOSContextHandle_t geos, const GEOSPreparedGeometry *const *prepared,
				 GEOSGeometry *const (*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t i = 0; i < PAIRS; i++)
		*hits += GEOSPreparedIntersects_r(geos, prepared[i], made[i][1]) == 1;
	return (seconds() - start) / PAIRS;
}

static double least(double a, double b)
{
	return a == 0 || b < a ? b : a;
}

int main(void)
{
	static pair pairs[PAIRS];
	static prl_footprint *made[PAIRS][2];
	static GEOSGeometry *geos_made[PAIRS][2];
	static const GEOSPreparedGeometry *prepared[PAIRS];
	GEOSContextHandle_t geos = GEOS_init_r();
	double whole = 0, geos_whole = 0, geos_plain = 0, ready = 0, geos_ready = 0, geos_prepare = 0;
	size_t hits[6] = { 0 };
	for (size_t i = 0; i < PAIRS; i++) {
		make_pair(&pairs[i]);
		made[i][0] = ours(pairs[i].a);
		made[i][1] = ours(pairs[i].b);
	}
	for (size_t i = 0; i < PAIRS; i++) { /* apart from ours, as if either library were alone */
		geos_made[i][0] = theirs(geos, pairs[i].a);
		geos_made[i][1] = theirs(geos, pairs[i].b);
		prepared[i] = GEOSPrepare_r(geos, geos_made[i][0]);
	}
	for (int i = 0; i < ROUNDS; i++) {
		whole = least(whole, time_ours_whole(pairs, &hits[0]));
		geos_whole = least(geos_whole, time_geos_whole(geos, pairs, &hits[1]));
		geos_plain = least(geos_plain, time_geos_plain(geos, pairs, &hits[2]));
		geos_prepare = least(geos_prepare, time_geos_prepare(geos, geos_made, &hits[5]));
		ready = least(ready, time_ours_prepared(made, &hits[3]));
		geos_ready = least(geos_ready, time_geos_prepared(geos, prepared, geos_made, &hits[4]));
	}
	printf("polygon against polygon, %d vertices, %d pairs, best of %d rounds\n", VERTICES, PAIRS, ROUNDS);
	printf("  as filed           parley %8.0f ns   GEOS %8.0f ns   ratio %.1f   (parley prepares when a plan is filed, GEOS "
	       "for this test)\n",
	       ready * 1e9, geos_prepare * 1e9, geos_prepare / ready);
	printf("  from coordinates   parley %8.0f ns   GEOS %8.0f ns   ratio %.1f   (made, prepared, tested, freed)\n",
	       whole * 1e9, geos_whole * 1e9, geos_whole / whole);
	printf("                     parley %8.0f ns   GEOS %8.0f ns   ratio %.1f   (GEOS without preparing)\n", whole * 1e9,
	       geos_plain * 1e9, geos_plain / whole);
	printf("  both prepared      parley %8.0f ns   GEOS %8.0f ns   ratio %.1f\n", ready * 1e9, geos_ready * 1e9,
	       geos_ready / ready);
	printf("  overlaps found     parley %zu   GEOS %zu   (GEOS's edges are straight in degrees)\n",
	       hits[0] / ROUNDS, hits[1] / ROUNDS);
	for (size_t i = 0; i < PAIRS; i++) {
		prl_footprint_free(made[i][0]);
		prl_footprint_free(made[i][1]);
		GEOSPreparedGeom_destroy_r(geos, prepared[i]);
		GEOSGeom_destroy_r(geos, geos_made[i][0]);
		GEOSGeom_destroy_r(geos, geos_made[i][1]);
	}
	GEOS_finish_r(geos);
	return hits[0] == hits[3] ? 0 : 1;
}
