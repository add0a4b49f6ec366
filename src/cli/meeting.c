/* parley call: meetings, and calls by voice between rungs of the ladder: asked, agreed in principle, fixed, held. */
#include "cli/talk.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cli_option options[] = {
	TALK_TO_OPTION,
	{ "--kind", "KIND", "ask: call or meeting (default: call)", TALK_KIND },
	{ "--level", "LEVEL",
	  "ask: between which rungs: desk, deputy, duty colonel, director,\n"
	  "commander, chief, minister, head of state",
	  TALK_LEVEL },
	{ "--at", "TIME", "ask, fix: when: +60min, 13:52Z, 2016-09-17T12:55:00Z; action: by when", TALK_AT },
	{ "--from", "TIME", "ask: not before; held: when it began", TALK_FROM },
	{ "--until", "TIME", "ask: not after; held: when it ended", TALK_UNTIL },
	{ "--place", "NAME", "ask, fix: where (default: not stated)", TALK_PLACE },
	{ "--agenda", "WORDS", "ask: what is to be spoken of; once a point", TALK_AGENDA },
	{ "--by", "PARTY", "action: the party that is to do it", TALK_BY },
	{ "--number", "N", "done: which of the actions of that id (default: 1)", TALK_NUMBER },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

static prl_status window(const talk_job *job, json_t *body, prl_error *err)
{
	json_t *times = json_object();
	prl_status st = prl_talk_time(job, TALK_FROM, times, "from", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, times, "to", err);
	if (!st && json_object_size(times))
		(void)json_object_set(body, "window", times);
	json_decref(times);
	return st;
}

static prl_status ask(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_pack("{s:s}", "kind", job->text[TALK_KIND] ? job->text[TALK_KIND] : "call");
	json_t *agenda = json_array();
	prl_talk_words(job, body, "text", count > 1 ? operands[1] : NULL);
	prl_cli_set(body, "level", job->text[TALK_LEVEL]);
	for (size_t i = 0; i < job->agenda_count; i++) {
		json_t *point = json_object();
		prl_cli_set_words(point, job->agenda[i], job->text[TALK_LANGUAGE]);
		json_array_append_new(agenda, point);
	}
	if (job->agenda_count)
		(void)json_object_set(body, "agenda", agenda);
	json_decref(agenda);
	prl_status st = prl_talk_common(job, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_AT, body, "at", err);
	if (!st)
		st = window(job, body, err);
	return prl_talk_file(job, st, "meeting.asked", body, err);
}

/* meeting.changed about the meeting of that id; NULL with err where there is none. */
static prl_status change(talk_job *job, const char *id, const char *says, json_t **ret, prl_error *err)
{
	json_t *meeting = NULL;
	prl_status st = prl_talk_find(job, "meetings", id, &meeting, err);
	if (!st)
		*ret = json_pack("{s:s, s:s}", "meeting", prl_cli_text(meeting, "id"), "says", says);
	json_decref(meeting);
	return st;
}

static prl_status say(void *context, char **operands, int count, const char *says, prl_error *err)
{
	talk_job *job = context;
	json_t *body = NULL;
	prl_status st = change(job, operands[1], says, &body, err);
	if (st)
		return st;
	prl_talk_words(job, body, "text", count > 2 ? operands[2] : NULL);
	if (job->text[TALK_PLACE])
		(void)json_object_set_new(body, "place", json_pack("{s:s}", "name", job->text[TALK_PLACE]));
	st = prl_talk_time(job, TALK_AT, body, "at", err);
	if (!st)
		st = prl_talk_time(job, TALK_FROM, body, "from", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	return prl_talk_file(job, st, "meeting.changed", body, err);
}

static prl_status agree(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "agreed in principle", err);
}

static prl_status decline(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "declined", err);
}

static prl_status fix(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	if (!job->text[TALK_AT])
		return prl_error_set(err, PRL_E_SYNTAX, "when: expected --at");
	return say(context, operands, count, "fixed", err);
}

static prl_status held(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "held", err);
}

static prl_status not_held(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, count, "not held", err);
}

static prl_status minutes(void *context, char **operands, int count, prl_error *err)
{
	json_t *body = NULL;
	(void)count;
	prl_status st = change(context, operands[1], "minutes", &body, err);
	if (!st)
		prl_talk_words(context, body, "minutes", operands[2]);
	return st ? st : prl_talk_file(context, st, "meeting.changed", body, err);
}

/* The meeting that has something said of that id, which says that; and the whole id. */
static prl_status find_said(talk_job *job, const char *says, const char *id, json_t **ret_body, char full[80],
			    prl_error *err)
{
	json_t *items = NULL, *meeting, *one;
	size_t i, k, found = 0;
	prl_status st = prl_cli_act_items(&job->act, "meetings", NULL, &items, err);
	json_array_foreach(items, i, meeting)
	{
		json_array_foreach(json_object_get(meeting, "said"), k, one)
		{
			if (strcmp(prl_cli_text(one, "says"), says) != 0 ||
			    strncmp(prl_cli_text(one, "id"), id, strlen(id)) != 0)
				continue;
			if (!found++)
				st = change(job, prl_cli_text(meeting, "id"), "", ret_body, err);
			(void)snprintf(full, 80, "%s", prl_cli_text(one, "id"));
		}
	}
	json_decref(items);
	if (st || found == 1)
		return st;
	if (found)
		json_decref(*ret_body);
	return prl_error_set(err, PRL_E_NOT_FOUND, "%zu %s whose id begins with %.60s; expected one", found, says, id);
}

static prl_status agree_minutes(void *context, char **operands, int count, prl_error *err)
{
	json_t *body = NULL;
	char full[80];
	(void)count;
	prl_status st = find_said(context, "minutes", operands[1], &body, full, err);
	if (st)
		return st;
	prl_cli_set(body, "says", "minutes agreed");
	prl_cli_set(body, "of", full);
	return prl_talk_file(context, st, "meeting.changed", body, err);
}

static prl_status action(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = NULL, *one = json_object();
	(void)count;
	prl_status st = job->text[TALK_BY] && job->text[TALK_AT]
				? prl_talk_time(job, TALK_AT, one, "due", err)
				: prl_error_set(err, PRL_E_SYNTAX, "who and by when: expected --by and --at");
	prl_cli_set(one, "by", job->text[TALK_BY]);
	prl_talk_words(job, one, "text", operands[2]);
	if (!st)
		st = change(job, operands[1], "action", &body, err);
	if (!st)
		(void)json_object_set_new(body, "actions", json_pack("[O]", one));
	json_decref(one);
	return st ? st : prl_talk_file(job, st, "meeting.changed", body, err);
}

static prl_status done(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = NULL;
	char full[80];
	double number = 1;
	prl_status st = PRL_OK;
	if (job->text[TALK_NUMBER])
		st = prl_cli_number(job->text[TALK_NUMBER], 1, 50, "a number", &number, err);
	if (!st)
		st = find_said(job, "action", operands[1], &body, full, err);
	if (st)
		return st;
	prl_cli_set(body, "says", "action done");
	prl_cli_set(body, "action", full);
	(void)json_object_set_new(body, "number", json_integer((json_int_t)number));
	prl_talk_words(job, body, "text", count > 2 ? operands[2] : NULL);
	return prl_talk_file(job, st, "meeting.changed", body, err);
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

static void print_sides(const json_t *meeting)
{
	const json_t *sides = json_object_get(meeting, "sides"), *one;
	size_t i;
	json_array_foreach(sides, i, one)
	{
		const json_t *fixed = json_object_get(one, "fixed"), *outcome = json_object_get(one, "held");
		const char *place = prl_cli_text(json_object_get(fixed, "place"), "name");
		printf("  %s: %s", prl_cli_text(one, "party"), prl_cli_text(one, "says"));
		if (json_is_object(fixed))
			printf("; fixed %s, place %s", prl_cli_text(fixed, "at"), *place ? place : "not stated");
		printf("%s%s\n", json_is_object(outcome) ? "; " : "", prl_cli_text(outcome, "says"));
	}
}

static void print_one(const json_t *meeting)
{
	const json_t *one, *minutes_of = json_object_get(meeting, "minutes"),
			   *actions = json_object_get(meeting, "actions");
	const char *level = prl_cli_text(meeting, "level");
	char age[40];
	size_t i;
	printf("  %s: %s, level %s\n", prl_cli_text(meeting, "kind"), prl_cli_text(meeting, "state"),
	       *level ? level : "not stated");
	print_sides(meeting);
	if (json_is_integer(json_object_get(meeting, "silent_s"))) {
		prl_cli_age(json_integer_value(json_object_get(meeting, "silent_s")), age);
		printf("  its time is over, and nobody has said whether it was held: %s\n", age);
	}
	json_array_foreach(minutes_of, i, one)
		printf("  minutes %.10s of %s, %s: %s\n", prl_cli_text(one, "id"), prl_cli_text(one, "party"),
		       json_is_true(json_object_get(one, "agreed")) ? "agreed" : "its own", prl_talk_text(one, "text"));
	json_array_foreach(actions, i, one)
		printf("  action %.10s/%lld, %s, by %s: %s: %s\n", prl_cli_text(one, "id"),
		       (long long)json_integer_value(json_object_get(one, "number")), prl_cli_text(one, "by"),
		       prl_cli_text(one, "due"), prl_cli_text(one, "state"), prl_talk_text(one, "text"));
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "meetings", print_one, err);
}

static const cli_deed deeds[] = {
	{ "ask", "FOLDER [WORDS]", 1, 2, ask },
	{ "agree", "FOLDER ID [WORDS]", 2, 3, agree },
	{ "decline", "FOLDER ID [WORDS]", 2, 3, decline },
	{ "fix", "FOLDER ID [WORDS]", 2, 3, fix },
	{ "held", "FOLDER ID [WORDS]", 2, 3, held },
	{ "not-held", "FOLDER ID [WORDS]", 2, 3, not_held },
	{ "minutes", "FOLDER ID WORDS", 3, 3, minutes },
	{ "agree-minutes", "FOLDER MINUTES", 2, 2, agree_minutes },
	{ "action", "FOLDER ID WORDS", 3, 3, action },
	{ "done", "FOLDER ACTION [WORDS]", 2, 3, done },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] =
	"ask            for a call or a meeting; what is not given is not stated\n"
	"agree          in principle\n"
	"decline        and why, in WORDS\n"
	"fix            when and where; it is fixed when all sides fix the same\n"
	"held           it took place; not-held: it did not\n"
	"minutes        your own, until every other side agrees to them with agree-minutes\n"
	"action         gives an action to a party, with a date; that party says when it is done\n"
	"list           all of them, with what each side says\n"
	"\n"
	"An id is given in full, or by its first four characters or more. To ring at a person now use parley stop, "
	"urgent\n"
	"or distress. The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_meeting = {
	.name = "call",
	.summary = "arranges calls and meetings, with minutes and actions",
	.usage = "parley call ask|agree|decline|fix|held|not-held|minutes|agree-minutes|action|done|list FOLDER "
		 "[operand…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
