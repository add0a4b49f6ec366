/* Details as plans, and as they are shown. */
#include "line/details.h"
#include "line/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *json_of(const char *text)
{
	json_error_t fault;
	json_t *json = json_loads(text, 0, &fault);
	if (!json)
		print_error("%s: %s\n", text, fault.text);
	assert_non_null(json);
	return json;
}

static prl_plan *plan_of(const char *text, char why[300])
{
	prl_plan *plan = NULL;
	prl_error err = { 0 };
	json_t *details = json_of(text);
	assert_int_equal(prl_details_plan(details, "us#1", "us", &plan, why, &err), PRL_OK);
	json_decref(details);
	return plan;
}

static prl_time time_of(const char *text)
{
	prl_time time;
	assert_int_equal(prl_time_parse(text, strlen(text), &time, NULL), PRL_OK);
	return time;
}

/* Whoever states nothing is everywhere; whoever states what cannot be read too, and it is said why. */
static void everywhere(const char *text, const char *part_of_why)
{
	char why[300];
	prl_plan *plan = plan_of(text, why);
	prl_latlng antipodes[] = { { 35, 40 }, { -35, -140 }, { 90, 0 }, { -90, 0 }, { 0, 180 } };
	assert_int_equal(plan->volume_count, 1);
	for (size_t i = 0; i < sizeof antipodes / sizeof *antipodes; i++)
		assert_true(prl_footprint_contains(plan->volumes[0].footprint, antipodes[i]));
	if (!strstr(why, part_of_why))
		print_error("%s\n", why);
	assert_non_null(strstr(why, part_of_why));
	prl_plan_free(plan);
}

static void test_everywhere(void **state)
{
	(void)state;
	everywhere("{}", "area not stated");
	everywhere("{\"kind\": \"flight\", \"place\": {\"name\": \"north Syria\"}}", "north Syria");
	everywhere("{\"areas\": [{\"place\": \"35.285 40.176\", \"radius_m\": 1}]}", "/areas/0");
	everywhere("{\"areas\": [{\"place\": \"35.0N 40.0E\", \"radius_m\": 1}, {\"place\": \"x\", \"radius_m\": 1}]}",
		   "/areas/1");
	everywhere("{\"areas\": [{\"vertices\": [\"35.0N 40.0E\", \"35.0N 41.0E\"]}]}", "vertices");
}

static void test_areas(void **state)
{
	(void)state;
	char why[300];
	prl_plan *plan =
		plan_of("{\"kind\": \"convoy\", \"title\": \"Aid\", \"from\": \"2016-09-19T08:00:00Z\", \"to\": "
			"\"2016-09-19T20:00:00Z\", \"areas\": [{\"vertices\": [\"36.20N 37.10E\", \"36.10N 37.00E\"], "
			"\"half_width_m\": 500, \"name\": \"road\", \"to\": \"2016-09-19T12:00:00Z\"}, "
			"{\"geometry\": {\"type\": \"MultiPoint\", \"coordinates\": [[37.0, 36.1], [36.9, 36.1]]}, "
			"\"radius_m\": 300}]}",
			why);
	assert_string_equal(why, "");
	assert_int_equal(plan->volume_count, 3);
	assert_int_equal(plan->kind, PRL_KIND_CONVOY);
	assert_string_equal(plan->name, "Aid");
	assert_string_equal(plan->id, "us#1");
	assert_string_equal(plan->party, "us");
	assert_int_equal(plan->volumes[0].window.to, time_of("2016-09-19T12:00:00Z"));
	assert_int_equal(plan->volumes[0].window.from, time_of("2016-09-19T08:00:00Z"));
	assert_int_equal(plan->volumes[2].window.to, time_of("2016-09-19T20:00:00Z"));
	assert_true(prl_footprint_contains(plan->volumes[0].footprint, (prl_latlng){ 36.15, 37.05 }));
	assert_true(prl_footprint_contains(plan->volumes[1].footprint, (prl_latlng){ 36.102, 37.0 }));
	assert_false(prl_footprint_contains(plan->volumes[1].footprint, (prl_latlng){ 36.103, 37.0 }));
	prl_plan_free(plan);
}

/* An area without a place: everywhere at its levels. A name that was found: the circle of the gazetteer. */
static void test_levels_and_names(void **state)
{
	(void)state;
	char why[300];
	prl_plan *plan =
		plan_of("{\"kind\": \"flight\", \"areas\": [{\"lower\": {\"value\": 100, \"unit\": \"FL\"}}]}", why);
	assert_string_equal(why, "");
	assert_true(prl_footprint_contains(plan->volumes[0].footprint, (prl_latlng){ -35, -140 }));
	assert_true(plan->volumes[0].band.lower.value == 100 && plan->volumes[0].band.lower.unit == PRL_UNIT_FL);
	prl_plan_free(plan);
	plan = plan_of("{\"place\": {\"name\": \"Hama\", \"gazetteer\": {\"name\": \"Hama\", \"lat_deg\": 35.13, "
		       "\"lng_deg\": 36.75, \"source\": \"x\"}}}",
		       why);
	assert_string_equal(why, "");
	assert_true(prl_footprint_contains(plan->volumes[0].footprint, (prl_latlng){ 35.145, 36.75 }));
	assert_false(prl_footprint_contains(plan->volumes[0].footprint, (prl_latlng){ 35.16, 36.75 }));
	prl_plan_free(plan);
}

static prl_window window_of(const char *text)
{
	json_t *details = json_of(text);
	prl_window w = prl_details_window(details);
	json_decref(details);
	return w;
}

static void test_windows(void **state)
{
	(void)state;
	prl_window w = window_of("{}");
	assert_true(w.from == PRL_TIME_OPEN_START && w.to == PRL_TIME_OPEN_END);
	/* only a peer can send ends in the wrong order: all that lies between counts */
	w = window_of("{\"from\": \"2016-09-19T12:00:00Z\", \"to\": \"2016-09-19T11:00:00Z\"}");
	assert_true(w.from == time_of("2016-09-19T11:00:00Z") && w.to == time_of("2016-09-19T12:00:00Z"));
	w = window_of("{\"from\": \"2016-09-19T12:00:00Z\", \"to\": \"2016-09-19T13:00:00Z\", \"areas\": "
		      "[{\"from\": \"2016-09-19T11:00:00+01:00\"}, {\"to\": \"2016-09-19T14:00:00Z\"}]}");
	assert_true(w.from == time_of("2016-09-19T10:00:00Z") && w.to == time_of("2016-09-19T14:00:00Z"));
}

/* What was written stays; levels are rounded away from the middle. */
static void test_shown(void **state)
{
	(void)state;
	json_t *details = json_of(
		"{\"kind\": \"flight\", \"areas\": [{\"place\": \"35°17′06″N 040°10′34″E\", \"radius_m\": 457.2, "
		"\"lower\": {\"value\": 1001, \"unit\": \"FT\", \"datum\": \"MSL\"}, "
		"\"upper\": {\"value\": 20000, \"unit\": \"FT\", \"datum\": \"MSL\"}}, "
		"{\"upper\": {\"value\": 305, \"unit\": \"FL\"}}]}");
	json_t *shown = prl_details_shown(details), *first = json_array_get(shown, 0);
	json_t *lower = json_object_get(first, "lower"), *upper = json_object_get(first, "upper");
	assert_string_equal(json_string_value(json_object_get(lower, "as_written")), "1001 FT MSL");
	assert_int_equal(json_integer_value(json_object_get(lower, "m")), 305);
	assert_int_equal(json_integer_value(json_object_get(upper, "m")), 6096);
	assert_int_equal(json_integer_value(json_object_get(upper, "ft")), 20000);
	json_t *place = json_object_get(first, "place");
	assert_string_equal(json_string_value(json_object_get(place, "as_written")), "35°17′06″N 040°10′34″E");
	assert_true(json_real_value(json_object_get(place, "error_m")) > 15);
	upper = json_object_get(json_array_get(shown, 1), "upper");
	assert_string_equal(json_string_value(json_object_get(upper, "as_written")), "FL305");
	assert_int_equal(json_integer_value(json_object_get(upper, "m")), 9297);
	json_decref(shown);
	json_decref(details);
}

static void questions(const char *text, const char *expected)
{
	char about[200] = "";
	json_t *details = json_of(text), *list = prl_notice_questions(details), *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		strcat(about, i ? "," : "");
		strcat(about, json_string_value(json_object_get(one, "about")));
	}
	assert_string_equal(about, expected);
	json_decref(list);
	json_decref(details);
}

static void test_questions(void **state)
{
	(void)state;
	/* "In one hour, leave the airspace" */
	questions("{\"kind\": \"flight\", \"from\": \"2015-09-30T07:00:00Z\"}", "area,levels,to,frequency,call_back");
	questions("{\"from\": \"2015-09-30T07:00:00Z\"}", "kind,area,levels,to,frequency,call_back");
	questions(
		"{\"kind\": \"convoy\", \"areas\": [{\"place\": \"35.1N 40.1E\", \"radius_m\": 5}], \"from\": "
		"\"2015-09-30T07:00:00Z\", \"to\": \"2015-09-30T07:00:00Z\", \"frequency\": \"121.5\", \"call_back\": "
		"\"+1\", \"place\": {\"again\": {\"name\": \"x\"}}}",
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everywhere),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_levels_and_names),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_questions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
