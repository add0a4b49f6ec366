/* What the files of receipts share: receipt.c (fold), receipt_show.c (ladder), receipt_compare.c,
 * receipt_alarms.c, receipt_open.c. */
#ifndef PRL_LINE_RECEIPT_INSIDE_H
#define PRL_LINE_RECEIPT_INSIDE_H

#include "line/receipt.h"

/* {version: {party: slot}} of a notice; NULL: nobody has said anything. */
const json_t *prl_receipts_of(prl_picture *picture, prl_version version, const prl_hash *notice);
const json_t *prl_receipt_newest(const json_t *slot); /* read-back; NULL: none */
bool prl_receipt_is_corrected(const json_t *read_back);
bool prl_receipt_slot_has_read(const json_t *slot, bool read_back_needed);

#define PRL_RECEIPT_OPEN_NOUN "receipt.open"
bool prl_receipt_open_save(const void *value, prl_buffer *to);
void *prl_receipt_open_load(prl_bytes from, prl_error *err);
/* Calls fn for each live notice that waits for receipts. */
PRL_MUST prl_status prl_receipt_each_open(const prl_show *show, prl_notice_fn *fn, void *context, prl_error *err);

/* T of "not delivered", nanoseconds. */
prl_time prl_receipt_undelivered_after(const prl_show *show);
/* [{"party", "log", "missing"?}] of parties whose nodes do not have the newest entry; labels: ask the store where a log
 * does not say so itself. */
json_t *prl_receipt_lacking(const prl_show *show, const prl_notice *notice, bool labels);

struct prl_alarms;
PRL_MUST prl_status prl_receipts_show(const prl_show *show, json_t **ret, prl_error *err);
PRL_MUST prl_status prl_undelivered_show(const prl_show *show, json_t **ret, prl_error *err);
PRL_MUST prl_status prl_receipts_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
