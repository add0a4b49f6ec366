/* parley statement: a position, warning, condition or announced decision. */
#include "cli/talk.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	TALK_TO_OPTION,
	{ "--kind", "KIND", "make: position, warning, condition or decision (default: position)", TALK_KIND },
	{ "--by", "ROLE", "make: who says it: \"Ministry of Defence\"", TALK_BY },
	{ "--level", "LEVEL",
	  "make: on which rung: desk, deputy, duty colonel, director,\n"
	  "commander, chief, minister, head of state",
	  TALK_LEVEL },
	{ "--at", "TIME", "make: from when it holds, or by when a decision takes effect: +60min, 13:52Z, …", TALK_AT },
	{ "--until", "TIME", "make: until when", TALK_UNTIL },
	{ "--notice", "NOTICE", "make: the notice that it is about, by name or id", TALK_NOTICE },
	{ "--place", "NAME", "make: the place that it is about, by name", TALK_PLACE },
	{ "--position", "POSITION", "make: the area that it is about, in any notation; with --radius", TALK_POSITION },
	{ "--radius", "R", "make: of that area: a number with m, km, NM, ft or mi", TALK_RADIUS },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status make(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_pack("{s:s}", "kind", job->text[TALK_KIND] ? job->text[TALK_KIND] : "position");
	(void)count;
	prl_talk_words(job, body, "text", operands[1]);
	prl_cli_set(body, "by", job->text[TALK_BY]);
	prl_cli_set(body, "level", job->text[TALK_LEVEL]);
	prl_status st = prl_talk_common(job, body, err);
	if (!st)
		st = prl_talk_area(job, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_AT, body, "takes_effect", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	return prl_talk_file(job, st, "statement.made", body, err);
}

static void print_one(const json_t *statement)
{
	const char *by = prl_cli_text(statement, "by"), *level = prl_cli_text(statement, "level"),
		   *effect = prl_cli_text(statement, "takes_effect");
	printf("  %s by %s, level %s%s%s\n  %s\n", prl_cli_text(statement, "kind"), *by ? by : "not stated",
	       *level ? level : "not stated", *effect ? ", from " : "", effect, prl_talk_text(statement, "text"));
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "statements", print_one, err);
}

static const cli_deed deeds[] = {
	{ "make", "FOLDER WORDS", 2, 2, make },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"make  says it to the other parties; it asks for no answer and never rings above class 3\n"
	"list  all statements\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_statement = {
	.name = "statement",
	.summary = "states a position, warning, condition or announced decision",
	.usage = "parley statement make|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
