/* What of comparing drone flights with notices waits for quiet moments: meets.h says how it stays right. */
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "dss/extent_plan.h"
#include "node/clerk_state.h"
#include "node/meets_inside.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING
/* Of one quiet moment. */
#define SLICE_TESTS   512u
#define SLICE_NOTICES 256u

/* ---- lists ------------------------------------------------------------------------------------------------------- */

/* Each once. */
bool prl_meets_add_hash(prl_hash **items, size_t *count, size_t *room, const prl_hash *hash)
{
	for (size_t i = 0; i < *count; i++)
		if (prl_hash_equal(&(*items)[i], hash))
			return true;
	prl_hash *grown = prl_list_room(*items, *count, room, sizeof **items);
	if (!grown)
		return false;
	*items = grown;
	grown[(*count)++] = *hash;
	return true;
}

static void end_walk(prl_meets *meets)
{
	free(meets->walk.born);
	meets->walk.born = NULL;
	meets->walk.active = false;
}

void prl_meets_drop_left(prl_meets *meets, const prl_hash *notice)
{
	if (meets->walk.active && prl_hash_equal(&meets->walk.met->notice, notice))
		end_walk(meets);
	for (size_t i = 0; i < meets->left.count; i++) {
		if (!prl_hash_equal(&meets->left.items[i], notice))
			continue;
		meets->left.count--;
		memmove(&meets->left.items[i], &meets->left.items[i + 1],
			(meets->left.count - i) * sizeof *meets->left.items);
		return;
	}
}

static void drop_queue(prl_meets *meets)
{
	for (size_t i = meets->queue_done; i < meets->queue.count; i++)
		prl_shape_drop(meets->queue.items[i].shape);
	meets->queue.count = meets->queue_done = 0;
}

void prl_meets_forget(prl_meets *meets)
{
	drop_queue(meets);
	end_walk(meets);
	meets->touched.count = meets->anew.count = meets->left.count = 0;
	meets->all = meets->again = false;
}

bool prl_meets_has_left(const prl_meets *meets)
{
	return meets->all || meets->anew.count || meets->left.count || meets->queue.count;
}

void prl_meets_look_again(prl_clerk *clerk)
{
	prl_meets *meets = clerk->meets;
	if (meets->all)
		meets->again = true;
	else
		meets->all_at = 0;
	meets->all = true;
	clerk->behind = true;
}

/* More than can be kept: all is looked at again instead. */
prl_status prl_meets_wait(prl_clerk *clerk, const prl_meets_delta *delta, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	clerk->behind = true;
	if (meets->queue.count - meets->queue_done >= PRL_MEETS_WAITING_MAX) {
		drop_queue(meets);
		prl_meets_look_again(clerk);
		return PRL_OK;
	}
	prl_meets_delta *slot = PRL_LIST_ADD(&meets->queue);
	if (!slot)
		return prl_error_memory(err);
	*slot = *delta;
	prl_shape_hold(slot->shape);
	return PRL_OK;
}

void prl_meets_rolled_back(prl_clerk *clerk)
{
	prl_meets *meets = clerk->meets;
	bool waited = prl_meets_has_left(meets) || prl_met_is_behind(clerk->parts.picture, WORKING);
	prl_meets_forget(meets);
	if (waited)
		prl_meets_look_again(clerk);
}

/* ---- what is there no more --------------------------------------------------------------------------------------- */

typedef struct sweeping {
	prl_clerk *clerk;
	PRL_LIST(prl_hash) over;
	bool failed;
} sweeping;

static bool sweep_one(void *context, const prl_met *met)
{
	sweeping *s = context;
	prl_board_item item;
	bool says = met->named || met->others || met->counting;
	if (says && s->clerk->parts.registry && prl_meets_wanted(s->clerk, &met->notice, &item))
		return true;
	prl_hash *slot = PRL_LIST_ADD(&s->over);
	s->failed = !slot;
	if (slot)
		*slot = met->notice;
	return slot != NULL;
}

/* Rows of what is no more on the board, and those that say nothing. */
static prl_status sweep(prl_clerk *clerk, prl_error *err)
{
	sweeping s = { .clerk = clerk };
	prl_status st = prl_met_each(clerk->parts.picture, WORKING, sweep_one, &s, err);
	if (!st && s.failed)
		st = prl_error_memory(err);
	for (size_t i = 0; !st && i < s.over.count; i++)
		st = prl_met_drop(clerk->parts.picture, &s.over.items[i], err);
	clerk->meets->changed = clerk->meets->changed || s.over.count;
	free(s.over.items);
	return st;
}

/* ---- slices ------------------------------------------------------------------------------------------------------ */

static prl_status compare_all(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_board_item item;
	size_t tests = 0;
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < SLICE_NOTICES && tests < SLICE_TESTS; i++) {
		if (prl_board_next(clerk->overlaps->board, &meets->all_at, &item)) {
			st = prl_meets_compare(clerk, &item.id, &tests, err);
			continue;
		}
		meets->all = meets->again;
		meets->again = false;
		meets->all_at = 0;
		return sweep(clerk, err);
	}
	return st;
}

static prl_status compare_thin(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	size_t tests = 0;
	prl_hash id = meets->anew.items[--meets->anew.count];
	return prl_meets_compare(clerk, &id, &tests, err);
}

static prl_status tell_first(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_meets_delta *first = &meets->queue.items[meets->queue_done];
	bool done = false;
	prl_status st = prl_meets_tell(clerk, first, 4 * (size_t)meets->at_once, &done, err);
	if (st || !done)
		return st;
	prl_shape_drop(first->shape);
	meets->queue_done++;
	if (meets->queue_done < meets->queue.count)
		return PRL_OK;
	meets->queue.count = meets->queue_done = 0;
	st = meets->kept_empty ? sweep(clerk, err) : PRL_OK;
	meets->kept_empty = false;
	return st;
}

static prl_status begin_walk(prl_clerk *clerk, const prl_board_item *item, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_meets_walk *walk = &meets->walk;
	walk->end = prl_registry_slots(clerk->parts.registry, PRL_INTENT);
	walk->at = 0;
	walk->born = calloc(walk->end ? walk->end : 1, 1);
	if (!walk->born)
		return prl_error_memory(err);
	prl_met_begin(walk->met, &item->id, item->kind, meets->number);
	walk->active = true;
	return PRL_OK;
}

static prl_status walk_slice(prl_clerk *clerk, const prl_plan *plan, prl_error *err)
{
	prl_meets_walk *walk = &clerk->meets->walk;
	const prl_entity *found[PRL_MEETS_SLOTS];
	uint32_t to = walk->end - walk->at > clerk->meets->slots ? walk->at + clerk->meets->slots : walk->end;
	size_t count = prl_registry_walk(clerk->parts.registry, PRL_INTENT, walk->at, to, found);
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < count; i++)
		if (!walk->born[found[i]->shape->slot])
			st = prl_meets_test_flight(clerk, plan, found[i], walk->met, err);
	walk->at = to;
	return st;
}

static prl_status walk_on(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	prl_hash id = meets->left.items[0];
	prl_board_item item;
	prl_held *held = NULL;
	if (!prl_meets_wanted(clerk, &id, &item)) {
		size_t tests = 0;
		return prl_meets_compare(clerk, &id, &tests, err);
	}
	prl_status st = meets->walk.active ? PRL_OK : begin_walk(clerk, &item, err);
	if (!st)
		st = prl_overlaps_take_plan(clerk, prl_notice_find(clerk->parts.picture, WORKING, &id), &held, err);
	if (!st)
		st = walk_slice(clerk, prl_held_plan(held), err);
	prl_plans_give(clerk->overlaps->plans, held);
	if (st || meets->walk.at < meets->walk.end)
		return st;
	st = prl_meets_put(clerk, meets->walk.met, err);
	if (!st && prl_met_is_thin(meets->walk.met) &&
	    !prl_meets_add_hash(&meets->anew.items, &meets->anew.count, &meets->anew.room, &id))
		st = prl_error_memory(err);
	prl_meets_drop_left(meets, &id);
	return st;
}

/* A node that serves no region any more has nothing to say of flights; when it serves one again, all is looked at. */
static prl_status clear(prl_clerk *clerk, prl_error *err)
{
	prl_picture *picture = clerk->parts.picture;
	clerk->meets->all = false;
	if (!prl_met_count(picture) && !prl_entities_count(picture, WORKING, PRL_INTENT))
		return PRL_OK;
	clerk->meets->changed = !prl_met_is_behind(picture, WORKING);
	prl_status st = sweep(clerk, err);
	return st ? st : prl_met_set_behind(picture, true, err);
}

static prl_status one_slice(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	if (meets->all)
		return compare_all(clerk, err);
	if (meets->queue.count)
		return tell_first(clerk, err);
	if (meets->anew.count)
		return compare_thin(clerk, err);
	return meets->left.count ? walk_on(clerk, err) : PRL_OK;
}

prl_status prl_meets_go_on(prl_clerk *clerk, prl_error *err)
{
	prl_meets *meets = clerk->meets;
	bool was_behind = prl_met_is_behind(clerk->parts.picture, WORKING);
	if (!prl_meets_has_left(meets) && !(was_behind && clerk->parts.registry))
		return PRL_OK;
	meets->changed = false;
	prl_status st = clerk->parts.registry ? prl_overlaps_refresh(clerk, err) : clear(clerk, err);
	if (!st && clerk->parts.registry)
		st = one_slice(clerk, err);
	bool behind = prl_meets_has_left(meets);
	if (!st && clerk->parts.registry)
		st = prl_met_set_behind(clerk->parts.picture, behind, err);
	clerk->behind = clerk->behind || behind;
	/* no entry says it, and desks are to see it all the same */
	if (!st && (meets->changed || (clerk->parts.registry && behind != was_behind)))
		clerk->batch->work = true;
	return st;
}
