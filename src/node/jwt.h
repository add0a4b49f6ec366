/* One JSON Web Token (RFC 7519) as the F3548 interface takes it: a JWS in compact form, signed by a trusted key.
 *
 * Refused whatever the signature says: another algorithm than those of jwk.h (HS256, none …), "crit" and "b64" (RFC
 * 7515 section 4.1.11: what is not understood), members that stand twice, base64url with padding or with bits left
 * over, more than PRL_MAX_TOKEN_BYTES. What a header says of keys (jwk, jku, x5u, x5c) is not looked at; "kid" chooses
 * among the trusted keys.
 *
 * Claims: "sub" and "iss" are texts of 1 to 255 bytes without control characters, since they stand in the record. "exp"
 * is there, lies ahead, and by an hour and PRL_JWT_SKEW_S at most; "nbf" and "iat", where they are there, are over, or
 * will be within PRL_JWT_EARLY_S (the clock of whoever minted the token may be a little ahead of ours). "aud" is a text
 * or a list of texts, one of them ours. "scope" is one text of names with spaces between; unknown ones are passed over.
 *
 * An error says what is wrong and what was expected, and nothing of what stands in the token. */
#ifndef PRL_NODE_JWT_H
#define PRL_NODE_JWT_H

#include "node/jwk.h"

#define PRL_JWT_HOUR_S      3600 /* "exp" at most so far ahead … */
#define PRL_JWT_SKEW_S      60   /* … and this much for the clocks */
#define PRL_JWT_EARLY_S     10   /* "nbf" and "iat" at most so far ahead */
#define PRL_JWT_SUBJECT_MAX 256  /* bytes of sub and of iss, the 0 included */

/** X(name, text) in the order of the bits */
#define PRL_SCOPE_MAP(X)                                                                                               \
	X(STRATEGIC_COORDINATION, "utm.strategic_coordination")                                                        \
	X(CONFORMANCE_MONITORING_SA, "utm.conformance_monitoring_sa")                                                  \
	X(CONSTRAINT_MANAGEMENT, "utm.constraint_management")                                                          \
	X(CONSTRAINT_PROCESSING, "utm.constraint_processing")                                                          \
	X(AVAILABILITY_ARBITRATION, "utm.availability_arbitration")                                                    \
	X(READ_SERVICE_AREAS, "dss.read.identification_service_areas")                                                 \
	X(WRITE_SERVICE_AREAS, "dss.write.identification_service_areas")                                               \
	X(POOL_STATUS_READ, "interuss.pool_status.read")                                                               \
	X(READ_SYSTEM_VERSIONS, "interuss.versioning.read_system_versions")

enum prl_scope_bit {
#define X(name, text) PRL_SCOPE_BIT_##name,
	PRL_SCOPE_MAP(X)
#undef X
		PRL_SCOPE_COUNT
};

/* PRL_SCOPE_STRATEGIC_COORDINATION … */
enum prl_scope {
#define X(name, text) PRL_SCOPE_##name = 1u << PRL_SCOPE_BIT_##name,
	PRL_SCOPE_MAP(X)
#undef X
};

/* 0 where it is none that parley knows. */
uint32_t prl_scope_read(prl_bytes name);
const char *prl_scope_text(uint32_t scope); /* of one bit */

/* Who calls the F3548 interface. */
typedef struct prl_dss_caller {
	char subject[PRL_JWT_SUBJECT_MAX]; /* "sub": the manager or owner of what it writes */
	char issuer[PRL_JWT_SUBJECT_MAX];
	uint32_t scopes; /* bits of enum prl_scope */
	prl_time expires;
} prl_dss_caller;

typedef struct prl_jwt_rules {
	const prl_dss_list *issuers;   /* none in it: any */
	const prl_dss_list *audiences; /* none in it: every token is refused */
} prl_jwt_rules;

/* Verifies a token at this moment with the keys of the set; *ret_key is the id of the key that did (prl_jwk_id()).
 * PRL_E_SIGNATURE (HTTP 401) whatever is wrong with it but PRL_E_REFUSED (403): all holds, but it has no scope.
 * PRL_E_MEMORY. */
PRL_MUST prl_status prl_jwt_verify(prl_bytes token, const prl_jwk_set *keys, const prl_jwt_rules *rules, prl_time now,
				   prl_dss_caller *ret, prl_hash *ret_key, prl_error *err);

/* Whether the token names a key ("kid") of which the set has none: its keys may be newer. Looks at the header alone. */
bool prl_jwt_names_unknown(prl_bytes token, const prl_jwk_set *keys, char ret_kid[PRL_JWK_KID_MAX]);

/* The claims alone, the JSON of the token's second part: what prl_jwt_verify() does once the signature holds. */
PRL_MUST prl_status prl_jwt_claims(prl_bytes json, const prl_jwt_rules *rules, prl_time now, prl_dss_caller *ret,
				   prl_error *err);

#endif
