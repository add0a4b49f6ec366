/* Contents that our log says we have and that are not here: a tail that was taken back from a mirror brings the
 * content.got, not the bytes. They are asked for again from the node whose log announces them; what nobody hands out
 * (our own announcements: others keep those only for themselves) is said to the operator, never passed over. */
#include "node/announced.h"
#include "node/peers_inside.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOST_MAX 1024u /* looked for after one start; the rest after the next */

typedef struct lost {
	prl_peer_thread *peer;
	prl_version version;
	prl_store_reader *reader;
	size_t count;
	struct {
		prl_hash hash;
		bool here; /* the peer's own announcement: it hands it out */
	} items[LOST_MAX];
} lost;

static bool is_here(lost *l, const prl_hash *hash)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer bytes = PRL_BUFFER(SIZE_MAX - 1);
	prl_time at;
	return prl_store_content_get(l->reader, hash, &at, &bytes, NULL) != PRL_E_NOT_FOUND; /* deleted is no loss */
}

static bool look_at(void *context, prl_bytes key, const void *value)
{
	lost *l = context;
	const prl_content *content = value;
	const char *own = prl_ledger_origin(l->peer->all->parts.own);
	bool ours = !strcmp(content->log, own);
	(void)key;
	if ((ours || prl_announced_got(content, own)) && !is_here(l, &content->hash)) {
		l->items[l->count].here = !strcmp(content->log, l->peer->origin);
		l->items[l->count++].hash = content->hash;
	}
	return l->count < LOST_MAX;
}

static prl_status find(lost *l, prl_error *err)
{
	const prl_peers_parts *parts = &l->peer->all->parts;
	prl_status st = prl_readers_take(parts->readers, &l->reader, err);
	if (st)
		return st;
	l->version = prl_picture_pin(parts->picture);
	st = prl_picture_each(parts->picture, l->version, PRL_TABLE_CONTENT, look_at, l, err);
	prl_picture_unpin(parts->picture, l->version);
	prl_readers_give(parts->readers, l->reader);
	return st;
}

/* Asks the peer for one; the clerk keeps it when it is what the hash says. */
static prl_status fetch(prl_peer_thread *peer, const prl_hash *hash, prl_error *err)
{
	char hex[65], path[120];
	prl_hex_write(hash->bytes, sizeof hash->bytes, hex);
	(void)snprintf(path, sizeof path, "/parley/v1/contents/%s", hex);
	prl_status st = prl_peer_ask(peer, path, err);
	if (st)
		return st;
	prl_store_content content = { .hash = *hash, .bytes = prl_peer_reply(peer) };
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = &content, .content_count = 1 };
	st = prl_clerk_submit_wait(peer->all->parts.clerk, &filing);
	if (st)
		*err = filing.err;
	return st;
}

prl_status prl_peer_fetch_lost(prl_peer_thread *peer, prl_error *err)
{
	lost *l = calloc(1, sizeof *l);
	size_t fetched = 0;
	if (!l)
		return prl_error_memory(err);
	l->peer = peer;
	prl_status st = find(l, err);
	for (size_t i = 0; !st && i < l->count && !prl_peers_stopping(peer->all); i++) {
		prl_error why;
		fetched += l->items[i].here && !fetch(peer, &l->items[i].hash, &why);
	}
	if (!st && fetched)
		prl_peers_say(peer->all, "peer %s: %zu contents that were lost here were fetched again", peer->origin,
			      fetched);
	if (!st && l->count > fetched)
		prl_peers_say(peer->all,
			      "%zu contents that our log says are kept here are not: those who have them can put them "
			      "into an "
			      "export, which `parley log import` takes",
			      l->count - fetched);
	free(l);
	return st;
}
