/* Two bodies over one stretch of time: when they are nearer than the separation, and the instant they are closest.
 *
 * A body is a volume, which rests, or one leg of a trajectory, which moves. */
#ifndef PRL_CONFLICT_ENCOUNTER_H
#define PRL_CONFLICT_ENCOUNTER_H

#include <parley/conflict.h>

#include "conflict/approach.h"

typedef struct prl_body {
	const prl_volume *volume; /* NULL for a moving body */
	prl_leg leg;              /* of a moving body */
	prl_datum datum;          /* of the leg's altitudes */
} prl_body;

/* The smallest measure so far, with its earliest instant. */
typedef struct prl_best {
	bool set;
	double measure;
	prl_closest at;
} prl_best;

/* What is found for one pair of plans. "Known" times stand on stated altitudes; "possible" times are all at which the
 * intervals of the conversions allow a conflict, the known ones among them. */
typedef struct prl_findings {
	const prl_check_options *options;
	prl_spans known, possible; /* possible: those that are not known where all altitudes have one datum */
	prl_best best_known, best_possible;
	bool whether_only; /* the first thing found is enough; nobody asks for the closest instant */
} prl_findings;

/* Whether nothing more needs to be looked for. */
static inline bool prl_findings_enough(const prl_findings *findings)
{
	return findings->whether_only && findings->known.count + findings->possible.count > 0;
}

/* Whether two plans are in conflict, and no more than that: what prl_pair_check() says, sooner. */
prl_status prl_pair_whether(const prl_plan *a, const prl_plan *b, const prl_check_options *options, bool *ret_found,
                            prl_error *err);

/* Adds what two bodies do between @p from and @p to, at which both exist. */
void prl_encounter(prl_findings *findings, const prl_body *a, const prl_body *b, prl_time from, prl_time to);

/* max(h / H, v / V), or the 3D distance where H or V is 0. */
double prl_measure(const prl_separation *separation, double horizontal_m, double vertical_m);

/* Whether measure m at t is to replace the best; ties go to the earlier. */
bool prl_best_takes(const prl_best *best, double measure, prl_time t);

#endif
