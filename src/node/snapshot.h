/* Writes the picture to the snapshot file now and then, on a thread of low priority, from a pinned version: the clerk
 * never waits for it. A snapshot that cannot be written costs a longer start and nothing else. */
#ifndef PRL_NODE_SNAPSHOT_H
#define PRL_NODE_SNAPSHOT_H

#include "picture/picture.h"
#include "record/ledger.h"

#define PRL_SNAPSHOT_EVERY 100000u /* entries of our own log */

typedef struct prl_snapshots prl_snapshots;

/* size: of our own log at the snapshot that was loaded or 0. failed may be NULL: called on the writer's thread. */
PRL_MUST prl_status prl_snapshots_start(prl_picture *picture, prl_ledger *own, const char *path, uint64_t size,
					uint64_t every, void (*failed)(void *context, const prl_error *err),
					void *context, prl_snapshots **ret, prl_error *err);

/* On the thread that publishes, after every batch (prl_clerk_parts.grown): there ledger and picture agree. */
void prl_snapshots_grown(prl_snapshots *snapshots);

/* Ends the thread and writes what is newer than the last snapshot; nothing may be published any more. NULL is fine. */
PRL_MUST prl_status prl_snapshots_stop(prl_snapshots *snapshots, prl_error *err);

#endif
