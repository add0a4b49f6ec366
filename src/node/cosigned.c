/* Cosignatures of our own checkpoints, as peers return them: checked by the clerk, put to those kept by the committer.
 */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

/* ---- checking ---------------------------------------------------------------------------------------------------- */

/* The lines that hold, gathered over all logs of the constitution. */
typedef struct gathering {
	const prl_clerk *clerk;
	const prl_note *note;
	prl_buffer lines;
	size_t bad;
	char bad_name[PRL_KEY_NAME_MAX + 1];
} gathering;

static const prl_signature *line_of(const prl_note *note, const prl_verifier *key)
{
	for (size_t i = 0; i < note->count; i++)
		if (note->signatures[i].id == key->id && prl_bytes_is(note->signatures[i].name, key->name))
			return &note->signatures[i];
	return NULL;
}

static void gather(gathering *all, const prl_verifier *key)
{
	uint64_t time_s;
	prl_error err;
	const prl_signature *line = line_of(all->note, key);
	if (!line)
		return;
	if (prl_cosignature_verify(all->note, key, &time_s, &err) == PRL_OK) {
		prl_buffer_append(&all->lines, line->line.data, line->line.size);
		return;
	}
	all->bad++;
	memcpy(all->bad_name, key->name, sizeof all->bad_name);
}

static void gather_all(gathering *all)
{
	const prl_constitution *constitution = prl_picture_constitution(all->clerk->parts.picture, PRL_VERSION_WORKING);
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_log *log = &constitution->logs[i];
		if (strcmp(log->origin, all->clerk->own) != 0) {
			gather(all, &log->witness);
			gather(all, &log->mirror);
		}
	}
}

/* Our own checkpoint: of a size and root that our log has. That our key signed it is not enough: after a disk was put
 * back from a copy the key may have signed another history. */
static prl_status check_ours(const prl_clerk *clerk, const prl_checkpoint *checkpoint, prl_error *err)
{
	uint64_t size;
	prl_ledger_head(clerk->parts.own, &size, NULL);
	if (strcmp(checkpoint->origin, clerk->own) != 0)
		return prl_error_set(err, PRL_E_NOT_FOUND, "a checkpoint of %s, expected one of %s", checkpoint->origin,
				     clerk->own);
	if (checkpoint->size > size)
		return prl_error_set(err, PRL_E_RANGE, "a checkpoint of %llu entries, the log has %llu",
				     (unsigned long long)checkpoint->size, (unsigned long long)size);
	prl_hash root;
	prl_status st = prl_ledger_root(clerk->parts.own, clerk->reader, checkpoint->size, &root, err);
	if (!st && !prl_hash_equal(&root, &checkpoint->root))
		st = prl_error_set(err, PRL_E_SIGNATURE, "not the root that the log has at size %llu",
				   (unsigned long long)checkpoint->size);
	return st;
}

static prl_status merge(prl_clerk *clerk, const prl_note *note, uint64_t size, const prl_buffer *lines, prl_error *err)
{
	prl_batch_merge item = { .size = size,
				 .text = prl_batch_copy(clerk->batch, note->text.data, note->text.size),
				 .lines = prl_batch_copy(clerk->batch, lines->data, lines->size) };
	prl_batch_merge *slot = item.text.data && item.lines.data ? PRL_LIST_ADD(&clerk->batch->merges) : NULL;
	if (!slot)
		return prl_error_memory(err);
	*slot = item;
	clerk->batch->work = true;
	return PRL_OK;
}

prl_status prl_clerk_cosigned(prl_clerk *clerk, prl_filing *filing)
{
	prl_note note;
	prl_checkpoint checkpoint;
	prl_error *err = &filing->err;
	prl_status st = prl_note_read(filing->checkpoint, &note, err);
	if (!st)
		st = prl_checkpoint_read(note.text, &checkpoint, err);
	if (!st)
		st = check_ours(clerk, &checkpoint, err);
	if (st)
		return st;
	filing->size = checkpoint.size;
	gathering all = { .clerk = clerk, .note = &note, .lines = PRL_BUFFER(PRL_CHECKPOINT_MAX) };
	gather_all(&all);
	if (all.lines.size)
		st = merge(clerk, &note, checkpoint.size, &all.lines, err);
	if (!st && all.bad)
		st = prl_error_set(err, PRL_E_SIGNATURE, "the cosignature of %s does not hold", all.bad_name);
	else if (!st && !all.lines.size)
		st = prl_error_set(err, PRL_E_SIGNATURE, "no cosignature of a key of the constitution");
	prl_buffer_done(&all.lines);
	return st;
}

/* ---- merging ----------------------------------------------------------------------------------------------------- */

static bool has_line(const prl_note *note, const prl_signature *like)
{
	for (size_t i = 0; i < note->count; i++)
		if (note->signatures[i].id == like->id && prl_bytes_equal(note->signatures[i].name, like->name))
			return true;
	return false;
}

/* What was kept comes first and stays where it is, newer lines of the same key take its place at the end. */
static bool put_kept(prl_bytes text, prl_bytes kept, const prl_note *newer, const prl_verifier *log, prl_buffer *to)
{
	prl_note note;
	prl_error err;
	if (!kept.data || prl_note_read(kept, &note, &err) || !prl_bytes_equal(note.text, text))
		return true;
	bool done = true;
	for (size_t i = 0; done && i < note.count; i++)
		if (!prl_bytes_is(note.signatures[i].name, log->name) && !has_line(newer, &note.signatures[i]))
			done = prl_buffer_append(to, note.signatures[i].line.data, note.signatures[i].line.size);
	return done;
}

bool prl_cosigned_merge(const prl_signer *log_key, prl_bytes text, prl_bytes kept, prl_bytes lines, prl_buffer *ret)
{
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t length = prl_note_sign(text, log_key, line);
	prl_buffer fresh = PRL_BUFFER(2 * PRL_CHECKPOINT_MAX);
	prl_note newer;
	prl_error err;
	bool done = prl_buffer_append(&fresh, text.data, text.size) && prl_buffer_append(&fresh, "\n", 1) &&
		    prl_buffer_append(&fresh, lines.data, lines.size) &&
		    prl_note_read((prl_bytes){ fresh.data, fresh.size }, &newer, &err) == PRL_OK;
	done = done && prl_buffer_append(ret, text.data, text.size) && prl_buffer_append(ret, "\n", 1) &&
	       prl_buffer_append(ret, line, length) && put_kept(text, kept, &newer, &log_key->verifier, ret) &&
	       prl_buffer_append(ret, lines.data, lines.size);
	prl_buffer_done(&fresh);
	return done;
}
