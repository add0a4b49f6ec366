/* Notices of the line as constraints of the node's own, inside the clerk: after it has applied what changes a notice,
 * drone traffic services get to see that in the same batch. The clerk's thread only.
 *
 * Shown is a live notice of mode REAL, of any party of the line, whose filer said so (notice.h, "uss"); what is shown
 * is its volumes (dss/volumes.h) and with "full" its kind. It is an F3548 constraint reference like any other, but
 *   its id is made from the notice's (prl_notice_constraint_id()), its manager is the node, no request changes it;
 *   a new version is recorded when what is shown is another thing, not when the notice says other words;
 *   it is deleted when the notice is cancelled, ended, or no longer to be shown; when the notice runs out it has ended
 *   as every constraint that runs out.
 * A notice that cannot be shown is recorded as that (constraint.unshown), so that its owner's desks ring, wherever.
 *
 * The bridge keeps nothing of its own: what stands is in the picture, what ought to stand follows from it. After a
 * start, a write that failed and an amendment of the constitution (theatre, ground, air) all of it is compared again;
 * otherwise what was touched. Where nothing was touched that costs nothing. */
#ifndef PRL_NODE_BRIDGE_H
#define PRL_NODE_BRIDGE_H

#include "node/clerk.h"

typedef struct prl_bridge prl_bridge;

PRL_MUST prl_status prl_bridge_new(prl_bridge **ret, prl_error *err);
void prl_bridge_free(prl_bridge *bridge);

/* Before it is opened: what the node is called, where it is reached. */
void prl_bridge_name(prl_bridge *bridge, const char *uss_id, const char *base_url);
/* From here on notices are shown, those too that are there already. */
void prl_bridge_open(prl_bridge *bridge);

/* A notice was filed, changed or is over. */
PRL_MUST prl_status prl_bridge_touch(prl_bridge *bridge, const prl_hash *notice, prl_error *err);
/* Records what follows. PRL_E_MEMORY breaks the batch; a notice is never refused because it cannot be shown. */
PRL_MUST prl_status prl_bridge_settle(prl_clerk *clerk, prl_error *err);
void prl_bridge_rolled_back(prl_bridge *bridge); /* the picture is what the disk has */

#endif
