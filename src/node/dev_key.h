/* Development mode of the F3548 interface: a key of the node's own that mints tokens and that the node trusts, so that
 * a USS can be tried against it without an issuer of tokens. Whoever can read the folder can be any USS; hence on
 * loopback only (prl_dss_options_check()). */
#ifndef PRL_NODE_DEV_KEY_H
#define PRL_NODE_DEV_KEY_H

#include "base/memory.h"
#include "node/jwk.h"

#define PRL_DEV_KEY_FILE   "dss-dev.pem" /* in the node's folder: RSA of 2,048 bits, PKCS #8, mode 0600 */
#define PRL_DEV_KEY_ISSUER "parley-dev"

typedef struct prl_dev_key prl_dev_key;

/* Reads the key of the folder; makes it where there is none, in whichever of several processes is first. PRL_E_REFUSED
 * when others could read it, PRL_E_UNSUPPORTED for what is no such key, PRL_E_IO. */
PRL_MUST prl_status prl_dev_key_open(const char *folder, prl_dev_key **ret, prl_error *err);
void prl_dev_key_free(prl_dev_key *key); /* NULL is fine */

/* Adds the public half to a set. */
PRL_MUST prl_status prl_dev_key_add(const prl_dev_key *key, prl_jwk_set *set, prl_error *err);
/* The public half as PEM, for others that should take the same tokens. */
PRL_MUST prl_status prl_dev_key_public(const prl_dev_key *key, prl_buffer *ret, prl_error *err);

typedef struct prl_dev_claims {
	const char *subject, *scope; /* scope: names with spaces between */
	const char *issuer;          /* NULL: PRL_DEV_KEY_ISSUER */
	prl_dss_list audiences;      /* one: a text, several: a list */
	int64_t seconds;             /* until it expires */
} prl_dev_claims;

/* A token by RS256, to be freed. */
PRL_MUST prl_status prl_dev_key_mint(const prl_dev_key *key, const prl_dev_claims *claims, prl_time now,
				     char **ret_token, prl_error *err);

#endif
