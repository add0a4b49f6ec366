/* parley speaks: who answers for whom, from when to when, under which instrument. */
#include "cli/talk.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	TALK_TO_OPTION,
	{ "--of", "PARTY", "state: the party that answers for them (default: the own one); another one: a claim",
	  TALK_OF },
	{ "--local-name", "NAME", "state: the forces in the local script", TALK_LOCAL_NAME },
	{ "--standing", "WHAT",
	  "state: own forces, bound party, guaranteed, third party, observer,\nexcluded actor (default: not stated)",
	  TALK_STANDING },
	{ "--by", "ROLE", "state: who attests it", TALK_BY },
	{ "--instrument", "NAME", "state: agreement or document under which it is said", TALK_INSTRUMENT },
	{ "--clause", "CLAUSE", "state: clause of it", TALK_CLAUSE },
	{ "--position", "POSITION", "state: where, in any notation; with --radius (default: everywhere)",
	  TALK_POSITION },
	{ "--radius", "R", "state: of that area: a number with m, km, NM, ft or mi", TALK_RADIUS },
	{ "--from", "TIME", "state: from when on (default: now)", TALK_FROM },
	{ "--until", "TIME", "state: until when (default: until ended); end: when it ends", TALK_UNTIL },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status state(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_object(), *whom = json_object();
	if (!job->text[TALK_FROM])
		job->text[TALK_FROM] = "now";
	prl_cli_set(whom, "name", operands[1]);
	prl_cli_set(whom, "local_name", job->text[TALK_LOCAL_NAME]);
	prl_cli_set(whom, "standing", job->text[TALK_STANDING]);
	(void)json_object_set_new(body, "for", whom);
	prl_cli_set(body, "of", job->text[TALK_OF]);
	prl_cli_set(body, "attested_by", job->text[TALK_BY]);
	prl_talk_words(job, body, "text", count > 2 ? operands[2] : NULL);
	prl_status st = prl_talk_common(job, body, err);
	if (!st)
		st = prl_talk_area(job, body, err);
	if (!st)
		st = prl_talk_instrument(job, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_FROM, body, "from", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	return prl_talk_file(job, st, "speaks_for.stated", body, err);
}

static prl_status say(talk_job *job, char **operands, int count, const char *says, prl_error *err)
{
	json_t *body = NULL;
	prl_status st = prl_talk_about(job, "speaks", "statement", operands[1], says, count > 2 ? operands[2] : NULL,
				       &body, err);
	if (!st && !strcmp(says, "ended"))
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	return prl_talk_file(job, st, "speaks_for.stated", body, err);
}

static prl_status attest(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "attested", err);
}

static prl_status dispute(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "disputed", err);
}

static prl_status end(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "ended", err);
}

static void print_one(const json_t *one)
{
	const json_t *whom = json_object_get(one, "for"), *instrument = json_object_get(one, "instrument");
	const char *standing = prl_cli_text(whom, "standing"), *local = prl_cli_text(whom, "local_name"),
		   *until = prl_cli_text(one, "until"), *under = prl_cli_text(instrument, "name"),
		   *clause = prl_cli_text(instrument, "clause"), *words = prl_talk_text(one, "text");
	printf("  %s answers for %s%s%s (%s): %s%s\n", prl_cli_text(one, "speaker"), prl_cli_text(whom, "name"),
	       *local ? ", " : "", local, *standing ? standing : "standing not stated", prl_cli_text(one, "state"),
	       json_is_true(json_object_get(one, "in_force")) ? "" : ", not in force");
	printf("  from %s, until %s; under %s%s%s\n", prl_cli_text(one, "from"), *until ? until : "ended",
	       *under ? under : "no instrument stated", *clause ? ", " : "", clause);
	if (*words)
		printf("  %s\n", words);
	prl_talk_print_said(one);
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "speaks", print_one, err);
}

static const cli_deed deeds[] = {
	{ "state", "FOLDER FORCES [WORDS]", 2, 3, state },
	{ "attest", "FOLDER ID [WORDS]", 2, 3, attest },
	{ "dispute", "FOLDER ID [WORDS]", 2, 3, dispute },
	{ "end", "FOLDER ID [WORDS]", 2, 3, end },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"state    that a party answers for FORCES; of another party it is a claim, until that party attests it\n"
	"attest   a statement of another party, by its id or the first four characters of it\n"
	"dispute  a statement of another party\n"
	"end      an own statement\n"
	"list     all statements: who answers for whom, how that stands, who said what of it\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_speaks = {
	.name = "speaks",
	.summary = "who answers for whom",
	.usage = "parley speaks state|attest|dispute|end|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
