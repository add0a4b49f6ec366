/* A filing among many live notices: how long until it is answered, with its overlaps found and all of it on the disk;
 * what a live notice costs in memory; how long a start from the snapshot takes.
 *
 *     line_bench [--keep] FOLDER [NOTICES [RATE [SECONDS]]]   FOLDER: on the disk to be measured; removed in the end
 *     line_bench --start FOLDER                               only the start, on a folder that was kept
 *
 * NOTICES (10^6) are filed first, as fast as that goes: circles of 0.5 to 3 km in a theatre of 800 by 800 km, half
 * of them flights with a band of 600 m and an hour, the rest live-fire areas, convoys and sites, within ten days. Then
 * RATE (2,000) a second for SECONDS (10): sent at their times whether or not the ones before are answered, and timed
 * from when they were due, so that a pause is charged to all that it held up. Signatures are made before and checked in
 * it. */
#include "alone.h"
#include "base/text.h"
#include "line/notice.h"
#include "line/overlap.h"
#include "load.h"
#include "node/overlaps.h"
#include "node/snapshot.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static alone bench;

/* ---- notices ----------------------------------------------------------------------------------------------------- */

/* splitmix64: the same notices in every run. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static double between(uint64_t *state, double low, double high)
{
	return low + (high - low) * (double)(next_random(state) >> 11) * 0x1p-53;
}

static size_t write_notice(uint64_t *state, char *text, size_t room)
{
	static const char *const kinds[] = { "flight", "flight", "flight", "live-fire area", "convoy", "site" };
	char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
	int64_t begins = ALONE_CLOCK + 3600 + (int64_t)between(state, 0, 10 * 86400);
	double low = between(state, 0, 9000);
	prl_time_format(begins * PRL_SECOND, from);
	prl_time_format((begins + (int64_t)between(state, 1800, 5400)) * PRL_SECOND, to);
	double lng = between(state, 36, 44.5), lat = between(state, 31, 38.2), radius = between(state, 500, 3000);
	const char *kind = kinds[next_random(state) % 6];
	return (size_t)snprintf(
		text, room,
		"{\"details\":{\"kind\":\"%s\",\"title\":\"Notice of the "
		"bench\",\"from\":\"%s\",\"to\":\"%s\",\"areas\":"
		"[{\"geometry\":{\"type\":\"Point\",\"coordinates\":[%.6f,%.6f]},\"radius_m\":%.0f,\"lower\":{"
		"\"value\":%.0f,"
		"\"unit\":\"M\",\"datum\":\"MSL\"},\"upper\":{\"value\":%.0f,\"unit\":\"M\",\"datum\":\"MSL\"}}],"
		"\"call_sign\":\"BENCH 1\",\"frequency\":\"121.5 MHz\"}}",
		kind, from, to, lng, lat, radius, low, low + 600);
}

/* ---- clients ----------------------------------------------------------------------------------------------------- */

/* One filing at a time of one key. */
typedef struct client {
	prl_filing filing;
	alone_chain *key;
	char text[2048];
	prl_entry entry;
	prl_vouched vouched;
	double due;
	struct crew *crew;
	struct client *next;
} client;

/* What the threads that file share. */
typedef struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	client *idle;
	size_t busy;
	float *latencies;
	size_t count, room;
} crew;

static crew all = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
static client *clients;

static void answered(prl_filing *filing)
{
	client *c = filing->context;
	double took = load_now() - c->due;
	alone_must(filing->status, &filing->err);
	json_decref(filing->json);
	pthread_mutex_lock(&all.lock);
	if (all.count < all.room)
		all.latencies[all.count++] = (float)took;
	c->next = all.idle;
	all.idle = c;
	all.busy--;
	pthread_cond_signal(&all.changed);
	pthread_mutex_unlock(&all.lock);
}

static client *take_client(void)
{
	pthread_mutex_lock(&all.lock);
	while (!all.idle)
		pthread_cond_wait(&all.changed, &all.lock);
	client *c = all.idle;
	all.idle = c->next;
	all.busy++;
	pthread_mutex_unlock(&all.lock);
	return c;
}

static void wait_for_all(void)
{
	pthread_mutex_lock(&all.lock);
	while (all.busy)
		pthread_cond_wait(&all.changed, &all.lock);
	pthread_mutex_unlock(&all.lock);
}

static void write_filing(client *c, uint64_t *state)
{
	prl_error err;
	char body[1500];
	size_t size = write_notice(state, body, sizeof body);
	size_t length = alone_sign(&bench, c->key, "notice.filed", (prl_bytes){ body, size }, c->text);
	alone_must(prl_entry_read((prl_bytes){ c->text, length }, &c->entry, &err), &err);
	c->key->last = c->entry.hash;
}

static void submit(client *c, double due)
{
	c->filing = (prl_filing){ .done = answered, .context = c };
	c->due = due;
	alone_vouch(&bench, &c->filing, &c->entry, &c->vouched);
	prl_clerk_submit(bench.clerk, &c->filing);
}

static void make_clients(void)
{
	clients = calloc(ALONE_CONSOLES, sizeof *clients);
	if (!clients)
		exit(3);
	for (size_t i = 0; i < ALONE_CONSOLES; i++) {
		clients[i].key = &bench.consoles[i];
		clients[i].next = all.idle;
		all.idle = &clients[i];
	}
}

/* ---- what is measured -------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double resident_bytes(void)
{
	unsigned long pages = 0, resident = 0;
	malloc_trim(0);
	FILE *file = fopen("/proc/self/statm", "re");
	if (file && fscanf(file, "%lu %lu", &pages, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void fill(size_t notices, uint64_t *state)
{
	double began = load_now(), last = began;
	for (size_t i = 0; i < notices; i++) {
		client *c = take_client();
		write_filing(c, state);
		submit(c, load_now());
		if (isatty(2) && load_now() - last > 1) {
			last = load_now();
			fprintf(stderr, "\r%zu of %zu notices", i + 1, notices);
		}
	}
	wait_for_all();
	printf("| filed as fast as it goes, until there are %zu | %.0f a second |\n", notices,
	       (double)notices / (load_now() - began));
	fflush(stdout);
}

static double processor_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void sleep_until(double when)
{
	double left = when - load_now();
	struct timespec t = { (time_t)left, (long)((left - (double)(time_t)left) * 1e9) };
	if (left > 0)
		nanosleep(&t, NULL);
}

/* Signs ahead: the client's own time is not the node's. */
static void measure(double rate, double seconds, uint64_t *state)
{
	size_t total = (size_t)(rate * seconds);
	float *latencies = malloc(total * sizeof *latencies);
	if (!latencies)
		exit(3);
	prl_clerk_figures before = prl_clerk_read_figures(bench.clerk);
	prl_overlaps_figures then, now;
	prl_clerk_overlaps(bench.clerk, &then);
	all.latencies = latencies;
	all.room = total;
	all.count = 0;
	double began = load_now(), busy = processor_s();
	for (size_t i = 0; i < total; i++) {
		double due = began + (double)i / rate;
		client *c = take_client();
		write_filing(c, state);
		sleep_until(due);
		submit(c, due);
	}
	wait_for_all();
	double took = load_now() - began;
	busy = processor_s() - busy;
	prl_clerk_figures after = prl_clerk_read_figures(bench.clerk);
	prl_clerk_overlaps(bench.clerk, &now);
	qsort(latencies, all.count, sizeof *latencies, by_value);
	static const double shares[] = { 0.5, 0.9, 0.99, 0.999, 1 };
	static const char *const names[] = { "p50", "p90", "p99", "p99.9", "most" };
	printf("| filings at %.0f a second for %.0f s | %.0f a second answered |\n", rate, seconds,
	       (double)total / took);
	for (size_t i = 0; i < 5; i++) {
		size_t at = (size_t)(shares[i] * (double)(all.count - 1));
		printf("| answered, overlaps found, durable: %s | %.2f ms |\n", names[i], (double)latencies[at] * 1e3);
	}
	double checks = (double)(now.checks - then.checks);
	printf("| overlaps of a filing | %.2f, of %.1f candidates |\n", (double)(now.pairs - then.pairs) / checks,
	       (double)(now.candidates - then.candidates) / checks);
	printf("| processor time a filing, all threads, the client's signing with it | %.3f ms |\n",
	       busy / (double)total * 1e3);
	printf("| of it in the clerk: board and engine | %.3f ms a filing, %.2f plans made anew |\n",
	       (now.seconds - then.seconds) / checks * 1e3, (double)(now.plans_made - then.plans_made) / checks - 1);
	printf("| a batch | %.1f entries, %.2f ms to the disk |\n",
	       (double)(after.entries - before.entries) / (double)(after.batches - before.batches),
	       (after.commit_seconds - before.commit_seconds) / (double)(after.batches - before.batches) * 1e3);
	all.room = 0;
	free(latencies);
	fflush(stdout);
}

static void save_snapshot(void)
{
	prl_error err;
	char path[300];
	snprintf(path, sizeof path, "%s/snapshot", bench.path);
	prl_picture *picture = bench.folder->picture;
	prl_version version = prl_picture_pin(picture);
	prl_snapshot_head head;
	prl_ledger_head(bench.folder->own, &head.size, &head.root);
	alone_must(prl_picture_save(picture, version, &head, path, &err), &err);
	prl_picture_unpin(picture, version);
}

/* A start measured: seconds, processor seconds of all threads, bytes, bytes of the board. */
typedef struct start {
	double wall_s, processor_s, bytes, board_bytes, notices;
	bool by_snapshot;
} start;

/* A node of its own on this folder: what it holds when it has loaded the snapshot, and how long that takes. */
static start start_once(bool save)
{
	int ends[2];
	start s;
	fflush(stdout);
	if (pipe(ends))
		exit(3);
	pid_t child = fork();
	if (child == 0) {
		double before = resident_bytes(), began = load_now(), busy = processor_s();
		alone_open(&bench);
		s = (start){ .wall_s = load_now() - began, .processor_s = processor_s() - busy };
		s.bytes = resident_bytes() - before;
		prl_overlaps_figures of;
		prl_clerk_overlaps(bench.clerk, &of);
		s.board_bytes = (double)of.board_bytes;
		s.notices = (double)of.notices;
		s.by_snapshot = bench.folder->snapshot_size > 0;
		if (save && !s.by_snapshot)
			save_snapshot();
		_exit(write(ends[1], &s, sizeof s) == sizeof s ? 0 : 3);
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &s, sizeof s) != sizeof s)
		exit(3);
	close(ends[0]);
	(void)waitpid(child, NULL, 0); /* it holds the record until it has ended */
	return s;
}

static int by_wall(const void *a, const void *b)
{
	const start *x = a, *y = b;
	return (x->wall_s > y->wall_s) - (x->wall_s < y->wall_s);
}

#define STARTS 5

static void start_again(void)
{
	start starts[STARTS];
	for (size_t i = 0; i < STARTS; i++) {
		starts[i] = start_once(false);
		if (!starts[i].by_snapshot)
			exit(3);
	}
	double notices = starts[0].notices;
	qsort(starts, STARTS, sizeof *starts, by_wall);
	const start *s = &starts[STARTS / 2];
	printf("| start by the snapshot, %.0f notices, median of %d (least, most) | %.2f s (%.2f, %.2f) |\n", notices,
	       STARTS, s->wall_s, starts[0].wall_s, starts[STARTS - 1].wall_s);
	printf("| processor time of it, all threads | %.2f s |\n", s->processor_s);
	printf("| memory a live notice then, all in | %.0f bytes, of them %.0f the board |\n", s->bytes / notices,
	       s->board_bytes / notices);
}

int main(int count, char **words_given)
{
	uint64_t state = 1;
	const char *option = count > 2 && words_given[1][0] == '-' ? words_given[1] : "";
	if (*option) {
		count--;
		words_given++;
	}
	if (count < 2)
		return 2;
	if (strcmp(option, "--start") == 0) {
		snprintf(bench.path, sizeof bench.path, "%s", words_given[1]);
		(void)start_once(true); /* replays where the snapshot is of another version */
		printf("| | |\n|---|---|\n");
		start_again();
		return 0;
	}
	size_t notices = count > 2 ? (size_t)atof(words_given[2]) : 1000000;
	double rate = count > 3 ? atof(words_given[3]) : 2000, seconds = count > 4 ? atof(words_given[4]) : 10;
	alone_found(&bench, words_given[1]);
	double before = resident_bytes();
	alone_open(&bench);
	alone_open_consoles(&bench);
	make_clients();
	printf("| | |\n|---|---|\n");
	fill(notices, &state);
	printf("| memory a live notice while running, all in | %.0f bytes |\n",
	       (resident_bytes() - before) / (double)notices);
	measure(rate, seconds, &state);
	save_snapshot();
	alone_close(&bench);
	start_again();
	printf("\nThe disk's own fdatasync of 4 KiB: p50 %.2f ms.\n", 1e3 * load_fdatasync_p50(bench.path));
	if (strcmp(option, "--keep") != 0)
		alone_remove(&bench);
	return 0;
}
