/* parley query: asks parties, answers what is asked, lists what is unanswered. */
#include "cli/talk.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	TALK_TO_OPTION,
	{ "--urgent", NULL, "ask: an answer is due after 2 h, not 48 h, where the constitution does not say otherwise",
	  TALK_URGENT },
	{ "--notice", "NOTICE", "the notice that it is about, or that it was, by name or id", TALK_NOTICE },
	{ "--place", "NAME", "ask: where it was seen, by name", TALK_PLACE },
	{ "--position", "POSITION", "ask: where it was seen, in any notation; with --radius", TALK_POSITION },
	{ "--radius", "R", "ask: it was seen within: a number with m, km, NM, ft or mi", TALK_RADIUS },
	{ "--from", "TIME", "ask: when it was seen: now, -5min, 13:52Z, 2016-09-17T12:55:00Z", TALK_FROM },
	{ "--seen-by", "MEANS", "ask: by what means: \"observation post\"", TALK_SEEN_BY },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status ask(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_object();
	(void)count;
	prl_talk_words(job, body, "text", operands[1]);
	prl_cli_set(body, "seen_by", job->text[TALK_SEEN_BY]);
	if (job->urgent)
		(void)json_object_set_new(body, "urgent", json_true());
	prl_status st = prl_talk_common(job, body, err);
	if (!st)
		st = prl_talk_area(job, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_FROM, body, "from", err);
	return prl_talk_file(job, st, "query.asked", body, err);
}

static prl_status reply(talk_job *job, const char *id, const char *says, const char *words, prl_error *err)
{
	json_t *query = NULL, *body;
	prl_status st = prl_talk_find(job, "queries", id, &query, err);
	if (st)
		return st;
	body = json_pack("{s:s, s:s}", "query", prl_cli_text(query, "id"), "says", says);
	json_decref(query);
	prl_talk_words(job, body, "text", words);
	return prl_talk_file(job, prl_talk_common(job, body, err), "query.answered", body, err);
}

static prl_status answer(void *context, char **operands, int count, prl_error *err)
{
	(void)count;
	return reply(context, operands[1], "answered", operands[2], err);
}

static prl_status decline(void *context, char **operands, int count, prl_error *err)
{
	return reply(context, operands[1], "declined", count > 2 ? operands[2] : NULL, err);
}

static void print_one(const json_t *query)
{
	const json_t *answers = json_object_get(query, "answers"), *one;
	char age[40];
	size_t i;
	printf("  %s\n  due %s%s\n", prl_talk_text(query, "text"), prl_cli_text(query, "due"),
	       json_is_true(json_object_get(query, "overdue")) ? ", OVERDUE" : "");
	json_array_foreach(answers, i, one)
	{
		prl_cli_age(json_integer_value(json_object_get(one, "age_s")), age);
		printf("  %s: %s, %s: %s\n", prl_cli_text(one, "party"), prl_cli_text(one, "state"), age,
		       prl_talk_text(json_object_get(one, "saying"), "text"));
	}
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "queries", print_one, err);
}

static const cli_deed deeds[] = {
	{ "ask", "FOLDER WORDS", 2, 2, ask },
	{ "answer", "FOLDER ID WORDS", 3, 3, answer },
	{ "decline", "FOLDER ID [WORDS]", 2, 3, decline },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] = "ask      a question to parties, mostly about a movement that was seen\n"
			      "answer   a query to your party, by its id or the first four characters of it\n"
			      "decline  says that there will be no answer, and why where WORDS are given\n"
			      "list     all queries: who has answered after how long, and no answer with its age\n"
			      "\n"
			      "The node of FOLDER must run.\n"
			      "\n"
			      "exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_query_verb = {
	.name = "query",
	.summary = "asks about what was seen, and answers",
	.usage = "parley query ask|answer|decline|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
