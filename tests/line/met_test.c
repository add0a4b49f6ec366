/* What is kept of the flights that a notice meets: the first are named, the rest is a number, and either order of what
 * comes and what is gone ends in the same. */
#include "line/met.h"
#include "support/line.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT 300u

static prl_met_flight flight_of(unsigned i)
{
	prl_met_flight flight = { .from = (prl_time)(i / 3) * PRL_SECOND, .to = (prl_time)(i + 60) * PRL_SECOND };
	flight.id.bytes[0] = (unsigned char)(i >> 8);
	flight.id.bytes[1] = (unsigned char)i;
	return flight;
}

static void expect_first(const prl_met *met, unsigned first, unsigned count)
{
	assert_int_equal(met->named + met->others, count);
	for (unsigned i = 0; i < met->named; i++) {
		/* of those that begin together any may be among the others */
		assert_true(met->flights[i].from == flight_of(first + i).from);
	}
}

static void the_first_are_named(void **state)
{
	rnd r = rnd_case(rnd_seed("met"), 0);
	unsigned order[COUNT];
	prl_hash notice = line_hash("a notice");
	prl_met *met = prl_met_room();
	(void)state;
	prl_met_begin(met, &notice, PRL_KIND_SITE, 0);
	for (unsigned i = 0; i < COUNT; i++)
		order[i] = i;
	for (unsigned i = COUNT - 1; i; i--) {
		size_t k = rnd_below(&r, i + 1);
		unsigned swap = order[i];
		order[i] = order[k];
		order[k] = swap;
	}
	for (unsigned i = 0; i < COUNT; i++) {
		const prl_met_flight flight = flight_of(order[i]);
		prl_met_add(met, &flight, flight.from);
	}
	assert_int_equal(met->named, PRL_MET_NAMED_MAX);
	expect_first(met, 0, COUNT);
	assert_true(met->others_from <= flight_of(PRL_MET_NAMED_MAX).from);
	assert_int_equal(met->since, 0);
	for (unsigned i = 0; i < 40; i++) {
		const prl_met_flight flight = flight_of(i), behind = flight_of(COUNT - 1 - i);
		prl_met_remove(met, &flight);
		prl_met_remove(met, &behind);
	}
	expect_first(met, 40, COUNT - 80);
	assert_false(prl_met_is_thin(met));
	for (unsigned i = 40; i < 51; i++) {
		const prl_met_flight flight = flight_of(i);
		prl_met_remove(met, &flight);
	}
	assert_true(prl_met_is_thin(met));
	free(met);
}

/* One that is changed stands there twice, or not at all, for a while. */
static void either_order_ends_in_the_same(void **state)
{
	prl_hash notice = line_hash("a notice");
	prl_met *met = prl_met_room();
	prl_met_flight old = flight_of(7), new = old;
	(void)state;
	new.to += PRL_SECOND;
	prl_met_begin(met, &notice, PRL_KIND_SITE, 0);
	prl_met_add(met, &old, 0);
	prl_met_add(met, &new, 0);
	assert_int_equal(met->named, 2);
	prl_met_remove(met, &old);
	assert_int_equal(met->named, 1);
	assert_true(met->flights[0].to == new.to && met->others == 0);
	prl_met_remove(met, &old); /* gone before it came */
	assert_int_equal(met->others, -1);
	prl_met_add_gone(met, &old);
	assert_int_equal(met->others, 0);
	prl_met_remove(met, &new);
	assert_int_equal(met->named + met->others, 0);
	free(met);
}

static void it_is_kept(void **state)
{
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(1u << 20), again = PRL_BUFFER(1u << 20);
	prl_hash notice = line_hash("a notice");
	prl_met *met = prl_met_room();
	const prl_noun *noun = &prl_met_part.nouns[0];
	(void)state;
	prl_met_begin(met, &notice, PRL_KIND_CONVOY, 12);
	met->counting = true;
	for (unsigned i = 0; i < 150; i++) {
		const prl_met_flight flight = flight_of(i);
		prl_met_add(met, &flight, flight.from);
	}
	assert_true(noun->save(met, &bytes));
	prl_met *back = noun->load((prl_bytes){ bytes.data, bytes.size }, &err);
	assert_non_null(back);
	assert_int_equal(back->as_of, 0);
	expect_first(back, 0, 150);
	assert_true(back->counting && back->kind == PRL_KIND_CONVOY && back->others_from == met->others_from);
	assert_true(noun->save(back, &again));
	assert_int_equal(again.size, bytes.size);
	assert_memory_equal(again.data, bytes.data, bytes.size);
	for (size_t size = 0; size < bytes.size; size += 7)
		assert_null(noun->load((prl_bytes){ bytes.data, size }, &err));
	noun->free(back);
	free(met);
	prl_buffer_done(&bytes);
	prl_buffer_done(&again);
}

static void a_row_that_says_nothing_is_none(void **state)
{
	prl_error err;
	prl_hash notice = line_hash("a notice");
	prl_picture *picture = line_picture("us.example/line");
	prl_met *met = prl_met_room();
	const prl_met_flight flight = flight_of(1);
	(void)state;
	prl_met_begin(met, &notice, PRL_KIND_SITE, 3);
	assert_int_equal(prl_met_put(picture, met, false, &err), PRL_OK);
	assert_null(prl_met_find(picture, PRL_VERSION_WORKING, &notice));
	assert_int_equal(prl_met_put(picture, met, true, &err), PRL_OK);
	assert_int_equal(prl_met_find(picture, PRL_VERSION_WORKING, &notice)->as_of, 3);
	prl_met_add(met, &flight, 0);
	assert_int_equal(prl_met_put(picture, met, false, &err), PRL_OK);
	assert_int_equal(prl_met_count(picture), 1);
	prl_met_remove(met, &flight);
	assert_int_equal(prl_met_put(picture, met, false, &err), PRL_OK);
	assert_int_equal(prl_met_count(picture), 0);
	assert_int_equal(prl_met_drop(picture, &notice, &err), PRL_OK);
	assert_false(prl_met_is_behind(picture, PRL_VERSION_WORKING));
	assert_int_equal(prl_met_set_behind(picture, true, &err), PRL_OK);
	assert_int_equal(prl_met_set_behind(picture, true, &err), PRL_OK);
	assert_true(prl_met_is_behind(picture, PRL_VERSION_WORKING));
	assert_int_equal(prl_met_set_behind(picture, false, &err), PRL_OK);
	assert_false(prl_met_is_behind(picture, PRL_VERSION_WORKING));
	free(met);
	prl_picture_free(picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_are_named),
		cmocka_unit_test(either_order_ends_in_the_same),
		cmocka_unit_test(it_is_kept),
		cmocka_unit_test(a_row_that_says_nothing_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
