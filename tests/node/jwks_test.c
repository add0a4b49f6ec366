/* Keys kept up to date: files, an address that answers, changes its keys, fails, lies, hangs. */
#include "support/key_server.h"
#include "support/nodes.h"
#include "support/tokens.h"

#include "base/error.h"
#include "base/text.h"
#include "node/certificate.h"
#include "node/http.h"
#include "node/jwks.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS 3

static token_key *keys[KEYS];
static prl_hash ids[KEYS][2]; /* of each key, as a file has it and as "k0" … of a set */

/* ---- the bench --------------------------------------------------------------------------------------------------- */

static void id_find(size_t i, bool kid)
{
	prl_jwk_set *set = NULL;
	prl_jwks_read read;
	assert_int_equal(prl_jwk_set_new(&set, NULL), PRL_OK);
	char *text = kid ? token_jwks(keys, KEYS, true) : token_key_public(keys[i]);
	assert_int_equal(kid ? prl_jwk_set_add_jwks(set, prl_bytes_of(text), NULL, &read, NULL)
			     : prl_jwk_set_add_pem(set, prl_bytes_of(text), NULL),
			 PRL_OK);
	ids[i][kid] = *prl_jwk_id(set->keys[kid ? i : 0]);
	prl_jwk_set_unref(set);
	free(text);
}

static int set_up(void **state)
{
	(void)state;
	keys[0] = token_key_rsa(2048);
	keys[1] = token_key_ec("P-256");
	keys[2] = token_key_rsa(2048);
	for (size_t i = 0; i < KEYS; i++) {
		id_find(i, false);
		id_find(i, true);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		token_key_free(keys[i]);
	return 0;
}

typedef struct bench {
	key_server *server;
	prl_dss_options dss;
	prl_jwks_options options;
	prl_jwks *jwks;
	_Atomic int64_t boot_s; /* the clock of the test */
	pthread_mutex_t lock;
	char said[16][PRL_JWKS_URL_MAX];
	size_t said_count;
} bench;

static prl_time boot(void *context)
{
	return atomic_load(&((bench *)context)->boot_s) * PRL_SECOND;
}

static void say(void *context, const char *line)
{
	bench *b = context;
	pthread_mutex_lock(&b->lock);
	assert_in_range(b->said_count, 0, 15);
	(void)snprintf(b->said[b->said_count++], sizeof b->said[0], "%s", line);
	pthread_mutex_unlock(&b->lock);
}

static size_t said_count(bench *b)
{
	pthread_mutex_lock(&b->lock);
	size_t count = b->said_count;
	pthread_mutex_unlock(&b->lock);
	return count;
}

/* A server that lists the first `count` keys; refreshed by hand unless the test sets it otherwise. */
static bench *bench_new(size_t count)
{
	bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	pthread_mutex_init(&b->lock, NULL);
	atomic_init(&b->boot_s, 1000);
	b->server = key_server_new();
	b->dss.jwks_url = key_server_url(b->server);
	b->options = (prl_jwks_options){ .dss = &b->dss,
					 .refresh_ms = 3600 * 1000,
					 .retry_ms = 3600 * 1000,
					 .boot = boot,
					 .clock_context = b,
					 .say = say,
					 .context = b };
	char *text = token_jwks(keys, count, true);
	key_server_answer(b->server, 200, text);
	free(text);
	return b;
}

static void bench_start(bench *b)
{
	prl_error err = { 0 };
	if (prl_jwks_start(&b->options, &b->jwks, &err))
		fail_msg("%s", err.text);
}

static void bench_free(bench *b)
{
	prl_jwks_stop(b->jwks);
	key_server_free(b->server);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* Keys "k0" … that are in force, as bits; 8 and above: those of files. */
static unsigned in_force(bench *b)
{
	unsigned bits = 0, found = 0;
	prl_jwk_set *set = prl_jwks_get(b->jwks);
	for (size_t i = 0; i < KEYS; i++) {
		bits |= prl_jwk_set_has(set, &ids[i][1]) ? 1u << i : 0;
		bits |= prl_jwk_set_has(set, &ids[i][0]) ? 256u << i : 0;
	}
	for (unsigned rest = bits; rest; rest &= rest - 1)
		found++;
	assert_int_equal(found, set->count);
	prl_jwk_set_unref(set);
	return bits;
}

static prl_status refresh(bench *b)
{
	prl_error err = { 0 };
	return prl_jwks_refresh(b->jwks, &err);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/parley-jwks-XXXXXX";

static void files_are_read_once(void **state)
{
	(void)state;
	char a[64], two[64];
	assert_non_null(mkdtemp(folder));
	(void)snprintf(a, sizeof a, "%s/a.pem", folder);
	(void)snprintf(two, sizeof two, "%s/two.pem", folder);
	token_key_save(keys[0], a);
	token_key_save(keys[1], two);
	token_key_save(keys[2], two);
	bench *b = bench_new(0);
	b->dss.jwks_url = NULL;
	assert_int_equal(prl_dss_options_add_key_file(&b->dss, a, NULL), PRL_OK);
	assert_int_equal(prl_dss_options_add_key_file(&b->dss, two, NULL), PRL_OK);
	bench_start(b);
	assert_int_equal(unlink(a), 0);
	assert_int_equal(in_force(b), 0x700);
	assert_int_equal(prl_jwks_generation(b->jwks), 1);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(prl_jwks_generation(b->jwks), 1);
	assert_int_equal(key_server_asked(b->server), 0);
	bench_free(b);
	assert_int_equal(unlink(two), 0);
}

static void a_file_that_is_wrong_ends_the_start(void **state)
{
	(void)state;
	char path[64];
	prl_error err = { 0 };
	(void)snprintf(path, sizeof path, "%s/wrong.pem", folder);
	bench *b = bench_new(1);
	assert_int_equal(prl_dss_options_add_key_file(&b->dss, path, NULL), PRL_OK);
	assert_int_equal(prl_jwks_start(&b->options, &b->jwks, &err), PRL_E_SYNTAX);
	assert_non_null(strstr(err.text, "wrong.pem"));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	char *private_key = token_key_private(keys[0]);
	fputs(private_key, file);
	fclose(file);
	free(private_key);
	assert_int_equal(prl_jwks_start(&b->options, &b->jwks, &err), PRL_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "wrong.pem: "));
	assert_non_null(strstr(err.text, "private key"));
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(prl_jwks_start(&b->options, &b->jwks, &err), PRL_E_SYNTAX);
	assert_null(b->jwks);
	bench_free(b);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* ---- the address ------------------------------------------------------------------------------------------------- */

static void addresses_are_https_or_loopback(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		prl_status status;
	} rows[] = {
		{ "", PRL_E_SYNTAX },
		{ "keys.json", PRL_E_SYNTAX },
		{ "ftp://example.org/keys", PRL_E_SYNTAX },
		{ "file:///etc/passwd", PRL_E_SYNTAX },
		{ "https://", PRL_E_SYNTAX },
		{ "https://user:secret@example.org/keys", PRL_E_SYNTAX },
		{ "http://localhost@example.org/keys", PRL_E_SYNTAX },
		{ "http://example.org/keys", PRL_E_REFUSED },
		{ "http://127.0.0.1.example.org/keys", PRL_E_REFUSED },
		{ "http://127.0.0.1example/keys", PRL_E_REFUSED },
		{ "http://localhost.example.org/keys", PRL_E_REFUSED },
		{ "http://[::2]/keys", PRL_E_REFUSED },
		{ "http://0.0.0.0/keys", PRL_E_REFUSED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prl_error err = { 0 };
		bench *b = bench_new(1);
		b->dss.jwks_url = rows[i].url;
		if (prl_jwks_start(&b->options, &b->jwks, &err) != rows[i].status)
			fail_msg("%s: %s", rows[i].url, err.text);
		bench_free(b);
	}
	char long_url[PRL_JWKS_URL_MAX + 20] = "http://127.0.0.1/";
	memset(long_url + strlen(long_url), 'x', PRL_JWKS_URL_MAX - strlen(long_url) + 1);
	bench *b = bench_new(1);
	b->dss.jwks_url = long_url;
	assert_int_equal(prl_jwks_start(&b->options, &b->jwks, NULL), PRL_E_SYNTAX);
	bench_free(b);
}

static void keys_come_and_go(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	bench_start(b);
	assert_int_equal(in_force(b), 3);
	uint64_t generation = prl_jwks_generation(b->jwks);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(prl_jwks_generation(b->jwks), generation); /* the same keys */
	char *text = token_jwks(keys, 3, true);
	key_server_answer(b->server, 200, text);
	free(text);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 7);
	assert_int_equal(prl_jwks_generation(b->jwks), generation + 1);
	text = token_jwks(keys, 1, true);
	key_server_answer(b->server, 200, text);
	free(text);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 1);
	assert_int_equal(prl_jwks_generation(b->jwks), generation + 2);
	key_server_answer(b->server, 200, "{\"keys\":[]}"); /* what it says holds */
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 0);
	assert_int_equal(said_count(b), 0);
	bench_free(b);
}

static void keys_are_fetched_by_themselves(void **state)
{
	(void)state;
	bench *b = bench_new(1);
	b->options.refresh_ms = 5;
	bench_start(b);
	assert_int_equal(in_force(b), 1);
	char *text = token_jwks(keys, 2, true);
	key_server_answer(b->server, 200, text);
	free(text);
	NODES_WAIT(in_force(b) == 3);
	unsigned asked = key_server_asked(b->server);
	NODES_WAIT(key_server_asked(b->server) > asked + 3);
	bench_free(b);
}

/* A token that names a key which the set lacks has the address asked before its minute is over. */
static void an_unknown_key_is_asked_for_early(void **state)
{
	(void)state;
	bench *b = bench_new(1);
	b->options.early_ms = 1;
	bench_start(b);
	char *text = token_jwks(keys, 2, true);
	key_server_answer(b->server, 200, text);
	free(text);
	assert_int_equal(in_force(b), 1);
	NODES_WAIT((prl_jwks_want(b->jwks, "k1"), in_force(b) == 3));
	bench_free(b);
}

/* However many such tokens come: not before its time, not for keys that are not to be taken, not where it fails. */
static void unknown_keys_are_not_asked_for_all_the_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		bench *b = bench_new(2);
		b->options.early_ms = i == 0 ? 3600 * 1000 : 1;
		if (i == 1)
			assert_int_equal(prl_dss_list_add(&b->dss.jwks_kids, "k0,k1", NULL), PRL_OK);
		bench_start(b);
		if (i == 2) {
			key_server_answer(b->server, 500, "");
			assert_int_equal(refresh(b), PRL_E_IO);
		}
		unsigned asked = key_server_asked(b->server);
		nodes_sleep_ms(5);
		for (unsigned k = 0; k < 1000; k++)
			prl_jwks_want(b->jwks, "k9");
		(void)refresh(b);
		assert_int_equal(key_server_asked(b->server), asked + 1);
		bench_free(b);
	}
}

static void only_the_keys_asked_for_are_taken(void **state)
{
	(void)state;
	bench *b = bench_new(3);
	assert_int_equal(prl_dss_list_add(&b->dss.jwks_kids, "k1,k5", NULL), PRL_OK);
	bench_start(b);
	assert_int_equal(in_force(b), 2);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(said_count(b), 1); /* once */
	assert_non_null(strstr(b->said[0], "\"k5\""));
	bench_free(b);
}

static void files_and_the_address_hold_together(void **state)
{
	(void)state;
	char path[] = "/tmp/parley-jwks-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	token_key_save(keys[2], path);
	bench *b = bench_new(2);
	assert_int_equal(prl_dss_options_add_key_file(&b->dss, path, NULL), PRL_OK);
	bench_start(b);
	assert_int_equal(in_force(b), 0x403);
	key_server_answer(b->server, 200, "{\"keys\":[]}");
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 0x400);
	bench_free(b);
	assert_int_equal(unlink(path), 0);
}

/* ---- when it fails ----------------------------------------------------------------------------------------------- */

/* 10 MB of it, and 10^5 keys of {} in less than the limit of bytes. */
static char *huge(bool keys_listed)
{
	size_t size = keys_listed ? 300 * 1024 : 10 * 1024 * 1024;
	char *text = malloc(size + 64), *at = text + sprintf(text, "{\"keys\":[{}");
	while ((size_t)(at - text) < size)
		at += sprintf(at,
			      keys_listed ? ",{}" : ",{\"kty\":\"RSA\",\"n\":\"AQABAQABAQABAQABAQABAQABAQABAQAB\"}");
	strcpy(at, "]}");
	return text;
}

static void set_bad_answer(bench *b, size_t which)
{
	static const char *const bytes[] = {
		"garbage\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"keys\":[]}",
		"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"",
	};
	static const char *const bodies[] = { "",        "garbage",      "[]",
					      "{}",      "{\"keys\":7}", "{\"keys\":[],\"keys\":[]}",
					      "\xff\xfe" };
	const size_t byte_count = sizeof bytes / sizeof *bytes, body_count = sizeof bodies / sizeof *bodies;
	if (which < byte_count) {
		key_server_bytes(b->server, bytes[which], strlen(bytes[which]));
	} else if (which < byte_count + body_count) {
		key_server_answer(b->server, 200, bodies[which - byte_count]);
	} else if (which < byte_count + body_count + 2) {
		char *text = huge(which == byte_count + body_count);
		key_server_answer(b->server, 200, text);
		free(text);
	} else {
		char *text = token_jwks(keys, KEYS, true);
		static const unsigned statuses[] = { 500, 404, 201, 403 };
		key_server_answer(b->server, statuses[which % 4], text);
		free(text);
	}
}

#define BAD_ANSWERS 19

static void a_bad_answer_changes_nothing(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	bench_start(b);
	uint64_t generation = prl_jwks_generation(b->jwks);
	for (size_t i = 0; i < BAD_ANSWERS; i++) {
		set_bad_answer(b, i);
		if (refresh(b) == PRL_OK)
			fail_msg("taken: answer %zu", i);
		assert_int_equal(in_force(b), 3);
	}
	assert_int_equal(prl_jwks_generation(b->jwks), generation);
	assert_int_equal(said_count(b), 1); /* that it fails, not how often */
	assert_non_null(strstr(b->said[0], "no keys from http://127.0.0.1:"));
	char *text = token_jwks(keys, 1, true);
	key_server_answer(b->server, 200, text);
	free(text);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 1);
	assert_int_equal(said_count(b), 2);
	assert_non_null(strstr(b->said[1], "answers: 1 keys"));
	bench_free(b);
}

static void keys_are_kept_for_an_hour(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	bench_start(b);
	key_server_answer(b->server, 503, "");
	atomic_store(&b->boot_s, 1000 + 3600);
	assert_int_equal(refresh(b), PRL_E_IO);
	assert_int_equal(in_force(b), 3);
	uint64_t generation = prl_jwks_generation(b->jwks);
	atomic_store(&b->boot_s, 1000 + 3601);
	assert_int_equal(refresh(b), PRL_E_IO);
	assert_int_equal(in_force(b), 0);
	assert_int_equal(prl_jwks_generation(b->jwks), generation + 1);
	assert_int_equal(refresh(b), PRL_E_IO);
	assert_int_equal(prl_jwks_generation(b->jwks), generation + 1);
	assert_int_equal(said_count(b), 2); /* that it fails, that the keys are gone */
	char *text = token_jwks(keys, 2, true);
	key_server_answer(b->server, 200, text);
	free(text);
	assert_int_equal(refresh(b), PRL_OK);
	assert_int_equal(in_force(b), 3);
	assert_int_equal(said_count(b), 3);
	/* An hour begins again with each good answer. */
	key_server_answer(b->server, 503, "");
	atomic_store(&b->boot_s, 1000 + 3601 + 3600);
	assert_int_equal(refresh(b), PRL_E_IO);
	assert_int_equal(in_force(b), 3);
	bench_free(b);
}

/* The thread too: nobody asks. */
static void old_keys_go_by_themselves(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	b->options.refresh_ms = b->options.retry_ms = 5;
	bench_start(b);
	assert_int_equal(in_force(b), 3);
	key_server_answer(b->server, 503, "");
	atomic_store(&b->boot_s, 1000 + 3700);
	NODES_WAIT(in_force(b) == 0);
	bench_free(b);
}

static void an_address_that_is_silent_at_the_start_is_asked_again(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	b->options.retry_ms = 5;
	key_server_answer(b->server, 503, "");
	bench_start(b);
	assert_int_equal(in_force(b), 0);
	assert_int_equal(said_count(b), 1);
	NODES_WAIT(key_server_asked(b->server) >= 4); /* 5, 10, 20 ms apart */
	char *text = token_jwks(keys, 2, true);
	key_server_answer(b->server, 200, text);
	free(text);
	NODES_WAIT(in_force(b) == 3);
	bench_free(b);
}

static void nobody_listens(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	char url[100];
	(void)snprintf(url, sizeof url, "%s", key_server_url(b->server));
	b->dss.jwks_url = url;
	key_server_free(b->server);
	b->server = NULL;
	bench_start(b);
	assert_int_equal(in_force(b), 0);
	assert_int_equal(refresh(b), PRL_E_IO);
	bench_free(b);
}

static void an_answer_that_does_not_end_is_given_up(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	b->options.answer_ms = 300;
	bench_start(b);
	key_server_hang(b->server);
	assert_int_equal(refresh(b), PRL_E_IO);
	assert_int_equal(in_force(b), 3);
	bench_free(b);
}

/* The thread is in the middle of a fetch that would take an hour. */
static void a_stop_does_not_wait_for_an_answer(void **state)
{
	(void)state;
	bench *b = bench_new(2);
	b->options.answer_ms = 3600 * 1000;
	b->options.refresh_ms = 5;
	bench_start(b);
	unsigned asked = key_server_asked(b->server);
	key_server_hang(b->server);
	NODES_WAIT(key_server_asked(b->server) > asked);
	bench_free(b);
}

/* ---- https ------------------------------------------------------------------------------------------------------- */

static void give_keys(void *node, prl_request *request)
{
	const char *text = node;
	prl_answer_bytes(request, 200, "application/json", text, strlen(text));
}

/* A server with a certificate for `host` that it signed itself; *ret_ca is the file that has it. */
static prl_http *tls_server(const char *host, char *keys_text, char ret_ca[32], char ret_url[64])
{
	static const prl_route routes[] = { { "GET", "/keys", PRL_MAY_ANYBODY, 0, NULL, give_keys } };
	prl_buffer certificate = PRL_BUFFER(65536), key = PRL_BUFFER(65536);
	prl_http *http = NULL;
	assert_int_equal(prl_certificate_new(host, &certificate, &key, NULL), PRL_OK);
	prl_http_options options = { .listen = "127.0.0.1:0",
				     .tls_certificate = certificate.data,
				     .tls_key = key.data,
				     .threads = 1,
				     .routes = routes,
				     .route_count = 1,
				     .node = keys_text };
	assert_int_equal(prl_http_start(&options, &http, NULL), PRL_OK);
	(void)snprintf(ret_url, 64, "https://127.0.0.1:%u/keys", prl_http_port(http));
	(void)snprintf(ret_ca, 32, "/tmp/parley-jwks-ca-XXXXXX");
	int fd = mkstemp(ret_ca);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, certificate.data, certificate.size), (ssize_t)certificate.size);
	close(fd);
	prl_buffer_done(&certificate);
	prl_buffer_done(&key);
	return http;
}

/* Trusted by its certificate and the name in it, and by nothing else. */
static void https_is_verified(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		bool trusted;
		unsigned in_force;
	} rows[] = { { "127.0.0.1", true, 3 },
		     { "127.0.0.1", false, 0 },
		     { "127.0.0.2", true, 0 },
		     { "other.example", true, 0 } };
	char *text = token_jwks(keys, 2, true);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char ca[32], url[64];
		bench *b = bench_new(0);
		prl_http *http = tls_server(rows[i].host, text, ca, url);
		b->dss.jwks_url = url;
		b->options.ca_file = rows[i].trusted ? ca : NULL;
		bench_start(b);
		assert_int_equal(in_force(b), rows[i].in_force);
		assert_int_equal(said_count(b), !rows[i].in_force);
		if (!rows[i].in_force)
			assert_non_null(strstr(b->said[0], "SSL"));
		prl_jwks_stop(b->jwks);
		b->jwks = NULL;
		prl_http_stop(http);
		assert_int_equal(unlink(ca), 0);
		bench_free(b);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_once),
		cmocka_unit_test(a_file_that_is_wrong_ends_the_start),
		cmocka_unit_test(addresses_are_https_or_loopback),
		cmocka_unit_test(keys_come_and_go),
		cmocka_unit_test(keys_are_fetched_by_themselves),
		cmocka_unit_test(an_unknown_key_is_asked_for_early),
		cmocka_unit_test(unknown_keys_are_not_asked_for_all_the_time),
		cmocka_unit_test(only_the_keys_asked_for_are_taken),
		cmocka_unit_test(files_and_the_address_hold_together),
		cmocka_unit_test(a_bad_answer_changes_nothing),
		cmocka_unit_test(keys_are_kept_for_an_hour),
		cmocka_unit_test(old_keys_go_by_themselves),
		cmocka_unit_test(an_address_that_is_silent_at_the_start_is_asked_again),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(an_answer_that_does_not_end_is_given_up),
		cmocka_unit_test(a_stop_does_not_wait_for_an_answer),
		cmocka_unit_test(https_is_verified),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
