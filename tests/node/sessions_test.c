/* Sessions under a clock of the test's own: how long nonces and sessions live, how many there are. */
#include "node/sessions.h"

#include "base/text.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"

static int64_t now_s;

static int64_t clock_s(void)
{
	return now_s;
}

typedef struct fixture {
	line *l;
	test_node us;
	prl_sessions *sessions;
} fixture;

static prl_sessions *sessions_new(fixture *f, bool tls)
{
	prl_error err;
	prl_sessions *sessions = NULL;
	prl_sessions_parts parts = {
		.picture = f->us.folder->picture, .own = f->us.folder->own, .tls = tls, .monotonic_s = clock_s
	};
	assert_int_equal(prl_sessions_new(&parts, &sessions, &err), PRL_OK);
	return sessions;
}

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	now_s = 1000;
	f->l = line_new("us@" US " ru@ru.example/line", NULL);
	test_node_make(&f->us, f->l, US);
	test_node_start(&f->us, true);
	f->sessions = sessions_new(f, false);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	prl_sessions_free(f->sessions);
	test_node_remove(&f->us);
	line_free(f->l);
	free(f);
	return 0;
}

/* A note by key for a nonce offered by `by`; its length. */
static size_t note_make(fixture *f, prl_sessions *by, const prl_signer *signer, char text[PRL_LOGIN_MAX])
{
	json_t *offer = NULL;
	prl_error err;
	char signature[PRL_SIGNATURE_LINE_MAX] = "", name[PRL_HASH_TEXT_MAX];
	assert_int_equal(prl_sessions_offer(by, &offer, &err), PRL_OK);
	prl_hash_write(&f->l->name, name);
	int length = snprintf(text, PRL_LOGIN_MAX,
			      "parley/v1 login\nline %s\nlog " US "\nkey %s\nmode REAL\ntime 2026-01-01T00:00:00Z\n\n"
			      "{\"nonce\":\"%s\"}\n",
			      name, signer->verifier.name, json_string_value(json_object_get(offer, "nonce")));
	size_t size = prl_note_sign((prl_bytes){ text, (size_t)length }, signer, signature);
	(void)snprintf(text + length, PRL_LOGIN_MAX - (size_t)length, "\n%s", signature);
	json_decref(offer);
	return (size_t)length + 1 + size;
}

static prl_status note_take(prl_sessions *sessions, const char *text, size_t size, char token[PRL_SESSION_TOKEN_TEXT])
{
	json_t *json = NULL;
	prl_error err = { .text = "" };
	prl_status status = prl_sessions_login(sessions, (prl_bytes){ text, size }, &json, &err);
	if (!status && token)
		(void)snprintf(token, PRL_SESSION_TOKEN_TEXT, "%s", json_string_value(json_object_get(json, "token")));
	json_decref(json);
	return status;
}

static prl_status login(fixture *f, const prl_signer *signer, char token[PRL_SESSION_TOKEN_TEXT])
{
	char text[PRL_LOGIN_MAX];
	size_t size = note_make(f, f->sessions, signer, text);
	return note_take(f->sessions, text, size, token);
}

static bool is_known(prl_sessions *sessions, const char *token, const prl_hash *certificate, prl_caller *ret)
{
	return prl_sessions_who(sessions, prl_bytes_of(token), certificate, ret);
}

static void nonce_ages(void **state)
{
	fixture *f = *state;
	char text[PRL_LOGIN_MAX];
	const prl_signer *key = &line_key_of(f->l, "us-ops/1")->signer;
	size_t size = note_make(f, f->sessions, key, text);
	now_s += PRL_NONCE_S - 1;
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_OK);
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_E_REFUSED);
	now_s += 2; /* too old now, and still refused when what was used is forgotten */
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_E_REFUSED);
	now_s += PRL_NONCE_S;
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_E_REFUSED);
	size = note_make(f, f->sessions, key, text);
	now_s += PRL_NONCE_S;
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_E_REFUSED);
}

static void nonce_of_another_start(void **state)
{
	fixture *f = *state;
	char text[PRL_LOGIN_MAX];
	prl_sessions *other = sessions_new(f, false);
	size_t size = note_make(f, other, &line_key_of(f->l, "us-ops/1")->signer, text);
	assert_int_equal(note_take(f->sessions, text, size, NULL), PRL_E_REFUSED);
	assert_int_equal(note_take(other, text, size, NULL), PRL_OK);
	prl_sessions_free(other);
}

static void session_ages(void **state)
{
	fixture *f = *state;
	char token[PRL_SESSION_TOKEN_TEXT];
	prl_caller caller;
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops/1")->signer, token), PRL_OK);
	for (int i = 0; i < 3; i++) { /* each use moves the end on */
		now_s += PRL_SESSION_S - 1;
		assert_true(is_known(f->sessions, token, NULL, &caller));
	}
	assert_int_equal(caller.kind, PRL_CALLER_KEY);
	assert_string_equal(caller.name, "us-ops/1");
	assert_string_equal(caller.party, "us");
	assert_string_equal(caller.desk, "us-ops");
	assert_int_equal(prl_sessions_count(f->sessions), 1);
	now_s += PRL_SESSION_S;
	assert_int_equal(prl_sessions_count(f->sessions), 0);
	assert_false(is_known(f->sessions, token, NULL, &caller));
}

static void whole_room(void **state)
{
	fixture *f = *state;
	const prl_signer *key = &line_key_of(f->l, "us-ops/1")->signer;
	char first[PRL_SESSION_TOKEN_TEXT], token[PRL_SESSION_TOKEN_TEXT];
	prl_caller caller;
	assert_int_equal(login(f, key, first), PRL_OK);
	for (size_t i = 1; i < PRL_NONCES_A_KEY; i++) {
		assert_int_equal(login(f, key, token), PRL_OK);
		if (i < PRL_SESSIONS_A_KEY)
			assert_true(is_known(f->sessions, first, NULL, &caller));
	}
	assert_int_equal(prl_sessions_count(f->sessions), PRL_SESSIONS_A_KEY);
	assert_false(is_known(f->sessions, first, NULL, &caller));
	assert_true(is_known(f->sessions, token, NULL, &caller));
	assert_int_equal(login(f, key, token), PRL_E_REFUSED); /* more than one key may */
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops")->signer, token), PRL_OK); /* others are not kept out */
	now_s += PRL_NONCE_S + 1;
	assert_int_equal(login(f, key, token), PRL_OK);
}

static void peers(void **state)
{
	fixture *f = *state;
	char token[PRL_SESSION_TOKEN_TEXT];
	prl_caller caller;
	const prl_signer *key = &line_log_of(f->l, "ru.example/line")->key;
	assert_int_equal(login(f, key, token), PRL_OK);
	assert_true(is_known(f->sessions, token, NULL, &caller));
	assert_int_equal(caller.kind, PRL_CALLER_PEER);
	assert_string_equal(caller.name, "ru.example/line");
	assert_int_equal(login(f, &line_log_of(f->l, US)->key, token), PRL_E_REFUSED); /* ourselves */
	assert_int_equal(login(f, &line_key_of(f->l, "ru-ops/1")->signer, token), PRL_E_REFUSED);
	assert_int_equal(login(f, &line_log_of(f->l, "ru.example/line")->witness, token), PRL_E_REFUSED);
}

static void nobody(void **state)
{
	fixture *f = *state;
	prl_caller caller = { .kind = PRL_CALLER_KEY };
	assert_true(is_known(f->sessions, "", NULL, &caller));
	assert_int_equal(caller.kind, PRL_CALLER_NOBODY);
	assert_false(is_known(f->sessions, "x", NULL, &caller));
}

static void key_ends(void **state)
{
	fixture *f = *state;
	char token[PRL_SESSION_TOKEN_TEXT], desk[PRL_SESSION_TOKEN_TEXT];
	prl_caller caller;
	prl_filing filing = { 0 };
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops/2")->signer, token), PRL_OK);
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops")->signer, desk), PRL_OK);
	line_act act = { .kind = "key.revoked", .key = "us-ops", .body = "{\"key\":\"us-ops/2\"}" };
	assert_true(is_known(f->sessions, token, NULL, &caller));
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
	assert_false(is_known(f->sessions, token, NULL, &caller));
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops/2")->signer, token), PRL_E_REFUSED);
	/* A desk that is closed takes all of its keys with it. */
	assert_int_equal(login(f, &line_key_of(f->l, "us-ops/1")->signer, token), PRL_OK);
	line_act close = {
		.kind = "desk.closed", .key = "us/root", .second = "us-ops", .body = "{\"desk\":\"us-ops\"}"
	};
	assert_int_equal(test_node_act(&f->us, &close, &filing), PRL_OK);
	assert_false(is_known(f->sessions, token, NULL, &caller));
	assert_false(is_known(f->sessions, desk, NULL, &caller));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nonce_ages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonce_of_another_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(session_ages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whole_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(peers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(key_ends, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
