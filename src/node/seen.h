/* A peer's entries enter the picture: one after the other, those that the fold refuses set down with the reason. The
 * clerk records the faults; a replay compares them with what was recorded. */
#ifndef PRL_NODE_SEEN_H
#define PRL_NODE_SEEN_H

#include "base/limits.h"
#include "picture/picture.h"

#define PRL_FAULT_REASON_MAX 400

typedef struct prl_fault {
	uint64_t index;
	prl_hash hash;                     /* SHA-256 of the entry */
	char reason[PRL_FAULT_REASON_MAX]; /* UTF-8 without control characters */
} prl_fault;

typedef struct prl_seen {
	prl_picture *picture;
	const char *log;
	size_t count;         /* faults set down, at most PRL_MAX_FAULTS_A_BATCH */
	uint64_t more;        /* faults after those */
	prl_fault first_more; /* of those */
	uint64_t last_more;
	prl_fault faults[PRL_MAX_FAULTS_A_BATCH];
	prl_entry entry; /* scratch */
} prl_seen;

PRL_MUST prl_status prl_seen_new(prl_picture *picture, const char *log, prl_seen **ret, prl_error *err);
void prl_seen_free(prl_seen *seen);

/* Applies one entry, which our own peer.seen covers already. Not PRL_OK only when it could not be decided:
 * PRL_E_MEMORY, PRL_E_EARLY (prl_picture_apply()). Fits prl_store_entry_fn. */
prl_status prl_seen_apply(void *seen, uint64_t index, prl_bytes bytes, prl_error *err);

/* Whether an entry only says what was received; such entries never cause a peer.seen. */
bool prl_seen_receipt(const prl_picture *picture, prl_bytes entry);

#endif
