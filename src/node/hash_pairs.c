#include "node/hash_pairs.h"

#include "base/memory.h"

#include <string.h>

#define FIRST_ROOM 64u

void prl_hash_pairs_done(prl_hash_pairs *pairs)
{
	free(pairs->slots);
	free(pairs->used);
	*pairs = (prl_hash_pairs){ 0 };
}

/* Where a key's run of slots begins. */
static size_t home_of(const prl_hash_pairs *pairs, const prl_hash *key)
{
	uint64_t bits;
	memcpy(&bits, key->bytes, sizeof bits);
	return (size_t)bits & (pairs->room - 1);
}

static size_t after(const prl_hash_pairs *pairs, size_t at)
{
	return (at + 1) & (pairs->room - 1);
}

/* The pair, or one of the key where value is NULL; else the unused slot where it would stand. room is not 0. */
static size_t find(const prl_hash_pairs *pairs, const prl_hash *key, const prl_hash *value)
{
	size_t at = home_of(pairs, key);
	while (pairs->used[at] && !(prl_hash_equal(&pairs->slots[at].key, key) &&
				    (!value || prl_hash_equal(&pairs->slots[at].value, value))))
		at = after(pairs, at);
	return at;
}

static bool grow(prl_hash_pairs *pairs)
{
	prl_hash_pairs grown = { .room = pairs->room ? 2 * pairs->room : FIRST_ROOM, .count = pairs->count };
	grown.slots = prl_array_new(grown.room, sizeof *grown.slots);
	grown.used = calloc(grown.room, sizeof *grown.used);
	if (!grown.slots || !grown.used) {
		prl_hash_pairs_done(&grown);
		return false;
	}
	for (size_t i = 0; i < pairs->room; i++)
		if (pairs->used[i]) {
			size_t at = find(&grown, &pairs->slots[i].key, &pairs->slots[i].value);
			grown.slots[at] = pairs->slots[i];
			grown.used[at] = true;
		}
	prl_hash_pairs_done(pairs);
	*pairs = grown;
	return true;
}

bool prl_hash_pairs_add(prl_hash_pairs *pairs, const prl_hash *key, const prl_hash *value)
{
	if (pairs->room && pairs->used[find(pairs, key, value)])
		return true;
	if (2 * (pairs->count + 1) > pairs->room && !grow(pairs))
		return false;
	size_t at = find(pairs, key, value);
	pairs->slots[at] = (prl_hash_pair){ *key, *value };
	pairs->used[at] = true;
	pairs->count++;
	return true;
}

bool prl_hash_pairs_has(const prl_hash_pairs *pairs, const prl_hash *key)
{
	return pairs->room && pairs->used[find(pairs, key, NULL)];
}

/* What stands behind a gap moves into it where its run began at the gap or before: so no run is ever cut. */
static void close_gap(prl_hash_pairs *pairs, size_t gap)
{
	for (size_t at = after(pairs, gap); pairs->used[at]; at = after(pairs, at)) {
		size_t home = home_of(pairs, &pairs->slots[at].key);
		size_t from_home = (at - home) & (pairs->room - 1), from_gap = (at - gap) & (pairs->room - 1);
		if (from_home < from_gap)
			continue;
		pairs->slots[gap] = pairs->slots[at];
		gap = at;
	}
	pairs->used[gap] = false;
}

bool prl_hash_pairs_take(prl_hash_pairs *pairs, const prl_hash *key, prl_hash *ret_value)
{
	size_t at = pairs->room ? find(pairs, key, NULL) : 0;
	if (!pairs->room || !pairs->used[at])
		return false;
	*ret_value = pairs->slots[at].value;
	close_gap(pairs, at);
	pairs->count--;
	return true;
}
