/* JSON Schema (draft 2020-12), the part of it that schemas/ uses: the file that documents a body is the file that
 * checks it, so that the two cannot differ. The files are put into the program by the build (prl_schema_text()).
 *
 * Keywords: $ref, $defs, type, properties, required, additionalProperties, items, minItems, maxItems, uniqueItems (with
 * maxItems of at most PRL_MAX_UNIQUE_ITEMS), minLength and maxLength (in code points), minimum, maximum, enum, const,
 * oneOf, format; $schema, $id, $comment, title, description, default and examples, which check nothing. Any other
 * keyword, and any other format, is refused when the schema is compiled, so that nothing that stands in a schema goes
 * unchecked. $ref is "#", "#/$defs/NAME", or FILE or FILE#/$defs/NAME with FILE relative to the file it stands in.
 *
 * Stricter than the standard in one thing: "integer" is a number written without fraction and exponent, because what is
 * read afterwards with json_integer_value() must be one (1.0 would read as 0).
 *
 * Formats: "time" (RFC 3339 as prl_time_parse()), "hash" (base64 of 32 bytes), "name" (a key, party or log name: 1 to
 * 128 bytes, letters, digits and . _ / - : only), "vkey" (name+hex+base64), "base64", "language" (BCP 47 shape). */
#ifndef PRL_BASE_SCHEMA_H
#define PRL_BASE_SCHEMA_H

#include <parley/base.h>

#include <jansson.h>

typedef struct prl_schema prl_schema;

/* The text of schemas/<name> as built in ("entry/key.certified.json"); NULL where there is none. */
const char *prl_schema_text(const char *name);

/* Compiles schemas/<name>. One compiled schema may be used by many threads. */
PRL_MUST prl_status prl_schema_open(const char *name, prl_schema **ret, prl_error *err);
/* Compiles a schema that is not one of schemas/; a $ref to a file finds those that are. */
PRL_MUST prl_status prl_schema_parse(prl_bytes text, prl_schema **ret, prl_error *err);
void prl_schema_free(prl_schema *schema);

/* Checks value. On failure err.text says what is wrong and what was expected, err.where is the place as a JSON Pointer
 * (RFC 6901; "" is the whole); an unknown or missing member is named. PRL_E_SYNTAX for a wrong type or format, a
 * missing or an unknown member; PRL_E_RANGE for a value that is not one of those listed, too small, large, short or
 * long. Of a oneOf that nothing fits, what is said is what is wrong with the form that came nearest. */
PRL_MUST prl_status prl_schema_check(const prl_schema *schema, const json_t *value, prl_error *err);

/* Reads JSON text strictly (UTF-8, no duplicate names, no trailing bytes, depth at most PRL_MAX_JSON_DEPTH_BODY, at
 * most PRL_MAX_JSON_BODY_BYTES, integers within 64 bits, numbers within doubles, no \u0000) and checks it. err.line and
 * err.where say where. *ret_value is a new reference. */
PRL_MUST prl_status prl_schema_read(const prl_schema *schema, prl_bytes text, json_t **ret_value, prl_error *err);

#endif
