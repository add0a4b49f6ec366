/* Each copy of a log by itself: how far its entries, hash tiles and root agree. Then which copy of each log to look at.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/audit_state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_fault(prl_audit *audit, const audit_copy *copy, uint64_t from, const char *why)
{
	uint64_t to = copy->readable && from < copy->checkpoint.size ? copy->checkpoint.size : from;
	audit_find(audit, PRL_FINDING_FAULT, copy->readable ? copy->checkpoint.origin : "", from, to, NULL, 0, "%s: %s",
		   copy->folder, why);
}

/* ---- the line's constitution ------------------------------------------------------------------------------------- */

static void read_checkpoint(prl_audit *audit, audit_copy *copy)
{
	prl_note note;
	prl_error why = { 0 };
	prl_status st = prl_static_checkpoint(copy->folder, &copy->note, &why);
	if (!st)
		st = prl_note_read((prl_bytes){ copy->note.data, copy->note.size }, &note, &why);
	if (!st)
		st = prl_checkpoint_read(note.text, &copy->checkpoint, &why);
	if (!st && copy->checkpoint.size >= UINT64_C(1) << AUDIT_LEVELS)
		st = prl_error_set(&why, PRL_E_TOO_LARGE, "no log has %llu entries",
				   (unsigned long long)copy->checkpoint.size);
	copy->readable = !st;
	if (st)
		audit_find(audit, PRL_FINDING_FAULT, NULL, 0, 0, NULL, 0, "%s/checkpoint: %s", copy->folder, why.text);
}

/* Entry 0 in a picture of its own: its root signatures hold, or nothing follows from it. */
static prl_status open_constitution(prl_audit *audit, const audit_copy *copy, prl_bytes bytes, prl_error *err)
{
	prl_picture *picture = NULL;
	prl_entry entry;
	prl_status st = prl_picture_new(NULL, &picture, err);
	if (!st)
		prl_picture_take_gaps(picture);
	if (!st)
		st = prl_entry_read(bytes, &entry, err);
	if (!st)
		st = prl_picture_apply(picture, copy->checkpoint.origin, 0, &entry, NULL, NULL, err);
	if (!st)
		st = audit_keys_add(audit, prl_picture_constitution(picture, PRL_VERSION_WORKING), err);
	if (!st) {
		audit->has_first = true;
		audit->first = entry.hash;
	}
	prl_picture_free(picture);
	return st;
}

static void find_constitution(prl_audit *audit, audit_copy *copy)
{
	prl_static_cursor cursor;
	prl_bytes entry;
	prl_error why = { 0 };
	if (!copy->checkpoint.size)
		return;
	prl_static_open(&cursor, copy->folder, copy->checkpoint.size);
	prl_status st = prl_static_next(&cursor, &entry, &why);
	if (st) { /* said when all entries are read */
		prl_static_close(&cursor);
		return;
	}
	copy->first = prl_sha256(entry.data, entry.size);
	if (!audit->has_first)
		st = open_constitution(audit, copy, entry, &why);
	copy->other_line = st || !prl_hash_equal(&copy->first, &audit->first);
	if (st)
		copy_fault(audit, copy, 0, why.text);
	else if (copy->other_line)
		audit_find(audit, PRL_FINDING_CONTRADICTORY, copy->checkpoint.origin, 0, 1, NULL, 0,
			   "%s begins with another constitution than the first export; nothing in it is compared",
			   copy->folder);
	prl_static_close(&cursor);
}

/* ---- entries and hash tiles -------------------------------------------------------------------------------------- */

/* Keeps the hash of a complete subtree; two of them make one a level up. */
static prl_status add_leaf(audit_copy *copy, const prl_hash *leaf, prl_error *err)
{
	prl_hash hash = *leaf;
	for (size_t level = 0; level < AUDIT_LEVELS; level++) {
		audit_level *l = &copy->levels[level];
		if (l->count == l->room) {
			size_t room = l->room ? 2 * l->room : 256;
			prl_hash *hashes = prl_array_resize(l->hashes, room, sizeof *hashes);
			if (!hashes)
				return prl_error_memory(err);
			l->hashes = hashes;
			l->room = room;
		}
		l->hashes[l->count++] = hash;
		if (l->count % 2)
			break;
		hash = prl_node_hash(&l->hashes[l->count - 2], &l->hashes[l->count - 1]);
	}
	return PRL_OK;
}

static prl_status subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	const audit_copy *copy = context;
	if (level >= AUDIT_LEVELS || index >= copy->levels[level].count)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the tree is not so large");
	*ret = copy->levels[level].hashes[index];
	return PRL_OK;
}

prl_status audit_root(const audit_copy *copy, uint64_t size, prl_hash *ret, prl_error *err)
{
	return prl_tree_root(size, subtree, (void *)(uintptr_t)copy, ret, err);
}

static void free_levels(audit_copy *copy)
{
	for (size_t level = 0; level < AUDIT_LEVELS; level++) {
		free(copy->levels[level].hashes);
		copy->levels[level] = (audit_level){ 0 };
	}
}

/* The first entry of the cursor's newest bundle that is not what its hash tile says. */
static uint64_t first_differing(const prl_static_cursor *cursor)
{
	uint64_t start = (cursor->next - 1) / PRL_TILE_WIDTH * PRL_TILE_WIDTH;
	for (uint64_t i = start; i < cursor->next; i++) {
		size_t at = (size_t)(i - start) * sizeof(prl_hash);
		if (at + sizeof(prl_hash) > cursor->tile.size ||
		    memcmp(cursor->tile.data + at, &cursor->leaves[i - start], sizeof(prl_hash)) != 0)
			return i;
	}
	return start; /* the tile is longer than it may be */
}

/* Reads all entries; says where it cannot go on. */
static prl_status read_entries(prl_audit *audit, audit_copy *copy, prl_error *err)
{
	prl_static_cursor cursor;
	prl_bytes entry;
	prl_error why = { 0 };
	prl_status st = PRL_OK, added = PRL_OK;
	prl_static_open(&cursor, copy->folder, copy->checkpoint.size);
	while (!st && !added && copy->usable < copy->checkpoint.size) {
		st = prl_static_next(&cursor, &entry, &why);
		if (st)
			break;
		added = add_leaf(copy, &cursor.leaves[copy->usable % PRL_TILE_WIDTH], err);
		copy->usable++;
		audit_step(audit, AUDIT_STEP_COPY);
	}
	if (st == PRL_E_SIGNATURE)
		copy->usable = first_differing(&cursor);
	prl_static_close(&cursor);
	if (st == PRL_E_MEMORY)
		return prl_error_memory(err);
	if (!st || added)
		return added;
	char text[sizeof why.text + sizeof why.where + 80];
	snprintf(text, sizeof text, "entry %llu and what follows cannot be relied on: %s%s%s",
		 (unsigned long long)copy->usable, why.where, why.where[0] ? ": " : "", why.text);
	copy_fault(audit, copy, copy->usable, text);
	return PRL_OK;
}

/* The hash tiles above those that stand beside entries: other people's verifiers read them. */
static bool check_tile(prl_audit *audit, const audit_copy *copy, const prl_tile *tile, prl_buffer *buffer)
{
	char name[PRL_TILE_PATH_MAX], path[PATH_MAX];
	prl_error why = { 0 };
	const audit_level *level = &copy->levels[8 * tile->level];
	prl_tile_path_write(tile, name);
	prl_buffer_clear(buffer);
	if (snprintf(path, sizeof path, "%s/%s", copy->folder, name) >= (int)sizeof path)
		return true;
	prl_status st = prl_file_read(path, buffer, &why);
	size_t at = (size_t)tile->number * PRL_TILE_WIDTH, size = tile->width * sizeof(prl_hash);
	if (st == PRL_E_NOT_FOUND)
		return true; /* the entries are what counts */
	if (!st && (buffer->size != size || at + tile->width > level->count ||
		    memcmp(buffer->data, level->hashes + at, size) != 0))
		st = prl_error_set(&why, PRL_E_SIGNATURE, "%s is not the hashes of the tiles below it", path);
	if (st)
		copy_fault(audit, copy, 0, why.text);
	return !st;
}

static bool check_tiles(prl_audit *audit, const audit_copy *copy)
{
	prl_buffer buffer = PRL_BUFFER(PRL_TILE_WIDTH * sizeof(prl_hash));
	bool whole = true;
	for (int level = 1; level < 5; level++) {
		unsigned width;
		for (uint64_t n = 0; (width = prl_tile_width(level, n, copy->checkpoint.size)) > 0; n++)
			whole = check_tile(audit, copy, &(prl_tile){ level, n, width }, &buffer) && whole;
	}
	prl_buffer_done(&buffer);
	return whole;
}

static prl_status check_whole(prl_audit *audit, audit_copy *copy, prl_error *err)
{
	prl_hash root;
	prl_status st = audit_root(copy, copy->checkpoint.size, &root, err);
	if (st)
		return st;
	bool fits = prl_hash_equal(&root, &copy->checkpoint.root);
	if (!fits)
		copy_fault(audit, copy, 0, "the entries do not hash to the root that the checkpoint states");
	copy->sound = check_tiles(audit, copy) && fits;
	return PRL_OK;
}

/* ---- which copy to look at --------------------------------------------------------------------------------------- */

static bool is_signed(const prl_audit *audit, const audit_copy *copy)
{
	prl_checkpoint checkpoint;
	prl_bytes note = { copy->note.data, copy->note.size };
	for (size_t i = 0; i < audit->key_count; i++)
		if (!strcmp(audit->keys[i].origin, copy->checkpoint.origin) &&
		    prl_checkpoint_open(note, &audit->keys[i].key, &checkpoint, NULL, NULL) == PRL_OK)
			return true;
	return false;
}

static int rank(const audit_copy *copy)
{
	return 2 * copy->sound + copy->ours_signed;
}

/* A copy stays the best of its log until a better one comes; of equals the first. */
static void choose(prl_audit *audit, audit_copy *copy)
{
	audit_copy *best = audit_best(audit, copy->checkpoint.origin);
	copy->ours_signed = is_signed(audit, copy);
	if (best && (rank(best) > rank(copy) || (rank(best) == rank(copy) && best->usable >= copy->usable))) {
		free_levels(copy);
		return;
	}
	if (best) {
		best->best = false;
		free_levels(best);
	}
	copy->best = true;
}

prl_status audit_read_copies(prl_audit *audit, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < audit->copy_count; i++) {
		audit_copy *copy = &audit->copies[i];
		read_checkpoint(audit, copy);
		if (copy->readable)
			find_constitution(audit, copy);
		audit->all += copy->readable ? copy->checkpoint.size * (AUDIT_STEP_COPY + AUDIT_STEP_FOLD) : 0;
	}
	for (size_t i = 0; !st && i < audit->copy_count; i++) {
		audit_copy *copy = &audit->copies[i];
		if (!copy->readable || copy->other_line)
			continue;
		st = read_entries(audit, copy, err);
		if (!st && copy->usable == copy->checkpoint.size)
			st = check_whole(audit, copy, err);
		if (!st)
			choose(audit, copy);
	}
	return st;
}
