/* The record for other people's programs: checkpoint and tiles (tlog-tiles v0.1.0) of our own log and of the mirrors,
 * proofs (tlog-proof), the witness (tlog-witness v1.0.0). Hashes and checkpoints are public; entries need a session. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

static prl_status newest_checkpoint(prl_store_reader *reader, uint32_t id, prl_buffer *ret, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer cosigned = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	PRL_CLEANUP(prl_buffer_done) prl_buffer newest = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_checkpoint c;
	prl_note *note = malloc(sizeof *note);
	uint64_t size = 0;
	if (!note)
		return prl_error_memory(err);
	prl_status status = prl_store_checkpoint(reader, id, &newest, err);
	if (!status)
		status = prl_note_read((prl_bytes){ newest.data, newest.size }, note, err);
	if (!status)
		status = prl_checkpoint_read(note->text, &c, err);
	free(note);
	if (status)
		return status;
	bool known = prl_store_cosigned_to(reader, id, c.size, &size, &cosigned, NULL) == PRL_OK && size == c.size;
	const prl_buffer *best = known ? &cosigned : &newest;
	return prl_buffer_append(ret, best->data, best->size) ? PRL_OK : prl_error_memory(err);
}

prl_status prl_api_checkpoint(const prl_api *api, prl_store_reader *reader, prl_buffer *ret, prl_error *err)
{
	return newest_checkpoint(reader, prl_ledger_log(api->own)->id, ret, err);
}

static void answer_checkpoint(prl_request *request, prl_status status, const prl_buffer *text, prl_error *err)
{
	if (status) {
		prl_answer_error(request, err);
		return;
	}
	prl_answer_header(request, "Cache-Control", "max-age=1");
	prl_answer_bytes(request, 200, "text/plain; charset=utf-8", text->data, text->size);
}

static void checkpoint_of(prl_api *api, prl_request *request, uint32_t id)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_store_reader *reader = NULL;
	prl_error err;
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = newest_checkpoint(reader, id, &text, &err);
	prl_readers_give(api->readers, reader);
	answer_checkpoint(request, status, &text, &err);
}

void prl_api_log_checkpoint(void *node, prl_request *request)
{
	prl_api *api = node;
	checkpoint_of(api, request, prl_ledger_log(api->own)->id);
}

/* ---- tiles ------------------------------------------------------------------------------------------------------- */

static void tile_of(prl_api *api, prl_request *request, prl_ledger *ledger)
{
	char path[PRL_TILE_PATH_MAX + 8];
	prl_bytes rest = prl_request_part(request, "rest");
	prl_tile tile;
	prl_error err;
	int length = snprintf(path, sizeof path, "tile/%.*s", (int)(rest.size > 80 ? 80 : rest.size), rest.data);
	if (length < 0 || (size_t)length >= sizeof path ||
	    prl_tile_path_read((prl_bytes){ path, (size_t)length }, &tile, NULL)) {
		prl_answer_status(request, 404, "no path of a tile (tlog-tiles)");
		return;
	}
	if (tile.level == PRL_TILE_ENTRIES && prl_request_caller(request)->kind == PRL_CALLER_NOBODY) {
		prl_answer_header(request, "WWW-Authenticate", "Bearer");
		prl_answer_status(request, 401, "entries are for those of the line: log in; hashes are public");
		return;
	}
	prl_store_reader *reader = NULL;
	/* 256 entries of 65,535 bytes and their lengths: the largest bundle. */
	prl_buffer bytes = PRL_BUFFER(PRL_TILE_WIDTH * (PRL_ENTRY_MAX + 2u));
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = prl_ledger_tile(ledger, reader, &tile, &bytes, &err);
	prl_readers_give(api->readers, reader);
	if (status) {
		prl_answer_error(request, &err);
	} else {
		prl_answer_header(request, "Cache-Control",
				  tile.level == PRL_TILE_ENTRIES ? "private, max-age=31536000, immutable"
								 : "public, max-age=31536000, immutable");
		prl_answer_bytes(request, 200, "application/octet-stream", bytes.data, bytes.size);
	}
	prl_buffer_done(&bytes);
}

void prl_api_log_tile(void *node, prl_request *request)
{
	prl_api *api = node;
	tile_of(api, request, api->own);
}

/* ---- mirrors ----------------------------------------------------------------------------------------------------- */

static prl_ledger *mirror_of(prl_api *api, prl_request *request)
{
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_ledger *mirror = NULL;
	if (prl_api_origin(api, prl_request_part(request, "log"), origin))
		mirror = prl_api_mirror(api, prl_bytes_of(origin));
	if (!mirror)
		prl_answer_status(request, 404, "no log with this SHA-256 of its origin is mirrored here");
	return mirror;
}

void prl_api_mirror_checkpoint(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_ledger *mirror = mirror_of(api, request);
	if (mirror)
		checkpoint_of(api, request, prl_ledger_log(mirror)->id);
}

void prl_api_mirror_tile(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_ledger *mirror = mirror_of(api, request);
	if (mirror)
		tile_of(api, request, mirror);
}

/* ---- proofs ------------------------------------------------------------------------------------------------------ */

/* The newest checkpoint with cosignatures that covers the entry; without one, the newest. */
static prl_status proof_checkpoint(prl_api *api, prl_store_reader *reader, uint64_t index, prl_buffer *ret,
				   prl_error *err)
{
	uint64_t size = 0;
	prl_status status = prl_store_cosigned_to(reader, prl_ledger_log(api->own)->id, UINT64_MAX, &size, ret, NULL);
	if (!status && size > index)
		return PRL_OK;
	prl_buffer_clear(ret);
	return prl_store_checkpoint(reader, prl_ledger_log(api->own)->id, ret, err);
}

static prl_status proof_make(prl_api *api, prl_store_reader *reader, uint64_t index, prl_buffer *checkpoint,
			     prl_buffer *ret, prl_error *err)
{
	prl_proof_file file = { .index = index };
	prl_checkpoint c = { .size = 0 };
	prl_note *note = malloc(sizeof *note);
	prl_status status = note ? proof_checkpoint(api, reader, index, checkpoint, err) : prl_error_memory(err);
	file.checkpoint = (prl_bytes){ checkpoint->data, checkpoint->size };
	if (!status)
		status = prl_checkpoint_open(file.checkpoint, &api->log_key->verifier, &c, note, err);
	free(note);
	if (!status)
		status = prl_ledger_inclusion(api->own, reader, index, c.size, &file.proof, err);
	if (status)
		return status;
	char *text = malloc(PRL_PROOF_FILE_MAX);
	size_t size = text ? prl_proof_file_write(&file, text, PRL_PROOF_FILE_MAX) : 0;
	bool good = size && prl_buffer_append(ret, text, size);
	free(text);
	return good ? PRL_OK : prl_error_memory(err);
}

void prl_api_log_proof(void *node, prl_request *request)
{
	prl_api *api = node;
	uint64_t index, size;
	prl_error err;
	prl_store_reader *reader = NULL;
	if (!prl_api_number(request, prl_request_part(request, "index"), "index", 0, &index))
		return;
	prl_ledger_head(api->own, &size, NULL);
	if (index >= size) {
		prl_answer_status(request, 404, "the log has %llu entries", (unsigned long long)size);
		return;
	}
	PRL_CLEANUP(prl_buffer_done) prl_buffer checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	PRL_CLEANUP(prl_buffer_done) prl_buffer file = PRL_BUFFER(PRL_PROOF_FILE_MAX);
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = proof_make(api, reader, index, &checkpoint, &file, &err);
	prl_readers_give(api->readers, reader);
	if (status)
		prl_answer_error(request, &err);
	else
		prl_answer_bytes(request, 200, "text/plain; charset=utf-8", file.data, file.size);
}

/* ---- the witness (tlog-witness v1.0.0) --------------------------------------------------------------------------- */

/* GET <prefix>/<hex sha256(origin)>/checkpoint: the largest that we have cosigned. */
static prl_status largest_cosigned(prl_store_reader *reader, uint32_t id, prl_buffer *ret, prl_error *err)
{
	uint64_t size = 0;
	return prl_store_cosigned_to(reader, id, UINT64_MAX, &size, ret, err);
}

void prl_api_witness_checkpoint(void *node, prl_request *request)
{
	prl_api *api = node;
	char origin[PRL_KEY_NAME_MAX + 1];
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_error err;
	prl_store_reader *reader = NULL;
	if (!prl_api_origin(api, prl_request_part(request, "log"), origin)) {
		prl_answer_status(request, 404, "no log with this SHA-256 of its origin is known here");
		return;
	}
	prl_ledger *mirror = prl_api_mirror(api, prl_bytes_of(origin));
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = largest_cosigned(reader, prl_ledger_log(mirror ? mirror : api->own)->id, &text, &err);
	prl_readers_give(api->readers, reader);
	answer_checkpoint(request, status, &text, &err);
}

typedef struct witnessing {
	prl_api *api;
	prl_filing filing;
	prl_witness_request read;
} witnessing;

static void on_witnessed(prl_filing *filing)
{
	witnessing *w = (witnessing *)(void *)((char *)filing - offsetof(witnessing, filing));
	prl_request *request = filing->context;
	char size[24];
	switch (filing->status) {
	case PRL_OK:
		prl_answer_bytes(request, 200, "text/plain; charset=utf-8", filing->cosignatures,
				 strlen(filing->cosignatures));
		break;
	case PRL_E_STALE:
		(void)snprintf(size, sizeof size, "%llu\n", (unsigned long long)filing->size);
		prl_answer_bytes(request, 409, "text/x.tlog.size", size, strlen(size));
		break;
	case PRL_E_SIGNATURE:
	case PRL_E_FORKED:
		prl_answer_status(request, 422, "%s", filing->err.text);
		break;
	default:
		prl_api_refused(w->api, request, filing);
	}
}

/* 404 for an origin that we do not witness, 403 without the log's own signature, 400 for old above size. */
static unsigned witness_check(prl_api *api, witnessing *w, prl_error *err)
{
	prl_ledger *mirror = prl_api_mirror(api, prl_bytes_of(w->read.checkpoint.origin));
	if (!mirror) {
		(void)prl_error_set(err, PRL_E_NOT_FOUND, "this origin is not witnessed here");
		return 404;
	}
	w->filing.log = prl_ledger_origin(mirror);
	prl_version version = prl_picture_pin(api->picture);
	const prl_log *log = prl_picture_log(api->picture, version, prl_bytes_of(w->filing.log));
	prl_status status = log ? prl_checkpoint_open(w->read.note, &log->key, &w->read.checkpoint, NULL, err)
				: prl_error_set(err, PRL_E_SIGNATURE, "no key of this log is known");
	prl_picture_unpin(api->picture, version);
	if (status)
		return 403;
	if (w->read.old_size > w->read.checkpoint.size) {
		(void)prl_error_set(err, PRL_E_RANGE, "the old size is above the size of the checkpoint");
		return 400;
	}
	return 0;
}

void prl_api_witness_add(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_error err;
	witnessing *w = prl_arena_alloc(prl_request_arena(request), 1, sizeof *w);
	if (!w) {
		prl_api_no_memory(request);
		return;
	}
	memset(w, 0, sizeof *w);
	w->api = api;
	prl_status status = prl_witness_read(prl_request_body(request), &w->read, &err);
	unsigned refused = status ? 400 : witness_check(api, w, &err);
	if (refused) {
		prl_answer_status(request, refused, "%s", err.text);
		return;
	}
	w->filing.what = PRL_FILING_WITNESS;
	w->filing.checkpoint = w->read.note;
	w->filing.old_size = w->read.old_size;
	w->filing.proof = &w->read.proof;
	w->filing.done = on_witnessed;
	w->filing.context = request;
	prl_request_take(request);
	prl_clerk_submit(api->clerk, &w->filing);
}
