/* parley disavow: "forces in this area during this time are not ours", and what is said of it later. */
#include "cli/talk.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	TALK_TO_OPTION,
	{ "--position", "POSITION", "area: its middle, in any notation", TALK_POSITION },
	{ "--radius", "R", "area: a number with m, km, NM, ft or mi", TALK_RADIUS },
	{ "--from", "TIME", "area: from when on: now, -60min, 13:52Z, … (default: now)", TALK_FROM },
	{ "--until", "TIME", "area: until when (default: until something else is said)", TALK_UNTIL },
	{ "--forces", "WORDS", "area: which forces (default: all in the area)", TALK_FORCES },
	{ "--by", "ROLE", "who says it, by role; dispute: whose words WORDS cites", TALK_BY },
	{ "--level", "LEVEL", "area: on which rung of the ladder: desk, duty colonel, commander, minister, …",
	  TALK_LEVEL },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status area(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_object();
	prl_talk_words(job, body, "text", count > 1 ? operands[1] : NULL);
	prl_cli_set(body, "forces", job->text[TALK_FORCES]);
	prl_cli_set(body, "by", job->text[TALK_BY]);
	prl_cli_set(body, "level", job->text[TALK_LEVEL]);
	if (!job->text[TALK_FROM])
		job->text[TALK_FROM] = "now";
	prl_status st = prl_talk_common(job, body, err);
	if (!st && !job->text[TALK_POSITION])
		st = prl_error_set(err, PRL_E_SYNTAX, "which area: expected --position and --radius");
	if (!st)
		st = prl_talk_area(job, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_FROM, body, "from", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	return prl_talk_file(job, st, "disavowal.made", body, err);
}

static prl_status dispute(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *disavowal = NULL;
	(void)count;
	prl_status st = prl_talk_find(job, "disavowals", operands[1], &disavowal, err);
	if (st)
		return st;
	json_t *body = json_pack("{s:s}", "disavowal", prl_cli_text(disavowal, "id"));
	json_decref(disavowal);
	prl_talk_words(job, body, "text", operands[2]);
	if (job->text[TALK_BY]) {
		json_t *cites = json_pack("{s:s}", "by", job->text[TALK_BY]);
		prl_talk_words(job, cites, "text", operands[2]);
		(void)json_object_set_new(body, "cites", cites);
	}
	return prl_talk_file(job, st, "disavowal.disputed", body, err);
}

static void print_one(const json_t *disavowal)
{
	const char *forces = prl_cli_text(disavowal, "forces"), *until = prl_cli_text(disavowal, "to_time");
	const json_t *areas = json_object_get(disavowal, "areas"), *states = json_object_get(disavowal, "states"), *one;
	size_t i;
	printf("  not ours: %s, %s to %s%s\n", *forces ? forces : "all forces there", prl_cli_text(disavowal, "from"),
	       *until ? until : "not stated", json_is_true(json_object_get(disavowal, "in_force")) ? ", now" : "");
	json_array_foreach(areas, i, one)
	{
		const char *place = prl_cli_text(one, "place");
		printf("  area: %s, %g m\n", *place ? place : "as filed",
		       json_number_value(json_object_get(one, "radius_m")));
	}
	json_array_foreach(states, i, one) printf("  %s\n", json_string_value(one));
	prl_talk_print_said(disavowal);
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "disavowals", print_one, err);
}

static const cli_deed deeds[] = {
	{ "area", "FOLDER [WORDS]", 1, 2, area },
	{ "dispute", "FOLDER ID WORDS", 3, 3, dispute },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"area     forces in this area during this time are not ours; it stays, whatever is said later\n"
	"dispute  says that it is otherwise: another party's disavowal, or the own one\n"
	"list     all disavowals with what has been said of them; parley says nothing of which is right\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_disavow = {
	.name = "disavow",
	.summary = "says that forces in an area are not ours, or disputes it",
	.usage = "parley disavow area|dispute|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
