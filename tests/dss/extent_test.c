/* Extents: whether two meet, held to PROJ's geodesics; their bounds and boxes; what is made of them; their bytes. */
#include "extents.h"

#define US INT64_C(1000)

/* ---- meeting ----------------------------------------------------------------------------------------------------- */

static bool boxes_meet(const prl_extent *a, const prl_extent *b, bool altitudes)
{
	prl_box *of_a = NULL, *of_b = NULL;
	size_t na = 0, nb = 0;
	bool near = false;
	assert_int_equal(prl_extent_boxes(a, altitudes, &of_a, &na, NULL), PRL_OK);
	assert_int_equal(prl_extent_boxes(b, altitudes, &of_b, &nb, NULL), PRL_OK);
	assert_true(na >= 1 && na <= 2 * (a->outlines + !a->outlines));
	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++) {
			bool meet = true;
			for (int axis = 0; axis < 4; axis++)
				meet &= of_a[i].min[axis] <= of_b[j].max[axis] && of_b[j].min[axis] <= of_a[i].max[axis];
			near |= meet;
		}
	free(of_a);
	free(of_b);
	return near;
}

static bool in_arc(double lng, prl_bounds b)
{
	return b.west_deg <= b.east_deg ? lng >= b.west_deg && lng <= b.east_deg : lng >= b.west_deg || lng <= b.east_deg;
}

static bool in_bounds(prl_latlng p, prl_bounds b)
{
	bool round = in_arc(p.lng_deg, b) || in_arc(p.lng_deg > 0 ? p.lng_deg - 360 : p.lng_deg + 360, b) || fabs(p.lat_deg) == 90;
	return p.lat_deg >= b.south_deg && p.lat_deg <= b.north_deg && round;
}

static bool bounds_meet(prl_bounds a, prl_bounds b)
{
	bool lng = in_arc(a.west_deg, b) || in_arc(a.east_deg, b) || in_arc(b.west_deg, a) || in_arc(b.east_deg, a);
	return a.south_deg <= b.north_deg && b.south_deg <= a.north_deg && lng;
}

/** Distance of the nearest two shapes; negative where they overlap. Both have shapes. */
static double gap_m(const recipe *a, const recipe *b)
{
	static oracle_body x, y;
	double least = HUGE_VAL;
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++) {
			oracle_body_init(&x, &a->shapes[i]);
			oracle_body_init(&y, &b->shapes[j]);
			least = fmin(least, oracle_measure(&x, &y).signed_m);
		}
	return least;
}

/** Whether the two meet in one pair, whatever is first; and whether bounds and boxes say so where they do. */
static bool check_meets(const prl_extent *a, const prl_extent *b, bool altitudes)
{
	bool yes = meets(a, b, altitudes);
	assert_int_equal(meets(b, a, altitudes), yes);
	if (yes) {
		assert_true(boxes_meet(a, b, altitudes));
		assert_true(boxes_meet(b, a, false));
		assert_true(bounds_meet(prl_extent_bounds(a), prl_extent_bounds(b)));
	}
	return yes;
}

static recipe random_recipe(rnd *r, prl_latlng near, double reach_m)
{
	recipe it = recipe_always();
	it.count = rnd_chance(r, 0.02) ? 0 : 1 + rnd_below(r, rnd_chance(r, 0.7) ? 1 : SHAPES_MOST);
	for (size_t i = 0; i < it.count; i++)
		it.shapes[i] = random_shape(r, oracle_destination(near, rnd_between(r, 0, 360), rnd_unit(r) * reach_m),
		                            rnd_log(r, 1, reach_m));
	/* Whole numbers, so that touching is common. */
	if (!rnd_chance(r, 0.1))
		it.lower = (double)rnd_below(r, 8);
	if (!rnd_chance(r, 0.1))
		it.upper = (isfinite(it.lower) ? it.lower : 0) + (double)rnd_below(r, 4);
	if (!rnd_chance(r, 0.1))
		it.from = (prl_time)(rnd_below(r, 12)) * US;
	if (!rnd_chance(r, 0.1))
		it.to = (it.from == PRL_TIME_OPEN_START ? 0 : it.from) + (prl_time)(rnd_below(r, 8)) * US;
	return it;
}

static double or_else(double value, double other)
{
	return isfinite(value) ? value : other;
}

static void test_meets(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("extents that meet");
	size_t count = rnd_count(4000, 200000), met = 0, unsure = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double reach = rnd_log(&r, 10, rnd_chance(&r, 0.9) ? 50e3 : 2000e3);
		recipe ra = random_recipe(&r, at, reach), rb = random_recipe(&r, at, reach * rnd_unit(&r) + 1);
		bool altitudes = rnd_chance(&r, 0.5);
		bool expected = ra.from <= rb.to && rb.from <= ra.to;
		expected &= !altitudes || (or_else(ra.lower, -HUGE_VAL) <= or_else(rb.upper, HUGE_VAL) &&
		                           or_else(rb.lower, -HUGE_VAL) <= or_else(ra.upper, HUGE_VAL));
		double gap = ra.count && rb.count ? gap_m(&ra, &rb) : -1;
		prl_extent *a = recipe_extent(&ra), *b = recipe_extent(&rb);
		bool got = check_meets(a, b, altitudes);
		if (expected && fabs(gap) < 0.0101) {
			unsure++;
		} else if (got != (expected && gap < 0)) {
			for (size_t k = 0; k < ra.count; k++)
				oracle_print(stderr, "a", &ra.shapes[k]);
			for (size_t k = 0; k < rb.count; k++)
				oracle_print(stderr, "b", &rb.shapes[k]);
			fail_msg("case %zu: gap %.6f m, time and altitude %d, got %d", i, gap, expected, got);
		}
		met += got;
		prl_extent_free(a);
		prl_extent_free(b);
	}
	fprintf(stderr, "# %zu of %zu pairs meet, %zu within 1 cm\n", met, count, unsure);
	assert_true(met > count / 30 && met < count - count / 30);
}

/** Pairs a designed gap apart, from 1.1 cm: the hardest that there are (support/hard_cases.h). */
static void test_hard_pairs(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("extents a little apart");
	size_t count = rnd_count(3000, 200000), fit = 0, met = 0;
	static hard_pair pair;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		hard_pair_make(&r, &pair);
		const oracle_shape *sa = &pair.a.shape, *sb = &pair.b.shape;
		bool ok = true;
		for (int k = 0; k < 2; k++) {
			const oracle_shape *s = k ? sb : sa;
			ok &= (s->kind == ORACLE_POINT && s->radius_m > 0) ||
			      (s->kind == ORACLE_POLYGON && s->radius_m == 0 && s->ring_count == 1);
		}
		if (!ok || fabs(pair.answer.signed_m) < 0.0101)
			continue;
		fit++;
		recipe ra = recipe_always(), rb = recipe_always();
		ra.count = rb.count = 1;
		ra.shapes[0] = *sa;
		rb.shapes[0] = *sb;
		prl_extent *a = recipe_extent(&ra), *b = recipe_extent(&rb);
		bool got = check_meets(a, b, true);
		if (got != (pair.answer.signed_m < 0))
			fail_msg("case %zu, %s: %.6f m apart, got %d", i, hard_design_name(pair.design), pair.answer.signed_m, got);
		met += got;
		prl_extent_free(a);
		prl_extent_free(b);
	}
	fprintf(stderr, "# %zu pairs, %zu meet\n", fit, met);
	assert_true(fit > count / 20 && met > 0 && met < fit);
}

static prl_extent *one_shape(oracle_shape shape)
{
	recipe it = recipe_always();
	it.count = 1;
	it.shapes[0] = shape;
	return recipe_extent(&it);
}

static bool shapes_meet(oracle_shape a, oracle_shape b)
{
	prl_extent *x = one_shape(a), *y = one_shape(b);
	bool yes = check_meets(x, y, true);
	prl_extent_free(x);
	prl_extent_free(y);
	return yes;
}

/* Vertices in one line are that line. */
static void test_lines(void **unused)
{
	(void)unused;
	static const struct {
		prl_latlng v[4];
		size_t count;
	} lines[] = {
		{ { { 46, 7 }, { 46.5, 7 }, { 47, 7 } }, 3 },
		{ { { 46, 7 }, { 47, 7 }, { 46.5, 7 } }, 3 },
		{ { { 46, 7 }, { 47, 7 }, { 46.2, 7 }, { 46.7, 7 } }, 4 },
		{ { { 0, 7 }, { 0, 8 }, { 0, 7.5 } }, 3 },
		{ { { 10, 180 }, { 11, -180 }, { 12, 180 } }, 3 },
		{ { { 89, 20 }, { 90, 0 }, { 89, -160 } }, 3 }, /* over the pole */
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		oracle_shape line = polygon_shape(lines[i].v, lines[i].count);
		prl_latlng on = { (lines[i].v[0].lat_deg + lines[i].v[1].lat_deg) / 2, (lines[i].v[0].lng_deg + lines[i].v[1].lng_deg) / 2 };
		if (i == 4)
			on.lng_deg = 180;
		if (i == 5)
			on = (prl_latlng){ 89.5, 20 };
		for (double azimuth = 0; azimuth < 360; azimuth += 30) {
			assert_true(shapes_meet(line, circle_shape(on, 1)));
			prl_latlng beside = oracle_destination(on, azimuth, 100);
			double off = fabs(sin((azimuth - (i == 3 ? 90 : 0)) * M_PI / 180)) * 100;
			assert_int_equal(shapes_meet(line, circle_shape(beside, fmax(0.5, off + 0.02))), 1);
			if (off > 1)
				assert_int_equal(shapes_meet(line, circle_shape(beside, off - 0.02)), 0);
		}
		assert_true(shapes_meet(line, line));
	}
}

/* Touching counts, a gap does not; and so for time and altitude to the bit. */
static void test_closed(void **unused)
{
	(void)unused;
	recipe ra = recipe_always(), rb = recipe_always();
	prl_latlng at = { 46.9, 7.4 };
	ra.count = rb.count = 1;
	ra.shapes[0] = circle_shape(at, 100);
	rb.shapes[0] = circle_shape(oracle_destination(at, 77, 150), 50);
	ra.from = 5 * US, ra.to = 10 * US, ra.lower = 10, ra.upper = 20;
	static const struct {
		prl_time from, to;
		double lower, upper;
		bool yes, without;
	} cases[] = {
		{ 10 * US, 20 * US, 20, 30, true, true },
		{ 0, 5 * US, 0, 10, true, true },
		{ 11 * US, 20 * US, 20, 30, false, false },
		{ 0, 4 * US, 0, 10, false, false },
		{ 7 * US, 7 * US, 20.000000001, 30, false, true },
		{ 7 * US, 7 * US, 0, 9.999999999, false, true },
		{ 7 * US, 7 * US, 15, 15, true, true },
		{ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, -HUGE_VAL, HUGE_VAL, true, true },
		{ PRL_TIME_OPEN_START, 4 * US, -HUGE_VAL, HUGE_VAL, false, false },
		{ 11 * US, PRL_TIME_OPEN_END, -HUGE_VAL, HUGE_VAL, false, false },
		{ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, -HUGE_VAL, 9, false, true },
		{ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, 21, HUGE_VAL, false, true },
	};
	prl_extent *a = recipe_extent(&ra);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rb.from = cases[i].from, rb.to = cases[i].to, rb.lower = cases[i].lower, rb.upper = cases[i].upper;
		prl_extent *b = recipe_extent(&rb);
		assert_int_equal(check_meets(a, b, true), cases[i].yes);
		assert_int_equal(check_meets(a, b, false), cases[i].without);
		prl_extent_free(b);
	}
	prl_extent_free(a);
	for (double azimuth = 0; azimuth < 360; azimuth += 15) {
		assert_true(shapes_meet(ra.shapes[0], circle_shape(oracle_destination(at, azimuth, 149.999), 50)));
		assert_false(shapes_meet(ra.shapes[0], circle_shape(oracle_destination(at, azimuth, 150.011), 50)));
	}
	/* The false conflict of the Go DSS: two flights of 100 m, 400 m apart, in one cell. */
	assert_false(shapes_meet(ra.shapes[0], circle_shape(oracle_destination(at, 0, 400), 100)));
}

/* A polygon and its neighbour that share an edge or a corner, at the antimeridian and at the poles. */
static void test_seams(void **unused)
{
	(void)unused;
	static const prl_latlng west[] = { { 0, 179 }, { 0, 180 }, { 1, 180 }, { 1, 179 } },
	                        east[] = { { 0, -179 }, { 0, -180 }, { 1, -180 }, { 1, -179 } },
	                        over[] = { { 0.5, 179.99 }, { 0.5, -179.99 }, { 0.6, 180 } },
	                        cap[] = { { 89, 0 }, { 89, 120 }, { 89, -120 } },
	                        far_cap[] = { { -89, 0 }, { -89, 120 }, { -89, -120 } },
	                        wedge[] = { { 90, 0 }, { 80, 10 }, { 80, 20 } },
	                        other_wedge[] = { { 90, 55 }, { 80, -100 }, { 80, -110 } },
	                        apart[] = { { 0, 178 }, { 0, 178.99 }, { 1, 178.99 }, { 1, 178 } };
#define SHAPE(v) polygon_shape(v, sizeof(v) / sizeof *(v))
	assert_true(shapes_meet(SHAPE(west), SHAPE(east)));
	assert_true(shapes_meet(SHAPE(west), SHAPE(over)));
	assert_true(shapes_meet(SHAPE(east), SHAPE(over)));
	assert_false(shapes_meet(SHAPE(apart), SHAPE(east)));
	assert_false(shapes_meet(SHAPE(apart), SHAPE(over)));
	assert_true(shapes_meet(SHAPE(cap), SHAPE(wedge)));
	assert_true(shapes_meet(SHAPE(wedge), SHAPE(other_wedge)));
	assert_false(shapes_meet(SHAPE(cap), SHAPE(far_cap)));
	assert_true(shapes_meet(SHAPE(cap), circle_shape((prl_latlng){ 90, 77 }, 1)));
	assert_true(shapes_meet(SHAPE(far_cap), circle_shape((prl_latlng){ -90, -77 }, 1)));
	assert_false(shapes_meet(SHAPE(cap), circle_shape((prl_latlng){ -90, -77 }, 1)));
	assert_true(shapes_meet(circle_shape((prl_latlng){ 5, 179.9999 }, 100), circle_shape((prl_latlng){ 5, -179.9999 }, 100)));
	/* One within the other, and a circle that is a quarter of the earth round. */
	assert_true(shapes_meet(SHAPE(cap), circle_shape((prl_latlng){ 89.99, 0 }, 1)));
	assert_true(shapes_meet(circle_shape((prl_latlng){ 0, 0 }, 1e7), SHAPE(wedge)));
	assert_false(shapes_meet(circle_shape((prl_latlng){ 0, 0 }, 9.9e6), circle_shape((prl_latlng){ 0, 180 }, 9.9e6)));
}

/* ---- bounds ------------------------------------------------------------------------------------------------------ */

static void test_bounds(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("bounds");
	size_t count = rnd_count(3000, 100000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		recipe it = random_recipe(&r, hard_place(&r), rnd_log(&r, 10, 3000e3));
		prl_extent *e = recipe_extent(&it);
		prl_extent_ready ready = ready_of(e);
		prl_bounds b = prl_extent_bounds(e);
		assert_memory_equal(&b, &ready.bounds, sizeof b);
		for (size_t k = 0; k < e->vertices; k++)
			assert_true(in_bounds(e->at[k], b));
		for (size_t k = 0; k < it.count; k++)
			if (it.shapes[k].kind == ORACLE_POINT)
				assert_true(in_bounds(oracle_destination(it.shapes[k].vertices[0], rnd_between(&r, 0, 360), it.shapes[k].radius_m), b));
		prl_extent_ready_done(&ready);
		prl_extent_free(e);
	}
	/* The way round that is the shorter. */
	recipe it = recipe_always();
	it.count = 2;
	it.shapes[0] = circle_shape((prl_latlng){ 10, 170 }, 1000);
	it.shapes[1] = circle_shape((prl_latlng){ -10, -170 }, 1000);
	prl_extent *e = recipe_extent(&it);
	prl_bounds b = prl_extent_bounds(e);
	assert_true(b.west_deg > 169.9 && b.west_deg < 170 && b.east_deg < -169.9 && b.east_deg > -170);
	assert_true(b.south_deg < -10 && b.south_deg > -10.1 && b.north_deg > 10 && b.north_deg < 10.1);
	prl_extent_free(e);
}

/** Every point of the rectangle is in what is made of it, and little else. */
static void check_rectangle(rnd *r, prl_bounds b)
{
	prl_extent *e = NULL, *p;
	prl_error err = { 0 };
	if (prl_extent_of_bounds(b, 1, 2, 3, 4, &e, &err))
		fail_msg("%s", err.text);
	assert_true(e->lower_m == 1 && e->upper_m == 2 && e->from == 3 && e->to == 4);
	prl_extent_ready ready = ready_of(e);
	double width = b.east_deg - b.west_deg;
	width += width < 0 ? 360 : 0;
	for (int i = 0; i < 40; i++) {
		double x = i < 4 ? i % 2 : rnd_unit(r), y = i < 4 ? (double)(i / 2) : i < 20 ? (double)(i % 2) : rnd_unit(r);
		double lng = b.west_deg + x * width;
		prl_latlng at = { fmin(90, b.south_deg + y * (b.north_deg - b.south_deg)), lng > 180 ? lng - 360 : lng };
		bool in = false;
		p = one_shape(circle_shape(at, 0.02));
		assert_int_equal(prl_extent_meets(&ready, p, false, &in, NULL), PRL_OK);
		if (!in)
			fail_msg("%.9f %.9f is not in %.9f to %.9f, %.9f to %.9f", at.lat_deg, at.lng_deg, b.south_deg, b.north_deg,
			         b.west_deg, b.east_deg);
		prl_extent_free(p);
	}
	for (size_t i = 0; i < e->vertices; i++)
		assert_true(e->at[i].lat_deg > b.south_deg - 0.0025 && e->at[i].lat_deg < b.north_deg + 0.0025);
	prl_extent_ready_done(&ready);
	prl_extent_free(e);
}

static void test_of_bounds(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("rectangles");
	size_t count = rnd_count(3000, 100000);
	static const prl_bounds some[] = {
		{ -90, 90, -180, 180 }, { -90, 90, 0, 90 },     { -90, 90, 0, 359 - 180 }, { -10, 90, -180, 180 },
		{ 40, 50, -180, 180 },  { 45, 45, 7, 7 },       { 89, 90, 10, 20 },        { -90, -89.9, 170, -170 },
		{ 0, 0, 179, -179 },    { 0, 10, -180, -180 },  { 0, 10, 180, 180 },       { -1, 1, 5, 4.9 },
		{ 90, 90, 0, 0 },       { -90, -90, -180, 180 }, { 89.9995, 89.9999, 1, 2 }, { -50, -40, 100, -100 },
	};
	rnd r = rnd_case(seed, 0);
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		check_rectangle(&r, some[i]);
	for (size_t i = 1; i < count; i++) {
		r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		double height = rnd_log(&r, 1e-6, 180), width = rnd_log(&r, 1e-6, 360);
		prl_bounds b = { at.lat_deg, fmin(90, at.lat_deg + height), at.lng_deg, remainder(at.lng_deg + width, 360) };
		check_rectangle(&r, b);
	}
	prl_extent *e = NULL;
	prl_error err = { 0 };
	static const prl_bounds wrong[] = { { 1, 0, 0, 0 }, { -91, 0, 0, 0 }, { 0, 91, 0, 0 }, { 0, 1, -181, 0 }, { 0, 1, 0, 181 },
		                            { (double)NAN, 0, 0, 0 }, { 0, 1, (double)NAN, 0 } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(prl_extent_of_bounds(wrong[i], 0, 1, 0, 1, &e, &err), PRL_E_RANGE);
	assert_int_equal(prl_extent_of_bounds((prl_bounds){ 0, 1, 0, 1 }, 1, 0, 0, 1, &e, &err), PRL_E_RANGE);
	assert_int_equal(prl_extent_of_bounds((prl_bounds){ 0, 1, 0, 1 }, (double)NAN, 0, 0, 1, &e, &err), PRL_E_RANGE);
	assert_int_equal(prl_extent_of_bounds((prl_bounds){ 0, 1, 0, 1 }, 0, 1, 1, 0, &e, &err), PRL_E_RANGE);
	assert_null(e);
	/* The whole earth has no outline, as what is read without one. */
	assert_int_equal(prl_extent_of_bounds((prl_bounds){ -90, 90, -180, 180 }, 0, 1, 0, 1, &e, &err), PRL_OK);
	assert_int_equal(e->outlines, 0);
	prl_extent_free(e);
}

/* ---- what is made of others -------------------------------------------------------------------------------------- */

static bool same(const prl_extent *a, const prl_extent *b)
{
	return prl_extent_bytes(a) == prl_extent_bytes(b) && !memcmp(a, b, prl_extent_bytes(a));
}

static void test_join(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("joins");
	size_t count = rnd_count(1000, 30000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		recipe ra = random_recipe(&r, at, 1000), rb = random_recipe(&r, at, 1000), rc = random_recipe(&r, at, 1000);
		prl_extent *a = recipe_extent(&ra), *b = recipe_extent(&rb), *c = recipe_extent(&rc), *ab = NULL, *ba = NULL, *abb = NULL;
		assert_int_equal(prl_extent_join(a, b, &ab, NULL), PRL_OK);
		assert_int_equal(prl_extent_join(b, a, &ba, NULL), PRL_OK);
		assert_int_equal(prl_extent_join(ab, b, &abb, NULL), PRL_OK);
		assert_true(same(ab, abb)); /* nothing grows that is put again */
		assert_true(ab->from == (a->from < b->from ? a->from : b->from) && ab->to == (a->to > b->to ? a->to : b->to));
		assert_true(ab->lower_m == fmin(a->lower_m, b->lower_m) && ab->upper_m == fmax(a->upper_m, b->upper_m));
		/* In place it meets what one of the two meets; time and altitude are the envelope's. */
		ra.from = rb.from = rc.from = PRL_TIME_OPEN_START, ra.to = rb.to = rc.to = PRL_TIME_OPEN_END;
		prl_extent *x = NULL, *y = NULL, *z = NULL, *w = NULL;
		assert_int_equal(prl_extent_during(a, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &x, NULL), PRL_OK);
		assert_int_equal(prl_extent_during(b, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &y, NULL), PRL_OK);
		assert_int_equal(prl_extent_during(ab, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &z, NULL), PRL_OK);
		assert_int_equal(prl_extent_during(c, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &w, NULL), PRL_OK);
		assert_int_equal(meets(z, w, false), meets(x, w, false) || meets(y, w, false));
		prl_extent *all[] = { a, b, c, ab, ba, abb, x, y, z, w };
		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			prl_extent_free(all[k]);
	}
}

static void test_copies(void **unused)
{
	(void)unused;
	rnd r = rnd_case(rnd_seed("copies"), 0);
	recipe it = random_recipe(&r, (prl_latlng){ 46, 7 }, 1000);
	prl_extent *e = recipe_extent(&it), *copy = NULL, *during = NULL, *all = NULL;
	assert_int_equal(prl_extent_copy(e, &copy, NULL), PRL_OK);
	assert_true(same(e, copy));
	assert_int_equal(prl_extent_during(e, 77, 88, &during, NULL), PRL_OK);
	assert_true(during->from == 77 && during->to == 88);
	during->from = e->from;
	during->to = e->to;
	assert_true(same(e, during));
	assert_int_equal(prl_extent_everywhere(&all, NULL), PRL_OK);
	assert_true(all->outlines == 0 && all->vertices == 0 && meets(all, e, true) && meets(e, all, true));
	prl_bounds b = prl_extent_bounds(all);
	assert_true(b.south_deg == -90 && b.north_deg == 90 && b.west_deg == -180 && b.east_deg == 180);
	prl_extent_free(e);
	prl_extent_free(copy);
	prl_extent_free(during);
	prl_extent_free(all);
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static prl_status load(const char *data, size_t size, prl_extent **ret)
{
	/* A copy of just that size, so that the sanitizer sees a byte too many read. */
	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, data, size);
	prl_bytes from = { copy, size };
	prl_status status = prl_extent_load(&from, ret, NULL);
	free(copy);
	return status;
}

static void test_bytes(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("bytes");
	size_t count = rnd_count(500, 20000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		recipe it = random_recipe(&r, hard_place(&r), 1000);
		prl_extent *e = recipe_extent(&it), *back = NULL;
		prl_buffer bytes = PRL_BUFFER(1 << 20);
		assert_true(prl_buffer_append(&bytes, "", 0) && prl_extent_save(e, &bytes));
		size_t size = bytes.size;
		assert_true(prl_buffer_append(&bytes, "rest", 4));
		prl_bytes from = { bytes.data, bytes.size };
		assert_int_equal(prl_extent_load(&from, &back, NULL), PRL_OK);
		assert_true(from.size == 4 && !memcmp(from.data, "rest", 4));
		assert_true(same(e, back));
		prl_extent_free(back);
		/* Cut off anywhere, and with any byte turned. */
		size_t at = rnd_below(&r, size);
		assert_int_equal(load(bytes.data, at, &back), PRL_E_SYNTAX);
		bytes.data[at] = (char)(bytes.data[at] ^ (1 << rnd_below(&r, 8)));
		prl_status status = load(bytes.data, size, &back);
		if (!status) { /* then it is one that can be used */
			prl_extent_ready ready = ready_of(back);
			meets(back, e, true);
			assert_false(same(e, back));
			prl_extent_ready_done(&ready);
			prl_extent_free(back);
		} else {
			assert_int_equal(status, PRL_E_SYNTAX);
		}
		prl_buffer_done(&bytes);
		prl_extent_free(e);
	}
}

static void put64(char *to, uint64_t number)
{
	for (int i = 0; i < 8; i++)
		to[i] = (char)(number >> (56 - 8 * i));
}

static uint64_t bits(double value)
{
	uint64_t b;
	memcpy(&b, &value, 8);
	return b;
}

static void test_hostile_bytes(void **unused)
{
	(void)unused;
	rnd r = rnd_case(1, 1);
	prl_extent *e = one_shape(star_shape(&r, (prl_latlng){ 46, 7 }, 100, 3)), *back = NULL;
	prl_buffer good = PRL_BUFFER(1 << 20);
	assert_true(prl_extent_save(e, &good));
	assert_int_equal(good.size, 8 * (5 + 6 + 2));
	static const struct {
		size_t word;
		uint64_t value;
	} cases[] = {
		{ 0, INT64_MAX },                      /* from after ... */
		{ 4, UINT64_MAX },                     /* counts that would be 16 GB, */
		{ 4, 0xffffffff00000003 },             /* ... */
		{ 4, 0x0000000100000002 },             /* fewer vertices than the outline has */
		{ 4, 0x0000000200000003 },             /* more outlines */
		{ 4, 3 },                              /* vertices without outline */
		{ 4, UINT64_C(1) << 32 },              /* outline without vertices */
		{ 11, 2 },                             /* of two vertices */
		{ 11, 1 },                             /* a circle that leaves vertices over */
		{ 11, 4 },                             /* one too many */
		{ 11, UINT64_C(0x100000003) },         /* more than 32 bits */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bad[8 * 13];
		memcpy(bad, good.data, sizeof bad);
		put64(bad + 8 * cases[i].word, cases[i].value);
		if (i == 0)
			put64(bad + 8, 0);
		if (load(bad, sizeof bad, &back) != PRL_E_SYNTAX)
			fail_msg("case %zu was taken", i);
	}
	static const struct {
		size_t word;
		double value;
	} doubles[] = { { 2, (double)NAN }, { 3, (double)NAN }, { 3, -HUGE_VAL }, { 5, 90.1 },  { 5, (double)NAN },
		        { 6, 180.1 },       { 6, HUGE_VAL },    { 12, 1 },        { 12, -1 },   { 12, (double)NAN } };
	for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
		char bad[8 * 13];
		memcpy(bad, good.data, sizeof bad);
		put64(bad + 8 * doubles[i].word, bits(doubles[i].value));
		if (doubles[i].word == 3 && isinf(doubles[i].value))
			put64(bad + 8 * 2, bits(0));
		if (load(bad, sizeof bad, &back) != PRL_E_SYNTAX)
			fail_msg("double %zu was taken", i);
	}
	/* Edges that cross, or one vertex three times: a circle that holds all, and nothing is missed. */
	char bad[8 * 13];
	memcpy(bad, good.data, sizeof bad);
	for (int i = 1; i < 3; i++)
		memcpy(bad + 8 * 5 + 16 * i, bad + 8 * 5, 16);
	assert_int_equal(load(bad, sizeof bad, &back), PRL_OK);
	assert_true(check_meets(back, e, true));
	prl_extent_free(back);
	put64(bad + 8 * 7, bits(-46)); /* and back to the first: a line with no inside, half round the earth */
	assert_int_equal(load(bad, sizeof bad, &back), PRL_OK);
	prl_extent *far = one_shape(circle_shape((prl_latlng){ -46, -173 }, 1));
	assert_true(check_meets(back, far, true));
	prl_extent_free(far);
	prl_extent_free(back);
	prl_buffer_done(&good);
	/* A buffer that is full says so. */
	prl_buffer little = PRL_BUFFER(50);
	assert_false(prl_extent_save(e, &little));
	prl_buffer_done(&little);
	prl_extent_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meets),  cmocka_unit_test(test_hard_pairs), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_closed), cmocka_unit_test(test_seams),      cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_of_bounds), cmocka_unit_test(test_join),    cmocka_unit_test(test_copies),
		cmocka_unit_test(test_bytes),  cmocka_unit_test(test_hostile_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
