/*
 * Takes the long lists of numbers out of a JSON item before jansson sees it: the values of "coordinates" (nested
 * lists of numbers) become flat arrays, those of "datetimes" an array of instants, and in their place the text holds
 * a mark. Why: of the moving features of a day over Switzerland (8.9 MB) jansson alone reads 60 MB/s and needs six
 * times their size in memory; scanned, lifted and made into plans they read at 370 MB/s in 2 MB (both measured on one
 * core, 2026-11). A polygon of 10^6 vertices takes 24 MB here. All else stays jansson's.
 *
 * Only lists that follow RFC 8259 to the letter are lifted; any other stays in the text, and jansson or the reader of
 * the format says what is wrong with it. Marks hold a number drawn at random for the session, so that no file can
 * contain one. Numbers are read exactly (nearest double).
 */
#ifndef PRL_FORMATS_LIFT_H
#define PRL_FORMATS_LIFT_H

#include "base/memory.h"

#include <jansson.h>
#include <locale.h>

#define PRL_LIFT_LEVELS 4u /* [[[[x, y]]]]: a MultiPolygon */

/*
 * Lists nested level deep, all equally: level 1 is one position [x, y, …], 2 a list of positions, 3 of rings, 4 of
 * polygons. ends[k][i] is where the i-th list of level k+1 ends, counted in lists of level k (k = 0: in values), so
 * that list i of a level spans ends[k][i - 1] (0 for the first) to ends[k][i].
 */
typedef struct prl_numbers {
	double *values;
	uint32_t *ends[PRL_LIFT_LEVELS];
	size_t count[PRL_LIFT_LEVELS + 1]; /* [0] values, [k] lists of level k */
	unsigned level;
} prl_numbers;

typedef struct prl_instants {
	prl_time *times;
	size_t count;
} prl_instants;

typedef struct prl_lift prl_lift;

PRL_MUST prl_status prl_lift_new(prl_lift **ret_lift, prl_error *err);
void prl_lift_free(prl_lift *lift);

/*
 * Lifts the lists out of length bytes of JSON; what was lifted from the item before is released.
 * ret_text, ret_length: the text to give to jansson; as many line ends as before, so that its line numbers hold.
 */
PRL_MUST prl_status prl_lift_item(prl_lift *lift, const char *bytes, size_t length, const char **ret_text,
                                  size_t *ret_length, prl_error *err);

/* What the mark value stands for; NULL where it is no mark of the item. */
const prl_numbers *prl_lift_numbers(const prl_lift *lift, const json_t *value);
const prl_instants *prl_lift_instants(const prl_lift *lift, const json_t *value);

/* Milliseconds since 1970, as MF-JSON has them; false where they are outside the years 1678 to 2261. */
bool prl_lift_milliseconds(double ms, prl_time *ret_time);

#endif
