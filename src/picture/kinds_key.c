/* Keys: certified, rotated, revoked, compromised. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <stdio.h>
#include <string.h>

/* ---- noun -------------------------------------------------------------------------------------------------------- */

static bool save(const void *value, prl_buffer *to)
{
	const prl_key *key = value;
	return prl_pack_verifier(to, &key->verifier) && prl_pack_text(to, key->party) && prl_pack_text(to, key->desk) &&
	       prl_pack_number(to, key->role) && prl_pack_number(to, key->from) && prl_pack_number(to, key->until) &&
	       prl_pack_number(to, key->before) && prl_pack_number(to, key->suspect_from) &&
	       prl_pack_number(to, key->serial) && prl_pack_number(to, key->last_index) &&
	       prl_pack_hash(to, &key->last) && prl_pack_number(to, (uint64_t)key->last_time);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_key key = { 0 };
	key.verifier = prl_unpack_verifier(&from);
	prl_unpack_text(&from, key.party, sizeof key.party);
	prl_unpack_text(&from, key.desk, sizeof key.desk);
	key.role = (prl_key_role)prl_unpack_number(&from, PRL_ROLE_CONSOLE);
	key.from = prl_unpack_number(&from, UINT64_MAX);
	key.until = prl_unpack_number(&from, UINT64_MAX);
	key.before = prl_unpack_number(&from, UINT64_MAX);
	key.suspect_from = prl_unpack_number(&from, UINT64_MAX);
	key.serial = prl_unpack_number(&from, UINT64_MAX);
	key.last_index = prl_unpack_number(&from, UINT64_MAX);
	key.last = prl_unpack_hash(&from);
	key.last_time = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	if (!prl_unpack_end(&from, "key", err))
		return NULL;
	prl_key *copy = malloc(sizeof *copy);
	if (copy)
		*copy = key;
	else
		prl_error_memory(err);
	return copy;
}

const prl_noun prl_key_noun = { .name = "key", .shared = true, .save = save, .load = load, .free = free };

const prl_key *prl_picture_key(prl_picture *picture, prl_version version, prl_bytes name)
{
	return prl_picture_find(picture, version, PRL_TABLE_KEY, name);
}

static prl_status put_at(prl_picture *picture, prl_bytes place, const prl_key *key, prl_error *err)
{
	prl_key *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *key;
	return prl_picture_put(picture, PRL_TABLE_KEY, place, copy, err);
}

static prl_status put(prl_picture *picture, const prl_key *key, prl_error *err)
{
	return put_at(picture, prl_bytes_of(key->verifier.name), key, err);
}

/* ---- what other nouns do with keys ------------------------------------------------------------------------------- */

prl_status prl_key_add(prl_picture *picture, const prl_verifier *verifier, const char *party, const char *desk,
		       prl_key_role role, uint64_t from, prl_error *err)
{
	if (prl_picture_key(picture, PRL_VERSION_WORKING, prl_bytes_of(verifier->name)))
		return prl_error_set(err, PRL_E_DUPLICATE, "there is a key %s; a name is given once", verifier->name);
	prl_key key = { .verifier = *verifier,
			.role = role,
			.from = from,
			.until = PRL_INDEX_NEVER,
			.before = PRL_INDEX_NEVER,
			.suspect_from = PRL_INDEX_NEVER };
	snprintf(key.party, sizeof key.party, "%s", party);
	snprintf(key.desk, sizeof key.desk, "%s", desk);
	return put(picture, &key, err);
}

/* Where the public key that was valid from an index is kept after another has taken its name; # is in no name. */
static prl_bytes place_of(const char *name, uint64_t from, char text[PRL_KEY_NAME_MAX + 32])
{
	int length = snprintf(text, PRL_KEY_NAME_MAX + 32, "%s#%llu", name, (unsigned long long)from);
	return (prl_bytes){ text, (size_t)length };
}

prl_status prl_key_replace(prl_picture *picture, const prl_key *old, const prl_verifier *verifier, uint64_t index,
			   prl_error *err)
{
	char text[PRL_KEY_NAME_MAX + 32];
	prl_key past = *old, next = *old;
	if (memcmp(old->verifier.public_key, verifier->public_key, sizeof verifier->public_key) == 0)
		return prl_error_set(err, PRL_E_REFUSED, "key %s: the new public key is the old one", verifier->name);
	if (past.until > index + 1)
		past.until = index + 1;
	next.verifier = *verifier;
	next.from = index + 1;
	next.until = PRL_INDEX_NEVER;
	next.before = old->from;
	next.suspect_from = PRL_INDEX_NEVER;
	prl_status status = put_at(picture, place_of(verifier->name, old->from, text), &past, err);
	return status ? status : put(picture, &next, err);
}

prl_status prl_key_end(prl_picture *picture, const prl_key *key, uint64_t index, prl_error *err)
{
	prl_key ended = *key;
	if (ended.until > index + 1)
		ended.until = index + 1;
	return put(picture, &ended, err);
}

prl_status prl_key_advance(prl_picture *picture, const prl_key *key, const prl_act *act, prl_error *err)
{
	prl_key advanced = *key;
	advanced.serial = act->entry->serial;
	advanced.last_index = act->index;
	advanced.last = act->entry->hash;
	advanced.last_time = act->entry->time;
	prl_status status = put(picture, &advanced, err);
	return status ? status : prl_heard_key(picture, act, err);
}

static const prl_key *before(prl_picture *picture, const prl_key *key)
{
	char text[PRL_KEY_NAME_MAX + 32];
	if (key->before == PRL_INDEX_NEVER)
		return NULL;
	return prl_picture_find(picture, PRL_VERSION_WORKING, PRL_TABLE_KEY,
				place_of(key->verifier.name, key->before, text));
}

/* The keys of one name are a chain by `before`. What the constitution in force in `by` names is either in it as far as
 * `by` had seen the home log, and then the chain goes on from there, or newer than all of that. */
size_t prl_key_roots_seen(prl_picture *picture, const prl_party *party, prl_bytes by, uint64_t index,
			  prl_verifier ret[PRL_ROOTS_SEEN_MAX])
{
	uint64_t size = prl_bytes_is(by, party->log)
				? index
				: prl_peer_seen_size(picture, PRL_VERSION_WORKING, by, prl_bytes_of(party->log));
	const prl_key *key = prl_picture_key(picture, PRL_VERSION_WORKING, prl_bytes_of(party->root.name));
	size_t count = 0;
	while (key && key->from > size)
		key = before(picture, key);
	for (; key; key = before(picture, key)) {
		if (count < PRL_ROOTS_SEEN_MAX)
			ret[count++] = key->verifier;
		if (memcmp(key->verifier.public_key, party->root.public_key, sizeof party->root.public_key) == 0)
			return count;
	}
	ret[0] = party->root;
	return 1;
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/* The key that the body's "key" names, of the party of the act. */
static prl_status find_named(prl_picture *picture, const prl_act *act, const prl_key **ret, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "key");
	const prl_key *key = prl_picture_key(picture, PRL_VERSION_WORKING, name);
	if (!key || !prl_bytes_is(act->entry->party, key->party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "party %.*s has no key %.*s", (int)act->entry->party.size,
				     act->entry->party.data, (int)name.size, name.data);
	*ret = key;
	return PRL_OK;
}

static prl_status certified(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_verifier verifier;
	const prl_entry *entry = act->entry;
	prl_status status = prl_body_verifier(act->body, "key", PRL_KEY_NOTE, &verifier, err);
	if (status)
		return status;
	size_t length = strlen(verifier.name), desk = entry->desk.size;
	if (length < desk + 2 || memcmp(verifier.name, entry->desk.data, desk) != 0 || verifier.name[desk] != '/' ||
	    strchr(verifier.name + desk + 1, '/'))
		return prl_error_set(err, PRL_E_REFUSED,
				     "key %s: a console's key is called %.*s/ and the device's name", verifier.name,
				     (int)desk, entry->desk.data);
	const prl_key *by = prl_picture_key(picture, PRL_VERSION_WORKING, entry->key);
	return prl_key_add(picture, &verifier, by->party, by->desk, PRL_ROLE_CONSOLE, act->index + 1, err);
}

static prl_status rotated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_verifier verifier;
	prl_status status = prl_body_verifier(act->body, "key", PRL_KEY_NOTE, &verifier, err);
	if (status)
		return status;
	if (!prl_bytes_is(act->entry->key, verifier.name))
		return prl_error_set(err, PRL_E_REFUSED, "key %s: a key is rotated by itself, this entry is by %.*s",
				     verifier.name, (int)act->entry->key.size, act->entry->key.data);
	return prl_key_replace(picture, prl_picture_key(picture, PRL_VERSION_WORKING, act->entry->key), &verifier,
			       act->index, err);
}

static prl_status revoked(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_key *key = NULL, *by = prl_picture_key(picture, PRL_VERSION_WORKING, act->entry->key);
	prl_status status = find_named(picture, act, &key, err);
	if (status)
		return status;
	if (key == by)
		return prl_error_set(err, PRL_E_REFUSED, "key %s: a key does not revoke itself", key->verifier.name);
	if (key->role == PRL_ROLE_ROOT)
		return prl_error_set(err, PRL_E_REFUSED, "key %s: a root key is rotated, not revoked",
				     key->verifier.name);
	if (by->role == PRL_ROLE_DESK && strcmp(by->desk, key->desk) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "key %s is of desk %s, not of %s", key->verifier.name,
				     key->desk, by->desk);
	if (key->until <= act->index)
		return prl_error_set(err, PRL_E_REFUSED, "key %s is not valid since entry %llu", key->verifier.name,
				     (unsigned long long)key->until);
	return prl_key_end(picture, key, act->index, err);
}

static prl_status compromised(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_key *key = NULL;
	uint64_t from = prl_body_number(act->body, "suspect_from", PRL_INDEX_NEVER);
	prl_status status = find_named(picture, act, &key, err);
	if (status)
		return status;
	for (size_t i = 0; i < act->entry->note.count; i++)
		if (prl_bytes_is(act->entry->note.signatures[i].name, key->verifier.name))
			return prl_error_set(err, PRL_E_REFUSED, "key %s: two others say that a key is compromised",
					     key->verifier.name);
	if (from > act->index)
		return prl_error_set(err, PRL_E_RANGE, "suspect_from %llu is after this entry, %llu",
				     (unsigned long long)from, (unsigned long long)act->index);
	if (from >= key->suspect_from)
		return prl_error_set(err, PRL_E_REFUSED, "key %s is suspect from entry %llu on already",
				     key->verifier.name, (unsigned long long)key->suspect_from);
	prl_key suspect = *key;
	suspect.suspect_from = from;
	return prl_key_end(picture, &suspect, act->index, err);
}

static const prl_act_kind kinds[] = {
	{ "key.certified", PRL_SIGNED_BY_DESK, false, certified },
	{ "key.rotated", PRL_SIGNED_BY_KEY_AND_NEW, false, rotated },
	{ "key.revoked", PRL_SIGNED_BY_DESK_OR_ROOT, false, revoked },
	{ "key.compromised", PRL_SIGNED_BY_TWO, false, compromised },
	{ "root.rotated", PRL_SIGNED_BY_ROOT_AND_NEW, false, rotated },
};
const prl_kinds prl_key_kinds = PRL_KINDS_OF(kinds);
