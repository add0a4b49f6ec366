/**
 * @file wellclear.h
 * Well clear: do two moving bodies, each on a straight line, come inside a detect-and-avoid volume, and when.
 *
 * Two volumes: TAUMOD (WCV_TAUMOD of AIAA 2014-2412, NTRS 20150000558, the shape of DO-365B: a closed cylinder plus the
 * time before it) and CYLINDER (CD3D: an open cylinder, so that touching it does not count). Positions are Euclidean in
 * a local frame: x east, y north, z up. Answers and times are those of the published formulas, operation by operation
 * and bit by bit (tests/conflict/wellclear_test.c holds them to a plain transcription).
 *
 * In the formulas "x ~ y" (almost equal) means: x == y, or one is 0 and both are below 1e-13 in size, or the two
 * doubles are at most 16,348 units in the last place apart; never where one is NaN or infinite.
 */
#ifndef PARLEY_WELLCLEAR_H
#define PARLEY_WELLCLEAR_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which formulas a volume follows. */
typedef enum prl_wellclear_model {
	PRL_WELLCLEAR_TAUMOD,   /**< closed cylinder, modified tau and time to co-altitude */
	PRL_WELLCLEAR_CYLINDER, /**< open cylinder; the two times are not used */
} prl_wellclear_model;

/** A volume round a body. All four thresholds finite and >= 0. */
typedef struct prl_wellclear {
	prl_wellclear_model model;
	double dthr_m; /**< horizontal distance; DMOD and HMD at once, as DO-365 sets them equal */
	double zthr_m; /**< vertical distance */
	double tthr_s; /**< modified tau */
	double tcoa_s; /**< time to co-altitude */
} prl_wellclear;

/** Where a body is at time 0 and how it moves: metres and metres a second in a local frame. */
typedef struct prl_motion {
	double x_m, y_m, z_m;
	double vx_mps, vy_mps, vz_mps;
} prl_motion;

/** Two bodies; 12 doubles, the record of `parley bench wellclear`. */
typedef struct prl_motion_pair {
	prl_motion own, intruder;
} prl_motion_pair;

/** The answer for one pair, as 4 doubles, the record that `parley bench wellclear` writes. */
typedef struct prl_wellclear_times {
	double violation; /**< 1 when the pair is inside at time 0 and stays for more than an instant, else 0 */
	double conflict;  /**< 1 when the pair is inside for more than an instant within [from, to], else 0 */
	double in_s;      /**< first time inside, seconds; +inf without conflict */
	double out_s;     /**< last time inside, seconds; -inf without conflict */
} prl_wellclear_times;

/** The answer for one pair with the time at which it is said to be closest. */
typedef struct prl_wellclear_answer {
	bool violation, conflict; /**< as in prl_wellclear_times */
	double in_s, out_s;
	double tca_s;        /**< middle of [in, out], seconds; NAN without conflict */
	double tca_distance; /**< max(horizontal / dthr, vertical / zthr) then, a ratio; NAN without conflict */
} prl_wellclear_answer;

/**
 * Tests one pair over the times @p from_s to @p to_s.
 *
 * Input that is NaN or infinite gives no violation and no conflict.
 * @param from_s,to_s seconds, 0 <= from_s < to_s; to_s may be +inf. Any other window holds no conflict
 */
PRL_API prl_wellclear_answer prl_wellclear_check(const prl_wellclear *volume, const prl_motion *own,
						 const prl_motion *intruder, double from_s, double to_s);

/** As prl_wellclear_check() with the two times only: what a loop over many pairs needs. */
PRL_API prl_wellclear_times prl_wellclear_pair(const prl_wellclear *volume, const prl_motion_pair *pair, double from_s,
					       double to_s);

/**
 * prl_wellclear_pair() of @p count pairs, the same bits, several at a time where the processor can (AVX2).
 * @param ret_times @p count answers
 */
PRL_API void prl_wellclear_batch(const prl_wellclear *volume, const prl_motion_pair *pairs, size_t count, double from_s,
				 double to_s, prl_wellclear_times *ret_times);

/**
 * Whether the pair is inside the volume at time 0, by the point predicate of the formulas: contact of no duration
 * counts here and is no violation in prl_wellclear_check().
 */
PRL_API bool prl_wellclear_inside(const prl_wellclear *volume, const prl_motion *own, const prl_motion *intruder);

/** A published volume under a name that `parley check --well-clear NAME` takes. */
typedef struct prl_wellclear_named {
	const char *name;  /**< "do365b-corrective" */
	const char *about; /**< one line for people, with its source */
	prl_wellclear volume;
	double alert_s; /**< alerting time, seconds; 0 where the source states none */
	double early_s; /**< early alerting time, seconds; 0 where the source states none */
} prl_wellclear_named;

/** The preset called @p name (ASCII case ignored), or NULL. */
PRL_API const prl_wellclear_named *prl_wellclear_preset(const char *name);

/** The @p n-th preset from 0, NULL after the last: to list them. */
PRL_API const prl_wellclear_named *prl_wellclear_preset_at(size_t n);

#ifdef __cplusplus
}
#endif
#endif
