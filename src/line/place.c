#include "line/place.h"

#include "base/error.h"
#include "line/details.h"

#include <parley/notation.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EARTH_M 20037508.0 /* no two places are farther apart */

static double number_in(const json_t *object, const char *name, double otherwise)
{
	const json_t *value = json_object_get(object, name);
	return value ? json_number_value(value) : otherwise;
}

double prl_place_metres(const json_t *distance)
{
	static const struct {
		const char *unit;
		double metres;
	} units[] = { { "m", 1 }, { "km", 1000 }, { "NM", 1852 }, { "mi", 1609.344 }, { "yd", 0.9144 } };
	const char *unit = json_string_value(json_object_get(distance, "unit"));
	for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++)
		if (strcmp(unit, units[i].unit) == 0)
			return number_in(distance, "value", 0) * units[i].metres;
	return 0;
}

/* ---- the second expression --------------------------------------------------------------------------------------- */

typedef struct spot {
	prl_latlng at;
	double accuracy_m;
} spot;

static prl_status read_position(const char *text, spot *ret, prl_error *err)
{
	prl_position position;
	prl_status status = prl_position_parse(text, strlen(text), NULL, &position, NULL, err);
	if (!status)
		*ret = (spot){ position.place, position.error_m };
	return status;
}

/* A content may say anything. */
static bool is_on_earth(const spot *of)
{
	return fabs(of->at.lat_deg) <= 90 && fabs(of->at.lng_deg) <= 180;
}

static spot named_spot(const json_t *named)
{
	return (spot){ { number_in(named, "lat_deg", 0), number_in(named, "lng_deg", 0) },
		       number_in(named, "radius_m", PRL_PLACE_NAME_RADIUS_M) };
}

/* Where bearing and distance lead from there. */
static void move(const json_t *again, spot *from)
{
	const json_t *distance = json_object_get(again, "distance");
	if (distance)
		from->at = prl_destination(from->at, number_in(again, "bearing_deg", 0),
					   fmin(prl_place_metres(distance), 2e7));
}

static prl_status read_again(const json_t *again, spot *ret, prl_error *err)
{
	const char *position = json_string_value(json_object_get(again, "position"));
	const json_t *named = json_object_get(again, "gazetteer");
	const char *name = json_string_value(json_object_get(again, "name"));
	prl_status status = PRL_OK;
	if (position)
		status = read_position(position, ret, err);
	else if (named)
		*ret = named_spot(named);
	else
		return prl_error_set(err, PRL_E_NOT_FOUND, "no gazetteer gave \"%.100s\" a place", name ? name : "");
	if (!status && !is_on_earth(ret))
		status = prl_error_set(err, PRL_E_RANGE, "the gazetteer's entry is at no place on earth");
	if (status)
		return status;
	move(again, ret);
	ret->accuracy_m = number_in(again, "accuracy_m", ret->accuracy_m);
	return PRL_OK;
}

prl_status prl_place_check_again(const json_t *details, prl_error *err)
{
	const json_t *again = json_object_get(json_object_get(details, "place"), "again");
	const char *position = json_string_value(json_object_get(again, "position"));
	bool named = json_object_get(again, "name") != NULL;
	spot ignored;
	prl_status status = PRL_OK;
	if (!again)
		return PRL_OK;
	if ((position != NULL) == named)
		status = prl_error_set(err, PRL_E_SYNTAX, "position or name, expected one of them");
	else if (json_object_get(again, "gazetteer") && !named)
		status = prl_error_set(err, PRL_E_SYNTAX, "an entry of a gazetteer without the name that was typed");
	else if (!json_object_get(again, "bearing_deg") != !json_object_get(again, "distance"))
		status = prl_error_set(err, PRL_E_SYNTAX, "bearing_deg and distance go together, one is missing");
	if (status)
		return prl_error_at(err, status, "/place/again");
	if (!position || (status = read_position(position, &ignored, err)) == PRL_OK)
		return PRL_OK;
	prl_error inner = err ? *err : (prl_error){ 0 };
	prl_error_set(err, status, "%s%s%.360s", inner.where, *inner.where ? ": " : "", inner.text);
	return prl_error_at(err, status, "/place/again/position");
}

/* ---- the first expression ---------------------------------------------------------------------------------------- */

/* How far the nearest of what was looked at is, beyond what it may be wrong by. */
typedef struct nearest {
	bool found;
	double apart_m, accuracy_m;
} nearest;

static void take_nearer(nearest *best, double apart_m, double accuracy_m)
{
	if (best->found && best->apart_m - best->accuracy_m <= apart_m - accuracy_m)
		return;
	*best = (nearest){ true, apart_m, accuracy_m };
}

/* The middle of an area that is a circle. */
static bool middle_of(const json_t *area, spot *ret)
{
	const char *place = json_string_value(json_object_get(area, "place"));
	const json_t *geometry = json_object_get(area, "geometry");
	const json_t *at = json_object_get(geometry, "coordinates");
	const char *type = json_string_value(json_object_get(geometry, "type"));
	double uncertainty_m = number_in(json_object_get(area, "uncertainty"), "horizontal_m", 0);
	if (place && read_position(place, ret, NULL) == PRL_OK) {
		ret->accuracy_m += uncertainty_m;
		return true;
	}
	if (!type || strcmp(type, "Point") != 0 || !json_is_number(json_array_get(at, 1)))
		return false;
	*ret = (spot){ { json_number_value(json_array_get(at, 1)), json_number_value(json_array_get(at, 0)) },
		       uncertainty_m };
	return true;
}

/* Footprints hold their own error already: to them the distance beyond it. */
static prl_status look_at_footprints(const json_t *area, prl_latlng second, nearest *best, prl_error *err)
{
	char why[300];
	prl_plan *plan;
	prl_footprint *point;
	prl_nearness near;
	json_t *one = json_pack("{s:[O]}", "areas", area);
	prl_status status = one ? prl_details_plan(one, "x", "", &plan, why, err) : prl_error_memory(err);
	json_decref(one);
	if (status)
		return status;
	status = prl_footprint_circle(second, 0, 0, &point, err);
	for (size_t i = 0; !status && !*why && i < plan->footprint_count; i++)
		if (prl_footprint_within(point, plan->footprints[i], EARTH_M, &near))
			take_nearer(best, near.distance_m, 0);
	if (!status)
		prl_footprint_free(point);
	prl_plan_free(plan);
	return status;
}

static bool is_place(const json_t *area)
{
	return json_object_get(area, "geometry") || json_object_get(area, "place") || json_object_get(area, "vertices");
}

static prl_status look_at_areas(const json_t *details, prl_latlng second, nearest *best, prl_error *err)
{
	const json_t *named = json_object_get(json_object_get(details, "place"), "gazetteer");
	const json_t *areas = json_object_get(details, "areas"), *area;
	prl_status status = PRL_OK;
	spot middle;
	size_t i;
	json_array_foreach(areas, i, area)
	{
		if (middle_of(area, &middle))
			take_nearer(best, prl_distance_m(middle.at, second), middle.accuracy_m);
		else if (is_place(area))
			status = look_at_footprints(area, second, best, err);
		if (status)
			return status;
	}
	if (!best->found && named) {
		middle = named_spot(named);
		if (!is_on_earth(&middle))
			return PRL_OK;
		take_nearer(best, prl_distance_m(middle.at, second), middle.accuracy_m);
	}
	return PRL_OK;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

/* What was typed beside the areas: place.again, else the name, where a gazetteer gave it a place. */
static const json_t *second_of(const json_t *details)
{
	const json_t *place = json_object_get(details, "place"), *again = json_object_get(place, "again");
	if (!again && json_object_get(details, "areas") && json_object_get(place, "gazetteer"))
		return place;
	return again;
}

bool prl_place_is_twice(const json_t *details)
{
	return second_of(details) != NULL;
}

prl_status prl_place_compare(const json_t *details, prl_place_check *ret, prl_error *err)
{
	const json_t *again = second_of(details);
	prl_error problem = { 0 };
	nearest best = { false, 0, 0 };
	prl_place_check check = { .twice = again != NULL };
	spot second = { 0 };
	prl_status status = again ? read_again(again, &second, &problem) : PRL_OK;
	if (status)
		(void)snprintf(check.why, sizeof check.why, "%.199s", problem.text);
	else if (again)
		status = look_at_areas(details, second.at, &best, err);
	if (again && !check.why[0] && status)
		return status;
	if (again && !check.why[0] && !best.found)
		(void)snprintf(check.why, sizeof check.why, "the first place is not stated, or cannot be read");
	check.compared = best.found;
	check.apart_m = best.apart_m;
	check.allowed_m = best.accuracy_m + second.accuracy_m;
	check.doubtful = best.found && check.apart_m > check.allowed_m;
	check.second = second.at;
	*ret = check;
	return PRL_OK;
}
