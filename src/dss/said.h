/* What a drone traffic service says of one of its operational intents when it is asked (F3548-21,
 * getOperationalIntentDetails): read strictly, since it comes from a stranger and goes to people.
 *
 * Only what F3548 has is taken over, as numbers and known words; each volume must have an outline, both altitudes and
 * both times, and be one that this node would take in a request (extent.h). Anything else that stands there is left
 * out, the OVN too: it is for services alone. */
#ifndef PRL_DSS_SAID_H
#define PRL_DSS_SAID_H

#include "dss/uuid.h"

#include <jansson.h>

/* bytes: GetOperationalIntentDetailsResponse for the intent `id`. *ret, a new reference:
 * {"version", "state"?, "priority", "volumes": [Volume4D…], "off_nominal_volumes": [Volume4D…]}. Errors name the place,
 * and say nothing that stands in the answer: PRL_E_SYNTAX, PRL_E_RANGE, PRL_E_TOO_LARGE, PRL_E_MEMORY. */
PRL_MUST prl_status prl_said_read(prl_bytes bytes, const prl_uuid *id, json_t **ret, prl_error *err);

#endif
