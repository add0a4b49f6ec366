/* parley drill: calls in EXERCISE at times that nobody knows beforehand, and how long each desk takes to answer.
 * Figures are per desk, never per person: who sat there is not read, not kept, not printed. */
#include "cli/act.h"
#include "cli/seen.h"
#include "cli/typed.h"

#include "base/error.h"
#include "base/text.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define CALLS_MAX 1000

typedef struct drill_job {
	cli_act act;
	double calls, within_s, wait_s;
	const char *to, *class;
	json_t *desks; /* desk: [seconds…] */
	size_t unanswered, raised;
} drill_job;

enum { CALLS, WITHIN, WAIT, TO, CLASS };

static const cli_option options[] = {
	{ "--calls", "N", "how many, 1 to 1000 (default: 1)", CALLS },
	{ "--within", "S", "at random times within S seconds, 0 to 86400 (default: 3600)", WITHIN },
	{ "--wait", "S", "a call unanswered for S seconds counts as unanswered, 1 to 3600 (default: 120)", WAIT },
	{ "--to", "PARTY", "whose desks it rings at (default: all)", TO },
	{ "--class", "C", "STOP, URGENT or DISTRESS (default: URGENT)", CLASS },
	{ "--key", "KEY", "who signs: a name, or a file that ends in .key (default: the console of node.json)",
	  CLI_ACT_KEY },
	{ "--json", NULL, "print JSON, one object a line", CLI_ACT_JSON },
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	drill_job *job = context;
	prl_status st;
	switch (id) {
	case CALLS:
		st = prl_cli_number(value, 1, CALLS_MAX, "calls", &job->calls, err);
		if (!st && job->calls != (double)(int)job->calls)
			st = prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is not a whole number", value);
		return st;
	case WITHIN:
		return prl_cli_number(value, 0, 86400, "seconds", &job->within_s, err);
	case WAIT:
		return prl_cli_number(value, 1, 3600, "seconds", &job->wait_s, err);
	case TO:
		job->to = value;
		return PRL_OK;
	case CLASS:
		if (strcmp(value, "STOP") != 0 && strcmp(value, "URGENT") != 0 && strcmp(value, "DISTRESS") != 0)
			return prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\"; expected STOP, URGENT or DISTRESS", value);
		job->class = value;
		return PRL_OK;
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* The way of every call: to the bell, not through the queue of entries. */
static prl_status ring(drill_job *job, const char *kind, json_t *body, json_t **ret, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_reply reply = PRL_REPLY(1u << 20);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	prl_client_entry entry = { .kind = kind, .mode = PRL_MODE_EXERCISE, .body = { text, text ? strlen(text) : 0 } };
	prl_status st = text ? prl_client_sign(job->act.session.client, &entry, &note, err) : prl_error_memory(err);
	prl_bytes bytes = { note.data, note.size };
	if (!st)
		st = prl_link_ask(prl_client_link(job->act.session.client), "POST", "/parley/v1/calls", "text/plain",
				  &bytes, &reply, err);
	if (!st && ret)
		*ret = json_loadb(reply.body.data ? reply.body.data : "", reply.body.size, 0, NULL);
	free(text);
	prl_buffer_done(&note);
	prl_reply_done(&reply);
	return st;
}

static prl_status raise_call(drill_job *job, char id[80], prl_error *err)
{
	json_t *answer = NULL,
	       *body = json_pack("{s:s, s:s, s:s}", "class", job->class, "words",
				 "EXERCISE EXERCISE EXERCISE. A drill: take this call.", "language", "en");
	if (body && job->to)
		json_object_set_new(body, "to", json_pack("[s]", job->to));
	prl_status st = ring(job, "call.raised", body, &answer, err);
	snprintf(id, 80, "%.79s", prl_seen_text(answer, "id"));
	json_decref(answer);
	return st ? st : *id ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the node's answer names no call");
}

/* Adds what each party's desk took; *ret_all: every party has taken it. */
static prl_status look(drill_job *job, const char *id, json_t *taken, bool *ret_all, prl_error *err)
{
	json_t *answer = NULL;
	const json_t *call, *party;
	size_t i, k;
	prl_status st = prl_client_get(job->act.session.client, "/parley/v1/calls", &answer, err);
	*ret_all = false;
	json_array_foreach(json_object_get(answer, "items"), i, call)
	{
		if (strcmp(prl_seen_text(call, "id"), id) != 0)
			continue;
		*ret_all = true;
		json_array_foreach(json_object_get(call, "parties"), k, party)
		{
			json_t *by = json_object_get(party, "taken");
			if (json_is_object(by))
				json_object_set(taken, prl_seen_text(party, "party"), by);
			else
				*ret_all = false;
		}
	}
	json_decref(answer);
	return st;
}

/* Seconds from the call to each taking, by the clocks that signed them, kept under the desk's name. */
static void count(drill_job *job, const json_t *taken, prl_time raised)
{
	const char *party;
	const json_t *by;
	json_object_foreach((json_t *)(uintptr_t)taken, party, by)
	{
		const char *time = prl_seen_text(by, "time"), *desk = prl_seen_text(by, "desk");
		prl_time at;
		if (prl_time_parse(time, strlen(time), &at, NULL))
			continue;
		json_t *list = json_object_get(job->desks, *desk ? desk : party);
		if (!list) {
			list = json_array();
			json_object_set_new(job->desks, *desk ? desk : party, list);
		}
		int64_t ms = (at - raised) / (PRL_SECOND / 1000);
		json_array_append_new(list, json_integer(ms < 0 ? 0 : ms));
	}
}

static prl_time clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (prl_time)t.tv_sec * PRL_SECOND + t.tv_nsec;
}

static prl_status one_call(drill_job *job, prl_error *err)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	char id[80];
	bool all = false;
	json_t *taken = json_object();
	prl_time raised = clock_now();
	prl_status st = raise_call(job, id, err);
	double until_s = prl_cli_seconds() + job->wait_s;
	while (!st && !all && prl_cli_seconds() < until_s) {
		st = look(job, id, taken, &all, err);
		if (!all)
			nanosleep(&pause, NULL);
	}
	if (!st) {
		job->raised++;
		job->unanswered += !all;
		count(job, taken, raised);
		st = ring(job, "call.withdrawn",
			  json_pack("{s:s, s:s, s:s}", "call", id, "words", "The drill is over.", "language", "en"),
			  NULL, err);
	}
	json_decref(taken);
	return st;
}

/* ---- times and figures ------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static prl_status all_calls(drill_job *job, prl_error *err)
{
	static double at_s[CALLS_MAX];
	size_t number = (size_t)job->calls;
	double began_s = prl_cli_seconds();
	for (size_t i = 0; i < number; i++)
		at_s[i] = job->within_s * ((double)randombytes_uniform(1000000) / 1e6);
	qsort(at_s, number, sizeof *at_s, by_size);
	prl_status st = PRL_OK;
	for (size_t i = 0; i < number && !st; i++) {
		double left_s = began_s + at_s[i] - prl_cli_seconds();
		if (left_s > 0) {
			struct timespec pause = { .tv_sec = (time_t)left_s,
						  .tv_nsec = (long)((left_s - (double)(time_t)left_s) * 1e9) };
			nanosleep(&pause, NULL);
		}
		st = one_call(job, err);
	}
	return st;
}

static void report(const drill_job *job)
{
	const char *desk;
	json_t *list, *one;
	size_t i;
	if (!job->act.json)
		printf("%zu calls in EXERCISE, %zu not taken by everybody within %.0f s\n", job->raised,
		       job->unanswered, job->wait_s);
	json_object_foreach(job->desks, desk, list)
	{
		double values[CALLS_MAX];
		size_t number = 0;
		json_array_foreach(list, i, one) if (number < CALLS_MAX) values[number++] =
			(double)json_integer_value(one) / 1000;
		qsort(values, number, sizeof *values, by_size);
		double median = values[(number - 1) / 2], longest = values[number - 1];
		if (job->act.json)
			printf("{\"desk\": \"%s\", \"taken\": %zu, \"median_s\": %.1f, \"longest_s\": %.1f}\n", desk,
			       number, median, longest);
		else
			printf("%s: took %zu, half within %.1f s, the longest %.1f s\n", desk, number, median, longest);
	}
	if (job->act.json)
		printf("{\"calls\": %zu, \"unanswered\": %zu, \"wait_s\": %.0f}\n", job->raised, job->unanswered,
		       job->wait_s);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	drill_job job = { .calls = 1, .within_s = 3600, .wait_s = 120, .class = "URGENT" };
	prl_error err = { 0 };
	int operands, end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (end)
		return end;
	if (operands != 1) {
		prl_cli_say("drill: expected parley drill FOLDER [option…]");
		return CLI_BAD;
	}
	job.desks = json_object();
	prl_status st = prl_cli_act_open(&job.act, argv[0], &err);
	if (!st)
		st = all_calls(&job, &err);
	if (job.raised)
		report(&job);
	json_decref(job.desks);
	end = prl_cli_act_end(&job.act, "drill", st, &err);
	return end ? end : job.unanswered ? CLI_FOUND : CLI_OK;
}

static const char details[] =
	"Every call says three times that it is an exercise, is in mode EXERCISE whatever the mode of the line, and is "
	"withdrawn\n"
	"when it has been taken or the wait is over. Time-to-answer is from raising to taking, by the clocks that "
	"signed them,\n"
	"and per desk; a desk's clock that is off moves its figure by as much. Calls go one at a time.\n"
	"\n"
	"  parley drill us --calls 3 --within 28800 --to ru\n"
	"\n"
	"exit status: 0 all taken, 1 a call was not taken in time, 2 bad use, 3 the machine failed\n";

const cli_verb prl_cli_drill = {
	.name = "drill",
	.summary = "raises calls in EXERCISE at random, and measures each desk's time to answer",
	.usage = "parley drill FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
