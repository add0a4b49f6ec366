/**
 * @file test_node.h
 * A node without a network: folder, record, picture and clerk, in a folder of its own, for the logs and keys of a
 * test's line. All of these end the test where something fails that should not.
 */
#ifndef TESTS_SUPPORT_TEST_NODE_H
#define TESTS_SUPPORT_TEST_NODE_H

#include "node/folder.h"
#include "support/line.h"

typedef struct test_node {
	line *l;
	const char *origin;
	char path[64]; /**< of the folder */
	prl_folder *folder;
	prl_clerk *clerk;
	prl_store_reader *reader;
	bool dss; /**< serves an F3548 region */
	prl_registry *registry;
	_Atomic prl_time now;   /**< its wall clock */
	_Atomic size_t forks;   /**< that it proved */
	prl_buffer fork;        /**< the newest proof */
	_Atomic uint64_t grown; /**< batches published */
	char said[8][256];      /**< while it was opened */
	size_t said_count;
	bool replay;      /**< open without the snapshot */
	size_t left_most;    /**< prl_clerk_parts */
	uint32_t meets_most; /**< the same */
} test_node;

/** Makes folder, keys and the first entries of the log (line_begin()); nothing is opened. */
void test_node_make(test_node *node, line *l, const char *origin);
/** Opens the folder and starts the clerk; open: and prl_clerk_open(). */
void test_node_start(test_node *node, bool open);
/** The same, but a folder that cannot be opened is an answer. */
prl_status test_node_try(test_node *node, prl_error *err);
void test_node_stop(test_node *node);
/** Stops it where it runs, and removes the folder. */
void test_node_remove(test_node *node);

/** Signs and files an act; the filing's answer. */
prl_status test_node_act(test_node *node, const line_act *act, prl_filing *ret);
prl_status test_node_file(test_node *node, prl_bytes entry, prl_filing *ret);
prl_status test_node_record(test_node *node, const char *kind, const char *body, prl_filing *ret);
/** Words by a console, "us-ops/1". */
prl_status test_node_say(test_node *node, const char *key, const char *words, prl_filing *ret);

uint64_t test_node_size(test_node *node);                             /**< of its log */
uint64_t test_node_held(test_node *node, const char *origin);         /**< of a mirror */
uint64_t test_node_seen(test_node *node, const char *origin);         /**< as its picture says */
prl_bytes test_node_entry(test_node *node, uint64_t index);           /**< copied into the line's memory */
bool test_node_is(test_node *node, uint64_t index, const char *kind); /**< kind of an entry of its log */
prl_bytes test_node_note(test_node *node);                            /**< its newest checkpoint, copied */
prl_hash test_node_digest(test_node *node);

/** The checkpoint of a log of the line as line_append() filled it, signed by its key. */
prl_bytes test_note(line *l, const char *origin, uint64_t size);
/** Any checkpoint, signed by that log's key. */
prl_bytes test_note_of(line *l, const char *origin, uint64_t size, const prl_hash *root);

/** Files entries [start, end) of that log as the line has them. */
prl_status test_node_mirror(test_node *node, const char *origin, uint64_t start, uint64_t end, prl_filing *ret);
/** What `from` has and `to` does not hold, and the cosignatures back. True where something was new to either. */
bool test_node_push(test_node *from, test_node *to);

#endif
