/* Advice against brute force: the plan is really moved by every smaller delay and altitude, and checked with all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <math.h>
#include <parley/advise.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/hard_cases.h"
#include "support/plans.h"

#define METRES (1 / 111319.49079327357) /* of the equator, degrees */

static double metres_of(prl_unit unit)
{
	return unit == PRL_UNIT_FT ? 0.3048 : unit == PRL_UNIT_FL ? 30.48 : 1;
}

/** A plan made again, later and higher. */
static prl_plan *moved(const prl_plan *plan, int64_t delay_s, double climb_m)
{
	prl_plan *m = plans_new(plan->id, plan->kind);
	prl_sample s[64];
	for (size_t i = 0; i < plan->volume_count; i++) {
		prl_volume v = plan->volumes[i];
		v.window.from += v.window.from == PRL_TIME_OPEN_START ? 0 : delay_s * PRL_SECOND;
		v.window.to += v.window.to == PRL_TIME_OPEN_END ? 0 : delay_s * PRL_SECOND;
		v.band.lower.value += climb_m / metres_of(v.band.lower.unit);
		v.band.upper.value += climb_m / metres_of(v.band.upper.unit);
		plans_add_volume(m, NULL, v.band, v.window); /* the footprint stays the other's */
		m->volumes[i].footprint = v.footprint;
	}
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		size_t n = prl_trajectory_count(plan->trajectories[i]);
		assert_true(n <= 64);
		for (size_t k = 0; k < n; k++) {
			s[k] = prl_trajectory_samples(plan->trajectories[i])[k];
			s[k].time += delay_s * PRL_SECOND;
			s[k].altitude_m += climb_m;
		}
		plans_add_trajectory(m, s, n, prl_trajectory_datum(plan->trajectories[i]));
	}
	return m;
}

static bool in_conflict(const prl_plan *plan, const prl_plan *const *others, size_t count, const prl_check_options *o)
{
	for (size_t i = 0; i < count; i++) {
		bool found = false;
		prl_conflict c;
		if (strcmp(others[i]->id, plan->id) == 0)
			continue;
		assert_int_equal(prl_pair_check(plan, others[i], o, &found, &c, NULL), PRL_OK);
		if (!found)
			continue;
		prl_conflict_done(&c);
		return true;
	}
	return false;
}

static bool moved_in_conflict(const prl_plan *plan, int64_t delay_s, double climb_m, const prl_plan *const *others,
                              size_t count, const prl_check_options *o)
{
	prl_plan *m = moved(plan, delay_s, climb_m);
	bool found = in_conflict(m, others, count, o);
	prl_plan_free(m);
	return found;
}

/** What is advised helps; nothing less does: the last steps before it and some of the others. */
static void check_delay(rnd *r, const prl_plan *plan, const prl_plan *const *others, size_t count,
                        const prl_check_options *o, const prl_advice *advice)
{
	int64_t end = advice->has_delay ? advice->delay_s : PRL_ADVISE_MAX_DELAY_S + 1;
	if (advice->has_delay)
		assert_false(moved_in_conflict(plan, end, 0, others, count, o));
	for (int64_t d = end - 1; d >= 0 && d >= end - 20; d--)
		assert_true(moved_in_conflict(plan, d, 0, others, count, o));
	for (int k = 0; k < 20 && end > 0; k++)
		assert_true(moved_in_conflict(plan, (int64_t)rnd_below(r, (size_t)end), 0, others, count, o));
}

/** The lowest end or position of a plan, above its own datum. */
static double lowest_m(const prl_plan *plan)
{
	double low = HUGE_VAL;
	for (size_t i = 0; i < plan->volume_count; i++)
		if (isfinite(plan->volumes[i].band.lower.value))
			low = fmin(low, prl_altitude_m(plan->volumes[i].band.lower));
	for (size_t i = 0; i < plan->trajectory_count; i++)
		for (size_t k = 0; k < prl_trajectory_count(plan->trajectories[i]); k++)
			low = fmin(low, prl_trajectory_samples(plan->trajectories[i])[k].altitude_m);
	return low;
}

static void check_climb(rnd *r, const prl_plan *plan, const prl_plan *const *others, size_t count,
                        const prl_check_options *o, const prl_advice *advice)
{
	int32_t climb = advice->has_climb ? advice->climb_m : PRL_ADVISE_MAX_CLIMB_M + 1, size = abs(climb);
	double low = lowest_m(plan);
	if (advice->has_climb)
		assert_false(moved_in_conflict(plan, 0, climb, others, count, o));
	assert_true(!advice->has_climb || climb >= 0 || low + climb >= 0);
	for (int32_t k = 0; k < 40 && size > 0; k++) {
		int32_t step = k < 20 ? size - 1 - k : (int32_t)rnd_below(r, (size_t)size);
		if (step < 0)
			continue;
		assert_true(moved_in_conflict(plan, 0, step, others, count, o));
		if (low - step >= 0)
			assert_true(moved_in_conflict(plan, 0, -step, others, count, o));
	}
	if (climb < 0)
		assert_true(moved_in_conflict(plan, 0, -climb, others, count, o)); /* up wins a tie */
}

static prl_advice advise(const prl_plan *plan, const prl_plan *const *others, size_t count, const prl_check_options *o)
{
	prl_advice advice = { 0 };
	prl_error err = { 0 };
	prl_status st = prl_advise(plan, others, count, o, &advice, &err);
	if (st)
		fprintf(stderr, "# refused: %s\n", err.text);
	assert_int_equal(st, PRL_OK);
	return advice;
}

static prl_plan *flight(double from_m, double to_m, double altitude_m, double from_s, double to_s)
{
	const prl_sample s[] = { plans_sample(from_s, 0, from_m * METRES, altitude_m), plans_sample(to_s, 0, to_m * METRES, altitude_m) };
	return plans_trajectory("flight", PRL_KIND_FLIGHT, s, 2);
}

static prl_plan *site(const char *id, double at_m, double radius_m, double low_m, double high_m, prl_window w)
{
	return plans_volume(id, PRL_KIND_SITE, plans_circle(0, at_m * METRES, radius_m), prl_band_m(low_m, high_m, PRL_DATUM_MSL), w);
}

static void test_designed(void **state)
{
	(void)state;
	const prl_check_options o = prl_check_options_default();
	prl_plan *f = flight(0, 10000, 500, 0, 1000); /* 10 m/s: inside the site's circle from 400 s to 600 s */
	prl_plan *s = site("site", 5000, 1000, 0, 1000, plans_window(450, 550));
	const prl_plan *others[] = { s, f };
	prl_advice a = advise(f, others, 2, &o);
	assert_true(a.has_delay && a.delay_s == 151); /* later than 550 s by the slack against rounding */
	assert_true(a.has_climb && a.climb_m == 501);
	s->volumes[0].band = prl_band_m(400, 1000, PRL_DATUM_MSL);
	a = advise(f, others, 2, &o);
	assert_true(a.has_climb && a.climb_m == -101);
	s->volumes[0].band = prl_band_m(400, 600, PRL_DATUM_MSL);
	a = advise(f, others, 2, &o);
	assert_true(a.has_climb && a.climb_m == 101); /* up wins */
	f->kind = PRL_KIND_CONVOY;
	a = advise(f, others, 2, &o);
	assert_true(a.has_delay && !a.has_climb);
	f->kind = PRL_KIND_GROUND_MOVEMENT;
	a = advise(f, others, 2, &o);
	assert_true(a.has_delay && !a.has_climb);
	f->kind = PRL_KIND_FLIGHT;
	s->volumes[0].window = plans_window(2000, 3000);
	a = advise(f, others, 2, &o);
	assert_true(a.has_delay && a.delay_s == 0 && a.has_climb && a.climb_m == 0);
	plans_free_all((prl_plan *[]){ f, s }, 2);
}

/** A site that never ends and reaches from the ground to the sky; one that ends too late; one too high. */
static void test_none(void **state)
{
	(void)state;
	const prl_check_options o = prl_check_options_default();
	prl_plan *f = flight(0, 10000, 500, 0, 1000);
	prl_plan *s = plans_volume("site", PRL_KIND_SITE, plans_circle(0, 5000 * METRES, 1000),
	                           prl_band_m(-HUGE_VAL, HUGE_VAL, PRL_DATUM_MSL), plans_always());
	const prl_plan *others[] = { s };
	prl_advice a = advise(f, others, 1, &o);
	assert_true(!a.has_delay && !a.has_climb);
	f->kind = PRL_KIND_CONVOY; /* which spares the search for an altitude */
	s->volumes[0].window = plans_window(0, 400 + 86400);
	a = advise(f, others, 1, &o);
	assert_false(a.has_delay);
	s->volumes[0].window = plans_window(0, 399 + 86400);
	a = advise(f, others, 1, &o);
	assert_true(a.has_delay && a.delay_s == 86400);
	f->kind = PRL_KIND_FLIGHT;
	s->volumes[0].band = prl_band_m(0, 3500, PRL_DATUM_MSL);
	a = advise(f, others, 1, &o);
	assert_false(a.has_climb);
	s->volumes[0].band = prl_band_m(0, 3499, PRL_DATUM_MSL);
	a = advise(f, others, 1, &o);
	assert_true(a.has_climb && a.climb_m == 3000);
	s->volumes[0].band = prl_band_m(1, 3500, PRL_DATUM_MSL); /* there is room below, at 0 */
	a = advise(f, others, 1, &o);
	assert_true(a.has_climb && a.climb_m == -500);
	s->volumes[0].band = prl_band_m(0, 3500, PRL_DATUM_AGL); /* cannot tell counts as a conflict */
	a = advise(f, others, 1, &o);
	assert_false(a.has_climb);
	plans_free_all((prl_plan *[]){ f, s }, 2);
}

static void test_who_gets_advice(void **state)
{
	(void)state;
	const prl_check_options o = prl_check_options_default();
	prl_plan *f = flight(0, 10000, 500, 0, 1000);
	static const char given[] = { [PRL_KIND_FLIGHT] = 1, [PRL_KIND_GROUND_MOVEMENT] = 1, [PRL_KIND_CONVOY] = 1, [PRL_KIND_EVACUATION] = 0 };
	for (size_t kind = PRL_KIND_UNKNOWN; kind <= PRL_KIND_EVACUATION; kind++) {
		prl_advice a = { true, 77, true, 77 };
		prl_error err = { 0 };
		f->kind = (prl_kind)kind;
		assert_int_equal(prl_advise_applies(f->kind), given[kind]);
		prl_status st = prl_advise(f, NULL, 0, &o, &a, &err);
		assert_int_equal(st, given[kind] ? PRL_OK : PRL_E_UNSUPPORTED);
		if (!given[kind])
			assert_true(a.delay_s == 77 && a.climb_m == 77 && err.text[0]);
	}
	prl_plan_free(f);
}

/** Windows with gaps: only one is long enough. */
static void test_several_windows(void **state)
{
	(void)state;
	const prl_check_options o = prl_check_options_default();
	prl_plan *f = flight(0, 10000, 500, 0, 1000); /* 200 s inside, from 400 s on */
	prl_plan *s = site("site", 5000, 1000, 0, 1e6, plans_window(0, 1000));
	plans_add_volume(s, plans_circle(0, 5000 * METRES, 1000), prl_band_m(0, 1e6, PRL_DATUM_MSL), plans_window(1150, 2000));
	plans_add_volume(s, plans_circle(0, 5000 * METRES, 1000), prl_band_m(0, 1e6, PRL_DATUM_MSL), plans_window(2199, 3000));
	prl_plan *t = site("t", 5000, 1000, 0, 1e6, plans_window(3203, 4000));
	const prl_plan *others[] = { s, f, t };
	prl_advice a = advise(f, others, 3, &o);
	assert_true(a.has_delay && a.delay_s == 2601 && !a.has_climb); /* inside from 3001 s to 3201 s */
	plans_free_all((prl_plan *[]){ f, s, t }, 3);
}

/** What happens outside the window that is looked at does not count. */
static void test_window(void **state)
{
	(void)state;
	prl_check_options o = prl_check_options_default();
	prl_plan *f = flight(0, 10000, 500, 0, 1000);
	prl_plan *s = site("site", 5000, 1000, 0, 1e6, plans_always());
	const prl_plan *others[] = { s };
	o.window = plans_window(0, 449.5);
	prl_advice a = advise(f, others, 1, &o);
	assert_true(a.has_delay && a.delay_s == 50); /* inside from 450 s on */
	o.window = plans_window(601, 86400 * 2);
	a = advise(f, others, 1, &o);
	assert_true(a.has_delay && a.delay_s == 0 && a.has_climb && a.climb_m == 0);
	plans_free_all((prl_plan *[]){ f, s }, 2);
}

/** Two in trail at 10 m/s, 300 m to keep: the one in front passes, the one behind waits. */
static void test_in_trail(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("in trail"), 0);
	prl_check_options o = prl_check_options_default();
	o.separation = (prl_separation){ 300, 100 };
	prl_plan *front = flight(0, 10000, 500, 0, 1000), *behind = flight(0, 10000, 500, 10, 1010);
	free(front->id);
	front->id = strdup("front");
	const prl_plan *others[] = { front };
	prl_advice a = advise(behind, others, 1, &o);
	assert_true(a.has_delay && a.delay_s == 21); /* 30 s is 300 m: still too close */
	assert_true(a.has_climb && a.climb_m == 101);
	check_delay(&r, behind, others, 1, &o, &a);
	check_climb(&r, behind, others, 1, &o, &a);
	plans_free_all((prl_plan *[]){ front, behind }, 2);
}

static void check_random(uint64_t seed, size_t index, size_t *ret_helped)
{
	rnd r = rnd_case(seed, index);
	prl_plan *plans[4];
	prl_check_options o = prl_check_options_default();
	prl_latlng at = hard_place(&r);
	double reach = rnd_log(&r, 100, 3e3);
	if (rnd_chance(&r, 0.7))
		o.separation = (prl_separation){ rnd_log(&r, 1, 2000), rnd_log(&r, 1, 300) };
	for (size_t i = 0; i < 4; i++) {
		char id[2] = { (char)('a' + i), 0 };
		plans[i] = plans_random(&r, id, at, reach);
	}
	const prl_plan *const *others = (const prl_plan *const *)plans;
	prl_advice a = advise(plans[1], others, 4, &o);
	/* open windows would hang on with every delay: the brute force is the same, only slower */
	check_delay(&r, plans[1], others, 4, &o, &a);
	check_climb(&r, plans[1], others, 4, &o, &a);
	*ret_helped += a.has_delay && a.delay_s > 0;
	plans_free_all(plans, 4);
}

static void test_random(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("advice");
	size_t count = rnd_count(1, 1000), helped = 0;
	for (size_t i = 0; i < count; i++)
		check_random(seed, i, &helped);
	fprintf(stderr, "# advice: a delay helps in %zu of %zu\n", helped, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_designed),        cmocka_unit_test(test_none),     cmocka_unit_test(test_who_gets_advice),
		cmocka_unit_test(test_several_windows), cmocka_unit_test(test_window),   cmocka_unit_test(test_in_trail), cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
