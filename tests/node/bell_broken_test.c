/* STOP on real nodes while something else goes on or is broken: an import, a suspended channel, hooks that hang, TLS, a
 * restart, two people who take it at once. Waits poll for what is to be; no time is judged. */
#include "base/hash.h"
#include "base/text.h"
#include "support/bell.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct pair {
	nodes_set *n;
	prl_client *us, *ru; /* consoles */
} pair;

static void start(pair *p)
{
	nodes_start(p->n, 0);
	nodes_start(p->n, 1);
	nodes_wait_open(p->n);
	p->us = nodes_desk(p->n, 0);
	p->ru = nodes_desk(p->n, 1);
	nodes_wait_rest(p->n, p->us, p->ru);
}

static pair begin(bool tls)
{
	pair p = { .n = nodes_new("us ru", tls) };
	start(&p);
	return p;
}

static void end(pair *p)
{
	prl_client_free(p->us);
	prl_client_free(p->ru);
	nodes_free(p->n);
}

/* Signs and rings; the id of what rings. */
static void ring(prl_client *client, const char *kind, prl_mode mode, const char *body, char id[80])
{
	prl_error err;
	prl_reply reply = PRL_REPLY(65536);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_client_entry entry = { .kind = kind, .mode = mode, .body = prl_bytes_of(body) };
	if (prl_client_sign(client, &entry, &note, &err))
		fail_msg("%s", err.text);
	assert_int_equal(nodes_status(client, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, &reply),
			 202);
	json_t *json = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	(void)snprintf(id, 80, "%s", json_string_value(json_object_get(json, "id")));
	json_decref(json);
	prl_reply_done(&reply);
	prl_buffer_done(&note);
}

static bool holds_now(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	bool holds = item && json_is_null(json_object_get(item, "unverified"));
	json_decref(item);
	return holds;
}

/* ---- while much is filed ----------------------------------------------------------------------------------------- */

#define BEFORE 1000u /* filed when the call is raised */

typedef struct filer {
	prl_client *client;
	atomic_bool stop;
	atomic_uint filed;
} filer;

static void *file_run(void *context)
{
	filer *f = context;
	prl_filed filed;
	while (!atomic_load(&f->stop)) {
		nodes_file(f->client, "message.sent", "{\"text\": \"one of very many\", \"language\": \"en\"}", &filed);
		(void)atomic_fetch_add(&f->filed, 1);
	}
	return NULL;
}

/* Filings go on until the call has rung and is logged at both nodes; both records then hold all of them. */
static void while_much_is_filed(void **state)
{
	(void)state;
	pair p = begin(false);
	filer files[2] = { { .client = nodes_login(p.n, 0, &p.n->nodes[0].desk) },
			   { .client = nodes_login(p.n, 1, &p.n->nodes[1].desk) } };
	pthread_t threads[2];
	char id[80];
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, file_run, &files[i]), 0);
	for (unsigned i = 1; i <= BEFORE / 100; i++) /* each wait is for a hundred: a slow machine has time for all */
		NODES_WAIT(atomic_load(&files[0].filed) > 100 * i && atomic_load(&files[1].filed) > 100 * i);
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(holds_now(p.ru, id));
	unsigned then = atomic_load(&files[0].filed);
	NODES_WAIT(bell_is_logged(p.us, id) && bell_is_logged(p.ru, id));
	NODES_WAIT(atomic_load(&files[0].filed) > then); /* they did go on */
	for (size_t i = 0; i < 2; i++) {
		atomic_store(&files[i].stop, true);
		(void)pthread_join(threads[i], NULL);
		print_message("# %u filed\n", atomic_load(&files[i].filed));
		prl_client_free(files[i].client);
	}
	nodes_wait_rest(p.n, p.us, p.ru);
	assert_int_equal(nodes_size(p.us, p.n, 0), nodes_size(p.ru, p.n, 0));
	assert_int_equal(nodes_size(p.us, p.n, 1), nodes_size(p.ru, p.n, 1));
	end(&p);
}

/* ---- a channel that is declared shut ----------------------------------------------------------------------------- */

static void suspend(pair *p, size_t index, prl_client *client, const char *state)
{
	prl_error err;
	prl_filed filed;
	char body[100];
	(void)snprintf(body, sizeof body, "{\"state\": \"%s\", \"reason\": \"of 2017\"}", state);
	prl_client_entry entry = { .kind = "channel.closed",
				   .mode = PRL_MODE_TEST,
				   .body = prl_bytes_of(body),
				   .signer = &p->n->nodes[index].console,
				   .second = &p->n->nodes[index].desk };
	if (prl_client_file(client, &entry, &filed, &err))
		fail_msg("%s", err.text);
}

/* Suspended by one, ended by the other: each one's STOP rings at the other, holds, and is logged at both. */
static void channel_is_shut(void **state)
{
	(void)state;
	pair p = begin(false);
	char one[80], other[80];
	suspend(&p, 0, p.us, "suspended");
	suspend(&p, 1, p.ru, "ended");
	nodes_wait_rest(p.n, p.us, p.ru);
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", one);
	ring(p.ru, "call.raised", PRL_MODE_TEST, "{\"class\": \"DISTRESS\"}", other);
	NODES_WAIT(holds_now(p.ru, one) && holds_now(p.us, other));
	NODES_WAIT(bell_is_logged(p.ru, one) && bell_is_logged(p.us, other));
	end(&p);
}

/* ---- two who take it at once ------------------------------------------------------------------------------------- */

typedef struct taker {
	prl_client *client;
	prl_buffer note;
	pthread_barrier_t *together;
	unsigned status;
} taker;

static void *take_run(void *context)
{
	taker *t = context;
	(void)pthread_barrier_wait(t->together);
	t->status = nodes_status(t->client, "POST", "/parley/v1/calls", "text/plain", t->note.data, t->note.size, NULL);
	return NULL;
}

/* Who has taken it, and who else did, as a node shows it; false where there are not two yet. */
static bool takers(prl_client *at, const char *id, char first[80], char second[80])
{
	json_t *item = bell_rings(at, id);
	const json_t *row = json_array_get(json_object_get(item, "parties"), 0), *taken = json_object_get(row, "taken"),
		     *also = json_array_get(json_object_get(row, "also"), 0);
	bool both = json_is_object(taken) && json_is_object(also) &&
		    json_array_size(json_object_get(row, "also")) == 1 && json_object_get(taken, "log") &&
		    json_object_get(also, "log");
	if (both) {
		(void)snprintf(first, 80, "%s", json_string_value(json_object_get(taken, "id")));
		(void)snprintf(second, 80, "%s", json_string_value(json_object_get(also, "id")));
	}
	json_decref(item);
	return both;
}

/* By two keys of ru, at once: one has taken it, the other is named beside it, the same at both nodes and in both
 * records. */
static void two_at_once(void **state)
{
	(void)state;
	pair p = begin(false);
	char id[80], body[200], of_us[2][80], of_ru[2][80];
	pthread_barrier_t together;
	pthread_t threads[2];
	prl_error err;
	taker takes[2] = { { .client = nodes_login(p.n, 1, &p.n->nodes[1].console) },
			   { .client = nodes_login(p.n, 1, &p.n->nodes[1].desk) } };
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(holds_now(p.ru, id));
	assert_int_equal(pthread_barrier_init(&together, NULL, 2), 0);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(body, sizeof body, "{\"call\": \"%s\", \"role\": \"desk %zu\"}", id, i + 1);
		prl_client_entry entry = { .kind = "call.taken", .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
		takes[i].note = PRL_BUFFER(PRL_ENTRY_MAX);
		takes[i].together = &together;
		if (prl_client_sign(takes[i].client, &entry, &takes[i].note, &err))
			fail_msg("%s", err.text);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_run, &takes[i]), 0);
	for (size_t i = 0; i < 2; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(takes[i].status, 202);
		prl_buffer_done(&takes[i].note);
		prl_client_free(takes[i].client);
	}
	NODES_WAIT(takers(p.us, id, of_us[0], of_us[1]) && takers(p.ru, id, of_ru[0], of_ru[1]));
	assert_string_equal(of_us[0], of_ru[0]);
	assert_string_equal(of_us[1], of_ru[1]);
	assert_string_not_equal(of_us[0], of_us[1]);
	(void)pthread_barrier_destroy(&together);
	end(&p);
}

/* ---- TLS, a restart ---------------------------------------------------------------------------------------------- */

static void over_tls(void **state)
{
	(void)state;
	pair p = begin(true);
	char id[80], other[80], body[200];
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(holds_now(p.ru, id));
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"}", id);
	NODES_WAIT(bell_is_logged(p.ru, id));
	ring(p.ru, "call.taken", PRL_MODE_TEST, body, other);
	assert_string_equal(id, other);
	json_t *item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(p.us, id),
		    json_is_object(json_object_get(json_array_get(json_object_get(item, "parties"), 0), "taken"))));
	json_decref(item);
	end(&p);
}

/* What was open when the node went is shown from the record when it is back, and can be taken. */
static void node_goes_and_comes(void **state)
{
	(void)state;
	pair p = begin(false);
	char id[80], other[80], body[200];
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\", \"words\": \"open\"}", id);
	NODES_WAIT(bell_is_logged(p.us, id) && bell_is_logged(p.ru, id));
	prl_client_free(p.ru);
	p.ru = NULL;
	nodes_stop(p.n, 1);
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.ru = nodes_desk(p.n, 1);
	NODES_WAIT(holds_now(p.ru, id) && bell_is_logged(p.ru, id));
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"}", id);
	ring(p.ru, "call.taken", PRL_MODE_TEST, body, other);
	json_t *item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(p.us, id),
		    json_is_object(json_object_get(json_array_get(json_object_get(item, "parties"), 0), "taken"))));
	json_decref(item);
	end(&p);
}

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

/* Node ru's folder says so before it starts. Takes ring over. */
static void set_ring(pair *p, json_t *ring)
{
	char path[400];
	(void)snprintf(path, sizeof path, "%s/node.json", p->n->nodes[1].folder);
	json_t *settings = json_load_file(path, 0, NULL);
	settings = settings ? settings : json_object();
	json_object_set_new(settings, "ring", ring);
	assert_int_equal(json_dump_file(settings, path, 0), 0);
	json_decref(settings);
}

static int listen_at(unsigned *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof at;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0 &&
		    getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* One request, answered with this status; its body as JSON. */
static json_t *serve_one(int listener, unsigned status)
{
	static char text[65536];
	struct pollfd one = { .fd = listener, .events = POLLIN };
	size_t size = 0;
	assert_int_equal(poll(&one, 1, 20000), 1);
	int fd = accept(listener, NULL, NULL);
	json_t *json = NULL;
	while (!json) {
		ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
		assert_true(got > 0);
		size += (size_t)got;
		text[size] = 0;
		const char *body = strstr(text, "\r\n\r\n");
		json = body ? json_loads(body + 4, 0, NULL) : NULL;
	}
	assert_non_null(strstr(text, "Content-Type: application/json"));
	(void)dprintf(fd, "HTTP/1.1 %u X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
	(void)close(fd);
	return json;
}

/* The webhook gets the call as the screens have it; one that answers badly is said, and asked again by the next. */
static void webhook_is_told(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	unsigned port;
	char url[80], id[80];
	int listener = listen_at(&port);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/ring", port);
	set_ring(&p, json_pack("{s:s}", "webhook", url));
	start(&p);
	for (unsigned i = 0; i < 2; i++) {
		ring(p.us, "call.raised", PRL_MODE_REAL,
		     i ? "{\"class\": \"DISTRESS\"}" : "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
		json_t *told = serve_one(listener, i ? 200 : 500);
		assert_string_equal(json_string_value(json_object_get(told, "id")), id);
		assert_string_equal(json_string_value(json_object_get(told, "class")), i ? "DISTRESS" : "STOP");
		assert_string_equal(json_string_value(json_object_get(told, "words")),
				    i ? "not stated" : "fire on our people");
		json_decref(told);
	}
	NODES_WAIT(nodes_said(p.n, 1, "the webhook answered a ring with 500"));
	(void)close(listener);
	end(&p);
}

static bool has_pid(const char *path, pid_t ret[2])
{
	FILE *file = fopen(path, "r");
	bool has = file && fscanf(file, "%d %d", &ret[0], &ret[1]) == 2;
	if (file)
		(void)fclose(file);
	return has;
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}

/* A command that writes who it and its child are, and hangs. */
static void set_hanging(pair *p, char path[400])
{
	(void)snprintf(path, 400, "%s/pids", p->n->folder);
	set_ring(p, json_pack("{s:[s, s, s, s, s]}", "command", "/bin/sh", "-c",
			      "sleep 1000 & echo $$ $! > \"$1.new\"; mv \"$1.new\" \"$1\"; wait", "ring", path));
}

/* A command that hangs holds up no screen, and is ended with what it has begun. */
static void command_hangs(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	char path[400], id[80], other[80];
	pid_t pids[2];
	set_hanging(&p, path);
	start(&p);
	ring(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(has_pid(path, pids));
	assert_false(is_gone(pids[0]));
	ring(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"DISTRESS\"}", other); /* no hook in TEST */
	NODES_WAIT(holds_now(p.ru, other));
	NODES_WAIT(nodes_said(p.n, 1, "the ring command took over 10 s and was ended"));
	NODES_WAIT(is_gone(pids[0]) && is_gone(pids[1]));
	end(&p);
}

/* Nor does it hold up the end of the node. */
static void node_ends_while_it_hangs(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	char path[400], id[80];
	pid_t pids[2];
	set_hanging(&p, path);
	start(&p);
	ring(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(has_pid(path, pids));
	nodes_stop(p.n, 1);
	assert_true(nodes_said(p.n, 1, "the ring command was ended with the node"));
	NODES_WAIT(is_gone(pids[0]) && is_gone(pids[1]));
	end(&p);
}

/* Nothing of the node's is open in the command: it would keep the port, or the record, of a node that has gone. */
static void command_inherits_nothing(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	char path[400], id[80], text[4000] = "";
	(void)snprintf(path, sizeof path, "%s/open", p.n->folder);
	set_ring(&p, json_pack("{s:[s, s, s, s, s]}", "command", "/bin/sh", "-c",
			       "ls -l /proc/$$/fd > \"$1.new\"; mv \"$1.new\" \"$1\"", "ring", path));
	start(&p);
	ring(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(access(path, R_OK) == 0);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	(void)fclose(file);
	if (strstr(text, "socket:") || strstr(text, "record.db"))
		fail_msg("the command has open: %s", text);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_much_is_filed),
		cmocka_unit_test(channel_is_shut),
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(over_tls),
		cmocka_unit_test(node_goes_and_comes),
		cmocka_unit_test(webhook_is_told),
		cmocka_unit_test(command_hangs),
		cmocka_unit_test(node_ends_while_it_hangs),
		cmocka_unit_test(command_inherits_nothing),
	};
	return cmocka_run_group_tests_name("bell while something is broken", tests, NULL, NULL);
}
