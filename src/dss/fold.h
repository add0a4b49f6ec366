/* The kinds of entries of F3548 acts, and what follows from each.
 *
 * kind                  recorded for  says
 * intent.put            the USS       an operational intent reference: id, manager, version, state, envelope
 * intent.deleted        the USS
 * constraint.put        the USS       the same without a state; the node's own: which notice it shows
 * constraint.deleted    the USS
 * subscription.put      the USS       id and manager; all else is kept at home
 * subscription.deleted  the USS
 * availability.set      the USS       what the arbiter says of a USS
 * report.made           the USS       id of a report; the report is kept at home
 * entities.ended        the node      ids of what has ended and is removed
 *
 * What was filed, and what it did to subscriptions, stands beside the entry (home.h). Where that is not here (at a
 * peer, or after it was deleted), an intent or a constraint is known by its envelope alone, and a subscription not at
 * all. A peer's entries make no objects here: its region is its own (design.md, 4). */
#ifndef PRL_DSS_FOLD_H
#define PRL_DSS_FOLD_H

#include "dss/home.h"

/* Registers nouns and kinds; whoever makes a picture calls it once, after prl_line_add(). */
PRL_MUST prl_status prl_dss_add(prl_picture *picture, prl_error *err);

/* The member "home" of a body: hash and size of what is kept. */
json_t *prl_dss_home_member(prl_bytes home);

#endif
