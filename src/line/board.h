/* The notice board: where every live notice lies, in space and time, for the one who asks what meets it.
 *
 * Holds boxes and what orders an answer (kind, window), nothing that a person reads: about 64 bytes a notice and 60 a
 * box. What meets is a list of candidates; whether they overlap is the engine's to say (finder.h). One index a mode:
 * REAL, EXERCISE and TEST never meet.
 *
 * Boxes lie on the board as prl_volume_boxes() makes them for a separation of nothing; who asks widens his own by twice
 * the separation (prl_board_options()). Then no pair that is near enough is missed, and the board need not be made
 * again when another separation is agreed.
 *
 * One thread, the clerk's, changes and asks. The board has no versions: what a failed write takes back is put to rights
 * notice by notice, from the picture (src/node/overlaps.c). */
#ifndef PRL_LINE_BOARD_H
#define PRL_LINE_BOARD_H

#include <parley/conflict.h>
#include <parley/record.h>

typedef struct prl_board prl_board;

/* One notice as it stands there. */
typedef struct prl_board_item {
	prl_hash id;
	prl_window window; /* of the whole notice */
	uint8_t mode, kind;
	bool hidden; /* not all parties may see it: never in an entry */
} prl_board_item;

#define PRL_BOARD_MAX 16000000u /* notices of one board */

PRL_MUST prl_status prl_board_new(prl_board **ret, prl_error *err);
void prl_board_free(prl_board *board);

/* Puts a notice up, or in place of what stood there of it; count 0 takes it down. Before prl_board_open() this only
 * collects, so that the indices are built at once: 10^6 notices in about a second.
 * PRL_E_MEMORY, PRL_E_TOO_LARGE: the notice is not on the board. */
PRL_MUST prl_status prl_board_put(prl_board *board, const prl_board_item *item, const prl_box *boxes, size_t count,
				  prl_error *err);
/* The same before prl_board_open(), of one that was not put up before: it is not found before the opening. On failure
 * the board is good for nothing but prl_board_free(). */
PRL_MUST prl_status prl_board_load(prl_board *board, const prl_board_item *item, const prl_box *boxes, size_t count,
				   prl_error *err);
PRL_MUST prl_status prl_board_remove(prl_board *board, const prl_hash *id, prl_error *err); /* it may not be there */
PRL_MUST prl_status prl_board_open(prl_board *board, prl_error *err);
/* Room for so many notices, each with one box, so that nothing is moved while they are put up; where there is no memory
 * for it, it comes as it is needed. Before anything is put up. */
void prl_board_reserve(prl_board *board, size_t notices);

bool prl_board_has(const prl_board *board, const prl_hash *id, prl_board_item *ret); /* ret may be NULL */
size_t prl_board_count(const prl_board *board);
/* One after the other, in no order: the next from *at (0 at first) on; false at the end. What is put up in between may
 * be missed. */
bool prl_board_next(const prl_board *board, uint32_t *at, prl_board_item *ret);
size_t prl_board_bytes(const prl_board *board); /* that it holds */

/* Lets what was put and removed be forgotten for good; between batches. */
PRL_MUST prl_status prl_board_settle(prl_board *board, prl_error *err);

/* A few notices that are over since before `past` are taken down: call it now and then, with a margin. */
PRL_MUST prl_status prl_board_sweep(prl_board *board, prl_time past, prl_error *err);

/* How boxes for the board are made (widest: of whoever asks, the greatest separation that could hold for it). Nothing
 * is known about air and ground on either side, so that the two are made alike whatever is agreed later. */
prl_check_options prl_board_options(prl_separation widest);
/* Boxes of a plan: one or two a volume. PRL_E_MEMORY; *ret is to be freed. */
PRL_MUST prl_status prl_board_boxes(const prl_plan *plan, const prl_check_options *options, prl_box **ret,
				    size_t *ret_count, prl_error *err);

/* Boxes that are not the query's. */
typedef struct prl_board_reach {
	prl_box *boxes;
	size_t count;
} prl_board_reach;

/* Where a candidate stands in the order of an answer. */
typedef struct prl_board_place {
	unsigned kinds_class;
	prl_time from;
	prl_hash id;
} prl_board_place;

/* What meets. */
typedef struct prl_board_query {
	const prl_hash *id; /* itself: left out */
	uint8_t mode, kind;
	prl_window window;    /* what is not there at any time of it is left out */
	const prl_box *boxes; /* widened by the separation from any kind */
	size_t count;
	/* By kind, the same widened by the separation from that kind alone: what meets none of these is left out,
	 * before anything is read of it. NULL: not looked at. */
	const prl_board_reach *reach;
	size_t most; /* candidates to return, at least 1: the first of all */
	/* Not NULL: only those behind this place count. So all are gone through in parts, whatever is put up and taken
	 * down between: what stays where it is comes exactly once. */
	const prl_board_place *after;
} prl_board_query;

/* Candidates: protected places against live fire first (prl_kinds_class), then by the first instant at which both are
 * there, then by id. *ret_more: how many were left out beyond `most`. The items live until the next call. */
PRL_MUST prl_status prl_board_find(prl_board *board, const prl_board_query *query, const prl_board_item **ret,
				   size_t *ret_count, size_t *ret_more, prl_error *err);
/* Of an item that a query of this kind and window found. */
prl_board_place prl_board_place_of(const prl_board_query *query, const prl_board_item *item);

/* 0: a protected place or movement (site, convoy, rescue, evacuation, repair, or a kind that is not said) against a
 * live-fire area; 1: any other pair. Lower comes first. */
unsigned prl_kinds_class(prl_kind a, prl_kind b);

#endif
