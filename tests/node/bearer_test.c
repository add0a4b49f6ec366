/* Who calls: the header, tokens remembered and forgotten, keys that leave, development mode, many threads at once. */
#include "support/key_server.h"
#include "support/nodes.h"
#include "support/tokens.h"

#include "base/error.h"
#include "base/text.h"
#include "node/bearer.h"
#include "node/dev_key.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW (INT64_C(1790000000) * PRL_SECOND)

static token_key *first, *second;

static int set_up(void **state)
{
	(void)state;
	first = token_key_rsa(2048);
	second = token_key_ec("P-256");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	token_key_free(first);
	token_key_free(second);
	return 0;
}

/* ---- the bench --------------------------------------------------------------------------------------------------- */

typedef struct bench {
	key_server *server;
	prl_dss_options dss;
	prl_bearer *bearer;
	prl_dss_caller caller;
	prl_error err;
} bench;

static prl_time boot(void *context)
{
	(void)context;
	return 1000 * PRL_SECOND;
}

/* The keys that the server lists: bits 1 first, 2 second, with the ids k0 and k1. */
static void list(bench *b, unsigned bits)
{
	json_t *keys = json_array();
	if (bits & 1)
		json_array_append_new(keys, token_key_jwk(first, "k0", NULL));
	if (bits & 2)
		json_array_append_new(keys, token_key_jwk(second, "k1", NULL));
	json_t *set = json_pack("{s:o}", "keys", keys);
	char *text = json_dumps(set, 0);
	key_server_answer(b->server, 200, text);
	json_decref(set);
	free(text);
	if (b->bearer)
		assert_int_equal(prl_jwks_refresh(prl_bearer_jwks(b->bearer), &b->err), PRL_OK);
}

static bench *bench_new(void)
{
	bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	b->server = key_server_new();
	b->dss.jwks_url = key_server_url(b->server);
	assert_int_equal(prl_dss_list_add(&b->dss.audiences, "dss.example", NULL), PRL_OK);
	list(b, 3);
	prl_bearer_options options = { .dss = &b->dss, .boot = boot };
	if (prl_bearer_start(&options, &b->bearer, &b->err))
		fail_msg("%s", b->err.text);
	return b;
}

static void bench_free(bench *b)
{
	prl_bearer_stop(b->bearer);
	key_server_free(b->server);
	free(b);
}

static prl_status verify_header(bench *b, const char *header, prl_time now)
{
	b->err = (prl_error){ 0 };
	b->caller = (prl_dss_caller){ .subject = "untouched" };
	prl_status status = prl_bearer_verify(b->bearer, (prl_bytes){ header, header ? strlen(header) : 0 }, now,
					      &b->caller, &b->err);
	if (status)
		assert_string_equal(b->caller.subject, "untouched");
	return status;
}

static prl_status verify_at(bench *b, const char *token, prl_time now)
{
	char header[PRL_MAX_TOKEN_BYTES + 64];
	(void)snprintf(header, sizeof header, "Bearer %s", token);
	return verify_header(b, header, now);
}

static prl_status verify(bench *b, const char *token)
{
	return verify_at(b, token, NOW);
}

static char *make(const token_key *key, const char *name, const char *value)
{
	char *claims = token_claims(NOW, name, value),
	     *token = token_make(key, key == second ? "ES256" : "RS256", NULL, claims);
	free(claims);
	return token;
}

static prl_bearer_figures figures(bench *b)
{
	return prl_bearer_figures_now(b->bearer);
}

/* ---- the header -------------------------------------------------------------------------------------------------- */

static void the_scheme_is_bearer(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *token = make(first, NULL, NULL), text[PRL_MAX_TOKEN_BYTES];
	static const char *const taken[] = { "Bearer ",   "bearer ",  "BEARER ",  "bEaReR ",
					     "Bearer   ", "Bearer\t", "  Bearer " };
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		(void)snprintf(text, sizeof text, "%s%s", taken[i], token);
		if (verify_header(b, text, NOW))
			fail_msg("\"%s\": %s", taken[i], b->err.text);
		assert_string_equal(b->caller.subject, "uss1");
		strcat(text, " \t ");
		assert_int_equal(verify_header(b, text, NOW), PRL_OK);
	}
	static const char *const refused[] = { "",      "Basic ", "Bearer",         "Bearer: ",    "Bearer=",
					       "Bear ", "Token ", "Bearer Bearer ", "\"Bearer\" ", "Bearer \"" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		(void)snprintf(text, sizeof text, "%s%s", refused[i], token);
		if (verify_header(b, text, NOW) != PRL_E_SIGNATURE)
			fail_msg("taken: \"%s\"", refused[i]);
	}
	(void)snprintf(text, sizeof text, "Bearer %s %s", token, token);
	assert_int_equal(verify_header(b, text, NOW), PRL_E_SIGNATURE);
	static const char *const bare[] = { NULL,      "",           " ", "\t",       "Bearer",
					    "bearer ", "Bearer    ", "B", "Bearer .", "Bearer .." };
	for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
		assert_int_equal(verify_header(b, bare[i], NOW), PRL_E_SIGNATURE);
	assert_int_equal(prl_bearer_verify(b->bearer, (prl_bytes){ "Bearer a\0b", 10 }, NOW, &b->caller, &b->err),
			 PRL_E_SIGNATURE);
	free(token);
	bench_free(b);
}

static void statuses_are_those_of_http(void **state)
{
	(void)state;
	assert_int_equal(prl_bearer_http_status(PRL_OK), 200);
	assert_int_equal(prl_bearer_http_status(PRL_E_SIGNATURE), 401);
	assert_int_equal(prl_bearer_http_status(PRL_E_REFUSED), 403);
	assert_int_equal(prl_bearer_http_status(PRL_E_MEMORY), 500);
	bench *b = bench_new();
	char *token = make(first, "scope", NULL);
	assert_int_equal(verify(b, token), PRL_E_REFUSED);
	assert_int_equal(verify(b, token), PRL_E_REFUSED);
	assert_int_equal(figures(b).kept, 0);
	assert_int_equal(figures(b).refused, 2);
	free(token);
	bench_free(b);
}

/* ---- what is remembered ------------------------------------------------------------------------------------------ */

static void a_token_is_verified_once(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *token = make(first, NULL, NULL), *other = make(first, "sub", "\"uss2\"");
	for (int i = 0; i < 10; i++) {
		assert_int_equal(verify(b, token), PRL_OK);
		assert_string_equal(b->caller.subject, "uss1");
		assert_string_equal(b->caller.issuer, "issuer.example");
		assert_int_equal(b->caller.scopes, PRL_SCOPE_STRATEGIC_COORDINATION);
		assert_true(b->caller.expires == NOW + 1800 * PRL_SECOND);
		assert_int_equal(verify(b, other), PRL_OK);
		assert_string_equal(b->caller.subject, "uss2");
	}
	prl_bearer_figures f = figures(b);
	assert_int_equal(f.verified, 2);
	assert_int_equal(f.remembered, 18);
	assert_int_equal(f.refused, 0);
	assert_int_equal(f.kept, 2);
	/* A token that differs in one letter of the signature is another. */
	token[strlen(token) - 10] ^= 1;
	assert_int_equal(verify(b, token), PRL_E_SIGNATURE);
	free(token);
	free(other);
	bench_free(b);
}

static void what_has_expired_is_forgotten(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *token = make(first, NULL, NULL);
	assert_int_equal(verify(b, token), PRL_OK);
	assert_int_equal(verify_at(b, token, NOW + 1800 * PRL_SECOND - 1), PRL_OK);
	assert_int_equal(figures(b).remembered, 1);
	assert_int_equal(verify_at(b, token, NOW + 1800 * PRL_SECOND), PRL_E_SIGNATURE);
	assert_non_null(strstr(b->err.text, "expired"));
	assert_int_equal(figures(b).kept, 0);
	free(token);
	bench_free(b);
}

static void what_is_kept_is_bounded(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *tokens[PRL_MAX_TOKENS_KEPT / 8], *kept = make(second, NULL, NULL);
	const size_t count = sizeof tokens / sizeof *tokens;
	for (size_t round = 0; round < 10; round++) { /* a quarter more than there is room for */
		for (size_t i = 0; i < count; i++) {
			char sub[40];
			(void)snprintf(sub, sizeof sub, "\"uss%zu\"", round * count + i);
			tokens[i] = make(second, "sub", sub);
			assert_int_equal(verify(b, tokens[i]), PRL_OK);
			/* One that is used all the time stays. */
			assert_int_equal(verify(b, kept), PRL_OK);
		}
		assert_in_range(figures(b).kept, 1, PRL_MAX_TOKENS_KEPT);
		for (size_t i = 0; i < count; i++)
			free(tokens[i]);
	}
	assert_in_range(figures(b).kept, PRL_MAX_TOKENS_KEPT / 2, PRL_MAX_TOKENS_KEPT);
	assert_int_equal(figures(b).verified, 10 * count + 1);
	assert_int_equal(figures(b).remembered, 10 * count - 1);
	free(kept);
	bench_free(b);
}

/* ---- keys that change -------------------------------------------------------------------------------------------- */

static void a_token_goes_with_its_key(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *one = make(first, NULL, NULL), *two = make(second, NULL, NULL);
	assert_int_equal(verify(b, one), PRL_OK);
	assert_int_equal(verify(b, two), PRL_OK);
	list(b, 2);
	assert_int_equal(verify(b, one), PRL_E_SIGNATURE);
	assert_int_equal(figures(b).kept, 1);
	assert_int_equal(verify(b, two), PRL_OK);
	assert_int_equal(verify(b, two), PRL_OK);
	assert_int_equal(figures(b).verified, 2); /* its key stayed: not verified again */
	assert_int_equal(figures(b).remembered, 2);
	list(b, 3);
	assert_int_equal(verify(b, one), PRL_OK);
	assert_int_equal(figures(b).verified, 3);
	list(b, 0);
	assert_int_equal(verify(b, one), PRL_E_SIGNATURE);
	assert_non_null(strstr(b->err.text, "no key"));
	assert_int_equal(verify(b, two), PRL_E_SIGNATURE);
	assert_int_equal(figures(b).kept, 0);
	free(one);
	free(two);
	bench_free(b);
}

/* The same numbers under another id are another key: a token that names the old id would not be taken now. */
static void a_key_that_was_renamed_is_another(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *claims = token_claims(NOW, NULL, NULL),
	     *token = token_make(first, "RS256", "{\"alg\":\"RS256\",\"kid\":\"k0\"}", claims);
	assert_int_equal(verify(b, token), PRL_OK);
	json_t *set = json_pack("{s:[o]}", "keys", token_key_jwk(first, "new", NULL));
	char *text = json_dumps(set, 0);
	key_server_answer(b->server, 200, text);
	assert_int_equal(prl_jwks_refresh(prl_bearer_jwks(b->bearer), &b->err), PRL_OK);
	assert_int_equal(verify(b, token), PRL_E_SIGNATURE);
	json_decref(set);
	free(text);
	free(claims);
	free(token);
	bench_free(b);
}

/* ---- many threads ------------------------------------------------------------------------------------------------ */

#define THREADS 16
#define ROUNDS  200

typedef struct crowd {
	bench *b;
	char *header[2]; /* of the first key and of the second */
	atomic_bool stop;
	atomic_uint wrong, taken[2], refused[2];
} crowd;

/* The first key stays all the time; the second comes and goes. */
static void *call(void *context)
{
	crowd *c = context;
	for (unsigned i = 0; !atomic_load(&c->stop); i++) {
		unsigned which = i % 2;
		prl_dss_caller caller = { 0 };
		prl_error err;
		prl_bytes header = prl_bytes_of(c->header[which]);
		prl_status status = prl_bearer_verify(c->b->bearer, header, NOW, &caller, &err);
		(void)atomic_fetch_add(status ? &c->refused[which] : &c->taken[which], 1);
		if ((status && (which == 0 || status != PRL_E_SIGNATURE)) ||
		    (!status && strcmp(caller.subject, which ? "uss2" : "uss1") != 0))
			(void)atomic_fetch_add(&c->wrong, 1);
	}
	return NULL;
}

static void keys_change_under_many_callers(void **state)
{
	(void)state;
	crowd c = { .b = bench_new() };
	pthread_t threads[THREADS];
	char *tokens[2] = { make(first, NULL, NULL), make(second, "sub", "\"uss2\"") };
	for (size_t i = 0; i < 2; i++) {
		c.header[i] = malloc(strlen(tokens[i]) + 8);
		(void)sprintf(c.header[i], "Bearer %s", tokens[i]);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call, &c), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool there = i % 2 != 0;
		list(c.b, there ? 3 : 1);
		/* From the moment the keys are in force, for this thread too. */
		assert_int_equal(verify(c.b, tokens[1]), there ? PRL_OK : PRL_E_SIGNATURE);
		assert_int_equal(verify(c.b, tokens[0]), PRL_OK);
	}
	atomic_store(&c.stop, true);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&c.wrong), 0);
	assert_int_equal(atomic_load(&c.refused[0]), 0);
	assert_int_equal(verify(c.b, tokens[1]), PRL_OK);
	prl_bearer_figures f = figures(c.b);
	assert_int_equal(f.kept, 2);
	assert_int_equal(f.remembered + f.verified + f.refused, atomic_load(&c.taken[0]) + atomic_load(&c.taken[1]) +
									atomic_load(&c.refused[1]) + 2 * ROUNDS + 1);
	for (size_t i = 0; i < 2; i++) {
		free(c.header[i]);
		free(tokens[i]);
	}
	bench_free(c.b);
}

/* ---- development mode -------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/parley-bearer-XXXXXX", key_path[64];

static prl_status mint(const char *subject, const char *audience, int64_t seconds, char **ret)
{
	prl_dev_key *key = NULL;
	prl_dev_claims claims = { .subject = subject, .scope = "utm.constraint_management other", .seconds = seconds };
	assert_int_equal(prl_dss_list_add(&claims.audiences, audience, NULL), PRL_OK);
	prl_status status = prl_dev_key_open(folder, &key, NULL);
	if (!status)
		status = prl_dev_key_mint(key, &claims, NOW, ret, NULL);
	prl_dev_key_free(key);
	return status;
}

static void the_node_trusts_its_own_key(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(key_path, sizeof key_path, "%s/%s", folder, PRL_DEV_KEY_FILE);
	bench b = { .dss.dev = true };
	prl_bearer_options options = { .dss = &b.dss, .folder = folder };
	assert_int_equal(prl_bearer_start(&options, &b.bearer, &b.err), PRL_OK);
	struct stat about;
	assert_int_equal(stat(key_path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	char *token = NULL;
	assert_int_equal(mint("uss1", "localhost", 3600, &token), PRL_OK);
	assert_int_equal(verify(&b, token), PRL_OK);
	assert_string_equal(b.caller.subject, "uss1");
	assert_string_equal(b.caller.issuer, PRL_DEV_KEY_ISSUER);
	assert_int_equal(b.caller.scopes, PRL_SCOPE_CONSTRAINT_MANAGEMENT);
	assert_true(b.caller.expires == NOW + 3600 * PRL_SECOND);
	free(token);
	assert_int_equal(mint("uss1", "other.example,localhost", 1, &token), PRL_OK);
	assert_int_equal(verify(&b, token), PRL_OK);
	free(token);
	assert_int_equal(mint("uss1", "other.example", 60, &token), PRL_OK);
	assert_int_equal(verify(&b, token), PRL_E_SIGNATURE);
	free(token);
	token = make(first, "aud", "\"localhost\"");
	assert_int_equal(verify(&b, token), PRL_E_SIGNATURE);
	free(token);
	prl_bearer_stop(b.bearer);
}

/* Bytes that are no UTF-8 and more than a token may have. */
static void a_token_that_cannot_be_is_not_minted(void **state)
{
	(void)state;
	char *token = NULL, *longer = malloc(PRL_MAX_TOKEN_BYTES + 1);
	prl_dev_key *key = NULL;
	prl_error err = { 0 };
	memset(longer, 'x', PRL_MAX_TOKEN_BYTES);
	longer[PRL_MAX_TOKEN_BYTES] = 0;
	assert_int_equal(prl_dev_key_open(folder, &key, &err), PRL_OK);
	prl_dev_claims claims = { .subject = "\xff", .scope = "a", .seconds = 60 };
	assert_int_equal(prl_dev_key_mint(key, &claims, NOW, &token, &err), PRL_E_SYNTAX);
	claims.subject = longer;
	assert_int_equal(prl_dev_key_mint(key, &claims, NOW, &token, &err), PRL_E_TOO_LARGE);
	longer[PRL_MAX_TOKEN_BYTES * 3 / 4 - 200] = 0; /* room for the claims, none for the signature */
	assert_int_equal(prl_dev_key_mint(key, &claims, NOW, &token, &err), PRL_E_TOO_LARGE);
	assert_null(token);
	prl_dev_key_free(key);
	prl_dev_key_free(NULL);
	free(longer);
}

static void a_start_that_fails_leaves_nothing(void **state)
{
	(void)state;
	prl_bearer *bearer = NULL;
	prl_error err = { 0 };
	prl_dss_options dss = { .dev = true, .key_files = { "/nowhere/at/all.pem" }, .key_file_count = 1 };
	prl_bearer_options options = { .dss = &dss, .folder = folder };
	assert_int_equal(prl_bearer_start(&options, &bearer, &err), PRL_E_SYNTAX);
	assert_non_null(strstr(err.text, "/nowhere/at/all.pem"));
	dss.key_file_count = 0;
	options.folder = "/nowhere/at/all";
	assert_int_equal(prl_bearer_start(&options, &bearer, &err), PRL_E_IO);
	assert_null(bearer);
	prl_bearer_stop(bearer);
}

/* Audiences that were named stay, "localhost" comes to them. */
static void development_adds_to_what_is_set(void **state)
{
	(void)state;
	bench b = { .dss.dev = true };
	assert_int_equal(prl_dss_list_add(&b.dss.audiences, "dss.example", NULL), PRL_OK);
	assert_int_equal(prl_dss_list_add(&b.dss.issuers, PRL_DEV_KEY_ISSUER, NULL), PRL_OK);
	prl_bearer_options options = { .dss = &b.dss, .folder = folder };
	assert_int_equal(prl_bearer_start(&options, &b.bearer, &b.err), PRL_OK);
	static const char *const audiences[] = { "localhost", "dss.example" };
	for (size_t i = 0; i < 2; i++) {
		char *token = NULL;
		assert_int_equal(mint("uss1", audiences[i], 60, &token), PRL_OK);
		assert_int_equal(verify(&b, token), PRL_OK);
		free(token);
	}
	prl_bearer_stop(b.bearer);
}

static void a_key_of_others_is_not_taken(void **state)
{
	(void)state;
	prl_dev_key *key = NULL;
	prl_error err = { 0 };
	assert_int_equal(chmod(key_path, 0640), 0);
	assert_int_equal(prl_dev_key_open(folder, &key, &err), PRL_E_REFUSED);
	assert_non_null(strstr(err.text, "chmod 600"));
	FILE *file = fopen(key_path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(key_path, 0600), 0);
	assert_int_equal(prl_dev_key_open(folder, &key, &err), PRL_E_UNSUPPORTED);
	file = fopen(key_path, "w");
	assert_non_null(file);
	char *pem = token_key_private(second); /* no RSA */
	fputs(pem, file);
	assert_int_equal(fclose(file), 0);
	free(pem);
	assert_int_equal(prl_dev_key_open(folder, &key, &err), PRL_E_UNSUPPORTED);
	assert_int_equal(unlink(key_path), 0);
	assert_int_equal(prl_dev_key_open("/nowhere/at/all", &key, &err), PRL_E_IO);
	assert_int_equal(prl_dev_key_open(NULL, &key, &err), PRL_E_TOO_LARGE);
	assert_null(key);
}

static void *open_key(void *context)
{
	prl_dev_key *key = NULL;
	prl_buffer *pem = context;
	if (prl_dev_key_open(folder, &key, NULL) == PRL_OK)
		(void)!prl_dev_key_public(key, pem, NULL);
	prl_dev_key_free(key);
	return NULL;
}

/* Whoever is first makes it; all have the same. */
static void a_key_is_made_once(void **state)
{
	(void)state;
	pthread_t threads[8];
	prl_buffer pems[8];
	(void)unlink(key_path);
	for (size_t i = 0; i < 8; i++) {
		pems[i] = PRL_BUFFER(4096);
		assert_int_equal(pthread_create(&threads[i], NULL, open_key, &pems[i]), 0);
	}
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_true(pems[i].size > 0);
		assert_string_equal(pems[i].data, pems[0].data);
	}
	for (size_t i = 0; i < 8; i++)
		prl_buffer_done(&pems[i]);
	assert_int_equal(unlink(key_path), 0);
	assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static prl_dss_list list_of(const char *text)
{
	prl_dss_list list = { 0 };
	assert_int_equal(prl_dss_list_add(&list, text, NULL), PRL_OK);
	return list;
}

static void settings_fit_each_other(void **state)
{
	(void)state;
	prl_dss_list one = list_of("a");
	const struct {
		prl_dss_options options;
		bool beyond;
		prl_status status;
	} rows[] = {
		{ .beyond = true, .status = PRL_OK },
		{ { .dev = true }, false, PRL_OK },
		{ { .dev = true }, true, PRL_E_REFUSED },
		{ { .dev = true, .audiences = one, .key_files = { "k" }, .key_file_count = 1 }, true, PRL_E_REFUSED },
		{ { .key_files = { "k" }, .key_file_count = 1 }, true, PRL_E_SYNTAX },
		{ { .key_files = { "k" }, .key_file_count = 1, .audiences = one }, true, PRL_OK },
		{ { .jwks_url = "https://a/" }, true, PRL_E_SYNTAX },
		{ { .jwks_url = "https://a/", .audiences = one, .jwks_kids = one, .issuers = one }, true, PRL_OK },
		{ { .jwks_kids = one, .dev = true }, false, PRL_E_SYNTAX },
		{ { .audiences = one }, false, PRL_E_SYNTAX },
		{ { .issuers = one }, false, PRL_E_SYNTAX },
		{ { .http_base_urls = true }, false, PRL_E_SYNTAX },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prl_error err = { 0 };
		if (prl_dss_options_check(&rows[i].options, !rows[i].beyond, &err) != rows[i].status)
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void lists_have_commas(void **state)
{
	(void)state;
	prl_dss_list list = list_of("a,bb,c c");
	assert_int_equal(list.count, 3);
	assert_true(prl_dss_list_has(&list, prl_bytes_of("bb")));
	assert_true(prl_dss_list_has(&list, prl_bytes_of("c c")));
	assert_false(prl_dss_list_has(&list, prl_bytes_of("b")));
	static const char *const wrong[] = { "", ",", "a,", ",a", "a,,b" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(prl_dss_list_add(&list, wrong[i], NULL), PRL_E_SYNTAX);
	assert_int_equal(list.count, 3); /* all or nothing */
	while (list.count < PRL_DSS_LIST_MAX - 1)
		assert_int_equal(prl_dss_list_add(&list, "x", NULL), PRL_OK);
	assert_int_equal(prl_dss_list_add(&list, "x,y", NULL), PRL_E_TOO_LARGE);
	assert_int_equal(list.count, PRL_DSS_LIST_MAX - 1);
	prl_dss_options options = { 0 };
	assert_int_equal(prl_dss_options_add_key_file(&options, "", NULL), PRL_E_SYNTAX);
	for (size_t i = 0; i < PRL_DSS_LIST_MAX; i++)
		assert_int_equal(prl_dss_options_add_key_file(&options, "f", NULL), PRL_OK);
	assert_int_equal(prl_dss_options_add_key_file(&options, "f", NULL), PRL_E_TOO_LARGE);
}

/* ---- a key that is new ------------------------------------------------------------------------------------------- */

/* A token by a key that the issuer has just begun to use: refused, and taken as soon as the key has come, which is long
 * before the minute is over. One whose key is there and whose signature is wrong asks for nothing. */
static void a_new_key_is_fetched_early(void **state)
{
	(void)state;
	bench *b = bench_new();
	char *claims = token_claims(NOW, NULL, NULL), kid[PRL_JWK_KID_MAX];
	char *token = token_make(second, "ES256", "{\"alg\":\"ES256\",\"kid\":\"new\"}", claims);
	char *forged = token_make(second, "ES256", "{\"alg\":\"ES256\",\"kid\":\"k0\"}", claims);
	char *plain = token_make(second, "ES256", NULL, claims);
	prl_jwk_set *keys = prl_jwks_get(prl_bearer_jwks(b->bearer));
	assert_true(prl_jwt_names_unknown(prl_bytes_of(token), keys, kid));
	assert_string_equal(kid, "new");
	assert_false(prl_jwt_names_unknown(prl_bytes_of(plain), keys, kid));
	assert_false(prl_jwt_names_unknown(prl_bytes_of("a.b.c"), keys, kid));
	assert_false(prl_jwt_names_unknown(prl_bytes_of(""), keys, kid));
	prl_jwk_set_unref(keys);
	json_t *set = json_pack("{s:[o]}", "keys", token_key_jwk(second, "new", NULL));
	char *text = json_dumps(set, 0);
	key_server_answer(b->server, 200, text);
	assert_int_equal(verify(b, token), PRL_E_SIGNATURE);
	NODES_WAIT(verify(b, token) == PRL_OK);
	assert_int_equal(verify(b, forged), PRL_E_SIGNATURE);
	json_decref(set);
	free(text);
	free(claims);
	free(token);
	free(forged);
	free(plain);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_key_is_fetched_early),
		cmocka_unit_test(the_scheme_is_bearer),
		cmocka_unit_test(statuses_are_those_of_http),
		cmocka_unit_test(a_token_is_verified_once),
		cmocka_unit_test(what_has_expired_is_forgotten),
		cmocka_unit_test(what_is_kept_is_bounded),
		cmocka_unit_test(a_token_goes_with_its_key),
		cmocka_unit_test(a_key_that_was_renamed_is_another),
		cmocka_unit_test(keys_change_under_many_callers),
		cmocka_unit_test(the_node_trusts_its_own_key),
		cmocka_unit_test(a_token_that_cannot_be_is_not_minted),
		cmocka_unit_test(a_start_that_fails_leaves_nothing),
		cmocka_unit_test(development_adds_to_what_is_set),
		cmocka_unit_test(a_key_of_others_is_not_taken),
		cmocka_unit_test(a_key_is_made_once),
		cmocka_unit_test(settings_fit_each_other),
		cmocka_unit_test(lists_have_commas),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
