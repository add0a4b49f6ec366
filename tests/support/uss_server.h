/**
 * @file uss_server.h
 * A drone traffic service as a node meets it: an HTTP server on the loopback that keeps what it was sent and answers as
 * it is told, or not at all.
 *
 *     uss_server *uss = uss_server_new();
 *     uss_server_answer(uss, "POST /uss/v1/constraints", 204, "");
 *     … uss_server_url(uss) …
 *     uss_asked *all; size_t count = uss_server_asked(uss, &all); … uss_asked_free(all, count);
 *     uss_server_free(uss);
 */
#ifndef TESTS_SUPPORT_USS_SERVER_H
#define TESTS_SUPPORT_USS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct uss_server uss_server;

/** Answers 404 to all. */
uss_server *uss_server_new(void);
void uss_server_free(uss_server *server);
const char *uss_server_url(const uss_server *server); /**< "http://127.0.0.1:PORT" */

/** From now on: to requests whose method and path begin with this ("": all; the one set last counts). */
void uss_server_answer(uss_server *server, const char *line, unsigned status, const char *body);
/** From now on, to all: these bytes as they are, then the connection is closed. */
void uss_server_bytes(uss_server *server, const char *bytes, size_t size);
/** From now on: reads and says nothing, until something else is set. */
void uss_server_hang(uss_server *server);
/** Nobody listens at the address, until uss_server_up(). */
void uss_server_down(uss_server *server);
void uss_server_up(uss_server *server);

/** One request. */
typedef struct uss_asked {
	char *line;          /**< "POST /uss/v1/constraints" */
	char *authorization; /**< "" where there is none */
	char *body;
} uss_asked;
/** All so far, in their order; *ret to be freed. */
size_t uss_server_asked(uss_server *server, uss_asked **ret);
void uss_asked_free(uss_asked *all, size_t count);
size_t uss_server_count(uss_server *server);

#endif
