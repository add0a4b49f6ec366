/* Long lists of the F3548 interface, made on a thread of their own: a subscription over very many intents is answered
 * with all of them, and neither the clerk nor the committer, for whom everybody waits, is to write 10 MB of JSON
 * meanwhile.
 *
 * What is in a list stands in the version that `look` has pinned, however long it waits here. One list after the other:
 * who asks for a very long one waits for others who do, and nobody else waits for any of them. */
#ifndef PRL_NODE_DSS_LISTS_H
#define PRL_NODE_DSS_LISTS_H

#include "dss/decide.h"

typedef struct prl_dss_lists prl_dss_lists;

/* A list to be made; the caller's until it is added, and again when done() is called. */
typedef struct prl_dss_listing {
	prl_look look; /* pinned; unpinned when the list is made */
	const prl_dss_request *request;
	prl_buffer answer; /* for done() to take; whole false: there was no memory for it */
	void (*done)(struct prl_dss_listing *list, bool whole);
	struct prl_dss_listing *next;
} prl_dss_listing;

PRL_MUST prl_status prl_dss_lists_start(prl_dss_lists **ret, prl_error *err);
/* Makes what was added, then ends; nothing may be added any more. NULL is fine. */
void prl_dss_lists_stop(prl_dss_lists *lists);
/* Any thread; costs a lock held for a moment. */
void prl_dss_lists_add(prl_dss_lists *lists, prl_dss_listing *list);

#endif
