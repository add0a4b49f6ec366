/* parley bundle: what goes on being protected when a truce or the channel was declared ended. */
#include "cli/moves.h"

#include "base/error.h"
#include "cli/home.h"

#include <stdio.h>
#include <string.h>

typedef struct bundle_job {
	const char *second, *words, *language, *from;
	cli_act act;
} bundle_job;

enum { SECOND, WORDS, LANGUAGE, FROM };

static const cli_option options[] = {
	{ "--second", "KEY", "ended: the second person's key, a name or a file that ends in .key", SECOND },
	{ "--from", "TIME", "ended: over since or from then on, RFC 3339 (default: now)", FROM },
	{ "--words", "TEXT", "read: anything else, as said", WORDS },
	{ "--language", "L", "of the words, BCP 47 (default: en)", LANGUAGE },
	CLI_ACT_OPTIONS,
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	bundle_job *job = context;
	switch (id) {
	case SECOND:
		job->second = value;
		return PRL_OK;
	case FROM:
		job->from = value;
		return PRL_OK;
	case WORDS:
		job->words = value;
		return PRL_OK;
	case LANGUAGE:
		job->language = value;
		return PRL_OK;
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- which ------------------------------------------------------------------------------------------------------- */

/* By its id or the first characters of it; "last": the newest. */
static prl_status find(bundle_job *job, const char *name, json_t **ret, prl_error *err)
{
	json_t *items = NULL, *found = NULL, *one;
	size_t i, fits = 0;
	prl_status st = prl_cli_act_items(&job->act, "bundles", NULL, &items, err);
	bool last = !strcmp(name, "last");
	json_array_foreach(items, i, one)
	{
		bool fit = last ? !found || strcmp(prl_cli_text(one, "raised"), prl_cli_text(found, "raised")) > 0
				: !strncmp(prl_cli_text(one, "bundle"), name, strlen(name));
		fits += fit;
		found = fit ? one : found;
	}
	if (!st && !found)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "no bundle %.60s; expected its id, or \"last\"", name);
	if (!st && !last && fits > 1)
		st = prl_error_set(err, PRL_E_AMBIGUOUS, "%zu bundles begin with %.60s", fits, name);
	if (!st)
		*ret = json_incref(found);
	json_decref(items);
	return st;
}

/* ---- actions ----------------------------------------------------------------------------------------------------- */

static void print_movement(const json_t *movement)
{
	const json_t *one, *names = json_object_get(movement, "not_read_by");
	size_t i;
	printf("  %-10s %-11s", prl_cli_text(movement, "name"), prl_cli_text(movement, "state"));
	if (json_array_size(names))
		printf(" not read back by:");
	json_array_foreach(names, i, one) printf(" %s", json_string_value(one));
	putchar('\n');
}

static void print_bundle(const json_t *bundle)
{
	char age[40];
	const json_t *one;
	size_t i;
	prl_cli_age(json_integer_value(json_object_get(bundle, "age_s")), age);
	printf("%.12s  %s, %s ago. %s\n  %zu movements, %lld sites; taken by:", prl_cli_text(bundle, "bundle"),
	       prl_cli_text(bundle, "why"), age, prl_cli_text(bundle, "text"),
	       json_array_size(json_object_get(bundle, "movements")),
	       (long long)json_integer_value(json_object_get(bundle, "site_count")));
	json_array_foreach(json_object_get(bundle, "parties"), i, one)
	{
		if (json_is_object(json_object_get(one, "taken")))
			printf(" %s", prl_cli_text(one, "party"));
	}
	putchar('\n');
	json_array_foreach(json_object_get(bundle, "movements"), i, one) print_movement(one);
}

static prl_status run_list(void *context, char **operands, int count, prl_error *err)
{
	bundle_job *job = context;
	json_t *items = NULL;
	const json_t *one;
	size_t i;
	(void)operands;
	(void)count;
	prl_status st = prl_cli_act_items(&job->act, "bundles", NULL, &items, err);
	if (!st && job->act.json)
		return prl_cli_print_items(items, err);
	json_array_foreach(items, i, one) print_bundle(one);
	json_decref(items);
	return st;
}

static prl_status run_take(void *context, char **operands, int count, prl_error *err)
{
	bundle_job *job = context;
	json_t *bundle = NULL;
	prl_filed filed;
	(void)count;
	prl_status st = find(job, operands[1], &bundle, err);
	if (!st)
		st = prl_cli_act_file(&job->act, "bundle.taken",
				      json_pack("{s:s}", "bundle", prl_cli_text(bundle, "bundle")), &filed, err);
	json_decref(bundle);
	return st;
}

static prl_status run_read(void *context, char **operands, int count, prl_error *err)
{
	bundle_job *job = context;
	json_t *bundle = NULL, *notice = NULL;
	prl_filed filed;
	prl_status st = find(job, operands[1], &bundle, err);
	if (!st)
		st = prl_cli_notice(&job->act, "receipts", operands[2], &notice, err);
	if (!st) {
		json_t *body = json_pack("{s:s, s:s, s:s}", "bundle", prl_cli_text(bundle, "bundle"), "notice",
					 prl_cli_text(notice, "notice"), "version", prl_cli_text(notice, "version"));
		if (count > 3)
			(void)json_object_set_new(body, "read_back", json_pack("{s:s}", "words", operands[3]));
		prl_cli_set(body, "words", job->words);
		if (job->words || count > 3)
			prl_cli_set(body, "language", job->language ? job->language : "en");
		st = prl_cli_act_file(&job->act, "bundle.read", body, &filed, err);
	}
	json_decref(bundle);
	json_decref(notice);
	return st;
}

static prl_status run_ended(void *context, char **operands, int count, prl_error *err)
{
	bundle_job *job = context;
	char from[PRL_TIME_TEXT_MAX];
	prl_signer second = { 0 };
	prl_filed filed;
	(void)count;
	if (!job->second)
		return prl_error_set(err, PRL_E_SYNTAX, "--second KEY is missing: two people declare an end");
	prl_status st = job->from ? prl_cli_instant(job->from, from, err) : PRL_OK;
	if (!st)
		st = prl_home_signer(job->act.session.folder, job->second, &second, err);
	if (!st) {
		json_t *body = json_pack("{s:s, s:s, s:s}", "what", operands[1], "words", operands[2], "language",
					 job->language ? job->language : "en");
		prl_cli_set(body, "from", job->from ? from : NULL);
		st = prl_session_file(&job->act.session, "truce.ended", body, &second, &filed, err);
	}
	prl_signer_wipe(&second);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static const cli_deed deeds[] = {
	{ "list", "FOLDER", 1, 1, run_list },
	{ "take", "FOLDER BUNDLE", 2, 2, run_take },
	{ "read", "FOLDER BUNDLE NOTICE [WORDS]", 3, 4, run_read },
	{ "ended", "FOLDER AGREEMENT WORDS --second KEY", 3, 3, run_ended },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	bundle_job job = { 0 };
	return prl_cli_deeds_run(verb, argc, argv, set_option, deeds, sizeof deeds / sizeof *deeds, &job, &job.act,
				 NULL);
}

static const char details[] =
	"When a truce or the channel is declared ended, every node raises what its parties have notified to protect\n"
	"people, and each other party gets all of it as one bundle.\n"
	"\n"
	"list   bundles, who has taken them, which movements are not read back\n"
	"take   a person here has it: it rings no more. BUNDLE is its id, the beginning of it, or last\n"
	"read   reads back one movement of it, in your own words; a site needs no words\n"
	"ended  declares an agreement ended, with the words of the declaration; two people sign\n"
	"\n"
	"The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_bundle = {
	.name = "bundle",
	.summary = "takes and reads back what stays protected when a truce ends",
	.usage = "parley bundle list|take|read|ended FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
