/* Contents kept apart from the entries, by their salted hash: brought by clients and peers, fetched by those entitled.
 */
#include "node/api.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/announced.h"
#include "node/peers.h"

#include <string.h>

typedef struct bringing {
	prl_api *api;
	prl_filing filing;
	prl_store_content content;
} bringing;

static void answer_kept(prl_request *request, const prl_hash *hash, size_t size)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	json_t *json = json_pack("{s:s, s:I}", "hash", text, "size", (json_int_t)size - 32);
	if (json)
		prl_answer_json(request, 201, json);
	else
		prl_api_no_memory(request);
}

static void on_kept(prl_filing *filing)
{
	bringing *b = (bringing *)(void *)((char *)filing - offsetof(bringing, filing));
	prl_request *request = filing->context;
	if (filing->status) {
		prl_api_refused(b->api, request, filing);
		return;
	}
	prl_peers_brought(b->api->peers);
	answer_kept(request, &b->content.hash, b->content.bytes.size);
}

/* The hash in the path, of the body, salt of 32 bytes first. */
static prl_status content_check(prl_request *request, prl_hash *ret, prl_error *err)
{
	prl_bytes body = prl_request_body(request);
	if (!prl_api_hash(prl_request_part(request, "hash"), ret))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "the hash of a content was expected: 64 hexadecimal digits or base64url");
	if (body.size < 32)
		return prl_error_set(err, PRL_E_RANGE, "a content begins with its salt of 32 bytes, here are %zu",
				     body.size);
	prl_hash hash = prl_sha256(body.data, body.size);
	if (!prl_hash_equal(&hash, ret))
		return prl_error_set(err, PRL_E_SIGNATURE, "the SHA-256 of these bytes is another one");
	return PRL_OK;
}

static void content_file(prl_api *api, prl_request *request, const prl_hash *hash)
{
	bringing *b = prl_arena_alloc(prl_request_arena(request), 1, sizeof *b);
	if (!b) {
		prl_api_no_memory(request);
		return;
	}
	*b = (bringing){ .api = api };
	b->content = (prl_store_content){ *hash, api->now(api->now_context), prl_request_body(request) };
	b->filing = (prl_filing){ .what = PRL_FILING_CONTENT,
				  .contents = &b->content,
				  .content_count = 1,
				  .done = on_kept,
				  .context = request };
	prl_request_take(request);
	prl_clerk_submit(api->clerk, &b->filing);
}

void prl_api_content_put(void *node, prl_request *request)
{
	prl_hash hash;
	prl_error err;
	if (content_check(request, &hash, &err))
		prl_answer_error(request, &err);
	else
		content_file(node, request, &hash);
}

/* ---- retention --------------------------------------------------------------------------------------------------- */

static void on_deleted(prl_filing *filing)
{
	bringing *b = (bringing *)(void *)((char *)filing - offsetof(bringing, filing));
	json_t *json = filing->status ? NULL :
					json_pack("{s:I, s:b}", "deleted", (json_int_t)filing->size, "more",
						  filing->size == PRL_RETENTION_MAX);
	if (filing->status)
		prl_api_refused(b->api, filing->context, filing);
	else if (json)
		prl_answer_json(filing->context, 200, json);
	else
		prl_api_no_memory(filing->context);
}

void prl_api_retention(void *node, prl_request *request)
{
	prl_api *api = node;
	bringing *b = prl_arena_alloc(prl_request_arena(request), 1, sizeof *b);
	if (!b) {
		prl_api_no_memory(request);
		return;
	}
	*b = (bringing){ .api = api };
	b->filing = (prl_filing){ .what = PRL_FILING_RETENTION, .done = on_deleted, .context = request };
	prl_request_take(request);
	prl_clerk_submit(api->clerk, &b->filing);
}

/* ---- from a peer ------------------------------------------------------------------------------------------------- */

/* Only what the peer's own log announces, and to a party whose home is here: nobody fills our disk with anything else.
 */
static prl_status peer_check(prl_api *api, const char *peer, const prl_hash *hash, uint64_t size, prl_error *err)
{
	prl_status status = PRL_OK;
	prl_version version = prl_picture_pin(api->picture);
	const prl_content *content = prl_picture_content_of(api->picture, version, hash, prl_bytes_of(peer));
	if (!content)
		status = prl_error_set(err, PRL_E_NOT_FOUND, "no entry of %s that counts here announces this content",
				       peer);
	else if (!prl_announced_to(api->picture, version, content, prl_ledger_origin(api->own)))
		status = prl_error_set(err, PRL_E_REFUSED, "this content is addressed to no party of this node");
	else if (content->size != size)
		status = prl_error_set(err, PRL_E_RANGE, "the entry announces %llu bytes, here are %llu",
				       (unsigned long long)content->size, (unsigned long long)size);
	prl_picture_unpin(api->picture, version);
	return status;
}

/* It has arrived, and our log says so: the peer may not have seen that yet. Nothing is written a second time. */
static bool is_here(prl_api *api, const char *peer, const prl_hash *hash)
{
	prl_version version = prl_picture_pin(api->picture);
	const prl_content *content = prl_picture_content_of(api->picture, version, hash, prl_bytes_of(peer));
	bool here = content && prl_announced_got(content, prl_ledger_origin(api->own));
	prl_picture_unpin(api->picture, version);
	return here;
}

void prl_api_peer_content(void *node, prl_request *request)
{
	prl_api *api = node;
	const prl_caller *caller = prl_request_caller(request);
	prl_hash hash;
	prl_error err;
	prl_peers_heard(api->peers, caller->name, false);
	if (content_check(request, &hash, &err) ||
	    peer_check(api, caller->name, &hash, prl_request_body(request).size - 32, &err))
		prl_answer_error(request, &err);
	else if (is_here(api, caller->name, &hash))
		answer_kept(request, &hash, prl_request_body(request).size);
	else
		content_file(api, request, &hash);
}

/* ---- fetched ----------------------------------------------------------------------------------------------------- */

/* Who may have a content: the parties to which a log addresses it and the party of the entry, by an announcement that
 * counts here. Whoever sees a hash can announce it as his own, so that an announcement of another log counts only where
 * that log's node has brought the bytes itself (our content.got), and a peer is served by our own log's only. */
typedef struct asking {
	prl_api *api;
	prl_store_reader *reader;
	const prl_hash *hash;
	const prl_caller *caller;
	prl_version version;
	bool announced, entitled;
} asking;

static prl_status author_is(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	asking *a = context;
	prl_entry *entry = malloc(sizeof *entry);
	(void)index, (void)err;
	a->entitled = entry && prl_entry_read(bytes, entry, NULL) == PRL_OK && entry->party.data &&
		      prl_bytes_is(entry->party, a->caller->party);
	free(entry);
	return PRL_OK;
}

static bool is_addressed(const asking *a, const prl_content *content)
{
	size_t i;
	const json_t *party;
	if (a->caller->kind == PRL_CALLER_PEER)
		return prl_announced_to(a->api->picture, a->version, content, a->caller->name);
	json_array_foreach(content->to, i,
			   party) if (json_is_string(party) &&
				      strcmp(json_string_value(party), a->caller->party) == 0) return true;
	return false;
}

static prl_status ask_log(asking *a, prl_ledger *ledger, prl_error *err)
{
	bool own = ledger == a->api->own;
	const char *origin = prl_ledger_origin(ledger);
	const prl_content *content = prl_picture_content_of(a->api->picture, a->version, a->hash, prl_bytes_of(origin));
	if (!content)
		return PRL_OK;
	a->announced = true;
	if (!own && (a->caller->kind == PRL_CALLER_PEER || !prl_announced_got(content, prl_ledger_origin(a->api->own))))
		return PRL_OK;
	a->entitled = is_addressed(a, content);
	if (a->entitled || a->caller->kind == PRL_CALLER_PEER)
		return PRL_OK;
	return prl_store_entries(a->reader, prl_ledger_log(ledger)->id, content->index, content->index + 1, author_is,
				 a, err);
}

static prl_status entitled(prl_api *api, prl_store_reader *reader, const prl_hash *hash, const prl_caller *caller,
			   prl_error *err)
{
	asking a = { .api = api, .reader = reader, .hash = hash, .caller = caller };
	a.version = prl_picture_pin(api->picture);
	prl_status status = ask_log(&a, api->own, err);
	for (size_t i = 0; i < api->mirror_count && !a.entitled && !status; i++)
		status = ask_log(&a, api->mirrors[i], err);
	prl_picture_unpin(api->picture, a.version);
	if (status || a.entitled)
		return status;
	if (!a.announced)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no entry that counts here announces this content");
	return prl_error_set(err, PRL_E_REFUSED, "this content is not addressed to %s",
			     *caller->party ? caller->party : caller->name);
}

static void content_answer(prl_request *request, prl_status status, prl_time at, const prl_buffer *bytes,
			   prl_error *err)
{
	char when[PRL_TIME_TEXT_MAX];
	if (status == PRL_E_STALE) {
		prl_time_format(at, when);
		prl_answer_status(request, 410, "this content was deleted at %s by the rule of retention", when);
	} else if (status) {
		prl_answer_error(request, err);
	} else {
		prl_answer_header(request, "X-Content-Type-Options", "nosniff");
		prl_answer_header(request, "Content-Disposition", "attachment");
		prl_answer_bytes(request, 200, "application/octet-stream", bytes->data, bytes->size);
	}
}

/* A bit that turned on the disk is found here, not by whoever trusts us. */
static prl_status content_read(prl_store_reader *reader, const prl_hash *hash, prl_time *ret_at, prl_buffer *ret,
			       prl_error *err)
{
	prl_status status = prl_store_content_get(reader, hash, ret_at, ret, err);
	if (status)
		return status;
	prl_hash found = prl_sha256(ret->data, ret->size);
	if (!prl_hash_equal(&found, hash))
		return prl_error_set(err, PRL_E_IO, "this content is damaged: its bytes are not those that were brought");
	return PRL_OK;
}

void prl_api_content_get(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_store_reader *reader = NULL;
	prl_hash hash;
	prl_error err;
	prl_time at = 0;
	if (!prl_api_hash(prl_request_part(request, "hash"), &hash)) {
		prl_answer_status(request, 400,
				  "the hash of a content was expected: 64 hexadecimal digits or base64url");
		return;
	}
	prl_buffer bytes = PRL_BUFFER(PRL_CONTENT_MAX);
	prl_status status = prl_readers_take(api->readers, &reader, &err);
	if (!status)
		status = entitled(api, reader, &hash, prl_request_caller(request), &err);
	if (status)
		prl_answer_error(request, &err);
	else
		content_answer(request, content_read(reader, &hash, &at, &bytes, &err), at, &bytes, &err);
	prl_readers_give(api->readers, reader);
	prl_buffer_done(&bytes);
}
