/* Which drone flights a notice meets: operational intents of F3548 (dss/entity.h) that come nearer to it than the
 * separation in force between a flight and its kind. For the party whose notice it is, and nobody else; what is said
 * of a flight is what F3548 discloses.
 *
 * Nothing of it is recorded: it follows from notices and intents, and only a node that serves a region has these. So
 * it is a local noun, "met", by the notice's id, which the clerk puts right after whatever changes either side
 * (node/meets.h); a snapshot brings it back. Only notices of mode REAL of parties that are at home here have one, and
 * only while there is something to say.
 *
 * One notice may meet a million flights: of each at most PRL_MET_NAMED_MAX are named, those that begin first, the
 * others are a count. While more than those meet it, between half of that and all of it are named. */
#ifndef PRL_LINE_MET_H
#define PRL_LINE_MET_H

#include "dss/entity.h"
#include "line/notice.h"

#define PRL_MET_NAMED_MAX 100u

typedef struct prl_met_flight {
	prl_uuid id;
	prl_time from, to; /* of the flight */
} prl_met_flight;

typedef struct prl_met {
	prl_hash notice;
	/* For the clerk: the change of an intent that is counted last; not kept in a snapshot. */
	uint64_t as_of;
	/* That are not named. While changes wait it may be off, and below 0. */
	int64_t others;
	prl_time others_from; /* none of the others begins earlier; PRL_TIME_OPEN_END where there are none */
	prl_time since;       /* the first of them was filed then, as far as was looked at */
	bool counting;        /* not all there is was looked at yet: more may come */
	uint8_t kind;         /* of the notice, as this node knows it: an opaque one's too */
	uint32_t named;
	prl_met_flight flights[]; /* by beginning, then id */
} prl_met;

extern const prl_line_part prl_met_part; /* its alarms; "met" */

const prl_met *prl_met_find(prl_picture *picture, prl_version version, const prl_hash *notice);
/* In byte order of notices; false stops. Sorts them. */
typedef bool prl_met_fn(void *context, const prl_met *met);
PRL_MUST prl_status prl_met_each(prl_picture *picture, prl_version version, prl_met_fn *fn, void *context,
				 prl_error *err);

/* What people are told: how many that have not ended, and when the first of them is there together with the notice
 * (PRL_TIME_OPEN_START: it always was). At least one; false: none, or the notice is over or not this party's. */
typedef struct prl_met_sum {
	int64_t count;
	prl_time first;
	bool counting;
} prl_met_sum;
bool prl_met_sum_of(const prl_show *show, const prl_notice *notice, prl_met_sum *ret);
/* {"count", "first": time or null, "counting"}; null where there is none. */
json_t *prl_met_json(const prl_show *show, const prl_notice *notice);

/* ---- the clerk's ------------------------------------------------------------------------------------------------- */

/* One that is being changed, with room for all names; to be freed. NULL: no memory. */
prl_met *prl_met_room(void);
void prl_met_begin(prl_met *room, const prl_hash *notice, uint8_t kind, uint64_t as_of);
void prl_met_copy(prl_met *room, const prl_met *from);
void prl_met_add(prl_met *room, const prl_met_flight *flight, prl_time filed);
/* The same, of one that is gone already and will be taken out by what waits. */
void prl_met_add_gone(prl_met *room, const prl_met_flight *flight);
void prl_met_remove(prl_met *room, const prl_met_flight *flight);
/* So few of them are named that they should be looked for again. */
bool prl_met_is_thin(const prl_met *met);
/* Puts what stands there; one that says nothing is taken out, unless `keep`. */
PRL_MUST prl_status prl_met_put(prl_picture *picture, const prl_met *met, bool keep, prl_error *err);
PRL_MUST prl_status prl_met_drop(prl_picture *picture, const prl_hash *notice, prl_error *err); /* may not be there */
size_t prl_met_count(prl_picture *picture); /* notices of the working version that have one */

/* Whether the clerk has work left from which more follows: kept with the version, so that a start knows. */
bool prl_met_is_behind(prl_picture *picture, prl_version version);
PRL_MUST prl_status prl_met_set_behind(prl_picture *picture, bool behind, prl_error *err);

#endif
