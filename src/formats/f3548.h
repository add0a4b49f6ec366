/* ASTM F3548-21 entities, as one USS gives them to another. */
#ifndef PRL_FORMATS_F3548_H
#define PRL_FORMATS_F3548_H

#include <parley/geo.h>

#include <jansson.h>

typedef enum prl_f3548_kind {
	PRL_F3548_INTENT,     /* OperationalIntent: { reference, details } */
	PRL_F3548_CONSTRAINT, /* Constraint: { reference, details } */
	PRL_F3548_EXTENTS,    /* { id, extents }: what a USS puts to a DSS, with the id that stands in its path */
} prl_f3548_kind;

/*
 * Reads an entity: id from reference.id, party from reference.manager, volumes from details.volumes and
 * details.off_nominal_volumes (extents); the kind is flight for an intent and not stated for a constraint.
 *
 * A volume: F3548-21 Volume4D. Exactly one outline; a circle of more than 0 m; a polygon of 3 or more vertices,
 * none repeated, geodesic edges; altitudes in M above W84, -8,000 to 100,000, lower <= upper; times with their zone,
 * start <= end. A volume without an altitude or a time is open on that side. Areas have no limit here.
 */
PRL_MUST prl_status prl_f3548_read(const json_t *entity, prl_f3548_kind kind, prl_plan **ret_plan, prl_error *err);

/* What a bare { reference, details } is: a reference with a state, or details with a priority or off-nominal volumes, are
 * an intent's; a type or a geozone a constraint's. An intent where nothing says. */
prl_f3548_kind prl_f3548_kind_of(const json_t *entity);

/* The id that an entity states, for messages; NULL where it states none. */
const char *prl_f3548_id(const json_t *entity);

#endif
