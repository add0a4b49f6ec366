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
 * A notice has its details in the entry (disclosure full: all; area: area and time only), or only their salted hash
 * (audience limited to some parties, or sealed): then the object is opaque to the fold, and who holds the content reads
 * it there. People name a notice by party and number: us#12 is the twelfth that party us filed. */
#ifndef PRL_LINE_NOTICE_H
#define PRL_LINE_NOTICE_H

#include "line/part.h"

#include <parley/geo.h>
#include <parley/index.h>

typedef enum prl_notice_state { PRL_NOTICE_LIVE, PRL_NOTICE_CANCELLED, PRL_NOTICE_ENDED } prl_notice_state;
typedef enum prl_disclosure { PRL_DISCLOSURE_FULL, PRL_DISCLOSURE_AREA, PRL_DISCLOSURE_SEALED } prl_disclosure;
/* How an overlap with an object that the other side does not see is answered (design.md, idea 6). */
typedef enum prl_answer_policy { PRL_ANSWER_BY_HAND, PRL_ANSWER_AUTOMATIC, PRL_ANSWER_NEVER } prl_answer_policy;

/* Below 300 bytes with what malloc adds: there are millions. What else is said of it is read from the entry. */
typedef struct prl_notice {
	prl_hash id;      /* of the entry that filed it */
	prl_hash version; /* of its newest entry */
	uint64_t index;   /* in the home log: the entry that has the details in force */
	uint64_t filed_index, version_index;
	prl_time filed, changed;  /* times of the first and of the newest entry, by its author's clock */
	prl_time from, to;        /* as stated; open ends */
	prl_time lead_required_s; /* seconds that the constitution asks for this kind; 0: none */
	uint32_t number;          /* us#12 */
	uint8_t kind;             /* prl_kind; PRL_KIND_UNKNOWN where it is not disclosed */
	uint8_t mode, state, disclosure, policy;
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
 * it. */
PRL_MUST prl_status prl_notice_meant(prl_picture *picture, const prl_act *act, const prl_notice **ret, prl_error *err);

#define PRL_NOTICE_NAME_MAX (PRL_KEY_NAME_MAX + 24)
void prl_notice_name(const prl_notice *notice, char ret[PRL_NOTICE_NAME_MAX]);

/* Whether it can still matter at an instant: live, and not past. */
bool prl_notice_is_live(const prl_notice *notice, prl_time now);
/* Whether that party may see what it says (NULL: this node). */
bool prl_notice_is_for(const prl_notice *notice, const char *party);
/* Seconds by which the lead time falls short at filing; 0 where it does not: LATE otherwise. */
int64_t prl_notice_shortfall_s(const prl_notice *notice);

/* Boxes of a notice whose details stand in its entry, for the index of overlaps: made once, when it is applied, and
 * kept by the local noun "notice.box" under the same key, so that a snapshot brings them back without reading entries.
 */
typedef struct prl_notice_boxes {
	size_t count;
	prl_box boxes[];
} prl_notice_boxes;
const prl_notice_boxes *prl_notice_boxes_of(prl_picture *picture, prl_version version, const prl_hash *id);

/* Details as they are in force: from the entry, or from the content where this node holds it. PRL_E_NOT_FOUND where it
 * does not. A new reference. */
PRL_MUST prl_status prl_notice_details(const prl_show *show, const prl_notice *notice, json_t **ret, prl_error *err);

#endif
