#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/clean.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* prl_utf8_decode against jansson, which takes a string exactly when it is UTF-8. */
static void utf8(void **unused)
{
	(void)unused;
	static const unsigned char edges[] = { 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
		                               0xe0, 0xec, 0xed, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff };
	enum { N = sizeof edges };
	for (unsigned a = 0; a < N; a++)
		for (unsigned b = 0; b <= N; b++)
			for (unsigned c = 0; c <= N; c++)
				for (unsigned d = 0; d <= (c < N ? N : 0u); d++) {
					char text[5] = { (char)edges[a], b < N ? (char)edges[b] : 0, 0, 0, 0 };
					if (b < N && c < N)
						text[2] = (char)edges[c];
					if (b < N && c < N && d < N)
						text[3] = (char)edges[d];
					json_t *json = json_string(text);
					size_t at = 0, length = 1;
					uint32_t character;
					while (text[at] && (length = prl_utf8_decode(text + at, &character)))
						at += length;
					assert_int_equal(text[at] == 0, json != NULL);
					json_decref(json);
				}
}

static void cleaned(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" },
		{ "Deir ez-Zor", "Deir ez-Zor" },
		{ "\xd8\xaf\xd9\x8a\xd8\xb1 35\xc2\xb0", "\xd8\xaf\xd9\x8a\xd8\xb1 35\xc2\xb0" },
		{ "a\x1b[2Jb\n", "a?[2Jb?" },
		{ "\x7f\xc2\x9b\xc2\x80", "???" },
		{ "\xe2\x80\xae gpj.exe", "? gpj.exe" },
		{ "\xff\xc3", "??" },
		{ "\xed\xa0\x80", "???" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char shown[100];
		prl_clean(cases[i].text, shown, sizeof shown);
		assert_string_equal(shown, cases[i].shown);
	}
}

/* Cut off at a whole character, in any room. */
static void short_room(void **unused)
{
	(void)unused;
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	for (size_t room = 1; room < 20; room++) {
		char *shown = malloc(room);
		uint32_t character;
		assert_non_null(shown);
		prl_clean(text, shown, room);
		assert_memory_equal(shown, text, strlen(shown));
		for (size_t at = 0, length; shown[at]; at += length) {
			length = prl_utf8_decode(shown + at, &character);
			assert_true(length > 0);
		}
		free(shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(utf8), cmocka_unit_test(cleaned),
		                            cmocka_unit_test(short_room) };
	return cmocka_run_group_tests_name("formats/clean", tests, NULL, NULL);
}
