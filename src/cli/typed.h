/* What people type in a hurry: times, levels, distances, and the lead time in words that are heard. Nothing is guessed:
 * a text is read one way or refused with what was expected. Times of day are UTC and must say so by their Z. */
#ifndef PRL_CLI_TYPED_H
#define PRL_CLI_TYPED_H

#include <jansson.h>
#include <parley/base.h>

/* An instant, as people type it at `now`:
 *   now                       this moment
 *   +60min +2h +90s +1d       from now; a minus is the past
 *   13:52Z 1352Z              the nearest such time of day, at most 12 h away
 *   2016-09-17T12:55:00Z      RFC 3339, any offset
 * PRL_E_SYNTAX names these forms. A time of day without Z is refused: it reads as many ways as there are zones. */
PRL_MUST prl_status prl_typed_time(const char *text, prl_time now, prl_time *ret, prl_error *err);
/* The same as text of an entry. */
PRL_MUST prl_status prl_typed_time_json(const char *text, prl_time now, json_t **ret, prl_error *err);

/* A level as an entry states it, {"value", "unit", "datum"}: FL245 · 300mAGL · 4500ftMSL · 4,500 ft MSL · 1200 m W84.
 * A level without a datum is refused: MSL and AGL differ by the height of the ground. */
PRL_MUST prl_status prl_typed_level(const char *text, json_t **ret, prl_error *err);

/* "2km", "500 m", "5NM": metres. A number alone is refused. */
PRL_MUST prl_status prl_typed_distance(const char *text, double *ret_m, prl_error *err);

/* What is understood of words as they are heard, in English or Russian: a few fixed phrases, else nothing. Parts of the
 * same sentence are kept apart: when something begins is a notice, what is demanded of us is not. */
typedef struct prl_heard_words {
	bool has_lead;
	int64_t lead_s; /* "in one hour": 3600; "now": 0 */
	bool has_clock; /* "at 13:52Z" */
	prl_time clock;
	bool demand;    /* "leave", "clear", "get out", "stay away" */
	char said[200]; /* the words of the demand; "" where none */
} prl_heard_words;

/* Two phrases of time that differ leave both unstated: nobody guesses which one was meant. */
void prl_heard_read(const char *words, prl_time now, prl_heard_words *ret);

/* The parts of "a,b,c", an array of texts; the empty array for NULL. */
json_t *prl_typed_list(const char *text);

#endif
