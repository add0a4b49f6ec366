/* The theatre: which areas lie in it, what is said of a pair where one area is not stated, and what is no theatre. */
#include "line/theatre.h"

#include "line/details.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static prl_theatre theatre_of(const char *text)
{
	prl_error err = { 0 };
	prl_theatre theatre;
	char body[600];
	snprintf(body, sizeof body, "{\"theatre\": %s}", text);
	prl_constitution constitution = { .body = json_loads(body, 0, NULL) };
	assert_non_null(constitution.body);
	assert_int_equal(prl_theatre_make(&constitution, &theatre, &err), PRL_OK);
	json_decref(constitution.body);
	return theatre;
}

static prl_plan *plan_of(const char *areas)
{
	prl_error err = { 0 };
	prl_plan *plan = NULL;
	char details[600], why[300];
	snprintf(details, sizeof details, *areas ? "{\"areas\": %s}" : "{}%s", areas);
	json_t *json = json_loads(details, 0, NULL);
	assert_non_null(json);
	assert_int_equal(prl_details_plan(json, "x", "", &plan, why, &err), PRL_OK);
	json_decref(json);
	return plan;
}

static const char *said_of(const prl_theatre *theatre, const char *a, const char *b, double separation_m)
{
	prl_plan *one = plan_of(a), *other = plan_of(b);
	const char *said = prl_theatre_of_pair(theatre, one, other, separation_m);
	const char *turned = prl_theatre_of_pair(theatre, other, one, separation_m);
	assert_true(said == turned);
	prl_plan_free(one);
	prl_plan_free(other);
	return said ? said : "both stated";
}

#define CIRCLE "{\"name\": \"v\", \"place\": \"35.0000N 40.0000E\", \"radius_m\": 100000, \"source\": \"x\"}"
#define AT(p)  "[{\"place\": \"" p "\", \"radius_m\": 1000}]"

static void of_a_pair(void **state)
{
	(void)state;
	prl_theatre theatre = theatre_of(CIRCLE);
	assert_string_equal(theatre.name, "v");
	assert_string_equal(said_of(&theatre, "", AT("35.1000N 40.0000E"), 1000), "theatre");
	assert_string_equal(said_of(&theatre, "", AT("35.9500N 40.0000E"), 1000),
			    "cannot tell"); /* 105.4 km, less 1 km */
	assert_string_equal(said_of(&theatre, "", AT("35.9500N 40.0000E"), 5000), "theatre");
	assert_string_equal(said_of(&theatre, "", "", 1000), "theatre");
	assert_string_equal(said_of(&theatre, AT("0.0000N 0.0000E"), AT("0.0000N 0.0000E"), 1000), "both stated");
	assert_string_equal(
		said_of(&theatre, "[{\"place\": \"no place\", \"radius_m\": 5}]", AT("0.0000N 0.0000E"), 1000),
		"cannot tell");
	/* of several areas one is enough */
	assert_string_equal(said_of(&theatre, "",
				    "[{\"place\": \"0.0000N 0.0000E\", \"radius_m\": 5}, {\"place\": \"35.0000N "
				    "40.0000E\", \"radius_m\": 5}]",
				    1),
			    "theatre");
	prl_theatre_done(&theatre);
	prl_theatre none = theatre_of("null");
	assert_null(none.plan);
	assert_string_equal(said_of(&none, "", AT("0.0000N 0.0000E"), 1000), "whole earth");
	assert_string_equal(said_of(&none, AT("0.0000N 0.0000E"), AT("0.0000N 0.0000E"), 1000), "both stated");
	assert_int_equal(prl_theatre_make(NULL, &none, NULL), PRL_OK);
	assert_null(none.plan);
}

/* Against distance itself: a circle is reached exactly where the middles are nearer than both radii and the margin. */
static void reaches(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("theatre"), 0);
	prl_theatre theatre = theatre_of(CIRCLE);
	for (int i = 0; i < 500; i++) {
		double bearing = rnd_between(&r, 0, 360), far_m = rnd_between(&r, 95000, 115000),
		       margin_m = rnd_between(&r, 0, 9000);
		prl_latlng at = prl_destination((prl_latlng){ 35, 40 }, bearing, far_m);
		char area[200];
		snprintf(area, sizeof area,
			 "[{\"geometry\": {\"type\": \"Point\", \"coordinates\": [%.9f, %.9f]}, \"radius_m\": 1000}]",
			 at.lng_deg, at.lat_deg);
		prl_plan *plan = plan_of(area);
		double beyond_m = far_m - 101000 - margin_m;
		if (beyond_m < -30) /* the text of its middle is right within 20 m */
			assert_true(prl_theatre_reaches(&theatre, plan, margin_m));
		if (beyond_m > 30)
			assert_false(prl_theatre_reaches(&theatre, plan, margin_m));
		prl_plan_free(plan);
	}
	prl_theatre_done(&theatre);
}

static void refused(const char *text, const char *where, const char *what)
{
	prl_error err = { 0 };
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_int_not_equal(prl_theatre_check(json, &err), PRL_OK);
	if (!strstr(err.where, where) || !strstr(err.text, what))
		fail_msg("%s: %s: %s", text, err.where, err.text);
	json_decref(json);
}

static void no_theatre(void **state)
{
	(void)state;
	refused("{\"name\": \"v\", \"source\": \"x\"}", "/theatre", "expected geometry, place or vertices");
	refused("{\"name\": \"v\", \"source\": \"x\", \"place\": \"35N 40E\"}", "/theatre", "radius_m");
	refused("{\"name\": \"v\", \"source\": \"x\", \"place\": \"the valley\", \"radius_m\": 5}", "/theatre",
		"ends too early");
	refused("{\"name\": \"v\", \"source\": \"x\", \"vertices\": [\"35N 40E\", \"36N 40E\"]}", "/theatre", "");
	refused("{\"name\": \"v\", \"source\": \"x\", \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[0, 0], "
		"[1, 95], [1, 1], [0, 0]]]}}",
		"/theatre", "");
	assert_int_equal(prl_theatre_check(NULL, NULL), PRL_OK);
	/* one that came in by an amendment all the same: the wider, the whole earth */
	prl_theatre theatre =
		theatre_of("{\"name\": \"v\", \"source\": \"x\", \"place\": \"the valley\", \"radius_m\": 5}");
	assert_null(theatre.plan);
	theatre = theatre_of("{\"name\": \"v\", \"source\": \"x\"}");
	assert_null(theatre.plan);
	theatre = theatre_of("[1]");
	assert_null(theatre.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_pair),
		cmocka_unit_test(reaches),
		cmocka_unit_test(no_theatre),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
