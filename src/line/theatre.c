#include "line/theatre.h"

#include "base/error.h"
#include "geo/footprint.h"
#include "line/details.h"

#include <stdio.h>
#include <string.h>

/* As details of a notice that has this area alone. NULL out of memory. */
static json_t *as_details(const json_t *theatre)
{
	json_t *area = json_deep_copy(theatre);
	json_object_del(area, "name");
	json_object_del(area, "source");
	return json_pack("{s:[o]}", "areas", area);
}

prl_status prl_theatre_check(const json_t *theatre, prl_error *err)
{
	prl_error inner = { 0 };
	if (!theatre)
		return PRL_OK;
	if (!json_object_get(theatre, "geometry") && !json_object_get(theatre, "place") &&
	    !json_object_get(theatre, "vertices")) {
		prl_error_set(err, PRL_E_SYNTAX, "expected geometry, place or vertices: a theatre is an area");
		return prl_error_at(err, PRL_E_SYNTAX, "/theatre");
	}
	json_t *details = as_details(theatre);
	prl_status status = details ? prl_details_check(details, &inner) : prl_error_memory(err);
	json_decref(details);
	if (!status || status == PRL_E_MEMORY)
		return status;
	static const char first[] = "/areas/0";
	const char *where =
		strncmp(inner.where, first, sizeof first - 1) ? inner.where : inner.where + sizeof first - 1;
	prl_error_set(err, status, "%s", inner.text);
	return prl_error_at(err, status, "/theatre%s", where);
}

prl_status prl_theatre_make(const prl_constitution *constitution, prl_theatre *ret, prl_error *err)
{
	char why[300] = "";
	const json_t *stated = constitution ? json_object_get(constitution->body, "theatre") : NULL;
	const char *name = json_string_value(json_object_get(stated, "name"));
	*ret = (prl_theatre){ 0 };
	if (!stated)
		return PRL_OK;
	json_t *details = as_details(stated);
	prl_status status =
		details ? prl_details_plan(details, "theatre", "", &ret->plan, why, err) : prl_error_memory(err);
	json_decref(details);
	if (status)
		return status;
	if (prl_theatre_is_unstated(ret->plan))
		prl_theatre_done(ret);
	else
		(void)snprintf(ret->name, sizeof ret->name, "%s", name ? name : "");
	return PRL_OK;
}

void prl_theatre_done(prl_theatre *theatre)
{
	prl_plan_free(theatre->plan);
	*theatre = (prl_theatre){ 0 };
}

bool prl_theatre_is_unstated(const prl_plan *plan)
{
	for (size_t i = 0; i < plan->footprint_count; i++)
		if (plan->footprints[i]->base == PRL_BASE_EVERYWHERE)
			return true;
	return false;
}

bool prl_theatre_reaches(const prl_theatre *theatre, const prl_plan *plan, double margin_m)
{
	if (!theatre->plan || plan->trajectory_count) /* notices have none; where one had, nothing is said against it */
		return true;
	for (size_t i = 0; i < plan->footprint_count; i++)
		for (size_t k = 0; k < theatre->plan->footprint_count; k++)
			if (prl_footprint_within(plan->footprints[i], theatre->plan->footprints[k], margin_m, NULL))
				return true;
	return false;
}

const char *prl_theatre_of_pair(const prl_theatre *theatre, const prl_plan *a, const prl_plan *b, double separation_m)
{
	bool first = prl_theatre_is_unstated(a), second = prl_theatre_is_unstated(b);
	if (!first && !second)
		return NULL;
	if (!theatre->plan)
		return "whole earth";
	return prl_theatre_reaches(theatre, first ? b : a, separation_m) ? "theatre" : "cannot tell";
}
