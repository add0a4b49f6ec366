/* number from, to, bits of lower and upper, outlines · 2^32 + vertices
 * for each vertex: bits of latitude, of longitude
 * for each outline: number of vertices, bits of the radius; outlines take the vertices in their order */
#include "dss/extent_make.h"

#include "base/error.h"
#include "picture/pack.h"

#include <string.h>

static bool pack_double(prl_buffer *to, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return prl_pack_number(to, bits);
}

static double unpack_double(prl_unpack *from)
{
	uint64_t bits = prl_unpack_number(from, UINT64_MAX);
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

bool prl_extent_save(const prl_extent *extent, prl_buffer *to)
{
	const prl_outline *outlines = prl_extent_outlines(extent);
	bool done = prl_pack_number(to, (uint64_t)extent->from) && prl_pack_number(to, (uint64_t)extent->to) &&
		    pack_double(to, extent->lower_m) && pack_double(to, extent->upper_m) &&
		    prl_pack_number(to, (uint64_t)extent->outlines << 32 | extent->vertices);
	for (size_t i = 0; done && i < extent->vertices; i++)
		done = pack_double(to, extent->at[i].lat_deg) && pack_double(to, extent->at[i].lng_deg);
	for (size_t i = 0; done && i < extent->outlines; i++)
		done = prl_pack_number(to, outlines[i].count) && pack_double(to, outlines[i].radius_m);
	return done;
}

/* Whether what was read can be an extent; false for NaN too. */
static bool makes_sense(const prl_extent *extent)
{
	uint64_t vertices = 0;
	if (extent->from > extent->to || !(extent->lower_m <= extent->upper_m) ||
	    !extent->outlines != !extent->vertices)
		return false;
	for (size_t i = 0; i < extent->vertices; i++)
		if (!(fabs(extent->at[i].lat_deg) <= 90 && fabs(extent->at[i].lng_deg) <= 180))
			return false;
	for (size_t i = 0; i < extent->outlines; i++) {
		const prl_outline *outline = prl_extent_outlines(extent) + i;
		bool circle =
			outline->count == 1 && outline->radius_m >= 0 && outline->radius_m <= PRL_EXTENT_RADIUS_MAX_M;
		bool polygon = outline->count >= 3 && outline->radius_m == 0;
		if (!(circle || polygon))
			return false;
		vertices += outline->count;
	}
	return vertices == extent->vertices;
}

static prl_extent *unpack(prl_unpack *in, size_t vertices, size_t outlines)
{
	prl_extent *extent = prl_extent_new(vertices, outlines);
	if (!extent)
		return NULL;
	for (size_t i = 0; i < vertices; i++) {
		extent->at[i].lat_deg = unpack_double(in);
		extent->at[i].lng_deg = unpack_double(in);
	}
	uint32_t first = 0;
	for (size_t i = 0; i < outlines; i++) {
		prl_outline *outline = prl_extent_outlines_of(extent) + i;
		outline->first = first;
		outline->count = (uint32_t)prl_unpack_number(in, UINT32_MAX);
		outline->radius_m = unpack_double(in);
		first += outline->count;
	}
	return extent;
}

prl_status prl_extent_load(prl_bytes *from, prl_extent **ret, prl_error *err)
{
	prl_unpack in = { .rest = *from };
	prl_time start = (prl_time)prl_unpack_number(&in, UINT64_MAX),
		 end = (prl_time)prl_unpack_number(&in, UINT64_MAX);
	double lower = unpack_double(&in), upper = unpack_double(&in);
	uint64_t counts = prl_unpack_number(&in, UINT64_MAX), outlines = counts >> 32, vertices = counts & UINT32_MAX;
	/* 16 bytes each must be there: counts cannot ask for more memory than there are bytes. */
	prl_extent *extent = NULL;
	if (!in.bad && (outlines + vertices) * 16 <= in.rest.size) {
		if (!(extent = unpack(&in, vertices, outlines)))
			return prl_error_memory(err);
		extent->from = start;
		extent->to = end;
		extent->lower_m = lower;
		extent->upper_m = upper;
	}
	if (!extent || in.bad || !makes_sense(extent)) {
		prl_extent_free(extent);
		return prl_error_set(err, PRL_E_SYNTAX, "these bytes are no extent as this version writes it");
	}
	*from = in.rest;
	*ret = extent;
	return PRL_OK;
}
