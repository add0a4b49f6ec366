/**
 * @file test_log.h
 * A log for tests: a ledger in a store in a folder of its own, its key from a fixed seed, and what was put into it.
 */
#ifndef TESTS_SUPPORT_TEST_LOG_H
#define TESTS_SUPPORT_TEST_LOG_H

#include "record/ledger.h"

#define TEST_LOG_NAME "log.test/line"

typedef struct test_log {
	char folder[64], path[80]; /**< the store's */
	prl_store *store;
	prl_ledger *ledger;
	prl_store_reader *reader;
	prl_signer key;
} test_log;

/** Makes an empty log, or opens the one in @p log's folder. All of these end the test where something fails. */
void test_log_make(test_log *log);
void test_log_open(test_log *log);
void test_log_close(test_log *log);
/** Closes it and removes its folder. */
void test_log_remove(test_log *log);

/** Entry @p index of every such log: text that is another for every index, 8 to about 80 bytes, returned in @p text. */
prl_bytes test_log_entry(uint64_t index, char text[128]);

/** The next @p count entries: staged, signed, committed, published. */
void test_log_grow(test_log *log, size_t count);

#endif
