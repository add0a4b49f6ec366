/* Bundles: the fold, and what is due. What people see is made in bundle_show.c. */
#include "line/bundle.h"

#include "base/error.h"
#include "base/text.h"
#include "line/bundle_inside.h"
#include "line/movement_inside.h"
#include "line/open.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static const char noun_name[] = "bundle", truce_name[] = "truce", truce_open[] = "truce.open";
const char prl_bundle_open_noun[] = "bundle.open";

/* A bundle, by the hash of its cause: {"cause", "why", "mode", "raised": {log: [part]}, "taken": {party: act},
 * "read": {party: {notice: act}}}. Logs and parties never meet in a member, so their order does not matter; "why" and
 * "mode" are the cause's. */

void prl_bundle_each(const json_t *bundle, const char *list, prl_bundle_item_fn *fn, void *context)
{
	const char *log;
	json_t *parts;
	size_t i, k;
	const json_t *part, *item;
	json_object_foreach(json_object_get(bundle, "raised"), log, parts) json_array_foreach(parts, i, part)
		json_array_foreach(json_object_get(part, list), k, item)
	{
		if (!fn(context, json_string_value(json_array_get(item, 0)), json_string_value(json_array_get(item, 1)),
			part))
			return;
	}
}

/* ---- causes ------------------------------------------------------------------------------------------------------ */

/* What may be the cause of a bundle, of whatever kind. */
typedef struct cause {
	prl_bytes log;
	uint64_t index;
	const char *mode;
	prl_time time;
	char why[300];
} cause;

static bool cause_read(const json_t *thing, prl_bytes what, cause *ret)
{
	prl_bytes party = prl_body_text(thing, "party");
	ret->log = prl_body_text(thing, "log");
	ret->index = prl_body_number(thing, "index", 0);
	ret->mode = json_string_value(json_object_get(thing, "mode"));
	(void)snprintf(ret->why, sizeof ret->why, "%.*s declared %.*s ended", (int)prl_utf8_cut(party, 80), party.data,
		       (int)prl_utf8_cut(what, 190), what.data);
	return ret->mode && prl_body_time(thing, "time", &ret->time, NULL) == PRL_OK;
}

static bool cause_find(prl_picture *picture, prl_version version, const prl_hash *hash, cause *ret)
{
	const json_t *truce = prl_thing_find(picture, version, truce_name, prl_hash_key(hash));
	return truce && cause_read(truce, prl_body_text(truce, "what"), ret);
}

/* Takes truce over; NULL is PRL_E_MEMORY. */
static prl_status put_truce(prl_picture *picture, const prl_act *act, json_t *truce, prl_error *err)
{
	prl_status status = prl_thing_put(picture, truce_name, prl_hash_key(&act->entry->hash), truce, err);
	return status ? status : prl_open_follow(picture, truce_open, prl_hash_key(&act->entry->hash), true, err);
}

prl_status prl_truce_add(prl_picture *picture, const prl_act *act, const char *what, prl_error *err)
{
	json_t *truce = prl_thing_new(act);
	if (truce && json_object_set_new(truce, "what", json_string(what)) != 0) {
		json_decref(truce);
		truce = NULL;
	}
	return put_truce(picture, act, truce, err);
}

static prl_status ended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const said[] = { "what", "from", "words", "language", NULL };
	json_t *truce = prl_thing_new(act);
	if (truce && !prl_thing_take(truce, act->body, said)) {
		json_decref(truce);
		truce = NULL;
	}
	return put_truce(picture, act, truce, err);
}

/* ---- raised ------------------------------------------------------------------------------------------------------ */

/* A deep copy of the bundle of that cause, to be changed; a new one where there is none. */
static json_t *bundle_copy(prl_picture *picture, const prl_hash *hash, const cause *why)
{
	char text[PRL_HASH_TEXT_MAX];
	const json_t *kept = prl_thing_find(picture, PRL_VERSION_WORKING, noun_name, prl_hash_key(hash));
	prl_hash_write(hash, text);
	return kept ? json_deep_copy(kept)
		    : json_pack("{s:s, s:s, s:s, s:{}, s:{}, s:{}}", "cause", text, "why", why->why, "mode", why->mode,
				"raised", "taken", "read");
}

static prl_status items_check(prl_picture *picture, const prl_act *act, const char *list, prl_error *err)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(act->body, list), i, item)
	{
		prl_hash id;
		const char *text = json_string_value(json_array_get(item, 0));
		const prl_notice *notice = prl_hash_read(prl_bytes_of(text), &id)
						   ? prl_notice_find(picture, PRL_VERSION_WORKING, &id)
						   : NULL;
		if (notice && strcmp(prl_notice_log(picture, PRL_VERSION_WORKING, notice), act->log) == 0 &&
		    notice->mode == (uint8_t)act->entry->mode)
			continue;
		(void)prl_error_set(err, PRL_E_REFUSED, "no notice of a party of log %s, of this mode", act->log);
		return prl_error_at(err, PRL_E_REFUSED, "/%s/%zu", list, i);
	}
	return PRL_OK;
}

static prl_status add_part(json_t *bundle, const prl_act *act, prl_error *err)
{
	static const char *const said[] = { "movements", "sites", NULL };
	json_t *raised = json_object_get(bundle, "raised"), *parts = json_object_get(raised, act->log);
	if (json_array_size(parts) >= PRL_BUNDLE_PARTS_MAX)
		return prl_error_set(err, PRL_E_REFUSED, "%d entries for one cause", PRL_BUNDLE_PARTS_MAX);
	json_t *part = prl_thing_new(act);
	if (!parts && raised) {
		parts = json_array();
		if (json_object_set_new(raised, act->log, parts) != 0)
			parts = NULL;
	}
	if (!part || !prl_thing_take(part, act->body, said)) {
		json_decref(part);
		return prl_error_memory(err);
	}
	return parts && json_array_append_new(parts, part) == 0 ? PRL_OK : prl_error_memory(err);
}

static prl_status raised(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	cause why;
	prl_hash hash;
	prl_status status = prl_body_hash(act->body, "cause", &hash, err);
	if (!status &&
	    (!cause_find(picture, PRL_VERSION_WORKING, &hash, &why) || !prl_act_sees(picture, act, why.log, why.index)))
		status = prl_error_set(err, PRL_E_NOT_FOUND, "cause: log %s knows no such declaration", act->log);
	if (!status && strcmp(why.mode, modes[act->entry->mode]) != 0)
		status = prl_error_set(err, PRL_E_REFUSED, "the cause is of mode %s; modes never mix", why.mode);
	if (!status)
		status = items_check(picture, act, "movements", err);
	if (!status)
		status = items_check(picture, act, "sites", err);
	if (status)
		return status;
	json_t *bundle = bundle_copy(picture, &hash, &why);
	status = bundle ? add_part(bundle, act, err) : prl_error_memory(err);
	if (status) {
		json_decref(bundle);
		return status;
	}
	status = prl_thing_put(picture, noun_name, prl_hash_key(&hash), bundle, err);
	/* who has taken and read it, of those that see it, hangs on their notices too: it is swept */
	return status ? status : prl_open_follow(picture, prl_bundle_open_noun, prl_hash_key(&hash), true, err);
}

/* ---- taken, read ------------------------------------------------------------------------------------------------- */

static bool part_is_seen(prl_picture *picture, const prl_act *act, const json_t *part)
{
	return prl_act_sees(picture, act, prl_body_text(part, "log"), prl_body_number(part, "index", 0));
}

typedef struct finding {
	prl_picture *picture;
	const prl_act *act;
	const char *notice;
	bool found;
} finding;

static bool find_item(void *context, const char *id, const char *version, const json_t *part)
{
	finding *f = context;
	(void)version;
	f->found = strcmp(id, f->notice) == 0 && part_is_seen(f->picture, f->act, part);
	return !f->found;
}

/* The bundle that the act means, as far as its log had seen any of it; a copy to be changed. */
static prl_status bundle_meant(prl_picture *picture, const prl_act *act, prl_hash *ret_hash, json_t **ret,
			       prl_error *err)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	prl_status status = prl_body_hash(act->body, "bundle", ret_hash, err);
	if (status)
		return status;
	const json_t *bundle = prl_thing_find(picture, PRL_VERSION_WORKING, noun_name, prl_hash_key(ret_hash));
	const char *log;
	json_t *parts;
	const json_t *part;
	size_t i;
	bool seen = false;
	json_object_foreach(json_object_get(bundle, "raised"), log, parts) json_array_foreach(parts, i, part)
	{
		seen = seen || part_is_seen(picture, act, part);
	}
	if (!seen)
		return prl_error_set(err, PRL_E_NOT_FOUND, "bundle: log %s knows none for this cause", act->log);
	const char *mode = json_string_value(json_object_get(bundle, "mode"));
	if (strcmp(mode, modes[act->entry->mode]) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "the bundle is of mode %s; modes never mix", mode);
	*ret = json_deep_copy(bundle);
	return *ret ? PRL_OK : prl_error_memory(err);
}

/* Sets member [party] (or [party][notice]) of a list of the bundle, as said. Takes bundle over. */
static prl_status bundle_put(prl_picture *picture, const prl_hash *hash, json_t *bundle, json_t *where, prl_bytes name,
			     json_t *said, prl_error *err)
{
	if (where && said && json_object_setn_new(where, name.data, name.size, said) == 0)
		return prl_thing_put(picture, noun_name, prl_hash_key(hash), bundle, err);
	json_decref(bundle);
	return prl_error_memory(err);
}

static prl_status taken(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_hash hash;
	json_t *bundle = NULL;
	prl_bytes party = act->entry->party;
	prl_status status = bundle_meant(picture, act, &hash, &bundle, err);
	if (status)
		return status;
	json_t *all = json_object_get(bundle, "taken");
	if (json_object_getn(all, party.data, party.size)) {
		json_decref(bundle);
		return PRL_OK;
	}
	return bundle_put(picture, &hash, bundle, all, party, prl_thing_new(act), err);
}

static prl_status item_meant(prl_picture *picture, const prl_act *act, const json_t *bundle, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_hash version;
	finding f = { .picture = picture,
		      .act = act,
		      .notice = json_string_value(json_object_get(act->body, "notice")) };
	prl_status status = prl_notice_version_meant(picture, act, &notice, &version, err);
	if (status)
		return status;
	if (prl_bytes_is(act->entry->party, notice->party))
		return prl_error_set(err, PRL_E_REFUSED, "party %s does not read back its own notice", notice->party);
	prl_bundle_each(bundle, "movements", find_item, &f);
	if (!f.found)
		prl_bundle_each(bundle, "sites", find_item, &f);
	return f.found ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "notice: is not in this bundle");
}

static prl_status read_one(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const said[] = { "version", "read_back", "words", "language", NULL };
	prl_hash hash;
	json_t *bundle = NULL;
	prl_bytes party = act->entry->party;
	prl_status status = bundle_meant(picture, act, &hash, &bundle, err);
	if (!status)
		status = item_meant(picture, act, bundle, err);
	if (status) {
		json_decref(bundle);
		return status;
	}
	json_t *all = json_object_get(bundle, "read"), *mine = json_object_getn(all, party.data, party.size);
	if (!mine && json_object_setn_new(all, party.data, party.size, json_object()) == 0)
		mine = json_object_getn(all, party.data, party.size);
	json_t *receipt = prl_thing_new(act);
	if (receipt && !prl_thing_take(receipt, act->body, said)) {
		json_decref(receipt);
		receipt = NULL;
	}
	return bundle_put(picture, &hash, bundle, mine, prl_body_text(act->body, "notice"), receipt, err);
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

static bool names_notice(void *context, const char *id, const char *version, const json_t *part)
{
	finding *f = context;
	(void)version;
	(void)part;
	f->found = strcmp(id, f->notice) == 0;
	return !f->found;
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	prl_hash hash;
	finding f = { .notice = json_string_value(json_object_get(body, "notice")) };
	if (!prl_bytes_is(entry->kind, "bundle.read") || json_object_size(json_object_get(body, "read_back")) ||
	    prl_body_hash(body, "bundle", &hash, NULL))
		return PRL_OK;
	prl_bundle_each(prl_thing_find(picture, version, noun_name, prl_hash_key(&hash)), "movements", names_notice,
			&f);
	if (!f.found)
		return PRL_OK;
	(void)prl_error_set(err, PRL_E_REFUSED,
			    "a movement of a bundle is read back; expected what it says in your own "
			    "words");
	return prl_error_at(err, PRL_E_REFUSED, "/read_back");
}

/* ---- what is due ------------------------------------------------------------------------------------------------- */

typedef struct composing {
	prl_picture *picture;
	prl_version version;
	prl_time now;
	const cause *why;
	const char *cause_id;
	json_t *movements, *sites, *all;
} composing;

/* Ends an entry's worth of notices. */
static bool flush(composing *c)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	json_int_t mode = 0;
	while (mode < 2 && strcmp(modes[mode], c->why->mode) != 0)
		mode++;
	json_t *body = json_pack("{s:s, s:s, s:o, s:o}", "cause", c->cause_id, "why", c->why->why, "movements",
				 c->movements, "sites", c->sites);
	c->movements = json_array();
	c->sites = json_array();
	return body && c->movements && c->sites &&
	       json_array_append_new(c->all, json_pack("{s:I, s:o}", "mode", mode, "body", body)) == 0;
}

static bool compose_one(void *context, const prl_notice *notice)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	composing *c = context;
	bool site = notice->kind == PRL_KIND_SITE;
	const json_t *movement = prl_movement_find(c->picture, c->version, &notice->id);
	/* A plan that is about to be carried out protects as much as one that is. */
	bool moves = prl_movement_is_kind((prl_kind)notice->kind) && !notice->relayed &&
		     strcmp(prl_movement_state(movement), "arrived") != 0;
	if ((!site && !moves) || strcmp(modes[notice->mode], c->why->mode) != 0 || notice->filed > c->why->time)
		return true;
	if (json_array_size(c->movements) >= PRL_BUNDLE_MOVEMENTS_MAX ||
	    json_array_size(c->sites) >= PRL_BUNDLE_SITES_MAX)
		(void)flush(c);
	return json_array_append_new(site ? c->sites : c->movements, json_pack("[o, o]", prl_show_hash(&notice->id),
									       prl_show_hash(&notice->version))) == 0;
}

/* People on the road stay in it when their notice has run out. */
static bool compose_overdue(void *context, prl_bytes key, const json_t *movement)
{
	composing *c = context;
	prl_hash id;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	const prl_notice *notice = prl_notice_find(c->picture, c->version, &id);
	if (notice && notice->state == PRL_NOTICE_LIVE && prl_movement_is_under_way(movement) &&
	    !prl_notice_is_live(notice, c->now) &&
	    strcmp(prl_notice_log(c->picture, c->version, notice), prl_picture_own_log(c->picture)) == 0)
		(void)compose_one(c, notice);
	return true;
}

typedef struct due {
	prl_picture *picture;
	prl_version version;
	prl_time now;
	json_t *all;
	prl_status status;
	prl_error *err;
} due;

static void compose(due *d, const char *id, const cause *why)
{
	const prl_constitution *constitution = prl_picture_constitution(d->picture, d->version);
	const char *own = prl_picture_own_log(d->picture);
	size_t before = json_array_size(d->all);
	composing c = { .picture = d->picture,
			.version = d->version,
			.now = d->now,
			.why = why,
			.cause_id = id,
			.movements = json_array(),
			.sites = json_array(),
			.all = d->all };
	for (size_t i = 0; constitution && i < constitution->party_count; i++)
		if (strcmp(constitution->parties[i].log, own) == 0)
			prl_notice_each(d->picture, d->version, prl_bytes_of(constitution->parties[i].name), 1, true,
					d->now, compose_one, &c);
	d->status =
		prl_open_each(d->picture, d->version, prl_movement_open_noun, "movement", compose_overdue, &c, d->err);
	/* Nothing to raise is said as well, once: else it would be looked for again each second. */
	if (json_array_size(c.movements) || json_array_size(c.sites) || json_array_size(d->all) == before)
		(void)flush(&c);
	json_decref(c.movements);
	json_decref(c.sites);
}

static bool cause_is_over(prl_picture *picture, prl_version version, prl_time now, prl_bytes key, const cause *why)
{
	const json_t *bundle = prl_thing_find(picture, version, noun_name, key);
	return json_object_get(json_object_get(bundle, "raised"), prl_picture_own_log(picture)) ||
	       now > why->time + PRL_BUNDLE_CAUSE_DAYS * 86400 * PRL_SECOND;
}

static void cause_due(due *d, prl_bytes key, const cause *why)
{
	char id[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	memcpy(hash.bytes, key.data, sizeof hash.bytes);
	if (cause_is_over(d->picture, d->version, d->now, key, why))
		return;
	prl_hash_write(&hash, id);
	compose(d, id, why);
}

static bool truce_due(void *context, prl_bytes key, const json_t *truce)
{
	due *d = context;
	cause why;
	if (cause_read(truce, prl_body_text(truce, "what"), &why))
		cause_due(d, key, &why);
	return !d->status;
}

prl_status prl_bundle_due(prl_picture *picture, prl_version version, prl_time now, json_t **ret, prl_error *err)
{
	due d = { .picture = picture, .version = version, .now = now, .all = json_array(), .err = err };
	if (!d.all)
		return prl_error_memory(err);
	prl_status status = prl_open_each(picture, version, truce_open, truce_name, truce_due, &d, err);
	status = status ? status : d.status;
	if (status)
		json_decref(d.all);
	else
		*ret = d.all;
	return status;
}

/* ---- truces ------------------------------------------------------------------------------------------------------ */

static bool show_truce(void *context, prl_bytes key, const json_t *truce)
{
	(void)key;
	return json_array_append(context, (json_t *)(uintptr_t)truce) == 0;
}

static prl_status truces_show(const prl_show *show, json_t **ret, prl_error *err)
{
	json_t *items = json_array();
	prl_status status = prl_thing_each(show->picture, show->version, truce_name, show_truce, items, err);
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}

static bool truce_is_over(const prl_show *show, prl_bytes key, const json_t *truce)
{
	cause why;
	return !cause_read(truce, prl_body_text(truce, "what"), &why) ||
	       cause_is_over(show->picture, show->version, show->now, key, &why);
}

static const prl_open_rule open_rule = { prl_bundle_open_noun, noun_name, prl_bundle_is_over };
static const prl_open_rule truce_rule = { truce_open, truce_name, truce_is_over };
static const prl_noun nouns[] = { PRL_THING_NOUN(noun_name), PRL_OPEN_NOUN(prl_bundle_open_noun) };
static const prl_noun truce_nouns[] = { PRL_THING_NOUN(truce_name), PRL_OPEN_NOUN(truce_open) };
static const prl_act_kind kinds[] = {
	{ "bundle.raised", PRL_RECORDED, false, raised },
	{ "bundle.taken", PRL_SIGNED_BY_KEY, false, taken },
	{ "bundle.read", PRL_SIGNED_BY_KEY, false, read_one },
};
static const prl_act_kind truce_kinds[] = { { "truce.ended", PRL_SIGNED_BY_TWO, false, ended } };

const prl_line_part prl_bundle_part = {
	.name = "bundles",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.show = prl_bundles_show,
	.alarms = prl_bundles_alarms,
	.open = &open_rule,
};

const prl_line_part prl_truce_part = {
	.name = "truces",
	.nouns = truce_nouns,
	.noun_count = sizeof truce_nouns / sizeof *truce_nouns,
	.kinds = truce_kinds,
	.kind_count = sizeof truce_kinds / sizeof *truce_kinds,
	.show = truces_show,
	.open = &truce_rule,
};
