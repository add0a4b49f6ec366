/* parley movement: where a convoy stands, as its organisation says; what follows from that. */
#include "cli/ack.h"
#include "cli/moves.h"

#include "base/error.h"
#include "line/movement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct movement_job {
	const char *at, *place, *name, *next, *words, *language, *reported_by;
	double accuracy_m;
	bool unloading, no_update, found;
	cli_act act;
} movement_job;

enum { AT, PLACE, ACCURACY, NAME, NEXT, UNLOADING, REPORTED_BY, WORDS, LANGUAGE, NO_UPDATE };

static const cli_option options[] = {
	{ "--at", "TIME", "when it was so, RFC 3339 (default: now)", AT },
	{ "--place", "POSITION",
	  "where, as `parley check` reads positions; rounded before it is signed, as\nthe movement's choice says "
	  "(positions)",
	  PLACE },
	{ "--accuracy", "M", "the place is right within this, metres (default: what its digits say)", ACCURACY },
	{ "--name", "TEXT", "what people call the place; left out where positions are not exact", NAME },
	{ "--next", "TIME", "the next check-in will be then (default: as planned)", NEXT },
	{ "--unloading", NULL, "stopped: loads are taken off", UNLOADING },
	{ "--reported-by", "WHO", "who said so, where you report for somebody else", REPORTED_BY },
	{ "--words", "TEXT", "anything else, as said", WORDS },
	{ "--language", "L", "of --words, BCP 47 (default: en)", LANGUAGE },
	{ "--no-update", NULL, "off route: do not update the notice with the place", NO_UPDATE },
	CLI_ACT_OPTIONS,
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	movement_job *job = context;
	const char **texts[] = { [AT] = &job->at,
				 [PLACE] = &job->place,
				 [NAME] = &job->name,
				 [NEXT] = &job->next,
				 [REPORTED_BY] = &job->reported_by,
				 [WORDS] = &job->words,
				 [LANGUAGE] = &job->language };
	switch (id) {
	case ACCURACY:
		return prl_cli_number(value, 0, 1000000, "metres", &job->accuracy_m, err);
	case UNLOADING:
		job->unloading = true;
		return PRL_OK;
	case NO_UPDATE:
		job->no_update = true;
		return PRL_OK;
	default:
		if (id >= CLI_ACT_KEY)
			return prl_cli_act_option(&job->act, id, value, err);
		*texts[id] = value;
		return PRL_OK;
	}
}

/* ---- what is said ------------------------------------------------------------------------------------------------ */

static prl_status set_place(const movement_job *job, const json_t *item, json_t *body, prl_error *err)
{
	const char *positions = prl_cli_text(item, "positions");
	json_t *place = NULL;
	if (!job->place)
		return PRL_OK;
	prl_status st = prl_movement_round(job->place, job->accuracy_m, positions, &place, err);
	if (st)
		return prl_error_at(err, st, "--place");
	if (place && job->name && !strcmp(positions, "exact"))
		prl_cli_set(place, "name", job->name);
	if (place)
		(void)json_object_set_new(body, "place", place);
	return PRL_OK;
}

static prl_status report_body(const movement_job *job, const json_t *item, const char *state, json_t **ret,
			      prl_error *err)
{
	char at[PRL_TIME_TEXT_MAX], next[PRL_TIME_TEXT_MAX];
	prl_status st = prl_cli_instant(job->at, at, err);
	if (!st && job->next)
		st = prl_cli_instant(job->next, next, err);
	if (st)
		return st;
	json_t *body = json_pack("{s:s, s:s, s:s}", "notice", prl_cli_text(item, "notice"), "state", state, "at", at);
	st = set_place(job, item, body, err);
	if (st) {
		json_decref(body);
		return st;
	}
	prl_cli_set(body, "next", job->next ? next : NULL);
	prl_cli_set(body, "reported_by", job->reported_by);
	prl_cli_set_words(body, job->words, job->language);
	if (job->unloading)
		(void)json_object_set_new(body, "unloading", json_true());
	*ret = body;
	return PRL_OK;
}

/* ---- a fresh place ----------------------------------------------------------------------------------------------- */

/* Off route: the notice gets an UPDATE with the place, so that it is looked at against everything, and read anew. */
static prl_status update_place(movement_job *job, const char *name, const json_t *area, prl_error *err)
{
	char query[400];
	json_t *notices = NULL, *body = NULL;
	prl_filed filed;
	prl_status st = prl_cli_query("id", name, query, sizeof query, err);
	if (!st)
		st = prl_cli_act_items(&job->act, "notices", query, &notices, err);
	if (st)
		return st;
	const json_t *notice = json_array_get(notices, 0);
	json_t *details = prl_cli_details_with_area(notice, area);
	st = details ? prl_cli_details_update(&job->act, notice, details, CLI_REASON_DIFFERS, &body, err)
		     : prl_error_set(err, PRL_E_NOT_FOUND, "%s: its details are not here, so they cannot be updated",
				     prl_cli_text(notice, "name"));
	json_decref(details);
	json_decref(notices);
	return st ? st : prl_cli_act_file(&job->act, "notice.updated", body, &filed, err);
}

static prl_status look_again(movement_job *job, const char *name, prl_error *err)
{
	json_t *item = NULL;
	prl_status st = prl_cli_notice(&job->act, "movements", name, &item, err);
	if (st)
		return st;
	const char *answer = prl_cli_text(json_object_get(item, "route"), "answer");
	if (!job->act.json && *prl_cli_text(item, "text"))
		puts(prl_cli_text(item, "text"));
	if (!strcmp(answer, "OFF ROUTE") && !job->no_update)
		st = update_place(job, name, json_object_get(item, "update"), err);
	json_decref(item);
	return st;
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

static prl_status report(movement_job *job, const char *name, const char *state, prl_error *err)
{
	json_t *item = NULL, *body = NULL;
	prl_filed filed;
	prl_status st = prl_cli_notice(&job->act, "movements", name, &item, err);
	/* Said before it departs; it blocks nothing. */
	if (!st && !strcmp(state, "departed") && !job->act.json && *prl_cli_text(item, "not_read_text"))
		puts(prl_cli_text(item, "not_read_text"));
	if (!st)
		st = report_body(job, item, state, &body, err);
	if (!st)
		st = prl_cli_act_file(&job->act, "movement.reported", body, &filed, err);
	if (!st && job->place)
		st = look_again(job, name, err);
	json_decref(item);
	return st;
}

#define REPORT(fn, state)                                                                                              \
	static prl_status fn(void *context, char **operands, int count, prl_error *err)                                \
	{                                                                                                              \
		(void)count;                                                                                           \
		return report(context, operands[1], state, err);                                                       \
	}
REPORT(run_departed, "departed")
REPORT(run_check_in, "checked in")
REPORT(run_stopped, "stopped")
REPORT(run_arrived, "arrived")

/* By whichever desk: the report may have come from a phone without this program. */
static prl_status run_update(void *context, char **operands, int count, prl_error *err)
{
	movement_job *job = context;
	json_t *item = NULL;
	(void)count;
	prl_status st = prl_cli_notice(&job->act, "movements", operands[1], &item, err);
	const json_t *area = json_object_get(item, "update");
	if (!st && !json_is_object(area))
		st = prl_error_set(err, PRL_E_REFUSED,
				   "%s is not off route: its notice holds the place, or none was reported",
				   operands[1]);
	if (!st) {
		job->act.session.mode = prl_ack_mode(item);
		st = update_place(job, operands[1], area, err);
	}
	json_decref(item);
	return st;
}

static prl_status run_positions(void *context, char **operands, int count, prl_error *err)
{
	movement_job *job = context;
	json_t *item = NULL, *body = NULL;
	prl_filed filed;
	(void)count;
	prl_status st = prl_cli_notice(&job->act, "movements", operands[1], &item, err);
	if (!st)
		st = report_body(job, item, "planned", &body, err);
	if (!st) {
		prl_cli_set(body, "positions", operands[2]);
		st = prl_cli_act_file(&job->act, "movement.reported", body, &filed, err);
	}
	json_decref(item);
	return st;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static void print_item(const json_t *item)
{
	char age[40];
	const json_t *reported = json_object_get(item, "reported"), *route = json_object_get(item, "route");
	prl_cli_age(json_integer_value(json_object_get(reported, "age_s")), age);
	printf("%-10s %-11s %s%s%s", prl_cli_text(item, "name"), prl_cli_text(item, "state"),
	       prl_cli_text(item, "title"), json_is_object(reported) ? ", said for " : "",
	       json_is_object(reported) ? age : "");
	if (json_is_object(reported))
		printf(" ago");
	if (*prl_cli_text(item, "next_check_in"))
		printf(", next check-in %s", prl_cli_text(item, "next_check_in"));
	if (json_is_object(route))
		printf(", %s", prl_cli_text(route, "answer"));
	if (json_is_object(json_object_get(item, "late"))) {
		prl_cli_age(json_integer_value(json_object_get(json_object_get(item, "late"), "overdue_s")), age);
		printf(", LATE by %s", age);
	}
	putchar('\n');
	if (*prl_cli_text(item, "text"))
		printf("           %s\n", prl_cli_text(item, "text"));
	if (*prl_cli_text(item, "not_read_text"))
		printf("           %s\n", prl_cli_text(item, "not_read_text"));
}

static prl_status list(movement_job *job, const char *name, bool only_differing, prl_error *err)
{
	char query[400] = "";
	json_t *items = NULL, *kept = json_array();
	const json_t *one;
	size_t i;
	prl_status st = name ? prl_cli_query("notice", name, query, sizeof query, err) : PRL_OK;
	if (!st)
		st = prl_cli_act_items(&job->act, "movements", name ? query : NULL, &items, err);
	json_array_foreach(items, i, one)
	{
		if (!only_differing || json_is_true(json_object_get(one, "differs")))
			(void)json_array_append(kept, (json_t *)(uintptr_t)one);
	}
	json_decref(items);
	job->found = only_differing && json_array_size(kept) > 0;
	if (!st && job->act.json)
		return prl_cli_print_items(kept, err);
	if (!st)
		json_array_foreach(kept, i, one) print_item(one);
	json_decref(kept);
	return st;
}

static prl_status run_list(void *context, char **operands, int count, prl_error *err)
{
	return list(context, count > 1 ? operands[1] : NULL, false, err);
}

static prl_status run_late(void *context, char **operands, int count, prl_error *err)
{
	(void)operands;
	(void)count;
	return list(context, NULL, true, err);
}

static const cli_deed deeds[] = {
	{ "list", "FOLDER [NOTICE]", 1, 2, run_list },
	{ "late", "FOLDER", 1, 1, run_late },
	{ "departed", "FOLDER NOTICE", 2, 2, run_departed },
	{ "check-in", "FOLDER NOTICE", 2, 2, run_check_in },
	{ "stopped", "FOLDER NOTICE", 2, 2, run_stopped },
	{ "arrived", "FOLDER NOTICE", 2, 2, run_arrived },
	{ "update", "FOLDER NOTICE", 2, 2, run_update },
	{ "positions", "FOLDER NOTICE exact|1 km|10 km|none", 3, 3, run_positions },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	movement_job job = { 0 };
	return prl_cli_deeds_run(verb, argc, argv, set_option, deeds, sizeof deeds / sizeof *deeds, &job, &job.act,
				 &job.found);
}

static const char details[] =
	"The plan of a movement is a notice (parley file, kind convoy); NOTICE is its name, un#12, or its id.\n"
	"\n"
	"list       movements planned and under way, with what follows from plan and time\n"
	"late       those that are late or off route; exit status 1 where there are any\n"
	"departed   says who has not yet read the notice, and files it all the same: departing is your decision\n"
	"check-in   under way, here now\n"
	"stopped    under way, standing\n"
	"arrived    over\n"
	"update     off route: the notice is updated with the place that was reported, by any desk\n"
	"positions  how finely places of it are shared from now on: exact, \"1 km\", \"10 km\" or none\n"
	"\n"
	"A place outside the areas of the notice, by more than its accuracy, is OFF ROUTE: parties read \"Position "
	"differs\n"
	"from plan. Still protected.\", and the notice is updated with the place, to be read anew. Where nobody\n"
	"has, each desk of the organisation is told to.\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 1 late: there are some, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_movement = {
	.name = "movement",
	.summary = "says where a convoy stands; lists those under way, late, off route",
	.usage = "parley movement list|late|departed|check-in|stopped|arrived|update|positions FOLDER [NOTICE] "
		 "[option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
