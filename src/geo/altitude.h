/* Altitude bands and the conversions between their datums.
 *
 * EVERY DATUM TO MEAN SEA LEVEL. An end of a band at x metres above its datum lies at a height above mean sea level
 * that is known between two bounds:
 *   MSL  x.
 *   W84  x - N, N the undulation of the geoid: the grid's value ± 5 m cut to -107…+86 m, and without a grid (or where
 *        it has no data) all of -107…+86 m.
 *   AGL  x + T, T the stated terrain interval; none stated, anything.
 *   FL   prl_pressure_altitude_msl().
 * Two ends of different datums are so compared through mean sea level; each unknown (N, T, air) occurs once in such a
 * difference, so that interval arithmetic gives its exact range. Two ends of one datum are subtracted as they are: the
 * same place has one N, one T and one column of air.
 *
 * FROM THE GROUND. A lower end of 0 or less above ground counts as no end: nothing that moves is below the ground.
 *
 * FLIGHT LEVELS. With nothing known about the air, a pressure altitude H lies between 0.92 H - 600 m and
 * 1.08 H + 350 m above mean sea level (design.md, 6; below 0 the two factors change places). With the sea-level
 * pressure Q and the deviation D of the column's (virtual) temperature from the ICAO standard atmosphere stated as
 * intervals, the hydrostatic equation dz = -(R / g0) T d(ln p) with T = T_isa(p) + D is integrated from sea level to
 * the pressure p(H):
 *
 *     z(H; Q, D) = H - H_isa(Q) + (R / g0) D ln(Q / p(H))              geopotential metres
 *
 * because the part with T_isa is by definition the height difference in the standard atmosphere. Source: ICAO Doc 7488
 * (g0 = 9.80665 m/s², R = 287.05287 m²/(K s²), p0 = 1013.25 hPa, T0 = 288.15 K, layers of its table D). A deviation
 * that changes with height inside its interval gives a z between those of the two constant ends.
 *
 * The extremes over the rectangle of Q and D are at its corners: for a fixed D, dz / d(ln Q) = (R / g0)(T_isa(Q) + D)
 * > 0, as T_isa > 270 K between 850 and 1090 hPa and D >= -60 K, so z is extreme at an end of Q whatever D is; for a
 * fixed Q, z is linear in D.
 *
 * Geopotential metres become metres by the gravity at the place: at sea level 9.774…9.838 m/s² (WGS84 normal gravity
 * 9.7803…9.8322, NGA.STND.0036, and anomalies up to 0.005), changing with height no faster than (r / (r + z))² with
 * r = 6,330 km. So z geopotential metres are between z g0 / 9.838 and X / (1 - X / r) metres with X = z g0 / 9.774;
 * below sea level the two gravities change places.
 *
 * Not covered, and to be stated in the intervals or as accuracy_m: the error of the altimeter, moist air (virtual
 * temperature is up to 6 K above temperature over a warm sea), a QNH of a high aerodrome that is not the pressure at
 * sea level, air in strong vertical motion.
 *
 * ROUNDING. The logarithm, the power and some ten operations on numbers below 1e6 err by less than 1e-8 m in all; the
 * result is widened by 1e-6 m on either side. Sums and differences are rounded outward to the next double. */
#ifndef PRL_GEO_ALTITUDE_H
#define PRL_GEO_ALTITUDE_H

#include <parley/geo.h>

/* A height known between two bounds, metres; low_m <= high_m, either may be infinite. */
typedef struct prl_height_range {
	double low_m, high_m;
} prl_height_range;

/* Natural logarithm of the standard atmosphere's pressure in hPa at a pressure altitude in geopotential metres. ICAO
 * Doc 7488 from -5 to 80 km; above, the air is taken to stay at the temperature of 80 km. */
double prl_isa_log_pressure(double pressure_altitude_m);

/* Heights above mean sea level at which the pressure altitude @p pressure_altitude_m (finite, metres) may lie. Rises
 * with the altitude; widens with the intervals of @p air. Intervals that are not finite, not in order or outside
 * 850…1090 hPa and -60…60 K count as not stated. air may be NULL. */
prl_height_range prl_pressure_altitude_msl(double pressure_altitude_m, const prl_atmosphere *air);

/* One end of a band, its accuracy taken in: metres above its datum; not finite means that there is no such end. */
typedef struct prl_band_end {
	double m;
	prl_datum datum;
} prl_band_end;

/* The two ends of a band, by the rule FROM THE GROUND. */
prl_band_end prl_band_bottom(const prl_band *band);
prl_band_end prl_band_top(const prl_band *band);

/* How far @p bottom is above @p top at @p at; minus infinity where either is not there. The gap of
 * prl_band_gap() is the larger of the two rises, not below 0. */
prl_height_range prl_end_rise(prl_band_end bottom, prl_band_end top, prl_latlng at, const prl_atmosphere *air);

#endif
