#include "node/jwk.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/schema_node.h"
#include "base/text.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS_MIN 2048u
#define RSA_BITS_MAX 8192u
#define RSA_E_BYTES  8u
#define P256_BYTES   32u

struct prl_jwk {
	atomic_uint refs;
	prl_jwk_type type;
	bool has_alg;
	prl_jwt_alg alg;
	char kid[PRL_JWK_KID_MAX]; /* "": none */
	prl_hash id;
	cjose_jwk_t *key;
};

/* The numbers of a key, big-endian: n and e, or x and y. */
typedef struct numbers {
	prl_jwk_type type;
	uint8_t a[RSA_BITS_MAX / 8 + 1], b[P256_BYTES];
	size_t a_size, b_size;
} numbers;

/* ---- algorithms -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	prl_jwk_type type;
} algs[] = {
#define X(name, type) { #name, PRL_JWK_##type },
	PRL_JWT_ALG_MAP(X)
#undef X
};

bool prl_jwt_alg_read(const char *name, prl_jwt_alg *ret)
{
	for (unsigned i = 0; i < PRL_JWT_ALG_COUNT; i++) {
		if (strcmp(algs[i].name, name) != 0)
			continue;
		*ret = (prl_jwt_alg)i;
		return true;
	}
	return false;
}

const char *prl_jwt_alg_name(prl_jwt_alg alg)
{
	return algs[alg].name;
}

/* ---- one key ----------------------------------------------------------------------------------------------------- */

static void jwk_unref(prl_jwk *key)
{
	if (!key || atomic_fetch_sub(&key->refs, 1) > 1)
		return;
	if (key->key)
		(void)cjose_jwk_release(key->key);
	free(key);
}

const prl_hash *prl_jwk_id(const prl_jwk *key)
{
	return &key->id;
}

const cjose_jwk_t *prl_jwk_cjose(const prl_jwk *key)
{
	return key->key;
}

bool prl_jwk_fits(const prl_jwk *key, prl_jwt_alg alg, const char *kid)
{
	if (algs[alg].type != key->type || (key->has_alg && key->alg != alg))
		return false;
	return !kid || !key->kid[0] || strcmp(kid, key->kid) == 0;
}

static void strip_zeros(uint8_t *bytes, size_t *size)
{
	size_t zeros = 0;
	while (zeros < *size && !bytes[zeros])
		zeros++;
	*size -= zeros;
	memmove(bytes, bytes + zeros, *size);
}

static size_t bits_of(const uint8_t *bytes, size_t size)
{
	size_t bits = size * 8;
	for (unsigned bit = 0x80; size && bit && !(bytes[0] & bit); bit >>= 1)
		bits--;
	return bits;
}

/* n and e odd, e at least 3: what no RSA key has otherwise. */
static prl_status rsa_check(numbers *of, prl_error *err)
{
	strip_zeros(of->a, &of->a_size);
	strip_zeros(of->b, &of->b_size);
	size_t bits = bits_of(of->a, of->a_size);
	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "an RSA key of %zu bits, expected %u to %u", bits,
				     RSA_BITS_MIN, RSA_BITS_MAX);
	bool odd = (of->a[of->a_size - 1] & 1) && of->b_size && (of->b[of->b_size - 1] & 1);
	if (!odd || of->b_size > RSA_E_BYTES || (of->b_size == 1 && of->b[0] < 3))
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "an RSA key that is none, expected an odd exponent from 3 to 64 bits");
	return PRL_OK;
}

static cjose_jwk_t *cjose_of(numbers *of)
{
	if (of->type == PRL_JWK_RSA) {
		cjose_jwk_rsa_keyspec rsa = { .n = of->a, .nlen = of->a_size, .e = of->b, .elen = of->b_size };
		return cjose_jwk_create_RSA_spec(&rsa, NULL);
	}
	cjose_jwk_ec_keyspec ec = {
		.crv = CJOSE_JWK_EC_P_256, .x = of->a, .xlen = of->a_size, .y = of->b, .ylen = of->b_size
	};
	return cjose_jwk_create_EC_spec(&ec, NULL);
}

static prl_hash id_of(const prl_jwk *key, const numbers *of)
{
	char head[PRL_JWK_KID_MAX + 64];
	int size = snprintf(head, sizeof head, "%d %s %zu %s%c", (int)key->type,
			    key->has_alg ? algs[key->alg].name : "", of->a_size, key->kid, 0);
	prl_bytes pieces[] = { { head, (size_t)size },
			       { (const char *)of->a, of->a_size },
			       { (const char *)of->b, of->b_size } };
	return prl_sha256_pieces(pieces, 3);
}

/* kid and alg may be NULL. PRL_E_UNSUPPORTED for numbers that make no key. */
static prl_status jwk_new(numbers *of, const char *kid, const prl_jwt_alg *alg, prl_jwk **ret, prl_error *err)
{
	prl_status status = of->type == PRL_JWK_RSA ? rsa_check(of, err) : PRL_OK;
	if (status)
		return status;
	prl_jwk *key = calloc(1, sizeof *key);
	if (!key)
		return prl_error_memory(err);
	atomic_init(&key->refs, 1);
	key->type = of->type;
	key->has_alg = alg != NULL;
	key->alg = alg ? *alg : PRL_JWT_RS256;
	(void)snprintf(key->kid, sizeof key->kid, "%s", kid ? kid : "");
	key->id = id_of(key, of);
	key->key = cjose_of(of);
	ERR_clear_error();
	if (!key->key) {
		jwk_unref(key);
		return prl_error_set(err, PRL_E_UNSUPPORTED, "the numbers of the key make no key");
	}
	*ret = key;
	return PRL_OK;
}

/* ---- sets -------------------------------------------------------------------------------------------------------- */

prl_status prl_jwk_set_new(prl_jwk_set **ret, prl_error *err)
{
	prl_jwk_set *set = calloc(1, sizeof *set);
	if (!set)
		return prl_error_memory(err);
	atomic_init(&set->refs, 1);
	*ret = set;
	return PRL_OK;
}

prl_jwk_set *prl_jwk_set_ref(prl_jwk_set *set)
{
	(void)atomic_fetch_add(&set->refs, 1);
	return set;
}

void prl_jwk_set_unref(prl_jwk_set *set)
{
	if (!set || atomic_fetch_sub(&set->refs, 1) > 1)
		return;
	for (size_t i = 0; i < set->count; i++)
		jwk_unref(set->keys[i]);
	free(set);
}

bool prl_jwk_set_has(const prl_jwk_set *set, const prl_hash *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (prl_hash_equal(&set->keys[i]->id, id))
			return true;
	return false;
}

/* Takes the key over, whatever comes of it. */
static prl_status add(prl_jwk_set *set, prl_jwk *key, prl_error *err)
{
	bool there = prl_jwk_set_has(set, &key->id);
	if (there || set->count == PRL_MAX_JWKS_KEYS) {
		jwk_unref(key);
		return there ? PRL_OK : prl_error_set(err, PRL_E_TOO_LARGE, "more than %u keys", PRL_MAX_JWKS_KEYS);
	}
	set->keys[set->count++] = key;
	return PRL_OK;
}

prl_status prl_jwk_set_add_all(prl_jwk_set *set, const prl_jwk_set *other, prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t i = 0; i < other->count && !status; i++) {
		(void)atomic_fetch_add(&other->keys[i]->refs, 1);
		status = add(set, other->keys[i], err);
	}
	return status;
}

/* ---- PEM --------------------------------------------------------------------------------------------------------- */

static bool number_take(EVP_PKEY *pkey, const char *name, uint8_t *to, size_t room, size_t fixed, size_t *ret_size)
{
	BIGNUM *n = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, name, &n) == 1 && (size_t)BN_num_bytes(n) <= room;
	if (good) {
		*ret_size = fixed ? fixed : (size_t)BN_num_bytes(n);
		good = BN_bn2binpad(n, to, (int)*ret_size) >= 0;
	}
	BN_free(n);
	return good;
}

static bool is_p256(EVP_PKEY *pkey)
{
	char name[64] = "";
	return EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, name, sizeof name, NULL) == 1 &&
	       strcmp(name, "prime256v1") == 0;
}

static prl_status add_pkey(prl_jwk_set *set, EVP_PKEY *pkey, prl_error *err)
{
	numbers of = { .type = EVP_PKEY_is_a(pkey, "RSA") ? PRL_JWK_RSA : PRL_JWK_P256 };
	bool good;
	if (of.type == PRL_JWK_RSA)
		good = number_take(pkey, OSSL_PKEY_PARAM_RSA_N, of.a, sizeof of.a, 0, &of.a_size) &&
		       number_take(pkey, OSSL_PKEY_PARAM_RSA_E, of.b, sizeof of.b, 0, &of.b_size);
	else
		good = is_p256(pkey) &&
		       number_take(pkey, OSSL_PKEY_PARAM_EC_PUB_X, of.a, P256_BYTES, P256_BYTES, &of.a_size) &&
		       number_take(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, of.b, P256_BYTES, P256_BYTES, &of.b_size);
	if (!good)
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "a public key of a type that no token is verified with, expected RSA of %u to %u "
				     "bits or EC P-256",
				     RSA_BITS_MIN, RSA_BITS_MAX);
	prl_jwk *key = NULL;
	prl_status status = jwk_new(&of, NULL, NULL, &key, err);
	return status ? status : add(set, key, err);
}

static prl_status add_block(prl_jwk_set *set, const char *name, const uint8_t *data, long size, prl_error *err)
{
	if (strcmp(name, "PUBLIC KEY") != 0)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "a block \"%.40s\", expected PUBLIC KEY%s", name,
				     strstr(name, "PRIVATE") ? ": keep the private key where tokens are made" : "");
	const uint8_t *at = data;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, size);
	prl_status status = pkey && at == data + size
				    ? add_pkey(set, pkey, err)
				    : prl_error_set(err, PRL_E_SYNTAX, "a block PUBLIC KEY that is no key");
	EVP_PKEY_free(pkey);
	return status;
}

prl_status prl_jwk_set_add_pem(prl_jwk_set *set, prl_bytes pem, prl_error *err)
{
	if (pem.size > PRL_MAX_PEM_BYTES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u bytes", PRL_MAX_PEM_BYTES);
	BIO *bio = BIO_new_mem_buf(pem.size ? pem.data : "", (int)pem.size);
	if (!bio)
		return prl_error_memory(err);
	prl_status status = PRL_OK;
	size_t blocks = 0;
	char *name = NULL, *header = NULL;
	uint8_t *data = NULL;
	long size;
	while (!status && PEM_read_bio(bio, &name, &header, &data, &size) == 1) {
		status = add_block(set, name, data, size, err);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)size);
		blocks++;
	}
	bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(bio);
	if (!status && blocks == 0)
		status = prl_error_set(err, PRL_E_NOT_FOUND, "no key, expected PEM: -----BEGIN PUBLIC KEY-----");
	else if (!status && !ended)
		status = prl_error_set(err, PRL_E_SYNTAX, "block %zu is broken, expected PEM", blocks + 1);
	return status;
}

/* ---- JSON Web Key Sets --------------------------------------------------------------------------------------------
 */

static bool member_read(const json_t *jwk, const char *name, uint8_t *to, size_t room, size_t *ret_size)
{
	const json_t *value = json_object_get(jwk, name);
	prl_bytes text = { json_string_value(value), json_string_length(value) };
	return text.size && prl_base64url_read(text, to, room, ret_size);
}

/* RFC 7517 sections 4.2 and 4.3: a key for something else than signatures. */
static bool is_for_signatures(const json_t *jwk)
{
	const json_t *use = json_object_get(jwk, "use"), *ops = json_object_get(jwk, "key_ops"), *op;
	if (use && (!json_is_string(use) || strcmp(json_string_value(use), "sig") != 0))
		return false;
	size_t i;
	json_array_foreach(ops, i,
			   op) if (json_is_string(op) && strcmp(json_string_value(op), "verify") == 0) return true;
	return !ops;
}

static bool numbers_read(const json_t *jwk, numbers *ret)
{
	const char *type = json_string_value(json_object_get(jwk, "kty")),
		   *curve = json_string_value(json_object_get(jwk, "crv"));
	if (type && strcmp(type, "RSA") == 0) {
		ret->type = PRL_JWK_RSA;
		return member_read(jwk, "n", ret->a, sizeof ret->a, &ret->a_size) &&
		       member_read(jwk, "e", ret->b, sizeof ret->b, &ret->b_size);
	}
	ret->type = PRL_JWK_P256;
	return type && strcmp(type, "EC") == 0 && curve && strcmp(curve, "P-256") == 0 &&
	       member_read(jwk, "x", ret->a, P256_BYTES, &ret->a_size) && ret->a_size == P256_BYTES &&
	       member_read(jwk, "y", ret->b, P256_BYTES, &ret->b_size) && ret->b_size == P256_BYTES;
}

/* Takes one key of a set; counts what is passed over. */
static prl_status add_json(prl_jwk_set *set, const json_t *jwk, prl_jwks_read *counts, prl_error *err)
{
	const json_t *kid = json_object_get(jwk, "kid"), *alg = json_object_get(jwk, "alg");
	prl_jwt_alg only = PRL_JWT_RS256;
	numbers of = { 0 };
	bool usable = is_for_signatures(jwk) &&
		      (!kid || (json_string_length(kid) && json_string_length(kid) < PRL_JWK_KID_MAX)) &&
		      (!alg || (json_is_string(alg) && prl_jwt_alg_read(json_string_value(alg), &only))) &&
		      numbers_read(jwk, &of) && (!alg || algs[only].type == of.type);
	prl_jwk *key = NULL;
	prl_status status =
		usable ? jwk_new(&of, json_string_value(kid), alg ? &only : NULL, &key, err) : PRL_E_UNSUPPORTED;
	if (status == PRL_E_UNSUPPORTED) {
		counts->passed_over++;
		return PRL_OK;
	}
	counts->taken += !status;
	return status ? status : add(set, key, err);
}

static bool is_asked_for(const prl_dss_list *kids, const json_t *jwk)
{
	const json_t *kid = json_object_get(jwk, "kid");
	prl_bytes text = { json_string_value(kid), json_string_length(kid) };
	return !kids || !kids->count || (text.data && prl_dss_list_has(kids, text));
}

static bool set_has_kid(const prl_jwk_set *set, prl_bytes kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (prl_bytes_is(kid, set->keys[i]->kid))
			return true;
	return false;
}

static prl_status add_document(prl_jwk_set *set, const json_t *document, const prl_dss_list *kids, prl_jwks_read *ret,
			       prl_error *err)
{
	const json_t *keys = json_object_get(document, "keys"), *jwk;
	if (!json_is_array(keys))
		return prl_error_set(err, PRL_E_SYNTAX, "no key set, expected {\"keys\": [key, …]}");
	if (json_array_size(keys) > PRL_MAX_JWKS_LISTED)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a key set of %zu keys, expected at most %u",
				     json_array_size(keys), PRL_MAX_JWKS_LISTED);
	prl_jwks_read counts = { 0 };
	prl_status status = PRL_OK;
	size_t i;
	json_array_foreach(keys, i, jwk)
	{
		if (!status && !json_is_object(jwk))
			status = prl_error_set(err, PRL_E_SYNTAX, "keys[%zu] is no object", i);
		if (!status && is_asked_for(kids, jwk))
			status = add_json(set, jwk, &counts, err);
	}
	for (size_t k = 0; kids && k < kids->count && !status; k++)
		if (!set_has_kid(set, kids->items[k]))
			counts.missing = kids->items[k];
	if (!status)
		*ret = counts;
	return status;
}

prl_status prl_jwk_set_add_jwks(prl_jwk_set *set, prl_bytes text, const prl_dss_list *kids, prl_jwks_read *ret,
				prl_error *err)
{
	if (text.size > PRL_MAX_JWKS_BYTES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a key set of %zu bytes, expected at most %u", text.size,
				     PRL_MAX_JWKS_BYTES);
	json_t *document = NULL;
	prl_status status = prl_json_text_read(text, PRL_MAX_JSON_DEPTH_BODY, &document, err);
	if (!status)
		status = add_document(set, document, kids, ret, err);
	json_decref(document);
	return status;
}
