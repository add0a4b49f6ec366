/* Receipts: what the parties have made of a notice. The ladder that a person sees has four rungs, each with its age:
 *
 *   SENT          the notice's own log has it
 *   THEY HAVE IT  served: the node of the party has cosigned that it stored it, contents included (node/labels.c)
 *   READ BACK     a person there has read it back, or pressed "understood" where no read-back is needed
 *   UNITS TOLD    a person there says that the units know
 *
 * No rung means that anybody agrees. DEEMED stands on none of them and in no list of who has read.
 *
 * kind            signed by            does
 * receipt.given   another party        a rung, of one version of the notice: it stays with that version
 * receipt.judged  the notice's party   "as meant" or CORRECTION of one read-back
 *
 * Rules of the fold, and why:
 *  - A receipt names the version that was read, and counts for no other: whoever understood the old route has not
 *    understood the new one. So an UPDATE begins a ladder of its own, and older receipts are shown "of an earlier
 *    version". Which version is the newest is asked when showing, never when folding: receipt and UPDATE may cross.
 *  - Nobody receipts its own notice (PRL_E_REFUSED): parties on one node are still two parties.
 *  - All receipts of a party stand in its home log, so "first" and "newest" are by their order there. Of "opened" and
 *    "understood" the first counts (its age is what matters), of "units told" and "cannot reach units" the newest
 * (units can be lost again). Read-backs are all kept, PRL_READ_BACKS_MAX of a version and party; one more is refused:
 * then the voice line is the better place.
 *  - A judgement names the hash of the read-back that it is about; the newest of the sender's log counts.
 *  - "understood" where a read-back is needed is refused at the door, but a peer's counts: it is shown as UNDERSTOOD,
 *    NOT READ BACK, and the party stays among those who have not yet read.
 *
 * A read-back is needed for live fire, convoys, LATE notices and what came by voice (relayed); not for a notice that
 * was cancelled or has ended. A party *has read* a version when its newest read-back has not been answered CORRECTION,
 * or, where none is needed, when it says "understood". */
#ifndef PRL_LINE_RECEIPT_H
#define PRL_LINE_RECEIPT_H

#include "line/notice.h"

#define PRL_READ_BACKS_MAX         16
#define PRL_DEFAULT_UNDELIVERED_S  60    /* T of "not delivered": the constitution's timers.undelivered_s */
#define PRL_RECEIPT_LOOK_BACK      20000 /* newest notices of a party that alarms look at, beside those that wait */
#define PRL_RECEIPT_URGENT_S       900   /* not read this long before it begins: class 2 */
#define PRL_RECEIPT_START_WITHIN_S 60    /* a start read back within this is the same */
#define PRL_RECEIPT_LEVEL_WITHIN_M 30.0  /* a level likewise */
#define PRL_RECEIPT_PLACE_SHARE    0.05  /* a distance likewise: of what was said, beside the radius of the name … */
#define PRL_RECEIPT_PLACE_WITHIN_M 500.0 /* … and this */
#define PRL_RECEIPT_POSITIONS_MAX  4     /* positions that are found among the words of a read-back */

/* GET /parley/v1/line/receipts?notice= : one item a notice. */
extern const prl_line_part prl_receipt_part;
/* GET /parley/v1/line/undelivered: own notices that some party's node does not have. */
extern const prl_line_part prl_undelivered_part;

/* For whoever puts a notice into the picture: keeps the list of those that wait for receipts (local, receipt_open.c).
 * Clerk only. */
PRL_MUST prl_status prl_receipt_follow(prl_picture *picture, const prl_hash *notice, prl_error *err);

/* Why a read-back of it is needed, in the order above: "live fire", "convoy", "LATE", "by voice"; NULL: it is not. */
const char *prl_receipt_why(const prl_notice *notice);

/* What one party has said of one version: {"opened", "read_backs": […], "understood", "units"}; NULL: nothing. */
const json_t *prl_receipt_slot(prl_picture *picture, prl_version version, const prl_notice *notice, const prl_hash *of,
			       prl_bytes party);
/* Whether that party has read the version in force. */
bool prl_receipt_has_read(prl_picture *picture, prl_version version, const prl_notice *notice, prl_bytes party);
/* When it had first read that version of it (NULL: some version), as far as it did by an instant; PRL_TIME_OPEN_END:
 * not by then. A read-back that had been answered CORRECTION by then is none. */
prl_time prl_receipt_read_by(prl_picture *picture, prl_version version, const prl_notice *notice, const prl_hash *of,
			     prl_bytes party, prl_time by);

/* Parties for whom a notice is: all that have not left, its own one and those outside its audience left out. Calls fn
 * for each, in the constitution's order. */
typedef void prl_receipt_party_fn(void *context, const prl_party *party);
void prl_receipt_each_party(prl_picture *picture, prl_version version, const prl_notice *notice,
			    prl_receipt_party_fn *fn, void *context);
/* Names of those that have not read the version in force; NULL out of memory. A new reference. */
json_t *prl_receipt_not_read_by(prl_picture *picture, prl_version version, const prl_notice *notice);

/* What a read-back says beside what was filed: an array of {"what", "said", "filed", "differs": "no" | "yes" | "cannot
 * tell", "text"}, for the sender to look at: it judges nothing. NULL out of memory. A new reference.
 *
 * A place that was read back is one of these, and each that is there is compared (mechanisms.md, A5):
 *  - a position in any notation: "position", else what reads as a position among the words, PRL_RECEIPT_POSITIONS_MAX
 * at most. As a place stated twice (place.h): with the middle of a circle, the nearest point of any other area; it
 *    differs when it is farther than both may be wrong together.
 *  - a name, with bearing and distance or alone. It lies where the gazetteer of the reader's own desk put it when it
 * was typed, else where the notice itself has it. It differs when it is farther from the areas than
 * PRL_RECEIPT_PLACE_WITHIN_M, the radius of the name (2 km where nobody states one) and PRL_RECEIPT_PLACE_SHARE of the
 * distance. */
json_t *prl_receipt_compare(const json_t *details, const json_t *read_back);

/* Seconds from one instant to another, never negative, whole. */
json_t *prl_age_json(prl_time from, prl_time now);

#endif
