#include "dss/extent_plan.h"

#include "base/error.h"
#include "dss/extent_make.h"

#include <math.h>

static prl_plan *plan_new(size_t volumes)
{
	prl_plan *plan = calloc(1, sizeof *plan);
	if (!plan)
		return NULL;
	plan->id = prl_text_copy("", 0);
	plan->party = prl_text_copy("", 0);
	plan->name = prl_text_copy("", 0);
	plan->source = prl_text_copy("", 0);
	plan->kind = PRL_KIND_FLIGHT;
	plan->volumes = prl_array_new(volumes, sizeof *plan->volumes);
	plan->footprints = prl_array_new(volumes, sizeof(prl_footprint *));
	if (plan->id && plan->party && plan->name && plan->source && plan->volumes && plan->footprints)
		return plan;
	prl_plan_free(plan);
	return NULL;
}

static prl_status add_volume(prl_plan *plan, const prl_extent *extent, prl_error *err)
{
	size_t i = plan->footprint_count;
	prl_status status = extent->outlines ? prl_outline_footprint(extent, prl_extent_outlines(extent) + i,
								     &plan->footprints[i], err)
					     : prl_footprint_everywhere(&plan->footprints[i], err);
	if (status)
		return status;
	plan->footprint_count++;
	plan->volumes[plan->volume_count++] =
		(prl_volume){ .footprint = plan->footprints[i],
			      .band = prl_band_m(extent->lower_m, extent->upper_m, PRL_DATUM_W84),
			      .window = { extent->from, extent->to } };
	return PRL_OK;
}

prl_status prl_extent_plan(const prl_extent *extent, prl_plan **ret, prl_error *err)
{
	size_t volumes = extent->outlines ? extent->outlines : 1;
	prl_plan *plan = plan_new(volumes);
	prl_status status = plan ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; i < volumes && !status; i++)
		status = add_volume(plan, extent, err);
	if (status)
		prl_plan_free(plan);
	else
		*ret = plan;
	return status;
}
