/* What layer line shows: GET /parley/v1/line/{part}, an array of objects as the published picture has them. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/line.h"
#include "node/presence.h"

#include <stdio.h>
#include <string.h>

typedef struct looking {
	const prl_api *api;
	prl_store_reader *reader;
	json_t *found;
	prl_entry entry;
	struct {
		char log[PRL_KEY_NAME_MAX + 1];
		uint64_t size;
	} seen[8]; /* of the entry that was read last */
	size_t seen_count;
} looking;

/* ---- what shows read --------------------------------------------------------------------------------------------- */

static prl_status read_body(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	looking *look = context;
	(void)index;
	prl_status status = prl_entry_read(bytes, &look->entry, err);
	if (status)
		return status;
	look->seen_count = look->entry.seen_count;
	for (size_t i = 0; i < look->seen_count; i++) {
		(void)snprintf(look->seen[i].log, sizeof look->seen[i].log, "%.*s", (int)look->entry.seen[i].log.size,
			       look->entry.seen[i].log.data);
		look->seen[i].size = look->entry.seen[i].size;
	}
	look->found = json_loadb(look->entry.body.data, look->entry.body.size, 0, NULL);
	return look->found ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the entry's body is no JSON");
}

static prl_ledger *ledger_of(const prl_api *api, const char *log)
{
	return strcmp(log, prl_ledger_origin(api->own)) == 0 ? api->own : prl_api_mirror(api, prl_bytes_of(log));
}

static prl_status show_body(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	looking *look = context;
	const prl_api *api = look->api;
	prl_ledger *ledger = ledger_of(api, log);
	uint64_t size = 0;
	if (ledger)
		prl_ledger_head(ledger, &size, NULL);
	if (index >= size)
		return prl_error_set(err, PRL_E_NOT_FOUND, "entry %llu of log %s is not here",
				     (unsigned long long)index, log);
	look->found = NULL;
	prl_status status = prl_ledger_entries(ledger, look->reader, index, index + 1, read_body, look, err);
	if (!status)
		*ret = look->found;
	return status;
}

static prl_status show_content(void *context, const prl_hash *hash, json_t **ret, prl_error *err)
{
	looking *look = context;
	prl_buffer bytes = PRL_BUFFER(PRL_CONTENT_MAX);
	prl_status status = prl_store_content_get(look->reader, hash, NULL, &bytes, err);
	json_t *json = status || bytes.size < 32 ? NULL : json_loadb(bytes.data + 32, bytes.size - 32, 0, NULL);
	prl_buffer_done(&bytes);
	if (status)
		return status;
	if (!json)
		return prl_error_set(err, PRL_E_SYNTAX, "the content is no JSON");
	*ret = json;
	return PRL_OK;
}

static prl_status show_labels(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	looking *look = context;
	json_t *body = NULL;
	prl_status status = show_body(look, log, index, &body, err);
	if (!status)
		status = prl_labels_json(look->api, look->reader, ledger_of(look->api, log), index, body, ret, err);
	json_decref(body);
	return status;
}

static prl_status show_seen(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	looking *look = context;
	json_t *body = NULL, *seen = json_object();
	prl_status status = show_body(look, log, index, &body, err);
	json_decref(body);
	/* look->entry's texts are gone with the bytes that were read: hence the copy made by read_body(). */
	for (size_t i = 0; !status && i < look->seen_count; i++)
		(void)json_object_set_new(seen, look->seen[i].log, json_integer((json_int_t)look->seen[i].size));
	if (status)
		json_decref(seen);
	else
		*ret = seen;
	return status;
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static json_t *queries_of(prl_request *request, const char *const *names)
{
	json_t *query = json_object();
	for (; names && *names; names++) {
		prl_bytes value = prl_request_query(request, *names);
		if (value.data)
			json_object_set_new(query, *names, json_stringn(value.data, value.size));
	}
	return query;
}

static prl_status look_open(const prl_api *api, prl_show *show, prl_error *err)
{
	looking *look = calloc(1, sizeof *look);
	if (!look)
		return prl_error_memory(err);
	look->api = api;
	show->body = show_body;
	show->content = show_content;
	show->labels = show_labels;
	show->seen = show_seen;
	show->context = look;
	return prl_readers_take(api->readers, &look->reader, err);
}

static void look_close(const prl_api *api, prl_show *show)
{
	looking *look = show->context;
	if (look)
		prl_readers_give(api->readers, look->reader);
	free(look);
}

static prl_status show_part(prl_api *api, const prl_line_part *part, prl_show *show, json_t **ret, prl_error *err)
{
	prl_status status = look_open(api, show, err);
	if (!status)
		status = part->show(show, ret, err);
	look_close(api, show);
	return status;
}

prl_status prl_api_ring(const prl_api *api, const char *party, const char *desk, struct prl_ringing_look *ret,
			prl_error *err)
{
	prl_alarms alarms = { 0 };
	prl_show show = { .picture = api->picture,
			  .version = prl_picture_pin(api->picture),
			  .now = api->now(api->now_context),
			  .party = party };
	show.node = prl_presence_json(api->presence, api->picture, show.version, api->peers, show.now);
	prl_status status = look_open(api, &show, err);
	if (!status)
		status = prl_alarms_collect(&show, party, desk, &alarms, err);
	if (!status)
		status = prl_presence_ring(api->presence, desk, &alarms, show.now, ret, err);
	prl_alarms_done(&alarms);
	look_close(api, &show);
	json_decref((json_t *)(uintptr_t)show.node);
	prl_picture_unpin(api->picture, show.version);
	return status;
}

void prl_api_line(void *node, prl_request *request)
{
	static const char *const none[] = { NULL };
	prl_api *api = node;
	prl_error err;
	json_t *items = NULL;
	const prl_line_part *part = prl_line_part_named(prl_request_part(request, "part"));
	if (!part || !part->show) {
		prl_answer_status(request, 404, "nothing of this name is shown here");
		return;
	}
	if (!prl_request_queries_only(request, part->queries ? part->queries : none))
		return;
	const prl_caller *caller = prl_request_caller(request);
	prl_show show = { .picture = api->picture,
			  .version = prl_picture_pin(api->picture),
			  .now = api->now(api->now_context),
			  .party = caller->party,
			  .query = queries_of(request, part->queries) };
	show.node = prl_presence_json(api->presence, api->picture, show.version, api->peers, show.now);
	prl_status status = show_part(api, part, &show, &items, &err);
	json_decref((json_t *)(uintptr_t)show.node);
	prl_picture_unpin(api->picture, show.version);
	json_decref((json_t *)(uintptr_t)show.query);
	if (status) {
		prl_answer_error(request, &err);
		return;
	}
	json_t *json = json_pack("{s:s, s:o, s:o}", "log", prl_ledger_origin(api->own), "now", prl_show_time(show.now),
				 "items", items);
	if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}
