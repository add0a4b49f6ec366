/* Proof that a log signed two histories. The format is on top of prl_fork in include/parley/record.h. */
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/merkle.h"
#include "record/proof_lines.h"

#include <string.h>

static const char head[] = "parley/v1 fork";

/* Takes a checkpoint note with the empty line after it. A checkpoint's text has no empty line (tlog-checkpoint), so the
 * first empty line ends the text and the second the signatures. */
static bool take_note(prl_bytes *rest, prl_bytes *ret)
{
	const char *start = rest->data;
	prl_bytes line;
	for (int empty = 0; prl_line_take(rest, &line);) {
		if (line.size || ++empty < 2)
			continue;
		*ret = (prl_bytes){ start, (size_t)(line.data - start) };
		return ret->size <= PRL_CHECKPOINT_MAX;
	}
	return false;
}

prl_status prl_fork_read(prl_bytes bytes, prl_fork *ret, prl_error *err)
{
	prl_fork fork = { 0 };
	prl_bytes line;
	if (bytes.size > PRL_FORK_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a fork proof of %zu bytes, expected at most %u", bytes.size,
				     PRL_FORK_MAX);
	if (!prl_line_take(&bytes, &line) || !prl_bytes_is(line, head))
		return prl_error_set(err, PRL_E_SYNTAX, "not a fork proof: expected \"%s\" in its first line", head);
	if (!prl_proof_lines_take(&bytes, &fork.proof))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "not a fork proof: expected hashes in base64, then an empty line");
	if (!take_note(&bytes, &fork.older))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "not a fork proof: expected the older checkpoint, then an empty line");
	if (!bytes.size || bytes.size > PRL_CHECKPOINT_MAX)
		return prl_error_set(err, PRL_E_SYNTAX, "not a fork proof: expected the newer checkpoint");
	fork.newer = bytes;
	*ret = fork;
	return PRL_OK;
}

size_t prl_fork_write(const prl_fork *fork, char *text, size_t room)
{
	prl_buffer buffer = PRL_BUFFER(PRL_FORK_MAX);
	prl_buffer_printf(&buffer, "%s\n", head);
	prl_proof_lines_write(&fork->proof, &buffer);
	prl_buffer_append(&buffer, fork->older.data, fork->older.size);
	prl_buffer_append(&buffer, "\n", 1);
	prl_buffer_append(&buffer, fork->newer.data, fork->newer.size);
	return prl_buffer_hand_over(&buffer, text, room);
}

/* The root that the newer tree has at the older size: shown by the path, which must lead to the newer root. */
static prl_status root_within(const prl_checkpoint *older, const prl_checkpoint *newer, const prl_proof *proof,
			      prl_hash *ret, prl_error *err)
{
	prl_hash old, new;
	if (older->size == newer->size || !older->size) {
		if (proof->count)
			return prl_error_set(err, PRL_E_SIGNATURE, "the fork proof holds %zu hashes, expected none",
					     proof->count);
		*ret = older->size ? newer->root : prl_empty_root();
		return PRL_OK;
	}
	if (!proof->count || proof->count > PRL_PROOF_MAX ||
	    !prl_consistency_roots(older->size, newer->size, &proof->hashes[0], proof->hashes + 1, proof->count - 1,
				   &old, &new))
		return prl_error_set(err, PRL_E_SIGNATURE, "%zu hashes do not fit the sizes %llu and %llu",
				     proof->count, (unsigned long long)older->size, (unsigned long long)newer->size);
	if (!prl_hash_equal(&new, &newer->root))
		return prl_error_set(err, PRL_E_SIGNATURE, "the hashes do not lead to the newer root");
	*ret = old;
	return PRL_OK;
}

prl_status prl_fork_verify(const prl_fork *fork, const prl_verifier *log, prl_error *err)
{
	prl_checkpoint older, newer;
	prl_hash root;
	prl_status status = prl_checkpoint_open(fork->older, log, &older, NULL, err);
	if (status)
		return prl_error_at(err, status, "older checkpoint");
	status = prl_checkpoint_open(fork->newer, log, &newer, NULL, err);
	if (status)
		return prl_error_at(err, status, "newer checkpoint");
	if (older.size > newer.size)
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "the older checkpoint's size %llu is above the newer one's %llu",
				     (unsigned long long)older.size, (unsigned long long)newer.size);
	status = root_within(&older, &newer, &fork->proof, &root, err);
	if (status)
		return status;
	if (prl_hash_equal(&root, &older.root))
		return prl_error_set(err, PRL_E_SIGNATURE, "no fork: both checkpoints are of one history");
	return PRL_OK;
}
