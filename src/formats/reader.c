/*
 * A reading session: bytes -> items (scan) -> long lists lifted (lift) -> JSON (jansson) -> one reader a format -> plan.
 * What a format is is told by the members of an item.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "formats/clean.h"
#include "formats/f3548.h"
#include "formats/field.h"
#include "formats/geojson.h"
#include "formats/ids.h"
#include "formats/lift.h"
#include "formats/mfjson.h"
#include "formats/properties.h"
#include "formats/scan.h"

#include <parley/formats.h>

#include <string.h>

struct prl_reader {
	prl_reader_options options;
	prl_lift *lift;
	prl_ids *ids;
	prl_read_counts counts;
	const char *name;    /* of the source being read */
	size_t line;         /* of the item being read */
	prl_error collection; /* what is wrong with the collection around the features; status 0: nothing */
};

prl_status prl_reader_new(const prl_reader_options *options, prl_reader **ret_reader, prl_error *err)
{
	prl_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return prl_error_memory(err);
	reader->options = *options;
	if (!reader->options.max_item_bytes)
		reader->options.max_item_bytes = PRL_MAX_FEATURE_BYTES;
	prl_status status = prl_lift_new(&reader->lift, err);
	if (!status)
		status = prl_ids_new(&reader->ids, err);
	if (status) {
		prl_reader_free(reader);
		return status;
	}
	*ret_reader = reader;
	return PRL_OK;
}

void prl_reader_free(prl_reader *reader)
{
	if (!reader)
		return;
	prl_lift_free(reader->lift);
	prl_ids_free(reader->ids);
	free(reader);
}

prl_read_counts prl_reader_counts(const prl_reader *reader)
{
	return reader->counts;
}

/* ---- telling ------------------------------------------------------------------------------------------------- */

static prl_status stopped(prl_error *err)
{
	return prl_error_set(err, PRL_E_CALLBACK, "stopped by the caller");
}

/* Tells a problem; what cannot be gone on from (memory) goes up instead. */
static prl_status tell(prl_reader *r, const prl_error *problem, prl_error *err)
{
	if (problem->status == PRL_E_MEMORY) {
		if (err)
			*err = *problem;
		return PRL_E_MEMORY;
	}
	prl_error shown = *problem;
	prl_clean(problem->text, shown.text, sizeof shown.text);
	prl_clean(problem->where, shown.where, sizeof shown.where);
	r->counts.problems++;
	if (r->options.on_problem && !r->options.on_problem(r->name, &shown, r->options.context))
		return stopped(err);
	return PRL_OK;
}

/* Gives out a plan, which is gone from here on. */
static prl_status give(prl_reader *r, prl_plan *plan, prl_error *err)
{
	plan->line = r->line;
	plan->source = strdup(r->name);
	prl_error problem = { 0 };
	prl_status status = plan->source ? prl_ids_add(r->ids, plan->id, r->name, r->line, &problem)
	                                 : prl_error_memory(&problem);
	if (status) {
		prl_plan_free(plan);
		problem.line = r->line;
		return tell(r, &problem, err);
	}
	r->counts.taken++;
	return r->options.on_plan(plan, r->options.context) ? PRL_OK : stopped(err);
}

/* ---- what an item is ----------------------------------------------------------------------------------------- */

/* How the item is called where something is wrong with it: its id, else its place in the list. */
struct label {
	const char *noun, *id;
	size_t index; /* SIZE_MAX: not in a list */
	char number_text[32];
};

static prl_status finish(prl_reader *r, prl_status status, prl_plan *plan, prl_error *problem, const struct label *label,
                         prl_error *err)
{
	if (!status)
		return give(r, plan, err);
	if (label->id)
		prl_error_at(problem, status, "%s \"%.70s\"", label->noun, label->id);
	else if (label->index != SIZE_MAX)
		prl_error_at(problem, status, "%s %zu", label->noun, label->index);
	else
		prl_error_at(problem, status, "%s", label->noun);
	problem->line = r->line;
	return tell(r, problem, err);
}

static prl_status take_feature(prl_reader *r, const json_t *feature, size_t index, prl_error *err)
{
	struct label label = { .noun = "feature", .index = index };
	prl_plan *plan = NULL;
	prl_error problem = { 0 };
	prl_status status;
	label.id = prl_feature_id(feature, label.number_text);
	if (r->collection.status) {
		problem = r->collection;
		status = problem.status;
	} else if (prl_mfjson_is_moving(feature)) {
		status = prl_mfjson_read(r->lift, feature, &plan, &problem);
	} else {
		status = prl_geojson_read(r->lift, feature, &plan, &problem);
	}
	return finish(r, status, plan, &problem, &label, err);
}

static prl_status take_entity(prl_reader *r, const json_t *entity, prl_f3548_kind kind, size_t index, prl_error *err)
{
	struct label label = { .noun = kind == PRL_F3548_CONSTRAINT ? "constraint" : "operational intent", .index = index };
	prl_plan *plan = NULL;
	prl_error problem = { 0 };
	label.id = prl_f3548_id(entity);
	prl_status status = prl_f3548_read(entity, kind, &plan, &problem);
	return finish(r, status, plan, &problem, &label, err);
}

static prl_status refuse(prl_reader *r, const json_t *item, size_t index, prl_error *err)
{
	struct label label = { .noun = "item", .index = index };
	prl_error problem = { 0 };
	const char *type = json_string_value(json_object_get(item, "type"));
	prl_status status;
	if (type)
		status = prl_error_set(&problem, PRL_E_UNSUPPORTED,
		                       "has type \"%.40s\", expected a Feature, a FeatureCollection or an F3548-21 entity", type);
	else if (json_object_get(item, "operational_intent_id") || json_object_get(item, "constraint_id"))
		status = prl_error_set(&problem, PRL_E_UNSUPPORTED,
		                       "notifies of a removal and holds no volumes, expected an operational intent or a constraint");
	else if (json_is_object(item))
		status = prl_error_set(&problem, PRL_E_UNSUPPORTED,
		                       "is neither a Feature nor an F3548-21 operational intent or constraint");
	else
		status = prl_error_set(&problem, PRL_E_SYNTAX, "is %s, expected an object", prl_json_what(item));
	return finish(r, status, NULL, &problem, &label, err);
}

static prl_status take_item(prl_reader *r, const json_t *item, size_t index, prl_error *err);

static prl_status take_list(prl_reader *r, const json_t *list, prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < json_array_size(list); i++)
		status = take_item(r, json_array_get(list, i), i, err);
	return status;
}

/* A FeatureCollection that is itself a member of a list. */
static prl_status take_collection(prl_reader *r, const json_t *item, size_t index, prl_error *err)
{
	const json_t *features = json_object_get(item, "features");
	struct label label = { .noun = "feature collection", .index = index };
	prl_error problem = { 0 };
	prl_status status = prl_crs_check(json_object_get(item, "crs"), &problem);
	if (!status && !json_is_array(features))
		status = prl_error_set(&problem, PRL_E_SYNTAX, "\"features\" is %s, expected a list", prl_json_what(features));
	return status ? finish(r, status, NULL, &problem, &label, err) : take_list(r, features, err);
}

static bool has(const json_t *item, const char *key)
{
	return json_is_object(json_object_get(item, key));
}

static prl_status take_item(prl_reader *r, const json_t *item, size_t index, prl_error *err)
{
	const char *type = json_string_value(json_object_get(item, "type"));
	if (json_is_array(item))
		return take_list(r, item, err);
	if (type && !strcmp(type, "Feature"))
		return take_feature(r, item, index, err);
	if (type && !strcmp(type, "FeatureCollection"))
		return take_collection(r, item, index, err);
	if (has(item, "operational_intent"))
		return take_entity(r, json_object_get(item, "operational_intent"), PRL_F3548_INTENT, index, err);
	if (has(item, "constraint"))
		return take_entity(r, json_object_get(item, "constraint"), PRL_F3548_CONSTRAINT, index, err);
	if (has(item, "reference") || has(item, "details"))
		return take_entity(r, item, prl_f3548_kind_of(item), index, err);
	if (json_is_array(json_object_get(item, "extents")))
		return take_entity(r, item, PRL_F3548_EXTENTS, index, err);
	return refuse(r, item, index, err);
}

/* ---- bytes to items ------------------------------------------------------------------------------------------ */

/* Parses an item; NULL after telling what is wrong, or with *ret_status set. */
static json_t *parse(prl_reader *r, const prl_scan_item *item, prl_status *ret_status, prl_error *err)
{
	const char *text;
	size_t length;
	json_error_t fault;
	*ret_status = prl_lift_item(r->lift, item->bytes, item->length, &text, &length, err);
	if (*ret_status)
		return NULL;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
	if (json)
		return json;
	prl_error problem;
	bool memory = json_error_code(&fault) == json_error_out_of_memory;
	prl_status status = memory ? prl_error_memory(&problem)
	                           : prl_error_set(&problem, PRL_E_SYNTAX, "is not JSON: %s", fault.text);
	if (item->kind == PRL_SCAN_LISTED)
		prl_error_at(&problem, status, "item %zu", item->index);
	problem.line = item->line + (fault.line > 0 ? (size_t)fault.line - 1 : 0);
	*ret_status = tell(r, &problem, err);
	return NULL;
}

/* The collection around the features, before them and once more after them. */
static void take_head(prl_reader *r, const json_t *head)
{
	r->collection = (prl_error){ 0 };
	if (prl_crs_check(json_object_get(head, "crs"), &r->collection))
		prl_error_at(&r->collection, r->collection.status, "the collection around it");
}

static prl_status take_tail(prl_reader *r, const json_t *tail, prl_error *err)
{
	prl_error problem = { 0 };
	const char *type = json_string_value(json_object_get(tail, "type"));
	prl_status status = r->collection.status ? PRL_OK : prl_crs_check(json_object_get(tail, "crs"), &problem);
	if (status)
		prl_error_at(&problem, status, "after the features, which were read as longitude and latitude");
	else if (!type || strcmp(type, "FeatureCollection") != 0)
		status = prl_error_set(&problem, PRL_E_SYNTAX,
		                       "the document with \"features\" has type %.40s, expected FeatureCollection",
		                       type ? type : prl_json_what(json_object_get(tail, "type")));
	r->collection = (prl_error){ 0 };
	problem.line = r->line;
	return status ? tell(r, &problem, err) : PRL_OK;
}

static prl_status take_json(prl_reader *r, const prl_scan_item *item, prl_error *err)
{
	prl_status status = PRL_OK;
	json_t *json = parse(r, item, &status, err);
	if (!json)
		return status;
	if (item->kind == PRL_SCAN_HEAD)
		take_head(r, json);
	else if (item->kind == PRL_SCAN_TAIL)
		status = take_tail(r, json, err);
	else
		status = take_item(r, json, item->kind == PRL_SCAN_LISTED ? item->index : SIZE_MAX, err);
	json_decref(json);
	return status;
}

static void show_progress(const prl_reader *r, const prl_source *source)
{
	uint64_t done, total;
	if (!r->options.on_progress)
		return;
	prl_source_progress(source, &done, &total);
	r->options.on_progress(done, total, r->options.context);
}

static prl_status take_all(prl_reader *r, prl_source *source, prl_scan *scan, prl_error *err)
{
	size_t items = 0;
	for (;;) {
		prl_scan_item item;
		prl_status status = prl_scan_next(scan, &item, err);
		if (status || item.kind == PRL_SCAN_END)
			return status;
		r->line = item.line;
		if (items++ % 64 == 0)
			show_progress(r, source);
		status = item.kind == PRL_SCAN_PROBLEM ? tell(r, &item.problem, err) : take_json(r, &item, err);
		if (status)
			return status;
	}
}

/* Reads source, which is closed here. */
static prl_status read_source(prl_reader *r, const char *name, prl_source *source, prl_error *err)
{
	prl_scan *scan = NULL;
	r->name = name;
	r->line = 0;
	r->collection = (prl_error){ 0 };
	prl_status status = prl_scan_new(source, r->options.max_item_bytes, &scan, err);
	if (!status)
		status = take_all(r, source, scan, err);
	if (!status)
		show_progress(r, source);
	prl_scan_free(scan);
	prl_source_close(source);
	return status;
}

prl_status prl_reader_read_file(prl_reader *reader, const char *path, prl_error *err)
{
	prl_source *source;
	prl_error problem = { 0 };
	const char *name = !strcmp(path, "-") ? "standard input" : path;
	reader->name = name;
	if (prl_source_open_file(path, &source, &problem))
		return tell(reader, &problem, err);
	return read_source(reader, name, source, err);
}

prl_status prl_reader_read_bytes(prl_reader *reader, const char *source, const void *bytes, size_t length,
                                 prl_error *err)
{
	prl_source *opened;
	prl_status status = prl_source_open_bytes(bytes, length, &opened, err);
	return status ? status : read_source(reader, source, opened, err);
}
