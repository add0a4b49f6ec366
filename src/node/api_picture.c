/* The picture as JSON: what stands in the published version that was newest when the request came. */
#include "node/api.h"

#include "base/text.h"
#include "node/peers.h"

#include <string.h>

/* One table on its way into an array. */
typedef struct dump {
	const prl_api *api;
	prl_version version;
	uint64_t size; /* of our own log */
	json_t *to;
} dump;

static json_t *index_json(uint64_t index)
{
	return index == PRL_INDEX_NEVER ? json_null() : json_integer((json_int_t)index);
}

static json_t *hash_json(const prl_hash *hash)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	return json_string(text);
}

static json_t *vkey_json(const prl_verifier *verifier)
{
	char text[PRL_KEY_TEXT_MAX];
	prl_verifier_write(verifier, text);
	return json_string(text);
}

static json_t *parties_json(const prl_constitution *constitution)
{
	json_t *array = json_array();
	for (size_t i = 0; constitution && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		(void)json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:b}", "name", party->name, "title",
							     party->title, "log", party->log, "left", party->left));
	}
	return array;
}

static json_t *log_json(const prl_log *log)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "origin", log->origin, "address", log->address, "key",
			 vkey_json(&log->key), "witness", vkey_json(&log->witness), "mirror", vkey_json(&log->mirror),
			 "tls", log->has_tls ? hash_json(&log->tls) : json_null());
}

static json_t *logs_json(const prl_constitution *constitution)
{
	json_t *array = json_array();
	for (size_t i = 0; constitution && i < constitution->log_count; i++)
		(void)json_array_append_new(array, log_json(&constitution->logs[i]));
	return array;
}

static bool one_desk(void *context, prl_bytes key, const void *value)
{
	const dump *d = context;
	const prl_desk *desk = value;
	(void)key;
	return json_array_append_new(d->to, json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", desk->name, "party",
						      desk->party, "title", desk->title, "opened",
						      index_json(desk->opened), "closed", index_json(desk->closed))) ==
	       0;
}

/* Valid now: for the next entry of its home log, as far as that log counts here. */
static bool key_is_valid(const dump *d, const prl_key *key)
{
	const prl_party *party = prl_picture_party(d->api->picture, d->version, prl_bytes_of(key->party));
	const prl_desk *desk =
		*key->desk ? prl_picture_desk(d->api->picture, d->version, prl_bytes_of(key->desk)) : NULL;
	uint64_t size = d->size;
	if (party && strcmp(party->log, prl_ledger_origin(d->api->own)) != 0) {
		const prl_peer *peer = prl_picture_peer(d->api->picture, d->version, prl_bytes_of(party->log));
		size = peer ? peer->size : 0;
	}
	return key->until > size && (!desk || desk->closed > size);
}

static json_t *key_json(const dump *d, const prl_key *key)
{
	static const char *const roles[] = { "root", "desk", "console" };
	char fingerprint[PRL_FINGERPRINT_MAX];
	prl_verifier_fingerprint(&key->verifier, fingerprint);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:I, s:o, s:b}", "name", key->verifier.name,
			 "party", key->party, "desk", key->desk, "role", roles[key->role], "vkey",
			 vkey_json(&key->verifier), "fingerprint", fingerprint, "from", index_json(key->from), "until",
			 index_json(key->until), "suspect_from", index_json(key->suspect_from), "serial",
			 (json_int_t)key->serial, "previous", hash_json(&key->last), "valid", key_is_valid(d, key));
}

static bool one_key(void *context, prl_bytes name, const void *value)
{
	const dump *d = context;
	if (memchr(name.data, '#', name.size)) /* a public key that was replaced */
		return true;
	return json_array_append_new(d->to, key_json(d, value)) == 0;
}

static bool one_program(void *context, prl_bytes key, const void *value)
{
	const dump *d = context;
	const prl_program *program = value;
	(void)key;
	return json_array_append_new(d->to, json_pack("{s:s, s:s, s:o, s:o}", "name", program->name, "party",
						      program->party, "from", index_json(program->from), "until",
						      index_json(program->until))) == 0;
}

static json_t *table_json(const prl_api *api, prl_version version, unsigned table, prl_each_fn *one)
{
	dump d = { .api = api, .version = version, .to = json_array() };
	prl_ledger_head(api->own, &d.size, NULL);
	if (d.to && prl_picture_each(api->picture, version, table, one, &d, NULL)) {
		json_decref(d.to);
		return NULL;
	}
	return d.to;
}

static bool one_setting(void *context, prl_bytes key, const void *value)
{
	const dump *d = context;
	const prl_setting *setting = value;
	char name[256] = "";
	if (key.size >= sizeof name)
		return true;
	memcpy(name, key.data, key.size);
	return json_object_set_new(d->to, name, json_string(setting->value)) == 0;
}

static json_t *settings_json(const prl_api *api, prl_version version)
{
	dump d = { .api = api, .version = version, .to = json_object() };
	if (d.to && prl_picture_each(api->picture, version, PRL_TABLE_SETTING, one_setting, &d, NULL)) {
		json_decref(d.to);
		return NULL;
	}
	return d.to;
}

static json_t *constitution_json(const prl_constitution *c)
{
	if (!c)
		return json_null();
	return json_pack("{s:o, s:o, s:I, s:O}", "line", hash_json(&c->line), "hash", hash_json(&c->hash), "number",
			 (json_int_t)c->number, "body", c->body);
}

void prl_api_picture(void *node, prl_request *request)
{
	prl_api *api = node;
	const char *own = prl_ledger_origin(api->own);
	prl_version version = prl_picture_pin(api->picture);
	const prl_node_state *state = prl_picture_node(api->picture, version, prl_bytes_of(own));
	const prl_constitution *constitution = prl_picture_constitution(api->picture, version);
	uint64_t size;
	prl_ledger_head(api->own, &size, NULL);
	json_t *json = json_pack("{s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "log", own, "size",
				 (json_int_t)size, "clock_suspect", state && state->clock_suspect, "constitution",
				 constitution_json(constitution), "parties", parties_json(constitution), "logs",
				 logs_json(constitution), "desks", table_json(api, version, PRL_TABLE_DESK, one_desk),
				 "keys", table_json(api, version, PRL_TABLE_KEY, one_key), "programs",
				 table_json(api, version, PRL_TABLE_PROGRAM, one_program), "peers",
				 prl_api_peers_json(api, version), "settings", settings_json(api, version));
	prl_picture_unpin(api->picture, version);
	if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}

void prl_api_key(void *node, prl_request *request)
{
	prl_api *api = node;
	json_t *json = NULL;
	dump d = { .api = api, .version = prl_picture_pin(api->picture) };
	prl_ledger_head(api->own, &d.size, NULL);
	const prl_key *key = prl_picture_key(api->picture, d.version, prl_request_part(request, "name"));
	if (key)
		json = key_json(&d, key);
	prl_picture_unpin(api->picture, d.version);
	if (!key)
		prl_answer_status(request, 404, "no key of this name is known here");
	else if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}

/* ---- peers ------------------------------------------------------------------------------------------------------- */

static json_t *time_json(prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	if (!time)
		return json_null();
	prl_time_format(time, text);
	return json_string(text);
}

/* Lag: entries of ours that it is not known to hold. */
static json_t *peer_json(const prl_api *api, prl_version version, const prl_log *log, uint64_t own_size)
{
	static const char *const states[] = { "good", "faulty", "forked" };
	const prl_peer *peer = prl_picture_peer(api->picture, version, prl_bytes_of(log->origin));
	prl_ledger *mirror = prl_api_mirror(api, prl_bytes_of(log->origin));
	prl_peer_view view = { .address = "" };
	(void)prl_peers_view(api->peers, log->origin, &view);
	uint64_t mirrored = 0, held = view.acknowledged;
	if (held < own_size)
		held = prl_labels_held(api, log, held);
	if (mirror)
		prl_ledger_head(mirror, &mirrored, NULL);
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:s}", "log", log->origin, "address",
			 view.address, "state", states[peer ? peer->state : PRL_PEER_GOOD], "connected", view.connected,
			 "heard", time_json(view.heard), "size", (json_int_t)(peer ? peer->size : 0), "root",
			 peer ? hash_json(&peer->root) : json_null(), "mirrored", (json_int_t)mirrored, "acknowledged",
			 (json_int_t)held, "lag",
			 (json_int_t)(own_size > held ? own_size - held : 0), "faults",
			 (json_int_t)(peer ? peer->faults : 0), "trouble", view.trouble);
}

json_t *prl_api_peers_json(const prl_api *api, prl_version version)
{
	const prl_constitution *constitution = prl_picture_constitution(api->picture, version);
	json_t *array = json_array();
	uint64_t size;
	prl_ledger_head(api->own, &size, NULL);
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_log *log = &constitution->logs[i];
		if (strcmp(log->origin, prl_ledger_origin(api->own)) != 0)
			(void)json_array_append_new(array, peer_json(api, version, log, size));
	}
	return array;
}

void prl_api_peers(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_version version = prl_picture_pin(api->picture);
	json_t *json = json_pack("{s:s, s:b, s:o}", "log", prl_ledger_origin(api->own), "open",
				 prl_peers_are_open(api->peers), "peers", prl_api_peers_json(api, version));
	prl_picture_unpin(api->picture, version);
	if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}
