#include "support/test_log.h"

#include "support/test_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void must(prl_status status, const prl_error *err)
{
	if (status)
		fail_msg("%s: %s", prl_status_text(status), err->text);
}

void test_log_open(test_log *log)
{
	prl_error err;
	must(prl_store_open(log->path, PRL_STORE_CREATE, &log->store, &err), &err);
	must(prl_ledger_open(log->store, TEST_LOG_NAME, true, &log->ledger, &err), &err);
	must(prl_ledger_take(log->ledger, &err), &err);
	must(prl_store_reader_new(log->store, &log->reader, &err), &err);
	log->key = test_signer(TEST_LOG_NAME, PRL_KEY_NOTE);
}

void test_log_make(test_log *log)
{
	snprintf(log->folder, sizeof log->folder, "/tmp/parley-test-XXXXXX");
	assert_non_null(mkdtemp(log->folder));
	snprintf(log->path, sizeof log->path, "%s/store", log->folder);
	test_log_open(log);
}

void test_log_close(test_log *log)
{
	prl_store_reader_free(log->reader);
	prl_ledger_free(log->ledger);
	prl_store_close(log->store);
}

void test_log_remove(test_log *log)
{
	char command[128];
	test_log_close(log);
	snprintf(command, sizeof command, "rm -r '%s'", log->folder);
	assert_int_equal(system(command), 0);
}

prl_bytes test_log_entry(uint64_t index, char text[128])
{
	uint64_t mixed = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
	int length = snprintf(text, 128, "#%llu:%.*s", (unsigned long long)index, (int)(mixed >> 58),
			      "the quick brown fox jumps over the lazy dog and then over the others");
	while (length < 8)
		text[length++] = '.';
	return (prl_bytes){ text, (size_t)length };
}

void test_log_grow(test_log *log, size_t count)
{
	uint64_t size;
	char(*texts)[128] = calloc(count ? count : 1, sizeof *texts);
	prl_bytes *entries = calloc(count ? count : 1, sizeof *entries);
	prl_ledger_head(log->ledger, &size, NULL);
	for (size_t i = 0; i < count; i++)
		entries[i] = test_log_entry(size + i, texts[i]);
	prl_stage *stage;
	prl_error err;
	char note[PRL_CHECKPOINT_MAX];
	must(prl_ledger_stage(log->ledger, entries, count, &stage, &err), &err);
	prl_hash root = prl_stage_root(stage);
	size_t length = test_checkpoint(&log->key, prl_stage_size(stage), &root, note);
	prl_store_batch batch = { .appends = prl_stage_append(stage, (prl_bytes){ note, length }), .append_count = 1 };
	must(prl_store_commit(log->store, &batch, &err), &err);
	prl_stage_publish(stage);
	free(texts);
	free(entries);
}
