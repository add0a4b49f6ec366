/* The items that the scanner finds are the members that jansson finds; what is broken does not take the rest along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/memory.h"
#include "formats/scan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static uint64_t state = 7464;

static unsigned pick(unsigned n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

/* One scan over text, as a line of "kind[index]@line" words; kinds: d h l t p. */
static void scan_words(const char *text, size_t length, size_t max_item, char *words, size_t room)
{
	prl_source *source;
	prl_scan *scan;
	prl_scan_item item;
	size_t used = 0;
	char *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	memcpy(exact, text, length);
	assert_int_equal(prl_source_open_bytes(exact, length, &source, NULL), PRL_OK);
	assert_int_equal(prl_scan_new(source, max_item, &scan, NULL), PRL_OK);
	words[0] = 0;
	for (;;) {
		assert_int_equal(prl_scan_next(scan, &item, NULL), PRL_OK);
		if (item.kind == PRL_SCAN_END || used > room - 64)
			break;
		bool problem = item.kind == PRL_SCAN_PROBLEM;
		used += (size_t)snprintf(words + used, room - used, "%s%c", used ? " " : "", "dhltp"[item.kind]);
		if (item.kind == PRL_SCAN_LISTED)
			used += (size_t)snprintf(words + used, room - used, "%zu", item.index);
		used += (size_t)snprintf(words + used, room - used, "@%zu", problem ? item.problem.line : item.line);
	}
	assert_int_equal(prl_scan_next(scan, &item, NULL), PRL_OK); /* the end stays the end */
	prl_scan_free(scan);
	prl_source_close(source);
	free(exact);
}

static void table(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "p@1" },
		{ " \n\n ", "p@3" },
		{ "{}", "d@1" },
		{ "\xef\xbb\xbf{}", "d@1" },
		{ "\n {\"a\":\n1}\n", "d@2" },
		{ "[]", "" },
		{ "[][][]", "" },
		{ "[{},\r\n{}]", "l0@1 l1@2" },
		{ "[[1],[2]]", "l0@1 l1@1" },
		{ "{}\n{}\n{}", "d@1 d@2 d@3" },
		{ "\x1e{}\n\x1e{}\n", "d@1 d@2" },
		{ "{\"features\":[{},{}]}", "h@1 l0@1 l1@1 t@1" },
		{ "{\"a\":1,\"features\" : [\n{},\n{}\n],\"b\":2}", "h@1 l0@2 l1@3 t@1" },
		{ "{\"features\":[]}{\"features\":[{}]}", "h@1 t@1 h@1 l0@1 t@1" },
		{ "{\"features\":{}}", "d@1" },
		{ "{\"a\":{\"features\":[{}]}}", "d@1" },
		{ "{\"a\":\"features\",\"b\":[{}]}", "d@1" },
		{ "{\"features\":1,\"b\":[{}]}", "d@1" },
		{ "{\"a\":\"]}\\\"{[\"}", "d@1" },
		{ "[1, \"a,]\", null, {}]", "l0@1 l1@1 l2@1 l3@1" },
		{ "[{},]", "l0@1 p@1" },
		{ "[,{}]", "p@1 l0@1" },
		{ "[{}{}]", "l0@1 p@1 l1@1" },
		{ "[{}}, {}]", "l0@1 p@1 l1@1" },
		{ "[{\"a\":[}, {}]", "l0@1 l1@1" },
		{ "[{\"a\":\"x\n}, {}]", "l0@1 l1@2" },
		{ "[{\"a\":{}, {}]", "l0@1" },
		{ "[{\"a\":\n{}, {}]", "p@1 l1@2 l2@2" },
		{ "[{", "p@1" },
		{ "[{},", "l0@1 p@1" },
		{ "[{}", "l0@1 p@1" },
		{ "{\"features\":[{}]", "h@1 l0@1 p@1" },
		{ "{\"features\":[{}", "h@1 l0@1 p@1" },
		{ "{\"features\":[{}}", "h@1 l0@1 p@1 p@1" },
		{ "{\"a\"\n{}\n{}", "p@1 d@2 d@3" },
		{ "{} x y z\n{}", "d@1 p@1 d@2" },
		{ "x\ny\nz", "p@1" },
		{ "{\"a\":1]\n{}", "d@1 p@1 d@2" },
		{ "42", "p@1" },
		{ "{\"", "p@1" },
		{ "{\"\\", "p@1" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char words[1000];
		scan_words(cases[i].text, strlen(cases[i].text), 1000000, words, sizeof words);
		if (strcmp(words, cases[i].words) != 0)
			fail_msg("%s\n  gives    %s\n  expected %s", cases[i].text, words, cases[i].words);
	}
}

/* Any value, also with brackets and escapes in its strings. */
static json_t *random_value(unsigned depth)
{
	static const char *const strings[] = { "", "]", "}{", "\"", "\\", "a\\\"]", "\xc3\xa9,[", "features", "\n\t" };
	switch (pick(depth ? 6 : 3)) {
	case 0:
		return json_string(strings[pick(9)]);
	case 1:
		return json_integer((json_int_t)pick(1000) - 500);
	case 2:
		return pick(2) ? json_null() : json_real(pick(1000) / 7.0);
	case 3:
	case 4: {
		json_t *list = json_array();
		for (unsigned n = pick(4); n > 0; n--)
			json_array_append_new(list, random_value(depth - 1));
		return list;
	}
	default: {
		json_t *object = json_object();
		for (unsigned n = pick(4); n > 0; n--)
			json_object_set_new(object, strings[pick(9)], random_value(depth - 1));
		return object;
	}
	}
}

static void against_jansson(void **unused)
{
	(void)unused;
	for (int round = 0; round < 2000; round++) {
		json_t *features = json_array(), *document = json_object();
		for (unsigned n = pick(8); n > 0; n--)
			json_array_append_new(features, random_value(5));
		json_object_set_new(document, "before", random_value(4));
		json_object_set_new(document, "features", features);
		json_object_set_new(document, "behind", random_value(4));
		char *text = json_dumps(document, pick(2) ? JSON_INDENT(2) : 0);
		prl_source *source;
		prl_scan *scan;
		prl_scan_item item;
		size_t found = 0;
		assert_int_equal(prl_source_open_bytes(text, strlen(text), &source, NULL), PRL_OK);
		assert_int_equal(prl_scan_new(source, 1000000, &scan, NULL), PRL_OK);
		do {
			assert_int_equal(prl_scan_next(scan, &item, NULL), PRL_OK);
			assert_int_not_equal(item.kind, PRL_SCAN_PROBLEM);
			json_t *value = item.length ? json_loadb(item.bytes, item.length, JSON_DECODE_ANY, NULL) : NULL;
			if (item.kind == PRL_SCAN_LISTED)
				assert_true(json_equal(value, json_array_get(features, found++)));
			if (item.kind == PRL_SCAN_HEAD || item.kind == PRL_SCAN_TAIL) {
				assert_true(json_equal(json_object_get(value, "before"), json_object_get(document, "before")));
				assert_int_equal(json_array_size(json_object_get(value, "features")), 0);
			}
			if (item.kind == PRL_SCAN_TAIL)
				assert_true(json_equal(json_object_get(value, "behind"), json_object_get(document, "behind")));
			json_decref(value);
		} while (item.kind != PRL_SCAN_END);
		assert_int_equal(found, json_array_size(features));
		prl_scan_free(scan);
		prl_source_close(source);
		free(text);
		json_decref(document);
	}
}

/* Items across the boundaries of the window, of all sizes up to several windows. */
static void long_items(void **unused)
{
	(void)unused;
	static const size_t sizes[] = { 10, 1000, 65535, 262143, 262144, 262145, 900000, 20, 300000 };
	prl_buffer text = PRL_BUFFER(64 * PRL_MIB);
	prl_buffer_printf(&text, "{\"features\":[");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		prl_buffer_printf(&text, "%s\n{\"n\":\"", i ? "," : "");
		for (size_t k = 0; k < sizes[i]; k++)
			prl_buffer_append(&text, "]", 1);
		prl_buffer_printf(&text, "\"}");
	}
	prl_buffer_printf(&text, "],\"type\":1}");
	char words[1000];
	scan_words(text.data, text.size, 1000000, words, sizeof words);
	assert_string_equal(words, "h@1 l0@2 l1@3 l2@4 l3@5 l4@6 l5@7 l6@8 l7@9 l8@10 t@1");
	scan_words(text.data, text.size, 299999, words, sizeof words);
	assert_string_equal(words, "h@1 l0@2 l1@3 l2@4 l3@5 l4@6 l5@7 p@8 l7@9 p@10 t@1");
	scan_words(text.data, text.size, 5, words, sizeof words);
	assert_non_null(strstr(words, "p@2"));
	prl_buffer_done(&text);
}

static void deep(void **unused)
{
	(void)unused;
	static char text[2000000], words[100];
	for (unsigned depth = PRL_MAX_JSON_DEPTH - 1; depth < 900000; depth = depth < 1000 ? depth + 1 : 899999 + 1) {
		size_t n = 0;
		text[n++] = '[';
		memset(text + n, '[', depth);
		n += depth;
		memset(text + n, ']', depth);
		n += depth;
		text[n++] = ',';
		text[n++] = '{';
		text[n++] = '}';
		text[n++] = ']';
		scan_words(text, n, 5000000, words, sizeof words);
		assert_string_equal(words, depth <= PRL_MAX_JSON_DEPTH ? "l0@1 l1@1" : "p@1 l1@1");
	}
	memset(text, '[', 1900000);
	scan_words(text, 1900000, 5000000, words, sizeof words);
	assert_string_equal(words, "p@1");
}

/* Lines that break off again and again are gone back over no more than the stated number of bytes. */
static void breaking_off(void **unused)
{
	(void)unused;
	prl_buffer text = PRL_BUFFER(64 * PRL_MIB);
	for (int i = 0; i < 60000; i++)
		prl_buffer_append(&text, "{\"a\":\n", 6);
	char *words = malloc(4000000);
	assert_non_null(words);
	scan_words(text.data, text.size, PRL_MAX_FEATURE_BYTES, words, 4000000);
	assert_memory_equal(words, "p@1 p@2 p@3", 11);
	free(words);
	prl_buffer_done(&text);
}

/* Random bytes of JSON: it ends, and every item lies inside the text. */
static void soup(void **unused)
{
	(void)unused;
	static const char bytes[] = "{}[]{}[],,::\"\"\\\n\n\x1e 1a\0";
	for (int round = 0; round < 20000; round++) {
		char text[200], words[4000];
		size_t n = pick(sizeof text);
		for (size_t i = 0; i < n; i++)
			text[i] = bytes[pick(sizeof bytes)];
		if (pick(2) && n > 14)
			memcpy(text, "{\"features\":[", 13);
		scan_words(text, n, pick(2) ? 20 : 1000, words, sizeof words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table),      cmocka_unit_test(against_jansson),
		                            cmocka_unit_test(long_items), cmocka_unit_test(deep),
		                            cmocka_unit_test(breaking_off), cmocka_unit_test(soup) };
	return cmocka_run_group_tests_name("formats/scan", tests, NULL, NULL);
}
