/* Advice by trial: the plan is moved, and tested exactly as it would be if it were filed so.
 *
 * Delays are not all tried. A volume of the one plan that meets a volume or a movement of the other in space forbids
 * one interval of delays for each time they meet, which prl_pair_check() gives when the resting volume's window is
 * taken to be open: P is inside Q during [s0, s1] of its own time, so that delays from Q.from − s1 to Q.to − s0 are out.
 * What is not forbidden that way is tried, second by second, and the first trial that finds nothing is the answer. */
#include <parley/advise.h>

#include "base/error.h"
#include "base/memory.h"
#include "conflict/encounter.h"
#include "geo/trajectory.h"

#include <math.h>
#include <string.h>

bool prl_advise_applies(prl_kind kind)
{
	return kind == PRL_KIND_FLIGHT || kind == PRL_KIND_GROUND_MOVEMENT || kind == PRL_KIND_CONVOY;
}

/* ---- a plan that can be moved ------------------------------------------------------------------------------------ */

/* A copy whose windows, samples and bands are its own; footprints and longitudes stay the original's. */
struct moved {
	prl_plan plan;
	const prl_plan *original;
	prl_trajectory *trajectories; /* what plan.trajectories points to */
};

static void moved_done(struct moved *m)
{
	for (size_t i = 0; m->trajectories && i < m->original->trajectory_count; i++)
		free(m->trajectories[i].samples);
	free(m->trajectories);
	free(m->plan.trajectories);
	free(m->plan.volumes);
}

static prl_status moved_init(struct moved *m, const prl_plan *original, prl_error *err)
{
	size_t volumes = original->volume_count, trajectories = original->trajectory_count;
	*m = (struct moved){ .plan = *original, .original = original };
	m->plan.volumes = prl_array_new(volumes, sizeof *m->plan.volumes);
	m->plan.trajectories = prl_array_new(trajectories, sizeof *m->plan.trajectories);
	m->trajectories = calloc(trajectories ? trajectories : 1, sizeof *m->trajectories);
	bool ok = m->plan.volumes && m->plan.trajectories && m->trajectories;
	if (ok && volumes)
		memcpy(m->plan.volumes, original->volumes, volumes * sizeof *original->volumes);
	for (size_t i = 0; i < trajectories && ok; i++) {
		m->trajectories[i] = *original->trajectories[i];
		m->plan.trajectories[i] = &m->trajectories[i];
		size_t n = m->trajectories[i].count;
		m->trajectories[i].samples = prl_array_new(n, sizeof(prl_sample));
		ok = m->trajectories[i].samples;
		if (ok)
			memcpy(m->trajectories[i].samples, original->trajectories[i]->samples, n * sizeof(prl_sample));
	}
	return ok ? PRL_OK : prl_error_memory(err);
}

static prl_time shift_time(prl_time t, int64_t by)
{
	if (t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END)
		return t;
	return t > PRL_TIME_OPEN_END - 1 - by ? PRL_TIME_OPEN_END - 1 : t + by;
}

static void move_in_time(struct moved *m, int32_t delay_s)
{
	int64_t by = delay_s * PRL_SECOND;
	for (size_t i = 0; i < m->plan.volume_count; i++) {
		m->plan.volumes[i].window.from = shift_time(m->original->volumes[i].window.from, by);
		m->plan.volumes[i].window.to = shift_time(m->original->volumes[i].window.to, by);
	}
	for (size_t i = 0; i < m->plan.trajectory_count; i++)
		for (size_t k = 0; k < m->trajectories[i].count; k++)
			m->trajectories[i].samples[k].time = shift_time(m->original->trajectories[i]->samples[k].time, by);
}

static prl_altitude shift_altitude(prl_altitude a, double by_m)
{
	a.value += by_m / (a.unit == PRL_UNIT_FT ? 0.3048 : a.unit == PRL_UNIT_FL ? 30.48 : 1);
	return a;
}

/* False when the plan would then reach below 0 of a datum. */
static bool move_in_height(struct moved *m, int32_t climb_m)
{
	bool above = true;
	for (size_t i = 0; i < m->plan.volume_count; i++) {
		prl_band *band = &m->plan.volumes[i].band;
		band->lower = shift_altitude(m->original->volumes[i].band.lower, climb_m);
		band->upper = shift_altitude(m->original->volumes[i].band.upper, climb_m);
		above &= !(isfinite(band->lower.value) && band->lower.value < 0);
	}
	for (size_t i = 0; i < m->plan.trajectory_count; i++)
		for (size_t k = 0; k < m->trajectories[i].count; k++) {
			double *altitude = &m->trajectories[i].samples[k].altitude_m;
			*altitude = m->original->trajectories[i]->samples[k].altitude_m + climb_m;
			above &= *altitude >= 0;
		}
	return above || climb_m >= 0;
}

/* ---- who is in the way -------------------------------------------------------------------------------------------- */

struct search {
	const prl_check_options *options;
	struct moved moved;
	const prl_plan **others; /* that come near at some delay or altitude looked at */
	size_t count;
	prl_spans forbidden; /* delays in ns that meet something, merged */
	prl_error *err;
};

/* Whether any of the others is in conflict with the plan as moved. The one found goes to the front: it will most
 * likely be in the way of the next trial too. */
static prl_status in_conflict(struct search *s, bool *ret_found)
{
	*ret_found = false;
	for (size_t i = 0; i < s->count && !*ret_found; i++) {
		prl_status st = prl_pair_whether(&s->moved.plan, s->others[i], s->options, ret_found, s->err);
		if (st)
			return st;
		if (!*ret_found)
			continue;
		const prl_plan *hit = s->others[i];
		memmove(s->others + 1, s->others, i * sizeof *s->others);
		s->others[0] = hit;
	}
	return PRL_OK;
}

/* One plan that holds one volume, always open. */
static prl_plan open_volume(const prl_volume *original, prl_volume *volume, char *id)
{
	*volume = *original;
	volume->window = (prl_window){ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END };
	return (prl_plan){ .id = id, .volumes = volume, .volume_count = 1 };
}

static prl_time minus(prl_time a, prl_time b)
{
	prl_time d;
	if (!__builtin_sub_overflow(a, b, &d))
		return d;
	return a < 0 ? INT64_MIN : INT64_MAX;
}

/* Calls forbid for each time at which a moving plan meets a volume that is taken to be always there. With the resting
 * volume's window [from, to] the mover may not be later by from − s1 … to − s0; when it is the volume that is moved,
 * by s0 − to … s1 − from. */
static prl_status forbid_volume(struct search *s, const prl_plan *mover, const prl_volume *resting, bool resting_moves)
{
	prl_volume volume;
	char id[] = "\x7f";
	prl_plan rest = open_volume(resting, &volume, id);
	prl_check_options always = *s->options;
	always.window = (prl_window){ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END };
	prl_conflict c;
	bool found = false;
	prl_status st = prl_pair_check(mover, &rest, &always, &found, &c, s->err);
	if (st || !found)
		return st;
	for (size_t i = 0; i < c.interval_count + c.possible_count; i++) {
		prl_window w = i < c.interval_count ? c.intervals[i] : c.possible[i - c.interval_count];
		if (resting_moves)
			prl_spans_add(&s->forbidden, minus(w.from, resting->window.to), minus(w.to, resting->window.from));
		else
			prl_spans_add(&s->forbidden, minus(resting->window.from, w.to), minus(resting->window.to, w.from));
	}
	prl_conflict_done(&c);
	return PRL_OK;
}

static prl_status forbid_all(struct search *s)
{
	const prl_plan *plan = s->moved.original;
	bool always = s->options->window.from == PRL_TIME_OPEN_START && s->options->window.to == PRL_TIME_OPEN_END;
	prl_status st = PRL_OK;
	for (size_t i = 0; i < s->count && always && !st; i++) {
		const prl_plan *other = s->others[i];
		for (size_t k = 0; k < other->volume_count && !st; k++)
			st = forbid_volume(s, plan, &other->volumes[k], false);
		prl_plan movements = *other;
		movements.volume_count = 0;
		for (size_t k = 0; k < plan->volume_count && movements.trajectory_count && !st; k++)
			st = forbid_volume(s, &movements, &plan->volumes[k], true);
	}
	prl_spans_merge(&s->forbidden);
	return !st && s->forbidden.failed ? prl_error_memory(s->err) : st;
}

/* The last instant that a plan states. */
static prl_time last_of(const prl_plan *plan)
{
	prl_time last = PRL_TIME_OPEN_START;
	for (size_t i = 0; i < plan->volume_count; i++) {
		prl_window w = plan->volumes[i].window;
		prl_time t = w.to == PRL_TIME_OPEN_END && w.from != PRL_TIME_OPEN_END ? w.from : w.to;
		last = t > last ? t : last;
	}
	for (size_t i = 0; i < plan->trajectory_count; i++) {
		prl_time t = plan->trajectories[i]->samples[plan->trajectories[i]->count - 1].time;
		last = t > last ? t : last;
	}
	return last;
}

static prl_status find_delay(struct search *s, prl_advice *advice)
{
	size_t k = 0;
	prl_time last = last_of(s->moved.original);
	for (int64_t d = 0; d <= PRL_ADVISE_MAX_DELAY_S; d++) {
		prl_time ns = d * PRL_SECOND;
		bool found;
		if (last > PRL_TIME_OPEN_END - 1 - ns) /* the year 2262: no time to move to */
			return PRL_OK;
		while (k < s->forbidden.count && s->forbidden.items[k].to < ns)
			k++;
		if (k < s->forbidden.count && s->forbidden.items[k].from <= ns) {
			prl_time to = s->forbidden.items[k].to;
			if (to >= (prl_time)PRL_ADVISE_MAX_DELAY_S * PRL_SECOND)
				return PRL_OK;
			d = to / PRL_SECOND; /* the next is the first whole second after it */
			continue;
		}
		move_in_time(&s->moved, (int32_t)d);
		prl_status st = in_conflict(s, &found);
		if (st)
			return st;
		if (!found) {
			advice->has_delay = true;
			advice->delay_s = (int32_t)d;
			return PRL_OK;
		}
	}
	return PRL_OK;
}

static prl_status find_climb(struct search *s, prl_advice *advice)
{
	if (s->moved.original->kind != PRL_KIND_FLIGHT)
		return PRL_OK;
	for (int32_t step = 0; step <= 2 * PRL_ADVISE_MAX_CLIMB_M; step++) {
		int32_t climb = step % 2 ? (step + 1) / 2 : -(step / 2); /* 0, 1, -1, 2, -2, … */
		bool found = true;
		if (!move_in_height(&s->moved, climb))
			continue;
		prl_status st = in_conflict(s, &found);
		if (st)
			return st;
		if (!found) {
			advice->has_climb = true;
			advice->climb_m = climb;
			return PRL_OK;
		}
	}
	return PRL_OK;
}

/* ---- only those that can come near -------------------------------------------------------------------------------- */

/* Bounds of all boxes of a plan; on the longitude axis everything where a box crosses the antimeridian. */
static prl_box hull_of(const prl_plan *plan, const prl_check_options *options)
{
	prl_box hull = { { INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX }, { INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN } };
	for (size_t i = 0; i < plan->volume_count + plan->trajectory_count; i++) {
		prl_box two[2];
		const prl_trajectory *t = i < plan->volume_count ? NULL : plan->trajectories[i - plan->volume_count];
		size_t n = t ? prl_trajectory_boxes(t, 0, t->count - 1, options, two)
		             : prl_volume_boxes(&plan->volumes[i], options, two);
		for (size_t k = 0; k < n; k++)
			for (int axis = 0; axis < 4; axis++) {
				hull.min[axis] = two[k].min[axis] < hull.min[axis] ? two[k].min[axis] : hull.min[axis];
				hull.max[axis] = two[k].max[axis] > hull.max[axis] ? two[k].max[axis] : hull.max[axis];
			}
	}
	return hull;
}

static int32_t up_by(int32_t x, int32_t by)
{
	return x > INT32_MAX - by ? INT32_MAX : x + by;
}

static int32_t down_by(int32_t x, int32_t by)
{
	return x < INT32_MIN + by ? INT32_MIN : x - by;
}

static void keep_near(struct search *s, const prl_plan *plan, const prl_plan *const *others, size_t count)
{
	prl_box reach = hull_of(plan, s->options);
	/* A climb in pressure altitude may be more in height (src/geo/altitude.h): 1.08 of it where nothing is known; with
	 * stated air 1 + 60 K / 196 K at most, and 1.42 of that where gravity has faded at 1,000 km. */
	int32_t climb = PRL_ADVISE_MAX_CLIMB_M * 10 * 2;
	reach.max[3] = up_by(reach.max[3], PRL_ADVISE_MAX_DELAY_S / 8 + 1); /* the time axis counts 8 s */
	reach.min[2] = down_by(reach.min[2], climb);
	reach.max[2] = up_by(reach.max[2], climb);
	for (size_t i = 0; i < count; i++) {
		if (others[i] == plan || strcmp(others[i]->id, plan->id) == 0)
			continue;
		prl_box other = hull_of(others[i], s->options);
		bool near = true;
		for (int axis = 0; axis < 4; axis++)
			near &= other.min[axis] <= reach.max[axis] && reach.min[axis] <= other.max[axis];
		if (near)
			s->others[s->count++] = others[i];
	}
}

prl_status prl_advise(const prl_plan *plan, const prl_plan *const *others, size_t count,
                      const prl_check_options *options, prl_advice *ret_advice, prl_error *err)
{
	if (!prl_advise_applies(plan->kind))
		return prl_error_set(err, PRL_E_UNSUPPORTED, "a plan of kind \"%s\" gets no advice; flights, ground movements "
		                     "and convoys do", prl_kind_word(plan->kind));
	struct search s = { .options = options, .err = err };
	prl_advice advice = { 0 };
	s.others = prl_array_new(count, sizeof *s.others);
	prl_status st = s.others ? moved_init(&s.moved, plan, err) : prl_error_memory(err);
	if (!st) {
		keep_near(&s, plan, others, count);
		st = forbid_all(&s);
	}
	if (!st)
		st = find_delay(&s, &advice);
	if (!st) {
		move_in_time(&s.moved, 0);
		st = find_climb(&s, &advice);
	}
	if (!st)
		*ret_advice = advice;
	if (s.moved.original)
		moved_done(&s.moved);
	prl_spans_done(&s.forbidden);
	free(s.others);
	return st;
}
