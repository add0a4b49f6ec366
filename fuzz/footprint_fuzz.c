/* Two footprints of any kind anywhere, and what must hold whatever they are. */
#include "shapes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CM 0.0101 /* within ± 1 cm either answer may come */

static void check_bounds(const shape *s, const prl_footprint *f)
{
	prl_bounds b = prl_footprint_bounds(f, 0);
	if (!(b.south_deg >= -90 && b.north_deg <= 90 && b.south_deg <= b.north_deg))
		abort();
	for (size_t i = 0; s->kind != SHAPE_EVERYWHERE && i < (s->kind == SHAPE_CIRCLE ? 1 : s->count[0]); i++) {
		prl_latlng v = s->vertices[0][i];
		double lng = remainder(v.lng_deg, 360);
		bool east = b.west_deg <= b.east_deg ? lng >= b.west_deg && lng <= b.east_deg : lng >= b.west_deg || lng <= b.east_deg;
		bool rim = fabs(lng) > 180 - 1e-9 && (b.west_deg <= -180 || b.east_deg >= 180 || b.west_deg > b.east_deg);
		if (v.lat_deg < b.south_deg || v.lat_deg > b.north_deg || !(east || rim || fabs(v.lat_deg) == 90))
			abort();
		if (!prl_footprint_contains(f, v))
			abort();
	}
}

static void check_place(const prl_footprint *f, const prl_nearness *near)
{
	prl_footprint *point = NULL;
	if (prl_footprint_circle(near->place, 0, 0, &point, NULL))
		abort();
	if (!prl_footprint_within(point, f, near->distance_m / 2 + 0.05, NULL))
		abort();
	if (prl_footprint_contains(f, near->place) && !prl_footprint_within(f, point, CM, NULL))
		abort();
	prl_footprint_free(point);
}

static void check_two(const prl_footprint *a, const prl_footprint *b, double limit)
{
	prl_nearness near = { 0, { 0, 0 } }, other = { 0, { 0, 0 } };
	if (!prl_footprint_within(a, b, limit, &near)) {
		if (limit > 2 * CM && prl_footprint_within(b, a, limit - 2 * CM, &other))
			abort();
		return;
	}
	if (!(near.distance_m >= 0 && near.distance_m <= limit + CM))
		abort();
	if (!prl_footprint_within(b, a, limit + 2 * CM, &other) || fabs(near.distance_m - other.distance_m) > 2 * CM)
		abort();
	if (!prl_footprint_within(a, b, limit + 0.5 * limit + 2 * CM, NULL))
		abort();
	if (!prl_footprint_within(a, b, near.distance_m + CM, NULL))
		abort();
	if (near.distance_m > 2 * CM && prl_footprint_within(a, b, near.distance_m - 2 * CM, NULL))
		abort();
	check_place(a, &near);
	check_place(b, &near);
}

/* Turned round the axis the answer stays, but where "the smaller side" hangs on the last bit. */
static void check_turned(const shape *sa, const shape *sb, const prl_footprint *a, const prl_footprint *b, double limit)
{
	prl_footprint *c = make_shape(sa, 77.125), *d = make_shape(sb, 77.125);
	bool tie = fabs(prl_footprint_area_m2(a) - 2.55e14) < 1e12 || fabs(prl_footprint_area_m2(b) - 2.55e14) < 1e12;
	if (c && d && !tie) {
		bool here = prl_footprint_within(a, b, limit, NULL), there = prl_footprint_within(c, d, limit, NULL);
		if (here && !there && !prl_footprint_within(c, d, limit + 2 * CM, NULL))
			abort();
		if (there && !here && !prl_footprint_within(a, b, limit + 2 * CM, NULL))
			abort();
	}
	prl_footprint_free(c);
	prl_footprint_free(d);
}

static bool plain(const shape *s)
{
	for (size_t r = 0; r < s->rings; r++)
		for (size_t i = 0; i < s->count[r]; i++)
			if (fabs(s->vertices[r][i].lng_deg) > 180)
				return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes in = { data, size };
	double limit = take_byte(&in) % 3 ? take_log(&in, 1e-3, 1e6) : 0;
	shape sa = take_shape(&in), sb = take_shape(&in);
	prl_footprint *a = make_shape(&sa, 0), *b = make_shape(&sb, 0);
	if (a)
		check_bounds(&sa, a);
	if (b)
		check_bounds(&sb, b);
	if (a && b) {
		check_two(a, b, limit);
		check_two(a, a, limit);
		if (plain(&sa) && plain(&sb))
			check_turned(&sa, &sb, a, b, limit);
	}
	prl_footprint_free(a);
	prl_footprint_free(b);
	return 0;
}
