/* Checkpoints (C2SP tlog-checkpoint v1.0.0) and cosignatures over them (tlog-cosignature v1.0.1). */
#include "base/error.h"
#include "base/text.h"
#include "record/key.h"

#include <stdio.h>
#include <string.h>

static prl_status refuse(prl_error *err, size_t line, const char *expected)
{
	prl_error_set(err, PRL_E_SYNTAX, "a text is no checkpoint, expected %s", expected);
	if (err)
		err->line = line;
	return PRL_E_SYNTAX;
}

/* tlog-checkpoint, "Note text". Its extension lines are "NOT RECOMMENDED, as they are not auditable": refused. Origins
 * may be any text there and "SHOULD" be the key's name; here they are. */
prl_status prl_checkpoint_read(prl_bytes text, prl_checkpoint *ret, prl_error *err)
{
	prl_bytes origin, size_text, root_text;
	uint64_t size;
	prl_hash root;
	if (!prl_line_take(&text, &origin) || origin.size > PRL_KEY_NAME_MAX || !prl_key_name_check(origin))
		return refuse(err, 1, "the log's name, without spaces or '+', at most 128 bytes");
	if (!prl_line_take(&text, &size_text) || !prl_decimal_read(size_text, &size) || size > INT64_MAX)
		return refuse(err, 2, "the size of the tree, a decimal number below 2^63");
	if (!prl_line_take(&text, &root_text) || !prl_hash_read(root_text, &root))
		return refuse(err, 3, "the base64 of a root hash");
	if (text.size > 0)
		return refuse(err, 4, "nothing after the root: extension lines are not read");
	memcpy(ret->origin, origin.data, origin.size);
	ret->origin[origin.size] = 0;
	ret->size = size;
	ret->root = root;
	return PRL_OK;
}

size_t prl_checkpoint_write(const prl_checkpoint *checkpoint, char text[PRL_CHECKPOINT_TEXT_MAX])
{
	char root[PRL_HASH_TEXT_MAX];
	prl_hash_write(&checkpoint->root, root);
	return (size_t)snprintf(text, PRL_CHECKPOINT_TEXT_MAX, "%s\n%llu\n%s\n", checkpoint->origin,
				(unsigned long long)checkpoint->size, root);
}

prl_status prl_checkpoint_open(prl_bytes bytes, const prl_verifier *log, prl_checkpoint *ret, prl_note *ret_note,
			       prl_error *err)
{
	prl_note note;
	prl_checkpoint checkpoint;
	bool is_signed;
	if (bytes.size > PRL_CHECKPOINT_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a checkpoint of %zu bytes, expected at most %d", bytes.size,
				     PRL_CHECKPOINT_MAX);
	prl_status status = prl_note_read(bytes, &note, err);
	if (!status)
		status = prl_checkpoint_read(note.text, &checkpoint, err);
	if (!status)
		status = prl_note_verify(&note, log, 1, &is_signed, err);
	if (status)
		return status;
	if (strcmp(checkpoint.origin, log->name) != 0)
		return prl_error_set(err, PRL_E_SIGNATURE, "a checkpoint of %s, expected one of %s", checkpoint.origin,
				     log->name);
	if (!is_signed)
		return prl_error_set(err, PRL_E_SIGNATURE, "a checkpoint without the signature of %s (id %08x)",
				     log->name, log->id);
	*ret = checkpoint;
	if (ret_note)
		prl_note_copy(ret_note, &note);
	return PRL_OK;
}

/* ---- cosignatures ------------------------------------------------------------------------------------------------ */

#define COSIGNED_MAX (PRL_CHECKPOINT_TEXT_MAX + 64)

/* tlog-cosignature, "Ed25519 signed message": two lines, then the text of the checkpoint, its last \n included. text is
 * one that prl_checkpoint_read() reads, which bounds its size. */
static prl_bytes cosigned_message(prl_bytes text, uint64_t time_s, char message[COSIGNED_MAX])
{
	int length = snprintf(message, COSIGNED_MAX, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
	memcpy(message + length, text.data, text.size);
	return (prl_bytes){ message, (size_t)length + text.size };
}

size_t prl_cosign(prl_bytes checkpoint_text, const prl_signer *signer, uint64_t time_s,
		  char line[PRL_SIGNATURE_LINE_MAX])
{
	char message[COSIGNED_MAX];
	uint8_t bytes[8 + PRL_ED25519_SIGNATURE];
	prl_checkpoint checkpoint;
	if (signer->verifier.type != PRL_KEY_COSIGNATURE || time_s > INT64_MAX ||
	    prl_checkpoint_read(checkpoint_text, &checkpoint, NULL))
		return 0;
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(time_s >> (56 - 8 * i));
	prl_signer_sign(signer, cosigned_message(checkpoint_text, time_s, message), bytes + 8);
	return prl_signature_write(&signer->verifier, bytes, sizeof bytes, line);
}

/* "timestamp … MUST NOT exceed 2^63 - 1" */
static bool cosignature_holds(const prl_note *note, const prl_signature *signature, const prl_verifier *cosigner,
			      uint64_t *ret_time_s)
{
	char message[COSIGNED_MAX];
	uint64_t time_s = 0;
	if (signature->size != 8 + PRL_ED25519_SIGNATURE)
		return false;
	for (size_t i = 0; i < 8; i++)
		time_s = time_s << 8 | signature->bytes[i];
	*ret_time_s = time_s;
	return time_s <= INT64_MAX &&
	       prl_verifier_holds(cosigner, cosigned_message(note->text, time_s, message), signature->bytes + 8);
}

prl_status prl_cosignature_verify(const prl_note *note, const prl_verifier *cosigner, uint64_t *ret_time_s,
				  prl_error *err)
{
	prl_checkpoint checkpoint;
	uint64_t time_s, earliest = UINT64_MAX;
	prl_status status = prl_checkpoint_read(note->text, &checkpoint, err);
	if (status)
		return status;
	for (size_t i = 0; cosigner->type == PRL_KEY_COSIGNATURE && i < note->count; i++) {
		const prl_signature *signature = &note->signatures[i];
		if (!prl_verifier_is(cosigner, signature->name, signature->id))
			continue;
		if (!cosignature_holds(note, signature, cosigner, &time_s))
			return prl_error_set(err, PRL_E_SIGNATURE,
					     "the cosignature of %s (id %08x) does not hold for this checkpoint",
					     cosigner->name, cosigner->id);
		if (time_s < earliest)
			earliest = time_s;
	}
	if (earliest == UINT64_MAX)
		return prl_error_set(err, PRL_E_NOT_FOUND, "a checkpoint without a cosignature of %s (id %08x)",
				     cosigner->name, cosigner->id);
	*ret_time_s = earliest;
	return PRL_OK;
}
