/* Whether footprints lie within an outline P, what is up to TAKEN_M outside of it taken (and nothing that is 1.01 m
 * outside: planes and series are off by less than 7 cm).
 *
 * Circle of radius r about c in a circle of R about C, d apart: the farthest point is d + r away, on the geodesic from
 * C through c; no minimal geodesic ends before 19,970 km, and R is 10,000 km at most.
 *
 * Polygon in a circle: its vertices. A geodesic disk of up to 9,985 km is convex (half the injectivity radius, and a
 * quarter turn of the greatest curvature 1/b²), so it holds the edges; it is less than half of the earth, so it holds
 * the smaller side of the ring. A larger circle is taken for one of 9,900 km.
 *
 * Circle in a polygon: if c is in P and s from its boundary, a point of the circle that is outside P has on its way
 * from c a point of the boundary, at s or more: it is r − s outside at most. If c is not in P, c's distance and r
 * count.
 *
 * Polygon in a polygon. Points of an inner piece that are within TAKEN_M of one outer piece are an interval of it: the
 * distance to a convex set is convex along a line. What no such interval covers is away from P's boundary, so each gap
 * between the intervals is inside P or outside as its middle is. So the inner boundary is known to lie in P widened, or
 * not. P has no hole, and neither has P widened, unless P comes as near as 2 TAKEN_M to itself across its outside; with
 * no hole a closed curve in it has its inside in it. Where there may be such a mouth, what is behind it shows by P's
 * vertices deep in the inner polygon, or by points deep in the inner polygon, beside its edges, that are not in P. Of
 * polygons that lie within P none of the two happens. */
#include "dss/extent_make.h"

#include "base/error.h"
#include "geo/footprint.h"

#include <string.h>

#define TAKEN_M   0.9
#define CONVEX_M  9900e3
#define DEEP_M    1.0
#define INWARD_M  1.5
#define NEAR_ENDS 100e3 /* prl_near_distance_m() */

/* An outline with what is made of it when it is needed. */
struct side {
	const prl_extent *extent;
	const prl_outline *outline;
	const prl_footprint *footprint;
	prl_footprint *ring; /* the boundary of a polygon, as a line */
};

static bool is_circle(const struct side *s)
{
	return s->outline->count == 1;
}

static const prl_latlng *vertices_of(const struct side *s)
{
	return s->extent->at + s->outline->first;
}

static prl_status make_ring(struct side *s, prl_error *err)
{
	size_t count = s->outline->count;
	if (s->ring)
		return PRL_OK;
	prl_latlng *points = prl_array_new(count + 1, sizeof *points);
	if (!points)
		return prl_error_memory(err);
	memcpy(points, vertices_of(s), count * sizeof *points);
	points[count] = points[0];
	prl_status status = prl_footprint_corridor(points, count + 1, PRL_EDGES_GEODESIC, 0, 0, &s->ring, err);
	free(points);
	/* What cannot be is taken for its ball (extent_make.h), and so is its boundary. */
	return status && status != PRL_E_MEMORY ? prl_outline_footprint(s->extent, s->outline, &s->ring, err) : status;
}

/* Whether a place comes within so many metres of a footprint. */
static prl_status place_within(prl_latlng place, const prl_footprint *f, double limit_m, bool *ret, prl_error *err)
{
	prl_footprint *point = NULL;
	prl_status status = prl_footprint_circle(place, 0, 0, &point, err);
	if (status)
		return status;
	*ret = prl_footprint_within(point, f, limit_m, NULL);
	prl_footprint_free(point);
	return PRL_OK;
}

/* ---- circles ----------------------------------------------------------------------------------------------------- */

static double distance_m(prl_latlng a, prl_latlng b)
{
	prl_vec p = prl_ellipsoid_point(a), q = prl_ellipsoid_point(b), way = prl_vec_sub(p, q);
	return prl_vec_dot(way, way) < NEAR_ENDS * NEAR_ENDS ? prl_near_distance_m(p, q) : prl_distance_m(a, b);
}

static bool in_circle(const struct side *outer, const struct side *inner)
{
	prl_latlng centre = *vertices_of(outer);
	double most = outer->outline->radius_m;
	if (is_circle(inner))
		return distance_m(centre, *vertices_of(inner)) + inner->outline->radius_m <= most + TAKEN_M;
	most = prl_min(most, CONVEX_M) + TAKEN_M;
	for (size_t i = 0; i < inner->outline->count; i++)
		if (distance_m(centre, vertices_of(inner)[i]) > most)
			return false;
	return true;
}

static prl_status circle_in_polygon(struct side *outer, const struct side *inner, bool *ret, prl_error *err)
{
	prl_latlng centre = *vertices_of(inner);
	double spare =
		TAKEN_M - inner->outline->radius_m; /* how far outside c may be; less than 0: how deep it must be */
	bool near = false;
	if (spare >= 0)
		return place_within(centre, outer->footprint, spare, ret, err);
	if (!prl_footprint_contains(outer->footprint, centre)) {
		*ret = false;
		return PRL_OK;
	}
	prl_status status = make_ring(outer, err);
	if (!status)
		status = place_within(centre, outer->ring, -spare, &near, err);
	*ret = !near;
	return status;
}

/* ---- one piece of the inner boundary ----------------------------------------------------------------------------- */

struct span {
	double from, to; /* in [0, 1] along the piece */
};

struct walk {
	const prl_footprint *outer;
	struct span *spans; /* room for all pieces of outer */
	size_t count;
	prl_cell cell; /* of the inner piece, widened */
	prl_frame frame;
	prl_xy from, to;
};

/* Narrows *span to where a + t b <= 0. */
static void clip(double a, double b, struct span *span)
{
	if (b > 0)
		span->to = prl_min(span->to, -a / b);
	else if (b < 0)
		span->from = prl_max(span->from, -a / b);
	else if (a > 0)
		span->to = -1;
}

static void join(struct span *all, struct span more)
{
	if (more.from > more.to)
		return;
	all->from = prl_min(all->from, more.from);
	all->to = prl_max(all->to, more.to);
}

/* Where the way from w->from to w->to is within TAKEN_M of a point. */
static struct span near_point(const struct walk *w, prl_xy p)
{
	prl_xy way = prl_xy_sub(w->to, w->from), off = prl_xy_sub(w->from, p);
	double a = prl_xy_dot(way, way), b = prl_xy_dot(way, off), c = prl_xy_dot(off, off) - TAKEN_M * TAKEN_M;
	double root = b * b - a * c;
	if (a <= 0)
		return c <= 0 ? (struct span){ 0, 1 } : (struct span){ 1, 0 };
	if (root < 0)
		return (struct span){ 1, 0 };
	root = sqrt(root);
	return (struct span){ prl_max(0, (-b - root) / a), prl_min(1, (-b + root) / a) };
}

/* Where it is beside a segment, within TAKEN_M of it. */
static struct span near_side(const struct walk *w, prl_xy p, prl_xy q)
{
	prl_xy along = prl_xy_sub(q, p), way = prl_xy_sub(w->to, w->from), off = prl_xy_sub(w->from, p);
	double length2 = prl_xy_dot(along, along), wide = TAKEN_M * sqrt(length2);
	struct span span = { 0, 1 };
	double s = prl_xy_dot(along, off), ds = prl_xy_dot(along, way);
	double u = prl_xy_cross(along, off), du = prl_xy_cross(along, way);
	clip(-s, -ds, &span);
	clip(s - length2, ds, &span);
	clip(u - wide, du, &span);
	clip(-u - wide, -du, &span);
	return span;
}

static void take_piece(struct walk *w, size_t i)
{
	const prl_footprint *f = w->outer;
	prl_xy p = prl_frame_to_plane(&w->frame, f->points[i]), q = prl_frame_to_plane(&w->frame, f->points[i + 1]);
	struct span span = { 1, 0 };
	join(&span, near_point(w, p));
	join(&span, near_point(w, q));
	join(&span, near_side(w, p, q));
	if (span.from <= span.to)
		w->spans[w->count++] = span;
}

static prl_cell cell_of(const prl_footprint *f, size_t i, double wider_m)
{
	prl_vec a = f->points[i], b = f->points[i + 1];
	wider_m += prl_piece_bulge_m(f->longest_m);
	return (prl_cell){
		{ prl_min(a.x, b.x) - wider_m, prl_min(a.y, b.y) - wider_m, prl_min(a.z, b.z) - wider_m },
		{ prl_max(a.x, b.x) + wider_m, prl_max(a.y, b.y) + wider_m, prl_max(a.z, b.z) + wider_m },
	};
}

static void take_pieces(struct walk *w, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < prl_piece_count(w->outer); i++) {
		prl_cell cell = cell_of(w->outer, i, 0);
		if (prl_cells_distance2(&w->cell, &cell) <= 0)
			take_piece(w, i);
	}
}

static void take_node(struct walk *w, unsigned level, size_t node)
{
	const prl_footprint *f = w->outer;
	if (prl_cells_distance2(&w->cell, &f->cells[f->level_start[level] + node]) > 0)
		return;
	size_t from = node * PRL_TREE_WIDTH;
	if (level == 0) {
		take_pieces(w, from, from + PRL_TREE_WIDTH);
		return;
	}
	size_t end = f->level_start[level] - f->level_start[level - 1];
	for (size_t i = from; i < from + PRL_TREE_WIDTH && i < end; i++)
		take_node(w, level - 1, i);
}

/* Fills spans with where piece i of inner is near outer's boundary. */
static void find_spans(struct walk *w, const prl_footprint *inner, size_t i)
{
	const prl_footprint *f = w->outer;
	w->count = 0;
	w->cell = cell_of(inner, i, 2 * TAKEN_M);
	w->frame = prl_frame_at(prl_ellipsoid_drop(prl_vec_mix(inner->points[i], inner->points[i + 1], 0.5)));
	w->from = prl_frame_to_plane(&w->frame, inner->points[i]);
	w->to = prl_frame_to_plane(&w->frame, inner->points[i + 1]);
	if (!f->cells) {
		take_pieces(w, 0, prl_piece_count(f));
		return;
	}
	size_t top = f->level_start[f->levels] - f->level_start[f->levels - 1];
	for (size_t n = 0; n < top; n++)
		take_node(w, f->levels - 1, n);
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *s = a, *t = b;
	return s->from < t->from ? -1 : s->from > t->from;
}

/* Whether the middle of a stretch of the piece lies in outer. */
static bool gap_inside(const struct walk *w, const prl_footprint *inner, size_t i, double from, double to)
{
	prl_vec at = prl_ellipsoid_drop(prl_vec_mix(inner->points[i], inner->points[i + 1], (from + to) / 2));
	prl_latlng place = prl_ellipsoid_place(at);
	return prl_region_contains(w->outer, at, place.lat_deg, place.lng_deg);
}

static bool piece_inside(struct walk *w, const prl_footprint *inner, size_t i)
{
	find_spans(w, inner, i);
	qsort(w->spans, w->count, sizeof *w->spans, compare_spans);
	double done = 0;
	for (size_t k = 0; k < w->count; k++) {
		if (w->spans[k].from > done && !gap_inside(w, inner, i, done, w->spans[k].from))
			return false;
		done = prl_max(done, w->spans[k].to);
	}
	return done >= 1 || gap_inside(w, inner, i, done, 1);
}

static prl_status boundary_inside(const struct side *outer, const struct side *inner, bool *ret, prl_error *err)
{
	struct walk w = { .outer = outer->footprint };
	w.spans = prl_array_new(prl_piece_count(outer->footprint), sizeof *w.spans);
	if (!w.spans)
		return prl_error_memory(err);
	bool inside = true;
	for (size_t i = 0; i < prl_piece_count(inner->footprint) && inside; i++)
		inside = piece_inside(&w, inner->footprint, i);
	free(w.spans);
	*ret = inside;
	return PRL_OK;
}

/* ---- what is behind a mouth -------------------------------------------------------------------------------------- */

/* Whether a place is more than DEEP_M inside. */
static prl_status is_deep(struct side *s, prl_latlng place, bool *ret, prl_error *err)
{
	bool near = true;
	prl_status status = PRL_OK;
	if (prl_footprint_contains(s->footprint, place)) {
		status = make_ring(s, err);
		if (!status)
			status = place_within(place, s->ring, DEEP_M, &near, err);
	}
	*ret = !near;
	return status;
}

static prl_status vertices_deep(const struct side *outer, struct side *inner, bool *ret, prl_error *err)
{
	prl_status status = PRL_OK;
	bool deep = false;
	for (size_t i = 0; i < outer->outline->count && !deep && !status; i++)
		status = is_deep(inner, vertices_of(outer)[i], &deep, err);
	*ret = deep;
	return status;
}

/* The place INWARD_M beside the middle of a piece, to its left or right. */
static prl_latlng beside(const prl_footprint *f, size_t i, double side)
{
	prl_frame frame = prl_frame_at(prl_ellipsoid_drop(prl_vec_mix(f->points[i], f->points[i + 1], 0.5)));
	prl_xy way = prl_xy_sub(prl_frame_to_plane(&frame, f->points[i + 1]), prl_frame_to_plane(&frame, f->points[i]));
	double length = sqrt(prl_xy_dot(way, way)), k = length > 0 ? side * INWARD_M / length : 0;
	return prl_ellipsoid_place(prl_frame_from_plane(&frame, (prl_xy){ -way.y * k, way.x * k }));
}

static prl_status deep_missing(const struct side *outer, struct side *inner, bool *ret, prl_error *err)
{
	bool missing = false, deep = false, in = true;
	prl_status status = PRL_OK;
	for (size_t i = 0; i < 2 * prl_piece_count(inner->footprint) && !missing && !status; i++) {
		prl_latlng place = beside(inner->footprint, i / 2, i % 2 ? 1 : -1);
		if (prl_footprint_contains(outer->footprint, place))
			continue;
		status = is_deep(inner, place, &deep, err);
		if (!status && deep)
			status = place_within(place, outer->footprint, DEEP_M, &in, err);
		missing = deep && !in;
	}
	*ret = missing;
	return status;
}

static prl_status polygon_in_polygon(const struct side *outer, struct side *inner, bool *ret, prl_error *err)
{
	bool inside = false, not = false;
	prl_status status = boundary_inside(outer, inner, &inside, err);
	if (!status && inside)
		status = vertices_deep(outer, inner, &not, err);
	if (!status && inside && !not )
		status = deep_missing(outer, inner, &not, err);
	*ret = inside && !not ;
	return status;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static prl_status covers(struct side *outer, struct side *inner, bool *ret, prl_error *err)
{
	*ret = true;
	if (prl_outline_same(outer->extent, outer->outline, inner->extent, inner->outline))
		return PRL_OK;
	if (is_circle(outer)) {
		*ret = in_circle(outer, inner);
		return PRL_OK;
	}
	return is_circle(inner) ? circle_in_polygon(outer, inner, ret, err)
				: polygon_in_polygon(outer, inner, ret, err);
}

/* One of the inner outlines in one of outer's. */
static prl_status covered(const prl_extent_ready *outer, struct side *inner, bool *ret, prl_error *err)
{
	prl_status status = PRL_OK;
	bool yes = false;
	for (size_t i = 0; i < outer->extent->outlines && !yes && !status; i++) {
		struct side side = { outer->extent, prl_extent_outlines(outer->extent) + i, outer->footprints[i],
				     NULL };
		status = covers(&side, inner, &yes, err);
		prl_footprint_free(side.ring);
	}
	*ret = yes;
	return status;
}

static prl_status covers_outlines(const prl_extent_ready *outer, const prl_extent_ready *inner, bool *ret,
				  prl_error *err)
{
	prl_status status = PRL_OK;
	bool all = true;
	for (size_t i = 0; i < inner->extent->outlines && all && !status; i++) {
		struct side side = { inner->extent, prl_extent_outlines(inner->extent) + i, inner->footprints[i],
				     NULL };
		status = covered(outer, &side, &all, err);
		prl_footprint_free(side.ring);
	}
	if (!status)
		*ret = all;
	return status;
}

prl_status prl_extent_covers(const prl_extent *outer, const prl_extent *inner, bool *ret, prl_error *err)
{
	prl_extent_ready ready_outer, ready_inner;
	if (!outer->outlines || !inner->outlines) {
		*ret = !outer->outlines;
		return PRL_OK;
	}
	prl_status status = prl_extent_prepare(outer, &ready_outer, err);
	if (status)
		return status;
	status = prl_extent_prepare(inner, &ready_inner, err);
	if (!status) {
		status = covers_outlines(&ready_outer, &ready_inner, ret, err);
		prl_extent_ready_done(&ready_inner);
	}
	prl_extent_ready_done(&ready_outer);
	return status;
}
