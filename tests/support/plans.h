/**
 * @file plans.h
 * Plans made in memory, for tests of what is above geo/. Whatever is refused ends the test.
 */
#ifndef TESTS_SUPPORT_PLANS_H
#define TESTS_SUPPORT_PLANS_H

#include <parley/conflict.h>

#include "support/random.h"

#define PLANS_EPOCH_S INT64_C(1600000000) /* 2020-09-13T12:26:40Z */

/** The instant so many seconds after the tests' epoch. */
prl_time plans_time(double seconds);
prl_window plans_window(double from_s, double to_s);
prl_window plans_always(void);

/** An empty plan. */
prl_plan *plans_new(const char *id, prl_kind kind);
void plans_free_all(prl_plan **plans, size_t count);

/** Adds a volume; the footprint is taken over. */
void plans_add_volume(prl_plan *plan, prl_footprint *footprint, prl_band band, prl_window window);
void plans_add_trajectory(prl_plan *plan, const prl_sample *samples, size_t count, prl_datum datum);

/** One plan of one volume, or of one trajectory. */
prl_plan *plans_volume(const char *id, prl_kind kind, prl_footprint *footprint, prl_band band, prl_window window);
prl_plan *plans_trajectory(const char *id, prl_kind kind, const prl_sample *samples, size_t count);

prl_sample plans_sample(double seconds, double lat_deg, double lng_deg, double altitude_m);

prl_footprint *plans_circle(double lat_deg, double lng_deg, double radius_m);
prl_footprint *plans_polygon(const prl_latlng *vertices, size_t count, prl_edges edges);
/** The rectangle between two parallels and two meridians; edges straight in longitude and latitude. */
prl_footprint *plans_box(double south, double west, double north, double east);

/** A random plan of one to three volumes and trajectories of any form, datum and window, about @p reach_m metres round
    @p near and within about 30 minutes. */
prl_plan *plans_random(rnd *r, const char *id, prl_latlng near, double reach_m);

#endif
