#include "formats/mfjson.h"

#include "base/error.h"
#include "base/limits.h"
#include "formats/builder.h"
#include "formats/coordinates.h"
#include "formats/field.h"
#include "formats/properties.h"

#include <string.h>

struct feature {
	const prl_lift *lift;
	prl_properties properties;
	prl_builder builder;
};

static bool is_type(const json_t *object, const char *type)
{
	const char *text = json_string_value(json_object_get(object, "type"));
	return text && !strcmp(text, type);
}

bool prl_mfjson_is_moving(const json_t *feature)
{
	const json_t *temporal = json_object_get(feature, "temporalGeometry");
	if (temporal && !json_is_null(temporal))
		return true;
	return is_type(json_object_get(feature, "geometry"), "LineString") &&
	       json_object_get(json_object_get(feature, "properties"), "datetimes");
}

/* 0 where t is not after first: the trajectory refuses that later. Unsigned: two instants may lie 584 years apart. */
static double seconds_since(prl_time first, prl_time t)
{
	return t > first ? (double)((uint64_t)t - (uint64_t)first) / (double)PRL_SECOND : 0;
}

/* Heights and times of one movement put together. Uncertainty grows from the first sample on. */
static prl_status fill_samples(const prl_numbers *numbers, const prl_instants *instants, const prl_uncertainty *u,
                               prl_sample *samples, prl_error *err)
{
	size_t first = 0;
	for (size_t i = 0; i < instants->count; first = numbers->ends[0][i++]) {
		const double *position = numbers->values + first;
		size_t length = numbers->ends[0][i] - first;
		double age_s = seconds_since(instants->times[0], instants->times[i]);
		if (length != 3) {
			prl_error_set(err, PRL_E_SYNTAX, "%zu number%s%s, expected longitude, latitude and metres of height",
			              length, length == 1 ? "" : "s", length == 2 ? " (no height)" : "");
			return prl_error_at(err, PRL_E_SYNTAX, "coordinates: position %zu", i);
		}
		samples[i] = (prl_sample){ .time = instants->times[i],
			                   .lng_deg = position[0],
			                   .lat_deg = position[1],
			                   .altitude_m = position[2],
			                   .horizontal_m = u->horizontal_m + u->horizontal_growth_m_s * age_s,
			                   .vertical_m = u->vertical_m + u->vertical_growth_m_s * age_s };
	}
	return PRL_OK;
}

static prl_status add_trajectory(struct feature *f, const prl_numbers *numbers, const prl_instants *instants,
                                 prl_error *err)
{
	prl_trajectory *trajectory = NULL;
	if (numbers->count[1] != instants->count)
		return prl_error_set(err, PRL_E_SYNTAX, "%zu positions and %zu datetimes, expected as many of one as of the other",
		                     numbers->count[1], instants->count);
	prl_sample *samples = prl_array_new(instants->count, sizeof *samples);
	if (!samples)
		return prl_error_memory(err);
	prl_status status = fill_samples(numbers, instants, &f->properties.uncertainty, samples, err);
	if (!status)
		status = prl_trajectory_new(samples, instants->count, f->properties.datum, &trajectory, err);
	free(samples);
	return status ? status : prl_builder_trajectory(&f->builder, trajectory, err);
}

static prl_status read_movement(struct feature *f, const json_t *geometry, const json_t *datetimes, prl_error *err)
{
	const prl_numbers *numbers;
	const prl_instants *instants;
	prl_status status = prl_coordinates_get(f->lift, geometry, 2, &numbers, err);
	if (!status)
		status = prl_datetimes_get(f->lift, datetimes, &instants, err);
	return status ? status : add_trajectory(f, numbers, instants, err);
}

/* "interpolation" is a word in 19-045r3; its forerunner 16-140r1 had a list of words under "interpolations". */
static prl_status check_interpolation(const json_t *geometry, prl_error *err)
{
	static const char *const names[] = { "interpolation", "interpolations" };
	for (size_t i = 0; i < 2; i++) {
		const json_t *value = json_object_get(geometry, names[i]);
		if (!value || json_is_null(value))
			continue;
		if (json_is_array(value) && json_array_size(value) == 1)
			value = json_array_get(value, 0);
		const char *word = json_string_value(value);
		if (!word || strcmp(word, "Linear") != 0)
			return prl_error_set(err, PRL_E_UNSUPPORTED, "%s \"%.60s\" is not taken, expected Linear or none",
			                     names[i], word ? word : prl_json_what(value));
	}
	return PRL_OK;
}

static prl_status check_trs(const json_t *trs, prl_error *err)
{
	if (!trs || json_is_null(trs))
		return PRL_OK;
	const char *name = json_string_value(json_object_get(json_object_get(trs, "properties"), "name"));
	if (name && !strcmp(name, "urn:ogc:data:time:iso8601"))
		return PRL_OK;
	return prl_error_set(err, PRL_E_UNSUPPORTED, "trs \"%.100s\" is not taken, expected none or urn:ogc:data:time:iso8601",
	                     name ? name : prl_json_what(trs));
}

static prl_status check_systems(const json_t *object, prl_error *err)
{
	prl_status status = prl_crs_check(json_object_get(object, "crs"), err);
	return status ? status : check_trs(json_object_get(object, "trs"), err);
}

static prl_status read_moving_point(struct feature *f, const json_t *geometry, prl_error *err)
{
	if (!is_type(geometry, "MovingPoint")) {
		const json_t *type = json_object_get(geometry, "type");
		const char *word = json_string_value(type);
		return prl_error_set(err, PRL_E_UNSUPPORTED, "type \"%.40s\" is not taken, expected MovingPoint",
		                     word ? word : prl_json_what(type));
	}
	prl_status status = check_systems(geometry, err);
	if (!status)
		status = check_interpolation(geometry, err);
	return status ? status : read_movement(f, geometry, json_object_get(geometry, "datetimes"), err);
}

static prl_status read_temporal(struct feature *f, const json_t *geometry, prl_error *err)
{
	if (!is_type(geometry, "MovingGeometryCollection"))
		return read_moving_point(f, geometry, err);
	const json_t *prisms = json_object_get(geometry, "prisms");
	prl_status status = check_systems(geometry, err);
	if (!status && json_array_size(prisms) == 0)
		status = prl_error_set(err, PRL_E_SYNTAX, "\"prisms\" is %s, expected a list of MovingPoint",
		                       prl_json_what(prisms));
	if (!status && json_array_size(prisms) > PRL_MAX_VOLUMES_A_PLAN)
		status = prl_error_set(err, PRL_E_TOO_LARGE, "more than %u prisms", PRL_MAX_VOLUMES_A_PLAN);
	for (size_t i = 0; !status && i < json_array_size(prisms); i++) {
		status = read_moving_point(f, json_array_get(prisms, i), err);
		if (status)
			prl_error_at(err, status, "prism %zu", i);
	}
	return status;
}

static prl_status read_geometry(struct feature *f, const json_t *feature, prl_error *err)
{
	const json_t *temporal = json_object_get(feature, "temporalGeometry");
	if (temporal && !json_is_null(temporal)) {
		prl_status status = read_temporal(f, temporal, err);
		return status ? prl_error_at(err, status, "temporalGeometry") : PRL_OK;
	}
	const json_t *datetimes = json_object_get(json_object_get(feature, "properties"), "datetimes");
	return read_movement(f, json_object_get(feature, "geometry"), datetimes, err);
}

prl_status prl_mfjson_read(const prl_lift *lift, const json_t *feature, prl_plan **ret_plan, prl_error *err)
{
	struct feature f = { .lift = lift };
	prl_status status = check_systems(feature, err);
	if (!status)
		status = prl_properties_moving(feature, &f.properties, err);
	if (!status)
		status = prl_builder_begin(&f.builder, f.properties.id, f.properties.party, f.properties.name,
		                           f.properties.kind, err);
	if (!status)
		status = read_geometry(&f, feature, err);
	if (!status)
		*ret_plan = prl_builder_take(&f.builder);
	prl_builder_done(&f.builder);
	return status;
}
