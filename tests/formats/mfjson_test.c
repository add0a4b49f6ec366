/* Moving features of OGC 19-045r3. */
#include "session.h"

#include <math.h>
#include <stdio.h>

#define TIMES "\"datetimes\":[\"2018-08-01T06:31:10Z\",\"2018-08-01T06:31:20Z\"]"
#define PLACES "\"coordinates\":[[8.5,46.5,9000],[8.6,46.5,9100.5]]"
#define MOVING(members) "{\"type\":\"MovingPoint\"," members "}"
#define FEATURE(temporal) "{\"type\":\"Feature\",\"id\":\"f1\",\"temporalGeometry\":" temporal "}"
#define WITH(parley, temporal) "{\"type\":\"Feature\",\"id\":\"f1\",\"properties\":{\"parley\":{" parley "}},\"temporalGeometry\":" temporal "}"

static session *taken(const char *text, size_t trajectories)
{
	session *s = session_of(text);
	if (s->problem_count || s->plan_count != 1)
		fail_msg("%s: %zu plans; %s: %s", text, s->plan_count, s->problems[0].where, s->problems[0].text);
	assert_int_equal(s->plans[0]->volume_count, 0);
	assert_int_equal(s->plans[0]->trajectory_count, trajectories);
	return s;
}

static void check_samples(const char *text)
{
	session *s = taken(text, 1);
	const prl_trajectory *t = s->plans[0]->trajectories[0];
	const prl_sample *p = prl_trajectory_samples(t);
	assert_string_equal(s->plans[0]->id, "f1");
	assert_int_equal(s->plans[0]->kind, PRL_KIND_FLIGHT);
	assert_int_equal(prl_trajectory_count(t), 2);
	assert_int_equal(prl_trajectory_datum(t), PRL_DATUM_W84);
	assert_true(p[0].time == INT64_C(1533105070) * PRL_SECOND && p[1].time == p[0].time + 10 * PRL_SECOND);
	assert_true(p[1].lng_deg == 8.6 && p[1].lat_deg == 46.5 && p[1].altitude_m == 9100.5);
	assert_true(p[1].horizontal_m == 0 && p[1].vertical_m == 0);
	session_free(s);
}

static void spellings(void **unused)
{
	(void)unused;
	check_samples(FEATURE(MOVING(TIMES "," PLACES)));
	check_samples(FEATURE(MOVING("\"interpolation\":\"Linear\"," TIMES "," PLACES)));
	check_samples(FEATURE(MOVING("\"interpolations\":[\"Linear\"]," TIMES "," PLACES)));
	check_samples(FEATURE(MOVING("\"datetimes\":[1533105070000,1533105080000.0]," PLACES)));
	check_samples(FEATURE(MOVING("\"datetimes\":[\"2018-08-01T08:31:10+02:00\",1533105080000]," PLACES)));
	check_samples(FEATURE(MOVING(TIMES "," PLACES ",\"crs\":null,\"trs\":null,\"base\":{},\"orientations\":[]")));
	check_samples(FEATURE(MOVING(TIMES "," PLACES
	                                   ",\"crs\":{\"type\":\"Name\",\"properties\":{\"name\":\"urn:ogc:def:crs:OGC:1.3:CRS84\"}}"
	                                   ",\"trs\":{\"type\":\"Name\",\"properties\":{\"name\":\"urn:ogc:data:time:iso8601\"}}")));
	check_samples("{\"type\":\"Feature\",\"id\":\"f1\",\"geometry\":{\"type\":\"LineString\"," PLACES "},\"properties\":{" TIMES "}}");
	check_samples("{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(MOVING(TIMES "," PLACES)) "]}");
	check_samples("{\"type\":\"Feature\",\"id\":\"f1\",\"geometry\":null,\"properties\":null,\"temporalGeometry\":" MOVING(
	        TIMES "," PLACES) "}");
}

static void properties(void **unused)
{
	(void)unused;
	session *s = taken(WITH("\"id\":\"p1\",\"party\":\"us\",\"kind\":\"convoy\",\"datum\":\"MSL\",\"name\":\"n\","
	                        "\"uncertainty\":{\"horizontal_m\":50,\"vertical_m\":5,\"horizontal_growth_m_s\":2,\"vertical_growth_m_s\":0.5}",
	                        MOVING(TIMES "," PLACES)),
	                   1);
	const prl_sample *p = prl_trajectory_samples(s->plans[0]->trajectories[0]);
	assert_string_equal(s->plans[0]->id, "p1");
	assert_string_equal(s->plans[0]->party, "us");
	assert_int_equal(s->plans[0]->kind, PRL_KIND_CONVOY);
	assert_int_equal(prl_trajectory_datum(s->plans[0]->trajectories[0]), PRL_DATUM_MSL);
	assert_true(p[0].horizontal_m == 50 && p[0].vertical_m == 5);
	assert_true(p[1].horizontal_m == 70 && p[1].vertical_m == 10);
	session_free(s);
}

static void collection(void **unused)
{
	(void)unused;
	session *s = taken(FEATURE("{\"type\":\"MovingGeometryCollection\",\"prisms\":[" MOVING(TIMES "," PLACES) "," MOVING(
	                           "\"datetimes\":[5],\"coordinates\":[[1,2,3]]") "]}"),
	                   2);
	assert_int_equal(prl_trajectory_count(s->plans[0]->trajectories[1]), 1);
	session_free(s);
}

static void refused(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		prl_status status;
		const char *where, *expected;
	} cases[] = {
		{ FEATURE(MOVING("\"interpolation\":\"Discrete\"," TIMES "," PLACES)), PRL_E_UNSUPPORTED, "feature \"f1\": temporalGeometry", "\"Discrete\"" },
		{ FEATURE(MOVING("\"interpolation\":\"Step\"," TIMES "," PLACES)), PRL_E_UNSUPPORTED, "temporalGeometry", "\"Step\"" },
		{ FEATURE(MOVING("\"interpolation\":\"Quadratic\"," TIMES "," PLACES)), PRL_E_UNSUPPORTED, "temporalGeometry", "Quadratic" },
		{ FEATURE(MOVING("\"interpolation\":\"http://x.org/curve\"," TIMES "," PLACES)), PRL_E_UNSUPPORTED, "temporalGeometry", "http://x.org/curve" },
		{ FEATURE(MOVING("\"interpolation\":5," TIMES "," PLACES)), PRL_E_UNSUPPORTED, "temporalGeometry", "a number" },
		{ FEATURE(MOVING(TIMES "," PLACES ",\"crs\":{\"type\":\"Name\",\"properties\":{\"name\":\"EPSG:4326\"}}")), PRL_E_UNSUPPORTED, "temporalGeometry", "EPSG:4326" },
		{ FEATURE(MOVING(TIMES "," PLACES ",\"crs\":{\"type\":\"Link\"}")), PRL_E_UNSUPPORTED, "temporalGeometry", "crs an object" },
		{ FEATURE(MOVING(TIMES "," PLACES ",\"trs\":{\"properties\":{\"name\":\"julian\"}}")), PRL_E_UNSUPPORTED, "temporalGeometry", "julian" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5],[8.6,46.5]]")), PRL_E_SYNTAX, "position 0", "no height" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5,5],[8.6]]")), PRL_E_SYNTAX, "position 1", "1 number," },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5,5],[8.6,46,5,7]]")), PRL_E_SYNTAX, "position 1", "4 numbers" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5,5],[8.6,46,null]]")), PRL_E_SYNTAX, "position 1: number 2", "null" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5,5]]")), PRL_E_SYNTAX, "temporalGeometry", "1 positions and 2 datetimes" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[]")), PRL_E_SYNTAX, "coordinates", "empty" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,90.5,5],[8.6,46,5]]")), PRL_E_RANGE, "sample 0", "latitude 90.5" },
		{ FEATURE(MOVING(TIMES ",\"coordinates\":[[8.5,46.5,5],[8.6,46,2e6]]")), PRL_E_RANGE, "sample 1", "altitude" },
		{ FEATURE(MOVING("\"datetimes\":[2000,1000]," PLACES)), PRL_E_RANGE, "sample 1", "does not come after" },
		{ FEATURE(MOVING("\"datetimes\":[1000,1000]," PLACES)), PRL_E_RANGE, "sample 1", "does not come after" },
		{ FEATURE(MOVING("\"datetimes\":[1000,1e17]," PLACES)), PRL_E_RANGE, "datetimes: time 1", "outside the years" },
		{ FEATURE(MOVING("\"datetimes\":[\"2018-08-01T06:31:10Z\",\"2018-08-01T06:31:20\"]," PLACES)), PRL_E_SYNTAX, "datetimes: time 1", "RFC 3339" },
		{ FEATURE(MOVING("\"datetimes\":[\"2018-08-01T06:31:10Z\",null]," PLACES)), PRL_E_SYNTAX, "datetimes: time 1", "null" },
		{ FEATURE(MOVING("\"datetimes\":\"2018-08-01T06:31:10Z\"," PLACES)), PRL_E_SYNTAX, "temporalGeometry", "\"datetimes\" is a string" },
		{ FEATURE(MOVING(PLACES)), PRL_E_SYNTAX, "temporalGeometry", "\"datetimes\" is missing" },
		{ FEATURE(MOVING(TIMES)), PRL_E_SYNTAX, "coordinates", "missing" },
		{ FEATURE("{\"type\":\"MovingPolygon\"}"), PRL_E_UNSUPPORTED, "temporalGeometry", "MovingPolygon" },
		{ FEATURE("{\"type\":\"MovingGeometryCollection\",\"prisms\":[]}"), PRL_E_SYNTAX, "temporalGeometry", "prisms" },
		{ FEATURE("{\"type\":\"MovingGeometryCollection\",\"prisms\":[" MOVING(TIMES "," PLACES) ",{\"type\":\"MovingPolygon\"}]}"), PRL_E_UNSUPPORTED, "prism 1", "MovingPolygon" },
		{ FEATURE("[]"), PRL_E_UNSUPPORTED, "temporalGeometry", "missing" },
		{ WITH("\"from\":\"2018-08-01T06:31:10Z\"", MOVING(TIMES "," PLACES)), PRL_E_UNSUPPORTED, "parley", "\"from\" is not known here" },
		{ WITH("\"uncertainty\":{\"horizontal_growth_m_s\":100000}", MOVING("\"datetimes\":[0,90000000000]," PLACES)), PRL_E_RANGE, "sample 1", "horizontal uncertainty" },
		{ WITH("\"datum\":\"FL100\"", MOVING(TIMES "," PLACES)), PRL_E_UNSUPPORTED, "parley", "FL100" },
		{ "{\"type\":\"Feature\",\"temporalGeometry\":" MOVING(TIMES "," PLACES) "}", PRL_E_SYNTAX, "feature", "has no id" },
		{ MOVING(TIMES "," PLACES), PRL_E_UNSUPPORTED, "item", "MovingPoint" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].text, cases[i].status, cases[i].where, cases[i].expected);
}

/* Times as far apart as can be written. */
static void far_apart(void **unused)
{
	(void)unused;
	session *s = taken(WITH("\"uncertainty\":{\"vertical_growth_m_s\":1e-6}",
	                        MOVING("\"datetimes\":[\"1678-01-01T00:00:00Z\",\"2261-12-31T23:59:59Z\"]," PLACES)),
	                   1);
	assert_true(fabs(prl_trajectory_samples(s->plans[0]->trajectories[0])[1].vertical_m - 18429.2) < 0.1);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(spellings), cmocka_unit_test(properties),
		                            cmocka_unit_test(collection), cmocka_unit_test(refused),
		                            cmocka_unit_test(far_apart) };
	return cmocka_run_group_tests_name("formats/mfjson", tests, NULL, NULL);
}
