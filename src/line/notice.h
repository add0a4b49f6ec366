/* Notices: what a party says it will do. Filed, updated, cancelled, ended by the party that filed it and nobody else;
 * everybody else answers it (receipt.h) or finds that it overlaps (overlap.h).
 *
 * kind               signed by            does
 * notice.filed       key, or a program    a notice, with its details or the hash of them
 * notice.updated     the same party       its details in full, against the version they replace
 * notice.cancelled   the same party       will not be done
 * notice.ended       the same party       is over; may carry declared counts
 * notice.adopted     the party meant      "yes, we said that": a relayed notice (RELAYED – NOT SIGNED BY x) is ours too
 * notice.contradicted  the party meant    "we did not say that": both stay
 *
 * What stands where, by audience (A: some parties; else all) and disclosure:
 *
 *            in the entry                  content beside the log, addressed to
 *   full     details                       -
 *   full A   nothing                       details: the own party and the audience
 *   area     areas, from, to               details, where stated: the own party and the audience
 *   sealed   nothing                       details: the own party
 *
 * Where nothing stands in the entry the notice is opaque to the fold: no kind, no boxes, open at both ends but for the
 * body's "until"; who holds the content reads it there. People name a notice by party and number: us#12 is the twelfth
 * that party us filed.
 *
 * Rules of the fold, and why:
 *  - The filing party alone changes a notice, in its home log, each time against its newest version (else PRL_E_STALE
 *    with the newest): one writer, one order, so that nothing has to be merged.
 *  - An act on a notice has its mode (else PRL_E_REFUSED): REAL, EXERCISE and TEST never mix.
 *  - Cancelled and ended are for good. That a notice has run out is no state but a view (prl_notice_is_live()): an
 *    entry that says so would need a clock. So a notice that has run out may still be updated, and ended with counts.
 *  - "uss" shows to drone traffic services what all parties may read and no more: stated beside what is hidden it is
 *    refused, and an update that hides without a word of it takes it back as far. Absent from an update: as before.
 *  - Only the party named in "relayed" adopts or contradicts; each of its acts stays, with the version it was made
 *    against. The party may be one that joins the line later. */
#ifndef PRL_LINE_NOTICE_H
#define PRL_LINE_NOTICE_H

#include "line/part.h"

#include <parley/conflict.h>

typedef enum prl_notice_state { PRL_NOTICE_LIVE, PRL_NOTICE_CANCELLED, PRL_NOTICE_ENDED } prl_notice_state;
typedef enum prl_disclosure { PRL_DISCLOSURE_FULL, PRL_DISCLOSURE_AREA, PRL_DISCLOSURE_SEALED } prl_disclosure;
/* How an overlap with an object that the other side does not see is answered (design.md, idea 6). */
typedef enum prl_answer_policy { PRL_ANSWER_BY_HAND, PRL_ANSWER_AUTOMATIC, PRL_ANSWER_NEVER } prl_answer_policy;

/* What drone traffic services are shown of it, as constraints (design.md, 2). Not part of the audience: an audience
 * that names somebody shuts all other parties out. */
typedef enum prl_notice_uss { PRL_NOTICE_USS_NONE, PRL_NOTICE_USS_AREA, PRL_NOTICE_USS_FULL } prl_notice_uss;

/* Below 300 bytes with what malloc adds: there are millions. What else is said of it is read from the entry. */
typedef struct prl_notice {
	prl_hash id;      /* of the entry that filed it */
	prl_hash version; /* of its newest entry */
	uint64_t index;   /* in the home log: the entry that has the details in force */
	uint64_t filed_index, version_index;
	prl_time filed, changed;  /* times of the first and of the newest entry, by its author's clock */
	prl_time given;           /* lead time counts from here: filed; relayed: when it was heard; updated to begin
				     earlier: that update */
	prl_time from, to;        /* as stated, the areas' own times too; open ends */
	uint32_t lead_required_s; /* seconds that the constitution asks for this kind; 0: none */
	uint32_t number;          /* us#12 */
	uint8_t kind;             /* prl_kind; PRL_KIND_UNKNOWN where it is not disclosed */
	uint8_t mode, state, disclosure, policy;
	uint8_t uss; /* prl_notice_uss: as stated last, and never more than all parties may read */
	bool relayed, has_content;
	json_t *audience; /* array of parties, sorted; NULL: all */
	prl_hash content; /* has_content: details as JSON, salted */
	char party[];
} prl_notice;

extern const prl_line_part prl_notice_part;

const prl_notice *prl_notice_find(prl_picture *picture, prl_version version, const prl_hash *id);
/* By "us#12", or by the base64 of its id. */
const prl_notice *prl_notice_named(prl_picture *picture, prl_version version, prl_bytes name);
/* The notice whose id stands in the act's body under "notice"; PRL_E_NOT_FOUND where the log of the act had not seen
 * it, PRL_E_REFUSED where the act is of another mode. */
PRL_MUST prl_status prl_notice_meant(prl_picture *picture, const prl_act *act, const prl_notice **ret, prl_error *err);
/* The same, and the hash of the version under "version": the filing, or an update, cancellation or end of it, as far as
 * the log of the act had seen them; else PRL_E_NOT_FOUND. Whether it is still the newest, ask the notice when showing.
 */
PRL_MUST prl_status prl_notice_version_meant(prl_picture *picture, const prl_act *act, const prl_notice **ret,
					     prl_hash *ret_version, prl_error *err);
/* The home log of the notice: where its indices count. */
const char *prl_notice_log(prl_picture *picture, prl_version version, const prl_notice *notice);

#define PRL_NOTICE_NAME_MAX (PRL_KEY_NAME_MAX + 24)
void prl_notice_name(const prl_notice *notice, char ret[PRL_NOTICE_NAME_MAX]);

/* How many notices a party filed, and one of them by its number, from 1. */
uint32_t prl_notice_count(prl_picture *picture, prl_version version, prl_bytes party);
const prl_notice *prl_notice_numbered(prl_picture *picture, prl_version version, prl_bytes party, uint32_t number);
/* Calls fn for each notice of a party, from number `first` on, rising; with live only those that prl_notice_is_live()
 * at now: blocks of notices that are over are passed by, so that 10^6 old ones cost milliseconds. fn false stops. */
typedef bool prl_notice_fn(void *context, const prl_notice *notice);
void prl_notice_each(prl_picture *picture, prl_version version, prl_bytes party, uint32_t first, bool live,
		     prl_time now, prl_notice_fn *fn, void *context);
/* The same for those whose stated time has not ended before `from`, cancelled and ended ones too. */
void prl_notice_each_from(prl_picture *picture, prl_version version, prl_bytes party, uint32_t first, prl_time from,
			  prl_notice_fn *fn, void *context);

/* Calls fn for each live notice that drone traffic services are to be shown, past or not, by ids; kept apart. */
PRL_MUST prl_status prl_notice_each_shown(prl_picture *picture, prl_version version, prl_notice_fn *fn, void *context,
					  prl_error *err);

/* Whether it can still matter at an instant: live, and not past. */
bool prl_notice_is_live(const prl_notice *notice, prl_time now);
/* Whether that party may see what it says, of disclosure area the area (NULL: this node, whatever it holds). */
bool prl_notice_is_for(const prl_notice *notice, const char *party);
/* Seconds by which the lead time falls short at filing; 0 where it does not: LATE otherwise. A notice that does not say
 * when it begins may have begun: it falls short by all that is asked. */
int64_t prl_notice_shortfall_s(const prl_notice *notice);

/* Boxes of a notice whose details stand in its entry, for the index of overlaps: made once, when it is applied, and
 * kept by the local noun "notice.box" under the same key, so that a snapshot brings them back without reading entries.
 * NULL where nothing but a content says where. At most PRL_NOTICE_BOXES_MAX: where there are more volumes, several
 * share a box that holds them all.
 *
 * Made by prl_volume_boxes() for a separation of nothing and nothing known about air and ground, as the board wants
 * them (board.h): who asks widens his own by twice the separation, so that an amendment of the separation touches none.
 */
#define PRL_NOTICE_BOXES_MAX 64u
typedef struct prl_notice_boxes {
	size_t count;
	prl_box boxes[];
} prl_notice_boxes;
const prl_notice_boxes *prl_notice_boxes_of(prl_picture *picture, prl_version version, const prl_hash *id);

/* Details as they are in force, as far as show->party may read them: from the content where the party may and this node
 * holds it, else from the entry (disclosure area: area and times only). PRL_E_NOT_FOUND where there are none. A new
 * reference. */
PRL_MUST prl_status prl_notice_details(const prl_show *show, const prl_notice *notice, json_t **ret, prl_error *err);

/* What is not stated and should be asked back, in the order in which it is asked: an array of {"about", "text"}, about
 * being "kind", "area", "levels", "from", "to", "frequency", "call_back" or "second place". A new reference; NULL out
 * of memory. details may be any that fit their schema. */
json_t *prl_notice_questions(const json_t *details);

#endif
