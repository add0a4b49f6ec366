/* A geoid grid read from a stream; the public part is in include/parley/geo.h. */
#ifndef PRL_GEO_GEOID_H
#define PRL_GEO_GEOID_H

#include <parley/geo.h>

#include <stdio.h>

/* The undulation of EGM96 anywhere on earth, metres (-106.99 south of India, +85.39 over New Guinea). */
#define PRL_GEOID_LOW_M  (-107.0)
#define PRL_GEOID_HIGH_M 86.0

/* How far the interpolated grid may be from the true undulation, metres: EGM96 itself is within 1 m over most of the
 * earth and 3 m over mountains, bilinear interpolation of its 15' grid adds up to 1.3 m. */
#define PRL_GEOID_ERROR_M 5.0

/* Reads from the start of a stream that holds the grid and nothing more. Errors as prl_geoid_open(). */
PRL_MUST prl_status prl_geoid_read(FILE *file, prl_geoid **ret_geoid, prl_error *err);

#endif
