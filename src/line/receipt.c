/* Receipts: the fold, and what it says to whoever asks. What people see of it is made in receipt_show.c. */
#include "line/receipt.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/receipt_inside.h"
#include "line/thing.h"
#include "picture/body.h"

#include <parley/notation.h>

#include <string.h>

static const char noun_name[] = "receipt";

/* One thing a notice, by the notice's id: {"notice", "of": {version: {party: slot}}}. Slots of two parties never meet,
 * so their order does not matter. */

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const char *why_at_all(const prl_notice *notice)
{
	if (notice->kind == PRL_KIND_LIVE_FIRE)
		return "live fire";
	if (notice->kind == PRL_KIND_CONVOY)
		return "convoy";
	if (prl_notice_shortfall_s(notice) > 0)
		return "LATE";
	return notice->relayed ? "by voice" : NULL;
}

const char *prl_receipt_why(const prl_notice *notice)
{
	return notice->state == PRL_NOTICE_LIVE ? why_at_all(notice) : NULL;
}

const json_t *prl_receipts_of(prl_picture *picture, prl_version version, const prl_hash *notice)
{
	return json_object_get(prl_thing_find(picture, version, noun_name, prl_hash_key(notice)), "of");
}

const json_t *prl_receipt_slot(prl_picture *picture, prl_version version, const prl_notice *notice, const prl_hash *of,
			       prl_bytes party)
{
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(of, hash);
	const json_t *parties = json_object_get(prl_receipts_of(picture, version, &notice->id), hash);
	return party.data ? json_object_getn(parties, party.data, party.size) : NULL;
}

const json_t *prl_receipt_newest(const json_t *slot)
{
	const json_t *all = json_object_get(slot, "read_backs");
	size_t count = json_array_size(all);
	return count ? json_array_get(all, count - 1) : NULL;
}

bool prl_receipt_is_corrected(const json_t *read_back)
{
	return prl_bytes_is(prl_body_text(json_object_get(read_back, "judged"), "judgement"), "CORRECTION");
}

bool prl_receipt_slot_has_read(const json_t *slot, bool read_back_needed)
{
	const json_t *newest = prl_receipt_newest(slot);
	if (newest)
		return !prl_receipt_is_corrected(newest);
	return !read_back_needed && json_object_get(slot, "understood");
}

bool prl_receipt_has_read(prl_picture *picture, prl_version version, const prl_notice *notice, prl_bytes party)
{
	return prl_receipt_slot_has_read(prl_receipt_slot(picture, version, notice, &notice->version, party),
					 prl_receipt_why(notice) != NULL);
}

static void read_earliest(const json_t *receipt, prl_time by, prl_time *found)
{
	prl_time time, judged;
	const json_t *judgement = json_object_get(receipt, "judged");
	if (!receipt || prl_body_time(receipt, "time", &time, NULL) || time > by || time >= *found)
		return;
	if (prl_receipt_is_corrected(receipt) && prl_body_time(judgement, "time", &judged, NULL) == PRL_OK &&
	    judged <= by)
		return;
	*found = time;
}

static void slot_earliest(const json_t *slot, bool read_back_needed, prl_time by, prl_time *found)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(slot, "read_backs"), i, one) read_earliest(one, by, found);
	if (!read_back_needed)
		read_earliest(json_object_get(slot, "understood"), by, found);
}

prl_time prl_receipt_read_by(prl_picture *picture, prl_version version, const prl_notice *notice, const prl_hash *of,
			     prl_bytes party, prl_time by)
{
	prl_time found = PRL_TIME_OPEN_END;
	bool needed = why_at_all(notice) != NULL;
	const char *hash;
	json_t *parties;
	if (of) {
		slot_earliest(prl_receipt_slot(picture, version, notice, of, party), needed, by, &found);
		return found;
	}
	json_object_foreach((json_t *)(uintptr_t)prl_receipts_of(picture, version, &notice->id), hash, parties)
		slot_earliest(json_object_getn(parties, party.data, party.size), needed, by, &found);
	return found;
}

/* ---- for whom ---------------------------------------------------------------------------------------------------- */

void prl_receipt_each_party(prl_picture *picture, prl_version version, const prl_notice *notice,
			    prl_receipt_party_fn *fn, void *context)
{
	const prl_constitution *constitution = prl_picture_constitution(picture, version);
	for (size_t i = 0; constitution && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		if (!party->left && strcmp(party->name, notice->party) != 0 &&
		    (!notice->audience || prl_body_has(notice->audience, prl_bytes_of(party->name))))
			fn(context, party);
	}
}

typedef struct unread {
	prl_picture *picture;
	prl_version version;
	const prl_notice *notice;
	json_t *names;
} unread;

static void add_unread(void *context, const prl_party *party)
{
	unread *u = context;
	if (!prl_receipt_has_read(u->picture, u->version, u->notice, prl_bytes_of(party->name)))
		(void)json_array_append_new(u->names, json_string(party->name));
}

json_t *prl_receipt_not_read_by(prl_picture *picture, prl_version version, const prl_notice *notice)
{
	unread u = { picture, version, notice, json_array() };
	if (u.names)
		prl_receipt_each_party(picture, version, notice, add_unread, &u);
	return u.names;
}

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

/* A copy of what is kept of the notice, to be changed. NULL out of memory. */
static json_t *kept_copy(prl_picture *picture, const prl_hash *notice)
{
	char hash[PRL_HASH_TEXT_MAX];
	const json_t *kept = prl_thing_find(picture, PRL_VERSION_WORKING, noun_name, prl_hash_key(notice));
	prl_hash_write(notice, hash);
	return kept ? json_deep_copy(kept) : json_pack("{s:s, s:{}}", "notice", hash, "of");
}

/* The member of that name, an empty object where there was none. NULL out of memory. */
static json_t *member(json_t *object, const char *name, size_t length)
{
	json_t *found = object ? json_object_getn(object, name, length) : NULL;
	if (!found && object && json_object_setn_new(object, name, length, json_object()) == 0)
		found = json_object_getn(object, name, length);
	return found;
}

static json_t *slot_in(json_t *kept, const prl_hash *version, prl_bytes party)
{
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(version, hash);
	json_t *parties = member(json_object_get(kept, "of"), hash, strlen(hash));
	return member(parties, party.data, party.size);
}

static prl_status add_read_back(json_t *slot, json_t *receipt, prl_error *err)
{
	json_t *all = json_object_get(slot, "read_backs");
	if (json_array_size(all) >= PRL_READ_BACKS_MAX) {
		json_decref(receipt);
		return prl_error_set(
			err, PRL_E_REFUSED,
			"%d read-backs of one version; speak with them by voice, and have the notice updated",
			PRL_READ_BACKS_MAX);
	}
	if (!all) {
		all = json_array();
		if (json_object_set_new(slot, "read_backs", all) != 0)
			all = NULL;
	}
	if (json_array_append_new(all, receipt) != 0)
		return prl_error_memory(err);
	return PRL_OK;
}

/* Puts a receipt at its rung. Takes it over. */
static prl_status put_rung(json_t *slot, const char *rung, json_t *receipt, prl_error *err)
{
	bool units = strcmp(rung, "units told") == 0 || strcmp(rung, "cannot reach units") == 0;
	if (!slot || !receipt) {
		json_decref(receipt);
		return prl_error_memory(err);
	}
	if (strcmp(rung, "read back") == 0)
		return add_read_back(slot, receipt, err);
	const char *name = units ? "units" : rung;
	if (!units && json_object_get(slot, name)) {
		json_decref(receipt);
		return PRL_OK;
	}
	return json_object_set_new(slot, name, receipt) == 0 ? PRL_OK : prl_error_memory(err);
}

static json_t *receipt_new(const prl_act *act)
{
	static const char *const said[] = { "rung", "read_back", "words", "language", NULL };
	json_t *receipt = prl_thing_new(act);
	if (receipt && prl_thing_take(receipt, act->body, said))
		return receipt;
	json_decref(receipt);
	return NULL;
}

static prl_status given_form(const json_t *body, prl_error *err)
{
	bool read_back = prl_bytes_is(prl_body_text(body, "rung"), "read back");
	const json_t *said = json_object_get(body, "read_back");
	if (read_back && !json_object_size(said))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "read_back: what was read back is missing; expected at least one of its members");
	if (!read_back && said)
		return prl_error_set(err, PRL_E_SYNTAX, "read_back: stands with rung \"read back\" only");
	return PRL_OK;
}

static prl_status given(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_hash version;
	prl_status status = given_form(act->body, err);
	if (!status)
		status = prl_notice_version_meant(picture, act, &notice, &version, err);
	if (status)
		return status;
	if (prl_bytes_is(act->entry->party, notice->party))
		return prl_error_set(err, PRL_E_REFUSED, "party %s does not receipt its own notice", notice->party);
	prl_hash id = notice->id;
	json_t *kept = kept_copy(picture, &id);
	status = put_rung(slot_in(kept, &version, act->entry->party),
			  json_string_value(json_object_get(act->body, "rung")), receipt_new(act), err);
	if (status) {
		json_decref(kept);
		return status;
	}
	status = prl_thing_put(picture, noun_name, prl_hash_key(&id), kept, err);
	return status ? status : prl_receipt_follow(picture, &id, err);
}

/* The read-back of that hash, wherever it stands. */
static json_t *read_back_of(json_t *kept, const char *hash)
{
	const char *name;
	json_t *parties, *slot, *one;
	size_t i;
	json_object_foreach(json_object_get(kept, "of"), name, parties)
	{
		const char *party;
		json_object_foreach(parties, party, slot)
			json_array_foreach(json_object_get(slot, "read_backs"), i, one)
		{
			if (prl_bytes_is(prl_body_text(one, "id"), hash))
				return one;
		}
	}
	return NULL;
}

static prl_status judged_form(const json_t *body, prl_error *err)
{
	bool correction = prl_bytes_is(prl_body_text(body, "judgement"), "CORRECTION");
	bool has = json_object_get(body, "correction") != NULL;
	if (correction && !has)
		return prl_error_set(err, PRL_E_SYNTAX, "correction: is missing; expected what was meant, in words");
	if (!correction && has)
		return prl_error_set(err, PRL_E_SYNTAX, "correction: stands with judgement CORRECTION only");
	return PRL_OK;
}

static prl_status judge(prl_picture *picture, const prl_act *act, json_t *kept, prl_error *err)
{
	static const char *const said[] = { "judgement", "correction", "language", NULL };
	json_t *read_back = read_back_of(kept, json_string_value(json_object_get(act->body, "receipt")));
	if (!read_back ||
	    !prl_act_sees(picture, act, prl_body_text(read_back, "log"), prl_body_number(read_back, "index", 0)))
		return prl_error_set(err, PRL_E_NOT_FOUND, "receipt: log %s knows no read-back of this hash", act->log);
	json_t *judged = prl_thing_new(act);
	if (judged && prl_thing_take(judged, act->body, said) && json_object_set(read_back, "judged", judged) == 0) {
		json_decref(judged);
		return PRL_OK;
	}
	json_decref(judged);
	return prl_error_memory(err);
}

static prl_status judged(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_status status = judged_form(act->body, err);
	if (!status)
		status = prl_notice_meant(picture, act, &notice, err);
	if (status)
		return status;
	if (!prl_bytes_is(act->entry->party, notice->party))
		return prl_error_set(err, PRL_E_REFUSED,
				     "only party %s, which filed the notice, judges a read-back of it", notice->party);
	prl_hash id = notice->id;
	json_t *kept = kept_copy(picture, &id);
	status = kept ? judge(picture, act, kept, err) : prl_error_memory(err);
	if (status) {
		json_decref(kept);
		return status;
	}
	status = prl_thing_put(picture, noun_name, prl_hash_key(&id), kept, err);
	return status ? status : prl_receipt_follow(picture, &id, err);
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

/* A position that was read back reads one way; what a gazetteer found has the name that was typed. */
static prl_status check_read_back(const json_t *said, prl_error *err)
{
	prl_error inner = { 0 };
	prl_position position;
	const char *text = json_string_value(json_object_get(said, "position"));
	if (json_object_get(said, "gazetteer") && !json_object_get(said, "name")) {
		prl_error_set(err, PRL_E_SYNTAX, "an entry of a gazetteer without the name that was typed");
		return prl_error_at(err, PRL_E_SYNTAX, "/read_back/gazetteer");
	}
	prl_status status = text ? prl_position_parse(text, strlen(text), NULL, &position, NULL, &inner) : PRL_OK;
	if (!status)
		return PRL_OK;
	prl_error_set(err, status, "%s%s%.360s", inner.where, *inner.where ? ": " : "", inner.text);
	return prl_error_at(err, status, "/read_back/position");
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	prl_hash id;
	char name[PRL_NOTICE_NAME_MAX];
	bool given = prl_bytes_is(entry->kind, "receipt.given");
	prl_status status = given ? check_read_back(json_object_get(body, "read_back"), err) : PRL_OK;
	if (status)
		return status;
	if (!given || !prl_bytes_is(prl_body_text(body, "rung"), "understood") ||
	    prl_body_hash(body, "notice", &id, err))
		return PRL_OK;
	const prl_notice *notice = prl_notice_find(picture, version, &id);
	const char *why = notice ? prl_receipt_why(notice) : NULL;
	char newest[PRL_HASH_TEXT_MAX];
	if (!why || prl_receipt_newest(prl_receipt_slot(picture, version, notice, &notice->version, entry->party)))
		return PRL_OK;
	prl_hash_write(&notice->version, newest);
	if (!prl_bytes_is(prl_body_text(body, "version"), newest))
		return PRL_OK;
	prl_notice_name(notice, name);
	prl_error_set(err, PRL_E_REFUSED,
		      "%s needs a read-back (%s): expected rung \"read back\" with what it says in your own words",
		      name, why);
	return prl_error_at(err, PRL_E_REFUSED, "/rung");
}

static const prl_noun nouns[] = {
	PRL_THING_NOUN(noun_name),
	{ .name = PRL_RECEIPT_OPEN_NOUN, .save = prl_receipt_open_save, .load = prl_receipt_open_load, .free = free },
};
static const prl_act_kind kinds[] = {
	{ "receipt.given", PRL_SIGNED_BY_KEY, false, given },
	{ "receipt.judged", PRL_SIGNED_BY_KEY, false, judged },
};
static const char *const queries[] = { "notice", NULL };

const prl_line_part prl_receipt_part = {
	.name = "receipts",
	.nouns = nouns,
	.noun_count = sizeof nouns / sizeof *nouns,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.queries = queries,
	.show = prl_receipts_show,
	.alarms = prl_receipts_alarms,
};

const prl_line_part prl_undelivered_part = { .name = "undelivered", .show = prl_undelivered_show };
