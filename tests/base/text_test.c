#include "base/hash.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void base64_of_rfc_4648(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { "", "" },
						{ "f", "Zg==" },
						{ "fo", "Zm8=" },
						{ "foo", "Zm9v" },
						{ "foob", "Zm9vYg==" },
						{ "fooba", "Zm9vYmE=" },
						{ "foobar", "Zm9vYmFy" } };
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char text[64], back[64];
		size_t size;
		prl_base64_write(pairs[i][0], strlen(pairs[i][0]), text);
		assert_string_equal(text, pairs[i][1]);
		assert_true(prl_base64_read(prl_bytes_of(text), back, sizeof back, &size));
		assert_int_equal(size, strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], size);
	}
}

static void base64_has_one_text_a_value(void **state)
{
	(void)state;
	static const char *const wrong[] = { "Zg=",  "Zg",   "Zh==",     "Zm9=",  "Zg==\n", " Zg==", "Zg==Zg==",
					     "Z===", "====", "Zm9v-_==", "Zm 9v", "Zg=a",   "=Zg=" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char back[64];
		size_t size;
		assert_false(prl_base64_read(prl_bytes_of(wrong[i]), back, sizeof back, &size));
	}
	char small[2];
	size_t size;
	assert_false(prl_base64_read(prl_bytes_of("Zm9v"), small, sizeof small, &size));
}

static void sha256_of_fips_180(void **state)
{
	(void)state;
	char text[PRL_HASH_TEXT_MAX], hex[65];
	prl_hash hash = prl_sha256("", 0);
	prl_hash_write(&hash, text);
	assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	prl_bytes pieces[] = { { "a", 1 }, { "bc", 2 } };
	hash = prl_sha256_pieces(pieces, 2);
	prl_hex_write(hash.bytes, 32, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	prl_hash back;
	assert_true(prl_hex_read(prl_bytes_of(hex), back.bytes, 32));
	assert_true(prl_hash_equal(&hash, &back));
	hex[0] = 'B';
	assert_false(prl_hex_read(prl_bytes_of(hex), back.bytes, 32));
}

static void utf8_is_well_formed(void **state)
{
	(void)state;
	static const char *const right[] = { "", "a\nb", "é", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf", "اللاذقية" };
	static const char *const wrong[] = { "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",         "\xf4\x90\x80\x80",
					     "\x80",     "\xe2\x82",     "\xf8\x88\x80\x80\x80", "\xc3" };
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		assert_true(prl_utf8_check(prl_bytes_of(right[i]), false));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(prl_utf8_check(prl_bytes_of(wrong[i]), true));
	assert_false(prl_utf8_check(prl_bytes_of("a\tb"), false));
	assert_true(prl_utf8_check(prl_bytes_of("a\tb"), true));
	assert_false(prl_utf8_check(prl_bytes_of("a\rb"), false));
	assert_false(prl_utf8_check((prl_bytes){ "a\0b", 3 }, false));
	assert_false(prl_utf8_check(prl_bytes_of("\x7f"), false));
}

/* Eight bytes at a time or one: each byte value in each place of texts of each length. */
static void utf8_by_words(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 20; size++)
		for (size_t at = 0; at < size; at++)
			for (unsigned byte = 0; byte < 256; byte++)
				for (unsigned fill = 0; fill < 3; fill++) {
					char text[20];
					memset(text, " ~\n"[fill], size);
					text[at] = (char)byte;
					bool control = (byte < 0x20 && byte != '\n') || byte == 0x7f;
					assert_int_equal(prl_utf8_check((prl_bytes){ text, size }, true), byte < 0x80);
					assert_int_equal(prl_utf8_check((prl_bytes){ text, size }, false), byte < 0x80 && !control);
				}
}

static void decimal_is_strict(void **state)
{
	(void)state;
	uint64_t value = 7;
	assert_true(prl_decimal_read(prl_bytes_of("18446744073709551615"), &value) && value == UINT64_MAX);
	assert_true(prl_decimal_read(prl_bytes_of("0"), &value) && value == 0);
	static const char *const wrong[] = { "",    "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616",
					     "1e3", "0x1" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(prl_decimal_read(prl_bytes_of(wrong[i]), &value));
}

static void lines_are_taken(void **state)
{
	(void)state;
	prl_bytes rest = prl_bytes_of("a\n\nb"), line;
	assert_true(prl_line_take(&rest, &line) && prl_bytes_is(line, "a"));
	assert_true(prl_line_take(&rest, &line) && line.size == 0);
	assert_false(prl_line_take(&rest, &line));
	assert_true(prl_bytes_is(rest, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_of_rfc_4648), cmocka_unit_test(base64_has_one_text_a_value),
		cmocka_unit_test(sha256_of_fips_180), cmocka_unit_test(utf8_is_well_formed),
		cmocka_unit_test(utf8_by_words),
		cmocka_unit_test(decimal_is_strict),  cmocka_unit_test(lines_are_taken),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
