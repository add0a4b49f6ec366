#include "dss/volumes.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "dss/extent.h"
#include "dss/hull.h"
#include "geo/footprint.h"
#include "geo/geodesic.h"

#include <math.h>
#include <string.h>

#define EXACT_M      0.01    /* what footprints are exact to */
#define ROUNDING_M   0.02    /* added to every width: what conversions round */
#define NARROWEST_M  0.5     /* half width of what is laid along an edge: its corners must stay apart when written */
#define SHARE        0.02    /* of its half width: what a corridor may be off for the sake of fewer legs */
#define LEG_MAX_M    1000e3  /* longer ones bulge */
#define FLAT_M       100e3   /* up to here a plane is exact to EXACT_M */
#define POINTS_MAX   500000u /* of one line: more become one circle */
#define CORNERS_MAX  1000u   /* of one polygon */
#define CORNERS_ALL  20000u  /* of all together; each may have 20 */
#define OUTLINES_MAX 256u    /* that one area becomes */
#define EARTH_M2     510.07e12

/* What is written at the moment. */
typedef struct maker {
	const prl_volumes_terms *terms;
	json_t *list, *band; /* band: altitudes and times of the volume */
	size_t corners;      /* of one polygon, at most */
	prl_error *err;
} maker;

static prl_status cannot(maker *m, const char *why)
{
	return prl_error_set(m->err, PRL_E_RANGE, "cannot be written as F3548 volumes: %s", why);
}

/* ---- heights and times ------------------------------------------------------------------------------------------- */

static json_t *altitude(double metres)
{
	return json_pack("{s:f, s:s, s:s}", "value", metres, "reference", "W84", "units", "M");
}

/* F3548 has altitudes from -8,000 to 100,000 m: beyond them an end is not stated. */
static bool set_altitudes(const prl_band *band, const prl_atmosphere *air, json_t *to)
{
	double low, high;
	prl_band_w84_range(band, air, &low, &high);
	low = fmin(floor(low * 100 - 1) / 100, 100000);
	high = fmax(ceil(high * 100 + 1) / 100, -8000);
	return (!(low >= -8000) || !json_object_set_new(to, "altitude_lower", altitude(low))) &&
	       (!(high <= 100000) || !json_object_set_new(to, "altitude_upper", altitude(high)));
}

static json_t *instant(prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(time, text);
	return json_pack("{s:s, s:s}", "value", text, "format", "RFC3339");
}

static prl_time next_microsecond(prl_time time)
{
	prl_time over = time % 1000;
	return over > 0 ? time + 1000 - over : time - over;
}

static bool set_times(prl_window window, prl_time filed, json_t *to)
{
	if (window.to >= PRL_VOLUMES_END)
		window.to = PRL_VOLUMES_END;
	if (window.from == PRL_TIME_OPEN_START)
		window.from = filed < window.to ? filed : window.to;
	if (window.from > window.to)
		window.from = window.to;
	return !json_object_set_new(to, "time_start", instant(window.from)) &&
	       !json_object_set_new(to, "time_end", instant(next_microsecond(window.to)));
}

/* {"altitude_lower"?, "altitude_upper"?, "time_start", "time_end"} */
static json_t *band_of(const maker *m, const prl_volume *volume)
{
	json_t *band = json_object();
	if (band && set_altitudes(&volume->band, m->terms->air, band) &&
	    set_times(volume->window, m->terms->filed, band))
		return band;
	json_decref(band);
	return NULL;
}

/* ---- outlines ---------------------------------------------------------------------------------------------------- */

/* A Volume4D of one outline with the band's members; takes outline over. */
static prl_status add_outline(maker *m, json_t *to, const char *name, json_t *outline)
{
	json_t *lower = json_object_get(m->band, "altitude_lower"), *upper = json_object_get(m->band, "altitude_upper");
	json_t *volume = json_pack("{s:{s:o, s:O*, s:O*}, s:O, s:O}", "volume", name, outline, "altitude_lower", lower,
				   "altitude_upper", upper, "time_start", json_object_get(m->band, "time_start"),
				   "time_end", json_object_get(m->band, "time_end"));
	return volume && !json_array_append_new(to, volume) ? PRL_OK : prl_error_memory(m->err);
}

static json_t *place_json(prl_latlng at)
{
	return json_pack("{s:f, s:f}", "lat", at.lat_deg, "lng", prl_wrap_deg(at.lng_deg));
}

static prl_status add_circle(maker *m, json_t *to, prl_latlng centre, double radius_m)
{
	double wider = radius_m * (1 + 1e-12) + EXACT_M / 10;
	if (!(wider <= PRL_EXTENT_RADIUS_MAX_M))
		return cannot(m, "it reaches farther than 10,000 km");
	return add_outline(
		m, to, "outline_circle",
		json_pack("{s:o, s:{s:f, s:s}}", "center", place_json(centre), "radius", "value", wider, "units", "M"));
}

static prl_status add_polygon(maker *m, json_t *to, const prl_latlng *corners, size_t count)
{
	json_t *vertices = json_array();
	bool done = vertices != NULL;
	for (size_t i = 0; done && i < count; i++)
		done = !json_array_append_new(vertices, place_json(corners[i]));
	if (!done) {
		json_decref(vertices);
		return prl_error_memory(m->err);
	}
	return add_outline(m, to, "outline_polygon", json_pack("{s:o}", "vertices", vertices));
}

/* All within half_m of the geodesic from a to b: half a ring of tangents round either end. A tangent turned by a step
 * from the last one meets it half way between, at half_m / cos(step / 2) in the plane and nearer on the earth; the two
 * long sides, as far from the line at either end, are farther in between, since the earth is curved outward. */
#define CAP 6 /* corners of either end */
static prl_status add_leg(maker *m, json_t *to, prl_latlng a, prl_latlng b, double half_m)
{
	const double step = 180.0 / CAP,
		     out_m = fmax(half_m * 1.0002 + ROUNDING_M, NARROWEST_M) / cos(step / 2 * PRL_DEGREE);
	double at_a, at_b;
	prl_latlng corners[2 * CAP];
	(void)prl_geodesic_between(a, b, &at_a, &at_b);
	for (int i = 0; i < CAP; i++) {
		double turn = 90 + (i + 0.5) * step;
		corners[i] = prl_destination(a, at_a * PRL_RADIAN + turn, out_m);
		corners[CAP + i] = prl_destination(b, at_b * PRL_RADIAN + 180 + turn, out_m);
	}
	return add_polygon(m, to, corners, 2 * CAP);
}

/* ---- fewer vertices ---------------------------------------------------------------------------------------------- */

/* A line of the footprint, and the legs that stand for it. */
typedef struct legs {
	prl_latlng *at; /* its points, none twice in a row */
	prl_vec *points;
	size_t count;
	size_t *ends;  /* leg i goes from at[ends[i]] to at[ends[i + 1]] */
	double *off_m; /* no point between is farther from it */
	size_t leg_count;
} legs;

static void legs_done(legs *l)
{
	free(l->at);
	free(l->points);
	free(l->ends);
	free(l->off_m);
}

static prl_status take_line(maker *m, const prl_footprint *f, size_t path, legs *ret)
{
	size_t first = f->path_start[path], end = f->path_start[path + 1];
	ret->at = prl_array_new(end - first, sizeof *ret->at);
	ret->points = prl_array_new(end - first, sizeof *ret->points);
	ret->ends = prl_array_new(end - first + 1, sizeof *ret->ends);
	ret->off_m = prl_array_new(end - first, sizeof *ret->off_m);
	if (!ret->at || !ret->points || !ret->ends || !ret->off_m)
		return prl_error_memory(m->err);
	for (size_t i = first; i < end; i++) {
		prl_latlng at = { f->lat_deg[i], prl_wrap_deg(f->lng_deg[i]) };
		if (ret->count && !(prl_vec_length(prl_vec_sub(f->points[i], ret->points[ret->count - 1])) > 1e-9))
			continue;
		ret->points[ret->count] = f->points[i];
		ret->at[ret->count++] = at;
	}
	return PRL_OK;
}

/* A short leg: in a plane that touches the earth at its middle. */
static bool flat_leg_fits(const legs *l, size_t first, size_t last, double most, double *ret_m)
{
	prl_frame frame = prl_frame_at(prl_ellipsoid_drop(prl_vec_mix(l->points[first], l->points[last], 0.5)));
	prl_xy a = prl_frame_to_plane(&frame, l->points[first]), b = prl_frame_to_plane(&frame, l->points[last]);
	double most2 = 0;
	for (size_t i = first + 1; i < last; i++) {
		prl_vec way = prl_vec_sub(l->points[i], frame.origin);
		if (!(prl_vec_dot(way, way) < FLAT_M * FLAT_M))
			return false;
		prl_xy p = prl_frame_to_plane(&frame, l->points[i]);
		double t = prl_xy_foot(a, b, p);
		const prl_xy foot = { a.x + t * (b.x - a.x), a.y + t * (b.y - a.y) };
		most2 = fmax(most2, prl_xy_distance2(p, foot));
		if (most2 > most * most)
			return false;
	}
	*ret_m = sqrt(most2) + EXACT_M;
	return true;
}

static prl_status long_leg_fits(maker *m, const legs *l, size_t first, size_t last, double most, bool *ret,
				double *ret_m)
{
	const prl_latlng ends[2] = { l->at[first], l->at[last] };
	prl_footprint *leg = NULL;
	prl_status st = prl_footprint_corridor(ends, 2, PRL_EDGES_GEODESIC, 0, 0, &leg, m->err);
	*ret = !st;
	for (size_t i = first + 1; !st && *ret && i < last; i++) {
		prl_footprint *point = NULL;
		prl_nearness near;
		st = prl_footprint_circle(l->at[i], 0, 0, &point, m->err);
		*ret = !st && prl_footprint_within(leg, point, most, &near);
		*ret_m = *ret ? fmax(*ret_m, near.distance_m + EXACT_M) : 0;
		prl_footprint_free(point);
	}
	prl_footprint_free(leg);
	return st;
}

/* Whether all points from first to last lie within `most` of one leg; *ret_m: none is farther. */
static prl_status leg_fits(maker *m, const legs *l, size_t first, size_t last, double most, bool *ret, double *ret_m)
{
	double length = prl_vec_length(prl_vec_sub(l->points[first], l->points[last]));
	*ret_m = 0;
	*ret = last == first + 1;
	if (*ret || length > LEG_MAX_M)
		return PRL_OK;
	if (length > FLAT_M)
		return long_leg_fits(m, l, first, last, most, ret, ret_m);
	*ret = flat_leg_fits(l, first, last, most, ret_m);
	return PRL_OK;
}

/* The last point that one leg from `first` on reaches: doubled while it fits, then halved. */
static prl_status reach(maker *m, const legs *l, size_t first, double most, size_t *ret, double *ret_m)
{
	size_t good = first + 1, bad = l->count;
	bool fits = false;
	double off;
	prl_status st = PRL_OK;
	*ret_m = 0;
	for (size_t step = 2; !st && first + step < bad; step *= 2) {
		st = leg_fits(m, l, first, first + step, most, &fits, &off);
		if (st || !fits) {
			bad = first + step;
			break;
		}
		good = first + step;
		*ret_m = off;
	}
	while (!st && good + 1 < bad) {
		size_t middle = good + (bad - good) / 2;
		st = leg_fits(m, l, first, middle, most, &fits, &off);
		if (fits) {
			good = middle;
			*ret_m = off;
		} else {
			bad = middle;
		}
	}
	*ret = good;
	return st;
}

static prl_status make_legs(maker *m, legs *l, double most)
{
	prl_status st = PRL_OK;
	l->leg_count = 0;
	l->ends[0] = 0;
	while (!st && l->ends[l->leg_count] + 1 < l->count) {
		size_t i = l->leg_count++;
		st = reach(m, l, l->ends[i], most, &l->ends[i + 1], &l->off_m[i]);
	}
	return st;
}

/* ---- one footprint ----------------------------------------------------------------------------------------------- */

/* A ball round all of it: less than a quarter round the earth it is convex, so that corners are enough. */
static prl_status add_ball(maker *m, json_t *to, const prl_footprint *f)
{
	prl_latlng centre = prl_ellipsoid_place(f->frame.origin);
	double most = 0;
	for (size_t i = 0; i < f->point_count; i++)
		most = fmax(most, prl_distance_m(centre, (prl_latlng){ f->lat_deg[i], f->lng_deg[i] }));
	if (most + f->radius_m > 0.99 * PRL_EXTENT_RADIUS_MAX_M)
		return cannot(m, "it reaches farther than 9,900 km");
	return add_circle(m, to, centre, most * 1.0001 + f->radius_m + 1);
}

/* Along the line: each leg that is wider than nothing (to which footprints are exact, twice). all: those too that are
 * not. */
static prl_status add_along(maker *m, json_t *to, const legs *l, double radius_m, bool all)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < l->leg_count && !st; i++)
		if (all || radius_m > 0 || l->off_m[i] > 2 * EXACT_M)
			st = add_leg(m, to, l->at[l->ends[i]], l->at[l->ends[i + 1]], radius_m + l->off_m[i]);
	return st;
}

/* The ring of the legs' ends, and what of the ring itself lies outside of it along its edges. *ret false: F3548 takes
 * no such polygon. */
static prl_status add_ring(maker *m, json_t *to, const legs *l, double radius_m, bool *ret)
{
	prl_latlng *corners = prl_array_new(l->leg_count + 1, sizeof *corners);
	if (!corners)
		return prl_error_memory(m->err);
	for (size_t i = 0; i < l->leg_count; i++)
		corners[i] = l->at[l->ends[i]];
	prl_status st = add_polygon(m, to, corners, l->leg_count);
	free(corners);
	const prl_extent_rules rules = { .vertices_max = CORNERS_MAX };
	prl_extent *extent = NULL;
	prl_error aside;
	prl_status read = st ? st : prl_extent_read(to, &rules, &extent, &aside);
	prl_extent_free(extent);
	*ret = !read;
	if (st || read == PRL_E_MEMORY)
		return st ? st : prl_error_memory(m->err);
	return *ret ? add_along(m, to, l, radius_m, false) : PRL_OK;
}

static prl_status add_corners(maker *m, json_t *to, const prl_footprint *f, const prl_xy *corners, size_t count)
{
	prl_latlng *at = prl_array_new(count, sizeof *at);
	if (!at)
		return prl_error_memory(m->err);
	for (size_t i = 0; i < count; i++)
		at[i] = prl_ellipsoid_place(prl_frame_from_plane(&f->frame, corners[i]));
	prl_status st = add_polygon(m, to, at, count);
	free(at);
	return st;
}

/* Of what the legs leave out. */
static double farthest(const legs *l)
{
	double off = 0;
	for (size_t i = 0; i < l->leg_count; i++)
		off = fmax(off, l->off_m[i]);
	return off;
}

/* Whether no corner of a ring lies deep in a bay that its hull would fill. */
static bool is_shallow(const prl_xy *hull, size_t corners, const prl_xy *ring, size_t count, double most)
{
	for (size_t i = 0; i < count; i++)
		if (prl_hull_depth(hull, corners, ring[i]) > most)
			return false;
	return true;
}

/* A small polygon without deep bays, and what widens it, as one: the hull of a ring of tangents round each corner. In a
 * plane that hull holds all within half_m of the polygon; the plane is off by less than the spare (frame.h: an edge by
 * p h² K / 3 with p and h at most `across`, a length by far less). Nothing is added where it is not such a one. */
#define HULL_M     50e3 /* at most so far across */
#define HULL_SPARE 1.05 /* times the area, at most */
#define HULL_BAY   0.05 /* of how far across it is: how deep a bay is filled */
static prl_status hull(maker *m, const prl_footprint *f, const legs *l, json_t *to)
{
	const double across = f->reach_m + f->radius_m, spare = across * across * across * PRL_MAX_CURVATURE;
	const double half_m = fmax(f->radius_m * 1.0002 + farthest(l) + spare + 5 * ROUNDING_M, NARROWEST_M);
	const size_t turns = 2 * CAP, count = turns * l->leg_count;
	if (across > HULL_M || count > 12 * CORNERS_MAX)
		return PRL_OK;
	prl_xy *points = prl_array_new(count, sizeof *points), *corners = prl_array_new(count + 1, sizeof *corners),
	       *ring = prl_array_new(l->leg_count, sizeof *ring);
	prl_status st = points && corners && ring ? PRL_OK : prl_error_memory(m->err);
	double rim = 0;
	for (size_t i = 0; !st && i < l->leg_count; i++) {
		ring[i] = prl_frame_to_plane(&f->frame, l->points[l->ends[i]]);
		rim += prl_distance_m(l->at[l->ends[i]], l->at[l->ends[i + 1]]);
		for (size_t k = 0; k < turns; k++) {
			double turn = (2 * (double)k + 1) * M_PI / (double)turns,
			       out_m = half_m / cos(M_PI / (double)turns);
			points[i * turns + k] =
				(prl_xy){ ring[i].x + out_m * cos(turn), ring[i].y + out_m * sin(turn) };
		}
	}
	size_t kept = st ? 0 : prl_hull(points, count, corners);
	double least = st ? 0 : fabs(prl_ring_area(ring, l->leg_count)) + rim * half_m + M_PI * half_m * half_m;
	if (!st && kept >= 3 && kept <= m->corners && prl_ring_area(corners, kept) <= HULL_SPARE * least &&
	    is_shallow(corners, kept, ring, l->leg_count, 1.1 * half_m + HULL_BAY * across))
		st = add_corners(m, to, f, corners, kept);
	free(points);
	free(corners);
	free(ring);
	return st;
}

/* One try, with that much to spare. *ret: what came of it, NULL where that is too much or cannot be. */
static prl_status try(maker *m, const prl_footprint *f, legs *l, double most, size_t room, json_t **ret)
{
	json_t *made = json_array();
	prl_status st = made ? make_legs(m, l, most) : prl_error_memory(m->err);
	bool ring = f->base == PRL_BASE_REGION && l->leg_count >= 3;
	bool good = l->leg_count <= (ring ? m->corners : room);
	if (!st && good && ring && f->radius_m > 0)
		st = hull(m, f, l, made);
	if (!st && good && ring && !json_array_size(made))
		st = add_ring(m, made, l, f->radius_m, &good);
	else if (!st && good && !ring)
		st = add_along(m, made, l, f->radius_m, true);
	good = good && !st && json_array_size(made) <= room;
	*ret = good ? made : NULL;
	if (!good)
		json_decref(made);
	return st;
}

/* As exactly as there is room for. */
static prl_status add_line(maker *m, const prl_footprint *f, size_t path, size_t room, json_t **ret)
{
	legs l = { 0 };
	double most = fmax(EXACT_M, SHARE * f->radius_m);
	prl_status st = take_line(m, f, path, &l);
	for (; !st && !*ret && l.count > 1 && l.count <= POINTS_MAX && most < f->reach_m / 2 + 1;
	     most = fmax(4 * most, 1))
		st = try(m, f, &l, most, room, ret);
	if (!st && !*ret && l.count == 1) {
		*ret = json_array();
		st = *ret ? add_circle(m, *ret, l.at[0], f->radius_m) : prl_error_memory(m->err);
	}
	legs_done(&l);
	return st;
}

static prl_status add_footprint(maker *m, const prl_footprint *f, size_t room)
{
	size_t paths = f->base == PRL_BASE_REGION ? 1 : f->path_count; /* holes are filled */
	prl_status st = f->base == PRL_BASE_REGION && f->area_m2 > 0.4 * EARTH_M2
				? cannot(m, "it is more than two fifths of the earth")
				: PRL_OK;
	json_t *all = json_array();
	for (size_t i = 0; i < paths && !st; i++) {
		json_t *made = NULL;
		st = all && room >= paths ? add_line(m, f, i, room / paths, &made) : PRL_OK;
		if (!st && (!made || json_array_extend(all, made))) {
			json_array_clear(all);
			st = add_ball(m, all, f);
			i = paths;
		}
		json_decref(made);
	}
	if (!st && json_array_extend(m->list, all))
		st = prl_error_memory(m->err);
	json_decref(all);
	return st;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

static prl_status add_volume(maker *m, const prl_volume *volume, size_t room)
{
	const prl_plan *theatre = m->terms->theatre;
	prl_status st = PRL_OK;
	m->band = band_of(m, volume);
	if (!m->band)
		return prl_error_memory(m->err);
	if (volume->footprint->base != PRL_BASE_EVERYWHERE)
		st = add_footprint(m, volume->footprint, room);
	else if (!theatre || !theatre->footprint_count)
		st = prl_error_set(m->err, PRL_E_NOT_FOUND, "its area is not stated, and no theatre is agreed");
	else
		for (size_t i = 0; i < theatre->footprint_count && !st; i++)
			st = add_footprint(m, theatre->footprints[i], room);
	json_decref(m->band);
	return st;
}

prl_status prl_volumes_of_plan(const prl_plan *plan, const prl_volumes_terms *terms, json_t **ret, prl_error *err)
{
	maker m = { .terms = terms, .list = json_array(), .err = err };
	size_t areas = 0;
	for (size_t i = 0; i < plan->volume_count; i++)
		areas += plan->volumes[i].footprint->base == PRL_BASE_EVERYWHERE && terms->theatre
				 ? terms->theatre->footprint_count
				 : 1;
	size_t room = areas ? PRL_DSS_VOLUMES_MAX / areas : 0;
	prl_status st = m.list ? PRL_OK : prl_error_memory(err);
	m.corners = areas && CORNERS_ALL / areas < CORNERS_MAX ? CORNERS_ALL / areas : CORNERS_MAX;
	if (!st && plan->trajectory_count)
		st = cannot(&m, "it has trajectories");
	if (!st && !room)
		st = cannot(&m, "it has no areas, or more than 1,000");
	for (size_t i = 0; i < plan->volume_count && !st; i++)
		st = add_volume(&m, &plan->volumes[i], room < OUTLINES_MAX ? room : OUTLINES_MAX);
	if (st)
		json_decref(m.list);
	else
		*ret = m.list;
	return st;
}
