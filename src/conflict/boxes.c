/* Volumes and trajectories as boxes of the index. Everything is rounded outward, so that a pair in conflict always has
 * boxes that meet:
 *  - horizontally each box holds all points within H/2 + 1 m of its footprint, so that the middle of the shortest way
 *    between two footprints at most H apart lies in both;
 *  - vertically prl_band_w84_range() states by how much two bands that may be V apart can be farther in its ranges;
 *  - instants are rounded down and up to whole units of 8 s: the years 1678 to 2261 of prl_time then fit into 32 bits,
 *    and nothing far off saturates into one crowd. */
#include <parley/conflict.h>

#include "geo/altitude.h"
#include "geo/footprint.h"
#include "geo/trajectory.h"

#define EPOCH_2000_S INT64_C(946684800)

static int32_t saturate(double x)
{
	return x <= INT32_MIN ? INT32_MIN : x >= INT32_MAX ? INT32_MAX : (int32_t)x;
}

/* Units of 8 s since 2000, rounded down; the ends that are open lie beyond all others. */
static int32_t floor_unit(prl_time t)
{
	const int64_t unit = 8 * PRL_SECOND, from_2000 = EPOCH_2000_S / 8;
	if (t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END)
		return t == PRL_TIME_OPEN_START ? INT32_MIN : INT32_MAX;
	return (int32_t)(t / unit - (t % unit < 0) - from_2000);
}

static int32_t ceil_unit(prl_time t)
{
	int32_t s = floor_unit(t);
	return s == INT32_MAX || t % (8 * PRL_SECOND) == 0 ? s : s + 1;
}

static size_t make(prl_bounds b, double low_m, double high_m, prl_window w, const prl_check_options *options,
                   prl_box ret[2])
{
	double v = 0.55 * options->separation.vertical_m + 6;
	prl_box box = {
		{ saturate(floor(b.west_deg * 1e7)), saturate(floor(b.south_deg * 1e7)), saturate(floor((low_m - v) * 10)),
		  floor_unit(w.from) },
		{ saturate(ceil(b.east_deg * 1e7)), saturate(ceil(b.north_deg * 1e7)), saturate(ceil((high_m + v) * 10)),
		  ceil_unit(w.to) },
	};
	ret[0] = box;
	if (b.west_deg <= b.east_deg)
		return 1;
	ret[1] = box;
	ret[0].max[0] = 1800000000;
	ret[1].min[0] = -1800000000;
	return 2;
}

size_t prl_volume_boxes(const prl_volume *volume, const prl_check_options *options, prl_box ret_boxes[2])
{
	double low, high;
	prl_band_w84_range(&volume->band, &options->air, &low, &high);
	prl_bounds b = prl_footprint_bounds(volume->footprint, options->separation.horizontal_m / 2 + 1);
	return make(b, low, high, volume->window, options, ret_boxes);
}

size_t prl_trajectory_boxes(const prl_trajectory *t, size_t first, size_t last, const prl_check_options *options,
                            prl_box ret_boxes[2])
{
	double south = 90, north = -90, west = HUGE_VAL, east = -HUGE_VAL, low = HUGE_VAL, high = -HUGE_VAL;
	double horizontal = 0, vertical = 0;
	for (size_t i = first; i <= last; i++) {
		const prl_sample *s = &t->samples[i];
		south = prl_min(south, s->lat_deg);
		north = prl_max(north, s->lat_deg);
		west = prl_min(west, t->lng_deg[i]);
		east = prl_max(east, t->lng_deg[i]);
		low = prl_min(low, s->altitude_m);
		high = prl_max(high, s->altitude_m);
		horizontal = prl_max(horizontal, s->horizontal_m);
		vertical = prl_max(vertical, s->vertical_m);
	}
	prl_bounds b = { south, north, -180, 180 };
	if (east - west < 359) {
		b.west_deg = prl_wrap_deg(west);
		b.east_deg = prl_wrap_deg(east);
	}
	prl_band band = prl_band_m(low, high, t->datum);
	band.accuracy_m = vertical;
	prl_band_w84_range(&band, &options->air, &low, &high);
	b = prl_bounds_widen(b, horizontal + options->separation.horizontal_m / 2 + 1);
	return make(b, low, high, (prl_window){ t->samples[first].time, t->samples[last].time }, options, ret_boxes);
}
