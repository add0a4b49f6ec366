/* A node's folder: keys for nobody else, the picture from a snapshot or from the record, damage named. */
#include "node/folder.h"

#include "base/text.h"
#include "node/clock.h"
#include "node/keys.h"
#include "node/snapshot.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

typedef struct fixture {
	line *l;
	test_node us;
	char file[128];
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US " ru@" RU, NULL);
	test_node_make(&f->us, f->l, US);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->us);
	line_free(f->l);
	free(f);
	return 0;
}

static const char *file_of(fixture *f, const char *name)
{
	snprintf(f->file, sizeof f->file, "%s/%s", f->us.path, name);
	return f->file;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void keys_are_for_nobody_else(void **state)
{
	fixture *f = *state;
	char path[PRL_KEY_PATH_MAX];
	prl_error err;
	prl_signer key = line_signer("us-ops/1", PRL_KEY_NOTE, 0), back;
	struct stat about;
	assert_int_equal(prl_key_path(f->us.path, "us-ops/1", path, &err), PRL_OK);
	assert_string_equal(path + strlen(f->us.path), "/keys/us-ops%1.key");
	assert_int_equal(prl_key_load(path, PRL_KEY_NOTE, &back, &err), PRL_E_NOT_FOUND);
	umask(0);
	assert_int_equal(prl_key_save(path, &key, &err), PRL_OK);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(prl_key_save(path, &key, &err), PRL_E_DUPLICATE);
	assert_int_equal(prl_key_load(path, PRL_KEY_NOTE, &back, &err), PRL_OK);
	assert_memory_equal(back.secret, key.secret, sizeof key.secret);
	assert_int_equal(prl_key_load(path, PRL_KEY_COSIGNATURE, &back, &err), PRL_E_UNSUPPORTED);
	for (mode_t mode = 1; mode < 0100; mode <<= 1) {
		assert_int_equal(chmod(path, 0600 | mode), 0);
		assert_int_equal(prl_key_load(path, PRL_KEY_NOTE, &back, &err), PRL_E_REFUSED);
		assert_non_null(strstr(err.text, "chmod 600"));
	}
	assert_int_equal(prl_key_load(f->us.path, PRL_KEY_NOTE, &back, &err), PRL_E_UNSUPPORTED);
	assert_int_equal(prl_key_path(f->us.path, "", path, &err), PRL_E_RANGE);
	assert_int_equal(prl_key_path(f->us.path, "../log", path, &err), PRL_E_RANGE);
}

static void a_key_file_that_is_none(void **state)
{
	fixture *f = *state;
	prl_signer back;
	prl_error err;
	FILE *file = fopen(file_of(f, "keys/odd.key"), "w");
	fputs("PRIVATE+KEY+nothing\n", file);
	fclose(file);
	chmod(f->file, 0600);
	assert_int_equal(prl_key_load(f->file, PRL_KEY_NOTE, &back, &err), PRL_E_SYNTAX);
	file = fopen(f->file, "w");
	for (int i = 0; i < 10000; i++)
		fputc('x', file);
	fclose(file);
	assert_int_equal(prl_key_load(f->file, PRL_KEY_NOTE, &back, &err), PRL_E_TOO_LARGE);
}

static void the_keys_must_be_those_of_the_constitution(void **state)
{
	fixture *f = *state;
	prl_error err = { 0 };
	prl_signer other = line_signer(US "/witness", PRL_KEY_COSIGNATURE, 3);
	unlink(file_of(f, "keys/witness.key"));
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_NOT_FOUND);
	assert_int_equal(prl_key_save(f->file, &other, &err), PRL_OK);
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_REFUSED);
	assert_non_null(strstr(err.text, "witness"));
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void settings_are_read(void **state)
{
	fixture *f = *state;
	prl_error err = { 0 };
	FILE *file = fopen(file_of(f, "node.json"), "w");
	fputs("{\"listen\": \"127.0.0.1:1\"}", file);
	fclose(file);
	test_node_start(&f->us, false);
	assert_string_equal(json_string_value(json_object_get(f->us.folder->settings, "listen")), "127.0.0.1:1");
	test_node_stop(&f->us);
	file = fopen(f->file, "w");
	fputs("{\n\"listen\": 1, \n\"listen\": 2}", file);
	fclose(file);
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_SYNTAX);
	assert_int_equal(err.line, 3);
	file = fopen(f->file, "w");
	fputs("[]", file);
	fclose(file);
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_SYNTAX);
}

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

static void say(test_node *node, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		prl_filing filing = { 0 };
		assert_int_equal(test_node_say(node, "us-ops/1", "words", &filing), PRL_OK);
	}
}

static void write_snapshot(fixture *f)
{
	prl_snapshots *snapshots;
	prl_error err;
	assert_int_equal(prl_snapshots_start(f->us.folder->picture, f->us.folder->own, file_of(f, "snapshot"), 0,
					     100000, NULL, NULL, &snapshots, &err),
			 PRL_OK);
	prl_snapshots_grown(snapshots); /* too early for one */
	assert_int_equal(access(f->file, F_OK), -1);
	assert_int_equal(prl_snapshots_stop(snapshots, &err), PRL_OK);
	assert_int_equal(access(f->file, F_OK), 0);
}

static void a_snapshot_stands_for_the_record(void **state)
{
	fixture *f = *state;
	test_node_start(&f->us, true);
	say(&f->us, 5);
	write_snapshot(f);
	uint64_t size = test_node_size(&f->us);
	say(&f->us, 3);
	prl_hash digest = test_node_digest(&f->us), now;
	test_node_stop(&f->us);
	test_node_start(&f->us, true);
	assert_int_equal(f->us.folder->snapshot_size, size);
	assert_int_equal(f->us.said_count, 0);
	now = test_node_digest(&f->us);
	assert_memory_equal(&now, &digest, sizeof now);
	say(&f->us, 1);
	test_node_stop(&f->us);
	f->us.replay = true;
	test_node_start(&f->us, true);
	assert_int_equal(f->us.folder->snapshot_size, 0);
}

static void a_snapshot_that_does_not_fit_is_left_aside(void **state)
{
	fixture *f = *state;
	char copy[128];
	prl_error err;
	test_node_start(&f->us, true);
	snprintf(copy, sizeof copy, "%s/copy", f->us.path);
	assert_int_equal(prl_store_backup(f->us.folder->store, copy, &err), PRL_OK);
	say(&f->us, 5);
	write_snapshot(f);
	prl_hash digest = test_node_digest(&f->us), now;
	test_node_stop(&f->us);
	FILE *file = fopen(file_of(f, "snapshot"), "r+");
	fseek(file, -40, SEEK_END);
	int byte = fgetc(file);
	fseek(file, -40, SEEK_END);
	fputc(byte ^ 1, file);
	fclose(file);
	test_node_start(&f->us, true);
	assert_int_equal(f->us.said_count, 1);
	assert_non_null(strstr(f->us.said[0], "left aside"));
	assert_int_equal(f->us.folder->snapshot_size, 0);
	now = test_node_digest(&f->us);
	assert_memory_equal(&now, &digest, sizeof now);
	unlink(f->file);
	write_snapshot(f);
	test_node_stop(&f->us);
	/* of a longer log than the record holds: the record was put back to an earlier one */
	char command[300];
	snprintf(command, sizeof command, "cd '%s' && rm -f record.db-* && mv copy record.db", f->us.path);
	assert_int_equal(system(command), 0);
	test_node_start(&f->us, true);
	assert_int_equal(f->us.said_count, 1);
	line_key_of(f->l, "us-ops/1")->serial = 0;
	line_key_of(f->l, "us-ops/1")->last = (prl_hash){ { 0 } };
	for (int i = 0; i < 6; i++) { /* of another history */
		prl_filing filing = { 0 };
		assert_int_equal(test_node_say(&f->us, "us-ops/1", "other words", &filing), PRL_OK);
	}
	test_node_stop(&f->us);
	test_node_start(&f->us, true);
	assert_int_equal(f->us.said_count, 1);
	assert_non_null(strstr(f->us.said[0], "another history"));
}

static void snapshots_are_written_while_it_runs(void **state)
{
	fixture *f = *state;
	prl_snapshots *snapshots;
	prl_error err;
	struct stat about;
	test_node_start(&f->us, true);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(prl_snapshots_start(f->us.folder->picture, f->us.folder->own, file_of(f, "snapshot"), size, 3,
					     NULL, NULL, &snapshots, &err),
			 PRL_OK);
	say(&f->us, 2);
	prl_snapshots_grown(snapshots);
	usleep(50000);
	assert_int_equal(stat(f->file, &about), -1);
	say(&f->us, 1);
	prl_snapshots_grown(snapshots);
	for (int i = 0; i < 100 && stat(f->file, &about); i++)
		usleep(50000);
	assert_int_equal(stat(f->file, &about), 0);
	assert_int_equal(prl_snapshots_stop(snapshots, &err), PRL_OK);
	test_node_stop(&f->us);
	test_node_start(&f->us, true);
	assert_int_equal(f->us.folder->snapshot_size, size + 3);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static void append_raw(fixture *f, prl_bytes entry)
{
	prl_store *store;
	prl_ledger *ledger;
	prl_stage *stage;
	prl_error err;
	assert_int_equal(prl_store_open(file_of(f, "record.db"), 0, &store, &err), PRL_OK);
	assert_int_equal(prl_ledger_open(store, US, false, &ledger, &err), PRL_OK);
	assert_int_equal(prl_ledger_take(ledger, &err), PRL_OK);
	assert_int_equal(prl_ledger_stage(ledger, &entry, 1, &stage, &err), PRL_OK);
	prl_hash root = prl_stage_root(stage);
	prl_bytes note = test_note_of(f->l, US, prl_stage_size(stage), &root);
	prl_store_batch batch = { .appends = prl_stage_append(stage, note), .append_count = 1 };
	assert_int_equal(prl_store_commit(store, &batch, &err), PRL_OK);
	prl_stage_publish(stage);
	prl_ledger_free(ledger);
	prl_store_close(store);
}

static void what_the_fold_refuses_in_our_own_log_is_named(void **state)
{
	fixture *f = *state;
	prl_error err = { 0 };
	append_raw(f, prl_bytes_of("no entry"));
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "entry 4 of our own log " US));
}

static void a_missing_mirror_is_named(void **state)
{
	fixture *f = *state;
	prl_error err = { 0 };
	prl_hash root = line_hash("root");
	line_act seen = { .kind = "peer.seen",
			  .log = US,
			  .body = line_text(f->l, "{\"log\": \"" RU "\", \"size\": 3, \"root\": \"%s\"}",
					    line_hash_text(f->l, &root)) };
	append_raw(f, line_entry(f->l, &seen));
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "mirror of " RU));
}

/* A fault that was recorded and is none now, and one that was not recorded: the picture is another, and that is said.
 */
static void faults_that_differ_are_said(void **state)
{
	fixture *f = *state;
	prl_picture *ru = line_picture(RU);
	prl_filing filing = { 0 };
	line_begin(f->l, ru, RU);
	test_node_start(&f->us, true);
	line_append(f->l, RU, prl_bytes_of("no entry"));
	line_log *log = line_log_of(f->l, RU);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, log->size, &filing), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	assert_true(test_node_is(&f->us, size - 1, "peer.fault"));
	test_node_stop(&f->us);
	prl_hash hash = line_hash("hash");
	line_act fault = { .kind = "peer.fault",
			   .log = US,
			   .body = line_text(f->l,
					     "{\"log\": \"" RU "\", \"index\": 2, \"hash\": \"%s\", \"reason\": \"x\"}",
					     line_hash_text(f->l, &hash)) };
	append_raw(f, line_entry(f->l, &fault));
	f->us.replay = true;
	test_node_start(&f->us, true);
	assert_int_equal(f->us.said_count, 1);
	assert_non_null(strstr(f->us.said[0], "entry 2 of " RU));
	prl_picture_free(ru);
}

static void an_empty_log_is_no_node(void **state)
{
	fixture *f = *state;
	prl_error err = { 0 };
	prl_signer other = line_signer("fr.example/line", PRL_KEY_NOTE, 0);
	unlink(file_of(f, "keys/log.key"));
	assert_int_equal(prl_key_save(f->file, &other, &err), PRL_OK);
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_NOT_FOUND);
	unlink(file_of(f, "record.db"));
	assert_int_equal(test_node_try(&f->us, &err), PRL_E_NOT_FOUND);
}

/* ---- clocks ------------------------------------------------------------------------------------------------------ */

typedef struct clocks {
	prl_time wall, boot;
} clocks;

static prl_time wall_of(void *context)
{
	return ((clocks *)context)->wall;
}

static prl_time boot_of(void *context)
{
	return ((clocks *)context)->boot;
}

static bool look(prl_clock *clock, clocks *at, prl_time wall, prl_time boot, prl_time *offset)
{
	at->wall += wall;
	at->boot += boot;
	return prl_clock_look(clock, offset);
}

static void clocks_that_part_are_noticed(void **state)
{
	(void)state;
	clocks at = { 1000 * PRL_SECOND, 5 * PRL_SECOND };
	prl_clock clock;
	prl_time offset;
	char body[PRL_CLOCK_BODY_MAX];
	prl_clock_init(&clock, wall_of, boot_of, &at);
	assert_false(look(&clock, &at, 10 * PRL_SECOND, 10 * PRL_SECOND, &offset));
	assert_false(look(&clock, &at, 12 * PRL_SECOND, 10 * PRL_SECOND, &offset)); /* just 2 s */
	assert_int_equal(offset, 0);
	assert_true(look(&clock, &at, 12 * PRL_SECOND + 1, 10 * PRL_SECOND, &offset));
	assert_int_equal(offset, 2 * PRL_SECOND + 1);
	assert_true(look(&clock, &at, -3600 * PRL_SECOND, 10 * PRL_SECOND, &offset));
	assert_int_equal(offset, -3610 * PRL_SECOND);
	assert_false(look(&clock, &at, PRL_SECOND, PRL_SECOND, &offset));                 /* once */
	assert_false(look(&clock, &at, 86400 * PRL_SECOND, 86400 * PRL_SECOND, &offset)); /* asleep for a day */
	size_t length = prl_clock_body(-3610 * PRL_SECOND, body);
	assert_int_equal(length, strlen(body));
	assert_non_null(strstr(body, "\"wall_minus_boot_s\":-3610.000"));
	prl_clock_init(&clock, NULL, NULL, NULL);
	assert_false(prl_clock_look(&clock, &offset));
	assert_true(clock.last_wall > INT64_C(1700000000) * PRL_SECOND && clock.last_boot > 0);
}

static void a_suspect_clock_can_be_recorded(void **state)
{
	fixture *f = *state;
	char body[PRL_CLOCK_BODY_MAX];
	prl_filing filing = { 0 };
	test_node_start(&f->us, true);
	prl_clock_body(5 * PRL_SECOND, body);
	assert_int_equal(test_node_record(&f->us, "clock.suspect", body, &filing), PRL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_are_for_nobody_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_file_that_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_keys_must_be_those_of_the_constitution, set_up, tear_down),
		cmocka_unit_test_setup_teardown(settings_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_snapshot_stands_for_the_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_snapshot_that_does_not_fit_is_left_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(snapshots_are_written_while_it_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_fold_refuses_in_our_own_log_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_missing_mirror_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(faults_that_differ_are_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_log_is_no_node, set_up, tear_down),
		cmocka_unit_test(clocks_that_part_are_noticed),
		cmocka_unit_test_setup_teardown(a_suspect_clock_can_be_recorded, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
