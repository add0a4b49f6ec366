#include "formats/f3548.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "formats/builder.h"
#include "formats/field.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const char *const metres[] = { "M", NULL };
static const char *const ellipsoid[] = { "W84", NULL };
static const char *const rfc3339[] = { "RFC3339", NULL };

/* ---- Altitude, Radius, Time, LatLngPoint --------------------------------------------------------------------- */

struct altitude {
	double value;
	unsigned reference, units;
};

static const prl_field altitude_fields[] = {
	{ "value", PRL_FIELD_NUMBER, true, offsetof(struct altitude, value), -8000, 100000, NULL },
	{ "reference", PRL_FIELD_WORD, true, offsetof(struct altitude, reference), 0, 0, ellipsoid },
	{ "units", PRL_FIELD_WORD, true, offsetof(struct altitude, units), 0, 0, metres },
	{ 0 },
};

struct radius {
	double value;
	unsigned units;
};

static const prl_field radius_fields[] = {
	{ "value", PRL_FIELD_NUMBER, true, offsetof(struct radius, value), DBL_TRUE_MIN, 10000000, NULL },
	{ "units", PRL_FIELD_WORD, true, offsetof(struct radius, units), 0, 0, metres },
	{ 0 },
};

struct instant {
	prl_time value;
	unsigned format;
};

static const prl_field instant_fields[] = {
	{ "value", PRL_FIELD_TIME, true, offsetof(struct instant, value), 0, 0, NULL },
	{ "format", PRL_FIELD_WORD, false, offsetof(struct instant, format), 0, 0, rfc3339 },
	{ 0 },
};

static const prl_field point_fields[] = {
	{ "lat", PRL_FIELD_NUMBER, true, offsetof(prl_latlng, lat_deg), -90, 90, NULL },
	{ "lng", PRL_FIELD_NUMBER, true, offsetof(prl_latlng, lng_deg), -180, 180, NULL },
	{ 0 },
};

/* ---- Volume3D ------------------------------------------------------------------------------------------------ */

struct outline {
	const json_t *circle, *polygon, *lower, *upper;
};

static const prl_field outline_fields[] = {
	{ "outline_circle", PRL_FIELD_OBJECT, false, offsetof(struct outline, circle), 0, 0, NULL },
	{ "outline_polygon", PRL_FIELD_OBJECT, false, offsetof(struct outline, polygon), 0, 0, NULL },
	{ "altitude_lower", PRL_FIELD_OBJECT, false, offsetof(struct outline, lower), 0, 0, NULL },
	{ "altitude_upper", PRL_FIELD_OBJECT, false, offsetof(struct outline, upper), 0, 0, NULL },
	{ 0 },
};

static prl_status read_circle(const json_t *circle, prl_footprint **ret_footprint, prl_error *err)
{
	prl_latlng center = { 0 };
	struct radius radius = { 0 };
	prl_status status = prl_fields_read(json_object_get(circle, "center"), point_fields, false, &center, err);
	if (status)
		return prl_error_at(err, status, "center");
	status = prl_fields_read(json_object_get(circle, "radius"), radius_fields, false, &radius, err);
	if (status)
		return prl_error_at(err, status, "radius");
	return prl_footprint_circle(center, radius.value, 0, ret_footprint, err);
}

/* F3548-21 Polygon: the ring closes itself, and no vertex is repeated; equal vertices apart are left to the geometry. */
static prl_status read_vertices(const json_t *list, prl_latlng *vertices, prl_error *err)
{
	size_t count = json_array_size(list);
	for (size_t i = 0; i < count; i++) {
		prl_status status = prl_fields_read(json_array_get(list, i), point_fields, false, vertices + i, err);
		if (status)
			return prl_error_at(err, status, "vertex %zu", i);
	}
	for (size_t i = 0; i < count; i++) {
		size_t next = (i + 1) % count;
		if (vertices[i].lat_deg == vertices[next].lat_deg && vertices[i].lng_deg == vertices[next].lng_deg)
			return prl_error_set(err, PRL_E_RANGE,
			                     "vertices %zu and %zu are the same, expected no repeated vertex (F3548-21)", i,
			                     next);
	}
	return PRL_OK;
}

static prl_status read_polygon(const json_t *polygon, prl_footprint **ret_footprint, prl_error *err)
{
	const json_t *list = json_object_get(polygon, "vertices");
	size_t count = json_array_size(list);
	if (!json_is_array(list))
		return prl_error_set(err, PRL_E_SYNTAX, "\"vertices\" is %s, expected a list", prl_json_what(list));
	if (count < 3 || count > PRL_MAX_VERTICES)
		return prl_error_set(err, PRL_E_RANGE, "%zu vertices, expected 3 to %u", count, PRL_MAX_VERTICES);
	prl_latlng *vertices = prl_array_new(count, sizeof *vertices);
	if (!vertices)
		return prl_error_memory(err);
	prl_status status = read_vertices(list, vertices, err);
	prl_ring ring = { vertices, count };
	if (!status)
		status = prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, 0, ret_footprint, err);
	free(vertices);
	return status;
}

static prl_status read_footprint(const struct outline *outline, prl_footprint **ret_footprint, prl_error *err)
{
	prl_status status;
	if (outline->circle && outline->polygon)
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "both outline_circle and outline_polygon, expected exactly one outline");
	if (outline->circle) {
		status = read_circle(outline->circle, ret_footprint, err);
		return status ? prl_error_at(err, status, "outline_circle") : PRL_OK;
	}
	if (outline->polygon) {
		status = read_polygon(outline->polygon, ret_footprint, err);
		return status ? prl_error_at(err, status, "outline_polygon") : PRL_OK;
	}
	return prl_error_set(err, PRL_E_SYNTAX, "no outline, expected outline_circle or outline_polygon");
}

static prl_status read_altitude(const json_t *altitude, const char *name, double *ret_value, prl_error *err)
{
	struct altitude read = { 0 };
	if (!altitude)
		return PRL_OK;
	prl_status status = prl_fields_read(altitude, altitude_fields, false, &read, err);
	if (status)
		return prl_error_at(err, status, "%s", name);
	*ret_value = read.value;
	return PRL_OK;
}

static prl_status read_band(const struct outline *outline, prl_band *ret_band, prl_error *err)
{
	double lower = -(double)INFINITY, upper = (double)INFINITY;
	prl_status status = read_altitude(outline->lower, "altitude_lower", &lower, err);
	if (!status)
		status = read_altitude(outline->upper, "altitude_upper", &upper, err);
	if (status)
		return status;
	if (lower > upper)
		return prl_error_set(err, PRL_E_RANGE,
		                     "altitude_lower %.17g m is above altitude_upper %.17g m, expected lower <= upper",
		                     lower, upper);
	*ret_band = (prl_band){ .lower = { lower, PRL_UNIT_M, PRL_DATUM_W84 }, .upper = { upper, PRL_UNIT_M, PRL_DATUM_W84 } };
	return PRL_OK;
}

/* ---- Volume4D ------------------------------------------------------------------------------------------------ */

struct volume {
	const json_t *volume, *start, *end;
};

static const prl_field volume_fields[] = {
	{ "volume", PRL_FIELD_OBJECT, true, offsetof(struct volume, volume), 0, 0, NULL },
	{ "time_start", PRL_FIELD_OBJECT, false, offsetof(struct volume, start), 0, 0, NULL },
	{ "time_end", PRL_FIELD_OBJECT, false, offsetof(struct volume, end), 0, 0, NULL },
	{ 0 },
};

static prl_status read_instant(const json_t *time, const char *name, prl_time *ret_time, prl_error *err)
{
	struct instant read = { 0 };
	if (!time)
		return PRL_OK;
	prl_status status = prl_fields_read(time, instant_fields, false, &read, err);
	if (status)
		return prl_error_at(err, status, "%s", name);
	*ret_time = read.value;
	return PRL_OK;
}

static prl_status read_window(const struct volume *volume, prl_window *ret_window, prl_error *err)
{
	prl_window window = { PRL_TIME_OPEN_START, PRL_TIME_OPEN_END };
	prl_status status = read_instant(volume->start, "time_start", &window.from, err);
	if (!status)
		status = read_instant(volume->end, "time_end", &window.to, err);
	if (status)
		return status;
	if (window.from > window.to)
		return prl_error_set(err, PRL_E_RANGE, "time_start is after time_end, expected start <= end");
	*ret_window = window;
	return PRL_OK;
}

static prl_status read_volume(const json_t *json, prl_builder *builder, prl_error *err)
{
	struct volume volume = { 0 };
	struct outline outline = { 0 };
	prl_window window;
	prl_band band;
	prl_footprint *footprint = NULL;
	prl_status status = prl_fields_read(json, volume_fields, false, &volume, err);
	if (!status)
		status = read_window(&volume, &window, err);
	if (!status)
		status = prl_fields_read(volume.volume, outline_fields, false, &outline, err);
	if (!status)
		status = read_band(&outline, &band, err);
	if (!status)
		status = read_footprint(&outline, &footprint, err);
	return status ? status : prl_builder_volume(builder, footprint, band, window, err);
}

static prl_status read_volumes(const json_t *list, const char *name, prl_builder *builder, prl_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		prl_status status = read_volume(json_array_get(list, i), builder, err);
		if (status)
			return prl_error_at(err, status, "%s %zu", name, i);
	}
	return PRL_OK;
}

/* ---- the entity ---------------------------------------------------------------------------------------------- */

struct reference {
	const char *id, *manager;
};

static const prl_field reference_fields[] = {
	{ "id", PRL_FIELD_TEXT, true, offsetof(struct reference, id), 1, PRL_MAX_ID_BYTES, NULL },
	{ "manager", PRL_FIELD_TEXT, false, offsetof(struct reference, manager), 0, PRL_MAX_NAME_BYTES, NULL },
	{ 0 },
};

struct details {
	const json_t *volumes, *off_nominal;
};

static const prl_field details_fields[] = {
	{ "volumes", PRL_FIELD_LIST, false, offsetof(struct details, volumes), 0, 0, NULL },
	{ "off_nominal_volumes", PRL_FIELD_LIST, false, offsetof(struct details, off_nominal), 0, 0, NULL },
	{ 0 },
};

static const prl_field extents_fields[] = {
	{ "extents", PRL_FIELD_LIST, true, offsetof(struct details, volumes), 0, 0, NULL },
	{ 0 },
};

const char *prl_f3548_id(const json_t *entity)
{
	const json_t *reference = json_object_get(entity, "reference");
	return json_string_value(json_object_get(reference ? reference : entity, "id"));
}

static prl_status read_parts(const json_t *entity, prl_f3548_kind kind, struct reference *reference,
                             struct details *details, prl_error *err)
{
	bool bare = kind == PRL_F3548_EXTENTS;
	prl_status status = prl_fields_read(bare ? entity : json_object_get(entity, "reference"), reference_fields, false,
	                                    reference, err);
	if (status)
		return bare ? status : prl_error_at(err, status, "reference");
	status = prl_fields_read(bare ? entity : json_object_get(entity, "details"), bare ? extents_fields : details_fields,
	                         false, details, err);
	if (status)
		return bare ? status : prl_error_at(err, status, "details");
	if (json_array_size(details->volumes) + json_array_size(details->off_nominal) == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "no volume, expected at least one in %s",
		                     bare ? "extents" : "details.volumes");
	return PRL_OK;
}

prl_status prl_f3548_read(const json_t *entity, prl_f3548_kind kind, prl_plan **ret_plan, prl_error *err)
{
	struct reference reference = { 0 };
	struct details details = { 0 };
	PRL_CLEANUP(prl_builder_done) prl_builder builder = { 0 };
	prl_status status = read_parts(entity, kind, &reference, &details, err);
	if (!status)
		status = prl_builder_begin(&builder, reference.id, reference.manager, NULL,
		                           kind == PRL_F3548_CONSTRAINT ? PRL_KIND_UNKNOWN : PRL_KIND_FLIGHT, err);
	if (!status)
		status = read_volumes(details.volumes, "volume", &builder, err);
	if (!status)
		status = read_volumes(details.off_nominal, "off-nominal volume", &builder, err);
	if (!status)
		*ret_plan = prl_builder_take(&builder);
	return status;
}

prl_f3548_kind prl_f3548_kind_of(const json_t *entity)
{
	const json_t *details = json_object_get(entity, "details");
	bool intent = json_object_get(json_object_get(entity, "reference"), "state") ||
	              json_object_get(details, "priority") || json_object_get(details, "off_nominal_volumes");
	bool constraint = json_object_get(details, "type") || json_object_get(details, "geozone");
	return constraint && !intent ? PRL_F3548_CONSTRAINT : PRL_F3548_INTENT;
}
