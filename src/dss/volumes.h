/* A plan of the engine as F3548 writes areas: what a notice of the line shows to drone traffic services.
 *
 * What is written holds what was planned: whatever place, height and time lies in the plan lies in the volumes as
 * prl_extent_read() reads them back; within the centimetre to which footprints are exact. It may be more, never less,
 * since F3548 has circles and polygons only, and heights above the ellipsoid only:
 *   circle     stays one
 *   polygon    stays one; its holes are filled; with what widens it (the error of a notation) it is one where that is
 *              small and without deep bays; else that is laid along its edges, a polygon of 12 corners an edge, at most
 *              4 % wider than it must be
 *   corridor   such a polygon a leg
 *   lines of very many vertices, and polygons that F3548 does not take, come in fewer and wider ones, at last a circle
 *   altitudes  the band above the ellipsoid that holds every reading (prl_band_w84_range()); no end where that has none
 *   times      an open start is `filed`, an open end the first instant of 2200; ends to the next microsecond
 * An area that is not stated is the theatre. */
#ifndef PRL_DSS_VOLUMES_H
#define PRL_DSS_VOLUMES_H

#include <parley/geo.h>

#include <jansson.h>

#define PRL_VOLUMES_END (INT64_C(7258118400) * PRL_SECOND) /* 2200-01-01T00:00:00Z */

typedef struct prl_volumes_terms {
	const prl_atmosphere *air; /* NULL: nothing is known */
	const prl_plan *theatre;   /* NULL: none is agreed */
	prl_time filed;
} prl_volumes_terms;

/* An array of Volume4D, at most PRL_DSS_VOLUMES_MAX. PRL_E_NOT_FOUND: an area is not stated, and no theatre is agreed;
 * PRL_E_RANGE: it cannot be written (more than a hemisphere, too many areas, trajectories); PRL_E_MEMORY. */
PRL_MUST prl_status prl_volumes_of_plan(const prl_plan *plan, const prl_volumes_terms *terms, json_t **ret,
					prl_error *err);

#endif
