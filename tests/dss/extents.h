/**
 * @file extents.h
 * Extents made the way clients make them, by JSON, each with the shapes for the oracle (support/oracle_footprint.h).
 */
#ifndef TESTS_DSS_EXTENTS_H
#define TESTS_DSS_EXTENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dss/extent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/hard_cases.h"

#define SHAPES_MOST 4

/** What an extent is made of; no shape: everywhere. NaN and the open times: not stated. */
typedef struct recipe {
	size_t count;
	oracle_shape shapes[SHAPES_MOST];
	double lower, upper;
	prl_time from, to;
} recipe;

static inline recipe recipe_always(void)
{
	return (recipe){ .lower = (double)NAN, .upper = (double)NAN, .from = PRL_TIME_OPEN_START, .to = PRL_TIME_OPEN_END };
}

static inline json_t *shape_json(const oracle_shape *shape)
{
	if (shape->kind == ORACLE_POINT)
		return json_pack("{s:{s:{s:f,s:f},s:{s:f,s:s}}}", "outline_circle", "center", "lat", shape->vertices[0].lat_deg,
		                 "lng", shape->vertices[0].lng_deg, "radius", "value", shape->radius_m, "units", "M");
	json_t *vertices = json_array();
	for (size_t i = 0; i < shape->ring_start[1]; i++) {
		double lng = shape->vertices[i].lng_deg;
		json_array_append_new(vertices, json_pack("{s:f,s:f}", "lat", shape->vertices[i].lat_deg, "lng",
		                                          fabs(lng) > 180 ? remainder(lng, 360) : lng));
	}
	return json_pack("{s:{s:o}}", "outline_polygon", "vertices", vertices);
}

static inline void set_altitude(json_t *volume, const char *name, double value)
{
	if (isfinite(value))
		json_object_set_new(volume, name, json_pack("{s:f,s:s,s:s}", "value", value, "reference", "W84", "units", "M"));
}

static inline void set_time(json_t *volume, const char *name, prl_time t)
{
	char text[PRL_TIME_TEXT_MAX];
	if (t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END)
		return;
	prl_time_format(t, text);
	json_object_set_new(volume, name, json_pack("{s:s,s:s}", "value", text, "format", "RFC3339"));
}

/** A list of Volume4D. */
static inline json_t *recipe_json(const recipe *from)
{
	json_t *list = json_array();
	for (size_t i = 0; i < (from->count ? from->count : 1); i++) {
		json_t *shape = from->count ? shape_json(&from->shapes[i]) : json_object(), *volume = json_object();
		set_altitude(shape, "altitude_lower", from->lower);
		set_altitude(shape, "altitude_upper", from->upper);
		json_object_set_new(volume, "volume", shape);
		set_time(volume, "time_start", from->from);
		set_time(volume, "time_end", from->to);
		json_array_append_new(list, volume);
	}
	return list;
}

static inline prl_extent *recipe_extent(const recipe *from)
{
	prl_extent_rules rules = { 0 };
	prl_extent *extent = NULL;
	prl_error err = { 0 };
	json_t *json = recipe_json(from);
	if (prl_extent_read(json, &rules, &extent, &err)) {
		for (size_t i = 0; i < from->count; i++)
			oracle_print(stderr, "shape", &from->shapes[i]);
		fail_msg("%s: %s", err.where, err.text);
	}
	json_decref(json);
	return extent;
}

static inline oracle_shape circle_shape(prl_latlng at, double radius_m)
{
	return (oracle_shape){ .kind = ORACLE_POINT, .radius_m = radius_m, .ring_count = 1, .ring_start = { 0, 1 }, .vertices = { at } };
}

static inline oracle_shape polygon_shape(const prl_latlng *at, size_t count)
{
	oracle_shape shape = { .kind = ORACLE_POLYGON, .ring_count = 1, .ring_start = { 0, count } };
	memcpy(shape.vertices, at, count * sizeof *at);
	return shape;
}

/** A star of up to @p most corners round a place. */
static inline oracle_shape star_shape(rnd *r, prl_latlng at, double size_m, size_t most)
{
	prl_latlng v[ORACLE_MAX_VERTICES];
	size_t n = 3 + rnd_below(r, most - 2);
	double turn = rnd_between(r, 0, 360);
	for (size_t i = 0; i < n; i++)
		v[i] = oracle_destination(at, turn + 360 * ((double)i + rnd_between(r, 0, 0.4)) / (double)n,
		                          size_m * rnd_between(r, 0.3, 1));
	return polygon_shape(v, n);
}

static inline oracle_shape random_shape(rnd *r, prl_latlng at, double size_m)
{
	return rnd_chance(r, 0.4) ? circle_shape(at, size_m) : star_shape(r, at, size_m, 12);
}

static inline prl_extent_ready ready_of(const prl_extent *extent)
{
	prl_extent_ready ready;
	prl_error err = { 0 };
	if (prl_extent_prepare(extent, &ready, &err))
		fail_msg("%s", err.text);
	return ready;
}

static inline bool meets(const prl_extent *a, const prl_extent *b, bool altitudes)
{
	bool yes = false;
	prl_extent_ready ready = ready_of(a);
	assert_int_equal(prl_extent_meets(&ready, b, altitudes, &yes, NULL), PRL_OK);
	prl_extent_ready_done(&ready);
	return yes;
}

#endif
