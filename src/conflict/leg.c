#include "conflict/leg.h"

/* Position P(φ, λ) with φ and λ linear in time: P'' = P_φφ φ'² + 2 P_φλ φ'λ' + P_λλ λ'², and on the ellipsoid
 * |P_φφ| <= 1.011 · R_max (meridian curvature and its change), |P_φλ| <= R_max |sin φ|, |P_λλ| <= R_max cos φ. */
static double bend_of(const prl_leg *leg)
{
	double lat_end = leg->lat_deg + leg->lat_rate * leg->seconds;
	double low = leg->lat_deg * lat_end <= 0 ? 0 : prl_min(fabs(leg->lat_deg), fabs(lat_end));
	double high = prl_max(fabs(leg->lat_deg), fabs(lat_end));
	double dlat = fabs(leg->lat_rate) / PRL_RADIAN, dlng = fabs(leg->lng_rate) / PRL_RADIAN;
	return PRL_WGS84_MAX_RADIUS * (1.011 * dlat * dlat + 2 * dlat * dlng * sin(high / PRL_RADIAN) +
	                               dlng * dlng * cos(low / PRL_RADIAN));
}

/* Seconds from a to a later instant: two int64 may lie farther apart than an int64 reaches. */
static double seconds_between(prl_time a, prl_time b)
{
	return (double)((uint64_t)b - (uint64_t)a) / 1e9;
}

prl_leg prl_leg_of(const prl_trajectory *trajectory, size_t i, prl_time from, prl_time to)
{
	const prl_sample *a = &trajectory->samples[i];
	prl_leg leg = { .seconds = seconds_between(from, to),
		        .lat_deg = a->lat_deg,
		        .lng_deg = trajectory->lng_deg[i],
		        .altitude_m = a->altitude_m,
		        .horizontal_m = a->horizontal_m,
		        .vertical_m = a->vertical_m };
	if (i + 1 >= trajectory->count)
		return leg;
	const prl_sample *b = a + 1;
	double whole = seconds_between(a->time, b->time), in = seconds_between(a->time, from);
	leg.lat_rate = (b->lat_deg - a->lat_deg) / whole;
	leg.lng_rate = (trajectory->lng_deg[i + 1] - trajectory->lng_deg[i]) / whole;
	leg.altitude_rate = (b->altitude_m - a->altitude_m) / whole;
	leg.horizontal_rate = (b->horizontal_m - a->horizontal_m) / whole;
	leg.vertical_rate = (b->vertical_m - a->vertical_m) / whole;
	leg.lat_deg += leg.lat_rate * in;
	leg.lng_deg += leg.lng_rate * in;
	leg.altitude_m += leg.altitude_rate * in;
	leg.horizontal_m += leg.horizontal_rate * in;
	leg.vertical_m += leg.vertical_rate * in;
	leg.bend = bend_of(&leg);
	return leg;
}

prl_leg prl_leg_at_rest(prl_latlng at, double seconds)
{
	return (prl_leg){ .seconds = seconds, .lat_deg = at.lat_deg, .lng_deg = at.lng_deg };
}
