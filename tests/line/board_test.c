/* The board against looking at everything: what meets, in which order, after which changes. */
#include "line/board.h"

#include "base/hash.h"
#include "line/plans.h"
#include "line/separation.h"
#include "support/plans.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOTICES 120

/* What is put up, and what is known of it. */
typedef struct posted {
	prl_plan *plan;
	prl_board_item item;
	bool up;
} posted;

static prl_hash id_of(size_t i)
{
	char text[32];
	snprintf(text, sizeof text, "notice %zu", i);
	return prl_sha256(text, strlen(text));
}

static prl_window window_of(const prl_plan *plan)
{
	prl_window w = { PRL_TIME_OPEN_END, PRL_TIME_OPEN_START };
	for (size_t i = 0; i < plan->volume_count; i++) {
		prl_window v = plan->volumes[i].window;
		w.from = v.from < w.from ? v.from : w.from;
		w.to = v.to > w.to ? v.to : w.to;
	}
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		const prl_sample *s = prl_trajectory_samples(plan->trajectories[i]);
		prl_time last = s[prl_trajectory_count(plan->trajectories[i]) - 1].time;
		w.from = s[0].time < w.from ? s[0].time : w.from;
		w.to = last > w.to ? last : w.to;
	}
	return w;
}

static void post(prl_board *board, posted *p)
{
	prl_error err;
	prl_box *boxes;
	size_t count;
	prl_check_options options = prl_board_options((prl_separation){ 0, 0 });
	assert_int_equal(prl_board_boxes(p->plan, &options, &boxes, &count, &err), PRL_OK);
	assert_int_equal(prl_board_put(board, &p->item, boxes, count, &err), PRL_OK);
	free(boxes);
	p->up = true;
}

/* As at a start. */
static void load(prl_board *board, posted *p)
{
	prl_error err;
	prl_box *boxes;
	size_t count;
	prl_check_options options = prl_board_options((prl_separation){ 0, 0 });
	assert_int_equal(prl_board_boxes(p->plan, &options, &boxes, &count, &err), PRL_OK);
	assert_int_equal(prl_board_load(board, &p->item, boxes, count, &err), PRL_OK);
	free(boxes);
	p->up = true;
}

/* More loaded than there are buckets, with one put up between: all are found once it is open. */
static void many_are_loaded(void **state)
{
	(void)state;
	enum { MANY = 5000 };
	prl_error err;
	prl_board *board;
	const prl_box box = { { 0, 0, 0, 0 }, { 1, 1, 1, 1 } };
	assert_int_equal(prl_board_new(&board, &err), PRL_OK);
	prl_board_reserve(board, MANY);
	for (size_t i = 0; i < MANY; i++) {
		prl_board_item item = { .id = id_of(i), .mode = (uint8_t)(i % 3) };
		if (i % 1000 == 999) {
			assert_int_equal(prl_board_put(board, &item, &box, 1, &err), PRL_OK);
			assert_true(prl_board_has(board, &item.id, NULL));
		} else {
			assert_int_equal(prl_board_load(board, &item, &box, 1, &err), PRL_OK);
		}
	}
	prl_board_item wrong = { .mode = 3 };
	assert_int_equal(prl_board_load(board, &wrong, &box, 1, &err), PRL_E_RANGE);
	assert_int_equal(prl_board_put(board, &wrong, &box, 1, &err), PRL_E_RANGE);
	assert_int_equal(prl_board_open(board, &err), PRL_OK);
	assert_int_equal(prl_board_count(board), MANY);
	for (size_t i = 0; i < MANY; i++) {
		prl_board_item found;
		prl_hash id = id_of(i);
		assert_true(prl_board_has(board, &id, &found));
		assert_int_equal(found.mode, i % 3);
		if (i % 2)
			assert_int_equal(prl_board_remove(board, &id, &err), PRL_OK);
	}
	assert_int_equal(prl_board_count(board), MANY / 2);
	prl_board_free(board);
}

static void make(posted *p, rnd *r, size_t i, unsigned modes)
{
	char id[32];
	snprintf(id, sizeof id, "%03zu", i);
	p->plan = plans_random(r, id, (prl_latlng){ 35.3, 40.1 }, 60000);
	p->item = (prl_board_item){ .id = id_of(i),
				    .window = window_of(p->plan),
				    .mode = (uint8_t)rnd_below(r, modes),
				    .kind = (uint8_t)rnd_below(r, PRL_KIND_COUNT) };
}

/* after: as in prl_board_query; is moved on to the last one found. */
static size_t find_after(prl_board *board, const posted *p, prl_separation widest, size_t most, prl_board_place *after,
			 const prl_board_item **ret, size_t *ret_more)
{
	prl_error err;
	prl_box *boxes;
	size_t boxes_count, count;
	prl_check_options options = prl_board_options(widest);
	assert_int_equal(prl_board_boxes(p->plan, &options, &boxes, &boxes_count, &err), PRL_OK);
	/* reach of the same separation for all kinds: it must leave nothing out that the engine finds */
	prl_board_reach reach[PRL_KIND_COUNT];
	for (size_t i = 0; i < PRL_KIND_COUNT; i++)
		reach[i] = (prl_board_reach){ boxes, boxes_count };
	prl_box *wider;
	size_t wider_count;
	options = prl_board_options((prl_separation){ widest.horizontal_m + 3000, widest.vertical_m + 300 });
	assert_int_equal(prl_board_boxes(p->plan, &options, &wider, &wider_count, &err), PRL_OK);
	prl_board_query query = { .id = &p->item.id,
				  .mode = p->item.mode,
				  .kind = p->item.kind,
				  .window = p->item.window,
				  .boxes = wider,
				  .count = wider_count,
				  .reach = reach,
				  .most = most,
				  .after = after };
	assert_int_equal(prl_board_find(board, &query, ret, &count, ret_more, &err), PRL_OK);
	if (after && count)
		*after = prl_board_place_of(&query, &(*ret)[count - 1]);
	free(boxes);
	free(wider);
	return count;
}

static size_t find(prl_board *board, const posted *p, prl_separation widest, size_t most, const prl_board_item **ret,
		   size_t *ret_more)
{
	return find_after(board, p, widest, most, NULL, ret, ret_more);
}

static bool is_among(const prl_board_item *items, size_t count, const prl_hash *id)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&items[i].id, id, sizeof *id) == 0)
			return true;
	return false;
}

/* Every pair that the engine finds among all is among the candidates of either; nothing of another mode is. */
static void check_all(prl_board *board, posted *all, prl_separation separation)
{
	prl_check_options options = prl_check_options_default();
	options.separation = separation;
	for (size_t i = 0; i < NOTICES; i++) {
		const prl_board_item *items;
		size_t more, count = find(board, &all[i], separation, NOTICES, &items, &more);
		assert_int_equal(more, 0);
		assert_false(is_among(items, count, &all[i].item.id));
		for (size_t j = 0; j < NOTICES; j++) {
			prl_error err;
			bool found, among = is_among(items, count, &all[j].item.id);
			prl_conflict conflict;
			if (j == i || !all[j].up || all[j].item.mode != all[i].item.mode) {
				assert_false(among);
				continue;
			}
			assert_int_equal(prl_pair_check(all[i].plan, all[j].plan, &options, &found, &conflict, &err),
					 PRL_OK);
			if (found)
				prl_conflict_done(&conflict);
			assert_true(among || !found);
		}
	}
}

static void no_overlap_is_missed(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("board");
	size_t rounds = rnd_count(3, 60);
	for (size_t round = 0; round < rounds; round++) {
		rnd r = rnd_case(seed, round);
		prl_error err;
		prl_board *board;
		posted all[NOTICES] = { 0 };
		assert_int_equal(prl_board_new(&board, &err), PRL_OK);
		for (size_t i = 0; i < NOTICES; i++) {
			make(&all[i], &r, i, 3);
			if (i < NOTICES / 4)
				post(board, &all[i]);
			else if (i < NOTICES / 2)
				load(board, &all[i]);
		}
		assert_int_equal(prl_board_remove(board, &all[3].item.id, &err), PRL_OK); /* before it is open too */
		all[3].up = false;
		assert_int_equal(prl_board_open(board, &err), PRL_OK);
		prl_separation separation = { rnd_between(&r, 0, 9260), rnd_between(&r, 0, 600) };
		check_all(board, all, separation);
		for (size_t i = 0; i < 3 * NOTICES; i++) { /* up, replaced by another, down, in any order */
			size_t at = rnd_below(&r, NOTICES);
			if (rnd_chance(&r, 0.3)) {
				assert_int_equal(prl_board_remove(board, &all[at].item.id, &err), PRL_OK);
				all[at].up = false;
				continue;
			}
			prl_plan_free(all[at].plan);
			make(&all[at], &r, at, 3);
			post(board, &all[at]);
			if (rnd_chance(&r, 0.1))
				assert_int_equal(prl_board_settle(board, &err), PRL_OK);
		}
		size_t up = 0;
		for (size_t i = 0; i < NOTICES; i++)
			up += all[i].up;
		assert_int_equal(prl_board_count(board), up);
		check_all(board, all, separation);
		prl_board_free(board);
		for (size_t i = 0; i < NOTICES; i++)
			prl_plan_free(all[i].plan);
	}
}

/* In parts of whatever size it is what it is at once, in the same order, with the rest counted. */
static void parts_are_the_whole(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("parts");
	for (size_t round = 0; round < rnd_count(3, 60); round++) {
		rnd r = rnd_case(seed, round);
		prl_error err;
		prl_board *board;
		posted all[NOTICES] = { 0 };
		prl_separation separation = { rnd_between(&r, 0, 9260), rnd_between(&r, 0, 600) };
		assert_int_equal(prl_board_new(&board, &err), PRL_OK);
		assert_int_equal(prl_board_open(board, &err), PRL_OK);
		for (size_t i = 0; i < NOTICES; i++) {
			make(&all[i], &r, i, 1);
			post(board, &all[i]);
		}
		for (size_t i = 0; i < NOTICES; i += 7) {
			const prl_board_item *items;
			size_t more, whole = find(board, &all[i], separation, NOTICES, &items, &more), done = 0, most;
			prl_hash ids[NOTICES];
			for (size_t k = 0; k < whole; k++)
				ids[k] = items[k].id;
			prl_board_place at = { 0, PRL_TIME_OPEN_START, { { 0 } } };
			do {
				most = 1 + rnd_below(&r, 9);
				size_t count = find_after(board, &all[i], separation, most, &at, &items, &more);
				assert_int_equal(count + more, whole - done);
				for (size_t k = 0; k < count; k++)
					assert_memory_equal(&items[k].id, &ids[done + k], sizeof *ids);
				done += count;
			} while (more);
			assert_int_equal(done, whole);
		}
		prl_board_free(board);
		for (size_t i = 0; i < NOTICES; i++)
			prl_plan_free(all[i].plan);
	}
}

static posted circle(size_t i, prl_kind kind, double from_s, double to_s)
{
	posted p = { .plan = plans_volume("x", kind, plans_circle(35, 40, 1000), prl_band_m(0, 1000, PRL_DATUM_MSL),
					  plans_window(from_s, to_s)) };
	p.item = (prl_board_item){ .id = id_of(i), .window = plans_window(from_s, to_s), .kind = (uint8_t)kind };
	return p;
}

static void protected_places_come_first(void **state)
{
	(void)state;
	prl_error err;
	prl_board *board;
	prl_separation near = { 500, 300 };
	assert_int_equal(prl_board_new(&board, &err), PRL_OK);
	assert_int_equal(prl_board_open(board, &err), PRL_OK);
	posted all[] = { circle(0, PRL_KIND_FLIGHT, 0, 900),    circle(1, PRL_KIND_CONVOY, 500, 900),
			 circle(2, PRL_KIND_LIVE_FIRE, 0, 900), circle(3, PRL_KIND_SITE, 600, 900),
			 circle(4, PRL_KIND_FLIGHT, 100, 900),  circle(5, PRL_KIND_LIVE_FIRE, 50, 800) };
	for (size_t i = 0; i < 6; i++)
		post(board, &all[i]);
	const prl_board_item *items;
	size_t more, count = find(board, &all[5], near, 10, &items, &more);
	static const size_t order[] = { 1, 3, 0, 2, 4 };
	assert_int_equal(count, 5);
	prl_hash zero = id_of(0), two = id_of(2); /* both begin before the one who asks: by id */
	bool swapped = memcmp(&two, &zero, sizeof zero) < 0;
	for (size_t i = 0; i < 5; i++) {
		size_t expected = i == 2 && swapped ? 2 : i == 3 && swapped ? 0 : order[i];
		prl_hash id = id_of(expected);
		assert_memory_equal(&items[i].id, &id, sizeof id);
	}
	assert_int_equal(find(board, &all[5], near, 2, &items, &more), 2);
	assert_int_equal(more, 3);
	prl_hash first = id_of(1), second = id_of(3);
	assert_memory_equal(&items[0].id, &first, sizeof first);
	assert_memory_equal(&items[1].id, &second, sizeof second);
	prl_board_free(board);
	for (size_t i = 0; i < 6; i++)
		prl_plan_free(all[i].plan);
}

static void what_is_not_stated_is_everywhere(void **state)
{
	(void)state;
	prl_error err;
	prl_board *board;
	prl_footprint *whole;
	const prl_board_item *items;
	size_t more;
	assert_int_equal(prl_footprint_everywhere(&whole, &err), PRL_OK);
	assert_int_equal(prl_board_new(&board, &err), PRL_OK);
	assert_int_equal(prl_board_open(board, &err), PRL_OK);
	posted one = circle(0, PRL_KIND_FLIGHT, 0, 900), all = circle(1, PRL_KIND_UNKNOWN, 0, 900);
	prl_plan_free(all.plan);
	all.plan = plans_volume("all", PRL_KIND_UNKNOWN, whole, prl_band_m(-INFINITY, INFINITY, PRL_DATUM_MSL),
				plans_always());
	all.item.window = plans_always();
	post(board, &one);
	post(board, &all);
	assert_int_equal(find(board, &one, (prl_separation){ 0, 0 }, 5, &items, &more), 1);
	assert_int_equal(find(board, &all, (prl_separation){ 0, 0 }, 5, &items, &more), 1);
	prl_board_free(board);
	prl_plan_free(one.plan);
	prl_plan_free(all.plan);
}

static void what_is_over_is_swept(void **state)
{
	(void)state;
	prl_error err;
	prl_board *board;
	assert_int_equal(prl_board_new(&board, &err), PRL_OK);
	assert_int_equal(prl_board_open(board, &err), PRL_OK);
	for (size_t i = 0; i < 1000; i++) {
		posted p = circle(i, PRL_KIND_FLIGHT, (double)i, (double)i + 10);
		post(board, &p);
		prl_plan_free(p.plan);
		assert_int_equal(prl_board_sweep(board, plans_time((double)i - 100), &err), PRL_OK);
	}
	assert_in_range(prl_board_count(board), 111, 300);
	prl_hash newest = id_of(999), oldest = id_of(0);
	assert_true(prl_board_has(board, &newest, NULL));
	assert_false(prl_board_has(board, &oldest, NULL));
	prl_board_free(board);
}

/* ---- plans ------------------------------------------------------------------------------------------------------- */

static prl_held *keep(prl_plans *plans, size_t i, bool pin)
{
	prl_error err;
	prl_held *held = NULL;
	prl_hash hash = id_of(i);
	posted p = circle(i, PRL_KIND_FLIGHT, 0, 1);
	assert_int_equal(prl_plans_put(plans, &hash, p.plan, pin, &held, &err), PRL_OK);
	return held;
}

static void plans_in_use_stay(void **state)
{
	(void)state;
	prl_error err;
	prl_plans *plans;
	assert_int_equal(prl_plans_new(40000, &plans, &err), PRL_OK);
	prl_held *taken = keep(plans, 0, false), *again = keep(plans, 0, false);
	assert_ptr_equal(taken, again);
	prl_plans_give(plans, again);
	prl_plans_give(plans, keep(plans, 1, true));
	for (size_t i = 2; i < 200; i++)
		prl_plans_give(plans, keep(plans, i, false));
	prl_hash pinned = id_of(1), old = id_of(2), new = id_of(199);
	assert_in_range(prl_plans_bytes(plans), 1, 40000);
	assert_int_equal(prl_held_plan(taken)->volume_count, 1);
	prl_held *held = prl_plans_take(plans, &pinned);
	assert_non_null(held);
	prl_plans_give(plans, held);
	assert_null(prl_plans_take(plans, &old));
	held = prl_plans_take(plans, &new);
	assert_non_null(held);
	prl_plans_give(plans, held);
	prl_plans_give(plans, taken);
	prl_plans_unpin(plans, &pinned);
	for (size_t i = 200; i < 400; i++)
		prl_plans_give(plans, keep(plans, i, false));
	assert_null(prl_plans_take(plans, &pinned));
	prl_plans_free(plans);
}

/* ---- separation -------------------------------------------------------------------------------------------------- */

static void separation_is_never_nothing(void **state)
{
	(void)state;
	prl_separations s;
	json_t *body =
		json_loads("{\"separation\": [{\"kinds\": [\"flight\", \"flight\"], \"horizontal_m\": 0, "
			   "\"vertical_m\": 0, \"source\": \"nobody\"}, {\"kinds\": [\"site\", \"live-fire area\"], "
			   "\"horizontal_m\": 3000, \"vertical_m\": 0, \"source\": \"Terms, 4\"}, {\"kinds\": "
			   "[\"convoy\", \"exercise\"], \"horizontal_m\": 20000, \"vertical_m\": 500, \"source\": "
			   "\"Terms, 5\"}], \"terrain\": "
			   "{\"lower_m\": 100, \"upper_m\": 900, \"datum\": \"W84\", \"source\": \"x\"}}",
			   0, NULL);
	prl_constitution constitution = { .body = body };
	prl_separations_make(&constitution, &s);
	for (int a = 0; a < PRL_KIND_COUNT; a++)
		for (int b = 0; b < PRL_KIND_COUNT; b++) {
			const prl_separation_rule *rule = prl_separation_of(&s, (prl_kind)a, (prl_kind)b);
			const prl_separation_rule *back = prl_separation_of(&s, (prl_kind)b, (prl_kind)a);
			assert_true(rule->separation.horizontal_m > 0 && rule->separation.vertical_m > 0);
			if (a != PRL_KIND_UNKNOWN && b != PRL_KIND_UNKNOWN) {
				assert_true(
					prl_separation_of(&s, (prl_kind)a, PRL_KIND_UNKNOWN)->separation.horizontal_m >=
					rule->separation.horizontal_m);
				assert_true(
					prl_separation_of(&s, PRL_KIND_UNKNOWN, (prl_kind)b)->separation.vertical_m >=
					rule->separation.vertical_m);
			}
			assert_true(rule->separation.horizontal_m == back->separation.horizontal_m);
			assert_true(rule->separation.vertical_m == back->separation.vertical_m);
			assert_true(s.widest[a].horizontal_m >= rule->separation.horizontal_m);
			assert_true(s.widest[a].vertical_m >= rule->separation.vertical_m);
		}
	const prl_separation_rule *rule = prl_separation_of(&s, PRL_KIND_LIVE_FIRE, PRL_KIND_SITE);
	assert_string_equal(rule->source, "Terms, 4");
	assert_true(rule->separation.horizontal_m == 3000);
	assert_true(rule->separation.vertical_m == 1000); /* 0 is none: the default of the pair */
	rule = prl_separation_of(&s, PRL_KIND_UNKNOWN, PRL_KIND_UNKNOWN);
	assert_string_equal(rule->source, "Terms, 5");
	assert_true(rule->separation.horizontal_m == 20000 && rule->separation.vertical_m == 1000);
	assert_true(prl_separation_of(&s, PRL_KIND_SITE, PRL_KIND_UNKNOWN)->separation.horizontal_m == 9260);
	rule = prl_separation_of(&s, PRL_KIND_FLIGHT, PRL_KIND_FLIGHT);
	assert_string_equal(rule->source, PRL_SEPARATION_DEFAULT);
	assert_true(rule->separation.horizontal_m == 9260);
	assert_true(s.air.has_terrain && s.air.terrain_low_m == 14 && s.air.terrain_high_m == 1007);
	prl_separations_done(&s);
	json_decref(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_loaded),
		cmocka_unit_test(no_overlap_is_missed),
		cmocka_unit_test(parts_are_the_whole),
		cmocka_unit_test(protected_places_come_first),
		cmocka_unit_test(what_is_not_stated_is_everywhere),
		cmocka_unit_test(what_is_over_is_swept),
		cmocka_unit_test(plans_in_use_stay),
		cmocka_unit_test(separation_is_never_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
