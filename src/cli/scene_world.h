/* What a scenario is played in: real nodes with real keys in folders of their own, in this process, with one clock for
 * all of them that the scenario sets. Whatever is asked or filed goes over HTTP on the loopback, with a key that has
 * logged in, as any client's would. */
#ifndef PRL_CLI_SCENE_WORLD_H
#define PRL_CLI_SCENE_WORLD_H

#include "cli/scene_file.h"
#include "node/client.h"
#include "node/founding.h"
#include "node/node.h"

#include <limits.h>

#define SCENE_NODES_MAX   8u
#define SCENE_PARTIES_MAX 16u
#define SCENE_KEYS_MAX    128u

typedef struct scene_node {
	char folder[PATH_MAX];
	prl_card card; /* of the party that owns it */
	const json_t *first_desk;
	unsigned port;
	prl_node *node;                  /* NULL: stopped */
	uint64_t shown[SCENE_NODES_MAX]; /* entries of each node's log that have been shown as seen here */
	json_t *alarms;                  /* as last shown; NULL: none yet */
} scene_node;

typedef struct scene_party {
	const char *name;
	const json_t *json; /* its line */
	size_t node;
} scene_party;

typedef struct scene_key {
	prl_signer signer;
	size_t node;        /* where it logs in */
	prl_client *client; /* NULL: not logged in */
} scene_key;

typedef struct scene_world {
	const char *folder; /* the caller's */
	prl_mode mode;
	const json_t *head;
	_Atomic prl_time now;
	prl_time begin;
	scene_node nodes[SCENE_NODES_MAX];
	size_t node_count;
	scene_party parties[SCENE_PARTIES_MAX];
	size_t party_count;
	scene_key keys[SCENE_KEYS_MAX];
	size_t key_count;
	/* What a node tells its operator; may be NULL. */
	void (*say)(void *context, const char *party, const char *line);
	void *context;
} scene_world;

/* Makes keys, constitution and folders under `folder`, starts the nodes, opens the desks. A failed world is to be
 * closed all the same. err->line is that of the party's line where that is what is wrong. */
PRL_MUST prl_status scene_world_open(scene_world *w, const scene_file *file, const char *folder, prl_error *err);
/* Stops what runs; the folders stay. */
void scene_world_close(scene_world *w);

PRL_MUST prl_status scene_world_start(scene_world *w, size_t node, prl_error *err);
void scene_world_stop(scene_world *w, size_t node);

/* The node of a party, a desk or a key; false where there is none of that name. */
bool scene_world_node(const scene_world *w, const char *name, size_t *ret);
/* The key of that name; of a desk its first console, of a party its first desk's. NULL where there is none. */
scene_key *scene_world_key(scene_world *w, const char *name);
/* A client that has logged in with that key, to its node. PRL_E_NOT_FOUND, and PRL_E_IO where the node is stopped. */
PRL_MUST prl_status scene_world_client(scene_world *w, const char *name, prl_client **ret, prl_error *err);

/* Waits until every node that runs holds what the others that run have, and nothing has moved for a moment. PRL_E_IO
 * after half a minute. */
PRL_MUST prl_status scene_world_settle(scene_world *w, prl_error *err);
/* Sets the clock to `to`, in steps of at most `step` (0: a tenth of the way, 10 s at least), each once the nodes have
 * settled. PRL_E_RANGE: that is past. */
PRL_MUST prl_status scene_world_advance(scene_world *w, prl_time to, prl_time step, prl_error *err);

void scene_sleep_ms(unsigned ms);

#endif
