#include "support/oracle_footprint.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RADIANS            (M_PI / 180)
#define CURVATURE_RADIUS_M 6335439.0 /* b² / a, the smallest radius of curvature of WGS84 */
#define TOLERANCE_M        2e-5      /* a pair of pieces that could be nearer by less is not looked at */
#define TOUCH_M            5e-5      /* edges this near are taken to touch */
#define STACK_MAX          400

/** The best found so far, and the edges being compared. */
typedef struct search {
	oracle_body *a, *b;
	double best_m;
	prl_latlng on_a, on_b;
} search;

/** Pieces of two edges: middle and half length of each, metres along the edge. */
typedef struct node {
	double mid_a, half_a, mid_b, half_b;
} node;

const struct geod_geodesic *oracle_earth(void)
{
	static struct geod_geodesic earth;
	static int ready; /* two threads may both initialise: they write the same values */
	if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
		geod_init(&earth, 6378137, 1 / 298.257223563);
		__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	}
	return &earth;
}

double oracle_distance_m(prl_latlng a, prl_latlng b)
{
	double distance;
	geod_inverse(oracle_earth(), a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &distance, NULL, NULL);
	return distance;
}

prl_latlng oracle_destination(prl_latlng from, double azimuth_deg, double distance_m)
{
	prl_latlng to;
	geod_direct(oracle_earth(), from.lat_deg, from.lng_deg, azimuth_deg, distance_m, &to.lat_deg, &to.lng_deg,
		    NULL);
	return to;
}

size_t oracle_vertex_count(const oracle_shape *shape)
{
	return shape->ring_start[shape->ring_count];
}

static void to_xyz(prl_latlng p, double xyz[3])
{
	const double a = 6378137, f = 1 / 298.257223563, e2 = f * (2 - f);
	double sin_lat = sin(p.lat_deg * RADIANS), cos_lat = cos(p.lat_deg * RADIANS);
	double n = a / sqrt(1 - e2 * sin_lat * sin_lat);
	xyz[0] = n * cos_lat * cos(p.lng_deg * RADIANS);
	xyz[1] = n * cos_lat * sin(p.lng_deg * RADIANS);
	xyz[2] = n * (1 - e2) * sin_lat;
}

static double dot(const double u[3], const double v[3])
{
	return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}

static double apart(const double p[3], const double q[3])
{
	double d[3] = { p[0] - q[0], p[1] - q[1], p[2] - q[2] };
	return sqrt(dot(d, d));
}

/*
 * A geodesic whose chord is c is at most 2 R asin(c / 2R) long on the sphere of the smallest radius of curvature, and
 * strays from the chord by at most R (1 - cos(L / 2R)) <= L² / 8R; 1 % on top covers the ellipsoid, 1 mm rounding.
 */
static double edge_sag(double chord)
{
	double ratio = fmin(1, chord / (2 * CURVATURE_RADIUS_M));
	double length = 2 * CURVATURE_RADIUS_M * asin(ratio);
	return 1.01 * length * length / (8 * CURVATURE_RADIUS_M) + 0.001;
}

static void add_edge(oracle_body *body, size_t from, size_t to)
{
	assert(body->edge_count < ORACLE_MAX_VERTICES);
	oracle_edge *edge = &body->edges[body->edge_count++];
	edge->from = from;
	edge->to = to;
	edge->length_m = from == to ? 0 : -1;
	edge->sag_m = edge_sag(apart(body->xyz[from], body->xyz[to]));
}

void oracle_body_init(oracle_body *body, const oracle_shape *shape)
{
	body->shape = *shape;
	body->vertex_count = oracle_vertex_count(shape);
	body->edge_count = 0;
	memset(body->middle, 0, sizeof body->middle);
	for (size_t i = 0; i < body->vertex_count; i++) {
		to_xyz(shape->vertices[i], body->xyz[i]);
		for (int k = 0; k < 3; k++)
			body->middle[k] += body->xyz[i][k] / (double)body->vertex_count;
	}
	for (size_t r = 0; r < shape->ring_count; r++) {
		size_t first = shape->ring_start[r], end = shape->ring_start[r + 1];
		if (end - first == 1)
			add_edge(body, first, first);
		for (size_t i = first; i + 1 < end; i++)
			add_edge(body, i, i + 1);
		if (shape->kind == ORACLE_POLYGON)
			add_edge(body, end - 1, first);
	}
	body->reach_m = 0;
	for (size_t i = 0; i < body->edge_count; i++) {
		const oracle_edge *edge = &body->edges[i];
		double from = apart(body->middle, body->xyz[edge->from]), to = apart(body->middle, body->xyz[edge->to]);
		body->reach_m = fmax(body->reach_m, fmax(from, to) + edge->sag_m);
	}
}

/** Length of an edge; works out its geodesic line on first use. */
static double edge_length(oracle_body *body, oracle_edge *edge)
{
	if (edge->length_m < 0) {
		prl_latlng p = body->shape.vertices[edge->from], q = body->shape.vertices[edge->to];
		geod_inverseline(&edge->line, oracle_earth(), p.lat_deg, p.lng_deg, q.lat_deg, q.lng_deg,
				 GEOD_LATITUDE | GEOD_LONGITUDE | GEOD_AZIMUTH | GEOD_DISTANCE_IN);
		edge->length_m = edge->line.s13;
	}
	return edge->length_m;
}

/** The point @p along metres along @p edge, and the edge's azimuth there. */
static prl_latlng edge_point(oracle_body *body, oracle_edge *edge, double along, double *ret_azimuth)
{
	prl_latlng p = body->shape.vertices[edge->from];
	*ret_azimuth = 0;
	if (edge_length(body, edge) > 0)
		geod_position(&edge->line, along, &p.lat_deg, &p.lng_deg, ret_azimuth);
	return p;
}

prl_latlng oracle_edge_at(oracle_body *body, size_t edge, double fraction, double *ret_azimuth_deg)
{
	double azimuth;
	oracle_edge *e = &body->edges[edge];
	prl_latlng p = edge_point(body, e, fraction * edge_length(body, e), &azimuth);
	if (ret_azimuth_deg)
		*ret_azimuth_deg = azimuth;
	return p;
}

static double clamp(double x, double limit)
{
	return x < -limit ? -limit : x > limit ? limit : x;
}

/** Distance in the plane from (x, y) to the piece c + t d, |t| <= half; the t in *ret_t. */
static double flat_point(double x, double y, const double c[2], const double d[2], double half, double *ret_t)
{
	*ret_t = clamp((x - c[0]) * d[0] + (y - c[1]) * d[1], half);
	return hypot(x - c[0] - *ret_t * d[0], y - c[1] - *ret_t * d[1]);
}

/**
 * Distance in the plane between s u, |s| <= half_a, and (f, 0) + t v, |t| <= half_b, for unit u, v: 0 where they
 * cross, else reached at an end of one of them.
 */
static double flat_pieces(double f, const double u[2], double half_a, const double v[2], double half_b, double *ret_s,
			  double *ret_t)
{
	const double zero[2] = { 0, 0 }, far[2] = { f, 0 };
	double cross = u[0] * v[1] - u[1] * v[0];
	if (cross != 0) {
		double s = f * v[1] / cross, t = f * u[1] / cross;
		if (fabs(s) <= half_a && fabs(t) <= half_b) {
			*ret_s = s;
			*ret_t = t;
			return 0;
		}
	}
	double best = HUGE_VAL;
	for (int end = -1; end <= 1; end += 2) {
		double s = end * half_a, t = end * half_b, other;
		double d = flat_point(s * u[0], s * u[1], far, v, half_b, &other);
		if (d < best) {
			best = d;
			*ret_s = s;
			*ret_t = other;
		}
		d = flat_point(f + t * v[0], t * v[1], zero, u, half_a, &other);
		if (d < best) {
			best = d;
			*ret_s = other;
			*ret_t = t;
		}
	}
	return best;
}

static void offer(search *q, double distance, prl_latlng on_a, prl_latlng on_b)
{
	if (distance < q->best_m) {
		q->best_m = distance;
		q->on_a = on_a;
		q->on_b = on_b;
	}
}

/**
 * Measures at the middles of two pieces, and where the flat picture says they are closest.
 * @return false when these pieces cannot be nearer than the best by more than the tolerance
 */
static bool look(search *q, oracle_edge *ea, oracle_edge *eb, const node *n)
{
	double azimuth_a, azimuth_b, f, azimuth_1, azimuth_2, s = 0, t = 0;
	prl_latlng p = edge_point(q->a, ea, n->mid_a, &azimuth_a), r = edge_point(q->b, eb, n->mid_b, &azimuth_b);
	geod_inverse(oracle_earth(), p.lat_deg, p.lng_deg, r.lat_deg, r.lng_deg, &f, &azimuth_1, &azimuth_2);
	offer(q, f, p, r);
	double a = (azimuth_a - azimuth_1) * RADIANS, b = (azimuth_b - azimuth_2) * RADIANS;
	const double u[2] = { cos(a), sin(a) }, v[2] = { cos(b), sin(b) };
	double flat = flat_pieces(f, u, n->half_a, v, n->half_b, &s, &t);
	double bend = (f + n->half_a + n->half_b) * (n->half_a * n->half_a + n->half_b * n->half_b) /
		      (2 * CURVATURE_RADIUS_M * CURVATURE_RADIUS_M);
	if (flat - bend > q->best_m - TOLERANCE_M)
		return false;
	if (flat < q->best_m - TOLERANCE_M / 2) {
		p = edge_point(q->a, ea, n->mid_a + s, &azimuth_a);
		r = edge_point(q->b, eb, n->mid_b + t, &azimuth_b);
		offer(q, oracle_distance_m(p, r), p, r);
	}
	return flat - bend <= q->best_m - TOLERANCE_M && n->half_a + n->half_b > TOLERANCE_M / 2;
}

/** Branch and bound over the pieces of two edges. */
static void compare_edges(search *q, oracle_edge *ea, oracle_edge *eb)
{
	node stack[STACK_MAX];
	size_t depth = 0;
	double half_a = edge_length(q->a, ea) / 2, half_b = edge_length(q->b, eb) / 2;
	stack[depth++] = (node){ half_a, half_a, half_b, half_b };
	while (depth && q->best_m > TOLERANCE_M) {
		node n = stack[--depth];
		if (!look(q, ea, eb, &n))
			continue;
		assert(depth + 2 <= STACK_MAX);
		node left = n, right = n;
		if (n.half_a >= n.half_b) {
			left.half_a = right.half_a = n.half_a / 2;
			left.mid_a -= left.half_a;
			right.mid_a += left.half_a;
		} else {
			left.half_b = right.half_b = n.half_b / 2;
			left.mid_b -= left.half_b;
			right.mid_b += left.half_b;
		}
		stack[depth++] = left;
		stack[depth++] = right;
	}
}

/** Distance in space from @p p to the chord from @p a along @p d (|d|² = @p dd). */
static double chord_point(const double p[3], const double a[3], const double d[3], double dd)
{
	double w[3] = { p[0] - a[0], p[1] - a[1], p[2] - a[2] };
	double t = dd > 0 ? dot(w, d) / dd : 0;
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	double e[3] = { w[0] - t * d[0], w[1] - t * d[1], w[2] - t * d[2] };
	return sqrt(dot(e, e));
}

/**
 * Not more than the distance in space between two chords. Where both closest points are inside and the chords are
 * not nearly parallel (sine of the angle over 1e-5, so that the 2 × 2 system is good to 1e-6) that one; else the least
 * from an end, which for chords that are more parallel than that is at most 1e-5 of a length too much.
 */
static double chords_apart(const double a0[3], const double a1[3], const double b0[3], const double b1[3])
{
	double u[3], v[3], w[3];
	for (int k = 0; k < 3; k++) {
		u[k] = a1[k] - a0[k];
		v[k] = b1[k] - b0[k];
		w[k] = a0[k] - b0[k];
	}
	double uu = dot(u, u), vv = dot(v, v), uv = dot(u, v), uw = dot(u, w), vw = dot(v, w);
	double det = uu * vv - uv * uv;
	if (det > 1e-10 * uu * vv) {
		double s = (uv * vw - vv * uw) / det, t = (uu * vw - uv * uw) / det;
		if (s >= 0 && s <= 1 && t >= 0 && t <= 1) {
			for (int k = 0; k < 3; k++)
				w[k] += s * u[k] - t * v[k];
			return fmax(0, sqrt(dot(w, w)) - 1e-6 * sqrt(fmin(uu, vv)));
		}
	}
	double least = fmin(fmin(chord_point(a0, b0, v, vv), chord_point(a1, b0, v, vv)),
			    fmin(chord_point(b0, a0, u, uu), chord_point(b1, a0, u, uu)));
	return fmax(0, least - 1e-5 * sqrt(fmin(uu, vv)));
}

/** A lower bound of the distance between two edges: a chord in space is never longer than the geodesic. */
static double edges_apart(const oracle_body *a, const oracle_edge *ea, const oracle_body *b, const oracle_edge *eb)
{
	return chords_apart(a->xyz[ea->from], a->xyz[ea->to], b->xyz[eb->from], b->xyz[eb->to]) - ea->sag_m - eb->sag_m;
}

/** The closest points of the edges of two bodies. */
static search closest_edges(oracle_body *a, oracle_body *b)
{
	search q = { .a = a, .b = b, .best_m = HUGE_VAL };
	size_t count = a->edge_count * b->edge_count, first = 0;
	double *bound = malloc(count * sizeof *bound);
	assert(bound && count);
	for (size_t i = 0; i < count; i++) {
		bound[i] = edges_apart(a, &a->edges[i / b->edge_count], b, &b->edges[i % b->edge_count]);
		first = bound[i] < bound[first] ? i : first;
	}
	compare_edges(&q, &a->edges[first / b->edge_count], &b->edges[first % b->edge_count]);
	for (size_t i = 0; i < count && q.best_m > TOLERANCE_M; i++) {
		if (i != first && bound[i] < q.best_m)
			compare_edges(&q, &a->edges[i / b->edge_count], &b->edges[i % b->edge_count]);
	}
	free(bound);
	return q;
}

bool oracle_base_contains(const oracle_body *body, prl_latlng point)
{
	double xyz[3];
	to_xyz(point, xyz);
	if (body->shape.kind != ORACLE_POLYGON || apart(xyz, body->middle) > 8e6)
		return false; /* the far side, whose azimuths turn round the point too */
	bool inside = false;
	for (size_t r = 0; r < body->shape.ring_count; r++) {
		double turn = 0, first = 0, last = 0;
		for (size_t i = body->shape.ring_start[r]; i < body->shape.ring_start[r + 1]; i++) {
			prl_latlng v = body->shape.vertices[i];
			double azimuth, distance;
			geod_inverse(oracle_earth(), point.lat_deg, point.lng_deg, v.lat_deg, v.lng_deg, &distance,
				     &azimuth, NULL);
			if (i == body->shape.ring_start[r])
				first = azimuth;
			else
				turn += remainder(azimuth - last, 360);
			last = azimuth;
		}
		turn += remainder(first - last, 360);
		bool in_ring = fabs(turn) > 180;
		if (r == 0 && !in_ring)
			return false;
		if (r > 0 && in_ring)
			return false;
		inside = true;
	}
	return inside;
}

/** Distance of @p point from the edges of the base. */
static double point_to_edges(oracle_body *body, prl_latlng point)
{
	oracle_shape shape = { .kind = ORACLE_POINT, .ring_count = 1, .ring_start = { 0, 1 } };
	shape.vertices[0] = point;
	oracle_body alone;
	oracle_body_init(&alone, &shape);
	return closest_edges(&alone, body).best_m;
}

/** Signed distance of @p point from the base. */
static double point_to_base(oracle_body *body, prl_latlng point)
{
	double distance = point_to_edges(body, point);
	return oracle_base_contains(body, point) ? -distance : distance;
}

double oracle_point_m(oracle_body *body, prl_latlng point)
{
	return point_to_base(body, point) - body->shape.radius_m;
}

/* ---- GEOS in an azimuthal equidistant plane ------------------------------------------------------------------- */

/** @def GEOS_USE_ONLY_R_API  only the calls that name their context may be used here */
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#define MAX_CUTS 400000

typedef struct plane {
	prl_latlng center;
	double tolerance_m;
	double *xy;
	size_t count;
	bool full; /* more cuts than there is room for: no answer */
} plane;

static void project(const plane *pl, prl_latlng p, double xy[2])
{
	double distance, azimuth;
	geod_inverse(oracle_earth(), pl->center.lat_deg, pl->center.lng_deg, p.lat_deg, p.lng_deg, &distance, &azimuth,
		     NULL);
	xy[0] = distance * sin(azimuth * RADIANS);
	xy[1] = distance * cos(azimuth * RADIANS);
}

static prl_latlng unproject(const plane *pl, double x, double y)
{
	return oracle_destination(pl->center, atan2(x, y) / RADIANS, hypot(x, y));
}

static void keep(plane *pl, const double xy[2])
{
	pl->full |= pl->count == MAX_CUTS;
	if (!pl->full)
		memcpy(&pl->xy[2 * pl->count++], xy, 2 * sizeof *xy);
}

/**
 * Cuts an edge, given from @p from to @p to with the images @p p and @p q of these, until the image of the midpoint is
 * within the tolerance of the chord's middle line. The image of a geodesic that passes the centre at h bends by
 * 2 h / 3R², always to one side, so that the midpoint is where it strays farthest and 0.1 mm there is 0.1 mm
 * everywhere; where the line's nearest point lies in the piece the bend is only more even.
 */
static void cut(plane *pl, oracle_body *body, oracle_edge *edge, double from, double to, const double p[2],
		const double q[2])
{
	double azimuth, m[2];
	project(pl, edge_point(body, edge, (from + to) / 2, &azimuth), m);
	double length = hypot(q[0] - p[0], q[1] - p[1]);
	double stray = length > 0 ? fabs((q[0] - p[0]) * (m[1] - p[1]) - (q[1] - p[1]) * (m[0] - p[0])) / length
				  : hypot(m[0] - p[0], m[1] - p[1]);
	if (stray > pl->tolerance_m || to - from > 2e6) {
		cut(pl, body, edge, from, (from + to) / 2, p, m);
		cut(pl, body, edge, (from + to) / 2, to, m, q);
	} else {
		keep(pl, q);
	}
}

/** Images of the edges [first, end) of @p body, one after the other, into pl->xy. */
static void flatten(plane *pl, oracle_body *body, size_t first, size_t end)
{
	double p[2], q[2];
	pl->count = 0;
	project(pl, body->shape.vertices[body->edges[first].from], p);
	keep(pl, p);
	for (size_t i = first; i < end; i++) {
		oracle_edge *edge = &body->edges[i];
		project(pl, body->shape.vertices[edge->to], q);
		cut(pl, body, edge, 0, edge_length(body, edge), p, q);
		memcpy(p, q, sizeof p);
	}
}

static GEOSCoordSequence *sequence(GEOSContextHandle_t geos, const plane *pl)
{
	return GEOSCoordSeq_copyFromBuffer_r(geos, pl->xy, (unsigned)pl->count, 0, 0);
}

/** The image of a base; NULL where there is no room for it. */
static GEOSGeometry *to_geos(GEOSContextHandle_t geos, plane *pl, oracle_body *body)
{
	const oracle_shape *shape = &body->shape;
	if (shape->kind == ORACLE_POINT) {
		double xy[2];
		project(pl, shape->vertices[0], xy);
		return GEOSGeom_createPointFromXY_r(geos, xy[0], xy[1]);
	}
	if (shape->kind == ORACLE_LINE) {
		flatten(pl, body, 0, body->edge_count);
		return pl->full ? NULL : GEOSGeom_createLineString_r(geos, sequence(geos, pl));
	}
	GEOSGeometry *rings[ORACLE_MAX_RINGS];
	for (size_t r = 0; r < shape->ring_count; r++) {
		flatten(pl, body, shape->ring_start[r], shape->ring_start[r + 1]);
		if (pl->full) {
			while (r-- > 0)
				GEOSGeom_destroy_r(geos, rings[r]);
			return NULL;
		}
		memcpy(&pl->xy[2 * (pl->count - 1)], pl->xy, 2 * sizeof *pl->xy); /* closed to the last bit */
		rings[r] = GEOSGeom_createLinearRing_r(geos, sequence(geos, pl));
	}
	return GEOSGeom_createPolygon_r(geos, rings[0], &rings[1], (unsigned)shape->ring_count - 1);
}

static prl_latlng middle_of(prl_latlng a, prl_latlng b)
{
	double distance, azimuth;
	geod_inverse(oracle_earth(), a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &distance, &azimuth, NULL);
	return oracle_destination(a, azimuth, distance / 2);
}

/** One round of oracle_confirm(): distance in the plane about the middle of *near_a and *near_b, which it moves. */
static double confirm_once(GEOSContextHandle_t geos, plane *pl, oracle_body *a, oracle_body *b, prl_latlng *near_a,
			   prl_latlng *near_b)
{
	pl->center = middle_of(*near_a, *near_b);
	GEOSGeometry *ga = to_geos(geos, pl, a), *gb = pl->full ? NULL : to_geos(geos, pl, b);
	double distance = (double)NAN, x, y;
	if (ga && gb && GEOSDistance_r(geos, ga, gb, &distance) == 1 && distance > 0) {
		GEOSCoordSequence *two = GEOSNearestPoints_r(geos, ga, gb);
		assert(two);
		GEOSCoordSeq_getXY_r(geos, two, 0, &x, &y);
		*near_a = unproject(pl, x, y);
		GEOSCoordSeq_getXY_r(geos, two, 1, &x, &y);
		*near_b = unproject(pl, x, y);
		GEOSCoordSeq_destroy_r(geos, two);
	}
	if (ga)
		GEOSGeom_destroy_r(geos, ga);
	if (gb)
		GEOSGeom_destroy_r(geos, gb);
	return distance;
}

double oracle_confirm(oracle_body *a, oracle_body *b, prl_latlng near_a, prl_latlng near_b)
{
	GEOSContextHandle_t geos = GEOS_init_r();
	plane pl = { .tolerance_m = 1e-4, .xy = malloc(2 * MAX_CUTS * sizeof(double)) };
	assert(pl.xy);
	double least = HUGE_VAL;
	for (int round = 0; round < 12; round++) {
		prl_latlng was_a = near_a, was_b = near_b;
		least = fmin(least, confirm_once(geos, &pl, a, b, &near_a, &near_b));
		if (least == 0 || pl.full ||
		    (oracle_distance_m(was_a, near_a) < 0.001 && oracle_distance_m(was_b, near_b) < 0.001))
			break;
	}
	free(pl.xy);
	GEOS_finish_r(geos);
	return pl.full ? HUGE_VAL : least;
}

/* ---- depth ----------------------------------------------------------------------------------------------------- */

/**
 * How deep @p p shows the bases to overlap: with p inside one by d and outside the other by e there is a point of the
 * other at e from p, still at least d - e deep in the first.
 */
static double depth_at(oracle_body *a, oracle_body *b, prl_latlng p)
{
	double in_a = point_to_base(a, p), in_b = point_to_base(b, p);
	double deep_a = a->shape.kind == ORACLE_POLYGON ? -in_a - fmax(0, in_b) : 0;
	double deep_b = b->shape.kind == ORACLE_POLYGON ? -in_b - fmax(0, in_a) : 0;
	return fmax(deep_a, deep_b);
}

/** The deepest vertex of @p a in the region @p b; every @p step-th. */
static double vertex_depth(oracle_body *a, oracle_body *b, size_t step)
{
	double deepest = 0;
	if (b->shape.kind != ORACLE_POLYGON)
		return 0;
	for (size_t i = 0; i < a->vertex_count; i += step) {
		prl_latlng v = a->shape.vertices[i];
		if (apart(a->xyz[i], b->middle) > b->reach_m || !oracle_base_contains(b, v))
			continue;
		deepest = fmax(deepest, point_to_edges(b, v));
	}
	return deepest;
}

/** Deepest of the corners, and middles of the sides, of the parts that two crossing bases have in common. */
static double common_depth(oracle_body *a, oracle_body *b, prl_latlng contact)
{
	GEOSContextHandle_t geos = GEOS_init_r();
	plane pl = { .tolerance_m = 0.5, .center = contact, .xy = malloc(2 * MAX_CUTS * sizeof(double)) };
	assert(pl.xy);
	GEOSGeometry *ga = to_geos(geos, &pl, a), *gb = to_geos(geos, &pl, b);
	GEOSGeometry *common =
		ga && gb ? GEOSIntersection_r(geos, ga, gb) : NULL; /* NULL: cut so that it crosses itself */
	double deepest = 0, x0 = 0, y0 = 0, x, y;
	int parts = common ? GEOSGetNumGeometries_r(geos, common) : 0;
	for (int i = 0; i < parts && i < 8 && deepest < 0.05; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(geos, common, i);
		if (GEOSGeomTypeId_r(geos, part) == GEOS_POLYGON)
			part = GEOSGetExteriorRing_r(geos, part);
		const GEOSCoordSequence *seq = part ? GEOSGeom_getCoordSeq_r(geos, part) : NULL;
		unsigned count = 0;
		if (seq)
			GEOSCoordSeq_getSize_r(geos, seq, &count);
		for (unsigned k = 0; k < count && k < 40 && deepest < 0.05; k++) {
			GEOSCoordSeq_getXY_r(geos, seq, k, &x, &y);
			deepest = fmax(deepest, depth_at(a, b, unproject(&pl, x, y)));
			if (k > 0)
				deepest = fmax(deepest, depth_at(a, b, unproject(&pl, (x0 + x) / 2, (y0 + y) / 2)));
			x0 = x;
			y0 = y;
		}
	}
	GEOSGeom_destroy_r(geos, common);
	GEOSGeom_destroy_r(geos, ga);
	GEOSGeom_destroy_r(geos, gb);
	free(pl.xy);
	GEOS_finish_r(geos);
	return deepest;
}

oracle_answer oracle_measure(oracle_body *a, oracle_body *b)
{
	search q = closest_edges(a, b);
	bool touch = q.best_m <= TOUCH_M;
	bool meet =
		touch || oracle_base_contains(a, b->shape.vertices[0]) || oracle_base_contains(b, a->shape.vertices[0]);
	oracle_answer answer = { .edges_m = q.best_m, .on_a = q.on_a, .on_b = q.on_b, .bases_meet = meet };
	double depth = 0;
	if (meet) {
		/* Nested bases: the edges are apart, all vertices of one are inside, the deepest of a few will do. */
		size_t step_a = touch ? 1 : a->vertex_count / 8 + 1, step_b = touch ? 1 : b->vertex_count / 8 + 1;
		depth = fmax(vertex_depth(a, b, step_a), vertex_depth(b, a, step_b));
		if (depth < 0.05 && touch)
			depth = fmax(depth, common_depth(a, b, q.on_a));
	}
	answer.signed_m = (meet ? -depth : q.best_m) - a->shape.radius_m - b->shape.radius_m;
	return answer;
}

/* ---- the engine's ---------------------------------------------------------------------------------------------- */

void oracle_print(FILE *to, const char *name, const oracle_shape *shape)
{
	static const char *const kinds[] = { "POLYGON", "LINE", "POINT" };
	fprintf(to, "#   %s = %s radius %.17g (lat lng)", name, kinds[shape->kind], shape->radius_m);
	for (size_t r = 0; r < shape->ring_count; r++) {
		for (size_t i = shape->ring_start[r]; i < shape->ring_start[r + 1]; i++) {
			prl_latlng v = shape->vertices[i];
			fprintf(to, "%s%.17g %.17g", i == shape->ring_start[r] ? " (" : ", ", v.lat_deg, v.lng_deg);
		}
		fputc(')', to);
	}
	fputc('\n', to);
}

prl_footprint *oracle_engine_footprint(const oracle_shape *shape, double split, prl_error *err)
{
	prl_footprint *footprint = NULL;
	prl_status st;
	double margin = shape->radius_m * split, radius = shape->radius_m - margin;
	prl_ring rings[ORACLE_MAX_RINGS];
	prl_latlng closed[ORACLE_MAX_VERTICES + ORACLE_MAX_RINGS], *next = closed;
	switch (shape->kind) {
	case ORACLE_POLYGON:
		for (size_t r = 0; r < shape->ring_count; r++) {
			size_t first = shape->ring_start[r], count = shape->ring_start[r + 1] - first;
			memcpy(next, &shape->vertices[first], count * sizeof *next);
			if (split > 0.5) /* a closed ring is the same ring */
				next[count++] = next[0];
			rings[r] = (prl_ring){ next, count };
			next += count;
		}
		st = prl_footprint_polygon(rings, shape->ring_count, PRL_EDGES_GEODESIC, shape->radius_m, &footprint,
					   err);
		break;
	case ORACLE_LINE:
		st = prl_footprint_corridor(shape->vertices, oracle_vertex_count(shape), PRL_EDGES_GEODESIC, radius,
					    margin, &footprint, err);
		break;
	default:
		st = prl_footprint_circle(shape->vertices[0], radius, margin, &footprint, err);
	}
	return st == PRL_OK ? footprint : NULL;
}
