/* parley body: standing bodies of parties: begun, joined, left, who was absent. */
#include "cli/talk.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--to", "PARTY", "begin: a party that is invited; once a party (default: all others)", TALK_TO },
	{ "--level", "LEVEL",
	  "begin: on which rung: desk, deputy, duty colonel, director,\n"
	  "commander, chief, minister, head of state",
	  TALK_LEVEL },
	{ "--chair", "WHO", "begin: who leads it", TALK_CHAIR },
	{ "--every", "WORDS", "begin: how often it meets: \"weekly, Thursday\"", TALK_EVERY },
	{ "--place", "NAME", "begin: where it meets (default: not stated)", TALK_PLACE },
	{ "--instrument", "NAME", "begin: agreement or document under which it is said", TALK_INSTRUMENT },
	{ "--clause", "CLAUSE", "begin: clause of it", TALK_CLAUSE },
	{ "--meeting", "ID", "absent, present: at which meeting, as parley call has it", TALK_MEETING },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status begin(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_object();
	prl_cli_set(body, "name", operands[1]);
	prl_cli_set(body, "level", job->text[TALK_LEVEL]);
	prl_cli_set(body, "chair", job->text[TALK_CHAIR]);
	prl_cli_set(body, "every", job->text[TALK_EVERY]);
	prl_talk_words(job, body, "text", count > 2 ? operands[2] : NULL);
	prl_status st = prl_talk_common(job, body, err);
	if (!st)
		st = prl_talk_instrument(job, body, err);
	return prl_talk_file(job, st, "body.stated", body, err);
}

static prl_status say(talk_job *job, char **operands, int count, const char *says, prl_error *err)
{
	json_t *body = NULL;
	prl_status st =
		prl_talk_about(job, "bodies", "body", operands[1], says, count > 2 ? operands[2] : NULL, &body, err);
	return prl_talk_file(job, st, "body.stated", body, err);
}

static prl_status join(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "joined", err);
}

static prl_status decline(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "declined", err);
}

static prl_status leave(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "left", err);
}

/* What is said of a party: invited, absent, present. */
static prl_status say_of(talk_job *job, char **operands, int count, const char *says, prl_error *err)
{
	json_t *body = NULL, *meeting = NULL;
	prl_status st =
		prl_talk_about(job, "bodies", "body", operands[1], says, count > 3 ? operands[3] : NULL, &body, err);
	prl_mode mode = job->act.session.mode; /* that of the body, not of the meeting */
	if (!st)
		prl_cli_set(body, "who", operands[2]);
	if (!st && job->text[TALK_MEETING])
		st = prl_talk_find(job, "meetings", job->text[TALK_MEETING], &meeting, err);
	if (!st && meeting)
		prl_cli_set(body, "meeting", prl_cli_text(meeting, "id"));
	json_decref(meeting);
	job->act.session.mode = mode;
	return prl_talk_file(job, st, "body.stated", body, err);
}

static prl_status invite(void *context, char **operands, int count, prl_error *err)
{
	return say_of(context, operands, count, "invited", err);
}

static prl_status absent(void *context, char **operands, int count, prl_error *err)
{
	return say_of(context, operands, count, "absent", err);
}

static prl_status present(void *context, char **operands, int count, prl_error *err)
{
	return say_of(context, operands, count, "present", err);
}

static const char *or_not_stated(const char *text)
{
	return *text ? text : "not stated";
}

static void print_one(const json_t *body)
{
	const json_t *one;
	size_t i;
	printf("  %s: level %s, led by %s, meets %s, place %s\n", prl_cli_text(body, "name"),
	       or_not_stated(prl_cli_text(body, "level")), or_not_stated(prl_cli_text(body, "chair")),
	       or_not_stated(prl_cli_text(body, "every")),
	       or_not_stated(prl_cli_text(json_object_get(body, "place"), "name")));
	json_array_foreach(json_object_get(body, "members"), i, one)
		printf("  %s: %s since %s%s\n", prl_cli_text(one, "party"), prl_cli_text(one, "state"),
		       prl_cli_text(one, "since"),
		       json_is_false(json_object_get(one, "invited")) ? ", without having been invited" : "");
	json_array_foreach(json_object_get(body, "absences"), i, one)
		printf("  %s was %s, says %s, %s\n", prl_cli_text(one, "party"), prl_cli_text(one, "says"),
		       prl_cli_text(one, "by"), prl_cli_text(one, "time"));
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "bodies", print_one, err);
}

static const cli_deed deeds[] = {
	{ "begin", "FOLDER NAME [WORDS]", 2, 3, begin },
	{ "invite", "FOLDER ID PARTY [WORDS]", 3, 4, invite },
	{ "join", "FOLDER ID [WORDS]", 2, 3, join },
	{ "decline", "FOLDER ID [WORDS]", 2, 3, decline },
	{ "leave", "FOLDER ID [WORDS]", 2, 3, leave },
	{ "absent", "FOLDER ID PARTY [WORDS]", 3, 4, absent },
	{ "present", "FOLDER ID PARTY [WORDS]", 3, 4, present },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"begin    a standing body: a commission, a task force, a centre\n"
	"invite   a party to one that the own party began, by its id or the first four characters of it\n"
	"join     the own party is of it\n"
	"decline  it will not be\n"
	"leave    it is no longer\n"
	"absent   a party was absent, at a meeting where --meeting names it\n"
	"present  a party was there\n"
	"list     all bodies: who is of them, who was absent by whose word\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_body = {
	.name = "body",
	.summary = "standing bodies, and who is of them",
	.usage = "parley body begin|invite|join|decline|leave|absent|present|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
