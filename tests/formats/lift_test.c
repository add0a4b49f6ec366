/* What is lifted is what jansson would have read: number for number, and the nesting with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/lift.h"

#include <stdio.h>
#include <string.h>

static uint64_t state = 42;

static unsigned pick(unsigned n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

static void space(prl_buffer *out)
{
	static const char *const spaces[] = { "", "", "", " ", "\n", "\r\n", "\t" };
	const char *s = spaces[pick(7)];
	prl_buffer_append(out, s, strlen(s));
}

static void nested(prl_buffer *out, unsigned level)
{
	space(out);
	if (level == 0) {
		prl_buffer_printf(out, pick(3) ? "%.*f" : "%.*e", (int)pick(12), ((double)pick(1000000) - 500000) / 777);
		space(out);
		return;
	}
	prl_buffer_append(out, "[", 1);
	for (unsigned i = 0, n = 1 + pick(4); i < n; i++) {
		if (i)
			prl_buffer_append(out, ",", 1);
		nested(out, level - 1);
	}
	prl_buffer_append(out, "]", 1);
	space(out);
}

/* Walks both; *at counts values, lists[k] lists of level k. */
static void compare(const json_t *json, const prl_numbers *n, unsigned level, size_t at[PRL_LIFT_LEVELS + 1])
{
	if (level == 0) {
		assert_true(at[0] < n->count[0]);
		assert_true(n->values[at[0]++] == json_number_value(json));
		return;
	}
	assert_true(json_is_array(json));
	for (size_t i = 0; i < json_array_size(json); i++)
		compare(json_array_get(json, i), n, level - 1, at);
	assert_true(at[level] < n->count[level]);
	assert_int_equal(n->ends[level - 1][at[level]++], at[level - 1]);
}

static json_t *lifted(prl_lift *lift, const char *text, size_t length)
{
	const char *shown;
	size_t size;
	assert_int_equal(prl_lift_item(lift, text, length, &shown, &size, NULL), PRL_OK);
	return json_loadb(shown, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
}

static size_t lines(const char *text, size_t length)
{
	size_t n = 0;
	for (size_t i = 0; i < length; i++)
		n += text[i] == '\n';
	return n;
}

static void against_jansson(void **unused)
{
	(void)unused;
	prl_lift *lift;
	assert_int_equal(prl_lift_new(&lift, NULL), PRL_OK);
	for (int round = 0; round < 3000; round++) {
		prl_buffer text = PRL_BUFFER(1u << 20);
		unsigned level = 1 + pick(4);
		prl_buffer_printf(&text, "{\"x\": [1, \"coordinates\", \"\\\"\"], \"g\": {\"coordinates\"");
		space(&text);
		prl_buffer_append(&text, ":", 1);
		nested(&text, level);
		prl_buffer_printf(&text, "}, \"y\": \"[\\\\\"}");
		char *exact = prl_text_copy(text.data, text.size);
		json_t *whole = json_loadb(exact, text.size, 0, NULL), *json = lifted(lift, exact, text.size);
		assert_non_null(whole);
		assert_non_null(json);
		const prl_numbers *n =
		        prl_lift_numbers(lift, json_object_get(json_object_get(json, "g"), "coordinates"));
		assert_non_null(n);
		assert_int_equal(n->level, level);
		size_t at[PRL_LIFT_LEVELS + 1] = { 0 };
		compare(json_object_get(json_object_get(whole, "g"), "coordinates"), n, level, at);
		for (unsigned k = 0; k <= level; k++)
			assert_int_equal(at[k], n->count[k]);
		const char *shown;
		size_t size;
		assert_int_equal(prl_lift_item(lift, exact, text.size, &shown, &size, NULL), PRL_OK);
		assert_int_equal(lines(shown, size), lines(exact, text.size));
		assert_true(json_equal(json_object_get(whole, "x"), json_object_get(json, "x")));
		assert_true(json_equal(json_object_get(whole, "y"), json_object_get(json, "y")));
		json_decref(whole);
		json_decref(json);
		prl_buffer_done(&text);
		free(exact);
	}
	prl_lift_free(lift);
}

/* What is not a list of equally nested numbers stays, byte for byte. */
static void left_alone(void **unused)
{
	(void)unused;
	static const char *const texts[] = {
		"{\"coordinates\": []}",        "{\"coordinates\": [[]]}",      "{\"coordinates\": [1, [2]]}",
		"{\"coordinates\": [[1], 2]}",  "{\"coordinates\": [1, null]}", "{\"coordinates\": [1,]}",
		"{\"coordinates\": [01]}",      "{\"coordinates\": [1e999]}",   "{\"coordinates\": [\"1\"]}",
		"{\"coordinates\": 5}",         "{\"coordinates\": [1 2]}",     "{\"coordinates\": [[[[[1]]]]]}",
		"{\"coordinates\" [1]}",        "[\"coordinates\", [1]]",       "{\"coordinates\": [1",
		"{\"coordinates\": [1.5",       "\"coordinates",                "{\"coord\\u0069nates\": [1, 2]}",
		"{\"datetimes\": []}",          "{\"datetimes\": [\"x\"]}",     "{\"datetimes\": [1e18]}",
		"{\"datetimes\": [true]}",      "{\"datetimes\": [\"2016-09-17T12:55:00Z\"",
		"{\"Coordinates\": [1]}",       "{\"coordinates\\\\\": [1]}",   "{\"coordinates\": [-]}",
	};
	prl_lift *lift;
	assert_int_equal(prl_lift_new(&lift, NULL), PRL_OK);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *shown;
		size_t length = strlen(texts[i]), size;
		char *exact = malloc(length);
		assert_non_null(exact);
		memcpy(exact, texts[i], length);
		assert_int_equal(prl_lift_item(lift, exact, length, &shown, &size, NULL), PRL_OK);
		assert_int_equal(size, length);
		assert_memory_equal(shown, texts[i], length);
		free(exact);
	}
	prl_lift_free(lift);
}

static void instants(void **unused)
{
	(void)unused;
	static const char text[] =
	        "{\"datetimes\": [\"2016-09-17T12:55:00Z\", 1474116900000, 1474116900000.5,\n -1, \"1970-01-01T00:00:00.000000001Z\"]}";
	prl_lift *lift;
	assert_int_equal(prl_lift_new(&lift, NULL), PRL_OK);
	json_t *json = lifted(lift, text, sizeof text - 1);
	const prl_instants *t = prl_lift_instants(lift, json_object_get(json, "datetimes"));
	assert_non_null(t);
	assert_int_equal(t->count, 5);
	assert_true(t->times[0] == INT64_C(1474116900000000000));
	assert_true(t->times[1] == t->times[0] && t->times[2] == t->times[0] + 500000);
	assert_true(t->times[3] == -1000000 && t->times[4] == 1);
	assert_null(prl_lift_numbers(lift, json_object_get(json, "datetimes")));
	json_decref(json);
	prl_lift_free(lift);
}

/* A mark that a file contains is not one of this session. */
static void forged(void **unused)
{
	(void)unused;
	static const char text[] = "{\"a\": {\"coordinates\": [1, 2]}, \"coordinates\": \"~0123456789abcdefn0\"}";
	prl_lift *lift;
	assert_int_equal(prl_lift_new(&lift, NULL), PRL_OK);
	json_t *json = lifted(lift, text, sizeof text - 1);
	assert_null(prl_lift_numbers(lift, json_object_get(json, "coordinates")));
	assert_non_null(prl_lift_numbers(lift, json_object_get(json_object_get(json, "a"), "coordinates")));
	assert_null(prl_lift_numbers(lift, NULL));
	json_decref(json);
	prl_lift_free(lift);
	prl_lift_free(NULL);
}

static void milliseconds(void **unused)
{
	(void)unused;
	prl_time t;
	assert_true(prl_lift_milliseconds(-9214560000000.0, &t));
	assert_false(prl_lift_milliseconds(-9214560000000.0 - 1, &t));
	assert_true(prl_lift_milliseconds(9214646400000.0 - 1, &t));
	assert_false(prl_lift_milliseconds(9214646400000.0, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_jansson), cmocka_unit_test(left_alone),
		                            cmocka_unit_test(instants), cmocka_unit_test(forged),
		                            cmocka_unit_test(milliseconds) };
	return cmocka_run_group_tests_name("formats/lift", tests, NULL, NULL);
}
