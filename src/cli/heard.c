/* parley heard: what the other side says on a call, at the door or by e-mail, entered while it is heard. It becomes a
 * relayed notice, the hearer's object, RELAYED – NOT SIGNED BY x. */
#include "cli/heard.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/draft.h"
#include "cli/readout.h"
#include "cli/seen.h"
#include "cli/typed.h"
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

typedef struct heard_job {
	cli_act act;
	draft draft;
	const char *said_by, *party, *heard_by, *heard_at, *by, *spoken, *demand;
	bool dry;
} heard_job;

enum { SAID_BY, FROM_PARTY, HEARD_BY, HEARD_AT, BY, SPOKEN, DEMAND, DRY };

static const cli_option options[] = {
	{ "--from-party", "PARTY", "the party meant, of this line or not", FROM_PARTY },
	{ "--said-by", "WHO", "who spoke, as said: name, rank or post", SAID_BY },
	{ "--heard-by", "WHO", "who heard it (default: the key that signs)", HEARD_BY },
	{ "--heard-at", "TIME", "when: now, -5min, 13:52Z, RFC 3339 (default: now)", HEARD_AT },
	{ "--by", "WAY", "call, walk-in, e-mail or other (default: call)", BY },
	{ "--spoken", "L", "language of the words, BCP 47 (default: en)", SPOKEN },
	{ "--demand", "WORDS", "what is demanded of us, kept apart from the notice", DEMAND },
	{ "--dry-run", NULL, "print what would be filed as JSON, and file nothing", DRY },
	DRAFT_WHAT_OPTIONS,
	CLI_ACT_OPTIONS,
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	heard_job *job = context;
	const char **const texts[] = { &job->said_by, &job->party,  &job->heard_by, &job->heard_at,
				       &job->by,      &job->spoken, &job->demand };
	if (id <= DEMAND) {
		*texts[id] = value;
		return PRL_OK;
	}
	if (id == DRY) {
		job->dry = true;
		return PRL_OK;
	}
	return prl_draft_is_option(id) ? prl_draft_option(&job->draft, id, value, err)
				       : prl_cli_act_option(&job->act, id, value, err);
}

/* ---- the body ---------------------------------------------------------------------------------------------------- */

json_t *prl_heard_body(const prl_heard *h)
{
	prl_heard_words read;
	char at[PRL_TIME_TEXT_MAX], from[PRL_TIME_TEXT_MAX];
	prl_heard_read(h->words, h->at, &read);
	prl_time_format(h->at, at);
	json_t *details = h->details ? json_copy((json_t *)(uintptr_t)h->details) : json_object();
	if (!json_object_get(details, "kind"))
		json_object_set_new(details, "kind", json_string("flight"));
	if (!json_object_get(details, "from") && (read.has_lead || read.has_clock)) {
		prl_time_format(read.has_clock ? read.clock : h->at + read.lead_s * PRL_SECOND, from);
		json_object_set_new(details, "from", json_string(from));
	}
	const char *demand = h->demand ? h->demand : read.demand ? read.said : NULL;
	json_t *relayed = json_pack("{s:s, s:s*, s:s, s:s, s:s, s:s, s:s, s:s*}", "said_by",
				    h->said_by ? h->said_by : "not stated", "party", h->party, "heard_by", h->heard_by,
				    "heard_at", at, "by", h->by ? h->by : "call", "language",
				    h->language ? h->language : "en", "words", h->words, "demand", demand);
	json_t *body = relayed && details ? json_pack("{s:O, s:O}", "details", details, "relayed", relayed) : NULL;
	json_decref(details);
	json_decref(relayed);
	return body;
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

void prl_heard_print(FILE *out, const json_t *notice)
{
	const json_t *relayed = json_object_get(notice, "relayed"), *one, *actual;
	const char *demand = prl_seen_text(relayed, "demand");
	char shown[CLI_WORDS_MAX], lead[32];
	size_t i;
	prl_seen_print(out, notice);
	actual = json_object_get(json_object_get(notice, "lead"), "actual_s");
	prl_seen_age(json_integer_value(actual), lead);
	fprintf(out, "lead time from when it was heard: %s\n", json_is_integer(actual) ? lead : "not stated");
	if (!json_object_get(json_object_get(notice, "details"), "areas"))
		fprintf(out, "area: not stated = whole theatre\n");
	prl_cli_words(demand, shown);
	if (*demand)
		fprintf(out, "DEMAND, apart from the notice: %s\n", shown);
	if (json_array_size(json_object_get(notice, "questions")))
		fprintf(out, "Ask back:\n");
	json_array_foreach(json_object_get(notice, "questions"), i, one)
	{
		const char *text = json_string_value(one);
		prl_cli_words(text ? text : prl_seen_text(one, "text"), shown);
		fprintf(out, "  %s\n", shown);
	}
}

static prl_status report(heard_job *job, const prl_filed *filed, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX];
	json_t *notice = NULL, *overlaps = NULL;
	prl_hash_write(&filed->hash, id);
	prl_status st = prl_seen_notice(job->act.session.client, id, &notice, err);
	if (!st)
		st = prl_seen_items(job->act.session.client, "overlaps", "notice", id, &overlaps, err);
	if (!st && job->act.json) {
		st = prl_cli_print_json(json_pack("{s:O, s:O}", "notice", notice, "overlaps", overlaps), err);
	} else if (!st) {
		prl_heard_print(stdout, notice);
		prl_seen_print_overlaps(stdout, overlaps, prl_seen_text(notice, "name"));
	}
	json_decref(notice);
	json_decref(overlaps);
	return st;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static prl_status check_way(const heard_job *job, prl_error *err)
{
	static const char *const ways[] = { "call", "walk-in", "e-mail", "other" };
	for (size_t i = 0; i < 4; i++)
		if (!job->by || strcmp(job->by, ways[i]) == 0)
			return PRL_OK;
	return prl_error_set(err, PRL_E_SYNTAX, "--by: \"%.40s\"; expected call, walk-in, e-mail or other", job->by);
}

static prl_status go(heard_job *job, const char *folder, const char *words, prl_error *err)
{
	prl_heard heard = { .words = words,
			    .at = job->draft.now,
			    .said_by = job->said_by,
			    .party = job->party,
			    .by = job->by,
			    .language = job->spoken,
			    .demand = job->demand,
			    .details = job->draft.details };
	prl_filed filed;
	prl_status st = check_way(job, err);
	if (!st && !*words)
		st = prl_error_set(err, PRL_E_SYNTAX, "no words; expected what was said, as it was said");
	if (!st && job->heard_at)
		st = prl_typed_time(job->heard_at, job->draft.now, &heard.at, err);
	if (!st)
		st = prl_draft_finish(&job->draft, folder, err);
	if (!st && job->dry) {
		heard.heard_by = job->heard_by ? job->heard_by : "not stated";
		return prl_cli_print_json(prl_heard_body(&heard), err);
	}
	if (!st)
		st = prl_cli_act_open(&job->act, folder, err);
	if (st)
		return st;
	heard.heard_by = job->heard_by ? job->heard_by : job->act.key;
	if (!heard.heard_by)
		st = prl_home_setting(job->act.session.settings, "console", &heard.heard_by, err);
	if (st)
		return st;
	json_t *body = prl_heard_body(&heard);
	if (!body)
		return prl_error_set(err, PRL_E_SYNTAX, "a text is not UTF-8");
	json_object_update(body, job->draft.terms);
	st = prl_cli_act_file(&job->act, "notice.filed", body, &filed, err);
	return st ? st : report(job, &filed, err);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	heard_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = CLI_FAILED;
	if (prl_draft_begin(&job.draft)) {
		end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
		if (!end && operands != 2) {
			prl_cli_say("heard: expected parley heard FOLDER WORDS [option…]");
			end = CLI_BAD;
		} else if (!end) {
			prl_status st = go(&job, argv[0], argv[1], &err);
			end = prl_cli_act_end(&job.act, "heard", st, &err);
		}
	}
	prl_draft_done(&job.draft);
	return end;
}

static const char details[] =
	"The words stay as they were said. Of them only a few phrases of time are understood (\"in one hour\", \"in 20 "
	"minutes\",\n"
	"\"now\", \"at 13:52Z\", \"через час\"); two that differ leave the time unstated. A demand (\"leave …\", "
	"\"stay away …\") is\n"
	"kept apart from the notice. What was not said is not stated: without an area it is the whole theatre.\n"
	"Without --kind it counts as a flight. Prints the questions to ask back while they are on the line.\n"
	"\n"
	"  parley heard us \"in one hour, leave the airspace\" --from-party ru --said-by \"a colonel\" --by walk-in\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_heard = {
	.name = "heard",
	.summary = "enters what the other side says by voice or letter: a relayed notice",
	.usage = "parley heard FOLDER WORDS [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
