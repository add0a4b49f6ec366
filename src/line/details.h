/* Details of a notice: what will be done, where, how high, when; and the plan that the engine makes of them.
 *
 * JSON, schemas/entry/details.json: it stands in the entry itself, or in a content beside the log where only some may
 * read it. Places are GeoJSON with the members of the `parley` properties of `parley check` (formats/geojson.h), so
 * that a position is kept as written, with its notation and datum, and widened by its error. */
#ifndef PRL_LINE_DETAILS_H
#define PRL_LINE_DETAILS_H

#include <parley/geo.h>

#include <jansson.h>

/* Whether JSON fits the schema of details: what stands in an entry does, what a peer put into a content may not. */
PRL_MUST prl_status prl_details_fit(const json_t *details, prl_error *err);

/* The plan of details: one volume a part of each area, each with the window of the notice unless
 * it states its own. Details without any area, or with one that cannot be read, are everywhere for as long as they say
 * (A3: a name alone is unusable; what the theatre makes of it, see theatre.h): then *ret_why says which area and what
 * is wrong with it, for people; else it is "". Any JSON gives a plan: what does not fit the schema counts as not
 * stated, or as an area that cannot be read. */
PRL_MUST prl_status prl_details_plan(const json_t *details, const char *id, const char *party, prl_plan **ret,
				     char ret_why[300], prl_error *err);

/* The look at the door: every area can be read, in order, each text one way. err->where is the JSON Pointer. */
PRL_MUST prl_status prl_details_check(const json_t *details, prl_error *err);

prl_kind prl_details_kind(const json_t *details);
prl_window prl_details_window(const json_t *details); /* open ends where not stated */

/* Whether an area is stated at all, and whether levels are where the kind wants them: who flies or shoots says how
 * high; who drives is on the ground. Kinds that are not said want them. */
bool prl_details_has_area(const json_t *details);
bool prl_details_has_levels(const json_t *details);

/* What positions, levels and lengths come to, an object for each area, for display beside what was written: lower
 * levels rounded down, upper ones up. A new reference. */
json_t *prl_details_shown(const json_t *details);

#endif
