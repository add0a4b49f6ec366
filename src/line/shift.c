/* Tables: "shift" by id, all of them; "shift.on" by "PARTY\nKEY", those that are on; "shift.party" by party, {"ended"}:
 * when the newest one ended. */
#include "line/shift.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char shift_noun[] = "shift", on_noun[] = "shift.on", party_noun[] = "shift.party";

#define ON_KEY_MAX (2 * PRL_KEY_NAME_MAX + 2)
#define WORKING    PRL_VERSION_WORKING
#define ACT_IN     (600 * PRL_SECOND) /* of alarms of class 3 here */

const char *const prl_rungs[PRL_RUNGS + 1] = { "desk",      "deputy", "duty colonel", "director",
					       "commander", "chief",  "minister",     NULL };

/* ---- kept -------------------------------------------------------------------------------------------------------- */

static prl_bytes on_key(char room[ON_KEY_MAX], prl_bytes party, prl_bytes key)
{
	int length = snprintf(room, ON_KEY_MAX, "%.*s\n%.*s", (int)party.size, party.data, (int)key.size, key.data);
	return (prl_bytes){ room, (size_t)length };
}

static bool id_of(const json_t *shift, prl_hash *ret)
{
	prl_bytes text = prl_body_text(shift, "id");
	return text.data && prl_hash_read(text, ret);
}

static prl_status put_shift(prl_picture *picture, json_t *shift, prl_error *err)
{
	prl_hash id;
	if (!shift || !id_of(shift, &id)) {
		json_decref(shift);
		return prl_error_memory(err);
	}
	return prl_thing_put(picture, shift_noun, prl_hash_key(&id), shift, err);
}

static prl_status put_on(prl_picture *picture, const json_t *shift, prl_error *err)
{
	char room[ON_KEY_MAX];
	prl_bytes key = on_key(room, prl_body_text(shift, "party"), prl_body_text(shift, "key"));
	return prl_thing_put(picture, on_noun, key, json_deep_copy(shift), err);
}

static const json_t *find_on(prl_picture *picture, prl_version version, prl_bytes party, prl_bytes key)
{
	char room[ON_KEY_MAX];
	return prl_thing_find(picture, version, on_noun, on_key(room, party, key));
}

/* The name's content goes to the own party only. */
static prl_status add_person(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *person = json_object_get(act->body, "person");
	prl_hash hash;
	if (!person)
		return PRL_OK;
	prl_status status = prl_body_hash(person, "hash", &hash, err);
	if (status)
		return status;
	json_t *to = json_pack("[s%]", act->entry->party.data, act->entry->party.size);
	status = to ? prl_picture_add_content(picture, act, &hash, prl_body_number(person, "size", 0), to, err)
		    : prl_error_memory(err);
	json_decref(to);
	return status;
}

/* ---- begun ------------------------------------------------------------------------------------------------------- */

static prl_status begin(prl_picture *picture, json_t *shift, prl_error *err)
{
	if (!shift)
		return prl_error_memory(err);
	prl_status status = put_on(picture, shift, err);
	if (status) {
		json_decref(shift);
		return status;
	}
	return put_shift(picture, shift, err);
}

static prl_status begun(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const names[] = { "role", "languages", "person", NULL };
	const prl_entry *entry = act->entry;
	if (!entry->desk.data)
		return prl_error_set(err, PRL_E_REFUSED, "a shift is at a desk; key %.*s has none",
				     (int)entry->key.size, entry->key.data);
	const json_t *on = find_on(picture, WORKING, entry->party, entry->key);
	if (on)
		return prl_error_set(err, PRL_E_DUPLICATE, "key %.*s is on watch since %s", (int)entry->key.size,
				     entry->key.data, json_string_value(json_object_get(on, "time")));
	prl_status status = add_person(picture, act, err);
	if (status)
		return status;
	json_t *shift = prl_thing_new(act);
	if (shift && !prl_thing_take(shift, act->body, names)) {
		json_decref(shift);
		shift = NULL;
	}
	return begin(picture, shift, err);
}

/* ---- ended ------------------------------------------------------------------------------------------------------- */

static prl_status meant(prl_picture *picture, const prl_act *act, const json_t **ret, prl_error *err)
{
	prl_hash hash;
	prl_status status = prl_thing_meant(picture, act, shift_noun, "shift", ret, &hash, err);
	if (!status)
		status = prl_thing_own(*ret, act, err);
	if (status)
		return status;
	const json_t *ended = json_object_get(*ret, "ended");
	if (ended)
		return prl_error_set(err, PRL_E_STALE, "shift: it ended at %s",
				     json_string_value(json_object_get(ended, "time")));
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	if (!prl_bytes_is(prl_body_text(*ret, "mode"), modes[act->entry->mode]))
		return prl_error_set(err, PRL_E_REFUSED, "shift: it is in mode %s",
				     json_string_value(json_object_get(*ret, "mode")));
	return PRL_OK;
}

static json_t *ended_copy(const json_t *shift, const prl_act *act, const char *to)
{
	char time[PRL_TIME_TEXT_MAX];
	prl_time_format(act->entry->time, time);
	json_t *copy = json_deep_copy(shift);
	json_t *ended =
		json_pack("{s:s, s:s%, s:O*, s:s*, s:O*, s:O*}", "time", time, "by", act->entry->key.data,
			  act->entry->key.size, "reason", json_object_get(act->body, "reason"), "to", to, "open",
			  json_object_get(act->body, "open"), "note", json_object_get(act->body, "note"));
	if (copy && ended && json_object_set_new(copy, "ended", ended) == 0)
		return copy;
	json_decref(copy);
	return NULL;
}

static prl_status end(prl_picture *picture, const prl_act *act, const json_t *shift, const char *to, prl_error *err)
{
	char room[ON_KEY_MAX], time[PRL_TIME_TEXT_MAX];
	unsigned table;
	prl_bytes key = on_key(room, act->entry->party, prl_body_text(shift, "key"));
	prl_status status = put_shift(picture, ended_copy(shift, act, to), err);
	if (status)
		return status;
	if (!prl_picture_table(picture, on_noun, &table))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of shifts");
	status = prl_picture_remove(picture, table, key, err);
	prl_time_format(act->entry->time, time);
	return status ? status
		      : prl_thing_put(picture, party_noun, act->entry->party, json_pack("{s:s}", "ended", time), err);
}

static prl_status ended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *shift = NULL;
	prl_status status = meant(picture, act, &shift, err);
	return status ? status : end(picture, act, shift, NULL, err);
}

/* ---- handed over ------------------------------------------------------------------------------------------------- */

/* The second line is by a key of another name of the party: the fold has seen to that. It must be the one named. */
static prl_status comes_check(prl_picture *picture, const prl_act *act, const json_t *shift, const prl_key **ret,
			      prl_error *err)
{
	prl_bytes to = prl_body_text(act->body, "to");
	const prl_note *note = &act->entry->note;
	const prl_key *key = prl_picture_key(picture, WORKING, to);
	if (!prl_bytes_is(prl_body_text(shift, "key"), "") && act->entry->key.data &&
	    (prl_body_text(shift, "key").size != act->entry->key.size ||
	     memcmp(prl_body_text(shift, "key").data, act->entry->key.data, act->entry->key.size) != 0))
		return prl_error_set(err, PRL_E_REFUSED, "shift: it is handed over by the key that is on watch, %s",
				     json_string_value(json_object_get(shift, "key")));
	if (note->count < 2 || !key || !key->desk[0] || note->signatures[1].name.size != to.size ||
	    memcmp(note->signatures[1].name.data, to.data, to.size) != 0)
		return prl_error_set(err, PRL_E_REFUSED,
				     "to: expected the desk or console key that signs the second line");
	*ret = key;
	return PRL_OK;
}

static json_t *taken_over(const prl_act *act, const json_t *from, const prl_key *key)
{
	static const char *const names[] = { "person", NULL }, *const kept[] = { "role", "languages", NULL },
				 *const said[] = { "languages", NULL };
	json_t *shift = prl_thing_new(act);
	if (shift && prl_thing_take(shift, from, kept) && prl_thing_take(shift, act->body, said) &&
	    prl_thing_take(shift, act->body, names) &&
	    json_object_set_new(shift, "desk", json_string(key->desk)) == 0 &&
	    json_object_set_new(shift, "key", json_string(key->verifier.name)) == 0 &&
	    json_object_set(shift, "took_over", json_object_get(from, "id")) == 0)
		return shift;
	json_decref(shift);
	return NULL;
}

static prl_status handed_over(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *shift = NULL;
	const prl_key *key = NULL;
	prl_status status = meant(picture, act, &shift, err);
	if (!status)
		status = comes_check(picture, act, shift, &key, err);
	if (!status)
		status = add_person(picture, act, err);
	if (status)
		return status;
	prl_bytes to = prl_body_text(act->body, "to");
	json_t *next = find_on(picture, WORKING, act->entry->party, to) ? NULL : taken_over(act, shift, key);
	bool is_on = next == NULL;
	if (is_on && !find_on(picture, WORKING, act->entry->party, to))
		return prl_error_memory(err);
	char name[PRL_KEY_NAME_MAX + 1];
	(void)snprintf(name, sizeof name, "%s", key->verifier.name);
	status = end(picture, act, shift, name, err);
	if (status) {
		json_decref(next);
		return status;
	}
	return next ? begin(picture, next, err) : PRL_OK;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

typedef struct on_each {
	const char *party;
	bool (*fn)(void *context, const json_t *shift);
	void *context;
} on_each;

static bool each_on(void *context, prl_bytes key, const json_t *shift)
{
	const on_each *e = context;
	(void)key;
	return (e->party && !prl_bytes_is(prl_body_text(shift, "party"), e->party)) || e->fn(e->context, shift);
}

prl_status prl_shift_each_on(prl_picture *picture, prl_version version, const char *party,
			     bool (*fn)(void *context, const json_t *shift), void *context, prl_error *err)
{
	on_each e = { party, fn, context };
	return prl_thing_each(picture, version, on_noun, each_on, &e, err);
}

typedef struct listing {
	const prl_show *show;
	const char *party;
	json_t *items;
	bool failed;
} listing;

/* Who it is, where that is for whoever asks and here. */
static void add_name(const prl_show *show, const json_t *shift, json_t *item)
{
	prl_hash hash;
	json_t *name = NULL;
	const json_t *person = json_object_get(shift, "person");
	if (!show->content || !person || prl_body_hash(person, "hash", &hash, NULL) ||
	    (show->party && !prl_bytes_is(prl_body_text(shift, "party"), show->party)))
		return;
	if (show->content(show->context, &hash, &name, NULL) == PRL_OK)
		(void)json_object_set_new(item, "person", name);
}

static bool list_one(void *context, const json_t *shift)
{
	listing *l = context;
	prl_time began;
	prl_bytes time = prl_body_text(shift, "time");
	json_t *item = json_copy((json_t *)(uintptr_t)shift);
	if (!item || prl_time_parse(time.data, time.size, &began, NULL)) {
		json_decref(item);
		l->failed = true;
		return false;
	}
	(void)json_object_del(item, "person");
	add_name(l->show, shift, item);
	(void)json_object_set_new(item, "since", json_stringn(time.data, time.size));
	(void)json_object_set_new(item, "age_s", json_integer(prl_time_apart(began, l->show->now) / PRL_SECOND));
	l->failed = json_array_append_new(l->items, item) != 0;
	return !l->failed;
}

static bool list_any(void *context, prl_bytes key, const json_t *shift)
{
	listing *l = context;
	(void)key;
	return (l->party && !prl_bytes_is(prl_body_text(shift, "party"), l->party)) || list_one(l, shift);
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	listing l = { .show = show, .party = prl_show_query(show, "party"), .items = json_array() };
	if (!l.items)
		return prl_error_memory(err);
	prl_status status = prl_show_query(show, "all")
				    ? prl_thing_each(show->picture, show->version, shift_noun, list_any, &l, err)
				    : prl_shift_each_on(show->picture, show->version, l.party, list_one, &l, err);
	if (!status && l.failed)
		status = prl_error_memory(err);
	if (status)
		json_decref(l.items);
	else
		*ret = l.items;
	return status;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

typedef struct watch {
	size_t count;
	json_t *languages; /* of all who are on, as keys */
} watch;

static bool count_one(void *context, const json_t *shift)
{
	watch *w = context;
	const json_t *language;
	size_t i;
	w->count++;
	json_array_foreach(json_object_get(shift, "languages"), i, language)(void)
		json_object_set_new(w->languages, json_string_value(language), json_true());
	return true;
}

static prl_status watch_of(const prl_show *show, const char *party, watch *ret, prl_error *err)
{
	*ret = (watch){ .languages = json_object() };
	return ret->languages ? prl_shift_each_on(show->picture, show->version, party, count_one, ret, err)
			      : prl_error_memory(err);
}

static bool share(const watch *a, const watch *b)
{
	const char *language;
	json_t *value;
	json_object_foreach(a->languages, language, value) if (json_object_get(b->languages, language)) return true;
	return false;
}

/* When the last one went; where nobody ever came, when the line was founded. Never later than now. */
static prl_time nobody_since(const prl_show *show, const char *party)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	prl_time founded = constitution && constitution->founded < show->now ? constitution->founded : show->now,
		 since = founded;
	const json_t *record = prl_thing_find(show->picture, show->version, party_noun, prl_bytes_of(party));
	prl_bytes text = prl_body_text(record, "ended");
	if (text.data && prl_time_parse(text.data, text.size, &since, NULL))
		since = founded;
	return since;
}

static void raise_for_peer(const prl_show *show, prl_alarms *to, const char *peer, const watch *own,
			   const watch *theirs)
{
	char situation[PRL_ALARM_SITUATION_MAX];
	(void)snprintf(situation, sizeof situation, "watch:%s", peer);
	prl_time since = theirs->count ? show->now : nobody_since(show, peer);
	if (!theirs->count)
		prl_alarm_raise(to, PRL_ALARM_PEER_NOBODY_ON_WATCH, situation, json_pack("{s:s}", "peer", peer), since,
				since + ACT_IN, "nobody is on watch at %s", peer);
	(void)snprintf(situation, sizeof situation, "language:%s", peer);
	if (theirs->count && own->count && !share(own, theirs))
		prl_alarm_raise(to, PRL_ALARM_NO_LANGUAGE, situation, json_pack("{s:s}", "peer", peer), since,
				since + ACT_IN, "nobody on watch here has a language of the watch of %s", peer);
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	char situation[PRL_ALARM_SITUATION_MAX];
	watch own, theirs;
	prl_status status = watch_of(show, to->party, &own, err);
	(void)snprintf(situation, sizeof situation, "watch:%s", to->party);
	if (!status && !own.count)
		prl_alarm_raise(to, PRL_ALARM_NOBODY_ON_WATCH, situation, NULL, nobody_since(show, to->party),
				nobody_since(show, to->party), "nobody of %s is on watch", to->party);
	for (size_t i = 0; constitution && i < constitution->party_count && !status; i++) {
		const prl_party *party = &constitution->parties[i];
		if (party->left || strcmp(party->name, to->party) == 0)
			continue;
		status = watch_of(show, party->name, &theirs, err);
		if (!status)
			raise_for_peer(show, to, party->name, &own, &theirs);
		json_decref(theirs.languages);
	}
	json_decref(own.languages);
	return status;
}

static const prl_noun nouns[] = { PRL_THING_NOUN(shift_noun), PRL_THING_NOUN(on_noun), PRL_THING_NOUN(party_noun) };
static const prl_act_kind kinds[] = {
	{ "shift.begun", PRL_SIGNED_BY_KEY, false, begun },
	{ "shift.ended", PRL_SIGNED_BY_KEY, false, ended },
	{ "shift.handed_over", PRL_SIGNED_BY_TWO, false, handed_over },
};
static const char *const queries[] = { "party", "all", NULL };

const prl_line_part prl_shift_part = { .name = "shifts",
				       .nouns = nouns,
				       .noun_count = sizeof nouns / sizeof *nouns,
				       .kinds = kinds,
				       .kind_count = sizeof kinds / sizeof *kinds,
				       .queries = queries,
				       .show = show,
				       .alarms = alarms };
