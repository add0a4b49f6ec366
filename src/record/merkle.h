/* What the makers and checkers of proofs share beyond include/parley/record.h. */
#ifndef PRL_RECORD_MERKLE_H
#define PRL_RECORD_MERKLE_H

#include <parley/record.h>

#define PRL_TREE_MAX (UINT64_C(1) << 63) /* trees have fewer entries than this */

/* The two roots that a consistency path leads to, by the algorithm of RFC 9162 section 2.1.4.2 (steps 3 to 6): seed is
 * the complete subtree that ends at old_size, the largest one that does; path what follows. False where the path is too
 * short or too long for these sizes. 0 < old_size < new_size. */
bool prl_consistency_roots(uint64_t old_size, uint64_t new_size, const prl_hash *seed, const prl_hash *path,
			   size_t count, prl_hash *ret_old, prl_hash *ret_new);

/* Root of the leaves [begin, end): begin is a multiple of the least power of two that is not below end - begin > 0, so
 * that the range is one node of the tree. */
PRL_MUST prl_status prl_tree_range(uint64_t begin, uint64_t end, prl_subtree_fn *subtree, void *context, prl_hash *ret,
				   prl_error *err);

#endif
