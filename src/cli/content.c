/* parley content: what is kept beside the logs, and how long. */
#include "cli/call.h"
#include "cli/session.h"

#include "base/error.h"
#include "base/text.h"
#include "node/clock.h"
#include "node/folder.h"

#include <stdio.h>
#include <string.h>

#define DAY (86400 * PRL_SECOND)

static const cli_option options[] = {
	{ "--json", NULL, "list: one JSON object a line", CLI_JSON },
	{ "--no-progress", NULL, "no progress bar, not even on a terminal", CLI_NO_PROGRESS },
};

typedef struct listing {
	const cli_call *call;
	prl_folder *folder;
	json_t *here; /* hex of the contents whose bytes are kept */
	const prl_constitution *constitution;
	prl_time now;
	prl_error *err;
	prl_status status;
	cli_progress progress;
} listing;

static prl_status take_here(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	char hex[65];
	(void)at, (void)size;
	prl_hex_write(hash->bytes, sizeof hash->bytes, hex);
	return json_object_set_new(context, hex, json_true()) ? prl_error_memory(err) : PRL_OK;
}

static bool names(const json_t *array, const char *name)
{
	const json_t *one;
	size_t i;
	json_array_foreach(array, i, one) if (!strcmp(json_string_value(one), name)) return true;
	return false;
}

static const char *state_of(const listing *l, const prl_content *content, const char *hex)
{
	if (names(content->deleted, prl_ledger_origin(l->folder->own)))
		return "deleted";
	bool due = l->constitution->contents_days >= 0 && content->time <= l->now &&
		   (l->now - content->time) / DAY >= l->constitution->contents_days;
	if (!json_object_get(l->here, hex))
		return "not here";
	return due ? "due" : "here";
}

static bool print_one(void *context, prl_bytes key, const void *value)
{
	listing *l = context;
	const prl_content *content = value;
	char hex[65], time[PRL_TIME_TEXT_MAX];
	(void)key;
	prl_hex_write(content->hash.bytes, sizeof content->hash.bytes, hex);
	prl_time_format(content->time, time);
	const char *state = state_of(l, content, hex);
	if (l->call->value[CLI_JSON])
		l->status = prl_cli_print_json(json_pack("{s:s, s:I, s:s, s:I, s:s, s:s, s:O}", "hash", hex, "size",
							 (json_int_t)content->size, "log", content->log, "index",
							 (json_int_t)content->index, "time", time, "state", state, "to",
							 content->to),
					       l->err);
	else
		printf("%s  %-8s %10llu bytes  entry %llu of %s\n  %s\n", time, state,
		       (unsigned long long)content->size, (unsigned long long)content->index, content->log, hex);
	return !l->status;
}

static void progress(void *context, const char *what, double share)
{
	listing *l = context;
	prl_cli_progress_draw(&l->progress, what, share);
}

static prl_status list_all(listing *l, prl_error *err)
{
	prl_store_reader *reader = NULL;
	prl_status st = prl_store_reader_new(l->folder->store, &reader, err);
	if (!st)
		st = prl_store_contents(reader, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, take_here, l->here, err);
	prl_store_reader_free(reader);
	prl_cli_progress_clear(&l->progress);
	l->constitution = prl_picture_constitution(l->folder->picture, PRL_VERSION_WORKING);
	if (!st)
		st = prl_picture_each(l->folder->picture, PRL_VERSION_WORKING, PRL_TABLE_CONTENT, print_one, l, err);
	if (st || l->status || l->call->value[CLI_JSON])
		return st ? st : l->status;
	if (l->constitution->contents_days < 0)
		printf("by the constitution contents are kept for good\n");
	else
		printf("by the constitution contents are kept for %lld days\n",
		       (long long)l->constitution->contents_days);
	return PRL_OK;
}

/* Without the node: the picture is made from the record, beside a node that may be running. */
static prl_status run_list(const cli_call *call, prl_error *err)
{
	listing l = { .call = call,
		      .here = json_object(),
		      .now = prl_clock_wall(NULL),
		      .err = err,
		      .progress = prl_cli_progress(!call->value[CLI_NO_PROGRESS]) };
	prl_folder_options options_of = {
		.path = call->operands[0], .read_only = true, .progress = progress, .context = &l
	};
	prl_status st = prl_folder_open(&options_of, &l.folder, err);
	if (!st)
		st = list_all(&l, err);
	prl_folder_close(l.folder);
	json_decref(l.here);
	return st;
}

/* ---- delete-due -------------------------------------------------------------------------------------------------- */

static prl_status delete_some(cli_session *session, uint64_t *count, bool *ret_more, prl_error *err)
{
	PRL_CLEANUP(prl_reply_done) prl_reply reply = PRL_REPLY(1u << 16);
	prl_status st =
		prl_link_ask(prl_client_link(session->client), "POST", "/parley/v1/retention", NULL, NULL, &reply, err);
	if (st)
		return st;
	json_t *answer = json_loadb(reply.body.data ? reply.body.data : "", reply.body.size, 0, NULL);
	*count += (uint64_t)json_integer_value(json_object_get(answer, "deleted"));
	*ret_more = json_is_true(json_object_get(answer, "more"));
	json_decref(answer);
	return PRL_OK;
}

static prl_status run_delete_due(const cli_call *call, prl_error *err)
{
	cli_session session;
	uint64_t count = 0;
	bool more = true;
	prl_status st = prl_session_look(call->operands[0], &session, err);
	while (!st && more)
		st = delete_some(&session, &count, &more, err);
	prl_session_close(&session);
	if (!st)
		printf("%llu contents deleted, each recorded; their entries and hashes stay\n",
		       (unsigned long long)count);
	return st;
}

static const cli_action actions[] = {
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_JSON) | CLI_TAKES(CLI_NO_PROGRESS), run_list },
	{ "delete-due", "FOLDER", 1, 1, 0, run_delete_due },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_content = {
	.name = "content",
	.summary = "lists the contents beside the logs, and deletes those that are due",
	.usage = "parley content list|delete-due FOLDER [option…]",
	.details = "list        contents that entries announce: here, due (past the constitution's retention), "
		   "deleted, not here\n"
		   "delete-due  deletes those that are due, and records it (content.deleted); the node of FOLDER must "
		   "run\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
