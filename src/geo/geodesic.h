/* Geodesics on the WGS84 ellipsoid: the inverse and the direct problem.
 *
 * On the auxiliary sphere (Bessel 1825; notation of Karney, "Algorithms for geodesics", J. Geodesy 87, 2013) a
 * geodesic is a great circle of azimuth α₀ at the equator, and with k² = e'² cos² α₀
 *     s = b ∫ √(1 + k² sin²σ) dσ                                                    (Karney 7)
 *     λ = ω − f sin α₀ ∫ (2 − f) / (1 + (1 − f) √(1 + k² sin²σ)) dσ                 (Karney 8)
 * The integrands are smooth and k² <= 0.0068, so that ten-point Gauss–Legendre over any arc up to π is exact to
 * 1e-15: quadrature stands where others expand series. */
#ifndef PRL_GEO_GEODESIC_H
#define PRL_GEO_GEODESIC_H

#include <parley/geo.h>

/* A geodesic that starts somewhere in some direction. */
typedef struct prl_geodesic {
	double sin_alpha0, cos_alpha0, k2;
	double sigma1, omega1, lng1_deg;
	double length_m; /* to the second point, when made by prl_geodesic_between() */
} prl_geodesic;

/* The shortest geodesic from a to b. Azimuths in radians clockwise from north, at a and at b in the direction of travel;
 * either may be NULL. Coincident points have length 0 and azimuth 0. */
prl_geodesic prl_geodesic_between(prl_latlng a, prl_latlng b, double *ret_azimuth_a, double *ret_azimuth_b);

/* The geodesic from a at azimuth_rad. */
prl_geodesic prl_geodesic_from(prl_latlng a, double azimuth_rad);

/* The place s metres along it, 0 <= s <= 20,000 km. */
prl_latlng prl_geodesic_at(const prl_geodesic *line, double s_m);

/* Metres along it to the place nearest a pole, the first such place at s >= 0; up to half round the earth. */
double prl_geodesic_vertex_m(const prl_geodesic *line);

#endif
