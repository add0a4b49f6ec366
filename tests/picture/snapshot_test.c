/* Snapshots: what is loaded is what a replay gives; whatever is damaged or foreign is refused and changes nothing. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/line.h"
#include "support/random.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define US   "us.example/line"
#define RU   "ru.example/line"
#define WORK PRL_VERSION_WORKING

static char directory[] = "/tmp/parley-snapshot-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[200];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static prl_hash digest(prl_picture *picture)
{
	prl_hash hash;
	assert_int_equal(prl_picture_digest(picture, WORK, &hash, NULL), PRL_OK);
	return hash;
}

/* Our picture with something in each table. */
static prl_picture *make(line *l)
{
	prl_picture *us = line_picture(US), *ru = line_picture(RU);
	line_begin(l, us, US);
	line_begin(l, ru, RU);
	prl_hash hash = line_hash("a content");
	const char *text = line_hash_text(l, &hash);
	line_act_on(l, us,
		    &(line_act){ .kind = "program.admitted",
				 .key = "us-ops",
				 .body = line_text(l, "{\"program\": \"us-p\", \"title\": \"p\", \"token\": \"%s\"}",
						   text) });
	line_act_on(l, us,
		    &(line_act){ .kind = "setting.changed",
				 .key = "us-ops",
				 .body = "{\"name\": \"n\", \"value\": \"some value\"}" });
	for (int i = 0; i < 3; i++)
		line_act_on(l, us,
			    &(line_act){ .kind = "message.sent",
					 .key = "us-ops/1",
					 .body = "{\"text\": \"a\", \"language\": \"en\"}" });
	line_act_on(l, us,
		    &(line_act){ .kind = "message.sent",
				 .key = "us-ops/1",
				 .body = line_text(l,
						   "{\"text\": \"a\", \"language\": \"en\", \"contents\": [{\"hash\": "
						   "\"%s\", \"size\": 3, \"title\": \"t\"}]}",
						   text) });
	line_see(l, ru, RU, US, 0);
	line_act_on(l, ru,
		    &(line_act){ .kind = "content.got",
				 .log = RU,
				 .body = line_text(l, "{\"log\": \"" US "\", \"hashes\": [\"%s\"]}", text) });
	line_see(l, us, US, RU, 0);
	line_act_on(l, us, &(line_act){ .kind = "tick", .log = US, .body = "{\"to\": \"2016-09-17T13:00:00Z\"}" });
	prl_picture_free(ru);
	return us;
}

static prl_snapshot_head head_of(line *l)
{
	line_log *log = line_log_of(l, US);
	return (prl_snapshot_head){ log->size, log->roots[log->size] };
}

static void save(prl_picture *picture, const prl_snapshot_head *head, const char *path)
{
	prl_error err = { 0 };
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_version version = prl_picture_pin(picture);
	if (prl_picture_save(picture, version, head, path, &err))
		fail_msg("%s", err.text);
	prl_picture_unpin(picture, version);
}

static void what_is_loaded_is_what_was_saved(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	prl_picture *picture = make(l), *loaded = line_picture(US);
	prl_snapshot_head head = head_of(l), back;
	save(picture, &head, path_of("whole"));
	assert_int_equal(prl_picture_load(loaded, path_of("whole"), &back, NULL), PRL_OK);
	assert_int_equal(back.size, head.size);
	assert_true(prl_hash_equal(&back.root, &head.root));
	prl_hash a = digest(picture), b = digest(loaded);
	assert_true(prl_hash_equal(&a, &b));
	prl_version version = prl_picture_pin(loaded);
	for (unsigned table = 0; table < PRL_CORE_TABLES; table++) {
		assert_true(prl_picture_count(picture, WORK, table) > 0);
		assert_int_equal(prl_picture_count(loaded, version, table), prl_picture_count(picture, WORK, table));
	}
	assert_string_equal(prl_picture_setting(loaded, version, prl_bytes_of("n")), "some value");
	prl_picture_unpin(loaded, version);

	/* and the fold goes on as if nothing had been */
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = "{\"text\": \"b\", \"language\": \"en\"}" };
	prl_bytes entry = line_entry(l, &act);
	assert_int_equal(line_apply(picture, US, entry, NULL), PRL_OK);
	assert_int_equal(line_apply(loaded, US, entry, NULL), PRL_OK);
	a = digest(picture);
	b = digest(loaded);
	assert_true(prl_hash_equal(&a, &b));

	/* a second snapshot has the same bytes */
	save(picture, &head, path_of("one"));
	save(loaded, &head, path_of("two"));
	char command[500];
	snprintf(command, sizeof command, "cmp -s %s/one %s/two", directory, directory);
	assert_int_equal(system(command), 0);
	prl_picture_free(picture);
	prl_picture_free(loaded);
	line_free(l);
}

static prl_buffer read_file(const char *path)
{
	prl_buffer bytes = PRL_BUFFER(1u << 30);
	char piece[65536];
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
		assert_true(prl_buffer_append(&bytes, piece, n));
	fclose(file);
	return bytes;
}

static void write_file(const char *path, const char *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static void refuse(prl_picture *picture, prl_status expected)
{
	prl_snapshot_head head = { 7, { { 0 } } };
	prl_error err = { 0 };
	prl_status status = prl_picture_load(picture, path_of("bad"), &head, &err);
	if (status != expected)
		fail_msg("status %d, \"%s\", expected %d", status, err.text, expected);
	assert_int_equal(head.size, 7);
	for (unsigned table = 0; table < PRL_CORE_TABLES; table++)
		assert_int_equal(prl_picture_count(picture, WORK, table), 0);
}

static void what_is_damaged_is_refused(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	prl_picture *picture = make(l), *empty = line_picture(US);
	prl_snapshot_head head = head_of(l), back;
	rnd r = rnd_case(rnd_seed("snapshot"), 0);
	save(picture, &head, path_of("whole"));
	prl_buffer bytes = read_file(path_of("whole"));
	for (size_t i = 0; i < rnd_count(300, 20000); i++) {
		size_t at = i < 60 ? i : rnd_below(&r, bytes.size);
		size_t bit = rnd_below(&r, 8);
		bytes.data[at] ^= (char)(1 << bit);
		write_file(path_of("bad"), bytes.data, bytes.size);
		refuse(empty, PRL_E_SYNTAX);
		bytes.data[at] ^= (char)(1 << bit);
	}
	for (size_t i = 0; i < 200; i++) {
		write_file(path_of("bad"), bytes.data, i < 20 ? bytes.size - 1 - i : rnd_below(&r, bytes.size));
		refuse(empty, PRL_E_SYNTAX);
	}
	prl_buffer_append(&bytes, "more", 4);
	write_file(path_of("bad"), bytes.data, bytes.size);
	refuse(empty, PRL_E_SYNTAX);
	unlink(path_of("bad"));
	refuse(empty, PRL_E_NOT_FOUND);
	assert_int_equal(prl_picture_load(empty, path_of("whole"), &back, NULL), PRL_OK);
	prl_buffer_done(&bytes);
	prl_picture_free(picture);
	prl_picture_free(empty);
	line_free(l);
}

/* ---- many blocks ------------------------------------------------------------------------------------------------- */

/* Many contents: the object with the most parts. */
static prl_picture *make_many(size_t count)
{
	prl_picture *picture = line_picture(US);
	json_t *to = json_pack("[s, s]", "ru", "un"), *none = json_array();
	for (size_t i = 0; i < count; i++) {
		prl_content *content = calloc(1, sizeof *content);
		assert_non_null(content);
		content->hash = prl_sha256(&i, sizeof i);
		content->size = i;
		content->index = i;
		memcpy(content->log, US, sizeof US);
		content->to = json_incref(to);
		content->got = json_incref(none);
		content->deleted = json_incref(none);
		prl_bytes key = { (const char *)content->hash.bytes, 32 };
		assert_int_equal(prl_picture_put(picture, PRL_TABLE_CONTENT, key, content, NULL), PRL_OK);
	}
	json_decref(to);
	json_decref(none);
	return picture;
}

/* The rows of a snapshot's index, changed and put under a hash that holds: what only a wrong program writes. */
typedef struct index {
	prl_buffer bytes; /* of the file */
	char *rows;
	size_t count;
} index_of;

enum { ROW = 56, END = 40, TABLE = 7, OBJECTS = 15, SIZE = 23 }; /* the lowest bytes of a row's numbers */

static index_of open_index(const char *path)
{
	index_of i = { .bytes = read_file(path) };
	const unsigned char *end = (unsigned char *)i.bytes.data + i.bytes.size - END;
	size_t size = 0;
	for (int b = 0; b < 8; b++)
		size = size << 8 | end[b];
	i.rows = i.bytes.data + i.bytes.size - END - size;
	i.count = size / ROW;
	return i;
}

static void write_index(index_of *i)
{
	prl_hash hash = prl_sha256(i->rows, i->count * ROW + 8);
	memcpy(i->rows + i->count * ROW + 8, hash.bytes, 32);
	write_file(path_of("bad"), i->bytes.data, i->bytes.size);
}

static void refuse_index(prl_picture *empty, index_of *i)
{
	write_index(i);
	refuse(empty, PRL_E_SYNTAX);
}

/* Blocks are read side by side: one that is damaged, wherever it lies, leaves nothing of the others. */
static void every_block_is_checked(void **state)
{
	(void)state;
	prl_picture *picture = make_many(6000), *empty = line_picture(US);
	prl_snapshot_head head = { 0 };
	rnd r = rnd_case(rnd_seed("blocks"), 0);
	save(picture, &head, path_of("whole"));
	index_of i = open_index(path_of("whole"));
	assert_true(i.count > 4); /* the head and several of one table */
	for (size_t n = 0; n < rnd_count(100, 2000); n++) {
		size_t at = rnd_below(&r, i.bytes.size), bit = rnd_below(&r, 8);
		i.bytes.data[at] ^= (char)(1 << bit);
		write_file(path_of("bad"), i.bytes.data, i.bytes.size);
		refuse(empty, PRL_E_SYNTAX);
		i.bytes.data[at] ^= (char)(1 << bit);
	}
	for (size_t row = 1; row < i.count; row++) {
		for (size_t at = TABLE; at <= SIZE; at += 8) {
			char *byte = &i.rows[row * ROW + at];
			(*byte)++;
			refuse_index(empty, &i);
			*byte = (char)(*byte - 2);
			refuse_index(empty, &i);
			(*byte)++;
		}
	}
	write_index(&i);
	assert_int_equal(prl_picture_load(empty, path_of("bad"), &head, NULL), PRL_OK);
	prl_hash a = digest(picture), b = digest(empty);
	assert_true(prl_hash_equal(&a, &b));
	prl_buffer_done(&i.bytes);
	prl_picture_free(picture);
	prl_picture_free(empty);
}

/* Two blocks of one table in the wrong order: no object is wrong, and none follows the one before. */
static void blocks_are_in_order(void **state)
{
	(void)state;
	prl_picture *picture = make_many(6000), *empty = line_picture(US);
	prl_snapshot_head head = { 0 };
	char row[ROW];
	save(picture, &head, path_of("whole"));
	index_of i = open_index(path_of("whole"));
	size_t sizes[3] = { 0 };
	for (size_t n = 0; n < 3; n++)
		for (size_t b = 0; b < 8; b++)
			sizes[n] = sizes[n] << 8 | (unsigned char)i.rows[n * ROW + SIZE - 7 + b];
	char *first = i.bytes.data + sizes[0], *copy = malloc(sizes[1]);
	assert_non_null(copy);
	memcpy(copy, first, sizes[1]);
	memmove(first, first + sizes[1], sizes[2]);
	memcpy(first + sizes[2], copy, sizes[1]);
	memcpy(row, i.rows + ROW, ROW);
	memcpy(i.rows + ROW, i.rows + 2 * ROW, ROW);
	memcpy(i.rows + 2 * ROW, row, ROW);
	refuse_index(empty, &i);
	free(copy);
	prl_buffer_done(&i.bytes);
	prl_picture_free(picture);
	prl_picture_free(empty);
}

static void what_is_foreign_is_refused(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	prl_picture *picture = make(l), *other = line_picture(RU), *fewer, *more = line_picture(US);
	prl_snapshot_head head = head_of(l);
	save(picture, &head, path_of("bad"));
	refuse(other, PRL_E_STALE);
	assert_int_equal(prl_picture_new(US, &fewer, NULL), PRL_OK); /* without message.sent */
	refuse(fewer, PRL_E_STALE);
	prl_noun noun = { "another", true, NULL, NULL, NULL };
	unsigned table;
	assert_int_equal(prl_picture_add_noun(more, &noun, &table, NULL), PRL_OK);
	refuse(more, PRL_E_STALE);
	prl_picture_free(picture);
	prl_picture_free(other);
	prl_picture_free(fewer);
	prl_picture_free(more);
	line_free(l);
}

static void saving_fails_whole(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	prl_picture *picture = make(l);
	prl_snapshot_head head = head_of(l);
	prl_error err = { 0 };
	assert_int_equal(prl_picture_save(picture, WORK, &head, "/nowhere/snapshot", &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "/nowhere"));
	assert_int_equal(mkdir(path_of("taken"), 0700), 0);
	assert_int_equal(prl_picture_save(picture, WORK, &head, path_of("taken"), &err), PRL_E_IO);
	assert_int_equal(access(path_of("taken.new"), F_OK), -1);
	rmdir(path_of("taken"));
	prl_picture_free(picture);
	line_free(l);
}

static double seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* What it takes is printed, not judged. */
static void many_objects_are_loaded(void **state)
{
	(void)state;
	size_t count = rnd_count(20000, 1000000);
	prl_picture *picture = make_many(count), *loaded = line_picture(US);
	prl_snapshot_head head = { 0 };
	double begin = seconds(CLOCK_MONOTONIC);
	save(picture, &head, path_of("many"));
	double saved = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	assert_int_equal(prl_picture_load(loaded, path_of("many"), &head, NULL), PRL_OK);
	double end = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	print_message("# %zu contents: saved in %.2f s, loaded in %.2f s (%.2f s of processor)\n", count, saved - begin,
		      end - saved, cpu);
	prl_hash a = digest(picture), b = digest(loaded);
	assert_true(prl_hash_equal(&a, &b));
	prl_picture_free(picture);
	prl_picture_free(loaded);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	char command[200];
	snprintf(command, sizeof command, "rm -r '%s'", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_loaded_is_what_was_saved), cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(every_block_is_checked),           cmocka_unit_test(blocks_are_in_order),
		cmocka_unit_test(what_is_foreign_is_refused),       cmocka_unit_test(saving_fails_whole),
		cmocka_unit_test(many_objects_are_loaded),
	};
	return cmocka_run_group_tests_name("snapshot", tests, make_directory, remove_directory);
}
