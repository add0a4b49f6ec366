/* The convex hull of points of a plane. */
#ifndef PRL_DSS_HULL_H
#define PRL_DSS_HULL_H

#include "geo/frame.h"

#include <stddef.h>

/* Corners of the hull, counterclockwise, into ret (room for count + 1); points are sorted. Returns how many: below 3
 * where all lie on one line. */
size_t prl_hull(prl_xy *points, size_t count, prl_xy *ret);
/* Area of a ring of corners, counterclockwise positive. */
double prl_ring_area(const prl_xy *corners, size_t count);

/* How far inside a hull a point lies: from the nearest of its sides. */
double prl_hull_depth(const prl_xy *corners, size_t count, prl_xy point);

#endif
