/*
 * The engine against the oracle of tests/support: random pairs of footprints, and of volumes, that overlap or miss by
 * 1.1 cm to 100 km, a few milliseconds, a few centimetres of height.
 *
 * PARLEY_SEED=n repeats a run, PARLEY_COUNT=n sets its length, PARLEY_CASE=n runs one case of it, PARLEY_LONG=1 runs
 * 10^6 pairs. The engine may err by 1 cm; the oracle errs by less than 0.1 mm, which is added.
 */
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

#include "support/hard_cases.h"

#define SLACK_M     0.0101
#define PRINTED_MAX 12

/** What is being run, and how it went. */
typedef struct run {
	uint64_t seed, index;
	size_t failures, judged, hits, misses;
} run;

static bool failed(run *t, const char *what)
{
	bool print = t->failures++ < PRINTED_MAX;
	if (print)
		fprintf(stderr, "# FAILED: %s (PARLEY_SEED=%llu PARLEY_CASE=%llu)\n", what, (unsigned long long)t->seed,
			(unsigned long long)t->index);
	return print;
}

static void pair_failed(run *t, const hard_pair *pair, const char *what, double engine)
{
	if (!failed(t, what))
		return;
	fprintf(stderr, "#   %s limit %.17g; oracle: footprints %.6f, less limit %.6f; engine: %.17g\n",
		hard_design_name(pair->design), pair->limit_m, pair->answer.signed_m, pair->signed_m, engine);
	oracle_print(stderr, "a", &pair->a.shape);
	oracle_print(stderr, "b", &pair->b.shape);
}

/** The range of cases to run. */
static void cases(size_t normal, size_t full, size_t *ret_first, size_t *ret_end)
{
	const char *one = getenv("PARLEY_CASE");
	*ret_first = one ? (size_t)strtoull(one, NULL, 10) : 0;
	*ret_end = one ? *ret_first + 1 : rnd_count(normal, full);
}

/* ---- footprints ------------------------------------------------------------------------------------------------ */

/** Where the engine says that two footprints are near: how far, and the place. */
static void check_nearness(run *t, hard_pair *pair, const prl_nearness *near)
{
	double expected = fmax(0, pair->answer.signed_m);
	if (!(fabs(near->distance_m - expected) <= SLACK_M))
		pair_failed(t, pair, "nearness.distance_m", near->distance_m);
	double from_a = oracle_point_m(&pair->a, near->place), from_b = oracle_point_m(&pair->b, near->place);
	if (!(fmax(from_a, from_b) <= expected / 2 + SLACK_M))
		pair_failed(t, pair, "nearness.place is this far from a footprint", fmax(from_a, from_b));
}

static void check_within(run *t, hard_pair *pair, const prl_footprint *a, const prl_footprint *b)
{
	prl_nearness near = { (double)NAN, { (double)NAN, (double)NAN } };
	bool found = prl_footprint_within(a, b, pair->limit_m, &near);
	bool turned = prl_footprint_within(b, a, pair->limit_m, NULL);
	bool must = pair->signed_m<-SLACK_M, must_not = pair->signed_m> SLACK_M;
	t->judged += must || must_not;
	t->hits += must;
	t->misses += must_not;
	if ((must && !(found && turned)) || (must_not && (found || turned)))
		pair_failed(t, pair, must ? "MISSED" : "false alarm", found + 10 * turned);
	else if (found && !must_not)
		check_nearness(t, pair, &near);
}

/** A point near the footprint's edge, or anywhere about it. */
static prl_latlng point_near(rnd *r, oracle_body *body)
{
	prl_latlng p = oracle_edge_at(body, rnd_below(r, body->edge_count), rnd_unit(r), NULL);
	double off = rnd_chance(r, 0.5) ? body->shape.radius_m : 0;
	return oracle_destination(p, rnd_between(r, 0, 360),
				  fabs(off + rnd_log(r, 0.001, 10e3) * (rnd_chance(r, 0.5) ? 1 : -1)));
}

static void check_contains(run *t, rnd *r, hard_pair *pair, const prl_footprint *a)
{
	prl_latlng p = point_near(r, &pair->a);
	double truth = oracle_point_m(&pair->a, p);
	if (fabs(truth) > SLACK_M && prl_footprint_contains(a, p) != (truth < 0)) {
		pair_failed(t, pair, "contains; oracle's signed distance is", truth);
		if (t->failures <= PRINTED_MAX)
			fprintf(stderr, "#   point %.17g %.17g, engine says %s\n", p.lat_deg, p.lng_deg,
				truth < 0 ? "outside" : "inside");
	}
}

/** A point that is certainly within @p margin of the footprint must be within the bounds, to 30 nm of rounding. */
static void check_bounds(run *t, rnd *r, hard_pair *pair, const prl_footprint *a)
{
	double margin = rnd_chance(r, 0.5) ? 0 : rnd_log(r, 0.01, 1e5), reach = margin + pair->a.shape.radius_m;
	prl_bounds box = prl_footprint_bounds(a, margin);
	prl_latlng p = oracle_edge_at(&pair->a, rnd_below(r, pair->a.edge_count), rnd_unit(r), NULL);
	if (reach > 0)
		p = oracle_destination(p, rnd_chance(r, 0.5) ? 90.0 * (double)rnd_below(r, 4) : rnd_between(r, 0, 360),
				       reach * (1 - 1e-12));
	double rounding = 3e-13, lng_rounding = rounding / fmax(1e-15, cos(p.lat_deg * M_PI / 180));
	double east = remainder(p.lng_deg - box.west_deg, 360), width = box.east_deg - box.west_deg;
	east += east < -lng_rounding ? 360 : 0;
	width += width < 0 ? 360 : 0;
	bool in = p.lat_deg >= box.south_deg - rounding && p.lat_deg <= box.north_deg + rounding &&
		  (east <= width + lng_rounding || lng_rounding > 1);
	if (in)
		return;
	pair_failed(t, pair, "bounds do not hold a point; margin", margin);
	if (t->failures <= PRINTED_MAX)
		fprintf(stderr, "#   point %.17g %.17g; south %.17g north %.17g west %.17g east %.17g\n", p.lat_deg,
			p.lng_deg, box.south_deg, box.north_deg, box.west_deg, box.east_deg);
}

/** The oracle against GEOS in the plane, by the letter. */
static void check_oracle(run *t, hard_pair *pair)
{
	if (pair->a.reach_m > 200e3 || pair->b.reach_m > 200e3)
		return; /* takes a million cuts */
	double plane = oracle_confirm(&pair->a, &pair->b, pair->answer.on_a, pair->answer.on_b);
	double truth = pair->answer.bases_meet ? 0 : pair->answer.edges_m;
	if (!(plane < HUGE_VAL))
		return; /* more cuts than there is room for */
	/* The plane follows the nearest points by steps; half round the world and more the distance has valleys of its own,
	 * and it may end in another one: longer, never shorter. */
	if (!(plane >= truth - 5e-4) || (truth < 10e6 && !(plane <= truth + 5e-4)))
		pair_failed(t, pair, "the oracle against itself: distance of the bases in the plane", plane);
}

static void check_pair(run *t, rnd *r, hard_pair *pair)
{
	prl_error err = { 0 };
	prl_footprint *a = oracle_engine_footprint(&pair->a.shape, rnd_unit(r), &err);
	prl_footprint *b = oracle_engine_footprint(&pair->b.shape, rnd_unit(r), &err);
	if (a && b) {
		check_within(t, pair, a, b);
		check_contains(t, r, pair, a);
		check_bounds(t, r, pair, a);
	} else {
		pair_failed(t, pair, err.text, err.status);
	}
	prl_footprint_free(a);
	prl_footprint_free(b);
	if (t->index % 50 == 0)
		check_oracle(t, pair);
}

/** Turns a pair round the earth's axis: nothing changes but the longitudes. Not where one would leave ±540. */
static void turn_round(hard_pair *pair, double by_deg)
{
	oracle_body *bodies[2] = { &pair->a, &pair->b };
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < bodies[k]->vertex_count; i++)
			if (!(fabs(bodies[k]->shape.vertices[i].lng_deg + by_deg) <= 540))
				return;
	for (int k = 0; k < 2; k++) {
		oracle_shape shape = bodies[k]->shape;
		for (size_t i = 0; i < bodies[k]->vertex_count; i++)
			shape.vertices[i].lng_deg += by_deg;
		oracle_body_init(bodies[k], &shape);
	}
}

static void test_footprints(void **state)
{
	(void)state;
	static hard_pair pair;
	run t = { .seed = rnd_seed("footprints") };
	size_t end, first;
	cases(20000, 1000000, &first, &end);
	for (t.index = first; t.index < end; t.index++) {
		rnd r = rnd_case(t.seed, t.index);
		hard_pair_make(&r, &pair);
		if (rnd_chance(&r, 0.1))
			turn_round(&pair, rnd_between(&r, -350, 350)); /* the answer stays */
		check_pair(&t, &r, &pair);
	}
	fprintf(stderr, "# footprints: %zu pairs, %zu judged (%zu overlap, %zu apart), %zu failures\n", end - first,
		t.judged, t.hits, t.misses, t.failures);
	assert_int_equal(t.failures, 0);
}

/* ---- volumes --------------------------------------------------------------------------------------------------- */

/** Whether something holds: it must, it must not, or it is within the tolerance. */
typedef enum verdict { NO, EITHER, YES } verdict;

static verdict worse(verdict a, verdict b)
{
	return a < b ? a : b;
}

/** Two bands, apart or overlapping by 1.1 cm to 10 km, or open, and the vertical separation. */
static verdict make_bands(rnd *r, prl_volume *a, prl_volume *b, double *ret_vertical, double *ret_gap)
{
	double floor_a = rnd_between(r, -100, 10e3), high_a = rnd_chance(r, 0.1) ? 0 : rnd_log(r, 1, 5e3);
	double off = rnd_log(r, 0.011, 10e3) * (rnd_chance(r, 0.3) ? 1 : -1);
	double vertical = rnd_chance(r, 0.5) ? 0 : rnd_log(r, 1, 3e3), floor_b = floor_a + high_a + vertical + off;
	a->band = prl_band_m(floor_a, floor_a + high_a, PRL_DATUM_W84);
	b->band = prl_band_m(floor_b, rnd_chance(r, 0.1) ? HUGE_VAL : floor_b + rnd_log(r, 1, 5e3), PRL_DATUM_W84);
	if (rnd_chance(r, 0.1)) {
		a->band.upper.value = HUGE_VAL;
		off = -HUGE_VAL;
	}
	*ret_vertical = vertical;
	double top_a = a->band.upper.value, top_b = b->band.upper.value;
	*ret_gap = fmax(0, fmax(b->band.lower.value - top_a, a->band.lower.value - top_b));
	double signed_m = fmax(b->band.lower.value - top_a, a->band.lower.value - top_b) - vertical;
	return signed_m > SLACK_M ? NO : signed_m < -SLACK_M ? YES : EITHER;
}

/** Two windows, apart or overlapping by 1 ms to days, or touching, or open; what they have in common. */
static verdict make_windows(rnd *r, prl_volume *a, prl_volume *b, prl_window *ret_common)
{
	prl_time start = (prl_time)rnd_between(r, 1.4e9, 1.9e9) * PRL_SECOND + (prl_time)rnd_below(r, 1000000000);
	prl_time length = (prl_time)rnd_log(r, 1e6, 1e14);
	prl_time off = rnd_chance(r, 0.1) ? 0 : (prl_time)rnd_log(r, 1e6, 1e14) * (rnd_chance(r, 0.3) ? 1 : -1);
	a->window = (prl_window){ start, start + length };
	b->window = (prl_window){ start + length + off, start + length + off + (prl_time)rnd_log(r, 1e6, 1e14) };
	if (rnd_chance(r, 0.05))
		a->window.from = PRL_TIME_OPEN_START;
	if (rnd_chance(r, 0.05))
		b->window.to = PRL_TIME_OPEN_END;
	ret_common->from = a->window.from > b->window.from ? a->window.from : b->window.from;
	ret_common->to = a->window.to < b->window.to ? a->window.to : b->window.to;
	return ret_common->from <= ret_common->to ? YES : NO;
}

static void volume_failed(run *t, const hard_pair *pair, const prl_volume v[2], const char *what, double engine)
{
	pair_failed(t, pair, what, engine);
	for (int k = 0; k < 2 && t->failures <= PRINTED_MAX; k++)
		fprintf(stderr, "#   %c: %.17g to %.17g m, %lld to %lld ns\n", 'a' + k, v[k].band.lower.value,
			v[k].band.upper.value, (long long)v[k].window.from, (long long)v[k].window.to);
}

static prl_plan volume_plan(char *id, prl_volume *volume)
{
	static char empty[] = "";
	return (prl_plan){
		.id = id, .party = empty, .name = empty, .source = empty, .volumes = volume, .volume_count = 1
	};
}

/** A conflict of two volumes: exactly the common window, no closer or farther than the oracle says. */
static void check_conflict(run *t, hard_pair *pair, const prl_volume v[2], const prl_conflict *c, prl_window common,
			   double gap_m)
{
	if (c->interval_count != 1 || c->intervals[0].from != common.from || c->intervals[0].to != common.to)
		volume_failed(t, pair, v, "conflict's intervals are not the common window; first from",
			      (double)c->intervals[0].from);
	if (c->vertical != PRL_VERTICAL_KNOWN || c->possible_count != 0)
		volume_failed(t, pair, v, "conflict is not known", c->vertical);
	if (!(fabs(c->closest.horizontal_m - fmax(0, pair->answer.signed_m)) <= SLACK_M))
		volume_failed(t, pair, v, "closest.horizontal_m", c->closest.horizontal_m);
	if (!(fabs(c->closest.vertical_m - gap_m) <= SLACK_M))
		volume_failed(t, pair, v, "closest.vertical_m", c->closest.vertical_m);
	if (c->closest.time != common.from)
		volume_failed(t, pair, v, "closest.time", (double)c->closest.time);
}

static void check_volumes(run *t, rnd *r, hard_pair *pair)
{
	static char id_a[] = "a", id_b[] = "b";
	prl_error err = { 0 };
	prl_footprint *fa = oracle_engine_footprint(&pair->a.shape, 0, &err);
	prl_footprint *fb = oracle_engine_footprint(&pair->b.shape, 0, &err);
	prl_volume v[2] = { { .footprint = fa }, { .footprint = fb } };
	prl_check_options options = prl_check_options_default();
	prl_window common;
	double gap_m;
	verdict wanted = make_bands(r, &v[0], &v[1], &options.separation.vertical_m, &gap_m);
	wanted = worse(wanted, make_windows(r, &v[0], &v[1], &common));
	wanted = worse(wanted, pair->signed_m < -SLACK_M ? YES : pair->signed_m > SLACK_M ? NO : EITHER);
	options.separation.horizontal_m = pair->limit_m;
	prl_plan a = volume_plan(id_a, &v[0]), b = volume_plan(id_b, &v[1]);
	bool found = false, turn = rnd_chance(r, 0.5);
	prl_conflict conflict;
	prl_status st = fa && fb ? prl_pair_check(turn ? &b : &a, turn ? &a : &b, &options, &found, &conflict, &err)
				 : err.status;
	t->judged += wanted != EITHER;
	t->hits += wanted == YES;
	t->misses += wanted == NO;
	if (st != PRL_OK)
		volume_failed(t, pair, v, err.text, st);
	else if ((wanted == YES && !found) || (wanted == NO && found))
		volume_failed(t, pair, v, wanted == YES ? "MISSED" : "false alarm", options.separation.vertical_m);
	if (st == PRL_OK && found) {
		if (wanted != NO)
			check_conflict(t, pair, v, &conflict, common, gap_m);
		prl_conflict_done(&conflict);
	}
	prl_footprint_free(fa);
	prl_footprint_free(fb);
}

static void test_volumes(void **state)
{
	(void)state;
	static hard_pair pair;
	run t = { .seed = rnd_seed("volumes") };
	size_t end, first;
	cases(5000, 200000, &first, &end);
	for (t.index = first; t.index < end; t.index++) {
		rnd r = rnd_case(t.seed ^ UINT64_C(0x5eed), t.index);
		hard_pair_make(&r, &pair);
		check_volumes(&t, &r, &pair);
	}
	fprintf(stderr, "# volumes: %zu pairs, %zu judged (%zu overlap, %zu apart), %zu failures\n", end - first,
		t.judged, t.hits, t.misses, t.failures);
	assert_int_equal(t.failures, 0);
}

/* ---- edges straight in longitude and latitude (RFC 7946) --------------------------------------------------------- */

#define FLAT_MAX 24

/** A ring in longitude and latitude; longitudes run on beyond 180. */
typedef struct flat_ring {
	size_t count;
	prl_latlng v[FLAT_MAX];
} flat_ring;

static prl_latlng flat_at(const flat_ring *ring, size_t edge, double f)
{
	prl_latlng p = ring->v[edge], q = ring->v[(edge + 1) % ring->count];
	return (prl_latlng){ p.lat_deg + (q.lat_deg - p.lat_deg) * f, p.lng_deg + (q.lng_deg - p.lng_deg) * f };
}

static bool flat_inside(const flat_ring *ring, prl_latlng p)
{
	bool inside = false;
	for (size_t i = 0; i < ring->count; i++) {
		prl_latlng a = ring->v[i], b = ring->v[(i + 1) % ring->count];
		if ((a.lat_deg > p.lat_deg) != (b.lat_deg > p.lat_deg) &&
		    p.lng_deg < a.lng_deg + (b.lng_deg - a.lng_deg) * (p.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg))
			inside = !inside;
	}
	return inside;
}

/** Least distance of @p p from an edge: the best of 64 places, then a ternary search between its neighbours. */
static double flat_edge_distance(const flat_ring *ring, size_t edge, prl_latlng p)
{
	double best = HUGE_VAL, at = 0;
	for (int i = 0; i <= 64; i++) {
		double d = oracle_distance_m(p, flat_at(ring, edge, i / 64.0));
		at = d < best ? i / 64.0 : at;
		best = fmin(best, d);
	}
	double low = fmax(0, at - 1 / 64.0), high = fmin(1, at + 1 / 64.0);
	for (int i = 0; i < 70; i++) {
		double f = low + (high - low) / 3, g = high - (high - low) / 3;
		if (oracle_distance_m(p, flat_at(ring, edge, f)) < oracle_distance_m(p, flat_at(ring, edge, g)))
			high = g;
		else
			low = f;
	}
	return fmin(best, oracle_distance_m(p, flat_at(ring, edge, low)));
}

static double flat_signed(const flat_ring *ring, prl_latlng p)
{
	double least = HUGE_VAL;
	for (size_t i = 0; i < ring->count; i++)
		least = fmin(least, flat_edge_distance(ring, i, p));
	return flat_inside(ring, p) ? -least : least;
}

/** A star of 3 to 20 corners, 20 m to 1,500 km, anywhere between the 80th parallels. */
static void make_flat(rnd *r, flat_ring *ring)
{
	double size = rnd_log(r, 2e-4, 14), lat = rnd_between(r, -65, 65);
	double lng = rnd_chance(r, 0.3) ? 180 - rnd_log(r, 1e-6, 10) : rnd_between(r, -180, 180);
	ring->count = 3 + rnd_below(r, 18);
	for (size_t i = 0; i < ring->count; i++) {
		double angle = 2 * M_PI * ((double)i + rnd_between(r, 0, 0.45)) / (double)ring->count;
		double radius = size * rnd_between(r, 0.3, 1);
		ring->v[i] = (prl_latlng){ lat + radius * sin(angle), lng + radius * cos(angle) };
	}
}

/** The ring as a file has it: longitudes within ±180, neighbours up to 360 apart. */
static prl_footprint *flat_footprint(const flat_ring *ring, double margin, prl_error *err)
{
	flat_ring wrapped = *ring;
	prl_footprint *footprint = NULL;
	for (size_t i = 0; i < ring->count; i++)
		wrapped.v[i].lng_deg = remainder(ring->v[i].lng_deg, 360);
	prl_ring one = { wrapped.v, wrapped.count };
	prl_status st = prl_footprint_polygon(&one, 1, PRL_EDGES_LONLAT, margin, &footprint, err);
	return st == PRL_OK ? footprint : NULL;
}

static void flat_failed(run *t, const flat_ring *ring, prl_latlng p, const char *what, double oracle, double engine)
{
	if (!failed(t, what))
		return;
	fprintf(stderr, "#   point %.17g %.17g oracle %.9f engine %.9f; ring", p.lat_deg, p.lng_deg, oracle, engine);
	for (size_t i = 0; i < ring->count; i++)
		fprintf(stderr, "%s%.17g %.17g", i ? ", " : " (", ring->v[i].lat_deg, ring->v[i].lng_deg);
	fprintf(stderr, ")\n");
}

static void check_flat(run *t, rnd *r)
{
	flat_ring ring;
	prl_error err = { 0 };
	make_flat(r, &ring);
	double margin = rnd_chance(r, 0.7) ? 0 : rnd_log(r, 0.01, 1e4);
	prl_latlng p = oracle_destination(flat_at(&ring, rnd_below(r, ring.count), rnd_unit(r)), rnd_between(r, 0, 360),
					  rnd_log(r, 0.012, 1e4));
	p.lng_deg = ring.v[0].lng_deg + remainder(p.lng_deg - ring.v[0].lng_deg, 360); /* beside the ring */
	double truth = flat_signed(&ring, p) - margin;
	prl_footprint *footprint = flat_footprint(&ring, margin, &err), *point = NULL;
	if (!footprint || prl_footprint_circle(p, 0, 0, &point, &err) != PRL_OK) {
		flat_failed(t, &ring, p, err.text, truth, 0);
		prl_footprint_free(footprint);
		return;
	}
	prl_nearness near;
	bool inside = prl_footprint_contains(footprint, p);
	if (fabs(truth) > SLACK_M && inside != (truth < 0))
		flat_failed(t, &ring, p, "straight in longitude and latitude: contains", truth, inside);
	double limit = fmax(0, truth + rnd_log(r, 0.011, 1e4) * (rnd_chance(r, 0.5) ? 1 : -1));
	bool found = prl_footprint_within(footprint, point, limit, &near);
	if (fabs(truth - limit) > SLACK_M && found != (truth < limit))
		flat_failed(t, &ring, p, truth < limit ? "straight in longitude and latitude: MISSED" : "false alarm",
			    truth, limit);
	else if (found && !(fabs(near.distance_m - fmax(0, truth)) <= SLACK_M))
		flat_failed(t, &ring, p, "straight in longitude and latitude: distance", truth, near.distance_m);
	prl_footprint_free(footprint);
	prl_footprint_free(point);
}

static void test_lonlat_edges(void **state)
{
	(void)state;
	run t = { .seed = rnd_seed("straight in longitude and latitude") };
	size_t end, first;
	cases(1500, 100000, &first, &end);
	for (t.index = first; t.index < end; t.index++) {
		rnd r = rnd_case(t.seed ^ UINT64_C(0xf1a7), t.index);
		check_flat(&t, &r);
	}
	fprintf(stderr, "# straight in longitude and latitude: %zu polygons, %zu failures\n", end - first, t.failures);
	assert_int_equal(t.failures, 0);
}

/* ---- the oracle itself ----------------------------------------------------------------------------------------- */

static oracle_body *body_of(oracle_kind kind, const prl_latlng *vertices, size_t count, double radius_m)
{
	static oracle_body bodies[4];
	static size_t next;
	oracle_shape shape = { .kind = kind, .radius_m = radius_m, .ring_count = 1, .ring_start = { 0, count } };
	memcpy(shape.vertices, vertices, count * sizeof *vertices);
	oracle_body *body = &bodies[next++ % 4];
	oracle_body_init(body, &shape);
	return body;
}

/** Cases whose answer is known in closed form. */
static void test_oracle_closed_forms(void **state)
{
	(void)state;
	/* a degree of the equator is a pi / 180; two circles there */
	double degree = 6378137 * M_PI / 180;
	prl_latlng p[1] = { { 0, 179.5 } }, q[1] = { { 0, -179.5 } };
	oracle_answer two = oracle_measure(body_of(ORACLE_POINT, p, 1, 1000), body_of(ORACLE_POINT, q, 1, 500));
	assert_true(fabs(two.signed_m - (degree - 1500)) < 1e-6);
	/* a square round the pole at latitude 80, and the meridian arc from its corner's latitude to 70° */
	prl_latlng cap[4] = { { 80, 0 }, { 80, 90 }, { 80, 180 }, { 80, -90 } }, south[1] = { { 70, 90 } },
		   pole[1] = { { 90, 17 } };
	oracle_body *square = body_of(ORACLE_POLYGON, cap, 4, 0);
	double arc = oracle_distance_m((prl_latlng){ 70, 90 }, (prl_latlng){ 80, 90 });
	assert_true(fabs(oracle_measure(square, body_of(ORACLE_POINT, south, 1, 0)).signed_m - arc) < 1e-4);
	oracle_answer held = oracle_measure(square, body_of(ORACLE_POINT, pole, 1, 0));
	assert_true(held.bases_meet);
	/* nearest to the pole is the middle of a side, on the meridian of 45° */
	prl_latlng side = oracle_edge_at(square, 0, 0.5, NULL);
	assert_true(fabs(side.lng_deg - 45) < 1e-9);
	assert_true(fabs(held.signed_m + oracle_distance_m(pole[0], side)) < 1e-4);
	/* a geodesic from 45° N to 45° N bulges north: the bulge crosses a line that lies above the parallel */
	prl_latlng chord[2] = { { 45, 0 }, { 45, 10 } }, bar[2] = { { 45.05, 4.9 }, { 45.05, 5.1 } };
	oracle_answer bulge = oracle_measure(body_of(ORACLE_LINE, chord, 2, 0), body_of(ORACLE_LINE, bar, 2, 0));
	prl_latlng top = oracle_edge_at(body_of(ORACLE_LINE, chord, 2, 0), 0, 0.5, NULL);
	assert_true(top.lat_deg > 45.05 && !bulge.bases_meet && bulge.edges_m > 1000);
}

/** The least distance over a dense sampling of both lines is never below the oracle's, and close to it. */
static void test_oracle_sampled(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("sampled");
	for (uint64_t i = 0; i < 60; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r), a[2], b[2];
		double size = rnd_log(&r, 100, 3e6);
		for (int k = 0; k < 2; k++) {
			a[k] = oracle_destination(at, rnd_between(&r, 0, 360), size * rnd_unit(&r));
			b[k] = oracle_destination(at, rnd_between(&r, 0, 360), size * rnd_unit(&r));
		}
		oracle_body *la = body_of(ORACLE_LINE, a, 2, 0), *lb = body_of(ORACLE_LINE, b, 2, 0);
		double best = oracle_measure(la, lb).edges_m, least = HUGE_VAL;
		for (int s = 0; s <= 200; s++)
			for (int u = 0; u <= 200; u++)
				least = fmin(least, oracle_distance_m(oracle_edge_at(la, 0, s / 200.0, NULL),
								      oracle_edge_at(lb, 0, u / 200.0, NULL)));
		assert_true(best <= least + 1e-4);
		assert_true(least - best <=
			    2 * size * 2 / 200); /* no sample is farther than half a step from the truth */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle_closed_forms), cmocka_unit_test(test_oracle_sampled),
		cmocka_unit_test(test_footprints),          cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_lonlat_edges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
