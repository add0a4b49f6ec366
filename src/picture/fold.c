/* The fold: one entry after the other. What is looked at, in this order:
 *
 * place     the log's next entry, in the order that picture.h asks for
 * head      the form that the kind asks for; the line; the log
 * party     at home in the log by the constitution that is in force there
 * key       the party's, of the desk that is named, valid at this index; or the program
 * chain     the first signature line, by the key; serial and previous, which a kind that stands beside may lack
 * seen      no more of other logs than the log has recorded
 * signers   every further line, by those whom the kind asks for
 * body      JSON by the kind's schema
 * rule      the kind's own
 *
 * Up to the chain nobody can be said to have written anything. From there on the key's owner did, and where an entry
 * of a peer is refused the chain goes on behind it all the same: else one entry that this version does not know would
 * take all later ones of its author with it. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "picture/nouns.h"
#include "picture/state.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING

/* One entry on its way. */
typedef struct fold {
	prl_picture *picture;
	const prl_entry *entry;
	const prl_act_kind *kind; /* NULL: unknown */
	const prl_constitution *constitution;
	const prl_party *party; /* NULL: recorded without one */
	const prl_key *key;     /* NULL: recorded */
	prl_vouched vouched;
	bool chained;
	prl_act act;
} fold;

static bool is_own(const prl_picture *picture, const char *log)
{
	return picture->own_log[0] && strcmp(picture->own_log, log) == 0;
}

/* ---- place ------------------------------------------------------------------------------------------------------- */

prl_status prl_picture_ready(prl_picture *picture, prl_version version, const prl_entry *entry, prl_error *err)
{
	json_t *body = NULL;
	if (!prl_bytes_is(entry->kind, "peer.seen") || prl_picture_body(picture, entry, &body, NULL))
		return PRL_OK; /* `seen` in a head is never above the log's own peer.seen */
	prl_bytes log = prl_body_text(body, "log");
	uint64_t size = prl_body_number(body, "size", 0);
	uint64_t here = prl_node_get(picture, version, log).size;
	prl_status status = PRL_OK;
	if (size > here)
		status = prl_error_set(err, PRL_E_EARLY, "%llu entries of log %.*s come first, %llu are here",
				       (unsigned long long)size, (int)log.size, log.data, (unsigned long long)here);
	json_decref(body);
	return status;
}

/* All that the own log has recorded of its peers is applied before its next act. */
static prl_status check_peers_applied(const fold *f, prl_error *err)
{
	if (!f->constitution || !f->kind || f->kind->receipt || strcmp(f->kind->name, "peer.fault") == 0)
		return PRL_OK;
	for (size_t i = 0; i < f->constitution->log_count; i++) {
		const char *log = f->constitution->logs[i].origin;
		const prl_peer *peer = prl_picture_peer(f->picture, WORKING, prl_bytes_of(log));
		if (peer && peer->size > prl_picture_size(f->picture, WORKING, log))
			return prl_error_set(err, PRL_E_EARLY, "entries of log %s up to %llu come first", log,
					     (unsigned long long)peer->size);
	}
	return PRL_OK;
}

static prl_status check_place(const fold *f, prl_error *err)
{
	uint64_t next = prl_picture_size(f->picture, WORKING, f->act.log);
	if (f->act.index != next)
		return prl_error_set(err, PRL_E_EARLY, "entry %llu of log %s, expected %llu",
				     (unsigned long long)f->act.index, f->act.log, (unsigned long long)next);
	if (f->act.local)
		return check_peers_applied(f, err);
	if (f->picture->gaps)
		return PRL_OK;
	const prl_peer *peer = prl_picture_peer(f->picture, WORKING, prl_bytes_of(f->act.log));
	if (f->picture->own_log[0] && next >= (peer ? peer->size : 0))
		return prl_error_set(err, PRL_E_EARLY, "log %s has recorded %llu entries of log %s (peer.seen)",
				     f->picture->own_log, (unsigned long long)(peer ? peer->size : 0), f->act.log);
	return prl_picture_ready(f->picture, WORKING, f->entry, err);
}

/* ---- head, party, key -------------------------------------------------------------------------------------------- */

static bool is_of(prl_bytes name, const char *prefix)
{
	size_t length = strlen(prefix);
	return name.size > length && memcmp(name.data, prefix, length) == 0;
}

/* prl_entry_read() has seen that an entry has one of three forms: constitution, recorded, signed. */
static prl_status check_form(const fold *f, prl_error *err)
{
	const prl_entry *entry = f->entry;
	if (!f->kind)
		return PRL_OK;
	bool roots = f->kind->signing == PRL_SIGNED_BY_ROOTS;
	bool recorded = entry->recorded.data != NULL, by_key = entry->key.data != NULL;
	if (roots && (recorded || by_key))
		return prl_error_set(err, PRL_E_SYNTAX, "%s: its head has mode and time only", f->kind->name);
	if (!roots && !recorded && !by_key)
		return prl_error_set(err, PRL_E_SYNTAX, "%s: its head names no key", f->kind->name);
	if (f->kind->signing == PRL_RECORDED && !prl_bytes_is(entry->recorded, "node"))
		return prl_error_set(err, PRL_E_REFUSED, "%s: only the node itself records it", f->kind->name);
	bool either = f->kind->signing == PRL_SIGNED_OR_RECORDED || f->kind->signing == PRL_SIGNED_BESIDE_OR_RECORDED;
	if (either && recorded && prl_bytes_is(entry->recorded, "node"))
		return prl_error_set(err, PRL_E_REFUSED, "%s: by a key, or recorded for a program", f->kind->name);
	if (f->kind->signing == PRL_RECORDED_FOR_USS && !(recorded && is_of(entry->recorded, "uss/")))
		return prl_error_set(err, PRL_E_REFUSED, "%s: recorded for a USS only", f->kind->name);
	if (f->kind->signing != PRL_RECORDED && !either && f->kind->signing != PRL_RECORDED_FOR_USS && recorded)
		return prl_error_set(err, PRL_E_REFUSED, "%s: only a key signs it, nobody records it", f->kind->name);
	return PRL_OK;
}

/* Entry 0 is the constitution, and nothing else is; a log acts from when its constitution lists it. */
static prl_status check_constitution(const fold *f, prl_error *err)
{
	bool first = prl_bytes_is(f->entry->kind, "constitution");
	if (first != (f->act.index == 0))
		return prl_error_set(err, PRL_E_REFUSED,
				     "entry %llu is %.*s; entry 0 is the constitution and no other is",
				     (unsigned long long)f->act.index, (int)f->entry->kind.size, f->entry->kind.data);
	if (first)
		return PRL_OK;
	if (!f->constitution)
		return prl_error_set(err, PRL_E_REFUSED, "log %s does not begin with a constitution", f->act.log);
	if (f->kind && f->kind->signing == PRL_SIGNED_BY_ROOTS)
		return PRL_OK;
	if (!prl_constitution_log(f->constitution, prl_bytes_of(f->act.log)))
		return prl_error_set(err, PRL_E_REFUSED, "the constitution has no log %s", f->act.log);
	return PRL_OK;
}

static prl_status check_head(const fold *f, prl_error *err)
{
	const prl_entry *entry = f->entry;
	if (!entry->has_line || !prl_hash_equal(&entry->line, &f->constitution->line))
		return prl_error_set(err, PRL_E_REFUSED, "the entry is of another line");
	if (!prl_bytes_is(entry->log, f->act.log))
		return prl_error_set(err, PRL_E_REFUSED, "the entry is of log %.*s, this is log %s",
				     (int)entry->log.size, entry->log.data, f->act.log);
	return PRL_OK;
}

static prl_status find_party(fold *f, prl_error *err)
{
	prl_bytes name = f->entry->party;
	const prl_party *party = prl_constitution_party(f->constitution, name);
	if (!party || party->left)
		return prl_error_set(err, PRL_E_REFUSED, "party %.*s is not of this line", (int)name.size, name.data);
	if (strcmp(party->log, f->act.log) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "party %s acts in log %s, not in log %s", party->name,
				     party->log, f->act.log);
	f->party = party;
	return PRL_OK;
}

static prl_status check_recorded(fold *f, prl_error *err)
{
	static const char prefix[] = "program/";
	const prl_entry *entry = f->entry;
	prl_bytes name = entry->recorded;
	if (f->kind && f->kind->signing == PRL_RECORDED_FOR_USS)
		return entry->party.data ? prl_error_set(err, PRL_E_REFUSED, "a USS acts for no party of the line")
					 : PRL_OK;
	if (prl_bytes_is(name, "node"))
		return entry->party.data ? prl_error_set(err, PRL_E_REFUSED, "the node itself acts for no party")
					 : PRL_OK;
	if (!is_of(name, prefix))
		return prl_error_set(err, PRL_E_REFUSED, "recorded %.*s, expected node or program/NAME", (int)name.size,
				     name.data);
	prl_status status = find_party(f, err);
	if (status)
		return status;
	name = (prl_bytes){ name.data + sizeof prefix - 1, name.size - (sizeof prefix - 1) };
	const prl_program *program = prl_picture_program(f->picture, WORKING, name);
	if (!program || strcmp(program->party, f->party->name) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "party %s has no program %.*s", f->party->name, (int)name.size,
				     name.data);
	if (f->act.index < program->from || f->act.index >= program->until)
		return prl_error_set(err, PRL_E_REFUSED, "program %s was dismissed", program->name);
	return PRL_OK;
}

static bool is_valid(const prl_key *key, uint64_t index)
{
	return key->from <= index && index < key->until;
}

static prl_status find_key(fold *f, prl_error *err)
{
	const prl_entry *entry = f->entry;
	const prl_key *key = prl_picture_key(f->picture, WORKING, entry->key);
	if (!key || strcmp(key->party, f->party->name) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "party %s has no key %.*s", f->party->name,
				     (int)entry->key.size, entry->key.data);
	if (!is_valid(key, f->act.index))
		return prl_error_set(err, PRL_E_REFUSED, "key %s is not valid since entry %llu", key->verifier.name,
				     (unsigned long long)key->until);
	if (key->role == PRL_ROLE_ROOT ? entry->desk.data != NULL : !prl_bytes_is(entry->desk, key->desk))
		return prl_error_set(err, PRL_E_REFUSED, "key %s is of %s%s", key->verifier.name,
				     key->role == PRL_ROLE_ROOT ? "no desk" : "desk ", key->desk);
	f->key = key;
	return PRL_OK;
}

/* ---- chain, seen ------------------------------------------------------------------------------------------------- */

static bool same_key(const prl_verifier *a, const prl_verifier *b)
{
	return a->id == b->id && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

static prl_status check_chain(const fold *f, prl_error *err)
{
	char text[PRL_HASH_TEXT_MAX];
	if (f->entry->serial != f->key->serial + 1)
		return prl_error_set(err, PRL_E_STALE, "serial %llu of key %s, expected %llu",
				     (unsigned long long)f->entry->serial, f->key->verifier.name,
				     (unsigned long long)f->key->serial + 1);
	prl_hash_write(&f->key->last, text);
	if (!prl_hash_equal(&f->entry->previous, &f->key->last))
		return prl_error_set(err, PRL_E_STALE, "previous is not the hash of key %s's newest entry, %s",
				     f->key->verifier.name, text);
	return PRL_OK;
}

static bool stands_beside(const fold *f)
{
	return f->kind && (f->kind->signing == PRL_SIGNED_BESIDE || f->kind->signing == PRL_SIGNED_BESIDE_OR_RECORDED);
}

/* Given vouchers may be of an older version, or none. Whether the chain goes on hangs on the first line alone: whether
 * a further one is by a key that is known here may hang on what else has arrived. */
static prl_status check_signatures(fold *f, const prl_vouched *vouched, prl_error *err)
{
	bool held = vouched && vouched->count && same_key(&vouched->signers[0], &f->key->verifier);
	prl_status chain = check_chain(f, err), status = PRL_OK;
	if (held && vouched->count == f->entry->note.count) {
		f->vouched.count = vouched->count;
		memcpy(f->vouched.signers, vouched->signers, vouched->count * sizeof *vouched->signers);
	} else if (prl_picture_vouch(f->picture, WORKING, f->entry, &f->vouched, NULL)) {
		status = prl_note_verify(&f->entry->note, &f->key->verifier, 1, &held, err);
		f->chained = !status && !chain && held;
		return prl_picture_vouch(f->picture, WORKING, f->entry, &f->vouched, err);
	}
	if (chain && !stands_beside(f))
		return check_chain(f, err);
	if (!same_key(&f->vouched.signers[0], &f->key->verifier))
		return prl_error_set(err, PRL_E_SIGNATURE, "the first signature is not by key %s",
				     f->key->verifier.name);
	f->chained = !chain;
	return PRL_OK;
}

static prl_status check_seen(const fold *f, prl_error *err)
{
	const prl_entry *entry = f->entry;
	for (size_t i = 0; i < entry->seen_count; i++) {
		prl_bytes log = entry->seen[i].log;
		const prl_peer *peer = prl_picture_peer_of(f->picture, WORKING, prl_bytes_of(f->act.log), log);
		uint64_t size = peer ? peer->size : 0;
		if (entry->seen[i].size > size)
			return prl_error_set(err, PRL_E_REFUSED, "seen %.*s %llu, but log %s has recorded %llu",
					     (int)log.size, log.data, (unsigned long long)entry->seen[i].size,
					     f->act.log, (unsigned long long)size);
		if (peer && entry->seen[i].size == size && !prl_hash_equal(&entry->seen[i].root, &peer->root))
			return prl_error_set(err, PRL_E_REFUSED,
					     "seen %.*s %llu has another root than log %s has recorded", (int)log.size,
					     log.data, (unsigned long long)size, f->act.log);
	}
	return PRL_OK;
}

/* ---- signers ----------------------------------------------------------------------------------------------------- */

static prl_status check_count(const fold *f, size_t count, prl_error *err)
{
	if (f->vouched.count == count)
		return PRL_OK;
	return prl_error_set(err, PRL_E_SIGNATURE, "%s: %zu signatures, expected %zu", f->kind->name, f->vouched.count,
			     count);
}

static prl_status check_role(const fold *f, bool right, const char *expected, prl_error *err)
{
	if (right)
		return PRL_OK;
	return prl_error_set(err, PRL_E_REFUSED, "%s: signed by key %s, expected %s", f->kind->name,
			     f->key->verifier.name, expected);
}

/* Another person: a key of another name of the same party. */
static prl_status check_second(const fold *f, prl_error *err)
{
	prl_status status = check_count(f, 2, err);
	if (status)
		return status;
	const prl_verifier *second = &f->vouched.signers[1];
	const prl_key *key = prl_picture_key(f->picture, WORKING, prl_bytes_of(second->name));
	if (strcmp(second->name, f->key->verifier.name) == 0 || !key || !same_key(&key->verifier, second) ||
	    strcmp(key->party, f->party->name) != 0)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s: the second signature is by %s, expected another key of party %s",
				     f->kind->name, second->name, f->party->name);
	if (!is_valid(key, f->act.index))
		return prl_error_set(err, PRL_E_REFUSED, "key %s is not valid since entry %llu", second->name,
				     (unsigned long long)key->until);
	return PRL_OK;
}

/* The new key of the same name; that the body names it is the kind's to see. */
static prl_status check_new(const fold *f, prl_error *err)
{
	prl_status status = check_count(f, 2, err);
	if (status)
		return status;
	if (strcmp(f->vouched.signers[1].name, f->key->verifier.name) != 0)
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "%s: the second signature is by %s, expected the new key of %s", f->kind->name,
				     f->vouched.signers[1].name, f->key->verifier.name);
	return PRL_OK;
}

static prl_status check_signers(const fold *f, prl_error *err)
{
	if (!f->key)
		return PRL_OK;
	prl_key_role role = f->key->role;
	prl_status status = PRL_OK;
	switch (f->kind->signing) {
	case PRL_SIGNED_BY_KEY:
	case PRL_SIGNED_OR_RECORDED:
	case PRL_SIGNED_BESIDE:
	case PRL_SIGNED_BESIDE_OR_RECORDED:
		status = check_role(f, role != PRL_ROLE_ROOT, "a console or desk key", err);
		return status ? status : check_count(f, 1, err);
	case PRL_SIGNED_BY_DESK:
		status = check_role(f, role == PRL_ROLE_DESK, "a desk's own key", err);
		return status ? status : check_count(f, 1, err);
	case PRL_SIGNED_BY_DESK_OR_ROOT:
		status = check_role(f, role != PRL_ROLE_CONSOLE, "a desk's own key or the root key", err);
		return status ? status : check_count(f, 1, err);
	case PRL_SIGNED_BY_TWO:
		return check_second(f, err);
	case PRL_SIGNED_BY_ROOT:
		status = check_role(f, role == PRL_ROLE_ROOT, "the root key", err);
		return status ? status : check_count(f, 1, err);
	case PRL_SIGNED_BY_ROOT_AND_ONE:
		status = check_role(f, role == PRL_ROLE_ROOT, "the root key", err);
		return status ? status : check_second(f, err);
	case PRL_SIGNED_BY_KEY_AND_NEW:
		status = check_role(f, role != PRL_ROLE_ROOT, "a console or desk key", err);
		return status ? status : check_new(f, err);
	case PRL_SIGNED_BY_ROOT_AND_NEW:
		status = check_role(f, role == PRL_ROLE_ROOT, "the root key", err);
		return status ? status : check_new(f, err);
	case PRL_SIGNED_BY_ROOTS:
	case PRL_RECORDED:
	case PRL_RECORDED_FOR_USS:
		break;
	}
	return prl_error_set(err, PRL_E_REFUSED, "%s is not signed by a key", f->kind->name);
}

/* ---- one entry --------------------------------------------------------------------------------------------------- */

/* Who speaks. */
static prl_status check_author(fold *f, const prl_vouched *vouched, prl_error *err)
{
	prl_status status = check_constitution(f, err);
	if (!status)
		status = check_form(f, err);
	if (status || (f->kind && f->kind->signing == PRL_SIGNED_BY_ROOTS))
		return status;
	status = check_head(f, err);
	if (status)
		return status;
	if (f->entry->recorded.data)
		return check_recorded(f, err);
	if (!f->entry->key.data)
		return prl_error_set(err, PRL_E_SYNTAX, "the head names no key");
	status = find_party(f, err);
	if (!status)
		status = find_key(f, err);
	return status ? status : check_signatures(f, vouched, err);
}

static prl_status decide(fold *f, json_t *body, prl_error *err)
{
	json_t *own = NULL;
	if (!f->kind)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "kind %.*s is not known to this version",
				     (int)f->entry->kind.size, f->entry->kind.data);
	prl_status status = check_seen(f, err);
	if (!status)
		status = check_signers(f, err);
	if (!status && !body)
		status = prl_picture_body(f->picture, f->entry, &own, err);
	if (status)
		return status;
	f->act.body = body ? body : own;
	status = f->kind->apply(f->picture, &f->act, err);
	json_decref(own);
	return status;
}

/* The entry has its place, and its author the next serial. */
static prl_status advance(const fold *f, prl_error *err)
{
	prl_bytes log = prl_bytes_of(f->act.log);
	prl_node_state node = prl_node_get(f->picture, WORKING, log);
	node.size = f->act.index + 1;
	prl_status status = prl_node_put(f->picture, log, &node, err);
	if (!status && f->act.local && f->entry->recorded.data)
		status = prl_heard_recorded(f->picture, &f->act, err);
	if (status || !f->chained)
		return status;
	/* the kind may have changed the key */
	const prl_key *key = prl_picture_key(f->picture, WORKING, f->entry->key);
	return prl_key_advance(f->picture, key, &f->act, err);
}

static prl_status finish(const fold *f, prl_error *err)
{
	prl_status status = advance(f, err);
	if (status)
		prl_picture_undo_act(f->picture);
	else
		prl_picture_keep_act(f->picture);
	return status;
}

prl_status prl_picture_apply(prl_picture *picture, const char *log, uint64_t index, const prl_entry *entry,
			     const prl_vouched *vouched, json_t *body, prl_error *err)
{
	fold f = { .picture = picture, .entry = entry };
	if (strlen(log) > PRL_KEY_NAME_MAX)
		return prl_error_set(err, PRL_E_EARLY, "no log has a name of %zu bytes", strlen(log));
	f.act = (prl_act){ .entry = entry, .log = log, .index = index, .local = is_own(picture, log) };
	f.kind = prl_picture_kind(picture, entry->kind);
	f.constitution = prl_constitution_in(picture, WORKING, prl_bytes_of(log));
	prl_status status = check_place(&f, err);
	if (status)
		return status;
	prl_picture_begin_act(picture);
	status = check_author(&f, vouched, err);
	if (!status)
		status = decide(&f, body, err);
	if (!status)
		return finish(&f, err);
	prl_picture_undo_act(picture);
	if (f.act.local || status == PRL_E_MEMORY || status == PRL_E_EARLY)
		return status;
	prl_picture_begin_act(picture);
	prl_status kept = finish(&f, NULL);
	return kept ? prl_error_memory(err) : status;
}
