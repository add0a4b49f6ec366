/* STOP while very many notices come into a node's record: it does not wait for them. A third party's log is pushed to
 * ru, part by part, as fast as ru takes it; each call must ring before the last part has been taken. Times are printed,
 * never judged. Two calls among 3,000 notices; where PARLEY_LONG is set, twenty among 10^6 (docs/benchmarks.md). */
#include "base/hash.h"
#include "base/text.h"
#include "support/liar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define PART 100u

typedef struct import {
	liar *from;
	unsigned count;
	atomic_uint done;
	atomic_bool ended;
	unsigned refused;
	pthread_t thread;
} import;

/* Flights of half an hour through a month, each near one other: ru has to look for overlaps too, and finds one of each
 * two. All of a million at one place would be another test, of overlaps. */
#define HOURS (30u * 24)
static void write_notice(liar *from, unsigned i)
{
	char body[500];
	unsigned hour = i % HOURS, nth = i / HOURS, place = nth / 2;
	(void)snprintf(
		body, sizeof body,
		"{\"details\": {\"kind\": \"flight\", \"from\": \"2030-01-%02uT%02u:00:00Z\", \"to\": "
		"\"2030-01-%02uT%02u:30:00Z\", \"areas\": [{\"geometry\": {\"type\": \"Point\", \"coordinates\": "
		"[%.2f, %.2f]}, \"radius_m\": 400}]}}",
		hour / 24 + 1, hour % 24, hour / 24 + 1, hour % 24, 30 + place % 30 * 0.3 + nth % 2 * 0.005,
		20 + place / 30 * 0.3);
	liar_act(from, "notice.filed", body);
}

static void *import_run(void *context)
{
	import *im = context;
	while (atomic_load(&im->done) < im->count) {
		size_t start = im->from->size;
		unsigned done = atomic_load(&im->done);
		unsigned part = im->count - done < PART ? im->count - done : PART;
		for (unsigned i = 0; i < part; i++)
			write_notice(im->from, done + i);
		unsigned status = liar_push(im->from, start);
		while (status == 503) { /* it has too much to do: once more */
			nodes_sleep_ms(10);
			status = liar_push(im->from, start);
		}
		im->refused += status != 200;
		liar_forget(im->from, im->from->size);
		atomic_store(&im->done, done + part);
	}
	atomic_store(&im->ended, true);
	return NULL;
}

static bool rings(prl_client *at, const char *id)
{
	json_t *list = nodes_get(at, "/parley/v1/calls"), *one;
	bool found = false;
	size_t i;
	json_array_foreach(json_object_get(list, "items"), i, one)
	{
		const char *text = json_string_value(json_object_get(one, "id"));
		found = found || (text && strcmp(text, id) == 0 && json_is_null(json_object_get(one, "unverified")));
	}
	json_decref(list);
	return found;
}

static double seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Returns when it was signed and about to be sent. */
static double ring(prl_client *client, const char *class, unsigned place, char id[80])
{
	prl_error err;
	prl_reply reply = PRL_REPLY(65536);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	char body[100];
	(void)snprintf(body, sizeof body, "{\"class\": \"%s\", \"place\": \"bridge %u\"}", class, place);
	prl_client_entry entry = { .kind = "call.raised", .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
	if (prl_client_sign(client, &entry, &note, &err))
		fail_msg("%s", err.text);
	double at = seconds();
	assert_int_equal(nodes_status(client, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, &reply),
			 202);
	json_t *json = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	(void)snprintf(id, 80, "%s", json_string_value(json_object_get(json, "id")));
	json_decref(json);
	prl_reply_done(&reply);
	prl_buffer_done(&note);
	return at;
}

/* It rings there, and the import goes on meanwhile. Returns after how long, by a look each 10 ms. */
static double rings_before_the_end(import *im, prl_client *from, prl_client *to, unsigned moment)
{
	static const char *const classes[] = { "STOP", "DISTRESS", "URGENT" };
	char id[80];
	unsigned before = atomic_load(&im->done);
	double at = ring(from, classes[moment % 3], moment, id);
	NODES_WAIT(rings(to, id));
	at = seconds() - at;
	bool ended = atomic_load(&im->ended);
	print_message("# at %u of %u notices %s rang after %.0f ms and %u more\n", before, im->count,
		      classes[moment % 3], at * 1000, atomic_load(&im->done) - before);
	assert_false(ended);
	return at;
}

static void while_a_log_is_imported(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("us ru un", false);
	nodes_start_alone(n, 0);
	nodes_start_alone(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 0), *ru = nodes_desk(n, 1);
	nodes_wait_rest(n, us, ru);
import im = {.from = liar_new(n, 2, 1), .count = getenv("PARLEY_LONG") ? 1000000 : 3000 };
	unsigned moments = getenv("PARLEY_LONG") ? 20 : 2;
	double longest = 0, from = seconds();
	assert_int_equal(liar_push(im.from, 0), 200);
	size_t first = im.from->size;
	assert_int_equal(pthread_create(&im.thread, NULL, import_run, &im), 0);
	for (unsigned i = 0; i < moments; i++) {
		unsigned when = PART + im.count / (moments + 1) * i;
		while (atomic_load(&im.done) < when && !atomic_load(&im.ended)) /* an hour, where it is long */
			nodes_sleep_ms(10);
		double took = i % 2 ? rings_before_the_end(&im, ru, us, i) : rings_before_the_end(&im, us, ru, i);
		longest = took > longest ? took : longest;
	}
	(void)pthread_join(im.thread, NULL);
	print_message("# %u notices in %.0f s; of %u calls the longest took %.0f ms\n", im.count, seconds() - from,
		      moments, longest * 1000);
	assert_int_equal(im.refused, 0);
	NODES_WAIT(nodes_size(ru, n, 2) == first + im.count);
	liar_free(im.from);
	prl_client_free(us);
	prl_client_free(ru);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(while_a_log_is_imported) };
	return cmocka_run_group_tests_name("bell during an import", tests, NULL, NULL);
}
