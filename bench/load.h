/* An open-loop load over HTTP/1.1 on loopback: every request has the instant at which it is due, whatever became of the
 * ones before it; latency is counted from that instant, so that a server that stalls cannot hide it (no coordinated
 * omission). Request i goes over connection i mod connections and waits there for the answer before it: what is made
 * for one connection stays in order. */
#ifndef PRL_BENCH_LOAD_H
#define PRL_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct load_request {
	const char *bytes; /* head and body as sent */
	size_t size;
	double due_s;      /* after the start */
	double latency_s;  /* answered, after due_s; < 0: never */
	int status;        /* of HTTP; 0: no answer */
	char refusal[160]; /* beginning of the body of an answer outside 200 to 299 */
} load_request;

typedef struct load_options {
	const char *host; /* "127.0.0.1" */
	unsigned port, connections;
	double patience_s; /* after the last request was due */
} load_options;

double load_now(void); /* monotonic seconds */

/* Sends all of them; start_s is when request 0 counts from (load_now()). False when no connection could be made. */
bool load_run(const load_options *options, load_request *requests, size_t count, double start_s);

/* Prints "p50 … p90 … p99 … p99.9 … max …" in ms of `count` latencies in seconds; sorts them. */
void load_print(const char *what, double *latencies, size_t count);

/* Median of 200 fdatasync() of 4 KB appended to a file in folder, seconds. */
double load_fdatasync_p50(const char *folder);

#endif
