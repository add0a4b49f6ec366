/* A peer's log: what is held of it, and what of that enters the picture. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/seen.h"
#include "node/tree.h"

#include <string.h>

size_t prl_clerk_peer(const prl_clerk *clerk, prl_bytes origin)
{
	for (size_t i = 0; i < clerk->parts.peer_count; i++)
		if (prl_bytes_is(origin, prl_ledger_origin(clerk->parts.peers[i])))
			return i;
	return PRL_NO_PEER;
}

/* ---- seen --------------------------------------------------------------------------------------------------------- */

static const char *origin_of(const prl_clerk *clerk, size_t peer)
{
	return prl_ledger_origin(clerk->parts.peers[peer]);
}

static uint64_t seen_size(const prl_clerk *clerk, size_t peer)
{
	const prl_peer *seen = prl_picture_peer(clerk->parts.picture, PRL_VERSION_WORKING,
						prl_bytes_of(origin_of(clerk, peer)));
	return seen ? seen->size : 0;
}

static prl_status record_faults(prl_clerk *clerk, const prl_seen *seen, prl_error *err)
{
	for (size_t i = 0; i < seen->count; i++) {
		json_t *body = json_pack("{s:s, s:I, s:s}", "log", seen->log, "index",
					 (json_int_t)seen->faults[i].index, "reason", seen->faults[i].reason);
		prl_status st = prl_clerk_record(clerk, "peer.fault", body, err);
		if (st)
			return st;
	}
	if (!seen->more)
		return PRL_OK;
	json_t *body = json_pack("{s:s, s:I, s:I, s:s}", "log", seen->log, "index", (json_int_t)seen->first, "until",
				 (json_int_t)(seen->last + 1), "reason", "more of them than are set down one by one");
	return prl_clerk_record(clerk, "peer.fault", body, err);
}

static prl_status record_seen(prl_clerk *clerk, const prl_seen *seen, uint64_t size, const prl_hash *root,
			      prl_error *err)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(root, text);
	json_t *body = json_pack("{s:s, s:I, s:s}", "log", seen->log, "size", (json_int_t)size, "root", text);
	prl_status st = prl_clerk_record(clerk, "peer.seen", body, err);
	return st ? st : record_faults(clerk, seen, err);
}

/* What is brought: entries [first, first + count) after those that are held. */
typedef struct brought {
	uint64_t first;
	const prl_bytes *entries;
	size_t count;
} brought;

/* Applies all that was not seen yet, in the order in which a replay will (replay.c), then says so in our log. Quiet where
 * something held was not seen. A failure breaks the batch, because some may be applied. */
static prl_status see(prl_clerk *clerk, size_t peer, const brought *more, uint64_t size, const prl_hash *root,
		      prl_error *err)
{
	uint64_t from = seen_size(clerk, peer);
	prl_seen *seen = NULL;
	prl_status st = prl_seen_new(clerk->parts.picture, origin_of(clerk, peer), &seen, err);
	if (!st && from < more->first)
		st = prl_store_entries(clerk->reader, clerk->peer_ids[peer], from, more->first, prl_seen_apply, seen, err);
	for (size_t i = 0; !st && i < more->count; i++)
		st = prl_seen_apply(seen, more->first + i, more->entries[i], err);
	if (!st)
		st = record_seen(clerk, seen, size, root, err);
	prl_seen_free(seen);
	if (st)
		prl_batch_break(clerk->batch, err);
	return st;
}

static bool only_receipts(const prl_clerk *clerk, const brought *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (!prl_seen_receipt(clerk->parts.picture, more->entries[i]))
			return false;
	return true;
}

/* ---- a filing ------------------------------------------------------------------------------------------------------ */

/* The root that the tree held gets by the entries brought, and on the way there the one of the size witnessed. */
static void grow(prl_frontier *frontier, const brought *more, uint64_t witnessed, prl_hash *ret_at_witnessed)
{
	for (size_t i = 0; i < more->count; i++) {
		prl_hash leaf = prl_leaf_hash(more->entries[i]);
		prl_frontier_append(frontier, &leaf);
		if (frontier->size == witnessed)
			*ret_at_witnessed = prl_frontier_root(frontier);
	}
}

static prl_status hold(prl_clerk *clerk, size_t peer, const brought *more, prl_bytes checkpoint, prl_error *err)
{
	prl_batch_log *log = &clerk->batch->logs[peer];
	for (size_t i = 0; i < more->count; i++) {
		prl_bytes *slot = PRL_LIST_ADD(&log->entries);
		if (!slot)
			return prl_error_memory(err);
		*slot = more->entries[i];
	}
	log->checkpoint = checkpoint;
	clerk->batch->work = true;
	return PRL_OK;
}

/* The checkpoint that the filing brings, read. */
typedef struct arrived {
	prl_checkpoint checkpoint;
	prl_note note;
	bool counts; /* what it brings is to be seen: not only receipts, and we may append */
} arrived;

/* Up to here nothing has changed; what fails from here on breaks the batch. */
static prl_status take_in(prl_clerk *clerk, size_t peer, const brought *more, const prl_frontier *grown,
			  const arrived *with, prl_filing *filing)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	prl_status st = PRL_OK;
	if (with->counts)
		st = see(clerk, peer, more, with->checkpoint.size, &with->checkpoint.root, &filing->err);
	if (!st)
		st = hold(clerk, peer, more, filing->checkpoint, &filing->err);
	if (!st) {
		mirror->held = *grown;
		st = prl_clerk_cosign(clerk, peer, &with->note, &with->checkpoint, true, filing, &filing->err);
	}
	if (st)
		prl_batch_break(clerk->batch, &filing->err);
	return st;
}

static prl_status held_more(prl_clerk *clerk, size_t peer, arrived *with, prl_filing *filing, bool quiet)
{
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	size_t skip = (size_t)(mirror->held.size - filing->start);
	brought more = { mirror->held.size, filing->entries + skip, filing->entry_count - skip };
	prl_frontier grown = mirror->held;
	prl_hash at_witnessed = mirror->witnessed_root;
	grow(&grown, &more, mirror->witnessed, &at_witnessed);
	prl_hash root = prl_frontier_root(&grown);
	if (!prl_hash_equal(&root, &with->checkpoint.root))
		return prl_error_set(&filing->err, PRL_E_SIGNATURE,
				     "the entries do not lead to the root of the checkpoint of size %llu, from the %llu "
				     "that are held here",
				     (unsigned long long)with->checkpoint.size, (unsigned long long)mirror->held.size);
	bool other = !prl_hash_equal(&at_witnessed, &mirror->witnessed_root);
	with->counts = clerk->open && !only_receipts(clerk, &more);
	/* What is held and not seen must be in the store to be read from there. */
	if (!quiet && (other || (with->counts && seen_size(clerk, peer) < mirror->held.size)))
		return PRL_LATER;
	if (other)
		return prl_clerk_compare_witnessed(clerk, peer, filing->checkpoint, &with->checkpoint, more.entries,
						   more.count, &filing->err);
	return take_in(clerk, peer, &more, &grown, with, filing);
}

/* Nothing new: the peer did not hear our answer, or shows another history. */
static prl_status held_before(prl_clerk *clerk, size_t peer, const arrived *with, prl_filing *filing, bool quiet)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	bool newest = with->checkpoint.size == mirror->held.size;
	prl_hash root = prl_frontier_root(&mirror->held);
	if (!newest || !prl_hash_equal(&root, &with->checkpoint.root)) {
		if (!quiet)
			return PRL_LATER;
		prl_status st = prl_clerk_compare(clerk, peer, filing->checkpoint, &with->checkpoint, &filing->err);
		if (st || !newest)
			return st;
	}
	if (with->checkpoint.size == 0)
		return PRL_OK;
	if (!mirror->mirror_line[0])
		return prl_clerk_cosign(clerk, peer, &with->note, &with->checkpoint, true, filing, &filing->err);
	snprintf(filing->cosignatures, sizeof filing->cosignatures, "%s%s",
		 mirror->witnessed == mirror->held.size ? mirror->witness_line : "", mirror->mirror_line);
	return PRL_OK;
}

static prl_status check_range(const prl_filing *filing, uint64_t size, uint64_t held, prl_error *err)
{
	if (filing->entry_count > PRL_MIRROR_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu entries, expected at most %u", filing->entry_count,
				     PRL_MIRROR_MAX);
	if (filing->start > size || size - filing->start != filing->entry_count)
		return prl_error_set(err, PRL_E_RANGE, "%zu entries from %llu on, expected those up to the checkpoint's %llu",
				     filing->entry_count, (unsigned long long)filing->start, (unsigned long long)size);
	if (filing->start > held)
		return prl_error_set(err, PRL_E_STALE, "entries from %llu on, expected them from %llu on, which are held",
				     (unsigned long long)filing->start, (unsigned long long)held);
	return PRL_OK;
}

static prl_status mirror_one(prl_clerk *clerk, size_t peer, prl_filing *filing, bool quiet)
{
	uint64_t held = clerk->working.mirrors[peer].held.size;
	arrived with;
	prl_status st = prl_clerk_checkpoint(clerk, peer, filing->checkpoint, &with.checkpoint, &with.note, &filing->err);
	if (!st)
		st = check_range(filing, with.checkpoint.size, held, &filing->err);
	if (st)
		return st;
	if (with.checkpoint.size <= held)
		return held_before(clerk, peer, &with, filing, quiet);
	return held_more(clerk, peer, &with, filing, quiet);
}

prl_status prl_clerk_mirror(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	size_t peer = prl_clerk_peer(clerk, prl_bytes_of(filing->log));
	if (peer == PRL_NO_PEER)
		return prl_error_set(&filing->err, PRL_E_NOT_FOUND, "no log %s is mirrored here", filing->log);
	prl_status st;
	if (prl_clerk_forked(clerk, peer))
		st = prl_error_set(&filing->err, PRL_E_FORKED, "%s signed two histories: nothing later from it is taken",
				   filing->log);
	else
		st = mirror_one(clerk, peer, filing, quiet);
	if (st != PRL_LATER)
		filing->size = clerk->working.mirrors[peer].held.size;
	return st;
}

/* ---- catching up --------------------------------------------------------------------------------------------------- */

typedef struct search {
	const prl_clerk *clerk;
	bool found;
} search;

static prl_status find_act(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	search *find = context;
	(void)index;
	(void)err;
	find->found = !prl_seen_receipt(find->clerk->parts.picture, entry);
	return find->found ? PRL_E_CALLBACK : PRL_OK;
}

static prl_status catch_up(prl_clerk *clerk, size_t peer, prl_error *err)
{
	const prl_frontier *held = &clerk->working.mirrors[peer].held;
	uint64_t from = seen_size(clerk, peer);
	if (from >= held->size || prl_clerk_forked(clerk, peer))
		return PRL_OK;
	search find = { .clerk = clerk };
	prl_status st =
		prl_store_entries(clerk->reader, clerk->peer_ids[peer], from, held->size, find_act, &find, err);
	if (!find.found)
		return st;
	prl_hash root = prl_frontier_root(held);
	brought none = { .first = held->size };
	return see(clerk, peer, &none, held->size, &root, err);
}

prl_status prl_mirrors_catch_up(prl_clerk *clerk, prl_error *err)
{
	for (size_t i = 0; i < clerk->parts.peer_count; i++) {
		prl_status st = catch_up(clerk, i, err);
		if (st)
			return st;
	}
	return PRL_OK;
}

/* ---- from the store ------------------------------------------------------------------------------------------------- */

/* "SIZE ROOT", as prl_clerk_cosign() wrote it. */
static prl_status load_witnessed(prl_clerk *clerk, size_t peer, prl_error *err)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	char name[sizeof "witnessed/" + PRL_KEY_NAME_MAX];
	snprintf(name, sizeof name, "witnessed/%s", origin_of(clerk, peer));
	prl_buffer cell = PRL_BUFFER(256);
	prl_error ignored;
	prl_status st = prl_store_cell_get(clerk->reader, name, &cell, &ignored);
	if (st == PRL_OK) {
		prl_bytes text = { cell.data, cell.size };
		const char *space = memchr(text.data, ' ', text.size);
		size_t digits = space ? (size_t)(space - text.data) : 0;
		if (!space || !prl_decimal_read((prl_bytes){ text.data, digits }, &mirror->witnessed) ||
		    !prl_hash_read((prl_bytes){ space + 1, text.size - digits - 1 }, &mirror->witnessed_root))
			st = prl_error_set(err, PRL_E_IO, "the store's cell %s is damaged: \"%s\"", name, cell.data);
	} else if (st == PRL_E_NOT_FOUND) {
		st = PRL_OK;
	} else {
		*err = ignored;
	}
	prl_buffer_done(&cell);
	/* A witness state is written together with what is held: it is behind only where it was never written. */
	if (!st && mirror->witnessed <= mirror->held.size) {
		mirror->witnessed = mirror->held.size;
		mirror->witnessed_root = prl_frontier_root(&mirror->held);
	}
	return st;
}

static prl_status load_cosigned(prl_clerk *clerk, prl_error *err)
{
	prl_buffer cell = PRL_BUFFER(256);
	prl_error ignored;
	prl_status st = prl_store_cell_get(clerk->reader, "cosigned", &cell, &ignored);
	if (!st && !prl_decimal_read((prl_bytes){ cell.data, cell.size }, &clerk->cosigned_s))
		st = prl_error_set(err, PRL_E_IO, "the store's cell cosigned is damaged: \"%s\"", cell.data);
	else if (st == PRL_E_NOT_FOUND)
		st = PRL_OK;
	else if (st)
		*err = ignored;
	prl_buffer_done(&cell);
	return st;
}

prl_status prl_mirrors_load(prl_clerk *clerk, prl_error *err)
{
	prl_status st = load_cosigned(clerk, err);
	for (size_t i = 0; !st && i < clerk->parts.peer_count; i++) {
		st = prl_tree_frontier(clerk->parts.peers[i], clerk->reader, &clerk->working.mirrors[i].held, err);
		if (!st)
			st = load_witnessed(clerk, i, err);
	}
	return st;
}
