/* The inside of rings: which side, whether a point is in it, whether the rings make sense. */
#include "base/error.h"
#include "geo/footprint.h"

/* Whether piece i passes north of the point on the point's meridian. */
static bool piece_above(const prl_footprint *f, size_t i, prl_vec point, prl_vec normal, double lat_deg, double lng_deg)
{
	/* Each end is on one side whatever piece it is seen from; the step says whether the way between the two leads over
	 * this meridian or over the opposite one. */
	double from = prl_wrap_deg(f->lng_deg[i] - lng_deg), to = prl_wrap_deg(f->lng_deg[i + 1] - lng_deg);
	double step = prl_wrap_deg(f->lng_deg[i + 1] - f->lng_deg[i]);
	if ((from < 0) == (to < 0) || (step > 0) != (from < 0))
		return false;
	double low = prl_min(f->lat_deg[i], f->lat_deg[i + 1]), high = prl_max(f->lat_deg[i], f->lat_deg[i + 1]);
	if (low == 90) /* a step at the pole itself has no length and is above everything */
		return true;
	/* A geodesic leaves the latitudes of its ends poleward only, by less than Δλ²/16 radian (both ends at 45°); a step
	 * along a meridian, whose side is noise, does not leave them at all. */
	double bulge = step * step * (1.01 / 16 / PRL_RADIAN) + 1e-12;
	if (lat_deg < low - (low < 0 ? bulge : 0))
		return true;
	if (lat_deg > high + (high > 0 ? bulge : 0))
		return false;
	/* Close by: on which side of the piece the point lies, seen along the point's own normal. */
	prl_vec u = prl_vec_sub(f->points[i], point), v = prl_vec_sub(f->points[i + 1], point);
	double turn = prl_vec_dot(prl_vec_cross(u, v), normal);
	return from < 0 ? turn < 0 : turn > 0;
}

/* Whether the box can hold a piece that crosses the half plane of the point's meridian. */
static bool cell_on_meridian(const prl_cell *c, double cos_lng, double sin_lng)
{
	double x = (c->min[0] + c->max[0]) / 2, y = (c->min[1] + c->max[1]) / 2;
	double hx = (c->max[0] - c->min[0]) / 2, hy = (c->max[1] - c->min[1]) / 2;
	double across = fabs(sin_lng) * hx + fabs(cos_lng) * hy + 1e-3;
	double along = fabs(cos_lng) * hx + fabs(sin_lng) * hy + 1e-3;
	return fabs(y * cos_lng - x * sin_lng) <= across && x * cos_lng + y * sin_lng >= -along;
}

struct meridian {
	const prl_footprint *f;
	size_t first, last; /* pieces that count */
	prl_vec point, normal;
	double lat_deg, lng_deg, cos_lng, sin_lng;
};

static bool odd_above_pieces(const struct meridian *m, size_t from, size_t to)
{
	bool odd = false;
	from = from > m->first ? from : m->first;
	to = to < m->last ? to : m->last;
	for (size_t i = from; i < to; i++)
		odd ^= piece_above(m->f, i, m->point, m->normal, m->lat_deg, m->lng_deg);
	return odd;
}

static bool odd_above_node(const struct meridian *m, unsigned level, size_t node)
{
	const prl_footprint *f = m->f;
	if (!cell_on_meridian(&f->cells[f->level_start[level] + node], m->cos_lng, m->sin_lng))
		return false;
	if (level == 0)
		return odd_above_pieces(m, node * PRL_TREE_WIDTH, (node + 1) * PRL_TREE_WIDTH);
	size_t end = f->level_start[level] - f->level_start[level - 1], from = node * PRL_TREE_WIDTH;
	bool odd = false;
	for (size_t i = from; i < from + PRL_TREE_WIDTH && i < end; i++)
		odd ^= odd_above_node(m, level - 1, i);
	return odd;
}

bool prl_ring_contains(const prl_footprint *f, size_t ring, prl_vec point, double lat_deg, double lng_deg)
{
	struct meridian m = { f, f->path_start[ring], f->path_start[ring + 1] - 1, point, prl_ellipsoid_normal(point),
		              lat_deg, lng_deg, 0, 0 };
	bool odd = false;
	if (!f->cells) {
		odd = odd_above_pieces(&m, 0, SIZE_MAX);
	} else {
		sincos(lng_deg / PRL_RADIAN, &m.sin_lng, &m.cos_lng);
		size_t top = f->level_start[f->levels] - f->level_start[f->levels - 1];
		for (size_t i = 0; i < top; i++)
			odd ^= odd_above_node(&m, f->levels - 1, i);
	}
	return odd != f->holds_north[ring];
}

bool prl_region_contains(const prl_footprint *f, prl_vec point, double lat_deg, double lng_deg)
{
	if (f->base != PRL_BASE_REGION || !prl_ring_contains(f, 0, point, lat_deg, lng_deg))
		return f->base == PRL_BASE_EVERYWHERE;
	for (size_t ring = 1; ring < f->path_count; ring++)
		if (prl_ring_contains(f, ring, point, lat_deg, lng_deg))
			return false;
	return true;
}

/* ---- measures ------------------------------------------------------------------------------------------------ */

/* Area between the equator and the parallel through z for a turn of one radian: with s = z/b the sine of the reduced
 * latitude, dA = a b √(1 + e'² s²) ds dλ. The series leaves out e'⁴ s⁵/40, one part in 10⁶. */
static double area_below(double z)
{
	double s = z / PRL_WGS84_B;
	return PRL_WGS84_A * PRL_WGS84_B * s * (1 + PRL_WGS84_EP2 * s * s / 6);
}

/* Tangent of half the authalic latitude: that of the point of a sphere of equal area that stands for it. */
static double authalic_half_tan(double z)
{
	double s = prl_min(1, prl_max(-1, area_below(z) / area_below(PRL_WGS84_B)));
	return s / (1 + sqrt(1 - s * s));
}

/* Turns of a ring round the axis (-1, 0, 1), and the area between it and the equator, north counted positive: that
 * under a great circle between the two ends of each piece on the sphere of equal area. A geodesic of 25 km bulges by a
 * flattening's part less or more. Of a ring that is measured in a plane only the hemisphere matters: trapezia. */
static void ring_measure(const prl_footprint *f, size_t ring, double *ret_turns, double *ret_integral)
{
	double turns = 0, integral = 0, top = area_below(PRL_WGS84_B);
	double before = f->plane ? 0 : authalic_half_tan(f->points[f->path_start[ring]].z);
	for (size_t i = f->path_start[ring]; i + 1 < f->path_start[ring + 1]; i++) {
		double step = prl_wrap_deg(f->lng_deg[i + 1] - f->lng_deg[i]) * PRL_DEGREE;
		turns += step;
		if (f->plane) {
			integral += step * (area_below(f->points[i].z) + area_below(f->points[i + 1].z)) / 2;
			continue;
		}
		double after = authalic_half_tan(f->points[i + 1].z);
		integral += 2 * top * atan2(sin(step / 2) * (before + after), cos(step / 2) * (1 + before * after));
		before = after;
	}
	*ret_turns = rint(turns / 6.28318530717958647693);
	*ret_integral = integral;
}

/* Within 5 km of the frame's origin the plane's areas are off by one part in a million at most; differences of areas
 * that reach down to the equator would be rounded by a tenth of a square metre. */
static double plane_area(const prl_footprint *f, size_t ring)
{
	double twice = 0;
	for (size_t i = f->path_start[ring]; i + 1 < f->path_start[ring + 1]; i++)
		twice += prl_xy_cross(f->plane[i], f->plane[i + 1]);
	return fabs(twice) / 2;
}

/* Whether all of a small region is off the axis: no ring then goes round it, and the inside of none holds a pole. */
static bool off_axis(const prl_footprint *f)
{
	prl_vec o = f->frame.origin;
	return f->plane && o.x * o.x + o.y * o.y > 4 * f->reach_m * f->reach_m;
}

/* The inside is the smaller side. A ring that goes round the axis parts the poles: the side with the north pole has the
 * area of the northern hemisphere less what lies between ring and equator. One that does not has both poles on one
 * side, the outside unless that is the smaller. */
static double ring_area(const prl_footprint *f, size_t ring, bool *ret_holds_north)
{
	const double two_pi = 6.28318530717958647693;
	double turns, integral, half = two_pi * area_below(PRL_WGS84_B);
	*ret_holds_north = false;
	if (off_axis(f))
		return plane_area(f, ring);
	ring_measure(f, ring, &turns, &integral);
	double north = fabs(turns != 0 ? turns * half - integral : integral);
	bool small = north <= half;
	*ret_holds_north = turns != 0 ? small : !small;
	return f->plane ? plane_area(f, ring) : small ? north : 2 * half - north;
}

static void measure_bounds(prl_footprint *f)
{
	double south = 90, north = -90, west = 0, east = 0, at = 0;
	for (size_t i = f->path_start[0]; i < f->path_start[1]; i++) { /* holes lie inside the outline */
		south = prl_min(south, f->lat_deg[i]);
		north = prl_max(north, f->lat_deg[i]);
		if (i > f->path_start[0])
			at += prl_wrap_deg(f->lng_deg[i] - f->lng_deg[i - 1]);
		west = prl_min(west, at);
		east = prl_max(east, at);
	}
	/* A piece of length s stands out poleward by s² tan φ / 8R at most. */
	double high = prl_min(prl_max(fabs(south), fabs(north)), 89.9);
	double bulge = prl_piece_bulge_m(f->longest_m) * tan(high / PRL_RADIAN) / PRL_WGS84_MIN_RADIUS * PRL_RADIAN + 1e-9;
	bool round = east - west > 359;
	if (round || north > 89.4)
		north = f->base == PRL_BASE_LINE || f->holds_north[0] || north > 89.4 ? 90 : north;
	if (round || south < -89.4)
		south = f->base == PRL_BASE_LINE || !f->holds_north[0] || south < -89.4 ? -90 : south;
	if (f->base == PRL_BASE_REGION && f->holds_north[0] && !round) { /* more than half the earth, both poles in */
		south = -90;
		north = 90;
		round = true;
	}
	double first = f->lng_deg[f->path_start[0]];
	bool full = round || north >= 90 || south <= -90;
	f->bounds = (prl_bounds){
		.south_deg = prl_max(-90, south - bulge),
		.north_deg = prl_min(90, north + bulge),
		.west_deg = full ? -180 : prl_wrap_deg(first + west - 1e-9),
		.east_deg = full ? 180 : prl_wrap_deg(first + east + 1e-9),
	};
}

void prl_footprint_measure(prl_footprint *f)
{
	f->area_m2 = 0;
	for (size_t ring = 0; ring < f->path_count; ring++) {
		f->holds_north[ring] = false;
		if (f->base != PRL_BASE_REGION)
			continue;
		double area = ring_area(f, ring, &f->holds_north[ring]);
		f->area_m2 += ring ? -area : area;
	}
	measure_bounds(f);
}

double prl_footprint_area_m2(const prl_footprint *footprint)
{
	const double pi = 3.14159265358979323846;
	double r = footprint->radius_m;
	if (footprint->base == PRL_BASE_EVERYWHERE)
		return 5.10065621724e14;
	if (footprint->base == PRL_BASE_REGION)
		return footprint->area_m2;
	double length = 0;
	for (size_t i = 0; i < prl_piece_count(footprint); i++)
		length += prl_vec_length(prl_vec_sub(footprint->points[i + 1], footprint->points[i]));
	/* A cap of a sphere, and the band along the line. */
	return 2 * pi * 6371007.2 * 6371007.2 * (1 - cos(r / 6371007.2)) + 2 * r * length;
}

prl_bounds prl_bounds_widen(prl_bounds b, double metres)
{
	/* Radius of curvature is nowhere below PRL_WGS84_MIN_RADIUS, so no degree is shorter than taken here. */
	double angle = metres / PRL_WGS84_MIN_RADIUS;
	double south = b.south_deg - angle * PRL_RADIAN, north = b.north_deg + angle * PRL_RADIAN;
	if (south <= -89.999 || north >= 89.999 || (b.west_deg == -180 && b.east_deg == 180))
		return (prl_bounds){ prl_max(south, -90), prl_min(north, 90), -180, 180 };
	double high = prl_max(fabs(b.south_deg), fabs(b.north_deg)) / PRL_RADIAN;
	/* Meridians that touch a circle of angle δ at latitude φ are asin(sin δ / cos φ) from its centre on a sphere; the
	 * ellipsoid's parallels differ from the sphere's by less than 0.4 %. */
	double spread = 1.005 * sin(prl_min(angle, 1.57)) / cos(high);
	spread = spread < 1 && angle < 1.5 ? asin(spread) * PRL_RADIAN : 360;
	double width = prl_wrap_deg(b.east_deg - b.west_deg);
	width += width < 0 ? 360 : 0;
	if (width + 2 * spread >= 360)
		return (prl_bounds){ south, north, -180, 180 };
	return (prl_bounds){ south, north, prl_wrap_deg(b.west_deg - spread), prl_wrap_deg(b.east_deg + spread) };
}

prl_bounds prl_footprint_bounds(const prl_footprint *footprint, double margin_m)
{
	return prl_bounds_widen(footprint->bounds, footprint->radius_m + margin_m + 1e-3);
}

/* ---- rings that make sense ----------------------------------------------------------------------------------- */


/* Whether two segments cross with every end farther than that from the other's line. */
static bool cross_in_plane(double touch_m, prl_xy a0, prl_xy a1, prl_xy b0, prl_xy b1)
{
	prl_xy a = prl_xy_sub(a1, a0), b = prl_xy_sub(b1, b0);
	double side0 = prl_xy_cross(a, prl_xy_sub(b0, a0)), side1 = prl_xy_cross(a, prl_xy_sub(b1, a0));
	double side2 = prl_xy_cross(b, prl_xy_sub(a0, b0)), side3 = prl_xy_cross(b, prl_xy_sub(a1, b0));
	if ((side0 > 0) == (side1 > 0) || (side2 > 0) == (side3 > 0))
		return false;
	double la = touch_m * sqrt(prl_xy_dot(a, a)), lb = touch_m * sqrt(prl_xy_dot(b, b));
	return prl_min(fabs(side0), fabs(side1)) > la && prl_min(fabs(side2), fabs(side3)) > lb;
}

/* Two pieces and the points before and after them, in one plane. */
struct crossing {
	const prl_footprint *f;
	prl_frame frame;
};

static prl_xy seen(const struct crossing *c, size_t point)
{
	return c->f->plane ? c->f->plane[point] : prl_frame_to_plane(&c->frame, c->f->points[point]);
}

/* The point after or before one in its ring; the last of a ring repeats its first. */
static size_t point_next(const prl_footprint *f, size_t point, bool forward)
{
	size_t ring = 0;
	while (point >= f->path_start[ring + 1])
		ring++;
	size_t first = f->path_start[ring], last = f->path_start[ring + 1] - 1;
	if (forward)
		return point < last ? point + 1 : first + 1;
	return point > first ? point - 1 : last - 1;
}

/* The way from v along the ring, starting with a point of it, as far as the first point that is plainly away from v. */
static prl_xy way_from(const struct crossing *c, prl_xy v, size_t point, bool forward)
{
	double away = 10 * c->f->touch_m;
	prl_xy way = prl_xy_sub(seen(c, point), v);
	for (int i = 0; i < 64 && prl_xy_dot(way, way) < away * away; i++) {
		point = point_next(c->f, point, forward);
		way = prl_xy_sub(seen(c, point), v);
	}
	return way;
}

/* Whether direction d lies strictly inside the turn from a to b, counter-clockwise. */
static bool in_turn(prl_xy a, prl_xy b, prl_xy d)
{
	if (prl_xy_cross(a, b) >= 0)
		return prl_xy_cross(a, d) > 0 && prl_xy_cross(d, b) > 0;
	return !(prl_xy_cross(b, d) >= 0 && prl_xy_cross(d, a) >= 0);
}

/* Whether d runs along the ray a, within touch_m at d's end. */
static bool along(double touch_m, prl_xy a, prl_xy d)
{
	return prl_xy_dot(a, d) > 0 && fabs(prl_xy_cross(a, d)) <= touch_m * sqrt(prl_xy_dot(a, a));
}

/* Whether the ring passes from one side of piece j to the other at the end of piece i, which lies on j: either inside
 * j, or at its end, where the two ways in and the two ways out must not alternate round the point. */
static bool cross_at_end(const struct crossing *c, size_t i, size_t j)
{
	prl_xy v = seen(c, i + 1), b0 = seen(c, j), b1 = seen(c, j + 1);
	double t = prl_xy_foot(b0, b1, v);
	prl_xy foot = { b0.x + t * (b1.x - b0.x), b0.y + t * (b1.y - b0.y) };
	const double touch_m = c->f->touch_m, near2 = touch_m * touch_m;
	if (prl_xy_distance2(foot, v) > near2 || prl_xy_distance2(b0, v) <= near2)
		return false; /* apart, or at the start of j: the end of the piece before it */
	prl_xy before = way_from(c, v, i, false), after = way_from(c, v, point_next(c->f, i + 1, true), true);
	prl_xy in = way_from(c, v, j, false), out = way_from(c, v, j + 1, true);
	if (along(touch_m, before, in) || along(touch_m, before, out) || along(touch_m, after, in) ||
	    along(touch_m, after, out))
		return false; /* two edges that run together touch */
	return in_turn(before, after, in) != in_turn(before, after, out) &&
	       in_turn(after, before, in) != in_turn(after, before, out);
}

static bool pieces_cross(const prl_footprint *f, size_t i, size_t j)
{
	struct crossing c = { .f = f };
	prl_vec at = prl_vec_mix(f->points[i], f->points[i + 1], 0.5);
	/* Beyond one plane the frame is moved to where the two are nearest: there a piece is straight (geo/frame.h). Seen
	 * from the middle of piece i it may bend by 25 km · (12.5 km)² K/3 = 3 cm. */
	for (int round = 0; round < 2; round++) {
		double s = 0, t = 0;
		if (!f->plane)
			c.frame = prl_frame_at(prl_ellipsoid_drop(at));
		double d2 = prl_segments_distance2(seen(&c, i), seen(&c, i + 1), seen(&c, j), seen(&c, j + 1), &s, &t);
		if (d2 > (f->plane ? f->touch_m * f->touch_m : 0.01))
			return false;
		at = prl_vec_mix(f->points[i], f->points[i + 1], s);
	}
	return cross_in_plane(f->touch_m, seen(&c, i), seen(&c, i + 1), seen(&c, j), seen(&c, j + 1)) ||
	       cross_at_end(&c, i, j) || cross_at_end(&c, j, i);
}

static prl_cell piece_cell(const prl_footprint *f, size_t i)
{
	prl_vec a = f->points[i], b = f->points[i + 1];
	double bulge = prl_piece_bulge_m(prl_vec_length(prl_vec_sub(b, a))) + 1e-6;
	return (prl_cell){
		{ prl_min(a.x, b.x) - bulge, prl_min(a.y, b.y) - bulge, prl_min(a.z, b.z) - bulge },
		{ prl_max(a.x, b.x) + bulge, prl_max(a.y, b.y) + bulge, prl_max(a.z, b.z) + bulge },
	};
}

static bool cells_meet(const prl_cell *a, const prl_cell *b)
{
	return a->min[0] <= b->max[0] && b->min[0] <= a->max[0] && a->min[1] <= b->max[1] && b->min[1] <= a->max[1] &&
	       a->min[2] <= b->max[2] && b->min[2] <= a->max[2];
}

/* Whether piece i is the first of the ring that piece j closes. */
static bool point_follows(const prl_footprint *f, size_t j, size_t i)
{
	return f->points[j + 1].x == f->points[i].x && f->points[j + 1].y == f->points[i].y &&
	       f->points[j + 1].z == f->points[i].z && point_next(f, j + 1, true) == i + 1;
}

/* Whether the boxes of two pieces are apart in the plane by more than may count as touching. */
static bool apart_in_plane(const prl_footprint *f, size_t i, size_t j)
{
	prl_xy a0 = f->plane[i], a1 = f->plane[i + 1], b0 = f->plane[j], b1 = f->plane[j + 1];
	double x = prl_max(prl_min(a0.x, a1.x) - prl_max(b0.x, b1.x), prl_min(b0.x, b1.x) - prl_max(a0.x, a1.x));
	double y = prl_max(prl_min(a0.y, a1.y) - prl_max(b0.y, b1.y), prl_min(b0.y, b1.y) - prl_max(a0.y, a1.y));
	return prl_max(x, y) > f->touch_m;
}

/* Pairs of pieces that are looked at: enough for rings twenty times as tangled as coasts are; a second of work.
 * Edges that all lie on each other would make it the square of their number. */
#define MAX_TESTS (5000000 + 100 * pieces)

/* A search for two pieces that cross. */
struct tangle {
	const prl_footprint *f;
	size_t pair[2];
	size_t tests_left;
};

/* The first crossing of pieces [i0, i1) with pieces [j0, j1), i < j; also true when no tests are left. */
static bool find_crossing(struct tangle *c, size_t i0, size_t i1, size_t j0, size_t j1)
{
	const prl_footprint *f = c->f;
	for (size_t i = i0; i < i1; i++) {
		if (!prl_piece_exists(f, i))
			continue;
		prl_cell cell = f->plane ? (prl_cell){ { 0 }, { 0 } } : piece_cell(f, i);
		for (size_t j = j0 > i + 1 ? j0 : i + 1; j < j1; j++) {
			if (!c->tests_left)
				return true;
			c->tests_left--;
			if (j == i + 1 || point_follows(f, j, i))
				continue; /* neighbours */
			if (!f->plane) {
				prl_cell other = piece_cell(f, j);
				if (!cells_meet(&cell, &other))
					continue;
			}
			if (f->plane && apart_in_plane(f, i, j))
				continue;
			unsigned cost = f->plane ? 8 : 32; /* so much longer takes what comes now */
			c->tests_left -= c->tests_left > cost ? cost : 0;
			if (prl_piece_exists(f, j) && pieces_cross(f, i, j)) {
				c->pair[0] = i;
				c->pair[1] = j;
				return true;
			}
		}
	}
	return false;
}

static bool find_in_nodes(struct tangle *c, unsigned level, size_t a, size_t b)
{
	const prl_footprint *f = c->f;
	const prl_cell *cells = f->cells + f->level_start[level];
	size_t pieces = prl_piece_count(f);
	if (a != b && !cells_meet(&cells[a], &cells[b]))
		return false;
	if (level == 0) {
		size_t a1 = (a + 1) * PRL_TREE_WIDTH, b1 = (b + 1) * PRL_TREE_WIDTH;
		return find_crossing(c, a * PRL_TREE_WIDTH, a1 < pieces ? a1 : pieces, b * PRL_TREE_WIDTH,
		                     b1 < pieces ? b1 : pieces);
	}
	size_t end = f->level_start[level] - f->level_start[level - 1];
	for (size_t i = a * PRL_TREE_WIDTH; i < (a + 1) * PRL_TREE_WIDTH && i < end; i++)
		for (size_t j = a == b ? i : b * PRL_TREE_WIDTH; j < (b + 1) * PRL_TREE_WIDTH && j < end; j++)
			if (find_in_nodes(c, level - 1, i, j))
				return true;
	return false;
}

static bool find_any_crossing(struct tangle *c)
{
	const prl_footprint *f = c->f;
	size_t pieces = prl_piece_count(f);
	c->tests_left = MAX_TESTS;
	if (!f->cells)
		return find_crossing(c, 0, pieces, 0, pieces);
	size_t top = f->level_start[f->levels] - f->level_start[f->levels - 1];
	for (size_t i = 0; i < top; i++)
		for (size_t j = i; j < top; j++)
			if (find_in_nodes(c, f->levels - 1, i, j))
				return true;
	return false;
}

/* Whether some of a ring lies inside (or outside) another that it does not cross, by the middles of up to 64 of its
 * pieces. Those that lie on the other ring may say either, so that only "none" tells. */
static bool some_of_ring(const prl_footprint *f, size_t ring, size_t other, bool inside)
{
	size_t first = f->path_start[ring], pieces = f->path_start[ring + 1] - 1 - first, step = pieces / 64 + 1;
	for (size_t i = first; i < first + pieces; i += step) {
		prl_vec p = prl_ellipsoid_drop(prl_vec_mix(f->points[i], f->points[i + 1], 0.5));
		prl_latlng at = prl_ellipsoid_place(p);
		if (prl_ring_contains(f, other, p, at.lat_deg, at.lng_deg) == inside)
			return true;
	}
	return false;
}

prl_status prl_region_validate(const prl_footprint *f, prl_error *err)
{
	struct tangle c = { .f = f };
	bool crosses = find_any_crossing(&c);
	const size_t *pair = c.pair;
	if (crosses && !c.tests_left)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu edges (after cutting) so tangled that they cannot be checked in "
		                     "bounded time; expected edges that do not lie on each other", prl_piece_count(f));
	if (crosses)
		return prl_error_set(err, PRL_E_RANGE,
		                     "the edges near %.6f %.6f and near %.6f %.6f cross (latitude, longitude); expected a ring "
		                     "whose edges do not cross",
		                     f->lat_deg[pair[0]], f->lng_deg[pair[0]], f->lat_deg[pair[1]], f->lng_deg[pair[1]]);
	for (size_t ring = 0; ring < f->path_count && !off_axis(f); ring++) {
		double turns, integral;
		ring_measure(f, ring, &turns, &integral);
		if (fabs(turns) > 1) /* through one of its own vertices, or find_any_crossing() had said so */
			return prl_error_set(err, PRL_E_RANGE, "ring %zu goes %.0f times round a pole; expected at most once", ring,
			                     fabs(turns));
	}
	for (size_t ring = 1; ring < f->path_count; ring++) {
		if (!some_of_ring(f, ring, 0, true))
			return prl_error_set(err, PRL_E_RANGE, "ring %zu, a hole, lies outside ring 0, the outline", ring);
		for (size_t other = 1; other < f->path_count && f->path_count <= 1000; other++)
			if (other != ring && !some_of_ring(f, ring, other, false))
				return prl_error_set(err, PRL_E_RANGE, "ring %zu, a hole, lies in ring %zu, another hole", ring,
				                     other);
	}
	return PRL_OK;
}

/* ---- tree ---------------------------------------------------------------------------------------------------- */

size_t prl_footprint_cell_count(size_t pieces)
{
	if (pieces <= PRL_TREE_WIDTH)
		return 0;
	size_t total = 0, level = pieces;
	do {
		level = (level + PRL_TREE_WIDTH - 1) / PRL_TREE_WIDTH;
		total += level;
	} while (level > PRL_TREE_WIDTH);
	return total;
}

static void cell_add(prl_cell *cell, const prl_cell *more)
{
	for (int k = 0; k < 3; k++) {
		cell->min[k] = prl_min(cell->min[k], more->min[k]);
		cell->max[k] = prl_max(cell->max[k], more->max[k]);
	}
}

void prl_footprint_plant(prl_footprint *f)
{
	size_t count = prl_piece_count(f), at = 0, below = 0;
	f->levels = 0;
	f->level_start[0] = 0;
	if (!f->cells)
		return;
	do {
		size_t nodes = (count + PRL_TREE_WIDTH - 1) / PRL_TREE_WIDTH;
		for (size_t n = 0; n < nodes; n++) {
			prl_cell cell = { { HUGE_VAL, HUGE_VAL, HUGE_VAL }, { -HUGE_VAL, -HUGE_VAL, -HUGE_VAL } };
			for (size_t i = n * PRL_TREE_WIDTH; i < (n + 1) * PRL_TREE_WIDTH && i < count; i++) {
				if (f->levels == 0 && !prl_piece_exists(f, i))
					continue;
				prl_cell one = f->levels == 0 ? piece_cell(f, i) : f->cells[below + i];
				cell_add(&cell, &one);
			}
			f->cells[at + n] = cell;
		}
		below = at;
		at += nodes;
		f->level_start[++f->levels] = at;
		count = nodes;
	} while (count > PRL_TREE_WIDTH);
}

double prl_cells_distance2(const prl_cell *a, const prl_cell *b)
{
	double sum = 0;
	for (int k = 0; k < 3; k++) {
		double gap = prl_max(a->min[k] - b->max[k], b->min[k] - a->max[k]);
		sum += gap > 0 ? gap * gap : 0;
	}
	return sum;
}
