/* Extents of F3548 (src/dss/extent.h): what it costs to read one from JSON, to make it ready, to compare it with one
 * that is stored, to ask whether it covers another. Prints nanoseconds each, the best of ROUNDS. */
#include "dss/extent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define TIMES  20000
#define MANY   256 /* extents that are compared, each with each in turn */

static uint64_t state = 20161;

static double unit(void)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static double nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "extent_bench: %s\n", what);
	exit(1);
}

static prl_latlng somewhere(void)
{
	return (prl_latlng){ 46.9 + 0.01 * unit(), 7.4 + 0.01 * unit() };
}

static json_t *circle(void)
{
	prl_latlng at = somewhere();
	return json_pack("{s:{s:f,s:f},s:{s:f,s:s}}", "center", "lat", at.lat_deg, "lng", at.lng_deg, "radius", "value",
			 50 + 100 * unit(), "units", "M");
}

static json_t *polygon(size_t corners)
{
	json_t *vertices = json_array();
	prl_latlng at = somewhere();
	for (size_t i = 0; i < corners; i++) {
		prl_latlng v =
			prl_destination(at, 360.0 * ((double)i + 0.5 * unit()) / (double)corners, 100 + 100 * unit());
		json_array_append_new(vertices, json_pack("{s:f,s:f}", "lat", v.lat_deg, "lng", v.lng_deg));
	}
	return json_pack("{s:o}", "vertices", vertices);
}

/* A list of one Volume4D, with all that a client states; corners 0: a circle. */
static json_t *volume(size_t corners)
{
	json_t *list =
		json_pack("[{s:{s:o,s:{s:f,s:s,s:s},s:{s:f,s:s,s:s}},s:{s:s,s:s},s:{s:s,s:s}}]", "volume",
			  corners ? "outline_polygon" : "outline_circle", corners ? polygon(corners) : circle(),
			  "altitude_lower", "value", 50.0, "reference", "W84", "units", "M", "altitude_upper", "value",
			  120.0, "reference", "W84", "units", "M", "time_start", "value", "2026-09-01T12:00:00Z",
			  "format", "RFC3339", "time_end", "value", "2026-09-01T12:02:00.000Z", "format", "RFC3339");
	return list ? list : (die("json_pack"), NULL);
}

static const prl_extent_rules rules = {
	.footprints = true, .times = true, .altitudes = true, .area_max_m2 = 2500e6, .form = PRL_EXTENT_LIST
};

static prl_extent *read_one(const json_t *json)
{
	prl_extent *extent = NULL;
	prl_error err = { 0 };
	if (prl_extent_read(json, &rules, &extent, &err))
		die(err.text);
	return extent;
}

/* What is measured: runs it once on the i-th of the inputs. */
typedef struct inputs {
	json_t *json[MANY];
	prl_extent *extents[MANY];
	prl_extent_ready ready[MANY];
	size_t answers;
} inputs;
typedef void measured(inputs *in, size_t i);

static void reads(inputs *in, size_t i)
{
	prl_extent_free(read_one(in->json[i % MANY]));
}

static void prepares(inputs *in, size_t i)
{
	prl_extent_ready ready;
	if (prl_extent_prepare(in->extents[i % MANY], &ready, NULL))
		die("prepare");
	prl_extent_ready_done(&ready);
}

static void boxes(inputs *in, size_t i)
{
	prl_box *all;
	size_t count;
	if (prl_extent_boxes(in->extents[i % MANY], true, &all, &count, NULL))
		die("boxes");
	free(all);
}

static void meets(inputs *in, size_t i)
{
	bool yes;
	if (prl_extent_meets(&in->ready[i % MANY], in->extents[i * 7 / 3 % MANY], true, &yes, NULL))
		die("meets");
	in->answers += yes;
}

static void covers(inputs *in, size_t i)
{
	bool yes;
	if (prl_extent_covers(in->extents[i % MANY], in->extents[i * 7 / 3 % MANY], &yes, NULL))
		die("covers");
	in->answers += yes;
}

static void saves(inputs *in, size_t i)
{
	static prl_buffer bytes = { .max = 1 << 20 };
	prl_extent *back;
	prl_buffer_clear(&bytes);
	if (!prl_extent_save(in->extents[i % MANY], &bytes))
		die("save");
	prl_bytes from = { bytes.data, bytes.size };
	if (prl_extent_load(&from, &back, NULL))
		die("load");
	prl_extent_free(back);
}

static double best(measured *fn, inputs *in)
{
	double least = HUGE_VAL;
	for (int round = 0; round < ROUNDS; round++) {
		double start = nanoseconds();
		for (size_t i = 0; i < TIMES; i++)
			fn(in, i);
		least = fmin(least, (nanoseconds() - start) / TIMES);
	}
	return least;
}

static void measure(size_t corners)
{
	static inputs in;
	in = (inputs){ 0 };
	for (size_t i = 0; i < MANY; i++) {
		in.json[i] = volume(corners);
		in.extents[i] = read_one(in.json[i]);
		if (prl_extent_prepare(in.extents[i], &in.ready[i], NULL))
			die("prepare");
	}
	static const struct {
		const char *name;
		measured *fn;
	} all[] = { { "read", reads },  { "prepare", prepares }, { "boxes", boxes },
		    { "meets", meets }, { "covers", covers },    { "save and load", saves } };
	printf("%s, %zu bytes\n", corners ? "polygon" : "circle", prl_extent_bytes(in.extents[0]));
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		in.answers = 0;
		printf("  %-14s %7.0f ns", all[i].name, best(all[i].fn, &in));
		printf(in.answers ? "  (%.0f %% yes)\n" : "\n", 100.0 * (double)in.answers / (ROUNDS * TIMES));
	}
	for (size_t i = 0; i < MANY; i++) {
		prl_extent_ready_done(&in.ready[i]);
		prl_extent_free(in.extents[i]);
		json_decref(in.json[i]);
	}
}

int main(void)
{
	measure(0);
	measure(4);
	measure(8);
	measure(100);
	return 0;
}
