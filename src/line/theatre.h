/* The theatre: the part of the earth that a line is about, as the constitution states it. What is said without an area
 * is meant for all of it (issue: "area not stated = whole theatre"). Where none is agreed, that is the whole earth.
 *
 * The theatre never takes a pair out. Who states no area may mean a place that nobody thought of when the line was
 * begun, so on the board, and for the engine, such a notice is everywhere, whatever is agreed; the fold knows no
 * theatre at all, and an amendment of it changes nothing that was found. What the theatre decides is what is said of a
 * pair in which an area is not stated, once, by the node that finds it (conflict.found, "area"):
 *
 *   theatre      the other lies in the theatre, or comes nearer to it than the separation of the two, or does not state
 *                its area either: an overlap as any other
 *   cannot tell  the other lies outside: compared all the same, and said
 *   whole earth  no theatre is agreed
 *
 * A notice whose stated area lies outside of it altogether is taken, compared and rung as any other; it has the mark
 * OUTSIDE THE THEATRE, as a remark: somebody may have written a wrong place. */
#ifndef PRL_LINE_THEATRE_H
#define PRL_LINE_THEATRE_H

#include "picture/kinds.h"

#include <parley/geo.h>

#define PRL_THEATRE_OUTSIDE "OUTSIDE THE THEATRE"

typedef struct prl_theatre {
	prl_plan *plan; /* its area, at every height, always; NULL: none is agreed, or it cannot be read */
	char name[200];
} prl_theatre;

/* constitution NULL: none. A theatre that cannot be read counts as none: the whole earth is the wider. PRL_E_MEMORY. */
PRL_MUST prl_status prl_theatre_make(const prl_constitution *constitution, prl_theatre *ret, prl_error *err);
void prl_theatre_done(prl_theatre *theatre);

/* The look at the door, for who drafts: the area of the member "theatre" can be read, each text one way.
 * err->where is a JSON Pointer below "/theatre". NULL passes. */
PRL_MUST prl_status prl_theatre_check(const json_t *theatre, prl_error *err);

/* Whether any part of a plan lies in it, or within margin_m (metres) of it: exact within 1 cm. Everything does where
 * none is agreed. */
bool prl_theatre_reaches(const prl_theatre *theatre, const prl_plan *plan, double margin_m);

/* Whether some part of a plan is everywhere: an area was not stated, or could not be read. */
bool prl_theatre_is_unstated(const prl_plan *plan);

/* What is said of a pair that overlaps: "theatre", "cannot tell", "whole earth"; NULL where both state their areas. */
const char *prl_theatre_of_pair(const prl_theatre *theatre, const prl_plan *a, const prl_plan *b, double separation_m);

#endif
