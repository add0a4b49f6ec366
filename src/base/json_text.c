/* JSON text read strictly, and where in it something is wrong. jansson checks the grammar, UTF-8 and duplicate names;
 * its own limit of depth is 2,048, so a scan of the brackets goes before it. The same scan, stopped at the byte where
 * jansson gave up, tells the place as a JSON Pointer. */
#include "base/error.h"
#include "base/limits.h"
#include "base/schema_node.h"

#include <stdio.h>
#include <string.h>

void prl_json_pointer_add(char *pointer, size_t room, const char *key, size_t size)
{
	size_t at = strlen(pointer);
	if (at + 1 < room)
		pointer[at++] = '/';
	size_t i = 0;
	for (; i < size && at + 2 < room; i++) {
		bool escaped = key[i] == '~' || key[i] == '/';
		pointer[at++] = escaped ? '~' : key[i];
		if (escaped)
			pointer[at++] = key[i] == '~' ? '0' : '1';
	}
	if (i < size) { /* no half character at the end */
		while (at > 0 && (pointer[at - 1] & 0xc0) == 0x80)
			at--;
		at -= at > 0 && (pointer[at - 1] & 0xc0) == 0xc0;
	}
	pointer[at] = 0;
}

/* One bracket that is open. */
typedef struct level {
	bool array;
	size_t index;    /* of an array: the item that the scan is in */
	const char *key; /* of an object: the name as written, its escapes left as they are; NULL before the first */
	size_t key_size;
} level;

typedef struct scan {
	level levels[PRL_MAX_JSON_DEPTH];
	size_t depth, max;
	const char *string; /* the newest, which is a name if a colon follows */
	size_t string_size;
} scan;

static void scan_begin(scan *s, size_t max) /* the levels are left as they are: 8 KiB */
{
	s->depth = 0;
	s->max = max < PRL_MAX_JSON_DEPTH ? max : PRL_MAX_JSON_DEPTH;
	s->string = NULL;
	s->string_size = 0;
}

/* From behind the opening quote to the closing one or the end. */
static const char *skip_string(scan *s, const char *p, const char *end)
{
	s->string = p;
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	s->string_size = (size_t)(p - s->string);
	return p;
}

static bool take_bracket(scan *s, char c)
{
	if (c == '[' || c == '{') {
		if (s->depth == s->max)
			return false;
		s->levels[s->depth++] = (level){ .array = c == '[' };
	} else if (s->depth > 0) {
		s->depth--;
	}
	return true;
}

/* Follows the brackets up to end; false at the one that goes too deep. Text that is not JSON gives some place or other.
 */
static bool run_scan(scan *s, const char *p, const char *end)
{
	for (; p < end; p++) {
		level *top = s->depth ? &s->levels[s->depth - 1] : NULL;
		switch (*p) {
		case '"':
			p = skip_string(s, p + 1, end);
			break;
		case '[':
		case '{':
		case ']':
		case '}':
			if (!take_bracket(s, *p))
				return false;
			break;
		case ':':
			if (top && !top->array) {
				top->key = s->string;
				top->key_size = s->string_size;
			}
			break;
		case ',':
			if (top) {
				top->index++;
				top->key = NULL;
			}
			break;
		default:
			break;
		}
	}
	return true;
}

static void write_place(const scan *s, prl_error *err)
{
	if (!err)
		return;
	err->where[0] = 0;
	for (size_t i = 0; i < s->depth; i++) {
		const level *l = &s->levels[i];
		char number[24];
		int size = snprintf(number, sizeof number, "%zu", l->index);
		if (l->array)
			prl_json_pointer_add(err->where, sizeof err->where, number, (size_t)size);
		else if (l->key)
			prl_json_pointer_add(err->where, sizeof err->where, l->key, l->key_size);
	}
}

static prl_status say(const json_error_t *why, prl_error *err)
{
	switch (json_error_code(why)) {
	case json_error_out_of_memory:
		return prl_error_memory(err);
	case json_error_duplicate_key:
		return prl_error_set(err, PRL_E_SYNTAX, "a name stands twice in one object (%.100s)", why->text);
	case json_error_numeric_overflow:
		return prl_error_set(
			err, PRL_E_RANGE,
			"a number out of range, expected integers of 64 bits and others below 1.8e308 (%.100s)",
			why->text);
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return prl_error_set(err, PRL_E_SYNTAX, "a text with \\u0000, which no text may hold");
	case json_error_invalid_utf8:
		return prl_error_set(err, PRL_E_SYNTAX, "not UTF-8 (%.100s)", why->text);
	case json_error_end_of_input_expected:
		return prl_error_set(err, PRL_E_SYNTAX, "something follows the end of the JSON (%.100s)", why->text);
	default:
		return prl_error_set(err, PRL_E_SYNTAX, "not JSON: %.200s", why->text);
	}
}

prl_status prl_json_text_read(prl_bytes text, size_t max_depth, json_t **ret, prl_error *err)
{
	scan s;
	scan_begin(&s, max_depth);
	json_error_t why = { .line = -1 };
	if (text.size == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "nothing, expected JSON");
	if (text.size > PRL_MAX_JSON_BODY_BYTES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "JSON of %zu bytes, at most %u are read", text.size,
				     PRL_MAX_JSON_BODY_BYTES);
	if (!run_scan(&s, text.data, text.data + text.size)) {
		prl_status status = prl_error_set(err, PRL_E_RANGE, "nested deeper than %zu", max_depth);
		write_place(&s, err);
		return status;
	}
	json_t *json = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (json) {
		*ret = json;
		return PRL_OK;
	}
	prl_status status = say(&why, err);
	size_t at = why.position > 0 && (size_t)why.position < text.size ? (size_t)why.position : text.size;
	scan_begin(&s, max_depth);
	(void)!run_scan(&s, text.data, text.data + at);
	if (json_error_code(&why) == json_error_duplicate_key && s.depth) { /* met before its colon */
		s.levels[s.depth - 1].key = s.string;
		s.levels[s.depth - 1].key_size = s.string_size;
	}
	write_place(&s, err);
	if (err && why.line > 0)
		err->line = (size_t)why.line;
	return status;
}
