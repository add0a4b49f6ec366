#include "geo/mgrs.h"

#include "base/error.h"
#include "geo/ellipsoid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SQUARE_M 100000.0
#define CYCLE_M  2000000.0 /* row letters repeat every 20 squares (DMA TM 8358.1, 3-2) */

static const char bands[] = "CDEFGHJKLMNPQRSTUVWX";
static const char rows[] = "ABCDEFGHJKLMNPQRSTUV";
static const char *const columns[3] = { "ABCDEFGH", "JKLMNPQR", "STUVWXYZ" };

/* ---- zones and bands ----------------------------------------------------------------------------------------- */

char prl_utm_band(double lat_deg)
{
	if (!(lat_deg >= PRL_UTM_SOUTH_DEG && lat_deg <= PRL_UTM_NORTH_DEG))
		return 0;
	int i = (int)floor((lat_deg + 80) / 8);
	if (lat_deg < 0 && i > 9)
		i = 9; /* -1e-17 + 80 is 80 */
	return bands[i > 19 ? 19 : i];
}

static int letter_index(const char *letters, char letter)
{
	const char *at = letter ? strchr(letters, letter) : NULL;
	return at ? (int)(at - letters) : -1;
}

bool prl_utm_band_edges(char band, double *ret_south_deg, double *ret_north_deg)
{
	int i = letter_index(bands, band);
	if (i < 0)
		return false;
	*ret_south_deg = -80 + 8 * i;
	*ret_north_deg = band == 'X' ? PRL_UTM_NORTH_DEG : -72 + 8 * i;
	return true;
}

double prl_utm_center_deg(int zone)
{
	return 6 * zone - 183;
}

/* NGA.STND.0037: 32V takes 3°E to 12°E, and in band X zones 31, 33, 35, 37 share what 31 to 37 have elsewhere. */
bool prl_utm_zone_edges(int zone, char band, double *ret_west_deg, double *ret_east_deg)
{
	static const double svalbard[7][2] = {
		{ 0, 9 }, { 0, 0 }, { 9, 21 }, { 0, 0 }, { 21, 33 }, { 0, 0 }, { 33, 42 }
	};
	if (zone < 1 || zone > 60 || letter_index(bands, band) < 0)
		return false;
	double west = 6 * zone - 186, east = west + 6;
	if (band == 'V' && zone == 31)
		east = 3;
	if (band == 'V' && zone == 32)
		west = 3;
	if (band == 'X' && zone >= 31 && zone <= 37) {
		west = svalbard[zone - 31][0];
		east = svalbard[zone - 31][1];
	}
	if (!(west < east))
		return false;
	*ret_west_deg = west;
	*ret_east_deg = east;
	return true;
}

int prl_utm_zone(prl_latlng place)
{
	double lng = prl_longitude_wrap(place.lng_deg);
	int zone = (int)floor((lng + 180) / 6) + 1;
	if (zone > 60)
		zone = 1; /* 180°E is 180°W */
	char band = prl_utm_band(place.lat_deg);
	double west, east;
	if ((band == 'V' || band == 'X') && zone >= 31 && zone <= 37)
		for (int z = 31; z <= 37; z++)
			if (prl_utm_zone_edges(z, band, &west, &east) && lng >= west && lng < east)
				return z;
	return zone;
}

/* ---- the two grids ------------------------------------------------------------------------------------------- */

/* Polar stereographic with scale 0.994 at the pole (DMA TM 8358.2, 3-2): radius 2 a k0 / (√((1+e)^(1+e) (1−e)^(1−e)))
 * times tan(π/4 − χ/2), χ the conformal latitude, which is 1 / (tan χ + sec χ). */
static double ups_factor_m(double e)
{
	return 2 * PRL_ELLIPSOID_WGS84.a_m * PRL_UPS_SCALE_MIN / sqrt(pow(1 + e, 1 + e) * pow(1 - e, 1 - e));
}

static double wgs84_e(void)
{
	return sqrt(PRL_ELLIPSOID_WGS84.flattening * (2 - PRL_ELLIPSOID_WGS84.flattening));
}

static prl_grid_place ups_forward(prl_latlng place, bool south)
{
	double e = wgs84_e();
	double tau = prl_conformal_tau(tan((south ? -place.lat_deg : place.lat_deg) / PRL_RADIAN), e);
	double rho = ups_factor_m(e) / (tau + hypot(1, tau)), lambda = place.lng_deg / PRL_RADIAN;
	return (prl_grid_place){ .south = south,
				 .east_m = 2000000 + rho * sin(lambda),
				 .north_m = 2000000 + (south ? rho : -rho) * cos(lambda) };
}

static prl_latlng ups_inverse(prl_grid_place at)
{
	double e = wgs84_e(), x = at.east_m - 2000000, y = at.north_m - 2000000, rho = hypot(x, y);
	if (!(rho > 0))
		return (prl_latlng){ at.south ? -90 : 90, 0 };
	double t = rho / ups_factor_m(e), tau = (1 / t - t) / 2;
	double lat = atan(prl_geodetic_tau(tau, e)) * PRL_RADIAN;
	return (prl_latlng){ at.south ? -lat : lat, atan2(x, at.south ? y : -y) * PRL_RADIAN };
}

static prl_tmerc utm(void)
{
	return prl_tmerc_make(PRL_ELLIPSOID_WGS84, PRL_UTM_SCALE_MIN);
}

prl_grid_place prl_grid_forward_in(prl_latlng place, int zone, bool south)
{
	if (zone == 0)
		return ups_forward(place, south);
	prl_tmerc t = utm();
	prl_grid_place at = { .zone = zone, .south = south };
	prl_tmerc_forward(&t, place, prl_utm_center_deg(zone), &at.east_m, &at.north_m);
	at.east_m += 500000;
	at.north_m += south ? 10000000 : 0;
	return at;
}

prl_grid_place prl_grid_forward(prl_latlng place)
{
	bool polar = place.lat_deg < PRL_UTM_SOUTH_DEG || place.lat_deg >= PRL_UTM_NORTH_DEG;
	return prl_grid_forward_in(place, polar ? 0 : prl_utm_zone(place), place.lat_deg < 0);
}

prl_latlng prl_grid_inverse(prl_grid_place at)
{
	if (at.zone == 0)
		return ups_inverse(at);
	prl_tmerc t = utm();
	return prl_tmerc_inverse(&t, at.east_m - 500000, at.north_m - (at.south ? 10000000 : 0),
				 prl_utm_center_deg(at.zone));
}

/* ---- MGRS ---------------------------------------------------------------------------------------------------- */

/* One of the four polar grid zones (DMA TM 8358.1, figures B-1 and B-2): its letters and where the first ones stand. */
struct polar {
	char band;
	bool south;
	const char *columns;
	double east_m; /* western edge of the first column */
	const char *rows;
	double north_m; /* southern edge of the first row */
};

static const struct polar polars[4] = {
	{ 'A', true, "JKLPQRSTUXYZ", 800000, "ABCDEFGHJKLMNPQRSTUVWXYZ", 800000 },
	{ 'B', true, "ABCFGHJKLPQR", 2000000, "ABCDEFGHJKLMNPQRSTUVWXYZ", 800000 },
	{ 'Y', false, "RSTUXYZ", 1300000, "ABCDEFGHJKLMNP", 1300000 },
	{ 'Z', false, "ABCFGHJ", 2000000, "ABCDEFGHJKLMNP", 1300000 },
};

/* The 100 km squares' letters of a place on the grid. */
static void square_letters(prl_grid_place at, const struct polar *polar, char *ret_column, char *ret_row)
{
	if (polar) {
		*ret_column = polar->columns[(int)floor((at.east_m - polar->east_m) / SQUARE_M)];
		*ret_row = polar->rows[(int)floor((at.north_m - polar->north_m) / SQUARE_M)];
		return;
	}
	*ret_column = columns[(at.zone - 1) % 3][(int)floor(at.east_m / SQUARE_M) - 1];
	int row = (int)floor(at.north_m / SQUARE_M) + (at.zone % 2 ? 0 : 5);
	*ret_row = rows[row % 20];
}

void prl_mgrs_format(prl_latlng place, int digits, char text[PRL_MGRS_TEXT_MAX])
{
	prl_grid_place at = prl_grid_forward(place);
	/* A point on an edge belongs to the square north or east of it, whatever the last bit of the projection says.
	 */
	at.east_m += 1e-6;
	at.north_m += 1e-6;
	/* Within 1 µm below the equator the false northing rounds to 10,000 km, which is the next square. */
	if (at.zone && at.south && at.north_m >= 10000000)
		at.north_m = 10000000 - 1e-3;
	const struct polar *polar = at.zone ? NULL : &polars[(at.south ? 0 : 2) + (at.east_m >= 2000000)];
	char column, row, zone[4] = "";
	square_letters(at, polar, &column, &row);
	if (!polar)
		snprintf(zone, sizeof zone, "%d", at.zone % 100);
	unsigned east = (unsigned)(at.east_m - SQUARE_M * floor(at.east_m / SQUARE_M));
	unsigned north = (unsigned)(at.north_m - SQUARE_M * floor(at.north_m / SQUARE_M));
	for (int i = digits; i < 5; i++) {
		east /= 10;
		north /= 10;
	}
	snprintf(text, PRL_MGRS_TEXT_MAX, "%s%c%c%c%0*u%0*u", zone, polar ? polar->band : prl_utm_band(place.lat_deg),
		 column, row, digits, east % 100000, digits, north % 100000);
}

/* Whether the centre of a square lies in its grid zone, or outside by no more than the square's half diagonal: so a
 * square that holds any point of the zone always passes. */
static bool in_zone(const prl_mgrs *m, prl_grid_place corner, double side_m)
{
	double south, north, west, east, slack_m = side_m * 0.7075 / PRL_UTM_SCALE_MIN + 0.01;
	prl_grid_place middle = corner;
	middle.east_m += side_m / 2;
	middle.north_m += side_m / 2;
	prl_latlng at = prl_grid_inverse(middle);
	if (!prl_utm_band_edges(m->band, &south, &north) || !prl_utm_zone_edges(m->zone, m->band, &west, &east))
		return false;
	/* A degree of latitude is at least 110,574 m; one of longitude at least 111,319 m × cos of the latitude, taken
	 * where the square is nearest to the pole. */
	double slack_lat = slack_m / 110574;
	double nearest_pole = fmin(fabs(at.lat_deg) + slack_lat, 89);
	double slack_lng = slack_m / (111319 * cos(nearest_pole / PRL_RADIAN));
	double from_center = prl_longitude_wrap(at.lng_deg - prl_utm_center_deg(m->zone));
	return at.lat_deg >= south - slack_lat && at.lat_deg <= north + slack_lat &&
	       from_center >= west - prl_utm_center_deg(m->zone) - slack_lng &&
	       from_center <= east - prl_utm_center_deg(m->zone) + slack_lng;
}

static prl_status polar_corner(const prl_mgrs *m, const struct polar *polar, prl_grid_place *corner, prl_error *err)
{
	int column = letter_index(polar->columns, m->column), row = letter_index(polar->rows, m->row);
	if (column < 0)
		return prl_error_set(err, PRL_E_RANGE, "there is no column %c in polar zone %c; its columns are %s",
				     m->column, m->band, polar->columns);
	if (row < 0)
		return prl_error_set(err, PRL_E_RANGE, "there is no row %c in polar zone %c; its rows are %s", m->row,
				     m->band, polar->rows);
	*corner = (prl_grid_place){ .south = polar->south,
				    .east_m = polar->east_m + SQUARE_M * column,
				    .north_m = polar->north_m + SQUARE_M * row };
	return PRL_OK;
}

/* The northing of the lowest square of a row that reaches into the band: bands are at most 1,340 km high, rows repeat
 * every 2,000 km, so there is at most one. */
static double row_northing_m(const prl_mgrs *m, int row)
{
	double south = 0, north = 0, at = SQUARE_M * ((row + (m->zone % 2 ? 0 : 15)) % 20);
	prl_utm_band_edges(m->band, &south, &north);
	/* Off the central meridian a parallel runs poleward of where it crosses it, by less than 60 km up to 6°. */
	prl_grid_place foot = prl_grid_forward_in((prl_latlng){ south, prl_utm_center_deg(31) }, 31, south < 0);
	while (at <= foot.north_m - 60000 - SQUARE_M)
		at += CYCLE_M;
	return at;
}

static prl_status utm_corner(const prl_mgrs *m, prl_grid_place *corner, prl_error *err)
{
	double west, east;
	if (m->zone < 1 || m->zone > 60)
		return prl_error_set(err, PRL_E_RANGE, "there is no grid zone %d; expected 1 to 60", m->zone);
	if (letter_index(bands, m->band) < 0)
		return prl_error_set(err, PRL_E_RANGE, "there is no latitude band %c; expected one of %s", m->band,
				     bands);
	if (!prl_utm_zone_edges(m->zone, m->band, &west, &east))
		return prl_error_set(err, PRL_E_RANGE,
				     "there is no grid zone %d%c; near Svalbard band X has only 31, 33, 35 and 37",
				     m->zone, m->band);
	const char *letters = columns[(m->zone - 1) % 3];
	int column = letter_index(letters, m->column), row = letter_index(rows, m->row);
	if (column < 0)
		return prl_error_set(err, PRL_E_RANGE, "there is no column %c in zone %d; its columns are %c to %c",
				     m->column, m->zone, letters[0], letters[7]);
	if (row < 0)
		return prl_error_set(err, PRL_E_RANGE, "there is no row %c in MGRS; rows are A to V without I and O",
				     m->row);
	*corner = (prl_grid_place){ .zone = m->zone,
				    .south = m->band < 'N',
				    .east_m = SQUARE_M * (column + 1),
				    .north_m = row_northing_m(m, row) };
	return PRL_OK;
}

prl_status prl_mgrs_corner(const prl_mgrs *m, prl_grid_place *ret_corner, double *ret_side_m, prl_error *err)
{
	const struct polar *polar = NULL;
	prl_grid_place corner = { 0 };
	double side_m = SQUARE_M;
	for (int i = 0; i < m->digits; i++)
		side_m /= 10;
	for (int i = 0; i < 4 && m->zone == 0; i++)
		if (polars[i].band == m->band)
			polar = &polars[i];
	prl_status status = polar ? polar_corner(m, polar, &corner, err) : utm_corner(m, &corner, err);
	if (status)
		return status;
	corner.east_m += side_m * m->east;
	corner.north_m += side_m * m->north;
	prl_grid_place middle = corner;
	middle.east_m += side_m / 2;
	middle.north_m += side_m / 2;
	prl_latlng at = prl_grid_inverse(middle);
	double slack_deg = (side_m * 0.7075 / PRL_UPS_SCALE_MIN + 0.01) / 110574;
	bool inside = polar ? (m->band < 'C' ? at.lat_deg <= PRL_UTM_SOUTH_DEG + slack_deg
					     : at.lat_deg >= PRL_UTM_NORTH_DEG - slack_deg)
			    : in_zone(m, corner, side_m);
	if (!inside)
		return prl_error_set(
			err, PRL_E_RANGE,
			"square %c%c does not reach into grid zone %.*d%c there: it would lie at %.3f %.3f", m->column,
			m->row, m->zone ? 1 : 0, m->zone, m->band, at.lat_deg, at.lng_deg);
	*ret_corner = corner;
	*ret_side_m = side_m;
	return PRL_OK;
}
