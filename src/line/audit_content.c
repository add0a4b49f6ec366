/* Contents that stand beside the logs, keys whose owner doubts them, fork proofs. */
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "line/audit_state.h"
#include "picture/body.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

/* ---- files of a folder of each export ---------------------------------------------------------------------------- */

typedef prl_status file_fn(void *context, const char *path, const char *name, prl_bytes bytes, prl_error *err);

static prl_status read_one(const char *folder, const char *name, prl_buffer *bytes, file_fn *fn, void *context,
			   prl_error *err)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	prl_buffer_clear(bytes);
	prl_status st = prl_file_read(path, bytes, err);
	return st ? st : fn(context, path, name, (prl_bytes){ bytes->data, bytes->size }, err);
}

static prl_status each_file(const prl_audit *audit, const char *folder, size_t max, file_fn *fn, void *context,
			    prl_error *err)
{
	char path[PATH_MAX];
	prl_buffer bytes = PRL_BUFFER(max);
	prl_status st = PRL_OK;
	for (size_t i = 0; i < audit->export_count && !st; i++) {
		if (snprintf(path, sizeof path, "%s/%s", audit->exports[i], folder) >= (int)sizeof path)
			continue;
		DIR *dir = opendir(path);
		struct dirent *entry;
		while (!st && dir && (entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				st = read_one(path, entry->d_name, &bytes, fn, context, err);
		if (dir)
			closedir(dir);
	}
	prl_buffer_done(&bytes);
	return st;
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

typedef struct contents {
	prl_audit *audit;
	prl_hash *hashes; /* of those that are here and whole; sorted */
	size_t count, room;
} contents;

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(prl_hash));
}

static prl_status take_content(void *context, const char *path, const char *name, prl_bytes bytes, prl_error *err)
{
	contents *all = context;
	prl_hash named, hash = prl_sha256(bytes.data, bytes.size);
	if (!prl_hex_read(prl_bytes_of(name), named.bytes, sizeof named.bytes) || !prl_hash_equal(&named, &hash)) {
		audit_find(all->audit, PRL_FINDING_FAULT, NULL, 0, 0, NULL, 0,
			   "%s is not the content that its name says", path);
		return PRL_OK;
	}
	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 64;
		prl_hash *hashes = prl_array_resize(all->hashes, room, sizeof *hashes);
		if (!hashes)
			return prl_error_memory(err);
		all->hashes = hashes;
		all->room = room;
	}
	all->hashes[all->count++] = hash;
	all->audit->sums.contents++;
	return PRL_OK;
}

static void say_not_delivered(prl_audit *audit, const prl_content *content, const char *hash, const char *to)
{
	const prl_party *party = prl_picture_party(audit->picture, PRL_VERSION_WORKING, prl_bytes_of(to));
	if (party && strcmp(party->log, content->log) != 0 && !prl_body_has(content->got, prl_bytes_of(party->log)))
		audit_find(audit, PRL_FINDING_NOT_DELIVERED, content->log, content->index, content->index + 1,
			   party->log, 0, "content %s of entry %llu of %s: %s has not recorded that it arrived for %s",
			   hash, (ull)content->index, content->log, party->log, party->name);
}

static bool judge_content(void *context, prl_bytes key, const void *value)
{
	contents *all = context;
	const prl_content *content = value;
	char hash[PRL_HASH_TEXT_MAX];
	(void)key;
	prl_hash_write(&content->hash, hash);
	for (size_t i = 0; i < json_array_size(content->to); i++)
		say_not_delivered(all->audit, content, hash, json_string_value(json_array_get(content->to, i)));
	if (all->count && bsearch(&content->hash, all->hashes, all->count, sizeof *all->hashes, compare_hashes))
		return true;
	size_t deleted = json_array_size(content->deleted);
	audit_find(all->audit, PRL_FINDING_NO_CONTENT, content->log, content->index, content->index + 1, NULL, 0,
		   "content %s of entry %llu of %s is not in these files%s%s", hash, (ull)content->index, content->log,
		   deleted ? "; deleted by the rule of retention on " : "",
		   deleted ? json_string_value(json_array_get(content->deleted, 0)) : "");
	return true;
}

static bool judge_key(void *context, prl_bytes name, const void *value)
{
	contents *all = context;
	const prl_key *key = value;
	const prl_party *party = prl_picture_party(all->audit->picture, PRL_VERSION_WORKING, prl_bytes_of(key->party));
	(void)name;
	if (party && key->suspect_from != PRL_INDEX_NEVER)
		audit_find(all->audit, PRL_FINDING_SUSPECT, party->log, key->suspect_from, key->until, NULL, 0,
			   "%s doubts what key %s signed from entry %llu of %s on; the key ended before entry %llu",
			   key->party, key->verifier.name, (ull)key->suspect_from, party->log, (ull)key->until);
	return true;
}

prl_status audit_contents(prl_audit *audit, prl_error *err)
{
	contents all = { .audit = audit };
	prl_status st = each_file(audit, "contents", PRL_MAX_CONTENT_BYTES, take_content, &all, err);
	if (all.count)
		qsort(all.hashes, all.count, sizeof *all.hashes, compare_hashes);
	if (!st)
		st = prl_picture_each(audit->picture, PRL_VERSION_WORKING, PRL_TABLE_CONTENT, judge_content, &all, err);
	if (!st)
		st = prl_picture_each(audit->picture, PRL_VERSION_WORKING, PRL_TABLE_KEY, judge_key, &all, err);
	free(all.hashes);
	return st;
}

/* ---- forks ------------------------------------------------------------------------------------------------------- */

static prl_status take_fork(void *context, const char *path, const char *name, prl_bytes bytes, prl_error *err)
{
	prl_audit *audit = context;
	prl_fork fork;
	prl_note note;
	prl_checkpoint older;
	prl_error why = { 0 };
	(void)name;
	(void)err;
	prl_status st = prl_fork_read(bytes, &fork, &why);
	if (!st)
		st = prl_note_read(fork.older, &note, &why);
	if (!st)
		st = prl_checkpoint_read(note.text, &older, &why);
	const char *origin = st ? "" : older.origin;
	if (!st)
		st = prl_error_set(&why, PRL_E_NOT_FOUND, "no constitution of the line names log %s", origin);
	for (size_t i = 0; st && origin[0] && i < audit->key_count; i++)
		if (!strcmp(audit->keys[i].origin, origin))
			st = prl_fork_verify(&fork, &audit->keys[i].key, &why);
	if (st)
		audit_find(audit, PRL_FINDING_FAULT, origin, 0, 0, NULL, 0, "%s proves no fork: %s%s%s", path,
			   why.where, why.where[0] ? ": " : "", why.text);
	else
		audit_find(audit, PRL_FINDING_CONTRADICTORY, origin, 0, older.size, NULL, 0,
			   "%s proves that %s has signed two histories", path, origin);
	return PRL_OK;
}

/* ---- policies ---------------------------------------------------------------------------------------------------- */

/* What stands as policy beside the logs is what the constitution in force says. */
static void check_policy(prl_audit *audit, const char *folder, const char *policy)
{
	char path[PATH_MAX];
	prl_buffer bytes = PRL_BUFFER(PRL_MAX_POLICY_BYTES);
	prl_error why = { 0 };
	if (snprintf(path, sizeof path, "%s/policy", folder) >= (int)sizeof path)
		return;
	prl_status st = prl_file_read(path, &bytes, &why);
	bool same = !st && policy && bytes.size == strlen(policy) && !memcmp(bytes.data, policy, bytes.size);
	if (st != PRL_E_NOT_FOUND && !same)
		audit_find(audit, PRL_FINDING_FAULT, NULL, 0, 0, NULL, 0, "%s: %s", path,
			   st ? why.text : "it is not the policy that the constitution states");
	prl_buffer_done(&bytes);
}

prl_status audit_forks(prl_audit *audit, prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(audit->picture, PRL_VERSION_WORKING);
	for (size_t i = 0; constitution && i < audit->export_count; i++)
		check_policy(audit, audit->exports[i],
			     json_string_value(json_object_get(constitution->body, "policy")));
	return each_file(audit, "forks", PRL_FORK_MAX, take_fork, audit, err);
}
