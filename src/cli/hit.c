/* parley hit: what was hit, lined up with what had been notified. */
#include "cli/moves.h"

#include "base/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct count {
	bool given, has_max;
	json_int_t min, max;
} count_range;

typedef struct hit_job {
	const char *notice, *event, *at, *place, *name, *language, *origin, *damage;
	double accuracy_m;
	count_range killed, hurt;
	cli_act act;
} hit_job;

enum { NOTICE, EVENT, AT, PLACE, NAME, LANGUAGE, ORIGIN, DAMAGE, ACCURACY, KILLED, HURT };

static const cli_option options[] = {
	{ "--notice", "NOTICE", "what was hit, by the name or id of its notice (default: none, or not known)", NOTICE },
	{ "--event", "ID", "a further account of the event whose first account has this id", EVENT },
	{ "--at", "TIME", "when, RFC 3339 (default: now)", AT },
	{ "--place", "POSITION", "where, as `parley check` reads positions", PLACE },
	{ "--accuracy", "M", "the place is right within this, metres", ACCURACY },
	{ "--name", "TEXT", "what people call the place", NAME },
	{ "--killed", "N[..M]", "at least N, at most M", KILLED },
	{ "--hurt", "N[..M]", "at least N, at most M", HURT },
	{ "--damage", "TEXT", "things, as said: 17 trucks", DAMAGE },
	{ "--origin", "WHO", "who saw or counted it (default: your party)", ORIGIN },
	{ "--language", "L", "of the words, BCP 47 (default: en)", LANGUAGE },
	CLI_ACT_OPTIONS,
};

static prl_status set_range(const char *text, count_range *ret, prl_error *err)
{
	char *end;
	*ret = (count_range){ .given = true };
	ret->min = strtol(text, &end, 10);
	bool good = end != text && ret->min >= 0;
	if (good && !strncmp(end, "..", 2)) {
		const char *from = end + 2;
		ret->has_max = true;
		ret->max = strtol(from, &end, 10);
		good = end != from && ret->max >= ret->min;
	}
	if (good && !*end)
		return PRL_OK;
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is no count; expected 10, or 10..18", text);
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	hit_job *job = context;
	const char **texts[] = {
		[NOTICE] = &job->notice, [EVENT] = &job->event,       [AT] = &job->at,         [PLACE] = &job->place,
		[NAME] = &job->name,     [LANGUAGE] = &job->language, [ORIGIN] = &job->origin, [DAMAGE] = &job->damage
	};
	switch (id) {
	case ACCURACY:
		return prl_cli_number(value, 0, 1000000, "metres", &job->accuracy_m, err);
	case KILLED:
		return set_range(value, &job->killed, err);
	case HURT:
		return set_range(value, &job->hurt, err);
	default:
		if (id >= CLI_ACT_KEY)
			return prl_cli_act_option(&job->act, id, value, err);
		*texts[id] = value;
		return PRL_OK;
	}
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

static void put_range(json_t *body, const char *name, const count_range *range)
{
	if (!range->given)
		return;
	json_t *json = json_pack("{s:I}", "min", range->min);
	if (range->has_max)
		(void)json_object_set_new(json, "max", json_integer(range->max));
	(void)json_object_set_new(body, name, json);
}

static void put_place(json_t *body, const hit_job *job)
{
	if (!job->place)
		return;
	json_t *place = json_pack("{s:s}", "position", job->place);
	prl_cli_set(place, "name", job->name);
	if (job->accuracy_m > 0)
		(void)json_object_set_new(place, "accuracy_m", json_real(job->accuracy_m));
	(void)json_object_set_new(body, "place", place);
}

static prl_status run_report(void *context, char **operands, int count, prl_error *err)
{
	hit_job *job = context;
	char at[PRL_TIME_TEXT_MAX];
	json_t *notice = NULL;
	prl_filed filed;
	(void)count;
	prl_status st = prl_cli_instant(job->at, at, err);
	if (!st && job->notice)
		st = prl_cli_notice(&job->act, "receipts", job->notice, &notice, err);
	if (st)
		return st;
	json_t *body = json_pack("{s:s, s:s, s:s}", "time", at, "words", operands[1], "language",
				 job->language ? job->language : "en");
	prl_cli_set(body, "notice", notice ? prl_cli_text(notice, "notice") : NULL);
	prl_cli_set(body, "event", job->event);
	prl_cli_set(body, "origin", job->origin);
	prl_cli_set(body, "damage", job->damage);
	put_range(body, "killed", &job->killed);
	put_range(body, "hurt", &job->hurt);
	put_place(body, job);
	json_decref(notice);
	st = prl_cli_act_file(&job->act, "hit.reported", body, &filed, err);
	if (!st && !job->act.json)
		puts("If it goes on: parley stop rings at all parties at once.");
	return st;
}

/* ---- the register ------------------------------------------------------------------------------------------------ */

static void print_range(const json_t *event, const char *name)
{
	const json_t *range = json_object_get(event, name);
	json_int_t min = json_integer_value(json_object_get(range, "min")),
		   max = json_integer_value(json_object_get(range, "max"));
	if (!json_is_object(range))
		return;
	printf("  %s: %lld", name, (long long)min);
	if (max != min)
		printf(" to %lld", (long long)max);
	printf("%s, by what accounts say; never added up\n",
	       json_is_true(json_object_get(range, "or_more")) ? " or more" : "");
}

static void print_notice(const json_t *notice)
{
	char age[40];
	const json_t *one;
	size_t i;
	if (!json_is_object(notice))
		return;
	prl_cli_age(json_integer_value(json_object_get(notice, "age_s")), age);
	if (json_is_true(json_object_get(notice, "filed_before")))
		printf("  notice %s (%s) was %s old\n", prl_cli_text(notice, "name"), prl_cli_text(notice, "kind"),
		       age);
	else
		printf("  notice %s (%s) was filed after it\n", prl_cli_text(notice, "name"),
		       prl_cli_text(notice, "kind"));
	json_array_foreach(json_object_get(notice, "read_by"), i, one)
	{
		prl_cli_age(json_integer_value(json_object_get(one, "read_for_s")), age);
		printf("  %s had read %s, first %s before\n", prl_cli_text(one, "party"), prl_cli_text(one, "of"), age);
	}
	json_array_foreach(json_object_get(notice, "not_read_by"), i, one)
		printf("  %s had not read it\n", json_string_value(one));
}

static void print_event(const json_t *event)
{
	const json_t *one;
	size_t i;
	printf("%.12s  %zu accounts, %lld origins\n", prl_cli_text(event, "event"),
	       json_array_size(json_object_get(event, "accounts")),
	       (long long)json_integer_value(json_object_get(event, "origin_count")));
	json_array_foreach(json_object_get(event, "accounts"), i, one) printf(
		"  %s, %s: %s\n", prl_cli_text(one, "at"), prl_cli_text(one, "party"), prl_cli_text(one, "words"));
	print_range(event, "killed");
	print_range(event, "hurt");
	print_notice(json_object_get(event, "notice"));
}

static prl_status run_list(void *context, char **operands, int count, prl_error *err)
{
	hit_job *job = context;
	char query[400] = "";
	json_t *items = NULL;
	const json_t *one;
	size_t i;
	prl_status st = count > 1 ? prl_cli_query("notice", operands[1], query, sizeof query, err) : PRL_OK;
	if (!st)
		st = prl_cli_act_items(&job->act, "hits", count > 1 ? query : NULL, &items, err);
	if (!st && job->act.json)
		return prl_cli_print_items(items, err);
	json_array_foreach(items, i, one) print_event(one);
	json_decref(items);
	return st;
}

static const cli_deed deeds[] = {
	{ "report", "FOLDER WORDS", 2, 2, run_report },
	{ "list", "FOLDER [NOTICE]", 1, 2, run_list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	hit_job job = { 0 };
	return prl_cli_deeds_run(verb, argc, argv, set_option, deeds, sizeof deeds / sizeof *deeds, &job, &job.act,
				 NULL);
}

static const char details[] =
	"report  one account of what was hit, in your words; any party may\n"
	"list    the register: how old the notice was, who had read it at that instant and for how long, who had not.\n"
	"        It never says who did it. Figures of accounts of one event are a range, never a sum\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_hit = {
	.name = "hit",
	.summary = "reports what was hit, and lists who had read its notice",
	.usage = "parley hit report|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
