/* parley bench: the figures of this machine that need no peer, and the two programs that bench/ runs beside peers. */
#include "cli/bench.h"

#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT };

/* splitmix64: the same workload on every machine. */
static uint64_t random_bits(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static double uniform(uint64_t *state, double from, double to)
{
	return from + (to - from) * ((double)(random_bits(state) >> 11) * 0x1p-53);
}

static double log_uniform(uint64_t *state, double from, double to)
{
	return from * exp(uniform(state, 0, log(to / from)));
}

/* About normal with deviation 1: the sum of twelve uniform numbers. */
static double bell(uint64_t *state)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform(state, 0, 1);
	return sum;
}

/* The city mix: 2,000 km square, 24 h; drones and manned aircraft, most of them round 150 cities. Writes a box as 8
 * whole numbers: x, y, z in metres and t in seconds, first the least, then the greatest. */
static void city_box(uint64_t *state, float box[8])
{
	bool manned = uniform(state, 0, 1) < 0.15;
	double x = uniform(state, 0, 2e6), y = uniform(state, 0, 2e6);
	if (uniform(state, 0, 1) < 0.75) {
		/* The n-th city has a weight of about 1/n; where it lies follows from n alone. */
		uint64_t city = (uint64_t)log_uniform(state, 1, 151);
		x = uniform(&city, 1e5, 1.9e6) + 12e3 * bell(state);
		y = uniform(&city, 1e5, 1.9e6) + 12e3 * bell(state);
	}
	double low[4] = { x, y, manned ? uniform(state, 300, 12e3) : uniform(state, 0, 90), uniform(state, 0, 86400) };
	double size[4] = { manned ? log_uniform(state, 2e3, 2e4) : log_uniform(state, 200, 5e3),
			   manned ? log_uniform(state, 2e3, 2e4) : log_uniform(state, 200, 5e3),
			   manned ? uniform(state, 60, 600) : uniform(state, 30, 120),
			   60 * uniform(state, 2, manned ? 120 : 60) };
	for (int i = 0; i < 4; i++) {
		box[i] = (float)floor(fmax(low[i], 0));
		box[4 + i] = (float)ceil(fmax(low[i], 0) + size[i]);
	}
}

static bool write_boxes(const char *path, uint32_t count, uint64_t seed)
{
	FILE *f = fopen(path, "wb");
	if (!f)
		return false;
	fwrite("P4D1", 4, 1, f);
	fwrite(&count, sizeof count, 1, f);
	for (uint32_t i = 0; i < count; i++) {
		float box[8];
		city_box(&seed, box);
		fwrite(box, sizeof box, 1, f);
	}
	bool failed = ferror(f) != 0;
	return !(fclose(f) || failed);
}

/* Pairs within 20 km and 1 km of each other at up to 150 m/s. */
static bool write_pairs(const char *path, uint32_t count)
{
	static const double reach[6] = { 1e4, 1e4, 500, 150, 150, 10 };
	uint64_t state = 3;
	FILE *f = fopen(path, "wb");
	if (!f)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		double pair[12];
		for (int n = 0; n < 12; n++)
			pair[n] = uniform(&state, -reach[n % 6], reach[n % 6]);
		fwrite(pair, sizeof pair, 1, f);
	}
	bool failed = ferror(f) != 0;
	return !(fclose(f) || failed);
}

static char *arg(const char *text)
{
	return (char *)(uintptr_t)text; /* argv is char *[] by its age; nobody writes to it */
}

static int bench_boxes(const char *boxes, const char *queries, uint32_t count, uint32_t query_count)
{
	if (!write_boxes(boxes, count, 1) || !write_boxes(queries, query_count, 2)) {
		prl_cli_say("bench: %s: %s", boxes, strerror(errno));
		return CLI_FAILED;
	}
	printf("boxes in space and time, city mix: %u boxes, %u queries, one thread\n", count, query_count);
	fflush(stdout);
	char *argv[] = { arg("boxes"), arg(boxes), arg(queries), NULL };
	return prl_cli_bench_boxes(3, argv);
}

static int bench_well_clear(const char *pairs, uint32_t count)
{
	if (!write_pairs(pairs, count)) {
		prl_cli_say("bench: %s: %s", pairs, strerror(errno));
		return CLI_FAILED;
	}
	printf("well clear, DO-365 TAUMOD, %u pairs with both times, nanoseconds a pair\n", count);
	fflush(stdout);
	char *argv[] = { arg("wellclear"), arg(pairs),    arg("--dthr"), arg("1222.32"),
			 arg("--zthr"),    arg("137.16"), arg("--tthr"), arg("35"),
			 arg("--tcoa"),    arg("0"),      arg("--from"), arg("0"),
			 arg("--to"),      arg("120"),    arg("--time"), NULL };
	return prl_cli_bench_wellclear(15, argv);
}

/* Workloads are made in a folder of their own, which goes away again. */
static int bench_all(uint32_t count)
{
	const char *tmp = getenv("TMPDIR");
	char folder[200], boxes[240], queries[240], pairs[240];
	snprintf(folder, sizeof folder, "%.150s/parley-bench-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		prl_cli_say("bench: %s: %s", folder, strerror(errno));
		return CLI_FAILED;
	}
	snprintf(boxes, sizeof boxes, "%s/boxes", folder);
	snprintf(queries, sizeof queries, "%s/queries", folder);
	snprintf(pairs, sizeof pairs, "%s/pairs", folder);
	int status = bench_boxes(boxes, queries, count, count / 10 + 1);
	status = prl_cli_worse(status, bench_well_clear(pairs, count));
	unlink(boxes);
	unlink(queries);
	unlink(pairs);
	rmdir(folder);
	return status;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	(void)id;
	return prl_cli_number(value, 1, 1e7, "boxes and pairs", context, err);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	double count = 1e6;
	int operands;
	if (argc > 1 && !strcmp(argv[1], "boxes"))
		return prl_cli_bench_boxes(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "wellclear"))
		return prl_cli_bench_wellclear(argc - 1, argv + 1);
	if (prl_cli_options(verb, argc, argv, set_option, &count, &operands))
		return CLI_BAD;
	if (operands) {
		prl_cli_say("bench: \"%s\" is not expected here; expected boxes, wellclear or nothing", argv[0]);
		return CLI_BAD;
	}
	return bench_all((uint32_t)count);
}

static const cli_option options[] = {
	{ "--count", "N", "how many boxes and how many pairs (1 to 10000000; 1000000)", COUNT },
};

const cli_verb prl_cli_bench = {
	.name = "bench",
	.summary = "measures the engine on this machine",
	.usage = "parley bench [--count N]\n"
		 "       parley bench boxes FILE [QUERIES]\n"
		 "       parley bench wellclear FILE --dthr M --zthr M --tthr S --tcoa S --from S --to S [--time]",
	.details = "Without a name: makes workloads of its own and prints the figures that need no other program "
		   "beside it.\n"
		   "boxes and wellclear read workload files and print what bench/ compares; docs/benchmarks.md "
		   "describes the\n"
		   "files, the keys and the comparison with other libraries (./bench/run).\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.operands_first = true,
	.run = run,
};
