/* Disavowals: "not ours" with area and time; disputed by others, other words of the own side; all of it stays. */
#include "line/disavowal.h"

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

#define NOT_OURS                                                                                                       \
	"{\"areas\": [{\"place\": \"35.3361N 40.3050E\", \"radius_m\": 5000}], \"from\": \"2018-02-07T20:00:00Z\"%s}"
#define DISPUTE "{\"disavowal\": \"%s\", \"text\": {\"words\": \"otherwise\", \"language\": \"en\"}%s}"

/* Khasham: "not ours" throughout; later words of the same side, and of another. */
static void test_khasham(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "ru-ops/1", "disavowal.made",
			      line_text(a->l, NOT_OURS, ", \"to_time\": \"2018-02-08T04:00:00Z\""));
	acts_see_all(a);
	json_t *items = acts_show(a, US, "us", "disavowals", NULL, acts_time("2018-02-07T22:00:00Z"));
	assert_true(json_boolean_value(acts_at(items, "0.in_force")));
	assert_int_equal(json_array_size(acts_at(items, "0.states")), 0);
	json_decref(items);
	acts_do(a, "us-ops/1", "disavowal.disputed", line_text(a->l, DISPUTE, text_of(a, id), ""));
	acts_do(a, "ru-ops/1", "disavowal.disputed", line_text(a->l, DISPUTE, text_of(a, id), ""));
	acts_see_all(a);
	items = acts_show(a, UN, "un", "disavowals", NULL, acts_time("2018-02-15T00:00:00Z"));
	assert_false(json_boolean_value(acts_at(items, "0.in_force")));
	assert_int_equal(json_array_size(acts_at(items, "0.states")), 2);
	assert_string_equal(acts_text(items, "0.states.0"), "disputed");
	assert_string_equal(acts_text(items, "0.states.1"), "own later words differ");
	assert_int_equal(json_array_size(acts_at(items, "0.said")), 2);
	assert_string_equal(acts_text(items, "0.said.0.party"), "ru"); /* by log, then index */
	assert_string_equal(acts_text(items, "0.areas.0.place"), "35.3361N 40.3050E");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void test_cites(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "ru-ops/1", "disavowal.made", line_text(a->l, NOT_OURS, ""));
	acts_see_all(a);
	acts_do(a, "us-ops/1", "disavowal.disputed",
		line_text(a->l, DISPUTE, text_of(a, id),
			  ", \"cites\": {\"by\": \"spokesman\", \"text\": {\"words\": \"citizens were there\", "
			  "\"language\": \"ru\"}}"));
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "disavowals", NULL, a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.states")), 2);
	json_decref(items);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash none = line_hash("none");
	acts_refused(a, "ru-ops/1", "disavowal.made", "{\"from\": \"2018-02-07T20:00:00Z\"}", PRL_E_SYNTAX, "areas");
	acts_refused(a, "ru-ops/1", "disavowal.made",
		     line_text(a->l, NOT_OURS, ", \"to_time\": \"2018-02-07T19:00:00Z\""), PRL_E_RANGE, "before from");
	acts_refused(a, "ru-ops/1", "disavowal.made",
		     "{\"areas\": [{\"place\": \"somewhere\", \"radius_m\": 5}], \"from\": \"2018-02-07T20:00:00Z\"}",
		     PRL_E_SYNTAX, "");
	acts_refused(a, "us-ops/1", "disavowal.disputed", line_text(a->l, DISPUTE, text_of(a, none), ""),
		     PRL_E_NOT_FOUND, "no disavowal of this id");
	line_act other = { .kind = "disavowal.made", .key = "ru-ops/1", .body = line_text(a->l, NOT_OURS, "") };
	other.second = "ru-ops/2"; /* a second line that nobody asked for */
	prl_error err;
	prl_hash hash;
	assert_int_not_equal(acts_try(a, &other, &hash, &err), PRL_OK);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_khasham),
		cmocka_unit_test(test_cites),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
