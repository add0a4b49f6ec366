#include "support/plans.h"

#include "support/hard_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(prl_status st, const prl_error *err)
{
	if (!st)
		return;
	fprintf(stderr, "# a plan of the test was refused: %s: %s\n", err->where, err->text);
	abort();
}

static void *more(void *array, size_t count, size_t item)
{
	void *grown = realloc(array, (count + 1) * item);
	if (!grown)
		abort();
	return grown;
}

prl_time plans_time(double seconds)
{
	return PLANS_EPOCH_S * PRL_SECOND + (prl_time)llrint(seconds * 1e9);
}

prl_window plans_window(double from_s, double to_s)
{
	return (prl_window){ plans_time(from_s), plans_time(to_s) };
}

prl_window plans_always(void)
{
	return (prl_window){ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END };
}

prl_plan *plans_new(const char *id, prl_kind kind)
{
	prl_plan *plan = calloc(1, sizeof *plan);
	if (!plan)
		abort();
	plan->id = strdup(id);
	plan->party = strdup("");
	plan->name = strdup("");
	plan->source = strdup("");
	plan->kind = kind;
	return plan;
}

void plans_free_all(prl_plan **plans, size_t count)
{
	for (size_t i = 0; i < count; i++)
		prl_plan_free(plans[i]);
}

void plans_add_volume(prl_plan *plan, prl_footprint *footprint, prl_band band, prl_window window)
{
	plan->footprints = more(plan->footprints, plan->footprint_count, sizeof *plan->footprints);
	plan->footprints[plan->footprint_count++] = footprint;
	plan->volumes = more(plan->volumes, plan->volume_count, sizeof *plan->volumes);
	plan->volumes[plan->volume_count++] = (prl_volume){ footprint, band, window };
}

void plans_add_trajectory(prl_plan *plan, const prl_sample *samples, size_t count, prl_datum datum)
{
	prl_error err = { 0 };
	prl_trajectory *t = NULL;
	must(prl_trajectory_new(samples, count, datum, &t, &err), &err);
	plan->trajectories = more(plan->trajectories, plan->trajectory_count, sizeof(prl_trajectory *));
	plan->trajectories[plan->trajectory_count++] = t;
}

prl_plan *plans_volume(const char *id, prl_kind kind, prl_footprint *footprint, prl_band band, prl_window window)
{
	prl_plan *plan = plans_new(id, kind);
	plans_add_volume(plan, footprint, band, window);
	return plan;
}

prl_plan *plans_trajectory(const char *id, prl_kind kind, const prl_sample *samples, size_t count)
{
	prl_plan *plan = plans_new(id, kind);
	plans_add_trajectory(plan, samples, count, PRL_DATUM_MSL);
	return plan;
}

prl_sample plans_sample(double seconds, double lat_deg, double lng_deg, double altitude_m)
{
	return (prl_sample){ plans_time(seconds), lat_deg, lng_deg, altitude_m, 0, 0 };
}

prl_footprint *plans_circle(double lat_deg, double lng_deg, double radius_m)
{
	prl_error err = { 0 };
	prl_footprint *f = NULL;
	must(prl_footprint_circle((prl_latlng){ lat_deg, lng_deg }, radius_m, 0, &f, &err), &err);
	return f;
}

prl_footprint *plans_polygon(const prl_latlng *vertices, size_t count, prl_edges edges)
{
	prl_error err = { 0 };
	prl_footprint *f = NULL;
	prl_ring ring = { vertices, count };
	must(prl_footprint_polygon(&ring, 1, edges, 0, &f, &err), &err);
	return f;
}

prl_footprint *plans_box(double south, double west, double north, double east)
{
	prl_latlng v[4] = { { south, west }, { south, east }, { north, east }, { north, west } };
	return plans_polygon(v, 4, PRL_EDGES_LONLAT);
}

/* ---- random ---------------------------------------------------------------------------------------------------- */

static prl_latlng place_near(rnd *r, prl_latlng near, double reach_m)
{
	return oracle_destination(near, rnd_between(r, 0, 360), reach_m * sqrt(rnd_unit(r)));
}

/* Edges are geodesics: near a pole four straight sides in longitude and latitude could well cross. */
static prl_footprint *random_footprint(rnd *r, prl_latlng near, double reach_m)
{
	prl_latlng at = place_near(r, near, reach_m), v[8];
	double size = rnd_log(r, 1, reach_m), turn = rnd_between(r, 0, 360);
	size_t n = 3 + rnd_below(r, 6);
	prl_error err = { 0 };
	prl_footprint *f = NULL;
	if (rnd_chance(r, 0.02)) {
		must(prl_footprint_everywhere(&f, &err), &err);
		return f;
	}
	if (rnd_chance(r, 0.3))
		return plans_circle(at.lat_deg, at.lng_deg, rnd_chance(r, 0.2) ? 0 : size);
	if (rnd_chance(r, 0.3)) {
		for (size_t i = 0; i < n; i++)
			v[i] = place_near(r, near, reach_m);
		must(prl_footprint_corridor(v, n, rnd_chance(r, 0.5) ? PRL_EDGES_GEODESIC : PRL_EDGES_LONLAT, size / 10, 0,
		                            &f, &err), &err);
		return f;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = oracle_destination(at, turn + 360 * ((double)i + rnd_between(r, 0, 0.4)) / (double)n,
		                          size * rnd_between(r, 0.3, 1));
	prl_ring ring = { v, n };
	must(prl_footprint_polygon(&ring, 1, PRL_EDGES_GEODESIC, rnd_chance(r, 0.2) ? size / 10 : 0, &f, &err), &err);
	return f;
}

static prl_band random_band(rnd *r)
{
	prl_altitude low = { rnd_between(r, 0, 3000), PRL_UNIT_M, (prl_datum)rnd_below(r, 4) }, high = low;
	high.value = low.value + rnd_log(r, 1, 1000);
	if (rnd_chance(r, 0.2)) {
		low.value = floor(low.value / 100);
		high.value = low.value + floor(rnd_between(r, 0, 20));
		low.unit = high.unit = PRL_UNIT_FL;
	}
	if (rnd_chance(r, 0.1))
		high.datum = (prl_datum)rnd_below(r, 4);
	if (rnd_chance(r, 0.1))
		low.value = -HUGE_VAL;
	if (rnd_chance(r, 0.1))
		high.value = HUGE_VAL;
	return (prl_band){ low, high, rnd_chance(r, 0.3) ? rnd_between(r, 0, 50) : 0 };
}

static prl_window random_window(rnd *r)
{
	double from = rnd_between(r, 0, 1800);
	prl_window w = plans_window(from, from + rnd_log(r, 0.001, 1800));
	if (rnd_chance(r, 0.05))
		w.from = PRL_TIME_OPEN_START;
	if (rnd_chance(r, 0.05))
		w.to = PRL_TIME_OPEN_END;
	return w;
}

static void random_trajectory(rnd *r, prl_plan *plan, prl_latlng near, double reach_m)
{
	prl_sample s[24];
	size_t n = 1 + rnd_below(r, 24);
	double t = rnd_between(r, 0, 900), altitude = rnd_between(r, 0, 4000);
	bool vague = rnd_chance(r, 0.3);
	for (size_t i = 0; i < n; i++) {
		prl_latlng at = place_near(r, near, reach_m);
		s[i] = plans_sample(t, at.lat_deg, at.lng_deg, altitude);
		if (vague) {
			s[i].horizontal_m = rnd_between(r, 0, reach_m / 10);
			s[i].vertical_m = rnd_between(r, 0, 100);
		}
		t += rnd_log(r, 0.01, 200);
		altitude += rnd_between(r, -50, 50);
	}
	plans_add_trajectory(plan, s, n, (prl_datum)rnd_below(r, 4));
}

prl_plan *plans_random(rnd *r, const char *id, prl_latlng near, double reach_m)
{
	prl_plan *plan = plans_new(id, PRL_KIND_FLIGHT);
	size_t parts = 1 + rnd_below(r, 3);
	for (size_t i = 0; i < parts; i++) {
		if (rnd_chance(r, 0.5))
			random_trajectory(r, plan, near, reach_m);
		else
			plans_add_volume(plan, random_footprint(r, near, reach_m), random_band(r), random_window(r));
	}
	return plan;
}
