/* The node's own tokens: a command that does as it should, hangs, fails, prints rubbish or too much; minted ones. */
#include "support/tokens.h"

#include "base/error.h"
#include "base/text.h"
#include "node/bearer.h"
#include "node/own_token.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_S INT64_C(1795953600)

static char folder[100];
static _Atomic int64_t now_s;

static prl_time now(void *context)
{
	(void)context;
	return now_s * PRL_SECOND;
}

static int set_up(void **state)
{
	(void)state;
	now_s = NOW_S;
	(void)snprintf(folder, sizeof folder, "/tmp/parley-own-token-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	char line[200];
	(void)snprintf(line, sizeof line, "rm -rf '%s'", folder);
	return system(line);
}

static prl_own_tokens *tokens_of(const char *command, unsigned command_ms)
{
	const prl_own_token_options options = { .command = command, .command_ms = command_ms, .now = now };
	prl_own_tokens *tokens = NULL;
	assert_int_equal(prl_own_tokens_new(&options, &tokens, NULL), PRL_OK);
	return tokens;
}

/* A script that prints a token which expires `seconds` from NOW_S, and counts how often it ran. To be freed. */
static char *script(long seconds)
{
	char claims[100], part[200], *line = NULL;
	(void)snprintf(claims, sizeof claims, "{\"exp\":%lld}", (long long)(NOW_S + seconds));
	prl_base64url_write(claims, strlen(claims), part);
	assert_true(asprintf(&line,
			     "echo x >> %s/ran; echo \"aGVhZA.%s.$(printf %%s \"$PARLEY_TOKEN_AUDIENCE\" | tr -d "
			     ".:)_$(printf %%s \"$PARLEY_TOKEN_SCOPE\" | tr . _)\"",
			     folder, part) > 0);
	return line;
}

static size_t ran(void)
{
	char path[200], line[10];
	size_t count = 0;
	(void)snprintf(path, sizeof path, "%s/ran", folder);
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count++;
	if (file)
		(void)fclose(file);
	return count;
}

static void expect(prl_own_tokens *tokens, const char *audience, const char *scope, const char *end)
{
	char *token = NULL;
	prl_error err = { 0 };
	prl_status status = prl_own_token_get(tokens, audience, scope, &token, &err);
	if (status)
		fail_msg("%s", err.text);
	assert_string_equal(strrchr(token, '.') + 1, end);
	free(token);
}

static void a_token_is_kept_until_a_minute_before_it_expires(void **state)
{
	(void)state;
	char *line = script(600);
	prl_own_tokens *tokens = tokens_of(line, 0);
	expect(tokens, "a.example", "utm.x", "aexample_utm_x");
	expect(tokens, "a.example", "utm.x", "aexample_utm_x");
	assert_int_equal(ran(), 1);
	expect(tokens, "b.example", "utm.x", "bexample_utm_x");
	expect(tokens, "a.example", "utm.y", "aexample_utm_y");
	assert_int_equal(ran(), 3);
	now_s = NOW_S + 539;
	expect(tokens, "a.example", "utm.x", "aexample_utm_x");
	assert_int_equal(ran(), 3);
	now_s = NOW_S + 540;
	expect(tokens, "a.example", "utm.x", "aexample_utm_x");
	assert_int_equal(ran(), 4);
	now_s = NOW_S;
	prl_own_token_drop(tokens, "b.example", "utm.x");
	prl_own_token_drop(tokens, "never.example", "utm.x");
	expect(tokens, "b.example", "utm.x", "bexample_utm_x");
	assert_int_equal(ran(), 5);
	prl_own_tokens_free(tokens);
	free(line);
}

static void more_audiences_than_are_kept(void **state)
{
	(void)state;
	char *line = script(3600), name[40], end[60];
	prl_own_tokens *tokens = tokens_of(line, 0);
	for (unsigned i = 0; i < PRL_OWN_TOKEN_KEPT + 3; i++) {
		(void)snprintf(name, sizeof name, "h%u", i);
		(void)snprintf(end, sizeof end, "h%u_s", i);
		expect(tokens, name, "s", end);
	}
	prl_own_tokens_free(tokens);
	free(line);
}

static void what_a_command_must_not_do(void **state)
{
	(void)state;
	static const struct {
		const char *command;
		unsigned ms;
		prl_status status;
		const char *text;
	} cases[] = {
		{ "exit 3", 0, PRL_E_IO, "the command ended with status 3" },
		{ "echo secret.secret.secret; exit 1", 0, PRL_E_IO, "the command ended with status 1" },
		{ "kill -9 $$", 0, PRL_E_IO, "the command was ended by signal 9" },
		{ "/no/such/program", 0, PRL_E_IO, "the command ended with status 127" },
		{ "true", 0, PRL_E_SYNTAX, "the command printed nothing, expected a token" },
		{ "echo", 0, PRL_E_SYNTAX, "the command printed nothing, expected a token" },
		{ "echo secret", 0, PRL_E_SYNTAX, "the command printed no token, expected a JWT and nothing else" },
		{ "echo 'a.b.c d'", 0, PRL_E_SYNTAX, "the command printed no token, expected a JWT and nothing else" },
		{ "printf 'a.b.c\\r\\nX-Other: 1'", 0, PRL_E_SYNTAX,
		  "the command printed no token, expected a JWT and nothing else" },
		{ "printf 'a.b.c\\000d'", 0, PRL_E_SYNTAX,
		  "the command printed no token, expected a JWT and nothing else" },
		{ "echo a.b.c.d", 0, PRL_E_SYNTAX, "the command printed no token, expected a JWT and nothing else" },
		{ "head -c 20000 /dev/zero | tr '\\0' a", 0, PRL_E_TOO_LARGE,
		  "the command printed more than 16384 bytes" },
		{ "yes", 0, PRL_E_TOO_LARGE, "the command printed more than 16384 bytes" },
		{ "sleep 1000", 200, PRL_E_IO, "the command took over 200 ms and was ended" },
		{ "echo a.b.c; exec >&-; sleep 1000", 200, PRL_E_IO, "the command took over 200 ms and was ended" },
		{ "sleep 1000 & echo a.b.c", 200, PRL_E_IO, "the command took over 200 ms and was ended" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_own_tokens *tokens = tokens_of(cases[i].command, cases[i].ms);
		char *token = NULL;
		prl_error err = { 0 };
		assert_int_equal(prl_own_token_get(tokens, "a", "s", &token, &err), cases[i].status);
		assert_string_equal(err.text, cases[i].text);
		assert_null(token);
		prl_own_tokens_free(tokens);
	}
}

static void one_that_has_expired_is_none_and_one_without_exp_is_used_once(void **state)
{
	(void)state;
	char *line = script(0), *token = NULL, once[200];
	prl_error err = { 0 };
	prl_own_tokens *tokens = tokens_of(line, 0);
	assert_int_equal(prl_own_token_get(tokens, "a", "s", &token, &err), PRL_E_SYNTAX);
	assert_string_equal(err.text, "the command printed a token that has expired");
	prl_own_tokens_free(tokens);
	free(line);
	(void)snprintf(once, sizeof once, "echo x >> %s/ran; echo a.bm90IEpTT04.c", folder);
	tokens = tokens_of(once, 0);
	expect(tokens, "a", "s", "c");
	expect(tokens, "a", "s", "c");
	assert_int_equal(ran(), 3);
	prl_own_tokens_free(tokens);
}

static void without_a_command_there_is_none(void **state)
{
	(void)state;
	char *token = NULL;
	prl_error err = { 0 };
	prl_own_tokens *tokens = tokens_of(NULL, 0);
	assert_int_equal(prl_own_token_get(tokens, "a", "s", &token, &err), PRL_E_UNSUPPORTED);
	assert_string_equal(err.text, "the node has no token of its own (--dss-token-command)");
	prl_own_tokens_free(tokens);
}

static void what_is_minted_is_taken(void **state)
{
	(void)state;
	prl_dss_options dss = { .dev = true };
	assert_int_equal(prl_dss_list_add(&dss.audiences, "uss.example", NULL), PRL_OK);
	const prl_bearer_options bearer_options = { .dss = &dss, .folder = folder };
	const prl_own_token_options options = { .dev_folder = folder, .subject = "parley.us.example", .now = now };
	prl_own_tokens *tokens = NULL;
	prl_bearer *bearer = NULL;
	char *token = NULL, *head = NULL;
	prl_dss_caller caller;
	prl_error err = { 0 };
	assert_int_equal(prl_own_tokens_new(&options, &tokens, &err), PRL_OK);
	assert_int_equal(prl_bearer_start(&bearer_options, &bearer, &err), PRL_OK);
	assert_int_equal(prl_own_token_get(tokens, "uss.example", "utm.constraint_management", &token, &err), PRL_OK);
	assert_true(asprintf(&head, "Bearer %s", token) > 0);
	assert_int_equal(prl_bearer_verify(bearer, prl_bytes_of(head), now(NULL), &caller, &err), PRL_OK);
	assert_string_equal(caller.subject, "parley.us.example");
	assert_int_equal(caller.scopes, PRL_SCOPE_CONSTRAINT_MANAGEMENT);
	free(head);
	free(token);
	prl_bearer_stop(bearer);
	prl_own_tokens_free(tokens);
}

static void *stop_it(void *context)
{
	char path[200];
	(void)snprintf(path, sizeof path, "%s/ran", folder);
	while (access(path, F_OK) != 0)
		usleep(1000);
	prl_own_tokens_stop(context);
	return NULL;
}

static void a_command_ends_with_the_node(void **state)
{
	(void)state;
	char line[200], *token = NULL;
	prl_error err = { 0 };
	pthread_t thread;
	(void)snprintf(line, sizeof line, "echo x > %s/ran; sleep 1000", folder);
	prl_own_tokens *tokens = tokens_of(line, 600 * 1000);
	assert_int_equal(pthread_create(&thread, NULL, stop_it, tokens), 0);
	assert_int_equal(prl_own_token_get(tokens, "a", "s", &token, &err), PRL_E_CALLBACK);
	(void)pthread_join(thread, NULL);
	prl_own_tokens_free(tokens);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_kept_until_a_minute_before_it_expires),
		TEST(more_audiences_than_are_kept),
		TEST(what_a_command_must_not_do),
		TEST(one_that_has_expired_is_none_and_one_without_exp_is_used_once),
		TEST(without_a_command_there_is_none),
		TEST(what_is_minted_is_taken),
		TEST(a_command_ends_with_the_node),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
