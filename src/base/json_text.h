/* JSON text read strictly: what the schema checker and the F3548 bodies, which have no schema, share. */
#ifndef PRL_BASE_JSON_TEXT_H
#define PRL_BASE_JSON_TEXT_H

#include <parley/base.h>

#include <jansson.h>

/* UTF-8, no name twice in one object, nothing after the end, integers within 64 bits, numbers within doubles, no
 * \u0000, at most PRL_MAX_JSON_BODY_BYTES. err.line, and err.where as a JSON Pointer (RFC 6901), say where.
 * PRL_E_SYNTAX, PRL_E_RANGE (depth, numbers), PRL_E_TOO_LARGE, PRL_E_MEMORY. */
PRL_MUST prl_status prl_json_text_read(prl_bytes text, size_t max_depth, json_t **ret, prl_error *err);

#endif
