/* Entries a second through clerk, committer and store, durable, in one process: recorded by the node, and signed by
 * consoles, with so many outstanding at a time.
 *
 *     clerk_bench FOLDER [SECONDS]      FOLDER: on the disk to be measured; made, and removed in the end
 *
 * Prints a table in Markdown. Latency is from submitting to the answer; with one outstanding that is one commit. */
#include "alone.h"
#include "base/text.h"
#include "load.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static alone bench;
static double seconds; /* each run */

/* ---- clients ----------------------------------------------------------------------------------------------------- */

/* One outstanding filing after the other: the answer to one sends the next, on the thread that sent the first. */
typedef struct client {
	prl_filing filing;
	alone_chain *key; /* NULL: recorded by the node */
	char text[1024];
	prl_entry entry;
	prl_vouched vouched;
	double sent;
	struct worker *worker;
	struct client *next; /* answered, to go on */
} client;

typedef struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	client *ready;
	size_t outstanding;
	float *latencies;
	size_t count, room;
	double until;
} worker;

static void answered(prl_filing *filing)
{
	client *c = filing->context;
	pthread_mutex_lock(&c->worker->lock);
	c->next = c->worker->ready;
	c->worker->ready = c;
	pthread_cond_signal(&c->worker->changed);
	pthread_mutex_unlock(&c->worker->lock);
}

static const char words[] =
	"{\"text\": \"Convoy of 12 vehicles, Aleppo to Afrin, on the road M5 from 12:00 to 14:30\", "
	"\"language\": \"en\"}";

static void send(client *c)
{
	prl_error err;
	c->filing = (prl_filing){ .done = answered, .context = c };
	c->sent = load_now();
	if (!c->key) {
		c->filing.what = PRL_FILING_RECORDED;
		c->filing.kind = "node.alone";
		c->filing.recorded = "node";
		c->filing.mode = PRL_MODE_TEST;
		c->filing.body = prl_bytes_of("{\"unanswered\": []}");
	} else {
		size_t length = alone_sign(&bench, c->key, "message.sent", prl_bytes_of(words), c->text);
		alone_must(prl_entry_read((prl_bytes){ c->text, length }, &c->entry, &err), &err);
		c->key->last = c->entry.hash;
		c->sent = load_now(); /* signing is the client's own time; the check below is the node's */
		alone_vouch(&bench, &c->filing, &c->entry, &c->vouched);
	}
	prl_clerk_submit(bench.clerk, &c->filing);
}

static void take_answer(worker *w, client *c)
{
	alone_must(c->filing.status, &c->filing.err);
	json_decref(c->filing.json);
	if (w->count < w->room)
		w->latencies[w->count++] = (float)(load_now() - c->sent);
}

static void *work(void *arg)
{
	worker *w = arg;
	while (w->outstanding) {
		pthread_mutex_lock(&w->lock);
		while (!w->ready)
			pthread_cond_wait(&w->changed, &w->lock);
		client *list = w->ready;
		w->ready = NULL;
		pthread_mutex_unlock(&w->lock);
		while (list) {
			client *c = list;
			list = c->next;
			if (c->sent > 0)
				take_answer(w, c);
			if (load_now() < w->until)
				send(c);
			else
				w->outstanding--;
		}
	}
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static void print(const char *what, size_t outstanding, float *latencies, size_t count, double took,
		  const prl_clerk_figures *before)
{
	prl_clerk_figures after = prl_clerk_read_figures(bench.clerk);
	qsort(latencies, count, sizeof *latencies, by_value);
	double batches = (double)(after.batches - before->batches);
	printf("| %s | %zu | %.0f | %.2f | %.2f | %.0f | %.2f |\n", what, outstanding, (double)count / took,
	       (double)latencies[count / 2] * 1e3, (double)latencies[count - 1 - count / 100] * 1e3,
	       (double)(after.entries - before->entries) / batches,
	       (after.commit_seconds - before->commit_seconds) / batches * 1e3);
	fflush(stdout);
}

static void run(const char *what, bool by_key, size_t outstanding)
{
	enum { WORKERS = 2, ROOM = 4000000 };
	worker workers[WORKERS] = { 0 };
	client *clients = calloc(outstanding, sizeof *clients);
	float *latencies = malloc(2 * (size_t)ROOM * sizeof *latencies);
	size_t used = outstanding < WORKERS ? outstanding : WORKERS, count = 0;
	prl_clerk_figures before = prl_clerk_read_figures(bench.clerk);
	double began = load_now();
	if (!clients || !latencies)
		exit(3);
	for (size_t i = 0; i < used; i++) {
		workers[i] = (worker){ .lock = PTHREAD_MUTEX_INITIALIZER,
				       .changed = PTHREAD_COND_INITIALIZER,
				       .latencies = latencies + i * ROOM,
				       .room = ROOM,
				       .until = began + seconds };
	}
	for (size_t i = 0; i < outstanding; i++) {
		worker *w = &workers[i % used];
		clients[i].key = by_key ? &bench.consoles[i] : NULL;
		clients[i].worker = w;
		clients[i].next = w->ready;
		w->ready = &clients[i];
		w->outstanding++;
	}
	for (size_t i = 0; i < used; i++)
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	for (size_t i = 0; i < used; i++) {
		pthread_join(workers[i].thread, NULL);
		memmove(latencies + count, workers[i].latencies, workers[i].count * sizeof *latencies);
		count += workers[i].count;
	}
	print(what, outstanding, latencies, count, load_now() - began, &before);
	free(latencies);
	free(clients);
}

/* ---- main -------------------------------------------------------------------------------------------------------- */

int main(int count, char **words_given)
{
	if (count < 2)
		return 2;
	seconds = count > 2 ? atof(words_given[2]) : 3;
	alone_found(&bench, words_given[1]);
	alone_open(&bench);
	alone_open_consoles(&bench);
	printf("| filings | outstanding | entries/s | p50 ms | p99 ms | entries a batch | commit ms |\n"
	       "|---|---|---|---|---|---|---|\n");
	static const size_t outstanding[] = { 1, 16, 64, 1000 };
	for (size_t i = 0; i < 4; i++)
		run("recorded by the node", false, outstanding[i]);
	for (size_t i = 0; i < 3; i++)
		run("signed by consoles", true, outstanding[i]);
	alone_close(&bench);
	printf("\nThe disk's own fdatasync of 4 KiB: p50 %.2f ms.\n", 1e3 * load_fdatasync_p50(bench.path));
	alone_remove(&bench);
	return 0;
}
