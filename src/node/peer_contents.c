/* Contents that our log announces for parties hosted at a peer: sent after the entry, again until its content.got has
 * been seen. What is under way is found in the entries that were pushed, and now and then in the picture as a whole. */
#include "node/announced.h"
#include "node/api.h"
#include "node/peers_inside.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define RETRY_MS     1000  /* not here yet, or not announced there yet */
#define RESEND_MS    30000 /* taken there, but no content.got has come */
#define SCAN_MS      60000 /* between two looks through the picture */
#define READ_AT_ONCE 256u

typedef struct finding {
	prl_peer_thread *peer;
	prl_version version;
	bool full;
	prl_entry entry;
} finding;

/* ---- found ------------------------------------------------------------------------------------------------------- */

static bool is_due_there(const finding *f, const prl_content *content)
{
	const prl_peer_thread *peer = f->peer;
	return strcmp(content->log, prl_ledger_origin(peer->all->parts.own)) == 0 &&
	       prl_announced_to(peer->all->parts.picture, f->version, content, peer->origin) &&
	       !prl_announced_got(content, peer->origin);
}

static bool add(void *context, const prl_content *content)
{
	finding *f = context;
	prl_peer_thread *peer = f->peer;
	if (!is_due_there(f, content))
		return true;
	for (size_t i = 0; i < peer->sending_count; i++)
		if (prl_hash_equal(&peer->sending[i].hash, &content->hash))
			return true;
	f->full = peer->sending_count == PRL_PEER_PENDING_MAX;
	if (!f->full)
		peer->sending[peer->sending_count++] = (prl_sending){ .hash = content->hash };
	return !f->full;
}

static bool add_row(void *context, prl_bytes key, const void *value)
{
	(void)key;
	return add(context, value);
}

static prl_status add_entry(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	finding *f = context;
	const prl_peers_parts *parts = &f->peer->all->parts;
	(void)err;
	if (prl_entry_read(bytes, &f->entry, NULL))
		return PRL_OK;
	json_t *body = json_loadb(f->entry.body.data, f->entry.body.size, 0, NULL);
	prl_announced_each(parts->picture, f->version, prl_ledger_origin(parts->own), index, body, add, f);
	json_decref(body);
	return PRL_OK;
}

static prl_status find_in_entries(prl_peer_thread *peer, finding *f, prl_error *err)
{
	const prl_peers_parts *parts = &peer->all->parts;
	prl_store_reader *reader = NULL;
	prl_status status = prl_readers_take(parts->readers, &reader, err);
	while (!status && peer->scanned < peer->acknowledged) {
		uint64_t left = peer->acknowledged - peer->scanned;
		uint64_t to = peer->scanned + (left > READ_AT_ONCE ? READ_AT_ONCE : left);
		status =
			prl_store_entries(reader, prl_ledger_log(parts->own)->id, peer->scanned, to, add_entry, f, err);
		peer->scanned = to;
	}
	prl_readers_give(parts->readers, reader);
	return status;
}

/* At the start and each minute all contents of the picture, between that the entries that were pushed. */
static prl_status find(prl_peer_thread *peer, prl_error *err)
{
	prl_picture *picture = peer->all->parts.picture;
	prl_status status = PRL_OK;
	int64_t now = prl_peers_now_ms();
	if (now < peer->scan_ms && peer->scanned >= peer->acknowledged)
		return PRL_OK;
	finding *f = calloc(1, sizeof *f);
	if (!f)
		return prl_error_memory(err);
	f->peer = peer;
	f->version = prl_picture_pin(picture);
	if (now >= peer->scan_ms) {
		status = prl_picture_each(picture, f->version, PRL_TABLE_CONTENT, add_row, f, err);
		peer->scanned = peer->acknowledged;
		peer->scan_ms = now + (f->full ? RETRY_MS : SCAN_MS);
	} else {
		status = find_in_entries(peer, f, err);
	}
	prl_picture_unpin(picture, f->version);
	free(f);
	return status;
}

/* ---- sent -------------------------------------------------------------------------------------------------------- */

/* False when it need not be sent any more. */
static bool is_wanted(prl_peer_thread *peer, const prl_hash *hash)
{
	finding f = { .peer = peer };
	prl_picture *picture = peer->all->parts.picture;
	f.version = prl_picture_pin(picture);
	const prl_content *content =
		prl_picture_content_of(picture, f.version, hash, prl_bytes_of(prl_ledger_origin(peer->all->parts.own)));
	bool wanted = content && is_due_there(&f, content);
	prl_picture_unpin(picture, f.version);
	return wanted;
}

static prl_status content_read(const prl_peers_parts *parts, const prl_hash *hash, prl_buffer *ret, prl_error *err)
{
	prl_store_reader *reader = NULL;
	prl_time at;
	prl_status status = prl_readers_take(parts->readers, &reader, err);
	if (!status)
		status = prl_store_content_get(reader, hash, &at, ret, err);
	prl_readers_give(parts->readers, reader);
	return status;
}

static prl_status put(prl_peer_thread *peer, prl_sending *s, const prl_buffer *bytes, prl_error *err)
{
	char path[120] = "/parley/v1/peer/contents/";
	prl_hex_write(s->hash.bytes, sizeof s->hash.bytes, path + strlen(path));
	prl_bytes body = { bytes->data, bytes->size };
	prl_status status = prl_peer_send(peer, "PUT", path, "application/octet-stream", &body, err);
	if (status)
		return status;
	prl_peer_heard(peer);
	s->sent = peer->reply.status >= 200 && peer->reply.status < 300;
	s->next_ms = prl_peers_now_ms() + (s->sent ? RESEND_MS : RETRY_MS);
	return PRL_OK;
}

/* *ret_drop: it is there, or will never be here. */
static prl_status send_one(prl_peer_thread *peer, prl_sending *s, bool *ret_drop, prl_error *err)
{
	*ret_drop = !is_wanted(peer, &s->hash);
	if (*ret_drop)
		return PRL_OK;
	prl_buffer bytes = PRL_BUFFER(PRL_CONTENT_MAX);
	prl_status status = content_read(&peer->all->parts, &s->hash, &bytes, err);
	if (status == PRL_E_NOT_FOUND)
		s->next_ms = prl_peers_now_ms() + RETRY_MS;
	*ret_drop = status == PRL_E_STALE;
	if (!status)
		status = put(peer, s, &bytes, err);
	else if (status == PRL_E_NOT_FOUND || status == PRL_E_STALE)
		status = PRL_OK;
	prl_buffer_done(&bytes);
	return status;
}

/* A content has been brought since the last look: what waits for one is due. */
static void bring_forward(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	bool brought = peer->contents_generation != all->contents_generation;
	peer->contents_generation = all->contents_generation;
	(void)pthread_mutex_unlock(&all->lock);
	for (size_t i = 0; brought && i < peer->sending_count; i++)
		if (!peer->sending[i].sent)
			peer->sending[i].next_ms = 0;
}

prl_status prl_peer_send_contents(prl_peer_thread *peer, prl_error *err)
{
	prl_status status = find(peer, err);
	bring_forward(peer);
	size_t kept = 0;
	for (size_t i = 0; i < peer->sending_count; i++) {
		prl_sending s = peer->sending[i];
		bool drop = false;
		if (!status && s.next_ms <= prl_peers_now_ms() && !prl_peers_stopping(peer->all))
			status = send_one(peer, &s, &drop, err);
		if (!drop)
			peer->sending[kept++] = s;
	}
	peer->sending_count = kept;
	return status;
}

int64_t prl_peer_contents_due(const prl_peer_thread *peer)
{
	int64_t due = peer->scan_ms;
	for (size_t i = 0; i < peer->sending_count; i++)
		due = peer->sending[i].next_ms < due ? peer->sending[i].next_ms : due;
	return due;
}
