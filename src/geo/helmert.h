/* Datum shift by seven parameters, and the one that parley uses: SK-42 (Pulkovo 1942) to WGS84. */
#ifndef PRL_GEO_HELMERT_H
#define PRL_GEO_HELMERT_H

#include "geo/tmerc.h"

/* Shift, small rotations (coordinate frame convention, EPSG method 9607) and scale difference. */
typedef struct prl_helmert {
	double shift_m[3];
	double rotation_arcsec[3];
	double scale_ppm;
} prl_helmert;

/* SK-42 to WGS84: EPSG:5044, which chains the SK-42 to PZ-90.02 and PZ-90.02 to WGS84 sets of GOST R 51794-2008. */
#define PRL_HELMERT_SK42 ((prl_helmert){ { 23.57, -140.95, -79.8 }, { 0, -0.35, -0.79 }, -0.22 })

/* Earth-centred coordinates of a place at height 0, metres, and the place under a point near the surface (heights
 * within ±100 km; the latitude is exact to 1e-12 degree). */
void prl_geocentric_from(prl_latlng place, prl_ellipsoid ellipsoid, double xyz_m[3]);
prl_latlng prl_geocentric_to(const double xyz_m[3], prl_ellipsoid ellipsoid);

/* Carries earth-centred coordinates over the shift and back; back undoes forward within 1 µm. */
void prl_helmert_forward(const prl_helmert *h, const double from_m[3], double to_m[3]);
void prl_helmert_inverse(const prl_helmert *h, const double from_m[3], double to_m[3]);

/* The same place in the other datum. The place is at height 0 on Krassovsky's ellipsoid, as on a map; from_wgs84 undoes
 * to_wgs84 within 1 µm (beyond 89.99° of latitude within 5 mm: the two ellipsoids lie up to 200 m apart and their
 * normals part by 2.2e-5 rad). A true height of up to 9 km would move the result by no more than 0.24 m;
 * prl_sk42_error_m() holds it. */
prl_latlng prl_sk42_to_wgs84(prl_latlng sk42);
prl_latlng prl_sk42_from_wgs84(prl_latlng wgs84);

/* How far, in metres, the conversion may be from the truth at wgs84: 20 or 50; see PRL_SK42_ERROR_M in
 * parley/notation.h. */
double prl_sk42_error_m(prl_latlng wgs84);

#endif
