/* parley stats: what happened on the line in a period, each number with what it means. */
#include "cli/talk.h"

#include "base/error.h"
#include "cli/draft.h"
#include "cli/typed.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--from", "TIME", "begin of the period: -1d, 2016-09-17T00:00:00Z, … (default: a day before its end)",
	  TALK_FROM },
	{ "--until", "TIME", "its end (default: now)", TALK_UNTIL },
	CLI_ACT_OPTIONS,
};

/* Adds "&NAME=TIME". */
static prl_status add_time(const talk_job *job, int option, const char *name, char *query, size_t room, prl_error *err)
{
	json_t *time = NULL;
	size_t used = strlen(query);
	if (!job->text[option])
		return PRL_OK;
	prl_status st = prl_typed_time_json(job->text[option], prl_draft_clock(), &time, err);
	if (!st && used + 1 < room) {
		query[used++] = '&';
		st = prl_cli_query(name, json_string_value(time), query + used, room - used, err);
	}
	json_decref(time);
	return st;
}

static void print_spread(const json_t *spread)
{
	static const char *const names[] = { "least", "half", "nine_tenths", "greatest" };
	static const char *const texts[] = { "least", "half", "9 in 10", "greatest" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		printf("%s %s %lld s", i ? "," : ":", texts[i],
		       (long long)json_integer_value(json_object_get(spread, names[i])));
}

static void print_row(const json_t *row, const char *unit)
{
	const json_t *value = json_object_get(row, "value"), *spread = json_object_get(row, "spread");
	json_int_t missing = json_integer_value(json_object_get(row, "not_covered"));
	printf("  recorded by %-8s %lld of %g", prl_cli_text(row, "recorder"),
	       (long long)json_integer_value(json_object_get(row, "count")),
	       json_number_value(json_object_get(row, "of")));
	if (json_is_object(spread))
		print_spread(spread);
	else if (json_is_number(value))
		printf(": %.4g %s", json_number_value(value), unit);
	else
		printf(": nothing to count");
	if (missing)
		printf("; %lld not covered", (long long)missing);
	putchar('\n');
}

static void print_measure(const json_t *measure)
{
	const json_t *by = json_object_get(measure, "by"), *one;
	size_t i;
	printf("%s (%s)\n  %s\n  of: %s\n  coverage: %s\n", prl_cli_text(measure, "measure"),
	       prl_cli_text(measure, "unit"), prl_cli_text(measure, "definition"), prl_cli_text(measure, "denominator"),
	       prl_cli_text(measure, "coverage"));
	json_array_foreach(by, i, one) print_row(one, prl_cli_text(measure, "unit"));
}

static prl_status show(talk_job *job, const char *folder, prl_error *err)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char query[300];
	json_t *items = NULL, *one;
	size_t i;
	prl_status st = prl_cli_act_open(&job->act, folder, err);
	if (st)
		return st;
	(void)snprintf(query, sizeof query, "mode=%s", modes[job->act.session.mode]);
	st = add_time(job, TALK_FROM, "from", query, sizeof query, err);
	if (!st)
		st = add_time(job, TALK_UNTIL, "to", query, sizeof query, err);
	if (!st)
		st = prl_cli_act_items(&job->act, "stats", query, &items, err);
	if (st || job->act.json)
		return st ? st : prl_cli_print_items(items, err);
	const json_t *first = json_array_get(items, 0), *period = json_object_get(first, "period");
	printf("%s, %s to %s\n", prl_cli_text(first, "mode"), prl_cli_text(period, "from"), prl_cli_text(period, "to"));
	json_array_foreach(items, i, one) print_measure(one);
	json_decref(items);
	return PRL_OK;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	talk_job job = { 0 };
	prl_error err = { 0 };
	int operands, status = prl_cli_options(verb, argc, argv, prl_talk_option, &job, &operands);
	if (status)
		return status;
	if (operands != 1) {
		prl_cli_say("stats: expected parley stats FOLDER");
		return CLI_BAD;
	}
	prl_status st = show(&job, argv[0], &err);
	return prl_cli_act_end(&job.act, "stats", st, &err);
}

static const char details[] = "Prints each measure with its definition, its denominator and what it does not cover, "
			      "and one line a party that\n"
			      "recorded it: calls a day, time to answer, unanswered, lead times, LATE, corrections, "
			      "crossings a day and a flight.\n"
			      "Who recorded a count is not whom it is about. Only acts of one mode count: --mode. The "
			      "node of FOLDER must run.\n"
			      "\n"
			      "exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_stats = {
	.name = "stats",
	.summary = "counts what happened on the line, by who recorded it",
	.usage = "parley stats FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
