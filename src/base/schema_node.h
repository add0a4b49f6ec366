/* A schema as it is checked: what the parts of the checker share. */
#ifndef PRL_BASE_SCHEMA_NODE_H
#define PRL_BASE_SCHEMA_NODE_H

#include "base/json_text.h"
#include "base/memory.h"
#include "base/schema.h"

/* A file of schemas/, put into the program by cmake/schemas.cmake. */
typedef struct prl_schema_file {
	const char *name;
	const unsigned char *text; /* a 0 follows */
	size_t size;
} prl_schema_file;
extern const prl_schema_file prl_schema_files[];
extern const size_t prl_schema_file_count;

/* X(bit, name in "type", as in a message) */
#define PRL_SCHEMA_TYPE_MAP(X)                                                                                         \
	X(NULL, "null", "null")                                                                                        \
	X(BOOLEAN, "boolean", "true or false")                                                                         \
	X(INTEGER, "integer", "a whole number")                                                                        \
	X(NUMBER, "number", "a number")                                                                                \
	X(STRING, "string", "a text")                                                                                  \
	X(ARRAY, "array", "an array")                                                                                  \
	X(OBJECT, "object", "an object")

enum {
#define X(bit, name, text) PRL_TYPE_INDEX_##bit,
	PRL_SCHEMA_TYPE_MAP(X)
#undef X
		PRL_TYPE_COUNT
};

/* X(name in "format", what is expected, as in a message) */
#define PRL_SCHEMA_FORMAT_MAP(X)                                                                                       \
	X(time, "an RFC 3339 time with its offset")                                                                    \
	X(hash, "the base64 of 32 bytes")                                                                              \
	X(name, "1 to 128 letters, digits and . _ / - :")                                                              \
	X(vkey, "a key as name+hex+base64")                                                                            \
	X(base64, "base64 with its padding")                                                                           \
	X(language, "a language as BCP 47 writes it")

typedef enum prl_schema_format {
	PRL_FORMAT_NONE,
#define X(name, text) PRL_FORMAT_##name,
	PRL_SCHEMA_FORMAT_MAP(X)
#undef X
} prl_schema_format;

#define PRL_SCHEMA_MEMBERS_MAX 128u /* properties of one object: a bit each while it is checked */

typedef struct prl_schema_node prl_schema_node;

typedef struct prl_schema_member {
	const char *name;
	size_t size;
	const prl_schema_node *node; /* NULL: required, but not one of properties */
	bool required;
} prl_schema_member;

/* A number of the schema, as written. */
typedef struct prl_schema_number {
	bool there, whole;
	json_int_t integer;
	double real;
} prl_schema_number;

struct prl_schema_node {
	unsigned types; /* bits 1 << PRL_TYPE_INDEX_…; 0: any */
	const prl_schema_node *ref;
	/* object: members sorted by size, then bytes */
	prl_schema_member *members;
	size_t member_count;
	bool closed;                       /* additionalProperties: false */
	const prl_schema_node *additional; /* or a schema; NULL: anything */
	/* array */
	const prl_schema_node *items;
	size_t min_items, max_items;
	bool unique;
	/* string */
	size_t min_length, max_length; /* code points */
	prl_schema_format format;
	/* number */
	prl_schema_number minimum, maximum;
	/* any */
	const json_t *choices; /* enum, an array; NULL: none */
	const json_t *constant;
	const prl_schema_node **forms; /* oneOf */
	size_t form_count;
	int mark; /* while compiling: 1 being followed, 2 known to end */
};

/* Where a node came from, so that a $ref finds it and may refer to itself. */
typedef struct prl_schema_place {
	const json_t *json;
	prl_schema_node *node;
	struct prl_schema_place *next;
} prl_schema_place;

typedef struct prl_schema_document {
	const char *name; /* NULL for the text given to prl_schema_parse() */
	json_t *json;
	struct prl_schema_document *next;
} prl_schema_document;

/* Never changes once it is compiled. */
struct prl_schema {
	prl_arena arena;
	prl_schema_document *documents;
	prl_schema_place *places;
	const prl_schema_node *root;
};

/* True where text is of that format. */
bool prl_schema_format_fits(prl_schema_format format, prl_bytes text);

/* Appends "/key" to a JSON Pointer (RFC 6901 section 3: ~ is ~0, / is ~1); cut where it does not fit. */
void prl_json_pointer_add(char *pointer, size_t room, const char *key, size_t size);

#endif
