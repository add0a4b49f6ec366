/* Who calls: sessions opened by a signed note, and the tokens of programs (design.md, 4).
 *
 * GET /parley/v1/login offers a nonce; POST /parley/v1/login takes a note of kind `login` that names this line, this
 * log and the nonce, signed by a key that is valid now, and gives a token of 256 random bits. The note has no serial
 * and no previous, so that it can never stand in a log; it names the log, so that no other node takes it. A session may
 * read; every act is signed on its own.
 *
 * Nonces need no memory until they are used: one is its own time, random bytes and a MAC under a key of this process.
 * Used ones are kept for the 60 s that they could be used again. Tokens are kept as their SHA-256 and only in memory.
 * At each use the key is looked up again: a session ends with its key, but for what prl_sessions_who() says. */
#ifndef PRL_NODE_SESSIONS_H
#define PRL_NODE_SESSIONS_H

#include "node/http.h"
#include "node/wire.h"
#include "picture/kinds.h"
#include "record/ledger.h"

#define PRL_SESSIONS_MAX       4096        /* open at a time; the longest unused gives way */
#define PRL_SESSIONS_A_KEY     16          /* of one key: the longest unused gives way */
#define PRL_SESSION_S          (12 * 3600) /* after the last use */
#define PRL_NONCE_S            60
#define PRL_NONCES_USED_MAX    4096 /* logins within 60 s; more are refused */
#define PRL_NONCES_A_KEY       256  /* of these by one key: a peer that logs in all the time keeps nobody else out */
#define PRL_SESSION_TOKEN_TEXT 65   /* hexadecimal and a 0 */

typedef struct prl_sessions prl_sessions;

typedef struct prl_sessions_parts {
	prl_picture *picture;
	prl_ledger *own;
	bool tls;                     /* the server speaks TLS: peers must show the certificate that is pinned */
	int64_t (*monotonic_s)(void); /* seconds; NULL: the clock that goes on while the machine sleeps */
} prl_sessions_parts;

PRL_MUST prl_status prl_sessions_new(const prl_sessions_parts *parts, prl_sessions **ret, prl_error *err);
void prl_sessions_free(prl_sessions *sessions);

/* {"nonce", "line", "log"} */
PRL_MUST prl_status prl_sessions_offer(prl_sessions *sessions, json_t **ret, prl_error *err);
/* {"token", "expires", "key", "party", "desk"}. PRL_E_SYNTAX for another form, PRL_E_REFUSED for a nonce that is not
 * ours, used or too old, one login too many, another line or log, a key that is unknown, not valid now or another
 * node's; PRL_E_SIGNATURE. */
PRL_MUST prl_status prl_sessions_login(prl_sessions *sessions, prl_bytes note, json_t **ret, prl_error *err);
/* For prl_http_options.who: false where a token is given and is nobody's (any more). Where it was a console's whose key
 * was revoked, replaced, or whose desk was closed since, *ret names that key, party and desk all the same, with kind
 * PRL_CALLER_NOBODY: such a caller may do nothing, and is no stranger where STOP is concerned. */
bool prl_sessions_who(prl_sessions *sessions, prl_bytes token, const prl_hash *certificate_key, prl_caller *ret);
/* Ends the session of this token, if there is one. */
void prl_sessions_end(prl_sessions *sessions, prl_bytes token);
size_t prl_sessions_count(prl_sessions *sessions);

#endif
