/* Messages: words to parties, with contents. What layer line keeps of one is small: who may read it is found by it, the
 * words are in the entry. */
#ifndef PRL_LINE_MESSAGE_H
#define PRL_LINE_MESSAGE_H

#include "line/part.h"

typedef struct prl_message {
	prl_hash id;                    /* hash of the entry */
	char log[PRL_KEY_NAME_MAX + 1]; /* home log */
	uint64_t index;
	json_t *to; /* array of parties, sorted */
} prl_message;

/* Kind message.sent; noun "message", found by the 32 bytes of its id. */
extern const prl_line_part prl_message_part;

#endif
