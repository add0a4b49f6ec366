/* Members of JSON objects, read by tables: one row says name, kind, range and where the value goes. */
#ifndef PRL_FORMATS_FIELD_H
#define PRL_FORMATS_FIELD_H

#include <parley/base.h>

#include <jansson.h>

typedef enum prl_field_kind {
	PRL_FIELD_NUMBER, /* double, in [low, high] */
	PRL_FIELD_TEXT,   /* const char *, at most high bytes, no control characters; lives as long as the JSON */
	PRL_FIELD_TIME,   /* prl_time, of an RFC 3339 text */
	PRL_FIELD_WORD,   /* unsigned, the index of the word in words */
	PRL_FIELD_OBJECT, /* const json_t * */
	PRL_FIELD_LIST,   /* const json_t * */
	PRL_FIELD_ANY,    /* const json_t * */
} prl_field_kind;

typedef struct prl_field {
	const char *name;
	prl_field_kind kind;
	bool required;
	size_t offset; /* of the value in the struct that is filled */
	double low, high;
	const char *const *words; /* ends with NULL */
} prl_field;

/*
 * Fills *ret_values from object. What is absent or null is an error where it is required and left as it was elsewhere.
 * fields end with a row without a name. closed: a member that no row names is refused, and the known ones are listed.
 * The error names the member: "\"value\" is a string, expected a number". PRL_E_SYNTAX, PRL_E_RANGE, PRL_E_UNSUPPORTED.
 */
PRL_MUST prl_status prl_fields_read(const json_t *object, const prl_field *fields, bool closed, void *ret_values,
                                    prl_error *err);

/* What a value is, for people: "a string", "a list of 3", "missing" for NULL. */
const char *prl_json_what(const json_t *value);

/*
 * Checks that crs names WGS84 longitude and latitude ("urn:ogc:def:crs:OGC:1.3:CRS84" and its spellings), or is
 * absent or null; anything else is PRL_E_UNSUPPORTED and named. RFC 7946 section 4; OGC 19-045r3 "crs".
 */
PRL_MUST prl_status prl_crs_check(const json_t *crs, prl_error *err);

#endif
