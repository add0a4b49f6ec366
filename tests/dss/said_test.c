/* What services say of their intents: taken as F3548 has it, and nothing else of it. */
#include "dss/said.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID      "a0000000-0000-4000-8000-000000000001"
#define ALT(m)  "{\"value\":" m ",\"reference\":\"W84\",\"units\":\"M\"}"
#define TIME(t) "{\"value\":\"2026-11-29T" t "Z\",\"format\":\"RFC3339\"}"
#define CIRCLE  "\"outline_circle\":{\"center\":{\"lat\":48,\"lng\":35},\"radius\":{\"value\":100,\"units\":\"M\"}}"
#define VOLUME                                                                                                         \
	"{\"volume\":{" CIRCLE ",\"altitude_lower\":" ALT("100") ",\"altitude_upper\":" ALT(                           \
		"120") "},\"time_start\":" TIME("13:00:00") ",\"time_end\":" TIME("14:00:00") "}"
#define INTENT(reference, details) "{\"operational_intent\":{\"reference\":{" reference "},\"details\":{" details "}}}"
#define REFERENCE                  "\"id\":\"" ID "\",\"version\":3,\"state\":\"Activated\",\"ovn\":\"0123456789abcdef\""

static prl_status read_said(const char *text, json_t **ret, prl_error *err)
{
	prl_uuid id;
	assert_true(prl_uuid_read(prl_bytes_of(ID), &id));
	memset(err, 0, sizeof *err);
	*ret = NULL;
	return prl_said_read(prl_bytes_of(text), &id, ret, err);
}

static void expect(const char *text, const char *expected)
{
	json_t *said, *want = json_loads(expected, 0, NULL);
	prl_error err;
	assert_non_null(want);
	if (read_said(text, &said, &err))
		fail_msg("%s: %s", err.where, err.text);
	/* in its text: 48 and 48.0 are one */
	if (!json_equal(said, want)) {
		char *is = json_dumps(said, JSON_COMPACT);
		fail_msg("%s\nexpected %s", is, expected);
	}
	json_decref(said);
	json_decref(want);
}

static void what_f3548_has_is_taken_over(void **state)
{
	(void)state;
	expect(INTENT(REFERENCE, "\"volumes\":[" VOLUME "],\"off_nominal_volumes\":[],\"priority\":7"),
	       "{\"version\":3,\"state\":\"Activated\",\"priority\":7,\"volumes\":["
	       "{\"volume\":{" CIRCLE ",\"altitude_lower\":" ALT("100") ",\"altitude_upper\":" ALT(
		       "120") "},"
			      "\"time_start\":{\"value\":\"2026-11-29T13:00:00Z\"},\"time_end\":{\"value\":\"2026-11-"
			      "29T14:00:00Z\"}}],"
			      "\"off_nominal_volumes\":[]}");
	expect(INTENT("\"id\":\"" ID "\",\"version\":1", "\"off_nominal_volumes\":[" VOLUME "],\"volumes\":null"),
	       "{\"version\":1,\"priority\":0,\"volumes\":[],\"off_nominal_volumes\":["
	       "{\"volume\":{" CIRCLE ",\"altitude_lower\":" ALT("100") ",\"altitude_upper\":" ALT(
		       "120") "},"
			      "\"time_start\":{\"value\":\"2026-11-29T13:00:00Z\"},\"time_end\":{\"value\":\"2026-11-"
			      "29T14:00:00Z\"}}]}");
}

static void nothing_else_is(void **state)
{
	(void)state;
	static const char text[] =
		INTENT(REFERENCE ",\"manager\":\"\\u001b[2Jx\"",
		       "\"note\":\"\\u202e\",\"volumes\":[{\"x\":\"\\u001b\",\"volume\":{\"y\":[[[1]]],\"outline_"
		       "polygon\":null," CIRCLE ",\"altitude_lower\":" ALT("100") ",\"altitude_upper\":" ALT(
			       "120") "},\"time_start\":{\"value\":"
				      "\"2026-11-29T13:00:00Z\",\"format\":\"\\u202exyz\"},\"time_end\":" TIME(
					      "14:00:00") "}]");
	json_t *said;
	prl_error err;
	if (read_said(text, &said, &err))
		fail_msg("%s: %s", err.where, err.text);
	char *is = json_dumps(said, JSON_COMPACT | JSON_ENSURE_ASCII);
	assert_null(strstr(is, "\\u"));
	assert_null(strstr(is, "0123456789abcdef"));
	assert_null(strstr(is, "null"));
	assert_null(strstr(is, "\"y\""));
	free(is);
	json_decref(said);
}

static void what_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "", "" },
		{ "no", "" },
		{ "[]", "" },
		{ "{}", "operational_intent.reference.id" },
		{ "{\"operational_intent\":7}", "operational_intent.reference.id" },
		{ INTENT("\"id\":\"a0000000-0000-4000-8000-000000000002\",\"version\":1", ""),
		  "operational_intent.reference.id" },
		{ INTENT("\"id\":7,\"version\":1", ""), "operational_intent.reference.id" },
		{ INTENT("\"id\":\"" ID "\"", ""), "operational_intent.reference.version" },
		{ INTENT("\"id\":\"" ID "\",\"version\":\"1\"", ""), "operational_intent.reference.version" },
		{ INTENT("\"id\":\"" ID "\",\"version\":99999999999", ""), "operational_intent.reference.version" },
		{ INTENT("\"id\":\"" ID "\",\"version\":1,\"state\":\"Approved?\"", ""),
		  "operational_intent.reference.state" },
		{ "{\"operational_intent\":{\"reference\":{" REFERENCE "}}}", "operational_intent.details" },
		{ INTENT(REFERENCE, ""), "operational_intent.details.volumes" },
		{ INTENT(REFERENCE, "\"volumes\":[],\"off_nominal_volumes\":[]"),
		  "operational_intent.details.volumes" },
		{ INTENT(REFERENCE, "\"volumes\":{}"), NULL },
		{ INTENT(REFERENCE, "\"volumes\":\"x\""), NULL },
		{ INTENT(REFERENCE, "\"volumes\":[7]"), NULL },
		{ INTENT(REFERENCE, "\"volumes\":[{}]"), NULL },
		{ INTENT(REFERENCE, "\"volumes\":[" VOLUME ",{\"volume\":{" CIRCLE "}}]"), NULL },
		{ INTENT(REFERENCE, "\"volumes\":[" VOLUME "],\"off_nominal_volumes\":[{}]"), NULL },
		{ INTENT(REFERENCE, "\"volumes\":[" VOLUME "],\"priority\":\"high\""),
		  "operational_intent.details.priority" },
		{ INTENT(REFERENCE, "\"volumes\":[" VOLUME "],\"priority\":1e99"),
		  "operational_intent.details.priority" },
		{ INTENT(REFERENCE, "\"volumes\":[" VOLUME "]") "x", "" },
		{ INTENT(REFERENCE ",\"version\":4", "\"volumes\":[" VOLUME "]"), "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *said;
		prl_error err;
		if (!read_said(cases[i].text, &said, &err))
			fail_msg("taken: %s", cases[i].text);
		assert_null(said);
		assert_true(err.text[0]);
		if (cases[i].where)
			assert_string_equal(err.where, cases[i].where);
	}
}

static void many_volumes(void **state)
{
	(void)state;
	prl_buffer text = PRL_BUFFER(10u << 20);
	json_t *said;
	prl_error err;
	assert_true(prl_buffer_printf(&text, "{\"operational_intent\":{\"reference\":{" REFERENCE
					     "},\"details\":{\"volumes\":["));
	for (unsigned i = 0; i < 1001; i++)
		assert_true(prl_buffer_printf(&text, "%s" VOLUME, i ? "," : ""));
	assert_true(prl_buffer_printf(&text, "]}}}"));
	assert_int_equal(read_said(text.data, &said, &err), PRL_E_RANGE);
	prl_buffer_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_f3548_has_is_taken_over),
		cmocka_unit_test(nothing_else_is),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(many_volumes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
