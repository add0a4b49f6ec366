/* What of receipts needs somebody now: notices to read, read-backs to look at, notices that did not arrive. Asked every
 * second, with millions of live notices maybe. So it looks at those that wait for receipts (receipt_open.c), and beside
 * them at the newest PRL_RECEIPT_LOOK_BACK of each party: older ones that one key answers are in the list of receipts
 * and no alarm any more. */
#include "line/receipt_inside.h"

#include "base/text.h"
#include "line/alarm.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define NAMED_MAX 20u /* names in a list of names; the others are counted */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
	const char *peer; /* of whom the notices are */
	/* Notices of one peer that are to be read by one key are one situation. */
	json_t *unread;
	size_t unread_count;
	prl_time unread_since;
	const char *unread_mode;
	json_t *undelivered; /* {party: {"names", "count"}} of own notices */
	prl_time undelivered_since;
	bool any_receipts;
	uint64_t held; /* entries of the own log that every other node says it holds */
} raising;

static const char *mode_of(const prl_notice *notice)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	return modes[notice->mode];
}

static json_t *about_notice(const prl_notice *notice, const char *peer)
{
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(notice, name);
	json_t *about = json_pack("{s:s, s:s, s:s, s:o, s:s}", "peer", peer, "mode", mode_of(notice), "name", name,
				  "notice", prl_show_hash(&notice->id), "kind", prl_kind_word((prl_kind)notice->kind));
	if (notice->from != PRL_TIME_OPEN_START)
		(void)json_object_set_new(about, "begins", prl_show_time(notice->from));
	if (notice->to != PRL_TIME_OPEN_END)
		(void)json_object_set_new(about, "ends", prl_show_time(notice->to));
	return about;
}

static void situation_of(const char *what, const prl_notice *notice, char ret[PRL_ALARM_SITUATION_MAX])
{
	char id[PRL_HASH_TEXT_MAX];
	prl_hash_write(&notice->id, id);
	(void)snprintf(ret, PRL_ALARM_SITUATION_MAX, "%.60s:%s", what, id);
}

/* Read-backs start to press 15 min before the start; a notice that does not say when it begins has begun. */
static bool begins_soon(const prl_notice *notice, prl_time now)
{
	bool soon = notice->from < now + PRL_RECEIPT_URGENT_S * PRL_SECOND;
	return soon && (prl_receipt_why(notice) || notice->from > now);
}

static void note_unread(raising *r, const prl_notice *notice)
{
	char name[PRL_NOTICE_NAME_MAX];
	if (r->unread_count++ < NAMED_MAX) {
		prl_notice_name(notice, name);
		(void)json_array_append_new(r->unread, json_string(name));
	}
	r->unread_since = notice->changed < r->unread_since ? notice->changed : r->unread_since;
	r->unread_mode = mode_of(notice);
}

static void raise_to_read(raising *r, const prl_notice *notice)
{
	char situation[PRL_ALARM_SITUATION_MAX], name[PRL_NOTICE_NAME_MAX];
	const char *why = prl_receipt_why(notice);
	bool soon = begins_soon(notice, r->show->now);
	const json_t *slot = prl_receipt_slot(r->show->picture, r->show->version, notice, &notice->version,
					      prl_bytes_of(r->to->party));
	bool corrected = prl_receipt_newest(slot) != NULL;
	prl_time now = r->show->now, due = notice->from > now ? notice->from - PRL_RECEIPT_URGENT_S * PRL_SECOND : now;
	if (!why && !soon && !corrected) {
		note_unread(r, notice);
		return;
	}
	prl_notice_name(notice, name);
	situation_of("read", notice, situation);
	if (soon)
		prl_alarm_raise(r->to, PRL_ALARM_START_NOT_READ, situation, about_notice(notice, notice->party),
				notice->changed, r->show->now,
				"%s begins within 15 min, or has begun, and you have not %s", name,
				why || corrected ? "read it back" : "read it");
	else
		prl_alarm_raise(r->to, PRL_ALARM_READ_BACK_DUE, situation, about_notice(notice, notice->party),
				notice->changed, due, "%s (%s): %s", name, why ? why : "by its sender's word",
				corrected ? "CORRECTED, read it back afresh" : "read it back");
}

static void raise_unread(raising *r)
{
	char situation[PRL_ALARM_SITUATION_MAX];
	if (!r->unread_count)
		return;
	(void)snprintf(situation, sizeof situation, "unread:%s", r->peer);
	prl_alarm_raise(r->to, PRL_ALARM_NOTICE_UNREAD, situation,
			json_pack("{s:s, s:s, s:O, s:I}", "peer", r->peer, "mode", r->unread_mode, "names", r->unread,
				  "count", (json_int_t)r->unread_count),
			r->unread_since, r->unread_since + 3600 * PRL_SECOND, "%zu of %s's notices to read, first %s",
			r->unread_count, r->peer, json_string_value(json_array_get(r->unread, 0)));
}

typedef struct own_parties {
	raising *r;
	const prl_notice *notice;
	const char *log;
} own_parties;

static void raise_own_for(void *context, const prl_party *party)
{
	own_parties *o = context;
	raising *r = o->r;
	char situation[PRL_ALARM_SITUATION_MAX], name[PRL_NOTICE_NAME_MAX], what[80 + PRL_KEY_NAME_MAX];
	const json_t *slot = prl_receipt_slot(r->show->picture, r->show->version, o->notice, &o->notice->version,
					      prl_bytes_of(party->name));
	const json_t *newest = prl_receipt_newest(slot);
	prl_time since = o->notice->changed;
	prl_notice_name(o->notice, name);
	if (newest && !json_object_get(newest, "judged")) {
		(void)(prl_body_time(newest, "time", &since, NULL) == PRL_OK);
		(void)snprintf(what, sizeof what, "judge:%s", party->name);
		situation_of(what, o->notice, situation);
		prl_alarm_raise(r->to, PRL_ALARM_JUDGE_DUE, situation, about_notice(o->notice, party->name), since,
				since + 600 * PRL_SECOND, "%s has read back %s: as meant, or CORRECTION?", party->name,
				name);
	}
	bool has_read = prl_receipt_slot_has_read(slot, prl_receipt_why(o->notice) != NULL);
	if (!has_read && prl_receipt_why(o->notice) && begins_soon(o->notice, r->show->now)) {
		(void)snprintf(what, sizeof what, "told:%s", party->name);
		situation_of(what, o->notice, situation);
		prl_alarm_raise(r->to, PRL_ALARM_START_NOT_READ, situation, about_notice(o->notice, party->name), since,
				r->show->now,
				"%s begins within 15 min, or has begun, and %s has not read it back: telephone", name,
				party->name);
	}
}

static void count_undelivered(raising *r, const char *party, const char *name)
{
	json_t *row = json_object_get(r->undelivered, party);
	if (!row) {
		row = json_pack("{s:[], s:i}", "names", "count", 0);
		(void)json_object_set_new(r->undelivered, party, row);
	}
	json_int_t count = json_integer_value(json_object_get(row, "count"));
	if (count < NAMED_MAX)
		(void)json_array_append_new(json_object_get(row, "names"), json_string(name));
	(void)json_object_set_new(row, "count", json_integer(count + 1));
}

static void note_undelivered(raising *r, const prl_notice *notice)
{
	char name[PRL_NOTICE_NAME_MAX];
	const json_t *one;
	size_t i;
	if (r->show->now < notice->changed + prl_receipt_undelivered_after(r->show) ||
	    (notice->version_index < r->held && !notice->has_content))
		return;
	prl_notice_name(notice, name);
	json_t *parties = prl_receipt_lacking(r->show, notice, json_object_size(r->undelivered) == 0);
	json_array_foreach(parties, i, one)
		count_undelivered(r, json_string_value(json_object_get(one, "party")), name);
	if (json_array_size(parties) && notice->changed < r->undelivered_since)
		r->undelivered_since = notice->changed;
	json_decref(parties);
}

static void raise_undelivered(raising *r)
{
	char situation[PRL_ALARM_SITUATION_MAX];
	const char *party;
	json_t *row;
	json_object_foreach(r->undelivered, party, row)
	{
		prl_time since = r->undelivered_since + prl_receipt_undelivered_after(r->show);
		json_int_t count = json_integer_value(json_object_get(row, "count"));
		json_t *names = json_object_get(row, "names");
		(void)snprintf(situation, sizeof situation, "undelivered:%s", party);
		prl_alarm_raise(r->to, PRL_ALARM_UNDELIVERED, situation,
				json_pack("{s:s, s:O, s:I}", "peer", party, "names", names, "count", count), since,
				since, "NOT DELIVERED – PHONE: %lld notices are not at %s's node, first %s",
				(long long)count, party, json_string_value(json_array_get(names, 0)));
	}
}

/* By one key: a read-back that was answered CORRECTION is among those that wait. */
static bool is_read(const raising *r, const prl_notice *notice)
{
	const json_t *slot = r->any_receipts ? prl_receipt_slot(r->show->picture, r->show->version, notice,
								&notice->version, prl_bytes_of(r->to->party))
					     : NULL;
	return json_object_get(slot, "understood") || prl_receipt_newest(slot);
}

/* Those that wait for receipts, however many others there are. */
static bool raise_open(void *context, const prl_notice *notice)
{
	raising *r = context;
	own_parties o = { .r = r, .notice = notice };
	if (strcmp(notice->party, r->to->party) == 0)
		prl_receipt_each_party(r->show->picture, r->show->version, notice, raise_own_for, &o);
	else if (prl_notice_is_for(notice, r->to->party) &&
		 !prl_receipt_has_read(r->show->picture, r->show->version, notice, prl_bytes_of(r->to->party)))
		raise_to_read(r, notice);
	return true;
}

/* The others, of which one key answers each: those not read, and own ones that did not arrive. */
static bool raise_one(void *context, const prl_notice *notice)
{
	raising *r = context;
	if (strcmp(notice->party, r->to->party) == 0)
		note_undelivered(r, notice);
	else if (!prl_receipt_why(notice) && prl_notice_is_for(notice, r->to->party) && !is_read(r, notice))
		raise_to_read(r, notice);
	return true;
}

/* How much of the party's home log all other nodes hold, by what their logs say. */
static uint64_t held_by_all(const prl_show *show, const prl_constitution *c, const char *party)
{
	const prl_party *own = prl_constitution_party(c, prl_bytes_of(party));
	uint64_t least = UINT64_MAX;
	for (size_t i = 0; own && i < c->party_count; i++) {
		if (c->parties[i].left || strcmp(c->parties[i].log, own->log) == 0)
			continue;
		const prl_peer *peer = prl_picture_peer_of(show->picture, show->version,
							   prl_bytes_of(c->parties[i].log), prl_bytes_of(own->log));
		uint64_t size = peer ? peer->size : 0;
		least = size < least ? size : least;
	}
	return least;
}

static bool any_receipts(const prl_show *show)
{
	unsigned table;
	return prl_picture_table(show->picture, "receipt", &table) &&
	       prl_picture_count(show->picture, show->version, table) > 0;
}

static void look_back(raising *r)
{
	prl_bytes peer = prl_bytes_of(r->peer);
	uint32_t count = prl_notice_count(r->show->picture, r->show->version, peer);
	uint32_t first = count > PRL_RECEIPT_LOOK_BACK ? count - PRL_RECEIPT_LOOK_BACK + 1 : 1;
	r->unread = json_array();
	r->unread_count = 0;
	r->unread_since = PRL_TIME_OPEN_END;
	prl_notice_each(r->show->picture, r->show->version, peer, first, true, r->show->now, raise_one, r);
	raise_unread(r);
	json_decref(r->unread);
}

prl_status prl_receipts_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	raising r = { .show = show, .to = to, .undelivered = json_object(), .undelivered_since = PRL_TIME_OPEN_END };
	r.any_receipts = any_receipts(show);
	r.held = c ? held_by_all(show, c, to->party) : 0;
	prl_status status = prl_receipt_each_open(show, raise_open, &r, err);
	for (size_t i = 0; !status && c && i < c->party_count; i++) {
		r.peer = c->parties[i].name;
		look_back(&r);
	}
	raise_undelivered(&r);
	json_decref(r.undelivered);
	return status;
}
