/* The ledger against trees made by the recursion of RFC 6962, on a real store. */
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "support/naive_tree.h"
#include "support/random.h"
#include "support/test_log.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 70000u

static prl_hash *leaves; /* of test_log_entry(), for every test */

static int make_leaves(void **state)
{
	(void)state;
	char text[128];
	leaves = calloc(MOST, sizeof *leaves);
	for (uint64_t i = 0; leaves && i < MOST; i++)
		leaves[i] = naive_leaf(test_log_entry(i, text));
	return !leaves;
}

static int free_leaves(void **state)
{
	(void)state;
	free(leaves);
	return 0;
}

static uint64_t size_of(test_log *log)
{
	uint64_t size;
	prl_ledger_head(log->ledger, &size, NULL);
	return size;
}

static void same_hash(const prl_hash *a, const prl_hash *b)
{
	assert_memory_equal(a->bytes, b->bytes, sizeof a->bytes);
}

static void same_proof(const prl_proof *a, const prl_proof *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		same_hash(&a->hashes[i], &b->hashes[i]);
}

/* ---- what is read is the naive tree's ---------------------------------------------------------------------------- */

static void head_is_right(test_log *log, uint64_t want)
{
	uint64_t size, stored;
	prl_hash root, naive = naive_root(leaves, 0, want);
	prl_ledger_head(log->ledger, &size, &root);
	assert_int_equal(size, want);
	same_hash(&root, &naive);
	assert_int_equal(prl_ledger_log(log->ledger)->size, want);
	assert_int_equal(prl_store_size(log->reader, prl_ledger_log(log->ledger)->id, &stored, NULL), PRL_OK);
	assert_int_equal(stored, want);
}

static void random_proofs_are_right(test_log *log, rnd *r)
{
	uint64_t size = rnd_below(r, size_of(log) + 1), old = rnd_below(r, size + 1);
	prl_proof proof = { 0 }, naive = { 0 };
	prl_hash root, want = naive_root(leaves, 0, size);
	assert_int_equal(prl_ledger_root(log->ledger, log->reader, size, &root, NULL), PRL_OK);
	same_hash(&root, &want);
	assert_int_equal(prl_ledger_consistency(log->ledger, log->reader, old, size, &proof, NULL), PRL_OK);
	naive_consistency(old, leaves, size, &naive);
	same_proof(&proof, &naive);
	if (!size)
		return;
	uint64_t index = rnd_below(r, size);
	naive.count = 0;
	assert_int_equal(prl_ledger_inclusion(log->ledger, log->reader, index, size, &proof, NULL), PRL_OK);
	naive_path(index, leaves, 0, size, &naive);
	same_proof(&proof, &naive);
}

static void tile_is_right(test_log *log, const prl_tile *tile, uint64_t size)
{
	prl_buffer buffer = PRL_BUFFER(32u << 20);
	prl_buffer_append(&buffer, "before", 6);
	prl_status status = prl_ledger_tile(log->ledger, log->reader, tile, &buffer, NULL);
	if (tile->width > prl_tile_width(tile->level, tile->number, size)) {
		assert_int_equal(status, PRL_E_NOT_FOUND);
		assert_int_equal(buffer.size, 6);
		prl_buffer_done(&buffer);
		return;
	}
	assert_int_equal(status, PRL_OK);
	prl_bytes rest = { buffer.data + 6, buffer.size - 6 };
	for (uint64_t i = 0; i < tile->width; i++) {
		uint64_t n = tile->number * PRL_TILE_WIDTH + i;
		prl_hash want, got;
		if (tile->level == PRL_TILE_ENTRIES) {
			prl_bytes entry;
			assert_int_equal(prl_bundle_take(&rest, &entry, NULL), PRL_OK);
			want = leaves[n];
			got = prl_leaf_hash(entry);
		} else {
			want = naive_root(leaves, n << 8 * tile->level, (n + 1) << 8 * tile->level);
			memcpy(got.bytes, rest.data, 32);
			rest = (prl_bytes){ rest.data + 32, rest.size - 32 };
		}
		same_hash(&want, &got);
	}
	assert_int_equal(rest.size, 0);
	prl_buffer_done(&buffer);
}

static void random_tiles_are_right(test_log *log, rnd *r)
{
	uint64_t size = size_of(log);
	prl_tile tile = { (int)rnd_below(r, 4) - 1, 0, 1 + (unsigned)rnd_below(r, PRL_TILE_WIDTH) };
	tile.number = rnd_below(r, (size >> 8 * (tile.level > 0 ? tile.level : 0)) / PRL_TILE_WIDTH + 2);
	unsigned width = prl_tile_width(tile.level, tile.number, size);
	if (width && rnd_chance(r, 0.8))
		tile.width = rnd_chance(r, 0.5) ? width : 1 + (unsigned)rnd_below(r, width);
	tile_is_right(log, &tile, size);
}

/* ---- growing ----------------------------------------------------------------------------------------------------- */

static void an_abandoned_stage_leaves_nothing(test_log *log, rnd *r)
{
	prl_bytes entries[300];
	char text[8] = "nothing";
	size_t count = rnd_below(r, 300);
	for (size_t i = 0; i < count; i++)
		entries[i] = (prl_bytes){ text, rnd_below(r, 8) };
	uint64_t size = size_of(log);
	prl_stage *stage, *second = NULL;
	assert_int_equal(prl_ledger_stage(log->ledger, entries, count, &stage, NULL), PRL_OK);
	assert_int_equal(prl_stage_size(stage), size + count);
	assert_int_equal(prl_ledger_stage(log->ledger, entries, count, &second, NULL), PRL_E_STALE);
	assert_null(second);
	prl_stage_free(stage);
	prl_stage_free(NULL);
	assert_int_equal(size_of(log), size);
}

static void batches_make_the_tree(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("batches_make_the_tree");
	for (size_t i = 0, n = rnd_count(3, 60); i < n; i++) {
		rnd r = rnd_case(seed, i);
		test_log log;
		uint64_t size = 0;
		test_log_make(&log);
		head_is_right(&log, 0);
		for (size_t batch = 0; batch < 30; batch++) {
			size_t count = (size_t)rnd_log(&r, 1, 700) - 1;
			test_log_grow(&log, count);
			size += count;
			head_is_right(&log, size);
			random_proofs_are_right(&log, &r);
			random_tiles_are_right(&log, &r);
			if (rnd_chance(&r, 0.3))
				an_abandoned_stage_leaves_nothing(&log, &r);
			if (rnd_chance(&r, 0.3)) {
				test_log_close(&log);
				test_log_open(&log);
				head_is_right(&log, size);
			}
		}
		assert_int_equal(prl_ledger_check(log.ledger, log.reader, NULL, NULL, NULL), PRL_OK);
		test_log_remove(&log);
	}
}

static void count_progress(void *context, uint64_t done, uint64_t all)
{
	uint64_t *last = context;
	assert_true(done > *last && done <= all && all == MOST);
	*last = done;
}

/* tlog-tiles, "Partial Tiles": every tile of its example, and no other. */
static void seventy_thousand_entries(void **state)
{
	(void)state;
	test_log log;
	test_log_make(&log);
	test_log_grow(&log, 65535);
	test_log_grow(&log, 1);
	test_log_grow(&log, MOST - 65536);
	rnd r = rnd_case(rnd_seed("seventy_thousand_entries"), 0);
	for (int reopened = 0; reopened < 2; reopened++) {
		head_is_right(&log, MOST);
		for (size_t i = 0; i < 20; i++) {
			random_proofs_are_right(&log, &r);
			random_tiles_are_right(&log, &r);
		}
		const prl_tile tiles[] = { { 0, 272, 256 }, { 0, 273, 112 }, { 0, 273, 113 }, { 0, 274, 1 },
					   { 1, 0, 256 },   { 1, 1, 17 },    { 1, 1, 18 },    { 1, 1, 16 },
					   { 2, 0, 1 },     { 2, 0, 2 },     { 3, 0, 1 },     { 7, 0, 1 } };
		for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
			tile_is_right(&log, &tiles[i], MOST);
		test_log_close(&log);
		test_log_open(&log);
	}
	uint64_t last = 0;
	assert_int_equal(prl_ledger_check(log.ledger, log.reader, count_progress, &last, NULL), PRL_OK);
	assert_int_equal(last, MOST);
	test_log_remove(&log);
}

static void what_is_outside_is_refused(void **state)
{
	(void)state;
	test_log log;
	test_log_make(&log);
	test_log_grow(&log, 300);
	prl_proof proof = { .count = 77 };
	prl_hash root;
	prl_error err;
	assert_int_equal(prl_ledger_inclusion(log.ledger, log.reader, 300, 300, &proof, &err), PRL_E_RANGE);
	assert_int_equal(prl_ledger_inclusion(log.ledger, log.reader, 0, 301, &proof, &err), PRL_E_RANGE);
	assert_string_equal(err.text, "size 301 is above the log's 300");
	assert_int_equal(prl_ledger_consistency(log.ledger, log.reader, 300, 299, &proof, &err), PRL_E_RANGE);
	assert_int_equal(prl_ledger_consistency(log.ledger, log.reader, 1, UINT64_MAX, &proof, &err), PRL_E_RANGE);
	assert_int_equal(prl_ledger_root(log.ledger, log.reader, 301, &root, &err), PRL_E_RANGE);
	assert_int_equal(proof.count, 77);
	const prl_tile tiles[] = { { -2, 0, 1 },  { 8, 0, 1 },          { 0, 0, 0 },
				   { 0, 0, 257 }, { 0, UINT64_MAX, 1 }, { PRL_TILE_ENTRIES, UINT64_MAX, 256 } };
	prl_buffer buffer = PRL_BUFFER(1000);
	for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
		assert_int_equal(prl_ledger_tile(log.ledger, log.reader, &tiles[i], &buffer, &err), PRL_E_NOT_FOUND);
	assert_int_equal(prl_ledger_tile(log.ledger, log.reader, &(prl_tile){ 0, 0, 256 }, &buffer, &err),
			 PRL_E_TOO_LARGE);
	prl_buffer_clear(&buffer);
	prl_buffer_append(&buffer, "before", 6);
	assert_int_equal(
		prl_ledger_tile(log.ledger, log.reader, &(prl_tile){ PRL_TILE_ENTRIES, 0, 256 }, &buffer, &err),
		PRL_E_TOO_LARGE);
	assert_int_equal(buffer.size, 6);
	assert_string_equal(buffer.data, "before");
	prl_buffer_done(&buffer);
	char *long_entry = calloc(1, PRL_ENTRY_MAX + 1);
	prl_bytes entries[] = { { "a", 1 }, { long_entry, PRL_ENTRY_MAX + 1 } };
	prl_stage *stage = NULL;
	assert_int_equal(prl_ledger_stage(log.ledger, entries, 2, &stage, &err), PRL_E_TOO_LARGE);
	entries[1].size--;
	assert_int_equal(prl_ledger_stage(log.ledger, entries, 2, &stage, &err), PRL_OK);
	prl_stage_free(stage);
	free(long_entry);
	test_log_remove(&log);
}

static void only_the_last_writer_writes(void **state)
{
	(void)state;
	test_log log;
	prl_ledger *second;
	prl_stage *stage;
	prl_error err;
	prl_bytes entry = { "entry", 5 };
	test_log_make(&log);
	test_log_grow(&log, 10);
	assert_int_equal(prl_ledger_open(log.store, TEST_LOG_NAME, false, &second, &err), PRL_OK);
	assert_int_equal(prl_ledger_stage(log.ledger, &entry, 1, &stage, &err), PRL_OK);
	assert_int_equal(prl_ledger_take(second, &err), PRL_OK);
	prl_store_batch batch = { .appends = prl_stage_append(stage, (prl_bytes){ 0 }), .append_count = 1 };
	assert_int_equal(prl_store_commit(log.store, &batch, &err), PRL_E_STALE);
	prl_stage_free(stage);
	head_is_right(&log, 10);
	assert_int_equal(prl_ledger_stage(second, &entry, 1, &stage, &err), PRL_OK);
	batch.appends = prl_stage_append(stage, (prl_bytes){ 0 });
	assert_int_equal(prl_store_commit(log.store, &batch, &err), PRL_OK);
	prl_stage_publish(stage);
	assert_int_equal(prl_ledger_take(log.ledger, &err), PRL_E_STALE); /* it has grown meanwhile */
	prl_ledger_free(second);
	assert_int_equal(prl_ledger_open(log.store, "other", false, &second, &err), PRL_E_NOT_FOUND);
	test_log_remove(&log);
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

typedef struct reading {
	test_log *log;
	uint64_t seed, proofs;
	const volatile bool *stop;
} reading;

/* What a reader finds at a head holds in the tree of that head, while the tree grows. */
static void *read_on(void *context)
{
	reading *at = context;
	rnd r = rnd_case(at->seed, 0);
	prl_store_reader *reader;
	if (prl_store_reader_new(at->log->store, &reader, NULL))
		return (void *)(uintptr_t) "reader";
	const char *bad = NULL;
	while (!bad && !__atomic_load_n(at->stop, __ATOMIC_RELAXED)) {
		uint64_t size, old, index;
		prl_hash root, old_root;
		prl_proof proof;
		prl_ledger_head(at->log->ledger, &size, &root);
		if (!size)
			continue;
		index = rnd_below(&r, size);
		old = rnd_below(&r, size + 1);
		prl_tile tile = { 0, (size - 1) / 256, prl_tile_width(0, (size - 1) / 256, size) };
		prl_buffer buffer = PRL_BUFFER(8192);
		if (prl_ledger_inclusion(at->log->ledger, reader, index, size, &proof, NULL) ||
		    prl_inclusion_verify(&leaves[index], index, size, &proof, &root, NULL))
			bad = "inclusion";
		else if (prl_ledger_root(at->log->ledger, reader, old, &old_root, NULL) ||
			 prl_ledger_consistency(at->log->ledger, reader, old, size, &proof, NULL) ||
			 prl_consistency_verify(old, &old_root, size, &root, &proof, NULL))
			bad = "consistency";
		else if (prl_ledger_tile(at->log->ledger, reader, &tile, &buffer, NULL) ||
			 memcmp(buffer.data, &leaves[tile.number * 256], buffer.size) != 0)
			bad = "tile";
		prl_buffer_done(&buffer);
		at->proofs++;
	}
	prl_store_reader_free(reader);
	return (void *)(uintptr_t)bad;
}

static void readers_beside_the_writer(void **state)
{
	(void)state;
	test_log log;
	volatile bool stop = false;
	uint64_t seed = rnd_seed("readers_beside_the_writer");
	reading readings[3];
	pthread_t threads[3];
	test_log_make(&log);
	for (size_t i = 0; i < 3; i++) {
		readings[i] = (reading){ &log, seed + i, 0, &stop };
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readings[i]), 0);
	}
	rnd r = rnd_case(seed, 9);
	for (size_t i = 0, n = rnd_count(100, 300); i < n; i++)
		test_log_grow(&log, rnd_below(&r, 200));
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < 3; i++) {
		void *bad;
		pthread_join(threads[i], &bad);
		if (bad)
			fail_msg("a reader found a wrong %s", (const char *)bad);
		assert_true(readings[i].proofs > 0);
	}
	test_log_remove(&log);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

/* Turns a bit in every place of the closed store's file where needle stands; false where it stands nowhere whole. */
static bool turn_a_bit(const char *path, const void *needle, size_t size)
{
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t all = (size_t)ftell(f);
	char *bytes = malloc(all);
	rewind(f);
	assert_int_equal(fread(bytes, 1, all, f), all);
	bool found = false;
	for (char *at = bytes; (at = memmem(at, all - (size_t)(at - bytes), needle, size)); at++) {
		at[size / 2] ^= 4;
		found = true;
	}
	rewind(f);
	assert_int_equal(fwrite(bytes, 1, all, f), all);
	fclose(f);
	free(bytes);
	return found;
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	char *message = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_close(db);
}

/* Opens the damaged store: opening it or checking it says PRL_E_IO with the index. */
static void finds(const char *path, bool on_open, uint64_t index)
{
	prl_store *store;
	prl_ledger *ledger = NULL;
	prl_store_reader *reader;
	prl_error err = { 0 };
	char want[60];
	snprintf(want, sizeof want, "the store is whole below index %llu", (unsigned long long)index);
	if (prl_store_open(path, 0, &store, &err))
		fail_msg("%s", err.text);
	prl_status status = prl_ledger_open(store, TEST_LOG_NAME, false, &ledger, &err);
	if (!on_open) {
		if (status)
			fail_msg("opened: %s", err.text);
		assert_int_equal(prl_store_reader_new(store, &reader, &err), PRL_OK);
		status = prl_ledger_check(ledger, reader, NULL, NULL, &err);
		prl_store_reader_free(reader);
		prl_ledger_free(ledger);
	}
	assert_int_equal(status, PRL_E_IO);
	if (!strstr(err.text, want))
		fail_msg("\"%s\" does not say \"%s\"", err.text, want);
	prl_store_close(store);
}

typedef struct damage {
	char path[100];
	test_log log;
} damage;

static void begin_damage(damage *d, const test_log *whole)
{
	char command[300];
	snprintf(d->path, sizeof d->path, "%s/damaged", whole->folder);
	snprintf(command, sizeof command, "cp '%s' '%s'", whole->path, d->path);
	assert_int_equal(system(command), 0);
}

static void damaged_entry(const test_log *whole, uint64_t index, bool on_open, uint64_t below)
{
	damage d;
	char text[128];
	prl_bytes entry = test_log_entry(index, text);
	begin_damage(&d, whole);
	assert_true(turn_a_bit(d.path, entry.data, entry.size));
	finds(d.path, on_open, below);
}

/* Hash i of a tile of level; below names the first entry that it covers. */
static void damaged_tile(const test_log *whole, int level, uint64_t i, bool on_open)
{
	damage d;
	prl_hash hash = naive_root(leaves, i << 8 * level, (i + 1) << 8 * level);
	begin_damage(&d, whole);
	if (!turn_a_bit(d.path, hash.bytes, sizeof hash.bytes)) {
		assert_true(i > 0); /* at the edge of a page: the one before it is not */
		damaged_tile(whole, level, i - 1, on_open);
		return;
	}
	finds(d.path, on_open, i << 8 * level);
}

static void lost_rows(const test_log *whole, const char *sql, bool on_open, uint64_t below)
{
	damage d;
	begin_damage(&d, whole);
	run_sql(d.path, sql);
	finds(d.path, on_open, below);
}

/* Without a checkpoint what was published is what must be found. */
static void damaged_while_open(const test_log *whole)
{
	damage d;
	prl_store *store;
	prl_ledger *ledger;
	prl_store_reader *reader;
	prl_error err;
	begin_damage(&d, whole);
	assert_int_equal(prl_store_open(d.path, 0, &store, &err), PRL_OK);
	assert_int_equal(prl_ledger_open(store, TEST_LOG_NAME, false, &ledger, &err), PRL_OK);
	assert_int_equal(prl_store_reader_new(store, &reader, &err), PRL_OK);
	run_sql(d.path, "UPDATE log SET checkpoint = NULL");
	assert_int_equal(prl_ledger_check(ledger, reader, NULL, NULL, &err), PRL_OK);
	run_sql(d.path, "UPDATE entry SET bytes = x'00' WHERE (id & 1099511627775) = 65900");
	assert_int_equal(prl_ledger_check(ledger, reader, NULL, NULL, &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "the store is whole below index 65792"));
	prl_store_reader_free(reader);
	prl_ledger_free(ledger);
	prl_store_close(store);
}

static void damage_is_found(void **state)
{
	(void)state;
	test_log log;
	test_log_make(&log);
	test_log_grow(&log, 66000);
	test_log_close(&log);
	damaged_entry(&log, 0, false, 0);
	damaged_entry(&log, 12345, false, 12345);
	damaged_entry(&log, 65999, true, 65792); /* in the bundle that is not full: only the root covers it */
	damaged_tile(&log, 0, 1234, false);
	damaged_tile(&log, 0, 65700, true); /* below the level-1 tile that is not full */
	damaged_tile(&log, 1, 200, true);
	lost_rows(&log, "DELETE FROM entry WHERE (id & 1099511627775) = 4321", false, 4321);
	lost_rows(&log, "DELETE FROM entry WHERE (id & 1099511627775) = 65990", true, 65990);
	lost_rows(&log, "DELETE FROM entry WHERE (id & 1099511627775) = 65999", true, 65999);
	lost_rows(&log, "DELETE FROM tile WHERE (id & 1099511627775) = 7", false, 7 * 256);
	lost_rows(&log, "UPDATE tile SET hashes = substr(hashes, 1, 8160) WHERE (id & 1099511627775) = 9", false,
		  9 * 256);
	lost_rows(&log, "UPDATE log SET size = 65900", true, 65900);
	lost_rows(&log, "UPDATE log SET checkpoint = CAST(replace(CAST(checkpoint AS TEXT), '66000', '65999') AS BLOB)",
		  true, 65792);
	damaged_while_open(&log);
	test_log_open(&log);
	assert_int_equal(prl_ledger_check(log.ledger, log.reader, NULL, NULL, NULL), PRL_OK);
	test_log_remove(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_make_the_tree),      cmocka_unit_test(seventy_thousand_entries),
		cmocka_unit_test(what_is_outside_is_refused), cmocka_unit_test(only_the_last_writer_writes),
		cmocka_unit_test(readers_beside_the_writer),  cmocka_unit_test(damage_is_found),
	};
	return cmocka_run_group_tests_name("ledger", tests, make_leaves, free_leaves);
}
