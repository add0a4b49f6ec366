/* Filling a prl_error. The library never prints: whoever calls decides what becomes of it. */
#ifndef PRL_BASE_ERROR_H
#define PRL_BASE_ERROR_H

#include <parley/base.h>

/* Sets status and text, clears place and line; returns status, so that `return prl_error_set(…)` reads well.
 * err may be NULL. */
prl_status prl_error_set(prl_error *err, prl_status status, const char *format, ...) PRL_PRINTF(3, 4);

/* Puts "<format>: " before the place that err already names. Returns err's status (status when err is NULL). */
prl_status prl_error_at(prl_error *err, prl_status status, const char *format, ...) PRL_PRINTF(3, 4);

/* Out of memory, said the same way everywhere. */
prl_status prl_error_memory(prl_error *err);

#endif
