#include "dss/said.h"

#include "base/error.h"
#include "base/limits.h"
#include "dss/entity.h"
#include "dss/extent.h"

#include <string.h>

#define PRIORITY_MAX 1000000

static prl_status wrong(prl_error *err, const char *where, const char *expected)
{
	prl_status st = prl_error_set(err, PRL_E_SYNTAX, "expected %s", expected);
	if (err)
		(void)strncpy(err->where, where, sizeof err->where - 1);
	return st;
}

/* ---- volumes ----------------------------------------------------------------------------------------------------- */

/* Members of a Volume4D. Of their texts two are words of F3548 and two say a time; all have been read by now. */
static bool is_known(const char *name)
{
	static const char *const names[] = { "volume",
					     "outline_circle",
					     "outline_polygon",
					     "altitude_lower",
					     "altitude_upper",
					     "time_start",
					     "time_end",
					     "center",
					     "radius",
					     "vertices",
					     "lat",
					     "lng",
					     "value",
					     "units",
					     "reference" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:.+-") == strlen(text) &&
	       strlen(text) < 64;
}

/* A copy of what is known in it; NULL out of memory. `room` ends what is nested deeper than a volume can be. */
static json_t *copy_known(const json_t *from, unsigned room)
{
	const json_t *one;
	const char *name;
	size_t i;
	if (json_is_number(from))
		return json_deep_copy(from);
	if (json_is_string(from))
		return json_string(is_plain(json_string_value(from)) ? json_string_value(from) : "");
	json_t *copy = json_is_array(from) ? json_array() : json_object();
	bool done = copy != NULL;
	if (json_is_array(from) && room)
		json_array_foreach(from, i, one) done =
			done && json_array_append_new(copy, copy_known(one, room - 1)) == 0;
	if (json_is_object(from) && room)
		json_object_foreach((json_t *)(uintptr_t)from, name, one) if (is_known(name) && !json_is_null(one))
			done = done && json_object_set_new(copy, name, copy_known(one, room - 1)) == 0;
	if (done)
		return copy;
	json_decref(copy);
	return NULL;
}

/* Volumes of a member, which may be missing or empty. */
static prl_status read_volumes(const json_t *details, const char *name, json_t **ret, prl_error *err)
{
	const prl_extent_rules rules = {
		.name = name, .form = PRL_EXTENT_LIST, .footprints = true, .times = true, .altitudes = true
	};
	const json_t *volumes = json_object_get(details, name);
	prl_extent *extent = NULL;
	if (volumes && !json_is_null(volumes) && (!json_is_array(volumes) || json_array_size(volumes))) {
		prl_status st = prl_extent_read(volumes, &rules, &extent, err);
		prl_extent_free(extent);
		if (st)
			return st;
	}
	*ret = json_array_size(volumes) ? copy_known(volumes, 6) : json_array();
	return *ret ? PRL_OK : prl_error_memory(err);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static prl_status read_reference(const json_t *reference, const prl_uuid *id, json_t *to, prl_error *err)
{
	const json_t *said = json_object_get(reference, "id"), *version = json_object_get(reference, "version"),
		     *state = json_object_get(reference, "state");
	prl_intent_state ignored;
	prl_uuid its;
	if (!json_is_string(said) ||
	    !prl_uuid_read((prl_bytes){ json_string_value(said), json_string_length(said) }, &its) ||
	    !prl_uuid_equal(&its, id))
		return wrong(err, "operational_intent.reference.id", "the id that was asked for");
	if (!json_is_integer(version) || json_integer_value(version) < 0 || json_integer_value(version) > INT32_MAX)
		return wrong(err, "operational_intent.reference.version", "a number of a version");
	(void)json_object_set_new(to, "version", json_integer(json_integer_value(version)));
	if (!state)
		return PRL_OK;
	if (!json_is_string(state) || !prl_intent_state_read(json_string_value(state), &ignored))
		return wrong(err, "operational_intent.reference.state", "a state of F3548");
	(void)json_object_set_new(to, "state", json_string(prl_intent_state_word(ignored)));
	return PRL_OK;
}

static prl_status read_details(const json_t *details, json_t *to, prl_error *err)
{
	const json_t *priority = json_object_get(details, "priority");
	json_t *volumes = NULL, *off_nominal = NULL;
	if (!json_is_object(details))
		return wrong(err, "operational_intent.details", "an object");
	if (priority && !json_is_null(priority) &&
	    (!json_is_integer(priority) || json_integer_value(priority) > PRIORITY_MAX ||
	     json_integer_value(priority) < -PRIORITY_MAX))
		return wrong(err, "operational_intent.details.priority", "an integer");
	prl_status st = read_volumes(details, "volumes", &volumes, err);
	if (!st)
		st = read_volumes(details, "off_nominal_volumes", &off_nominal, err);
	if (!st && !json_array_size(volumes) && !json_array_size(off_nominal))
		st = wrong(err, "operational_intent.details.volumes", "at least one volume");
	if (!st && (json_object_set_new(to, "priority", json_integer(json_integer_value(priority))) ||
		    json_object_set(to, "volumes", volumes) || json_object_set(to, "off_nominal_volumes", off_nominal)))
		st = prl_error_memory(err);
	json_decref(volumes);
	json_decref(off_nominal);
	return st;
}

prl_status prl_said_read(prl_bytes bytes, const prl_uuid *id, json_t **ret, prl_error *err)
{
	prl_error own = { 0 };
	json_t *json = json_loadb(bytes.data ? bytes.data : "", bytes.size, JSON_REJECT_DUPLICATES, NULL),
	       *to = json_object();
	const json_t *intent = json_object_get(json, "operational_intent");
	prl_status st = !to ? prl_error_memory(&own) : PRL_OK;
	if (!st && !json_is_object(json))
		st = wrong(&own, "", "a JSON object");
	if (!st)
		st = read_reference(json_object_get(intent, "reference"), id, to, &own);
	if (!st)
		st = read_details(json_object_get(intent, "details"), to, &own);
	json_decref(json);
	if (st) {
		json_decref(to);
		if (err)
			*err = own;
		return st;
	}
	*ret = to;
	return PRL_OK;
}
