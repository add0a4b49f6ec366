/* Every conflict among many plans: their parts as boxes, the boxes that meet, and then each pair exactly. */
#include <parley/conflict.h>

#include "base/error.h"
#include "base/memory.h"
#include "geo/trajectory.h"

#include <string.h>

#define LEGS_A_BOX 8u /* legs of a trajectory that share a box */

/* Boxes of all plans; owner[i] is the plan of box i. */
struct boxes {
	prl_box *items;
	uint32_t *owner;
	size_t count, room;
};

static bool boxes_add(struct boxes *b, const prl_box *boxes, size_t count, uint32_t owner)
{
	if (b->count + count > b->room) {
		size_t room = b->room ? 2 * b->room : 1024;
		prl_box *items = prl_array_resize(b->items, room, sizeof *items);
		if (items)
			b->items = items;
		uint32_t *owners = items ? prl_array_resize(b->owner, room, sizeof *owners) : NULL;
		if (!owners)
			return false;
		b->owner = owners;
		b->room = room;
	}
	for (size_t i = 0; i < count; i++) {
		b->items[b->count] = boxes[i];
		b->owner[b->count++] = owner;
	}
	return true;
}

static bool boxes_add_plan(struct boxes *b, const prl_plan *plan, uint32_t owner, const prl_check_options *options)
{
	prl_box two[2];
	for (size_t i = 0; i < plan->volume_count; i++)
		if (!boxes_add(b, two, prl_volume_boxes(&plan->volumes[i], options, two), owner))
			return false;
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		const prl_trajectory *t = plan->trajectories[i];
		for (size_t first = 0; first == 0 || first + 1 < t->count; first += LEGS_A_BOX) {
			size_t last = first + LEGS_A_BOX < t->count ? first + LEGS_A_BOX : t->count - 1;
			if (!boxes_add(b, two, prl_trajectory_boxes(t, first, last, options, two), owner))
				return false;
		}
	}
	return true;
}

/* Pairs of plans whose boxes meet, the smaller number in the upper half; doubles are taken out now and then. */
struct candidates {
	const uint32_t *owner;
	uint64_t *items;
	size_t count, room;
	bool failed;
};

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void candidates_sort(struct candidates *c)
{
	size_t kept = 0;
	if (c->count)
		qsort(c->items, c->count, sizeof *c->items, compare_u64);
	for (size_t i = 0; i < c->count; i++)
		if (!i || c->items[i] != c->items[i - 1])
			c->items[kept++] = c->items[i];
	c->count = kept;
}

static bool candidates_make_room(struct candidates *c)
{
	candidates_sort(c);
	if (c->count < c->room / 2)
		return true;
	size_t room = c->room ? 2 * c->room : 4096;
	uint64_t *items = prl_array_resize(c->items, room, sizeof *items);
	if (!items)
		return !(c->failed = true);
	c->items = items;
	c->room = room;
	return true;
}

static bool candidates_add(const prl_pair *pairs, size_t count, void *context)
{
	struct candidates *c = context;
	for (size_t i = 0; i < count; i++) {
		uint32_t a = c->owner[pairs[i].a], b = c->owner[pairs[i].b];
		if (a == b)
			continue;
		uint64_t pair = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
		if (c->count && c->items[c->count - 1] == pair)
			continue;
		if (c->count == c->room && !candidates_make_room(c))
			return false;
		c->items[c->count++] = pair;
	}
	return true;
}

static prl_status find_candidates(const struct boxes *boxes, struct candidates *c, prl_error *err)
{
	prl_index *index = NULL;
	prl_status st = prl_index_new(boxes->items, NULL, boxes->count, &index, err);
	if (st)
		return st;
	c->owner = boxes->owner;
	prl_snapshot *snapshot = prl_snapshot_pin(index);
	st = prl_snapshot_join(snapshot, candidates_add, c);
	prl_snapshot_unpin(snapshot);
	prl_index_free(index);
	if (st || c->failed)
		return prl_error_memory(err);
	candidates_sort(c);
	return PRL_OK;
}

struct conflicts {
	prl_conflict *items;
	size_t count, room;
};

static int compare_conflicts(const void *a, const void *b)
{
	const prl_conflict *x = a, *y = b;
	if (x->intervals[0].from != y->intervals[0].from)
		return x->intervals[0].from < y->intervals[0].from ? -1 : 1;
	int order = strcmp(x->a->id, y->a->id);
	return order ? order : strcmp(x->b->id, y->b->id);
}

static prl_status test_candidates(const prl_plan *const *plans, const struct candidates *c,
                                  const prl_check_options *options, struct conflicts *found,
                                  prl_progress_fn *on_progress, void *context, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < c->count && !st; i++) {
		bool hit = false;
		if (found->count == found->room) {
			size_t room = found->room ? 2 * found->room : 64;
			prl_conflict *items = prl_array_resize(found->items, room, sizeof *items);
			if (!items)
				return prl_error_memory(err);
			found->items = items;
			found->room = room;
		}
		st = prl_pair_check(plans[c->items[i] >> 32], plans[(uint32_t)c->items[i]], options, &hit,
		                    &found->items[found->count], err);
		found->count += !st && hit;
		if (on_progress && (i % 256 == 0 || i + 1 == c->count))
			on_progress(i + 1, c->count, context);
	}
	return st;
}

static prl_status report(struct conflicts *found, prl_conflict_fn *on_conflict, void *context, prl_error *err)
{
	if (found->count)
		qsort(found->items, found->count, sizeof *found->items, compare_conflicts);
	for (size_t i = 0; i < found->count; i++)
		if (!on_conflict(&found->items[i], context))
			return prl_error_set(err, PRL_E_CALLBACK, "stopped by the caller");
	return PRL_OK;
}

prl_status prl_check_all(const prl_plan *const *plans, size_t count, const prl_check_options *options,
                         prl_conflict_fn *on_conflict, prl_progress_fn *on_progress, void *context, prl_error *err)
{
	struct boxes boxes = { 0 };
	struct candidates candidates = { 0 };
	struct conflicts found = { 0 };
	prl_status st = count > UINT32_MAX ? prl_error_set(err, PRL_E_TOO_LARGE, "more than 4,294,967,295 plans") : PRL_OK;
	for (size_t i = 0; i < count && !st; i++)
		if (!boxes_add_plan(&boxes, plans[i], (uint32_t)i, options))
			st = prl_error_memory(err);
	if (!st)
		st = find_candidates(&boxes, &candidates, err);
	free(boxes.items);
	free(boxes.owner);
	if (!st)
		st = test_candidates(plans, &candidates, options, &found, on_progress, context, err);
	if (!st)
		st = report(&found, on_conflict, context, err);
	free(candidates.items);
	for (size_t i = 0; i < found.count; i++)
		prl_conflict_done(&found.items[i]);
	free(found.items);
	return st;
}
