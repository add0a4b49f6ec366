/* HTTP/1.1 over libmicrohttpd, with what its parser (0.9.75) lets through refused above it: 400 and close for two
 * Content-Length, Content-Length with Transfer-Encoding, no or two Host, an unknown transfer coding (design.md, 7).
 *
 * One route is one row: method, path pattern, who may call it, the greatest body, the handler. Unknown paths get 404,
 * known paths with another method 405 with Allow. Every answer that refuses is JSON: {"error": name, "text": what is
 * wrong and what was expected, "where": place}; STATUS of a prl_status by prl_http_status(). A body goes into memory
 * only up to the route's maximum (413 above it, at once where Content-Length says so). Slow clients are cut off by
 * time; connections are bounded in all and for each address.
 *
 * A handler runs on one of libmicrohttpd's threads once the whole body is there. It answers at once, or takes the
 * request (prl_request_take()) and somebody answers later from any thread. */
#ifndef PRL_NODE_HTTP_H
#define PRL_NODE_HTTP_H

#include "base/memory.h"

#include <parley/base.h>

#include <jansson.h>

typedef struct prl_http prl_http;
typedef struct prl_request prl_request;

/* Who calls, as node/auth found it; what is not known is "". */
typedef enum prl_caller_kind { PRL_CALLER_NOBODY, PRL_CALLER_KEY, PRL_CALLER_PROGRAM, PRL_CALLER_PEER } prl_caller_kind;
typedef struct prl_caller {
	prl_caller_kind kind;
	char name[160], party[160], desk[160];
} prl_caller;

/* Bits of who may call a route. STALE: a token that is not taken (any more) counts as none, instead of 401. PATIENT: a
 * body that is too large is read to its end, within PRL_MAX_HTTP_PATIENCE, before the 413, which is text/plain: for
 * clients that write all of it before they read. */
enum {
	PRL_MAY_ANYBODY = 1,
	PRL_MAY_KEY = 2,
	PRL_MAY_PROGRAM = 4,
	PRL_MAY_PEER = 8,
	PRL_MAY_STALE = 16,
	PRL_MAY_PATIENT = 32
};

typedef struct prl_route {
	const char *method;  /* "GET" (HEAD too), "POST", "PUT", "DELETE"; "*": any */
	const char *pattern; /* "/parley/v1/entries/{index}"; a last "{rest*}" takes what follows, slashes too; "{id?}"
				may be empty */
	unsigned may;
	size_t body_max;       /* bytes; 0: a body is refused */
	const char *body_type; /* "application/json" … the Content-Type that is expected; NULL: any */
	void (*handle)(void *node, prl_request *request);
} prl_route;

typedef struct prl_http_options {
	const char *listen;                    /* "127.0.0.1:8440"; port 0: any, see prl_http_port() */
	const char *tls_certificate, *tls_key; /* PEM texts; NULL: no TLS */
	unsigned threads;                      /* 0: one a core, at most 4 */
	const prl_route *routes;               /* the first row that fits wins; the rows outlive the server */
	size_t route_count;
	void *node; /* handed to handlers */
	/* Finds out who calls from the Authorization header's Bearer token ("" where none) and the client certificate's
	 * key (NULL where none); false refuses with 401, or where the route may be STALE counts as nobody: *ret is zero,
	 * or names whose token it was. */
	bool (*who)(void *node, prl_bytes token, const prl_hash *certificate_key, prl_caller *ret);
	/* Limits; 0 takes what stands behind. */
	unsigned connections;         /* in all: 10,000, and what RLIMIT_NOFILE leaves */
	unsigned address_connections; /* from one address: 1,000 */
	unsigned head_ms;             /* from connecting, or from the request line, to the end of the head: 10 s */
	unsigned body_ms;             /* from the end of the head to the end of the body: 60 s */
	unsigned idle_ms;             /* between requests; of a peer that takes no bytes: 60 s */
	unsigned answer_ms;           /* to send a whole answer that is no stream: 300 s */
	unsigned stream_ms;           /* between two beats of a stream: 2 s */
} prl_http_options;

/* *ret stands before the first request is taken, so that handlers may read it; NULL where it fails. */
PRL_MUST prl_status prl_http_start(const prl_http_options *options, prl_http **ret, prl_error *err);
/* Refuses new requests (503), waits for those that were taken, however long, ends the streams, sends what was answered
 * (at most 3 s), closes. */
void prl_http_stop(prl_http *http);
unsigned prl_http_port(const prl_http *http);

/* ---- the request ------------------------------------------------------------------------------------------------- */

prl_arena *prl_request_arena(prl_request *request); /* lives as long as the request; handlers never free */
const prl_caller *prl_request_caller(const prl_request *request);
prl_bytes prl_request_body(const prl_request *request);
/* What stands in the path for {name}, percent-decoded; "" where none. */
prl_bytes prl_request_part(const prl_request *request, const char *name);
/* A query argument; .data NULL where it is not there. Unknown ones are refused by name: list what you take, NULL last.
 */
prl_bytes prl_request_query(const prl_request *request, const char *name);
bool prl_request_queries_only(prl_request *request, const char *const *names); /* false: has answered 400 */
prl_bytes prl_request_header(const prl_request *request, const char *name);

/* Of all JSON that is answered, refusals too: some clients of the F3548 interface decode nothing without the charset. */
#define PRL_HTTP_JSON "application/json; charset=utf-8"

/* ---- the answer: exactly one (a second is ignored) --------------------------------------------------------------- */

/* From now on somebody answers later, from any thread, even before the handler returns. Once the answer is given the
 * request may be gone. On the handler's thread only. */
void prl_request_take(prl_request *request);

void prl_answer_json(prl_request *request, unsigned status, json_t *body /* taken over */);
void prl_answer_bytes(prl_request *request, unsigned status, const char *type, const void *bytes, size_t size);
void prl_answer_error(prl_request *request, const prl_error *err); /* status by prl_http_status() */
void prl_answer_status(prl_request *request, unsigned status, const char *format, ...) PRL_PRINTF(3, 4);
/* Before the answer: one more header. */
void prl_answer_header(prl_request *request, const char *name, const char *value);
unsigned prl_http_status(prl_status status);

/* ---- streams: server-sent events --------------------------------------------------------------------------------- */

/* Called on libmicrohttpd's thread when the client can take more: append what there is to `to` (at most room bytes,
 * some 15,000), nothing when there is nothing yet; false ends the stream after what was appended. Where nothing was
 * appended for 2 s the server sends a comment line, so end what you append where an event ends. No lock of the server
 * is held. */
typedef bool prl_stream_fn(void *context, prl_buffer *to, size_t room);
/* Answers with text/event-stream. free_context is called once: when the client is gone, or the stream has ended. */
void prl_answer_stream(prl_request *request, prl_stream_fn *more, void *context, void (*free_context)(void *));
/* Asks all streams for more: something happened. Any thread; costs a lock held for a moment and at most one system
 * call, the streams are woken by a thread of the server. The server does it itself every 2 s. */
void prl_http_wake_streams(prl_http *http);

typedef struct prl_http_figures {
	uint64_t requests;             /* whose request line was read */
	uint64_t refused;              /* of the answers, those of 400 and above */
	uint64_t connections, streams; /* open now */
	uint64_t by_class[6];          /* answers by the first digit of their status */
} prl_http_figures;
prl_http_figures prl_http_read_figures(prl_http *http);

#endif
