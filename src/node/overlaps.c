#include "node/overlaps.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/schema.h"
#include "base/text.h"
#include "line/board.h"
#include "line/details.h"
#include "line/notice.h"
#include "line/overlap.h"
#include "line/plans.h"
#include "line/separation.h"
#include "line/thing.h"
#include "node/clerk_state.h"
#include "node/overlaps_inside.h"
#include "picture/body.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define WORKING PRL_VERSION_WORKING
/* What is over stays on the board for a day: a clock that jumps by less takes nothing down. */
#define SWEEP_MARGIN (86400 * PRL_SECOND)

static prl_time now_of(const prl_clerk *clerk)
{
	return clerk->parts.now(clerk->parts.context);
}

/* A clock that is not trusted lets nothing be over. */
static bool clock_good(const prl_clerk *clerk)
{
	const prl_node_state *state = prl_picture_node(clerk->parts.picture, WORKING, prl_bytes_of(clerk->own));
	return !state || !state->clock_suspect;
}

static bool matters(const prl_clerk *clerk, const prl_notice *notice)
{
	return notice->state == PRL_NOTICE_LIVE && (notice->to >= now_of(clerk) || !clock_good(clerk));
}

/* ---- plans ------------------------------------------------------------------------------------------------------- */

/* A notice of which nothing can be read is everywhere, for as long as it says. */
static prl_status plan_everywhere(const prl_notice *notice, prl_plan **ret, prl_error *err)
{
	prl_plan *plan = calloc(1, sizeof *plan);
	if (!plan)
		return prl_error_memory(err);
	plan->id = prl_text_copy("", 0);
	plan->party = prl_text_copy(notice->party, strlen(notice->party));
	plan->name = prl_text_copy("", 0);
	plan->source = prl_text_copy("", 0);
	plan->kind = (prl_kind)notice->kind;
	plan->volumes = calloc(1, sizeof *plan->volumes);
	plan->footprints = calloc(1, sizeof *plan->footprints);
	prl_status st = PRL_OK;
	if (!plan->id || !plan->party || !plan->name || !plan->source || !plan->volumes || !plan->footprints)
		st = prl_error_memory(err);
	if (!st)
		st = prl_footprint_everywhere(&plan->footprints[0], err);
	if (st) {
		prl_plan_free(plan);
		return st;
	}
	plan->footprint_count = plan->volume_count = 1;
	plan->volumes[0] = (prl_volume){ .footprint = plan->footprints[0],
					 .band = prl_band_m(-HUGE_VAL, HUGE_VAL, PRL_DATUM_MSL),
					 .window = { notice->from, notice->to } };
	*ret = plan;
	return PRL_OK;
}

static prl_status make_plan(prl_clerk *clerk, const prl_notice *notice, const json_t *details, bool pin, prl_held **ret,
			    prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX], why[300];
	prl_plan *plan = NULL;
	prl_hash_write(&notice->id, id);
	prl_status st = details ? prl_details_plan(details, id, notice->party, &plan, why, err)
				: plan_everywhere(notice, &plan, err);
	if (st && st != PRL_E_MEMORY)
		st = plan_everywhere(notice, &plan, err);
	clerk->overlaps->figures.plans_made++;
	return st ? st : prl_plans_put(clerk->overlaps->plans, &notice->version, plan, pin, ret, err);
}

static uint32_t log_id(const prl_clerk *clerk, const char *log)
{
	for (size_t i = 0; i < clerk->parts.peer_count; i++)
		if (strcmp(prl_ledger_origin(clerk->parts.peers[i]), log) == 0)
			return clerk->peer_ids[i];
	return clerk->own_id;
}

/* The body of an entry of the store. */
static prl_status read_body(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	prl_overlaps *overlaps = context;
	(void)index;
	prl_status st = prl_entry_read(bytes, &overlaps->entry, err);
	if (!st)
		overlaps->read = json_loadb(overlaps->entry.body.data, overlaps->entry.body.size, 0, NULL);
	return st;
}

/* Contents of this batch are not in the store yet. */
static json_t *content_of_batch(const prl_clerk *clerk, const prl_hash *hash)
{
	for (size_t i = 0; i < clerk->batch->contents.count; i++) {
		const prl_store_content *content = &clerk->batch->contents.items[i];
		if (prl_hash_equal(&content->hash, hash) && content->bytes.size > 32)
			return json_loadb(content->bytes.data + 32, content->bytes.size - 32, 0, NULL);
	}
	return NULL;
}

/* Who sealed it may have put anything into it: what does not fit the schema says nothing, and is everywhere. */
static json_t *read_content(prl_clerk *clerk, const prl_hash *hash)
{
	prl_error aside;
	json_t *details = content_of_batch(clerk, hash);
	prl_buffer bytes = PRL_BUFFER(PRL_MAX_CONTENT_BYTES);
	if (!details && prl_store_content_get(clerk->reader, hash, NULL, &bytes, &aside) == PRL_OK && bytes.size > 32)
		details = json_loadb(bytes.data + 32, bytes.size - 32, 0, NULL);
	prl_buffer_done(&bytes);
	if (details && prl_schema_check(clerk->overlaps->details, details, &aside)) {
		json_decref(details);
		details = json_object();
	}
	return details;
}

/* In the entry nothing stands of where it is. */
static bool is_opaque(prl_clerk *clerk, const prl_notice *notice)
{
	return notice->has_content && !prl_notice_boxes_of(clerk->parts.picture, WORKING, &notice->id);
}

/* What the notice says, as far as this node knows it: a new reference, or NULL. */
static json_t *read_details(prl_clerk *clerk, const prl_notice *notice)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_error aside;
	json_t *details = NULL;
	if (is_opaque(clerk, notice))
		return read_content(clerk, &notice->content);
	uint32_t log = log_id(clerk, prl_notice_log(clerk->parts.picture, WORKING, notice));
	overlaps->read = NULL;
	if (prl_store_entries(clerk->reader, log, notice->index, notice->index + 1, read_body, overlaps, &aside) ==
	    PRL_OK)
		details = json_incref(json_object_get(overlaps->read, "details"));
	json_decref(overlaps->read);
	overlaps->read = NULL;
	return details;
}

prl_status prl_overlaps_take_plan(prl_clerk *clerk, const prl_notice *notice, prl_held **ret, prl_error *err)
{
	*ret = prl_plans_take(clerk->overlaps->plans, &notice->version);
	if (*ret)
		return PRL_OK;
	json_t *details = read_details(clerk, notice);
	prl_status st = make_plan(clerk, notice, details, false, ret, err);
	json_decref(details);
	return st;
}

/* ---- the board --------------------------------------------------------------------------------------------------- */

/* Whether the content that says where it is lies here. */
static bool content_here(prl_clerk *clerk, const prl_notice *notice)
{
	json_t *details = read_content(clerk, &notice->content);
	json_decref(details);
	return details != NULL;
}

static prl_status note_hidden(prl_overlaps *overlaps, const prl_hash *id, prl_error *err)
{
	return prl_hash_pairs_add(&overlaps->hidden, id, id) ? PRL_OK : prl_error_memory(err);
}

static prl_status put_on_board(prl_clerk *clerk, const prl_notice *notice, const prl_plan *plan, prl_error *err)
{
	prl_check_options options = prl_board_options((prl_separation){ 0, 0 });
	prl_box *boxes = NULL;
	size_t count = 0;
	prl_board_item item = { .id = notice->id,
				.window = { notice->from, notice->to },
				.mode = notice->mode,
				.kind = is_opaque(clerk, notice) ? (uint8_t)plan->kind : notice->kind,
				.hidden = is_opaque(clerk, notice) };
	prl_status st = prl_board_boxes(plan, &options, &boxes, &count, err);
	if (!st)
		st = prl_board_put(clerk->overlaps->board, &item, boxes, count, err);
	free(boxes);
	return st || !item.hidden ? st : note_hidden(clerk->overlaps, &notice->id, err);
}

/* What the picture has of a notice, as the board is to have it. *ret: its plan where it is on the board and was made
 * for it, else NULL. */
static prl_status sync_row(prl_clerk *clerk, const prl_hash *id, prl_held **ret, prl_error *err)
{
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, id);
	*ret = NULL;
	if (!notice || !matters(clerk, notice))
		return prl_board_remove(clerk->overlaps->board, id, err);
	if (is_opaque(clerk, notice) && !content_here(clerk, notice)) {
		if (!prl_hash_pairs_add(&clerk->overlaps->pending, &notice->content, id))
			return prl_error_memory(err);
		return prl_board_remove(clerk->overlaps->board, id, err);
	}
	prl_held *held = NULL;
	prl_status st = prl_overlaps_take_plan(clerk, notice, &held, err);
	if (!st)
		st = put_on_board(clerk, notice, prl_held_plan(held), err);
	if (st)
		prl_plans_give(clerk->overlaps->plans, held);
	else
		*ret = held;
	return st;
}

/* ---- what was touched -------------------------------------------------------------------------------------------- */

static prl_status touch(prl_clerk *clerk, const prl_hash *id, const prl_hash *pinned, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_touched *slot = PRL_LIST_ADD(&overlaps->journal);
	if (!slot) {
		if (pinned)
			prl_plans_unpin(overlaps->plans, pinned);
		return prl_error_memory(err);
	}
	*slot = (prl_touched){ .id = *id, .pinned = pinned != NULL };
	if (pinned)
		slot->version = *pinned;
	return PRL_OK;
}

/* Its plan is made now, from what is at hand, and pinned: the store has it only when the batch is written. */
static prl_status touch_with_plan(prl_clerk *clerk, const prl_hash *id, const json_t *body, prl_error *err)
{
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, id);
	const json_t *stated = json_object_get(body, "details");
	json_t *details = stated ? json_incref((json_t *)(uintptr_t)stated) : NULL;
	prl_held *held = NULL;
	if (!notice)
		return PRL_OK;
	if (!details && is_opaque(clerk, notice)) {
		details = read_content(clerk, &notice->content);
		if (!details)
			return touch(clerk, id, NULL, err);
	}
	prl_status st = make_plan(clerk, notice, details, true, &held, err);
	json_decref(details);
	if (st)
		return st;
	prl_plans_give(clerk->overlaps->plans, held);
	prl_hash version = notice->version;
	return touch(clerk, id, &version, err);
}

prl_status prl_overlaps_applied(prl_clerk *clerk, const prl_entry *entry, const json_t *json, prl_error *err)
{
	bool filed = prl_bytes_is(entry->kind, "notice.filed"), updated = prl_bytes_is(entry->kind, "notice.updated");
	bool over = prl_bytes_is(entry->kind, "notice.cancelled") || prl_bytes_is(entry->kind, "notice.ended");
	if (!filed && !updated && !over)
		return PRL_OK;
	json_t *read = json ? NULL : json_loadb(entry->body.data, entry->body.size, 0, NULL);
	const json_t *body = json ? json : read;
	prl_hash id = entry->hash;
	prl_status st = filed ? PRL_OK : prl_body_hash(body, "notice", &id, err);
	if (!st)
		st = over ? touch(clerk, &id, NULL, err) : touch_with_plan(clerk, &id, body, err);
	if (!st)
		st = prl_bridge_touch(clerk->bridge, &id, err);
	if (!st)
		st = prl_meets_touch(clerk, &id, err);
	json_decref(read);
	return st;
}

/* One that has had another content since waits for that. */
static prl_status compare_awaiting(prl_clerk *clerk, const prl_hash *content, prl_error *err)
{
	prl_hash id;
	prl_status st = PRL_OK;
	while (!st && prl_hash_pairs_take(&clerk->overlaps->pending, content, &id)) {
		const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, &id);
		if (!notice || !notice->has_content || !prl_hash_equal(&notice->content, content))
			continue;
		st = touch_with_plan(clerk, &id, NULL, err);
		if (!st)
			st = prl_meets_touch(clerk, &id, err);
	}
	return st;
}

prl_status prl_overlaps_arrived(prl_clerk *clerk, const prl_hash *content, prl_error *err)
{
	prl_hash *slot = PRL_LIST_ADD(&clerk->overlaps->came);
	if (!slot)
		return prl_error_memory(err);
	*slot = *content;
	return compare_awaiting(clerk, content, err);
}

prl_status prl_overlaps_came(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_status st = PRL_OK;
	while (!st && overlaps->written.count) {
		prl_hash content = overlaps->written.items[--overlaps->written.count];
		clerk->batch->work = true; /* no entry says it */
		st = compare_awaiting(clerk, &content, err);
	}
	return st;
}

/* Contents that are on the disk now: a notice that was applied while they were being written could not read them.
 * Where memory is short it waits for its next change, or a start. */
static void note_written(prl_clerk *clerk)
{
	prl_overlaps *overlaps = clerk->overlaps;
	for (size_t i = 0; i < overlaps->came_sealed; i++) {
		const prl_hash *content = &overlaps->came.items[i];
		prl_hash *slot =
			prl_hash_pairs_has(&overlaps->pending, content) ? PRL_LIST_ADD(&overlaps->written) : NULL;
		if (slot)
			*slot = *content;
	}
	overlaps->came.count -= overlaps->came_sealed;
	if (overlaps->came.count)
		memmove(overlaps->came.items, overlaps->came.items + overlaps->came_sealed,
			overlaps->came.count * sizeof *overlaps->came.items);
	overlaps->came_sealed = 0;
	clerk->behind = clerk->behind || overlaps->written.count;
}

/* ---- what overlaps ----------------------------------------------------------------------------------------------- */

prl_status prl_overlaps_refresh(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, WORKING);
	if (overlaps->separated && constitution &&
	    prl_hash_equal(&constitution->hash, &overlaps->separations.constitution))
		return PRL_OK;
	prl_theatre theatre;
	prl_status st = prl_theatre_make(constitution, &theatre, err);
	if (st)
		return st;
	prl_theatre_done(&overlaps->theatre);
	overlaps->theatre = theatre;
	prl_separations_done(&overlaps->separations);
	prl_separations_make(constitution, &overlaps->separations);
	overlaps->separations.air.geoid = overlaps->geoid;
	overlaps->separated = true;
	return PRL_OK;
}

prl_status prl_overlaps_test(prl_clerk *clerk, prl_checking *checking, const prl_board_item *item, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	const prl_notice *other = prl_notice_find(clerk->parts.picture, WORKING, &item->id);
	prl_held *held = NULL;
	if (!other || !matters(clerk, other))
		return PRL_OK;
	prl_status st = prl_overlaps_take_plan(clerk, other, &held, err);
	if (st)
		return st;
	const prl_separation_rule *rule =
		prl_separation_of(&overlaps->separations, (prl_kind)checking->kind, (prl_kind)item->kind);
	prl_check_options options = prl_check_options_default();
	options.separation = rule->separation;
	options.air = overlaps->separations.air;
	bool meets = false;
	prl_conflict conflict;
	st = prl_pair_check(checking->plan, prl_held_plan(held), &options, &meets, &conflict, err);
	if (!st && meets) {
		if (conflict.intervals[conflict.interval_count - 1].to >= now_of(clerk) || !clock_good(clerk))
			st = prl_overlaps_pair(clerk, checking, other, item->hidden, &conflict, rule,
					       prl_theatre_of_pair(&overlaps->theatre, checking->plan,
								   prl_held_plan(held), rule->separation.horizontal_m),
					       err);
		prl_conflict_done(&conflict);
	}
	prl_plans_give(overlaps->plans, held);
	return st;
}

/* By kind of the others; what is equally far is made once. */
static prl_status make_reach(prl_clerk *clerk, const prl_checking *checking, prl_board_reach reach[PRL_KIND_COUNT],
			     prl_error *err)
{
	const prl_separation_rule *rules = clerk->overlaps->separations.pairs[checking->kind];
	prl_status st = PRL_OK;
	for (size_t kind = 0; !st && kind < PRL_KIND_COUNT; kind++) {
		size_t same_as = 0;
		while (same_as < kind &&
		       (rules[same_as].separation.horizontal_m != rules[kind].separation.horizontal_m ||
			rules[same_as].separation.vertical_m != rules[kind].separation.vertical_m))
			same_as++;
		prl_check_options options = prl_board_options(rules[kind].separation);
		if (same_as < kind)
			reach[kind] = reach[same_as];
		else
			st = prl_board_boxes(checking->plan, &options, &reach[kind].boxes, &reach[kind].count, err);
	}
	return st;
}

static void free_reach(prl_board_reach reach[PRL_KIND_COUNT])
{
	for (size_t kind = 0; kind < PRL_KIND_COUNT; kind++) {
		bool shared = false;
		for (size_t i = 0; i < kind; i++)
			shared = shared || reach[i].boxes == reach[kind].boxes;
		if (!shared)
			free(reach[kind].boxes);
	}
}

prl_status prl_overlaps_find(prl_clerk *clerk, const prl_checking *checking, const prl_board_place *after, size_t most,
			     const prl_board_item **ret, size_t *ret_count, prl_board_place *ret_last, size_t *ret_more,
			     prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_check_options options = prl_board_options(overlaps->separations.widest[checking->kind]);
	prl_board_reach reach[PRL_KIND_COUNT] = { { 0 } };
	prl_box *boxes = NULL;
	size_t box_count = 0;
	prl_status st = prl_board_boxes(checking->plan, &options, &boxes, &box_count, err);
	if (!st)
		st = make_reach(clerk, checking, reach, err);
	prl_board_query query = { .id = &checking->notice->id,
				  .mode = checking->notice->mode,
				  .kind = checking->kind,
				  .window = { checking->from, checking->notice->to },
				  .boxes = boxes,
				  .count = box_count,
				  .reach = reach,
				  .most = most,
				  .after = after };
	if (!st)
		st = prl_board_find(overlaps->board, &query, ret, ret_count, ret_more, err);
	if (!st && *ret_count)
		*ret_last = prl_board_place_of(&query, &(*ret)[*ret_count - 1]);
	free(boxes);
	free_reach(reach);
	return st;
}

/* The first of all that meet. */
static prl_status find_first(prl_clerk *clerk, prl_checking *checking, prl_error *err)
{
	const prl_board_item *found;
	size_t count = 0;
	checking->from = checking->notice->from;
	if (clock_good(clerk) && checking->from < now_of(clerk))
		checking->from = now_of(clerk);
	prl_status st = prl_overlaps_find(clerk, checking, NULL, PRL_OVERLAPS_LOOKED_AT, &found, &count,
					  &checking->last, &checking->more, err);
	for (size_t i = 0; !st && i < count; i++)
		st = prl_overlaps_test(clerk, checking, &found[i], err);
	clerk->overlaps->figures.candidates += count;
	return st;
}

/* ---- one notice -------------------------------------------------------------------------------------------------- */

/* After a start and a failed write: what this log has said it had not compared is compared from the beginning. */
static bool take_up(void *context, prl_bytes key, const json_t *thing)
{
	prl_clerk *clerk = context;
	prl_error aside;
	prl_hash id;
	(void)key;
	if (prl_bytes_is(prl_body_text(thing, "log"), clerk->own) &&
	    prl_hash_read(prl_body_text(thing, "notice"), &id) && prl_board_has(clerk->overlaps->board, &id, NULL))
		return touch(clerk, &id, NULL, &aside) == PRL_OK;
	return true;
}

static prl_status take_up_left(prl_clerk *clerk, prl_error *err)
{
	return prl_thing_each(clerk->parts.picture, WORKING, prl_overlap_left_noun, take_up, clerk, err);
}

static prl_status check(prl_clerk *clerk, const prl_hash *id, prl_error *err)
{
	prl_held *held = NULL;
	prl_status st = sync_row(clerk, id, &held, err);
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, id);
	prl_board_item item = { .kind = PRL_KIND_UNKNOWN };
	if (st || !notice)
		return st;
	if (!held) /* cancelled, ended, past: who looks at an overlap of it sees that by the notice */
		return PRL_OK;
	(void)prl_board_has(clerk->overlaps->board, id, &item);
	prl_checking checking = {
		.notice = notice, .plan = prl_held_plan(held), .kind = item.kind, .hidden = item.hidden
	};
	prl_overlaps_drop_left(clerk->overlaps, id);
	st = find_first(clerk, &checking, err);
	if (!st)
		st = prl_overlaps_record(clerk, &checking, err);
	if (!st && checking.more)
		st = prl_overlaps_leave(clerk, &checking, err);
	json_decref(checking.pairs);
	json_decref(checking.said);
	json_decref(checking.home);
	prl_plans_give(clerk->overlaps->plans, held);
	return st;
}

/* Of this thread's processor: what checks cost, whatever else the machine does. */
static double seconds_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What is kept at home stands in no entry: it is found again, for what is hidden alone. */
static prl_status check_hidden(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_status st = PRL_OK;
	overlaps->recheck = false;
	if (!overlaps->taken_up)
		st = take_up_left(clerk, err);
	overlaps->taken_up = true;
	for (size_t i = 0; !st && i < overlaps->hidden.room; i++)
		if (overlaps->hidden.used[i] && prl_board_has(overlaps->board, &overlaps->hidden.slots[i].key, NULL))
			st = touch(clerk, &overlaps->hidden.slots[i].key, NULL, err);
	return st;
}

/* When it has doubled: so its cost is a part of that of what was found. */
static prl_status sweep_open(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	size_t count = prl_overlaps_open_count(clerk->parts.picture);
	if (count < 2 * overlaps->open_swept + 1000)
		return PRL_OK;
	prl_status st = prl_overlaps_open_sweep(clerk->parts.picture, now_of(clerk) - SWEEP_MARGIN, err);
	overlaps->open_swept = prl_overlaps_open_count(clerk->parts.picture);
	return st;
}

prl_status prl_overlaps_settle(prl_clerk *clerk, prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_status st = overlaps->recheck ? check_hidden(clerk, err) : PRL_OK;
	if (st || overlaps->checked == overlaps->journal.count)
		return st;
	double began = seconds_now();
	st = prl_overlaps_refresh(clerk, err);
	while (!st && overlaps->checked < overlaps->journal.count) {
		prl_hash id = overlaps->journal.items[overlaps->checked++].id;
		st = check(clerk, &id, err);
		overlaps->figures.checks++;
		/* A filing never fails for want of an answer: it is sent at once all the same, and the failure counted.
		 */
		if (st && st != PRL_E_MEMORY) {
			overlaps->figures.failed++;
			st = PRL_OK;
		}
	}
	if (!st && clock_good(clerk))
		st = prl_board_sweep(overlaps->board, now_of(clerk) - SWEEP_MARGIN, err);
	if (!st && clock_good(clerk))
		st = sweep_open(clerk, err);
	overlaps->figures.seconds += seconds_now() - began;
	if (st)
		prl_batch_break(clerk->batch, err);
	return st;
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

static void tell_figures(prl_overlaps *overlaps)
{
	overlaps->told_figures = overlaps->figures;
	overlaps->told_figures.board_bytes = prl_board_bytes(overlaps->board);
	overlaps->told_figures.plan_bytes = prl_plans_bytes(overlaps->plans);
	overlaps->told_figures.notices = prl_board_count(overlaps->board);
}

/* With the clerk's lock held. */
void prl_overlaps_sealed(prl_clerk *clerk)
{
	clerk->overlaps->sealed = clerk->overlaps->journal.count;
	clerk->overlaps->came_sealed = clerk->overlaps->came.count;
	tell_figures(clerk->overlaps);
}

static void forget(prl_overlaps *overlaps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (overlaps->journal.items[i].pinned)
			prl_plans_unpin(overlaps->plans, &overlaps->journal.items[i].version);
	overlaps->journal.count -= count;
	if (overlaps->journal.count)
		memmove(overlaps->journal.items, overlaps->journal.items + count,
			overlaps->journal.count * sizeof *overlaps->journal.items);
	overlaps->checked = overlaps->checked > count ? overlaps->checked - count : 0;
	overlaps->sealed = 0;
}

void prl_overlaps_written(prl_clerk *clerk)
{
	prl_error aside;
	note_written(clerk);
	forget(clerk->overlaps, clerk->overlaps->sealed);
	/* Where memory is short the next batch does it. */
	if (prl_board_settle(clerk->overlaps->board, &aside))
		return;
}

void prl_overlaps_rolled_back(prl_clerk *clerk)
{
	prl_overlaps *overlaps = clerk->overlaps;
	prl_error aside;
	for (size_t i = 0; i < overlaps->journal.count; i++) {
		prl_held *held = NULL;
		/* A row that cannot be made for want of memory is missing until its notice changes or the node starts.
		 */
		if (sync_row(clerk, &overlaps->journal.items[i].id, &held, &aside) == PRL_OK)
			prl_plans_give(overlaps->plans, held);
	}
	forget(overlaps, overlaps->journal.count);
	overlaps->came.count = overlaps->came_sealed = 0; /* they are not kept */
	/* What was left may have been done with, or dropped for an update, in what is lost now: what the disk says is
	 * left is taken up from the beginning. */
	overlaps->taken_up = false;
	overlaps->recheck = true;
}

/* ---- start ------------------------------------------------------------------------------------------------------- */

/* The tables of notices and of their boxes, both in byte order of ids, side by side: a million look-ups take longer. */
typedef struct loading {
	prl_clerk *clerk;
	const prl_notice **notices;
	size_t count, room, next;
	prl_status status;
	prl_error *err;
} loading;

static bool collect_one(void *context, prl_bytes key, const void *value)
{
	loading *to = context;
	(void)key;
	if (!matters(to->clerk, value))
		return true;
	if (to->count < to->room)
		to->notices[to->count++] = value;
	return to->count <= to->room;
}

static prl_status load_hidden(prl_clerk *clerk, const prl_notice *notice, prl_error *err)
{
	prl_held *held = NULL;
	prl_hash id = notice->id;
	prl_status st = sync_row(clerk, &id, &held, err);
	prl_plans_give(clerk->overlaps->plans, held);
	return st;
}

/* Those before key have no boxes: their content says where they are, where it is here. */
static void pass_by(loading *to, prl_bytes key)
{
	while (!to->status && to->next < to->count && memcmp(&to->notices[to->next]->id, key.data, key.size) < 0)
		to->status = load_hidden(to->clerk, to->notices[to->next++], to->err);
}

static bool load_one(void *context, prl_bytes key, const void *value)
{
	loading *to = context;
	const prl_notice_boxes *boxes = value;
	pass_by(to, key);
	if (to->status || to->next == to->count || memcmp(&to->notices[to->next]->id, key.data, key.size) != 0)
		return to->status == PRL_OK;
	const prl_notice *notice = to->notices[to->next++];
	prl_board_item item = {
		.id = notice->id, .window = { notice->from, notice->to }, .mode = notice->mode, .kind = notice->kind
	};
	to->status = prl_board_load(to->clerk->overlaps->board, &item, boxes->boxes, boxes->count, to->err);
	return to->status == PRL_OK;
}

static prl_status load_all(loading *to, unsigned notices, unsigned boxes, prl_error *err)
{
	prl_picture *picture = to->clerk->parts.picture;
	prl_hash last; /* no notice's id comes behind it */
	memset(&last, 0xff, sizeof last);
	prl_status st = prl_picture_each(picture, WORKING, notices, collect_one, to, err);
	prl_board_reserve(to->clerk->overlaps->board, to->count);
	if (!st)
		st = prl_picture_each(picture, WORKING, boxes, load_one, to, err);
	if (!st && !to->status)
		pass_by(to, prl_hash_key(&last));
	return st ? st : to->status;
}

static prl_status load_board(prl_clerk *clerk, prl_error *err)
{
	unsigned notices, boxes;
	loading to = { .clerk = clerk, .err = err };
	if (!prl_picture_table(clerk->parts.picture, "notice", &notices) ||
	    !prl_picture_table(clerk->parts.picture, "notice.box", &boxes))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no tables of notices");
	to.room = prl_picture_count(clerk->parts.picture, WORKING, notices);
	to.notices = prl_array_new(to.room, sizeof *to.notices);
	if (!to.notices)
		return prl_error_memory(err);
	prl_status st = load_all(&to, notices, boxes, err);
	free(to.notices);
	return st ? st : prl_board_open(clerk->overlaps->board, err);
}

#define GEOID "/usr/share/proj/egm96_15.gtx" /* Debian's proj-data; without it heights are known less well */

prl_status prl_overlaps_start(prl_clerk *clerk, prl_overlaps **ret, prl_error *err)
{
	prl_error aside;
	prl_overlaps *overlaps = calloc(1, sizeof *overlaps);
	if (!overlaps)
		return prl_error_memory(err);
	*ret = overlaps;
	if (prl_geoid_open(GEOID, &overlaps->geoid, &aside))
		overlaps->geoid = NULL;
	prl_status st = prl_schema_open("entry/details.json", &overlaps->details, err);
	if (!st)
		st = prl_board_new(&overlaps->board, err);
	if (!st)
		st = prl_plans_new(PRL_OVERLAPS_PLANS, &overlaps->plans, err);
	if (!st)
		st = load_board(clerk, err);
	if (!st)
		st = prl_overlaps_load_told(clerk, err);
	overlaps->recheck = true;
	overlaps->part.most = clerk->parts.left_most ? clerk->parts.left_most : PRL_OVERLAPS_LEFT_MAX;
	if (!st)
		tell_figures(overlaps);
	return st;
}

void prl_overlaps_free(prl_overlaps *overlaps)
{
	if (!overlaps)
		return;
	prl_board_free(overlaps->board);
	prl_plans_free(overlaps->plans);
	prl_geoid_free(overlaps->geoid);
	prl_schema_free(overlaps->details);
	prl_theatre_done(&overlaps->theatre);
	prl_separations_done(&overlaps->separations);
	free(overlaps->journal.items);
	prl_hash_pairs_done(&overlaps->pending);
	free(overlaps->came.items);
	free(overlaps->written.items);
	prl_hash_pairs_done(&overlaps->hidden);
	prl_overlaps_left_done(overlaps);
	free(overlaps->told.items);
	free(overlaps);
}

void prl_clerk_overlaps(prl_clerk *clerk, prl_overlaps_figures *ret)
{
	pthread_mutex_lock(&clerk->lock);
	*ret = clerk->overlaps->told_figures;
	pthread_mutex_unlock(&clerk->lock);
}
