/* What src/geo takes instead of geodesics, and by how much it errs: chords dropped to the surface, arcs, planes. The
 * truth is PROJ's geodesic.h, true to 15 nm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>

#include "geo/footprint.h"
#include "support/hard_cases.h"

static double off_m(prl_vec a, prl_vec b)
{
	return prl_vec_length(prl_vec_sub(a, b));
}

/** Pieces of up to 25 km: how far the chord dropped to the surface is from the geodesic, and from its middle. */
static void test_dropped_chord(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("dropped chord");
	size_t count = rnd_count(50000, 1000000);
	double worst = 0, worst_steep = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		struct geod_geodesicline line;
		double length = rnd_chance(&r, 0.5) ? PRL_PIECE_MAX_M : rnd_between(&r, 1, PRL_PIECE_MAX_M), lat, lng;
		geod_lineinit(&line, oracle_earth(), at.lat_deg, at.lng_deg, rnd_between(&r, 0, 360), 0);
		geod_position(&line, length, &lat, &lng, NULL);
		prl_vec a = prl_ellipsoid_point(at), b = prl_ellipsoid_point((prl_latlng){ lat, lng });
		double f = rnd_unit(&r);
		prl_vec dropped = prl_ellipsoid_drop(prl_vec_mix(a, b, f));
		double s = f * length, best = HUGE_VAL;
		for (int k = 0; k < 3; k++) { /* the foot on the geodesic: two steps along it suffice */
			geod_position(&line, s, &lat, &lng, NULL);
			prl_vec on = prl_ellipsoid_point((prl_latlng){ lat, lng });
			best = prl_min(best, off_m(on, dropped));
			s += prl_vec_dot(prl_vec_sub(dropped, on), prl_vec_scale(prl_vec_sub(b, a), 1 / off_m(a, b)));
		}
		worst = fmax(worst, best);
		prl_vec n = prl_ellipsoid_normal(dropped), up = prl_vec_sub(prl_vec_mix(a, b, f), dropped);
		worst_steep = fmax(worst_steep, prl_vec_length(prl_vec_cross(n, up)));
	}
	fprintf(stderr, "# dropped chord: worst %.4g mm from the geodesic, %.3g nm off the normal\n", 1e3 * worst,
	        1e9 * worst_steep);
	assert_true(worst < 0.000021);
	assert_true(worst_steep < 1e-6 * 13);
}

static void test_near_distance(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("near distance");
	size_t count = rnd_count(200000, 1500000);
	double worst_arc = 0, worst = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng p = hard_place(&r);
		double truth = rnd_chance(&r, 0.3) ? 100e3 : rnd_log(&r, 1e-3, 100e3);
		prl_vec a = prl_ellipsoid_point(p), b;
		b = prl_ellipsoid_point(oracle_destination(p, rnd_between(&r, 0, 360), truth));
		worst = fmax(worst, fabs(prl_near_distance_m(a, b) - truth));
		/* the circle that osculates half way stands for the section: seen from one end it errs most */
		prl_vec v = prl_vec_sub(b, a);
		double chord = prl_vec_length(v);
		double depth = 0.5 * prl_vec_dot(v, prl_vec_sub(prl_ellipsoid_normal(a), prl_ellipsoid_normal(b)));
		worst_arc = fmax(worst_arc, fabs(prl_arc_length(chord, depth) - truth));
	}
	fprintf(stderr, "# near distance: worst %.4g mm, arc %.4g mm\n", 1e3 * worst, 1e3 * worst_arc);
	assert_true(worst < 0.0002);
	assert_true(worst_arc < 0.0001);
	assert_true(prl_arc_length(0, 0) == 0);
	prl_vec a = prl_ellipsoid_point((prl_latlng){ 1, 2 });
	assert_true(prl_near_distance_m(a, a) == 0);
}

/** Azimuthal equidistant coordinates by PROJ; the frame's axes have no direction, so one bearing is taken from it. */
static void test_to_plane(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("to plane");
	size_t count = rnd_count(100000, 1500000);
	double near = 0, mid = 0, far = 0, back = 0, back_near = 0, length = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		prl_vec o = prl_ellipsoid_point(at), n = prl_ellipsoid_normal(o);
		prl_frame f = prl_frame_at(o);
		assert_true(fabs(prl_vec_dot(f.ex, f.ey)) < 1e-15 && fabs(prl_vec_dot(f.ex, n)) < 1e-15);
		double azimuth = rnd_between(&r, 0, 360), d = rnd_chance(&r, 0.3) ? rnd_between(&r, 19e3, 150e3) : rnd_log(&r, 0.01, 150e3);
		double rad = azimuth * M_PI / 180, lat = at.lat_deg * M_PI / 180, lng = at.lng_deg * M_PI / 180;
		prl_vec east = { -sin(lng), cos(lng), 0 };
		prl_vec north = { -sin(lat) * cos(lng), -sin(lat) * sin(lng), cos(lat) };
		prl_vec way = prl_vec_add(prl_vec_scale(east, sin(rad)), prl_vec_scale(north, cos(rad)));
		prl_xy truth = { d * prl_vec_dot(way, f.ex), d * prl_vec_dot(way, f.ey) };
		prl_vec point = prl_ellipsoid_point(oracle_destination(at, azimuth, d));
		prl_xy got = prl_frame_to_plane(&f, point);
		double off = sqrt(prl_xy_distance2(got, truth));
		*(d < 19.9e3 ? &near : d < 100e3 ? &mid : &far) = fmax(d < 19.9e3 ? near : d < 100e3 ? mid : far, off);
		length = fmax(length, fabs(sqrt(prl_xy_dot(got, got)) - d));
		double returned = off_m(prl_frame_from_plane(&f, truth), point);
		*(d <= 20e3 ? &back_near : &back) = fmax(d <= 20e3 ? back_near : back, returned);
	}
	fprintf(stderr, "# plane: off %.4g mm to 20 km, %.4g to 100 km, %.4g to 150 km; length %.4g mm\n", 1e3 * near,
	        1e3 * mid, 1e3 * far, 1e3 * length);
	fprintf(stderr, "# from plane: %.4g mm to 20 km, %.4g mm to 150 km\n", 1e3 * back_near, 1e3 * back);
	assert_true(near < 0.00025 && length < 0.0003);
	assert_true(mid < 0.014 && far < 0.047);
	assert_true(back_near < 0.00015 && back < 0.05);
}

/** A geodesic piece and its body for the oracle. */
static void make_piece(rnd *r, prl_latlng from, double length_m, oracle_body *body, prl_vec ends[2])
{
	oracle_shape shape = { .kind = ORACLE_LINE, .ring_count = 1, .ring_start = { 0, 2 } };
	shape.vertices[0] = from;
	shape.vertices[1] = oracle_destination(from, rnd_between(r, 0, 360), length_m);
	ends[0] = prl_ellipsoid_point(shape.vertices[0]);
	ends[1] = prl_ellipsoid_point(shape.vertices[1]);
	oracle_body_init(body, &shape);
}

/** Two pieces in a plane whose origin is anywhere about them: true distance and planar one differ by the bound at most. */
static void test_plane_error(void **state)
{
	(void)state;
	static oracle_body a, b;
	uint64_t seed = rnd_seed("plane error");
	size_t count = rnd_count(5000, 150000), failures = 0;
	double closest = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_latlng at = hard_place(&r);
		prl_vec pa[2], pb[2];
		double apart = rnd_log(&r, 0.1, 100e3), la = rnd_log(&r, 1, PRL_PIECE_MAX_M), lb = rnd_log(&r, 1, PRL_PIECE_MAX_M);
		make_piece(&r, at, la, &a, pa);
		make_piece(&r, oracle_destination(at, rnd_between(&r, 0, 360), apart), lb, &b, pb);
		prl_vec o = prl_vec_mix(prl_vec_mix(pa[0], pa[1], rnd_unit(&r)), prl_vec_mix(pb[0], pb[1], rnd_unit(&r)), rnd_unit(&r));
		prl_frame f = prl_frame_at(prl_ellipsoid_drop(o));
		prl_xy p[4];
		for (int k = 0; k < 2; k++) {
			p[k] = prl_frame_to_plane(&f, pa[k]);
			p[2 + k] = prl_frame_to_plane(&f, pb[k]);
		}
		double s = 0, t = 0, d = sqrt(prl_segments_distance2(p[0], p[1], p[2], p[3], &s, &t));
		double truth = oracle_measure(&a, &b).edges_m, off = fabs(d - truth);
		/* besides: coordinates (0.2 mm beside each of four points near by, more beyond 20 km) and the oracle */
		double besides = 0.0005 + 2e-7 * d;
		double bound = prl_frame_error(p, la / 2, lb / 2, d, s, t) + besides;
		closest = fmax(closest, off / bound);
		if (!(off <= bound) && failures++ < 10)
			fprintf(stderr, "# case %zu: %.6f m in the plane, %.6f m, bound %.6f (%.0f m and %.0f m at %.6f %.6f)\n", i, d,
			        truth, bound, la, lb, at.lat_deg, at.lng_deg);
	}
	fprintf(stderr, "# plane error: at most %.3f of the bound\n", closest);
	assert_int_equal(failures, 0);
}

/* ---- segments ---------------------------------------------------------------------------------------------------- */

/** In long double, by another way: crossing by the signs of four areas, else the least of the four ends. */
static long double point_segment(prl_xy p, prl_xy a, prl_xy b)
{
	long double dx = (long double)b.x - a.x, dy = (long double)b.y - a.y, l2 = dx * dx + dy * dy;
	long double t = l2 > 0 ? ((p.x - (long double)a.x) * dx + (p.y - (long double)a.y) * dy) / l2 : 0;
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return hypotl(a.x + t * dx - p.x, a.y + t * dy - p.y);
}

static int side(prl_xy a, prl_xy b, prl_xy p)
{
	long double c = ((long double)b.x - a.x) * ((long double)p.y - a.y) - ((long double)b.y - a.y) * ((long double)p.x - a.x);
	return (c > 0) - (c < 0);
}

static long double segments(const prl_xy p[4])
{
	if (side(p[0], p[1], p[2]) * side(p[0], p[1], p[3]) < 0 && side(p[2], p[3], p[0]) * side(p[2], p[3], p[1]) < 0)
		return 0;
	long double d = point_segment(p[0], p[2], p[3]);
	d = fminl(d, point_segment(p[1], p[2], p[3]));
	d = fminl(d, point_segment(p[2], p[0], p[1]));
	return fminl(d, point_segment(p[3], p[0], p[1]));
}

/** Any two segments, and those that are hard: parallel, nearly so, on one line, of no length, end to end. */
static void hard_segments(rnd *r, prl_xy p[4])
{
	double size = rnd_log(r, 0.01, 1e5);
	for (int k = 0; k < 4; k++)
		p[k] = (prl_xy){ rnd_between(r, -size, size), rnd_between(r, -size, size) };
	double turn = rnd_chance(r, 0.5) ? 0 : rnd_log(r, 1e-18, 1e-3), shift = rnd_chance(r, 0.5) ? 0 : rnd_log(r, 1e-9, size);
	double s = rnd_between(r, -1.5, 1.5), t = rnd_between(r, -1.5, 1.5), dx = p[1].x - p[0].x, dy = p[1].y - p[0].y;
	switch (rnd_below(r, 5)) {
	case 0: /* along the other, turned and shifted by little or nothing */
		p[2] = (prl_xy){ p[0].x + s * dx - shift * dy / size, p[0].y + s * dy + shift * dx / size };
		p[3] = (prl_xy){ p[2].x + t * (dx - turn * dy), p[2].y + t * (dy + turn * dx) };
		break;
	case 1: /* from a point of the other */
		p[2] = (prl_xy){ p[0].x + s * dx, p[0].y + s * dy };
		break;
	case 2:
		p[3] = p[2];
		break;
	case 3:
		p[2] = p[rnd_below(r, 2)];
		break;
	default:
		break;
	}
}

static void test_segments(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("segments");
	size_t count = rnd_count(300000, 4000000), failures = 0;
	double worst = 0;
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_xy p[4];
		double s = -1, t = -1;
		hard_segments(&r, p);
		double d = sqrt(prl_segments_distance2(p[0], p[1], p[2], p[3], &s, &t)), truth = (double)segments(p);
		prl_xy a = { p[0].x + s * (p[1].x - p[0].x), p[0].y + s * (p[1].y - p[0].y) };
		prl_xy b = { p[2].x + t * (p[3].x - p[2].x), p[2].y + t * (p[3].y - p[2].y) };
		double named = sqrt(prl_xy_distance2(a, b)), off = fmax(fabs(d - truth), fabs(named - truth));
		worst = fmax(worst, off);
		/* 0.1 mm counts as meeting; where nearly parallel segments cross is noise of a 10⁻⁸ part of their size. */
		double size = fmax(hypot(p[1].x - p[0].x, p[1].y - p[0].y), hypot(p[3].x - p[2].x, p[3].y - p[2].y));
		bool ok = off <= 1e-4 + 1e-8 * size && s >= 0 && s <= 1 && t >= 0 && t <= 1;
		if (!ok && failures++ < 10)
			fprintf(stderr, "# case %zu: %.9g, named points %.9g, truth %.9g, s %.17g t %.17g\n", i, d, named, truth, s, t);
	}
	fprintf(stderr, "# segments: worst %.3g m\n", worst);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dropped_chord), cmocka_unit_test(test_near_distance), cmocka_unit_test(test_to_plane),
		cmocka_unit_test(test_plane_error),   cmocka_unit_test(test_segments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
