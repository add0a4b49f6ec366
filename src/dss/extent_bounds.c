/* Rectangles in longitude and latitude as polygons of geodesics that hold them.
 *
 * A rectangle is cut into parts at most 90° wide, each with a vertex every degree along its parallels. Between two
 * vertices Δλ apart on the parallel of latitude φ a geodesic lies poleward of the parallel, by less than Δλ²/16 radian
 * (geo/region.c; at 1° 121 m): the side that faces its pole is outside of the rectangle as it is; that which faces the
 * equator is moved by twice as much. A part that reaches a pole ends in a vertex there, and one that is taller than 90°
 * has vertices on its meridians between, which are geodesics. */
#include "dss/extent_make.h"

#include "base/error.h"

#include <string.h>

#define PART_DEG  90.0
#define PART_MOST 5u /* parts of a rectangle: a width of 360° and rounding */
#define STEP_MOST 91u
#define PAD_DEG   1e-7 /* a rectangle of no width or height is a polygon too */
#define POLE_DEG  89.999

struct maker {
	prl_latlng at[PART_MOST * (2 * STEP_MOST + 4)];
	prl_outline outlines[PART_MOST];
	uint32_t vertices, count;
};

static void push(struct maker *m, double lat, double lng)
{
	m->at[m->vertices++] = (prl_latlng){ lat, prl_wrap_deg(lng) };
}

/* One side of a part, from one longitude to the other; outward: +1 for the north side, -1 for the south side. */
static void push_parallel(struct maker *m, double lat, double outward, double from, double to)
{
	if (lat * outward >= POLE_DEG) {
		push(m, copysign(90, outward), from);
		return;
	}
	size_t steps = 1 + (size_t)ceil(fabs(to - from));
	double step = (to - from) / (double)steps, bulge = step * step / (8 * PRL_RADIAN);
	if (lat * outward < 0)
		lat += outward * bulge;
	for (size_t i = 0; i <= steps; i++)
		push(m, lat, from + (double)i * step);
}

/* Between the two sides of a part that is tall. */
static void push_meridian(struct maker *m, double from, double to, double lng)
{
	if (fabs(to - from) > 90)
		push(m, (from + to) / 2, lng);
}

static void push_part(struct maker *m, prl_bounds b, double west, double east)
{
	uint32_t first = m->vertices;
	push_parallel(m, b.south_deg, -1, west, east);
	push_meridian(m, b.south_deg, b.north_deg, east);
	push_parallel(m, b.north_deg, 1, east, west);
	push_meridian(m, b.north_deg, b.south_deg, west);
	m->outlines[m->count++] = (prl_outline){ first, m->vertices - first, 0 };
}

static void push_parts(struct maker *m, prl_bounds b)
{
	double width = b.east_deg - b.west_deg;
	width += width < 0 ? 360 : 0;
	double high = prl_min(POLE_DEG, prl_max(fabs(b.south_deg), fabs(b.north_deg)));
	double pad = PAD_DEG / cos(high * PRL_DEGREE);
	width = prl_min(360, width + 2 * pad);
	b.south_deg = prl_max(-90, b.south_deg - PAD_DEG);
	b.north_deg = prl_min(90, b.north_deg + PAD_DEG);
	size_t parts = (size_t)ceil(width / PART_DEG);
	double part = width / (double)parts, west = b.west_deg - pad;
	for (size_t i = 0; i < parts; i++)
		push_part(m, b, west + (double)i * part, west + (double)(i + 1) * part);
}

prl_status prl_extent_of_bounds(prl_bounds bounds, double lower_m, double upper_m, prl_time from, prl_time to,
				prl_extent **ret, prl_error *err)
{
	struct maker m = { .count = 0 };
	bool earth =
		bounds.south_deg <= -90 && bounds.north_deg >= 90 && bounds.west_deg <= -180 && bounds.east_deg >= 180;
	if (!(fabs(bounds.south_deg) <= 90 && fabs(bounds.north_deg) <= 90 && bounds.south_deg <= bounds.north_deg &&
	      fabs(bounds.west_deg) <= 180 && fabs(bounds.east_deg) <= 180))
		return prl_error_set(
			err, PRL_E_RANGE,
			"bounds %.10g to %.10g and %.10g to %.10g, expected latitudes of -90 to 90, south to "
			"north, and longitudes of -180 to 180",
			bounds.south_deg, bounds.north_deg, bounds.west_deg, bounds.east_deg);
	if (!(lower_m <= upper_m) || from > to)
		return prl_error_set(err, PRL_E_RANGE, "%s",
				     from > to ? "the start is after the end, expected start <= end"
					       : "the lower altitude is above the upper, expected lower <= upper");
	if (!earth)
		push_parts(&m, bounds);
	prl_extent *extent = prl_extent_new(m.vertices, m.count);
	if (!extent)
		return prl_error_memory(err);
	memcpy(extent->at, m.at, m.vertices * sizeof *m.at);
	memcpy(prl_extent_outlines_of(extent), m.outlines, m.count * sizeof *m.outlines);
	extent->lower_m = lower_m;
	extent->upper_m = upper_m;
	extent->from = from;
	extent->to = to;
	*ret = extent;
	return PRL_OK;
}
