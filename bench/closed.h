/* A closed-loop load over HTTP/1.1 on loopback: a few connections that are kept, each with one request at a time, the
 * next sent when the answer before it is whole. It shows what a server bears; what its latency is at a given rate,
 * load.h shows. One thread, and as little work a request as will do: it shares the processor with the server. */
#ifndef PRL_BENCH_CLOSED_H
#define PRL_BENCH_CLOSED_H

#include <parley/base.h>

typedef struct closed_answer {
	unsigned status;
	prl_bytes body;
	double latency_s; /* from before the first byte was sent until the last one was there */
} closed_answer;

typedef struct closed_loop {
	const char *host; /* "127.0.0.1" */
	unsigned port, connections;
	/* The next request of a connection, head and body, which stays as it is until it is answered; size 0: no more.
	 */
	prl_bytes (*next)(void *context, unsigned connection);
	/* False ends the run at once. */
	bool (*answered)(void *context, unsigned connection, const closed_answer *answer);
	void *context;
} closed_loop;

/* Runs until no connection has a request any more. PRL_E_IO when no connection can be made, one is closed, or nothing
 * comes for 30 s; PRL_E_SYNTAX for an answer without status or Content-Length, or over 64 MiB; PRL_E_CALLBACK when
 * answered() ended it. */
PRL_MUST prl_status closed_run(const closed_loop *loop, prl_error *err);

#endif
