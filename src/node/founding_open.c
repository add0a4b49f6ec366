/* The first entries of a new log. */
#include "node/founding.h"

#include "base/error.h"
#include "picture/kinds.h"
#include "record/ledger.h"

#include <stdlib.h>
#include <string.h>

/* Every entry goes through the fold, so that nothing stands in a new log that a start would refuse. */
static prl_status try_fold(const char *origin, const prl_bytes *entries, size_t count, prl_error *err)
{
	prl_picture *picture = NULL;
	prl_status st = prl_picture_new(origin, &picture, err);
	for (size_t i = 0; !st && i < count; i++) {
		prl_entry entry;
		st = prl_entry_read(entries[i], &entry, err);
		if (!st)
			st = prl_picture_apply(picture, origin, i, &entry, NULL, NULL, err);
		if (st)
			prl_error_at(err, st, "entry %zu", i);
	}
	prl_picture_free(picture);
	return st;
}

static size_t sign_checkpoint(const prl_stage *stage, const prl_signer *key, char note[PRL_CHECKPOINT_MAX])
{
	prl_checkpoint checkpoint = { .size = prl_stage_size(stage), .root = prl_stage_root(stage) };
	memcpy(checkpoint.origin, key->verifier.name, sizeof checkpoint.origin);
	size_t length = prl_checkpoint_write(&checkpoint, note);
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t line_length = prl_note_sign((prl_bytes){ note, length }, key, line);
	note[length++] = '\n';
	memcpy(note + length, line, line_length);
	return length + line_length;
}

static prl_status append(prl_store *store, prl_ledger *ledger, const prl_signer *key, const prl_bytes *entries,
			 size_t count, prl_error *err)
{
	uint64_t size;
	prl_ledger_head(ledger, &size, NULL);
	if (size)
		return prl_error_set(err, PRL_E_DUPLICATE, "the log %s already holds %llu entries", key->verifier.name,
				     (unsigned long long)size);
	prl_stage *stage = NULL;
	prl_status st = prl_ledger_take(ledger, err);
	if (!st)
		st = prl_ledger_stage(ledger, entries, count, &stage, err);
	if (st)
		return st;
	char note[PRL_CHECKPOINT_MAX];
	size_t length = sign_checkpoint(stage, key, note);
	prl_store_batch batch = { .appends = prl_stage_append(stage, (prl_bytes){ note, length }), .append_count = 1 };
	st = prl_store_commit(store, &batch, err);
	if (st)
		prl_stage_free(stage);
	else
		prl_stage_publish(stage);
	return st;
}

prl_status prl_founding_open(const char *store_path, const prl_signer *log_key, const prl_bytes *entries, size_t count,
			     prl_error *err)
{
	prl_store *store = NULL;
	prl_ledger *ledger = NULL;
	prl_status st = try_fold(log_key->verifier.name, entries, count, err);
	if (!st)
		st = prl_store_open(store_path, PRL_STORE_CREATE, &store, err);
	if (!st)
		st = prl_ledger_open(store, log_key->verifier.name, true, &ledger, err);
	if (!st)
		st = append(store, ledger, log_key, entries, count, err);
	prl_ledger_free(ledger);
	prl_store_close(store);
	return st;
}
