/* One token: every algorithm, every rule of its header, its parts and its claims, taken and refused. */
#include "support/tokens.h"

#include "base/error.h"
#include "base/text.h"
#include "node/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (INT64_C(1790000000) * PRL_SECOND)

static token_key *rsa, *other_rsa, *p256, *p384, *small;
static prl_jwk_set *keys;
static prl_dss_list issuers, audiences;
static const prl_jwt_rules rules = { &issuers, &audiences };

/* ---- the bench --------------------------------------------------------------------------------------------------- */

static void add_pem(prl_jwk_set *set, const token_key *key)
{
	prl_error err = { 0 };
	char *pem = token_key_public(key);
	prl_status status = prl_jwk_set_add_pem(set, prl_bytes_of(pem), &err);
	if (status)
		fail_msg("%s", err.text);
	free(pem);
}

static prl_jwk_set *set_new(void)
{
	prl_jwk_set *set = NULL;
	assert_int_equal(prl_jwk_set_new(&set, NULL), PRL_OK);
	return set;
}

static int set_up(void **state)
{
	(void)state;
	rsa = token_key_rsa(2048);
	other_rsa = token_key_rsa(3072);
	p256 = token_key_ec("P-256");
	p384 = token_key_ec("P-384");
	small = token_key_rsa(1024);
	keys = set_new();
	add_pem(keys, other_rsa);
	add_pem(keys, rsa);
	add_pem(keys, p256);
	assert_int_equal(prl_dss_list_add(&audiences, "dss.example,localhost", NULL), PRL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	prl_jwk_set_unref(keys);
	token_key_free(rsa);
	token_key_free(other_rsa);
	token_key_free(p256);
	token_key_free(p384);
	token_key_free(small);
	return 0;
}

static prl_dss_caller caller;
static prl_error err;

/* Takes the token over. */
static prl_status verify_with(const prl_jwk_set *set, char *token, prl_time now)
{
	prl_hash key;
	err = (prl_error){ 0 };
	caller = (prl_dss_caller){ .subject = "untouched" };
	prl_status status = prl_jwt_verify(prl_bytes_of(token), set, &rules, now, &caller, &key, &err);
	if (status) {
		assert_string_equal(caller.subject, "untouched");
		assert_int_equal(err.status, status);
		assert_true(err.text[0] != 0);
		assert_string_equal(err.where, "");
	} else {
		assert_true(prl_jwk_set_has(set, &key));
	}
	free(token);
	return status;
}

static prl_status verify(char *token)
{
	return verify_with(keys, token, NOW);
}

/* The member of the claims replaced or taken away, signed well. */
static prl_status claim(const char *name, const char *value)
{
	char *claims = token_claims(NOW, name, value);
	prl_status status = verify(token_make(rsa, "RS256", NULL, claims));
	free(claims);
	return status;
}

static prl_status claim_time(const char *name, int64_t ahead_s)
{
	char value[32];
	(void)snprintf(value, sizeof value, "%lld", (long long)(NOW / PRL_SECOND + ahead_s));
	return claim(name, value);
}

static prl_status head(const char *head)
{
	char *claims = token_claims(NOW, NULL, NULL);
	prl_status status = verify(token_make(rsa, "RS256", head, claims));
	free(claims);
	return status;
}

/* ---- algorithms -------------------------------------------------------------------------------------------------- */

static void every_algorithm_is_taken(void **state)
{
	(void)state;
	char *claims = token_claims(NOW, NULL, NULL);
	for (unsigned i = 0; i < PRL_JWT_ALG_COUNT; i++) {
		const char *alg = prl_jwt_alg_name((prl_jwt_alg)i);
		bool ec = alg[0] == 'E';
		if (verify(token_make(ec ? p256 : rsa, alg, NULL, claims)))
			fail_msg("%s: %s", alg, err.text);
		assert_string_equal(caller.subject, "uss1");
		assert_string_equal(caller.issuer, "issuer.example");
		assert_int_equal(caller.scopes, PRL_SCOPE_STRATEGIC_COORDINATION);
		assert_true(caller.expires == NOW + 1800 * PRL_SECOND);
		if (!ec)
			assert_int_equal(verify(token_make(other_rsa, alg, NULL, claims)), PRL_OK);
	}
	free(claims);
}

/* Signed by one algorithm, said to be by another. */
static void the_algorithm_is_the_one_that_signed(void **state)
{
	(void)state;
	static const char *const algs[] = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" };
	char *claims = token_claims(NOW, NULL, NULL);
	for (size_t i = 0; i < 6; i++) {
		for (size_t j = 0; j < 6; j++) {
			char text[64];
			(void)snprintf(text, sizeof text, "{\"alg\":\"%s\"}", algs[j]);
			assert_int_equal(verify(token_make(rsa, algs[i], text, claims)),
					 i == j ? PRL_OK : PRL_E_SIGNATURE);
		}
		assert_int_equal(verify(token_make(rsa, algs[i], "{\"alg\":\"ES256\"}", claims)), PRL_E_SIGNATURE);
	}
	assert_int_equal(verify(token_make(p256, "ES256", "{\"alg\":\"RS256\"}", claims)), PRL_E_SIGNATURE);
	free(claims);
}

static void other_algorithms_are_refused(void **state)
{
	(void)state;
	static const char *const algs[] = { "none",  "None",  "NONE",  "",    "HS256",    "HS384",  "HS512", "rs256",
					    "ES384", "ES512", "EdDSA", "RS1", "RSA-OAEP", "ES256K", "RS256 " };
	char *claims = token_claims(NOW, NULL, NULL), *pem = token_key_public(rsa);
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		char text[64];
		(void)snprintf(text, sizeof text, "{\"alg\":\"%s\"}", algs[i]);
		assert_int_equal(head(text), PRL_E_SIGNATURE);
		assert_non_null(strstr(err.text, "expected RS256"));
		/* The public key as the secret of a MAC: whoever knows it could sign. */
		assert_int_equal(verify(token_make_hmac(pem, text, claims)), PRL_E_SIGNATURE);
	}
	assert_int_equal(verify(token_make_hmac(pem, "{\"alg\":\"RS256\"}", claims)), PRL_E_SIGNATURE);
	assert_int_equal(verify(token_make(NULL, "none", NULL, claims)), PRL_E_SIGNATURE);
	assert_int_equal(verify(token_make(NULL, "none", "{\"alg\":\"RS256\"}", claims)), PRL_E_SIGNATURE);
	assert_int_equal(verify(token_make(p384, "ES384", NULL, claims)), PRL_E_SIGNATURE);
	free(pem);
	free(claims);
}

static void a_stranger_signs_nothing(void **state)
{
	(void)state;
	char *claims = token_claims(NOW, NULL, NULL);
	prl_jwk_set *none = set_new(), *one = set_new();
	add_pem(one, other_rsa);
	assert_int_equal(verify_with(none, token_make(rsa, "RS256", NULL, claims), NOW), PRL_E_SIGNATURE);
	assert_int_equal(verify_with(one, token_make(rsa, "RS256", NULL, claims), NOW), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "signature"));
	assert_int_equal(verify_with(one, token_make(other_rsa, "RS256", NULL, claims), NOW), PRL_OK);
	prl_jwk_set_unref(none);
	prl_jwk_set_unref(one);
	free(claims);
}

/* Each bit of the signature and each byte of what it covers counts. */
static void a_changed_token_is_refused(void **state)
{
	(void)state;
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const token_key *const signers[] = { rsa, p256 };
	static const char *const algs[] = { "PS256", "ES256" };
	char *claims = token_claims(NOW, NULL, NULL);
	for (size_t k = 0; k < 2; k++) {
		char *token = token_make(signers[k], algs[k], NULL, claims);
		for (size_t i = 0; i < strlen(token); i += 3) {
			char *changed = strdup(token);
			changed[i] =
				changed[i] == '.' ? 'A' : letters[(strchr(letters, changed[i]) - letters + 32) % 64];
			assert_int_equal(verify(changed), PRL_E_SIGNATURE);
		}
		assert_int_equal(verify(token), PRL_OK);
	}
	free(claims);
}

/* ---- header ------------------------------------------------------------------------------------------------------ */

static void the_header_is_held_to_its_rules(void **state)
{
	(void)state;
	static const char *const taken[] = {
		"{\"alg\":\"RS256\"}",
		"{\"typ\":\"JWT\",\"alg\":\"RS256\",\"cty\":\"x\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"x5t\":\"AAAA\"}",
		"{\"alg\":\"RS256\",\"kid\":\"anything\"}",
		"{\"alg\":\"RS256\",\"kid\":\"\"}",
		" {\"alg\" : \"RS256\"}\n",
		"{\"alg\":\"RS256\",\"jku\":\"https://evil.example/keys\",\"x5u\":\"https://evil.example/c\"}",
	};
	static const char *const refused[] = {
		"{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}",
		"{\"alg\":\"RS256\",\"crit\":[]}",
		"{\"alg\":\"RS256\",\"crit\":null}",
		"{\"alg\":\"RS256\",\"b64\":false,\"crit\":[\"b64\"]}",
		"{\"alg\":\"RS256\",\"b64\":false}",
		"{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
		"{\"alg\":\"none\",\"alg\":\"RS256\"}",
		"{\"alg\":\"RS256\",\"a\\u006cg\":\"none\"}",
		"{\"alg\":\"RS256\",\"x\":{\"a\":1,\"a\":1}}",
		"{\"alg\":[\"RS256\"]}",
		"{\"alg\":256}",
		"{\"alg\":null}",
		"{\"Alg\":\"RS256\"}",
		"{\"alg\":\"RS256\\u0000\"}",
		"{}",
		"[]",
		"\"RS256\"",
		"",
		"{\"alg\":\"RS256\"",
		"{\"alg\":\"RS256\"}x",
		"{\"alg\":\"RS256\"}{}",
		"{\"alg\":\"RS256\",\"kid\":7}",
		"{\"alg\":\"RS256\",\"kid\":[\"k\"]}",
		"{\"alg\":\"RS256\",\"x\":\"\xff\"}",
		"{\"alg\":\"RS256\",}",
		"{'alg':'RS256'}",
		"\xef\xbb\xbf{\"alg\":\"RS256\"}",
	};
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (head(taken[i]))
			fail_msg("%s: %s", taken[i], err.text);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (head(refused[i]) != PRL_E_SIGNATURE)
			fail_msg("taken: %s", refused[i]);
}

/* A key that the token brings along verifies nothing, neither by value nor by address. */
static void keys_of_the_header_are_not_looked_at(void **state)
{
	(void)state;
	token_key *own = token_key_rsa(2048);
	char *claims = token_claims(NOW, NULL, NULL);
	json_t *header = json_pack("{s:s, s:o}", "alg", "RS256", "jwk", token_key_jwk(own, NULL, NULL));
	char *text = json_dumps(header, 0);
	assert_int_equal(verify(token_make(own, "RS256", text, claims)), PRL_E_SIGNATURE);
	assert_int_equal(verify(token_make(rsa, "RS256", text, claims)), PRL_OK);
	json_decref(header);
	token_key_free(own);
	free(text);
	free(claims);
}

static void a_key_id_chooses_the_key(void **state)
{
	(void)state;
	json_t *list =
		json_pack("{s:[o,o]}", "keys", token_key_jwk(rsa, "a", NULL), token_key_jwk(other_rsa, "b", NULL));
	char *text = json_dumps(list, 0), *claims = token_claims(NOW, NULL, NULL), long_kid[400];
	prl_jwk_set *set = set_new();
	prl_jwks_read read;
	assert_int_equal(prl_jwk_set_add_jwks(set, prl_bytes_of(text), NULL, &read, &err), PRL_OK);
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", "{\"alg\":\"RS256\",\"kid\":\"a\"}", claims), NOW),
			 PRL_OK);
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", "{\"alg\":\"RS256\",\"kid\":\"b\"}", claims), NOW),
			 PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "signature"));
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", "{\"alg\":\"RS256\",\"kid\":\"c\"}", claims), NOW),
			 PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "kid"));
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", "{\"alg\":\"RS256\",\"kid\":\"\"}", claims), NOW),
			 PRL_E_SIGNATURE);
	assert_int_equal(verify_with(set, token_make(other_rsa, "PS512", NULL, claims), NOW), PRL_OK);
	(void)snprintf(long_kid, sizeof long_kid, "{\"alg\":\"RS256\",\"kid\":\"%0300d\"}", 1);
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", long_kid, claims), NOW), PRL_E_SIGNATURE);
	/* A key without an id is tried whatever the token names: the file of a PEM key says none. */
	add_pem(set, rsa);
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", "{\"alg\":\"RS256\",\"kid\":\"c\"}", claims), NOW),
			 PRL_OK);
	prl_jwk_set_unref(set);
	json_decref(list);
	free(text);
	free(claims);
}

/* ---- the three parts --------------------------------------------------------------------------------------------- */

static void the_form_is_strict(void **state)
{
	(void)state;
	char *claims = token_claims(NOW, NULL, NULL), *good = token_make(rsa, "RS256", NULL, claims);
	char text[8192];
	const char *dot = strrchr(good, '.');
	static const char *const forms[] = { "%s=",  "%s==", "%s.",  "%s.AAAA", ".%s", " %s", "%s ",
					     "%s\n", "%sA",  "%s\t", "%s%%",    "%s+", "%s/" };
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		(void)snprintf(text, sizeof text, "%s", "");
		const char *at = strstr(forms[i], "%s");
		(void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - forms[i]), forms[i], good, at + 2);
		if (verify(strdup(text)) != PRL_E_SIGNATURE)
			fail_msg("taken: form %s", forms[i]);
	}
	static const char *const others[] = { "",         ".",        "..",       "...",
					      "a",        "a.b",      "a.b.c",    "AAAA.AAAA.AAAA",
					      "e30.e30.", "e30..e30", ".e30.e30", "e30.e30.e30.e30.e30" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(verify(strdup(others[i])), PRL_E_SIGNATURE);
	(void)snprintf(text, sizeof text, "%.*s", (int)(dot - good), good); /* two parts */
	assert_int_equal(verify(strdup(text)), PRL_E_SIGNATURE);
	(void)snprintf(text, sizeof text, "%.*s.", (int)(dot - good), good); /* no signature */
	assert_int_equal(verify(strdup(text)), PRL_E_SIGNATURE);
	/* 256 bytes leave two bits over in the last letter: another text of the same signature. */
	(void)snprintf(text, sizeof text, "%s", good);
	size_t last = strlen(text) - 1;
	text[last]++;
	assert_int_equal(verify(strdup(text)), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "base64url"));
	assert_int_equal(verify(good), PRL_OK);
	free(claims);
}

static char *token_with_padding(size_t bytes)
{
	char *value = malloc(bytes + 3);
	memset(value, 'x', bytes + 2);
	value[0] = value[bytes + 1] = '"';
	value[bytes + 2] = 0;
	char *claims = token_claims(NOW, "more", value), *token = token_make(rsa, "RS256", NULL, claims);
	free(value);
	free(claims);
	return token;
}

static void size_is_bounded(void **state)
{
	(void)state;
	char *token = token_with_padding(11500);
	assert_in_range(strlen(token), PRL_MAX_TOKEN_BYTES - 800, PRL_MAX_TOKEN_BYTES);
	assert_int_equal(verify(token), PRL_OK);
	token = token_with_padding(12200);
	assert_in_range(strlen(token), PRL_MAX_TOKEN_BYTES + 1, PRL_MAX_TOKEN_BYTES + 1000);
	assert_int_equal(verify(token), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "16384"));
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

static void names_are_texts(void **state)
{
	(void)state;
	static const char *const names[] = { "sub", "iss" };
	static const char *const refused[] = { NULL,          "\"\"",           "7",
					       "null",        "[\"uss1\"]",     "{}",
					       "true",        "\"a\\nb\"",      "\"a\\u007f\"",
					       "\"\\u0085\"", "\"\\u001b[2J\"", "\"a\\u0000b\"" };
	char text[400];
	for (size_t n = 0; n < 2; n++) {
		for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
			if (refused[i] && strstr(refused[i], "u0000"))
				continue; /* jansson makes no such text: below */
			if (claim(names[n], refused[i]) != PRL_E_SIGNATURE)
				fail_msg("taken: %s %s", names[n], refused[i] ? refused[i] : "missing");
			assert_non_null(strstr(err.text, names[n]));
		}
		(void)snprintf(text, sizeof text, "\"%0255d\"", 1);
		assert_int_equal(claim(names[n], text), PRL_OK);
		(void)snprintf(text, sizeof text, "\"%0256d\"", 1);
		assert_int_equal(claim(names[n], text), PRL_E_SIGNATURE);
		assert_int_equal(claim(names[n], "\"Ünïcode ✈ \\u00a0\""), PRL_OK);
	}
	assert_int_equal(claim("sub", "\"uss 2\""), PRL_OK);
	assert_string_equal(caller.subject, "uss 2");
}

static void claims_are_one_object(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"[]",
		"7",
		"null",
		"{",
		"{}x",
		"\"sub\"",
		"{\"iss\":\"i\",\"sub\":\"a\",\"sub\":\"b\",\"aud\":\"dss.example\",\"exp\":1790000100,\"scope\":"
		"\"x\"}",
		"{\"iss\":\"i\",\"sub\":\"a\\u0000b\",\"aud\":\"dss.example\",\"exp\":1790000100,\"scope\":\"x\"}",
		"{\"iss\":\"i\",\"sub\":\"a\xff\",\"aud\":\"dss.example\",\"exp\":1790000100,\"scope\":\"x\"}",
		"{\"iss\":\"i\",\"sub\":\"a\",\"aud\":\"dss.example\",\"exp\":NaN,\"scope\":\"x\"}",
		"{\"iss\":\"i\",\"sub\":\"a\",\"aud\":\"dss.example\",\"exp\":1e999,\"scope\":\"x\"}",
		"{\"iss\":\"i\",\"sub\":\"a\",\"aud\":\"dss.example\",\"exp\":1790000100,\"scope\":\"x\",\"y\":{\"z\":"
		"1,"
		"\"z\":2}}",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (verify(token_make(rsa, "RS256", NULL, refused[i])) != PRL_E_SIGNATURE)
			fail_msg("taken: %s", refused[i]);
	char deep[400] =
		"{\"iss\":\"i\",\"sub\":\"a\",\"aud\":\"dss.example\",\"exp\":1790000100,\"scope\":\"x\",\"y\":";
	for (int i = 0; i < 40; i++)
		strcat(deep, "[");
	for (int i = 0; i < 40; i++)
		strcat(deep, "]");
	strcat(deep, "}");
	assert_int_equal(verify(token_make(rsa, "RS256", NULL, deep)), PRL_E_SIGNATURE);
}

static void the_end_is_within_an_hour(void **state)
{
	(void)state;
	assert_int_equal(claim_time("exp", 1), PRL_OK);
	assert_int_equal(claim_time("exp", 0), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "expired"));
	assert_int_equal(claim_time("exp", -1), PRL_E_SIGNATURE);
	assert_int_equal(claim_time("exp", 3600), PRL_OK);
	assert_int_equal(claim_time("exp", 3660), PRL_OK);
	assert_int_equal(claim_time("exp", 3661), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "one hour"));
	assert_int_equal(claim_time("exp", 86400), PRL_E_SIGNATURE);
	assert_int_equal(claim("exp", "1790000000.5"), PRL_OK);
	assert_true(caller.expires == NOW + PRL_SECOND / 2);
	assert_int_equal(claim("exp", "1789999999.5"), PRL_E_SIGNATURE);
	assert_int_equal(claim("exp", "1.7900001e9"), PRL_OK);
	static const char *const refused[] = { NULL,
					       "\"1790000100\"",
					       "null",
					       "true",
					       "[]",
					       "{}",
					       "0",
					       "-1",
					       "9223372036854775807",
					       "-9223372036854775808",
					       "1e300",
					       "-1e300",
					       "9.3e9" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (claim("exp", refused[i]) != PRL_E_SIGNATURE)
			fail_msg("taken: %s", refused[i]);
}

static void a_token_is_not_used_early(void **state)
{
	(void)state;
	static const char *const names[] = { "nbf", "iat" };
	for (size_t n = 0; n < 2; n++) {
		assert_int_equal(claim(names[n], NULL), PRL_OK);
		assert_int_equal(claim_time(names[n], -1000000), PRL_OK);
		assert_int_equal(claim_time(names[n], 0), PRL_OK);
		assert_int_equal(claim_time(names[n], PRL_JWT_EARLY_S), PRL_OK);
		assert_int_equal(claim_time(names[n], PRL_JWT_EARLY_S + 1), PRL_E_SIGNATURE);
		assert_non_null(strstr(err.text, names[n]));
		assert_int_equal(claim(names[n], "1e300"), PRL_E_SIGNATURE);
		assert_int_equal(claim(names[n], "9223372036854775807"), PRL_E_SIGNATURE);
		assert_int_equal(claim(names[n], "-1e300"), PRL_OK);
		assert_int_equal(claim(names[n], "\"1\""), PRL_E_SIGNATURE);
		assert_int_equal(claim(names[n], "null"), PRL_E_SIGNATURE);
	}
}

static void the_audience_is_ours(void **state)
{
	(void)state;
	static const char *const taken[] = { "\"dss.example\"", "\"localhost\"", "[\"dss.example\"]",
					     "[\"other.example\",\"localhost\"]", "[\"localhost\",\"dss.example\"]" };
	static const char *const refused[] = { NULL,
					       "\"\"",
					       "\"other.example\"",
					       "\"dss.example,localhost\"",
					       "\"DSS.example\"",
					       "\"dss.exampl\"",
					       "\"dss.example.evil\"",
					       "[]",
					       "{}",
					       "7",
					       "null",
					       "[\"other.example\"]",
					       "[\"dss.example\",7]",
					       "[[\"dss.example\"]]",
					       "{\"dss.example\":1}",
					       "\"dss.example \"" };
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (claim("aud", taken[i]))
			fail_msg("%s: %s", taken[i], err.text);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (claim("aud", refused[i]) != PRL_E_SIGNATURE)
			fail_msg("taken: %s", refused[i] ? refused[i] : "missing");
	prl_dss_list kept = audiences;
	audiences.count = 0;
	assert_int_equal(claim("aud", "\"dss.example\""), PRL_E_SIGNATURE);
	audiences = kept;
}

static void the_issuer_is_one_of_those_named(void **state)
{
	(void)state;
	assert_int_equal(claim("iss", "\"anybody\""), PRL_OK);
	assert_int_equal(prl_dss_list_add(&issuers, "issuer.example,second.example", NULL), PRL_OK);
	assert_int_equal(claim("iss", "\"anybody\""), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "issuer"));
	assert_int_equal(claim("iss", "\"issuer.example\""), PRL_OK);
	assert_int_equal(claim("iss", "\"second.example\""), PRL_OK);
	assert_int_equal(claim("iss", "\"issuer.example \""), PRL_E_SIGNATURE);
	issuers.count = 0;
}

static void the_scope_is_one_text(void **state)
{
	(void)state;
	assert_int_equal(claim("scope", NULL), PRL_E_REFUSED);
	assert_int_equal(claim("scope", "\"\""), PRL_E_REFUSED);
	static const char *const refused[] = { "[\"utm.strategic_coordination\"]", "[]", "{}", "7", "null", "true" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(claim("scope", refused[i]), PRL_E_SIGNATURE);
	assert_int_equal(claim("scope", "\"other\""), PRL_OK);
	assert_int_equal(caller.scopes, 0);
	assert_int_equal(claim("scope", "\"UTM.strategic_coordination utm.strategic_coordination2\""), PRL_OK);
	assert_int_equal(caller.scopes, 0);
	assert_int_equal(claim("scope", "\" other  utm.constraint_management utm.constraint_processing \""), PRL_OK);
	assert_int_equal(caller.scopes, PRL_SCOPE_CONSTRAINT_MANAGEMENT | PRL_SCOPE_CONSTRAINT_PROCESSING);
	assert_int_equal(claim("scope", "\"utm.constraint_management,utm.constraint_processing\""), PRL_OK);
	assert_int_equal(caller.scopes, 0);
	uint32_t all = 0;
	for (unsigned i = 0; i < PRL_SCOPE_COUNT; i++) {
		char text[100];
		(void)snprintf(text, sizeof text, "\"%s\"", prl_scope_text(1u << i));
		assert_int_equal(claim("scope", text), PRL_OK);
		assert_int_equal(caller.scopes, 1u << i);
		all |= prl_scope_read(prl_bytes_of(prl_scope_text(1u << i)));
	}
	assert_int_equal(all, (1u << PRL_SCOPE_COUNT) - 1);
	assert_string_equal(prl_scope_text(PRL_SCOPE_READ_SYSTEM_VERSIONS), "interuss.versioning.read_system_versions");
	assert_string_equal(prl_scope_text(3), "");
}

/* 403 is for a token that is right in everything else. */
static void other_faults_come_before_the_scope(void **state)
{
	(void)state;
	char *claims = token_claims(NOW, "scope", NULL);
	assert_int_equal(verify_with(keys, token_make(rsa, "RS256", NULL, claims), NOW + 7200 * PRL_SECOND),
			 PRL_E_SIGNATURE);
	token_key *stranger = token_key_rsa(2048);
	assert_int_equal(verify(token_make(stranger, "RS256", NULL, claims)), PRL_E_SIGNATURE);
	token_key_free(stranger);
	free(claims);
}

/* An error is logged and sent: nothing of the token stands in it. */
static void errors_say_nothing_of_the_token(void **state)
{
	(void)state;
	static const char *const names[] = { "sub", "iss", "aud", "exp", "nbf", "iat", "scope" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(claim(names[i], "[\"MARK\",{\"MARK\":1}]"), PRL_E_SIGNATURE);
		assert_null(strstr(err.text, "MARK"));
	}
	assert_int_equal(head("{\"alg\":\"MARK\"}"), PRL_E_SIGNATURE);
	assert_null(strstr(err.text, "MARK"));
	assert_int_equal(head("{\"MARK\":1,\"MARK\":2}"), PRL_E_SIGNATURE);
	assert_null(strstr(err.text, "MARK"));
	assert_int_equal(verify(strdup("MARK.MARK.MARK")), PRL_E_SIGNATURE);
	assert_null(strstr(err.text, "MARK"));
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static prl_status pem_of(const char *text)
{
	prl_jwk_set *set = set_new();
	err = (prl_error){ 0 };
	prl_status status = prl_jwk_set_add_pem(set, prl_bytes_of(text), &err);
	prl_jwk_set_unref(set);
	return status;
}

static void pem_files_hold_public_keys(void **state)
{
	(void)state;
	char *one = token_key_public(rsa), *two = token_key_public(p256), *wrong, both[4096];
	prl_jwk_set *set = set_new();
	(void)snprintf(both, sizeof both, "a comment\n%s\n%s%s", one, two, one);
	assert_int_equal(prl_jwk_set_add_pem(set, prl_bytes_of(both), &err), PRL_OK);
	assert_int_equal(set->count, 2);
	prl_jwk_set_unref(set);
	wrong = token_key_private(rsa);
	assert_int_equal(pem_of(wrong), PRL_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "private key"));
	free(wrong);
	wrong = token_key_public(p384);
	assert_int_equal(pem_of(wrong), PRL_E_UNSUPPORTED);
	free(wrong);
	wrong = token_key_public(small);
	assert_int_equal(pem_of(wrong), PRL_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "1024 bits"));
	free(wrong);
	assert_int_equal(pem_of(""), PRL_E_NOT_FOUND);
	assert_int_equal(pem_of("ssh-rsa AAAA"), PRL_E_NOT_FOUND);
	assert_int_equal(pem_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), PRL_E_SYNTAX);
	assert_int_equal(pem_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), PRL_E_UNSUPPORTED);
	(void)snprintf(both, sizeof both, "%s%.*s", one, 200, two);
	both[strlen(one) + 60] = 0;
	assert_int_not_equal(pem_of(both), PRL_OK); /* cut off */
	free(one);
	free(two);
}

static void key_files_are_bounded(void **state)
{
	(void)state;
	char *text = malloc(PRL_MAX_PEM_BYTES + 2);
	memset(text, 'x', PRL_MAX_PEM_BYTES + 1);
	text[PRL_MAX_PEM_BYTES + 1] = 0;
	assert_int_equal(pem_of(text), PRL_E_TOO_LARGE);
	free(text);
}

static prl_jwks_read counts;

/* Takes the document over. */
static prl_status jwks_of(char *text, const char *kids, size_t *ret_count)
{
	prl_jwk_set *set = set_new();
	prl_dss_list list = { 0 };
	if (kids)
		assert_int_equal(prl_dss_list_add(&list, kids, NULL), PRL_OK);
	err = (prl_error){ 0 };
	prl_status status = prl_jwk_set_add_jwks(set, prl_bytes_of(text), &list, &counts, &err);
	*ret_count = set->count;
	prl_jwk_set_unref(set);
	free(text);
	return status;
}

static char *jwks_with(const token_key *key, const char *member, const char *value)
{
	json_t *jwk = token_key_jwk(key, "k", NULL);
	if (value)
		json_object_set_new(jwk, member, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(jwk, member);
	json_t *set = json_pack("{s:[o]}", "keys", jwk);
	char *text = json_dumps(set, 0);
	json_decref(set);
	return text;
}

static void sets_pass_over_what_they_cannot_use(void **state)
{
	(void)state;
	static const struct {
		const char *member, *value;
		size_t taken;
	} rows[] = {
		{ "use", "\"sig\"", 1 },
		{ "use", "\"enc\"", 0 },
		{ "use", "7", 0 },
		{ "key_ops", "[\"verify\"]", 1 },
		{ "key_ops", "[\"sign\",\"verify\"]", 1 },
		{ "key_ops", "[\"encrypt\"]", 0 },
		{ "key_ops", "[]", 0 },
		{ "key_ops", "\"verify\"", 0 },
		{ "alg", "\"RS256\"", 1 },
		{ "alg", "\"PS512\"", 1 },
		{ "alg", "\"ES256\"", 0 },
		{ "alg", "\"RSA-OAEP\"", 0 },
		{ "alg", "\"HS256\"", 0 },
		{ "alg", "7", 0 },
		{ "kid", NULL, 1 },
		{ "kid", "\"\"", 0 },
		{ "kid", "7", 0 },
		{ "kty", NULL, 0 },
		{ "kty", "\"oct\"", 0 },
		{ "kty", "\"OKP\"", 0 },
		{ "kty", "\"EC\"", 0 },
		{ "kty", "\"rsa\"", 0 },
		{ "n", NULL, 0 },
		{ "n", "\"\"", 0 },
		{ "n", "\"AQAB\"", 0 },
		{ "n", "\"!!!!\"", 0 },
		{ "n", "7", 0 },
		{ "e", NULL, 0 },
		{ "e", "\"AQ\"", 0 },           /* 1 */
		{ "e", "\"AQAA\"", 0 },         /* 65536: even */
		{ "e", "\"AAAA\"", 0 },         /* 0 */
		{ "e", "\"AwAAAAAAAAAB\"", 0 }, /* 66 bits */
		{ "e", "\"AQAB=\"", 0 },
		{ "e", "\"Aw\"", 1 },     /* 3 */
		{ "e", "\"AAEAAQ\"", 1 }, /* a zero before it */
		{ "d", "\"AQAB\"", 1 },
		{ "x5c", "[\"MIIB\"]", 1 },
		{ "x5u", "\"https://evil.example/\"", 1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t count;
		assert_int_equal(jwks_of(jwks_with(rsa, rows[i].member, rows[i].value), NULL, &count), PRL_OK);
		if (count != rows[i].taken || counts.taken != count || counts.passed_over != 1 - count)
			fail_msg("%s %s: %zu keys", rows[i].member, rows[i].value ? rows[i].value : "missing", count);
	}
}

static void sets_hold_points_on_the_curve(void **state)
{
	(void)state;
	size_t count;
	assert_int_equal(jwks_of(jwks_with(p256, "use", "\"sig\""), NULL, &count), PRL_OK);
	assert_int_equal(count, 1);
	static const struct {
		const char *member, *value;
	} wrong[] = { { "crv", "\"P-384\"" }, { "crv", "\"secp256k1\"" },
		      { "crv", NULL },        { "x", "\"AQAB\"" },
		      { "y", NULL },          { "y", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"" },
		      { "alg", "\"RS256\"" } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(jwks_of(jwks_with(p256, wrong[i].member, wrong[i].value), NULL, &count), PRL_OK);
		if (count)
			fail_msg("%s %s", wrong[i].member, wrong[i].value ? wrong[i].value : "missing");
	}
	assert_int_equal(jwks_of(jwks_with(p384, "use", "\"sig\""), NULL, &count), PRL_OK);
	assert_int_equal(count, 0);
	assert_int_equal(jwks_of(jwks_with(small, "use", "\"sig\""), NULL, &count), PRL_OK);
	assert_int_equal(count, 0);
}

static void a_key_that_names_its_algorithm_verifies_no_other(void **state)
{
	(void)state;
	char *text = jwks_with(rsa, "alg", "\"PS256\""), *claims = token_claims(NOW, NULL, NULL);
	prl_jwk_set *set = set_new();
	assert_int_equal(prl_jwk_set_add_jwks(set, prl_bytes_of(text), NULL, &counts, &err), PRL_OK);
	assert_int_equal(verify_with(set, token_make(rsa, "PS256", NULL, claims), NOW), PRL_OK);
	assert_int_equal(verify_with(set, token_make(rsa, "RS256", NULL, claims), NOW), PRL_E_SIGNATURE);
	prl_jwk_set_unref(set);
	free(text);
	free(claims);
}

static void sets_are_taken_by_the_ids_asked_for(void **state)
{
	(void)state;
	token_key *const three[] = { rsa, other_rsa, p256 };
	size_t count;
	assert_int_equal(jwks_of(token_jwks(three, 3, true), NULL, &count), PRL_OK);
	assert_int_equal(count, 3);
	assert_int_equal(jwks_of(token_jwks(three, 3, true), "k0,k2", &count), PRL_OK);
	assert_int_equal(count, 2);
	assert_null(counts.missing.data);
	assert_int_equal(jwks_of(token_jwks(three, 3, true), "k0,k7", &count), PRL_OK);
	assert_int_equal(count, 1);
	assert_true(prl_bytes_is(counts.missing, "k7"));
	assert_int_equal(jwks_of(token_jwks(three, 3, false), "k0", &count), PRL_OK);
	assert_int_equal(count, 0);
	assert_int_equal(jwks_of(strdup("{\"keys\":[]}"), NULL, &count), PRL_OK);
	assert_int_equal(count, 0);
}

static void what_is_no_set_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "",
					     "[]",
					     "{}",
					     "{\"keys\":{}}",
					     "{\"keys\":[7]}",
					     "{\"keys\":[null]}",
					     "{\"keys\":null}",
					     "<html></html>",
					     "{\"keys\":[]",
					     "{\"keys\":[]}}",
					     "{\"keys\":[],\"keys\":[]}",
					     "\xff" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t count;
		if (jwks_of(strdup(texts[i]), NULL, &count) != PRL_E_SYNTAX)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(count, 0);
	}
}

static void sets_are_bounded(void **state)
{
	(void)state;
	size_t count;
	char *many = malloc(PRL_MAX_JWKS_BYTES + 64), *at = many + sprintf(many, "{\"keys\":[{}");
	for (unsigned i = 1; i <= PRL_MAX_JWKS_LISTED; i++)
		at += sprintf(at, ",{}");
	strcpy(at, "]}");
	assert_int_equal(jwks_of(strdup(many), NULL, &count), PRL_E_TOO_LARGE);
	memset(many, ' ', PRL_MAX_JWKS_BYTES + 1);
	strcpy(many + PRL_MAX_JWKS_BYTES + 1, "{}");
	assert_int_equal(jwks_of(many, NULL, &count), PRL_E_TOO_LARGE);
	/* As many usable keys as there may be, and one more: the same key under many ids. */
	for (size_t extra = 0; extra < 2; extra++) {
		token_key *same[PRL_MAX_JWKS_KEYS + 1];
		for (size_t i = 0; i <= PRL_MAX_JWKS_KEYS; i++)
			same[i] = rsa;
		assert_int_equal(jwks_of(token_jwks(same, PRL_MAX_JWKS_KEYS + extra, true), NULL, &count),
				 extra ? PRL_E_TOO_LARGE : PRL_OK);
		assert_int_equal(count, PRL_MAX_JWKS_KEYS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm_is_taken),
		cmocka_unit_test(the_algorithm_is_the_one_that_signed),
		cmocka_unit_test(other_algorithms_are_refused),
		cmocka_unit_test(a_stranger_signs_nothing),
		cmocka_unit_test(a_changed_token_is_refused),
		cmocka_unit_test(the_header_is_held_to_its_rules),
		cmocka_unit_test(keys_of_the_header_are_not_looked_at),
		cmocka_unit_test(a_key_id_chooses_the_key),
		cmocka_unit_test(the_form_is_strict),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(names_are_texts),
		cmocka_unit_test(claims_are_one_object),
		cmocka_unit_test(the_end_is_within_an_hour),
		cmocka_unit_test(a_token_is_not_used_early),
		cmocka_unit_test(the_audience_is_ours),
		cmocka_unit_test(the_issuer_is_one_of_those_named),
		cmocka_unit_test(the_scope_is_one_text),
		cmocka_unit_test(other_faults_come_before_the_scope),
		cmocka_unit_test(errors_say_nothing_of_the_token),
		cmocka_unit_test(pem_files_hold_public_keys),
		cmocka_unit_test(key_files_are_bounded),
		cmocka_unit_test(sets_pass_over_what_they_cannot_use),
		cmocka_unit_test(sets_hold_points_on_the_curve),
		cmocka_unit_test(a_key_that_names_its_algorithm_verifies_no_other),
		cmocka_unit_test(sets_are_taken_by_the_ids_asked_for),
		cmocka_unit_test(what_is_no_set_is_refused),
		cmocka_unit_test(sets_are_bounded),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
