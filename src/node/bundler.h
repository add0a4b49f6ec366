/* Raises bundles: when a truce or the channel was declared ended, what the parties hosted here have notified to protect
 * people is raised once more, together (line/bundle.h). Which and why is decided by the published picture and recorded
 * by the clerk as the node's own entry; a refusal is looked at again a second later. */
#ifndef PRL_NODE_BUNDLER_H
#define PRL_NODE_BUNDLER_H

#include "node/clerk.h"

/* Looks once, and records what is due; called about once a second from one thread, never the committer's. Waits for the
 * clerk where there is something. */
PRL_MUST prl_status prl_bundler_look(prl_picture *picture, prl_clerk *clerk, prl_time now, prl_error *err);

#endif
