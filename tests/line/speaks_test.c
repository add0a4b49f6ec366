/* Who answers for whom: stated, claimed of another, attested, disputed, ended. */
#include "line/speaks.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define UN "un.example/line"

static acts *begin(void)
{
	acts *a = acts_new("us@" US " ru@" RU " un@" UN, NULL);
	a->l->now = acts_time("2018-02-07T20:00:00Z");
	return a;
}

static const char *text_of(acts *a, prl_hash hash)
{
	return line_hash_text(a->l, &hash);
}

#define STATE                                                                                                          \
	"{\"for\": {\"name\": \"5th Corps\", \"standing\": \"bound party\"}, \"from\": \"2018-01-01T00:00:00Z\"%s}"

static const char *word(acts *a, prl_hash id, const char *says, const char *rest)
{
	return line_text(a->l, "{\"statement\": \"%s\", \"says\": \"%s\"%s}", text_of(a, id), says, rest);
}

static void stands(acts *a, const char *state, bool in_force)
{
	acts_see_all(a);
	json_t *items = acts_show(a, UN, "un", "speaks", NULL, acts_time("2018-02-08T00:00:00Z"));
	assert_string_equal(acts_text(items, "0.speaker"), "ru");
	assert_string_equal(acts_text(items, "0.state"), state);
	assert_int_equal(json_boolean_value(acts_at(items, "0.in_force")), in_force);
	json_decref(items);
}

static void test_stated(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "ru-ops/1", "speaks_for.stated", line_text(a->l, STATE, ""));
	stands(a, "stated", true);
	acts_do(a, "us-ops/1", "speaks_for.stated", word(a, id, "attested", ""));
	stands(a, "attested", true);
	acts_do(a, "us-ops/1", "speaks_for.stated", word(a, id, "disputed", ""));
	stands(a, "disputed", true);
	acts_do(a, "ru-ops/1", "speaks_for.stated", word(a, id, "ended", ", \"to_time\": \"2018-02-07T21:00:00Z\""));
	stands(a, "disputed", false);
	acts_check_digests(a);
	acts_free(a);
}

static void test_claimed(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "speaks_for.stated", line_text(a->l, STATE, ", \"of\": \"ru\""));
	stands(a, "claimed", true);
	acts_do(a, "un-ops/1", "speaks_for.stated", word(a, id, "attested", ""));
	stands(a, "claimed", true);
	acts_do(a, "ru-ops/1", "speaks_for.stated", word(a, id, "attested", ""));
	stands(a, "attested", true);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "ru-ops/1", "speaks_for.stated", line_text(a->l, STATE, ""));
	acts_see_all(a);
	acts_refused(a, "ru-ops/1", "speaks_for.stated", "{}", PRL_E_SYNTAX, "for: missing");
	acts_refused(a, "ru-ops/1", "speaks_for.stated", "{\"for\": {\"name\": \"x\"}}", PRL_E_SYNTAX, "from: missing");
	acts_refused(a, "ru-ops/1", "speaks_for.stated", line_text(a->l, STATE, ", \"of\": \"xx\""), PRL_E_NOT_FOUND,
		     "xx");
	acts_refused(a, "ru-ops/1", "speaks_for.stated",
		     line_text(a->l, STATE, ", \"to_time\": \"2017-01-01T00:00:00Z\""), PRL_E_RANGE, "before from");
	acts_refused(a, "ru-ops/1", "speaks_for.stated", word(a, id, "attested", ""), PRL_E_REFUSED, "another party");
	acts_refused(a, "us-ops/1", "speaks_for.stated", word(a, id, "ended", ""), PRL_E_REFUSED, "only party ru");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stated),
		cmocka_unit_test(test_claimed),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
