#include "cli/words.h"

#include "base/text.h"

#include <parley/record.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at text; 1 where it is none. */
static size_t character(const char *text)
{
	unsigned char c = (unsigned char)*text;
	size_t length = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 1;
	return length;
}

/* C0, DEL, C1; U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069. */
static bool is_control(const char *text, size_t length)
{
	const unsigned char *c = (const unsigned char *)text;
	if (length == 1)
		return c[0] < 0x20 || c[0] >= 0x7f;
	if (length == 2)
		return (c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xd8 && c[1] == 0x9c);
	if (length == 3 && c[0] == 0xe2)
		return (c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
		       (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
	return false;
}

void prl_cli_words(const char *text, char words[CLI_WORDS_MAX])
{
	static const char more[] = "…";
	size_t used = 0;
	for (size_t length; *text; text += length) {
		length = character(text);
		if (used + length + sizeof more > CLI_WORDS_MAX) {
			memcpy(words + used, more, sizeof more);
			return;
		}
		if (is_control(text, length)) {
			words[used++] = ' ';
			continue;
		}
		memcpy(words + used, text, length);
		used += length;
	}
	words[used] = 0;
}

char *prl_cli_clean(const char *text)
{
	char *clean = malloc(strlen(text) + 1);
	size_t used = 0;
	if (!clean)
		return NULL;
	for (size_t length; *text; text += length) {
		length = character(text);
		bool good = prl_utf8_check((prl_bytes){ text, length }, true);
		if (!good || is_control(text, length)) {
			clean[used++] = good ? ' ' : '?';
			continue;
		}
		memcpy(clean + used, text, length);
		used += length;
	}
	clean[used] = 0;
	return clean;
}

void prl_cli_body_words(const json_t *body, char words[CLI_WORDS_MAX])
{
	const char *text = json_string_value(json_object_get(body, "text"));
	char *all = text ? NULL : json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
	prl_cli_words(text ? text : all ? all : "", words);
	free(all);
}

const char *prl_cli_mode_text(int mode)
{
	static const char *const texts[] = {
		[PRL_MODE_REAL] = "REAL", [PRL_MODE_EXERCISE] = "EXERCISE", [PRL_MODE_TEST] = "TEST"
	};
	return texts[mode];
}
