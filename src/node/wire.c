#include "node/wire.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* ---- pushes ------------------------------------------------------------------------------------------------------ */

static prl_status number_line(prl_bytes *body, uint64_t *ret, prl_error *err)
{
	prl_bytes line;
	if (!prl_line_take(body, &line) || !prl_decimal_read(line, ret))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"a push begins with its start and the length of its checkpoint, a decimal line each");
	return PRL_OK;
}

static prl_status entries_read(prl_bytes rest, size_t room, prl_push *ret, prl_error *err)
{
	while (rest.size) {
		if (ret->count == room)
			return prl_error_set(err, PRL_E_TOO_LARGE, "a push has at most %zu entries", room);
		if (prl_bundle_take(&rest, &ret->entries[ret->count], NULL))
			return prl_error_set(err, PRL_E_SYNTAX, "entry %zu of the push is cut off", ret->count);
		ret->count++;
	}
	return PRL_OK;
}

prl_status prl_push_read(prl_bytes body, prl_bytes *entries, size_t room, prl_push *ret, prl_error *err)
{
	uint64_t length = 0;
	prl_status status = number_line(&body, &ret->start, err);
	if (!status)
		status = number_line(&body, &length, err);
	if (status)
		return status;
	if (length > PRL_CHECKPOINT_MAX || length > body.size)
		return prl_error_set(err, PRL_E_RANGE, "a checkpoint of %llu bytes is not in this push",
				     (unsigned long long)length);
	ret->checkpoint = (prl_bytes){ body.data, (size_t)length };
	ret->count = 0;
	ret->entries = entries;
	return entries_read((prl_bytes){ body.data + length, body.size - (size_t)length }, room, ret, err);
}

/* ---- witnessing -------------------------------------------------------------------------------------------------- */

prl_status prl_witness_read(prl_bytes body, prl_witness_request *ret, prl_error *err)
{
	prl_bytes line;
	ret->proof.count = 0;
	if (!prl_line_take(&body, &line) || line.size < 5 || memcmp(line.data, "old ", 4) != 0 ||
	    !prl_decimal_read((prl_bytes){ line.data + 4, line.size - 4 }, &ret->old_size))
		return prl_error_set(err, PRL_E_SYNTAX, "the first line should be \"old \" and a decimal size");
	for (;;) {
		if (!prl_line_take(&body, &line))
			return prl_error_set(err, PRL_E_SYNTAX, "an empty line and a checkpoint were expected");
		if (!line.size)
			break;
		if (ret->proof.count == PRL_WITNESS_PROOF_MAX)
			return prl_error_set(err, PRL_E_SYNTAX, "a proof of at most %u hashes was expected",
					     PRL_WITNESS_PROOF_MAX);
		if (!prl_hash_read(line, &ret->proof.hashes[ret->proof.count++]))
			return prl_error_set(err, PRL_E_SYNTAX, "hash %zu of the proof is no base64 of 32 bytes",
					     ret->proof.count);
	}
	prl_note note;
	ret->note = body;
	prl_status status = prl_note_read(body, &note, err);
	return status ? status : prl_checkpoint_read(note.text, &ret->checkpoint, err);
}

/* ---- logins ------------------------------------------------------------------------------------------------------ */

static bool field_take(prl_bytes *rest, const char *name, prl_bytes *ret)
{
	prl_bytes after = *rest, line;
	size_t length = strlen(name);
	if (!prl_line_take(&after, &line) || line.size < length + 2 || memcmp(line.data, name, length) != 0 ||
	    line.data[length] != ' ')
		return false;
	*ret = (prl_bytes){ line.data + length + 1, line.size - length - 1 };
	*rest = after;
	return true;
}

static bool head_take(prl_bytes *rest, prl_login *ret, prl_bytes *ret_time)
{
	prl_bytes kind, line, mode, empty;
	if (!field_take(rest, "parley/v1", &kind) || !prl_bytes_is(kind, "login") || !field_take(rest, "line", &line) ||
	    !prl_hash_read(line, &ret->line) || !field_take(rest, "log", &ret->log))
		return false;
	(void)field_take(rest, "party", &ret->party);
	(void)field_take(rest, "desk", &ret->desk);
	return field_take(rest, "key", &ret->key) && field_take(rest, "mode", &mode) &&
	       field_take(rest, "time", ret_time) && prl_line_take(rest, &empty) && empty.size == 0;
}

prl_status prl_login_read(prl_bytes bytes, prl_login *ret, prl_error *err)
{
	prl_bytes time;
	prl_time instant;
	if (bytes.size > PRL_LOGIN_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a login has at most %u bytes", PRL_LOGIN_MAX);
	ret->party = ret->desk = (prl_bytes){ NULL, 0 };
	prl_status status = prl_note_read(bytes, &ret->note, err);
	if (status)
		return status;
	ret->body = ret->note.text;
	if (!head_take(&ret->body, ret, &time))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "a login has the lines \"parley/v1 login\", line, log, party, desk, key, mode and "
				     "time, an empty line and a body with the nonce");
	return prl_time_parse(time.data, time.size, &instant, err);
}
