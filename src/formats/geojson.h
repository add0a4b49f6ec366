/* GeoJSON features (RFC 7946) with `parley` properties. */
#ifndef PRL_FORMATS_GEOJSON_H
#define PRL_FORMATS_GEOJSON_H

#include "formats/lift.h"

#include <parley/geo.h>

/*
 * Reads a Feature: each Polygon, Point (with radius_m) and LineString (with half_width_m) of its geometry, also inside
 * Multi… and GeometryCollection, becomes one volume with the band and the window of its parley properties. Third
 * numbers of positions are not heights here and are passed over: heights of an area are lower and upper.
 *
 * In place of a geometry (absent or null) parley.place may hold a position as people write it (notation.h), for a circle
 * of radius_m, or parley.vertices a list of them, for a polygon, or for a corridor where half_width_m is stated. The
 * footprint is widened by the largest error of these positions. A text that reads two ways is refused.
 * PRL_E_SYNTAX, PRL_E_RANGE, PRL_E_UNSUPPORTED, PRL_E_AMBIGUOUS, naming part and vertex.
 */
PRL_MUST prl_status prl_geojson_read(const prl_lift *lift, const json_t *feature, prl_plan **ret_plan, prl_error *err);

#endif
