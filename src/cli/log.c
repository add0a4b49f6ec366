/* parley log: until `log show|export|proof|bundle` come from their branch, import alone. */
#include "cli/call.h"
#include "cli/import.h"

static int run(const cli_verb *verb, int argc, char **argv)
{
	int operands, status = prl_cli_options(verb, argc - 1, argv + 1, NULL, NULL, &operands);
	return status ? status : prl_cli_import(argv[1], argv + 2, operands - 1);
}

const cli_verb prl_cli_log = {
	.name = "log",
	.summary = "takes in what another side exported",
	.usage = "parley log import FOLDER EXPORT…",
	.run = run,
};
