/* Messages: words to parties, with contents. What layer line keeps of one is small: who may read it is found by it, the
 * words are in the entry. */
#ifndef PRL_LINE_MESSAGE_H
#define PRL_LINE_MESSAGE_H

#include "picture/kinds.h"

typedef struct prl_message {
	prl_hash id;                    /* hash of the entry */
	char log[PRL_KEY_NAME_MAX + 1]; /* home log */
	uint64_t index;
	json_t *to; /* array of parties, sorted */
} prl_message;

/* Registers kind message.sent and its noun. ret_table finds messages by the 32 bytes of their id. */
PRL_MUST prl_status prl_message_add(prl_picture *picture, unsigned *ret_table, prl_error *err);

#endif
