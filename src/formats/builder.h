/* A plan while it is being put together. */
#ifndef PRL_FORMATS_BUILDER_H
#define PRL_FORMATS_BUILDER_H

#include <parley/geo.h>

/* Zero-initialise; release with prl_builder_done() on every path. */
typedef struct prl_builder {
	prl_plan *plan;
	size_t volume_room, footprint_room, trajectory_room;
} prl_builder;

/* Begins a plan; the texts are copied, party and name may be NULL. */
PRL_MUST prl_status prl_builder_begin(prl_builder *builder, const char *id, const char *party, const char *name,
                                      prl_kind kind, prl_error *err);

/* Adds a volume over footprint, which is the builder's from here on, also on failure. PRL_E_TOO_LARGE beyond
 * PRL_MAX_VOLUMES_A_PLAN. */
PRL_MUST prl_status prl_builder_volume(prl_builder *builder, prl_footprint *footprint, prl_band band, prl_window window,
                                       prl_error *err);

/* Adds a trajectory, which is the builder's from here on, also on failure. */
PRL_MUST prl_status prl_builder_trajectory(prl_builder *builder, prl_trajectory *trajectory, prl_error *err);

/* Hands the plan over; the builder is empty again. */
prl_plan *prl_builder_take(prl_builder *builder);
void prl_builder_done(prl_builder *builder);

#endif
