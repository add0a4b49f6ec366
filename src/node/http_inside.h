/* The parts of the HTTP server, for its own files only. */
#ifndef PRL_NODE_HTTP_INSIDE_H
#define PRL_NODE_HTTP_INSIDE_H

#include "node/http.h"
#include "node/http_route.h"
#include "node/http_strict.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* A TCP connection: its deadline, which the clock thread enforces with shutdown(), and whose certificate came with it.
 */
typedef struct prl_connection {
	struct prl_connection *next, *previous;
	int fd;
	_Atomic int64_t deadline_ms; /* INT64_MAX: none */
	bool key_asked, has_key;
	prl_hash key;
} prl_connection;

/* A stream of events. suspended changes under http->streams_lock only: whoever sets it back to false resumes. */
typedef struct prl_stream {
	struct prl_stream *next, *previous;
	prl_http *http;
	struct MHD_Connection *mhd;
	prl_stream_fn *more;
	void *context;
	void (*free_context)(void *);
	bool suspended;
	_Atomic int64_t beat_ms; /* when a beat is due */
} prl_stream;

typedef enum prl_request_stage {
	PRL_STAGE_LINE, /* the request line was read */
	PRL_STAGE_BODY, /* the head was taken; body bytes come */
	PRL_STAGE_DROP, /* refused: what comes is dropped, then the answer sent */
	PRL_STAGE_DONE, /* the handler was called, or an answer stands ready */
} prl_request_stage;

struct prl_request {
	prl_http *http;
	struct MHD_Connection *mhd;
	prl_connection *connection;
	prl_request_stage stage;
	bool taken, sent;
	size_t dropped; /* bytes of a body that was refused */
	bool close;     /* after the answer */
	bool busy;      /* counted in http->busy */
	bool sending;   /* counted in http->sending */
	prl_arena arena;
	prl_buffer body;
	prl_framing framing;
	const prl_route_line *line;
	prl_caller caller;
	/* The answer. */
	struct MHD_Response *response;
	prl_stream *stream;
	unsigned status;
	struct {
		const char *name, *value;
	} fields[PRL_MAX_HTTP_ANSWER_FIELDS];
	size_t field_count;
	/* Not set to zero when a request begins. */
	prl_target target;
	prl_head head;
	size_t target_size;
	char target_text[]; /* decoded in place by prl_target_read() */
};

struct prl_http {
	struct MHD_Daemon *daemon;
	struct MHD_Response *no_memory; /* made beforehand, for answers that find none; never freed by a request */
	prl_http_options options;
	prl_route_line *lines;
	char *certificate, *key; /* PEM */
	int listen_fd;
	unsigned port;
	pthread_t clock;
	bool clock_runs;

	atomic_bool stopping; /* no handler is called any more */
	atomic_bool ending;   /* streams end */
	atomic_uint busy;     /* requests between the handler's call and its answer */
	atomic_uint sending;  /* answers under way */

	pthread_mutex_t connections_lock;
	prl_connection *connections;

	pthread_mutex_t streams_lock;
	prl_stream *streams;
	atomic_uint_fast64_t wakes; /* calls of prl_http_wake_streams() */

	pthread_mutex_t clock_lock; /* held for a moment only */
	pthread_cond_t clock_wake;
	bool wake, clock_ends;

	atomic_uint_fast64_t requests, refused, by_class[6];
	atomic_uint connection_count, stream_count;
};

int64_t prl_http_now_ms(void);

/* ---- http_clock.c: deadlines of connections, waking of streams --------------------------------------------------- */

void prl_http_connection_changed(void *http, struct MHD_Connection *mhd, void **context,
				 enum MHD_ConnectionNotificationCode code);
prl_connection *prl_http_connection_of(struct MHD_Connection *mhd);
/* delay 0: none. */
void prl_http_connection_deadline(prl_connection *connection, unsigned delay_ms);
void *prl_http_clock(void *http); /* thread */

/* ---- http_request.c: the callbacks of libmicrohttpd -------------------------------------------------------------- */

void *prl_http_request_line(void *context, const char *target, struct MHD_Connection *mhd);
enum MHD_Result prl_http_request_part(void *http, struct MHD_Connection *mhd, const char *url, const char *method,
				      const char *version, const char *data, size_t *size, void **context);
void prl_http_request_end(void *context, struct MHD_Connection *mhd, void **at, enum MHD_RequestTerminationCode code);

/* ---- http_head.c: whether the head is taken ---------------------------------------------------------------------- */

/* Puts the head together from what libmicrohttpd calls back with and checks all of it, down to who calls. True: the
 * body may come. False: an answer stands ready; request->close says whether the connection may live on. */
bool prl_http_head_take(prl_request *request, const char *url, const char *method, const char *version);

/* ---- http_answer.c ----------------------------------------------------------------------------------------------- */

enum MHD_Result prl_http_answer_send(prl_request *request); /* on the connection's thread */
/* Makes a 413 ready. */
void prl_http_body_too_large(prl_request *request);
/* In the middle of a body, where libmicrohttpd takes no answer: written to the socket past it. The caller closes. */
void prl_http_answer_now(prl_request *request, unsigned status);
void prl_http_answer_ready(prl_request *request, unsigned status, struct MHD_Response *response);
bool prl_http_answer_open(const prl_request *request); /* none was given yet */

/* ---- http_tls.c -------------------------------------------------------------------------------------------------- */

#define PRL_HTTP_TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* Before the handshake: asks for a certificate, whoever signed it. */
void prl_http_tls_ask(struct MHD_Connection *mhd);
/* Sends at once what fits; false where the connection has no TLS. */
bool prl_http_tls_send(struct MHD_Connection *mhd, const void *bytes, size_t size);
/* SHA-256 of the SubjectPublicKeyInfo of the peer's certificate; NULL where there is none. */
const prl_hash *prl_http_tls_key(struct MHD_Connection *mhd, prl_connection *connection);

#endif
