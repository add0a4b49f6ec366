/* Merkle trees as in RFC 6962 section 2.1 (the same trees as in RFC 9162 section 2.1), SHA-256.
 *
 * A node of level l and index i covers the leaves [i·2^l, (i+1)·2^l) as far as the tree goes. In a tree of n > 0 leaves
 * the last node of level l is (n-1) >> l; those before it are complete, and it is the ragged one, whose hash is that of
 * its complete subtrees folded from the right (split at the largest power of two below its count, again and again). */
#include "record/merkle.h"

#include "base/error.h"
#include "base/hash.h"

#include <string.h>

prl_hash prl_leaf_hash(prl_bytes entry)
{
	prl_bytes pieces[] = { { "\0", 1 }, entry };
	return prl_sha256_pieces(pieces, 2);
}

prl_hash prl_node_hash(const prl_hash *left, const prl_hash *right)
{
	uint8_t bytes[1 + 2 * sizeof(prl_hash)];
	bytes[0] = 1;
	memcpy(bytes + 1, left->bytes, sizeof left->bytes);
	memcpy(bytes + 1 + sizeof left->bytes, right->bytes, sizeof right->bytes);
	return prl_sha256(bytes, sizeof bytes);
}

prl_hash prl_empty_root(void)
{
	return prl_sha256("", 0);
}

/* ---- frontier ------------------------------------------------------------------------------------------------ */

void prl_frontier_append(prl_frontier *frontier, const prl_hash *leaf)
{
	prl_hash hash = *leaf;
	unsigned level = 0;
	for (uint64_t size = frontier->size; size & 1; size >>= 1, level++)
		hash = prl_node_hash(&frontier->peaks[level], &hash);
	frontier->peaks[level] = hash;
	frontier->size++;
}

prl_hash prl_frontier_root(const prl_frontier *frontier)
{
	if (!frontier->size)
		return prl_empty_root();
	unsigned level = (unsigned)__builtin_ctzll(frontier->size);
	prl_hash hash = frontier->peaks[level];
	while (++level < 64)
		if (frontier->size >> level & 1)
			hash = prl_node_hash(&frontier->peaks[level], &hash);
	return hash;
}

/* ---- making proofs --------------------------------------------------------------------------------------------- */

prl_status prl_tree_range(uint64_t begin, uint64_t end, prl_subtree_fn *subtree, void *context, prl_hash *ret,
			  prl_error *err)
{
	prl_hash right, left;
	bool first = true;
	for (uint64_t rest = end - begin; rest; rest &= rest - 1) {
		unsigned level = (unsigned)__builtin_ctzll(rest);
		end -= UINT64_C(1) << level;
		prl_status status = subtree(context, level, end >> level, &left, err);
		if (status)
			return status;
		right = first ? left : prl_node_hash(&left, &right);
		first = false;
	}
	*ret = right;
	return PRL_OK;
}

static prl_status too_large(uint64_t size, prl_error *err)
{
	return prl_error_set(err, PRL_E_RANGE, "a tree of %llu entries, expected fewer than 2^63",
			     (unsigned long long)size);
}

prl_status prl_tree_root(uint64_t size, prl_subtree_fn *subtree, void *context, prl_hash *ret, prl_error *err)
{
	if (size >= PRL_TREE_MAX)
		return too_large(size, err);
	if (size)
		return prl_tree_range(0, size, subtree, context, ret, err);
	*ret = prl_empty_root();
	return PRL_OK;
}

/* Appends the siblings of the node, from its own level up to the root's children (RFC 6962 sections 2.1.1, 2.1.2). */
static prl_status climb(unsigned level, uint64_t index, uint64_t size, prl_subtree_fn *subtree, void *context,
			prl_proof *proof, prl_error *err)
{
	for (uint64_t last = (size - 1) >> level; last; last >>= 1, index >>= 1, level++) {
		uint64_t sibling = index ^ 1;
		if (sibling > last)
			continue;
		prl_hash *ret = &proof->hashes[proof->count];
		prl_status status = sibling < last ? subtree(context, level, sibling, ret, err)
						   : prl_tree_range(sibling << level, size, subtree, context, ret, err);
		if (status)
			return status;
		proof->count++;
	}
	return PRL_OK;
}

prl_status prl_inclusion_prove(uint64_t index, uint64_t size, prl_subtree_fn *subtree, void *context, prl_proof *ret,
			       prl_error *err)
{
	if (size >= PRL_TREE_MAX)
		return too_large(size, err);
	if (index >= size)
		return prl_error_set(err, PRL_E_RANGE, "index %llu is outside a tree of %llu entries",
				     (unsigned long long)index, (unsigned long long)size);
	prl_proof proof = { 0 };
	prl_status status = climb(0, index, size, subtree, context, &proof, err);
	if (!status)
		*ret = proof;
	return status;
}

/* with_seed: the path begins with the subtree that ends at old_size also where it is all of the older tree. */
static prl_status consistency_path(uint64_t old_size, uint64_t new_size, bool with_seed, prl_subtree_fn *subtree,
				   void *context, prl_proof *ret, prl_error *err)
{
	if (new_size >= PRL_TREE_MAX)
		return too_large(new_size, err);
	if (old_size > new_size)
		return prl_error_set(err, PRL_E_RANGE, "old size %llu is above the new size %llu",
				     (unsigned long long)old_size, (unsigned long long)new_size);
	prl_proof proof = { 0 };
	prl_status status = PRL_OK;
	if (old_size && old_size < new_size) {
		unsigned level = (unsigned)__builtin_ctzll(old_size);
		uint64_t index = (old_size >> level) - 1;
		if (index || with_seed) {
			status = subtree(context, level, index, &proof.hashes[0], err);
			proof.count = 1;
		}
		if (!status)
			status = climb(level, index, new_size, subtree, context, &proof, err);
	}
	if (!status)
		*ret = proof;
	return status;
}

prl_status prl_consistency_prove(uint64_t old_size, uint64_t new_size, prl_subtree_fn *subtree, void *context,
				 prl_proof *ret, prl_error *err)
{
	return consistency_path(old_size, new_size, false, subtree, context, ret, err);
}

prl_status prl_fork_prove(uint64_t old_size, uint64_t new_size, prl_subtree_fn *subtree, void *context, prl_proof *ret,
			  prl_error *err)
{
	return consistency_path(old_size, new_size, true, subtree, context, ret, err);
}

/* ---- checking proofs ------------------------------------------------------------------------------------------- */

/* Where a path has got to: the node's index fn and the last index sn of its level (RFC 9162 names them so). */
typedef struct walk {
	uint64_t fn, sn;
} walk;

/* One hash further up; *ret_left: the hash stands to the left of the node. False where the path is too long. */
static bool walk_step(walk *at, bool *ret_left)
{
	if (!at->sn)
		return false;
	*ret_left = at->fn & 1 || at->fn == at->sn;
	if (*ret_left)
		while (!(at->fn & 1) && at->fn) {
			at->fn >>= 1;
			at->sn >>= 1;
		}
	at->fn >>= 1;
	at->sn >>= 1;
	return true;
}

/* RFC 9162 section 2.1.3.2; the clause's steps are numbered. */
prl_status prl_inclusion_verify(const prl_hash *leaf, uint64_t index, uint64_t size, const prl_proof *proof,
				const prl_hash *root, prl_error *err)
{
	if (index >= size) /* 1 */
		return prl_error_set(err, PRL_E_SIGNATURE, "index %llu is outside a tree of %llu entries",
				     (unsigned long long)index, (unsigned long long)size);
	walk at = { index, size - 1 }; /* 2 */
	prl_hash hash = *leaf;         /* 3 */
	for (size_t i = 0; i < proof->count && i < PRL_PROOF_MAX; i++) {
		bool left;
		if (!walk_step(&at, &left)) /* 4 */
			return prl_error_set(err, PRL_E_SIGNATURE, "inclusion proof of %zu hashes, expected %zu",
					     proof->count, i);
		hash = left ? prl_node_hash(&proof->hashes[i], &hash) : prl_node_hash(&hash, &proof->hashes[i]);
	}
	if (at.sn || proof->count > PRL_PROOF_MAX) /* 5 */
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "inclusion proof of %zu hashes does not fit a tree of %llu entries", proof->count,
				     (unsigned long long)size);
	if (!prl_hash_equal(&hash, root))
		return prl_error_set(err, PRL_E_SIGNATURE, "inclusion proof leads to another root");
	return PRL_OK;
}

bool prl_consistency_roots(uint64_t old_size, uint64_t new_size, const prl_hash *seed, const prl_hash *path,
			   size_t count, prl_hash *ret_old, prl_hash *ret_new)
{
	walk at = { old_size - 1, new_size - 1 }; /* 3 */
	while (at.fn & 1) {                       /* 4 */
		at.fn >>= 1;
		at.sn >>= 1;
	}
	prl_hash old = *seed, new = *seed; /* 5 */
	for (size_t i = 0; i < count; i++) {
		bool left;
		if (!walk_step(&at, &left)) /* 6 */
			return false;
		if (left)
			old = prl_node_hash(&path[i], &old);
		new = left ? prl_node_hash(&path[i], &new) : prl_node_hash(&new, &path[i]);
	}
	if (at.sn)
		return false;
	*ret_old = old;
	*ret_new = new;
	return true;
}

/* The cases that RFC 9162 leaves out: nothing before (tlog-witness wants an empty proof), and nothing new. */
static prl_status verify_without_path(uint64_t old_size, const prl_hash *old_root, uint64_t new_size,
				      const prl_hash *new_root, const prl_proof *proof, prl_error *err)
{
	prl_hash empty = prl_empty_root();
	if (proof->count)
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "consistency proof of %zu hashes from size %llu to %llu, expected none",
				     proof->count, (unsigned long long)old_size, (unsigned long long)new_size);
	if (!old_size && !prl_hash_equal(old_root, &empty))
		return prl_error_set(err, PRL_E_SIGNATURE, "the root of size 0 is not that of the empty tree");
	if (old_size == new_size && !prl_hash_equal(old_root, new_root))
		return prl_error_set(err, PRL_E_SIGNATURE, "two roots for the same size %llu",
				     (unsigned long long)old_size);
	return PRL_OK;
}

prl_status prl_consistency_verify(uint64_t old_size, const prl_hash *old_root, uint64_t new_size,
				  const prl_hash *new_root, const prl_proof *proof, prl_error *err)
{
	if (old_size > new_size)
		return prl_error_set(err, PRL_E_SIGNATURE, "old size %llu is above the new size %llu",
				     (unsigned long long)old_size, (unsigned long long)new_size);
	if (!old_size || old_size == new_size)
		return verify_without_path(old_size, old_root, new_size, new_root, proof, err);
	bool whole = !(old_size & (old_size - 1)); /* 2: then the older root is itself the first hash of the path */
	if (proof->count > PRL_PROOF_MAX || (!whole && !proof->count)) /* 1 */
		return prl_error_set(err, PRL_E_SIGNATURE, "consistency proof of %zu hashes", proof->count);
	prl_hash old, new;
	if (!prl_consistency_roots(old_size, new_size, whole ? old_root : &proof->hashes[0],
				   proof->hashes + (whole ? 0 : 1), proof->count - (whole ? 0 : 1), &old, &new))
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "consistency proof of %zu hashes does not fit the sizes %llu and %llu",
				     proof->count, (unsigned long long)old_size, (unsigned long long)new_size);
	if (!prl_hash_equal(&old, old_root)) /* 7 */
		return prl_error_set(err, PRL_E_SIGNATURE, "consistency proof leads to another old root");
	if (!prl_hash_equal(&new, new_root))
		return prl_error_set(err, PRL_E_SIGNATURE, "consistency proof leads to another new root");
	return PRL_OK;
}
