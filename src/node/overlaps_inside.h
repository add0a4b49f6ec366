/* The inside of overlaps, for the files that make it up: overlaps.c (board, plans, what meets), overlaps_record.c (what
 * becomes of it). */
#ifndef PRL_NODE_OVERLAPS_INSIDE_H
#define PRL_NODE_OVERLAPS_INSIDE_H

#include "line/board.h"
#include "line/notice.h"
#include "line/plans.h"
#include "line/separation.h"
#include "line/theatre.h"
#include "node/batch.h"
#include "node/hash_pairs.h"
#include "node/overlaps.h"

/* A notice that was touched since the last batch that is on the disk. */
typedef struct prl_touched {
	prl_hash id, version;
	bool pinned; /* the plan of version */
} prl_touched;

/* One telling by policy. object of zeros: it was told before the start, of whatever object. */
typedef struct prl_telling {
	prl_hash object;
	char party[PRL_KEY_NAME_MAX + 1]; /* who was told */
	prl_time at;
} prl_telling;

/* What is left of a filing that meets more than PRL_OVERLAPS_LOOKED_AT: a place in the order of its candidates. What
 * stands behind it is asked of the board, a part at a time, in quiet moments; so what is left costs the same however
 * much that is. Whoever files or changes meanwhile compares himself with it: that he is met again here says nothing
 * new. */
typedef struct prl_left {
	prl_hash id, version;
	prl_time from;         /* candidates are those that are there from then on, in each part alike */
	prl_board_place after; /* the last one compared */
	json_t *homes;         /* array of ids: found at home by earlier slices */
} prl_left;

/* The next candidates of the first of those. */
typedef struct prl_left_part {
	prl_hash *ids; /* room for `most` */
	size_t most, count, next;
	prl_board_place last; /* of the last one */
	size_t beyond;        /* candidates behind that */
} prl_left_part;

struct prl_overlaps {
	prl_board *board;
	prl_plans *plans;
	prl_geoid *geoid;
	struct prl_schema *details;
	prl_separations separations;
	prl_theatre theatre; /* of the same constitution */
	bool separated;
	PRL_LIST(prl_touched) journal;
	size_t checked, sealed;  /* of the journal: checked already; gone to the committer */
	prl_hash_pairs pending;  /* contents that are, or were, not here, with the notices that they say the place of */
	prl_hash_pairs hidden;   /* opaque notices that are, or were, on the board: each with itself */
	PRL_LIST(prl_hash) came; /* contents that are being written, in order; first those of the sealed batch */
	PRL_LIST(prl_hash) written; /* contents of pending that came while their notices were applied */
	size_t came_sealed;
	PRL_LIST(prl_left) left;
	prl_left_part part;
	size_t open_swept; /* overlaps that nobody had answered when that list was swept last */
	bool taken_up;     /* what was left before the start, or the failed write */
	bool recheck;      /* what is kept at home is to be found again: after a start, and after a failed write */
	PRL_LIST(prl_telling) told;
	prl_entry entry; /* scratch */
	json_t *read;
	prl_overlaps_figures figures, told_figures; /* the clerk's; as others read them, under its lock */
};

/* One notice being compared with all others. */
typedef struct prl_checking {
	const prl_notice *notice;
	const prl_plan *plan;
	uint8_t kind; /* as this node knows it */
	bool hidden;
	size_t more;          /* candidates that are not looked at yet: nothing is said to be gone before they are */
	bool goes_on;         /* this is not the first slice */
	prl_time from;        /* candidates are those that are there from then on */
	prl_board_place last; /* the last one looked at */
	const json_t *homes;  /* array of ids, of earlier slices; NULL */
	json_t *pairs;        /* array: for the entry */
	json_t *said;         /* array of ids: in an entry already, and still so */
	json_t *home;         /* array of homes: for this node's desks */
} prl_checking;

/* The candidates behind a place (NULL: from the first) of the board's order. */
PRL_MUST prl_status prl_overlaps_find(prl_clerk *clerk, const prl_checking *checking, const prl_board_place *after,
				      size_t most, const prl_board_item **ret, size_t *ret_count,
				      prl_board_place *ret_last, size_t *ret_more, prl_error *err);
/* The plan of a notice that is on the board; to be given back with prl_plans_give(). */
PRL_MUST prl_status prl_overlaps_take_plan(prl_clerk *clerk, const prl_notice *notice, prl_held **ret, prl_error *err);
/* Tests one candidate, and says what was found. */
PRL_MUST prl_status prl_overlaps_test(prl_clerk *clerk, prl_checking *checking, const prl_board_item *item,
				      prl_error *err);
/* Separations and theatre of the constitution in force. */
PRL_MUST prl_status prl_overlaps_refresh(prl_clerk *clerk, prl_error *err);

/* Notes what is left of a check that has looked at the first. */
PRL_MUST prl_status prl_overlaps_leave(prl_clerk *clerk, const prl_checking *checking, prl_error *err);
/* Nothing is left of that notice any more. */
void prl_overlaps_drop_left(prl_overlaps *overlaps, const prl_hash *id);
void prl_overlaps_left_done(prl_overlaps *overlaps);

/* Two that overlap: for the entry, or for home. */
PRL_MUST prl_status prl_overlaps_pair(prl_clerk *clerk, prl_checking *checking, const prl_notice *other,
				      bool other_hidden, const prl_conflict *conflict, const prl_separation_rule *rule,
				      const char *area, prl_error *err);
/* Records what was found, and what stood and does no longer; tells by policy. */
PRL_MUST prl_status prl_overlaps_record(prl_clerk *clerk, prl_checking *checking, prl_error *err);
/* How often whom was told lately, from the picture. */
PRL_MUST prl_status prl_overlaps_load_told(prl_clerk *clerk, prl_error *err);

#endif
