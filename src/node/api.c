#include "node/api.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/api_dss.h"
#include "node/peers.h"

#include <stdio.h>
#include <string.h>

#define ALL    PRL_MAY_ANYBODY
#define READER (PRL_MAY_KEY | PRL_MAY_PROGRAM | PRL_MAY_PEER)
#define CLIENT (PRL_MAY_KEY | PRL_MAY_PROGRAM)

#define PUSH_MAX    (PRL_PUSH_BYTES_MAX + PRL_ENTRY_MAX + PRL_CHECKPOINT_MAX + PRL_PUSH_ENTRIES_MAX * 2u + 64u)
#define WITNESS_MAX (PRL_CHECKPOINT_MAX + (PRL_WITNESS_PROOF_MAX + 2u) * 64u)

const prl_route prl_api_routes[] = {
	{ "GET", "/", ALL, 0, NULL, prl_api_front },
	{ "GET", "/healthy", ALL | PRL_MAY_STALE, 0, NULL, prl_api_healthy },
	{ "GET", "/metrics", ALL, 0, NULL, prl_api_metrics },
	{ "GET", "/parley/v1/openapi.json", ALL, 0, NULL, prl_api_openapi },
	{ "GET", "/parley/v1/login", ALL, 0, NULL, prl_api_login_offer },
	{ "POST", "/parley/v1/login", ALL, PRL_LOGIN_MAX, "text/plain", prl_api_login },
	{ "POST", "/parley/v1/logout", READER, 0, NULL, prl_api_logout },
	{ "POST", "/parley/v1/entries", CLIENT, PRL_ENTRY_MAX, "text/plain", prl_api_entry_post },
	{ "GET", "/parley/v1/entries", READER, 0, NULL, prl_api_entry_list },
	{ "GET", "/parley/v1/entries/{log}/{index}", READER, 0, NULL, prl_api_entry_get },
	{ "POST", "/parley/v1/messages", PRL_MAY_PROGRAM, PRL_MESSAGE_MAX, "application/json", prl_api_message_post },
	{ "PUT", "/parley/v1/contents/{hash}", CLIENT, PRL_CONTENT_MAX, "application/octet-stream",
	  prl_api_content_put },
	{ "GET", "/parley/v1/contents/{hash}", READER, 0, NULL, prl_api_content_get },
	{ "POST", "/parley/v1/retention", PRL_MAY_KEY, 0, NULL, prl_api_retention },
	{ "GET", "/parley/v1/picture", READER, 0, NULL, prl_api_picture },
	{ "GET", "/parley/v1/keys/{name*}", READER, 0, NULL, prl_api_key },
	{ "POST", "/parley/v1/calls", ALL | PRL_MAY_STALE, PRL_ENTRY_MAX, NULL, prl_api_call_post },
	{ "GET", "/parley/v1/calls", CLIENT, 0, NULL, prl_api_call_list },
	{ "POST", "/parley/v1/peer/calls", PRL_MAY_PEER, 2 * PRL_ENTRY_MAX, "application/json", prl_api_peer_call },
	{ "POST", "/parley/v1/peer/ringing", PRL_MAY_PEER, 6000, "application/json", prl_api_peer_ringing },
	{ "POST", "/parley/v1/desk", PRL_MAY_KEY, 6000, "application/json", prl_api_desk_post },
	{ "GET", "/parley/v1/line/{part}", CLIENT, 0, NULL, prl_api_line },
	{ "GET", "/parley/v1/intents", CLIENT, 0, NULL, prl_api_intents },
	{ "GET", "/parley/v1/intents/{id}", CLIENT, 0, NULL, prl_api_intent },
	{ "GET", "/parley/v1/peers", READER, 0, NULL, prl_api_peers },
	{ "GET", "/parley/v1/events", CLIENT, 0, NULL, prl_api_events },
	{ "POST", "/parley/v1/import/entries", PRL_MAY_KEY, PRL_IMPORT_MAX, "application/octet-stream",
	  prl_api_import_entries },
	{ "POST", "/parley/v1/import/cosignatures", PRL_MAY_KEY, PRL_CHECKPOINT_MAX, "text/plain",
	  prl_api_import_cosignatures },
	{ "POST", "/parley/v1/peer/entries", PRL_MAY_PEER, PUSH_MAX, "application/octet-stream", prl_api_peer_entries },
	{ "PUT", "/parley/v1/peer/contents/{hash}", PRL_MAY_PEER, PRL_CONTENT_MAX, "application/octet-stream",
	  prl_api_peer_content },
	{ "GET", "/parley/v1/peer/checkpoint/{size}", PRL_MAY_PEER, 0, NULL, prl_api_peer_checkpoint },
	{ "POST", "/parley/v1/peer/cosignatures", PRL_MAY_PEER, PRL_CHECKPOINT_MAX, "text/plain",
	  prl_api_peer_cosignatures },
	{ "GET", "/log/checkpoint", ALL, 0, NULL, prl_api_log_checkpoint },
	{ "GET", "/log/tile/{rest*}", ALL, 0, NULL, prl_api_log_tile },
	{ "GET", "/log/proof/{index}", ALL, 0, NULL, prl_api_log_proof },
	{ "GET", "/log/mirror/{log}/checkpoint", ALL, 0, NULL, prl_api_mirror_checkpoint },
	{ "GET", "/log/mirror/{log}/tile/{rest*}", ALL, 0, NULL, prl_api_mirror_tile },
	{ "GET", "/log/{log}/checkpoint", ALL, 0, NULL, prl_api_witness_checkpoint },
	{ "POST", "/log/add-checkpoint", ALL, WITNESS_MAX, NULL, prl_api_witness_add },
/* Who may call is each one's own to find out (api_dss.h); what type a body says it has is not looked at. */
#define X(name, method, pattern)                                                                                       \
	{ method, pattern, ALL | PRL_MAY_STALE | PRL_MAY_PATIENT, PRL_DSS_BODY_MAX, NULL, prl_api_dss_##name },
	PRL_DSS_ROUTES(X)
#undef X
};
const size_t prl_api_route_count = sizeof prl_api_routes / sizeof *prl_api_routes;

prl_ledger *prl_api_mirror(const prl_api *api, prl_bytes origin)
{
	for (size_t i = 0; i < api->mirror_count; i++)
		if (prl_bytes_is(origin, prl_ledger_origin(api->mirrors[i])))
			return api->mirrors[i];
	return NULL;
}

static bool names(const char *origin, const prl_hash *hash)
{
	prl_hash own = prl_sha256(origin, strlen(origin));
	return prl_hash_equal(&own, hash);
}

bool prl_api_origin(const prl_api *api, prl_bytes hex, char origin[PRL_KEY_NAME_MAX + 1])
{
	prl_hash hash;
	if (!prl_hex_read(hex, hash.bytes, sizeof hash.bytes))
		return false;
	const char *found = names(prl_ledger_origin(api->own), &hash) ? prl_ledger_origin(api->own) : NULL;
	for (size_t i = 0; i < api->mirror_count && !found; i++)
		if (names(prl_ledger_origin(api->mirrors[i]), &hash))
			found = prl_ledger_origin(api->mirrors[i]);
	if (found)
		(void)snprintf(origin, PRL_KEY_NAME_MAX + 1, "%s", found);
	return found != NULL;
}

bool prl_api_hash(prl_bytes text, prl_hash *ret)
{
	if (text.size == 64)
		return prl_hex_read(text, ret->bytes, sizeof ret->bytes);
	char standard[PRL_HASH_TEXT_MAX] = "";
	if (text.size != 43 && text.size != 44)
		return false;
	for (size_t i = 0; i < text.size; i++) { /* RFC 4648 section 5 into section 4 */
		char c = text.data[i];
		standard[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	if (text.size == 43)
		standard[43] = '=';
	return prl_hash_read((prl_bytes){ standard, 44 }, ret);
}

bool prl_api_number(prl_request *request, prl_bytes text, const char *name, uint64_t otherwise, uint64_t *ret)
{
	uint64_t value = otherwise;
	if (text.data && !prl_decimal_read(text, &value)) {
		prl_error err;
		(void)prl_error_set(&err, PRL_E_SYNTAX, "\"%.*s\" is no decimal number without leading zeros",
				    (int)(text.size > 40 ? 40 : text.size), text.data);
		(void)snprintf(err.where, sizeof err.where, "%s", name);
		prl_answer_error(request, &err);
		return false;
	}
	*ret = value;
	return true;
}

void prl_api_no_memory(prl_request *request)
{
	prl_error err;
	(void)prl_error_memory(&err);
	prl_answer_error(request, &err);
}

/* The clerk says "too large" of its queue only: sizes were looked at before. */
void prl_api_refused(prl_api *api, prl_request *request, const prl_filing *filing)
{
	(void)api;
	if (filing->status == PRL_E_TOO_LARGE || filing->status == PRL_E_EARLY) {
		prl_answer_header(request, "Retry-After", "1");
		prl_answer_status(request, 503, "%s", filing->err.text);
	} else {
		prl_answer_error(request, &filing->err);
	}
}

/* ---- entries as JSON --------------------------------------------------------------------------------------------- */

static json_t *text_of(prl_bytes bytes)
{
	return bytes.data ? json_stringn(bytes.data, bytes.size) : json_null();
}

json_t *prl_entry_json(const char *log, uint64_t index, const prl_entry *entry, bool with_note)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char hash[PRL_HASH_TEXT_MAX], time[PRL_TIME_TEXT_MAX];
	prl_hash_write(&entry->hash, hash);
	prl_time_format(entry->time, time);
	json_t *body = json_loadb(entry->body.data ? entry->body.data : "", entry->body.size,
				  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	json_t *json = json_pack("{s:s, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "log", log, "index",
				 (json_int_t)index, "hash", hash, "kind", text_of(entry->kind), "party",
				 text_of(entry->party), "desk", text_of(entry->desk), "key", text_of(entry->key),
				 "recorded", text_of(entry->recorded), "serial",
				 entry->serial ? json_integer((json_int_t)entry->serial) : json_null(), "time", time,
				 "mode", modes[entry->mode], "body", body ? body : json_null());
	if (json && with_note && json_object_set_new(json, "note", text_of(entry->whole)) != 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}
