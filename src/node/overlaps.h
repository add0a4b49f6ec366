/* The board inside the running node: after the clerk has applied what changes a notice it asks what overlaps, and
 * records that in the same batch (conflict.found). The clerk's thread only.
 *
 * What goes where:
 *   both notices may be seen by all parties   conflict.found, recorded by this node
 *   one of them only by some, or sealed       kept at home (local noun "overlap.home"): the desks of the parties that
 * may see both see it; the owner's policy says whether the other side is told Telling (overlap.told_automatically)
 * names the notice of the other side, whole. A party is told three times in 24 hours of one object; from then on it
 * falls to by hand, so that nobody finds an object by asking. Sealed against sealed of two nodes is not checked by
 * anybody.
 *
 * The board follows the batch: what was touched since the last batch known to be on the disk is put to rights from the
 * picture when a write fails. At a start it is built from the picture; replay never runs it. */
#ifndef PRL_NODE_OVERLAPS_H
#define PRL_NODE_OVERLAPS_H

#include "node/clerk.h"

typedef struct prl_overlaps prl_overlaps;

#define PRL_OVERLAPS_LOOKED_AT                                                                                         \
	512u /* candidates of one filing that are tested with it; the rest follows in quiet moments */
#define PRL_OVERLAPS_TOLD_MAX 3u /* of one object to one party in PRL_OVERLAPS_TOLD_S */
#define PRL_OVERLAPS_TOLD_S   86400
#define PRL_OVERLAPS_PLANS    (96u << 20) /* bytes of plans kept ready */

/* From the picture as it is: 10^6 notices in about a second. */
PRL_MUST prl_status prl_overlaps_start(prl_clerk *clerk, prl_overlaps **ret, prl_error *err);
void prl_overlaps_free(prl_overlaps *overlaps);

/* After an entry was applied that may change a notice; entry and body live until the next settle. json: its body, or
 * NULL: then it is read from the entry. Of other kinds nothing happens. */
PRL_MUST prl_status prl_overlaps_applied(prl_clerk *clerk, const prl_entry *entry, const json_t *json, prl_error *err);
/* A content is kept with this batch: it may say where a notice is, of whichever log, that came before it. */
PRL_MUST prl_status prl_overlaps_arrived(prl_clerk *clerk, const prl_hash *content, prl_error *err);
/* Contents of the batch before, which notices could not read that were applied meanwhile. */
PRL_MUST prl_status prl_overlaps_came(prl_clerk *clerk, prl_error *err);
/* Checks what was touched, and records. Where memory is short the batch is broken; a check that fails otherwise is
 * counted, and what was filed stands without an answer. */
PRL_MUST prl_status prl_overlaps_settle(prl_clerk *clerk, prl_error *err);

/* In a quiet moment: a slice of what is left of filings that met more than PRL_OVERLAPS_LOOKED_AT. Sets `behind` while
 * there is more. What is left takes some 150 bytes a filing, and PRL_OVERLAPS_LEFT_MAX candidates in all. */
PRL_MUST prl_status prl_overlaps_go_on(prl_clerk *clerk, prl_error *err);

void prl_overlaps_sealed(prl_clerk *clerk);      /* the batch goes to the committer */
void prl_overlaps_written(prl_clerk *clerk);     /* the one that went there last is on the disk */
void prl_overlaps_rolled_back(prl_clerk *clerk); /* the picture is what the disk has */

/* Figures: what checks found, and the clerk's processor time that they took. */
typedef struct prl_overlaps_figures {
	uint64_t checks, failed, candidates, pairs, plans_made;
	double seconds;
	size_t board_bytes, plan_bytes, notices;
} prl_overlaps_figures;
/* From any thread; as of the newest batch. */
void prl_clerk_overlaps(prl_clerk *clerk, prl_overlaps_figures *ret);

#endif
