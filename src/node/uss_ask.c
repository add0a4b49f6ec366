#include "node/uss_ask.h"

#define TRIES 2

prl_status prl_uss_ask_for(prl_uss_client *client, prl_own_tokens *tokens, const prl_uss_ask *ask, unsigned *ret_status,
			   prl_buffer *answer, prl_error *err)
{
	char host[PRL_USS_HOST_MAX];
	prl_status status = prl_uss_host(client, ask->base_url, host, err);
	for (unsigned tries = 0; tries < TRIES && !status; tries++) {
		char *token = NULL;
		status = prl_own_token_get(tokens, host, ask->scope, &token, err);
		if (status)
			break;
		const prl_uss_call call = {
			.base_url = ask->base_url, .path = ask->path, .token = token, .body = ask->body
		};
		prl_buffer_clear(answer);
		status = prl_uss_send(client, &call, ret_status, answer, err);
		free(token);
		if (status || *ret_status != 401)
			break;
		prl_own_token_drop(tokens, host, ask->scope);
	}
	return status;
}
