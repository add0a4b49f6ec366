/* prl_time_parse and prl_time_format: the C library's calendar is the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t state = 20261122;

static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#define FIRST  INT64_C(-9214560000) /* 1678-01-01 */
#define BEHIND INT64_C(9214646400)  /* 2262-01-01 */

static void against_gmtime(void **unused)
{
	(void)unused;
	for (int i = 0; i < 200000; i++) {
		time_t seconds = FIRST + (time_t)(next() % (uint64_t)(BEHIND - FIRST));
		int64_t nanosecond = i % 3 ? (int64_t)(next() % 1000000000u) : (int64_t)(next() % 1000u) * 1000000;
		struct tm tm;
		char expected[64], written[PRL_TIME_TEXT_MAX];
		prl_time t = (prl_time)seconds * PRL_SECOND + nanosecond, read = 0;
		assert_non_null(gmtime_r(&seconds, &tm));
		snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%09lld", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long long)nanosecond);
		prl_time_format(t, written);
		size_t digits = strlen(written) - 1;
		assert_memory_equal(written, expected, digits);
		assert_int_equal(written[digits], 'Z');
		assert_int_equal(strspn(expected + digits, "0"), strlen(expected) - digits);
		assert_true(digits == 23 || digits == 26 || digits == 29);
		assert_int_equal(prl_time_parse(written, strlen(written), &read, NULL), PRL_OK);
		assert_true(read == t);
	}
}

static void offsets(void **unused)
{
	(void)unused;
	static const char *const same[] = { "2016-09-17T12:55:00Z",           "2016-09-17T12:55:00.000Z",
					    "2016-09-17t12:55:00z",           "2016-09-17 12:55:00Z",
					    "2016-09-17T15:55:00+03:00",      "2016-09-17T12:55:00-00:00",
					    "2016-09-17T00:25:00-12:30",      "2016-09-18T12:54:00+23:59",
					    "2016-09-17T12:55:00.0000000009Z" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		prl_time t;
		assert_int_equal(prl_time_parse(same[i], strlen(same[i]), &t, NULL), PRL_OK);
		assert_true(t == INT64_C(1474116900) * PRL_SECOND);
	}
}

static void refused(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		prl_status status;
	} cases[] = {
		{ "", PRL_E_SYNTAX },
		{ "2016-09-17", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00", PRL_E_SYNTAX },
		{ "2016-09-17T12:55Z", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00.Z", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00Z ", PRL_E_SYNTAX },
		{ " 2016-09-17T12:55:00Z", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00+3:00", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00+0300", PRL_E_SYNTAX },
		{ "2016-09-17T12:55:00+24:00", PRL_E_SYNTAX },
		{ "16-09-17T12:55:00Z", PRL_E_SYNTAX },
		{ "2016-9-17T12:55:00Z", PRL_E_SYNTAX },
		{ "+2016-09-17T12:55:00Z", PRL_E_SYNTAX },
		{ "2016-00-17T12:55:00Z", PRL_E_RANGE },
		{ "2016-13-17T12:55:00Z", PRL_E_RANGE },
		{ "2016-09-31T12:55:00Z", PRL_E_RANGE },
		{ "2015-02-29T12:55:00Z", PRL_E_RANGE },
		{ "1900-02-29T12:55:00Z", PRL_E_RANGE },
		{ "2016-09-17T24:00:00Z", PRL_E_RANGE },
		{ "2016-09-17T12:60:00Z", PRL_E_RANGE },
		{ "2016-09-17T12:55:61Z", PRL_E_RANGE },
		{ "1677-12-31T23:59:59Z", PRL_E_RANGE },
		{ "2262-01-01T00:00:00Z", PRL_E_RANGE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_time t = 77;
		prl_error err = { 0 };
		assert_int_equal(prl_time_parse(cases[i].text, strlen(cases[i].text), &t, &err), cases[i].status);
		assert_int_equal(err.status, cases[i].status);
		assert_true(t == 77);
		assert_true(strstr(err.text, "\"") != NULL);
	}
}

static void leap(void **unused)
{
	(void)unused;
	prl_time a, b;
	assert_int_equal(prl_time_parse("2016-12-31T23:59:60Z", 20, &a, NULL), PRL_OK);
	assert_int_equal(prl_time_parse("2017-01-01T00:00:00Z", 20, &b, NULL), PRL_OK);
	assert_true(a == b);
	assert_int_equal(prl_time_parse("2000-02-29T00:00:00Z", 20, &a, NULL), PRL_OK);
}

static void extremes(void **unused)
{
	(void)unused;
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(INT64_MAX, text);
	assert_string_equal(text, "2262-04-11T23:47:16.854775807Z");
	prl_time_format(INT64_MIN, text);
	assert_string_equal(text, "1677-09-21T00:12:43.145224192Z");
	prl_time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999999Z");
}

__extension__ typedef __int128 wide;

/* 128 bits as the oracle. */
static void apart(void **unused)
{
	(void)unused;
	static const prl_time at[] = { INT64_MIN,
				       INT64_MIN + 1,
				       -9214560000 * PRL_SECOND,
				       -1,
				       0,
				       1,
				       1474117200 * PRL_SECOND,
				       9214646400 * PRL_SECOND,
				       INT64_MAX - 1,
				       INT64_MAX };
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		for (size_t j = 0; j < sizeof at / sizeof *at; j++) {
			wide exact = (wide)at[j] - at[i];
			prl_time expected = exact > INT64_MAX   ? INT64_MAX
					    : exact < INT64_MIN ? INT64_MIN
								: (prl_time)exact;
			assert_int_equal(prl_time_apart(at[i], at[j]), expected);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_gmtime), cmocka_unit_test(offsets),
					    cmocka_unit_test(refused),        cmocka_unit_test(leap),
					    cmocka_unit_test(extremes),       cmocka_unit_test(apart) };
	return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
