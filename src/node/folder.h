/* A node's folder (node.h), opened: keys, store, ledgers, and the picture that follows from them. */
#ifndef PRL_NODE_FOLDER_H
#define PRL_NODE_FOLDER_H

#include "base/limits.h"
#include "node/clerk.h"

typedef struct prl_folder_options {
	const char *path;
	bool replay;                                                     /* do not use the snapshot */
	bool read_only;                                                  /* to look at: nothing is taken or written */
	void (*say)(void *context, const char *line);                    /* what a person should know; may be NULL */
	void (*progress)(void *context, const char *what, double share); /* long work; may be NULL */
	void *context;
} prl_folder_options;

typedef struct prl_folder {
	char *path;
	json_t *settings; /* node.json; {} where there is none */
	prl_signer log_key, witness_key, mirror_key;
	prl_store *store;
	prl_picture *picture;
	prl_ledger *own;
	prl_ledger *peers[PRL_PEERS_MAX]; /* mirrors of the other logs of the constitution */
	size_t peer_count;
	uint64_t snapshot_size; /* entries of our own log that came from the snapshot */
} prl_folder;

/* The log's key names the log. Our own log must hold its constitution (prl_founding_open()). A snapshot that does not
 * fit the record is left aside and said, and everything is replayed. */
PRL_MUST prl_status prl_folder_open(const prl_folder_options *options, prl_folder **ret, prl_error *err);
/* After the clerk has stopped. Wipes the keys. NULL is fine. */
void prl_folder_close(prl_folder *folder);

/* What a clerk works with, all but the callbacks and their context. */
prl_clerk_parts prl_folder_parts(const prl_folder *folder);

/* Path of a file of the folder, "snapshot"; to be freed. NULL out of memory. */
char *prl_folder_file(const prl_folder *folder, const char *name);

#endif
