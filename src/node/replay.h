/* The picture from the record: our own log in order; where it says peer.seen, then the entries of that peer's log that
 * count from there on. What the peers' entries are refused for is worked out again and must be what was recorded. */
#ifndef PRL_NODE_REPLAY_H
#define PRL_NODE_REPLAY_H

#include "picture/picture.h"
#include "record/ledger.h"

typedef struct prl_replay {
	prl_picture *picture;
	prl_ledger *own;
	prl_ledger *const *peers; /* mirrors */
	size_t peer_count;
	uint64_t from;                                 /* entries of our own log that the picture holds already */
	void (*say)(void *context, const char *line);  /* what a person should know; may be NULL */
	void (*progress)(void *context, double share); /* 0 to 1; may be NULL */
	void *context;
} prl_replay;

/* Applies [from, size) and publishes. PRL_E_IO naming the index where our own log holds what the fold refuses, or a
 * mirror lacks what was seen of it: such a record is damaged, or was written by a newer parley. */
PRL_MUST prl_status prl_replay_run(const prl_replay *replay, prl_store_reader *reader, prl_error *err);

#endif
