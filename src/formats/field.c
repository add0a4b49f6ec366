#include "formats/field.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

const char *prl_json_what(const json_t *value)
{
	if (!value)
		return "missing";
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return json_array_size(value) ? "a list" : "an empty list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

static const char *expected(prl_field_kind kind)
{
	static const char *const texts[] = { "a number", "a string",  "a time as 2016-09-17T12:55:00Z",
		                             "a word",   "an object", "a list", "a value" };
	return texts[kind];
}

static prl_status wrong_kind(const prl_field *field, const json_t *value, prl_error *err)
{
	return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is %s, expected %s", field->name, prl_json_what(value),
	                     expected(field->kind));
}

static prl_status read_number(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	double number = json_number_value(value);
	if (!json_is_number(value))
		return wrong_kind(field, value, err);
	if (!(number >= field->low && number <= field->high))
		return prl_error_set(err, PRL_E_RANGE, "\"%s\" %.17g is out of range, expected %.17g to %.17g", field->name,
		                     number, field->low, field->high);
	memcpy(into, &number, sizeof number);
	return PRL_OK;
}

static prl_status read_text(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	if (!text)
		return wrong_kind(field, value, err);
	if ((double)length > field->high)
		return prl_error_set(err, PRL_E_TOO_LARGE, "\"%s\" has %zu bytes, expected at most %.0f", field->name,
		                     length, field->high);
	if ((double)length < field->low)
		return prl_error_set(err, PRL_E_RANGE, "\"%s\" is empty, expected at least %.0f byte", field->name,
		                     field->low);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" holds the control character 0x%02x, expected none",
			                     field->name, (unsigned)(unsigned char)text[i]);
	memcpy(into, &text, sizeof text);
	return PRL_OK;
}

static prl_status read_time(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	prl_time t;
	if (!json_is_string(value))
		return wrong_kind(field, value, err);
	prl_status status = prl_time_parse(json_string_value(value), json_string_length(value), &t, err);
	if (status)
		return prl_error_at(err, status, "%s", field->name);
	memcpy(into, &t, sizeof t);
	return PRL_OK;
}

/* Writes the words, comma between, into text. */
static void join(char *text, size_t room, const char *const *words)
{
	size_t used = 0;
	text[0] = 0;
	for (; *words && used < room; words++)
		used += (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "", *words);
}

static prl_status read_word(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	char known[300];
	const char *text = json_string_value(value);
	for (unsigned i = 0; text && field->words[i]; i++)
		if (!strcmp(text, field->words[i])) {
			memcpy(into, &i, sizeof i);
			return PRL_OK;
		}
	join(known, sizeof known, field->words);
	if (!text)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is %s, expected one of %s", field->name,
		                     prl_json_what(value), known);
	return prl_error_set(err, PRL_E_UNSUPPORTED, "\"%s\" is \"%.40s\", expected %s%s", field->name, text,
	                     field->words[0] && field->words[1] ? "one of " : "", known);
}

static prl_status read_json(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	if ((field->kind == PRL_FIELD_OBJECT && !json_is_object(value)) ||
	    (field->kind == PRL_FIELD_LIST && !json_is_array(value)))
		return wrong_kind(field, value, err);
	memcpy(into, &value, sizeof value);
	return PRL_OK;
}

static prl_status read_field(const prl_field *field, const json_t *value, void *into, prl_error *err)
{
	switch (field->kind) {
	case PRL_FIELD_NUMBER:
		return read_number(field, value, into, err);
	case PRL_FIELD_TEXT:
		return read_text(field, value, into, err);
	case PRL_FIELD_TIME:
		return read_time(field, value, into, err);
	case PRL_FIELD_WORD:
		return read_word(field, value, into, err);
	case PRL_FIELD_OBJECT:
	case PRL_FIELD_LIST:
	case PRL_FIELD_ANY:
		break;
	}
	return read_json(field, value, into, err);
}

static prl_status check_names(const json_t *object, const prl_field *fields, prl_error *err)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		const prl_field *field = fields;
		while (field->name && strcmp(field->name, name) != 0)
			field++;
		if (field->name)
			continue;
		const char *words[32] = { NULL };
		for (size_t i = 0; i < 31 && fields[i].name; i++)
			words[i] = fields[i].name;
		char known[300];
		join(known, sizeof known, words);
		return prl_error_set(err, PRL_E_UNSUPPORTED, "\"%.40s\" is not known here, expected only %s", name, known);
	}
	return PRL_OK;
}

prl_status prl_fields_read(const json_t *object, const prl_field *fields, bool closed, void *ret_values, prl_error *err)
{
	if (!json_is_object(object))
		return prl_error_set(err, PRL_E_SYNTAX, "is %s, expected an object", prl_json_what(object));
	prl_status status = closed ? check_names(object, fields, err) : PRL_OK;
	for (; !status && fields->name; fields++) {
		const json_t *value = json_object_get(object, fields->name);
		if (value && !json_is_null(value))
			status = read_field(fields, value, (char *)ret_values + fields->offset, err);
		else if (fields->required)
			status = wrong_kind(fields, value, err);
	}
	return status;
}

prl_status prl_crs_check(const json_t *crs, prl_error *err)
{
	static const char *const names[] = {
		"urn:ogc:def:crs:OGC:1.3:CRS84",
		"urn:ogc:def:crs:OGC::CRS84",
		"urn:ogc:def:crs:OGC:0:CRS84h",
		"urn:ogc:def:crs:OGC::CRS84h",
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84",
		"http://www.opengis.net/def/crs/OGC/0/CRS84h",
		"OGC:CRS84",
		"OGC:CRS84h",
	};
	if (!crs || json_is_null(crs))
		return PRL_OK;
	const json_t *value = json_object_get(json_object_get(crs, "properties"), "name");
	const char *name = json_string_value(value ? value : crs);
	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return PRL_OK;
	return prl_error_set(err, PRL_E_UNSUPPORTED, "crs %s%.100s%s is not taken, expected none or %s", name ? "\"" : "",
	                     name ? name : prl_json_what(crs), name ? "\"" : "", names[0]);
}
