/**
 * @file tokens.h
 * Keys and tokens of the F3548 interface as issuers make them, and as nobody should.
 *
 *     token_key *key = token_key_rsa(2048);
 *     char *token = token_make(key, "RS256", NULL, "{\"iss\":\"i\", …}");
 */
#ifndef TESTS_SUPPORT_TOKENS_H
#define TESTS_SUPPORT_TOKENS_H

#include <parley/base.h>

#include <jansson.h>

typedef struct token_key token_key;

token_key *token_key_rsa(unsigned bits);
token_key *token_key_ec(const char *curve); /**< "P-256", "P-384" */
void token_key_free(token_key *key);

/** To be freed. */
char *token_key_public(const token_key *key);
char *token_key_private(const token_key *key);
/** Writes the public half; several are appended one after the other. */
void token_key_save(const token_key *key, const char *path);
/** {"kty", …}; kid and alg NULL: without. */
json_t *token_key_jwk(const token_key *key, const char *kid, const char *alg);
/** {"keys": […]} of a key each, kids "k0" … or without; text to be freed. */
char *token_jwks(token_key *const *keys, size_t count, bool kids);

/** A token with these bytes as its parts, signed as alg says ("RS256" … "ES256"; "HS256": by the bytes of `secret`;
 * "none": an empty signature). head NULL: {"alg": alg, "typ": "JWT"}. To be freed. */
char *token_make(const token_key *key, const char *alg, const char *head, const char *claims);
char *token_make_hmac(const char *secret, const char *head, const char *claims);

/** Claims that are taken at `now` for the audience "dss.example" (sub uss1, iss issuer.example, scope
 * utm.strategic_coordination, exp in 30 min), with the member `name` replaced by the JSON text `value`, or taken away
 * where that is NULL; name NULL: as they are. To be freed. */
char *token_claims(prl_time now, const char *name, const char *value);

#endif
