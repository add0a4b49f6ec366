#include "conflict/encounter.h"

#include "geo/altitude.h"
#include "geo/footprint.h"

#define VERTICAL_SLACK_M 1e-6  /* outward, against the rounding of feet and flight levels to metres */
#define CONVERTED_M      1.0   /* margin for taking conversions between datums as linear over a stretch … */
#define STRETCH_CLIMB_M  200.0 /* … that climbs no more than this: ISA against a line bends by 0.2 m */
#define STRETCH_SPAN_M   10e3  /* and goes no farther than this: the geoid bends by less than 0.5 m */
#define SAMPLES          16
#define LOWER_M          0.01 /* the closest instant is found within this; runs err by 6 mm */
#define LOWER_MOST       64
#define GOLDEN           0.61803398874989484820

/* One stretch of two bodies. Times are seconds since its start. */
struct stretch {
	prl_findings *found;
	const prl_body *a, *b;
	prl_time start, end;
	double seconds;
	prl_atmosphere air;
};

double prl_measure(const prl_separation *separation, double horizontal_m, double vertical_m)
{
	if (separation->horizontal_m > 0 && separation->vertical_m > 0)
		return prl_max(horizontal_m / separation->horizontal_m, vertical_m / separation->vertical_m);
	return hypot(horizontal_m, vertical_m);
}

bool prl_best_takes(const prl_best *best, double measure, prl_time t)
{
	double tie = 1e-6 * (1 + measure);
	return !best->set || measure < best->measure - tie || (measure <= best->measure + tie && t < best->at.time);
}

/* ---- how high ------------------------------------------------------------------------------------------------ */

static prl_band band_at(const prl_body *body, double t)
{
	if (body->volume)
		return body->volume->band;
	double altitude = prl_leg_altitude_m(&body->leg, t);
	prl_band band = prl_band_m(altitude, altitude, body->datum);
	band.accuracy_m = prl_max(0, prl_leg_vertical_m(&body->leg, t));
	return band;
}

static prl_latlng place_at(const struct stretch *s, double t)
{
	const prl_body *moving = s->a->volume ? s->b : s->a;
	prl_latlng at = prl_leg_place(&moving->leg, t);
	return (prl_latlng){ prl_min(90, prl_max(-90, at.lat_deg)), prl_wrap_deg(at.lng_deg) };
}

/* How far a is above b and b above a, each between two bounds. */
struct rises {
	prl_height_range a_above, b_above;
};

/* A position has no "from the ground up": a track that takes off is where it is, at 0 too, so that its rises stay
 * linear in time. */
static prl_band_end bottom_at(const prl_body *body, double t)
{
	if (body->volume)
		return prl_band_bottom(&body->volume->band);
	double off = prl_max(0, prl_leg_vertical_m(&body->leg, t));
	return (prl_band_end){ prl_leg_altitude_m(&body->leg, t) - off, body->datum };
}

static prl_band_end top_at(const prl_body *body, double t)
{
	if (body->volume)
		return prl_band_top(&body->volume->band);
	double off = prl_max(0, prl_leg_vertical_m(&body->leg, t));
	return (prl_band_end){ prl_leg_altitude_m(&body->leg, t) + off, body->datum };
}

static struct rises rises_at(const struct stretch *s, double t)
{
	prl_latlng at = place_at(s, t);
	return (struct rises){ prl_end_rise(bottom_at(s->a, t), top_at(s->b, t), at, &s->air),
			       prl_end_rise(bottom_at(s->b, t), top_at(s->a, t), at, &s->air) };
}

static double gap_of(const struct rises *r, bool known)
{
	return prl_max(0, known ? prl_max(r->a_above.high_m, r->b_above.high_m)
				: prl_max(r->a_above.low_m, r->b_above.low_m));
}

/* Cuts [*from, *to] down to where a linear rise from r0 (at t0) to r1 (at t1) is <= limit. */
static void clip_rise(double r0, double r1, double limit, double t0, double t1, double *from, double *to)
{
	if (r0 <= limit && r1 <= limit)
		return;
	if (r0 > limit && r1 > limit) {
		*to = -HUGE_VAL;
		return;
	}
	double t = isfinite(r0) && isfinite(r1) && t1 > t0 ? t0 + (t1 - t0) * (limit - r0) / (r1 - r0)
		   : r0 > limit                            ? t1
							   : t0;
	if (r0 > limit)
		*from = prl_max(*from, t);
	else
		*to = prl_min(*to, t);
}

static bool one_datum(const prl_body *a, const prl_body *b)
{
	prl_datum first = a->volume ? a->volume->band.lower.datum : a->datum;
	const prl_body *bodies[2] = { a, b };
	for (int i = 0; i < 2; i++) {
		const prl_body *body = bodies[i];
		if (body->volume ? body->volume->band.lower.datum != first || body->volume->band.upper.datum != first
				 : body->datum != first)
			return false;
	}
	return true;
}

/* Over how many parts of the stretch conversions between datums may be taken as linear. */
static int linear_parts(const struct stretch *s)
{
	double parts = 1;
	const prl_body *bodies[2] = { s->a, s->b };
	for (int i = 0; i < 2; i++) {
		const prl_leg *leg = &bodies[i]->leg;
		if (bodies[i]->volume)
			continue;
		double climb = fabs(leg->altitude_rate) * s->seconds;
		double way = (fabs(leg->lat_rate) + fabs(leg->lng_rate)) * s->seconds * 111e3;
		parts += climb / STRETCH_CLIMB_M + way / STRETCH_SPAN_M;
	}
	return (int)prl_min(parts, 10000);
}

/* Adds when the vertical distance is <= limit, known or possibly. */
static void vertical_runs(const struct stretch *s, double limit, bool known, prl_runs *runs)
{
	bool exact = one_datum(s->a, s->b);
	int parts = exact ? 1 : linear_parts(s);
	double most = limit + VERTICAL_SLACK_M + (exact ? 0 : known ? -CONVERTED_M : CONVERTED_M), t0 = 0;
	struct rises r0 = rises_at(s, 0);
	for (int i = 1; i <= parts; i++) {
		double t1 = s->seconds * i / parts, from = t0, to = t1;
		struct rises r1 = rises_at(s, t1);
		clip_rise(known ? r0.a_above.high_m : r0.a_above.low_m, known ? r1.a_above.high_m : r1.a_above.low_m,
			  most, t0, t1, &from, &to);
		clip_rise(known ? r0.b_above.high_m : r0.b_above.low_m, known ? r1.b_above.high_m : r1.b_above.low_m,
			  most, t0, t1, &from, &to);
		if (from <= to)
			prl_runs_add(runs, from, to);
		t0 = t1;
		r0 = r1;
	}
	prl_runs_merge(runs);
}

/* ---- how far ------------------------------------------------------------------------------------------------- */

/* Horizontal distance at t, at most about limit, and a place in the middle. */
static double horizontal_at(const struct stretch *s, double t, prl_latlng *ret_place)
{
	const prl_body *moving = s->a->volume ? s->b : s->a, *other = s->a->volume ? s->a : s->b;
	double off = prl_max(0, prl_leg_horizontal_m(&moving->leg, t));
	prl_latlng at = place_at(s, t);
	if (!other->volume) {
		prl_vec p = prl_leg_point(&moving->leg, t), q = prl_leg_point(&other->leg, t);
		off += prl_max(0, prl_leg_horizontal_m(&other->leg, t));
		*ret_place = prl_ellipsoid_place(prl_ellipsoid_drop(prl_vec_mix(p, q, 0.5)));
		return prl_max(0, prl_points_distance_m(p, q) - off);
	}
	prl_nearness near = { 0, at };
	prl_footprint *point = NULL;
	if (!prl_footprint_circle(at, off, 0, &point, NULL) &&
	    !prl_footprint_within(point, other->volume->footprint, s->found->options->separation.horizontal_m + 1,
				  &near))
		near.distance_m = s->found->options->separation.horizontal_m + 1;
	prl_footprint_free(point);
	*ret_place = near.place;
	return near.distance_m;
}

static void horizontal_runs(const struct stretch *s, double limit, prl_runs *runs)
{
	const prl_body *moving = s->a->volume ? s->b : s->a, *other = s->a->volume ? s->a : s->b;
	prl_reach reach = { limit + moving->leg.horizontal_m, moving->leg.horizontal_rate };
	if (other->volume) {
		reach.metres += other->volume->footprint->radius_m;
		prl_approach_footprint(&moving->leg, other->volume->footprint, reach, runs);
		return;
	}
	reach.metres += other->leg.horizontal_m;
	reach.rate += other->leg.horizontal_rate;
	prl_approach_points(&moving->leg, &other->leg, reach, runs);
}

/* ---- the closest instant ------------------------------------------------------------------------------------- */

/* Middle of the overlap or of the gap of two bands of one datum; NAN where unbounded or of different datums. */
static double middle_altitude(const prl_band *a, const prl_band *b, prl_datum *ret_datum)
{
	*ret_datum = a->lower.datum;
	if (a->upper.datum != *ret_datum || b->lower.datum != *ret_datum || b->upper.datum != *ret_datum)
		return (double)NAN;
	double low = prl_max(prl_altitude_m(a->lower), prl_altitude_m(b->lower));
	double high = prl_min(prl_altitude_m(a->upper), prl_altitude_m(b->upper));
	if (isfinite(low) && isfinite(high))
		return (low + high) / 2;
	return isfinite(low) ? low : isfinite(high) ? high : (double)NAN;
}

static double measure_at(const struct stretch *s, bool known, double t)
{
	prl_latlng place;
	struct rises r = rises_at(s, t);
	return prl_measure(&s->found->options->separation, horizontal_at(s, t, &place), gap_of(&r, known));
}

/* Never outside the stretch: seconds of a leg of years are rounded to more than a nanosecond, and a stretch may be
 * longer than an int64 of nanoseconds. */
static prl_time instant_of(const struct stretch *s, double t)
{
	uint64_t length = (uint64_t)s->end - (uint64_t)s->start;
	double ns = rint(t * 1e9);
	if (!(ns > 0))
		return s->start;
	return ns >= (double)length ? s->end : (prl_time)((uint64_t)s->start + (uint64_t)ns);
}

static void offer(const struct stretch *s, bool known, double t)
{
	prl_best *best = known ? &s->found->best_known : &s->found->best_possible;
	prl_closest c = { .time = instant_of(s, t) };
	struct rises r = rises_at(s, t);
	c.horizontal_m = horizontal_at(s, t, &c.place);
	c.vertical_m = gap_of(&r, known);
	double measure = prl_measure(&s->found->options->separation, c.horizontal_m, c.vertical_m);
	if (!prl_best_takes(best, measure, c.time))
		return;
	prl_band a = band_at(s->a, t), b = band_at(s->b, t);
	c.altitude_m = middle_altitude(&a, &b, &c.datum);
	*best = (prl_best){ true, measure, c };
}

/* The earliest instant of [low, high] at which a measure that falls to one lowest level there reaches it. */
static double lowest(const struct stretch *s, bool known, double low, double high)
{
	double from = low, to = high;
	double t0 = to - GOLDEN * (to - from), t1 = from + GOLDEN * (to - from);
	double m0 = measure_at(s, known, t0), m1 = measure_at(s, known, t1);
	for (int i = 0; i < 48 && to - from > 1e-7; i++) {
		if (m0 <= m1) {
			to = t1;
			t1 = t0;
			m1 = m0;
			m0 = measure_at(s, known, t0 = to - GOLDEN * (to - from));
		} else {
			from = t0;
			t0 = t1;
			m0 = m1;
			m1 = measure_at(s, known, t1 = from + GOLDEN * (to - from));
		}
	}
	double best = (from + to) / 2, level = measure_at(s, known, best);
	level += 1e-9 * (1 + level);
	if (measure_at(s, known, low) <= level)
		return low;
	double before = low; /* measure_at(before) > level >= measure_at(best) */
	for (int i = 0; i < 60 && best - before > 1e-7; i++) {
		double t = (before + best) / 2;
		if (measure_at(s, known, t) <= level)
			best = t;
		else
			before = t;
	}
	return best;
}

/* Two points that both move straight: the distance is convex, so is the gap, so is their measure. */
static void closest_of_points(const struct stretch *s, bool known, prl_run run)
{
	offer(s, known, run.from);
	if (run.to > run.from) {
		offer(s, known, lowest(s, known, run.from, run.to));
		offer(s, known, run.to);
	}
}

/* The first stretch within run in which the distances are within both limits at once. */
static bool both_within(const struct stretch *s, bool known, double across, double up, prl_run run, prl_run *ret)
{
	prl_runs h = { 0 }, v = { 0 };
	bool found = false;
	vertical_runs(s, up, known, &v);
	if (v.count)
		horizontal_runs(s, across, &h);
	for (size_t i = 0, j = 0; !found && i < h.count && j < v.count;) {
		ret->from = prl_max(run.from, prl_max(h.items[i].from, v.items[j].from));
		ret->to = prl_min(run.to, prl_min(h.items[i].to, v.items[j].to));
		found = ret->from <= ret->to;
		if (h.items[i].to < v.items[j].to)
			i++;
		else
			j++;
	}
	prl_runs_done(&h);
	prl_runs_done(&v);
	return found;
}

/* The first stretch within run in which the measure is lower than level by something that counts: there both distances
 * are within their shares of it at once. So nothing lower is missed, however short the dip. (Where conversions between
 * datums, or a separation of 0, leave only what is necessary for that, it may be no lower there.) */
static bool lower_within(const struct stretch *s, bool known, double level, prl_run run, prl_run *ret)
{
	const prl_separation *sep = &s->found->options->separation;
	bool apart = sep->horizontal_m > 0 && sep->vertical_m > 0; /* else the measure is metres */
	double across = level * (apart ? sep->horizontal_m : 1) - LOWER_M;
	double up = level * (apart ? sep->vertical_m : 1) - LOWER_M;
	return across >= 0 && up >= 0 && both_within(s, known, across, up, run, ret);
}

/* A point and a volume: the best of a few samples, made better round itself, and then in whatever stretch is lower
 * still, until there is none: the distance to a volume may dip once for each of its corners. */
static void closest_to_volume(const struct stretch *s, bool known, prl_run run)
{
	const prl_best *found = known ? &s->found->best_known : &s->found->best_possible;
	double best = run.from, level = measure_at(s, known, run.from), step = (run.to - run.from) / SAMPLES;
	offer(s, known, run.from);
	if (!(run.to > run.from) || level == 0)
		return;
	for (int i = 1; i <= SAMPLES; i++) {
		double t = run.from + step * i, m = measure_at(s, known, t);
		if (m < level) {
			level = m;
			best = t;
		}
	}
	prl_run lower = { prl_max(run.from, best - step), prl_min(run.to, best + step) };
	for (int i = 0; i < LOWER_MOST; i++) {
		double t = lowest(s, known, lower.from, lower.to), m = measure_at(s, known, t);
		if (i > 0 && !(m < level))
			break;
		offer(s, known, t);
		level = prl_min(m, found->measure);
		if (!lower_within(s, known, level, run, &lower))
			break;
	}
}

/* ---- together ------------------------------------------------------------------------------------------------ */

static bool best_is_final(const prl_best *best, prl_time start)
{
	return best->set && best->measure == 0 && best->at.time <= start;
}

/* Adds the times common to both sets of runs and looks for the closest instant among them. */
static void add_common(const struct stretch *s, bool known, const prl_runs *h, const prl_runs *v)
{
	prl_spans *spans = known ? &s->found->known : &s->found->possible;
	const prl_best *best = known ? &s->found->best_known : &s->found->best_possible;
	bool points = !s->a->volume && !s->b->volume;
	for (size_t i = 0, j = 0; i < h->count && j < v->count;) {
		prl_run run = { prl_max(h->items[i].from, v->items[j].from), prl_min(h->items[i].to, v->items[j].to) };
		if (run.from <= run.to) {
			prl_spans_add(spans, instant_of(s, run.from), instant_of(s, run.to));
			if (s->found->whether_only)
				return;
			if (!best_is_final(best, instant_of(s, run.from)))
				(points ? closest_of_points : closest_to_volume)(s, known, run);
		}
		if (h->items[i].to < v->items[j].to)
			i++;
		else
			j++;
	}
}

/* The first instant at which a moving body is inside a volume, both ways: the closest there can be. */
static void offer_inside(const struct stretch *s, bool known)
{
	prl_run inside;
	if (both_within(s, known, 0, 0, (prl_run){ 0, s->seconds }, &inside))
		offer(s, known, inside.from);
}

/* What is known, or possible, of two bodies whose horizontal runs are h. */
static void add_encounter(struct stretch *s, bool known, const prl_runs *h, const prl_runs *v)
{
	const prl_best *best = known ? &s->found->best_known : &s->found->best_possible;
	if (!s->found->whether_only && v->count && (s->a->volume || s->b->volume) && !best_is_final(best, s->start))
		offer_inside(s, known);
	add_common(s, known, h, v);
}

static void encounter_moving(struct stretch *s)
{
	const prl_separation *sep = &s->found->options->separation;
	bool exact = one_datum(s->a, s->b); /* then what is possible is known */
	prl_runs h = { 0 }, possible = { 0 }, known = { 0 };
	vertical_runs(s, sep->vertical_m, exact, &possible);
	if (possible.count)
		horizontal_runs(s, sep->horizontal_m, &h);
	if (h.count && !exact)
		vertical_runs(s, sep->vertical_m, true, &known);
	if (h.count) {
		add_encounter(s, exact, &h, &possible);
		add_encounter(s, true, &h, &known);
	}
	s->found->possible.failed |= h.failed | possible.failed | known.failed;
	prl_runs_done(&h);
	prl_runs_done(&possible);
	prl_runs_done(&known);
}

/* Whether the air's geoid may be used at one place for both: not where both regions are so large, or the separation so
 * wide, that the undulation changes by more than its ± 5 m between them. */
static prl_atmosphere air_for(const prl_findings *found, const prl_body *a, const prl_body *b)
{
	prl_atmosphere air = found->options->air;
	double across = HUGE_VAL;
	if (a->volume && b->volume)
		across = prl_min(a->volume->footprint->reach_m + a->volume->footprint->radius_m,
				 b->volume->footprint->reach_m + b->volume->footprint->radius_m);
	if ((a->volume && b->volume && across > 20e3) || found->options->separation.horizontal_m > 20e3)
		air.geoid = NULL;
	return air;
}

static void encounter_at_rest(prl_findings *found, const prl_volume *a, const prl_volume *b, const prl_atmosphere *air,
			      prl_time from, prl_time to)
{
	const prl_separation *sep = &found->options->separation;
	prl_nearness near;
	if (!prl_footprint_within(a->footprint, b->footprint, sep->horizontal_m, &near))
		return;
	prl_gap gap = prl_band_gap(&a->band, &b->band, near.place, air);
	double limit = sep->vertical_m + VERTICAL_SLACK_M;
	if (gap.at_least_m > limit)
		return;
	for (int known = 0; known <= (gap.at_most_m <= limit); known++) {
		prl_best *best = known ? &found->best_known : &found->best_possible;
		prl_closest c = { .time = from, .horizontal_m = near.distance_m, .place = near.place };
		c.vertical_m = known ? gap.at_most_m : gap.at_least_m;
		double measure = prl_measure(sep, c.horizontal_m, c.vertical_m);
		prl_spans_add(known ? &found->known : &found->possible, from, to);
		if (!prl_best_takes(best, measure, from))
			continue;
		c.altitude_m = middle_altitude(&a->band, &b->band, &c.datum);
		*best = (prl_best){ true, measure, c };
	}
}

void prl_encounter(prl_findings *findings, const prl_body *a, const prl_body *b, prl_time from, prl_time to)
{
	struct stretch s = { findings, a, b, from, to, 0, air_for(findings, a, b) };
	if (a->volume && b->volume) {
		encounter_at_rest(findings, a->volume, b->volume, &s.air, from, to);
		return;
	}
	s.seconds = (a->volume ? b : a)->leg.seconds;
	encounter_moving(&s);
}
