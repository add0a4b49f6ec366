#include "dss/extent_make.h"

#include "base/error.h"
#include "geo/footprint.h"

#include <string.h>

const prl_outline *prl_extent_outlines(const prl_extent *extent)
{
	return (const prl_outline *)(extent->at + extent->vertices);
}

size_t prl_extent_bytes(const prl_extent *extent)
{
	return sizeof *extent + extent->vertices * sizeof *extent->at + extent->outlines * sizeof(prl_outline);
}

void prl_extent_free(prl_extent *extent)
{
	free(extent);
}

prl_extent *prl_extent_new(size_t vertices, size_t outlines)
{
	if (vertices > UINT32_MAX || outlines > UINT32_MAX)
		return NULL;
	prl_extent *extent = malloc(sizeof *extent + vertices * sizeof *extent->at + outlines * sizeof(prl_outline));
	if (extent)
		*extent = (prl_extent){ .from = PRL_TIME_OPEN_START,
					.to = PRL_TIME_OPEN_END,
					.lower_m = -HUGE_VAL,
					.upper_m = HUGE_VAL,
					.outlines = (uint32_t)outlines,
					.vertices = (uint32_t)vertices };
	return extent;
}

prl_status prl_extent_everywhere(prl_extent **ret, prl_error *err)
{
	prl_extent *extent = prl_extent_new(0, 0);
	if (!extent)
		return prl_error_memory(err);
	*ret = extent;
	return PRL_OK;
}

prl_status prl_extent_copy(const prl_extent *from, prl_extent **ret, prl_error *err)
{
	size_t bytes = prl_extent_bytes(from);
	prl_extent *extent = malloc(bytes);
	if (!extent)
		return prl_error_memory(err);
	memcpy(extent, from, bytes);
	*ret = extent;
	return PRL_OK;
}

prl_status prl_extent_during(const prl_extent *from, prl_time start, prl_time end, prl_extent **ret, prl_error *err)
{
	prl_status status = prl_extent_copy(from, ret, err);
	if (!status) {
		(*ret)->from = start;
		(*ret)->to = end;
	}
	return status;
}

/* ---- join -------------------------------------------------------------------------------------------------------- */

bool prl_outline_same(const prl_extent *a, const prl_outline *i, const prl_extent *b, const prl_outline *j)
{
	return i->count == j->count && i->radius_m == j->radius_m &&
	       !memcmp(a->at + i->first, b->at + j->first, i->count * sizeof *a->at);
}

/* What is put again and again with the outlines it had would grow with each version. */
static bool has_outline(const prl_extent *extent, const prl_extent *other, const prl_outline *outline)
{
	const prl_outline *outlines = prl_extent_outlines(extent);
	for (size_t i = 0; i < extent->outlines; i++)
		if (prl_outline_same(extent, outlines + i, other, outline))
			return true;
	return false;
}

/* a's outlines, and those of b that a has not. */
static prl_status join_outlines(const prl_extent *a, const prl_extent *b, prl_extent **ret, prl_error *err)
{
	const prl_outline *of_b = prl_extent_outlines(b);
	size_t vertices = a->vertices, outlines = a->outlines;
	bool *has = prl_array_new(b->outlines, sizeof *has);
	if (!has)
		return prl_error_memory(err);
	for (size_t i = 0; i < b->outlines; i++) {
		has[i] = has_outline(a, b, of_b + i);
		vertices += has[i] ? 0 : of_b[i].count;
		outlines += !has[i];
	}
	prl_extent *extent = prl_extent_new(vertices, outlines);
	if (extent) {
		prl_outline *to = prl_extent_outlines_of(extent);
		memcpy(extent->at, a->at, a->vertices * sizeof *a->at);
		memcpy(to, prl_extent_outlines(a), a->outlines * sizeof *to);
		size_t at = a->vertices, n = a->outlines;
		for (size_t i = 0; i < b->outlines; i++) {
			if (has[i])
				continue;
			memcpy(extent->at + at, b->at + of_b[i].first, of_b[i].count * sizeof *b->at);
			to[n++] = (prl_outline){ (uint32_t)at, of_b[i].count, of_b[i].radius_m };
			at += of_b[i].count;
		}
		*ret = extent;
	}
	free(has);
	return extent ? PRL_OK : prl_error_memory(err);
}

prl_status prl_extent_join(const prl_extent *a, const prl_extent *b, prl_extent **ret, prl_error *err)
{
	bool everywhere = !a->outlines || !b->outlines;
	prl_extent *extent = NULL;
	prl_status status = everywhere ? prl_extent_everywhere(&extent, err) : join_outlines(a, b, &extent, err);
	if (status)
		return status;
	extent->from = a->from < b->from ? a->from : b->from;
	extent->to = a->to > b->to ? a->to : b->to;
	extent->lower_m = prl_min(a->lower_m, b->lower_m);
	extent->upper_m = prl_max(a->upper_m, b->upper_m);
	*ret = extent;
	return PRL_OK;
}

/* ---- footprints, bounds, boxes ----------------------------------------------------------------------------------- */

/* Round a polygon's first vertex. A geodesic ball of less than a quarter of the earth round is convex: it holds the
 * edges between vertices that it holds, and with the ring the smaller side of it. An arc over a chord of 4,000 km is
 * 1.7 % longer than that. */
prl_ball prl_outline_ball(const prl_extent *extent, const prl_outline *outline)
{
	prl_anchor anchor = { .at = { (double)NAN, 0 } };
	const prl_latlng *at = extent->at + outline->first;
	prl_vec first = prl_anchor_point(&anchor, at[0]);
	double most = 0;
	for (size_t i = 1; i < outline->count; i++) {
		prl_vec way = prl_vec_sub(prl_anchor_point(&anchor, at[i]), first);
		most = prl_max(most, prl_vec_dot(way, way));
	}
	double reach = most < 4e6 * 4e6 ? 1.02 * sqrt(most) : HUGE_VAL;
	return (prl_ball){ first, reach + outline->radius_m };
}

static prl_status ball_footprint(const prl_extent *extent, const prl_outline *outline, prl_footprint **ret,
				 prl_error *err)
{
	double radius = prl_outline_ball(extent, outline).radius_m;
	return isfinite(radius) ? prl_footprint_circle(extent->at[outline->first], radius, 0, ret, err)
				: prl_footprint_everywhere(ret, err);
}

prl_status prl_outline_footprint(const prl_extent *extent, const prl_outline *outline, prl_footprint **ret,
				 prl_error *err)
{
	const prl_latlng *at = extent->at + outline->first;
	prl_ring ring = { at, outline->count };
	if (outline->count == 1)
		return prl_footprint_circle(*at, outline->radius_m, 0, ret, err);
	prl_status status = prl_footprint_polygon_again(&ring, 1, PRL_EDGES_GEODESIC, 0, ret, err);
	return status && status != PRL_E_MEMORY ? ball_footprint(extent, outline, ret, err) : status;
}

static bool all_round(prl_bounds b)
{
	return b.west_deg <= -180 && b.east_deg >= 180;
}

/* From west eastwards to east, degrees in [0, 360). */
static double way_east(double west, double east)
{
	double way = prl_wrap_deg(east - west);
	return way < 0 ? way + 360 : way;
}

prl_bounds prl_bounds_join(prl_bounds a, prl_bounds b)
{
	const double more = 1e-9; /* what rounding could take */
	prl_bounds both = { prl_min(a.south_deg, b.south_deg), prl_max(a.north_deg, b.north_deg), -180, 180 };
	if (all_round(a) || all_round(b))
		return both;
	double width_a = way_east(a.west_deg, a.east_deg), width_b = way_east(b.west_deg, b.east_deg);
	double from_a = prl_max(width_a, way_east(a.west_deg, b.west_deg) + width_b);
	double from_b = prl_max(width_b, way_east(b.west_deg, a.west_deg) + width_a);
	double west = from_a < from_b ? a.west_deg : b.west_deg, width = prl_min(from_a, from_b);
	if (width >= 359.9)
		return both;
	both.west_deg = prl_wrap_deg(west - more);
	both.east_deg = prl_wrap_deg(west + width + more);
	return both;
}

prl_bounds prl_extent_bounds(const prl_extent *extent)
{
	const prl_bounds earth = { -90, 90, -180, 180 };
	prl_bounds bounds = earth;
	for (size_t i = 0; i < extent->outlines; i++) {
		prl_footprint *footprint = NULL;
		if (prl_outline_footprint(extent, prl_extent_outlines(extent) + i, &footprint, NULL))
			return earth; /* no memory: never too small */
		prl_bounds one = prl_footprint_bounds(footprint, 0);
		prl_footprint_free(footprint);
		bounds = i ? prl_bounds_join(bounds, one) : one;
	}
	return bounds;
}

static prl_status outline_boxes(const prl_extent *extent, size_t i, bool altitudes, prl_box *ret, size_t *count,
				prl_error *err)
{
	const prl_check_options options = prl_check_options_default();
	prl_footprint *footprint = NULL;
	prl_status status = extent->outlines
				    ? prl_outline_footprint(extent, prl_extent_outlines(extent) + i, &footprint, err)
				    : prl_footprint_everywhere(&footprint, err);
	if (status)
		return status;
	prl_volume volume = {
		.footprint = footprint,
		.band = prl_band_m(altitudes ? extent->lower_m : -HUGE_VAL, altitudes ? extent->upper_m : HUGE_VAL,
				   PRL_DATUM_W84),
		.window = { extent->from, extent->to },
	};
	*count += prl_volume_boxes(&volume, &options, ret + *count);
	prl_footprint_free(footprint);
	return PRL_OK;
}

prl_status prl_extent_boxes(const prl_extent *extent, bool altitudes, prl_box **ret, size_t *ret_count, prl_error *err)
{
	size_t outlines = extent->outlines ? extent->outlines : 1, count = 0;
	prl_box *boxes = prl_array_new(2 * outlines, sizeof *boxes);
	prl_status status = boxes ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; i < outlines && !status; i++)
		status = outline_boxes(extent, i, altitudes, boxes, &count, err);
	if (status) {
		free(boxes);
		return status;
	}
	*ret = boxes;
	*ret_count = count;
	return PRL_OK;
}
