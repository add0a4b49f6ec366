/* Volume4D of F3548-21 as clients of a DSS send them (f3548.md, 4). The reader of files (formats/f3548.c) is the
 * stricter one: it holds altitudes to their range and "format" to its word. */
#include "dss/extent_make.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/time.h"
#include "formats/field.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#define MICROSECOND INT64_C(1000)

static const char *const metres[] = { "M", NULL };
static const char *const ellipsoid[] = { "W84", NULL };

/* ---- places in messages ------------------------------------------------------------------------------------------ */

/* Puts a member's name or an index before the place. */
static prl_status at(prl_error *err, prl_status status, const char *name)
{
	char inner[sizeof err->where];
	if (!err)
		return status;
	memcpy(inner, err->where, sizeof inner);
	err->status = status;
	bool dot = inner[0] && inner[0] != '[';
	snprintf(err->where, sizeof err->where, "%.60s%s%.130s", name, dot ? "." : "", inner);
	return status;
}

static prl_status at_item(prl_error *err, prl_status status, size_t item)
{
	char name[32];
	snprintf(name, sizeof name, "[%zu]", item);
	return at(err, status, name);
}

/* ---- Altitude, Radius, Time, LatLngPoint ------------------------------------------------------------------------- */

struct altitude {
	double value;
	unsigned reference, units;
};

static const prl_field altitude_fields[] = {
	{ "value", PRL_FIELD_NUMBER, true, offsetof(struct altitude, value), -DBL_MAX, DBL_MAX, NULL },
	{ "reference", PRL_FIELD_WORD, true, offsetof(struct altitude, reference), 0, 0, ellipsoid },
	{ "units", PRL_FIELD_WORD, true, offsetof(struct altitude, units), 0, 0, metres },
	{ 0 },
};

struct radius {
	double value;
	unsigned units;
};

static const prl_field radius_fields[] = {
	{ "value", PRL_FIELD_NUMBER, true, offsetof(struct radius, value), DBL_TRUE_MIN, PRL_EXTENT_RADIUS_MAX_M,
	  NULL },
	{ "units", PRL_FIELD_WORD, false, offsetof(struct radius, units), 0, 0, metres },
	{ 0 },
};

struct instant {
	prl_time value;
	const char *format;
};

static const prl_field instant_fields[] = {
	{ "value", PRL_FIELD_TIME, true, offsetof(struct instant, value), 0, 0, NULL },
	{ "format", PRL_FIELD_TEXT, false, offsetof(struct instant, format), 0, 100, NULL },
	{ 0 },
};

static const prl_field point_fields[] = {
	{ "lat", PRL_FIELD_NUMBER, true, offsetof(prl_latlng, lat_deg), -90, 90, NULL },
	{ "lng", PRL_FIELD_NUMBER, true, offsetof(prl_latlng, lng_deg), -180, 180, NULL },
	{ 0 },
};

/* ---- what is being read ------------------------------------------------------------------------------------------ */

struct reading {
	const prl_extent_rules *rules;
	prl_extent *extent;
	uint32_t vertices, outlines; /* filled so far */
	double edges_m;
	bool everywhere; /* a volume had no outline */
	bool first;      /* of the volumes: its times and altitudes are the envelope */
	prl_error *err;
};

static prl_status take_area(struct reading *r, double area_m2)
{
	if (!(r->rules->area_max_m2 > 0) || area_m2 <= r->rules->area_max_m2)
		return PRL_OK;
	return prl_error_set(r->err, PRL_E_TOO_LARGE, "Area too large: %.1f km2, expected at most %.10g km2",
			     area_m2 / 1e6, r->rules->area_max_m2 / 1e6);
}

static void take_outline(struct reading *r, size_t count, double radius_m)
{
	prl_extent_outlines_of(r->extent)[r->outlines++] = (prl_outline){ r->vertices, (uint32_t)count, radius_m };
	r->vertices += (uint32_t)count;
}

static prl_status read_circle(struct reading *r, const json_t *circle)
{
	struct radius radius = { 0 };
	prl_latlng *center = &r->extent->at[r->vertices];
	prl_status status = prl_fields_read(json_object_get(circle, "center"), point_fields, false, center, r->err);
	if (status)
		return at(r->err, status, "center");
	status = prl_fields_read(json_object_get(circle, "radius"), radius_fields, false, &radius, r->err);
	if (status)
		return at(r->err, status, "radius");
	/* A cap of a sphere, as prl_footprint_area_m2() has it. */
	double half = sin(radius.value / (2 * 6371007.2));
	status = take_area(r, 4 * 3.14159265358979323846 * 6371007.2 * 6371007.2 * half * half);
	if (!status)
		take_outline(r, 1, radius.value);
	return status;
}

/* ---- Polygon ----------------------------------------------------------------------------------------------------- */

#define FEW 32u /* vertices that are compared each with each */

struct vertex {
	double lat, lng;
	size_t index;
};

/* One place has one vertex: a pole has no longitude, the antimeridian one. */
static struct vertex vertex_of(prl_latlng p, size_t index)
{
	bool pole = fabs(p.lat_deg) >= 90;
	return (struct vertex){ p.lat_deg + 0.0, pole ? 0 : prl_wrap_deg(p.lng_deg) + 0.0, index };
}

static int compare_vertices(const void *a, const void *b)
{
	const struct vertex *v = a, *w = b;
	if (v->lat < w->lat || v->lat > w->lat)
		return v->lat < w->lat ? -1 : 1;
	if (v->lng < w->lng || v->lng > w->lng)
		return v->lng < w->lng ? -1 : 1;
	return v->index < w->index ? -1 : v->index > w->index;
}

static bool same_place(const struct vertex *v, const struct vertex *w)
{
	return !(v->lat < w->lat) && !(v->lat > w->lat) && !(v->lng < w->lng) && !(v->lng > w->lng);
}

static prl_status repeated(const struct reading *r, const struct vertex *v, const struct vertex *w)
{
	return prl_error_set(r->err, PRL_E_RANGE,
			     "vertices %zu and %zu are the same, expected no repeated vertex: the ring closes itself",
			     v->index, w->index);
}

static prl_status check_few(const struct reading *r, const struct vertex *vertices, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (same_place(&vertices[i], &vertices[j]))
				return repeated(r, &vertices[j], &vertices[i]);
	return PRL_OK;
}

static prl_status check_many(const struct reading *r, struct vertex *vertices, size_t count)
{
	qsort(vertices, count, sizeof *vertices, compare_vertices);
	for (size_t i = 1; i < count; i++)
		if (same_place(&vertices[i - 1], &vertices[i]))
			return repeated(r, &vertices[i - 1], &vertices[i]);
	return PRL_OK;
}

static prl_status check_repeats(const struct reading *r, const prl_latlng *places, size_t count)
{
	struct vertex few[FEW], *vertices = count <= FEW ? few : prl_array_new(count, sizeof *vertices);
	if (!vertices)
		return prl_error_memory(r->err);
	for (size_t i = 0; i < count; i++)
		vertices[i] = vertex_of(places[i], i);
	prl_status status = vertices == few ? check_few(r, vertices, count) : check_many(r, vertices, count);
	if (vertices != few)
		free(vertices);
	return status;
}

/* The arc over a chord, metres, within 1 % and never less. */
static double arc_over(double chord_m)
{
	const double r = 6.371e6;
	return chord_m < 100e3 ? 1.0001 * chord_m : 1.01 * 2 * r * asin(prl_min(1, chord_m / (2 * r)));
}

/* Edges that are all half round the earth would take 8,000,000 pieces. */
static prl_status check_edges(struct reading *r, const prl_latlng *places, size_t count)
{
	prl_anchor anchor = { .at = { (double)NAN, 0 } };
	prl_vec first = prl_anchor_point(&anchor, places[0]), last = first;
	for (size_t i = 1; i <= count; i++) {
		prl_vec next = i < count ? prl_anchor_point(&anchor, places[i]) : first;
		r->edges_m += arc_over(prl_vec_length(prl_vec_sub(next, last)));
		last = next;
	}
	if (r->edges_m <= PRL_DSS_EDGES_MAX_M)
		return PRL_OK;
	return prl_error_set(r->err, PRL_E_RANGE, "all edges together are about %.0f km long, expected at most %.0f km",
			     r->edges_m / 1e3, PRL_DSS_EDGES_MAX_M / 1e3);
}

/* The footprint is made to see whether it can be, and how large it is. */
static prl_status check_polygon(struct reading *r, const prl_latlng *places, size_t count)
{
	prl_footprint *footprint = NULL;
	prl_ring ring = { places, count };
	prl_status status = check_repeats(r, places, count);
	if (!status)
		status = check_edges(r, places, count);
	if (status)
		return status;
	status = prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, 0, &footprint, r->err);
	if (status && r->err) {
		r->err->where[0] = 0; /* "ring 0": there is no other */
		r->err->status = status == PRL_E_TOO_LARGE ? PRL_E_RANGE : status;
	}
	if (status)
		return status == PRL_E_TOO_LARGE ? PRL_E_RANGE : status;
	status = take_area(r, prl_footprint_area_m2(footprint));
	prl_footprint_free(footprint);
	return status;
}

static prl_status read_polygon(struct reading *r, const json_t *polygon)
{
	const json_t *list = json_object_get(polygon, "vertices");
	size_t count = json_array_size(list);
	if (!json_is_array(list))
		return prl_error_set(r->err, PRL_E_SYNTAX, "\"vertices\" is %s, expected a list", prl_json_what(list));
	if (count < 3)
		return prl_error_set(r->err, PRL_E_RANGE, "%zu vertices, expected at least 3", count);
	prl_latlng *places = r->extent->at + r->vertices;
	for (size_t i = 0; i < count; i++) {
		prl_status status = prl_fields_read(json_array_get(list, i), point_fields, false, places + i, r->err);
		if (status)
			return at(r->err, at_item(r->err, status, i), "vertices");
	}
	prl_status status = check_polygon(r, places, count);
	if (!status)
		take_outline(r, count, 0);
	return status;
}

/* ---- Volume3D ---------------------------------------------------------------------------------------------------- */

struct shape {
	const json_t *circle, *polygon, *lower, *upper;
};

static const prl_field shape_fields[] = {
	{ "outline_circle", PRL_FIELD_OBJECT, false, offsetof(struct shape, circle), 0, 0, NULL },
	{ "outline_polygon", PRL_FIELD_OBJECT, false, offsetof(struct shape, polygon), 0, 0, NULL },
	{ "altitude_lower", PRL_FIELD_OBJECT, false, offsetof(struct shape, lower), 0, 0, NULL },
	{ "altitude_upper", PRL_FIELD_OBJECT, false, offsetof(struct shape, upper), 0, 0, NULL },
	{ 0 },
};

static prl_status read_outline(struct reading *r, const struct shape *shape)
{
	prl_status status;
	if (shape->circle && shape->polygon)
		return prl_error_set(r->err, PRL_E_SYNTAX,
				     "both outline_circle and outline_polygon, expected exactly one outline");
	if (shape->circle) {
		status = read_circle(r, shape->circle);
		return status ? at(r->err, status, "outline_circle") : PRL_OK;
	}
	if (shape->polygon) {
		status = read_polygon(r, shape->polygon);
		return status ? at(r->err, status, "outline_polygon") : PRL_OK;
	}
	if (r->rules->footprints)
		return prl_error_set(r->err, PRL_E_SYNTAX,
				     "Missing footprint, expected outline_circle or outline_polygon");
	r->everywhere = true;
	return PRL_OK;
}

static prl_status missing(const struct reading *r, const char *name, const char *what)
{
	return prl_error_set(r->err, PRL_E_SYNTAX, "\"%s\" is missing, expected %s", name, what);
}

static prl_status read_altitude(const struct reading *r, const json_t *altitude, const char *name, double *ret_value)
{
	struct altitude read = { 0 };
	if (!altitude)
		return r->rules->altitudes ? missing(r, name, "an altitude in each volume") : PRL_OK;
	prl_status status = prl_fields_read(altitude, altitude_fields, false, &read, r->err);
	if (status)
		return at(r->err, status, name);
	*ret_value = read.value + 0.0;
	return PRL_OK;
}

static prl_status read_altitudes(struct reading *r, const struct shape *shape)
{
	double lower = -HUGE_VAL, upper = HUGE_VAL;
	prl_status status = read_altitude(r, shape->lower, "altitude_lower", &lower);
	if (!status)
		status = read_altitude(r, shape->upper, "altitude_upper", &upper);
	if (status)
		return status;
	if (lower > upper)
		return prl_error_set(r->err, PRL_E_RANGE,
				     "altitude_lower %.17g m is above altitude_upper %.17g m, expected lower <= upper",
				     lower, upper);
	r->extent->lower_m = r->first ? lower : prl_min(r->extent->lower_m, lower);
	r->extent->upper_m = r->first ? upper : prl_max(r->extent->upper_m, upper);
	return PRL_OK;
}

/* ---- Volume4D ---------------------------------------------------------------------------------------------------- */

struct volume {
	const json_t *volume, *start, *end;
};

static const prl_field volume_fields[] = {
	{ "volume", PRL_FIELD_OBJECT, true, offsetof(struct volume, volume), 0, 0, NULL },
	{ "time_start", PRL_FIELD_OBJECT, false, offsetof(struct volume, start), 0, 0, NULL },
	{ "time_end", PRL_FIELD_OBJECT, false, offsetof(struct volume, end), 0, 0, NULL },
	{ 0 },
};

static prl_status read_instant(const struct reading *r, const json_t *time, const char *name, prl_time *ret_time)
{
	struct instant read = { 0 };
	if (!time)
		return r->rules->times ? missing(r, name, "a time in each volume") : PRL_OK;
	prl_status status = prl_fields_read(time, instant_fields, false, &read, r->err);
	if (status)
		return at(r->err, status == PRL_E_TOO_LARGE ? PRL_E_RANGE : status, name);
	*ret_time = read.value;
	return PRL_OK;
}

/* To the microsecond before, as the Go DSS's store keeps them. */
static prl_time cut(prl_time t)
{
	prl_time below = t % MICROSECOND;
	return t - (below < 0 ? below + MICROSECOND : below);
}

static prl_status read_times(struct reading *r, const struct volume *volume)
{
	prl_time start = PRL_TIME_OPEN_START, end = PRL_TIME_OPEN_END, horizon = r->rules->horizon;
	prl_status status = read_instant(r, volume->start, "time_start", &start);
	if (!status)
		status = read_instant(r, volume->end, "time_end", &end);
	if (status)
		return status;
	if (start > end)
		return prl_error_set(r->err, PRL_E_RANGE, "time_start is after time_end, expected start <= end");
	if (volume->end && horizon && end > horizon) {
		char text[PRL_TIME_TEXT_MAX];
		prl_time_format(horizon, text);
		return prl_error_set(r->err, PRL_E_RANGE, "time_end is too far ahead, expected none after %s", text);
	}
	start = volume->start ? cut(start) : start;
	end = volume->end ? cut(end) : end;
	r->extent->from = r->first || start < r->extent->from ? start : r->extent->from;
	r->extent->to = r->first || end > r->extent->to ? end : r->extent->to;
	return PRL_OK;
}

static prl_status read_volume(struct reading *r, const json_t *json)
{
	struct volume volume = { 0 };
	struct shape shape = { 0 };
	prl_status status = prl_fields_read(json, volume_fields, false, &volume, r->err);
	if (!status)
		status = read_times(r, &volume);
	if (status)
		return status;
	status = prl_fields_read(volume.volume, shape_fields, false, &shape, r->err);
	if (!status)
		status = read_altitudes(r, &shape);
	if (!status)
		status = read_outline(r, &shape);
	r->first = false;
	return status ? at(r->err, status, "volume") : PRL_OK;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static const char *name_of(const prl_extent_rules *rules)
{
	return rules->name ? rules->name : "extents";
}

static prl_status check_form(const json_t *volumes, const prl_extent_rules *rules, prl_error *err)
{
	bool list = json_is_array(volumes), one = json_is_object(volumes);
	if ((!list && !one) || (list && rules->form == PRL_EXTENT_ONE) || (one && rules->form == PRL_EXTENT_LIST))
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\" is %s, expected %s", name_of(rules),
				     json_is_null(volumes) ? "null" : prl_json_what(volumes),
				     rules->form == PRL_EXTENT_ONE    ? "one Volume4D, an object"
				     : rules->form == PRL_EXTENT_LIST ? "a list of Volume4D"
								      : "a Volume4D or a list of them");
	size_t count = json_array_size(volumes);
	if (list && (count < 1 || count > PRL_DSS_VOLUMES_MAX))
		return prl_error_set(err, PRL_E_RANGE, "\"%.60s\" has %zu volumes, expected 1 to %u", name_of(rules),
				     count, PRL_DSS_VOLUMES_MAX);
	return PRL_OK;
}

/* Vertices that a volume has at most, a circle one. Nothing is checked yet. */
static size_t count_vertices(const json_t *volume)
{
	const json_t *shape = json_object_get(volume, "volume");
	size_t count = json_array_size(json_object_get(json_object_get(shape, "outline_polygon"), "vertices"));
	return count ? count : 1;
}

static prl_status make_room(struct reading *r, const json_t *volumes)
{
	size_t count = json_is_array(volumes) ? json_array_size(volumes) : 1, vertices = 0;
	size_t most = r->rules->vertices_max ? r->rules->vertices_max : PRL_DSS_VERTICES_MAX;
	for (size_t i = 0; i < count; i++)
		vertices += count_vertices(json_is_array(volumes) ? json_array_get(volumes, i) : volumes);
	if (vertices > most)
		return prl_error_set(r->err, PRL_E_RANGE, "%zu vertices in all, a circle one, expected at most %zu",
				     vertices, most);
	r->extent = prl_extent_new(vertices, count);
	return r->extent ? PRL_OK : prl_error_memory(r->err);
}

static prl_status read_volumes(struct reading *r, const json_t *volumes)
{
	if (!json_is_array(volumes))
		return read_volume(r, volumes);
	for (size_t i = 0; i < json_array_size(volumes); i++) {
		prl_status status = read_volume(r, json_array_get(volumes, i));
		if (status)
			return at_item(r->err, status, i);
	}
	return PRL_OK;
}

static prl_status check_duration(const struct reading *r)
{
	const prl_extent *e = r->extent;
	bool stated = e->from != PRL_TIME_OPEN_START && e->to != PRL_TIME_OPEN_END;
	if (!r->rules->duration || !stated || prl_time_apart(e->from, e->to) <= r->rules->duration)
		return PRL_OK;
	return prl_error_set(
		r->err, PRL_E_RANGE, "%lld s from the first start to the last end, expected at most %lld s",
		(long long)(prl_time_apart(e->from, e->to) / PRL_SECOND), (long long)(r->rules->duration / PRL_SECOND));
}

prl_status prl_extent_read(const json_t *volumes, const prl_extent_rules *rules, prl_extent **ret, prl_error *err)
{
	struct reading r = { .rules = rules, .first = true, .err = err };
	prl_status status = check_form(volumes, rules, err);
	if (status)
		return status;
	status = make_room(&r, volumes);
	if (!status)
		status = read_volumes(&r, volumes);
	if (!status)
		status = check_duration(&r);
	if (status) {
		prl_extent_free(r.extent);
		return status == PRL_E_MEMORY ? status : at(err, status, name_of(rules));
	}
	if (r.everywhere) /* with the room of those that had one; such extents are rare */
		r.extent->outlines = r.extent->vertices = 0;
	*ret = r.extent;
	return PRL_OK;
}
