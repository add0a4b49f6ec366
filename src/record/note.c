/* Signed notes (C2SP signed-note v1.0.0). */
#include "base/error.h"
#include "base/text.h"
#include "record/key.h"

#include <string.h>

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */
#define DASH_SIZE (sizeof dash - 1)

void prl_note_copy(prl_note *to, const prl_note *from)
{
	memcpy(to, from, offsetof(prl_note, signatures) + from->count * sizeof *from->signatures);
}

/* Base64 of more bytes than are kept: canonical as a whole, its first bytes decoded. Read in pieces of 256 characters,
 * of which only the last may be padded. */
static bool read_long_base64(prl_bytes text, uint8_t first[192])
{
	uint8_t piece[192];
	size_t size;
	if (text.size % 4 != 0 || memchr(text.data, '=', text.size - 4))
		return false;
	for (size_t i = 0; i < text.size; i += 256) {
		size_t length = text.size - i < 256 ? text.size - i : 256;
		if (!prl_base64_read((prl_bytes){ text.data + i, length }, i == 0 ? first : piece, sizeof piece, &size))
			return false;
	}
	return true;
}

/* id ‖ signature, at least one byte of it. */
static bool read_signature_bytes(prl_bytes text, prl_signature *signature)
{
	uint8_t bytes[192];
	size_t size = 0;
	if (text.size <= PRL_BASE64_SIZE(4 + sizeof signature->bytes)) {
		if (!prl_base64_read(text, bytes, sizeof bytes, &size) || size <= 4)
			return false;
	} else if (!read_long_base64(text, bytes)) {
		return false;
	}
	signature->id = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	signature->size = size > 4 && size - 4 <= sizeof signature->bytes ? size - 4 : 0;
	memcpy(signature->bytes, bytes + 4, signature->size);
	return true;
}

/* line is without its \n, which follows it. */
static bool read_signature(prl_bytes line, prl_signature *signature)
{
	if (line.size <= DASH_SIZE || memcmp(line.data, dash, DASH_SIZE) != 0)
		return false;
	const char *name = line.data + DASH_SIZE;
	const char *space = memchr(name, ' ', line.size - DASH_SIZE);
	if (!space)
		return false;
	signature->line = (prl_bytes){ line.data, line.size + 1 };
	signature->name = (prl_bytes){ name, (size_t)(space - name) };
	const prl_bytes base64 = { space + 1, (size_t)(line.data + line.size - space) - 1 };
	return prl_key_name_check(signature->name) && base64.size >= 8 && read_signature_bytes(base64, signature);
}

/* Sets the line in which at stands. */
static prl_status refuse(prl_error *err, prl_status status, prl_bytes bytes, const char *at, const char *message)
{
	prl_error_set(err, status, "%s", message);
	if (err) {
		err->line = 1;
		for (const char *p = bytes.data; p < at; p++)
			err->line += *p == '\n';
	}
	return status;
}

static prl_status read_signatures(prl_bytes bytes, prl_bytes rest, prl_note *note, prl_error *err)
{
	prl_bytes line;
	note->count = 0;
	while (rest.size > 0) {
		const char *at = rest.data;
		if (!prl_line_take(&rest, &line))
			return refuse(err, PRL_E_SYNTAX, bytes, at,
				      "a note ends in the middle of a line, expected a newline");
		if (note->count == PRL_NOTE_SIGNATURES_MAX)
			return refuse(err, PRL_E_TOO_LARGE, bytes, at, "a note with more than 64 signatures");
		if (!read_signature(line, &note->signatures[note->count]))
			return refuse(err, PRL_E_SYNTAX, bytes, at,
				      "no signature line of a note, expected \"\xe2\x80\x94 name base64\"");
		note->count++;
	}
	return PRL_OK;
}

/* The second \n of the last empty line: "the text is separated from the signatures by the last empty line". */
static const char *last_empty_line(prl_bytes bytes)
{
	for (size_t size = bytes.size; size > 1;) {
		const char *end = memrchr(bytes.data, '\n', size);
		if (!end || end == bytes.data)
			return NULL;
		if (end[-1] == '\n')
			return end;
		size = (size_t)(end - bytes.data);
	}
	return NULL;
}

prl_status prl_note_read(prl_bytes bytes, prl_note *ret, prl_error *err)
{
	prl_note note;
	if (bytes.size == 0 || !prl_utf8_check(bytes, false))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"a note is empty, not UTF-8, or has controls, expected UTF-8 without controls but newline");
	const char *end = last_empty_line(bytes);
	if (!end)
		return prl_error_set(err, PRL_E_SYNTAX, "a note without an empty line, expected one after its text");
	note.text = (prl_bytes){ bytes.data, (size_t)(end - bytes.data) };
	prl_status status = read_signatures(bytes, (prl_bytes){ end + 1, bytes.size - note.text.size - 1 }, &note, err);
	if (!status)
		prl_note_copy(ret, &note);
	return status;
}

/* "If the key name and ID match a known key, verifiers MUST verify the signature." Clients SHOULD reject the whole note
 * where one does not hold; we do, for each of several lines of one key too, where x/mod looks at the first only: two
 * readers must never part over a line that one of them passed over. */
static prl_status verify_one(const prl_note *note, const prl_verifier *verifier, prl_error *err)
{
	for (size_t i = 0; i < note->count; i++) {
		const prl_signature *signature = &note->signatures[i];
		if (!prl_verifier_is(verifier, signature->name, signature->id))
			continue;
		if (signature->size != PRL_ED25519_SIGNATURE ||
		    !prl_verifier_holds(verifier, note->text, signature->bytes))
			return prl_error_set(err, PRL_E_SIGNATURE,
					     "the signature of %s (id %08x) does not hold for this text",
					     verifier->name, verifier->id);
	}
	return PRL_OK;
}

static bool has_signature(const prl_note *note, const prl_verifier *verifier)
{
	for (size_t i = 0; i < note->count; i++)
		if (prl_verifier_is(verifier, note->signatures[i].name, note->signatures[i].id))
			return true;
	return false;
}

prl_status prl_note_verify(const prl_note *note, const prl_verifier *verifiers, size_t count, bool *ret_signed,
			   prl_error *err)
{
	for (size_t i = 0; i < count; i++) {
		prl_status status = verifiers[i].type == PRL_KEY_NOTE ? verify_one(note, &verifiers[i], err) : PRL_OK;
		if (status)
			return status;
	}
	for (size_t i = 0; i < count; i++)
		ret_signed[i] = verifiers[i].type == PRL_KEY_NOTE && has_signature(note, &verifiers[i]);
	return PRL_OK;
}

size_t prl_note_sign(prl_bytes text, const prl_signer *signer, char line[PRL_SIGNATURE_LINE_MAX])
{
	uint8_t signature[PRL_ED25519_SIGNATURE];
	if (signer->verifier.type != PRL_KEY_NOTE || text.size == 0 || text.data[text.size - 1] != '\n' ||
	    !prl_utf8_check(text, false))
		return 0;
	prl_signer_sign(signer, text, signature);
	return prl_signature_write(&signer->verifier, signature, sizeof signature, line);
}
