/* The program: finds the verb and answers help and --version. */
#include "cli/cli.h"

#include <signal.h>
#include <string.h>

/* clang-format off: one row a verb */
static const cli_verb *const verbs[] = {
	&prl_cli_check,      &prl_cli_init,        &prl_cli_serve,      &prl_cli_token,     &prl_cli_file,
	&prl_cli_heard,      &prl_cli_update,      &prl_cli_cancel,     &prl_cli_end,       &prl_cli_ack,
	&prl_cli_alarms,     &prl_cli_shown,       &prl_cli_watch,      &prl_cli_drill,     &prl_cli_movement,
	&prl_cli_bundle,     &prl_cli_hit,         &prl_cli_stop,       &prl_cli_urgent,    &prl_cli_distress,
	&prl_cli_take,       &prl_cli_message,     &prl_cli_query_verb, &prl_cli_statement, &prl_cli_disavow,
	&prl_cli_meeting,    &prl_cli_recognition, &prl_cli_speaks,     &prl_cli_body,      &prl_cli_translation,
	&prl_cli_transcript, &prl_cli_stats,       &prl_cli_peer,       &prl_cli_party,     &prl_cli_desk,
	&prl_cli_key,        &prl_cli_log,         &prl_cli_verify,     &prl_cli_replay,    &prl_cli_content,
	&prl_cli_backup,     &prl_cli_restore,     &prl_cli_archive,    &prl_cli_bench,     &prl_cli_shift,
	&prl_cli_channel,    &prl_cli_present,     &prl_cli_intents,
};
/* clang-format on */

#define VERB_COUNT (sizeof verbs / sizeof *verbs)

static const cli_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static void print_help(FILE *out)
{
	fputs("parley finds every overlap in space and time between what two sides will do.\n\n"
	      "usage: parley VERB [argument…]\n\nverbs:\n",
	      out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-13s%s\n", verbs[i]->name, verbs[i]->summary);
	fputs("  help         this text; `parley help VERB` is the same as `parley VERB --help`\n\n"
	      "exit status: 0 as asked, 1 found what it was asked to find (an overlap, a fault in a record),\n"
	      "2 bad use or bad input, 3 the machine failed\n",
	      out);
}

static int no_such_verb(const char *name)
{
	prl_cli_say("%s: no such verb; `parley help` lists them", name);
	return CLI_BAD;
}

static int help(const char *name)
{
	if (!name) {
		print_help(stdout);
		return CLI_OK;
	}
	const cli_verb *verb = find_verb(name);
	if (!verb)
		return no_such_verb(name);
	prl_cli_help(verb, stdout);
	return CLI_OK;
}

static bool asks_help(const cli_verb *verb, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0 && (!verb->operands_first || argv[i][0] == '-'); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return CLI_BAD;
	}
	const char *first = argv[1];
	if (!strcmp(first, "help"))
		return help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(first, "--help") || !strcmp(first, "-h"))
		return help(NULL);
	if (!strcmp(first, "--version")) {
		puts("parley " PARLEY_VERSION);
		return CLI_OK;
	}
	const cli_verb *verb = find_verb(first);
	if (!verb)
		return no_such_verb(first);
	if (asks_help(verb, argc - 1, argv + 1)) {
		prl_cli_help(verb, stdout);
		return CLI_OK;
	}
	return verb->run(verb, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	/* A reader that went away is an error of write(), said like a full disk, and not a silent death. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of the file size is a full disk, not an end */
	int status = dispatch(argc, argv);
	return prl_cli_worse(status, prl_cli_close_output());
}
