#include "line/details.h"

#include "base/error.h"
#include "base/schema.h"
#include "formats/builder.h"
#include "formats/geojson.h"
#include "formats/properties.h"
#include "line/movement.h"
#include "line/place.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- kind and time ----------------------------------------------------------------------------------------------- */

prl_kind prl_details_kind(const json_t *details)
{
	const char *word = json_string_value(json_object_get(details, "kind"));
	for (int kind = PRL_KIND_UNKNOWN; word && kind <= PRL_KIND_EVACUATION; kind++)
		if (strcmp(word, prl_kind_word((prl_kind)kind)) == 0)
			return (prl_kind)kind;
	return PRL_KIND_UNKNOWN;
}

static prl_time time_in(const json_t *object, const char *name, prl_time otherwise)
{
	const json_t *text = json_object_get(object, name);
	prl_time time;
	if (!json_is_string(text) || prl_time_parse(json_string_value(text), json_string_length(text), &time, NULL))
		return otherwise;
	return time;
}

/* As the notice states it. Ends in the wrong order, which only a peer can send, stand for all that lies between. */
static prl_window stated_window(const json_t *details)
{
	prl_window w = { time_in(details, "from", PRL_TIME_OPEN_START), time_in(details, "to", PRL_TIME_OPEN_END) };
	return w.from <= w.to ? w : (prl_window){ w.to, w.from };
}

prl_window prl_details_window(const json_t *details)
{
	prl_window w = stated_window(details);
	const json_t *area;
	size_t i;
	json_array_foreach(json_object_get(details, "areas"), i, area)
	{
		prl_time from = time_in(area, "from", w.from), to = time_in(area, "to", w.to);
		w.from = from < w.from ? from : w.from;
		w.to = to > w.to ? to : w.to;
	}
	return w;
}

/* ---- one area ---------------------------------------------------------------------------------------------------- */

static bool has_place(const json_t *area)
{
	return json_object_get(area, "geometry") || json_object_get(area, "place") || json_object_get(area, "vertices");
}

static bool set_time(json_t *object, const char *name, prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	if (time == PRL_TIME_OPEN_START || time == PRL_TIME_OPEN_END || json_object_get(object, name))
		return true;
	prl_time_format(time, text);
	return json_object_set_new(object, name, json_string(text)) == 0;
}

/* The area as a feature of `parley check`; NULL out of memory. */
static json_t *make_feature(const json_t *area, prl_window window)
{
	json_t *parley = json_copy((json_t *)(uintptr_t)area); /* reads only */
	json_t *geometry = json_incref(json_object_get(area, "geometry"));
	if (parley) {
		(void)json_object_del(parley, "geometry");
		(void)json_object_del(parley, "name");
	}
	if (parley && set_time(parley, "from", window.from) && set_time(parley, "to", window.to))
		return json_pack("{s:s, s:s, s:o*, s:{s:o}}", "type", "Feature", "id", "area", "geometry", geometry,
				 "properties", "parley", parley);
	json_decref(parley);
	json_decref(geometry);
	return NULL;
}

/* An area that says how high and when, but not where. */
static prl_status read_levels(const json_t *feature, prl_builder *to, prl_error *err)
{
	prl_properties properties;
	prl_footprint *footprint;
	prl_status status = prl_properties_area(feature, &properties, err);
	if (!status && (!isnan(properties.radius_m) || !isnan(properties.half_width_m)))
		status =
			prl_error_set(err, PRL_E_SYNTAX,
				      "radius_m or half_width_m without a place, expected geometry, place or vertices");
	if (!status)
		status = prl_footprint_everywhere(&footprint, err);
	return status ? status : prl_builder_volume(to, footprint, properties.band, properties.window, err);
}

/* Volumes of a plan go over to another one. */
static prl_status move_volumes(prl_plan *from, prl_builder *to, prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t i = 0; i < from->volume_count && !status; i++) {
		prl_volume volume = from->volumes[i];
		status = prl_builder_volume(to, from->footprints[i], volume.band, volume.window, err);
		from->footprints[i] = NULL;
	}
	return status;
}

/* Long lists of numbers are read from text (lift.h), so the feature is written once more. */
static prl_status read_places(prl_lift *lift, const json_t *feature, prl_builder *to, prl_error *err)
{
	char *text = json_dumps(feature, JSON_COMPACT);
	const char *lifted;
	size_t length;
	json_t *json = NULL;
	prl_plan *plan = NULL;
	prl_status status =
		text ? prl_lift_item(lift, text, strlen(text), &lifted, &length, err) : prl_error_memory(err);
	if (!status) {
		json = json_loadb(lifted, length, 0, NULL);
		status = json ? prl_geojson_read(lift, json, &plan, err) : prl_error_memory(err);
	}
	if (!status)
		status = move_volumes(plan, to, err);
	prl_plan_free(plan);
	json_decref(json);
	free(text);
	return status;
}

static prl_status read_area(prl_lift *lift, const json_t *area, prl_window window, prl_builder *to, prl_error *err)
{
	if (!json_is_object(area))
		return prl_error_set(err, PRL_E_SYNTAX, "is no object, expected an area");
	json_t *feature = make_feature(area, window);
	if (!feature)
		return prl_error_memory(err);
	prl_status status = has_place(area) ? read_places(lift, feature, to, err) : read_levels(feature, to, err);
	json_decref(feature);
	return status;
}

/* What the readers say of a place inside the feature becomes part of the sentence: where is for JSON Pointers. */
static prl_status in_area(prl_error *err, prl_status status, size_t index)
{
	prl_error inner;
	static const char parley[] = "parley: ";
	if (!err || status == PRL_E_MEMORY)
		return status;
	inner = *err;
	const char *where = inner.where;
	if (strncmp(where, parley, sizeof parley - 1) == 0)
		where += sizeof parley - 1;
	prl_error_set(err, status, "%s%s%.360s", where, *where ? ": " : "", inner.text);
	return prl_error_at(err, status, "/areas/%zu", index);
}

static prl_status read_areas(const json_t *details, prl_builder *to, prl_error *err)
{
	prl_window window = stated_window(details);
	const json_t *areas = json_object_get(details, "areas");
	prl_lift *lift;
	prl_status status = prl_lift_new(&lift, err);
	if (status)
		return status;
	for (size_t i = 0; i < json_array_size(areas) && !status; i++) {
		status = read_area(lift, json_array_get(areas, i), window, to, err);
		if (status)
			in_area(err, status, i);
	}
	prl_lift_free(lift);
	return status;
}

/* ---- form ----------------------------------------------------------------------------------------------------------
 */

static prl_schema *schema; /* compiled once, never changed, never freed */
static pthread_once_t schema_once = PTHREAD_ONCE_INIT;

static void open_schema(void)
{
	prl_error ignored;
	if (prl_schema_open("entry/details.json", &schema, &ignored))
		schema = NULL;
}

prl_status prl_details_fit(const json_t *details, prl_error *err)
{
	(void)pthread_once(&schema_once, open_schema);
	return schema ? prl_schema_check(schema, details, err) : prl_error_memory(err);
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

static prl_band any_height(void)
{
	return prl_band_m(-(double)INFINITY, (double)INFINITY, PRL_DATUM_W84);
}

/* What a name was found to be: the place lies within the radius. */
static prl_status read_named(const json_t *named, prl_window window, prl_builder *to, prl_error *err)
{
	prl_footprint *footprint;
	const json_t *radius = json_object_get(named, "radius_m");
	if (!json_is_number(json_object_get(named, "lat_deg")) || !json_is_number(json_object_get(named, "lng_deg")))
		return prl_error_set(err, PRL_E_SYNTAX, "the gazetteer's entry has no place");
	prl_latlng middle = { json_number_value(json_object_get(named, "lat_deg")),
			      json_number_value(json_object_get(named, "lng_deg")) };
	prl_status status = prl_footprint_circle(middle, radius ? json_number_value(radius) : PRL_PLACE_NAME_RADIUS_M,
						 0, &footprint, err);
	return status ? status : prl_builder_volume(to, footprint, any_height(), window, err);
}

static prl_status add_everywhere(prl_window window, prl_builder *to, prl_error *err)
{
	prl_footprint *footprint;
	prl_status status = prl_footprint_everywhere(&footprint, err);
	return status ? status : prl_builder_volume(to, footprint, any_height(), window, err);
}

static prl_status begin(prl_builder *builder, const json_t *details, const char *id, const char *party, prl_error *err)
{
	return prl_builder_begin(builder, id, party, json_string_value(json_object_get(details, "title")),
				 prl_details_kind(details), err);
}

/* What is stated; a plan without volumes where nothing is. */
static prl_status read_stated(const json_t *details, const char *id, const char *party, prl_builder *to, prl_error *err)
{
	const json_t *named = json_object_get(json_object_get(details, "place"), "gazetteer");
	prl_status status = begin(to, details, id, party, err);
	if (!status && json_object_get(details, "areas"))
		return read_areas(details, to, err);
	if (!status && named)
		status = read_named(named, stated_window(details), to, err);
	return status;
}

static void why_everywhere(const json_t *details, prl_status status, const prl_error *err, char ret[300])
{
	const char *name = json_string_value(json_object_get(json_object_get(details, "place"), "name"));
	if (status)
		(void)snprintf(ret, 300, "%.60s: %.230s", err->where, err->text);
	else if (name)
		(void)snprintf(ret, 300, "a name alone is no place: \"%.200s\"", name);
	else
		(void)snprintf(ret, 300, "area not stated");
}

prl_status prl_details_plan(const json_t *details, const char *id, const char *party, prl_plan **ret, char ret_why[300],
			    prl_error *err)
{
	prl_builder builder = { 0 };
	prl_error problem = { 0 };
	char why[300] = "";
	prl_status status = read_stated(details, id, party, &builder, &problem);
	if (status == PRL_E_MEMORY)
		prl_error_memory(err);
	else if (status || builder.plan->volume_count == 0) {
		why_everywhere(details, status, &problem, why);
		prl_builder_done(&builder);
		builder = (prl_builder){ 0 };
		status = begin(&builder, details, id, party, err);
		if (!status)
			status = add_everywhere(prl_details_window(details), &builder, err);
	}
	if (!status) {
		*ret = prl_builder_take(&builder);
		memcpy(ret_why, why, sizeof why);
	}
	prl_builder_done(&builder);
	return status;
}

/* ---- the look at the door ---------------------------------------------------------------------------------------- */

static prl_status check_order(const json_t *details, prl_error *err)
{
	prl_window w = { time_in(details, "from", PRL_TIME_OPEN_START), time_in(details, "to", PRL_TIME_OPEN_END) };
	const json_t *area;
	size_t i;
	if (w.from > w.to) {
		prl_error_set(err, PRL_E_RANGE, "is before \"from\", expected from <= to");
		return prl_error_at(err, PRL_E_RANGE, "/to");
	}
	json_array_foreach(json_object_get(details, "areas"), i, area)
	{
		if (time_in(area, "from", w.from) >= w.from && time_in(area, "to", w.to) <= w.to)
			continue;
		prl_error_set(err, PRL_E_RANGE,
			      "is there at another time than the notice, expected from and to within its");
		return prl_error_at(err, PRL_E_RANGE, "/areas/%zu", i);
	}
	return PRL_OK;
}

prl_status prl_details_check(const json_t *details, prl_error *err)
{
	prl_builder builder = { 0 };
	prl_status status = check_order(details, err);
	if (!status)
		status = read_stated(details, "x", "", &builder, err);
	prl_builder_done(&builder);
	if (!status)
		status = prl_movement_plan_check(json_object_get(details, "movement"), err);
	return status ? status : prl_place_check_again(details, err);
}
