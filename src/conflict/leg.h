/* A leg: a moving point between two instants, with everything linear in time: latitude, longitude, altitude and how
 * far off it may be. A body at rest is a leg whose rates are 0. */
#ifndef PRL_CONFLICT_LEG_H
#define PRL_CONFLICT_LEG_H

#include "geo/ellipsoid.h"
#include "geo/trajectory.h"

typedef struct prl_leg {
	double seconds; /* how long; 0 for an instant */
	double lat_deg, lng_deg, altitude_m, horizontal_m, vertical_m; /* at its start; longitude may exceed ±180 */
	double lat_rate, lng_rate, altitude_rate, horizontal_rate, vertical_rate; /* a second */
	double bend; /* no acceleration of its foot point in space exceeds this, m/s² */
} prl_leg;

/* The part of leg i of a trajectory (sample i to i + 1, or the one sample there is) between two instants in it. */
prl_leg prl_leg_of(const prl_trajectory *trajectory, size_t i, prl_time from, prl_time to);

/* A point at rest. */
prl_leg prl_leg_at_rest(prl_latlng at, double seconds);

static inline prl_latlng prl_leg_place(const prl_leg *leg, double t)
{
	return (prl_latlng){ leg->lat_deg + leg->lat_rate * t, leg->lng_deg + leg->lng_rate * t };
}
static inline prl_vec prl_leg_point(const prl_leg *leg, double t)
{
	return prl_ellipsoid_point(prl_leg_place(leg, t));
}
static inline double prl_leg_altitude_m(const prl_leg *leg, double t)
{
	return leg->altitude_m + leg->altitude_rate * t;
}
static inline double prl_leg_horizontal_m(const prl_leg *leg, double t)
{
	return leg->horizontal_m + leg->horizontal_rate * t;
}
static inline double prl_leg_vertical_m(const prl_leg *leg, double t)
{
	return leg->vertical_m + leg->vertical_rate * t;
}

#endif
