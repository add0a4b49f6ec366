#include "cli/open_items.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *situation_of(const json_t *alarm)
{
	const char *text = json_string_value(json_object_get(alarm, "situation"));
	return text ? text : "";
}

const char *const prl_open_parts[PRL_OPEN_PARTS] = { "movements", "queries", "meetings" };

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

/* ---- what is open ------------------------------------------------------------------------------------------------ */

bool prl_open_is_call(const json_t *call, const char *party)
{
	static const char *const over[] = { "ceased", "not ours", NULL };
	const json_t *parties = json_object_get(call, "parties"), *one;
	bool own = strcmp(text_in(call, "party"), party) == 0, all = json_array_size(parties) > 0;
	size_t i;
	if (json_is_true(json_object_get(call, "withdrawn")))
		return false;
	json_array_foreach(parties, i, one)
	{
		bool done = is_one_of(text_in(one, "state"), over);
		if (!own && strcmp(text_in(one, "party"), party) == 0)
			return !done;
		all = all && done;
	}
	return !own || !all;
}

bool prl_open_is_thing(const char *part, const json_t *item)
{
	static const char *const moves[] = { "departed", "checked in", "stopped", NULL };
	static const char *const over[] = { "declined", "held", "not held", NULL };
	const char *state = text_in(item, "state");
	if (strcmp(part, "movements") == 0)
		return is_one_of(state, moves);
	return strcmp(part, "queries") == 0 ? strcmp(state, "no answer") == 0 : !is_one_of(state, over);
}

bool prl_open_is_alarm(const json_t *alarm, const json_t *calls, const char *party)
{
	const char *situation = situation_of(alarm);
	const json_t *one;
	size_t i;
	if (strncmp(situation, "call:", 5) != 0)
		return true;
	json_array_foreach(calls, i, one)
	{
		if (strcmp(text_in(one, "id"), situation + 5) == 0 && prl_open_is_call(one, party))
			return false;
	}
	return true;
}

/* ---- their names ------------------------------------------------------------------------------------------------- */

static bool add(json_t *names, const char *kind, const char *id)
{
	char name[400];
	(void)snprintf(name, sizeof name, "%s%.300s", kind, id);
	return json_object_set_new(names, name, json_true()) == 0;
}

static bool add_all(const json_t *all, const char *party, json_t *names)
{
	const json_t *calls = json_object_get(all, "calls"), *one;
	bool fits = true;
	size_t i;
	json_array_foreach(calls, i, one)
	{
		if (prl_open_is_call(one, party))
			fits = add(names, "call:", text_in(one, "id")) && fits;
	}
	json_array_foreach(json_object_get(all, "alarms"), i, one)
	{
		if (prl_open_is_alarm(one, calls, party))
			fits = add(names, "", situation_of(one)) && fits;
	}
	for (size_t k = 0; k < PRL_OPEN_PARTS; k++) {
		char kind[40];
		(void)snprintf(kind, sizeof kind, "%s:", prl_open_parts[k]);
		json_array_foreach(json_object_get(all, prl_open_parts[k]), i, one)
		{
			if (prl_open_is_thing(prl_open_parts[k], one))
				fits = add(names, kind, text_in(one, k ? "id" : "notice")) && fits;
		}
	}
	return fits;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted(json_t *names)
{
	size_t count = json_object_size(names), i = 0;
	const char **texts = prl_array_new(count ? count : 1, sizeof *texts), *name;
	json_t *items = texts ? json_array() : NULL, *value;
	json_object_foreach(names, name, value)
	{
		if (items)
			texts[i++] = name;
	}
	if (items && count)
		qsort(texts, count, sizeof *texts, by_text);
	for (i = 0; items && i < count; i++) {
		if (json_array_append_new(items, json_string(texts[i]))) {
			json_decref(items);
			items = NULL;
		}
	}
	free(texts);
	return items;
}

json_t *prl_open_items(const json_t *all, const char *party)
{
	json_t *names = json_object();
	json_t *items = names && add_all(all, party, names) ? sorted(names) : NULL;
	json_decref(names);
	return items;
}

json_t *prl_open_hash(const json_t *items)
{
	prl_buffer text = PRL_BUFFER(4u << 20);
	char hash_text[PRL_HASH_TEXT_MAX];
	const json_t *one;
	size_t i;
	json_array_foreach(items, i, one) prl_buffer_printf(&text, "%s\n", json_string_value(one));
	prl_hash hash = prl_sha256(text.data ? text.data : "", text.size);
	prl_hash_write(&hash, hash_text);
	json_t *open = items && !text.failed
			       ? json_pack("{s:s, s:I}", "hash", hash_text, "count", (json_int_t)json_array_size(items))
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
