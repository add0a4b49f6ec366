/* A blocking client of a node, for the command line: opens a session with a key, reads the picture, signs and files
 * entries. One thread. */
#ifndef PRL_NODE_CLIENT_H
#define PRL_NODE_CLIENT_H

#include "node/link.h"

#define PRL_CLIENT_REPLY_MAX (64u << 20)

typedef struct prl_client prl_client;

typedef struct prl_client_options {
	const char *folder; /* of a node on this machine: its node.json says where it listens, its tls.crt is the pin */
	const char *address; /* "https://us.example:8440"; NULL: the folder's */
	const prl_hash *pin; /* for an https address; NULL: the folder's certificate */
	/* The clock that entries are dated by (clock.h); NULL: the machine's. */
	prl_time (*wall)(void *clock_context);
	void *clock_context;
} prl_client_options;

/* Looks nothing up over the network. */
PRL_MUST prl_status prl_client_open(const prl_client_options *options, prl_client **ret, prl_error *err);
void prl_client_free(prl_client *client);
prl_link *prl_client_link(prl_client *client);

/* The signer is kept for prl_client_file(); it must live as long as the client. */
PRL_MUST prl_status prl_client_login(prl_client *client, const prl_signer *signer, prl_error *err);

/* GET path as JSON, a new reference. */
PRL_MUST prl_status prl_client_get(prl_client *client, const char *path, json_t **ret, prl_error *err);
/* The picture; read again where `again` is set, else as last read. Borrowed. */
PRL_MUST prl_status prl_client_picture(prl_client *client, bool again, json_t **ret, prl_error *err);

/* Where a key's chain stands. */
typedef struct prl_chain {
	char party[PRL_KEY_NAME_MAX + 1], desk[PRL_KEY_NAME_MAX + 1];
	uint64_t serial;   /* of the newest entry */
	prl_hash previous; /* SHA-256 of its bytes; 32 zero bytes before the first */
	bool valid;
} prl_chain;
PRL_MUST prl_status prl_client_chain(prl_client *client, const char *key, prl_chain *ret, prl_error *err);

typedef struct prl_filed {
	char log[PRL_KEY_NAME_MAX + 1];
	uint64_t index, size, serial;
	prl_hash hash;
} prl_filed;

typedef struct prl_client_entry {
	const char *kind;
	prl_mode mode;
	prl_bytes body;                    /* JSON */
	const prl_signer *signer, *second; /* NULL: the one logged in; no second line */
} prl_client_entry;

/* Signs and files: line, log, party, desk, serial, previous and seen from the picture, the time from the clock. Where
 * the chain has gone on meanwhile it is read and signed again, once. */
PRL_MUST prl_status prl_client_file(prl_client *client, const prl_client_entry *entry, prl_filed *ret, prl_error *err);
/* Signs as prl_client_file() does, and appends the entry to ret instead of filing it. */
PRL_MUST prl_status prl_client_sign(prl_client *client, const prl_client_entry *entry, prl_buffer *ret, prl_error *err);
/* An entry that was signed elsewhere, as it is. */
PRL_MUST prl_status prl_client_post(prl_client *client, prl_bytes entry, prl_filed *ret, prl_error *err);

/* Puts a salt of 32 random bytes in front of bytes and brings them; *ret is the salted hash that an entry states. */
PRL_MUST prl_status prl_client_content(prl_client *client, prl_bytes bytes, prl_hash *ret, prl_error *err);

#endif
