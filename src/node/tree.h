/* The tree of a log with entries that are not in it yet: for frontiers, and for proofs across what is held and what was
 * just brought. */
#ifndef PRL_NODE_TREE_H
#define PRL_NODE_TREE_H

#include "record/ledger.h"

typedef struct prl_tree {
	prl_ledger *ledger;
	prl_store_reader *reader;
	uint64_t held;          /* as published */
	const prl_hash *leaves; /* of the entries after those */
	size_t count;
} prl_tree;

/* A prl_subtree_fn; context is a prl_tree. */
prl_status prl_tree_subtree(void *tree, unsigned level, uint64_t index, prl_hash *ret, prl_error *err);

/* The right edge of the published tree. */
PRL_MUST prl_status prl_tree_frontier(prl_ledger *ledger, prl_store_reader *reader, prl_frontier *ret, prl_error *err);

#endif
