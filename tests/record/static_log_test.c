/* A log written as files, again and again as it grows, reads back as the entries that went in; any byte of it changed
 * is noticed by the time the root is compared. */
#include "record/static_log.h"

#include "base/file.h"
#include "base/hash.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN  "static.example/line"
#define ENTRIES 1000

typedef struct fixture {
	char folder[64];
	prl_store *store;
	prl_store_reader *reader;
	prl_ledger *ledger;
	prl_signer key;
	char *entries[ENTRIES];
	size_t sizes[ENTRIES];
	size_t count;
} fixture;

static void set_up(fixture *f, uint64_t seed)
{
	char path[100];
	prl_error err = { 0 };
	uint8_t bytes[32] = { 7 };
	rnd random = rnd_case(seed, 0);
	strcpy(f->folder, "/tmp/parley-static-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(path, sizeof path, "%s/record.db", f->folder);
	assert_int_equal(prl_store_open(path, PRL_STORE_CREATE, &f->store, &err), PRL_OK);
	assert_int_equal(prl_ledger_open(f->store, ORIGIN, true, &f->ledger, &err), PRL_OK);
	assert_int_equal(prl_ledger_take(f->ledger, &err), PRL_OK);
	assert_int_equal(prl_store_reader_new(f->store, &f->reader, &err), PRL_OK);
	assert_int_equal(prl_signer_from_seed(ORIGIN, PRL_KEY_NOTE, bytes, &f->key, &err), PRL_OK);
	for (size_t i = 0; i < ENTRIES; i++) {
		f->sizes[i] = 1 + rnd_below(&random, 300);
		f->entries[i] = malloc(f->sizes[i]);
		for (size_t j = 0; j < f->sizes[i]; j++)
			f->entries[i][j] = (char)rnd_below(&random, 256);
	}
}

static void tear_down(fixture *f)
{
	char command[100];
	prl_ledger_free(f->ledger);
	prl_store_reader_free(f->reader);
	prl_store_close(f->store);
	for (size_t i = 0; i < ENTRIES; i++)
		free(f->entries[i]);
	snprintf(command, sizeof command, "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
}

static void grow(fixture *f, size_t count)
{
	prl_error err = { 0 };
	prl_bytes entries[ENTRIES];
	for (size_t i = 0; i < count; i++)
		entries[i] = (prl_bytes){ f->entries[f->count + i], f->sizes[f->count + i] };
	prl_stage *stage;
	assert_int_equal(prl_ledger_stage(f->ledger, entries, count, &stage, &err), PRL_OK);
	prl_checkpoint checkpoint = { ORIGIN, prl_stage_size(stage), prl_stage_root(stage) };
	char note[1000], line[PRL_SIGNATURE_LINE_MAX];
	size_t length = prl_checkpoint_write(&checkpoint, note);
	size_t more = prl_note_sign((prl_bytes){ note, length }, &f->key, line);
	note[length++] = '\n';
	memcpy(note + length, line, more);
	prl_store_cosigned cosigned = { prl_ledger_log(f->ledger)->id, checkpoint.size, { note, length + more } };
	prl_store_batch batch = { .appends = prl_stage_append(stage, (prl_bytes){ note, length + more }),
				  .append_count = 1,
				  .cosigned = &cosigned,
				  .cosigned_count = 1 };
	assert_int_equal(prl_store_commit(f->store, &batch, &err), PRL_OK);
	prl_stage_publish(stage);
	f->count += count;
}

static prl_status read_entries(fixture *f, const char *out, uint64_t size, prl_hash *ret_root, prl_error *err)
{
	prl_static_cursor cursor;
	prl_status st = PRL_OK;
	prl_static_open(&cursor, out, size);
	for (uint64_t i = 0; !st && i < size; i++) {
		prl_bytes entry;
		st = prl_static_next(&cursor, &entry, err);
		if (!st && (entry.size != f->sizes[i] || memcmp(entry.data, f->entries[i], entry.size) != 0))
			st = PRL_E_CALLBACK;
	}
	*ret_root = prl_frontier_root(&cursor.frontier);
	prl_static_close(&cursor);
	return st;
}

static prl_status read_back(fixture *f, const char *out, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_checkpoint checkpoint;
	prl_hash root;
	prl_status st = prl_static_checkpoint(out, &note, err);
	if (!st)
		st = prl_checkpoint_open((prl_bytes){ note.data, note.size }, &f->key.verifier, &checkpoint, NULL, err);
	if (!st)
		st = read_entries(f, out, checkpoint.size, &root, err);
	prl_buffer_done(&note);
	if (st)
		return st;
	assert_int_equal(checkpoint.size, f->count);
	return prl_hash_equal(&root, &checkpoint.root) ? PRL_OK : PRL_E_SIGNATURE;
}

static prl_status count_cosigned(void *context, uint64_t size, prl_bytes checkpoint, prl_error *err)
{
	size_t *count = context;
	(void)err;
	assert_true(size > 0 && checkpoint.size > 0);
	(*count)++;
	return PRL_OK;
}

static void what_was_written_reads_back_at_every_size(void **state)
{
	(void)state;
	static const size_t steps[] = { 1, 2, 253, 1, 255, 3, 250, 200 };
	fixture f = { 0 };
	prl_error err = { 0 };
	char out[100];
	set_up(&f, 1);
	snprintf(out, sizeof out, "%s/out", f.folder);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		grow(&f, steps[i]);
		assert_int_equal(prl_static_write(f.ledger, f.reader, &f.key.verifier, out, NULL, NULL, &err), PRL_OK);
		assert_int_equal(read_back(&f, out, &err), PRL_OK);
		size_t cosigned = 0;
		assert_int_equal(prl_static_cosigned(out, count_cosigned, &cosigned, &err), PRL_OK);
		assert_int_equal(cosigned, i + 1);
	}
	tear_down(&f);
}

static void an_older_record_does_not_write_over_a_newer_folder(void **state)
{
	(void)state;
	fixture f = { 0 }, g = { 0 };
	prl_error err = { 0 };
	char out[100];
	set_up(&f, 2);
	set_up(&g, 2);
	snprintf(out, sizeof out, "%s/out", f.folder);
	grow(&f, 20);
	grow(&g, 10);
	assert_int_equal(prl_static_write(f.ledger, f.reader, &f.key.verifier, out, NULL, NULL, &err), PRL_OK);
	assert_int_equal(prl_static_write(g.ledger, g.reader, &g.key.verifier, out, NULL, NULL, &err), PRL_E_STALE);
	assert_int_equal(read_back(&f, out, &err), PRL_OK);
	tear_down(&f);
	tear_down(&g);
}

/* One byte of one file, changed in one bit. */
static void flip(const char *path, uint64_t at)
{
	prl_buffer bytes = PRL_BUFFER(1 << 24);
	prl_error err = { 0 };
	assert_int_equal(prl_file_read(path, &bytes, &err), PRL_OK);
	bytes.data[at % bytes.size] = (char)(bytes.data[at % bytes.size] ^ 1 << at % 8);
	assert_int_equal(prl_file_put(path, (prl_bytes){ bytes.data, bytes.size }, &err), PRL_OK);
	prl_buffer_done(&bytes);
}

static void every_changed_byte_is_noticed(void **state)
{
	(void)state;
	static const char *const files[] = { "tile/entries/000", "tile/entries/002.p/88", "tile/0/001", "checkpoint" };
	fixture f = { 0 };
	prl_error err = { 0 };
	rnd random = rnd_case(3, 0);
	char out[100], path[200];
	set_up(&f, 3);
	grow(&f, 600);
	snprintf(out, sizeof out, "%s/out", f.folder);
	assert_int_equal(prl_static_write(f.ledger, f.reader, &f.key.verifier, out, NULL, NULL, &err), PRL_OK);
	for (size_t i = 0; i < 400; i++) {
		snprintf(path, sizeof path, "%s/%s", out, files[i % 4]);
		uint64_t at = rnd_below(&random, UINT32_MAX);
		flip(path, at);
		assert_int_not_equal(read_back(&f, out, &err), PRL_OK);
		flip(path, at);
		assert_int_equal(read_back(&f, out, &err), PRL_OK);
	}
	snprintf(path, sizeof path, "%s/tile/entries/001", out);
	assert_int_equal(remove(path), 0);
	assert_int_equal(read_back(&f, out, &err), PRL_E_NOT_FOUND);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_reads_back_at_every_size),
		cmocka_unit_test(an_older_record_does_not_write_over_a_newer_folder),
		cmocka_unit_test(every_changed_byte_is_noticed),
	};
	return cmocka_run_group_tests_name("static_log", tests, NULL, NULL);
}
