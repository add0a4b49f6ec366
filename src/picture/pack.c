#include "picture/pack.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

bool prl_pack_number(prl_buffer *to, uint64_t number)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (56 - 8 * i));
	return prl_buffer_append(to, bytes, sizeof bytes);
}

bool prl_pack_bytes(prl_buffer *to, prl_bytes bytes)
{
	return prl_pack_number(to, bytes.size) && prl_buffer_append(to, bytes.data, bytes.size);
}

bool prl_pack_text(prl_buffer *to, const char *text)
{
	return prl_pack_bytes(to, prl_bytes_of(text));
}

bool prl_pack_hash(prl_buffer *to, const prl_hash *hash)
{
	return prl_buffer_append(to, hash->bytes, sizeof hash->bytes);
}

/* Field by field: reading a vkey checks the point, which takes 50 us that a snapshot of 10^6 keys has not got. */
bool prl_pack_verifier(prl_buffer *to, const prl_verifier *verifier)
{
	return prl_pack_text(to, verifier->name) && prl_pack_number(to, verifier->id) &&
	       prl_pack_number(to, verifier->type) &&
	       prl_buffer_append(to, verifier->public_key, sizeof verifier->public_key);
}

bool prl_pack_json(prl_buffer *to, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	bool done = text && prl_pack_text(to, text);
	free(text);
	return done;
}

bool prl_pack_texts(prl_buffer *to, const json_t *texts)
{
	size_t count = json_array_size(texts);
	bool done = prl_pack_number(to, count);
	for (size_t i = 0; done && i < count; i++) {
		const json_t *text = json_array_get(texts, i);
		done = prl_pack_bytes(to, (prl_bytes){ json_string_value(text), json_string_length(text) });
	}
	return done;
}

static const char *take(prl_unpack *from, uint64_t size)
{
	const char *data = from->rest.data;
	if (from->bad || size > from->rest.size) {
		from->bad = true;
		return NULL;
	}
	from->rest.data += size;
	from->rest.size -= size;
	return data;
}

uint64_t prl_unpack_number(prl_unpack *from, uint64_t max)
{
	const char *data = take(from, 8);
	uint64_t number = 0;
	for (int i = 0; data && i < 8; i++)
		number = number << 8 | (unsigned char)data[i];
	if (number > max) {
		from->bad = true;
		return 0;
	}
	return number;
}

prl_bytes prl_unpack_bytes(prl_unpack *from)
{
	uint64_t size = prl_unpack_number(from, SIZE_MAX);
	const char *data = take(from, size);
	return data ? (prl_bytes){ data, size } : (prl_bytes){ "", 0 };
}

void prl_unpack_text(prl_unpack *from, char *text, size_t room)
{
	prl_bytes bytes = prl_unpack_bytes(from);
	if (bytes.size >= room || memchr(bytes.data, 0, bytes.size)) {
		from->bad = true;
		bytes.size = 0;
	}
	memcpy(text, bytes.data, bytes.size);
	text[bytes.size] = 0;
}

prl_hash prl_unpack_hash(prl_unpack *from)
{
	prl_hash hash = { 0 };
	const char *data = take(from, sizeof hash.bytes);
	if (data)
		memcpy(hash.bytes, data, sizeof hash.bytes);
	return hash;
}

prl_verifier prl_unpack_verifier(prl_unpack *from)
{
	prl_verifier verifier = { 0 };
	prl_unpack_text(from, verifier.name, sizeof verifier.name);
	verifier.id = (uint32_t)prl_unpack_number(from, UINT32_MAX);
	verifier.type = (prl_key_type)prl_unpack_number(from, 255);
	const char *data = take(from, sizeof verifier.public_key);
	if (data)
		memcpy(verifier.public_key, data, sizeof verifier.public_key);
	return verifier;
}

json_t *prl_unpack_json(prl_unpack *from)
{
	prl_bytes text = prl_unpack_bytes(from);
	json_t *value = NULL;
	if (!from->bad && text.size <= PRL_PACK_JSON_MAX)
		value = json_loadb(text.data, text.size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (!value)
		from->bad = true;
	return value;
}

json_t *prl_unpack_texts(prl_unpack *from)
{
	uint64_t count = prl_unpack_number(from, UINT64_MAX);
	json_t *texts = json_array();
	for (uint64_t i = 0; texts && !from->bad && i < count; i++) {
		prl_bytes text =
			prl_unpack_bytes(from); /* takes 8 bytes at least, so that a count cannot ask for much */
		if (from->bad || json_array_append_new(texts, json_stringn(text.data, text.size)) != 0)
			from->bad = true;
	}
	if (!texts || from->bad) {
		from->bad = true;
		json_decref(texts);
		return NULL;
	}
	return texts;
}

bool prl_unpack_end(const prl_unpack *from, const char *noun, prl_error *err)
{
	if (!from->bad && from->rest.size == 0)
		return true;
	prl_error_set(err, PRL_E_SYNTAX, "these bytes are no %s as this version writes it", noun);
	return false;
}
