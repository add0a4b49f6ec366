/* Altitude bands: cases by hand, properties of random bands, and the conversions against a column of air integrated
 * step by step. */
#include "geo/altitude.h"
#include "geo/geoid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* cmocka's own compares floats. */
#define assert_near(x, y, within)                                                                                      \
	do {                                                                                                           \
		double x_ = (x), y_ = (y);                                                                             \
		if (!(fabs(x_ - y_) <= (within)))                                                                      \
			fail_msg("%s is %.12g, expected %.12g", #x, x_, y_);                                           \
	} while (0)

#define EGM96 "/usr/share/proj/egm96_15.gtx"

static const double unbounded = (double)INFINITY;
static const prl_latlng place = { 35.0, 38.0 };
static const prl_atmosphere nothing = { .geoid = NULL };
static const prl_atmosphere all_stated = { .has_qnh = true,
					   .qnh_low_hpa = 1005,
					   .qnh_high_hpa = 1020,
					   .isa_low_k = -5,
					   .isa_high_k = 20,
					   .has_terrain = true,
					   .terrain_low_m = 200,
					   .terrain_high_m = 450 };
static prl_geoid *geoid; /* NULL without the file */

static prl_gap gap(prl_band a, prl_band b, const prl_atmosphere *air)
{
	return prl_band_gap(&a, &b, place, air);
}

static void is(prl_gap g, double at_least, double at_most, double within)
{
	if (fabs(g.at_least_m - at_least) <= within &&
	    (g.at_most_m == at_most || fabs(g.at_most_m - at_most) <= within))
		return;
	fail_msg("%.9g to %.9g, expected %.9g to %.9g", g.at_least_m, g.at_most_m, at_least, at_most);
}

/* ---- by hand -------------------------------------------------------------------------------------------------- */

static void units(void **state)
{
	(void)state;
	assert_true(prl_altitude_m((prl_altitude){ 100, PRL_UNIT_FL, PRL_DATUM_FL }) == 3048);
	assert_true(prl_altitude_m((prl_altitude){ 12.5, PRL_UNIT_M, PRL_DATUM_AGL }) == 12.5);
	for (int level = -20; level < 700; level++)
		assert_true(prl_altitude_m((prl_altitude){ level, PRL_UNIT_FL, PRL_DATUM_FL }) ==
			    prl_altitude_m((prl_altitude){ 100 * level, PRL_UNIT_FT, PRL_DATUM_FL }));
	assert_true(isinf(prl_altitude_m((prl_altitude){ -unbounded, PRL_UNIT_FL, PRL_DATUM_FL })));
	prl_band band = prl_band_m(1, 2, PRL_DATUM_W84);
	assert_true(band.lower.value == 1 && band.upper.value == 2 && band.accuracy_m == 0);
	assert_true(band.lower.datum == PRL_DATUM_W84 && band.upper.datum == PRL_DATUM_W84 &&
		    band.upper.unit == PRL_UNIT_M);
}

static void one_datum_is_exact(void **state)
{
	(void)state;
	for (int datum = PRL_DATUM_W84; datum <= PRL_DATUM_FL; datum++) {
		prl_datum d = (prl_datum)datum;
		prl_band low = prl_band_m(0, 100, d), touching = prl_band_m(100, 300, d),
			 high = prl_band_m(100.01, 300, d);
		is(gap(low, touching, &nothing), 0, 0, 0);
		is(gap(low, high, NULL), 100.01 - 100, 100.01 - 100, 0);
		is(gap(low, prl_band_m(-unbounded, unbounded, d), &all_stated), 0, 0, 0);
		is(gap(low, prl_band_m(150, unbounded, d), &all_stated), 50, 50, 0);
		high.accuracy_m = 5;
		is(gap(high, prl_band_m(0, 50, d), &nothing), 45.01, 45.01, 1e-12);
		high.accuracy_m = (double)NAN;
		is(gap(high, low, &nothing), 0, 0, 0);
	}
	prl_band a = { { 100, PRL_UNIT_FL, PRL_DATUM_FL }, { 120, PRL_UNIT_FL, PRL_DATUM_FL }, 0 };
	prl_band b = { { 8000, PRL_UNIT_FT, PRL_DATUM_FL }, { 10000, PRL_UNIT_FT, PRL_DATUM_FL }, 0 };
	is(gap(a, b, &nothing), 0, 0, 0);
}

static void datums_apart_give_the_stated_range(void **state)
{
	(void)state;
	prl_band msl = prl_band_m(1000, 1200, PRL_DATUM_MSL), w84 = prl_band_m(2000, 2100, PRL_DATUM_W84);
	is(gap(msl, w84, &nothing), 2000 - 86 - 1200, 2000 + 107 - 1200, 1e-9);
	/* FL 100 = 3,048 m: 2,204.16 to 3,641.84 m. */
	prl_band fl = { { 100, PRL_UNIT_FL, PRL_DATUM_FL }, { 100, PRL_UNIT_FL, PRL_DATUM_FL }, 0 };
	is(gap(msl, fl, &nothing), 0.92 * 3048 - 600 - 1200, 1.08 * 3048 + 350 - 1200, 1e-5);
	is(gap(w84, fl, &nothing), 0, 1.08 * 3048 + 350 + 86 - 2100, 1e-5);
	prl_band agl = prl_band_m(0, 120, PRL_DATUM_AGL);
	is(gap(agl, msl, &nothing), 0, unbounded, 0);
	is(gap(agl, fl, &nothing), 0, unbounded, 0);
	is(gap(agl, msl, &all_stated), 1000 - 450 - 120, 1000 - 200 - 120, 1e-9);
	is(gap(agl, w84, &all_stated), 2000 - 86 - 450 - 120, 2000 + 107 - 200 - 120, 1e-9);
	/* From the ground to FL 100: each end by its own datum. */
	prl_band airspace = { { 0, PRL_UNIT_FT, PRL_DATUM_AGL }, { 100, PRL_UNIT_FL, PRL_DATUM_FL }, 0 };
	is(gap(airspace, agl, &nothing), 0, 0, 0); /* both from the ground up */
	is(gap(prl_band_m(1, 120, PRL_DATUM_AGL), airspace, &nothing), 0, unbounded, 0);
	is(gap(airspace, prl_band_m(0, 2204, PRL_DATUM_MSL), &all_stated), 0, 0, 0);
	prl_band cruise = { { 120, PRL_UNIT_FL, PRL_DATUM_FL }, { 140, PRL_UNIT_FL, PRL_DATUM_FL }, 0 };
	is(gap(airspace, cruise, &all_stated), 609.6, 609.6, 1e-9);
}

static void the_geoid_narrows_the_range(void **state)
{
	(void)state;
	if (!geoid)
		skip();
	prl_atmosphere air = { .geoid = geoid };
	double n = prl_geoid_height_m(geoid, place);
	prl_band msl = prl_band_m(1000, 1200, PRL_DATUM_MSL), w84 = prl_band_m(2000, 2100, PRL_DATUM_W84);
	is(gap(msl, w84, &air), 2000 - n - 5 - 1200, 2000 - n + 5 - 1200, 1e-9);
	/* Where the grid says nothing, the world's range. */
	is(prl_band_gap(&msl, &w84, (prl_latlng){ (double)NAN, 0 }, &air), 714, 907, 1e-9);
}

static void intervals_that_are_none_count_as_not_stated(void **state)
{
	(void)state;
	const double bad[][4] = { { 849, 1000, 0, 0 },         { 1000, 1091, 0, 0 },          { 1010, 1000, 0, 0 },
				  { (double)NAN, 1000, 0, 0 }, { 1000, (double)NAN, 0, 0 },   { 1000, 1010, 5, 4 },
				  { 1000, 1010, -61, 0 },      { 1000, 1010, 0, (double)NAN } };
	for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
		prl_atmosphere air = { .has_qnh = true,
				       .qnh_low_hpa = bad[n][0],
				       .qnh_high_hpa = bad[n][1],
				       .isa_low_k = bad[n][2],
				       .isa_high_k = bad[n][3] };
		prl_height_range r = prl_pressure_altitude_msl(1000, &air);
		assert_near(r.low_m, 320, 1e-5);
		assert_near(r.high_m, 1430, 1e-5);
	}
	prl_atmosphere air = { .has_terrain = true, .terrain_low_m = 10, .terrain_high_m = 5 };
	is(gap(prl_band_m(0, 1, PRL_DATUM_AGL), prl_band_m(0, 1, PRL_DATUM_MSL), &air), 0, unbounded, 0);
	air.terrain_low_m = (double)NAN;
	is(gap(prl_band_m(0, 1, PRL_DATUM_AGL), prl_band_m(0, 1, PRL_DATUM_MSL), &air), 0, unbounded, 0);
}

static void the_standard_atmosphere_has_its_published_pressures(void **state)
{
	(void)state;
	/* ICAO Doc 7488 and U.S. Standard Atmosphere 1976, hPa at geopotential metres. */
	const double table[][2] = { { -5000, 1776.87 },  { -1000, 1139.29 }, { 0, 1013.25 },     { 3048, 696.817 },
				    { 5000, 540.199 },   { 11000, 226.320 }, { 15000, 120.445 }, { 20000, 54.7488 },
				    { 25000, 25.1102 },  { 32000, 8.68014 }, { 47000, 1.10906 }, { 51000, 0.669384 },
				    { 71000, 0.0395639 } };
	for (size_t n = 0; n < sizeof table / sizeof *table; n++)
		assert_near(exp(prl_isa_log_pressure(table[n][0])) / table[n][1], 1, 1e-5);
	assert_true(isfinite(prl_isa_log_pressure(-1e7)) && isfinite(prl_isa_log_pressure(1e7)));
}

/* ---- a column of air, step by step ------------------------------------------------------------------------------ */

static uint64_t seed = UINT64_C(0xa171d3);

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

/* Kelvin at a pressure altitude, below 47 km. */
static double isa_k(double h)
{
	if (h < 11000)
		return 288.15 - 0.0065 * h;
	if (h < 20000)
		return 216.65;
	return h < 32000 ? 216.65 + 0.001 * (h - 20000) : 228.65 + 0.0028 * (h - 32000);
}

/* One state of the world that the intervals allow. */
typedef struct world {
	double undulation_m, terrain_m, q_hpa;
	double warm_low_k, warm_high_k;     /* deviation at pressure altitude 0 and at 20 km, linear between */
	double g0, falls_1ps2, falls_1pms2; /* gravity g0 - falls·z + falls2·z² */
} world;

static double warm_k(const world *w, double h)
{
	return w->warm_low_k + (w->warm_high_k - w->warm_low_k) * fmin(1, fmax(0, h / 20000));
}

/* dz/dh of true height by pressure altitude: the hydrostatic equation in air that is warmer than standard. */
static double slope(const world *w, double h, double z)
{
	double g = w->g0 - w->falls_1ps2 * z + w->falls_1pms2 * z * z;
	return (1 + warm_k(w, h) / isa_k(h)) * 9.80665 / g;
}

/* From one pressure altitude to another, from height z: classic Runge-Kutta. */
static double column_part_m(const world *w, double from, double to, double z)
{
	const int steps = 12;
	double at = from, step = (to - from) / steps;
	for (int i = 0; i < steps; i++, at += step) {
		double a = slope(w, at, z), b = slope(w, at + step / 2, z + step / 2 * a);
		double c = slope(w, at + step / 2, z + step / 2 * b), d = slope(w, at + step, z + step * c);
		z += step / 6 * (a + 2 * b + 2 * c + d);
	}
	return z;
}

/* Height above mean sea level of a pressure altitude: from the level of pressure Q, from kink to kink of the
 * temperature. */
static double column_height_m(const world *w, double h)
{
	static const double kinks[] = { -1000, 0, 11000, 20000, 32000, 47000 };
	const int last = sizeof kinks / sizeof *kinks - 1;
	double at = 288.15 / 0.0065 * (1 - pow(w->q_hpa / 1013.25, 287.05287 * 0.0065 / 9.80665)), z = 0;
	for (int n = 0; n <= last; n++)
		if (at < kinks[n] && kinks[n] < h) {
			z = column_part_m(w, at, kinks[n], z);
			at = kinks[n];
		}
	for (int n = last; n >= 0; n--)
		if (h < kinks[n] && kinks[n] < at) {
			z = column_part_m(w, at, kinks[n], z);
			at = kinks[n];
		}
	return column_part_m(w, at, h, z);
}

/* Normal gravity of WGS84 (NGA.STND.0036, 4-1 and 4-3) with an anomaly. */
static void draw_gravity(world *w)
{
	double s = sin(between(-1.5707, 1.5707)), s2 = s * s;
	double normal = 9.7803253359 * (1 + 0.00193185265241 * s2) / sqrt(1 - 0.00669437999013 * s2);
	w->g0 = normal + between(-0.005, 0.005);
	w->falls_1ps2 = 2 * normal / 6378137 * (1 + 0.00335281 + 0.00344979 - 2 * 0.00335281 * s2);
	w->falls_1pms2 = 3 * normal / (6378137.0 * 6378137.0);
}

static prl_atmosphere random_air(void)
{
	prl_atmosphere air = { .geoid = draw() % 2 ? geoid : NULL,
			       .has_qnh = draw() % 4 != 0,
			       .has_terrain = draw() % 4 != 0 };
	air.qnh_low_hpa = between(850, 1090);
	air.qnh_high_hpa = between(air.qnh_low_hpa, draw() % 2 ? 1090 : fmin(1090, air.qnh_low_hpa + 5));
	air.isa_low_k = between(-60, 60);
	air.isa_high_k = between(air.isa_low_k, draw() % 2 ? 60 : fmin(60, air.isa_low_k + 3));
	air.terrain_low_m = between(-430, 3000);
	air.terrain_high_m = air.terrain_low_m + (draw() % 8 ? between(0, 900) : 0);
	return air;
}

/* Inside the interval, on its ends one time in four. */
static double inside(double low, double high)
{
	uint64_t dice = draw() % 8;
	return dice == 0 ? low : dice == 1 ? high : between(low, high);
}

static world random_world(const prl_atmosphere *air, prl_latlng at)
{
	world w = { .terrain_m = inside(air->terrain_low_m, air->terrain_high_m),
		    .q_hpa = inside(air->qnh_low_hpa, air->qnh_high_hpa),
		    .warm_low_k = inside(air->isa_low_k, air->isa_high_k),
		    .warm_high_k = inside(air->isa_low_k, air->isa_high_k),
		    .undulation_m = inside(-107, 86) };
	if (!air->has_terrain)
		w.terrain_m = between(-430, 8848);
	if (air->geoid)
		w.undulation_m = fmax(-107, fmin(86, prl_geoid_height_m(air->geoid, at) + inside(-5, 5)));
	if (!air->has_qnh) { /* what 0.92 H - 600 … 1.08 H + 350 stands for: 950…1040 hPa, ISA -20…+20 K */
		w.q_hpa = between(950, 1040);
		w.warm_low_k = w.warm_high_k = between(-15, 15);
	}
	draw_gravity(&w);
	return w;
}

static double true_msl(double m, prl_datum datum, const world *w)
{
	switch (datum) {
	case PRL_DATUM_W84:
		return m - w->undulation_m;
	case PRL_DATUM_AGL:
		return m + w->terrain_m;
	case PRL_DATUM_FL:
		return column_height_m(w, m);
	case PRL_DATUM_MSL:
	default:
		return m;
	}
}

static prl_altitude random_altitude(double low_m, double high_m)
{
	prl_altitude a = { between(low_m, high_m), PRL_UNIT_M, (prl_datum)(draw() % 4) };
	if (draw() % 3 == 0)
		a = (prl_altitude){ a.value / 0.3048, PRL_UNIT_FT, a.datum };
	else if (a.datum == PRL_DATUM_FL)
		a = (prl_altitude){ a.value / 30.48, PRL_UNIT_FL, a.datum };
	return a;
}

/* Bands of any datums; one end in 16 not stated. */
static prl_band random_band(void)
{
	static const double tops[] = { 500, 4000, 15000, 25000 };
	double top = tops[draw() % 4], middle = between(-400, top), half = draw() % 3 ? between(0, top / 8) : 0;
	prl_band band = { random_altitude(middle - half, middle - half), random_altitude(middle + half, middle + half),
			  draw() % 2 ? between(0, 100) : 0 };
	if (draw() % 2)
		band.upper.datum = band.lower.datum;
	if (draw() % 16 == 0)
		band.lower.value = -unbounded;
	if (draw() % 16 == 0)
		band.upper.value = unbounded;
	return band;
}

static double true_rise(const prl_band *over, const prl_band *under, const world *w)
{
	if (over->lower.datum == PRL_DATUM_AGL && over->lower.value <= 0)
		return -unbounded; /* from the ground up */
	double bottom = prl_altitude_m(over->lower) - over->accuracy_m,
	       top = prl_altitude_m(under->upper) + under->accuracy_m;
	if (isinf(bottom) || isinf(top))
		return -unbounded;
	if (over->lower.datum == under->upper.datum)
		return bottom - top;
	return true_msl(bottom, over->lower.datum, w) - true_msl(top, under->upper.datum, w);
}

static prl_latlng random_place(void)
{
	return (prl_latlng){ between(-90, 90), between(-180, 180) };
}

static int rounds(int count)
{
	return getenv("PARLEY_LONG") ? 10 * count : count;
}

static void the_actual_gap_is_within_the_bounds(void **state)
{
	(void)state;
	for (int n = 0; n < rounds(100000); n++) {
		prl_atmosphere air = random_air();
		prl_latlng at = random_place();
		prl_band a = random_band(), b = random_band();
		world w = random_world(&air, at);
		double gap_m = fmax(0, fmax(true_rise(&a, &b, &w), true_rise(&b, &a, &w)));
		prl_gap g = prl_band_gap(&a, &b, at, &air);
		if (!(g.at_least_m - 1e-6 <= gap_m && gap_m <= g.at_most_m + 1e-6))
			fail_msg("round %d: %.6f is not within %.6f to %.6f", n, gap_m, g.at_least_m, g.at_most_m);
	}
}

/* The bounds are those of the corners and no wider than the gravity of the earth makes them. */
static void the_bounds_of_a_flight_level_are_tight(void **state)
{
	(void)state;
	for (int n = 0; n < rounds(2000); n++) {
		prl_atmosphere air = random_air();
		air.has_qnh = true;
		double h = between(2000, 20000), low = unbounded, high = -unbounded;
		for (int corner = 0; corner < 4; corner++) {
			double warm = corner & 1 ? air.isa_low_k : air.isa_high_k;
			world w = { .q_hpa = corner & 2 ? air.qnh_low_hpa : air.qnh_high_hpa,
				    .warm_low_k = warm,
				    .warm_high_k = warm };
			w.g0 = 9.838;
			low = fmin(low, column_height_m(&w, h));
			w.g0 = 9.774;
			high = fmax(high, column_height_m(&w, h));
		}
		prl_height_range r = prl_pressure_altitude_msl(h, &air);
		assert_near(r.low_m, low, 1e-5);
		assert_near(r.high_m, high / (1 - high / 6330000), 1e-5);
	}
}

static void bands_have_their_symmetry_and_order(void **state)
{
	(void)state;
	for (int n = 0; n < rounds(100000); n++) {
		prl_atmosphere air = random_air();
		prl_latlng at = random_place();
		prl_band a = random_band(), b = random_band();
		prl_gap g = prl_band_gap(&a, &b, at, &air), back = prl_band_gap(&b, &a, at, &air),
			self = prl_band_gap(&a, &a, at, &air);
		assert_memory_equal(&g, &back, sizeof g);
		assert_true(g.at_least_m >= 0 && g.at_least_m <= g.at_most_m);
		if (a.lower.datum == a.upper.datum)
			assert_near(self.at_most_m, 0, 1e-9); /* feet and metres of one height */
		if (a.lower.datum == b.upper.datum && b.lower.datum == a.upper.datum)
			assert_true(g.at_least_m == g.at_most_m);
	}
}

static void what_grows_comes_nearer_and_what_is_less_known_says_less(void **state)
{
	(void)state;
	for (int n = 0; n < rounds(100000); n++) {
		prl_atmosphere air = random_air();
		prl_latlng at = random_place();
		prl_band a = random_band(), b = random_band(), wide = a;
		prl_gap g = prl_band_gap(&a, &b, at, &air);
		wide.lower.value -= between(0, 10);
		wide.upper.value += between(0, 10);
		wide.accuracy_m += between(0, 10);
		prl_gap grown = prl_band_gap(&wide, &b, at, &air);
		assert_true(grown.at_least_m <= g.at_least_m + 1e-9 && grown.at_most_m <= g.at_most_m + 1e-9);
		air.qnh_low_hpa = between(850, air.qnh_low_hpa);
		air.qnh_high_hpa = between(air.qnh_high_hpa, 1090);
		air.isa_low_k = between(-60, air.isa_low_k);
		air.isa_high_k = between(air.isa_high_k, 60);
		air.terrain_low_m -= between(0, 100);
		air.terrain_high_m += between(0, 100);
		if (draw() % 4 == 0)
			air.has_terrain = false;
		if (draw() % 4 == 0)
			air.geoid = NULL;
		prl_gap vague = prl_band_gap(&a, &b, at, &air);
		assert_true(vague.at_least_m <= g.at_least_m + 1e-9 && vague.at_most_m >= g.at_most_m - 1e-9);
	}
}

/* ---- the range for the index ------------------------------------------------------------------------------------ */

static void ranges_are_never_farther_apart_than_bands(void **state)
{
	(void)state;
	int near = 0;
	for (int n = 0; n < rounds(1000000); n++) {
		prl_atmosphere air = random_air();
		prl_latlng at = random_place();
		prl_band a = random_band(), b = random_band();
		if (n % 4 == 0) /* two flight levels, or two of another datum: compared by their numbers */
			a.lower.datum = a.upper.datum = b.lower.datum = b.upper.datum = (prl_datum)(n / 4 % 4);
		if (n % 64 == 0)
			a.upper.value *= 1000;
		double low_a, high_a, low_b, high_b;
		prl_band_w84_range(&a, &air, &low_a, &high_a);
		prl_band_w84_range(&b, &air, &low_b, &high_b);
		double apart = fmax(0, fmax(low_a - high_b, low_b - high_a));
		prl_gap g = prl_band_gap(&a, &b, at, &air);
		if (!(low_a <= high_a && apart <= g.at_least_m + 1e-3))
			fail_msg("round %d: ranges %.6f apart, bands at least %.6f", n, apart, g.at_least_m);
		near += apart > 0;
	}
	assert_in_range(near, rounds(100000), rounds(1000000));
}

static void ranges_by_hand(void **state)
{
	(void)state;
	double low, high;
	prl_band band = prl_band_m(100, 200, PRL_DATUM_W84);
	prl_band_w84_range(&band, NULL, &low, &high);
	assert_true(low == 100 && high == 200);
	band = prl_band_m(100, 200, PRL_DATUM_MSL);
	prl_band_w84_range(&band, &nothing, &low, &high);
	assert_near(low, -7, 1e-9);
	assert_near(high, 286, 1e-9);
	band = prl_band_m(0, 120, PRL_DATUM_AGL);
	prl_band_w84_range(&band, &nothing, &low, &high);
	assert_true(low == -unbounded && high == unbounded);
	prl_band_w84_range(&band, &all_stated, &low, &high);
	assert_true(low == -unbounded);
	assert_near(high, 450 + 120 + 86, 1e-9);
	band.lower.value = 50;
	prl_band_w84_range(&band, &all_stated, &low, &high);
	assert_near(low, 50 + 200 - 107, 1e-9);
	band.upper = (prl_altitude){ 100, PRL_UNIT_FL, PRL_DATUM_FL };
	prl_band_w84_range(&band, &nothing, &low, &high);
	assert_true(low == -unbounded);
	assert_near(high, 1.08 * 3048 + 350 + 86, 1e-5);
	band = prl_band_m(-unbounded, (double)NAN, PRL_DATUM_MSL);
	prl_band_w84_range(&band, &nothing, &low, &high);
	assert_true(low == -unbounded && high == unbounded);
}

int main(void)
{
	print_message("seed %#llx\n", (unsigned long long)seed);
	if (access(EGM96, R_OK) != 0)
		print_message("%s is missing (Debian package proj-data): the geoid's part is skipped\n", EGM96);
	else if (prl_geoid_open(EGM96, &geoid, NULL))
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units),
		cmocka_unit_test(one_datum_is_exact),
		cmocka_unit_test(datums_apart_give_the_stated_range),
		cmocka_unit_test(the_geoid_narrows_the_range),
		cmocka_unit_test(intervals_that_are_none_count_as_not_stated),
		cmocka_unit_test(the_standard_atmosphere_has_its_published_pressures),
		cmocka_unit_test(the_actual_gap_is_within_the_bounds),
		cmocka_unit_test(the_bounds_of_a_flight_level_are_tight),
		cmocka_unit_test(bands_have_their_symmetry_and_order),
		cmocka_unit_test(what_grows_comes_nearer_and_what_is_less_known_says_less),
		cmocka_unit_test(ranges_are_never_farther_apart_than_bands),
		cmocka_unit_test(ranges_by_hand),
	};
	int failed = cmocka_run_group_tests_name("geo/altitude", tests, NULL, NULL);
	prl_geoid_free(geoid);
	return failed;
}
