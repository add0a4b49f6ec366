/* Texts of bytes: base64 (RFC 4648 section 4, standard alphabet, padded), hexadecimal, UTF-8, decimal numbers. Every
 * reader is strict: one value has one text. */
#ifndef PRL_BASE_TEXT_H
#define PRL_BASE_TEXT_H

#include <parley/base.h>

#define PRL_BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4)   /* characters, without a 0 */
#define PRL_HASH_TEXT_MAX      (PRL_BASE64_SIZE(32) + 1) /* base64 of a hash and a 0 */

/* Writes PRL_BASE64_SIZE(size) characters and a 0 after them. */
void prl_base64_write(const void *data, size_t size, char *text);

/* Reads all of text into data, at most room bytes. False where it is not the one canonical text of its value: another
 * alphabet, missing padding, trailing bits that are not zero, white space; or where it does not fit. */
bool prl_base64_read(prl_bytes text, void *data, size_t room, size_t *ret_size);

/* base64url without padding (RFC 4648 section 5, RFC 7515 section 2): "-" and "_" stand for "+" and "/". */
#define PRL_BASE64URL_SIZE(bytes) (((bytes) * 4 + 2) / 3) /* characters, without a 0 */
void prl_base64url_write(const void *data, size_t size, char *text); /* and a 0 after them */
bool prl_base64url_read(prl_bytes text, void *data, size_t room, size_t *ret_size); /* as strict as the other */

/* A hash as base64, 44 characters. */
void prl_hash_write(const prl_hash *hash, char text[PRL_HASH_TEXT_MAX]);
bool prl_hash_read(prl_bytes text, prl_hash *ret);

/* Lower-case hexadecimal, 2 × size characters and a 0. */
void prl_hex_write(const void *data, size_t size, char *text);
bool prl_hex_read(prl_bytes text, void *data, size_t size); /* exactly 2 × size characters, lower case */

/* True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). With controls false, bytes below 0x20
 * except \n, and 0x7f, are refused too. */
bool prl_utf8_check(prl_bytes text, bool controls);

/* Bytes of text, at most so many, that end with a whole letter. */
size_t prl_utf8_cut(prl_bytes text, size_t most);

/* An unsigned decimal number without sign, leading zeros or white space. */
bool prl_decimal_read(prl_bytes text, uint64_t *ret);

prl_bytes prl_bytes_of(const char *text); /* strlen */
bool prl_bytes_equal(prl_bytes a, prl_bytes b);
bool prl_bytes_is(prl_bytes a, const char *text);

/* Takes the line that ends with \n from the front of *rest (the \n is not part of it); false when there is no \n. */
bool prl_line_take(prl_bytes *rest, prl_bytes *ret_line);

#endif
