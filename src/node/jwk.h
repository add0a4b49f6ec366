/* A public key that tokens are verified with, and sets of them: from PEM files and from JSON Web Key Sets (RFC 7517).
 *
 * RSA of 2,048 to 8,192 bits with a public exponent of at most 64 bits (RFC 7518 section 3.3; larger ones cost too much
 * for whoever sends a token), and EC P-256. The type of the key decides what it may verify: RSA the algorithms RS256 to
 * PS512, P-256 ES256; a JWK's "alg" narrows that to one. What else stands in a JWK (x5c, x5u, private members) is not
 * looked at. Keys and sets do not change once they are made, so any thread may use them. */
#ifndef PRL_NODE_JWK_H
#define PRL_NODE_JWK_H

#include "base/limits.h"
#include "node/dss_options.h"

#include <cjose/jwk.h>
#include <stdatomic.h>

#define PRL_JWK_KID_MAX 256u /* bytes of a key's id, the 0 included */

/** X(name, type of key) */
#define PRL_JWT_ALG_MAP(X)                                                                                             \
	X(RS256, RSA) X(RS384, RSA) X(RS512, RSA) X(PS256, RSA) X(PS384, RSA) X(PS512, RSA) X(ES256, P256)

typedef enum prl_jwk_type { PRL_JWK_RSA, PRL_JWK_P256 } prl_jwk_type;

typedef enum prl_jwt_alg {
#define X(name, type) PRL_JWT_##name,
	PRL_JWT_ALG_MAP(X)
#undef X
		PRL_JWT_ALG_COUNT
} prl_jwt_alg;

/* False for every other name, HS256 and none among them. */
bool prl_jwt_alg_read(const char *name, prl_jwt_alg *ret);
const char *prl_jwt_alg_name(prl_jwt_alg alg);

typedef struct prl_jwk prl_jwk;

/* SHA-256 over the key and what narrows its use (kid, alg): two keys with the same id verify the same tokens. */
const prl_hash *prl_jwk_id(const prl_jwk *key);
/* A key that has an id of its own is passed over where the token names another (kid NULL: none). One without an id, as
 * those of PEM files are, is tried with every token. */
bool prl_jwk_fits(const prl_jwk *key, prl_jwt_alg alg, const char *kid);

/* ---- sets -------------------------------------------------------------------------------------------------------- */

typedef struct prl_jwk_set {
	atomic_uint refs;
	size_t count;
	prl_jwk *keys[PRL_MAX_JWKS_KEYS];
} prl_jwk_set;

PRL_MUST prl_status prl_jwk_set_new(prl_jwk_set **ret, prl_error *err);
prl_jwk_set *prl_jwk_set_ref(prl_jwk_set *set);
void prl_jwk_set_unref(prl_jwk_set *set); /* NULL is fine */
bool prl_jwk_set_has(const prl_jwk_set *set, const prl_hash *id);

/* While a set is being made, by one thread: */

/* The keys of another set. PRL_E_TOO_LARGE for more than PRL_MAX_JWKS_KEYS in all; equal keys count once. */
PRL_MUST prl_status prl_jwk_set_add_all(prl_jwk_set *set, const prl_jwk_set *other, prl_error *err);
/* Every PUBLIC KEY of a PEM text. PRL_E_NOT_FOUND where there is none, PRL_E_UNSUPPORTED for a private key, another
 * type, an RSA key outside the bounds above. */
PRL_MUST prl_status prl_jwk_set_add_pem(prl_jwk_set *set, prl_bytes pem, prl_error *err);

/* What became of a key set document. */
typedef struct prl_jwks_read {
	size_t taken, passed_over; /* keys that were not asked for are neither */
	prl_bytes missing;         /* one of the kids asked for that no usable key has; .data NULL: none */
} prl_jwks_read;

/* The keys of a JSON Web Key Set whose kid is in kids (none: all). Keys of another type, use, operation or algorithm,
 * and those that are broken, are passed over (RFC 7517 section 5). PRL_E_SYNTAX for what is no set, PRL_E_TOO_LARGE for
 * more than PRL_MAX_JWKS_BYTES, PRL_MAX_JWKS_LISTED or PRL_MAX_JWKS_KEYS. */
PRL_MUST prl_status prl_jwk_set_add_jwks(prl_jwk_set *set, prl_bytes text, const prl_dss_list *kids, prl_jwks_read *ret,
					 prl_error *err);

/* For the signature check alone (jwt.c): the key as cjose has it. */
const cjose_jwk_t *prl_jwk_cjose(const prl_jwk *key);

#endif
