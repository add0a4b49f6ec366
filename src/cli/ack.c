/* parley ack: what a party has made of another's notice, what the sender makes of a read-back, answers to overlaps. */
#include "cli/ack.h"
#include "cli/act.h"
#include "cli/draft.h"
#include "cli/readout.h"
#include "cli/seen.h"
#include "cli/typed.h"
#include "cli/words.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct ack_job {
	cli_act act;
	const char *folder, *rung, *words, *language, *correction, *party, *overlap, *answer, *text, *name, *position,
		*start;
	double bearing_deg, distance_m;
	bool has_bearing, has_distance, as_meant, script, tell;
	json_t *lower, *upper;
	int languages[2];
} ack_job;

enum {
	OPENED,
	UNDERSTOOD,
	UNITS_TOLD,
	CANNOT_REACH,
	READ_BACK,
	POSITION,
	NAME,
	BEARING,
	DISTANCE,
	LOWER,
	UPPER,
	START,
	AS_MEANT,
	CORRECTION,
	PARTY,
	OVERLAP,
	ANSWER,
	TEXT,
	LANGUAGE,
	SCRIPT,
	TELL
};

static const cli_option options[] = {
	{ "--understood", NULL, "read and understood, where no read-back is needed", UNDERSTOOD },
	{ "--read-back", "WORDS", "the notice in the reader's own words", READ_BACK },
	{ "--position", "P", "read back: where its middle lies, in any notation", POSITION },
	{ "--name", "NAME", "read back: the nearest name; the folder's gazetteer.tsv is asked for it", NAME },
	{ "--bearing", "DEG", "read back: from that name, degrees from true north", BEARING },
	{ "--distance", "D", "read back: from that name, with m, km, NM, ft or mi", DISTANCE },
	{ "--lower", "LEVEL", "read back: lowest level, as FL150", LOWER },
	{ "--upper", "LEVEL", "read back: highest level", UPPER },
	{ "--start", "TIME", "read back: when it begins, as 13:52Z", START },
	{ "--units-told", NULL, "the units concerned know", UNITS_TOLD },
	{ "--cannot-reach", NULL, "the units concerned cannot be reached", CANNOT_REACH },
	{ "--opened", NULL, "a person has it on screen", OPENED },
	{ "--as-meant", NULL, "the sender: the read-back says what was meant", AS_MEANT },
	{ "--correction", "WORDS", "the sender: it does not; what is meant", CORRECTION },
	{ "--party", "PARTY", "whose read-back is meant, where several have read back", PARTY },
	{ "--overlap", "ID", "answer an overlap: its id", OVERLAP },
	{ "--answer", "A", "understood, passed on, cannot accommodate (or cannot-accommodate) or changed plan",
	  ANSWER },
	{ "--text", "WORDS", "words with the answer to an overlap, or with --tell", TEXT },
	{ "--language", "L", "of the words, BCP 47 (default: en)", LANGUAGE },
	{ "--script", "L,L", "print the notice as a script for the telephone instead: two of " PRL_READOUT_LANGUAGES,
	  SCRIPT },
	{ "--tell", NULL, "tell its party that the notice, whole, overlaps with something of ours that it may not see",
	  TELL },
	CLI_ACT_OPTIONS,
};

static prl_status set_rung(ack_job *job, const char *rung, prl_error *err)
{
	if (job->rung && strcmp(job->rung, rung) != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "one act at a time: %s is asked for already", job->rung);
	job->rung = rung;
	return PRL_OK;
}

static prl_status set_read_back(ack_job *job, int id, const char *value, prl_error *err)
{
	prl_status st = set_rung(job, "read back", err);
	if (st)
		return st;
	switch (id) {
	case READ_BACK:
		job->words = value;
		return PRL_OK;
	case POSITION:
		job->position = value;
		return PRL_OK;
	case NAME:
		job->name = value;
		return PRL_OK;
	case BEARING:
		job->has_bearing = true;
		return prl_cli_number(value, 0, 360, "degrees", &job->bearing_deg, err);
	case DISTANCE:
		job->has_distance = true;
		return prl_typed_distance(value, &job->distance_m, err);
	case LOWER:
	case UPPER: {
		json_t **level = id == LOWER ? &job->lower : &job->upper;
		json_decref(*level);
		*level = NULL;
		return prl_typed_level(value, level, err);
	}
	default:
		job->start = value;
		return PRL_OK;
	}
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	static const char *const rungs[] = { "opened", "understood", "units told", "cannot reach units" };
	ack_job *job = context;
	if (id <= CANNOT_REACH)
		return set_rung(job, rungs[id], err);
	if (id <= START)
		return set_read_back(job, id, value, err);
	switch (id) {
	case AS_MEANT:
		job->as_meant = true;
		return PRL_OK;
	case CORRECTION:
		job->correction = value;
		return PRL_OK;
	case PARTY:
		job->party = value;
		return PRL_OK;
	case OVERLAP:
		job->overlap = value;
		return PRL_OK;
	case ANSWER:
		job->answer = strcmp(value, "cannot-accommodate") == 0 ? "cannot accommodate" : value;
		return PRL_OK;
	case TEXT:
		job->text = value;
		return PRL_OK;
	case LANGUAGE:
		job->language = value;
		return PRL_OK;
	case TELL:
		job->tell = true;
		return PRL_OK;
	case SCRIPT:
		job->script = true;
		return prl_readout_languages(value, job->languages, err);
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

json_t *prl_ack_receipt(const json_t *notice, const char *rung, json_t *read_back, const char *language)
{
	return json_pack("{s:O, s:O, s:s, s:o*, s:s*}", "notice", json_object_get(notice, "id"), "version",
			 json_object_get(notice, "version"), "rung", rung, "read_back", read_back, "language",
			 language);
}

json_t *prl_ack_judged(const json_t *receipts, const char *party, const char *correction, const char *language,
		       prl_error *err)
{
	const json_t *row, *one, *item = json_array_get(receipts, 0), *found = NULL;
	const char *whose = NULL;
	size_t i, k;
	json_array_foreach(json_object_get(item, "ladder"), i, row)
	{
		if (party && strcmp(prl_seen_text(row, "party"), party) != 0)
			continue;
		json_array_foreach(json_object_get(json_object_get(row, "detail"), "read_backs"), k, one)
		{
			if (found && whose && strcmp(whose, prl_seen_text(row, "party")) != 0) {
				(void)!prl_error_set(err, PRL_E_AMBIGUOUS,
						     "%s and %s have read it back; expected --party", whose,
						     prl_seen_text(row, "party"));
				return NULL;
			}
			found = one; /* the newest of a party is the last */
			whose = prl_seen_text(row, "party");
		}
	}
	json_t *receipt =
		found ? json_object_get(found, "id") ? json_object_get(found, "id") : json_object_get(found, "hash")
		      : NULL;
	if (!receipt) {
		(void)!prl_error_set(err, PRL_E_NOT_FOUND, "nobody has read this version back");
		return NULL;
	}
	return json_pack("{s:O, s:O, s:s, s:s*, s:s*}", "notice", json_object_get(item, "notice"), "receipt", receipt,
			 "judgement", correction ? "CORRECTION" : "as meant", "correction", correction, "language",
			 correction ? language ? language : "en" : NULL);
}

json_t *prl_ack_overlap(const json_t *overlap, const char *answer, const char *text, const char *language)
{
	json_t *versions = json_array();
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(overlap, "notices"), i, one) if (json_object_get(one, "version"))
		json_array_append(versions, json_object_get(one, "version"));
	return json_pack("{s:O, s:o, s:s, s:s*, s:s*}", "overlap", json_object_get(overlap, "id"), "versions", versions,
			 "answer", answer, "text", text, "language", text ? language ? language : "en" : NULL);
}

static prl_status read_back_body(ack_job *job, json_t **ret, prl_error *err)
{
	json_t *start = NULL;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	prl_status st =
		job->start ? prl_typed_time_json(job->start, (prl_time)t.tv_sec * PRL_SECOND, &start, err) : PRL_OK;
	if (st)
		return prl_error_at(err, st, "--start");
	*ret = json_pack("{s:s*, s:s*, s:s*, s:O*, s:O*, s:o*}", "words", job->words, "position", job->position, "name",
			 job->name, "lower", job->lower, "upper", job->upper, "start", start);
	if (*ret && job->has_bearing)
		json_object_set_new(*ret, "bearing_deg", json_real(job->bearing_deg));
	if (*ret && job->has_distance)
		json_object_set_new(*ret, "distance", json_pack("{s:f, s:s}", "value", job->distance_m, "unit", "m"));
	if (!*ret)
		return prl_error_set(err, PRL_E_SYNTAX, "the read-back is not UTF-8");
	st = prl_draft_resolve(job->folder, *ret, err);
	if (!st)
		return PRL_OK;
	json_decref(*ret);
	*ret = NULL;
	return prl_error_at(err, st, "--name");
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

prl_mode prl_ack_mode(const json_t *about)
{
	const char *mode = prl_seen_text(about, "mode");
	return strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
	       : strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
					       : PRL_MODE_REAL;
}

static prl_status file(ack_job *job, const char *kind, const json_t *about, json_t *body, prl_error *err)
{
	prl_filed filed;
	if (!job->act.has_mode)
		job->act.session.mode = prl_ack_mode(about);
	return body ? prl_cli_act_file(&job->act, kind, body, &filed, err)
		    : prl_error_set(err, PRL_E_SYNTAX, "a text is not UTF-8");
}

static prl_status give(ack_job *job, const json_t *notice, prl_error *err)
{
	json_t *read_back = NULL;
	prl_status st = strcmp(job->rung, "read back") == 0 ? read_back_body(job, &read_back, err) : PRL_OK;
	if (st)
		return st;
	return file(
		job, "receipt.given", notice,
		prl_ack_receipt(notice, job->rung, read_back, job->words ? job->language ? job->language : "en" : NULL),
		err);
}

static prl_status judge(ack_job *job, const json_t *notice, prl_error *err)
{
	json_t *receipts = NULL;
	prl_status st = prl_seen_items(job->act.session.client, "receipts", "notice", prl_seen_text(notice, "id"),
				       &receipts, err);
	json_t *body = st ? NULL : prl_ack_judged(receipts, job->party, job->correction, job->language, err);
	if (!st && !body)
		st = err->status;
	json_decref(receipts);
	return st ? st : file(job, "receipt.judged", notice, body, err);
}

/* Their notice is named, and nothing of ours. */
static prl_status tell(ack_job *job, const json_t *notice, prl_error *err)
{
	return file(job, "overlap.told", notice,
		    json_pack("{s:O, s:O, s:s*, s:s*}", "notice", json_object_get(notice, "id"), "version",
			      json_object_get(notice, "version"), "text", job->text, "language",
			      job->text ? job->language ? job->language : "en" : NULL),
		    err);
}

static prl_status answer(ack_job *job, prl_error *err)
{
	json_t *items = NULL;
	if (!job->answer)
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"--overlap needs --answer: understood, passed on, cannot accommodate or changed plan");
	prl_status st = prl_seen_items(job->act.session.client, "overlaps", "id", job->overlap, &items, err);
	const json_t *overlap = st ? NULL : json_array_get(items, 0);
	if (!st && !overlap)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "\"%.60s\": no such overlap here", job->overlap);
	if (!st)
		st = file(job, "overlap.answered", overlap,
			  prl_ack_overlap(overlap, job->answer, job->text, job->language), err);
	json_decref(items);
	return st;
}

static void show_read_backs(const json_t *receipts)
{
	const json_t *row, *one, *part;
	size_t i, k, n;
	char shown[CLI_WORDS_MAX];
	json_array_foreach(json_object_get(json_array_get(receipts, 0), "ladder"), i, row)
		json_array_foreach(json_object_get(json_object_get(row, "detail"), "read_backs"), k, one)
	{
		const json_t *said = json_object_get(one, "read_back");
		prl_cli_words(prl_seen_text(said, "words"), shown);
		printf("  %s read back: %s  (%s)\n", prl_seen_text(row, "party"), shown, prl_seen_text(one, "stands"));
		prl_cli_words(prl_seen_text(json_object_get(one, "judged"), "correction"), shown);
		if (*shown)
			printf("  CORRECTION: %s\n", shown);
		json_array_foreach(json_object_get(one, "compared"), n, part)
		{
			const char *differs = prl_seen_text(part, "differs");
			prl_cli_words(prl_seen_text(part, "text"), shown);
			printf("    %s%s: %s\n", prl_seen_text(part, "what"),
			       strcmp(differs, "yes") == 0  ? " DIFFERS"
			       : strcmp(differs, "no") == 0 ? ""
							    : " cannot tell",
			       shown);
		}
	}
}

/* Without an act: how it stands. */
static prl_status show(ack_job *job, const json_t *notice, prl_error *err)
{
	json_t *receipts = NULL;
	prl_status st = prl_seen_items(job->act.session.client, "receipts", "notice", prl_seen_text(notice, "id"),
				       &receipts, err);
	if (!st && job->act.json) {
		st = prl_cli_print_json(json_incref(json_array_get(receipts, 0)), err);
	} else if (!st) {
		prl_seen_print_ladder(stdout, receipts);
		show_read_backs(receipts);
	}
	json_decref(receipts);
	return st;
}

static prl_status on_notice(ack_job *job, const char *name, prl_error *err)
{
	json_t *notice = NULL;
	bool judges = job->as_meant || job->correction;
	if ((job->rung != NULL) + judges + job->script + job->tell > 1 || (job->as_meant && job->correction))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "one act at a time: a rung, --as-meant, --correction, --tell or --script");
	prl_status st = prl_seen_notice(job->act.session.client, name, &notice, err);
	if (!st && job->script)
		prl_readout_print(stdout, notice, job->languages[0], job->languages[1]);
	else if (!st && job->rung)
		st = give(job, notice, err);
	else if (!st && judges)
		st = judge(job, notice, err);
	else if (!st && job->tell)
		st = tell(job, notice, err);
	if (!st && !job->script && !(job->act.json && (job->rung || judges || job->tell)))
		st = show(job, notice, err);
	json_decref(notice);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	ack_job job = { .folder = "" };
	prl_error err = { 0 };
	int operands, end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (!end && operands != (job.overlap ? 1 : 2)) {
		prl_cli_say("ack: expected parley ack FOLDER NOTICE [option…], or parley ack FOLDER --overlap ID "
			    "--answer A");
		end = CLI_BAD;
	} else if (!end) {
		job.folder = argv[0];
		prl_status st = prl_cli_act_open(&job.act, argv[0], &err);
		if (!st)
			st = job.overlap ? answer(&job, &err) : on_notice(&job, argv[1], &err);
		end = prl_cli_act_end(&job.act, "ack", st, &err);
	}
	json_decref(job.lower);
	json_decref(job.upper);
	return end;
}

static const char details[] =
	"Without an act it shows how the notice stands: SENT · THEY HAVE IT · READ BACK · UNITS TOLD, and what was "
	"read back.\n"
	"Live fire, convoys, LATE notices and what came by voice are read back in own words; else --understood.\n"
	"None of these says that anybody agrees.\n"
	"\n"
	"  parley ack ru us#12 --understood\n"
	"  parley ack ru us#12 --read-back 'live fire two km north of the airfield from 14:00Z' --start 14:00Z\n"
	"  parley ack us us#12 --correction 'not north: south'\n"
	"  parley ack ru --overlap ID --answer cannot-accommodate --text 'we cannot move before 15:00Z'\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_ack = {
	.name = "ack",
	.summary = "receives, reads back and answers other parties' notices and overlaps",
	.usage = "parley ack FOLDER NOTICE [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
