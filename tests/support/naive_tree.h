/**
 * @file naive_tree.h
 * Merkle trees by the letter of RFC 6962 section 2.1: every hash from the leaves, by recursion, nothing kept. Shares
 * with src/record only SHA-256 itself.
 */
#ifndef TESTS_SUPPORT_NAIVE_TREE_H
#define TESTS_SUPPORT_NAIVE_TREE_H

#include <parley/record.h>

/** MTH of leaf hashes [begin, end); the empty tree's where begin = end. */
prl_hash naive_root(const prl_hash *leaves, uint64_t begin, uint64_t end);

/** PATH(m, D[n]) of section 2.1.1 and PROOF(m, D[n]) of section 2.1.2. */
void naive_path(uint64_t m, const prl_hash *leaves, uint64_t begin, uint64_t end, prl_proof *proof);
void naive_consistency(uint64_t m, const prl_hash *leaves, uint64_t n, prl_proof *proof);

/** SHA-256(0x00 ‖ entry). */
prl_hash naive_leaf(prl_bytes entry);

#endif
