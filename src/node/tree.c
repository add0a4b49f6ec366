#include "node/tree.h"

#include "base/error.h"

/* A complete subtree of what is published: part of one tile of level/8, hashed up. */
static prl_status published(const prl_tree *tree, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	unsigned within = level % 8;
	uint64_t first = index << within;
	prl_tile tile = { .level = (int)(level / 8), .number = first / PRL_TILE_WIDTH };
	tile.width = prl_tile_width(tile.level, tile.number, tree->held);
	prl_buffer buffer = PRL_BUFFER(PRL_TILE_WIDTH * sizeof(prl_hash));
	prl_status st = prl_ledger_tile(tree->ledger, tree->reader, &tile, &buffer, err);
	size_t at = (size_t)(first % PRL_TILE_WIDTH), count = (size_t)1 << within;
	if (!st && buffer.size < (at + count) * sizeof(prl_hash))
		st = prl_error_set(err, PRL_E_IO, "a tile of level %d holds %zu bytes, expected %zu", tile.level,
				   buffer.size, (at + count) * sizeof(prl_hash));
	if (!st) {
		prl_hash *hashes = (prl_hash *)(void *)buffer.data + at; /* bytes only: any alignment */
		for (; count > 1; count /= 2)
			for (size_t i = 0; i < count / 2; i++)
				hashes[i] = prl_node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
		*ret = hashes[0];
	}
	prl_buffer_done(&buffer);
	return st;
}

prl_status prl_tree_subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	const prl_tree *tree = context;
	if ((index + 1) << level <= tree->held)
		return published(tree, level, index, ret, err);
	if (level == 0) {
		if (index - tree->held >= tree->count)
			return prl_error_set(err, PRL_E_RANGE, "no entry %llu", (unsigned long long)index);
		*ret = tree->leaves[index - tree->held];
		return PRL_OK;
	}
	prl_hash left, right;
	prl_status st = prl_tree_subtree(context, level - 1, 2 * index, &left, err);
	if (!st)
		st = prl_tree_subtree(context, level - 1, 2 * index + 1, &right, err);
	if (!st)
		*ret = prl_node_hash(&left, &right);
	return st;
}

prl_status prl_tree_frontier(prl_ledger *ledger, prl_store_reader *reader, prl_frontier *ret, prl_error *err)
{
	prl_tree tree = { .ledger = ledger, .reader = reader };
	prl_ledger_head(ledger, &tree.held, NULL);
	prl_frontier frontier = { .size = tree.held };
	for (unsigned level = 0; level < 64; level++) {
		if (!(tree.held >> level & 1))
			continue;
		/* The peak of bit l begins after all higher bits of the size. */
		uint64_t index = tree.held >> level & ~UINT64_C(1);
		prl_status st = published(&tree, level, index, &frontier.peaks[level], err);
		if (st)
			return st;
	}
	*ret = frontier;
	return PRL_OK;
}
