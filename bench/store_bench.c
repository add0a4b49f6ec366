/* The store's figures as a table in Markdown: how long a commit takes, how many entries a second, beside the disk's own
 * fdatasync. store_bench FOLDER, on the disk that is meant. */
#include "base/text.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENTRY_BYTES 500

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Until the n-th of rate a second is due; rate 0 waits for nothing. */
static void wait_for(double start_s, double n, double rate)
{
	double wait_s = rate > 0 ? start_s + n / rate - now_s() : 0;
	if (wait_s > 0)
		usleep((useconds_t)(wait_s * 1e6));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void print_times(const char *what, double *ms, size_t count, double entries_s)
{
	qsort(ms, count, sizeof *ms, by_value);
	printf("| %s | %.2f | %.2f | %.2f | %.2f | ", what, ms[count / 2], ms[count * 99 / 100], ms[count * 999 / 1000],
	       ms[count - 1]);
	if (entries_s > 0)
		printf("%.0f ", entries_s);
	puts("|");
}

/* 8 KiB written over blocks that are there, then fdatasync: what a commit of one entry must wait for at least. */
static void disk(const char *folder, const char *what, size_t count, double rate)
{
	char path[4096], page[8192];
	static double ms[20000];
	snprintf(path, sizeof path, "%s/disk", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	memset(page, 1, sizeof page);
	for (size_t i = 0; i < 500; i++)
		if (pwrite(fd, page, sizeof page, (off_t)(i * sizeof page)) < 0)
			perror(path);
	fsync(fd);
	double first = now_s();
	for (size_t i = 0; i < count; i++) {
		wait_for(first, (double)i, rate);
		double start = now_s();
		if (pwrite(fd, page, sizeof page, (off_t)(i % 500 * sizeof page)) < 0 || fdatasync(fd))
			perror(path);
		ms[i] = 1e3 * (now_s() - start);
	}
	close(fd);
	unlink(path);
	print_times(what, ms, count, 0);
}

typedef struct writer {
	prl_store *store;
	prl_store_log log;
	uint64_t random;
	char *bytes;
	prl_bytes *entries;
	char tile[8192];
} writer;

static void fail(const char *what, const prl_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(3);
}

static void commit(writer *w, size_t count)
{
	prl_error err;
	struct prl_store_tile tiles[64];
	size_t tile_count = 0;
	for (uint64_t n = w->log.size / 256; n < (w->log.size + count) / 256; n++)
		tiles[tile_count++] = (struct prl_store_tile){ 0, n, { w->tile, sizeof w->tile } };
	for (size_t i = 0; i < count; i++) {
		memcpy(w->bytes + i * ENTRY_BYTES, &w->random, sizeof w->random);
		w->random = w->random * UINT64_C(6364136223846793005) + 1;
	}
	prl_store_append append = { .log = w->log.id,
				    .epoch = w->log.epoch,
				    .expected_size = w->log.size,
				    .entries = w->entries,
				    .entry_count = count,
				    .tiles = tiles,
				    .tile_count = tile_count,
				    .checkpoint = { w->bytes, 300 } };
	prl_store_cell cell = { "fold/newest", { w->bytes, 100 } };
	prl_store_batch batch = { .appends = &append, .append_count = 1, .cells = &cell, .cell_count = 1 };
	if (prl_store_commit(w->store, &batch, &err))
		fail("commit", &err);
	w->log.size += count;
}

/* count commits of size entries, at rate entries a second (0: as fast as they go). */
static void run(writer *w, const char *what, size_t count, size_t size, double rate)
{
	double *ms = calloc(count, sizeof *ms), start = now_s();
	for (size_t i = 0; i < count; i++) {
		wait_for(start, (double)(i * size), rate);
		double begun = now_s();
		commit(w, size);
		ms[i] = 1e3 * (now_s() - begun);
	}
	print_times(what, ms, count, (double)(count * size) / (now_s() - start));
	free(ms);
}

static prl_status count_bytes(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)index;
	(void)err;
	*(size_t *)context += entry.size;
	return PRL_OK;
}

static void read_all(writer *w)
{
	prl_error err;
	prl_store_reader *reader;
	size_t bytes = 0;
	double start = now_s();
	if (prl_store_reader_new(w->store, &reader, &err) ||
	    prl_store_entries(reader, w->log.id, 0, w->log.size, count_bytes, &bytes, &err))
		fail("read", &err);
	printf("| all entries read, %zu MB | | | | | %.0f |\n", bytes / 1000000,
	       (double)w->log.size / (now_s() - start));
	prl_store_reader_free(reader);
}

int main(int argc, char **argv)
{
	char path[4096];
	writer w = { .random = 1, .bytes = malloc(10000 * ENTRY_BYTES), .entries = calloc(10000, sizeof(prl_bytes)) };
	prl_error err;
	const char *folder = argc > 1 ? argv[1] : ".";
	for (size_t i = 0; i < 10000 * ENTRY_BYTES; i++)
		w.bytes[i] = (char)(i * 7 + i / 500);
	for (size_t i = 0; i < 10000; i++)
		w.entries[i] = (prl_bytes){ w.bytes + i * ENTRY_BYTES, ENTRY_BYTES };
	snprintf(path, sizeof path, "%s/bench.db", folder);
	puts("| entries of 500 bytes; ms | p50 | p99 | p99.9 | longest | entries/s |\n|---|---|---|---|---|---|");
	disk(folder, "fdatasync of 8 KiB", 5000, 0);
	disk(folder, "fdatasync of 8 KiB, 100 a second", 2000, 100);
	if (prl_store_open(path, PRL_STORE_CREATE, &w.store, &err) ||
	    prl_store_log_open(w.store, "bench.example/line", true, &w.log, &err))
		fail(path, &err);
	run(&w, "batches of 1", 5000, 1, 0);
	run(&w, "batches of 20", 3000, 20, 0);
	run(&w, "batches of 20, 2,000 entries/s", 3000, 20, 2000);
	run(&w, "batches of 50, 20,000 entries/s", 4000, 50, 20000);
	run(&w, "batches of 1,000", 500, 1000, 0);
	read_all(&w);
	prl_store_close(w.store);
	return 0;
}
