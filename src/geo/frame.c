#include "geo/frame.h"

prl_vec prl_frame_from_plane(const prl_frame *f, prl_xy p)
{
	double r = sqrt(prl_xy_dot(p, p));
	double q = r * sqrt(6 * f->k6); /* angle on the sphere that fits best */
	double along = q > 1e-9 ? sin(q) / q : 1;
	double down = q > 1e-9 ? r * (1 - cos(q)) / q : 0;
	prl_vec v = prl_vec_add(prl_vec_scale(f->ex, p.x * along), prl_vec_scale(f->ey, p.y * along));
	return prl_ellipsoid_drop(prl_vec_add(prl_vec_sub(f->origin, prl_vec_scale(f->normal, down)), v));
}

/* Squared distance of p to the segment a–b, when smaller than *best: takes it and says where. */
static void try_foot(prl_xy a, prl_xy b, prl_xy p, double at_other, double *best, double *ret_on, double *ret_other)
{
	double on = prl_xy_foot(a, b, p);
	prl_xy foot = { a.x + on * (b.x - a.x), a.y + on * (b.y - a.y) };
	double d2 = prl_xy_distance2(foot, p);
	if (d2 < *best) {
		*best = d2;
		*ret_on = on;
		*ret_other = at_other;
	}
}

double prl_segments_distance2(prl_xy a0, prl_xy a1, prl_xy b0, prl_xy b1, double *ret_s, double *ret_t)
{
	prl_xy da = prl_xy_sub(a1, a0), db = prl_xy_sub(b1, b0), ab = prl_xy_sub(b0, a0);
	double cross = prl_xy_cross(da, db), best = HUGE_VAL;
	if (cross != 0) {
		double s = prl_xy_cross(ab, db) / cross, t = prl_xy_cross(ab, da) / cross;
		if (s >= 0 && s <= 1 && t >= 0 && t <= 1) {
			/* Of nearly parallel segments s and t are noise: only points that do meet are a crossing. */
			prl_xy pa = { a0.x + s * da.x, a0.y + s * da.y }, pb = { b0.x + t * db.x, b0.y + t * db.y };
			best = prl_xy_distance2(pa, pb);
			*ret_s = s;
			*ret_t = t;
			if (best < 1e-8)
				return 0;
		}
	}
	/* Segments that do not cross are nearest at an end of one of them; those that cross in the noise nearly so. */
	try_foot(a0, a1, b0, 0, &best, ret_s, ret_t);
	try_foot(a0, a1, b1, 1, &best, ret_s, ret_t);
	try_foot(b0, b1, a0, 0, &best, ret_t, ret_s);
	try_foot(b0, b1, a1, 1, &best, ret_t, ret_s);
	return best;
}
