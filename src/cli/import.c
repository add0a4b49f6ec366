#include "cli/import.h"
#include "cli/log.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "record/static_log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOGS_MAX PRL_PEERS_MAX

typedef struct importing {
	cli_target target;
	const char *folder; /* the export at hand */
	char logs[LOGS_MAX + 1][NAME_MAX + 1];
	size_t log_count;
	char from[PRL_KEY_NAME_MAX + 1]; /* log of the node that made the export, as far as it can be told; "" */
	json_t *wanted;                  /* hex of the contents that entries announce to parties of ours */
	uint64_t entries, cosigned, contents, restored;
} importing;

/* ---- one log of the export --------------------------------------------------------------------------------------- */

typedef struct source {
	importing *all;
	char path[PATH_MAX], origin[PRL_KEY_NAME_MAX + 1];
	bool own;
	uint64_t held, size; /* entries here; entries of the export */
	prl_static_cursor cursor;
	prl_buffer bytes; /* of the entries [start, cursor.next) */
	size_t *ends;     /* where each ends in bytes */
	size_t count, room;
	uint64_t start;
	prl_buffer checkpoint; /* covers [start, start + covered) */
	size_t covered;
} source;

static bool keep(source *s, prl_bytes entry)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 1024;
		size_t *ends = prl_array_resize(s->ends, room, sizeof *ends);
		if (!ends)
			return false;
		s->ends = ends;
		s->room = room;
	}
	if (!prl_buffer_append(&s->bytes, entry.data, entry.size))
		return false;
	s->ends[s->count++] = s->bytes.size;
	return true;
}

static prl_status hand_over(source *s, const prl_bytes *entries, prl_error *err)
{
	importing *all = s->all;
	prl_bytes checkpoint = { s->checkpoint.data, s->checkpoint.size };
	prl_status st =
		s->own ? prl_target_restore(&all->target, all->from, s->start, entries, s->covered, checkpoint, err)
		       : prl_target_mirror(&all->target, s->origin, s->start, entries, s->covered, checkpoint, err);
	if (st)
		return st;
	*(s->own ? &all->restored : &all->entries) += s->covered;
	return PRL_OK;
}

/* What is covered goes; what is not stays for the next checkpoint. */
static prl_status flush(source *s, prl_error *err)
{
	if (!s->covered)
		return PRL_OK;
	prl_bytes *entries = prl_array_new(s->covered, sizeof *entries);
	if (!entries)
		return prl_error_memory(err);
	for (size_t i = 0; i < s->covered; i++) {
		size_t from = i ? s->ends[i - 1] : 0;
		entries[i] = (prl_bytes){ s->bytes.data + from, s->ends[i] - from };
	}
	prl_status st = hand_over(s, entries, err);
	free(entries);
	if (st)
		return st;
	size_t gone = s->ends[s->covered - 1];
	memmove(s->bytes.data, s->bytes.data + gone, s->bytes.size - gone);
	s->bytes.size -= gone;
	for (size_t i = s->covered; i < s->count; i++)
		s->ends[i - s->covered] = s->ends[i] - gone;
	s->start += s->covered;
	s->count -= s->covered;
	s->covered = 0;
	return PRL_OK;
}

/* ---- what the entries announce ----------------------------------------------------------------------------------- */

static bool is_ours(const importing *all, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(all->target.constitution, "parties"), i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *log = json_string_value(json_object_get(one, "log"));
		if (name && log && !strcmp(name, party) && !strcmp(log, all->target.own))
			return true;
	}
	return false;
}

static bool goes_to_us(const source *s, const json_t *body)
{
	const json_t *to = json_object_get(body, "to"), *one;
	size_t i;
	if (!to || s->own)
		return true;
	json_array_foreach(to, i, one) if (json_is_string(one) && is_ours(s->all, json_string_value(one))) return true;
	return false;
}

static void want(const source *s, prl_bytes body_text)
{
	json_t *body = json_loadb(body_text.data, body_text.size, JSON_REJECT_DUPLICATES, NULL), *one;
	size_t i;
	char hex[65];
	prl_hash hash;
	if (goes_to_us(s, body))
		json_array_foreach(json_object_get(body, "contents"), i, one)
		{
			const char *text = json_string_value(json_object_get(one, "hash"));
			if (!text || !prl_hash_read(prl_bytes_of(text), &hash))
				continue;
			prl_hex_write(hash.bytes, sizeof hash.bytes, hex);
			json_object_set_new(s->all->wanted, hex, json_true());
		}
	json_decref(body);
}

static prl_status look_at(source *s, uint64_t index, prl_bytes bytes, prl_error *err)
{
	static const char announces[] = "\"contents\"";
	prl_entry *entry = malloc(sizeof *entry);
	if (!entry)
		return prl_error_memory(err);
	prl_status st = PRL_OK;
	bool read = prl_entry_read(bytes, entry, NULL) == PRL_OK;
	if (index == 0) { /* the name of a line is the hash of its constitution's text */
		prl_hash line = read ? prl_sha256(entry->note.text.data, entry->note.text.size) : (prl_hash){ 0 };
		if (!read || !prl_hash_equal(&line, &s->all->target.line))
			st = prl_error_set(err, PRL_E_REFUSED, "%s: the log %s is of another line", s->path, s->origin);
	} else if (read && memmem(entry->body.data, entry->body.size, announces, sizeof announces - 1)) {
		want(s, entry->body);
	}
	free(entry);
	return st;
}

/* ---- reading on -------------------------------------------------------------------------------------------------- */

static prl_status read_to(source *s, uint64_t to, prl_error *err)
{
	prl_status st = PRL_OK;
	prl_bytes entry;
	while (!st && s->cursor.next < to) {
		uint64_t index = s->cursor.next;
		st = prl_static_next(&s->cursor, &entry, err);
		if (!st)
			st = look_at(s, index, entry, err);
		if (!st && index >= s->held && !keep(s, entry))
			st = prl_error_set(err, PRL_E_TOO_LARGE,
					   "%s: between two checkpoints lie more than %zu bytes: stop the node, import "
					   "again, start it",
					   s->path, s->bytes.max);
	}
	return st;
}

/* Entries up to a checkpoint of the export; handed over when much has come together. */
static prl_status take_checkpoint(void *context, uint64_t size, prl_bytes note, prl_error *err)
{
	source *s = context;
	if (size > s->size)
		return PRL_OK;
	prl_status st = read_to(s, size, err);
	if (st || size <= s->held)
		return st;
	prl_buffer_clear(&s->checkpoint);
	if (!prl_buffer_append(&s->checkpoint, note.data, note.size))
		return prl_error_memory(err);
	s->covered = (size_t)(size - s->start);
	return s->bytes.size > prl_target_room(&s->all->target) / 2 || s->covered > PRL_MIRROR_MAX / 2 ? flush(s, err)
												       : PRL_OK;
}

static prl_status take_entries(source *s, prl_bytes newest, prl_error *err)
{
	prl_status st = prl_static_cosigned(s->path, take_checkpoint, s, err);
	if (!st)
		st = take_checkpoint(s, s->size, newest, err);
	return st ? st : flush(s, err);
}

/* ---- our own log, as the other side mirrored it ------------------------------------------------------------------ */

static prl_status take_cosigned(void *context, uint64_t size, prl_bytes note, prl_error *err)
{
	source *s = context;
	prl_note read;
	if (size > s->held)
		return PRL_OK;
	prl_status st = prl_note_read(note, &read, err);
	if (st || read.count < 2)
		return st;
	st = prl_target_cosigned(&s->all->target, note, err);
	s->all->cosigned += !st;
	return st;
}

/* A log that is shorter here than there has lost its tail. */
static prl_status take_own(source *s, prl_bytes newest, prl_error *err)
{
	prl_status st = PRL_OK;
	if (s->size > s->held && s->all->target.online)
		return prl_error_set(
			err, PRL_E_STALE,
			"%s holds %llu entries of our own log %s, here are %llu: stop the node and import again, "
			"so that the tail is taken back before anything new is signed",
			s->path, (unsigned long long)s->size, s->origin, (unsigned long long)s->held);
	st = take_entries(s, newest, err);
	if (!st && s->size > s->held)
		s->held = s->size;
	if (!st)
		st = prl_static_cosigned(s->path, take_cosigned, s, err);
	return st ? st : take_cosigned(s, s->size, newest, err);
}

/* ---- one log ----------------------------------------------------------------------------------------------------- */

static prl_status open_source(source *s, const char *name, prl_buffer *newest, prl_error *err)
{
	prl_note note;
	prl_checkpoint checkpoint;
	if (snprintf(s->path, sizeof s->path, "%s/logs/%s", s->all->folder, name) >= (int)sizeof s->path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", s->all->folder);
	prl_status st = prl_static_checkpoint(s->path, newest, err);
	if (!st)
		st = prl_note_read((prl_bytes){ newest->data, newest->size }, &note, err);
	if (!st)
		st = prl_checkpoint_read(note.text, &checkpoint, err);
	if (st)
		return prl_error_at(err, st, "%s/checkpoint", s->path);
	memcpy(s->origin, checkpoint.origin, sizeof s->origin);
	s->size = checkpoint.size;
	s->own = !strcmp(s->origin, s->all->target.own);
	return PRL_OK;
}

static prl_status take_log(importing *all, const char *name, bool own, prl_error *err)
{
	source *s = calloc(1, sizeof *s);
	prl_buffer newest = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	if (!s)
		return prl_error_memory(err);
	s->all = all;
	s->bytes = PRL_BUFFER(prl_target_room(&all->target));
	s->checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_status st = open_source(s, name, &newest, err);
	if (!st && s->own == own)
		st = prl_target_size(&all->target, s->origin, &s->held, err);
	if (!st && s->own == own) {
		s->start = s->held;
		prl_static_open(&s->cursor, s->path, s->size);
		st = own ? take_own(s, (prl_bytes){ newest.data, newest.size }, err)
			 : take_entries(s, (prl_bytes){ newest.data, newest.size }, err);
		prl_static_close(&s->cursor);
		if (st && err && !strstr(err->text, s->path))
			st = prl_error_at(err, st, "%s", s->path);
	}
	if (!st && !own && !s->own && !all->from[0])
		memcpy(all->from, s->origin, sizeof all->from);
	prl_buffer_done(&newest);
	prl_buffer_done(&s->bytes);
	prl_buffer_done(&s->checkpoint);
	free(s->ends);
	free(s);
	return st;
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

static prl_status take_content(importing *all, const char *hex, prl_error *err)
{
	char path[PATH_MAX];
	prl_buffer bytes = PRL_BUFFER(PRL_MAX_CONTENT_BYTES);
	prl_hash hash;
	bool is_new = false;
	if (!prl_hex_read(prl_bytes_of(hex), hash.bytes, sizeof hash.bytes) ||
	    snprintf(path, sizeof path, "%s/contents/%s", all->folder, hex) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", all->folder);
	prl_status st = prl_file_read(path, &bytes, err);
	if (st == PRL_E_NOT_FOUND) {
		prl_buffer_done(&bytes);
		return PRL_OK;
	}
	if (!st)
		st = prl_target_content(&all->target, &hash, (prl_bytes){ bytes.data ? bytes.data : "", bytes.size },
					&is_new, err);
	if (st && err)
		prl_error_at(err, st, "%s", path);
	all->contents += !st && is_new;
	prl_buffer_done(&bytes);
	return st;
}

/* ---- an export --------------------------------------------------------------------------------------------------- */

static prl_status list_logs(importing *all, prl_error *err)
{
	char path[PATH_MAX];
	struct dirent *entry;
	all->log_count = 0;
	if (snprintf(path, sizeof path, "%s/logs", all->folder) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", all->folder);
	DIR *logs = opendir(path);
	if (!logs)
		return prl_error_set(err, errno == ENOENT ? PRL_E_NOT_FOUND : PRL_E_IO,
				     "%s: %s; expected an export, as `parley log export` writes it", path,
				     strerror(errno));
	prl_status st = PRL_OK;
	while (!st && (entry = readdir(logs))) {
		if (entry->d_name[0] == '.')
			continue;
		if (all->log_count > LOGS_MAX)
			st = prl_error_set(err, PRL_E_TOO_LARGE, "%s holds more than %u logs", path, LOGS_MAX);
		else
			strcpy(all->logs[all->log_count++], entry->d_name);
	}
	closedir(logs);
	if (!st && !all->log_count)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "%s holds no log", path);
	return st;
}

/* The others' logs first: what our own tail says it has seen must be held before it is taken back. */
static prl_status take_export(importing *all, prl_error *err)
{
	prl_status st = list_logs(all, err);
	all->from[0] = 0;
	for (int own = 0; !st && own < 2; own++)
		for (size_t i = 0; !st && i < all->log_count; i++)
			st = take_log(all, all->logs[i], own == 1, err);
	const char *hex;
	json_t *value;
	if (!st)
		json_object_foreach(all->wanted, hex, value)
		{
			st = take_content(all, hex, err);
			if (st)
				break;
		}
	json_object_clear(all->wanted);
	return st;
}

static void print_result(const importing *all)
{
	printf("new here: %llu entries of other logs, %llu contents\n", (unsigned long long)all->entries,
	       (unsigned long long)all->contents);
	if (all->cosigned)
		printf("%llu checkpoints of %s that others have cosigned\n", (unsigned long long)all->cosigned,
		       all->target.own);
	if (all->restored)
		printf("taken back: %llu entries of our own log %s\n", (unsigned long long)all->restored,
		       all->target.own);
	if (!all->target.online)
		printf("no node runs here: what has come is seen and answered when it does\n");
}

int prl_cli_log_import(const cli_log_call *call)
{
	prl_error err = { 0 };
	importing *all = calloc(1, sizeof *all);
	prl_status st = all ? prl_target_open(call->operands[0], &all->target, &err) : prl_error_memory(&err);
	bool opened = !st;
	if (all)
		all->wanted = json_object();
	for (int i = 1; !st && i < call->operand_count; i++) {
		all->folder = call->operands[i];
		st = take_export(all, &err);
	}
	if (opened)
		print_result(all);
	if (st)
		prl_cli_say_error("log import", &err);
	if (opened)
		prl_target_close(&all->target);
	if (all)
		json_decref(all->wanted);
	free(all);
	return prl_cli_exit_status(st);
}
