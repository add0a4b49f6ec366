/* A client that sends bytes as they are and reads what comes. */
#ifndef PRL_TESTS_NODE_HTTP_CLIENT_H
#define PRL_TESTS_NODE_HTTP_CLIENT_H

#include "node/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct reply {
	char text[65536];
	size_t size;
	bool closed;    /* by the server */
	unsigned first; /* status of the first answer; 0 where none came */
} reply;

static inline int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int client_connect(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* False when the server closed before it had taken all. */
static inline bool client_send(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		at += sent;
		size -= (size_t)sent;
	}
	return true;
}

/* Reads until the server closes, until `answers` status lines and an empty socket for quiet_ms, or wait_ms are over. */
static inline void client_read(int fd, reply *ret, int wait_ms)
{
	*ret = (reply){ 0 };
	int64_t until = milliseconds() + wait_ms;
	while (ret->size + 1 < sizeof ret->text && !ret->closed) {
		int64_t left = until - milliseconds();
		struct pollfd one = { .fd = fd, .events = POLLIN };
		if (left <= 0 || poll(&one, 1, (int)left) <= 0)
			break;
		ssize_t got = recv(fd, ret->text + ret->size, sizeof ret->text - 1 - ret->size, 0);
		ret->closed = got <= 0;
		ret->size += got > 0 ? (size_t)got : 0;
	}
	ret->text[ret->size] = 0;
	if (sscanf(ret->text, "HTTP/1.1 %u", &ret->first) != 1)
		ret->first = 0;
}

/* One connection: send, read for wait_ms at most. */
static inline void exchange(unsigned port, const void *bytes, size_t size, int wait_ms, reply *ret)
{
	int fd = client_connect(port);
	if (fd < 0) {
		*ret = (reply){ 0 };
		return;
	}
	(void)client_send(fd, bytes, size);
	client_read(fd, ret, wait_ms);
	close(fd);
}

static inline unsigned count_of(const char *text, const char *part)
{
	unsigned count = 0;
	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		count++;
	return count;
}

#endif
