/* The ladder as people see it, and what is not delivered. Ages are worked out here, by show->now;
 * nothing here changes anything. */
#include "line/receipt_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX  2000u /* notices of one list; the rest is asked for one by one */
#define LABELS_MAX 200u  /* of them with the times of cosignatures, which are looked up in the store */
#define NAMED_MAX  20u   /* names in a list of names; the others are counted */

json_t *prl_age_json(prl_time from, prl_time now)
{
	return json_integer(
		from == PRL_TIME_OPEN_START || now < from ? 0 : (json_int_t)(prl_time_apart(from, now) / PRL_SECOND));
}

/* ---- they have it ------------------------------------------------------------------------------------------------ */

typedef struct ladder {
	const prl_show *show;
	const prl_notice *notice;
	const char *log;      /* the notice's home */
	const json_t *labels; /* of its newest entry; NULL: not asked for */
	json_t *rows;
	bool whole; /* with what was typed compared with what was filed */
	const json_t *details;
} ladder;

/* Whether the party's own log says that it holds the newest entry, contents addressed to it included. */
static bool says_it_has(const prl_show *show, const prl_notice *notice, const char *log, const prl_party *party)
{
	if (strcmp(log, party->log) == 0)
		return true;
	const prl_peer *peer =
		prl_picture_peer_of(show->picture, show->version, prl_bytes_of(party->log), prl_bytes_of(log));
	if (!peer || peer->size <= notice->version_index)
		return false;
	const prl_content *content = notice->has_content ? prl_picture_content_of(show->picture, show->version,
										  &notice->content, prl_bytes_of(log))
							 : NULL;
	return !content || !prl_body_has(content->to, prl_bytes_of(party->name)) ||
	       prl_body_has(content->got, prl_bytes_of(party->log));
}

static const json_t *labelled(const json_t *labels, const char *label, const char *log)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(labels, label), i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "log"), log))
			return one;
	}
	return NULL;
}

/* {"since", "age_s"}, null where they do not have it; times are null where nobody looked them up. */
static json_t *has_it(const ladder *l, const prl_party *party, json_t **ret_missing)
{
	const json_t *served = labelled(l->labels, "served", party->log);
	const json_t *part = labelled(l->labels, "not_delivered", party->log);
	prl_time since;
	if (strcmp(l->log, party->log) == 0)
		return json_pack("{s:o, s:o}", "since", prl_show_time(l->notice->changed), "age_s",
				 prl_age_json(l->notice->changed, l->show->now));
	*ret_missing = part ? json_incref(json_object_get(part, "missing")) : NULL;
	if (served && prl_body_time(served, "since", &since, NULL) == PRL_OK)
		return json_pack("{s:o, s:o}", "since", prl_show_time(since), "age_s",
				 prl_age_json(since, l->show->now));
	if (served || (!l->labels && says_it_has(l->show, l->notice, l->log, party)))
		return json_pack("{s:n, s:n}", "since", "age_s");
	return json_null();
}

/* ---- rungs ------------------------------------------------------------------------------------------------------- */

static json_t *with_age(const json_t *receipt, prl_time now)
{
	prl_time time;
	if (!receipt)
		return json_null();
	json_t *copy = json_copy((json_t *)(uintptr_t)receipt);
	if (copy && prl_body_time(receipt, "time", &time, NULL) == PRL_OK)
		(void)json_object_set_new(copy, "age_s", prl_age_json(time, now));
	return copy;
}

static bool differs(const json_t *compared)
{
	const json_t *one;
	size_t i;
	json_array_foreach(compared, i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "differs"), "yes"))
			return true;
	}
	return false;
}

/* A read-back with its age, what became of it, and beside it what was filed. */
static json_t *read_back_json(const ladder *l, const json_t *read_back)
{
	json_t *json = with_age(read_back, l->show->now);
	const json_t *judged = json_object_get(read_back, "judged");
	const char *stands = !judged                               ? "NOT YET LOOKED AT BY THE SENDER"
			     : prl_receipt_is_corrected(read_back) ? "CORRECTED"
								   : "AS MEANT";
	(void)json_object_set_new(json, "stands", json_string(stands));
	if (judged)
		(void)json_object_set_new(json, "judged", with_age(judged, l->show->now));
	if (!l->whole || !l->details)
		return json;
	json_t *compared = prl_receipt_compare(l->details, json_object_get(read_back, "read_back"));
	if (differs(compared))
		(void)json_object_set_new(json, "text", json_string("NEGATIVE, I SAY AGAIN"));
	(void)json_object_set_new(json, "compared", compared);
	return json;
}

static json_t *read_backs_json(const ladder *l, const json_t *slot)
{
	json_t *all = json_array();
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(slot, "read_backs"), i, one)(void)
		json_array_append_new(all, read_back_json(l, one));
	return all;
}

/* The words that stand beside the rung. */
static const char *stands(const json_t *slot, bool needed, bool has_read)
{
	const json_t *newest = prl_receipt_newest(slot);
	if (newest)
		return has_read ? "READ BACK" : "CORRECTED – FRESH READ-BACK ASKED";
	if (!json_object_get(slot, "understood"))
		return json_object_get(slot, "opened") ? "OPENED, NOT READ BACK" : "NOT YET READ";
	return needed ? "UNDERSTOOD, NOT READ BACK" : "UNDERSTOOD";
}

/* The act by which it was read; NULL. */
static const json_t *read_act(const json_t *slot, bool has_read)
{
	const json_t *newest = prl_receipt_newest(slot);
	return !has_read ? NULL : newest ? newest : json_object_get(slot, "understood");
}

static const char *top(const json_t *slot, bool has_it, bool has_read)
{
	if (prl_bytes_is(prl_body_text(json_object_get(slot, "units"), "rung"), "units told"))
		return "UNITS TOLD";
	return has_read ? "READ BACK" : has_it ? "THEY HAVE IT" : "SENT";
}

/* What the party said of versions before the one in force. */
static json_t *earlier_json(const ladder *l, const prl_party *party)
{
	char newest[PRL_HASH_TEXT_MAX];
	const char *hash;
	json_t *parties, *all = json_array();
	json_t *of = (json_t *)(uintptr_t)prl_receipts_of(l->show->picture, l->show->version, &l->notice->id);
	prl_hash_write(&l->notice->version, newest);
	json_object_foreach(of, hash, parties)
	{
		json_t *slot = json_object_get(parties, party->name);
		if (slot && strcmp(hash, newest) != 0)
			(void)json_array_append_new(all, json_pack("{s:s, s:s, s:O}", "version", hash, "text",
								   "of an earlier version", "said", slot));
	}
	return all;
}

static void add_row(void *context, const prl_party *party)
{
	ladder *l = context;
	json_t *missing = NULL;
	bool needed = prl_receipt_why(l->notice) != NULL;
	const json_t *slot = prl_receipt_slot(l->show->picture, l->show->version, l->notice, &l->notice->version,
					      prl_bytes_of(party->name));
	bool has_read = prl_receipt_slot_has_read(slot, needed);
	json_t *has = has_it(l, party, &missing);
	json_t *row = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:o}", "party", party->name, "rung",
				top(slot, json_is_object(has), has_read), "stands", stands(slot, needed, has_read),
				"they_have_it", has, "read_back", with_age(read_act(slot, has_read), l->show->now),
				"units_told", with_age(json_object_get(slot, "units"), l->show->now), "detail",
				"opened", with_age(json_object_get(slot, "opened"), l->show->now), "understood",
				with_age(json_object_get(slot, "understood"), l->show->now), "read_backs",
				read_backs_json(l, slot), "earlier", earlier_json(l, party));
	if (row && missing)
		(void)json_object_set(row, "missing", missing);
	json_decref(missing);
	(void)json_array_append_new(l->rows, row);
}

/* ---- proof of knowledge ------------------------------------------------------------------------------------------ */

typedef struct known {
	const prl_show *show;
	const prl_notice *notice;
	uint64_t seen; /* entries of that party's log which the author had read */
	size_t read, not_read;
	const prl_notice *up_to;
	json_t *names; /* of some that it had not */
} known;

static bool count_known(void *context, const prl_notice *other)
{
	known *k = context;
	char name[PRL_NOTICE_NAME_MAX];
	if (!prl_notice_is_for(other, k->notice->party) || other->mode != k->notice->mode)
		return true;
	if (other->filed_index < k->seen) {
		k->read++;
		k->up_to = other;
	} else if (other->filed <= k->notice->changed && prl_notice_is_live(other, k->notice->changed)) {
		prl_notice_name(other, name);
		if (k->not_read++ < NAMED_MAX)
			(void)json_array_append_new(k->names, json_string(name));
	}
	return true;
}

static json_t *known_json(const known *k, const char *party, bool stated)
{
	char name[PRL_NOTICE_NAME_MAX] = "";
	json_t *up_to = json_null();
	if (k->up_to) {
		prl_notice_name(k->up_to, name);
		up_to = json_pack("{s:s, s:o}", "name", name, "time", prl_show_time(k->up_to->filed));
	}
	return json_pack("{s:s, s:b, s:I, s:o, s:O, s:I}", "of", party, "stated", stated, "read", (json_int_t)k->read,
			 "up_to", up_to, "not_yet_read", k->names, "not_yet_read_count", (json_int_t)k->not_read);
}

/* "had read N of your notices up to …; not yet read: …", for each other party (B8). The head of the newest entry says
 * what its author had read; a head that says nothing is shown as such. */
static json_t *had_read_json(const ladder *l)
{
	const prl_constitution *c = prl_picture_constitution(l->show->picture, l->show->version);
	json_t *seen = NULL, *all = json_array();
	if (l->show->seen && l->show->seen(l->show->context, l->log, l->notice->version_index, &seen, NULL))
		seen = NULL;
	for (size_t i = 0; seen && c && i < c->party_count; i++) {
		const prl_party *party = &c->parties[i];
		if (party->left || strcmp(party->name, l->notice->party) == 0)
			continue;
		bool here = strcmp(party->log, l->log) == 0;
		const json_t *size = json_object_get(seen, party->log);
		known k = { .show = l->show, .notice = l->notice, .names = json_array() };
		k.seen = here ? l->notice->version_index : size ? (uint64_t)json_integer_value(size) : 0;
		prl_notice_each(l->show->picture, l->show->version, prl_bytes_of(party->name), 1, false, l->show->now,
				count_known, &k);
		(void)json_array_append_new(all, known_json(&k, party->name, here || size));
		json_decref(k.names);
	}
	json_decref(seen);
	return all;
}

/* ---- one notice -------------------------------------------------------------------------------------------------- */

static json_t *why_json(const prl_notice *notice)
{
	const char *why = prl_receipt_why(notice);
	return why ? json_string(why) : json_null();
}

static json_t *head_json(const prl_show *show, const prl_notice *notice)
{
	static const char *const states[] = { "live", "cancelled", "ended" };
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(notice, name);
	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o}}", "notice",
			 prl_show_hash(&notice->id), "name", name, "party", notice->party, "kind",
			 prl_kind_word((prl_kind)notice->kind), "mode", modes[notice->mode], "state",
			 states[notice->state], "version", prl_show_hash(&notice->version), "read_back_needed",
			 why_json(notice), "not_read_by", prl_receipt_not_read_by(show->picture, show->version, notice),
			 "sent", "time", prl_show_time(notice->changed), "age_s",
			 prl_age_json(notice->changed, show->now));
}

static json_t *notice_json(const prl_show *show, const prl_notice *notice, bool labels, bool whole)
{
	json_t *json = head_json(show, notice), *found = NULL, *details = NULL;
	ladder l = { .show = show, .notice = notice, .rows = json_array(), .whole = whole };
	l.log = prl_notice_log(show->picture, show->version, notice);
	if (labels && show->labels && show->labels(show->context, l.log, notice->version_index, &found, NULL) == PRL_OK)
		l.labels = found;
	if (whole && prl_notice_details(show, notice, &details, NULL) == PRL_OK)
		l.details = details;
	prl_receipt_each_party(show->picture, show->version, notice, add_row, &l);
	(void)json_object_set_new(json, "ladder", l.rows);
	if (whole)
		(void)json_object_set_new(json, "had_read", had_read_json(&l));
	json_decref(found);
	json_decref(details);
	return json;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

typedef struct listing {
	const prl_show *show;
	json_t *items;
} listing;

static bool list_one(void *context, const prl_notice *notice)
{
	listing *list = context;
	size_t count = json_array_size(list->items);
	if (prl_notice_is_for(notice, list->show->party))
		(void)json_array_append_new(list->items, notice_json(list->show, notice, count < LABELS_MAX, false));
	return count < SHOWN_MAX;
}

static prl_status list_live(const prl_show *show, json_t *items)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	listing list = { show, items };
	for (size_t i = 0; c && i < c->party_count; i++)
		prl_notice_each(show->picture, show->version, prl_bytes_of(c->parties[i].name), 1, true, show->now,
				list_one, &list);
	return PRL_OK;
}

prl_status prl_receipts_show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *name = prl_show_query(show, "notice");
	json_t *items = json_array();
	if (!items)
		return prl_error_memory(err);
	if (!name) {
		*ret = items;
		return list_live(show, items);
	}
	const prl_notice *notice = prl_notice_named(show->picture, show->version, prl_bytes_of(name));
	if (!notice || !prl_notice_is_for(notice, show->party)) {
		json_decref(items);
		return prl_error_set(err, PRL_E_NOT_FOUND, "no notice %.60s here; expected a name like us#12, or an id",
				     name);
	}
	(void)json_array_append_new(items, notice_json(show, notice, true, true));
	*ret = items;
	return PRL_OK;
}

/* ---- undelivered ------------------------------------------------------------------------------------------------- */

prl_time prl_receipt_undelivered_after(const prl_show *show)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	const json_t *timers = c ? json_object_get(c->body, "timers") : NULL;
	return (prl_time)prl_body_number(timers, "undelivered_s", PRL_DEFAULT_UNDELIVERED_S) * PRL_SECOND;
}

typedef struct lacking {
	const prl_show *show;
	const prl_notice *notice;
	const char *log;
	const json_t *labels;
	bool asked; /* for labels */
	json_t *parties;
} lacking;

static void add_lacking(void *context, const prl_party *party)
{
	lacking *l = context;
	json_t *found = NULL;
	if (says_it_has(l->show, l->notice, l->log, party))
		return;
	if (!l->asked && l->show->labels &&
	    l->show->labels(l->show->context, l->log, l->notice->version_index, &found, NULL) == PRL_OK)
		l->labels = found;
	l->asked = true;
	if (labelled(l->labels, "served", party->log))
		return;
	const json_t *part = labelled(l->labels, "not_delivered", party->log);
	json_t *row = json_pack("{s:s, s:s}", "party", party->name, "log", party->log);
	if (part)
		(void)json_object_set(row, "missing", json_object_get(part, "missing"));
	(void)json_array_append_new(l->parties, row);
}

/* Parties whose nodes do not have the newest entry; labels: ask the store where a log does not say so itself. */
json_t *prl_receipt_lacking(const prl_show *show, const prl_notice *notice, bool labels)
{
	lacking l = { .show = show, .notice = notice, .parties = json_array(), .asked = !labels };
	l.log = prl_notice_log(show->picture, show->version, notice);
	prl_receipt_each_party(show->picture, show->version, notice, add_lacking, &l);
	json_decref((json_t *)(uintptr_t)l.labels);
	return l.parties;
}

static bool is_own(const prl_show *show, const prl_notice *notice)
{
	const char *log = prl_notice_log(show->picture, show->version, notice);
	return show->party ? strcmp(show->party, notice->party) == 0
			   : strcmp(log, prl_picture_own_log(show->picture)) == 0;
}

static bool list_undelivered(void *context, const prl_notice *notice)
{
	listing *list = context;
	const prl_show *show = list->show;
	char name[PRL_NOTICE_NAME_MAX];
	prl_time due = notice->changed + prl_receipt_undelivered_after(show);
	if (!is_own(show, notice))
		return false;
	json_t *parties = prl_receipt_lacking(show, notice, json_array_size(list->items) < LABELS_MAX);
	if (!json_array_size(parties)) {
		json_decref(parties);
		return true;
	}
	prl_notice_name(notice, name);
	json_t *item = json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:s, s:o}", "notice", prl_show_hash(&notice->id), "name",
		name, "kind", prl_kind_word((prl_kind)notice->kind), "version", prl_show_hash(&notice->version), "sent",
		prl_show_time(notice->changed), "age_s", prl_age_json(notice->changed, show->now), "due",
		prl_show_time(due), "overdue", show->now >= due, "text", "NOT DELIVERED – PHONE", "parties", parties);
	(void)json_array_append_new(list->items, item);
	return json_array_size(list->items) < SHOWN_MAX;
}

prl_status prl_undelivered_show(const prl_show *show, json_t **ret, prl_error *err)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	json_t *items = json_array();
	if (!items)
		return prl_error_memory(err);
	listing list = { show, items };
	for (size_t i = 0; c && i < c->party_count; i++)
		prl_notice_each(show->picture, show->version, prl_bytes_of(c->parties[i].name), 1, true, show->now,
				list_undelivered, &list);
	*ret = items;
	return PRL_OK;
}
