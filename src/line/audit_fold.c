/* The fold over the best copies, each entry once. */
#include "base/error.h"
#include "base/text.h"
#include "line/audit_state.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

static prl_status advance(prl_audit *audit, audit_copy *copy, uint64_t size, prl_error *err);

typedef unsigned long long ull;

/* ---- what logs say of each other --------------------------------------------------------------------------------- */

/* Before a peer.seen: the other log must be as far as it says before what follows here is looked at. */
static prl_status reach_seen(prl_audit *audit, audit_copy *copy, uint64_t index, const json_t *body, prl_error *err)
{
	const char *log = json_string_value(json_object_get(body, "log"));
	uint64_t size = prl_body_number(body, "size", 0);
	audit_copy *other = log ? audit_best(audit, log) : NULL;
	if (!other || other == copy || other->folded >= size) {
		copy->gap = copy->gap || !other;
		return PRL_OK;
	}
	if (other->busy) {
		audit_find(audit, PRL_FINDING_FAULT, copy->checkpoint.origin, index, index + 1, log, 0,
			   "entry %llu of %s says that it had seen %llu entries of %s, and entry %llu of that says, "
			   "directly or by others, that it had seen this one: one of the two cannot be",
			   (ull)index, copy->checkpoint.origin, (ull)size, log, (ull)other->folded);
		return PRL_OK;
	}
	prl_status st = advance(audit, other, size, err);
	copy->gap = copy->gap || other->folded < size;
	return st;
}

static prl_status take_seen(prl_audit *audit, const audit_copy *copy, const prl_entry *entry, const json_t *body,
			    prl_error *err)
{
	audit_claim claim = { .kind = AUDIT_RECORDED,
			      .log = audit_name(audit, json_string_value(json_object_get(body, "log"))),
			      .by = audit_name(audit, copy->checkpoint.origin),
			      .size = prl_body_number(body, "size", 0),
			      .time = entry->time };
	prl_status st = prl_body_hash(body, "root", &claim.root, err);
	return st ? st : audit_claim_add(audit, &claim, err);
}

static void say_stated(prl_audit *audit, const audit_copy *copy, uint64_t at, const prl_entry *entry,
		       const json_t *body)
{
	const char *log = json_string_value(json_object_get(body, "log")), *by = copy->checkpoint.origin;
	const char *reason = json_string_value(json_object_get(body, "reason"));
	uint64_t index = prl_body_number(body, "index", 0);
	if (prl_bytes_is(entry->kind, "peer.forked"))
		audit_find(audit, PRL_FINDING_STATED, log, 0, 0, by, entry->time,
			   "entry %llu of %s says that %s has signed two histories; its proof has the hash %s", (ull)at,
			   by, log, json_string_value(json_object_get(body, "proof")));
	else
		audit_find(audit, PRL_FINDING_STATED, log, index, index + 1, by, entry->time,
			   "entry %llu of %s says that entry %llu of %s counts as nobody's act%s%.300s", (ull)at, by,
			   (ull)index, log, reason ? ": " : "", reason ? reason : "");
}

/* ---- one entry --------------------------------------------------------------------------------------------------- */

/* What it means for an audit that an entry counts. */
static prl_status counts(prl_audit *audit, const audit_copy *copy, uint64_t index, const prl_entry *entry,
			 const json_t *body, prl_error *err)
{
	if (prl_bytes_is(entry->kind, "peer.seen"))
		return take_seen(audit, copy, entry, body, err);
	if (prl_bytes_is(entry->kind, "peer.forked") || prl_bytes_is(entry->kind, "peer.fault"))
		say_stated(audit, copy, index, entry, body);
	if (prl_bytes_is(entry->kind, "constitution") || prl_bytes_is(entry->kind, "constitution.amended"))
		return audit_keys_add(audit,
				      prl_picture_find(audit->picture, PRL_VERSION_WORKING, PRL_TABLE_CONSTITUTION,
						       prl_bytes_of(copy->checkpoint.origin)),
				      err);
	return PRL_OK;
}

/* A rule may have refused it because of entries that are not here, or because this program is too old for it; its form,
 * signatures and chain were looked at before that. Whose roots an amendment needs hangs on all logs. */
static bool cannot_tell(const audit_copy *copy, const prl_entry *entry, prl_status status)
{
	if (status == PRL_E_UNSUPPORTED)
		return true;
	return copy->gap && (status == PRL_E_NOT_FOUND || status == PRL_E_REFUSED || status == PRL_E_RANGE ||
			     prl_bytes_is(entry->kind, "constitution.amended"));
}

static void refused(prl_audit *audit, audit_copy *copy, uint64_t index, const prl_entry *entry, prl_status status,
		    const prl_error *why)
{
	const char *log = copy->checkpoint.origin, *where = why->where[0] ? ": " : "";
	if (cannot_tell(copy, entry, status)) {
		audit_find(audit, PRL_FINDING_CANNOT_TELL, log, index, index + 1, NULL, 0,
			   "entry %llu of %s cannot be judged by what is here%s: %s%s%s", (ull)index, log,
			   status == PRL_E_UNSUPPORTED ? "" : " (it had seen entries that are missing)", why->where,
			   where, why->text);
		return;
	}
	copy->nobodys_last = index;
	if (copy->nobodys++ < PRL_AUDIT_NOBODYS_MAX)
		audit_find(audit, PRL_FINDING_NOBODYS, log, index, index + 1, NULL, 0,
			   "entry %llu of %s counts as nobody's act: %s%s%s", (ull)index, log, why->where, where,
			   why->text);
}

/* Bodies that the audit itself reads. */
static bool is_read_here(const prl_entry *entry)
{
	return entry->kind.size > 5 && !memcmp(entry->kind.data, "peer.", 5);
}

static prl_status fold_entry(prl_audit *audit, audit_copy *copy, uint64_t index, prl_bytes bytes, prl_error *err)
{
	/* What cannot be read takes its place all the same: an entry of no kind, which the fold refuses. */
	static const prl_entry nothing = { .kind = { "", 0 } };
	prl_entry entry;
	json_t *body = NULL;
	prl_error why = { 0 }, ignored;
	prl_status unread = prl_entry_read(bytes, &entry, &why), st = PRL_OK;
	if (!unread && is_read_here(&entry) && !prl_picture_body(audit->picture, &entry, &body, &ignored) &&
	    prl_bytes_is(entry.kind, "peer.seen"))
		st = reach_seen(audit, copy, index, body, err);
	if (st) {
		json_decref(body);
		return st;
	}
	prl_status judged = prl_picture_apply(audit->picture, copy->checkpoint.origin, index,
					      unread ? &nothing : &entry, NULL, body, unread ? &ignored : &why);
	if (judged == PRL_E_MEMORY)
		st = prl_error_memory(err);
	else if (unread || judged)
		refused(audit, copy, index, unread ? &nothing : &entry, unread ? unread : judged, &why);
	else
		st = counts(audit, copy, index, &entry, body, err);
	json_decref(body);
	return st;
}

static prl_status take_one(prl_audit *audit, audit_copy *copy, prl_error *err)
{
	prl_bytes bytes;
	prl_error why = { 0 };
	uint64_t index = copy->folded;
	prl_status st = prl_static_next(&copy->cursor, &bytes, &why);
	if (st == PRL_E_MEMORY)
		return prl_error_memory(err);
	if (st)
		return prl_error_set(err, PRL_E_IO, "%s changes while it is read: %.300s", copy->folder, why.text);
	st = fold_entry(audit, copy, index, bytes, err);
	copy->folded = index + 1;
	audit_step(audit, AUDIT_STEP_FOLD);
	/* Nobody looks back: what the picture was before this entry may be let go. */
	if (++audit->sums.entries % 1024 == 0)
		prl_picture_publish(audit->picture, prl_picture_seal(audit->picture));
	return st;
}

/* Folds entries of a copy until `size` of them are, or there are no more. */
static prl_status advance(prl_audit *audit, audit_copy *copy, uint64_t size, prl_error *err)
{
	prl_status st = PRL_OK;
	copy->busy = true;
	while (!st && copy->folded < size && copy->folded < copy->usable)
		st = take_one(audit, copy, err);
	copy->busy = false;
	return st;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void say_more_refused(prl_audit *audit, const audit_copy *copy)
{
	if (copy->nobodys > PRL_AUDIT_NOBODYS_MAX)
		audit_find(audit, PRL_FINDING_NOBODYS, copy->checkpoint.origin, 0, copy->nobodys_last + 1, NULL, 0,
			   "%llu more entries of %s count as nobody's act, the last is entry %llu",
			   (ull)(copy->nobodys - PRL_AUDIT_NOBODYS_MAX), copy->checkpoint.origin,
			   (ull)copy->nobodys_last);
}

prl_status audit_fold_all(prl_audit *audit, prl_error *err)
{
	prl_status st = PRL_OK;
	audit->all = 0;
	for (size_t i = 0; i < audit->copy_count; i++) {
		audit_copy *copy = &audit->copies[i];
		audit->all += copy->usable * AUDIT_STEP_COPY;
		if (!copy->best)
			continue;
		prl_static_open(&copy->cursor, copy->folder, copy->checkpoint.size);
		copy->open = true;
		audit->all += copy->usable * AUDIT_STEP_FOLD;
		audit->sums.logs++;
	}
	/* The constitution first, wherever it stands: it names the keys of all logs. */
	for (uint64_t turn = 0; turn < 2; turn++)
		for (size_t i = 0; !st && i < audit->copy_count; i++)
			if (audit->copies[i].best)
				st = advance(audit, &audit->copies[i], turn ? UINT64_MAX : 1, err);
	for (size_t i = 0; !st && i < audit->copy_count; i++)
		say_more_refused(audit, &audit->copies[i]);
	if (!st)
		prl_picture_publish(audit->picture, prl_picture_seal(audit->picture));
	return st;
}
