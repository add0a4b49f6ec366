/* Time and numbers: slow clients, streams, many connections. */
#include "http_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

static prl_http *http;

/* ---- a stream that gives out numbers ----------------------------------------------------------------------------- */

static atomic_uint published, freed;
static atomic_bool stream_ends;

typedef struct reader {
	unsigned sent;
} reader;

static bool more(void *context, prl_buffer *to, size_t room)
{
	reader *at = context;
	assert_true(room > 1000);
	for (unsigned i = 0; i < 20 && at->sent < atomic_load(&published); i++)
		assert_true(prl_buffer_printf(to, "data: %u\n\n", ++at->sent));
	return !atomic_load(&stream_ends) || at->sent < atomic_load(&published);
}

static void reader_free(void *context)
{
	free(context);
	atomic_fetch_add(&freed, 1);
}

static void stream(void *node, prl_request *request)
{
	(void)node;
	prl_answer_stream(request, more, calloc(1, sizeof(reader)), reader_free);
}

static void ok(void *node, prl_request *request)
{
	(void)node;
	prl_answer_bytes(request, 200, "text/plain", "ok", 2);
}

static void much(void *node, prl_request *request)
{
	(void)node;
	enum { SIZE = 20000000 }; /* more than two sockets hold */
	char *bytes = calloc(1, SIZE);
	prl_answer_bytes(request, 200, "text/plain", bytes, SIZE);
	free(bytes);
}

/* No memory for so long a text: the client is told, and the next request is served. */
static void too_much(void *node, prl_request *request)
{
	(void)node;
	prl_answer_json(request, 200, json_string("\xff"));
}

static const prl_route routes[] = {
	{ "GET", "/ok", PRL_MAY_ANYBODY, 0, NULL, ok },
	{ "GET", "/much", PRL_MAY_ANYBODY, 0, NULL, much },
	{ "GET", "/too-much", PRL_MAY_ANYBODY, 0, NULL, too_much },
	{ "POST", "/body", PRL_MAY_ANYBODY, 1000, NULL, ok },
	{ "GET", "/events", PRL_MAY_ANYBODY, 0, NULL, stream },
};

static void start(prl_http_options with)
{
	with.listen = "127.0.0.1:0";
	with.routes = routes;
	with.route_count = sizeof routes / sizeof *routes;
	with.threads = 2;
	prl_error err = { 0 };
	atomic_store(&published, 0);
	atomic_store(&freed, 0);
	atomic_store(&stream_ends, false);
	if (prl_http_start(&with, &http, &err))
		fail_msg("%s", err.text);
}

#define HEAD "HTTP/1.1\r\nHost: a\r\n"

static int begin(const char *bytes)
{
	int fd = client_connect(prl_http_port(http));
	assert_true(fd >= 0);
	assert_true(client_send(fd, bytes, strlen(bytes)));
	return fd;
}

/* Sends one byte every 20 ms until the server closes; how long that took, at most wait_ms. */
static int64_t drip(int fd, const char *bytes, int wait_ms)
{
	int64_t from = milliseconds();
	for (size_t i = 0; milliseconds() - from < wait_ms; i++) {
		char c = bytes[i % strlen(bytes)];
		struct pollfd one = { .fd = fd, .events = POLLIN };
		if (send(fd, &c, 1, MSG_NOSIGNAL) <= 0 || poll(&one, 1, 20) > 0)
			break;
	}
	close(fd);
	return milliseconds() - from;
}

static void slow_clients_are_cut_off(void **state)
{
	(void)state;
	start((prl_http_options){ .head_ms = 500, .body_ms = 700, .idle_ms = 30000 });
	assert_in_range(drip(begin("GET /ok "), "a", 5000), 400, 1500);
	assert_in_range(drip(begin("GET /ok " HEAD "X: "), "a", 5000), 400, 1500);
	assert_in_range(drip(begin("GET /ok " HEAD), "X: a\r\n", 5000), 400, 1500);
	assert_in_range(drip(begin("\r\n"), "\r\n", 5000), 400, 1500);
	assert_in_range(drip(begin("POST /body " HEAD "Content-Length: 900\r\n\r\n"), "a", 5000), 600, 1700);
	assert_in_range(drip(begin("POST /body " HEAD "Transfer-Encoding: chunked\r\n\r\n"), "1\r\na\r\n", 5000), 600,
			1700);
	reply got;
	exchange(prl_http_port(http), "", 0, 3000, &got); /* says nothing at all */
	assert_true(got.closed);
	prl_http_stop(http);
}

static void idle_connections_are_closed(void **state)
{
	(void)state;
	start((prl_http_options){ .idle_ms = 1000, .head_ms = 5000 });
	reply got;
	int fd = begin("GET /ok " HEAD "\r\n");
	int64_t from = milliseconds();
	client_read(fd, &got, 6000);
	assert_true(got.first == 200 && got.closed);
	assert_in_range(milliseconds() - from, 800, 3000);
	close(fd);
	/* dripping is not being busy */
	fd = begin("GET /ok " HEAD "\r\n");
	client_read(fd, &got, 100);
	assert_in_range(drip(fd, "\r\n", 6000), 700, 3000);
	prl_http_stop(http);
}

/* A client that takes a byte now and then of a long answer. */
static void slow_readers_are_cut_off(void **state)
{
	(void)state;
	start((prl_http_options){ .answer_ms = 700 });
	int fd = begin("GET /much " HEAD "\r\n");
	int64_t from = milliseconds();
	while (prl_http_read_figures(http).connections == 0 && milliseconds() - from < 1000)
		usleep(1000);
	char some[1000];
	while (prl_http_read_figures(http).connections && milliseconds() - from < 5000) {
		(void)!recv(fd, some, sizeof some, MSG_DONTWAIT);
		usleep(20000);
	}
	assert_in_range(milliseconds() - from, 600, 1700);
	close(fd);
	prl_http_stop(http);
}

/* An answer that cannot be made is said to be none. */
static void answers_without_memory(void **state)
{
	(void)state;
	start((prl_http_options){ 0 });
	reply got;
	for (unsigned i = 0; i < 3; i++) {
		int fd = begin("GET /too-much " HEAD "\r\n");
		client_read(fd, &got, 3000);
		assert_true(got.first == 503 && got.closed && strstr(got.text, "out of memory"));
		close(fd);
	}
	prl_http_stop(http);
}

/* A client that takes no bytes, of a stream that has ever more. */
static void stuck_readers_are_cut_off(void **state)
{
	(void)state;
	start((prl_http_options){ .idle_ms = 1000, .stream_ms = 100 });
	int fd = begin("GET /events " HEAD "\r\n");
	int64_t from = milliseconds();
	while (!atomic_load(&freed) && milliseconds() - from < 20000) {
		atomic_fetch_add(&published, 100000);
		prl_http_wake_streams(http);
		usleep(10000);
	}
	assert_int_equal(atomic_load(&freed), 1);
	close(fd);
	prl_http_stop(http);
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

static void streams_beat(void **state)
{
	(void)state;
	start((prl_http_options){ 0 });
	reply got;
	int fd = begin("GET /events " HEAD "\r\n");
	client_read(fd, &got, 500); /* at once, so that the client sees that it is connected */
	assert_non_null(strstr(got.text, "\r\nContent-Type: text/event-stream\r\n"));
	assert_int_equal(count_of(got.text, ":\n\n"), 1);
	client_read(fd, &got, 6600);
	assert_in_range(count_of(got.text, ":\n\n"), 3, 4);
	assert_int_equal(prl_http_read_figures(http).streams, 1);
	/* what happens is told at once, not with the next beat */
	atomic_store(&published, 3);
	int64_t from = milliseconds();
	prl_http_wake_streams(http);
	while (milliseconds() - from < 1000 && !strstr(got.text, "data: 3\n\n"))
		client_read(fd, &got, 50);
	assert_true(milliseconds() - from < 500);
	atomic_store(&stream_ends, true);
	prl_http_wake_streams(http);
	from = milliseconds();
	while (atomic_load(&freed) == 0 && milliseconds() - from < 2000)
		usleep(1000);
	assert_int_equal(atomic_load(&freed), 1);
	client_read(fd, &got, 300);
	assert_string_equal(got.text, "0\r\n\r\n");
	close(fd);
	prl_http_stop(http);
}

static void *publish(void *context)
{
	(void)context;
	for (unsigned i = 0; i < 5000; i++) {
		atomic_fetch_add(&published, 1);
		prl_http_wake_streams(http);
		if (i % 64 == 0)
			usleep(500);
	}
	return NULL;
}

/* Beats are an hour apart: a wake that were lost would show as a number that does not come. */
static void no_wake_is_lost(void **state)
{
	(void)state;
	enum { READERS = 40 };
	start((prl_http_options){ .stream_ms = 3600000 });
	int fds[READERS];
	for (size_t i = 0; i < READERS; i++)
		fds[i] = begin("GET /events " HEAD "\r\n");
	pthread_t threads[2];
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, publish, NULL), 0);
	int64_t until = milliseconds() + 20000;
	for (size_t i = 0; i < READERS; i++) {
		char text[65536 + 1];
		size_t have = 0;
		bool last = false;
		while (!last && milliseconds() < until) {
			struct pollfd one = { .fd = fds[i], .events = POLLIN };
			if (poll(&one, 1, 200) <= 0)
				continue;
			ssize_t got = recv(fds[i], text + have, sizeof text - 1 - have, 0);
			assert_true(got > 0);
			have += (size_t)got;
			text[have] = 0;
			last = strstr(text, "data: 10000\n\n") != NULL;
			size_t keep = have < 40 ? have : 40;
			memmove(text, text + have - keep, keep);
			have = keep;
		}
		assert_true(last);
	}
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	/* half of the clients go, the others are there when the server stops */
	for (size_t i = 0; i < READERS / 2; i++)
		close(fds[i]);
	prl_http_stop(http);
	assert_int_equal(atomic_load(&freed), READERS);
	for (size_t i = READERS / 2; i < READERS; i++)
		close(fds[i]);
}

/* Streams come and go while everything wakes them and while the server stops. */
static void *come_and_go(void *context)
{
	unsigned *rounds = context;
	for (unsigned i = 0; i < 200; i++) {
		int fd = client_connect(prl_http_port(http));
		static const char head[] = "GET /events " HEAD "\r\n";
		char some[100];
		if (fd >= 0 && client_send(fd, head, sizeof head - 1) && i % 3)
			(void)!recv(fd, some, sizeof some, 0);
		if (fd >= 0)
			close(fd);
		*rounds += fd >= 0;
	}
	return NULL;
}

static void streams_come_and_go(void **state)
{
	(void)state;
	start((prl_http_options){ .stream_ms = 50 });
	pthread_t threads[4], publisher;
	unsigned rounds[4] = { 0 };
	assert_int_equal(pthread_create(&publisher, NULL, publish, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &rounds[i]), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	pthread_join(publisher, NULL);
	int last = begin("GET /events " HEAD "\r\n");
	prl_http_stop(http);
	assert_in_range(atomic_load(&freed), 700, 801);
	assert_int_equal(rounds[0] + rounds[1] + rounds[2] + rounds[3], 800);
	close(last);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static unsigned room_for(unsigned wanted)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return 0;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur >= 2 * (rlim_t)wanted + 200 ? wanted : (unsigned)(files.rlim_cur - 200) / 2;
}

static void many_connections_are_held(void **state)
{
	(void)state;
	unsigned count = room_for(10000);
	if (count < 10000)
		printf("# only %u connections: RLIMIT_NOFILE leaves no more\n", count);
	/* each thread has its share of the limit, and they need not fill evenly */
	start((prl_http_options){ .connections = 2 * count, .address_connections = 2 * count, .head_ms = 100000 });
	int *fds = calloc(count, sizeof *fds);
	for (unsigned i = 0; i < count; i++) {
		fds[i] = client_connect(prl_http_port(http));
		assert_true(fds[i] >= 0);
	}
	static const char head[] = "GET /ok " HEAD "\r\n";
	for (unsigned i = 0; i < count; i++)
		assert_true(client_send(fds[i], head, sizeof head - 1));
	for (unsigned i = 0; i < count; i++) {
		char text[200];
		assert_true(recv(fds[i], text, sizeof text, 0) > 100);
	}
	assert_int_equal(prl_http_read_figures(http).connections, count);
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	int64_t until = milliseconds() + 10000;
	while (prl_http_read_figures(http).connections && milliseconds() < until)
		usleep(1000);
	assert_int_equal(prl_http_read_figures(http).connections, 0);
	free(fds);
	prl_http_stop(http);
}

static void one_address_has_a_share(void **state)
{
	(void)state;
	start((prl_http_options){ .address_connections = 5 });
	int fds[8];
	reply got;
	for (size_t i = 0; i < 8; i++) {
		fds[i] = begin("");
		usleep(5000);
	}
	for (size_t i = 0; i < 8; i++) {
		static const char head[] = "GET /ok " HEAD "\r\n";
		(void)client_send(fds[i], head, sizeof head - 1);
		client_read(fds[i], &got, 200);
		assert_int_equal(got.first, i < 5 ? 200 : 0);
		assert_int_equal(got.closed, i >= 5);
	}
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
	prl_http_stop(http);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_clients_are_cut_off),  cmocka_unit_test(idle_connections_are_closed),
		cmocka_unit_test(slow_readers_are_cut_off),  cmocka_unit_test(answers_without_memory),
		cmocka_unit_test(stuck_readers_are_cut_off), cmocka_unit_test(streams_beat),
		cmocka_unit_test(no_wake_is_lost),           cmocka_unit_test(streams_come_and_go),
		cmocka_unit_test(many_connections_are_held), cmocka_unit_test(one_address_has_a_share),
	};
	return cmocka_run_group_tests_name("http_slow", tests, NULL, NULL);
}
