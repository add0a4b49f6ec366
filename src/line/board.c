#include "line/board.h"

#include "base/error.h"
#include "base/memory.h"

#include <sodium.h>
#include <string.h>

#define MODES 3
#define NONE  UINT32_MAX
/* Rows that one sweep looks at: twice what one notice adds, so that the board does not grow with what is over. */
#define SWEPT 4
#define AHEAD 16u /* rows whose buckets are fetched beforehand */

/* A notice, or free: then first_box is the next free row. */
typedef struct row {
	prl_hash id;
	prl_window window;
	uint32_t first_box; /* NONE: free */
	uint32_t stamp;     /* of the query that met it last */
	uint8_t mode, kind;
	bool hidden;
} row;

/* A box of the index, or free. */
typedef struct box_link {
	uint32_t row, next; /* next box of the same row, or next free box */
} box_link;

/* The index of one mode; before the board is open its boxes. */
typedef struct area {
	prl_index *index;
	prl_box *pending;
	box_link *links;
	uint32_t count, room, free;
} area;

struct prl_board {
	area areas[MODES];
	row *rows;
	uint32_t count, room, free; /* rows in use or free; list of free ones */
	uint32_t live, swept;       /* the next row to sweep */
	uint32_t *buckets;          /* rows by id, open addressing; NONE: empty */
	uint32_t bucket_mask;
	uint64_t seed; /* odd: ids are hashes, but their author may have ground them */
	uint32_t stamp;
	bool open;
	prl_ids hits;
	uint32_t *heap; /* rows of an answer */
	prl_board_item *found;
	size_t heap_room;
};

/* ---- rows by id -------------------------------------------------------------------------------------------------- */

static uint32_t bucket_of(const prl_board *board, const prl_hash *id)
{
	uint64_t first;
	memcpy(&first, id->bytes, sizeof first);
	return (uint32_t)(((first ^ board->seed) * (board->seed | 1)) >> 32) & board->bucket_mask;
}

static uint32_t find_bucket(const prl_board *board, const prl_hash *id)
{
	uint32_t at = bucket_of(board, id);
	while (board->buckets[at] != NONE && memcmp(&board->rows[board->buckets[at]].id, id, sizeof *id) != 0)
		at = (at + 1) & board->bucket_mask;
	return at;
}

/* What follows in the same run moves up, so that no marks of what was removed are needed. */
static void empty_bucket(prl_board *board, uint32_t hole)
{
	uint32_t mask = board->bucket_mask;
	for (uint32_t at = (hole + 1) & mask; board->buckets[at] != NONE; at = (at + 1) & mask) {
		uint32_t home = bucket_of(board, &board->rows[board->buckets[at]].id);
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			board->buckets[hole] = board->buckets[at];
			hole = at;
		}
	}
	board->buckets[hole] = NONE;
}

static bool make_buckets(prl_board *board, uint32_t size)
{
	uint32_t *buckets = prl_array_new(size, sizeof *buckets);
	if (!buckets)
		return false;
	free(board->buckets);
	board->buckets = buckets;
	board->bucket_mask = size - 1;
	memset(buckets, 0xff, size * sizeof *buckets);
	for (uint32_t i = 0; i < board->count; i++) {
		if (i + AHEAD < board->count) /* they lie anywhere */
			__builtin_prefetch(&buckets[bucket_of(board, &board->rows[i + AHEAD].id)], 1);
		if (board->rows[i].mode < MODES)
			buckets[find_bucket(board, &board->rows[i].id)] = i;
	}
	return true;
}

/* Room for as many as there are, of which some may not lie in buckets yet, and one more. */
static bool grow_buckets(prl_board *board)
{
	uint32_t size = board->buckets ? board->bucket_mask + 1 : 1024;
	if (board->buckets && board->live < board->bucket_mask / 3 * 2)
		return true;
	while (size / 3 * 2 <= board->live + 1)
		size *= 2;
	return make_buckets(board, size);
}

/* ---- room -------------------------------------------------------------------------------------------------------- */

static bool take_row(prl_board *board, uint32_t *ret)
{
	if (board->free != NONE) {
		*ret = board->free;
		board->free = board->rows[board->free].first_box;
		return true;
	}
	if (board->count == board->room) {
		uint32_t room = board->room ? board->room + board->room / 2 : 1024;
		row *rows = prl_array_resize(board->rows, room, sizeof *rows);
		if (!rows)
			return false;
		board->rows = rows;
		board->room = room;
	}
	*ret = board->count++;
	return true;
}

static void give_row(prl_board *board, uint32_t at)
{
	board->rows[at].mode = MODES;
	board->rows[at].first_box = board->free;
	board->free = at;
}

static bool take_box(prl_board *board, area *in, uint32_t *ret)
{
	if (in->free != NONE) {
		*ret = in->free;
		in->free = in->links[in->free].next;
		return true;
	}
	if (in->count == in->room) {
		uint32_t room = in->room ? in->room + in->room / 2 : 1024;
		box_link *links = prl_array_resize(in->links, room, sizeof *links);
		if (links)
			in->links = links;
		prl_box *boxes = links && !board->open ? prl_array_resize(in->pending, room, sizeof *boxes) : NULL;
		if (!links || (!board->open && !boxes))
			return false;
		if (boxes)
			in->pending = boxes;
		in->room = room;
	}
	*ret = in->count++;
	return true;
}

static void give_box(area *in, uint32_t at)
{
	in->links[at] = (box_link){ NONE, in->free };
	in->free = at;
}

/* ---- putting and removing ---------------------------------------------------------------------------------------- */

/* Takes its boxes out as far as that goes; on failure the row keeps those that are left. */
static prl_status remove_boxes(prl_board *board, row *from, prl_error *err)
{
	area *in = &board->areas[from->mode];
	while (from->first_box != NONE) {
		uint32_t box = from->first_box;
		prl_status st = board->open ? prl_index_remove(in->index, box, err) : PRL_OK;
		if (st)
			return st;
		from->first_box = in->links[box].next;
		give_box(in, box);
	}
	return PRL_OK;
}

static prl_status add_box(prl_board *board, uint32_t at, const prl_box *box, prl_error *err)
{
	row *to = &board->rows[at];
	area *in = &board->areas[to->mode];
	uint32_t id = NONE;
	if (!take_box(board, in, &id))
		return prl_error_memory(err);
	prl_status st = PRL_OK;
	if (board->open)
		st = prl_index_insert(in->index, id, box, err);
	else
		in->pending[id] = *box;
	if (st) {
		give_box(in, id);
		return st;
	}
	in->links[id] = (box_link){ at, to->first_box };
	to->first_box = id;
	return PRL_OK;
}

prl_status prl_board_remove(prl_board *board, const prl_hash *id, prl_error *err)
{
	uint32_t bucket = find_bucket(board, id), at = board->buckets[bucket];
	if (at == NONE)
		return PRL_OK;
	prl_status st = remove_boxes(board, &board->rows[at], err);
	if (st)
		return st;
	empty_bucket(board, bucket);
	give_row(board, at);
	board->live--;
	return PRL_OK;
}

/* Without its bucket. */
static prl_status add_row(prl_board *board, const prl_board_item *item, uint32_t *ret, prl_error *err)
{
	if (board->live >= PRL_BOARD_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u live notices", PRL_BOARD_MAX);
	if (item->mode >= MODES)
		return prl_error_set(err, PRL_E_RANGE, "mode %u, expected REAL, EXERCISE or TEST", item->mode);
	if (!take_row(board, ret))
		return prl_error_memory(err);
	board->rows[*ret] = (row){ .id = item->id,
				   .window = item->window,
				   .first_box = NONE,
				   .mode = item->mode,
				   .kind = item->kind,
				   .hidden = item->hidden };
	board->live++;
	return PRL_OK;
}

static prl_status add_boxes(prl_board *board, uint32_t at, const prl_box *boxes, size_t count, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < count; i++)
		st = add_box(board, at, &boxes[i], err);
	return st;
}

prl_status prl_board_load(prl_board *board, const prl_board_item *item, const prl_box *boxes, size_t count,
			  prl_error *err)
{
	uint32_t at;
	if (count == 0)
		return PRL_OK;
	prl_status st = add_row(board, item, &at, err);
	return st ? st : add_boxes(board, at, boxes, count, err);
}

prl_status prl_board_put(prl_board *board, const prl_board_item *item, const prl_box *boxes, size_t count,
			 prl_error *err)
{
	prl_error aside;
	uint32_t at = NONE;
	prl_status st = prl_board_remove(board, &item->id, err);
	if (st || count == 0)
		return st;
	st = grow_buckets(board) ? add_row(board, item, &at, err) : prl_error_memory(err);
	if (st)
		return st;
	board->buckets[find_bucket(board, &item->id)] = at;
	st = add_boxes(board, at, boxes, count, err);
	if (st && prl_board_remove(board, &item->id, &aside))
		return st;
	return st;
}

/* ---- made and opened --------------------------------------------------------------------------------------------- */

prl_status prl_board_new(prl_board **ret, prl_error *err)
{
	prl_board *board = calloc(1, sizeof *board);
	if (!board)
		return prl_error_memory(err);
	randombytes_buf(&board->seed, sizeof board->seed); /* decides where rows lie, which no answer shows */
	board->free = NONE;
	for (size_t i = 0; i < MODES; i++)
		board->areas[i].free = NONE;
	if (!grow_buckets(board)) {
		free(board);
		return prl_error_memory(err);
	}
	*ret = board;
	return PRL_OK;
}

void prl_board_reserve(prl_board *board, size_t notices)
{
	if (board->live || notices > PRL_BOARD_MAX)
		return;
	row *rows = prl_array_resize(board->rows, notices + notices / 8 + 1024, sizeof *rows);
	if (rows) {
		board->rows = rows;
		board->room = (uint32_t)(notices + notices / 8 + 1024);
	}
}

void prl_board_free(prl_board *board)
{
	if (!board)
		return;
	for (size_t i = 0; i < MODES; i++) {
		prl_index_free(board->areas[i].index);
		free(board->areas[i].pending);
		free(board->areas[i].links);
	}
	free(board->rows);
	free(board->buckets);
	prl_ids_done(&board->hits);
	free(board->heap);
	free(board->found);
	free(board);
}

/* Boxes that were given back before the opening leave gaps among the ids; the index is built without them. */
static prl_status open_area(area *in, prl_error *err)
{
	uint32_t *ids = prl_array_new(in->count, sizeof *ids), kept = 0;
	if (!ids)
		return prl_error_memory(err);
	for (uint32_t i = 0; i < in->count; i++) {
		if (in->links[i].row == NONE)
			continue;
		in->pending[kept] = in->pending[i];
		ids[kept++] = i;
	}
	prl_status st = prl_index_new(in->pending, ids, kept, &in->index, err);
	free(ids);
	free(in->pending);
	in->pending = NULL;
	return st;
}

prl_status prl_board_open(prl_board *board, prl_error *err)
{
	/* grown or not, what was loaded has no buckets yet */
	bool done = grow_buckets(board) && make_buckets(board, board->bucket_mask + 1);
	prl_status st = done ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; !st && i < MODES; i++)
		st = open_area(&board->areas[i], err);
	board->open = !st;
	return st;
}

prl_status prl_board_settle(prl_board *board, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; board->open && !st && i < MODES; i++)
		st = prl_index_publish(board->areas[i].index, NULL, err);
	return st;
}

prl_status prl_board_sweep(prl_board *board, prl_time past, prl_error *err)
{
	for (unsigned i = 0; i < SWEPT && board->count; i++) {
		uint32_t at = board->swept < board->count ? board->swept : 0;
		board->swept = at + 1;
		const row *old = &board->rows[at];
		prl_hash id = old->id;
		prl_status st = old->mode < MODES && old->window.to < past ? prl_board_remove(board, &id, err) : PRL_OK;
		if (st)
			return st;
	}
	return PRL_OK;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static prl_board_item item_of(const row *from)
{
	return (prl_board_item){ from->id, from->window, from->mode, from->kind, from->hidden };
}

bool prl_board_has(const prl_board *board, const prl_hash *id, prl_board_item *ret)
{
	uint32_t at = board->buckets[find_bucket(board, id)];
	if (at != NONE && ret)
		*ret = item_of(&board->rows[at]);
	return at != NONE;
}

bool prl_board_next(const prl_board *board, uint32_t *at, prl_board_item *ret)
{
	while (*at < board->count && board->rows[*at].mode >= MODES)
		++*at;
	if (*at >= board->count)
		return false;
	*ret = item_of(&board->rows[(*at)++]);
	return true;
}

size_t prl_board_count(const prl_board *board)
{
	return board->live;
}

size_t prl_board_bytes(const prl_board *board)
{
	size_t bytes = sizeof *board + board->room * sizeof *board->rows +
		       ((size_t)board->bucket_mask + 1) * sizeof *board->buckets +
		       board->heap_room * (sizeof *board->heap + sizeof *board->found);
	for (size_t i = 0; i < MODES; i++)
		bytes += board->areas[i].room * sizeof(box_link) +
			 (board->areas[i].index ? prl_index_bytes(board->areas[i].index) : 0);
	return bytes;
}

unsigned prl_kinds_class(prl_kind a, prl_kind b)
{
	prl_kind other = a == PRL_KIND_LIVE_FIRE ? b : a;
	if (a != PRL_KIND_LIVE_FIRE && b != PRL_KIND_LIVE_FIRE)
		return 1;
	switch ((int)other) {
	case PRL_KIND_SITE:
	case PRL_KIND_CONVOY:
	case PRL_KIND_RESCUE:
	case PRL_KIND_EVACUATION:
	case PRL_KIND_REPAIR:
	case PRL_KIND_UNKNOWN:
		return 0;
	default:
		return 1;
	}
}

/* An answer being made: the first of all candidates, the last of them on top of a heap. */
typedef struct answer {
	prl_board *board;
	const prl_board_query *query;
	size_t count, more;
} answer;

static prl_time first_together(const answer *to, const row *at)
{
	return at->window.from > to->query->window.from ? at->window.from : to->query->window.from;
}

static bool comes_before(const answer *to, uint32_t a, uint32_t b)
{
	const row *x = &to->board->rows[a], *y = &to->board->rows[b];
	unsigned class_x = prl_kinds_class(x->kind, to->query->kind),
		 class_y = prl_kinds_class(y->kind, to->query->kind);
	if (class_x != class_y)
		return class_x < class_y;
	prl_time from_x = first_together(to, x), from_y = first_together(to, y);
	if (from_x != from_y)
		return from_x < from_y;
	return memcmp(&x->id, &y->id, sizeof x->id) < 0;
}

/* Whether a row comes behind a place. */
static bool is_behind(const answer *to, uint32_t at, const prl_board_place *place)
{
	const row *x = &to->board->rows[at];
	unsigned class_x = prl_kinds_class(x->kind, to->query->kind);
	prl_time from_x = first_together(to, x);
	if (class_x != place->kinds_class)
		return class_x > place->kinds_class;
	if (from_x != place->from)
		return from_x > place->from;
	return memcmp(&x->id, &place->id, sizeof x->id) > 0;
}

static void sift_down(const answer *to, size_t at, size_t count)
{
	uint32_t *heap = to->board->heap;
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && comes_before(to, heap[child], heap[child + 1]))
			child++;
		if (!comes_before(to, heap[at], heap[child]))
			return;
		uint32_t swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

static void sift_up(const answer *to, size_t at)
{
	uint32_t *heap = to->board->heap;
	for (size_t up; at && comes_before(to, heap[up = (at - 1) / 2], heap[at]); at = up) {
		uint32_t swap = heap[at];
		heap[at] = heap[up];
		heap[up] = swap;
	}
}

static void add_candidate(answer *to, uint32_t at)
{
	uint32_t *heap = to->board->heap;
	if (to->count < to->query->most) {
		heap[to->count++] = at;
		sift_up(to, to->count - 1);
		return;
	}
	to->more++;
	if (comes_before(to, at, heap[0])) {
		heap[0] = at;
		sift_down(to, 0, to->count);
	}
}

static bool make_room(prl_board *board, size_t most)
{
	if (most <= board->heap_room)
		return true;
	uint32_t *heap = prl_array_resize(board->heap, most, sizeof *heap);
	if (heap)
		board->heap = heap;
	prl_board_item *found = heap ? prl_array_resize(board->found, most, sizeof *found) : NULL;
	if (!found)
		return false;
	board->found = found;
	board->heap_room = most;
	return true;
}

static bool boxes_meet(const prl_box *a, const prl_box *b)
{
	for (size_t i = 0; i < 4; i++)
		if (a->min[i] > b->max[i] || b->min[i] > a->max[i])
			return false;
	return true;
}

/* Whether the box that was hit is within reach of its own kind. */
static bool in_reach(const answer *to, const area *in, uint32_t box_id, uint8_t kind)
{
	const prl_board_reach *reach = to->query->reach ? &to->query->reach[kind] : NULL;
	prl_box box;
	if (!reach || !prl_index_get(in->index, box_id, &box))
		return true;
	for (size_t i = 0; i < reach->count; i++)
		if (boxes_meet(&box, &reach->boxes[i]))
			return true;
	return false;
}

static void take_hits(answer *to, const area *in)
{
	prl_board *board = to->board;
	const prl_board_query *query = to->query;
	for (size_t i = 0; i < board->hits.count; i++) {
		uint32_t at = in->links[board->hits.ids[i]].row;
		row *hit = &board->rows[at];
		if (hit->stamp == board->stamp || !in_reach(to, in, board->hits.ids[i], hit->kind))
			continue;
		hit->stamp = board->stamp;
		if (hit->window.from <= query->window.to && hit->window.to >= query->window.from &&
		    memcmp(&hit->id, query->id, sizeof hit->id) != 0 &&
		    (!query->after || is_behind(to, at, query->after)))
			add_candidate(to, at);
	}
}

static void next_stamp(prl_board *board)
{
	if (++board->stamp)
		return;
	for (uint32_t i = 0; i < board->count; i++)
		board->rows[i].stamp = 0;
	board->stamp = 1;
}

prl_status prl_board_find(prl_board *board, const prl_board_query *query, const prl_board_item **ret, size_t *ret_count,
			  size_t *ret_more, prl_error *err)
{
	answer to = { .board = board, .query = query };
	area *in = &board->areas[query->mode];
	if (!make_room(board, query->most))
		return prl_error_memory(err);
	next_stamp(board);
	for (size_t i = 0; i < query->count; i++) {
		if (prl_snapshot_find(prl_index_working(in->index), &query->boxes[i], &board->hits))
			return prl_error_memory(err);
		take_hits(&to, in);
	}
	for (size_t left = to.count; left > 1;) {
		uint32_t last = board->heap[0];
		board->heap[0] = board->heap[--left];
		board->heap[left] = last;
		sift_down(&to, 0, left);
	}
	for (size_t i = 0; i < to.count; i++)
		board->found[i] = item_of(&board->rows[board->heap[i]]);
	*ret = board->found;
	*ret_count = to.count;
	*ret_more = to.more;
	return PRL_OK;
}

prl_board_place prl_board_place_of(const prl_board_query *query, const prl_board_item *item)
{
	prl_time from = item->window.from > query->window.from ? item->window.from : query->window.from;
	return (prl_board_place){ prl_kinds_class(item->kind, query->kind), from, item->id };
}

/* ---- boxes ------------------------------------------------------------------------------------------------------- */

prl_check_options prl_board_options(prl_separation widest)
{
	prl_check_options options = prl_check_options_default();
	options.separation.horizontal_m = 2 * widest.horizontal_m;
	options.separation.vertical_m = 2 * widest.vertical_m;
	return options;
}

#define LEGS_A_BOX 8u /* as in prl_check_all() */

static size_t most_boxes(const prl_plan *plan)
{
	size_t most = 2 * plan->volume_count;
	for (size_t i = 0; i < plan->trajectory_count; i++)
		most += 2 * (prl_trajectory_count(plan->trajectories[i]) / LEGS_A_BOX + 1);
	return most;
}

prl_status prl_board_boxes(const prl_plan *plan, const prl_check_options *options, prl_box **ret, size_t *ret_count,
			   prl_error *err)
{
	size_t count = 0;
	prl_box *boxes = prl_array_new(most_boxes(plan), sizeof *boxes);
	if (!boxes)
		return prl_error_memory(err);
	for (size_t i = 0; i < plan->volume_count; i++)
		count += prl_volume_boxes(&plan->volumes[i], options, boxes + count);
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		const prl_trajectory *t = plan->trajectories[i];
		size_t samples = prl_trajectory_count(t);
		for (size_t first = 0; first == 0 || first + 1 < samples; first += LEGS_A_BOX) {
			size_t last = first + LEGS_A_BOX < samples ? first + LEGS_A_BOX : samples - 1;
			count += prl_trajectory_boxes(t, first, last, options, boxes + count);
		}
	}
	*ret = boxes;
	*ret_count = count;
	return PRL_OK;
}
