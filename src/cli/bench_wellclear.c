/* Input: float64 records of 12, in the order of the machine (little-endian on all that parley is built for): own
 * x y z vx vy vz, intruder x y z vx vy vz; metres, metres a second. Output: 4 float64 a pair: violation, conflict, time
 * in, time out (+inf and -inf without conflict). */
#include "cli/bench_wellclear.h"

#include "base/memory.h"

#include <parley/wellclear.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct request {
	const char *path;
	double dthr, zthr, tthr, tcoa, from, to; /* NAN until given */
	bool time;
} request;

static const double not_given = (double)NAN;

static const char usage[] =
	"usage: parley bench wellclear FILE --dthr M --zthr M --tthr S --tcoa S --from S --to S [--time]\n"
	"FILE holds float64 records of 12: own x y z vx vy vz, intruder x y z vx vy vz (m, m/s).\n"
	"Writes 4 float64 a pair: violation, conflict, time in, time out.\n"
	"--time prints the nanoseconds a pair takes instead (fastest of 9 passes of the batch).\n";

static bool number_read(const char *text, double *ret)
{
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end || !isfinite(value) || value < 0) {
		fprintf(stderr, "parley: bench wellclear: \"%s\" is no number, expected a finite number >= 0\n", text);
		return false;
	}
	*ret = value;
	return true;
}

static bool request_read(int argc, char **argv, request *ask)
{
	*ask = (request){ .dthr = not_given,
			  .zthr = not_given,
			  .tthr = not_given,
			  .tcoa = not_given,
			  .from = not_given,
			  .to = not_given };
	const struct {
		const char *name;
		double *value;
	} options[] = { { "--dthr", &ask->dthr }, { "--zthr", &ask->zthr }, { "--tthr", &ask->tthr },
			{ "--tcoa", &ask->tcoa }, { "--from", &ask->from }, { "--to", &ask->to } };
	const size_t count = sizeof options / sizeof *options;
	for (int i = 1; i < argc; i++) {
		size_t n = 0;
		while (n < count && strcmp(argv[i], options[n].name) != 0)
			n++;
		if (n < count && i + 1 < argc) {
			if (!number_read(argv[++i], options[n].value))
				return false;
		} else if (!strcmp(argv[i], "--time")) {
			ask->time = true;
		} else if (argv[i][0] != '-' && !ask->path) {
			ask->path = argv[i];
		} else {
			fprintf(stderr, "parley: bench wellclear: \"%s\" is not expected here\n%s", argv[i], usage);
			return false;
		}
	}
	for (size_t n = 0; n < count; n++)
		if (isnan(*options[n].value)) {
			fprintf(stderr, "parley: bench wellclear: %s is missing\n%s", options[n].name, usage);
			return false;
		}
	if (ask->path && ask->from < ask->to)
		return true;
	fprintf(stderr, "parley: bench wellclear: %s\n%s", ask->path ? "--from must be before --to" : "FILE is missing",
		usage);
	return false;
}

/* Appends all of @p f; false when it could not be read, with errno. */
static bool stream_read(FILE *f, prl_buffer *bytes)
{
	static char chunk[65536];
	size_t got;
	while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (!prl_buffer_append(bytes, chunk, got)) {
			errno = ENOMEM;
			return false;
		}
	return !ferror(f);
}

/* Reads the whole file into @p bytes; the exit status. */
static int pairs_read(const char *path, prl_buffer *bytes)
{
	FILE *f = fopen(path, "rb");
	bool read = f && stream_read(f, bytes);
	int because = errno;
	if (f)
		fclose(f);
	if (!read) {
		fprintf(stderr, "parley: %s: %s\n", path, strerror(because));
		return because == ENOMEM || because == EIO ? 3 : 2;
	}
	if (bytes->size % sizeof(prl_motion_pair) == 0)
		return 0;
	fprintf(stderr, "parley: %s: %zu bytes, expected records of %zu bytes (12 float64)\n", path, bytes->size,
		sizeof(prl_motion_pair));
	return 2;
}

/* Fastest of 9 passes after a warm one, nanoseconds a pair: what disturbs a pass on a shared machine only adds. */
static double batch_time_ns(const request *ask, const prl_wellclear *volume, const prl_motion_pair *pairs, size_t count,
			    prl_wellclear_times *times)
{
	double fastest = 0;
	for (int pass = -1; pass < 9; pass++) {
		struct timespec start, end;
		clock_gettime(CLOCK_MONOTONIC, &start);
		prl_wellclear_batch(volume, pairs, count, ask->from, ask->to, times);
		clock_gettime(CLOCK_MONOTONIC, &end);
		double took = 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
		if (pass <= 0 || took < fastest)
			fastest = took;
	}
	return count ? fastest / (double)count : 0;
}

static int bench_run(const request *ask, const prl_motion_pair *pairs, size_t count)
{
	const prl_wellclear volume = { PRL_WELLCLEAR_TAUMOD, ask->dthr, ask->zthr, ask->tthr, ask->tcoa };
	prl_wellclear_times *times = calloc(count ? count : 1, sizeof *times);
	if (!times) {
		fprintf(stderr, "parley: bench wellclear: out of memory\n");
		return 3;
	}
	size_t written = count;
	if (ask->time) {
		printf("%.2f\n", batch_time_ns(ask, &volume, pairs, count, times));
	} else {
		prl_wellclear_batch(&volume, pairs, count, ask->from, ask->to, times);
		written = fwrite(times, sizeof *times, count, stdout);
	}
	free(times);
	if (written == count && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "parley: standard output: %s\n", strerror(errno));
	return 3;
}

int prl_cli_bench_wellclear(int argc, char **argv)
{
	request ask;
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(usage, stdout);
		return 0;
	}
	if (!request_read(argc, argv, &ask))
		return 2;
	prl_buffer bytes = PRL_BUFFER(SIZE_MAX / 4);
	int status = pairs_read(ask.path, &bytes);
	if (status == 0) /* malloc's alignment is that of a double */
		status = bench_run(&ask, (const prl_motion_pair *)(const void *)bytes.data,
				   bytes.size / sizeof(prl_motion_pair));
	prl_buffer_done(&bytes);
	return status;
}
