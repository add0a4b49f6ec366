/* parley archive: all that a node holds, for those who come later. */
#include "cli/call.h"
#include "cli/home.h"
#include "cli/log.h"

#include "base/error.h"
#include "base/file.h"
#include "node/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What an archive is for: to be read when no parley, no node and nobody of the parties is there any more. */
static prl_status write_about(const char *folder, const char *out, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(16384);
	char now[PRL_TIME_TEXT_MAX];
	json_t *settings = NULL;
	const char *log = "?";
	prl_status st = prl_home_settings(folder, &settings, err);
	if (!st)
		st = prl_home_setting(settings, "log", &log, err);
	prl_time_format(prl_clock_wall(NULL) / PRL_SECOND * PRL_SECOND, now);
	if (!st)
		prl_buffer_printf(
			&text,
			"An archive of a line, made %s by the clock of the node that keeps the log %s.\n\n"
			"constitution.note   who takes part, with which keys: entry 0 of every log, signed by all\n"
			"logs/, contents/, forks/   the record: README.txt says what the files are and how to check\n"
			"                    them with other people's programs\n\n"
			"It holds no private key. Compare the hash of the constitution's text (the lines before the\n"
			"last empty one) with the one that each party wrote down when the line began: everything else\n"
			"follows from it.\n",
			now, log);
	if (!st && text.failed)
		st = prl_error_memory(err);
	if (!st)
		st = prl_cli_log_put(out, "ARCHIVE.txt", (prl_bytes){ text.data, text.size }, err);
	json_decref(settings);
	prl_buffer_done(&text);
	return st;
}

static prl_status copy_constitution(const char *folder, const char *out, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_status st = prl_home_read(folder, "constitution.note", &text, err);
	if (!st)
		st = prl_cli_log_put(out, "constitution.note", (prl_bytes){ text.data, text.size }, err);
	prl_buffer_done(&text);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	int operands, status = prl_cli_options(verb, argc, argv, NULL, NULL, &operands);
	if (status)
		return status;
	if (operands != 2) {
		prl_cli_say("archive: expected parley archive FOLDER OUT");
		return CLI_BAD;
	}
	cli_log_call call = { .operands = argv, .operand_count = 2 };
	status = prl_cli_log_export(&call);
	if (status)
		return status;
	prl_error err = { 0 };
	prl_status st = copy_constitution(argv[0], argv[1], &err);
	if (!st)
		st = write_about(argv[0], argv[1], &err);
	if (!st)
		st = prl_folder_sync(argv[1], &err);
	if (st)
		prl_cli_say_error("archive", &err);
	return prl_cli_exit_status(st);
}

const cli_verb prl_cli_archive = {
	.name = "archive",
	.summary = "writes all that a node holds for those who come later",
	.usage = "parley archive FOLDER OUT",
	.details = "OUT is a folder: every log and mirror, contents, fork proofs, the constitution, and what is needed "
		   "to check\n"
		   "them without parley. No private key is in it. Again into the same folder it adds what is new. The "
		   "node may\n"
		   "be running.\n",
	.run = run,
};
