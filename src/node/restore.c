/* The tail of our own log taken back from a mirror: after a loss of the disk, before anything new is appended. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/seen.h"
#include "node/tree.h"
#include "picture/body.h"

#include <string.h>

/* What is held of the peer now must be what our own peer.seen says we held then: a peer may use the gap to show us
 * another history. */
static prl_status check_seen(prl_clerk *clerk, size_t peer, uint64_t size, const prl_hash *then, prl_error *err)
{
	prl_hash root;
	prl_status st = prl_ledger_root(clerk->parts.peers[peer], clerk->reader, size, &root, err);
	if (!st && !prl_hash_equal(&root, then))
		st = prl_error_set(err, PRL_E_FORKED,
				   "%s has another history here than our own log says it had at %llu entries: keep "
				   "both, ask its people",
				   prl_ledger_origin(clerk->parts.peers[peer]), (unsigned long long)size);
	return st;
}

/* Entries of a peer that our own peer.seen covers; they must be held here first. */
static prl_status apply_seen(prl_clerk *clerk, const char *log, uint64_t size, const prl_hash *root, prl_error *err)
{
	size_t peer = log ? prl_clerk_peer(clerk, prl_bytes_of(log)) : PRL_NO_PEER;
	if (peer == PRL_NO_PEER)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log %s is mirrored here", log ? log : "");
	uint64_t held = clerk->working.mirrors[peer].held.size;
	if (held < size)
		return prl_error_set(err, PRL_E_STALE, "first fetch %s up to %llu entries, %llu are held", log,
				     (unsigned long long)size, (unsigned long long)held);
	prl_seen *seen = NULL;
	prl_status st = check_seen(clerk, peer, size, root, err);
	if (!st)
		st = prl_seen_new(clerk->parts.picture, log, &seen, err);
	uint64_t from = prl_picture_size(clerk->parts.picture, PRL_VERSION_WORKING, log);
	if (!st && from < size)
		st = prl_store_entries(clerk->reader, clerk->peer_ids[peer], from, size, prl_seen_apply, seen, err);
	prl_seen_free(seen);
	return st;
}

static prl_status apply_one(prl_clerk *clerk, prl_bytes bytes, prl_error *err)
{
	prl_entry *entry = &clerk->entry;
	json_t *body = NULL;
	prl_hash root;
	prl_status st = prl_entry_read(bytes, entry, err);
	if (!st)
		st = prl_picture_body(clerk->parts.picture, entry, &body, err);
	if (!st)
		st = prl_picture_apply(clerk->parts.picture, clerk->own, clerk->working.own_size, entry, NULL, body,
				       err);
	if (!st && prl_bytes_is(entry->kind, "peer.seen"))
		st = prl_body_hash(body, "root", &root, err);
	if (!st && prl_bytes_is(entry->kind, "peer.seen"))
		st = apply_seen(clerk, json_string_value(json_object_get(body, "log")),
				(uint64_t)json_integer_value(json_object_get(body, "size")), &root, err);
	json_decref(body);
	if (!st && entry->recorded.data && entry->time > clerk->last_time)
		clerk->last_time = entry->time;
	if (st)
		return prl_error_at(err, st, "entry %llu", (unsigned long long)clerk->working.own_size);
	return prl_clerk_append(clerk, bytes, err);
}

/* The entries after our tail must lead to the root that our own key signed. */
static prl_status check_root(prl_clerk *clerk, const prl_bytes *entries, size_t count, const prl_checkpoint *checkpoint,
			     prl_error *err)
{
	prl_frontier frontier;
	prl_status st = prl_tree_frontier(clerk->parts.own, clerk->reader, &frontier, err);
	if (st)
		return st;
	for (size_t i = 0; i < count; i++) {
		prl_hash leaf = prl_leaf_hash(entries[i]);
		prl_frontier_append(&frontier, &leaf);
	}
	prl_hash root = prl_frontier_root(&frontier);
	if (prl_hash_equal(&root, &checkpoint->root))
		return PRL_OK;
	return prl_error_set(err, PRL_E_SIGNATURE,
			     "the entries do not lead from our %llu to the root that our own key signed at %llu",
			     (unsigned long long)clerk->working.own_size, (unsigned long long)checkpoint->size);
}

/* A mirror that holds no more than we do; but the same. */
static prl_status check_held(prl_clerk *clerk, const prl_checkpoint *checkpoint, prl_error *err)
{
	prl_hash root;
	prl_status st = prl_ledger_root(clerk->parts.own, clerk->reader, checkpoint->size, &root, err);
	if (!st && !prl_hash_equal(&root, &checkpoint->root))
		st = prl_error_set(
			err, PRL_E_FORKED,
			"our own key signed another history of %llu entries than the one held here: this node "
			"must not go on",
			(unsigned long long)checkpoint->size);
	return st;
}

static prl_status take_back(prl_clerk *clerk, const prl_filing *filing, const prl_checkpoint *checkpoint,
			    prl_error *err)
{
	uint64_t had = clerk->working.own_size;
	const char *origin = filing->log ? filing->log : "";
	if (prl_clerk_peer(clerk, prl_bytes_of(origin)) == PRL_NO_PEER)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no log %s is mirrored here", origin);
	if (filing->entry_count > PRL_MIRROR_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu entries, expected at most %u", filing->entry_count,
				     PRL_MIRROR_MAX);
	if (filing->start > checkpoint->size || checkpoint->size - filing->start != filing->entry_count ||
	    filing->start > had)
		return prl_error_set(err, PRL_E_RANGE,
				     "%zu entries from %llu on, expected those from %llu up to the checkpoint's %llu",
				     filing->entry_count, (unsigned long long)filing->start, (unsigned long long)had,
				     (unsigned long long)checkpoint->size);
	if (checkpoint->size <= had)
		return check_held(clerk, checkpoint, err);
	size_t skip = (size_t)(had - filing->start);
	const prl_bytes *entries = filing->entries + skip;
	size_t count = filing->entry_count - skip;
	prl_status st = check_root(clerk, entries, count, checkpoint, err);
	for (size_t i = 0; !st && i < count; i++) {
		st = apply_one(clerk, entries[i], err);
		if (st)
			prl_batch_break(clerk->batch, err); /* those before it are applied */
	}
	if (!st)
		memcpy(clerk->restored_by, origin, strlen(origin) + 1);
	return st;
}

prl_status prl_clerk_restore(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	prl_checkpoint checkpoint;
	if (clerk->open)
		return prl_error_set(&filing->err, PRL_E_STALE, "the log is open: what is in it now is its history");
	if (!quiet)
		return PRL_LATER;
	uint64_t had = clerk->working.own_size;
	prl_status st = prl_checkpoint_open(filing->checkpoint, &clerk->parts.log_key->verifier, &checkpoint, NULL,
					    &filing->err);
	if (!st)
		st = take_back(clerk, filing, &checkpoint, &filing->err);
	filing->size = st ? had : clerk->working.own_size; /* what was added before a failure is taken back */
	return st;
}
