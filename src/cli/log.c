/* parley log: shows, exports and proves what the logs of a node hold. */
#include "cli/log.h"

#include "base/error.h"
#include "base/file.h"

#include <limits.h>
#include <string.h>

static const cli_option options[] = {
	{ "--log", "ORIGIN", "the log of that name, ours or a mirror (our own log)", CLI_LOG_LOG },
	{ "--from", "N", "show: begin with entry N (with --count alone: so many from the end)", CLI_LOG_FROM },
	{ "--count", "N", "show: at most N entries", CLI_LOG_COUNT },
	{ "--json", NULL, "show: one JSON object a line for each entry", CLI_LOG_JSON },
	{ "--no-contents", NULL, "export: leave out the contents that stand beside the logs", CLI_LOG_NO_CONTENTS },
	{ "--no-progress", NULL, "no progress bar, not even on a terminal", CLI_LOG_NO_PROGRESS },
};

#define TAKES(option) (1u << (option))
static const cli_log_verb verbs[] = {
	{ "show", "FOLDER", 1, TAKES(CLI_LOG_LOG) | TAKES(CLI_LOG_FROM) | TAKES(CLI_LOG_COUNT) | TAKES(CLI_LOG_JSON),
	  prl_cli_log_show },
	{ "export", "FOLDER OUT", 2, TAKES(CLI_LOG_LOG) | TAKES(CLI_LOG_NO_CONTENTS) | TAKES(CLI_LOG_NO_PROGRESS),
	  prl_cli_log_export },
	{ "proof", "FOLDER INDEX", 2, TAKES(CLI_LOG_LOG), prl_cli_log_proof },
	{ "bundle", "FOLDER INDEX OUT", 3, TAKES(CLI_LOG_LOG), prl_cli_log_bundle },
	{ "import", "FOLDER EXPORT…", -2, 0, prl_cli_log_import },
};
#define VERB_COUNT (sizeof verbs / sizeof *verbs)

int prl_cli_log_failed(const char *path, prl_status status, const prl_error *err)
{
	prl_cli_say_error(path, err);
	return prl_cli_exit_status(status);
}

prl_status prl_cli_log_put(const char *folder, const char *name, prl_bytes bytes, prl_error *err)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	prl_status st = prl_folder_of_file(path, err);
	return st ? st : prl_file_put(path, bytes, err);
}

/* ---- the verb ------------------------------------------------------------------------------------------------------
 */

typedef struct setting {
	cli_log_call call;
	const cli_log_verb *verb;
} setting;

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	setting *s = context;
	cli_log_call *call = &s->call;
	if (!(s->verb->options & TAKES((unsigned)id)))
		return prl_error_set(err, PRL_E_UNSUPPORTED, "`parley log %s` does not take it", s->verb->name);
	switch ((enum cli_log_option)id) {
	case CLI_LOG_LOG:
		call->log = value;
		return PRL_OK;
	case CLI_LOG_FROM:
		call->has_from = true;
		return prl_cli_index(value, &call->from, err);
	case CLI_LOG_COUNT:
		call->has_count = true;
		return prl_cli_index(value, &call->count, err);
	case CLI_LOG_JSON:
		call->json = true;
		return PRL_OK;
	case CLI_LOG_NO_CONTENTS:
		call->no_contents = true;
		return PRL_OK;
	case CLI_LOG_NO_PROGRESS:
		call->no_progress = true;
		return PRL_OK;
	}
	return prl_error_set(err, PRL_E_UNSUPPORTED, "not handled");
}

static const cli_log_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int no_such_verb(const cli_verb *verb, const char *name)
{
	if (name)
		prl_cli_say("log: %s: no such verb; usage: %s", name, verb->usage);
	else
		prl_cli_say("log: no verb given; usage: %s", verb->usage);
	return CLI_BAD;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	setting s = { .verb = argc > 1 ? find_verb(argv[1]) : NULL };
	if (!s.verb)
		return no_such_verb(verb, argc > 1 ? argv[1] : NULL);
	if (prl_cli_options(verb, argc - 1, argv + 1, set_option, &s, &s.call.operand_count))
		return CLI_BAD;
	int count = s.verb->operand_count;
	if (count < 0 ? s.call.operand_count < -count : s.call.operand_count != count) {
		prl_cli_say("log: expected parley log %s %s", s.verb->name, s.verb->operands);
		return CLI_BAD;
	}
	s.call.operands = argv + 1;
	return s.verb->run(&s.call);
}

static const char details[] =
	"show    lists entries: index, time, mode, kind, by whom, who is proven to have them, first words\n"
	"export  writes the own log and every mirror as static files (C2SP tlog-tiles) with contents, fork proofs and "
	"a\n"
	"        README; again into the same folder it adds what is new\n"
	"proof   writes a c2sp.org/tlog-proof of one entry to standard output\n"
	"bundle  writes a folder with one entry and all that is needed to answer \"was this said, and by whom\" with\n"
	"        other people's programs\n"
	"import  takes in what another side exported, on a stick: its log, its cosignatures of ours, contents for us;\n"
	"        again it takes only what is new. Into the running node, or into the folder where none runs\n"
	"\n"
	"FOLDER is a node's folder, or its store file alone. The node may be running.\n"
	"LOGGED: the log's own checkpoint covers the entry. SERVED on B: B has cosigned that it stored it, and has\n"
	"recorded that each content of it addressed to B has arrived; else NOT DELIVERED, with what is missing.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or bad input, 3 the machine failed\n"
	"\n"
	"examples:\n"
	"  parley log show ./us --count 20\n"
	"  parley log export ./us /media/usb/us\n"
	"  parley log import ./us /media/usb/ru\n"
	"  parley log proof ./us 142 > 142.tlog-proof\n";

const cli_verb prl_cli_log = {
	.name = "log",
	.summary = "shows, exports, imports and proves what a node's logs hold",
	.usage = "parley log show FOLDER [--log ORIGIN] [--from N] [--count N] [--json]\n"
		 "       parley log export FOLDER OUT [--log ORIGIN] [--no-contents]\n"
		 "       parley log proof FOLDER INDEX [--log ORIGIN]\n"
		 "       parley log bundle FOLDER INDEX OUT [--log ORIGIN]\n"
		 "       parley log import FOLDER EXPORT…",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
