#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 65536

typedef struct connection {
	int fd;
	size_t next; /* request to send, or being answered */
	bool busy;
	size_t sent; /* bytes of it */
	size_t got;  /* bytes of the answer */
	char answer[ANSWER_MAX];
} connection;

double load_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int connect_to(const load_options *options)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)options->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0 || inet_pton(AF_INET, options->host, &address.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Bytes of the whole answer, 0 while more is to come. */
static size_t answer_size(const connection *c)
{
	const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4);
	if (!end)
		return 0;
	size_t head = (size_t)(end - c->answer) + 4, body = 0;
	for (const char *line = c->answer; line < end;) {
		if (!strncasecmp(line, "content-length:", 15))
			body = strtoul(line + 15, NULL, 10);
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		line = newline ? newline + 1 : end;
	}
	return c->got >= head + body ? head + body : 0;
}

static void send_more(connection *c, load_request *r)
{
	ssize_t sent = send(c->fd, r->bytes + c->sent, r->size - c->sent, MSG_NOSIGNAL);
	if (sent > 0)
		c->sent += (size_t)sent;
}

/* True when the request was answered. */
static bool receive(connection *c, load_request *r, double start_s)
{
	ssize_t got = recv(c->fd, c->answer + c->got, sizeof c->answer - c->got - 1, 0);
	if (got <= 0)
		return false;
	c->got += (size_t)got;
	c->answer[c->got] = 0;
	if (!answer_size(c))
		return false;
	r->latency_s = load_now() - start_s - r->due_s;
	r->status = c->got > 12 ? atoi(c->answer + 9) : 0;
	const char *body = strstr(c->answer, "\r\n\r\n");
	if (body && r->status / 100 != 2)
		snprintf(r->refusal, sizeof r->refusal, "%s", body + 4);
	c->busy = false;
	return true;
}

/* Sends what is due on idle connections; returns when the next one is due, after start_s. */
static double send_due(connection *all, const load_options *o, load_request *requests, size_t count, double now)
{
	double next = now + 0.1;
	for (unsigned i = 0; i < o->connections; i++) {
		connection *c = &all[i];
		if (c->busy || c->next >= count)
			continue;
		load_request *r = &requests[c->next];
		if (r->due_s <= now) {
			c->busy = true;
			c->sent = c->got = 0;
			send_more(c, r);
		} else if (r->due_s < next) {
			next = r->due_s;
		}
	}
	return next;
}

static void serve_events(int epoll, connection *all, const load_options *o, load_request *requests, size_t *left,
			 double start_s, double wait_s)
{
	struct epoll_event events[256];
	struct timespec wait = { 0, (long)(wait_s > 0 ? wait_s * 1e9 : 0) };
	int count = epoll_pwait2(epoll, events, 256, &wait, NULL);
	for (int i = 0; i < count; i++) {
		connection *c = &all[events[i].data.u32];
		if (!c->busy)
			continue;
		load_request *r = &requests[c->next];
		if (c->sent < r->size)
			send_more(c, r);
		if ((events[i].events & EPOLLIN) && receive(c, r, start_s)) {
			c->next += o->connections;
			(*left)--;
		}
	}
}

static bool connect_all(const load_options *o, connection *all, int epoll)
{
	for (unsigned i = 0; i < o->connections; i++) {
		all[i].fd = connect_to(o);
		all[i].next = i;
		struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = i };
		if (all[i].fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event) != 0)
			return false;
	}
	return true;
}

bool load_run(const load_options *options, load_request *requests, size_t count, double start_s)
{
	connection *all = calloc(options->connections, sizeof *all);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	bool connected = all && epoll >= 0 && connect_all(options, all, epoll);
	for (size_t i = 0; i < count; i++) {
		requests[i].latency_s = -1;
		requests[i].status = 0;
	}
	size_t left = connected ? count : 0;
	double last = count ? requests[count - 1].due_s + options->patience_s : 0;
	while (left > 0 && load_now() - start_s < last) {
		double now = load_now() - start_s;
		double next = send_due(all, options, requests, count, now);
		serve_events(epoll, all, options, requests, &left, start_s, next - now);
	}
	for (unsigned i = 0; all && i < options->connections; i++)
		if (all[i].fd > 0)
			close(all[i].fd);
	close(epoll);
	free(all);
	return connected;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double at(const double *sorted, size_t count, double share)
{
	size_t i = (size_t)((double)count * share);
	return 1e3 * sorted[i < count ? i : count - 1];
}

void load_print(const char *what, double *latencies, size_t count)
{
	if (count == 0) {
		printf("| %s | – | – | – | – | – |\n", what);
		return;
	}
	qsort(latencies, count, sizeof *latencies, by_value);
	printf("| %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", what, at(latencies, count, 0.5),
	       at(latencies, count, 0.9), at(latencies, count, 0.99), at(latencies, count, 0.999),
	       1e3 * latencies[count - 1]);
}

double load_fdatasync_p50(const char *folder)
{
	enum { TIMES = 200 };
	char path[4096], block[4096] = { 0 };
	double took[TIMES];
	snprintf(path, sizeof path, "%s/.fdatasync", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	for (int i = 0; i < TIMES; i++) {
		double began = load_now();
		if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0)
			break;
		took[i] = load_now() - began;
	}
	close(fd);
	unlink(path);
	qsort(took, TIMES, sizeof *took, by_value);
	return took[TIMES / 2];
}
