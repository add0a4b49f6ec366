/* Members of a body that its schema has checked: what is required is there and of its type. */
#ifndef PRL_PICTURE_BODY_H
#define PRL_PICTURE_BODY_H

#include <parley/record.h>

#include <jansson.h>

prl_bytes prl_body_text(const json_t *body, const char *name); /* .data NULL where it is not there */
uint64_t prl_body_number(const json_t *body, const char *name, uint64_t otherwise);
/* Copies a text that must fit, whole; PRL_E_RANGE where it does not (lengths in schemas are code points). Leaves ""
 * where the member is not there. */
PRL_MUST prl_status prl_body_copy(const json_t *body, const char *name, char *text, size_t room, prl_error *err);
PRL_MUST prl_status prl_body_hash(const json_t *body, const char *name, prl_hash *ret, prl_error *err);
PRL_MUST prl_status prl_body_time(const json_t *body, const char *name, prl_time *ret, prl_error *err);
/* A vkey of that type. */
PRL_MUST prl_status prl_body_verifier(const json_t *body, const char *name, prl_key_type type, prl_verifier *ret,
				      prl_error *err);

/* A sorted copy of an array of texts without twins; with adds one more (.data NULL: none). NULL where out of memory. */
json_t *prl_body_sorted(const json_t *texts, prl_bytes with);
bool prl_body_has(const json_t *texts, prl_bytes text);

#endif
