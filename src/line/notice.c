#include "line/notice.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/details.h"
#include "line/notice_inside.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define NEAR_FUTURE (60 * PRL_SECOND)                       /* clocks of people who write down what they heard */
#define FAR_FUTURE  (INT64_C(5) * 366 * 86400 * PRL_SECOND) /* a begin after this is a slip of the pen */

/* ---- what is asked of it ----------------------------------------------------------------------------------------- */

bool prl_notice_is_live(const prl_notice *notice, prl_time now)
{
	return notice->state == PRL_NOTICE_LIVE && notice->to >= now;
}

bool prl_notice_is_for(const prl_notice *notice, const char *party)
{
	if (!party || strcmp(party, notice->party) == 0 || notice->disclosure == PRL_DISCLOSURE_AREA)
		return true;
	if (notice->disclosure == PRL_DISCLOSURE_SEALED)
		return false;
	return !notice->audience || prl_body_has(notice->audience, prl_bytes_of(party));
}

int64_t prl_notice_shortfall_s(const prl_notice *notice)
{
	int64_t required = notice->lead_required_s, actual;
	if (required == 0 || notice->from == PRL_TIME_OPEN_START)
		return required;
	if (__builtin_sub_overflow(notice->from, notice->given, &actual))
		return notice->from > notice->given ? 0 : required + INT64_MAX / PRL_SECOND;
	actual = actual / PRL_SECOND - (actual % PRL_SECOND < 0);
	return actual < required ? required - actual : 0;
}

/* Parties stay with their log, so that any constitution that names the party tells the same. */
const char *prl_notice_log(prl_picture *picture, prl_version version, const prl_notice *notice)
{
	const prl_party *party = prl_picture_party(picture, version, prl_bytes_of(notice->party));
	return party ? party->log : "";
}

prl_status prl_notice_meant(prl_picture *picture, const prl_act *act, const prl_notice **ret, prl_error *err)
{
	prl_hash id;
	prl_status status = prl_body_hash(act->body, "notice", &id, err);
	if (status)
		return status;
	const prl_notice *notice = prl_notice_find(picture, PRL_VERSION_WORKING, &id);
	const prl_party *party = notice ? prl_act_party(picture, act, prl_bytes_of(notice->party)) : NULL;
	if (!party || !prl_act_sees(picture, act, prl_bytes_of(party->log), notice->filed_index))
		return prl_error_set(err, PRL_E_NOT_FOUND, "notice: log %s knows no notice of this id", act->log);
	if (notice->mode != act->entry->mode)
		return prl_error_set(err, PRL_E_REFUSED, "%s#%u is of another mode: REAL, EXERCISE and TEST never mix",
				     notice->party, notice->number);
	*ret = notice;
	return PRL_OK;
}

prl_status prl_notice_version_meant(prl_picture *picture, const prl_act *act, const prl_notice **ret,
				    prl_hash *ret_version, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_hash hash;
	prl_status status = prl_notice_meant(picture, act, &notice, err);
	if (!status)
		status = prl_body_hash(act->body, "version", &hash, err);
	if (status)
		return status;
	if (!prl_notice_has_version(picture, act, notice, &hash))
		return prl_error_set(err, PRL_E_NOT_FOUND, "version: log %s knows no such version of %s#%u", act->log,
				     notice->party, notice->number);
	*ret = notice;
	*ret_version = hash;
	return PRL_OK;
}

/* ---- who may read what ------------------------------------------------------------------------------------------- */

static int word_in(const json_t *body, const char *name, const char *const *words, int otherwise)
{
	const char *word = json_string_value(json_object_get(body, name));
	for (int i = 0; word && words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return otherwise;
}

static prl_status missing(prl_error *err, const char *where, const char *why)
{
	prl_error_set(err, PRL_E_SYNTAX, "%s", why);
	return prl_error_at(err, PRL_E_SYNTAX, "%s", where);
}

/* Disclosure area says where and when, and nothing else, to all. */
static prl_status check_area_only(const json_t *details, prl_error *err)
{
	const char *name;
	const json_t *value, *area;
	size_t i;
	json_object_foreach((json_t *)(uintptr_t)details, name, value)
	{
		if (strcmp(name, "areas") != 0 && strcmp(name, "from") != 0 && strcmp(name, "to") != 0)
			return prl_error_set(err, PRL_E_REFUSED,
					     "/details/%.40s: disclosure area tells areas and times to all; the rest "
					     "belongs in the content",
					     name);
	}
	json_array_foreach(json_object_get(details, "areas"), i, area)
	{
		if (json_object_get(area, "name"))
			return prl_error_set(err, PRL_E_REFUSED,
					     "/details/areas/%zu/name: disclosure area tells no names", i);
	}
	return PRL_OK;
}

/* What must stand in the entry, and what must not, as notice.h says. */
static prl_status check_form(const json_t *body, const prl_notice *n, prl_error *err)
{
	const json_t *details = json_object_get(body, "details"), *content = json_object_get(body, "content");
	bool hidden =
		n->disclosure == PRL_DISCLOSURE_SEALED || (n->disclosure == PRL_DISCLOSURE_FULL && n->audience != NULL);
	if (n->disclosure == PRL_DISCLOSURE_SEALED && n->audience)
		return missing(err, "/audience", "a sealed notice is shown to nobody, expected no audience");
	if (hidden && details)
		return missing(err, "/details", "would be read by all, expected \"content\" in its place");
	if (hidden && !content)
		return missing(err, "/content", "is missing: with an audience, or sealed, the details are a content");
	if (!hidden && !details)
		return missing(err, "/details", "is missing");
	if (!hidden && json_object_get(body, "until"))
		return missing(err, "/until", "stands where the details do not, expected \"to\" in the details");
	if (n->disclosure == PRL_DISCLOSURE_AREA)
		return check_area_only(details, err);
	if (!hidden && content)
		return missing(err, "/content", "beside the details that it holds, expected one of them");
	if (!hidden && !n->relayed && !json_object_get(details, "kind"))
		return missing(err, "/details/kind", "is missing");
	return PRL_OK;
}

/* Own party and audience. A new reference; NULL out of memory. */
static json_t *readers_of(const prl_notice *n)
{
	json_t *none = json_array();
	json_t *readers = prl_body_sorted(n->audience && none ? n->audience : none, prl_bytes_of(n->party));
	json_decref(none);
	return readers;
}

static prl_status take_content(prl_picture *picture, const prl_act *act, prl_notice *n, prl_error *err)
{
	const json_t *content = json_object_get(act->body, "content");
	n->has_content = content != NULL;
	memset(&n->content, 0, sizeof n->content);
	if (!content)
		return PRL_OK;
	prl_status status = prl_body_hash(content, "hash", &n->content, err);
	json_t *to = status ? NULL : readers_of(n);
	if (!status && !to)
		return prl_error_memory(err);
	if (!status)
		status = prl_picture_add_content(picture, act, &n->content, prl_body_number(content, "size", 0), to,
						 err);
	json_decref(to);
	return status ? prl_error_at(err, status, "/content") : PRL_OK;
}

static prl_status take_audience(prl_picture *picture, const prl_act *act, prl_notice *n, prl_error *err)
{
	const json_t *named = json_object_get(act->body, "audience");
	json_t *audience = NULL;
	if (!named)
		return PRL_OK; /* as before */
	prl_status status = json_array_size(named) ? prl_act_parties(picture, act, "audience", &audience, err) : PRL_OK;
	if (status)
		return prl_error_at(err, status, "/audience");
	json_decref(n->audience);
	n->audience = audience;
	return PRL_OK;
}

/* The most that drone traffic services may be shown of it: what all parties may read. */
static prl_notice_uss uss_most(const prl_notice *n)
{
	if (n->disclosure == PRL_DISCLOSURE_AREA)
		return PRL_NOTICE_USS_AREA;
	return n->disclosure == PRL_DISCLOSURE_FULL && !n->audience ? PRL_NOTICE_USS_FULL : PRL_NOTICE_USS_NONE;
}

/* What was shown before is less where the readers are fewer now; what is stated now and cannot be is refused. */
static prl_status take_uss(const json_t *body, prl_notice *n, prl_error *err)
{
	static const char *const words[] = { "none", "area", "full", NULL };
	const prl_notice_uss most = uss_most(n), stated = (prl_notice_uss)word_in(body, "uss", words, n->uss);
	n->uss = (uint8_t)(stated < most ? stated : most);
	if (stated == n->uss || !json_object_get(body, "uss"))
		return PRL_OK;
	prl_error_set(
		err, PRL_E_REFUSED,
		most == PRL_NOTICE_USS_NONE
			? "drone traffic services are shown what all parties may read, expected disclosure area, "
			  "or full without an audience"
			: "the kind is not told to all, expected \"area\", or disclosure full without an audience");
	return prl_error_at(err, PRL_E_REFUSED, "/uss");
}

static prl_status take_readers(prl_picture *picture, const prl_act *act, prl_notice *n, prl_error *err)
{
	static const char *const disclosures[] = { "full", "area", "sealed", NULL };
	static const char *const policies[] = { "by hand", "automatic", "never", NULL };
	n->disclosure = (uint8_t)word_in(act->body, "disclosure", disclosures, n->disclosure);
	n->policy = (uint8_t)word_in(act->body, "policy", policies, n->policy);
	prl_status status = take_audience(picture, act, n, err);
	if (!status)
		status = check_form(act->body, n, err);
	if (!status)
		status = take_uss(act->body, n, err);
	return status ? status : take_content(picture, act, n, err);
}

/* ---- where and when ---------------------------------------------------------------------------------------------- */

static uint32_t lead_required(const prl_constitution *constitution, uint8_t kind)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(constitution ? constitution->body : NULL, "lead_times"), i, one)
	{
		const char *word = json_string_value(json_object_get(one, "kind"));
		if (word && strcmp(word, prl_kind_word((prl_kind)kind)) == 0)
			return (uint32_t)prl_body_number(one, "lead_s", 0);
	}
	return 0;
}

/* Time and kind as the entry tells them; what only a content tells is open. */
static void take_details(const json_t *body, prl_notice *n)
{
	const json_t *details = json_object_get(body, "details");
	prl_window w = prl_details_window(details); /* NULL: open ends */
	prl_time until;
	if (!details && json_object_get(body, "until") && !prl_body_time(body, "until", &until, NULL))
		w.to = until;
	n->from = w.from;
	n->to = w.to;
	n->kind = (uint8_t)prl_details_kind(details);
}

static prl_status put_boxes(prl_picture *picture, const prl_act *act, const prl_notice *n, prl_error *err)
{
	const json_t *details = json_object_get(act->body, "details");
	prl_plan *plan = NULL;
	prl_notice_boxes *boxes = NULL;
	char why[300];
	prl_status status = details ? prl_details_plan(details, "x", "", &plan, why, err) : PRL_OK;
	if (!status && plan)
		status = prl_notice_boxes_make(plan, &boxes, err);
	prl_plan_free(plan);
	return status ? status : prl_notice_put_boxes(picture, &n->id, boxes, err);
}

/* The newest entry of the notice is act's. */
static void take_version(const prl_act *act, prl_notice *n)
{
	n->version = act->entry->hash;
	n->version_index = act->index;
	n->changed = act->entry->time;
}

/* What filing and updating share: the act's details are in force. */
static prl_status take_all(prl_picture *picture, const prl_act *act, prl_notice *n, prl_error *err)
{
	prl_status status = take_readers(picture, act, n, err);
	if (status)
		return status;
	take_version(act, n);
	n->index = act->index;
	take_details(act->body, n);
	n->lead_required_s = lead_required(prl_act_constitution(picture, act), n->kind);
	return put_boxes(picture, act, n, err);
}

/* ---- filed ------------------------------------------------------------------------------------------------------- */

static prl_notice *notice_new(const prl_act *act)
{
	prl_bytes party = act->entry->party;
	prl_notice *n = calloc(1, sizeof *n + party.size + 1);
	if (!n)
		return NULL;
	memcpy(n->party, party.data, party.size);
	n->id = act->entry->hash;
	n->filed_index = act->index;
	n->filed = n->given = act->entry->time;
	n->mode = (uint8_t)act->entry->mode;
	return n;
}

static prl_status take_relayed(const json_t *body, prl_notice *n, prl_error *err)
{
	const json_t *relayed = json_object_get(body, "relayed");
	if (!relayed)
		return PRL_OK;
	n->relayed = true;
	if (prl_bytes_is(prl_body_text(relayed, "party"), n->party))
		return missing(err, "/relayed/party", "is the party that files; what we say ourselves is not relayed");
	return prl_body_time(relayed, "heard_at", &n->given, err);
}

/* Whom the words are of: from here on that party may say what it has to say of it. */
static prl_status put_meant(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes party = prl_body_text(json_object_get(act->body, "relayed"), "party");
	if (!party.data)
		return PRL_OK;
	return prl_notice_put_said(picture, &act->entry->hash, party,
				   json_pack("{s:[], s:[]}", "adopted", "contradicted"), err);
}

static prl_status filed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	if (!act->entry->party.data)
		return prl_error_set(err, PRL_E_REFUSED, "a notice is a party's; this entry names none");
	prl_notice *n = notice_new(act);
	if (!n)
		return prl_error_memory(err);
	prl_status status = take_relayed(act->body, n, err);
	if (!status)
		status = take_all(picture, act, n, err);
	if (!status)
		status = put_meant(picture, act, err);
	if (!status)
		return prl_notice_put(picture, NULL, n, err);
	prl_notice_free(n);
	return status;
}

/* ---- changed ----------------------------------------------------------------------------------------------------- */

static prl_status stale(const prl_notice *notice, prl_error *err)
{
	char newest[PRL_HASH_TEXT_MAX];
	prl_hash_write(&notice->version, newest);
	prl_error_set(err, PRL_E_STALE, "is not the newest version of %s#%u, which is %s", notice->party,
		      notice->number, newest);
	return prl_error_at(err, PRL_E_STALE, "/version");
}

/* The own notice of the act, live, at the version that the act names, as a copy to be changed. */
static prl_status own_notice(prl_picture *picture, const prl_act *act, const prl_notice **ret_old, prl_notice **ret,
			     prl_error *err)
{
	static const char *const over[] = { "live", "cancelled", "ended" };
	const prl_notice *old = NULL;
	prl_hash version;
	prl_status status = prl_notice_meant(picture, act, &old, err);
	if (!status)
		status = prl_body_hash(act->body, "version", &version, err);
	if (status)
		return status;
	if (!act->entry->party.data || !prl_bytes_is(act->entry->party, old->party))
		return prl_error_set(err, PRL_E_REFUSED, "only party %s, which filed %s#%u, changes it", old->party,
				     old->party, old->number);
	if (old->state != PRL_NOTICE_LIVE)
		return prl_error_set(err, PRL_E_REFUSED, "%s#%u is %s, which is for good; file another one", old->party,
				     old->number, over[old->state]);
	if (!prl_hash_equal(&version, &old->version))
		return stale(old, err);
	*ret = prl_notice_copy(old);
	*ret_old = old;
	return *ret ? PRL_OK : prl_error_memory(err);
}

/* Puts the changed notice, or frees it. */
static prl_status put_changed(prl_picture *picture, const prl_act *act, const prl_notice *old, prl_notice *n,
			      prl_status status, prl_error *err)
{
	if (!status)
		status = prl_notice_add_version(picture, act, n, err);
	if (!status)
		return prl_notice_put(picture, old, n, err);
	prl_notice_free(n);
	return status;
}

static prl_status updated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_notice *old = NULL;
	prl_notice *n;
	prl_status status = own_notice(picture, act, &old, &n, err);
	if (status)
		return status;
	status = take_all(picture, act, n, err);
	if (n->from < old->from)
		n->given = act->entry->time;
	return put_changed(picture, act, old, n, status, err);
}

static prl_status end_it(prl_picture *picture, const prl_act *act, prl_notice_state state, prl_error *err)
{
	const prl_notice *old = NULL;
	prl_notice *n;
	prl_status status = own_notice(picture, act, &old, &n, err);
	if (status)
		return status;
	take_version(act, n);
	n->state = (uint8_t)state;
	return put_changed(picture, act, old, n, status, err);
}

static prl_status cancelled(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return end_it(picture, act, PRL_NOTICE_CANCELLED, err);
}

static prl_status ended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return end_it(picture, act, PRL_NOTICE_ENDED, err);
}

/* ---- adopted, contradicted --------------------------------------------------------------------------------------- */

/* What is kept of the act itself; the words are in its entry. */
static json_t *said_new(const prl_act *act, const prl_hash *version)
{
	char id[PRL_HASH_TEXT_MAX], of[PRL_HASH_TEXT_MAX], time[PRL_TIME_TEXT_MAX];
	prl_hash_write(&act->entry->hash, id);
	prl_hash_write(version, of);
	prl_time_format(act->entry->time, time);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:O*}", "id", id, "version", of, "time", time, "log", act->log,
			 "index", (json_int_t)act->index, "text", json_object_get(act->body, "text"));
}

#define SAID_MAX 64u /* acts of one party about one notice, of each kind: the words of a dispute belong in messages */

static json_t *said_with(const json_t *old, const char *member, json_t *one)
{
	json_t *said = old ? json_deep_copy(old) : json_pack("{s:[], s:[]}", "adopted", "contradicted");
	if (said && one && json_array_append_new(json_object_get(said, member), json_incref(one)) == 0) {
		json_decref(one);
		return said;
	}
	json_decref(one);
	json_decref(said);
	return NULL;
}

/* Who was quoted says of it. The party's name was written down by the hearer and read from the entry then. */
static prl_status say(prl_picture *picture, const prl_act *act, const char *member, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_hash version;
	prl_status status = prl_notice_version_meant(picture, act, &notice, &version, err);
	if (status)
		return status;
	prl_bytes party = act->entry->party;
	if (!notice->relayed)
		return prl_error_set(err, PRL_E_REFUSED, "%s#%u is not relayed: party %s signed it itself",
				     notice->party, notice->number, notice->party);
	const json_t *old = prl_notice_said(picture, PRL_VERSION_WORKING, &notice->id, party);
	if (!old)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s#%u repeats the words of another party, which alone adopts or contradicts it",
				     notice->party, notice->number);
	if (json_array_size(json_object_get(old, member)) >= SAID_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "party %.*s said so %u times of %s#%u", (int)party.size,
				     party.data, SAID_MAX, notice->party, notice->number);
	json_t *said = said_with(old, member, said_new(act, &version));
	return prl_notice_put_said(picture, &notice->id, party, said, err);
}

static prl_status adopted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return say(picture, act, "adopted", err);
}

static prl_status contradicted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return say(picture, act, "contradicted", err);
}

/* ---- the look at the door ---------------------------------------------------------------------------------------- */

static prl_status in_member(prl_error *err, prl_status status, const char *member)
{
	char where[sizeof err->where];
	if (err) {
		(void)snprintf(where, sizeof where, "/%s%.*s", member, (int)(sizeof where - 20), err->where);
		memcpy(err->where, where, sizeof where);
	}
	return status;
}

static prl_status wrong_time(prl_error *err, const char *where, const char *what)
{
	prl_error_set(err, PRL_E_RANGE, "%s", what);
	return prl_error_at(err, PRL_E_RANGE, "%s", where);
}

static bool is_later(prl_time a, prl_time b, prl_time by)
{
	return prl_time_apart(b, a) > by;
}

/* A notice says what will be done. What was heard may be over by the time it is written down. */
static prl_status check_times(const prl_entry *entry, const json_t *body, prl_error *err)
{
	const json_t *relayed = json_object_get(body, "relayed");
	prl_window w = prl_details_window(json_object_get(body, "details"));
	prl_time heard, until;
	if (!relayed && w.to < entry->time)
		return wrong_time(err, "/details/to", "is past, expected a time after that of the entry");
	if (is_later(w.from, entry->time, FAR_FUTURE))
		return wrong_time(err, "/details/from", "is more than five years off");
	if (json_object_get(body, "until") && !prl_body_time(body, "until", &until, NULL) && until < entry->time)
		return wrong_time(err, "/until", "is past, expected a time after that of the entry");
	if (relayed && !prl_body_time(relayed, "heard_at", &heard, NULL) && is_later(heard, entry->time, NEAR_FUTURE))
		return wrong_time(err, "/relayed/heard_at", "is to come, expected a time before that of the entry");
	return PRL_OK;
}

static prl_status check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			prl_error *err)
{
	(void)picture, (void)version;
	const json_t *details = json_object_get(body, "details");
	prl_time at;
	prl_status status = details ? prl_details_check(details, err) : PRL_OK;
	if (status)
		return in_member(err, status, "details");
	if (json_object_get(body, "at") && !prl_body_time(body, "at", &at, NULL) &&
	    is_later(at, entry->time, NEAR_FUTURE))
		return wrong_time(err, "/at", "is to come, expected a time before that of the entry");
	return check_times(entry, body, err);
}

/* ---- part -------------------------------------------------------------------------------------------------------- */

static const prl_act_kind kinds[] = {
	{ "notice.filed", PRL_SIGNED_OR_RECORDED, false, filed },
	{ "notice.updated", PRL_SIGNED_OR_RECORDED, false, updated },
	{ "notice.cancelled", PRL_SIGNED_OR_RECORDED, false, cancelled },
	{ "notice.ended", PRL_SIGNED_OR_RECORDED, false, ended },
	{ "notice.adopted", PRL_SIGNED_BY_KEY, false, adopted },
	{ "notice.contradicted", PRL_SIGNED_BY_KEY, false, contradicted },
};

const prl_line_part prl_notice_part = {
	.name = "notices",
	.nouns = prl_notice_nouns,
	.noun_count = PRL_NOTICE_NOUNS,
	.kinds = kinds,
	.kind_count = sizeof kinds / sizeof *kinds,
	.check = check,
	.queries = prl_notice_queries,
	.show = prl_notice_show,
	.alarms = prl_notice_alarms,
};
