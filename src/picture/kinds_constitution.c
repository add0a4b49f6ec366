/* The constitution: entry 0 of every log, and its amendments. */
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <stdio.h>
#include <string.h>

/* ---- reading a body ---------------------------------------------------------------------------------------------- */

const prl_party *prl_constitution_party(const prl_constitution *constitution, prl_bytes name)
{
	for (size_t i = 0; constitution && name.data && i < constitution->party_count; i++)
		if (prl_bytes_is(name, constitution->parties[i].name))
			return &constitution->parties[i];
	return NULL;
}

const prl_log *prl_constitution_log(const prl_constitution *constitution, prl_bytes origin)
{
	for (size_t i = 0; constitution && origin.data && i < constitution->log_count; i++)
		if (prl_bytes_is(origin, constitution->logs[i].origin))
			return &constitution->logs[i];
	return NULL;
}

void prl_constitution_free(prl_constitution *constitution)
{
	if (!constitution)
		return;
	json_decref(constitution->body);
	free(constitution->parties);
	free(constitution->logs);
	free(constitution);
}

/* A key of that type called owner, or owner/suffix. */
static prl_status read_key(const json_t *from, const char *member, prl_key_type type, const char *owner,
			   const char *suffix, prl_verifier *ret, prl_error *err)
{
	char name[PRL_KEY_NAME_MAX + 16];
	prl_status status = prl_body_verifier(from, member, type, ret, err);
	if (status)
		return status;
	snprintf(name, sizeof name, "%s%s", owner, suffix);
	if (strcmp(ret->name, name) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "%s: the key is called %s, expected %s", member, ret->name,
				     name);
	return PRL_OK;
}

static prl_status read_log(const json_t *from, prl_log *log, prl_error *err)
{
	prl_status status = prl_body_copy(from, "origin", log->origin, sizeof log->origin, err);
	if (!status)
		status = prl_body_copy(from, "address", log->address, sizeof log->address, err);
	if (!status)
		status = read_key(from, "key", PRL_KEY_NOTE, log->origin, "", &log->key, err);
	if (!status)
		status = read_key(from, "witness", PRL_KEY_COSIGNATURE, log->origin, "/witness", &log->witness, err);
	if (!status)
		status = read_key(from, "mirror", PRL_KEY_COSIGNATURE, log->origin, "/mirror", &log->mirror, err);
	if (status)
		return status;
	/* tlog-mirror: "a mirror's key MUST differ from the witness key of the same party" */
	if (memcmp(log->witness.public_key, log->mirror.public_key, sizeof log->mirror.public_key) == 0)
		return prl_error_set(err, PRL_E_REFUSED, "log %s: witness and mirror have the same public key",
				     log->origin);
	log->has_tls = json_object_get(from, "tls") != NULL;
	return log->has_tls ? prl_body_hash(from, "tls", &log->tls, err) : PRL_OK;
}

static prl_status read_logs(prl_constitution *constitution, prl_error *err)
{
	const json_t *logs = json_object_get(constitution->body, "logs");
	size_t count = json_array_size(logs);
	constitution->logs = calloc(count ? count : 1, sizeof *constitution->logs);
	if (!constitution->logs)
		return prl_error_memory(err);
	for (size_t i = 0; i < count; i++) {
		prl_log *log = &constitution->logs[i];
		prl_status status = read_log(json_array_get(logs, i), log, err);
		if (status)
			return prl_error_at(err, status, "/logs/%zu", i), status;
		if (prl_constitution_log(constitution, prl_bytes_of(log->origin)))
			return prl_error_set(err, PRL_E_DUPLICATE, "log %s is there twice", log->origin);
		constitution->log_count = i + 1;
	}
	return PRL_OK;
}

/* True where a name under one party could be taken for a name under the other (kinds.h, Names). */
static bool begins(const char *name, const char *party)
{
	size_t length = strlen(party);
	return strncmp(name, party, length) == 0 && (name[length] == '-' || name[length] == 0);
}

static prl_status read_party(const prl_constitution *constitution, const json_t *from, prl_party *party, prl_error *err)
{
	prl_status status = prl_body_copy(from, "name", party->name, sizeof party->name, err);
	if (!status)
		status = prl_body_copy(from, "title", party->title, sizeof party->title, err);
	if (!status)
		status = prl_body_copy(from, "log", party->log, sizeof party->log, err);
	if (!status)
		status = read_key(from, "root", PRL_KEY_NOTE, party->name, "/root", &party->root, err);
	if (status)
		return status;
	party->left = json_is_true(json_object_get(from, "left"));
	if (strchr(party->name, '/'))
		return prl_error_set(err, PRL_E_REFUSED, "party %s: no / in a party's name", party->name);
	if (!prl_constitution_log(constitution, prl_bytes_of(party->log)))
		return prl_error_set(err, PRL_E_NOT_FOUND, "party %s: there is no log %s", party->name, party->log);
	for (size_t i = 0; i < constitution->party_count; i++) {
		const prl_party *other = &constitution->parties[i];
		if (strcmp(other->name, party->name) == 0)
			return prl_error_set(err, PRL_E_DUPLICATE, "party %s is there twice", party->name);
		if (begins(other->name, party->name) || begins(party->name, other->name))
			return prl_error_set(err, PRL_E_REFUSED,
					     "parties %s and %s: one name begins with the other and a dash",
					     party->name, other->name);
	}
	return PRL_OK;
}

static prl_status read_parties(prl_constitution *constitution, prl_error *err)
{
	const json_t *parties = json_object_get(constitution->body, "parties");
	size_t count = json_array_size(parties);
	if (count > PRL_MAX_PARTIES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu parties, expected at most %u", count, PRL_MAX_PARTIES);
	constitution->parties = calloc(count ? count : 1, sizeof *constitution->parties);
	if (!constitution->parties)
		return prl_error_memory(err);
	for (size_t i = 0; i < count; i++) {
		prl_status status =
			read_party(constitution, json_array_get(parties, i), &constitution->parties[i], err);
		if (status)
			return prl_error_at(err, status, "/parties/%zu", i), status;
		constitution->party_count = i + 1;
	}
	return PRL_OK;
}

static void read_rules(prl_constitution *constitution)
{
	static const uint32_t ring_s[3] = PRL_DEFAULT_RING_S;
	const json_t *timers = json_object_get(constitution->body, "timers");
	const json_t *ring = json_object_get(timers, "ring_s");
	const json_t *retention = json_object_get(constitution->body, "retention");
	for (size_t i = 0; i < 3; i++) {
		const json_t *step = json_array_get(ring, i);
		constitution->ring_s[i] = step ? (uint32_t)json_integer_value(step) : ring_s[i];
	}
	constitution->deemed_s = (uint32_t)prl_body_number(timers, "deemed_s", PRL_DEFAULT_DEEMED_S);
	uint64_t days = prl_body_number(retention, "contents_days", UINT64_MAX);
	constitution->contents_days = days == UINT64_MAX ? -1 : (int64_t)days;
}

static prl_status check_rules(const prl_constitution *constitution, prl_error *err)
{
	const json_t *terrain = json_object_get(constitution->body, "terrain");
	if (constitution->ring_s[0] >= constitution->ring_s[1] || constitution->ring_s[1] >= constitution->ring_s[2])
		return prl_error_set(err, PRL_E_RANGE, "/timers/ring_s: each step comes after the one before");
	if (json_number_value(json_object_get(terrain, "lower_m")) >
	    json_number_value(json_object_get(terrain, "upper_m")))
		return prl_error_set(err, PRL_E_RANGE, "/terrain: lower_m is above upper_m");
	return PRL_OK;
}

prl_status prl_constitution_read(json_t *body, prl_constitution **ret, prl_error *err)
{
	prl_constitution *constitution = calloc(1, sizeof *constitution);
	if (!constitution)
		return prl_error_memory(err);
	constitution->body = json_incref(body);
	constitution->number = prl_body_number(body, "number", 0);
	prl_status status = read_logs(constitution, err);
	if (!status)
		status = read_parties(constitution, err);
	read_rules(constitution);
	if (!status)
		status = check_rules(constitution, err);
	if (status) {
		prl_constitution_free(constitution);
		return status;
	}
	*ret = constitution;
	return PRL_OK;
}

/* ---- noun -------------------------------------------------------------------------------------------------------- */

static bool save(const void *value, prl_buffer *to)
{
	const prl_constitution *constitution = value;
	return prl_pack_hash(to, &constitution->line) && prl_pack_hash(to, &constitution->hash) &&
	       prl_pack_number(to, (uint64_t)constitution->founded) && prl_pack_json(to, constitution->body);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_hash line = prl_unpack_hash(&from), hash = prl_unpack_hash(&from);
	prl_time founded = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	json_t *body = prl_unpack_json(&from);
	prl_constitution *constitution = NULL;
	if (prl_unpack_end(&from, "constitution", err) && prl_constitution_read(body, &constitution, err) == PRL_OK) {
		constitution->line = line;
		constitution->hash = hash;
		constitution->founded = founded;
	}
	json_decref(body);
	return constitution;
}

static void free_value(void *value)
{
	prl_constitution_free(value);
}

const prl_noun prl_constitution_noun = {
	.name = "constitution", .shared = true, .save = save, .load = load, .free = free_value
};

const prl_constitution *prl_constitution_in(prl_picture *picture, prl_version version, prl_bytes log)
{
	return prl_picture_find(picture, version, PRL_TABLE_CONSTITUTION, log);
}

const prl_constitution *prl_constitution_first(prl_picture *picture, prl_version version)
{
	return prl_constitution_in(picture, version, (prl_bytes){ "", 0 });
}

static bool newest(void *context, prl_bytes log, const void *value)
{
	(void)log;
	const prl_constitution **best = context, *other = value;
	int order = *best ? memcmp((*best)->hash.bytes, other->hash.bytes, sizeof other->hash.bytes) : 0;
	if (!*best || other->number > (*best)->number || (other->number == (*best)->number && order > 0))
		*best = other;
	return true;
}

const prl_constitution *prl_picture_constitution(prl_picture *picture, prl_version version)
{
	const char *own_log = prl_picture_own_log(picture);
	const prl_constitution *best = NULL;
	if (own_log[0])
		return prl_constitution_in(picture, version, prl_bytes_of(own_log));
	if (prl_picture_each(picture, version, PRL_TABLE_CONSTITUTION, newest, &best, NULL))
		return prl_constitution_first(picture, version);
	return best;
}

const prl_party *prl_picture_party(prl_picture *picture, prl_version version, prl_bytes name)
{
	return prl_constitution_party(prl_picture_constitution(picture, version), name);
}

const prl_log *prl_picture_log(prl_picture *picture, prl_version version, prl_bytes origin)
{
	return prl_constitution_log(prl_picture_constitution(picture, version), origin);
}

const prl_constitution *prl_act_constitution(prl_picture *picture, const prl_act *act)
{
	return prl_constitution_in(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log));
}

const prl_party *prl_act_party(prl_picture *picture, const prl_act *act, prl_bytes name)
{
	return prl_constitution_party(prl_act_constitution(picture, act), name);
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/* The keys that must sign, and those that may, each once. */
typedef struct roots {
	prl_verifier keys[(PRL_ROOTS_SEEN_MAX + 1) * PRL_MAX_PARTIES];
	bool must[(PRL_ROOTS_SEEN_MAX + 1) * PRL_MAX_PARTIES];
	size_t count;
} roots;

static void add_root(roots *to, const prl_verifier *key, bool must)
{
	size_t i = 0;
	while (i < to->count && (strcmp(to->keys[i].name, key->name) != 0 ||
				 memcmp(to->keys[i].public_key, key->public_key, sizeof key->public_key) != 0))
		i++;
	if (i == to->count) {
		to->keys[to->count++] = *key;
		to->must[i] = false;
	}
	to->must[i] = to->must[i] || must;
}

static void add_new_roots(roots *to, const prl_constitution *next)
{
	for (size_t i = 0; i < next->party_count; i++)
		if (!next->parties[i].left)
			add_root(to, &next->parties[i].root, true);
}

/* The newest root that this log knows must sign. An older one may: the same bytes went to the party's own log, and
 * where this log has seen them take effect there, the newest root is the new one, and the one before has signed too. */
static void add_old_roots(roots *to, prl_picture *picture, const prl_act *act, const prl_constitution *old)
{
	for (size_t i = 0; i < old->party_count; i++) {
		prl_verifier keys[PRL_ROOTS_SEEN_MAX];
		size_t count = prl_key_roots_seen(picture, &old->parties[i], prl_bytes_of(act->log), act->index, keys);
		for (size_t j = 0; j < count && !old->parties[i].left; j++)
			add_root(to, &keys[j], j == 0);
	}
}

/* All who must have signed, and nobody who is not one of them, and nobody twice. */
static prl_status check_roots(const prl_entry *entry, const roots *wanted, prl_error *err)
{
	bool held[sizeof wanted->must / sizeof *wanted->must];
	char text[PRL_KEY_TEXT_MAX];
	size_t count = 0;
	prl_status status = prl_note_verify(&entry->note, wanted->keys, wanted->count, held, err);
	if (status)
		return status;
	for (size_t i = 0; i < wanted->count; i++) {
		prl_verifier_write(&wanted->keys[i], text);
		if (wanted->must[i] && !held[i])
			return prl_error_set(err, PRL_E_SIGNATURE, "a signature by %s is missing", text);
		count += held[i];
	}
	if (entry->note.count != count)
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "%zu signatures, of which %zu are by root keys of the parties", entry->note.count,
				     count);
	return PRL_OK;
}

/* Puts the keys of the parties whose home this log is. */
static prl_status put_roots(prl_picture *picture, const prl_act *act, const prl_constitution *next, prl_error *err)
{
	for (size_t i = 0; i < next->party_count; i++) {
		const prl_party *party = &next->parties[i];
		const prl_key *key = prl_picture_key(picture, PRL_VERSION_WORKING, prl_bytes_of(party->root.name));
		prl_status status = PRL_OK;
		if (strcmp(party->log, act->log) != 0)
			continue;
		if (!key)
			status = prl_key_add(picture, &party->root, party->name, "", PRL_ROLE_ROOT,
					     act->index ? act->index + 1 : 0, err);
		else if (memcmp(key->verifier.public_key, party->root.public_key, sizeof party->root.public_key) != 0)
			status = prl_key_replace(picture, key, &party->root, act->index, err);
		if (status)
			return status;
	}
	return PRL_OK;
}

/* old: the one that it amends; NULL: it is the first one. */
static prl_status put_constitution(prl_picture *picture, const prl_act *act, prl_bytes place, const prl_hash *line,
				   const prl_constitution *old, prl_error *err)
{
	prl_constitution *constitution;
	prl_time founded = old ? old->founded : act->entry->time;
	prl_status status = prl_constitution_read(act->body, &constitution, err);
	if (status)
		return status;
	constitution->line = *line;
	constitution->founded = founded;
	constitution->hash = act->entry->hash;
	return prl_picture_put(picture, PRL_TABLE_CONSTITUTION, place, constitution, err);
}

static prl_status decide_first(prl_picture *picture, const prl_act *act, const prl_constitution *next,
			       const prl_hash *line, prl_error *err)
{
	const prl_constitution *first = prl_constitution_first(picture, PRL_VERSION_WORKING);
	if (next->number != 0)
		return prl_error_set(err, PRL_E_REFUSED, "number %llu: the first constitution has none",
				     (unsigned long long)next->number);
	for (size_t i = 0; i < next->party_count; i++)
		if (next->parties[i].left)
			return prl_error_set(err, PRL_E_REFUSED, "party %s has left before the first constitution",
					     next->parties[i].name);
	if (first && !prl_hash_equal(&first->line, line))
		return prl_error_set(err, PRL_E_REFUSED, "this is the constitution of another line");
	roots wanted = { .count = 0 };
	add_new_roots(&wanted, next);
	prl_status status = check_roots(act->entry, &wanted, err);
	if (!status && !first)
		status = put_constitution(picture, act, (prl_bytes){ "", 0 }, line, NULL, err);
	if (!status)
		status = put_roots(picture, act, next, err);
	return status ? status : put_constitution(picture, act, prl_bytes_of(act->log), line, NULL, err);
}

static prl_status constitution(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_constitution *next;
	prl_hash line = prl_sha256(act->entry->note.text.data, act->entry->note.text.size);
	prl_status status = prl_constitution_read(act->body, &next, err);
	if (status)
		return status;
	status = decide_first(picture, act, next, &line, err);
	prl_constitution_free(next);
	return status;
}

/* What an amendment leaves as it is: parties and logs stay, parties stay where they are. */
static prl_status check_kept(const prl_constitution *old, const prl_constitution *next, prl_error *err)
{
	for (size_t i = 0; i < old->party_count; i++) {
		const prl_party *party = &old->parties[i];
		const prl_party *now = prl_constitution_party(next, prl_bytes_of(party->name));
		if (!now)
			return prl_error_set(err, PRL_E_REFUSED,
					     "party %s is missing; one that goes stays in the list as left",
					     party->name);
		if (strcmp(now->log, party->log) != 0)
			return prl_error_set(err, PRL_E_REFUSED, "party %s has its keys in log %s and stays there",
					     party->name, party->log);
		if (party->left && !now->left)
			return prl_error_set(err, PRL_E_REFUSED, "party %s has left; it comes back under another name",
					     party->name);
	}
	for (size_t i = 0; i < old->log_count; i++)
		if (!prl_constitution_log(next, prl_bytes_of(old->logs[i].origin)))
			return prl_error_set(err, PRL_E_REFUSED, "log %s is missing; logs stay in the list",
					     old->logs[i].origin);
	return PRL_OK;
}

static prl_status decide_amended(prl_picture *picture, const prl_act *act, const prl_constitution *old,
				 const prl_constitution *next, prl_error *err)
{
	if (next->number != old->number + 1)
		return prl_error_set(err, PRL_E_STALE, "amendment %llu, expected %llu",
				     (unsigned long long)next->number, (unsigned long long)old->number + 1);
	roots wanted = { .count = 0 };
	add_old_roots(&wanted, picture, act, old);
	add_new_roots(&wanted, next);
	prl_status status = check_kept(old, next, err);
	if (!status)
		status = check_roots(act->entry, &wanted, err);
	if (!status)
		status = put_roots(picture, act, next, err);
	return status ? status : put_constitution(picture, act, prl_bytes_of(act->log), &old->line, old, err);
}

static prl_status amended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_constitution *next;
	prl_status status = prl_constitution_read(act->body, &next, err);
	if (status)
		return status;
	status = decide_amended(picture, act, prl_act_constitution(picture, act), next, err);
	prl_constitution_free(next);
	return status;
}

static const prl_act_kind kinds[] = {
	{ "constitution", PRL_SIGNED_BY_ROOTS, false, constitution },
	{ "constitution.amended", PRL_SIGNED_BY_ROOTS, false, amended },
};
const prl_kinds prl_constitution_kinds = PRL_KINDS_OF(kinds);
