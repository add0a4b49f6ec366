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

/* What is left of a filing that meets more than PRL_OVERLAPS_LOOKED_AT: compared in quiet moments, a slice at a time,
 * with those that were on the board when it was filed. Whoever files or changes later compares himself with it. */
typedef struct prl_left {
	prl_hash id, version;
	prl_hash *ids;
	size_t count, next;
	json_t *homes; /* array of ids: found at home by earlier slices */
} prl_left;

struct prl_overlaps {
	prl_board *board;
	prl_plans *plans;
	prl_geoid *geoid;
	struct prl_schema *details;
	prl_separations separations;
	prl_theatre theatre; /* of the same constitution */
	bool separated;
	PRL_LIST(prl_touched) journal;
	size_t checked, sealed;     /* of the journal: checked already; gone to the committer */
	PRL_LIST(prl_hash) pending; /* opaque notices whose content is not here */
	PRL_LIST(prl_hash) hidden;  /* opaque notices that are, or were, on the board */
	PRL_LIST(prl_left) left;
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
	size_t more;         /* candidates that are not looked at yet: nothing is said to be gone before they are */
	bool goes_on;        /* this is not the first slice */
	prl_hash *ids;       /* those candidates */
	const json_t *homes; /* array of ids, of earlier slices; NULL */
	json_t *pairs;       /* array: for the entry */
	json_t *said;        /* array of ids: in an entry already, and still so */
	json_t *home;        /* array of homes: for this node's desks */
} prl_checking;

/* Two that overlap: for the entry, or for home. */
PRL_MUST prl_status prl_overlaps_pair(prl_clerk *clerk, prl_checking *checking, const prl_notice *other,
				      bool other_hidden, const prl_conflict *conflict, const prl_separation_rule *rule,
				      const char *area, prl_error *err);
/* Records what was found, and what stood and does no longer; tells by policy. */
PRL_MUST prl_status prl_overlaps_record(prl_clerk *clerk, prl_checking *checking, prl_error *err);
/* How often whom was told lately, from the picture. */
PRL_MUST prl_status prl_overlaps_load_told(prl_clerk *clerk, prl_error *err);

#endif
