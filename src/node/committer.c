/* One batch to the disk: the entries of every log with their checkpoints, cosignatures, contents, cells; one commit. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

size_t prl_own_checkpoint(const prl_signer *key, uint64_t size, const prl_hash *root, char note[PRL_OWN_NOTE_MAX])
{
	prl_checkpoint checkpoint = { .size = size, .root = *root };
	memcpy(checkpoint.origin, key->verifier.name, sizeof checkpoint.origin);
	size_t length = prl_checkpoint_write(&checkpoint, note);
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t line_length = prl_note_sign((prl_bytes){ note, length }, key, line);
	note[length++] = '\n';
	memcpy(note + length, line, line_length + 1);
	return length + line_length;
}

/* What is staged; the stages of one write, ours last. */
typedef struct writing {
	prl_stage *stages[PRL_PEERS_MAX + 1];
	prl_store_append appends[PRL_PEERS_MAX + 1];
	size_t count;
	char own_note[PRL_OWN_NOTE_MAX];
} writing;

static prl_status stage(writing *write, prl_ledger *ledger, const prl_bytes *entries, size_t count,
			prl_bytes checkpoint, const prl_signer *own, prl_error *err)
{
	prl_stage *new = NULL;
	prl_status st = prl_ledger_stage(ledger, entries, count, &new, err);
	if (st)
		return st;
	if (own) {
		prl_hash root = prl_stage_root(new);
		checkpoint.data = write->own_note;
		checkpoint.size = prl_own_checkpoint(own, prl_stage_size(new), &root, write->own_note);
	}
	write->stages[write->count] = new;
	write->appends[write->count++] = *prl_stage_append(new, checkpoint);
	return PRL_OK;
}

static prl_status stage_all(prl_clerk *clerk, prl_batch *batch, writing *write, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < batch->log_count; i++) {
		const prl_batch_log *log = &batch->logs[i];
		if (log->entries.count)
			st = stage(write, clerk->parts.peers[i], log->entries.items, log->entries.count,
				   log->checkpoint, NULL, err);
	}
	if (!st && batch->own.count)
		st = stage(write, clerk->parts.own, batch->own.items, batch->own.count, (prl_bytes){ 0 },
			   clerk->parts.log_key, err);
	return st;
}

/* What is kept for that size: by this batch already, or in the store. */
static prl_status kept_for(prl_clerk *clerk, const prl_batch *batch, uint64_t size, prl_buffer *ret, prl_error *err)
{
	for (size_t i = 0; i < batch->cosigned.count; i++) {
		const prl_store_cosigned *item = &batch->cosigned.items[i];
		if (item->log == clerk->own_id && item->size == size)
			return prl_buffer_append(ret, item->checkpoint.data, item->checkpoint.size)
				       ? PRL_OK
				       : prl_error_memory(err);
	}
	uint64_t found = size;
	prl_error why;
	prl_status st = prl_store_cosigned_from(clerk->committer_reader, clerk->own_id, size, &found, ret, &why);
	if (st == PRL_E_NOT_FOUND || found != size) {
		prl_buffer_clear(ret);
		return PRL_OK;
	}
	if (st)
		*err = why;
	return st;
}

/* Only the committer knows what is kept when it writes; so it puts the new cosignatures to the others. */
static prl_status merge_one(prl_clerk *clerk, prl_batch *batch, const prl_batch_merge *merge, prl_error *err)
{
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX), note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_status st = kept_for(clerk, batch, merge->size, &kept, err);
	if (!st && prl_cosigned_merge(clerk->parts.log_key, merge->text, (prl_bytes){ kept.data, kept.size },
				      merge->lines, &note)) {
		prl_bytes copy = prl_batch_copy(batch, note.data, note.size);
		if (!copy.data || !prl_batch_cosign(batch, clerk->own_id, merge->size, copy))
			st = prl_error_memory(err);
	}
	prl_buffer_done(&kept);
	prl_buffer_done(&note);
	return st;
}

static prl_status commit_all(prl_clerk *clerk, const prl_batch *batch, const writing *write, prl_error *err)
{
	prl_store_batch all = { .appends = write->appends,
				.append_count = write->count,
				.cosigned = batch->cosigned.items,
				.cosigned_count = batch->cosigned.count,
				.contents = batch->contents.items,
				.content_count = batch->contents.count,
				.bodies = batch->bodies.items,
				.body_count = batch->bodies.count,
				.cells = batch->cells.items,
				.cell_count = batch->cells.count };
	return prl_store_commit(clerk->parts.store, &all, err);
}

prl_status prl_committer_write(prl_clerk *clerk, prl_batch *batch, prl_error *err)
{
	writing write = { .count = 0 };
	prl_status st = stage_all(clerk, batch, &write, err);
	for (size_t i = 0; !st && i < batch->merges.count; i++)
		st = merge_one(clerk, batch, &batch->merges.items[i], err);
	for (size_t i = 0; !st && clerk->parts.forked && i < batch->forks.count; i++)
		clerk->parts.forked(clerk->parts.context, batch->forks.items[i].log, batch->forks.items[i].proof);
	if (!st)
		st = commit_all(clerk, batch, &write, err);
	for (size_t i = 0; i < write.count; i++) {
		if (st)
			prl_stage_free(write.stages[i]);
		else
			prl_stage_publish(write.stages[i]);
	}
	if (!st)
		prl_picture_publish(clerk->parts.picture, batch->version);
	return st;
}
