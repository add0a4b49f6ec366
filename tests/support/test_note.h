/**
 * @file test_note.h
 * Signed checkpoints for tests.
 */
#ifndef TESTS_SUPPORT_TEST_NOTE_H
#define TESTS_SUPPORT_TEST_NOTE_H

#include <parley/record.h>

/** A key of that name, the same in every run. */
prl_signer test_signer(const char *name, prl_key_type type);

/** A checkpoint of the log that is named like @p key, signed by it; returns its length. */
size_t test_checkpoint(const prl_signer *key, uint64_t size, const prl_hash *root, char note[PRL_CHECKPOINT_MAX]);

#endif
