/* A call to a drone traffic service (uss_client.h) with the node's own token for it (own_token.h). */
#ifndef PRL_NODE_USS_ASK_H
#define PRL_NODE_USS_ASK_H

#include "node/own_token.h"
#include "node/uss_client.h"

typedef struct prl_uss_ask {
	const char *base_url, *path, *scope;
	const prl_bytes *body; /* JSON, by POST; NULL: GET */
} prl_uss_ask;

/* As prl_uss_send() and prl_own_token_get(). A token that is answered with 401 may have been withdrawn: the call is
 * made once more with another one. The buffer answer is emptied before each call. */
PRL_MUST prl_status prl_uss_ask_for(prl_uss_client *client, prl_own_tokens *tokens, const prl_uss_ask *ask,
				    unsigned *ret_status, prl_buffer *answer, prl_error *err);

#endif
