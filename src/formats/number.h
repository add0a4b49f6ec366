/* One JSON number, read exactly. */
#ifndef PRL_FORMATS_NUMBER_H
#define PRL_FORMATS_NUMBER_H

#include <locale.h>
#include <stdbool.h>

/*
 * Reads the number (RFC 8259 section 6) at *at, which ends before end; a byte that no number holds must stand at *end
 * or before. The result is the nearest double. False, with *at as it was, where there is no number or where it is
 * too large for a double. c_locale: a locale with a decimal point.
 */
bool prl_number_read(const char **at, const char *end, locale_t c_locale, double *ret_value);

#endif
