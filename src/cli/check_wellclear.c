/* parley check --well-clear: for each pair of trajectories, when they are inside the volume of a preset.
 *
 * The formulas of wellclear.h are about straight lines in a plane. A pair is cut at every sample of either side and
 * at least every STEP_S; on each piece both move straight in a plane about the middle of the two, scaled by the
 * ellipsoid's radii of curvature at the mean latitude (distances err below 0.15 % up to 100 km between 70° S and 70° N;
 * this is for people to read, the overlaps above it are exact). Stated positions are taken as they are: uncertainty
 * widens overlaps, not this. Pairs that can be inside are found by the engine with a separation that the fastest
 * sample of the input makes wide enough. */
#include "cli/check.h"

#include "base/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { STEP_S = 20 };

#define JOIN_NS (PRL_SECOND / 1000) /* times closer than this are one */

typedef struct search {
	check *check;
	prl_plan *plans; /* shallow copies with the trajectories only */
	const prl_plan **order;
	prl_window *times; /* of the pair at hand: disjoint, rising */
	size_t time_count, time_room;
	bool cannot_tell;            /* the pair at hand has altitudes of different datums */
	size_t said, found, unknown; /* pairs printed; not well clear; only cannot tell */
} search;

/* The greatest speeds between two samples of any trajectory, metres a second. */
static void fastest(const check *c, double *ret_horizontal, double *ret_vertical)
{
	*ret_horizontal = *ret_vertical = 0;
	for (size_t p = 0; p < c->plan_count; p++)
		for (size_t n = 0; n < c->plans[p]->trajectory_count; n++) {
			const prl_trajectory *t = c->plans[p]->trajectories[n];
			const prl_sample *s = prl_trajectory_samples(t);
			for (size_t i = 1; i < prl_trajectory_count(t); i++) {
				double seconds = (double)(s[i].time - s[i - 1].time) / 1e9;
				prl_latlng from = { s[i - 1].lat_deg, s[i - 1].lng_deg },
					   to = { s[i].lat_deg, s[i].lng_deg };
				*ret_horizontal = fmax(*ret_horizontal, prl_distance_m(from, to) / seconds);
				*ret_vertical =
					fmax(*ret_vertical, fabs(s[i].altitude_m - s[i - 1].altitude_m) / seconds);
			}
		}
}

/* How far apart two bodies can be and still be inside: modified tau gives |s| <= D + T |v|, and time to co-altitude
 * |sz| <= max(Z, T |vz|). 1,000 km is the engine's limit; it is passed at closing speeds of 28 km/s. */
static prl_separation reach(const check *c)
{
	const prl_wellclear *volume = &c->well_clear->volume;
	double horizontal, vertical;
	fastest(c, &horizontal, &vertical);
	/* 1 % and 10 m for lines that are straight in longitude and latitude, not on the ground. */
	return (prl_separation){ fmin(1e6, volume->dthr_m + 2.02 * horizontal * volume->tthr_s + 10),
				 fmax(volume->zthr_m, 2.02 * vertical * volume->tcoa_s) + 10 };
}

static bool add_time(search *s, prl_time from, prl_time to)
{
	prl_window *last = s->time_count ? &s->times[s->time_count - 1] : NULL;
	if (last && from <= last->to + JOIN_NS) {
		last->to = to > last->to ? to : last->to;
		return true;
	}
	if (s->time_count == s->time_room) {
		size_t room = s->time_room ? 2 * s->time_room : 16;
		prl_window *times = prl_array_resize(s->times, room, sizeof *times);
		if (!times)
			return false;
		s->times = times;
		s->time_room = room;
	}
	s->times[s->time_count++] = (prl_window){ from, to };
	return true;
}

/* The plane of one piece: metres a degree about its origin. */
typedef struct plane {
	double lat_deg, lng_deg, north_m, east_m;
} plane;

static plane plane_about(const prl_sample *a, const prl_sample *b, const prl_sample *c, const prl_sample *d)
{
	const double degree = 0.017453292519943295, axis = 6378137, e2 = 0.0066943799901413165;
	double lat = (a->lat_deg + b->lat_deg + c->lat_deg + d->lat_deg) / 4, s = sin(lat * degree), w = 1 - e2 * s * s;
	return (plane){ lat, a->lng_deg, degree * axis * (1 - e2) / (w * sqrt(w)),
			degree * axis * cos(lat * degree) / sqrt(w) };
}

/* Straight from where it is at the beginning of the piece to where it is at its end. */
static prl_motion motion_in(const plane *p, const prl_sample *from, const prl_sample *to, double seconds)
{
	prl_motion m = { .x_m = p->east_m * remainder(from->lng_deg - p->lng_deg, 360),
			 .y_m = p->north_m * (from->lat_deg - p->lat_deg),
			 .z_m = from->altitude_m };
	m.vx_mps = p->east_m * remainder(to->lng_deg - from->lng_deg, 360) / seconds;
	m.vy_mps = p->north_m * (to->lat_deg - from->lat_deg) / seconds;
	m.vz_mps = (to->altitude_m - from->altitude_m) / seconds;
	return m;
}

/* One piece, on which both move straight; `true` but for want of memory. */
static bool test_piece(search *s, const prl_trajectory *a, const prl_trajectory *b, prl_time from, prl_time to)
{
	prl_sample a0, a1, b0, b1;
	if (!prl_trajectory_at(a, from, &a0) || !prl_trajectory_at(a, to, &a1) || !prl_trajectory_at(b, from, &b0) ||
	    !prl_trajectory_at(b, to, &b1))
		return true;
	double seconds = (double)(to - from) / 1e9;
	plane p = plane_about(&a0, &a1, &b0, &b1);
	prl_motion_pair pair = { motion_in(&p, &a0, &a1, seconds), motion_in(&p, &b0, &b1, seconds) };
	prl_wellclear_times times = prl_wellclear_pair(&s->check->well_clear->volume, &pair, 0, seconds);
	if (times.conflict == 0)
		return true;
	prl_time in = from + (prl_time)llrint(times.in_s * 1e9), out = from + (prl_time)llrint(times.out_s * 1e9);
	return add_time(s, in < from ? from : in, out > to ? to : out);
}

/* The first sample after t, or t_max where there is none. */
static prl_time next_sample(const prl_trajectory *trajectory, prl_time t, prl_time t_max)
{
	const prl_sample *samples = prl_trajectory_samples(trajectory);
	size_t low = 0, high = prl_trajectory_count(trajectory);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (samples[middle].time > t)
			high = middle;
		else
			low = middle + 1;
	}
	return low < prl_trajectory_count(trajectory) && samples[low].time < t_max ? samples[low].time : t_max;
}

static prl_time first_time(const prl_trajectory *t)
{
	return prl_trajectory_samples(t)[0].time;
}

static prl_time last_time(const prl_trajectory *t)
{
	return prl_trajectory_samples(t)[prl_trajectory_count(t) - 1].time;
}

static bool test_trajectories(search *s, const prl_trajectory *a, const prl_trajectory *b, prl_window window)
{
	prl_time from = first_time(a) > first_time(b) ? first_time(a) : first_time(b);
	prl_time to = last_time(a) < last_time(b) ? last_time(a) : last_time(b);
	from = from > window.from ? from : window.from;
	to = to < window.to ? to : window.to;
	if (from < to && prl_trajectory_datum(a) != prl_trajectory_datum(b)) {
		s->cannot_tell = true;
		return true;
	}
	for (prl_time t = from, next; t < to; t = next) {
		next = to - t > STEP_S * PRL_SECOND ? t + STEP_S * PRL_SECOND : to;
		next = next_sample(a, t, next);
		next = next_sample(b, t, next);
		if (!test_piece(s, a, b, t, next))
			return false;
	}
	return true;
}

static int by_from(const void *a, const void *b)
{
	const prl_window *x = a, *y = b;
	return (x->from > y->from) - (x->from < y->from);
}

/* Times of several trajectories of one plan may run into one another. */
static void merge_times(search *s)
{
	size_t count = s->time_count;
	if (count)
		qsort(s->times, count, sizeof *s->times, by_from);
	s->time_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!add_time(s, s->times[i].from, s->times[i].to))
			return; /* cannot be: there is room for what was there */
}

/* For people: whole milliseconds, outwards. */
static void print_window(prl_window window)
{
	const prl_time ms = PRL_SECOND / 1000;
	char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
	prl_time_format(window.from - (window.from % ms + ms) % ms, from);
	prl_time_format(window.to + (ms - window.to % ms) % ms, to);
	printf("%s to %s", from, to);
}

static void print_text(const search *s, const char *a, const char *b)
{
	const char *preset = s->check->well_clear->name;
	if (s->cannot_tell)
		printf("%s × %s  %s: cannot tell, their altitudes have different datums\n", a, b, preset);
	for (size_t i = 0; i < s->time_count; i++) {
		printf("%s × %s  %s: not well clear ", a, b, preset);
		print_window(s->times[i]);
		putchar('\n');
	}
}

static bool print_json(const search *s, const char *a, const char *b)
{
	json_t *times = json_array();
	for (size_t i = 0; i < s->time_count; i++) {
		char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
		prl_time_format(s->times[i].from, from);
		prl_time_format(s->times[i].to, to);
		json_array_append_new(times, json_pack("[s, s]", from, to));
	}
	json_t *line = json_pack("{s:s, s:s, s:s, s:o, s:s}", "a", a, "b", b, "well_clear", s->check->well_clear->name,
				 "violations", times, "vertical", s->cannot_tell ? "cannot tell" : "known");
	char *text = line ? json_dumps(line, JSON_PRESERVE_ORDER) : NULL;
	json_decref(line);
	if (!text)
		return false;
	puts(text);
	free(text);
	return true;
}

static bool test_pair(const prl_conflict *near, void *context)
{
	search *s = context;
	prl_cli_progress_clear(&s->check->progress);
	s->time_count = 0;
	s->cannot_tell = false;
	prl_window window = { near->intervals[0].from, near->intervals[near->interval_count - 1].to };
	for (size_t i = 0; i < near->possible_count; i++) {
		window.from = near->possible[i].from < window.from ? near->possible[i].from : window.from;
		window.to = near->possible[i].to > window.to ? near->possible[i].to : window.to;
	}
	for (size_t i = 0; i < near->a->trajectory_count; i++)
		for (size_t j = 0; j < near->b->trajectory_count; j++)
			if (!test_trajectories(s, near->a->trajectories[i], near->b->trajectories[j], window))
				return false;
	merge_times(s);
	if (!s->time_count && !s->cannot_tell)
		return true;
	if (s->said++ == 0)
		prl_check_paragraph(s->check);
	s->check->said = true;
	if (s->time_count)
		s->found++;
	else
		s->unknown++;
	if (s->check->output == PRL_OUTPUT_JSONL)
		return print_json(s, near->a->id, near->b->id);
	print_text(s, near->a->id, near->b->id);
	return true;
}

bool prl_check_well_clear(check *c)
{
	search s = { .check = c };
	prl_error err = { 0 };
	prl_check_options options = c->options;
	size_t count = 0;
	options.separation = reach(c);
	s.plans = prl_array_new(c->plan_count, sizeof *s.plans);
	s.order = prl_array_new(c->plan_count, sizeof *s.order);
	prl_status status = s.plans && s.order ? PRL_OK : PRL_E_MEMORY;
	for (size_t i = 0; i < c->plan_count && !status; i++)
		if (c->plans[i]->trajectory_count) {
			s.plans[count] = *c->plans[i];
			s.plans[count].volume_count = 0;
			s.order[count] = &s.plans[count];
			count++;
		}
	if (!status)
		status = prl_check_all(s.order, count, &options, test_pair, NULL, &s, &err);
	free(s.plans);
	free(s.order);
	free(s.times);
	if (status) {
		prl_cli_say("check: %s", prl_status_text(PRL_E_MEMORY));
		c->status = CLI_FAILED;
	} else if (s.said) {
		c->not_well_clear = s.found;
		c->well_clear_unknown = s.unknown;
		c->status = prl_cli_worse(c->status, CLI_FOUND);
	}
	return !status;
}
