#include "geo/ellipsoid.h"

/* Radius of curvature in the prime vertical. */
static double vertical_radius(double sin_lat)
{
	return PRL_WGS84_A / sqrt(1 - PRL_WGS84_E2 * sin_lat * sin_lat);
}

static prl_vec point_of(double n, double sin_lat, double cos_lat, double sin_lng, double cos_lng)
{
	return (prl_vec){ n * cos_lat * cos_lng, n * cos_lat * sin_lng, n * (1 - PRL_WGS84_E2) * sin_lat };
}

prl_vec prl_ellipsoid_point(prl_latlng at)
{
	double sin_lat, cos_lat, sin_lng, cos_lng;
	sincos(at.lat_deg / PRL_RADIAN, &sin_lat, &cos_lat);
	sincos(at.lng_deg / PRL_RADIAN, &sin_lng, &cos_lng);
	if (fabs(at.lat_deg) == 90)
		cos_lat = 0; /* not 6e-17: a pole is one point */
	return point_of(vertical_radius(sin_lat), sin_lat, cos_lat, sin_lng, cos_lng);
}

prl_vec prl_anchor_set(prl_anchor *anchor, prl_latlng at)
{
	if (fabs(at.lat_deg) > 89)
		return prl_ellipsoid_point(at);
	anchor->at = at;
	sincos(at.lat_deg / PRL_RADIAN, &anchor->sin_lat, &anchor->cos_lat);
	sincos(at.lng_deg / PRL_RADIAN, &anchor->sin_lng, &anchor->cos_lng);
	anchor->n = vertical_radius(anchor->sin_lat);
	return point_of(anchor->n, anchor->sin_lat, anchor->cos_lat, anchor->sin_lng, anchor->cos_lng);
}

prl_latlng prl_ellipsoid_place(prl_vec point)
{
	double rho = hypot(point.x, point.y);
	return (prl_latlng){
		.lat_deg = atan2(point.z, (1 - PRL_WGS84_E2) * rho) * PRL_RADIAN,
		.lng_deg = rho > 0 ? atan2(point.y, point.x) * PRL_RADIAN : 0,
	};
}

prl_vec prl_ellipsoid_drop(prl_vec point)
{
	const double a2 = 1.0 / (PRL_WGS84_A * PRL_WGS84_A), b2 = 1.0 / (PRL_WGS84_B * PRL_WGS84_B);
	for (int i = 0; i < 3; i++) {
		prl_vec g = { point.x * a2, point.y * a2, point.z * b2 };
		double excess = prl_vec_dot(point, g) - 1; /* F = x²/a² + y²/a² + z²/b² − 1, ∇F = 2 g */
		point = prl_vec_sub(point, prl_vec_scale(g, 0.5 * excess / prl_vec_dot(g, g)));
	}
	return point;
}
