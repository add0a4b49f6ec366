#include "dss/hull.h"

#include <math.h>
#include <stdlib.h>

static int by_x(const void *a, const void *b)
{
	const prl_xy *p = a, *q = b;
	if (p->x < q->x || p->x > q->x)
		return p->x < q->x ? -1 : 1;
	return p->y < q->y ? -1 : p->y > q->y;
}

/* Takes corners off the end of the chain that the next point makes no corner. */
static size_t turn(const prl_xy *chain, size_t count, size_t least, prl_xy next)
{
	while (count > least &&
	       prl_xy_cross(prl_xy_sub(chain[count - 1], chain[count - 2]), prl_xy_sub(next, chain[count - 1])) <= 0)
		count--;
	return count;
}

/* Andrew's chains: the lower one from left to right, then the upper one back. */
size_t prl_hull(prl_xy *points, size_t count, prl_xy *ret)
{
	size_t kept = 0;
	if (count < 3)
		return 0;
	qsort(points, count, sizeof *points, by_x);
	for (size_t i = 0; i < count; i++) {
		kept = turn(ret, kept, 1, points[i]);
		ret[kept++] = points[i];
	}
	size_t lower = kept;
	for (size_t i = count - 1; i-- > 0;) {
		kept = turn(ret, kept, lower, points[i]);
		ret[kept++] = points[i];
	}
	return kept - 1; /* the first again */
}

double prl_ring_area(const prl_xy *corners, size_t count)
{
	double twice = 0;
	for (size_t i = 0; i < count; i++)
		twice += prl_xy_cross(corners[i], corners[(i + 1) % count]);
	return twice / 2;
}

double prl_hull_depth(const prl_xy *corners, size_t count, prl_xy point)
{
	double least = HUGE_VAL;
	for (size_t i = 0; i < count; i++) {
		prl_xy side = prl_xy_sub(corners[(i + 1) % count], corners[i]);
		double length = sqrt(prl_xy_dot(side, side));
		if (length > 0)
			least = fmin(least, prl_xy_cross(side, prl_xy_sub(point, corners[i])) / length);
	}
	return least;
}
