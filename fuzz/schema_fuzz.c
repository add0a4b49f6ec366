/* Any bytes as a body: either an error that says something, or JSON. With one schema that uses every keyword, the
 * checker says what an interpreter of the schema's letter says (schema_slow.h). Input: a schema and a body with a line
 * that holds only "---" between them, or a body alone. */
#include "schema_slow.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rich[] =
	"{\"$schema\":\"x\",\"$id\":\"rich.json\",\"title\":\"t\",\"description\":\"d\",\"type\":\"object\","
	"\"required\":[\"k\",\"n\"],\"additionalProperties\":false,\"properties\":{"
	"\"k\":{\"enum\":[\"a\",\"b\",1,null]},"
	"\"n\":{\"type\":\"integer\",\"minimum\":-2,\"maximum\":9007199254740993},"
	"\"r\":{\"type\":\"number\",\"minimum\":0.5,\"maximum\":9007199254740992.0},"
	"\"s\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":4},"
	"\"t\":{\"type\":\"string\",\"format\":\"time\"},\"h\":{\"type\":\"string\",\"format\":\"hash\"},"
	"\"v\":{\"format\":\"vkey\"},\"m\":{\"format\":\"name\"},\"l\":{\"format\":\"language\"},"
	"\"b\":{\"type\":[\"string\",\"null\"],\"format\":\"base64\"},"
	"\"u\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":5,\"uniqueItems\":true},"
	"\"i\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/form\"}},"
	"\"o\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"required\":[\"x\"]},"
	"\"c\":{\"const\":{\"a\":[1,2.5]}},\"again\":{\"$ref\":\"#\"}},"
	"\"$defs\":{\"form\":{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\",\"minimum\":10},{\"$ref\":\"#/"
	"$defs/"
	"point\"},{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"line\"}},\"required\":[\"kind\"]}]},"
	"\"point\":{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"point\"},\"at\":{\"$ref\":\"#/$defs/"
	"form\"}},"
	"\"required\":[\"kind\"],\"additionalProperties\":false}}}";

static void check_body(prl_schema *schema, json_t *json, prl_bytes body)
{
	json_t *value = NULL;
	prl_error err = { 0 };
	prl_status status = prl_schema_read(schema, body, &value, &err);
	if (status ? value || err.status != status || !err.text[0] : !value)
		abort();
	json_decref(value);
	if (prl_json_text_read(body, PRL_MAX_JSON_DEPTH_BODY, &value, NULL))
		return;
	if (slow_fits(json, json, value) != !status)
		abort();
	json_decref(value);
}

/* A schema of the fuzzer's own: compiles or is refused with a reason. References to itself make the interpreter slow or
 * endless, so only those without are compared. */
static void check_schema(prl_bytes text, prl_bytes body)
{
	prl_schema *schema = NULL;
	prl_error err = { 0 };
	json_t *value = NULL;
	prl_status status = prl_schema_parse(text, &schema, &err);
	if (status ? schema || err.status != status || !err.text[0] : !schema)
		abort();
	if (!status && !memmem(text.data, text.size, "ref", 3) && !memmem(text.data, text.size, "\\", 1)) {
		json_t *json = json_loadb(text.data, text.size, JSON_DECODE_ANY, NULL);
		check_body(schema, json, body);
		json_decref(json);
	} else if (!status && prl_schema_read(schema, body, &value, &err) == PRL_OK) {
		json_decref(value);
	}
	prl_schema_free(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static prl_schema *schema;
	static json_t *json;
	prl_bytes all = { (const char *)data, size };
	if (!schema) {
		json = json_loads(rich, 0, NULL);
		if (!json || prl_schema_parse(prl_bytes_of(rich), &schema, NULL))
			abort();
	}
	const char *line = memmem(data, size, "\n---\n", 5);
	if (!line) {
		check_body(schema, json, all);
		return 0;
	}
	size_t front = (size_t)(line - all.data);
	check_schema((prl_bytes){ all.data, front }, (prl_bytes){ line + 5, size - front - 5 });
	return 0;
}
