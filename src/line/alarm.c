#include "line/alarm.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "line/line.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char noun_name[] = "shelf";

#define SHELF_MAX (30 * INT64_C(86400) * PRL_SECOND) /* a situation that stands for longer is looked at again */

#define X(number, name, sound, desk2_s, director_s) { name, sound, desk2_s, director_s },
const prl_alarm_class prl_alarm_classes[] = { PRL_ALARM_CLASSES(X) };
#undef X

#define X(id, name, alarm_class, owner, cause, act, deadline) { name, alarm_class, owner, cause, act, deadline },
const prl_alarm_kind prl_alarm_kinds[] = { PRL_ALARMS(X) };
#undef X

int prl_alarm_class_of(prl_alarm_id id)
{
	return prl_alarm_kinds[id].alarm_class;
}

/* ---- worse ------------------------------------------------------------------------------------------------------- */

static bool time_of(const json_t *about, const char *name, prl_time *ret)
{
	const char *text = json_string_value(json_object_get(about, name));
	return text && prl_time_parse(text, strlen(text), ret, NULL) == PRL_OK;
}

/* An end that is not stated is open: it lasts longest, and begins first. */
static bool passes(const json_t *about, const json_t *than, const char *name, int sign)
{
	prl_time now = 0, before = 0;
	bool has_now = time_of(about, name, &now), had = time_of(than, name, &before);
	return had && (!has_now || (sign < 0 ? now < before : now > before));
}

bool prl_alarm_is_worse(const json_t *about, const json_t *than)
{
	const json_t *metres = json_object_get(about, "closest_m"), *before = json_object_get(than, "closest_m");
	return passes(about, than, "begins", -1) || passes(about, than, "ends", 1) ||
	       (json_is_integer(metres) && json_is_integer(before) &&
		json_integer_value(metres) < json_integer_value(before));
}

/* ---- raised ------------------------------------------------------------------------------------------------------ */

static bool is_own(const prl_alarms *to, const json_t *about)
{
	const char *peer = json_string_value(json_object_get(about, "peer"));
	return peer && to->party && strcmp(peer, to->party) == 0;
}

static prl_alarm *room_for_one(prl_alarms *to)
{
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		prl_alarm *items = prl_array_resize(to->items, room, sizeof *items);
		if (!items)
			return NULL;
		to->items = items;
		to->room = room;
	}
	return &to->items[to->count];
}

/* The place of the situation, a new one at the end; NULL where there is no room or the one that is there weighs more.
 */
static prl_alarm *place_of(prl_alarms *to, prl_alarm_id id, const char *situation, prl_time due)
{
	const json_t *known = json_object_get(to->index, situation);
	int own_class = prl_alarm_class_of(id);
	if (known) {
		prl_alarm *there = &to->items[json_integer_value(known)];
		int class = prl_alarm_class_of(there->id);
		if (own_class > class || (own_class == class && due >= there->due))
			return NULL;
		json_decref(there->about);
		there->about = NULL;
		return there;
	}
	if (own_class > 2 && to->rest >= PRL_ALARM_REST_MAX) {
		to->left_out++;
		return NULL;
	}
	prl_alarm *alarm = room_for_one(to);
	if (!alarm || json_object_set_new(to->index, situation, json_integer((json_int_t)to->count)) != 0) {
		to->failed = true;
		return NULL;
	}
	to->rest += own_class > 2;
	to->count++;
	*alarm = (prl_alarm){ 0 };
	return alarm;
}

/* Cut between two characters of UTF-8. */
static void cut(char *text, size_t room, size_t length)
{
	if (length < room)
		return;
	size_t end = room - 1;
	while (end && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end && (unsigned char)text[end - 1] >= 0xc0)
		end--;
	text[end] = 0;
}

void prl_alarm_raise(prl_alarms *to, prl_alarm_id id, const char *situation, json_t *about, prl_time since,
		     prl_time due, const char *format, ...)
{
	char key[PRL_ALARM_SITUATION_MAX];
	va_list args;
	if (is_own(to, about)) {
		json_decref(about);
		return;
	}
	cut(key, sizeof key, (size_t)snprintf(key, sizeof key, "%s", situation));
	prl_alarm *alarm = place_of(to, id, key, due);
	if (!alarm) {
		json_decref(about);
		return;
	}
	alarm->id = id;
	memcpy(alarm->situation, key, sizeof key);
	alarm->about = about ? about : json_object();
	alarm->since = since;
	alarm->due = due;
	va_start(args, format);
	int length = vsnprintf(alarm->text, sizeof alarm->text, format, args);
	va_end(args);
	cut(alarm->text, sizeof alarm->text, length < 0 ? 0 : (size_t)length);
	if (!alarm->about)
		to->failed = true;
}

static int compare(const void *a, const void *b)
{
	const prl_alarm *x = a, *y = b;
	int left = prl_alarm_class_of(x->id), right = prl_alarm_class_of(y->id);
	if (left != right)
		return left - right;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return strcmp(x->situation, y->situation);
}

/* ---- shelves ----------------------------------------------------------------------------------------------------- */

/* "PARTY\nSITUATION": of one party, thus of one log, in which the newest counts. */
static prl_bytes shelf_key(char room[PRL_KEY_NAME_MAX + PRL_ALARM_SITUATION_MAX + 2], prl_bytes party,
			   prl_bytes situation)
{
	int length = snprintf(room, PRL_KEY_NAME_MAX + PRL_ALARM_SITUATION_MAX + 2, "%.*s\n%.*s", (int)party.size,
			      party.data, (int)situation.size, situation.data);
	return (prl_bytes){ room, (size_t)length };
}

static const json_t *shelf_of(const prl_show *show, const char *party, const prl_alarm *alarm)
{
	char room[PRL_KEY_NAME_MAX + PRL_ALARM_SITUATION_MAX + 2];
	prl_time until;
	if (prl_alarm_class_of(alarm->id) < 3)
		return NULL;
	const json_t *shelf = prl_thing_find(show->picture, show->version, noun_name,
					     shelf_key(room, prl_bytes_of(party), prl_bytes_of(alarm->situation)));
	if (!shelf || !time_of(shelf, "until", &until) || until <= show->now)
		return NULL;
	return prl_alarm_is_worse(alarm->about, json_object_get(shelf, "as")) ? NULL : shelf;
}

static bool names_class_3_or_4(prl_bytes name)
{
	for (size_t i = 0; i < PRL_ALARM_COUNT; i++)
		if (prl_bytes_is(name, prl_alarm_kinds[i].name))
			return prl_alarm_kinds[i].alarm_class > 2;
	return true; /* a later version's: looked at again when it is shown */
}

static prl_status until_check(const prl_act *act, prl_error *err)
{
	prl_time until;
	if (!json_is_string(json_object_get(act->body, "until")))
		return PRL_OK;
	prl_status status = prl_body_time(act->body, "until", &until, err);
	if (status)
		return status;
	if (until <= act->entry->time)
		return prl_error_set(err, PRL_E_RANGE, "until: it ends before it begins");
	if (prl_time_apart(act->entry->time, until) > SHELF_MAX)
		return prl_error_set(err, PRL_E_RANGE, "until: a situation is shelved for 30 days at most");
	if (!json_is_string(json_object_get(act->body, "reason")))
		return prl_error_set(err, PRL_E_SYNTAX, "reason: expected why it is shelved");
	return PRL_OK;
}

static prl_status shelved(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const names[] = { "situation", "alarm", "until", "reason", "as", NULL };
	char room[PRL_KEY_NAME_MAX + PRL_ALARM_SITUATION_MAX + 2];
	prl_bytes situation = prl_body_text(act->body, "situation");
	if (situation.size >= PRL_ALARM_SITUATION_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "situation: expected at most %d bytes",
				     PRL_ALARM_SITUATION_MAX - 1);
	if (!names_class_3_or_4(prl_body_text(act->body, "alarm")))
		return prl_error_set(err, PRL_E_REFUSED, "alarm: classes 1 and 2 are not shelved");
	prl_status status = until_check(act, err);
	if (status)
		return status;
	json_t *shelf = prl_thing_new(act);
	if (shelf && !prl_thing_take(shelf, act->body, names)) {
		json_decref(shelf);
		shelf = NULL;
	}
	return prl_thing_put(picture, noun_name, shelf_key(room, act->entry->party, situation), shelf, err);
}

/* ---- collected --------------------------------------------------------------------------------------------------- */

prl_status prl_alarms_collect(const prl_show *show, const char *party, const char *desk, prl_alarms *ret,
			      prl_error *err)
{
	prl_show look = *show;
	look.party = party;
	*ret = (prl_alarms){ .party = party, .desk = desk, .index = json_object() };
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	if (constitution)
		memcpy(ret->ring_s, constitution->ring_s, sizeof ret->ring_s);
	prl_status status = ret->index ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; i < prl_line_part_count && !status; i++)
		if (prl_line_parts[i]->alarms)
			status = prl_line_parts[i]->alarms(&look, ret, err);
	if (!status && ret->failed)
		status = prl_error_memory(err);
	if (status)
		return status;
	if (ret->count)
		qsort(ret->items, ret->count, sizeof *ret->items, compare);
	for (size_t i = 0; i < ret->count; i++)
		ret->items[i].shelf = shelf_of(&look, party, &ret->items[i]);
	return PRL_OK;
}

void prl_alarms_done(prl_alarms *alarms)
{
	for (size_t i = 0; i < alarms->count; i++)
		json_decref(alarms->items[i].about);
	free(alarms->items);
	json_decref(alarms->index);
	*alarms = (prl_alarms){ 0 };
}

/* Seconds after which a step begins; -1: never. */
static int64_t step_s(const prl_alarms *alarms, const prl_alarm *alarm, int step)
{
	int class = prl_alarm_class_of(alarm->id);
	const prl_alarm_class *row = &prl_alarm_classes[class - 1];
	int seconds = step == 0 ? row->desk2_s : row->director_s;
	if ((class == 1 || alarm->id == PRL_ALARM_CALL_URGENT) && alarms->ring_s[step])
		return alarms->ring_s[step];
	if (seconds < 0)
		return prl_time_apart(alarm->since, alarm->due) / PRL_SECOND;
	return seconds ? seconds : -1;
}

const char *prl_alarm_rung_to(const prl_alarms *alarms, const prl_alarm *alarm, prl_time now)
{
	int64_t age_s = prl_time_apart(alarm->since, now) / PRL_SECOND;
	int64_t desk2_s = step_s(alarms, alarm, 0), director_s = step_s(alarms, alarm, 1);
	if (prl_alarm_class_of(alarm->id) == 4)
		return "nobody";
	if (director_s >= 0 && age_s >= director_s)
		return "director";
	return desk2_s >= 0 && age_s >= desk2_s ? "desk 2" : "desk";
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static json_t *shelf_json(const json_t *shelf)
{
	return shelf ? json_pack("{s:O, s:O, s:O}", "until", json_object_get(shelf, "until"), "reason",
				 json_object_get(shelf, "reason"), "desk", json_object_get(shelf, "desk"))
		     : json_null();
}

static json_int_t seconds(prl_time from, prl_time to)
{
	return (json_int_t)(prl_time_apart(from, to) / PRL_SECOND);
}

json_t *prl_alarm_json(const prl_alarms *alarms, const prl_alarm *alarm, prl_time now)
{
	const prl_alarm_kind *kind = &prl_alarm_kinds[alarm->id];
	const prl_alarm_class *class = &prl_alarm_classes[kind->alarm_class - 1];
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:s, s:O, s:o}", "alarm",
			 kind->name, "class", kind->alarm_class, "class_name", class->name, "sound", class->sound,
			 "owner", kind->owner, "act", kind->act, "situation", alarm->situation, "text", alarm->text,
			 "party", alarms->party, "since", prl_show_time(alarm->since), "due", prl_show_time(alarm->due),
			 "age_s", seconds(alarm->since, now), "due_in_s", seconds(now, alarm->due), "rung_to",
			 prl_alarm_rung_to(alarms, alarm, now), "about", alarm->about, "shelved",
			 shelf_json(alarm->shelf));
}

static prl_status show_party(const prl_show *show, const char *party, json_t *items, prl_error *err)
{
	prl_alarms alarms;
	prl_status status = prl_alarms_collect(show, party, prl_show_query(show, "desk"), &alarms, err);
	for (size_t i = 0; i < alarms.count && !status; i++)
		if (json_array_append_new(items, prl_alarm_json(&alarms, &alarms.items[i], show->now)) != 0)
			status = prl_error_memory(err);
	prl_alarms_done(&alarms);
	return status;
}

/* Of the caller's party; of all parties whose home this node is where it has none. */
static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	const char *own = prl_picture_own_log(show->picture);
	json_t *items = json_array();
	prl_status status = items ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; constitution && i < constitution->party_count && !status; i++) {
		const prl_party *party = &constitution->parties[i];
		if (show->party ? strcmp(party->name, show->party) == 0 : !party->left && !strcmp(party->log, own))
			status = show_party(show, party->name, items, err);
	}
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}

static const prl_noun noun = PRL_THING_NOUN(noun_name);
static const prl_act_kind kind = { "alarm.shelved", PRL_SIGNED_BY_KEY, false, shelved };
static const char *const queries[] = { "desk", NULL };

const prl_line_part prl_alarm_part = { .name = "alarms",
				       .nouns = &noun,
				       .noun_count = 1,
				       .kinds = &kind,
				       .kind_count = 1,
				       .queries = queries,
				       .show = show };
