/*
 * A day of real traffic over Switzerland against the conflicts that brute force found in it
 * (shared/data/tracks-switzerland, PROVENANCE.md): all `must` pairs, none beyond those listed, and when.
 *
 * The file is read here with jansson and zlib, not by the formats layer: the engine alone is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <parley/conflict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "support/oracle_footprint.h"

#define FOLDER       "shared/data/tracks-switzerland/"
#define HORIZONTAL_M 9260
#define VERTICAL_M   304.8
#define SLACK_NS     (10 * PRL_SECOND / 1000)
#define SKIPPED      77

/** A pair of the expected list, and whether it was found. */
typedef struct expected {
	const char *a, *b;
	bool must, found;
	const char *from, *to; /**< NULL where not given */
} expected;

typedef struct day {
	prl_plan *plans;
	const prl_plan **pointers;
	size_t plan_count;
	json_t *lines; /**< array of the expected file's objects */
	expected *expected;
	size_t expected_count, found_count, on_limit, failures;
} day;

/** Opens a file of the data folder, which lies beside the repository or beside its worktrees; NULL where it is not. */
static char *data_path(const char *name)
{
	static const char *const above[] = { "/../", "/../../", "/../../../" };
	static char path[4096];
	for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
		snprintf(path, sizeof path, "%s%s%s%s", PARLEY_SOURCE_DIR, above[i], FOLDER, name);
		FILE *file = fopen(path, "rb");
		if (file) {
			fclose(file);
			return path;
		}
	}
	return NULL;
}

static size_t read_gzip(void *buffer, size_t length, void *file)
{
	int got = gzread(file, buffer, (unsigned)length);
	return got < 0 ? (size_t)-1 : (size_t)got;
}

static prl_time time_of(const char *text)
{
	prl_time t = 0;
	prl_error err;
	assert_int_equal(prl_time_parse(text, strlen(text), &t, &err), PRL_OK);
	return t;
}

static void plan_of_feature(json_t *feature, prl_plan *plan)
{
	static char empty[] = "";
	json_t *geometry = json_object_get(feature, "temporalGeometry");
	json_t *times = json_object_get(geometry, "datetimes"), *places = json_object_get(geometry, "coordinates");
	size_t count = json_array_size(times);
	prl_sample *samples = calloc(count, sizeof *samples);
	prl_error err = { 0 };
	assert_true(samples && count == json_array_size(places));
	for (size_t i = 0; i < count; i++) {
		json_t *place = json_array_get(places, i);
		samples[i].time = time_of(json_string_value(json_array_get(times, i)));
		samples[i].lng_deg = json_number_value(json_array_get(place, 0));
		samples[i].lat_deg = json_number_value(json_array_get(place, 1));
		samples[i].altitude_m = json_number_value(json_array_get(place, 2));
	}
	*plan = (prl_plan){ .party = empty, .name = empty, .source = empty, .kind = PRL_KIND_FLIGHT };
	plan->id = strdup(json_string_value(json_object_get(feature, "id")));
	plan->trajectories = calloc(1, sizeof(prl_trajectory *));
	plan->trajectory_count = 1;
	assert_int_equal(prl_trajectory_new(samples, count, PRL_DATUM_W84, plan->trajectories, &err), PRL_OK);
	free(samples);
}

static void read_flights(day *d)
{
	gzFile file = gzopen(data_path("flights.mfjson.gz"), "rb");
	assert_non_null(file);
	json_error_t err;
	json_t *root = json_load_callback(read_gzip, file, 0, &err);
	gzclose(file);
	assert_non_null(root);
	json_t *features = json_object_get(root, "features");
	d->plan_count = json_array_size(features);
	d->plans = calloc(d->plan_count, sizeof *d->plans);
	d->pointers = calloc(d->plan_count, sizeof *d->pointers);
	assert_true(d->plan_count > 1000 && d->plans && d->pointers);
	for (size_t i = 0; i < d->plan_count; i++) {
		plan_of_feature(json_array_get(features, i), &d->plans[i]);
		d->pointers[i] = &d->plans[i];
	}
	json_decref(root);
}

static void read_expected(day *d)
{
	FILE *file = fopen(data_path("expected-conflicts-9260m-304.8m.jsonl"), "r");
	char line[1024];
	assert_non_null(file);
	d->lines = json_array();
	while (fgets(line, sizeof line, file)) {
		json_error_t err;
		json_t *object = json_loads(line, 0, &err);
		assert_non_null(object);
		json_array_append_new(d->lines, object);
	}
	fclose(file);
	d->expected_count = json_array_size(d->lines);
	d->expected = calloc(d->expected_count, sizeof *d->expected);
	assert_true(d->expected_count > 400 && d->expected);
	for (size_t i = 0; i < d->expected_count; i++) {
		json_t *object = json_array_get(d->lines, i);
		d->expected[i] = (expected){
			.a = json_string_value(json_object_get(object, "a")),
			.b = json_string_value(json_object_get(object, "b")),
			.must = json_is_true(json_object_get(object, "must")),
			.from = json_string_value(json_object_get(object, "from")),
			.to = json_string_value(json_object_get(object, "to")),
		};
	}
}

/** Where a flight is, linear between the samples given to it. */
static prl_sample flight_at(const prl_plan *plan, prl_time t)
{
	const prl_sample *s = prl_trajectory_samples(plan->trajectories[0]);
	size_t i = 0, count = prl_trajectory_count(plan->trajectories[0]);
	while (i + 2 < count && t >= s[i + 1].time)
		i++;
	double f = (double)(t - s[i].time) / (double)(s[i + 1].time - s[i].time);
	return (prl_sample){ .lat_deg = s[i].lat_deg + (s[i + 1].lat_deg - s[i].lat_deg) * f,
			     .lng_deg = s[i].lng_deg + (s[i + 1].lng_deg - s[i].lng_deg) * f,
			     .altitude_m = s[i].altitude_m + (s[i + 1].altitude_m - s[i].altitude_m) * f };
}

/**
 * Whether two flights are within 1 cm of the limits all the time between @p from and @p to, but for 10 ms at the ends.
 * Barometric altitudes come in whole steps of 25 ft, so that many pairs fly for minutes exactly 1,000 ft apart: there
 * the last bit of the expected answer's arithmetic decides, and either answer is right.
 */
static bool on_the_limit(const prl_conflict *c, prl_time from, prl_time to)
{
	if (from > to)
		return on_the_limit(c, to, from);
	for (prl_time t = from + SLACK_NS; t < to - SLACK_NS; t += SLACK_NS) {
		prl_sample a = flight_at(c->a, t), b = flight_at(c->b, t);
		double across =
			oracle_distance_m((prl_latlng){ a.lat_deg, a.lng_deg }, (prl_latlng){ b.lat_deg, b.lng_deg });
		double over = fmax(across - HORIZONTAL_M, fabs(a.altitude_m - b.altitude_m) - VERTICAL_M);
		if (fabs(over) > 0.0101)
			return false;
	}
	return true;
}

static void check_time(day *d, const prl_conflict *c, const char *which, prl_time ours, const char *theirs)
{
	prl_time off = ours - time_of(theirs);
	if (off >= -SLACK_NS && off <= SLACK_NS)
		return;
	d->on_limit++;
	if (on_the_limit(c, ours, time_of(theirs)))
		return;
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(ours, text);
	d->failures++;
	fprintf(stderr, "# %s and %s: %s %s, expected %s\n", c->a->id, c->b->id, which, text, theirs);
}

static bool on_conflict(const prl_conflict *c, void *context)
{
	day *d = context;
	d->found_count++;
	for (size_t i = 0; i < d->expected_count; i++) {
		expected *e = &d->expected[i];
		bool same = !strcmp(e->a, c->a->id) && !strcmp(e->b, c->b->id);
		bool turned = !strcmp(e->a, c->b->id) && !strcmp(e->b, c->a->id);
		if (!same && !turned)
			continue;
		d->failures += e->found || strcmp(c->a->id, c->b->id) >= 0;
		e->found = true;
		if (e->must && e->from)
			check_time(d, c, "from", c->intervals[0].from, e->from);
		if (e->must && e->to)
			check_time(d, c, "to", c->intervals[c->interval_count - 1].to, e->to);
		return true;
	}
	d->failures++;
	fprintf(stderr, "# found, but not listed: %s and %s\n", c->a->id, c->b->id);
	return true;
}

static void test_day(void **state)
{
	(void)state;
	day d = { 0 };
	struct timespec start, end;
	prl_error err = { 0 };
	prl_check_options options = prl_check_options_default();
	options.separation = (prl_separation){ HORIZONTAL_M, VERTICAL_M };
	read_flights(&d);
	read_expected(&d);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(prl_check_all(d.pointers, d.plan_count, &options, on_conflict, NULL, &d, &err), PRL_OK);
	clock_gettime(CLOCK_MONOTONIC, &end);
	size_t must = 0;
	for (size_t i = 0; i < d.expected_count; i++) {
		must += d.expected[i].must;
		if (d.expected[i].must && !d.expected[i].found) {
			d.failures++;
			fprintf(stderr, "# MISSED: %s and %s\n", d.expected[i].a, d.expected[i].b);
		}
	}
	fprintf(stderr,
		"# %zu flights, %zu conflicts found, %zu must be, %zu ends on the limit, %zu failures, %.3f s\n",
		d.plan_count, d.found_count, must, d.on_limit, d.failures,
		(double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
	assert_int_equal(must, 157);
	assert_int_equal(d.failures, 0);
	for (size_t i = 0; i < d.plan_count; i++) {
		prl_trajectory_free(d.plans[i].trajectories[0]);
		free(d.plans[i].trajectories);
		free(d.plans[i].id);
	}
	free(d.plans);
	free(d.pointers);
	free(d.expected);
	json_decref(d.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_day) };
	if (!data_path("flights.mfjson.gz") || !data_path("expected-conflicts-9260m-304.8m.jsonl")) {
		fprintf(stderr, "skipped: no " FOLDER " beside the repository\n");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
