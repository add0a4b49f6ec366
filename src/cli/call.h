/* Verbs that have verbs of their own (`parley key new`): one table a verb, one row a verb of its own. */
#ifndef PRL_CLI_CALL_H
#define PRL_CLI_CALL_H

#include "cli/cli.h"

#include <jansson.h>

/* Options of all these verbs, so that one name means one thing. */
typedef enum cli_call_option {
	CLI_DESK,
	CLI_KEY,
	CLI_ROOT,
	CLI_SECOND,
	CLI_TITLE,
	CLI_REASON,
	CLI_FROM,
	CLI_ONLY_KEY,
	CLI_OUT,
	CLI_ADD_SIGNATURE,
	CLI_JSON,
	CLI_ALL,
	CLI_WITH_KEYS,
	CLI_NO_PROGRESS,
	CLI_LANGUAGES,
	CLI_RUNGS,
	CLI_ASK,
	CLI_ANSWERS,
	CLI_CALL_BACK,
	CLI_CALL_OPTIONS
} cli_call_option;

#define CLI_TAKES(option) (1u << (unsigned)(option))

typedef struct cli_call {
	const struct cli_action *action;
	const char *verb; /* "key" */
	char **operands;
	int operand_count;
	const char *value[CLI_CALL_OPTIONS]; /* NULL where not given; "" where given and without a value */
} cli_call;

typedef struct cli_action {
	const char *name;     /* "new"; NULL: the verb has no verbs of its own */
	const char *operands; /* "FOLDER NAME" */
	int least, most;      /* how many; most 0: any number */
	unsigned takes;       /* CLI_TAKES() of its options */
	prl_status (*run)(const cli_call *call, prl_error *err);
} cli_action;

/* Finds the action that argv[1] names, reads options and operands, runs it, says what went wrong. */
int prl_cli_actions_run(const cli_verb *verb, const cli_action *actions, size_t count, int argc, char **argv);

/* Text of JSON, numbers with 15 digits where those read back as the same values, so that 40.176 stays as it was
 * written; to be freed. NULL out of memory. flags are jansson's. */
char *prl_cli_json_text(const json_t *json, size_t flags);

/* One JSON object and the end of the line on standard output. Takes json over; PRL_E_MEMORY for NULL. */
PRL_MUST prl_status prl_cli_print_json(json_t *json, prl_error *err);

#endif
