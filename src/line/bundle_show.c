/* Bundles as people see them, and what needs somebody. */
#include "line/bundle_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/movement.h"
#include "line/open.h"
#include "line/receipt.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

/* What one looker sees of a bundle. */
typedef struct sight {
	const prl_show *show;
	const json_t *bundle;
	json_t *movements, *seen;        /* seen: ids that are listed already */
	size_t sites, unread;            /* unread: movements of others that show->party has not read back */
	size_t others;                   /* items of others for show->party */
	char first[PRL_NOTICE_NAME_MAX]; /* name of the first unread one */
} sight;

static const prl_notice *notice_of(const prl_show *show, const char *id)
{
	prl_hash hash;
	return prl_hash_read(prl_bytes_of(id), &hash) ? prl_notice_find(show->picture, show->version, &hash) : NULL;
}

static bool is_own(const prl_show *show, const prl_notice *notice)
{
	return show->party && strcmp(show->party, notice->party) == 0;
}

/* Listed for this looker, once, whatever the number of entries that raise it. */
static const prl_notice *listed(sight *s, const char *id)
{
	const prl_notice *notice = notice_of(s->show, id);
	if (!notice || !prl_notice_is_for(notice, s->show->party) || json_object_get(s->seen, id))
		return NULL;
	(void)json_object_set_new(s->seen, id, json_true());
	s->others += !is_own(s->show, notice);
	return notice;
}

typedef struct readers {
	const sight *s;
	const char *id;
	json_t *not_read, *read;
} readers;

static void add_reader(void *context, const prl_party *party)
{
	readers *r = context;
	json_t *receipt = json_object_get(json_object_get(json_object_get(r->s->bundle, "read"), party->name), r->id);
	if (receipt)
		(void)json_object_set(r->read, party->name, receipt);
	else
		(void)json_array_append_new(r->not_read, json_string(party->name));
}

static bool add_movement(void *context, const char *id, const char *version, const json_t *part)
{
	sight *s = context;
	(void)part;
	const prl_notice *notice = listed(s, id);
	char name[PRL_NOTICE_NAME_MAX], newest[PRL_HASH_TEXT_MAX];
	if (!notice)
		return true;
	readers r = { s, id, json_array(), json_object() };
	prl_receipt_each_party(s->show->picture, s->show->version, notice, add_reader, &r);
	prl_notice_name(notice, name);
	prl_hash_write(&notice->version, newest);
	if (s->show->party && !is_own(s->show, notice) && notice->state == PRL_NOTICE_LIVE &&
	    prl_body_has(r.not_read, prl_bytes_of(s->show->party)) && !s->unread++)
		memcpy(s->first, name, sizeof name);
	const json_t *movement = prl_movement_find(s->show->picture, s->show->version, &notice->id);
	(void)json_array_append_new(s->movements,
				    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "name", name, "notice", id,
					      "party", notice->party, "version", version, "newest", newest, "state",
					      prl_movement_state(movement), "read", r.read, "not_read_by", r.not_read));
	return true;
}

static bool count_site(void *context, const char *id, const char *version, const json_t *part)
{
	sight *s = context;
	(void)version;
	(void)part;
	const prl_notice *notice = listed(s, id);
	s->sites += notice != NULL;
	return true;
}

static void sight_make(const prl_show *show, const json_t *bundle, sight *s)
{
	*s = (sight){ .show = show, .bundle = bundle, .movements = json_array(), .seen = json_object() };
	prl_bundle_each(bundle, "movements", add_movement, s);
	prl_bundle_each(bundle, "sites", count_site, s);
}

static void sight_done(sight *s)
{
	json_decref(s->movements);
	json_decref(s->seen);
}

static bool is_taken(const json_t *bundle, const char *party)
{
	return json_object_get(json_object_get(bundle, "taken"), party) != NULL;
}

static bool raised_at(const json_t *bundle, prl_time *ret)
{
	const char *log;
	json_t *parts;
	bool any = false;
	json_object_foreach(json_object_get(bundle, "raised"), log, parts)
	{
		prl_time time;
		if (prl_body_time(json_array_get(parts, 0), "time", &time, NULL) == PRL_OK && (!any || time < *ret)) {
			*ret = time;
			any = true;
		}
	}
	return any;
}

/* Which parties' nodes hold every entry that raised it (their logs say so): the sites are served again there. */
static bool holds_all(const prl_show *show, const json_t *bundle, const prl_party *party)
{
	const char *log;
	json_t *parts;
	const json_t *part;
	size_t i;
	json_object_foreach(json_object_get(bundle, "raised"), log, parts) json_array_foreach(parts, i, part)
	{
		const prl_peer *peer =
			prl_picture_peer_of(show->picture, show->version, prl_bytes_of(party->log), prl_bytes_of(log));
		if (strcmp(log, party->log) != 0 && (!peer || peer->size <= prl_body_number(part, "index", 0)))
			return false;
	}
	return true;
}

static json_t *parties_json(const prl_show *show, const json_t *bundle)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	json_t *all = json_array();
	for (size_t i = 0; c && i < c->party_count; i++) {
		const prl_party *party = &c->parties[i];
		json_t *taken = json_object_get(json_object_get(bundle, "taken"), party->name);
		if (!party->left)
			(void)json_array_append_new(all, json_pack("{s:s, s:b, s:O?}", "party", party->name, "served",
								   holds_all(show, bundle, party), "taken", taken));
	}
	return all;
}

typedef struct listing {
	const prl_show *show;
	json_t *items;
} listing;

static bool list_one(void *context, prl_bytes key, const json_t *bundle)
{
	listing *list = context;
	prl_time since = list->show->now;
	sight s;
	(void)key;
	sight_make(list->show, bundle, &s);
	if (raised_at(bundle, &since) && json_object_size(s.seen))
		(void)json_array_append_new(
			list->items,
			json_pack("{s:O, s:O, s:O, s:o, s:o, s:O, s:I, s:o, s:s}", "bundle",
				  json_object_get(bundle, "cause"), "why", json_object_get(bundle, "why"), "mode",
				  json_object_get(bundle, "mode"), "raised", prl_show_time(since), "age_s",
				  prl_age_json(since, list->show->now), "movements", s.movements, "site_count",
				  (json_int_t)s.sites, "parties", parties_json(list->show, bundle), "text",
				  "What was notified is still protected."));
	sight_done(&s);
	return true;
}

prl_status prl_bundles_show(const prl_show *show, json_t **ret, prl_error *err)
{
	listing list = { show, json_array() };
	prl_status status = prl_thing_each(show->picture, show->version, "bundle", list_one, &list, err);
	if (status)
		json_decref(list.items);
	else
		*ret = list.items;
	return status;
}

/* ---- what needs somebody ----------------------------------------------------------------------------------------- */

typedef struct raising {
	const prl_show *show; /* show->party is to->party */
	prl_alarms *to;
} raising;

static bool raise_one(void *context, prl_bytes key, const json_t *bundle)
{
	const raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX];
	const char *id = json_string_value(json_object_get(bundle, "cause"));
	const char *why = json_string_value(json_object_get(bundle, "why"));
	prl_time since = r->show->now;
	sight s;
	(void)key;
	sight_make(r->show, bundle, &s);
	(void)raised_at(bundle, &since);
	(void)snprintf(situation, sizeof situation, "bundle:%s", id);
	json_t *about = json_pack("{s:O, s:s}", "mode", json_object_get(bundle, "mode"), "bundle", id);
	if (s.others && !is_taken(bundle, r->to->party))
		prl_alarm_raise(r->to, PRL_ALARM_BUNDLE_TO_TAKE, situation, json_incref(about), since, since,
				"%.150s. Still protected: %zu movements, %zu sites", why, json_array_size(s.movements),
				s.sites);
	else if (s.unread)
		prl_alarm_raise(r->to, PRL_ALARM_BUNDLE_TO_READ, situation, json_incref(about), since,
				since + 900 * PRL_SECOND, "%zu movements of the bundle to read back, first %s",
				s.unread, s.first);
	json_decref(about);
	sight_done(&s);
	return true;
}

prl_status prl_bundles_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, prl_bundle_open_noun, "bundle", raise_one, &r, err);
}

/* ---- what needs nobody any more ---------------------------------------------------------------------------------- */

typedef struct waiting {
	const prl_show *show;
	const json_t *bundle;
	const char *party;
	bool taken, waits;
} waiting;

/* An update may yet show a notice that lives to whom it was hidden from. */
static bool look_at_item(waiting *w, const char *id, bool moves)
{
	const prl_notice *notice = notice_of(w->show, id);
	if (!notice || strcmp(notice->party, w->party) == 0)
		return true;
	bool lives = notice->state == PRL_NOTICE_LIVE;
	bool read = json_object_get(json_object_get(json_object_get(w->bundle, "read"), w->party), id) != NULL;
	w->waits = (!w->taken && (lives || prl_notice_is_for(notice, w->party))) || (moves && lives && !read);
	return !w->waits;
}

static bool look_at_movement(void *context, const char *id, const char *version, const json_t *part)
{
	(void)version;
	(void)part;
	return look_at_item(context, id, true);
}

static bool look_at_site(void *context, const char *id, const char *version, const json_t *part)
{
	(void)version;
	(void)part;
	return look_at_item(context, id, false);
}

bool prl_bundle_is_over(const prl_show *show, prl_bytes key, const json_t *bundle)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	(void)key;
	for (size_t i = 0; c && i < c->party_count; i++) {
		waiting w = { .show = show,
			      .bundle = bundle,
			      .party = c->parties[i].name,
			      .taken = is_taken(bundle, c->parties[i].name) };
		if (c->parties[i].left)
			continue;
		prl_bundle_each(bundle, "movements", look_at_movement, &w);
		if (!w.waits)
			prl_bundle_each(bundle, "sites", look_at_site, &w);
		if (w.waits)
			return false;
	}
	return c != NULL;
}
