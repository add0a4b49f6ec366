#include "base/text.h"
#include "record/key.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The note and key of the tests of golang.org/x/mod/sumdb/note. */
#define PETER   "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PRIVATE "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define PETER_TEXT                                                                                                     \
	"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
#define PETER_LINE                                                                                                     \
	"\xe2\x80\x94 PeterNeumann "                                                                                   \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define DASH "\xe2\x80\x94 "

static prl_verifier peter(void)
{
	prl_verifier verifier;
	assert_int_equal(prl_verifier_read(prl_bytes_of(PETER), &verifier, NULL), PRL_OK);
	return verifier;
}

static prl_signer signer_of(const char *name, uint8_t seed_byte)
{
	uint8_t seed[32] = { seed_byte };
	prl_signer signer;
	assert_int_equal(prl_signer_from_seed(name, PRL_KEY_NOTE, seed, &signer, NULL), PRL_OK);
	return signer;
}

static void note_of_x_mod(void **state)
{
	(void)state;
	prl_note note;
	prl_signer signer;
	prl_verifier verifier = peter();
	char line[PRL_SIGNATURE_LINE_MAX];
	bool is_signed = false;
	assert_int_equal(prl_note_read(prl_bytes_of(PETER_TEXT "\n" PETER_LINE), &note, NULL), PRL_OK);
	assert_true(prl_bytes_is(note.text, PETER_TEXT));
	assert_int_equal(note.count, 1);
	assert_true(prl_bytes_is(note.signatures[0].line, PETER_LINE));
	assert_true(prl_bytes_is(note.signatures[0].name, "PeterNeumann"));
	assert_int_equal(note.signatures[0].id, 0xc74f20a3);
	assert_int_equal(note.signatures[0].size, 64);
	assert_int_equal(prl_note_verify(&note, &verifier, 1, &is_signed, NULL), PRL_OK);
	assert_true(is_signed);
	assert_int_equal(prl_signer_read(prl_bytes_of(PRIVATE), &signer, NULL), PRL_OK);
	assert_int_equal(prl_note_sign(prl_bytes_of(PETER_TEXT), &signer, line), strlen(PETER_LINE));
	assert_string_equal(line, PETER_LINE);
}

/* The example of C2SP signed-note: a text with an empty line in it, a name with a slash. */
static void note_of_c2sp(void **state)
{
	(void)state;
	prl_note note;
	assert_int_equal(
		prl_note_read(
			prl_bytes_of(
				"Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito "
				"sera.\n\n" DASH "quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/"
				"5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"),
			&note, NULL),
		PRL_OK);
	assert_int_equal(note.text.size,
			 strlen("Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è "
				"subito sera.\n"));
	assert_int_equal(note.count, 1);
	assert_int_equal(note.signatures[0].id, 0x367ba04b);
}

static void form_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t line;
	} wrong[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "a\n", 0 },
		{ "\n", 0 },
		{ "a\n" PETER_LINE, 0 },          /* no empty line */
		{ "a\n\n" DASH "a AAAAAAA=", 3 }, /* no last newline */
		{ "a\n\n" PETER_LINE "b", 4 },
		{ "a\n\n" PETER_LINE "b\n", 4 },
		{ "a\n\nb\n", 3 },                       /* no dash */
		{ "a\n\n- a AAAAAAA=\n", 3 },            /* hyphen */
		{ "a\n\n\xe2\x80\x93 a AAAAAAA=\n", 3 }, /* en dash */
		{ "a\n\n\xe2\x80\x94"
		  "a AAAAAAA=\n",
		  3 },
		{ "a\n\n" DASH "\n", 3 },
		{ "a\n\n" DASH "a\n", 3 },
		{ "a\n\n" DASH "a \n", 3 },
		{ "a\n\n" DASH " AAAAAAA=\n", 3 },
		{ "a\n\n" DASH "a  AAAAAAA=\n", 3 },
		{ "a\n\n" DASH "a+b AAAAAAA=\n", 3 },
		{ "a\n\n" DASH "a\xc2\xa0"
		  "b AAAAAAA=\n",
		  3 },
		{ "a\n\n" DASH "a AAAAAAA= \n", 3 },
		{ "a\n\n" DASH "a AAAAAA==\n", 3 }, /* 4 bytes: no signature */
		{ "a\n\n" DASH "a AAAAAAB=\n", 3 }, /* bits that are not zero */
		{ "a\n\n" DASH "a AAAAAAA\n", 3 },  /* no padding */
		{ "a\n\n" DASH "a AAAA_AA=\n", 3 }, /* another alphabet */
		{ "a\r\n\n" PETER_LINE, 0 },
		{ "a\n\n" DASH "a AAAAAAA=\r\n", 0 },
		{ "a\tb\n\n" PETER_LINE, 0 },
		{ "\xc0\xaf\n\n" PETER_LINE, 0 },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_note note = { .count = 7 };
		prl_error err;
		assert_int_equal(prl_note_read(prl_bytes_of(wrong[i].text), &note, &err), PRL_E_SYNTAX);
		assert_int_equal(err.line, wrong[i].line);
		assert_true(err.text[0]);
		assert_int_equal(note.count, 7);
	}
	assert_int_equal(prl_note_read((prl_bytes){ "a\0\n\n", 4 }, &(prl_note){ 0 }, NULL), PRL_E_SYNTAX);
}

static void split_at_the_last_empty_line(void **state)
{
	(void)state;
	static const struct {
		const char *note, *text;
		size_t count;
	} cases[] = {
		{ "a\n\n", "a\n", 0 },
		{ "\n\n", "\n", 0 },
		{ "a\n\n\n", "a\n\n", 0 },
		{ "a\n\n\n\n" PETER_LINE, "a\n\n\n", 1 },
		{ "a\n\n" PETER_LINE "\n", "a\n\n" PETER_LINE, 0 }, /* a signature that a text quotes is none */
		{ "a\n\n" PETER_LINE "\n" PETER_LINE PETER_LINE, "a\n\n" PETER_LINE, 2 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prl_note note;
		assert_int_equal(prl_note_read(prl_bytes_of(cases[i].note), &note, NULL), PRL_OK);
		assert_true(prl_bytes_is(note.text, cases[i].text));
		assert_int_equal(note.count, cases[i].count);
	}
}

/* Signatures of other types, ML-DSA's 2,420 bytes for one, are read past, but must be base64. */
static void long_signatures_are_read_past(void **state)
{
	(void)state;
	static uint8_t bytes[5000];
	static char base64[PRL_BASE64_SIZE(sizeof bytes) + 1], text[sizeof base64 + 100];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	for (size_t size = 5; size <= sizeof bytes; size += size < 300 ? 1 : 97) {
		prl_note note;
		prl_base64_write(bytes, size, base64);
		int length = snprintf(text, sizeof text, "a\n\n" DASH "n %s\n", base64);
		assert_int_equal(prl_note_read((prl_bytes){ text, (size_t)length }, &note, NULL), PRL_OK);
		assert_int_equal(note.signatures[0].id, 0x01080f16);
		assert_int_equal(note.signatures[0].size, size - 4 <= 72 ? size - 4 : 0);
		assert_memory_equal(note.signatures[0].bytes, bytes + 4, note.signatures[0].size);
		text[size % (size_t)(length - 11) + 9] = '*';
		assert_int_equal(prl_note_read((prl_bytes){ text, (size_t)length }, &note, NULL), PRL_E_SYNTAX);
	}
	/* padding in the middle, at the end of a piece */
	memset(base64, 'A', 520);
	base64[520] = 0;
	base64[255] = '=';
	int length = snprintf(text, sizeof text, "a\n\n" DASH "n %s\n", base64);
	assert_int_equal(prl_note_read((prl_bytes){ text, (size_t)length }, &(prl_note){ 0 }, NULL), PRL_E_SYNTAX);
}

static void many_signatures(void **state)
{
	(void)state;
	static char text[PRL_NOTE_SIGNATURES_MAX * 20 + 100];
	prl_note note;
	prl_error err;
	size_t size = (size_t)sprintf(text, "a\n\n");
	for (size_t i = 0; i < PRL_NOTE_SIGNATURES_MAX; i++)
		size += (size_t)sprintf(text + size, DASH "a AAAAAAA=\n");
	assert_int_equal(prl_note_read((prl_bytes){ text, size }, &note, NULL), PRL_OK);
	assert_int_equal(note.count, PRL_NOTE_SIGNATURES_MAX);
	size += (size_t)sprintf(text + size, DASH "a AAAAAAA=\n");
	assert_int_equal(prl_note_read((prl_bytes){ text, size }, &note, &err), PRL_E_TOO_LARGE);
	assert_int_equal(err.line, 67);
}

/* signed-note, "Signatures": unknown keys are passed over, even with a known name or a known id; a known key must hold.
 */
static void who_counts(void **state)
{
	(void)state;
	prl_signer a = signer_of("a", 1), b = signer_of("b", 2), other = signer_of("a", 3);
	const prl_bytes text = prl_bytes_of("text\n"), other_text = prl_bytes_of("other\n");
	char line[4][PRL_SIGNATURE_LINE_MAX], bytes[1000];
	prl_verifier known[3] = { a.verifier, b.verifier, a.verifier };
	bool is_signed[3] = { true, true, true };
	prl_note note;
	prl_error err;
	assert_true(prl_note_sign(text, &a, line[0]) && prl_note_sign(text, &b, line[1]) &&
		    prl_note_sign(text, &other, line[2]) && prl_note_sign(other_text, &a, line[3]));
	known[2].type = PRL_KEY_COSIGNATURE; /* passed over */

	snprintf(bytes, sizeof bytes, "text\n\n%s%s", line[2], line[0]);
	assert_int_equal(prl_note_read(prl_bytes_of(bytes), &note, NULL), PRL_OK);
	assert_int_equal(prl_note_verify(&note, known, 3, is_signed, NULL), PRL_OK);
	assert_true(is_signed[0] && !is_signed[1] && !is_signed[2]);

	/* known with one signature that holds and one that does not, in both orders */
	for (int order = 0; order < 2; order++) {
		snprintf(bytes, sizeof bytes, "text\n\n%s%s", line[order ? 3 : 0], line[order ? 0 : 3]);
		assert_int_equal(prl_note_read(prl_bytes_of(bytes), &note, NULL), PRL_OK);
		bool flags[3] = { false, true, true };
		assert_int_equal(prl_note_verify(&note, known, 3, flags, &err), PRL_E_SIGNATURE);
		assert_true(!flags[0] && flags[1] && flags[2]);
		assert_non_null(strstr(err.text, "of a "));
	}
	/* the same line twice is the same signature */
	snprintf(bytes, sizeof bytes, "text\n\n%s%s%s", line[0], line[1], line[0]);
	assert_int_equal(prl_note_read(prl_bytes_of(bytes), &note, NULL), PRL_OK);
	assert_int_equal(prl_note_verify(&note, known, 3, is_signed, NULL), PRL_OK);
	assert_true(is_signed[0] && is_signed[1]);

	/* nobody known, and nobody at all */
	snprintf(bytes, sizeof bytes, "text\n\n%s", line[2]);
	assert_int_equal(prl_note_read(prl_bytes_of(bytes), &note, NULL), PRL_OK);
	assert_int_equal(prl_note_verify(&note, known, 3, is_signed, NULL), PRL_OK);
	assert_true(!is_signed[0] && !is_signed[1]);
	assert_int_equal(prl_note_read(prl_bytes_of("text\n\n"), &note, NULL), PRL_OK);
	assert_int_equal(prl_note_verify(&note, known, 3, is_signed, NULL), PRL_OK);
	assert_true(!is_signed[0] && !is_signed[1]);
}

/* The id and name of a known key before too few bytes, or before too many. */
static void other_lengths_do_not_hold(void **state)
{
	(void)state;
	prl_signer a = signer_of("a", 1);
	uint8_t signature[72] = { 0 };
	char line[PRL_SIGNATURE_LINE_MAX], bytes[1000];
	prl_signer_sign(&a, prl_bytes_of("text\n"), signature);
	for (size_t size = 1; size <= 72; size++) {
		prl_note note;
		bool is_signed;
		prl_signature_write(&a.verifier, signature, size, line);
		snprintf(bytes, sizeof bytes, "text\n\n%s", line);
		assert_int_equal(prl_note_read(prl_bytes_of(bytes), &note, NULL), PRL_OK);
		assert_int_equal(prl_note_verify(&note, &a.verifier, 1, &is_signed, NULL),
				 size == 64 ? PRL_OK : PRL_E_SIGNATURE);
	}
}

static void what_is_no_text_is_not_signed(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "a", "a\nb", "a\r\n", "\xff\n" };
	prl_signer a = signer_of("a", 1);
	char line[PRL_SIGNATURE_LINE_MAX];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(prl_note_sign(prl_bytes_of(wrong[i]), &a, line), 0);
	a.verifier.type = PRL_KEY_COSIGNATURE;
	assert_int_equal(prl_note_sign(prl_bytes_of("a\n"), &a, line), 0);
}

/* Whoever changes one byte of a note with one signature, in any way, gets a note that is refused by the reader, or by
 * the verifier, or one that nobody known signed: no changed note is signed, and none gives another text as signed. */
static void tampering_is_noticed(void **state)
{
	(void)state;
	static const char original[] = PETER_TEXT "\n" PETER_LINE;
	char bytes[sizeof original];
	prl_verifier verifier = peter();
	size_t refused = 0, not_held = 0, unsigned_ = 0;
	for (size_t i = 0; i < sizeof original - 1; i++)
		for (unsigned change = 1; change < 256; change++) {
			prl_note note;
			bool is_signed = true;
			memcpy(bytes, original, sizeof bytes);
			bytes[i] = (char)(bytes[i] ^ (int)change);
			if (prl_note_read((prl_bytes){ bytes, sizeof bytes - 1 }, &note, NULL)) {
				refused++;
				continue;
			}
			if (prl_note_verify(&note, &verifier, 1, &is_signed, NULL)) {
				not_held++;
				continue;
			}
			assert_false(is_signed);
			unsigned_++;
		}
	assert_true(refused > 0 && not_held > 0 && unsigned_ > 0);
	for (size_t cut = 1; cut < sizeof original; cut++) { /* bytes missing at the end, or at the front */
		prl_note note;
		bool is_signed = true;
		prl_bytes head = { original, sizeof original - 1 - cut },
			  tail = { original + cut, sizeof original - 1 - cut };
		if (!prl_note_read(head, &note, NULL) && !prl_note_verify(&note, &verifier, 1, &is_signed, NULL))
			assert_false(is_signed);
		is_signed = true;
		if (!prl_note_read(tail, &note, NULL) && !prl_note_verify(&note, &verifier, 1, &is_signed, NULL))
			assert_false(is_signed);
	}
}

/* Random texts, random signers: what is written is read, and holds. */
static void round_trip(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("note");
	size_t count = rnd_count(300, 30000);
	prl_signer signers[3] = { signer_of("a", 1), signer_of("b.example/c", 2), signer_of("ш", 3) };
	prl_verifier verifiers[3] = { signers[0].verifier, signers[1].verifier, signers[2].verifier };
	for (size_t n = 0; n < count; n++) {
		rnd r = rnd_case(seed, n);
		char bytes[2000], line[PRL_SIGNATURE_LINE_MAX];
		size_t size = 0;
		bool expected[3] = { false }, is_signed[3];
		for (size_t length = rnd_below(&r, 200); size < length;)
			bytes[size++] = "ab \n\n-"[rnd_below(&r, 6)];
		bytes[size++] = '\n';
		const prl_bytes text = { bytes, size };
		bytes[size++] = '\n';
		for (size_t lines = rnd_below(&r, 5); lines > 0; lines--) {
			size_t who = rnd_below(&r, 3);
			size_t length = prl_note_sign(text, &signers[who], line);
			memcpy(bytes + size, line, length);
			size += length;
			expected[who] = true;
		}
		prl_note note;
		assert_int_equal(prl_note_read((prl_bytes){ bytes, size }, &note, NULL), PRL_OK);
		assert_true(prl_bytes_equal(note.text, text));
		assert_int_equal(prl_note_verify(&note, verifiers, 3, is_signed, NULL), PRL_OK);
		assert_memory_equal(is_signed, expected, sizeof expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(note_of_x_mod),
		cmocka_unit_test(note_of_c2sp),
		cmocka_unit_test(form_is_strict),
		cmocka_unit_test(split_at_the_last_empty_line),
		cmocka_unit_test(long_signatures_are_read_past),
		cmocka_unit_test(many_signatures),
		cmocka_unit_test(who_counts),
		cmocka_unit_test(other_lengths_do_not_hold),
		cmocka_unit_test(what_is_no_text_is_not_signed),
		cmocka_unit_test(tampering_is_noticed),
		cmocka_unit_test(round_trip),
	};
	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
