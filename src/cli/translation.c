/* parley translation: words of an entry in another language, kept beside it; what a reviewer says of them. */
#include "cli/talk.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cli_option options[] = {
	{ "--by", "ROLE", "add: who translated, by role, or which machine; review, object: who reviewed", TALK_BY },
	{ "--member", "POINTER", "add: the words in the body of the entry (default: /text/words)", TALK_MEMBER },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status add(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	char *end;
	long long index = strtoll(operands[2], &end, 10);
	const char *member = job->text[TALK_MEMBER] ? job->text[TALK_MEMBER] : "/text/words";
	(void)count;
	if (*end || end == operands[2] || index < 0)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\"; expected the index of an entry", operands[2]);
	if (!job->text[TALK_BY] || !job->text[TALK_LANGUAGE])
		return prl_error_set(err, PRL_E_SYNTAX, "a translation needs --by and --language");
	json_t *body = json_pack("{s:{s:s, s:I, s:s}, s:s}", "of", "log", operands[1], "index", (json_int_t)index,
				 "member", member, "translator", job->text[TALK_BY]);
	if (!body)
		return prl_error_set(err, PRL_E_SYNTAX, "a text is not UTF-8");
	prl_talk_words(job, body, "text", operands[3]);
	return prl_talk_file(job, PRL_OK, "translation.added", body, err);
}

static prl_status say(talk_job *job, char **operands, int count, const char *says, prl_error *err)
{
	json_t *body = NULL;
	if (!job->text[TALK_BY])
		return prl_error_set(err, PRL_E_SYNTAX, "expected --by: who reviewed, by role");
	prl_status st = prl_talk_about(job, "translations", "translation", operands[1], says, NULL, &body, err);
	if (!st) {
		prl_cli_set(body, "reviewer", job->text[TALK_BY]);
		prl_talk_words(job, body, "remark", count > 2 ? operands[2] : NULL);
	}
	return prl_talk_file(job, st, "translation.added", body, err);
}

static prl_status review(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "reviewed", err);
}

static prl_status object(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "objected", err);
}

static void print_one(const json_t *one)
{
	const json_t *of = json_object_get(one, "of"), *text = json_object_get(one, "text"), *said;
	const char *words = prl_cli_text(one, "original");
	size_t i;
	printf("  entry %lld of %s %s, %s\n", (long long)json_integer_value(json_object_get(of, "index")),
	       prl_cli_text(of, "log"), prl_cli_text(of, "member"), prl_cli_text(one, "state"));
	printf("  original (prevails): %s\n  %s by %s: %s\n", *words ? words : "not here",
	       prl_cli_text(text, "language"), prl_cli_text(one, "translator"), prl_cli_text(text, "words"));
	json_array_foreach(json_object_get(one, "said"), i, said)
	{
		const char *remark = prl_talk_text(said, "remark");
		printf("  %s, %s: %s by %s%s%s\n", prl_cli_text(said, "party"), prl_cli_text(said, "time"),
		       prl_cli_text(said, "says"), prl_cli_text(said, "reviewer"), *remark ? ": " : "", remark);
	}
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "translations", print_one, err);
}

static const cli_deed deeds[] = {
	{ "add", "FOLDER LOG INDEX WORDS", 4, 4, add },
	{ "review", "FOLDER ID [WORDS]", 2, 3, review },
	{ "object", "FOLDER ID [WORDS]", 2, 3, object },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] = "add     WORDS as the translation of words of entry INDEX of LOG; --by and --language "
			      "say whose and into which\n"
			      "review  a translation, by its id or the first four characters of it\n"
			      "object  to a translation: WORDS say what is otherwise\n"
			      "list    all translations beside their originals; the original prevails\n"
			      "\n"
			      "The node of FOLDER must run.\n"
			      "\n"
			      "exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_translation = {
	.name = "translation",
	.summary = "words in another language, kept beside the original",
	.usage = "parley translation add|review|object|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
