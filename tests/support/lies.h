/**
 * @file lies.h
 * Entries that nobody should write, each with what a node says of it.
 */
#ifndef TESTS_SUPPORT_LIES_H
#define TESTS_SUPPORT_LIES_H

#include "support/liar.h"

/** A body that is right. */
#define LIES_GOOD "{\"text\":\"a lie\",\"language\":\"en\"}"

typedef struct lie {
	const char *name;
	/** Writes the entry into text[PRL_ENTRY_MAX], returns its size. Changes nothing of the liar. */
	size_t (*write)(const liar *l, char *text);
	const char *reason; /**< in the peer.fault of a node in whose peer's log it stands */
	unsigned status;    /**< where it is filed at the door */
	const char *text;   /**< of that answer */
	/** Its author did sign it, in its place: the chain goes on behind it in a peer's log (fold.c). */
	bool chained;
} lie;

extern const lie lies[];
extern const size_t lie_count;

/** Whether the lie is of the desk's key, not the console's. */
bool lie_by_desk(const lie *l);

#endif
