/* Writing a place in each notation. Angles are rounded once, as whole numbers of the last digit's unit, so that no
 * carry is lost: 59.9996″ becomes the next minute. */
#include "base/error.h"
#include "geo/helmert.h"
#include "geo/mgrs.h"
#include "geo/notation_read.h"

#include <math.h>
#include <stdio.h>

/* Decimals for which a unit, reference_m long on the ground, is no longer than resolution_m; 0 to most. */
static int decimals_for(double reference_m, double resolution_m, int most)
{
	int decimals = 0;
	for (; decimals < most && reference_m > resolution_m * (1 + 1e-9); decimals++)
		reference_m /= 10;
	return decimals;
}

/* An angle notation: what its last part is. */
struct angle_form {
	int per_degree; /* last part in a degree */
	int most;       /* decimals */
};

static const struct angle_form angle_forms[] = {
	[PRL_NOTATION_DEGREES] = { 1, 9 },
	[PRL_NOTATION_MINUTES] = { 60, 7 },
	[PRL_NOTATION_SECONDS] = { 3600, 5 },
};

static int format_angle(double value, bool latitude, prl_notation notation, int decimals, char *text, size_t size)
{
	int64_t power = 1;
	for (int i = 0; i < decimals; i++)
		power *= 10;
	int64_t per_degree = angle_forms[notation].per_degree;
	int64_t units = llround(fabs(value) * (double)(per_degree * power));
	char letter = latitude ? (value < 0 && units ? 'S' : 'N') : (value < 0 && units ? 'W' : 'E');
	int width = latitude ? 2 : 3, degrees = (int)(units / (per_degree * power));
	int64_t rest = units % (per_degree * power), whole = rest / power, fraction = rest % power;
	char tail[16] = "";
	if (decimals) {
		tail[0] = '.';
		for (int i = decimals; i > 0; i--, fraction /= 10)
			tail[i] = (char)('0' + fraction % 10);
	}
	if (notation == PRL_NOTATION_DEGREES)
		return snprintf(text, size, "%0*d%s°%c", width, degrees, tail, letter);
	if (notation == PRL_NOTATION_MINUTES)
		return snprintf(text, size, "%0*d°%02d%s′%c", width, degrees, (int)whole, tail, letter);
	return snprintf(text, size, "%0*d°%02d′%02d%s″%c", width, degrees, (int)(whole / 60), (int)(whole % 60), tail,
			letter);
}

static double format_angles(prl_latlng at, prl_notation notation, prl_reference reference, double resolution_m,
			    char text[PRL_POSITION_FORMAT_MAX])
{
	const struct angle_form *form = &angle_forms[notation];
	int decimals = decimals_for(111320.0 / form->per_degree, resolution_m, form->most);
	double half_unit = pow(10, -decimals) / form->per_degree / 2;
	char lat[40], lng[40];
	format_angle(at.lat_deg, true, notation, decimals, lat, sizeof lat);
	format_angle(at.lng_deg, false, notation, decimals, lng, sizeof lng);
	snprintf(text, PRL_POSITION_FORMAT_MAX, "%s%s %s", reference == PRL_REFERENCE_SK42 ? "SK-42 " : "", lat, lng);
	/* The reader takes the cell round the written latitude, half a unit from this one at most. */
	return prl_degrees_radius_m(fmax(fabs(at.lat_deg) - half_unit, 0), half_unit, half_unit);
}

static prl_status format_utm(prl_latlng place, double resolution_m, char text[PRL_POSITION_FORMAT_MAX],
			     double *ret_error_m, prl_error *err)
{
	prl_grid_place at = prl_grid_forward(place);
	int decimals = decimals_for(1, resolution_m, 3);
	if (!at.zone)
		return prl_error_set(err, PRL_E_RANGE, "latitude %.6f is out of range of UTM, expected -80 to 84",
				     place.lat_deg);
	snprintf(text, PRL_POSITION_FORMAT_MAX, "%d %s %.*fmE %.*fmN", at.zone, at.south ? "south" : "north", decimals,
		 at.east_m, decimals, at.north_m);
	*ret_error_m = pow(10, -decimals) * sqrt(0.5) / PRL_UTM_SCALE_MIN * 1.0001 + 1e-6 + PRL_PROJECTION_ERROR_M;
	return PRL_OK;
}

static double format_mgrs(prl_latlng place, double resolution_m, char text[PRL_POSITION_FORMAT_MAX])
{
	char reference[PRL_MGRS_TEXT_MAX];
	int digits = 1 + decimals_for(10000, resolution_m, 4);
	bool polar = place.lat_deg < PRL_UTM_SOUTH_DEG || place.lat_deg >= PRL_UTM_NORTH_DEG;
	prl_mgrs_format(place, digits, reference);
	snprintf(text, PRL_POSITION_FORMAT_MAX, "%s", reference);
	return pow(10, 5 - digits) * sqrt(0.5) / (polar ? PRL_UPS_SCALE_MIN : PRL_UTM_SCALE_MIN) * 1.0001 + 1e-6 +
	       PRL_PROJECTION_ERROR_M;
}

static prl_status format_gk(prl_latlng sk42, prl_notation notation, double resolution_m,
			    char text[PRL_POSITION_FORMAT_MAX], double *ret_error_m, prl_error *err)
{
	int zone, decimals = decimals_for(1, resolution_m, 3);
	double center, east, north, lng = sk42.lng_deg < 0 ? sk42.lng_deg + 360 : sk42.lng_deg;
	if (notation == PRL_NOTATION_GK) {
		zone = (int)floor(lng / 6) % 60 + 1;
		center = 6 * zone - 3;
	} else {
		zone = (int)floor((lng + 1.5) / 3);
		zone = zone < 1 ? 120 : zone;
		center = 3 * zone;
	}
	if (sk42.lat_deg < 0)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "Gauss-Krüger is not written south of the equator");
	prl_tmerc t = prl_tmerc_make(PRL_ELLIPSOID_KRASSOVSKY, 1);
	prl_tmerc_forward(&t, sk42, center, &east, &north);
	snprintf(text, PRL_POSITION_FORMAT_MAX, "SK-42 %s X=%.*f Y=%.*f", notation == PRL_NOTATION_GK ? "GK" : "GK3",
		 decimals, north, decimals, east + 500000 + 1e6 * zone);
	*ret_error_m = pow(10, -decimals) * sqrt(0.5) * 1.0001 + 1e-6 + PRL_PROJECTION_ERROR_M;
	return PRL_OK;
}

prl_status prl_position_format(prl_latlng place, prl_notation notation, prl_reference reference, double resolution_m,
			       char text[PRL_POSITION_FORMAT_MAX], double *ret_error_m, prl_error *err)
{
	bool grid = notation == PRL_NOTATION_UTM || notation == PRL_NOTATION_MGRS;
	bool gk = notation == PRL_NOTATION_GK || notation == PRL_NOTATION_GK3;
	if (!(fabs(place.lat_deg) <= 90 && fabs(place.lng_deg) <= 180))
		return prl_error_set(err, PRL_E_RANGE, "place %g %g is not on the earth", place.lat_deg, place.lng_deg);
	if (!(resolution_m >= 0.001 && resolution_m <= 100000))
		return prl_error_set(err, PRL_E_RANGE, "resolution %g m is out of range, expected 0.001 to 100000",
				     resolution_m);
	if ((grid && reference == PRL_REFERENCE_SK42) || (gk && reference != PRL_REFERENCE_SK42))
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     grid ? "UTM and MGRS are written in WGS-84 only"
					  : "Gauss-Krüger is written in SK-42 only");
	prl_latlng at = reference == PRL_REFERENCE_SK42 ? prl_sk42_from_wgs84(place) : place;
	double error_m = 0;
	prl_status status = PRL_OK;
	if (notation == PRL_NOTATION_UTM)
		status = format_utm(at, resolution_m, text, &error_m, err);
	else if (notation == PRL_NOTATION_MGRS)
		error_m = format_mgrs(at, resolution_m, text);
	else if (gk)
		status = format_gk(at, notation, resolution_m, text, &error_m, err);
	else
		error_m = format_angles(at, notation, reference, resolution_m, text);
	if (!status && ret_error_m)
		*ret_error_m = error_m + (reference == PRL_REFERENCE_SK42 ? prl_sk42_error_m(place) : 0);
	return status;
}
