#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#include <string.h>

static void set_and_place(void **unused)
{
	(void)unused;
	prl_error err = { .line = 9, .where = "old" };
	assert_int_equal(prl_error_set(&err, PRL_E_RANGE, "latitude %d", 91), PRL_E_RANGE);
	assert_int_equal(err.status, PRL_E_RANGE);
	assert_string_equal(err.text, "latitude 91");
	assert_string_equal(err.where, "");
	assert_int_equal(err.line, 0);
	assert_int_equal(prl_error_at(&err, PRL_OK, "vertex %d", 3), PRL_E_RANGE);
	assert_string_equal(err.where, "vertex 3");
	assert_int_equal(prl_error_at(&err, PRL_OK, "feature \"%s\"", "x"), PRL_E_RANGE);
	assert_string_equal(err.where, "feature \"x\": vertex 3");
}

static void without_error(void **unused)
{
	(void)unused;
	assert_int_equal(prl_error_set(NULL, PRL_E_IO, "x"), PRL_E_IO);
	assert_int_equal(prl_error_at(NULL, PRL_E_IO, "x"), PRL_E_IO);
	assert_int_equal(prl_error_memory(NULL), PRL_E_MEMORY);
}

static void too_long(void **unused)
{
	(void)unused;
	char text[2000];
	prl_error err;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	prl_error_set(&err, PRL_E_SYNTAX, "%s", text);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	for (int i = 0; i < 10; i++)
		prl_error_at(&err, PRL_OK, "%s", text);
	assert_true(strlen(err.where) < sizeof err.where);
}

static void words(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i <= PRL_E_CALLBACK; i++)
		assert_true(strlen(prl_status_text((prl_status)i)) > 0);
	assert_string_equal(prl_status_text(PRL_OK), "done");
	assert_string_equal(prl_status_text((prl_status)1000), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(set_and_place), cmocka_unit_test(without_error),
		                            cmocka_unit_test(too_long), cmocka_unit_test(words) };
	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
