/* The node's own tokens: with them it calls drone traffic services (USSs), as they call it with theirs (bearer.h).
 *
 * A token comes from a command of the operator's (--dss-token-command, command.h): run with PARLEY_TOKEN_AUDIENCE (the
 * host that is called) and PARLEY_TOKEN_SCOPE in its environment, it prints a JWT and nothing else. In development mode
 * the node mints it with its own key (dev_key.h). A token is kept for its audience and scope until a minute before its
 * `exp`; one without a readable `exp` is used once. It is never verified here (whoever is called does that) and never
 * logged: no error has anything of it. */
#ifndef PRL_NODE_OWN_TOKEN_H
#define PRL_NODE_OWN_TOKEN_H

#include "node/dev_key.h"

#define PRL_OWN_TOKEN_EARLY_S   60   /* before `exp` another one is fetched */
#define PRL_OWN_TOKEN_COMMAND_S 10   /* for the command to print one */
#define PRL_OWN_TOKEN_KEPT      256u /* tokens; the one that expires first gives way */

typedef struct prl_own_tokens prl_own_tokens;

typedef struct prl_own_token_options {
	const char *command;    /* NULL: none */
	const char *dev_folder; /* of a node in development mode, without a command: where the key lies; NULL: none */
	const char *subject;    /* of what is minted: the node's id as a USS */
	unsigned command_ms;    /* 0: PRL_OWN_TOKEN_COMMAND_S */
	prl_time (*now)(void *clock_context); /* wall clock */
	void *clock_context;
} prl_own_token_options;

/* Texts outlive it. Errors of prl_dev_key_open(). */
PRL_MUST prl_status prl_own_tokens_new(const prl_own_token_options *options, prl_own_tokens **ret, prl_error *err);
/* A command that runs is ended, and all calls fail from now on. */
void prl_own_tokens_stop(prl_own_tokens *tokens);
void prl_own_tokens_free(prl_own_tokens *tokens); /* after the last call has returned; NULL is fine */

/* A token to be freed. Any thread; as long as the command takes. PRL_E_UNSUPPORTED: the node has no way to one;
 * PRL_E_SYNTAX: what was printed is none, or has expired; else as prl_command_run(). */
PRL_MUST prl_status prl_own_token_get(prl_own_tokens *tokens, const char *audience, const char *scope, char **ret_token,
				      prl_error *err);
/* It was refused: the next call gets another one. */
void prl_own_token_drop(prl_own_tokens *tokens, const char *audience, const char *scope);

#endif
