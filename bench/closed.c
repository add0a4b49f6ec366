#include "closed.h"

#include "base/error.h"
#include "base/memory.h"
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PATIENCE_MS  30000
#define ANSWER_FIRST 65536u
#define ANSWER_MAX   (64u << 20)

typedef struct connection {
	int fd;
	prl_bytes request;
	double began_s;
	char *answer;
	size_t got, room;
	size_t whole; /* bytes of head and body, once the head is there; else 0 */
	size_t head;
	unsigned status;
} connection;

typedef struct running {
	const closed_loop *loop;
	connection *all;
	unsigned busy;
	int epoll;
} running;

static prl_status connect_one(const closed_loop *loop, connection *c, prl_error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)loop->port) };
	int on = 1;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->room = ANSWER_FIRST;
	c->answer = malloc(c->room);
	if (!c->answer)
		return prl_error_memory(err);
	if (c->fd < 0 || inet_pton(AF_INET, loop->host, &address.sin_addr) != 1 ||
	    connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0)
		return prl_error_set(err, PRL_E_IO, "%s:%u: %s", loop->host, loop->port, strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return PRL_OK;
}

static prl_status connect_all(running *r, prl_error *err)
{
	prl_status status = PRL_OK;
	for (unsigned i = 0; !status && i < r->loop->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
		status = connect_one(r->loop, &r->all[i], err);
		if (!status && epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->all[i].fd, &event) != 0)
			status = prl_error_set(err, PRL_E_IO, "epoll: %s", strerror(errno));
	}
	return status;
}

/* Blocks where the socket's buffer is full: a request is small, and the server must read it. */
static prl_status send_next(running *r, unsigned at, prl_error *err)
{
	connection *c = &r->all[at];
	c->request = r->loop->next(r->loop->context, at);
	if (c->request.size == 0)
		return PRL_OK;
	c->began_s = load_now();
	c->got = c->whole = 0;
	for (size_t sent = 0; sent < c->request.size;) {
		ssize_t part = send(c->fd, c->request.data + sent, c->request.size - sent, MSG_NOSIGNAL);
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return prl_error_set(err, PRL_E_IO, "sending: %s", strerror(errno));
		sent += (size_t)part;
	}
	r->busy++;
	return PRL_OK;
}

/* "HTTP/1.1 201 Created" and the fields; *ret_more: the head is not whole yet. */
static prl_status read_head(connection *c, bool *ret_more, prl_error *err)
{
	const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4);
	*ret_more = end == NULL;
	if (!end)
		return PRL_OK;
	c->head = (size_t)(end - c->answer) + 4;
	c->status = c->head > 12 ? (unsigned)strtoul(c->answer + 9, NULL, 10) : 0;
	for (const char *line = c->answer; line < end;) {
		if (strncasecmp(line, "content-length:", 15) == 0)
			c->whole = c->head + strtoul(line + 15, NULL, 10);
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		line = newline ? newline + 1 : end;
	}
	if (c->status < 100 || c->whole < c->head || c->whole > ANSWER_MAX)
		return prl_error_set(err, PRL_E_SYNTAX, "an answer without status or Content-Length: %.*s",
				     c->head < 300 ? (int)c->head : 300, c->answer);
	return PRL_OK;
}

static prl_status make_room(connection *c, prl_error *err)
{
	size_t wanted = c->whole > c->got ? c->whole : c->got + ANSWER_FIRST;
	if (c->room >= wanted)
		return PRL_OK;
	char *more = wanted > ANSWER_MAX ? NULL : realloc(c->answer, wanted);
	if (!more)
		return prl_error_memory(err);
	c->answer = more;
	c->room = wanted;
	return PRL_OK;
}

/* *ret_done: the answer is whole. */
static prl_status receive(connection *c, bool *ret_done, prl_error *err)
{
	*ret_done = false;
	if (c->got == c->room) {
		prl_status status = make_room(c, err);
		if (status)
			return status;
	}
	ssize_t part = recv(c->fd, c->answer + c->got, c->room - c->got, 0);
	if (part < 0 && (errno == EINTR || errno == EAGAIN))
		return PRL_OK;
	if (part <= 0)
		return prl_error_set(err, PRL_E_IO, "a connection ended: %s", part ? strerror(errno) : "closed");
	c->got += (size_t)part;
	bool more = false;
	prl_status status = c->whole ? PRL_OK : read_head(c, &more, err);
	if (!status && !more)
		status = make_room(c, err);
	*ret_done = !status && !more && c->got >= c->whole;
	return status;
}

static prl_status take(running *r, unsigned at, prl_error *err)
{
	connection *c = &r->all[at];
	bool done;
	prl_status status = receive(c, &done, err);
	if (status || !done)
		return status;
	closed_answer answer = { c->status, { c->answer + c->head, c->whole - c->head }, load_now() - c->began_s };
	r->busy--;
	if (!r->loop->answered(r->loop->context, at, &answer))
		return prl_error_set(err, PRL_E_CALLBACK, "ended");
	return send_next(r, at, err);
}

static prl_status run_all(running *r, prl_error *err)
{
	prl_status status = connect_all(r, err);
	for (unsigned i = 0; !status && i < r->loop->connections; i++)
		status = send_next(r, i, err);
	while (!status && r->busy > 0) {
		struct epoll_event events[64];
		int count = epoll_wait(r->epoll, events, 64, PATIENCE_MS);
		if (count == 0)
			return prl_error_set(err, PRL_E_IO, "no answer for %d s", PATIENCE_MS / 1000);
		for (int i = 0; !status && i < count; i++)
			status = take(r, events[i].data.u32, err);
	}
	return status;
}

prl_status closed_run(const closed_loop *loop, prl_error *err)
{
	running r = { .loop = loop, .all = calloc(loop->connections, sizeof *r.all) };
	r.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; r.all && i < loop->connections; i++)
		r.all[i].fd = -1;
	prl_status status = r.all && r.epoll >= 0 ? run_all(&r, err) : prl_error_memory(err);
	for (unsigned i = 0; r.all && i < loop->connections; i++) {
		if (r.all[i].fd >= 0)
			close(r.all[i].fd);
		free(r.all[i].answer);
	}
	if (r.epoll >= 0)
		close(r.epoll);
	free(r.all);
	return status;
}
