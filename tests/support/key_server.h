/**
 * @file key_server.h
 * A server of key sets on the loopback, well-behaved or not: whoever asks gets the bytes that were set last.
 *
 *     key_server *server = key_server_new();
 *     key_server_answer(server, 200, "{\"keys\":[]}");
 *     … key_server_url(server) …
 *     key_server_free(server);
 */
#ifndef TESTS_SUPPORT_KEY_SERVER_H
#define TESTS_SUPPORT_KEY_SERVER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct key_server key_server;

key_server *key_server_new(void);
void key_server_free(key_server *server);
const char *key_server_url(const key_server *server); /**< "http://127.0.0.1:PORT/keys" */

/** From now on: this status and body, as JSON. */
void key_server_answer(key_server *server, unsigned status, const char *body);
/** From now on: these bytes as they are, then the connection is closed. */
void key_server_bytes(key_server *server, const char *bytes, size_t size);
/** From now on: nothing, the connection stays open until something else is set or the server ends. */
void key_server_hang(key_server *server);
/** How often it was asked. */
unsigned key_server_asked(key_server *server);

#endif
