/* The interface of one node as a stranger, a desk, a program and a peer meet it: sessions, refusals, events, the log
 * for other people's programs, the description. */
#include "support/nodes.h"

#include "base/hash.h"
#include "base/schema.h"
#include "base/text.h"
#include "http_client.h"
#include "node/api.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static nodes_set *n;
static prl_client *us, *ru, *stranger;

static int set_up(void **state)
{
	(void)state;
	n = nodes_new("ru us", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	us = nodes_desk(n, 1);
	ru = nodes_desk(n, 0);
	stranger = nodes_client(n, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	prl_client_free(us);
	prl_client_free(ru);
	prl_client_free(stranger);
	nodes_free(n);
	return 0;
}

static prl_filed message(const char *text)
{
	char body[200];
	prl_filed filed;
	(void)snprintf(body, sizeof body, "{\"text\":\"%s\",\"language\":\"en\"}", text);
	nodes_file(us, "message.sent", body, &filed);
	return filed;
}

/* ---- the description --------------------------------------------------------------------------------------------- */

/* "/log/tile/{rest*}" is /log/tile/{rest} there. */
static void described_path(const char *pattern, char *path, size_t room)
{
	size_t length = 0;
	for (; *pattern && length + 1 < room; pattern++)
		if (*pattern != '*')
			path[length++] = *pattern;
	path[length] = 0;
}

/* F3548 and what stands beside it: api_dss.h names the reference. */
static bool is_described_elsewhere(const char *pattern)
{
	return !strncmp(pattern, "/dss/", 5) || !strncmp(pattern, "/uss/", 5) || !strncmp(pattern, "/aux/", 5) ||
	       !strncmp(pattern, "/versions/", 10);
}

static void described(void **state)
{
	(void)state;
	json_t *doc = nodes_get(stranger, "/parley/v1/openapi.json"), *paths = json_object_get(doc, "paths"), *item,
	       *op;
	assert_string_equal(json_string_value(json_object_get(doc, "openapi")), "3.1.0");
	size_t described_count = 0, routes = 0;
	const char *path, *method;
	json_object_foreach(paths, path, item) json_object_foreach(item, method, op) described_count++;
	for (size_t i = 0; i < prl_api_route_count; i++) {
		char name[200], lower[8] = "";
		if (is_described_elsewhere(prl_api_routes[i].pattern))
			continue;
		routes++;
		described_path(prl_api_routes[i].pattern, name, sizeof name);
		for (size_t c = 0; prl_api_routes[i].method[c]; c++)
			lower[c] = (char)(prl_api_routes[i].method[c] | 0x20);
		op = json_object_get(json_object_get(paths, name), lower);
		if (!op)
			fail_msg("%s %s is not described", prl_api_routes[i].method, name);
		bool has_body = json_object_get(op, "requestBody") != NULL;
		if (has_body != (prl_api_routes[i].body_max > 0))
			fail_msg("%s %s: a body is %s", prl_api_routes[i].method, name, has_body ? "refused" : "taken");
		bool open = json_array_size(json_object_get(op, "security")) == 0;
		if (open != ((prl_api_routes[i].may & PRL_MAY_ANYBODY) != 0))
			fail_msg("%s %s: who may call it is described wrongly", prl_api_routes[i].method, name);
	}
	assert_int_equal(described_count, routes);
	json_decref(doc);
}

/* Every $ref of the description leads somewhere. */
static void refs_walk(const json_t *doc, json_t *value)
{
	json_t *child;
	size_t i;
	const char *key;
	json_array_foreach(value, i, child) refs_walk(doc, child);
	json_object_foreach(value, key, child)
	{
		refs_walk(doc, child);
		if (strcmp(key, "$ref") != 0)
			continue;
		const char *ref = json_string_value(child);
		char part[200];
		const json_t *at = doc;
		if (ref[0] != '#') {
			if (!prl_schema_text(ref))
				fail_msg("%s is no schema", ref);
			continue;
		}
		for (ref += 2; *ref;) {
			size_t length = strcspn(ref, "/");
			(void)snprintf(part, sizeof part, "%.*s", (int)length, ref);
			at = json_object_get(at, part);
			if (!at)
				fail_msg("%s leads nowhere", json_string_value(child));
			ref += length + (ref[length] == '/');
		}
	}
}

static void description_is_whole(void **state)
{
	(void)state;
	json_t *doc = nodes_get(stranger, "/parley/v1/openapi.json");
	refs_walk(doc, doc);
	json_decref(doc);
}

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

/* A login note, as a client would write it, for tampering. */
static size_t login_note(prl_client *at, const prl_signer *signer, const char *log, const char *extra, char *text)
{
	json_t *offer = nodes_get(at, "/parley/v1/login");
	char signature[PRL_SIGNATURE_LINE_MAX];
	int length = snprintf(text, PRL_LOGIN_MAX,
			      "parley/v1 login\nline %s\nlog %s\n%skey %s\nmode REAL\ntime 2026-01-01T00:00:00Z\n\n"
			      "{\"nonce\":\"%s\"}\n",
			      json_string_value(json_object_get(offer, "line")),
			      log ? log : json_string_value(json_object_get(offer, "log")), extra,
			      signer->verifier.name, json_string_value(json_object_get(offer, "nonce")));
	size_t line = prl_note_sign((prl_bytes){ text, (size_t)length }, signer, signature);
	(void)snprintf(text + length, PRL_LOGIN_MAX - (size_t)length, "\n%s", signature);
	json_decref(offer);
	return (size_t)length + 1 + line;
}

static unsigned login_status(const char *text, size_t size)
{
	return nodes_status(stranger, "POST", "/parley/v1/login", "text/plain", text, size, NULL);
}

static void login_once(void **state)
{
	(void)state;
	char text[PRL_LOGIN_MAX];
	nodes_node *t = &n->nodes[1];
	size_t size = login_note(stranger, &t->console, NULL, "party us\ndesk us-ops\n", text);
	assert_int_equal(login_status(text, size), 200);
	assert_int_equal(login_status(text, size), 403); /* the nonce has been used */
	size = login_note(stranger, &t->console, NULL, "", text);
	text[size - 10] = text[size - 10] == 'A' ? 'B' : 'A';
	assert_int_equal(login_status(text, size), 422);
	size = login_note(stranger, &t->console, NULL, "", text);
	char *nonce = strstr(text, "nonce\":\"");
	nonce[60] = nonce[60] == '0' ? '1' : '0'; /* not ours */
	assert_int_equal(login_status(text, size), 403);
	size = login_note(stranger, &t->console, n->nodes[0].origin, "", text); /* meant for another node */
	assert_int_equal(login_status(text, size), 403);
	size = login_note(stranger, &t->console, NULL, "party ru\n", text);
	assert_int_equal(login_status(text, size), 403);
	size = login_note(stranger, &t->console, NULL, "desk us-other\n", text);
	assert_int_equal(login_status(text, size), 403);
	size = login_note(stranger, &t->console, NULL, "serial 1\n", text);
	assert_int_equal(login_status(text, size), 400);
	size = login_note(stranger, &n->nodes[0].console, NULL, "", text); /* a key of another node's party */
	assert_int_equal(login_status(text, size), 403);
	size = login_note(stranger, &t->witness_key, NULL, "", text); /* signs no notes */
	assert_int_not_equal(login_status(text, size), 200);
	assert_int_equal(login_status("", 0), 400);
}

static void signature_of_another(void **state)
{
	(void)state;
	char text[PRL_LOGIN_MAX];
	prl_signer other;
	prl_error err;
	assert_int_equal(prl_signer_new(n->nodes[1].console.verifier.name, PRL_KEY_NOTE, &other, &err), PRL_OK);
	size_t size = login_note(stranger, &other, NULL, "", text);
	assert_int_equal(login_status(text, size), 422);
}

static const struct {
	const char *accept, *type, *body;
} health[] = {
	{ "*/*", "text/plain; charset=utf-8", "ok" },
	{ "text/plain", "text/plain; charset=utf-8", "ok" },
	{ "", "text/plain; charset=utf-8", "ok" }, /* none */
	{ "application/json", "application/json; charset=utf-8", "{\"state\":\"ok\",\"reasons\":[]}" },
	{ "text/html, Application/JSON;q=0.9", "application/json; charset=utf-8", "{\"state\":\"ok\",\"reasons\":[]}" },
	{ "application/jso", "text/plain; charset=utf-8", "ok" },
};

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	return prl_buffer_append(context, bytes, size * count) ? size * count : 0;
}

/* "ok" as a DSS says it; the state with its reasons for whoever asks for JSON. */
static void healthy_as_asked(void **state)
{
	(void)state;
	char url[100], line[100];
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/healthy", n->nodes[1].port);
	for (size_t i = 0; i < sizeof health / sizeof *health; i++) {
		prl_buffer body = PRL_BUFFER(65536);
		char *type = NULL;
		CURL *curl = curl_easy_init();
		(void)snprintf(line, sizeof line, "Accept: %s", health[i].accept);
		struct curl_slist *headers = curl_slist_append(NULL, *health[i].accept ? line : "Accept:");
		(void)curl_easy_setopt(curl, CURLOPT_URL, url);
		(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
		(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
		assert_int_equal(curl_easy_perform(curl), CURLE_OK);
		(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
		assert_true(prl_buffer_append(&body, "", 1));
		assert_string_equal(type, health[i].type);
		assert_string_equal(body.data, health[i].body);
		curl_slist_free_all(headers);
		curl_easy_cleanup(curl);
		prl_buffer_done(&body);
	}
}

/* What the server itself refuses is JSON with its charset like any other answer. */
static void refusals_name_their_charset(void **state)
{
	static const struct {
		const char *method, *path;
		unsigned status;
	} rows[] = {
		{ "GET", "/parley/v1/picture", 401 },
		{ "GET", "/nothing", 404 },
		{ "DELETE", "/healthy", 405 },
		{ "GET", "/healthy?a=1&a=2", 400 },
	};
	(void)state;
	prl_client *c = nodes_client(n, 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prl_reply answered = PRL_REPLY(65536);
		assert_int_equal(nodes_status(c, rows[i].method, rows[i].path, NULL, NULL, 0, &answered),
				 rows[i].status);
		assert_string_equal(answered.type, "application/json; charset=utf-8");
		prl_reply_done(&answered);
	}
	prl_client_free(c);
}

static void token_checked(void **state)
{
	(void)state;
	prl_error err;
	prl_client *c = nodes_client(n, 1);
	static const char *const wrong[] = { "x", "0000000000000000000000000000000000000000000000000000000000000000" };
	assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 401);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(prl_link_token(prl_client_link(c), wrong[i], &err), PRL_OK);
		assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 401);
		assert_int_equal(nodes_status(c, "GET", "/parley/v1/openapi.json", NULL, NULL, 0, NULL), 401);
		/* F3548 callers ask it with a token of their own */
		assert_int_equal(nodes_status(c, "GET", "/healthy", NULL, NULL, 0, NULL), 200);
	}
	assert_int_equal(prl_client_login(c, &n->nodes[1].console, &err), PRL_OK);
	assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 200);
	assert_int_equal(nodes_status(c, "POST", "/parley/v1/logout", NULL, NULL, 0, NULL), 204);
	assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 401);
	prl_client_free(c);
}

static void session_ends_with_key(void **state)
{
	(void)state;
	prl_error err;
	prl_filed filed;
	prl_signer console;
	char body[400], vkey[PRL_KEY_TEXT_MAX];
	prl_client *desk = nodes_login(n, 1, &n->nodes[1].desk);
	assert_int_equal(prl_signer_new("us-ops/2", PRL_KEY_NOTE, &console, &err), PRL_OK);
	prl_verifier_write(&console.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	nodes_file(desk, "key.certified", body, &filed);
	prl_client *c = nodes_login(n, 1, &console);
	assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 200);
	nodes_file(desk, "key.revoked", "{\"key\":\"us-ops/2\",\"reason\":\"lost\"}", &filed);
	assert_int_equal(nodes_status(c, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 401);
	assert_int_equal(prl_client_login(c, &console, &err), PRL_E_REFUSED);
	json_t *key = nodes_get(us, "/parley/v1/keys/us-ops/2");
	assert_true(json_is_false(json_object_get(key, "valid")));
	json_decref(key);
	prl_client_free(c);
	prl_client_free(desk);
}

static void sessions_are_bounded(void **state)
{
	(void)state;
	prl_client *first = nodes_login(n, 1, &n->nodes[1].console), *last = NULL;
	for (int i = 0; i < PRL_SESSIONS_A_KEY; i++) {
		prl_client_free(last);
		last = nodes_login(n, 1, &n->nodes[1].console);
	}
	assert_int_equal(nodes_status(first, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 401);
	assert_int_equal(nodes_status(last, "GET", "/parley/v1/picture", NULL, NULL, 0, NULL), 200);
	prl_client_free(first);
	prl_client_free(last);
	/* us's own session may have given way: it is opened again. */
	prl_client_free(us);
	us = nodes_login(n, 1, &n->nodes[1].console);
}

/* ---- programs ---------------------------------------------------------------------------------------------------- */

static void program(void **state)
{
	(void)state;
	static const char token[] = "a-program-s-token-of-some-length";
	prl_hash hash = prl_sha256(token, strlen(token));
	char text[PRL_HASH_TEXT_MAX], body[400];
	prl_filed filed;
	prl_error err;
	prl_hash_write(&hash, text);
	prl_client *desk = nodes_login(n, 1, &n->nodes[1].desk), *c = nodes_client(n, 1);
	(void)snprintf(body, sizeof body, "{\"program\":\"us-radar\",\"title\":\"Radar\",\"token\":\"%s\"}", text);
	nodes_file(desk, "program.admitted", body, &filed);
	assert_int_equal(prl_link_token(prl_client_link(c), token, &err), PRL_OK);
	static const struct {
		const char *body;
		unsigned status;
	} rows[] = {
		{ "{\"text\":\"seen\",\"language\":\"en\",\"mode\":\"TEST\"}", 201 },
		{ "{\"to\":[\"ru\"],\"text\":\"seen\",\"language\":\"en\",\"mode\":\"TEST\"}", 201 },
		{ "{\"to\":[\"nobody\"],\"text\":\"seen\",\"language\":\"en\"}", 404 },
		{ "{\"text\":\"seen\",\"language\":\"en\",\"more\":1}", 400 },
		{ "{\"text\":\"seen\",\"language\":\"en\",\"mode\":\"FUN\"}", 400 },
		{ "{\"text\":\"\",\"language\":\"en\"}", 400 },
		{ "{\"text\":1,\"language\":\"en\"}", 400 },
		{ "[]", 400 },
		{ "{", 400 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned status = nodes_status(c, "POST", "/parley/v1/messages", "application/json", rows[i].body,
					       strlen(rows[i].body), NULL);
		if (status != rows[i].status && !(rows[i].status == 404 && status >= 400 && status < 500))
			fail_msg("%s: %u", rows[i].body, status);
	}
	assert_int_equal(nodes_status(c, "POST", "/parley/v1/messages", "text/plain", "{}", 2, NULL), 415);
	assert_int_equal(nodes_status(us, "POST", "/parley/v1/messages", "application/json", "{}", 2, NULL), 403);
	nodes_file(desk, "program.dismissed", "{\"program\":\"us-radar\"}", &filed);
	assert_int_equal(nodes_status(c, "POST", "/parley/v1/messages", "application/json", rows[0].body,
				      strlen(rows[0].body), NULL),
			 401);
	prl_client_free(c);
	prl_client_free(desk);
}

/* ---- filing ------------------------------------------------------------------------------------------------------ */

/* Whole bytes of an entry of us's log. */
static char *note_of(uint64_t index)
{
	json_t *entry = nodes_get(us, "/parley/v1/entries/%s/%llu", nodes_hex(n, 1), (unsigned long long)index);
	char *copy = strdup(json_string_value(json_object_get(entry, "note")));
	json_decref(entry);
	return copy;
}

static void stale_tells_the_chain(void **state)
{
	(void)state;
	prl_filed filed = message("chain"), repeated;
	prl_reply answer = PRL_REPLY(65536);
	prl_error err;
	char hash[PRL_HASH_TEXT_MAX], text[PRL_ENTRY_MAX], *note = note_of(filed.index);
	prl_hash_write(&filed.hash, hash);
	/* The same bytes again are the same entry, not another one. */
	assert_int_equal(prl_client_post(us, prl_bytes_of(note), &repeated, &err), PRL_OK);
	assert_int_equal(repeated.index, filed.index);
	/* Other bytes at a place of the chain that is taken. */
	prl_entry read;
	assert_int_equal(prl_entry_read(prl_bytes_of(note), &read, &err), PRL_OK);
	prl_entry_head head = { .kind = "message.sent",
				.log = n->nodes[1].origin,
				.party = "us",
				.desk = "us-ops",
				.key = "us-ops/1",
				.line = &read.line,
				.previous = &read.previous,
				.serial = read.serial,
				.mode = PRL_MODE_TEST,
				.time = read.time };
	const prl_signer *signer = &n->nodes[1].console;
	size_t size = prl_entry_write(&head, prl_bytes_of("{\"text\":\"x\",\"language\":\"en\"}"), &signer, 1, text,
				      sizeof text);
	assert_int_not_equal(size, 0);
	assert_int_equal(nodes_status(us, "POST", "/parley/v1/entries", "text/plain", text, size, &answer), 409);
	json_t *stale = json_loadb(answer.body.data, answer.body.size, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(stale, "previous")), hash);
	assert_int_equal(json_integer_value(json_object_get(stale, "serial")), filed.serial);
	assert_string_equal(json_string_value(json_object_get(stale, "error")), "stale");
	json_decref(stale);
	/* One bit of the signature. */
	note[strlen(note) - 8] ^= 1;
	unsigned status = nodes_status(us, "POST", "/parley/v1/entries", "text/plain", note, strlen(note), NULL);
	assert_true(status == 422 || status == 400);
	free(note);
	prl_reply_done(&answer);
}

static void refused_requests(void **state)
{
	(void)state;
	static char large[PRL_ENTRY_MAX + 1];
	memset(large, 'x', sizeof large);
	prl_client *peer = nodes_client(n, 1);
	prl_error err;
	assert_int_equal(prl_client_login(peer, &n->nodes[0].log_key, &err), PRL_OK);
	char far[200], not_hex[200];
	(void)snprintf(far, sizeof far, "/parley/v1/entries/%s/999999", nodes_hex(n, 1));
	(void)snprintf(not_hex, sizeof not_hex, "/parley/v1/entries/%.63sG/0", nodes_hex(n, 1));
	const struct {
		prl_client *who;
		const char *method, *path, *type, *body;
		size_t size;
		unsigned status;
	} rows[] = {
		{ us, "GET", "/parley/v1/nothing", NULL, NULL, 0, 404 },
		{ us, "PUT", "/parley/v1/entries", "text/plain", "x", 1, 405 },
		{ us, "POST", "/parley/v1/entries", "text/plain", "x", 1, 400 },
		{ us, "POST", "/parley/v1/entries", "text/plain", "", 0, 400 },
		{ us, "POST", "/parley/v1/entries", "application/json", "{}", 2, 415 },
		{ us, "POST", "/parley/v1/entries", "text/plain", large, sizeof large, 413 },
		{ stranger, "POST", "/parley/v1/entries", "text/plain", "x", 1, 401 },
		{ peer, "POST", "/parley/v1/entries", "text/plain", "x", 1, 403 },
		{ us, "GET", "/parley/v1/entries?from=x", NULL, NULL, 0, 400 },
		{ us, "GET", "/parley/v1/entries?from=00", NULL, NULL, 0, 400 },
		{ us, "GET", "/parley/v1/entries?from=999999", NULL, NULL, 0, 400 },
		{ us, "GET", "/parley/v1/entries?count=1001", NULL, NULL, 0, 400 },
		{ us, "GET", "/parley/v1/entries?form=1", NULL, NULL, 0, 400 },
		{ us, "GET", "/parley/v1/entries?log=nobody", NULL, NULL, 0, 404 },
		{ us, "GET", far, NULL, NULL, 0, 404 },
		{ us, "GET", not_hex, NULL, NULL, 0, 404 },
		{ us, "GET", "/parley/v1/keys/nobody", NULL, NULL, 0, 404 },
		{ us, "GET", "/parley/v1/contents/zz", NULL, NULL, 0, 400 },
		{ us, "PUT", "/parley/v1/contents/zz", "application/octet-stream", "x", 1, 400 },
		{ us, "GET", "/parley/v1/events?from=999999", NULL, NULL, 0, 400 },
		{ peer, "GET", "/parley/v1/events", NULL, NULL, 0, 403 },
		{ us, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n0\n", 4, 403 },
		{ stranger, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n0\n", 4, 401 },
		{ peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", "", 0, 400 },
		{ peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n", 2, 400 },
		{ peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n99\nx", 6, 400 },
		{ peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n1\nx\0\5ab", 9, 400 },
		{ peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", "0\n1\nx", 5, 400 },
		{ peer, "GET", "/parley/v1/peer/checkpoint/0", NULL, NULL, 0, 404 },
		{ peer, "GET", "/parley/v1/peer/checkpoint/999999", NULL, NULL, 0, 404 },
		{ peer, "GET", "/parley/v1/peer/checkpoint/2", NULL, NULL, 0, 200 },
		{ us, "GET", "/parley/v1/peer/checkpoint/2", NULL, NULL, 0, 403 },
		{ peer, "POST", "/parley/v1/peer/cosignatures", "text/plain", "x", 1, 400 },
		{ stranger, "GET", "/log/checkpoint", NULL, NULL, 0, 200 },
		{ stranger, "GET", "/log/tile/0/000.p/3", NULL, NULL, 0, 200 },
		{ stranger, "GET", "/log/tile/0/000.p/0", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/log/tile/0/999", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/log/tile/9/000", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/log/tile/entries/000.p/3", NULL, NULL, 0, 401 },
		{ us, "GET", "/log/tile/entries/000.p/3", NULL, NULL, 0, 200 },
		{ stranger, "GET", "/log/proof/0", NULL, NULL, 0, 200 },
		{ stranger, "GET", "/log/proof/999999", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/log/proof/x", NULL, NULL, 0, 400 },
		{ stranger, "GET", "/log/mirror/00/checkpoint", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/log/00/checkpoint", NULL, NULL, 0, 404 },
		{ stranger, "GET", "/metrics", NULL, NULL, 0, 200 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned status = nodes_status(rows[i].who, rows[i].method, rows[i].path, rows[i].type, rows[i].body,
					       rows[i].size, NULL);
		if (status != rows[i].status)
			fail_msg("row %zu, %s %s: %u, expected %u", i, rows[i].method, rows[i].path, status,
				 rows[i].status);
	}
	prl_client_free(peer);
}

/* A push to us as ru's node: a checkpoint of size with any root, signed by signer; one entry of garbage. */
static unsigned push(prl_client *peer, uint64_t size, const prl_signer *signer)
{
	char note[PRL_CHECKPOINT_MAX], body[PRL_CHECKPOINT_MAX + 200], line[PRL_SIGNATURE_LINE_MAX];
	prl_checkpoint c = { .size = size, .root = { { 7 } } };
	(void)snprintf(c.origin, sizeof c.origin, "%s", n->nodes[0].origin);
	size_t length = prl_checkpoint_write(&c, note);
	(void)prl_note_sign((prl_bytes){ note, length }, signer, line);
	length += (size_t)snprintf(note + length, sizeof note - length, "\n%s", line);
	int head = snprintf(body, sizeof body, "%llu\n%zu\n%s", (unsigned long long)size - 1, length, note);
	memcpy(body + head, "\0\7garbage", 9);
	return nodes_status(peer, "POST", "/parley/v1/peer/entries", "application/octet-stream", body, (size_t)head + 9,
			    NULL);
}

/* Refused, and nothing of it stays: the line goes on. */
static void pushes_that_misfit(void **state)
{
	(void)state;
	prl_error err;
	prl_filed filed;
	prl_client *peer = nodes_client(n, 1);
	assert_int_equal(prl_client_login(peer, &n->nodes[0].log_key, &err), PRL_OK);
	message("so that all is told");
	nodes_wait_rest(n, ru, us);
	uint64_t held = nodes_size(us, n, 0);
	assert_int_equal(push(peer, held + 1, &n->nodes[1].log_key), 422); /* not signed by its log */
	assert_int_equal(push(peer, held + 1, &n->nodes[0].log_key), 422); /* the entry does not lead to that root */
	assert_int_equal(push(peer, held + 5, &n->nodes[0].log_key), 409); /* a gap */
	assert_int_equal(nodes_size(us, n, 0), held);
	nodes_file(ru, "message.sent", "{\"text\":\"still here\",\"language\":\"en\"}", &filed);
	NODES_WAIT(nodes_size(us, n, 0) > filed.index);
	json_t *peers = nodes_get(us, "/parley/v1/peers");
	json_t *first = json_array_get(json_object_get(peers, "peers"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "state")), "good");
	json_decref(peers);
	prl_client_free(peer);
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* Opens the stream of node us over a socket; headers and what comes within wait_ms. */
static int events_open(const char *query, const char *header)
{
	char request[500], token[200] = "";
	prl_reply answer = PRL_REPLY(65536);
	char note[PRL_LOGIN_MAX];
	size_t size = login_note(stranger, &n->nodes[1].console, NULL, "", note);
	assert_int_equal(nodes_status(stranger, "POST", "/parley/v1/login", "text/plain", note, size, &answer), 200);
	json_t *json = json_loadb(answer.body.data, answer.body.size, 0, NULL);
	(void)snprintf(token, sizeof token, "%s", json_string_value(json_object_get(json, "token")));
	json_decref(json);
	prl_reply_done(&answer);
	int fd = client_connect(n->nodes[1].port);
	int length = snprintf(request, sizeof request,
			      "GET /parley/v1/events%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n",
			      query, token, header);
	assert_true(client_send(fd, request, (size_t)length));
	return fd;
}

/* Where this text is in the stream, in the order of the stream; fails where it is not. */
static const char *behind(const char *text, const char *what)
{
	const char *found = strstr(text, what);
	if (!found)
		fail_msg("%s does not come behind: %.300s", what, text);
	return found + strlen(what);
}

static void events(void **state)
{
	(void)state;
	static reply got;
	int fd = events_open("?from=0", "");
	client_read(fd, &got, 700);
	assert_int_equal(got.first, 200);
	const char *at = behind(got.text, "text/event-stream");
	at = behind(at, "id: 0\nevent: constitution\ndata: {");
	at = behind(at, "event: desk.opened");
	prl_filed filed = message("live");
	client_read(fd, &got, 700);
	char id[40];
	(void)snprintf(id, sizeof id, "id: %llu\nevent: message.sent\n", (unsigned long long)filed.index);
	at = behind(got.text, id);
	(void)behind(at, "\"live\"");
	(void)client_read(fd, &got, 2600);
	(void)behind(got.text, ":\n"); /* the heartbeat */
	(void)close(fd);
}

static void events_of_peers(void **state)
{
	(void)state;
	static reply got;
	prl_filed filed;
	int fd = events_open("", "");
	client_read(fd, &got, 300);
	assert_null(strstr(got.text, "event:")); /* only what comes from now on */
	nodes_file(ru, "message.sent", "{\"text\":\"from afar\",\"language\":\"en\"}", &filed);
	client_read(fd, &got, 1500);
	/* First the peer's entries, without an id (its own peer.seen are among them), then our peer.seen with one. */
	const char *words = behind(got.text, "from afar"), *id = strstr(words, "\nid: ");
	assert_non_null(id);
	char last[40] = "", kind[40] = "";
	assert_int_equal(sscanf(id, "\nid: %39[0-9]\nevent: %39s", last, kind), 2);
	assert_string_equal(kind, "peer.seen");
	assert_true(!strstr(got.text, "id: ") || strstr(got.text, "id: ") > words);
	(void)close(fd);
	/* Resumed before the peer.seen: the same again; behind it: nothing of it. */
	char header[80];
	(void)snprintf(header, sizeof header, "Last-Event-ID: %llu\r\n", strtoull(last, NULL, 10) - 1);
	fd = events_open("", header);
	client_read(fd, &got, 500);
	(void)behind(behind(got.text, "from afar"), "event: peer.seen");
	(void)close(fd);
	(void)snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", last);
	fd = events_open("?from=0", header);
	client_read(fd, &got, 500);
	assert_null(strstr(got.text, "from afar"));
	(void)close(fd);
}

/* ---- the log ----------------------------------------------------------------------------------------------------- */

static bool cosigned_by_peer(const char *path, prl_reply *answer)
{
	prl_note note;
	uint64_t time_s;
	if (nodes_status(stranger, "GET", path, NULL, NULL, 0, answer) != 200)
		return false;
	prl_proof_file file;
	prl_bytes bytes = { answer->body.data, answer->body.size };
	if (prl_proof_file_read(bytes, &file, NULL) == PRL_OK)
		bytes = file.checkpoint;
	return prl_note_read(bytes, &note, NULL) == PRL_OK &&
	       prl_cosignature_verify(&note, &n->nodes[0].mirror_key.verifier, &time_s, NULL) == PRL_OK &&
	       prl_cosignature_verify(&note, &n->nodes[0].witness_key.verifier, &time_s, NULL) == PRL_OK;
}

static void proofs_hold(void **state)
{
	(void)state;
	prl_filed filed = message("to be proven");
	prl_reply answer = PRL_REPLY(PRL_PROOF_FILE_MAX);
	char path[80];
	(void)snprintf(path, sizeof path, "/log/proof/%llu", (unsigned long long)filed.index);
	NODES_WAIT(cosigned_by_peer("/log/checkpoint", &answer));
	NODES_WAIT(cosigned_by_peer(path, &answer));
	json_t *entry = nodes_get(us, "/parley/v1/entries/%s/%llu", nodes_hex(n, 1), (unsigned long long)filed.index);
	prl_bytes note = prl_bytes_of(json_string_value(json_object_get(entry, "note")));
	prl_proof_file file;
	prl_checkpoint checkpoint;
	assert_int_equal(prl_proof_file_read((prl_bytes){ answer.body.data, answer.body.size }, &file, NULL), PRL_OK);
	assert_int_equal(prl_proof_file_verify(&file, note, &n->nodes[1].log_key.verifier, &checkpoint, NULL), PRL_OK);
	note.size--;
	assert_int_equal(prl_proof_file_verify(&file, note, &n->nodes[1].log_key.verifier, &checkpoint, NULL),
			 PRL_E_SIGNATURE);
	json_decref(entry);
	prl_reply_done(&answer);
}

/* tlog-witness, against ru's log at us's node. */
static unsigned witness(const char *head, const char *checkpoint, prl_reply *answer)
{
	char body[PRL_CHECKPOINT_MAX];
	int size = snprintf(body, sizeof body, "%s\n%s", head, checkpoint);
	return nodes_status(stranger, "POST", "/log/add-checkpoint", NULL, body, (size_t)size, answer);
}

static bool witness_newest(const char *path, char note[PRL_CHECKPOINT_MAX], unsigned long long *ret_size,
			   prl_reply *answer)
{
	char head[80];
	if (nodes_status(stranger, "GET", path, NULL, NULL, 0, answer) != 200)
		return false;
	(void)snprintf(note, PRL_CHECKPOINT_MAX, "%.*s", (int)answer->body.size, answer->body.data);
	*ret_size = strtoull(strchr(note, '\n') + 1, NULL, 10);
	(void)snprintf(head, sizeof head, "old %llu\n", *ret_size);
	return witness(head, note, answer) == 200;
}

static void witness_codes(void **state)
{
	(void)state;
	char path[120], note[PRL_CHECKPOINT_MAX], head[80], other[PRL_CHECKPOINT_MAX];
	prl_reply answer = PRL_REPLY(PRL_CHECKPOINT_MAX);
	unsigned long long size;
	(void)snprintf(path, sizeof path, "/log/%s/checkpoint", nodes_hex(n, 0));
	NODES_WAIT(witness_newest(path, note, &size, &answer)); /* ru's log may still grow */
	assert_non_null(strstr(answer.body.data, n->nodes[1].witness_key.verifier.name));
	assert_int_equal(witness("old 1\n", note, &answer), 409);
	assert_string_equal(answer.type, "text/x.tlog.size");
	assert_int_equal(strtoull(answer.body.data, NULL, 10), size);
	(void)snprintf(head, sizeof head, "old %llu\n", size + 1);
	assert_int_equal(witness(head, note, &answer), 400);
	assert_int_equal(witness("old x\n", note, &answer), 400);
	assert_int_equal(witness("old 0\nxx\n", note, &answer), 400);
	/* Another root, signed by the log itself. */
	prl_checkpoint c;
	prl_note read;
	char line[PRL_SIGNATURE_LINE_MAX];
	assert_int_equal(prl_note_read(prl_bytes_of(note), &read, NULL), PRL_OK);
	assert_int_equal(prl_checkpoint_read(read.text, &c, NULL), PRL_OK);
	c.root.bytes[0] ^= 1;
	size_t length = prl_checkpoint_write(&c, other);
	(void)prl_note_sign((prl_bytes){ other, length }, &n->nodes[1].log_key, line); /* not by the log */
	(void)snprintf(other + length, sizeof other - length, "\n%s", line);
	(void)snprintf(head, sizeof head, "old %llu\n", size);
	assert_int_equal(witness(head, other, &answer), 403);
	c.origin[0] = 'x';
	length = prl_checkpoint_write(&c, other);
	(void)snprintf(other + length, sizeof other - length, "\n%s", line);
	assert_int_equal(witness(head, other, &answer), 404);
	prl_reply_done(&answer);
}

static void metrics(void **state)
{
	(void)state;
	prl_reply answer = PRL_REPLY(1u << 20);
	assert_int_equal(nodes_status(stranger, "GET", "/metrics", NULL, NULL, 0, &answer), 200);
	assert_string_equal(answer.body.data + answer.body.size - 6, "# EOF\n");
	assert_non_null(strstr(answer.type, "application/openmetrics-text"));
	assert_non_null(strstr(answer.body.data, "\nparley_peer_lag_entries{log=\"ru.example/line\"} "));
	prl_reply_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(described),
		cmocka_unit_test(description_is_whole),
		cmocka_unit_test(login_once),
		cmocka_unit_test(signature_of_another),
		cmocka_unit_test(healthy_as_asked),
		cmocka_unit_test(refusals_name_their_charset),
		cmocka_unit_test(token_checked),
		cmocka_unit_test(session_ends_with_key),
		cmocka_unit_test(sessions_are_bounded),
		cmocka_unit_test(program),
		cmocka_unit_test(stale_tells_the_chain),
		cmocka_unit_test(refused_requests),
		cmocka_unit_test(pushes_that_misfit),
		cmocka_unit_test(events),
		cmocka_unit_test(events_of_peers),
		cmocka_unit_test(proofs_hold),
		cmocka_unit_test(witness_codes),
		cmocka_unit_test(metrics),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
