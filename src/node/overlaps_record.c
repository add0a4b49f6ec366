/* What becomes of what was found: entries for all, notes for the own desks, telling by policy. */
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "line/overlap.h"
#include "line/thing.h"
#include "node/clerk_state.h"
#include "node/overlaps_inside.h"
#include "picture/body.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING
/* Bytes of pairs and of what is gone in one entry: the rest of it is head, ids and a little air. */
#define BODY_MAX  (PRL_MAX_ENTRY_BYTES - 4096u)
#define PAIRS_MAX 128u /* as the schema has it */
#define GONE_MAX  256u

static prl_status append(json_t **array, json_t *item, prl_error *err)
{
	if (!*array)
		*array = json_array();
	return *array && json_array_append_new(*array, item) == 0 ? PRL_OK : prl_error_memory(err);
}

/* The two in the order of their ids. */
typedef struct two {
	const prl_notice *notices[2];
	prl_hash ids[2], versions[2];
} two;

static two in_order(const prl_notice *a, const prl_notice *b)
{
	bool swap = memcmp(&a->id, &b->id, sizeof a->id) > 0;
	two t = { .notices = { swap ? b : a, swap ? a : b } };
	for (size_t i = 0; i < 2; i++) {
		t.ids[i] = t.notices[i]->id;
		t.versions[i] = t.notices[i]->version;
	}
	return t;
}

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

/* Some log says the same of the same versions already: said once it is said. */
static bool is_said(prl_clerk *clerk, const two *t, const prl_conflict *conflict)
{
	prl_hash id;
	prl_overlap_id(&t->ids[0], &t->ids[1], &id);
	const prl_overlap *overlap = prl_overlap_find(clerk->parts.picture, WORKING, &id);
	for (size_t i = 0; overlap && i < overlap->finding_count; i++) {
		const prl_finding *f = &overlap->findings[i];
		double apart = (double)f->horizontal_cm / 100 - conflict->closest.horizontal_m;
		if (!f->gone && prl_hash_equal(&f->versions[0], &t->versions[0]) &&
		    prl_hash_equal(&f->versions[1], &t->versions[1]) && f->from == conflict->intervals[0].from &&
		    f->to == conflict->intervals[conflict->interval_count - 1].to && apart < 0.02 && apart > -0.02)
			return true;
	}
	return false;
}

static json_t *home_of(prl_clerk *clerk, const two *t, json_t *pair)
{
	char found[PRL_TIME_TEXT_MAX];
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	prl_time_format(clerk->parts.now(clerk->parts.context), found);
	return json_pack("{s:O, s:O, s:O, s:o, s:s, s:s, s:s}", "id", json_object_get(pair, "id"), "notices",
			 json_object_get(pair, "notices"), "versions", json_object_get(pair, "versions"), "pair", pair,
			 "mode", modes[t->notices[0]->mode], "found", found, "changed", found);
}

prl_status prl_overlaps_pair(prl_clerk *clerk, prl_checking *checking, const prl_notice *other, bool other_hidden,
			     const prl_conflict *conflict, const prl_separation_rule *rule, const char *area,
			     prl_error *err)
{
	two t = in_order(checking->notice, other);
	bool hidden = checking->hidden || other_hidden;
	clerk->overlaps->figures.pairs++;
	if (!hidden && is_said(clerk, &t, conflict)) {
		/* It stands, and is not to be counted as gone. */
		char text[PRL_HASH_TEXT_MAX];
		prl_hash id;
		prl_overlap_id(&t.ids[0], &t.ids[1], &id);
		prl_hash_write(&id, text);
		return append(&checking->said, json_string(text), err);
	}
	json_t *pair = prl_overlap_pair(t.ids, t.versions, conflict, &rule->separation, rule->source, area,
					strcmp(checking->notice->party, other->party) == 0);
	if (!pair)
		return prl_error_memory(err);
	return hidden ? append(&checking->home, home_of(clerk, &t, pair), err) : append(&checking->pairs, pair, err);
}

/* ---- what is gone ------------------------------------------------------------------------------------------------ */

typedef struct going {
	prl_clerk *clerk;
	const prl_checking *checking;
	json_t *gone;
	prl_status status;
	prl_error *err;
} going;

static bool has_id(const json_t *all, const char *id)
{
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *item = json_array_get(all, i);
		const char *text = json_string_value(json_is_object(item) ? json_object_get(item, "id") : item);
		if (text && strcmp(text, id) == 0)
			return true;
	}
	return false;
}

static const prl_finding *standing(const going *to, const prl_overlap *overlap)
{
	const prl_finding *f = prl_overlap_newest(to->clerk->parts.picture, WORKING, overlap);
	return f && !f->gone ? f : NULL;
}

/* Stood for an older version, both notices still count, and it was not found now. */
static bool look_gone(void *context, const prl_overlap *overlap)
{
	going *to = context;
	const prl_notice *other = NULL;
	char id[PRL_HASH_TEXT_MAX];
	if (overlap->told)
		return true;
	const prl_finding *f = standing(to, overlap);
	bool first = prl_hash_equal(&overlap->notices[0], &to->checking->notice->id);
	if (f && !prl_hash_equal(&f->versions[first ? 0 : 1], &to->checking->notice->version))
		other = prl_notice_find(to->clerk->parts.picture, WORKING, &overlap->notices[first ? 1 : 0]);
	prl_hash_write(&overlap->id, id);
	if (!other || other->state != PRL_NOTICE_LIVE || has_id(to->checking->pairs, id) ||
	    has_id(to->checking->said, id))
		return true;
	two t = in_order(to->checking->notice, other);
	char a[PRL_HASH_TEXT_MAX], b[PRL_HASH_TEXT_MAX];
	prl_hash_write(&t.versions[0], a);
	prl_hash_write(&t.versions[1], b);
	to->status = append(&to->gone, json_pack("{s:s, s:[s, s]}", "id", id, "versions", a, b), to->err);
	return to->status == PRL_OK;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

/* One entry being filled. */
typedef struct filling {
	prl_clerk *clerk;
	prl_hash id, version; /* of the notice */
	prl_mode mode;
	json_t *body;
	size_t bytes;
} filling;

static prl_status begin(filling *to, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX], version[PRL_HASH_TEXT_MAX];
	prl_hash_write(&to->id, id);
	prl_hash_write(&to->version, version);
	to->bytes = 0;
	to->body = json_pack("{s:s, s:s}", "notice", id, "version", version);
	return to->body ? PRL_OK : prl_error_memory(err);
}

static prl_status finish(filling *to, prl_error *err)
{
	json_t *body = to->body;
	to->body = NULL;
	return body ? prl_clerk_record_in(to->clerk, to->mode, "conflict.found", body, err) : PRL_OK;
}

static prl_status add(filling *to, const char *member, size_t most, json_t *item, prl_error *err)
{
	size_t bytes = json_dumpb(item, NULL, 0, PRL_CLERK_DUMP) + 2;
	if (to->body && (to->bytes + bytes > BODY_MAX || json_array_size(json_object_get(to->body, member)) >= most)) {
		prl_status st = finish(to, err);
		if (st)
			return st;
	}
	prl_status st = to->body ? PRL_OK : begin(to, err);
	json_t *array = st ? NULL : json_object_get(to->body, member);
	if (!st && !array && json_object_set_new(to->body, member, array = json_array()))
		st = prl_error_memory(err);
	if (!st && json_array_append(array, item))
		st = prl_error_memory(err);
	to->bytes += bytes;
	return st;
}

static prl_status record_found(prl_clerk *clerk, const prl_checking *checking, const json_t *gone, prl_error *err)
{
	filling to = { .clerk = clerk,
		       .id = checking->notice->id,
		       .version = checking->notice->version,
		       .mode = (prl_mode)checking->notice->mode };
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < json_array_size(checking->pairs); i++)
		st = add(&to, "pairs", PAIRS_MAX, json_array_get(checking->pairs, i), err);
	for (size_t i = 0; !st && i < json_array_size(gone); i++)
		st = add(&to, "gone", GONE_MAX, json_array_get(gone, i), err);
	/* How much is left stands in the first entry, in each that says anything, and not in the last: that is written
	 * where an entry of an older version is what says that something is left, too. */
	bool ends = !checking->more && prl_overlap_left(clerk->parts.picture, WORKING, clerk->own, &to.id);
	bool begins = !checking->goes_on && checking->more;
	if (!st && !to.body && (ends || begins) && !checking->hidden)
		st = begin(&to, err);
	if (!st && to.body && checking->more && !checking->hidden &&
	    json_object_set_new(to.body, "more", json_integer((json_int_t)checking->more)))
		st = prl_error_memory(err);
	if (!st)
		st = finish(&to, err);
	json_decref(to.body);
	return st;
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static size_t told_lately(prl_overlaps *overlaps, const prl_hash *object, const char *party, prl_time now)
{
	static const prl_hash any = { { 0 } };
	size_t count = 0;
	for (size_t i = 0; i < overlaps->told.count; i++) {
		const prl_telling *t = &overlaps->told.items[i];
		if (prl_time_apart(t->at, now) >= PRL_OVERLAPS_TOLD_S * PRL_SECOND) {
			overlaps->told.items[i--] = overlaps->told.items[--overlaps->told.count];
			continue;
		}
		count += strcmp(t->party, party) == 0 &&
			 (prl_hash_equal(&t->object, object) || prl_hash_equal(&t->object, &any));
	}
	return count;
}

static prl_status note_telling(prl_overlaps *overlaps, const prl_hash *object, const char *party, prl_time at,
			       prl_error *err)
{
	prl_telling *slot = PRL_LIST_ADD(&overlaps->told);
	if (!slot)
		return prl_error_memory(err);
	*slot = (prl_telling){ .object = *object, .at = at };
	memcpy(slot->party, party, strlen(party) + 1);
	return PRL_OK;
}

/* Whether that party has told of this version of the notice already, whatever it overlaps with. */
typedef struct asking {
	const char *by;
	const prl_hash *version;
	bool found;
} asking;

static bool look_told(void *context, const prl_overlap *overlap)
{
	asking *a = context;
	const char *by = json_string_value(json_array_get(overlap->parties, 1));
	a->found = overlap->told && strcmp(by, a->by) == 0 &&
		   prl_hash_equal(&overlap->findings[0].versions[0], a->version);
	return !a->found;
}

static bool is_told(prl_clerk *clerk, const prl_notice *notice, const char *by)
{
	asking a = { by, &notice->version, false };
	prl_overlaps_of(clerk->parts.picture, WORKING, &notice->id, look_told, &a);
	return a.found;
}

static prl_status tell(prl_clerk *clerk, const prl_notice *object, const prl_notice *other, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX], version[PRL_HASH_TEXT_MAX];
	prl_hash_write(&other->id, id);
	prl_hash_write(&other->version, version);
	prl_status st =
		note_telling(clerk->overlaps, &object->id, other->party, clerk->parts.now(clerk->parts.context), err);
	if (st)
		return st;
	json_t *body = json_pack("{s:s, s:s, s:s}", "notice", id, "version", version, "party", object->party);
	return prl_clerk_record_in(clerk, (prl_mode)other->mode, "overlap.told_automatically", body, err);
}

static bool hosted_here(prl_clerk *clerk, const char *party)
{
	const prl_party *found = prl_picture_party(clerk->parts.picture, WORKING, prl_bytes_of(party));
	return found && strcmp(found->log, clerk->own) == 0;
}

/* The object that the other side may not see: a notice of a party of this node, hidden from the other's party. NULL:
 * there is none to answer for. */
static const prl_notice *object_of(prl_clerk *clerk, const two *t, const prl_notice **ret_other)
{
	for (size_t i = 0; i < 2; i++) {
		const prl_notice *object = t->notices[i], *other = t->notices[1 - i];
		if (!hosted_here(clerk, object->party) || strcmp(object->party, other->party) == 0 ||
		    prl_notice_is_for(object, other->party) || !prl_notice_is_for(other, object->party))
			continue;
		*ret_other = other;
		return object;
	}
	return NULL;
}

/* What is done about it by the policy of the object; what it is called in the home. */
static prl_status answer_by_policy(prl_clerk *clerk, const prl_notice *object, const prl_notice *other, json_t *home,
				   prl_error *err)
{
	static const char *const words[] = { "by hand", "automatic", "never" };
	const char *answer = words[object->policy];
	bool limited = false;
	if (object->policy == PRL_ANSWER_AUTOMATIC && !is_told(clerk, other, object->party)) {
		limited = told_lately(clerk->overlaps, &object->id, other->party,
				      clerk->parts.now(clerk->parts.context)) >= PRL_OVERLAPS_TOLD_MAX;
		answer = limited ? words[PRL_ANSWER_BY_HAND] : answer;
	}
	if (json_object_set_new(home, "object", prl_show_hash(&object->id)) ||
	    json_object_set_new(home, "owner", json_string(object->party)) ||
	    json_object_set_new(home, "other", prl_show_hash(&other->id)) ||
	    json_object_set_new(home, "party", json_string(other->party)) ||
	    json_object_set_new(home, "answer", json_string(answer)) ||
	    (limited && json_object_set_new(home, "limited", json_true())))
		return prl_error_memory(err);
	return object->policy == PRL_ANSWER_AUTOMATIC && !limited && !is_told(clerk, other, object->party)
		       ? tell(clerk, object, other, err)
		       : PRL_OK;
}

static prl_status keep_home(prl_clerk *clerk, json_t *home, prl_error *err)
{
	prl_hash id, ids[2];
	two t = { 0 };
	for (size_t i = 0; i < 2; i++) {
		const char *text = json_string_value(json_array_get(json_object_get(home, "notices"), i));
		if (!prl_hash_read(prl_bytes_of(text), &ids[i]))
			return prl_error_memory(err);
		t.notices[i] = prl_notice_find(clerk->parts.picture, WORKING, &ids[i]);
		if (!t.notices[i])
			return PRL_OK;
	}
	prl_overlap_id(&ids[0], &ids[1], &id);
	const json_t *old = prl_overlap_home(clerk->parts.picture, WORKING, &id);
	const prl_notice *other = NULL, *object = object_of(clerk, &t, &other);
	bool own = strcmp(t.notices[0]->party, t.notices[1]->party) == 0;
	if (old && json_equal(json_object_get(old, "versions"), json_object_get(home, "versions")) &&
	    !json_is_true(json_object_get(old, "gone")))
		return PRL_OK; /* nothing new */
	if (old && json_object_set(home, "found", json_object_get(old, "found")))
		return prl_error_memory(err);
	prl_status st = PRL_OK;
	if (object)
		st = answer_by_policy(clerk, object, other, home, err);
	else if (json_object_set_new(home, "answer", json_string(own ? "own" : "seen")))
		st = prl_error_memory(err);
	clerk->batch->work = true; /* no entry says it, and desks are to see it all the same */
	return st ? st : prl_overlap_home_put(clerk->parts.picture, &id, ids, json_incref(home), err);
}

/* Homes of a notice that were not found now. */
static bool look_home_gone(void *context, const prl_hash *id, const json_t *home)
{
	going *to = context;
	char text[PRL_HASH_TEXT_MAX];
	prl_hash ids[2];
	prl_hash_write(id, text);
	if (json_is_true(json_object_get(home, "gone")) || has_id(to->checking->home, text) ||
	    has_id(to->checking->homes, text))
		return true;
	for (size_t i = 0; i < 2; i++)
		if (!prl_hash_read(prl_bytes_of(json_string_value(json_array_get(json_object_get(home, "notices"), i))),
				   &ids[i]))
			return true;
	json_t *next = json_copy((json_t *)(uintptr_t)home);
	if (!next || json_object_set_new(next, "gone", json_true())) {
		json_decref(next);
		to->status = prl_error_memory(to->err);
		return false;
	}
	to->status = prl_overlap_home_put(to->clerk->parts.picture, id, ids, next, to->err);
	return to->status == PRL_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

prl_status prl_overlaps_record(prl_clerk *clerk, prl_checking *checking, prl_error *err)
{
	going to = { .clerk = clerk, .checking = checking, .err = err };
	prl_hash id = checking->notice->id;
	if (!checking->more)
		prl_overlaps_of(clerk->parts.picture, WORKING, &id, look_gone, &to);
	if (!checking->more && !to.status)
		prl_overlap_homes_of(clerk->parts.picture, WORKING, &id, look_home_gone, &to);
	prl_status st = to.status;
	if (!st)
		st = record_found(clerk, checking, to.gone, err);
	for (size_t i = 0; !st && i < json_array_size(checking->home); i++)
		st = keep_home(clerk, json_array_get(checking->home, i), err);
	json_decref(to.gone);
	return st;
}

/* ---- start ------------------------------------------------------------------------------------------------------- */

typedef struct counting {
	prl_clerk *clerk;
	prl_status status;
	prl_error *err;
} counting;

static bool count_told(void *context, prl_bytes key, const void *value)
{
	static const prl_hash any = { { 0 } };
	counting *c = context;
	const prl_overlap *overlap = value;
	prl_time now = c->clerk->parts.now(c->clerk->parts.context);
	(void)key;
	if (overlap->told && hosted_here(c->clerk, json_string_value(json_array_get(overlap->parties, 1))) &&
	    prl_time_apart(overlap->findings[0].found, now) < PRL_OVERLAPS_TOLD_S * PRL_SECOND)
		c->status =
			note_telling(c->clerk->overlaps, &any, json_string_value(json_array_get(overlap->parties, 0)),
				     overlap->findings[0].found, c->err);
	return c->status == PRL_OK;
}

/* Of which object it was said stands nowhere: each counts for all. */
prl_status prl_overlaps_load_told(prl_clerk *clerk, prl_error *err)
{
	counting c = { .clerk = clerk, .err = err };
	unsigned table;
	if (!prl_picture_table(clerk->parts.picture, "overlap", &table))
		return PRL_OK;
	prl_status st = prl_picture_each(clerk->parts.picture, WORKING, table, count_told, &c, err);
	return st ? st : c.status;
}
