/* The node's own constraints as F3548's Constraint has them: reference and details. */
#ifndef PRL_NODE_OWN_CONSTRAINT_H
#define PRL_NODE_OWN_CONSTRAINT_H

#include "dss/entity.h"
#include "store/store.h"

/* Appends {"reference": {…, with the OVN}, "details": {"volumes": […], "type"?}}; the volumes are those that were
 * recorded with it. log: our own, as the store numbers it. PRL_E_NOT_FOUND: the constraint is not the node's own, or
 * what it shows is not on the disk; PRL_E_MEMORY, PRL_E_IO. */
PRL_MUST prl_status prl_own_constraint_show(prl_store_reader *reader, uint32_t log, prl_picture *picture,
					    prl_version version, const prl_entity *constraint, prl_buffer *to,
					    prl_error *err);

#endif
