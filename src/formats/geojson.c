#include "formats/geojson.h"

#include "base/error.h"
#include "formats/builder.h"
#include "formats/coordinates.h"
#include "formats/field.h"
#include "formats/properties.h"

#include <parley/notation.h>

#include <math.h>
#include <string.h>

/* A feature while it is read. */
struct feature {
	const prl_lift *lift;
	prl_properties properties;
	prl_builder builder;
	bool has_point, has_line; /* a geometry that radius_m, half_width_m belong to was there */
};

/* One part of a geometry: positions first to behind - 1, of a polygon the rings first to behind - 1. */
struct part {
	const prl_latlng *positions;
	const prl_numbers *numbers;
	size_t first, behind;
};

static prl_status add_volume(struct feature *f, prl_status status, prl_footprint *footprint, prl_error *err)
{
	return status ? status
	              : prl_builder_volume(&f->builder, footprint, f->properties.band, f->properties.window, err);
}

static prl_status read_point(struct feature *f, const struct part *part, prl_error *err)
{
	prl_footprint *footprint = NULL;
	f->has_point = true;
	if (isnan(f->properties.radius_m))
		return prl_error_set(err, PRL_E_SYNTAX, "a Point without \"radius_m\", expected it in the parley properties");
	prl_status status = prl_footprint_circle(part->positions[part->first], f->properties.radius_m,
	                                         f->properties.uncertainty.horizontal_m, &footprint, err);
	return add_volume(f, status, footprint, err);
}

static prl_status read_line(struct feature *f, const struct part *part, prl_error *err)
{
	prl_footprint *footprint = NULL;
	f->has_line = true;
	if (isnan(f->properties.half_width_m))
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "a LineString without \"half_width_m\", expected it in the parley properties");
	if (part->behind - part->first < 2)
		return prl_error_set(err, PRL_E_SYNTAX, "a LineString of one position, expected at least 2");
	prl_status status = prl_footprint_corridor(part->positions + part->first, part->behind - part->first,
	                                           f->properties.edges, f->properties.half_width_m,
	                                           f->properties.uncertainty.horizontal_m, &footprint, err);
	return add_volume(f, status, footprint, err);
}

/* RFC 7946 section 3.1.6: a linear ring has 4 or more positions and its last is its first. */
static prl_status read_ring(const struct part *part, size_t ring, prl_ring *ret_ring, prl_error *err)
{
	const uint32_t *ends = part->numbers->ends[1];
	size_t first = ring ? ends[ring - 1] : 0, count = ends[ring] - first;
	const prl_latlng *at = part->positions + first, *last = at + count - 1;
	if (count < 4)
		return prl_error_set(err, PRL_E_SYNTAX, "%zu positions, expected 4 or more (RFC 7946 section 3.1.6)", count);
	if (at->lat_deg != last->lat_deg || at->lng_deg != last->lng_deg)
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "is not closed, expected the last position to be the first (RFC 7946 section 3.1.6)");
	*ret_ring = (prl_ring){ at, count };
	return PRL_OK;
}

static prl_status read_polygon(struct feature *f, const struct part *part, prl_error *err)
{
	size_t count = part->behind - part->first;
	prl_footprint *footprint = NULL;
	prl_status status = PRL_OK;
	prl_ring *rings = prl_array_new(count, sizeof *rings);
	if (!rings)
		return prl_error_memory(err);
	for (size_t i = 0; !status && i < count; i++) {
		status = read_ring(part, part->first + i, rings + i, err);
		if (status)
			prl_error_at(err, status, "ring %zu", i);
	}
	if (!status)
		status = prl_footprint_polygon(rings, count, f->properties.edges, f->properties.uncertainty.horizontal_m,
		                               &footprint, err);
	free(rings);
	return add_volume(f, status, footprint, err);
}

/* What a geometry is: how deep its lists are nested, which of them make a part, and what becomes of a part. */
struct shape {
	const char *type;
	unsigned level, part_level;
	prl_status (*read)(struct feature *f, const struct part *part, prl_error *err);
};

static const struct shape shapes[] = {
	{ "Point", 1, 1, read_point },     { "MultiPoint", 2, 1, read_point },
	{ "LineString", 2, 2, read_line }, { "MultiLineString", 3, 2, read_line },
	{ "Polygon", 3, 3, read_polygon }, { "MultiPolygon", 4, 3, read_polygon },
};

static prl_status copy_positions(const prl_numbers *numbers, prl_latlng *positions, prl_error *err)
{
	for (size_t i = 0, first = 0; i < numbers->count[1]; first = numbers->ends[0][i++]) {
		if (numbers->ends[0][i] - first < 2) {
			prl_error_set(err, PRL_E_SYNTAX, "one number, expected longitude and latitude");
			return prl_error_at(err, PRL_E_SYNTAX, "coordinates: position %zu", i);
		}
		positions[i] = (prl_latlng){ .lng_deg = numbers->values[first], .lat_deg = numbers->values[first + 1] };
	}
	return PRL_OK;
}

static prl_status read_parts(struct feature *f, const struct shape *shape, const prl_numbers *numbers,
                             const prl_latlng *positions, prl_error *err)
{
	size_t count = numbers->count[shape->part_level];
	for (size_t i = 0; i < count; i++) {
		const uint32_t *ends = numbers->ends[shape->part_level - 1];
		struct part part = { positions, numbers, i ? ends[i - 1] : 0, ends[i] };
		if (shape->part_level == 1) /* ends of positions count numbers */
			part = (struct part){ positions, numbers, i, i + 1 };
		prl_status status = shape->read(f, &part, err);
		if (status)
			return shape->level > shape->part_level ? prl_error_at(err, status, "part %zu", i) : status;
	}
	return PRL_OK;
}

static prl_status read_shape(struct feature *f, const struct shape *shape, const json_t *geometry, prl_error *err)
{
	const prl_numbers *numbers;
	prl_status status = prl_coordinates_get(f->lift, geometry, shape->level, &numbers, err);
	if (status)
		return status;
	prl_latlng *positions = prl_array_new(numbers->count[1], sizeof *positions);
	if (!positions)
		return prl_error_memory(err);
	status = copy_positions(numbers, positions, err);
	if (!status)
		status = read_parts(f, shape, numbers, positions, err);
	free(positions);
	return status;
}

static prl_status read_geometry(struct feature *f, const json_t *geometry, prl_error *err);

static prl_status read_collection(struct feature *f, const json_t *geometry, prl_error *err)
{
	const json_t *list = json_object_get(geometry, "geometries");
	if (!json_is_array(list))
		return prl_error_set(err, PRL_E_SYNTAX, "\"geometries\" is %s, expected a list", prl_json_what(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		prl_status status = read_geometry(f, json_array_get(list, i), err);
		if (status)
			return prl_error_at(err, status, "geometry %zu", i);
	}
	return PRL_OK;
}

/* Recursion is bounded: the scanner takes no item deeper than PRL_MAX_JSON_DEPTH. */
static prl_status read_geometry(struct feature *f, const json_t *geometry, prl_error *err)
{
	const char *type = json_string_value(json_object_get(geometry, "type"));
	if (!geometry || json_is_null(geometry))
		return prl_error_set(err, PRL_E_SYNTAX, "has no geometry, expected one: a name alone is no place");
	for (size_t i = 0; type && i < sizeof shapes / sizeof *shapes; i++)
		if (!strcmp(type, shapes[i].type))
			return read_shape(f, shapes + i, geometry, err);
	if (type && !strcmp(type, "GeometryCollection"))
		return read_collection(f, geometry, err);
	return prl_error_set(err, PRL_E_UNSUPPORTED, "geometry type %.40s, expected one of RFC 7946",
	                     type ? type : prl_json_what(json_object_get(geometry, "type")));
}

/* ---- positions as people write them -------------------------------------------------------------------------- */

/* Reads one; *error_m becomes the largest error so far. */
static prl_status read_position(const char *text, size_t length, prl_latlng *ret_place, double *error_m, prl_error *err)
{
	prl_position position;
	prl_status status = prl_position_parse(text, length, NULL, &position, NULL, err);
	if (status)
		return status;
	*ret_place = position.place;
	*error_m = fmax(*error_m, position.error_m);
	return PRL_OK;
}

static prl_status read_place(struct feature *f, prl_error *err)
{
	const prl_properties *p = &f->properties;
	prl_footprint *footprint = NULL;
	prl_latlng place;
	double error_m = 0;
	f->has_point = true;
	if (isnan(p->radius_m))
		return prl_error_set(err, PRL_E_SYNTAX, "a place without \"radius_m\", expected it in the parley properties");
	prl_status status = read_position(p->place, strlen(p->place), &place, &error_m, err);
	if (status)
		return prl_error_at(err, status, "parley: place");
	status = prl_footprint_circle(place, p->radius_m, p->uncertainty.horizontal_m + error_m, &footprint, err);
	return add_volume(f, status, footprint, err);
}

static prl_status read_texts(const json_t *list, prl_latlng *places, double *error_m, prl_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *text = json_array_get(list, i);
		prl_status status = PRL_OK;
		if (json_is_string(text))
			status = read_position(json_string_value(text), json_string_length(text), places + i, error_m, err);
		else
			status = prl_error_set(err, PRL_E_SYNTAX, "is %s, expected a position as text", prl_json_what(text));
		if (status)
			return prl_error_at(err, status, "parley: vertices: position %zu", i);
	}
	return PRL_OK;
}

/* Every true vertex lies within error_m of the one that was read, so the true region lies in the widened one. */
static prl_status read_vertices(struct feature *f, prl_error *err)
{
	const prl_properties *p = &f->properties;
	size_t count = json_array_size(p->vertices);
	prl_footprint *footprint = NULL;
	double error_m = 0;
	f->has_line = !isnan(p->half_width_m);
	prl_latlng *places = prl_array_new(count, sizeof *places);
	if (!places)
		return prl_error_memory(err);
	prl_status status = read_texts(p->vertices, places, &error_m, err);
	double margin_m = p->uncertainty.horizontal_m + error_m;
	prl_ring ring = { places, count };
	if (!status && count < (f->has_line ? 2u : 3u))
		status = prl_error_set(err, PRL_E_SYNTAX, "%zu vertices, expected at least %u", count, f->has_line ? 2u : 3u);
	else if (!status && f->has_line)
		status = prl_footprint_corridor(places, count, p->edges, p->half_width_m, margin_m, &footprint, err);
	else if (!status)
		status = prl_footprint_polygon(&ring, 1, p->edges, margin_m, &footprint, err);
	free(places);
	return add_volume(f, status, footprint, err);
}

static prl_status read_where(struct feature *f, const json_t *geometry, prl_error *err)
{
	int ways = (geometry && !json_is_null(geometry)) + (f->properties.place != NULL) + (f->properties.vertices != NULL);
	if (ways > 1)
		return prl_error_set(err, PRL_E_SYNTAX, "more than one of geometry, place and vertices, expected one");
	if (f->properties.place)
		return read_place(f, err);
	return f->properties.vertices ? read_vertices(f, err) : read_geometry(f, geometry, err);
}

/* A number that belongs to no geometry of the feature is a misunderstanding, and named. */
static prl_status check_used(const struct feature *f, prl_error *err)
{
	if (f->builder.plan->volume_count == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "an empty geometry, expected at least one part");
	if (!isnan(f->properties.radius_m) && !f->has_point)
		return prl_error_set(err, PRL_E_SYNTAX, "\"radius_m\" without a Point, expected one in the geometry");
	if (!isnan(f->properties.half_width_m) && !f->has_line)
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "\"half_width_m\" without a LineString, expected one in the geometry");
	return PRL_OK;
}

prl_status prl_geojson_read(const prl_lift *lift, const json_t *feature, prl_plan **ret_plan, prl_error *err)
{
	struct feature f = { .lift = lift };
	prl_status status = prl_crs_check(json_object_get(feature, "crs"), err);
	if (!status)
		status = prl_properties_area(feature, &f.properties, err);
	if (!status)
		status = prl_builder_begin(&f.builder, f.properties.id, f.properties.party, f.properties.name,
		                           f.properties.kind, err);
	if (!status)
		status = read_where(&f, json_object_get(feature, "geometry"), err);
	if (!status)
		status = check_used(&f, err);
	if (!status)
		*ret_plan = prl_builder_take(&f.builder);
	prl_builder_done(&f.builder);
	return status;
}
