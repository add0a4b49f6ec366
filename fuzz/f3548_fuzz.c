/* Any JSON taken for an F3548-21 entity: a plan that holds together, or an error that says something. */
#include "formats/f3548.h"
#include "formats/lift.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const prl_plan *plan)
{
	if (!plan->id[0] || plan->volume_count + plan->trajectory_count == 0 || plan->footprint_count != plan->volume_count)
		abort();
	for (size_t i = 0; i < plan->volume_count; i++)
		if (plan->volumes[i].footprint != plan->footprints[i] || plan->volumes[i].window.from > plan->volumes[i].window.to)
			abort();
	for (size_t i = 0; i < plan->trajectory_count; i++)
		if (prl_trajectory_count(plan->trajectories[i]) == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_lift *lift;
	const char *text;
	size_t length;
	prl_plan *plan = NULL;
	prl_error err = { 0 };
	if (prl_lift_new(&lift, NULL))
		abort();
	if (prl_lift_item(lift, (const char *)data, size, &text, &length, NULL))
		abort();
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (json) {
		(void)prl_f3548_id(json);
		prl_status status = prl_f3548_read(json, (prl_f3548_kind)(size % 3), &plan, &err);
		if (status ? plan || err.status != status || !err.text[0] : !plan)
			abort();
		if (plan)
			check(plan);
	}
	prl_plan_free(plan);
	json_decref(json);
	prl_lift_free(lift);
	return 0;
}
