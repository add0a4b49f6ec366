/* What others send in forms of their own, read: pushes between nodes, checkpoints for a witness, logins. Pure: bytes
 * in, views out; fuzzed (fuzz/wire_fuzz.c). */
#ifndef PRL_NODE_WIRE_H
#define PRL_NODE_WIRE_H

#include <parley/record.h>

#define PRL_PUSH_ENTRIES_MAX  2000u      /* entries of one push or pull between nodes */
#define PRL_PUSH_BYTES_MAX    (4u << 20) /* bytes of entries after which a push ends; one more fits */
#define PRL_WITNESS_PROOF_MAX 63u        /* hashes (tlog-witness, add-checkpoint) */
#define PRL_LOGIN_MAX         4096u      /* bytes of the note */

/* Decimal start, length of the checkpoint note, both with \n; the note; entries, each u16be length ‖ bytes. */
typedef struct prl_push {
	uint64_t start;
	prl_bytes checkpoint;
	size_t count;
	prl_bytes *entries; /* the caller's */
} prl_push;

/* entries: room for the views of so many; more are refused with PRL_E_TOO_LARGE. */
PRL_MUST prl_status prl_push_read(prl_bytes body, prl_bytes *entries, size_t room, prl_push *ret, prl_error *err);

/* tlog-witness v1.0.0, add-checkpoint: "old <size>\n" {hash "\n"} "\n" checkpoint. Checks no signature and no proof. */
typedef struct prl_witness_request {
	uint64_t old_size;
	prl_proof proof;
	prl_bytes note; /* the checkpoint, whole */
	prl_checkpoint checkpoint;
} prl_witness_request;

PRL_MUST prl_status prl_witness_read(prl_bytes body, prl_witness_request *ret, prl_error *err);

/* A note of kind login: the lines "parley/v1 login", line, log, party, desk (these two may be missing), key, mode,
 * time, an empty line, a body. */
typedef struct prl_login {
	prl_note note;
	prl_hash line;
	prl_bytes log, party, desk, key; /* .data NULL where not stated */
	prl_bytes body;                  /* JSON, not looked at */
} prl_login;

PRL_MUST prl_status prl_login_read(prl_bytes bytes, prl_login *ret, prl_error *err);

#endif
