/* Trajectories against a plain transcription in long double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/trajectory.h"

#include <math.h>
#include <string.h>

static uint64_t state = 20180801;

static double uniform(double low, double high)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return low + (high - low) * ((double)((z ^ z >> 31) >> 11) * 0x1p-53);
}

static long double turn(long double degrees)
{
	return remainderl(degrees, 360);
}

static long double mix(double a, double b, long double f)
{
	return a + ((long double)b - a) * f;
}

static void check_at(const prl_sample *a, const prl_sample *b, const prl_trajectory *t, prl_time when)
{
	prl_sample got;
	long double f = (long double)(when - a->time) / (long double)(b->time - a->time);
	long double step = turn((long double)b->lng_deg - a->lng_deg);
	assert_true(prl_trajectory_at(t, when, &got));
	assert_true(got.time == when);
	assert_true(fabsl(got.lat_deg - mix(a->lat_deg, b->lat_deg, f)) < 1e-12L);
	assert_true(fabsl(turn(got.lng_deg - (a->lng_deg + step * f))) < 1e-10L);
	assert_true(got.lng_deg >= -180 && got.lng_deg <= 180);
	assert_true(fabsl(got.altitude_m - mix(a->altitude_m, b->altitude_m, f)) < 1e-8L);
	assert_true(fabsl(got.horizontal_m - mix(a->horizontal_m, b->horizontal_m, f)) < 1e-9L);
	assert_true(fabsl(got.vertical_m - mix(a->vertical_m, b->vertical_m, f)) < 1e-9L);
}

static void interpolation(void **unused)
{
	(void)unused;
	for (int round = 0; round < 500; round++) {
		prl_sample samples[40];
		size_t count = (size_t)uniform(1, 41);
		prl_time time = (prl_time)uniform(-9e18, 8e18);
		for (size_t i = 0; i < count; i++, time += (prl_time)uniform(1, round % 2 ? 1e12 : 1e4))
			samples[i] = (prl_sample){ .time = time,
				                   .lat_deg = uniform(-90, 90),
				                   .lng_deg = uniform(-180, 180),
				                   .altitude_m = uniform(-400, 15000),
				                   .horizontal_m = uniform(0, 100),
				                   .vertical_m = uniform(0, 50) };
		prl_trajectory *t = NULL;
		prl_sample got;
		assert_int_equal(prl_trajectory_new(samples, count, PRL_DATUM_MSL, &t, NULL), PRL_OK);
		assert_int_equal(prl_trajectory_count(t), count);
		assert_int_equal(prl_trajectory_datum(t), PRL_DATUM_MSL);
		assert_memory_equal(prl_trajectory_samples(t), samples, count * sizeof *samples);
		assert_false(prl_trajectory_at(t, samples[0].time - 1, &got));
		assert_false(prl_trajectory_at(t, samples[count - 1].time + 1, &got));
		for (size_t i = 0; i < count; i++) {
			assert_true(prl_trajectory_at(t, samples[i].time, &got));
			assert_memory_equal(&got, samples + i, sizeof got);
		}
		for (size_t i = 0; i + 1 < count; i++)
			for (int k = 0; k < 5; k++)
				check_at(samples + i, samples + i + 1, t,
				         samples[i].time +
				                 (prl_time)(uniform(0, 1) * (double)(samples[i + 1].time - samples[i].time)));
		prl_trajectory_free(t);
	}
}

/* No unwrapped step is longer than 180°, each unwrapped longitude is the given one but for whole turns, and a step of
 * exactly 180° goes the way it was written. */
static void unwrapping(void **unused)
{
	(void)unused;
	static const double lng[] = { 170, -170, 170, 10, -170, -10, 170, -30, 180, -180, 0, 180, 0, -180, 0, 539, -540 };
	prl_sample samples[sizeof lng / sizeof *lng];
	size_t count = sizeof lng / sizeof *lng;
	for (size_t i = 0; i < count; i++)
		samples[i] = (prl_sample){ .time = (prl_time)i, .lng_deg = lng[i] };
	prl_trajectory *t = NULL;
	assert_int_equal(prl_trajectory_new(samples, count, PRL_DATUM_W84, &t, NULL), PRL_OK);
	for (size_t i = 0; i < count; i++)
		assert_true(remainder(t->lng_deg[i] - lng[i], 360) == 0);
	for (size_t i = 1; i < count; i++)
		assert_true(fabs(t->lng_deg[i] - t->lng_deg[i - 1]) <= 180);
	assert_true(t->lng_deg[1] == 190 && t->lng_deg[2] == 170);
	assert_true(t->lng_deg[11] - t->lng_deg[10] == 180 && t->lng_deg[13] - t->lng_deg[12] == -180);
	prl_trajectory_free(t);
}

static void refuse(prl_sample *samples, size_t count, const char *where, const char *text)
{
	prl_trajectory *t = NULL;
	prl_error err = { 0 };
	assert_int_equal(prl_trajectory_new(samples, count, PRL_DATUM_W84, &t, &err), PRL_E_RANGE);
	assert_null(t);
	assert_string_equal(err.where, where);
	assert_non_null(strstr(err.text, text));
}

static void refused(void **unused)
{
	(void)unused;
	static const double bad[] = { NAN, INFINITY, -INFINITY, 1e9, -1e9 };
	refuse(NULL, 0, "", "0 positions");
	refuse(NULL, PRL_MAX_SAMPLES + 1, "", "expected 1 to");
	for (size_t i = 0; i < 5; i++)
		for (size_t field = 0; field < 5; field++) {
			prl_sample s[2] = { { .time = 0 }, { .time = 1 } };
			double *fields[] = { &s[1].lat_deg, &s[1].lng_deg, &s[1].altitude_m, &s[1].horizontal_m, &s[1].vertical_m };
			*fields[field] = bad[i];
			refuse(s, 2, "sample 1", "out of range");
		}
	prl_sample back[3] = { { .time = 0 }, { .time = 5 }, { .time = 5 } };
	refuse(back, 3, "sample 2", "does not come after");
	back[2].time = 4;
	refuse(back, 3, "sample 2", "does not come after");
	back[2].time = PRL_TIME_OPEN_END;
	refuse(back, 3, "sample 2", "without a time");
	back[0].time = PRL_TIME_OPEN_START;
	refuse(back, 1, "sample 0", "without a time");
	prl_sample low = { .horizontal_m = -0.001 };
	refuse(&low, 1, "sample 0", "horizontal uncertainty");
	prl_trajectory_free(NULL);
}

/* Instants as far apart as the type holds: the differences must not overflow. */
static void far_apart(void **unused)
{
	(void)unused;
	prl_sample s[2] = { { .time = INT64_MIN + 1 }, { .time = INT64_MAX - 1, .lat_deg = 80 } }, got;
	prl_trajectory *t = NULL;
	assert_int_equal(prl_trajectory_new(s, 2, PRL_DATUM_W84, &t, NULL), PRL_OK);
	assert_true(prl_trajectory_at(t, 0, &got));
	assert_true(fabs(got.lat_deg - 40) < 1e-9);
	prl_trajectory_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(interpolation), cmocka_unit_test(unwrapping),
		                            cmocka_unit_test(refused), cmocka_unit_test(far_apart) };
	return cmocka_run_group_tests_name("geo/trajectory", tests, NULL, NULL);
}
