/* Whose signatures an entry carries. Every line must be by a key that has a part in it, and hold. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"
#include "picture/state.h"

#include <string.h>

static bool is_by(const prl_signature *signature, const prl_verifier *verifier)
{
	return verifier->id == signature->id && prl_bytes_is(signature->name, verifier->name);
}

/* The new key of a rotation, which only the body names. A body that is no JSON names none; its schema refuses it. */
static bool read_new(const prl_act_kind *kind, const prl_entry *entry, prl_verifier *ret)
{
	if (!kind || (kind->signing != PRL_SIGNED_BY_KEY_AND_NEW && kind->signing != PRL_SIGNED_BY_ROOT_AND_NEW))
		return false;
	json_t *body = json_loadb(entry->body.data, entry->body.size, JSON_REJECT_DUPLICATES, NULL);
	bool found = prl_body_verifier(body, "key", PRL_KEY_NOTE, ret, NULL) == PRL_OK;
	json_decref(body);
	return found;
}

static prl_status check_twins(const prl_entry *entry, size_t i, prl_error *err)
{
	const prl_signature *signatures = entry->note.signatures;
	for (size_t j = 0; j < i; j++)
		if (signatures[i].id == signatures[j].id && prl_bytes_equal(signatures[i].name, signatures[j].name))
			return prl_error_set(err, PRL_E_SIGNATURE, "two signatures by %.*s",
					     (int)signatures[i].name.size, signatures[i].name.data);
	return PRL_OK;
}

static prl_status check_held(const prl_entry *entry, const prl_vouched *vouched, prl_error *err)
{
	bool held[PRL_NOTE_SIGNATURES_MAX];
	prl_status status = prl_note_verify(&entry->note, vouched->signers, vouched->count, held, err);
	for (size_t i = 0; i < vouched->count && !status; i++)
		if (!held[i])
			status = prl_error_set(err, PRL_E_SIGNATURE, "the signature by %s does not hold",
					       vouched->signers[i].name);
	return status;
}

/* Only keys of the entry's party have a part in it. Those of others may be known here or not yet; that must not tell.
 */
static const prl_key *party_key(prl_picture *picture, prl_version version, const prl_entry *entry, prl_bytes name)
{
	const prl_key *key = prl_picture_key(picture, version, name);
	return key && prl_bytes_is(entry->party, key->party) ? key : NULL;
}

static prl_status find_signers(prl_picture *picture, prl_version version, const prl_entry *entry, prl_vouched *vouched,
			       prl_error *err)
{
	prl_verifier new_key;
	bool has_new = read_new(prl_picture_kind(picture, entry->kind), entry, &new_key);
	for (size_t i = 0; i < entry->note.count; i++) {
		const prl_signature *signature = &entry->note.signatures[i];
		const prl_key *key = party_key(picture, version, entry, signature->name);
		prl_status status = check_twins(entry, i, err);
		if (status)
			return status;
		if (key && is_by(signature, &key->verifier))
			vouched->signers[i] = key->verifier;
		else if (has_new && is_by(signature, &new_key))
			vouched->signers[i] = new_key;
		else
			return prl_error_set(err, PRL_E_SIGNATURE,
					     "a signature by %.*s+%08x: no such key of the party has a part in this",
					     (int)signature->name.size, signature->name.data, (unsigned)signature->id);
	}
	vouched->count = entry->note.count;
	return PRL_OK;
}

prl_status prl_picture_vouch(prl_picture *picture, prl_version version, const prl_entry *entry, prl_vouched *ret,
			     prl_error *err)
{
	const prl_act_kind *kind = prl_picture_kind(picture, entry->kind);
	prl_vouched vouched;
	if (kind && kind->signing == PRL_SIGNED_BY_ROOTS) {
		ret->count = 0;
		return PRL_OK;
	}
	prl_status status = find_signers(picture, version, entry, &vouched, err);
	if (!status)
		status = check_held(entry, &vouched, err);
	if (status)
		return status;
	memcpy(ret->signers, vouched.signers, vouched.count * sizeof *vouched.signers);
	ret->count = vouched.count;
	return PRL_OK;
}

prl_status prl_picture_body(prl_picture *picture, const prl_entry *entry, json_t **ret_body, prl_error *err)
{
	const prl_kind_entry *kind = prl_picture_kind_entry(picture, entry->kind);
	if (!kind)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "kind %.*s is not known to this version",
				     (int)entry->kind.size, entry->kind.data);
	return prl_schema_read(kind->schema, entry->body, ret_body, err);
}
