/* Entries a second through clerk, committer and store, durable, in one process: recorded by the node, and signed by
 * consoles, with so many outstanding at a time.
 *
 *     clerk_bench FOLDER [SECONDS]      FOLDER: on the disk to be measured; made, and removed in the end
 *
 * Prints a table in Markdown. Latency is from submitting to the answer; with one outstanding that is one commit. */
#include "base/text.h"
#include "node/folder.h"
#include "node/founding.h"
#include "node/keys.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOG      "bench.example/line"
#define CONSOLES 64 /* keys that sign; one entry of each is outstanding at a time */

static void must(prl_status status, const prl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "clerk_bench: %s\n", err->text);
	exit(3);
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- a line with one party --------------------------------------------------------------------------------------- */

typedef struct chain {
	prl_signer signer;
	char name[64], desk[64];
	uint64_t serial;
	prl_hash last;
} chain;

static struct bench {
	char path[200];
	prl_folder *folder;
	prl_clerk *clerk;
	prl_hash line;
	chain root, desk, consoles[CONSOLES];
	double seconds;
} bench;

static void make_chain(chain *c, const char *name, const char *desk)
{
	prl_error err;
	snprintf(c->name, sizeof c->name, "%s", name);
	snprintf(c->desk, sizeof c->desk, "%s", desk);
	must(prl_signer_new(name, PRL_KEY_NOTE, &c->signer, &err), &err);
}

static size_t sign(chain *c, const char *kind, prl_bytes body, char *text)
{
	prl_entry_head head = { .kind = kind,
				.log = LOG,
				.party = "bench",
				.desk = c->desk[0] ? c->desk : NULL,
				.key = c->name,
				.line = &bench.line,
				.previous = &c->last,
				.serial = c->serial + 1,
				.mode = PRL_MODE_TEST,
				.time = INT64_C(1700000000) * PRL_SECOND };
	const prl_signer *signer = &c->signer;
	size_t length = prl_entry_write(&head, body, &signer, 1, text, PRL_ENTRY_MAX);
	if (!length)
		exit(3);
	c->serial++;
	return length;
}

static void found(void)
{
	prl_error err;
	char path[PRL_KEY_PATH_MAX];
	prl_card card = { .party = "bench", .title = "Bench", .address = "http://127.0.0.1:8440" };
	prl_signer log, witness, mirror;
	make_chain(&bench.root, "bench/root", "");
	must(prl_signer_new(LOG, PRL_KEY_NOTE, &log, &err), &err);
	must(prl_signer_new(LOG "/witness", PRL_KEY_COSIGNATURE, &witness, &err), &err);
	must(prl_signer_new(LOG "/mirror", PRL_KEY_COSIGNATURE, &mirror, &err), &err);
	const prl_signer *keys[] = { &log, &witness, &mirror };
	static const char *const names[] = { "log", "witness", "mirror" };
	for (size_t i = 0; i < 3; i++) {
		must(prl_key_path(bench.path, names[i], path, &err), &err);
		must(prl_key_save(path, keys[i], &err), &err);
	}
	card.root = bench.root.signer.verifier;
	card.log = log.verifier;
	card.witness = witness.verifier;
	card.mirror = mirror.verifier;
	prl_founding_terms terms = { .title = "bench",
				     .mode = PRL_MODE_TEST,
				     .time = INT64_C(1700000000) * PRL_SECOND };
	prl_buffer whole = PRL_BUFFER(PRL_ENTRY_MAX);
	must(prl_founding_draft(&card, 1, &terms, &bench.root.signer, &whole, &err), &err);
	prl_bytes first = { whole.data, whole.size };
	snprintf(path, sizeof path, "%s/record.db", bench.path);
	must(prl_founding_open(path, &log, &first, 1, &err), &err);
	prl_buffer_done(&whole);
}

/* ---- clients ----------------------------------------------------------------------------------------------------- */

/* One outstanding filing after the other: the answer to one sends the next, on the thread that sent the first. */
typedef struct client {
	prl_filing filing;
	chain *key; /* NULL: recorded by the node */
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
	c->sent = now_s();
	if (!c->key) {
		c->filing.what = PRL_FILING_RECORDED;
		c->filing.kind = "node.alone";
		c->filing.recorded = "node";
		c->filing.mode = PRL_MODE_TEST;
		c->filing.body = prl_bytes_of("{\"unanswered\": []}");
	} else {
		size_t length = sign(c->key, "message.sent", prl_bytes_of(words), c->text);
		must(prl_entry_read((prl_bytes){ c->text, length }, &c->entry, &err), &err);
		c->key->last = c->entry.hash;
		c->sent = now_s(); /* signing is the client's own time; the check below is the node's */
		prl_picture *picture = bench.folder->picture;
		prl_version version = prl_picture_pin(picture);
		must(prl_picture_vouch(picture, version, &c->entry, &c->vouched, &err), &err);
		prl_picture_unpin(picture, version);
		must(prl_picture_body(picture, &c->entry, &c->filing.json, &err), &err);
		c->filing.what = PRL_FILING_SIGNED;
		c->filing.entry = &c->entry;
		c->filing.vouched = &c->vouched;
	}
	prl_clerk_submit(bench.clerk, &c->filing);
}

static void take_answer(worker *w, client *c)
{
	must(c->filing.status, &c->filing.err);
	json_decref(c->filing.json);
	if (w->count < w->room)
		w->latencies[w->count++] = (float)(now_s() - c->sent);
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
			if (now_s() < w->until)
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
	double began = now_s();
	if (!clients || !latencies)
		exit(3);
	for (size_t i = 0; i < used; i++) {
		workers[i] = (worker){ .lock = PTHREAD_MUTEX_INITIALIZER,
				       .changed = PTHREAD_COND_INITIALIZER,
				       .latencies = latencies + i * ROOM,
				       .room = ROOM,
				       .until = began + bench.seconds };
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
	print(what, outstanding, latencies, count, now_s() - began, &before);
	free(latencies);
	free(clients);
}

/* ---- main -------------------------------------------------------------------------------------------------------- */

static void file_first(chain *c, const char *kind, const char *start, const chain *other)
{
	static char text[PRL_ENTRY_MAX], body[1000], vkey[PRL_KEY_TEXT_MAX];
	static prl_entry entry;
	prl_error err;
	prl_verifier_write(&other->signer.verifier, vkey);
	snprintf(body, sizeof body, "%s\"key\": \"%s\"}", start, vkey);
	size_t length = sign(c, kind, prl_bytes_of(body), text);
	must(prl_entry_read((prl_bytes){ text, length }, &entry, &err), &err);
	c->last = entry.hash;
	prl_filing filing = { .what = PRL_FILING_SIGNED, .entry = &entry };
	must(prl_clerk_submit_wait(bench.clerk, &filing), &filing.err);
}

static void open_consoles(void)
{
	make_chain(&bench.desk, "bench-ops", "bench-ops");
	file_first(&bench.root, "desk.opened", "{\"desk\": \"bench-ops\", \"title\": \"Operations\", ", &bench.desk);
	for (int i = 0; i < CONSOLES; i++) {
		char name[64];
		snprintf(name, sizeof name, "bench-ops/%d", i);
		make_chain(&bench.consoles[i], name, "bench-ops");
		file_first(&bench.desk, "key.certified", "{", &bench.consoles[i]);
	}
}

static double fdatasync_p50_ms(void)
{
	enum { COUNT = 200 };
	char path[256], block[4096] = { 1 };
	float times[COUNT];
	snprintf(path, sizeof path, "%s/disk", bench.path);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < COUNT; i++) {
		double began = now_s();
		if (pwrite(fd, block, sizeof block, (off_t)(i % 16) * 4096) < 0 || fdatasync(fd))
			exit(3);
		times[i] = (float)(now_s() - began);
	}
	close(fd);
	qsort(times, COUNT, sizeof *times, by_value);
	return (double)times[COUNT / 2] * 1e3;
}

static void open_node(void)
{
	prl_error err;
	prl_folder_options options = { .path = bench.path };
	must(prl_folder_open(&options, &bench.folder, &err), &err);
	const prl_constitution *constitution = prl_picture_constitution(bench.folder->picture, PRL_VERSION_WORKING);
	bench.line = constitution->line;
	prl_clerk_parts parts = prl_folder_parts(bench.folder);
	must(prl_clerk_start(&parts, &bench.clerk, &err), &err);
	prl_clerk_open(bench.clerk);
}

int main(int count, char **words_given)
{
	char command[300];
	if (count < 2)
		return 2;
	snprintf(bench.path, sizeof bench.path, "%s", words_given[1]);
	bench.seconds = count > 2 ? atof(words_given[2]) : 3;
	snprintf(command, sizeof command, "mkdir -p '%s/keys'", bench.path);
	if (system(command))
		return 3;
	found();
	open_node();
	open_consoles();
	printf("| filings | outstanding | entries/s | p50 ms | p99 ms | entries a batch | commit ms |\n"
	       "|---|---|---|---|---|---|---|\n");
	static const size_t outstanding[] = { 1, 16, 64, 1000 };
	for (size_t i = 0; i < 4; i++)
		run("recorded by the node", false, outstanding[i]);
	for (size_t i = 0; i < 3; i++)
		run("signed by consoles", true, outstanding[i]);
	prl_clerk_stop(bench.clerk);
	prl_folder_close(bench.folder);
	printf("\nThe disk's own fdatasync of 4 KiB: p50 %.2f ms.\n", fdatasync_p50_ms());
	snprintf(command, sizeof command, "rm -rf '%s'", bench.path);
	return system(command) ? 3 : 0;
}
