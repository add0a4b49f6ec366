/**
 * @file record_files.h
 * The record of a node as it lies on the disk, looked at beside the node or after its death: whole, signed, and in
 * itself without contradiction. Whatever does not hold ends the test.
 */
#ifndef TESTS_SUPPORT_RECORD_FILES_H
#define TESTS_SUPPORT_RECORD_FILES_H

#include "record/ledger.h"
#include "support/nodes.h"

typedef struct record_files {
	const nodes_node *node;
	prl_store *store;
	prl_store_reader *reader;
	prl_ledger *own, *mirror; /**< mirror NULL: of the other log nothing is held yet */
	prl_hash *hashes;         /**< SHA-256 of each entry of own */
	uint64_t size, mirrored;
} record_files;

/** Opens it for reading. other: the node whose log is mirrored. */
void record_files_open(record_files *r, const nodes_node *node, const nodes_node *other);
void record_files_done(record_files *r);

/** The store's own structure; entries, tiles and checkpoint of both logs; the checkpoints' signatures; cosignatures by
 * `other` of our log are of our tree; each peer.seen is of the mirrored tree and none goes back; each content.got names
 * a content that is here; each key's entries are a chain without a gap. */
void record_files_check(record_files *r, const nodes_node *other);

/** How many entries of our own log hold this text. */
size_t record_files_count(record_files *r, const char *text);
bool record_files_has_content(record_files *r, const prl_hash *hash);

#endif
