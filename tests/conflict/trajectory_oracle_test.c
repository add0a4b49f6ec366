/*
 * Trajectory against trajectory, and against volume: the engine's intervals against brute force.
 *
 * The truth is f(t) = max(h(t) - H - uncertainties, v(t) - V - uncertainties), metres, with h by PROJ or by the
 * footprint oracle. f changes by at most K metres a second, K the sum of the speeds and of the growth of the
 * uncertainties, so a cell of time with f(middle) beyond K times half its length is decided as a whole; others are cut
 * down to 0.2 ms. That gives what is closer than the separation by over 1 cm (IN) and what is not even within 1 cm of
 * it (OUT). The engine must cover all IN but for 1 ms at its ends, and nothing that is OUT by more than 1 ms.
 *
 * PARLEY_SEED, PARLEY_COUNT, PARLEY_CASE, PARLEY_LONG as in oracle_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <assert.h>
#include <cmocka.h>
#include <math.h>
#include <parley/conflict.h>
#include <stdlib.h>
#include <string.h>

#include "support/hard_cases.h"

#define SLACK_M         0.0101
#define SLACK_NS        INT64_C(1200000) /* 1 ms and the 0.2 ms of a cell */
#define CELL_NS         INT64_C(200000)
#define COARSE_CELL_NS  INT64_C(100000000) /* once a case has used up its evaluations */
#define EVALUATIONS_MAX 20000
#define SAMPLES_MAX     12
#define CELLS_MAX       60000
#define PRINTED_MAX     10

typedef struct mover {
	size_t count;
	prl_sample samples[SAMPLES_MAX];
} mover;

/** A trajectory, what it meets, and the separation. */
typedef struct scene {
	mover a, b; /**< b.count is 0 where it meets the volume */
	oracle_body body;
	double low_m, high_m;
	prl_time from, to; /**< times that both have in common */
	prl_separation separation;
	size_t evaluations;
} scene;

typedef enum cell_class { OUT, EDGE, IN } cell_class;

typedef struct cell {
	prl_time from, to;
	cell_class class;
} cell;

typedef struct cells {
	size_t count;
	cell cell[CELLS_MAX];
} cells;

/** How much farther apart than the separation: across and up. */
typedef struct excess {
	double across_m, up_m;
} excess;

/* ---- where things are ------------------------------------------------------------------------------------------ */

static double mix(double from, double to, double f)
{
	return from + (to - from) * f;
}

static double wrapped_step(double from, double to)
{
	double step = to - from;
	return step > 180 ? step - 360 : step < -180 ? step + 360 : step;
}

/** The sample that begins the piece at @p t. */
static size_t piece_at(const mover *m, prl_time t)
{
	size_t i = 0;
	while (i + 2 < m->count && t >= m->samples[i + 1].time)
		i++;
	return i;
}

static prl_sample mover_at(const mover *m, prl_time t)
{
	size_t i = piece_at(m, t);
	prl_sample p = m->samples[i];
	if (m->count == 1)
		return p;
	const prl_sample *q = &m->samples[i + 1];
	double f = (double)(t - p.time) / (double)(q->time - p.time);
	p.lng_deg += wrapped_step(p.lng_deg, q->lng_deg) * f;
	p.lat_deg = mix(p.lat_deg, q->lat_deg, f);
	p.altitude_m = mix(p.altitude_m, q->altitude_m, f);
	p.horizontal_m = mix(p.horizontal_m, q->horizontal_m, f);
	p.vertical_m = mix(p.vertical_m, q->vertical_m, f);
	p.time = t;
	return p;
}

static prl_latlng place_of(prl_sample s)
{
	return (prl_latlng){ s.lat_deg, s.lng_deg };
}

/** Horizontal and vertical distance at @p t, negative inside the volume; uncertainties taken off where asked. */
static excess distances_at(scene *sc, prl_time t, bool less_uncertainty)
{
	prl_sample a = mover_at(&sc->a, t), b = { 0 };
	excess e;
	sc->evaluations++;
	if (sc->b.count) {
		b = mover_at(&sc->b, t);
		e.across_m = oracle_distance_m(place_of(a), place_of(b));
		e.up_m = fabs(a.altitude_m - b.altitude_m);
	} else {
		e.across_m = oracle_point_m(&sc->body, place_of(a));
		e.up_m = fmax(sc->low_m - a.altitude_m, a.altitude_m - sc->high_m);
	}
	if (less_uncertainty) {
		e.across_m -= a.horizontal_m + b.horizontal_m;
		e.up_m -= a.vertical_m + b.vertical_m;
	}
	return e;
}

static double excess_at(scene *sc, prl_time t)
{
	excess e = distances_at(sc, t, true);
	return fmax(e.across_m - sc->separation.horizontal_m, e.up_m - sc->separation.vertical_m);
}

/** Most that a mover's place, altitude or uncertainty changes in a second of the piece that holds @p t. */
static double pace(const mover *m, prl_time t)
{
	if (m->count < 2)
		return 0;
	const prl_sample *p = &m->samples[piece_at(m, t)], *q = p + 1;
	double seconds = (double)(q->time - p->time) * 1e-9, radian = M_PI / 180;
	double low = p->lat_deg * q->lat_deg <= 0 ? 0 : fmin(fabs(p->lat_deg), fabs(q->lat_deg));
	double north = 6399594 * fabs(q->lat_deg - p->lat_deg) * radian; /* a² / b: the largest radius of curvature */
	double east = 6399594 * fabs(wrapped_step(p->lng_deg, q->lng_deg)) * radian * cos(low * radian);
	double across = hypot(north, east) + fabs(q->horizontal_m - p->horizontal_m);
	return fmax(across, fabs(q->altitude_m - p->altitude_m) + fabs(q->vertical_m - p->vertical_m)) / seconds;
}

/* ---- the truth ------------------------------------------------------------------------------------------------- */

static void add_cell(cells *c, prl_time from, prl_time to, cell_class class)
{
	cell *last = c->count ? &c->cell[c->count - 1] : NULL;
	if (last && last->class == class) {
		last->to = to;
		return;
	}
	assert(c->count < CELLS_MAX);
	c->cell[c->count++] = (cell){ from, to, class };
}

/** Decides [from, to], in which all is linear and f changes by at most @p k metres a second. */
static void decide(scene *sc, cells *c, prl_time from, prl_time to, double k)
{
	prl_time middle = from + (to - from) / 2;
	double f = excess_at(sc, middle), reach = k * ((double)(to - from) * 0.5e-9 + 1e-9);
	prl_time least = sc->evaluations < EVALUATIONS_MAX ? CELL_NS : COARSE_CELL_NS;
	if (f - reach > SLACK_M)
		add_cell(c, from, to, OUT);
	else if (f + reach < -SLACK_M)
		add_cell(c, from, to, IN);
	else if (to - from <= least)
		add_cell(c, from, to, EDGE);
	else {
		decide(sc, c, from, middle, k);
		decide(sc, c, middle, to, k);
	}
}

/** The next sample of either after @p t, or the end. */
static prl_time next_break(const scene *sc, prl_time t)
{
	prl_time next = sc->to;
	const mover *movers[2] = { &sc->a, &sc->b };
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < movers[k]->count; i++)
			if (movers[k]->samples[i].time > t && movers[k]->samples[i].time < next)
				next = movers[k]->samples[i].time;
	return next;
}

static void decide_all(scene *sc, cells *c)
{
	c->count = 0;
	sc->evaluations = 0;
	if (sc->from > sc->to)
		return;
	if (sc->from == sc->to) {
		double f = excess_at(sc, sc->from);
		add_cell(c, sc->from, sc->to, f > SLACK_M ? OUT : f < -SLACK_M ? IN : EDGE);
	}
	for (prl_time t = sc->from; t < sc->to;) {
		prl_time next = next_break(sc, t), middle = t + (next - t) / 2;
		decide(sc, c, t, next, (pace(&sc->a, middle) + pace(&sc->b, middle)) * 1.001);
		t = next;
	}
}

/** Whether all of [from, to] is OUT. */
static bool all_out(const cells *c, prl_time from, prl_time to)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->cell[i].class != OUT && c->cell[i].from <= to && c->cell[i].to >= from)
			return false;
	return true;
}

/* ---- scenes ---------------------------------------------------------------------------------------------------- */

/** A body under way: 1 to 8 legs, mostly straight on. It is at @p at at @p when. */
static void make_mover(rnd *r, prl_latlng at, prl_time when, double heading, double speed, mover *m)
{
	size_t legs = rnd_chance(r, 0.04) ? 0 : 1 + rnd_below(r, 7);
	prl_time start = when - (prl_time)(rnd_between(r, 0.1, 60) * 1e9);
	bool vague = rnd_chance(r, 0.4);
	double climb = rnd_chance(r, 0.5) ? 0 : rnd_between(r, -15, 15), altitude = rnd_between(r, 0, 9000);
	prl_latlng p = oracle_destination(at, heading + 180, speed * (double)(when - start) * 1e-9);
	m->count = 0;
	for (size_t i = 0; i <= legs; i++) {
		double seconds = rnd_log(r, 2, 120), u = vague ? rnd_between(r, 0, 200) : 0,
		       w = vague ? rnd_between(r, 0, 40) : 0;
		m->samples[m->count++] = (prl_sample){ start, p.lat_deg, p.lng_deg, altitude, u, w };
		start += (prl_time)(seconds * 1e9);
		p = oracle_destination(p, heading, speed * seconds);
		altitude += climb * seconds;
		heading += rnd_chance(r, 0.6) ? 0 : rnd_between(r, -60, 60);
	}
}

static void common_time(scene *sc, prl_time from, prl_time to)
{
	prl_time start = sc->a.samples[0].time, end = sc->a.samples[sc->a.count - 1].time;
	sc->from = start > from ? start : from;
	sc->to = end < to ? end : to;
}

/** Least h less uncertainties: the best of 200 moments, then a ternary search about it. NAN with no time in common. */
static double least_across(scene *sc, prl_time *ret_when)
{
	double best = (double)NAN;
	prl_time step = (sc->to - sc->from) / 200, when = sc->from;
	for (int i = 0; i <= 200 && sc->from <= sc->to; i++) {
		double d = distances_at(sc, sc->from + step * i, true).across_m;
		if (!(d >= best)) {
			best = d;
			when = sc->from + step * i;
		}
	}
	prl_time low = when - step > sc->from ? when - step : sc->from,
		 high = when + step < sc->to ? when + step : sc->to;
	while (high - low > 1000) {
		prl_time p = low + (high - low) / 3, q = high - (high - low) / 3;
		if (distances_at(sc, p, true).across_m < distances_at(sc, q, true).across_m)
			high = q;
		else
			low = p;
	}
	*ret_when = low;
	return sc->from <= sc->to ? distances_at(sc, low, true).across_m : best;
}

/** Chooses the separation so that the closest moment is too near, or not, by 1.1 cm to 10 km. */
static void choose_separation(rnd *r, scene *sc)
{
	prl_time when;
	double by = rnd_log(r, 0.011, 10e3) * (rnd_chance(r, 0.5) ? 1 : -1);
	double across = least_across(sc, &when), up = sc->from <= sc->to ? distances_at(sc, when, true).up_m : 0;
	double horizontal = across + by;
	sc->separation.horizontal_m = horizontal > 0 ? horizontal : rnd_chance(r, 0.3) ? 0 : rnd_log(r, 1, 20e3);
	if (!(sc->separation.horizontal_m <= 1e6))
		sc->separation.horizontal_m = 1000;
	double vertical = up + rnd_log(r, 0.011, 1000) * (rnd_chance(r, 0.7) ? 1 : -1);
	sc->separation.vertical_m = vertical > 0 ? vertical : rnd_chance(r, 0.3) ? 0 : rnd_log(r, 1, 1000);
}

/** Speeds a to b and the heading at which B passes A at right angles to the line between them, as A sees it. */
static void make_encounter(rnd *r, scene *sc)
{
	prl_latlng at = hard_place(r);
	prl_time when = PRL_SECOND * 1700000000 + (prl_time)rnd_below(r, 1000000000);
	double speed_a = rnd_log(r, 0.5, 300), speed_b = rnd_chance(r, 0.3) ? speed_a : rnd_log(r, 0.5, 300);
	double heading_a = rnd_between(r, 0, 360), heading_b = rnd_chance(r, 0.15) ? heading_a : rnd_between(r, 0, 360);
	double rad = M_PI / 180, east = speed_b * sin(heading_b * rad) - speed_a * sin(heading_a * rad);
	double north = speed_b * cos(heading_b * rad) - speed_a * cos(heading_a * rad);
	double side = atan2(east, north) / rad + (rnd_chance(r, 0.8) ? 90 : rnd_between(r, 0, 360));
	make_mover(r, at, when, heading_a, speed_a, &sc->a);
	make_mover(r, oracle_destination(at, side, rnd_log(r, 0.05, 20e3)), when, heading_b, speed_b, &sc->b);
	if (rnd_chance(r, 0.7)) { /* about the same height */
		double shift = mover_at(&sc->a, sc->a.samples[0].time).altitude_m - sc->b.samples[0].altitude_m;
		for (size_t i = 0; i < sc->b.count; i++)
			sc->b.samples[i].altitude_m += shift + rnd_log(r, 0.01, 500);
	}
	common_time(sc, sc->b.samples[0].time, sc->b.samples[sc->b.count - 1].time);
	choose_separation(r, sc);
}

static void make_crossing(rnd *r, scene *sc, prl_window *ret_window)
{
	prl_latlng at = hard_place(r);
	prl_time when = PRL_SECOND * 1700000000 + (prl_time)rnd_below(r, 1000000000);
	hard_form form;
	oracle_shape shape;
	sc->b.count = 0;
	make_mover(r, at, when, rnd_between(r, 0, 360), rnd_log(r, 0.5, 300), &sc->a);
	hard_form_make(r, rnd_log(r, 25, 50e3), 14, &form);
	hard_form_place(&form, oracle_destination(at, rnd_between(r, 0, 360), form.size_m * rnd_between(r, 0, 2)),
			rnd_between(r, 0, 360), &shape);
	oracle_body_init(&sc->body, &shape);
	sc->low_m = sc->a.samples[0].altitude_m + rnd_between(r, -500, 300);
	sc->high_m = rnd_chance(r, 0.1) ? HUGE_VAL : sc->low_m + rnd_log(r, 1, 1000);
	prl_time start = when + (prl_time)(rnd_between(r, -60, 60) * 1e9);
	*ret_window = rnd_chance(r, 0.3) ? (prl_window){ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END }
					 : (prl_window){ start, start + (prl_time)(rnd_log(r, 1e-3, 300) * 1e9) };
	common_time(sc, ret_window->from, ret_window->to);
	choose_separation(r, sc);
}

/* ---- comparing ------------------------------------------------------------------------------------------------- */

typedef struct run {
	uint64_t seed, index;
	size_t failures, with_in, without, evaluations;
} run;

static void print_mover(const char *name, const mover *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const prl_sample *s = &m->samples[i];
		fprintf(stderr, "#   %s[%zu] t %lld lat %.17g lng %.17g alt %.17g u %.17g %.17g\n", name, i,
			(long long)s->time, s->lat_deg, s->lng_deg, s->altitude_m, s->horizontal_m, s->vertical_m);
	}
}

static void scene_failed(run *t, const scene *sc, const cells *c, const prl_conflict *found, const char *what,
			 prl_time at)
{
	if (t->failures++ >= PRINTED_MAX)
		return;
	fprintf(stderr, "# FAILED: %s at %lld (PARLEY_SEED=%llu PARLEY_CASE=%llu)\n", what, (long long)at,
		(unsigned long long)t->seed, (unsigned long long)t->index);
	fprintf(stderr, "#   H %.17g V %.17g, common %lld to %lld\n", sc->separation.horizontal_m,
		sc->separation.vertical_m, (long long)sc->from, (long long)sc->to);
	print_mover("a", &sc->a);
	print_mover("b", &sc->b);
	if (!sc->b.count) {
		oracle_print(stderr, "volume", &sc->body.shape);
		fprintf(stderr, "#   from %.17g to %.17g m\n", sc->low_m, sc->high_m);
	}
	for (size_t i = 0; i < c->count && i < 12; i++)
		fprintf(stderr, "#   oracle %s %lld to %lld\n",
			(const char *[]){ "out", "edge", "in" }[c->cell[i].class], (long long)c->cell[i].from,
			(long long)c->cell[i].to);
	for (size_t i = 0; found && i < found->interval_count && i < 12; i++)
		fprintf(stderr, "#   engine %lld to %lld\n", (long long)found->intervals[i].from,
			(long long)found->intervals[i].to);
}

/** All IN but 1 ms at its ends lies in one of the engine's intervals; an IN shorter than that at least touches one. */
static void check_covered(run *t, const scene *sc, const cells *c, const prl_conflict *found)
{
	for (size_t i = 0; i < c->count; i++) {
		const cell *in = &c->cell[i];
		if (in->class != IN)
			continue;
		bool covered = false, shorter = in->to - in->from <= 2 * SLACK_NS;
		for (size_t k = 0; found && k < found->interval_count; k++) {
			const prl_window *w = &found->intervals[k];
			covered = covered || (w->from <= in->from + SLACK_NS && w->to >= in->to - SLACK_NS) ||
				  (shorter && w->from <= in->to + SLACK_NS && w->to >= in->from - SLACK_NS);
		}
		if (!covered)
			scene_failed(t, sc, c, found, found ? "interval too short" : "MISSED", in->from);
	}
}

static void check_not_more(run *t, const scene *sc, const cells *c, const prl_conflict *found)
{
	for (size_t k = 0; k < found->interval_count; k++) {
		const prl_window *w = &found->intervals[k];
		if (w->from > w->to || w->from < sc->from || w->to > sc->to || (k && w->from <= w[-1].to))
			scene_failed(t, sc, c, found, "intervals not in order or outside both", w->from);
		if (all_out(c, w->from - SLACK_NS, w->to + SLACK_NS))
			scene_failed(t, sc, c, found, "false alarm", w->from);
		for (size_t i = 0; i < c->count; i++) {
			const cell *out = &c->cell[i];
			prl_time from = w->from > out->from ? w->from : out->from,
				 to = w->to < out->to ? w->to : out->to;
			if (out->class == OUT && to - from > 2 * SLACK_NS)
				scene_failed(t, sc, c, found, "interval too long", from);
			if (out->class == OUT && to - from > SLACK_NS && (w->from > out->from || w->to < out->to))
				scene_failed(t, sc, c, found, "interval's end is late", from);
		}
	}
}

/** The closest moment: its distances are true, and no other of 300 is closer by max(h / H, v / V) beyond the slack. */
static void check_closest(run *t, scene *sc, const cells *c, const prl_conflict *found)
{
	const prl_closest *closest = &found->closest;
	double h = sc->separation.horizontal_m, v = sc->separation.vertical_m, k = 0;
	if (closest->time < sc->from || closest->time > sc->to) {
		scene_failed(t, sc, c, found, "closest.time is outside both", closest->time);
		return;
	}
	excess e = distances_at(sc, closest->time, false);
	k = pace(&sc->a, closest->time) + pace(&sc->b, closest->time);
	double slack = SLACK_M + k * 1e-3; /* the moment is given to the millisecond */
	if (!(fabs(fmax(0, e.across_m) - closest->horizontal_m) <= slack))
		scene_failed(t, sc, c, found, "closest.horizontal_m", closest->time);
	if (!(fabs(fmax(0, e.up_m) - closest->vertical_m) <= slack))
		scene_failed(t, sc, c, found, "closest.vertical_m", closest->time);
	if (h <= 0 || v <= 0)
		return;
	double best = fmax(fmax(0, e.across_m) / h, fmax(0, e.up_m) / v);
	double allowed = slack / fmin(h, v) + 1e-6 * (1 + best); /* and what counts as a tie (conflict.h) */
	for (int i = 0; i <= 300; i++) {
		prl_time at = sc->from + (sc->to - sc->from) / 300 * i;
		excess other = distances_at(sc, at, false);
		if (fmax(fmax(0, other.across_m) / h, fmax(0, other.up_m) / v) < best - allowed) {
			scene_failed(t, sc, c, found, "closer at another time than closest.time", at);
			return;
		}
	}
}

static bool certain(const mover *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->samples[i].horizontal_m > 0 || m->samples[i].vertical_m > 0)
			return false;
	return true;
}

static void compare(run *t, scene *sc, const prl_plan *a, const prl_plan *b)
{
	static cells c;
	prl_check_options options = prl_check_options_default();
	prl_conflict conflict;
	prl_error err = { 0 };
	bool found = false;
	options.separation = sc->separation;
	decide_all(sc, &c);
	t->evaluations += sc->evaluations;
	if (prl_pair_check(a, b, &options, &found, &conflict, &err) != PRL_OK) {
		scene_failed(t, sc, &c, NULL, err.text, 0);
		return;
	}
	bool any_in = false;
	for (size_t i = 0; i < c.count; i++)
		any_in = any_in || c.cell[i].class == IN;
	*(any_in ? &t->with_in : &t->without) += 1;
	check_covered(t, sc, &c, found ? &conflict : NULL);
	if (found) {
		check_not_more(t, sc, &c, &conflict);
		if (certain(&sc->a) && certain(&sc->b))
			check_closest(t, sc, &c, &conflict);
		prl_conflict_done(&conflict);
	}
}

static char empty[] = "";

static prl_plan plan_of(char *id)
{
	return (prl_plan){ .id = id, .party = empty, .name = empty, .source = empty };
}

static prl_trajectory *trajectory_of(run *t, const scene *sc, const mover *m)
{
	static const cells none;
	prl_error err = { 0 };
	prl_trajectory *trajectory = NULL;
	if (prl_trajectory_new(m->samples, m->count, PRL_DATUM_W84, &trajectory, &err) != PRL_OK)
		scene_failed(t, sc, &none, NULL, err.text, 0);
	return trajectory;
}

static void run_encounter(run *t, scene *sc)
{
	static char id_a[] = "a", id_b[] = "b";
	prl_trajectory *ta = trajectory_of(t, sc, &sc->a), *tb = trajectory_of(t, sc, &sc->b);
	prl_plan a = plan_of(id_a), b = plan_of(id_b);
	a.trajectories = &ta;
	b.trajectories = &tb;
	a.trajectory_count = b.trajectory_count = 1;
	if (ta && tb)
		compare(t, sc, &a, &b);
	prl_trajectory_free(ta);
	prl_trajectory_free(tb);
}

static void run_crossing(run *t, scene *sc, prl_window window)
{
	static char id_a[] = "a", id_b[] = "b";
	static const cells none;
	prl_error err = { 0 };
	prl_trajectory *ta = trajectory_of(t, sc, &sc->a);
	prl_footprint *footprint = oracle_engine_footprint(&sc->body.shape, 0, &err);
	prl_volume volume = { footprint, prl_band_m(sc->low_m, sc->high_m, PRL_DATUM_W84), window };
	prl_plan a = plan_of(id_a), b = plan_of(id_b);
	a.trajectories = &ta;
	a.trajectory_count = 1;
	b.volumes = &volume;
	b.volume_count = 1;
	if (ta && footprint)
		compare(t, sc, &a, &b);
	else
		scene_failed(t, sc, &none, NULL, err.text, 0);
	prl_trajectory_free(ta);
	prl_footprint_free(footprint);
}

static void cases(size_t normal, size_t full, size_t *ret_first, size_t *ret_end)
{
	const char *one = getenv("PARLEY_CASE");
	*ret_first = one ? (size_t)strtoull(one, NULL, 10) : 0;
	*ret_end = one ? *ret_first + 1 : rnd_count(normal, full);
}

static void finish(const char *name, const run *t, size_t count)
{
	fprintf(stderr, "# %s: %zu scenes (%zu too near, %zu not), %zu evaluations, %zu failures\n", name, count,
		t->with_in, t->without, t->evaluations, t->failures);
	assert_int_equal(t->failures, 0);
}

static void test_trajectories(void **state)
{
	(void)state;
	static scene sc;
	run t = { .seed = rnd_seed("trajectory against trajectory") };
	size_t end, first;
	cases(5000, 200000, &first, &end);
	for (t.index = first; t.index < end; t.index++) {
		rnd r = rnd_case(t.seed ^ UINT64_C(0x7247), t.index);
		make_encounter(&r, &sc);
		run_encounter(&t, &sc);
	}
	finish("trajectory against trajectory", &t, end - first);
}

static void test_volumes(void **state)
{
	(void)state;
	static scene sc;
	run t = { .seed = rnd_seed("trajectory against volume") };
	size_t end, first;
	cases(1500, 50000, &first, &end);
	for (t.index = first; t.index < end; t.index++) {
		rnd r = rnd_case(t.seed ^ UINT64_C(0x701), t.index);
		prl_window window;
		make_crossing(&r, &sc, &window);
		run_crossing(&t, &sc, window);
	}
	finish("trajectory against volume", &t, end - first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trajectories),
		cmocka_unit_test(test_volumes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
