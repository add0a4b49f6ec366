/* One JSON item of a format, as the three readers' fuzzers share it: any JSON gives a plan that holds together, or an
 * error that says something. */
#ifndef PRL_FUZZ_ITEM_H
#define PRL_FUZZ_ITEM_H

#include "formats/lift.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads one item; size varies what the format leaves to its caller. */
typedef prl_status item_fn(const prl_lift *lift, json_t *json, size_t size, prl_plan **ret_plan, prl_error *err);

static inline void item_check(const prl_plan *plan)
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

static inline int item_fuzz(const uint8_t *data, size_t size, item_fn *read)
{
	prl_lift *lift;
	const char *text;
	size_t length;
	prl_plan *plan = NULL;
	prl_error err = { 0 };
	if (prl_lift_new(&lift, NULL) || prl_lift_item(lift, (const char *)data, size, &text, &length, NULL))
		abort();
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (json) {
		prl_status status = read(lift, json, size, &plan, &err);
		if (status ? plan || err.status != status || !err.text[0] : !plan)
			abort();
		if (plan)
			item_check(plan);
	}
	prl_plan_free(plan);
	json_decref(json);
	prl_lift_free(lift);
	return 0;
}

#endif
