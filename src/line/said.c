#include "line/said.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"

#include <string.h>

/* ---- in the fold ------------------------------------------------------------------------------------------------- */

/* Without the author, who is not told what it says itself. */
static prl_status others(prl_picture *picture, const prl_act *act, const char *member, json_t **ret, prl_error *err)
{
	json_t *all = NULL;
	prl_status status = prl_act_parties(picture, act, member, &all, err);
	for (size_t i = json_array_size(all); i-- > 0;)
		if (prl_bytes_is(act->entry->party, json_string_value(json_array_get(all, i))))
			json_array_remove(all, i);
	if (status)
		return status;
	if (json_array_size(all) == 0) {
		json_decref(all);
		return prl_error_set(err, PRL_E_REFUSED, "%s: expected at least one other party", member);
	}
	*ret = all;
	return PRL_OK;
}

prl_status prl_said_begin(prl_picture *picture, const prl_act *act, const char *noun, const char *member, json_t *more,
			  prl_error *err)
{
	json_t *parties = NULL, *thing = prl_thing_new(act);
	prl_status status =
		thing && (!more || !json_object_update_missing(thing, more)) ? PRL_OK : prl_error_memory(err);
	json_decref(more);
	if (!status && json_object_update_missing(thing, act->body) != 0)
		status = prl_error_memory(err);
	if (!status && member)
		status = others(picture, act, member, &parties, err);
	if (!status && ((member && json_object_set_new(thing, member, parties) != 0) ||
			json_object_set_new(thing, "said", json_array()) != 0))
		status = prl_error_memory(err);
	if (!status)
		return prl_thing_put(picture, noun, prl_hash_key(&act->entry->hash), thing, err);
	json_decref(thing);
	return status;
}

static prl_status may_say(const json_t *thing, const prl_act *act, prl_said_by by, prl_error *err)
{
	prl_bytes author = prl_body_text(thing, "party");
	bool own = prl_bytes_equal(author, act->entry->party);
	if (by == PRL_SAID_BY_AUTHOR && !own)
		return prl_error_set(err, PRL_E_REFUSED, "only party %.*s, which began it, says that of it",
				     (int)author.size, author.data);
	if (by == PRL_SAID_BY_OTHERS && own)
		return prl_error_set(err, PRL_E_REFUSED, "party %.*s began it; expected another party",
				     (int)author.size, author.data);
	if (by == PRL_SAID_BY_MEANT && !prl_body_has(json_object_get(thing, "to"), act->entry->party))
		return prl_error_set(err, PRL_E_REFUSED, "it is not addressed to party %.*s",
				     (int)act->entry->party.size, act->entry->party.data);
	return PRL_OK;
}

static prl_status check_mode(const json_t *thing, const prl_act *act, prl_error *err)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	const char *mode = prl_said_text(thing, "mode");
	if (strcmp(mode, modes[act->entry->mode]) == 0)
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED, "mode %s, expected %s as the object has it: modes never mix",
			     modes[act->entry->mode], mode);
}

static prl_status check_against(prl_picture *picture, const prl_act *act, const json_t *thing, prl_error *err)
{
	prl_bytes against = prl_body_text(act->body, "against");
	const json_t *said = json_object_get(thing, "said"), *one;
	size_t i;
	if (!against.data || prl_bytes_equal(against, prl_body_text(thing, "id")))
		return PRL_OK;
	json_array_foreach(said, i, one)
	{
		if (prl_bytes_equal(against, prl_body_text(one, "id")) &&
		    prl_act_sees(picture, act, prl_body_text(one, "log"), prl_body_number(one, "index", 0)))
			return PRL_OK;
	}
	return prl_error_set(err, PRL_E_NOT_FOUND, "against: log %s knows nothing of this id that was said of it",
			     act->log);
}

/* By log, then index. */
static int order(const json_t *a, const json_t *b)
{
	int by_log = strcmp(prl_said_text(a, "log"), prl_said_text(b, "log"));
	uint64_t left = prl_body_number(a, "index", 0), right = prl_body_number(b, "index", 0);
	return by_log ? by_log : (left > right) - (left < right);
}

static size_t place_of(const json_t *said, const json_t *saying)
{
	size_t place = 0;
	while (place < json_array_size(said) && order(json_array_get(said, place), saying) < 0)
		place++;
	return place;
}

/* What a party has said of it so far. */
static void count_of(const json_t *said, prl_bytes party, size_t *ret_count, uint64_t *ret_bytes)
{
	const json_t *one;
	size_t i;
	*ret_count = 0;
	*ret_bytes = 0;
	json_array_foreach(said, i, one)
	{
		if (!prl_bytes_equal(prl_body_text(one, "party"), party))
			continue;
		*ret_bytes += prl_body_number(one, "bytes", 0);
		(*ret_count)++;
	}
}

static prl_status check_room(const json_t *thing, const prl_act *act, prl_error *err)
{
	size_t count;
	uint64_t bytes;
	count_of(json_object_get(thing, "said"), act->entry->party, &count, &bytes);
	if (count < PRL_SAID_MAX && bytes + act->entry->body.size <= PRL_SAID_BYTES_MAX)
		return PRL_OK;
	return prl_error_set(err, PRL_E_TOO_LARGE,
			     "party %.*s has said %zu things of it in %llu bytes; expected at most %d in %u",
			     (int)act->entry->party.size, act->entry->party.data, count, (unsigned long long)bytes,
			     PRL_SAID_MAX, PRL_SAID_BYTES_MAX);
}

/* A copy of the thing that has one saying more. NULL out of memory. */
static json_t *with_saying(const json_t *thing, const prl_act *act, const char *member)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)thing), *saying = prl_thing_new(act);
	json_t *said = json_copy(json_object_get(thing, "said"));
	bool fits = copy && saying && said && json_object_update_missing(saying, act->body) == 0;
	if (fits) {
		json_object_del(saying, member);
		json_object_del(saying, "mode");
		json_object_set_new(saying, "bytes", json_integer((json_int_t)act->entry->body.size));
		fits = json_array_insert(said, place_of(said, saying), saying) == 0 &&
		       json_object_set(copy, "said", said) == 0;
	}
	json_decref(saying);
	json_decref(said);
	if (fits)
		return copy;
	json_decref(copy);
	return NULL;
}

prl_status prl_said_add(prl_picture *picture, const prl_act *act, const char *noun, const char *member, prl_said_by by,
			prl_error *err)
{
	const json_t *thing;
	prl_hash key;
	prl_status status = prl_thing_meant(picture, act, noun, member, &thing, &key, err);
	if (!status)
		status = check_mode(thing, act, err);
	if (!status)
		status = may_say(thing, act, by, err);
	if (!status)
		status = check_against(picture, act, thing, err);
	if (!status)
		status = check_room(thing, act, err);
	if (status)
		return status;
	return prl_thing_put(picture, noun, prl_hash_key(&key), with_saying(thing, act, member), err);
}

/* ---- read -------------------------------------------------------------------------------------------------------- */

const char *prl_said_text(const json_t *thing, const char *member)
{
	const char *text = json_string_value(json_object_get(thing, member));
	return text ? text : "";
}

bool prl_said_is(const json_t *thing, const char *member, const char *text)
{
	return strcmp(prl_said_text(thing, member), text) == 0;
}

const char *prl_said_says(const json_t *saying)
{
	return prl_said_text(saying, "says");
}

const json_t *prl_said_last(const json_t *thing, const char *party, const char *const *words)
{
	const json_t *said = json_object_get(thing, "said"), *one, *last = NULL;
	size_t i;
	json_array_foreach(said, i, one)
	{
		bool meant = !words;
		for (size_t w = 0; words && words[w]; w++)
			meant = meant || strcmp(prl_said_says(one), words[w]) == 0;
		if (meant && prl_said_is(one, "party", party))
			last = one;
	}
	return last;
}

prl_time prl_said_time(const json_t *thing, const char *member, prl_time otherwise)
{
	prl_time time;
	prl_bytes text = prl_body_text(thing, member);
	return text.data && !prl_time_parse(text.data, text.size, &time, NULL) ? time : otherwise;
}

/* Whole seconds below an instant; the difference of two instants may not fit. */
static int64_t whole(prl_time time, prl_time *ret_rest)
{
	int64_t seconds = time / PRL_SECOND, rest = time % PRL_SECOND;
	*ret_rest = rest < 0 ? rest + PRL_SECOND : rest;
	return rest < 0 ? seconds - 1 : seconds;
}

int64_t prl_said_seconds(prl_time from, prl_time to)
{
	prl_time from_rest, to_rest;
	int64_t seconds = whole(to, &to_rest) - whole(from, &from_rest);
	return seconds - (to_rest < from_rest);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

const char *const prl_said_queries[] = { "id", "party", "mode", NULL };

typedef struct showing {
	const prl_show *show;
	prl_said_fill *fill;
	json_t *items;
	bool failed;
} showing;

static bool is_asked_for(const prl_show *show, const json_t *thing)
{
	for (const char *const *name = prl_said_queries; *name; name++) {
		const char *value = prl_show_query(show, *name);
		if (value && !prl_said_is(thing, *name, value))
			return false;
	}
	const json_t *to = json_object_get(thing, "to");
	return !show->party || !to || prl_said_is(thing, "party", show->party) ||
	       prl_body_has(to, prl_bytes_of(show->party));
}

static bool show_one(void *context, prl_bytes key, const json_t *thing)
{
	showing *s = context;
	(void)key;
	if (!is_asked_for(s->show, thing))
		return true;
	json_t *copy = json_copy((json_t *)(uintptr_t)thing);
	int64_t age_s = prl_said_seconds(prl_said_time(thing, "time", s->show->now), s->show->now);
	if (copy && json_object_set_new(copy, "age_s", json_integer(age_s)) == 0 && s->fill(s->show, thing, copy) &&
	    json_array_append(s->items, copy) == 0)
		json_decref(copy);
	else {
		json_decref(copy);
		s->failed = true;
	}
	return !s->failed;
}

static int by_time(const void *a, const void *b)
{
	const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
	prl_time x = prl_said_time(left, "time", 0), y = prl_said_time(right, "time", 0);
	return x != y ? (x > y) - (x < y) : strcmp(prl_said_text(left, "id"), prl_said_text(right, "id"));
}

static prl_status sort_by_time(json_t **items, prl_error *err)
{
	size_t size = json_array_size(*items);
	json_t **all = prl_array_new(size + 1, sizeof(json_t *)), *sorted = json_array();
	for (size_t i = 0; all && i < size; i++)
		all[i] = json_array_get(*items, i);
	if (all && size)
		qsort((void *)all, size, sizeof(json_t *), by_time);
	for (size_t i = 0; all && i < size; i++)
		json_array_append(sorted, all[i]);
	free((void *)all);
	json_decref(*items);
	*items = sorted;
	return json_array_size(sorted) == size && sorted ? PRL_OK : prl_error_memory(err);
}

prl_status prl_said_show(const prl_show *show, const char *noun, prl_said_fill *fill, json_t **ret, prl_error *err)
{
	showing s = { show, fill, json_array(), false };
	prl_status status =
		s.items ? prl_thing_each(show->picture, show->version, noun, show_one, &s, err) : prl_error_memory(err);
	if (!status && s.failed)
		status = prl_error_memory(err);
	if (!status)
		status = sort_by_time(&s.items, err);
	if (status)
		json_decref(s.items);
	else
		*ret = s.items;
	return status;
}
