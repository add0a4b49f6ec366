#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/ids.h"

#include <stdio.h>
#include <string.h>

/* Each of many ids is new once and known ever after, with the place where it was first. */
static void many(void **unused)
{
	(void)unused;
	prl_ids *ids;
	assert_int_equal(prl_ids_new(&ids, NULL), PRL_OK);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 100000; i++) {
			char id[40], source[40], expected[200];
			prl_error err = { 0 };
			snprintf(id, sizeof id, "%x-%u", i % 16, i);
			snprintf(source, sizeof source, "file%u", i / 1000);
			prl_status status = prl_ids_add(ids, id, source, i, &err);
			assert_int_equal(status, round ? PRL_E_DUPLICATE : PRL_OK);
			snprintf(expected, sizeof expected, "\"%s\" was read before (%s:%u)", id, source, i);
			assert_true(!round || strstr(err.text, expected));
		}
	prl_ids_free(ids);
	prl_ids_free(NULL);
}

static void close_ones(void **unused)
{
	(void)unused;
	static const char *const texts[] = { "", "a", "A", "aa", "a ", " a", "\xc3\xa9", "e\xcc\x81" };
	prl_ids *ids;
	assert_int_equal(prl_ids_new(&ids, NULL), PRL_OK);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(prl_ids_add(ids, texts[i], "f", i, NULL), PRL_OK);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(prl_ids_add(ids, texts[i], "g", i, NULL), PRL_E_DUPLICATE);
	prl_ids_free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(many), cmocka_unit_test(close_ones) };
	return cmocka_run_group_tests_name("formats/ids", tests, NULL, NULL);
}
