/* F3548-21 entities: what is read, and every refusal of f3548.md section 4. */
#include "session.h"

#include <math.h>
#include <stdio.h>

#define REFERENCE "\"reference\":{\"id\":\"i1\",\"manager\":\"uss1\",\"state\":\"Accepted\",\"version\":1}"
#define CIRCLE "\"outline_circle\":{\"center\":{\"lat\":46.9,\"lng\":7.4},\"radius\":{\"value\":300,\"units\":\"M\"}}"
#define POLYGON                                                                                                        \
	"\"outline_polygon\":{\"vertices\":[{\"lat\":46,\"lng\":7},{\"lat\":46.1,\"lng\":7},{\"lat\":46,\"lng\":7.1}]}"
#define ALT(name, value) "\"altitude_" name "\":{\"value\":" value ",\"reference\":\"W84\",\"units\":\"M\"}"
#define TIME(name, value) "\"time_" name "\":{\"value\":\"" value "\",\"format\":\"RFC3339\"}"
#define TIMES TIME("start", "2026-09-01T12:00:00Z") "," TIME("end", "2026-09-01T14:30:00+02:00")
#define VOLUME(outline) "{\"volume\":{" outline "," ALT("lower", "50") "," ALT("upper", "120.5") "}," TIMES "}"
#define INTENT(volumes) "{" REFERENCE ",\"details\":{\"volumes\":[" volumes "]}}"

static void check_intent(const char *text, prl_kind kind, size_t volumes)
{
	session *s = session_of(text);
	if (s->problem_count)
		fail_msg("%s: %s: %s", text, s->problems[0].where, s->problems[0].text);
	assert_int_equal(s->plan_count, 1);
	const prl_plan *plan = s->plans[0];
	assert_string_equal(plan->id, "i1");
	assert_string_equal(plan->party, "uss1");
	assert_string_equal(plan->source, "test");
	assert_int_equal(plan->line, 1);
	assert_int_equal(plan->kind, kind);
	assert_int_equal(plan->volume_count, volumes);
	const prl_volume *v = plan->volumes;
	assert_true(v->band.lower.value == 50 && v->band.upper.value == 120.5);
	assert_true(v->band.lower.datum == PRL_DATUM_W84 && v->band.lower.unit == PRL_UNIT_M);
	assert_true(v->window.from == INT64_C(1788264000) * PRL_SECOND);
	assert_true(v->window.to == v->window.from + 1800 * PRL_SECOND);
	session_free(s);
}

static void shapes(void **unused)
{
	(void)unused;
	check_intent(INTENT(VOLUME(CIRCLE)), PRL_KIND_FLIGHT, 1);
	check_intent(INTENT(VOLUME(CIRCLE) "," VOLUME(POLYGON)), PRL_KIND_FLIGHT, 2);
	check_intent("{\"operational_intent\":" INTENT(VOLUME(CIRCLE)) "}", PRL_KIND_FLIGHT, 1);
	check_intent("[" INTENT(VOLUME(CIRCLE)) "]", PRL_KIND_FLIGHT, 1);
	check_intent("{\"operational_intent_id\":\"i1\",\"operational_intent\":" INTENT(
	                     VOLUME(CIRCLE)) ",\"subscriptions\":[]}",
	             PRL_KIND_FLIGHT, 1);
	check_intent("{" REFERENCE ",\"details\":{\"volumes\":[" VOLUME(CIRCLE) "],\"off_nominal_volumes\":[" VOLUME(
	                     CIRCLE) "],\"priority\":0}}",
	             PRL_KIND_FLIGHT, 2);
	check_intent("{\"constraint\":" INTENT(VOLUME(CIRCLE)) "}", PRL_KIND_UNKNOWN, 1);
	check_intent("{\"reference\":{\"id\":\"i1\",\"manager\":\"uss1\"},\"details\":{\"type\":\"x\",\"volumes\":[" VOLUME(
	                     CIRCLE) "]}}",
	             PRL_KIND_UNKNOWN, 1);
	check_intent("{\"id\":\"i1\",\"manager\":\"uss1\",\"extents\":[" VOLUME(CIRCLE) "]}", PRL_KIND_FLIGHT, 1);
}

static void footprints(void **unused)
{
	(void)unused;
	session *s = session_of(INTENT(VOLUME(CIRCLE) "," VOLUME(POLYGON)));
	const prl_volume *v = s->plans[0]->volumes;
	prl_latlng inside = { 46.9, 7.4 }, outside = prl_destination(inside, 70, 300.1),
	           edge = prl_destination(inside, 70, 299.9);
	assert_true(prl_footprint_contains(v[0].footprint, edge));
	assert_false(prl_footprint_contains(v[0].footprint, outside));
	assert_true(prl_footprint_contains(v[1].footprint, (prl_latlng){ 46.02, 7.02 }));
	assert_false(prl_footprint_contains(v[1].footprint, (prl_latlng){ 46.09, 7.09 }));
	session_free(s);
}

/* What is not stated is open: nothing that may be there is missed. */
static void open_sides(void **unused)
{
	(void)unused;
	session *s = session_of(INTENT("{\"volume\":{" CIRCLE "},\"time_start\":null}"));
	assert_int_equal(s->plan_count, 1);
	const prl_volume *v = s->plans[0]->volumes;
	assert_true(isinf(v->band.lower.value) && isinf(v->band.upper.value) && v->band.lower.value < 0);
	assert_true(v->window.from == PRL_TIME_OPEN_START && v->window.to == PRL_TIME_OPEN_END);
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
		{ INTENT(VOLUME(CIRCLE "," POLYGON)), PRL_E_SYNTAX, "operational intent \"i1\": volume 0", "both" },
		{ INTENT("{\"volume\":{" ALT("lower", "5") "}}"), PRL_E_SYNTAX, "volume 0", "no outline" },
		{ INTENT("{\"volume\":{" CIRCLE "," ALT("lower", "5.5") "," ALT("upper", "5.4") "}}"), PRL_E_RANGE, "volume 0", "above altitude_upper" },
		{ INTENT("{\"volume\":{" CIRCLE "," ALT("lower", "-8001") "}}"), PRL_E_RANGE, "altitude_lower", "-8001" },
		{ INTENT("{\"volume\":{" CIRCLE "," ALT("upper", "100001") "}}"), PRL_E_RANGE, "altitude_upper", "100001" },
		{ INTENT("{\"volume\":{" CIRCLE "," ALT("upper", "\"5\"") "}}"), PRL_E_SYNTAX, "altitude_upper", "a string, expected a number" },
		{ INTENT("{\"volume\":{" CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":\"W84\",\"units\":\"FT\"}}}"), PRL_E_UNSUPPORTED, "altitude_lower", "\"units\" is \"FT\", expected M" },
		{ INTENT("{\"volume\":{" CIRCLE ",\"altitude_lower\":{\"value\":5,\"reference\":\"MSL\",\"units\":\"M\"}}}"), PRL_E_UNSUPPORTED, "altitude_lower", "\"reference\" is \"MSL\", expected W84" },
		{ INTENT("{\"volume\":{" CIRCLE ",\"altitude_lower\":{\"value\":5,\"units\":\"M\"}}}"), PRL_E_SYNTAX, "altitude_lower", "\"reference\" is missing" },
		{ INTENT("{\"volume\":{" CIRCLE ",\"altitude_lower\":7}}"), PRL_E_SYNTAX, "volume 0", "expected an object" },
		{ INTENT("{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:00:00.001Z") "," TIME("end", "2026-09-01T12:00:00Z") "}"), PRL_E_RANGE, "volume 0", "after time_end" },
		{ INTENT("{\"volume\":{" CIRCLE "}," TIME("start", "2026-09-01T12:00:00") "}"), PRL_E_SYNTAX, "time_start: value", "RFC 3339" },
		{ INTENT("{\"volume\":{" CIRCLE "}," TIME("end", "2026-09-31T12:00:00Z") "}"), PRL_E_RANGE, "time_end: value", "does not exist" },
		{ INTENT("{\"volume\":{" CIRCLE "},\"time_end\":{\"value\":\"2026-09-01T12:00:00Z\",\"format\":\"UNIX\"}}"), PRL_E_UNSUPPORTED, "time_end", "RFC3339" },
		{ INTENT("{\"volume\":{" CIRCLE "},\"time_end\":\"2026-09-01T12:00:00Z\"}"), PRL_E_SYNTAX, "volume 0", "\"time_end\" is a string" },
		{ INTENT("{\"volume\":{\"outline_circle\":{\"radius\":{\"value\":5,\"units\":\"M\"}}}}"), PRL_E_SYNTAX, "outline_circle: center", "missing" },
		{ INTENT("{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":1,\"lng\":1}}}}"), PRL_E_SYNTAX, "outline_circle: radius", "missing" },
		{ INTENT("{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":1,\"lng\":1},\"radius\":{\"value\":0,\"units\":\"M\"}}}}"), PRL_E_RANGE, "radius", "out of range" },
		{ INTENT("{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":1,\"lng\":1},\"radius\":{\"value\":5,\"units\":\"NM\"}}}}"), PRL_E_UNSUPPORTED, "radius", "NM" },
		{ INTENT("{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":90.1,\"lng\":1},\"radius\":{\"value\":5,\"units\":\"M\"}}}}"), PRL_E_RANGE, "center", "\"lat\" 90.09" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":1}]}}}"), PRL_E_RANGE, "outline_polygon", "2 vertices" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":1},{\"lat\":1,\"lng\":181}]}}}"), PRL_E_RANGE, "vertex 2", "\"lng\" 181" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":1},{\"lat\":1}]}}}"), PRL_E_SYNTAX, "vertex 2", "\"lng\" is missing" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":1},{\"lat\":1,\"lng\":2},{\"lat\":1,\"lng\":1}]}}}"), PRL_E_RANGE, "outline_polygon", "vertices 3 and 0 are the same" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":2},{\"lat\":1,\"lng\":2},{\"lat\":2,\"lng\":1}]}}}"), PRL_E_RANGE, "outline_polygon", "" },
		{ INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":5}}}"), PRL_E_SYNTAX, "outline_polygon", "expected a list" },
		{ INTENT("{\"volume\":null}"), PRL_E_SYNTAX, "volume 0", "\"volume\" is null" },
		{ INTENT("7"), PRL_E_SYNTAX, "volume 0", "is a number, expected an object" },
		{ INTENT(VOLUME(CIRCLE) ",[]"), PRL_E_SYNTAX, "volume 1", "expected an object" },
		{ INTENT(""), PRL_E_SYNTAX, "operational intent \"i1\"", "no volume" },
		{ "{" REFERENCE "}", PRL_E_SYNTAX, "details", "is missing" },
		{ "{\"details\":{\"volumes\":[]}}", PRL_E_SYNTAX, "operational intent: reference", "is missing" },
		{ "{\"reference\":{\"id\":\"\"},\"details\":{\"volumes\":[]}}", PRL_E_RANGE, "reference", "empty" },
		{ "{\"reference\":{\"id\":\"a\\u001b[2J\"},\"details\":{\"volumes\":[]}}", PRL_E_SYNTAX, "reference", "control character 0x1b" },
		{ "{\"reference\":{\"id\":7},\"details\":{\"volumes\":[]}}", PRL_E_SYNTAX, "reference", "a number, expected a string" },
		{ "{\"reference\":{\"id\":\"i\",\"manager\":[]},\"details\":{\"volumes\":[]}}", PRL_E_SYNTAX, "reference", "manager" },
		{ "{\"extents\":[" VOLUME(CIRCLE) "]}", PRL_E_SYNTAX, "operational intent", "\"id\" is missing" },
		{ "{\"operational_intent_id\":\"i1\",\"subscriptions\":[]}", PRL_E_UNSUPPORTED, "item", "removal" },
		{ "{\"operational_intent_reference\":{}}", PRL_E_UNSUPPORTED, "item", "neither" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].text, cases[i].status, cases[i].where, cases[i].expected);
}

/* 10,000 vertices, as the intents of InterUSS have them, and 3 in one line, which F3548-21 lets pass. */
static void large_and_thin(void **unused)
{
	(void)unused;
	enum { COUNT = 10000 };
	char *text = malloc(COUNT * 80 + 1000);
	assert_non_null(text);
	int n = sprintf(text, "{" REFERENCE ",\"details\":{\"volumes\":[{\"volume\":{\"outline_polygon\":{\"vertices\":[");
	for (int i = 0; i < COUNT; i++)
		n += sprintf(text + n, "%s{\"lat\":%.12f,\"lng\":%.12f}", i ? "," : "", 46 + 0.1 * sin(i * 6.283185307 / COUNT),
		             7 + 0.1 * cos(i * 6.283185307 / COUNT));
	sprintf(text + n, "]}}}]}}");
	session *s = session_of(text);
	assert_int_equal(s->plan_count, 1);
	session_free(s);
	free(text);
	s = session_of(INTENT("{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},{\"lat\":2,\"lng\":1},{\"lat\":3,\"lng\":1}]}}}"));
	assert_int_equal(s->plan_count, 1);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(footprints),
		                            cmocka_unit_test(open_sides), cmocka_unit_test(refused),
		                            cmocka_unit_test(large_and_thin) };
	return cmocka_run_group_tests_name("formats/f3548", tests, NULL, NULL);
}
