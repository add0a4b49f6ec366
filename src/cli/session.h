/* What a verb needs of the running node of a folder: its settings, a key that logs in, entries filed. */
#ifndef PRL_CLI_SESSION_H
#define PRL_CLI_SESSION_H

#include "cli/call.h"
#include "cli/home.h"
#include "node/client.h"

typedef struct cli_session {
	const char *folder;
	json_t *settings; /* node.json */
	prl_mode mode;    /* in which the constitution was signed: what is filed is in it unless said otherwise */
	prl_client *client;
	prl_signer signer; /* that logged in, and signs */
} cli_session;

/* Logs in to the node of the folder and signs with key: a name, whose private half is in the folder, or a file that
 * ends in .key. PRL_E_IO says how to start the node where none answers. Zero *ret or a failed one may be closed. */
PRL_MUST prl_status prl_session_open(const char *folder, const char *key, cli_session *ret, prl_error *err);
/* To look only: any key that is at hand, the console first. */
PRL_MUST prl_status prl_session_look(const char *folder, cli_session *ret, prl_error *err);
void prl_session_close(cli_session *session);

/* Signs and files; takes body over (NULL: out of memory). second NULL: one signature. */
PRL_MUST prl_status prl_session_file(cli_session *session, const char *kind, json_t *body, const prl_signer *second,
				     prl_filed *ret, prl_error *err);
/* The same, but the entry goes to a file, for a second person to sign and file it. */
PRL_MUST prl_status prl_session_write(cli_session *session, const char *kind, json_t *body, const char *path,
				      prl_error *err);
/* Puts the session's signature under the entry in a file, and files it. */
PRL_MUST prl_status prl_session_add_signature(cli_session *session, const char *path, const char *kind, prl_filed *ret,
					      prl_error *err);

/* The picture's array of that name, "keys"; borrowed. */
PRL_MUST prl_status prl_session_array(cli_session *session, const char *name, const json_t **ret, prl_error *err);

/* `VERB list FOLDER [--json]`: each object of the picture's array, as JSON or by print. */
PRL_MUST prl_status prl_session_list(const cli_call *call, const char *name, void (*print)(const json_t *one),
				     prl_error *err);
/* `VERB ACT FOLDER --add-signature FILE --second KEY`: a second person signs the entry in the file, and it is filed. */
PRL_MUST prl_status prl_session_second(const cli_call *call, const char *kind, prl_error *err);

/* "entry 12 of us.example/line" */
void prl_session_print_filed(const prl_filed *filed);

#endif
