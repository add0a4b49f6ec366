#include "node/meets.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "dss/extent_plan.h"
#include "geo/footprint.h"
#include "node/clerk_state.h"
#include "node/meets_inside.h"

#include <math.h>
#include <string.h>

#define WORKING PRL_VERSION_WORKING

prl_status prl_meets_new(prl_clerk *clerk, prl_meets **ret, prl_error *err)
{
	prl_meets *meets = calloc(1, sizeof *meets);
	if (!meets)
		return prl_error_memory(err);
	*ret = meets;
	meets->room = prl_met_room();
	meets->walk.met = prl_met_room();
	if (!meets->room || !meets->walk.met)
		return prl_error_memory(err);
	uint32_t most = clerk->parts.meets_most;
	meets->at_once = most ? most : PRL_MEETS_AT_ONCE;
	meets->looked_at = most ? most : PRL_MEETS_LOOKED_AT;
	meets->slots = most ? most : PRL_MEETS_SLOTS;
	meets->all = !clerk->parts.registry || !clerk->started_with ||
		     clerk->parts.snapshot_size != clerk->started_with ||
		     prl_met_is_behind(clerk->parts.picture, WORKING);
	return PRL_OK;
}

void prl_meets_free(prl_meets *meets)
{
	if (!meets)
		return;
	prl_meets_forget(meets);
	free(meets->room);
	free(meets->walk.met);
	free(meets->touched.items);
	free(meets->anew.items);
	free(meets->left.items);
	free(meets->queue.items);
	free(meets);
}

/* ---- one pair ---------------------------------------------------------------------------------------------------- */

prl_status prl_meets_test(prl_clerk *clerk, const prl_plan *notice, uint8_t kind, const prl_plan *flight, bool *ret,
			  prl_error *err)
{
	const prl_separations *in_force = &clerk->overlaps->separations;
	prl_check_options options = prl_check_options_default();
	options.separation = prl_separation_of(in_force, PRL_KIND_FLIGHT, (prl_kind)kind)->separation;
	options.air = in_force->air;
	prl_conflict conflict;
	prl_status st = prl_pair_check(notice, flight, &options, ret, &conflict, err);
	if (!st && *ret)
		prl_conflict_done(&conflict);
	return st;
}

bool prl_meets_wanted(prl_clerk *clerk, const prl_hash *notice, prl_board_item *ret)
{
	prl_picture *picture = clerk->parts.picture;
	const prl_notice *found = prl_notice_find(picture, WORKING, notice);
	return found && found->state == PRL_NOTICE_LIVE && found->mode == PRL_MODE_REAL &&
	       strcmp(prl_notice_log(picture, WORKING, found), clerk->own) == 0 &&
	       prl_board_has(clerk->overlaps->board, notice, ret);
}

prl_status prl_meets_put(prl_clerk *clerk, const prl_met *met, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	bool keep = meets->queue.count > meets->queue_done;
	meets->kept_empty = meets->kept_empty || (keep && met->named == 0 && met->others == 0);
	meets->changed = true;
	return prl_met_put(clerk->parts.picture, met, keep, err);
}

/* ---- a notice ---------------------------------------------------------------------------------------------------- */

static prl_status drop(prl_clerk *clerk, const prl_hash *notice, prl_error *err)
{
	if (!prl_met_find(clerk->parts.picture, WORKING, notice))
		return PRL_OK;
	clerk->meets->changed = true;
	return prl_met_drop(clerk->parts.picture, notice, err);
}

/* Holds every box that prl_board_boxes() would make for that separation. Returns how many. */
static size_t widen(const prl_box *box, prl_separation separation, prl_box ret[2])
{
	prl_bounds b = { box->min[1] / 1e7, box->max[1] / 1e7, box->min[0] / 1e7, box->max[0] / 1e7 };
	double up = 11 * separation.vertical_m + 1;
	b = prl_bounds_widen(b, separation.horizontal_m + 1);
	prl_box wide = *box;
	wide.min[0] = (int32_t)floor(b.west_deg * 1e7);
	wide.max[0] = (int32_t)ceil(b.east_deg * 1e7);
	wide.min[1] = (int32_t)floor(b.south_deg * 1e7);
	wide.max[1] = (int32_t)ceil(b.north_deg * 1e7);
	wide.min[2] = box->min[2] - up < INT32_MIN ? INT32_MIN : (int32_t)(box->min[2] - up);
	wide.max[2] = box->max[2] + up > INT32_MAX ? INT32_MAX : (int32_t)(box->max[2] + up);
	ret[0] = ret[1] = wide;
	if (b.west_deg <= b.east_deg)
		return 1;
	ret[0].max[0] = 1800000000;
	ret[1].min[0] = -1800000000;
	return 2;
}

/* By the boxes that the picture keeps of it: most notices lie where nobody flies, and nothing is read of those. */
static prl_status is_alone(prl_clerk *clerk, const prl_hash *notice, prl_separation separation, bool *ret,
			   prl_error *err)
{
	const prl_notice_boxes *kept = prl_notice_boxes_of(clerk->parts.picture, WORKING, notice);
	*ret = kept != NULL;
	for (size_t i = 0; kept && *ret && i < kept->count; i++) {
		const prl_entity **near = NULL;
		prl_box wide[2];
		size_t count = 0;
		bool more = false;
		prl_status st =
			prl_registry_near(clerk->parts.registry, PRL_INTENT, wide,
					  widen(&kept->boxes[i], separation, wide), 1, &near, &count, &more, err);
		if (st)
			return st;
		free(near);
		*ret = count == 0;
	}
	return PRL_OK;
}

prl_status prl_meets_test_flight(prl_clerk *clerk, const prl_plan *plan, const prl_entity *intent, prl_met *to,
				 prl_error *err)
{
	const prl_extent *extent = intent->shape->extent;
	prl_plan *flight = NULL;
	bool meets = false;
	prl_status st = prl_extent_plan(extent, &flight, err);
	if (!st)
		st = prl_meets_test(clerk, plan, to->kind, flight, &meets, err);
	prl_plan_free(flight);
	if (!st && meets)
		prl_met_add(to, &(prl_met_flight){ intent->id, extent->from, extent->to }, intent->changed);
	return st;
}

/* Those that lie near it; where there are too many, the first of them, and the rest is left. */
static prl_status count_near(prl_clerk *clerk, const prl_board_item *item, const prl_plan *plan,
			     prl_separation separation, size_t *ret_tests, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_check_options options = prl_board_options(separation);
	const prl_entity **near = NULL;
	prl_box *boxes = NULL;
	size_t box_count = 0, count = 0;
	bool more = false;
	prl_met_begin(meets->room, &item->id, item->kind, meets->number);
	prl_status st = prl_board_boxes(plan, &options, &boxes, &box_count, err);
	if (!st)
		st = prl_registry_near(clerk->parts.registry, PRL_INTENT, boxes, box_count, meets->looked_at, &near,
				       &count, &more, err);
	for (size_t i = 0; !st && i < count; i++)
		st = prl_meets_test_flight(clerk, plan, near[i], meets->room, err);
	free(boxes);
	free(near);
	*ret_tests += count;
	meets->room->counting = more;
	if (!st && more && !prl_meets_add_hash(&meets->left.items, &meets->left.count, &meets->left.room, &item->id))
		st = prl_error_memory(err);
	return st ? st : prl_meets_put(clerk, meets->room, err);
}

prl_status prl_meets_compare(prl_clerk *clerk, const prl_hash *notice, size_t *ret_tests, prl_error *err)
{
	prl_hash id = *notice;
	prl_board_item item;
	prl_held *held = NULL;
	bool alone = true;
	prl_meets_drop_left(clerk->meets, &id);
	if (!prl_meets_wanted(clerk, &id, &item))
		return drop(clerk, &id, err);
	prl_separation separation =
		prl_separation_of(&clerk->overlaps->separations, PRL_KIND_FLIGHT, (prl_kind)item.kind)->separation;
	prl_status st = PRL_OK;
	if (prl_entities_count(clerk->parts.picture, WORKING, PRL_INTENT))
		st = is_alone(clerk, &id, separation, &alone, err);
	if (st)
		return st;
	if (alone && clerk->meets->queue.count == clerk->meets->queue_done)
		return drop(clerk, &id, err);
	st = prl_overlaps_take_plan(clerk, prl_notice_find(clerk->parts.picture, WORKING, &id), &held, err);
	if (!st)
		st = count_near(clerk, &item, prl_held_plan(held), separation, ret_tests, err);
	prl_plans_give(clerk->overlaps->plans, held);
	return st;
}

/* ---- an intent --------------------------------------------------------------------------------------------------- */

/* Whether this change is to be counted where it is told; *ret: there, to be changed in place. */
static bool row_for(prl_clerk *clerk, const prl_meets_delta *delta, const prl_board_item *item, prl_met **ret)
{
	prl_meets *meets = clerk->meets;
	if (delta->has_unseen && prl_hash_equal(&delta->unseen, &item->id))
		return false;
	if (meets->walk.active && prl_hash_equal(&meets->walk.met->notice, &item->id)) {
		*ret = meets->walk.met;
		return delta->number > meets->walk.met->as_of;
	}
	const prl_met *met = prl_met_find(clerk->parts.picture, WORKING, &item->id);
	if (met && (met->counting || met->as_of >= delta->number))
		return false;
	*ret = meets->room;
	if (met)
		prl_met_copy(meets->room, met);
	else
		prl_met_begin(meets->room, &item->id, item->kind, 0);
	return true;
}

static bool is_gone(const prl_clerk *clerk, const prl_meets_delta *delta)
{
	const prl_entity *now = prl_entity_find(clerk->parts.picture, WORKING, PRL_INTENT, &delta->flight.id);
	return !now || now->shape != delta->shape;
}

static prl_status count_in(prl_clerk *clerk, const prl_meets_delta *delta, prl_met *row, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	if (delta->gone)
		prl_met_remove(row, &delta->flight);
	else if (is_gone(clerk, delta))
		prl_met_add_gone(row, &delta->flight);
	else
		prl_met_add(row, &delta->flight, delta->filed);
	if (row == meets->walk.met)
		return PRL_OK;
	if (prl_met_is_thin(row) &&
	    !prl_meets_add_hash(&meets->anew.items, &meets->anew.count, &meets->anew.room, &row->notice))
		return prl_error_memory(err);
	return prl_meets_put(clerk, row, err);
}

static prl_status tell_one(prl_clerk *clerk, const prl_meets_delta *delta, const prl_plan *flight,
			   const prl_board_item *item, prl_error *err)
{
	prl_board_item wanted;
	prl_held *held = NULL;
	prl_met *row = NULL;
	bool meets = false;
	if (!prl_meets_wanted(clerk, &item->id, &wanted))
		return PRL_OK;
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, &item->id);
	prl_status st = prl_overlaps_take_plan(clerk, notice, &held, err);
	if (!st)
		st = prl_meets_test(clerk, prl_held_plan(held), item->kind, flight, &meets, err);
	prl_plans_give(clerk->overlaps->plans, held);
	if (st || !meets || !row_for(clerk, delta, item, &row))
		return st;
	return count_in(clerk, delta, row, err);
}

static int32_t whole(double x)
{
	return x <= INT32_MIN ? INT32_MIN : x >= INT32_MAX ? INT32_MAX : (int32_t)x;
}

/* Units of 8 s since 2000, as boxes have them; within one. */
static double unit_of(prl_time t)
{
	const prl_time epoch = INT64_C(946684800) * PRL_SECOND;
	if (t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END)
		return t == PRL_TIME_OPEN_START ? INT32_MIN : INT32_MAX;
	return (double)(t / PRL_SECOND - epoch / PRL_SECOND) / 8;
}

/* A box that holds all that prl_board_boxes() would make of the extent for that separation, without a footprint: round
 * the vertices, and what an edge of a degree may bulge out of them (dss/extent_bounds.c). False where that is not so
 * simple: near the poles, the antimeridian, and for what is wider. */
static bool rough_box(const prl_extent *extent, prl_separation separation, prl_box *ret)
{
	double south = 90, north = -90, west = 180, east = -180, radius = 0;
	for (size_t i = 0; i < extent->vertices; i++) {
		south = fmin(south, extent->at[i].lat_deg);
		north = fmax(north, extent->at[i].lat_deg);
		west = fmin(west, extent->at[i].lng_deg);
		east = fmax(east, extent->at[i].lng_deg);
	}
	for (size_t i = 0; i < extent->outlines; i++)
		radius = fmax(radius, prl_extent_outlines(extent)[i].radius_m);
	double margin_m = radius + separation.horizontal_m + 250;
	if (!extent->outlines || south < -80 || north > 80 || north - south > 1 || east - west > 1 || margin_m > 50000)
		return false;
	double high = fmax(fabs(south), fabs(north)) + 0.5, lat = margin_m / 110000,
	       lng = lat / cos(high * (3.14159265358979 / 180)), up = 1.1 * separation.vertical_m + 20;
	if (west - lng < -180 || east + lng > 180)
		return false;
	*ret = (prl_box){ { whole((west - lng) * 1e7), whole((south - lat) * 1e7), whole((extent->lower_m - up) * 10),
			    whole(unit_of(extent->from) - 2) },
			  { whole((east + lng) * 1e7), whole((north + lat) * 1e7), whole((extent->upper_m + up) * 10),
			    whole(unit_of(extent->to) + 2) } };
	return true;
}

/* Whether any notice lies near, of whatever kind: mostly none does, and that must cost next to nothing. */
static prl_status is_near(prl_clerk *clerk, const prl_extent *extent, bool *ret, prl_error *err)
{
	static const prl_hash nobody;
	const prl_board_item *found;
	prl_box box;
	size_t count = 0, more;
	*ret = true;
	if (!rough_box(extent, clerk->overlaps->separations.widest[PRL_KIND_FLIGHT], &box))
		return PRL_OK;
	const prl_board_query query = { .id = &nobody,
					.mode = PRL_MODE_REAL,
					.kind = PRL_KIND_FLIGHT,
					.window = { extent->from, extent->to },
					.boxes = &box,
					.count = 1,
					.most = 1 };
	prl_status st = prl_board_find(clerk->overlaps->board, &query, &found, &count, &more, err);
	*ret = count > 0;
	return st;
}

static prl_status tell_near(prl_clerk *clerk, prl_meets_delta *delta, const prl_plan *flight, size_t most,
			    bool *ret_done, prl_error *err)
{
	const prl_extent *extent = delta->shape->extent;
	const prl_notice nobody = { .mode = PRL_MODE_REAL, .to = extent->to };
	prl_checking checking = { .notice = &nobody, .plan = flight, .kind = PRL_KIND_FLIGHT, .from = extent->from };
	const prl_board_item *found = NULL;
	prl_board_place after = delta->after;
	size_t count = 0, more = 0;
	prl_status st = prl_overlaps_find(clerk, &checking, delta->begun ? &after : NULL, most, &found, &count,
					  &delta->after, &more, err);
	for (size_t i = 0; !st && i < count; i++)
		st = tell_one(clerk, delta, flight, &found[i], err);
	delta->begun = true;
	*ret_done = more == 0;
	return st;
}

prl_status prl_meets_tell(prl_clerk *clerk, prl_meets_delta *delta, size_t most, bool *ret_done, prl_error *err)
{
	prl_plan *flight = NULL;
	bool near = delta->begun;
	*ret_done = true;
	prl_status st = near ? PRL_OK : is_near(clerk, delta->shape->extent, &near, err);
	if (st || !near)
		return st;
	st = prl_extent_plan(delta->shape->extent, &flight, err);
	if (!st)
		st = tell_near(clerk, delta, flight, most, ret_done, err);
	prl_plan_free(flight);
	return st;
}

/* A walk passes by what came after it began; what is gone before the walk came to it was never counted. */
static void note_in_walk(prl_meets *meets, prl_meets_delta *delta, uint32_t slot)
{
	prl_meets_walk *walk = &meets->walk;
	if (!walk->active || slot >= walk->end)
		return;
	if (!delta->gone)
		walk->born[slot] = 1;
	delta->has_unseen = delta->gone && slot >= walk->at && !walk->born[slot];
	delta->unseen = walk->met->notice;
}

static prl_status change(prl_clerk *clerk, const prl_uuid *id, prl_shape *shape, uint32_t slot, prl_time filed,
			 bool gone, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_meets_delta delta = { .shape = shape,
				  .flight = { *id, shape->extent->from, shape->extent->to },
				  .filed = filed,
				  .number = ++meets->number,
				  .gone = gone };
	bool done = true;
	note_in_walk(meets, &delta, slot);
	if (prl_board_count(clerk->overlaps->board) == 0)
		return PRL_OK;
	prl_status st = prl_overlaps_refresh(clerk, err);
	if (!st)
		st = prl_meets_tell(clerk, &delta, meets->at_once, &done, err);
	return st || done ? st : prl_meets_wait(clerk, &delta, err);
}

prl_meets_change prl_meets_before(prl_clerk *clerk, const prl_touch *touch)
{
	prl_meets_change change = { .id = touch->id };
	if (touch->kind != PRL_INTENT)
		return change;
	const prl_entity *now = prl_entity_find(clerk->parts.picture, WORKING, PRL_INTENT, &touch->id);
	change.comes = now && now->shape->slot == PRL_NO_SLOT;
	bool goes = touch->before && (!now || now->shape != touch->before);
	if (goes && prl_registry_stands(clerk->parts.registry, PRL_INTENT, touch->before)) {
		change.gone = prl_shape_hold(touch->before);
		change.slot = touch->before->slot;
	}
	return change;
}

prl_status prl_meets_after(prl_clerk *clerk, prl_meets_change *of, prl_error *err)
{
	prl_status st = PRL_OK;
	if (of->gone) {
		st = change(clerk, &of->id, of->gone, of->slot, 0, true, err);
		prl_shape_drop(of->gone);
		of->gone = NULL;
	}
	const prl_entity *now = of->comes ? prl_entity_find(clerk->parts.picture, WORKING, PRL_INTENT, &of->id) : NULL;
	if (!st && now)
		st = change(clerk, &of->id, now->shape, now->shape->slot, now->changed, false, err);
	return st;
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

prl_status prl_meets_touch(prl_clerk *clerk, const prl_hash *notice, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	if (!clerk->parts.registry)
		return PRL_OK;
	return prl_meets_add_hash(&meets->touched.items, &meets->touched.count, &meets->touched.room, notice)
		       ? PRL_OK
		       : prl_error_memory(err);
}

static void look_at_constitution(prl_clerk *clerk)
{
	prl_meets *meets = clerk->meets;
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, WORKING);
	if (!constitution || prl_hash_equal(&constitution->hash, &meets->constitution))
		return;
	meets->constitution = constitution->hash;
	if (meets->has_constitution)
		prl_meets_look_again(clerk);
	meets->has_constitution = true;
}

prl_status prl_meets_settle(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_status st = PRL_OK;
	size_t tests = 0;
	if (!clerk->parts.registry || !clerk->open)
		return PRL_OK;
	look_at_constitution(clerk);
	if (meets->touched.count)
		st = prl_overlaps_refresh(clerk, err);
	for (size_t i = 0; !st && i < meets->touched.count; i++)
		st = prl_meets_compare(clerk, &meets->touched.items[i], &tests, err);
	meets->touched.count = 0;
	if (st || !prl_meets_has_left(meets))
		return st;
	clerk->behind = true;
	return prl_met_set_behind(clerk->parts.picture, true, err);
}
