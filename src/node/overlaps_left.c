/* What is left of filings that meet more than PRL_OVERLAPS_LOOKED_AT. */
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "node/clerk_state.h"
#include "node/overlaps_inside.h"

#define WORKING PRL_VERSION_WORKING
#define SLICE   256u /* candidates that are looked at in one quiet moment */

/* The part that is at hand is of the first. */
static void drop_at(prl_overlaps *overlaps, size_t i)
{
	if (i == 0)
		overlaps->part.count = overlaps->part.next = 0;
	json_decref(overlaps->left.items[i].homes);
	overlaps->left.items[i] = overlaps->left.items[--overlaps->left.count];
}

void prl_overlaps_drop_left(prl_overlaps *overlaps, const prl_hash *id)
{
	for (size_t i = 0; i < overlaps->left.count; i++)
		if (prl_hash_equal(&overlaps->left.items[i].id, id))
			drop_at(overlaps, i--);
}

void prl_overlaps_left_done(prl_overlaps *overlaps)
{
	while (overlaps->left.count)
		drop_at(overlaps, 0);
	free(overlaps->left.items);
	free(overlaps->part.ids);
}

static bool note_homes(json_t *to, const json_t *homes)
{
	for (size_t i = 0; i < json_array_size(homes); i++)
		if (json_array_append(to, json_object_get(json_array_get(homes, i), "id")) != 0)
			return false;
	return true;
}

prl_status prl_overlaps_leave(prl_clerk *clerk, const prl_checking *checking, prl_error *err)
{
	prl_left *slot = PRL_LIST_ADD(&clerk->overlaps->left);
	json_t *homes = json_array();
	if (!slot || !homes || !note_homes(homes, checking->home)) {
		clerk->overlaps->left.count -= slot != NULL;
		json_decref(homes);
		return prl_error_memory(err);
	}
	*slot = (prl_left){ .id = checking->notice->id,
			    .version = checking->notice->version,
			    .from = checking->from,
			    .after = checking->last,
			    .homes = homes };
	clerk->behind = true;
	return PRL_OK;
}

/* Asks the board for the next part, where the one at hand is used up. */
static prl_status take_part(prl_clerk *clerk, const prl_left *left, const prl_checking *checking, prl_error *err)
{
	prl_left_part *part = &clerk->overlaps->part;
	const prl_board_item *found;
	size_t count = 0;
	if (part->next < part->count)
		return PRL_OK;
	if (!part->ids && !(part->ids = prl_array_new(part->most, sizeof *part->ids)))
		return prl_error_memory(err);
	part->last = left->after;
	prl_status st = prl_overlaps_find(clerk, checking, &left->after, part->most, &found, &count, &part->last,
					  &part->beyond, err);
	for (size_t i = 0; !st && i < count; i++)
		part->ids[i] = found[i].id;
	part->count = st ? 0 : count;
	part->next = 0;
	return st;
}

static prl_status look_at_slice(prl_clerk *clerk, prl_checking *checking, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_left_part *part = &overlaps->part;
	prl_board_item item;
	size_t end = part->count - part->next > SLICE ? part->next + SLICE : part->count;
	prl_status st = PRL_OK;
	for (size_t i = part->next; !st && i < end; i++) {
		if (prl_board_has(overlaps->board, &part->ids[i], &item))
			st = prl_overlaps_test(clerk, checking, &item, err);
		if (st && st != PRL_E_MEMORY) { /* one that cannot be compared holds nobody up */
			overlaps->figures.failed++;
			st = PRL_OK;
		}
	}
	overlaps->figures.candidates += end - part->next;
	checking->more = part->count - end + part->beyond;
	return st ? st : prl_overlaps_record(clerk, checking, err);
}

/* One slice. *ret_done: that was the last. */
static prl_status look_on(prl_clerk *clerk, prl_left *left, const prl_notice *notice, const prl_board_item *own,
			  bool *ret_done, prl_error *err)
{
	prl_left_part *part = &clerk->overlaps->part;
	prl_held *held = NULL;
	prl_status st = prl_overlaps_take_plan(clerk, notice, &held, err);
	if (st)
		return st;
	prl_checking checking = { .notice = notice,
				  .plan = prl_held_plan(held),
				  .kind = own->kind,
				  .hidden = own->hidden,
				  .goes_on = true,
				  .from = left->from,
				  .homes = left->homes };
	st = take_part(clerk, left, &checking, err);
	if (!st)
		st = look_at_slice(clerk, &checking, err);
	if (!st && !note_homes(left->homes, checking.home))
		st = prl_error_memory(err);
	if (!st) {
		part->next = part->count - part->next > SLICE ? part->next + SLICE : part->count;
		if (part->next == part->count)
			left->after = part->last;
		*ret_done = !checking.more;
	}
	json_decref(checking.pairs);
	json_decref(checking.said);
	json_decref(checking.home);
	prl_plans_give(clerk->overlaps->plans, held);
	return st;
}

/* A notice that was changed has been compared anew since, one that is over needs no more. */
prl_status prl_overlaps_go_on(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_board_item own;
	if (!overlaps || !overlaps->left.count)
		return PRL_OK;
	prl_left *left = &overlaps->left.items[0];
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, &left->id);
	prl_status st = PRL_OK;
	bool done = true;
	if (notice && prl_hash_equal(&notice->version, &left->version) &&
	    prl_board_has(overlaps->board, &left->id, &own)) {
		done = false;
		st = prl_overlaps_refresh(clerk, err);
		if (!st)
			st = look_on(clerk, left, notice, &own, &done, err);
	}
	if (!st && done)
		drop_at(overlaps, 0);
	clerk->behind = clerk->behind || overlaps->left.count;
	return st;
}
