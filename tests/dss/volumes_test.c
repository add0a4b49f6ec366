/* A notice's plan as F3548 volumes: whatever place, height and time lies in the plan by the engine lies in what is read
 * back; and it is not absurdly more. Random circles, corridors with wide and narrow turns and polygons, at the poles,
 * over the antimeridian, of any size, height and time. */
#include "dss/volumes.h"

#include "base/limits.h"
#include "extents.h"
#include "geo/footprint.h"
#include "support/plans.h"

#define SEED_NAME "volumes"

static const char *const datums[] = { "W84", "MSL", "AGL", "FL" };

/* ---- plans ------------------------------------------------------------------------------------------------------- */

static prl_footprint *corridor(rnd *r, prl_latlng near, double size_m)
{
	prl_latlng at[60];
	size_t count = 1 + rnd_below(r, rnd_chance(r, 0.1) ? 60 : 8);
	double azimuth = rnd_between(r, 0, 360);
	prl_footprint *f = NULL;
	prl_error err;
	at[0] = near;
	for (size_t i = 1; i < count; i++) {
		azimuth += rnd_chance(r, 0.3) ? 180 + rnd_between(r, -15, 15) : rnd_between(r, -100, 100);
		at[i] = prl_destination(at[i - 1], azimuth, rnd_log(r, 1e-3, 1) * size_m);
	}
	prl_edges edges = rnd_chance(r, 0.3) ? PRL_EDGES_LONLAT : PRL_EDGES_GEODESIC;
	double half = rnd_chance(r, 0.1) ? 0 : fmin(rnd_log(r, 1, 2 * size_m), 5e5);
	prl_status st = prl_footprint_corridor(at, count, edges, half, rnd_chance(r, 0.5) ? rnd_log(r, 0.1, 1000) : 0,
					       &f, &err);
	if (st)
		print_error("corridor: %s\n", err.text);
	assert_int_equal(st, PRL_OK);
	return f;
}

/* A star round the place; NULL where the engine takes none such. */
static prl_footprint *polygon(rnd *r, prl_latlng near, double size_m)
{
	prl_latlng at[40];
	size_t count = 3 + rnd_below(r, 38);
	double deep = rnd_chance(r, 0.5) ? 0.2 : 0.95;
	prl_footprint *f = NULL;
	prl_error err;
	for (size_t i = 0; i < count; i++)
		at[i] = prl_destination(near, 360.0 * (double)i / (double)count, rnd_between(r, deep, 1) * size_m);
	const prl_ring ring = { at, count };
	prl_edges edges = rnd_chance(r, 0.3) ? PRL_EDGES_LONLAT : PRL_EDGES_GEODESIC;
	return prl_footprint_polygon(&ring, 1, edges, rnd_chance(r, 0.4) ? rnd_log(r, 0.1, 0.3 * size_m) : 0, &f, &err)
		       ? NULL
		       : f;
}

static prl_footprint *footprint(rnd *r)
{
	prl_latlng near = hard_place(r);
	double size_m = rnd_log(r, 10, 1e6);
	prl_footprint *f = NULL;
	prl_error err;
	if (rnd_chance(r, 0.4))
		return corridor(r, near, size_m);
	if (rnd_chance(r, 0.6) && (f = polygon(r, near, size_m)))
		return f;
	assert_int_equal(prl_footprint_circle(near, rnd_chance(r, 0.1) ? 0 : size_m, 0, &f, &err), PRL_OK);
	return f;
}

static prl_altitude height(rnd *r)
{
	double value = rnd_chance(r, 0.2) ? (double)INFINITY : rnd_between(r, -500, 15000);
	if (rnd_chance(r, 0.25))
		return (prl_altitude){ isfinite(value) ? floor(rnd_between(r, 0, 500)) : value, PRL_UNIT_FL,
				       PRL_DATUM_FL };
	return (prl_altitude){ value, rnd_chance(r, 0.5) ? PRL_UNIT_M : PRL_UNIT_FT, (prl_datum)rnd_below(r, 3) };
}

static prl_band band(rnd *r)
{
	prl_band b = { .lower = height(r), .upper = height(r), .accuracy_m = rnd_chance(r, 0.3) ? 50 : 0 };
	if (prl_altitude_m(b.lower) > prl_altitude_m(b.upper))
		b = (prl_band){ b.upper, b.lower, b.accuracy_m };
	if (isinf(b.lower.value))
		b.lower.value = -(double)INFINITY;
	return b;
}

static prl_window window(rnd *r)
{
	prl_window w = plans_window(rnd_between(r, -1e5, 0), rnd_between(r, 0, 1e5));
	w.from += (prl_time)rnd_below(r, 1000);
	w.to += (prl_time)rnd_below(r, 1000);
	if (rnd_chance(r, 0.2))
		w.from = PRL_TIME_OPEN_START;
	if (rnd_chance(r, 0.2))
		w.to = PRL_TIME_OPEN_END;
	return w;
}

/* ---- held against each other ------------------------------------------------------------------------------------- */

typedef struct shown {
	prl_extent *extent;
	prl_extent_ready ready;
	json_t *json;
} shown;

static shown show(const prl_plan *plan, const prl_volumes_terms *terms)
{
	shown s = { 0 };
	prl_error err = { 0 };
	const prl_extent_rules rules = {
		.form = PRL_EXTENT_LIST, .footprints = true, .times = true, .vertices_max = 1000000
	};
	prl_status st = prl_volumes_of_plan(plan, terms, &s.json, &err);
	if (!st) { /* as it is kept: a text */
		char *text = json_dumps(s.json, JSON_COMPACT | JSON_REAL_PRECISION(17));
		json_decref(s.json);
		s.json = json_loads(text, 0, NULL);
		free(text);
		st = prl_extent_read(s.json, &rules, &s.extent, &err);
	}
	if (!st)
		st = prl_extent_prepare(s.extent, &s.ready, &err);
	if (st)
		print_error("%s: %s\n", err.where, err.text);
	assert_int_equal(st, PRL_OK);
	return s;
}

static void hide(shown *s)
{
	prl_extent_ready_done(&s->ready);
	prl_extent_free(s->extent);
	json_decref(s->json);
}

static bool near_any(const shown *s, prl_latlng at, double within_m)
{
	prl_footprint *point = NULL;
	prl_error err;
	bool found = false;
	assert_int_equal(prl_footprint_circle(at, 0, 0, &point, &err), PRL_OK);
	for (size_t i = 0; i < s->extent->outlines && !found; i++)
		found = prl_footprint_within(s->ready.footprints[i], point, within_m, NULL);
	prl_footprint_free(point);
	return found;
}

/* On the very edge of what a corner or the middle of a piece holds. */
static prl_latlng place_on_edge(rnd *r, const prl_footprint *f)
{
	size_t i = rnd_below(r, f->point_count), j = i + 1 < f->point_count && prl_piece_exists(f, i) ? i + 1 : i;
	prl_latlng at = prl_ellipsoid_place(prl_ellipsoid_drop(prl_vec_mix(f->points[i], f->points[j], rnd_unit(r))));
	return prl_destination(at, rnd_between(r, 0, 360), fmax(0, f->radius_m - rnd_log(r, 1e-3, 1)));
}

/* A place in a footprint: from somewhere in its bounds, or beside its outline as the volumes have it. */
static prl_latlng place_near(rnd *r, const prl_footprint *f, const shown *s)
{
	if (rnd_chance(r, 0.5))
		return place_on_edge(r, f);
	const prl_extent *e = s->extent;
	const prl_outline *outline = prl_extent_outlines(e) + rnd_below(r, e->outlines);
	prl_latlng a = e->at[outline->first + rnd_below(r, outline->count)],
		   b = e->at[outline->first + rnd_below(r, outline->count)];
	double apart = prl_distance_m(a, b);
	prl_latlng at =
		apart > 0 && apart < 1.9e7 ? prl_destination(a, rnd_between(r, 0, 360), rnd_unit(r) * apart) : a;
	return prl_destination(
		at, rnd_between(r, 0, 360),
		fmin(1e7, rnd_unit(r) * 1.1 * fmax(f->radius_m, outline->radius_m) + rnd_log(r, 0.01, 10)));
}

typedef struct tally {
	size_t inside, wide;
} tally;

/* Whether a pole may lie in it. F3548 takes no polygon there, so that a circle stands for it and for a leg. */
static bool at_pole(const prl_footprint *f)
{
	double off_deg = 90 - fabs(prl_ellipsoid_place(f->frame.origin).lat_deg);
	return off_deg < (f->reach_m + f->radius_m) / 111e3;
}

/* How much wider it may be, metres: corners and joints of what is laid along a line, the least width of it, and for
 * lines that come in fewer vertices than they have a five hundredth of how far they reach; shallow bays. */
static double spare_m(const prl_footprint *f)
{
	if (f->reach_m > 0 && at_pole(f)) /* no circle */
		return 2 * (f->reach_m + f->radius_m) + 2;
	bool hull = f->base == PRL_BASE_REGION && f->radius_m > 0; /* a twentieth of its area */
	return 0.07 * f->radius_m + 2 + (f->point_count > 250 ? 0.002 * f->reach_m : 0) + (hull ? 0.1 * f->reach_m : 0);
}

static void check_places(rnd *r, const prl_footprint *f, const shown *s, tally *to)
{
	for (int i = 0; i < 60; i++) {
		prl_latlng at = place_near(r, f, s);
		prl_footprint *point = NULL;
		prl_error err;
		assert_int_equal(prl_footprint_circle(at, 0, 0, &point, &err), PRL_OK);
		bool planned = prl_footprint_within(f, point, 0, NULL), written = near_any(s, at, 0.03);
		if (planned && !written)
			print_error("%.12g %.12g lies in the plan and not in the volumes: %s\n", at.lat_deg, at.lng_deg,
				    json_dumps(s->json, JSON_COMPACT | JSON_REAL_PRECISION(17)));
		assert_true(!planned || written);
		bool wide = !planned && near_any(s, at, 0) && !prl_footprint_within(f, point, spare_m(f), NULL);
		if (wide)
			print_error("%.12g %.12g lies in the volumes, radius %.3f, far outside the plan: %s\n",
				    at.lat_deg, at.lng_deg, f->radius_m,
				    json_dumps(s->json, JSON_COMPACT | JSON_REAL_PRECISION(17)));
		assert_false(wide);
		to->inside += planned;
		prl_footprint_free(point);
	}
}

static double number_in(const json_t *volume, const char *name, double otherwise)
{
	const json_t *value = json_object_get(json_object_get(json_object_get(volume, "volume"), name), "value");
	return value ? json_number_value(value) : otherwise;
}

/* Heights that the engine says the band may hold, at random and at the ends. */
static void check_heights(rnd *r, const prl_band *b, const prl_atmosphere *air, const shown *s)
{
	const json_t *volume = json_array_get(s->json, 0);
	double low = number_in(volume, "altitude_lower", -(double)INFINITY),
	       high = number_in(volume, "altitude_upper", (double)INFINITY);
	assert_true(s->extent->lower_m <= low && s->extent->upper_m >= high);
	for (int i = 0; i < 60; i++) {
		double metres = rnd_chance(r, 0.5) ? rnd_between(r, -1000, 20000)
						   : (rnd_chance(r, 0.5) ? low : high) + rnd_between(r, -3, 3);
		prl_latlng at = hard_place(r);
		prl_band one = prl_band_m(metres, metres, PRL_DATUM_W84);
		if (!isfinite(metres) || prl_band_gap(b, &one, at, air).at_least_m > 0)
			continue;
		if (metres < low || metres > high)
			print_error("%.6f m W84 may lie in %g %s to %g %s, not in %f to %f\n", metres, b->lower.value,
				    datums[b->lower.datum], b->upper.value, datums[b->upper.datum], low, high);
		assert_true(metres >= low && metres <= high);
	}
	/* stated ends of one datum are stated: to less than what the geoid is worth */
	if (isfinite(b->lower.value) && b->lower.datum == PRL_DATUM_W84)
		assert_true(low >= fmax(-8000, prl_altitude_m(b->lower) - b->accuracy_m - 1) - 1e-6);
}

static void check_times(const prl_window *w, prl_time filed, const shown *s)
{
	const prl_extent *e = s->extent;
	if (w->from == PRL_TIME_OPEN_START)
		assert_int_equal(e->from, (filed < w->to ? filed : w->to) / 1000 * 1000);
	else
		assert_true(e->from <= w->from && w->from - e->from < 1000);
	if (w->to == PRL_TIME_OPEN_END)
		assert_int_equal(e->to, PRL_VOLUMES_END);
	else
		assert_true(e->to >= w->to && e->to - w->to < 1000);
}

static prl_volumes_terms terms_of(rnd *r, prl_atmosphere *air)
{
	*air = (prl_atmosphere){ 0 };
	if (rnd_chance(r, 0.5)) {
		air->has_terrain = true;
		air->terrain_low_m = 100;
		air->terrain_high_m = 900;
	}
	if (rnd_chance(r, 0.5)) {
		air->has_qnh = true;
		air->qnh_low_hpa = 980;
		air->qnh_high_hpa = 1030;
		air->isa_low_k = -20;
		air->isa_high_k = 20;
	}
	return (prl_volumes_terms){ .air = air, .filed = plans_time(-50) };
}

static void test_random(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed(SEED_NAME);
	size_t count = rnd_count(800, 100000);
	tally sum = { 0 };
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_atmosphere air;
		prl_volumes_terms terms = terms_of(&r, &air);
		prl_footprint *f = footprint(&r);
		prl_band b = band(&r);
		prl_window w = window(&r);
		prl_plan *plan = plans_volume("a", PRL_KIND_FLIGHT, f, b, w);
		shown s = show(plan, &terms);
		assert_in_range(s.extent->outlines, 1, PRL_DSS_VOLUMES_MAX);
		check_places(&r, f, &s, &sum);
		check_heights(&r, &b, &air, &s);
		check_times(&w, terms.filed, &s);
		hide(&s);
		prl_plan_free(plan);
	}
	print_message("%zu plans, %zu places in them\n", count, sum.inside);
	assert_true(sum.inside > 10 * count);
}

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

static prl_volumes_terms plain(void)
{
	return (prl_volumes_terms){ .filed = plans_time(0) };
}

static prl_plan *plan_of(prl_footprint *f)
{
	return plans_volume("a", PRL_KIND_SITE, f, prl_band_m(100, 200, PRL_DATUM_W84), plans_window(0, 3600));
}

static size_t outlines_of(prl_footprint *f, size_t *ret_vertices)
{
	prl_volumes_terms terms = plain();
	prl_plan *plan = plan_of(f);
	shown s = show(plan, &terms);
	size_t count = s.extent->outlines;
	*ret_vertices = s.extent->vertices;
	hide(&s);
	prl_plan_free(plan);
	return count;
}

/* What F3548 can say is said as it was. */
static void test_as_it_was(void **state)
{
	(void)state;
	const prl_latlng triangle[] = { { 46, 7 }, { 46, 8 }, { 47, 7.5 } };
	size_t vertices;
	assert_int_equal(outlines_of(plans_circle(46, 7, 500), &vertices), 1);
	assert_int_equal(vertices, 1);
	assert_int_equal(outlines_of(plans_polygon(triangle, 3, PRL_EDGES_GEODESIC), &vertices), 1);
	assert_int_equal(vertices, 3); /* though its edges are cut into pieces */
	assert_int_equal(outlines_of(plans_box(46, 7, 46.5, 8), &vertices), 1);
	prl_footprint *f = NULL;
	prl_error err;
	const prl_latlng small[] = {
		{ 46, 7 }, { 46, 7.1 }, { 46.05, 7.1 }, { 46.05, 7 }
	}; /* as people write it: with an error */
	const prl_ring ring = { small, 4 };
	assert_int_equal(prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, 60, &f, &err), PRL_OK);
	assert_int_equal(outlines_of(f, &vertices), 1);
	assert_int_equal(prl_footprint_corridor(triangle, 3, PRL_EDGES_GEODESIC, 1000, 0, &f, &err), PRL_OK);
	assert_int_equal(outlines_of(f, &vertices), 2);
}

/* A coast line of 100,000 vertices costs no second, and is still held. */
static void test_many_vertices(void **state)
{
	(void)state;
	static prl_latlng at[100000];
	static const size_t counts[] = { 900, 5000, 100000 };
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < counts[k]; i++)
			at[i] = prl_destination((prl_latlng){ 10, 20 }, 360.0 * (double)i / (double)counts[k],
						30000 + (i % 2 ? 3.0 : 0));
		prl_volumes_terms terms = plain();
		prl_footprint *f = plans_polygon(at, counts[k], PRL_EDGES_GEODESIC);
		prl_plan *plan = plan_of(f);
		shown s = show(plan, &terms);
		rnd r = rnd_case(7, k);
		for (int i = 0; i < 500; i++) {
			prl_latlng p = prl_destination((prl_latlng){ 10, 20 }, rnd_between(&r, 0, 360),
						       rnd_between(&r, 29900, 30003));
			assert_true(!prl_footprint_contains(f, p) || near_any(&s, p, 0.03));
		}
		assert_true(json_array_size(s.json) <= 257);
		hide(&s);
		prl_plan_free(plan);
	}
}

static void test_not_stated(void **state)
{
	(void)state;
	prl_footprint *everywhere = NULL;
	prl_error err = { 0 };
	json_t *json = NULL;
	prl_volumes_terms terms = plain();
	assert_int_equal(prl_footprint_everywhere(&everywhere, &err), PRL_OK);
	prl_plan *plan = plan_of(everywhere), *theatre = plan_of(plans_circle(35, 40, 50000));
	assert_int_equal(prl_volumes_of_plan(plan, &terms, &json, &err), PRL_E_NOT_FOUND);
	terms.theatre = theatre;
	shown s = show(plan, &terms);
	assert_true(near_any(&s, (prl_latlng){ 35.4, 40 }, 0));
	assert_int_equal(s.extent->outlines, 1);
	hide(&s);
	prl_plan_free(plan);
	prl_plan_free(theatre);
}

static void test_cannot(void **state)
{
	(void)state;
	prl_error err = { 0 };
	json_t *json = NULL;
	prl_volumes_terms terms = plain();
	prl_plan *plan = plan_of(plans_circle(0, 0, 10000000));
	assert_int_equal(prl_volumes_of_plan(plan, &terms, &json, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "10,000 km"));
	prl_plan_free(plan);
	plan = plan_of(plans_circle(0, 0, 10));
	for (int i = 0; i < 1000; i++)
		plans_add_volume(plan, plans_circle(1, 1, 10), prl_band_m(0, 1, PRL_DATUM_W84), plans_always());
	assert_int_equal(prl_volumes_of_plan(plan, &terms, &json, &err), PRL_E_RANGE);
	prl_plan_free(plan);
	const prl_sample sample = plans_sample(0, 1, 1, 100);
	plan = plans_trajectory("a", PRL_KIND_FLIGHT, &sample, 1);
	assert_int_equal(prl_volumes_of_plan(plan, &terms, &json, &err), PRL_E_RANGE);
	prl_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),        cmocka_unit_test(test_as_it_was),
		cmocka_unit_test(test_many_vertices), cmocka_unit_test(test_not_stated),
		cmocka_unit_test(test_cannot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
