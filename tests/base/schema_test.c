#include "base/schema.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static prl_schema *compile(const char *text)
{
	prl_schema *schema = NULL;
	prl_error err = { 0 };
	if (prl_schema_parse(prl_bytes_of(text), &schema, &err))
		fail_msg("%s: %s at %s", text, err.text, err.where);
	return schema;
}

typedef struct sample {
	const char *schema, *value;
	prl_status status;
	const char *where, *text;
} sample;

static void check_samples(const sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		prl_schema *schema = compile(samples[i].schema);
		prl_error err = { 0 };
		json_t *value = NULL;
		prl_status status = prl_schema_read(schema, prl_bytes_of(samples[i].value), &value, &err);
		if (status != samples[i].status)
			fail_msg("%s against %s: status %d, %s", samples[i].value, samples[i].schema, status, err.text);
		assert_true(!value == !!status);
		if (status) {
			assert_int_equal(err.status, status);
			assert_string_equal(err.where, samples[i].where);
			if (!strstr(err.text, samples[i].text))
				fail_msg("\"%s\" does not say \"%s\"", err.text, samples[i].text);
		}
		json_decref(value);
		prl_schema_free(schema);
	}
}

#define CHECK(samples) check_samples(samples, sizeof(samples) / sizeof *(samples))
#define RIGHT          PRL_OK, NULL, NULL
#define SYNTAX         PRL_E_SYNTAX
#define RANGE          PRL_E_RANGE

static void types(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{}", "null", RIGHT },
		{ "true", "[1]", RIGHT },
		{ "{\"type\":\"null\"}", "null", RIGHT },
		{ "{\"type\":\"null\"}", "0", SYNTAX, "", "a whole number, expected null" },
		{ "{\"type\":\"boolean\"}", "true", RIGHT },
		{ "{\"type\":\"boolean\"}", "\"true\"", SYNTAX, "", "a text, expected true or false" },
		{ "{\"type\":\"integer\"}", "-7", RIGHT },
		{ "{\"type\":\"integer\"}", "1.0", SYNTAX, "", "without fraction" },
		{ "{\"type\":\"integer\"}", "1e2", SYNTAX, "", "without fraction" },
		{ "{\"type\":\"integer\"}", "{}", SYNTAX, "", "an object, expected a whole number" },
		{ "{\"type\":\"number\"}", "1.5", RIGHT },
		{ "{\"type\":\"number\"}", "15", RIGHT },
		{ "{\"type\":\"number\"}", "\"15\"", SYNTAX, "", "expected a number" },
		{ "{\"type\":\"string\"}", "\"\"", RIGHT },
		{ "{\"type\":\"string\"}", "[]", SYNTAX, "", "an array, expected a text" },
		{ "{\"type\":\"array\"}", "[]", RIGHT },
		{ "{\"type\":\"object\"}", "[]", SYNTAX, "", "expected an object" },
		{ "{\"type\":[\"string\",\"null\"]}", "null", RIGHT },
		{ "{\"type\":[\"string\",\"null\"]}", "1", SYNTAX, "", "expected null or a text" },
	};
	CHECK(samples);
}

static void numbers(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{\"minimum\":1}", "1", RIGHT },
		{ "{\"minimum\":1}", "0", RANGE, "", "0 is out of range, expected at least 1" },
		{ "{\"minimum\":1}", "\"a\"", RIGHT },
		{ "{\"minimum\":0.5}", "0.5", RIGHT },
		{ "{\"minimum\":0.5}", "0", RANGE, "", "at least 0.5" },
		{ "{\"minimum\":1}", "0.99999999999999989", RANGE, "", "at least 1" },
		{ "{\"minimum\":-1.5}", "-1", RIGHT },
		{ "{\"minimum\":-1.5}", "-2", RANGE, "", "-2 is" },
		{ "{\"maximum\":9007199254740993}", "9007199254740993", RIGHT },
		{ "{\"maximum\":9007199254740992}", "9007199254740993", RANGE, "", "at most 9007199254740992" },
		{ "{\"maximum\":9007199254740992.0}", "9007199254740993", RANGE, "", "at most" },
		{ "{\"maximum\":9007199254740993}", "9007199254740992.0", RIGHT },
		{ "{\"maximum\":9223372036854775807}", "9223372036854775808.0", RANGE, "", "at most" },
		{ "{\"minimum\":-9223372036854775808}", "-9223372036854775808.0", RIGHT },
		{ "{\"minimum\":-9223372036854775808}", "-1e300", RANGE, "", "at least" },
		{ "{\"maximum\":1e300}", "9223372036854775807", RIGHT },
	};
	CHECK(samples);
}

static void strings(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{\"minLength\":2}", "\"éé\"", RIGHT },
		{ "{\"minLength\":2}", "\"é\"", RANGE, "", "1 characters, expected at least 2" },
		{ "{\"maxLength\":2}", "\"اب\"", RIGHT },
		{ "{\"maxLength\":2}", "\"😀😀😀\"", RANGE, "", "3 characters, expected at most 2" },
		{ "{\"maxLength\":0}", "[1]", RIGHT },
		{ "{\"format\":\"time\"}", "\"2016-09-17T12:55:00.123Z\"", RIGHT },
		{ "{\"format\":\"time\"}", "\"2016-09-17 12:55\"", SYNTAX, "", "expected an RFC 3339 time" },
		{ "{\"format\":\"hash\"}", "\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"", RIGHT },
		{ "{\"format\":\"hash\"}", "\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\"", SYNTAX, "",
		  "base64 of 32" },
		{ "{\"format\":\"hash\"}", "\"\"", SYNTAX, "", "base64 of 32" },
		{ "{\"format\":\"name\"}", "\"us.example/line-1:x_Y\"", RIGHT },
		{ "{\"format\":\"name\"}", "\"\"", SYNTAX, "", "1 to 128" },
		{ "{\"format\":\"name\"}", "\"a b\"", SYNTAX, "", "\"a b\", expected 1 to 128" },
		{ "{\"format\":\"name\"}", "\"é\"", SYNTAX, "", "1 to 128" },
		{ "{\"format\":\"base64\"}", "\"\"", RIGHT },
		{ "{\"format\":\"base64\"}", "\"Zm9vYg==\"", RIGHT },
		{ "{\"format\":\"base64\"}", "\"Zg==Zg==\"", SYNTAX, "", "base64" },
		{ "{\"format\":\"base64\"}", "\"Zm9vYh==\"", SYNTAX, "", "base64" },
		{ "{\"format\":\"base64\"}", "\"Zm9\"", SYNTAX, "", "base64" },
		{ "{\"format\":\"vkey\"}", "\"us/root+01234567+AWZvb2Jhcg==\"", RIGHT },
		{ "{\"format\":\"vkey\"}", "\"us/root+0123456G+AWZvb2Jhcg==\"", SYNTAX, "", "a key as" },
		{ "{\"format\":\"vkey\"}", "\"us/root+01234567\"", SYNTAX, "", "a key as" },
		{ "{\"format\":\"vkey\"}", "\"us/root\"", SYNTAX, "", "a key as" },
		{ "{\"format\":\"vkey\"}", "\"+01234567+AWZvb2Jhcg==\"", SYNTAX, "", "a key as" },
		{ "{\"format\":\"language\"}", "\"zh-Hant-TW\"", RIGHT },
		{ "{\"format\":\"language\"}", "\"en\"", RIGHT },
		{ "{\"format\":\"language\"}", "\"e\"", SYNTAX, "", "BCP 47" },
		{ "{\"format\":\"language\"}", "\"en-\"", SYNTAX, "", "BCP 47" },
		{ "{\"format\":\"language\"}", "\"english language\"", SYNTAX, "", "BCP 47" },
	};
	CHECK(samples);
}

static void arrays(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{\"minItems\":1}", "[0]", RIGHT },
		{ "{\"minItems\":1}", "[]", RANGE, "", "0 items, expected at least 1" },
		{ "{\"maxItems\":1}", "[1,2]", RANGE, "", "2 items, expected at most 1" },
		{ "{\"items\":{\"type\":\"integer\"}}", "[1,2,3]", RIGHT },
		{ "{\"items\":{\"type\":\"integer\"}}", "[1,2,\"3\"]", SYNTAX, "/2", "a text" },
		{ "{\"items\":{\"items\":{\"maximum\":3}}}", "[[1],[2,3],[1,2,4]]", RANGE, "/2/2", "4 is" },
		{ "{\"uniqueItems\":true,\"maxItems\":9}", "[1,\"1\",[1],{\"a\":1}]", RIGHT },
		{ "{\"uniqueItems\":true,\"maxItems\":9}", "[1,{\"a\":[2]},{\"a\":[2]}]", SYNTAX, "", "items 1 and 2" },
		{ "{\"uniqueItems\":false}", "[1,1]", RIGHT },
	};
	CHECK(samples);
}

static void objects(void **state)
{
	(void)state;
	static const char two[] = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"items\":{"
				  "\"required\":[\"x\"]}}},\"required\":[\"a\"],\"additionalProperties\":false}";
	static const sample samples[] = {
		{ two, "{\"a\":1}", RIGHT },
		{ two, "{\"b\":[{\"x\":0}],\"a\":1}", RIGHT },
		{ two, "{\"b\":[]}", SYNTAX, "", "member \"a\" is missing" },
		{ two, "{\"a\":\"1\"}", SYNTAX, "/a", "a text" },
		{ two, "{\"a\":1,\"c\":1}", SYNTAX, "/c", "unknown member \"c\"" },
		{ two, "{\"a\":1,\"/~\":1}", SYNTAX, "/~1~0", "unknown member \"/~\"" },
		{ two, "{\"a\":1,\"\":1}", SYNTAX, "/", "unknown member \"\"" },
		{ two, "{\"a\":1,\"b\":[{\"x\":0},{}]}", SYNTAX, "/b/1", "member \"x\" is missing" },
		{ "{\"additionalProperties\":{\"maximum\":2}}", "{\"p\":2,\"q\":1}", RIGHT },
		{ "{\"additionalProperties\":{\"maximum\":2}}", "{\"p\":2,\"q\":3}", RANGE, "/q", "3 is" },
		{ "{\"required\":[\"p\"],\"additionalProperties\":{\"maximum\":2}}", "{\"p\":3}", RANGE, "/p", "3 is" },
		{ "{\"required\":[\"p\"],\"additionalProperties\":true}", "{\"p\":3}", RIGHT },
		{ "{\"properties\":{\"p\":{}}}", "{\"other\":3}", RIGHT },
		{ "{\"properties\":{\"p\":{}}}", "[]", RIGHT },
	};
	CHECK(samples);
}

static void values(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{\"enum\":[\"a\",1,null]}", "1", RIGHT },
		{ "{\"enum\":[\"a\",1,null]}", "\"b\"", RANGE, "", "\"b\", expected one of [\"a\",1,null]" },
		{ "{\"const\":{\"a\":[1]}}", "{\"a\":[1]}", RIGHT },
		{ "{\"const\":{\"a\":[1]}}", "{\"a\":[2]}", RANGE, "", "{\"a\":[2]}, expected {\"a\":[1]}" },
		{ "{\"const\":null}", "null", RIGHT },
		{ "{\"const\":null}", "false", RANGE, "", "false, expected null" },
	};
	CHECK(samples);
}

static void forms(void **state)
{
	(void)state;
	static const char kinds[] =
		"{\"oneOf\":[{\"$ref\":\"#/$defs/circle\"},{\"$ref\":\"#/$defs/line\"},{\"type\":\"null\"}],\"$defs\":{"
		"\"circle\":{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"circle\"},\"radius\":{"
		"\"minimum\":0}},"
		"\"required\":[\"kind\",\"radius\"],\"additionalProperties\":false},"
		"\"line\":{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"line\"},\"width\":{\"minimum\":0}}"
		","
		"\"required\":[\"kind\"],\"additionalProperties\":false}}}";
	static const sample samples[] = {
		{ kinds, "{\"kind\":\"circle\",\"radius\":1}", RIGHT },
		{ kinds, "{\"kind\":\"line\"}", RIGHT },
		{ kinds, "null", RIGHT },
		{ kinds, "{\"kind\":\"line\",\"width\":-1}", RANGE, "/width", "-1 is" },
		{ kinds, "{\"width\":-1,\"kind\":\"line\"}", RANGE, "/width", "-1 is" },
		{ kinds, "{\"kind\":\"line\",\"radius\":1}", SYNTAX, "/radius", "unknown member" },
		{ kinds, "{\"kind\":\"circle\"}", SYNTAX, "", "\"radius\" is missing" },
		{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":5}]}", "4", RIGHT },
		{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":5}]}", "5", SYNTAX, "", "fits 2 of 2 forms" },
		{ "{\"items\":{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}}", "[1,\"a\"]", SYNTAX, "/1",
		  "a text, expected a whole number" },
	};
	CHECK(samples);
}

static void references(void **state)
{
	(void)state;
	static const char tree[] =
		"{\"type\":\"object\",\"properties\":{\"left\":{\"$ref\":\"#\"},\"right\":{\"$ref\":\"#\"},"
		"\"n\":{\"$ref\":\"#/$defs/n\",\"maximum\":9}},\"additionalProperties\":false,"
		"\"$defs\":{\"n\":{\"type\":\"integer\"}}}";
	static const sample samples[] = {
		{ tree, "{\"left\":{\"right\":{\"n\":9}},\"n\":1}", RIGHT },
		{ tree, "{\"left\":{\"right\":{\"n\":10}},\"n\":1}", RANGE, "/left/right/n", "10 is" },
		{ tree, "{\"left\":{\"right\":{\"n\":true}}}", SYNTAX, "/left/right/n", "true or false, expected" },
		{ "{\"$ref\":\"http/card.json\"}", "{\"party\":1}", SYNTAX, "/party",
		  "a whole number, expected a text" },
		{ "{\"$ref\":\"http/card.json\"}", "{}", SYNTAX, "", "\"log\" is missing" },
	};
	CHECK(samples);
}

static void texts(void **state)
{
	(void)state;
	static const sample samples[] = {
		{ "{}", "", SYNTAX, "", "nothing" },
		{ "{}", "{\"a\":[1,{\"b\":1,\"b\":2}]}", SYNTAX, "/a/1/b", "stands twice" },
		{ "{}", "{\"a\":1} 2", SYNTAX, "", "follows the end" },
		{ "{}", "{\"a\":[1,2,x]}", SYNTAX, "/a/2", "not JSON" },
		{ "{}", "{\"a\":[1,2", SYNTAX, "/a/1", "not JSON" },
		{ "{}", "{\"a\":\"\\u0000\"}", SYNTAX, "/a", "\\u0000" },
		{ "{}", "{\"a\":[0,\"\xff\"]}", SYNTAX, "/a/1", "UTF-8" },
		{ "{}", "{\"a\":[0,9223372036854775808]}", RANGE, "/a/1", "64 bits" },
		{ "{}", "{\"a\":{\"b/\":-9223372036854775809}}", RANGE, "/a/b~1", "64 bits" },
		{ "{}", "[1e400]", RANGE, "/0", "a number out of range" },
		{ "{}", "[NaN]", SYNTAX, "/0", "not JSON" },
		{ "{}", "[01]", SYNTAX, "/0", "not JSON" },
		{ "{}", "{\"a\":\"}]\\\"[{\",\"b\":[}", SYNTAX, "/b", "not JSON" },
	};
	CHECK(samples);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	prl_schema *schema = compile("{}");
	char text[200];
	for (size_t depth = 30; depth < 36; depth++) {
		json_t *value = NULL;
		prl_error err = { 0 };
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		prl_status status = prl_schema_read(schema, (prl_bytes){ text, 2 * depth }, &value, &err);
		assert_int_equal(status, depth > 32 ? PRL_E_RANGE : PRL_OK);
		json_decref(value);
	}
	json_t *value = NULL;
	assert_int_equal(prl_schema_read(schema,
					 prl_bytes_of("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[\"]"),
					 &value, NULL),
			 PRL_OK);
	json_decref(value);
	/* made by hand, deeper than any text */
	json_t *deep = json_array();
	for (size_t i = 0; i < 1000; i++) {
		json_t *outer = json_array();
		json_array_append_new(outer, deep);
		deep = outer;
	}
	prl_schema *nested = compile("{\"items\":{\"$ref\":\"#\"}}");
	assert_int_equal(prl_schema_check(nested, deep, NULL), PRL_E_RANGE);
	json_decref(deep);
	prl_schema_free(nested);
	prl_schema_free(schema);
}

static void place_is_cut_whole(void **state)
{
	(void)state;
	prl_schema *schema = compile("{\"additionalProperties\":false}");
	for (size_t size = 1; size < 300; size++) {
		char text[700] = "{\"";
		for (size_t i = 0; i < size; i++)
			strcat(text, i % 5 ? "é" : "a");
		strcat(text, "\":1}");
		prl_error err = { 0 };
		json_t *value;
		assert_int_equal(prl_schema_read(schema, prl_bytes_of(text), &value, &err), PRL_E_SYNTAX);
		assert_true(prl_utf8_check(prl_bytes_of(err.where), true));
		assert_true(prl_utf8_check(prl_bytes_of(err.text), true));
		assert_true(strlen(err.where) > 190 || strlen(err.where) + strlen("{\"\":1}") == strlen(text) + 1);
	}
	prl_schema_free(schema);
}

/* What is not checked is not taken. */
static void refuses_other_schemas(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
		{ "{\"properties\":{\"a\":{\"pattern\":\"x\"}}}", "/properties/a" },
		{ "{\"format\":\"uri\"}", "/format" },
		{ "{\"type\":\"text\"}", "/type" },
		{ "{\"type\":[]}", "/type" },
		{ "{\"$defs\":{\"a\":{\"anyOf\":[]}}}", "/$defs/a" },
		{ "{\"$ref\":\"#/$defs/a\"}", "/$ref" },
		{ "{\"$ref\":\"nowhere.json\"}", "/$ref" },
		{ "{\"$ref\":\"#\"}", "" },
		{ "{\"$defs\":{\"a\":{\"oneOf\":[{\"$ref\":\"#/$defs/b\"}]},\"b\":{\"$ref\":\"#/$defs/a\"}}}", "" },
		{ "{\"uniqueItems\":true}", "" },
		{ "{\"maxItems\":-1}", "/maxItems" },
		{ "{\"minimum\":\"1\"}", "/minimum" },
		{ "{\"enum\":[]}", "/enum" },
		{ "{\"items\":3}", "/items" },
		{ "{\"items\":false}", "/items" },
		{ "{\"required\":[\"a\"],\"additionalProperties\":false}", "" },
		{ "{\"required\":\"a\"}", "" },
		{ "{\"properties\":[]}", "" },
		{ "[]", "" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_schema *schema = NULL;
		prl_error err = { 0 };
		prl_status status = prl_schema_parse(prl_bytes_of(wrong[i][0]), &schema, &err);
		if (status != PRL_E_UNSUPPORTED)
			fail_msg("%s: status %d", wrong[i][0], status);
		assert_null(schema);
		if (strcmp(err.where, wrong[i][1]) != 0)
			fail_msg("%s: at %s", wrong[i][0], err.where);
	}
	prl_schema *schema;
	assert_int_equal(prl_schema_parse(prl_bytes_of("{\"type\":"), &schema, NULL), PRL_E_SYNTAX);
	assert_int_equal(prl_schema_open("entry/none.json", &schema, NULL), PRL_E_NOT_FOUND);
	assert_null(prl_schema_text("entry/none.json"));
}

/* Bodies are checked by the files themselves, so each of these must compile. */
static void schemas_of_the_tree_compile(void **state)
{
	(void)state;
	static const char *const folders[] = { "entry", "http" };
	size_t count = 0;
	for (size_t i = 0; i < 2; i++) {
		char command[600], name[300];
		snprintf(command, sizeof command, "cd '%s/schemas' && ls %s/*.json 2>/dev/null", PARLEY_SOURCE_DIR,
			 folders[i]);
		FILE *list = popen(command, "r");
		assert_non_null(list);
		while (fgets(name, sizeof name, list)) {
			name[strcspn(name, "\n")] = 0;
			prl_schema *schema = NULL;
			prl_error err = { 0 };
			assert_non_null(prl_schema_text(name));
			if (prl_schema_open(name, &schema, &err))
				fail_msg("%s: %s at %s", name, err.text, err.where);
			prl_schema_free(schema);
			count++;
		}
		pclose(list);
	}
	assert_true(count > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types),
		cmocka_unit_test(numbers),
		cmocka_unit_test(strings),
		cmocka_unit_test(arrays),
		cmocka_unit_test(objects),
		cmocka_unit_test(values),
		cmocka_unit_test(forms),
		cmocka_unit_test(references),
		cmocka_unit_test(texts),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(place_is_cut_whole),
		cmocka_unit_test(refuses_other_schemas),
		cmocka_unit_test(schemas_of_the_tree_compile),
	};
	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
