/* parley recognition: whom the own party recognises as desk or post of another, from when, how many of how many. */
#include "cli/talk.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT_MAX 10000 /* schemas/entry/recognition.stated.json */

static const cli_option options[] = {
	{ "--desk", "DESK", "a desk of PARTY: ru-night; exactly one of --desk and --post", TALK_DESK },
	{ "--post", "NAME", "a post of PARTY, as people name it: \"command post Tabqa\"", TALK_POST },
	{ "--from", "TIME", "from when: +60min, 13:52Z, 2016-09-17T12:55:00Z (default: now)", TALK_FROM },
	{ "--number", "N", "state: how many are recognised", TALK_NUMBER },
	{ "--of", "N", "state: of how many", TALK_OF },
	{ "--reason", "TEXT", "why, for people", TALK_REASON },
	CLI_ACT_OPTIONS,
};

static prl_status set_count(const talk_job *job, int option, json_t *body, const char *name, prl_error *err)
{
	double number;
	if (!job->text[option])
		return PRL_OK;
	prl_status st = prl_cli_number(job->text[option], 0, COUNT_MAX, "", &number, err);
	if (!st && number != floor(number))
		st = prl_error_set(err, PRL_E_RANGE, "\"%.40s\"; expected a whole number", job->text[option]);
	if (!st)
		(void)json_object_set_new(body, name, json_integer((json_int_t)number));
	return st;
}

static prl_status file(talk_job *job, const char *party, const char *state, prl_error *err)
{
	if (!job->text[TALK_DESK] == !job->text[TALK_POST])
		return prl_error_set(err, PRL_E_SYNTAX, "expected exactly one of --desk and --post");
	json_t *body = json_pack("{s:s, s:s}", "party", party, "state", state);
	prl_cli_set(body, "desk", job->text[TALK_DESK]);
	prl_cli_set(body, "post", job->text[TALK_POST]);
	prl_cli_set(body, "reason", job->text[TALK_REASON]);
	prl_status st = prl_talk_time(job, TALK_FROM, body, "from", err);
	if (!st)
		st = set_count(job, TALK_NUMBER, body, "number", err);
	if (!st)
		st = set_count(job, TALK_OF, body, "of", err);
	return prl_talk_file(job, st, "recognition.stated", body, err);
}

static prl_status state(void *context, char **operands, int count, prl_error *err)
{
	(void)count;
	return file(context, operands[1], "recognised", err);
}

static prl_status withdraw(void *context, char **operands, int count, prl_error *err)
{
	(void)count;
	return file(context, operands[1], "withdrawn", err);
}

static void print_count(const json_t *statement)
{
	const json_t *number = json_object_get(statement, "number"), *of = json_object_get(statement, "of");
	if (number)
		printf(", %lld", (long long)json_integer_value(number));
	if (of)
		printf("%s of %lld", number ? "" : ", number not stated", (long long)json_integer_value(of));
}

static void print_one(const json_t *statement)
{
	const char *desk = prl_cli_text(statement, "of_desk"), *reason = prl_cli_text(statement, "reason");
	const json_t *before = json_object_get(statement, "until_then");
	printf("  %s %s of %s: %s", *desk ? "desk" : "post", *desk ? desk : prl_cli_text(statement, "of_post"),
	       prl_cli_text(statement, "of_party"), prl_cli_text(statement, "state"));
	print_count(statement);
	printf(", from %s%s%s\n", prl_cli_text(statement, "from"), *reason ? ": " : "", reason);
	if (before)
		printf("  until then: %s\n", json_is_object(before) ? prl_cli_text(before, "state") : "not stated");
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "recognitions", print_one, err);
}

static const cli_deed deeds[] = {
	{ "state", "FOLDER PARTY", 2, 2, state },
	{ "withdraw", "FOLDER PARTY", 2, 2, withdraw },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"state     the own party recognises a desk or post of PARTY\n"
	"withdraw  it does not, as from then\n"
	"list      what each party says of the desks and posts of others, and what held before\n"
	"\n"
	"It changes only what the own node offers: what PARTY signs stays valid, and STOP passes. The node of FOLDER\n"
	"must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_recognition = {
	.name = "recognition",
	.summary = "whom the own party recognises as desk or post of another",
	.usage = "parley recognition state|withdraw|list FOLDER [PARTY] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
