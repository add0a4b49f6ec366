/* Transverse Mercator and the datum shift against PROJ. */
#include "geo/helmert.h"
#include "geo/tmerc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <proj.h>

#define COUNT   120000
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

/* Largest differences forward, backward and there-and-back with longitudes within reach_deg of the meridian. */
static void compare(const char *definition, prl_ellipsoid ellipsoid, double scale, double reach_deg, uint64_t seed,
		    double worst[3])
{
	PJ_CONTEXT *context = proj_context_create();
	PJ *pj = proj_create(context, definition);
	prl_tmerc t = prl_tmerc_make(ellipsoid, scale);
	assert_non_null(pj);
	for (int i = 0; i < COUNT; i++) {
		prl_latlng place = { uniform(&seed, -89.99, 89.99), 39 + uniform(&seed, -reach_deg, reach_deg) };
		double east, north;
		prl_tmerc_forward(&t, place, 39, &east, &north);
		PJ_COORD in = proj_coord(place.lng_deg * RADIANS, place.lat_deg * RADIANS, 0, 0);
		PJ_COORD out = proj_trans(pj, PJ_FWD, in);
		worst[0] = fmax(worst[0], hypot(east - out.xy.x, north - out.xy.y));
		PJ_COORD back = proj_trans(pj, PJ_INV, proj_coord(east, north, 0, 0));
		prl_latlng ours = prl_tmerc_inverse(&t, east, north, 39);
		prl_latlng theirs = { back.lp.phi / RADIANS, back.lp.lam / RADIANS };
		worst[1] = fmax(worst[1], ground_m(ours, theirs));
		worst[2] = fmax(worst[2], ground_m(ours, place));
	}
	proj_destroy(pj);
	proj_context_destroy(context);
}

static void run(const char *name, const char *definition, prl_ellipsoid ellipsoid, double scale, double reach_deg,
		double bound_m)
{
	double worst[3] = { 0 };
	compare(definition, ellipsoid, scale, reach_deg, 20160917, worst);
	printf("# %s, %g degrees: forward %.3g m, inverse %.3g m, there and back %.3g m (bound %g)\n", name, reach_deg,
	       worst[0], worst[1], worst[2], bound_m);
	for (int i = 0; i < 3; i++)
		assert_true(worst[i] < bound_m);
}

static const char utm37[] = "+proj=tmerc +algo=poder_engsager +lon_0=39 +k=0.9996 +ellps=WGS84";
static const char gk7[] = "+proj=tmerc +algo=poder_engsager +lon_0=39 +k=1 +ellps=krass";

static void agrees_within_a_zone(void **state)
{
	(void)state;
	run("UTM", utm37, PRL_ELLIPSOID_WGS84, 0.9996, 4, 1e-4);
	run("GK", gk7, PRL_ELLIPSOID_KRASSOVSKY, 1, 4, 1e-4);
}

static void agrees_far_from_the_meridian(void **state)
{
	(void)state;
	run("UTM", utm37, PRL_ELLIPSOID_WGS84, 0.9996, 12, 1e-4);
	run("UTM", utm37, PRL_ELLIPSOID_WGS84, 0.9996, 40, 1e-3);
}

/* A second, independent algorithm: PROJ's Evenden/Snyder series, good to a few mm within 4°. */
static void agrees_with_another_series(void **state)
{
	(void)state;
	double worst[3] = { 0 };
	compare("+proj=tmerc +approx +lon_0=39 +k=0.9996 +ellps=WGS84", PRL_ELLIPSOID_WGS84, 0.9996, 3, 7, worst);
	printf("# against the Evenden/Snyder series, 3 degrees: %.3g m\n", worst[0]);
	assert_true(worst[0] < 2e-3);
}

static void poles_and_antimeridian(void **state)
{
	(void)state;
	prl_tmerc t = prl_tmerc_make(PRL_ELLIPSOID_WGS84, 1);
	double east, north;
	for (int sign = -1; sign <= 1; sign += 2) {
		prl_tmerc_forward(&t, (prl_latlng){ sign * 90, 10 }, 3, &east, &north);
		assert_true(fabs(east) < 1e-6 && fabs(north - sign * 10001965.729) < 2e-3); /* the meridian quadrant */
		assert_true(fabs(prl_tmerc_inverse(&t, east, north, 3).lat_deg - sign * 90) < 1e-9);
	}
	prl_tmerc_forward(&t, (prl_latlng){ 10, -179 }, 177, &east, &north);
	prl_latlng back = prl_tmerc_inverse(&t, east, north, 177);
	assert_true(east > 0 && fabs(back.lng_deg + 179) < 1e-12);
}

/* The whole shift on the ellipsoid, against PROJ given the same parameters, and there and back. */
static void shift_agrees(void **state)
{
	(void)state;
	PJ_CONTEXT *context = proj_context_create();
	PJ *pj = proj_create(context,
			     "+proj=pipeline +step +proj=cart +ellps=krass +step +proj=helmert +x=23.57 +y=-140.95 "
			     "+z=-79.8 +rx=0 +ry=-0.35 +rz=-0.79 +s=-0.22 +convention=coordinate_frame "
			     "+step +inv +proj=cart +ellps=WGS84");
	uint64_t seed = 42;
	double worst = 0, back = 0, height = 0;
	assert_non_null(pj);
	for (int i = 0; i < COUNT; i++) {
		prl_latlng sk42 = { uniform(&seed, -90, 90), uniform(&seed, -180, 180) },
			   ours = prl_sk42_to_wgs84(sk42);
		for (int high = 0; high <= 9000; high += 9000) {
			PJ_COORD out = proj_trans(pj, PJ_FWD,
						  proj_coord(sk42.lng_deg * RADIANS, sk42.lat_deg * RADIANS, high, 0));
			prl_latlng theirs = { out.lp.phi / RADIANS, out.lp.lam / RADIANS };
			double *most = high ? &height : &worst;
			*most = fmax(*most, ground_m(ours, theirs));
		}
		back = fmax(back, ground_m(prl_sk42_from_wgs84(ours), sk42));
	}
	printf("# SK-42 to WGS84: %.3g m from PROJ, there and back %.3g m, a height of 9 km ignored %.3g m\n", worst,
	       back, height);
	assert_true(worst < 1e-3);
	/* within 0.01° of the poles back is by height 0 there too: up to 200 m × 2.2e-5 */
	assert_true(back < 5e-3);
	assert_true(height < 0.3);
	proj_destroy(pj);
	proj_context_destroy(context);
}

/* What EPSG:5044 itself says, so that a slip in the parameters would show. */
static void shift_is_epsg_5044(void **state)
{
	(void)state;
	PJ_CONTEXT *context = proj_context_create();
	PJ *pj = proj_create(context, "urn:ogc:def:coordinateOperation:EPSG::5044");
	assert_non_null(pj);
	prl_latlng moscow = prl_sk42_to_wgs84((prl_latlng){ 55.75, 37.6 });
	PJ_COORD out = proj_trans(pj, PJ_FWD, proj_coord(55.75, 37.6, 0, 0));
	assert_true(ground_m(moscow, (prl_latlng){ out.xy.x, out.xy.y }) < 1e-3);
	assert_true(ground_m(moscow, (prl_latlng){ 55.75, 37.6 }) > 100);
	proj_destroy(pj);
	proj_context_destroy(context);
}

/* The stated error of SK-42 holds every set that EPSG publishes for a national net, with that set's own accuracy, over
 * its area of use: what PRL_SK42_ERROR_M says. Left out: 1291 (44 m, two stations), 1254 (no accuracy), 15993. */
static void stated_error_holds_the_national_sets(void **state)
{
	(void)state;
	static const int codes[] = { 1267, 1287, 1288,  1289,  1290,  1292,  1293,  1303,  1334,  1674,
				     1675, 1679, 1807,  1808,  1809,  6899,  7835,  15496, 15497, 1644,
				     1645, 1775, 15865, 15994, 15995, 15996, 15997, 15998, 15999, 1310 };
	PJ_CONTEXT *context = proj_context_create();
	int seen = 0;
	double worst = 0;
	for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
		char name[64];
		double west, south, east, north;
		snprintf(name, sizeof name, "urn:ogc:def:coordinateOperation:EPSG::%d", codes[c]);
		PJ *pj = proj_create(context, name);
		assert_non_null(pj);
		double accuracy = proj_coordoperation_get_accuracy(context, pj);
		assert_true(proj_get_area_of_use(context, pj, &west, &south, &east, &north, NULL) && accuracy >= 0);
		east += east < west ? 360 : 0;
		for (int i = 0; i <= 400; i++) {
			prl_latlng sk42 = { south + (north - south) * (i / 20) / 20.0,
					    prl_longitude_wrap(west + (east - west) * (i % 20) / 19.0) };
			PJ_COORD out = proj_trans(pj, PJ_FWD, proj_coord(sk42.lat_deg, sk42.lng_deg, 0, 0));
			prl_latlng ours = prl_sk42_to_wgs84(sk42);
			double off = ground_m(ours, (prl_latlng){ out.xy.x, out.xy.y }) + accuracy;
			if (off > prl_sk42_error_m(ours))
				fail_msg("EPSG:%d at %g %g: %g m", codes[c], sk42.lat_deg, sk42.lng_deg, off);
			worst = fmax(worst, off);
		}
		seen++;
		proj_destroy(pj);
	}
	printf("# %d published sets part from EPSG:5044 by at most %.1f m, their own accuracy included\n", seen, worst);
	proj_context_destroy(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_within_a_zone),
		cmocka_unit_test(agrees_far_from_the_meridian),
		cmocka_unit_test(agrees_with_another_series),
		cmocka_unit_test(poles_and_antimeridian),
		cmocka_unit_test(shift_agrees),
		cmocka_unit_test(shift_is_epsg_5044),
		cmocka_unit_test(stated_error_holds_the_national_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
