#include "node/folder.h"

#include "base/error.h"
#include "base/text.h"
#include "line/line.h"
#include "node/clock.h"
#include "node/home_source.h"
#include "node/keys.h"
#include "node/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- files ------------------------------------------------------------------------------------------------------- */

char *prl_folder_file(const prl_folder *folder, const char *name)
{
	size_t length = strlen(folder->path) + strlen(name) + 2;
	char *path = malloc(length);
	if (path)
		snprintf(path, length, "%s/%s", folder->path, name);
	return path;
}

static void say(const prl_folder_options *options, const char *format, ...) PRL_PRINTF(2, 3);
static void say(const prl_folder_options *options, const char *format, ...)
{
	char line[1024];
	va_list args;
	if (!options->say)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	options->say(options->context, line);
}

static prl_status read_settings(prl_folder *folder, prl_error *err)
{
	char *path = prl_folder_file(folder, "node.json");
	if (!path)
		return prl_error_memory(err);
	prl_status st = PRL_OK;
	json_error_t why;
	FILE *file = fopen(path, "re");
	if (file)
		folder->settings = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
	else if (errno == ENOENT)
		folder->settings = json_object();
	else
		st = prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
	if (file && !json_is_object(folder->settings)) {
		st = prl_error_set(err, PRL_E_SYNTAX, "%s: %s", path,
				   folder->settings ? "expected a JSON object" : why.text);
		if (!folder->settings && err)
			err->line = why.line > 0 ? (size_t)why.line : 0;
	}
	if (file)
		fclose(file);
	free(path);
	return st;
}

static prl_status read_keys(prl_folder *folder, prl_error *err)
{
	const struct {
		const char *name;
		prl_key_type type;
		prl_signer *to;
	} keys[] = { { "log", PRL_KEY_NOTE, &folder->log_key },
		     { "witness", PRL_KEY_COSIGNATURE, &folder->witness_key },
		     { "mirror", PRL_KEY_COSIGNATURE, &folder->mirror_key } };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char path[PRL_KEY_PATH_MAX];
		prl_status st = prl_key_path(folder->path, keys[i].name, path, err);
		if (!st)
			st = prl_key_load(path, keys[i].type, keys[i].to, err);
		if (st)
			return st;
	}
	return PRL_OK;
}

/* ---- ledgers ----------------------------------------------------------------------------------------------------- */

static prl_status open_ledger(prl_folder *folder, const char *origin, bool read_only, bool create, prl_ledger **ret,
			      prl_error *err)
{
	prl_ledger *ledger = NULL;
	prl_status st = prl_ledger_open(folder->store, origin, create && !read_only, &ledger, err);
	if (!st && !read_only)
		st = prl_ledger_take(ledger, err);
	if (st)
		prl_ledger_free(ledger);
	else
		*ret = ledger;
	return st;
}

static prl_status add_mirror(prl_folder *folder, const char *origin, bool read_only, prl_error *err)
{
	for (size_t i = 0; i < folder->peer_count; i++)
		if (!strcmp(prl_ledger_origin(folder->peers[i]), origin))
			return PRL_OK;
	if (!strcmp(origin, folder->log_key.verifier.name))
		return PRL_OK;
	if (folder->peer_count >= PRL_PEERS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u logs to mirror", PRL_PEERS_MAX);
	prl_status st = open_ledger(folder, origin, read_only, true, &folder->peers[folder->peer_count], err);
	if (st == PRL_E_NOT_FOUND && read_only)
		return PRL_OK;
	if (!st)
		folder->peer_count++;
	return st;
}

/* Names of logs, set aside: opening a ledger while the store is being read would need two readers. */
typedef struct names {
	const char *own;
	char (*items)[PRL_KEY_NAME_MAX + 1];
	size_t count;
} names;

static bool add_name(names *all, prl_bytes origin)
{
	if (all->count > PRL_PEERS_MAX || origin.size > PRL_KEY_NAME_MAX)
		return false;
	memcpy(all->items[all->count], origin.data, origin.size);
	all->items[all->count++][origin.size] = 0;
	return true;
}

static prl_status name_of_store(void *context, const char *origin, const prl_store_log *log, prl_error *err)
{
	(void)log;
	if (!add_name(context, prl_bytes_of(origin)))
		return prl_error_set(err, PRL_E_TOO_LARGE, "the store holds more than %u logs", PRL_PEERS_MAX);
	return PRL_OK;
}

static void names_of_constitution(const prl_folder *folder, names *all)
{
	const prl_constitution *constitution = prl_picture_constitution(folder->picture, PRL_VERSION_WORKING);
	for (size_t i = 0; constitution && i < constitution->log_count; i++)
		(void)add_name(all, prl_bytes_of(constitution->logs[i].origin));
}

static prl_status add_mirrors(prl_folder *folder, prl_store_reader *reader, bool read_only, prl_error *err)
{
	names all = { .items = calloc(PRL_PEERS_MAX + 1, sizeof *all.items) };
	if (!all.items)
		return prl_error_memory(err);
	prl_status st = PRL_OK;
	if (reader)
		st = prl_store_logs(reader, name_of_store, &all, err);
	else
		names_of_constitution(folder, &all);
	for (size_t i = 0; !st && i < all.count; i++)
		st = add_mirror(folder, all.items[i], read_only, err);
	free(all.items);
	return st;
}

/* ---- picture ----------------------------------------------------------------------------------------------------- */

/* With the kinds and nouns of all layers. */
static prl_status new_picture(const prl_folder *folder, prl_picture **ret, prl_error *err)
{
	prl_picture *picture = NULL;
	prl_status st = prl_picture_new(folder->log_key.verifier.name, &picture, err);
	if (!st)
		st = prl_line_add(picture, err);
	if (st)
		prl_picture_free(picture);
	else
		*ret = picture;
	return st;
}

/* A snapshot of the same log at a size it had, or NULL. */
static prl_picture *load_snapshot(const prl_folder *folder, const prl_folder_options *options, prl_store_reader *reader,
				  uint64_t *ret_size)
{
	prl_picture *picture = NULL;
	prl_snapshot_head head;
	prl_hash root;
	prl_error err = { 0 };
	uint64_t size;
	char *path = prl_folder_file(folder, "snapshot");
	prl_ledger_head(folder->own, &size, NULL);
	prl_status st = path ? new_picture(folder, &picture, &err) : prl_error_memory(&err);
	if (!st)
		st = prl_picture_load(picture, path, &head, &err);
	if (!st && head.size > size)
		st = prl_error_set(&err, PRL_E_STALE, "it is of %llu entries, the log has %llu",
				   (unsigned long long)head.size, (unsigned long long)size);
	if (!st)
		st = prl_ledger_root(folder->own, reader, head.size, &root, &err);
	if (!st && memcmp(&root, &head.root, sizeof root) != 0)
		st = prl_error_set(&err, PRL_E_STALE, "it is of another history");
	free(path);
	if (!st) {
		*ret_size = head.size;
		return picture;
	}
	if (st != PRL_E_NOT_FOUND)
		say(options, "the snapshot is left aside, everything is read again: %s", err.text);
	prl_picture_free(picture);
	return NULL;
}

typedef struct progress {
	const prl_folder_options *options;
} progress;

static void replay_says(void *context, const char *line)
{
	const progress *to = context;
	if (to->options->say)
		to->options->say(to->options->context, line);
}

static void replay_goes(void *context, double share)
{
	const progress *to = context;
	if (to->options->progress)
		to->options->progress(to->options->context, "reading the record", share);
}

static prl_status make_picture(prl_folder *folder, const prl_folder_options *options, prl_store_reader *reader,
			       prl_error *err)
{
	prl_status st = PRL_OK;
	if (!options->replay)
		folder->picture = load_snapshot(folder, options, reader, &folder->snapshot_size);
	if (!folder->picture)
		st = new_picture(folder, &folder->picture, err);
	progress to = { options };
	prl_replay replay = { .picture = folder->picture,
			      .own = folder->own,
			      .peers = folder->peers,
			      .peer_count = folder->peer_count,
			      .from = folder->snapshot_size,
			      .say = replay_says,
			      .progress = replay_goes,
			      .context = &to };
	prl_home_source beside = { .reader = reader, .log = prl_ledger_log(folder->own)->id };
	if (!st) {
		prl_picture_set_home(folder->picture, prl_home_from_store, &beside);
		st = prl_replay_run(&replay, reader, err);
		prl_picture_set_home(folder->picture, NULL, NULL);
	}
	prl_buffer_done(&beside.bytes);
	return st;
}

/* The keys in the folder must be those that the constitution gives this log. */
static prl_status check_keys(const prl_folder *folder, prl_error *err)
{
	const char *own = folder->log_key.verifier.name;
	const prl_log *log = prl_picture_log(folder->picture, PRL_VERSION_WORKING, prl_bytes_of(own));
	if (!log)
		return prl_error_set(err, PRL_E_REFUSED, "the constitution names no log %s", own);
	const struct {
		const char *what;
		const prl_verifier *have, *want;
	} keys[] = { { "log", &folder->log_key.verifier, &log->key },
		     { "witness", &folder->witness_key.verifier, &log->witness },
		     { "mirror", &folder->mirror_key.verifier, &log->mirror } };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].have->id != keys[i].want->id || strcmp(keys[i].have->name, keys[i].want->name) != 0 ||
		    memcmp(keys[i].have->public_key, keys[i].want->public_key, sizeof keys[i].want->public_key) != 0)
			return prl_error_set(
				err, PRL_E_REFUSED,
				"keys/%s.key is not the key that the constitution names: %s+%08x, expected "
				"%s+%08x",
				keys[i].what, keys[i].have->name, (unsigned)keys[i].have->id, keys[i].want->name,
				(unsigned)keys[i].want->id);
	return PRL_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static prl_status open_record(prl_folder *folder, bool read_only, prl_error *err)
{
	char *path = prl_folder_file(folder, "record.db");
	if (!path)
		return prl_error_memory(err);
	prl_status st = prl_store_open(path, read_only ? PRL_STORE_READ : 0, &folder->store, err);
	free(path);
	if (!st)
		st = open_ledger(folder, folder->log_key.verifier.name, read_only, false, &folder->own, err);
	uint64_t size = 0;
	if (!st)
		prl_ledger_head(folder->own, &size, NULL);
	if (!st && size == 0)
		st = prl_error_set(err, PRL_E_NOT_FOUND,
				   "the log %s holds nothing yet: it begins with the constitution",
				   folder->log_key.verifier.name);
	return st;
}

static prl_status open_all(prl_folder *folder, const prl_folder_options *options, prl_error *err)
{
	prl_store_reader *reader = NULL;
	prl_status st = read_settings(folder, err);
	if (!st)
		st = read_keys(folder, err);
	if (!st)
		st = open_record(folder, options->read_only, err);
	if (!st)
		st = prl_store_reader_new(folder->store, &reader, err);
	if (!st)
		st = add_mirrors(folder, reader, options->read_only, err);
	if (!st)
		st = make_picture(folder, options, reader, err);
	prl_store_reader_free(reader);
	if (!st)
		st = add_mirrors(folder, NULL, options->read_only, err);
	return st ? st : check_keys(folder, err);
}

prl_status prl_folder_open(const prl_folder_options *options, prl_folder **ret, prl_error *err)
{
	prl_folder *folder = calloc(1, sizeof *folder);
	if (folder)
		folder->path = prl_text_copy(options->path, strlen(options->path));
	if (!folder || !folder->path) {
		free(folder);
		return prl_error_memory(err);
	}
	prl_status st = open_all(folder, options, err);
	if (st) {
		prl_folder_close(folder);
		return st;
	}
	*ret = folder;
	return PRL_OK;
}

void prl_folder_close(prl_folder *folder)
{
	if (!folder)
		return;
	prl_picture_free(folder->picture);
	for (size_t i = 0; i < folder->peer_count; i++)
		prl_ledger_free(folder->peers[i]);
	prl_ledger_free(folder->own);
	prl_store_close(folder->store);
	prl_signer_wipe(&folder->log_key);
	prl_signer_wipe(&folder->witness_key);
	prl_signer_wipe(&folder->mirror_key);
	json_decref(folder->settings);
	free(folder->path);
	free(folder);
}

prl_clerk_parts prl_folder_parts(const prl_folder *folder)
{
	return (prl_clerk_parts){ .store = folder->store,
				  .picture = folder->picture,
				  .own = folder->own,
				  .peers = folder->peers,
				  .peer_count = folder->peer_count,
				  .log_key = &folder->log_key,
				  .witness_key = &folder->witness_key,
				  .mirror_key = &folder->mirror_key,
				  .snapshot_size = folder->snapshot_size,
				  .now = prl_clock_wall };
}
