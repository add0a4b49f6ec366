#include "conflict/approach.h"

#include "geo/footprint.h"

#define SLACK_M 0.001      /* outward, against rounding: touching is found */
#define STRAIGHT_M 0.0005  /* parts of a leg are taken as straight when they bend no more */
#define SHORT_REACH_M 20e3 /* up to here a chord stands for the arc by one formula: off by < 0.1 mm */
#define FAR_LEAF_M 30.0    /* half length of parts at which reaches of over 150 km are decided */
#define MAX_REACH_M 19.9e6 /* everything on earth is nearer */
#define MEAN_K (1.0 / (6371000.0 * 6371000.0))

double prl_points_distance_m(prl_vec a, prl_vec b)
{
	prl_vec v = prl_vec_sub(a, b);
	if (prl_vec_dot(v, v) < 1e10)
		return prl_near_distance_m(a, b);
	return prl_distance_m(prl_ellipsoid_place(a), prl_ellipsoid_place(b));
}

/* The chord of an arc of that length on a sphere of that radius. */
static double chord_of(double arc, double radius)
{
	return 2 * radius * sin(prl_min(arc / (2 * radius), 1.57079632679489661923));
}

/* Bounds of the chord between points whose geodesic distance is arc, any direction, anywhere. */
static void chord_bounds(double arc, double *ret_low, double *ret_high)
{
	if (arc <= SHORT_REACH_M) {
		double chord = arc * (1 - arc * arc * MEAN_K / 24);
		*ret_low = chord - 1e-4;
		*ret_high = chord + 1e-4;
		return;
	}
	*ret_low = chord_of(arc, PRL_WGS84_MIN_RADIUS) * 0.9999;
	*ret_high = chord_of(arc, PRL_WGS84_MAX_RADIUS) * 1.0001;
}

/* The two points at an instant. */
struct instant {
	double t;
	prl_vec a, b;
};

struct approach {
	const prl_leg *a, *b;
	prl_reach reach;
	prl_runs *runs;
};

static struct instant instant_at(const struct approach *ap, double t)
{
	return (struct instant){ t, prl_leg_point(ap->a, t), prl_leg_point(ap->b, t) };
}

/* The chord that stands for the reach at t, for points about as far apart as those of @p near. */
static double exact_chord(const struct approach *ap, double t, const struct instant *near)
{
	double arc = prl_reach_at(ap->reach, t);
	if (arc <= SHORT_REACH_M)
		return arc * (1 - arc * arc * MEAN_K / 24);
	double chord = prl_vec_length(prl_vec_sub(near->a, near->b)), at = prl_points_distance_m(near->a, near->b);
	return chord + (arc - at) * cos(at / 12742000.0);
}

/* s in [0, 1] with |d0 + s (d1 − d0)| <= c0 + s (c1 − c0). The left side is convex and the right linear, so that it
 * is one interval. */
static bool straight_run(prl_vec d0, prl_vec d1, double c0, double c1, double *ret_from, double *ret_to)
{
	prl_vec dd = prl_vec_sub(d1, d0);
	double dc = c1 - c0, a = prl_vec_dot(dd, dd) - dc * dc, b = prl_vec_dot(d0, dd) - c0 * dc;
	double c = prl_vec_dot(d0, d0) - c0 * c0, disc = b * b - a * c;
	bool first = c <= 0, last = prl_vec_dot(d1, d1) <= c1 * c1;
	if (first && last) {
		*ret_from = 0;
		*ret_to = 1;
		return true;
	}
	if (disc < 0 || (a == 0 && b == 0))
		return false;
	/* Roots without cancellation. */
	double q = -(b + copysign(sqrt(disc), b));
	double r0 = a != 0 ? q / a : c / q, r1 = q != 0 ? c / q : r0;
	double low = prl_min(r0, r1), high = prl_max(r0, r1);
	if (first || last) { /* one root inside: the one between the ends */
		double root = low > 0 && low < 1 ? low : prl_min(1, prl_max(0, high));
		*ret_from = first ? 0 : root;
		*ret_to = first ? root : 1;
		return true;
	}
	if (a <= 0 || !(low < 1 && high > 0))
		return false;
	*ret_from = prl_max(0, low);
	*ret_to = prl_min(1, high);
	return true;
}

static double origin_distance2(prl_vec d0, prl_vec d1)
{
	prl_vec dd = prl_vec_sub(d1, d0);
	double dd2 = prl_vec_dot(dd, dd), s = dd2 > 0 ? prl_min(1, prl_max(0, -prl_vec_dot(d0, dd) / dd2)) : 0;
	prl_vec d = prl_vec_add(d0, prl_vec_scale(dd, s));
	return prl_vec_dot(d, d);
}

static void approach_between(const struct approach *ap, const struct instant *i0, const struct instant *i1, int depth)
{
	double dt = i1->t - i0->t, bent = (ap->a->bend + ap->b->bend) * dt * dt / 8, low0, high0, low1, high1;
	prl_vec d0 = prl_vec_sub(i0->a, i0->b), d1 = prl_vec_sub(i1->a, i1->b);
	chord_bounds(prl_reach_at(ap->reach, i0->t), &low0, &high0);
	chord_bounds(prl_reach_at(ap->reach, i1->t), &low1, &high1);
	double most = prl_max(high0, high1) + bent + SLACK_M;
	if (origin_distance2(d0, d1) > most * most)
		return;
	if (prl_vec_length(d0) <= low0 - bent && prl_vec_length(d1) <= low1 - bent) {
		prl_runs_add(ap->runs, i0->t, i1->t);
		return;
	}
	struct instant middle = instant_at(ap, (i0->t + i1->t) / 2);
	if (bent > STRAIGHT_M && depth > 0) {
		approach_between(ap, i0, &middle, depth - 1);
		approach_between(ap, &middle, i1, depth - 1);
		return;
	}
	double from, to;
	if (straight_run(d0, d1, exact_chord(ap, i0->t, &middle) + SLACK_M, exact_chord(ap, i1->t, &middle) + SLACK_M,
	                 &from, &to))
		prl_runs_add(ap->runs, i0->t + from * dt, i0->t + to * dt);
}

void prl_approach_points(const prl_leg *a, const prl_leg *b, prl_reach reach, prl_runs *runs)
{
	struct approach ap = { a, b, reach, runs };
	if (prl_min(reach.metres, prl_reach_at(reach, a->seconds)) >= MAX_REACH_M) {
		prl_runs_add(runs, 0, a->seconds);
		return;
	}
	struct instant start = instant_at(&ap, 0);
	if (a->seconds <= 0) {
		if (prl_points_distance_m(start.a, start.b) <= reach.metres + SLACK_M)
			prl_runs_add(runs, 0, 0);
		return;
	}
	struct instant end = instant_at(&ap, a->seconds);
	approach_between(&ap, &start, &end, 50);
	prl_runs_merge(runs);
}

/* ---- a moving point and a footprint ------------------------------------------------------------------------------ */

/* One straight part of a leg, seen in the plane about its middle. */
struct part {
	const prl_leg *leg;
	const prl_footprint *footprint;
	prl_reach reach;
	prl_runs *runs;
	prl_runs *near; /* scratch: runs near pieces of the boundary, of this part only */
	double t0, t1;
	prl_frame frame;
	prl_xy p0, p1;
	double radius; /* pieces farther than this from the frame's origin do not matter */
	bool any;      /* whether there was a piece at all */
	bool full;     /* whether one piece is near all the time: no other can add to that */
	bool probe;    /* only that is asked */
};

/* Adds the disc about q: |p(s) − q| <= r(s). */
static void add_disc(struct part *part, prl_xy q, double r0, double r1)
{
	double from, to;
	prl_vec d0 = { part->p0.x - q.x, part->p0.y - q.y, 0 }, d1 = { part->p1.x - q.x, part->p1.y - q.y, 0 };
	if (!straight_run(d0, d1, r0, r1, &from, &to))
		return;
	prl_runs_add(part->near, from, to);
	part->full |= from <= 0 && to >= 1;
}

/* Intersects [*from, *to] with the s at which g0 + s (g1 − g0) <= 0. */
static bool clip(double g0, double g1, double *from, double *to)
{
	if (g0 > 0 && g1 > 0)
		return false;
	if (g0 > 0)
		*from = prl_max(*from, g0 / (g0 - g1));
	else if (g1 > 0)
		*to = prl_min(*to, g0 / (g0 - g1));
	return *from <= *to;
}

/* Adds where the path is within r(s) of the segment q0–q1: its two discs and the slab between. */
static void add_capsule(struct part *part, prl_xy q0, prl_xy q1)
{
	double r0 = prl_reach_at(part->reach, part->t0) + SLACK_M, r1 = prl_reach_at(part->reach, part->t1) + SLACK_M;
	add_disc(part, q0, r0, r1);
	prl_xy along = prl_xy_sub(q1, q0);
	double length = sqrt(prl_xy_dot(along, along));
	if (length < 1e-6)
		return;
	add_disc(part, q1, r0, r1);
	double from = 0, to = 1;
	prl_xy v0 = prl_xy_sub(part->p0, q0), v1 = prl_xy_sub(part->p1, q0);
	double x0 = prl_xy_dot(v0, along) / length, x1 = prl_xy_dot(v1, along) / length;
	double y0 = prl_xy_cross(along, v0) / length, y1 = prl_xy_cross(along, v1) / length;
	if (clip(-x0, -x1, &from, &to) && clip(x0 - length, x1 - length, &from, &to) && clip(y0 - r0, y1 - r1, &from, &to) &&
	    clip(-y0 - r0, -y1 - r1, &from, &to)) {
		prl_runs_add(part->near, from, to);
		part->full |= from <= 0 && to >= 1;
	}
}

/* A piece of the boundary, cut so that in the plane each cut is straight within 1 mm: at distance D from the origin a
 * half length h bends by D h² K / 3 (geo/frame.h). */
static void add_piece(struct part *part, prl_vec a, prl_vec b)
{
	double length = prl_vec_length(prl_vec_sub(b, a));
	double straight = sqrt(0.003 / (PRL_MAX_CURVATURE * (part->radius + length + 1)));
	int cuts = 1 + (int)(length / (2 * straight));
	prl_xy last = prl_frame_to_plane(&part->frame, a);
	for (int i = 1; i <= cuts; i++) {
		prl_vec point = i == cuts ? b : prl_ellipsoid_drop(prl_vec_mix(a, b, (double)i / cuts));
		prl_xy next = prl_frame_to_plane(&part->frame, point);
		add_capsule(part, last, next);
		last = next;
	}
}

static double point_cell_distance2(prl_vec p, const prl_cell *c)
{
	prl_cell one = { { p.x, p.y, p.z }, { p.x, p.y, p.z } };
	return prl_cells_distance2(&one, c);
}

static double point_piece_distance2(prl_vec p, prl_vec a, prl_vec b)
{
	return origin_distance2(prl_vec_sub(a, p), prl_vec_sub(b, p));
}

static bool visited_enough(const struct part *part)
{
	return part->full || (part->probe && part->any);
}

/* Visits the pieces that may be within part->radius; stops at the first when only asked whether there is one. */
static void visit_pieces(struct part *part, size_t from, size_t to)
{
	const prl_footprint *f = part->footprint;
	double most = part->radius + prl_piece_bulge_m(f->longest_m) + SLACK_M;
	for (size_t i = from; i < to && !visited_enough(part); i++) {
		if (point_piece_distance2(part->frame.origin, f->points[i], f->points[i + 1]) > most * most ||
		    !prl_piece_exists(f, i))
			continue;
		part->any = true;
		if (!part->probe)
			add_piece(part, f->points[i], f->points[i + 1]);
	}
}

static void visit_node(struct part *part, unsigned level, size_t node)
{
	const prl_footprint *f = part->footprint;
	if (visited_enough(part) || point_cell_distance2(part->frame.origin, &f->cells[f->level_start[level] + node]) >
	                                          part->radius * part->radius)
		return;
	size_t end = level ? f->level_start[level] - f->level_start[level - 1] : prl_piece_count(f);
	size_t from = node * PRL_TREE_WIDTH, to = from + PRL_TREE_WIDTH < end ? from + PRL_TREE_WIDTH : end;
	if (level == 0)
		visit_pieces(part, from, to);
	for (size_t i = from; level > 0 && i < to; i++)
		visit_node(part, level - 1, i);
}

static void visit_boundary(struct part *part)
{
	const prl_footprint *f = part->footprint;
	part->any = part->full = false;
	if (!f->cells) {
		visit_pieces(part, 0, prl_piece_count(f));
		return;
	}
	size_t top = f->level_start[f->levels] - f->level_start[f->levels - 1];
	for (size_t i = 0; i < top; i++)
		visit_node(part, f->levels - 1, i);
}

static bool inside(const struct part *part, double t)
{
	prl_latlng at = prl_leg_place(part->leg, t);
	at.lng_deg = prl_wrap_deg(at.lng_deg);
	return prl_region_contains(part->footprint, prl_ellipsoid_point(at), at.lat_deg, at.lng_deg);
}

/* Between runs near the boundary the path does not meet it: each gap is inside or outside as a whole. */
static void add_part(struct part *part)
{
	double dt = part->t1 - part->t0, last = 0;
	prl_runs_merge(part->near);
	for (size_t i = 0; i <= part->near->count; i++) {
		double next = i < part->near->count ? part->near->items[i].from : 1;
		if (next > last && inside(part, part->t0 + dt * (last + next) / 2))
			prl_runs_add(part->runs, part->t0 + dt * last, part->t0 + dt * next);
		if (i == part->near->count)
			break;
		prl_run run = part->near->items[i];
		prl_runs_add(part->runs, part->t0 + dt * run.from, part->t0 + dt * run.to);
		last = run.to;
	}
}

/* The part of the leg between t0 and t1: nothing of the boundary near, or straight enough, or halved. */
static void approach_part(struct part *part, double t0, double t1, int depth)
{
	double dt = t1 - t0, bent = part->leg->bend * dt * dt / 8, middle = (t0 + t1) / 2;
	prl_vec p0 = prl_leg_point(part->leg, t0), p1 = prl_leg_point(part->leg, t1), pm = prl_leg_point(part->leg, middle);
	double half = prl_max(prl_vec_length(prl_vec_sub(p0, pm)), prl_vec_length(prl_vec_sub(p1, pm))) + bent;
	part->t0 = t0;
	part->t1 = t1;
	part->radius = prl_max(prl_reach_at(part->reach, t0), prl_reach_at(part->reach, t1)) + half + 0.01;
	part->frame = prl_frame_at(pm);
	/* In the plane the path is straight within its bend, and a part of length 2h at distance D from what it nears errs
	 * by D (2h)² K / 6 at most: 1 km at 100 km off is 2 mm. */
	bool straight = (bent <= STRAIGHT_M && half <= 500) || depth == 0;
	part->probe = !straight;
	part->p0 = prl_frame_to_plane(&part->frame, p0);
	part->p1 = prl_frame_to_plane(&part->frame, p1);
	part->near->count = 0;
	visit_boundary(part);
	if (!straight && part->any) {
		approach_part(part, t0, middle, depth - 1);
		approach_part(part, middle, t1, depth - 1);
		return;
	}
	add_part(part);
}

/* For reaches beyond what a plane bears the leg is cut until its end points decide: the distance to the base changes
 * no faster than the point moves. */
static bool base_within(const prl_footprint *f, prl_latlng at, double limit)
{
	prl_footprint bare = *f;
	bare.radius_m = 0;
	prl_footprint *point = NULL;
	if (prl_footprint_circle((prl_latlng){ prl_min(90, prl_max(-90, at.lat_deg)), prl_wrap_deg(at.lng_deg) }, 0, 0, &point, NULL))
		return true; /* out of memory: outward */
	bool within = prl_footprint_within(point, &bare, limit, NULL);
	prl_footprint_free(point);
	return within;
}

/* By how much the base is farther than the reach, at most 1 m. */
static double far_excess(const struct part *part, double t)
{
	prl_latlng at = prl_leg_place(part->leg, t);
	prl_footprint bare = *part->footprint;
	bare.radius_m = 0;
	prl_footprint *point = NULL;
	if (prl_footprint_circle((prl_latlng){ prl_min(90, prl_max(-90, at.lat_deg)), prl_wrap_deg(at.lng_deg) }, 0, 0, &point,
	                         NULL))
		return 0; /* out of memory: outward */
	prl_nearness near;
	double reach = prl_reach_at(part->reach, t);
	double excess = prl_footprint_within(point, &bare, reach + 1, &near) ? near.distance_m - reach : 1;
	prl_footprint_free(point);
	return excess;
}

/* A part so short that the distance to anything over FAR_LEAF_M away runs straight but for half·half / 2 / 150 km = 3 mm,
 * and bends down only where another point becomes the closest: above the chord, so that between two ends that are too
 * far nothing is near. */
static void far_leaf(struct part *part, double t0, double t1)
{
	double e0 = far_excess(part, t0), e1 = far_excess(part, t1), from = t0, to = t1;
	if (e0 > 0.001 && e1 > 0.001)
		return;
	for (int i = 0; (e0 > 0.001 || e1 > 0.001) && i < 16; i++) { /* 60 m / 2^16 < 1 mm */
		double middle = (from + to) / 2;
		bool near = far_excess(part, middle) <= 0.001;
		if (near == (e0 > 0.001))
			to = middle;
		else
			from = middle;
	}
	prl_runs_add(part->runs, e0 > 0.001 ? from : t0, e1 > 0.001 ? to : t1);
}

static void approach_far(struct part *part, double t0, double t1, int depth)
{
	double middle = (t0 + t1) / 2, bent = part->leg->bend * (t1 - t0) * (t1 - t0) / 8;
	prl_vec p0 = prl_leg_point(part->leg, t0), p1 = prl_leg_point(part->leg, t1);
	double half = prl_vec_length(prl_vec_sub(p1, p0)) * 0.51 + bent;
	double r0 = prl_reach_at(part->reach, t0), r1 = prl_reach_at(part->reach, t1);
	prl_latlng at = prl_leg_place(part->leg, middle);
	if (!base_within(part->footprint, at, prl_max(r0, r1) + half))
		return;
	bool all = prl_min(r0, r1) >= half && base_within(part->footprint, at, prl_min(r0, r1) - half);
	if (all) {
		prl_runs_add(part->runs, t0, t1);
		return;
	}
	if (depth == 0 || half < FAR_LEAF_M) {
		far_leaf(part, t0, t1);
		return;
	}
	approach_far(part, t0, middle, depth - 1);
	approach_far(part, middle, t1, depth - 1);
}

void prl_approach_footprint(const prl_leg *leg, const prl_footprint *footprint, prl_reach reach, prl_runs *runs)
{
	double most = prl_max(reach.metres, prl_reach_at(reach, leg->seconds));
	bool point = footprint->base == PRL_BASE_LINE && footprint->point_count == 2 && footprint->longest_m == 0;
	if (footprint->base == PRL_BASE_EVERYWHERE || prl_min(reach.metres, prl_reach_at(reach, leg->seconds)) >= MAX_REACH_M) {
		prl_runs_add(runs, 0, leg->seconds);
		return;
	}
	if (point) {
		prl_leg rest = prl_leg_at_rest((prl_latlng){ footprint->lat_deg[0], footprint->lng_deg[0] }, leg->seconds);
		prl_approach_points(leg, &rest, reach, runs);
		return;
	}
	prl_runs near = { 0 };
	struct part part = { .leg = leg, .footprint = footprint, .reach = reach, .runs = runs, .near = &near };
	if (most > 150e3)
		approach_far(&part, 0, leg->seconds, 40);
	else if (leg->seconds > 0)
		approach_part(&part, 0, leg->seconds, 50);
	else if (base_within(footprint, prl_leg_place(leg, 0), reach.metres))
		prl_runs_add(runs, 0, 0);
	runs->failed |= near.failed;
	prl_runs_done(&near);
	prl_runs_merge(runs);
}
