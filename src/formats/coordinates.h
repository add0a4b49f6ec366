/* Lists of positions and of times of a feature, as the lifter left them; what cannot be used is named. */
#ifndef PRL_FORMATS_COORDINATES_H
#define PRL_FORMATS_COORDINATES_H

#include "formats/lift.h"

/*
 * The numbers that the member "coordinates" of geometry stands for, nested level deep (1: one position).
 * PRL_E_SYNTAX naming the first place where something else than a list or a number stands.
 */
PRL_MUST prl_status prl_coordinates_get(const prl_lift *lift, const json_t *geometry, unsigned level,
                                        const prl_numbers **ret_numbers, prl_error *err);

/* The instants that value stands for: RFC 3339 texts or milliseconds since 1970 (OGC 19-045r3 "datetimes"). */
PRL_MUST prl_status prl_datetimes_get(const prl_lift *lift, const json_t *value, const prl_instants **ret_instants,
                                      prl_error *err);

#endif
