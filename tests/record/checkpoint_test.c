#include "base/hash.h"
#include "base/text.h"
#include "record/key.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define TEXT "example.com/behind-the-sofa\n20852163\n" ROOT "\n" /* the example of tlog-checkpoint */
#define LOG_LINE                                                                                                       \
	"\xe2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"           \
	"Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
#define WITNESS_LINE                                                                                                   \
	"\xe2\x80\x94 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"                                     \
	"zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"

static prl_signer signer_of(const char *name, prl_key_type type, uint8_t seed_byte)
{
	uint8_t seed[32] = { seed_byte };
	prl_signer signer;
	assert_int_equal(prl_signer_from_seed(name, type, seed, &signer, NULL), PRL_OK);
	return signer;
}

static void text_of_the_specification(void **state)
{
	(void)state;
	prl_checkpoint checkpoint;
	char text[PRL_CHECKPOINT_TEXT_MAX];
	assert_int_equal(prl_checkpoint_read(prl_bytes_of(TEXT), &checkpoint, NULL), PRL_OK);
	assert_string_equal(checkpoint.origin, "example.com/behind-the-sofa");
	assert_int_equal(checkpoint.size, 20852163);
	assert_int_equal(prl_checkpoint_write(&checkpoint, text), strlen(TEXT));
	assert_string_equal(text, TEXT);
}

/* The example of tlog-cosignature as a note: who signed, and the time in its cosignature, 1679315147. */
static void note_of_the_specification(void **state)
{
	(void)state;
	prl_note note;
	assert_int_equal(prl_note_read(prl_bytes_of(TEXT "\n" LOG_LINE WITNESS_LINE), &note, NULL), PRL_OK);
	assert_int_equal(note.count, 2);
	assert_int_equal(note.signatures[0].size, 64);
	assert_int_equal(note.signatures[1].size, 72);
	static const uint8_t time[8] = { 0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb };
	assert_memory_equal(note.signatures[1].bytes, time, 8);
}

static void texts_are_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t line;
	} wrong[] = {
		{ "", 1 },
		{ "\n1\n" ROOT "\n", 1 },
		{ "a b\n1\n" ROOT "\n", 1 },
		{ "a+b\n1\n" ROOT "\n", 1 },
		{ "a", 1 },
		{ "a\n", 2 },
		{ "a\n01\n" ROOT "\n", 2 },
		{ "a\n-1\n" ROOT "\n", 2 },
		{ "a\n1 \n" ROOT "\n", 2 },
		{ "a\n\n" ROOT "\n", 2 },
		{ "a\n9223372036854775808\n" ROOT "\n", 2 },
		{ "a\n1\n", 3 },
		{ "a\n1\n" ROOT, 3 },
		{ "a\n1\n" ROOT " \n", 3 },
		{ "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", 3 }, /* bits that are not zero */
		{ "a\n1\nAAAA\n", 3 },
		{ "a\n1\n" ROOT "\nextension\n", 4 },
		{ "a\n1\n" ROOT "\n\n", 4 },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_checkpoint checkpoint = { .size = 7 };
		prl_error err;
		assert_int_equal(prl_checkpoint_read(prl_bytes_of(wrong[i].text), &checkpoint, &err), PRL_E_SYNTAX);
		assert_int_equal(err.line, wrong[i].line);
		assert_int_equal(checkpoint.size, 7);
	}
}

static void texts_of_the_largest(void **state)
{
	(void)state;
	prl_checkpoint checkpoint = { .size = INT64_MAX }, back;
	char text[PRL_CHECKPOINT_TEXT_MAX], line[PRL_SIGNATURE_LINE_MAX];
	memset(checkpoint.origin, 'o', PRL_KEY_NAME_MAX);
	prl_signer cosigner = signer_of(checkpoint.origin, PRL_KEY_COSIGNATURE, 1);
	prl_signer log = signer_of(checkpoint.origin, PRL_KEY_NOTE, 1);
	size_t size = prl_checkpoint_write(&checkpoint, text);
	assert_int_equal(size, strlen(text));
	assert_int_equal(prl_checkpoint_read((prl_bytes){ text, size }, &back, NULL), PRL_OK);
	assert_true(strcmp(back.origin, checkpoint.origin) == 0 && back.size == INT64_MAX);
	size_t length = prl_cosign((prl_bytes){ text, size }, &cosigner, INT64_MAX, line);
	assert_int_equal(length, strlen(line));
	assert_int_equal(line[length - 1], '\n');
	length = prl_note_sign((prl_bytes){ text, size }, &log, line);
	assert_int_equal(length, strlen(line));
	assert_int_equal(line[length - 1], '\n');
}

/* A checkpoint note signed by log and cosigned by each of the cosigners at its time. */
typedef struct signed_checkpoint {
	char bytes[4000];
	size_t size;
} signed_checkpoint;

static signed_checkpoint make(const char *text, const prl_signer *log)
{
	signed_checkpoint c;
	char line[PRL_SIGNATURE_LINE_MAX] = "";
	if (log)
		assert_true(prl_note_sign(prl_bytes_of(text), log, line) > 0);
	c.size = (size_t)snprintf(c.bytes, sizeof c.bytes, "%s\n%s", text, line);
	return c;
}

static void add(signed_checkpoint *c, const char *text, const prl_signer *cosigner, uint64_t time_s)
{
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t length = prl_cosign(prl_bytes_of(text), cosigner, time_s, line);
	assert_true(length > 0);
	memcpy(c->bytes + c->size, line, length);
	c->size += length;
}

#define BYTES(c) ((prl_bytes){ (c).bytes, (c).size })

static void opening(void **state)
{
	(void)state;
	prl_signer log = signer_of("example.com/behind-the-sofa", PRL_KEY_NOTE, 1);
	prl_signer rotated = signer_of("example.com/behind-the-sofa", PRL_KEY_NOTE, 2);
	prl_signer other = signer_of("example.com/else", PRL_KEY_NOTE, 1);
	prl_checkpoint checkpoint = { .size = 7 };
	prl_note note;
	prl_error err;
	signed_checkpoint c = make(TEXT, &log);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &log.verifier, &checkpoint, &note, NULL), PRL_OK);
	assert_int_equal(checkpoint.size, 20852163);
	assert_int_equal(note.count, 1);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &log.verifier, &checkpoint, NULL, NULL), PRL_OK);

	checkpoint.size = 7;
	assert_int_equal(prl_checkpoint_open(BYTES(c), &rotated.verifier, &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &other.verifier, &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	c = make(TEXT, &other); /* another log's key over this log's checkpoint */
	assert_int_equal(prl_checkpoint_open(BYTES(c), &other.verifier, &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "behind-the-sofa"));
	c = make(TEXT, NULL);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &log.verifier, &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	c = make(TEXT "extension\n", &log);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &log.verifier, &checkpoint, NULL, &err), PRL_E_SYNTAX);
	static char large[PRL_CHECKPOINT_MAX + 1];
	assert_int_equal(
		prl_checkpoint_open((prl_bytes){ large, sizeof large }, &log.verifier, &checkpoint, NULL, &err),
		PRL_E_TOO_LARGE);
	assert_int_equal(checkpoint.size, 7);
}

/* What is signed, byte for byte as the specification has it, by the primitive below. */
static void cosigned_message_of_the_specification(void **state)
{
	(void)state;
	prl_signer cosigner = signer_of("w", PRL_KEY_COSIGNATURE, 9);
	char line[PRL_SIGNATURE_LINE_MAX], expected[PRL_SIGNATURE_LINE_MAX];
	uint8_t bytes[72] = { 0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb };
	prl_signer_sign(&cosigner, prl_bytes_of("cosignature/v1\ntime 1679315147\n" TEXT), bytes + 8);
	prl_signature_write(&cosigner.verifier, bytes, 72, expected);
	assert_int_equal(prl_cosign(prl_bytes_of(TEXT), &cosigner, 1679315147, line), strlen(expected));
	assert_string_equal(line, expected);
}

static void cosignatures(void **state)
{
	(void)state;
	prl_signer log = signer_of("example.com/behind-the-sofa", PRL_KEY_NOTE, 1);
	prl_signer w = signer_of("w", PRL_KEY_COSIGNATURE, 2), absent = signer_of("w", PRL_KEY_COSIGNATURE, 3);
	prl_note note;
	prl_error err;
	uint64_t time_s = 7;
	signed_checkpoint c = make(TEXT, &log);
	assert_int_equal(prl_note_read(BYTES(c), &note, NULL), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, &err), PRL_E_NOT_FOUND);
	add(&c, TEXT, &w, 200);
	assert_int_equal(prl_note_read(BYTES(c), &note, NULL), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&note, &absent.verifier, &time_s, &err), PRL_E_NOT_FOUND);
	assert_int_equal(prl_cosignature_verify(&note, &log.verifier, &time_s, &err), PRL_E_NOT_FOUND);
	assert_int_equal(time_s, 7);
	assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 200);
	add(&c, TEXT, &w, 100); /* twice: the earliest counts */
	add(&c, TEXT, &w, 300);
	assert_int_equal(prl_note_read(BYTES(c), &note, NULL), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 100);
	add(&c, "example.com/behind-the-sofa\n20852164\n" ROOT "\n", &w, 50); /* of another size */
	assert_int_equal(prl_note_read(BYTES(c), &note, NULL), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, &err), PRL_E_SIGNATURE);
	assert_int_equal(time_s, 100);
	assert_int_equal(prl_checkpoint_open(BYTES(c), &log.verifier, &(prl_checkpoint){ 0 }, NULL, NULL), PRL_OK);
}

/* A time is part of what is signed; past 2^63 - 1 it holds for nobody. */
static void times(void **state)
{
	(void)state;
	static const uint64_t all[] = { 0, 1, 1679315147, UINT64_C(1) << 32, INT64_MAX };
	prl_signer w = signer_of("w", PRL_KEY_COSIGNATURE, 2), note_key = signer_of("w", PRL_KEY_NOTE, 2);
	char line[PRL_SIGNATURE_LINE_MAX];
	prl_note note;
	uint64_t time_s;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		signed_checkpoint c = make(TEXT, NULL);
		add(&c, TEXT, &w, all[i]);
		assert_int_equal(prl_note_read(BYTES(c), &note, NULL), PRL_OK);
		assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, NULL), PRL_OK);
		assert_int_equal(time_s, all[i]);
		note.signatures[0].bytes[7] ^= 1;
		assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, NULL), PRL_E_SIGNATURE);
	}
	assert_int_equal(prl_cosign(prl_bytes_of(TEXT), &w, (uint64_t)INT64_MAX + 1, line), 0);
	assert_int_equal(prl_cosign(prl_bytes_of(TEXT), &note_key, 1, line), 0);
	assert_int_equal(prl_cosign(prl_bytes_of(TEXT "x\n"), &w, 1, line), 0);
	/* signed as the specification forbids */
	uint8_t bytes[72] = { 0x80 };
	prl_signer_sign(&w, prl_bytes_of("cosignature/v1\ntime 9223372036854775808\n" TEXT), bytes + 8);
	prl_signature_write(&w.verifier, bytes, 72, line);
	signed_checkpoint c = make(TEXT, NULL);
	strcat(c.bytes, line);
	assert_int_equal(prl_note_read(prl_bytes_of(c.bytes), &note, NULL), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&note, &w.verifier, &time_s, NULL), PRL_E_SIGNATURE);
}

/* One byte of a signed and cosigned checkpoint changed in any way: nobody opens it, or the cosignature is gone or does
 * not hold, unless the change is in the other one's line; never is another checkpoint read from it. */
static void tampering_is_noticed(void **state)
{
	(void)state;
	prl_signer log = signer_of("example.com/behind-the-sofa", PRL_KEY_NOTE, 1);
	prl_signer w = signer_of("w", PRL_KEY_COSIGNATURE, 2);
	signed_checkpoint original = make(TEXT, &log);
	size_t cosignature_from = original.size;
	add(&original, TEXT, &w, 1679315147);
	for (size_t i = 0; i < original.size; i++)
		for (unsigned change = 1; change < 256; change++) {
			signed_checkpoint c = original;
			prl_checkpoint checkpoint;
			prl_note note;
			uint64_t time_s;
			c.bytes[i] = (char)(c.bytes[i] ^ (int)change);
			bool opened = !prl_checkpoint_open(BYTES(c), &log.verifier, &checkpoint, &note, NULL);
			bool cosigned = !prl_note_read(BYTES(c), &note, NULL) &&
					!prl_cosignature_verify(&note, &w.verifier, &time_s, NULL);
			assert_true(!opened || (i >= cosignature_from && checkpoint.size == 20852163));
			assert_true(!cosigned || (i < cosignature_from && i > strlen(TEXT)));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_the_specification),
		cmocka_unit_test(note_of_the_specification),
		cmocka_unit_test(texts_are_strict),
		cmocka_unit_test(texts_of_the_largest),
		cmocka_unit_test(opening),
		cmocka_unit_test(cosigned_message_of_the_specification),
		cmocka_unit_test(cosignatures),
		cmocka_unit_test(times),
		cmocka_unit_test(tampering_is_noticed),
	};
	return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
