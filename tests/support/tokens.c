#include "support/tokens.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

struct token_key {
	EVP_PKEY *pkey;
};

static token_key *key_of(EVP_PKEY *pkey)
{
	token_key *key = malloc(sizeof *key);
	assert_non_null(pkey);
	assert_non_null(key);
	key->pkey = pkey;
	return key;
}

token_key *token_key_rsa(unsigned bits)
{
	return key_of(EVP_RSA_gen(bits));
}

token_key *token_key_ec(const char *curve)
{
	return key_of(EVP_EC_gen(curve));
}

void token_key_free(token_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

/* ---- as files and sets ------------------------------------------------------------------------------------------- */

static char *text_of(BIO *bio)
{
	char *data = NULL;
	long size = BIO_get_mem_data(bio, &data);
	char *text = strndup(data, (size_t)size);
	assert_non_null(text);
	BIO_free(bio);
	return text;
}

char *token_key_public(const token_key *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PUBKEY(bio, key->pkey), 1);
	return text_of(bio);
}

char *token_key_private(const token_key *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL), 1);
	return text_of(bio);
}

void token_key_save(const token_key *key, const char *path)
{
	FILE *file = fopen(path, "a");
	char *pem = token_key_public(key);
	assert_non_null(file);
	assert_true(fputs(pem, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(pem);
}

static void number_add(json_t *jwk, const char *member, const token_key *key, const char *name, int size)
{
	BIGNUM *n = NULL;
	uint8_t bytes[2048];
	char text[PRL_BASE64URL_SIZE(sizeof bytes) + 1];
	assert_int_equal(EVP_PKEY_get_bn_param(key->pkey, name, &n), 1);
	int written = BN_bn2binpad(n, bytes, size ? size : BN_num_bytes(n));
	assert_true(written > 0);
	prl_base64url_write(bytes, (size_t)written, text);
	json_object_set_new(jwk, member, json_string(text));
	BN_free(n);
}

json_t *token_key_jwk(const token_key *key, const char *kid, const char *alg)
{
	json_t *jwk = json_object();
	bool rsa = EVP_PKEY_is_a(key->pkey, "RSA");
	json_object_set_new(jwk, "kty", json_string(rsa ? "RSA" : "EC"));
	if (kid)
		json_object_set_new(jwk, "kid", json_string(kid));
	if (alg)
		json_object_set_new(jwk, "alg", json_string(alg));
	if (rsa) {
		number_add(jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
		number_add(jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
		return jwk;
	}
	int size = (EVP_PKEY_get_bits(key->pkey) + 7) / 8;
	json_object_set_new(jwk, "crv", json_string(size == 32 ? "P-256" : "P-384"));
	number_add(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, size);
	number_add(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
	return jwk;
}

char *token_jwks(token_key *const *keys, size_t count, bool kids)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		char kid[24];
		(void)snprintf(kid, sizeof kid, "k%zu", i);
		json_array_append_new(list, token_key_jwk(keys[i], kids ? kid : NULL, NULL));
	}
	json_t *set = json_pack("{s:o}", "keys", list);
	char *text = json_dumps(set, 0);
	assert_non_null(text);
	json_decref(set);
	return text;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static const EVP_MD *digest_of(const char *alg)
{
	return strcmp(alg + 2, "384") == 0 ? EVP_sha384() : strcmp(alg + 2, "512") == 0 ? EVP_sha512() : EVP_sha256();
}

/* DER becomes r and s one after the other (RFC 7518 section 3.4). */
static size_t raw_of(uint8_t *signature, size_t size, int half)
{
	const uint8_t *at = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)size);
	assert_non_null(sig);
	uint8_t raw[256];
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, half), half);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, half), half);
	ECDSA_SIG_free(sig);
	memcpy(signature, raw, 2 * (size_t)half);
	return 2 * (size_t)half;
}

static size_t sign(const token_key *key, const char *alg, const char *text, size_t size, uint8_t signature[2048])
{
	size_t length = 2048;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL;
	assert_int_equal(EVP_DigestSignInit(context, &options, digest_of(alg), NULL, key->pkey), 1);
	if (alg[0] == 'P') {
		assert_true(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) > 0);
	}
	assert_int_equal(EVP_DigestSign(context, signature, &length, (const uint8_t *)text, size), 1);
	EVP_MD_CTX_free(context);
	return alg[0] == 'E' ? raw_of(signature, length, (EVP_PKEY_get_bits(key->pkey) + 7) / 8) : length;
}

/* "head.claims." with room for a signature; *ret_size counts neither the last dot nor what follows. */
static char *begin(const char *head, const char *claims, size_t *ret_size)
{
	size_t h = strlen(head), c = strlen(claims);
	char *text = malloc(PRL_BASE64URL_SIZE(h) + PRL_BASE64URL_SIZE(c) + 4096);
	assert_non_null(text);
	prl_base64url_write(head, h, text);
	size_t at = strlen(text);
	text[at++] = '.';
	prl_base64url_write(claims, c, text + at);
	*ret_size = at + strlen(text + at);
	memcpy(text + *ret_size, ".", 2);
	return text;
}

char *token_make(const token_key *key, const char *alg, const char *head, const char *claims)
{
	char own[64];
	uint8_t signature[2048];
	size_t size;
	(void)snprintf(own, sizeof own, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", alg);
	char *text = begin(head ? head : own, claims, &size);
	if (strcmp(alg, "none") != 0)
		prl_base64url_write(signature, sign(key, alg, text, size, signature), text + size + 1);
	return text;
}

char *token_make_hmac(const char *secret, const char *head, const char *claims)
{
	size_t size;
	unsigned length = 0;
	uint8_t mac[64];
	char *text = begin(head ? head : "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, &size);
	assert_non_null(HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)text, size, mac, &length));
	prl_base64url_write(mac, length, text + size + 1);
	return text;
}

char *token_claims(prl_time now, const char *name, const char *value)
{
	json_t *claims =
		json_pack("{s:s, s:s, s:s, s:s, s:I}", "iss", "issuer.example", "sub", "uss1", "aud", "dss.example",
			  "scope", "utm.strategic_coordination", "exp", (json_int_t)(now / PRL_SECOND + 1800));
	json_t *json = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	if (name && value)
		assert_non_null(json);
	if (json)
		json_object_set_new(claims, name, json);
	else if (name)
		json_object_del(claims, name);
	char *text = json_dumps(claims, 0);
	assert_non_null(text);
	json_decref(claims);
	return text;
}
