#include "dss/uuid.h"

#include "base/text.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define DASHED 36u

static bool is_dash(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool read_digits(const char *text, bool dashes, prl_uuid *ret)
{
	size_t nibble = 0, length = dashes ? DASHED : 32;
	for (size_t i = 0; i < length; i++) {
		if (dashes && is_dash(i)) {
			if (text[i] != '-')
				return false;
			continue;
		}
		const char *digits = "0123456789abcdef",
			   *at = memchr(digits, text[i] >= 'A' ? text[i] | 0x20 : text[i], 16);
		if (!at)
			return false;
		unsigned value = (unsigned)(at - digits);
		unsigned char *byte = &ret->bytes[nibble / 2];
		*byte = (unsigned char)(nibble % 2 ? *byte | value : value << 4);
		nibble++;
	}
	return true;
}

/* The forms that Go's uuid.Parse() takes. */
static bool read_any(prl_bytes text, prl_uuid *ret)
{
	static const char urn[] = "urn:uuid:";
	if (text.size == 32)
		return read_digits(text.data, false, ret);
	if (text.size == DASHED)
		return read_digits(text.data, true, ret);
	if (text.size == DASHED + 2)
		return text.data[0] == '{' && text.data[DASHED + 1] == '}' && read_digits(text.data + 1, true, ret);
	if (text.size == DASHED + sizeof urn - 1)
		return !strncasecmp(text.data, urn, sizeof urn - 1) &&
		       read_digits(text.data + sizeof urn - 1, true, ret);
	return false;
}

static bool is_version(const prl_uuid *uuid, unsigned version)
{
	return uuid->bytes[6] >> 4 == version && uuid->bytes[8] >> 6 == 2;
}

bool prl_uuid_read(prl_bytes text, prl_uuid *ret)
{
	return read_any(text, ret) && is_version(ret, 4);
}

bool prl_uuid_read_v7(prl_bytes text, prl_uuid *ret, prl_time *ret_time)
{
	if (!read_any(text, ret) || !is_version(ret, 7))
		return false;
	int64_t ms = 0;
	for (size_t i = 0; i < 6; i++)
		ms = ms << 8 | ret->bytes[i];
	return !__builtin_mul_overflow(ms, PRL_SECOND / 1000, ret_time);
}

void prl_uuid_write(const prl_uuid *uuid, char text[PRL_UUID_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	char *to = text;
	for (size_t i = 0; i < sizeof uuid->bytes; i++) {
		if (is_dash((size_t)(to - text)))
			*to++ = '-';
		*to++ = digits[uuid->bytes[i] >> 4];
		*to++ = digits[uuid->bytes[i] & 15];
	}
	*to = 0;
}

prl_uuid prl_uuid_of_random(prl_uuid random)
{
	random.bytes[6] = (unsigned char)((random.bytes[6] & 0x0f) | 0x40);
	random.bytes[8] = (unsigned char)((random.bytes[8] & 0x3f) | 0x80);
	return random;
}

prl_uuid prl_uuid_random(void)
{
	prl_uuid random;
	randombytes_buf(random.bytes, sizeof random.bytes);
	return prl_uuid_of_random(random);
}

bool prl_uuid_equal(const prl_uuid *a, const prl_uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
