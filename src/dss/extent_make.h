/* What the files of extent.h share. */
#ifndef PRL_DSS_EXTENT_MAKE_H
#define PRL_DSS_EXTENT_MAKE_H

#include "dss/extent.h"

#include "geo/ellipsoid.h"

/* An extent with room for so many; counts set, at all times and altitudes, its arrays not filled. NULL: no memory. */
prl_extent *prl_extent_new(size_t vertices, size_t outlines);

static inline prl_outline *prl_extent_outlines_of(prl_extent *extent)
{
	return (prl_outline *)(extent->at + extent->vertices);
}

/* The same numbers in the same order. */
bool prl_outline_same(const prl_extent *a, const prl_outline *i, const prl_extent *b, const prl_outline *j);

/* A ball that holds an outline: radius straight through the earth, and along its surface too. */
typedef struct prl_ball {
	prl_vec centre;
	double radius_m; /* HUGE_VAL for what reaches 4,000 km and more */
} prl_ball;
prl_ball prl_outline_ball(const prl_extent *extent, const prl_outline *outline);

/* The footprint of an outline, which prl_extent_read() has looked at. One that comes from bytes and cannot be made is
 * all of its ball, since nothing may be missed. PRL_OK or PRL_E_MEMORY. */
PRL_MUST prl_status prl_outline_footprint(const prl_extent *extent, const prl_outline *outline, prl_footprint **ret,
					  prl_error *err);

/* The smallest bounds that hold both; a nanodegree more at either side. */
prl_bounds prl_bounds_join(prl_bounds a, prl_bounds b);

#endif
