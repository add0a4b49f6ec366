/* JSON Schema by the letter: the subset of src/base/schema.h interpreted straight from the schema's JSON, slow and
 * simple, to compare with. Says only yes or no. Formats are the checker's own: they are tested by themselves. */
#ifndef PRL_FUZZ_SCHEMA_SLOW_H
#define PRL_FUZZ_SCHEMA_SLOW_H

#include "base/schema_node.h"

#include <math.h>
#include <string.h>

static inline bool slow_type(const char *type, const json_t *value)
{
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	if (strcmp(type, "object") == 0)
		return json_is_object(value);
	return strcmp(type, "null") == 0 ? json_is_null(value) : json_is_boolean(value);
}

/* 64 bits of mantissa (x86's long double): exact for both kinds of numbers. */
static inline long double slow_number(const json_t *value)
{
	return json_is_integer(value) ? (long double)json_integer_value(value) : (long double)json_real_value(value);
}

static inline size_t slow_length(const json_t *value)
{
	size_t count = 0;
	for (const char *p = json_string_value(value); *p; p++)
		count += ((unsigned char)*p >> 6) != 2;
	return count;
}

static inline bool slow_format(const char *name, const json_t *value)
{
#define X(format, text)                                                                                                \
	if (strcmp(name, #format) == 0)                                                                                \
		return prl_schema_format_fits(PRL_FORMAT_##format,                                                     \
					      (prl_bytes){ json_string_value(value), json_string_length(value) });
	PRL_SCHEMA_FORMAT_MAP(X)
#undef X
	return false;
}

static inline bool slow_fits(json_t *root, json_t *schema, json_t *value);

static inline bool slow_object(json_t *root, json_t *schema, json_t *value)
{
	json_t *required = json_object_get(schema, "required"), *properties = json_object_get(schema, "properties");
	json_t *additional = json_object_get(schema, "additionalProperties"), *member;
	const char *key;
	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(value, json_string_value(json_array_get(required, i))))
			return false;
	json_object_foreach(value, key, member)
	{
		json_t *inner = json_object_get(properties, key);
		inner = inner ? inner : additional;
		if (inner && !slow_fits(root, inner, member))
			return false;
	}
	return true;
}

static inline bool slow_array(json_t *root, json_t *schema, json_t *value)
{
	json_t *items = json_object_get(schema, "items"), *least = json_object_get(schema, "minItems"),
	       *most = json_object_get(schema, "maxItems");
	size_t count = json_array_size(value);
	if ((least && count < (size_t)json_integer_value(least)) || (most && count > (size_t)json_integer_value(most)))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (items && !slow_fits(root, items, json_array_get(value, i)))
			return false;
		for (size_t k = i + 1; k < count && json_is_true(json_object_get(schema, "uniqueItems")); k++)
			if (json_equal(json_array_get(value, i), json_array_get(value, k)))
				return false;
	}
	return true;
}

static inline bool slow_scalar(json_t *schema, json_t *value)
{
	json_t *low = json_object_get(schema, "minimum"), *high = json_object_get(schema, "maximum"),
	       *least = json_object_get(schema, "minLength"), *most = json_object_get(schema, "maxLength"),
	       *format = json_object_get(schema, "format");
	if (json_is_number(value))
		return (!low || slow_number(value) >= slow_number(low)) &&
		       (!high || slow_number(value) <= slow_number(high));
	if (!json_is_string(value))
		return true;
	size_t length = slow_length(value);
	return (!least || length >= (size_t)json_integer_value(least)) &&
	       (!most || length <= (size_t)json_integer_value(most)) &&
	       (!format || slow_format(json_string_value(format), value));
}

static inline bool slow_any(json_t *root, json_t *schema, json_t *value)
{
	json_t *types = json_object_get(schema, "type"), *ref = json_object_get(schema, "$ref"),
	       *choices = json_object_get(schema, "enum"), *constant = json_object_get(schema, "const"),
	       *forms = json_object_get(schema, "oneOf");
	bool typed = !types || (json_is_string(types) && slow_type(json_string_value(types), value)), chosen = !choices;
	size_t fits = 0;
	for (size_t i = 0; i < json_array_size(types); i++)
		typed = typed || slow_type(json_string_value(json_array_get(types, i)), value);
	for (size_t i = 0; i < json_array_size(choices); i++)
		chosen = chosen || json_equal(json_array_get(choices, i), value);
	for (size_t i = 0; i < json_array_size(forms); i++)
		fits += slow_fits(root, json_array_get(forms, i), value);
	if (!typed || !chosen || (forms && fits != 1) || (constant && !json_equal(constant, value)))
		return false;
	if (!ref)
		return true;
	const char *to = json_string_value(ref);
	return slow_fits(root, strcmp(to, "#") ? json_object_get(json_object_get(root, "$defs"), to + 8) : root, value);
}

static inline bool slow_fits(json_t *root, json_t *schema, json_t *value)
{
	if (json_is_boolean(schema))
		return json_is_true(schema);
	return slow_any(root, schema, value) && slow_scalar(schema, value) &&
	       (!json_is_object(value) || slow_object(root, schema, value)) &&
	       (!json_is_array(value) || slow_array(root, schema, value));
}

#endif
