/* Forks of trees that part at a known leaf. What must never be: a fork "proven" of a log that has none. */
#include "base/text.h"
#include "support/naive_tree.h"
#include "support/random.h"
#include "support/test_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAVES 300u

static prl_signer key;
static prl_hash first[LEAVES], second[LEAVES]; /* the same log, told in two ways */

static int make_key(void **state)
{
	(void)state;
	key = test_signer("log.test/line", PRL_KEY_NOTE);
	return 0;
}

static void part_at(uint64_t parted)
{
	for (uint64_t i = 0; i < LEAVES; i++) {
		first[i] = naive_leaf((prl_bytes){ (char *)&i, sizeof i });
		second[i] = first[i];
		if (i == parted)
			second[i].bytes[3] ^= 1;
	}
}

static prl_status subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	(void)err;
	*ret = naive_root(context, index << level, (index + 1) << level);
	return PRL_OK;
}

typedef struct notes {
	char older[PRL_CHECKPOINT_MAX], newer[PRL_CHECKPOINT_MAX];
} notes;

/* A checkpoint of the first history and a later one of the second, with the path in the second. */
static prl_fork fork_of(uint64_t old_size, uint64_t new_size, notes *n)
{
	prl_fork fork = { 0 };
	prl_hash old_root = naive_root(first, 0, old_size), new_root = naive_root(second, 0, new_size);
	fork.older = (prl_bytes){ n->older, test_checkpoint(&key, old_size, &old_root, n->older) };
	fork.newer = (prl_bytes){ n->newer, test_checkpoint(&key, new_size, &new_root, n->newer) };
	assert_int_equal(prl_fork_prove(old_size, new_size, subtree, second, &fork.proof, NULL), PRL_OK);
	return fork;
}

static void no_other_path_does(const prl_fork *fork, rnd *r)
{
	prl_fork wrong = *fork;
	for (size_t i = 0; i < fork->proof.count; i++) {
		wrong.proof.hashes[i].bytes[rnd_below(r, 32)] ^= (uint8_t)(1u << rnd_below(r, 8));
		assert_int_equal(prl_fork_verify(&wrong, &key.verifier, NULL), PRL_E_SIGNATURE);
		wrong = *fork;
	}
	wrong.proof.hashes[wrong.proof.count++] = first[0];
	assert_int_equal(prl_fork_verify(&wrong, &key.verifier, NULL), PRL_E_SIGNATURE);
	if (!fork->proof.count)
		return;
	wrong = *fork;
	wrong.proof.count--;
	assert_int_equal(prl_fork_verify(&wrong, &key.verifier, NULL), PRL_E_SIGNATURE);
	memmove(wrong.proof.hashes, wrong.proof.hashes + 1, wrong.proof.count * sizeof(prl_hash));
	assert_int_equal(prl_fork_verify(&wrong, &key.verifier, NULL), PRL_E_SIGNATURE);
}

/* A fork is proven just where the histories part below the older size. */
static void forks_are_proven_and_nothing_else(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("forks_are_proven_and_nothing_else");
	for (size_t i = 0, n = rnd_count(400, 20000); i < n; i++) {
		rnd r = rnd_case(seed, i);
		uint64_t new_size = (uint64_t)rnd_log(&r, 1, LEAVES + 1), old_size = rnd_below(&r, new_size + 1);
		uint64_t parted = rnd_below(&r, LEAVES);
		if (rnd_chance(&r, 0.3))
			old_size = old_size ? UINT64_C(1) << (63 - __builtin_clzll(old_size)) : 0;
		if (rnd_chance(&r, 0.3))
			parted = old_size ? old_size - rnd_below(&r, 2) : 0; /* at the edge */
		notes text;
		prl_error err;
		part_at(parted);
		prl_fork fork = fork_of(old_size, new_size, &text);
		prl_status status = prl_fork_verify(&fork, &key.verifier, &err);
		assert_int_equal(status, parted < old_size ? PRL_OK : PRL_E_SIGNATURE);
		if (status)
			assert_string_equal(err.text, "no fork: both checkpoints are of one history");
		no_other_path_does(&fork, &r);
	}
}

static void size_nought_has_one_root(void **state)
{
	(void)state;
	notes text;
	part_at(5);
	prl_fork fork = fork_of(0, 10, &text);
	assert_int_equal(prl_fork_verify(&fork, &key.verifier, NULL), PRL_E_SIGNATURE);
	fork.older.size = test_checkpoint(&key, 0, &first[0], text.older);
	assert_int_equal(prl_fork_verify(&fork, &key.verifier, NULL), PRL_OK);
}

static void both_must_be_the_logs(void **state)
{
	(void)state;
	notes text;
	prl_error err;
	part_at(5);
	prl_fork fork = fork_of(8, 20, &text);
	assert_int_equal(prl_fork_verify(&fork, &key.verifier, &err), PRL_OK);
	prl_signer other = test_signer("other.test/line", PRL_KEY_NOTE);
	prl_hash root = naive_root(second, 0, 20);
	prl_fork wrong = fork;
	char note[PRL_CHECKPOINT_MAX];
	wrong.newer = (prl_bytes){ note, test_checkpoint(&other, 20, &root, note) };
	assert_int_not_equal(prl_fork_verify(&wrong, &key.verifier, &err), PRL_OK);
	assert_string_equal(err.where, "newer checkpoint");
	assert_int_not_equal(prl_fork_verify(&wrong, &other.verifier, &err), PRL_OK);
	assert_string_equal(err.where, "older checkpoint");
	wrong.newer = fork.older;
	wrong.older = fork.newer;
	assert_int_equal(prl_fork_verify(&wrong, &key.verifier, &err), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "is above the newer one's"));
}

static void a_file_is_read_as_written(void **state)
{
	(void)state;
	for (uint64_t old_size = 0; old_size <= 9; old_size++) {
		notes notes_text;
		prl_fork back;
		char text[PRL_FORK_MAX];
		part_at(0);
		prl_fork fork = fork_of(old_size, 9, &notes_text);
		size_t length = prl_fork_write(&fork, text, sizeof text);
		assert_int_equal(prl_fork_read((prl_bytes){ text, length }, &back, NULL), PRL_OK);
		assert_int_equal(back.proof.count, fork.proof.count);
		assert_memory_equal(back.proof.hashes, fork.proof.hashes, fork.proof.count * sizeof(prl_hash));
		assert_true(prl_bytes_equal(back.older, fork.older) && prl_bytes_equal(back.newer, fork.newer));
		assert_int_equal(prl_fork_verify(&back, &key.verifier, NULL), old_size ? PRL_OK : PRL_E_SIGNATURE);
		assert_int_equal(prl_fork_write(&fork, text, length - 1), 0);
		for (size_t i = 0; i < length; i++) {
			text[i] ^= 1;
			if (prl_fork_read((prl_bytes){ text, length }, &back, NULL) == PRL_OK)
				assert_int_not_equal(prl_fork_verify(&back, &key.verifier, NULL), PRL_OK);
			text[i] ^= 1;
		}
	}
}

static void other_files_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"parley/v1 fork",
		"parley/v2 fork\n\na\n\nb\n\nc\n",
		"parley/v1 fork\n",
		"parley/v1 fork\n\n",
		"parley/v1 fork\nZg==\n\na\n\nb\n\nc\n",
		"parley/v1 fork\n\na\n\nb\n",
		"parley/v1 fork\n\na\n\nb\n\n",
	};
	prl_fork fork = { .proof.count = 77 };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(prl_fork_read(prl_bytes_of(wrong[i]), &fork, NULL), PRL_E_SYNTAX);
	char *large = calloc(1, PRL_FORK_MAX + 1);
	assert_int_equal(prl_fork_read((prl_bytes){ large, PRL_FORK_MAX + 1 }, &fork, NULL), PRL_E_TOO_LARGE);
	free(large);
	assert_int_equal(fork.proof.count, 77);
	assert_int_equal(prl_fork_read(prl_bytes_of("parley/v1 fork\n\na\n\nb\n\nc\n"), &fork, NULL), PRL_OK);
	assert_true(prl_bytes_is(fork.older, "a\n\nb\n") && prl_bytes_is(fork.newer, "c\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forks_are_proven_and_nothing_else),
		cmocka_unit_test(size_nought_has_one_root),
		cmocka_unit_test(both_must_be_the_logs),
		cmocka_unit_test(a_file_is_read_as_written),
		cmocka_unit_test(other_files_are_refused),
	};
	return cmocka_run_group_tests_name("fork", tests, make_key, NULL);
}
