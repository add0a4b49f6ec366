/* What the readers of the notations share. Each is given the tokens of a position without its datum and adds every
 * reading that is a place on the earth; notation.c refuses when they differ. Internal to geo. */
#ifndef PRL_GEO_NOTATION_READ_H
#define PRL_GEO_NOTATION_READ_H

#include "geo/notation_text.h"

typedef struct prl_position_reader {
	prl_position_options options;
	prl_reference reference;
	bool reference_said;
	const prl_token *tokens; /* ends with PRL_MARK_END */
	prl_readings found;
	const char *advice; /* how to write it so that it reads one way; where more than one was found */
} prl_position_reader;

/* Whether the tokens can only be meant in this notation. */
bool prl_looks_utm(const prl_token *tokens);
bool prl_looks_mgrs(const prl_token *tokens);
bool prl_looks_gk(const prl_token *tokens, bool sk42);

/* Each returns PRL_OK with at least one reading in r->found, or why there is none. */
prl_status prl_read_degrees(prl_position_reader *r, prl_error *err);
prl_status prl_read_utm(prl_position_reader *r, prl_error *err);
prl_status prl_read_mgrs(prl_position_reader *r, prl_error *err);
prl_status prl_read_gk(prl_position_reader *r, prl_error *err);

/* Adds a reading; one that is where another is already (1 µm) is not added twice. place is in the reader's datum, which
 * is converted here; precision_m and conversion_m (that of the projection) are completed to error_m. */
void prl_position_reader_add(prl_position_reader *r, prl_position position, const char *meaning);

/* Radius that holds a rectangle of ± half_lat_deg by ± half_lng_deg round a latitude, metres. Outward. */
double prl_degrees_radius_m(double lat_deg, double half_lat_deg, double half_lng_deg);

/* What a transverse Mercator or polar projection adds, metres: ten times the measured bound. */
#define PRL_PROJECTION_ERROR_M 0.001

/* Grid coordinates may lie this far beyond the edge of their zone: the overlap of 40 km that maps print (DMA TM 8358.1,
 * 2-3), rounded up. */
#define PRL_ZONE_OVERLAP_M 50000.0

#endif
