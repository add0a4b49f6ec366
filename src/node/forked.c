/* Two histories signed by one log: proven by a file that anyone can check with the log's key, recorded, and nothing
 * later of that log is taken (design.md, 4). */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/tree.h"

#include <string.h>

bool prl_clerk_forked(prl_clerk *clerk, size_t peer)
{
	const prl_peer *known = prl_picture_peer(clerk->parts.picture, PRL_VERSION_WORKING,
						 prl_bytes_of(prl_ledger_origin(clerk->parts.peers[peer])));
	return known && known->state == PRL_PEER_FORKED;
}

/* ---- proof and record -------------------------------------------------------------------------------------------- */

static prl_status record_fork(prl_clerk *clerk, const char *origin, prl_bytes file, prl_error *err)
{
	prl_batch_fork *fork = PRL_LIST_ADD(&clerk->batch->forks);
	if (!fork)
		return prl_error_memory(err);
	*fork = (prl_batch_fork){ origin, file };
	clerk->batch->work = true;
	if (!clerk->open)
		return PRL_OK; /* the file is saved; the entry is written when the fork is met again */
	char text[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_sha256(file.data, file.size);
	prl_hash_write(&hash, text);
	json_t *body = json_pack("{s:s, s:s}", "log", origin, "proof", text);
	return prl_clerk_record(clerk, "peer.forked", body, err);
}

/* size: the largest of which we hold one history. */
static prl_status prove(prl_clerk *clerk, size_t peer, const prl_fork *fork, uint64_t size, prl_error *err)
{
	const char *origin = prl_ledger_origin(clerk->parts.peers[peer]);
	const prl_log *log = prl_picture_log(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(origin));
	if (!log)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the constitution names no log %s", origin);
	prl_status st = prl_fork_verify(fork, &log->key, err);
	if (st)
		return st;
	char *text = prl_arena_alloc(&clerk->batch->arena, PRL_FORK_MAX, 1);
	size_t length = text ? prl_fork_write(fork, text, PRL_FORK_MAX) : 0;
	if (!length)
		return prl_error_memory(err);
	st = record_fork(clerk, origin, (prl_bytes){ text, length }, err);
	if (st) {
		prl_batch_break(clerk->batch, err);
		return st;
	}
	return prl_error_set(
		err, PRL_E_FORKED,
		"%s signed two histories of %llu entries: the proof is saved, and nothing later from it is "
		"taken",
		origin, (unsigned long long)size);
}

/* ---- notes that we hold ------------------------------------------------------------------------------------------ */

static prl_status held_note(prl_clerk *clerk, size_t peer, prl_buffer *ret, prl_error *err)
{
	return prl_store_checkpoint(clerk->reader, clerk->peer_ids[peer], ret, err);
}

static prl_status witnessed_note(prl_clerk *clerk, size_t peer, prl_buffer *ret, prl_error *err)
{
	uint64_t size, want = clerk->working.mirrors[peer].witnessed;
	prl_status st = prl_store_cosigned_from(clerk->reader, clerk->peer_ids[peer], want, &size, ret, err);
	if (!st && size != want)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "the checkpoint of size %llu that was cosigned is not kept",
				   (unsigned long long)want);
	return st;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static prl_status root_at(prl_clerk *clerk, size_t peer, uint64_t size, prl_hash *ret, prl_error *err)
{
	const prl_frontier *held = &clerk->working.mirrors[peer].held;
	if (size != held->size)
		return prl_ledger_root(clerk->parts.peers[peer], clerk->reader, size, ret, err);
	*ret = prl_frontier_root(held);
	return PRL_OK;
}

prl_status prl_clerk_compare(prl_clerk *clerk, size_t peer, prl_bytes note, const prl_checkpoint *checkpoint,
			     prl_error *err)
{
	uint64_t held = clerk->working.mirrors[peer].held.size;
	prl_hash root;
	prl_status st = root_at(clerk, peer, checkpoint->size, &root, err);
	if (st || prl_hash_equal(&root, &checkpoint->root))
		return st;
	prl_buffer newer = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_fork fork = { .older = note };
	st = held_note(clerk, peer, &newer, err);
	if (!st && checkpoint->size && checkpoint->size < held)
		st = prl_ledger_fork(clerk->parts.peers[peer], clerk->reader, checkpoint->size, held, &fork.proof, err);
	fork.newer = (prl_bytes){ newer.data, newer.size };
	if (!st)
		st = prove(clerk, peer, &fork, held, err);
	prl_buffer_done(&newer);
	return st;
}

/* The path from the tree that was witnessed to the one that the entries make. */
static prl_status path_past_witnessed(prl_clerk *clerk, size_t peer, uint64_t size, const prl_bytes *entries,
				      size_t count, prl_proof *ret, prl_error *err)
{
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	prl_hash *leaves = prl_array_new(count, sizeof *leaves);
	if (!leaves)
		return prl_error_memory(err);
	for (size_t i = 0; i < count; i++)
		leaves[i] = prl_leaf_hash(entries[i]);
	prl_tree tree = { clerk->parts.peers[peer], clerk->reader, mirror->held.size, leaves, count };
	prl_status st = prl_fork_prove(mirror->witnessed, size, prl_tree_subtree, &tree, ret, err);
	free(leaves);
	return st;
}

prl_status prl_clerk_compare_witnessed(prl_clerk *clerk, size_t peer, prl_bytes note, const prl_checkpoint *checkpoint,
				       const prl_bytes *entries, size_t count, prl_error *err)
{
	uint64_t witnessed = clerk->working.mirrors[peer].witnessed;
	prl_buffer older = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_fork fork = { .newer = note };
	prl_status st = witnessed_note(clerk, peer, &older, err);
	fork.older = (prl_bytes){ older.data, older.size };
	if (!st && checkpoint->size > witnessed)
		st = path_past_witnessed(clerk, peer, checkpoint->size, entries, count, &fork.proof, err);
	if (!st)
		st = prove(clerk, peer, &fork, witnessed, err);
	prl_buffer_done(&older);
	return st;
}

/* ---- a filing ---------------------------------------------------------------------------------------------------- */

/* A larger checkpoint with a path to it: against what is held, then against what was witnessed. */
static prl_status try_path(prl_clerk *clerk, size_t peer, const prl_filing *filing, prl_error *err)
{
	prl_buffer older = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_fork fork = { .newer = filing->checkpoint };
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	if (filing->proof)
		fork.proof = *filing->proof;
	prl_status st = held_note(clerk, peer, &older, err);
	fork.older = (prl_bytes){ older.data, older.size };
	if (!st)
		st = prove(clerk, peer, &fork, mirror->held.size, err);
	if (st != PRL_E_FORKED && mirror->witnessed > mirror->held.size) {
		prl_buffer_clear(&older);
		st = witnessed_note(clerk, peer, &older, err);
		fork.older = (prl_bytes){ older.data, older.size };
		if (!st)
			st = prove(clerk, peer, &fork, mirror->witnessed, err);
	}
	prl_buffer_done(&older);
	return st;
}

prl_status prl_clerk_fork(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	size_t peer = prl_clerk_peer(clerk, prl_bytes_of(filing->log));
	if (peer == PRL_NO_PEER)
		return prl_error_set(&filing->err, PRL_E_NOT_FOUND, "no log %s is mirrored here", filing->log);
	if (!quiet)
		return PRL_LATER;
	filing->size = clerk->working.mirrors[peer].held.size;
	if (prl_clerk_forked(clerk, peer))
		return prl_error_set(&filing->err, PRL_E_FORKED, "that %s signed two histories is recorded already",
				     filing->log);
	prl_checkpoint checkpoint;
	prl_status st = prl_clerk_checkpoint(clerk, peer, filing->checkpoint, &checkpoint, NULL, &filing->err);
	if (st)
		return st;
	if (checkpoint.size > filing->size)
		return try_path(clerk, peer, filing, &filing->err);
	st = prl_clerk_compare(clerk, peer, filing->checkpoint, &checkpoint, &filing->err);
	return st ? st : prl_error_set(&filing->err, PRL_E_SIGNATURE, "the checkpoint fits what is held: no fork");
}
