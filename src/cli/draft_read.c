/* Details of a notice from other people's files. What a file states goes on as it is written there; what of it a notice
 * has no member for is refused by name, so that nothing is lost in silence. */
#include "cli/draft.h"

#include "base/error.h"
#include "base/file.h"
#include "formats/f3548.h"

#include <parley/notation.h>

#include <stdio.h>
#include <string.h>

#define FILE_MAX (8u << 20)

/* ---- GeoJSON ----------------------------------------------------------------------------------------------------- */

/* F3548's names of the members of a level, as ours. */
static json_t *level_of(const json_t *level)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)level);
	static const char *const names[][2] = { { "units", "unit" }, { "reference", "datum" } };
	for (size_t i = 0; i < 2; i++) {
		json_t *value = json_object_get(copy, names[i][0]);
		if (value) {
			json_object_set(copy, names[i][1], value);
			json_object_del(copy, names[i][0]);
		}
	}
	return copy;
}

static prl_status take_member(draft *d, json_t *area, const char *name, json_t *value, prl_error *err)
{
	static const char *const of_area[] = { "radius_m", "half_width_m", "uncertainty", "edges",
					       "place",    "vertices",     NULL };
	if (json_is_null(value) || strcmp(name, "id") == 0 || strcmp(name, "party") == 0)
		return PRL_OK; /* the number is given by the node, the party by the key */
	if (strcmp(name, "lower") == 0 || strcmp(name, "upper") == 0)
		return json_object_set_new(area, name, level_of(value)) ? prl_error_memory(err) : PRL_OK;
	for (size_t i = 0; of_area[i]; i++)
		if (strcmp(of_area[i], name) == 0)
			return json_object_set(area, name, value) ? prl_error_memory(err) : PRL_OK;
	bool time = strcmp(name, "from") == 0 || strcmp(name, "to") == 0;
	const char *as = strcmp(name, "name") == 0 ? "title" : name;
	if (!time && strcmp(name, "kind") != 0 && strcmp(name, "name") != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "properties.parley.%.60s: no such member", name);
	json_t *before = json_object_get(d->details, as);
	if (before && time && !json_equal(before, value)) /* features at different times: each area has its own */
		return json_object_set(area, name, value) ? prl_error_memory(err) : PRL_OK;
	return before || json_object_set(d->details, as, value) == 0 ? PRL_OK : prl_error_memory(err);
}

static prl_status read_feature(draft *d, const json_t *feature, json_t *areas, prl_error *err)
{
	json_t *parley = json_object_get(json_object_get(feature, "properties"), "parley"), *value;
	json_t *geometry = json_object_get(feature, "geometry");
	const char *name;
	if (!json_is_object(parley))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "properties.parley is missing; expected an object with kind, from, to");
	json_t *area = json_object();
	prl_status st = PRL_OK;
	json_object_foreach(parley, name, value) if (!st) st = take_member(d, area, name, value, err);
	if (!st && json_is_object(geometry))
		json_object_set(area, "geometry", geometry);
	json_array_append_new(areas, area);
	return st;
}

/* ---- F3548 ------------------------------------------------------------------------------------------------------- */

static json_t *outline_of(const json_t *volume, json_t *area)
{
	const json_t *vertices = json_object_get(json_object_get(volume, "outline_polygon"), "vertices"), *v;
	const json_t *circle = json_object_get(volume, "outline_circle"), *centre = json_object_get(circle, "center");
	size_t i;
	if (circle) {
		json_object_set(area, "radius_m", json_object_get(json_object_get(circle, "radius"), "value"));
		return json_pack("{s:s, s:[O, O]}", "type", "Point", "coordinates", json_object_get(centre, "lng"),
				 json_object_get(centre, "lat"));
	}
	json_t *ring = json_array();
	json_array_foreach(vertices, i, v)
		json_array_append_new(ring, json_pack("[O, O]", json_object_get(v, "lng"), json_object_get(v, "lat")));
	if (!json_array_size(ring)) {
		json_decref(ring);
		return NULL;
	}
	json_array_append(ring, json_array_get(ring, 0));
	json_object_set_new(area, "edges", json_string("geodesic"));
	return json_pack("{s:s, s:[o]}", "type", "Polygon", "coordinates", ring);
}

static prl_status read_volume(const json_t *four, json_t *areas, prl_error *err)
{
	static const char *const levels[][2] = { { "altitude_lower", "lower" }, { "altitude_upper", "upper" } };
	static const char *const times[][2] = { { "time_start", "from" }, { "time_end", "to" } };
	const json_t *volume = json_object_get(four, "volume");
	json_t *area = json_object(), *geometry = outline_of(volume, area);
	if (!geometry) {
		json_decref(area);
		return prl_error_set(err, PRL_E_SYNTAX, "volume %zu: outline_polygon or outline_circle is missing",
				     json_array_size(areas) + 1);
	}
	json_object_set_new(area, "geometry", geometry);
	for (size_t i = 0; i < 2; i++) {
		const json_t *level = json_object_get(volume, levels[i][0]);
		json_t *time = json_object_get(json_object_get(four, times[i][0]), "value");
		if (json_is_object(level))
			json_object_set_new(area, levels[i][1], level_of(level));
		if (time)
			json_object_set(area, times[i][1], time);
	}
	json_array_append_new(areas, area);
	return PRL_OK;
}

/* The window of all volumes together is the notice's. */
static prl_status window_of(draft *d, const json_t *areas, prl_error *err)
{
	static const char *const names[] = { "from", "to" };
	const json_t *area;
	size_t i;
	for (size_t n = 0; n < 2; n++) {
		json_t *widest = NULL;
		prl_time most = 0, time;
		bool open = false;
		json_array_foreach(areas, i, area)
		{
			json_t *value = json_object_get(area, names[n]);
			const char *text = json_string_value(value);
			open = open || !text;
			prl_status st = text ? prl_time_parse(text, strlen(text), &time, err) : PRL_OK;
			if (st)
				return prl_error_at(err, st, "volume %zu: %s", i + 1, n ? "time_end" : "time_start");
			if (text && (!widest || (n ? time > most : time < most))) {
				widest = value;
				most = time;
			}
		}
		if (widest && !open && !json_object_get(d->details, names[n]))
			json_object_set(d->details, names[n], widest);
	}
	return PRL_OK;
}

/* What `parley check` refuses of such a file is refused here too, in the same words. */
static prl_status look_at_intent(const json_t *entity, prl_f3548_kind kind, prl_error *err)
{
	prl_plan *plan = NULL;
	prl_status st = prl_f3548_read(entity, kind, &plan, err);
	prl_plan_free(plan);
	return st;
}

static prl_status read_intent(draft *d, const json_t *entity, prl_f3548_kind kind, json_t *areas, prl_error *err)
{
	static const char *const lists[] = { "volumes", "off_nominal_volumes" };
	const json_t *one;
	size_t i;
	prl_status st = look_at_intent(entity, kind, err);
	for (size_t n = 0; n < 2; n++)
		json_array_foreach(json_object_get(json_object_get(entity, "details"), lists[n]), i, one) if (!st) st =
			read_volume(one, areas, err);
	if (!st && kind == PRL_F3548_INTENT && !json_object_get(d->details, "kind"))
		json_object_set_new(d->details, "kind", json_string("flight"));
	return st ? st : window_of(d, areas, err);
}

/* ---- which it is ------------------------------------------------------------------------------------------------- */

static prl_status read_value(draft *d, const json_t *file, json_t *areas, prl_error *err)
{
	const char *type = json_string_value(json_object_get(file, "type"));
	const json_t *features = json_object_get(file, "features"), *one;
	const json_t *intent = json_object_get(file, "operational_intent"),
		     *constraint = json_object_get(file, "constraint");
	size_t i;
	prl_status st = PRL_OK;
	if (type && strcmp(type, "Feature") == 0)
		return read_feature(d, file, areas, err);
	if (type && strcmp(type, "FeatureCollection") == 0) {
		json_array_foreach(features, i, one) if (!st)
		{
			st = read_feature(d, one, areas, err);
			if (st)
				st = prl_error_at(err, st, "feature %zu", i + 1);
		}
		return st;
	}
	const json_t *entity = intent ? intent : constraint ? constraint : file;
	if (json_object_get(entity, "details") && json_object_get(entity, "reference"))
		return read_intent(d, entity,
				   constraint ? PRL_F3548_CONSTRAINT
				   : intent   ? PRL_F3548_INTENT
					      : prl_f3548_kind_of(entity),
				   areas, err);
	if (json_object_get(file, "kind"))
		return json_object_update_missing(d->details, (json_t *)(uintptr_t)file) ? prl_error_memory(err)
											 : PRL_OK;
	return prl_error_set(
		err, PRL_E_SYNTAX,
		"expected a GeoJSON Feature with parley properties, an F3548 operational intent, or details with kind");
}

static prl_status read_bytes(const char *path, prl_buffer *ret, prl_error *err)
{
	char piece[4096];
	size_t got;
	if (strcmp(path, "-") != 0)
		return prl_file_read(path, ret, err);
	while ((got = fread(piece, 1, sizeof piece, stdin)) > 0)
		if (!prl_buffer_append(ret, piece, got))
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u bytes", FILE_MAX);
	return PRL_OK;
}

prl_status prl_draft_read(draft *d, const char *path, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(FILE_MAX);
	json_error_t why;
	json_t *areas = json_array(), *file = NULL;
	prl_status st = read_bytes(path, &bytes, err);
	if (!st) {
		file = json_loadb(bytes.data ? bytes.data : "", bytes.size, JSON_REJECT_DUPLICATES, &why);
		if (!file) {
			st = prl_error_set(err, PRL_E_SYNTAX, "no JSON: %s", why.text);
			if (err)
				err->line = (size_t)(why.line > 0 ? why.line : 0);
		}
	}
	if (!st)
		st = read_value(d, file, areas, err);
	if (!st && json_array_size(areas) && !json_object_get(d->details, "areas"))
		json_object_set(d->details, "areas", areas);
	json_decref(areas);
	json_decref(file);
	prl_buffer_done(&bytes);
	return st;
}
