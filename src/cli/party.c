/* parley party: who takes part in the line. */
#include "cli/call.h"
#include "cli/session.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--json", NULL, "one JSON object a line", CLI_JSON },
};

static void print_row(const json_t *party)
{
	printf("%-8s %-32s %s%s\n", json_string_value(json_object_get(party, "name")),
	       json_string_value(json_object_get(party, "log")), json_string_value(json_object_get(party, "title")),
	       json_is_true(json_object_get(party, "left")) ? " (has left)" : "");
}

static prl_status run_list(const cli_call *call, prl_error *err)
{
	return prl_session_list(call, "parties", print_row, err);
}

static const cli_action actions[] = {
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_JSON), run_list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_party = {
	.name = "party",
	.summary = "lists the parties of the line",
	.usage = "parley party list FOLDER [option…]",
	.details = "Name, home log and title of each party, as the constitution in force has them. The node of FOLDER "
		   "must run.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
