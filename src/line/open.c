#include "line/open.h"

#include "base/error.h"
#include "base/hash.h"
#include "picture/pack.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- swept ------------------------------------------------------------------------------------------------------- */

size_t prl_open_count(prl_picture *picture, prl_version version, const char *open_noun)
{
	unsigned table;
	return prl_picture_table(picture, open_noun, &table) ? prl_picture_count(picture, version, table) : 0;
}

typedef struct sweeping {
	const prl_open_rule *rule;
	prl_show show;
	prl_hash *over;
	size_t count;
} sweeping;

static bool sweep_one(void *context, prl_bytes key, const json_t *thing)
{
	sweeping *s = context;
	if (key.size == sizeof s->over->bytes && s->rule->is_over(&s->show, key, thing))
		memcpy(s->over[s->count++].bytes, key.data, key.size);
	return true;
}

prl_status prl_open_sweep(prl_picture *picture, const prl_open_rule *rule, prl_time now, prl_error *err)
{
	unsigned table;
	size_t count = prl_open_count(picture, PRL_VERSION_WORKING, rule->open_noun);
	sweeping s = { .rule = rule, .show = { .picture = picture, .version = PRL_VERSION_WORKING, .now = now } };
	if (!count || !prl_picture_table(picture, rule->open_noun, &table))
		return PRL_OK;
	s.over = prl_array_new(count, sizeof *s.over);
	if (!s.over)
		return prl_error_memory(err);
	prl_status status =
		prl_open_each(picture, PRL_VERSION_WORKING, rule->open_noun, rule->noun, sweep_one, &s, err);
	for (size_t i = 0; !status && i < s.count; i++)
		status = prl_picture_remove(picture, table, prl_hash_key(&s.over[i]), err);
	free(s.over);
	return status;
}
