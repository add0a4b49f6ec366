/* A peer's log: what is held of it, and what of that enters the picture. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/tree.h"

#include <string.h>

size_t prl_clerk_peer(const prl_clerk *clerk, prl_bytes origin)
{
	for (size_t i = 0; i < clerk->parts.peer_count; i++)
		if (prl_bytes_is(origin, prl_ledger_origin(clerk->parts.peers[i])))
			return i;
	return PRL_NO_PEER;
}

/* What is brought: entries [first, first + count) after those that are held. */
typedef struct brought {
	uint64_t first;
	const prl_bytes *entries;
	size_t count;
} brought;

/* ---- a filing ---------------------------------------------------------------------------------------------------- */

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
} arrived;

/* Up to here nothing has changed; what fails from here on breaks the batch. */
static prl_status take_in(prl_clerk *clerk, size_t peer, const brought *more, const prl_frontier *grown,
			  const arrived *with, prl_filing *filing)
{
	prl_status st = hold(clerk, peer, more, filing->checkpoint, &filing->err);
	if (!st) {
		clerk->working.mirrors[peer].held = *grown;
		st = prl_clerk_cosign(clerk, peer, &with->note, &with->checkpoint, true, filing, &filing->err);
	}
	if (!st && clerk->open)
		st = prl_clerk_see(clerk, &filing->err);
	if (st)
		prl_batch_break(clerk->batch, &filing->err);
	return st;
}

static prl_status held_more(prl_clerk *clerk, size_t peer, const arrived *with, prl_filing *filing, bool quiet)
{
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	size_t skip = (size_t)(mirror->held.size - filing->start);
	brought more = { mirror->held.size, filing->entries + skip, filing->entry_count - skip };
	prl_frontier grown = mirror->held;
	prl_hash at_witnessed = mirror->witnessed_root;
	grow(&grown, &more, mirror->witnessed, &at_witnessed);
	prl_hash root = prl_frontier_root(&grown);
	if (!prl_hash_equal(&root, &with->checkpoint.root))
		return prl_error_set(
			&filing->err, PRL_E_SIGNATURE,
			"the entries do not lead to the root of the checkpoint of size %llu, from the %llu "
			"that are held here",
			(unsigned long long)with->checkpoint.size, (unsigned long long)mirror->held.size);
	bool other = !prl_hash_equal(&at_witnessed, &mirror->witnessed_root);
	if (other && !quiet)
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
		return prl_error_set(err, PRL_E_RANGE,
				     "%zu entries from %llu on, expected those up to the checkpoint's %llu",
				     filing->entry_count, (unsigned long long)filing->start, (unsigned long long)size);
	if (filing->start > held)
		return prl_error_set(err, PRL_E_STALE,
				     "entries from %llu on, expected them from %llu on, which are held",
				     (unsigned long long)filing->start, (unsigned long long)held);
	return PRL_OK;
}

static prl_status mirror_one(prl_clerk *clerk, size_t peer, prl_filing *filing, bool quiet)
{
	uint64_t held = clerk->working.mirrors[peer].held.size;
	arrived with;
	prl_status st =
		prl_clerk_checkpoint(clerk, peer, filing->checkpoint, &with.checkpoint, &with.note, &filing->err);
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
		st = prl_error_set(&filing->err, PRL_E_FORKED,
				   "%s signed two histories: nothing later from it is taken", filing->log);
	else
		st = mirror_one(clerk, peer, filing, quiet);
	if (st != PRL_LATER)
		filing->size = clerk->working.mirrors[peer].held.size;
	return st;
}

/* ---- from the store ---------------------------------------------------------------------------------------------- */

/* "SIZE ROOT", as prl_clerk_cosign() wrote it. */
static prl_status load_witnessed(prl_clerk *clerk, size_t peer, prl_error *err)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	char name[sizeof "witnessed/" + PRL_KEY_NAME_MAX];
	snprintf(name, sizeof name, "witnessed/%s", prl_ledger_origin(clerk->parts.peers[peer]));
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
