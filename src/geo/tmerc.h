/* Transverse Mercator on an ellipsoid, by Krüger's series in the third flattening n, carried to n^6.
 *
 * Source: L. Krüger, "Konforme Abbildung des Erdellipsoids in der Ebene" (1912); coefficients to n^6 in C. Karney,
 * "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), eqs. (7)–(26), (35), (36). What is
 * cut off is below 5 nm within 3,900 km of the central meridian (Karney's abstract), so that the error left is that
 * of double arithmetic. Measured against PROJ (tests/geo/tmerc_test.c): 10 nm out to 40° from the central meridian, at
 * every latitude; the tests hold it below 0.1 mm to 12° and 1 mm to 40°. */
#ifndef PRL_GEO_TMERC_H
#define PRL_GEO_TMERC_H

#include <parley/geo.h>

#define PRL_TMERC_ORDER 6

/* An ellipsoid of revolution. */
typedef struct prl_ellipsoid {
	double a_m;        /* equatorial radius, metres */
	double flattening; /* (a - b) / a, in (0, 0.01) */
} prl_ellipsoid;

#define PRL_ELLIPSOID_WGS84      ((prl_ellipsoid){ 6378137.0, 1 / 298.257223563 }) /* NGA.STND.0036, table 3.1 */
#define PRL_ELLIPSOID_KRASSOVSKY ((prl_ellipsoid){ 6378245.0, 1 / 298.3 })         /* GOST 32453-2017; EPSG:7024 */

/* A transverse Mercator projection made ready: constants of the ellipsoid and the scale on the central meridian. */
typedef struct prl_tmerc {
	double e, scale;               /* eccentricity; scale on the central meridian, 0.9996 or 1 */
	double radius_m;               /* rectifying radius × scale */
	double alpha[PRL_TMERC_ORDER]; /* conformal to rectifying */
	double beta[PRL_TMERC_ORDER];  /* and back */
} prl_tmerc;

prl_tmerc prl_tmerc_make(prl_ellipsoid ellipsoid, double scale);

/* Metres east of the central meridian and north of the equator, no false origin.
 * place: latitude [-90, 90] degrees; longitude within 80° of center_deg, the central meridian, any turn. */
void prl_tmerc_forward(const prl_tmerc *t, prl_latlng place, double center_deg, double *ret_east_m,
		       double *ret_north_m);

/* The inverse; |east_m| <= 4,000,000 and |north_m| <= 10,010,000. Longitude in [-180, 180]. */
prl_latlng prl_tmerc_inverse(const prl_tmerc *t, double east_m, double north_m, double center_deg);

/* Longitude brought into [-180, 180]; any finite value. */
double prl_longitude_wrap(double lng_deg);

/* tan of the conformal latitude from tan of the latitude (Karney 2011, eqs. (7)–(9)), and back by Newton's method. */
double prl_conformal_tau(double tau, double e);
double prl_geodetic_tau(double tau_conformal, double e);

#endif
