#include "support/key_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct key_server {
	int fd, wake[2];
	char url[80];
	pthread_t thread;
	pthread_mutex_t lock;
	char *bytes; /* NULL: hangs */
	size_t size;
	unsigned asked, version;
	bool ends;
};

/* True where there is something to read on fd; false when the server was woken. */
static bool wait_for(key_server *server, int fd)
{
	struct pollfd both[2] = { { .fd = server->wake[0], .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	while (poll(both, 2, -1) < 0)
		continue;
	if (!(both[0].revents & POLLIN))
		return true;
	char c;
	assert_int_equal(read(server->wake[0], &c, 1), 1);
	return false;
}

static bool ends(key_server *server)
{
	pthread_mutex_lock(&server->lock);
	bool end = server->ends;
	pthread_mutex_unlock(&server->lock);
	return end;
}

/* Reads the head of a request; false where the client closes before its end. */
static bool read_head(int fd)
{
	char head[8192];
	size_t size = 0;
	while (size < sizeof head - 1) {
		ssize_t got = recv(fd, head + size, sizeof head - 1 - size, 0);
		if (got <= 0)
			return false;
		size += (size_t)got;
		head[size] = 0;
		if (strstr(head, "\r\n\r\n"))
			return true;
	}
	return false;
}

/* The bytes that are set now, a copy; NULL: hangs. */
static char *bytes_now(key_server *server, size_t *ret_size)
{
	pthread_mutex_lock(&server->lock);
	char *bytes = server->bytes ? malloc(server->size + 1) : NULL;
	if (bytes)
		memcpy(bytes, server->bytes, server->size);
	*ret_size = server->size;
	pthread_mutex_unlock(&server->lock);
	return bytes;
}

static void answer(key_server *server, int fd)
{
	if (!read_head(fd))
		return;
	pthread_mutex_lock(&server->lock);
	server->asked++;
	unsigned version = server->version;
	pthread_mutex_unlock(&server->lock);
	size_t size, sent = 0;
	char *bytes = bytes_now(server, &size);
	while (!bytes) { /* until it is set otherwise, or the client gives up */
		if (wait_for(server, fd) || ends(server))
			return;
		pthread_mutex_lock(&server->lock);
		bool other = server->version != version;
		pthread_mutex_unlock(&server->lock);
		if (other)
			return;
	}
	while (sent < size) {
		ssize_t wrote = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
		if (wrote <= 0)
			break;
		sent += (size_t)wrote;
	}
	free(bytes);
}

static void *run(void *context)
{
	key_server *server = context;
	while (!ends(server)) {
		if (!wait_for(server, server->fd))
			continue;
		int fd = accept(server->fd, NULL, NULL);
		if (fd < 0)
			continue;
		answer(server, fd);
		(void)shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

key_server *key_server_new(void)
{
	key_server *server = calloc(1, sizeof *server);
	assert_non_null(server);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 64), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u/keys", ntohs(address.sin_port));
	assert_int_equal(pipe(server->wake), 0);
	pthread_mutex_init(&server->lock, NULL);
	key_server_answer(server, 404, "");
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
	return server;
}

static void wake(key_server *server)
{
	assert_int_equal(write(server->wake[1], "x", 1), 1);
}

void key_server_free(key_server *server)
{
	if (!server)
		return;
	pthread_mutex_lock(&server->lock);
	server->ends = true;
	pthread_mutex_unlock(&server->lock);
	wake(server);
	pthread_join(server->thread, NULL);
	close(server->fd);
	close(server->wake[0]);
	close(server->wake[1]);
	pthread_mutex_destroy(&server->lock);
	free(server->bytes);
	free(server);
}

const char *key_server_url(const key_server *server)
{
	return server->url;
}

/* Takes bytes over. */
static void set(key_server *server, char *bytes, size_t size)
{
	pthread_mutex_lock(&server->lock);
	free(server->bytes);
	server->bytes = bytes;
	server->size = size;
	server->version++;
	pthread_mutex_unlock(&server->lock);
	wake(server);
}

void key_server_bytes(key_server *server, const char *bytes, size_t size)
{
	char *copy = malloc(size + 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	set(server, copy, size);
}

void key_server_answer(key_server *server, unsigned status, const char *body)
{
	size_t size = strlen(body) + 300;
	char *text = malloc(size);
	assert_non_null(text);
	int written = snprintf(text, size,
			       "HTTP/1.1 %u Status\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
			       "Connection: close\r\n\r\n%s",
			       status, strlen(body), body);
	set(server, text, (size_t)written);
}

void key_server_hang(key_server *server)
{
	set(server, NULL, 0);
}

unsigned key_server_asked(key_server *server)
{
	pthread_mutex_lock(&server->lock);
	unsigned asked = server->asked;
	pthread_mutex_unlock(&server->lock);
	return asked;
}
