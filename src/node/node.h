/* A running node: one folder, one log, the mirrors of the peers' logs, one port.
 *
 * The folder (made by `parley init`):
 *   node.json          settings of this machine: listen, tls certificate and key, console log …
 *   record.db          the store
 *   snapshot           cache of the picture, made again when it is missing or stale
 *   constitution.note  entry 0, for reading
 *   keys/log.key, witness.key, mirror.key     the node's own keys (mode 0600), PRIVATE+KEY text
 *   keys/<name with / as %>.key               keys of roots, desks, consoles that were made here
 *   tls.crt, tls.key   the node's certificate
 *   dss-dev.pem        the key of development mode of the F3548 interface (dev_key.h)
 *   forks/             fork proofs, one file each
 *   restored           put back from a backup, and no peer has been heard since
 */
#ifndef PRL_NODE_NODE_H
#define PRL_NODE_NODE_H

#include "node/clerk.h"
#include "node/dss_options.h"

typedef struct prl_node prl_node;

typedef struct prl_node_options {
	const char *folder;
	const char *listen;  /* "127.0.0.1:8440", "[::1]:8440"; NULL: from node.json, else 127.0.0.1:8440 */
	bool alone;          /* append even when no peer answers */
	bool replay;         /* do not use the snapshot */
	prl_dss_options dss; /* the F3548 interface; zero: none */
	size_t queue_max;    /* filings that wait for the clerk (PRL_CLERK_QUEUE_MAX); 0: so many */
	void (*say)(void *context, const char *line); /* what a person should know, a line each; may be NULL */
	void (*progress)(void *context, const char *what, double share); /* long work; may be NULL */
	void *context;
	/* The two clocks (clock.h); NULL: the machine's. A scenario plays by a clock of its own. */
	prl_time (*wall)(void *clock_context), (*boot)(void *clock_context);
	void *clock_context;
} prl_node_options;

/* Opens the record, makes the picture, starts clerk, peers and HTTP. Serving beyond loopback without TLS is refused. */
PRL_MUST prl_status prl_node_start(const prl_node_options *options, prl_node **ret, prl_error *err);
/* "http://127.0.0.1:8440" */
const char *prl_node_address(const prl_node *node);
/* Answers what was taken, writes a snapshot, closes. */
void prl_node_stop(prl_node *node);

#endif
