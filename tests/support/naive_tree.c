#include "support/naive_tree.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

prl_hash naive_leaf(prl_bytes entry)
{
	char *bytes = malloc(entry.size + 1);
	bytes[0] = 0;
	if (entry.size)
		memcpy(bytes + 1, entry.data, entry.size);
	prl_hash hash = prl_sha256(bytes, entry.size + 1);
	free(bytes);
	return hash;
}

/* "k, the largest power of two smaller than n" */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;
	while (2 * k < n)
		k *= 2;
	return k;
}

prl_hash naive_root(const prl_hash *leaves, uint64_t begin, uint64_t end)
{
	if (begin == end)
		return prl_sha256("", 0);
	if (end - begin == 1)
		return leaves[begin];
	uint64_t middle = begin + split(end - begin);
	struct {
		char one;
		prl_hash left, right;
	} __attribute__((packed)) node = { 1, naive_root(leaves, begin, middle), naive_root(leaves, middle, end) };
	return prl_sha256(&node, sizeof node);
}

void naive_path(uint64_t m, const prl_hash *leaves, uint64_t begin, uint64_t end, prl_proof *proof)
{
	if (end - begin == 1)
		return;
	uint64_t k = split(end - begin);
	if (m < k) {
		naive_path(m, leaves, begin, begin + k, proof);
		proof->hashes[proof->count++] = naive_root(leaves, begin + k, end);
	} else {
		naive_path(m - k, leaves, begin + k, end, proof);
		proof->hashes[proof->count++] = naive_root(leaves, begin, begin + k);
	}
}

/* SUBPROOF(m, D[begin:end], whole) */
static void subproof(uint64_t m, const prl_hash *leaves, uint64_t begin, uint64_t end, bool whole, prl_proof *proof)
{
	if (m == end - begin) {
		if (!whole)
			proof->hashes[proof->count++] = naive_root(leaves, begin, end);
		return;
	}
	uint64_t k = split(end - begin);
	if (m <= k) {
		subproof(m, leaves, begin, begin + k, whole, proof);
		proof->hashes[proof->count++] = naive_root(leaves, begin + k, end);
	} else {
		subproof(m - k, leaves, begin + k, end, false, proof);
		proof->hashes[proof->count++] = naive_root(leaves, begin, begin + k);
	}
}

void naive_consistency(uint64_t m, const prl_hash *leaves, uint64_t n, prl_proof *proof)
{
	if (m)
		subproof(m, leaves, 0, n, true, proof);
}
