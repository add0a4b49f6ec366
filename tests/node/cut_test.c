/* A peer that is away, or that takes a connection and says nothing: acts here are answered as before, and what was
 * missed is exchanged on return. Two idle nodes append nothing. */
#include "support/author.h"
#include "support/record_files.h"
#include "support/served.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ACTS          100
#define ANSWER_MS     2000 /* an act at most: a peer that is waited for would cost 5 s and more */
#define ALONE_OPEN_MS 20000

typedef struct world {
	nodes_set *nodes;
	served ru, us;
	author author, other;
} world;

static void begin(world *w)
{
	memset(w, 0, sizeof *w);
	w->nodes = nodes_new("ru us", false);
	w->ru.node = &w->nodes->nodes[0];
	w->us.node = &w->nodes->nodes[1];
	served_start(&w->ru, NULL);
	served_start(&w->us, NULL);
	served_wait_open(&w->ru);
	served_wait_open(&w->us);
	author_make(&w->author, w->nodes, 1, "load");
	author_make(&w->other, w->nodes, 0, "load");
}

static void end(world *w)
{
	served_stop(&w->us);
	served_stop(&w->ru);
	author_done(&w->author);
	author_done(&w->other);
	nodes_free(w->nodes);
}

static bool agreed(world *w)
{
	record_files us, ru;
	record_files_open(&us, w->us.node, w->ru.node);
	record_files_open(&ru, w->ru.node, w->us.node);
	bool same = us.size == ru.mirrored && ru.size == us.mirrored;
	record_files_done(&us);
	record_files_done(&ru);
	return same;
}

/* Files acts; the slowest answer in ms. */
static int64_t slowest(author *a, const char *text)
{
	int64_t worst = 0;
	for (int i = 0; i < ACTS; i++) {
		int64_t before = served_now_ms();
		(void)author_say(a, text);
		int64_t took = served_now_ms() - before;
		worst = took > worst ? took : worst;
	}
	return worst;
}

static void check_all(world *w, const char *text, size_t count)
{
	record_files r;
	record_files_open(&r, w->us.node, w->ru.node);
	record_files_check(&r, w->ru.node);
	assert_int_equal(record_files_count(&r, text), count);
	record_files_done(&r);
	record_files_open(&r, w->ru.node, w->us.node);
	record_files_check(&r, w->us.node);
	record_files_done(&r);
	assert_true(served_healthy(&w->us));
	assert_true(served_healthy(&w->ru));
}

/* ---- a hole ------------------------------------------------------------------------------------------------------ */

/* Takes every connection, reads nothing, answers nothing. */
typedef struct hole {
	int listener, taken[256];
	atomic_size_t count;
	atomic_bool stop;
	pthread_t thread;
} hole;

static void *hole_run(void *context)
{
	hole *h = context;
	while (!atomic_load(&h->stop)) {
		int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);
		size_t i = atomic_load(&h->count);
		if (fd < 0)
			nodes_sleep_ms(10);
		else if (i < sizeof h->taken / sizeof *h->taken)
			h->taken[i] = fd, atomic_store(&h->count, i + 1);
		else
			(void)close(fd);
	}
	return NULL;
}

static void hole_open(hole *h, unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1;
	memset(h, 0, sizeof *h);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(h->listener >= 0);
	assert_int_equal(setsockopt(h->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
	assert_int_equal(bind(h->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(h->listener, 64), 0);
	assert_int_equal(pthread_create(&h->thread, NULL, hole_run, h), 0);
}

static void hole_close(hole *h)
{
	atomic_store(&h->stop, true);
	(void)pthread_join(h->thread, NULL);
	for (size_t i = 0; i < atomic_load(&h->count); i++)
		(void)close(h->taken[i]);
	(void)close(h->listener);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void peer_away(void **state)
{
	(void)state;
	world w;
	begin(&w);
	assert_in_range(slowest(&w.author, "with the peer"), 0, ANSWER_MS);
	served_stop(&w.ru);
	assert_in_range(slowest(&w.author, "without the peer"), 0, ANSWER_MS);
	assert_true(served_healthy(&w.us));
	served_start(&w.ru, NULL);
	served_wait_open(&w.ru);
	(void)author_say(&w.other, "back again");
	NODES_WAIT(agreed(&w));
	check_all(&w, "without the peer", ACTS);
	end(&w);
}

static void peer_silent(void **state)
{
	(void)state;
	world w;
	hole h;
	begin(&w);
	served_kill(&w.ru);
	hole_open(&h, w.ru.node->port);
	assert_in_range(slowest(&w.author, "into the hole"), 0, ANSWER_MS);
	NODES_WAIT(atomic_load(&h.count) > 0);
	assert_in_range(slowest(&w.author, "into the hole"), 0, ANSWER_MS);
	assert_true(served_healthy(&w.us));
	/* A start against the hole does not append, and --alone does. */
	served_stop(&w.us);
	served_start(&w.us, NULL);
	nodes_sleep_ms(3000);
	assert_false(served_healthy(&w.us));
	author_sign(&w.author, "message.sent", "{\"text\":\"not yet\",\"language\":\"en\"}");
	assert_int_equal(author_post(&w.author), 503);
	assert_non_null(strstr(author_reply(&w.author), "has not yet heard from a peer"));
	served_stop(&w.us);
	int64_t before = served_now_ms();
	served_start(&w.us, "--alone");
	served_wait_open(&w.us);
	assert_in_range(served_now_ms() - before, 0, ALONE_OPEN_MS);
	assert_in_range(slowest(&w.author, "alone"), 0, ANSWER_MS);
	hole_close(&h);
	served_start(&w.ru, NULL);
	served_wait_open(&w.ru);
	NODES_WAIT(agreed(&w));
	check_all(&w, "into the hole", 2 * ACTS);
	check_all(&w, "not yet", 0);
	end(&w);
}

static void idle(void **state)
{
	(void)state;
	world w;
	record_files r;
	uint64_t sizes[2];
	begin(&w);
	(void)author_say(&w.author, "the last word");
	(void)author_say(&w.other, "the very last");
	NODES_WAIT(agreed(&w));
	nodes_sleep_ms(1000);
	NODES_WAIT(agreed(&w));
	record_files_open(&r, w.us.node, w.ru.node);
	sizes[0] = r.size, sizes[1] = r.mirrored;
	record_files_done(&r);
	nodes_sleep_ms(getenv("PARLEY_LONG") ? 600000 : 20000);
	record_files_open(&r, w.us.node, w.ru.node);
	assert_int_equal(r.size, sizes[0]);
	assert_int_equal(r.mirrored, sizes[1]);
	record_files_done(&r);
	record_files_open(&r, w.ru.node, w.us.node);
	assert_int_equal(r.size, sizes[1]);
	record_files_done(&r);
	check_all(&w, "the last word", 1);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_away),
		cmocka_unit_test(peer_silent),
		cmocka_unit_test(idle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
