#include "support/hard_cases.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *hard_design_name(hard_design design)
{
	static const char *const names[] = {
#define X(name) #name,
		HARD_DESIGN_MAP(X)
#undef X
	};
	return names[design];
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static void begin_ring(hard_form *form)
{
	form->ring_count++;
	form->ring_start[form->ring_count] = form->ring_start[form->ring_count - 1];
}

static void add_polar(hard_form *form, double distance, double azimuth)
{
	size_t i = form->ring_start[form->ring_count]++;
	assert(i < ORACLE_MAX_VERTICES);
	form->distance_m[i] = distance;
	form->azimuth_deg[i] = azimuth;
}

static void add_xy(hard_form *form, double x, double y)
{
	add_polar(form, hypot(x, y), atan2(x, y) * 180 / M_PI);
}

/** A ring whose corners are seen in turn from (cx, cy), radii in [low, high). Less than 180° apart. */
static void star_ring(rnd *r, hard_form *form, double cx, double cy, double low, double high, size_t corners)
{
	double turn = rnd_between(r, 0, 2 * M_PI);
	begin_ring(form);
	for (size_t i = 0; i < corners; i++) {
		double angle = turn + 2 * M_PI * ((double)i + rnd_between(r, 0, 0.45)) / (double)corners;
		double radius = low < high ? rnd_between(r, low, high) : low;
		add_xy(form, cx + radius * sin(angle), cy + radius * cos(angle));
	}
}

/** A convex ring: points of an ellipse in turn. */
static void convex_ring(rnd *r, hard_form *form, double size, size_t corners)
{
	double narrow = rnd_log(r, 0.05, 1);
	begin_ring(form);
	for (size_t i = 0; i < corners; i++) {
		double angle = 2 * M_PI * ((double)i + rnd_between(r, 0, 0.8)) / (double)corners;
		add_xy(form, size * narrow * sin(angle), size * cos(angle));
	}
}

/** A triangle or a bar up to 100,000 times as long as it is wide. */
static void sliver_ring(rnd *r, hard_form *form, double size)
{
	double width = fmax(0.05, size * rnd_log(r, 1e-5, 0.1));
	begin_ring(form);
	add_xy(form, -width / 2, -size);
	double which = rnd_unit(r);
	if (which < 0.6)
		add_xy(form, -width / 2, size);
	add_xy(form, width / 2, size);
	if (which > 0.3)
		add_xy(form, width / 2, -size * 0.9);
}

/** A comb: teeth and bays of random depth, the hard concave case. */
static void comb_ring(rnd *r, hard_form *form, double size, size_t teeth)
{
	double pitch = 2 * size / (double)teeth;
	begin_ring(form);
	add_xy(form, -size, -size);
	for (size_t i = 0; i < teeth; i++) {
		double left = -size + pitch * (double)i;
		double tip = rnd_between(r, 0.2, 1) * size, bay = rnd_between(r, -0.8, 0.1) * size;
		add_xy(form, left + pitch * 0.1, tip);
		add_xy(form, left + pitch * rnd_between(r, 0.3, 0.6), tip);
		add_xy(form, left + pitch * 0.7, bay);
		add_xy(form, left + pitch * 0.95, bay);
	}
	add_xy(form, size, -size);
}

/** A ring that is open on one side: B can stand in its mouth. */
static void horseshoe_ring(rnd *r, hard_form *form, double size, size_t corners)
{
	double gap = rnd_between(r, 0.05, 1.5), thick = rnd_between(r, 0.05, 0.5);
	begin_ring(form);
	for (size_t i = 0; i < corners; i++)
		add_polar(form, size, (gap / 2 + (2 * M_PI - gap) * (double)i / (double)(corners - 1)) * 180 / M_PI);
	for (size_t i = corners; i-- > 0;)
		add_polar(form, size * (1 - thick),
			  (gap / 2 + (2 * M_PI - gap) * (double)i / (double)(corners - 1)) * 180 / M_PI);
}

/** A wide star with one to three holes that touch neither it nor each other. */
static void holed_rings(rnd *r, hard_form *form, double size, size_t corners)
{
	static const double at[3][2] = { { 0, 0.25 }, { 0.2165, -0.125 }, { -0.2165, -0.125 } };
	size_t holes = 1 + rnd_below(r, 3);
	star_ring(r, form, 0, 0, 0.65 * size, size, corners < 9 ? 9 : corners);
	if (holes == 1) {
		star_ring(r, form, 0, 0, 0.1 * size, 0.35 * size, 3 + rnd_below(r, 10));
		return;
	}
	for (size_t i = 0; i < holes; i++)
		star_ring(r, form, at[i][0] * size, at[i][1] * size, 0.04 * size, 0.15 * size, 3 + rnd_below(r, 8));
}

/** A line that wanders, and may cross itself. */
static void wander(rnd *r, hard_form *form, double size, size_t points)
{
	double x = 0, y = 0, heading = rnd_between(r, 0, 2 * M_PI), step = size / (double)points;
	begin_ring(form);
	for (size_t i = 0; i < points; i++) {
		add_xy(form, x, y);
		heading += rnd_between(r, -1, 1);
		x += step * rnd_between(r, 0.2, 2) * sin(heading);
		y += step * rnd_between(r, 0.2, 2) * cos(heading);
	}
}

static void polygon_rings(rnd *r, double size, size_t max_vertices, hard_form *form)
{
	size_t corners = 3 + rnd_below(r, max_vertices - 2);
	switch (rnd_below(r, 7)) {
	case 0:
		convex_ring(r, form, size, corners);
		break;
	case 1:
		sliver_ring(r, form, size);
		break;
	case 2:
		comb_ring(r, form, size, 1 + corners / 5);
		break;
	case 3:
		horseshoe_ring(r, form, size, 3 + corners / 2);
		break;
	case 4:
		holed_rings(r, form, size, corners);
		break;
	default:
		star_ring(r, form, 0, 0, rnd_between(r, 0.1, 1) * size, size, corners);
	}
}

/** Turns each ring round with even chance: winding says nothing. */
static void any_winding(rnd *r, hard_form *form)
{
	for (size_t k = 0; k < form->ring_count; k++) {
		size_t i = form->ring_start[k], j = form->ring_start[k + 1];
		for (bool turn = rnd_chance(r, 0.5); turn && i + 1 < j; i++, j--) {
			double d = form->distance_m[i], z = form->azimuth_deg[i];
			form->distance_m[i] = form->distance_m[j - 1];
			form->azimuth_deg[i] = form->azimuth_deg[j - 1];
			form->distance_m[j - 1] = d;
			form->azimuth_deg[j - 1] = z;
		}
	}
}

void hard_form_make(rnd *r, double size_m, size_t max_vertices, hard_form *form)
{
	double what = rnd_unit(r);
	memset(form, 0, sizeof *form);
	form->size_m = size_m;
	if (what < 0.15) {
		form->kind = ORACLE_POINT;
		form->radius_m = rnd_chance(r, 0.05) ? 0 : fmin(size_m, 500e3);
		begin_ring(form);
		add_polar(form, 0, 0);
	} else if (what < 0.35) {
		form->kind = ORACLE_LINE;
		form->radius_m = rnd_chance(r, 0.1) ? 0 : fmin(size_m, 500e3) * rnd_log(r, 1e-3, 0.3);
		wander(r, form, size_m, 2 + rnd_below(r, max_vertices - 1));
	} else {
		form->kind = ORACLE_POLYGON;
		form->radius_m = rnd_chance(r, 0.8) ? 0 : rnd_log(r, 0.01, fmax(0.02, size_m / 10));
		polygon_rings(r, size_m, max_vertices, form);
		any_winding(r, form);
	}
}

void hard_form_place(const hard_form *form, prl_latlng anchor, double turn_deg, oracle_shape *shape)
{
	shape->kind = form->kind;
	shape->radius_m = form->radius_m;
	shape->ring_count = form->ring_count;
	memcpy(shape->ring_start, form->ring_start, sizeof shape->ring_start);
	for (size_t i = 0; i < form->ring_start[form->ring_count]; i++)
		shape->vertices[i] = oracle_destination(anchor, form->azimuth_deg[i] + turn_deg, form->distance_m[i]);
}

prl_latlng hard_place(rnd *r)
{
	double what = rnd_unit(r), side = rnd_chance(r, 0.5) ? 1 : -1;
	prl_latlng p = { asin(rnd_between(r, -1, 1)) * 180 / M_PI, rnd_between(r, -180, 180) };
	if (what < 0.10)
		p.lat_deg = side * (90 - rnd_log(r, 1e-7, 10));
	else if (what < 0.13)
		p.lat_deg = side * 90;
	else if (what < 0.28)
		p.lng_deg = side * (180 - rnd_log(r, 1e-9, 5));
	else if (what < 0.30)
		p.lng_deg = side * 180;
	else if (what < 0.36)
		p.lat_deg = side * rnd_log(r, 1e-9, 1);
	else if (what < 0.38)
		p = (prl_latlng){ 0, 0 };
	return p;
}

/* ---- pairs ----------------------------------------------------------------------------------------------------- */

/** From 50 m to a flight information region 2,500 km across. */
static double random_size(rnd *r)
{
	return rnd_log(r, 25, 1250e3);
}

/** The azimuth that leads out of @p a at a point of an edge whose azimuth there is @p along. */
static double outward(oracle_body *a, prl_latlng at, double along, double step)
{
	double left = along - 90;
	return a->shape.kind == ORACLE_POLYGON && oracle_base_contains(a, oracle_destination(at, left, step))
		       ? along + 90
		       : left;
}

/** Sets @p form down @p far metres from @p from, measures. */
static double place_and_measure(hard_pair *pair, const hard_form *form, prl_latlng from, double azimuth, double far,
				double turn)
{
	oracle_shape shape;
	hard_form_place(form, oracle_destination(from, azimuth, far), turn, &shape);
	oracle_body_init(&pair->b, &shape);
	pair->answer = oracle_measure(&pair->a, &pair->b);
	return pair->answer.signed_m;
}

/**
 * Moves B along a geodesic that leads out of A until their gap is @p target. The gap grows by at most a metre a metre
 * and, out of a star, seldom falls: steps of what is missing, halved between a place too near and one too far.
 */
static void move_until(rnd *r, hard_pair *pair, const hard_form *form, double target, int rounds, double good_enough)
{
	double along, turn = rnd_between(r, 0, 360);
	prl_latlng from = oracle_edge_at(&pair->a, rnd_below(r, pair->a.edge_count), rnd_unit(r), &along);
	double azimuth =
		pair->a.edges[0].length_m == 0 ? turn : outward(&pair->a, from, along, form->size_m * 1e-3 + 0.1);
	double reach = form->size_m + form->radius_m + pair->a.shape.radius_m;
	double far = fmax(0, target + reach * rnd_between(r, 0.3, 1)), near_end = (double)NAN, far_end = (double)NAN;
	for (int i = 0; i < rounds; i++) {
		double miss = target - place_and_measure(pair, form, from, azimuth, far, turn);
		if (fabs(miss) <= good_enough)
			return;
		if (miss > 0)
			near_end = far;
		else
			far_end = far;
		far += miss;
		if (!isnan(near_end) && !isnan(far_end) &&
		    (far <= fmin(near_end, far_end) || far >= fmax(near_end, far_end) || i % 4 == 3))
			far = (near_end + far_end) / 2;
		far = fmin(far, 6e6);
	}
}

static double random_depth_or_gap(rnd *r)
{
	double size = rnd_log(r, 0.011, 100e3);
	return rnd_chance(r, 0.5) ? size : -size;
}

/** B's own size: like A's, or anything. */
static double size_beside(rnd *r, double size_a)
{
	return rnd_chance(r, 0.5) ? fmin(1250e3, size_a * rnd_log(r, 0.1, 10)) : random_size(r);
}

/** Touching is what counts (H = 0): B is pushed against A from outside. */
static void make_beside(rnd *r, hard_pair *pair, double size_a, size_t corners)
{
	hard_form form;
	hard_form_make(r, size_beside(r, size_a), corners, &form);
	double deepest = 0.3 * fmin(size_a, form.size_m);
	if (pair->designed_m < -deepest)
		pair->designed_m = -rnd_log(r, 0.011, fmax(0.02, deepest));
	move_until(r, pair, &form, pair->designed_m, 14, 0.05 * fabs(pair->designed_m) < 0.001 ? 0.0005 : 0.001);
	pair->limit_m = 0;
}

/** A separation is to be kept: B somewhere about there, the separation chosen so that gap or overlap is as designed. */
static void make_limit(rnd *r, hard_pair *pair, double size_a, size_t corners)
{
	hard_form form;
	double limit = rnd_log(r, 1, 100e3), apart = limit + pair->designed_m;
	hard_form_make(r, size_beside(r, size_a), corners, &form);
	move_until(r, pair, &form, apart, apart > 0 ? 4 : 1, 0.2 * fabs(apart));
	limit = pair->answer.signed_m - pair->designed_m;
	pair->limit_m = limit > 0 ? limit : rnd_log(r, 1, 100e3);
}

/** A polygon or a bar whose edge runs along A's edge, a constant little way off, to the metre or over its length. */
static void make_parallel(rnd *r, hard_pair *pair)
{
	double along, off = pair->designed_m < 0 ? 0 : pair->designed_m;
	size_t edge = rnd_below(r, pair->a.edge_count);
	double f0 = rnd_unit(r), f1 = rnd_unit(r);
	prl_latlng p = oracle_edge_at(&pair->a, edge, f0, &along);
	double out = outward(&pair->a, p, along, 0.5) - along, width = rnd_log(r, 1, 50e3), z;
	prl_latlng q = oracle_edge_at(&pair->a, edge, f1, &z);
	oracle_shape shape = { .kind = ORACLE_POLYGON, .ring_count = 1, .ring_start = { 0, 4 } };
	shape.vertices[0] = oracle_destination(p, along + out, off);
	shape.vertices[1] = oracle_destination(q, z + out, off);
	shape.vertices[2] = oracle_destination(q, z + out, off + width);
	shape.vertices[3] = oracle_destination(p, along + out, off + width);
	oracle_body_init(&pair->b, &shape);
	pair->answer = oracle_measure(&pair->a, &pair->b);
	double limit = pair->answer.signed_m - pair->designed_m;
	pair->limit_m = pair->designed_m < 0 && limit > 0 ? limit : 0;
}

/** A small B at a random place in A's extent: inside, in a bay, across an edge. */
static void make_nested(rnd *r, hard_pair *pair, double size_a, size_t corners)
{
	hard_form form;
	oracle_shape shape;
	prl_latlng p = oracle_edge_at(&pair->a, rnd_below(r, pair->a.edge_count), rnd_unit(r), NULL);
	hard_form_make(r, size_a * rnd_log(r, 1e-3, 0.3), corners, &form);
	hard_form_place(&form, oracle_destination(p, rnd_between(r, 0, 360), size_a * rnd_unit(r)),
			rnd_between(r, 0, 360), &shape);
	oracle_body_init(&pair->b, &shape);
	pair->answer = oracle_measure(&pair->a, &pair->b);
	double limit = pair->answer.signed_m - pair->designed_m;
	pair->limit_m = !pair->answer.bases_meet && limit > 0 ? limit : 0;
}

/** B in a hole of A, pushed against the hole's edge. */
static void make_hole(rnd *r, hard_pair *pair, double size_a, size_t corners)
{
	hard_form a, form;
	oracle_shape shape = pair->a.shape;
	memset(&a, 0, sizeof a);
	a.kind = ORACLE_POLYGON;
	a.size_m = size_a;
	holed_rings(r, &a, size_a, corners);
	any_winding(r, &a);
	hard_form_place(&a, hard_place(r), rnd_between(r, 0, 360), &shape);
	oracle_body_init(&pair->a, &shape);
	hard_form_make(r, size_a * rnd_log(r, 1e-4, 0.02), corners, &form);
	size_t edge = shape.ring_start[1] + rnd_below(r, pair->a.edge_count - shape.ring_start[1]);
	double along, turn = rnd_between(r, 0, 360);
	prl_latlng from = oracle_edge_at(&pair->a, edge, rnd_between(r, 0.2, 0.8), &along);
	double inward = outward(&pair->a, from, along, 0.01 * size_a), far = 0, asked = pair->designed_m;
	pair->designed_m = copysign(fmin(fabs(asked), 0.01 * size_a), asked);
	for (int i = 0; i < 8; i++) {
		double miss = pair->designed_m - place_and_measure(pair, &form, from, inward, far, turn);
		if (fabs(miss) < 0.001)
			break;
		far = fmax(0, far + miss);
	}
	pair->limit_m = 0;
}

/** B has an edge in common with A, or a vertex on it: contact to the last bit, and a separation beyond it. */
static void make_shared(rnd *r, hard_pair *pair)
{
	size_t edge = rnd_below(r, pair->a.edge_count);
	const oracle_edge *e = &pair->a.edges[edge];
	double along;
	prl_latlng middle = oracle_edge_at(&pair->a, edge, rnd_unit(r), &along);
	double out = outward(&pair->a, middle, along, 1);
	oracle_shape shape = { .kind = ORACLE_POLYGON, .ring_count = 1, .ring_start = { 0, 3 } };
	shape.vertices[0] = rnd_chance(r, 0.5) ? pair->a.shape.vertices[e->from] : middle;
	shape.vertices[1] =
		rnd_chance(r, 0.5) ? pair->a.shape.vertices[e->to] : oracle_destination(middle, out + 20, 500);
	shape.vertices[2] = oracle_destination(middle, out, rnd_log(r, 10, 100e3));
	oracle_body_init(&pair->b, &shape);
	pair->answer = oracle_measure(&pair->a, &pair->b);
	pair->limit_m = rnd_chance(r, 0.5) ? 0 : fabs(pair->designed_m);
}

/** A box of a grid of meridians and parallels (its sides geodesics), or with a pole for its top or bottom. */
static void grid_box(rnd *r, prl_latlng corner, double step, oracle_shape *shape)
{
	double south = corner.lat_deg + step * (double)rnd_below(r, 4),
	       west = corner.lng_deg + step * (double)rnd_below(r, 4);
	double north = south + step * (double)(1 + rnd_below(r, 3)), east = west + step * (double)(1 + rnd_below(r, 3));
	size_t n = 0;
	shape->kind = ORACLE_POLYGON;
	shape->radius_m = 0;
	shape->ring_count = 1;
	shape->ring_start[0] = 0;
	shape->vertices[n++] = (prl_latlng){ fmax(south, -90), west };
	if (rnd_chance(r, 0.3) && south > -90 && north < 90)
		shape->vertices[n++] = (prl_latlng){ (south + north) / 2, west }; /* straight on */
	shape->vertices[n++] = (prl_latlng){ fmin(north, 90), west };
	if (north < 90)
		shape->vertices[n++] = (prl_latlng){ north, east };
	if (south > -90)
		shape->vertices[n++] = (prl_latlng){ south, east };
	shape->ring_start[1] = n;
}

/** Two boxes of one grid: sides on one meridian to the last bit, corners in common, one in the other, the same twice.
 */
static void make_grid(rnd *r, hard_pair *pair)
{
	static const double steps[] = { 0.0001, 0.001, 0.01, 0.05, 0.25, 0.5, 1, 2.5 };
	double step = steps[rnd_below(r, sizeof steps / sizeof *steps)];
	prl_latlng corner = hard_place(r);
	corner.lat_deg = fmax(-90, fmin(90 - 4 * step, step * rint(corner.lat_deg / step)));
	corner.lng_deg = step * rint(corner.lng_deg / step);
	oracle_shape shape;
	grid_box(r, corner, step, &shape);
	oracle_body_init(&pair->a, &shape);
	grid_box(r, corner, step, &shape);
	oracle_body_init(&pair->b, &shape);
	pair->answer = oracle_measure(&pair->a, &pair->b);
	double limit = pair->answer.signed_m - pair->designed_m;
	pair->limit_m = pair->answer.bases_meet || limit < 0 ? 0 : limit;
}

static bool usable_edge_count(const oracle_body *a)
{
	return a->shape.kind != ORACLE_POINT && a->edge_count >= 1;
}

void hard_pair_make(rnd *r, hard_pair *pair)
{
	static const hard_design odds[] = { HARD_BESIDE, HARD_BESIDE,   HARD_BESIDE,      HARD_BESIDE,
					    HARD_LIMIT,  HARD_LIMIT,    HARD_LIMIT,       HARD_LIMIT,
					    HARD_LIMIT,  HARD_LIMIT,    HARD_NESTED,      HARD_NESTED,
					    HARD_HOLE,   HARD_PARALLEL, HARD_SHARED_EDGE, HARD_GRID };
	size_t corners = rnd_chance(r, 0.7) ? 12 : 60;
	double size_a = random_size(r);
	hard_form form;
	oracle_shape shape;
	hard_form_make(r, size_a, corners, &form);
	hard_form_place(&form, hard_place(r), rnd_between(r, 0, 360), &shape);
	oracle_body_init(&pair->a, &shape);
	pair->design = odds[rnd_below(r, sizeof odds / sizeof *odds)];
	pair->designed_m = random_depth_or_gap(r);
	if ((pair->design == HARD_PARALLEL || pair->design == HARD_NESTED || pair->design == HARD_SHARED_EDGE) &&
	    !usable_edge_count(&pair->a))
		pair->design = HARD_LIMIT;
	switch (pair->design) {
	case HARD_BESIDE:
		make_beside(r, pair, size_a, corners);
		break;
	case HARD_LIMIT:
		make_limit(r, pair, size_a, corners);
		break;
	case HARD_PARALLEL:
		make_parallel(r, pair);
		break;
	case HARD_NESTED:
		make_nested(r, pair, size_a, corners);
		break;
	case HARD_HOLE:
		make_hole(r, pair, size_a, corners);
		break;
	case HARD_SHARED_EDGE:
		make_shared(r, pair);
		break;
	case HARD_GRID:
		make_grid(r, pair);
		break;
	}
	pair->signed_m = pair->answer.signed_m - pair->limit_m;
}
