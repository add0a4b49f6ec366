/* Entries of our own log: what clients sign and what the node records. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "line/call.h"

#include <string.h>

/* ---- appending --------------------------------------------------------------------------------------------------- */

prl_status prl_clerk_append(prl_clerk *clerk, prl_bytes bytes, prl_error *err)
{
	prl_bytes *slot = PRL_LIST_ADD(&clerk->batch->own);
	if (!slot)
		return prl_error_memory(err);
	*slot = bytes;
	clerk->working.own_size++;
	clerk->batch->work = true;
	return PRL_OK;
}

/* The picture has an entry that could not be put to the batch: nothing of the batch may stay. */
static prl_status append_or_break(prl_clerk *clerk, prl_bytes bytes, prl_error *err)
{
	prl_status st = prl_clerk_append(clerk, bytes, err);
	if (st)
		prl_batch_break(clerk->batch, err);
	return st;
}

/* By the wall clock in milliseconds, and never earlier than what was recorded before. */
static prl_time recorded_time(prl_clerk *clerk)
{
	prl_time now = clerk->parts.now(clerk->parts.context);
	now -= now % (PRL_SECOND / 1000);
	if (now > clerk->last_time)
		clerk->last_time = now;
	return clerk->last_time;
}

/* What is to be recorded. */
typedef struct record {
	const char *kind, *recorded, *party;
	prl_mode mode;
	prl_bytes body;
	json_t *json; /* the body as read and checked by its schema; may be NULL */
} record;

static prl_status write_record(prl_clerk *clerk, const record *what, prl_hash *ret_hash, uint64_t *ret_index,
			       prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, PRL_VERSION_WORKING);
	prl_entry_head head = { .kind = what->kind,
				.log = clerk->own,
				.party = what->party,
				.recorded = what->recorded,
				.line = constitution ? &constitution->line : NULL,
				.mode = what->mode,
				.time = recorded_time(clerk) };
	size_t length = prl_entry_write(&head, what->body, NULL, 0, clerk->text, PRL_ENTRY_MAX);
	if (length == 0)
		return prl_error_set(err, PRL_E_TOO_LARGE, "an entry of more than %d bytes", PRL_ENTRY_MAX);
	prl_bytes bytes = prl_batch_copy(clerk->batch, clerk->text, length);
	if (!bytes.data)
		return prl_error_memory(err);
	prl_status st = prl_entry_read(bytes, &clerk->entry, err);
	if (!st)
		st = prl_picture_apply(clerk->parts.picture, clerk->own, clerk->working.own_size, &clerk->entry, NULL,
				       what->json, err);
	if (st)
		return st;
	*ret_hash = clerk->entry.hash;
	*ret_index = clerk->working.own_size;
	return append_or_break(clerk, bytes, err);
}

static prl_status record_body(prl_clerk *clerk, record *what, json_t *body, prl_error *err)
{
	char *text = body ? json_dumps(body, PRL_CLERK_DUMP) : NULL;
	prl_hash hash;
	uint64_t index;
	if (!text)
		return prl_error_memory(err);
	what->recorded = "node";
	what->body = prl_bytes_of(text);
	prl_status st = write_record(clerk, what, &hash, &index, err);
	free(text);
	return st ? prl_error_at(err, st, "recording %s", what->kind) : PRL_OK;
}

prl_status prl_clerk_record(prl_clerk *clerk, const char *kind, json_t *body, prl_error *err)
{
	record what = { .kind = kind, .mode = PRL_MODE_REAL };
	prl_status st = record_body(clerk, &what, body, err);
	json_decref(body);
	return st;
}

prl_status prl_clerk_record_in(prl_clerk *clerk, prl_mode mode, const char *kind, json_t *body, prl_error *err)
{
	record what = { .kind = kind, .mode = mode, .json = body };
	prl_status st = record_body(clerk, &what, body, err);
	json_decref(body);
	return st;
}

prl_status prl_clerk_record_for(prl_clerk *clerk, const char *recorded, const char *kind, json_t *body,
				prl_filing *filing)
{
	char *text = json_dumps(body, PRL_CLERK_DUMP);
	if (!text)
		return prl_error_memory(&filing->err);
	record what = {
		.kind = kind, .recorded = recorded, .mode = PRL_MODE_REAL, .body = prl_bytes_of(text), .json = body
	};
	prl_status st = write_record(clerk, &what, &filing->hash, &filing->index, &filing->err);
	free(text);
	return st;
}

/* ---- filings ----------------------------------------------------------------------------------------------------- */

static bool call_is_repeat(const prl_clerk *clerk, const prl_entry *entry, const json_t *body, uint64_t *ret_index)
{
	prl_picture *picture = clerk->parts.picture;
	json_t *own = NULL;
	if (!body && prl_picture_body(picture, entry, &own, NULL))
		return false;
	bool is = prl_call_is_recorded(picture, PRL_VERSION_WORKING, entry, body ? body : own, ret_index);
	json_decref(own);
	return is;
}

/* A client that heard no answer sends the same bytes again, and gets the first answer. Only the newest entry of a key
 * can come again so: its next one would not have been signed without an answer. Calls wait for none, and stand beside
 * the chain. */
static bool is_repeat(const prl_clerk *clerk, const prl_entry *entry, const json_t *body, uint64_t *ret_index)
{
	if (prl_call_is_kind(entry->kind) && prl_bytes_is(entry->log, clerk->own))
		return call_is_repeat(clerk, entry, body, ret_index);
	const prl_key *key =
		entry->key.data ? prl_picture_key(clerk->parts.picture, PRL_VERSION_WORKING, entry->key) : NULL;
	if (!key || key->serial != entry->serial || !prl_hash_equal(&key->last, &entry->hash) ||
	    !prl_bytes_is(entry->log, clerk->own))
		return false;
	*ret_index = key->last_index;
	return true;
}

/* What an act that counts already overlaps with, and what drone traffic services see of it, in the same batch. */
static prl_status find_overlaps(prl_clerk *clerk, const prl_entry *entry, const json_t *json, prl_error *err)
{
	prl_status st = prl_overlaps_applied(clerk, entry, json, err);
	if (!st)
		st = prl_overlaps_settle(clerk, err);
	if (!st)
		st = prl_bridge_settle(clerk, err);
	if (!st)
		st = prl_meets_settle(clerk, err);
	if (st)
		prl_batch_break(clerk->batch, err);
	return st;
}

static prl_status file_signed(prl_clerk *clerk, prl_filing *filing)
{
	const prl_entry *entry = filing->entry;
	filing->hash = entry->hash;
	if (is_repeat(clerk, entry, filing->json, &filing->index))
		return PRL_OK;
	prl_status st = prl_picture_apply(clerk->parts.picture, clerk->own, clerk->working.own_size, entry,
					  filing->vouched, filing->json, &filing->err);
	if (st)
		return st;
	filing->index = clerk->working.own_size;
	st = append_or_break(clerk, entry->whole, &filing->err);
	if (!st)
		st = prl_contents_keep(clerk, filing, &filing->err);
	return st ? st : find_overlaps(clerk, entry, filing->json, &filing->err);
}

static prl_status file_recorded(prl_clerk *clerk, prl_filing *filing)
{
	record what = { .kind = filing->kind,
			.recorded = filing->recorded,
			.party = filing->party,
			.mode = filing->mode,
			.body = filing->body,
			.json = filing->json };
	prl_status st = write_record(clerk, &what, &filing->hash, &filing->index, &filing->err);
	if (!st)
		st = prl_contents_keep(clerk, filing, &filing->err);
	/* clerk->entry is what was written: nothing has been recorded since. */
	return st ? st : find_overlaps(clerk, &clerk->entry, filing->json, &filing->err);
}

static json_t *restored_body(const prl_clerk *clerk)
{
	return json_pack("{s:s, s:I, s:I}", "from", clerk->restored_by, "first", (json_int_t)clerk->started_with,
			 "size", (json_int_t)clerk->working.own_size);
}

/* What was taken back from a mirror is said before anything new stands in the log. */
static prl_status open_log(prl_clerk *clerk, bool quiet, prl_error *err)
{
	if (!quiet)
		return PRL_LATER;
	clerk->open = true;
	if (clerk->working.own_size > clerk->started_with) {
		prl_status st = prl_clerk_record(clerk, "node.restored", restored_body(clerk), err);
		if (!st && clerk->parts.registry)
			st = prl_registry_catch_up(clerk->parts.registry, err);
		prl_meets_look_again(clerk);
		if (st)
			return st;
	}
	prl_clerk_catch_up(clerk);
	return PRL_OK;
}

static bool takes_before_opening(prl_filing_kind what)
{
	return what != PRL_FILING_SIGNED && what != PRL_FILING_RECORDED && what != PRL_FILING_RETENTION &&
	       what != PRL_FILING_DSS;
}

prl_status prl_clerk_decide(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	prl_error *err = &filing->err;
	prl_status st = filing->status; /* what was found when it was submitted */
	filing->cosignatures[0] = 0;
	if (st)
		return st;
	if (!clerk->open && !takes_before_opening(filing->what))
		return filing->status = prl_error_set(err, PRL_E_EARLY,
						      "the node has not yet heard from a peer how far its own log "
						      "had come");
	switch ((int)filing->what) {
	case PRL_FILING_SIGNED:
		st = file_signed(clerk, filing);
		break;
	case PRL_FILING_RECORDED:
		st = file_recorded(clerk, filing);
		break;
	case PRL_FILING_DSS:
		st = prl_clerk_dss(clerk, filing);
		break;
	case PRL_FILING_MIRROR:
		st = prl_clerk_mirror(clerk, filing, quiet);
		break;
	case PRL_FILING_WITNESS:
		st = prl_clerk_witness(clerk, filing, quiet);
		break;
	case PRL_FILING_COSIGNED:
		st = prl_clerk_cosigned(clerk, filing);
		break;
	case PRL_FILING_CONTENT:
		st = prl_contents_keep(clerk, filing, err);
		break;
	case PRL_FILING_RETENTION:
		st = prl_clerk_retention(clerk, filing);
		break;
	case PRL_FILING_RESTORE:
		st = prl_clerk_restore(clerk, filing, quiet);
		break;
	case PRL_FILING_FORK:
		st = prl_clerk_fork(clerk, filing, quiet);
		break;
	case PRL_FILING_OPENING:
		st = open_log(clerk, quiet, err);
		if (!st)
			st = prl_bridge_settle(clerk, err); /* before the first key is checked */
		break;
	case PRL_FILING_SERVING:
		prl_bridge_open(clerk->bridge);
		break;
	default:
		st = prl_error_set(err, PRL_E_UNSUPPORTED, "no such kind of filing: %d", (int)filing->what);
	}
	if (st != PRL_LATER)
		filing->status = st;
	return st;
}

/* Later than it was over, so that a clock that is set back finds it still there. */
#define SWEEP_MARGIN (86400 * PRL_SECOND)

/* A clock that is not trusted lets nothing be over. */
prl_status prl_clerk_sweep(prl_clerk *clerk, prl_error *err)
{
	const prl_node_state *state =
		prl_picture_node(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(clerk->own));
	if (!clerk->batch->work || (state && state->clock_suspect))
		return PRL_OK;
	return prl_line_sweep(clerk->parts.picture, clerk->parts.now(clerk->parts.context) - SWEEP_MARGIN, clerk->swept,
			      err);
}

void prl_clerk_settle(prl_clerk *clerk)
{
	prl_error err = { 0 };
	if (clerk->open &&
	    (prl_contents_settle(clerk, &err) || prl_overlaps_settle(clerk, &err) || prl_bridge_settle(clerk, &err) ||
	     prl_clerk_end_entities(clerk, &err) || prl_meets_settle(clerk, &err) || prl_clerk_sweep(clerk, &err)))
		prl_batch_break(clerk->batch, &err);
}

void prl_clerk_catch_up(prl_clerk *clerk)
{
	prl_error err = { 0 };
	clerk->behind = false;
	prl_status st = prl_clerk_see(clerk, &err);
	if (!st && clerk->lost)
		st = prl_contents_catch_up(clerk, &err);
	if (!st)
		st = prl_overlaps_go_on(clerk, &err);
	if (!st)
		st = prl_meets_go_on(clerk, &err);
	if (st)
		prl_batch_break(clerk->batch, &err);
	else
		clerk->lost = false;
}
