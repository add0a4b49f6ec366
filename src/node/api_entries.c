/* Entries: filed, listed, shown. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "line/line.h"
#include "node/peers.h"

#include <stdio.h>
#include <string.h>

/* A filing on its way through the clerk; lives in the request's arena. */
typedef struct posting {
	prl_api *api;
	prl_filing filing;
	prl_entry entry;
	prl_vouched vouched;
	char recorded[sizeof((prl_caller *)0)->name + sizeof "program/"];
} posting;

static posting *posting_new(prl_api *api, prl_request *request)
{
	posting *p = prl_arena_alloc(prl_request_arena(request), 1, sizeof *p);
	if (!p)
		return NULL;
	memset(p, 0, sizeof *p);
	p->api = api;
	p->filing.context = request;
	return p;
}

static posting *posting_of(prl_filing *filing)
{
	return (posting *)(void *)((char *)filing - offsetof(posting, filing));
}

/* ---- filed ------------------------------------------------------------------------------------------------------- */

/* 409 with what the next entry of this key must say, so that the client can sign again. */
static void answer_stale(posting *p, prl_request *request)
{
	prl_api *api = p->api;
	char previous[PRL_HASH_TEXT_MAX];
	json_t *json = NULL;
	prl_version version = prl_picture_pin(api->picture);
	const prl_key *key = prl_picture_key(api->picture, version, p->entry.key);
	if (key) {
		prl_hash_write(&key->last, previous);
		json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "error", "stale", "text", p->filing.err.text,
				 "where", p->filing.err.where, "key", key->verifier.name, "serial",
				 (json_int_t)key->serial, "previous", previous);
	}
	prl_picture_unpin(api->picture, version);
	if (json)
		prl_answer_json(request, 409, json);
	else
		prl_api_refused(api, request, &p->filing);
}

static void answer_filed(posting *p, prl_request *request)
{
	const prl_filing *filing = &p->filing;
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(&filing->hash, hash);
	json_t *json = json_pack("{s:s, s:I, s:s, s:I}", "log", prl_ledger_origin(p->api->own), "index",
				 (json_int_t)filing->index, "hash", hash, "size", (json_int_t)filing->size);
	if (json && p->entry.key.data)
		(void)json_object_update_new(json, json_pack("{s:s%, s:I}", "key", p->entry.key.data, p->entry.key.size,
							     "serial", (json_int_t)p->entry.serial));
	if (json)
		prl_answer_json(request, 201, json);
	else
		prl_api_no_memory(request);
}

static void on_filed(prl_filing *filing)
{
	posting *p = posting_of(filing);
	prl_request *request = filing->context;
	json_decref(filing->json);
	filing->json = NULL;
	if (!filing->status)
		answer_filed(p, request);
	else if (filing->status == PRL_E_STALE && filing->what == PRL_FILING_SIGNED)
		answer_stale(p, request);
	else
		prl_api_refused(p->api, request, filing);
}

static prl_status entry_check(posting *p, prl_bytes bytes, prl_error *err)
{
	prl_api *api = p->api;
	prl_status status = prl_entry_read(bytes, &p->entry, err);
	if (status)
		return status;
	if (!p->entry.key.data)
		return prl_error_set(err, PRL_E_REFUSED,
				     "an entry that is filed is signed by a key; this one names none");
	prl_version version = prl_picture_pin(api->picture);
	status = prl_picture_vouch(api->picture, version, &p->entry, &p->vouched, err);
	if (!status)
		status = prl_picture_body(api->picture, &p->entry, &p->filing.json, err);
	if (!status)
		status = prl_line_check(api->picture, version, &p->entry, p->filing.json, err);
	prl_picture_unpin(api->picture, version);
	if (status) {
		json_decref(p->filing.json);
		p->filing.json = NULL;
	}
	return status;
}

void prl_api_entry_post(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_error err;
	posting *p = posting_new(api, request);
	if (!p) {
		prl_api_no_memory(request);
	} else if (entry_check(p, prl_request_body(request), &err)) {
		prl_answer_error(request, &err);
	} else {
		p->filing.what = PRL_FILING_SIGNED;
		p->filing.entry = &p->entry;
		p->filing.vouched = &p->vouched;
		p->filing.done = on_filed;
		prl_request_take(request);
		prl_clerk_submit(api->clerk, &p->filing);
	}
}

/* ---- messages of programs ---------------------------------------------------------------------------------------- */

static prl_mode mode_take(json_t *body)
{
	const char *text = json_string_value(json_object_get(body, "mode"));
	prl_mode mode = !text || strcmp(text, "REAL") == 0 ? PRL_MODE_REAL
			: strcmp(text, "EXERCISE") == 0    ? PRL_MODE_EXERCISE
							   : PRL_MODE_TEST;
	(void)json_object_del(body, "mode");
	return mode;
}

static bool body_write(posting *p, prl_request *request, json_t *body)
{
	size_t size = json_dumpb(body, NULL, 0, JSON_COMPACT);
	char *text = prl_arena_alloc(prl_request_arena(request), size + 1, 1);
	if (!text || !size || json_dumpb(body, text, size, JSON_COMPACT) != size)
		return false;
	p->filing.body = (prl_bytes){ text, size };
	return true;
}

void prl_api_message_post(void *node, prl_request *request)
{
	prl_api *api = node;
	const prl_caller *caller = prl_request_caller(request);
	prl_error err;
	json_t *body = NULL;
	if (prl_schema_read(api->message, prl_request_body(request), &body, &err)) {
		prl_answer_error(request, &err);
		return;
	}
	posting *p = posting_new(api, request);
	prl_mode mode = mode_take(body);
	if (!p || !body_write(p, request, body)) {
		json_decref(body);
		prl_api_no_memory(request);
		return;
	}
	json_decref(body);
	(void)snprintf(p->recorded, sizeof p->recorded, "program/%s", caller->name);
	p->filing.what = PRL_FILING_RECORDED;
	p->filing.kind = "message.sent";
	p->filing.recorded = p->recorded;
	p->filing.party = caller->party;
	p->filing.mode = mode;
	p->filing.done = on_filed;
	prl_request_take(request);
	prl_clerk_submit(api->clerk, &p->filing);
}

/* ---- listed ------------------------------------------------------------------------------------------------------ */

typedef struct listing {
	const char *log;
	json_t *entries;
	size_t bytes;
	prl_entry entry;
} listing;

/* An entry that cannot be read stands in a peer's log all the same: its bytes are shown. */
static prl_status list_one(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	listing *list = context;
	json_t *json;
	if (prl_entry_read(bytes, &list->entry, NULL) == PRL_OK)
		json = prl_entry_json(list->log, index, &list->entry, true);
	else
		json = json_pack("{s:s, s:I, s:n}", "log", list->log, "index", (json_int_t)index, "note");
	if (!json || json_array_append_new(list->entries, json) != 0)
		return prl_error_memory(err);
	list->bytes += bytes.size;
	return list->bytes > PRL_ENTRIES_BYTES_MAX ? PRL_E_CALLBACK : PRL_OK;
}

static prl_status list_read(prl_api *api, prl_ledger *ledger, uint64_t from, uint64_t to, json_t *entries,
			    prl_error *err)
{
	prl_store_reader *reader = NULL;
	listing *list = calloc(1, sizeof *list);
	if (!list)
		return prl_error_memory(err);
	list->log = prl_ledger_origin(ledger);
	list->entries = entries;
	prl_status status = prl_readers_take(api->readers, &reader, err);
	if (!status)
		status = prl_ledger_entries(ledger, reader, from, to, list_one, list, err);
	prl_readers_give(api->readers, reader);
	free(list);
	return status == PRL_E_CALLBACK ? PRL_OK : status;
}

void prl_api_entry_list(void *node, prl_request *request)
{
	static const char *const taken[] = { "log", "from", "count", NULL };
	prl_api *api = node;
	uint64_t from, count, size;
	prl_bytes log = prl_request_query(request, "log");
	if (!prl_request_queries_only(request, taken) ||
	    !prl_api_number(request, prl_request_query(request, "from"), "from", 0, &from) ||
	    !prl_api_number(request, prl_request_query(request, "count"), "count", 100, &count))
		return;
	prl_ledger *ledger =
		!log.data || prl_bytes_is(log, prl_ledger_origin(api->own)) ? api->own : prl_api_mirror(api, log);
	if (!ledger) {
		prl_answer_status(request, 404, "no log of this name is kept here");
		return;
	}
	prl_ledger_head(ledger, &size, NULL);
	if (from > size || count > PRL_ENTRIES_COUNT_MAX) {
		prl_answer_status(request, 400, "from at most %llu and count at most %u were expected",
				  (unsigned long long)size, PRL_ENTRIES_COUNT_MAX);
		return;
	}
	prl_error err;
	json_t *entries = json_array();
	uint64_t to = size - from < count ? size : from + count;
	prl_status status = !entries ? prl_error_memory(&err) : list_read(api, ledger, from, to, entries, &err);
	if (status) {
		json_decref(entries);
		prl_answer_error(request, &err);
		return;
	}
	json_t *json = json_pack("{s:s, s:I, s:I, s:o}", "log", prl_ledger_origin(ledger), "from", (json_int_t)from,
				 "size", (json_int_t)size, "entries", entries);
	if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}

/* ---- one, with its labels ---------------------------------------------------------------------------------------- */

typedef struct shown {
	const prl_api *api;
	prl_ledger *ledger;
	prl_store_reader *reader;
	json_t *entry, *labels;
	prl_entry read;
} shown;

static prl_status show_one(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	shown *s = context;
	prl_status status = prl_entry_read(bytes, &s->read, err);
	if (status)
		return status;
	s->entry = prl_entry_json(prl_ledger_origin(s->ledger), index, &s->read, true);
	return s->entry ? PRL_OK : prl_error_memory(err);
}

static prl_status show_read(prl_api *api, shown *s, uint64_t index, prl_error *err)
{
	prl_status status = prl_readers_take(api->readers, &s->reader, err);
	if (!status)
		status = prl_ledger_entries(s->ledger, s->reader, index, index + 1, show_one, s, err);
	if (!status)
		status = prl_labels_json(api, s->reader, s->ledger, index, json_object_get(s->entry, "body"),
					 &s->labels, err);
	prl_readers_give(api->readers, s->reader);
	return status;
}

void prl_api_entry_get(void *node, prl_request *request)
{
	prl_api *api = node;
	char origin[PRL_KEY_NAME_MAX + 1];
	uint64_t index, size;
	prl_error err;
	if (!prl_api_origin(api, prl_request_part(request, "log"), origin)) {
		prl_answer_status(request, 404, "no log of this hash is kept here");
		return;
	}
	if (!prl_api_number(request, prl_request_part(request, "index"), "index", 0, &index))
		return;
	prl_ledger *ledger = prl_api_mirror(api, prl_bytes_of(origin));
	shown *s = prl_arena_alloc(prl_request_arena(request), 1, sizeof *s);
	if (!s) {
		prl_api_no_memory(request);
		return;
	}
	memset(s, 0, sizeof *s);
	s->ledger = ledger ? ledger : api->own;
	prl_ledger_head(s->ledger, &size, NULL);
	if (index >= size) {
		prl_answer_status(request, 404, "the log has %llu entries here", (unsigned long long)size);
	} else if (show_read(api, s, index, &err)) {
		json_decref(s->entry);
		prl_answer_error(request, &err);
	} else if (json_object_set_new(s->entry, "labels", s->labels) != 0) {
		json_decref(s->entry);
		prl_api_no_memory(request);
	} else {
		prl_answer_json(request, 200, s->entry);
	}
}
