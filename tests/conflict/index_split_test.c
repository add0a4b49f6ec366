/* Bulk loading must not be led into quadratic work by the order of its boxes. Counts of work, no times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conflict/index_tree.h"

#include <stdlib.h>

enum order { SORTED, REVERSED, ORGAN_PIPE, EQUAL, TWO_VALUES, SAWTOOTH, KILLER, ORDERS };

/* Keys that make every middle of three, taken where prl_split_select() takes it, the second least of what is left:
 * runs the selection's passes on positions and hands out the least keys as they are looked at. Each pass then drops
 * two, unless something steps in. */
static void make_killer(int32_t *keys, size_t count)
{
	uint32_t *at = malloc(count * sizeof *at);
	for (uint32_t i = 0; i < count; i++) {
		at[i] = i;
		keys[i] = -1;
	}
	int32_t next = 0;
	for (size_t from = 0; count - from > 8; from += 2) {
		size_t rest = count - from, first = from + rest / 4, second = from + rest / 2;
		keys[at[first]] = next++;
		keys[at[second]] = next++;
		uint32_t held = at[from]; /* what the partition will do */
		at[from] = at[second];
		at[second] = held;
		held = at[from + 1];
		at[from + 1] = at[first];
		at[first] = held;
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i] < 0)
			keys[i] = next++;
	free(at);
}

static void make_keys(enum order order, int32_t *keys, size_t count)
{
	if (order == KILLER) {
		make_killer(keys, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		int32_t k = (int32_t)i, n = (int32_t)count;
		keys[i] = order == SORTED       ? k
			  : order == REVERSED   ? n - k
			  : order == ORGAN_PIPE ? (k < n / 2 ? k : n - k)
			  : order == EQUAL      ? 7
			  : order == TWO_VALUES ? k * 7 % 2
						: k % 100;
	}
}

static int32_t least_of(const struct prl_item *items, size_t count)
{
	int32_t least = INT32_MAX;
	for (size_t i = 0; i < count; i++)
		least = items[i].box.min[0] < least ? items[i].box.min[0] : least;
	return least;
}

/* Passes over all items that a selection took. */
static double check_select(struct prl_split *split, const int32_t *keys, size_t count, size_t left)
{
	struct prl_item *items = calloc(count, sizeof *items);
	uint64_t sum = 0, before = prl_split_work(split);
	for (uint32_t i = 0; i < count; i++) {
		items[i].id = i;
		items[i].box.min[0] = items[i].box.max[0] = keys[i];
	}
	prl_split_select(split, items, count, left, 0);
	int32_t most = INT32_MIN;
	for (size_t i = 0; i < count; i++) {
		sum += items[i].id;
		assert_int_equal(items[i].box.min[0], keys[items[i].id]);
		if (i < left && items[i].box.min[0] > most)
			most = items[i].box.min[0];
	}
	assert_true(left == 0 || left == count || most <= least_of(items + left, count - left));
	assert_int_equal(sum, (uint64_t)count * (count - 1) / 2);
	free(items);
	return (double)(prl_split_work(split) - before) / (double)count;
}

static void selecting_is_linear_in_any_order(void **unused)
{
	(void)unused;
	static const size_t counts[] = { 1, 2, 3, 5, 17, 100, 10000, 40000 };
	struct prl_split *split = prl_split_new();
	int32_t *keys = malloc(40000 * sizeof *keys);
	for (unsigned order = 0; order < ORDERS; order++)
		for (unsigned c = 0; c < sizeof counts / sizeof *counts; c++) {
			size_t n = counts[c], lefts[] = { 0, n / 16, n / 2, n - n / 7, n - 1, n };
			make_keys((enum order)order, keys, n);
			for (unsigned i = 0; i < sizeof lefts / sizeof *lefts; i++) {
				double passes = check_select(split, keys, n, lefts[i]);
				assert_true(passes <= 28);
			}
		}
	/* The killer does kill: without help it would take thousands of passes. */
	make_keys(KILLER, keys, 40000);
	assert_true(check_select(split, keys, 40000, 39999) > 6);
	free(keys);
	prl_split_free(split);
}

static void building_is_n_log_n_in_any_order(void **unused)
{
	(void)unused;
	for (unsigned order = 0; order < ORDERS; order++)
		for (size_t count = 10000; count <= 40000; count *= 4) {
			int32_t *keys = malloc(count * sizeof *keys);
			prl_box *boxes = calloc(count, sizeof *boxes);
			make_keys((enum order)order, keys, count);
			for (size_t i = 0; i < count; i++)
				for (int a = 0; a < 4; a++)
					boxes[i].min[a] = boxes[i].max[a] = a % 2 ? keys[i] : (int32_t)i;
			prl_index *index = NULL;
			assert_int_equal(prl_index_new(boxes, NULL, count, &index, NULL), PRL_OK);
			/* At most 15 cuts a level, each of what the last left over: 8.5 times the level in sum. */
			uint64_t levels = prl_index_working(index)->view.height, level = 30 * 9 * count;
			assert_true(prl_split_work(index->split) <= levels * level);
			prl_index_free(index);
			free(boxes);
			free(keys);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selecting_is_linear_in_any_order),
		cmocka_unit_test(building_is_n_log_n_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
