/*
 * Polygon against polygon, 8 vertices each, about 1 km, in and out of contact by 1 m to 1 km: parley on the ellipsoid,
 * to the centimetre, against GEOS in plane degrees as its users have it. Prints nanoseconds a pair and the ratios.
 *
 * "as filed": ours is prepared when a plan is filed; GEOS prepares one of two geometries and tests. "both prepared": GEOS
 * too has prepared before (GEOSPreparedIntersects). "from coordinates": made, prepared, tested once, freed.
 */
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>
#include <math.h>
#include <parley/geo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAIRS    4096
#define VERTICES 8
#define ROUNDS   5
#define AGAIN    4

typedef struct pair {
	prl_latlng a[VERTICES], b[VERTICES];
} pair;

/* The order in which the pairs are gone through: another one each time, lest the processor learn the answers. */
static uint32_t order[PAIRS];

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
	for (size_t k = 0; k < PAIRS; k++) {
		size_t i = order[k];
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
	for (size_t k = 0; k < PAIRS; k++) {
		size_t i = order[k];
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
static double time_geos_prepare(GEOSContextHandle_t geos, GEOSGeometry *(*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t k = 0; k < PAIRS; k++) {
		size_t i = order[k];
		const GEOSPreparedGeometry *prepared = GEOSPrepare_r(geos, made[i][0]);
		*hits += GEOSPreparedIntersects_r(geos, prepared, made[i][1]) == 1;
		GEOSPreparedGeom_destroy_r(geos, prepared);
	}
	return (seconds() - start) / PAIRS;
}

static double time_geos_plain(GEOSContextHandle_t geos, const pair *pairs, size_t *hits)
{
	double start = seconds();
	for (size_t k = 0; k < PAIRS; k++) {
		size_t i = order[k];
		GEOSGeometry *a = theirs(geos, pairs[i].a), *b = theirs(geos, pairs[i].b);
		*hits += GEOSIntersects_r(geos, a, b) == 1;
		GEOSGeom_destroy_r(geos, a);
		GEOSGeom_destroy_r(geos, b);
	}
	return (seconds() - start) / PAIRS;
}

static double time_ours_prepared(prl_footprint *(*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t k = 0; k < PAIRS; k++)
		*hits += prl_footprint_within(made[order[k]][0], made[order[k]][1], 0, NULL);
	return (seconds() - start) / PAIRS;
}

static double time_geos_prepared(GEOSContextHandle_t geos, const GEOSPreparedGeometry *const *prepared,
				 GEOSGeometry *(*made)[2], size_t *hits)
{
	double start = seconds();
	for (size_t k = 0; k < PAIRS; k++)
		*hits += GEOSPreparedIntersects_r(geos, prepared[order[k]], made[order[k]][1]) == 1;
	return (seconds() - start) / PAIRS;
}

/* Random numbers besides those of the pairs. */
static void shuffle(void)
{
	static bool begun;
	for (uint32_t i = 0; i < PAIRS && !begun; i++)
		order[i] = i;
	begun = true;
	for (size_t i = PAIRS - 1; i > 0; i--) {
		size_t j = (size_t)(unit() * (double)(i + 1));
		uint32_t other = order[j];
		order[j] = order[i];
		order[i] = other;
	}
}

/* Drives what has been used out of the nearer caches. */
static void forget(void)
{
	static char other[64 << 20];
	for (size_t i = 0; i < sizeof other; i += 64)
		other[i]++;
}

/* Everything made, and the best times so far; the first is that of a loop that finds nothing in the caches. */
struct bench {
	pair pairs[PAIRS];
	prl_footprint *made[PAIRS][2];
	GEOSGeometry *geos_made[PAIRS][2];
	const GEOSPreparedGeometry *prepared[PAIRS];
	GEOSContextHandle_t geos;
};

enum contender { OURS_READY, GEOS_PREPARE, GEOS_READY, OURS_WHOLE, GEOS_WHOLE, GEOS_PLAIN, CONTENDERS };

static double time_one(struct bench *b, enum contender which, size_t *hits)
{
	shuffle();
	switch (which) {
	case OURS_READY:
		return time_ours_prepared(b->made, hits);
	case GEOS_PREPARE:
		return time_geos_prepare(b->geos, b->geos_made, hits);
	case GEOS_READY:
		return time_geos_prepared(b->geos, b->prepared, b->geos_made, hits);
	case OURS_WHOLE:
		return time_ours_whole(b->pairs, hits);
	case GEOS_WHOLE:
		return time_geos_whole(b->geos, b->pairs, hits);
	default:
		return time_geos_plain(b->geos, b->pairs, hits);
	}
}

static void make_all(struct bench *b)
{
	b->geos = GEOS_init_r();
	for (size_t i = 0; i < PAIRS; i++) {
		make_pair(&b->pairs[i]);
		b->made[i][0] = ours(b->pairs[i].a);
		b->made[i][1] = ours(b->pairs[i].b);
	}
	for (size_t i = 0; i < PAIRS; i++) { /* apart from ours, as if either library were alone */
		b->geos_made[i][0] = theirs(b->geos, b->pairs[i].a);
		b->geos_made[i][1] = theirs(b->geos, b->pairs[i].b);
		b->prepared[i] = GEOSPrepare_r(b->geos, b->geos_made[i][0]);
	}
}

static void free_all(struct bench *b)
{
	for (size_t i = 0; i < PAIRS; i++) {
		prl_footprint_free(b->made[i][0]);
		prl_footprint_free(b->made[i][1]);
		GEOSPreparedGeom_destroy_r(b->geos, b->prepared[i]);
		GEOSGeom_destroy_r(b->geos, b->geos_made[i][0]);
		GEOSGeom_destroy_r(b->geos, b->geos_made[i][1]);
	}
	GEOS_finish_r(b->geos);
}

static void line(const char *what, double parley, double geos, const char *note)
{
	printf("  %-19s parley %6.0f ns   GEOS %6.0f ns   ratio %5.1f   %s\n", what, parley * 1e9, geos * 1e9, geos / parley, note);
}

int main(void)
{
	static struct bench b;
	double cold[CONTENDERS], warm[CONTENDERS];
	size_t hits[CONTENDERS] = { 0 };
	make_all(&b);
	for (int c = 0; c < CONTENDERS; c++) {
		cold[c] = warm[c] = HUGE_VAL;
		for (int i = 0; i < ROUNDS; i++) {
			forget();
			cold[c] = fmin(cold[c], time_one(&b, (enum contender)c, &hits[c]));
			for (int k = 1; k < AGAIN; k++)
				warm[c] = fmin(warm[c], time_one(&b, (enum contender)c, &hits[c]));
		}
	}
	printf("polygon against polygon, %d vertices, %d pairs in random order, best of %d times\n", VERTICES, PAIRS,
	       ROUNDS * (AGAIN - 1));
	line("as filed", warm[OURS_READY], warm[GEOS_PREPARE], "(parley prepares when a plan is filed, GEOS for this test)");
	line("  out of the cache", cold[OURS_READY], cold[GEOS_PREPARE], "(the same after 64 MB of other memory)");
	line("both prepared", warm[OURS_READY], warm[GEOS_READY], "");
	line("  out of the cache", cold[OURS_READY], cold[GEOS_READY], "");
	line("from coordinates", warm[OURS_WHOLE], warm[GEOS_WHOLE], "(made, prepared, tested, freed)");
	line("", warm[OURS_WHOLE], warm[GEOS_PLAIN], "(GEOS without preparing)");
	printf("  overlaps found      parley %zu   GEOS %zu   (GEOS's edges are straight in degrees)\n",
	       hits[OURS_READY] / (ROUNDS * AGAIN), hits[GEOS_READY] / (ROUNDS * AGAIN));
	free_all(&b);
	return hits[OURS_READY] == hits[OURS_WHOLE] ? 0 : 1;
}
