/**
 * @file conflict.h
 * The engine: which plans come closer than the agreed separation, where, when and by how much.
 *
 * Two plans are in conflict iff at some instant their horizontal distance is <= horizontal_m and their vertical
 * distance <= vertical_m. The comparison is closed: volumes that touch are in conflict, 1 cm apart they are not
 * (within ± 1 cm either answer may come). All pairs count, whatever the party.
 */
#ifndef PARLEY_CONFLICT_H
#define PARLEY_CONFLICT_H

#include "geo.h"
#include "index.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The distances that must be kept; 0 and 0 means that only touching and overlapping counts. */
typedef struct prl_separation {
	double horizontal_m, vertical_m; /**< metres >= 0; horizontal up to 1,000,000 */
} prl_separation;

/** Whether a conflict stands on stated altitudes or hangs on a conversion between datums. */
typedef enum prl_vertical {
	PRL_VERTICAL_KNOWN,
	PRL_VERTICAL_CANNOT_TELL,
} prl_vertical;

/** The instant at which two plans are closest, by max(h / H, v / V); by 3D distance where H or V is 0. */
typedef struct prl_closest {
	prl_time time; /**< the earliest on ties (measures m within 1e-6 (1 + m)); PRL_TIME_OPEN_START where both have always been there */
	double horizontal_m, vertical_m; /**< separation then; 0 where they overlap in that direction */
	prl_latlng place;                /**< a point in both, or the middle between them */
	double altitude_m;               /**< metres above datum: middle of the overlap or of the gap; NAN unbounded */
	prl_datum datum;
} prl_closest;

/** One pair of plans in conflict. */
typedef struct prl_conflict {
	const prl_plan *a, *b; /**< a->id < b->id in byte order */
	prl_vertical vertical; /**< KNOWN when at some instant it stands on stated altitudes */
	const prl_window *intervals; /**< when: disjoint, rising; the known ones, or all possible ones when CANNOT_TELL */
	size_t interval_count;       /**< >= 1 */
	const prl_window *possible;  /**< further times at which it cannot be told; only when KNOWN */
	size_t possible_count;
	prl_closest closest;
} prl_conflict;

/** What to look for. */
typedef struct prl_check_options {
	prl_separation separation;
	prl_window window;  /**< only what happens in it; PRL_TIME_OPEN_START, PRL_TIME_OPEN_END for always */
	prl_atmosphere air; /**< how altitudes of different datums compare */
} prl_check_options;

/** Options for touching volumes at any time with nothing known about air or ground. */
PRL_API prl_check_options prl_check_options_default(void);

/**
 * Tests one pair.
 * @param ret_conflict filled when they are in conflict; its arrays are released by prl_conflict_done()
 * @return PRL_OK and *ret_found; PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_pair_check(const prl_plan *a, const prl_plan *b, const prl_check_options *options,
                                           bool *ret_found, prl_conflict *ret_conflict, prl_error *err);
PRL_API void prl_conflict_done(prl_conflict *conflict);

/**
 * Boxes for the live index (index.h): every pair of volumes that is in conflict under @p options has boxes that meet.
 * Axes: longitude and latitude in 1e-7 degree, height above the ellipsoid in decimetres, units of 8 s
 * since 2000-01-01T00:00:00Z; all rounded outward and saturating, each box widened by half the separation.
 * @param ret_boxes 1 box, or 2 where the volume lies across the antimeridian
 * @return how many
 */
PRL_API size_t prl_volume_boxes(const prl_volume *volume, const prl_check_options *options, prl_box ret_boxes[2]);

/** The same for samples @p first to @p last of a trajectory and what lies between them. */
PRL_API size_t prl_trajectory_boxes(const prl_trajectory *trajectory, size_t first, size_t last,
                                    const prl_check_options *options, prl_box ret_boxes[2]);

/** Called for each conflict, in order of from, a, b; the conflict is valid during the call. False stops. */
typedef bool prl_conflict_fn(const prl_conflict *conflict, void *context);

/** Called now and then with how many of how many candidate pairs are done. */
typedef void prl_progress_fn(size_t done, size_t total, void *context);

/**
 * Finds every conflict among @p plans.
 * @param plans,count ids must differ
 * @param on_conflict called for each, sorted by first instant, then ids in byte order
 * @param on_progress may be NULL
 * @return PRL_E_CALLBACK when on_conflict returned false, PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_check_all(const prl_plan *const *plans, size_t count, const prl_check_options *options,
                                          prl_conflict_fn *on_conflict, prl_progress_fn *on_progress, void *context,
                                          prl_error *err);

#ifdef __cplusplus
}
#endif
#endif
