/* parley shown: what drone traffic services are shown of own notices, and which of them read it. */
#include "cli/act.h"
#include "cli/talk.h"

#include "base/error.h"
#include "formats/clean.h"

#include <stdio.h>
#include <string.h>

typedef struct shown_job {
	cli_act act;
} shown_job;

static const cli_option options[] = { CLI_ACT_OPTIONS };

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	shown_job *job = context;
	return prl_cli_act_option(&job->act, id, value, err);
}

static void print_reader(const json_t *reader)
{
	char uss[800]; /* a peer's node may say what it likes */
	prl_clean(prl_cli_text(reader, "uss"), uss, sizeof uss);
	printf("  read by %s: %lld times, first %s, last %s (version %lld); at %s\n", *uss ? uss : "others",
	       (long long)json_integer_value(json_object_get(reader, "count")), prl_cli_text(reader, "first"),
	       prl_cli_text(reader, "last"), (long long)json_integer_value(json_object_get(reader, "version")),
	       prl_cli_text(reader, "log"));
}

/* What came of telling services of it, by whichever node. */
static void print_told(const json_t *all, const char *constraint)
{
	const json_t *item, *one;
	size_t i, k;
	json_array_foreach(all, i, item)
	{
		if (strcmp(prl_cli_text(item, "constraint"), constraint) != 0)
			continue;
		json_array_foreach(json_object_get(item, "told"), k, one)
			printf("  told %s of version %lld: %s; by %s\n", prl_cli_text(one, "uss"),
			       (long long)json_integer_value(json_object_get(one, "version")),
			       prl_cli_text(one, "since"), prl_cli_text(one, "log"));
		json_array_foreach(json_object_get(item, "open"), k, one)
			printf("  to be told: %s, since %s\n", prl_cli_text(one, "uss"), prl_cli_text(one, "since"));
		json_array_foreach(json_object_get(item, "unreached"), k, one)
			printf("  NOT TOLD: %s, since %s: %s; by %s\n", prl_cli_text(one, "uss"),
			       prl_cli_text(one, "since"), prl_cli_text(one, "why"), prl_cli_text(one, "log"));
	}
}

static void print_one(const json_t *item, const json_t *told)
{
	const json_t *here = json_object_get(item, "here"), *one;
	size_t i;
	printf("%s  %s  constraint %s\n", prl_cli_text(item, "notice"), prl_cli_text(item, "uss"),
	       prl_cli_text(item, "constraint"));
	if (json_is_object(here))
		printf("  shown by this node: version %lld since %s, from %s to %s\n",
		       (long long)json_integer_value(json_object_get(here, "version")), prl_cli_text(here, "changed"),
		       prl_cli_text(here, "from"), prl_cli_text(here, "to"));
	json_array_foreach(json_object_get(item, "why_not"), i, one)
		printf("  NOT SHOWN by %s since %s: %s\n", prl_cli_text(one, "log"), prl_cli_text(one, "since"),
		       prl_cli_text(one, "why"));
	json_array_foreach(json_object_get(item, "readers"), i, one) print_reader(one);
	if (!json_array_size(json_object_get(item, "readers")))
		puts("  nobody has read its details");
	print_told(told, prl_cli_text(item, "constraint"));
}

static prl_status list(shown_job *job, const char *folder, const char *notice, prl_error *err)
{
	char query[600] = "";
	json_t *items = NULL, *told = NULL;
	const json_t *one;
	size_t i;
	prl_status st = prl_cli_act_open(&job->act, folder, err);
	if (!st && notice)
		st = prl_cli_query("notice", notice, query, sizeof query, err);
	if (!st)
		st = prl_cli_act_items(&job->act, "shown", notice ? query : NULL, &items, err);
	if (st)
		return st;
	if (job->act.json)
		return prl_cli_print_items(items, err);
	st = prl_cli_act_items(&job->act, "told", NULL, &told, err);
	json_array_foreach(items, i, one) print_one(one, told);
	json_decref(told);
	if (!json_array_size(items))
		puts(notice ? "no own notice has this name" : "no own notice is to be shown to drone traffic services");
	json_decref(items);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	shown_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (!end && operands != 1 && operands != 2) {
		prl_cli_say("shown: expected %s", verb->usage);
		return CLI_BAD;
	}
	if (end)
		return end;
	prl_status st = list(&job, argv[0], operands == 2 ? argv[1] : NULL, &err);
	return prl_cli_act_end(&job.act, "shown", st, &err);
}

static const char details[] =
	"Each own notice filed with --uss: its id as an F3548 constraint, the version that this "
	"node shows, and who was\n"
	"given its details, how often and when last; who was told of it by a node, who is to "
	"be,\nand who could not. NOTICE is its name, as us#12; one that is over is found by it too.\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_shown = {
	.name = "shown",
	.summary = "what drone traffic services see of own notices, and which of them read it",
	.usage = "parley shown FOLDER [NOTICE] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
