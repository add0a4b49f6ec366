/* Text of strangers, made fit to be shown. */
#ifndef PRL_FORMATS_CLEAN_H
#define PRL_FORMATS_CLEAN_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes from text on are one character of UTF-8 (RFC 3629); 0 where they are none. text ends with a 0. */
size_t prl_utf8_decode(const char *text, uint32_t *ret_character);

/*
 * Copies text to shown (room bytes, the 0 included), leaving out what could mislead whoever reads it on a terminal:
 * control characters (C0, DEL, C1), line and paragraph separators, the marks that turn the direction of writing
 * (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), and bytes that are not UTF-8 each become "?". Cut off at a whole
 * character where room is short.
 */
void prl_clean(const char *text, char *shown, size_t room);

#endif
