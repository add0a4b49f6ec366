/* The inside of peers.c, peer_ask.c, peer_push.c, peer_contents.c and peer_pull.c. */
#ifndef PRL_NODE_PEERS_INSIDE_H
#define PRL_NODE_PEERS_INSIDE_H

#include "node/link.h"
#include "node/peers.h"

#include <pthread.h>

/* A content on its way to a peer. */
typedef struct prl_sending {
	prl_hash hash;
	int64_t next_ms; /* not tried before */
	bool sent;       /* the peer has taken it; we wait for its content.got */
} prl_sending;

typedef struct prl_peer_thread {
	prl_peers *all;
	char origin[PRL_KEY_NAME_MAX + 1];
	char own_path[80], mirror_path[96]; /* of our log at the peer: "/log/<hex>", "/log/mirror/<hex>" */
	prl_ledger *mirror;                 /* of the peer's log, here */
	pthread_t thread;
	bool started;

	/* Under the lock of prl_peers. */
	prl_peer_view view;
	prl_link *link; /* replaced by its thread only */
	int64_t heard_ms;
	uint64_t calls; /* times that the peer has spoken to us itself */
	bool suspicious, answered;
	bool ahead; /* it has shown a checkpoint, signed with our key, that the log in this folder does not lead to */

	/* The thread's own. */
	uint64_t calls_seen, generation, contents_generation;
	bool asked, due;
	prl_status said; /* what was last told to the operator */
	unsigned backoff_ms;
	uint64_t acknowledged; /* entries of our log that it holds */
	prl_sending *sending;  /* PRL_PEER_PENDING_MAX */
	size_t sending_count;
	uint64_t scanned; /* entries of our log that were looked through for contents */
	int64_t scan_ms;  /* when the picture is looked through again */
	prl_reply reply;
} prl_peer_thread;

struct prl_peers {
	prl_peers_parts parts;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* monotonic clock */
	pthread_mutex_t restoring;
	bool stop, open;
	uint64_t generation, contents_generation;
	int64_t started_ms;
	pthread_t opener;
	bool opener_started;
	size_t count;
	prl_peer_thread *peers;
};

int64_t prl_peers_now_ms(void);
void prl_peers_say(prl_peers *peers, const char *format, ...) PRL_PRINTF(2, 3);
bool prl_peers_stopping(prl_peers *peers);

/* After a tail was taken back: contents that our log says are kept here, and are not (peer_lost.c). */
PRL_MUST prl_status prl_peer_fetch_lost(prl_peer_thread *peer, prl_error *err);

/* One request to the peer, logged in as our log; logs in again once where the session has ended. The reply is in
 * peer->reply, also when it is a refusal. */
PRL_MUST prl_status prl_peer_send(prl_peer_thread *peer, const char *method, const char *path, const char *type,
				  const prl_bytes *body, prl_error *err);
/* The same, and a refusal is an error. */
PRL_MUST prl_status prl_peer_ask(prl_peer_thread *peer, const char *path, prl_error *err);
/* The reply's body. */
prl_bytes prl_peer_reply(const prl_peer_thread *peer);
/* Something came from it. */
void prl_peer_heard(prl_peer_thread *peer);
void prl_peer_acknowledged(prl_peer_thread *peer, uint64_t size);
/* The key of the peer's log, by the picture. */
PRL_MUST prl_status prl_peer_key(prl_peer_thread *peer, prl_verifier *ret, prl_error *err);

/* peer_ask.c: how far our log is known to have come; takes a missing tail back. */
PRL_MUST prl_status prl_peer_ask_own(prl_peer_thread *peer, prl_error *err);

/* peer_push.c */
PRL_MUST prl_status prl_peer_push(prl_peer_thread *peer, prl_error *err);
/* peer_contents.c: what is due now. */
PRL_MUST prl_status prl_peer_send_contents(prl_peer_thread *peer, prl_error *err);
/* When the next content is due, INT64_MAX for never. */
int64_t prl_peer_contents_due(const prl_peer_thread *peer);

/* peer_pull.c */
PRL_MUST prl_status prl_peer_pull(prl_peer_thread *peer, prl_error *err);
/* A checkpoint that the peer has shown, against what we hold of its log: hands in a fork where it does not fit. What is
 * larger than what we hold is not looked at here. */
PRL_MUST prl_status prl_peer_look(prl_peer_thread *peer, prl_bytes checkpoint, prl_error *err);

/* Entries [start, to) of a log under prefix ("/log", "/log/mirror/<hex>") of the peer, in a tree of size. The entries
 * are views into the bundles; fetching ends early after PRL_PUSH_BYTES_MAX or max_bytes. */
typedef struct prl_fetched {
	prl_buffer *bundles;
	size_t bundle_count, bundle_room;
	prl_bytes *entries;
	size_t count, room;
	size_t bytes;
} prl_fetched;
PRL_MUST prl_status prl_peer_fetch(prl_peer_thread *peer, const char *prefix, uint64_t start, uint64_t to,
				   uint64_t size, size_t max_bytes, prl_fetched *ret, prl_error *err);
void prl_fetched_done(prl_fetched *fetched);

#endif
