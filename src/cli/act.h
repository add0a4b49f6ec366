/* Verbs that file acts of the line (message, file, stop, shift …): the options that all of them have, a session with
 * the key that signs, filing, and what the node shows. */
#ifndef PRL_CLI_ACT_H
#define PRL_CLI_ACT_H

#include "cli/call.h"
#include "cli/session.h"

typedef struct cli_act {
	const char *key; /* NULL: the console of node.json */
	bool has_mode, json;
	prl_mode mode;
	cli_session session;
} cli_act;

enum { CLI_ACT_KEY = 1000, CLI_ACT_MODE, CLI_ACT_JSON };

/* Rows of a verb's table of options. */
#define CLI_ACT_OPTIONS                                                                                                \
	{ "--mode", "MODE", "REAL, EXERCISE or TEST (default: the mode of the constitution)", CLI_ACT_MODE },          \
		{ "--key", "KEY",                                                                                      \
		  "who signs: a name, or a file that ends in .key (default: the console of node.json)", CLI_ACT_KEY }, \
	{                                                                                                              \
		"--json", NULL, "print JSON, one object a line", CLI_ACT_JSON                                          \
	}
/* What a verb's set() calls for those. */
PRL_MUST prl_status prl_cli_act_option(cli_act *act, int id, const char *value, prl_error *err);

/* Logs in to the running node of the folder; zero or failed acts may be closed. */
PRL_MUST prl_status prl_cli_act_open(cli_act *act, const char *folder, prl_error *err);
/* The same for a verb by a table of actions: its first operand is the folder; --key, --json. */
PRL_MUST prl_status prl_cli_act_open_call(const cli_call *call, cli_act *ret, prl_error *err);
void prl_cli_act_close(cli_act *act);

/* Signs and files, and prints where the entry stands ("entry 12 of us.example/line", or JSON). Takes body over. */
PRL_MUST prl_status prl_cli_act_file(cli_act *act, const char *kind, json_t *body, prl_filed *ret, prl_error *err);

/* GET /parley/v1/line/PART?QUERY: the items; a new reference. query may be NULL. */
PRL_MUST prl_status prl_cli_act_items(cli_act *act, const char *part, const char *query, json_t **ret, prl_error *err);

/* The end of a verb: closes, says what went wrong, gives the exit status. */
int prl_cli_act_end(cli_act *act, const char *verb, prl_status status, const prl_error *err);

#endif
