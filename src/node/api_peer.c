/* What nodes say to each other. A push: decimal start, length of the checkpoint note, both with \n, the note, then the
 * entries in bundle framing (u16be length ‖ bytes). Its answer: our cosignature lines, an empty line, our own newest
 * checkpoint; or 409 with the size that we hold. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "node/peers.h"

#include <stdio.h>
#include <string.h>

typedef struct push {
	prl_api *api;
	prl_filing filing;
	char origin[PRL_KEY_NAME_MAX + 1];
	bool by_file; /* brought by a key of this node: its peer has not spoken */
	prl_push read;
	size_t room;
	prl_bytes entries[];
} push;

/* NULL: has answered. */
static push *push_new(prl_api *api, prl_request *request, size_t room)
{
	size_t size = sizeof(push) + room * sizeof(prl_bytes);
	push *p = prl_arena_alloc(prl_request_arena(request), 1, size);
	if (!p) {
		prl_api_no_memory(request);
		return NULL;
	}
	memset(p, 0, size);
	p->api = api;
	p->room = room;
	p->filing.context = request;
	return p;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void answer_mirrored(push *p, prl_request *request)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(PRL_CHECKPOINT_MAX + 2 * PRL_SIGNATURE_LINE_MAX + 8);
	prl_store_reader *reader = NULL;
	prl_error err;
	prl_buffer_printf(&text, "%s\n", p->filing.cosignatures);
	prl_status status = prl_readers_take(p->api->readers, &reader, &err);
	if (!status)
		status = prl_api_checkpoint(p->api, reader, &text, &err);
	prl_readers_give(p->api->readers, reader);
	if (status)
		prl_answer_error(request, &err);
	else
		prl_answer_bytes(request, 200, "text/plain; charset=utf-8", text.data, text.size);
}

static void on_mirrored(prl_filing *filing)
{
	push *p = (push *)(void *)((char *)filing - offsetof(push, filing));
	prl_request *request = filing->context;
	char size[24];
	bool misfit = filing->status == PRL_E_SIGNATURE || filing->status == PRL_E_FORKED;
	if (!p->by_file)
		prl_peers_heard(p->api->peers, p->origin, misfit);
	if (!filing->status) {
		answer_mirrored(p, request);
	} else if (filing->status == PRL_E_STALE) {
		(void)snprintf(size, sizeof size, "%llu\n", (unsigned long long)filing->size);
		prl_answer_bytes(request, 409, "text/x.tlog.size", size, strlen(size));
	} else if (misfit) {
		prl_answer_status(request, 422, "%s", filing->err.text);
	} else {
		prl_api_refused(p->api, request, filing);
	}
}

static void push_file(push *p, prl_request *request)
{
	prl_error err;
	if (!prl_api_mirror(p->api, prl_bytes_of(p->origin))) {
		prl_answer_status(request, 404, "the log %s is not mirrored here", p->origin);
		return;
	}
	if (prl_push_read(prl_request_body(request), p->entries, p->room, &p->read, &err)) {
		prl_answer_error(request, &err);
		return;
	}
	p->filing.what = PRL_FILING_MIRROR;
	p->filing.log = p->origin;
	p->filing.start = p->read.start;
	p->filing.checkpoint = p->read.checkpoint;
	p->filing.entries = p->read.entries;
	p->filing.entry_count = p->read.count;
	p->filing.done = on_mirrored;
	prl_request_take(request);
	prl_clerk_submit(p->api->clerk, &p->filing);
}

void prl_api_peer_entries(void *node, prl_request *request)
{
	push *p = push_new(node, request, PRL_PUSH_ENTRIES_MAX);
	if (!p)
		return;
	(void)snprintf(p->origin, sizeof p->origin, "%.*s", PRL_KEY_NAME_MAX, prl_request_caller(request)->name);
	push_file(p, request);
}

/* Who brings them does not matter: the log's own signature is under the checkpoint that they must lead to. */
void prl_api_import_entries(void *node, prl_request *request)
{
	static const char *const taken[] = { "log", NULL };
	prl_bytes log = prl_request_query(request, "log");
	if (!prl_request_queries_only(request, taken))
		return;
	if (!log.size || log.size > PRL_KEY_NAME_MAX) {
		prl_answer_status(request, 400, "log: the origin of the log was expected");
		return;
	}
	/* An entry has at least 2 bytes of length and, in any log of a line, a head of over 30. */
	push *p = push_new(node, request, prl_request_body(request).size / 32 + 1);
	if (!p)
		return;
	memcpy(p->origin, log.data, log.size);
	p->by_file = true;
	push_file(p, request);
}

/* ---- cosignatures of our own log --------------------------------------------------------------------------------- */

static void on_cosigned(prl_filing *filing)
{
	push *p = (push *)(void *)((char *)filing - offsetof(push, filing));
	if (filing->status)
		prl_api_refused(p->api, filing->context, filing);
	else
		prl_answer_bytes(filing->context, 204, "text/plain", "", 0);
}

static void cosigned_file(prl_api *api, prl_request *request)
{
	push *p = push_new(api, request, 0);
	if (!p)
		return;
	p->filing.what = PRL_FILING_COSIGNED;
	p->filing.log = prl_ledger_origin(api->own);
	p->filing.checkpoint = prl_request_body(request);
	p->filing.done = on_cosigned;
	prl_request_take(request);
	prl_clerk_submit(api->clerk, &p->filing);
}

/* From a peer that pulls and that we cannot reach: our checkpoint with its lines. */
void prl_api_peer_cosignatures(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_peers_heard(api->peers, prl_request_caller(request)->name, false);
	cosigned_file(api, request);
}

void prl_api_import_cosignatures(void *node, prl_request *request)
{
	cosigned_file(node, request);
}

/* ---- a checkpoint of an earlier size ----------------------------------------------------------------------------- */

/* Signs the tree of our own log as it stood at a size that has been published: a prefix of what all can see, so that a
 * peer that is far behind can mirror it in parts. */
void prl_api_peer_checkpoint(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_checkpoint c = { .size = 0 };
	prl_error err;
	prl_store_reader *reader = NULL;
	uint64_t published;
	char text[PRL_CHECKPOINT_TEXT_MAX + PRL_SIGNATURE_LINE_MAX + 2];
	if (!prl_api_number(request, prl_request_part(request, "size"), "size", 0, &c.size))
		return;
	prl_ledger_head(api->own, &published, NULL);
	if (c.size == 0 || c.size > published) {
		prl_answer_status(request, 404, "the log has %llu entries", (unsigned long long)published);
		return;
	}
	(void)snprintf(c.origin, sizeof c.origin, "%s", prl_ledger_origin(api->own));
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = prl_ledger_root(api->own, reader, c.size, &c.root, &err);
	prl_readers_give(api->readers, reader);
	if (status) {
		prl_answer_error(request, &err);
		return;
	}
	size_t length = prl_checkpoint_write(&c, text);
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t signature = prl_note_sign((prl_bytes){ text, length }, api->log_key, line);
	text[length] = '\n';
	memcpy(text + length + 1, line, signature);
	prl_answer_bytes(request, 200, "text/plain; charset=utf-8", text, length + 1 + signature);
}
