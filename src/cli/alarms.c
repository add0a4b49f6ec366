/* parley alarms: what needs a person now; a situation of class 3 or 4 shelved until an instant, with the reason. */
#include "cli/draft.h"
#include "cli/open_items.h"
#include "cli/talk.h"
#include "cli/typed.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

typedef struct alarms_job {
	talk_job talk; /* first: what prl_talk_option() is given */
	bool found;    /* class 1 or 2 */
} alarms_job;

static const cli_option options[] = {
	{ "--desk", "DESK", "list: what this desk is to see (default: all of the party)", TALK_DESK },
	{ "--until", "TIME", "shelve: until when, 30 days at most: +60min, 13:52Z, 2016-09-17T12:55:00Z", TALK_UNTIL },
	{ "--reason", "TEXT", "shelve: why, for people", TALK_REASON },
	CLI_ACT_OPTIONS,
};

/* ---- list -------------------------------------------------------------------------------------------------------- */

static json_int_t class_of(const json_t *alarm)
{
	return json_integer_value(json_object_get(alarm, "class"));
}

static void print_one(const json_t *alarm)
{
	char age[40], left[40];
	json_int_t due_in = json_integer_value(json_object_get(alarm, "due_in_s"));
	prl_cli_age(json_integer_value(json_object_get(alarm, "age_s")), age);
	prl_cli_age(due_in < 0 ? -due_in : due_in, left);
	printf("%lld %s  %s\n", (long long)class_of(alarm), prl_cli_text(alarm, "class_name"),
	       prl_cli_text(alarm, "text"));
	printf("  since %s (%s), due %s (%s%s), owner %s\n", prl_cli_text(alarm, "since"), age,
	       prl_cli_text(alarm, "due"), due_in < 0 ? "OVERDUE by " : "in ", left, prl_cli_text(alarm, "owner"));
	printf("  do: %s\n  %s\n", prl_cli_text(alarm, "act"), prl_cli_text(alarm, "situation"));
}

static void print_alarms(const json_t *items)
{
	const json_t *one;
	size_t i, shelved = 0;
	json_array_foreach(items, i, one)
	{
		if (json_is_object(json_object_get(one, "shelved")))
			shelved++;
		else
			print_one(one);
	}
	if (shelved == json_array_size(items))
		puts("nothing needs a person now");
	if (shelved)
		printf("%zu shelved\n", shelved);
}

static prl_status alarms_of(talk_job *job, json_t **ret, prl_error *err)
{
	char query[600] = "";
	const char *desk = job->text[TALK_DESK];
	prl_status st = desk ? prl_cli_query("desk", desk, query, sizeof query, err) : PRL_OK;
	return st ? st : prl_cli_act_items(&job->act, "alarms", desk ? query : NULL, ret, err);
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	alarms_job *job = context;
	json_t *items = NULL;
	const json_t *one;
	size_t i;
	prl_status st = alarms_of(&job->talk, &items, err);
	(void)operands, (void)count;
	if (st)
		return st;
	json_array_foreach(items, i, one) job->found = job->found || class_of(one) < 3;
	if (job->talk.act.json)
		return prl_cli_print_items(items, err);
	print_alarms(items);
	json_decref(items);
	return PRL_OK;
}

/* ---- shelves ----------------------------------------------------------------------------------------------------- */

static prl_status find(talk_job *job, const char *situation, json_t **ret, prl_error *err)
{
	json_t *items = NULL, *one, *found = NULL;
	size_t i;
	prl_status st = prl_cli_act_items(&job->act, "alarms", NULL, &items, err);
	if (st)
		return st;
	json_array_foreach(items, i, one)
	{
		if (strcmp(prl_cli_text(one, "situation"), situation) == 0)
			found = one;
	}
	*ret = json_incref(found);
	json_decref(items);
	return found ? PRL_OK
		     : prl_error_set(err, PRL_E_NOT_FOUND,
				     "no alarm has the situation \"%.100s\"; `parley alarms FOLDER` shows them",
				     situation);
}

static prl_status shelve(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = &((alarms_job *)context)->talk;
	json_t *alarm = NULL, *until = NULL, *body;
	(void)count;
	if (!job->text[TALK_UNTIL] || !job->text[TALK_REASON])
		return prl_error_set(err, PRL_E_SYNTAX, "shelving needs --until and --reason");
	prl_status st = find(job, operands[1], &alarm, err);
	if (!st && class_of(alarm) < 3)
		st = prl_error_set(err, PRL_E_REFUSED, "it is of class %lld; only classes 3 and 4 are shelved",
				   (long long)class_of(alarm));
	if (!st)
		st = prl_typed_time_json(job->text[TALK_UNTIL], prl_draft_clock(), &until, err);
	body = st ? NULL : prl_open_shelved(alarm, until, job->text[TALK_REASON]);
	json_decref(alarm);
	if (!st && !body)
		st = prl_error_set(err, PRL_E_SYNTAX, "--reason: the text is not UTF-8");
	return prl_talk_file(job, st, "alarm.shelved", body, err);
}

static prl_status unshelve(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = &((alarms_job *)context)->talk;
	json_t *alarm = NULL;
	(void)count;
	prl_status st = find(job, operands[1], &alarm, err);
	if (!st && !json_is_object(json_object_get(alarm, "shelved")))
		st = prl_error_set(err, PRL_E_REFUSED, "it is not shelved");
	json_t *unshelved = st ? NULL : prl_open_unshelved(alarm);
	json_decref(alarm);
	return prl_talk_file(job, st, "alarm.shelved", unshelved, err);
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static const cli_deed deeds[] = {
	{ "list", "FOLDER", 1, 1, list },
	{ "shelve", "FOLDER SITUATION", 2, 2, shelve },
	{ "unshelve", "FOLDER SITUATION", 2, 2, unshelve },
};

static bool names_deed(const char *word)
{
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (!strcmp(word, deeds[i].name))
			return true;
	return false;
}

/* `parley alarms FOLDER` is `parley alarms list FOLDER`: nothing is to stand between a person and the list. */
static int run(const cli_verb *verb, int argc, char **argv)
{
	alarms_job job = { 0 };
	char *with[64] = { argv[0], (char[]){ "list" } };
	bool add = argc > 1 && !names_deed(argv[1]) && argc + 1 < 64;
	for (int i = 1; add && i < argc; i++)
		with[i + 1] = argv[i];
	return prl_cli_deeds_run(verb, add ? argc + 1 : argc, add ? with : argv, prl_talk_option, deeds,
				 sizeof deeds / sizeof *deeds, &job, &job.talk.act, &job.found);
}

static const char details[] =
	"list      (also without the word: parley alarms FOLDER) what needs a person now, the most urgent first:\n"
	"          class, words, since, due, owner, what to do, situation; what is shelved as a count\n"
	"shelve    a situation of class 3 or 4, as the list has it, until TIME; it comes back by itself where it\n"
	"          begins earlier, comes closer or lasts longer than it did\n"
	"unshelve  a situation that is shelved\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 1 list: there is an alarm of class 1 or 2, 2 bad use or refused,\n"
	"3 the machine failed\n";

const cli_verb prl_cli_alarms = {
	.name = "alarms",
	.summary = "what needs a person now",
	.usage = "parley alarms [list|shelve|unshelve] FOLDER [SITUATION] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
