/* What a hand-over signs: every open item of the list, each once, whatever the order in which the node gave them. */
#include "cli/open_items.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static json_t *read(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);
	assert_non_null(json);
	return json;
}

#define ALL                                                                                                            \
	"{\"alarms\": [{\"situation\": \"watch:ru\"}, {\"situation\": \"call:AA=\"}, {\"situation\": \"call:BB=\"}],"  \
	" \"calls\": [{\"id\": \"AA=\", \"party\": \"ru\", \"parties\": [{\"party\": \"us\", \"state\": \"taken\"}]}," \
	"             {\"id\": \"BB=\", \"party\": \"ru\", \"parties\": [{\"party\": \"us\", \"state\": "              \
	"\"ceased\"}]},"                                                                                               \
	"             {\"id\": \"CC=\", \"party\": \"us\", \"parties\": [{\"party\": \"ru\", \"state\": "              \
	"\"ceased\"}]},"                                                                                               \
	"             {\"id\": \"DD=\", \"party\": \"us\", \"parties\": []},"                                          \
	"             {\"id\": \"EE=\", \"party\": \"us\", \"withdrawn\": true}],"                                     \
	" \"movements\": [{\"notice\": \"M1\", \"state\": \"planned\"}, {\"notice\": \"M2\", \"state\": \"stopped\"}," \
	"                 {\"notice\": \"M3\", \"state\": \"arrived\"}],"                                              \
	" \"queries\": [{\"id\": \"Q1\", \"state\": \"no answer\"}, {\"id\": \"Q2\", \"state\": \"answered\"}],"       \
	" \"meetings\": [{\"id\": \"T1\", \"state\": \"fixed\"}, {\"id\": \"T2\", \"state\": \"held\"}]}"

static void every_open_item_once(void **state)
{
	(void)state;
	json_t *all = read(ALL), *items = prl_open_items(all, "us");
	json_t *expected =
		read("[\"call:AA=\", \"call:BB=\", \"call:DD=\", \"meetings:T1\", \"movements:M2\", \"queries:Q1\","
		     " \"watch:ru\"]");
	assert_true(json_equal(items, expected));
	json_decref(expected);
	json_decref(items);
	json_decref(all);
}

static void hash_is_of_the_list(void **state)
{
	(void)state;
	json_t *all = read(ALL), *items = prl_open_items(all, "us"), *hash = prl_open_hash(items);
	json_t *alarms = json_object_get(all, "alarms"), *last = json_incref(json_array_get(alarms, 2));
	assert_int_equal(json_integer_value(json_object_get(hash, "count")), 7);
	/* another order: the same */
	(void)json_array_remove(alarms, 2);
	assert_int_equal(json_array_insert_new(alarms, 0, last), 0);
	json_t *again = prl_open_items(all, "us"), *same = prl_open_hash(again);
	assert_true(json_equal(hash, same));
	/* a movement arrives: another */
	json_t *movement = json_array_get(json_object_get(all, "movements"), 1);
	assert_int_equal(json_object_set_new(movement, "state", json_string("arrived")), 0);
	json_t *fewer = prl_open_items(all, "us"), *other = prl_open_hash(fewer);
	assert_false(json_equal(hash, other));
	json_t *const done[] = { all, items, hash, again, same, fewer, other };
	for (size_t i = 0; i < sizeof done / sizeof *done; i++)
		json_decref(done[i]);
}

static void nothing_is_open(void **state)
{
	(void)state;
	json_t *all = json_object(), *items = prl_open_items(all, "us"), *hash = prl_open_hash(items);
	assert_int_equal(json_array_size(items), 0);
	/* SHA-256 of nothing */
	assert_string_equal(json_string_value(json_object_get(hash, "hash")),
			    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	json_decref(hash);
	json_decref(items);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_open_item_once),
		cmocka_unit_test(hash_is_of_the_list),
		cmocka_unit_test(nothing_is_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
