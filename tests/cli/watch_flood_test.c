/* Floods at the screen: one row a peer, which stays with its situations; classes 1 and 2 are never in one. */
#include "cli/watch_flood.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

static json_t *alarm(const char *peer, int number, int class)
{
	char situation[40];
	(void)snprintf(situation, sizeof situation, "overlap:%s%d", peer, number);
	return *peer ? json_pack("{s:s, s:i, s:{s:s}}", "situation", situation, "class", class, "about", "peer", peer)
		     : json_pack("{s:s, s:i, s:{}}", "situation", situation, "class", class, "about");
}

static json_t *many(const char *peer, int from, int to, int class)
{
	json_t *all = json_array();
	for (int i = from; i < to; i++)
		assert_int_equal(json_array_append_new(all, alarm(peer, i, class)), 0);
	return all;
}

/* How many of them have no row of their own. */
static size_t inside(const watch_flood *f, const json_t *alarms)
{
	const json_t *one;
	size_t i, count = 0;
	json_array_foreach(alarms, i, one) count += watch_flood_has(f, one);
	return count;
}

static void ninth_is_a_flood(void **state)
{
	(void)state;
	watch_flood f = { 0 };
	json_t *ru = many("ru", 0, 12, 3);
	watch_flood_look(&f, ru, 1000);
	assert_int_equal(inside(&f, ru), 4);
	assert_false(watch_flood_has(&f, json_array_get(ru, 7)));
	assert_true(watch_flood_has(&f, json_array_get(ru, 8)));
	/* looked at again nothing changes; ten minutes later what was collapsed is so still, what is new has a row */
	watch_flood_look(&f, ru, 2000);
	assert_int_equal(inside(&f, ru), 4);
	watch_flood_look(&f, ru, 1000 + WATCH_FLOOD_MS - 1);
	json_t *more = many("ru", 12, 13, 3);
	assert_int_equal(json_array_extend(ru, more), 0);
	watch_flood_look(&f, ru, 1000 + WATCH_FLOOD_MS);
	assert_int_equal(inside(&f, ru), 4);
	assert_false(watch_flood_has(&f, json_array_get(ru, 12)));
	json_decref(more);
	json_decref(ru);
	watch_flood_done(&f);
}

static void urgent_never(void **state)
{
	(void)state;
	watch_flood f = { 0 };
	json_t *rest = many("ru", 0, 20, 3), *urgent = many("un", 0, 20, 2), *same = many("ru", 15, 16, 2);
	watch_flood_look(&f, urgent, 1);
	assert_int_equal(inside(&f, urgent), 0);
	watch_flood_look(&f, rest, 2); /* those of class 2 have taken no room */
	assert_int_equal(inside(&f, rest), 12);
	watch_flood_look(&f, same, 3); /* one of the flood gets worse: it comes out */
	assert_int_equal(inside(&f, same), 0);
	json_decref(rest);
	json_decref(urgent);
	json_decref(same);
	watch_flood_done(&f);
}

static void by_peer(void **state)
{
	(void)state;
	watch_flood f = { 0 };
	json_t *ru = many("ru", 0, 9, 4), *own = many("", 0, 2, 3);
	watch_flood_look(&f, ru, 1);
	watch_flood_look(&f, own, 2);
	assert_string_equal(watch_flood_peer(json_array_get(ru, 0)), "ru");
	assert_string_equal(watch_flood_peer(json_array_get(own, 0)), "own");
	assert_int_equal(inside(&f, own), 2);
	assert_false(watch_flood_is_listed(&f, "ru"));
	watch_flood_toggle(&f, "ru");
	assert_true(watch_flood_is_listed(&f, "ru") && !watch_flood_is_listed(&f, "own"));
	watch_flood_toggle(&f, "ru");
	assert_false(watch_flood_is_listed(&f, "ru"));
	json_decref(ru);
	json_decref(own);
	watch_flood_done(&f);
}

/* What flaps is one situation; what was gone for long is new. */
static void gone_and_back(void **state)
{
	(void)state;
	watch_flood f = { 0 };
	json_t *ru = many("ru", 0, 9, 3), *last = many("ru", 8, 9, 3), *none = json_array();
	watch_flood_look(&f, ru, 1);
	watch_flood_look(&f, none, 2);
	watch_flood_look(&f, last, WATCH_FLOOD_GONE_MS);
	assert_int_equal(inside(&f, last), 1);
	watch_flood_look(&f, none, 3 * (int64_t)WATCH_FLOOD_GONE_MS);
	watch_flood_look(&f, last, 3 * (int64_t)WATCH_FLOOD_GONE_MS + 1);
	assert_int_equal(inside(&f, last), 0);
	json_decref(ru);
	json_decref(last);
	json_decref(none);
	watch_flood_done(&f);
}

/* One that is over and begins again is another: it sounds again, and is closed. */
static void next_flood(void **state)
{
	(void)state;
	watch_flood f = { 0 };
	json_t *ru = many("ru", 0, 9, 3), *none = json_array(), *later = many("ru", 20, 29, 3);
	assert_int_equal(watch_flood_number(&f, "ru"), 0);
	watch_flood_look(&f, ru, 1);
	watch_flood_look(&f, ru, 2);
	assert_int_equal(watch_flood_number(&f, "ru"), 1);
	watch_flood_toggle(&f, "ru");
	watch_flood_look(&f, none, 3);
	assert_false(watch_flood_is_listed(&f, "ru"));
	watch_flood_look(&f, later, 2 * (int64_t)WATCH_FLOOD_MS);
	assert_int_equal(inside(&f, later), 1);
	assert_int_equal(watch_flood_number(&f, "ru"), 2);
	json_decref(ru);
	json_decref(none);
	json_decref(later);
	watch_flood_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ninth_is_a_flood), cmocka_unit_test(urgent_never), cmocka_unit_test(by_peer),
		cmocka_unit_test(gone_and_back),    cmocka_unit_test(next_flood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
