#include "geo/footprint.h"

#include "base/error.h"
#include "base/memory.h"
#include "geo/geodesic.h"
#include "geo/sketch.h"

#include <stdlib.h>
#include <string.h>

#define MAX_EDGE_M 19000e3
#define MAX_POINTS 8000000u    /* after cutting: 400 MB while they are collected */
#define POLE_ZONE_DEG 89.5     /* pieces that come nearer a pole are cut where they are nearest */
#define STACK_POINTS 72
#define CACHE_LINE 64u

/* Points of all paths while they are collected. */
struct builder {
	prl_vec *points;
	prl_latlng *places;
	size_t count, room;
	uint32_t *path_start;
	size_t path_count;
	prl_anchor anchor;
	prl_error *err;
	prl_vec stack_points[STACK_POINTS];
	prl_latlng stack_places[STACK_POINTS];
};

static void builder_init(struct builder *b, prl_error *err)
{
	b->points = b->stack_points;
	b->places = b->stack_places;
	b->count = 0;
	b->room = STACK_POINTS;
	b->path_start = NULL;
	b->path_count = 0;
	b->anchor.at.lat_deg = (double)NAN;
	b->err = err;
}

static void builder_done(struct builder *b)
{
	if (b->points != b->stack_points) {
		free(b->points);
		free(b->places);
	}
	free(b->path_start);
}

static prl_status builder_grow(struct builder *b)
{
	size_t room = 2 * b->room;
	if (b->room >= MAX_POINTS)
		return prl_error_set(b->err, PRL_E_TOO_LARGE, "more than %u points after cutting the edges", MAX_POINTS);
	prl_vec *points = prl_array_new(room, sizeof *points);
	prl_latlng *places = prl_array_new(room, sizeof *places);
	if (!points || !places) {
		free(points);
		free(places);
		return prl_error_memory(b->err);
	}
	memcpy(points, b->points, b->count * sizeof *points);
	memcpy(places, b->places, b->count * sizeof *places);
	if (b->points != b->stack_points) {
		free(b->points);
		free(b->places);
	}
	b->points = points;
	b->places = places;
	b->room = room;
	return PRL_OK;
}

static inline prl_status push(struct builder *b, prl_vec point, prl_latlng place)
{
	prl_status st = b->count == b->room ? builder_grow(b) : PRL_OK;
	if (st)
		return st;
	b->points[b->count] = point;
	b->places[b->count++] = place;
	return PRL_OK;
}

static prl_status push_place(struct builder *b, prl_latlng place)
{
	return push(b, prl_anchor_point(&b->anchor, place), place);
}

/* Points between a and b, neither included, so that no piece is longer than PRL_PIECE_MAX_M and a piece that passes
 * a pole is cut where it is nearest to it. */
static prl_status cut_geodesic(struct builder *b, prl_latlng from, prl_latlng to)
{
	prl_geodesic line = prl_geodesic_between(from, to, NULL, NULL);
	if (line.length_m > MAX_EDGE_M)
		return prl_error_set(b->err, PRL_E_RANGE,
		                     "an edge of %.0f km goes nearly half round the earth, so that its way is uncertain; "
		                     "expected at most 19,000 km: put a vertex between",
		                     line.length_m / 1000);
	double vertex = prl_geodesic_vertex_m(&line), next = 0;
	prl_latlng top = prl_geodesic_at(&line, prl_min(vertex, line.length_m));
	bool cut_top = vertex < line.length_m && fabs(top.lat_deg) > POLE_ZONE_DEG;
	size_t pieces = (size_t)ceil(line.length_m / PRL_PIECE_MAX_M);
	prl_status st = PRL_OK;
	for (size_t i = 1; i <= pieces && !st; i++) {
		double last = next;
		next = (double)i / (double)pieces * line.length_m;
		if (cut_top && vertex > last && vertex <= next)
			st = push_place(b, top);
		if (!st && i < pieces)
			st = push_place(b, prl_geodesic_at(&line, next));
	}
	return st;
}

/* Pieces of the straight line in longitude and latitude from a to b, so short that the geodesics between them
 * stay within 0.5 mm of it. On λ = λ₀ + λ't, φ = φ₀ + φ't the acceleration along the surface is
 * R (λ'² sin φ cos φ, −2 λ' φ' sin φ), which bends the path by at most an eighth of it between two points of one
 * unit of t (tests/geo/footprint_test.c measures it). */
static size_t lonlat_steps(prl_latlng a, prl_latlng b, double span_deg)
{
	double lng = span_deg / PRL_RADIAN, lat = (b.lat_deg - a.lat_deg) / PRL_RADIAN;
	double high = prl_max(fabs(a.lat_deg), fabs(b.lat_deg)) / PRL_RADIAN;
	double bend = PRL_WGS84_MAX_RADIUS / 8 * (lng * lng * 0.5 * prl_min(1, 2 * sin(high)) + 2 * fabs(lng * lat) * sin(high));
	return 1 + (size_t)sqrt(bend / 0.0005);
}

/* Whether an edge that starts at the last point is one piece. A piece far shorter than its way to the pole has no top
 * worth a cut. */
static inline bool is_piece(const struct builder *b, double from_lat, double to_lat, const prl_vec *to_point)
{
	const prl_vec *last = &b->points[b->count - 1];
	double x = to_point->x - last->x, y = to_point->y - last->y, z = to_point->z - last->z, d2 = x * x + y * y + z * z;
	bool polar = prl_max(fabs(from_lat), fabs(to_lat)) > POLE_ZONE_DEG &&
	             d2 > 0.01 * (to_point->x * to_point->x + to_point->y * to_point->y);
	return !polar && d2 < PRL_PIECE_MAX_M * PRL_PIECE_MAX_M;
}

static prl_status push_edge(struct builder *b, prl_latlng from, prl_latlng to, prl_vec to_point, prl_edges edges)
{
	if (edges == PRL_EDGES_LONLAT) {
		double span = to.lng_deg - from.lng_deg;
		span += span > 180 ? -360 : span < -180 ? 360 : 0;
		size_t steps = lonlat_steps(from, to, span);
		prl_latlng last = from;
		for (size_t i = 1; i < steps; i++) {
			double t = (double)i / (double)steps;
			prl_latlng next = { from.lat_deg + t * (to.lat_deg - from.lat_deg),
				            prl_wrap_deg(from.lng_deg + t * span) };
			prl_vec point = prl_anchor_point(&b->anchor, next);
			prl_status st = push_edge(b, last, next, point, PRL_EDGES_GEODESIC);
			if (!st)
				st = push(b, point, next);
			if (st)
				return st;
			last = next;
		}
		from = last;
	}
	if (is_piece(b, from.lat_deg, to.lat_deg, &to_point))
		return PRL_OK;
	return cut_geodesic(b, from, to);
}

static prl_status check_place(prl_latlng p, size_t vertex, prl_latlng *ret_place, prl_error *err)
{
	if (!(fabs(p.lat_deg) <= 90)) /* NaN too */
		return prl_error_set(err, PRL_E_RANGE, "vertex %zu: latitude %.10g is out of range, expected -90 to 90",
		                     vertex, p.lat_deg);
	if (!(fabs(p.lng_deg) <= 540))
		return prl_error_set(err, PRL_E_RANGE, "vertex %zu: longitude %.10g is out of range, expected -180 to 180",
		                     vertex, p.lng_deg);
	*ret_place = (prl_latlng){ p.lat_deg, prl_wrap_deg(p.lng_deg) };
	return PRL_OK;
}

static bool is_pole(prl_vec p)
{
	return p.x * p.x + p.y * p.y < 1e-12;
}

/* A vertex at a pole has no longitude: it is made to stand twice, with the longitude of the point before it and that
 * of the point after it, so that every piece goes round the axis the way its two ends say. */
static prl_status split_poles(struct builder *b, size_t first)
{
	size_t poles = 0, last = b->count - 1; /* the last repeats the first in a ring */
	for (size_t i = first; i <= last; i++)
		poles += is_pole(b->points[i]);
	if (!poles || last == first)
		return PRL_OK;
	/* A ring from a pole to itself turns there once: at its end. */
	bool ring = is_pole(b->points[first]) && is_pole(b->points[last]);
	for (size_t i = ring; i < poles; i++) {
		prl_status st = push_place(b, (prl_latlng){ 0 });
		if (st)
			return st;
	}
	size_t to = b->count - 1;
	double next_lng = b->places[ring ? first + 1 : last].lng_deg;
	for (size_t from = last + 1; from-- > first;) {
		prl_vec point = b->points[from];
		prl_latlng place = b->places[from];
		double before = b->places[from > first ? from - 1 : first].lng_deg;
		if (is_pole(point)) {
			place.lat_deg = copysign(90, place.lat_deg); /* within a µm of it: exactly it */
			point = (prl_vec){ 0, 0, copysign(PRL_WGS84_B, place.lat_deg) };
		}
		if (is_pole(point) && ring && from == first) {
			place.lng_deg = next_lng;
		} else if (is_pole(point)) {
			b->points[to] = point;
			b->places[to--] = (prl_latlng){ place.lat_deg, next_lng };
			place.lng_deg = before;
		}
		next_lng = place.lng_deg;
		b->points[to] = point;
		b->places[to--] = place;
	}
	return PRL_OK;
}

/* One ring or line. Neighbouring vertices less than 1 µm apart are merged. */
static prl_status push_path(struct builder *b, const prl_latlng *vertices, size_t count, prl_edges edges, bool ring,
                            size_t *ret_different)
{
	size_t first = b->count, different = 0;
	prl_latlng place = { 0 }, last = { 0 };
	prl_status st = PRL_OK;
	for (size_t i = 0; i < count + ring && !st; i++) {
		bool closing = i == count;
		st = closing ? PRL_OK : check_place(vertices[i], i, &place, b->err);
		if (st)
			break;
		if (closing)
			place = b->places[first];
		prl_vec point = closing ? b->points[first] : prl_anchor_point(&b->anchor, place);
		if (different) {
			prl_vec step = prl_vec_sub(point, b->points[b->count - 1]);
			if (prl_vec_dot(step, step) < 1e-12) {
				different -= closing && different > 1; /* the last vertex repeats the first */
				continue;
			}
			if (edges == PRL_EDGES_LONLAT || !is_piece(b, last.lat_deg, place.lat_deg, &point))
				st = push_edge(b, last, place, point, edges);
			if (st)
				return prl_error_at(b->err, st, "vertex %zu to %zu", i - 1, closing ? 0 : i);
		}
		if (!st)
			st = push(b, point, place);
		last = place;
		different += !closing;
	}
	if (!st)
		st = split_poles(b, first);
	*ret_different = different;
	return st;
}

/* One block holds the footprint and its arrays. It begins at a cache line: aligned_alloc() is slower and wastes more. */
static prl_footprint *allocate(size_t points, size_t paths, size_t cells, bool plane)
{
	size_t bytes = sizeof(prl_footprint) + points * (sizeof(prl_vec) + 2 * sizeof(double)) + cells * sizeof(prl_cell) +
	               (plane ? points * sizeof(prl_xy) : 0) + (paths + 1) * sizeof(uint32_t) + paths * sizeof(bool);
	char *block = malloc(bytes + CACHE_LINE);
	if (!block)
		return NULL;
	prl_footprint *f = (void *)(block + CACHE_LINE - (uintptr_t)block % CACHE_LINE);
	f->block = block;
	char *at = (char *)(f + 1);
	f->plane = plane ? (prl_xy *)at : NULL;
	at += plane ? points * sizeof(prl_xy) : 0;
	f->points = (prl_vec *)at;
	at += points * sizeof(prl_vec);
	f->lat_deg = (double *)at;
	f->lng_deg = f->lat_deg + points;
	at += 2 * points * sizeof(double);
	f->cells = cells ? (prl_cell *)at : NULL;
	at += cells * sizeof(prl_cell);
	f->path_start = (uint32_t *)at;
	at += (paths + 1) * sizeof(uint32_t);
	f->holds_north = (bool *)at;
	f->point_count = points;
	f->path_count = paths;
	return f;
}

/* Centre: the mean of the points, dropped to the surface. */
static prl_vec centre_of(const struct builder *b)
{
	prl_vec sum = { 0, 0, 0 };
	for (size_t i = 0; i < b->count; i++)
		sum = prl_vec_add(sum, b->points[i]);
	sum = prl_vec_scale(sum, 1 / (double)b->count);
	double length = prl_vec_length(sum);
	if (length < 3e6) /* goes round the earth: any point will do, reach_m says the rest */
		return b->points[0];
	return prl_ellipsoid_drop(prl_vec_scale(sum, 6.371e6 / length));
}

static void measure_reach(const struct builder *b, prl_vec centre, double *ret_reach, double *ret_longest)
{
	double reach2 = 0, longest2 = 0;
	for (size_t i = 0; i < b->count; i++) {
		prl_vec v = prl_vec_sub(b->points[i], centre);
		reach2 = prl_max(reach2, prl_vec_dot(v, v));
		if (i + 1 < b->count) {
			v = prl_vec_sub(b->points[i + 1], b->points[i]);
			double l2 = prl_vec_dot(v, v);
			if (l2 < 1.01 * PRL_PIECE_MAX_M * PRL_PIECE_MAX_M) /* the step to another path is no piece */
				longest2 = prl_max(longest2, l2);
		}
	}
	*ret_longest = sqrt(longest2);
	*ret_reach = sqrt(reach2) + prl_piece_bulge_m(*ret_longest) + 1e-3;
	/* The distance from the centre has its greatest value over a region on the region's boundary, unless the region
	 * holds the antipode: regions that large are given the whole earth. */
	if (*ret_reach > 6e6)
		*ret_reach = 2e7;
}

static prl_status finish(struct builder *b, prl_base_kind base, prl_edges edges, double radius_m, prl_footprint **ret)
{
	prl_vec centre = centre_of(b);
	double reach, longest;
	measure_reach(b, centre, &reach, &longest);
	prl_footprint *f = allocate(b->count, b->path_count, prl_footprint_cell_count(b->count - 1), reach <= PRL_SMALL_M);
	if (!f)
		return prl_error_memory(b->err);
	f->base = base;
	f->radius_m = radius_m;
	f->touch_m = edges == PRL_EDGES_LONLAT ? 0.001 : 1e-5;
	f->frame = prl_frame_at(centre);
	f->reach_m = reach;
	f->longest_m = longest;
	memcpy(f->points, b->points, b->count * sizeof *b->points);
	for (size_t i = 0; i < b->count; i++) {
		f->lat_deg[i] = b->places[i].lat_deg;
		f->lng_deg[i] = b->places[i].lng_deg;
	}
	if (b->path_start)
		memcpy(f->path_start, b->path_start, b->path_count * sizeof *b->path_start);
	else
		f->path_start[0] = 0;
	f->path_start[b->path_count] = (uint32_t)b->count;
	prl_xy low = { HUGE_VAL, HUGE_VAL }, high = { -HUGE_VAL, -HUGE_VAL };
	for (size_t i = 0; f->plane && i < b->count; i++) {
		prl_xy p = prl_frame_to_plane_near(&f->frame, b->points[i]);
		f->plane[i] = p;
		low = (prl_xy){ prl_min(low.x, p.x), prl_min(low.y, p.y) };
		high = (prl_xy){ prl_max(high.x, p.x), prl_max(high.y, p.y) };
	}
	f->plane_min = low;
	f->plane_max = high;
	prl_sketch_make(f);
	prl_footprint_plant(f);
	prl_footprint_measure(f);
	*ret = f;
	return PRL_OK;
}

static prl_status check_metres(double metres, double most, const char *what, prl_error *err)
{
	if (metres >= 0 && metres <= most) /* false for NaN */
		return PRL_OK;
	return prl_error_set(err, PRL_E_RANGE, "%s of %.10g m is out of range, expected 0 to %.0f m", what, metres, most);
}

static prl_status push_rings(struct builder *b, const prl_ring *rings, size_t count, prl_edges edges)
{
	b->path_count = count;
	if (count > 1 && !(b->path_start = prl_array_new(count, sizeof *b->path_start)))
		return prl_error_memory(b->err);
	for (size_t i = 0; i < count; i++) {
		size_t different = 0;
		if (b->path_start)
			b->path_start[i] = (uint32_t)b->count;
		prl_status st = rings[i].count ? push_path(b, rings[i].vertices, rings[i].count, edges, true, &different) : PRL_OK;
		if (!st && different < 3)
			st = prl_error_set(b->err, PRL_E_RANGE, "a ring of %zu different vertices, expected at least 3",
			                   different);
		if (st)
			return prl_error_at(b->err, st, "ring %zu", i);
	}
	return PRL_OK;
}

prl_status prl_footprint_polygon_again(const prl_ring *rings, size_t count, prl_edges edges, double margin_m,
                                       prl_footprint **ret_footprint, prl_error *err)
{
	size_t vertices = 0;
	prl_status st = check_metres(margin_m, 1e6, "a margin", err);
	if (st)
		return st;
	for (size_t i = 0; i < count; i++)
		vertices += rings[i].count < PRL_MAX_VERTICES ? rings[i].count : PRL_MAX_VERTICES + 1;
	if (!count || vertices > PRL_MAX_VERTICES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a polygon of %zu rings and %zu vertices, expected 1 ring or more "
		                     "and at most %u vertices", count, vertices, PRL_MAX_VERTICES);
	struct builder b;
	builder_init(&b, err);
	st = push_rings(&b, rings, count, edges);
	if (!st)
		st = finish(&b, PRL_BASE_REGION, edges, margin_m, ret_footprint);
	builder_done(&b);
	return st;
}

prl_status prl_footprint_polygon(const prl_ring *rings, size_t count, prl_edges edges, double margin_m,
                                 prl_footprint **ret_footprint, prl_error *err)
{
	prl_footprint *f = NULL;
	prl_status st = prl_footprint_polygon_again(rings, count, edges, margin_m, &f, err);
	if (!st)
		st = prl_region_validate(f, err);
	if (st) {
		prl_footprint_free(f);
		return st;
	}
	*ret_footprint = f;
	return PRL_OK;
}

static prl_status line(const prl_latlng *points, size_t count, prl_edges edges, double radius_m, prl_footprint **ret,
                       prl_error *err)
{
	struct builder b;
	size_t different;
	builder_init(&b, err);
	b.path_count = 1;
	prl_status st = push_path(&b, points, count, edges, false, &different);
	if (!st && different == 1) /* a point: one piece of no length */
		st = push(&b, b.points[0], b.places[0]);
	if (!st)
		st = finish(&b, PRL_BASE_LINE, edges, radius_m, ret);
	builder_done(&b);
	return st;
}

prl_status prl_footprint_circle(prl_latlng center, double radius_m, double margin_m, prl_footprint **ret_footprint,
                                prl_error *err)
{
	prl_status st = check_metres(radius_m, 1e7, "a radius", err);
	if (!st)
		st = check_metres(margin_m, 1e6, "a margin", err);
	if (!st)
		st = line(&center, 1, PRL_EDGES_GEODESIC, radius_m + margin_m, ret_footprint, err);
	return st;
}

prl_status prl_footprint_corridor(const prl_latlng *points, size_t count, prl_edges edges, double half_width_m,
                                  double margin_m, prl_footprint **ret_footprint, prl_error *err)
{
	prl_status st = check_metres(half_width_m, 1e6, "a half-width", err);
	if (!st)
		st = check_metres(margin_m, 1e6, "a margin", err);
	if (!st && (!count || count > PRL_MAX_VERTICES))
		st = prl_error_set(err, PRL_E_TOO_LARGE, "a corridor of %zu points, expected 1 to %u", count, PRL_MAX_VERTICES);
	if (!st)
		st = line(points, count, edges, half_width_m + margin_m, ret_footprint, err);
	return st;
}

prl_status prl_footprint_everywhere(prl_footprint **ret_footprint, prl_error *err)
{
	prl_status st = prl_footprint_circle((prl_latlng){ 0, 0 }, 1e7, 0, ret_footprint, err);
	if (st)
		return st;
	(*ret_footprint)->base = PRL_BASE_EVERYWHERE;
	(*ret_footprint)->sketch.corner_count = 0;
	(*ret_footprint)->bounds = (prl_bounds){ -90, 90, -180, 180 };
	return PRL_OK;
}

void prl_footprint_free(prl_footprint *footprint)
{
	if (footprint)
		free(footprint->block);
}
