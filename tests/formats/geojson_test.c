/* GeoJSON features with parley properties. */
#include "session.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

#define FEATURE(parley, geometry) "{\"type\":\"Feature\",\"properties\":{\"parley\":{" parley "}},\"geometry\":" geometry "}"
#define POINT "{\"type\":\"Point\",\"coordinates\":[40.1,35.3]}"
#define LINE "{\"type\":\"LineString\",\"coordinates\":[[40,35],[40.1,35]]}"
#define SQUARE "[[40,35],[40.1,35],[40.1,35.1],[40,35.1],[40,35]]"
#define HOLE "[[40.04,35.04],[40.06,35.04],[40.06,35.06],[40.04,35.06],[40.04,35.04]]"
#define POLYGON "{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "]}"
#define ID "\"id\":\"n1\""

static session *taken(const char *text, size_t volumes)
{
	session *s = session_of(text);
	if (s->problem_count || s->plan_count != 1)
		fail_msg("%s: %zu plans; %s: %s", text, s->plan_count, s->problems[0].where, s->problems[0].text);
	assert_int_equal(s->plans[0]->volume_count, volumes);
	return s;
}

static void all_properties(void **unused)
{
	(void)unused;
	session *s = taken(FEATURE("\"id\":\"n1\",\"party\":\"ru\",\"name\":\"Al-Tharda\",\"kind\":\"live-fire area\","
	                           "\"from\":\"2016-09-17T12:55:00Z\",\"to\":\"2016-09-17T16:00:00+03:00\","
	                           "\"lower\":{\"value\":0,\"unit\":\"M\",\"datum\":\"AGL\"},"
	                           "\"upper\":{\"value\":250,\"unit\":\"FL\",\"datum\":\"FL\"},"
	                           "\"edges\":\"geodesic\",\"uncertainty\":{\"horizontal_m\":30,\"vertical_m\":15}",
	                           POLYGON),
	                   1);
	const prl_plan *p = s->plans[0];
	const prl_volume *v = p->volumes;
	assert_string_equal(p->id, "n1");
	assert_string_equal(p->party, "ru");
	assert_string_equal(p->name, "Al-Tharda");
	assert_int_equal(p->kind, PRL_KIND_LIVE_FIRE);
	assert_true(v->window.from == INT64_C(1474116900) * PRL_SECOND);
	assert_true(v->window.to == v->window.from + 300 * PRL_SECOND);
	assert_true(v->band.lower.value == 0 && v->band.lower.unit == PRL_UNIT_M && v->band.lower.datum == PRL_DATUM_AGL);
	assert_true(v->band.upper.value == 250 && v->band.upper.unit == PRL_UNIT_FL && v->band.upper.datum == PRL_DATUM_FL);
	assert_true(v->band.accuracy_m == 15);
	prl_latlng corner = { 35, 40 };
	assert_true(prl_footprint_contains(v->footprint, prl_destination(corner, 225, 29.9)));
	assert_false(prl_footprint_contains(v->footprint, prl_destination(corner, 225, 30.1)));
	session_free(s);
}

static void defaults(void **unused)
{
	(void)unused;
	session *s = taken("{\"type\":\"Feature\",\"id\":17,\"properties\":{\"parley\":{},\"other\":[1]},\"geometry\":" POLYGON "}", 1);
	const prl_volume *v = s->plans[0]->volumes;
	assert_string_equal(s->plans[0]->id, "17");
	assert_string_equal(s->plans[0]->party, "");
	assert_int_equal(s->plans[0]->kind, PRL_KIND_UNKNOWN);
	assert_true(v->window.from == PRL_TIME_OPEN_START && v->window.to == PRL_TIME_OPEN_END);
	assert_true(v->band.lower.value == -(double)INFINITY && v->band.upper.value == (double)INFINITY && v->band.accuracy_m == 0);
	session_free(s);
	s = taken("{\"type\":\"Feature\",\"id\":\"outer\",\"properties\":{\"parley\":{\"id\":\"inner\",\"from\":null}},\"geometry\":" POLYGON "}", 1);
	assert_string_equal(s->plans[0]->id, "inner");
	session_free(s);
	s = taken(FEATURE(ID ",\"lower\":{\"value\":100,\"unit\":\"FT\",\"datum\":\"MSL\"}", POLYGON), 1);
	assert_int_equal(s->plans[0]->volumes[0].band.upper.datum, PRL_DATUM_MSL);
	assert_true(s->plans[0]->volumes[0].band.upper.value == (double)INFINITY);
	session_free(s);
	s = taken(FEATURE(ID ",\"upper\":{\"value\":95,\"unit\":\"FL\"}", POLYGON), 1);
	assert_int_equal(s->plans[0]->volumes[0].band.upper.datum, PRL_DATUM_FL);
	session_free(s);
	s = taken(FEATURE(ID ",\"upper\":{\"value\":95,\"units\":\"M\",\"reference\":\"W84\"}", POLYGON), 1);
	session_free(s);
}

/* Every geometry, with a place that lies in the volume and one that does not. */
static void geometries(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		size_t volumes, volume;
		prl_latlng in, out;
	} cases[] = {
		{ FEATURE(ID ",\"radius_m\":500", POINT), 1, 0, { 35.303, 40.1 }, { 35.31, 40.1 } },
		{ FEATURE(ID ",\"radius_m\":500", "{\"type\":\"MultiPoint\",\"coordinates\":[[40,35,900],[41,36]]}"), 2, 1, { 36, 41 }, { 35, 40 } },
		{ FEATURE(ID ",\"half_width_m\":500", LINE), 1, 0, { 35.003, 40.05 }, { 35.01, 40.05 } },
		{ FEATURE(ID ",\"half_width_m\":500", "{\"type\":\"MultiLineString\",\"coordinates\":[[[40,35],[40.1,35]],[[50,35],[50.1,35],[50.2,35]]]}"), 2, 1, { 35, 50.15 }, { 35, 50.3 } },
		{ FEATURE(ID, POLYGON), 1, 0, { 35.05, 40.05 }, { 35.15, 40.05 } },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "," HOLE "]}"), 1, 0, { 35.02, 40.02 }, { 35.05, 40.05 } },
		{ FEATURE(ID, "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE "," HOLE "],[[[50,35],[50.1,35],[50.1,35.1],[50,35]]]]}"), 2, 1, { 35.02, 50.05 }, { 35.02, 40.02 } },
		{ FEATURE(ID, "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE "," HOLE "],[[[50,35],[50.1,35],[50.1,35.1],[50,35]]]]}"), 2, 0, { 35.02, 40.02 }, { 35.05, 40.05 } },
		{ FEATURE(ID ",\"radius_m\":9", "{\"type\":\"GeometryCollection\",\"geometries\":[" POLYGON ",{\"type\":\"GeometryCollection\",\"geometries\":[" POINT "]}]}"), 2, 1, { 35.3, 40.1 }, { 35.05, 40.05 } },
		/* edges straight in longitude and latitude stay on the parallel, geodesic ones leave it */
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[-10,60],[10,60],[10,61],[-10,61],[-10,60]]]}"), 1, 0, { 60.0001, 0 }, { 59.9999, 0 } },
		{ FEATURE(ID ",\"edges\":\"geodesic\"", "{\"type\":\"Polygon\",\"coordinates\":[[[-10,60],[10,60],[10,61],[-10,61],[-10,60]]]}"), 1, 0, { 61.3, 0 }, { 60.2, 0 } },
		/* a step of over 180° goes across the antimeridian */
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[179,-17],[-179,-17],[-179,-16],[179,-16],[179,-17]]]}"), 1, 0, { -16.5, 180 }, { -16.5, 0 } },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		session *s = taken(cases[i].text, cases[i].volumes);
		const prl_footprint *f = s->plans[0]->volumes[cases[i].volume].footprint;
		if (!prl_footprint_contains(f, cases[i].in) || prl_footprint_contains(f, cases[i].out))
			fail_msg("case %zu", i);
		session_free(s);
	}
}

static void refused(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		prl_status status;
		const char *where, *expected;
	} cases[] = {
		{ FEATURE("", POLYGON), PRL_E_SYNTAX, "feature", "has no id" },
		{ FEATURE("\"id\":\"\"", POLYGON), PRL_E_RANGE, "feature \"\": parley", "empty" },
		{ FEATURE("\"id\":7", POLYGON), PRL_E_SYNTAX, "parley", "a number, expected a string" },
		{ "{\"type\":\"Feature\",\"id\":[],\"properties\":{\"parley\":{}},\"geometry\":" POLYGON "}", PRL_E_SYNTAX, "feature", "an empty list" },
		{ "{\"type\":\"Feature\",\"id\":\"x\",\"properties\":{},\"geometry\":" POLYGON "}", PRL_E_SYNTAX, "feature \"x\"", "no \"parley\"" },
		{ "{\"type\":\"Feature\",\"id\":\"x\",\"properties\":null,\"geometry\":" POLYGON "}", PRL_E_SYNTAX, "feature \"x\"", "no \"parley\"" },
		{ "{\"type\":\"Feature\",\"id\":\"x\",\"properties\":{\"parley\":5},\"geometry\":" POLYGON "}", PRL_E_SYNTAX, "parley", "expected an object" },
		{ FEATURE(ID ",\"radius\":5", POINT), PRL_E_UNSUPPORTED, "feature \"n1\": parley", "\"radius\" is not known here" },
		{ FEATURE(ID ",\"kind\":\"strike\"", POLYGON), PRL_E_UNSUPPORTED, "parley", "live-fire area" },
		{ FEATURE(ID ",\"edges\":\"rhumb\"", POLYGON), PRL_E_UNSUPPORTED, "parley", "geodesic, lonlat" },
		{ FEATURE(ID ",\"from\":\"2016-09-17\"", POLYGON), PRL_E_SYNTAX, "parley: from", "RFC 3339" },
		{ FEATURE(ID ",\"from\":1474116900", POLYGON), PRL_E_SYNTAX, "parley", "\"from\" is a number" },
		{ FEATURE(ID ",\"from\":\"2016-09-17T12:00:00Z\",\"to\":\"2016-09-17T11:00:00Z\"", POLYGON), PRL_E_RANGE, "parley", "after \"to\"" },
		{ FEATURE(ID ",\"lower\":{\"value\":5,\"unit\":\"M\"}", POLYGON), PRL_E_SYNTAX, "parley: lower", "\"datum\" is missing" },
		{ FEATURE(ID ",\"lower\":{\"value\":5,\"datum\":\"MSL\"}", POLYGON), PRL_E_SYNTAX, "parley: lower", "\"unit\" is missing" },
		{ FEATURE(ID ",\"lower\":{\"unit\":\"M\",\"datum\":\"MSL\"}", POLYGON), PRL_E_SYNTAX, "parley: lower", "\"value\" is missing" },
		{ FEATURE(ID ",\"lower\":{\"value\":5,\"unit\":\"m\",\"datum\":\"MSL\"}", POLYGON), PRL_E_UNSUPPORTED, "parley: lower", "\"m\"" },
		{ FEATURE(ID ",\"lower\":{\"value\":5,\"unit\":\"M\",\"units\":\"M\",\"datum\":\"MSL\"}", POLYGON), PRL_E_SYNTAX, "parley: lower", "one of each" },
		{ FEATURE(ID ",\"lower\":{\"value\":5,\"unit\":\"FL\",\"datum\":\"MSL\"}", POLYGON), PRL_E_RANGE, "parley: lower", "flight level" },
		{ FEATURE(ID ",\"upper\":{\"value\":4000,\"unit\":\"FL\",\"datum\":\"FL\"}", POLYGON), PRL_E_RANGE, "parley: upper", "out of range" },
		{ FEATURE(ID ",\"upper\":{\"value\":\"SFC\",\"unit\":\"M\",\"datum\":\"AGL\"}", POLYGON), PRL_E_SYNTAX, "parley: upper", "a string, expected a number" },
		{ FEATURE(ID ",\"lower\":{\"value\":101,\"unit\":\"M\",\"datum\":\"MSL\"},\"upper\":{\"value\":300,\"unit\":\"FT\",\"datum\":\"MSL\"}", POLYGON), PRL_E_RANGE, "parley", "above upper" },
		{ FEATURE(ID ",\"uncertainty\":{\"horizontal_m\":-1}", POLYGON), PRL_E_RANGE, "uncertainty", "horizontal_m" },
		{ FEATURE(ID ",\"uncertainty\":{\"horizontal\":1}", POLYGON), PRL_E_UNSUPPORTED, "uncertainty", "\"horizontal\" is not known" },
		{ FEATURE(ID ",\"uncertainty\":{\"vertical_growth_m_s\":1}", POLYGON), PRL_E_UNSUPPORTED, "uncertainty", "grow" },
		{ FEATURE(ID ",\"datum\":\"MSL\"", POLYGON), PRL_E_UNSUPPORTED, "parley", "\"datum\"" },
		{ FEATURE(ID, POINT), PRL_E_SYNTAX, "feature \"n1\"", "radius_m" },
		{ FEATURE(ID, LINE), PRL_E_SYNTAX, "feature \"n1\"", "half_width_m" },
		{ FEATURE(ID ",\"radius_m\":5", POLYGON), PRL_E_SYNTAX, "feature \"n1\"", "without a Point" },
		{ FEATURE(ID ",\"half_width_m\":5", POLYGON), PRL_E_SYNTAX, "feature \"n1\"", "without a LineString" },
		{ FEATURE(ID ",\"radius_m\":-5", POINT), PRL_E_RANGE, "parley", "radius_m" },
		{ FEATURE(ID, "null"), PRL_E_SYNTAX, "feature \"n1\"", "no geometry" },
		{ FEATURE(ID, "7"), PRL_E_UNSUPPORTED, "feature \"n1\"", "missing" },
		{ FEATURE(ID, "{\"type\":\"Circle\",\"coordinates\":[1,2]}"), PRL_E_UNSUPPORTED, "feature \"n1\"", "Circle" },
		{ FEATURE(ID, "{\"type\":\"GeometryCollection\",\"geometries\":[]}"), PRL_E_SYNTAX, "feature \"n1\"", "empty geometry" },
		{ FEATURE(ID, "{\"type\":\"GeometryCollection\",\"geometries\":[" POLYGON ",{}]}"), PRL_E_UNSUPPORTED, "geometry 1", "missing" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[]}"), PRL_E_SYNTAX, "coordinates", "an empty list" },
		{ FEATURE(ID, "{\"type\":\"Polygon\"}"), PRL_E_SYNTAX, "coordinates", "missing" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}"), PRL_E_SYNTAX, "coordinates", "nested 2 deep, expected 3" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[40,35],[40.1,35],[40.1,null],[40,35]]]}"), PRL_E_SYNTAX, "position 2: number 1", "null, expected a number" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[40,35],[40.1],[40.1,36],[40,35]]]}"), PRL_E_SYNTAX, "position 1", "one number" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[40,35],[40.1,35],[40,35]]]}"), PRL_E_SYNTAX, "ring 0", "3 positions" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[40,35],[40.1,35],[40.1,35.1],[40,35.1]]]}"), PRL_E_SYNTAX, "ring 0", "not closed" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[" SQUARE ",[[40,35]]]}"), PRL_E_SYNTAX, "ring 1", "1 positions" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[40,35],[40.1,35.13],[40.1,35],[40,35.1],[40,35]]]}"), PRL_E_RANGE, "feature \"n1\"", "" },
		{ FEATURE(ID, "{\"type\":\"Polygon\",\"coordinates\":[[[35,91],[35.1,40],[35.1,40.1],[35,91]]]}"), PRL_E_RANGE, "feature \"n1\"", "91" },
		{ FEATURE(ID ",\"half_width_m\":5", "{\"type\":\"LineString\",\"coordinates\":[[40,35]]}"), PRL_E_SYNTAX, "feature \"n1\"", "one position" },
		{ FEATURE(ID ",\"radius_m\":5", "{\"type\":\"MultiPoint\",\"coordinates\":[[40,35],[40,-90.5]]}"), PRL_E_RANGE, "part 1", "90.5" },
		{ "{\"type\":\"Feature\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:2056\"}},\"properties\":{\"parley\":{" ID "}},\"geometry\":" POLYGON "}", PRL_E_UNSUPPORTED, "feature \"n1\"", "EPSG:2056" },
		{ POLYGON, PRL_E_UNSUPPORTED, "item", "\"Polygon\"" },
		{ "{\"type\":\"FeatureCollection\"}", PRL_E_SYNTAX, "feature collection", "missing" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].text, cases[i].status, cases[i].where, cases[i].expected);
}

/* Positions as people write them, widened by what the writing leaves open. */
static void written(void **unused)
{
	(void)unused;
	session *s = taken(FEATURE(ID ",\"radius_m\":100,\"place\":\"35°17'06\\\"N 040°10'34\\\"E\"", "null"), 1);
	const prl_footprint *f = s->plans[0]->volumes[0].footprint;
	prl_latlng place = { 35 + 17 / 60.0 + 6 / 3600.0, 40 + 10 / 60.0 + 34 / 3600.0 };
	assert_true(prl_footprint_contains(f, prl_destination(place, 30, 115)));
	assert_false(prl_footprint_contains(f, prl_destination(place, 30, 125)));
	session_free(s);
	s = taken("{\"type\":\"Feature\",\"properties\":{\"parley\":{" ID
	          ",\"vertices\":[\"N35.0000 E040.0000\",\"N35.0000 E041.0000\",\"N36.0000 E041.0000\"]}}}",
	          1);
	f = s->plans[0]->volumes[0].footprint;
	assert_true(prl_footprint_contains(f, (prl_latlng){ 35.2, 40.8 }));
	assert_true(prl_footprint_contains(f, (prl_latlng){ 35.5, 41.00005 }));
	assert_false(prl_footprint_contains(f, (prl_latlng){ 35.8, 40.2 }));
	session_free(s);
	s = taken(FEATURE(ID ",\"half_width_m\":1000,\"vertices\":[\"37SEV7000005000\",\"37SEV8000005000\"]", "null"), 1);
	session_free(s);
	assert_refused(FEATURE(ID ",\"radius_m\":5,\"place\":\"35.285 40.176\"", "null"), PRL_E_AMBIGUOUS, "parley: place", "");
	assert_refused(FEATURE(ID ",\"place\":\"35.285N 40.176E\"", "null"), PRL_E_SYNTAX, "feature", "radius_m");
	assert_refused(FEATURE(ID ",\"radius_m\":5,\"place\":\"Deir ez-Zor\"", "null"), PRL_E_SYNTAX, "parley: place", "");
	assert_refused(FEATURE(ID ",\"radius_m\":5,\"place\":\"35.285N 40.176E\"", POINT), PRL_E_SYNTAX, "feature", "more than one");
	assert_refused(FEATURE(ID ",\"vertices\":[\"35N 40E\",\"35N 41E\"]", "null"), PRL_E_SYNTAX, "feature", "2 vertices");
	assert_refused(FEATURE(ID ",\"vertices\":[\"35.5N 40.5E\",7]", "null"), PRL_E_SYNTAX, "parley: vertices: position 1", "a number");
	assert_refused(FEATURE(ID ",\"vertices\":[]", "null"), PRL_E_SYNTAX, "feature", "0 vertices");
	assert_refused(FEATURE(ID ",\"radius_m\":5,\"vertices\":[\"35N 40E\",\"35N 41E\",\"36N 41E\"]", "null"), PRL_E_SYNTAX, "feature", "without a Point");
}

/* The schema and the reader know the same members: what the reader says it expects is what the schema lists. */
static void schema(void **unused)
{
	(void)unused;
	static const struct {
		const char *part, *text;
	} kinds[] = {
		{ "area", FEATURE(ID ",\"zzz\":1", POLYGON) },
		{ "moving", "{\"type\":\"Feature\",\"properties\":{\"parley\":{\"id\":\"n1\",\"zzz\":1}},\"temporalGeometry\":{}}" },
	};
	json_t *schema = json_load_file(PARLEY_SOURCE_DIR "/schemas/parley-properties.schema.json", 0, NULL), *value;
	assert_non_null(schema);
	for (size_t i = 0; i < 2; i++) {
		json_t *part = json_object_get(json_object_get(schema, "$defs"), kinds[i].part);
		session *s = session_of(kinds[i].text);
		const char *list = strstr(s->problems[0].text, "expected only "), *key;
		size_t known = 1, commas = 0;
		assert_non_null(list);
		for (const char *p = list; *p; p++)
			commas += *p == ',';
		known += commas;
		assert_int_equal(json_object_size(json_object_get(part, "properties")), known);
		json_object_foreach(json_object_get(part, "properties"), key, value)
			assert_non_null(strstr(list, key));
		session_free(s);
	}
	json_decref(schema);
}

/* Every coordinate that JSON can write and the earth does not have is refused, wherever it stands. */
static void hostile_numbers(void **unused)
{
	(void)unused;
	static const char *const numbers[] = { "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "nan", "0x10", "1e308", "91", "-90.0000001" };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		char text[400];
		snprintf(text, sizeof text, FEATURE(ID ",\"radius_m\":5", "{\"type\":\"Point\",\"coordinates\":[10,%s]}"), numbers[i]);
		session *s = session_of(text);
		assert_int_equal(s->plan_count, 0);
		assert_int_equal(s->problem_count, 1);
		session_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_properties), cmocka_unit_test(defaults),
		                            cmocka_unit_test(geometries), cmocka_unit_test(refused),
		                            cmocka_unit_test(hostile_numbers), cmocka_unit_test(written),
		                            cmocka_unit_test(schema) };
	return cmocka_run_group_tests_name("formats/geojson", tests, NULL, NULL);
}
