#include "geo/tmerc.h"

#include "geo/ellipsoid.h"

#include <math.h>

double prl_longitude_wrap(double lng_deg)
{
	if (lng_deg >= -180 && lng_deg <= 180)
		return lng_deg;
	return remainder(lng_deg, 360);
}

/* a[0] x + a[1] x^2 + … by Horner's rule. */
static double series(const double *a, int count, double x)
{
	double sum = 0;
	for (int i = count; i-- > 0;)
		sum = (sum + a[i]) * x;
	return sum;
}

/* Karney 2011, eq. (35): row j holds the coefficients of n^1 … n^6 of alpha_j. */
static const double alpha_n[PRL_TMERC_ORDER][PRL_TMERC_ORDER] = {
	{ 1.0 / 2, -2.0 / 3, 5.0 / 16, 41.0 / 180, -127.0 / 288, 7891.0 / 37800 },
	{ 0, 13.0 / 48, -3.0 / 5, 557.0 / 1440, 281.0 / 630, -1983433.0 / 1935360 },
	{ 0, 0, 61.0 / 240, -103.0 / 140, 15061.0 / 26880, 167603.0 / 181440 },
	{ 0, 0, 0, 49561.0 / 161280, -179.0 / 168, 6601661.0 / 7257600 },
	{ 0, 0, 0, 0, 34729.0 / 80640, -3418889.0 / 1995840 },
	{ 0, 0, 0, 0, 0, 212378941.0 / 319334400 },
};

/* Karney 2011, eq. (36): the same of beta_j. */
static const double beta_n[PRL_TMERC_ORDER][PRL_TMERC_ORDER] = {
	{ 1.0 / 2, -2.0 / 3, 37.0 / 96, -1.0 / 360, -81.0 / 512, 96199.0 / 604800 },
	{ 0, 1.0 / 48, 1.0 / 15, -437.0 / 1440, 46.0 / 105, -1118711.0 / 3870720 },
	{ 0, 0, 17.0 / 480, -37.0 / 840, -209.0 / 4480, 5569.0 / 90720 },
	{ 0, 0, 0, 4397.0 / 161280, -11.0 / 504, -830251.0 / 7257600 },
	{ 0, 0, 0, 0, 4583.0 / 161280, -108847.0 / 3991680 },
	{ 0, 0, 0, 0, 0, 20648693.0 / 638668800 },
};

prl_tmerc prl_tmerc_make(prl_ellipsoid ellipsoid, double scale)
{
	double f = ellipsoid.flattening, n = f / (2 - f), n2 = n * n;
	prl_tmerc t = { .e = sqrt(f * (2 - f)), .scale = scale };
	/* Karney 2011, eq. (14); the next term, n^8 · 25/16384, is 4e-25. */
	t.radius_m = scale * ellipsoid.a_m / (1 + n) * (1 + n2 / 4 + n2 * n2 / 64 + n2 * n2 * n2 / 256);
	for (int j = 0; j < PRL_TMERC_ORDER; j++) {
		t.alpha[j] = series(alpha_n[j], PRL_TMERC_ORDER, n);
		t.beta[j] = series(beta_n[j], PRL_TMERC_ORDER, n);
	}
	return t;
}

double prl_conformal_tau(double tau, double e)
{
	double sigma = sinh(e * atanh(e * tau / hypot(1, tau)));
	return tau * hypot(1, sigma) - sigma * hypot(1, tau);
}

double prl_geodetic_tau(double tau_conformal, double e)
{
	double one_e2 = 1 - e * e;
	/* Above this the latitude is a pole within 1e-12 m and the step below would lose all its digits. */
	if (fabs(tau_conformal) > 1e15)
		return tau_conformal;
	/* Karney 2011, eqs. (19)–(21): two steps reach double precision from this start, five are never too few. */
	double tau = tau_conformal / one_e2;
	for (int i = 0; i < 5; i++) {
		double at = prl_conformal_tau(tau, e);
		double step = (tau_conformal - at) / hypot(1, at) * (1 + one_e2 * tau * tau) / (one_e2 * hypot(1, tau));
		tau += step;
		if (!(fabs(step) > 1e-16 * fmax(1, fabs(tau))))
			break;
	}
	return tau;
}

void prl_tmerc_forward(const prl_tmerc *t, prl_latlng place, double center_deg, double *ret_east_m, double *ret_north_m)
{
	double lambda = prl_longitude_wrap(place.lng_deg - center_deg) / PRL_RADIAN;
	double tau = prl_conformal_tau(tan(place.lat_deg / PRL_RADIAN), t->e);
	double xi0 = atan2(tau, cos(lambda)), eta0 = asinh(sin(lambda) / hypot(tau, cos(lambda)));
	double xi = xi0, eta = eta0;
	for (int j = PRL_TMERC_ORDER; j-- > 0;) {
		double k = 2 * (j + 1);
		xi += t->alpha[j] * sin(k * xi0) * cosh(k * eta0);
		eta += t->alpha[j] * cos(k * xi0) * sinh(k * eta0);
	}
	*ret_east_m = t->radius_m * eta;
	*ret_north_m = t->radius_m * xi;
}

prl_latlng prl_tmerc_inverse(const prl_tmerc *t, double east_m, double north_m, double center_deg)
{
	double xi = north_m / t->radius_m, eta = east_m / t->radius_m;
	double xi0 = xi, eta0 = eta;
	for (int j = PRL_TMERC_ORDER; j-- > 0;) {
		double k = 2 * (j + 1);
		xi0 -= t->beta[j] * sin(k * xi) * cosh(k * eta);
		eta0 -= t->beta[j] * cos(k * xi) * sinh(k * eta);
	}
	double tau = sin(xi0) / hypot(sinh(eta0), cos(xi0));
	double lambda = atan2(sinh(eta0), cos(xi0));
	return (prl_latlng){ .lat_deg = atan(prl_geodetic_tau(tau, t->e)) * PRL_RADIAN,
			     .lng_deg = prl_longitude_wrap(center_deg + lambda * PRL_RADIAN) };
}
