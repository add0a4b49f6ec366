#include "record/static_log.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUNDLE_MAX (PRL_TILE_WIDTH * (PRL_ENTRY_MAX + 2u))

static prl_status path_in(const char *folder, const char *name, char path[PATH_MAX], prl_error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	return PRL_OK;
}

static prl_status tile_path(const char *folder, const prl_tile *tile, char path[PATH_MAX], prl_error *err)
{
	char name[PRL_TILE_PATH_MAX];
	prl_tile_path_write(tile, name);
	return path_in(folder, name, path, err);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

typedef struct writer {
	prl_ledger *ledger;
	prl_store_reader *reader;
	const char *folder;
	uint64_t size, done;
	prl_ledger_progress_fn *progress;
	void *context;
	prl_buffer tile;
} writer;

/* Removes "<path of the full tile>.p": its partial widths are superseded by what has just been written. */
static void drop_partials(const char *folder, int level, uint64_t number, unsigned keep)
{
	char path[PATH_MAX], name[PATH_MAX];
	const prl_tile full = { level, number, PRL_TILE_WIDTH };
	if (tile_path(folder, &full, path, NULL) || strlen(path) + 3 > sizeof path)
		return;
	strcat(path, ".p");
	DIR *partials = opendir(path);
	struct dirent *entry;
	while (partials && (entry = readdir(partials))) {
		if (entry->d_name[0] == '.' || strtoul(entry->d_name, NULL, 10) == keep)
			continue;
		if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
			unlink(name);
	}
	if (partials)
		closedir(partials);
	if (keep == PRL_TILE_WIDTH)
		rmdir(path);
}

static prl_status write_tile(writer *w, int level, uint64_t number, unsigned width, prl_error *err)
{
	const prl_tile tile = { level, number, width };
	char path[PATH_MAX];
	prl_status st = tile_path(w->folder, &tile, path, err);
	if (st || (width == PRL_TILE_WIDTH && access(path, F_OK) == 0))
		return st;
	prl_buffer_clear(&w->tile);
	st = prl_ledger_tile(w->ledger, w->reader, &tile, &w->tile, err);
	if (!st)
		st = prl_folder_of_file(path, err);
	if (!st)
		st = prl_file_put(path, (prl_bytes){ w->tile.data, w->tile.size }, err);
	if (!st)
		drop_partials(w->folder, level, number, width);
	return st;
}

static prl_status write_level(writer *w, int level, prl_error *err)
{
	prl_status st = PRL_OK;
	unsigned width;
	for (uint64_t n = 0; !st && (width = prl_tile_width(level, n, w->size)) > 0; n++) {
		st = write_tile(w, level, n, width, err);
		if (w->progress && level == PRL_TILE_ENTRIES)
			w->progress(w->context, n * PRL_TILE_WIDTH + width, w->size);
	}
	return st;
}

static prl_status write_key(const writer *w, const prl_verifier *key, prl_error *err)
{
	char path[PATH_MAX], text[PRL_KEY_TEXT_MAX + 1];
	prl_status st = path_in(w->folder, "key", path, err);
	if (st)
		return st;
	prl_verifier_write(key, text);
	strcat(text, "\n");
	return prl_file_put(path, prl_bytes_of(text), err);
}

/* Every kept checkpoint, and the newest as `checkpoint`, which comes last: whoever finds it finds all it covers. */
static prl_status write_checkpoints(writer *w, uint32_t log, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	char path[PATH_MAX], name[40];
	prl_status st = PRL_OK;
	for (uint64_t from = 0, size; !st; from = size + 1) {
		prl_buffer_clear(&note);
		if (prl_store_cosigned_from(w->reader, log, from, &size, &note, err) != PRL_OK || size > w->size)
			break;
		snprintf(name, sizeof name, "cosigned/%020llu", (unsigned long long)size);
		st = path_in(w->folder, name, path, err);
		if (!st)
			st = prl_folder_of_file(path, err);
		if (!st)
			st = prl_file_put(path, (prl_bytes){ note.data, note.size }, err);
		if (size == UINT64_MAX)
			break;
	}
	prl_buffer_done(&note);
	return st;
}

static prl_status write_newest(writer *w, prl_bytes note, prl_error *err)
{
	char path[PATH_MAX];
	prl_status st = path_in(w->folder, "checkpoint", path, err);
	return st ? st : prl_file_put(path, note, err);
}

/* The newest checkpoint, and with the cosignatures where there are some for its size. */
static prl_status newest_checkpoint(prl_store_reader *reader, uint32_t log, prl_buffer *note, uint64_t *ret_size,
				    prl_error *err)
{
	prl_note read;
	prl_checkpoint checkpoint;
	prl_status st = prl_store_checkpoint(reader, log, note, err);
	if (!st)
		st = prl_note_read((prl_bytes){ note->data, note->size }, &read, err);
	if (!st)
		st = prl_checkpoint_read(read.text, &checkpoint, err);
	if (st)
		return st;
	*ret_size = checkpoint.size;
	prl_buffer cosigned = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint64_t size;
	if (prl_store_cosigned_from(reader, log, checkpoint.size, &size, &cosigned, NULL) == PRL_OK &&
	    size == checkpoint.size) {
		prl_buffer_clear(note);
		prl_buffer_append(note, cosigned.data, cosigned.size);
	}
	prl_buffer_done(&cosigned);
	return note->failed ? prl_error_memory(err) : PRL_OK;
}

static prl_status not_newer(const char *folder, uint64_t size, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_note read;
	prl_checkpoint there;
	prl_status st = prl_static_checkpoint(folder, &note, err);
	bool none = st == PRL_E_NOT_FOUND;
	if (!st)
		st = prl_note_read((prl_bytes){ note.data, note.size }, &read, err);
	if (!st)
		st = prl_checkpoint_read(read.text, &there, err);
	prl_buffer_done(&note);
	if (none)
		return PRL_OK;
	if (!st && there.size > size)
		st = prl_error_set(err, PRL_E_STALE, "%s holds %llu entries, the record only %llu", folder,
				   (unsigned long long)there.size, (unsigned long long)size);
	return st;
}

/* What is written is the tree of one size. */
static prl_status as_opened(prl_ledger *ledger, uint64_t size, prl_error *err)
{
	uint64_t opened;
	prl_ledger_head(ledger, &opened, NULL);
	if (opened == size)
		return PRL_OK;
	return prl_error_set(err, PRL_E_EARLY, "the log %s has grown since it was opened; open it again",
			     prl_ledger_origin(ledger));
}

prl_status prl_static_write(prl_ledger *ledger, prl_store_reader *reader, const prl_verifier *key, const char *folder,
			    prl_ledger_progress_fn *progress, void *context, prl_error *err)
{
	writer w = { .ledger = ledger,
		     .reader = reader,
		     .folder = folder,
		     .progress = progress,
		     .context = context,
		     .tile = PRL_BUFFER(BUNDLE_MAX) };
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint32_t log = prl_ledger_log(ledger)->id;
	char path[PATH_MAX];
	prl_status st = path_in(folder, "checkpoint", path, err);
	if (!st)
		st = prl_folder_of_file(path, err);
	if (!st)
		st = newest_checkpoint(reader, log, &note, &w.size, err);
	if (!st)
		st = as_opened(ledger, w.size, err);
	if (!st)
		st = not_newer(folder, w.size, err);
	if (!st)
		st = write_key(&w, key, err);
	for (int level = PRL_TILE_ENTRIES; !st && level < 8; level++)
		st = write_level(&w, level, err);
	if (!st)
		st = write_checkpoints(&w, log, err);
	if (!st)
		st = write_newest(&w, (prl_bytes){ note.data, note.size }, err);
	if (!st)
		st = prl_folder_sync(folder, err);
	prl_buffer_done(&w.tile);
	prl_buffer_done(&note);
	return st;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

void prl_static_open(prl_static_cursor *cursor, const char *folder, uint64_t size)
{
	*cursor = (prl_static_cursor){ .folder = folder,
				       .size = size,
				       .bundle = PRL_BUFFER(BUNDLE_MAX),
				       .tile = PRL_BUFFER(PRL_TILE_WIDTH * sizeof(prl_hash)) };
}

void prl_static_close(prl_static_cursor *cursor)
{
	prl_buffer_done(&cursor->bundle);
	prl_buffer_done(&cursor->tile);
}

/* The hash tile beside a bundle, where it is there, must hold the leaf hashes of its entries. */
static prl_status check_tile(prl_static_cursor *c, uint64_t number, unsigned width, prl_error *err)
{
	const prl_tile tile = { 0, number, width };
	char path[PATH_MAX];
	prl_buffer_clear(&c->tile);
	prl_status st = tile_path(c->folder, &tile, path, err);
	if (!st)
		st = prl_file_read(path, &c->tile, err);
	if (st == PRL_E_NOT_FOUND)
		return PRL_OK; /* the entries are what counts */
	size_t size = width * sizeof *c->leaves;
	if (!st && (c->tile.size != size || memcmp(c->tile.data, c->leaves, size) != 0))
		st = prl_error_set(err, PRL_E_SIGNATURE, "%s is not the hashes of the entries beside it", path);
	return st;
}

static prl_status read_bundle(prl_static_cursor *c, char path[PATH_MAX], prl_error *err)
{
	uint64_t number = c->next / PRL_TILE_WIDTH;
	const prl_tile tile = { PRL_TILE_ENTRIES, number, prl_tile_width(PRL_TILE_ENTRIES, number, c->size) };
	prl_status st = tile_path(c->folder, &tile, path, err);
	if (st || c->next % PRL_TILE_WIDTH)
		return st;
	prl_buffer_clear(&c->bundle);
	st = prl_file_read(path, &c->bundle, err);
	c->rest = (prl_bytes){ c->bundle.data, c->bundle.size };
	return st;
}

prl_status prl_static_next(prl_static_cursor *c, prl_bytes *ret_entry, prl_error *err)
{
	char path[PATH_MAX];
	prl_bytes entry;
	unsigned at = (unsigned)(c->next % PRL_TILE_WIDTH);
	prl_status st = read_bundle(c, path, err);
	if (!st) {
		st = prl_bundle_take(&c->rest, &entry, err);
		if (st)
			prl_error_at(err, st, "%s: entry %llu", path, (unsigned long long)c->next);
	}
	if (st)
		return st;
	c->leaves[at] = prl_leaf_hash(entry);
	prl_frontier_append(&c->frontier, &c->leaves[at]);
	c->next++;
	bool last = at + 1 == PRL_TILE_WIDTH || c->next == c->size;
	if (last && c->rest.size)
		return prl_error_set(err, PRL_E_SYNTAX, "%s: %zu bytes after its last entry", path, c->rest.size);
	if (last)
		st = check_tile(c, (c->next - 1) / PRL_TILE_WIDTH, at + 1, err);
	if (!st)
		*ret_entry = entry;
	return st;
}

prl_status prl_static_checkpoint(const char *folder, prl_buffer *ret, prl_error *err)
{
	char path[PATH_MAX];
	prl_status st = path_in(folder, "checkpoint", path, err);
	return st ? st : prl_file_read(path, ret, err);
}

static int is_number(const struct dirent *entry)
{
	return strlen(entry->d_name) == 20 && strspn(entry->d_name, "0123456789") == 20;
}

prl_status prl_static_cosigned(const char *folder, prl_static_cosigned_fn *fn, void *context, prl_error *err)
{
	char path[PATH_MAX], name[PATH_MAX];
	struct dirent **names = NULL;
	prl_status st = path_in(folder, "cosigned", path, err);
	int count = st ? 0 : scandir(path, &names, is_number, alphasort);
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	for (int i = 0; i < count; i++) {
		if (!st)
			st = path_in(path, names[i]->d_name, name, err);
		prl_buffer_clear(&note);
		if (!st)
			st = prl_file_read(name, &note, err);
		if (!st)
			st = fn(context, strtoull(names[i]->d_name, NULL, 10), (prl_bytes){ note.data, note.size },
				err);
		free(names[i]);
	}
	free(names);
	prl_buffer_done(&note);
	return st;
}
