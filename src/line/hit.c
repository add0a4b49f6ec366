#include "line/hit.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/movement.h"
#include "line/open.h"
#include "line/receipt.h"
#include "line/thing.h"
#include "picture/body.h"

#include <parley/notation.h>

#include <stdio.h>
#include <string.h>

#define AHEAD_S    300   /* a clock may be off by so much */
#define ALARM_S    86400 /* a report is pointed out for a day */
#define ORIGIN_MAX 64u   /* origins that are named; more are counted */

/* "hit.accounted", by event and party: a party has given an account of an event that another account began. */
static const char noun_name[] = "hit", open_name[] = "hit.open", accounted_name[] = "hit.accounted";

#define ACCOUNTED_KEY_MAX (PRL_HASH_TEXT_MAX + PRL_KEY_NAME_MAX + 2)

static prl_bytes accounted_key(char room[ACCOUNTED_KEY_MAX], const char *event, prl_bytes party)
{
	int length = snprintf(room, ACCOUNTED_KEY_MAX, "%.*s\n%.*s", PRL_HASH_TEXT_MAX - 1, event, (int)party.size,
			      party.data);
	return (prl_bytes){ room, (size_t)length };
}

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

static prl_status range_check(const json_t *body, const char *name, prl_error *err)
{
	const json_t *range = json_object_get(body, name);
	uint64_t min = prl_body_number(range, "min", 0);
	if (prl_body_number(range, "max", min) < min)
		return prl_error_set(err, PRL_E_RANGE, "%s: max is below min", name);
	return PRL_OK;
}

/* The account with which the event began, by the one that the act names. */
static prl_status event_of(prl_picture *picture, const prl_act *act, json_t *hit, prl_error *err)
{
	const json_t *first = NULL;
	prl_hash hash;
	if (!json_object_get(act->body, "event"))
		return json_object_set(hit, "event", json_object_get(hit, "id")) == 0 ? PRL_OK : prl_error_memory(err);
	prl_status status = prl_thing_meant(picture, act, noun_name, "event", &first, &hash, err);
	if (!status && !prl_bytes_is(prl_body_text(hit, "mode"), json_string_value(json_object_get(first, "mode"))))
		return prl_error_set(err, PRL_E_REFUSED, "event: is of mode %s; modes never mix",
				     json_string_value(json_object_get(first, "mode")));
	if (!status && json_object_set(hit, "event", json_object_get(first, "event")) != 0)
		return prl_error_memory(err);
	return status;
}

static prl_status reported(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const said[] = { "notice", "place", "words",  "language", "origin",
					    "killed", "hurt",  "damage", NULL };
	const prl_notice *notice = NULL;
	prl_status status = range_check(act->body, "killed", err);
	if (!status)
		status = range_check(act->body, "hurt", err);
	if (!status && json_object_get(act->body, "notice"))
		status = prl_notice_meant(picture, act, &notice, err);
	if (status)
		return status;
	json_t *hit = prl_thing_new(act);
	/* "time" of a thing is that of its entry; when it happened has a name of its own. */
	if (!hit || !prl_thing_take(hit, act->body, said) ||
	    json_object_set(hit, "at", json_object_get(act->body, "time")) != 0)
		status = prl_error_memory(err);
	if (!status)
		status = event_of(picture, act, hit, err);
	if (status) {
		json_decref(hit);
		return status;
	}
	bool first = !json_object_get(act->body, "event");
	char room[ACCOUNTED_KEY_MAX];
	prl_bytes accounted = accounted_key(room, json_string_value(json_object_get(hit, "event")), act->entry->party);
	status = prl_thing_put(picture, noun_name, prl_hash_key(&act->entry->hash), hit, err);
	/* pointed out is the first account of an event, for a day, and that is over by the hour: it is swept */
	if (!status && !first)
		return prl_thing_put(picture, accounted_name, accounted, json_object(), err);
	return status ? status : prl_open_follow(picture, open_name, prl_hash_key(&act->entry->hash), true, err);
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	prl_time at;
	prl_position position;
	prl_bytes place = prl_body_text(json_object_get(body, "place"), "position");
	(void)picture;
	(void)version;
	if (prl_body_time(body, "time", &at, err) == PRL_OK && at > entry->time + AHEAD_S * PRL_SECOND) {
		(void)prl_error_set(err, PRL_E_RANGE, "lies ahead of the report; expected when it was, up to now");
		return prl_error_at(err, PRL_E_RANGE, "/time");
	}
	prl_status status =
		place.data ? prl_position_parse(place.data, place.size, NULL, &position, NULL, err) : PRL_OK;
	return status ? prl_error_at(err, status, "/place/position") : PRL_OK;
}

/* ---- what was known then ----------------------------------------------------------------------------------------- */

typedef struct held {
	const prl_show *show;
	const prl_notice *notice;
	prl_time at;
	json_t *held, *not_read;
} held;

/* Which version they had read: what was in force then is known where the notice has not changed since. */
static const char *version_read(const held *h, prl_bytes party)
{
	if (h->notice->changed > h->at)
		return "a version of it; it has changed since";
	prl_time read =
		prl_receipt_read_by(h->show->picture, h->show->version, h->notice, &h->notice->version, party, h->at);
	return read == PRL_TIME_OPEN_END ? "an earlier version" : "the version in force";
}

static void look_at_party(void *context, const prl_party *party)
{
	held *h = context;
	prl_bytes name = prl_bytes_of(party->name);
	prl_time read = prl_receipt_read_by(h->show->picture, h->show->version, h->notice, NULL, name, h->at);
	if (read == PRL_TIME_OPEN_END) {
		(void)json_array_append_new(h->not_read, json_string(party->name));
		return;
	}
	(void)json_array_append_new(h->held,
				    json_pack("{s:s, s:s, s:o, s:o}", "party", party->name, "of", version_read(h, name),
					      "read_at", prl_show_time(read), "read_for_s", prl_age_json(read, h->at)));
}

/* Clocks and statements side by side; whose fire it was is not asked. */
static json_t *notice_json(const prl_show *show, const json_t *hit)
{
	char name[PRL_NOTICE_NAME_MAX];
	prl_hash id;
	held h = { .show = show };
	if (!json_object_get(hit, "notice") || prl_body_hash(hit, "notice", &id, NULL) ||
	    prl_body_time(hit, "at", &h.at, NULL))
		return json_null();
	h.notice = prl_notice_find(show->picture, show->version, &id);
	if (!h.notice || !prl_notice_is_for(h.notice, show->party))
		return json_null();
	h.held = json_array();
	h.not_read = json_array();
	prl_receipt_each_party(show->picture, show->version, h.notice, look_at_party, &h);
	prl_notice_name(h.notice, name);
	bool before = h.notice->filed <= h.at;
	json_t *json =
		json_pack("{s:s, s:s, s:s, s:o, s:b, s:o, s:o, s:o}", "name", name, "party", h.notice->party, "kind",
			  prl_kind_word((prl_kind)h.notice->kind), "filed", prl_show_time(h.notice->filed),
			  "filed_before", before, "age_s", before ? prl_age_json(h.notice->filed, h.at) : json_null(),
			  "read_by", h.held, "not_read_by", h.not_read);
	const json_t *movement = prl_movement_find(show->picture, show->version, &h.notice->id);
	if (movement)
		(void)json_object_set_new(json, "movement", json_string(prl_movement_state(movement)));
	return json;
}

/* ---- the register ------------------------------------------------------------------------------------------------ */

typedef struct range {
	bool any, open;
	json_int_t min, max;
} range;

static void widen(range *r, const json_t *figure)
{
	if (!figure)
		return;
	json_int_t min = json_integer_value(json_object_get(figure, "min"));
	const json_t *upper = json_object_get(figure, "max");
	json_int_t max = upper ? json_integer_value(upper) : min;
	bool beyond = !r->any || max > r->max;
	r->open = beyond ? !upper : r->open || (max == r->max && !upper);
	r->min = !r->any || min < r->min ? min : r->min;
	r->max = beyond ? max : r->max;
	r->any = true;
}

static json_t *range_json(const range *r)
{
	return r->any ? json_pack("{s:I, s:I, s:b}", "min", r->min, "max", r->max, "or_more", r->open) : json_null();
}

typedef struct happening {
	range killed, hurt;
	json_t *accounts, *origins;
} happening;

static void add_origin(happening *e, const json_t *hit)
{
	const json_t *origin = json_object_get(hit, "origin");
	prl_bytes text = prl_body_text(hit, origin ? "origin" : "party");
	if (!prl_body_has(e->origins, text))
		(void)json_array_append_new(e->origins, json_stringn(text.data, text.size));
}

static json_t *event_json(const prl_show *show, const char *id, const json_t *accounts)
{
	happening e = { .origins = json_array() };
	const json_t *one, *notice = NULL;
	size_t i;
	json_array_foreach(accounts, i, one)
	{
		widen(&e.killed, json_object_get(one, "killed"));
		widen(&e.hurt, json_object_get(one, "hurt"));
		add_origin(&e, one);
		notice = notice || !json_object_get(one, "notice") ? notice : one;
	}
	size_t count = json_array_size(e.origins);
	return json_pack("{s:s, s:o, s:o, s:o, s:I, s:o, s:O}", "event", id, "notice",
			 notice ? notice_json(show, notice) : json_null(), "killed", range_json(&e.killed), "hurt",
			 range_json(&e.hurt), "origin_count", (json_int_t)count, "origins", e.origins, "accounts",
			 accounts);
}

typedef struct gathering {
	const prl_show *show;
	const char *only; /* id of a notice; NULL: all */
	json_t *events;   /* {event: [accounts]} */
} gathering;

/* An account of what was told to some only is for those. */
static bool may_see(const prl_show *show, const json_t *hit)
{
	prl_hash id;
	if (!json_object_get(hit, "notice") || prl_body_hash(hit, "notice", &id, NULL))
		return true;
	const prl_notice *notice = prl_notice_find(show->picture, show->version, &id);
	return !notice || prl_notice_is_for(notice, show->party);
}

static bool gather_one(void *context, prl_bytes key, const json_t *hit)
{
	gathering *g = context;
	const char *event = json_string_value(json_object_get(hit, "event"));
	(void)key;
	if (!may_see(g->show, hit))
		return true;
	json_t *accounts = json_object_get(g->events, event);
	if (!accounts) {
		accounts = json_array();
		(void)json_object_set_new(g->events, event, accounts);
	}
	(void)json_array_append(accounts, (json_t *)(uintptr_t)hit);
	return true;
}

static bool about_notice(const json_t *accounts, const char *id)
{
	const json_t *one;
	size_t i;
	json_array_foreach(accounts, i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "notice"), id))
			return true;
	}
	return false;
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *name = prl_show_query(show, "notice"), *event;
	char id[PRL_HASH_TEXT_MAX] = "";
	const prl_notice *notice = name ? prl_notice_named(show->picture, show->version, prl_bytes_of(name)) : NULL;
	if (name && (!notice || !prl_notice_is_for(notice, show->party)))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no notice %.60s here; expected a name like un#12, or an id",
				     name);
	if (notice)
		prl_hash_write(&notice->id, id);
	gathering g = { .show = show, .events = json_object() };
	json_t *items = json_array(), *accounts;
	prl_status status = prl_thing_each(show->picture, show->version, noun_name, gather_one, &g, err);
	json_object_foreach(g.events, event, accounts)
	{
		if (!status && (!notice || about_notice(accounts, id)))
			(void)json_array_append_new(items, event_json(show, event, accounts));
	}
	json_decref(g.events);
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}

/* ---- what needs somebody ----------------------------------------------------------------------------------------- */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static bool is_over(const prl_show *show, prl_bytes key, const json_t *hit)
{
	prl_time since;
	(void)key;
	return prl_body_time(hit, "time", &since, NULL) || show->now > since + ALARM_S * PRL_SECOND;
}

static bool has_accounted(const raising *r, const char *event)
{
	char room[ACCOUNTED_KEY_MAX];
	return prl_thing_find(r->show->picture, r->show->version, accounted_name,
			      accounted_key(room, event, prl_bytes_of(r->to->party))) != NULL;
}

/* The first account of an event, for a day, to the other parties that have given none: read it. */
static bool raise_one(void *context, prl_bytes key, const json_t *hit)
{
	const raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX];
	const char *id = json_string_value(json_object_get(hit, "id"));
	prl_bytes party = prl_body_text(hit, "party"), words = prl_body_text(hit, "words");
	prl_time since;
	if (prl_bytes_is(party, r->to->party) || is_over(r->show, key, hit) || !may_see(r->show, hit) ||
	    prl_body_time(hit, "time", &since, NULL) || has_accounted(r, id))
		return true;
	(void)snprintf(situation, sizeof situation, "hit:%s", id);
	prl_alarm_raise(r->to, PRL_ALARM_HIT_REPORTED, situation,
			json_pack("{s:O, s:O, s:s}", "peer", json_object_get(hit, "party"), "mode",
				  json_object_get(hit, "mode"), "hit", id),
			since, since + 900 * PRL_SECOND, "%.*s reports a hit: %.*s", (int)party.size, party.data,
			(int)prl_utf8_cut(words, 200), words.data);
	return true;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, open_name, noun_name, raise_one, &r, err);
}

static const prl_open_rule open_rule = { open_name, noun_name, is_over };
static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(open_name), PRL_THING_NOUN(accounted_name) };
static const prl_act_kind kinds[] = { { "hit.reported", PRL_SIGNED_BY_KEY, false, reported } };
static const char *const queries[] = { "notice", NULL };

const prl_line_part prl_hit_part = {
	.name = "hits",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.queries = queries,
	.show = show,
	.alarms = alarms,
	.open = &open_rule,
};
