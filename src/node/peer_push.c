/* New entries of our log to a peer, as soon as they are durable: a decimal start, the length of the checkpoint note,
 * the note, the entries in bundle framing. The peer answers with its cosignatures of that checkpoint and its own
 * newest. */
#include "node/peers_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "node/wire.h"

#include <stdio.h>
#include <string.h>

typedef struct batch {
	uint64_t start, count;
	size_t bytes;
	prl_buffer note;    /* checkpoint of size start + count */
	prl_buffer entries; /* in bundle framing */
	prl_buffer whole;
} batch;

static void batch_done(batch *b)
{
	prl_buffer_done(&b->note);
	prl_buffer_done(&b->entries);
	prl_buffer_done(&b->whole);
}

/* ---- what is sent ------------------------------------------------------------------------------------------------ */

static prl_status add_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	batch *b = context;
	uint8_t length[2] = { (uint8_t)(entry.size >> 8), (uint8_t)entry.size };
	(void)index;
	if (!prl_buffer_append(&b->entries, length, 2) || !prl_buffer_append(&b->entries, entry.data, entry.size))
		return prl_error_memory(err);
	b->count++;
	b->bytes += entry.size;
	return b->bytes >= PRL_PUSH_BYTES_MAX ? PRL_E_CALLBACK : PRL_OK;
}

/* The newest checkpoint where it is of this size. */
static bool newest_note(const prl_peers_parts *parts, prl_store_reader *reader, uint64_t size, prl_buffer *ret)
{
	prl_checkpoint c;
	if (prl_store_checkpoint(reader, prl_ledger_log(parts->own)->id, ret, NULL) == PRL_OK &&
	    prl_checkpoint_open((prl_bytes){ ret->data, ret->size }, &parts->log_key->verifier, &c, NULL, NULL) ==
		    PRL_OK &&
	    c.size == size)
		return true;
	prl_buffer_clear(ret);
	return false;
}

/* Else one is signed for the tree as it stood at that size: a prefix of what has been published, so that a peer that is
 * far behind can mirror our log in parts. */
static prl_status earlier_note(const prl_peers_parts *parts, prl_store_reader *reader, uint64_t size, prl_buffer *ret,
			       prl_error *err)
{
	prl_checkpoint c = { .size = size };
	char text[PRL_CHECKPOINT_TEXT_MAX], line[PRL_SIGNATURE_LINE_MAX];
	(void)snprintf(c.origin, sizeof c.origin, "%s", prl_ledger_origin(parts->own));
	prl_status status = prl_ledger_root(parts->own, reader, size, &c.root, err);
	if (status)
		return status;
	size_t length = prl_checkpoint_write(&c, text);
	size_t signature = prl_note_sign((prl_bytes){ text, length }, parts->log_key, line);
	prl_buffer_append(ret, text, length);
	prl_buffer_append(ret, "\n", 1);
	return prl_buffer_append(ret, line, signature) ? PRL_OK : prl_error_memory(err);
}

static prl_status batch_read(batch *b, const prl_peers_parts *parts, prl_store_reader *reader, uint64_t size,
			     prl_error *err)
{
	uint64_t to = size - b->start > PRL_PUSH_ENTRIES_MAX ? b->start + PRL_PUSH_ENTRIES_MAX : size;
	prl_status status = prl_ledger_entries(parts->own, reader, b->start, to, add_entry, b, err);
	if (status && status != PRL_E_CALLBACK)
		return status;
	to = b->start + b->count;
	if (newest_note(parts, reader, to, &b->note))
		return PRL_OK;
	return earlier_note(parts, reader, to, &b->note, err);
}

static prl_status batch_make(batch *b, const prl_peers_parts *parts, uint64_t size, prl_error *err)
{
	prl_store_reader *reader = NULL;
	prl_status status = prl_readers_take(parts->readers, &reader, err);
	if (!status)
		status = batch_read(b, parts, reader, size, err);
	prl_readers_give(parts->readers, reader);
	if (status)
		return status;
	prl_buffer_printf(&b->whole, "%llu\n%zu\n", (unsigned long long)b->start, b->note.size);
	prl_buffer_append(&b->whole, b->note.data, b->note.size);
	return prl_buffer_append(&b->whole, b->entries.data, b->entries.size) ? PRL_OK : prl_error_memory(err);
}

/* ---- what comes back --------------------------------------------------------------------------------------------- */

/* A checkpoint of ours with the peer's lines. */
static prl_status cosigned(prl_peer_thread *peer, prl_bytes note, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_COSIGNED,
			      .log = prl_ledger_origin(peer->all->parts.own),
			      .checkpoint = note };
	prl_status status = prl_clerk_submit_wait(peer->all->parts.clerk, &filing);
	if (status)
		*err = filing.err;
	return status;
}

/* Cosignature lines, an empty line, the peer's own newest checkpoint. */
static prl_status on_taken(prl_peer_thread *peer, batch *b, prl_error *err)
{
	prl_bytes reply = prl_peer_reply(peer);
	const char *gap = memmem(reply.data, reply.size, "\n\n", 2);
	if (!gap)
		return prl_error_set(err, PRL_E_SYNTAX, "its answer to a push has no cosignatures and checkpoint");
	size_t lines = (size_t)(gap - reply.data) + 1;
	if (!prl_buffer_append(&b->note, reply.data, lines))
		return prl_error_memory(err);
	prl_bytes theirs = { reply.data + lines + 1, reply.size - lines - 1 };
	prl_status status = cosigned(peer, (prl_bytes){ b->note.data, b->note.size }, err);
	prl_peer_acknowledged(peer, b->start + b->count);
	prl_peer_heard(peer);
	return status ? status : prl_peer_look(peer, theirs, err);
}

/* 409: it holds another number of our entries. Where it holds more than we thought, an answer was lost, and with it the
 * cosignatures: they are asked for. */
static prl_status on_other_size(prl_peer_thread *peer, const batch *b, uint64_t own, prl_error *err)
{
	prl_bytes reply = prl_peer_reply(peer);
	uint64_t size;
	char path[120];
	if (!reply.size || reply.data[reply.size - 1] != '\n' ||
	    !prl_decimal_read((prl_bytes){ reply.data, reply.size - 1 }, &size) || size == b->start)
		return prl_error_set(err, PRL_E_SYNTAX, "it refused a push without saying how much it holds");
	if (size > own)
		return prl_error_set(err, PRL_E_FORKED, "it holds %llu entries of our log, this folder %llu",
				     (unsigned long long)size, (unsigned long long)own);
	prl_peer_acknowledged(peer, size);
	if (size < b->start)
		return PRL_OK;
	(void)snprintf(path, sizeof path, "%s/checkpoint", peer->own_path);
	prl_status status = prl_peer_ask(peer, path, err);
	return status ? status : cosigned(peer, prl_peer_reply(peer), err);
}

static prl_status push_one(prl_peer_thread *peer, uint64_t size, prl_error *err)
{
	batch b = { .start = peer->acknowledged,
		    .note = PRL_BUFFER(2 * PRL_CHECKPOINT_MAX),
		    .entries = PRL_BUFFER(PRL_PUSH_BYTES_MAX + PRL_ENTRY_MAX + 2 * PRL_PUSH_ENTRIES_MAX),
		    .whole = PRL_BUFFER(PRL_PUSH_BYTES_MAX + PRL_ENTRY_MAX + 2 * PRL_PUSH_ENTRIES_MAX +
					2 * PRL_CHECKPOINT_MAX + 64) };
	prl_status status = batch_make(&b, &peer->all->parts, size, err);
	prl_bytes body = { b.whole.data, b.whole.size };
	if (!status)
		status = prl_peer_send(peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", &body, err);
	if (!status && peer->reply.status == 200)
		status = on_taken(peer, &b, err);
	else if (!status && peer->reply.status == 409 && strcmp(peer->reply.type, "text/x.tlog.size") == 0)
		status = on_other_size(peer, &b, size, err);
	else if (!status)
		status = prl_reply_error(&peer->reply, prl_link_address(peer->link), err);
	batch_done(&b);
	return status;
}

prl_status prl_peer_push(prl_peer_thread *peer, prl_error *err)
{
	prl_status status = PRL_OK;
	uint64_t size;
	bool fell = false; /* once is a peer that lost its end; one that says less and more in turn would go on for ever */
	prl_ledger_head(peer->all->parts.own, &size, NULL);
	while (!status && peer->acknowledged < size && !prl_peers_stopping(peer->all)) {
		uint64_t before = peer->acknowledged;
		status = push_one(peer, size, err);
		bool falls = peer->acknowledged < before;
		if (!status && falls && fell)
			status = prl_error_set(err, PRL_E_SYNTAX,
					       "it says in turn that it holds more and fewer entries of our log");
		fell = fell || falls;
		prl_ledger_head(peer->all->parts.own, &size, NULL);
	}
	return status;
}
