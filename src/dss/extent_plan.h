/* An extent as a plan of the engine, so that it can be held against what parties of the line plan (conflict.h): a
 * flight, one volume an outline, each with the envelope of altitude (above the ellipsoid) and of time. */
#ifndef PRL_DSS_EXTENT_PLAN_H
#define PRL_DSS_EXTENT_PLAN_H

#include "dss/extent.h"

/* To be freed with prl_plan_free(). An extent without outlines is everywhere. PRL_E_MEMORY. */
PRL_MUST prl_status prl_extent_plan(const prl_extent *extent, prl_plan **ret, prl_error *err);

#endif
