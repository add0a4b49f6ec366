#include "node/client.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/certificate.h"
#include "node/clock.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>

#define SETTINGS_MAX (1u << 20)
#define PEM_MAX      (256u << 10)

struct prl_client {
	prl_link *link;
	const prl_signer *signer;
	json_t *picture;
	prl_reply reply;
	prl_time (*wall)(void *clock_context);
	void *clock_context;
};

/* ---- open -------------------------------------------------------------------------------------------------------- */

static prl_status file_of(const char *folder, const char *name, prl_buffer *ret, prl_error *err)
{
	char path[4096];
	int length = snprintf(path, sizeof path, "%s/%s", folder, name);
	if (length < 0 || (size_t)length >= sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path of the folder is too long");
	return prl_file_read(path, ret, err);
}

/* An address to listen at as one to connect to: every interface means this machine. */
static void address_from(const char *listen, bool tls, char address[PRL_LINK_ADDRESS_MAX])
{
	const char *scheme = tls ? "https" : "http";
	if (strncmp(listen, "0.0.0.0:", 8) == 0)
		(void)snprintf(address, PRL_LINK_ADDRESS_MAX, "%s://127.0.0.1:%.20s", scheme, listen + 8);
	else if (strncmp(listen, "[::]:", 5) == 0)
		(void)snprintf(address, PRL_LINK_ADDRESS_MAX, "%s://[::1]:%.20s", scheme, listen + 5);
	else
		(void)snprintf(address, PRL_LINK_ADDRESS_MAX, "%s://%.280s", scheme, listen);
}

static prl_status settings_read(const char *folder, bool has_certificate, char address[PRL_LINK_ADDRESS_MAX],
				prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(SETTINGS_MAX);
	prl_status status = file_of(folder, "node.json", &text, err);
	if (status && status != PRL_E_NOT_FOUND)
		return status;
	json_t *settings = text.size ? json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *listen = json_string_value(json_object_get(settings, "listen"));
	bool tls = has_certificate && !json_is_false(json_object_get(settings, "tls"));
	address_from(listen ? listen : "127.0.0.1:8440", tls, address);
	json_decref(settings);
	return PRL_OK;
}

static prl_status pin_read(const char *folder, bool *ret_found, prl_hash *ret, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer pem = PRL_BUFFER(PEM_MAX);
	prl_status status = file_of(folder, "tls.crt", &pem, err);
	*ret_found = status == PRL_OK;
	if (status == PRL_E_NOT_FOUND)
		return PRL_OK;
	return status ? status : prl_certificate_pin((prl_bytes){ pem.data, pem.size }, ret, err);
}

prl_status prl_client_open(const prl_client_options *options, prl_client **ret, prl_error *err)
{
	char address[PRL_LINK_ADDRESS_MAX] = "";
	prl_hash pin;
	bool found = false;
	prl_status status = options->folder ? pin_read(options->folder, &found, &pin, err) : PRL_OK;
	if (!status && !options->address && options->folder)
		status = settings_read(options->folder, found, address, err);
	if (status)
		return status;
	prl_client *client = calloc(1, sizeof *client);
	if (!client)
		return prl_error_memory(err);
	client->reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	client->wall = options->wall ? options->wall : prl_clock_wall;
	client->clock_context = options->clock_context;
	prl_link_options link = { .address = options->address ? options->address : address,
				  .pin = options->pin ? options->pin
					 : found      ? &pin
						      : NULL };
	status = prl_link_new(&link, &client->link, err);
	if (status) {
		prl_client_free(client);
		return status;
	}
	*ret = client;
	return PRL_OK;
}

void prl_client_free(prl_client *client)
{
	if (!client)
		return;
	json_decref(client->picture);
	prl_reply_done(&client->reply);
	prl_link_free(client->link);
	free(client);
}

prl_link *prl_client_link(prl_client *client)
{
	return client->link;
}

prl_status prl_client_login(prl_client *client, const prl_signer *signer, prl_error *err)
{
	prl_status status = prl_link_login(client->link, signer, NULL, NULL, err);
	if (!status)
		client->signer = signer;
	return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static prl_status reply_json(prl_client *client, json_t **ret, prl_error *err)
{
	json_error_t why;
	json_t *json = json_loadb(client->reply.body.data ? client->reply.body.data : "", client->reply.body.size,
				  JSON_REJECT_DUPLICATES, &why);
	if (!json)
		return prl_error_set(err, PRL_E_SYNTAX, "%s: the answer is no JSON: %s", prl_link_address(client->link),
				     why.text);
	*ret = json;
	return PRL_OK;
}

prl_status prl_client_get(prl_client *client, const char *path, json_t **ret, prl_error *err)
{
	prl_status status = prl_link_ask(client->link, "GET", path, NULL, NULL, &client->reply, err);
	return status ? status : reply_json(client, ret, err);
}

prl_status prl_client_picture(prl_client *client, bool again, json_t **ret, prl_error *err)
{
	json_t *picture = NULL;
	prl_status status =
		again || !client->picture ? prl_client_get(client, "/parley/v1/picture", &picture, err) : PRL_OK;
	if (status)
		return status;
	if (picture) {
		json_decref(client->picture);
		client->picture = picture;
	}
	*ret = client->picture;
	return PRL_OK;
}

static bool text_take(const json_t *json, const char *name, char *ret, size_t room)
{
	const char *text = json_string_value(json_object_get(json, name));
	if (!text || strlen(text) >= room)
		return false;
	memcpy(ret, text, strlen(text) + 1);
	return true;
}

static bool hash_take(const json_t *json, const char *name, prl_hash *ret)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text && prl_hash_read(prl_bytes_of(text), ret);
}

static bool number_take(const json_t *json, const char *name, uint64_t *ret)
{
	const json_t *value = json_object_get(json, name);
	*ret = (uint64_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

prl_status prl_client_chain(prl_client *client, const char *key, prl_chain *ret, prl_error *err)
{
	char path[PRL_KEY_NAME_MAX + 40];
	json_t *json = NULL;
	prl_chain chain;
	(void)snprintf(path, sizeof path, "/parley/v1/keys/%.128s", key);
	prl_status status = prl_client_get(client, path, &json, err);
	if (status)
		return status;
	bool good = text_take(json, "party", chain.party, sizeof chain.party) &&
		    text_take(json, "desk", chain.desk, sizeof chain.desk) &&
		    number_take(json, "serial", &chain.serial) && hash_take(json, "previous", &chain.previous);
	chain.valid = json_is_true(json_object_get(json, "valid"));
	json_decref(json);
	if (!good)
		return prl_error_set(err, PRL_E_SYNTAX, "what the node says of the key %s cannot be read", key);
	*ret = chain;
	return PRL_OK;
}

/* ---- filing ------------------------------------------------------------------------------------------------------ */

prl_status prl_client_post(prl_client *client, prl_bytes entry, prl_filed *ret, prl_error *err)
{
	prl_filed filed = { .serial = 0 };
	json_t *json = NULL;
	prl_status status =
		prl_link_ask(client->link, "POST", "/parley/v1/entries", "text/plain", &entry, &client->reply, err);
	if (!status)
		status = reply_json(client, &json, err);
	if (status)
		return status;
	bool good = text_take(json, "log", filed.log, sizeof filed.log) && number_take(json, "index", &filed.index) &&
		    number_take(json, "size", &filed.size) && hash_take(json, "hash", &filed.hash);
	(void)number_take(json, "serial", &filed.serial);
	json_decref(json);
	if (!good)
		return prl_error_set(err, PRL_E_SYNTAX, "the node's answer to the entry cannot be read");
	*ret = filed;
	return PRL_OK;
}

/* The peers' logs as far as they count at the node: what the author could have read. */
static void seen_fill(prl_entry_head *head, const json_t *peers)
{
	size_t i;
	const json_t *peer;
	json_array_foreach(json_object_get(peers, "peers"), i, peer)
	{
		const char *log = json_string_value(json_object_get(peer, "log"));
		size_t n = head->seen_count;
		if (n == sizeof head->seen / sizeof *head->seen)
			return;
		if (!log || !number_take(peer, "size", &head->seen[n].size) || !head->seen[n].size ||
		    !hash_take(peer, "root", &head->seen[n].root))
			continue;
		head->seen[n].log = log;
		head->seen_count++;
	}
}

/* Line and log stay what they are; the picture is read for them once. */
static prl_status line_and_log(prl_client *client, prl_hash *ret_line, const char **ret_log, prl_error *err)
{
	json_t *picture = NULL;
	prl_status status = prl_client_picture(client, false, &picture, err);
	if (status)
		return status;
	*ret_log = json_string_value(json_object_get(picture, "log"));
	if (!*ret_log || !hash_take(json_object_get(picture, "constitution"), "line", ret_line))
		return prl_error_set(err, PRL_E_SYNTAX, "the node's picture names no line and log");
	return PRL_OK;
}

static prl_status sign(prl_client *client, const prl_client_entry *entry, const prl_signer *signer, char *text,
		       size_t *ret_size, prl_error *err)
{
	prl_chain chain;
	prl_hash line;
	const char *log = NULL;
	json_t *peers = NULL;
	prl_status status = line_and_log(client, &line, &log, err);
	if (!status)
		status = prl_client_chain(client, signer->verifier.name, &chain, err);
	if (!status)
		status = prl_client_get(client, "/parley/v1/peers", &peers, err);
	if (status)
		return status;
	prl_entry_head head = { .kind = entry->kind,
				.log = log,
				.party = chain.party,
				.desk = *chain.desk ? chain.desk : NULL,
				.key = signer->verifier.name,
				.line = &line,
				.previous = &chain.previous,
				.serial = chain.serial + 1,
				.mode = entry->mode,
				.time = client->wall(client->clock_context) / 1000000 * 1000000 };
	seen_fill(&head, peers);
	const prl_signer *signers[] = { signer, entry->second };
	*ret_size = prl_entry_write(&head, entry->body, signers, entry->second ? 2 : 1, text, PRL_ENTRY_MAX);
	json_decref(peers);
	return *ret_size ? PRL_OK : prl_error_set(err, PRL_E_TOO_LARGE, "an entry has at most %d bytes", PRL_ENTRY_MAX);
}

prl_status prl_client_file(prl_client *client, const prl_client_entry *entry, prl_filed *ret, prl_error *err)
{
	const prl_signer *signer = entry->signer ? entry->signer : client->signer;
	char *text = malloc(PRL_ENTRY_MAX);
	size_t size = 0;
	if (!text)
		return prl_error_memory(err);
	prl_status status = signer ? PRL_E_STALE : prl_error_set(err, PRL_E_REFUSED, "no key to sign with");
	for (int attempt = 0; status == PRL_E_STALE && attempt < 2; attempt++) {
		status = sign(client, entry, signer, text, &size, err);
		if (!status)
			status = prl_client_post(client, (prl_bytes){ text, size }, ret, err);
	}
	free(text);
	return status;
}

prl_status prl_client_sign(prl_client *client, const prl_client_entry *entry, prl_buffer *ret, prl_error *err)
{
	const prl_signer *signer = entry->signer ? entry->signer : client->signer;
	char *text = malloc(PRL_ENTRY_MAX);
	size_t size = 0;
	if (!text)
		return prl_error_memory(err);
	prl_status status = signer ? sign(client, entry, signer, text, &size, err) :
				     prl_error_set(err, PRL_E_REFUSED, "no key to sign with");
	if (!status && !prl_buffer_append(ret, text, size))
		status = prl_error_memory(err);
	free(text);
	return status;
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

prl_status prl_client_content(prl_client *client, prl_bytes bytes, prl_hash *ret, prl_error *err)
{
	uint8_t salt[32];
	char path[120] = "/parley/v1/contents/";
	randombytes_buf(salt, sizeof salt);
	PRL_CLEANUP(prl_buffer_done) prl_buffer salted = PRL_BUFFER(bytes.size + sizeof salt + 1);
	prl_buffer_append(&salted, salt, sizeof salt);
	if (!prl_buffer_append(&salted, bytes.data, bytes.size))
		return prl_error_memory(err);
	prl_hash hash = prl_sha256(salted.data, salted.size);
	prl_hex_write(hash.bytes, sizeof hash.bytes, path + strlen(path));
	prl_bytes body = { salted.data, salted.size };
	prl_status status =
		prl_link_ask(client->link, "PUT", path, "application/octet-stream", &body, &client->reply, err);
	if (!status)
		*ret = hash;
	return status;
}
