#include "node/announced.h"

#include "base/text.h"

#include <string.h>

typedef struct walk {
	prl_picture *picture;
	prl_version version;
	const char *log;
	uint64_t index;
	prl_announced_fn *fn;
	void *context;
} walk;

static bool look(const walk *w, const json_t *text)
{
	prl_hash hash;
	if (!prl_hash_read((prl_bytes){ json_string_value(text), json_string_length(text) }, &hash))
		return true;
	const prl_content *content = prl_picture_content_of(w->picture, w->version, &hash, prl_bytes_of(w->log));
	return !content || content->index != w->index || w->fn(w->context, content);
}

static bool descend(const walk *w, json_t *value)
{
	json_t *child;
	size_t i;
	const char *key;
	if (json_is_string(value))
		return look(w, value);
	json_array_foreach(value, i, child) if (!descend(w, child)) return false;
	json_object_foreach(value, key, child) if (!descend(w, child)) return false;
	return true;
}

void prl_announced_each(prl_picture *picture, prl_version version, const char *log, uint64_t index, json_t *body,
			prl_announced_fn *fn, void *context)
{
	walk w = { picture, version, log, index, fn, context };
	(void)descend(&w, body);
}

bool prl_announced_to(prl_picture *picture, prl_version version, const prl_content *content, const char *log)
{
	size_t i;
	const json_t *name;
	json_array_foreach(content->to, i, name)
	{
		const prl_party *party = json_is_string(name) ? prl_picture_party(picture, version,
										  prl_bytes_of(json_string_value(name)))
							      : NULL;
		if (party && strcmp(party->log, log) == 0)
			return true;
	}
	return false;
}

bool prl_announced_got(const prl_content *content, const char *log)
{
	size_t i;
	const json_t *name;
	json_array_foreach(content->got, i,
			   name) if (json_is_string(name) && strcmp(json_string_value(name), log) == 0) return true;
	return false;
}
