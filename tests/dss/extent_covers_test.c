/* Whether one extent covers another, held to points drawn from it and measured by PROJ's geodesics. */
#include "extents.h"

static bool extents_cover(const prl_extent *outer, const prl_extent *inner)
{
	bool yes = false;
	assert_int_equal(prl_extent_covers(outer, inner, &yes, NULL), PRL_OK);
	return yes;
}

static prl_extent *one_shape(const oracle_shape *shape)
{
	recipe it = recipe_always();
	it.count = 1;
	it.shapes[0] = *shape;
	return recipe_extent(&it);
}

static bool cover(const oracle_shape *outer, const oracle_shape *inner)
{
	prl_extent *a = one_shape(outer), *b = one_shape(inner);
	bool yes = extents_cover(a, b);
	prl_extent_free(a);
	prl_extent_free(b);
	return yes;
}

/* ---- points of a shape ------------------------------------------------------------------------------------------- */

/** A point of the shape: of its boundary as a rule, else between two points of it that are. */
static bool draw(rnd *r, oracle_body *body, const prl_footprint *f, prl_latlng *ret)
{
	const oracle_shape *s = &body->shape;
	if (s->kind == ORACLE_POINT) {
		*ret = oracle_destination(s->vertices[0], rnd_between(r, 0, 360), s->radius_m * (rnd_chance(r, 0.7) ? 1 : rnd_unit(r)));
		return true;
	}
	*ret = rnd_chance(r, 0.2) ? s->vertices[rnd_below(r, body->vertex_count)]
	                          : oracle_edge_at(body, rnd_below(r, body->edge_count), rnd_unit(r), NULL);
	if (rnd_chance(r, 0.6))
		return true;
	prl_latlng other = oracle_edge_at(body, rnd_below(r, body->edge_count), rnd_unit(r), NULL);
	double azimuth = 0, back = 0, way = 0;
	geod_inverse(oracle_earth(), ret->lat_deg, ret->lng_deg, other.lat_deg, other.lng_deg, &way, &azimuth, &back);
	*ret = oracle_destination(*ret, azimuth, way * rnd_unit(r));
	return prl_footprint_contains(f, *ret);
}

/** The largest distance outside of outer of points drawn from inner. */
static double outside_m(rnd *r, const oracle_shape *outer, const oracle_shape *inner, int points)
{
	static oracle_body a, b;
	double most = -HUGE_VAL;
	prl_error err = { 0 };
	prl_footprint *f = oracle_engine_footprint(inner, 0, &err);
	assert_non_null(f);
	oracle_body_init(&a, outer);
	oracle_body_init(&b, inner);
	for (int i = 0; i < points; i++) {
		prl_latlng p;
		if (draw(r, &b, f, &p))
			most = fmax(most, oracle_point_m(&a, p));
	}
	prl_footprint_free(f);
	return most;
}

/** Never "covers" where a point is outside; returns what was said. */
static bool check(rnd *r, size_t index, const oracle_shape *outer, const oracle_shape *inner, int points, size_t *yes, size_t *no)
{
	bool got = cover(outer, inner);
	double outside = outside_m(r, outer, inner, points);
	if (got && outside > 1.01) {
		oracle_print(stderr, "outer", outer);
		oracle_print(stderr, "inner", inner);
		fail_msg("case %zu: a point is %.6f m outside, got %d", index, outside, got);
	}
	*(got ? yes : no) += 1;
	return got;
}

/* ---- random ones ------------------------------------------------------------------------------------------------- */

static void test_random(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("covers");
	size_t count = rnd_count(1500, 100000), yes = 0, no = 0, unseen = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double size = rnd_log(&r, 2, rnd_chance(&r, 0.9) ? 100e3 : 3000e3);
		oracle_shape outer = random_shape(&r, at, size);
		oracle_shape inner = random_shape(&r, oracle_destination(at, rnd_between(&r, 0, 360), size * rnd_unit(&r) * 0.5),
		                                  size * rnd_log(&r, 0.01, 1.2));
		/* Where it says no, some point is outside; a few that only just are nobody finds. */
		if (!check(&r, i, &outer, &inner, 60, &yes, &no) && outside_m(&r, &outer, &inner, 300) < 0.85)
			unseen += outside_m(&r, &outer, &inner, 5000) < 0.85;
	}
	fprintf(stderr, "# %zu cover, %zu do not\n", yes, no);
	assert_true(yes > count / 10 && no > count / 10 && unseen <= no / 50 + 1);
}

/** A star with the same corners as another, each moved along the way to the middle by so much. */
static oracle_shape shrunk(const oracle_shape *star, prl_latlng middle, double by_m)
{
	oracle_shape s = *star;
	for (size_t i = 0; i < s.ring_start[1]; i++) {
		double azimuth = 0, back = 0, way = 0;
		geod_inverse(oracle_earth(), middle.lat_deg, middle.lng_deg, s.vertices[i].lat_deg, s.vertices[i].lng_deg, &way, &azimuth, &back);
		s.vertices[i] = oracle_destination(middle, azimuth, way - by_m);
	}
	return s;
}

/** Vertices on every edge of a polygon, so that each edge is one of several of the other. */
static oracle_shape with_more(rnd *r, const oracle_shape *polygon)
{
	static oracle_body body;
	oracle_shape s = { .kind = ORACLE_POLYGON, .ring_count = 1 };
	size_t n = 0;
	oracle_body_init(&body, polygon);
	for (size_t i = 0; i < polygon->ring_start[1]; i++) {
		s.vertices[n++] = polygon->vertices[i];
		double t = 0;
		for (size_t k = rnd_below(r, 4); k; k--)
			s.vertices[n++] = oracle_edge_at(&body, i, t += (0.9 - t) * rnd_between(r, 0.1, 0.9), NULL);
	}
	s.ring_start[1] = n;
	return s;
}

/* Equal shapes, nearly equal ones, the same with more vertices: what lies within is always taken. */
static void test_equal(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("covers equal");
	size_t count = rnd_count(400, 50000), yes = 0, no = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double size = rnd_log(&r, 20, rnd_chance(&r, 0.9) ? 100e3 : 2000e3);
		oracle_shape star = star_shape(&r, at, size, 12), circle = circle_shape(at, size);
		oracle_shape more = with_more(&r, &star);
		oracle_shape less = shrunk(&star, at, 0.001), little = shrunk(&star, at, 0.5), beyond = shrunk(&star, at, -5);
		oracle_shape moved = circle_shape(oracle_destination(at, rnd_between(&r, 0, 360), size * 0.3), size * 0.7);
		assert_true(cover(&star, &star) && cover(&circle, &circle));
		assert_true(cover(&star, &more) && cover(&more, &star));
		assert_true(cover(&star, &less) && cover(&less, &star));
		assert_true(cover(&star, &little));
		assert_true(cover(&circle, &moved));
		moved.radius_m += 2;
		assert_false(cover(&circle, &moved));
		assert_true(cover(&circle, &star)); /* its corners are at most size away */
		check(&r, i, &star, &beyond, 200, &yes, &no);
		check(&r, i, &little, &star, 200, &yes, &no);
		check(&r, i, &star, &circle, 200, &yes, &no);
		/* The largest circle about the middle. */
		static oracle_body body;
		oracle_body_init(&body, &star);
		double depth = -oracle_point_m(&body, at);
		if (depth > 3) {
			circle.radius_m = depth - 0.01;
			assert_true(cover(&star, &circle));
			circle.radius_m = depth + 0.85;
			assert_true(cover(&star, &circle));
			circle.radius_m = depth + 1.2;
			check(&r, i, &star, &circle, 400, &yes, &no);
		}
	}
	fprintf(stderr, "# %zu cover, %zu do not\n", yes, no);
}

/* How much outside is taken, for each kind in each. */
static void test_tolerance(void **unused)
{
	(void)unused;
	static const prl_latlng places[] = { { 46.9, 7.4 }, { 0, 180 }, { 90, 0 }, { -89.99, 100 }, { 12, -179.999 } };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (double size = 10; size < 30000; size *= 3) {
			prl_latlng square[4], larger[4], far_larger[4];
			for (int k = 0; k < 4; k++) {
				square[k] = oracle_destination(places[i], 45 + 90 * k, size);
				larger[k] = oracle_destination(places[i], 45 + 90 * k, size + 1.2);       /* sides 0.85 m out, */
				far_larger[k] = oracle_destination(places[i], 45 + 90 * k, size + 1.7); /* 1.2 m */
			}
			oracle_shape s = polygon_shape(square, 4), l = polygon_shape(larger, 4), f = polygon_shape(far_larger, 4);
			assert_true(cover(&l, &s) && cover(&f, &s));
			assert_false(cover(&s, &f));
			/* Corners are 1.2 m out. */
			assert_false(cover(&s, &l));
			oracle_shape c = circle_shape(places[i], size + 0.85), d = circle_shape(places[i], size + 1.05);
			oracle_shape e = circle_shape(places[i], size), g = circle_shape(places[i], size - 0.85), h = circle_shape(places[i], size - 1.05);
			assert_true(cover(&e, &c) && cover(&e, &s) && cover(&g, &s));
			assert_false(cover(&e, &d) || cover(&h, &s));
		}
}

/* Bays, slits and mouths: a curve all in the outline, or within a metre of it, is not yet an area in it. */
static void test_gaps(void **unused)
{
	(void)unused;
	static const double metre = 1 / 111320.0;
#define AT(x, y) { (y) * metre, (x) * metre }
	static const prl_latlng square[] = { AT(10, 10), AT(10, 90), AT(90, 90), AT(90, 10) },
	                        outer[] = { AT(0, 0), AT(0, 100), AT(100, 100), AT(100, 0) },
	                        bay[] = { AT(0, 0), AT(0, 100), AT(100, 100), AT(100, 0), AT(60, 0), AT(50, 50), AT(40, 0) },
	                        slit[] = { AT(0, 0), AT(0, 100), AT(100, 100), AT(100, 0), AT(50.5, 0), AT(50, 50), AT(49.5, 0) },
	                        keyhole[] = { AT(0, 0), AT(0, 100), AT(100, 100), AT(100, 0), AT(50.5, 0), AT(50.5, 30), AT(60, 30),
		                              AT(60, 60), AT(40, 60), AT(40, 30), AT(49.5, 30), AT(49.5, 0) },
	                        horseshoe[] = { AT(0, 0), AT(0, 100), AT(100, 100), AT(100, 0), AT(50.5, 0), AT(50.5, 10.5), AT(89.5, 10.5),
		                                AT(89.5, 89.5), AT(10.5, 89.5), AT(10.5, 10.5), AT(49.5, 10.5), AT(49.5, 0) },
	                        beside[] = { AT(60, 10), AT(60, 90), AT(90, 90), AT(90, 10) },
	                        line[] = { AT(10, 10), AT(50, 50), AT(90, 90) };
	oracle_shape in = polygon_shape(square, 4), disk = circle_shape((prl_latlng)AT(50, 50), 40), thin = polygon_shape(line, 3);
#define SHAPE(v) &(oracle_shape[]){ polygon_shape(v, sizeof(v) / sizeof *(v)) }[0]
	assert_true(cover(SHAPE(outer), &in) && cover(SHAPE(outer), &disk) && cover(SHAPE(outer), &thin));
	assert_false(cover(SHAPE(bay), &in) || cover(SHAPE(bay), &disk));
	assert_false(cover(SHAPE(slit), &in) || cover(SHAPE(slit), &disk));
	assert_false(cover(SHAPE(keyhole), &in) || cover(SHAPE(keyhole), &disk));
	assert_false(cover(SHAPE(horseshoe), &in) || cover(SHAPE(horseshoe), &disk));
	assert_true(cover(SHAPE(bay), SHAPE(beside)) && cover(SHAPE(slit), SHAPE(beside)) && cover(SHAPE(keyhole), SHAPE(beside)));
	assert_true(cover(&in, &thin) && cover(&thin, &thin));
	assert_false(cover(&thin, &in) || cover(&thin, &disk));
	assert_false(cover(SHAPE(horseshoe), &thin));
	oracle_shape dot = circle_shape((prl_latlng)AT(30, 30), 0.5);
	assert_true(cover(&thin, &dot));
	dot.radius_m = 1.1;
	assert_false(cover(&thin, &dot));
}

/* Several outlines, none, and what is everywhere. */
static void test_several(void **unused)
{
	(void)unused;
	recipe one = recipe_always(), two = recipe_always(), none = recipe_always();
	prl_latlng at = { 46, 7 }, there = { 46.1, 7 };
	one.count = 1;
	one.shapes[0] = circle_shape(at, 1000);
	two.count = 2;
	two.shapes[0] = circle_shape(at, 100);
	two.shapes[1] = circle_shape(there, 100);
	prl_extent *a = recipe_extent(&one), *b = recipe_extent(&two), *all = recipe_extent(&none);
	assert_false(extents_cover(a, b));
	assert_true(extents_cover(b, b) && extents_cover(all, b) && extents_cover(all, all));
	assert_false(extents_cover(b, all));
	two.shapes[1].vertices[0] = oracle_destination(at, 10, 800);
	prl_extent *c = recipe_extent(&two);
	assert_true(extents_cover(a, c));
	assert_false(extents_cover(c, a));
	/* Time and altitude are not looked at. */
	one.from = 0, one.to = 1000, one.lower = 5, one.upper = 6;
	prl_extent *d = recipe_extent(&one);
	assert_true(extents_cover(d, c) && extents_cover(d, a));
	prl_extent *made[] = { a, b, c, d, all };
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		prl_extent_free(made[i]);
}

/* Large ones: round a pole, across the antimeridian, a quarter of the earth round. */
static void test_large(void **unused)
{
	(void)unused;
	static const prl_latlng cap[] = { { 60, 0 }, { 60, 90 }, { 60, 180 }, { 60, -90 } },
	                        little_cap[] = { { 85, 45 }, { 85, 165 }, { 85, -75 } },
	                        lens[] = { { 10, 170 }, { 10, -170 }, { -10, -170 }, { -10, 170 } },
	                        in_lens[] = { { 5, 179 }, { 5, -179 }, { -5, -180 } },
	                        half[] = { { 0, 0 }, { 0, 100 }, { 80, 50 } };
	assert_true(cover(SHAPE(cap), SHAPE(little_cap)) && cover(SHAPE(lens), SHAPE(in_lens)));
	assert_false(cover(SHAPE(little_cap), SHAPE(cap)) || cover(SHAPE(in_lens), SHAPE(lens)) || cover(SHAPE(cap), SHAPE(lens)));
	oracle_shape quarter = circle_shape((prl_latlng){ 90, 0 }, 1e7), point = circle_shape((prl_latlng){ 90, 180 }, 1);
	assert_true(cover(&quarter, SHAPE(cap)) && cover(SHAPE(cap), &point) && cover(&quarter, &quarter));
	oracle_shape inside = circle_shape((prl_latlng){ 0, 180 }, 1000e3), outside = circle_shape((prl_latlng){ 0, 180 }, 1200e3);
	assert_true(cover(SHAPE(lens), &inside));
	assert_false(cover(SHAPE(lens), &outside));
	assert_false(cover(SHAPE(half), &quarter));
	assert_false(cover(&inside, SHAPE(half)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_equal),   cmocka_unit_test(test_tolerance),
		cmocka_unit_test(test_gaps),   cmocka_unit_test(test_several), cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
