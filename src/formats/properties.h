/*
 * The `parley` properties of a GeoJSON feature: what GeoJSON has no member for. schemas/parley-properties.schema.json
 * defines them; a member that it does not name is refused, so that a typing error never passes for "not stated".
 */
#ifndef PRL_FORMATS_PROPERTIES_H
#define PRL_FORMATS_PROPERTIES_H

#include <parley/geo.h>

#include <jansson.h>

typedef struct prl_uncertainty {
	double horizontal_m, vertical_m;                   /* metres >= 0 */
	double horizontal_growth_m_s, vertical_growth_m_s; /* m/s >= 0, from the first sample on; moving features only */
} prl_uncertainty;

/* Texts live as long as the JSON. */
typedef struct prl_properties {
	const char *id, *party, *name; /* id is never NULL; the others may be */
	char id_text[32];              /* where the id of the feature is a number */
	prl_kind kind;
	prl_window window;                      /* areas */
	prl_band band;                          /* areas */
	double radius_m, half_width_m;          /* areas; NAN: not stated */
	prl_edges edges;                        /* areas; where not stated lonlat, geodesic for vertices */
	const char *place;                      /* areas; NULL: none; a position as people write it */
	const json_t *vertices;                 /* areas; NULL: none; a list of such positions */
	prl_datum datum;                        /* moving: what heights are measured from */
	prl_uncertainty uncertainty;
} prl_properties;

/* Of an area. Without a parley object PRL_E_SYNTAX: parley does not guess what other people's features mean. */
PRL_MUST prl_status prl_properties_area(const json_t *feature, prl_properties *ret_properties, prl_error *err);

/* Of a moving feature, where the parley object may be missing: then a flight, heights above the ellipsoid. */
PRL_MUST prl_status prl_properties_moving(const json_t *feature, prl_properties *ret_properties, prl_error *err);

/* The id that a feature states, for messages: properties.parley.id, else id; NULL where it states none. */
const char *prl_feature_id(const json_t *feature, char number_text[32]);

#endif
