/* What it costs to know who calls the F3548 interface: a token that is remembered, by 1, 4 and 16 threads with a token
 * each and with one for all, and one that is seen for the first time. Processor time of the calling threads.
 * Prints a Markdown table. */
#include "node/bearer.h"
#include "node/clock.h"
#include "node/dev_key.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 16
#define CALLS       2000000u
#define FIRST_CALLS 20000u

static prl_error err;
static prl_bearer *bearer;
static char *headers[THREADS_MAX];

static void must(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "bearer_bench: %s: %s\n", what, err.text);
	exit(3);
}

static double processor_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct caller {
	const char *header;
	unsigned calls;
	double took_s;
} caller;

static void *call(void *context)
{
	caller *c = context;
	prl_time now = prl_clock_wall(NULL);
	prl_bytes header = { c->header, strlen(c->header) };
	double began = processor_s();
	for (unsigned i = 0; i < c->calls; i++) {
		prl_dss_caller who;
		must(!prl_bearer_verify(bearer, header, now, &who, &err), "verify");
	}
	c->took_s = processor_s() - began;
	return NULL;
}

/* Microseconds of one call. */
static double measure(unsigned threads, bool one_token)
{
	pthread_t ids[THREADS_MAX];
	caller callers[THREADS_MAX];
	double sum = 0;
	for (unsigned i = 0; i < threads; i++) {
		callers[i] = (caller){ .header = headers[one_token ? 0 : i], .calls = CALLS / threads };
		must(pthread_create(&ids[i], NULL, call, &callers[i]) == 0, "thread");
	}
	for (unsigned i = 0; i < threads; i++) {
		(void)pthread_join(ids[i], NULL);
		sum += callers[i].took_s / callers[i].calls;
	}
	return sum / threads * 1e6;
}

static double measure_first(void)
{
	prl_jwk_set *keys = prl_jwks_get(prl_bearer_jwks(bearer));
	prl_dss_list issuers = { 0 }, audiences = { 0 };
	must(!prl_dss_list_add(&audiences, "localhost", &err), "audience");
	prl_jwt_rules rules = { &issuers, &audiences };
	prl_bytes token = { headers[0] + 7, strlen(headers[0]) - 7 };
	double began = processor_s();
	for (unsigned i = 0; i < FIRST_CALLS; i++) {
		prl_dss_caller who;
		prl_hash key;
		must(!prl_jwt_verify(token, keys, &rules, prl_clock_wall(NULL), &who, &key, &err), "verify");
	}
	double took_s = processor_s() - began;
	prl_jwk_set_unref(keys);
	return took_s / FIRST_CALLS * 1e6;
}

static void mint(const char *folder)
{
	prl_dev_key *key = NULL;
	must(!prl_dev_key_open(folder, &key, &err), "key");
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		char subject[20], *token = NULL;
		snprintf(subject, sizeof subject, "uss%u", i);
		prl_dev_claims claims = { .subject = subject,
					  .scope = "utm.strategic_coordination utm.constraint_processing",
					  .seconds = 3600 };
		must(!prl_dss_list_add(&claims.audiences, "localhost", &err), "audience");
		must(!prl_dev_key_mint(key, &claims, prl_clock_wall(NULL), &token, &err), "token");
		headers[i] = malloc(strlen(token) + 8);
		must(headers[i] != NULL, "memory");
		sprintf(headers[i], "Bearer %s", token);
		free(token);
	}
	prl_dev_key_free(key);
}

static void print(void)
{
	static const unsigned threads[] = { 1, 4, 16 };
	printf("## Who calls: a token of %zu bytes, RS256\n\n", strlen(headers[0]) - 7);
	printf("| processor time of one call | \xc2\xb5s |\n|---|---|\n");
	for (unsigned i = 0; i < 3; i++)
		printf("| remembered, %u thread%s, a token each | %.2f |\n", threads[i], i ? "s" : "",
		       measure(threads[i], false));
	printf("| remembered, 16 threads, one token | %.2f |\n", measure(16, true));
	printf("| seen for the first time | %.1f |\n", measure_first());
}

int main(void)
{
	char folder[] = "/tmp/parley-bearer-bench-XXXXXX", path[80];
	must(mkdtemp(folder) != NULL, "folder");
	prl_dss_options dss = { .dev = true };
	prl_bearer_options options = { .dss = &dss, .folder = folder };
	must(!prl_bearer_start(&options, &bearer, &err), "start");
	mint(folder);
	snprintf(path, sizeof path, "%s/" PRL_DEV_KEY_FILE, folder);
	must(unlink(path) == 0 && rmdir(folder) == 0, "folder");
	print();
	prl_bearer_stop(bearer);
	for (unsigned i = 0; i < THREADS_MAX; i++)
		free(headers[i]);
	return 0;
}
