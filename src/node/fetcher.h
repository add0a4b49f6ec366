/* Fetches the details of operational intents from the services that manage them (F3548-21,
 * getOperationalIntentDetails), for people of the parties: threads of its own, so that a service which does not answer
 * holds up nobody but those who asked for its intents. At most two calls at a time go to one address; whoever asks
 * while an address has just failed is told so without another call.
 *
 * Details are kept for a short while for the version of the intent that the registry has. They are not recorded:
 * entries are mirrored, and peers would read in them what a party is looking at; the service that is asked sees the
 * node's token. */
#ifndef PRL_NODE_FETCHER_H
#define PRL_NODE_FETCHER_H

#include "dss/uuid.h"
#include "node/own_token.h"
#include "node/uss_client.h"

#include <jansson.h>

#define PRL_FETCHER_THREADS  4u
#define PRL_FETCHER_WAITING  64u /* fetches that wait; more are refused */
#define PRL_FETCHER_KEEP_S   30  /* details of one version */
#define PRL_FETCHER_FAILED_S 5   /* that an address did not answer */
#define PRL_FETCHER_WHY_MAX  300

typedef struct prl_fetcher prl_fetcher;

typedef struct prl_fetcher_parts {
	prl_own_tokens *tokens;
	prl_uss_client *client;
	prl_time (*boot)(void *context); /* since boot (clock.h) */
	void *context;
} prl_fetcher_parts;

PRL_MUST prl_status prl_fetcher_start(const prl_fetcher_parts *parts, prl_fetcher **ret, prl_error *err);
/* All that wait are answered, and no more are taken; calls under way are broken off. Client and tokens take no more
 * after it. NULL is fine. */
void prl_fetcher_end(prl_fetcher *fetcher);
void prl_fetcher_free(prl_fetcher *fetcher); /* after the end; NULL is fine */

typedef struct prl_fetch {
	prl_uuid id;
	uint32_t version; /* of the intent in the registry */
	const char *url;  /* uss_base_url; lives until done() */
	/* Once, on any thread: details (dss/said.h), taken over, or NULL and why. */
	void (*done)(struct prl_fetch *fetch, json_t *details, const char *why);
	void *context;
	struct prl_fetch *next; /* the fetcher's */
} prl_fetch;

/* The fetch lives until done(). False: too many wait, or the fetcher has ended, and done() is not called. */
PRL_MUST bool prl_fetcher_get(prl_fetcher *fetcher, prl_fetch *fetch);

#endif
