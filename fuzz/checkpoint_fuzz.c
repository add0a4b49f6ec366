/* Any bytes as a checkpoint: what is read writes back to the same bytes; cosigned, its cosignature holds. */
#include "base/text.h"
#include "record/key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_cosigning(prl_bytes text, uint64_t time_s)
{
	static const uint8_t seed[32] = { 1 };
	char whole[PRL_CHECKPOINT_TEXT_MAX + 1 + PRL_SIGNATURE_LINE_MAX];
	prl_signer cosigner;
	prl_note note;
	uint64_t read_s;
	check(!prl_signer_from_seed("w", PRL_KEY_COSIGNATURE, seed, &cosigner, NULL) &&
	      text.size < PRL_CHECKPOINT_TEXT_MAX);
	memcpy(whole, text.data, text.size);
	whole[text.size] = '\n';
	size_t length = prl_cosign(text, &cosigner, time_s, whole + text.size + 1);
	check((length == 0) == (time_s > INT64_MAX));
	if (length == 0)
		return;
	check(!prl_note_read((prl_bytes){ whole, text.size + 1 + length }, &note, NULL));
	check(!prl_cosignature_verify(&note, &cosigner.verifier, &read_s, NULL) && read_s == time_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = { 2 };
	prl_bytes text = { (const char *)data, size };
	prl_checkpoint checkpoint;
	prl_note note;
	prl_signer log;
	prl_error err = { 0 };
	char back[PRL_CHECKPOINT_TEXT_MAX];
	uint64_t time_s = 0;
	check(!prl_signer_from_seed("a", PRL_KEY_NOTE, seed, &log, NULL));
	prl_status status = prl_checkpoint_open(text, &log.verifier, &checkpoint, NULL, &err);
	check(status == err.status && (status == PRL_OK || err.text[0]));
	if (!prl_note_read(text, &note, NULL)) {
		check(prl_cosignature_verify(&note, &log.verifier, &time_s, NULL)); /* a log's key cosigns nothing */
		text = note.text;
	}
	if (prl_checkpoint_read(text, &checkpoint, NULL))
		return 0;
	size_t length = prl_checkpoint_write(&checkpoint, back);
	check(prl_bytes_equal(text, (prl_bytes){ back, length }));
	memcpy(&time_s, checkpoint.root.bytes, sizeof time_s);
	check_cosigning(text, time_s);
	return 0;
}
