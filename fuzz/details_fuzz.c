/* Any JSON as details: always a plan with boxes; and where it fits the schema never another one than the look at the
 * door would take, and everything that is shown of it. */
#include "line/details.h"
#include "line/notice_inside.h"
#include "line/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_plan(const json_t *details, const prl_plan *plan)
{
	prl_window w = prl_details_window(details);
	check(plan->volume_count > 0 && plan->footprint_count == plan->volume_count && w.from <= w.to);
	for (size_t i = 0; i < plan->volume_count; i++) {
		prl_window of = plan->volumes[i].window;
		check(plan->volumes[i].footprint == plan->footprints[i] && of.from <= of.to);
		check(of.from >= w.from && of.to <= w.to);
	}
}

/* The boxes hold the whole window of the plan, however many of them there are. */
static void check_boxes(const prl_plan *plan)
{
	prl_notice_boxes *boxes = NULL;
	check(prl_notice_boxes_make(plan, &boxes, NULL) == PRL_OK);
	check(boxes->count > 0 && boxes->count <= PRL_NOTICE_BOXES_MAX);
	for (size_t i = 0; i < boxes->count; i++)
		for (int a = 0; a < 4; a++)
			check(boxes->boxes[i].min[a] <= boxes->boxes[i].max[a]);
	free(boxes);
}

static void check_shown(const json_t *details)
{
	prl_place_check place;
	json_t *shown = prl_details_shown(details), *questions = prl_notice_questions(details);
	check(prl_place_compare(details, &place, NULL) == PRL_OK);
	check(!place.doubtful || (place.compared && place.apart_m > place.allowed_m));
	check(!place.compared || (place.twice && isfinite(place.apart_m) && place.apart_m >= 0));
	check(!place.twice || place.compared || place.why[0]);
	check(json_array_size(shown) == json_array_size(json_object_get(details, "areas")));
	check(json_is_array(questions));
	json_decref(shown);
	json_decref(questions);
}

static void check_details(const json_t *details)
{
	prl_plan *plan = NULL;
	prl_error err = { 0 };
	char why[300];
	prl_status door = prl_details_check(details, &err);
	check(!door || (err.status == door && err.text[0] && err.where[0] == '/'));
	check(prl_details_plan(details, "x", "y", &plan, why, &err) == PRL_OK);
	check_plan(details, plan);
	check_boxes(plan);
	check_shown(details);
	/* what the door takes is everywhere only where nothing is stated */
	check(door || !why[0] || !json_object_get(details, "areas"));
	prl_plan_free(plan);
}

/* What a peer may put into a content. */
static void check_any(const json_t *details)
{
	prl_plan *plan = NULL;
	prl_place_check place;
	char why[300];
	json_t *shown = prl_details_shown(details), *questions = prl_notice_questions(details);
	check(prl_details_plan(details, "x", "y", &plan, why, NULL) == PRL_OK);
	check_plan(details, plan);
	check_boxes(plan);
	check(prl_place_compare(details, &place, NULL) == PRL_OK && shown && questions);
	json_decref(shown);
	json_decref(questions);
	prl_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *details = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
	if (details && prl_details_fit(details, NULL) == PRL_OK)
		check_details(details);
	else if (details)
		check_any(details);
	json_decref(details);
	return 0;
}
