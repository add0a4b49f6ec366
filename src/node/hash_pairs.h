/* Pairs of hashes, looked up by the first of them: a key may stand in many, a pair once. The keys are hashes of what
 * others wrote, and hashing is what keeps them apart; who makes them fall together has broken SHA-256. */
#ifndef PRL_NODE_HASH_PAIRS_H
#define PRL_NODE_HASH_PAIRS_H

#include "base/hash.h"

typedef struct prl_hash_pair {
	prl_hash key, value;
} prl_hash_pair;

/* Zero-initialise. */
typedef struct prl_hash_pairs {
	prl_hash_pair *slots; /* room of them */
	bool *used;
	size_t room, count; /* room: 0 or a power of two, at least twice count */
} prl_hash_pairs;

void prl_hash_pairs_done(prl_hash_pairs *pairs);

/* false: out of memory, nothing is changed. */
PRL_MUST bool prl_hash_pairs_add(prl_hash_pairs *pairs, const prl_hash *key, const prl_hash *value);
bool prl_hash_pairs_has(const prl_hash_pairs *pairs, const prl_hash *key);
/* Removes one of that key; false: there is none. */
bool prl_hash_pairs_take(prl_hash_pairs *pairs, const prl_hash *key, prl_hash *ret_value);

#endif
