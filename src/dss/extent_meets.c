/* Whether two extents meet: time, then altitude, then how far apart two balls round the outlines are, then the exact
 * test of the geometry (prl_footprint_within() with no distance between).
 *
 * Within 1 cm of touching that test may say either, and may say another thing of (b, a) than of (a, b): the two
 * outlines are always given in one order, so that whoever is first asked for, the answer is the same. */
#include "dss/extent_make.h"

#include "base/error.h"
#include "geo/footprint.h"

#include <string.h>

static const prl_bounds earth = { -90, 90, -180, 180 };

prl_status prl_extent_prepare(const prl_extent *extent, prl_extent_ready *ret, prl_error *err)
{
	prl_extent_ready ready = { .extent = extent, .bounds = earth };
	ready.footprints = calloc(extent->outlines ? extent->outlines : 1, sizeof(prl_footprint *));
	if (!ready.footprints)
		return prl_error_memory(err);
	for (size_t i = 0; i < extent->outlines; i++) {
		prl_status status =
			prl_outline_footprint(extent, prl_extent_outlines(extent) + i, &ready.footprints[i], err);
		if (status) {
			prl_extent_ready_done(&ready);
			return status;
		}
		prl_bounds one = prl_footprint_bounds(ready.footprints[i], 0);
		ready.bounds = i ? prl_bounds_join(ready.bounds, one) : one;
	}
	*ret = ready;
	return PRL_OK;
}

void prl_extent_ready_done(prl_extent_ready *ready)
{
	for (size_t i = 0; ready->footprints && i < ready->extent->outlines; i++)
		prl_footprint_free(ready->footprints[i]);
	free(ready->footprints);
	*ready = (prl_extent_ready){ .bounds = earth };
}

static bool apart(const prl_footprint *f, const prl_ball *ball)
{
	prl_vec way = prl_vec_sub(f->frame.origin, ball->centre);
	double most = f->reach_m + f->radius_m + ball->radius_m + 0.1;
	return f->base != PRL_BASE_EVERYWHERE && prl_vec_dot(way, way) > most * most;
}

/* Any order will do that hangs on nothing else than the two. */
static bool comes_first(const prl_extent *a, const prl_outline *i, const prl_extent *b, const prl_outline *j)
{
	if (i->count != j->count)
		return i->count < j->count;
	if (i->radius_m < j->radius_m || i->radius_m > j->radius_m)
		return i->radius_m < j->radius_m;
	return memcmp(a->at + i->first, b->at + j->first, i->count * sizeof *a->at) <= 0;
}

/* One outline of b against all of a. */
static prl_status meets_outline(const prl_extent_ready *a, const prl_extent *b, const prl_outline *outline, bool *ret,
				prl_error *err)
{
	prl_ball ball = prl_outline_ball(b, outline);
	prl_footprint *footprint = NULL;
	prl_status status = PRL_OK;
	for (size_t i = 0; i < a->extent->outlines && !*ret && !status; i++) {
		const prl_footprint *f = a->footprints[i];
		if (apart(f, &ball))
			continue;
		if (!footprint)
			status = prl_outline_footprint(b, outline, &footprint, err);
		if (status)
			break;
		bool first = comes_first(a->extent, prl_extent_outlines(a->extent) + i, b, outline);
		*ret = prl_footprint_within(first ? f : footprint, first ? footprint : f, 0, NULL);
	}
	prl_footprint_free(footprint);
	return status;
}

prl_status prl_extent_meets(const prl_extent_ready *a, const prl_extent *b, bool altitudes, bool *ret, prl_error *err)
{
	const prl_extent *e = a->extent;
	bool meet = false;
	prl_status status = PRL_OK;
	bool apart_in_time = e->from > b->to || b->from > e->to;
	bool apart_in_altitude = altitudes && (e->lower_m > b->upper_m || b->lower_m > e->upper_m);
	if (!apart_in_time && !apart_in_altitude) {
		meet = !e->outlines || !b->outlines;
		for (size_t i = 0; i < b->outlines && !meet && !status; i++)
			status = meets_outline(a, b, prl_extent_outlines(b) + i, &meet, err);
	}
	if (!status)
		*ret = meet;
	return status;
}
