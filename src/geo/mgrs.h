/* Grid zones, the Universal Polar Stereographic grid and the Military Grid Reference System, WGS84.
 *
 * Sources: NGA.STND.0037 (2014) "Universal Grids and Grid Reference Systems", DMA TM 8358.1 (1990) chapters 2, 3 and
 * appendix B, DMA TM 8358.2 (1989). The row letters are those of WGS84 (the "AA" scheme). */
#ifndef PRL_GEO_MGRS_H
#define PRL_GEO_MGRS_H

#include "geo/tmerc.h"

/* A place on one of the two grids: UTM zones 1 to 60, zone 0 for UPS. False origins included. */
typedef struct prl_grid_place {
	int zone;               /* 0: polar */
	bool south;             /* of the equator, or the south polar grid */
	double east_m, north_m; /* UTM false easting 500 km, false northing 0 or 10,000 km; UPS 2,000 km both */
} prl_grid_place;

/* UTM covers 80°S (included) to 84°N (excluded); the poles are UPS (NGA.STND.0037). */
#define PRL_UTM_SOUTH_DEG (-80.0)
#define PRL_UTM_NORTH_DEG 84.0

/* Least scale of each grid, so that a grid length divided by it is never below the true length. */
#define PRL_UTM_SCALE_MIN 0.9996
#define PRL_UPS_SCALE_MIN 0.994

/* Band letter C to X (no I, O) of a latitude in [-80, 84]; 0 outside. X has 12°, the others 8°. */
char prl_utm_band(double lat_deg);
/* Southern and northern edge of a band, degrees; false when there is no such band. */
bool prl_utm_band_edges(char band, double *ret_south_deg, double *ret_north_deg);
/* Western and eastern edge of a zone in a band, degrees, the exceptions of south-west Norway (31V, 32V) and Svalbard
 * (31X to 37X) included; false for a zone that the band does not have (32X, 34X, 36X) or that does not exist. */
bool prl_utm_zone_edges(int zone, char band, double *ret_west_deg, double *ret_east_deg);
/* Zone number of a place, exceptions included. Latitude in [-80, 84]. */
int prl_utm_zone(prl_latlng place);
/* Central meridian of a zone, degrees: 6 zone - 183. */
double prl_utm_center_deg(int zone);

/* The place on the grid that belongs to it, and back. Back gives the whole plane a place; ranges are the caller's. */
prl_grid_place prl_grid_forward(prl_latlng place);
prl_grid_place prl_grid_forward_in(prl_latlng place, int zone, bool south); /* in a given UTM zone; 0 is UPS */
prl_latlng prl_grid_inverse(prl_grid_place at);

#define PRL_MGRS_TEXT_MAX 20

/* Writes the square of digits an axis (1 to 5: 10 km to 1 m) that holds the place: truncated, never rounded. */
void prl_mgrs_format(prl_latlng place, int digits, char text[PRL_MGRS_TEXT_MAX]);

/* A reference taken apart: "37SEV7000005000" is zone 37, band 'S', column 'E', row 'V', 70000, 05000, 5 digits. */
typedef struct prl_mgrs {
	int zone;  /* 1 to 60; 0 for the polar bands A, B, Y, Z */
	char band; /* upper case */
	char column, row;
	unsigned east, north; /* as many digits as written */
	int digits;           /* 0 to 5 an axis; 0 is the 100 km square */
} prl_mgrs;

/* The south-west corner and side of the square that is named.
 * @param ret_corner corner on the grid
 * @param ret_side_m 1 to 100,000
 * @return PRL_E_RANGE, and text that says which part does not exist: zone, band, column or row letter, or a square that
 *         lies outside its grid zone by more than its own half diagonal */
prl_status prl_mgrs_corner(const prl_mgrs *m, prl_grid_place *ret_corner, double *ret_side_m, prl_error *err);

#endif
