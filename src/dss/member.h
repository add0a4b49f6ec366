/* Members of F3548 bodies: each reader refuses a wrong type with its place, and takes null for absent. */
#ifndef PRL_DSS_MEMBER_H
#define PRL_DSS_MEMBER_H

#include <parley/base.h>

#include <jansson.h>

/* PRL_E_SYNTAX "\"<name>\" is <what it is>, expected <expected>"; err.where: the object it stands in, "" the body. */
prl_status prl_member_wrong(prl_error *err, const char *under, const char *name, const json_t *value,
			    const char *expected);

/* A member that is there and not null; NULL where it is not. */
json_t *prl_member(const json_t *object, const char *name);

/* *ret is left as it is where there is no such member. The text lives as long as the object. */
PRL_MUST prl_status prl_member_text(const json_t *object, const char *under, const char *name, const char **ret,
				    prl_error *err);
PRL_MUST prl_status prl_member_bool(const json_t *object, const char *under, const char *name, bool *ret,
				    prl_error *err);
/* type: JSON_OBJECT or JSON_ARRAY. */
PRL_MUST prl_status prl_member_of(const json_t *object, const char *under, const char *name, json_type type,
				  json_t **ret, prl_error *err);

#endif
