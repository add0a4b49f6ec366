/* Bodies of receipts and answers, for `parley ack` and the keys of the screen. */
#ifndef PRL_CLI_ACK_H
#define PRL_CLI_ACK_H

#include <jansson.h>
#include <parley/record.h>

/* receipt.given of the version that was looked at. Takes read_back over (NULL: none); language NULL: none. */
json_t *prl_ack_receipt(const json_t *notice, const char *rung, json_t *read_back, const char *language);

/* receipt.judged of the newest read-back of a party (NULL: of the only one that has read back); correction NULL: as
 * meant. NULL with err where there is none, or several and no party is named. */
json_t *prl_ack_judged(const json_t *receipts, const char *party, const char *correction, const char *language,
		       prl_error *err);

/* overlap.answered of the versions that the overlap is about. */
json_t *prl_ack_overlap(const json_t *overlap, const char *answer, const char *text, const char *language);

/* The mode of an object: acts on it have that mode. */
prl_mode prl_ack_mode(const json_t *about);

#endif
