/* What is written is what was found: exact text, JSON read back number for number, CSV by RFC 4180. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <parley/formats.h>

#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 (INT64_C(1474116900) * PRL_SECOND) /* 2016-09-17T12:55:00Z */

static prl_volume agl = { .band = { .lower = { 0, PRL_UNIT_M, PRL_DATUM_AGL }, .upper = { 100, PRL_UNIT_M, PRL_DATUM_AGL } } };
static prl_volume level = { .band = { .lower = { 100, PRL_UNIT_FL, PRL_DATUM_FL }, .upper = { INFINITY, PRL_UNIT_M, PRL_DATUM_MSL } } };
static prl_plan a = { .id = (char *)(uintptr_t) "A1",
	              .party = (char *)(uintptr_t) "us",
	              .name = (char *)(uintptr_t) "Al-Tharda",
	              .kind = PRL_KIND_FLIGHT,
	              .volumes = &level,
	              .volume_count = 1 };
static prl_plan b = { .id = (char *)(uintptr_t) "b,\"2\"",
	              .party = (char *)(uintptr_t) "",
	              .name = (char *)(uintptr_t) "",
	              .kind = PRL_KIND_LIVE_FIRE,
	              .volumes = &agl,
	              .volume_count = 1 };
static const prl_window windows[] = { { T0, T0 + 65 * PRL_SECOND }, { T0 + 3600 * PRL_SECOND, T0 + 7325 * PRL_SECOND + 1 } };
static const prl_window always[] = { { PRL_TIME_OPEN_START, PRL_TIME_OPEN_END } };

static prl_conflict known(void)
{
	return (prl_conflict){ .a = &a,
		               .b = &b,
		               .vertical = PRL_VERTICAL_KNOWN,
		               .intervals = windows,
		               .interval_count = 2,
		               .closest = { .time = T0 + 30 * PRL_SECOND,
		                            .horizontal_m = 1234.5678901234567,
		                            .vertical_m = 0.1,
		                            .place = { 35.285, -40.176111111111112 },
		                            .altitude_m = 3048,
		                            .datum = PRL_DATUM_FL } };
}

static prl_conflict untold(void)
{
	prl_conflict c = known();
	c.vertical = PRL_VERTICAL_CANNOT_TELL;
	c.intervals = always;
	c.interval_count = 1;
	c.possible = windows;
	c.possible_count = 1;
	c.closest.time = PRL_TIME_OPEN_START;
	c.closest.horizontal_m = -0.0;
	c.closest.vertical_m = INFINITY;
	c.closest.altitude_m = NAN;
	c.closest.datum = PRL_DATUM_W84;
	return c;
}

/* All that a writer of this kind gives for the conflicts. */
static char *written(prl_writer_options options, const prl_conflict *conflicts, size_t count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	prl_writer *writer = NULL;
	prl_error err = { 0 };
	assert_non_null(file);
	assert_int_equal(prl_writer_begin(&options, file, &writer, &err), PRL_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(prl_writer_conflict(writer, conflicts + i, &err), PRL_OK);
	assert_int_equal(prl_writer_end(writer, &err), PRL_OK);
	fclose(file);
	return text;
}

static void json_lines(void **unused)
{
	(void)unused;
	prl_conflict both[] = { known(), untold() };
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_JSONL }, both, 2);
	assert_string_equal(
	        text,
	        "{\"a\": \"A1\", \"b\": \"b,\\\"2\\\"\", \"from\": \"2016-09-17T12:55:00.000Z\", \"to\": \"2016-09-17T14:57:05.000000001Z\", "
	        "\"intervals\": [[\"2016-09-17T12:55:00.000Z\", \"2016-09-17T12:56:05.000Z\"], "
	        "[\"2016-09-17T13:55:00.000Z\", \"2016-09-17T14:57:05.000000001Z\"]], "
	        "\"closest\": {\"time\": \"2016-09-17T12:55:30.000Z\", \"horizontal_m\": 1234.5678901234567, \"vertical_m\": "
	        "0.10000000000000001, \"position\": [-40.176111111111112, 35.284999999999997, 3048], \"datum\": \"FL\"}, \"vertical\": \"known\"}\n"
	        "{\"a\": \"A1\", \"b\": \"b,\\\"2\\\"\", \"from\": null, \"to\": null, \"intervals\": [[null, null]], "
	        "\"closest\": {\"time\": null, \"horizontal_m\": 0, \"vertical_m\": null, \"position\": [-40.176111111111112, "
	        "35.284999999999997, null]}, \"vertical\": \"cannot tell\", \"possible\": [[\"2016-09-17T12:55:00.000Z\", "
	        "\"2016-09-17T12:56:05.000Z\"]]}\n");
	free(text);
}

/* Doubles come back bit by bit, ids byte by byte, whatever they hold. */
static void read_back(void **unused)
{
	(void)unused;
	static const char *const ids[] = { "\"\\\n\r\t\x01\x7f", "\xd8\xaf\xd9\x8a\xd8\xb1", "\xf0\x9f\x98\x80", "}]{[", "\xff\xc3(" };
	uint64_t state = 9;
	for (int i = 0; i < 2000; i++) {
		prl_conflict c = known();
		double *fields[] = { &c.closest.horizontal_m, &c.closest.vertical_m, &c.closest.place.lat_deg,
			             &c.closest.place.lng_deg, &c.closest.altitude_m };
		for (size_t k = 0; k < 5; k++) {
			uint64_t bits = state = state * 6364136223846793005u + 1442695040888963407u;
			memcpy(fields[k], &bits, sizeof bits);
		}
		prl_plan other = b;
		other.id = (char *)(uintptr_t)ids[i % 5];
		c.b = &other;
		char *text = written((prl_writer_options){ .output = PRL_OUTPUT_JSONL }, &c, 1);
		json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
		assert_non_null(json);
		if (i % 5 != 4)
			assert_string_equal(json_string_value(json_object_get(json, "b")), other.id);
		else
			assert_string_equal(json_string_value(json_object_get(json, "b")), "\xef\xbf\xbd\xef\xbf\xbd(");
		json_t *closest = json_object_get(json, "closest"), *position = json_object_get(closest, "position");
		const json_t *values[] = { json_object_get(closest, "horizontal_m"), json_object_get(closest, "vertical_m"),
			                   json_array_get(position, 1), json_array_get(position, 0),
			                   json_array_get(position, 2) };
		for (size_t k = 0; k < 5; k++) {
			double value = json_number_value(values[k]);
			assert_true(isfinite(*fields[k]) ? memcmp(&value, fields[k], sizeof value) == 0 : json_is_null(values[k]));
		}
		json_decref(json);
		free(text);
	}
}

static void map(void **unused)
{
	(void)unused;
	for (size_t count = 0; count < 3; count++) {
		prl_conflict both[] = { known(), untold() };
		both[1].closest.altitude_m = 5;
		char *text = written((prl_writer_options){ .output = PRL_OUTPUT_GEOJSON }, both, count);
		json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_string_equal(json_string_value(json_object_get(json, "type")), "FeatureCollection");
		json_t *features = json_object_get(json, "features");
		assert_int_equal(json_array_size(features), count);
		for (size_t i = 0; i < count; i++) {
			json_t *f = json_array_get(features, i), *g = json_object_get(f, "geometry"), *p = json_object_get(f, "properties");
			assert_string_equal(json_string_value(json_object_get(f, "type")), "Feature");
			assert_string_equal(json_string_value(json_object_get(g, "type")), "Point");
			/* only heights above the ellipsoid are a third number */
			assert_int_equal(json_array_size(json_object_get(g, "coordinates")), i ? 3 : 2);
			assert_string_equal(json_string_value(json_object_get(p, "a_party")), "us");
			assert_string_equal(json_string_value(json_object_get(p, "b_kind")), "live-fire area");
			assert_string_equal(json_string_value(json_object_get(p, "datum")), i ? "W84" : "FL");
		}
		json_decref(json);
		free(text);
	}
}

static void csv(void **unused)
{
	(void)unused;
	prl_conflict both[] = { known(), untold() };
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_CSV }, both, 2);
	assert_string_equal(text,
	                    "a,a_party,a_kind,b,b_party,b_kind,from,to,intervals,vertical,closest_time,horizontal_m,vertical_m,"
	                    "latitude,longitude,altitude_m,datum\r\n"
	                    "A1,us,flight,\"b,\"\"2\"\"\",,live-fire area,2016-09-17T12:55:00.000Z,2016-09-17T14:57:05.000000001Z,2,known,"
	                    "2016-09-17T12:55:30.000Z,1234.5678901234567,0.10000000000000001,35.284999999999997,-40.176111111111112,3048,FL\r\n"
	                    "A1,us,flight,\"b,\"\"2\"\"\",,live-fire area,,,1,cannot tell,,0,,35.284999999999997,-40.176111111111112,,W84\r\n");
	free(text);
}

static void people(void **unused)
{
	(void)unused;
	prl_conflict both[] = { known(), untold() };
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT, .zone_minutes = 180, .zone_name = "EEST" }, both, 2);
	static const char *const lines[] = {
		"overlap 1: A1 (Al-Tharda; flight; party us)\n",
		"  with      b,\"2\" (live-fire area; party not stated)\n",
		"  when      from 2016-09-17T12:55:00.000Z (2016-09-17 15:55:00.000 EEST) to 2016-09-17T12:56:05.000Z "
		"(2016-09-17 15:56:05.000 EEST), 1 min 05 s\n",
		" to 2016-09-17T14:57:05.001Z (2016-09-17 17:57:05.001 EEST), 1 h 02 min 05 s\n", /* outward */
		"  closest   2016-09-17T12:55:30.000Z (2016-09-17 15:55:30.000 EEST)\n"
		"            horizontal 1234.6 m (0.67 NM), vertical 0.1 m (0 ft)\n",
		"  place     35°17'06.00\"N 040°10'34.00\"W (35.285000, -40.176111), altitude 3048 m (10000 ft, FL100) of pressure altitude\n",
		"overlap 2: ",
		"from no start stated to no end stated\n",
		"  closest   always\n            horizontal 0.0 m (0.00 NM), vertical not known\n",
		"altitude without limit\n",
		"  altitude: cannot tell (A1 states metres or feet of pressure altitude; b,\"2\" states metres or feet above ground; ",
		"  perhaps   from 2016-09-17T12:55:00.000Z",
	};
	const char *at = text;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *found = strstr(at, lines[i]);
		if (!found)
			fail_msg("missing: %s\nin:\n%s", lines[i], text);
		at = found + strlen(lines[i]);
	}
	free(text);
}

/* Shown times hold the true ones, also before 1970 and at the ends of the type. */
static void rounded_outward(void **unused)
{
	(void)unused;
	static const struct {
		prl_time from, to;
		const char *text;
	} cases[] = {
		{ 1, 1999999, "from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:00.002Z" },
		{ 1000000, 2000000, "from 1970-01-01T00:00:00.001Z to 1970-01-01T00:00:00.002Z" },
		{ -1, -1, "from 1969-12-31T23:59:59.999Z to 1970-01-01T00:00:00.000Z" },
		{ -1000000, -999999, "from 1969-12-31T23:59:59.999Z to 1970-01-01T00:00:00.000Z" },
		{ INT64_MIN + 1, INT64_MAX - 1, "from 1677-09-21T00:12:43.145224193Z to 2262-04-11T23:47:16.854775806Z" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_conflict c = known();
		prl_window window = { cases[i].from, cases[i].to };
		c.intervals = &window;
		c.interval_count = 1;
		char *text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT }, &c, 1);
		if (!strstr(text, cases[i].text))
			fail_msg("missing: %s\nin:\n%s", cases[i].text, text);
		free(text);
	}
}

static int summer(prl_time t, char name[16], void *context)
{
	(void)context;
	strcpy(name, t < T0 + 60 * PRL_SECOND ? "S" : "W");
	return t < T0 + 60 * PRL_SECOND ? 120 : 60;
}

/* Summer time that ends inside an overlap; and no word of permission, nor "conflict". */
static void zones_and_words(void **unused)
{
	(void)unused;
	static const char *const never[] = { "conflict", "approved", "cleared", "safe", "permitted", "confirmed", "authoris", "authoriz" };
	prl_conflict both[] = { known(), untold() };
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT, .zone_at = summer }, both, 2);
	assert_non_null(strstr(text, "(2016-09-17 14:55:00.000 S) to 2016-09-17T12:56:05.000Z (2016-09-17 13:56:05.000 W)"));
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_null(strstr(text, never[i]));
	free(text);
	text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT }, both, 1);
	assert_null(strstr(text, "(2016"));
	free(text);
}

static void many_times(void **unused)
{
	(void)unused;
	prl_window many[100];
	for (int i = 0; i < 100; i++)
		many[i] = (prl_window){ T0 + 2 * i * PRL_SECOND, T0 + (2 * i + 1) * PRL_SECOND };
	prl_conflict c = known();
	c.intervals = many;
	c.interval_count = 100;
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT }, &c, 1);
	assert_non_null(strstr(text, "and 80 more times"));
	assert_non_null(strstr(text, "2016-09-17T12:58:18.000Z to 2016-09-17T12:58:19.000Z"));
	free(text);
}

/* The corners of the earth and of a minute. */
static void degrees(void **unused)
{
	(void)unused;
	static const struct {
		double lat, lng;
		const char *text;
	} cases[] = {
		{ 90, 180, "90°00'00.00\"N 180°00'00.00\"E" },
		{ -90, -180, "90°00'00.00\"S 180°00'00.00\"W" },
		{ 0, 0, "00°00'00.00\"N 000°00'00.00\"E" },
		{ 35.999999999, -0.0166666666, "36°00'00.00\"N 000°01'00.00\"W" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_conflict c = known();
		c.closest.place = (prl_latlng){ cases[i].lat, cases[i].lng };
		char *text = written((prl_writer_options){ .output = PRL_OUTPUT_TEXT }, &c, 1);
		assert_non_null(strstr(text, cases[i].text));
		free(text);
	}
}

static void failures(void **unused)
{
	(void)unused;
	prl_writer_options options = { .output = PRL_OUTPUT_TEXT, .zone_minutes = 1081 };
	prl_writer *writer = NULL;
	prl_error err = { 0 };
	prl_conflict c = known();
	assert_int_equal(prl_writer_begin(&options, stdout, &writer, &err), PRL_E_RANGE);
	options = (prl_writer_options){ .output = (prl_output)9 };
	assert_int_equal(prl_writer_begin(&options, stdout, &writer, &err), PRL_E_UNSUPPORTED);
	assert_null(writer);
	assert_int_equal(prl_writer_end(NULL, &err), PRL_OK);
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	options = (prl_writer_options){ .output = PRL_OUTPUT_JSONL };
	assert_int_equal(prl_writer_begin(&options, full, &writer, &err), PRL_OK);
	(void)!prl_writer_conflict(writer, &c, &err);
	assert_int_equal(prl_writer_end(writer, &err), PRL_E_IO);
	fclose(full);
}

/* Every key that a line has stands in the schema, and every key that the schema requires in the line. */
static void schema(void **unused)
{
	(void)unused;
	prl_conflict c = untold();
	json_t *wanted = json_load_file(PARLEY_SOURCE_DIR "/schemas/conflict.schema.json", 0, NULL);
	assert_non_null(wanted);
	char *text = written((prl_writer_options){ .output = PRL_OUTPUT_JSONL }, &c, 1);
	json_t *line = json_loads(text, 0, NULL), *value;
	const char *key;
	size_t i;
	json_object_foreach(line, key, value)
		assert_non_null(json_object_get(json_object_get(wanted, "properties"), key));
	json_array_foreach(json_object_get(wanted, "required"), i, value)
		assert_non_null(json_object_get(line, json_string_value(value)));
	json_decref(line);
	json_decref(wanted);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_lines), cmocka_unit_test(read_back),       cmocka_unit_test(map),
		cmocka_unit_test(csv),        cmocka_unit_test(people),          cmocka_unit_test(zones_and_words),
		cmocka_unit_test(many_times), cmocka_unit_test(degrees),         cmocka_unit_test(failures),
		cmocka_unit_test(schema),     cmocka_unit_test(rounded_outward),
	};
	return cmocka_run_group_tests_name("formats/writer", tests, NULL, NULL);
}
