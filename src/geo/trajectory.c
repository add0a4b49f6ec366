/* Trajectories: checked once when made, then only read. */
#include "geo/trajectory.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* One rule for each number of a sample. */
struct rule {
	const char *name, *unit;
	size_t offset;
	double low, high;
};

static const struct rule rules[] = {
	{ "latitude", "degrees", offsetof(prl_sample, lat_deg), -90, 90 },
	{ "longitude", "degrees", offsetof(prl_sample, lng_deg), -540, 540 },
	{ "altitude", "m", offsetof(prl_sample, altitude_m), PRL_SAMPLE_ALTITUDE_LOW_M, PRL_SAMPLE_ALTITUDE_HIGH_M },
	{ "horizontal uncertainty", "m", offsetof(prl_sample, horizontal_m), 0, PRL_SAMPLE_ERROR_HIGH_M },
	{ "vertical uncertainty", "m", offsetof(prl_sample, vertical_m), 0, PRL_SAMPLE_ERROR_HIGH_M },
};

static prl_status check_numbers(const prl_sample *sample, size_t index, prl_error *err)
{
	for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
		double value;
		memcpy(&value, (const char *)sample + rules[r].offset, sizeof value);
		if (value >= rules[r].low && value <= rules[r].high) /* false for NaN */
			continue;
		prl_error_set(err, PRL_E_RANGE, "%s %.17g is out of range, expected %.0f to %.0f %s", rules[r].name, value,
		              rules[r].low, rules[r].high, rules[r].unit);
		return prl_error_at(err, PRL_E_RANGE, "sample %zu", index);
	}
	return PRL_OK;
}

static prl_status check_time(const prl_sample *samples, size_t index, prl_error *err)
{
	prl_time t = samples[index].time;
	if (t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END) {
		prl_error_set(err, PRL_E_RANGE, "a position without a time, expected an instant");
		return prl_error_at(err, PRL_E_RANGE, "sample %zu", index);
	}
	if (index && t <= samples[index - 1].time) {
		char before[PRL_TIME_TEXT_MAX], here[PRL_TIME_TEXT_MAX];
		prl_time_format(samples[index - 1].time, before);
		prl_time_format(t, here);
		prl_error_set(err, PRL_E_RANGE, "time %s does not come after %s, expected rising times", here, before);
		return prl_error_at(err, PRL_E_RANGE, "sample %zu", index);
	}
	return PRL_OK;
}

static double wrap(double lng_deg)
{
	return lng_deg > 180 ? lng_deg - 360 : lng_deg < -180 ? lng_deg + 360 : lng_deg;
}

static void unwrap(prl_trajectory *t)
{
	double turns = 0, before = 0;
	for (size_t i = 0; i < t->count; i++) {
		double lng = wrap(t->samples[i].lng_deg);
		if (i > 0 && lng - before > 180)
			turns--;
		else if (i > 0 && lng - before < -180)
			turns++;
		t->lng_deg[i] = lng + 360 * turns;
		before = lng;
	}
}

prl_status prl_trajectory_new(const prl_sample *samples, size_t count, prl_datum datum, prl_trajectory **ret_trajectory,
                              prl_error *err)
{
	if (count < 1 || count > PRL_MAX_SAMPLES)
		return prl_error_set(err, PRL_E_RANGE, "%zu positions, expected 1 to %u", count, PRL_MAX_SAMPLES);
	for (size_t i = 0; i < count; i++) {
		prl_status status = check_numbers(samples + i, i, err);
		if (!status)
			status = check_time(samples, i, err);
		if (status)
			return status;
	}
	prl_trajectory *t = calloc(1, sizeof *t);
	if (!t)
		return prl_error_memory(err);
	t->samples = prl_array_new(count, sizeof *t->samples);
	t->lng_deg = prl_array_new(count, sizeof *t->lng_deg);
	if (!t->samples || !t->lng_deg) {
		prl_trajectory_free(t);
		return prl_error_memory(err);
	}
	memcpy(t->samples, samples, count * sizeof *samples);
	t->count = count;
	t->datum = datum;
	unwrap(t);
	*ret_trajectory = t;
	return PRL_OK;
}

void prl_trajectory_free(prl_trajectory *trajectory)
{
	if (!trajectory)
		return;
	free(trajectory->samples);
	free(trajectory->lng_deg);
	free(trajectory);
}

size_t prl_trajectory_count(const prl_trajectory *trajectory)
{
	return trajectory->count;
}

const prl_sample *prl_trajectory_samples(const prl_trajectory *trajectory)
{
	return trajectory->samples;
}

prl_datum prl_trajectory_datum(const prl_trajectory *trajectory)
{
	return trajectory->datum;
}

/* The last sample at or before t, which is within the trajectory's times. */
static size_t sample_before(const prl_trajectory *trajectory, prl_time t)
{
	size_t low = 0, high = trajectory->count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (trajectory->samples[middle].time <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static double between(double a, double b, double fraction)
{
	return a + (b - a) * fraction;
}

bool prl_trajectory_at(const prl_trajectory *trajectory, prl_time t, prl_sample *ret_sample)
{
	const prl_sample *samples = trajectory->samples;
	if (t < samples[0].time || t > samples[trajectory->count - 1].time)
		return false;
	size_t i = sample_before(trajectory, t);
	*ret_sample = samples[i];
	if (samples[i].time == t)
		return true;
	const prl_sample *a = samples + i, *b = a + 1;
	/* The differences are taken without sign: two int64 may lie farther apart than an int64 reaches. */
	double fraction = (double)((uint64_t)t - (uint64_t)a->time) / (double)((uint64_t)b->time - (uint64_t)a->time);
	*ret_sample = (prl_sample){
		.time = t,
		.lat_deg = between(a->lat_deg, b->lat_deg, fraction),
		.lng_deg = remainder(between(trajectory->lng_deg[i], trajectory->lng_deg[i + 1], fraction), 360),
		.altitude_m = between(a->altitude_m, b->altitude_m, fraction),
		.horizontal_m = between(a->horizontal_m, b->horizontal_m, fraction),
		.vertical_m = between(a->vertical_m, b->vertical_m, fraction),
	};
	return true;
}
