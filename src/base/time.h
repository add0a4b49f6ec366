/**
 * @file time.h
 * Reckoning with instants that others have stated: any two of the years 1678 to 2261 may be farther apart than there
 * are nanoseconds in 64 bits.
 */
#ifndef PRL_BASE_TIME_H
#define PRL_BASE_TIME_H

#include <parley/base.h>

/** to - from, ns; at the ends of its range what is farther apart (292 years), negative where `to` is the earlier. */
static inline prl_time prl_time_apart(prl_time from, prl_time to)
{
	prl_time apart;
	return !__builtin_sub_overflow(to, from, &apart) ? apart : to > from ? INT64_MAX : INT64_MIN;
}

#endif
