#include "base/text.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void prl_base64_write(const void *data, size_t size, char *text)
{
	const uint8_t *from = data;
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		unsigned v = (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) |
			     (left > 2 ? from[i + 2] : 0);
		*text++ = alphabet[v >> 18];
		*text++ = alphabet[v >> 12 & 63];
		*text++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		*text++ = left > 2 ? alphabet[v & 63] : '=';
	}
	*text = 0;
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Reads four characters into up to three bytes; returns how many, 0 where they are not canonical. */
static size_t read_four(const char *text, bool last, uint8_t out[3])
{
	size_t padding = 0;
	if (last && text[3] == '=')
		padding = text[2] == '=' ? 2 : 1;
	unsigned v = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(text[i]) : 0;
		if (value < 0)
			return 0;
		v = v << 6 | (unsigned)value;
	}
	if ((padding == 1 && (v & 0xff)) || (padding == 2 && (v & 0xffff)))
		return 0;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	return 3 - padding;
}

bool prl_base64_read(prl_bytes text, void *data, size_t room, size_t *ret_size)
{
	if (text.size % 4 != 0)
		return false;
	uint8_t *to = data;
	size_t size = 0;
	for (size_t i = 0; i < text.size; i += 4) {
		uint8_t bytes[3];
		size_t count = read_four(text.data + i, i + 4 == text.size, bytes);
		if (count == 0 || count > room - size)
			return false;
		memcpy(to + size, bytes, count);
		size += count;
	}
	*ret_size = size;
	return true;
}

/* ---- base64url --------------------------------------------------------------------------------------------------- */

void prl_base64url_write(const void *data, size_t size, char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const uint8_t *from = data;
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		unsigned v = (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) |
			     (left > 2 ? from[i + 2] : 0);
		*text++ = letters[v >> 18];
		*text++ = letters[v >> 12 & 63];
		if (left > 1)
			*text++ = letters[v >> 6 & 63];
		if (left > 2)
			*text++ = letters[v & 63];
	}
	*text = 0;
}

static int url_value_of(char c)
{
	return c == '-' ? 62 : c == '_' ? 63 : c == '+' || c == '/' ? -1 : value_of(c);
}

bool prl_base64url_read(prl_bytes text, void *data, size_t room, size_t *ret_size)
{
	size_t size = text.size / 4 * 3 + (text.size % 4 ? text.size % 4 - 1 : 0), written = 0;
	if (text.size % 4 == 1 || size > room)
		return false;
	uint8_t *to = data;
	unsigned v = 0, bits = 0;
	for (size_t i = 0; i < text.size; i++) {
		int value = url_value_of(text.data[i]);
		if (value < 0)
			return false;
		v = (v << 6 | (unsigned)value) & 0xffffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		to[written++] = (uint8_t)(v >> bits);
	}
	if (v & ((1u << bits) - 1)) /* bits that belong to no byte: another text of the same value */
		return false;
	*ret_size = size;
	return true;
}

void prl_hash_write(const prl_hash *hash, char text[PRL_HASH_TEXT_MAX])
{
	prl_base64_write(hash->bytes, sizeof hash->bytes, text);
}

bool prl_hash_read(prl_bytes text, prl_hash *ret)
{
	prl_hash hash;
	size_t size;
	if (text.size != PRL_HASH_TEXT_MAX - 1 || !prl_base64_read(text, hash.bytes, sizeof hash.bytes, &size) ||
	    size != 32)
		return false;
	*ret = hash;
	return true;
}

void prl_hex_write(const void *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = data;
	for (size_t i = 0; i < size; i++) {
		*text++ = digits[from[i] >> 4];
		*text++ = digits[from[i] & 15];
	}
	*text = 0;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool prl_hex_read(prl_bytes text, void *data, size_t size)
{
	if (text.size != 2 * size)
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (hex_value(text.data[i]) < 0)
			return false;
	uint8_t *to = data;
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(hex_value(text.data[2 * i]) << 4 | hex_value(text.data[2 * i + 1]));
	return true;
}

/* Bytes of the well-formed sequence at s (RFC 3629 section 4), 0 where there is none. */
static size_t sequence(const uint8_t *s, size_t left)
{
	if (s[0] < 0x80)
		return 1;
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || left < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
		return 0;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/* True where all eight bytes are ASCII and, without controls, none is below 0x20 or 0x7f: then nothing of them needs a
 * closer look. "Has a byte below n" is (w - n·0x01…) & ~w & 0x80…, which says so exactly as long as no byte is above
 * 0x7f (Warren, Hacker's Delight, 6-1). */
static bool is_plain(const uint8_t *s, bool controls)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;
	uint64_t w;
	memcpy(&w, s, sizeof w);
	const uint64_t no_7f = w ^ ones * 0x7f;
	const uint64_t low = (w - ones * 0x20) & ~w, del = (no_7f - ones) & ~no_7f;
	return !((w | (controls ? 0 : low | del)) & tops);
}

bool prl_utf8_check(prl_bytes text, bool controls)
{
	const uint8_t *s = (const uint8_t *)text.data;
	for (size_t i = 0; i < text.size;) {
		if (text.size - i >= 8 && is_plain(s + i, controls)) {
			i += 8;
			continue;
		}
		if (!controls && ((s[i] < 0x20 && s[i] != '\n') || s[i] == 0x7f))
			return false;
		size_t length = sequence(s + i, text.size - i);
		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

size_t prl_utf8_cut(prl_bytes text, size_t most)
{
	size_t size = text.size < most ? text.size : most;
	while (size && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
		size--;
	return size;
}

bool prl_decimal_read(prl_bytes text, uint64_t *ret)
{
	if (text.size == 0 || (text.size > 1 && text.data[0] == '0'))
		return false;
	uint64_t value = 0;
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		if (c < '0' || c > '9' || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(c - '0'), &value))
			return false;
	}
	*ret = value;
	return true;
}

prl_bytes prl_bytes_of(const char *text)
{
	return (prl_bytes){ text, strlen(text) };
}

bool prl_bytes_equal(prl_bytes a, prl_bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool prl_bytes_is(prl_bytes a, const char *text)
{
	return prl_bytes_equal(a, prl_bytes_of(text));
}

bool prl_line_take(prl_bytes *rest, prl_bytes *ret_line)
{
	const char *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
	if (!end)
		return false;
	size_t length = (size_t)(end - rest->data);
	*ret_line = (prl_bytes){ rest->data, length };
	*rest = (prl_bytes){ end + 1, rest->size - length - 1 };
	return true;
}
