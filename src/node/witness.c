/* Cosignatures of peers' checkpoints: the witness key for the largest consistent tree seen (tlog-witness v1.0.0), the
 * mirror key for what is held. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

prl_status prl_clerk_checkpoint(prl_clerk *clerk, size_t peer, prl_bytes bytes, prl_checkpoint *ret, prl_note *ret_note,
				prl_error *err)
{
	const char *origin = prl_ledger_origin(clerk->parts.peers[peer]);
	const prl_log *log = prl_picture_log(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(origin));
	if (!log)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the constitution names no log %s", origin);
	return prl_checkpoint_open(bytes, &log->key, ret, ret_note, err);
}

/* ---- cosigning --------------------------------------------------------------------------------------------------- */

/* By the wall clock, and never earlier than the cosignature before. */
static uint64_t cosigned_time(prl_clerk *clerk)
{
	prl_time now = clerk->parts.now(clerk->parts.context);
	uint64_t seconds = now > 0 ? (uint64_t)(now / PRL_SECOND) : 0;
	if (seconds > clerk->cosigned_s)
		clerk->cosigned_s = seconds;
	return clerk->cosigned_s;
}

static bool is_of(const prl_signature *signature, const prl_verifier *key)
{
	return signature->id == key->id && prl_bytes_is(signature->name, key->name);
}

/* Lines of others are kept where they are by a key of the constitution and hold. Anybody may send the witness a
 * checkpoint: a made-up line under a known key's name, once kept, would make others refuse the whole note. */
static bool is_by_cosigner(const prl_clerk *clerk, const prl_note *note, const prl_signature *line)
{
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, PRL_VERSION_WORKING);
	uint64_t time_s;
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_log *log = &constitution->logs[i];
		const prl_verifier *key = is_of(line, &log->witness)  ? &log->witness
					  : is_of(line, &log->mirror) ? &log->mirror
								      : NULL;
		if (key)
			return prl_cosignature_verify(note, key, &time_s, NULL) == PRL_OK;
	}
	return false;
}

/* all: with the lines of other cosigners; the log's own, whose name is the origin, always. */
static bool write_note(const prl_note *note, const prl_clerk *clerk, const char *lines, bool all, prl_buffer *to)
{
	prl_bytes rest = note->text, origin;
	bool done = prl_line_take(&rest, &origin) && prl_buffer_append(to, note->text.data, note->text.size) &&
		    prl_buffer_append(to, "\n", 1);
	for (size_t i = 0; done && i < note->count; i++) {
		const prl_signature *line = &note->signatures[i];
		bool ours = is_of(line, &clerk->parts.witness_key->verifier) ||
			    is_of(line, &clerk->parts.mirror_key->verifier);
		if (!ours && (prl_bytes_equal(line->name, origin) || (all && is_by_cosigner(clerk, note, line))))
			done = prl_buffer_append(to, line->line.data, line->line.size);
	}
	return done && prl_buffer_append(to, lines, strlen(lines));
}

/* The note with our lines in place of older ones of ours, and what others signed where there is room. */
static prl_status put_note(prl_clerk *clerk, size_t peer, const prl_note *note, uint64_t size, const char *lines,
			   prl_error *err)
{
	prl_buffer whole = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	bool written = write_note(note, clerk, lines, true, &whole);
	if (!written) {
		prl_buffer_clear(&whole);
		written = write_note(note, clerk, lines, false, &whole);
	}
	prl_bytes copy = written ? prl_batch_copy(clerk->batch, whole.data, whole.size) : (prl_bytes){ 0 };
	prl_buffer_done(&whole);
	if (!copy.data || !prl_batch_cosign(clerk->batch, clerk->peer_ids[peer], size, copy))
		return prl_error_memory(err);
	return PRL_OK;
}

static prl_status put_cell(prl_clerk *clerk, const char *name, const char *text, prl_error *err)
{
	prl_bytes key = prl_batch_copy(clerk->batch, name, strlen(name));
	prl_bytes value = prl_batch_copy(clerk->batch, text, strlen(text));
	if (!key.data || !value.data || !prl_batch_cell(clerk->batch, key.data, value))
		return prl_error_memory(err);
	return PRL_OK;
}

/* What the keys have signed must be known after a restart before they sign again. */
static prl_status put_cells(prl_clerk *clerk, size_t peer, prl_error *err)
{
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	char name[sizeof "witnessed/" + PRL_KEY_NAME_MAX], root[PRL_HASH_TEXT_MAX], text[PRL_HASH_TEXT_MAX + 24];
	snprintf(name, sizeof name, "witnessed/%s", prl_ledger_origin(clerk->parts.peers[peer]));
	prl_hash_write(&mirror->witnessed_root, root);
	snprintf(text, sizeof text, "%llu %s", (unsigned long long)mirror->witnessed, root);
	prl_status st = put_cell(clerk, name, text, err);
	if (st)
		return st;
	snprintf(text, sizeof text, "%llu", (unsigned long long)clerk->cosigned_s);
	return put_cell(clerk, "cosigned", text, err);
}

prl_status prl_clerk_cosign(prl_clerk *clerk, size_t peer, const prl_note *note, const prl_checkpoint *checkpoint,
			    bool mirror, prl_filing *filing, prl_error *err)
{
	prl_mirror *state = &clerk->working.mirrors[peer];
	uint64_t time_s = cosigned_time(clerk);
	bool witness = checkpoint->size >= state->witnessed, held = checkpoint->size == state->held.size;
	if (mirror || (held && !state->mirror_line[0]))
		prl_cosign(note->text, clerk->parts.mirror_key, time_s, state->mirror_line);
	if (witness) {
		prl_cosign(note->text, clerk->parts.witness_key, time_s, state->witness_line);
		state->witnessed = checkpoint->size;
		state->witnessed_root = checkpoint->root;
	}
	char lines[2 * PRL_SIGNATURE_LINE_MAX];
	snprintf(lines, sizeof lines, "%s%s", witness ? state->witness_line : "", held ? state->mirror_line : "");
	snprintf(filing->cosignatures, sizeof filing->cosignatures, "%s%s", witness ? state->witness_line : "",
		 mirror ? state->mirror_line : "");
	prl_status st = put_note(clerk, peer, note, checkpoint->size, lines, err);
	return st ? st : put_cells(clerk, peer, err);
}

/* ---- add-checkpoint ---------------------------------------------------------------------------------------------- */

/* tlog-witness, add-checkpoint: the checks in the order in which the specification has its status codes. */
static prl_status check_consistency(const prl_filing *filing, const prl_mirror *mirror,
				    const prl_checkpoint *checkpoint, prl_error *err)
{
	static const prl_proof none;
	const prl_proof *proof = filing->proof ? filing->proof : &none;
	if (filing->old_size > checkpoint->size)
		return prl_error_set(err, PRL_E_RANGE, "old %llu is above the checkpoint's size %llu",
				     (unsigned long long)filing->old_size, (unsigned long long)checkpoint->size);
	if (filing->old_size != mirror->witnessed)
		return prl_error_set(err, PRL_E_STALE, "old %llu, but the size last cosigned is %llu",
				     (unsigned long long)filing->old_size, (unsigned long long)mirror->witnessed);
	prl_hash empty = prl_empty_root();
	if (checkpoint->size == 0 && !prl_hash_equal(&checkpoint->root, &empty))
		return prl_error_set(err, PRL_E_SIGNATURE, "size 0 with a root that is not that of the empty tree");
	if (checkpoint->size == mirror->witnessed) {
		if (checkpoint->size && !prl_hash_equal(&checkpoint->root, &mirror->witnessed_root))
			return prl_error_set(err, PRL_E_SIGNATURE, "another root than the one cosigned at size %llu",
					     (unsigned long long)checkpoint->size);
		return proof->count ? prl_error_set(err, PRL_E_SIGNATURE, "a proof between equal sizes, expected none")
				    : PRL_OK;
	}
	return prl_consistency_verify(mirror->witnessed, &mirror->witnessed_root, checkpoint->size, &checkpoint->root,
				      proof, err);
}

/* A refused checkpoint of the log's own key may be one of another history: then that is recorded. */
static prl_status look_for_fork(prl_clerk *clerk, size_t peer, const prl_filing *filing,
				const prl_checkpoint *checkpoint, prl_error *err)
{
	const prl_mirror *mirror = &clerk->working.mirrors[peer];
	if (checkpoint->size == mirror->witnessed && mirror->witnessed > mirror->held.size)
		return prl_clerk_compare_witnessed(clerk, peer, filing->checkpoint, checkpoint, NULL, 0, err);
	if (checkpoint->size <= mirror->held.size)
		return prl_clerk_compare(clerk, peer, filing->checkpoint, checkpoint, err);
	return PRL_OK;
}

/* The same tree again within a second: the line would be the same. Anybody may ask, and none of them gets a write to the
 * disk for it. */
static bool repeats(prl_clerk *clerk, const prl_mirror *mirror, const prl_checkpoint *checkpoint)
{
	uint64_t before = clerk->cosigned_s;
	return checkpoint->size == mirror->witnessed && mirror->witness_line[0] && cosigned_time(clerk) == before;
}

static prl_status witness_one(prl_clerk *clerk, size_t peer, const prl_note *note, const prl_checkpoint *checkpoint,
			      prl_filing *filing, bool quiet)
{
	prl_mirror *mirror = &clerk->working.mirrors[peer];
	prl_status st = check_consistency(filing, mirror, checkpoint, &filing->err);
	if (!st && repeats(clerk, mirror, checkpoint)) {
		snprintf(filing->cosignatures, sizeof filing->cosignatures, "%s", mirror->witness_line);
		return PRL_OK;
	}
	if (!st)
		return prl_clerk_cosign(clerk, peer, note, checkpoint, false, filing, &filing->err);
	if (checkpoint->size > mirror->held.size && checkpoint->size != mirror->witnessed)
		return st; /* nothing to compare it with */
	if (!quiet)
		return PRL_LATER;
	/* The specification's status stays, whatever else is found out: add-checkpoint knows no forks. */
	prl_error other = { 0 };
	if (look_for_fork(clerk, peer, filing, checkpoint, &other) == PRL_E_FORKED) {
		filing->err = other;
		filing->err.status = st;
	}
	return st;
}

prl_status prl_clerk_witness(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	prl_note note;
	prl_checkpoint checkpoint;
	prl_status st = prl_note_read(filing->checkpoint, &note, &filing->err);
	if (!st)
		st = prl_checkpoint_read(note.text, &checkpoint, &filing->err);
	if (st)
		return st;
	size_t peer = prl_clerk_peer(clerk, prl_bytes_of(checkpoint.origin));
	if (peer == PRL_NO_PEER)
		return prl_error_set(&filing->err, PRL_E_NOT_FOUND, "no log %s is known here", checkpoint.origin);
	filing->size = clerk->working.mirrors[peer].witnessed;
	st = prl_clerk_checkpoint(clerk, peer, filing->checkpoint, &checkpoint, &note, &filing->err);
	if (st) {
		filing->err.status = PRL_E_REFUSED;
		return PRL_E_REFUSED;
	}
	if (prl_clerk_forked(clerk, peer))
		return prl_error_set(&filing->err, PRL_E_FORKED,
				     "%s signed two histories: nothing later from it is taken", checkpoint.origin);
	st = witness_one(clerk, peer, &note, &checkpoint, filing, quiet);
	if (!st)
		filing->size = clerk->working.mirrors[peer].witnessed;
	return st;
}
