#include "geo/altitude.h"
#include "geo/geoid.h"

#include <math.h>

#define G0        9.80665   /* m/s², standard gravity */
#define R_AIR     287.05287 /* m²/(K s²) */
#define P0_HPA    1013.25
#define T0_K      288.15
#define LAPSE_KPM 0.0065 /* K/m, troposphere */
#define FT_M      0.3048
#define SLACK_M   1e-6

static const double unbounded = (double)INFINITY;

double prl_altitude_m(prl_altitude altitude)
{
	switch (altitude.unit) {
	case PRL_UNIT_FT:
		return altitude.value * FT_M;
	case PRL_UNIT_FL:
		return altitude.value * 100 * FT_M; /* FL 100 and 10,000 ft must be the same double */
	case PRL_UNIT_M:
	default:
		return altitude.value;
	}
}

prl_band prl_band_m(double lower_m, double upper_m, prl_datum datum)
{
	return (prl_band){ { lower_m, PRL_UNIT_M, datum }, { upper_m, PRL_UNIT_M, datum }, 0 };
}

/* ---- the air ------------------------------------------------------------------------------------------------- */

/* ICAO Doc 7488, table D: geopotential height of the layer's base, temperature there, change of it a metre. */
static const struct layer {
	double base_m, base_k, lapse_kpm;
} layers[] = {
	{ 0, 288.15, -0.0065 }, { 11000, 216.65, 0 },       { 20000, 216.65, 0.001 },  { 32000, 228.65, 0.0028 },
	{ 47000, 270.65, 0 },   { 51000, 270.65, -0.0028 }, { 71000, 214.65, -0.002 }, { 80000, 196.65, 0 },
};

/* ln(p(base) / p(base + rise)) within a layer. */
static double log_fall(const struct layer *l, double rise)
{
	if (l->lapse_kpm == 0)
		return G0 / R_AIR * rise / l->base_k;
	return G0 / (R_AIR * l->lapse_kpm) * log1p(l->lapse_kpm * rise / l->base_k);
}

double prl_isa_log_pressure(double pressure_altitude_m)
{
	const size_t count = sizeof layers / sizeof *layers;
	double log_p = log(P0_HPA);
	size_t n = 0;
	for (; n + 1 < count && pressure_altitude_m >= layers[n + 1].base_m; n++)
		log_p -= log_fall(&layers[n], layers[n + 1].base_m - layers[n].base_m);
	/* Below -40 km the first layer's logarithm would have no end: no such altitude, but no NaN either. */
	return log_p - log_fall(&layers[n], fmax(pressure_altitude_m - layers[n].base_m, -40000));
}

/* Pressure altitude at which the standard atmosphere has @p hpa (850…1090: the troposphere). */
static double isa_height_m(double hpa)
{
	return T0_K / LAPSE_KPM * -expm1(R_AIR * LAPSE_KPM / G0 * log(hpa / P0_HPA));
}

/* Metres at which a geopotential height may lie, by the gravity anywhere on earth (altitude.h). */
static prl_height_range geometric(double low_gpm, double high_gpm)
{
	const double strong = G0 / 9.838, weak = G0 / 9.774, r = 6330000;
	double low = low_gpm * (low_gpm >= 0 ? strong : weak);
	double high = high_gpm * (high_gpm >= 0 ? weak : strong);
	high = high < r / 2 ? high / (1 - high / r) : unbounded; /* below sea level: gravity may grow as fast */
	return (prl_height_range){ low - SLACK_M, high + SLACK_M };
}

static bool air_stated(const prl_atmosphere *air)
{
	return air && air->has_qnh && air->qnh_low_hpa >= 850 && air->qnh_low_hpa <= air->qnh_high_hpa &&
	       air->qnh_high_hpa <= 1090 && air->isa_low_k >= -60 && air->isa_low_k <= air->isa_high_k &&
	       air->isa_high_k <= 60;
}

prl_height_range prl_pressure_altitude_msl(double h, const prl_atmosphere *air)
{
	if (!air_stated(air))
		return (prl_height_range){ (h >= 0 ? 0.92 : 1.08) * h - 600 - SLACK_M,
					   (h >= 0 ? 1.08 : 0.92) * h + 350 + SLACK_M };
	double low = unbounded, high = -unbounded, log_p = prl_isa_log_pressure(h);
	for (int corner = 0; corner < 4; corner++) {
		double q = corner & 1 ? air->qnh_high_hpa : air->qnh_low_hpa;
		double d = corner & 2 ? air->isa_high_k : air->isa_low_k;
		double z = h - isa_height_m(q) + R_AIR / G0 * d * (log(q) - log_p);
		low = fmin(low, z);
		high = fmax(high, z);
	}
	return geometric(low, high);
}

/* ---- ends of bands ------------------------------------------------------------------------------------------- */

static double accuracy(const prl_band *band)
{
	return isnan(band->accuracy_m) ? unbounded : fmax(0, band->accuracy_m);
}

/* "From the ground up": nothing that moves is below the ground, so that a lower end of 0 or less above it is no end at
 * all. Without this every band from the ground would hang on the height of the terrain, though it does not matter. */
prl_band_end prl_band_bottom(const prl_band *band)
{
	if (band->lower.datum == PRL_DATUM_AGL && band->lower.value <= 0)
		return (prl_band_end){ -unbounded, PRL_DATUM_AGL };
	return (prl_band_end){ prl_altitude_m(band->lower) - accuracy(band), band->lower.datum };
}

prl_band_end prl_band_top(const prl_band *band)
{
	return (prl_band_end){ prl_altitude_m(band->upper) + accuracy(band), band->upper.datum };
}

static double down(double x)
{
	return nextafter(x, -unbounded);
}

static double up(double x)
{
	return nextafter(x, unbounded);
}

static prl_height_range undulation(prl_latlng at, const prl_atmosphere *air)
{
	prl_height_range world = { PRL_GEOID_LOW_M, PRL_GEOID_HIGH_M };
	double n = air && air->geoid ? prl_geoid_height_m(air->geoid, at) : (double)NAN;
	if (!(n + PRL_GEOID_ERROR_M >= world.low_m && n - PRL_GEOID_ERROR_M <= world.high_m))
		return world;
	return (prl_height_range){ fmax(world.low_m, n - PRL_GEOID_ERROR_M),
				   fmin(world.high_m, n + PRL_GEOID_ERROR_M) };
}

static prl_height_range terrain(const prl_atmosphere *air)
{
	if (air && air->has_terrain && air->terrain_low_m <= air->terrain_high_m)
		return (prl_height_range){ air->terrain_low_m, air->terrain_high_m };
	return (prl_height_range){ -unbounded, unbounded };
}

/* Heights above mean sea level at which a finite end may lie at @p at. */
static prl_height_range end_msl(prl_band_end e, prl_latlng at, const prl_atmosphere *air)
{
	prl_height_range r;
	switch (e.datum) {
	case PRL_DATUM_W84:
		r = undulation(at, air);
		return (prl_height_range){ down(e.m - r.high_m), up(e.m - r.low_m) };
	case PRL_DATUM_AGL:
		r = terrain(air);
		return (prl_height_range){ down(e.m + r.low_m), up(e.m + r.high_m) };
	case PRL_DATUM_FL:
		return prl_pressure_altitude_msl(e.m, air);
	case PRL_DATUM_MSL:
	default:
		return (prl_height_range){ e.m, e.m };
	}
}

/* How far @p bottom is above @p top; minus infinity where one of them is not stated. */
prl_height_range prl_end_rise(prl_band_end bottom, prl_band_end top, prl_latlng at, const prl_atmosphere *air)
{
	if (!isfinite(bottom.m) || !isfinite(top.m))
		return (prl_height_range){ -unbounded, -unbounded };
	if (bottom.datum == top.datum)
		return (prl_height_range){ bottom.m - top.m, bottom.m - top.m };
	prl_height_range b = end_msl(bottom, at, air), t = end_msl(top, at, air);
	return (prl_height_range){ down(b.low_m - t.high_m), up(b.high_m - t.low_m) };
}

prl_gap prl_band_gap(const prl_band *a, const prl_band *b, prl_latlng at, const prl_atmosphere *air)
{
	prl_height_range above = prl_end_rise(prl_band_bottom(a), prl_band_top(b), at, air);
	prl_height_range below = prl_end_rise(prl_band_bottom(b), prl_band_top(a), at, air);
	return (prl_gap){ fmax(0, fmax(above.low_m, below.low_m)), fmax(0, fmax(above.high_m, below.high_m)) };
}

/* ---- the range for the index ---------------------------------------------------------------------------------- */

/* Heights above the ellipsoid at which a finite end may lie at any place. A pressure altitude's own number belongs to
 * its range whatever the air is stated to be, so that two flight levels are never farther apart there than in levels:
 * with low(x) <= x <= high(x), low(x) - high(y) <= x - y. */
static prl_height_range end_w84(prl_band_end e, const prl_atmosphere *air)
{
	if (e.datum == PRL_DATUM_W84)
		return (prl_height_range){ e.m, e.m };
	prl_height_range r = end_msl(e, (prl_latlng){ 0, 0 }, air);
	if (e.datum == PRL_DATUM_FL) {
		r.low_m = fmin(r.low_m, e.m);
		r.high_m = fmax(r.high_m, e.m);
	}
	return (prl_height_range){ down(r.low_m + PRL_GEOID_LOW_M), up(r.high_m + PRL_GEOID_HIGH_M) };
}

void prl_band_w84_range(const prl_band *band, const prl_atmosphere *air, double *ret_low_m, double *ret_high_m)
{
	prl_band_end bottom = prl_band_bottom(band), top = prl_band_top(band);
	double low = isfinite(bottom.m) ? end_w84(bottom, air).low_m : -unbounded;
	double high = isfinite(top.m) ? end_w84(top, air).high_m : unbounded;
	*ret_low_m = fmin(
		low, high); /* ends of two datums may be stated the wrong way round: AGL 0 up to MSL 100 on a hill */
	*ret_high_m = fmax(low, high);
}
