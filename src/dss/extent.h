/* What an F3548 entity or a query covers: the footprints of its volumes, and one envelope of altitude and of time over
 * all of them (f3548.md, 4 and 5).
 *
 * Relevance is decided by exact footprints, the envelope of altitude and the envelope of time, all closed: touching
 * counts, a gap of just over 1 cm does not. Volumes are not told apart in altitude and time.
 *
 * One block of memory, immutable, in as few bytes as it takes: a million are kept. Footprints are prepared when they
 * are tested (0.7 µs a circle). */
#ifndef PRL_DSS_EXTENT_H
#define PRL_DSS_EXTENT_H

#include "base/memory.h"

#include <parley/conflict.h>

#include <jansson.h>

#define PRL_EXTENT_RADIUS_MAX_M 10000000.0 /* of a circle; prl_footprint_circle() */

typedef struct prl_outline {
	uint32_t first, count; /* vertices; count 1: a circle round that one */
	double radius_m;       /* 0 for a polygon */
} prl_outline;

/* No outline: everywhere. */
typedef struct prl_extent {
	prl_time from, to;       /* PRL_TIME_OPEN_START, PRL_TIME_OPEN_END where a volume states none */
	double lower_m, upper_m; /* metres above the WGS84 ellipsoid; -HUGE_VAL, HUGE_VAL where a volume states none */
	uint32_t outlines, vertices;
	prl_latlng at[]; /* vertices, then `outlines` prl_outline: prl_extent_outlines() */
} prl_extent;

const prl_outline *prl_extent_outlines(const prl_extent *extent);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef enum prl_extent_form {
	PRL_EXTENT_ANY_FORM,
	PRL_EXTENT_ONE,  /* one Volume4D: subscriptions, queries */
	PRL_EXTENT_LIST, /* an array of at least one: intents, constraints */
} prl_extent_form;

/* What is asked of it, beyond what all volumes must be. All zero: no limit but those of base/limits.h. */
typedef struct prl_extent_rules {
	const char *name; /* of the member that is read, for messages; NULL: "extents" */
	prl_extent_form form;
	bool footprints;       /* each volume has an outline, else "Missing footprint"; false: none at all is taken too,
				  and is everywhere */
	bool times, altitudes; /* each volume has both ends */
	double area_max_m2;    /* of one outline, circles too; above it PRL_E_TOO_LARGE. 0: no limit */
	uint32_t vertices_max; /* of all outlines together; 0: PRL_DSS_VERTICES_MAX (base/limits.h) */
	prl_time horizon;      /* no stated end later than this; 0 or PRL_TIME_OPEN_END: no limit */
	prl_time duration; /* all volumes together not longer than this, ns, where both ends are stated; 0: no limit */
} prl_extent_rules;

/* Reads one Volume4D or an array of at least one and at most PRL_DSS_VOLUMES_MAX. Edges of polygons are geodesics, and
 * all outlines together are at most PRL_DSS_EDGES_MAX_M round. Times are cut to the microsecond as the Go DSS does.
 * start = end is taken. A radius without units is one in metres, as the Go DSS has it; "format" of a time may be any
 * text. A volume without outline, where that is taken, makes all of the extent everywhere.
 * Errors, each with the place ("extents[1].volume.outline_circle.radius") and what was expected: PRL_E_TOO_LARGE area
 * (all else that is too large is PRL_E_RANGE), PRL_E_MEMORY, anything else the caller's mistake. Wrong types, NaN (not
 * JSON) and unknown units or references are refused; unknown members are ignored and null is as if absent, as F3548
 * and Go have it. volumes NULL: the member is missing. */
PRL_MUST prl_status prl_extent_read(const json_t *volumes, const prl_extent_rules *rules, prl_extent **ret,
				    prl_error *err);
/* Everything, always: a subscription without an outline. */
PRL_MUST prl_status prl_extent_everywhere(prl_extent **ret, prl_error *err);
/* The union: outlines of both (one that both have once), envelopes over both. */
PRL_MUST prl_status prl_extent_join(const prl_extent *a, const prl_extent *b, prl_extent **ret, prl_error *err);
PRL_MUST prl_status prl_extent_copy(const prl_extent *from, prl_extent **ret, prl_error *err);
/* The same outlines over another time. */
PRL_MUST prl_status prl_extent_during(const prl_extent *from, prl_time start, prl_time end, prl_extent **ret,
				      prl_error *err);
/* One rectangle in longitude and latitude (west > east: across the antimeridian), its sides no geodesics but inside
 * what is made, which is at most 250 m more: what is left of an extent whose content is not here. PRL_E_RANGE where
 * bounds, altitudes or times are not in order. */
PRL_MUST prl_status prl_extent_of_bounds(prl_bounds bounds, double lower_m, double upper_m, prl_time from, prl_time to,
					 prl_extent **ret, prl_error *err);
void prl_extent_free(prl_extent *extent); /* NULL is fine */
size_t prl_extent_bytes(const prl_extent *extent);

/* ---- comparing --------------------------------------------------------------------------------------------------- */

/* An extent made ready for many tests: what one request is compared with. */
typedef struct prl_extent_ready {
	const prl_extent *extent;   /* outlives it */
	prl_footprint **footprints; /* one an outline */
	prl_bounds bounds;          /* of all of them, never too small */
} prl_extent_ready;
PRL_MUST prl_status prl_extent_prepare(const prl_extent *extent, prl_extent_ready *ret, prl_error *err);
void prl_extent_ready_done(prl_extent_ready *ready);

/* Whether the two meet; altitudes: whether altitude counts (intents against intents), or is ignored (constraints, both
 * searches for subscribers). The same answer whichever of the two is the ready one. PRL_OK or PRL_E_MEMORY. */
PRL_MUST prl_status prl_extent_meets(const prl_extent_ready *a, const prl_extent *b, bool altitudes, bool *ret,
				     prl_error *err);

/* Whether each footprint of `inner` lies within one of `outer`'s (several that hold it only together are not seen:
 * false). Lies within means: what lies within is always taken, and what is up to 0.9 m outside; never what is 1.01 m
 * outside. A gap in outer is no part of it however narrow. Times and altitudes are the caller's to compare. PRL_OK or
 * PRL_E_MEMORY. Proof of the method stands at its definition. */
PRL_MUST prl_status prl_extent_covers(const prl_extent *outer, const prl_extent *inner, bool *ret, prl_error *err);

/* Boxes for the live index (index.h): extents that meet have boxes that meet. On the axes of prl_volume_boxes().
 * altitudes false: the boxes reach from the bottom to the top, for what is asked without altitude. At most two an
 * outline: *ret is to be freed. */
PRL_MUST prl_status prl_extent_boxes(const prl_extent *extent, bool altitudes, prl_box **ret, size_t *ret_count,
				     prl_error *err);
prl_bounds prl_extent_bounds(const prl_extent *extent); /* never too small */

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

/* For snapshots: equal extents give equal bytes, and what was written is read back to the bit. */
bool prl_extent_save(const prl_extent *extent, prl_buffer *to);
/* Takes the front of *from; PRL_E_SYNTAX where damaged. Whether edges cross is not looked at again: a polygon that
 * cannot be is taken for a circle that holds it, one whose edges cross for what lies inside an odd number of times. */
PRL_MUST prl_status prl_extent_load(prl_bytes *from, prl_extent **ret, prl_error *err);

#endif
