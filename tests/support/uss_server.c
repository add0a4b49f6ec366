#include "support/uss_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define RULES    32
#define REQUESTS 4096
#define CLIENTS  256
#define REQUEST  (1u << 20)

typedef struct rule {
	char line[200];
	char *bytes;
	size_t size;
} rule;

typedef struct client {
	uss_server *server;
	int fd;
	pthread_t thread;
} client;

struct uss_server {
	int fd, wake[2];
	bool runs;
	char url[80];
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	rule rules[RULES];
	size_t rule_count;
	bool hangs, ends;
	uss_asked asked[REQUESTS];
	size_t asked_count;
	client clients[CLIENTS];
	size_t client_count;
};

/* ---- one connection ---------------------------------------------------------------------------------------------- */

static char *text_of(const char *from, size_t size)
{
	char *text = strndup(from, size);
	assert_non_null(text);
	return text;
}

/* The value of a header; "" where there is none. To be freed. */
static char *header(const char *head, const char *name)
{
	for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
		size_t length = strlen(name);
		if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
			const char *value = line + 3 + length + strspn(line + 3 + length, " ");
			return text_of(value, strcspn(value, "\r"));
		}
	}
	return text_of("", 0);
}

/* Head and body of a request, whole; NULL where the client goes before. To be freed. */
static char *read_request(int fd)
{
	char *bytes = malloc(REQUEST + 1);
	size_t size = 0;
	assert_non_null(bytes);
	while (size < REQUEST) {
		ssize_t got = recv(fd, bytes + size, REQUEST - size, 0);
		if (got <= 0)
			break;
		size += (size_t)got;
		bytes[size] = 0;
		const char *end = strstr(bytes, "\r\n\r\n");
		if (!end)
			continue;
		char *length = header(bytes, "Content-Length");
		size_t whole = (size_t)(end + 4 - bytes) + strtoul(length, NULL, 10);
		free(length);
		if (size >= whole)
			return bytes;
	}
	free(bytes);
	return NULL;
}

/* The lock is held. */
static void keep(uss_server *server, const char *bytes)
{
	const char *space = strchr(bytes, ' ');
	size_t line = (size_t)(space - bytes) + 1 + strcspn(space + 1, " ");
	assert_true(server->asked_count < REQUESTS);
	server->asked[server->asked_count++] = (uss_asked){ .line = text_of(bytes, line),
							    .authorization = header(bytes, "Authorization"),
							    .body = strdup(strstr(bytes, "\r\n\r\n") + 4) };
}

/* The lock is held: the answer, a copy. */
static char *answer_for(uss_server *server, const char *bytes, size_t *ret_size)
{
	for (size_t i = server->rule_count; i-- > 0;) {
		const rule *one = &server->rules[i];
		if (strncmp(bytes, one->line, strlen(one->line)) != 0)
			continue;
		char *copy = malloc(one->size + 1);
		assert_non_null(copy);
		memcpy(copy, one->bytes, one->size);
		*ret_size = one->size;
		return copy;
	}
	return NULL;
}

static void *serve(void *context)
{
	client *c = context;
	uss_server *server = c->server;
	char *bytes = read_request(c->fd), *answer = NULL;
	size_t size = 0, sent = 0;
	(void)pthread_mutex_lock(&server->lock);
	if (bytes) {
		keep(server, bytes);
		(void)pthread_cond_broadcast(&server->changed);
		while (server->hangs && !server->ends)
			(void)pthread_cond_wait(&server->changed, &server->lock);
		answer = answer_for(server, bytes, &size);
	}
	(void)pthread_mutex_unlock(&server->lock);
	while (answer && sent < size) {
		ssize_t wrote = send(c->fd, answer + sent, size - sent, MSG_NOSIGNAL);
		if (wrote <= 0)
			break;
		sent += (size_t)wrote;
	}
	(void)shutdown(c->fd, SHUT_WR);
	while (answer && recv(c->fd, bytes, REQUEST, 0) > 0) /* until the client has read it */
		continue;
	free(answer);
	free(bytes);
	(void)close(c->fd);
	return NULL;
}

/* ---- the server -------------------------------------------------------------------------------------------------- */

static void join_clients(uss_server *server)
{
	for (size_t i = 0; i < server->client_count; i++)
		(void)pthread_join(server->clients[i].thread, NULL);
	server->client_count = 0;
}

static void *run(void *context)
{
	uss_server *server = context;
	for (;;) {
		struct pollfd both[2] = { { .fd = server->wake[0], .events = POLLIN },
					  { .fd = server->fd, .events = POLLIN } };
		if (poll(both, 2, -1) < 0)
			continue;
		if (both[0].revents & POLLIN)
			break;
		int fd = accept(server->fd, NULL, NULL);
		if (fd < 0)
			continue;
		if (server->client_count == CLIENTS)
			join_clients(server);
		client *c = &server->clients[server->client_count++];
		*c = (client){ .server = server, .fd = fd };
		assert_int_equal(pthread_create(&c->thread, NULL, serve, c), 0);
	}
	return NULL;
}

static int bound(uint16_t port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
					.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1; /* what is left of earlier connections does not count */
	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The port is taken once and held, also while nobody listens: somebody else might get it else. Only one that was asked
 * for by its number stays when a socket listens no more. */
static void take_port(uss_server *server)
{
	struct sockaddr_in address;
	socklen_t size = sizeof address;
	do {
		int any = bound(0);
		assert_int_equal(getsockname(any, (struct sockaddr *)&address, &size), 0);
		(void)close(any);
		server->fd = bound(ntohs(address.sin_port));
	} while (server->fd < 0);
	(void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", ntohs(address.sin_port));
}

void uss_server_up(uss_server *server)
{
	assert_int_equal(listen(server->fd, 64), 0);
	server->ends = false;
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
	server->runs = true;
}

void uss_server_down(uss_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	server->ends = true;
	(void)pthread_cond_broadcast(&server->changed);
	(void)pthread_mutex_unlock(&server->lock);
	char c = 'x';
	assert_int_equal(write(server->wake[1], &c, 1), 1);
	(void)pthread_join(server->thread, NULL);
	server->runs = false;
	assert_int_equal(read(server->wake[0], &c, 1), 1);
	(void)shutdown(server->fd, SHUT_RDWR); /* listens no more, and stays bound */
	join_clients(server);
}

uss_server *uss_server_new(void)
{
	uss_server *server = calloc(1, sizeof *server);
	assert_non_null(server);
	assert_int_equal(pipe(server->wake), 0);
	(void)pthread_mutex_init(&server->lock, NULL);
	(void)pthread_cond_init(&server->changed, NULL);
	uss_server_answer(server, "", 404, "{\"message\":\"nothing here\"}");
	take_port(server);
	uss_server_up(server);
	return server;
}

void uss_server_free(uss_server *server)
{
	if (!server)
		return;
	if (server->runs)
		uss_server_down(server);
	(void)close(server->fd);
	for (size_t i = 0; i < server->rule_count; i++)
		free(server->rules[i].bytes);
	for (size_t i = 0; i < server->asked_count; i++) {
		free(server->asked[i].line);
		free(server->asked[i].authorization);
		free(server->asked[i].body);
	}
	(void)close(server->wake[0]);
	(void)close(server->wake[1]);
	(void)pthread_cond_destroy(&server->changed);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

const char *uss_server_url(const uss_server *server)
{
	return server->url;
}

/* ---- what it says ------------------------------------------------------------------------------------------------ */

/* Takes bytes over. */
static void set(uss_server *server, const char *line, char *bytes, size_t size)
{
	(void)pthread_mutex_lock(&server->lock);
	size_t at = 0;
	while (at < server->rule_count && strcmp(server->rules[at].line, line) != 0)
		at++;
	assert_true(at < RULES && strlen(line) < sizeof server->rules[at].line);
	if (at < server->rule_count) { /* the newest is looked at first */
		free(server->rules[at].bytes);
		server->rule_count--;
		memmove(&server->rules[at], &server->rules[at + 1], (server->rule_count - at) * sizeof(rule));
	}
	rule *one = &server->rules[server->rule_count++];
	*one = (rule){ .bytes = bytes, .size = size };
	(void)snprintf(one->line, sizeof one->line, "%s", line);
	server->hangs = false;
	(void)pthread_cond_broadcast(&server->changed);
	(void)pthread_mutex_unlock(&server->lock);
}

void uss_server_answer(uss_server *server, const char *line, unsigned status, const char *body)
{
	char *bytes = NULL;
	int size = asprintf(&bytes,
			    "HTTP/1.1 %u Status\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n\r\n%s",
			    status, strlen(body), body);
	assert_true(size > 0);
	if (status == 204) { /* has no body, and says no length of one */
		free(bytes);
		size = asprintf(&bytes, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	}
	set(server, line, bytes, (size_t)size);
}

void uss_server_bytes(uss_server *server, const char *bytes, size_t size)
{
	char *copy = malloc(size + 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	set(server, "", copy, size);
}

void uss_server_hang(uss_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	server->hangs = true;
	(void)pthread_mutex_unlock(&server->lock);
}

/* ---- what it was sent -------------------------------------------------------------------------------------------- */

size_t uss_server_asked(uss_server *server, uss_asked **ret)
{
	(void)pthread_mutex_lock(&server->lock);
	size_t count = server->asked_count;
	uss_asked *all = calloc(count + 1, sizeof *all);
	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		all[i] = (uss_asked){ strdup(server->asked[i].line), strdup(server->asked[i].authorization),
				      strdup(server->asked[i].body) };
	(void)pthread_mutex_unlock(&server->lock);
	*ret = all;
	return count;
}

void uss_asked_free(uss_asked *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(all[i].line);
		free(all[i].authorization);
		free(all[i].body);
	}
	free(all);
}

size_t uss_server_count(uss_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	size_t count = server->asked_count;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}
