#include "line/open.h"

#include "base/error.h"
#include "picture/pack.h"

#include <stdlib.h>

bool prl_open_save(const void *value, prl_buffer *to)
{
	(void)value, (void)to;
	return true;
}

static char *mark_new(void)
{
	return calloc(1, 1);
}

void *prl_open_load(prl_bytes from, prl_error *err)
{
	prl_unpack all = { from, false };
	if (!prl_unpack_end(&all, "open thing", err))
		return NULL;
	char *mark = mark_new();
	if (!mark)
		prl_error_memory(err);
	return mark;
}

prl_status prl_open_follow(prl_picture *picture, const char *open_noun, prl_bytes key, bool open, prl_error *err)
{
	unsigned table;
	if (!prl_picture_table(picture, open_noun, &table))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of %ss", open_noun);
	bool is_there = prl_picture_find(picture, PRL_VERSION_WORKING, table, key) != NULL;
	if (open == is_there)
		return PRL_OK;
	return open ? prl_picture_put(picture, table, key, mark_new(), err)
		    : prl_picture_remove(picture, table, key, err);
}

typedef struct open_things {
	prl_picture *picture;
	prl_version version;
	unsigned table;
	prl_thing_fn *fn;
	void *context;
} open_things;

static bool each_key(void *context, prl_bytes key, const void *mark)
{
	const open_things *o = context;
	const json_t *thing = prl_picture_find(o->picture, o->version, o->table, key);
	(void)mark;
	return !thing || o->fn(o->context, key, thing);
}

prl_status prl_open_each(prl_picture *picture, prl_version version, const char *open_noun, const char *noun,
			 prl_thing_fn *fn, void *context, prl_error *err)
{
	unsigned keys;
	open_things o = { .picture = picture, .version = version, .fn = fn, .context = context };
	if (!prl_picture_table(picture, open_noun, &keys) || !prl_picture_table(picture, noun, &o.table))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of %ss", noun);
	return prl_picture_each(picture, version, keys, each_key, &o, err);
}
