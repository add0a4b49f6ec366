/* Who calls the F3548 interface: the Authorization header, verified by jwt.h with the keys of jwks.h, and remembered.
 *
 * A token that was verified is kept by the SHA-256 of its bytes until it expires, so that a USS that calls a thousand
 * times costs one signature check and a thousand hashes. At most PRL_MAX_TOKENS_KEPT are kept; the longest unused of a
 * few gives way. Each remembers the key that signed it: once that key has left the trusted keys, the token is verified
 * again, whatever is kept of it.
 *
 * Any thread, any number of them: kept tokens lie under 64 locks, each held for some dozen nanoseconds. */
#ifndef PRL_NODE_BEARER_H
#define PRL_NODE_BEARER_H

#include "node/jwks.h"
#include "node/jwt.h"

typedef struct prl_bearer prl_bearer;

typedef struct prl_bearer_options {
	const prl_dss_options *dss; /* outlives the bearer; checked already (prl_dss_options_check()) */
	const char *folder;         /* of the node: where the key of development mode lies; may be NULL without it */
	prl_time (*boot)(void *clock_context); /* NULL: the machine's */
	void *clock_context;
	void (*say)(void *context, const char *line); /* may be NULL */
	void *context;
} prl_bearer_options;

/* Reads the key files, makes the key of development mode where it is asked for and not there yet, asks the address of
 * the key set once. Errors as prl_jwks_start(). */
PRL_MUST prl_status prl_bearer_start(const prl_bearer_options *options, prl_bearer **ret, prl_error *err);
/* After the last call of the functions below has returned. NULL is fine. */
void prl_bearer_stop(prl_bearer *bearer);

/* header: the value of Authorization, {NULL, 0} where there is none: "Bearer", in any case, and a
 * token. now: by the wall clock. PRL_E_SIGNATURE: 401; PRL_E_REFUSED: 403, the token has no scope at all;
 * PRL_E_MEMORY. The error says what is wrong and nothing of what stands in the header. */
PRL_MUST prl_status prl_bearer_verify(prl_bearer *bearer, prl_bytes header, prl_time now, prl_dss_caller *ret,
				      prl_error *err);
/* The HTTP status of a refusal: 401, 403, 500; 200 for PRL_OK. */
unsigned prl_bearer_http_status(prl_status status);

/* The keys behind it, for a refresh at once. */
prl_jwks *prl_bearer_jwks(prl_bearer *bearer);

/* Of the requests since the start; kept: tokens that are remembered now. */
typedef struct prl_bearer_figures {
	uint64_t remembered, verified, refused;
	size_t kept;
} prl_bearer_figures;
prl_bearer_figures prl_bearer_figures_now(prl_bearer *bearer);

#endif
