/* Moving features: OGC 19-045r3 (MF-JSON), Prism and Trajectory. */
#ifndef PRL_FORMATS_MFJSON_H
#define PRL_FORMATS_MFJSON_H

#include "formats/lift.h"

#include <parley/geo.h>

/* Whether a feature moves: it has a temporalGeometry (Prism), or a LineString whose properties hold datetimes
 * (Trajectory). */
bool prl_mfjson_is_moving(const json_t *feature);

/*
 * Reads a moving feature: each MovingPoint becomes one trajectory. Positions are [longitude, latitude, metres]; a
 * position without a height is refused. "interpolation" is Linear, which is also what its absence means (19-045r3,
 * MotionCurve: default "Linear"); Discrete, Step, Quadratic, Cubic and others are refused by name, and so is a crs
 * other than CRS84 or a trs other than ISO 8601. A static geometry beside a temporalGeometry, "base" and
 * "orientations" do not move anything and are passed over.
 */
PRL_MUST prl_status prl_mfjson_read(const prl_lift *lift, const json_t *feature, prl_plan **ret_plan, prl_error *err);

#endif
