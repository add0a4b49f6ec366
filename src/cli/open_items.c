#include "cli/open_items.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *situation_of(const json_t *alarm)
{
	const char *text = json_string_value(json_object_get(alarm, "situation"));
	return text ? text : "";
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *prl_open_items(const json_t *alarms)
{
	size_t count = json_array_size(alarms);
	const char **texts = prl_array_new(count ? count : 1, sizeof *texts);
	json_t *items = texts ? json_array() : NULL;
	for (size_t i = 0; items && i < count; i++)
		texts[i] = situation_of(json_array_get(alarms, i));
	if (items && count)
		qsort(texts, count, sizeof *texts, by_text);
	for (size_t i = 0; items && i < count; i++) {
		if (json_array_append_new(items, json_string(texts[i]))) {
			json_decref(items);
			items = NULL;
		}
	}
	free(texts);
	return items;
}

json_t *prl_open_hash(const json_t *situations)
{
	prl_buffer text = PRL_BUFFER(4u << 20);
	char hash_text[PRL_HASH_TEXT_MAX];
	const json_t *one;
	size_t i;
	json_array_foreach(situations, i, one) prl_buffer_printf(&text, "%s\n", json_string_value(one));
	prl_hash hash = prl_sha256(text.data ? text.data : "", text.size);
	prl_hash_write(&hash, hash_text);
	json_t *open = situations && !text.failed ? json_pack("{s:s, s:I}", "hash", hash_text, "count",
							      (json_int_t)json_array_size(situations))
						  : NULL;
	prl_buffer_done(&text);
	return open;
}

/* How it stands now: where it gets worse than that, it comes back by itself. */
static json_t *stands(const json_t *alarm)
{
	static const char *const names[] = { "begins", "ends", "closest_m" };
	const json_t *about = json_object_get(alarm, "about");
	json_t *as = json_object();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *value = json_object_get(about, names[i]);
		if (json_is_string(value) || json_is_integer(value))
			(void)json_object_set(as, names[i], value);
	}
	return as;
}

json_t *prl_open_shelved(const json_t *alarm, json_t *until, const char *reason)
{
	return json_pack("{s:s, s:O*, s:s, s:o, s:o}", "situation", situation_of(alarm), "alarm",
			 json_object_get(alarm, "alarm"), "reason", reason, "as", stands(alarm), "until", until);
}

json_t *prl_open_unshelved(const json_t *alarm)
{
	return json_pack("{s:s, s:n}", "situation", situation_of(alarm), "until");
}
