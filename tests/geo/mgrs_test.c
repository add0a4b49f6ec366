/* Grid zones, UPS and MGRS: against published values, against PROJ, against themselves. */
#include "geo/helmert.h"
#include "geo/mgrs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <proj.h>

#define RADIANS (3.14159265358979323846 / 180)

static double uniform(uint64_t *seed, double low, double high)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return low + (high - low) * (double)(*seed >> 11) / 9007199254740992.0;
}

static double ground_m(prl_latlng a, prl_latlng b)
{
	double p[3], q[3];
	prl_geocentric_from(a, PRL_ELLIPSOID_WGS84, p);
	prl_geocentric_from(b, PRL_ELLIPSOID_WGS84, q);
	return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) + (p[2] - q[2]) * (p[2] - q[2]));
}

/* Published by others: the mgrs.js and ExMGRS manuals, chrisveness/geodesy, GeographicLib's tests, Palantir's manual.
 */
static void published_values(void **state)
{
	(void)state;
	static const struct {
		double lat, lng;
		const char *text;
	} cases[] = {
		{ 36.2361322, -115.0820944, "11SPA7234911844" },
		{ 34.0, -118.24, "11SLT8548562848" },
		{ 48.8582, 2.2945, "31UDQ4825111932" },
		{ 21.409796671597924 + 4e-6, -157.91608117421092 + 4e-6, "4QFJ1234567890" },
		{ 88.99999659707431 + 4e-6, 0.9996456505181999 + 2e-4, "ZAF0193788990" },
		{ 90, 0, "ZAH0000000000" },
		{ -90, 0, "BAN0000000000" },
		{ 0, 0, "31NAA6602100000" },
		{ 60, 5, "32VKM7697958157" }, /* by PROJ: zone 32 for south-west Norway */
		{ 78, 8.9, "31X" },
		{ 78, 9.1, "33X" },
		{ 78, 21.1, "35X" },
		{ 78, 33.1, "37X" },
		{ 78, 42.1, "38X" },
		{ 60, 2.9, "31V" },
		{ 60, 3.1, "32V" },
		{ 64.1, 3.1, "31W" },
		{ 84, 10, "Z" },
		{ -80.0001, -10, "A" },
		{ -80, -10, "29C" },
		{ -1e-17, 0, "31MAV6602199999" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[PRL_MGRS_TEXT_MAX];
		prl_mgrs_format((prl_latlng){ cases[i].lat, cases[i].lng }, 5, text);
		if (strncmp(text, cases[i].text, strlen(cases[i].text)))
			fail_msg("%.6f %.6f: %s, published %s", cases[i].lat, cases[i].lng, text, cases[i].text);
	}
}

static prl_mgrs take_apart(const char *text)
{
	prl_mgrs m = { 0 };
	while (*text >= '0' && *text <= '9')
		m.zone = m.zone * 10 + *text++ - '0';
	m.band = *text++;
	m.column = *text++;
	m.row = *text++;
	m.digits = (int)strlen(text) / 2;
	for (int i = 0; i < m.digits; i++) {
		m.east = m.east * 10 + (unsigned)(text[i] - '0');
		m.north = m.north * 10 + (unsigned)(text[m.digits + i] - '0');
	}
	return m;
}

/* Every point is in the square that its reference names, at every precision, whole earth, edges of zones included. */
static void squares_hold_their_points(void **state)
{
	(void)state;
	uint64_t seed = 1980;
	for (int i = 0; i < 150000; i++) {
		prl_latlng at = { asin(uniform(&seed, -1, 1)) / RADIANS, uniform(&seed, -180, 180) };
		if (i % 3 == 0) /* near an edge of a zone or band */
			at = (prl_latlng){ fmax(-90, fmin(90, 4 * round(at.lat_deg / 4) + uniform(&seed, -1e-4, 1e-4))),
					   fmax(-180,
						fmin(180, 3 * round(at.lng_deg / 3) + uniform(&seed, -1e-4, 1e-4))) };
		if (i % 3 == 1 && i % 2)
			at.lat_deg = copysign(uniform(&seed, 79, 90), at.lat_deg);
		char text[PRL_MGRS_TEXT_MAX];
		int digits = 1 + i % 5;
		prl_grid_place corner, own = prl_grid_forward(at);
		double side;
		prl_error err = { 0 };
		prl_mgrs_format(at, digits, text);
		prl_mgrs m = take_apart(text);
		if (prl_mgrs_corner(&m, &corner, &side, &err))
			fail_msg("%s from %.9f %.9f: %s", text, at.lat_deg, at.lng_deg, err.text);
		assert_int_equal(corner.zone, own.zone);
		double x = own.east_m - corner.east_m, y = own.north_m - corner.north_m;
		if (!(x > -1e-2 && y > -1e-2 && x < side + 1e-2 && y < side + 1e-2))
			fail_msg("%s from %.9f %.9f: off by %g %g", text, at.lat_deg, at.lng_deg, x, y);
	}
}

/* All 100 km squares of all zones: those that exist decode into their grid zone and encode to the same letters. */
static void every_square(void **state)
{
	(void)state;
	int exist = 0, refused = 0;
	for (int zone = 0; zone <= 60; zone++)
		for (const char *band = zone ? "CDEFGHJKLMNPQRSTUVWX" : "ABYZ"; *band; band++)
			for (char column = 'A'; column <= 'Z'; column++)
				for (char row = 'A'; row <= 'Z'; row++) {
					prl_mgrs m = { zone, *band, column, row, 50, 50, 2 };
					prl_grid_place corner;
					double side;
					if (prl_mgrs_corner(&m, &corner, &side, NULL)) {
						refused++;
						continue;
					}
					exist++;
					corner.east_m += 500;
					corner.north_m += 500;
					prl_latlng at = prl_grid_inverse(corner);
					char text[PRL_MGRS_TEXT_MAX], want[PRL_MGRS_TEXT_MAX];
					prl_mgrs_format(at, 2, text);
					snprintf(want, sizeof want, "%.*d%c%c%c5050", zone ? 1 : 0, zone, *band, column,
						 row);
					/* within a square of the edge the point belongs to the next zone */
					double south, north, west, east;
					bool inner = zone ? prl_utm_band_edges(*band, &south, &north) &&
								     prl_utm_zone_edges(zone, *band, &west, &east) &&
								     at.lat_deg >= south && at.lat_deg < north &&
								     at.lng_deg >= west && at.lng_deg < east
							  : at.lat_deg < -80 || at.lat_deg >= 84;
					if (inner)
						assert_string_equal(text, want);
				}
	printf("# %d squares of 1 km in the middle of their 100 km squares exist, %d do not\n", exist, refused);
	assert_true(exist > 45000 && exist < 60000);
}

static void grids_agree_with_proj(void **state)
{
	(void)state;
	PJ_CONTEXT *context = proj_context_create();
	PJ *ups[2] = { proj_create(context, "+proj=ups +ellps=WGS84"),
		       proj_create(context, "+proj=ups +south +ellps=WGS84") };
	uint64_t seed = 5;
	double worst = 0, back = 0;
	for (int i = 0; i < 100000; i++) {
		bool south = i % 2;
		prl_latlng at = { uniform(&seed, 79, 90) * (south ? -1 : 1), uniform(&seed, -180, 180) };
		prl_grid_place ours = prl_grid_forward_in(at, 0, south);
		PJ_COORD theirs =
			proj_trans(ups[south], PJ_FWD, proj_coord(at.lng_deg * RADIANS, at.lat_deg * RADIANS, 0, 0));
		worst = fmax(worst, hypot(ours.east_m - theirs.xy.x, ours.north_m - theirs.xy.y));
		back = fmax(back, ground_m(prl_grid_inverse(ours), at));
	}
	printf("# UPS: %.3g m from PROJ, there and back %.3g m\n", worst, back);
	assert_true(worst < 1e-4 && back < 1e-4);
	for (int zone = 1; zone <= 60; zone++) {
		char definition[64];
		snprintf(definition, sizeof definition, "+proj=utm +zone=%d +south +ellps=WGS84", zone);
		PJ *utm = proj_create(context, definition);
		for (int i = 0; i < 2000; i++) {
			prl_latlng at = { uniform(&seed, -80, 0), prl_utm_center_deg(zone) + uniform(&seed, -3, 3) };
			prl_grid_place ours = prl_grid_forward(at);
			PJ_COORD theirs =
				proj_trans(utm, PJ_FWD, proj_coord(at.lng_deg * RADIANS, at.lat_deg * RADIANS, 0, 0));
			assert_int_equal(ours.zone, zone);
			assert_true(hypot(ours.east_m - theirs.xy.x, ours.north_m - theirs.xy.y) < 1e-4);
		}
		proj_destroy(utm);
	}
	proj_destroy(ups[0]);
	proj_destroy(ups[1]);
	proj_context_destroy(context);
}

static void what_does_not_exist(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "61SEV7000005000", "no grid zone 61" },
		{ "37IEV7000005000", "no latitude band I" },
		{ "37SJV7000005000", "no column J in zone 37; its columns are A to H" },
		{ "37SEW7000005000", "no row W" },
		{ "32XMG7000005000", "no grid zone 32X" },
		{ "37SAV7000005000", "does not reach" },
		{ "37REV7000005000", "does not reach" },
		{ "38SEV7000005000", "no column E in zone 38; its columns are J to R" },
		{ "37SEM7000005000", "does not reach" },
		{ "ZKH0000000000", "no column K in polar zone Z" },
		{ "YZZ0000000000", "no row Z in polar zone Y" },
		{ "ZJA9999900000", "does not reach" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_mgrs m = take_apart(cases[i].text);
		prl_grid_place corner;
		double side;
		prl_error err = { 0 };
		if (prl_mgrs_corner(&m, &corner, &side, &err) != PRL_E_RANGE)
			fail_msg("%s is taken", cases[i].text);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: \"%s\" should say \"%s\"", cases[i].text, err.text, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),    cmocka_unit_test(squares_hold_their_points),
		cmocka_unit_test(every_square),        cmocka_unit_test(grids_agree_with_proj),
		cmocka_unit_test(what_does_not_exist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
