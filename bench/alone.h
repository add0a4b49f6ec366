/* A node of a line with one party, in this process and without a network, and consoles that sign for it. What fails
 * ends the program with 3 and says why. */
#ifndef PRL_BENCH_ALONE_H
#define PRL_BENCH_ALONE_H

#include "node/folder.h"

enum { ALONE_CONSOLES = 64 }; /* keys that sign; one entry of each may be outstanding at a time */

#define ALONE_CLOCK INT64_C(1700000000) /* what all entries state, s */

/* A key and where its entries have come to. */
typedef struct alone_chain {
	prl_signer signer;
	char name[64], desk[64];
	uint64_t serial;
	prl_hash last; /* the hash of its newest entry: whoever files sets it */
} alone_chain;

typedef struct alone {
	char path[200];
	prl_folder *folder;
	prl_clerk *clerk;
	prl_hash line;
	alone_chain root, desk, consoles[ALONE_CONSOLES];
} alone;

void alone_must(prl_status status, const prl_error *err);

/* Makes the folder at path, if it is not there, with keys and the first entries of its log. */
void alone_found(alone *a, const char *path);
/* Opens it and starts its clerk. */
void alone_open(alone *a);
/* A desk, and the consoles' keys certified by it. */
void alone_open_consoles(alone *a);
void alone_close(alone *a);
/* Removes the folder. */
void alone_remove(const alone *a);

/* An entry of a chain in `text` (PRL_ENTRY_MAX bytes hold any); its size. */
size_t alone_sign(const alone *a, alone_chain *c, const char *kind, prl_bytes body, char *text);
/* Checks a signed filing against the picture now, as the server does before it submits; with its body. */
void alone_vouch(const alone *a, prl_filing *filing, prl_entry *entry, prl_vouched *vouched);

#endif
