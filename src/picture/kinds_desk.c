/* Desks: opened and closed by the party's root. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <stdio.h>
#include <string.h>

static bool save(const void *value, prl_buffer *to)
{
	const prl_desk *desk = value;
	return prl_pack_text(to, desk->name) && prl_pack_text(to, desk->party) && prl_pack_text(to, desk->title) &&
	       prl_pack_number(to, desk->opened) && prl_pack_number(to, desk->closed);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_desk desk;
	prl_unpack_text(&from, desk.name, sizeof desk.name);
	prl_unpack_text(&from, desk.party, sizeof desk.party);
	prl_unpack_text(&from, desk.title, sizeof desk.title);
	desk.opened = prl_unpack_number(&from, UINT64_MAX);
	desk.closed = prl_unpack_number(&from, UINT64_MAX);
	if (!prl_unpack_end(&from, "desk", err))
		return NULL;
	prl_desk *copy = malloc(sizeof *copy);
	if (copy)
		*copy = desk;
	else
		prl_error_memory(err);
	return copy;
}

const prl_noun prl_desk_noun = { .name = "desk", .shared = true, .save = save, .load = load, .free = free };

const prl_desk *prl_picture_desk(prl_picture *picture, prl_version version, prl_bytes name)
{
	return prl_picture_find(picture, version, PRL_TABLE_DESK, name);
}

static prl_status put(prl_picture *picture, const prl_desk *desk, prl_error *err)
{
	prl_desk *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *desk;
	return prl_picture_put(picture, PRL_TABLE_DESK, prl_bytes_of(desk->name), copy, err);
}

prl_status prl_name_check(prl_bytes name, const char *party, const char *what, prl_error *err)
{
	size_t length = strlen(party);
	if (name.size >= length + 2 && memcmp(name.data, party, length) == 0 && name.data[length] == '-' &&
	    !memchr(name.data, '/', name.size))
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED, "%s %.*s: its name begins with %s- and has no /", what, (int)name.size,
			     name.data, party);
}

static prl_status opened(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_desk desk = { .opened = act->index, .closed = PRL_INDEX_NEVER };
	prl_verifier verifier;
	const prl_party *party = prl_act_party(picture, act, act->entry->party);
	prl_status status = prl_body_copy(act->body, "desk", desk.name, sizeof desk.name, err);
	if (!status)
		status = prl_body_copy(act->body, "title", desk.title, sizeof desk.title, err);
	if (!status)
		status = prl_name_check(prl_bytes_of(desk.name), party->name, "desk", err);
	if (!status)
		status = prl_body_verifier(act->body, "key", PRL_KEY_NOTE, &verifier, err);
	if (status)
		return status;
	memcpy(desk.party, party->name, sizeof desk.party);
	if (strcmp(verifier.name, desk.name) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "key %s: the desk's key is called as the desk, %s",
				     verifier.name, desk.name);
	if (prl_picture_desk(picture, PRL_VERSION_WORKING, prl_bytes_of(desk.name)))
		return prl_error_set(err, PRL_E_DUPLICATE, "there is or was a desk %s; a name is given once",
				     desk.name);
	status = put(picture, &desk, err);
	return status ? status
		      : prl_key_add(picture, &verifier, desk.party, desk.name, PRL_ROLE_DESK, act->index + 1, err);
}

typedef struct ending {
	const char *desk;
	prl_bytes *names;
	size_t count, room;
	bool failed;
} ending;

static bool collect(void *context, prl_bytes name, const void *value)
{
	ending *end = context;
	const prl_key *key = value;
	if (strcmp(key->desk, end->desk) != 0 || key->until != PRL_INDEX_NEVER)
		return true;
	if (end->count == end->room) {
		size_t room = end->room ? 2 * end->room : 16;
		prl_bytes *names = prl_array_resize(end->names, room, sizeof *names);
		if (!names)
			return !(end->failed = true);
		end->names = names;
		end->room = room;
	}
	end->names[end->count++] = name;
	return true;
}

/* Looks at every key: desks are closed a few times a year. */
static prl_status end_keys(prl_picture *picture, const prl_act *act, const char *desk, prl_error *err)
{
	ending end = { .desk = desk };
	prl_status status = prl_picture_each(picture, PRL_VERSION_WORKING, PRL_TABLE_KEY, collect, &end, err);
	if (!status && end.failed)
		status = prl_error_memory(err);
	for (size_t i = 0; i < end.count && !status; i++)
		status = prl_key_end(picture, prl_picture_key(picture, PRL_VERSION_WORKING, end.names[i]), act->index,
				     err);
	free(end.names);
	return status;
}

static prl_status closed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "desk");
	const prl_desk *desk = prl_picture_desk(picture, PRL_VERSION_WORKING, name);
	if (!desk || !prl_bytes_is(act->entry->party, desk->party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "party %.*s has no desk %.*s", (int)act->entry->party.size,
				     act->entry->party.data, (int)name.size, name.data);
	if (desk->closed != PRL_INDEX_NEVER)
		return prl_error_set(err, PRL_E_REFUSED, "desk %s was closed at entry %llu", desk->name,
				     (unsigned long long)desk->closed);
	prl_desk shut = *desk;
	shut.closed = act->index;
	prl_status status = put(picture, &shut, err);
	return status ? status : end_keys(picture, act, shut.name, err);
}

static const prl_act_kind kinds[] = {
	{ "desk.opened", PRL_SIGNED_BY_ROOT, false, opened },
	{ "desk.closed", PRL_SIGNED_BY_ROOT_AND_ONE, false, closed },
};
const prl_kinds prl_desk_kinds = PRL_KINDS_OF(kinds);
