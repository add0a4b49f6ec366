/* Merkle trees and their proofs against the recursion of RFC 6962 section 2.1. */
#include "base/hash.h"
#include "base/text.h"
#include "support/naive_tree.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL    130u  /* every size up to here, with every index and every old size */
#define LEAVES 5000u /* random sizes up to here */

static prl_hash leaves[LEAVES];

static int make_leaves(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < LEAVES; i++)
		leaves[i] = naive_leaf((prl_bytes){ (char *)&i, sizeof i });
	return 0;
}

/* Complete subtrees only: the tree's size is the context. */
static prl_status subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	(void)err;
	uint64_t size = *(uint64_t *)context;
	assert_true(level < 63 && (index + 1) << level <= size);
	*ret = naive_root(leaves, index << level, (index + 1) << level);
	return PRL_OK;
}

static void same_proof(const prl_proof *a, const prl_proof *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_true(prl_hash_equal(&a->hashes[i], &b->hashes[i]));
}

/* The proof as it is, then with a bit of each hash turned, without its first or last hash, with one more. */
typedef prl_status check_fn(void *context, const prl_proof *proof);

static void only_the_proof_holds(check_fn *check, void *context, const prl_proof *proof, rnd *r)
{
	assert_int_equal(check(context, proof), PRL_OK);
	for (size_t i = 0; i < proof->count; i++) {
		prl_proof wrong = *proof;
		wrong.hashes[i].bytes[rnd_below(r, 32)] ^= (uint8_t)(1u << rnd_below(r, 8));
		assert_int_equal(check(context, &wrong), PRL_E_SIGNATURE);
	}
	if (proof->count) {
		prl_proof shorter = *proof;
		shorter.count--;
		assert_int_equal(check(context, &shorter), PRL_E_SIGNATURE);
		memmove(shorter.hashes, shorter.hashes + 1, shorter.count * sizeof *shorter.hashes);
		assert_int_equal(check(context, &shorter), PRL_E_SIGNATURE);
	}
	prl_proof longer = *proof;
	longer.hashes[longer.count++] = leaves[0];
	assert_int_equal(check(context, &longer), PRL_E_SIGNATURE);
	longer.count = PRL_PROOF_MAX + 1;
	assert_int_equal(check(context, &longer), PRL_E_SIGNATURE);
}

typedef struct claim {
	uint64_t old_size, size; /* old_size: the index where it is an inclusion */
	prl_hash first, root;    /* leaf hash or old root; root */
} claim;

static prl_status check_inclusion(void *context, const prl_proof *proof)
{
	claim *c = context;
	return prl_inclusion_verify(&c->first, c->old_size, c->size, proof, &c->root, NULL);
}

static prl_status check_consistency(void *context, const prl_proof *proof)
{
	claim *c = context;
	return prl_consistency_verify(c->old_size, &c->first, c->size, &c->root, proof, NULL);
}

static void turned_claims_fail(check_fn *check, claim c, const prl_proof *proof)
{
	claim wrong = c;
	wrong.first.bytes[7] ^= 1;
	assert_int_equal(check(&wrong, proof), PRL_E_SIGNATURE);
	wrong = c;
	wrong.root.bytes[31] ^= 128;
	/* any tree follows on the empty one */
	assert_int_equal(check(&wrong, proof),
			 check == check_consistency && !c.old_size && c.size ? PRL_OK : PRL_E_SIGNATURE);
}

static void one_inclusion(uint64_t index, uint64_t size, const prl_hash *root, rnd *r)
{
	prl_proof proof = { 0 }, naive = { 0 };
	assert_int_equal(prl_inclusion_prove(index, size, subtree, &size, &proof, NULL), PRL_OK);
	naive_path(index, leaves, 0, size, &naive);
	same_proof(&proof, &naive);
	claim c = { index, size, leaves[index], *root };
	only_the_proof_holds(check_inclusion, &c, &proof, r);
	turned_claims_fail(check_inclusion, c, &proof);
	c.old_size = index ^ 1;
	if (size > 1)
		assert_int_equal(check_inclusion(&c, &proof), PRL_E_SIGNATURE);
	/* a node below the root is not the root of a larger tree */
	c = (claim){ index, 2 * size, leaves[index], *root };
	assert_int_equal(check_inclusion(&c, &proof), PRL_E_SIGNATURE);
}

static void one_consistency(uint64_t old_size, uint64_t size, const prl_hash *root, rnd *r)
{
	prl_proof proof = { 0 }, naive = { 0 };
	assert_int_equal(prl_consistency_prove(old_size, size, subtree, &size, &proof, NULL), PRL_OK);
	naive_consistency(old_size, leaves, size, &naive);
	same_proof(&proof, &naive);
	claim c = { old_size, size, naive_root(leaves, 0, old_size), *root };
	only_the_proof_holds(check_consistency, &c, &proof, r);
	turned_claims_fail(check_consistency, c, &proof);
	c.size = 2 * size;
	if (old_size)
		assert_int_equal(check_consistency(&c, &proof), PRL_E_SIGNATURE);
	if (old_size != size)
		assert_int_equal(prl_consistency_verify(size, root, old_size, &c.first, &proof, NULL), PRL_E_SIGNATURE);
}

static void every_proof_of_small_trees(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("every_proof_of_small_trees"), 0);
	for (uint64_t size = 0; size <= ALL; size++) {
		prl_hash root, naive = naive_root(leaves, 0, size);
		assert_int_equal(prl_tree_root(size, subtree, &size, &root, NULL), PRL_OK);
		assert_true(prl_hash_equal(&root, &naive));
		for (uint64_t i = 0; i < size; i++)
			one_inclusion(i, size, &root, &r);
		for (uint64_t old = 0; old <= size; old++)
			one_consistency(old, size, &root, &r);
	}
}

static void random_proofs_of_larger_trees(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("random_proofs_of_larger_trees");
	for (size_t i = 0, n = rnd_count(60, 3000); i < n; i++) {
		rnd r = rnd_case(seed, i);
		uint64_t size = (uint64_t)rnd_log(&r, ALL, LEAVES);
		prl_hash root = naive_root(leaves, 0, size);
		one_inclusion(rnd_below(&r, size), size, &root, &r);
		one_consistency(rnd_below(&r, size + 1), size, &root, &r);
		one_consistency(UINT64_C(1) << rnd_below(&r, 7), size, &root, &r);
	}
}

static void frontier_has_every_root(void **state)
{
	(void)state;
	prl_frontier frontier = { 0 };
	for (uint64_t size = 0; size < 600; size++) {
		prl_hash root = prl_frontier_root(&frontier), naive = naive_root(leaves, 0, size);
		assert_int_equal(frontier.size, size);
		assert_true(prl_hash_equal(&root, &naive));
		prl_frontier_append(&frontier, &leaves[size]);
	}
}

static void hashes_are_prefixed(void **state)
{
	(void)state;
	char text[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_empty_root();
	prl_hash_write(&hash, text);
	assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	prl_hash leaf = prl_leaf_hash((prl_bytes){ NULL, 0 }), want = prl_sha256("\0", 1);
	assert_true(prl_hash_equal(&leaf, &want));
	leaf = prl_leaf_hash(prl_bytes_of("a"));
	want = prl_sha256("\0a", 2);
	assert_true(prl_hash_equal(&leaf, &want));
	prl_hash node = prl_node_hash(&leaves[0], &leaves[1]);
	want = naive_root(leaves, 0, 2);
	assert_true(prl_hash_equal(&node, &want));
}

/* Of a tree whose leaves are all the same: the subtrees of a level are then equal, and any size can be had. */
static prl_status uniform(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	(void)context;
	(void)index;
	(void)err;
	*ret = leaves[0];
	while (level--)
		*ret = prl_node_hash(ret, ret);
	return PRL_OK;
}

static void largest_trees_fit(void **state)
{
	(void)state;
	const uint64_t largest = (UINT64_C(1) << 63) - 1, olds[] = { 1, 2, 3, largest / 2 + 1, largest - 1, largest };
	prl_hash root, old_root;
	prl_proof proof;
	assert_int_equal(prl_tree_root(largest, uniform, NULL, &root, NULL), PRL_OK);
	for (size_t i = 0; i < sizeof olds / sizeof *olds; i++) {
		assert_int_equal(prl_inclusion_prove(olds[i] - 1, largest, uniform, NULL, &proof, NULL), PRL_OK);
		assert_int_equal(prl_inclusion_verify(&leaves[0], olds[i] - 1, largest, &proof, &root, NULL), PRL_OK);
		assert_int_equal(prl_tree_root(olds[i], uniform, NULL, &old_root, NULL), PRL_OK);
		assert_int_equal(prl_consistency_prove(olds[i], largest, uniform, NULL, &proof, NULL), PRL_OK);
		assert_int_equal(prl_consistency_verify(olds[i], &old_root, largest, &root, &proof, NULL), PRL_OK);
		assert_int_equal(prl_fork_prove(olds[i], largest, uniform, NULL, &proof, NULL), PRL_OK);
		assert_true(proof.count <= PRL_PROOF_MAX);
	}
	assert_int_equal(prl_tree_root(largest + 1, uniform, NULL, &root, NULL), PRL_E_RANGE);
	assert_int_equal(prl_inclusion_prove(0, largest + 1, uniform, NULL, &proof, NULL), PRL_E_RANGE);
	assert_int_equal(prl_consistency_prove(1, UINT64_MAX, uniform, NULL, &proof, NULL), PRL_E_RANGE);
	assert_int_equal(prl_inclusion_verify(&leaves[0], 1, UINT64_MAX, &proof, &root, NULL), PRL_E_SIGNATURE);
	assert_int_equal(prl_consistency_verify(1, &root, UINT64_MAX, &root, &proof, NULL), PRL_E_SIGNATURE);
}

static void outside_the_tree_is_refused(void **state)
{
	(void)state;
	uint64_t size = 5;
	prl_proof proof = { .count = 77 };
	prl_error err;
	assert_int_equal(prl_inclusion_prove(5, size, subtree, &size, &proof, &err), PRL_E_RANGE);
	assert_string_equal(err.text, "index 5 is outside a tree of 5 entries");
	assert_int_equal(prl_consistency_prove(6, size, subtree, &size, &proof, &err), PRL_E_RANGE);
	assert_int_equal(proof.count, 77);
	prl_proof none = { 0 };
	assert_int_equal(prl_inclusion_verify(&leaves[0], 0, 0, &none, &leaves[0], &err), PRL_E_SIGNATURE);
	assert_int_equal(prl_inclusion_verify(&leaves[0], 1, 1, &none, &leaves[0], &err), PRL_E_SIGNATURE);
	assert_int_equal(prl_consistency_verify(0, &leaves[0], 1, &leaves[0], &none, &err), PRL_E_SIGNATURE);
}

static prl_status broken(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	(void)err;
	unsigned *calls = context;
	if (!(*calls)--)
		return PRL_E_IO;
	return uniform(NULL, level, index, ret, NULL);
}

static void a_failing_reader_leaves_the_result(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		prl_proof proof = { .count = 77 };
		prl_hash root = leaves[3];
		unsigned calls = i;
		assert_int_equal(prl_inclusion_prove(3, 1000, broken, &calls, &proof, NULL), PRL_E_IO);
		calls = i;
		assert_int_equal(prl_consistency_prove(3, 1000, broken, &calls, &proof, NULL), PRL_E_IO);
		calls = i;
		assert_int_equal(prl_tree_root(1000, broken, &calls, &root, NULL), PRL_E_IO);
		assert_int_equal(proof.count, 77);
		assert_true(prl_hash_equal(&root, &leaves[3]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_prefixed),
		cmocka_unit_test(frontier_has_every_root),
		cmocka_unit_test(every_proof_of_small_trees),
		cmocka_unit_test(random_proofs_of_larger_trees),
		cmocka_unit_test(largest_trees_fit),
		cmocka_unit_test(outside_the_tree_is_refused),
		cmocka_unit_test(a_failing_reader_leaves_the_result),
	};
	return cmocka_run_group_tests_name("merkle", tests, make_leaves, NULL);
}
