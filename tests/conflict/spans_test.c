/* Sets of times against a bitmap: an instant is in the set or not, nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "conflict/spans.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/random.h"

#define SLOTS 64
#define SLOT_NS INT64_C(10000) /* merging joins what is less than 1 µs apart: a slot is plainly more */

/* The map has a bit for each slot's instant (even) and for what lies between two (odd). */
typedef struct map {
	bool set[2 * SLOTS];
} map;

static prl_time slot_time(size_t slot, bool open)
{
	if (open && slot == 0)
		return PRL_TIME_OPEN_START;
	return open && slot == SLOTS - 1 ? PRL_TIME_OPEN_END : ((prl_time)slot - SLOTS / 2) * SLOT_NS;
}

static void map_add(map *m, size_t from, size_t to)
{
	for (size_t i = 2 * from; i <= 2 * to; i++)
		m->set[i] = true;
}

static void random_spans(rnd *r, prl_spans *spans, map *m, bool open)
{
	size_t count = rnd_below(r, 12);
	memset(m, 0, sizeof *m);
	for (size_t i = 0; i < count; i++) {
		size_t from = rnd_below(r, SLOTS), to = from + rnd_below(r, rnd_chance(r, 0.3) ? 1 : 8);
		to = to < SLOTS ? to : SLOTS - 1;
		prl_spans_add(spans, slot_time(from, open), slot_time(to, open));
		map_add(m, from, to);
	}
}

static map map_of(const prl_spans *spans, bool open)
{
	map m = { { false } };
	for (size_t i = 0; i < spans->count; i++) {
		size_t from = SLOTS, to = SLOTS;
		for (size_t slot = 0; slot < SLOTS; slot++) {
			from = slot_time(slot, open) == spans->items[i].from ? slot : from;
			to = slot_time(slot, open) == spans->items[i].to ? slot : to;
		}
		assert_true(from < SLOTS && to < SLOTS && from <= to);
		map_add(&m, from, to);
	}
	return m;
}

static void assert_in_order(const prl_spans *spans)
{
	for (size_t i = 0; i < spans->count; i++) {
		assert_true(spans->items[i].from <= spans->items[i].to);
		assert_true(!i || spans->items[i - 1].to < spans->items[i].from);
	}
	assert_false(spans->failed);
}

static void test_merge(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("spans merge");
	size_t count = rnd_count(20000, 1000000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_spans spans = { 0 };
		map want;
		bool open = rnd_chance(&r, 0.5);
		random_spans(&r, &spans, &want, open);
		prl_spans_merge(&spans);
		assert_in_order(&spans);
		map got = map_of(&spans, open);
		assert_memory_equal(&got, &want, sizeof got);
		prl_spans_done(&spans);
	}
}

/* What is taken out is closed, and so is what is left: where something is left beside a cut, the cut's end stays in
 * both. A bit between two instants is left iff it was there and was not taken; an instant that stood alone goes when
 * it is taken. */
static void check_subtract(const map *a, const map *b, const map *got)
{
	for (size_t i = 0; i < 2 * SLOTS; i++) {
		bool between = i % 2, left = a->set[i] && !b->set[i];
		bool beside = !between && a->set[i] &&
		              ((i > 0 && a->set[i - 1] && !b->set[i - 1]) ||
		               (i + 1 < 2 * SLOTS && a->set[i + 1] && !b->set[i + 1]));
		assert_true(got->set[i] == (left || beside));
	}
}

static void test_subtract(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("spans subtract");
	size_t count = rnd_count(20000, 1000000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_spans spans = { 0 }, less = { 0 };
		map a, b;
		bool open = rnd_chance(&r, 0.5);
		random_spans(&r, &spans, &a, open);
		random_spans(&r, &less, &b, open);
		prl_spans_merge(&spans);
		prl_spans_merge(&less);
		prl_spans_subtract(&spans, &less);
		map got = map_of(&spans, open);
		check_subtract(&a, &b, &got);
		for (size_t k = 0; k < spans.count; k++)
			assert_true(spans.items[k].from <= spans.items[k].to && (!k || spans.items[k - 1].to <= spans.items[k].from));
		prl_spans_done(&spans);
		prl_spans_done(&less);
	}
}

static void test_small_gaps(void **state)
{
	(void)state;
	prl_spans s = { 0 };
	prl_spans_add(&s, 0, 10);
	prl_spans_add(&s, 1010, 2000); /* 1 µs on: the legs of one movement */
	prl_spans_add(&s, 3001, 4000); /* 1 ns more */
	prl_spans_add(&s, INT64_MAX - 5, INT64_MAX - 2);
	prl_spans_add(&s, PRL_TIME_OPEN_END, PRL_TIME_OPEN_END);
	prl_spans_merge(&s);
	assert_int_equal(s.count, 3);
	assert_true(s.items[0].from == 0 && s.items[0].to == 2000);
	assert_true(s.items[1].from == 3001 && s.items[1].to == 4000);
	assert_true(s.items[2].from == INT64_MAX - 5 && s.items[2].to == PRL_TIME_OPEN_END);
	prl_spans_done(&s);
	prl_spans_merge(&s); /* of nothing */
	assert_int_equal(s.count, 0);
}

static void test_runs(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("runs merge");
	size_t count = rnd_count(20000, 1000000);
	for (size_t i = 0; i < count; i++) {
		rnd r = rnd_case(seed, i);
		prl_runs runs = { 0 };
		map want = { { false } }, got = { { false } };
		size_t n = rnd_below(&r, 40);
		for (size_t k = 0; k < n; k++) {
			size_t from = rnd_below(&r, SLOTS), to = from + rnd_below(&r, rnd_chance(&r, 0.3) ? 1 : 5);
			to = to < SLOTS ? to : SLOTS - 1;
			prl_runs_add(&runs, (double)from, (double)to);
			map_add(&want, from, to);
		}
		prl_runs_merge(&runs);
		for (size_t k = 0; k < runs.count; k++) {
			assert_true(!k || runs.items[k - 1].to < runs.items[k].from);
			map_add(&got, (size_t)runs.items[k].from, (size_t)runs.items[k].to);
		}
		assert_memory_equal(&got, &want, sizeof got);
		prl_runs_done(&runs);
	}
}

/* Room that cannot be doubled stands for a machine without memory. What was there stays, what was lost is said. */
static void test_out_of_memory(void **state)
{
	(void)state;
	prl_window window = { 1, 2 };
	prl_spans s = { &window, SIZE_MAX / 4, SIZE_MAX / 4, false };
	prl_spans_add(&s, 5, 6);
	assert_true(s.failed);
	assert_true(s.items == &window && s.count == SIZE_MAX / 4);
	s.room = SIZE_MAX;
	prl_spans_add(&s, 7, 8); /* though there is room now: the set stays marked, and short of what was lost */
	assert_true(s.failed && s.count == SIZE_MAX / 4);
	prl_run run = { 1, 2 };
	prl_runs runs = { &run, SIZE_MAX / 4, SIZE_MAX / 4, false };
	prl_runs_add(&runs, 5, 6);
	assert_true(runs.failed && runs.items == &run && runs.count == SIZE_MAX / 4);
	prl_spans marked = { .failed = true }, less = { 0 };
	prl_spans_subtract(&marked, &less);
	assert_true(marked.failed);
	prl_spans_done(&marked);
	assert_false(marked.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),      cmocka_unit_test(test_subtract),      cmocka_unit_test(test_small_gaps),
		cmocka_unit_test(test_runs),       cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
