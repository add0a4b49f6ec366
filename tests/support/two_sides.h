/**
 * @file two_sides.h
 * Two nodes without a network, us and ru, whose desks file notices, and what each knows of the overlaps. All of these
 * end the test where something fails that should not.
 */
#ifndef TESTS_SUPPORT_TWO_SIDES_H
#define TESTS_SUPPORT_TWO_SIDES_H

#include "line/overlap.h"
#include "support/test_node.h"

#define TWO_SIDES_NOW (INT64_C(1474117200) * PRL_SECOND) /**< 2016-09-17T13:00:00Z, their clocks */

typedef struct two_sides {
	line *l;
	test_node us, ru;
} two_sides;

int two_sides_set_up(void **state);
int two_sides_set_up_with(void **state, const char *extra); /**< further members of the constitution: line_new() */
int two_sides_tear_down(void **state);
/** Each comes to hold what the other has, until nothing moves. */
void two_sides_settle(two_sides *f);
/** Both have the same overlaps; receipts still on their way may differ. */
void two_sides_assert_same(two_sides *f);
/** Stopped and started, from the record alone or with its snapshot; it comes back the same. */
void two_sides_restart(test_node *node, bool replay);

/** Details of a notice: a circle up to 2,000 m MSL; from and to: "14:00:00" of the day. */
const char *two_sides_details(line *l, const char *kind, double lat, double lng, double radius_m, const char *from,
			      const char *to);
/** A flight in a circle of 1 km at 40 E, from 14:00 to 15:00. */
const char *two_sides_flight(line *l, double lat);
/** Filed; its identity. */
prl_hash two_sides_file(test_node *node, const char *key, const char *details);
/** The version in force of a notice. */
prl_hash two_sides_version(test_node *node, const prl_hash *id);
/** "notice.updated" with details, or "notice.cancelled" with NULL; the entry's hash. */
prl_hash two_sides_change(test_node *node, const char *key, const char *kind, const prl_hash *id, const char *details);

/** Overlaps in its picture. */
size_t two_sides_overlaps(test_node *node);
/** Of the overlap of two notices: "open", "answered", …; "none" where there is no such overlap. */
const char *two_sides_state(test_node *node, const prl_hash *a, const prl_hash *b);
/** It rings at that party. */
bool two_sides_rings(test_node *node, const prl_hash *a, const prl_hash *b, const char *party);

#define assert_state(node, a, b, word) assert_string_equal(two_sides_state(node, a, b), word)

#endif
