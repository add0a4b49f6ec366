/* The other nodes of the line: one thread each.
 *
 * At the start each is asked for the largest checkpoint of OUR log. Where it is larger than what we have, the missing
 * tail is taken back from that mirror before anything is appended; when one peer has answered, or there is none, or the
 * node was told to go on alone, the clerk is opened. From then on new entries of our log are pushed as soon as they are
 * durable, what the peer has appended is pulled when it has not pushed it itself, contents addressed to parties hosted
 * there are sent after the entry that announces them until its content.got is seen, and each exchange carries both
 * sides' newest checkpoints. A peer that cannot be reached is tried again after 0.25 s, growing to 30 s with jitter,
 * and holds nothing else up. */
#ifndef PRL_NODE_PEERS_H
#define PRL_NODE_PEERS_H

#include "node/clerk.h"
#include "node/readers.h"
#include "picture/kinds.h"

#define PRL_PEER_IDLE_MS        2000 /* without traffic, then the peer is asked for its checkpoint */
#define PRL_PEER_BACKOFF_MS     250
#define PRL_PEER_BACKOFF_MAX_MS 30000
#define PRL_PEER_PENDING_MAX    1024u        /* contents under way to one peer; the rest waits in the picture */
#define PRL_RESTORE_BYTES_MAX   (256u << 20) /* of a tail that is taken back */
#define PRL_RESTORE_ENTRIES_MAX 1000000u

typedef struct prl_peers prl_peers;

typedef struct prl_peers_parts {
	prl_store *store;
	prl_picture *picture;
	prl_ledger *own;
	prl_ledger *const *mirrors;
	size_t mirror_count;
	prl_clerk *clerk;
	prl_readers *readers;
	const prl_signer *log_key;
	const char *certificate, *key; /* files, PEM, for mutual TLS; NULL: none */
	bool alone;                    /* open the clerk even when no peer answers */
	const char *restored;          /* file that marks a folder put back from a backup: without a peer's answer it is not
					* opened even where none can be asked, and the mark goes when it is; NULL: none */
	prl_time (*now)(void *context);
	void (*say)(void *context, const char *line); /* what an operator should know; any thread; may be NULL */
	void *context;
} prl_peers_parts;

/* Starts the threads; the clerk may be opened before this returns. */
PRL_MUST prl_status prl_peers_start(const prl_peers_parts *parts, prl_peers **ret, prl_error *err);
/* Ends what is under way. NULL is fine. The clerk must still run. */
void prl_peers_stop(prl_peers *peers);

/* Whether the clerk has been opened. */
bool prl_peers_are_open(prl_peers *peers);
/* Our log has grown: any thread, cheap. */
void prl_peers_wake(prl_peers *peers);
/* A content has come, which a peer may be waiting for. */
void prl_peers_brought(prl_peers *peers);
/* A peer has spoken to us itself: what it says need not be asked for. Where it showed a checkpoint that does not fit
 * what we hold of its log, look into it. */
void prl_peers_heard(prl_peers *peers, const char *log, bool suspicious);

/* How it stands with one peer. */
typedef struct prl_peer_view {
	char address[PRL_ADDRESS_MAX + 20]; /* "" where none is known */
	bool connected;                     /* the last exchange worked */
	prl_time heard;                     /* when something came from it, by our clock; 0: never since the start */
	int64_t heard_ago_ms;               /* the same as an age, by the machine's clock, which nobody sets */
	uint64_t acknowledged;              /* entries of our log that it holds, as far as we know */
	char trouble[200];                  /* why it cannot be reached; "" */
} prl_peer_view;
/* False where the log is no peer's. */
bool prl_peers_view(prl_peers *peers, const char *log, prl_peer_view *ret);

#endif
