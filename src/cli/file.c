/* parley file: a notice, from a file or wholly by options. */
#include "cli/act.h"
#include "cli/draft.h"
#include "cli/readout.h"
#include "cli/seen.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct file_job {
	cli_act act;
	draft draft;
	double wait_s;
	int languages[2];
	bool read_out, dry;
} file_job;

enum { WAIT, READ_OUT, DRY };

static const cli_option options[] = {
	DRAFT_WHAT_OPTIONS,
	{ "--read-out", "L,L",
	  "print it as a script for the telephone, with blanks for the read-back:\ntwo of " PRL_READOUT_LANGUAGES,
	  READ_OUT },
	{ "--dry-run", NULL, "print the details as JSON and file nothing", DRY },
	{ "--wait", "S", "wait up to S seconds until every other node has it, and print who has", WAIT },
	CLI_ACT_OPTIONS,
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	file_job *job = context;
	switch (id) {
	case WAIT:
		return prl_cli_number(value, 0, 86400, "seconds", &job->wait_s, err);
	case READ_OUT:
		job->read_out = true;
		return prl_readout_languages(value, job->languages, err);
	case DRY:
		job->dry = true;
		return PRL_OK;
	default:
		return prl_draft_is_option(id) ? prl_draft_option(&job->draft, id, value, err)
					       : prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

static prl_status wait_for(file_job *job, const char *id, json_t **ret, prl_error *err)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	double until_s = prl_cli_seconds() + job->wait_s;
	prl_status st = prl_seen_items(job->act.session.client, "receipts", "notice", id, ret, err);
	while (!st && !prl_seen_all_have(*ret) && prl_cli_seconds() < until_s) {
		nanosleep(&pause, NULL);
		json_decref(*ret);
		*ret = NULL;
		st = prl_seen_items(job->act.session.client, "receipts", "notice", id, ret, err);
	}
	return st;
}

static void print_json(const json_t *notice, const json_t *overlaps, const json_t *receipts)
{
	json_t *all = json_pack("{s:O, s:O, s:O?}", "notice", notice, "overlaps", overlaps, "receipts", receipts);
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	puts(text ? text : "null");
	free(text);
	json_decref(all);
}

static prl_status report(file_job *job, const prl_filed *filed, bool *ret_all, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX];
	json_t *notice = NULL, *overlaps = NULL, *receipts = NULL;
	prl_hash_write(&filed->hash, id);
	prl_status st = prl_seen_notice(job->act.session.client, id, &notice, err);
	if (!st)
		st = prl_seen_items(job->act.session.client, "overlaps", "notice", id, &overlaps, err);
	if (!st && job->wait_s > 0)
		st = wait_for(job, id, &receipts, err);
	if (!st && job->act.json) {
		print_json(notice, overlaps, receipts);
	} else if (!st) {
		prl_seen_print(stdout, notice);
		prl_seen_print_overlaps(stdout, overlaps, prl_seen_text(notice, "name"));
		if (receipts)
			prl_seen_print_ladder(stdout, receipts);
	}
	if (!st && job->read_out)
		prl_readout_print(stdout, notice, job->languages[0], job->languages[1]);
	*ret_all = !receipts || prl_seen_all_have(receipts);
	json_decref(notice);
	json_decref(overlaps);
	json_decref(receipts);
	return st;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static prl_status kind_stated(const draft *d, prl_error *err)
{
	if (json_object_get(d->details, "kind"))
		return PRL_OK;
	return prl_error_set(
		err, PRL_E_SYNTAX,
		"what is done is not stated; expected --kind flight, live-fire area, ground movement, convoy, "
		"site, exercise, repair, rescue or evacuation");
}

static prl_status go(file_job *job, const char *folder, const char *path, bool *ret_all, prl_error *err)
{
	json_t *body = NULL;
	prl_filed filed;
	prl_status st = path ? prl_draft_read(&job->draft, path, err) : PRL_OK;
	if (!st)
		st = kind_stated(&job->draft, err);
	if (!st)
		st = prl_draft_finish(&job->draft, folder, err);
	if (!st && job->dry)
		return prl_cli_print_json(json_incref(job->draft.details), err);
	if (!st)
		st = prl_cli_act_open(&job->act, folder, err);
	if (!st)
		st = prl_draft_body(&job->draft, &job->act, &body, err);
	if (!st)
		st = prl_cli_act_file(&job->act, "notice.filed", body, &filed, err);
	return st ? st : report(job, &filed, ret_all, err);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	file_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = CLI_FAILED;
	bool all = true;
	if (prl_draft_begin(&job.draft)) {
		end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
		if (!end && operands != 1 && operands != 2) {
			prl_cli_say("file: expected parley file FOLDER [PLAN|-] [option…]");
			end = CLI_BAD;
		} else if (!end) {
			prl_status st = go(&job, argv[0], operands == 2 ? argv[1] : NULL, &all, &err);
			end = prl_cli_act_end(&job.act, operands == 2 && err.line ? argv[1] : "file", st, &err);
		}
	}
	prl_draft_done(&job.draft);
	return end ? end : all ? CLI_OK : CLI_FOUND;
}

static const char details[] =
	"PLAN is a GeoJSON Feature with parley properties, an F3548 operational intent or constraint, or details as "
	"JSON; -\n"
	"is standard input. Options win over it. What is not stated stays not stated and counts as widely as it can "
	"be\n"
	"meant: no area is everywhere, no level every height, no end open-ended.\n"
	"Prints the notice's name, what marks it (LATE, PLACE DOUBTFUL, UNUSABLE …) and the overlaps found. A notice "
	"that is\n"
	"late or doubtful is sent at once all the same. An overlap is information, not a refusal.\n"
	"\n"
	"  parley file us --kind flight --at 35.2854N,40.1760E --radius 5km --from +60min --to +120min \\\n"
	"      --lower FL150 --upper FL245 --call-sign HOBO11 --frequency '243.0 MHz' --call-back '+1 555 0100'\n"
	"  parley file us plan.geojson --again 'Deir ez-Zor' --read-out en,ru --wait 10\n"
	"\n"
	"exit status: 0 as asked, 1 the time of --wait went by and a node does not have it yet, 2 bad use or refused,\n"
	"3 the machine failed\n";

const cli_verb prl_cli_file = {
	.name = "file",
	.summary = "says what will be done, where, how high and when: a notice",
	.usage = "parley file FOLDER [PLAN|-] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
