/* One plan against another: every volume and leg of the one with every volume and leg of the other that exists at the
 * same time and is not plainly far away. */
#include "base/error.h"
#include "conflict/encounter.h"
#include "geo/footprint.h"

#include <stdlib.h>
#include <string.h>

prl_check_options prl_check_options_default(void)
{
	return (prl_check_options){ .window = { PRL_TIME_OPEN_START, PRL_TIME_OPEN_END } };
}

static prl_time later(prl_time a, prl_time b)
{
	return a > b ? a : b;
}

static prl_time sooner(prl_time a, prl_time b)
{
	return a < b ? a : b;
}

/* Metres on the ground that part two stretches of latitude, at least: no degree is shorter than 110.5 km. */
static double latitude_gap_m(double a_low, double a_high, double b_low, double b_high)
{
	return prl_max(a_low - b_high, b_low - a_high) * 110500;
}

/* Where a leg of a trajectory goes, roughly. */
struct hull {
	double south, north, west, east, low_m, high_m, horizontal_m, vertical_m;
};

static struct hull hull_of(const prl_trajectory *t, size_t i)
{
	const prl_sample *a = &t->samples[i], *b = i + 1 < t->count ? a + 1 : a;
	double lng_a = t->lng_deg[i], lng_b = i + 1 < t->count ? t->lng_deg[i + 1] : lng_a;
	return (struct hull){ prl_min(a->lat_deg, b->lat_deg),       prl_max(a->lat_deg, b->lat_deg),
		              prl_min(lng_a, lng_b),                 prl_max(lng_a, lng_b),
		              prl_min(a->altitude_m, b->altitude_m), prl_max(a->altitude_m, b->altitude_m),
		              prl_max(a->horizontal_m, b->horizontal_m), prl_max(a->vertical_m, b->vertical_m) };
}

/* Whether two legs are plainly farther apart than the separation. A point at latitude φ is at least
 * R asin(cos φ sin Δλ) >= R cos φ (Δλ − Δλ³/6) from a meridian Δλ away. */
static bool hulls_apart(const struct hull *a, const struct hull *b, const prl_separation *sep, bool one_datum,
                        prl_datum datum)
{
	double reach = sep->horizontal_m + a->horizontal_m + b->horizontal_m + 1;
	double height = sep->vertical_m + a->vertical_m + b->vertical_m + 1;
	bool ground = datum == PRL_DATUM_AGL && prl_min(a->low_m, b->low_m) <= 0; /* "from the ground up": no lower end */
	if (one_datum && !ground && prl_max(a->low_m - b->high_m, b->low_m - a->high_m) > height)
		return true;
	if (latitude_gap_m(a->south, a->north, b->south, b->north) > reach)
		return true;
	double apart = fabs(prl_wrap_deg((a->west + a->east - b->west - b->east) / 2));
	double gap = (apart - (a->east - a->west + b->east - b->west) / 2) / PRL_RADIAN;
	if (gap <= 0)
		return false;
	/* The other way round is no nearer than the same gap: the hulls together are under 360° here. */
	double round = 6.283185307179586 - 2 * ((a->east - a->west + b->east - b->west) / 2) / PRL_RADIAN - gap;
	gap = prl_min(prl_min(gap, 1.5), prl_max(0, round));
	double high = prl_min(90, prl_max(fabs(a->south), fabs(a->north))) / PRL_RADIAN;
	return PRL_WGS84_MIN_RADIUS * cos(high) * (gap - gap * gap * gap / 6) * 0.99 > reach;
}

/* The last leg that begins at or before t, or 0; at the very end it is the leg that ends there. */
static size_t leg_at(const prl_trajectory *trajectory, prl_time t)
{
	size_t low = 0, high = trajectory->count > 1 ? trajectory->count - 1 : 1;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (trajectory->samples[middle].time <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static prl_window leg_window(const prl_trajectory *t, size_t i)
{
	return (prl_window){ t->samples[i].time, t->samples[i + 1 < t->count ? i + 1 : i].time };
}

/* Legs that take part: a trajectory of one sample has one leg of no length. */
static size_t leg_count(const prl_trajectory *t)
{
	return t->count > 1 ? t->count - 1 : 1;
}

static void pair_trajectories(prl_findings *found, const prl_trajectory *a, const prl_trajectory *b)
{
	prl_window w = found->options->window;
	prl_time from = later(w.from, later(a->samples[0].time, b->samples[0].time));
	prl_time to = sooner(w.to, sooner(a->samples[a->count - 1].time, b->samples[b->count - 1].time));
	if (from > to)
		return;
	size_t i = leg_at(a, from), j = leg_at(b, from);
	while (i < leg_count(a) && j < leg_count(b) && !prl_findings_enough(found)) {
		prl_window wa = leg_window(a, i), wb = leg_window(b, j);
		prl_time start = later(from, later(wa.from, wb.from)), end = sooner(to, sooner(wa.to, wb.to));
		struct hull ha = hull_of(a, i), hb = hull_of(b, j);
		if (start <= end && !hulls_apart(&ha, &hb, &found->options->separation, a->datum == b->datum,
		                                 a->datum)) {
			prl_body one = { NULL, prl_leg_of(a, i, start, end), a->datum };
			prl_body two = { NULL, prl_leg_of(b, j, start, end), b->datum };
			prl_encounter(found, &one, &two, start, end);
		}
		if (wa.to <= wb.to)
			i++;
		else
			j++;
	}
}

/* Whether a leg between those heights is plainly above or below a band of its own datum: by the rules of
 * prl_band_gap(), so that what is not stated and "from the ground up" are no ends. */
static bool band_apart(const struct hull *h, const prl_band *band, prl_datum datum, double vertical_m)
{
	prl_band leg = prl_band_m(h->low_m, h->high_m, datum);
	leg.accuracy_m = h->vertical_m;
	return prl_band_gap(&leg, band, (prl_latlng){ 0, 0 }, NULL).at_least_m > vertical_m + 1;
}

/* Whether a leg is plainly farther from a volume's footprint than the separation. */
static bool leg_apart(const prl_findings *found, const prl_trajectory *t, size_t i, const prl_volume *volume)
{
	const prl_footprint *f = volume->footprint;
	struct hull h = hull_of(t, i);
	double reach = found->options->separation.horizontal_m + h.horizontal_m + f->radius_m + 1;
	if (f->base == PRL_BASE_EVERYWHERE)
		return false;
	if (volume->band.lower.datum == t->datum && volume->band.upper.datum == t->datum &&
	    band_apart(&h, &volume->band, t->datum, found->options->separation.vertical_m))
		return true;
	return latitude_gap_m(h.south, h.north, f->bounds.south_deg, f->bounds.north_deg) > reach;
}

static void pair_trajectory_volume(prl_findings *found, const prl_trajectory *t, const prl_volume *volume, bool swapped)
{
	prl_window w = found->options->window;
	prl_time from = later(later(w.from, volume->window.from), t->samples[0].time);
	prl_time to = sooner(sooner(w.to, volume->window.to), t->samples[t->count - 1].time);
	if (from > to)
		return;
	prl_body rest = { .volume = volume, .datum = volume->band.lower.datum };
	for (size_t i = leg_at(t, from); i < leg_count(t) && !prl_findings_enough(found); i++) {
		prl_window leg = leg_window(t, i);
		prl_time start = later(from, leg.from), end = sooner(to, leg.to);
		if (start > end)
			break;
		if (leg_apart(found, t, i, volume))
			continue;
		prl_body moving = { NULL, prl_leg_of(t, i, start, end), t->datum };
		prl_encounter(found, swapped ? &rest : &moving, swapped ? &moving : &rest, start, end);
	}
}

static void pair_volumes(prl_findings *found, const prl_volume *a, const prl_volume *b)
{
	prl_window w = found->options->window;
	prl_time from = later(w.from, later(a->window.from, b->window.from));
	prl_time to = sooner(w.to, sooner(a->window.to, b->window.to));
	if (from > to)
		return;
	prl_body one = { .volume = a, .datum = a->band.lower.datum }, two = { .volume = b, .datum = b->band.lower.datum };
	prl_encounter(found, &one, &two, from, to);
}

static void pair_plans(prl_findings *found, const prl_plan *a, const prl_plan *b)
{
	for (size_t i = 0; i < a->volume_count; i++) {
		for (size_t j = 0; j < b->volume_count && !prl_findings_enough(found); j++)
			pair_volumes(found, &a->volumes[i], &b->volumes[j]);
		for (size_t j = 0; j < b->trajectory_count; j++)
			pair_trajectory_volume(found, b->trajectories[j], &a->volumes[i], true);
	}
	for (size_t i = 0; i < a->trajectory_count; i++) {
		for (size_t j = 0; j < b->volume_count; j++)
			pair_trajectory_volume(found, a->trajectories[i], &b->volumes[j], false);
		for (size_t j = 0; j < b->trajectory_count; j++)
			pair_trajectories(found, a->trajectories[i], b->trajectories[j]);
	}
}

/* Puts the times in order; false when memory ran out. */
static bool settle(prl_findings *found)
{
	prl_spans_merge(&found->known);
	prl_spans_merge(&found->possible);
	if (found->known.count)
		prl_spans_subtract(&found->possible, &found->known);
	return !found->known.failed && !found->possible.failed;
}

/* Moves what was found into the conflict. */
static void conclude(prl_findings *found, const prl_plan *a, const prl_plan *b, prl_conflict *ret)
{
	bool known = found->known.count > 0;
	const prl_spans *main = known ? &found->known : &found->possible;
	*ret = (prl_conflict){
		.a = a,
		.b = b,
		.vertical = known ? PRL_VERTICAL_KNOWN : PRL_VERTICAL_CANNOT_TELL,
		.intervals = main->items,
		.interval_count = main->count,
		.possible = known ? found->possible.items : NULL,
		.possible_count = known ? found->possible.count : 0,
		.closest = known ? found->best_known.at : found->best_possible.at,
	};
	if (known)
		found->known = (prl_spans){ 0 };
	found->possible = (prl_spans){ 0 };
}

prl_status prl_pair_check(const prl_plan *a, const prl_plan *b, const prl_check_options *options, bool *ret_found,
                          prl_conflict *ret_conflict, prl_error *err)
{
	prl_findings found = { .options = options };
	prl_status st = PRL_OK;
	if (strcmp(a->id, b->id) > 0) {
		const prl_plan *swap = a;
		a = b;
		b = swap;
	}
	pair_plans(&found, a, b);
	if (!settle(&found))
		st = prl_error_memory(err);
	if (!st) {
		*ret_found = found.known.count + found.possible.count > 0;
		if (*ret_found)
			conclude(&found, a, b, ret_conflict);
	}
	prl_spans_done(&found.known);
	prl_spans_done(&found.possible);
	return st;
}

prl_status prl_pair_whether(const prl_plan *a, const prl_plan *b, const prl_check_options *options, bool *ret_found,
                            prl_error *err)
{
	prl_findings found = { .options = options, .whether_only = true };
	pair_plans(&found, a, b);
	bool failed = found.known.failed || found.possible.failed;
	*ret_found = found.known.count + found.possible.count > 0;
	prl_spans_done(&found.known);
	prl_spans_done(&found.possible);
	return failed && !*ret_found ? prl_error_memory(err) : PRL_OK;
}

void prl_conflict_done(prl_conflict *conflict)
{
	/* The arrays are const to those who read them; they were made here. */
	free((void *)(uintptr_t)conflict->intervals);
	free((void *)(uintptr_t)conflict->possible);
	conflict->intervals = conflict->possible = NULL;
}
