/* A plan owns all that it names; the reader builds it, the caller of the reader releases it. */
#include <parley/geo.h>

#include <stdlib.h>

const char *prl_kind_word(prl_kind kind)
{
	static const char *const words[] = {
#define X(name, word) word,
		PRL_KIND_MAP(X)
#undef X
	};
	return (size_t)kind < sizeof words / sizeof *words ? words[kind] : words[PRL_KIND_UNKNOWN];
}

void prl_plan_free(prl_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->footprint_count; i++)
		prl_footprint_free(plan->footprints[i]);
	for (size_t i = 0; i < plan->trajectory_count; i++)
		prl_trajectory_free(plan->trajectories[i]);
	free(plan->footprints);
	free(plan->trajectories);
	free(plan->volumes);
	free(plan->id);
	free(plan->party);
	free(plan->name);
	free(plan->source);
	free(plan);
}
