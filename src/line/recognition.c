/* Table "recognition" by "BY\nPARTY\ndesk\nDESK" or "…\npost\nPOST": {"now": statement, "before"?: the one before}. */
#include "line/recognition.h"

#include "base/error.h"
#include "base/text.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char recognition_noun[] = "recognition";

#define POST_MAX 400 /* bytes of 100 characters */
#define KEY_MAX  (2 * PRL_KEY_NAME_MAX + POST_MAX + 16)

static prl_bytes key_of(char room[KEY_MAX], prl_bytes by, prl_bytes party, const char *what, prl_bytes which)
{
	int length = snprintf(room, KEY_MAX, "%.*s\n%.*s\n%s\n%.*s", (int)by.size, by.data, (int)party.size, party.data,
			      what, (int)which.size, which.data);
	return (prl_bytes){ room, (size_t)length };
}

static prl_status fits(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes party = prl_body_text(act->body, "party"), desk = prl_body_text(act->body, "desk");
	const json_t *number = json_object_get(act->body, "number"), *of = json_object_get(act->body, "of");
	if (!prl_act_party(picture, act, party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "party: %.*s is not of this line", (int)party.size,
				     party.data);
	if (party.size == act->entry->party.size && memcmp(party.data, act->entry->party.data, party.size) == 0)
		return prl_error_set(err, PRL_E_REFUSED, "party: expected another party");
	if (!json_object_get(act->body, "desk") == !json_object_get(act->body, "post"))
		return prl_error_set(err, PRL_E_SYNTAX, "expected exactly one of desk and post");
	if (desk.data && (desk.size <= party.size + 1 || memcmp(desk.data, party.data, party.size) != 0 ||
			  desk.data[party.size] != '-'))
		return prl_error_set(err, PRL_E_REFUSED, "desk: %.*s is no desk of party %.*s", (int)desk.size,
				     desk.data, (int)party.size, party.data);
	if (number && of && json_integer_value(number) > json_integer_value(of))
		return prl_error_set(err, PRL_E_RANGE, "number: %lld of %lld", (long long)json_integer_value(number),
				     (long long)json_integer_value(of));
	return PRL_OK;
}

static json_t *statement_of(const prl_act *act)
{
	static const char *const names[] = { "state", "from", "number", "of", "reason", NULL };
	json_t *statement = prl_thing_new(act);
	if (statement && prl_thing_take(statement, act->body, names) &&
	    json_object_set(statement, "of_party", json_object_get(act->body, "party")) == 0 &&
	    (!json_object_get(act->body, "desk") ||
	     json_object_set(statement, "of_desk", json_object_get(act->body, "desk")) == 0) &&
	    (!json_object_get(act->body, "post") ||
	     json_object_set(statement, "of_post", json_object_get(act->body, "post")) == 0) &&
	    (json_object_get(statement, "from") ||
	     json_object_set(statement, "from", json_object_get(statement, "time")) == 0))
		return statement;
	json_decref(statement);
	return NULL;
}

static prl_status stated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	char room[KEY_MAX];
	prl_status status = fits(picture, act, err);
	if (status)
		return status;
	bool is_desk = json_object_get(act->body, "desk") != NULL;
	const char *what = is_desk ? "desk" : "post";
	prl_bytes key = key_of(room, act->entry->party, prl_body_text(act->body, "party"), what,
			       prl_body_text(act->body, what));
	const json_t *old = prl_thing_find(picture, PRL_VERSION_WORKING, recognition_noun, key);
	return prl_thing_put(picture, recognition_noun, key,
			     json_pack("{s:o, s:O*}", "now", statement_of(act), "before", json_object_get(old, "now")),
			     err);
}

/* ---- in force ---------------------------------------------------------------------------------------------------- */

static const json_t *in_force(const json_t *thing, prl_time now)
{
	prl_time from;
	const json_t *newest = json_object_get(thing, "now");
	prl_bytes text = prl_body_text(newest, "from");
	bool begun = !text.data || prl_time_parse(text.data, text.size, &from, NULL) || from <= now;
	return begun ? newest : json_object_get(thing, "before");
}

bool prl_recognition_is_withdrawn(prl_picture *picture, prl_version version, const char *by, const char *party,
				  const char *desk, prl_time now)
{
	char room[KEY_MAX];
	prl_bytes key = key_of(room, prl_bytes_of(by), prl_bytes_of(party), "desk", prl_bytes_of(desk));
	const json_t *now_stated = in_force(prl_thing_find(picture, version, recognition_noun, key), now);
	return prl_bytes_is(prl_body_text(now_stated, "state"), "withdrawn");
}

typedef struct listing {
	const prl_show *show;
	json_t *items;
} listing;

static bool asked(const listing *l, const json_t *statement, const char *query, const char *member)
{
	const char *wanted = prl_show_query(l->show, query);
	return !wanted || prl_bytes_is(prl_body_text(statement, member), wanted);
}

static bool list_one(void *context, prl_bytes key, const json_t *thing)
{
	listing *l = context;
	const json_t *newest = json_object_get(thing, "now"), *force = in_force(thing, l->show->now);
	(void)key;
	if (!asked(l, newest, "by", "party") || !asked(l, newest, "party", "of_party"))
		return true;
	json_t *item = json_copy((json_t *)(uintptr_t)newest);
	return item && json_object_set_new(item, "in_force", json_boolean(force == newest)) == 0 &&
	       (force == newest ||
		json_object_set_new(item, "until_then", force ? json_copy((json_t *)(uintptr_t)force) : json_null()) ==
			0) &&
	       json_array_append_new(l->items, item) == 0;
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	listing l = { show, json_array() };
	prl_status status = l.items ? prl_thing_each(show->picture, show->version, recognition_noun, list_one, &l, err)
				    : prl_error_memory(err);
	if (status)
		json_decref(l.items);
	else
		*ret = l.items;
	return status;
}

static const prl_noun noun = PRL_THING_NOUN(recognition_noun);
static const prl_act_kind kind = { "recognition.stated", PRL_SIGNED_BY_KEY, false, stated };
static const char *const queries[] = { "by", "party", NULL };

const prl_line_part prl_recognition_part = { .name = "recognitions",
					     .nouns = &noun,
					     .noun_count = 1,
					     .kinds = &kind,
					     .kind_count = 1,
					     .queries = queries,
					     .show = show };
