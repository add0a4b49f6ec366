#include "formats/clean.h"

#include <stdbool.h>
#include <string.h>

size_t prl_utf8_decode(const char *text, uint32_t *ret_character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t length = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
	if (length == 0)
		return 0;
	uint32_t character = length == 1 ? p[0] : p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (p[i] >> 6 != 2) /* also the 0 at the end */
			return 0;
		character = character << 6 | (p[i] & 0x3fu);
	}
	if (character < least[length] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return length;
}

static bool misleads(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void prl_clean(const char *text, char *shown, size_t room)
{
	size_t used = 0;
	while (*text) {
		uint32_t character = 0;
		size_t length = prl_utf8_decode(text, &character);
		bool plain = length > 0 && !misleads(character);
		size_t take = plain ? length : 1;
		if (used + take >= room)
			break;
		if (plain)
			memcpy(shown + used, text, length);
		else
			shown[used] = '?';
		used += take;
		text += length ? length : 1;
	}
	shown[used] = 0;
}
