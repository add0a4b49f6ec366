/* Checking a value. Nothing is allocated and nothing formatted unless something is wrong. */
#include "base/error.h"
#include "base/limits.h"
#include "base/schema_node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The way down to the value that is looked at; lives on the stack. */
typedef struct place {
	const struct place *up;
	const char *key; /* NULL: an item */
	size_t size;     /* of the key, or the item's index */
	size_t depth;
} place;

/* err NULL: only the answer is wanted (a form of a oneOf). */
static prl_status check(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err);

static void write_place(const place *at, char *pointer, size_t room)
{
	if (!at || !at->up)
		return;
	write_place(at->up, pointer, room);
	char number[24];
	int size = snprintf(number, sizeof number, "%zu", at->size);
	if (at->key)
		prl_json_pointer_add(pointer, room, at->key, at->size);
	else
		prl_json_pointer_add(pointer, room, number, (size_t)size);
}

#define WRONG(err, at, status, ...) ((err) ? wrong(at, prl_error_set(err, status, __VA_ARGS__), err) : (status))

static prl_status wrong(const place *at, prl_status status, prl_error *err)
{
	write_place(at, err->where, sizeof err->where);
	return status;
}

#define SHOWN_MAX 60 /* bytes of a value or a name in a message */

/* size, or less so that no character is cut in half. */
static size_t cut(const char *text, size_t size)
{
	if (size <= SHOWN_MAX)
		return size;
	size = SHOWN_MAX;
	while (size > 0 && (text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

/* A value as a message shows it. */
static void show(const json_t *value, char text[SHOWN_MAX + 8])
{
	char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	size_t size = dump ? strlen(dump) : 0;
	snprintf(text, SHOWN_MAX + 8, "%.*s%s", (int)cut(dump, size), dump ? dump : "?", size > SHOWN_MAX ? "…" : "");
	free(dump);
}

/* ---- type -------------------------------------------------------------------------------------------------------- */

static unsigned type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_NULL:
		return 1u << PRL_TYPE_INDEX_NULL;
	case JSON_TRUE:
	case JSON_FALSE:
		return 1u << PRL_TYPE_INDEX_BOOLEAN;
	case JSON_INTEGER:
		return 1u << PRL_TYPE_INDEX_INTEGER;
	case JSON_REAL:
		return 1u << PRL_TYPE_INDEX_NUMBER;
	case JSON_STRING:
		return 1u << PRL_TYPE_INDEX_STRING;
	case JSON_ARRAY:
		return 1u << PRL_TYPE_INDEX_ARRAY;
	default:
		return 1u << PRL_TYPE_INDEX_OBJECT;
	}
}

static void name_types(unsigned types, char *text, size_t room)
{
	static const char *const names[] = {
#define X(bit, name, words) words,
		PRL_SCHEMA_TYPE_MAP(X)
#undef X
	};
	if (types & 1u << PRL_TYPE_INDEX_NUMBER)
		types &= ~(1u << PRL_TYPE_INDEX_INTEGER);
	text[0] = 0;
	for (unsigned i = 0; i < PRL_TYPE_COUNT; i++)
		if (types & 1u << i) {
			size_t used = strlen(text);
			snprintf(text + used, room - used, "%s%s", used ? " or " : "", names[i]);
		}
}

static prl_status check_type(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	char found[80], expected[120];
	if (!node->types || (node->types & type_of(value)))
		return PRL_OK;
	if (!err)
		return PRL_E_SYNTAX;
	name_types(type_of(value), found, sizeof found);
	name_types(node->types, expected, sizeof expected);
	if (json_is_real(value) && (node->types & 1u << PRL_TYPE_INDEX_INTEGER))
		return WRONG(err, at, PRL_E_SYNTAX,
			     "%.17g, expected a whole number, written without fraction and exponent",
			     json_real_value(value));
	return WRONG(err, at, PRL_E_SYNTAX, "%s, expected %s", found, expected);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* Sign of integer - real, exactly: a double above 2^53 is not what an integer is rounded to. */
static int compare_mixed(json_int_t integer, double real)
{
	if (real >= 0x1p63)
		return -1;
	if (real < -0x1p63)
		return 1;
	double whole = floor(real);
	json_int_t other = (json_int_t)whole;
	if (integer != other)
		return integer < other ? -1 : 1;
	return real > whole ? -1 : 0;
}

static int compare(const json_t *value, const prl_schema_number *limit)
{
	if (json_is_integer(value)) {
		json_int_t v = json_integer_value(value);
		return limit->whole ? (v > limit->integer) - (v < limit->integer) : compare_mixed(v, limit->real);
	}
	double v = json_real_value(value);
	return limit->whole ? -compare_mixed(limit->integer, v) : (v > limit->real) - (v < limit->real);
}

static void show_limit(const prl_schema_number *limit, char text[40])
{
	if (limit->whole)
		snprintf(text, 40, "%lld", (long long)limit->integer);
	else
		snprintf(text, 40, "%.17g", limit->real);
}

static prl_status check_number(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	bool low = node->minimum.there && compare(value, &node->minimum) < 0;
	bool high = node->maximum.there && compare(value, &node->maximum) > 0;
	if (!low && !high)
		return PRL_OK;
	char found[SHOWN_MAX + 8], limit[40];
	if (err) {
		show(value, found);
		show_limit(low ? &node->minimum : &node->maximum, limit);
	}
	return WRONG(err, at, PRL_E_RANGE, "%s is out of range, expected %s %s", found, low ? "at least" : "at most",
		     limit);
}

/* ---- strings ----------------------------------------------------------------------------------------------------- */

static size_t code_points(const char *text, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < size; i++)
		count += (text[i] & 0xc0) != 0x80;
	return count;
}

static prl_status check_format(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	static const char *const expected[] = { "",
#define X(name, text) text,
						PRL_SCHEMA_FORMAT_MAP(X)
#undef X
	};
	if (prl_schema_format_fits(node->format, (prl_bytes){ json_string_value(value), json_string_length(value) }))
		return PRL_OK;
	char found[SHOWN_MAX + 8];
	if (err)
		show(value, found);
	return WRONG(err, at, PRL_E_SYNTAX, "%s, expected %s", found, expected[node->format]);
}

static prl_status check_string(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	size_t size = json_string_length(value);
	if (node->min_length > 0 || node->max_length < size) {
		size_t count = code_points(json_string_value(value), size);
		if (count < node->min_length)
			return WRONG(err, at, PRL_E_RANGE, "a text of %zu characters, expected at least %zu", count,
				     node->min_length);
		if (count > node->max_length)
			return WRONG(err, at, PRL_E_RANGE, "a text of %zu characters, expected at most %zu", count,
				     node->max_length);
	}
	return node->format ? check_format(node, value, at, err) : PRL_OK;
}

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

static prl_status check_unique(const json_t *value, const place *at, prl_error *err)
{
	size_t count = json_array_size(value);
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (json_equal(json_array_get(value, i), json_array_get(value, k)))
				return WRONG(err, at, PRL_E_SYNTAX,
					     "items %zu and %zu are the same, expected each once", k, i);
	return PRL_OK;
}

static prl_status check_array(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	size_t count = json_array_size(value);
	if (count < node->min_items)
		return WRONG(err, at, PRL_E_RANGE, "%zu items, expected at least %zu", count, node->min_items);
	if (count > node->max_items)
		return WRONG(err, at, PRL_E_RANGE, "%zu items, expected at most %zu", count, node->max_items);
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && node->items && i < count; i++) {
		place item = { at, NULL, i, at->depth + 1 };
		status = check(node->items, json_array_get(value, i), &item, err);
	}
	return status || !node->unique ? status : check_unique(value, at, err);
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static const prl_schema_member *find_member(const prl_schema_node *node, const char *name, size_t size)
{
	size_t from = 0, to = node->member_count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const prl_schema_member *member = &node->members[middle];
		int order = member->size == size ? memcmp(name, member->name, size) : size < member->size ? -1 : 1;
		if (order == 0)
			return member;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

static prl_status check_member(const prl_schema_node *node, const prl_schema_member *member, const json_t *value,
			       const place *at, prl_error *err)
{
	if (member && member->node)
		return check(member->node, value, at, err);
	if (node->additional)
		return check(node->additional, value, at, err);
	if (!node->closed)
		return PRL_OK;
	return WRONG(err, at, PRL_E_SYNTAX, "unknown member \"%.*s\"", (int)cut(at->key, at->size), at->key);
}

static prl_status find_missing(const prl_schema_node *node, const uint64_t seen[2], const place *at, prl_error *err)
{
	for (size_t i = 0; i < node->member_count; i++)
		if (node->members[i].required && !(seen[i / 64] >> i % 64 & 1))
			return WRONG(err, at, PRL_E_SYNTAX, "member \"%s\" is missing", node->members[i].name);
	return PRL_OK;
}

static prl_status check_object(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	uint64_t seen[2] = { 0, 0 };
	json_t *object = (json_t *)(uintptr_t)value; /* jansson's iterators take no const; they change nothing */
	for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter)) {
		place inside = { at, json_object_iter_key(iter), json_object_iter_key_len(iter), at->depth + 1 };
		const prl_schema_member *member = find_member(node, inside.key, inside.size);
		prl_status status = check_member(node, member, json_object_iter_value(iter), &inside, err);
		if (status)
			return status;
		size_t index = member ? (size_t)(member - node->members) : 0;
		if (member)
			seen[index / 64] |= UINT64_C(1) << index % 64;
	}
	return find_missing(node, seen, at, err);
}

/* ---- anything ---------------------------------------------------------------------------------------------------- */

static prl_status check_choices(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	for (size_t i = 0; i < json_array_size(node->choices); i++)
		if (json_equal(json_array_get(node->choices, i), value))
			return PRL_OK;
	if (!err)
		return PRL_E_RANGE;
	char found[SHOWN_MAX + 8], expected[200];
	char *all = json_dumps(node->choices, JSON_COMPACT);
	show(value, found);
	snprintf(expected, sizeof expected, "%s", all ? all : "another");
	free(all);
	return WRONG(err, at, PRL_E_RANGE, "%s, expected one of %s", found, expected);
}

static prl_status check_constant(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	if (json_equal(node->constant, value))
		return PRL_OK;
	char found[SHOWN_MAX + 8], expected[SHOWN_MAX + 8];
	if (err) {
		show(value, found);
		show(node->constant, expected);
	}
	return WRONG(err, at, PRL_E_RANGE, "%s, expected %s", found, expected);
}

static const prl_schema_node *follow(const prl_schema_node *node)
{
	while (node && node->ref)
		node = node->ref;
	return node;
}

/* Whether value has the marks of this form: its type, and each member that the form holds to one value. */
static bool has_marks(const prl_schema_node *form, const json_t *value)
{
	form = follow(form);
	if (form->types && !(form->types & type_of(value)))
		return false;
	for (size_t i = 0; json_is_object(value) && i < form->member_count; i++) {
		const prl_schema_node *member = follow(form->members[i].node);
		const json_t *found = json_object_getn(value, form->members[i].name, form->members[i].size);
		if (member && member->constant && found && !json_equal(member->constant, found))
			return false;
	}
	return true;
}

/* Of the forms, the first that has its marks, and of these the one in which the error lies deepest. */
static prl_status say_nearest(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	prl_error nearest = { 0 }, found = { 0 };
	size_t best = 0;
	for (size_t i = 0; i < node->form_count; i++) {
		(void)!check(node->forms[i], value, at, &found);
		size_t near = has_marks(node->forms[i], value) ? 1000 : 1;
		for (const char *p = found.where; *p; p++)
			near += *p == '/';
		if (near > best)
			nearest = found;
		best = near > best ? near : best;
	}
	*err = nearest;
	return nearest.status;
}

static prl_status check_forms(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	size_t fits = 0;
	for (size_t i = 0; i < node->form_count; i++)
		fits += check(node->forms[i], value, at, NULL) == PRL_OK;
	if (fits == 1)
		return PRL_OK;
	if (fits > 1)
		return WRONG(err, at, PRL_E_SYNTAX, "fits %zu of %zu forms, expected exactly one", fits,
			     node->form_count);
	return err ? say_nearest(node, value, at, err) : PRL_E_SYNTAX;
}

static prl_status check_value(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return check_object(node, value, at, err);
	case JSON_ARRAY:
		return check_array(node, value, at, err);
	case JSON_STRING:
		return check_string(node, value, at, err);
	case JSON_INTEGER:
	case JSON_REAL:
		return check_number(node, value, at, err);
	default:
		return PRL_OK;
	}
}

static prl_status check(const prl_schema_node *node, const json_t *value, const place *at, prl_error *err)
{
	if (at->depth > PRL_MAX_JSON_DEPTH)
		return WRONG(err, at, PRL_E_RANGE, "nested deeper than %u", PRL_MAX_JSON_DEPTH);
	prl_status status = check_type(node, value, at, err);
	if (!status && node->ref)
		status = check(node->ref, value, at, err);
	if (!status && node->constant)
		status = check_constant(node, value, at, err);
	if (!status && node->choices)
		status = check_choices(node, value, at, err);
	if (!status)
		status = check_value(node, value, at, err);
	return status || !node->form_count ? status : check_forms(node, value, at, err);
}

prl_status prl_schema_check(const prl_schema *schema, const json_t *value, prl_error *err)
{
	place root = { 0 };
	return check(schema->root, value, &root, err);
}

prl_status prl_schema_read(const prl_schema *schema, prl_bytes text, json_t **ret_value, prl_error *err)
{
	json_t *json;
	prl_status status = prl_json_text_read(text, PRL_MAX_JSON_DEPTH_BODY, &json, err);
	if (status)
		return status;
	status = prl_schema_check(schema, json, err);
	if (status)
		json_decref(json);
	else
		*ret_value = json;
	return status;
}
