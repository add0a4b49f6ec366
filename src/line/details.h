/* Details of a notice: what will be done, where, how high, when; and the plan that the engine makes of them.
 *
 * JSON, schemas/entry/details.json: it stands in the entry itself, or in a content beside the log where only some may
 * read it. Places are GeoJSON with the members of the `parley` properties of `parley check` (formats/geojson.h), so
 * that a position is kept as written, with its notation and datum, and widened by its error. */
#ifndef PRL_LINE_DETAILS_H
#define PRL_LINE_DETAILS_H

#include <parley/geo.h>

#include <jansson.h>

/* The plan of details that fit their schema: one volume a part of each area, each with the window of the notice unless
 * it states its own. Details without any area, or with one that cannot be read, are everywhere for as long as they say
 * (A3: a name alone is unusable, and the receiver takes the whole theatre): then *ret_why says which area and what is
 * wrong with it, for people; else it is "". */
PRL_MUST prl_status prl_details_plan(const json_t *details, const char *id, const char *party, prl_plan **ret,
				     char ret_why[300], prl_error *err);

/* The look at the door: every area can be read, in order, each text one way. err->where is the JSON Pointer. */
PRL_MUST prl_status prl_details_check(const json_t *details, prl_error *err);

prl_kind prl_details_kind(const json_t *details);
prl_window prl_details_window(const json_t *details); /* open ends where not stated */

#endif
