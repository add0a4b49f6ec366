/* Compiling a schema: JSON into nodes. A node for each place that something refers to or that holds something; a $ref
 * becomes a pointer, so a schema may refer to itself. */
#include "base/schema.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/schema_node.h"

#include <stdio.h>
#include <string.h>

#define SCHEMA_BYTES_MAX (16u * PRL_MIB) /* nodes of one schema; no hostile input, a schema is ours */
#define SCHEMA_DEPTH_MAX 64u

/* Where the compiler is: for messages, and for files that a $ref names. */
typedef struct compiler {
	prl_schema *schema;
	prl_schema_document *document;
	const char *path[SCHEMA_DEPTH_MAX];
	size_t depth;
	prl_error *err;
} compiler;

static prl_status compile(compiler *c, const json_t *json, const prl_schema_node **ret);

const char *prl_schema_text(const char *name)
{
	for (size_t i = 0; i < prl_schema_file_count; i++)
		if (strcmp(prl_schema_files[i].name, name) == 0)
			return (const char *)prl_schema_files[i].text;
	return NULL;
}

static prl_status wrong(compiler *c, const char *what, const char *which)
{
	prl_status status = prl_error_set(c->err, PRL_E_UNSUPPORTED, "schema %s: %s %s",
					  c->document->name ? c->document->name : "(text)", what, which);
	for (size_t i = 0; c->err && i < c->depth; i++)
		prl_json_pointer_add(c->err->where, sizeof c->err->where, c->path[i], strlen(c->path[i]));
	return status;
}

static void *alloc(compiler *c, size_t count, size_t item)
{
	void *memory = prl_arena_alloc(&c->schema->arena, count, item);
	if (memory)
		memset(memory, 0, count * item);
	return memory;
}

/* ---- one keyword ------------------------------------------------------------------------------------------------- */

typedef prl_status keyword_fn(compiler *c, const char *name, const json_t *json, prl_schema_node *node);

static prl_status take_nothing(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)c, (void)name, (void)json, (void)node;
	return PRL_OK;
}

static prl_status take_type(compiler *c, const json_t *json, prl_schema_node *node)
{
	static const char *const names[] = {
#define X(bit, name, text) name,
		PRL_SCHEMA_TYPE_MAP(X)
#undef X
	};
	for (unsigned i = 0; i < PRL_TYPE_COUNT; i++)
		if (json_is_string(json) && strcmp(json_string_value(json), names[i]) == 0) {
			node->types |= 1u << i;
			if (i == PRL_TYPE_INDEX_NUMBER)
				node->types |= 1u << PRL_TYPE_INDEX_INTEGER;
			return PRL_OK;
		}
	return wrong(c, "an unknown type", json_is_string(json) ? json_string_value(json) : "");
}

static prl_status take_types(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)name;
	if (!json_is_array(json))
		return take_type(c, json, node);
	prl_status status = json_array_size(json) ? PRL_OK : wrong(c, "no type in", name);
	for (size_t i = 0; !status && i < json_array_size(json); i++)
		status = take_type(c, json_array_get(json, i), node);
	return status;
}

static prl_status take_format(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	static const char *const names[] = { "",
#define X(format, text) #format,
					     PRL_SCHEMA_FORMAT_MAP(X)
#undef X
	};
	const char *text = json_is_string(json) ? json_string_value(json) : "";
	for (size_t i = 1; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0)
			node->format = (prl_schema_format)i;
	return node->format ? PRL_OK : wrong(c, name, "that is not checked");
}

static prl_status take_count(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	if (!json_is_integer(json) || json_integer_value(json) < 0)
		return wrong(c, name, "is not a count");
	size_t count = (size_t)json_integer_value(json);
	if (name[1] == 'i')
		*(name[3] == 'I' ? &node->min_items : &node->min_length) = count;
	else
		*(name[3] == 'I' ? &node->max_items : &node->max_length) = count;
	return PRL_OK;
}

static prl_status take_limit(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	if (!json_is_number(json))
		return wrong(c, name, "is not a number");
	*(name[1] == 'i' ? &node->minimum : &node->maximum) = (prl_schema_number){ .there = true,
										   .whole = json_is_integer(json),
										   .integer = json_integer_value(json),
										   .real = json_number_value(json) };
	return PRL_OK;
}

static prl_status take_unique(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	node->unique = json_is_true(json);
	return json_is_boolean(json) ? PRL_OK : wrong(c, name, "is neither true nor false");
}

static prl_status take_enum(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	node->choices = json;
	return json_array_size(json) ? PRL_OK : wrong(c, name, "is not an array of values");
}

static prl_status take_const(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)c, (void)name;
	node->constant = json;
	return PRL_OK;
}

static prl_status take_items(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)name;
	return compile(c, json, &node->items);
}

static prl_status take_additional(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)name;
	node->closed = json_is_false(json);
	return node->closed ? PRL_OK : compile(c, json, &node->additional);
}

static prl_status take_forms(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	if (!json_array_size(json))
		return wrong(c, name, "is not an array of schemas");
	node->form_count = json_array_size(json);
	node->forms = alloc(c, node->form_count, sizeof *node->forms);
	prl_status status = node->forms ? PRL_OK : prl_error_memory(c->err);
	for (size_t i = 0; !status && i < node->form_count; i++)
		status = compile(c, json_array_get(json, i), &node->forms[i]);
	return status;
}

/* Each is compiled, whether or not something refers to it, so that a mistake in it is found. */
static prl_status take_defs(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)node;
	const char *key;
	json_t *value;
	const prl_schema_node *made;
	if (!json_is_object(json))
		return wrong(c, name, "is not an object");
	prl_status status = PRL_OK;
	void *iter = json_object_iter((json_t *)(uintptr_t)json);
	for (; !status && iter; iter = json_object_iter_next((json_t *)(uintptr_t)json, iter)) {
		key = json_object_iter_key(iter);
		value = json_object_iter_value(iter);
		c->path[c->depth++] = key;
		status = compile(c, value, &made);
		c->depth -= !status;
	}
	return status;
}

/* ---- members ----------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const prl_schema_member *x = a, *y = b;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->name, y->name, x->size);
}

static prl_schema_member *member_of(prl_schema_node *node, const char *name)
{
	for (size_t i = 0; i < node->member_count; i++)
		if (strcmp(node->members[i].name, name) == 0)
			return &node->members[i];
	return NULL;
}

static prl_status add_member(compiler *c, prl_schema_node *node, const char *name, prl_schema_member **ret)
{
	if (node->member_count == PRL_SCHEMA_MEMBERS_MAX)
		return wrong(c, "too many properties, from", name);
	*ret = &node->members[node->member_count++];
	**ret = (prl_schema_member){ .name = name, .size = strlen(name) };
	return PRL_OK;
}

static prl_status take_properties(compiler *c, const json_t *json, prl_schema_node *node)
{
	if (json && !json_is_object(json))
		return wrong(c, "properties", "is not an object");
	prl_status status = PRL_OK;
	void *iter = json_object_iter((json_t *)(uintptr_t)json);
	for (; !status && iter; iter = json_object_iter_next((json_t *)(uintptr_t)json, iter)) {
		prl_schema_member *member = NULL;
		const char *name = json_object_iter_key(iter);
		status = add_member(c, node, name, &member);
		if (status)
			break;
		c->path[c->depth++] = "properties";
		c->path[c->depth++] = name;
		status = compile(c, json_object_iter_value(iter), &member->node);
		c->depth -= status ? 0 : 2;
	}
	return status;
}

static prl_status take_required(compiler *c, const json_t *json, prl_schema_node *node)
{
	if (json && !json_is_array(json))
		return wrong(c, "required", "is not an array of names");
	prl_status status = PRL_OK;
	for (size_t i = 0; !status && i < json_array_size(json); i++) {
		const char *name = json_string_value(json_array_get(json, i));
		if (!name)
			return wrong(c, "required", "is not an array of names");
		prl_schema_member *member = member_of(node, name);
		if (!member)
			status = add_member(c, node, name, &member);
		if (!status)
			member->required = true;
		/* with nothing else to be taken, no object could ever fit */
		if (!status && !member->node && node->closed)
			status = wrong(c, "required, but not one of the properties:", name);
	}
	return status;
}

/* ---- references -------------------------------------------------------------------------------------------------- */

/* FILE of a $ref, relative to the file that it stands in: "a/b.json" and "../c.json" is "c.json". */
static bool resolve_name(const char *from, const char *file, size_t size, char *name, size_t room)
{
	const char *slash = from ? strrchr(from, '/') : NULL;
	size_t folder = slash ? (size_t)(slash - from) + 1 : 0;
	while (size > 3 && memcmp(file, "../", 3) == 0 && folder > 0) {
		file += 3;
		size -= 3;
		for (folder--; folder > 0 && from[folder - 1] != '/'; folder--)
			;
	}
	if (folder + size >= room)
		return false;
	if (folder)
		memcpy(name, from, folder);
	memcpy(name + folder, file, size);
	name[folder + size] = 0;
	return true;
}

static prl_status load(compiler *c, const char *name, prl_schema_document **ret)
{
	prl_schema_document *document = c->schema->documents;
	while (document && !(document->name && strcmp(document->name, name) == 0))
		document = document->next;
	if (!document) {
		const prl_schema_file *file = NULL;
		for (size_t i = 0; !file && i < prl_schema_file_count; i++)
			if (strcmp(prl_schema_files[i].name, name) == 0)
				file = &prl_schema_files[i];
		if (!file)
			return prl_error_set(c->err, PRL_E_NOT_FOUND, "no schema %s", name);
		document = alloc(c, 1, sizeof *document);
		if (!document)
			return prl_error_memory(c->err);
		prl_bytes text = { (const char *)file->text, file->size };
		prl_status status = prl_json_text_read(text, SCHEMA_DEPTH_MAX, &document->json, c->err);
		if (status)
			return prl_error_at(c->err, status, "schema %s", name);
		document->name = file->name;
		document->next = c->schema->documents;
		c->schema->documents = document;
	}
	*ret = document;
	return PRL_OK;
}

static prl_status find_file(compiler *c, const char *ref, size_t size, prl_schema_document **ret)
{
	char name[200];
	if (size == 0) {
		*ret = c->document;
		return PRL_OK;
	}
	if (!resolve_name(c->document->name, ref, size, name, sizeof name) || !prl_schema_text(name))
		return wrong(c, "$ref to a file that is not there:", ref);
	return load(c, name, ret);
}

static prl_status take_ref(compiler *c, const char *name, const json_t *json, prl_schema_node *node)
{
	(void)name;
	const char *ref = json_is_string(json) ? json_string_value(json) : "?";
	size_t size = strcspn(ref, "#");
	const char *inside = ref + size + (ref[size] == '#');
	prl_schema_document *document = NULL, *back = c->document;
	prl_status status = find_file(c, ref, size, &document);
	if (status)
		return status;
	const json_t *to = document->json;
	if (*inside)
		to = strncmp(inside, "/$defs/", 7) ? NULL : json_object_get(json_object_get(to, "$defs"), inside + 7);
	if (!to)
		return wrong(c, "$ref to what is not there:", ref);
	c->document = document;
	status = compile(c, to, &node->ref);
	c->document = status ? c->document : back;
	return status;
}

/* ---- a schema ---------------------------------------------------------------------------------------------------- */

/* properties and required go together, after additionalProperties: see take_members(). */
static const struct keyword {
	const char *name;
	keyword_fn *take;
} keywords[] = {
	{ "$schema", take_nothing },
	{ "$id", take_nothing },
	{ "$comment", take_nothing },
	{ "title", take_nothing },
	{ "description", take_nothing },
	{ "default", take_nothing },
	{ "examples", take_nothing },
	{ "$ref", take_ref },
	{ "$defs", take_defs },
	{ "type", take_types },
	{ "properties", take_nothing },
	{ "required", take_nothing },
	{ "additionalProperties", take_additional },
	{ "items", take_items },
	{ "minItems", take_count },
	{ "maxItems", take_count },
	{ "uniqueItems", take_unique },
	{ "minLength", take_count },
	{ "maxLength", take_count },
	{ "minimum", take_limit },
	{ "maximum", take_limit },
	{ "enum", take_enum },
	{ "const", take_const },
	{ "oneOf", take_forms },
	{ "format", take_format },
};

static prl_status take_keyword(compiler *c, const char *name, const json_t *value, prl_schema_node *node)
{
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (strcmp(keywords[i].name, name) == 0) {
			c->path[c->depth++] = name;
			prl_status status = keywords[i].take(c, name, value, node);
			c->depth -= !status;
			return status;
		}
	return wrong(c, "a keyword that is not checked:", name);
}

static prl_status take_members(compiler *c, const json_t *json, prl_schema_node *node)
{
	const json_t *properties = json_object_get(json, "properties"), *required = json_object_get(json, "required");
	node->members = alloc(c, json_object_size(properties) + json_array_size(required), sizeof *node->members);
	if (!node->members)
		return prl_error_memory(c->err);
	prl_status status = take_properties(c, properties, node);
	if (!status)
		status = take_required(c, required, node);
	if (!status)
		qsort(node->members, node->member_count, sizeof *node->members, by_size);
	return status;
}

static prl_status fill(compiler *c, const json_t *json, prl_schema_node *node)
{
	prl_status status = PRL_OK;
	node->max_items = node->max_length = SIZE_MAX;
	void *iter = json_object_iter((json_t *)(uintptr_t)json);
	for (; !status && iter; iter = json_object_iter_next((json_t *)(uintptr_t)json, iter))
		status = take_keyword(c, json_object_iter_key(iter), json_object_iter_value(iter), node);
	if (!status)
		status = take_members(c, json, node);
	if (!status && node->unique && node->max_items > PRL_MAX_UNIQUE_ITEMS)
		status = wrong(c, "uniqueItems wants a maxItems of at most", "1,000");
	return status;
}

static prl_status compile(compiler *c, const json_t *json, const prl_schema_node **ret)
{
	for (const prl_schema_place *p = c->schema->places; p; p = p->next)
		if (p->json == json && !json_is_true(json)) {
			*ret = p->node;
			return PRL_OK;
		}
	if (!json_is_object(json) && !json_is_true(json))
		return wrong(c, "not a schema,", "expected an object or true");
	if (c->depth + 4 >= SCHEMA_DEPTH_MAX)
		return wrong(c, "nested", "too deep");
	prl_schema_place *place = alloc(c, 1, sizeof *place);
	prl_schema_node *node = alloc(c, 1, sizeof *node);
	if (!place || !node)
		return prl_error_memory(c->err);
	*place = (prl_schema_place){ json, node, c->schema->places };
	c->schema->places = place;
	*ret = node;
	return fill(c, json, node);
}

/* A node that leads to itself by $ref and oneOf alone would never end. */
static bool goes_round(prl_schema_node *node)
{
	if (!node || node->mark)
		return node && node->mark == 1;
	node->mark = 1;
	bool round = goes_round((prl_schema_node *)(uintptr_t)node->ref);
	for (size_t i = 0; !round && i < node->form_count; i++)
		round = goes_round((prl_schema_node *)(uintptr_t)node->forms[i]);
	node->mark = round ? 1 : 2;
	return round;
}

static prl_status compile_root(compiler *c)
{
	prl_status status = compile(c, c->document->json, &c->schema->root);
	for (const prl_schema_place *p = c->schema->places; !status && p; p = p->next)
		if (goes_round(p->node))
			status = wrong(c, "$ref", "that leads back to itself");
	return status;
}

static prl_status begin(compiler *c, prl_error *err)
{
	prl_schema *schema = calloc(1, sizeof *schema);
	if (!schema)
		return prl_error_memory(err);
	schema->arena = PRL_ARENA(SCHEMA_BYTES_MAX);
	*c = (compiler){ .schema = schema, .err = err };
	return PRL_OK;
}

static prl_status finish(compiler *c, prl_status status, prl_schema **ret)
{
	if (!status)
		status = compile_root(c);
	if (status)
		prl_schema_free(c->schema);
	else
		*ret = c->schema;
	return status;
}

prl_status prl_schema_open(const char *name, prl_schema **ret, prl_error *err)
{
	compiler c;
	prl_status status = begin(&c, err);
	return status ? status : finish(&c, load(&c, name, &c.document), ret);
}

prl_status prl_schema_parse(prl_bytes text, prl_schema **ret, prl_error *err)
{
	compiler c;
	prl_status status = begin(&c, err);
	if (status)
		return status;
	c.document = c.schema->documents = alloc(&c, 1, sizeof *c.document);
	status =
		c.document ? prl_json_text_read(text, SCHEMA_DEPTH_MAX, &c.document->json, err) : prl_error_memory(err);
	return finish(&c, status, ret);
}

void prl_schema_free(prl_schema *schema)
{
	if (!schema)
		return;
	for (prl_schema_document *d = schema->documents; d; d = d->next)
		json_decref(d->json);
	prl_arena_done(&schema->arena);
	free(schema);
}
