/* A plane that touches the ellipsoid, with azimuthal equidistant coordinates: distance and direction from the origin
 * are true, everything else is nearly so close to it.
 *
 * Bounds, with K = 1/(MN) <= 1/PRL_WGS84_MIN_RADIUS² the curvature (Riemann normal coordinates to first order in K):
 *  - a geodesic that passes at distance p from the origin bends by 2pK/3 a metre, so that a piece of half length h is
 *    within p h² K / 3 of its planar chord;
 *  - the length d of a planar segment whose line passes at distance w from the origin is off by at most d w² K / 6.
 * prl_frame_error() states them for a pair of pieces. */
#ifndef PRL_GEO_FRAME_H
#define PRL_GEO_FRAME_H

#include "geo/ellipsoid.h"

typedef struct prl_xy {
	double x, y;
} prl_xy;

typedef struct prl_frame {
	prl_vec origin, ex, ey, normal;
	double k6; /* K / 6 */
} prl_frame;

#define PRL_MAX_CURVATURE (1.0 / (PRL_WGS84_MIN_RADIUS * PRL_WGS84_MIN_RADIUS))

/* The frame at a surface point. Its axes have no particular direction (none would do at the poles). */
static inline prl_frame prl_frame_at(prl_vec origin)
{
	prl_vec n = prl_ellipsoid_normal(origin);
	/* An orthonormal basis without a branch on the poles: Duff et al., JCGT 6 (2017) 1. */
	double sign = copysign(1, n.z), a = -1 / (sign + n.z), b = n.x * n.y * a;
	double w = (1 - PRL_WGS84_E2 * n.z * n.z) / PRL_WGS84_A;
	return (prl_frame){
		.origin = origin,
		.ex = { 1 + sign * n.x * n.x * a, sign * b, -sign * n.x },
		.ey = { b, sign + n.y * n.y * a, -n.y },
		.normal = n,
		.k6 = w * w / (1 - PRL_WGS84_E2) / 6,
	};
}

/* Plane coordinates of a surface point less than 20 km away, by a series: the error is below 0.25 mm (the mean radius of
 * curvature stands for that of the direction: 20 km · K d²/6 · 0.0067/2, and the direction is the normal section's; as
 * measured by tests/geo/frame_test.c: 0.21 mm). */
static inline prl_xy prl_frame_to_plane_near(const prl_frame *f, prl_vec point)
{
	prl_vec v = prl_vec_sub(point, f->origin);
	double x = prl_vec_dot(v, f->ex), y = prl_vec_dot(v, f->ey);
	double t = (x * x + y * y) * f->k6, k = 1 + t * (1 + 2.7 * t); /* asin(q)/q = 1 + q²/6 + 3q⁴/40, q² = r²K = 6t */
	return (prl_xy){ x * k, y * k };
}

/* Plane coordinates of a surface point less than about 150 km away: beyond 20 km by the arc. Distances from the origin
 * are true within 0.3 mm up to 150 km. The direction is that of the normal section, turned from the geodesic's by up to
 * e'² d²/12a²: 14 mm aside at 100 km, 47 mm at 150 km. Opposite directions are turned alike and neighbouring ones nearly
 * so, which leaves distances of what lies near each other, or on one line with the origin, as they are. */
static inline prl_xy prl_frame_to_plane(const prl_frame *f, prl_vec point)
{
	prl_vec v = prl_vec_sub(point, f->origin);
	double d2 = prl_vec_dot(v, v);
	if (d2 < 4e8)
		return prl_frame_to_plane_near(f, point);
	double x = prl_vec_dot(v, f->ex), y = prl_vec_dot(v, f->ey);
	double k = prl_arc_length(sqrt(d2), prl_vec_dot(v, f->normal)) / sqrt(x * x + y * y);
	return (prl_xy){ x * k, y * k };
}

/* The surface point at plane coordinates up to about 150 km from the origin, within 5 cm (the direction, as above); within 0.15 mm
 * up to 20 km. */
prl_vec prl_frame_from_plane(const prl_frame *f, prl_xy p);

/* ---- plane geometry ------------------------------------------------------------------------------------------ */

static inline double prl_xy_cross(prl_xy a, prl_xy b)
{
	return a.x * b.y - a.y * b.x;
}
static inline prl_xy prl_xy_sub(prl_xy a, prl_xy b)
{
	return (prl_xy){ a.x - b.x, a.y - b.y };
}
static inline double prl_xy_dot(prl_xy a, prl_xy b)
{
	return a.x * b.x + a.y * b.y;
}

/* Where on the segment a–b, in [0, 1], the point nearest p lies. */
static inline double prl_xy_foot(prl_xy a, prl_xy b, prl_xy p)
{
	prl_xy ab = prl_xy_sub(b, a);
	double length2 = prl_xy_dot(ab, ab);
	if (length2 <= 0)
		return 0;
	return prl_min(1, prl_max(0, prl_xy_dot(prl_xy_sub(p, a), ab) / length2));
}

static inline double prl_xy_distance2(prl_xy a, prl_xy b)
{
	prl_xy d = prl_xy_sub(a, b);
	return prl_xy_dot(d, d);
}

/* Bound of the error of the planar distance d of two pieces p[0]–p[1] and p[2]–p[3] of half lengths ha, hb, whose
 * closest points are at s and t: both may bend, and the origin is at most ha + hb beside the line that joins any two of
 * their points besides what the closest ones show. */
static inline double prl_frame_error(const prl_xy p[4], double ha, double hb, double d, double s, double t)
{
	double reach2 = 0;
	for (int i = 0; i < 4; i++)
		reach2 = prl_max(reach2, prl_xy_dot(p[i], p[i]));
	prl_xy pa = { p[0].x + s * (p[1].x - p[0].x), p[0].y + s * (p[1].y - p[0].y) };
	prl_xy pb = { p[2].x + t * (p[3].x - p[2].x), p[2].y + t * (p[3].y - p[2].y) };
	double aside = d > 0 ? fabs(prl_xy_cross(pa, pb)) / d : sqrt(prl_xy_dot(pa, pa));
	double w = prl_min(aside + ha + hb, sqrt(reach2));
	return PRL_MAX_CURVATURE * (sqrt(reach2) * (ha * ha + hb * hb) / 3 + d * w * w / 6);
}

/* Squared distance of two segments; 0 where they cross. The closest points are a0 + s (a1 − a0), b0 + t (b1 − b0). */
double prl_segments_distance2(prl_xy a0, prl_xy a1, prl_xy b0, prl_xy b1, double *ret_s, double *ret_t);

#endif
