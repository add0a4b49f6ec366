/* prl_position_parse() on any bytes: it never crashes, what it reads is on the earth, and what it reads can be written
 * in every notation and read again within the stated error. The first byte chooses the options. */
#include <parley/notation.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void write_and_read(const prl_position *p, prl_notation notation, prl_reference reference, double resolution_m)
{
	char text[PRL_POSITION_FORMAT_MAX];
	double stated_m;
	prl_position again;
	if (prl_position_format(p->place, notation, reference, resolution_m, text, &stated_m, NULL))
		return; /* not covered: UTM at the poles, Gauss–Krüger in the south */
	check(strlen(text) < sizeof text);
	check(prl_position_parse(text, strlen(text), NULL, &again, NULL, NULL) == PRL_OK);
	/* 5 mm: SK-42 at the poles, see helmert.h */
	check(prl_distance_m(again.place, p->place) <= again.precision_m + 0.005);
	check(again.notation == notation && again.reference == reference);
}

static void check_position(const prl_position *p, const char *text, size_t length)
{
	check(fabs(p->place.lat_deg) <= 90 && fabs(p->place.lng_deg) <= 180);
	check(p->precision_m > 0 && p->precision_m < 200000 && p->conversion_m >= 0 && p->conversion_m < 100);
	check(p->error_m >= p->precision_m && isfinite(p->error_m));
	check(strlen(p->text) == length && memcmp(p->text, text, length) == 0);
	for (int notation = PRL_NOTATION_DEGREES; notation <= PRL_NOTATION_GK3; notation++)
		for (int reference = PRL_REFERENCE_WGS84; reference <= PRL_REFERENCE_SK42; reference++) {
			write_and_read(p, (prl_notation)notation, (prl_reference)reference, 1);
			write_and_read(p, (prl_notation)notation, (prl_reference)reference,
				       fmin(fmax(p->precision_m, 0.001), 100000));
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	const char *text = (const char *)data + 1;
	prl_latlng expected = { 35.285, 40.176 };
	prl_position_options options = { .order = (prl_order)(data[0] % 3) };
	if (data[0] & 4)
		options.expected = &expected;
	if (data[0] & 8)
		options.expected_error_m = 1e6;
	prl_position p;
	prl_readings readings;
	prl_error err = { 0 };
	prl_status status = prl_position_parse(text, size - 1, &options, &p, &readings, &err);
	check(strlen(err.text) < sizeof err.text && strlen(err.where) < sizeof err.where);
	check((status == PRL_E_AMBIGUOUS) == (readings.count > 0));
	check(status == PRL_OK || (err.status == status && err.text[0]));
	if (status == PRL_OK)
		check_position(&p, text, size - 1);
	for (size_t i = 0; i < readings.count; i++)
		check(readings.readings[i].position.error_m > 0 && readings.readings[i].meaning[0] &&
		      readings.count > 1);
	return 0;
}
