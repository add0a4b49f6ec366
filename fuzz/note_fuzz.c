/* Any bytes as a note and as the two texts of keys: what is read is all of the input, in order, and writes back to it.
 */
#include "record/key.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static prl_signer fixed_signer(void)
{
	static const uint8_t seed[32] = { 1 };
	prl_signer signer;
	check(!prl_signer_from_seed("a", PRL_KEY_NOTE, seed, &signer, NULL));
	return signer;
}

/* Text, empty line and signature lines lie one after the other and are the whole. */
static void check_note(prl_bytes bytes, const prl_note *note)
{
	const char *at = bytes.data + note->text.size + 1;
	check(note->text.data == bytes.data && note->text.size > 0 && at[-1] == '\n' && at[-2] == '\n');
	for (size_t i = 0; i < note->count; i++) {
		const prl_signature *s = &note->signatures[i];
		check(s->line.data == at && s->line.data[s->line.size - 1] == '\n' && s->size <= sizeof s->bytes);
		check(s->name.data == at + 4 && s->name.size > 0);
		at += s->line.size;
	}
	check(at == bytes.data + bytes.size);
}

/* The same text signed by a known key is read with one signature, and it holds. */
static void check_signing(prl_bytes text, const prl_signer *signer)
{
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t length = prl_note_sign(text, signer, line);
	char *whole = malloc(text.size + 1 + length);
	prl_note note;
	bool is_signed = false;
	check(length > 0 && whole);
	memcpy(whole, text.data, text.size);
	whole[text.size] = '\n';
	memcpy(whole + text.size + 1, line, length);
	check(!prl_note_read((prl_bytes){ whole, text.size + 1 + length }, &note, NULL) && note.count == 1);
	check(prl_bytes_equal(note.text, text));
	check(!prl_note_verify(&note, &signer->verifier, 1, &is_signed, NULL) && is_signed);
	free(whole);
}

static void check_keys(prl_bytes text)
{
	prl_verifier verifier;
	prl_signer signer;
	char back[PRL_KEY_TEXT_MAX];
	if (!prl_verifier_read(text, &verifier, NULL)) {
		prl_verifier_write(&verifier, back);
		check(prl_bytes_is(text, back));
	}
	if (!prl_signer_read(text, &signer, NULL)) {
		prl_signer_write(&signer, back);
		check(prl_bytes_is(text, back));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const prl_bytes bytes = { (const char *)data, size };
	prl_signer signer = fixed_signer();
	prl_note note;
	prl_error err = { 0 };
	bool is_signed = false;
	check_keys(bytes);
	prl_status status = prl_note_read(bytes, &note, &err);
	if (status) {
		check(err.status == status && err.text[0]);
		return 0;
	}
	check_note(bytes, &note);
	check(!prl_note_verify(&note, &signer.verifier, 1, &is_signed, NULL) || !is_signed);
	check_signing(note.text, &signer);
	return 0;
}
