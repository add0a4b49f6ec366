#include "dss_requests.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const size_t widths[HOLES] = {
	[HOLE_ID] = 36,   [HOLE_LNG] = 11,  [HOLE_LAT] = 11,  [HOLE_RADIUS] = 9,
	[HOLE_LOWER] = 9, [HOLE_UPPER] = 9, [HOLE_FROM] = 20, [HOLE_TO] = 20,
};

/* ---- making ------------------------------------------------------------------------------------------------------ */

static void hole(prl_buffer *text, size_t holes[HOLES], dss_hole which)
{
	holes[which] = text->size;
	prl_buffer_printf(text, "%*s", (int)widths[which], "");
}

static void write_volume(prl_buffer *text, size_t holes[HOLES])
{
	prl_buffer_printf(text, "{\"volume\":{\"outline_circle\":{\"center\":{\"lng\":");
	hole(text, holes, HOLE_LNG);
	prl_buffer_printf(text, ",\"lat\":");
	hole(text, holes, HOLE_LAT);
	prl_buffer_printf(text, "},\"radius\":{\"value\":");
	hole(text, holes, HOLE_RADIUS);
	prl_buffer_printf(text, ",\"units\":\"M\"}},\"altitude_lower\":{\"value\":");
	hole(text, holes, HOLE_LOWER);
	prl_buffer_printf(text, ",\"reference\":\"W84\",\"units\":\"M\"},\"altitude_upper\":{\"value\":");
	hole(text, holes, HOLE_UPPER);
	prl_buffer_printf(text, ",\"reference\":\"W84\",\"units\":\"M\"}},\"time_start\":{\"value\":\"");
	hole(text, holes, HOLE_FROM);
	prl_buffer_printf(text, "\",\"format\":\"RFC3339\"},\"time_end\":{\"value\":\"");
	hole(text, holes, HOLE_TO);
	prl_buffer_printf(text, "\",\"format\":\"RFC3339\"}}");
}

/* Head and body together: places in the body move behind the head. */
static bool join(dss_request *r, prl_buffer *body)
{
	prl_buffer_printf(&r->bytes, "%s%zu\r\n\r\n", r->head, body->size);
	r->body = r->bytes.size;
	prl_buffer_append(&r->bytes, body->data, body->size);
	for (int i = HOLE_LNG; i < HOLES; i++)
		r->holes[i] += r->body;
	r->key += r->body;
	bool whole = !r->bytes.failed && !body->failed;
	prl_buffer_done(body);
	return whole;
}

/* Starts the head; false where the token is too long for it. */
static bool write_head(dss_request *r, const char *method_and_path, const char *token)
{
	int size = snprintf(r->head, sizeof r->head,
			    "%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
			    "Content-Type: application/json\r\nContent-Length: ",
			    method_and_path, token);
	return size > 0 && size < (int)sizeof r->head;
}

bool dss_request_create(dss_request *r, const char *token, bool new_subscription)
{
	static const char path[] = "PUT /dss/v1/operational_intent_references/";
	char line[100];
	prl_buffer body = PRL_BUFFER(4096);
	*r = (dss_request){ .bytes = PRL_BUFFER(16384) };
	snprintf(line, sizeof line, "%s%36s", path, "");
	if (!write_head(r, line, token))
		return false;
	r->holes[HOLE_ID] = sizeof path - 1;
	prl_buffer_printf(&body, "{\"extents\":[");
	write_volume(&body, r->holes);
	prl_buffer_printf(&body, "],\"key\":[");
	r->key = body.size;
	prl_buffer_printf(&body, "],\"state\":\"Accepted\",\"uss_base_url\":\"https://uss1.example/f3548\"");
	if (new_subscription)
		prl_buffer_printf(&body, ",\"new_subscription\":{\"uss_base_url\":\"https://uss1.example/f3548\"}");
	prl_buffer_printf(&body, "}");
	return join(r, &body);
}

bool dss_request_query(dss_request *r, const char *token)
{
	prl_buffer body = PRL_BUFFER(4096);
	*r = (dss_request){ .bytes = PRL_BUFFER(16384) };
	if (!write_head(r, "POST /dss/v1/operational_intent_references/query", token))
		return false;
	prl_buffer_printf(&body, "{\"area_of_interest\":");
	write_volume(&body, r->holes);
	prl_buffer_printf(&body, "}");
	return join(r, &body);
}

void dss_request_done(dss_request *r)
{
	prl_buffer_done(&r->bytes);
}

prl_bytes dss_request_bytes(const dss_request *r)
{
	return (prl_bytes){ r->bytes.data, r->bytes.size };
}

bool dss_request_with_key(const dss_request *r, prl_bytes key, prl_buffer *ret)
{
	const char *whole = r->bytes.data;
	prl_buffer_clear(ret);
	prl_buffer_append(ret, r->head, strlen(r->head));
	prl_buffer_printf(ret, "%zu\r\n\r\n", r->bytes.size - r->body + key.size);
	prl_buffer_append(ret, whole + r->body, r->key - r->body);
	prl_buffer_append(ret, key.data, key.size);
	prl_buffer_append(ret, whole + r->key, r->bytes.size - r->key);
	if (ret->failed)
		return false;
	memcpy(ret->data + r->holes[HOLE_ID], whole + r->holes[HOLE_ID], widths[HOLE_ID]);
	return true;
}

/* ---- changing in place ------------------------------------------------------------------------------------------- */

/* Digits from the right, then the sign, then spaces; a value that does not fit loses digits, none here does. */
static void put_number(dss_request *r, dss_hole which, double value, int decimals)
{
	static const double tens[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6 };
	char *from = r->bytes.data + r->holes[which], *at = from + widths[which];
	long scaled = lround(fabs(value) * tens[decimals]);
	for (int i = 0; at > from && (i <= decimals + (decimals > 0) || scaled > 0); i++) {
		if (decimals > 0 && i == decimals) {
			*--at = '.';
			continue;
		}
		*--at = (char)('0' + scaled % 10);
		scaled /= 10;
	}
	if (value < 0 && at > from)
		*--at = '-';
	memset(from, ' ', (size_t)(at - from));
}

static void put_digits(char *at, int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
}

static void put_time(dss_request *r, dss_hole which, int64_t unix_s)
{
	char *at = r->bytes.data + r->holes[which];
	struct tm t;
	time_t seconds = (time_t)unix_s;
	gmtime_r(&seconds, &t);
	memcpy(at, "0000-00-00T00:00:00Z", 20);
	put_digits(at, t.tm_year + 1900, 4);
	put_digits(at + 5, t.tm_mon + 1, 2);
	put_digits(at + 8, t.tm_mday, 2);
	put_digits(at + 11, t.tm_hour, 2);
	put_digits(at + 14, t.tm_min, 2);
	put_digits(at + 17, t.tm_sec, 2);
}

void dss_request_volume(dss_request *r, const dss_volume *volume)
{
	put_number(r, HOLE_LNG, volume->lng, 6);
	put_number(r, HOLE_LAT, volume->lat, 6);
	put_number(r, HOLE_RADIUS, volume->radius_m, 1);
	put_number(r, HOLE_LOWER, volume->lower_m, 1);
	put_number(r, HOLE_UPPER, volume->upper_m, 1);
	put_time(r, HOLE_FROM, volume->from_s);
	put_time(r, HOLE_TO, volume->to_s);
}

void dss_request_id(dss_request *r, uint64_t high, uint64_t low)
{
	static const char digits[] = "0123456789abcdef";
	char *at = r->bytes.data + r->holes[HOLE_ID];
	high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);           /* version 4 */
	low = (low & UINT64_C(0x3fffffffffffffff)) | UINT64_C(1) << 63; /* variant RFC 4122 */
	for (int i = 0; i < 32; i++) {
		uint64_t half = i < 16 ? high : low;
		if (i == 8 || i == 12 || i == 16 || i == 20)
			*at++ = '-';
		*at++ = digits[half >> (60 - 4 * (i % 16)) & 15];
	}
}
