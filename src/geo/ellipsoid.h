/* The WGS84 ellipsoid (NIMA TR8350.2) and earth-centred, earth-fixed coordinates on it.
 *
 * All geometry is done on points of the ellipsoid's surface in ECEF metres: no pole, no antimeridian, and no sine or
 * cosine once a vertex is converted. */
#ifndef PRL_GEO_ELLIPSOID_H
#define PRL_GEO_ELLIPSOID_H

#include <parley/geo.h>

#include <math.h>

#define PRL_WGS84_A 6378137.0
#define PRL_WGS84_F (1.0 / 298.257223563)
#define PRL_WGS84_B (PRL_WGS84_A * (1.0 - PRL_WGS84_F))
#define PRL_WGS84_E2 (PRL_WGS84_F * (2.0 - PRL_WGS84_F))           /* first eccentricity squared */
#define PRL_WGS84_EP2 (PRL_WGS84_E2 / (1.0 - PRL_WGS84_E2))        /* second eccentricity squared */
#define PRL_WGS84_MIN_RADIUS 6335439.0 /* smallest radius of curvature: of the meridian at the equator */
#define PRL_WGS84_MAX_RADIUS 6399594.0 /* largest: at the poles */

#define PRL_RADIAN 57.295779513082320877     /* degrees in a radian */
#define PRL_DEGREE 0.017453292519943295769  /* radians in a degree */

/* The smaller and the larger of two: one instruction each, where fmin() and fmax() are calls. NaN in b gives a. */
static inline double prl_min(double a, double b)
{
	return b < a ? b : a;
}
static inline double prl_max(double a, double b)
{
	return b > a ? b : a;
}

typedef struct prl_vec {
	double x, y, z;
} prl_vec;

static inline prl_vec prl_vec_add(prl_vec a, prl_vec b)
{
	return (prl_vec){ a.x + b.x, a.y + b.y, a.z + b.z };
}
static inline prl_vec prl_vec_sub(prl_vec a, prl_vec b)
{
	return (prl_vec){ a.x - b.x, a.y - b.y, a.z - b.z };
}
static inline prl_vec prl_vec_scale(prl_vec a, double k)
{
	return (prl_vec){ a.x * k, a.y * k, a.z * k };
}
static inline double prl_vec_dot(prl_vec a, prl_vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline prl_vec prl_vec_cross(prl_vec a, prl_vec b)
{
	return (prl_vec){ a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x };
}
static inline double prl_vec_length(prl_vec a)
{
	return sqrt(prl_vec_dot(a, a));
}
/* a + t (b − a) */
static inline prl_vec prl_vec_mix(prl_vec a, prl_vec b, double t)
{
	return (prl_vec){ a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), a.z + t * (b.z - a.z) };
}

/* Degrees wrapped into [-180, 180). */
static inline double prl_wrap_deg(double degrees)
{
	if (degrees >= -180 && degrees < 180)
		return degrees;
	double wrapped = fmod(degrees + 180, 360);
	return wrapped < 0 ? wrapped + 180 : wrapped - 180;
}

/* The surface point at a place. */
prl_vec prl_ellipsoid_point(prl_latlng at);

/* The same for many places close to each other: sines and cosines are those of the first, turned by a short series as
 * long as the place is within 0.01 radian (64 km) of it. Rounding differs from prl_ellipsoid_point() by less than 5 nm. */
typedef struct prl_anchor {
	prl_latlng at; /* lat_deg is NaN before the first */
	double sin_lat, cos_lat, sin_lng, cos_lng;
	double n; /* radius of curvature in the prime vertical */
} prl_anchor;

/* The surface point, and sets the anchor there but near a pole. */
prl_vec prl_anchor_set(prl_anchor *anchor, prl_latlng at);

/* Sine and cosine of an angle below 0.01: the first terms left out are 0.01^9/9! and 0.01^8/8!, below 1e-20. */
static inline void prl_short_sincos(double x, double *ret_sin, double *ret_cos)
{
	double q = x * x;
	*ret_sin = x * (1 - q * (1.0 / 6 - q * (1.0 / 120 - q * (1.0 / 5040))));
	*ret_cos = 1 - q * (0.5 - q * (1.0 / 24 - q * (1.0 / 720)));
}

static inline prl_vec prl_anchor_point(prl_anchor *anchor, prl_latlng at)
{
	double dlat = (at.lat_deg - anchor->at.lat_deg) * PRL_DEGREE, dlng = (at.lng_deg - anchor->at.lng_deg) * PRL_DEGREE;
	double s, c, t, d;
	if (!(fabs(dlat) <= 0.01 && fabs(dlng) <= 0.01) || fabs(at.lat_deg) > 89)
		return prl_anchor_set(anchor, at);
	prl_short_sincos(dlat, &s, &c);
	prl_short_sincos(dlng, &t, &d);
	double sin_lat = anchor->sin_lat * c + anchor->cos_lat * s, cos_lat = anchor->cos_lat * c - anchor->sin_lat * s;
	/* N = N0 / √(1 − q), q = e² N0²/a² (sin² φ − sin² φ0) < 7e-5: the first term left out is 35/128 q⁴ < 7e-18. */
	double q = anchor->n * anchor->n * (PRL_WGS84_E2 / (PRL_WGS84_A * PRL_WGS84_A)) *
	           (sin_lat - anchor->sin_lat) * (sin_lat + anchor->sin_lat);
	double n = anchor->n * (1 + q * (0.5 + q * (0.375 + q * 0.3125)));
	return (prl_vec){ n * cos_lat * (anchor->cos_lng * d - anchor->sin_lng * t),
		          n * cos_lat * (anchor->sin_lng * d + anchor->cos_lng * t), n * (1 - PRL_WGS84_E2) * sin_lat };
}

/* The place of a surface point; longitude in [-180, 180], 0 on the axis. */
prl_latlng prl_ellipsoid_place(prl_vec point);

/* Unit normal of the surface at a point on it: outward. */
static inline prl_vec prl_ellipsoid_normal(prl_vec point)
{
	const double a2 = 1.0 / (PRL_WGS84_A * PRL_WGS84_A), b2 = 1.0 / (PRL_WGS84_B * PRL_WGS84_B);
	prl_vec g = { point.x * a2, point.y * a2, point.z * b2 };
	return prl_vec_scale(g, 1 / prl_vec_length(g));
}

/* The surface point above or below @p point, along the normal. For points within 1 km of the surface the error is
 * below a nanometre in height (two Newton steps, each squares h / R) and below h · 10⁻⁶ sideways. */
prl_vec prl_ellipsoid_drop(prl_vec point);

/* Geodesic length of the arc whose chord is @p chord (metres) and whose ends lie @p depth (metres, any sign) below
 * the tangent plane at the other end: on a circle chord = 2ρ sin(θ/2) and depth = chord · sin(θ/2), so that the arc
 * ρθ = chord · asin(q)/q with q = depth/chord. The circle that osculates the normal section stands for the geodesic:
 * they differ by the change of curvature along the arc, below 0.1 mm up to 100 km (tests/geo/frame_test.c). */
static inline double prl_arc_length(double chord, double depth)
{
	double q = depth / chord, q2 = q * q;
	if (!(q2 < 1e-4)) /* chords over 128 km, and 0/0 */
		return chord > 0 ? chord * asin(prl_min(1, fabs(q))) / fabs(q) : 0;
	return chord * (1 + q2 * (1.0 / 6 + q2 * (3.0 / 40 + q2 * (15.0 / 336))));
}

/* Geodesic distance of two surface points known to be less than 100 km apart; error below 0.2 mm. The mean of the
 * depths seen from both ends takes the change of curvature out to first order. */
static inline double prl_near_distance_m(prl_vec a, prl_vec b)
{
	prl_vec v = prl_vec_sub(b, a), n = prl_vec_add(prl_ellipsoid_normal(a), prl_vec_scale(prl_ellipsoid_normal(b), -1));
	return prl_arc_length(prl_vec_length(v), 0.5 * prl_vec_dot(v, n));
}

#endif
