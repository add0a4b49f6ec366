/* parley message: words to parties, with files. */
#include "cli/act.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/api.h"

#include <jansson.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LIST_MAX 32

typedef struct message_job {
	const char *to[LIST_MAX], *attach[LIST_MAX];
	size_t to_count, attach_count;
	const char *language;
	double wait_s;
	cli_act act;
	json_t *shown; /* labels that were printed, as keys */
} message_job;

enum { TO, LANGUAGE, ATTACH, WAIT };

static const cli_option options[] = {
	{ "--to", "PARTY", "a party it goes to; once a party (default: all)", TO },
	{ "--language", "L", "of the text, BCP 47 (default: en)", LANGUAGE },
	{ "--attach", "FILE", "send a file with it, beside the log; once a file", ATTACH },
	{ "--wait", "S", "wait up to S seconds until every other node has it, and print how it goes", WAIT },
	CLI_ACT_OPTIONS,
};

static prl_status add(const char **list, size_t *count, const char *value, prl_error *err)
{
	if (*count == LIST_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d", LIST_MAX);
	list[(*count)++] = value;
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	message_job *job = context;
	switch (id) {
	case TO:
		return add(job->to, &job->to_count, value, err);
	case ATTACH:
		return add(job->attach, &job->attach_count, value, err);
	case WAIT:
		return prl_cli_number(value, 0, 86400, "seconds", &job->wait_s, err);
	case LANGUAGE:
		job->language = value;
		return PRL_OK;
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- the body ---------------------------------------------------------------------------------------------------- */

/* The file's bytes go to the node before the entry that announces them. */
static prl_status attach(message_job *job, const char *path, json_t *contents, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(PRL_CONTENT_MAX - 32);
	prl_hash hash;
	char text[PRL_HASH_TEXT_MAX];
	const char *slash = strrchr(path, '/');
	prl_status st = prl_file_read(path, &bytes, err);
	if (!st)
		st = prl_client_content(job->act.session.client,
					(prl_bytes){ bytes.data ? bytes.data : "", bytes.size }, &hash, err);
	if (!st) {
		prl_hash_write(&hash, text);
		json_t *content = json_pack("{s:s, s:I, s:s}", "hash", text, "size", (json_int_t)bytes.size, "title",
					    slash ? slash + 1 : path);
		if (!content)
			st = prl_error_set(err, PRL_E_SYNTAX, "%s: the name of the file is not UTF-8", path);
		else
			json_array_append_new(contents, content);
	}
	prl_buffer_done(&bytes);
	return st;
}

static prl_status make_body(message_job *job, const char *text, json_t **ret, prl_error *err)
{
	json_t *body = json_pack("{s:s, s:s}", "text", text, "language", job->language ? job->language : "en");
	json_t *contents = json_array(), *to = json_array();
	prl_status st = body ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the text is not UTF-8");
	for (size_t i = 0; i < job->to_count; i++)
		json_array_append_new(to, json_string(job->to[i]));
	for (size_t i = 0; !st && i < job->attach_count; i++)
		st = attach(job, job->attach[i], contents, err);
	if (!st && job->to_count)
		json_object_set(body, "to", to);
	if (!st && job->attach_count)
		json_object_set(body, "contents", contents);
	json_decref(contents);
	json_decref(to);
	if (st)
		json_decref(body);
	else
		*ret = body;
	return st;
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Prints a line that has not been printed yet. */
static void show_once(message_job *job, const char *line)
{
	if (json_object_get(job->shown, line))
		return;
	json_object_set_new(job->shown, line, json_true());
	if (!job->act.json)
		puts(line);
	fflush(stdout);
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* True when nobody is waited for any more. */
static bool show_labels(message_job *job, const json_t *labels)
{
	char line[400];
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(labels, "served"), i, one)
	{
		snprintf(line, sizeof line, "SERVED on %s since %s by its own clock", text_in(one, "log"),
			 text_in(one, "since"));
		show_once(job, line);
	}
	json_array_foreach(json_object_get(labels, "not_delivered"), i, one)
	{
		snprintf(line, sizeof line, "NOT DELIVERED on %s: it holds the entry, %zu of its contents are missing",
			 text_in(one, "log"), json_array_size(json_object_get(one, "missing")));
		show_once(job, line);
	}
	json_array_foreach(json_object_get(labels, "deemed"), i, one)
	{
		snprintf(line, sizeof line, "DEEMED on %s since %s", text_in(one, "log"), text_in(one, "since"));
		show_once(job, line);
	}
	return json_array_size(json_object_get(labels, "waiting")) == 0 &&
	       json_array_size(json_object_get(labels, "not_delivered")) == 0;
}

static prl_status look(message_job *job, const prl_filed *filed, bool *ret_served, json_t **ret_labels, prl_error *err)
{
	char path[140] = "/parley/v1/entries/";
	json_t *entry = NULL;
	prl_hash hash = prl_sha256(filed->log, strlen(filed->log));
	prl_hex_write(hash.bytes, sizeof hash.bytes, path + strlen(path));
	snprintf(path + strlen(path), sizeof path - strlen(path), "/%llu", (unsigned long long)filed->index);
	prl_status st = prl_client_get(job->act.session.client, path, &entry, err);
	if (st)
		return st;
	json_decref(*ret_labels);
	*ret_labels = json_incref(json_object_get(entry, "labels"));
	*ret_served = show_labels(job, *ret_labels);
	json_decref(entry);
	return PRL_OK;
}

/* An entry that is filed is LOGGED: the answer comes after the checkpoint. */
static prl_status follow(message_job *job, const prl_filed *filed, bool *ret_served, prl_error *err)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	double until_s = prl_cli_seconds() + job->wait_s;
	char line[200];
	json_t *labels = NULL;
	snprintf(line, sizeof line, "LOGGED by %s at size %llu", filed->log, (unsigned long long)filed->size);
	show_once(job, line);
	prl_status st = look(job, filed, ret_served, &labels, err);
	while (!st && !*ret_served && prl_cli_seconds() < until_s) {
		nanosleep(&pause, NULL);
		st = look(job, filed, ret_served, &labels, err);
	}
	if (!st && job->act.json) {
		char *text = json_dumps(labels, JSON_COMPACT);
		printf("{\"labels\": %s}\n", text ? text : "null");
		free(text);
	}
	const json_t *waiting = json_object_get(labels, "waiting"), *one;
	size_t i;
	if (!st && !job->act.json)
		json_array_foreach(waiting, i, one) printf("WAITING for %s\n", json_string_value(one));
	json_decref(labels);
	return st;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static prl_status read_text(const char *operand, prl_buffer *ret, prl_error *err)
{
	char piece[4096];
	size_t got;
	if (strcmp(operand, "-") != 0)
		return prl_buffer_append(ret, operand, strlen(operand)) ? PRL_OK : prl_error_memory(err);
	while ((got = fread(piece, 1, sizeof piece, stdin)) > 0)
		if (!prl_buffer_append(ret, piece, got))
			return prl_error_set(err, PRL_E_TOO_LARGE, "standard input: more than a message can hold");
	while (ret->size && ret->data[ret->size - 1] == '\n')
		ret->data[--ret->size] = 0;
	return PRL_OK;
}

static prl_status send(message_job *job, const char *folder, const char *operand, bool *ret_served, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX);
	json_t *body = NULL;
	prl_filed filed;
	prl_status st = read_text(operand, &text, err);
	if (!st)
		st = prl_cli_act_open(&job->act, folder, err);
	if (!st)
		st = make_body(job, text.size ? text.data : "", &body, err);
	if (!st)
		st = prl_cli_act_file(&job->act, "message.sent", body, &filed, err);
	if (!st && job->wait_s > 0)
		st = follow(job, &filed, ret_served, err);
	prl_buffer_done(&text);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	message_job job = { 0 };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (status)
		return status;
	if (operands != 2) {
		prl_cli_say("message: expected parley message FOLDER TEXT; - takes the text from standard input");
		return CLI_BAD;
	}
	prl_error err = { 0 };
	bool served = true;
	job.shown = json_object();
	prl_status st = send(&job, argv[0], argv[1], &served, &err);
	json_decref(job.shown);
	int end = prl_cli_act_end(&job.act, "message", st, &err);
	return end ? end : served ? CLI_OK : CLI_FOUND;
}

static const char details[] =
	"Prints where the entry stands in the log: it is then on the disk and under a checkpoint (LOGGED). With "
	"--wait\n"
	"also when each other node has cosigned that it stored it, with what is attached (SERVED). None of that says "
	"that\n"
	"a person has read it. - as TEXT is standard input. The node of FOLDER must run.\n"
	"\n"
	"exit status: 0 as asked, 1 the time of --wait went by and a node does not have it yet, 2 bad use or refused,\n"
	"3 the machine failed\n";

const cli_verb prl_cli_message = {
	.name = "message",
	.summary = "sends words, with files, to the other parties",
	.usage = "parley message FOLDER TEXT [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
