/* Hits: what was hit, as parties report it, lined up with what had been notified. The register says how old the notice
 * was, which receipts were held at that instant, who had not read it, and how long each of that had been so. It never
 * says who did it, and it never adds accounts of one event together.
 *
 * kind          signed by   does
 * hit.reported  key         one account of one event, by any party
 *
 * Rules of the fold: each account is its author's object and stays as reported; a further account of the same event
 * names the first one (event), which its log must have seen. An account of an account joins the first one's event.
 *
 * Events. Killed and hurt of an event are a range: from the least to the greatest figure of any account, "or more"
 * where the greatest says no upper bound. Accounts with one origin (who saw it) count as one origin, however many tell
 * them. */
#ifndef PRL_LINE_HIT_H
#define PRL_LINE_HIT_H

#include "line/notice.h"

/* GET /parley/v1/line/hits?notice= : one item an event. */
extern const prl_line_part prl_hit_part;

#endif
