/* Table "person" by text: "asked\nA\nB" {"id", "time"}: A's newest test of B; "answer\nID\nB" {"time"}: B's first
 * answer to the test ID; "answered\nA\nB" {"asked", "time"}: B's newest answer to a test of A; and "test" things by id.
 */
#include "line/person.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "line/shift.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char person_noun[] = "person", test_noun[] = "test";

#define KEY_MAX (2 * PRL_KEY_NAME_MAX + PRL_HASH_TEXT_MAX + 24)
#define WORKING PRL_VERSION_WORKING

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static prl_bytes key_of(char room[KEY_MAX], const char *what, prl_bytes a, prl_bytes b)
{
	int length = snprintf(room, KEY_MAX, "%s\n%.*s\n%.*s", what, (int)a.size, a.data, (int)b.size, b.data);
	return (prl_bytes){ room, (size_t)length };
}

static const json_t *find(prl_picture *picture, prl_version version, const char *what, prl_bytes a, prl_bytes b)
{
	char room[KEY_MAX];
	return prl_thing_find(picture, version, person_noun, key_of(room, what, a, b));
}

static prl_status put(prl_picture *picture, const char *what, prl_bytes a, prl_bytes b, json_t *thing, prl_error *err)
{
	char room[KEY_MAX];
	return prl_thing_put(picture, person_noun, key_of(room, what, a, b), thing, err);
}

static prl_status ask(prl_picture *picture, const prl_act *act, prl_error *err)
{
	json_t *parties = NULL;
	prl_status status = prl_act_parties(picture, act, "ask", &parties, err);
	if (status)
		return status;
	json_t *test = prl_thing_new(act);
	if (test)
		(void)json_object_set(test, "ask", parties);
	status = prl_thing_put(picture, test_noun, prl_hash_key(&act->entry->hash), test, err);
	for (size_t i = 0; i < json_array_size(parties) && !status; i++) {
		char id[PRL_HASH_TEXT_MAX], time[PRL_TIME_TEXT_MAX];
		prl_hash_write(&act->entry->hash, id);
		prl_time_format(act->entry->time, time);
		status = put(picture, "asked", act->entry->party,
			     prl_bytes_of(json_string_value(json_array_get(parties, i))),
			     json_pack("{s:s, s:s}", "id", id, "time", time), err);
	}
	json_decref(parties);
	return status;
}

static prl_status answer(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const json_t *test = NULL;
	prl_hash hash;
	char time[PRL_TIME_TEXT_MAX];
	prl_bytes party = act->entry->party, id = prl_body_text(act->body, "answers");
	prl_status status = prl_thing_meant(picture, act, test_noun, "answers", &test, &hash, err);
	if (status)
		return status;
	if (!prl_body_has(json_object_get(test, "ask"), party))
		return prl_error_set(err, PRL_E_REFUSED, "answers: party %.*s was not asked", (int)party.size,
				     party.data);
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	if (!prl_bytes_is(prl_body_text(test, "mode"), modes[act->entry->mode]))
		return prl_error_set(err, PRL_E_REFUSED, "answers: the test is in mode %s",
				     json_string_value(json_object_get(test, "mode")));
	if (find(picture, WORKING, "answer", id, party))
		return prl_error_set(err, PRL_E_DUPLICATE, "answers: party %.*s has answered", (int)party.size,
				     party.data);
	prl_time_format(act->entry->time, time);
	status = put(picture, "answer", id, party, json_pack("{s:s}", "time", time), err);
	return status ? status
		      : put(picture, "answered", prl_body_text(test, "party"), party,
			    json_pack("{s:O, s:s}", "asked", json_object_get(test, "time"), "time", time), err);
}

/* That the key has signed is kept with the key itself. */
static prl_status present(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (json_object_get(act->body, "ask") && json_object_get(act->body, "answers"))
		return prl_error_set(err, PRL_E_SYNTAX, "ask and answers: expected at most one of them");
	if (json_object_get(act->body, "ask"))
		return ask(picture, act, err);
	return json_object_get(act->body, "answers") ? answer(picture, act, err) : PRL_OK;
}

/* ---- ages -------------------------------------------------------------------------------------------------------- */

typedef struct newest {
	prl_picture *picture;
	prl_version version;
	const char *party;
	prl_time now, time;
} newest;

static bool newest_key(void *context, prl_bytes name, const void *value)
{
	newest *n = context;
	const prl_key *key = value;
	(void)name;
	prl_time last = strcmp(key->party, n->party) == 0 ? prl_key_heard(n->picture, n->version, key, n->now) : 0;
	if (last > n->time)
		n->time = last;
	return true;
}

prl_status prl_person_last(prl_picture *picture, prl_version version, const char *party, prl_time now, prl_time *ret,
			   prl_error *err)
{
	newest n = { .picture = picture, .version = version, .party = party, .now = now };
	prl_status status = prl_picture_each(picture, version, PRL_TABLE_KEY, newest_key, &n, err);
	if (!status)
		*ret = n.time;
	return status;
}

static prl_time time_in(const json_t *object, const char *name)
{
	prl_time time = 0;
	prl_bytes text = prl_body_text(object, name);
	if (text.data && prl_time_parse(text.data, text.size, &time, NULL))
		time = 0;
	return time;
}

const char *prl_person_test_waits(prl_picture *picture, prl_version version, const char *asker, const char *party)
{
	prl_bytes answerer = prl_bytes_of(party);
	const json_t *asked = find(picture, version, "asked", prl_bytes_of(asker), answerer);
	prl_bytes id = prl_body_text(asked, "id");
	return id.data && !find(picture, version, "answer", id, answerer) ? id.data : NULL;
}

void prl_person_tested(prl_picture *picture, prl_version version, const char *asker, const char *party,
		       prl_time *ret_answered, prl_time *ret_asked)
{
	prl_bytes a = prl_bytes_of(asker), b = prl_bytes_of(party);
	*ret_answered = time_in(find(picture, version, "answered", a, b), "time");
	*ret_asked = time_in(find(picture, version, "asked", a, b), "time");
}

int64_t prl_person_test_s(const prl_constitution *constitution)
{
	const json_t *timers = constitution ? json_object_get(constitution->body, "timers") : NULL;
	return (int64_t)prl_body_number(timers, "test_s", PRL_TEST_S);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static json_int_t seconds(prl_time from, prl_time to)
{
	return (json_int_t)(prl_time_apart(from, to) / PRL_SECOND);
}

static json_t *aged(prl_time time, prl_time now)
{
	return time ? json_pack("{s:o, s:I}", "time", prl_show_time(time), "age_s", seconds(time, now)) : json_null();
}

/* null: this node has not heard of it, or nobody asked a node. */
static json_t *line_json(const prl_show *show, const char *party)
{
	const json_t *peer = json_object_get(json_object_get(show->node, "peers"), party);
	json_t *heard = json_object_get(peer, "heard");
	if (!peer)
		return json_null();
	json_t *line = json_is_integer(heard) ? aged(json_integer_value(heard), show->now) : json_object();
	(void)json_object_update_missing(line, (json_t *)(uintptr_t)peer);
	(void)json_object_del(line, "heard");
	return line;
}

static json_t *screen_json(const prl_show *show, const char *desk)
{
	const json_t *screen = json_object_get(json_object_get(show->node, "desks"), desk);
	json_t *seen = json_object_get(screen, "seen");
	if (!json_is_integer(seen))
		return json_null();
	json_t *item = aged(json_integer_value(seen), show->now);
	(void)json_object_set(item, "sound", json_object_get(screen, "sound"));
	(void)json_object_set_new(
		item, "attended",
		json_boolean(json_is_true(json_object_get(screen, "sound")) &&
			     prl_time_apart(json_integer_value(seen), show->now) < PRL_UNATTENDED_S * PRL_SECOND));
	return item;
}

/* As the constitution has them: for people, when the line is broken. An empty array where none are stated. */
static json_t *telephones_json(const prl_constitution *constitution, size_t party)
{
	const json_t *parties = json_object_get(constitution->body, "parties");
	json_t *telephones = json_object_get(json_array_get(parties, party), "telephones");
	return telephones ? json_incref(telephones) : json_array();
}

typedef struct desks {
	const prl_show *show;
	const char *party;
	json_t *items;
} desks;

static bool desk_one(void *context, prl_bytes name, const void *value)
{
	desks *d = context;
	const prl_desk *desk = value;
	(void)name;
	if (strcmp(desk->party, d->party) != 0)
		return true;
	return json_array_append_new(d->items, json_pack("{s:s, s:s, s:b, s:o}", "desk", desk->name, "title",
							 desk->title, "closed", desk->closed != PRL_INDEX_NEVER,
							 "screen", screen_json(d->show, desk->name))) == 0;
}

static prl_status party_json(const prl_show *show, const prl_constitution *constitution, size_t at, json_t **ret,
			     prl_error *err)
{
	const prl_party *party = &constitution->parties[at];
	desks d = { show, party->name, json_array() };
	prl_time last = 0;
	prl_status status = prl_person_last(show->picture, show->version, party->name, show->now, &last, err);
	if (!status)
		status = prl_picture_each(show->picture, show->version, PRL_TABLE_DESK, desk_one, &d, err);
	json_t *item = status ? NULL
			      : json_pack("{s:s, s:s, s:o, s:o, s:O, s:o}", "party", party->name, "log", party->log,
					  "line", line_json(show, party->name), "person", aged(last, show->now),
					  "desks", d.items, "telephones", telephones_json(constitution, at));
	json_decref(d.items);
	if (!status && !item)
		return prl_error_memory(err);
	*ret = item;
	return status;
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	json_t *items = json_array();
	prl_status status = PRL_OK;
	for (size_t i = 0; constitution && i < constitution->party_count && !status; i++) {
		json_t *item = NULL;
		status = party_json(show, constitution, i, &item, err);
		if (!status && json_array_append_new(items, item) != 0)
			status = prl_error_memory(err);
	}
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

/* Counted by what others raise, not by what says itself that nobody is there. */
static bool waits(const prl_alarm *alarm)
{
	return prl_alarm_class_of(alarm->id) < 3 && alarm->id != PRL_ALARM_PERSON_SILENT &&
	       alarm->id != PRL_ALARM_NOBODY_ON_WATCH && alarm->id != PRL_ALARM_DESK_UNATTENDED;
}

static json_t *steps_json(prl_time since)
{
	return json_pack("{s:o, s:o, s:o}", "sound_at", prl_show_time(since + PRL_PERSON_SOUND_S * PRL_SECOND),
			 "desk2_at", prl_show_time(since + PRL_PERSON_DESK2_S * PRL_SECOND), "director_at",
			 prl_show_time(since + PRL_PERSON_HEAD_S * PRL_SECOND));
}

static prl_status person_silent(const prl_show *show, prl_alarms *to, prl_error *err)
{
	prl_time last = 0, first = INT64_MAX;
	char situation[PRL_ALARM_SITUATION_MAX];
	for (size_t i = 0; i < to->count; i++)
		if (waits(&to->items[i]) && to->items[i].since < first)
			first = to->items[i].since;
	if (first == INT64_MAX)
		return PRL_OK;
	prl_status status = prl_person_last(show->picture, show->version, to->party, show->now, &last, err);
	prl_time silent = last + PRL_PERSON_SILENT_S * PRL_SECOND, since = silent > first ? silent : first;
	if (status || since > show->now)
		return status;
	(void)snprintf(situation, sizeof situation, "person:%s", to->party);
	prl_alarm_raise(to, PRL_ALARM_PERSON_SILENT, situation, steps_json(since), since, since,
			"nobody of %s has acted for %lld min", to->party,
			(long long)(prl_time_apart(last, show->now) / (60 * PRL_SECOND)));
	return PRL_OK;
}

static void line_down(const prl_show *show, prl_alarms *to, const char *peer)
{
	const json_t *view = json_object_get(json_object_get(show->node, "peers"), peer);
	const json_t *heard = json_object_get(view, "heard");
	char situation[PRL_ALARM_SITUATION_MAX];
	if (!view)
		return;
	prl_time last = json_is_integer(heard) ? json_integer_value(heard) : show->now;
	bool down = !json_is_integer(heard) || prl_time_apart(last, show->now) > PRL_LINE_DOWN_S * PRL_SECOND;
	bool flaps = json_integer_value(json_object_get(view, "flaps")) >= PRL_LINE_FLAPS;
	(void)snprintf(situation, sizeof situation, "line:%s", peer);
	if (down || flaps)
		prl_alarm_raise(to, PRL_ALARM_LINE_DOWN, situation,
				json_pack("{s:s, s:b}", "peer", peer, "flaps", flaps), last, last + 300 * PRL_SECOND,
				down ? "nothing comes from %s" : "the line to %s comes and goes", peer);
}

static void test_missed(const prl_show *show, prl_alarms *to, const char *peer, int64_t period_s)
{
	prl_time answered, asked;
	char situation[PRL_ALARM_SITUATION_MAX];
	(void)snprintf(situation, sizeof situation, "test:%s", peer);
	prl_person_tested(show->picture, show->version, to->party, peer, &answered, &asked);
	prl_time since = (answered ? answered : asked) + period_s * PRL_SECOND;
	if (asked && show->now > since)
		prl_alarm_raise(to, PRL_ALARM_TEST_MISSED, situation, json_pack("{s:s}", "peer", peer), since,
				since + 600 * PRL_SECOND, "%s has answered no test message for %lld min", peer,
				(long long)(prl_time_apart(since, show->now) / (60 * PRL_SECOND) + period_s / 60));
}

static bool unattended(void *context, const json_t *shift)
{
	prl_alarms *to = ((void **)context)[0];
	const prl_show *show = ((void **)context)[1];
	const char *desk = json_string_value(json_object_get(shift, "desk"));
	const json_t *screen = json_object_get(json_object_get(show->node, "desks"), desk);
	char situation[PRL_ALARM_SITUATION_MAX];
	prl_time seen =
		json_is_integer(json_object_get(screen, "seen")) && json_is_true(json_object_get(screen, "sound"))
			? json_integer_value(json_object_get(screen, "seen"))
			: time_in(shift, "time");
	prl_time since = seen + PRL_UNATTENDED_S * PRL_SECOND;
	(void)snprintf(situation, sizeof situation, "desk:%s", desk);
	if (show->now > since)
		prl_alarm_raise(to, PRL_ALARM_DESK_UNATTENDED, situation, json_pack("{s:s}", "desk", desk), since,
				since, "no screen with sound is open at %s", desk);
	return true;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	void *look[] = { to, (void *)(uintptr_t)show };
	prl_status status = person_silent(show, to, err);
	for (size_t i = 0; constitution && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		if (party->left || strcmp(party->name, to->party) == 0)
			continue;
		line_down(show, to, party->name);
		test_missed(show, to, party->name, prl_person_test_s(constitution));
	}
	if (!status && show->node)
		status = prl_shift_each_on(show->picture, show->version, to->party, unattended, look, err);
	return status;
}

static const prl_noun nouns[] = { PRL_THING_NOUN(person_noun), PRL_THING_NOUN(test_noun) };
static const prl_act_kind kinds[] = { { "person.present", PRL_SIGNED_BY_KEY, false, present } };

const prl_line_part prl_person_part = { .name = "desks",
					.nouns = nouns,
					.noun_count = sizeof nouns / sizeof *nouns,
					.kinds = kinds,
					.kind_count = 1,
					.show = show,
					.alarms = alarms };
