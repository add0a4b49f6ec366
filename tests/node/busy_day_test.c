/* The busy day of watch-floor.md ("Checks a test can make"): at most 6 audible alarms an hour outside classes 1 and 2,
 * at most 10 new rows in any 10 min, and every alarm of class 1 heard. Second by second over 24 h, by the alarms that
 * stand. And the rules of ringing one by one. */
#include "node/ringing.h"

#include "support/random.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define NEAR_OVERLAPS 40
#define FLAPS         30
#define STOPS         4
#define DAY_S         86400

typedef struct day {
	prl_ringing *ringing;
	prl_time now;
	prl_alarms alarms;
} day;

static void set_up(day *d)
{
	prl_error err;
	d->now = 1000000 * PRL_SECOND;
	assert_int_equal(prl_ringing_new(&d->ringing, &err), PRL_OK);
	d->alarms = (prl_alarms){ .party = "us", .index = json_object() };
}

static prl_ringing_look look(day *d)
{
	prl_ringing_look found;
	prl_error err;
	assert_int_equal(prl_ringing_at(d->ringing, &d->alarms, d->now, &found, &err), PRL_OK);
	prl_alarms_done(&d->alarms);
	d->alarms = (prl_alarms){ .party = "us", .index = json_object() };
	d->now += PRL_SECOND;
	return found;
}

static void tear_down(day *d)
{
	prl_alarms_done(&d->alarms);
	prl_ringing_free(d->ringing);
}

static void raise(day *d, prl_alarm_id id, const char *what, size_t number, json_t *about)
{
	char situation[60];
	snprintf(situation, sizeof situation, "%s:%zu", what, number);
	prl_alarm_raise(&d->alarms, id, situation, about, d->now, d->now, "%s", situation);
}

static json_t *against(const char *peer, long long closest_m)
{
	return json_pack("{s:s, s:I}", "peer", peer, "closest_m", (json_int_t)closest_m);
}

/* ---- the rules --------------------------------------------------------------------------------------------------- */

static void rings_again_only_where_worse(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	static const struct {
		long long metres;
		size_t begun;
	} steps[] = { { 500, 1 }, { 500, 0 }, { 900, 0 }, { 800, 1 }, { 800, 0 } };
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", 1, against("ru", steps[i].metres));
		prl_ringing_look found = look(&d);
		assert_int_equal(found.begun, steps[i].begun);
		assert_int_equal(found.rows, 1);
	}
	tear_down(&d);
}

static void silence_lasts_30_s(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
	assert_int_equal(look(&d).sounding, 1);
	prl_ringing_silence(d.ringing, d.now);
	for (int second = 0; second < 30; second++) {
		raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
		assert_int_equal(look(&d).sounding, 0);
	}
	raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
	assert_int_equal(look(&d).sounding, 1);
	tear_down(&d);
}

static void a_flood_never_hides_class_1(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	for (size_t i = 0; i < 500; i++)
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", i, against(i % 2 ? "ru" : "tr", 1));
	prl_ringing_look found = look(&d);
	assert_int_equal(found.rows, PRL_RINGING_FLOOD + 2); /* those of their own, and one a peer */
	assert_int_equal(found.collapsed, 500 - PRL_RINGING_FLOOD);
	for (size_t i = 0; i < 500; i++)
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", i, against(i % 2 ? "ru" : "tr", 1));
	for (size_t i = 0; i < 20; i++)
		raise(&d, PRL_ALARM_CALL_STOP, "call", i, NULL);
	found = look(&d);
	assert_int_equal(found.rows, PRL_RINGING_FLOOD + 2 + 20);
	assert_int_equal(found.begun_urgent, 20);
	assert_int_equal(found.sounding, 1);
	tear_down(&d);
}

static void shelved_is_counted(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	json_t *shelf = json_object();
	raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", 1, against("ru", 1));
	d.alarms.items[0].shelf = shelf;
	prl_ringing_look found = look(&d);
	assert_int_equal(found.shelved, 1);
	assert_int_equal(found.rows + found.begun, 0);
	json_decref(shelf);
	tear_down(&d);
}

/* A link that comes and goes is one situation. */
static void flapping_is_one(void **state)
{
	(void)state;
	day d;
	size_t begun = 0;
	set_up(&d);
	for (int i = 0; i < 600; i++) {
		if (i / 20 % 2 == 0)
			raise(&d, PRL_ALARM_LINE_DOWN, "line", 1, NULL);
		begun += look(&d).begun;
	}
	assert_int_equal(begun, 1);
	tear_down(&d);
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

typedef struct event {
	size_t from_s, to_s;
} event;

static event random_event(rnd *r, size_t least_s, size_t most_s)
{
	event e;
	e.from_s = rnd_below(r, DAY_S - most_s);
	e.to_s = e.from_s + least_s + rnd_below(r, most_s - least_s);
	return e;
}

static bool stands(const event *e, size_t second)
{
	return second >= e->from_s && second < e->to_s;
}

typedef struct plan_of_day {
	event overlaps[NEAR_OVERLAPS], flaps[FLAPS], stops[STOPS];
	size_t truce_s;
} plan_of_day;

/* Of 2,900 overlaps the 40 that are cross-party and near are alarms: own against own and far ones are items of a list.
 * The truce's end is one bundle, class 2, with 1,200 sites that ring nowhere. Half of the overlaps come within one
 * half hour, as they do when a day's flights are filed. */
static plan_of_day plan(rnd *r)
{
	plan_of_day p;
	for (size_t i = 0; i < NEAR_OVERLAPS; i++) {
		p.overlaps[i] = random_event(r, 300, 7200);
		if (i % 2) {
			p.overlaps[i].from_s = 6 * 3600 + rnd_below(r, 1800);
			p.overlaps[i].to_s = p.overlaps[i].from_s + 3600;
		}
	}
	for (size_t i = 0; i < FLAPS; i++)
		p.flaps[i] = random_event(r, 5, 60);
	for (size_t i = 0; i < STOPS; i++)
		p.stops[i] = random_event(r, 5, 90);
	p.truce_s = rnd_below(r, DAY_S - 3600);
	return p;
}

static void raise_second(day *d, const plan_of_day *p, size_t second)
{
	for (size_t i = 0; i < NEAR_OVERLAPS; i++)
		if (stands(&p->overlaps[i], second))
			raise(d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", i, against("ru", 400));
	for (size_t i = 0; i < FLAPS; i++)
		if (stands(&p->flaps[i], second))
			raise(d, PRL_ALARM_LINE_DOWN, "line", 1, NULL);
	for (size_t i = 0; i < STOPS; i++)
		if (stands(&p->stops[i], second))
			raise(d, PRL_ALARM_CALL_STOP, "call", i, NULL);
	if (second >= p->truce_s && second < p->truce_s + 120)
		raise(d, PRL_ALARM_BUNDLE_TO_TAKE, "bundle", 1, NULL);
	for (size_t i = 0; i < 3; i++) /* what is filed against oneself is not raised at all */
		raise(d, PRL_ALARM_OVERLAP_TO_ANSWER, "own", i, against("us", 1));
}

static size_t most_in(const unsigned char *counts, size_t window_s)
{
	size_t sum = 0, most = 0;
	for (size_t i = 0; i < DAY_S; i++) {
		sum += counts[i];
		sum -= i >= window_s ? counts[i - window_s] : 0;
		most = sum > most ? sum : most;
	}
	return most;
}

static void busy_day(void **state)
{
	(void)state;
	static unsigned char pips[DAY_S], rows[DAY_S];
	rnd r = rnd_case(rnd_seed("busy day"), 0);
	plan_of_day p = plan(&r);
	day d;
	size_t heard = 0, called = 0;
	set_up(&d);
	for (size_t second = 0; second < DAY_S; second++) {
		bool stop = false;
		for (size_t i = 0; i < STOPS; i++) {
			called += second == p.stops[i].from_s;
			stop |= stands(&p.stops[i], second);
		}
		raise_second(&d, &p, second);
		prl_ringing_look found = look(&d);
		pips[second] = (unsigned char)found.begun;
		rows[second] = (unsigned char)(found.new_rows - found.begun_urgent);
		heard += found.begun_urgent && found.sounding == 1;
		assert_int_equal(found.sounding == 1, stop); /* sounds for as long as it waits */
	}
	assert_int_equal(called, STOPS);
	assert_true(heard >= 1);
	assert_true(most_in(pips, 3600) <= 6);
	assert_true(most_in(rows, 600) <= 10);
	tear_down(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_again_only_where_worse),
		cmocka_unit_test(silence_lasts_30_s),
		cmocka_unit_test(a_flood_never_hides_class_1),
		cmocka_unit_test(shelved_is_counted),
		cmocka_unit_test(flapping_is_one),
		cmocka_unit_test(busy_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
