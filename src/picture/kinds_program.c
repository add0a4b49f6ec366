/* Programs: clients without a key of their own, for whom the node records entries. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <string.h>

static bool save(const void *value, prl_buffer *to)
{
	const prl_program *program = value;
	return prl_pack_text(to, program->name) && prl_pack_text(to, program->party) &&
	       prl_pack_text(to, program->title) && prl_pack_hash(to, &program->token) &&
	       prl_pack_number(to, program->from) && prl_pack_number(to, program->until);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_program program;
	prl_unpack_text(&from, program.name, sizeof program.name);
	prl_unpack_text(&from, program.party, sizeof program.party);
	prl_unpack_text(&from, program.title, sizeof program.title);
	program.token = prl_unpack_hash(&from);
	program.from = prl_unpack_number(&from, UINT64_MAX);
	program.until = prl_unpack_number(&from, UINT64_MAX);
	if (!prl_unpack_end(&from, "program", err))
		return NULL;
	prl_program *copy = malloc(sizeof *copy);
	if (copy)
		*copy = program;
	else
		prl_error_memory(err);
	return copy;
}

const prl_noun prl_program_noun = { .name = "program", .shared = true, .save = save, .load = load, .free = free };

const prl_program *prl_picture_program(prl_picture *picture, prl_version version, prl_bytes name)
{
	return prl_picture_find(picture, version, PRL_TABLE_PROGRAM, name);
}

static prl_status put(prl_picture *picture, const prl_program *program, prl_error *err)
{
	prl_program *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *program;
	return prl_picture_put(picture, PRL_TABLE_PROGRAM, prl_bytes_of(program->name), copy, err);
}

static prl_status admitted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_program program = { .from = act->index + 1, .until = PRL_INDEX_NEVER };
	const prl_party *party = prl_act_party(picture, act, act->entry->party);
	prl_status status = prl_body_copy(act->body, "program", program.name, sizeof program.name, err);
	if (!status)
		status = prl_body_copy(act->body, "title", program.title, sizeof program.title, err);
	if (!status)
		status = prl_body_hash(act->body, "token", &program.token, err);
	if (!status)
		status = prl_name_check(prl_bytes_of(program.name), party->name, "program", err);
	if (status)
		return status;
	if (prl_picture_program(picture, PRL_VERSION_WORKING, prl_bytes_of(program.name)))
		return prl_error_set(err, PRL_E_DUPLICATE, "there is or was a program %s; a name is given once",
				     program.name);
	memcpy(program.party, party->name, sizeof program.party);
	return put(picture, &program, err);
}

static prl_status dismissed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "program");
	const prl_program *program = prl_picture_program(picture, PRL_VERSION_WORKING, name);
	if (!program || !prl_bytes_is(act->entry->party, program->party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "party %.*s has no program %.*s",
				     (int)act->entry->party.size, act->entry->party.data, (int)name.size, name.data);
	if (program->until != PRL_INDEX_NEVER)
		return prl_error_set(err, PRL_E_REFUSED, "program %s was dismissed before", program->name);
	prl_program gone = *program;
	gone.until = act->index + 1;
	return put(picture, &gone, err);
}

static const prl_act_kind kinds[] = {
	{ "program.admitted", PRL_SIGNED_BY_DESK, false, admitted },
	{ "program.dismissed", PRL_SIGNED_BY_DESK, false, dismissed },
};
const prl_kinds prl_program_kinds = PRL_KINDS_OF(kinds);
