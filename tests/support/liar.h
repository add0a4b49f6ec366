/**
 * @file liar.h
 * The keeper of a log who holds all of its keys and signs what he likes, speaking to a real node as its peer: entries
 * that nobody should write, checkpoints over whatever tree, pushes of any shape.
 */
#ifndef TESTS_SUPPORT_LIAR_H
#define TESTS_SUPPORT_LIAR_H

#include "support/nodes.h"

typedef struct liar {
	const nodes_node *node; /**< whose log it is; does not run */
	prl_link *link;         /**< to the node that is lied to, logged in with the log's key */
	prl_hash line;
	prl_bytes *entries;
	prl_hash *roots; /**< roots[n]: of the first n entries */
	size_t room;
	prl_frontier tree;
	size_t size;
	uint64_t serial; /**< of the console key's newest good entry */
	prl_hash previous;
	uint64_t desk_serial; /**< the same of the desk key */
	prl_hash desk_previous;
	char answer[65536]; /**< to the last request */
} liar;

/** A log that begins as it should: constitution, desk, console. `to` must run. */
liar *liar_new(nodes_set *n, size_t index, size_t to);
void liar_free(liar *l);
/** The same up to size, and free to go on otherwise; only for proofs and checkpoints: it has no link. */
liar *liar_branch(const liar *l, size_t size);

/** Puts bytes at the end of the log, whatever they are; they are copied. */
void liar_append(liar *l, const void *bytes, size_t size);
/** A good message of the console; a good act of it. */
void liar_say(liar *l, const char *text);
void liar_act(liar *l, const char *kind, const char *body);
/** The bytes of the first size entries are not needed any more: no push of them, no proof over them. */
void liar_forget(liar *l, size_t size);

/** The entry that was appended last counts in its author's chain, the console's or the desk's. */
void liar_chained(liar *l, bool desk, const char *entry, size_t size);

/** An entry by the console, where head does not say otherwise; returns its size in text[PRL_ENTRY_MAX]. serial 0: the
 * next. Its chain goes on by liar_say() only. */
size_t liar_write(const liar *l, const prl_entry_head *head, const char *body, const prl_signer *signer, char *text);

/** The checkpoint over the first size entries, or over root; signed by signer. */
prl_bytes liar_checkpoint(const liar *l, uint64_t size, const prl_hash *root, const prl_signer *signer,
			  char text[PRL_CHECKPOINT_MAX]);
/** Status of a push of entries [start, end) with that checkpoint. */
unsigned liar_push_with(liar *l, uint64_t start, uint64_t end, prl_bytes checkpoint);
/** What an honest peer would send. */
unsigned liar_push(liar *l, uint64_t start);
/** Any request as this peer. */
unsigned liar_ask(liar *l, const char *method, const char *path, const char *type, prl_bytes body);

/** Consistency of the log's first old entries with its first size. */
prl_proof liar_consistency(liar *l, uint64_t old, uint64_t size);

#endif
