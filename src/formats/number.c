#include "formats/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct digits {
	uint64_t value; /* the digits read as a whole number, while there are no more than 19 */
	int count;      /* digits from the first that is not 0 */
	int after;      /* digits behind the point */
};

static const char *read_digits(const char *p, const char *end, struct digits *d)
{
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (d->count > 0 || *p != '0')
			d->count++;
		if (d->count <= 19)
			d->value = d->value * 10 + (uint64_t)(*p - '0');
	}
	return p;
}

/* The exponent behind an e; *ret_exponent saturates far beyond what matters. NULL without a digit. */
static const char *read_exponent(const char *p, const char *end, int *ret_exponent)
{
	bool negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	const char *first = p;
	int exponent = 0;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (exponent < 100000)
			exponent = exponent * 10 + (*p - '0');
	*ret_exponent = negative ? -exponent : exponent;
	return p > first ? p : NULL;
}

/* Checks the grammar and gathers the digits; NULL where it is no number. */
static const char *scan_number(const char *p, const char *end, struct digits *d, int *ret_exponent)
{
	const char *first = p;
	p = read_digits(p, end, d);
	if (p == first || (*first == '0' && p > first + 1))
		return NULL;
	if (p < end && *p == '.') {
		const char *point = ++p;
		p = read_digits(p, end, d);
		if (p == point)
			return NULL;
		d->after = p - point < 100000 ? (int)(p - point) : 100000;
	}
	if (p < end && (*p == 'e' || *p == 'E'))
		p = read_exponent(p + 1, end, ret_exponent);
	return p;
}

/*
 * Up to 2^53 a whole number is a double exactly, and so is 10^k up to k = 22; IEEE 754 then rounds their product or
 * quotient once, which is the nearest double (Clinger 1990). All else goes to the C library.
 */
static bool small_exact(const struct digits *d, int exponent, double *ret_value)
{
	static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
		                         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	if (d->count > 19 || d->value > UINT64_C(1) << 53 || exponent < -22 || exponent > 22)
		return false;
	double whole = (double)d->value;
	*ret_value = exponent < 0 ? whole / powers[-exponent] : whole * powers[exponent];
	return true;
}

bool prl_number_read(const char **at, const char *end, locale_t c_locale, double *ret_value)
{
	const char *p = *at;
	bool negative = p < end && *p == '-';
	struct digits d = { 0 };
	int exponent = 0;
	double value;
	const char *behind = scan_number(p + negative, end, &d, &exponent);
	if (!behind)
		return false;
	if (!small_exact(&d, exponent - d.after, &value))
		value = strtod_l(p + negative, NULL, c_locale);
	if (!isfinite(value))
		return false;
	*ret_value = negative ? -value : value;
	*at = behind;
	return true;
}
