#include "dss/member.h"

#include "base/error.h"
#include "formats/field.h"

#include <stdio.h>

prl_status prl_member_wrong(prl_error *err, const char *under, const char *name, const json_t *value,
			    const char *expected)
{
	prl_status status =
		prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is %s, expected %s", name, prl_json_what(value), expected);
	if (err)
		(void)snprintf(err->where, sizeof err->where, "%s", under);
	return status;
}

json_t *prl_member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	return json_is_null(value) ? NULL : value;
}

prl_status prl_member_text(const json_t *object, const char *under, const char *name, const char **ret, prl_error *err)
{
	const json_t *value = prl_member(object, name);
	if (!value)
		return PRL_OK;
	if (!json_is_string(value))
		return prl_member_wrong(err, under, name, value, "a string");
	*ret = json_string_value(value);
	return PRL_OK;
}

prl_status prl_member_bool(const json_t *object, const char *under, const char *name, bool *ret, prl_error *err)
{
	const json_t *value = prl_member(object, name);
	if (!value)
		return PRL_OK;
	if (!json_is_boolean(value))
		return prl_member_wrong(err, under, name, value, "true or false");
	*ret = json_is_true(value);
	return PRL_OK;
}

prl_status prl_member_of(const json_t *object, const char *under, const char *name, json_type type, json_t **ret,
			 prl_error *err)
{
	json_t *value = prl_member(object, name);
	if (!value)
		return PRL_OK;
	if (json_typeof(value) != type)
		return prl_member_wrong(err, under, name, value, type == JSON_ARRAY ? "a list" : "an object");
	*ret = value;
	return PRL_OK;
}
