/* All pairs by the index against all pairs one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/conflict.h>
#include <stdlib.h>
#include <string.h>

#include "support/hard_cases.h"
#include "support/plans.h"

#define PLANS_MAX 300

/** What is compared of a conflict. */
typedef struct entry {
	const prl_plan *a, *b;
	prl_time from, to;
	size_t intervals;
	prl_vertical vertical;
	double horizontal_m;
} entry;

typedef struct found {
	entry *entries;
	size_t count, stop_at, calls;
	size_t done, total;
} found;

static entry entry_of(const prl_conflict *c)
{
	return (entry){ c->a, c->b, c->intervals[0].from, c->intervals[c->interval_count - 1].to, c->interval_count,
		        c->vertical, c->closest.horizontal_m };
}

static void keep(found *f, const prl_conflict *c)
{
	f->entries = realloc(f->entries, (f->count + 1) * sizeof *f->entries);
	assert_non_null(f->entries);
	f->entries[f->count++] = entry_of(c);
}

static bool on_conflict(const prl_conflict *c, void *context)
{
	found *f = context;
	f->calls++;
	keep(f, c);
	return f->calls != f->stop_at;
}

static void on_progress(size_t done, size_t total, void *context)
{
	found *f = context;
	assert_true(done > f->done && done <= total && (!f->total || total == f->total));
	f->done = done;
	f->total = total;
}

static int in_order(const void *x, const void *y)
{
	const entry *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	int ids = strcmp(a->a->id, b->a->id);
	return ids ? ids : strcmp(a->b->id, b->b->id);
}

static void one_by_one(prl_plan *const *plans, size_t count, const prl_check_options *options, found *f)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			bool hit = false;
			prl_conflict c;
			assert_int_equal(prl_pair_check(plans[k], plans[i], options, &hit, &c, NULL), PRL_OK);
			if (!hit)
				continue;
			keep(f, &c);
			prl_conflict_done(&c);
		}
	if (f->count)
		qsort(f->entries, f->count, sizeof *f->entries, in_order);
}

static bool same(const entry *a, const entry *b)
{
	return a->a == b->a && a->b == b->b && a->from == b->from && a->to == b->to && a->intervals == b->intervals &&
	       a->vertical == b->vertical && a->horizontal_m == b->horizontal_m;
}

static size_t check_set(uint64_t seed, size_t index, size_t count)
{
	rnd r = rnd_case(seed, index);
	prl_plan *plans[PLANS_MAX];
	prl_latlng at = hard_place(&r);
	double spread = rnd_log(&r, 1e4, 1e6);
	prl_check_options options = prl_check_options_default();
	options.separation = (prl_separation){ rnd_log(&r, 10, 50e3), rnd_log(&r, 10, 500) };
	for (size_t i = 0; i < count; i++) {
		char id[24];
		snprintf(id, sizeof id, "%zu", i * 7919 % 1000); /* byte order is not number order */
		prl_latlng near = oracle_destination(at, rnd_between(&r, 0, 360), spread * rnd_unit(&r));
		plans[i] = plans_random(&r, id, near, rnd_log(&r, 10, spread));
	}
	found want = { 0 }, got = { 0 };
	one_by_one(plans, count, &options, &want);
	assert_int_equal(prl_check_all((const prl_plan *const *)plans, count, &options, on_conflict, on_progress, &got, NULL), PRL_OK);
	if (got.count != want.count)
		fprintf(stderr, "# set %zu: %zu conflicts, one by one %zu\n", index, got.count, want.count);
	assert_int_equal(got.count, want.count);
	for (size_t i = 0; i < got.count; i++) {
		assert_true(same(&got.entries[i], &want.entries[i]));
		assert_true(strcmp(got.entries[i].a->id, got.entries[i].b->id) < 0);
	}
	assert_true(got.done == got.total && got.total >= got.count);
	size_t conflicts = got.count;
	free(want.entries);
	free(got.entries);
	plans_free_all(plans, count);
	return conflicts;
}

static void test_as_one_by_one(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("check all");
	size_t sets = rnd_count(3, 200), conflicts = 0;
	for (size_t i = 0; i < sets; i++)
		conflicts += check_set(seed, i, i == 0 ? PLANS_MAX / 3 : 50);
	fprintf(stderr, "# check all: %zu sets, %zu conflicts\n", sets, conflicts);
	assert_true(conflicts > 0);
}

static void test_none_and_one(void **state)
{
	(void)state;
	found f = { 0 };
	prl_check_options options = prl_check_options_default();
	prl_plan *empty = plans_new("empty", PRL_KIND_FLIGHT);
	prl_plan *one = plans_volume("one", PRL_KIND_SITE, plans_circle(1, 1, 100), prl_band_m(0, 9, PRL_DATUM_MSL), plans_always());
	plans_add_volume(one, plans_circle(1, 1, 200), prl_band_m(0, 9, PRL_DATUM_MSL), plans_always()); /* meets itself */
	const prl_plan *plans[] = { one, empty };
	assert_int_equal(prl_check_all(NULL, 0, &options, on_conflict, on_progress, &f, NULL), PRL_OK);
	assert_int_equal(prl_check_all(plans, 1, &options, on_conflict, NULL, &f, NULL), PRL_OK);
	assert_int_equal(prl_check_all(plans, 2, &options, on_conflict, on_progress, &f, NULL), PRL_OK);
	assert_int_equal(f.calls, 0);
	prl_plan_free(one);
	prl_plan_free(empty);
}

/** Equal plans under different ids: each pair once, in order of the ids' bytes; the caller may stop. */
static void test_equal_plans_and_stop(void **state)
{
	(void)state;
	static const char *const ids[] = { "b", "a", "Z", "\xc3\xa4", "a1" };
	static const char *const want[] = { "Z a", "Z a1", "Z b", "Z \xc3\xa4", "a a1", "a b", "a \xc3\xa4", "a1 b", "a1 \xc3\xa4", "b \xc3\xa4" };
	prl_plan *plans[5];
	prl_check_options options = prl_check_options_default();
	for (size_t i = 0; i < 5; i++)
		plans[i] = plans_volume(ids[i], PRL_KIND_SITE, plans_circle(0, 180, 100), prl_band_m(0, 9, PRL_DATUM_MSL), plans_window(0, 10));
	found f = { 0 };
	assert_int_equal(prl_check_all((const prl_plan *const *)plans, 5, &options, on_conflict, NULL, &f, NULL), PRL_OK);
	assert_int_equal(f.count, 10);
	for (size_t i = 0; i < 10; i++) {
		char pair[16];
		snprintf(pair, sizeof pair, "%s %s", f.entries[i].a->id, f.entries[i].b->id);
		assert_string_equal(pair, want[i]);
	}
	for (size_t stop = 1; stop <= 10; stop++) {
		prl_error err = { 0 };
		f.calls = 0;
		f.stop_at = stop;
		assert_int_equal(prl_check_all((const prl_plan *const *)plans, 5, &options, on_conflict, NULL, &f, &err), PRL_E_CALLBACK);
		assert_int_equal(f.calls, stop);
		assert_int_equal(err.status, PRL_E_CALLBACK);
	}
	free(f.entries);
	plans_free_all(plans, 5);
}

/** One that has always been there comes first, then by the first instant, then by id. */
static void test_order(void **state)
{
	(void)state;
	prl_plan *plans[4];
	prl_band band = prl_band_m(0, 9, PRL_DATUM_MSL);
	plans[0] = plans_volume("d", PRL_KIND_SITE, plans_circle(0, 0, 10), band, plans_always());
	plans[1] = plans_volume("c", PRL_KIND_SITE, plans_circle(0, 0, 10), band, plans_window(5, 6));
	plans[2] = plans_volume("b", PRL_KIND_SITE, plans_circle(0, 0, 10), band, plans_window(1, 2));
	plans[3] = plans_volume("a", PRL_KIND_SITE, plans_circle(0, 0, 10), band, plans_always());
	found f = { 0 };
	prl_check_options options = prl_check_options_default();
	assert_int_equal(prl_check_all((const prl_plan *const *)plans, 4, &options, on_conflict, NULL, &f, NULL), PRL_OK);
	assert_int_equal(f.count, 5);
	const char *want[] = { "ad", "ab", "bd", "ac", "cd" };
	for (size_t i = 0; i < 5; i++)
		assert_true(f.entries[i].a->id[0] == want[i][0] && f.entries[i].b->id[0] == want[i][1]);
	assert_true(f.entries[0].from == PRL_TIME_OPEN_START && f.entries[0].to == PRL_TIME_OPEN_END);
	free(f.entries);
	plans_free_all(plans, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_one_by_one),
		cmocka_unit_test(test_none_and_one),
		cmocka_unit_test(test_equal_plans_and_stop),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
