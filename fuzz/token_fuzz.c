/* What comes with a request or from an issuer of keys. The first byte says what the rest is:
 *   H  the value of an Authorization header        C  claims, the JSON of a token's second part
 *   S  claims that are signed here, so that what lies behind the signature is reached by the whole way
 *   J  a JSON Web Key Set                           P  a PEM file           B  base64url
 * Whatever is taken has the form that jwt.h promises; the whole way and the claims alone come to the same. */
#include "node/bearer.h"

#include "base/text.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW (INT64_C(1790000000) * PRL_SECOND)

/* Made for this; it signs nothing else. */
static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
				  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMIDsRr4oeEgDI0wS\n"
				  "jg7m9Bf9OaF/dW3P0sLKJy3q6CqhRANCAASUfG1evug0No4HYOM0ji3GJlMC4wJS\n"
				  "gwbRV+6IMv1Fz0Q7WjfTAKvWmmrJeNOSO8ubOgzDWzGkuBTutM0BkFar\n"
				  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElHxtXr7oNDaOB2DjNI4txiZTAuMC\n"
				 "UoMG0VfuiDL9Rc9EO1o30wCr1ppqyXjTkjvLmzoMw1sxpLgU7rTNAZBWqw==\n"
				 "-----END PUBLIC KEY-----\n";

static prl_bearer *bearer;
static EVP_PKEY *signer;
static prl_jwk_set *keys;
static prl_dss_options dss;
static const prl_jwt_rules rules = { &dss.issuers, &dss.audiences };

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void prepare(void)
{
	char path[] = "/tmp/parley-token-fuzz-XXXXXX";
	int fd = mkstemp(path);
	const size_t size = sizeof public_key - 1;
	check(fd >= 0 && write(fd, public_key, size) == (ssize_t)size && close(fd) == 0);
	check(!prl_dss_list_add(&dss.audiences, "dss.example", NULL));
	check(!prl_dss_options_add_key_file(&dss, path, NULL));
	prl_bearer_options options = { .dss = &dss };
	check(!prl_bearer_start(&options, &bearer, NULL));
	check(unlink(path) == 0);
	keys = prl_jwks_get(prl_bearer_jwks(bearer));
	BIO *bio = BIO_new_mem_buf(private_key, -1);
	signer = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	check(signer != NULL);
}

/* ---- what is promised of a caller -------------------------------------------------------------------------------- */

static void check_name(const char name[PRL_JWT_SUBJECT_MAX])
{
	size_t size = strnlen(name, PRL_JWT_SUBJECT_MAX);
	check(size > 0 && size < PRL_JWT_SUBJECT_MAX && prl_utf8_check((prl_bytes){ name, size }, false));
	check(!memchr(name, '\n', size));
}

static void check_caller(const prl_dss_caller *caller)
{
	check_name(caller->subject);
	check_name(caller->issuer);
	check(caller->expires > NOW && caller->expires <= NOW + (PRL_JWT_HOUR_S + PRL_JWT_SKEW_S) * PRL_SECOND);
	check(caller->scopes < 1u << PRL_SCOPE_COUNT);
}

static void check_status(prl_status status, const prl_dss_caller *caller, const prl_error *err)
{
	if (!status)
		check_caller(caller);
	else
		check((status == PRL_E_SIGNATURE || status == PRL_E_REFUSED) && err->status == status && err->text[0]);
}

/* ---- one kind of input each -------------------------------------------------------------------------------------- */

static void run_header(prl_bytes text)
{
	prl_dss_caller caller, again;
	prl_error err;
	prl_status status = prl_bearer_verify(bearer, text, NOW, &caller, &err);
	check_status(status, &caller, &err);
	check(prl_bearer_verify(bearer, text, NOW, &again, &err) == status); /* remembered or not */
	if (!status)
		check(strcmp(caller.subject, again.subject) == 0 && caller.scopes == again.scopes);
}

static prl_status run_claims(prl_bytes text, prl_dss_caller *ret)
{
	prl_error err;
	prl_status status = prl_jwt_claims(text, &rules, NOW, ret, &err);
	check_status(status, ret, &err);
	return status;
}

/* DER becomes r and s one after the other (RFC 7518 section 3.4). */
static void sign(const char *text, size_t size, uint8_t raw[64])
{
	uint8_t der[256];
	const uint8_t *at = der;
	size_t length = sizeof der;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	check(context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signer) == 1);
	check(EVP_DigestSign(context, der, &length, (const uint8_t *)text, size) == 1);
	EVP_MD_CTX_free(context);
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)length);
	check(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32) == 32 &&
	      BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32) == 32);
	ECDSA_SIG_free(signature);
}

static void run_signed(prl_bytes text)
{
	static const char head[] = "eyJhbGciOiJFUzI1NiJ9."; /* {"alg":"ES256"} */
	char token[PRL_MAX_TOKEN_BYTES + 1];
	uint8_t raw[64];
	if (!text.size || sizeof head + PRL_BASE64URL_SIZE(text.size) + 88 > sizeof token)
		return;
	memcpy(token, head, sizeof head);
	prl_base64url_write(text.data, text.size, token + sizeof head - 1);
	size_t size = strlen(token);
	sign(token, size, raw);
	token[size++] = '.';
	prl_base64url_write(raw, sizeof raw, token + size);
	prl_dss_caller caller, alone;
	prl_hash key;
	prl_error err;
	prl_status status = prl_jwt_verify(prl_bytes_of(token), keys, &rules, NOW, &caller, &key, &err);
	check_status(status, &caller, &err);
	check(run_claims(text, &alone) == status);
	if (!status)
		check(strcmp(caller.subject, alone.subject) == 0 && caller.expires == alone.expires &&
		      prl_jwk_set_has(keys, &key));
}

static void run_set(prl_bytes text, bool pem)
{
	prl_jwk_set *set = NULL;
	prl_jwks_read read = { 0 };
	prl_error err;
	check(!prl_jwk_set_new(&set, NULL));
	prl_status status =
		pem ? prl_jwk_set_add_pem(set, text, &err) : prl_jwk_set_add_jwks(set, text, NULL, &read, &err);
	check(set->count <= PRL_MAX_JWKS_KEYS && (status ? err.status == status : pem || set->count <= read.taken));
	prl_jwk_set_unref(set);
}

static void run_base64(prl_bytes text)
{
	uint8_t *bytes = malloc(text.size + 1);
	char *back = malloc(text.size + 2);
	size_t size;
	check(bytes && back);
	if (prl_base64url_read(text, bytes, text.size, &size)) {
		prl_base64url_write(bytes, size, back);
		check(prl_bytes_is(text, back)); /* one text a value */
	}
	free(bytes);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_dss_caller caller;
	if (!bearer)
		prepare();
	if (!size)
		return 0;
	/* Of its own, so that a read past the end is seen. */
	char *copy = malloc(size - 1 ? size - 1 : 1);
	check(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	prl_bytes text = { copy, size - 1 };
	switch (data[0]) {
	case 'H':
		run_header(text);
		break;
	case 'C':
		(void)run_claims(text, &caller);
		break;
	case 'S':
		run_signed(text);
		break;
	case 'J':
	case 'P':
		run_set(text, data[0] == 'P');
		break;
	default:
		run_base64(text);
	}
	free(copy);
	return 0;
}
