/* The geoid grid against PROJ's own vgridshift, and files that are no such grid. */
#include "geo/geoid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <proj.h>

/* cmocka's own compares floats. */
#define assert_near(x, y, within)                                                                                      \
	do {                                                                                                           \
		double x_ = (x), y_ = (y);                                                                             \
		if (!(fabs(x_ - y_) <= (within)))                                                                      \
			fail_msg("%s is %.12g, expected %.12g", #x, x_, y_);                                           \
	} while (0)

#define EGM96 "/usr/share/proj/egm96_15.gtx"

static uint64_t seed = UINT64_C(0x6e01d96);

static double between(double low, double high)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return low + (high - low) * (double)((seed * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * 0x1p-53;
}

static prl_geoid *egm96(void)
{
	prl_geoid *geoid = NULL;
	prl_error err;
	if (access(EGM96, R_OK) != 0) {
		print_message("skipped: %s is missing (Debian package proj-data)\n", EGM96);
		skip();
	}
	if (prl_geoid_open(EGM96, &geoid, &err))
		fail_msg("%s: %s", err.where, err.text);
	return geoid;
}

static void known_heights(void **state)
{
	(void)state;
	prl_geoid *g = egm96();
	/* NGA's test values of EGM96 (F477 output): 1.2 m where the 15' grid smooths a slope. */
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 38.6281550, 269.7791550 - 360 }), -31.628, 0.2);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ -14.6212170, 305.0211140 - 360 }), -2.969, 0.2);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 46.8743190, 102.4487290 }), -43.575, 1.2);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ -23.6174460, 133.8747120 }), 15.871, 1.2);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 38.6254730, 359.9995000 - 360 }), 50.066, 1.2);
	prl_geoid_free(g);
}

static void heights_are_those_of_proj(void **state)
{
	(void)state;
	prl_geoid *g = egm96();
	PJ_CONTEXT *context = proj_context_create();
	PJ *shift = proj_create(context, "+proj=vgridshift +grids=egm96_15.gtx +multiplier=1");
	if (!shift) {
		prl_geoid_free(g);
		proj_context_destroy(context);
		print_message("skipped: PROJ does not find egm96_15.gtx\n");
		skip();
	}
	const double lats[] = { -90, -89.99, -89.875, -45.125, 0, 0.1, 60.25, 89.75, 89.9, 90 };
	const double lngs[] = { -180, -179.9, -0.001, 0, 0.25, 100.3, 179.7, 179.75, 179.8, 179.999, 180 };
	for (int n = 0; n < 100000; n++) {
		prl_latlng at = { between(-90, 90), between(-180, 180) };
		if (n < 110)
			at = (prl_latlng){ lats[n / 11], lngs[n % 11] };
		PJ_COORD c =
			proj_trans(shift, PJ_FWD, proj_coord(proj_torad(at.lng_deg), proj_torad(at.lat_deg), 0, 0));
		assert_near(prl_geoid_height_m(g, at), c.lpz.z, 1e-6);
	}
	proj_destroy(shift);
	proj_context_destroy(context);
	prl_geoid_free(g);
}

static void longitude_wraps_and_the_poles_hold(void **state)
{
	(void)state;
	prl_geoid *g = egm96();
	for (int n = 0; n < 1000; n++) {
		prl_latlng at = { between(-90, 90), between(-180, 180) };
		double here = prl_geoid_height_m(g, at);
		assert_near(prl_geoid_height_m(g, (prl_latlng){ at.lat_deg, at.lng_deg + 360 }), here, 1e-7);
		assert_near(prl_geoid_height_m(g, (prl_latlng){ at.lat_deg, at.lng_deg - 360 }), here, 1e-7);
		assert_true(here >= PRL_GEOID_LOW_M && here <= PRL_GEOID_HIGH_M);
	}
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 10, -180 }), prl_geoid_height_m(g, (prl_latlng){ 10, 180 }), 0);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 90, 0 }), prl_geoid_height_m(g, (prl_latlng){ 90, 123 }), 0.01);
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 90.001, 0 })));
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ (double)NAN, 0 })));
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 0, (double)INFINITY })));
	prl_geoid_free(g);
}

/* ---- grids made here ------------------------------------------------------------------------------------------ */

static unsigned char bytes[4096];

static size_t put(size_t at, const void *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[at + i] = ((const unsigned char *)value)[size - 1 - i];
	return at + size;
}

/* Heights are 10·row + column. */
static size_t grid(double lat0, double lng0, double dlat, double dlng, int32_t rows, int32_t cols)
{
	const double steps[] = { lat0, lng0, dlat, dlng };
	size_t at = 0;
	for (int i = 0; i < 4; i++)
		at = put(at, &steps[i], sizeof *steps);
	at = put(put(at, &rows, sizeof rows), &cols, sizeof cols);
	for (int32_t i = 0; i < rows && at < 2000; i++)
		for (int32_t j = 0; j < cols && at < 2000; j++) {
			float height = (float)(10 * i + j);
			at = put(at, &height, sizeof height);
		}
	return at;
}

static prl_status read_bytes(size_t size, prl_geoid **ret, prl_error *err)
{
	FILE *f = fmemopen(bytes, size, "rb");
	assert_non_null(f);
	prl_status status = prl_geoid_read(f, ret, err);
	fclose(f);
	return status;
}

static void a_small_grid_is_interpolated_and_ends(void **state)
{
	(void)state;
	prl_geoid *g = NULL;
	prl_error err;
	assert_int_equal(read_bytes(grid(40, 30, 1, 2, 3, 4), &g, &err), PRL_OK);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 40, 30 }), 0, 0);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 42, 36 }), 23, 0);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 41.5, 33 - 360 }), 16.5, 1e-6);
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 42.1, 33 })));
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 39.9, 33 })));
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 41, 36.1 })));
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 41, 29.9 })));
	prl_geoid_free(g);

	size_t size = grid(40, 30, 1, 2, 2, 2);
	float none = -88.8888f;
	put(40, &none, sizeof none);
	assert_int_equal(read_bytes(size, &g, &err), PRL_OK);
	assert_true(isnan(prl_geoid_height_m(g, (prl_latlng){ 40.5, 31 })));
	prl_geoid_free(g);

	/* The last column may repeat the first, 360 degrees on. */
	assert_int_equal(read_bytes(grid(-90, 0, 90, 90, 3, 5), &g, &err), PRL_OK);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 0, -45 }), 13.5, 1e-6);
	prl_geoid_free(g);
	assert_int_equal(read_bytes(grid(-90, 0, 90, 90, 3, 4), &g, &err), PRL_OK);
	assert_near(prl_geoid_height_m(g, (prl_latlng){ 0, -45 }), 11.5, 1e-6);
	prl_geoid_free(g);
}

static void what_is_no_grid_is_refused(void **state)
{
	(void)state;
	prl_geoid *g = NULL;
	prl_error err;
	assert_int_equal(prl_geoid_open("/nonexistent/egm.gtx", &g, &err), PRL_E_IO);
	assert_string_equal(err.where, "/nonexistent/egm.gtx");
	assert_int_equal(prl_geoid_open("/", &g, &err), PRL_E_IO);
	assert_int_equal(prl_geoid_open("/dev/null", &g, &err), PRL_E_SYNTAX);
	assert_int_equal(prl_geoid_open("/dev/zero", &g, &err), PRL_E_SYNTAX);
	size_t size = grid(40, 30, 1, 2, 3, 4);
	for (size_t cut = 1; cut < size; cut++)
		assert_int_equal(read_bytes(cut, &g, &err), PRL_E_SYNTAX);
	assert_int_equal(read_bytes(size + 1, &g, &err), PRL_E_SYNTAX);
	const struct {
		double lat0, lng0, dlat, dlng;
		int32_t rows, cols;
	} bad[] = {
		{ 40, 30, 1, 2, 1, 4 },
		{ 40, 30, 1, 2, 4, -4 },
		{ 40, 30, 1, 2, 100000, 100000 },
		{ 40, 30, 0, 2, 3, 4 },
		{ 40, 30, 1, -2, 3, 4 },
		{ 40, 30, (double)NAN, 2, 3, 4 },
		{ 40, 30, 1, (double)INFINITY, 3, 4 },
		{ 40, 30, 1, 100, 3, 5 },
		{ 89, 30, 1, 2, 3, 4 },
		{ -91, 30, 1, 2, 3, 4 },
		{ (double)NAN, 30, 1, 2, 3, 4 },
		{ 40, (double)NAN, 1, 2, 3, 4 },
		{ 40, 30, (double)INFINITY, 2, 3, 4 },
		{ 40, 1e300, 1, 2, 3, 4 },
	};
	for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
		size = grid(bad[n].lat0, bad[n].lng0, bad[n].dlat, bad[n].dlng, bad[n].rows, bad[n].cols);
		assert_int_equal(read_bytes(size, &g, &err), PRL_E_SYNTAX);
	}
	const float heights[] = { (double)NAN, (double)INFINITY, 1000, -201 };
	for (size_t n = 0; n < sizeof heights / sizeof *heights; n++) {
		size = grid(40, 30, 1, 2, 3, 4);
		put(40 + 4 * 5, &heights[n], sizeof *heights);
		assert_int_equal(read_bytes(size, &g, &err), PRL_E_SYNTAX);
		assert_string_equal(err.where, "row 1");
	}
	assert_null(g);
	prl_geoid_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_heights),
		cmocka_unit_test(heights_are_those_of_proj),
		cmocka_unit_test(longitude_wraps_and_the_poles_hold),
		cmocka_unit_test(a_small_grid_is_interpolated_and_ends),
		cmocka_unit_test(what_is_no_grid_is_refused),
	};
	return cmocka_run_group_tests_name("geo/geoid", tests, NULL, NULL);
}
