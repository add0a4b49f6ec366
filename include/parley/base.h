/**
 * @file base.h
 * What every other header of libparley uses: attributes, status and error values, time.
 *
 * The library never prints, never exits and keeps no global state. A function that can fail returns a prl_status
 * and writes its results through trailing `ret_` pointers, which it leaves untouched on failure.
 */
#ifndef PARLEY_BASE_H
#define PARLEY_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PRL_API __attribute__((visibility("default")))
#define PRL_MUST __attribute__((warn_unused_result))
#define PRL_PRINTF(f, a) __attribute__((format(printf, f, a)))

/** X(name, exit status of the program, what it is) */
#define PRL_STATUS_MAP(X)                                                                                              \
	X(OK, 0, "done")                                                                                               \
	X(E_SYNTAX, 2, "cannot be read as what it should be")                                                          \
	X(E_RANGE, 2, "a value is out of its range")                                                                   \
	X(E_AMBIGUOUS, 2, "reads two ways")                                                                            \
	X(E_UNSUPPORTED, 2, "well formed, but not something parley takes")                                             \
	X(E_DUPLICATE, 2, "the same id twice")                                                                         \
	X(E_NOT_FOUND, 2, "no such thing")                                                                             \
	X(E_TOO_LARGE, 2, "larger than the stated limit")                                                              \
	X(E_SIGNATURE, 1, "a signature or a proof does not hold")                                                      \
	X(E_FORKED, 1, "two histories were signed")                                                                    \
	X(E_REFUSED, 2, "not this party's, desk's or key's to do")                                                     \
	X(E_STALE, 2, "made against what is no longer the newest")                                                     \
	X(E_EARLY, 3, "something else has to come first")                                                              \
	X(E_MEMORY, 3, "out of memory")                                                                                \
	X(E_IO, 3, "the disk or the network failed")                                                                   \
	X(E_CALLBACK, 3, "stopped by the caller")

/** Status of a call: PRL_OK (0) or what went wrong. */
typedef enum prl_status {
#define X(name, exit_status, text) PRL_##name,
	PRL_STATUS_MAP(X)
#undef X
} prl_status;

/** What went wrong, for a person: one sentence that says what is wrong and what was expected. */
typedef struct prl_error {
	prl_status status;
	char text[400];  /**< "latitude 91 is out of range, expected -90 to 90" */
	char where[200]; /**< place inside the input, outermost first: "feature \"x\": volume 2"; "" where none */
	size_t line;     /**< line of the input, from 1; 0 where there is none */
} prl_error;

/** Short English text of @p status; never NULL. */
PRL_API const char *prl_status_text(prl_status status);

/** Bytes that belong to somebody else: a view. */
typedef struct prl_bytes {
	const char *data;
	size_t size;
} prl_bytes;

/** A SHA-256. */
typedef struct prl_hash {
	uint8_t bytes[32];
} prl_hash;

/* ---- time ---------------------------------------------------------------------------------------------------- */

/** An instant: nanoseconds since 1970-01-01T00:00:00Z, no leap seconds. Years 1678 to 2262. */
typedef int64_t prl_time;

#define PRL_TIME_OPEN_START INT64_MIN /**< a window that has always been open */
#define PRL_TIME_OPEN_END INT64_MAX   /**< a window that never closes */
#define PRL_SECOND INT64_C(1000000000)
#define PRL_TIME_TEXT_MAX 64 /**< bytes that prl_time_format() may write, the 0 included */

/**
 * Reads an RFC 3339 date-time with its offset ("2016-09-17T12:55:00.123Z", "2016-09-17T15:55:00+03:00").
 *
 * Digits of a second beyond the ninth are dropped; a leap second (":60") is read as the instant after ":59".
 * @param text,length bytes to read; all of them must belong to the date-time
 * @param ret_time    the instant, between the years 1678 and 2262
 * @return PRL_E_SYNTAX when it is not RFC 3339 section 5.6, PRL_E_RANGE for a day or hour that does not exist or a
 *         year outside the range
 */
PRL_API PRL_MUST prl_status prl_time_parse(const char *text, size_t length, prl_time *ret_time, prl_error *err);

/** Writes @p t as RFC 3339 in UTC with at least milliseconds ("2016-09-17T12:55:00.123Z"), more where @p t has them. */
PRL_API void prl_time_format(prl_time t, char text[PRL_TIME_TEXT_MAX]);

#ifdef __cplusplus
}
#endif
#endif
