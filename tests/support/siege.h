/**
 * @file siege.h
 * A node, as a process, between a peer that lies, clients that lie, and an honest client who is served all the while,
 * on a thread of his own. For cmocka group tests: siege_set_up(), siege_tear_down().
 */
#ifndef TESTS_SUPPORT_SIEGE_H
#define TESTS_SUPPORT_SIEGE_H

#include "support/author.h"
#include "support/liar.h"
#include "support/served.h"

extern nodes_set *nodes;
extern served ru;    /**< the one that is lied to */
extern author stray; /**< a console of ru whose words are made up */
extern liar *us;     /**< ru's peer */

int siege_set_up(void **state);
/** Fails where the honest client waited for too long, or one of his acts is not in the log once, or the record does not
 * hold. */
int siege_tear_down(void **state);

/** While ru does not run. */
void honest_start(void);
void honest_stop(void);

/** Fails the test where an answer is not of this status with this text, and where ru is not healthy afterwards. */
void siege_check(const char *what, unsigned status, const char *answer, unsigned expected, const char *text);
/** Entries of us's log that ru holds. */
uint64_t siege_mirrored(void);

/* The call first, then its answer. */
#define CHECK(call, answer, expected, text)                                                                            \
	do {                                                                                                           \
		unsigned status_ = call;                                                                               \
		siege_check(#call, status_, answer, expected, text);                                                   \
	} while (0)
#define PUSHED(call, expected, text) CHECK(call, us->answer, expected, text)
#define ASKED(call, expected, text)  CHECK(call, author_reply(&stray), expected, text)

#endif
