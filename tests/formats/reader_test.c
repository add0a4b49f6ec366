/* Whole files: hostile, large, real. */
#include "session.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define PLAN(id)                                                                                                       \
	"{\"type\":\"Feature\",\"properties\":{\"parley\":{\"id\":\"" id                                               \
	"\",\"radius_m\":5}},\"geometry\":{\"type\":\"Point\",\"coordinates\":[8,47]}}"

/* What each text must give: ids taken, one word each, and the lines of the problems. */
static void hostile(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *ids, *lines;
	} cases[] = {
		{ "", "", "1" },
		{ "\xef\xbb\xbf", "", "1" },
		{ "null", "", "1" },
		{ "[]", "", "" },
		{ "{\"type\":\"FeatureCollection\",\"features\":[]}", "", "" },
		{ "\xef\xbb\xbf" PLAN("a") "\r\n", "a", "" },
		{ "{\"type\":\"FeatureCollection\",\r\n\"features\":[\r\n" PLAN("a") ",\r\n" PLAN("b") "\r\n]}\r\n", "a b", "" },
		{ "{\"features\":[" PLAN("a") "]}", "a", "1" },
		{ "{\"type\":\"Collection\",\"features\":[" PLAN("a") "]}", "a", "1" },
		{ "{\"type\":\"FeatureCollection\",\"type\":\"x\",\"features\":[" PLAN("a") "]}", "a", "1 1" },
		{ "{\"type\":\"FeatureCollection\",\"crs\":{\"properties\":{\"name\":\"EPSG:3857\"}},\"features\":[" PLAN("a") ",\n" PLAN("b") "]}", "", "1 2" },
		{ "{\"type\":\"FeatureCollection\",\"features\":[" PLAN("a") "],\"crs\":{\"properties\":{\"name\":\"EPSG:3857\"}}}", "a", "1" },
		{ PLAN("a") " garbage", "a", "1" },
		{ PLAN("a") "\n" PLAN("b") "\n\n" PLAN("c"), "a b c", "" },
		{ "\x1e" PLAN("a") "\n\x1e" PLAN("b") "\n", "a b", "" },
		{ "\x1e{\"broken\n\x1e" PLAN("b") "\n", "", "1" },
		{ PLAN("a") "\n{\"oops\n" PLAN("b"), "a b", "2" },
		{ "[" PLAN("a") ",\n{\"x\":NaN},\n" PLAN("b") "]", "a b", "2" },
		{ "[" PLAN("a") ",\n{\"x\":Infinity},{\"x\":1e999},\n" PLAN("b") "]", "a b", "2 2" },
		{ "[" PLAN("a") ",\n7,\"x\",null,\n" PLAN("b") "]", "a b", "2 2 2" },
		{ "[" PLAN("a") ",\n" PLAN("a") ",\n" PLAN("b") "]", "a b", "2" },
		{ "[" PLAN("a") ",\n{\"id\":1,\n\"id\":2},\n" PLAN("b") "]", "a b", "3" },
		{ "[" PLAN("a") ",\n{\"x\":\"\xff\"},\n" PLAN("b") "]", "a b", "2" },
		{ "[" PLAN("a") ",\n{\"x\":\"\\u0000\"},\n" PLAN("b") "]", "a b", "2" },
		{ "[[" PLAN("a") "],\n{\"type\":\"FeatureCollection\",\"features\":[" PLAN("b") "]}]", "a b", "" },
		{ "[" PLAN("a") ",\n{\"a\":{\"b\":1},\n" PLAN("b") ",\n" PLAN("c") "]", "a b c", "2" },
		{ "[" PLAN("a") ",\n{\"a\":[1,2}},\n" PLAN("b") "]", "a b", "2 2" },
		{ "[" PLAN("a") ",\n{\"a\":\"no end},\n" PLAN("b") "]", "a b", "2" },
		{ "[" PLAN("a"), "a", "1" },
		{ "{\"type\":\"Feature\"", "", "1" },
		{ "\x1f\x8b", "", "1" },
		{ "<kml/>", "", "1" },
		{ "PK\x03\x04", "", "1" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		session *s = session_of(cases[i].text);
		char ids[200] = "", lines[200] = "";
		for (size_t k = 0; k < s->plan_count; k++)
			sprintf(ids + strlen(ids), "%s%s", k ? " " : "", s->plans[k]->id);
		for (size_t k = 0; k < s->problem_count; k++)
			sprintf(lines + strlen(lines), "%s%zu", k ? " " : "", s->problems[k].line);
		if (strcmp(ids, cases[i].ids) != 0 || strcmp(lines, cases[i].lines) != 0)
			fail_msg("%s\n  ids \"%s\", lines \"%s\", first: %s: %s\n  expected \"%s\", \"%s\"", cases[i].text, ids, lines,
			         s->problems[0].where, s->problems[0].text, cases[i].ids, cases[i].lines);
		session_free(s);
	}
}

static void across_files(void **unused)
{
	(void)unused;
	session *s = session_new(0);
	prl_error err = { 0 };
	session_read(s, PLAN("a"), sizeof PLAN("a") - 1);
	assert_int_equal(prl_reader_read_bytes(s->reader, "second", PLAN("a"), sizeof PLAN("a") - 1, &err), PRL_OK);
	assert_int_equal(s->plan_count, 1);
	assert_int_equal(s->problems[0].status, PRL_E_DUPLICATE);
	assert_non_null(strstr(s->problems[0].text, "\"a\" was read before (test:1)"));
	assert_int_equal(prl_reader_read_file(s->reader, "/nonexistent", &err), PRL_OK);
	assert_int_equal(prl_reader_read_file(s->reader, "/tmp", &err), PRL_OK);
	assert_int_equal(s->problem_count, 3);
	assert_int_equal(s->problems[1].line, 0);
	assert_int_equal(s->problems[2].status, PRL_E_IO);
	session_read(s, PLAN("b"), sizeof PLAN("b") - 1);
	assert_int_equal(s->plan_count, 2);
	session_free(s);
}

static bool stop_problem(const char *source, const prl_error *problem, void *context)
{
	(void)source;
	(void)problem;
	(void)context;
	return false;
}

static void stopped(void **unused)
{
	(void)unused;
	static const char text[] = "[" PLAN("a") "," PLAN("b") "," PLAN("c") "]";
	session *s = session_new(0);
	prl_error err = { 0 };
	s->stop_after = 2;
	assert_int_equal(prl_reader_read_bytes(s->reader, "x", text, sizeof text - 1, &err), PRL_E_CALLBACK);
	assert_int_equal(s->plan_count, 2);
	session_free(s);
	prl_reader_options options = { .on_plan = session_plan, .on_problem = stop_problem };
	prl_reader *reader;
	assert_int_equal(prl_reader_new(&options, &reader, &err), PRL_OK);
	assert_int_equal(prl_reader_read_bytes(reader, "x", "[1,2]", 5, &err), PRL_E_CALLBACK);
	assert_int_equal(prl_reader_counts(reader).problems, 1);
	prl_reader_free(reader);
	prl_reader_free(NULL);
}

/* What strangers write is shown without what could mislead a terminal. */
static void no_escapes(void **unused)
{
	(void)unused;
	session *s = session_of("[{\"type\":\"Feature\",\"id\":\"a\\u001b[2J\\u202e\",\"geometry\":null}]");
	assert_int_equal(s->problem_count, 1);
	assert_null(strpbrk(s->problems[0].where, "\x1b\xe2"));
	session_free(s);
}

static char *temporary(const void *bytes, size_t length)
{
	char *path = strdup("/tmp/parley-reader-XXXXXX");
	assert_non_null(path);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	return path;
}

/* A gzip file cut off: the features before it are delivered, the file is named once. */
static void truncated_gzip(void **unused)
{
	(void)unused;
	char *text = malloc(4000000);
	unsigned char *packed = malloc(4000000);
	assert_true(text && packed);
	size_t length = 0;
	length += (size_t)sprintf(text, "{\"type\":\"FeatureCollection\",\"features\":[\n");
	for (unsigned i = 0; i < 10000; i++)
		length += (size_t)sprintf(text + length, "%s{\"type\":\"Feature\",\"id\":%u,\"properties\":{\"parley\":{\"radius_m\":5}},"
		                                         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[%u.%07u,47]}}",
		                          i ? ",\n" : "", i, i % 180, i * 7919u % 10000000u);
	length += (size_t)sprintf(text + length, "\n]}");
	z_stream z = { 0 };
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (z_const Bytef *)(void *)text;
	z.avail_in = (uInt)length;
	z.next_out = packed;
	z.avail_out = 4000000;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	for (unsigned part = 1; part <= 4; part++) {
		char *path = temporary(packed, z.total_out * part / 4);
		prl_error err = { 0 };
		session *s = session_new(0);
		assert_int_equal(prl_reader_read_file(s->reader, path, &err), PRL_OK);
		assert_int_equal(s->problem_count, part < 4);
		assert_true(part == 4 ? s->plan_count == 10000 : s->plan_count > 2000 * part && s->plan_count < 3000 * part);
		assert_true(part == 4 || strstr(s->problems[0].text, "cut off"));
		assert_true(part == 4 || s->problems[0].line > 2000);
		session_free(s);
		unlink(path);
		free(path);
	}
	deflateEnd(&z);
	free(packed);
	free(text);
}

/* A million vertices in one polygon, and one more than is taken. */
static void many_vertices(void **unused)
{
	(void)unused;
	enum { COUNT = 1000000 };
	char *text = malloc(COUNT * 32 + 1000);
	assert_non_null(text);
	size_t n = (size_t)sprintf(text, "{\"type\":\"Feature\",\"properties\":{\"parley\":{\"id\":\"big\"}},\"geometry\":"
	                                 "{\"type\":\"Polygon\",\"coordinates\":[[");
	for (int i = 0; i <= COUNT; i++) {
		double angle = i % COUNT * 6.283185307179586 / COUNT;
		n += (size_t)sprintf(text + n, "%s[%.9f,%.9f]", i ? "," : "", 10 + 5 * cos(angle), 47 + 5 * sin(angle));
	}
	n += (size_t)sprintf(text + n, "]]}}");
	session *s = session_new(0);
	session_read(s, text, n);
	if (s->plan_count != 1)
		fail_msg("%s: %s", s->problems[0].where, s->problems[0].text);
	session_free(s);
	s = session_new(n / 2); /* longer than an item may be */
	session_read(s, text, n);
	assert_int_equal(s->plan_count, 0);
	assert_int_equal(s->problems[0].status, PRL_E_TOO_LARGE);
	session_free(s);
	free(text);
}

/* Writes about megabytes MB of features to fd and leaves. */
static void feed(int fd, unsigned megabytes)
{
	static char chunk[1 << 16];
	FILE *out = fdopen(fd, "w");
	unsigned long id = 0;
	unsigned long long written = 0;
	if (!out)
		_exit(1);
	for (size_t k = 0; k < 50; k++)
		sprintf(chunk + strlen(chunk), "%s[8.%07zu,47.%07zu]", k ? "," : "", k * 97, k * 31);
	written += (unsigned long long)fprintf(out, "{\"type\":\"FeatureCollection\",\"features\":[\n");
	for (; written < megabytes * 1000000ull && !ferror(out); id++)
		written += (unsigned long long)fprintf(out, "%s{\"type\":\"Feature\",\"id\":%lu,\"properties\":{\"parley\":"
		                                            "{\"half_width_m\":5}},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[%s]}}",
		                                       id ? ",\n" : "", id, chunk);
	fprintf(out, "\n]}\n");
	_exit(fclose(out) != 0);
}

static bool count_only(prl_plan *plan, void *context)
{
	++*(size_t *)context;
	prl_plan_free(plan);
	return true;
}

/* A file far larger than memory should be: it grows by no more than a few MB. PARLEY_LONG=1: 1 GB. */
static void endless(void **unused)
{
	(void)unused;
	unsigned megabytes = getenv("PARLEY_LONG") ? 1000 : 40;
	size_t plans = 0;
	struct rusage before, after;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		feed(ends[1], megabytes);
	}
	close(ends[1]);
	char path[32];
	prl_error err = { 0 };
	prl_reader *reader;
	prl_reader_options options = { .on_plan = count_only, .context = &plans };
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(prl_reader_new(&options, &reader, &err), PRL_OK);
	assert_int_equal(prl_reader_read_file(reader, path, &err), PRL_OK);
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(prl_reader_counts(reader).problems, 0);
	assert_true(plans > megabytes * 700u && prl_reader_counts(reader).taken == plans);
	prl_reader_free(reader);
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	/* ids are remembered: 100 bytes a plan at most */
	assert_true(after.ru_maxrss - before.ru_maxrss < 16000 + (long)(plans / 10));
#endif
}

static void switzerland(void **unused)
{
	(void)unused;
	static const char path[] = PARLEY_SOURCE_DIR "/../shared/data/tracks-switzerland/flights.mfjson.gz";
	static const char beside[] = PARLEY_SOURCE_DIR "/../../shared/data/tracks-switzerland/flights.mfjson.gz";
	const char *found = access(path, R_OK) == 0 ? path : access(beside, R_OK) == 0 ? beside : NULL;
	if (!found) {
		print_message("skipped: %s is missing\n", path);
		skip();
	}
	session *s = session_new(0);
	prl_error err = { 0 };
	size_t samples = 0;
	assert_int_equal(prl_reader_read_file(s->reader, found, &err), PRL_OK);
	assert_int_equal(s->plan_count, 1243);
	assert_int_equal(s->problem_count, 0);
	for (size_t i = 0; i < s->plan_count; i++)
		samples += prl_trajectory_count(s->plans[i]->trajectories[0]);
	assert_int_equal(samples, 139098);
	assert_string_equal(s->plans[0]->id, "00b0ed-SAA260");
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile),        cmocka_unit_test(across_files),  cmocka_unit_test(stopped),
		cmocka_unit_test(no_escapes),     cmocka_unit_test(truncated_gzip), cmocka_unit_test(many_vertices),
		cmocka_unit_test(endless),        cmocka_unit_test(switzerland),
	};
	return cmocka_run_group_tests_name("formats/reader", tests, NULL, NULL);
}
