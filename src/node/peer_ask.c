/* Before the first append after a start: how far has our own log come, as far as this peer knows? A node that lost the
 * end of its log (a disk put back from a copy) would sign a second history over what it has already shown (design.md,
 * 4). What the peer holds beyond our own is taken back from its mirror, all at once or not at all. */
#include "node/peers_inside.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* A checkpoint of ours that is no longer than what we have must be of the tree that we have. */
static prl_status compare(prl_peer_thread *peer, const prl_checkpoint *theirs, prl_error *err)
{
	const prl_peers_parts *parts = &peer->all->parts;
	prl_store_reader *reader = NULL;
	prl_hash root;
	if (theirs->size == 0)
		return PRL_OK;
	prl_status status = prl_readers_take(parts->readers, &reader, err);
	if (!status)
		status = prl_ledger_root(parts->own, reader, theirs->size, &root, err);
	prl_readers_give(parts->readers, reader);
	if (!status && !prl_hash_equal(&root, &theirs->root))
		status =
			prl_error_set(err, PRL_E_FORKED,
				      "it holds a checkpoint of our log of size %llu, signed with our key, that is not "
				      "of the log in this folder: two histories",
				      (unsigned long long)theirs->size);
	return status;
}

static prl_status submit(prl_peer_thread *peer, uint64_t start, const prl_fetched *tail, prl_bytes checkpoint,
			 prl_error *err)
{
	const prl_peers_parts *parts = &peer->all->parts;
	prl_filing filing = { .what = PRL_FILING_RESTORE,
			      .log = peer->origin, /* whose mirror it is */
			      .start = start,
			      .entries = tail->entries,
			      .entry_count = tail->count,
			      .checkpoint = checkpoint };
	prl_status status = prl_clerk_submit_wait(parts->clerk, &filing);
	if (status)
		*err = filing.err;
	else
		prl_peers_say(peer->all, "peer %s: entries %llu to %llu of our own log were taken back from its mirror",
			      peer->origin, (unsigned long long)start, (unsigned long long)(start + tail->count - 1));
	return status;
}

static prl_status restore(prl_peer_thread *peer, uint64_t own, const prl_checkpoint *theirs, prl_bytes checkpoint,
			  prl_error *err)
{
	prl_fetched tail = { .count = 0 };
	if (prl_peers_are_open(peer->all))
		return prl_error_set(err, PRL_E_FORKED,
				     "it holds %llu entries of our log, this folder %llu, and new ones have already "
				     "been appended: two histories",
				     (unsigned long long)theirs->size, (unsigned long long)own);
	if (theirs->size - own > PRL_RESTORE_ENTRIES_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE,
				     "%llu entries are missing here, more than %u are not taken back at once",
				     (unsigned long long)(theirs->size - own), PRL_RESTORE_ENTRIES_MAX);
	/* Our own peer.seen in the tail cover entries of the peer that may be missing here as well. */
	prl_status status = prl_peer_pull(peer, err);
	if (!status)
		status = prl_peer_fetch(peer, peer->mirror_path, own, theirs->size, theirs->size, PRL_RESTORE_BYTES_MAX,
					&tail, err);
	if (!status && tail.count != theirs->size - own)
		status = prl_error_set(err, PRL_E_TOO_LARGE, "more than %u bytes are missing here",
				       PRL_RESTORE_BYTES_MAX);
	if (!status)
		status = submit(peer, own, &tail, checkpoint, err);
	if (!status)
		status = prl_peer_fetch_lost(peer, err);
	prl_fetched_done(&tail);
	return status;
}

static void set_ahead(prl_peer_thread *peer, bool ahead)
{
	(void)pthread_mutex_lock(&peer->all->lock);
	peer->ahead = ahead;
	(void)pthread_cond_broadcast(&peer->all->changed);
	(void)pthread_mutex_unlock(&peer->all->lock);
}

/* Two peers may know a tail; one after the other brings it. Until it is here, or where it is of another history, the
 * node does not open: whatever else the peer does now, it has shown our own signature. */
static prl_status fit(prl_peer_thread *peer, const prl_checkpoint *theirs, prl_bytes checkpoint, prl_error *err)
{
	prl_peers *all = peer->all;
	uint64_t own;
	prl_ledger_head(all->parts.own, &own, NULL);
	if (theirs->size > own)
		set_ahead(peer, true);
	(void)pthread_mutex_lock(&all->restoring);
	prl_ledger_head(all->parts.own, &own, NULL);
	prl_status status =
		theirs->size > own ? restore(peer, own, theirs, checkpoint, err) : compare(peer, theirs, err);
	(void)pthread_mutex_unlock(&all->restoring);
	if (!status || status == PRL_E_FORKED)
		set_ahead(peer, status == PRL_E_FORKED);
	return status;
}

prl_status prl_peer_ask_own(prl_peer_thread *peer, prl_error *err)
{
	char path[120];
	(void)snprintf(path, sizeof path, "%s/checkpoint", peer->own_path);
	prl_status status = prl_peer_ask(peer, path, err);
	if (status == PRL_E_NOT_FOUND) { /* it has never seen our log */
		prl_peer_acknowledged(peer, 0);
		return PRL_OK;
	}
	if (status)
		return status;
	prl_buffer copy = PRL_BUFFER(PRL_CHECKPOINT_MAX); /* the reply is used again while the tail is fetched */
	prl_bytes reply = prl_peer_reply(peer);
	prl_checkpoint theirs;
	status = prl_buffer_append(&copy, reply.data, reply.size) ? PRL_OK : prl_error_memory(err);
	prl_bytes checkpoint = { copy.data, copy.size };
	if (!status)
		status = prl_checkpoint_open(checkpoint, &peer->all->parts.log_key->verifier, &theirs, NULL, err);
	if (!status)
		status = fit(peer, &theirs, checkpoint, err);
	if (!status)
		prl_peer_acknowledged(peer, theirs.size);
	prl_buffer_done(&copy);
	return status;
}
