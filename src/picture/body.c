#include "picture/body.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static prl_bytes text_of(const json_t *value)
{
	return json_is_string(value) ? (prl_bytes){ json_string_value(value), json_string_length(value) }
				     : (prl_bytes){ NULL, 0 };
}

prl_bytes prl_body_text(const json_t *body, const char *name)
{
	return text_of(json_object_get(body, name));
}

uint64_t prl_body_number(const json_t *body, const char *name, uint64_t otherwise)
{
	const json_t *value = json_object_get(body, name);
	return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value)
									: otherwise;
}

prl_status prl_body_copy(const json_t *body, const char *name, char *text, size_t room, prl_error *err)
{
	prl_bytes from = prl_body_text(body, name);
	if (from.size >= room)
		return prl_error_set(err, PRL_E_RANGE, "%s: %zu bytes, expected at most %zu", name, from.size,
				     room - 1);
	if (from.size)
		memcpy(text, from.data, from.size);
	text[from.size] = 0;
	return PRL_OK;
}

prl_status prl_body_hash(const json_t *body, const char *name, prl_hash *ret, prl_error *err)
{
	if (prl_hash_read(prl_body_text(body, name), ret))
		return PRL_OK;
	return prl_error_set(err, PRL_E_SYNTAX, "%s: expected base64 of 32 bytes", name);
}

prl_status prl_body_time(const json_t *body, const char *name, prl_time *ret, prl_error *err)
{
	prl_bytes text = prl_body_text(body, name);
	return prl_time_parse(text.data ? text.data : "", text.size, ret, err);
}

prl_status prl_body_verifier(const json_t *body, const char *name, prl_key_type type, prl_verifier *ret, prl_error *err)
{
	prl_verifier verifier;
	prl_bytes text = prl_body_text(body, name);
	prl_status status = prl_verifier_read(text.data ? text : (prl_bytes){ "", 0 }, &verifier, err);
	if (status)
		return prl_error_at(err, status, "%s", name), status;
	if (verifier.type != type)
		return prl_error_set(err, PRL_E_REFUSED, "%s: a key of type %d, expected type %d", name,
				     (int)verifier.type, (int)type);
	*ret = verifier;
	return PRL_OK;
}

bool prl_body_has(const json_t *texts, prl_bytes text)
{
	for (size_t i = 0; i < json_array_size(texts); i++)
		if (prl_bytes_equal(text_of(json_array_get(texts, i)), text))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	const prl_bytes *left = a, *right = b;
	int order = memcmp(left->data, right->data, left->size < right->size ? left->size : right->size);
	return order ? order : (left->size > right->size) - (left->size < right->size);
}

json_t *prl_body_sorted(const json_t *texts, prl_bytes with)
{
	size_t count = 0, size = json_array_size(texts);
	prl_bytes *all = prl_array_new(size + 1, sizeof *all);
	json_t *sorted = json_array();
	for (size_t i = 0; all && i < size; i++)
		all[count++] = text_of(json_array_get(texts, i));
	if (all && with.data)
		all[count++] = with;
	if (all && count)
		qsort(all, count, sizeof *all, by_bytes);
	bool fits = all && sorted;
	for (size_t i = 0; fits && i < count; i++)
		if (i == 0 || !prl_bytes_equal(all[i], all[i - 1]))
			fits = json_array_append_new(sorted, json_stringn_nocheck(all[i].data, all[i].size)) == 0;
	free(all);
	if (fits)
		return sorted;
	json_decref(sorted);
	return NULL;
}
