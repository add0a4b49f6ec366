/* What is held of peers' logs enters the picture. Our log says first which entries count (peer.seen), then these are
 * applied, then it says which of them count as nobody's act (peer.fault): the order in which a replay meets them.
 *
 * Entries that only say what was received do not make us say that we have received them: else two idle nodes would
 * answer one another for ever. They wait for the next act, or until there are PRL_RECEIPTS_UNSEEN_MAX of them: then one
 * receipt answers a thousand, and soon there is silence again. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/seen.h"

#include <string.h>

/* ---- what is held ------------------------------------------------------------------------------------------------ */

static const char *origin_of(const prl_clerk *clerk, size_t peer)
{
	return prl_ledger_origin(clerk->parts.peers[peer]);
}

/* Entries from here on came with this batch. */
static uint64_t batch_base(const prl_clerk *clerk, size_t peer)
{
	return clerk->working.mirrors[peer].held.size - clerk->batch->logs[peer].entries.count;
}

/* Entries from `from` on can be read: they are in the store or in this batch, none in the one in hand-over. */
static bool readable(const prl_clerk *clerk, size_t peer, uint64_t from)
{
	uint64_t base = batch_base(clerk, peer);
	return from >= base || clerk->published.mirrors[peer].held.size >= base;
}

static prl_status each_held(const prl_clerk *clerk, size_t peer, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			    void *context, prl_error *err)
{
	uint64_t base = batch_base(clerk, peer), stored = to < base ? to : base;
	prl_status st = PRL_OK;
	if (from < stored)
		st = prl_store_entries(clerk->reader, clerk->peer_ids[peer], from, stored, fn, context, err);
	for (uint64_t i = from > base ? from : base; !st && i < to; i++)
		st = fn(context, i, clerk->batch->logs[peer].entries.items[i - base], err);
	return st;
}

static prl_status root_at(const prl_clerk *clerk, size_t peer, uint64_t size, prl_hash *ret, prl_error *err)
{
	uint64_t base = batch_base(clerk, peer);
	if (size < base)
		return prl_ledger_root(clerk->parts.peers[peer], clerk->reader, size, ret, err);
	/* What was handed over last is what this batch began with. */
	prl_frontier frontier = clerk->handed_state.mirrors[peer].held;
	if (size == clerk->working.mirrors[peer].held.size)
		frontier = clerk->working.mirrors[peer].held;
	for (uint64_t i = frontier.size; i < size; i++) {
		prl_hash leaf = prl_leaf_hash(clerk->batch->logs[peer].entries.items[i - base]);
		prl_frontier_append(&frontier, &leaf);
	}
	*ret = prl_frontier_root(&frontier);
	return PRL_OK;
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

static json_t *fault_body(const char *log, const prl_fault *fault)
{
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(&fault->hash, hash);
	return json_pack("{s:s, s:I, s:s, s:s}", "log", log, "index", (json_int_t)fault->index, "hash", hash, "reason",
			 fault->reason);
}

static prl_status record_faults(prl_clerk *clerk, const prl_seen *seen, prl_error *err)
{
	for (size_t i = 0; i < seen->count; i++) {
		prl_status st = prl_clerk_record(clerk, "peer.fault", fault_body(seen->log, &seen->faults[i]), err);
		if (st)
			return st;
	}
	if (!seen->more)
		return PRL_OK;
	json_t *body = fault_body(seen->log, &seen->first_more);
	json_object_set_new(body, "until", json_integer((json_int_t)(seen->last_more + 1)));
	return prl_clerk_record(clerk, "peer.fault", body, err);
}

static prl_status record_seen(prl_clerk *clerk, size_t peer, uint64_t size, prl_error *err)
{
	prl_hash root;
	char text[PRL_HASH_TEXT_MAX];
	prl_status st = root_at(clerk, peer, size, &root, err);
	if (st)
		return st;
	prl_hash_write(&root, text);
	json_t *body =
		json_pack("{s:s, s:I, s:s}", "log", origin_of(clerk, peer), "size", (json_int_t)size, "root", text);
	return prl_clerk_record(clerk, "peer.seen", body, err);
}

/* What the clerk does with entries that are seen: they count, or the reason why not is set down; what counts and
 * changes a notice is to be compared with all others when all of them are applied. */
typedef struct seeing {
	prl_clerk *clerk;
	prl_seen *seen;
} seeing;

static prl_status see_one(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	seeing *to = context;
	size_t faults = to->seen->count + to->seen->more;
	prl_status st = prl_seen_apply(to->seen, index, bytes, err);
	if (st || to->seen->count + to->seen->more != faults)
		return st;
	return prl_overlaps_applied(to->clerk, &to->seen->entry, NULL, err);
}

static prl_status see(prl_clerk *clerk, size_t peer, uint64_t from, uint64_t size, prl_error *err)
{
	prl_seen *seen = NULL;
	prl_status st = prl_seen_new(clerk->parts.picture, origin_of(clerk, peer), &seen, err);
	if (!st)
		st = record_seen(clerk, peer, size, err);
	if (!st)
		st = each_held(clerk, peer, from, size, see_one, &(seeing){ clerk, seen }, err);
	if (!st)
		st = record_faults(clerk, seen, err);
	if (!st)
		st = prl_overlaps_settle(clerk, err);
	if (!st)
		st = prl_bridge_settle(clerk, err);
	if (!st)
		st = prl_meets_settle(clerk, err);
	prl_seen_free(seen);
	if (!st && clerk->working.mirrors[peer].looked < size)
		clerk->working.mirrors[peer].looked = size;
	return st;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* How far a peer's log can be seen. */
typedef struct look {
	prl_clerk *clerk;
	uint64_t ready; /* entries before it have all that they say their log had seen */
	bool act;       /* one of them is more than a receipt */
	bool blocked;   /* entry `ready` waits for another log */
	bool waiting;   /* so does an act */
} look;

static bool is_ready(look *at, prl_bytes bytes)
{
	prl_error early;
	return prl_entry_read(bytes, &at->clerk->entry, &early) ||
	       prl_picture_ready(at->clerk->parts.picture, PRL_VERSION_WORKING, &at->clerk->entry, &early) == PRL_OK;
}

static prl_status look_at(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	look *at = context;
	(void)err;
	bool receipt = prl_seen_receipt(at->clerk->parts.picture, bytes);
	at->blocked = at->blocked || !is_ready(at, bytes);
	if (at->blocked) {
		at->waiting = !receipt;
		return receipt ? PRL_OK : PRL_E_CALLBACK;
	}
	at->ready = index + 1;
	at->act |= !receipt;
	return PRL_OK;
}

/* A step that is all receipts is seen as one; else it would be looked at for ever. */
_Static_assert(PRL_RECEIPTS_UNSEEN_MAX <= PRL_SEEN_STEP, "a step without acts must be seen");

/* One round for one peer. want: see it although there are only receipts, because acts of other logs wait for them. */
static prl_status advance(prl_clerk *clerk, size_t peer, bool want, bool *moved, bool *waiting, prl_error *err)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	uint64_t applied = prl_picture_size(clerk->parts.picture, PRL_VERSION_WORKING, origin_of(clerk, peer));
	if (mirror->looked < applied)
		mirror->looked = applied;
	if (applied >= mirror->held.size || prl_clerk_forked(clerk, peer))
		return PRL_OK;
	if (!readable(clerk, peer, applied)) {
		clerk->behind = true;
		return PRL_OK;
	}
	uint64_t end = mirror->held.size - applied > PRL_SEEN_STEP ? applied + PRL_SEEN_STEP : mirror->held.size;
	look at = { .clerk = clerk, .ready = mirror->looked };
	prl_status st = each_held(clerk, peer, mirror->looked, end, look_at, &at, err);
	if (st && !at.waiting)
		return st;
	*waiting |= at.waiting || (at.blocked && end < mirror->held.size);
	if (!at.act)
		mirror->looked = at.ready;
	if (at.ready == applied || !(at.act || want || at.ready - applied >= PRL_RECEIPTS_UNSEEN_MAX))
		return PRL_OK;
	if (at.ready == end && end < mirror->held.size)
		clerk->behind = true; /* others are served before the rest */
	else
		*moved = true;
	return see(clerk, peer, applied, at.ready, err);
}

/* One log's entries may wait for another's, so that each that moves may set others free; what came first waits for
 * nothing, so that this ends with everything that is held, but for what waits for entries not yet held. */
prl_status prl_clerk_see(prl_clerk *clerk, prl_error *err)
{
	bool want = false;
	for (;;) {
		bool moved = false, waiting = false;
		for (size_t i = 0; i < clerk->parts.peer_count; i++) {
			prl_status st = advance(clerk, i, want, &moved, &waiting, err);
			if (st)
				return st;
		}
		if (!moved && (want || !waiting))
			return PRL_OK;
		want = !moved;
	}
}
