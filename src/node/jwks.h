/* The keys that tokens are verified with, kept up to date: PEM files, read once, and a JSON Web Key Set at an address,
 * fetched every minute by a thread of its own.
 *
 * What the address says holds at once: a key that it no longer lists verifies nothing any more, a set without keys
 * leaves none. An address that does not answer, answers something else than 200, or something that is no key set or is
 * too large, changes nothing for PRL_JWKS_KEEP_S after the last good answer; then its keys are dropped until it answers
 * again. Meanwhile it is asked more often: after 1 s, 2, 4 … up to a minute.
 *
 * A token that names a key which is not known here may be of one that the address has had for less than a minute: it is
 * asked at once (prl_jwks_want()), at most every PRL_JWKS_EARLY_S, whoever sends such tokens and however many. The
 * token is refused meanwhile; nobody waits for an answer.
 *
 * https is verified with the machine's certificates; http only on loopback, since whoever could change the answer could
 * sign any token. Redirects and proxies are not followed. */
#ifndef PRL_NODE_JWKS_H
#define PRL_NODE_JWKS_H

#include "node/jwk.h"

#define PRL_JWKS_REFRESH_S 60
#define PRL_JWKS_KEEP_S    3600
#define PRL_JWKS_EARLY_S   5
#define PRL_JWKS_URL_MAX   2048 /* bytes of the address, the 0 included */

typedef struct prl_jwks prl_jwks;

typedef struct prl_jwks_options {
	const prl_dss_options *dss;               /* key files, address, kids; outlives the keys */
	const prl_jwk_set *more;                  /* further keys that always hold; NULL: none */
	unsigned refresh_ms, retry_ms, answer_ms; /* 0: a minute, 1 s, 10 s for an answer to be whole */
	unsigned early_ms;                        /* 0: PRL_JWKS_EARLY_S */
	const char *ca_file;                   /* PEM: whose certificates are trusted for https; NULL: the machine's */
	prl_time keep;                         /* 0: PRL_JWKS_KEEP_S */
	prl_time (*boot)(void *clock_context); /* time since boot (clock.h); NULL: the machine's */
	void *clock_context;
	void (*say)(void *context,
		    const char *line); /* an address that fails, and when it is well again; may be NULL */
	void *context;
} prl_jwks_options;

/* Reads the files and asks the address once; that it does not answer is said and no failure. PRL_E_SYNTAX or
 * PRL_E_REFUSED for an address that will never do; for a file, named, PRL_E_SYNTAX (also where there is none),
 * PRL_E_UNSUPPORTED, PRL_E_TOO_LARGE, PRL_E_IO. */
PRL_MUST prl_status prl_jwks_start(const prl_jwks_options *options, prl_jwks **ret, prl_error *err);
void prl_jwks_stop(prl_jwks *jwks); /* NULL is fine */

/* The keys now; to be unreferenced. Any thread. */
prl_jwk_set *prl_jwks_get(prl_jwks *jwks);
/* Another number whenever the keys have changed; read it before the keys. From 1. */
uint64_t prl_jwks_generation(prl_jwks *jwks);
/* A token names this key, which is not in the set. Any thread; waits for nothing. */
void prl_jwks_want(prl_jwks *jwks, const char *kid);
/* Asks the address now and waits for what comes of it. PRL_OK where there is none. */
PRL_MUST prl_status prl_jwks_refresh(prl_jwks *jwks, prl_error *err);

#endif
