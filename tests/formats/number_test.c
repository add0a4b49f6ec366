/* prl_number_read against strtod, bit by bit, and against jansson for what is a number at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/number.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 8259;

static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static locale_t c_locale;

static void check_same(const char *text)
{
	double value = 0, expected = strtod(text, NULL);
	const char *at = text;
	bool read = prl_number_read(&at, text + strlen(text), c_locale, &value);
	if (read != isfinite(expected) || (read && memcmp(&value, &expected, sizeof value) != 0) ||
	    (read && *at != 0) || (!read && at != text))
		fail_msg("%s: read %d as %a, expected %a", text, read, value, expected);
}

static void random_numbers(void **unused)
{
	(void)unused;
	static const int digits[] = { 17, 7, 15, 3, 1, 12, 25, 0, 16 };
	for (int i = 0; i < 300000; i++) {
		char text[400];
		uint64_t bits = next();
		double value;
		memcpy(&value, &bits, sizeof value);
		if (i % 2 || !isfinite(value))
			value = ((double)(bits >> 11) * 0x1p-53 - 0.5) * (i % 4 ? 360 : 30000);
		int precision = digits[next() % 9], form = (int)(next() % 3);
		if (form == 0)
			snprintf(text, sizeof text, "%.*g", precision, value);
		else if (form == 1)
			snprintf(text, sizeof text, "%.*f", precision, value);
		else
			snprintf(text, sizeof text, "%.*e", precision, value);
		check_same(text);
	}
}

/* Digits, point and exponent put together at random: many digits, halfway cases, far exponents. */
static void random_texts(void **unused)
{
	(void)unused;
	for (int i = 0; i < 200000; i++) {
		char text[128];
		size_t n = 0, whole = next() % 22, after = next() % 25;
		if (next() % 4 == 0)
			text[n++] = '-';
		text[n++] = whole ? (char)('1' + next() % 9) : '0';
		for (size_t k = 1; k < whole; k++)
			text[n++] = (char)('0' + next() % 10);
		if (after)
			text[n++] = '.';
		for (size_t k = 0; k < after; k++)
			text[n++] = (char)('0' + next() % 10);
		text[n] = 0;
		if (next() % 2)
			snprintf(text + n, sizeof text - n, "e%d", (int)(next() % 700) - 350);
		check_same(text);
	}
}

static void grammar(void **unused)
{
	(void)unused;
	static const char *const texts[] = { "0",   "-0",   "00",   "01",    "-",    "",      "+1",   "1.",   ".5",    "1.e3", "1e",
		                             "1e+", "1E-3", "0x10", "NaN",   "inf",  "-inf",  "1e5",  "-01",  "1.5.2", "1e400", "-1e400",
		                             "1e-400", "0e999999999999", "0.1e1", "123456789012345678901234567890", "1 ", "--1",
		                             "9007199254740993", "0.000000000000000000000000000001", "1e99999999999999999999" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
		const char *at = texts[i], *end = at + strlen(at);
		double value;
		bool read = prl_number_read(&at, end, c_locale, &value);
		bool whole = read && (at == end || *at == ' ');
		if (whole != (json != NULL))
			fail_msg("\"%s\": read %d, jansson %d", texts[i], whole, json != NULL);
		if (whole)
			assert_true(value == json_number_value(json));
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_numbers), cmocka_unit_test(random_texts),
		                            cmocka_unit_test(grammar) };
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	int failed = cmocka_run_group_tests_name("formats/number", tests, NULL, NULL);
	freelocale(c_locale);
	return failed;
}
