/* What a client can do with paths, logins, tokens and entries of its own making. Each case names the answer, the node
 * is healthy after it, and an honest client is served meanwhile. */
#include "support/lies.h"
#include "support/random.h"
#include "support/siege.h"

#include "base/text.h"
#include "node/http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- entries that nobody should write ---------------------------------------------------------------------------- */

static void read_desk_chain(liar *l)
{
	char path[200];
	(void)snprintf(path, sizeof path, "/parley/v1/keys/%s", l->node->desk.verifier.name);
	assert_int_equal(author_ask(&stray, "GET", path, NULL, NULL), 200);
	json_t *json = json_loads(author_reply(&stray), 0, NULL);
	l->desk_serial = (uint64_t)json_integer_value(json_object_get(json, "serial"));
	assert_true(
		prl_hash_read(prl_bytes_of(json_string_value(json_object_get(json, "previous"))), &l->desk_previous));
	json_decref(json);
}

/* The same, filed by a console: refused at the door. */
static void lies_at_the_door(void **state)
{
	(void)state;
	char *text = malloc(PRL_ENTRY_MAX + 1);
	bool all = true;
	nodes_node as = *stray.node;
	as.console = stray.key;
	liar l = { .node = &as, .line = stray.line };
	for (int i = 0; i < 3; i++)
		(void)author_say(&stray, "a true word");
	read_desk_chain(&l);
	l.serial = stray.serial;
	l.previous = stray.previous;
	for (size_t i = 0; i < lie_count; i++) {
		prl_bytes entry = { text, lies[i].write(&l, text) };
		unsigned status = author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry);
		bool good = status == lies[i].status && strstr(author_reply(&stray), lies[i].text);
		if (!good)
			print_message("# %s: %u %.300s\n", lies[i].name, status, author_reply(&stray));
		all = all && good && served_healthy(&ru);
	}
	/* Words of the node itself. */
	prl_entry_head head = { .kind = "peer.seen", .recorded = "node", .party = NULL };
	size_t size = liar_write(&l, &head, "{\"log\":\"us.example/line\",\"size\":1,\"root\":\"\"}", NULL, text);
	prl_bytes entry = { text, size };
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry), 403, "");
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "application/json", &entry), 415, "");
	/* Too large. */
	memset(text, 'x', PRL_ENTRY_MAX + 1);
	entry = (prl_bytes){ text, PRL_ENTRY_MAX + 1 };
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry), 413, "");
	(void)author_say(&stray, "the chain has not moved");
	free(text);
	assert_true(all);
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static unsigned raw_get(const char *path)
{
	static reply answer;
	char request[8192];
	int length =
		snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n\r\n",
			 path, ru.node->port);
	exchange(ru.node->port, request, (size_t)length, 5000, &answer);
	if (strstr(answer.text, "PRIVATE") || strstr(answer.text, "root:"))
		nodes_fail(__FILE__, __LINE__, path);
	return answer.first;
}

static void paths(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		unsigned status;
	} cases[] = { { "/log/tile/0/000.p/1", 200 },
		      { "/log/tile/entries/000.p/1", 401 },
		      { "/log/tile/../../keys/log.key", 400 },
		      { "/log/tile/..%2f..%2fkeys%2flog.key", 400 },
		      { "/log/tile/%2e%2e/%2e%2e/keys/log.key", 400 },
		      { "/log/tile/0/%2e%2e/%2e%2e/checkpoint", 400 },
		      { "/log/tile//etc/passwd", 400 },
		      { "/log/tile/%2fetc%2fpasswd", 400 },
		      { "/log/tile/0/000%00.p/1", 400 },
		      { "/log/tile/0/000.p/0", 404 },
		      { "/log/tile/0/000.p/256", 404 },
		      { "/log/tile/0/000.p/01", 404 },
		      { "/log/tile/0/000.p/-1", 404 },
		      { "/log/tile/0/00.p/1", 404 },
		      { "/log/tile/0/x000/000.p/1", 404 },
		      { "/log/tile/0/x999/x999/x999/x999/x999/x999/x999/999", 404 },
		      { "/log/tile/8/000.p/1", 404 },
		      { "/log/tile/-1/000.p/1", 404 },
		      { "/log/tile/0/000.p/1/", 400 },
		      { "/log/tile/0/999", 404 },
		      { "/log/tile/entries/../0/000.p/1", 400 },
		      { "/log/tile/%65ntries/000.p/1", 401 }, /* compared after decoding */
		      { "/log/tile/%C0%AE%C0%AE/checkpoint", 400 },
		      { "/log/mirror/../checkpoint", 400 },
		      { "/log/mirror/00/checkpoint", 404 },
		      { "/log/%2e%2e/checkpoint", 400 },
		      { "/log/proof/18446744073709551616", 400 },
		      { "/log/proof/-1", 400 },
		      { "/log/proof/99999999", 404 },
		      { "/../record.db", 400 },
		      { "/record.db", 404 },
		      { "/keys/log.key", 404 } };
	bool all = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned status = raw_get(cases[i].path);
		if (status != cases[i].status)
			print_message("# %s: %u, expected %u\n", cases[i].path, status, cases[i].status);
		all = all && status == cases[i].status;
	}
	char path[6000] = "/log/tile/";
	memset(path + 10, 'a', 5000);
	all = all && raw_get(path) == 404 && served_healthy(&ru);
	assert_true(all);
}

/* ---- logins ------------------------------------------------------------------------------------------------------ */

typedef struct login_note {
	char text[PRL_CHECKPOINT_MAX];
	size_t size;
} login_note;

static char *offered(void)
{
	prl_client *client = nodes_client(nodes, 0);
	json_t *offer = nodes_get(client, "/parley/v1/login");
	char *nonce = strdup(json_string_value(json_object_get(offer, "nonce")));
	json_decref(offer);
	prl_client_free(client);
	return nonce;
}

static void login_write(login_note *note, const char *log, const char *key, const prl_signer *signer, const char *nonce)
{
	char line[PRL_HASH_TEXT_MAX], signature[PRL_SIGNATURE_LINE_MAX];
	prl_hash_write(&stray.line, line);
	int length = snprintf(note->text, sizeof note->text,
			      "parley/v1 login\nline %s\nlog %s\nkey %s\nmode REAL\ntime 2026-01-01T00:00:00Z\n\n"
			      "{\"nonce\":\"%s\"}\n",
			      line, log, key, nonce);
	size_t signed_size = prl_note_sign((prl_bytes){ note->text, (size_t)length }, signer, signature);
	note->text[length] = '\n';
	memcpy(note->text + length + 1, signature, signed_size);
	note->size = (size_t)length + 1 + signed_size;
}

static unsigned log_in(const login_note *note, prl_reply *got)
{
	prl_error err;
	prl_link *link = author_link(ru.node);
	prl_bytes body = { note->text, note->size };
	if (prl_link_send(link, "POST", "/parley/v1/login", "text/plain", &body, got, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	prl_link_free(link);
	return got->status;
}

#define LOGGED_IN(expected, words) CHECK(log_in(&note, &got), got.body.data ? got.body.data : "", expected, words)

static void logins(void **state)
{
	(void)state;
	login_note note;
	prl_reply got = PRL_REPLY(65536);
	const char *key = stray.key.verifier.name, *log = ru.node->origin;
	char *nonce = offered(), *second = offered();
	login_write(&note, log, key, &stray.key, nonce);
	LOGGED_IN(200, "token");
	LOGGED_IN(403, "has been used"); /* replayed */
	login_write(&note, "us.example/line", key, &stray.key, second);
	LOGGED_IN(403, "another log");
	login_write(&note, log, key, &ru.node->desk, second);
	LOGGED_IN(422, "signature");
	login_write(&note, log, "us-ops/1", &us->node->console, second);
	LOGGED_IN(403, "logs in at the node that keeps");
	login_write(&note, log, "nobody/1", &stray.key, second);
	LOGGED_IN(403, "not known here");
	second[3] = second[3] == '0' ? '1' : '0';
	login_write(&note, log, key, &stray.key, second);
	LOGGED_IN(403, "was not offered by this node");
	login_write(&note, log, key, &stray.key, "");
	LOGGED_IN(400, "");
	/* A login stands in no log, and an entry opens no session. */
	free(second);
	second = offered();
	login_write(&note, log, key, &stray.key, second);
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &(prl_bytes){ note.text, note.size }), 400,
	      "");
	author_sign(&stray, "message.sent", LIES_GOOD);
	memcpy(note.text, stray.entry, stray.size);
	note.size = stray.size;
	LOGGED_IN(400, "a login has the lines");
	/* An offer of the process before. */
	login_write(&note, log, key, &stray.key, second);
	honest_stop();
	served_kill(&ru);
	served_start(&ru, "--alone");
	served_wait_open(&ru);
	honest_start();
	LOGGED_IN(403, "was not offered by this node");
	if (getenv("PARLEY_LONG")) {
		free(second);
		second = offered();
		login_write(&note, log, key, &stray.key, second);
		nodes_sleep_ms(61000);
		LOGGED_IN(403, "is older than");
	}
	free(nonce);
	free(second);
	prl_reply_done(&got);
}

/* Tokens by the thousand, and near misses of a good one. */
static void tokens(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("token"), 0);
	prl_link *link = author_link(ru.node);
	prl_reply got = PRL_REPLY(65536);
	prl_error err;
	char good[128], token[128];
	assert_int_equal(author_ask(&stray, "GET", "/parley/v1/peers", NULL, NULL), 200);
	(void)snprintf(good, sizeof good, "%s", prl_link_token_text(stray.link));
	size_t count = rnd_count(2000, 20000);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(token, sizeof token, "%s", good);
		if (i % 4 == 0)
			token[i / 4 % strlen(good)] ^= 1; /* one off */
		else if (i % 4 == 1)
			token[i / 4 % strlen(good)] = 0; /* a beginning, from the empty one on */
		else
			for (size_t k = 0; token[k]; k++)
				token[k] = "0123456789abcdef"[rnd_below(&r, 16)];
		if (!*token)
			continue;
		assert_int_equal(prl_link_token(link, token, &err), PRL_OK);
		assert_int_equal(prl_link_send(link, "GET", "/parley/v1/peers", NULL, NULL, &got, &err), PRL_OK);
		assert_int_equal(got.status, 401);
	}
	ASKED(author_ask(&stray, "GET", "/parley/v1/peers", NULL, NULL), 200, "us.example/line");
	prl_reply_done(&got);
	prl_link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies_at_the_door),
		cmocka_unit_test(paths),
		cmocka_unit_test(logins),
		cmocka_unit_test(tokens),
	};
	return cmocka_run_group_tests(tests, siege_set_up, siege_tear_down);
}
