/* The formats of strings. */
#include "base/schema_node.h"
#include "base/text.h"

#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool fits_time(prl_bytes text)
{
	prl_time t;
	return prl_time_parse(text.data, text.size, &t, NULL) == PRL_OK;
}

static bool fits_hash(prl_bytes text)
{
	prl_hash hash;
	return prl_hash_read(text, &hash);
}

static bool fits_name(prl_bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!is_letter(text.data[i]) && !is_digit(text.data[i]) && !memchr("._/-:", text.data[i], 5))
			return false;
	return text.size >= 1 && text.size <= 128;
}

/* Four characters at a time, so that no room for the bytes is needed; only the last four may be padded. */
static bool fits_base64(prl_bytes text)
{
	char three[3];
	size_t size = 3;
	if (text.size % 4)
		return false;
	for (size_t i = 0; i < text.size; i += 4)
		if (size != 3 || !prl_base64_read((prl_bytes){ text.data + i, 4 }, three, sizeof three, &size))
			return false;
	return true;
}

/* C2SP signed-note: name+hex8(key id)+base64(type ‖ key). The id is the record's to check. */
static bool fits_vkey(prl_bytes text)
{
	const char *plus = memchr(text.data, '+', text.size);
	uint8_t id[4];
	if (!plus || !fits_name((prl_bytes){ text.data, (size_t)(plus - text.data) }))
		return false;
	size_t left = text.size - (size_t)(plus - text.data) - 1;
	if (left < 10 + 4 || plus[9] != '+' || !prl_hex_read((prl_bytes){ plus + 1, 8 }, id, sizeof id))
		return false;
	return fits_base64((prl_bytes){ plus + 10, left - 9 });
}

/* RFC 5646 section 2.1, the shape only: a primary part of 2 to 8 letters, then parts of 1 to 8 letters and digits. */
static bool fits_language(prl_bytes text)
{
	size_t part = 0, parts = 0;
	for (size_t i = 0; i <= text.size; i++) {
		if (i == text.size || text.data[i] == '-') {
			if (part > 8 || part < (parts ? 1u : 2u))
				return false;
			parts++;
			part = 0;
		} else if (!is_letter(text.data[i]) && (parts == 0 || !is_digit(text.data[i]))) {
			return false;
		} else {
			part++;
		}
	}
	return text.size <= 64;
}

bool prl_schema_format_fits(prl_schema_format format, prl_bytes text)
{
	switch (format) {
#define X(name, what)                                                                                                  \
	case PRL_FORMAT_##name:                                                                                        \
		return fits_##name(text);
		PRL_SCHEMA_FORMAT_MAP(X)
#undef X
	case PRL_FORMAT_NONE:
		break;
	}
	return true;
}
