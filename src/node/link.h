/* A connection to another node as its client: libcurl, one easy handle that keeps its TCP connection, one thread at a
 * time. Peers and the command line use it.
 *
 * An https address is trusted by its pin alone, the SHA-256 of the certificate's SubjectPublicKeyInfo that the
 * constitution states (RFC 7469 section 2.4 counts the same bytes); names and issuers are not looked at. Without a pin
 * https is refused, and http is refused beyond this machine (design.md, 4). Redirects and proxies are not followed. */
#ifndef PRL_NODE_LINK_H
#define PRL_NODE_LINK_H

#include "base/memory.h"

#include <parley/record.h>

#include <jansson.h>

#define PRL_LINK_ADDRESS_MAX 320         /* bytes of an address, the 0 included */
#define PRL_LINK_REPLY_MAX   (64u << 20) /* bytes of an answer's body; a full bundle of entries has at most 16 MiB */

typedef struct prl_link prl_link;

typedef struct prl_link_options {
	const char *address;           /* "https://ru.example:8440", no path */
	const prl_hash *pin;           /* NULL: none known */
	const char *certificate, *key; /* files, PEM: our own for mutual TLS; NULL: none */
	unsigned connect_s, total_s;   /* seconds; 0: 5 and 30 */
} prl_link_options;

/* PRL_E_SYNTAX for what is no http or https address, PRL_E_REFUSED for one that would be trusted without a pin. */
PRL_MUST prl_status prl_link_new(const prl_link_options *options, prl_link **ret, prl_error *err);
void prl_link_free(prl_link *link);
const char *prl_link_address(const prl_link *link);
/* Any thread: what is under way and all that follows fails soon with PRL_E_CALLBACK. */
void prl_link_stop(prl_link *link);

typedef struct prl_reply {
	unsigned status;
	char type[64]; /* of the body; "" where none is named */
	prl_buffer body;
} prl_reply;

/* Loopback by its literal addresses and by the one name that RFC 6761 section 6.3 keeps there. host may be followed by
 * ":" and a port. */
bool prl_link_is_loopback(prl_bytes host);

#define PRL_REPLY(max_bytes) ((prl_reply){ .body = PRL_BUFFER(max_bytes) })
void prl_reply_done(prl_reply *reply);

/* Sends one request and waits for the answer. type and body NULL: without a body. PRL_OK whatever the answer's status
 * is; PRL_E_IO where none came, PRL_E_TOO_LARGE where it is longer than reply->body.max. */
PRL_MUST prl_status prl_link_send(prl_link *link, const char *method, const char *path, const char *type,
				  const prl_bytes *body, prl_reply *reply, prl_error *err);
/* The same, and any status outside 200 to 299 becomes an error with the text that the other side gave. */
PRL_MUST prl_status prl_link_ask(prl_link *link, const char *method, const char *path, const char *type,
				 const prl_bytes *body, prl_reply *reply, prl_error *err);
/* What a refusal means here: the text of its JSON, and the status that fits best. */
prl_status prl_reply_error(const prl_reply *reply, const char *address, prl_error *err);

/* Logs in with a note of kind `login` (design.md, 4); what follows is sent with the token. party and desk may be NULL
 * (a node logs in as its log). */
PRL_MUST prl_status prl_link_login(prl_link *link, const prl_signer *signer, const char *party, const char *desk,
				   prl_error *err);
/* A token from elsewhere: a program's. NULL: none. */
PRL_MUST prl_status prl_link_token(prl_link *link, const char *token, prl_error *err);
bool prl_link_logged_in(const prl_link *link);
const char *prl_link_token_text(const prl_link *link); /* "" where there is none */

#endif
