/* Pairs of hashes against a list of them: what is added, asked for and taken in any order, with keys that fall together
 * in all of the table's bits and round its end. */
#include "node/hash_pairs.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KEYS 40u
#define MOST 4000u

/* Of few keys; half of them begin at the last slot of any table, or beside it. */
static prl_hash hash_of(uint64_t which, bool crowd)
{
	prl_hash hash = { { 0 } };
	uint64_t bits = crowd ? UINT64_MAX - which % 3 : which * UINT64_C(0x9e3779b97f4a7c15);
	memcpy(hash.bytes, &bits, sizeof bits);
	memcpy(hash.bytes + 8, &which, sizeof which);
	return hash;
}

typedef struct list {
	prl_hash_pair items[MOST];
	size_t count;
} list;

static size_t find(const list *l, const prl_hash *key, const prl_hash *value)
{
	for (size_t i = 0; i < l->count; i++)
		if (prl_hash_equal(&l->items[i].key, key) && (!value || prl_hash_equal(&l->items[i].value, value)))
			return i;
	return SIZE_MAX;
}

static void add(prl_hash_pairs *pairs, list *l, const prl_hash *key, const prl_hash *value)
{
	assert_true(prl_hash_pairs_add(pairs, key, value));
	if (find(l, key, value) == SIZE_MAX)
		l->items[l->count++] = (prl_hash_pair){ *key, *value };
	assert_int_equal(pairs->count, l->count);
}

static void take(prl_hash_pairs *pairs, list *l, const prl_hash *key)
{
	prl_hash value;
	bool there = find(l, key, NULL) != SIZE_MAX;
	assert_int_equal(prl_hash_pairs_has(pairs, key), there);
	assert_int_equal(prl_hash_pairs_take(pairs, key, &value), there);
	if (!there)
		return;
	size_t at = find(l, key, &value);
	assert_true(at != SIZE_MAX);
	l->items[at] = l->items[--l->count];
	assert_int_equal(pairs->count, l->count);
}

static void against_a_list(void **state)
{
	(void)state;
	static list l;
	uint64_t seed = rnd_seed("hash_pairs");
	for (uint64_t i = 0; i < rnd_count(20, 2000); i++) {
		rnd r = rnd_case(seed, i);
		prl_hash_pairs pairs = { 0 };
		double adds = rnd_between(&r, 0.3, 0.7);
		l.count = 0;
		for (size_t step = 0; step < MOST; step++) {
			uint64_t which = rnd_below(&r, KEYS);
			prl_hash key = hash_of(which, which % 2), value = hash_of(rnd_below(&r, 30), false);
			if (rnd_chance(&r, adds))
				add(&pairs, &l, &key, &value);
			else
				take(&pairs, &l, &key);
		}
		for (uint64_t k = 0; k < KEYS; k++) {
			prl_hash key = hash_of(k, k % 2);
			while (find(&l, &key, NULL) != SIZE_MAX)
				take(&pairs, &l, &key);
			take(&pairs, &l, &key);
		}
		assert_int_equal(pairs.count, 0);
		prl_hash_pairs_done(&pairs);
	}
}

static void many(void **state)
{
	(void)state;
	prl_hash_pairs pairs = { 0 };
	for (uint64_t i = 0; i < 100000; i++) {
		prl_hash key = prl_sha256(&i, sizeof i);
		assert_true(prl_hash_pairs_add(&pairs, &key, &key));
	}
	for (uint64_t i = 0; i < 200000; i++) {
		prl_hash key = prl_sha256(&i, sizeof i), value;
		assert_int_equal(prl_hash_pairs_take(&pairs, &key, &value), i < 100000);
		if (i < 100000)
			assert_true(prl_hash_equal(&key, &value));
	}
	prl_hash_pairs_done(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_a_list), cmocka_unit_test(many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
