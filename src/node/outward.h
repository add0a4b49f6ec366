/* The node's side towards drone traffic services, for a node that serves an F3548 region: its own tokens, calls to
 * services (uss_client.h), the notifier and the fetcher, started and ended together. */
#ifndef PRL_NODE_OUTWARD_H
#define PRL_NODE_OUTWARD_H

#include "node/dss_options.h"
#include "node/fetcher.h"
#include "node/notifier.h"
#include "node/readers.h"
#include "record/ledger.h"

typedef struct prl_outward prl_outward;

/* All of it outlives the outward side. */
typedef struct prl_outward_parts {
	const prl_dss_options *dss;
	const char *folder, *uss_id; /* of the node; uss_id: its name as a service */
	prl_picture *picture;
	prl_ledger *own;
	prl_clerk *clerk;
	prl_readers *readers;
	bool (*open)(void *context); /* whether the node takes entries by now */
	prl_time (*now)(void *context), (*boot)(void *context);
	void (*say)(void *context, const char *line);
	void *context;
} prl_outward_parts;

/* Errors of prl_own_tokens_new(), PRL_E_MEMORY. */
PRL_MUST prl_status prl_outward_start(const prl_outward_parts *parts, prl_outward **ret, prl_error *err);
prl_fetcher *prl_outward_fetcher(prl_outward *outward);
prl_notifier *prl_outward_notifier(prl_outward *outward);
/* Before the server is stopped, which waits for what was asked: all that wait for a service are answered. */
void prl_outward_end(prl_outward *outward);
/* Once nobody can ask any more; before the clerk is stopped. NULL is fine, here and above. */
void prl_outward_free(prl_outward *outward);

#endif
