/* The box index against brute force: queries, joins, changes, versions, threads, and memory that runs out.
 * PARLEY_LONG=1 runs 20 times as much; PARLEY_SEED=n repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conflict/index_tree.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- memory that runs out -------------------------------------------------------------------------------------- */

/* With fail_at = n > 0 the n-th call from then on fails. Not under ThreadSanitizer, which cannot have its functions
 * replaced. */
static long fail_at;

#ifndef __SANITIZE_THREAD__

static bool fail_now(void)
{
	return fail_at && !--fail_at;
}

void *realloc(void *memory, size_t bytes)
{
	static void *(*next)(void *, size_t);
	if (!next)
		*(void **)(void *)&next = dlsym(RTLD_NEXT, "realloc");
	return fail_now() ? NULL : next(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	static void *(*next)(size_t, size_t);
	if (!next)
		*(void **)(void *)&next = dlsym(RTLD_NEXT, "aligned_alloc");
	return fail_now() ? NULL : next(alignment, bytes);
}
#endif

/* ---- chance ---------------------------------------------------------------------------------------------------- */

static uint64_t seed;

static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static uint64_t draw(uint64_t *state)
{
	return mix(*state += UINT64_C(0x632BE59BD9B4E019));
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)(draw(state) % limit);
}

static unsigned longer(void)
{
	return getenv("PARLEY_LONG") ? 20 : 1;
}

enum kind { SPREAD, CLUSTERED, SAME, POINTS, EXTREME, LINE, HUGE, KINDS };

static prl_box make_box(enum kind kind, uint64_t *state)
{
	static const int32_t corners[] = { INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX - 1, INT32_MAX };
	prl_box box;
	for (int a = 0; a < 4; a++) {
		int32_t from = (int32_t)below(state, 100000),
			size = (int32_t)below(state, below(state, 20) ? 500 : 30000);
		if (kind == CLUSTERED)
			from = (int32_t)(1000 * below(state, 3) + below(state, 300));
		if (kind == SAME)
			from = 7, size = 100;
		if (kind == POINTS)
			from = (int32_t)below(state, 12), size = 0;
		if (kind == LINE && a)
			from = 5, size = 0;
		if (kind == HUGE)
			size = 90000;
		box.min[a] = from;
		box.max[a] = from + size;
		if (kind == EXTREME) {
			int32_t u = corners[below(state, 7)], v = corners[below(state, 7)];
			box.min[a] = u < v ? u : v;
			box.max[a] = u < v ? v : u;
		}
	}
	return box;
}

static bool meet(const prl_box *a, const prl_box *b)
{
	for (int i = 0; i < 4; i++)
		if (a->min[i] > b->max[i] || a->max[i] < b->min[i])
			return false;
	return true;
}

/* ---- the model ------------------------------------------------------------------------------------------------- */

/* Ids 0 … ids - 1, each with a box or without. */
struct model {
	uint32_t ids;
	bool *here;
	prl_box *box;
};

static struct model model_new(uint32_t ids)
{
	return (struct model){ ids, calloc(ids + 1, 1), calloc(ids + 1, sizeof(prl_box)) };
}

static struct model model_copy(const struct model *m)
{
	struct model copy = model_new(m->ids);
	memcpy(copy.here, m->here, m->ids);
	memcpy(copy.box, m->box, m->ids * sizeof *m->box);
	return copy;
}

static void model_done(struct model *m)
{
	free(m->here);
	free(m->box);
}

static size_t model_count(const struct model *m)
{
	size_t count = 0;
	for (uint32_t i = 0; i < m->ids; i++)
		count += m->here[i];
	return count;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Two queries: found ones exactly, and once more by callback. */
struct tally {
	uint64_t sum;
	size_t count, stop_after;
};

static bool tally_ids(const uint32_t *ids, size_t count, void *context)
{
	struct tally *t = context;
	for (size_t i = 0; i < count; i++)
		t->sum ^= mix(ids[i]);
	t->count += count;
	return !t->stop_after || t->count < t->stop_after;
}

/* Not assert_*: readers call it outside the main thread. */
static bool query_agrees(const prl_snapshot *s, const struct model *m, const prl_box *box, prl_ids *found)
{
	struct tally t = { 0 };
	if (prl_snapshot_find(s, box, found) || prl_snapshot_query(s, box, tally_ids, &t))
		return false;
	if (found->count)
		qsort(found->ids, found->count, sizeof *found->ids, by_id);
	size_t k = 0;
	uint64_t sum = 0;
	for (uint32_t i = 0; i < m->ids; i++)
		if (m->here[i] && meet(&m->box[i], box)) {
			if (k >= found->count || found->ids[k++] != i)
				return false;
			sum ^= mix(i);
		}
	return k == found->count && t.count == k && t.sum == sum;
}

static bool tally_pairs(const prl_pair *pairs, size_t count, void *context)
{
	struct tally *t = context;
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].a >= pairs[i].b)
			return false;
		t->sum ^= mix((uint64_t)pairs[i].a << 32 | pairs[i].b);
	}
	t->count += count;
	return !t->stop_after || t->count < t->stop_after;
}

static bool join_agrees(const prl_snapshot *s, const struct model *m)
{
	struct tally t = { 0 }, expected = { 0 };
	if (prl_snapshot_join(s, tally_pairs, &t))
		return false;
	for (uint32_t i = 0; i < m->ids; i++)
		for (uint32_t j = i + 1; m->here[i] && j < m->ids; j++)
			if (m->here[j] && meet(&m->box[i], &m->box[j])) {
				expected.sum ^= mix((uint64_t)i << 32 | j);
				expected.count++;
			}
	return t.sum == expected.sum && t.count == expected.count;
}

static const prl_box everything = { { INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN },
				    { INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX } };

static bool snapshot_agrees(const prl_snapshot *s, const struct model *m, enum kind kind, unsigned queries,
			    uint64_t *state)
{
	prl_ids found = { 0 };
	bool agrees = prl_snapshot_count(s) == model_count(m) && query_agrees(s, m, &everything, &found);
	for (unsigned q = 0; q < queries && agrees; q++) {
		prl_box box = make_box(q % 5 ? kind : (enum kind)below(state, KINDS), state);
		agrees = query_agrees(s, m, &box, &found);
	}
	prl_ids_done(&found);
	return agrees;
}

/* ---- built at once --------------------------------------------------------------------------------------------- */

static void check_built(enum kind kind, uint32_t count, uint64_t *state)
{
	struct model m = model_new(count);
	for (uint32_t i = 0; i < count; i++) {
		m.here[i] = true;
		m.box[i] = make_box(kind, state);
	}
	prl_index *index = NULL;
	assert_int_equal(prl_index_new(m.box, NULL, count, &index, NULL), PRL_OK);
	prl_snapshot *s = prl_snapshot_pin(index);
	assert_int_equal(prl_snapshot_version(s), 1);
	assert_true(snapshot_agrees(s, &m, kind, 60, state));
	assert_true(join_agrees(s, &m));
	prl_snapshot_unpin(s);
	prl_index_free(index);
	model_done(&m);
}

static void built_index_agrees_with_brute_force(void **unused)
{
	(void)unused;
	static const uint32_t counts[] = { 0, 1, 2, 15, 16, 17, 33, 255, 256, 257, 1023, 1025, 1700 };
	uint64_t state = seed;
	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
			check_built((enum kind)kind, counts[i], &state);
	for (unsigned round = 0; round < 2 * longer(); round++)
		check_built(round % 2 ? CLUSTERED : SPREAD, 4096 + below(&state, 2000), &state);
}

static void ids_of_the_caller_are_kept(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	struct model m = model_new(100000);
	prl_box boxes[500];
	uint32_t ids[500];
	for (int i = 0; i < 500; i++) {
		ids[i] = 99999 - 7 * (uint32_t)i;
		boxes[i] = m.box[ids[i]] = make_box(SPREAD, &state);
		m.here[ids[i]] = true;
	}
	prl_index *index = NULL;
	assert_int_equal(prl_index_new(boxes, ids, 500, &index, NULL), PRL_OK);
	assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 20, &state));
	prl_box got;
	assert_true(prl_index_get(index, ids[123], &got));
	assert_memory_equal(&got, &boxes[123], sizeof got);
	assert_false(prl_index_get(index, 5, &got));
	prl_index_free(index);

	ids[17] = ids[400];
	prl_error err;
	assert_int_equal(prl_index_new(boxes, ids, 500, &index, &err), PRL_E_DUPLICATE);
	ids[17] = UINT32_MAX;
	assert_int_equal(prl_index_new(boxes, ids, 500, &index, &err), PRL_E_RANGE);
	ids[17] = 0;
	boxes[499].max[3] = boxes[499].min[3] - 1;
	assert_int_equal(prl_index_new(boxes, ids, 500, &index, &err), PRL_E_RANGE);
	assert_string_equal(err.where, "box 499");
	assert_int_equal(prl_index_new(NULL, NULL, (size_t)PRL_INDEX_MAX_BOXES + 1, &index, &err), PRL_E_TOO_LARGE);
	model_done(&m);
}

static void every_instruction_set_gives_the_same(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	const struct prl_index_simd *all[4] = { &prl_index_simd_scalar };
	unsigned sets = 1;
#ifdef __x86_64__
	all[sets++] = &prl_index_simd_sse2;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		all[sets++] = &prl_index_simd_avx2;
	if (!strcmp(prl_index_simd()->name, "avx512"))
		all[sets++] = &prl_index_simd_avx512;
#endif
	for (unsigned kind = 0; kind < KINDS; kind++) {
		uint32_t count = 200 + below(&state, 800);
		struct model m = model_new(count);
		for (uint32_t i = 0; i < count; i++) {
			m.here[i] = i % 3 != 0;
			m.box[i] = make_box((enum kind)kind, &state);
		}
		for (unsigned set = 0; set < sets; set++) {
			prl_index *index = NULL;
			assert_int_equal(prl_index_new(m.box, NULL, 0, &index, NULL), PRL_OK);
			index->simd = all[set];
			for (uint32_t i = 0; i < count; i++)
				assert_int_equal(prl_index_insert(index, i, &m.box[i], NULL), PRL_OK);
			for (uint32_t i = 0; i < count; i += 3)
				assert_int_equal(prl_index_remove(index, i, NULL), PRL_OK);
			index->working->simd = all[set];
			assert_true(snapshot_agrees(prl_index_working(index), &m, (enum kind)kind, 50, &state));
			assert_true(join_agrees(prl_index_working(index), &m));
			prl_index_free(index);
		}
		model_done(&m);
	}
}

static void a_callback_can_stop(void **unused)
{
	(void)unused;
	prl_index *index = NULL;
	prl_box *same = calloc(1000, sizeof *same);
	assert_int_equal(prl_index_new(same, NULL, 1000, &index, NULL), PRL_OK);
	struct tally t = { .stop_after = 1 };
	assert_int_equal(prl_snapshot_query(prl_index_working(index), &same[0], tally_ids, &t), PRL_E_CALLBACK);
	assert_true(t.count <= 256);
	t = (struct tally){ .stop_after = 1 };
	assert_int_equal(prl_snapshot_join(prl_index_working(index), tally_pairs, &t), PRL_E_CALLBACK);
	assert_true(t.count <= 1024);
	prl_index_free(index);
	free(same);
}

/* ---- changes --------------------------------------------------------------------------------------------------- */

/* One random change, made to both; what should fail must fail. */
static void change(prl_index *index, struct model *m, enum kind kind, unsigned grow, uint64_t *state)
{
	uint32_t id = below(state, m->ids);
	prl_box box = make_box(kind, state);
	prl_status status;
	if (below(state, 100) < 20) {
		status = prl_index_update(index, id, &box, NULL);
		assert_int_equal(status, m->here[id] ? PRL_OK : PRL_E_NOT_FOUND);
		if (!status)
			m->box[id] = box;
	} else if (below(state, 100) < grow) {
		status = prl_index_insert(index, id, &box, NULL);
		assert_int_equal(status, m->here[id] ? PRL_E_DUPLICATE : PRL_OK);
		if (!status) {
			m->here[id] = true;
			m->box[id] = box;
		}
	} else {
		status = prl_index_remove(index, id, NULL);
		assert_int_equal(status, m->here[id] ? PRL_OK : PRL_E_NOT_FOUND);
		m->here[id] = false;
	}
}

/* The tree's own rules, see index_tree.h. */
static void check_node(const prl_index *index, uint32_t number, uint32_t live, uint32_t level)
{
	const struct prl_spot *spot = &index->spots[number];
	assert_true(live != 0 || number == index->root);
	assert_int_equal(live & ~(uint32_t)spot->used, 0);
	if (level)
		assert_int_equal(live, spot->used);
	for (; live; live &= live - 1) {
		unsigned lane = (unsigned)__builtin_ctz(live);
		if (!level) {
			uint32_t id = ((const struct prl_leaf *)spot->node)->id[lane];
			assert_int_equal(*prl_id_slot(index, id), number * PRL_FAN + lane);
			continue;
		}
		const struct prl_inner *inner = spot->node;
		uint32_t child = inner->number[lane];
		assert_ptr_equal(index->spots[child].node, inner->child[lane]);
		assert_int_equal(index->spots[child].up, number * PRL_FAN + lane);
		prl_box bounds;
		index->simd->bounds(inner->child[lane], inner->live[lane], &bounds);
		for (int a = 0; a < 4; a++) {
			assert_true(inner->at.min[a][lane] <= bounds.min[a]);
			assert_true(inner->at.max[a][lane] >= bounds.max[a]);
		}
		check_node(index, child, inner->live[lane], level - 1);
	}
}

static void check_tree(prl_index *index)
{
	const struct prl_view *view = &prl_index_working(index)->view;
	assert_ptr_equal(view->root, index->spots[index->root].node);
	assert_true(view->height >= 1 && view->height < PRL_MAX_HEIGHT);
	check_node(index, index->root, view->live, view->height);
}

enum { PINS = 6 };

struct pinned {
	prl_snapshot *snapshot;
	struct model model;
};

static void let_go(struct pinned *p, enum kind kind, uint64_t *state)
{
	if (!p->snapshot)
		return;
	assert_true(snapshot_agrees(p->snapshot, &p->model, kind, 5, state));
	prl_snapshot_unpin(p->snapshot);
	model_done(&p->model);
	p->snapshot = NULL;
}

static void publish(prl_index *index, const struct model *m, struct model *published, uint64_t *version)
{
	uint64_t number = 0;
	assert_int_equal(prl_index_publish(index, &number, NULL), PRL_OK);
	assert_int_equal(number, ++*version);
	model_done(published);
	*published = model_copy(m);
}

static void discard(prl_index *index, struct model *m, const struct model *published, uint64_t version)
{
	prl_index_discard(index);
	model_done(m);
	*m = model_copy(published);
	check_tree(index);
	assert_int_equal(prl_snapshot_version(prl_index_working(index)), version + 1);
	assert_int_equal(prl_snapshot_count(prl_index_working(index)), model_count(m));
	for (uint32_t id = 0; id < m->ids; id++) {
		prl_box box;
		assert_int_equal(prl_index_get(index, id, &box), m->here[id]);
		if (m->here[id])
			assert_memory_equal(&box, &m->box[id], sizeof box);
	}
}

/* Changes, publishes, discards, pins and lets go at random. The index grows for a while and shrinks for a while. */
static void random_life(enum kind kind, uint32_t ids, unsigned steps, uint64_t *state)
{
	prl_index *index = NULL;
	struct model m = model_new(ids), published = model_new(ids);
	struct pinned pins[PINS] = { 0 };
	uint64_t version = 1;
	assert_int_equal(prl_index_new(NULL, NULL, 0, &index, NULL), PRL_OK);
	for (unsigned step = 0; step < steps; step++) {
		unsigned grow = step / (steps / 4 + 1) % 2 ? 15 : 75;
		for (uint32_t i = below(state, below(state, 8) ? 20 : 600); i; i--)
			change(index, &m, kind, grow, state);
		if (!below(state, 20))
			assert_true(snapshot_agrees(prl_index_working(index), &m, kind, 5, state));
		if (below(state, 4))
			publish(index, &m, &published, &version);
		else if (below(state, 2))
			discard(index, &m, &published, version);
		struct pinned *p = &pins[below(state, PINS)];
		if (!below(state, 3)) {
			let_go(p, kind, state);
			publish(index, &m, &published, &version);
			*p = (struct pinned){ prl_snapshot_pin(index), model_copy(&m) };
			assert_int_equal(prl_snapshot_version(p->snapshot), version);
		}
		if (!below(state, 50))
			check_tree(index);
	}
	check_tree(index);
	assert_true(snapshot_agrees(prl_index_working(index), &m, kind, 30, state));
	if (ids < 3000)
		assert_true(join_agrees(prl_index_working(index), &m));
	for (int i = 0; i < PINS; i++)
		let_go(&pins[i], kind, state);
	prl_index_free(index);
	model_done(&m);
	model_done(&published);
}

static void random_lives_agree_with_brute_force(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	for (unsigned round = 0; round < longer(); round++)
		for (unsigned kind = 0; kind < KINDS; kind++) {
			random_life((enum kind)kind, 40, 300, &state);
			random_life((enum kind)kind, 2500, 300, &state);
			random_life((enum kind)kind, 9000, 200, &state);
		}
}

static void emptied_and_filled_again(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	enum { IDS = 6000 };
	struct model m = model_new(IDS);
	prl_index *index = NULL;
	assert_int_equal(prl_index_new(NULL, NULL, 0, &index, NULL), PRL_OK);
	size_t bytes = 0;
	for (int round = 0; round < 6; round++) {
		for (uint32_t i = 0; i < IDS; i++) {
			m.here[i] = true;
			m.box[i] = make_box(SPREAD, &state);
			assert_int_equal(prl_index_insert(index, i, &m.box[i], NULL), PRL_OK);
			if (i % 100 == 0)
				assert_int_equal(prl_index_publish(index, NULL, NULL), PRL_OK);
		}
		assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 20, &state));
		for (uint32_t i = 0; i < IDS; i++) {
			uint32_t id = (uint32_t)((uint64_t)i * 2741 % IDS);
			assert_int_equal(prl_index_remove(index, id, NULL), PRL_OK);
			m.here[id] = false;
			if (i % 1000 == 0) {
				check_tree(index);
				assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 3, &state));
			}
			if (i % 100 == 0)
				assert_int_equal(prl_index_publish(index, NULL, NULL), PRL_OK);
		}
		assert_int_equal(prl_index_publish(index, NULL, NULL), PRL_OK);
		assert_int_equal(prl_snapshot_count(prl_index_working(index)), 0);
		assert_int_equal(prl_index_working(index)->view.height, 1);
		if (round == 1)
			bytes = prl_index_bytes(index);
	}
	assert_true(prl_index_bytes(index) <= bytes + bytes / 4); /* what is freed is used again */
	prl_index_free(index);
	model_done(&m);
}

/* The same changes discarded again and again take no more memory, and leave nothing behind. */
static void discarded_changes_leave_nothing(void **unused)
{
	(void)unused;
	uint64_t state = seed, version = 1;
	enum { IDS = 5000 };
	struct model m = model_new(IDS);
	for (uint32_t i = 0; i < IDS / 2; i++) {
		m.here[i] = true;
		m.box[i] = make_box(SPREAD, &state);
	}
	struct model published = model_copy(&m);
	prl_index *index = NULL;
	assert_int_equal(prl_index_new(m.box, NULL, IDS / 2, &index, NULL), PRL_OK);
	prl_index_discard(index); /* nothing to drop */
	prl_snapshot *before = prl_snapshot_pin(index);
	size_t bytes = 0;
	for (int round = 0; round < 30; round++) {
		for (uint32_t i = 0; i < IDS; i++)
			change(index, &m, SPREAD, round % 3 ? 15 : 80, &state);
		if (round % 7 == 6) /* everything goes, the root too */
			for (uint32_t i = 0; i < IDS; i++)
				(void)!prl_index_remove(index, i, NULL);
		discard(index, &m, &published, version);
		assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 5, &state));
		if (round == 10)
			bytes = prl_index_bytes(index);
	}
	assert_true(prl_index_bytes(index) <= bytes + bytes / 4);
	assert_true(snapshot_agrees(before, &m, SPREAD, 20, &state));
	prl_snapshot_unpin(before);
	prl_index_free(index);
	model_done(&m);
	model_done(&published);
}

/* A version held throughout keeps what it sees, not what came and went since. */
static void an_old_pin_costs_only_what_it_sees(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	enum { IDS = 4000 };
	struct model m = model_new(IDS);
	for (uint32_t i = 0; i < IDS; i++) {
		m.here[i] = true;
		m.box[i] = make_box(SPREAD, &state);
	}
	prl_index *index = NULL;
	assert_int_equal(prl_index_new(m.box, NULL, IDS, &index, NULL), PRL_OK);
	prl_snapshot *old = prl_snapshot_pin(index);
	size_t bytes = 0;
	for (int round = 0; round < 40; round++) {
		for (uint32_t i = 0; i < IDS; i++) {
			prl_box box = make_box(SPREAD, &state);
			assert_int_equal(prl_index_update(index, i, &box, NULL), PRL_OK);
			if (i % 50 == 0)
				assert_int_equal(prl_index_publish(index, NULL, NULL), PRL_OK);
		}
		if (round == 10)
			bytes = prl_index_bytes(index);
	}
	assert_true(prl_index_bytes(index) <= bytes + bytes / 4);
	assert_true(snapshot_agrees(old, &m, SPREAD, 50, &state));
	prl_snapshot_unpin(old);
	prl_index_free(index);
	model_done(&m);
}

static void wrong_changes_change_nothing(void **unused)
{
	(void)unused;
	prl_index *index = NULL;
	prl_error err;
	prl_box box = { { 0, 0, 0, 0 }, { 1, 1, 1, 1 } }, wrong = { { 0, 0, 2, 0 }, { 1, 1, 1, 1 } }, got;
	assert_int_equal(prl_index_new(NULL, NULL, 0, &index, NULL), PRL_OK);
	assert_int_equal(prl_index_remove(index, 0, &err), PRL_E_NOT_FOUND);
	assert_string_equal(err.text, "no id 0 in the index");
	assert_int_equal(prl_index_insert(index, 0, &wrong, &err), PRL_E_RANGE);
	assert_string_equal(err.text, "min 2 is above max 1 on axis 2");
	assert_int_equal(prl_index_insert(index, UINT32_MAX, &box, &err), PRL_E_RANGE);
	assert_int_equal(prl_index_insert(index, 3, &box, &err), PRL_OK);
	assert_int_equal(prl_index_insert(index, 3, &box, &err), PRL_E_DUPLICATE);
	assert_int_equal(prl_index_update(index, 3, &wrong, &err), PRL_E_RANGE);
	assert_int_equal(prl_index_update(index, 4, &box, &err), PRL_E_NOT_FOUND);
	assert_true(prl_index_get(index, 3, &got));
	assert_memory_equal(&got, &box, sizeof box);
	assert_int_equal(prl_snapshot_count(prl_index_working(index)), 1);
	prl_snapshot *s = prl_snapshot_pin(index);
	assert_int_equal(prl_snapshot_count(s), 0); /* nothing published yet */
	prl_snapshot_unpin(s);
	prl_snapshot_unpin(NULL);
	prl_index_free(index);
	prl_index_free(NULL);
}

/* ---- memory runs out ------------------------------------------------------------------------------------------- */

/* Repeats a short life, failing the n-th allocation, until none is left to fail. After a failure everything is as
 * before, and the same call succeeds. */
static bool short_life(long fail, uint64_t *state)
{
	enum { IDS = 3000 };
	struct model m = model_new(IDS);
	prl_index *index = NULL;
	bool failed = false;
	for (uint32_t i = 0; i < 300; i++) {
		m.here[i] = true;
		m.box[i] = make_box(SPREAD, state);
	}
	fail_at = fail;
	if (prl_index_new(m.box, NULL, 300, &index, NULL)) {
		failed = true;
		assert_int_equal(prl_index_new(m.box, NULL, 300, &index, NULL), PRL_OK);
	}
	for (uint32_t i = 0; i < 4 * IDS; i++) {
		uint32_t id = i * 7 % IDS;
		prl_box box = make_box(SPREAD, state);
		for (int attempt = 0; attempt < 2; attempt++) {
			prl_status status = m.here[id] ? prl_index_remove(index, id, NULL)
						       : prl_index_insert(index, id, &box, NULL);
			if (!status && i % 97 == 0)
				while (prl_index_publish(index, NULL, NULL))
					failed = true;
			if (!status)
				break;
			assert_int_equal(status, PRL_E_MEMORY);
			assert_int_equal(attempt, 0);
			assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 3, state));
			failed = true;
		}
		m.here[id] = !m.here[id];
		m.box[id] = box;
	}
	fail_at = 0;
	check_tree(index);
	assert_true(snapshot_agrees(prl_index_working(index), &m, SPREAD, 10, state));
	prl_index_free(index);
	model_done(&m);
	return failed;
}

static void running_out_of_memory_loses_nothing(void **unused)
{
	(void)unused;
	uint64_t state = seed;
	long fail = 1;
	while (short_life(fail, &state))
		fail++;
#ifndef __SANITIZE_THREAD__
	assert_true(fail > 15); /* or nothing was failed at all */
#endif
}

/* ---- threads --------------------------------------------------------------------------------------------------- */

/* Box and presence of every id at every version follow from their numbers, so that a reader can make the model of
 * whatever version it pins. Version 1 is empty; version v > 1 gives new boxes to the ids of v's group. */
enum { LIFE_IDS = 600, GROUPS = 12, READERS = 3 };

static bool box_at(uint32_t id, uint64_t version, prl_box *ret_box)
{
	uint64_t back = (version + GROUPS - id % GROUPS) % GROUPS; /* versions since the last of its group */
	if (version < back + 2)
		return false;
	uint64_t state = mix(seed ^ (version - back) << 32 ^ id);
	*ret_box = make_box(SPREAD, &state);
	return below(&state, 8) != 0;
}

struct shared {
	prl_index *index;
	_Atomic bool done, wrong;
	uint64_t versions;
};

static void *read_along(void *context)
{
	struct shared *shared = context;
	struct model m = model_new(LIFE_IDS);
	prl_snapshot *held = NULL;
	uint64_t state = seed ^ (uintptr_t)&m, last = 0;
	for (unsigned round = 0; !atomic_load(&shared->done); round++) {
		prl_snapshot *s = prl_snapshot_pin(shared->index);
		if (prl_snapshot_version(s) < last)
			atomic_store(&shared->wrong, true);
		last = prl_snapshot_version(s);
		if (round % 5 == 0) { /* now and then the old one is kept and the new one let go */
			prl_snapshot *keep = held ? held : s;
			held = keep == s ? NULL : s;
			s = keep;
		}
		for (uint32_t i = 0; i < LIFE_IDS; i++)
			m.here[i] = box_at(i, prl_snapshot_version(s), &m.box[i]);
		if (!snapshot_agrees(s, &m, SPREAD, 10, &state) || (round % 16 == 0 && !join_agrees(s, &m)))
			atomic_store(&shared->wrong, true);
		prl_snapshot_unpin(s);
	}
	prl_snapshot_unpin(held);
	model_done(&m);
	return NULL;
}

static void write_version(prl_index *index, uint64_t version)
{
	for (uint32_t id = (uint32_t)(version % GROUPS); id < LIFE_IDS; id += GROUPS) {
		prl_box box;
		prl_box was;
		bool old = prl_index_get(index, id, &was), now = box_at(id, version, &box);
		prl_status status = PRL_OK;
		if (old && now)
			status = prl_index_update(index, id, &box, NULL);
		else if (now)
			status = prl_index_insert(index, id, &box, NULL);
		else if (old)
			status = prl_index_remove(index, id, NULL);
		assert_int_equal(status, PRL_OK);
	}
	uint64_t published;
	assert_int_equal(prl_index_publish(index, &published, NULL), PRL_OK);
	assert_int_equal(published, version);
}

static void readers_see_whole_versions_while_the_writer_writes(void **unused)
{
	(void)unused;
	struct shared shared = { .versions = 1500 * longer() };
	pthread_t readers[READERS];
	assert_int_equal(prl_index_new(NULL, NULL, 0, &shared.index, NULL), PRL_OK);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_along, &shared), 0);
	for (uint64_t version = 2; version <= shared.versions; version++)
		write_version(shared.index, version);
	atomic_store(&shared.done, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_false(atomic_load(&shared.wrong));
	/* Nobody reads any more: one publish frees all old versions. */
	assert_int_equal(prl_index_publish(shared.index, NULL, NULL), PRL_OK);
	assert_ptr_equal(shared.index->oldest, shared.index->newest);
	prl_index_free(shared.index);
}

int main(void)
{
	const char *given = getenv("PARLEY_SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)(uintptr_t)&seed ^ (uint64_t)clock();
	printf("# PARLEY_SEED=%llu\n", (unsigned long long)seed);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_index_agrees_with_brute_force),
		cmocka_unit_test(ids_of_the_caller_are_kept),
		cmocka_unit_test(every_instruction_set_gives_the_same),
		cmocka_unit_test(a_callback_can_stop),
		cmocka_unit_test(random_lives_agree_with_brute_force),
		cmocka_unit_test(emptied_and_filled_again),
		cmocka_unit_test(discarded_changes_leave_nothing),
		cmocka_unit_test(an_old_pin_costs_only_what_it_sees),
		cmocka_unit_test(wrong_changes_change_nothing),
		cmocka_unit_test(running_out_of_memory_loses_nothing),
		cmocka_unit_test(readers_see_whole_versions_while_the_writer_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
