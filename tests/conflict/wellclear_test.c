/* Well clear against a plain transcription of the published formulas (shared/formats/well-clear.md; AIAA 2014-2412),
 * bit by bit, and against cases worked by hand. */
#include <parley/wellclear.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's own compares floats. */
#define assert_near(x, y, within)                                                                                      \
	do {                                                                                                           \
		double x_ = (x), y_ = (y);                                                                             \
		if (!(fabs(x_ - y_) <= (within)))                                                                      \
			fail_msg("%s is %.12g, expected %.12g", #x, x_, y_);                                           \
	} while (0)

/* ---- the oracle: the formulas, written as they stand ---------------------------------------------------------- */

typedef struct vec2 {
	double x, y;
} vec2;

static double dot(vec2 a, vec2 b)
{
	return a.x * b.x + a.y * b.y;
}

static double det2(vec2 s, vec2 v)
{
	return s.x * v.y - s.y * v.x;
}

static double max_of(double a, double b)
{
	return a < b ? b : a;
}

static double min_of(double a, double b)
{
	return b < a ? b : a;
}

static double sgn(double x)
{
	return x >= 0 ? 1 : -1;
}

/* Sign-magnitude order as integers. */
static int64_t place_of(double x)
{
	int64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits < 0 ? -(bits & INT64_MAX) : bits;
}

static bool about(double a, double b)
{
	if (isnan(a) || isnan(b))
		return false;
	if (a == b)
		return true;
	if (isinf(a) || isinf(b))
		return false;
	if ((a == 0 || b == 0) && fabs(a) < 1e-13 && fabs(b) < 1e-13)
		return true;
	int64_t apart;
	return !__builtin_sub_overflow(place_of(a), place_of(b), &apart) && apart <= 16348 && apart >= -16348;
}

typedef struct during {
	double in, out;
	bool any;
} during;

static double oracle_root(double w, double r, double q, double d, double e)
{
	double c = q - d * d;
	if (w == 0 && r == 0)
		return (double)NAN;
	if (w == 0)
		return -c / (2 * r);
	if (!(r * r > w * c || about(r * r, w * c)))
		return (double)NAN;
	return (-r + e * sqrt(max_of(0, r * r - w * c))) / w;
}

static during oracle_horizontal(const prl_wellclear *k, double length, vec2 p, vec2 v)
{
	double d = k->dthr_m, tt = k->tthr_s;
	double q = dot(p, p), r = dot(p, v), w = dot(v, v);
	if (about(w, 0) && q <= d * d)
		return (during){ 0, length, true };
	if (q <= d * d)
		return (during){ 0, min_of(length, oracle_root(w, r, q, d, 1)), true };
	double b = 2 * r + tt * w;
	double c = q + tt * r - d * d;
	double disc = b * b - 4 * w * c;
	if (r >= 0 || disc < 0)
		return (during){ 0 };
	double t = (-b - sqrt(disc)) / (2 * w);
	if (d * d * w - det2(p, v) * det2(p, v) >= 0 && t <= length)
		return (during){ max_of(0, t), min_of(length, oracle_root(w, r, q, d, 1)), true };
	return (during){ 0 };
}

static during oracle_vertical(const prl_wellclear *k, double from, double to, double sz, double vz)
{
	if (about(vz, 0))
		return (during){ from, to, fabs(sz) <= k->zthr_m };
	double h = max_of(k->zthr_m, fabs(vz) * k->tcoa_s);
	double a = (-sgn(vz) * h - sz) / vz;
	double b = (sgn(vz) * k->zthr_m - sz) / vz;
	if (to < a || b < from)
		return (during){ 0 };
	return (during){ max_of(from, a), min_of(to, b), true };
}

static during oracle_taumod(const prl_wellclear *k, const prl_motion_pair *pair, double from, double to)
{
	const prl_motion *o = &pair->own, *i = &pair->intruder;
	vec2 s = { o->x_m - i->x_m, o->y_m - i->y_m }, v = { o->vx_mps - i->vx_mps, o->vy_mps - i->vy_mps };
	during z = oracle_vertical(k, from, to, o->z_m - i->z_m, o->vz_mps - i->vz_mps);
	if (!z.any || about(z.in, z.out))
		return (during){ 0 };
	vec2 p = { v.x * z.in + s.x, v.y * z.in + s.y };
	during h = oracle_horizontal(k, z.out - z.in, p, v);
	return (during){ z.in + h.in, z.in + h.out, h.any };
}

static during oracle_cylinder(const prl_wellclear *k, const prl_motion_pair *pair, double from, double to)
{
	const prl_motion *o = &pair->own, *i = &pair->intruder;
	vec2 s = { o->x_m - i->x_m, o->y_m - i->y_m }, v = { o->vx_mps - i->vx_mps, o->vy_mps - i->vy_mps };
	double d = k->dthr_m, h = k->zthr_m, sz = o->z_m - i->z_m, vz = o->vz_mps - i->vz_mps;
	double q = dot(s, s), r = dot(s, v), w = dot(v, v);
	bool level = about(o->vz_mps, i->vz_mps), near = fabs(sz) < h && !about(fabs(sz), h);
	double z0 = (-sgn(vz) * h - sz) / vz, z1 = (sgn(vz) * h - sz) / vz;
	during none = { to + 1, from, true };
	if (level && !near)
		return none;
	if (about(o->vx_mps, i->vx_mps) && about(o->vy_mps, i->vy_mps) && q < d * d && !about(q, d * d)) {
		if (level)
			return (during){ from, to, true };
		return (during){ min_of(max_of(z0, from), to), max_of(min_of(z1, to), from), true };
	}
	if (!(d * d * w - det2(s, v) * det2(s, v) > 0))
		return none;
	double in = oracle_root(w, r, q, d, -1), out = oracle_root(w, r, q, d, 1);
	if (!level) {
		in = max_of(in, z0);
		out = min_of(out, z1);
	}
	return (during){ min_of(max_of(in, from), to), max_of(min_of(out, to), from), true };
}

static during oracle_span(const prl_wellclear *k, const prl_motion_pair *pair, double from, double to)
{
	during t = k->model == PRL_WELLCLEAR_CYLINDER ? oracle_cylinder(k, pair, from, to)
						      : oracle_taumod(k, pair, from, to);
	if (t.any && t.in < t.out && !about(t.in, t.out))
		return t;
	return (during){ (double)INFINITY, -(double)INFINITY, false };
}

static prl_wellclear_times oracle(const prl_wellclear *k, const prl_motion_pair *pair, double from, double to)
{
	during t = oracle_span(k, pair, from, to), now = oracle_span(k, pair, 0, 1);
	return (prl_wellclear_times){ now.any && about(now.in, 0), t.any, t.in, t.out };
}

/* ---- many pairs ---------------------------------------------------------------------------------------------- */

static uint64_t seed = UINT64_C(0x5eed0f0e11c1ea12);

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(0x2545F4914F6CDD1D);
}

static double between(double low, double high)
{
	return low + (high - low) * (double)(draw() >> 11) * 0x1p-53;
}

static double whole(int low, int high)
{
	return low + (int)(draw() % (uint64_t)(high - low + 1));
}

static prl_motion random_motion(void)
{
	return (prl_motion){ between(-8000, 8000), between(-8000, 8000), between(-400, 400),
			     between(-150, 150),   between(-150, 150),   draw() % 4 ? between(-15, 15) : 0 };
}

/* Small whole numbers: touching, tangent, level and equal motions by the thousand. */
static prl_motion grid_motion(void)
{
	return (prl_motion){ whole(-6, 6), whole(-6, 6), whole(-3, 3), whole(-2, 2), whole(-2, 2), whole(-2, 2) };
}

/* Pairs about the edge of the cylinder with relative speeds down to nothing: the almost-equal rules. */
static prl_motion edge_motion(void)
{
	double angle = between(0, 6.3), tiny = pow(10, between(-18, 0));
	return (prl_motion){ 2 * cos(angle),      2 * sin(angle),      draw() % 2 ? 1 : 1 + tiny,
			     whole(-1, 1) * tiny, whole(-1, 1) * tiny, whole(-1, 1) * tiny };
}

static void same(const prl_wellclear *k, const prl_motion_pair *pair, const prl_wellclear_times *got, double from,
		 double to, const char *by)
{
	prl_wellclear_times expected = oracle(k, pair, from, to);
	if (!memcmp(&expected, got, sizeof expected))
		return;
	const double *p = &pair->own.x_m;
	for (int n = 0; n < 12; n++)
		print_error("%a ", p[n]);
	print_error("\nvolume %d %a %a %a %a, window %g %g, %s: %g %g %a %a, expected %g %g %a %a\n", (int)k->model,
		    k->dthr_m, k->zthr_m, k->tthr_s, k->tcoa_s, from, to, by, got->violation, got->conflict, got->in_s,
		    got->out_s, expected.violation, expected.conflict, expected.in_s, expected.out_s);
	fail();
}

#define BLOCK 1009 /* not a multiple of the lanes */

static int compare_block(const prl_wellclear *k, prl_motion make(void), double from, double to)
{
	static prl_motion_pair pairs[BLOCK];
	static prl_wellclear_times batch[BLOCK];
	int conflicts = 0;
	for (int n = 0; n < BLOCK; n++)
		pairs[n] = (prl_motion_pair){ make(), make() };
	prl_wellclear_batch(k, pairs, BLOCK, from, to, batch);
	for (int n = 0; n < BLOCK; n++) {
		prl_wellclear_times one = prl_wellclear_pair(k, &pairs[n], from, to);
		same(k, &pairs[n], &one, from, to, "pair");
		same(k, &pairs[n], &batch[n], from, to, "batch");
		conflicts += one.conflict != 0;
	}
	return conflicts;
}

static int blocks(void)
{
	return getenv("PARLEY_LONG") ? 10000 : 1000;
}

static void random_pairs_give_the_bits_of_the_formulas(void **state)
{
	(void)state;
	int conflicts = 0, count = blocks();
	for (int n = 0; n < count; n++) {
		const prl_wellclear_named *preset = prl_wellclear_preset_at((size_t)n % 12);
		double from = n % 3 ? 0 : between(0, 30);
		conflicts += compare_block(&preset->volume, random_motion, from, from + between(1, 300));
	}
	assert_in_range(conflicts, count * BLOCK / 50, count * BLOCK);
}

static void grid_pairs_give_the_bits_of_the_formulas(void **state)
{
	(void)state;
	int conflicts = 0, count = blocks();
	for (int n = 0; n < count; n++) {
		prl_wellclear k = { n % 4 ? PRL_WELLCLEAR_TAUMOD : PRL_WELLCLEAR_CYLINDER, whole(0, 5), whole(0, 2),
				    whole(0, 3), whole(0, 2) };
		double from = n % 3 ? 0 : whole(0, 4);
		conflicts += compare_block(&k, grid_motion, from, from + whole(1, 9));
	}
	assert_in_range(conflicts, count * BLOCK / 50, count * BLOCK);
}

static void pairs_about_the_edge_give_the_bits_of_the_formulas(void **state)
{
	(void)state;
	int conflicts = 0, count = blocks() / 4;
	for (int n = 0; n < count; n++) {
		prl_wellclear k = { n % 4 ? PRL_WELLCLEAR_TAUMOD : PRL_WELLCLEAR_CYLINDER, whole(1, 4), whole(0, 1),
				    whole(0, 3), whole(0, 2) };
		double from = n % 3 ? 0 : between(0, 2);
		conflicts += compare_block(&k, edge_motion, from, from + pow(10, between(-12, 12)));
	}
	assert_in_range(conflicts, 1000, count * BLOCK);
}

#define origin ((prl_motion){ 0, 0, 0, 0, 0, 0 })

static const double never = (double)INFINITY;

/* ---- by hand ------------------------------------------------------------------------------------------------- */

static const prl_wellclear tau = { PRL_WELLCLEAR_TAUMOD, 1000, 100, 35, 0 };
static const prl_wellclear disc = { PRL_WELLCLEAR_CYLINDER, 1000, 100, 0, 0 };

static prl_wellclear_answer ask(const prl_wellclear *k, prl_motion own, prl_motion intruder)
{
	return prl_wellclear_check(k, &own, &intruder, 0, 300);
}

static void head_on(void **state)
{
	(void)state;
	/* 10 km apart, closing at 200 m/s: the cylinder from 45 s to 55 s; modified tau (s² - D²)/(s·200) = 35 s where
	 * s = 3,500 + sqrt(3,500² + 1,000²). */
	prl_motion own = { -5000, 0, 0, 100, 0, 0 }, intruder = { 5000, 0, 0, -100, 0, 0 };
	prl_wellclear_answer a = ask(&disc, own, intruder);
	assert_true(a.conflict && !a.violation);
	assert_near(a.in_s, 45, 1e-9);
	assert_near(a.out_s, 55, 1e-9);
	assert_near(a.tca_s, 50, 1e-9);
	assert_near(a.tca_distance, 0, 1e-9);
	a = ask(&tau, own, intruder);
	assert_true(a.conflict && !a.violation);
	assert_near(a.in_s, (10000 - 3500 - sqrt(3500.0 * 3500 + 1e6)) / 200, 1e-9);
	assert_near(a.out_s, 55, 1e-9);
}

static void overtaking(void **state)
{
	(void)state;
	/* 20 m/s faster, 2 km behind, 600 m to the side: within 1 km from 60 s to 140 s. */
	prl_wellclear_answer a = ask(&disc, (prl_motion){ 0, -2000, 0, 0, 80, 0 }, (prl_motion){ 600, 0, 0, 0, 60, 0 });
	assert_true(a.conflict);
	assert_near(a.in_s, 60, 1e-9);
	assert_near(a.out_s, 140, 1e-9);
	assert_near(a.tca_distance, 0.6, 1e-9);
}

static void vertical_only(void **state)
{
	(void)state;
	/* One above the other, 300 m apart, sinking at 5 m/s: level with the edge of the band at 40 s and at 80 s. */
	prl_motion own = { 0, 0, 300, 50, 0, -5 }, intruder = { 0, 0, 0, 50, 0, 0 };
	prl_wellclear_answer a = ask(&tau, own, intruder), b = ask(&disc, own, intruder);
	assert_true(a.conflict && b.conflict);
	assert_near(a.in_s, 40, 1e-9);
	assert_near(b.in_s, 40, 1e-9);
	assert_near(a.out_s, 80, 1e-9);
	assert_near(b.out_s, 80, 1e-9);
	prl_wellclear early = tau;
	early.tcoa_s = 30; /* 30 s before co-altitude at 60 s */
	a = ask(&early, own, intruder);
	assert_near(a.in_s, 30, 1e-9);
}

static void no_relative_speed(void **state)
{
	(void)state;
	prl_motion own = { 0, 0, 0, 70, 70, 0 };
	prl_wellclear_answer a = ask(&tau, own, (prl_motion){ 999, 0, 50, 70, 70, 0 });
	assert_true(a.violation && a.conflict && a.in_s == 0 && a.out_s == 300);
	assert_true(ask(&tau, own, (prl_motion){ 1000, 0, 100, 70, 70, 0 }).conflict);  /* closed */
	assert_false(ask(&disc, own, (prl_motion){ 1000, 0, 50, 70, 70, 0 }).conflict); /* open */
	assert_false(ask(&disc, own, (prl_motion){ 0, 0, 100, 70, 70, 0 }).conflict);
	a = ask(&tau, own, (prl_motion){ 1001, 0, 0, 70, 70, 0 });
	assert_true(!a.conflict && !a.violation && a.in_s == never && a.out_s == -never && isnan(a.tca_s));
}

static void the_point_predicate_counts_contact_of_no_duration(void **state)
{
	(void)state;
	prl_motion own = { 1000, 0, 0, 10, 0, 0 }, still = origin;
	assert_true(prl_wellclear_inside(&tau, &own, &still)); /* leaving, on the edge */
	assert_false(ask(&tau, own, still).violation);
	assert_false(prl_wellclear_inside(&disc, &own, &still));
	prl_motion near = { -3000, 0, 50, 100, 0, 0 };
	assert_true(prl_wellclear_inside(&tau, &near, &still)); /* (9e6 - 1e6) / 3e5 = 26.7 s */
	assert_true(ask(&tau, near, still).violation);
	near.vx_mps = 50; /* 53.3 s */
	assert_false(prl_wellclear_inside(&tau, &near, &still));
	near = (prl_motion){ 0, 0, 200, 0, 0, -10 };
	assert_false(prl_wellclear_inside(&tau, &near, &still));
	prl_wellclear early = tau;
	early.tcoa_s = 20;
	assert_true(prl_wellclear_inside(&early, &near, &still));
}

static void what_is_not_finite_gives_no_conflict(void **state)
{
	(void)state;
	const double bad[] = { (double)NAN, (double)INFINITY, -(double)INFINITY };
	prl_motion_pair base = { { 10, 10, 10, 1, 1, 1 }, origin };
	prl_motion_pair four[4];
	prl_wellclear_times times[4];
	for (int model = 0; model < 2; model++)
		for (int n = 0; n < 12 * 3 * 2; n++) {
			prl_motion_pair pair = base;
			(&pair.own.x_m)[n % 12] = bad[n / 12 % 3];
			if (n >= 36) /* the same in both bodies: inf - inf */
				(&pair.own.x_m)[(n + 6) % 12] = bad[n / 12 % 3];
			for (int lane = 0; lane < 4; lane++)
				four[lane] = lane == n % 4 ? pair : base;
			prl_wellclear_batch(model ? &disc : &tau, four, 4, n % 5, 100, times);
			for (int lane = 0; lane < 4; lane++)
				assert_int_equal(times[lane].conflict + times[lane].violation, lane == n % 4 ? 0 : 2);
			prl_wellclear_answer a =
				prl_wellclear_check(model ? &disc : &tau, &pair.own, &pair.intruder, 0, 100);
			assert_false(a.conflict || a.violation);
		}
}

static void a_window_that_is_none_holds_no_conflict(void **state)
{
	(void)state;
	prl_motion_pair pair = { origin, origin };
	const double windows[][2] = { { 5, 5 },           { 6, 5 },           { -1, 5 },
				      { (double)NAN, 5 }, { 0, (double)NAN }, { (double)INFINITY, (double)INFINITY } };
	for (size_t n = 0; n < sizeof windows / sizeof *windows; n++)
		for (int model = 0; model < 2; model++) {
			prl_wellclear_times t;
			prl_wellclear_batch(model ? &disc : &tau, &pair, 1, windows[n][0], windows[n][1], &t);
			assert_true(t.violation == 1 && t.conflict == 0 && t.in_s == never && t.out_s == -never);
		}
	prl_wellclear_times t = prl_wellclear_pair(&tau, &pair, 2, (double)INFINITY);
	assert_true(t.conflict == 1 && t.in_s == 2 && t.out_s == never);
}

static void presets_carry_every_digit(void **state)
{
	(void)state;
	assert_true(prl_wellclear_preset("do365b-corrective")->volume.dthr_m == 1222.3200000000002);
	assert_true(prl_wellclear_preset("DO365B-Preventive")->volume.zthr_m == 700 * 0.3048);
	assert_true(prl_wellclear_preset("f3442")->volume.dthr_m == 2000 * 0.3048);
	assert_true(prl_wellclear_preset("cd3d")->volume.model == PRL_WELLCLEAR_CYLINDER);
	assert_null(prl_wellclear_preset("do365"));
	assert_null(prl_wellclear_preset(""));
	size_t count = 0;
	for (const prl_wellclear_named *preset; (preset = prl_wellclear_preset_at(count)); count++)
		assert_ptr_equal(prl_wellclear_preset(preset->name), preset);
	assert_int_equal(count, 12);
}

int main(void)
{
	print_message("seed %#llx\n", (unsigned long long)seed);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_on),
		cmocka_unit_test(overtaking),
		cmocka_unit_test(vertical_only),
		cmocka_unit_test(no_relative_speed),
		cmocka_unit_test(the_point_predicate_counts_contact_of_no_duration),
		cmocka_unit_test(what_is_not_finite_gives_no_conflict),
		cmocka_unit_test(a_window_that_is_none_holds_no_conflict),
		cmocka_unit_test(presets_carry_every_digit),
		cmocka_unit_test(random_pairs_give_the_bits_of_the_formulas),
		cmocka_unit_test(grid_pairs_give_the_bits_of_the_formulas),
		cmocka_unit_test(pairs_about_the_edge_give_the_bits_of_the_formulas),
	};
	return cmocka_run_group_tests_name("conflict/wellclear", tests, NULL, NULL);
}
