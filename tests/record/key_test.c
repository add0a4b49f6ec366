#include "record/key.h"

#include "base/hash.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The key pair of the tests of golang.org/x/mod/sumdb/note. */
#define PETER   "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PRIVATE "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

static void unhex(const char *hex, void *data, size_t size)
{
	assert_true(prl_hex_read(prl_bytes_of(hex), data, size));
}

static void keys_of_x_mod(void **state)
{
	(void)state;
	prl_verifier verifier;
	prl_signer signer;
	char text[PRL_KEY_TEXT_MAX];
	assert_int_equal(prl_verifier_read(prl_bytes_of(PETER), &verifier, NULL), PRL_OK);
	assert_string_equal(verifier.name, "PeterNeumann");
	assert_int_equal(verifier.id, 0xc74f20a3);
	assert_int_equal(verifier.type, PRL_KEY_NOTE);
	prl_verifier_write(&verifier, text);
	assert_string_equal(text, PETER);
	assert_int_equal(prl_signer_read(prl_bytes_of(PRIVATE), &signer, NULL), PRL_OK);
	assert_memory_equal(signer.verifier.public_key, verifier.public_key, 32);
	prl_signer_write(&signer, text);
	assert_string_equal(text, PRIVATE);
	prl_signer_wipe(&signer);
	for (size_t i = 0; i < sizeof signer; i++)
		assert_int_equal(((const uint8_t *)&signer)[i], 0);
}

static void every_other_text_is_refused(void **state)
{
	(void)state;
	prl_verifier verifier = { .id = 7 };
	prl_signer signer = { .verifier.id = 7 };
	prl_error err;
	char text[] = PETER, private_text[] = PRIVATE;
	for (size_t from = 0; from < strlen(text); from++)
		for (size_t size = 0; size <= strlen(text) - from; size++)
			if (size != strlen(text))
				assert_int_not_equal(
					prl_verifier_read((prl_bytes){ text + from, size }, &verifier, &err), PRL_OK);
	for (size_t i = 0; i < strlen(text); i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			assert_int_not_equal(prl_verifier_read(prl_bytes_of(text), &verifier, &err), PRL_OK);
			assert_true(err.text[0]);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	for (size_t i = 0; i < strlen(private_text); i++)
		for (int bit = 0; bit < 8; bit++) {
			private_text[i] = (char)(private_text[i] ^ 1 << bit);
			assert_int_not_equal(prl_signer_read(prl_bytes_of(private_text), &signer, &err), PRL_OK);
			assert_null(strstr(err.text, "AYEKFALV"));
			private_text[i] = (char)(private_text[i] ^ 1 << bit);
		}
	assert_int_equal(verifier.id, 7);
	assert_int_equal(signer.verifier.id, 7);
}

/* A text of a key with the right id over any material: what is refused is refused for itself. */
static prl_status read_material(const char *name, uint8_t type, const uint8_t *key, size_t size)
{
	uint8_t material[64] = { type };
	char hex[9], base64[100], text[300];
	prl_verifier verifier;
	memcpy(material + 1, key, size);
	const prl_bytes pieces[] = { prl_bytes_of(name), { "\n", 1 }, { (const char *)material, size + 1 } };
	prl_hash hash = prl_sha256_pieces(pieces, 3);
	prl_hex_write(hash.bytes, 4, hex);
	prl_base64_write(material, size + 1, base64);
	snprintf(text, sizeof text, "%s+%s+%s", name, hex, base64);
	return prl_verifier_read(prl_bytes_of(text), &verifier, NULL);
}

static void types_and_lengths(void **state)
{
	(void)state;
	prl_verifier peter;
	uint8_t key[40] = { 0 };
	assert_int_equal(prl_verifier_read(prl_bytes_of(PETER), &peter, NULL), PRL_OK);
	memcpy(key, peter.public_key, 32);
	assert_int_equal(read_material("a", 0x01, key, 32), PRL_OK);
	assert_int_equal(read_material("a", 0x04, key, 32), PRL_OK);
	for (unsigned type = 0; type < 256; type++)
		if (type != 1 && type != 4)
			assert_int_equal(read_material("a", (uint8_t)type, key, 32), PRL_E_UNSUPPORTED);
	assert_int_equal(read_material("a", 0x01, key, 31), PRL_E_SYNTAX);
	assert_int_equal(read_material("a", 0x01, key, 33), PRL_E_SYNTAX);
	assert_int_equal(read_material("a", 0x01, key, 35), PRL_E_SYNTAX);
}

/* Names as signed-note has them; the id says nothing about them. */
static void names(void **state)
{
	(void)state;
	static const char *const right[] = { "a", "us.example/line", "é/ш", "us:1-2_3", "\xe2\x80\x94" };
	static const char *const wrong[] = { "",
					     "a b",
					     "a+b",
					     " a",
					     "a\n",
					     "a\t",
					     "a\xc2\xa0",
					     "\xe2\x80\x83",
					     "a\xe3\x80\x80",
					     "\xe1\x9a\x80",
					     "\xc2\x85",
					     "\xe2\x81\x9f",
					     "\xe2\x80\xa8",
					     "\xe2\x80\xaf",
					     "\x7f",
					     "\xc0\xaf",
					     "a\xe2\x80" };
	char longest[PRL_KEY_NAME_MAX + 2];
	prl_signer signer;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		assert_int_equal(prl_signer_new(right[i], PRL_KEY_NOTE, &signer, NULL), PRL_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(prl_signer_new(wrong[i], PRL_KEY_NOTE, &signer, NULL), PRL_E_SYNTAX);
	memset(longest, 'n', sizeof longest);
	longest[PRL_KEY_NAME_MAX + 1] = 0;
	assert_int_equal(prl_signer_new(longest, PRL_KEY_NOTE, &signer, NULL), PRL_E_TOO_LARGE);
	longest[PRL_KEY_NAME_MAX] = 0;
	assert_int_equal(prl_signer_new(longest, PRL_KEY_COSIGNATURE, &signer, NULL), PRL_OK);
	char text[PRL_KEY_TEXT_MAX];
	prl_signer back;
	prl_signer_write(&signer, text);
	assert_int_equal(prl_signer_read(prl_bytes_of(text), &back, NULL), PRL_OK);
	assert_memory_equal(back.secret, signer.secret, 64);
	assert_string_equal(back.verifier.name, longest);
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static void signatures_of_rfc_8032(void **state)
{
	(void)state;
	static const struct {
		const char *seed, *public_key, *message, *signature;
	} tests[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
		  "d25bf5f0595bbe24655141438e7a100b" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
		  "387b2eaeb4302aeeb00d291612bb0c00" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
		  "4a7c15e9716ed28dc027beceea1ec40a" },
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		uint8_t seed[32], public_key[32], message[2], expected[64], signature[64];
		prl_signer signer;
		size_t size = strlen(tests[i].message) / 2;
		unhex(tests[i].seed, seed, 32);
		unhex(tests[i].public_key, public_key, 32);
		unhex(tests[i].message, message, size);
		unhex(tests[i].signature, expected, 64);
		assert_int_equal(prl_signer_from_seed("a", PRL_KEY_NOTE, seed, &signer, NULL), PRL_OK);
		assert_memory_equal(signer.verifier.public_key, public_key, 32);
		prl_signer_sign(&signer, (prl_bytes){ (char *)message, size }, signature);
		assert_memory_equal(signature, expected, 64);
		assert_true(prl_verifier_holds(&signer.verifier, (prl_bytes){ (char *)message, size }, signature));
	}
}

/* Every encoding of a point of small order (orders 1, 2, 4 and 8, the non-canonical ones too), and encodings that are
 * no canonical point. With one of the first as public key and as R, and S = 0, other verifiers take some signature for
 * every message ("Taming the many EdDSAs", table 6, cases 0 to 2). */
static const char *const odd_keys[] = {
	"0100000000000000000000000000000000000000000000000000000000000000", /* order 1 */
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
	"0000000000000000000000000000000000000000000000000000000000000000", /* order 4 */
	"0000000000000000000000000000000000000000000000000000000000000080", /* order 4 */
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", /* order 8 */
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", /* order 8 */
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* order 8 */
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", /* order 8 */
	"0100000000000000000000000000000000000000000000000000000000000080", /* order 1, sign of x = 0 set */
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", /* order 2, sign of x = 0 set */
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p + 1 */
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p */
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0200000000000000000000000000000000000000000000000000000000000000", /* y = 2: not on the curve */
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void odd_public_keys_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odd_keys / sizeof *odd_keys; i++) {
		uint8_t key[32];
		prl_verifier verifier;
		prl_error err;
		unhex(odd_keys[i], key, 32);
		assert_int_equal(prl_verifier_new("a", PRL_KEY_NOTE, key, &verifier, &err), PRL_E_SYNTAX);
		assert_int_equal(prl_verifier_new("a", PRL_KEY_COSIGNATURE, key, &verifier, &err), PRL_E_SYNTAX);
		assert_int_equal(read_material("a", 0x01, key, 32), PRL_E_SYNTAX);
	}
}

/* The order of the base point, little endian (RFC 8032 section 5.1). */
static const char order[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/* S and S + k·L verify alike where the range of S is not looked at (RFC 8032 section 5.1.7 wants S < L). */
static void other_s_does_not_hold(void **state)
{
	(void)state;
	uint8_t l[32], signature[64];
	prl_signer signer;
	const prl_bytes message = prl_bytes_of("text\n");
	unhex(order, l, 32);
	assert_int_equal(prl_signer_new("a", PRL_KEY_NOTE, &signer, NULL), PRL_OK);
	prl_signer_sign(&signer, message, signature);
	assert_true(prl_verifier_holds(&signer.verifier, message, signature));
	for (int k = 1; k < 15; k++) { /* S + 15·L may pass 2^256 */
		unsigned carry = 0;
		for (size_t i = 0; i < 32; i++) {
			carry += (unsigned)signature[32 + i] + l[i];
			signature[32 + i] = (uint8_t)carry;
			carry >>= 8;
		}
		assert_int_equal(carry, 0);
		assert_false(prl_verifier_holds(&signer.verifier, message, signature));
	}
}

/* A verifier made by hand, past the door, with a key and R of small order and S = 0: libsodium takes none of them. */
static void small_orders_never_hold(void **state)
{
	(void)state;
	prl_verifier verifier = { .name = "a", .id = 1, .type = PRL_KEY_NOTE };
	for (size_t k = 0; k < sizeof odd_keys / sizeof *odd_keys; k++)
		for (size_t r = 0; r < sizeof odd_keys / sizeof *odd_keys; r++)
			for (char m = 'a'; m < 'a' + 16;
			     m++) { /* the hash times the key is 0 for one in eight messages */
				uint8_t signature[64] = { 0 };
				char message[2] = { m, '\n' };
				unhex(odd_keys[k], verifier.public_key, 32);
				unhex(odd_keys[r], signature, 32);
				assert_false(prl_verifier_holds(&verifier, (prl_bytes){ message, 2 }, signature));
			}
}

static void every_bit_of_a_signature_counts(void **state)
{
	(void)state;
	prl_signer signer;
	uint8_t signature[64];
	const prl_bytes message = prl_bytes_of("text\n");
	assert_int_equal(prl_signer_new("a", PRL_KEY_NOTE, &signer, NULL), PRL_OK);
	prl_signer_sign(&signer, message, signature);
	for (size_t bit = 0; bit < 512; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(prl_verifier_holds(&signer.verifier, message, signature));
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* Made by a program of a few lines in another language: int(sha256(01 ‖ key)) mod 10^48, in fours. */
static void fingerprint_is_decimal(void **state)
{
	(void)state;
	prl_verifier verifier;
	char text[PRL_FINGERPRINT_MAX];
	assert_int_equal(prl_verifier_read(prl_bytes_of(PETER), &verifier, NULL), PRL_OK);
	prl_verifier_fingerprint(&verifier, text);
	assert_string_equal(text, "8548 4130 9946 6149 9201 6827 2598 8794 8002 2232 3399 6039");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_x_mod),
		cmocka_unit_test(every_other_text_is_refused),
		cmocka_unit_test(types_and_lengths),
		cmocka_unit_test(names),
		cmocka_unit_test(signatures_of_rfc_8032),
		cmocka_unit_test(odd_public_keys_are_refused),
		cmocka_unit_test(other_s_does_not_hold),
		cmocka_unit_test(small_orders_never_hold),
		cmocka_unit_test(every_bit_of_a_signature_counts),
		cmocka_unit_test(fingerprint_is_decimal),
	};
	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
