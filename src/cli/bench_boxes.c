/* The figures of the box index on a workload file, and a digest of its answers, so that any two engines can be run on
 * the same input and compared (bench/boxes.sh does so with Boost and CGAL).
 *
 * File: "P4D1", uint32 N, then N x 8 float32 (xmin ymin zmin tmin xmax ymax zmax tmax), little-endian, whole numbers
 * below 2^24, closed boxes.
 *
 * Method: one thread. Build, and what resident memory has grown by over the loaded boxes. All queries once to warm up
 * and to digest the hits, then again in the same order, each timed alone. The join, the digest of its pairs within.
 * Churn: the boxes of odd index i in order of m(i), each removed and then inserted again shifted by (1000, 1000, 0,
 * 600), a version published every 256 boxes (on the insert's account); then all queries again; then a second thread
 * goes on replacing the same boxes, back and forth, while all queries run twice more, each pinning the newest version.
 * Digests: XOR of m(i) over hits, of m(i * 2^32 + j) over pairs i < j; m is the finaliser of splitmix64. */
#include "cli/bench_boxes.h"

#include <parley/index.h>

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PUBLISH_EVERY = 256 };

static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double resident_bytes(void)
{
	long all = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file)
		return 0;
	if (fscanf(file, "%ld %ld", &all, &resident) != 2)
		resident = 0;
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

struct boxes {
	prl_box *at;
	uint32_t count;
};

static uint32_t get_u32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool get_whole(const unsigned char *at, int32_t *ret_value)
{
	uint32_t bits = get_u32(at);
	float value;
	memcpy(&value, &bits, sizeof value);
	if (!(fabsf(value) < 16777216.0f) || value != truncf(value))
		return false;
	*ret_value = (int32_t)value;
	return true;
}

static int complain(const char *path, const char *what)
{
	fprintf(stderr, "parley: %s: %s\n", path, what);
	return 2;
}

static int read_box(FILE *file, const char *path, uint32_t i, prl_box *ret_box)
{
	unsigned char bytes[32];
	if (fread(bytes, sizeof bytes, 1, file) != 1) {
		fprintf(stderr, "parley: %s: cut short at box %" PRIu32 "\n", path, i);
		return 2;
	}
	for (int a = 0; a < 4; a++)
		if (!get_whole(bytes + 4 * a, &ret_box->min[a]) || !get_whole(bytes + 16 + 4 * a, &ret_box->max[a])) {
			fprintf(stderr, "parley: %s: box %" PRIu32 ": expected whole numbers below 2^24\n", path, i);
			return 2;
		}
	return 0;
}

static int read_boxes(const char *path, struct boxes *ret_boxes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return complain(path, "cannot be opened");
	unsigned char header[8];
	int status = 0;
	if (fread(header, sizeof header, 1, file) != 1 || memcmp(header, "P4D1", 4) != 0)
		status = complain(path, "not a workload file; expected it to start with P4D1");
	struct boxes boxes = { NULL, status ? 0 : get_u32(header + 4) };
	if (!status) {
		boxes.at = malloc(((size_t)boxes.count + 1) * sizeof *boxes.at);
		status = boxes.at ? 0 : (complain(path, "out of memory"), 3);
	}
	for (uint32_t i = 0; i < boxes.count && !status; i++)
		status = read_box(file, path, i, &boxes.at[i]);
	fclose(file);
	if (status)
		free(boxes.at);
	else
		*ret_boxes = boxes;
	return status;
}

/* ---- queries --------------------------------------------------------------------------------------------------- */

struct query_figures {
	uint64_t hits, digest;
	double p50_us, p99_us, per_s;
};

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static prl_status digest_queries(const prl_snapshot *snapshot, const struct boxes *queries, prl_ids *found,
				 struct query_figures *out)
{
	*out = (struct query_figures){ 0 };
	for (uint32_t i = 0; i < queries->count; i++) {
		if (prl_snapshot_find(snapshot, &queries->at[i], found))
			return PRL_E_MEMORY;
		out->hits += found->count;
		for (size_t k = 0; k < found->count; k++)
			out->digest ^= mix(found->ids[k]);
	}
	return PRL_OK;
}

static prl_status time_queries(const prl_snapshot *snapshot, const struct boxes *queries, struct query_figures *ret)
{
	prl_ids found = { 0 };
	struct query_figures out;
	int64_t *took = malloc(((size_t)queries->count + 1) * sizeof *took), sum = 0;
	prl_status status = took ? digest_queries(snapshot, queries, &found, &out) : PRL_E_MEMORY;
	for (uint32_t i = 0; i < queries->count && !status; i++) {
		int64_t start = now_ns();
		status = prl_snapshot_find(snapshot, &queries->at[i], &found);
		took[i] = now_ns() - start;
		sum += took[i];
	}
	if (!status && queries->count) {
		qsort(took, queries->count, sizeof *took, by_size);
		out.p50_us = (double)took[queries->count / 2] * 1e-3;
		out.p99_us = (double)took[(uint64_t)queries->count * 99 / 100] * 1e-3;
		out.per_s = (double)queries->count / ((double)sum * 1e-9);
	}
	if (!status)
		*ret = out;
	free(took);
	prl_ids_done(&found);
	return status;
}

/* ---- join ------------------------------------------------------------------------------------------------------ */

struct join_figures {
	uint64_t pairs, digest;
	double s;
};

static bool digest_pairs(const prl_pair *pairs, size_t count, void *context)
{
	struct join_figures *out = context;
	uint64_t digest = 0;
	for (size_t i = 0; i < count; i++)
		digest ^= mix((uint64_t)pairs[i].a << 32 | pairs[i].b);
	out->digest ^= digest;
	out->pairs += count;
	return true;
}

static struct join_figures time_join(const prl_snapshot *snapshot)
{
	struct join_figures out = { 0 };
	int64_t start = now_ns();
	prl_status status = prl_snapshot_join(snapshot, digest_pairs, &out);
	(void)status; /* digest_pairs never stops it */
	out.s = (double)(now_ns() - start) * 1e-9;
	return out;
}

/* ---- churn ----------------------------------------------------------------------------------------------------- */

struct churn_figures {
	uint32_t replaced;
	double remove_us, insert_us;
	struct query_figures after;
	double p50_us_writing, written_per_s;
};

struct turn {
	uint64_t rank;
	uint32_t id;
};

static int by_rank(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static prl_box shifted(prl_box box)
{
	for (int side = 0; side < 2; side++) {
		int32_t *corner = side ? box.max : box.min;
		corner[0] += 1000;
		corner[1] += 1000;
		corner[3] += 600;
	}
	return box;
}

static prl_status replace(prl_index *index, const struct boxes *boxes, const struct turn *turns,
			  struct churn_figures *out)
{
	int64_t removing = 0, inserting = 0;
	prl_status status = PRL_OK;
	for (uint32_t i = 0; i < out->replaced && !status; i++) {
		uint32_t id = turns[i].id;
		prl_box box = shifted(boxes->at[id]);
		int64_t start = now_ns();
		status = prl_index_remove(index, id, NULL);
		int64_t removed = now_ns();
		if (!status)
			status = prl_index_insert(index, id, &box, NULL);
		if (!status && (i % PUBLISH_EVERY == PUBLISH_EVERY - 1 || i + 1 == out->replaced))
			status = prl_index_publish(index, NULL, NULL);
		inserting += now_ns() - removed;
		removing += removed - start;
	}
	out->remove_us = out->replaced ? (double)removing * 1e-3 / out->replaced : 0;
	out->insert_us = out->replaced ? (double)inserting * 1e-3 / out->replaced : 0;
	return status;
}

/* The writer that goes on while queries are timed. */
struct writer {
	prl_index *index;
	const struct boxes *boxes;
	const struct turn *turns;
	uint32_t count;
	_Atomic bool stop;
	uint64_t written;
	prl_status status;
};

static void *write_on(void *context)
{
	struct writer *w = context;
	for (bool back = true; !w->status && !atomic_load(&w->stop); back = !back)
		for (uint32_t i = 0; i < w->count && !w->status && !atomic_load(&w->stop); i++) {
			uint32_t id = w->turns[i].id;
			prl_box box = back ? w->boxes->at[id] : shifted(w->boxes->at[id]);
			w->status = prl_index_update(w->index, id, &box, NULL);
			w->written++;
			if (!w->status && i % PUBLISH_EVERY == PUBLISH_EVERY - 1)
				w->status = prl_index_publish(w->index, NULL, NULL);
		}
	return NULL;
}

/* All queries, each on the version that is newest when it starts; pinning counts. */
static prl_status query_newest(prl_index *index, const struct boxes *queries, int64_t *took)
{
	prl_ids found = { 0 };
	prl_status status = PRL_OK;
	for (uint32_t i = 0; i < queries->count && !status; i++) {
		int64_t start = now_ns();
		prl_snapshot *snapshot = prl_snapshot_pin(index);
		status = prl_snapshot_find(snapshot, &queries->at[i], &found);
		prl_snapshot_unpin(snapshot);
		took[i] = now_ns() - start;
	}
	prl_ids_done(&found);
	return status;
}

static prl_status time_queries_while(struct writer *w, const struct boxes *queries, struct churn_figures *out)
{
	int64_t *took = malloc(((size_t)queries->count + 1) * sizeof *took);
	pthread_t thread;
	if (!took || pthread_create(&thread, NULL, write_on, w)) {
		free(took);
		return PRL_E_MEMORY;
	}
	int64_t start = now_ns();
	prl_status status = query_newest(w->index, queries, took);
	if (!status)
		status = query_newest(w->index, queries, took);
	double took_s = (double)(now_ns() - start) * 1e-9;
	atomic_store(&w->stop, true);
	pthread_join(thread, NULL);
	if (queries->count && !status) {
		qsort(took, queries->count, sizeof *took, by_size);
		out->p50_us_writing = (double)took[queries->count / 2] * 1e-3;
		out->written_per_s = (double)w->written / took_s;
	}
	free(took);
	return status ? status : w->status;
}

static prl_status query_after(prl_index *index, const struct boxes *queries, struct churn_figures *out)
{
	prl_snapshot *snapshot = prl_snapshot_pin(index);
	prl_status status = time_queries(snapshot, queries, &out->after);
	prl_snapshot_unpin(snapshot);
	return status;
}

static prl_status churn(prl_index *index, const struct boxes *boxes, const struct boxes *queries,
			struct churn_figures *out)
{
	out->replaced = boxes->count / 2;
	struct turn *turns = malloc(((size_t)out->replaced + 1) * sizeof *turns);
	if (!turns)
		return PRL_E_MEMORY;
	for (uint32_t i = 0; i < out->replaced; i++)
		turns[i] = (struct turn){ mix(2 * i + 1), 2 * i + 1 };
	qsort(turns, out->replaced, sizeof *turns, by_rank);
	prl_status status = replace(index, boxes, turns, out);
	if (!status)
		status = query_after(index, queries, out);
	struct writer writer = { .index = index, .boxes = boxes, .turns = turns, .count = out->replaced };
	if (!status && queries->count && out->replaced)
		status = time_queries_while(&writer, queries, out);
	free(turns);
	return status;
}

/* ---- the verb -------------------------------------------------------------------------------------------------- */

static prl_status measure_still(const prl_snapshot *snapshot, const struct boxes *queries)
{
	if (queries) {
		struct query_figures q;
		prl_status status = time_queries(snapshot, queries, &q);
		if (status)
			return status;
		printf(", \"queries\": %" PRIu32 ", \"hits\": %" PRIu64 ", \"hits_xor\": \"%016" PRIx64
		       "\", \"p50_us\": %.3f, \"p99_us\": %.3f, \"queries_per_s\": %.0f",
		       queries->count, q.hits, q.digest, q.p50_us, q.p99_us, q.per_s);
	}
	struct join_figures join = time_join(snapshot);
	printf(", \"join_pairs\": %" PRIu64 ", \"join_xor\": \"%016" PRIx64 "\", \"join_s\": %.4f", join.pairs,
	       join.digest, join.s);
	return PRL_OK;
}

static prl_status measure_churn(prl_index *index, const struct boxes *boxes, const struct boxes *queries)
{
	static const struct boxes none;
	struct churn_figures c = { 0 };
	prl_status status = churn(index, boxes, queries ? queries : &none, &c);
	if (status)
		return status;
	printf(", \"churn\": {\"replaced\": %" PRIu32 ", \"remove_us\": %.3f, \"insert_us\": %.3f", c.replaced,
	       c.remove_us, c.insert_us);
	if (queries)
		printf(", \"p50_us_after\": %.3f, \"hits_xor_after\": \"%016" PRIx64
		       "\", \"p50_us_writing\": %.3f, \"written_per_s\": %.0f",
		       c.after.p50_us, c.after.digest, c.p50_us_writing, c.written_per_s);
	printf("}");
	return PRL_OK;
}

static prl_status measure(const struct boxes *boxes, const struct boxes *queries, prl_error *err)
{
	double before = resident_bytes();
	int64_t start = now_ns();
	prl_index *index = NULL;
	prl_status status = prl_index_new(boxes->at, NULL, boxes->count, &index, err);
	if (status)
		return status;
	double build_s = (double)(now_ns() - start) * 1e-9, grown = resident_bytes() - before;
	printf("{\"n\": %" PRIu32 ", \"build_s\": %.4f, \"bytes_per_box\": %.1f", boxes->count, build_s,
	       boxes->count ? grown / boxes->count : 0);
	prl_snapshot *snapshot = prl_snapshot_pin(index);
	status = measure_still(snapshot, queries);
	prl_snapshot_unpin(snapshot);
	if (!status)
		status = measure_churn(index, boxes, queries);
	puts(status ? "" : "}");
	prl_index_free(index);
	return status;
}

int prl_cli_bench_boxes(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fputs("usage: parley bench boxes FILE [QUERIES]\n", stderr);
		return 2;
	}
	struct boxes boxes = { 0 }, queries = { 0 };
	int failed = read_boxes(argv[1], &boxes);
	if (!failed && argc == 3)
		failed = read_boxes(argv[2], &queries);
	prl_error err = { .text = "out of memory" };
	if (!failed && measure(&boxes, argc == 3 ? &queries : NULL, &err)) {
		fprintf(stderr, "parley: %s: %s%s%s\n", argv[1], err.where, err.where[0] ? ": " : "", err.text);
		failed = err.status == PRL_E_RANGE ? 2 : 3;
	}
	free(boxes.at);
	free(queries.at);
	return !failed && fflush(stdout) ? 3 : failed;
}
