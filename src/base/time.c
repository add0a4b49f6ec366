/* RFC 3339 date-times. Calendar arithmetic is Howard Hinnant's "days from civil" idea: years start in March, so
 * that the leap day is the last of its year, and 400-year eras repeat exactly. */
#include "base/error.h"

#include <stdio.h>

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned year_of_era = (unsigned)(year - era * 400);
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + (int64_t)day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned day_of_era = (unsigned)(days - era * 146097);
	unsigned year_of_era =
	        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned month = (5 * day_of_year + 2) / 153;
	*ret_day = day_of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = (int)((int64_t)year_of_era + era * 400 + (*ret_month <= 2));
}

static unsigned days_in_month(int year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

/* Reads exactly digits decimal digits at *at and moves on. */
static bool read_digits(const char **at, const char *end, int digits, unsigned *ret_value)
{
	unsigned value = 0;
	for (int i = 0; i < digits; i++, (*at)++) {
		if (*at >= end || **at < '0' || **at > '9')
			return false;
		value = value * 10 + (unsigned)(**at - '0');
	}
	*ret_value = value;
	return true;
}

static bool read_mark(const char **at, const char *end, const char *marks)
{
	for (; *at < end && *marks; marks++)
		if (**at == *marks) {
			(*at)++;
			return true;
		}
	return false;
}

struct civil {
	unsigned year, month, day, hour, minute, second, nanosecond;
	int offset_minutes;
};

static bool read_fraction(const char **at, const char *end, unsigned *ret_nanosecond)
{
	unsigned scale = 100000000;
	const char *first = *at;
	*ret_nanosecond = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
		*ret_nanosecond += (unsigned)(**at - '0') * scale;
	return *at > first;
}

static bool read_offset(const char **at, const char *end, int *ret_minutes)
{
	unsigned hours, minutes;
	*ret_minutes = 0;
	if (read_mark(at, end, "Zz"))
		return true;
	bool west = *at < end && **at == '-';
	if (!read_mark(at, end, "+-") || !read_digits(at, end, 2, &hours) || !read_mark(at, end, ":") ||
	    !read_digits(at, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_minutes = (int)(hours * 60 + minutes) * (west ? -1 : 1);
	return true;
}

/* RFC 3339 section 5.6: date-time = full-date "T" full-time; its note lets readers take a space for the T. */
static bool read_civil(const char *at, const char *end, struct civil *c)
{
	return read_digits(&at, end, 4, &c->year) && read_mark(&at, end, "-") && read_digits(&at, end, 2, &c->month) &&
	       read_mark(&at, end, "-") && read_digits(&at, end, 2, &c->day) && read_mark(&at, end, "Tt ") &&
	       read_digits(&at, end, 2, &c->hour) && read_mark(&at, end, ":") && read_digits(&at, end, 2, &c->minute) &&
	       read_mark(&at, end, ":") && read_digits(&at, end, 2, &c->second) &&
	       (!read_mark(&at, end, ".") || read_fraction(&at, end, &c->nanosecond)) &&
	       read_offset(&at, end, &c->offset_minutes) && at == end;
}

prl_status prl_time_parse(const char *text, size_t length, prl_time *ret_time, prl_error *err)
{
	struct civil c = { 0 };
	int shown = length > 40 ? 40 : (int)length;
	if (!read_civil(text, text + length, &c))
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "\"%.*s\" is not a time; expected RFC 3339 with an offset, as 2016-09-17T12:55:00Z",
		                     shown, text);
	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month((int)c.year, c.month) || c.hour > 23 ||
	    c.minute > 59 || c.second > 60)
		return prl_error_set(err, PRL_E_RANGE, "\"%.*s\" names a day or an hour that does not exist", shown, text);
	/* 1678 and 2262 are the years that an int64 of nanoseconds holds in part; whole years only keep it simple. */
	if (c.year < 1678 || c.year > 2261)
		return prl_error_set(err, PRL_E_RANGE, "\"%.*s\" is outside the years 1678 to 2261", shown, text);
	int64_t seconds = days_from_civil(c.year, c.month, c.day) * 86400 + (int64_t)c.hour * 3600 +
	                  (int64_t)c.minute * 60 + (int64_t)c.second - (int64_t)c.offset_minutes * 60;
	*ret_time = seconds * PRL_SECOND + (int64_t)c.nanosecond;
	return PRL_OK;
}

void prl_time_format(prl_time t, char text[PRL_TIME_TEXT_MAX])
{
	int64_t seconds = t / PRL_SECOND, nanosecond = t % PRL_SECOND;
	if (nanosecond < 0) {
		seconds--;
		nanosecond += PRL_SECOND;
	}
	int64_t days = seconds / 86400, of_day = seconds % 86400;
	if (of_day < 0) {
		days--;
		of_day += 86400;
	}
	int year;
	unsigned month, day;
	civil_from_days(days, &year, &month, &day);
	int digits = nanosecond % 1000000 == 0 ? 3 : nanosecond % 1000 == 0 ? 6 : 9;
	int64_t fraction = digits == 3 ? nanosecond / 1000000 : digits == 6 ? nanosecond / 1000 : nanosecond;
	snprintf(text, PRL_TIME_TEXT_MAX, "%04d-%02u-%02uT%02d:%02d:%02d.%0*dZ", year, month, day, (int)(of_day / 3600),
	         (int)(of_day / 60 % 60), (int)(of_day % 60), digits, (int)fraction);
}
