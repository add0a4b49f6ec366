/**
 * @file advise.h
 * What would help: the smallest delay and the smallest change of altitude with which no overlap would be found.
 *
 * Only for what moves of its own will: flights, ground movements, convoys. Never for a live-fire area or anything
 * else: there only the overlap is named. An answer says what the engine would find, no more; it is not a permission.
 */
#ifndef PARLEY_ADVISE_H
#define PARLEY_ADVISE_H

#include "conflict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PRL_ADVISE_MAX_DELAY_S 86400 /**< delays are looked for up to 24 h, in steps of 1 s */
#define PRL_ADVISE_MAX_CLIMB_M 3000  /**< altitude changes up to ± 3,000 m, in steps of 1 m */

/** What would help one plan. */
typedef struct prl_advice {
	bool has_delay;  /**< false: no delay up to 24 h helps */
	int32_t delay_s; /**< whole plan later by so many seconds; 0 when nothing overlaps as filed */
	bool has_climb;  /**< false: no change up to ± 3,000 m helps, or the plan moves on the ground */
	int32_t climb_m; /**< whole plan higher (lower where negative) by so many metres; up wins a tie */
} prl_advice;

/** Whether a plan of that kind gets advice at all. */
PRL_API bool prl_advise_applies(prl_kind kind);

/**
 * Looks for the smallest delay and the smallest altitude change of @p plan with which prl_pair_check() finds nothing
 * between it and any of @p others (a conflict whose altitude "cannot tell" counts). A change that would take the lower
 * end of a band or a position below 0 of its own datum is not given.
 * @param others,count all that is filed; the plan itself among them is passed over
 * @return PRL_E_UNSUPPORTED when prl_advise_applies() says no, PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_advise(const prl_plan *plan, const prl_plan *const *others, size_t count,
                                       const prl_check_options *options, prl_advice *ret_advice, prl_error *err);

#ifdef __cplusplus
}
#endif
#endif
