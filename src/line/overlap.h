/* Overlaps: two notices that come nearer than the separation agreed for their kinds. One object a pair, whoever finds
 * it.
 *
 * kind                        signed by   does
 * conflict.found              node        pairs that overlap, and pairs that do so no longer
 * overlap.answered            key         a party of the pair: understood, passed on, cannot accommodate, changed plan
 * overlap.told                key         a party tells another that its notice overlaps with what that may not see
 * overlap.told_automatically  node        the same by the policy of the object
 *
 * Join. The id is SHA-256("overlap" ‖ id ‖ id), the lesser id first, so every node that finds a pair speaks of one
 * object; that of an overlap that was told is the hash of the entry. Each log has one finding in it, its newest
 * (entries of one log are in order everywhere), so the findings are a function of the set of entries. It is there when
 * any log says so of the newest versions that anybody compared. A party's answers stand in its own log: for each word
 * its newest is kept.
 *
 * Life: found → served (labels of the entry, src/node/labels.c) → answered by each party → resolved how: changed plan
 * (an update, and no node finds it any more), cancelled, ended → past, a view of time. Nothing is ever taken out.
 *
 * Ringing. A finding rings when it is the log's first, when the pair overlaps again, and when an update made it begin
 * earlier, come closer or last longer than when it rang last: within a second and a metre nothing rings. An answer
 * settles the rings that its log had seen; own against own never rings. */
#ifndef PRL_LINE_OVERLAP_H
#define PRL_LINE_OVERLAP_H

#include "line/part.h"

#include <parley/conflict.h>

typedef struct prl_finding {
	char *log;                              /* who says so */
	uint64_t first, newest, rang;           /* entries of that log */
	prl_time found, changed, ringing_since; /* times of these */
	prl_hash versions[2];
	bool gone, own, cannot_tell;
	prl_time from, to;                  /* open ends */
	int64_t horizontal_cm, vertical_cm; /* when closest */
	/* As they were when it rang last. */
	prl_time rang_from;
	int64_t rang_length_s, rang_horizontal_cm, rang_vertical_cm;
} prl_finding;

typedef struct prl_overlap {
	prl_hash id;
	prl_hash notices[2]; /* the lesser first; told: [0] alone */
	bool told;
	uint8_t mode;
	json_t *parties; /* of the notices, in that order; told: whose notice it is, and who tells */
	json_t *answers; /* by party: array of answers, by word; NULL: none */
	size_t finding_count;
	prl_finding findings[]; /* by log */
} prl_overlap;

/* Nouns "overlap" (shared), "overlap.head" and "overlap.link" (local: the overlaps of one notice, newest first). */
extern const prl_line_part prl_overlap_part;
/* What notices have not been compared with: nodes that have not answered, sealed against sealed (unchecked). */
extern const prl_line_part prl_unchecked_part;

void prl_overlap_id(const prl_hash *a, const prl_hash *b, prl_hash *ret); /* in any order */
const prl_overlap *prl_overlap_find(prl_picture *picture, prl_version version, const prl_hash *id);

/* Overlaps of one notice, newest first; false stops. */
typedef bool prl_overlap_fn(void *context, const prl_overlap *overlap);
void prl_overlaps_of(prl_picture *picture, prl_version version, const prl_hash *notice, prl_overlap_fn *fn,
		     void *context);

/* Those that somebody has a ring to answer of, in byte order of ids; some may be resolved or past. */
PRL_MUST prl_status prl_overlaps_open(prl_picture *picture, prl_version version, prl_overlap_fn *fn, void *context,
				      prl_error *err);
size_t prl_overlaps_open_count(prl_picture *picture); /* the clerk's */
/* Takes those that are cancelled, ended or past at `now` off that list; the clerk's, now and then. */
PRL_MUST prl_status prl_overlaps_open_sweep(prl_picture *picture, prl_time now, prl_error *err);

/* What stands of it: the finding against the newest versions that any log compared, the one that overlaps where logs
 * differ; NULL for an overlap that was told. */
const prl_finding *prl_overlap_newest(prl_picture *picture, prl_version version, const prl_overlap *overlap);

typedef enum prl_overlap_state {
	PRL_OVERLAP_OPEN,     /* somebody has not answered */
	PRL_OVERLAP_ANSWERED, /* by all whom it concerns */
	PRL_OVERLAP_CHANGED,  /* resolved: the plan was changed, they overlap no longer */
	PRL_OVERLAP_CANCELLED,
	PRL_OVERLAP_ENDED,
	PRL_OVERLAP_PAST,
} prl_overlap_state;
prl_overlap_state prl_overlap_state_of(const prl_show *show, const prl_overlap *overlap);
/* Whether that party has an answer to give, and since when; false where it is resolved, past or its own alone. */
bool prl_overlap_rings(const prl_show *show, const prl_overlap *overlap, const char *party, prl_time *ret_since);

/* ---- at home ----------------------------------------------------------------------------------------------------- */

/* What this node found and may not say to all: one of the two notices is sealed or for some parties only. Local. A JSON
 * object:
 *   id, notices, versions, pair   as in conflict.found
 *   object, owner      the notice of a party of this node that others may not see, and that party; absent where the
 *                      object is another's and this node is only in its audience
 *   other, party       the other notice, and whose it is
 *   answer             "by hand", "automatic", "never", or "own" (the same party's), "seen" (they see it themselves)
 *   limited            the other party was told PRL_OVERLAPS_TOLD_MAX times: by hand from here on
 *   found, changed     times, by this node
 *   gone               they overlap no longer */
PRL_MUST prl_status prl_overlap_home_put(prl_picture *picture, const prl_hash *id, const prl_hash notices[2],
					 json_t *home, prl_error *err);
const json_t *prl_overlap_home(prl_picture *picture, prl_version version, const prl_hash *id);
typedef bool prl_overlap_home_fn(void *context, const prl_hash *id, const json_t *home);
void prl_overlap_homes_of(prl_picture *picture, prl_version version, const prl_hash *notice, prl_overlap_home_fn *fn,
			  void *context);

/* ---- what a node records ---------------------------------------------------------------------------------------- */

#define PRL_OVERLAP_INTERVALS 16u /* written of one pair, as in the schema */
#define PRL_OVERLAP_PAIRS     60u /* of one entry: each takes at most 1,000 bytes but for a long source */

/* The "pair" of conflict.found. notices, versions: the lesser id first; area: as prl_theatre_of_pair() says it. NULL
 * out of memory. */
json_t *prl_overlap_pair(const prl_hash notices[2], const prl_hash versions[2], const prl_conflict *conflict,
			 const prl_separation *separation, const char *source, const char *area, bool own);

/* Things by "LOG\n" and the base64 of a notice's id: {"log", "notice", "version", "left"}, what the node of that log
 * has not compared the notice with yet. */
extern const char prl_overlap_left_noun[];
/* That of one log and notice; NULL: nothing is left, as far as is known here. */
const json_t *prl_overlap_left(prl_picture *picture, prl_version version, const char *log, const prl_hash *notice);

#endif
