#include "support/test_note.h"

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

prl_signer test_signer(const char *name, prl_key_type type)
{
	prl_hash seed = prl_sha256(name, strlen(name));
	prl_signer signer;
	assert_int_equal(prl_signer_from_seed(name, type, seed.bytes, &signer, NULL), PRL_OK);
	return signer;
}

size_t test_checkpoint(const prl_signer *key, uint64_t size, const prl_hash *root, char note[PRL_CHECKPOINT_MAX])
{
	prl_checkpoint checkpoint = { .size = size, .root = *root };
	char line[PRL_SIGNATURE_LINE_MAX];
	strcpy(checkpoint.origin, key->verifier.name);
	size_t length = prl_checkpoint_write(&checkpoint, note);
	size_t signature = prl_note_sign((prl_bytes){ note, length }, key, line);
	note[length++] = '\n';
	memcpy(note + length, line, signature);
	return length + signature;
}
