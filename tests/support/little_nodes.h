/**
 * @file little_nodes.h
 * Little nodes for tests: each a folder with node.json and record.db, kept by real ledgers, for a log of a line
 * (line.h). What a node's log says is the line's; here it is committed, mirrored and cosigned.
 */
#ifndef TESTS_SUPPORT_LITTLE_NODES_H
#define TESTS_SUPPORT_LITTLE_NODES_H

#include "record/ledger.h"
#include "support/line.h"

typedef struct little_node {
	line *line;
	line_log *log;
	char folder[200];
	prl_store *store;
	prl_store_reader *reader;
	prl_ledger *ledgers[LINE_LOGS]; /**< by the line's logs: our own and the mirrors; NULL where not begun */
} little_node;

/** Makes the folder and an empty record. All of these abort where something fails. */
void little_node_make(little_node *node, line *l, const char *origin, const char *folder);
void little_node_close(little_node *node); /**< the folder stays */

/** Commits what the line's log has grown by, in batches of at most batch entries (0: one), a checkpoint each. */
void little_node_commit(little_node *node, size_t batch);

/** Copies of's log as far as of has committed it (size 0), or up to size, which must be one of its checkpoints'. */
void little_node_mirror(little_node *node, const little_node *of, uint64_t size);

/** Cosigns the mirror of `of` as it is, as witness and mirror, at the line's time, and gives it to both stores. */
void little_node_cosign(little_node *node, little_node *of);

/** Keeps a content: salt of 32 bytes made from text, then text. Returns its hash. */
prl_hash little_node_content(little_node *node, const char *text);
prl_hash little_content_hash(const char *text); /**< the same without keeping it */

/** Writes logs and contents as `parley log export` does: logs/<origin with / as %>, contents/<hex>. */
void little_node_export(little_node *node, const char *out);

#endif
