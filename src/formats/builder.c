#include "formats/builder.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

prl_status prl_builder_begin(prl_builder *builder, const char *id, const char *party, const char *name, prl_kind kind,
                             prl_error *err)
{
	prl_plan *plan = builder->plan = calloc(1, sizeof *plan);
	if (!plan)
		return prl_error_memory(err);
	plan->id = strdup(id);
	plan->party = strdup(party ? party : "");
	plan->name = strdup(name ? name : "");
	plan->kind = kind;
	return plan->id && plan->party && plan->name ? PRL_OK : prl_error_memory(err);
}

/* Makes room for one more pointer or struct; NULL and the array as it was when out of memory. */
static void *room_for_one(void *array, size_t *room, size_t count, size_t item)
{
	if (count < *room)
		return array;
	size_t wanted = *room ? 2 * *room : 1;
	void *grown = prl_array_resize(array, wanted, item);
	if (grown)
		*room = wanted;
	return grown;
}

static prl_status keep_footprint(prl_builder *builder, prl_footprint *footprint, prl_error *err)
{
	prl_plan *plan = builder->plan;
	prl_footprint **footprints = room_for_one(plan->footprints, &builder->footprint_room, plan->footprint_count,
	                                          sizeof(prl_footprint *));
	if (!footprints) {
		prl_footprint_free(footprint);
		return prl_error_memory(err);
	}
	plan->footprints = footprints;
	footprints[plan->footprint_count++] = footprint;
	return PRL_OK;
}

prl_status prl_builder_volume(prl_builder *builder, prl_footprint *footprint, prl_band band, prl_window window,
                              prl_error *err)
{
	prl_plan *plan = builder->plan;
	prl_status status = keep_footprint(builder, footprint, err);
	if (status)
		return status;
	if (plan->volume_count >= PRL_MAX_VOLUMES_A_PLAN)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u volumes in one plan", PRL_MAX_VOLUMES_A_PLAN);
	prl_volume *volumes =
	        room_for_one(plan->volumes, &builder->volume_room, plan->volume_count, sizeof(prl_volume));
	if (!volumes)
		return prl_error_memory(err);
	plan->volumes = volumes;
	volumes[plan->volume_count++] = (prl_volume){ .footprint = footprint, .band = band, .window = window };
	return PRL_OK;
}

prl_status prl_builder_trajectory(prl_builder *builder, prl_trajectory *trajectory, prl_error *err)
{
	prl_plan *plan = builder->plan;
	prl_trajectory **trajectories = room_for_one(plan->trajectories, &builder->trajectory_room,
	                                             plan->trajectory_count, sizeof(prl_trajectory *));
	if (!trajectories) {
		prl_trajectory_free(trajectory);
		return prl_error_memory(err);
	}
	plan->trajectories = trajectories;
	trajectories[plan->trajectory_count++] = trajectory;
	return PRL_OK;
}

prl_plan *prl_builder_take(prl_builder *builder)
{
	prl_plan *plan = builder->plan;
	*builder = (prl_builder){ 0 };
	return plan;
}

void prl_builder_done(prl_builder *builder)
{
	prl_plan_free(builder->plan);
	*builder = (prl_builder){ 0 };
}
