/* What a peer has appended and not pushed: its checkpoint every 2 s without traffic, then the missing entries by their
 * bundles (tlog-tiles). A peer whose checkpoint does not fit what we hold of its log is asked for the path that shows
 * it, and the fork is handed in. */
#include "node/peers_inside.h"
#include "node/wire.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- bundles ----------------------------------------------------------------------------------------------------- */

void prl_fetched_done(prl_fetched *fetched)
{
	for (size_t i = 0; i < fetched->bundle_count; i++)
		prl_buffer_done(&fetched->bundles[i]);
	free(fetched->bundles);
	free(fetched->entries);
	*fetched = (prl_fetched){ .count = 0 };
}

static bool room_make(prl_fetched *f)
{
	if (f->bundle_count == f->bundle_room) {
		size_t room = f->bundle_room ? 2 * f->bundle_room : 16;
		prl_buffer *bundles = prl_array_resize(f->bundles, room, sizeof *bundles);
		if (!bundles)
			return false;
		f->bundles = bundles;
		f->bundle_room = room;
	}
	if (f->room - f->count < PRL_TILE_WIDTH) {
		size_t room = f->room ? 2 * f->room : 16 * PRL_TILE_WIDTH;
		prl_bytes *entries = prl_array_resize(f->entries, room, sizeof *entries);
		if (!entries)
			return false;
		f->entries = entries;
		f->room = room;
	}
	return true;
}

/* Takes the reply over as a bundle and the entries from `skip` to `to` of it. */
static prl_status bundle_take(prl_peer_thread *peer, prl_fetched *f, unsigned skip, unsigned to, prl_error *err)
{
	if (!room_make(f))
		return prl_error_memory(err);
	f->bundles[f->bundle_count++] = peer->reply.body;
	prl_bytes rest = prl_peer_reply(peer), entry;
	peer->reply.body = PRL_BUFFER(PRL_LINK_REPLY_MAX);
	for (unsigned i = 0; i < to; i++) {
		if (prl_bundle_take(&rest, &entry, err))
			return prl_error_set(err, PRL_E_SYNTAX, "a bundle has %u entries, expected %u", i, to);
		if (i < skip)
			continue;
		f->entries[f->count++] = entry;
		f->bytes += entry.size;
	}
	return PRL_OK;
}

/* A partial tile that has become full since may be there as the full one only. */
static prl_status bundle_ask(prl_peer_thread *peer, const char *prefix, prl_tile tile, prl_error *err)
{
	char path[200], name[PRL_TILE_PATH_MAX];
	(void)prl_tile_path_write(&tile, name);
	(void)snprintf(path, sizeof path, "%s/%s", prefix, name);
	prl_status status = prl_peer_ask(peer, path, err);
	if (status != PRL_E_NOT_FOUND || tile.width == PRL_TILE_WIDTH)
		return status;
	tile.width = PRL_TILE_WIDTH;
	(void)prl_tile_path_write(&tile, name);
	(void)snprintf(path, sizeof path, "%s/%s", prefix, name);
	return prl_peer_ask(peer, path, err);
}

prl_status prl_peer_fetch(prl_peer_thread *peer, const char *prefix, uint64_t start, uint64_t to, uint64_t size,
			  size_t max_bytes, prl_fetched *ret, prl_error *err)
{
	prl_status status = PRL_OK;
	uint64_t at = start;
	while (!status && at < to && ret->bytes < max_bytes && !prl_peers_stopping(peer->all)) {
		prl_tile tile = { .level = PRL_TILE_ENTRIES, .number = at / PRL_TILE_WIDTH };
		uint64_t first = tile.number * PRL_TILE_WIDTH;
		uint64_t end = to - first < PRL_TILE_WIDTH ? to : first + PRL_TILE_WIDTH;
		tile.width = prl_tile_width(PRL_TILE_ENTRIES, tile.number, size);
		status = bundle_ask(peer, prefix, tile, err);
		if (!status)
			status = bundle_take(peer, ret, (unsigned)(at - first), (unsigned)(end - first), err);
		at = end;
	}
	return status;
}

/* ---- forks ------------------------------------------------------------------------------------------------------- */

typedef struct tiles {
	prl_peer_thread *peer;
	uint64_t size;
} tiles;

/* The root of 2^level leaves from the hashes of the tile that holds it: level 8 t + r is 2^r hashes of tile level t. */
static prl_status tile_subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	tiles *t = context;
	prl_hash hashes[PRL_TILE_WIDTH];
	char path[200] = "/log/";
	unsigned inside = level % 8, count = 1u << inside;
	uint64_t first = index << inside;
	prl_tile tile = { .level = (int)(level / 8), .number = first / PRL_TILE_WIDTH };
	tile.width = prl_tile_width(tile.level, tile.number, t->size);
	size_t offset = (size_t)(first % PRL_TILE_WIDTH) * sizeof *hashes;
	(void)prl_tile_path_write(&tile, path + strlen(path));
	prl_status status = prl_peer_ask(t->peer, path, err);
	if (status)
		return status;
	prl_bytes bytes = prl_peer_reply(t->peer);
	if (bytes.size < offset + count * sizeof *hashes)
		return prl_error_set(err, PRL_E_SYNTAX, "%s has %zu bytes", path, bytes.size);
	memcpy(hashes, bytes.data + offset, count * sizeof *hashes);
	for (; count > 1; count /= 2)
		for (unsigned i = 0; i < count / 2; i++)
			hashes[i] = prl_node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
	*ret = hashes[0];
	return PRL_OK;
}

static prl_status fork_file(prl_peer_thread *peer, prl_bytes checkpoint, const prl_proof *path, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_FORK, .log = peer->origin, .checkpoint = checkpoint, .proof = path };
	prl_status status = prl_clerk_submit_wait(peer->all->parts.clerk, &filing);
	if (status && status != PRL_E_FORKED) {
		*err = filing.err;
		return status;
	}
	return prl_error_set(err, PRL_E_FORKED, "it has signed two histories of its log");
}

/* A checkpoint larger than what we hold whose entries do not lead to it: either the path from our tree to it does not
 * hold, which proves the fork, or it served other entries than its own. */
static prl_status investigate(prl_peer_thread *peer, prl_bytes checkpoint, const prl_checkpoint *c, prl_error *err)
{
	tiles t = { peer, c->size };
	uint64_t held;
	prl_hash root;
	prl_proof *path = malloc(sizeof *path);
	if (!path)
		return prl_error_memory(err);
	prl_ledger_head(peer->mirror, &held, &root);
	prl_status status = prl_consistency_prove(held, c->size, tile_subtree, &t, path, err);
	if (!status && prl_consistency_verify(held, &root, c->size, &c->root, path, NULL) == PRL_OK)
		status = prl_error_set(err, PRL_E_SIGNATURE, "the entries that it serves are not those of its tree");
	else if (!status)
		status = prl_fork_prove(held, c->size, tile_subtree, &t, path, err);
	if (!status)
		status = fork_file(peer, checkpoint, path, err);
	free(path);
	return status;
}

/* A checkpoint that is not larger than what we hold. */
static prl_status compare(prl_peer_thread *peer, prl_bytes checkpoint, const prl_checkpoint *c, prl_error *err)
{
	const prl_peers_parts *parts = &peer->all->parts;
	prl_store_reader *reader = NULL;
	prl_hash root = prl_empty_root();
	prl_status status = PRL_OK;
	if (c->size) {
		status = prl_readers_take(parts->readers, &reader, err);
		if (!status)
			status = prl_ledger_root(peer->mirror, reader, c->size, &root, err);
		prl_readers_give(parts->readers, reader);
	}
	if (status || prl_hash_equal(&root, &c->root))
		return status;
	return fork_file(peer, checkpoint, NULL, err);
}

static prl_status checkpoint_open(prl_peer_thread *peer, prl_bytes bytes, prl_checkpoint *ret, prl_error *err)
{
	prl_verifier key;
	prl_status status = prl_peer_key(peer, &key, err);
	return status ? status : prl_checkpoint_open(bytes, &key, ret, NULL, err);
}

prl_status prl_peer_look(prl_peer_thread *peer, prl_bytes checkpoint, prl_error *err)
{
	prl_checkpoint c;
	uint64_t held;
	prl_status status = checkpoint_open(peer, checkpoint, &c, err);
	if (status)
		return status;
	prl_ledger_head(peer->mirror, &held, NULL);
	return c.size <= held ? compare(peer, checkpoint, &c, err) : PRL_OK;
}

/* ---- the missing part -------------------------------------------------------------------------------------------- */

/* Our lines go to the peer, which may not be able to reach us. */
static prl_status cosignatures_send(prl_peer_thread *peer, prl_bytes checkpoint, const char *lines, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX + 2 * PRL_SIGNATURE_LINE_MAX);
	prl_buffer_append(&note, checkpoint.data, checkpoint.size);
	prl_buffer_append(&note, lines, strlen(lines));
	prl_bytes body = { note.data, note.size };
	prl_status status =
		note.failed ? prl_error_memory(err)
			    : prl_peer_send(peer, "POST", "/parley/v1/peer/cosignatures", "text/plain", &body, err);
	prl_buffer_done(&note);
	return status;
}

/* A checkpoint for the end of a part: the peer signs its tree as it stood then. */
static prl_status part_checkpoint(prl_peer_thread *peer, uint64_t size, prl_buffer *ret, prl_error *err)
{
	char path[80];
	(void)snprintf(path, sizeof path, "/parley/v1/peer/checkpoint/%llu", (unsigned long long)size);
	prl_status status = prl_peer_ask(peer, path, err);
	prl_bytes reply = prl_peer_reply(peer);
	if (!status && !prl_buffer_append(ret, reply.data, reply.size))
		status = prl_error_memory(err);
	return status;
}

static prl_status part_mirror(prl_peer_thread *peer, uint64_t start, const prl_fetched *part, prl_bytes checkpoint,
			      prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_MIRROR,
			      .log = peer->origin,
			      .start = start,
			      .entries = part->entries,
			      .entry_count = part->count,
			      .checkpoint = checkpoint };
	prl_status status = prl_clerk_submit_wait(peer->all->parts.clerk, &filing);
	if (status == PRL_E_STALE) /* it has pushed them meanwhile */
		return PRL_OK;
	if (!status)
		return cosignatures_send(peer, checkpoint, filing.cosignatures, err);
	prl_checkpoint c;
	if (status == PRL_E_SIGNATURE && checkpoint_open(peer, checkpoint, &c, err) == PRL_OK)
		return investigate(peer, checkpoint, &c, err);
	*err = filing.err;
	return status;
}

static prl_status part_pull(prl_peer_thread *peer, uint64_t held, prl_bytes checkpoint, const prl_checkpoint *c,
			    prl_error *err)
{
	prl_fetched part = { .count = 0 };
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint64_t to = c->size - held > PRL_PUSH_ENTRIES_MAX ? held + PRL_PUSH_ENTRIES_MAX : c->size;
	prl_status status = prl_peer_fetch(peer, "/log", held, to, c->size, PRL_PUSH_BYTES_MAX, &part, err);
	to = held + part.count;
	if (!status && to < c->size)
		status = part_checkpoint(peer, to, &note, err);
	if (!status)
		status = part_mirror(peer, held, &part, to < c->size ? (prl_bytes){ note.data, note.size } : checkpoint,
				     err);
	prl_buffer_done(&note);
	prl_fetched_done(&part);
	return status;
}

static prl_status pull_to(prl_peer_thread *peer, prl_bytes checkpoint, const prl_checkpoint *c, prl_error *err)
{
	uint64_t held, before = UINT64_MAX;
	prl_status status = PRL_OK;
	prl_ledger_head(peer->mirror, &held, NULL);
	if (c->size <= held)
		return compare(peer, checkpoint, c, err);
	while (!status && held < c->size && held != before && !prl_peers_stopping(peer->all)) {
		before = held;
		status = part_pull(peer, held, checkpoint, c, err);
		prl_ledger_head(peer->mirror, &held, NULL);
	}
	return status;
}

prl_status prl_peer_pull(prl_peer_thread *peer, prl_error *err)
{
	prl_checkpoint c;
	prl_buffer checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_status status = prl_peer_ask(peer, "/log/checkpoint", err);
	prl_bytes reply = prl_peer_reply(peer);
	if (!status && !prl_buffer_append(&checkpoint, reply.data, reply.size))
		status = prl_error_memory(err);
	prl_bytes note = { checkpoint.data, checkpoint.size };
	if (!status)
		status = checkpoint_open(peer, note, &c, err);
	if (!status)
		prl_peer_heard(peer);
	if (!status)
		status = pull_to(peer, note, &c, err);
	prl_buffer_done(&checkpoint);
	return status;
}
