/* Two plans of volumes and trajectories with extreme times, altitudes and uncertainties, and what must hold of them. */
#include "shapes.h"

#include <parley/parley.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTS 2
#define LEGS 6

/* A plan and what it was made of. */
typedef struct made {
	prl_plan plan;
	shape shapes[PARTS];
	prl_volume volumes[PARTS];
	prl_footprint *footprints[PARTS];
	prl_trajectory *trajectories[PARTS];
	char id[2];
} made;

static prl_time take_time(bytes *b)
{
	unsigned n = take_byte(b);
	if (n < 4)
		return PRL_TIME_OPEN_START + n;
	if (n < 8)
		return PRL_TIME_OPEN_END - (n - 4);
	if (n < 24)
		return take_int64(b);
	if (n < 60)
		return take_int64(b) / 1000;
	return INT64_C(1474110000) * PRL_SECOND + (n % 16) * 60 * PRL_SECOND;
}

static prl_altitude take_altitude(bytes *b)
{
	unsigned n = take_byte(b);
	double value = n < 40 ? take_any_double(b) : n < 60 ? 0 : 3000 * take_unit(b) - 200;
	return (prl_altitude){ value, (prl_unit)(n % 3), (prl_datum)(take_byte(b) % 8 < 5 ? 1 : take_byte(b) % 4) };
}

static void take_volume(bytes *b, made *m)
{
	shape s = take_shape(b);
	prl_footprint *f = make_shape(&s, 0);
	prl_volume v = { f, { take_altitude(b), take_altitude(b), take_byte(b) < 8 ? take_any_double(b) : 0 },
		         { take_time(b), take_time(b) } };
	if (!f)
		return;
	if (v.window.from > v.window.to) {
		prl_time swap = v.window.from;
		v.window.from = v.window.to;
		v.window.to = swap;
	}
	size_t n = m->plan.volume_count++;
	m->shapes[n] = s;
	m->volumes[n] = v;
	m->footprints[n] = f;
}

static void take_trajectory(bytes *b, made *m)
{
	prl_sample samples[LEGS];
	size_t count = 1 + take_byte(b) % LEGS;
	prl_latlng at = take_centre(b);
	double scale = take_log(b, 1e-9, 90);
	prl_time t = take_time(b);
	for (size_t i = 0; i < count; i++) {
		prl_latlng p = near_centre(at, 2 * take_unit(b) - 1, 2 * take_unit(b) - 1, scale);
		unsigned odd = take_byte(b);
		samples[i] = (prl_sample){ t, p.lat_deg, p.lng_deg, odd < 20 ? 0 : 3000 * take_unit(b) - 200,
			                   odd % 4 ? 0 : take_log(b, 1e-3, 1e6), odd % 5 ? 0 : take_log(b, 1e-3, 1e6) };
		if (odd == 30)
			samples[i].lat_deg = take_any_double(b);
		if (odd == 31)
			samples[i].altitude_m = take_any_double(b);
		prl_time step = odd < 10 ? take_int64(b) & INT64_MAX : (prl_time)take_log(b, 1, 1e14);
		t = __builtin_add_overflow(t, step, &t) ? PRL_TIME_OPEN_END - 1 : t;
	}
	prl_error err = { 0 };
	prl_status st = prl_trajectory_new(samples, count, (prl_datum)(take_byte(b) % 4), &m->trajectories[m->plan.trajectory_count], &err);
	if (st ? err.status != st || !err.text[0] : false)
		abort();
	m->plan.trajectory_count += !st;
}

static void take_plan(bytes *b, made *m, char id)
{
	*m = (made){ .id = { id, 0 } };
	m->plan = (prl_plan){ .id = m->id, .kind = PRL_KIND_FLIGHT };
	unsigned parts = 1 + take_byte(b) % PARTS;
	for (unsigned i = 0; i < parts; i++)
		(take_byte(b) % 2 ? take_volume : take_trajectory)(b, m);
	m->plan.volumes = m->volumes;
	m->plan.footprints = m->footprints;
	m->plan.footprint_count = m->plan.volume_count;
	m->plan.trajectories = m->trajectories;
}

static void drop_plan(made *m)
{
	for (size_t i = 0; i < m->plan.volume_count; i++)
		prl_footprint_free(m->footprints[i]);
	for (size_t i = 0; i < m->plan.trajectory_count; i++)
		prl_trajectory_free(m->trajectories[i]);
}

static prl_window span_of(const prl_plan *p)
{
	prl_window w = { PRL_TIME_OPEN_END, PRL_TIME_OPEN_START };
	for (size_t i = 0; i < p->volume_count; i++) {
		w.from = p->volumes[i].window.from < w.from ? p->volumes[i].window.from : w.from;
		w.to = p->volumes[i].window.to > w.to ? p->volumes[i].window.to : w.to;
	}
	for (size_t i = 0; i < p->trajectory_count; i++) {
		const prl_sample *s = prl_trajectory_samples(p->trajectories[i]);
		size_t n = prl_trajectory_count(p->trajectories[i]);
		w.from = s[0].time < w.from ? s[0].time : w.from;
		w.to = s[n - 1].time > w.to ? s[n - 1].time : w.to;
	}
	return w;
}

static void check_windows(const prl_window *w, size_t count, prl_window a, prl_window b)
{
	for (size_t i = 0; i < count; i++) {
		if (w[i].from > w[i].to || w[i].from < a.from || w[i].from < b.from || w[i].to > a.to || w[i].to > b.to)
			abort();
		if (i && w[i].from <= w[i - 1].to)
			abort();
	}
}

static bool found_with(const prl_plan *a, const prl_plan *b, const prl_check_options *options, double h, double v)
{
	prl_check_options more = *options;
	prl_conflict c;
	bool found = false;
	more.separation.horizontal_m += h;
	more.separation.vertical_m += v;
	if (prl_pair_check(a, b, &more, &found, &c, NULL))
		abort();
	if (found)
		prl_conflict_done(&c);
	return found;
}

static size_t boxes_of(const prl_plan *p, const prl_check_options *options, prl_box boxes[4 * PARTS])
{
	size_t n = 0;
	for (size_t i = 0; i < p->volume_count; i++)
		n += prl_volume_boxes(&p->volumes[i], options, boxes + n);
	for (size_t i = 0; i < p->trajectory_count; i++)
		n += prl_trajectory_boxes(p->trajectories[i], 0, prl_trajectory_count(p->trajectories[i]) - 1, options, boxes + n);
	return n;
}

/* What is in conflict has boxes that meet, or the index would not find it. */
static void check_boxes(const prl_plan *a, const prl_plan *b, const prl_check_options *options)
{
	prl_box one[4 * PARTS], two[4 * PARTS];
	size_t n = boxes_of(a, options, one), m = boxes_of(b, options, two);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++) {
			bool meet = true;
			for (int k = 0; k < 4; k++)
				meet &= one[i].min[k] <= two[j].max[k] && two[j].min[k] <= one[i].max[k];
			if (meet)
				return;
		}
	abort();
}

static void check_found(const prl_conflict *c, const prl_plan *a, const prl_plan *b, const prl_check_options *options)
{
	prl_window wa = span_of(a), wb = span_of(b);
	if (!c->interval_count || (c->vertical == PRL_VERTICAL_CANNOT_TELL && c->possible_count))
		abort();
	check_windows(c->intervals, c->interval_count, wa, wb);
	const prl_separation *s = &options->separation;
	if (!(c->closest.horizontal_m >= 0 && c->closest.horizontal_m <= s->horizontal_m + 0.02))
		abort();
	if (!(c->closest.vertical_m >= 0 && c->closest.vertical_m <= s->vertical_m + 1.01))
		abort();
	if (!(fabs(c->closest.place.lat_deg) <= 90 && fabs(c->closest.place.lng_deg) <= 180))
		abort();
	if (c->closest.time < c->intervals[0].from && c->closest.time != PRL_TIME_OPEN_START)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes in = { data, size };
	prl_check_options options = prl_check_options_default();
	unsigned flags = take_byte(&in);
	options.separation.horizontal_m = flags % 3 ? take_log(&in, 1e-3, 1e6) : 0;
	options.separation.vertical_m = flags % 5 ? take_log(&in, 1e-3, 1e4) : 0;
	options.air.has_terrain = flags & 64;
	options.air.terrain_high_m = 500;
	made a, b;
	take_plan(&in, &a, 'a');
	take_plan(&in, &b, 'b');
	prl_conflict c;
	bool found = false;
	if (prl_pair_check(&a.plan, &b.plan, &options, &found, &c, NULL))
		abort();
	if (found) {
		check_found(&c, &a.plan, &b.plan, &options);
		check_boxes(&a.plan, &b.plan, &options);
		prl_conflict_done(&c);
		if (!found_with(&a.plan, &b.plan, &options, options.separation.horizontal_m * 0.3 + 0.03, 0.01))
			abort();
		a.id[0] = 'c'; /* now b comes first */
		if (!found_with(&a.plan, &b.plan, &options, 0.03, 0.01))
			abort();
	}
	drop_plan(&a);
	drop_plan(&b);
	return 0;
}
