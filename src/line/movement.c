/* Movements: the fold, late, off route, rounding. What people see is made in movement_show.c. */
#include "line/movement.h"

#include "base/error.h"
#include "base/text.h"
#include "line/details.h"
#include "line/movement_inside.h"
#include "line/open.h"
#include "line/thing.h"
#include "picture/body.h"

#include <parley/notation.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CIRCLE_POINTS 64
#define FAR_M         20100000.0 /* nothing on earth is farther apart */
#define KM_A_DEGREE   111.2      /* of latitude; a cell may be up to 0.5 % smaller or larger than it is called */

static const char noun_name[] = "movement";
const char prl_movement_open_noun[] = "movement.open";

bool prl_movement_is_kind(prl_kind kind)
{
	return kind == PRL_KIND_CONVOY || kind == PRL_KIND_GROUND_MOVEMENT || kind == PRL_KIND_EVACUATION ||
	       kind == PRL_KIND_RESCUE || kind == PRL_KIND_REPAIR;
}

/* ---- what was reported ------------------------------------------------------------------------------------------- */

const json_t *prl_movement_find(prl_picture *picture, prl_version version, const prl_hash *notice)
{
	return prl_thing_find(picture, version, noun_name, prl_hash_key(notice));
}

static prl_time at_of(const json_t *report)
{
	prl_time at;
	return prl_body_time(report, "at", &at, NULL) == PRL_OK ? at : PRL_TIME_OPEN_START;
}

static const json_t *newest_of(const json_t *movement, bool placed)
{
	const json_t *one, *found = NULL;
	size_t i;
	json_array_foreach(json_object_get(movement, "reports"), i, one)
	{
		/* "planned" says something beside it and nothing of where the movement stands */
		if (prl_bytes_is(prl_body_text(one, "state"), "planned"))
			continue;
		if ((!placed || json_object_get(one, "place")) && (!found || at_of(one) >= at_of(found)))
			found = one;
	}
	return found;
}

const json_t *prl_movement_newest(const json_t *movement)
{
	return newest_of(movement, false);
}

const json_t *prl_movement_placed(const json_t *movement)
{
	return newest_of(movement, true);
}

const char *prl_movement_state(const json_t *movement)
{
	const char *state = json_string_value(json_object_get(newest_of(movement, false), "state"));
	return state ? state : "planned";
}

bool prl_movement_is_under_way(const json_t *movement)
{
	const char *state = prl_movement_state(movement);
	return strcmp(state, "planned") != 0 && strcmp(state, "arrived") != 0;
}

/* ---- late -------------------------------------------------------------------------------------------------------- */

typedef struct due {
	prl_time heard;     /* the newest time for which something was reported */
	prl_time tolerance; /* nanoseconds */
	prl_time now;
	prl_time late, next;
} due;

/* A report up to the tolerance early meets the check-in. */
static void look_at_due(due *d, prl_time at)
{
	if (d->heard >= at - d->tolerance)
		return;
	if (at < d->next)
		d->next = at;
	if (d->now > at + d->tolerance && at < d->late)
		d->late = at;
}

static void look_at_plan(due *d, const json_t *details)
{
	const json_t *plan = json_object_get(details, "movement"), *one,
		     *check_ins = json_object_get(plan, "check_ins");
	prl_time at;
	size_t i;
	json_array_foreach(check_ins, i, one)
	{
		if (prl_time_parse(json_string_value(one), json_string_length(one), &at, NULL) == PRL_OK)
			look_at_due(d, at);
	}
	if (check_ins)
		return;
	json_array_foreach(json_object_get(plan, "stops"), i, one)
	{
		if (json_object_get(one, "arrive") && prl_body_time(one, "arrive", &at, NULL) == PRL_OK)
			look_at_due(d, at);
	}
	at = prl_details_window(details).to;
	if (at != PRL_TIME_OPEN_END)
		look_at_due(d, at);
}

prl_time prl_movement_late(const json_t *movement, const json_t *details, prl_time now, prl_time *ret_next)
{
	const json_t *newest = prl_movement_newest(movement);
	uint64_t tolerance_s =
		prl_body_number(json_object_get(details, "movement"), "tolerance_s", PRL_MOVEMENT_TOLERANCE_S);
	due d = { .heard = at_of(newest),
		  .tolerance = (prl_time)tolerance_s * PRL_SECOND,
		  .now = now,
		  .late = PRL_TIME_OPEN_END,
		  .next = PRL_TIME_OPEN_END };
	prl_time promised;
	if (prl_movement_is_under_way(movement)) {
		look_at_plan(&d, details);
		/* What the newest report promises is due whether or not it is early for it. */
		if (json_object_get(newest, "next") && prl_body_time(newest, "next", &promised, NULL) == PRL_OK) {
			d.heard = PRL_TIME_OPEN_START + d.tolerance;
			look_at_due(&d, promised);
		}
	}
	if (ret_next)
		*ret_next = d.next;
	return d.late;
}

/* ---- off route --------------------------------------------------------------------------------------------------- */

static bool read_place(const json_t *place, prl_route_look *look)
{
	prl_position position;
	prl_error err = { 0 };
	prl_bytes text = prl_body_text(place, "position");
	if (prl_position_parse(text.data ? text.data : "", text.size, NULL, &position, NULL, &err)) {
		(void)snprintf(look->why, sizeof look->why, "the place cannot be read: %.150s", err.text);
		return false;
	}
	look->place = position.place;
	look->accuracy_m = position.error_m + json_number_value(json_object_get(place, "accuracy_m"));
	return true;
}

/* The nearest area, and whether one of them holds the whole circle of the accuracy. */
static prl_status look_at_areas(const prl_plan *plan, prl_route_look *look)
{
	prl_footprint *dot = NULL;
	prl_status status = prl_footprint_circle(look->place, 0, 0, &dot, NULL);
	bool holds = false;
	for (size_t i = 0; !status && i < plan->volume_count; i++) {
		const prl_footprint *area = plan->volumes[i].footprint;
		prl_nearness near = { 0 };
		bool whole = prl_footprint_contains(area, look->place);
		for (int k = 0; whole && k < CIRCLE_POINTS; k++)
			whole = prl_footprint_contains(area, prl_destination(look->place, k * 360.0 / CIRCLE_POINTS,
									     fmin(look->accuracy_m, 1e7)));
		holds = holds || whole;
		if (prl_footprint_within(dot, area, FAR_M, &near) && !(near.distance_m >= look->distance_m))
			look->distance_m = near.distance_m;
	}
	prl_footprint_free(dot);
	look->answer = holds                                 ? PRL_ROUTE_ON
		       : look->distance_m > look->accuracy_m ? PRL_ROUTE_OFF
							     : PRL_ROUTE_CANNOT_TELL;
	if (look->answer == PRL_ROUTE_CANNOT_TELL)
		(void)snprintf(look->why, sizeof look->why, "the place is known within %.1f km only",
			       look->accuracy_m / 1000);
	return status;
}

json_t *prl_movement_area(const json_t *movement)
{
	const json_t *place = json_object_get(prl_movement_placed(movement), "place");
	const char *text = json_string_value(json_object_get(place, "position"));
	prl_position position;
	if (!text || prl_position_parse(text, strlen(text), NULL, &position, NULL, NULL))
		return NULL;
	double accuracy_m = ceil(json_number_value(json_object_get(place, "accuracy_m")));
	return json_pack("{s:s, s:f, s:s}", "place", text, "radius_m", accuracy_m + PRL_MOVEMENT_AREA_M, "name",
			 "reported off route");
}

void prl_movement_look(const json_t *details, const json_t *place, prl_route_look *ret)
{
	prl_plan *plan = NULL;
	char why[300] = "";
	*ret = (prl_route_look){ .answer = PRL_ROUTE_CANNOT_TELL, .distance_m = NAN, .accuracy_m = NAN };
	if (!read_place(place, ret))
		return;
	if (!json_array_size(json_object_get(details, "areas")) ||
	    prl_details_plan(details, "route", "route", &plan, why, NULL) || why[0])
		(void)snprintf(ret->why, sizeof ret->why, "no route was filed that can be compared");
	else if (look_at_areas(plan, ret))
		(void)snprintf(ret->why, sizeof ret->why, "the place cannot be compared");
	prl_plan_free(plan);
}

/* ---- rounding ---------------------------------------------------------------------------------------------------- */

/* The middle of the cell of that many degrees in which a value lies. */
static double middle(double value, double step)
{
	return (floor(value / step) + 0.5) * step;
}

static json_t *rounded(prl_latlng at, double cell_km, double *ret_half_diagonal_m)
{
	char text[80];
	double lat_step = cell_km / KM_A_DEGREE;
	double lat = fmax(-89.9, fmin(89.9, middle(at.lat_deg, lat_step)));
	/* Cells of one row have one width, so that the row does not tell where in it the place is. */
	double lng_step = fmin(360, lat_step / cos(lat * M_PI / 180));
	double lng = middle(at.lng_deg, lng_step);
	lng = lng > 180 ? lng - 360 : lng < -180 ? lng + 360 : lng;
	/* Half the diagonal of a cell, 2 % added for the change of width within it and for the written digits. */
	*ret_half_diagonal_m = 1000 * cell_km * M_SQRT1_2 * 1.02;
	(void)snprintf(text, sizeof text, "%.3f%c %.3f%c", fabs(lat), lat < 0 ? 'S' : 'N', fabs(lng),
		       lng < 0 ? 'W' : 'E');
	return json_string(text);
}

prl_status prl_movement_round(const char *position, double accuracy_m, const char *positions, json_t **ret,
			      prl_error *err)
{
	prl_position read;
	double half_m = 0;
	json_t *text = NULL;
	if (strcmp(positions, "none") == 0) {
		*ret = NULL;
		return PRL_OK;
	}
	prl_status status = prl_position_parse(position, strlen(position), NULL, &read, NULL, err);
	if (status)
		return status;
	bool exact = strcmp(positions, "exact") == 0;
	if (exact)
		text = json_string(position);
	else
		text = rounded(read.place, strcmp(positions, "10 km") == 0 ? 10 : 1, &half_m);
	double left_m = accuracy_m + (exact ? 0 : half_m + read.error_m);
	json_t *place = left_m > 0 ? json_pack("{s:o, s:f}", "position", text, "accuracy_m", ceil(left_m))
				   : json_pack("{s:o}", "position", text);
	if (!place)
		return prl_error_memory(err);
	*ret = place;
	return PRL_OK;
}

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static json_t *report_new(const prl_act *act)
{
	static const char *const said[] = { "state",     "at",          "place", "next",     "positions",
					    "unloading", "reported_by", "words", "language", NULL };
	json_t *report = prl_thing_new(act);
	if (report && prl_thing_take(report, act->body, said))
		return report;
	json_decref(report);
	return NULL;
}

/* The first departure and the choice of positions outlive the reports that are kept. */
static bool note_first(json_t *movement, const json_t *report)
{
	json_t *positions = json_object_get(report, "positions");
	bool departed = !prl_bytes_is(prl_body_text(report, "state"), "planned");
	if (positions && json_object_set(movement, "positions", positions) != 0)
		return false;
	return !departed || json_object_get(movement, "departed") ||
	       json_object_set(movement, "departed", json_object_get(report, "at")) == 0;
}

static json_t *movement_with(const json_t *kept, const prl_hash *notice, json_t *report)
{
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(notice, hash);
	json_t *movement =
		kept ? json_copy((json_t *)(uintptr_t)kept) : json_pack("{s:s, s:[]}", "notice", hash, "reports");
	json_t *reports = movement ? json_copy(json_object_get(movement, "reports")) : NULL;
	while (json_array_size(reports) >= PRL_MOVEMENT_REPORTS_MAX)
		(void)json_array_remove(reports, 0);
	bool done = reports && report && json_array_append(reports, report) == 0 &&
		    json_object_set(movement, "reports", reports) == 0 && note_first(movement, report);
	json_decref(reports);
	json_decref(report);
	if (done)
		return movement;
	json_decref(movement);
	return NULL;
}

static prl_status reported(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_status status = prl_notice_meant(picture, act, &notice, err);
	if (status)
		return status;
	if (!prl_bytes_is(act->entry->party, notice->party))
		return prl_error_set(err, PRL_E_REFUSED, "only party %s, which filed the notice, says where it is",
				     notice->party);
	prl_hash id = notice->id;
	json_t *movement = movement_with(prl_movement_find(picture, PRL_VERSION_WORKING, &id), &id, report_new(act));
	bool open = movement && prl_movement_is_under_way(movement) && notice->state == PRL_NOTICE_LIVE;
	status = prl_thing_put(picture, noun_name, prl_hash_key(&id), movement, err);
	return status ? status : prl_open_follow(picture, prl_movement_open_noun, prl_hash_key(&id), open, err);
}

/* A notice that is cancelled or ended never lives again, whoever is still on the road. */
static bool is_over(const prl_show *show, prl_bytes key, const json_t *movement)
{
	prl_hash id;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	const prl_notice *notice = prl_notice_find(show->picture, show->version, &id);
	return !notice || notice->state != PRL_NOTICE_LIVE || !prl_movement_is_under_way(movement);
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

#define AHEAD_S 300 /* a clock may be off by so much */

/* A place with or without a position. */
static prl_status check_place(const json_t *place, prl_error *err)
{
	prl_position position;
	prl_bytes text = prl_body_text(place, "position");
	if (!text.data)
		return PRL_OK;
	return prl_position_parse(text.data, text.size, NULL, &position, NULL, err);
}

prl_status prl_movement_plan_check(const json_t *plan, prl_error *err)
{
	const json_t *one;
	prl_time at, before = PRL_TIME_OPEN_START;
	size_t i;
	json_array_foreach(json_object_get(plan, "check_ins"), i, one)
	{
		prl_status status = prl_time_parse(json_string_value(one), json_string_length(one), &at, err);
		if (!status && at <= before)
			status = prl_error_set(err, PRL_E_RANGE,
					       "not after the check-in before it; expected rising times");
		if (status)
			return prl_error_at(err, status, "/movement/check_ins/%zu", i);
		before = at;
	}
	json_array_foreach(json_object_get(plan, "stops"), i, one)
	{
		prl_status status = check_place(one, err);
		if (status)
			return prl_error_at(err, status, "/movement/stops/%zu/position", i);
	}
	return PRL_OK;
}

/* A place finer than the organisation chose would be in the record for good: it is stopped here, at its own node. */
static prl_status check_fine(const json_t *movement, const json_t *body, prl_error *err)
{
	const json_t *place = json_object_get(body, "place");
	const json_t *chosen = json_object_get(body, "positions");
	const char *positions = json_string_value(chosen ? chosen : json_object_get(movement, "positions"));
	double least_m = !positions                    ? 0
			 : !strcmp(positions, "1 km")  ? 1000 * M_SQRT1_2
			 : !strcmp(positions, "10 km") ? 10000 * M_SQRT1_2
						       : 0;
	if (!place || !positions)
		return PRL_OK;
	if (strcmp(positions, "none") != 0 && json_number_value(json_object_get(place, "accuracy_m")) >= least_m)
		return PRL_OK;
	(void)prl_error_set(err, PRL_E_REFUSED,
			    "finer than this movement's positions are shared (%s): round it, or change "
			    "positions first",
			    positions);
	return prl_error_at(err, PRL_E_REFUSED, "/place");
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	prl_hash id;
	prl_time at;
	if (prl_body_hash(body, "notice", &id, err) || prl_body_time(body, "at", &at, err))
		return err ? err->status : PRL_E_SYNTAX;
	const prl_notice *notice = prl_notice_find(picture, version, &id);
	if (notice && notice->kind != PRL_KIND_UNKNOWN && !prl_movement_is_kind((prl_kind)notice->kind)) {
		(void)prl_error_set(err, PRL_E_REFUSED, "a notice of kind %s does not move",
				    prl_kind_word((prl_kind)notice->kind));
		return prl_error_at(err, PRL_E_REFUSED, "/notice");
	}
	if (at > entry->time + AHEAD_S * PRL_SECOND) {
		(void)prl_error_set(err, PRL_E_RANGE, "lies ahead of the report; expected when it was so, up to now");
		return prl_error_at(err, PRL_E_RANGE, "/at");
	}
	prl_status status = check_place(json_object_get(body, "place"), err);
	if (status)
		return prl_error_at(err, status, "/place/position");
	return check_fine(prl_movement_find(picture, version, &id), body, err);
}

static const prl_open_rule open_rule = { prl_movement_open_noun, noun_name, is_over };
static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(prl_movement_open_noun) };
static const prl_act_kind kinds[] = { { "movement.reported", PRL_SIGNED_BY_KEY, false, reported } };
static const char *const queries[] = { "notice", NULL };

const prl_line_part prl_movement_part = {
	.name = "movements",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.queries = queries,
	.show = prl_movements_show,
	.alarms = prl_movements_alarms,
	.open = &open_rule,
};
