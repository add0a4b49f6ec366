/**
 * @file author.h
 * A console that signs a chain of entries by itself, fast, and repeats what was not answered until it is. One thread
 * each.
 */
#ifndef TESTS_SUPPORT_AUTHOR_H
#define TESTS_SUPPORT_AUTHOR_H

#include "support/nodes.h"

typedef struct author {
	const nodes_node *node;
	prl_signer key;
	char desk[48];
	prl_hash line;
	prl_link *link;
	uint64_t serial;   /**< of the newest entry that was answered */
	prl_hash previous; /**< its hash */
	char *entry;       /**< as signed last; PRL_ENTRY_MAX */
	size_t size;
	prl_hash hash; /**< of entry */
	prl_reply reply;
} author;

/** Key P-ops/NAME, certified by the desk of the node, which must run and be open. */
void author_make(author *a, nodes_set *n, size_t index, const char *name);
void author_done(author *a);

/** A link that is not logged in; 2 s to connect, 10 s in all. */
prl_link *author_link(const nodes_node *node);

/** Signs the next entry of the chain; it is the pending one until author_answered(). */
void author_sign(author *a, const char *kind, const char *body);
/** Sends it, logging in first where needed: the answer's status, 0 where none came. */
unsigned author_post(author *a);
/** The entry has been taken: the chain goes on from it. */
void author_answered(author *a);
/** "index" of the answer. */
uint64_t author_index(const author *a);
/** Text of the answer, "" where there is none. */
const char *author_reply(const author *a);

/** Where the node says that the chain stands; false where no answer came. */
bool author_chain(author *a, uint64_t *ret_serial, prl_hash *ret_previous);

/** Signs and sends a message of that text; fails the test where it is not taken. Returns its index. */
uint64_t author_say(author *a, const char *text);
/** One request, logging in first where needed; status, 0 where no answer came. The answer is author_reply(). */
unsigned author_ask(author *a, const char *method, const char *path, const char *type, const prl_bytes *body);

#endif
