#include "support/siege.h"

#include "support/record_files.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HONEST_MS 2000 /* the longest that the honest client waits */

nodes_set *nodes;
served ru;
author stray;
liar *us;

/* ---- the honest client ------------------------------------------------------------------------------------------- */

static struct {
	author author;
	pthread_t thread;
	atomic_bool stop;
	atomic_llong slowest;
	size_t said;
} honest;

static void *honest_run(void *context)
{
	(void)context;
	while (!atomic_load(&honest.stop)) {
		int64_t before = served_now_ms();
		(void)author_say(&honest.author, "an honest word");
		int64_t took = served_now_ms() - before;
		honest.said++;
		if (took > atomic_load(&honest.slowest))
			atomic_store(&honest.slowest, took);
		nodes_sleep_ms(20);
	}
	return NULL;
}

void honest_start(void)
{
	atomic_store(&honest.stop, false);
	assert_int_equal(pthread_create(&honest.thread, NULL, honest_run, NULL), 0);
}

void honest_stop(void)
{
	atomic_store(&honest.stop, true);
	(void)pthread_join(honest.thread, NULL);
}

int siege_set_up(void **state)
{
	(void)state;
	nodes = nodes_new("ru us", false);
	ru.node = &nodes->nodes[0];
	served_start(&ru, "--alone"); /* us is nobody but this test */
	served_wait_open(&ru);
	author_make(&honest.author, nodes, 0, "honest");
	author_make(&stray, nodes, 0, "stray");
	us = liar_new(nodes, 1, 0);
	if (liar_push(us, 0) != 200)
		nodes_fail(__FILE__, __LINE__, us->answer);
	honest_start();
	return 0;
}

int siege_tear_down(void **state)
{
	(void)state;
	honest_stop();
	print_message("# the honest client: %zu acts, the slowest in %lld ms\n", honest.said,
		      (long long)atomic_load(&honest.slowest));
	record_files r;
	served_stop(&ru);
	record_files_open(&r, &nodes->nodes[0], &nodes->nodes[1]);
	record_files_check(&r, &nodes->nodes[1]);
	bool all = record_files_count(&r, "an honest word") == honest.said;
	record_files_done(&r);
	author_done(&honest.author);
	author_done(&stray);
	liar_free(us);
	nodes_free(nodes);
	return all && atomic_load(&honest.slowest) < HONEST_MS ? 0 : -1;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

void siege_check(const char *what, unsigned status, const char *answer, unsigned expected, const char *text)
{
	if (status != expected || !strstr(answer, text)) {
		print_message("# %s: %u %.300s\n# expected %u \"%s\"\n", what, status, answer, expected, text);
		fail();
	}
	if (!served_healthy(&ru)) {
		print_message("# %s: not healthy any more\n", what);
		fail();
	}
	assert_true(atomic_load(&honest.slowest) < HONEST_MS);
}

uint64_t siege_mirrored(void)
{
	record_files r;
	record_files_open(&r, &nodes->nodes[0], &nodes->nodes[1]);
	uint64_t size = r.mirrored;
	record_files_done(&r);
	return size;
}
