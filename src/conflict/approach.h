/* When a moving point is horizontally near: to another moving point, to a footprint. */
#ifndef PRL_CONFLICT_APPROACH_H
#define PRL_CONFLICT_APPROACH_H

#include "conflict/leg.h"
#include "conflict/spans.h"

/* A distance that is linear in time: metres at second 0, and metres a second. Never negative within the leg. */
typedef struct prl_reach {
	double metres, rate;
} prl_reach;

static inline double prl_reach_at(prl_reach reach, double t)
{
	return reach.metres + reach.rate * t;
}

/* Adds the seconds of the legs (of equal length) at which the geodesic distance of their points is <= reach. Exact
 * within 2 mm of distance. */
void prl_approach_points(const prl_leg *a, const prl_leg *b, prl_reach reach, prl_runs *runs);

/* Adds the seconds at which the distance of the leg's point to the base of the footprint (its radius not counted: it
 * belongs in reach) is <= reach; inside a region it is 0. Exact within 5 mm. The runs come merged. */
void prl_approach_footprint(const prl_leg *leg, const prl_footprint *footprint, prl_reach reach, prl_runs *runs);

/* Geodesic distance of two surface points. */
double prl_points_distance_m(prl_vec a, prl_vec b);

#endif
