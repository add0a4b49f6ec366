/* Volume4D as read: every rule of f3548.md, 4, and every refusal with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "dss/extent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define POINT(lat, lng)          "{\"lat\":" lat ",\"lng\":" lng "}"
#define RADIUS(value)            "{\"value\":" value ",\"units\":\"M\"}"
#define CIRCLE_AT(point, radius) "\"outline_circle\":{\"center\":" point ",\"radius\":" radius "}"
#define CIRCLE                   CIRCLE_AT(POINT("46.9", "7.4"), RADIUS("300"))
#define POLYGON_OF(vertices)     "\"outline_polygon\":{\"vertices\":[" vertices "]}"
#define TRIANGLE                 POINT("46", "7") "," POINT("46.1", "7") "," POINT("46", "7.1")
#define POLYGON                  POLYGON_OF(TRIANGLE)
#define ALT(name, value)         "\"altitude_" name "\":{\"value\":" value ",\"reference\":\"W84\",\"units\":\"M\"}"
#define TIME(name, value)        "\"time_" name "\":{\"value\":\"" value "\",\"format\":\"RFC3339\"}"
#define ALTS                     ALT("lower", "50") "," ALT("upper", "120.5")
#define TIMES                    TIME("start", "2026-09-01T12:00:00Z") "," TIME("end", "2026-09-01T14:30:00+02:00")
#define VOLUME(outline)          "{\"volume\":{" outline "," ALTS "}," TIMES "}"
#define BARE(shape)              "{\"volume\":{" shape "}}"
#define NOON                     (INT64_C(1788264000) * PRL_SECOND)

static const prl_extent_rules lax = { 0 };
static const prl_extent_rules strict = {
	.footprints = true, .times = true, .altitudes = true, .area_max_m2 = 2500e6, .form = PRL_EXTENT_LIST
};

static prl_status read_as(const char *text, const prl_extent_rules *rules, prl_extent **ret, prl_error *err)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json)
		fail_msg("not JSON: %s: %.200s", error.text, text);
	prl_status status = prl_extent_read(json, rules, ret, err);
	json_decref(json);
	return status;
}

static prl_extent *taken(const char *text, const prl_extent_rules *rules)
{
	prl_extent *extent = NULL;
	prl_error err = { 0 };
	if (read_as(text, rules, &extent, &err))
		fail_msg("%.200s: %s: %s", text, err.where, err.text);
	return extent;
}

static void shapes(void **unused)
{
	(void)unused;
	prl_extent *e = taken("[" VOLUME(CIRCLE) "," VOLUME(POLYGON) "]", &strict);
	const prl_outline *o = prl_extent_outlines(e);
	assert_int_equal(e->outlines, 2);
	assert_int_equal(e->vertices, 4);
	assert_true(o[0].first == 0 && o[0].count == 1 && o[0].radius_m == 300);
	assert_true(o[1].first == 1 && o[1].count == 3 && o[1].radius_m == 0);
	assert_true(e->at[0].lat_deg == 46.9 && e->at[0].lng_deg == 7.4 && e->at[3].lng_deg == 7.1);
	assert_true(e->lower_m == 50 && e->upper_m == 120.5);
	assert_true(e->from == NOON && e->to == NOON + 1800 * PRL_SECOND);
	assert_int_equal(prl_extent_bytes(e), sizeof *e + 4 * 16 + 2 * 16);
	prl_extent_free(e);
	prl_extent_rules one = { .form = PRL_EXTENT_ONE, .name = "area_of_interest" };
	e = taken(VOLUME(CIRCLE), &one);
	assert_int_equal(e->outlines, 1);
	assert_true(prl_extent_bytes(e) <= 80);
	prl_extent_free(e);
	e = taken(VOLUME(CIRCLE), &lax);
	prl_extent_free(e);
	prl_extent_free(NULL);
}

/* The envelope is over all volumes; what one of them leaves open is open. */
static void envelopes(void **unused)
{
	(void)unused;
	prl_extent *e = taken("[" VOLUME(CIRCLE) ",{\"volume\":{" CIRCLE "," ALT("lower", "-20") "," ALT(
	                              "upper", "60") "}," TIME("start", "2026-09-01T12:10:00Z") "," TIME("end",
	                                                                                                 "2026-09-01T13:"
	                                                                                                 "00:00Z") "}]",
	                      &strict);
	assert_true(e->lower_m == -20 && e->upper_m == 120.5);
	assert_true(e->from == NOON && e->to == NOON + 3600 * PRL_SECOND);
	prl_extent_free(e);
	e = taken("[" VOLUME(CIRCLE) "," BARE(CIRCLE) "]", &lax);
	assert_true(e->lower_m == -HUGE_VAL && e->upper_m == HUGE_VAL);
	assert_true(e->from == PRL_TIME_OPEN_START && e->to == PRL_TIME_OPEN_END);
	prl_extent_free(e);
	/* In any order. */
	e = taken("[" BARE(CIRCLE) "," VOLUME(CIRCLE) "]", &lax);
	assert_true(e->lower_m == -HUGE_VAL && e->upper_m == HUGE_VAL);
	assert_true(e->from == PRL_TIME_OPEN_START && e->to == PRL_TIME_OPEN_END);
	prl_extent_free(e);
	e = taken("{\"volume\":{" CIRCLE "," ALT("lower", "7") "}," TIME("end", "2026-09-01T12:00:00Z") "}", &lax);
	assert_true(e->lower_m == 7 && e->upper_m == HUGE_VAL);
	assert_true(e->from == PRL_TIME_OPEN_START && e->to == NOON);
	prl_extent_free(e);
}

/* Without an outline, where that is taken: everywhere, whatever else the list holds. */
static void no_outline(void **unused)
{
	(void)unused;
	prl_extent *e = taken("{\"volume\":{" ALTS "}," TIMES "}", &lax);
	assert_true(e->outlines == 0 && e->vertices == 0 && e->lower_m == 50 && e->from == NOON);
	prl_extent_free(e);
	e = taken("[" VOLUME(POLYGON) ",{\"volume\":{}}," VOLUME(CIRCLE) "]", &lax);
	assert_true(e->outlines == 0 && e->vertices == 0);
	prl_extent_free(e);
}

static void check_time(const char *text, prl_time expected)
{
	char json[300];
	snprintf(json, sizeof json, "{\"volume\":{" CIRCLE "},\"time_start\":{\"value\":\"%s\"},\"time_end\":{\"value\":"
	                            "\"%s\",\"format\":\"anything\"}}", text, text);
	prl_extent *e = taken(json, &lax); /* start = end is taken */
	assert_true(e->from == expected && e->to == expected);
	prl_extent_free(e);
}

static void times(void **unused)
{
	(void)unused;
	check_time("2026-09-01T12:00:00Z", NOON);
	check_time("2026-09-02T01:59:00+13:59", NOON);
	check_time("2026-09-01T00:00:00-12:00", NOON);
	check_time("2026-09-01T12:00:00.123456Z", NOON + 123456000);
	check_time("2026-09-01T12:00:00.123456999Z", NOON + 123456000);
	check_time("2026-09-01T12:00:00.12345699999999999999Z", NOON + 123456000);
	/* Before 1970 too the microsecond before. */
	check_time("1969-12-31T23:59:59.9999995Z", -1000);
	check_time("1969-12-31T23:59:59.999999Z", -1000);
	check_time("1678-01-01T00:00:00Z", INT64_C(-9214560000) * PRL_SECOND);
}

/* What has no limit, and what is as if absent. */
static void leniencies(void **unused)
{
	(void)unused;
	static const char *const texts[] = {
		BARE(CIRCLE "," ALT("lower", "-1e9") "," ALT("upper", "1e300")),
		BARE(CIRCLE "," ALT("lower", "5") "," ALT("upper", "5")),
		BARE(CIRCLE ",\"outline_polygon\":null,\"altitude_lower\":null"),
		BARE(CIRCLE ",\"more\":[1],\"outline\":7"),
		BARE(CIRCLE_AT(POINT("46.9", "7.4"), "{\"value\":300}")),
		BARE(CIRCLE_AT(POINT("46.9", "7.4"), "{\"value\":300,\"units\":null}")),
		BARE(CIRCLE_AT(POINT("90", "-180"), RADIUS("1e-300"))),
		BARE(CIRCLE_AT(POINT("-90", "180"), RADIUS("10000000"))),
		BARE(CIRCLE_AT(POINT("0", "0"), RADIUS("7"))),
		BARE(CIRCLE) "\n",
		"{\"volume\":{" CIRCLE "},\"time_start\":null,\"time_end\":null,\"x\":{}}",
		BARE(POLYGON_OF(POINT("46", "7") "," POINT("47", "7") "," POINT("48", "7"))), /* a line */
		BARE(POLYGON_OF(POINT("46", "7") "," POINT("48", "7") "," POINT("47", "7"))),
		BARE(POLYGON_OF(POINT("46", "7") "," POINT("48", "7") "," POINT("47", "7") "," POINT("47.5", "7"))),
		BARE(POLYGON_OF(POINT("0", "1") "," POINT("0", "2") "," POINT("0", "3"))),
		BARE(POLYGON_OF(POINT("1", "179.9") "," POINT("1", "-179.9") "," POINT("-1", "180"))), /* antimeridian */
		BARE(POLYGON_OF(POINT("89", "0") "," POINT("89", "120") "," POINT("89", "-120"))),     /* round a pole */
		BARE(POLYGON_OF(POINT("90", "0") "," POINT("89", "120") "," POINT("89", "150"))),
		BARE(POLYGON_OF(POINT("-90", "5") "," POINT("-60", "20") "," POINT("-60", "10"))),
		BARE(POLYGON_OF(POINT("46", "7") "," POINT("46", "7.1") "," POINT("46.1", "7"))), /* the other way round */
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		prl_extent_free(taken(texts[i], &lax));
}

typedef struct refusal {
	const char *text;
	prl_status status;
	const char *where, *expected; /* where: all of it; expected: a part of the text */
} refusal;

static void check_refusal(const refusal *c, const prl_extent_rules *rules)
{
	prl_extent *extent = (prl_extent *)(uintptr_t)8, *untouched = extent;
	prl_error err = { 0 };
	prl_status status = read_as(c->text, rules, &extent, &err);
	if (status != c->status || strcmp(err.where, c->where) != 0 || !strstr(err.text, c->expected))
		fail_msg("%.300s: %d \"%s\" \"%s\", expected %d \"%s\" \"%s\"", c->text, status, err.where, err.text, c->status,
		         c->where, c->expected);
	assert_int_equal(err.status, status);
	assert_ptr_equal(extent, untouched);
	assert_int_equal(read_as(c->text, rules, &extent, NULL), c->status);
}

#define IN_VOLUME "extents.volume"
#define IN_CIRCLE IN_VOLUME ".outline_circle"
#define IN_POLY   IN_VOLUME ".outline_polygon"

static void refused(void **unused)
{
	(void)unused;
	static const refusal cases[] = {
		/* the form */
		{ "7", PRL_E_SYNTAX, "", "\"extents\" is a number, expected a Volume4D or a list of them" },
		{ "null", PRL_E_SYNTAX, "", "\"extents\" is null" },
		{ "\"x\"", PRL_E_SYNTAX, "", "is a string" },
		{ "[]", PRL_E_RANGE, "", "\"extents\" has 0 volumes, expected 1 to 1000" },
		{ "[7]", PRL_E_SYNTAX, "extents[0]", "is a number, expected an object" },
		{ "[" BARE(CIRCLE) ",null]", PRL_E_SYNTAX, "extents[1]", "is null, expected an object" },
		{ "{}", PRL_E_SYNTAX, "extents", "\"volume\" is missing, expected an object" },
		{ "{\"volume\":null}", PRL_E_SYNTAX, "extents", "\"volume\" is null" },
		{ "{\"volume\":[]}", PRL_E_SYNTAX, "extents", "\"volume\" is an empty list" },
		/* outlines */
		{ BARE(CIRCLE "," POLYGON), PRL_E_SYNTAX, IN_VOLUME, "both outline_circle and outline_polygon" },
		{ "[" BARE(CIRCLE) "," BARE(CIRCLE "," POLYGON) "]", PRL_E_SYNTAX, "extents[1].volume", "both" },
		{ BARE("\"outline_circle\":7"), PRL_E_SYNTAX, IN_VOLUME, "\"outline_circle\" is a number, expected an object" },
		{ BARE("\"outline_polygon\":\"x\""), PRL_E_SYNTAX, IN_VOLUME, "\"outline_polygon\" is a string" },
		{ BARE("\"outline_circle\":{}"), PRL_E_SYNTAX, IN_CIRCLE ".center", "is missing, expected an object" },
		{ BARE("\"outline_circle\":{\"center\":" POINT("1", "1") "}"), PRL_E_SYNTAX, IN_CIRCLE ".radius", "is missing" },
		{ BARE("\"outline_circle\":{\"radius\":" RADIUS("5") "}"), PRL_E_SYNTAX, IN_CIRCLE ".center", "is missing" },
		{ BARE("\"outline_circle\":{\"center\":null,\"radius\":" RADIUS("5") "}"), PRL_E_SYNTAX, IN_CIRCLE ".center", "is null" },
		{ BARE(CIRCLE_AT("[1,2]", RADIUS("5"))), PRL_E_SYNTAX, IN_CIRCLE ".center", "is a list" },
		{ BARE(CIRCLE_AT("{\"lat\":1}", RADIUS("5"))), PRL_E_SYNTAX, IN_CIRCLE ".center", "\"lng\" is missing" },
		{ BARE(CIRCLE_AT("{\"lng\":1}", RADIUS("5"))), PRL_E_SYNTAX, IN_CIRCLE ".center", "\"lat\" is missing" },
		{ BARE(CIRCLE_AT(POINT("\"1\"", "1"), RADIUS("5"))), PRL_E_SYNTAX, IN_CIRCLE ".center", "\"lat\" is a string, expected a number" },
		{ BARE(CIRCLE_AT(POINT("1", "true"), RADIUS("5"))), PRL_E_SYNTAX, IN_CIRCLE ".center", "\"lng\" is true or false" },
		{ BARE(CIRCLE_AT(POINT("90.0001", "1"), RADIUS("5"))), PRL_E_RANGE, IN_CIRCLE ".center", "\"lat\" 90.0" },
		{ BARE(CIRCLE_AT(POINT("-90.0001", "1"), RADIUS("5"))), PRL_E_RANGE, IN_CIRCLE ".center", "expected -90 to 90" },
		{ BARE(CIRCLE_AT(POINT("1", "180.0001"), RADIUS("5"))), PRL_E_RANGE, IN_CIRCLE ".center", "expected -180 to 180" },
		{ BARE(CIRCLE_AT(POINT("1", "-1e300"), RADIUS("5"))), PRL_E_RANGE, IN_CIRCLE ".center", "\"lng\"" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), "7")), PRL_E_SYNTAX, IN_CIRCLE ".radius", "is a number, expected an object" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), "{\"units\":\"M\"}")), PRL_E_SYNTAX, IN_CIRCLE ".radius", "\"value\" is missing" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), RADIUS("0"))), PRL_E_RANGE, IN_CIRCLE ".radius", "\"value\" 0 is out of range" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), RADIUS("-5"))), PRL_E_RANGE, IN_CIRCLE ".radius", "out of range" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), RADIUS("10000001"))), PRL_E_RANGE, IN_CIRCLE ".radius", "10000000" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), RADIUS("\"5\""))), PRL_E_SYNTAX, IN_CIRCLE ".radius", "a string" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), "{\"value\":5,\"units\":\"FT\"}")), PRL_E_UNSUPPORTED, IN_CIRCLE ".radius", "\"units\" is \"FT\", expected M" },
		{ BARE(CIRCLE_AT(POINT("1", "1"), "{\"value\":5,\"units\":1}")), PRL_E_SYNTAX, IN_CIRCLE ".radius", "\"units\" is a number" },
		{ BARE("\"outline_polygon\":{}"), PRL_E_SYNTAX, IN_POLY, "\"vertices\" is missing, expected a list" },
		{ BARE("\"outline_polygon\":{\"vertices\":{}}"), PRL_E_SYNTAX, IN_POLY, "\"vertices\" is an object" },
		{ BARE(POLYGON_OF("")), PRL_E_RANGE, IN_POLY, "0 vertices, expected at least 3" },
		{ BARE(POLYGON_OF(POINT("1", "1") "," POINT("2", "1"))), PRL_E_RANGE, IN_POLY, "2 vertices" },
		{ BARE(POLYGON_OF(TRIANGLE ",7")), PRL_E_SYNTAX, IN_POLY ".vertices[3]", "is a number" },
		{ BARE(POLYGON_OF(POINT("46", "7") ",{\"lat\":5}," POINT("46", "7.1"))), PRL_E_SYNTAX, IN_POLY ".vertices[1]", "\"lng\" is missing" },
		{ BARE(POLYGON_OF(POINT("46", "7") "," POINT("5", "181") "," POINT("46", "7.1"))), PRL_E_RANGE, IN_POLY ".vertices[1]", "\"lng\" 181" },
		/* a closed ring, equal neighbours, equal ones apart, one place in two spellings */
		{ BARE(POLYGON_OF(TRIANGLE "," POINT("46", "7"))), PRL_E_RANGE, IN_POLY, "vertices 0 and 3 are the same" },
		{ BARE(POLYGON_OF(POINT("46", "7") "," TRIANGLE)), PRL_E_RANGE, IN_POLY, "vertices 0 and 1 are the same" },
		{ BARE(POLYGON_OF(POINT("1", "1") "," POINT("1", "1") "," POINT("1", "1"))), PRL_E_RANGE, IN_POLY, "are the same" },
		{ BARE(POLYGON_OF(POINT("0", "0") "," POINT("0", "2") "," POINT("1", "1") "," POINT("2", "2") "," POINT("2", "0") "," POINT("1", "1"))), PRL_E_RANGE, IN_POLY, "vertices 2 and 5 are the same" },
		{ BARE(POLYGON_OF(POINT("1", "180") "," POINT("2", "179") "," POINT("1", "-180"))), PRL_E_RANGE, IN_POLY, "vertices 0 and 2 are the same" },
		{ BARE(POLYGON_OF(POINT("90", "10") "," POINT("80", "0") "," POINT("90", "20"))), PRL_E_RANGE, IN_POLY, "vertices 0 and 2 are the same" },
		{ BARE(POLYGON_OF(POINT("-0.0", "1") "," POINT("1", "1") "," POINT("0", "1"))), PRL_E_RANGE, IN_POLY, "vertices 0 and 2 are the same" },
		/* a micrometre apart: two vertices and no more */
		{ BARE(POLYGON_OF(POINT("1", "1") "," POINT("2", "1") "," POINT("1.000000000000001", "1"))), PRL_E_RANGE, IN_POLY, "2 different vertices" },
		/* a bow tie, and a star of five */
		{ BARE(POLYGON_OF(POINT("1", "1") "," POINT("2", "2") "," POINT("1", "2") "," POINT("2", "1"))), PRL_E_RANGE, IN_POLY, "cross" },
		{ BARE(POLYGON_OF(POINT("2", "0") "," POINT("-2", "1") "," POINT("1", "-2") "," POINT("1", "2") "," POINT("-2", "-1"))), PRL_E_RANGE, IN_POLY, "cross" },
		/* nearly half round the earth */
		{ BARE(POLYGON_OF(POINT("0", "0") "," POINT("0", "179.9") "," POINT("1", "90"))), PRL_E_RANGE, IN_POLY, "19,000 km" },
		/* altitudes */
		{ BARE(CIRCLE "," ALT("lower", "5.5") "," ALT("upper", "5.4")), PRL_E_RANGE, IN_VOLUME, "above altitude_upper" },
		{ BARE(CIRCLE "," ALT("upper", "\"5\"")), PRL_E_SYNTAX, IN_VOLUME ".altitude_upper", "a string, expected a number" },
		{ BARE(CIRCLE ",\"altitude_lower\":7"), PRL_E_SYNTAX, IN_VOLUME, "\"altitude_lower\" is a number, expected an object" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"reference\":\"W84\",\"units\":\"M\"}"), PRL_E_SYNTAX, IN_VOLUME ".altitude_lower", "\"value\" is missing" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":\"W84\",\"units\":\"FT\"}"), PRL_E_UNSUPPORTED, IN_VOLUME ".altitude_lower", "\"units\" is \"FT\", expected M" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":\"SFC\",\"units\":\"M\"}"), PRL_E_UNSUPPORTED, IN_VOLUME ".altitude_lower", "\"reference\" is \"SFC\", expected W84" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"value\":5,\"units\":\"M\"}"), PRL_E_SYNTAX, IN_VOLUME ".altitude_lower", "\"reference\" is missing" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":\"W84\"}"), PRL_E_SYNTAX, IN_VOLUME ".altitude_lower", "\"units\" is missing" },
		{ BARE(CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":[],\"units\":\"M\"}"), PRL_E_SYNTAX, IN_VOLUME ".altitude_lower", "\"reference\" is an empty list" },
		/* times */
		{ "{\"volume\":{" CIRCLE "},\"time_start\":7}", PRL_E_SYNTAX, "extents", "\"time_start\" is a number, expected an object" },
		{ "{\"volume\":{" CIRCLE "},\"time_start\":\"2026-09-01T12:00:00Z\"}", PRL_E_SYNTAX, "extents", "\"time_start\" is a string" },
		{ "{\"volume\":{" CIRCLE "},\"time_start\":{}}", PRL_E_SYNTAX, "extents.time_start", "\"value\" is missing" },
		{ "{\"volume\":{" CIRCLE "},\"time_end\":{\"value\":7}}", PRL_E_SYNTAX, "extents.time_end", "\"value\" is a number" },
		{ "{\"volume\":{" CIRCLE "},\"time_end\":{\"value\":\"2026-09-01T12:00:00Z\",\"format\":7}}", PRL_E_SYNTAX, "extents.time_end", "\"format\" is a number" },
		{ "{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:00:00") "}", PRL_E_SYNTAX, "extents.time_start.value", "RFC 3339" },
		{ "{\"volume\":{" CIRCLE "}," TIME("start", "") "}", PRL_E_SYNTAX, "extents.time_start.value", "RFC 3339" },
		{ "{\"volume\":{" CIRCLE "}," TIME("end", "2026-09-31T12:00:00Z") "}", PRL_E_RANGE, "extents.time_end.value", "does not exist" },
		{ "{\"volume\":{" CIRCLE "}," TIME("end", "2300-01-01T12:00:00Z") "}", PRL_E_RANGE, "extents.time_end.value", "1678 to 2261" },
		{ "{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:00:00.0000002Z") "," TIME("end", "2026-09-01T12:00:00.0000001Z") "}", PRL_E_RANGE, "extents", "time_start is after time_end" },
		{ "[" VOLUME(CIRCLE) ",{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:00:00.0000002Z") "," TIME("end", "2026-09-01T12:00:00.0000001Z") "}]", PRL_E_RANGE, "extents[1]", "time_start is after time_end" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_refusal(&cases[i], &lax);
}

static void refused_by_rule(void **unused)
{
	(void)unused;
	static const refusal cases[] = {
		{ VOLUME(CIRCLE), PRL_E_SYNTAX, "", "\"extents\" is an object, expected a list of Volume4D" },
		{ "[" VOLUME("\"x\":1") "]", PRL_E_SYNTAX, "extents[0].volume", "Missing footprint, expected outline_circle or outline_polygon" },
		{ "[" VOLUME(CIRCLE) ",{\"volume\":{" CIRCLE "," ALTS "}," TIME("start", "2026-09-01T12:00:00Z") "}]", PRL_E_SYNTAX, "extents[1]", "\"time_end\" is missing, expected a time in each volume" },
		{ "[{\"volume\":{" CIRCLE "," ALTS "}," TIME("end", "2026-09-01T12:00:00Z") "}]", PRL_E_SYNTAX, "extents[0]", "\"time_start\" is missing" },
		{ "[{\"volume\":{" CIRCLE "," ALT("lower", "1") "}," TIMES "}]", PRL_E_SYNTAX, "extents[0].volume", "\"altitude_upper\" is missing, expected an altitude in each volume" },
		{ "[{\"volume\":{" CIRCLE "," ALT("upper", "1") "}," TIMES "}]", PRL_E_SYNTAX, "extents[0].volume", "\"altitude_lower\" is missing" },
		{ "[" VOLUME(CIRCLE_AT(POINT("46.9", "7.4"), RADIUS("28210"))) "]", PRL_E_TOO_LARGE, "extents[0].volume.outline_circle", "Area too large: 2500.1 km2, expected at most 2500 km2" },
		{ "[" VOLUME(POLYGON_OF(POINT("46", "7") "," POINT("46.5", "7") "," POINT("46.5", "8") "," POINT("46", "8"))) "]", PRL_E_TOO_LARGE, "extents[0].volume.outline_polygon", "Area too large" },
		/* half the earth, and a circle that is nearly all of what a radius may be */
		{ "[" VOLUME(POLYGON_OF(POINT("-1", "0") "," POINT("-1", "120") "," POINT("-1", "-120"))) "]", PRL_E_TOO_LARGE, "extents[0].volume.outline_polygon", "Area too large" },
		{ "[" VOLUME(CIRCLE_AT(POINT("46.9", "7.4"), RADIUS("9999999"))) "]", PRL_E_TOO_LARGE, "extents[0].volume.outline_circle", "Area too large" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_refusal(&cases[i], &strict);
	prl_extent_free(taken("[" VOLUME(CIRCLE_AT(POINT("46.9", "7.4"), RADIUS("28208"))) "]", &strict));
	prl_extent_rules one = { .form = PRL_EXTENT_ONE, .name = "area_of_interest" };
	check_refusal(&(refusal){ "[" VOLUME(CIRCLE) "]", PRL_E_SYNTAX, "", "\"area_of_interest\" is a list, expected one Volume4D" }, &one);
	check_refusal(&(refusal){ "{}", PRL_E_SYNTAX, "area_of_interest", "\"volume\" is missing" }, &one);
	prl_error err = { 0 };
	prl_extent *none = NULL;
	assert_int_equal(prl_extent_read(NULL, &one, &none, &err), PRL_E_SYNTAX);
	assert_string_equal(err.text, "\"area_of_interest\" is missing, expected one Volume4D, an object");
}

/* The planning horizon and the duration, which are off as a rule. */
static void ahead_and_long(void **unused)
{
	(void)unused;
	prl_time end = NOON + 1800 * PRL_SECOND;
	prl_extent_rules rules = { .horizon = end };
	prl_extent_free(taken(VOLUME(CIRCLE), &rules));
	prl_extent_free(taken(BARE(CIRCLE), &rules)); /* no end is stated */
	rules.horizon = end - 1;
	check_refusal(&(refusal){ VOLUME(CIRCLE), PRL_E_RANGE, "extents", "expected none after 2026-09-01T12:29:59.999999999Z" }, &rules);
	rules = (prl_extent_rules){ .horizon = PRL_TIME_OPEN_END, .duration = 1800 * PRL_SECOND };
	prl_extent_free(taken(VOLUME(CIRCLE), &rules));
	prl_extent_free(taken(BARE(CIRCLE), &rules));
	/* Two that are short, but not together. */
#define LATER "{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:20:00Z") "," TIME("end", "2026-09-01T12:30:00.000001Z") "}"
	prl_extent_free(taken(LATER, &rules));
	check_refusal(&(refusal){ "[" VOLUME(CIRCLE) "," LATER "]", PRL_E_RANGE, "extents", "expected at most 1800 s" }, &rules);
	check_refusal(&(refusal){ "{\"volume\":{" CIRCLE "}," TIME("start", "1678-01-01T00:00:00Z") "," TIME("end", "2261-12-31T23:59:59Z") "}",
	                          PRL_E_RANGE, "extents", "expected at most 1800 s" }, &rules);
}

/* ---- large ones -------------------------------------------------------------------------------------------------- */

/* A polygon of so many vertices round a place; every second one nearer to it where comb is below 1. */
static json_t *round_polygon(size_t count, double lat, double lng, double size_deg, double comb)
{
	json_t *vertices = json_array();
	for (size_t i = 0; i < count; i++) {
		double angle = 6.283185307179586 * (double)i / (double)count, r = i % 2 ? size_deg : size_deg * comb;
		json_array_append_new(vertices, json_pack("{s:f,s:f}", "lat", lat + r * sin(angle), "lng", lng + r * cos(angle)));
	}
	return json_pack("{s:{s:{s:o}}}", "volume", "outline_polygon", "vertices", vertices);
}

static prl_status read_json(json_t *json, const prl_extent_rules *rules, prl_extent **ret, prl_error *err)
{
	prl_status status = prl_extent_read(json, rules, ret, err);
	json_decref(json);
	return status;
}

static void many_vertices(void **unused)
{
	(void)unused;
	prl_extent *e = NULL;
	prl_error err = { 0 };
	assert_int_equal(read_json(round_polygon(10000, 46, 7, 0.1, 1), &lax, &e, &err), PRL_OK);
	assert_int_equal(e->vertices, 10000);
	prl_extent_free(e);
	assert_int_equal(read_json(round_polygon(10001, 46, 7, 0.1, 1), &lax, &e, &err), PRL_E_RANGE);
	assert_string_equal(err.where, "extents");
	assert_non_null(strstr(err.text, "10001 vertices in all, a circle one, expected at most 10000"));
	assert_int_equal(read_json(round_polygon(100000, 46, 7, 0.1, 1), &lax, &e, &err), PRL_E_RANGE);
	/* All outlines together, circles too. */
	json_t *list = json_array();
	json_array_append_new(list, round_polygon(99, 46, 7, 0.1, 1));
	json_array_append_new(list, json_loads(BARE(CIRCLE), 0, NULL));
	prl_extent_rules rules = { .vertices_max = 100 };
	assert_int_equal(prl_extent_read(list, &rules, &e, &err), PRL_OK);
	prl_extent_free(e);
	rules.vertices_max = 99;
	assert_int_equal(read_json(list, &rules, &e, &err), PRL_E_RANGE);
	/* One vertex of many that comes twice. */
	json_t *polygon = round_polygon(5000, 46, 7, 0.1, 1);
	json_t *vertices = json_object_get(json_object_get(json_object_get(polygon, "volume"), "outline_polygon"), "vertices");
	json_array_set_new(vertices, 4321, json_deep_copy(json_array_get(vertices, 17)));
	assert_int_equal(read_json(polygon, &lax, &e, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "vertices 17 and 4321 are the same"));
}

static void many_volumes(void **unused)
{
	(void)unused;
	prl_extent *e = NULL;
	prl_error err = { 0 };
	json_t *list = json_array(), *one = json_loads(VOLUME(CIRCLE), 0, NULL);
	for (int i = 0; i < 1000; i++)
		json_array_append(list, one);
	assert_int_equal(prl_extent_read(list, &strict, &e, &err), PRL_OK);
	assert_int_equal(e->outlines, 1000);
	prl_extent_free(e);
	json_array_append_new(list, one);
	assert_int_equal(read_json(list, &strict, &e, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "1001 volumes, expected 1 to 1000"));
}

/* Edges that go far round the earth again and again would be cut into millions of pieces. */
static void long_edges(void **unused)
{
	(void)unused;
	prl_extent *e = NULL;
	prl_error err = { 0 };
	assert_int_equal(read_json(round_polygon(10000, 0, 0, 40, 0.01), &lax, &e, &err), PRL_E_RANGE);
	assert_string_equal(err.where, "extents.volume.outline_polygon");
	assert_non_null(strstr(err.text, "km long, expected at most 250000 km"));
	/* As large as a flight information region and larger is well. */
	assert_int_equal(read_json(round_polygon(1000, 0, 0, 30, 1), &lax, &e, &err), PRL_OK);
	prl_extent_free(e);
	/* Every vertex of 10^4 anywhere: a tangle, refused in bounded time. */
	assert_int_equal(read_json(round_polygon(9999, 46, 7, 0.2, -1), &lax, &e, &err), PRL_E_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),        cmocka_unit_test(envelopes),       cmocka_unit_test(no_outline),
		cmocka_unit_test(times),         cmocka_unit_test(leniencies),      cmocka_unit_test(refused),
		cmocka_unit_test(refused_by_rule), cmocka_unit_test(ahead_and_long), cmocka_unit_test(many_vertices),
		cmocka_unit_test(many_volumes),  cmocka_unit_test(long_edges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
