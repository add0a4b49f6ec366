#include "line/view.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "line/line.h"
#include "picture/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX (PRL_TILE_WIDTH * (PRL_ENTRY_MAX + 2u))

typedef unsigned long long ull;

/* ---- entries in order -------------------------------------------------------------------------------------------- */

/* A log that is read from its beginning. */
typedef struct reading {
	const prl_view_source *source;
	char origin[PRL_KEY_NAME_MAX + 1];
	uint64_t size, next; /* as stated; of the next entry */
	prl_hash root;       /* as stated */
	prl_frontier frontier;
	prl_buffer bundle;
	prl_bytes rest;
	uint64_t seen; /* of another log: entries that count by the newest peer.seen */
	prl_hash seen_root;
} reading;

static prl_status open_reading(reading *r, const prl_view_source *source, prl_bytes origin, prl_error *err)
{
	*r = (reading){ .source = source, .bundle = PRL_BUFFER(BUNDLE_MAX) };
	if (!origin.size || origin.size > PRL_KEY_NAME_MAX)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log has such a name");
	memcpy(r->origin, origin.data, origin.size);
	return source->head(source->context, r->origin, &r->size, &r->root, err);
}

static prl_status fill(reading *r, prl_error *err)
{
	uint64_t number = r->next / PRL_TILE_WIDTH;
	const prl_tile tile = { PRL_TILE_ENTRIES, number, prl_tile_width(PRL_TILE_ENTRIES, number, r->size) };
	prl_buffer_clear(&r->bundle);
	prl_status st = r->source->bundle(r->source->context, r->origin, &tile, &r->bundle, err);
	r->rest = (prl_bytes){ r->bundle.data, r->bundle.size };
	return st;
}

/* The next entry; it lives until the next call. */
static prl_status take(reading *r, prl_bytes *ret, prl_error *err)
{
	if (r->next >= r->size)
		return prl_error_set(err, PRL_E_NOT_FOUND, "entry %llu of %s is not here; there are %llu", (ull)r->next,
				     r->origin, (ull)r->size);
	prl_status st = r->next % PRL_TILE_WIDTH ? PRL_OK : fill(r, err);
	if (!st && prl_bundle_take(&r->rest, ret, NULL))
		st = prl_error_set(err, PRL_E_SYNTAX, "entry %llu of %s: its bundle is cut short", (ull)r->next,
				   r->origin);
	if (st)
		return st;
	prl_hash leaf = prl_leaf_hash(*ret);
	prl_frontier_append(&r->frontier, &leaf);
	r->next++;
	return PRL_OK;
}

static prl_status check_root(const reading *r, const prl_hash *root, const char *by, prl_error *err)
{
	prl_hash here = prl_frontier_root(&r->frontier);
	if (prl_hash_equal(&here, root))
		return PRL_OK;
	return prl_error_set(err, PRL_E_SIGNATURE, "the first %llu entries of %s are not those that %s states",
			     (ull)r->next, r->origin, by);
}

/* ---- where to cut ------------------------------------------------------------------------------------------------ */

/* Looks at entries in order until fn has enough. */
typedef bool look_fn(void *context, uint64_t index, const prl_entry *entry);

static prl_status look(const prl_view_source *source, const char *log, look_fn *fn, void *context, prl_error *err)
{
	reading r;
	prl_bytes bytes;
	prl_entry entry;
	bool more = true;
	prl_status st = open_reading(&r, source, prl_bytes_of(log), err);
	while (!st && more && r.next < r.size) {
		st = take(&r, &bytes, err);
		if (!st && prl_entry_read(bytes, &entry, err) == PRL_OK)
			more = fn(context, r.next - 1, &entry);
	}
	prl_buffer_done(&r.bundle);
	return st;
}

typedef struct cut {
	prl_time at;
	bool past; /* an author's time was later, since the node's last entry */
	uint64_t size;
} cut;

static bool look_at_time(void *context, uint64_t index, const prl_entry *entry)
{
	cut *c = context;
	bool by_node = entry->recorded.data != NULL, later = entry->time > c->at;
	if (by_node && later)
		return false;
	c->past = !by_node && (c->past || later);
	if (!c->past)
		c->size = index + 1;
	return true;
}

prl_status prl_view_at(const prl_view_source *source, const char *log, prl_time at, uint64_t *ret_size, prl_error *err)
{
	cut c = { .at = at };
	prl_status st = look(source, log, look_at_time, &c, err);
	if (!st && !c.size)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "the log %s begins later", log);
	if (!st)
		*ret_size = c.size;
	return st;
}

typedef struct covering {
	const char *other;
	uint64_t index, size;
} covering;

static bool look_for_seen(void *context, uint64_t index, const prl_entry *entry)
{
	covering *c = context;
	if (!prl_bytes_is(entry->kind, "peer.seen"))
		return true;
	json_t *body = json_loadb(entry->body.data, entry->body.size, JSON_REJECT_DUPLICATES, NULL);
	const char *log = json_string_value(json_object_get(body, "log"));
	if (log && !strcmp(log, c->other) && prl_body_number(body, "size", 0) > c->index)
		c->size = index + 1;
	json_decref(body);
	return !c->size;
}

prl_status prl_view_seen(const prl_view_source *source, const char *log, const char *other, uint64_t index,
			 uint64_t *ret_size, prl_error *err)
{
	covering c = { other, index, 0 };
	prl_status st = look(source, log, look_for_seen, &c, err);
	if (!st && !c.size)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "%s has not recorded that it saw entry %llu of %s", log,
				   (ull)index, other);
	if (!st)
		*ret_size = c.size;
	return st;
}

/* ---- the view ---------------------------------------------------------------------------------------------------- */

struct prl_view {
	const prl_view_source *source;
	prl_picture *picture;
	reading own, *others;
	size_t other_count;
	const prl_view_run *run;
	uint64_t done;
	bool moved; /* an entry of another log was applied in this round */
};

prl_status prl_view_new(const prl_view_source *source, const char *log, prl_view **ret, prl_error *err)
{
	prl_view *view = calloc(1, sizeof *view);
	if (!view)
		return prl_error_memory(err);
	view->source = source;
	prl_status st = open_reading(&view->own, source, prl_bytes_of(log), err);
	if (!st)
		st = prl_picture_new(log, &view->picture, err);
	if (!st)
		st = prl_line_add(view->picture, err);
	if (st)
		prl_view_free(view);
	else
		*ret = view;
	return st;
}

void prl_view_free(prl_view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < view->other_count; i++)
		prl_buffer_done(&view->others[i].bundle);
	prl_buffer_done(&view->own.bundle);
	free(view->others);
	prl_picture_free(view->picture);
	free(view);
}

prl_picture *prl_view_picture(prl_view *view)
{
	return view->picture;
}

static void count_entry(prl_view *view, const reading *r, uint64_t index, const prl_entry *entry)
{
	if (entry && view->run->applied)
		view->run->applied(view->run->context, r->origin, index, entry);
	/* Nobody looks back: what the picture was before this entry may be let go. */
	if (++view->done % 1024)
		return;
	prl_picture_publish(view->picture, prl_picture_seal(view->picture));
	if (view->run->progress)
		view->run->progress(view->run->context, view->own.next, view->own.size);
}

/* ---- other logs -------------------------------------------------------------------------------------------------- */

static prl_status find_other(prl_view *view, prl_bytes origin, reading **ret, prl_error *err)
{
	for (size_t i = 0; i < view->other_count; i++)
		if (prl_bytes_is(origin, view->others[i].origin)) {
			*ret = &view->others[i];
			return PRL_OK;
		}
	if (view->other_count == PRL_PEERS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u logs", PRL_PEERS_MAX);
	if (!view->others && !(view->others = calloc(PRL_PEERS_MAX, sizeof *view->others)))
		return prl_error_memory(err);
	reading *other = &view->others[view->other_count];
	prl_status st = open_reading(other, view->source, origin, err);
	if (st) {
		prl_buffer_done(&other->bundle);
		return st;
	}
	view->other_count++;
	*ret = other;
	return PRL_OK;
}

/* One entry of another log. What cannot be read takes its place all the same: an entry of no kind, which the fold
 * refuses. *ret_wait: something else has to come first; the entry is taken again then. */
static prl_status apply_other(prl_view *view, reading *other, bool *ret_wait, prl_error *err)
{
	static const prl_entry nothing = { .kind = { "", 0 } };
	const reading before = *other;
	prl_bytes bytes;
	prl_entry entry;
	prl_error why;
	prl_status st = take(other, &bytes, err);
	if (st)
		return st;
	bool readable = prl_entry_read(bytes, &entry, &why) == PRL_OK;
	prl_status judged = prl_picture_apply(view->picture, other->origin, before.next, readable ? &entry : &nothing,
					      NULL, NULL, &why);
	if (judged == PRL_E_MEMORY)
		return prl_error_memory(err);
	*ret_wait = judged == PRL_E_EARLY;
	if (*ret_wait) {
		prl_buffer bundle = other->bundle; /* may have been filled anew: then, at its start, it will be again */
		*other = before;
		other->bundle = bundle;
		return PRL_OK;
	}
	view->moved = true;
	count_entry(view, other, before.next, judged ? NULL : &entry);
	return PRL_OK;
}

static prl_status advance_other(prl_view *view, reading *other, prl_error *err)
{
	prl_status st = PRL_OK;
	bool wait = false;
	while (!st && !wait && other->next < other->seen) {
		st = apply_other(view, other, &wait, err);
		if (!st && !wait && other->next == other->seen)
			st = check_root(other, &other->seen_root, view->own.origin, err);
	}
	return st;
}

/* All that counts by now and is not held up. */
static prl_status advance_others(prl_view *view, prl_error *err)
{
	prl_status st = PRL_OK;
	do {
		view->moved = false;
		for (size_t i = 0; !st && i < view->other_count; i++)
			st = advance_other(view, &view->others[i], err);
	} while (!st && view->moved);
	return st;
}

static prl_status take_seen(prl_view *view, const json_t *body, prl_error *err)
{
	reading *other = NULL;
	prl_status st = find_other(view, prl_body_text(body, "log"), &other, err);
	if (!st)
		st = prl_body_hash(body, "root", &other->seen_root, err);
	if (st)
		return st;
	other->seen = prl_body_number(body, "size", 0);
	return advance_others(view, err);
}

/* ---- the own log ------------------------------------------------------------------------------------------------- */

static prl_status apply_own(prl_view *view, prl_error *err)
{
	prl_bytes bytes;
	prl_entry entry;
	prl_error why = { 0 };
	json_t *body = NULL;
	uint64_t index = view->own.next;
	prl_status st = take(&view->own, &bytes, err);
	if (st)
		return st;
	prl_status judged = prl_entry_read(bytes, &entry, &why);
	if (!judged && prl_bytes_is(entry.kind, "peer.seen"))
		judged = prl_picture_body(view->picture, &entry, &body, &why);
	if (!judged)
		judged = prl_picture_apply(view->picture, view->own.origin, index, &entry, NULL, body, &why);
	if (judged == PRL_E_MEMORY)
		st = prl_error_memory(err);
	else if (judged)
		st = prl_error_set(err, PRL_E_SIGNATURE,
				   "entry %llu of %s does not follow from those before it: %.300s", (ull)index,
				   view->own.origin, why.text);
	else
		count_entry(view, &view->own, index, &entry);
	if (!st && body)
		st = take_seen(view, body, err);
	json_decref(body);
	return st;
}

prl_status prl_view_go(prl_view *view, uint64_t size, const prl_view_run *run, prl_error *err)
{
	prl_bytes ignored;
	prl_status st = PRL_OK;
	view->run = run;
	if (size > view->own.size)
		return prl_error_set(err, PRL_E_NOT_FOUND, "log %s has %llu entries, not %llu", view->own.origin,
				     (ull)view->own.size, (ull)size);
	while (!st && view->own.next < size)
		st = apply_own(view, err);
	/* The rest is read for its hashes only: nothing of it enters the picture. */
	while (!st && view->own.next < view->own.size)
		st = take(&view->own, &ignored, err);
	if (!st)
		st = check_root(&view->own, &view->own.root, "its checkpoint", err);
	if (!st)
		prl_picture_publish(view->picture, prl_picture_seal(view->picture));
	return st;
}
