#include "dss/registry.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

#include <parley/index.h>

#include <stdatomic.h>
#include <string.h>

#define WORKING    PRL_VERSION_WORKING
#define CHUNK      4096u  /* slots allocated at once; they never move, since readers look at them */
#define CHUNKS     65536u /* 268 million boxes */
#define NOT_SEALED UINT64_MAX

/* ---- slots ------------------------------------------------------------------------------------------------------- */

/* One box of the index. The boxes of one object are chained; what is said of all of them stands in the first. */
typedef struct slot {
	prl_uuid id;
	prl_shape *shape;
	uint32_t next;
	bool holds;       /* first: the shape, until the chain is given back */
	bool dying;       /* first: leaves the index once nobody can see it any more */
	prl_version died; /* first: the version that did not have it; NOT_SEALED: the one that is being worked on */
} slot;

/* A chain that waits until no version older than this one is pinned. */
typedef struct waiting {
	uint32_t first;
	prl_version version;
} waiting;

typedef struct queue {
	waiting *items;
	size_t count, room;
} queue;

/* One kind of objects. */
typedef struct space {
	prl_index *index;
	slot **chunks;
	uint32_t slots, unused; /* unused: a chain of slots to be used again */
	queue dying, leaving;
	bool changed; /* since the index was published */
} space;

/* When an object ends, as it was put; stale when the object is another now. */
typedef struct end {
	prl_time at;
	prl_uuid id;
	uint8_t kind;
} end;

/* What after() did, for as long as it may have to be undone. Shapes are held. */
typedef struct change {
	prl_entity_kind kind;
	prl_uuid id;
	prl_shape *before, *after;
} change;

struct prl_registry {
	prl_picture *picture;
	space spaces[PRL_ENTITY_KINDS];
	end *ends; /* a heap, earliest first */
	size_t end_count, end_room;
	change *changes; /* of the batch at the committer, then of the one that is being decided */
	size_t change_count, change_room, sealed;
	_Atomic size_t bytes;
	_Atomic uint64_t looked_at;
};

static slot *slot_at(const space *in, uint32_t number)
{
	return &in->chunks[number / CHUNK][number % CHUNK];
}

static uint32_t slot_take(space *in)
{
	uint32_t number = in->unused;
	if (number != PRL_NO_SLOT) {
		in->unused = slot_at(in, number)->next;
		return number;
	}
	number = in->slots;
	if (number % CHUNK == 0) {
		if (number / CHUNK == CHUNKS || !(in->chunks[number / CHUNK] = calloc(CHUNK, sizeof(slot))))
			return PRL_NO_SLOT;
	}
	in->slots++;
	return number;
}

static void slot_give(space *in, uint32_t number)
{
	slot *given = slot_at(in, number);
	given->next = in->unused;
	in->unused = number;
}

static bool queue_add(queue *to, uint32_t first, prl_version version)
{
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		waiting *items = prl_array_resize(to->items, room, sizeof *items);
		if (!items)
			return false;
		to->items = items;
		to->room = room;
	}
	to->items[to->count++] = (waiting){ first, version };
	return true;
}

/* ---- a heap of ends ---------------------------------------------------------------------------------------------- */

static void ends_up(end *ends, size_t i)
{
	for (; i && ends[i].at < ends[(i - 1) / 2].at; i = (i - 1) / 2) {
		end swap = ends[i];
		ends[i] = ends[(i - 1) / 2];
		ends[(i - 1) / 2] = swap;
	}
}

static void ends_down(end *ends, size_t count, size_t i)
{
	for (size_t least; (least = 2 * i + 1) < count; i = least) {
		if (least + 1 < count && ends[least + 1].at < ends[least].at)
			least++;
		if (ends[i].at <= ends[least].at)
			return;
		end swap = ends[i];
		ends[i] = ends[least];
		ends[least] = swap;
	}
}

static const prl_entity *found(prl_registry *registry, prl_entity_kind kind, const prl_uuid *id)
{
	return prl_entity_find(registry->picture, WORKING, kind, id);
}

static bool is_stale(prl_registry *registry, const end *one)
{
	const prl_entity *entity = found(registry, (prl_entity_kind)one->kind, &one->id);
	return !entity || entity->shape->extent->to != one->at;
}

static size_t live(prl_registry *registry)
{
	size_t count = 0;
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		count += prl_entities_count(registry->picture, WORKING, (prl_entity_kind)kind);
	return count;
}

/* Every put adds one: what is stale goes once there is more of it than of the rest. */
static void ends_clean(prl_registry *registry)
{
	size_t kept = 0;
	if (registry->end_count < 4096 || registry->end_count / 4 < live(registry))
		return;
	for (size_t i = 0; i < registry->end_count; i++)
		if (!is_stale(registry, &registry->ends[i]))
			registry->ends[kept++] = registry->ends[i];
	registry->end_count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		ends_down(registry->ends, kept, i);
}

static bool ends_add(prl_registry *registry, const prl_entity *entity)
{
	if (entity->shape->extent->to == PRL_TIME_OPEN_END)
		return true;
	if (registry->end_count == registry->end_room) {
		size_t room = registry->end_room ? 2 * registry->end_room : 256;
		end *ends = prl_array_resize(registry->ends, room, sizeof *ends);
		if (!ends)
			return false;
		registry->ends = ends;
		registry->end_room = room;
	}
	registry->ends[registry->end_count] = (end){ entity->shape->extent->to, entity->id, entity->kind };
	ends_up(registry->ends, registry->end_count++);
	return true;
}

static end ends_take(prl_registry *registry)
{
	end first = registry->ends[0];
	registry->ends[0] = registry->ends[--registry->end_count];
	ends_down(registry->ends, registry->end_count, 0);
	return first;
}

size_t prl_registry_ended(prl_registry *registry, prl_time past, prl_ended *ret, size_t room)
{
	size_t count = 0;
	const prl_entity *back;
	while (count < room && registry->end_count && registry->ends[0].at < past) {
		end one = ends_take(registry);
		bool twice = false;
		for (size_t i = 0; i < count && !twice; i++)
			twice = ret[i].kind == one.kind && prl_uuid_equal(&ret[i].id, &one.id);
		if (!twice && !is_stale(registry, &one))
			ret[count++] = (prl_ended){ (prl_entity_kind)one.kind, one.id };
	}
	/* There is room: they were taken out a moment ago. They stay until they are seen to be gone. */
	for (size_t i = 0; i < count; i++)
		if ((back = found(registry, ret[i].kind, &ret[i].id)))
			(void)ends_add(registry, back);
	return count;
}

/* ---- into the index and out of it -------------------------------------------------------------------------------- */

static bool with_altitudes(prl_entity_kind kind)
{
	return kind == PRL_INTENT; /* f3548.md, 5: the others are found by place and time alone */
}

/* Slots for the boxes, chained, not yet in the index. */
static uint32_t chain_of(space *in, const prl_entity *entity, size_t count)
{
	uint32_t first = PRL_NO_SLOT;
	for (size_t i = 0; i < count; i++) {
		uint32_t number = slot_take(in);
		if (number == PRL_NO_SLOT) {
			while (first != PRL_NO_SLOT) {
				uint32_t next = slot_at(in, first)->next;
				slot_give(in, first);
				first = next;
			}
			return PRL_NO_SLOT;
		}
		*slot_at(in, number) = (slot){ .id = entity->id, .shape = entity->shape, .next = first };
		first = number;
	}
	return first;
}

static void give_back(space *in, uint32_t first)
{
	while (first != PRL_NO_SLOT) {
		uint32_t next = slot_at(in, first)->next;
		slot_give(in, first);
		first = next;
	}
}

static prl_status put_in(space *in, uint32_t first, const prl_box *boxes, prl_error *err)
{
	size_t i = 0;
	prl_status st = PRL_OK;
	in->changed = true;
	for (uint32_t at = first; at != PRL_NO_SLOT && !st; at = slot_at(in, at)->next)
		st = prl_index_insert(in->index, at, &boxes[i++], err);
	return st;
}

/* It leaves the index when nobody can see it any more. There is always room in the queue: see after(). */
static void let_die(space *in, const prl_shape *shape, prl_version version)
{
	slot *first = slot_at(in, shape->slot);
	first->dying = true;
	first->died = version;
	(void)queue_add(&in->dying, shape->slot, version);
}

static void revive(const space *in, const prl_shape *shape)
{
	slot_at(in, shape->slot)->dying = false;
}

/* While a slot names a shape, no other can come to lie at its address. */
static void own(space *in, prl_shape *shape, uint32_t first)
{
	shape->slot = first;
	slot_at(in, first)->holds = true;
	prl_shape_hold(shape);
}

static prl_status insert(prl_registry *registry, const prl_entity *entity, prl_error *err)
{
	space *in = &registry->spaces[entity->kind];
	prl_box *boxes = NULL;
	size_t count = 0;
	prl_status st = prl_extent_boxes(entity->shape->extent, with_altitudes((prl_entity_kind)entity->kind), &boxes,
					 &count, err);
	if (st)
		return st;
	uint32_t first = chain_of(in, entity, count);
	if (first != PRL_NO_SLOT) {
		own(in, entity->shape, first);
		st = put_in(in, first, boxes, err);
		if (st) /* what was put in goes with the batch */
			let_die(in, entity->shape, 0);
	} else {
		st = prl_error_memory(err);
	}
	free(boxes);
	return st;
}

/* ---- following the picture --------------------------------------------------------------------------------------- */

prl_touch prl_registry_before(prl_registry *registry, prl_entity_kind kind, const prl_uuid *id)
{
	const prl_entity *entity = found(registry, kind, id);
	return (prl_touch){ kind, *id, entity ? prl_shape_hold(entity->shape) : NULL };
}

bool prl_registry_stands(const prl_registry *registry, prl_entity_kind kind, const prl_shape *shape)
{
	return shape->slot != PRL_NO_SLOT && !slot_at(&registry->spaces[kind], shape->slot)->dying;
}

static change *change_add(prl_registry *registry)
{
	if (registry->change_count == registry->change_room) {
		size_t room = registry->change_room ? 2 * registry->change_room : 256;
		change *changes = prl_array_resize(registry->changes, room, sizeof *changes);
		if (!changes)
			return NULL;
		registry->changes = changes;
		registry->change_room = room;
	}
	return &registry->changes[registry->change_count++];
}

/* Room for what undoing may need, so that it cannot fail: a place in the queue for either side of each change. */
static bool reserve(queue *to, size_t more)
{
	if (to->room - to->count >= more)
		return true;
	size_t room = 2 * (to->count + more);
	waiting *items = prl_array_resize(to->items, room, sizeof *items);
	if (!items)
		return false;
	to->items = items;
	to->room = room;
	return true;
}

prl_status prl_registry_after(prl_registry *registry, const prl_touch *touch, prl_error *err)
{
	space *in = &registry->spaces[touch->kind];
	const prl_entity *entity = found(registry, touch->kind, &touch->id);
	prl_shape *before = touch->before, *after = entity ? entity->shape : NULL;
	/* one act may be told of an object twice */
	bool dies = before && !slot_at(in, before->slot)->dying;
	after = after && after->slot != PRL_NO_SLOT && after != before ? NULL : after;
	if (before == after || (!dies && !after)) {
		prl_shape_drop(before);
		return PRL_OK;
	}
	prl_status st = reserve(&in->dying, 2 * (registry->change_count + 1)) ? PRL_OK : prl_error_memory(err);
	change *one = st ? NULL : change_add(registry);
	if (!one) {
		prl_shape_drop(before);
		return prl_error_memory(err);
	}
	*one = (change){ touch->kind, touch->id, before, NULL };
	if (dies)
		let_die(in, before, NOT_SEALED);
	if (!after)
		return PRL_OK;
	st = insert(registry, entity, err);
	if (!st)
		one->after = prl_shape_hold(after);
	return st || ends_add(registry, entity) ? st : prl_error_memory(err);
}

static void drop_changes(prl_registry *registry, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		prl_shape_drop(registry->changes[i].before);
		prl_shape_drop(registry->changes[i].after);
	}
	registry->change_count -= count;
	if (registry->change_count)
		memmove(registry->changes, registry->changes + count,
			registry->change_count * sizeof *registry->changes);
}

void prl_registry_written(prl_registry *registry)
{
	drop_changes(registry, registry->sealed);
	registry->sealed = 0;
}

/* Newest first, so that a shape that came and went in between ends as gone. */
void prl_registry_rolled_back(prl_registry *registry)
{
	for (size_t i = registry->change_count; i-- > 0;) {
		const change *one = &registry->changes[i];
		space *in = &registry->spaces[one->kind];
		if (one->after)
			let_die(in, one->after, 0);
		if (one->before)
			revive(in, one->before);
	}
	/* What ended may have been looked at, and taken off the heap, as gone. */
	for (size_t i = 0; i < registry->change_count; i++) {
		const change *one = &registry->changes[i];
		const prl_entity *entity = found(registry, one->kind, &one->id);
		if (entity)
			(void)ends_add(registry, entity);
	}
	drop_changes(registry, registry->change_count);
	registry->sealed = 0;
}

/* ---- sealing ----------------------------------------------------------------------------------------------------- */

static bool leaves(const space *in, const waiting *item)
{
	const slot *first = slot_at(in, item->first);
	return first->dying && first->died == item->version;
}

static bool take_all_out(space *in, uint32_t first)
{
	prl_error ignored;
	for (uint32_t at = first; at != PRL_NO_SLOT; at = slot_at(in, at)->next) {
		prl_status st = prl_index_remove(in->index, at, &ignored);
		if (st && st != PRL_E_NOT_FOUND)
			return false; /* no memory: tried again with the next batch */
	}
	in->changed = true;
	return true;
}

/* Out of the index goes what died in a version that everybody is past. Returns false where it must wait. */
static bool leave(space *in, const waiting *item, prl_version oldest)
{
	if (!leaves(in, item))
		return true; /* it was revived, or died again later */
	if (item->version > oldest || !reserve(&in->leaving, 1) || !take_all_out(in, item->first))
		return false;
	(void)queue_add(&in->leaving, item->first, NOT_SEALED);
	return true;
}

static bool give_up(space *in, const waiting *item, prl_version oldest)
{
	if (item->version > oldest)
		return false;
	slot_at(in, item->first)->holds = false;
	prl_shape_drop(slot_at(in, item->first)->shape);
	give_back(in, item->first);
	return true;
}

static void go_through(space *in, queue *list, bool (*done)(space *, const waiting *, prl_version), prl_version oldest)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		waiting item = list->items[i];
		if (!done(in, &item, oldest))
			list->items[kept++] = item;
	}
	list->count = kept;
}

static void set_version(space *in, queue *list, bool died, prl_version version)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].version != NOT_SEALED)
			continue;
		slot *first = slot_at(in, list->items[i].first);
		if (died && first->dying && first->died == NOT_SEALED)
			first->died = version;
		list->items[i].version = version;
	}
}

prl_status prl_registry_seal(prl_registry *registry, prl_version version, prl_error *err)
{
	prl_version oldest = prl_picture_oldest(registry->picture);
	size_t bytes = 0;
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++) {
		space *in = &registry->spaces[kind];
		set_version(in, &in->dying, true, version);
		go_through(in, &in->leaving, give_up, oldest);
		go_through(in, &in->dying, leave, oldest);
		set_version(in, &in->leaving, false, version);
		prl_status st = in->changed ? prl_index_publish(in->index, NULL, err) : PRL_OK;
		if (st)
			return st;
		in->changed = false;
		bytes += prl_index_bytes(in->index) + in->slots * sizeof(slot);
	}
	ends_clean(registry);
	registry->sealed = registry->change_count;
	atomic_store_explicit(&registry->bytes, bytes + registry->end_room * sizeof(end), memory_order_relaxed);
	return PRL_OK;
}

/* ---- from the picture -------------------------------------------------------------------------------------------- */

/* Boxes of all objects of a kind, so that the index is built at once. */
typedef struct build {
	prl_registry *registry;
	space *in;
	prl_box *boxes;
	uint32_t *ids;
	size_t count, room;
	prl_status status;
	prl_error *err;
} build;

static bool build_room(build *b, size_t more)
{
	if (b->room - b->count >= more)
		return true;
	size_t room = 2 * (b->count + more);
	prl_box *boxes = prl_array_resize(b->boxes, room, sizeof *boxes);
	if (boxes)
		b->boxes = boxes;
	uint32_t *ids = boxes ? prl_array_resize(b->ids, room, sizeof *ids) : NULL;
	if (!ids)
		return false;
	b->ids = ids;
	b->room = room;
	return true;
}

static bool build_one(void *context, const prl_entity *entity)
{
	build *b = context;
	prl_box *boxes = NULL;
	size_t count = 0;
	b->status = prl_extent_boxes(entity->shape->extent, with_altitudes((prl_entity_kind)entity->kind), &boxes,
				     &count, b->err);
	if (b->status)
		return false;
	uint32_t first = build_room(b, count) ? chain_of(b->in, entity, count) : PRL_NO_SLOT;
	if (first == PRL_NO_SLOT || !ends_add(b->registry, entity)) {
		b->status = prl_error_memory(b->err);
	} else {
		size_t i = 0;
		for (uint32_t at = first; at != PRL_NO_SLOT; at = slot_at(b->in, at)->next) {
			b->boxes[b->count] = boxes[i++];
			b->ids[b->count++] = at;
		}
		own(b->in, entity->shape, first);
	}
	free(boxes);
	return !b->status;
}

static prl_status build_space(prl_registry *registry, prl_entity_kind kind, prl_error *err)
{
	space *in = &registry->spaces[kind];
	build b = { .registry = registry, .in = in, .err = err };
	in->unused = PRL_NO_SLOT;
	in->chunks = calloc(CHUNKS, sizeof(slot *));
	if (!in->chunks)
		return prl_error_memory(err);
	prl_status st = prl_entities_each(registry->picture, WORKING, kind, build_one, &b, err);
	if (!st)
		st = b.status;
	if (!st)
		st = prl_index_new(b.boxes, b.ids, b.count, &in->index, err);
	free(b.boxes);
	free(b.ids);
	return st;
}

prl_status prl_registry_new(prl_picture *picture, prl_registry **ret, prl_error *err)
{
	prl_registry *registry = calloc(1, sizeof *registry);
	if (!registry)
		return prl_error_memory(err);
	registry->picture = picture;
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++) {
		prl_status st = build_space(registry, (prl_entity_kind)kind, err);
		if (st) {
			prl_registry_free(registry);
			return st;
		}
	}
	*ret = registry;
	return PRL_OK;
}

typedef struct catching_up {
	prl_registry *registry;
	prl_status status;
	prl_error *err;
} catching_up;

static bool catch_up_with(void *context, const prl_entity *entity)
{
	catching_up *c = context;
	const prl_touch touch = { .kind = (prl_entity_kind)entity->kind, .id = entity->id };
	if (entity->shape->slot == PRL_NO_SLOT)
		c->status = prl_registry_after(c->registry, &touch, c->err);
	return !c->status;
}

prl_status prl_registry_catch_up(prl_registry *registry, prl_error *err)
{
	catching_up c = { .registry = registry, .err = err };
	prl_status st = PRL_OK;
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS && !st; kind++) {
		st = prl_entities_each(registry->picture, WORKING, (prl_entity_kind)kind, catch_up_with, &c, err);
		st = st ? st : c.status;
	}
	return st;
}

static void free_space(space *in)
{
	for (uint32_t i = 0; i < in->slots; i++)
		if (slot_at(in, i)->holds)
			prl_shape_drop(slot_at(in, i)->shape);
	for (uint32_t i = 0; i < in->slots; i += CHUNK)
		free(in->chunks[i / CHUNK]);
	free(in->chunks);
	free(in->dying.items);
	free(in->leaving.items);
	prl_index_free(in->index);
}

void prl_registry_free(prl_registry *registry)
{
	if (!registry)
		return;
	drop_changes(registry, registry->change_count);
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		free_space(&registry->spaces[kind]);
	free(registry->ends);
	free(registry->changes);
	free(registry);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

prl_look prl_registry_working(prl_registry *registry)
{
	return (prl_look){ .registry = registry, .picture = registry->picture, .version = WORKING };
}

/* The picture first: the head of this file says why. */
prl_look prl_registry_pin(prl_registry *registry)
{
	prl_look look = { .registry = registry,
			  .picture = registry->picture,
			  .version = prl_picture_pin(registry->picture) };
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		look.pinned[kind] = prl_snapshot_pin(registry->spaces[kind].index);
	return look;
}

void prl_registry_unpin(prl_look *look)
{
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		prl_snapshot_unpin(look->pinned[kind]);
	prl_picture_unpin(look->picture, look->version);
}

/* What the boxes meet, in the version looked at. */
typedef struct candidates {
	const prl_look *look;
	const prl_search *search;
	const space *in;
	const prl_entity **items;
	size_t count, room;
	bool too_many;
} candidates;

static bool add_candidate(candidates *to, const prl_entity *entity)
{
	if (to->search->most && to->count >= to->search->most) {
		to->too_many = true;
		return false;
	}
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		const prl_entity **items = prl_array_resize(to->items, room, sizeof *items);
		if (!items)
			return false;
		to->items = items;
		to->room = room;
	}
	to->items[to->count++] = entity;
	return true;
}

static bool on_ids(const uint32_t *ids, size_t count, void *context)
{
	candidates *to = context;
	for (size_t i = 0; i < count; i++) {
		const slot *box = slot_at(to->in, ids[i]);
		const prl_entity *entity =
			prl_entity_find(to->look->picture, to->look->version, to->search->kind, &box->id);
		if (!entity || entity->shape != box->shape || entity->shape->extent->to < to->search->now)
			continue;
		if (!add_candidate(to, entity))
			return false;
	}
	return true;
}

static int by_id(const void *a, const void *b)
{
	const prl_entity *const *left = a, *const *right = b;
	return memcmp(&(*left)->id, &(*right)->id, sizeof(prl_uuid));
}

/* Sorted by id, each once, those that do meet. */
static prl_status sift(candidates *from, prl_error *err)
{
	size_t kept = 0;
	if (from->count > 1)
		qsort(from->items, from->count, sizeof *from->items, by_id);
	for (size_t i = 0; i < from->count; i++) {
		const prl_entity *entity = from->items[i];
		bool meets = false;
		if (i && entity == from->items[i - 1])
			continue;
		prl_status st = prl_extent_meets(from->search->ready, entity->shape->extent, from->search->altitudes,
						 &meets, err);
		if (st)
			return st;
		if (meets)
			from->items[kept++] = entity;
	}
	from->count = kept;
	return PRL_OK;
}

prl_status prl_registry_find(const prl_look *look, const prl_search *search, const prl_entity ***ret, size_t *ret_count,
			     prl_error *err)
{
	const space *in = &look->registry->spaces[search->kind];
	const prl_snapshot *index =
		look->pinned[search->kind] ? look->pinned[search->kind] : prl_index_working(in->index);
	candidates all = { .look = look, .search = search, .in = in };
	prl_box *boxes = NULL;
	size_t count = 0;
	prl_status st = prl_extent_boxes(search->ready->extent, search->altitudes, &boxes, &count, err);
	for (size_t i = 0; i < count && !st; i++)
		if (prl_snapshot_query(index, &boxes[i], on_ids, &all))
			st = all.too_many ? prl_error_set(err, PRL_E_TOO_LARGE, "more than %zu objects", search->most)
					  : prl_error_memory(err);
	free(boxes);
	if (!look->pinned[search->kind])
		atomic_fetch_add_explicit(&look->registry->looked_at, all.count, memory_order_relaxed);
	if (!st)
		st = sift(&all, err);
	if (st) {
		free(all.items);
		return st;
	}
	*ret = all.items;
	*ret_count = all.count;
	return PRL_OK;
}

/* What boxes meet, until there is too much of it. */
typedef struct nearness {
	prl_registry *registry;
	const space *in;
	prl_entity_kind kind;
	const prl_entity **items;
	size_t count, most;
	bool more;
} nearness;

static bool is_there(const nearness *to, const prl_entity *entity)
{
	for (size_t i = 0; i < to->count; i++)
		if (to->items[i] == entity)
			return true;
	return false;
}

static bool on_near(const uint32_t *ids, size_t count, void *context)
{
	nearness *to = context;
	for (size_t i = 0; i < count && !to->more; i++) {
		const slot *box = slot_at(to->in, ids[i]);
		const prl_entity *entity = found(to->registry, to->kind, &box->id);
		if (!entity || entity->shape != box->shape || is_there(to, entity))
			continue;
		to->more = to->count == to->most;
		if (!to->more)
			to->items[to->count++] = entity;
	}
	return !to->more;
}

prl_status prl_registry_near(prl_registry *registry, prl_entity_kind kind, const prl_box *boxes, size_t count,
			     size_t most, const prl_entity ***ret, size_t *ret_count, bool *ret_more, prl_error *err)
{
	nearness all = { .registry = registry, .in = &registry->spaces[kind], .kind = kind, .most = most };
	all.items = prl_array_new(most, sizeof *all.items);
	if (!all.items)
		return prl_error_memory(err);
	for (size_t i = 0; i < count && !all.more; i++)
		if (prl_snapshot_query(prl_index_working(all.in->index), &boxes[i], on_near, &all))
			break;
	*ret = all.items;
	*ret_count = all.count;
	*ret_more = all.more;
	return PRL_OK;
}

size_t prl_registry_walk(prl_registry *registry, prl_entity_kind kind, uint32_t from, uint32_t to,
			 const prl_entity **ret)
{
	const space *in = &registry->spaces[kind];
	size_t count = 0;
	for (uint32_t at = from; at < to && at < in->slots; at++) {
		const slot *first = slot_at(in, at);
		const prl_entity *entity = first->holds ? found(registry, kind, &first->id) : NULL;
		if (entity && entity->shape == first->shape)
			ret[count++] = entity;
	}
	return count;
}

uint32_t prl_registry_slots(const prl_registry *registry, prl_entity_kind kind)
{
	return registry->spaces[kind].slots;
}

prl_registry_figures prl_registry_read_figures(prl_registry *registry)
{
	prl_registry_figures figures = {
		.bytes = atomic_load_explicit(&registry->bytes, memory_order_relaxed),
		.looked_at = atomic_load_explicit(&registry->looked_at, memory_order_relaxed),
	};
	prl_version version = prl_picture_pin(registry->picture);
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		figures.live[kind] = prl_entities_count(registry->picture, version, (prl_entity_kind)kind);
	prl_picture_unpin(registry->picture, version);
	return figures;
}
