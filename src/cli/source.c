#include "cli/source.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/record.h"
#include "record/static_log.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUNDLE_MAX (PRL_TILE_WIDTH * (PRL_ENTRY_MAX + 2u))

struct cli_source {
	prl_view_source view;
	const char *path;
	char own[PRL_KEY_NAME_MAX + 1];
	cli_record record; /* of a node */
	prl_ledger *ledgers[CLI_RECORD_LOGS_MAX];
	size_t ledger_count;
};

/* ---- exports ----------------------------------------------------------------------------------------------------- */

static prl_status log_folder(const cli_source *source, const char *log, char path[PATH_MAX], prl_error *err)
{
	int length = snprintf(path, PATH_MAX, "%s/logs/%s", source->path, log);
	if (length >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", source->path);
	for (char *c = path + length - strlen(log); *c; c++)
		*c = *c == '/' ? '%' : *c;
	return PRL_OK;
}

static prl_status file_head(void *context, const char *log, uint64_t *ret_size, prl_hash *ret_root, prl_error *err)
{
	char path[PATH_MAX];
	prl_buffer bytes = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_note note;
	prl_checkpoint checkpoint;
	prl_status st = log_folder(context, log, path, err);
	if (!st)
		st = prl_static_checkpoint(path, &bytes, err);
	if (!st)
		st = prl_note_read((prl_bytes){ bytes.data, bytes.size }, &note, err);
	if (!st)
		st = prl_checkpoint_read(note.text, &checkpoint, err);
	if (!st && strcmp(checkpoint.origin, log) != 0)
		st = prl_error_set(err, PRL_E_SYNTAX, "%s/checkpoint is of log %s", path, checkpoint.origin);
	prl_buffer_done(&bytes);
	if (st)
		return st;
	*ret_size = checkpoint.size;
	*ret_root = checkpoint.root;
	return PRL_OK;
}

static prl_status file_bundle(void *context, const char *log, const prl_tile *tile, prl_buffer *ret, prl_error *err)
{
	char folder[PATH_MAX], name[PRL_TILE_PATH_MAX], path[PATH_MAX];
	prl_status st = log_folder(context, log, folder, err);
	if (st)
		return st;
	prl_tile_path_write(tile, name);
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	return prl_file_read(path, ret, err);
}

/* The origin of the only log, from its checkpoint: in folder names / stands as %. */
static prl_status open_export(cli_source *source, prl_error *err)
{
	char path[PATH_MAX];
	size_t count = 0;
	struct dirent *entry;
	source->view = (prl_view_source){ source, file_head, file_bundle };
	snprintf(path, sizeof path, "%s/logs", source->path);
	DIR *logs = opendir(path);
	while (logs && (entry = readdir(logs))) {
		size_t length = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || length > PRL_KEY_NAME_MAX)
			continue;
		memcpy(source->own, entry->d_name, length + 1);
		count++;
	}
	if (logs)
		closedir(logs);
	for (char *c = source->own; *c; c++)
		*c = *c == '%' ? '/' : *c;
	if (count > 1)
		source->own[0] = 0;
	return count ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "%s holds no logs", source->path);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

static prl_status ledger_of(cli_source *source, const char *log, prl_ledger **ret, prl_error *err)
{
	for (size_t i = 0; i < source->ledger_count; i++)
		if (!strcmp(prl_ledger_origin(source->ledgers[i]), log)) {
			*ret = source->ledgers[i];
			return PRL_OK;
		}
	if (source->ledger_count == CLI_RECORD_LOGS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d logs", CLI_RECORD_LOGS_MAX);
	prl_status st = prl_cli_record_ledger(&source->record, log, ret, err);
	if (!st)
		source->ledgers[source->ledger_count++] = *ret;
	return st;
}

static prl_status node_head(void *context, const char *log, uint64_t *ret_size, prl_hash *ret_root, prl_error *err)
{
	prl_ledger *ledger;
	prl_status st = ledger_of(context, log, &ledger, err);
	if (!st)
		prl_ledger_head(ledger, ret_size, ret_root);
	return st;
}

static prl_status node_bundle(void *context, const char *log, const prl_tile *tile, prl_buffer *ret, prl_error *err)
{
	cli_source *source = context;
	prl_ledger *ledger;
	prl_status st = ledger_of(source, log, &ledger, err);
	return st ? st : prl_ledger_tile(ledger, source->record.reader, tile, ret, err);
}

static prl_status open_node(cli_source *source, prl_error *err)
{
	source->view = (prl_view_source){ source, node_head, node_bundle };
	prl_status st = prl_cli_record_open(source->path, &source->record, err);
	if (!st)
		memcpy(source->own, source->record.own, sizeof source->own);
	return st;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

prl_status prl_cli_source_open(const char *path, cli_source **ret, prl_error *err)
{
	char logs[PATH_MAX];
	cli_source *source = calloc(1, sizeof *source);
	if (!source)
		return prl_error_memory(err);
	source->path = path;
	bool is_export = snprintf(logs, sizeof logs, "%s/logs", path) < (int)sizeof logs && access(logs, F_OK) == 0;
	prl_status st = is_export ? open_export(source, err) : open_node(source, err);
	if (st)
		free(source);
	else
		*ret = source;
	return st;
}

void prl_cli_source_close(cli_source *source)
{
	for (size_t i = 0; i < source->ledger_count; i++)
		prl_ledger_free(source->ledgers[i]);
	prl_cli_record_close(&source->record);
	free(source);
}

const prl_view_source *prl_cli_source_view(const cli_source *source)
{
	return &source->view;
}

const char *prl_cli_source_own(const cli_source *source)
{
	return source->own;
}

prl_status prl_cli_source_entry(const cli_source *source, const char *log, uint64_t index, prl_buffer *ret,
				prl_error *err)
{
	uint64_t size, number = index / PRL_TILE_WIDTH;
	prl_hash root;
	prl_buffer bundle = PRL_BUFFER(BUNDLE_MAX);
	prl_bytes entry = { NULL, 0 };
	prl_status st = source->view.head(source->view.context, log, &size, &root, err);
	if (!st && index >= size)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "log %s has %llu entries", log, (unsigned long long)size);
	const prl_tile tile = { PRL_TILE_ENTRIES, number, st ? 0 : prl_tile_width(PRL_TILE_ENTRIES, number, size) };
	if (!st)
		st = source->view.bundle(source->view.context, log, &tile, &bundle, err);
	prl_bytes rest = { bundle.data, bundle.size };
	for (uint64_t i = 0; !st && i <= index % PRL_TILE_WIDTH; i++)
		st = prl_bundle_take(&rest, &entry, err);
	if (!st && !prl_buffer_append(ret, entry.data, entry.size))
		st = prl_error_memory(err);
	prl_buffer_done(&bundle);
	return st;
}
