/* Calls to drone traffic services (USSs), at the addresses that they themselves have given. A hostile service chooses
 * its address freely, so a call goes only where the node has no business of its own:
 *   https, trusted by the certificates of the machine; http too where the node takes http addresses (tests)
 *   no redirect, no proxy, no credentials in the address
 *   never to loopback, link-local, unspecified or multicast addresses, nor to one of this machine, judged by the
 * address to which the connection really goes, whatever a name resolves to by then; where http addresses are taken this
 * is not looked at 10 s in all, 1 MiB of body, 64 KiB of head. A call makes its own connection. Any thread, any number
 * of them. */
#ifndef PRL_NODE_USS_CLIENT_H
#define PRL_NODE_USS_CLIENT_H

#include "base/memory.h"

#include <stdatomic.h>
#include <sys/socket.h>

#define PRL_USS_ANSWER_S 10
#define PRL_USS_BODY_MAX (1u << 20)
#define PRL_USS_HEAD_MAX (64u << 10)
#define PRL_USS_HOST_MAX 256  /* bytes of a host, the 0 included */
#define PRL_USS_URL_MAX  2400 /* bytes of an address with the path, the 0 included */

typedef struct prl_uss_client {
	bool http_urls;      /* http, and any address, are called too */
	unsigned answer_ms;  /* 0: PRL_USS_ANSWER_S */
	const char *ca_file; /* PEM: whose certificates are trusted; NULL: the machine's */
	atomic_bool stop;    /* what is under way ends soon with PRL_E_CALLBACK */
} prl_uss_client;

/* The host of an address in lower case, without the port: the audience of the token. PRL_E_SYNTAX, PRL_E_REFUSED for an
 * address that is not called. */
PRL_MUST prl_status prl_uss_host(const prl_uss_client *client, const char *base_url, char ret[PRL_USS_HOST_MAX],
				 prl_error *err);

typedef struct prl_uss_call {
	const char *base_url, *path; /* "https://uss.example/a", "/uss/v1/constraints" */
	const char *token;           /* for Authorization */
	const prl_bytes *body;       /* JSON, by POST; NULL: GET */
} prl_uss_call;

/* *ret_status is the answer's, whatever it is; its body is appended to `body`. PRL_E_IO: no answer; PRL_E_TOO_LARGE:
 * too much of one; PRL_E_REFUSED, PRL_E_SYNTAX: an address that is not called. An error is a few words without the
 * address or anything that the other side sent. */
PRL_MUST prl_status prl_uss_send(prl_uss_client *client, const prl_uss_call *call, unsigned *ret_status,
				 prl_buffer *body, prl_error *err);

/* Whether connections to an address are refused; exported for the tests. */
bool prl_uss_is_near(const struct sockaddr *address);

#endif
