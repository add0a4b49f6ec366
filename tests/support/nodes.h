/**
 * @file nodes.h
 * Real nodes in one process: folders under a temporary one, real keys, a constitution signed by all roots, ports of
 * their own on the loopback. Whatever fails here ends the test.
 *
 *     nodes_set *n = nodes_new("us ru", false);
 *     nodes_start(n, 0); nodes_start(n, 1); nodes_wait_open(n);
 *     prl_client *c = nodes_desk(n, 0); // desk us-ops with console us-ops/1, logged in as the console
 *     nodes_file(c, "message.sent", "{…}", &filed);
 */
#ifndef TESTS_SUPPORT_NODES_H
#define TESTS_SUPPORT_NODES_H

#include "node/client.h"
#include "node/node.h"

#include <pthread.h>
#include <stdatomic.h>

#define NODES_MAX 4

typedef struct nodes_node {
	char party[32], origin[64], folder[300], address[64];
	unsigned port;
	prl_signer root, desk, console, log_key, witness_key, mirror_key;
	size_t queue_max;                          /**< prl_node_options, from the next start on */
	prl_dss_options dss;                       /**< from the next start on; zero: no F3548 interface */
	prl_time (*wall)(void *), (*boot)(void *); /**< clocks from the next start on; NULL: forward_s */
	prl_node *node;
	struct nodes_set *set;
	pthread_mutex_t lock; /**< of said */
	char said[8192];      /**< what it told the operator, lines */
} nodes_node;

typedef struct nodes_set {
	char folder[200];
	size_t count;
	nodes_node nodes[NODES_MAX];
	atomic_llong forward_s; /**< by which their clocks are ahead of the machine's */
} nodes_set;

/** Folders for the parties (words): log "P.example/line" each. */
nodes_set *nodes_new(const char *parties, bool tls);
/** Stops what runs, removes the folders. */
void nodes_free(nodes_set *n);

/** Both clocks of all nodes, the wall's and that since boot, and of all clients, go on by that much at once: nobody
 * waits for it. */
void nodes_forward(nodes_set *n, unsigned seconds);
/** Further members of the constitution, "\"timers\": {…}"; from here on for all that nodes_new() makes; NULL: none. */
void nodes_constitution(const char *extra);

void nodes_start(nodes_set *n, size_t index);
void nodes_start_alone(nodes_set *n, size_t index);
void nodes_stop(nodes_set *n, size_t index);
/** From the next start on it listens at another port than the constitution says. */
void nodes_move(nodes_set *n, size_t index);
/** Whether it has told its operator something with this text. */
bool nodes_said(nodes_set *n, size_t index, const char *text);
/** Until all that run are healthy. */
void nodes_wait_open(nodes_set *n);

/** A client that is not logged in. */
prl_client *nodes_client(nodes_set *n, size_t index);
/** Opens the desk P-ops with console P-ops/1 where that has not been done; logged in as the console. */
prl_client *nodes_desk(nodes_set *n, size_t index);
prl_client *nodes_login(nodes_set *n, size_t index, const prl_signer *signer);

/** Files an entry of mode TEST; fails the test where it is refused. */
void nodes_file(prl_client *client, const char *kind, const char *body, prl_filed *ret);
/** GET as JSON; fails the test where it is refused. */
json_t *nodes_get(prl_client *client, const char *format, ...) PRL_PRINTF(2, 3);
/** Status of a request, 0 where no answer came; the body goes to reply where it is not NULL. */
unsigned nodes_status(prl_client *client, const char *method, const char *path, const char *type, const char *body,
		      size_t size, prl_reply *reply);
/** Hex SHA-256 of a node's origin. */
const char *nodes_hex(nodes_set *n, size_t index);

/** Size of node `of`'s log as node `at` holds it. */
uint64_t nodes_size(prl_client *at, nodes_set *n, size_t of);

/** Waits until the expression holds, 20 s at most. */
#define NODES_WAIT(expression)                                                                                         \
	do {                                                                                                           \
		int nodes_tries = 0;                                                                                   \
		bool nodes_holds;                                                                                      \
		while (!(nodes_holds = (expression)) && nodes_tries++ < 2000)                                          \
			nodes_sleep_ms(10);                                                                            \
		if (!nodes_holds)                                                                                      \
			nodes_fail(__FILE__, __LINE__, #expression);                                                   \
	} while (0)
/** Waits until nodes 0 and 1, of which these are clients, hold each other's logs and nothing has moved for 300 ms. */
void nodes_wait_rest(nodes_set *n, prl_client *at_0, prl_client *at_1);
void nodes_sleep_ms(unsigned ms);
void nodes_fail(const char *file, int line, const char *text);

#endif
