/* What the fold does not see: checkpoints, cosignatures, and what logs say of each other, all as claims that a log had
 * some root at some size, laid beside the entries that are here. */
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/audit_state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static bool same_keys(const audit_keys *keys, const prl_log *log)
{
	return !strcmp(keys->origin, log->origin) &&
	       !memcmp(keys->key.public_key, log->key.public_key, sizeof log->key.public_key) &&
	       !memcmp(keys->witness.public_key, log->witness.public_key, sizeof log->witness.public_key) &&
	       !memcmp(keys->mirror.public_key, log->mirror.public_key, sizeof log->mirror.public_key);
}

prl_status audit_keys_add(prl_audit *audit, const prl_constitution *constitution, prl_error *err)
{
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const prl_log *log = &constitution->logs[i];
		size_t at = 0;
		while (at < audit->key_count && !same_keys(&audit->keys[at], log))
			at++;
		if (at < audit->key_count)
			continue;
		audit_keys *keys = prl_array_resize(audit->keys, audit->key_count + 1, sizeof *keys);
		if (!keys)
			return prl_error_memory(err);
		audit->keys = keys;
		audit_keys *to = &keys[audit->key_count++];
		memcpy(to->origin, log->origin, sizeof to->origin);
		to->key = log->key;
		to->witness = log->witness;
		to->mirror = log->mirror;
	}
	return PRL_OK;
}

prl_status audit_claim_add(prl_audit *audit, const audit_claim *claim, prl_error *err)
{
	if (!claim->log || !claim->by)
		return prl_error_memory(err);
	if (audit->claim_count == audit->claim_room) {
		size_t room = audit->claim_room ? 2 * audit->claim_room : 256;
		audit_claim *claims = prl_array_resize(audit->claims, room, sizeof *claims);
		if (!claims)
			return prl_error_memory(err);
		audit->claims = claims;
		audit->claim_room = room;
	}
	audit->claims[audit->claim_count++] = *claim;
	return PRL_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

/* A checkpoint of a copy, under its name there. */
typedef struct checkpoint_file {
	prl_audit *audit;
	const audit_copy *copy;
	const char *name;
	prl_checkpoint checkpoint;
	prl_note note;
} checkpoint_file;

static void file_fault(const checkpoint_file *f, const char *other, const char *why)
{
	audit_find(f->audit, PRL_FINDING_FAULT, f->copy->checkpoint.origin, 0, 0, other, 0, "%s/%s: %s",
		   f->copy->folder, f->name, why);
}

/* The log's own signature, by one of the keys that it ever had. */
static bool open_file(checkpoint_file *f, prl_bytes bytes)
{
	prl_error why = { 0 };
	prl_status st = prl_error_set(&why, PRL_E_NOT_FOUND, "the constitution of the line names no log %s",
				      f->copy->checkpoint.origin);
	for (size_t i = 0; st && i < f->audit->key_count; i++)
		if (!strcmp(f->audit->keys[i].origin, f->copy->checkpoint.origin))
			st = prl_checkpoint_open(bytes, &f->audit->keys[i].key, &f->checkpoint, &f->note, &why);
	if (st)
		file_fault(f, NULL, why.text);
	return !st;
}

static prl_status take_cosignature(checkpoint_file *f, const char *by, const prl_verifier *key, audit_claim_kind kind,
				   prl_error *err)
{
	uint64_t time_s;
	prl_error why = { 0 };
	prl_status st = prl_cosignature_verify(&f->note, key, &time_s, &why);
	if (st == PRL_E_NOT_FOUND)
		return PRL_OK;
	if (!st && time_s > INT64_MAX / PRL_SECOND)
		st = prl_error_set(&why, PRL_E_RANGE, "the cosignature of %s has a time beyond the year 2262",
				   key->name);
	if (st) {
		file_fault(f, by, why.text);
		return PRL_OK;
	}
	f->audit->sums.cosignatures++;
	const audit_claim claim = { .kind = kind,
				    .log = audit_name(f->audit, f->checkpoint.origin),
				    .by = audit_name(f->audit, by),
				    .size = f->checkpoint.size,
				    .root = f->checkpoint.root,
				    .time = (prl_time)time_s * PRL_SECOND };
	return audit_claim_add(f->audit, &claim, err);
}

static bool is_line_of(const prl_signature *line, const prl_verifier *key, bool *near)
{
	bool name = prl_bytes_is(line->name, key->name), id = line->id == key->id;
	*near = *near || name != id;
	return name && id;
}

/* Lines by strangers are nothing to us (signed-note: unknown signatures are ignored). A line with the name of one key
 * and the id of another is no stranger's. */
static void check_strangers(const checkpoint_file *f)
{
	char why[PRL_KEY_NAME_MAX + 100];
	for (size_t i = 0; i < f->note.count; i++) {
		const prl_signature *line = &f->note.signatures[i];
		bool known = false, near = false;
		for (size_t k = 0; k < f->audit->key_count; k++) {
			const audit_keys *keys = &f->audit->keys[k];
			known = is_line_of(line, &keys->key, &near) || known;
			known = is_line_of(line, &keys->witness, &near) || known;
			known = is_line_of(line, &keys->mirror, &near) || known;
		}
		if (known || !near)
			continue;
		snprintf(why, sizeof why, "a signature by %.*s+%08x: no constitution gives that name this key",
			 (int)line->name.size, line->name.data, (unsigned)line->id);
		file_fault(f, NULL, why);
	}
}

static prl_status take_file(checkpoint_file *f, prl_bytes bytes, uint64_t size, prl_error *err)
{
	if (!open_file(f, bytes))
		return PRL_OK;
	if (f->checkpoint.size != size) {
		file_fault(f, NULL, "it is of another size than its name says");
		return PRL_OK;
	}
	check_strangers(f);
	const char *log = audit_name(f->audit, f->checkpoint.origin);
	const audit_claim own = { AUDIT_OWN, log, log, f->checkpoint.size, f->checkpoint.root, 0, false, f->copy };
	prl_status st = audit_claim_add(f->audit, &own, err);
	for (size_t i = 0; !st && i < f->audit->key_count; i++) {
		const audit_keys *keys = &f->audit->keys[i];
		st = take_cosignature(f, keys->origin, &keys->witness, AUDIT_WITNESSED, err);
		if (!st)
			st = take_cosignature(f, keys->origin, &keys->mirror, AUDIT_MIRRORED, err);
	}
	return st;
}

static prl_status take_cosigned(void *context, uint64_t size, prl_bytes bytes, prl_error *err)
{
	checkpoint_file *f = context;
	char name[60];
	snprintf(name, sizeof name, "cosigned/%020llu", (ull)size);
	f->name = name;
	prl_status st = take_file(f, bytes, size, err);
	f->name = NULL;
	return st;
}

/* The vkey that stands beside a log for other people's programs. */
static void check_key_file(const checkpoint_file *f)
{
	char path[PATH_MAX], text[PRL_KEY_TEXT_MAX + 1];
	prl_buffer bytes = PRL_BUFFER(2 * PRL_KEY_TEXT_MAX);
	prl_error why = { 0 };
	bool known = false;
	if (snprintf(path, sizeof path, "%s/key", f->copy->folder) >= (int)sizeof path)
		return;
	prl_status st = prl_file_read(path, &bytes, &why);
	for (size_t i = 0; !st && i < f->audit->key_count; i++) {
		prl_verifier_write(&f->audit->keys[i].key, text);
		strcat(text, "\n");
		known = known || (!strcmp(f->audit->keys[i].origin, f->copy->checkpoint.origin) &&
				  bytes.size == strlen(text) && !memcmp(bytes.data, text, bytes.size));
	}
	prl_buffer_done(&bytes);
	if (st != PRL_E_NOT_FOUND && !known)
		audit_find(f->audit, PRL_FINDING_FAULT, f->copy->checkpoint.origin, 0, 0, NULL, 0, "%s: %s", path,
			   st ? why.text : "it is not the key that the constitution gives this log");
}

static prl_status take_copy(prl_audit *audit, const audit_copy *copy, prl_error *err)
{
	checkpoint_file *f = calloc(1, sizeof *f);
	if (!f)
		return prl_error_memory(err);
	*f = (checkpoint_file){ .audit = audit, .copy = copy, .name = "checkpoint" };
	prl_status st = take_file(f, (prl_bytes){ copy->note.data, copy->note.size }, copy->checkpoint.size, err);
	if (!st)
		st = prl_static_cosigned(copy->folder, take_cosigned, f, err);
	check_key_file(f);
	free(f);
	audit->sums.copies++;
	return st;
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

static int by_log_and_size(const void *a, const void *b)
{
	const audit_claim *x = a, *y = b;
	int order = strcmp(x->log, y->log);
	if (!order)
		order = (int)x->kind - (int)y->kind;
	if (!order)
		order = strcmp(x->by, y->by);
	if (!order)
		order = (x->size > y->size) - (x->size < y->size);
	if (!order)
		order = memcmp(x->root.bytes, y->root.bytes, sizeof x->root.bytes);
	return order ? order : (x->time > y->time) - (x->time < y->time);
}

static bool same_speaker(const audit_claim *a, const audit_claim *b)
{
	return a && b && a->log == b->log && a->by == b->by && a->kind == b->kind;
}

static void say_seen(prl_audit *audit, const audit_claim *claim, uint64_t from)
{
	char time[PRL_TIME_TEXT_MAX];
	prl_time_format(claim->time, time);
	if (claim->kind == AUDIT_MIRRORED)
		audit_find(audit, PRL_FINDING_SEEN, claim->log, from, claim->size, claim->by, claim->time,
			   "%s had stored entries 0 to %llu of %s at %s by its own clock (cosigned)", claim->by,
			   (ull)claim->size - 1, claim->log, time);
	else
		audit_find(audit, PRL_FINDING_SEEN, claim->log, from, claim->size, claim->by, claim->time,
			   "%s recorded at %s by its own clock that it had stored entries 0 to %llu of %s", claim->by,
			   time, (ull)claim->size - 1, claim->log);
}

static void say_missing(prl_audit *audit, const audit_claim *claim, uint64_t here)
{
	static const char *const says[] = { [AUDIT_OWN] = "has signed a checkpoint of",
					    [AUDIT_WITNESSED] = "has cosigned that it saw",
					    [AUDIT_MIRRORED] = "has cosigned that it stored",
					    [AUDIT_RECORDED] = "has recorded that it stored" };
	audit_find(audit, PRL_FINDING_MISSING, claim->log, here, claim->size, claim->by, claim->time,
		   "%s %s %llu entries of %s; these files hold %llu", claim->by, says[claim->kind], (ull)claim->size,
		   claim->log, (ull)here);
}

static void say_contradictory(prl_audit *audit, const audit_claim *claim, const audit_copy *best)
{
	if (claim->kind == AUDIT_OWN)
		audit_find(audit, PRL_FINDING_CONTRADICTORY, claim->log, 0, claim->size, claim->log, 0,
			   "two histories of %s, both signed by it: the checkpoint of %llu entries in %s is not of "
			   "what %s "
			   "holds",
			   claim->log, (ull)claim->size, claim->copy->folder, best->folder);
	else
		audit_find(audit, PRL_FINDING_CONTRADICTORY, claim->log, 0, claim->size, claim->by, claim->time,
			   "%s %s another history of %s, of %llu entries, than %s holds", claim->by,
			   claim->kind == AUDIT_RECORDED ? "has recorded" : "has cosigned", claim->log,
			   (ull)claim->size, best->folder);
}

/* What has been said of one speaker so far. */
typedef struct speaker {
	uint64_t seen; /* size up to which it has stored */
	bool contradictory;
} speaker;

static prl_status judge_claim(prl_audit *audit, audit_claim *claim, bool last, speaker *told, prl_error *err)
{
	prl_hash root;
	const audit_copy *best = audit_best(audit, claim->log);
	uint64_t here = best ? best->usable : 0;
	if (claim->size > here) {
		if (last && (!best || best->sound))
			say_missing(audit, claim, here);
		return PRL_OK;
	}
	if (!best->sound) /* what its entries hash to is no evidence; that they do not hold is said already */
		return PRL_OK;
	prl_status st = audit_root(best, claim->size, &root, err);
	if (st)
		return st;
	claim->fits = prl_hash_equal(&root, &claim->root);
	if (!claim->fits && !told->contradictory)
		say_contradictory(audit, claim, best);
	told->contradictory = told->contradictory || !claim->fits;
	if (claim->fits && claim->kind >= AUDIT_MIRRORED && claim->size > told->seen && claim->log != claim->by) {
		say_seen(audit, claim, told->seen);
		told->seen = claim->size;
	}
	return PRL_OK;
}

static prl_status judge_claims(prl_audit *audit, prl_error *err)
{
	prl_status st = PRL_OK;
	speaker told = { 0 };
	if (audit->claim_count)
		qsort(audit->claims, audit->claim_count, sizeof *audit->claims, by_log_and_size);
	for (size_t i = 0; !st && i < audit->claim_count; i++) {
		audit_claim *claim = &audit->claims[i];
		const audit_claim *after = i + 1 < audit->claim_count ? claim + 1 : NULL;
		if (!i || !same_speaker(claim, claim - 1))
			told.seen = 0, told.contradictory = false;
		st = judge_claim(audit, claim, !same_speaker(claim, after), &told, err);
	}
	return st;
}

/* ---- agreed and one-sided ---------------------------------------------------------------------------------------- */

/* Entries of the log that `by` says it has stored, and what it says fits. */
static uint64_t stored_by(const prl_audit *audit, const char *log, const char *by)
{
	uint64_t size = 0;
	for (size_t i = 0; i < audit->claim_count; i++) {
		const audit_claim *claim = &audit->claims[i];
		if (claim->fits && claim->kind >= AUDIT_MIRRORED && claim->size > size && !strcmp(claim->log, log) &&
		    !strcmp(claim->by, by))
			size = claim->size;
	}
	return size;
}

static void say_one_sided(prl_audit *audit, const audit_copy *copy, uint64_t from, const char *lacking)
{
	const char *log = copy->checkpoint.origin;
	if (from < copy->usable)
		audit_find(audit, PRL_FINDING_ONE_SIDED, log, from, copy->usable, NULL, 0,
			   "entries %llu to %llu of %s: no proof in these files that they were stored on %s", (ull)from,
			   (ull)copy->usable - 1, log, lacking[0] ? lacking : "another node: the line has no other");
}

static void judge_agreement(prl_audit *audit, const audit_copy *copy, const prl_constitution *constitution)
{
	const char *log = copy->checkpoint.origin;
	uint64_t agreed = copy->usable;
	char lacking[700] = "";
	bool others = false;
	for (size_t i = 0; i < constitution->log_count; i++) {
		const char *by = constitution->logs[i].origin;
		if (!strcmp(by, log))
			continue;
		uint64_t stored = stored_by(audit, log, by);
		size_t used = strlen(lacking);
		others = true;
		agreed = stored < agreed ? stored : agreed;
		if (stored < copy->usable)
			snprintf(lacking + used, sizeof lacking - used, "%s%s (which has %llu of them)",
				 used ? ", " : "", by, (ull)stored);
	}
	if (!others)
		agreed = 0;
	if (agreed)
		audit_find(audit, PRL_FINDING_AGREED, log, 0, agreed, NULL, 0,
			   "entries 0 to %llu of %s: every other node of the line says that it has stored them",
			   (ull)agreed - 1, log);
	say_one_sided(audit, copy, agreed, lacking);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void judge_agreements(prl_audit *audit)
{
	const prl_constitution *constitution = prl_picture_constitution(audit->picture, PRL_VERSION_WORKING);
	for (size_t i = 0; constitution && i < audit->copy_count; i++)
		if (audit->copies[i].best && audit->copies[i].sound)
			judge_agreement(audit, &audit->copies[i], constitution);
	for (size_t i = 0; constitution && i < constitution->log_count; i++)
		if (!audit_best(audit, constitution->logs[i].origin))
			audit_find(audit, PRL_FINDING_MISSING, constitution->logs[i].origin, 0, 0, NULL, 0,
				   "no copy of %s is in these files", constitution->logs[i].origin);
}

prl_status audit_compare_all(prl_audit *audit, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < audit->copy_count; i++)
		if (audit->copies[i].readable && !audit->copies[i].other_line)
			st = take_copy(audit, &audit->copies[i], err);
	if (!st)
		st = judge_claims(audit, err);
	if (!st)
		judge_agreements(audit);
	return st;
}
