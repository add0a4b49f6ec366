/* What a service says of its intent: whatever it is, what is taken over is a few numbers and known words, and reads
 * again as the same. */
#include "dss/said.h"

#include "dss/extent.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_volumes(const json_t *volumes)
{
	const prl_extent_rules rules = {
		.form = PRL_EXTENT_LIST, .footprints = true, .times = true, .altitudes = true
	};
	prl_extent *extent = NULL;
	if (json_array_size(volumes) && prl_extent_read(volumes, &rules, &extent, NULL))
		abort();
	prl_extent_free(extent);
}

/* No text of the answer gets through but words and times. */
static void check_plain(const json_t *value)
{
	const json_t *one;
	const char *name;
	size_t i;
	const char *text = json_string_value(value);
	if (text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:.+-") != strlen(text))
		abort();
	json_array_foreach(value, i, one) check_plain(one);
	json_object_foreach((json_t *)(uintptr_t)value, name, one) check_plain(one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] = "a0000000-0000-4000-8000-000000000001";
	prl_uuid id;
	json_t *said = NULL;
	prl_error err = { 0 };
	if (!prl_uuid_read((prl_bytes){ text, sizeof text - 1 }, &id))
		abort();
	if (prl_said_read((prl_bytes){ (const char *)data, size }, &id, &said, &err)) {
		if (!err.text[0])
			abort();
		return 0;
	}
	check_volumes(json_object_get(said, "volumes"));
	check_volumes(json_object_get(said, "off_nominal_volumes"));
	check_plain(said);
	json_decref(said);
	return 0;
}
