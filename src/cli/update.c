/* parley update, cancel, end: an own notice changed, given up, over. Each names the version that was looked at: where
 * another desk was faster, the node refuses it and says so. */
#include "cli/act.h"
#include "cli/draft.h"
#include "cli/readout.h"
#include "cli/seen.h"
#include "cli/typed.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

typedef struct update_job {
	cli_act act;
	draft draft;
	const char *reason, *at;
	int languages[2];
	bool read_out, to_all;
	json_t *counts; /* of end */
	const char *path;
} update_job;

enum { REASON, READ_OUT, TO_ALL, AT, COUNT };

static const cli_option update_options[] = {
	DRAFT_WHAT_OPTIONS,
	{ "--reason", "WORDS", "why", REASON },
	{ "--to-all", NULL, "all parties may read it from now on", TO_ALL },
	{ "--read-out", "L,L", "print it as a script for the telephone: two of " PRL_READOUT_LANGUAGES, READ_OUT },
	CLI_ACT_OPTIONS,
};
static const cli_option cancel_options[] = { { "--reason", "WORDS", "why", REASON },
					     { "--language", "L", "of --reason, BCP 47 (default: en)", DRAFT_LANGUAGE },
					     CLI_ACT_OPTIONS };
static const cli_option end_options[] = {
	{ "--at", "TIME", "when it ended: now, -5min, 13:52Z, RFC 3339 (default: now)", AT },
	{ "--count", "WHAT=N",
	  "a declared count, as flights=3 or crossings=~12 (about) or persons=>40 (at least);\nonce a count", COUNT },
	{ "--text", "WORDS", "further words", REASON },
	{ "--language", "L", "of --text, BCP 47 (default: en)", DRAFT_LANGUAGE },
	CLI_ACT_OPTIONS,
};

static prl_status add_count(update_job *job, const char *value, prl_error *err)
{
	const char *equals = strchr(value, '=');
	double number;
	if (!equals || equals == value)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\"; expected WHAT=N, as flights=3", value);
	const char *how = equals[1] == '~' ? "about" : equals[1] == '>' ? "at least" : NULL;
	prl_status st = prl_cli_number(equals + 1 + (how != NULL), 0, 1e9, "a whole number", &number, err);
	if (!st && number != (double)(json_int_t)number)
		st = prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is not a whole number", equals + 1);
	if (st)
		return st;
	if (!job->counts)
		job->counts = json_array();
	json_t *one = json_pack("{s:s%, s:I, s:s*}", "what", value, (int)(equals - value), "count", (json_int_t)number,
				"how", how);
	return one && !json_array_append_new(job->counts, one) ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "not UTF-8");
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	update_job *job = context;
	switch (id) {
	case REASON:
		job->reason = value;
		return PRL_OK;
	case AT:
		job->at = value;
		return PRL_OK;
	case COUNT:
		return add_count(job, value, err);
	case TO_ALL:
		job->to_all = true;
		return PRL_OK;
	case READ_OUT:
		job->read_out = true;
		return prl_readout_languages(value, job->languages, err);
	default:
		return prl_draft_is_option(id) ? prl_draft_option(&job->draft, id, value, err)
					       : prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- update ------------------------------------------------------------------------------------------------------ */

/* What options do not state stays as it was filed; an area that is given with a place of its own replaces all. */
static prl_status over_the_old(draft *d, const json_t *notice, prl_error *err)
{
	const json_t *old = json_object_get(notice, "details");
	if (!json_is_object(old))
		return prl_error_set(err, PRL_E_NOT_FOUND, "%s: its details are not here, so they cannot be updated",
				     prl_seen_text(notice, "name"));
	json_t *copy = json_deep_copy(old);
	json_t *place = json_object_get(d->details, "place"), *old_place = json_object_get(copy, "place");
	if (place && old_place)
		json_object_update_missing(place, old_place);
	int failed = json_object_update_missing(d->details, copy);
	json_decref(copy);
	return failed ? prl_error_memory(err) : PRL_OK;
}

/* Audience and disclosure stand as they were unless stated: whether details go apart hangs on them. */
static void terms_of(update_job *job, const json_t *notice)
{
	static const char *const names[] = { "audience", "disclosure" };
	for (size_t i = 0; i < 2; i++) {
		json_t *old = json_object_get(notice, names[i]);
		if (old && !json_is_null(old) && !json_object_get(job->draft.terms, names[i]))
			json_object_set(job->draft.terms, names[i], old);
	}
	if (job->to_all)
		json_object_set_new(job->draft.terms, "audience", json_array());
}

static json_t *words_of(const char *words, const char *language)
{
	return json_pack("{s:s, s:s}", "words", words, "language", language ? language : "en");
}

static prl_status name_version(json_t *body, const json_t *notice, prl_error *err)
{
	int failed = json_object_set(body, "notice", json_object_get(notice, "id"));
	failed |= json_object_set(body, "version", json_object_get(notice, "version"));
	return failed ? prl_error_memory(err) : PRL_OK;
}

static prl_status update(update_job *job, const json_t *notice, prl_error *err)
{
	json_t *body = NULL;
	prl_filed filed;
	prl_status st = job->path ? prl_draft_read(&job->draft, job->path, err) : PRL_OK;
	bool levels_only = job->draft.area && !json_object_get(job->draft.area, "place") &&
			   !json_object_get(job->draft.area, "vertices");
	if (!st && levels_only && !job->path) /* new levels or radius of the areas that are there */
		json_object_set_new(job->draft.details, "areas",
				    json_deep_copy(json_object_get(json_object_get(notice, "details"), "areas")));
	if (!st)
		st = prl_draft_finish(&job->draft, job->act.session.folder, err);
	if (!st)
		st = over_the_old(&job->draft, notice, err);
	if (st)
		return st;
	terms_of(job, notice);
	st = prl_draft_body(&job->draft, &job->act, &body, err);
	if (!st)
		st = name_version(body, notice, err);
	if (!st && job->reason)
		json_object_set_new(body, "reason", words_of(job->reason, job->draft.language));
	return st ? st : prl_cli_act_file(&job->act, "notice.updated", body, &filed, err);
}

/* ---- cancel, end ------------------------------------------------------------------------------------------------- */

static prl_status finish(update_job *job, const char *kind, const json_t *notice, prl_error *err)
{
	json_t *body = json_object(), *at = NULL;
	prl_filed filed;
	bool ends = strcmp(kind, "notice.ended") == 0;
	prl_status st = name_version(body, notice, err);
	if (!st && job->reason)
		json_object_set_new(body, ends ? "text" : "reason", words_of(job->reason, job->draft.language));
	if (!st && job->at)
		st = prl_typed_time_json(job->at, job->draft.now, &at, err);
	if (at)
		json_object_set_new(body, "at", at);
	if (job->counts)
		json_object_set(body, "counts", job->counts);
	if (st)
		json_decref(body);
	return st ? st : prl_cli_act_file(&job->act, kind, body, &filed, err);
}

static prl_status report(update_job *job, const char *id, prl_error *err)
{
	json_t *notice = NULL, *overlaps = NULL;
	prl_status st = prl_seen_notice(job->act.session.client, id, &notice, err);
	if (!st)
		st = prl_seen_items(job->act.session.client, "overlaps", "notice", id, &overlaps, err);
	if (!st && !job->act.json) {
		prl_seen_print(stdout, notice);
		prl_seen_print_overlaps(stdout, overlaps, prl_seen_text(notice, "name"));
	}
	if (!st && job->read_out)
		prl_readout_print(stdout, notice, job->languages[0], job->languages[1]);
	json_decref(notice);
	json_decref(overlaps);
	return st;
}

static prl_status go(update_job *job, const char *verb, const char *folder, const char *name, prl_error *err)
{
	json_t *notice = NULL;
	prl_status st = prl_cli_act_open(&job->act, folder, err);
	if (!st)
		st = prl_seen_notice(job->act.session.client, name, &notice, err);
	if (!st && !job->act.has_mode) { /* an act on a notice has its mode */
		const char *mode = prl_seen_text(notice, "mode");
		job->act.session.mode = strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
					: strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
									: PRL_MODE_REAL;
	}
	if (!st && strcmp(verb, "update") == 0)
		st = update(job, notice, err);
	else if (!st)
		st = finish(job, strcmp(verb, "cancel") == 0 ? "notice.cancelled" : "notice.ended", notice, err);
	if (!st)
		st = report(job, prl_seen_text(notice, "id"), err);
	json_decref(notice);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	update_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = CLI_FAILED, most = strcmp(verb->name, "update") == 0 ? 3 : 2;
	if (prl_draft_begin(&job.draft)) {
		end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
		if (!end && (operands < 2 || operands > most)) {
			prl_cli_say("%s: expected %s", verb->name, verb->usage);
			end = CLI_BAD;
		} else if (!end) {
			job.path = operands == 3 ? argv[2] : NULL;
			prl_status st = go(&job, verb->name, argv[0], argv[1], &err);
			end = prl_cli_act_end(&job.act, verb->name, st, &err);
		}
	}
	json_decref(job.counts);
	prl_draft_done(&job.draft);
	return end;
}

#define EXIT_STATUS "\nexit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n"

const cli_verb prl_cli_update = {
	.name = "update",
	.summary = "changes an own notice; everybody reads it again",
	.usage = "parley update FOLDER NOTICE [PLAN|-] [option…]",
	.details = "NOTICE is its name, as us#12. What is not given stays as it was filed. The ladder of receipts "
		   "begins anew: who\n"
		   "understood the old version has not understood this one.\n"
		   "\n"
		   "  parley update us us#12 --to +3h --reason 'head wind'\n" EXIT_STATUS,
	.options = update_options,
	.option_count = sizeof update_options / sizeof *update_options,
	.run = run,
};

const cli_verb prl_cli_cancel = {
	.name = "cancel",
	.summary = "says that an own notice will not be done",
	.usage = "parley cancel FOLDER NOTICE [option…]",
	.details = "  parley cancel us us#12 --reason weather\n" EXIT_STATUS,
	.options = cancel_options,
	.option_count = sizeof cancel_options / sizeof *cancel_options,
	.run = run,
};

const cli_verb prl_cli_end = {
	.name = "end",
	.summary = "says that what an own notice announced is over",
	.usage = "parley end FOLDER NOTICE [option…]",
	.details = "  parley end us us#12 --count flights=2 --count crossings=4\n" EXIT_STATUS,
	.options = end_options,
	.option_count = sizeof end_options / sizeof *end_options,
	.run = run,
};
