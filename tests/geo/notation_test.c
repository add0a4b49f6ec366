/* Every rule of notation.h as a row of a table; round trips and error radii by random places, PROJ as oracle. */
#include "geo/helmert.h"

#include <parley/notation.h>

#include <geodesic.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <proj.h>

#define RADIANS (3.14159265358979323846 / 180)

static double uniform(uint64_t *seed, double low, double high)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return low + (high - low) * (double)(*seed >> 11) / 9007199254740992.0;
}

static double distance_m(prl_latlng a, prl_latlng b)
{
	struct geod_geodesic g;
	double s, azi1, azi2;
	geod_init(&g, 6378137, 1 / 298.257223563);
	geod_inverse(&g, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &s, &azi1, &azi2);
	return s;
}

static prl_status parse(const char *text, prl_position *p, prl_readings *r, prl_error *err)
{
	/* An exact copy on the heap, so that the sanitizer sees one byte read too far. */
	size_t length = strlen(text);
	char *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, text, length);
	prl_status status = prl_position_parse(copy, length, NULL, p, r, err);
	free(copy);
	return status;
}

/* ---- what is read -------------------------------------------------------------------------------------------- */

struct good {
	const char *text;
	double lat, lng; /* in the datum as written */
	prl_notation notation;
	double radius_m; /* precision, within 10 % */
};

#define D       PRL_NOTATION_DEGREES
#define M       PRL_NOTATION_MINUTES
#define S       PRL_NOTATION_SECONDS
#define SYRIA_S 35.285, 40.17611111111111

static const struct good angles[] = {
	{ "35.285N 40.176E", 35.285, 40.176, D, 71.8 },
	{ "N35.285 E040.176", 35.285, 40.176, D, 71.8 },
	{ "n35.285, e40.176", 35.285, 40.176, D, 71.8 },
	{ "35.285°N, 40.176°E", 35.285, 40.176, D, 71.8 },
	{ "35.285º N 40.176º E", 35.285, 40.176, D, 71.8 },
	{ "40.176E 35.285N", 35.285, 40.176, D, 71.8 },
	{ "E 40.176 N 35.285", 35.285, 40.176, D, 71.8 },
	{ "35.285N/40.176E", 35.285, 40.176, D, 71.8 },
	{ "35.285N,40.176E", 35.285, 40.176, D, 71.8 },
	{ "35.285 North 40.176 East", 35.285, 40.176, D, 71.8 },
	{ "35,285N 40,176E", 35.285, 40.176, D, 71.8 },
	{ "35,285° с.ш. 40,176° в.д.", 35.285, 40.176, D, 71.8 },
	{ "35.285 с. ш., 40.176 в. д.", 35.285, 40.176, D, 71.8 },
	{ "33.8 ю.ш. 70.1 з.д.", -33.8, -70.1, D, 7220 },
	{ "WGS-84 35.285N 40.176E", 35.285, 40.176, D, 71.8 },
	{ "WGS84: 35.285N 40.176E", 35.285, 40.176, D, 71.8 },
	{ "35.285N 40.176E (WGS 84)", 35.285, 40.176, D, 71.8 },
	{ "35.285N 40.176E, WGS84", 35.285, 40.176, D, 71.8 },
	{ "(WGS84) 35.285N 40.176E", 35.285, 40.176, D, 71.8 },
	{ "35.285N 40.176", 35.285, 40.176, D, 71.8 },
	{ "35.285, 40.176E", 35.285, 40.176, D, 71.8 },
	{ "351706N0401034E", SYRIA_S, S, 20.1 },
	{ "lat: 35.285, lon: 40.176", 35.285, 40.176, D, 71.8 },
	{ "LON=40.176 LAT=35.285", 35.285, 40.176, D, 71.8 },
	{ "Lat 35.285N Long 40.176E", 35.285, 40.176, D, 71.8 },
	{ "latitude 35°17.1' longitude -40°10.56'", 35.285, -40.176, M, 93 },
	{ "Широта 35,285 долгота 40,176", 35.285, 40.176, D, 71.8 },
	{ "lat 35.285, 40.176", 35.285, 40.176, D, 71.8 },
	{ "-33.8, 151.2", -33.8, 151.2, D, 7220 },
	{ "151.2 -33.8", -33.8, 151.2, D, 7220 },
	{ "\xE2\x88\x92"
	  "33.8\xC2\xA0"
	  "151.2",
	  -33.8, 151.2, D, 7220 },
	{ "+35.285-140.176", 35.285, -140.176, D, 71.8 },
	{ "0.000000 179.999999", 0, 179.999999, D, 0.079 },
	{ "35.28512345678901234N 40.17612345678901234E", 35.285123456789012, 40.176123456789012, D, 1e-6 },
	{ "45.5 45.5", 45.5, 45.5, D, 6790 },
	{ "35N 040E", 35, 40, D, 72500 },
	{ "90.0N 0.0E", 90, 0, D, 5600 },
	{ "35°17.1'N 040°10.56'E", 35.285, 40.176, M, 93 },
	{ "35 17.1 N 40 10.56 E", 35.285, 40.176, M, 93 },
	{ "35-17.1N 040-10.56E", 35.285, 40.176, M, 93 },
	{ "35°17,1'N 40°10,56'E", 35.285, 40.176, M, 93 },
	{ "3517.1N 04010.56E", 35.285, 40.176, M, 93 },
	{ "3517.1N 4010.56E", 35.285, 40.176, M, 93 },
	{ "3517N 04010E", 35.28333333333333, 40.16666666666667, M, 1205 },
	{ "35°17'N 40E", 35.28333333333333, 40, M, 45700 },
	{ "35°17'N 40.10°E", 35.28333333333333, 40.1, M, 1030 },
	{ "N35 17.1 E040 10.56", 35.285, 40.176, M, 93 },
	{ "3517N04010E", 35.28333333333333, 40.16666666666667, M, 1205 },
	{ "N3517 E04010", 35.28333333333333, 40.16666666666667, M, 1205 },
	{ "35°17′06″N 040°10′34″E", SYRIA_S, S, 20.1 },
	{ "35°17'06\"N 40°10'34\"E", SYRIA_S, S, 20.1 },
	{ "35°17'06''N 40°10'34''E", SYRIA_S, S, 20.1 },
	{ "35°17’06”N 40°10’34”E", SYRIA_S, S, 20.1 },
	{ "N 35° 17′ 06″ E 40° 10′ 34″", SYRIA_S, S, 20.1 },
	{ "351706N 0401034E", SYRIA_S, S, 20.1 },
	{ "351706.0N 0401034.0E", SYRIA_S, S, 2.01 },
	{ "35 17 06 N 40 10 34 E", SYRIA_S, S, 20.1 },
	{ "35:17:06N 40:10:34E", SYRIA_S, S, 20.1 },
	{ "35-17-06N 040-10-34E", SYRIA_S, S, 20.1 },
	{ "-35°17′06″ 140°10′34″", -35.285, 140.17611111111111, S, 20.1 },
};

static void angles_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
		const struct good *c = &angles[i];
		prl_position p;
		prl_error err = { 0 };
		if (parse(c->text, &p, NULL, &err))
			fail_msg("%s: %s (%s)", c->text, err.text, err.where);
		if (!(fabs(p.place.lat_deg - c->lat) < 1e-12 && fabs(p.place.lng_deg - c->lng) < 1e-12))
			fail_msg("%s: %.12f %.12f", c->text, p.place.lat_deg, p.place.lng_deg);
		if (p.notation != c->notation || p.reference != PRL_REFERENCE_WGS84 || strcmp(p.text, c->text))
			fail_msg("%s: notation %d, datum %d, text %s", c->text, (int)p.notation, (int)p.reference,
				 p.text);
		if (!(p.precision_m > 0.999 * c->radius_m * 0.9 && p.precision_m < 1.1 * c->radius_m + 1e-5))
			fail_msg("%s: radius %g, expected %g", c->text, p.precision_m, c->radius_m);
	}
}

struct grid_good {
	const char *text, *proj; /* the oracle's definition */
	double east, north;
	prl_notation notation;
	int zone;
	char band;
	double precision_m;
};

#define SHIFT "+towgs84=23.57,-140.95,-79.8,0,0.35,0.79,-0.22" /* EPSG:5044, signs of the other convention */

static const struct grid_good grids[] = {
	{ "37 north 570000 3905000", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "37N 570000 3905000", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "37N 570000mE 3905000mN", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "37N 3905000mN 570000mE", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "UTM 37 N 570000 3905000", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "UTM zone 37 north E570000 N3905000", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S',
	  0.71 },
	{ "37 north E=570000 N=3905000", "+proj=utm +zone=37", 570000, 3905000, PRL_NOTATION_UTM, 37, 'S', 0.71 },
	{ "37N 570000.5 m E 3905000.5 m N", "+proj=utm +zone=37", 570000.5, 3905000.5, PRL_NOTATION_UTM, 37, 'S',
	  0.071 },
	{ "37T 570000, 4505000", "+proj=utm +zone=37", 570000, 4505000, PRL_NOTATION_UTM, 37, 'T', 0.71 },
	{ "37S 570000 7000000", "+proj=utm +zone=37 +south", 570000, 7000000, PRL_NOTATION_UTM, 37, 'J', 0.71 },
	{ "37 south 570000 3905000", "+proj=utm +zone=37 +south", 570000, 3905000, PRL_NOTATION_UTM, 37, 'F', 0.71 },
	{ "37F 570000 3905000", "+proj=utm +zone=37 +south", 570000, 3905000, PRL_NOTATION_UTM, 37, 'F', 0.71 },
	{ "37N 500000mE 300000mN", "+proj=utm +zone=37", 500000, 300000, PRL_NOTATION_UTM, 37, 'N', 0.71 },
	{ "37SEV7000005000", "+proj=utm +zone=37", 570000.5, 3905000.5, PRL_NOTATION_MGRS, 37, 'S', 0.71 },
	{ "37sev7000005000", "+proj=utm +zone=37", 570000.5, 3905000.5, PRL_NOTATION_MGRS, 37, 'S', 0.71 },
	{ "37S EV 70000 05000", "+proj=utm +zone=37", 570000.5, 3905000.5, PRL_NOTATION_MGRS, 37, 'S', 0.71 },
	{ "MGRS 37 S EV 700 050", "+proj=utm +zone=37", 570050, 3905050, PRL_NOTATION_MGRS, 37, 'S', 70.74 },
	{ "37SEV70", "+proj=utm +zone=37", 575000, 3905000, PRL_NOTATION_MGRS, 37, 'S', 7074 },
	{ "ZAH00", "+proj=ups", 2005000, 2005000, PRL_NOTATION_MGRS, 0, 'Z', 7114 },
	{ "YZG 99999 99999", "+proj=ups", 1999999.5, 1999999.5, PRL_NOTATION_MGRS, 0, 'Y', 0.7114 },
	{ "SK-42 GK X=3906543 Y=7570123", "+proj=tmerc +lon_0=39 +x_0=7500000 +ellps=krass " SHIFT, 7570123, 3906543,
	  PRL_NOTATION_GK, 7, 0, 0.71 },
	{ "СК-42 ГК Х=3906543 У=7570123", "+proj=tmerc +lon_0=39 +x_0=7500000 +ellps=krass " SHIFT, 7570123, 3906543,
	  PRL_NOTATION_GK, 7, 0, 0.71 },
	{ "Pulkovo 1942 Gauss-Krüger Y=7570123 X=3906543", "+proj=tmerc +lon_0=39 +x_0=7500000 +ellps=krass " SHIFT,
	  7570123, 3906543, PRL_NOTATION_GK, 7, 0, 0.71 },
	{ "X=3906543 Y=7570123 SK-42", "+proj=tmerc +lon_0=39 +x_0=7500000 +ellps=krass " SHIFT, 7570123, 3906543,
	  PRL_NOTATION_GK, 7, 0, 0.71 },
	{ "SK-42 3906543 7570123", "+proj=tmerc +lon_0=39 +x_0=7500000 +ellps=krass " SHIFT, 7570123, 3906543,
	  PRL_NOTATION_GK, 7, 0, 0.71 },
	{ "SK-42 GK zone 7 X=3906543.5 Y=570123.5", "+proj=tmerc +lon_0=39 +x_0=500000 +ellps=krass " SHIFT, 570123.5,
	  3906543.5, PRL_NOTATION_GK, 7, 0, 0.071 },
	{ "SK-42 GK3 X=3906543 Y=13570123", "+proj=tmerc +lon_0=39 +x_0=13500000 +ellps=krass " SHIFT, 13570123,
	  3906543, PRL_NOTATION_GK3, 13, 0, 0.71 },
	{ "SK-42 GK 3° X=3906543 Y=13570123", "+proj=tmerc +lon_0=39 +x_0=13500000 +ellps=krass " SHIFT, 13570123,
	  3906543, PRL_NOTATION_GK3, 13, 0, 0.71 },
	{ "SK-42 35°17'06\"N 40°10'34\"E", "+proj=longlat +ellps=krass " SHIFT, 40.17611111111111, 35.285,
	  PRL_NOTATION_SECONDS, 0, 0, 20.1 },
	{ "Пулково 1942 35°17'06\"N 40°10'34\"E", "+proj=longlat +ellps=krass " SHIFT, 40.17611111111111, 35.285,
	  PRL_NOTATION_SECONDS, 0, 0, 20.1 },
	{ "35.285N 40.176E СК-42", "+proj=longlat +ellps=krass " SHIFT, 40.176, 35.285, PRL_NOTATION_DEGREES, 0, 0,
	  71.8 },
	{ "55.75 с.ш. 37.61 в.д. (СК-42)", "+proj=longlat +ellps=krass " SHIFT, 37.61, 55.75, PRL_NOTATION_DEGREES, 0,
	  0, 640 },
};

static void grids_are_read(void **state)
{
	(void)state;
	PJ_CONTEXT *context = proj_context_create();
	for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
		const struct grid_good *c = &grids[i];
		char source[200];
		prl_position p;
		prl_error err = { 0 };
		snprintf(source, sizeof source, "%s %s +type=crs", c->proj,
			 strstr(c->proj, "krass") ? "" : "+datum=WGS84");
		PJ *pj = proj_create_crs_to_crs(context, source, "+proj=longlat +datum=WGS84 +type=crs", NULL);
		assert_non_null(pj);
		PJ_COORD out = proj_trans(pj, PJ_FWD, proj_coord(c->east, c->north, 0, 0));
		proj_destroy(pj);
		if (parse(c->text, &p, NULL, &err))
			fail_msg("%s: %s (%s)", c->text, err.text, err.where);
		double off = distance_m(p.place, (prl_latlng){ out.xy.y, out.xy.x });
		if (!(off < 1e-3))
			fail_msg("%s: %.9f %.9f is %g m from PROJ's %.9f %.9f", c->text, p.place.lat_deg,
				 p.place.lng_deg, off, out.xy.y, out.xy.x);
		if (p.notation != c->notation || p.zone != c->zone || p.band != c->band)
			fail_msg("%s: notation %d zone %d band %c", c->text, (int)p.notation, p.zone,
				 p.band ? p.band : '-');
		if (!(p.precision_m > 0.9 * c->precision_m && p.precision_m < 1.1 * c->precision_m))
			fail_msg("%s: precision %g, expected %g", c->text, p.precision_m, c->precision_m);
		bool sk42 = strstr(c->proj, "krass") != NULL;
		assert_true((p.reference == PRL_REFERENCE_SK42) == sk42);
		assert_true(sk42 ? p.conversion_m >= (p.place.lat_deg > 41.2 ? 20 : 50) : p.conversion_m < 0.01);
		assert_true(fabs(p.error_m - p.precision_m - p.conversion_m) < 1e-12);
	}
	proj_context_destroy(context);
}

/* ---- what reads two ways -------------------------------------------------------------------------------------- */

static const struct {
	const char *text, *first, *second;
	size_t count;
	double apart_km;
} two_ways[] = {
	{ "35.285 40.176", "latitude first: 35.28500°N 040.17600°E", "longitude first: 40.17600°N 035.28500°E", 2,
	  689 },
	{ "35.285, 40.176", "latitude first", "longitude first", 2, 689 },
	{ "-33.8, 51.2", "latitude first", "longitude first", 2, 12230 },
	{ "35,285 40,176", "latitude first", "longitude first", 2, 689 },
	{ "35,285; 40,176", "latitude first", "longitude first", 2, 689 },
	{ "35,285, 40,176", "latitude first", "longitude first", 2, 689 },
	{ "35.285,40.176", "latitude first", "longitude first", 2, 689 },
	{ "35,40", "latitude first: 35.", "longitude first: 40.", 2, 706 },
	{ "35°17′06″ 40°10′34″", "latitude first", "longitude first", 2, 689 },
	{ "SK-42 35.285 40.176", "latitude first", "longitude first", 2, 689 },
	{ "3517N 4010E", "degrees and minutes: 35.28333°N 040.16667°E",
	  "decimal degrees without their point: 35.17000°N 040.10000°E", 2, 14 },
	{ "351706N 401034E", "degrees and minutes: 35.28",
	  "decimal degrees without their point: 35.17060°N 040.10340°E", 2, 14 },
	{ "3517N 40.10E", "degrees and minutes", "decimal degrees", 2, 12 },
	{ "3517N 4010.5E", "degrees and minutes", "decimal degrees", 2, 12 },
	{ "35.285N 40.176O", "O for east (Ost): 35.28500°N 040.17600°E",
	  "O for west (ouest, oeste): 35.28500°N 040.17600°W", 2, 7123 },
	{ "lat 3517N lon 4010E", "degrees and minutes", "decimal degrees", 2, 14 },
	{ "3517N 4010O", "O for east", "decimal degrees without", 4, 7120 },
	{ "37S 570000 3905000", "S is the latitude band", "S is the southern hemisphere", 2, 10000 },
	{ "37S 570000mE 3905000mN", "S is the latitude band", "S is the southern hemisphere", 2, 10000 },
	{ "UTM 37 S 570000 3905000", "S is the latitude band", "S is the southern hemisphere", 2, 10000 },
	{ "37N 300000 570000", "easting first", "northing first", 2, 381 },
	{ "SK-42 GK 7570123 7430000", "northing first", "easting first", 2, 155 },
};

static void ambiguous_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof two_ways / sizeof *two_ways; i++) {
		prl_position p;
		prl_readings r = { .count = 99 };
		prl_error err = { 0 };
		if (parse(two_ways[i].text, &p, &r, &err) != PRL_E_AMBIGUOUS || r.count != two_ways[i].count)
			fail_msg("%s: %s, %zu readings", two_ways[i].text, err.text, r.count);
		if (!strstr(r.readings[0].meaning, two_ways[i].first) ||
		    !strstr(r.readings[two_ways[i].count / 2].meaning, two_ways[i].second))
			fail_msg("%s: %s | %s", two_ways[i].text, r.readings[0].meaning, r.readings[1].meaning);
		if (!strstr(err.text, two_ways[i].first) || !strstr(err.text, two_ways[i].second))
			fail_msg("%s: both readings should be in \"%s\"", two_ways[i].text, err.text);
		double apart =
			distance_m(r.readings[0].position.place, r.readings[two_ways[i].count - 1].position.place) /
			1000;
		if (two_ways[i].count == 2 && !(fabs(r.apart_m / 1000 - apart) < 1e-6))
			fail_msg("%s: said %g km apart, is %g", two_ways[i].text, r.apart_m / 1000, apart);
		if (!(r.apart_m / 1000 > 0.6 * two_ways[i].apart_km && r.apart_m / 1000 < 1.6 * two_ways[i].apart_km))
			fail_msg("%s: %g km apart", two_ways[i].text, r.apart_m / 1000);
	}
}

static void an_order_decides(void **state)
{
	(void)state;
	static const char text[] = "35.285 40.176";
	prl_position p;
	prl_error err = { 0 };
	prl_position_options o = { .order = PRL_ORDER_LAT_LNG };
	assert_int_equal(prl_position_parse(text, strlen(text), &o, &p, NULL, &err), PRL_OK);
	assert_true(fabs(p.place.lat_deg - 35.285) < 1e-12);
	o.order = PRL_ORDER_LNG_LAT;
	assert_int_equal(prl_position_parse(text, strlen(text), &o, &p, NULL, &err), PRL_OK);
	assert_true(fabs(p.place.lat_deg - 40.176) < 1e-12);
	static const char sydney[] = "-33.8, 151.2";
	assert_int_equal(prl_position_parse(sydney, strlen(sydney), &o, &p, NULL, &err), PRL_E_RANGE);
	assert_non_null(strstr(err.text, "latitude 151.2 is out of range, expected -90 to 90"));
}

static void an_expected_place_checks(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says; /* NULL: taken */
	} cases[] = {
		{ "35.285N 40.176E", NULL },
		{ "35.33N 40.22E", NULL },
		{ "35.36N 40.20E", "from the expected place 35.28500°N 040.17600°E; expected within" },
		{ "SK-42 GK X=3906543 Y=7606900", NULL },
		{ "SK-42 GK X=3906543 Y=8606900", "zone 7 would fit, zone 8 is written" },
		{ "SK-42 GK3 X=3906543 Y=14606900", "zone 13 would fit, zone 14 is written" },
		{ "38 north 606900mE 3905300mN", "zone 37 would fit, zone 38 is written" },
		{ "37SFV0690005300", NULL },
	};
	prl_latlng expected = { 35.285, 40.176 };
	prl_position_options o = { .expected = &expected, .expected_error_m = 6000 };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_position p;
		prl_error err = { 0 };
		prl_status status = prl_position_parse(cases[i].text, strlen(cases[i].text), &o, &p, NULL, &err);
		if (status != (cases[i].says ? PRL_E_RANGE : PRL_OK) ||
		    (cases[i].says && !strstr(err.text, cases[i].says)))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
	/* It never picks between two readings. */
	prl_position p;
	assert_int_equal(prl_position_parse("35.285 40.176", 13, &o, &p, NULL, NULL), PRL_E_AMBIGUOUS);
	expected.lat_deg = NAN;
	assert_int_equal(prl_position_parse("35.285N 40.176E", 15, &o, &p, NULL, NULL), PRL_E_RANGE);
}

/* ---- what is refused ------------------------------------------------------------------------------------------ */

static const struct {
	const char *text;
	prl_status status;
	const char *says, *where;
} refused[] = {
	{ "", PRL_E_SYNTAX, "the text ends too early", "column 1" },
	{ "   ", PRL_E_SYNTAX, "the text ends too early", "column 4" },
	{ "Deir ez-Zor", PRL_E_SYNTAX, "expected", "column" },
	{ "nan nan", PRL_E_SYNTAX, "expected", "column" },
	{ "NaN, 40", PRL_E_SYNTAX, "\"NAN\" is not understood here; expected a number", "column 1" },
	{ "inf inf", PRL_E_SYNTAX, "expected", "column" },
	{ "35.285", PRL_E_SYNTAX, "the text ends too early; expected a latitude and a longitude", "column 7" },
	{ "35.285N", PRL_E_SYNTAX, "too early", "column 8" },
	{ "35.285N 40.176E x", PRL_E_SYNTAX, "\"X\" is not understood here", "column 17" },
	{ "35.285N 40.176E 12", PRL_E_SYNTAX, "12 is not understood here", "column 17" },
	{ "35.285N 40.176Q", PRL_E_SYNTAX,
	  "\"Q\" is not understood here; expected degrees, minutes, seconds and one of N, S, E, W", "column 15" },
	{ "35.285N 40.176Е", PRL_E_SYNTAX, "is not understood", "column 15" }, /* Cyrillic Е */
	{ "35.285N 40.176N", PRL_E_SYNTAX, "two latitudes; expected one", "column 9" },
	{ "35.285E 40.176W", PRL_E_SYNTAX, "two longitudes", "column" },
	{ "lat 35.285 lat 40.176", PRL_E_SYNTAX, "two latitudes", "column 12" },
	{ "lat 35.285 40.176N", PRL_E_SYNTAX, "two latitudes", "column 12" },
	{ "lat 35.285E lon 40.176N", PRL_E_SYNTAX, "the word says latitude, the letter E says otherwise", "column 1" },
	{ "lat 95 lon 40", PRL_E_RANGE, "latitude 95 is out of range", "column 1" },
	{ "lat 3517 lon 04010", PRL_E_SYNTAX, "one of N, S, E, W with minutes", "column 5" },
	{ "-35.285N 40.176E", PRL_E_SYNTAX, "both a sign and the letter N", "column 1" },
	{ "35°17'N 40.10E", PRL_E_SYNTAX, "one angle has minutes and the other a decimal point", "column 9" },
	{ "35.17N 40°10'E", PRL_E_SYNTAX, "one angle has minutes", "column 1" },
	{ "3517.1N 40.10E", PRL_E_SYNTAX, "one angle has minutes", "column 9" },
	{ "35 17 06 N 40 10.56 E", PRL_E_SYNTAX, "one angle has seconds", "column 12" },
	{ "91N 40E", PRL_E_RANGE, "latitude 91 is out of range, expected -90 to 90", "column 1" },
	{ "35N 181E", PRL_E_RANGE, "longitude 181 is out of range, expected -180 to 180", "column 5" },
	{ "95.0 140.0", PRL_E_RANGE, "latitude 95 is out of range", "column 1" },
	{ "90°00′01″N 0°0′0″E", PRL_E_RANGE, "out of range", "column" },
	{ "35°60'N 40°10'E", PRL_E_RANGE, "minutes 60 are out of range, expected less than 60", "column 4" },
	{ "35°17'60\"N 40°10'34\"E", PRL_E_RANGE, "seconds 60 are out of range", "column 7" },
	{ "3577N 04010E", PRL_E_RANGE, "minutes 77 are out of range", "column 1" },
	{ "35 285N 40 176E", PRL_E_RANGE, "minutes 285", "column 4" },
	{ "35.5°17'N 40°10'E", PRL_E_SYNTAX, "whole numbers before the last part", "column 1" },
	{ "03517N 04010E", PRL_E_SYNTAX, "a latitude of 2 digits", "column 1" },
	{ "3517 04010", PRL_E_SYNTAX, "one of N, S, E, W", "column" },
	{ "35 17 40 10", PRL_E_SYNTAX, "cannot tell where the first angle ends", "" },
	{ "35.285-40.176", PRL_E_SYNTAX, "may be a sign or join two numbers", "column 7" },
	{ "35,285 40", PRL_E_SYNTAX, "the comma may be a decimal mark or a separator", "column 1" },
	{ "35,285,40,176", PRL_E_SYNTAX, "commas stand both within and between", "column 7" },
	{ "35.17.06N 40.10.34E", PRL_E_SYNTAX, "\".\" is not understood", "column 6" },
	{ "35°17°N 40°E", PRL_E_SYNTAX, "is not understood", "column" },
	{ "570000 3905000", PRL_E_SYNTAX, "or a zone with a grid", "column 1" },
	{ "X=3906543 Y=7570123", PRL_E_UNSUPPORTED, "need their datum; expected SK-42", "" },
	{ "GK 3906543 7570123", PRL_E_UNSUPPORTED, "need their datum", "" },
	{ "WGS84 X=3906543 Y=7570123", PRL_E_UNSUPPORTED, "need their datum", "" },
	{ "SK-42 GK X=7570123 Y=3906543", PRL_E_RANGE, "with the two swapped it would be a place of zone 7", "" },
	{ "SK-42 GK X=3906543 Y=570123", PRL_E_RANGE, "Y=570123 has no zone", "" },
	{ "SK-42 GK zone 8 X=3906543 Y=7570123", PRL_E_RANGE, "names zone 7; expected 8", "" },
	{ "SK-42 GK X=3906543 Y=61570123", PRL_E_RANGE, "names zone 61; expected 1 to 60", "" },
	{ "SK-42 GK X=3906543 Y=7870123", PRL_E_RANGE, "more than 50 km outside zone 7", "" },
	{ "SK-42 GK X=39065430 Y=7570123", PRL_E_RANGE, "X=39065430 is out of range", "" },
	{ "SK-42 GK X=-3906543 Y=7570123", PRL_E_UNSUPPORTED, "south of the equator", "column 12" },
	{ "SK-42 GK X=3906543 X=7570123", PRL_E_SYNTAX, "two northings", "column" },
	{ "SK-42 GK4 X=3906543 Y=7570123", PRL_E_SYNTAX, "zones of 6 or 3 degrees", "column" },
	{ "SK-42 37SEV7000005000", PRL_E_UNSUPPORTED, "MGRS is read in WGS-84 only", "" },
	{ "SK-42 37 north 570000 3905000", PRL_E_UNSUPPORTED, "UTM is read in WGS-84 only", "" },
	{ "SK-95 35.285N 40.176E", PRL_E_UNSUPPORTED, "expected WGS-84 or SK-42", "column 1" },
	{ "ED50 35.285N 40.176E", PRL_E_UNSUPPORTED, "datum ED", "column 1" },
	{ "35.285N 40.176E PZ-90", PRL_E_UNSUPPORTED, "datum PZ", "column 17" },
	{ "WGS84 35.285N 40.176E SK-42", PRL_E_SYNTAX, "two datums", "column 23" },
	{ "61N 570000 3905000", PRL_E_RANGE, "there is no UTM zone 61", "column 1" },
	{ "0N 570000 3905000", PRL_E_RANGE, "there is no UTM zone 0", "column 1" },
	{ "37N 3905000 570000", PRL_E_RANGE,
	  "easting out of range, expected 100000 to 899999; with the two numbers swapped", "" },
	{ "37N 57000 3905000", PRL_E_RANGE, "easting out of range", "" },
	{ "37N 570000 39050000", PRL_E_RANGE, "northing out of range", "" },
	{ "37T 570000 3905000", PRL_E_RANGE, "northing does not lie in the latitude band", "" },
	{ "37I 570000 3905000", PRL_E_SYNTAX, "north, south or a latitude band", "column 3" },
	{ "37N 870000 3905000", PRL_E_RANGE, "more than 50 km outside the zone", "" },
	{ "32X 500000 8700000", PRL_E_RANGE, "no such grid zone", "" },
	{ "37N 570,000 3,905,000", PRL_E_SYNTAX, "commas", "column 18" },
	{ "37N 570,000 3905,000", PRL_E_SYNTAX, "expected metres, digits", "column 5" },
	{ "39S SK 42", PRL_E_RANGE, "does not reach", "" },
	{ "37N 570000E 3905000E", PRL_E_SYNTAX, "two eastings", "column" },
	{ "37SEV700005000", PRL_E_SYNTAX, "an even number of digits", "column" },
	{ "37SEV", PRL_E_SYNTAX, "an even number of digits", "column 6" },
	{ "37SEV 7000 05000", PRL_E_SYNTAX, "two equal groups", "column" },
	{ "37SEV 700000 050000", PRL_E_SYNTAX, "two equal groups", "column" },
	{ "37SEV70000.1", PRL_E_SYNTAX, "an even number of digits", "column" },
	{ "37SEV7000005000 x", PRL_E_SYNTAX, "the end of the position", "column 17" },
	{ "37SJV7000005000", PRL_E_RANGE, "no column J in zone 37", "" },
	{ "61SEV7000005000", PRL_E_RANGE, "no grid zone 61", "column 1" },
	{ "MGRS EV7000005000", PRL_E_SYNTAX, "a grid zone, 1 to 60", "column 6" },
	{ "37СЕВ7000005000", PRL_E_SYNTAX, "is not understood", "column" },
	{ "35.285N\t40.176E", PRL_E_SYNTAX, "a control character (09)", "column 8" },
	{ "35.285N\n40.176E", PRL_E_SYNTAX, "a control character (0A)", "column 8" },
	{ "35.285N\x1b[31m 40.176E", PRL_E_SYNTAX, "a control character (1B)", "column 8" },
	{ "35.285N \xC2\x85 40.176E", PRL_E_SYNTAX, "a control character", "column 9" },
	{ "35.285N \xFF 40.176E", PRL_E_SYNTAX, "not UTF-8; byte FF", "column 9" },
	{ "35.285\xC2", PRL_E_SYNTAX, "not UTF-8", "column 7" },
	{ "35.285\xC0\xB0N 40E", PRL_E_SYNTAX, "not UTF-8", "column 7" },
	{ "35.285\xED\xA0\x80N 40E", PRL_E_SYNTAX, "not UTF-8", "column 7" },
	{ "999999999999999999999999N 40E", PRL_E_SYNTAX, "a latitude of", "column 1" },
	{ "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5",
	  PRL_E_SYNTAX, "more numbers, words and marks", "" },
	{ "((((35.285N 40.176E", PRL_E_SYNTAX, "\"(\" is not understood", "column 1" },
};

static void refused_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		prl_position p;
		prl_readings r = { .count = 99 };
		prl_error err = { 0 };
		prl_status status = parse(refused[i].text, &p, &r, &err);
		if (status != refused[i].status || r.count || !strstr(err.text, refused[i].says) ||
		    strncmp(err.where, refused[i].where, strlen(refused[i].where)))
			fail_msg("%s: status %d \"%s\" at \"%s\"; should say \"%s\" at \"%s\"", refused[i].text,
				 (int)status, err.text, err.where, refused[i].says, refused[i].where);
	}
	char *big = malloc(1000000);
	prl_position p;
	assert_non_null(big);
	memset(big, '3', 1000000);
	assert_int_equal(prl_position_parse(big, 1000000, NULL, &p, NULL, NULL), PRL_E_TOO_LARGE);
	assert_int_equal(prl_position_parse(big, 200, NULL, &p, NULL, NULL), PRL_E_SYNTAX);
	assert_int_equal(prl_position_parse(NULL, 0, NULL, &p, NULL, NULL), PRL_E_SYNTAX);
	free(big);
	assert_int_equal(prl_position_parse("35.285N\0 40.176E", 16, NULL, &p, NULL, NULL), PRL_E_SYNTAX);
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static void written_texts(void **state)
{
	(void)state;
	static const struct {
		double lat, lng, resolution;
		prl_notation notation;
		const char *text;
	} cases[] = {
		{ 35.285, 40.17611111111111, 31, S, "35°17′06″N 040°10′34″E" },
		{ 35.285, 40.176, 2, D, "35.28500°N 040.17600°E" },
		{ 35.285, 40.176, 100000, D, "35.3°N 040.2°E" },
		{ 35.285, 40.176, 2, M, "35°17.100′N 040°10.560′E" },
		{ -33.99999999, -0.00000001, 31, S, "34°00′00″S 000°00′00″E" }, /* carries, and no minus zero */
		{ 35.2833333, 40.9999999, 1000, M, "35°17.0′N 041°00.0′E" },
		{ 89.9999999, 179.9999999, 31, S, "90°00′00″N 180°00′00″E" },
		{ 35.285, 40.176, 1, PRL_NOTATION_MGRS, "37SFV0694105283" },
		{ 35.285, 40.176, 99, PRL_NOTATION_MGRS, "37SFV06940528" },
		{ 35.285, 40.176, 99999, PRL_NOTATION_MGRS, "37SFV00" },
		{ 35.285, 40.176, 1, PRL_NOTATION_UTM, "37 north 606941mE 3905283mN" },
		{ -35.285, 40.176, 0.1, PRL_NOTATION_UTM, "37 south 606941.1mE 6094716.8mN" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[PRL_POSITION_FORMAT_MAX];
		prl_error err = { 0 };
		prl_latlng at = { cases[i].lat, cases[i].lng };
		if (prl_position_format(at, cases[i].notation, PRL_REFERENCE_WGS84, cases[i].resolution, text, NULL,
					&err))
			fail_msg("%s: %s", cases[i].text, err.text);
		if (strcmp(text, cases[i].text))
			fail_msg("%s, expected %s", text, cases[i].text);
	}
}

static void not_written(void **state)
{
	(void)state;
	char text[PRL_POSITION_FORMAT_MAX] = "untouched";
	prl_latlng syria = { 35, 40 }, south = { -35, 40 };
	const prl_reference w = PRL_REFERENCE_WGS84, k = PRL_REFERENCE_SK42;
	assert_int_equal(prl_position_format((prl_latlng){ 91, 0 }, D, w, 1, text, NULL, NULL), PRL_E_RANGE);
	assert_int_equal(prl_position_format((prl_latlng){ NAN, 0 }, D, w, 1, text, NULL, NULL), PRL_E_RANGE);
	assert_int_equal(prl_position_format(syria, D, w, 0, text, NULL, NULL), PRL_E_RANGE);
	assert_int_equal(prl_position_format(syria, D, w, NAN, text, NULL, NULL), PRL_E_RANGE);
	assert_int_equal(prl_position_format((prl_latlng){ 85, 0 }, PRL_NOTATION_UTM, w, 1, text, NULL, NULL),
			 PRL_E_RANGE);
	assert_int_equal(prl_position_format(syria, PRL_NOTATION_UTM, k, 1, text, NULL, NULL), PRL_E_UNSUPPORTED);
	assert_int_equal(prl_position_format(syria, PRL_NOTATION_MGRS, k, 1, text, NULL, NULL), PRL_E_UNSUPPORTED);
	assert_int_equal(prl_position_format(syria, PRL_NOTATION_GK, w, 1, text, NULL, NULL), PRL_E_UNSUPPORTED);
	assert_int_equal(prl_position_format(south, PRL_NOTATION_GK3, k, 1, text, NULL, NULL), PRL_E_UNSUPPORTED);
	assert_string_equal(text, "untouched");
}

/* ---- random places --------------------------------------------------------------------------------------------- */

struct way {
	const char *name;
	prl_notation notation;
	prl_reference reference;
	double low_deg, high_deg; /* latitudes */
};

static const struct way ways[] = {
	{ "degrees", D, PRL_REFERENCE_WGS84, -90, 90 },
	{ "minutes", M, PRL_REFERENCE_WGS84, -90, 90 },
	{ "seconds", S, PRL_REFERENCE_WGS84, -90, 90 },
	{ "UTM", PRL_NOTATION_UTM, PRL_REFERENCE_WGS84, -80, 83.999 },
	{ "MGRS", PRL_NOTATION_MGRS, PRL_REFERENCE_WGS84, -90, 90 },
	{ "SK-42 degrees", D, PRL_REFERENCE_SK42, -89.9, 89.9 },
	{ "SK-42 seconds", S, PRL_REFERENCE_SK42, -89.9, 89.9 },
	{ "SK-42 GK", PRL_NOTATION_GK, PRL_REFERENCE_SK42, 0.1, 89.9 },
	{ "SK-42 GK3", PRL_NOTATION_GK3, PRL_REFERENCE_SK42, 0.1, 89.9 },
};

/* A true place, written at a random resolution, read back: within the rounding alone of the truth, whatever the datum's
 * stated error, and that rounding is within what is stated. */
static void the_truth_lies_within_the_error(void **state)
{
	(void)state;
	uint64_t seed = 20240401;
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
		double worst = 0;
		for (int i = 0; i < 100000; i++) {
			prl_latlng truth = { uniform(&seed, ways[w].low_deg, ways[w].high_deg),
					     uniform(&seed, -180, 180) };
			double resolution = pow(10, uniform(&seed, -3, 5)), stated;
			char text[PRL_POSITION_FORMAT_MAX];
			prl_position p;
			prl_error err = { 0 };
			if (prl_position_format(truth, ways[w].notation, ways[w].reference, resolution, text, &stated,
						&err))
				fail_msg("%s %.9f %.9f: %s", ways[w].name, truth.lat_deg, truth.lng_deg, err.text);
			if (parse(text, &p, NULL, &err))
				fail_msg("%s from %.9f %.9f: %s (%s)", text, truth.lat_deg, truth.lng_deg, err.text,
					 err.where);
			double off = distance_m(truth, p.place);
			/* 5 mm: near the poles SK-42 is carried back at height 0 without refinement (helmert.h) */
			bool polar = p.reference == PRL_REFERENCE_SK42 && fabs(truth.lat_deg) > 89.98;
			if (!(off <= p.precision_m + (polar ? 0.005 : 1e-6)))
				fail_msg("%s from %.9f %.9f: %g m off, radius %g", text, truth.lat_deg, truth.lng_deg,
					 off, p.precision_m);
			if (!(p.error_m <= stated * 1.0001 + 0.002 + (p.conversion_m > 1 ? 30 : 0) && p.error_m >= off))
				fail_msg("%s: error %g, writer stated %g", text, p.error_m, stated);
			if (p.notation != ways[w].notation || p.reference != ways[w].reference)
				fail_msg("%s: read as another notation", text);
			worst = fmax(worst, off / p.precision_m);
		}
		printf("# %s: at worst %.3f of the radius\n", ways[w].name, worst);
		assert_true(worst > 0.5); /* not needlessly wide */
	}
}

/* Coordinates made by PROJ alone, written with printf, read: the whole way from text to place is PROJ's within 1 mm. */
static void places_agree_with_proj(void **state)
{
	(void)state;
	PJ_CONTEXT *context = proj_context_create();
	uint64_t seed = 7;
	double worst[3] = { 0 };
	for (int zone = 1; zone <= 60; zone++) {
		char utm[80], gk[200];
		snprintf(utm, sizeof utm, "+proj=utm +zone=%d +datum=WGS84", zone);
		snprintf(gk, sizeof gk,
			 "+proj=pipeline +step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=23.57 +y=-140.95 "
			 "+z=-79.8 +rx=0 +ry=-0.35 +rz=-0.79 +s=-0.22 +convention=coordinate_frame +step +inv "
			 "+proj=cart "
			 "+ellps=krass");
		PJ *to_utm = proj_create(context, utm), *to_sk42 = proj_create(context, gk);
		snprintf(gk, sizeof gk, "+proj=tmerc +lon_0=%d +x_0=%d500000 +ellps=krass", 6 * zone - 3, zone);
		PJ *to_gk = proj_create(context, gk);
		assert_true(to_utm && to_sk42 && to_gk);
		for (int i = 0; i < 1700; i++) {
			double lng = prl_longitude_wrap(6.0 * zone - 183 + uniform(&seed, -2.99, 2.99));
			prl_latlng truth = { uniform(&seed, 0.1, 83.9), lng }, gk_truth = { truth.lat_deg, 0 };
			gk_truth.lng_deg = prl_longitude_wrap(6.0 * zone - 3 + uniform(&seed, -2.99, 2.99));
			PJ_COORD e =
				proj_trans(to_utm, PJ_FWD, proj_coord(lng * RADIANS, truth.lat_deg * RADIANS, 0, 0));
			PJ_COORD s =
				proj_trans(to_sk42, PJ_FWD,
					   proj_coord(gk_truth.lng_deg * RADIANS, gk_truth.lat_deg * RADIANS, 0, 0));
			/* height above Krassovsky's ellipsoid is not written, as on a map */
			PJ_COORD g = proj_trans(to_gk, PJ_FWD, s);
			char text[3][100];
			snprintf(text[0], 100, "UTM %d north %.4fmE %.4fmN", zone, e.xy.x, e.xy.y);
			snprintf(text[1], 100, "SK-42 GK X=%.4f Y=%.4f", g.xy.y, g.xy.x);
			snprintf(text[2], 100, "SK-42 %.9f%c %.9f%c", fabs(s.lp.phi / RADIANS), 'N',
				 fabs(s.lp.lam / RADIANS), s.lp.lam < 0 ? 'W' : 'E');
			for (int k = 0; k < 3; k++) {
				prl_position p;
				prl_error err = { 0 };
				if (parse(text[k], &p, NULL, &err))
					fail_msg("%s: %s (%s)", text[k], err.text, err.where);
				worst[k] = fmax(worst[k], distance_m(p.place, k ? gk_truth : truth));
			}
		}
		proj_destroy(to_utm);
		proj_destroy(to_sk42);
		proj_destroy(to_gk);
	}
	printf("# from PROJ: UTM %.3g m, SK-42 GK %.3g m, SK-42 geographic %.3g m\n", worst[0], worst[1], worst[2]);
	assert_true(worst[0] < 2e-4);                    /* 0.1 mm of rounding in the text */
	assert_true(worst[1] < 5e-3 && worst[2] < 5e-3); /* up to 200 m of height ignored × 2.2e-5 */
	proj_context_destroy(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(angles_are_read),
		cmocka_unit_test(grids_are_read),
		cmocka_unit_test(ambiguous_texts),
		cmocka_unit_test(an_order_decides),
		cmocka_unit_test(an_expected_place_checks),
		cmocka_unit_test(refused_texts),
		cmocka_unit_test(written_texts),
		cmocka_unit_test(not_written),
		cmocka_unit_test(the_truth_lies_within_the_error),
		cmocka_unit_test(places_agree_with_proj),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
