/* GET /parley/v1/intents: what a desk of the line sees of the intents of drone traffic services. */
#include "support/dss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INTENT(lat) "{\"extents\":[" DSS_V(lat) "],\"state\":\"Accepted\",\"uss_base_url\":\"https://uss1.example\"}"

static void asked(prl_client *desk, const char *query, size_t count, int more)
{
	json_t *answer = nodes_get(desk, "/parley/v1/intents%s", query);
	assert_int_equal(json_array_size(json_object_get(answer, "intents")), count);
	assert_int_equal(json_integer_value(json_object_get(answer, "more")), more);
	json_decref(answer);
}

static void the_line_sees_envelopes(void **state)
{
	static const dss_step steps[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0301"), INTENT("40"), 201, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0302"), INTENT("41"), 201, NULL },
	};
	(void)state;
	dss_node *d = dss_new(false);
	nodes_set *n = dss_nodes(d);
	DSS_RUN(d, steps);
	prl_client *desk = nodes_desk(n, 0), *stranger = nodes_client(n, 0);
	asked(desk, "?south=39&north=42&west=34&east=36", 2, 0);
	asked(desk, "?south=39&north=42&west=34&east=36&count=1", 1, 1);
	asked(desk, "?south=40.5&north=42&west=34&east=36", 1, 0);
	asked(desk, "?south=40.5&north=42&west=36&east=34", 0, 0); /* the other way round the earth */
	asked(desk, "?south=39&north=42&west=34&east=36&to=2026-11-29T12:59:59Z", 0, 0);
	json_t *answer = nodes_get(desk, "/parley/v1/intents?south=39.9&north=40.1&west=34&east=36");
	json_t *one = json_array_get(json_object_get(answer, "intents"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "id")), U("0301"));
	assert_string_equal(json_string_value(json_object_get(one, "manager")), "uss1");
	assert_string_equal(json_string_value(json_object_get(one, "state")), "Accepted");
	assert_true(json_real_value(json_object_get(one, "lower_m")) == 100);
	assert_null(json_object_get(one, "ovn"));
	assert_null(json_object_get(one, "extents"));
	json_decref(answer);
	static const char *const wrong[] = { "?south=91",   "?south=2&north=1", "?from=now",
					     "?count=2001", "?east=x",          "?area=1" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[60];
		(void)snprintf(path, sizeof path, "/parley/v1/intents%s", wrong[i]);
		assert_int_equal(nodes_status(desk, "GET", path, NULL, NULL, 0, NULL), 400);
	}
	assert_int_equal(nodes_status(stranger, "GET", "/parley/v1/intents", NULL, NULL, 0, NULL), 401);
	prl_client_free(desk);
	prl_client_free(stranger);
	dss_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_line_sees_envelopes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
