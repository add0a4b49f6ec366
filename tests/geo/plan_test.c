#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <parley/geo.h>
#include <stdlib.h>
#include <string.h>

static void kinds(void **unused)
{
	(void)unused;
	assert_string_equal(prl_kind_word(PRL_KIND_UNKNOWN), "not stated");
	assert_string_equal(prl_kind_word(PRL_KIND_LIVE_FIRE), "live-fire area");
	assert_string_equal(prl_kind_word(PRL_KIND_EVACUATION), "evacuation");
	assert_string_equal(prl_kind_word((prl_kind)99), "not stated");
}

/* Nothing, half a plan and a whole one are released; the sanitizer counts. */
static void release(void **unused)
{
	(void)unused;
	prl_plan_free(NULL);
	prl_plan_free(calloc(1, sizeof(prl_plan)));
	prl_plan *plan = calloc(1, sizeof *plan);
	assert_non_null(plan);
	plan->id = strdup("x");
	plan->footprints = calloc(2, sizeof *plan->footprints);
	plan->trajectories = calloc(1, sizeof *plan->trajectories);
	plan->volumes = calloc(2, sizeof *plan->volumes);
	assert_true(plan->footprints && plan->trajectories && plan->volumes);
	prl_latlng center = { 35, 40 };
	prl_sample sample = { .lat_deg = 1 };
	assert_int_equal(prl_footprint_circle(center, 10, 0, &plan->footprints[0], NULL), PRL_OK);
	assert_int_equal(prl_trajectory_new(&sample, 1, PRL_DATUM_W84, &plan->trajectories[0], NULL), PRL_OK);
	plan->footprint_count = 2; /* the second was never made */
	plan->trajectory_count = 1;
	plan->volumes[0].footprint = plan->volumes[1].footprint = plan->footprints[0];
	plan->volume_count = 2;
	prl_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(kinds), cmocka_unit_test(release) };
	return cmocka_run_group_tests_name("geo/plan", tests, NULL, NULL);
}
