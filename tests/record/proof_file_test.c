#include "base/text.h"
#include "support/naive_tree.h"
#include "support/random.h"
#include "support/test_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAVES 77u

static prl_signer key;
static prl_hash leaves[LEAVES];
static char note[PRL_CHECKPOINT_MAX];
static prl_bytes checkpoint;

static prl_bytes entry_of(uint64_t index, char text[32])
{
	return (prl_bytes){ text, (size_t)snprintf(text, 32, "entry %llu", (unsigned long long)index) };
}

static int make_tree(void **state)
{
	(void)state;
	char text[32];
	for (uint64_t i = 0; i < LEAVES; i++)
		leaves[i] = naive_leaf(entry_of(i, text));
	prl_hash root = naive_root(leaves, 0, LEAVES);
	key = test_signer("log.test/line", PRL_KEY_NOTE);
	checkpoint = (prl_bytes){ note, test_checkpoint(&key, LEAVES, &root, note) };
	return 0;
}

static prl_proof_file file_of(uint64_t index)
{
	prl_proof_file file = { .index = index, .checkpoint = checkpoint };
	naive_path(index, leaves, 0, LEAVES, &file.proof);
	return file;
}

static void every_entry_is_proven_by_its_file(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < LEAVES; i++) {
		prl_proof_file file = file_of(i), back;
		prl_checkpoint seen = { .size = 5 };
		char text[PRL_PROOF_FILE_MAX], entry[32];
		if (i % 2)
			file.extra = prl_bytes_of("ZXh0cmE=");
		size_t length = prl_proof_file_write(&file, text, sizeof text);
		assert_true(length > 0);
		assert_int_equal(prl_proof_file_read((prl_bytes){ text, length }, &back, NULL), PRL_OK);
		assert_true(back.index == i && prl_bytes_equal(back.checkpoint, checkpoint));
		assert_true(prl_bytes_equal(back.extra, file.extra) && !back.extra.data == !file.extra.data);
		assert_int_equal(prl_proof_file_verify(&back, entry_of(i, entry), &key.verifier, &seen, NULL), PRL_OK);
		assert_int_equal(seen.size, LEAVES);
		seen.size = 5;
		assert_int_equal(prl_proof_file_verify(&back, entry_of(i + 1, entry), &key.verifier, &seen, NULL),
				 PRL_E_SIGNATURE);
		assert_int_equal(seen.size, 5);
		assert_int_equal(prl_proof_file_write(&file, text, length - 1), 0);
		assert_int_equal(prl_proof_file_write(&file, text, length), length);
	}
}

/* One bit anywhere: the file is not read or does not hold. Extra data are not covered (tlog-proof), nor is the name in
 * a signature line that is then nobody's. */
static void every_bit_counts(void **state)
{
	(void)state;
	prl_proof_file file = file_of(33), back;
	char text[PRL_PROOF_FILE_MAX], entry[32];
	size_t length = prl_proof_file_write(&file, text, sizeof text);
	for (size_t i = 0; i < length; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ (1 << bit));
			prl_status status = prl_proof_file_read((prl_bytes){ text, length }, &back, NULL);
			if (!status)
				status = prl_proof_file_verify(&back, entry_of(33, entry), &key.verifier, NULL, NULL);
			assert_int_not_equal(status, PRL_OK);
			text[i] = (char)(text[i] ^ (1 << bit));
		}
	for (size_t shorter = 0; shorter < length; shorter++) {
		prl_status status = prl_proof_file_read((prl_bytes){ text, shorter }, &back, NULL);
		if (!status)
			status = prl_proof_file_verify(&back, entry_of(33, entry), &key.verifier, NULL, NULL);
		assert_int_not_equal(status, PRL_OK);
	}
}

static void another_logs_key_does_not_do(void **state)
{
	(void)state;
	prl_proof_file file = file_of(3);
	char entry[32];
	prl_signer other = test_signer("other.test/line", PRL_KEY_NOTE);
	assert_int_not_equal(prl_proof_file_verify(&file, entry_of(3, entry), &other.verifier, NULL, NULL), PRL_OK);
}

static void other_files_are_refused(void **state)
{
	(void)state;
#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	static const struct {
		const char *text;
		size_t line;
	} wrong[] = {
		{ "", 1 },
		{ "c2sp.org/tlog-proof@v1", 1 },
		{ "c2sp.org/tlog-proof@v2\nindex 1\n\nx\n", 1 },
		{ "c2sp.org/tlog-proof@v1\r\nindex 1\n\nx\n", 1 },
		{ "c2sp.org/tlog-proof@v1\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nindex 01\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nindex -1\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nindex\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nextra Zg=\nindex 1\n\nx\n", 2 },
		{ "c2sp.org/tlog-proof@v1\nextra Zg==\n", 3 },
		{ "c2sp.org/tlog-proof@v1\nextra Zg==\nextra Zg==\nindex 1\n\nx\n", 3 },
		{ "c2sp.org/tlog-proof@v1\nindex 1\nextra Zg==\n\nx\n", 3 },
		{ "c2sp.org/tlog-proof@v1\nindex 1\n", 3 },
		{ "c2sp.org/tlog-proof@v1\nindex 1\n" HASH, 4 },
		{ "c2sp.org/tlog-proof@v1\nindex 1\n" HASH "Zg==\n\nx\n", 4 },
		{ "c2sp.org/tlog-proof@v1\nextra Zg==\nindex 1\n" HASH "Zg==\n\nx\n", 5 },
		{ "c2sp.org/tlog-proof@v1\nindex 1\n" HASH "\n", 5 },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_proof_file file = { .index = 77 };
		prl_error err;
		assert_int_equal(prl_proof_file_read(prl_bytes_of(wrong[i].text), &file, &err), PRL_E_SYNTAX);
		assert_int_equal(err.line, wrong[i].line);
		assert_int_equal(file.index, 77);
	}
}

static void as_many_hashes_as_a_tree_has_levels(void **state)
{
	(void)state;
	char text[PRL_PROOF_FILE_MAX + 2];
	for (size_t count = 63; count <= 65; count++) {
		size_t length = (size_t)snprintf(text, sizeof text, "c2sp.org/tlog-proof@v1\nindex 1\n");
		for (size_t i = 0; i < count; i++)
			length += (size_t)snprintf(text + length, sizeof text - length, HASH);
		length += (size_t)snprintf(text + length, sizeof text - length, "\nx\n");
		prl_proof_file file;
		assert_int_equal(prl_proof_file_read((prl_bytes){ text, length }, &file, NULL),
				 count <= PRL_PROOF_MAX ? PRL_OK : PRL_E_SYNTAX);
	}
	memset(text, 'x', sizeof text);
	prl_proof_file file;
	assert_int_equal(prl_proof_file_read((prl_bytes){ text, sizeof text }, &file, NULL), PRL_E_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_proven_by_its_file),   cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(another_logs_key_does_not_do),        cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(as_many_hashes_as_a_tree_has_levels),
	};
	return cmocka_run_group_tests_name("proof_file", tests, make_tree, NULL);
}
