/* An entry's inclusion as a file that needs nothing else but the log's key (tlog-proof). */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/proof_lines.h"

#include <parley/record.h>

#include <string.h>

static const char head[] = "c2sp.org/tlog-proof@v1";

static prl_status bad_line(prl_error *err, size_t line, const char *expected)
{
	prl_error_set(err, PRL_E_SYNTAX, "not a proof file (tlog-proof): expected %s", expected);
	if (err)
		err->line = line;
	return PRL_E_SYNTAX;
}

static bool is_base64(prl_bytes text)
{
	uint8_t bytes[PRL_PROOF_FILE_MAX];
	size_t size;
	return prl_base64_read(text, bytes, sizeof bytes, &size) && size;
}

static bool starts(prl_bytes line, const char *word, prl_bytes *ret_rest)
{
	size_t length = strlen(word);
	if (line.size < length || memcmp(line.data, word, length) != 0)
		return false;
	*ret_rest = (prl_bytes){ line.data + length, line.size - length };
	return true;
}

prl_status prl_proof_file_read(prl_bytes bytes, prl_proof_file *ret, prl_error *err)
{
	prl_proof_file file = { 0 };
	prl_bytes line, value;
	size_t number = 2;
	if (bytes.size > PRL_PROOF_FILE_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a proof file of %zu bytes, expected at most %u", bytes.size,
				     PRL_PROOF_FILE_MAX);
	if (!prl_line_take(&bytes, &line) || !prl_bytes_is(line, head))
		return bad_line(err, 1, head);
	if (!prl_line_take(&bytes, &line))
		return bad_line(err, number, "an index");
	if (starts(line, "extra ", &file.extra)) {
		if (!is_base64(file.extra))
			return bad_line(err, number, "base64 after \"extra\"");
		if (!prl_line_take(&bytes, &line))
			return bad_line(err, ++number, "an index");
		number++;
	}
	if (!starts(line, "index ", &value) || !prl_decimal_read(value, &file.index))
		return bad_line(err, number, "an index, as \"index 73894\"");
	if (!prl_proof_lines_take(&bytes, &file.proof))
		return bad_line(err, number + 1 + file.proof.count, "a hash in base64, or an empty line");
	if (!bytes.size || bytes.size > PRL_CHECKPOINT_MAX)
		return bad_line(err, number + 2 + file.proof.count, "a checkpoint");
	file.checkpoint = bytes;
	*ret = file;
	return PRL_OK;
}

size_t prl_proof_file_write(const prl_proof_file *file, char *text, size_t room)
{
	prl_buffer buffer = PRL_BUFFER(PRL_PROOF_FILE_MAX);
	prl_buffer_printf(&buffer, "%s\n", head);
	if (file->extra.data)
		prl_buffer_printf(&buffer, "extra %.*s\n", (int)file->extra.size, file->extra.data);
	prl_buffer_printf(&buffer, "index %llu\n", (unsigned long long)file->index);
	prl_proof_lines_write(&file->proof, &buffer);
	prl_buffer_append(&buffer, file->checkpoint.data, file->checkpoint.size);
	return prl_buffer_hand_over(&buffer, text, room);
}

prl_status prl_proof_file_verify(const prl_proof_file *file, prl_bytes entry, const prl_verifier *log,
				 prl_checkpoint *ret_checkpoint, prl_error *err)
{
	prl_checkpoint checkpoint;
	prl_status status = prl_checkpoint_open(file->checkpoint, log, &checkpoint, NULL, err);
	if (status)
		return status;
	prl_hash leaf = prl_leaf_hash(entry);
	status = prl_inclusion_verify(&leaf, file->index, checkpoint.size, &file->proof, &checkpoint.root, err);
	if (!status && ret_checkpoint)
		*ret_checkpoint = checkpoint;
	return status;
}
