/* Bundles: when a truce, or the channel, is declared ended, what had been notified to protect people goes on, and each
 * other party is told so once: one urgent bundle of all movements under way, by name, and all sites, by count.
 *
 * kind           signed by   does
 * truce.ended    two people  a party declares an agreement over; until agreements are objects this is how it is said
 * bundle.raised  node        what the parties hosted there have notified and stands, for a cause (a truce.ended, or a
 *                            channel.closed that says "ended")
 * bundle.taken   key         a person of a party has it: it rings no more there
 * bundle.read    key         one movement of it read back, or one site looked at
 *
 * Rules of the fold, and why:
 *  - A bundle is its cause: every node raises its own parties' notices under the same hash, in as many entries as it
 *    takes, and all of that is one object, which rings once and is taken once. What a node adds later rings no more.
 *  - A node raises notices of its own parties only (PRL_E_REFUSED): each object has one writer.
 *  - Whoever takes or reads must have seen the entry that raised it: both nodes judge alike. "Taken": the first of a
 *    party in its log; "read": its newest of that notice.
 *  - Modes do not mix: what is raised has the mode of the cause.
 *
 * Sites are served again with the entry that lists them, without any sound; their own receipts (receipt.h) stay as they
 * are. Movements are to be read back one by one, whatever had been read before. */
#ifndef PRL_LINE_BUNDLE_H
#define PRL_LINE_BUNDLE_H

#include "line/notice.h"

#define PRL_BUNDLE_PARTS_MAX     64  /* entries of one node for one cause */
#define PRL_BUNDLE_MOVEMENTS_MAX 200 /* of one entry */
#define PRL_BUNDLE_SITES_MAX     600
#define PRL_BUNDLE_CAUSE_DAYS    7 /* a node that was away for longer raises nothing for it any more */

/* GET /parley/v1/line/bundles */
extern const prl_line_part prl_bundle_part;
/* GET /parley/v1/line/truces: what was declared ended. */
extern const prl_line_part prl_truce_part;

/* For other kinds that end something (channel.closed that says "ended"): their entry is a cause of a bundle from now
 * on. what: "the channel". */
PRL_MUST prl_status prl_truce_add(prl_picture *picture, const prl_act *act, const char *what, prl_error *err);

/* What the node of this picture is still to raise at an instant: an array of {"mode": 0…2, "body": {…}}, each for one
 * entry, of causes for which its log has raised nothing yet; where there is nothing to raise that is said, in an empty
 * entry. Notices filed after the cause are not in it. */
PRL_MUST prl_status prl_bundle_due(prl_picture *picture, prl_version version, prl_time now, json_t **ret,
				   prl_error *err);

#endif
