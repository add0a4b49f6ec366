#include "geo/helmert.h"

#include "geo/ellipsoid.h"

#include <parley/notation.h>

#include <math.h>

void prl_geocentric_from(prl_latlng place, prl_ellipsoid ellipsoid, double xyz_m[3])
{
	double e2 = ellipsoid.flattening * (2 - ellipsoid.flattening);
	double sin_lat = sin(place.lat_deg / PRL_RADIAN), cos_lat = cos(place.lat_deg / PRL_RADIAN);
	double normal_m = ellipsoid.a_m / sqrt(1 - e2 * sin_lat * sin_lat);
	xyz_m[0] = normal_m * cos_lat * cos(place.lng_deg / PRL_RADIAN);
	xyz_m[1] = normal_m * cos_lat * sin(place.lng_deg / PRL_RADIAN);
	xyz_m[2] = normal_m * (1 - e2) * sin_lat;
}

prl_latlng prl_geocentric_to(const double xyz_m[3], prl_ellipsoid ellipsoid)
{
	double e2 = ellipsoid.flattening * (2 - ellipsoid.flattening);
	double axis_m = hypot(xyz_m[0], xyz_m[1]);
	double lat = atan2(xyz_m[2], axis_m * (1 - e2));
	/* Each round divides the error by over 100 and by height/a again; it starts below 1e-4 rad for heights within
	 * ±100 km, so that six rounds leave nothing. */
	for (int i = 0; i < 6; i++) {
		double sin_lat = sin(lat);
		lat = atan2(xyz_m[2] + e2 * ellipsoid.a_m / sqrt(1 - e2 * sin_lat * sin_lat) * sin_lat, axis_m);
	}
	double lng = axis_m > 0 ? atan2(xyz_m[1], xyz_m[0]) : 0;
	return (prl_latlng){ .lat_deg = lat * PRL_RADIAN, .lng_deg = lng * PRL_RADIAN };
}

/* (1 + scale) R p without the shift; sign -1 turns the rotation round. EPSG guidance note 7-2, section 4.3.3. */
static void rotate(const prl_helmert *h, double sign, const double p[3], double out[3])
{
	double arcsec = sign / PRL_RADIAN / 3600;
	double rx = h->rotation_arcsec[0] * arcsec, ry = h->rotation_arcsec[1] * arcsec;
	double rz = h->rotation_arcsec[2] * arcsec;
	out[0] = p[0] + rz * p[1] - ry * p[2];
	out[1] = -rz * p[0] + p[1] + rx * p[2];
	out[2] = ry * p[0] - rx * p[1] + p[2];
}

void prl_helmert_forward(const prl_helmert *h, const double from_m[3], double to_m[3])
{
	double turned[3];
	rotate(h, 1, from_m, turned);
	for (int i = 0; i < 3; i++)
		to_m[i] = h->shift_m[i] + (1 + h->scale_ppm * 1e-6) * turned[i];
}

void prl_helmert_inverse(const prl_helmert *h, const double from_m[3], double to_m[3])
{
	double guess[3], rest[3], step[3];
	for (int i = 0; i < 3; i++)
		guess[i] = from_m[i] - h->shift_m[i];
	/* The transposed matrix undoes the rotation but for its square, 1.5e-11 here (0.1 mm): repeated on what is left
	 * it leaves 1e-22. */
	rotate(h, -1, guess, to_m);
	for (int round = 0; round < 2; round++) {
		prl_helmert_forward(h, to_m, rest);
		for (int i = 0; i < 3; i++)
			rest[i] = from_m[i] - rest[i];
		rotate(h, -1, rest, step);
		for (int i = 0; i < 3; i++)
			to_m[i] += step[i];
	}
}

prl_latlng prl_sk42_to_wgs84(prl_latlng sk42)
{
	double from[3], to[3];
	prl_geocentric_from(sk42, PRL_ELLIPSOID_KRASSOVSKY, from);
	prl_helmert_forward(&PRL_HELMERT_SK42, from, to);
	return prl_geocentric_to(to, PRL_ELLIPSOID_WGS84);
}

prl_latlng prl_sk42_from_wgs84(prl_latlng wgs84)
{
	double from[3], to[3];
	prl_geocentric_from(wgs84, PRL_ELLIPSOID_WGS84, from);
	prl_helmert_inverse(&PRL_HELMERT_SK42, from, to);
	prl_latlng sk42 = prl_geocentric_to(to, PRL_ELLIPSOID_KRASSOVSKY);
	if (fabs(wgs84.lat_deg) > 89.99)
		return sk42;
	/* Each round leaves what the directions turn over the 200 m between the two places: under 1/50 here. */
	for (int i = 0; i < 3; i++) {
		prl_latlng there = prl_sk42_to_wgs84(sk42);
		sk42.lat_deg += wgs84.lat_deg - there.lat_deg;
		sk42.lng_deg = prl_longitude_wrap(sk42.lng_deg + remainder(wgs84.lng_deg - there.lng_deg, 360));
	}
	return sk42;
}

double prl_sk42_error_m(prl_latlng wgs84)
{
	bool in_the_net = wgs84.lat_deg >= 41.2 && (wgs84.lng_deg >= 19.5 || wgs84.lng_deg <= -168.9);
	return in_the_net ? PRL_SK42_ERROR_M : PRL_SK42_ERROR_OUTSIDE_M;
}
